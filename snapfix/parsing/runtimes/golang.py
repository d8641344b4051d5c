r"""Panics and fatal errors as Go's runtime prints them.

The layout, from ``runtime/panic.go`` and ``runtime/traceback.go`` (1.11 to 1.26)::

    panic: first [recovered]                             a panic that a deferred function recovered from, and
    \tpanic: second                                      the one that it raised in its place
    [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f1a5]

    goroutine 1 [running]:                               the one that panicked comes first
    main.main.func1()                                    innermost first
    \t/home/ada/shop/main.go:10 +0xae
    panic({0x4935e0?, 0xc000018090?})                    what follows is the stack of the earlier panic
    \t/usr/local/go/src/runtime/panic.go:884 +0x212
    ...additional frames elided...
    main.main()
    \t/home/ada/shop/main.go:18 +0x79
    created by main.start in goroutine 7
    \t/home/ada/shop/main.go:22 +0x1d

    goroutine 6 [chan receive]:                          others are passed over
    ...
    exit status 2                                        added by ``go run``

``fatal error: all goroutines are asleep - deadlock!`` stands in the place of ``panic:`` where the runtime itself gives
up, ``SIGQUIT: quit`` where a signal ended the program; ``net/http`` logs what it recovered from as ``http: panic
serving 127.0.0.1:50412: message``, and other programs put their own words above the same stack.

An exception's ``type_name`` is ``panic``, ``fatal error`` or the signal's name. An earlier panic is the context of the
later one, and has the frames below its own call of ``panic``. The same value raised again (``[recovered, repanicked]``
in 1.23 and later) is the same panic: it has the frames of the place where it was raised first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_MESSAGE_LINES, Bounds, Frames, stood_above
from snapfix.parsing.text.chains import both_ends
from snapfix.parsing.text.comments import is_comment
from snapfix.parsing.text.lines import Text
from snapfix.shapes import is_own

_HEADERS = ("panic: ", "fatal error: ")
_GOROUTINE = re.compile(r"goroutine \d{1,19} [^\[]{0,120}\[([^\]]{1,120})\].{0,200}:$")
_PLACE = re.compile(r"\s+(\S.*):(\d{1,9})(?: \+0x[0-9a-f]{1,16})?(?: fp=0x.{1,80})?$")
_PLACE_AND_OFFSET = re.compile(r"\t\S.*:\d{1,9} \+0x[0-9a-f]{1,16}$")
_CREATED = re.compile(r"created by (\S+)(?: in goroutine \d{1,19})?$")
_ELIDED = re.compile(r"\.\.\.(?:(\d{1,9})|additional) frames elided\.\.\.$")
_AGAIN = re.compile(r" \[recovered(, repanicked)?\]$")
_SIGNAL = re.compile(r"(SIG[A-Z0-9]{2,10}): (.{1,200})$")
_SERVED = re.compile(r"http: panic serving \S{1,300}: (.*)$")
_LOGGED = re.compile(r"(?:panic|recover)\w{0,10}\b[^:]{0,60}: ?(.*)$", re.IGNORECASE)
_EXIT_STATUS = re.compile(r"exit status \d{1,3}$")
_INTERRUPTION = 4
"""Lines of other output that are passed over between two frames."""
_LONGEST_HEADER = 1024 * 1024
"""Characters above a stack."""
_LOOK_BACK = 20
"""Lines of a logged message above its stack."""
_WAITING = ("panic: test timed out after ", "SIGQUIT: ")
"""Nobody panicked: of interest is the goroutine that waits in the user's code, not the one that was interrupted."""


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    line = line[:LONGEST_LINE].rstrip()
    goroutine = _GOROUTINE.search(line)
    if goroutine:
        return None if is_comment(line[: goroutine.start()]) else goroutine.start()
    for header in _HEADERS:
        position = line.find(header)
        if position >= 0:
            before = line[:position]
            return None if before[-1:].isalnum() or is_comment(before) else position
    place = _PLACE_AND_OFFSET.search(line)
    return place.start() if place else None


