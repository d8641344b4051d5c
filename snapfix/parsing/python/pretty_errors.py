"""Tracebacks of pretty_errors.

The layout, from its ``__init__.py`` (1.2), as it is by default and with ``filename_display``, ``line_number_first``,
``display_link``, ``lines_before``, ``display_locals`` and ``exception_above``::

    -------------------------------------------------------------------------------
    shop.py 18 <module>                   or `/app/shop.py 18 <module>`, `18 <module> shop.py`,
    total(load())                         or `/app/shop.py`, and `18 <module>` below it
                                          perhaps a link: `"/app/shop.py", line 18`
    cart.py 9 total
    raise ValueError("the cart is broken")

    cart: [{'name': 'tea'}]               values, if asked for

    ValueError:
    the cart is broken                    each argument on lines of its own, then a SyntaxError's or OSError's file

By default, only the name of a file is printed, not its path. Of several lines of code nothing says which is the
frame's own, but in the style ``mono``, which marks it with ``>``. What was raised in the handling of another exception
stands below a rule of its own, as the next crash would: it is taken for the same one where the function that handled
the first is on the second's stack, too, at another line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.python.cpython_lines import SYNTAX_ERRORS, Likeness, likeness
from snapfix.parsing.python.parts import Tail, tail_of, wording
from snapfix.parsing.text.bounds import LONGEST_LINE, Bounds, Frames
from snapfix.parsing.text.chains import Chain
from snapfix.parsing.text.lines import Cursor, Text

_SHORTEST_RULE = 40
_FILE = r"(?P<file><[^<>]{1,100}>|\S[^\"]{0,1000}\.pyw?|\S*/\S*)"
_NAME = r"(?P<name><[^<>]{1,100}>|\w{1,200})"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_FILE} (?P<line>\d{{1,9}})(?: {_NAME})?$",
        rf"(?P<line>\d{{1,9}}) {_NAME} {_FILE}$",
        rf"(?P<line>\d{{1,9}}) (?P<name>) ?{_FILE}$",
    )
)
_PATH = re.compile(rf"{_FILE}$")
_LINE_AND_NAME = re.compile(rf"(?P<line>\d{{1,9}})(?: {_NAME})?$")
_LINK = re.compile(r'"(?P<file>.+)", line (?P<line>\d{1,9})$')
_TYPE = re.compile(r"(?P<type>[^\W\d][\w.]*)(?P<colon>:)?$")
_ARROW = re.compile(r"-*\^$")
_INFIX = re.compile(r"\W{1,100}$")
_NUMBER = re.compile(r"\d{1,6}$")
_MAX_LINES = 20_000
"""Lines of one exception."""
_MAX_PARAGRAPH = 400


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    if len(line) > LONGEST_LINE:
        return None
    rule = line.rstrip().rstrip("0123456789.")
    start = len(rule.rstrip(rule[-1:]))
    return start if len(rule) - start >= _SHORTEST_RULE else None


def read(lines: Text) -> Traceback | None:
    """Read the traceback at the cursor; see ``Layout.read``."""
    if not _is_followed_by_location(lines.next_lines(6)):
        return None
    first_line = lines.number
    bounds = Bounds()
    chain = Chain(bounds)
    block = _Block(lines, bounds)
    exception = block.read()
    if exception is None:
        return None
    while True:
        lines.skip(block.at)
        following = _next_block(lines, bounds)
        outer = following.read() if following else None
        if outer is None or following is None or not _handled_in(outer, exception):
            break
        chain.add(exception, Relation.CONTEXT)
        exception, block = outer, following
    chain.add(exception, None)
    root = chain.root()
    if root is None:
        return None
    return Traceback(
        "python",
        "pretty_errors",
        first_line,
        lines.number - 1,
        root,
        following=block.following,
        missing=bounds.missing,
    )


def _next_block(lines: Text, bounds: Bounds) -> _Block | None:
    near = lines.next_lines(8)
    blank = next((number for number, line in enumerate(near) if line.strip()), len(near))
    if blank > 2 or begins(near[blank] if blank < len(near) else "") != 0:
        return None
    if not _is_followed_by_location(near[blank:]):
        return None
    return _Block(lines, bounds)


def _handled_in(outer: ParsedException, inner: ParsedException) -> bool:
    """The function in which ``inner`` was caught is on the stack of ``outer``, at a later place."""
    if not inner.frames:
        return False
    first = inner.frames[0]
    return any(
        (frame.filename, frame.name) == (first.filename, first.name) and frame.lineno != first.lineno
        for frame in outer.frames
    )


def _is_followed_by_location(lines: Sequence[str]) -> bool:
    texts = [line for line in lines[1:] if line.strip()][:2]
    if not texts:
        return False
    if _TYPE.match(texts[0]) and likeness(texts[0]) >= Likeness.LIKELY:
        return True  # the exception stands above the frames
    return _location(texts) is not None


@dataclass(frozen=True, slots=True)
class _Location:
    """A frame without code, and the number of lines that name it."""

    frame: Frame
    taken: int


def _location(lines: Sequence[str]) -> _Location | None:
    first = lines[0][:LONGEST_LINE].rstrip()
    for form in _FORMS:
        if match := form.match(first):
            return _Location(Frame(match["file"], int(match["line"]), match["name"] or ""), 1)
    if len(lines) > 1 and (path := _PATH.match(first)) and (rest := _LINE_AND_NAME.match(lines[1][:LONGEST_LINE])):
        return _Location(Frame(path["file"], int(rest["line"]), rest["name"] or ""), 2)
    return None


class _Block:
    """Reads one exception from the lines ahead, of which the first is the rule above it, without moving the cursor."""

    def __init__(self, lines: Cursor, bounds: Bounds) -> None:
        self._ahead = islice(lines.ahead(), _MAX_LINES)
        self._lines: list[str] = []
        self._bounds = bounds
        self.at = 0
        self._values = 0
        self.following: tuple[str, ...] = ()

    def read(self) -> ParsedException | None:
        """The exception; ``at`` is then the number of lines that it takes."""
        while self._has(self.at) and (begins(self._lines[self.at]) is not None or not self._text()):
            self.at += 1
        above = self._exception(Frames(self._bounds)) if self._names_exception() else None
        frames = self._frames()
        if above is not None:
            return replace(above, frames=(*frames.kept(), *above.frames)) if frames.count else None
        if self._names_exception():
            return self._exception(frames)
        if frames.count < 2:
            return None
        self._bounds.gap("the exception itself: the traceback breaks off after its frames")
        return ParsedException("", "", frames=frames.kept())

    def _has(self, position: int) -> bool:
        while len(self._lines) <= position and (line := next(self._ahead, None)) is not None:
            self._lines.append(line)
        return position < len(self._lines)

    def _text(self, further: int = 0) -> str:
        """The current line, or one further below; "" where there is none."""
        return self._lines[self.at + further].rstrip() if self._has(self.at + further) else ""

    def _rest(self) -> Iterator[str]:
        position = self.at
        while self._has(position):
            yield self._lines[position]
            position += 1

    # the frames

    def _frames(self) -> Frames:
        frames = Frames(self._bounds)
        while self._has(self.at) and not self._names_exception():
            located = _location([self._text(), self._text(1)])
            if located:
                self._values = 0
                self.at += located.taken
                self._code(frames, located.frame)
            elif not self._passes_over(frames):
                break
        return frames

    def _code(self, frames: Frames, frame: Frame) -> None:
        if (link := _LINK.match(self._text()[:LONGEST_LINE])) and int(link["line"]) == frame.lineno:
            frame = replace(frame, filename=link["file"])
            self.at += 1
        shown: list[str] = []
        while self._text() and len(shown) < _MAX_PARAGRAPH and not self._names_exception():
            if not _ARROW.match(self._text()):
                shown.append(self._text())
            self.at += 1
        marked = [line[2:] for line in shown if line.startswith("> ") or line == ">"]
        code = marked if len(marked) == 1 else shown
        frames.add(replace(frame, code=code[0].strip()[:LONGEST_LINE] if len(code) == 1 else ""))

    def _passes_over(self, frames: Frames) -> bool:
        """Skip an empty line, what is set between frames, or a paragraph of values."""
        start = self.at
        if not self._text() or _INFIX.match(self._text()):
            self.at += 1
        elif frames.count and not self._values:
            self._values += 1
            while self._text() and self.at - start < _MAX_PARAGRAPH:
                self.at += 1
        return self.at > start and begins(self._lines[start]) is None

    # the exception itself

    def _names_exception(self) -> bool:
        match = _TYPE.match(self._text()[:LONGEST_LINE])
        if match is None or (self.at and self._lines[self.at - 1].strip() and begins(self._lines[self.at - 1]) is None):
            return False
        return likeness(self._text()) >= (Likeness.LIKELY if match["colon"] else Likeness.CERTAIN)

    def _exception(self, frames: Frames) -> ParsedException:
        type_name = self._text().rstrip(":")
        said = self._text().endswith(":")
        self.at += 1
        kept = frames.kept()
        if not said or not self._has(self.at):
            return ParsedException(type_name, "", frames=kept)
        opening, below = self._text(), self._text(1)
        self.at += 1
        place = kept[-1] if kept and not kept[-1].name else None
        if type_name.endswith(SYNTAX_ERRORS) and place and below.endswith(place.filename):
            self.at += 1
            kept = (*kept[:-1], replace(place, filename=below))
            return ParsedException(type_name, self._bounds.cut(opening), frames=kept)
        if _NUMBER.match(opening) and below:
            return ParsedException(type_name, self._system_error(opening), frames=kept)
        tail = tail_of(self._rest(), lambda line: begins(line) is not None or _location([line]) is not None)
        words = wording(type_name, opening, Tail(tail.lines, False), kept[-1].code if kept else "", noted=False)
        self.at += words.taken
        self.following = words.following
        return ParsedException(type_name, self._bounds.cut(words.message), frames=kept)

    def _system_error(self, number: str) -> str:
        """The arguments of an OSError, as it says them itself: its number, what that means, and a file."""
        text, file = self._text(), self._text(1)
        named = f": {file!r}" if file and begins(file) is None else ""
        self.at += 2 if named else 1
        return self._bounds.cut(f"[Errno {number}] {text}{named}")
