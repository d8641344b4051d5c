"""Chains of exceptions: each is linked to the one that it came from, and of a long one both ends are kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from snapfix.crash import ParsedException, Relation
from snapfix.parsing.text.bounds import MAX_CHAIN, Bounds

_LEFT_OUT = "exception{s} in the middle of a chain"

T = TypeVar("T")


class Ends(Generic[T]):
    """Both ends of a chain, however long it is; what is left out of its middle is counted."""

    def __init__(self, bounds: Bounds, longest: int = MAX_CHAIN) -> None:
        self._bounds = bounds
        self._first: list[T] = []
        self._last: deque[T] = deque(maxlen=longest // 2)

    def add(self, exception: T) -> None:
        """Keep an exception, in the place of one in the middle where there are too many."""
        if len(self._first) < (self._last.maxlen or 0):
            self._first.append(exception)
            return
        if len(self._last) == self._last.maxlen:
            self._bounds.leave_out(_LEFT_OUT)
        self._last.append(exception)

    def kept(self) -> tuple[T, ...]:
        """What is kept, in the order in which it was added."""
        return (*self._first, *self._last)

    @property
    def latest(self) -> T:
        """What was added last."""
        return (self._last or self._first)[-1]


class Causes:
    """Exceptions that are printed with the reported one first, each followed by what caused it."""

    def __init__(self, bounds: Bounds) -> None:
        self._ends: Ends[ParsedException] = Ends(bounds)

    def add(self, exception: ParsedException) -> None:
        """Keep the exception that caused the one added before."""
        self._ends.add(exception)

    def linked(self) -> ParsedException | None:
        """The reported exception with its causes; None where nothing was added."""
        return linked_by_cause(self._ends.kept())


class Chain:
    """Exceptions that led to each other, in the order in which they are printed: the earliest first."""

    def __init__(self, bounds: Bounds, longest: int = MAX_CHAIN) -> None:
        self._ends: Ends[tuple[ParsedException, Relation | None]] = Ends(bounds, longest)

    def add(self, exception: ParsedException, relation: Relation | None) -> None:
        """Keep an exception; ``relation`` is the one to the next, None for the one that was reported."""
        self._ends.add((exception, relation))

    def root(self) -> ParsedException | None:
        """The exception that was reported, with those before it hung under it."""
        result: ParsedException | None = None
        for exception, relation in self._ends.kept():
            linked = exception.linked if result is None else (result, *exception.linked)
            result = replace(exception, linked=linked, relation=relation)
        return result and replace(result, relation=None)


def linked_by_cause(exceptions: Sequence[ParsedException]) -> ParsedException | None:
    """The first of the exceptions, each of which was caused by the one behind it; None where there are none."""
    cause: ParsedException | None = None
    for exception in reversed(exceptions):
        linked = (replace(cause, relation=Relation.CAUSE),) if cause else ()
        cause = replace(exception, linked=(*linked, *exception.linked))
    return cause


def both_ends(exceptions: Sequence[T], bounds: Bounds) -> list[T]:
    """As much of a chain that was read already as is kept; what is left out is counted."""
    bounds.leave_out(_LEFT_OUT, max(len(exceptions) - MAX_CHAIN, 0))
    return [*exceptions[: MAX_CHAIN // 2], *exceptions[MAX_CHAIN // 2 :][-MAX_CHAIN // 2 :]]
