"""What the tests of this folder share: links, prompts and a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from snapfix.diagnosis import Diagnosis
from snapfix.failures import Failure, FailureKind, ProviderFailed
from snapfix.link import Link
from snapfix.llm.base import Finished, Timeouts
from snapfix.llm.links import DEFAULT_MODELS, resolve
from snapfix.prompt import Message, Prompt

PROMPT = Prompt(
    messages=(Message("system", "You find root causes."), Message("user", "NameError: totl")),
    template="diagnose",
    version="3",
    tokens=100,
    temperature=0.2,
)
PATIENT = Timeouts(first_token=10, stall=10, answer=20)
HASTY = Timeouts(first_token=0.5, stall=0.5, answer=0.8)


def link_to(alias: str, environ: Mapping[str, str], **changes: object) -> Link:
    """The link of a default alias."""
    return replace(resolve(alias, order=(), models=DEFAULT_MODELS, environ=environ)[0], **changes)


def read(text: str, finished: Finished, prompt: Prompt) -> Diagnosis:
    """A reader that wants the word "cause"."""
    if "cause" not in text:
        raise ProviderFailed(Failure(FailureKind.BAD_ANSWER, "there is no root cause in the answer"))
    return Diagnosis(error_analysis="", root_cause=text, truncated=finished.truncated)
