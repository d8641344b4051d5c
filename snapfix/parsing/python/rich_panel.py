"""Tracebacks in the boxes that Rich draws, and Typer with it.

The layout, from Rich's ``traceback.py`` (10 to 15)::

    ╭─────────── Traceback (most recent call last) ────────────╮   on a terminal without these characters `+--` and `|`
    │ /app/shop.py:11 in <module>                              │   a long path goes on in the next line
    │                                                          │
    │   10 if __name__ == "__main__":                          │
    │ ❱ 11 │   run([1,2])                                      │   `>` on old Windows; what is too long is cut off
    │                                                          │
    │ ╭──────────── locals ─────────────╮                      │   or to the right of the code, where there is room
    │ │ sys = <module 'sys' (built-in)> │                      │
    │ ╰─────────────────────────────────╯                      │
    │ in <module>:1                                            │   code that is in no file
    │                 ... 7 frames hidden ...                  │
    ╰──────────────────────────────────────────────────────────╯
    ╭──────────────────────────────────────────────────────────╮   the place of a SyntaxError
    │  /app/cart.py:1                                          │
    │ def f(:                                                  │
    │       ▲                                                  │
    ╰──────────────────────────────────────────────────────────╯
    SyntaxError: invalid syntax                                    broken between words where it is too long
    [NOTE] what was added with `add_note`

    ╭──────────────────── Sub-exception #1 ────────────────────╮   a group's members, each with its own boxes inside
    │ ValueError: never raised                                 │
    ╰──────────────────────────────────────────────────────────╯

Chains are CPython's: the earliest first, with its sentences between them. A line of code that reaches the box's edge
was cut, and is left out, unless its rest is in the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from unicodedata import east_asian_width

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.python.cpython_lines import TYPE
from snapfix.parsing.python.parts import SEPARATORS, Tail, tail_of, wording
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_MESSAGE, MAX_MESSAGE_LINES, Bounds, Frames, stood_above
from snapfix.parsing.text.chains import Chain
from snapfix.parsing.text.lines import Cursor, Section, Text

_TITLE = "Traceback (most rec"
_MEMBER = "Sub-exception #"
_NOTE = "[NOTE] "
_TOP = re.compile(r"(?:[╭┌][─ ]|\+[- ])(?P<title>.*)(?:[─ ][╮┐]|[- ]\+) *$")
_BOTTOM = re.compile(r"(?:[╰└]─+[╯┘]|\+-+\+) *$")
_SIDES = "│|"
_CODE = re.compile(r"(?:(?P<own>❱|>|\\u2771) | {2}) *(?P<line>\d{1,9})(?: (?P<code>.*))?$")
_POINTER = re.compile(r"(?:│ )?❱ +\d")
_GUIDES = re.compile(r"(?:│   )+")
_FRAME = re.compile(r"(?P<file>.+):(?P<line>\d{1,9}) in (?P<name>\S.*)$")
_NO_FILE = re.compile(r"in (?P<name>\S.*):(?P<line>\d{1,9})$")
_PLACE = re.compile(r" ?(?P<file>\S.*):(?P<line>\d{1,9})$")
_HIDDEN = re.compile(r" *\.\.\. (\d{1,9}) frames hidden \.\.\.$")
_LOCALS = re.compile(r"[╭┌+][─-]+ locals [─-]+[╮┐+]")
_BORDERS = "╭┌╰└+│|"
_POINTED = ("▲", "\\u25b2")
_SIDES_WIDTH = 4
"""Columns that the sides of a box take, with the blanks beside them."""
_FULL_WIDTH = 100
"""Columns: a box is no wider unless it is told to; the lines below it may be."""
_CODE_WIDTH = 88
_LOST_AT_EDGE = 2
"""Blanks at the end of a line that was cut, which are not told from those after it."""
_LONGEST_PLACE = 20
"""Lines into which a long path may have been broken."""
_DEEPEST = 10
_LOOK_BACK = 60
_MAX_NOTES = 100
_MAX_MEMBERS = 200


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    if len(line) > LONGEST_LINE:
        return None
    title = line.find(_TITLE)
    if title < 0:
        position = line.find("│ ❱ ")
        return position if position >= 0 and _POINTER.match(line, position) else None
    position = max(line.rfind(corner, 0, title) for corner in "╭┌+")
    return position if position >= 0 and _TOP.match(line, position) else None


def read(lines: Text) -> Traceback | None:
    """Read the traceback at the cursor; see ``Layout.read``."""
    headless = _TITLE not in (lines.peek() or "")
    if headless:
        lines.back(_lines_inside(lines))
    first_line = lines.number
    reader = _Reader(lines)
    exception = reader.chain(lines, headless=headless)
    if exception is None or (headless and not exception.type_name):
        return None
    missing = reader.bounds.missing
    if headless:
        missing = (stood_above(first_line), *missing)
    return Traceback(
        "python", "rich", first_line, lines.number - 1, exception, following=reader.following, missing=missing
    )


def _lines_inside(lines: Text) -> int:
    """How many lines before the current one are in the same box, from the first that names a frame on."""
    found = 0
    for distance, line in enumerate(reversed(lines.before(_LOOK_BACK)), start=1):
        inside = _content(line)
        if inside is None:
            break
        if _FRAME.match(inside) or _NO_FILE.match(inside):
            found = distance
    return found


def _content(line: str) -> str | None:
    """What stands between the sides of a box; None where the line is not one of a box."""
    if line[:1] not in tuple(_SIDES) or not line:
        return None
    text = line[1:].rstrip()
    if text[-1:] in tuple(_SIDES):
        text = text[:-1].rstrip()
    return text.removeprefix(" ")


def _cells(text: str) -> int:
    """Columns that a terminal needs: a wide character (CJK, emoji) takes two."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _first_cells(text: str, columns: int) -> str:
    if text.isascii():
        return text[:columns]
    width = 0
    for position, character in enumerate(text):
        width += 2 if east_asian_width(character) in "WF" else 1
        if width > columns:
            return text[:position]
    return text


