"""The tracebacks of one input: how many of each kind, and those that are to be analysed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from snapfix import parsing
from snapfix.crash import Traceback
from snapfix.diagnosis import Location
from snapfix.errors import UsageError
from snapfix.events import Group, OthersFound, Span

STANDARD_INPUT = "standard input"
"""What that input is called."""

_KINDS_COUNTED = 1000
_KINDS_KEPT = 200
_CHARACTERS_KEPT = 16_000_000
_MESSAGE_KEPT = 300
_PATH_KEPT = 1000


@dataclass(slots=True)
class Kinds:
    """How many tracebacks of each kind there are, and where; it does not grow with the input.

    Beyond 1,000 kinds those that were seen longest ago are forgotten; one that comes back counts as new.

    Attributes:
        total: tracebacks counted.
        appeared: kinds counted.
    """

    total: int = 0
    appeared: int = 0
    _groups: dict[str, Group] = field(default_factory=dict)

    def add(self, traceback: Traceback) -> Group:
        """Count a traceback; its kind as it is now."""
        self.total += 1
        fingerprint = traceback.fingerprint
        known = self._groups.pop(fingerprint, None)
        if known is None:
            self.appeared += 1
        group = _group(traceback, fingerprint, self.appeared, known)
        self._groups[fingerprint] = group
        if len(self._groups) > _KINDS_COUNTED:
            del self._groups[next(iter(self._groups))]
        return group

    def join(self, rest: Kinds) -> bool:
        """Add the kinds of the rest of the same text, after which nothing can be added.

        False, and nothing is changed, where there are so many that one was forgotten or would have been.
        """
        together = len(self._groups.keys() | rest._groups.keys())
        if together > _KINDS_COUNTED or (self.appeared, rest.appeared) != (len(self._groups), len(rest._groups)):
            return False
        self.total += rest.total
        for group in rest.groups():
            known = self._groups.get(group.fingerprint) or replace(group, number=len(self._groups) + 1, count=0)
            count = known.count + group.count
            self._groups[group.fingerprint] = replace(group, number=known.number, first=known.first, count=count)
        self.appeared = together
        return True

    def get(self, fingerprint: str) -> Group:
        """The kind of a traceback that was counted."""
        return self._groups[fingerprint]

    def groups(self) -> tuple[Group, ...]:
        """The kinds, in the order in which they appeared."""
        return tuple(sorted(self._groups.values(), key=lambda group: group.number))


@dataclass(slots=True)
class Kept:
    """One whole traceback of each kind, up to 200 kinds and 16 million characters.

    Beyond that the oldest are given up, and counted in ``forgotten``.
    """

    forgotten: int = 0
    _tracebacks: dict[str, Traceback] = field(default_factory=dict)
    _characters: int = 0

    def add(self, fingerprint: str, traceback: Traceback) -> None:
        """Keep a traceback in the place of an earlier one of its kind."""
        self.take(fingerprint)
        self._tracebacks[fingerprint] = traceback
        self._characters += _size(traceback)
        while len(self._tracebacks) > 1 and (
            len(self._tracebacks) > _KINDS_KEPT or self._characters > _CHARACTERS_KEPT
        ):
            self.take(next(iter(self._tracebacks)))
            self.forgotten += 1

    def take(self, fingerprint: str) -> Traceback | None:
        """Give up the traceback of a kind."""
        traceback = self._tracebacks.pop(fingerprint, None)
        self._characters -= _size(traceback) if traceback else 0
        return traceback

    def take_first(self) -> Traceback | None:
        """Give up the traceback that has been here longest."""
        return self.take(next(iter(self._tracebacks), ""))

    def get(self, fingerprint: str) -> Traceback | None:
        """The traceback of a kind."""
        return self._tracebacks.get(fingerprint)

    def values(self) -> tuple[Traceback, ...]:
        """All of them, the one added last at the end."""
        return tuple(self._tracebacks.values())

    def fingerprints(self) -> frozenset[str]:
        """Whose tracebacks are here."""
        return frozenset(self._tracebacks)


@dataclass(slots=True)
class Survey:
    """What is kept of one input; it does not grow with the input.

    Attributes:
        origin: where the input comes from.
        every: each kind is to be analysed, not only the last traceback.
        pick: the number of the kind that is to be analysed, counted from the end where it is negative.
        kinds: what there is.
        interrupted: the reading ended with Ctrl-C; what had been read still counts.
    """

    origin: str
    every: bool = False
    pick: int | None = None
    kinds: Kinds = field(default_factory=Kinds)
    interrupted: bool = False
    _latest: tuple[Group, Traceback] | None = None
    _picked: tuple[Group, Traceback] | None = None
    _kept: Kept = field(default_factory=Kept)

    @property
    def total(self) -> int:
        """Tracebacks found."""
        return self.kinds.total

    @property
    def forgotten(self) -> int:
        """Kinds that were given up and are not analysed."""
        return self._kept.forgotten

    @property
    def latest(self) -> int:
        """The number of the kind that the last traceback is of; 0 where there is none."""
        return self._latest[0].number if self._latest else 0

    def add(self, traceback: Traceback) -> None:
        """Count a traceback, and keep it as far as it may be chosen."""
        group = self.kinds.add(traceback)
        self._latest = group, traceback
        if group.number == self.pick:
            self._picked = group, traceback
        elif self.every or (self.pick is not None and self.pick < 0):
            self._kept.add(group.fingerprint, traceback)

    def read(self, blocks: Iterator[bytes], *, first_line: int = 1) -> None:
        """Add the tracebacks of a text, up to its end or to the first Ctrl-C.

        A traceback that is being read when the interruption comes is complete with what has arrived.
        """

        def until_interrupted() -> Iterator[bytes]:
            try:
                yield from blocks
            except KeyboardInterrupt:
                self.interrupted = True

        for traceback in parsing.scan(until_interrupted(), self.origin, first_line=first_line):
            self.add(traceback)

    def join(self, rest: Survey) -> bool:
        """Add what was found in the rest of the same text, which ends the survey; see ``Kinds.join``.

        Only for surveys of which just the last traceback is wanted: neither ``every`` nor ``pick``.
        """
        if not self.kinds.join(rest.kinds):
            return False
        if rest._latest is not None:
            _, traceback = rest._latest
            self._latest = self.kinds.get(traceback.fingerprint), traceback
        return True

    def chosen(self) -> tuple[Traceback, ...]:
        """What is to be analysed, the latest last.

        Raises:
            UsageError: the kind that was picked is not there.
        """
        if self.every:
            return self._kept.values()
        choice = self._choice()
        return (choice[1],) if choice else ()

    def others(self) -> OthersFound:
        """What is not analysed when only one is.

        Raises:
            UsageError: the kind that was picked is not there.
        """
        choice = self._choice()
        analysed = choice[0].number if choice else 0
        groups = self.kinds.groups()
        others = tuple(group for group in groups if group.number != analysed or group.count > 1)
        return OthersFound(self.origin, self.total, self.kinds.appeared, analysed, self.latest, others)

    def _choice(self) -> tuple[Group, Traceback] | None:
        if self.pick is None:
            return self._latest
        if self.pick < 0:
            self._picked = self._from_end(-self.pick)
        if self._picked is None:
            raise self._no_such_kind(self.pick)
        return self._picked

    def _from_end(self, distance: int) -> tuple[Group, Traceback] | None:
        groups = self.kinds.groups()
        if distance > len(groups):
            return None
        group = groups[-distance]
        traceback = self._kept.get(group.fingerprint)
        return (group, traceback) if traceback else None

    def _no_such_kind(self, number: int) -> UsageError:
        count = self.kinds.appeared
        there = f"there are {count} kinds of tracebacks" if count > 1 else "there is one kind of traceback"
        known = f"pick one of 1 to {count}" if count > 1 else "pick 1"
        if abs(number) <= count:
            there, known = f"only the latest {_KINDS_KEPT} kinds are kept", "count from the beginning"
        message = f"{there} in {self.origin}, and no number {number}"
        return UsageError("no-such-kind", message, f"{known}; `--list` shows what they are")


def place_of(traceback: Traceback) -> Location | None:
    """The innermost frame of the user's own code, as printed."""
    frame = traceback.innermost_in_app
    return Location(frame.filename[:_PATH_KEPT], frame.lineno, frame.name[:_MESSAGE_KEPT]) if frame else None


def _group(traceback: Traceback, fingerprint: str, number: int, known: Group | None) -> Group:
    exception = traceback.exceptions()[0]
    span = Span(traceback.first_line, traceback.last_line)
    latest = Group(
        number=number,
        type_name=exception.type_name[:_MESSAGE_KEPT],
        message=exception.message[:_MESSAGE_KEPT],
        place=place_of(traceback),
        origin=traceback.origin,
        first=span,
        last=span,
        fingerprint=fingerprint,
        count=1,
    )
    return replace(latest, number=known.number, first=known.first, count=known.count + 1) if known else latest


def _size(traceback: Traceback) -> int:
    """Roughly how many characters a traceback takes."""
    return sum(
        len(exception.message) + sum(len(frame.filename) + len(frame.code) + 200 for frame in exception.frames)
        for exception in traceback.exceptions()
    )


def survey(blocks: Iterator[bytes], origin: str, *, every: bool = False, pick: int | None = None) -> Survey:
    """Read a text to its end, or to the first Ctrl-C."""
    found = Survey(origin, every, pick)
    found.read(blocks)
    return found
