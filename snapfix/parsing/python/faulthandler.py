"""What CPython prints when it dies of more than an exception, and the dumps of its ``faulthandler`` module.

The layout, from ``Python/pylifecycle.c``, ``Python/traceback.c`` and ``Modules/faulthandler.c`` (3.8 to 3.14)::

    Fatal Python error: Segmentation fault          or `init_fs_encoding: failed to ...`: the C function first
    Python runtime state: core initialized          only where the interpreter itself gave up; an exception that was
    ModuleNotFoundError: No module named 'encodings'  set then, or its whole traceback, is printed below

    Thread 0x00007f3eeb4786c0 (most recent call first):
      File "/usr/lib/python3.11/threading.py", line 982 in run
      ...                                           where a stack has more than 100 frames

    Current thread 0x00007f3eec209b80 [python] (most recent call first):   3.14 adds the thread's name
      Garbage-collecting
      File "/app/caf\\xe9.py", line 4 in price       innermost first, ASCII only, without code
      <no Python frame>

    Current thread's C stack trace (most recent call first):
      Binary file "/usr/bin/python3", at _Py_DumpStack+0x31 [0x5a3f]     3.14

    Extension modules: numpy.core._multiarray_umath (total: 1)

A dump that was asked for begins with ``Timeout (0:00:05)!``, or with nothing above its first thread (``Stack (most
recent call first):`` where it is the only one). On Windows an error that the program may survive is called ``Windows
fatal exception: access violation``. The frames kept are those of the current thread. Where none is marked as such, they
are the main thread's, which is printed last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.python import cpython
from snapfix.parsing.python.cpython_lines import HEADER, TYPE, Likeness, likeness
from snapfix.parsing.text.bounds import LONGEST_LINE, Bounds, Frames
from snapfix.parsing.text.lines import Text

_FATAL = re.compile(r"(?P<type>Fatal Python error|Windows fatal exception): (?P<message>\S.*)$")
_TIMEOUT = re.compile(r"(?P<type>Timeout) \((?P<message>[\d:.]{1,40})\)!$")
_THREAD = re.compile(
    r"(?:(?P<current>Current thread) |Thread )0x[0-9a-f]{1,16}(?: \[.{0,100}\])? \(most recent call first\):$"
    r"|(?P<only>Stack) \(most recent call first\):$"
)
_C_STACK = "Current thread's C stack trace (most recent call first):"
_FRAME = re.compile(r'  File (?:"(?P<file>.*)"|\?\?\?), line (?P<line>\d{1,9}|\?\?\?) in (?P<name>.+)$')
_NOT_A_FRAME = ("  Garbage-collecting", "  <no Python frame>", "  <tstate is freed>", "  <freed interpreter>")
_STATE = "Python runtime state: "
_MODULES = "Extension modules: "
_MORE = "  ..."
_ESCAPED = re.compile(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")
_BEGINNINGS = ("Fatal Python error: ", "Windows fatal exception: ", "Current thread 0x", "Thread 0x", "Stack (most ")


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    position = max(line.rfind(beginning) for beginning in _BEGINNINGS)
    if position < 0:
        return None
    text = line[position : position + LONGEST_LINE].rstrip()
    return position if _FATAL.match(text) or _THREAD.match(text) else None


def read(lines: Text) -> Traceback | None:
    """Read the dump at the cursor; see ``Layout.read``."""
    reader = _Reader(lines)
    return reader.dump()


@dataclass(slots=True)
class _Stack:
    """One thread's frames; ``current`` where it is the one that failed."""

    frames: tuple[Frame, ...]
    current: bool