@dataclass(frozen=True, slots=True)
class _Box:
    """A box whose top border was read: its title, and the columns between its sides."""

    title: str
    width: int


def _box_at(line: str | None) -> _Box | None:
    match = _TOP.match(line[:LONGEST_LINE]) if line and line[0] in "╭┌+" else None
    return _Box(match["title"].strip("─- "), len(match[0].rstrip()) - _SIDES_WIDTH) if match else None


_Paragraph = tuple[str, int]
"""A line as it was before it was broken between words, and the number of lines that it takes."""


class _Reader:
    """Reads a chain of exceptions, each with its boxes.

    ``width`` is, throughout, the columns that the lines around the boxes may take; ``depth`` the boxes of groups
    that they are in.
    """

    def __init__(self, lines: Cursor) -> None:
        self.bounds = Bounds()
        self.following: tuple[str, ...] = ()
        self._text = lines
        self._width = _FULL_WIDTH

    def chain(self, lines: Cursor, *, headless: bool = False, depth: int = 0, width: int = 0) -> ParsedException | None:
        """The exceptions up to the reported one."""
        chain = Chain(self.bounds)
        relation: Relation | None = None
        while (exception := self._exception(lines, headless, depth, width)) is not None:
            headless = False
            relation = _separator(lines, width or self._width)
            chain.add(exception, relation)
            if relation is None:
                break
        if relation is not None:
            self.bounds.gap(f"the exception after line {self._text.number - 1}")
        return chain.root()

    def _exception(self, lines: Cursor, headless: bool, depth: int, width: int) -> ParsedException | None:
        frames = Frames(self.bounds)
        boxed = headless
        box = _box_at(lines.peek())
        if box and box.title.startswith(_TITLE):
            boxed = True
            lines.skip()
        if boxed:
            _Stack(Section(lines, _content), box.width if box else 0, self.bounds).read(frames)
            _close(lines)
        if headless and not frames.count:
            return None
        place = _box_at(lines.peek())
        if place and not place.title:
            boxed = True
            lines.skip()
            self._place(Section(lines, _content), frames)
            _close(lines)
        if not boxed and not depth:
            return None
        if shown := box or place:
            self._width = shown.width + _SIDES_WIDTH
        return self._summary(lines, frames, depth, width or self._width)

    def _place(self, lines: Cursor, frames: Frames) -> None:
        """What a SyntaxError says about where it is."""
        shown = lines.next_lines(_LONGEST_PLACE + 2)
        lines.skip(len(shown))
        pointed = next((number for number, line in enumerate(shown) if line.strip() in _POINTED), 0)
        match = _PLACE.match("".join(line.strip() for line in shown[: max(pointed - 1, 0)]))
        if not pointed:
            return
        column = len(shown[pointed]) - len(shown[pointed].lstrip())
        code = shown[pointed - 1]
        file, line = (match["file"], int(match["line"])) if match else ("", None)
        frames.add(Frame(file, line, "", code, (column, column + 1) if column < len(code) else None))

    # the exception itself

    def _summary(self, lines: Cursor, frames: Frames, depth: int, width: int) -> ParsedException | None:
        text, taken = next(_paragraphs(lines, width, inside=depth > 0), ("", 0))
        match = TYPE.match(text)
        if match is None or not (match["colon"] or match.end() == len(text.rstrip())):
            if not frames.count:
                return None
            self.bounds.gap(f"the exception itself: the traceback breaks off after line {self._text.number - 1}")
            return ParsedException("", "", frames=frames.kept())
        kept = frames.kept()
        lines.skip(taken)
        tail, counts = _tail(lines, depth, width)
        opening = text[match.end() :] if match["colon"] else None
        words = wording(match["type"], opening, tail, kept[-1].code if kept else "", noted=False)
        lines.skip(sum(counts[: words.taken]))
        notes = self._notes(lines, depth, width)
        members = self._members(lines, depth)
        self.following = () if notes or members else words.following
        return ParsedException(match["type"], self.bounds.cut(words.message), notes, kept, linked=members)

    def _notes(self, lines: Cursor, depth: int, width: int) -> tuple[str, ...]:
        notes: list[str] = []
        while (lines.peek() or "").startswith(_NOTE) and len(notes) < _MAX_NOTES:
            text, taken = next(_paragraphs(lines, width, inside=depth > 0))
            lines.skip(taken)
            tail, counts = _tail(lines, depth, width)
            more = len(tail.lines) if tail.exact else 0
            lines.skip(sum(counts[:more]))
            notes.append(self.bounds.cut("\n".join([text.removeprefix(_NOTE), *tail.lines[:more]])))
        return tuple(notes)

    def _members(self, lines: Cursor, depth: int) -> tuple[ParsedException, ...]:
        members: list[ParsedException] = []
        while (found := _member_at(lines)) is not None:
            blank, box = found
            lines.skip(blank + 1)
            inside = Section(lines, _content)
            member = self.chain(inside, depth=depth + 1, width=box.width) if depth < _DEEPEST else None
            while inside.peek() is not None:
                inside.skip()
            _close(lines)
            if member is None or len(members) == _MAX_MEMBERS:
                self.bounds.leave_out("exception{s} of a group")
            else:
                members.append(replace(member, relation=Relation.MEMBER))
        return tuple(members)


