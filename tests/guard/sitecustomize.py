"""Loaded by every Python process that the tests start: no traffic beyond loopback.

The tests put this folder on ``PYTHONPATH``. A connection or a name look-up that would leave the machine fails, and
is written to the file that ``LOOPBACK_GUARD_LOG`` names, so that the run fails even where the failure was handled.
"""

import os
import sys

_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


def is_loopback(host: object) -> bool:
    """The host is this machine; ``None`` and "" mean this machine as well."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    return host in (None, "") or (isinstance(host, str) and host.lower().startswith(_LOOPBACK))


def guard(event: str, args: tuple) -> None:  # type: ignore[type-arg]
    """The audit hook (the events are those of CPython's ``socket`` module)."""
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # a path: a Unix socket
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if not is_loopback(host):
        log = os.environ.get("LOOPBACK_GUARD_LOG")
        if log:
            with open(log, "a", encoding="utf-8") as file:
                file.write(f"{event} {host!r} by {sys.argv[:3]}\n")
        raise ConnectionRefusedError(111, f"the tests allow no traffic to {host!r}")


sys.addaudithook(guard)
