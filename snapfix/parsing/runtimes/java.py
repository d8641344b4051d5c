r"""Stack traces of the Java virtual machine: Java, Kotlin, Scala, Groovy, Android.

The layout, from ``java.lang.Throwable.printStackTrace`` (JDK 7 to 25)::

    Exception in thread "main" java.lang.IllegalStateException: cannot sell        only where nothing caught it
    the rest of the message
    \tat com.shop.Cart.total(Cart.java:12)                               innermost first
    \tat app//com.shop.Main.main(Main.java:4) ~[shop.jar:1.0]            class loader, module; archive (logging)
    \tSuppressed: java.io.IOException: stuck                             with frames and causes of its own
    \t\tat com.shop.Door.close(Door.java:5)
    \t\t... 2 more
    \tCaused by: java.lang.NumberFormatException: For input string: "x"  of the suppressed one
    \t\t... 3 more
    Caused by: java.lang.NullPointerException                            of the first one
    \tat com.shop.Cart.price(Cart.java:7)
    \t... 2 more                                                         the outermost frames of the one above
    Caused by: [CIRCULAR REFERENCE: java.lang.IllegalStateException: cannot sell]

Logback's ``%rEx`` and logstash's root-cause-first print the cause first, then ``Wrapped by:``. Logback and Log4j write
``... 2 common frames omitted``, ``... suppressed 5 lines``. Tabs may have become spaces, and all may be indented. The
frames that are ``more`` are read from the exception that has them, so that each has its whole stack.

A frame is named by class and method; its file is the one in the brackets, without a folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.runtimes.java_lines import (
    Caption,
    caption_in,
    frame_in,
    header_in,
    header_within,
    is_log_line,
    is_passed_over,
    more_in,
    thread_end,
)
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_MESSAGE_LINES, Bounds, Frames, stood_above
from snapfix.parsing.text.chains import Ends, linked_by_cause
from snapfix.parsing.text.comments import is_comment
from snapfix.parsing.text.indentation import dedented, indentation
from snapfix.parsing.text.lines import Cursor, Text
from snapfix.parsing.text.prefixes import wrapper_end

_IN_THREAD = 'Exception in thread "'
_MARKERS = ("\tat ", "    at ")
_NEAR = 16
_LOOK_BACK = 120
"""Lines above the first frame among which the exception is named; near it there is most often another frame."""
_DRIVERS = "Driver stacktrace:"
"""What Apache Spark puts between the stack of a worker, in its message, and that of the driver."""
_PYTHONS = "Traceback (most recent call last):"
"""A message of Spark's may hold a traceback of Python's, which is read as what it is."""
_MOST_BLANK = 3
_MAX_DEPTH = 12
_MAX_SUPPRESSED = 1_000
_INTERRUPTION = 4
"""Lines of other output that are passed over between two frames: Java prints each line by itself."""
_PARTIAL = re.compile(r"\s+(?:a|at|at \S{0,500}|\.\.\..{0,30})$")


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    wrapper = wrapper_end(line)
    thread = line.find(_IN_THREAD)
    if thread >= 0 and thread_end(line[thread:]):
        return thread if line[wrapper:thread].strip() else wrapper
    at = max(line.rfind(marker) for marker in _MARKERS)
    if at < 0 or len(line) > LONGEST_LINE or frame_in(line[at:]) is None or is_comment(line[:at]):
        return None
    return max(len(line[:at].rstrip()), wrapper)


def read(lines: Text) -> Traceback | None:
    """Read the stack trace at the cursor; see ``Layout.read``."""
    start = _start(lines)
    if start is None:
        _skip_stack(lines)
        return None
    lines.back(start.lines_back)
    first_line = lines.number
    reader = _Reader(lines)
    exception = reader.trace(start)
    if start.unsure and all(not found.type_name for found in exception.walk()):
        return None
    cut = (stood_above(first_line),) if start.cut else ()
    return Traceback("java", "java", first_line, reader.last_line, exception, missing=(*cut, *reader.bounds.missing))


@dataclass(frozen=True, slots=True)
class _Start:
    """How a stack trace begins.

    Attributes:
        lines_back: it begins that many lines before the cursor.
        column: where the line begins that names the exception; the text's own indentation counts.
        message_lines: the lines of its message below that line; None where they are still to be found.
        cut: the text begins in the middle of it.
        unsure: without the name of an exception further down, it is none.
    """

    lines_back: int
    column: int = 0
    message_lines: int | None = None
    cut: bool = False
    unsure: bool = False


def _start(lines: Text) -> _Start | None:
    line = lines.peek() or ""
    thread = line.find(_IN_THREAD)
    if thread >= 0 and (end := thread_end(line[thread:])):
        return _Start(0, thread + end)
    if frame_in(line) is None:
        return None
    before = _own(lines.before(_NEAR))
    if len(before) == _NEAR:
        before = _own(lines.before(_LOOK_BACK))
    found = _at_header(before, indentation(line))
    if found is not None:
        return found
    if before and before[-1].strip() == _DRIVERS:
        return None
    at_top = lines.number - len(before) <= 1 and not any(text.strip() for text in before)
    frames = [frame_in(text) for text in lines.next_lines(2)]
    return _Start(0, cut=True, unsure=not (at_top and len(frames) > 1 and all(frames)))


def _own(before: Sequence[str]) -> Sequence[str]:
    """The lines that do not belong to another stack trace further up."""
    for distance, line in enumerate(reversed(before)):
        if frame_in(line) or more_in(line) or is_passed_over(line):
            return before[len(before) - distance :]
    return before


def _at_header(before: Sequence[str], margin: int) -> _Start | None:
    """The line above the first frame that names its exception: the nearest one, or what a thread died of."""
    found: _Start | None = None
    blank = 0
    for distance, line in enumerate(reversed(before), start=1):
        blank = blank + 1 if not line.strip() else 0
        if blank == _MOST_BLANK:
            break
        thread = line.find(_IN_THREAD)
        if thread >= 0 and (end := thread_end(line[thread:])):
            return _Start(distance, thread + end, distance - 1)
        if found is None:
            found = _named(line, margin, distance)
        if is_log_line(line):
            break
    return found


def _named(line: str, margin: int, distance: int) -> _Start | None:
    column = indentation(line)
    if column <= margin:
        caption = caption_in(line)
        if caption is not None and header_in(caption[2]):
            return _Start(distance, len(line) - len(caption[2]), distance - 1, cut=True)
        header = header_in(line[column : column + LONGEST_LINE])
        if header is not None and (header.certain or distance == 1):
            return _Start(distance, column, distance - 1)
    within = header_within(line)
    return None if within is None else _Start(distance, within, distance - 1)


def _skip_stack(lines: Cursor) -> None:
    while (line := lines.peek()) is not None and (frame_in(line) or more_in(line)):
        lines.skip()


@dataclass(slots=True)
class _Thrown:
    """One exception, while it is read.

    Attributes:
        shared: how many of its outermost frames are those of the exception that it belongs to.
    """

    type_name: str
    message: str
    frames: Frames
    shared: int = 0
    suppressed: list[_Chain] = field(default_factory=list)


@dataclass(slots=True)
class _Chain:
    """An exception and its causes, all printed with the same indentation.

    Attributes:
        wrapped: the cause is printed first.
    """

    margin: int
    exceptions: Ends[_Thrown]
    wrapped: bool = False

    def outermost_first(self) -> Iterator[_Thrown]:
        kept = self.exceptions.kept()
        yield from reversed(kept) if self.wrapped else kept


class _Reader:
    """Reads one stack trace with all causes and suppressed exceptions."""

    def __init__(self, lines: Cursor) -> None:
        self._lines = lines
        self._suppressed = 0
        self._margin = 0
        self.bounds = Bounds()
        self.last_line = lines.number

    def trace(self, start: _Start) -> ParsedException:
        """The exception that begins as described, with those linked to it."""
        line = self._lines.peek() or ""
        self._margin = indentation(line)
        root = _Chain(self._margin, Ends(self.bounds))
        if start.cut and frame_in(line):
            root.exceptions.add(_Thrown("", "", Frames(self.bounds)))
            root.margin = max(root.margin - 1, 0)
        else:
            root.exceptions.add(self._thrown(line[start.column :], start.message_lines))
        self._sections(root)
        self._note_a_cut(root)
        return _frozen(root, (), self.bounds)

    def _sections(self, root: _Chain) -> None:
        """The frames of the exceptions, and the exceptions that follow."""
        chains = [root]
        while (line := self._lines.peek()) is not None:
            thrown = chains[-1].exceptions.latest
            frame = frame_in(line)
            if frame is not None:
                thrown.frames.add(frame)
                self._skip()
            elif more := more_in(line):
                thrown.shared += more[0]
                self.bounds.leave_out("frame{s} that the program did not print", more[1])
                self._skip()
            elif is_passed_over(line):
                self._skip()
            elif caption := caption_in(line):
                if not self._section(chains, *caption):
                    break
            elif thrown.frames.count and (passed := self._drivers() or self._interruption()):
                self._skip(passed)
            else:
                break

    def _section(self, chains: list[_Chain], margin: int, caption: Caption, text: str) -> bool:
        """Begin with another exception of the trace; False where it is none of it."""
        if header_in(text) is None or text.endswith(_PYTHONS):
            return False
        if caption is Caption.SUPPRESSED:
            while len(chains) > 1 and chains[-1].margin >= margin:
                chains.pop()
            chain = _Chain(margin, Ends(self.bounds))
            self._suppressed += 1
            if len(chains) < _MAX_DEPTH and self._suppressed <= _MAX_SUPPRESSED:
                chains[-1].exceptions.latest.suppressed.append(chain)
            else:
                self.bounds.leave_out("suppressed exception{s}")
            if len(chains) == _MAX_DEPTH:
                chains.pop()
            chains.append(chain)
        else:
            while len(chains) > 1 and chains[-1].margin > margin:
                chains.pop()
            chains[-1].wrapped |= caption is Caption.WRAPPED_BY
        chains[-1].exceptions.add(self._thrown(text, None))
        return True

    def _thrown(self, text: str, message_lines: int | None) -> _Thrown:
        header = header_in(text)
        type_name, opening = (header.type_name, header.message) if header else (text, "")
        self._skip()
        count = self._lines_of_message() if message_lines is None else message_lines
        below = self._lines.next_lines(min(count, MAX_MESSAGE_LINES))
        self._skip(count)
        message = "\n".join([opening, *(dedented(line, self._margin) for line in below)])
        return _Thrown(type_name, self.bounds.cut(message), Frames(self.bounds))

    def _lines_of_message(self) -> int:
        """How many lines stand before the first frame; none where no frame is near."""
        blank = 0
        for count, line in enumerate(islice(self._lines.ahead(), MAX_MESSAGE_LINES)):
            blank = blank + 1 if not line.strip() else 0
            if frame_in(line) or more_in(line) or ((caption := caption_in(line)) and header_in(caption[2])):
                return count
            if is_passed_over(line):
                return count
            if blank == _MOST_BLANK or is_log_line(line) or _IN_THREAD in line:
                break
        return 0

    def _drivers(self) -> int:
        """How many lines announce that the stack of Spark's driver follows."""
        following = self._lines.next_lines(3)
        announced = len(following) == 3 and not following[0].strip() and following[1].strip() == _DRIVERS
        return 2 if announced and frame_in(following[2]) else 0

    def _interruption(self) -> int:
        """How many lines of other output stand here between two frames."""
        for distance, line in enumerate(islice(self._lines.ahead(), _INTERRUPTION + 1)):
            if frame_in(line):
                return distance
            text = line.lstrip()
            if not text or header_within(line) is not None or header_in(text) or thread_end(text) or caption_in(line):
                break
        return 0

    def _note_a_cut(self, root: _Chain) -> None:
        following = self._lines.next_lines(2)
        if len(following) == 1 and _PARTIAL.match(following[0][:LONGEST_LINE]):
            self._skip()
            following = []
            self.bounds.gap(f"what stood below line {self.last_line}")
        elif not following and not root.exceptions.latest.frames.count and not root.exceptions.latest.shared:
            self.bounds.gap(f"the stack after line {self.last_line}")

    def _skip(self, count: int = 1) -> None:
        if count:
            self._lines.skip(count)
            self.last_line = self._lines.number - 1


def _frozen(chain: _Chain, enclosing: tuple[Frame, ...], bounds: Bounds) -> ParsedException:
    """The exceptions of a chain as values, each with the frames that it shares with the one above it.

    ``enclosing`` is the stack of the exception that the chain's first one was suppressed for, outermost first.
    """
    exceptions: list[ParsedException] = []
    for thrown in chain.outermost_first():
        shared = enclosing[: thrown.shared]
        frames = (*shared, *thrown.frames.kept(innermost_first=True))
        members = [replace(_frozen(each, frames, bounds), relation=Relation.MEMBER) for each in thrown.suppressed]
        exceptions.append(ParsedException(thrown.type_name, thrown.message, frames=frames, linked=tuple(members)))
        enclosing = frames
    reported = linked_by_cause(exceptions)
    assert reported is not None
    return reported
