"""Failures of a Vitest run.

The layout, from Vitest's ``printError`` and its default reporter (1 to 4)::

     FAIL  cart.test.ts > cart > total of nothing              one line for each test that failed so
    TypeError: Cannot read properties of undefined             the rest of the message follows, then a difference

    - Expected
    + Received

     ❯ Cart.total src/cart.ts:2:21                             innermost first
          1| function total(cart) {
          2|   return cart.items.reduce((sum, item) => sum);
           |                     ^
     ❯ cart.test.ts:4:34

    Caused by: RangeError: no price
     ❯ total src/cart.ts:2:15

    ⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/7]⎯

An error that no test waited for stands below ``⎯⎯⎯⎯ Unhandled Rejection ⎯⎯⎯⎯`` in the place of ``FAIL``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.parsing.javascript.node_lines import ANONYMOUS, header_in, place_in
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_MESSAGE_LINES, Bounds, Frames
from snapfix.parsing.text.chains import Causes
from snapfix.parsing.text.indentation import indentation
from snapfix.parsing.text.lines import Cursor, Text
from snapfix.parsing.text.prefixes import wrapper_end

_TITLE = re.compile(r" FAIL  \S|⎯+ Unhandled (?:Rejection|Error|Exception)s? ⎯")
_FRAME = re.compile(r" ❯ (?:(?P<name>\S.{0,300}?) )?(?P<place>[^\s].{0,2000}:\d{1,9}:\d{1,9})$")
_CODE = re.compile(r"\s+(?P<line>\d{1,9})\|(?: (?P<code>.*))?$")
_CARETS = re.compile(r"\s+\|(?P<carets>\s+\^+)\s*$")
_END = "⎯⎯⎯"
_MAX_TITLES = 50
"""Tests that failed with the same error."""
_CAUSED_BY = "Caused by: "
_UNKNOWN = "Unknown Error"


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    wrapper = wrapper_end(line)
    return next((at for at in (wrapper, max(wrapper - 1, 0)) if _TITLE.match(line, at)), None)


def read(lines: Text) -> Traceback | None:
    """Read the failure at the cursor; see ``Layout.read``."""
    first_line = lines.number
    shown = lines.next_lines(_MAX_TITLES + 1)
    titles = next((n for n, line in enumerate(shown) if not _TITLE.match(line)), len(shown))
    named = shown[titles] if titles < len(shown) else ""
    if header_in(named) is None and not named.startswith(_UNKNOWN):
        return None
    lines.skip(titles)
    reader = _Reader(lines)
    exception = reader.chain()
    return Traceback("javascript", "vitest", first_line, reader.last_line, exception, missing=reader.bounds.missing)


class _Reader:
    """Reads an error and its causes."""

    def __init__(self, lines: Cursor) -> None:
        self._lines = lines
        self.bounds = Bounds()
        self.last_line = lines.number

    def chain(self) -> ParsedException:
        """The error that failed the test, and its causes."""
        causes = Causes(self.bounds)
        causes.add(self._error(self._lines.peek() or ""))
        while (line := self._after_blank()) is not None and line.startswith(_CAUSED_BY):
            causes.add(self._error(line.removeprefix(_CAUSED_BY)))
        exception = causes.linked()
        assert exception is not None
        return exception

    def _error(self, text: str) -> ParsedException:
        header = header_in(text)
        if header is None:
            type_name, _, message = text.partition(": ")
        else:
            type_name, message = header.type_name, header.message
        self._skip()
        count = self._lines_of_message()
        below = self._lines.next_lines(count)
        self._skip(count)
        frames = self._frames()
        return ParsedException(
            type_name,
            self.bounds.cut("\n".join([message, *below]).rstrip()),
            notes=header.notes if header else (),
            frames=frames.kept(innermost_first=True),
        )

    def _lines_of_message(self) -> int:
        """The lines up to the first frame, a cause, or what ends the failure."""
        count = 0
        for line in islice(self._lines.ahead(), MAX_MESSAGE_LINES):
            if _frame_in(line) or line.startswith((_CAUSED_BY, _END)) or _TITLE.match(line):
                break
            count += 1
        return count

    def _frames(self) -> Frames:
        frames = Frames(self.bounds)
        code: dict[int, tuple[str, int]] = {}
        last: Frame | None = None
        while (line := self._lines.peek()) is not None:
            frame = _frame_in(line)
            match = _CODE.match(line[:LONGEST_LINE])
            carets = _CARETS.match(line[:LONGEST_LINE])
            if frame is not None:
                frames.add(frame)
                last, code = frame, {}
            elif match and last:
                text = match["code"] or ""
                code[int(match["line"])] = (text.strip(), indentation(text) + 1)
                if int(match["line"]) == last.lineno:
                    frames.change_last(code=text.strip())
            elif carets and last and last.lineno in code:
                margin = code[last.lineno][1]
                start = len(carets["carets"]) - len(carets["carets"].lstrip()) - margin
                frames.change_last(columns=(start, len(carets["carets"]) - margin))
            else:
                break
            self._skip()
        return frames

    def _after_blank(self) -> str | None:
        """The current line, or the one below an empty one, to which the cursor moves if it is a cause."""
        following = self._lines.next_lines(2)
        if len(following) == 2 and not following[0].strip() and following[1].startswith(_CAUSED_BY):
            self._lines.skip()
        return self._lines.peek()

    def _skip(self, count: int = 1) -> None:
        if count:
            self._lines.skip(count)
            self.last_line = self._lines.number - 1


def _frame_in(line: str) -> Frame | None:
    match = _FRAME.match(line) if len(line) <= LONGEST_LINE else None
    if match is None:
        return None
    frame = place_in(match["place"], match["name"] or ANONYMOUS)
    return replace(frame, name=match["name"] or ANONYMOUS) if frame else None
