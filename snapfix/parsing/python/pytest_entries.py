"""The frames of one exception in a pytest report, and its own lines below the last of them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from snapfix.crash import Frame, ParsedException
from snapfix.parsing.python.cpython_lines import CARETS, HEADER, SEPARATORS, columns_marked, frame_in
from snapfix.parsing.python.pytest_lines import (
    RECURSION,
    SHOWN_OF,
    Location,
    is_error,
    is_frame_separator,
    location,
    type_and_message,
)
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_CODE_LINES, MAX_MESSAGE_LINES, Bounds, Frames
from snapfix.parsing.text.indentation import dedented_together
from snapfix.parsing.text.lines import Cursor

_MAX_IDLE = 2_000
"""Lines that are neither code nor a place (values of local variables, mostly) between two that are."""
_DEFINITION = re.compile(r"(?:async )?(?:def|class) (\w+)")
_NO_SOURCE = "???"
_LOCALS_INDENT = " " * 8


class Entries:
    """Reads one exception in the styles long, short and line; pytest mixes the first two.

    In the long style a frame's code comes first, with ``>`` before the failing line, and its place below it; the
    function's name is only in the code. In the short style the place comes first, with the name.
    """

    def __init__(self, lines: Cursor, bounds: Bounds) -> None:
        self._lines = lines
        self._bounds = bounds
        self._frames = Frames(bounds)
        self._shown = ""  # the code of the last frame in the short style
        self._awaits_code = False
        self._restart()

    def _restart(self) -> None:
        """Another frame in the long style begins."""
        self._failing: list[str] = []
        self._columns: tuple[int, int] | None = None
        self._above = ""  # the first line of source
        self._name = ""

    def read(self) -> ParsedException | None:
        """The exception; None where there is none, or nothing of it but a heading."""
        self._pass_frames()
        errors = self._errors()
        if not errors:
            if not self._frames.count:
                return None
            self._bounds.gap(f"the exception itself: the failure breaks off after line {self._lines.number - 1}")
            return ParsedException("", "", frames=self._frames.kept())
        located = self._place_below() if self._failing else self._pass_locals()
        self._pass_recursion()
        return self._exception(errors, located)

    # the frames

    def _pass_frames(self) -> None:
        idle = 0
        while (line := self._lines.peek()) is not None and idle < _MAX_IDLE:
            if is_error(line) or line.rstrip() == HEADER or line.rstrip() in SEPARATORS:
                return
            idle = 0 if self._take(line) else idle + 1
            self._lines.skip()

    def _take(self, line: str) -> bool:
        """Use a line that belongs to a frame; False if it does not."""
        if line.startswith("> "):
            self._failing, self._columns, self._awaits_code = [line[1 : LONGEST_LINE + 1]], None, False
        elif is_frame_separator(line):
            self._restart()
        elif place := self._place(line):
            self._add(place)
        elif line.startswith("    "):
            self._take_source(line[4 : LONGEST_LINE + 4])
        elif line.startswith(".0 = "):
            self._name = "<genexpr>"  # what it iterates over is the only argument of such a name
        else:
            return False
        return True

    def _place(self, line: str) -> Location | None:
        place = location(line)
        if place is None or place.rest is None:
            return None
        if place.rest.startswith("in "):
            return place
        return place if self._failing and (not place.rest or place.rest.isidentifier()) else None

    def _add(self, place: Location) -> None:
        rest = place.rest or ""
        if rest.startswith("in "):
            self._frames.add(Frame(place.file, place.line, rest.removeprefix("in ")))
            self._shown, self._awaits_code = "", True
        else:
            code = _dedented(self._failing)
            columns = self._columns and _moved(self._columns, len(self._failing[0]) - len(self._failing[0].lstrip()))
            if code == _NO_SOURCE:
                code, columns = "", None
            self._frames.add(Frame(place.file, place.line, self._function(), code, columns))
        self._restart()

    def _take_source(self, text: str) -> None:
        if self._failing:
            self._take_failing(text)
        elif self._awaits_code:
            self._shown, self._awaits_code = text if text != _NO_SOURCE else "", False
            self._frames.change_last(code=self._shown)
        elif self._shown and CARETS.match(text):
            self._frames.change_last(columns=columns_marked(self._shown, text, wide=False))
            self._shown = ""
        elif not self._name and text.strip():
            self._take_above(text)

    def _take_failing(self, text: str) -> None:
        """What is shown below the failing line: carets, or the rest of the statement."""
        if len(self._failing) == 1 and not self._columns and CARETS.match(text):
            self._columns = columns_marked(self._failing[0], "   " + text, wide=False)
        elif len(self._failing) < MAX_CODE_LINES:
            self._failing.append("   " + text)
        else:
            self._bounds.leave_out("line{s} of code")

    def _take_above(self, text: str) -> None:
        """Learn the function's name from the source above the failing line."""
        self._above = self._above or text
        if text[0].isspace():
            return
        if definition := _DEFINITION.match(text):
            self._name = definition[1]
        elif not self._above.startswith("@"):
            self._name = "<module>"

    def _function(self) -> str:
        """The function of the frame whose failing line is known; ``""`` where nothing shown tells."""
        failing = self._failing[0][3:]
        indented = failing[:1].isspace()
        if failing.strip() == _NO_SOURCE or (indented and not self._name):
            return ""
        if indented or self._name == "<genexpr>":
            return self._name
        if not self._name and (definition := _DEFINITION.match(failing)):
            return definition[1]
        return "<lambda>" if "lambda" in failing and not self._name else "<module>"

    # the exception itself

    def _errors(self) -> list[str]:
        errors: list[str] = []
        in_line_style = not self._failing and not self._frames.count
        while (line := self._lines.peek()) is not None:
            if not is_error(line) and not (errors and in_line_style and line.startswith("    ")):
                break
            self._lines.skip()
            if len(errors) < MAX_MESSAGE_LINES:
                errors.append(" " + line[1:])
            else:
                self._bounds.leave_out("line{s} of a message")
        return dedented_together(errors)

    def _place_below(self) -> str:
        """Pass over the local variables, to the place of the innermost frame; returns the type that it names."""
        for distance, line in enumerate(islice(self._lines.ahead(), _MAX_IDLE)):
            if is_error(line) or line.startswith("> ") or line.rstrip() in SEPARATORS:
                break
            place = self._place(line)
            if place and not (place.rest or "").startswith("in "):
                self._lines.skip(distance + 1)
                self._add(place)
                return place.rest or ""
        self._bounds.gap(f"the place of the failure: it breaks off after line {self._lines.number - 1}")
        return ""

    def _pass_locals(self) -> str:
        """Pass over the local variables in the short style; no type is named there."""
        count = 0
        for line in islice(self._lines.ahead(), _MAX_IDLE if self._frames.count else 0):
            if not line.startswith(_LOCALS_INDENT):
                break
            count += 1
        self._lines.skip(count)
        return ""

    def _pass_recursion(self) -> None:
        if not (self._lines.peek() or "").startswith(RECURSION):
            return
        self._lines.skip()
        for distance, line in enumerate(self._lines.next_lines(5)):
            if match := SHOWN_OF.match(line):
                self._bounds.leave_out("frame{s} in the middle of a stack", int(match[2]) - 2 * int(match[1]))
                self._lines.skip(distance + 1)
                return
        self._bounds.gap("the frames after the first round of the recursion")

    def _exception(self, errors: list[str], located: str) -> ParsedException:
        if place := frame_in(errors[0]):
            errors = self._add_syntax_error(place, errors[1:])
        type_name, message = type_and_message(errors) if errors else ("", "")
        if located and type_name == "AssertionError" and not errors[0].startswith(type_name):
            type_name = located
        return ParsedException(type_name, self._bounds.cut(message), frames=self._frames.kept())

    def _add_syntax_error(self, place: Frame, below: list[str]) -> list[str]:
        """Keep the place that a SyntaxError names; returns the lines below it."""
        code = [line[4:] for line in below if line.startswith("    ")]
        columns = columns_marked(code[0], code[1], wide=False) if len(code) > 1 and CARETS.match(code[1]) else None
        shown = [line for line in code if not CARETS.match(line)]
        self._frames.add(replace(place, code="\n".join(shown[:MAX_CODE_LINES]), columns=columns))
        return [line for line in below if not line.startswith("    ")]


def _dedented(lines: list[str]) -> str:
    """The lines without the first one's indentation."""
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] if not line[:indent].strip() else line.lstrip() for line in lines).rstrip()


def _moved(columns: tuple[int, int], indent: int) -> tuple[int, int] | None:
    return (columns[0] - indent, columns[1] - indent) if columns[0] >= indent else None
