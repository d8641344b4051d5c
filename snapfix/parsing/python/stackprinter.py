"""Tracebacks of stackprinter.

The layout, from its ``formatting.py`` and ``frame_formatting.py`` (0.2), in its style ``plaintext``; the others add
colours::

    File "/app/cart.py", line 7, in total
        5    def total(cart):
     (...)
    --> 7        return sum(price(item) for item in cart)        a single line is shown without number and arrow
        ..................................................
         cart = [
                 {'name': 'tea'}, ]
        ..................................................

    KeyError: 'price'

    The above exception was the direct cause of the following exception:

A long one is followed by ``---- (full traceback above) ----`` and the same stack in short. With ``reverse=True`` the
exception stands above its frames, the innermost frame first, and the short stack before
``---- (full traceback below) ----``. A SyntaxError names its place in its message. Groups are printed by CPython.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.python.cpython_lines import CARETS, SYNTAX_ERRORS, TYPE, Likeness, columns_marked, likeness
from snapfix.parsing.python.parts import SEPARATORS, Tail, separator, tail_of, wording
from snapfix.parsing.text.bounds import LONGEST_LINE, Bounds, Frames, stood_above
from snapfix.parsing.text.chains import Chain
from snapfix.parsing.text.lines import Cursor, Text
from snapfix.parsing.text.prefixes import wrapper_end

_MARKER = 'File "'
_FRAME = re.compile(r'File "(?P<file>.*)", line (?P<line>\d{1,9}), in (?P<name>.+)$')
_ARROW = re.compile(r"-+> +(?P<line>\d{1,9})(?: +(?P<code>.*))?$")
_OTHER_CODE = re.compile(r" {1,5}\d{1,9}(?:  |$)| \(\.\.\.\)$")
_DOTS = "    " + "." * 50
_ABOVE = "---- (full traceback above) ----"
_BELOW = "---- (full traceback below) ----"
_PLACE = re.compile(r"(?P<message>.*) \((?P<file>[^()]+), line (?P<line>\d{1,9})\)$")
_LONGEST_MESSAGE_ABOVE = 60
"""Lines from an exception that stands above its frames down to them."""
_LOOKED_AT = 40
"""Lines from the first frame on in which something has to be of this layout and no other."""
_MAX_VALUES = 5_000
"""Lines of one frame's values."""


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    position = line.find(_MARKER)
    if position < 0 or len(line) > LONGEST_LINE or not _FRAME.match(line, position):
        return None
    wrapper = min(wrapper_end(line), position)
    return position if not line[wrapper:position].strip() else None


def read(lines: Text) -> Traceback | None:
    """Read the traceback at the cursor; see ``Layout.read``."""
    if not _is_own(lines):
        return None
    cut = any(_is_detail(line) for line in lines.before(2) if line.strip())
    above = 0 if cut else _lines_of_exception_above(lines)
    start = lines.number
    lines.back(above)
    reader = _Reader(lines, reverse=above > 0)
    exception = reader.chain()
    if exception is None:
        lines.skip(start + 1 - lines.number)
        return None
    first_line = start - above
    missing = (stood_above(first_line),) if cut else ()
    return Traceback(
        "python",
        "stackprinter",
        first_line,
        reader.last_line,
        exception,
        following=reader.following,
        missing=(*missing, *reader.bounds.missing),
    )


def _is_own(lines: Text) -> bool:
    """There is an arrow before a numbered line, or a row of dots, before anything that is not of the layout."""
    first, *rest = lines.next_lines(_LOOKED_AT)
    if not _FRAME.match(first):
        return False
    for line in rest:
        if line.rstrip() in (_DOTS, _BELOW) or _ARROW.match(line[:LONGEST_LINE]):
            return True
        if line.strip() and not _FRAME.match(line) and not line.startswith(("    ", " (...)")):
            return False
    return False


def _is_detail(line: str) -> bool:
    return line.rstrip() == _DOTS or any(form.match(line[:LONGEST_LINE]) for form in (_ARROW, _OTHER_CODE))


def _lines_of_exception_above(lines: Text) -> int:
    """How many lines before the first frame say what was raised, where the exception stands above its frames.

    That it does is told by what follows the frames.
    """
    if not _frames_end_without_exception(lines):
        return 0
    before = lines.before(_LONGEST_MESSAGE_ABOVE)
    if len(before) < 2 or before[-1].strip():
        return 0
    best, strength = 0, Likeness.POSSIBLE
    for distance, line in enumerate(reversed(before[:-1]), start=2):
        if not line.strip():
            break
        if likeness(line) > strength:
            best, strength = distance, likeness(line)
    return best


def _frames_end_without_exception(lines: Text) -> bool:
    in_values = False
    for line in islice(lines.ahead(), _MAX_VALUES):
        if line.rstrip() == _DOTS:
            in_values = not in_values
        elif not in_values and line[:1].strip() and not _FRAME.match(line) and not _ARROW.match(line[:LONGEST_LINE]):
            return line.rstrip() != _ABOVE and (
                likeness(line) < Likeness.LIKELY or line.rstrip() in (_BELOW, *SEPARATORS)
            )
    return True