def read(lines: Text) -> Traceback | None:
    """Read the panic at the cursor; see ``Layout.read``."""
    line = (lines.peek() or "")[:LONGEST_LINE].rstrip()
    if line.startswith(_HEADERS):
        return _headed(lines)
    state = _GOROUTINE.match(line)
    if state:
        return _logged(lines, state[1])
    return _without_top(lines) if _PLACE_AND_OFFSET.match(line) else None


@dataclass(frozen=True, slots=True)
class _Panic:
    """What is printed of one panic above the stack; ``again`` says that the same value was raised once more."""

    type_name: str
    message: str
    notes: tuple[str, ...] = ()
    again: bool = False


class _Reader:
    """Reads one traceback."""

    def __init__(self, lines: Text) -> None:
        self._lines = lines
        self.bounds = Bounds()
        self.first_line = self.last_line = lines.number

    def skip(self, count: int = 1) -> None:
        """Move on by lines that belong to the traceback."""
        if count:
            self._lines.skip(count)
            self.last_line = self._lines.number - 1

    def header(self, height: int) -> list[str]:
        """The lines above the stack."""
        kept = self._lines.next_lines(height)
        self.skip(height)
        return kept

    def goroutines(self, *, waiting: bool = False) -> tuple[Frame, ...]:
        """The stack of the goroutine that panicked, outermost first; the cursor is at the line that names it.

        Where it was interrupted while it was ``waiting``, of the first that runs the user's own code.
        """
        self.skip()
        found = self.stack()
        chosen = not waiting or _has_own(found)
        while self._at_next_goroutine():
            other = self.stack(quiet=True)
            if not chosen and _has_own(other):
                found, chosen = other, True
        return found

    def stack(self, *, quiet: bool = False) -> tuple[Frame, ...]:
        """The frames from the cursor on, outermost first; ``quiet`` where nobody asks what they lack."""
        bounds = Bounds() if quiet else self.bounds
        frames = Frames(bounds)
        while (line := self._lines.peek()) is not None:
            elided = _ELIDED.match(line)
            if elided:
                _leave_out(bounds, elided[1])
                self.skip()
                continue
            passed, frame = self._next_frame()
            if frame is None:
                self._note_end(line, bounds)
                break
            frames.add(frame)
            self.skip(passed + 2)
        return frames.kept(innermost_first=True)

    def _next_frame(self) -> tuple[int, Frame | None]:
        """The next frame, and the number of lines of other output before it."""
        near = self._lines.next_lines(2 + _INTERRUPTION)
        for passed, (call, place) in enumerate(pairwise(near)):
            frame = _frame(call, place)
            if frame:
                return passed, frame
            if not call.strip() or _GOROUTINE.match(call[:LONGEST_LINE]) or _ELIDED.match(call):
                break
        return 0, None

    def _note_end(self, line: str, bounds: Bounds) -> None:
        """A call without a place is where the text breaks off."""
        if _name(line) and len(self._lines.next_lines(2)) < 2:
            self.skip()
            bounds.gap(f"the end of the stack: it breaks off after line {self.last_line}")

    def _at_next_goroutine(self) -> bool:
        """Move behind the line that names another goroutine, where one follows."""
        near = self._lines.next_lines(2)
        if len(near) < 2 or near[0].strip() or not _GOROUTINE.match(near[1][:LONGEST_LINE]):
            return False
        self.skip(2)
        return True

    def traceback(self, exception: ParsedException) -> Traceback:
        """The traceback, when all is read."""
        return Traceback("go", "go", self.first_line, self.last_line, exception, missing=self.bounds.missing)


