"""The functions and classes around a line, by tree-sitter: where the extra ``languages`` is installed.

One wheel per language, because each holds its grammar and needs no network: ``tree-sitter-language-pack`` fetches them
when they are first used. The parsers run in a process of their own (``grammar_process``).
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

MAX_CHARACTERS = 200_000
"""Some 5,000 lines. What is larger is often generated."""
SECONDS = 1.0
"""After which a parse is given up. One takes 30 to 100 ms, most of it Python's start."""
SECONDS_IN_ALL = 2.0
"""For all files of a run; indentation is used for those that are left then."""
_REGAINED = 0.1
"""Of each second that goes by; so one run in a process that does many leaves the next ones their time."""
_LEAST = 0.1
"""Seconds that are worth beginning with."""
WIDEST = 120
"""Lines of a function up to which a function within it, that is only an expression, is shown with it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A function or a class; lines are 1-based and inclusive.

    Attributes:
        name: its own, without those around it; in C++ as it is written (``Cart::total``).
        first_line: with its annotations and the comment right above it.
        header_line: where its own text begins.
        body_line: the first line of its body.
        last_line: the last line of its body.
        is_class: it is a class or its like: an interface, a module, an ``impl`` block.
        is_expression: it is a function that is passed or assigned.
    """

    name: str
    first_line: int
    header_line: int
    body_line: int
    last_line: int
    is_class: bool = False
    is_expression: bool = False


class Allowance:
    """The seconds that parsers may still take."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Give all of them."""
        self._left, self._known = SECONDS_IN_ALL, time.monotonic()

    def left(self) -> float:
        """What is left now."""
        now = time.monotonic()
        self._left = min(self._left + (now - self._known) * _REGAINED, SECONDS_IN_ALL)
        self._known = now
        return self._left

    def spend(self, seconds: float) -> None:
        """Take off what a parser took, and what seemed regained in that time."""
        self._left, self._known = max(self._left - seconds, 0.0), time.monotonic()


ALLOWANCE = Allowance()


class _NoTime(Exception):  # noqa: N818 - no error: what is not known is not to be remembered either
    """A file was not parsed, because others took the time."""


_GRAMMARS = {
    "js": ("tree_sitter_javascript", "language"),
    "jsx": ("tree_sitter_javascript", "language"),
    "mjs": ("tree_sitter_javascript", "language"),
    "cjs": ("tree_sitter_javascript", "language"),
    "ts": ("tree_sitter_typescript", "language_typescript"),
    "mts": ("tree_sitter_typescript", "language_typescript"),
    "cts": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "java": ("tree_sitter_java", "language"),
    "kt": ("tree_sitter_kotlin", "language"),
    "kts": ("tree_sitter_kotlin", "language"),
    "go": ("tree_sitter_go", "language"),
    "rs": ("tree_sitter_rust", "language"),
    "rb": ("tree_sitter_ruby", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "c": ("tree_sitter_c", "language"),
    "h": ("tree_sitter_cpp", "language"),
    "cc": ("tree_sitter_cpp", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "cxx": ("tree_sitter_cpp", "language"),
    "hpp": ("tree_sitter_cpp", "language"),
    "hh": ("tree_sitter_cpp", "language"),
    "cs": ("tree_sitter_c_sharp", "language"),
}


def units_around(text: str, suffix: str, lineno: int) -> tuple[Unit, ...] | None:
    """The functions and classes that hold a line, the innermost first; a function within one line counts not.

    None where there is no grammar for files of this suffix, or it is not installed, or the file is too large, or it or
    those before it took too long.
    """
    try:
        units = _units(text, suffix)
    except _NoTime:
        return None
    if units is None:
        return None
    around = [
        unit
        for unit in units
        if unit.header_line <= lineno <= unit.last_line
        and not (unit.is_expression and unit.header_line == unit.last_line)
    ]
    return tuple(sorted(around, key=lambda unit: (unit.last_line - unit.header_line, -unit.header_line)))


@lru_cache(maxsize=32)
def _units(text: str, suffix: str) -> tuple[Unit, ...] | None:
    """Those of a whole file."""
    if suffix not in _GRAMMARS or len(text) > MAX_CHARACTERS or not sys.executable:
        return None
    module, function = _GRAMMARS[suffix]
    if not (_is_installed("tree_sitter") and _is_installed(module)):
        return None
    import json

    more = ["property_declaration"] if suffix == "cs" else []  # in Kotlin that is any field
    request = {"path": sys.path, "module": module, "function": function, "text": text, "more": more}
    try:
        return tuple(Unit(*fields) for fields in json.loads(_run(json.dumps(request).encode())))
    except (OSError, ValueError, TypeError):
        return None


def _run(request: bytes) -> bytes:
    """What the process answers; b"" where it fails or takes too long."""
    import subprocess

    seconds = min(ALLOWANCE.left(), SECONDS)
    if seconds < _LEAST:
        raise _NoTime
    command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("grammar_process.py"))]
    began = time.monotonic()
    try:
        return subprocess.run(command, input=request, capture_output=True, timeout=seconds, check=True).stdout
    except subprocess.TimeoutExpired as error:
        if seconds < SECONDS:
            raise _NoTime from error
        return b""
    except subprocess.SubprocessError:
        return b""
    finally:
        ALLOWANCE.spend(time.monotonic() - began)


def _is_installed(module: str) -> bool:
    from importlib.util import find_spec

    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
