"""Where the message of an exception ends.

CPython prints an exception's message, then its notes, and marks neither's end; what a program had buffered is
flushed below them when it exits. Lines after the first are therefore part of the message only where something
speaks for it:

- they are indented;
- the message so far announces more: its first line is empty, or it ends with ``:`` ``(`` ``[`` ``{`` ``,``;
- a bracket or a quotation mark is open, and a later line closes it;
- the string in the raising line holds line breaks, or is one that spans lines;
- the type, or the line itself, is known for it (pydantic, YAML, SQLAlchemy, PostgreSQL, unittest, jsonschema).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice, takewhile

from snapfix.parsing.text.bounds import LONGEST_LINE

_MAX_FOLLOWING = 20
_CLOSING_DISTANCE = 50
"""Lines within which an open bracket or quotation mark has to be closed to count."""
_LONGEST_LINE_LOOKED_INTO = 10_000
"""Characters; a longer line's brackets are not counted."""

_LOG_LINE = re.compile(
    r"\[?\d{4}-\d\d-\d\d[T ,]"
    r"|\[?\d\d:\d\d:\d\d\b"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d"
    r"|\[?(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)\b[\]: ]"
)
_QUOTED = re.compile(r"(?<!\w)'[^']*'|\"[^\"]*\"|`[^`]*`")
_OPENINGS = ("", ":", "(", "[", "{", ",")
_RAISING = re.compile(r"\s*(?:raise|assert)\b")
# Line breaks that a line of code holds, but whose number it does not tell.
_UNCOUNTED = re.compile(r"[\"'](?:\\n)+[\"']\.join\(|\"\"\"|'''")
_BULLET = re.compile(r"[-*•+] |\d+[.)] ")
_FIELD = re.compile(r"[\w.\[\]()<>,'\"|= -]+$")
_CONTINUATIONS = (
    "[SQL: ",  # SQLAlchemy
    "[parameters: ",
    "[generated in ",
    "(Background on this error at: ",
    "LINE ",  # PostgreSQL, through psycopg
    "DETAIL: ",
    "HINT: ",
    "CONTEXT: ",
    "Call log:",  # Playwright
    "CUDA kernel errors might be ",  # PyTorch
    "For debugging consider passing ",
    "Compile with `TORCH_USE_CUDA_DSA`",
)
_UNITTEST_PARTS = (
    "First differing element",
    "First list contains",
    "Second list contains",
    "First tuple contains",
    "Second tuple contains",
    "First sequence contains",
    "Second sequence contains",
    "Items in the first set",
    "Items in the second set",
)
_JSONSCHEMA_PARTS = ("Failed validating ", "On instance", "On schema")


def is_log_line(line: str) -> bool:
    """It begins as a logger's line does: with a time or a level."""
    return _LOG_LINE.match(line) is not None


def continuation(type_name: str, first: str, rest: Sequence[str], code: str) -> int:
    """How many lines of ``rest`` belong to the message by evidence.

    Args:
        type_name: the exception's type as printed.
        first: the first line of its message.
        rest: the lines printed directly after it.
        code: the source that the innermost frame shows, or "".
    """
    count = min(_line_breaks_in(code), len(rest))
    if count == 0 and rest:
        count = _opened("", first, rest, 0) or _announced(first, rest, code)
    short_name = type_name.rpartition(".")[2]
    while count < len(rest):
        last = rest[count - 1] if count else first
        taken = next((n for rule in _RULES if (n := rule(short_name, last, rest, count))), 0)
        if not taken:
            break
        count += taken
    return min(count, len(rest))


def split_notes(lines: Sequence[str]) -> tuple[str, ...]:
    """Lines as notes: each line is one, and indented or empty lines continue the one before them."""
    notes: list[list[str]] = []
    for line in lines:
        if notes and (not line or line[0].isspace()):
            notes[-1].append(line)
        else:
            notes.append([line])
    return tuple("\n".join(note) for note in notes)


def following(lines: Sequence[str]) -> tuple[str, ...]:
    """Of the lines below a message, those that only may belong to it (see ``Traceback.following``)."""
    return tuple(line[:LONGEST_LINE] for line in takewhile(str.strip, islice(lines, _MAX_FOLLOWING)))


