"""The answer: what every analyser, offline or model, must come to.

The values are plain frozen dataclasses, so that an offline answer does not pay for importing pydantic
(some 80 ms of CPU, more than the whole analysis). At the edges, where a model's JSON comes in and the JSON
document goes out, ``pydantic.TypeAdapter`` validates and serialises these same classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Applicability(StrEnum):
    """How safe a fix is (the terms are Ruff's)."""

    SAFE = "safe"
    """It can be applied as it is: every edit was checked, and the alternatives were ruled out."""
    UNSAFE = "unsafe"
    """It fits the files, but a person must look: it may change behaviour."""
    DISPLAY_ONLY = "display-only"
    """Advice: there is no edit, or an edit does not fit the files."""


class Confidence(StrEnum):
    """How sure the answer is of the root cause."""

    CERTAIN = "certain"
    """The alternatives were ruled out by evidence."""
    LIKELY = "likely"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Location:
    """Where the fault lies: often not the raising line. ``line`` is 1-based; ``file`` relative to the project."""

    file: str
    line: int | None = None
    function: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line quoted from the project in support of the root cause; checked against the file."""

    file: str
    line: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``find``, which occurs exactly once in the file, by ``replace``.

    ``path`` is relative to the project root, with forward slashes. Both texts keep their indentation and may
    span lines.
    """

    path: str
    find: str
    replace: str


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do: a sentence, edits to make, commands to run by hand (Snapfix never runs them)."""

    summary: str
    edits: tuple[Edit, ...] = ()
    commands: tuple[str, ...] = ()
    applicability: Applicability = Applicability.DISPLAY_ONLY


@dataclass(frozen=True, slots=True)
class AnsweredBy:
    """Who answered, and what it took.

    Attributes:
        provider: ``offline`` for the built-in analyser, else LiteLLM's prefix.
        model: the rule's id for the offline analyser, else the model string.
        local: the text never left this machine.
        attempts: how many links were asked, this one included.
        tokens_in, tokens_out: as the provider counted them, or None.
        cost: US dollars by LiteLLM's local price table, or None where it knows no price.
        seconds: from the start of the analysis to the whole answer.
    """

    provider: str
    model: str
    local: bool
    attempts: int = 0
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What went wrong, why, and what to do.

    Attributes:
        error_analysis: what the error means here, in plain words.
        root_cause: one sentence, then, if needed, its explanation.
        location: where the fault lies, or None where it cannot be told.
        evidence: quoted lines.
        fix: None where no fix can be proposed.
        confidence: how sure the answer is.
        prevention: how to keep it from coming back, or "".
        answered_by: filled in by the pipeline.
        truncated: the model's answer was cut off by its token limit.
    """

    error_analysis: str
    root_cause: str
    location: Location | None = None
    evidence: tuple[Evidence, ...] = ()
    fix: Fix | None = None
    confidence: Confidence = Confidence.UNSURE
    prevention: str = ""
    answered_by: AnsweredBy | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a patch plan: its path relative to the root, its text now, and its text after the edits."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RejectedEdit:
    """An edit that does not fit the files: shown as advice, with the reason."""

    edit: Edit
    reason: str


@dataclass(frozen=True, slots=True)
class PatchPlan:
    """A fix checked against the real files: what would change, and what does not fit."""

    root: str
    changes: tuple[FileChange, ...] = ()
    rejected: tuple[RejectedEdit, ...] = ()

    @property
    def applies(self) -> bool:
        """There is something to change, and every edit fits."""
        return bool(self.changes) and not self.rejected