def _headed(lines: Text) -> Traceback | None:
    """A crash from its first line on."""
    height, stacked = _height(lines)
    if not height:
        return None
    reader = _Reader(lines)
    header = reader.header(height)
    panics = list(_panics(header))
    if stacked:
        frames = reader.goroutines(waiting=header[0].startswith(_WAITING))
        if not frames and lines.peek() is None:
            return None  # what a test expects to be printed
    else:
        frames = ()
        reader.bounds.gap(f"the stack after line {reader.last_line}")
    return reader.traceback(_chain(panics, frames, reader.bounds))


def _height(lines: Text) -> tuple[int, bool]:
    """How many lines stand above the stack, and whether there is one; 0 where this is no crash."""
    first = lines.peek() or ""
    last = size = 0
    for distance, line in enumerate(islice(lines.ahead(), MAX_MESSAGE_LINES)):
        size += len(line)
        if size > _LONGEST_HEADER:
            return 0, False
        line = line[:LONGEST_LINE].rstrip()
        if distance and _GOROUTINE.match(line):
            return distance, True
        if distance and _is_another(line, first):
            return 0, False
        if distance and distance - last < 3 and _EXIT_STATUS.match(line):
            return last + 1, False
        if distance == last + 1 and line:
            last = distance
    cut = first.startswith("panic: runtime error: ") and len(lines.next_lines(4)) < 4
    return (last + 1, False) if cut else (0, False)


def _is_another(line: str, first: str) -> bool:
    """The line cannot stand between the first one of a crash and its stack."""
    if first.startswith("fatal error: "):
        return line != "" and not line.startswith(("[signal ", "runtime", "\t"))
    return any(header in line for header in _HEADERS) and not line.startswith("\tpanic: ")


def _panics(header: list[str]) -> Iterator[_Panic]:
    """The panics that are named above a stack, the first first."""
    start = 0
    for number in range(1, len(header) + 1):
        if number == len(header) or header[number].startswith("\tpanic: "):
            yield _panic(header[start:number])
            start = number


def _panic(lines: list[str]) -> _Panic:
    type_name, _, first = lines[0].lstrip("\t").partition(": ")
    message = [first, *lines[1:]]
    if "runtime stack:" in message:
        message = message[: message.index("runtime stack:")]
    notes: list[str] = []
    while len(message) > 1 and (not message[-1].strip() or message[-1].startswith("[signal ")):
        note = message.pop()
        notes += [note] if note.strip() else []
    if all(line.startswith("\t") for line in message[1:]):  # from 1.23 on; it keeps a message from imitating the stack
        message[1:] = [line[1:] for line in message[1:]]
    again = _AGAIN.search(message[-1][-40:])
    if again:
        message[-1] = message[-1][: -len(again[0])]
    return _Panic(type_name, "\n".join(message), tuple(notes), again=bool(again and again[1]))


def _raised(frames: tuple[Frame, ...]) -> list[int]:
    """How many of the frames, outermost first, each panic has whose deferred functions are running."""
    return [n for n, frame in enumerate(frames) if frame.name == "panic" and frame.filename.endswith("panic.go")]


def _chain(panics: list[_Panic], frames: tuple[Frame, ...], bounds: Bounds) -> ParsedException:
    """The last panic, which the earlier ones led to, each with the frames that it was raised in."""
    panics = both_ends(panics, bounds)
    raisings = [panic for panic in panics for _ in range(1 + panic.again)]
    ends = _raised(frames)
    if len(ends) < len(raisings):  # the last one ended the program: the stack is its own; or else it was recovered from
        ends.append(len(frames))
    result: ParsedException | None = None
    previous: _Panic | None = None
    for distance, panic in zip(range(len(raisings) - 1, -1, -1), raisings, strict=True):
        if previous and previous.message == panic.message:
            continue
        previous = panic
        end = ends[-1 - distance] if distance < len(ends) else ends[0]
        linked = () if result is None else (replace(result, relation=Relation.CONTEXT),)
        message = bounds.cut(panic.message)
        result = ParsedException(panic.type_name, message, panic.notes, frames[:end], linked=linked)
    return result or ParsedException("panic", "")


