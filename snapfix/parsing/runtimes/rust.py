r"""Panics as Rust's standard library prints them.

The layout, from ``std/src/panicking.rs`` and the ``backtrace`` crate::

    thread 'main' (28058) panicked at src/main.rs:4:5:        from 1.73 on; the number from 1.91 on
    assertion `left == right` failed: the sum                 the message's lines; nothing marks its end where
      left: 3                                                 neither a backtrace nor a note follows
     right: 4
    stack backtrace:
       0: rust_begin_unwind                                   innermost first
                 at /rustc/90b35a6/library/std/src/panicking.rs:645:5
       1: shop::total
                 at ./src/main.rs:4:5
          shop::sum                                           inlined into it, in some versions
                 at ./src/main.rs:9:5
       2: main                                                without debug information
    note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.

    thread 'main' panicked at 'a message
    of two lines', src/main.rs:4:5                            up to 1.72
    stack backtrace:
       0:     0x55d0c3b1 - shop::total::h13b4b433a9e1fa87     RUST_BACKTRACE=full
                                   at /home/ada/shop/src/main.rs:4:5

    thread 'main' (8700) has overflowed its stack
    fatal runtime error: stack overflow, aborting

The ``type_name`` is ``panic`` (or ``fatal runtime error``). The place of the panic is the innermost frame where the
backtrace does not hold it. A thread's name, which is a test's where it ran one, is a note.

Two readings go beyond a single panic: one whose message says that another thread, or the code below
``catch_unwind``, panicked (``Any { .. }``, ``PoisonError``) was caused by the panic just before it; and panics of one
thread that end with the abort of a panic while panicking are a chain of contexts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_MESSAGE_LINES, Bounds, Frames, stood_above
from snapfix.parsing.text.comments import is_comment
from snapfix.parsing.text.lines import Cursor, Text
from snapfix.parsing.text.messages import continuation
from snapfix.parsing.text.prefixes import wrapper_end

_THREAD = r"thread '(?P<thread>.{0,300}?)' (?:\(\d{1,20}\) )?"
_PANIC = re.compile(_THREAD + r"panicked at (?P<file>[^\s'].{0,1000}?):(?P<line>\d{1,9}):(?P<column>\d{1,9}):$")
_OLD_PANIC = re.compile(_THREAD + r"panicked at '(?P<message>.*)$")
_OLD_PLACE = re.compile(r"', (?P<file>[^\s'].{0,1000}?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?$")
_OVERFLOW = re.compile(_THREAD + r"has overflowed its stack$")
_FUNCTION = re.compile(r"\s{0,5}(?P<number>\d{1,6}): +(?:0x[0-9a-f]{1,16} - )?(?P<name>\S.*)$")
_INLINED = re.compile(r"\s{6,40}(?P<name>(?!at )\S.*)$")
_PLACE = re.compile(r"\s{3,40}at (?P<file>\S.*?)(?::(?P<line>\d{1,9}))?(?::(?P<column>\d{1,9}))?$")
_OMITTED = re.compile(r"\s+\[\.\.\. omitted (\d{1,9}) frames? \.\.\.\]$")
_HASH = re.compile(r"::h[0-9a-f]{16}$|\[[0-9a-f]{8,16}\]")
_PLACE_INDENT = re.compile(r"\s{13,}(?=at \S.*:\d{1,9}:\d{1,9}$)")
_BACKTRACE = "stack backtrace:"
_HOW_TO_SEE_MORE = ("note: run with `RUST_BACKTRACE=", "note: Some details are omitted, run with `RUST_BACKTRACE=")
_ANOTHER_MATTER = ("---- ", "failures:", "test result: ", "error: test failed", "fatal runtime error: ")
_ABORTING = ("thread caused non-unwinding panic. aborting.", "thread panicked while processing panic. aborting.")
_LAST_OF_A_CHAIN = ("panic in a destructor during cleanup", "panic in a function that cannot unwind")
_CAUSED_BY_A_PANIC = ("value: Any { .. }", "value: PoisonError { .. }", "value: PoisonError { inner: .. }")
_NEAR = 5
"""Lines of other output between two panics of one chain."""
_FAR = 400
"""Lines within which a chain of panics ends."""
_LONGEST_MESSAGE = 1024 * 1024
"""Characters that are looked at; fewer are kept."""
_LONGEST_CHAIN = 8


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    line = line[:LONGEST_LINE].rstrip()
    for pattern in (_PANIC, _OLD_PANIC, _OVERFLOW):
        found = pattern.search(line)
        if found:
            return None if is_comment(line[: found.start()]) else found.start()
    if line.endswith(_BACKTRACE):
        return len(line) - len(_BACKTRACE)
    indent = _PLACE_INDENT.search(line)
    return max(indent.start(), wrapper_end(line)) if indent else None


def read(lines: Text) -> Traceback | None:
    """Read the panic at the cursor; see ``Layout.read``."""
    reader = Reader(lines)
    line = (lines.peek() or "")[:LONGEST_LINE].rstrip()
    overflow = _OVERFLOW.match(line)
    exception: ParsedException | None
    if overflow:
        exception = _overflow(reader, overflow["thread"])
    elif "panicked at " in line:
        exception = _chain(reader)
    else:
        exception = _without_top(lines, reader)
    return reader.traceback(exception, "rust") if exception else None


class Reader:
    """A cursor that keeps account of what belongs to the traceback."""

    def __init__(self, lines: Text) -> None:
        self.lines = lines
        self.bounds = Bounds()
        self.first_line = self.last_line = lines.number

    def peek(self) -> str:
        """The current line, as far as a line of the layout goes; ``""`` at the end."""
        return (self.lines.peek() or "")[:LONGEST_LINE].rstrip()

    def skip(self, count: int = 1) -> None:
        """Move on by lines that belong to the traceback."""
        if count:
            self.lines.skip(count)
            self.last_line = self.lines.number - 1

    def stack(self) -> tuple[Frame, ...]:
        """The frames from the cursor on, outermost first."""
        frames = Frames(self.bounds)
        while line := self.peek():
            if function := _FUNCTION.match(line) or self._inlined(line):
                self.skip()
                frames.add(self._frame(_HASH.sub("", function["name"])))
            elif omitted := _OMITTED.match(line):
                self.skip()
                self.bounds.leave_out("frame{s} in the middle of a stack", int(omitted[1]))
            else:
                break
        return frames.kept(innermost_first=True)

    def _inlined(self, line: str) -> re.Match[str] | None:
        """A function that was inlined into the one above has no number, in some versions."""
        inlined = _INLINED.match(line)
        below = self.lines.next_lines(2)[1:]
        return inlined if inlined and below and _PLACE.match(below[0][:LONGEST_LINE].rstrip()) else None

    def _frame(self, name: str) -> Frame:
        place = _PLACE.match(self.peek())
        if place is None:
            return Frame("", None, name)
        self.skip()
        return Frame(place["file"], _number(place["line"]), name, column=_number(place["column"]))

    def traceback(self, exception: ParsedException, layout: str) -> Traceback:
        """The traceback, when all is read."""
        return Traceback("rust", layout, self.first_line, self.last_line, exception, missing=self.bounds.missing)


@dataclass(frozen=True, slots=True)
class _Panic:
    thread: str
    exception: ParsedException


def _chain(reader: Reader) -> ParsedException | None:
    """A panic, and those that it led to."""
    panic = _panic(reader)
    if panic is None:
        return None
    for _ in range(_LONGEST_CHAIN):
        distance, relation = _next_of_chain(reader.lines, panic.thread)
        if relation is None:
            break
        reader.skip(distance)
        following = _panic(reader)
        if following is None:
            break
        linked = (replace(panic.exception, relation=relation),)
        panic = replace(following, exception=replace(following.exception, linked=linked))
    if reader.peek() in _ABORTING:
        reader.skip()
    return panic.exception


def _next_of_chain(lines: Cursor, thread: str) -> tuple[int, Relation | None]:
    """How far away the panic is that the one just read led to, and how."""
    near = [line[:LONGEST_LINE].rstrip() for line in lines.next_lines(_NEAR + 2)]
    for distance, line in enumerate(near[:_NEAR]):
        header = _PANIC.match(line) or _OLD_PANIC.match(line)
        if header is None:
            continue
        message = header["message"] if "message" in header.groupdict() else "".join(near[distance + 1 : distance + 2])
        if message.partition("', ")[0].endswith(_CAUSED_BY_A_PANIC):
            return distance, Relation.CAUSE
        return distance, Relation.CONTEXT if header["thread"] == thread and _aborts(lines, thread) else None
    return 0, None


def _aborts(lines: Cursor, thread: str) -> bool:
    """Among the next panics of the thread is the one that says that it panicked while it was panicking."""
    headers = 0
    last = False
    for line in islice(lines.ahead(), _FAR):
        line = line[:LONGEST_LINE].rstrip()
        if line in _ABORTING or (last and line in _LAST_OF_A_CHAIN):
            return headers > 0
        header = _PANIC.match(line) or _OLD_PANIC.match(line)
        last = header is not None
        if header:
            headers += 1
            if header["thread"] != thread or headers > _LONGEST_CHAIN:
                return False
    return False


def _panic(reader: Reader) -> _Panic | None:
    """A single panic; the cursor is at its first line."""
    line = reader.peek()
    header = _PANIC.match(line)
    if header:
        reader.skip()
        message = _message(reader)
        place = header
    else:
        header = _OLD_PANIC.match(line)
        found = _old_message(reader) if header else None
        if header is None or found is None:
            return None
        message, place = found
    frame = Frame(place["file"], int(place["line"]), "", column=_number(place["column"]))
    frames = _with_place(_backtrace(reader), frame)
    notes = (*_thread_note(header["thread"]), *_expectation(reader))
    return _Panic(header["thread"], ParsedException("panic", reader.bounds.cut(message), notes, frames))


def _message(reader: Reader) -> str:
    """The message, which stands below the place."""
    shown: list[str] = []
    exact = False
    for line in _bounded(reader.lines):
        if line.rstrip() == _BACKTRACE or line.startswith((*_HOW_TO_SEE_MORE, *_ANOTHER_MATTER, *_ABORTING)):
            exact = True
            break
        if " panicked at " in line and _PANIC.match(line[:LONGEST_LINE].rstrip()):
            break
        shown.append(line)
    if not exact and shown:
        shown = shown[: 1 + continuation("panic", shown[0], shown[1:], "")]
    reader.skip(len(shown))
    return "\n".join(shown).rstrip()


def _old_message(reader: Reader) -> tuple[str, re.Match[str]] | None:
    """The message, which stands in quotation marks before the place."""
    shown: list[str] = []
    for line in _bounded(reader.lines):
        if shown and " panicked at " in line:
            break
        line = line.rstrip() if shown else line.rstrip().partition(" panicked at '")[2]
        place = _OLD_PLACE.search(line, max(line.rfind("', "), 0))
        if place:
            reader.skip(len(shown) + 1)
            return "\n".join([*shown, line[: place.start()]]), place
        shown.append(line)
    return None


def _bounded(lines: Cursor) -> Iterator[str]:
    """The lines that may be a message's."""
    size = 0
    for line in islice(lines.ahead(), MAX_MESSAGE_LINES):
        size += len(line)
        if size > _LONGEST_MESSAGE:
            return
        yield line


