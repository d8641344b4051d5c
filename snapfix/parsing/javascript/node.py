r"""Errors as Node.js, Deno, Chrome and all else that runs V8 prints them; compiled TypeScript, too.

The layout, from Node's ``lib/internal/util/inspect.js`` and ``src/node_errors.cc`` (12 to 24)::

    /home/ada/shop/app.js:8                       the place: only above the error that ended the process
        throw new TypeError('closed', { cause });
              ^

    TypeError [ERR_CLOSED]: the shop is closed    the rest of the message follows
        at Cart.total (/home/ada/shop/app.js:8:11)                       innermost first
        at async file:///home/ada/shop/main.mjs:3:1
        ... 4 lines matching cause stack trace ...
        at node:internal/main/run_main_module:28:49 {
      code: 'ERR_CLOSED',                         properties; read as notes
      [cause]: Error: ENOENT: no such file        an error among them: indented, with properties of its own
          at load (/home/ada/shop/app.js:3:30),
      [errors]: [                                 of an AggregateError
        [RangeError: a pear],                     brackets: it has no stack
        RangeError: a plum
            at price (/home/ada/shop/app.js:1:48)
      ]
    }
    Emitted 'error' event on Socket instance at:  read as a note
        at emitErrorNT (node:internal/streams/destroy:169:8)

    Node.js v20.20.2

Any text may stand before the name (``console.error('failed:', error)``), and everything may be indented. The frames
that an error shares with its cause are read from the cause. What is thrown but no error (``throw 42``) is read as
``Uncaught`` with the value as its message: Node prints no name for it.

A ``SyntaxError`` has no frame of its own: the place is, without a function. Warnings and ``console.trace`` print
stacks, too, but are no errors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.javascript.node_lines import (
    Header,
    Likeness,
    frame_in,
    header_in,
    not_shown,
    original_in,
)
from snapfix.parsing.javascript.node_start import (
    HINT,
    THROWN_AT,
    VERSION,
    Start,
    above_frame,
    above_version,
    below_place,
)
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_MESSAGE_LINES, Bounds, Frames, stood_above
from snapfix.parsing.text.chains import Causes
from snapfix.parsing.text.comments import is_comment
from snapfix.parsing.text.indentation import dedented, indentation
from snapfix.parsing.text.lines import Cursor, Text
from snapfix.parsing.text.prefixes import wrapper_end

_AT = "    at "
_BRACKETED = re.compile(r"\[(?:Aggregate)?Error: ")
_LANGUAGE, _FORMAT = "javascript", "node"
_MAX_DEPTH = 12
_MAX_MEMBERS = 1_000
_MAX_NOTE_LINES = 20
_MAX_NOTES = 40
_BETWEEN = 40
"""Lines that the message of an error among properties may have."""
_PROPERTY = re.compile(r"(?P<key>\[?[\w$]{1,200}\]?|'[^']{1,200}'|\[Symbol\([^)]{0,200}\)\]): (?P<value>.*)$")
_BRACKETS = re.compile(r"\[(?P<header>.*)\](?P<opened> \{)?,?$", re.DOTALL)
_CAUSED_BY = re.compile(r"\s*[Cc]aused by: (?=\S)")
_EMITTED = re.compile(r"Emitted '[^']{1,200}' event (?:on \S{1,200} instance )?at:$")
_PARTIAL = re.compile(r"\s+at \S.*$")


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    wrapper = wrapper_end(line)
    if line.startswith(VERSION, wrapper):
        return wrapper if line[wrapper + len(VERSION) :][:1].isdigit() else None
    at = line.rfind(_AT)
    if at >= 0 and len(line) <= LONGEST_LINE and frame_in(_bare(line[at:])) and not is_comment(line[:at]):
        return max(len(line[:at].rstrip()), wrapper)
    return wrapper if _BRACKETED.search(line, wrapper) and line.rstrip().endswith("] {") else None


def read(lines: Text) -> Traceback | None:
    """Read the error at the cursor; see ``Layout.read``."""
    line = lines.peek() or ""
    if line.startswith(VERSION):
        start = above_version(lines)
    elif frame_in(_bare(line)):
        start = above_frame(lines)
    else:
        start = _bracketed_start(lines, line)
    if start is None:
        _skip_stack(lines)
        return None
    lines.back(start.lines_back)
    reader = _Reader(lines)
    first_line = lines.number
    exception = reader.reported(start)
    return Traceback(
        _LANGUAGE,
        _FORMAT,
        first_line,
        reader.last_line,
        exception,
        missing=(*((stood_above(first_line),) if start.cut else ()), *reader.bounds.missing),
    )


def _bracketed_start(lines: Text, line: str) -> Start | None:
    """An error without a stack, which is told from a log's text by the properties below it."""
    bracketed = _BRACKETED.search(line)
    below = lines.next_lines(2)[1:]
    if (
        bracketed is None
        or not below
        or not _PROPERTY.match(below[0].strip())
        or indentation(below[0]) <= indentation(line)
    ):
        return None
    return below_place(lines, line) or Start(0, column=bracketed.start())


