"""Errors of the Java compiler (javac 8 to 25, and Gradle, which prints its output as it is).

The layout, from ``BasicDiagnosticFormatter``::

    Cart.java:8: error: cannot find symbol
            return summ;
                   ^
      symbol:   variable summ                 details are indented; they are part of the message
      location: class Cart

Each error is a crash of its own; warnings are none.
"""

from __future__ import annotations

from snapfix.crash import Frame, Traceback
from snapfix.parsing.compilers.compiled import Failure, is_underline, path_start, place_in, with_code
from snapfix.parsing.text.bounds import LONGEST_LINE
from snapfix.parsing.text.lines import Text

_ERROR = ": error: "
_MAX_ABOVE_CODE = 10
"""Lines of a message before the line of code."""


def begins(line: str) -> int | None:
    """Where the path begins that an error names; see ``Layout.begins``."""
    end = line.find(_ERROR, 0, LONGEST_LINE)
    if end < 0:
        return None
    start = path_start(line, end)
    return start if start is not None and _place(line[start:]) else None


def read(lines: Text) -> Traceback | None:
    """Read the error at the cursor; see ``Layout.read``."""
    line = lines.peek() or ""
    place = _place(line)
    if place is None:
        return None
    failure = Failure(lines, "error")
    failure.say(line[line.index(_ERROR) + len(_ERROR) :])
    failure.take(lines)
    after = lines.next_lines(_MAX_ABOVE_CODE)
    carets = next((n for n, below in enumerate(after) if below.strip() == "^"), 0)
    if carets and not any(_place(below) for below in after[:carets]):
        for below in after[: carets - 1]:
            failure.say(below)
        place = with_code(place, after[carets - 1], after[carets])
        failure.take(lines, carets + 1)
    while (detail := lines.peek()) is not None and detail.startswith("  ") and not is_underline(detail):
        failure.say(detail)
        failure.take(lines)
    failure.frames = [place]
    return failure.finish("java", "javac")


def _place(line: str) -> Frame | None:
    end = line.find(_ERROR, 0, LONGEST_LINE)
    place = place_in(line[:end]) if end > 0 else None
    return place if place and place.filename.endswith(".java") and place.column is None else None
