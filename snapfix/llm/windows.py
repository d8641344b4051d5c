"""How many tokens a model on a server of one's own can hold, as the server itself tells."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from snapfix.link import Link
from snapfix.llm import probing

_LM_STUDIO_DEFAULT = 4096
"""What LM Studio loads a model with unless its user says otherwise: a request makes it load one."""


def of_server(link: Link) -> int | None:
    """The window of a model behind an OpenAI-like address, or None where the server does not tell.

    vLLM tells it in ``/v1/models`` (``max_model_len``), llama.cpp and llamafile in ``/props`` (``n_ctx`` of one of
    its slots), LM Studio in ``/api/v0/models`` (https://lmstudio.ai/docs/api/rest-api). At most two questions, each
    answered within half a second or given up.
    """
    base, name = link.api_base, link.model.partition("/")[2]
    if base is None:
        return None
    if link.provider == "lm_studio":
        return _of_lm_studio(_entry(probing.ask(_root(base), "/api/v0/models", key=link.key), name))
    entry = _entry(probing.ask(base, "/models", key=link.key), name)
    stated = _size(entry.get("max_model_len"))
    if stated is None and "meta" in entry:
        return _of_llama_cpp(probing.ask(_root(base), "/props", key=link.key))
    return stated


def _root(api_base: str) -> str:
    """The address without the path at the end of which OpenAI's protocol begins."""
    address = urlsplit(api_base)
    path = address.path.rstrip("/").removesuffix("/v1")
    return urlunsplit((address.scheme, address.netloc, path, "", ""))


def _entry(document: object, name: str) -> Mapping[str, object]:
    """The model's entry in a list of models; a server's only model is the one, whatever it is called."""
    listed = document.get("data") if isinstance(document, Mapping) else None
    entries = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    named = [each for each in entries if each.get("id") == name]
    chosen = named or (entries if len(entries) == 1 else [])
    return chosen[0] if chosen else {}


def _of_lm_studio(entry: Mapping[str, object]) -> int | None:
    loaded, most = _size(entry.get("loaded_context_length")), _size(entry.get("max_context_length"))
    return loaded or (min(most, _LM_STUDIO_DEFAULT) if most else None)


def _of_llama_cpp(document: object) -> int | None:
    settings = document.get("default_generation_settings") if isinstance(document, Mapping) else None
    return _size(settings.get("n_ctx")) if isinstance(settings, Mapping) else None


def _size(stated: object) -> int | None:
    return stated if type(stated) is int and 0 < stated < 2**31 else None