def _skip_stack(lines: Cursor) -> None:
    while (line := lines.peek()) is not None and frame_in(_bare(line)):
        lines.skip()


def _bare(line: str) -> str:
    """A frame's line, without what Node puts behind the last one of an error that is part of something."""
    return line.rstrip().removesuffix(",").removesuffix(" {")


@dataclass(slots=True)
class _Stack:
    """The frames of one error, as printed.

    Attributes:
        shared: after how many frames others are not shown, because the cause has them, too; and how many.
        opened: properties follow.
    """

    frames: Frames
    shared: tuple[int, int] | None = None
    opened: bool = False


@dataclass(slots=True)
class _Properties:
    """What stands in braces behind an error's frames."""

    notes: list[str] = field(default_factory=list)
    cause: ParsedException | None = None
    members: list[ParsedException] = field(default_factory=list)


class _Reader:
    """Reads one error with all that is printed as part of it."""

    def __init__(self, lines: Cursor) -> None:
        self._lines = lines
        self.bounds = Bounds()
        self.last_line = lines.number

    def reported(self, start: Start) -> ParsedException:
        """The error that begins as described, and those that Mocha and others print below it as its causes."""
        self._skip(start.lines_to_header)
        chain = Causes(self.bounds)
        chain.add(self._outermost(start))
        while (match := _CAUSED_BY.match(self._lines.peek() or "")) is not None:
            text = (self._lines.peek() or "")[match.end() :]
            if header_in(text) is None:
                break
            chain.add(self._error(text, indentation(match[0]), 1))
        exception = chain.linked()
        assert exception is not None
        return exception

    def _outermost(self, start: Start) -> ParsedException:
        line = self._lines.peek() or ""
        text = line[start.column :]
        if start.cut:
            exception = self._body(Header("", (), "", Likeness.NONE), "", 0, 0)
        elif start.place is not None and header_in(text) is None and not _BRACKETS.match(text):
            exception = self._thrown(start)
        else:
            exception = self._error(text, indentation(line), 0, start.message_lines)
        exception = self._with_emission(exception)
        if start.place is not None:
            exception = _placed(exception, start.place)
        self._pass_version()
        self._note_a_cut()
        return exception

    def _thrown(self, start: Start) -> ParsedException:
        """A value that is no error: all up to where it was thrown, or to Node's version."""
        shown = self._lines.next_lines(start.message_lines + 1)
        self._skip(len(shown))
        while shown and (not shown[-1].strip() or shown[-1].startswith((HINT, THROWN_AT))):
            shown.pop()
        return self._body(Header("Uncaught", (), "", Likeness.NONE), "\n".join(shown), 0, 0)

    # one error

    def _error(self, text: str, base: int, depth: int, message_lines: int | None = None) -> ParsedException:
        """An error whose name ``text`` begins with; the cursor is at its line.

        ``base`` is the indentation of the lines that continue its message, ``message_lines`` their number if known.
        """
        bracketed = self._bracketed(text, base)
        if bracketed is not None:
            text, opened = bracketed
            header, _, rest = text.partition("\n")
            found = header_in(header) or Header("Error", (), header, Likeness.NONE)
            message = "\n".join([found.message, *([rest] if rest else [])])
            return self._body(found, message, base, depth, opened=opened)
        found = header_in(text) or Header("Error", (), text, Likeness.NONE)
        self._skip()
        count = self._lines_of_message(base) if message_lines is None else message_lines
        below = [dedented(line, base) for line in self._lines.next_lines(min(count, MAX_MESSAGE_LINES))]
        self._skip(count)
        return self._body(found, "\n".join([found.message, *below]).rstrip(), base, depth)

    def _bracketed(self, text: str, base: int) -> tuple[str, bool] | None:
        """The text of an error without a stack, which stands in brackets; and whether properties follow."""
        if not text.startswith("["):
            return None
        shown = [text]
        for line in islice(self._lines.ahead(), 1, _BETWEEN):
            if _BRACKETS.match(shown[-1]) or (len(shown) == 1 and shown[0].endswith(("]", "],", "] {"))):
                break
            shown.append(dedented(line, base))
            if line.endswith(("]", "],", "] {")):
                break
        match = _BRACKETS.match("\n".join(shown)[:LONGEST_LINE])
        if match is None or header_in(match["header"].partition("\n")[0]) is None:
            return None
        self._skip(len(shown))
        return match["header"], bool(match["opened"])

    def _lines_of_message(self, base: int) -> int:
        """How many lines stand between the name of an error among properties and its first frame."""
        for count, line in enumerate(islice(self._lines.ahead(), _BETWEEN)):
            if frame_in(_bare(line)):
                return count
            if line.strip() and indentation(line) < base:
                break
        return 0

    def _body(self, header: Header, message: str, base: int, depth: int, *, opened: bool = False) -> ParsedException:
        """The frames and the properties of an error."""
        stack = self._stack(base) if not opened else _Stack(Frames(self.bounds), opened=True)
        properties = self._properties(base, depth) if stack.opened else _Properties()
        notes = list(properties.notes)
        if not any(note.startswith("code: ") for note in notes):
            notes[:0] = header.notes
        linked = [replace(properties.cause, relation=Relation.CAUSE)] if properties.cause else []
        return ParsedException(
            header.type_name,
            self.bounds.cut(message),
            notes=tuple(notes),
            frames=self._completed(stack, properties.cause),
            linked=(*linked, *properties.members),
        )

    def _stack(self, base: int) -> _Stack:
        stack = _Stack(Frames(self.bounds))
        last: Frame | None = None
        while (line := self._lines.peek()) is not None and indentation(line) >= base:
            frame = frame_in(_bare(line))
            hidden = not_shown(line)
            if frame is not None:
                stack.frames.add(frame)
                last = frame
            elif hidden is not None:
                stack.shared = (stack.frames.count, hidden)
            elif last is not None and (original := original_in(line, last)):
                stack.frames.change_last(filename=original.filename, lineno=original.lineno, column=original.column)
            else:
                break
            self._skip()
            if frame is not None or hidden is not None:
                stack.opened = line.rstrip().endswith(" {")
                if stack.opened or line.rstrip().endswith(","):
                    break
        return stack

    def _completed(self, stack: _Stack, cause: ParsedException | None) -> tuple[Frame, ...]:
        """The frames, outermost first, with those that are not shown because the cause has them, too."""
        frames = stack.frames.kept(innermost_first=True)
        if stack.shared is None:
            return frames
        before, count = stack.shared
        shown = len(frames) - before
        inner = frames[shown:]
        theirs = cause.frames if cause else ()
        at = next((n for n, frame in enumerate(theirs) if inner and frame == inner[0]), -1)
        if at < count or shown < 0:
            self.bounds.leave_out("frame{s} that the cause has, too", count)
            return frames
        return (*frames[:shown], *theirs[at - count : at], *inner)

    # its properties

    def _properties(self, base: int, depth: int) -> _Properties:
        """What stands in the braces, up to the line that closes them."""
        found = _Properties()
        while (line := self._lines.peek()) is not None:
            content = line.strip()
            if content and indentation(line) <= base:
                if content.startswith("}"):
                    if content in ("}", "},"):
                        self._skip()
                    return found
                break
            match = _PROPERTY.match(content[:LONGEST_LINE])
            if depth >= _MAX_DEPTH or match is None:
                self._skip()
                continue
            self._property(found, match["key"], match["value"], indentation(line), depth)
        self.bounds.gap(f"the rest of the error: it breaks off after line {self.last_line}")
        return found

    def _property(self, found: _Properties, key: str, value: str, margin: int, depth: int) -> None:
        if key == "[errors]" and value == "[":
            self._skip()
            found.members += self._members(margin, depth + 1)
        elif self._is_error(value, certain=key != "[cause]"):
            error = self._error(value, margin, depth + 1)
            if found.cause is None or key == "[cause]":
                found.cause = error
        else:
            self._note(found, margin)

    def _is_error(self, value: str, *, certain: bool) -> bool:
        text = value.removeprefix("[")
        header = header_in(text.removesuffix("{").rstrip(" ,]") if text != value else text)
        if header is None:
            return False
        return header.likeness is Likeness.CERTAIN or not certain

    def _members(self, margin: int, depth: int) -> list[ParsedException]:
        """The errors in ``[errors]: [``; other values that were thrown are passed over."""
        members: list[ParsedException] = []
        while (line := self._lines.peek()) is not None:
            content = line.strip()
            if content and indentation(line) <= margin:
                if content.startswith("]"):
                    self._skip()
                return members
            if depth >= _MAX_DEPTH or not self._is_error(content, certain=False):
                self._skip()
                self.bounds.leave_out("line{s} of values in an AggregateError")
                continue
            member = self._error(content, indentation(line), depth)
            if len(members) < _MAX_MEMBERS:
                members.append(replace(member, relation=Relation.MEMBER))
            else:
                self.bounds.leave_out("error{s} of an AggregateError")
        return members

    def _note(self, found: _Properties, margin: int) -> None:
        """A property that is no error, with the lines of its value."""
        shown: list[str] = []
        while (line := self._lines.peek()) is not None:
            deeper = indentation(line) > margin or not line.strip()
            if shown and not deeper and not (indentation(line) == margin and line.strip()[:1] in "}])"):
                break
            if len(shown) < _MAX_NOTE_LINES:
                shown.append(dedented(line, margin)[:LONGEST_LINE])
            else:
                self.bounds.leave_out("line{s} of properties")
            self._skip()
        self._add_note(found.notes, "\n".join(shown).rstrip().removesuffix(","))

    def _add_note(self, notes: list[str], note: str) -> None:
        if len(notes) < _MAX_NOTES and self.bounds.affords(len(note)):
            self.bounds.spend(len(note))
            notes.append(note)
        elif len(notes) >= _MAX_NOTES:
            self.bounds.leave_out("further properties")

    # what follows it

    def _with_emission(self, exception: ParsedException) -> ParsedException:
        """Where an event's error was emitted; its properties stand below that."""
        line = self._lines.peek()
        if line is None or not _EMITTED.match(line[:LONGEST_LINE]):
            return exception
        shown: list[str] = []
        opened = False
        while (line := self._lines.peek()) is not None and (
            not shown or frame_in(_bare(line)) or not_shown(line) is not None
        ):
            opened = line.endswith(" {")
            shown.append(_bare(line))
            self._skip()
        found = self._properties(0, 0) if opened else _Properties()
        self._add_note(found.notes, "\n".join(shown[:_MAX_NOTE_LINES]))
        linked = [replace(found.cause, relation=Relation.CAUSE)] if found.cause else []
        return replace(
            exception,
            notes=(*exception.notes, *found.notes),
            linked=(*exception.linked, *linked, *found.members),
        )

    def _pass_version(self) -> None:
        """Skip the line that Node prints when it ends, with empty ones before it."""
        following = self._lines.next_lines(4)
        at = next((n for n, line in enumerate(following) if line.strip() and not line.startswith(HINT)), None)
        if at is not None and following[at].startswith(VERSION):
            self._skip(at + 1)

    def _note_a_cut(self) -> None:
        following = self._lines.next_lines(2)
        if len(following) == 1 and _PARTIAL.match(following[0][:LONGEST_LINE]):
            self._skip()
            self.bounds.gap(f"what stood below line {self.last_line}")

    def _skip(self, count: int = 1) -> None:
        if count:
            self._lines.skip(count)
            self.last_line = self._lines.number - 1


def _placed(exception: ParsedException, place: Frame) -> ParsedException:
    """The error with the line of code that is shown above it, in the frame to which it belongs."""
    if not place.filename:
        return exception
    frames: Sequence[Frame] = exception.frames
    for at in range(len(frames) - 1, -1, -1):
        if (frames[at].filename, frames[at].lineno) == (place.filename, place.lineno):
            shown = replace(frames[at], code=place.code, columns=place.columns)
            return replace(exception, frames=(*frames[:at], shown, *frames[at + 1 :]))
    if exception.type_name == "SyntaxError" or not (frames or place.filename.startswith("node:")):
        return replace(exception, frames=(*frames, place))
    return exception
