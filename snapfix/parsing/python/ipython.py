"""Tracebacks of IPython's shell and of Jupyter's kernels.

The layout, from IPython's ``core/ultratb.py`` (7 to 9), in its modes Context and Verbose::

    ---------------------------------------------------------------------------
    KeyError                                  Traceback (most recent call last)
    Cell In[3], line 2                        8.6 and later; 8.0 to 8.5: `Input In [3], in <cell line: 2>()`
          1 cart = load()
    ----> 2 total(cart)
            cart = [{'name': 'tea'}]          Verbose shows values; the next line's number may follow them directly

    File ~/shop/cart.py:7, in total(cart)     7: `~/shop/cart.py in total(cart)`, `<ipython-input-3-0f> in <module>`
          6 try:
    ----> 7     return sum(price(item) for item in cart)
       (...)
        [... skipping similar frames: g at line 2 (987 times)]

    KeyError: 'price'                         then the rest of the message, then (from 9 on) the notes

    The above exception was the direct cause of the following exception:

and in its mode Plain, in which an imported module's SyntaxError is shown in every mode; that of a cell has no header::

    Traceback (most recent call last):
      Cell In[3], line 2
        import cart
      File ~/shop/cart.py:4
        def total(
                 ^
    SyntaxError: '(' was never closed

The mode Minimal prints an exception's line only, which is no traceback. Of the lines around a frame's own only that one
is kept. A cell's code runs in ``<module>``, whatever IPython calls it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.python.cpython_lines import (
    CARETS,
    FRAME_MARKER,
    HEADER,
    SYNTAX_ERRORS,
    TYPE,
    Likeness,
    columns_marked,
    likeness,
)
from snapfix.parsing.python.parts import SEPARATORS, separator, tail_of, wording
from snapfix.parsing.text.bounds import LONGEST_LINE, Bounds, Frames, stood_above
from snapfix.parsing.text.chains import Chain
from snapfix.parsing.text.lines import Cursor, Text
from snapfix.parsing.text.prefixes import wrapper_end

_HEADER = "Traceback (most recent call last)"
_RULE = "-" * 75
_CELLS = ("Cell In[", "Input In [")
_OTHER_PLACES = ("  Cell In[", "  Input In [", FRAME_MARKER)
"""A cell's SyntaxError begins so."""
_TYPED = re.compile(r"(?P<type>[^\W\d][\w.]*) *Traceback \(most recent call last\)$")
_NAME = r"(?P<name>(?:<[^<>]{0,100}>|[\w.])+)(?:\(.*)?"
_FRAME = re.compile(
    r"(?P<indent>  )?(?:"
    r"(?P<cell>(?:Cell|Input) In ?\[[^\]]{0,20}\])(?:, line (?P<cell_line>\d{1,9}))?"
    r"|File (?P<file>(?!\").+?)(?::(?P<line>\d{1,9}))?"
    rf")(?:,? in {_NAME})?$"
)
_OLD_FRAME = re.compile(rf"(?P<file>(?:[~/<]|[A-Za-z]:[\\/]|[\w.]+/).*?) in {_NAME}$")
_ARROW = re.compile(r"-+> (?P<line>\d{1,9})(?: (?P<code>.*))?$")
_NUMBERED = re.compile(r" *\d{1,9}(?: |$)|   \(\.\.\.\)")
_SIMILAR = re.compile(r" +\[\.\.\. skipping similar frames: (?P<what>.{1,500})\]$")
_TIMES = re.compile(r"\((\d{1,9}) times\)")
_REPEATED = re.compile(r"\.\.\. last \d{1,9} frames repeated, from the frame below \.\.\.$")
_CELL_NAME = re.compile(r"<cell line: \d+>$")
_LONGEST_CELL = 500
"""Lines of a cell that is quoted above its traceback."""
_CONTEXT = 12
"""Lines of code around a frame's own, at most, that stand above its arrow."""
_MAX_UNKNOWN = 200
"""Lines of values, and of other output, between two frames."""


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    if len(line) > LONGEST_LINE:
        return None
    text = line.rstrip()
    if text.endswith(_HEADER):
        before = text[: -len(_HEADER)]
        word = before.rstrip().rpartition(" ")[2]
        return before.rfind(word) if word and _TYPED.match(word + _HEADER) else None
    wrapper = wrapper_end(line)
    positions = [line.find(start, wrapper) for start in (*_CELLS, "File ", "<ipython-input-")]
    position = min((position for position in positions if position >= 0), default=-1)
    if position >= 0 and _frame_in(line[position:], old=True):
        return position - 2 if line[max(position - 2, wrapper) : position] == "  " else position
    arrow = line.find("--")
    return arrow if arrow >= 0 and _ARROW.match(line, arrow) else None


