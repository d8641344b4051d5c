"""Whether a local Ollama answers, and which of its models to ask."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import socket

DEFAULT_BASE = "http://127.0.0.1:11434"
_LIMIT = 1_000_000
_WHOLE_SECONDS = 0.5
_CODE = re.compile(r"code|devstral|starcoder", re.IGNORECASE)
_NO_CHAT = re.compile(r"embed|rerank|minilm|^bge-|-base$|:base$", re.IGNORECASE)
_CLOUD = ("-cloud", ":cloud")


def probe(api_base: str, timeout: float = 0.3) -> tuple[str, ...] | None:
    """The names of the models installed at ``api_base``, or None where no Ollama answers.

    ``timeout`` is what connecting may take, and each wait for a part of the answer; the whole answer must be
    there within half a second, however it is dripped.

    A model that Ollama passes on to another machine is not listed, whatever its name: its entry names a
    ``remote_host`` (https://docs.ollama.com/api/tags). Proxies are not used.
    """
    from socket import create_connection

    try:
        address = urlsplit(api_base)
        secure = address.scheme == "https"
        host, port = address.hostname or "", address.port or (443 if secure else 80)
        # Most often nothing listens: found out before the HTTP client is imported.
        create_connection((host, port), timeout=timeout).close()
        return _tags(host, port, address.path.rstrip("/"), secure, timeout)
    except (OSError, ValueError, RecursionError):  # the last: JSON that is nested too deep
        return None


def _tags(host: str, port: int, path: str, secure: bool, timeout: float) -> tuple[str, ...] | None:
    import json
    from http.client import HTTPConnection, HTTPException, HTTPSConnection
    from threading import Timer

    connection = (HTTPSConnection if secure else HTTPConnection)(host, port, timeout=timeout)
    connection.connect()
    # A socket's timeout begins anew with every byte; shutting it down ends any read.
    alarm = Timer(_WHOLE_SECONDS, _shut, (connection.sock,))
    alarm.daemon = True
    alarm.start()
    try:
        connection.request("GET", f"{path}/api/tags", headers={"Accept": "application/json"})
        response = connection.getresponse()
        document = json.loads(response.read(_LIMIT)) if response.status == 200 else None
    except HTTPException:
        return None
    finally:
        alarm.cancel()
        connection.close()
    if not isinstance(document, dict) or not isinstance(document.get("models"), list):
        return None
    return tuple(_names(document["models"]))


def _shut(connection: socket.socket) -> None:
    from contextlib import suppress

    with suppress(OSError):  # it may be closed by now
        connection.shutdown(2)  # both ways


def _names(entries: list[object]) -> Iterable[str]:
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and not entry.get("remote_host"):
            yield entry["name"]


def choose(installed: Iterable[str], wanted: str) -> str | None:
    """The model to ask: ``wanted`` where it is installed, else one that is likely to serve, else None.

    A name without a tag stands for ``:latest`` and, failing that, for any tag. Next best is a model for code,
    then any that can chat. A model that runs on Ollama's own machines is never put in the place of another.
    """
    names = tuple(installed)
    found = installed_as(names, wanted)
    if found is not None:
        return found
    local = [name for name in names if not name.lower().endswith(_CLOUD) and not _NO_CHAT.search(name)]
    return next((name for name in local if _CODE.search(name)), local[0] if local else None)


def installed_as(installed: Iterable[str], wanted: str) -> str | None:
    """The installed model that ``wanted`` names, or None; one of Ollama's cloud only by its whole name."""
    names = tuple(name for name in installed if name == wanted or not name.lower().endswith(_CLOUD))
    for candidate in (wanted, f"{wanted}:latest"):
        if candidate in names:
            return candidate
    if wanted.endswith(":latest") and wanted.removesuffix(":latest") in names:
        return wanted.removesuffix(":latest")
    return next((name for name in names if name.startswith(f"{wanted}:")), None)
