r"""Tracebacks inside a string of one line: a JSON log record's field, a string's ``repr``, with ``\n`` for line ends."""

from __future__ import annotations

import json
from ast import literal_eval
from contextlib import suppress

_LONGEST = 1024 * 1024
"""Characters of a line that are looked into."""


def is_escaped(line: str, column: int) -> bool:
    r"""Behind ``column``, the line goes on with ``\n``: it is a string that was escaped."""
    return line.find("\\n", column) >= 0


def text_at(line: str, column: int) -> str | None:
    """The string around ``column``, unescaped once; None where there is none, or it cannot be unescaped."""
    if len(line) > _LONGEST:
        return None
    quote, start = _opening(line, column)
    end = _closing(line, quote, column)
    inner = line[start:end]
    if quote == '"':
        with suppress(ValueError):
            return str(json.loads(f'"{inner}"', strict=False))
    with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
        return str(literal_eval(f"{quote or chr(34)}{inner}{quote or chr(34)}"))
    return inner.replace("\\n", "\n").replace('\\"', '"').replace("\\t", "\t").replace("\\\\", "\\")


def _opening(line: str, column: int) -> tuple[str, int]:
    """The quotation mark that opens the string around ``column``, and where the string begins."""
    for at in range(column - 1, -1, -1):
        if line[at] in "\"'" and _backslashes(line, at) % 2 == 0:
            return line[at], at + 1
    return "", 0


def _closing(line: str, quote: str, column: int) -> int:
    at = column
    while quote and (at := line.find(quote, at)) >= 0:
        if _backslashes(line, at) % 2 == 0:
            return at
        at += 1
    return len(line)


def _backslashes(line: str, at: int) -> int:
    count = 0
    while at > count and line[at - count - 1] == "\\":
        count += 1
    return count
