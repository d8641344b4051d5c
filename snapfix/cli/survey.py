"""The tracebacks of one input: how many of each kind, and those that are to be analysed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from snapfix import parsing
from snapfix.crash import Traceback
from snapfix.events import Group, OthersFound

_KINDS_COUNTED = 1000
_KINDS_KEPT = 200
_CHARACTERS_KEPT = 16_000_000
_MESSAGE_KEPT = 300


@dataclass(slots=True)
class Survey:
    """What is kept of one input; it does not grow with the input.

    Whole tracebacks are kept of the last one and, where every kind is to be analysed, of the latest of each kind, up
    to 200 kinds and 16 million characters; beyond that the oldest are forgotten, and counted.

    Attributes:
        origin: where the input comes from.
        every: every kind is to be analysed, not only the last traceback.
        total: tracebacks found.
        forgotten: kinds that were given up.
        interrupted: the reading ended with Ctrl-C; what had been read still counts.
    """

    origin: str
    every: bool = False
    total: int = 0
    forgotten: int = 0
    interrupted: bool = False
    _groups: dict[str, Group] = field(default_factory=dict)
    _kept: dict[str, Traceback] = field(default_factory=dict)
    _characters: int = 0

    def add(self, traceback: Traceback) -> None:
        """Count a traceback."""
        self.total += 1
        fingerprint = traceback.fingerprint
        known = self._groups.pop(fingerprint, None)
        self._groups[fingerprint] = _group(traceback, (known.count if known else 0) + 1)
        if len(self._groups) > _KINDS_COUNTED:
            del self._groups[next(iter(self._groups))]
        self._keep(fingerprint, traceback)

    def _keep(self, fingerprint: str, traceback: Traceback) -> None:
        if not self.every:
            self._kept = {fingerprint: traceback}
            return
        before = self._kept.pop(fingerprint, None)
        self._characters += _size(traceback) - (_size(before) if before else 0)
        self._kept[fingerprint] = traceback
        while len(self._kept) > 1 and (len(self._kept) > _KINDS_KEPT or self._characters > _CHARACTERS_KEPT):
            self._characters -= _size(self._kept.pop(next(iter(self._kept))))
            self.forgotten += 1

    def chosen(self) -> tuple[Traceback, ...]:
        """What is to be analysed, in the order of the text."""
        return tuple(self._kept.values())

    def others(self) -> OthersFound:
        """What is not analysed when only the last one is."""
        *earlier, last = self._groups.values()
        repeated = [last] if last.count > 1 else []
        return OthersFound(self.origin, self.total, (*earlier, *repeated))


def _group(traceback: Traceback, count: int) -> Group:
    exception = traceback.exception
    return Group(
        type_name=exception.type_name[:_MESSAGE_KEPT],
        message=exception.message[:_MESSAGE_KEPT],
        origin=traceback.origin,
        first_line=traceback.first_line,
        last_line=traceback.last_line,
        fingerprint=traceback.fingerprint,
        count=count,
    )


def _size(traceback: Traceback) -> int:
    """Roughly how many characters a traceback takes."""
    return sum(
        len(exception.message) + sum(len(frame.filename) + len(frame.code) + 200 for frame in exception.frames)
        for exception in traceback.exceptions()
    )


def survey(blocks: Iterator[bytes], origin: str, *, every: bool) -> Survey:
    """Read a text to its end, or to the first Ctrl-C.

    A traceback that is being read when the interruption comes is complete with what has arrived.
    """
    found = Survey(origin, every)

    def until_interrupted() -> Iterator[bytes]:
        try:
            yield from blocks
        except KeyboardInterrupt:
            found.interrupted = True

    for traceback in parsing.scan(until_interrupted(), origin):
        found.add(traceback)
    return found
