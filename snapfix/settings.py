"""What the user decided: flag > environment > project file > user file > default.

A project's file comes with whatever was cloned, so it is not the user's own word: it may make Snapfix more
private (``offline``), smaller (the budgets) or name a local model, and nothing else. Addresses, keys, cloud
models and what is redacted are taken from the user's own file, the environment and the flags only.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, ClassVar

from snapfix import paths
from snapfix.errors import SettingsError, UsageError
from snapfix.events import Warned
from snapfix.llm.links import DEFAULT_MODELS, DEFAULT_ORDER, Model, resolve

_STRICT = {"extra": "forbid"}
_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TimeoutSettings:
    """Limits of waiting, in seconds."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT

    first_token: float = 20.0
    local_first_token: float = 60.0
    stall: float = 15.0
    answer: float = 90.0
    deadline: float = 120.0


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force.

    Attributes:
        model: the alias or model that the user chose, or None: then no cloud provider is asked.
        order: aliases in the order in which they are tried after the chosen one.
        offline: ask nobody.
        context_tokens: ceiling of the code and traceback sent to a cloud model, in tokens.
        local_context_tokens: the same for a local model, whose window is often small.
        redact_local: also take the secrets out of what a local model gets; for a cloud model they always are.
        timeouts: how long to wait for what.
        models: the configured aliases.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT

    model: str | None = None
    order: tuple[str, ...] = DEFAULT_ORDER
    offline: bool = False
    context_tokens: int = 6000
    local_context_tokens: int = 3000
    redact_local: bool = True
    timeouts: TimeoutSettings = TimeoutSettings()
    models: Mapping[str, Model] = field(default_factory=lambda: dict(DEFAULT_MODELS))


@dataclass(frozen=True, slots=True)
class Layer:
    """One place that settings come from.

    Attributes:
        name: for people: ``user file``, ``project file``, ``environment``, ``command line``.
        values: as in the TOML file, nested.
        path: the file, or None.
        text: the file's text, to name lines in.
        exists: False for a file that is not there.
    """

    name: str
    values: Mapping[str, Any]
    path: Path | None = None
    text: str = ""
    exists: bool = True

    def describe(self, key: str) -> str:
        """Where ``key`` (dotted) was set, for a message."""
        if self.path is None:
            variable = next((name for name, setting in _VARIABLES.items() if setting == key.partition(".")[0]), "")
            return f"the {self.name}" + (f" (`{variable}`)" if self.name == "environment" and variable else "")
        line = self._line_of(key)
        return f"`{self.path}`" + (f" line {line}" if line else "")

    def _line_of(self, key: str) -> int | None:
        table, _, name = key.rpartition(".")
        current = ""
        for number, line in enumerate(self.text.splitlines(), start=1):
            if header := re.match(r"\s*\[([^\[\]]+)\]", line):
                current = header[1].replace('"', "").replace(" ", "").removeprefix("tool.snapfix").lstrip(".")
                if current == key:
                    return number
            elif current == table and re.match(rf"\s*\"?{re.escape(name)}\"?\s*=", line):
                return number
        return None


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, with what they were made from.

    Attributes:
        settings: what is in force.
        layers: weakest first.
        sources: dotted key -> the name of the layer that set it; keys that are not here have their default.
        warnings: values that were passed over, each with its reason.
    """

    settings: Settings
    layers: tuple[Layer, ...]
    sources: Mapping[str, str]
    warnings: tuple[Warned, ...] = ()


_FROM_PROJECT = frozenset({"offline", "context_tokens", "local_context_tokens", "model"})
_VARIABLES = {
    "SNAPFIX_MODEL": "model",
    "SNAPFIX_ORDER": "order",
    "SNAPFIX_OFFLINE": "offline",
    "SNAPFIX_CONTEXT_TOKENS": "context_tokens",
    "SNAPFIX_LOCAL_CONTEXT_TOKENS": "local_context_tokens",
    "SNAPFIX_REDACT_LOCAL": "redact_local",
}
# Read elsewhere, by the command line itself.
_OTHER_VARIABLES = frozenset({"SNAPFIX_CONFIG", "SNAPFIX_STATE", "SNAPFIX_DEBUG"})


def load(
    *,
    user_file: Path,
    project_root: Path | None,
    environ: Mapping[str, str],
    flags: Mapping[str, Any] | None = None,
) -> Loaded:
    """Read every layer and put the settings together; ``flags`` are typed values, None for those not given.

    Raises:
        SettingsError: a file cannot be read or parsed, a key is unknown, or a value has the wrong type; the
            message names the file, the line and the key.
    """
    user = _read_file("user file", user_file)
    if user.values:
        _validate(user)
    own_models = _build(user.values).models if user.values else DEFAULT_MODELS
    project, warnings = _read_project(project_root, own_models, environ)
    environment, more = _read_environment(environ)
    command = Layer("command line", {k: v for k, v in (flags or {}).items() if v is not None})
    values: dict[str, Any] = {}
    for layer in (user, project, environment):
        if layer.values and layer is not user:
            _validate(layer)
        values = _merge(values, layer.values)
    # Flags have their types already: a run without any other setting need not load pydantic.
    settings = replace(_build(values) if values else Settings(), **command.values)
    layers = (user, project, environment, command)
    _check_order(settings, layers)
    _check_limits(settings, layers)
    sources = {key: layer.name for layer in layers for key in _dotted(layer.values)}
    return Loaded(settings, layers, sources, (*warnings, *more))


def _read_text(path: Path, inside: Path | None) -> str:
    """The text of a configuration file, which must be a file of reasonable size, and lie ``inside`` if that is given.

    A cloned project may hold a link to a device that never ends, or to a pipe that nobody writes to.

    Raises:
        OSError: it cannot be read, or is none of this.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    if not path.is_file():
        raise OSError("it is not a file")
    if inside is not None and not path.resolve().is_relative_to(inside.resolve()):
        raise OSError("it leads out of the project")
    if path.stat().st_size > _MAX_BYTES:
        raise OSError(f"it is larger than {_MAX_BYTES // 1024} KiB")
    return path.read_text(encoding="utf-8-sig")