def read(lines: Text) -> Traceback | None:
    """Read the traceback at the cursor; see ``Layout.read``."""
    start = _find_start(lines)
    if start is None:
        return None
    lines.back(start.lines_back)
    first_line = lines.number
    reader = _Reader(lines)
    exception = reader.chain()
    if exception is None or (start.headless and not exception.type_name):
        return None
    missing = reader.bounds.missing
    if start.headless and not _is_place_only(exception):
        missing = (stood_above(first_line), *missing)
    return Traceback(
        "python", "ipython", first_line, reader.last_line, exception, following=reader.following, missing=missing
    )


def _is_place_only(exception: ParsedException) -> bool:
    """A SyntaxError of a cell: it has no stack, so that no header was printed."""
    first = next(exception.walk())
    return first.short_name in SYNTAX_ERRORS and not any(frame.name for frame in first.frames)


@dataclass(frozen=True, slots=True)
class _Start:
    """How many lines back the traceback begins, and whether there its header is missing."""

    lines_back: int
    headless: bool = False


@dataclass(frozen=True, slots=True)
class Quoted:
    """What the message of another exception quotes: the traceback, and the lines above it."""

    exception: ParsedException
    above: tuple[str, ...]
    last_line: int
    following: tuple[str, ...]
    missing: tuple[str, ...]


def read_quoted(lines: Cursor) -> Quoted | None:
    """Read the traceback of a cell below the line at which nbclient or papermill says that it failed.

    Above it they quote the cell. None, with the cursor where it was, where the traceback is too far below.
    """
    above: list[str] = []
    for line in islice(lines.ahead(), _LONGEST_CELL):
        if _TYPED.match(line[:LONGEST_LINE].rstrip()) or line.startswith(_OTHER_PLACES):
            break
        above.append(line)
    else:
        return None
    lines.skip(len(above))
    reader = _Reader(lines)
    exception = reader.chain()
    if exception is None:
        return None
    while above and (not above[-1].strip() or above[-1].rstrip() == _RULE):
        above.pop()
    return Quoted(exception, tuple(above), reader.last_line, reader.following, reader.bounds.missing)


def _find_start(lines: Text) -> _Start | None:
    line = (lines.peek() or "").rstrip()
    before = lines.before(_CONTEXT)
    if _TYPED.match(line):
        return _Start(1 if before and before[-1].rstrip() == _RULE else 0)
    back = 0
    if _ARROW.match(line):
        frames = [distance for distance, above in enumerate(reversed(before), start=1) if _frame_in(above, old=True)]
        if not frames:
            return None
        back = frames[0]
        before = before[:-back]
    following = lines.next_lines(4)[1:]
    if not back and not any(map(_is_code, following)):
        return None
    blank = 1 if before and not before[-1].strip() else 0
    above = before[-1 - blank].rstrip() if len(before) > blank else ""
    if above == HEADER or _TYPED.match(above):
        return _Start(back + blank + 1)
    return _Start(back, headless=True)


def _is_code(line: str) -> bool:
    return line.startswith("    ") or _ARROW.match(line) is not None or _NUMBERED.match(line) is not None


def _frame_in(line: str, *, old: bool = False) -> Frame | None:
    """The frame that a line names, still without code; None where it names none.

    ``old`` says that the next line shows that it may be one of IPython 7.
    """
    if len(line) > LONGEST_LINE:
        return None
    match = _FRAME.match(line)
    if match:
        number = match["cell_line"] or match["line"]
        if match["cell"] is None and number is None and match["name"] is None:
            return None
        return Frame(match["cell"] or match["file"], int(number) if number else None, _name(match["name"]))
    match = _OLD_FRAME.match(line) if old else None
    return Frame(match["file"], None, _name(match["name"])) if match else None


def _name(printed: str | None) -> str:
    return "<module>" if printed is None or _CELL_NAME.match(printed) else printed