def _close(lines: Cursor) -> None:
    if _BOTTOM.match((lines.peek() or "")[:LONGEST_LINE]):
        lines.skip()


def _member_at(lines: Cursor) -> tuple[int, _Box] | None:
    """The box of a group's member, and the number of empty lines before it."""
    for blank, line in enumerate(lines.next_lines(2)):
        box = _box_at(line)
        if box is not None:
            return (blank, box) if box.title.startswith(_MEMBER) else None
        if line.strip():
            return None
    return None


def _separator(lines: Cursor, width: int) -> Relation | None:
    passed = 0
    for text, taken in islice(_paragraphs(lines, width, inside=True), 3):
        passed += taken
        relation = SEPARATORS.get(text.strip())
        if relation is not None:
            lines.skip(passed)
            if (blank := lines.peek()) is not None and not blank.strip():
                lines.skip()
            return relation
        if text.strip():
            return None
    return None


def _tail(lines: Cursor, depth: int, width: int) -> tuple[Tail, list[int]]:
    """What follows the first line of a message or a note, and how many lines each of it takes."""
    counts: list[int] = []

    def texts() -> Iterator[str]:
        for text, taken in _paragraphs(lines, width, inside=depth > 0):
            counts.append(taken)
            yield text

    tail = tail_of(texts(), _starts_something_else)
    after = lines.next_lines(sum(counts[: len(tail.lines)]) + 2)[sum(counts[: len(tail.lines)]) :]
    ended = any(line.startswith(_NOTE) or _is_member(line) for line in after)
    if depth or ended:
        kept = list(tail.lines)
        while kept and not kept[-1].strip():
            kept.pop()
        tail = Tail(kept, True)
    return tail, counts


def _is_member(line: str) -> bool:
    box = _box_at(line)
    return box is not None and box.title.startswith(_MEMBER)


def _starts_something_else(line: str) -> bool:
    return line.startswith(_NOTE) or _box_at(line) is not None


def _paragraphs(lines: Cursor, width: int, *, inside: bool) -> Iterator[_Paragraph]:
    """The lines, put together where they were broken between words.

    Below a box that fills the terminal, its ``width`` is what a line may take. A line that was broken ends with the
    blank that stood there, unless it is filled up with blanks, as it is in a table.
    """
    exact = inside or width < _FULL_WIDTH
    parts: list[str] = []
    for line in lines.ahead():
        if parts and not _was_broken(parts[-1], line, width, exact=exact):
            yield _joined(parts, width), len(parts)
            parts = []
        parts.append(line[:MAX_MESSAGE])
        if len(parts) == MAX_MESSAGE_LINES:
            break
    if parts:
        yield _joined(parts, width), len(parts)


