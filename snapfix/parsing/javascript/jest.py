"""Failures of a Jest run.

The layout, from Jest's ``jest-message-util`` (24 to 30)::

      ● cart › total of one                                    the test

        expect(received).toBe(expected) // Object.is equality   the message; of an ``Error`` Jest prints no name

        Expected: 4
        Received: 3

          4 |   test('total of one', () => {
        > 5 |     expect(total({ items: [] })).toBe(4);            the code of the first frame below
            |                                  ^
          6 |   });

          at total (cart.js:2:21)                               innermost first
          at Object.<anonymous> (cart.test.js:5:12)

        Cause:
            TypeError: Cannot read properties of null           indented further, with its own code and frames

What was thrown but is no error is printed as ``thrown: "text"``, and read so; Jest prints it once more as the cause
of itself, which is left out. A suite that could not be parsed says what is wrong below ``Details:``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.parsing.javascript.node_lines import Likeness, frame_in, header_in, is_compound, path_of
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_CODE_LINES, MAX_MESSAGE_LINES, Bounds, Frames
from snapfix.parsing.text.chains import Causes
from snapfix.parsing.text.indentation import indentation
from snapfix.parsing.text.lines import Cursor, Text
from snapfix.parsing.text.prefixes import wrapper_end

_BULLET = "● "
_TITLE = re.compile(r"\s*● \S")
_CODE = re.compile(r"\s*(?P<marked>>)?\s*(?P<line>\d{1,9}) \|(?: (?P<code>.*))?$")
_CARETS = re.compile(r"\s*\|(?P<carets>\s+\^+)\s*$")
_CAUSES = ("Cause:", "[cause]:")
_NO_ERROR = "thrown"
_THROWN = re.compile(r"thrown: (?P<value>.*)$", re.DOTALL)
_DETAILS = "Details:"
_UNPARSED = re.compile(r"(?P<file>(?:/|[A-Za-z]:[\\/]).{0,2000}?): .{0,2000}\((?P<line>\d{1,9}):(?P<column>\d{1,9})\)")
_CONSOLE = re.compile(r"\s*console\.\w+$")
_SEARCHED = 200
"""Lines below a title among which a frame or a line of code makes it a failure."""


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds its marker; see ``Layout.begins``."""
    wrapper = wrapper_end(line)
    return wrapper if _TITLE.match(line, wrapper) else None


def read(lines: Text) -> Traceback | None:
    """Read the failure at the cursor; see ``Layout.read``."""
    title = lines.peek() or ""
    margin = indentation(title)
    if not _is_failure(lines, margin):
        return None
    first_line = lines.number
    lines.skip()
    reader = _Reader(lines, margin)
    exception = reader.chain()
    return Traceback("javascript", "jest", first_line, reader.last_line, exception, missing=reader.bounds.missing)


def _is_failure(lines: Cursor, margin: int) -> bool:
    """Below a failure's title there is a line of code or a frame, and an empty line first."""
    for distance, line in enumerate(islice(lines.ahead(), 1, _SEARCHED)):
        if (not distance and line.strip()) or (distance == 1 and _CONSOLE.match(line)):
            return False
        if line.strip() and indentation(line) <= margin:
            return False
        if frame_in(line) or _CODE.match(line[:LONGEST_LINE]):
            return True
    return False


