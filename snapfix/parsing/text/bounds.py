"""What is kept of one traceback, however long its text; what is left out is counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from snapfix.crash import Frame

MAX_FRAMES = 2_000
"""Frames of one exception: half from each end."""
MAX_CODE_LINES = 40
"""Lines of code of one frame."""
MAX_CHAIN = 40
"""Exceptions of one chain: half from each end."""
MAX_MESSAGE_LINES = 1_000
MAX_MESSAGE = 64 * 1024
"""Characters."""
LONGEST_LINE = 8 * 1024
"""Characters; a longer line is no frame, and of a longer line of code only this much is kept."""
_MAX_CHARACTERS = 4 * 1024 * 1024  # in all frames and messages together
_MAX_GAPS = 20


class Bounds:
    """What is still affordable of one traceback, and what had to be left out."""

    def __init__(self) -> None:
        self._characters = 0
        self._left_out: dict[str, int] = {}
        self._gaps: list[str] = []

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not in the result, in words; for ``Traceback.missing``."""
        counted = [f"{n:,} {what.format(s='s' if n > 1 else '')}" for what, n in self._left_out.items()]
        return (*self._gaps, *counted)

    def gap(self, what: str) -> None:
        """Note something that the text does not hold: ``the exception after line 3``."""
        if len(self._gaps) < _MAX_GAPS:
            self._gaps.append(what)

    def leave_out(self, what: str, count: int = 1) -> None:
        """Count what is not kept; ``{s}`` in its name is the plural's."""
        if count:
            self._left_out[what] = self._left_out.get(what, 0) + count

    def affords(self, characters: int) -> bool:
        """There is room for so many characters more; if not, they are counted as left out."""
        if self._characters + characters > _MAX_CHARACTERS:
            self.leave_out("character{s} in frames and messages", characters)
            return False
        return True

    def spend(self, characters: int) -> None:
        """Characters are kept (or, if negative, given up)."""
        self._characters += characters

    def cut(self, message: str) -> str:
        """As much of a message as is kept; it is counted."""
        if len(message) > MAX_MESSAGE:
            self.leave_out("character{s} of a message", len(message) - MAX_MESSAGE)
            message = message[:MAX_MESSAGE]
        if not self.affords(len(message)):
            return ""
        self.spend(len(message))
        return message


@dataclass(slots=True)
class Frames:
    """The frames of one exception in the order in which they are printed: both ends of a long stack."""

    bounds: Bounds
    first: list[Frame] = field(default_factory=list)
    last: deque[Frame] = field(default_factory=lambda: deque(maxlen=MAX_FRAMES // 2))
    count: int = 0

    def add(self, frame: Frame) -> None:
        """Keep a frame, as far as there is room."""
        size = _size(frame)
        if not self.bounds.affords(size):
            return
        self.count += 1
        self.bounds.spend(size)
        if len(self.first) < MAX_FRAMES // 2:
            self.first.append(frame)
            return
        if len(self.last) == self.last.maxlen:
            self.bounds.spend(-_size(self.last[0]))
        self.last.append(frame)

    def change_last(self, **changes: object) -> None:
        """Fill in what is printed below a frame: its code, how often it is repeated."""
        end = self.last or self.first
        if end:
            end[-1] = replace(end[-1], **changes)  # type: ignore[arg-type]

    def kept(self, *, innermost_first: bool = False) -> tuple[Frame, ...]:
        """The frames, outermost first; what was left out is counted.

        ``innermost_first`` says that they were printed the other way round.
        """
        self.bounds.leave_out("frame{s} in the middle of a stack", self.count - len(self.first) - len(self.last))
        frames = (*self.first, *self.last)
        return frames[::-1] if innermost_first else frames


def stood_above(line: int) -> str:
    """That a text was cut off at its top, above this line: for ``Bounds.gap`` and ``Traceback.missing``."""
    return f"what stood above line {line}"


_AT_THE_END = ("breaks off", "the exception after line", "the stack after line", "what stood below line")


def breaks_off(missing: Iterable[str]) -> bool:
    """The text ends before the traceback does: what is missing may still come."""
    return any(words in gap for gap in missing for words in _AT_THE_END)


def _size(frame: Frame) -> int:
    return len(frame.filename) + len(frame.name) + len(frame.code)