def _was_broken(line: str, following: str, width: int, *, exact: bool) -> bool:
    text = line.rstrip()
    if not text or not following.strip() or following[0].isspace() or following.startswith(_NOTE):
        return False
    if text[0] in _BORDERS or following[0] in _BORDERS:
        return False
    columns = _cells(text)
    if columns == width and exact:
        return True
    if columns > width and exact:
        return False
    fits = columns + 1 + _cells(following.split(None, 1)[0]) <= width
    return not fits and (exact or line == text + " ")


def _joined(parts: list[str], width: int) -> str:
    result = parts[0].rstrip()
    for before, part in pairwise(parts):
        result += _joint(before.rstrip(), part, width) + part.rstrip()
    return result


def _joint(before: str, after: str, width: int) -> str:
    """What stood where a line was broken: nothing in the middle of a word that is longer than a line."""
    if _cells(before) < width:
        return " "
    word = before.rpartition(" ")[2] + after.partition(" ")[0]
    return "" if after.startswith(" ") or _cells(word) > width else " "


class _Stack:
    """Reads the frames in a box; the lines come without its sides, of which the inner distance is ``width``."""

    def __init__(self, lines: Cursor, width: int, bounds: Bounds) -> None:
        self._lines = lines
        self._width = width
        self._bounds = bounds
        self._place = ""
        self._end_of_place = ""
        self._cut = ""
        self._locals_at: int | None = None

    def read(self, frames: Frames) -> None:
        """Keep every frame of the box."""
        while (line := self._lines.peek()) is not None:
            self._lines.skip()
            self._line(line[:LONGEST_LINE], frames)
        self._flush(frames)

    def _line(self, line: str, frames: Frames) -> None:
        if line[:1] in _BORDERS and line:
            return  # the values of names
        if (code := _CODE.match(self._left_of_locals(line))) is not None:
            self._flush(frames)
            self._cut = ""
            if code["own"]:
                self._own_line(code, frames)
        elif (hidden := _HIDDEN.match(line)) is not None:
            self._flush(frames)
            self._bounds.leave_out("frame{s} in the middle of a stack", int(hidden[1]))
        elif not line.strip() or (line[0] == " " and not self._place):
            self._flush(frames)
            self._more_of_code(line.strip(), frames)
        else:
            self._more_of_place(line, frames)

    def _more_of_place(self, line: str, frames: Frames) -> None:
        """A line that names a frame, or goes on doing so."""
        if _cells(self._end_of_place) < self._width and _frame_in(self._place):
            self._flush(frames)
        joint = _joint(self._end_of_place, line, self._width) if self._place else ""
        self._place = f"{self._place}{joint}{line}"[:LONGEST_LINE]
        self._end_of_place = line

    def _flush(self, frames: Frames) -> None:
        frame = _frame_in(self._place)
        if frame is not None:
            frames.add(frame)
        self._place = self._end_of_place = ""

    def _own_line(self, code: re.Match[str], frames: Frames) -> None:
        end = frames.last or frames.first
        if not end or end[-1].lineno != int(code["line"]) or end[-1].code:
            return
        room = (self._width if self._locals_at is None else self._locals_at) - _LOST_AT_EDGE
        text = _GUIDES.sub("", code["code"] or "", count=1).strip()
        if not self._bounds.affords(len(text)):
            return
        self._bounds.spend(len(text))
        if _cells(code["code"] or "") >= _CODE_WIDTH or _cells(code[0]) >= room > 0:
            self._cut = text
        else:
            frames.change_last(code=text)

    def _more_of_code(self, text: str, frames: Frames) -> None:
        """The rest of a frame's line, where it is broken rather than cut, as Typer has it."""
        if self._cut and text:
            self._cut = f"{self._cut} {text}"[:LONGEST_LINE]
            frames.change_last(code=self._cut)

    def _left_of_locals(self, line: str) -> str:
        """The line without the values that stand to its right."""
        box = _LOCALS.search(line)
        if box and box.start():
            self._locals_at = _cells(line[: box.start()])
        if self._locals_at is None:
            return line
        left = _first_cells(line, self._locals_at)
        right = line[len(left) :].strip()
        if right[:1] not in _BORDERS or not right:
            self._locals_at = None
            return line
        if right[0] not in _SIDES and not box:
            self._locals_at = None
        return left.rstrip()


def _frame_in(place: str) -> Frame | None:
    match = _FRAME.match(place) or _NO_FILE.match(place)
    if match is None:
        return None
    file = match["file"] if match.re is _FRAME else ""
    return Frame(file, int(match["line"]), match["name"])
