r"""Errors of Go programs with the stack of where they were made.

The layout, from ``%+v`` of ``github.com/pkg/errors`` (0.9) and zap's console encoder (1.27)::

    no price                                       the message, or a logger's line
    main.price
    \t/home/ada/shop/main.go:8                     innermost first
    main.main
    \t/home/ada/shop/main.go:20
    total failed                                   what ``Wrap`` added, with the stack of where it did
    main.main
    \t/home/ada/shop/main.go:20

There is no type, and no arguments or offsets as in the runtime's own stacks. An error that was wrapped is the cause of
what wraps it.
"""

from __future__ import annotations

import re

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.text.bounds import LONGEST_LINE, Bounds, Frames
from snapfix.parsing.text.chains import Chain
from snapfix.parsing.text.lines import Text
from snapfix.parsing.text.messages import is_log_line

_PLACE = re.compile(r"\t(?P<file>\S[^\t:]{0,1000}(?::[^\t:]{1,1000})?\.(?:go|s)):(?P<line>\d{1,9})$")
_FUNCTION = re.compile(r"[^\s:=\"']{0,500}\.[^\s:/=\"'.]{1,500}$")
_TYPE = "error"


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds its marker; see ``Layout.begins``."""
    at = line.rfind("\t", 0, LONGEST_LINE)
    return at if at >= 0 and _PLACE.match(line[at:LONGEST_LINE]) else None


def read(lines: Text) -> Traceback | None:
    """Read the error whose innermost place the cursor is at; see ``Layout.read``."""
    above = lines.before(2)
    near = lines.next_lines(3)
    if len(above) < 2 or len(near) < 3 or not (_frame(above[1], near[0]) and _frame(near[1], near[2])):
        return None
    if not above[0].strip() or above[0].startswith("\t"):
        return None
    lines.back(2)
    first_line = lines.number
    bounds = Bounds()
    errors = Chain(bounds)
    wrapping = False
    while _at_error(lines, wrapping=wrapping):
        message = lines.peek() or ""
        lines.skip()
        frames = Frames(bounds)
        while frame := _frame(*(*lines.next_lines(2), "", "")[:2]):
            frames.add(frame)
            lines.skip(2)
        error = ParsedException(_TYPE, bounds.cut(message), frames=frames.kept(innermost_first=True))
        errors.add(error, Relation.CAUSE)
        wrapping = True
    exception = errors.root()
    if exception is None:
        return None
    return Traceback("go", "go-error", first_line, lines.number - 1, exception, missing=bounds.missing)


def _at_error(lines: Text, *, wrapping: bool) -> bool:
    """A message and a stack stand here; what wraps another error is no record of a logger's."""
    near = lines.next_lines(3)
    if len(near) < 3 or not near[0].strip() or (wrapping and is_log_line(near[0])):
        return False
    return _frame(near[1], near[2]) is not None


def _frame(function: str, place: str) -> Frame | None:
    """The frame that two lines name."""
    if len(function) > LONGEST_LINE or len(place) > LONGEST_LINE or not _FUNCTION.match(function):
        return None
    match = _PLACE.match(place)
    return Frame(match["file"], int(match["line"]), function) if match else None