class _Reader:
    """Reads one dump."""

    def __init__(self, lines: Text) -> None:
        self._lines = lines
        self._bounds = Bounds()
        self._first_line = lines.number
        self._last_line = lines.number

    def dump(self) -> Traceback | None:
        """The dump as a traceback; None where there is neither a stack nor a fatal error of the interpreter's."""
        exception = self._headline()
        cause = self._cause() if exception.type_name else None
        stack = self._failed_stack()
        if not (stack and stack.frames) and not (exception.type_name and self._died(cause)):
            return None  # CMake says `Call Stack (most recent call first):`, too
        if not exception.type_name:
            self._bounds.gap(f"what stood above line {self._first_line}: why the stack was printed")
        frames = stack.frames if stack else ()
        linked = (replace(cause, relation=Relation.CAUSE),) if cause else ()
        return Traceback(
            "python",
            "faulthandler",
            self._first_line,
            self._last_line,
            replace(exception, frames=frames, linked=linked),
            missing=self._bounds.missing,
        )

    def _died(self, cause: ParsedException | None) -> bool:
        return cause is not None or self._last_line > self._first_line

    # the error

    def _headline(self) -> ParsedException:
        """The line that names the error, without frames; its type is "" where the text begins with a thread."""
        match = _FATAL.match((self._lines.peek() or "")[:LONGEST_LINE].rstrip())
        if match:
            self._take()
            self._pass_blank()
        else:
            (above,) = self._lines.before(1) or ("",)
            match = _TIMEOUT.search(above[:LONGEST_LINE].rstrip())
            if match:
                self._lines.back(1)
                self._first_line = self._lines.number
                self._take()
        if match is None:
            return ParsedException("", "")
        return ParsedException(match["type"], self._bounds.cut(match["message"]))

    def _cause(self) -> ParsedException | None:
        """The exception that was set when the interpreter gave up."""
        line = self._lines.peek() or ""
        if not line.startswith(_STATE):
            return None
        self._take()
        line = (self._lines.peek() or "")[:LONGEST_LINE]
        if line == HEADER:
            found = cpython.read(self._lines)
            if found is None:
                return None
            self._last_line = found.last_line
            return found.exception
        match = TYPE.match(line)
        if match is None or likeness(line) < Likeness.LIKELY:
            return None
        self._take()
        return ParsedException(match["type"], self._bounds.cut(line[match.end() :]))

    # the stacks

    def _failed_stack(self) -> _Stack | None:
        """The frames of the thread that failed; the others are passed over."""
        failed: _Stack | None = None
        others = 0
        while (stack := self._stack(failed)) is not None:
            others += failed is not None
            if failed is None or not failed.current:
                failed = stack
        self._bounds.leave_out("other thread{s}", others)
        self._pass_rest()
        return failed

    def _stack(self, failed: _Stack | None) -> _Stack | None:
        """The next thread's; a second current thread is another dump's, and so is what no blank line goes before."""
        blank = self._lines.peek() == ""
        match = _THREAD.match(self._paragraph()[:LONGEST_LINE].rstrip())
        if match is None:
            return None
        current = bool(match["current"] or match["only"])
        if failed is not None and (not blank or (current and failed.current)):
            return None
        self._take(blank + 1)
        return _Stack(self._frames(), current)

    def _frames(self) -> tuple[Frame, ...]:
        frames = Frames(self._bounds)
        while (line := self._lines.peek()) is not None:
            frame = _frame_in(line)
            if frame is not None:
                frames.add(frame)
            elif line.rstrip() == _MORE:
                self._bounds.gap("the outermost frames of a stack: the dump holds the innermost 100")
            elif not line.startswith(_NOT_A_FRAME):
                break
            self._take()
        return frames.kept(innermost_first=True)

    def _pass_rest(self) -> None:
        """Skip what a dump ends with: the interpreter's own C stack, and the names of extension modules."""
        if self._paragraph().startswith(_C_STACK):
            self._take(1 + (self._lines.peek() == ""))
            while (self._lines.peek() or "").startswith("  "):
                self._take()
        if self._paragraph().startswith(_MODULES):
            self._take(1 + (self._lines.peek() == ""))

    def _paragraph(self) -> str:
        """The current line, or the one below it where that is empty."""
        lines = self._lines.next_lines(2)
        return next((line for line in lines if line), "")

    def _take(self, count: int = 1) -> None:
        for _ in range(count):
            self._last_line = self._lines.number
            self._lines.skip()

    def _pass_blank(self) -> None:
        if self._lines.peek() == "" and _THREAD.match(self._paragraph()[:LONGEST_LINE].rstrip()):
            self._lines.skip()


def _frame_in(line: str) -> Frame | None:
    match = _FRAME.match(line) if len(line) <= LONGEST_LINE else None
    if match is None:
        return None
    lineno = int(match["line"]) if match["line"] != "???" else None
    return Frame(_unescaped(match["file"] or ""), lineno, _unescaped(match["name"]))


def _unescaped(text: str) -> str:
    r"""The name as the program has it: letters beyond ASCII are printed as ``\xe9``, a backslash as itself."""
    return _ESCAPED.sub(_letter, text) if "\\" in text else text


def _letter(match: re.Match[str]) -> str:
    code = int(match[1] or match[2] or match[3], 16)
    return chr(code) if 0x80 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else match[0]
