"""A chain of exceptions that is printed with the reported one first, each followed by what caused it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from snapfix.crash import ParsedException, Relation
from snapfix.parsing.text.bounds import MAX_CHAIN, Bounds


@dataclass(slots=True)
class Causes:
    """Both ends of a chain, however long it is."""

    bounds: Bounds
    first: list[ParsedException] = field(default_factory=list)
    last: deque[ParsedException] = field(default_factory=lambda: deque(maxlen=MAX_CHAIN // 2))

    def add(self, exception: ParsedException) -> None:
        """Keep the exception that caused the one added before."""
        if len(self.first) < MAX_CHAIN // 2:
            self.first.append(exception)
            return
        if len(self.last) == self.last.maxlen:
            self.bounds.leave_out("exception{s} in the middle of a chain")
        self.last.append(exception)

    def linked(self) -> ParsedException | None:
        """The reported exception with its causes; None where nothing was added."""
        cause: ParsedException | None = None
        for exception in reversed((*self.first, *self.last)):
            if cause is not None:
                caused_by = replace(cause, relation=Relation.CAUSE)
                exception = replace(exception, linked=(caused_by, *exception.linked))
            cause = exception
        return cause
