"""Where an error that V8 prints begins: above its first frame, or above the line with Node's version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from snapfix.crash import Frame
from snapfix.parsing.javascript.node_lines import (
    Likeness,
    frame_in,
    header_in,
    header_within,
    path_of,
)
from snapfix.parsing.text.bounds import LONGEST_LINE
from snapfix.parsing.text.indentation import indentation
from snapfix.parsing.text.lines import Text
from snapfix.parsing.text.messages import is_log_line

VERSION = "Node.js v"
THROWN_AT = "Thrown at:"
HINT = "(Use `node --trace-uncaught"
_NEAR = 16
_LOOK_BACK = 120
"""Lines above the first frame among which the error begins; near it there is most often another frame."""
_MOST_BLANK = 3
_PLACE = re.compile(
    r"(?P<file>(?:/|[A-Za-z]:[\\/]|\\\\|file:|node:|https?:|webpack|evalmachine|<anonymous|\[(?:eval|stdin)\]|undefined)"
    r".{0,4096}):(?P<line>\d{1,9})$"
)
_CARETS = re.compile(r"\s*\^+\s*$")
_NO_FILE = re.compile(r"<|undefined$")


@dataclass(frozen=True, slots=True)
class Start:
    """How an error begins.

    Attributes:
        lines_back: it begins that many lines before the cursor, at the place if there is one.
        lines_to_header: from there to the line that names the error.
        column: where in that line it does.
        message_lines: the lines of its message below that line.
        place: what Node prints above the errors that end it: where it was thrown, with the line of code.
        cut: the text begins below the line that names the error.
    """

    lines_back: int
    lines_to_header: int = 0
    column: int = 0
    message_lines: int = 0
    place: Frame | None = None
    cut: bool = False


def above_frame(lines: Text) -> Start | None:
    """How the error begins of which the current line is the first frame; None where none does."""
    before = _own(lines.before(_NEAR))
    if len(before) == _NEAR:
        before = _own(lines.before(_LOOK_BACK))
    found = _below_place(before) or _at_header(before, indentation(lines.peek() or ""))
    if found is not None:
        return found
    if any(line.strip() for line in before) or lines.number - len(before) > 1:
        return None
    frames = [frame_in(line) for line in lines.next_lines(2)]
    return Start(0, cut=True) if len(frames) > 1 and all(frames) else None


def above_version(lines: Text) -> Start | None:
    """How the thrown value, or the error without frames, begins that Node's version stands below."""
    return _below_place(_own(lines.before(_LOOK_BACK)))


def below_place(lines: Text, line: str) -> Start | None:
    """How the error begins that the current line names, if there is a place directly above it."""
    found = _below_place([*_own(lines.before(6)), line])
    return replace(found, lines_back=found.lines_back - 1) if found and not found.message_lines else None


def _own(before: Sequence[str]) -> list[str]:
    """The lines that do not belong to another error further up."""
    for distance, line in enumerate(reversed(before)):
        if line.startswith(VERSION) or frame_in(line):
            return list(before[len(before) - distance :])
    return list(before)


def _below_place(before: Sequence[str]) -> Start | None:
    """The error below the last place that is printed above one."""
    for at in range(len(before) - 2, -1, -1):
        margin = indentation(before[at])
        match = _PLACE.match(before[at], margin) if len(before[at]) <= LONGEST_LINE else None
        if match is None:
            continue
        code, carets = before[at + 1], before[at + 2 : at + 3]
        below = at + 2
        columns = None
        if carets and _CARETS.match(carets[0]):
            below += 1
            columns = (carets[0].index("^") - margin, len(carets[0].rstrip()) - margin)
        elif carets and carets[0].strip():
            continue
        while below < len(before) and not before[below].strip():
            below += 1
        if below == len(before):
            continue
        place = _place(match["file"], int(match["line"]), code[margin:], columns)
        column = indentation(before[below])
        return Start(len(before) - at, below - at, column, len(before) - below - 1, place)
    return None


def _place(name: str, lineno: int, code: str, columns: tuple[int, int] | None) -> Frame:
    margin = indentation(code)
    marked = (columns[0] - margin, columns[1] - margin) if columns and columns[0] >= margin else None
    return Frame(
        "" if _NO_FILE.match(name) else path_of(name),
        lineno,
        "",
        code=code[margin : margin + LONGEST_LINE],
        columns=marked,
        column=columns[0] + 1 if columns else None,
    )


def _at_header(before: Sequence[str], margin: int) -> Start | None:
    """The nearest line above that names an error."""
    blank = 0
    for distance, line in enumerate(reversed(before), start=1):
        blank = blank + 1 if not line.strip() else 0
        if blank == _MOST_BLANK:
            return None
        column = _header_column(line, margin, directly_above=distance == 1)
        if column is not None:
            return Start(distance, 0, column, distance - 1)
        if is_log_line(line):
            return None
    return None


def _header_column(line: str, margin: int, *, directly_above: bool) -> int | None:
    column = indentation(line)
    if column > margin:
        return None
    header = header_in(line[column : column + LONGEST_LINE])
    if header is not None and (header.likeness is Likeness.CERTAIN or directly_above):
        return column
    return header_within(line)
