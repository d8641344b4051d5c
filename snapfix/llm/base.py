"""What a transport is: the one way in which the chain reaches a model."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

from snapfix.failures import POLICIES, Failure, FailureKind
from snapfix.link import Link
from snapfix.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds.

    Attributes:
        first_token: from the request to the first sign of the answer (a model's reasoning is one).
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

    def status(self, link: Link) -> Failure | None:
        """What is known against asking this link before a byte is sent: a retired model, an unknown provider."""
        ...  # pragma: no cover

    def window(self, link: Link) -> int | None:
        """How many tokens the model can hold, prompt and answer together, or None where nobody says."""
        ...  # pragma: no cover

    def stream(self, link: Link, prompt: Prompt, timeouts: Timeouts) -> Generator[str | Finished, None, None]:
        """Yield the answer's text as it arrives, then one ``Finished``.

        Closing the iterator ends the request. Whatever goes wrong is raised as ``ProviderFailed``; an answer
        without text or without a proper end is a failure too.
        """
        ...  # pragma: no cover


_ERROR = 1.25
"""By how much a prompt may turn out to be larger than estimated; ``tokens.estimate_tokens`` has the figures."""
_WRAPPING = 256
"""Tokens of the model's own chat template."""


def answer_ceiling(link: Link, of_prompt: int | None) -> int:
    """The most tokens that an answer may have, by the link and the prompt."""
    return min(link.max_tokens, of_prompt or link.max_tokens)


def window_for(prompt: int, answer: int) -> int:
    """The window that surely holds a prompt of that estimated size and an answer, in tokens."""
    return int(prompt * _ERROR) + answer + _WRAPPING


def prompt_within(window: int, answer: int) -> int:
    """The estimated size of the largest prompt that surely fits into a window beside an answer; the inverse."""
    return max(int((window - answer - _WRAPPING) / _ERROR), 0)


def answer_within(window: int, prompt: int) -> int:
    """The longest answer that surely fits into a window beside a prompt of that estimated size."""
    return max(window - window_for(prompt, 0), 1)


def failure(
    link: Link,
    kind: FailureKind,
    message: str,
    *,
    status: int | None = None,
    seconds: float = 0.0,
    hint: str | None = None,
) -> Failure:
    """A failure at ``link``, with the hint that its kind has for this link."""
    return Failure(kind, message, hint_for(link, kind) if hint is None else hint, status, seconds)


def hint_for(link: Link, kind: FailureKind) -> str:
    """What to do about a failure of this kind at this link."""
    if kind is FailureKind.MODEL_GONE:
        if link.provider == "ollama_chat":
            return f"fetch it with `ollama pull {link.model.partition('/')[2]}`"
        if link.successor is None:
            return "name another model with `--model`"
    if kind is FailureKind.UNREACHABLE and link.provider == "ollama_chat" and link.local:
        return "start it with `ollama serve`, or name another model with `--model`"
    if kind is FailureKind.CONTEXT_TOO_LONG and link.local:
        return "lower `local_context_tokens` in the configuration, or load the model with a larger window"
    if kind in (FailureKind.BAD_KEY, FailureKind.NO_CREDIT) and link.key_variable is None:
        return f"check the account behind `{link.provider}`"
    return POLICIES[kind].hint.format(
        variable=link.key_variable or "", model=link.model, successor=link.successor or ""
    )