def _line_breaks_in(code: str) -> int:
    r"""The line breaks in the strings of a raising line: ``raise ValueError("a\nb")`` has one."""
    if not _RAISING.match(code) or _UNCOUNTED.search(code):
        return 0
    return code.replace("\\\\", "").count("\\n")


def _announced(first: str, rest: Sequence[str], code: str) -> int:
    """A message that announces more goes on for a line (after a bracket), for a list or for a paragraph."""
    first = first.rstrip()
    ending = first[-1:]
    uncounted = _RAISING.match(code) is not None and _UNCOUNTED.search(code) is not None
    if not uncounted and (ending not in _OPENINGS or first.endswith(":(")):
        return 0
    start = 1 if not ending and not rest[0] else 0
    if len(rest) == start or not rest[start].strip():
        return 0
    if rest[start][0].isspace():
        return start  # indented lines are taken by their own rule, and only those
    if ending and ending in "([{,":
        return 1
    in_list = _BULLET.match(rest[start]) is not None
    count = start
    while count < len(rest) and rest[count].strip():
        if in_list and not (rest[count][0].isspace() or _BULLET.match(rest[count])):
            break
        count += 1
    return count


Rule = Callable[[str, str, Sequence[str], int], int]
"""(type name, last line so far, the lines after the first, position) -> how many lines from there it takes."""


def _indented(_type: str, _last: str, rest: Sequence[str], at: int) -> int:
    return 1 if rest[at][:1] in (" ", "\t") and rest[at].strip() else 0


def _opened(_type: str, last: str, rest: Sequence[str], at: int) -> int:
    """An open bracket or quotation mark takes everything up to the line that closes it."""
    depth, quoted = _open_brackets(last), last.count('"') % 2
    if depth <= 0 and not quoted:
        return 0
    for distance, line in enumerate(rest[at : at + _CLOSING_DISTANCE], start=1):
        if quoted and line.count('"') % 2:
            return distance
        depth += _open_brackets(line)
        if not quoted and depth <= 0:
            return distance
    return 0


def _open_brackets(line: str) -> int:
    if len(line) > _LONGEST_LINE_LOOKED_INTO:
        return 0
    bare = _QUOTED.sub("", line)
    opened = sum(bare.count(bracket) for bracket in "([{")
    return opened - sum(bare.count(bracket) for bracket in ")]}")


def _known_line(_type: str, _last: str, rest: Sequence[str], at: int) -> int:
    return 1 if rest[at].startswith(_CONTINUATIONS) else 0


def _pydantic(type_name: str, _last: str, rest: Sequence[str], at: int) -> int:
    """A field's name, then its error, indented."""
    if type_name != "ValidationError" or at + 1 >= len(rest):
        return 0
    field, error = rest[at], rest[at + 1]
    return 2 if field.strip() and error.startswith("  ") and _FIELD.match(field[:200]) else 0


def _yaml(_type: str, _last: str, rest: Sequence[str], at: int) -> int:
    """``expected <block end>, but found '-'``, then where, indented."""
    return 2 if at + 1 < len(rest) and rest[at + 1].startswith('  in "') and rest[at].strip() else 0


def _unittest(type_name: str, _last: str, rest: Sequence[str], at: int) -> int:
    """The parts of a difference, with empty lines between them."""
    if type_name != "AssertionError":
        return 0
    start = at + 1 if not rest[at] else at
    line = rest[start] if start < len(rest) else ""
    if line.startswith(_UNITTEST_PARTS):
        end = start + 1
        while end < len(rest) and rest[end].strip():
            end += 1
        return end - at
    if line.startswith(("- ", "+ ", "? ", "  ")) or line in ("-", "+"):
        return start + 1 - at
    return 0


def _jsonschema(_type: str, _last: str, rest: Sequence[str], at: int) -> int:
    return 2 if not rest[at] and at + 1 < len(rest) and rest[at + 1].startswith(_JSONSCHEMA_PARTS) else 0


_RULES: tuple[Rule, ...] = (_indented, _opened, _known_line, _pydantic, _yaml, _unittest, _jsonschema)