class _Reader:
    """Reads what stands below a title, all of which is indented further."""

    def __init__(self, lines: Cursor, margin: int) -> None:
        self._lines = lines
        self._margin = margin
        self.bounds = Bounds()
        self.last_line = lines.number - 1

    def chain(self) -> ParsedException:
        """The error that failed the test, and its causes."""
        causes = Causes(self.bounds)
        error = self._error()
        while (line := self._peek()) is not None and line.strip() in _CAUSES:
            self._skip()
            cause = self._error()
            if (cause.type_name, cause.message) != (_NO_ERROR, error.message):
                causes.add(error)
            error = cause
        causes.add(error)
        exception = causes.linked()
        assert exception is not None
        return exception

    def _error(self) -> ParsedException:
        text = self._text()
        shown = self._code()
        frames = self._frames()
        type_name, message, notes = _named(text)
        stack = list(frames.kept(innermost_first=True))
        if type_name == "SyntaxError" and (place := _unparsed(message)):
            stack.append(place)
        if shown is not None:
            _show(stack, shown)
        return ParsedException(type_name, self.bounds.cut(message), notes=notes, frames=tuple(stack))

    def _text(self) -> str:
        """The lines up to the code, the frames or the cause."""
        text: list[str] = []
        margin: int | None = None
        while (line := self._peek()) is not None:
            if frame_in(line) or _CODE.match(line[:LONGEST_LINE]) or line.strip() in _CAUSES:
                break
            if margin is None and line.strip():
                margin = indentation(line)
            if len(text) < MAX_MESSAGE_LINES:
                text.append(line[margin or 0 :])
            else:
                self.bounds.leave_out("line{s} of a message")
            self._skip()
            if line.strip() == _DETAILS:
                text = []
                margin = None
        return "\n".join(text).strip("\n").rstrip()

    def _code(self) -> Frame | None:
        """The marked line of the code that is shown, with the carets below it."""
        marked: Frame | None = None
        count = 0
        while (line := self._peek()) is not None and count < MAX_CODE_LINES:
            match = _CODE.match(line[:LONGEST_LINE])
            carets = _CARETS.match(line[:LONGEST_LINE])
            if match and match["marked"]:
                code = match["code"] or ""
                marked = Frame("", int(match["line"]), "", code=code.strip())
                margin = indentation(code) + 1
            elif carets and marked and not marked.columns:
                start = len(carets["carets"]) - len(carets["carets"].lstrip()) - margin
                marked = replace(marked, columns=(start, len(carets["carets"]) - margin)) if start >= 0 else marked
            elif match is None and line.strip():
                break
            count += 1
            self._skip()
        return marked

    def _frames(self) -> Frames:
        frames = Frames(self.bounds)
        while (line := self._peek()) is not None and (not line.strip() or frame_in(line)):
            frame = frame_in(line)
            if frame is None and not self._goes_on():
                break
            if frame is not None:
                frames.add(frame)
            self._skip()
        return frames

    def _goes_on(self) -> bool:
        """Below the empty line there is a cause, or another frame."""
        following = [line for line in self._lines.next_lines(3) if line.strip()][:1]
        return any(line.strip() in _CAUSES or frame_in(line) for line in following)

    def _peek(self) -> str | None:
        """The current line, while it belongs to the failure."""
        line = self._lines.peek()
        if line is None or (line.strip() and indentation(line) <= self._margin):
            return None
        return line

    def _skip(self) -> None:
        if (self._lines.peek() or "").strip():
            self.last_line = self._lines.number
        self._lines.skip()


def _show(stack: list[Frame], shown: Frame) -> None:
    """Give the code that is shown to the frame that it is of: the innermost one outside of libraries."""
    for at in range(len(stack) - 1, -1, -1):
        if stack[at].lineno == shown.lineno and "node_modules" not in stack[at].filename:
            stack[at] = replace(stack[at], code=shown.code, columns=shown.columns)
            return


def _named(text: str) -> tuple[str, str, tuple[str, ...]]:
    """Type, message and notes of an error whose text Jest prints without ``Error:``."""
    thrown = _THROWN.match(text)
    if thrown:
        return _NO_ERROR, thrown["value"], ()
    first, _, rest = text.partition("\n")
    header = header_in(first)
    if header is None or (header.likeness is not Likeness.CERTAIN and not is_compound(header.type_name)):
        return "Error", text, ()
    return header.type_name, f"{header.message}\n{rest}".rstrip() if rest else header.message, header.notes


def _unparsed(message: str) -> Frame | None:
    """The place that Babel names in its message: ``/home/ada/app.js: Unexpected token (1:10)``."""
    match = _UNPARSED.match(message.partition("\n")[0][:LONGEST_LINE])
    return Frame(path_of(match["file"]), int(match["line"]), "", column=int(match["column"]) + 1) if match else None
