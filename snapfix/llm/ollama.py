"""What an Ollama tells of its models: which are installed, how much each can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from snapfix.llm import probing

DEFAULT_BASE = "http://127.0.0.1:11434"
_CODE = re.compile(r"code|devstral|starcoder", re.IGNORECASE)
_NO_CHAT = re.compile(r"embed|rerank|minilm|^bge-|-base$|:base$", re.IGNORECASE)
_CLOUD = ("-cloud", ":cloud")


def probe(api_base: str, timeout: float = 0.3) -> tuple[str, ...] | None:
    """The names of the models installed at ``api_base``, or None where no Ollama answers.

    ``timeout`` is what connecting may take, in seconds; the whole answer must be there within half a second,
    however it is dripped.

    A model that Ollama passes on to another machine is not listed, whatever its name: its entry names a
    ``remote_host`` (https://docs.ollama.com/api/tags). Proxies are not used.
    """
    document = probing.ask(api_base, "/api/tags", timeout=timeout)
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
    """The installed model that ``wanted`` names, or None; one of Ollama's cloud only by its whole name."""
    names = tuple(name for name in installed if name == wanted or not name.lower().endswith(_CLOUD))
    for candidate in (wanted, f"{wanted}:latest"):
        if candidate in names:
            return candidate
    if wanted.endswith(":latest") and wanted.removesuffix(":latest") in names:
        return wanted.removesuffix(":latest")
    return next((name for name in names if name.startswith(f"{wanted}:")), None)


# -- windows ---------------------------------------------------------------------------------------------------

_STEP = 4096
_SHOW_SECONDS = 2.0
_NUM_CTX = re.compile(r"^[ \t]{0,40}num_ctx[ \t]{1,40}([0-9]{1,9})[ \t\r]{0,40}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shown:
    """How many tokens a model can hold, prompt and answer together; None: not told.

    Attributes:
        trained: what it was made for.
        configured: ``num_ctx`` of its Modelfile.
        loaded: what it has been loaded with, where it is in memory now.
    """

    trained: int | None = None
    configured: int | None = None
    loaded: int | None = None

    @property
    def window(self) -> int | None:
        """The most that can be asked for: as trained, or more where the Modelfile says so (a stretched model)."""
        if self.trained is None:
            return None
        return max(self.trained, self.configured or 0)


def show(api_base: str, model: str) -> Shown:
    """What ``/api/show`` and ``/api/ps`` tell of a model (https://docs.ollama.com/api); nothing where they fail."""
    document = probing.ask(api_base, "/api/show", body={"model": model}, within=_SHOW_SECONDS)
    if not isinstance(document, dict):
        return Shown()
    parameters = document.get("parameters")
    found = _NUM_CTX.search(parameters[:100_000]) if isinstance(parameters, str) else None
    configured = int(found[1]) if found else None
    return Shown(_trained(document.get("model_info")), configured or None, _loaded(api_base, model))


def _trained(model_info: object) -> int | None:
    """Under ``<architecture>.context_length``: of two in one model, its text's."""
    if not isinstance(model_info, Mapping):
        return None
    return _size(model_info.get(f"{model_info.get('general.architecture')}.context_length"))


def _loaded(api_base: str, model: str) -> int | None:
    document = probing.ask(api_base, "/api/ps")
    entries = document.get("models") if isinstance(document, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("name") in (model, f"{model}:latest"):
            return _size(entry.get("context_length"))
    return None


def _size(stated: object) -> int | None:
    return stated if type(stated) is int and 0 < stated < 2**31 else None


def num_ctx(needed: int, shown: Shown) -> int:
    """The window to ask for, in tokens: one that holds ``needed``, as far as the model has one.

    Ollama's own default (4,096, or what the machine's memory allows) cuts a longer prompt's head off without a word.
    A request with another window than the model is loaded with makes Ollama load it anew, which takes seconds:
    hence whole steps, and never less than what it is loaded with, or what the Modelfile says.
    """
    wanted = max(_STEP, -(-needed // _STEP) * _STEP)
    most = shown.window or wanted
    return max(min(wanted, most), shown.configured or 0, min(shown.loaded or 0, most))
