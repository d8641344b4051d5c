"""What a transport is: the one way in which the chain reaches a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from snapfix.link import Link
from snapfix.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds.

    Attributes:
        first_token: from the request to the first text.
        stall: between two parts of the answer.
        answer: from the request to the end of the answer.
    """

    first_token: float
    stall: float
    answer: float


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a stream, always its last item.

    Attributes:
        truncated: the answer ended at its token limit.
        tokens_in, tokens_out: as the provider counted them, or None.
        cost: US dollars by the local price table, or None.
    """

    truncated: bool = False
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None


class Transport(Protocol):
    """Asks one link, once."""

    def stream(self, link: Link, prompt: Prompt, timeouts: Timeouts) -> Iterator[str | Finished]:
        """Yield the answer's text as it arrives, then one ``Finished``.

        Closing the iterator ends the request. Whatever goes wrong is raised as ``ProviderFailed``; an answer
        without text or without a proper end is a failure too.
        """
        ...  # pragma: no cover
