"""``snapfix config``: where settings come from, what is in force, a commented file to start from."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

from snapfix import paths, settings, world
from snapfix.errors import EXIT_OK, SettingsError
from snapfix.llm.links import resolve
from snapfix.render.base import clean
from snapfix.render.messages import warning_lines, write_lines


def path() -> int:
    """Print the places that settings are read from, strongest last, and whether they exist."""
    here = world.look()
    root = here.project_root
    places = [("user file", here.config_file)]
    if root is not None:
        places += [("project file", root / paths.PROJECT_FILE), ("project file", root / "pyproject.toml")]
    places += [("templates", folder) for folder in here.template_folders.search_path]
    places.append(("state", here.state_folder))
    for name, place in places:
        sys.stdout.write(f"{name:<13} {place}{'' if place.exists() else '  (not there)'}\n")
    return EXIT_OK


def show(*, as_json: bool) -> int:
    """Print every setting with its value and the place that set it."""
    here = world.look()
    loaded = world.load_settings(here)
    for warning in loaded.warnings:
        write_lines(sys.stderr, warning_lines(warning))
    values = asdict(loaded.settings)
    keys = _keys(loaded.settings, here)
    if as_json:
        from snapfix.render.json import SCHEMA_VERSION, write

        document = {"schema_version": SCHEMA_VERSION, "settings": values, "sources": loaded.sources, "keys": keys}
        write(document, sys.stdout)
        return EXIT_OK
    lines = [f"{key} = {_toml(value)}{_source(key, loaded.sources)}" for key, value in _flat(values)]
    lines += [f"{variable} = {masked}" for variable, masked in keys.items()]
    sys.stdout.write("\n".join(clean(line) for line in lines) + "\n")
    return EXIT_OK


def _source(key: str, sources: Any) -> str:
    return f"  # {sources[key]}" if key in sources else ""


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, value in values.items():
        if isinstance(value, dict):
            flat += _flat(value, f"{prefix}{key}.")
        elif value is not None or not prefix:  # what a model leaves open is not worth a line
            flat.append((prefix + key, value))
    return flat


def _toml(value: Any) -> str:
    if value is None:
        return "(not set)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _keys(current: settings.Settings, here: world.World) -> dict[str, str]:
    """The key variables of the configured models, their values masked."""
    keys = {}
    for name in current.models:
        link = resolve(name, order=(), models=current.models, environ=here.environ)[0]
        if link.key_variable is not None:
            keys[link.key_variable] = _masked(link.key)
    return keys


def _masked(key: str | None) -> str:
    if key is None:
        return "(not set)"
    return f"set, {len(key)} characters" + (f", ends in …{key[-3:]}" if len(key) >= 20 else "")


_TEMPLATE = """\
# Snapfix: the user's configuration. Every line is optional; what is commented out is the default.
# Stronger than this file: the project's .snapfix.toml (for what a project may set), then the
# SNAPFIX_... variables, then the flags of the command line.

# The model to ask first: an alias below, or any LiteLLM name (provider/model). Without one, nothing
# leaves this machine: a local Ollama is asked if one runs, and the built-in analyser always answers.
# model = "anthropic"

# What is tried after it, in this order, where there is a key. A local choice never goes on to the cloud.
# order = {order}

# Ask nobody, ever.
# offline = false

# Ceilings of what is sent, in tokens: to cloud models, and to local ones.
# context_tokens = {context_tokens}
# local_context_tokens = {local_context_tokens}

# Take secrets out of what a local model gets, too. For a cloud model they are always taken out.
# redact_local = {redact_local}

# How long to wait, in seconds.
# [timeouts]
{timeouts}

# The models behind the aliases. Keys are read from the environment, never from here.
{models}
"""


def init(*, force: bool) -> int:
    """Write the commented file.

    Raises:
        SettingsError: there is a file already, or it cannot be written.
    """
    here = world.look()
    target = here.config_file
    if target.exists() and not force:
        raise SettingsError(
            "settings-exist",
            f"`{target}` exists already",
            "edit it, or overwrite it with `snapfix config init --force`",
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(starting_file(), encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            "unwritable-settings",
            f"cannot write `{target}`: {error.strerror or error}",
            "name another file with the variable `SNAPFIX_CONFIG`",
        ) from None
    sys.stdout.write(f"wrote {target}\n")
    return EXIT_OK


def starting_file() -> str:
    """The commented configuration file, made from the defaults in force."""
    default = settings.Settings()
    timeouts = [f"# {key} = {_toml(value)}" for key, value in asdict(default.timeouts).items()]
    models = []
    for name, model in default.models.items():
        given = {key: value for key, value in asdict(model).items() if value is not None}
        models += [f"# [models.{name}]", *(f"# {key} = {_toml(value)}" for key, value in given.items()), "#"]
    return _TEMPLATE.format(
        order=_toml(default.order),
        context_tokens=default.context_tokens,
        local_context_tokens=default.local_context_tokens,
        redact_local=_toml(default.redact_local),
        timeouts="\n".join(timeouts),
        models="\n".join(models[:-1]),
    )