def _logged(lines: Text, state: str) -> Traceback | None:
    """A stack whose message, if there is any, was printed by someone else above it."""
    before = [line[:LONGEST_LINE] for line in lines.before(_LOOK_BACK)]
    panic, height = _announced(before)
    if panic is None and "running" not in state:
        lines.skip()
        return None
    lines.back(height)
    reader = _Reader(lines)
    reader.skip(height)
    frames = reader.goroutines(waiting=panic is not None and panic.type_name == "SIGQUIT")
    raised = _raised(frames)
    at_top = not any(line.strip() for line in before)
    if not frames or not (panic or raised or (at_top and not _is_dump(frames))):
        return None
    if panic is None:
        panic = _Panic("panic" if raised else "", _message_in(before[-1] if before else ""))
    if at_top:
        reader.bounds.gap(stood_above(reader.first_line))
    return reader.traceback(_chain([panic], frames, reader.bounds))


def _announced(before: list[str]) -> tuple[_Panic | None, int]:
    """What the lines above a stack say that happened, and how many of them do."""
    for height, line in enumerate(reversed(before), start=1):
        if served := _SERVED.search(line):
            return _panic(["panic: " + served[1], *before[len(before) - height + 1 :]]), height
        if signal := _SIGNAL.match(line):
            return _Panic(signal[1], signal[2]), height
        if line.startswith("\tpanic: "):
            return _panic(before[len(before) - height :]), height
        if _GOROUTINE.match(line):
            break
    return None, 0


def _message_in(line: str) -> str:
    """The message in the words of a program that recovered: ``recovered from panic: message``."""
    found = _LOGGED.search(line)
    return found[1] if found else ""


def _is_dump(frames: tuple[Frame, ...]) -> bool:
    """The program printed its own stack, and went on."""
    return frames[-1].name.startswith(("runtime/debug.", "runtime/pprof.", "runtime.Stack"))


def _without_top(lines: Text) -> Traceback | None:
    """What a text that was cut off leaves of a stack: it begins in the middle of one."""
    before = lines.before(_LOOK_BACK)
    if not all(map(_is_of_stack, before)):  # a stack that nobody announced is none
        return None
    lines.back(len(before))
    reader = _Reader(lines)
    first = _PLACE.match((lines.peek() or "").rstrip())
    reader.skip(1 if first else 0)
    frames = reader.stack()
    if not frames:
        return None
    if first:
        frames = (*frames, Frame(first[1], int(first[2]), ""))
    reader.bounds.gap(stood_above(reader.first_line))
    raised = _raised(frames)
    panic = _Panic("panic" if raised else "", "")
    return reader.traceback(_chain([panic], frames, reader.bounds))


def _is_of_stack(line: str) -> bool:
    return len(line) <= LONGEST_LINE and bool(_name(line) or _PLACE.match(line.rstrip()))


def _frame(call: str, place: str) -> Frame | None:
    """The frame that two lines name."""
    if len(call) > LONGEST_LINE or len(place) > LONGEST_LINE:
        return None
    name, where = _name(call), _PLACE.match(place.rstrip())
    return Frame(where[1], int(where[2]), name) if name and where else None


def _name(call: str) -> str:
    """The function in ``main.(*Cart).Total(0x5, {0xc0000140a8?})`` or ``created by main.start in goroutine 7``."""
    call = call[:LONGEST_LINE].rstrip()
    created = _CREATED.match(call)
    if created:
        return created[1]
    name, bracket, _ = call.rpartition("(")
    return name if bracket and call.endswith(")") and name and not name[0].isspace() and " " not in name else ""


def _leave_out(bounds: Bounds, count: str | None) -> None:
    if count:
        bounds.leave_out("frame{s} in the middle of a stack", int(count))
    else:
        bounds.gap("the outer frames, which the program did not print")


def _has_own(frames: tuple[Frame, ...]) -> bool:
    return any(is_own("go", frame.filename, frame.name) for frame in frames)
