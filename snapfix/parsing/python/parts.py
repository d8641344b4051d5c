"""What layouts share that draw the stack in their own way: the lines that name an exception and link it to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from snapfix.crash import Relation
from snapfix.parsing.python.cpython_lines import SEPARATORS as CPYTHON_SEPARATORS
from snapfix.parsing.python.cpython_lines import is_around, is_drawn_header, is_header
from snapfix.parsing.text.bounds import MAX_MESSAGE, MAX_MESSAGE_LINES
from snapfix.parsing.text.lines import Cursor
from snapfix.parsing.text.messages import continuation, following, is_log_line, split_notes

SEPARATORS = {
    **CPYTHON_SEPARATORS,
    "While handling the above exception, another exception occurred:": Relation.CONTEXT,  # stackprinter
}


@dataclass(frozen=True, slots=True)
class Tail:
    """The lines printed after the one that names an exception.

    Attributes:
        lines: at most as many as a message may have, without the empty ones at the end of an exact tail.
        exact: they end where the exception's text ends: a separator follows.
    """

    lines: Sequence[str]
    exact: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """What an exception says.

    Attributes:
        message: all its lines.
        notes: added with ``add_note``.
        taken: lines of the tail that are part of it.
        following: lines after those that only may be (see ``Traceback.following``).
    """

    message: str
    notes: tuple[str, ...]
    taken: int
    following: tuple[str, ...]


def tail_of(lines: Iterable[str], starts_something_else: Callable[[str], bool]) -> Tail:
    """Look at what follows an exception's first line, as far as messages go."""
    kept: list[str] = []
    characters = 0
    for line in lines:
        if line.strip() in SEPARATORS:
            while kept and not kept[-1].strip():
                kept.pop()
            return Tail(kept, True)
        full = len(kept) >= MAX_MESSAGE_LINES or characters > MAX_MESSAGE
        if full or (line and _starts_elsewhere(line)) or starts_something_else(line):
            break
        characters += len(line)
        kept.append(line)
    return Tail(kept, False)


def _starts_elsewhere(line: str) -> bool:
    return is_log_line(line) or is_header(line) or is_around(line) or is_drawn_header(line)


def wording(type_name: str, opening: str | None, tail: Tail, code: str, *, noted: bool) -> Wording:
    """Tell the message from what else stands below it.

    Args:
        type_name: the exception's type as printed.
        opening: the first line of its message; None where it has none.
        tail: the lines below.
        code: the source that the innermost frame shows, or "".
        noted: the layout prints notes below the message.
    """
    count = 0 if opening is None else continuation(type_name, opening, tail.lines, code)
    if tail.exact:
        if not noted or (count < len(tail.lines) and not tail.lines[count].strip()):
            count = len(tail.lines)
        message = "\n".join([opening or "", *tail.lines[:count]])
        return Wording(message, split_notes(tail.lines[count:]), len(tail.lines), ())
    message = "\n".join([opening or "", *tail.lines[:count]])
    return Wording(message, (), count, following(tail.lines[count:]))


def separator(lines: Cursor, *, blank: int) -> Relation | None:
    """Move behind the line, after up to ``blank`` empty ones, that says how the next exception came about."""
    for distance, line in enumerate(islice(lines.ahead(), blank + 1)):
        relation = SEPARATORS.get(line.strip())
        if relation is not None:
            lines.skip(distance + 1)
            return relation
        if line.strip():
            return None
    return None