class _Reader:
    """Reads one traceback, whose chain is printed earliest first."""

    def __init__(self, lines: Cursor) -> None:
        self._lines = lines
        self.bounds = Bounds()
        self.last_line = lines.number
        self.following: tuple[str, ...] = ()

    def chain(self) -> ParsedException | None:
        chain = Chain(self.bounds)
        relation: Relation | None = None
        while (exception := self._exception()) is not None:
            relation = separator(self._lines, blank=1)
            chain.add(exception, relation)
            if relation is None:
                break
            self.last_line = self._lines.number - 1
            if self._lines.peek() == "":
                self._lines.skip()
        if relation is not None:
            self.bounds.gap(f"the exception after line {self.last_line}")
        return chain.root()

    def _exception(self) -> ParsedException | None:
        if (self._lines.peek() or "").rstrip() == _RULE:
            self._skip()
        header = (self._lines.peek() or "").rstrip()
        typed = _TYPED.match(header)
        if typed or header == HEADER:
            self._skip()
        type_name = typed["type"] if typed else ""
        frames = self._frames(type_name)
        line = self._lines.peek()
        if line is None or not self._names_exception(line, type_name, after_blank=True):
            if not frames.count:
                return None
            self.bounds.gap(f"the message: the traceback breaks off after line {self.last_line}")
            return ParsedException(type_name, "", frames=frames.kept())
        return self._summary(frames)

    # the frames

    def _frames(self, type_name: str) -> Frames:
        frames = Frames(self.bounds)
        unknown, blank = 0, True
        while (line := self._lines.peek()) is not None and unknown < _MAX_UNKNOWN:
            frame = _frame_in(line, old=blank and self._shows_numbers())
            if frame is not None:
                self._skip()
                frames.add(frame)
                if _FRAME.match(line) and line.startswith("  "):
                    self._plain_code(frames)
                unknown = 0
            elif self._names_exception(line, type_name, after_blank=blank) or _starts_something_else(line):
                break
            else:
                unknown = 0 if self._detail(line, frames) else unknown + 1
                self._skip()
            blank = not line.strip() or (blank and unknown > 0)
        return frames

    def _shows_numbers(self) -> bool:
        following = self._lines.next_lines(2)[1:]
        return any(not line.strip() or _ARROW.match(line) or _NUMBERED.match(line) for line in following)

    def _detail(self, line: str, frames: Frames) -> bool:
        """What is printed below a frame; False where it is not of the layout's own."""
        if match := _ARROW.match(line[:LONGEST_LINE]):
            self._own_line(int(match["line"]), (match["code"] or "").strip(), frames)
        elif match := _SIMILAR.match(line[:LONGEST_LINE]):
            times = [int(number) for number in _TIMES.findall(match["what"])]
            if len(times) == 1:
                frames.change_last(repeats=times[0])
            else:
                self.bounds.leave_out("frame{s} in the middle of a stack", sum(times))
        elif _REPEATED.match(line[:LONGEST_LINE]):
            self.bounds.gap(f"the frames repeated above line {self._lines.number}")
        else:
            return not line.strip() or _NUMBERED.match(line) is not None
        return True

    def _own_line(self, number: int, code: str, frames: Frames) -> None:
        end = frames.last or frames.first
        if end and not end[-1].code and end[-1].lineno in (None, number) and self.bounds.affords(len(code)):
            self.bounds.spend(len(code))
            frames.change_last(lineno=number, code=code)

    def _plain_code(self, frames: Frames) -> None:
        """The line below a frame of the mode Plain, and the caret of a SyntaxError."""
        line = self._lines.peek() or ""
        if not line.startswith("    ") or not line.strip():
            return
        self._skip()
        code = line[4 : 4 + LONGEST_LINE]
        carets = self._lines.peek() or ""
        if CARETS.match(carets[4 : 4 + LONGEST_LINE]) and carets.startswith("    "):
            self._skip()
            frames.change_last(name="", columns=columns_marked(code, carets[4:], wide=False))
        frames.change_last(code=code)

    # the exception itself

    def _names_exception(self, line: str, type_name: str, *, after_blank: bool) -> bool:
        if line.strip() in SEPARATORS:
            return False
        if type_name:
            return line.rstrip() == type_name or line.startswith(f"{type_name}:")
        strength = likeness(line)
        return strength is Likeness.CERTAIN or (after_blank and strength is Likeness.LIKELY)

    def _summary(self, frames: Frames) -> ParsedException:
        line = self._lines.peek() or ""
        match = TYPE.match(line)
        type_name = match["type"] if match else line.strip()
        opening = line[match.end() :] if match and match["colon"] else None
        self._skip()
        kept = frames.kept()
        tail = tail_of(self._lines.ahead(), _starts_something_else)
        words = wording(type_name, opening, tail, kept[-1].code if kept else "", noted=True)
        if words.taken:
            self._skip(words.taken)
        self.following = words.following
        return ParsedException(type_name, self.bounds.cut(words.message), words.notes, kept)

    def _skip(self, count: int = 1) -> None:
        self._lines.skip(count)
        self.last_line = self._lines.number - 1


def _starts_something_else(line: str) -> bool:
    if not line:
        return False
    text = line.rstrip()
    return (
        text in (_RULE, HEADER)
        or text.startswith(_OTHER_PLACES)
        or (text.endswith(_HEADER) and _TYPED.match(text[:LONGEST_LINE]) is not None)
    )