def _read_file(name: str, path: Path, inside: Path | None = None) -> Layer:
    try:
        text = _read_text(path, inside)
        values = tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return Layer(name, {}, path, exists=False)
    except OSError as error:
        raise SettingsError(
            "unreadable-settings",
            f"cannot read the configuration `{path}`: {error.strerror or error}",
            "allow it to be read, or name another file with the variable `SNAPFIX_CONFIG`",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(
            "malformed-settings",
            f"the configuration `{path}` is not valid TOML: {error}",
            "mend that line, or write a fresh file with `snapfix config init`",
        ) from None
    return Layer(name, values, path, text)


def _read_project(
    root: Path | None, models: Mapping[str, Model], environ: Mapping[str, str]
) -> tuple[Layer, list[Warned]]:
    if root is None:
        return Layer("project file", {}, exists=False), []
    own = _read_file("project file", root / paths.PROJECT_FILE, inside=root)
    if not own.exists and (pyproject := _pyproject_table(root)) is not None:
        own = pyproject
    kept: dict[str, Any] = {}
    warnings = []
    for key, value in own.values.items():
        if key in _names() and not _project_may_set(key, value, models, environ):
            warnings.append(
                Warned(
                    "project-setting-ignored",
                    f"`{key}` in {own.describe(key)} is ignored: a project cannot decide what is sent, and where to",
                    "set it in your own file (`snapfix config path`) if you want it",
                )
            )
        else:
            kept[key] = value
    return Layer(own.name, kept, own.path, own.text, own.exists), warnings


def _pyproject_table(root: Path) -> Layer | None:
    """``[tool.snapfix]`` of the pyproject.toml; a file that does not parse is its owner's affair, not ours."""
    path = root / "pyproject.toml"
    try:
        text = _read_text(path, root)
        table = tomllib.loads(text).get("tool", {}).get("snapfix")
    except (OSError, ValueError, AttributeError, RecursionError):
        return None
    return Layer("project file", table, path, text) if isinstance(table, dict) else None


def _project_may_set(key: str, value: Any, models: Mapping[str, Model], environ: Mapping[str, str]) -> bool:
    if key in ("offline", "redact_local"):
        return value is True
    if key == "model":
        return isinstance(value, str) and _is_local(value, models, environ)
    return key in _FROM_PROJECT


def _is_local(model: str, models: Mapping[str, Model], environ: Mapping[str, str]) -> bool:
    """By the user's own aliases: what the user calls ``ollama`` may well run elsewhere."""
    try:
        links = resolve(model, order=(), models=models, environ=environ)
    except UsageError:
        return False
    return all(link.local for link in links)


def _read_environment(environ: Mapping[str, str]) -> tuple[Layer, list[Warned]]:
    values: dict[str, Any] = {}
    warnings = []
    for variable in sorted(environ):
        if not variable.startswith("SNAPFIX_") or variable in _OTHER_VARIABLES:
            continue
        key = _VARIABLES.get(variable)
        if key is None:
            known = ", ".join(f"`{name}`" for name in _VARIABLES)
            warnings.append(Warned("unknown-variable", f"the variable `{variable}` is not known", f"known: {known}"))
        elif text := environ[variable].strip():
            values[key] = [part.strip() for part in text.split(",") if part.strip()] if key == "order" else text
    return Layer("environment", values), warnings


def _validate(layer: Layer) -> None:
    """Check one layer by itself, so that a mistake is reported where it was made."""
    for key in layer.values:
        if key not in _names():
            raise SettingsError(
                "unknown-setting",
                f"unknown key `{key}` in {layer.describe(key)}",
                _suggest(key, _names()),
            )
    from pydantic import ValidationError

    try:
        _build(layer.values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise _explain(layer, key, first["type"], first["msg"], first["input"]) from None


def _explain(layer: Layer, key: str, kind: str, message: str, value: Any) -> SettingsError:
    parts = key.split(".")
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        home: Any = Model if parts[0] == "models" else TimeoutSettings
        return SettingsError(
            "unknown-setting",
            f"unknown key `{key}` in {layer.describe(key)}",
            _suggest(parts[-1], [f.name for f in fields(home)]),
        )
    if kind.startswith("missing"):
        return SettingsError(
            "malformed-settings",
            f"`{key}` is missing in {layer.describe('.'.join(parts[:-1]))}",
            'every new alias needs a model, such as `model = "openai/gpt-4o"`',
        )
    found = repr(value) if len(repr(value)) < 80 else type(value).__name__
    expected = message[:1].lower() + message[1:]
    return SettingsError(
        "malformed-settings",
        f"`{key}` in {layer.describe(key)}: {expected}; found {found}",
        "`snapfix config init` writes a file that shows how each setting is written",
    )


def _build(values: Mapping[str, Any]) -> Settings:
    from pydantic import TypeAdapter

    models = {name: asdict(model) for name, model in DEFAULT_MODELS.items()}
    complete = {**values, "models": _merge(models, values.get("models", {}))}
    return TypeAdapter(Settings).validate_python(complete)


def _check_order(settings: Settings, layers: Iterable[Layer]) -> None:
    for alias in settings.order:
        if alias not in settings.models:
            owner = next((layer for layer in reversed(list(layers)) if "order" in layer.values), None)
            place = owner.describe("order") if owner else "the defaults"
            raise SettingsError(
                "unknown-alias",
                f"`order` in {place} names `{alias}`, which is not a configured model",
                _suggest(alias, settings.models),
            )


def _check_limits(settings: Settings, layers: Iterable[Layer]) -> None:
    limits = {"context_tokens": settings.context_tokens, "local_context_tokens": settings.local_context_tokens}
    limits |= {f"timeouts.{each.name}": getattr(settings.timeouts, each.name) for each in fields(TimeoutSettings)}
    limits |= {f"models.{name}.max_tokens": model.max_tokens for name, model in settings.models.items()}
    for key, value in limits.items():
        if not 0 < value < float("inf"):
            owner = next(layer for layer in reversed(list(layers)) if key in _dotted(layer.values))
            raise SettingsError(
                "malformed-settings",
                f"`{key}` in {owner.describe(key)}: expected a number above 0; found {value}",
                "leave it out for the default",
            )


def _merge(weak: Mapping[str, Any], strong: Any) -> Any:
    if not isinstance(strong, Mapping):
        return strong
    merged = dict(weak)
    for key, value in strong.items():
        before = merged.get(key)
        merged[key] = _merge(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return merged


def _dotted(values: Mapping[str, Any], prefix: str = "") -> Iterable[str]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _dotted(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _names() -> list[str]:
    return [f.name for f in fields(Settings)]


def _suggest(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(name, names, n=1)
    return f"did you mean `{near[0]}`?" if near else "known: " + ", ".join(f"`{n}`" for n in names)