def _backtrace(reader: Reader) -> tuple[Frame, ...]:
    frames: tuple[Frame, ...] = ()
    if reader.peek() == _BACKTRACE:
        reader.skip()
        frames = reader.stack()
    if reader.peek().startswith(_HOW_TO_SEE_MORE):
        reader.skip()
    return frames


def _with_place(frames: tuple[Frame, ...], place: Frame) -> tuple[Frame, ...]:
    """The stack with the place of the panic in it."""
    name = place.filename.removeprefix("./")
    if any(frame.lineno == place.lineno and frame.filename.endswith(name) for frame in frames):
        return frames
    return (*frames, place)


def _thread_note(thread: str) -> tuple[str, ...]:
    return () if thread in ("main", "<main>", "<unnamed>", "<unknown>") else (f"thread '{thread}'",)


def _expectation(reader: Reader) -> tuple[str, ...]:
    """What a test says that should have panicked with another message."""
    if not reader.peek().startswith("note: panic did not contain expected string"):
        return ()
    shown = [reader.peek()]
    reader.skip()
    while len(shown) < 3 and reader.peek().startswith(" "):
        shown.append(reader.peek())
        reader.skip()
    return ("\n".join(shown),)


def _overflow(reader: Reader, thread: str) -> ParsedException:
    reader.skip()
    type_name, _, message = reader.peek().partition(": ")
    if type_name != "fatal runtime error":
        return ParsedException("fatal runtime error", "stack overflow", _thread_note(thread))
    reader.skip()
    return ParsedException(type_name, message, _thread_note(thread))


def _without_top(lines: Text, reader: Reader) -> ParsedException | None:
    """What a text that was cut off leaves of a backtrace."""
    before = lines.before(_NEAR)
    if not all(map(_is_of_stack, before)):
        return None
    lines.back(len(before))
    reader.first_line = reader.last_line = lines.number
    if reader.peek() == _BACKTRACE:
        reader.skip()
    first = _PLACE.match(reader.peek())
    reader.skip(1 if first else 0)
    frames = reader.stack()
    if not frames:
        return None
    if first:
        frames = (*frames, Frame(first["file"], _number(first["line"]), "", column=_number(first["column"])))
    reader.bounds.gap(stood_above(reader.first_line))
    return ParsedException("panic" if any(map(_is_panicking, frames)) else "", "", frames=frames)


def _is_of_stack(line: str) -> bool:
    line = line[:LONGEST_LINE].rstrip()
    return line == _BACKTRACE or bool(_FUNCTION.match(line) or _PLACE.match(line))


def _is_panicking(frame: Frame) -> bool:
    return frame.name.startswith(("rust_begin_unwind", "__rustc::rust_begin_unwind", "core::panicking::"))


def _number(text: str | None) -> int | None:
    return int(text) if text else None
