"""Whether a local Ollama answers, and which of its models to ask."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

DEFAULT_BASE = "http://127.0.0.1:11434"
_LIMIT = 1_000_000
_CODE = re.compile(r"code|devstral|starcoder", re.IGNORECASE)
_NO_CHAT = re.compile(r"embed|rerank|minilm|^bge-|-base$|:base$", re.IGNORECASE)
_CLOUD = ("-cloud", ":cloud")


def probe(api_base: str, timeout: float = 0.3) -> tuple[str, ...] | None:
    """The names of the models installed at ``api_base``, or None where no Ollama answers within ``timeout`` seconds.

    A model that Ollama passes on to another machine is not listed, whatever its name: its entry names a
    ``remote_host`` (https://docs.ollama.com/api/tags). Proxies are not used.
    """
    import socket

    try:
        address = urlsplit(api_base)
        secure = address.scheme == "https"
        host, port = address.hostname or "", address.port or (443 if secure else 80)
        # Most often nothing listens: found out before the HTTP client is imported.
        socket.create_connection((host, port), timeout=timeout).close()
        return _tags(host, port, address.path.rstrip("/"), secure, timeout)
    except (OSError, ValueError):
        return None


def _tags(host: str, port: int, path: str, secure: bool, timeout: float) -> tuple[str, ...] | None:
    import json
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    connection = (HTTPSConnection if secure else HTTPConnection)(host, port, timeout=timeout)
    try:
        connection.request("GET", f"{path}/api/tags", headers={"Accept": "application/json"})
        response = connection.getresponse()
        document = json.loads(response.read(_LIMIT)) if response.status == 200 else None
    except HTTPException:
        return None
    finally:
        connection.close()
    if not isinstance(document, dict) or not isinstance(document.get("models"), list):
        return None
    return tuple(_names(document["models"]))


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
    """The installed model that ``wanted`` names, or None."""
    names = tuple(installed)
    for candidate in (wanted, f"{wanted}:latest"):
        if candidate in names:
            return candidate
    if wanted.endswith(":latest") and wanted.removesuffix(":latest") in names:
        return wanted.removesuffix(":latest")
    return next((name for name in names if name.startswith(f"{wanted}:")), None)