class _Reader:
    """Reads one traceback, whose chain is printed earliest first."""

    def __init__(self, lines: Cursor, *, reverse: bool) -> None:
        self._lines = lines
        self.reverse = reverse
        self.bounds = Bounds()
        self.last_line = lines.number
        self.following: tuple[str, ...] = ()

    def chain(self) -> ParsedException | None:
        """The exceptions up to the reported one."""
        chain = Chain(self.bounds)
        relation: Relation | None = None
        while (exception := self._exception()) is not None:
            relation = separator(self._lines, blank=3)
            chain.add(exception, relation)
            if relation is None:
                break
            self.last_line = self._lines.number - 1
            self._skip_blank()
        if relation is not None:
            self.bounds.gap(f"the exception after line {self.last_line}")
        return chain.root()

    def _exception(self) -> ParsedException | None:
        if not self.reverse:
            return self._summary(self._frames())
        exception = self._summary(Frames(self.bounds))
        if exception is None:
            return None
        self._skip_blank()
        frames = self._frames()
        return replace(exception, frames=(*frames.kept(innermost_first=True), *exception.frames))

    # the frames

    def _frames(self) -> Frames:
        """The frames of the long form, where the stack is printed in short, too."""
        frames = self._stack(Frames(self.bounds))
        line = (self._lines.peek() or "").rstrip()
        if line in (_ABOVE, _BELOW):
            self._skip()
            self._skip_blank()
            again = self._stack(Frames(Bounds() if line == _ABOVE else self.bounds))
            frames = frames if line == _ABOVE else again
        return frames

    def _stack(self, frames: Frames) -> Frames:
        while (line := self._lines.peek()) is not None:
            match = _FRAME.match(line) if len(line) <= LONGEST_LINE else None
            if match:
                self._skip()
                frames.add(Frame(match["file"], int(match["line"]), match["name"]))
                self._single_line(frames)
            elif line.rstrip() == _DOTS:
                self._skip()
                self._values()
            elif arrow := _ARROW.match(line[:LONGEST_LINE]):
                self._skip()
                self._own_line(frames, int(arrow["line"]), (arrow["code"] or "").strip())
            elif line.startswith(("    ", " (...)")) or (not line.strip() and self._goes_on()):
                self._skip()
            else:
                break
        return frames

    def _goes_on(self) -> bool:
        """Behind the empty lines here, the stack has more."""
        following = next((line for line in self._lines.next_lines(4) if line.strip()), "")
        return _FRAME.match(following[:LONGEST_LINE]) is not None or _likely_other(following)

    def _single_line(self, frames: Frames) -> None:
        """The one line of code of a frame that shows no more."""
        line = self._lines.peek() or ""
        if line.startswith("    ") and line.rstrip() != _DOTS and not _OTHER_CODE.match(line[:LONGEST_LINE]):
            self._skip()
            frames.change_last(code=line[4 : 4 + LONGEST_LINE].strip())

    def _own_line(self, frames: Frames, number: int, code: str) -> None:
        end = frames.last or frames.first
        if end and end[-1].lineno == number and self.bounds.affords(len(code)):
            self.bounds.spend(len(code))
            frames.change_last(code=code)

    def _values(self) -> None:
        """Pass over the values between two rows of dots."""
        for passed, line in enumerate(islice(self._lines.ahead(), _MAX_VALUES), start=1):
            if line.rstrip() == _DOTS:
                self._skip(passed)
                return
            if _FRAME.match(line[:LONGEST_LINE]):
                self._skip(passed - 1)
                return

    # the exception itself

    def _summary(self, frames: Frames) -> ParsedException | None:
        self._skip_blank()
        line = self._lines.peek()
        match = TYPE.match(line) if line is not None and likeness(line) > Likeness.NONE else None
        if line is None or match is None:
            if not frames.count:
                return None
            self.bounds.gap(f"the exception itself: the traceback breaks off after line {self.last_line}")
            return ParsedException("", "", frames=frames.kept())
        self._skip()
        opening = line[match.end() :] if match["colon"] else None
        kept = frames.kept()
        if opening and (place := _PLACE.match(opening[:LONGEST_LINE])) and match["type"] in SYNTAX_ERRORS:
            where = self._place(place)
            return ParsedException(match["type"], self.bounds.cut(place["message"]), frames=(*kept, where))
        tail = tail_of(self._lines.ahead(), lambda line: _FRAME.match(line[:LONGEST_LINE]) is not None)
        if self.reverse:
            tail = Tail(_paragraph(tail.lines), True)
        words = wording(match["type"], opening, tail, kept[-1].code if kept else "", noted=False)
        self._skip(words.taken)
        self.following = words.following
        return ParsedException(match["type"], self.bounds.cut(words.message), frames=kept)

    def _place(self, place: re.Match[str]) -> Frame:
        """Where a SyntaxError is, with the line and the caret below its message."""
        code, carets = "", ""
        shown = self._lines.next_lines(2)
        if len(shown) == 2 and shown[0].startswith("    ") and CARETS.match(shown[1][:LONGEST_LINE]):
            code, carets = (line[4 : 4 + LONGEST_LINE] for line in shown)
            self._skip(2)
        columns = columns_marked(code, carets, wide=False) if code else None
        return Frame(place["file"], int(place["line"]), "", code, columns)

    def _skip_blank(self) -> None:
        for line in self._lines.next_lines(3):
            if line.strip():
                break
            self._skip()

    def _skip(self, count: int = 1) -> None:
        if count:
            self._lines.skip(count)
            self.last_line = self._lines.number - 1


def _likely_other(line: str) -> bool:
    return line.rstrip() in (_ABOVE, _BELOW)


def _paragraph(lines: Sequence[str]) -> Sequence[str]:
    """The lines without empty ones at their end."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]
