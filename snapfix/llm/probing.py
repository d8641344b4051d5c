"""One small question to a model server: JSON over HTTP, bounded in time and size, never through a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import socket

_LIMIT = 1_000_000
_WHOLE_SECONDS = 0.5


def ask(
    api_base: str,
    path: str,
    *,
    body: object = None,
    key: str | None = None,
    timeout: float = 0.3,
    within: float = _WHOLE_SECONDS,
) -> object:
    """The JSON document at ``path`` below ``api_base``, or None where there is none.

    Args:
        api_base: scheme, host, port and perhaps a path.
        path: beginning with a slash.
        body: posted as JSON; None asks with GET.
        key: sent as a bearer token.
        timeout: seconds that connecting may take.
        within: seconds within which the whole answer must be there, however it is dripped.
    """
    from socket import create_connection

    try:
        address = urlsplit(api_base)
        secure = address.scheme == "https"
        host, port = address.hostname or "", address.port or (443 if secure else 80)
        # Most often nothing listens: found out before the HTTP client is imported.
        create_connection((host, port), timeout=timeout).close()
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        return _exchange(host, port, address.path.rstrip("/") + path, secure, body, headers, timeout, within)
    except (OSError, ValueError, RecursionError):  # the last: JSON that is nested too deep
        return None


def _exchange(
    host: str,
    port: int,
    path: str,
    secure: bool,
    body: object,
    headers: dict[str, str],
    timeout: float,
    within: float,
) -> object:
    import json
    from http.client import HTTPConnection, HTTPException, HTTPSConnection
    from threading import Timer

    connection = (HTTPSConnection if secure else HTTPConnection)(host, port, timeout=timeout)
    connection.connect()
    connection.sock.settimeout(max(timeout, within))  # the server may have to read a file first; the alarm bounds it
    # A socket's timeout begins anew with every byte; shutting it down ends any read.
    alarm = Timer(within, _shut, (connection.sock,))
    alarm.daemon = True
    alarm.start()
    try:
        posted = None if body is None else json.dumps(body)
        if posted is not None:
            headers = headers | {"Content-Type": "application/json"}
        connection.request("GET" if posted is None else "POST", path, body=posted, headers=headers)
        response = connection.getresponse()
        return json.loads(response.read(_LIMIT)) if response.status == 200 else None
    except HTTPException:
        return None
    finally:
        alarm.cancel()
        connection.close()


def _shut(connection: socket.socket) -> None:
    from contextlib import suppress

    with suppress(OSError):  # it may be closed by now
        connection.shutdown(2)  # both ways
