"""What is sent to a model."""

from __future__ import annotations

from dataclasses import dataclass

from snapfix.crash import LeftOut


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation; ``role`` is ``system`` or ``user``."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A filled template, redacted and within its budget.

    Attributes:
        messages: what goes on the wire, in order.
        template: name of the template (``diagnose``).
        version: the template's own version, recorded with every attempt.
        tokens: estimated size of all messages, in tokens.
        max_tokens: ceiling of the answer, from the front matter or what the window leaves, or None.
        temperature: from the front matter, or None.
        model: the alias or model that the template is pinned to, or None.
        left_out: what did not fit, each with its reason.
        masks: pairs of (mask, secret) to put the user's own text back into the answer. Never sent, never shown.
    """

    messages: tuple[Message, ...]
    template: str
    version: str
    tokens: int
    max_tokens: int | None = None
    temperature: float | None = None
    model: str | None = None
    left_out: tuple[LeftOut, ...] = ()
    masks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """How much room a model has for a prompt.

    Attributes:
        window: tokens that it can hold, prompt and answer together, or None where that is not known.
        share: the part of the budget to use: less than 1.0 where the model has called a prompt too long.
    """

    window: int | None = None
    share: float = 1.0
