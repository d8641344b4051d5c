"""The command that installs a distribution where the failing program will find it."""

from __future__ import annotations

import re

from snapfix.crash import CrashContext
from snapfix.rules.tables.distributions import distribution_of

_POSIX_SITE = re.compile(r"(.+)/lib(?:64)?/(python3\.\d+)/(?:site|dist)-packages/?$")
_WINDOWS_SITE = re.compile(r"(.+)\\Lib\\site-packages\\?$", re.IGNORECASE)
_SYSTEM_PREFIXES = frozenset({"/usr", "/usr/local"})


def install_command(context: CrashContext, module: str) -> str:
    """The command that installs what provides ``module``: by the project's own tool, else by pip."""
    distribution = distribution_of(module) or module.partition(".")[0].replace("_", "-")
    for lock, add in (("uv.lock", "uv add"), ("poetry.lock", "poetry add"), ("Pipfile", "pipenv install")):
        if lock in context.names:
            return f"{add} {distribution}"
    return f"{interpreter(context)} -m pip install {distribution}"


def install_requirements_command(context: CrashContext) -> str | None:
    """The command that installs everything the project lists, where it lists it in a ``requirements.txt``."""
    if "uv.lock" in context.names:
        return "uv sync"
    if "poetry.lock" in context.names:
        return "poetry install"
    if "requirements.txt" in context.names:
        return f"{interpreter(context)} -m pip install -r requirements.txt"
    return None


def interpreter(context: CrashContext) -> str:
    """How to call the interpreter that failed, as far as it is known; ``python`` otherwise."""
    environment = context.environment
    if environment.active_virtual_environment:
        return interpreter_in(context, environment.active_virtual_environment)
    for folder in environment.site_packages:
        if (posix := _POSIX_SITE.match(folder)) is not None:
            return posix[2] if posix[1] in _SYSTEM_PREFIXES else _quoted(f"{posix[1]}/bin/python")
        if (windows := _WINDOWS_SITE.match(folder)) is not None:
            in_environment = context.root.lower() in windows[1].lower()
            return _quoted(windows[1] + (r"\Scripts\python" if in_environment else r"\python"))
    return "python"


def interpreter_in(context: CrashContext, folder: str) -> str:
    """The interpreter of a virtual environment in the project."""
    return rf"{folder}\Scripts\python" if is_windows(context) else f"{folder}/bin/python"


def is_windows(context: CrashContext) -> bool:
    """The project lies on a Windows machine."""
    return re.match(r"[A-Za-z]:[\\/]", context.root) is not None


def _quoted(command: str) -> str:
    return f'"{command}"' if " " in command else command
