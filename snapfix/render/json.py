"""The JSON document: one per run, with a schema version; the stable interface for other programs.

``Document.model_json_schema()`` is its schema. A field may be added without a new version; a field that
changes its meaning, or goes, raises ``SCHEMA_VERSION``.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any, Literal, TextIO

from pydantic import BaseModel, ConfigDict

from snapfix.crash import Crash, CrashContext, LeftOut, Traceback
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, PatchPlan
from snapfix.errors import SnapfixError
from snapfix.events import (
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    ContextReady,
    DiagnosisReady,
    Event,
    Group,
    OthersFound,
    Warned,
)
from snapfix.render.messages import error_lines, progress_lines, write_lines

SCHEMA_VERSION = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LocationPart(_Part):
    """Where the fault lies; ``line`` is 1-based, ``file`` relative to the project."""

    file: str
    line: int | None
    function: str | None


class EvidencePart(_Part):
    """A quoted line."""

    file: str
    line: int | None
    text: str


class EditPart(_Part):
    """Replace ``find``, which occurs once in ``path``, by ``replace``; ``rejected`` says why it does not fit."""

    path: str
    find: str
    replace: str
    rejected: str | None = None


class FixPart(_Part):
    """What to do."""

    summary: str
    edits: tuple[EditPart, ...]
    commands: tuple[str, ...]
    applicability: Applicability


class FramePart(_Part):
    """A stack entry; ``source`` is the project's file where it was found."""

    file: str
    line: int | None
    function: str
    code: str
    in_app: bool
    source: str | None
    changed: bool


class ExceptionPart(_Part):
    """One exception; ``relation`` says how it belongs to the exception that follows from it."""

    type: str
    message: str
    notes: tuple[str, ...]
    relation: str | None
    frames: tuple[FramePart, ...]


class TracebackPart(_Part):
    """What was read: ``exceptions`` has the one that started it first."""

    language: str
    format: str
    origin: str
    first_line: int
    last_line: int
    fingerprint: str
    missing: tuple[str, ...]
    exceptions: tuple[ExceptionPart, ...]


class AnsweredByPart(_Part):
    """Who answered: ``provider`` is ``offline`` for the built-in analyser; ``cost`` is in US dollars."""

    provider: str
    model: str
    local: bool
    attempts: int
    tokens_in: int | None
    tokens_out: int | None
    cost: float | None
    seconds: float


class AttemptPart(_Part):
    """One link of the chain: ``outcome`` is ``answered``, ``failed``, ``skipped`` or ``interrupted``."""

    link: str
    model: str
    local: bool
    outcome: str
    failure: str | None = None
    message: str | None = None
    hint: str | None = None
    status: int | None = None
    seconds: float | None = None


class LeftOutPart(_Part):
    """Something that was not looked at, and why."""

    what: str
    reason: str


class MessagePart(_Part):
    """An error or a warning."""

    code: str
    message: str
    hint: str | None


class DiagnosisPart(_Part):
    """One diagnosis."""

    error_analysis: str
    root_cause: str
    location: LocationPart | None
    evidence: tuple[EvidencePart, ...]
    fix: FixPart | None
    confidence: Confidence
    prevention: str
    truncated: bool
    traceback: TracebackPart
    answered_by: AnsweredByPart | None
    attempts: tuple[AttemptPart, ...]
    left_out: tuple[LeftOutPart, ...]


class SpanPart(_Part):
    """Lines of an input, 1-based and inclusive."""

    first_line: int
    last_line: int


class GroupPart(_Part):
    """The tracebacks of one kind.

    ``number`` is what ``--pick`` takes, and ``count`` says how many there are. The other fields describe the latest of
    them, but for ``first_seen``. ``place`` is the innermost frame of the user's own code, as printed.
    """

    number: int
    count: int
    type: str
    message: str
    place: LocationPart | None
    origin: str
    first_line: int
    last_line: int
    first_seen: SpanPart
    fingerprint: str


class ListedPart(GroupPart):
    """One kind of the list; ``latest``: the last traceback of the input is of it."""

    latest: bool


class Document(DiagnosisPart):
    """The document of a run with one diagnosis; ``others`` are the tracebacks that were not analysed."""

    schema_version: int = SCHEMA_VERSION
    others: tuple[GroupPart, ...] = ()
    warnings: tuple[MessagePart, ...] = ()


class Documents(_Part):
    """The document of a run with several (``--all``, several inputs), or with none."""

    schema_version: int = SCHEMA_VERSION
    diagnoses: tuple[DiagnosisPart, ...] = ()
    others: tuple[GroupPart, ...] = ()
    errors: tuple[MessagePart, ...] = ()
    warnings: tuple[MessagePart, ...] = ()


class ErrorDocument(_Part):
    """The document of a run that ended in an error before anything was diagnosed."""

    schema_version: int = SCHEMA_VERSION
    error: MessagePart
    warnings: tuple[MessagePart, ...] = ()


class ListDocument(_Part):
    """The document of ``--list``: the kinds of tracebacks in each input, in the order in which they appeared."""

    schema_version: int = SCHEMA_VERSION
    groups: tuple[ListedPart, ...] = ()
    errors: tuple[MessagePart, ...] = ()
    warnings: tuple[MessagePart, ...] = ()


class DiagnosisLine(Document):
    """``snapfix watch``, one line: a crash of a kind that was not there before, and its diagnosis."""

    event: Literal["diagnosis"] = "diagnosis"


class ErrorLine(ErrorDocument):
    """``snapfix watch``, one line: a crash could not be diagnosed."""

    event: Literal["error"] = "error"


class RepeatedLine(_Part):
    """``snapfix watch``, one line: a kind that was there before has come again; ``group`` says how often by now."""

    schema_version: int = SCHEMA_VERSION
    event: Literal["repeated"] = "repeated"
    group: GroupPart


class SummaryLine(_Part):
    """``snapfix watch``, the last line: what was seen in all.

    ``groups`` are the kinds that are remembered (the latest 1,000), ``not_analysed`` the numbers of those that were
    still waiting, ``left_out`` counts those that were given up because too many were.
    """

    schema_version: int = SCHEMA_VERSION
    event: Literal["summary"] = "summary"
    total: int
    kinds: int
    groups: tuple[GroupPart, ...]
    not_analysed: tuple[int, ...]
    left_out: int


class JsonRenderer:
    """Collects the events and prints one document at the end.

    ``several`` chooses the shape for runs that may give more than one diagnosis, whatever their number; ``line`` the
    one for a run that prints a line for each.
    """

    def __init__(
        self, out: TextIO, err: TextIO, *, several: bool = False, line: bool = False, verbose: bool = False
    ) -> None:
        self._out, self._err, self._several, self._line, self._verbose = out, err, several, line, verbose
        self._context: CrashContext | None = None
        self._ready: DiagnosisReady | None = None
        self._attempts: list[AttemptPart] = []
        self._left_out: tuple[LeftOut, ...] = ()
        self._done: list[DiagnosisPart] = []
        self._others: list[GroupPart] = []
        self._errors: list[MessagePart] = []
        self._warnings: list[MessagePart] = []

    def handle(self, event: Event) -> None:
        """Collect one event; progress is said on standard error meanwhile."""
        match event:
            case ContextReady(context=context):
                self._flush()
                self._context = context
            case DiagnosisReady(diagnosis=diagnosis, offline=offline):
                self._ready = event
                if not offline and self._attempts:
                    seconds = diagnosis.answered_by.seconds if diagnosis.answered_by else None
                    answered = {"outcome": "answered", "seconds": seconds}
                    self._attempts[-1] = self._attempts[-1].model_copy(update=answered)
            case OthersFound(groups=groups):
                self._others += [group_part(group) for group in groups]
            case Warned(code=code, message=message, hint=hint):
                self._warnings.append(MessagePart(code=code, message=message, hint=hint or None))
            case AttemptStarted(link=link, left_out=left_out):
                self._left_out = left_out
                self._attempts.append(
                    AttemptPart(link=link.name, model=link.model, local=link.local, outcome="interrupted")
                )
            case AttemptFailed() | AttemptSkipped():
                self._add_outcome(event)
        write_lines(self._err, progress_lines(event, verbose=self._verbose))

    def error(self, error: SnapfixError) -> None:
        """Collect an error, and say it on standard error too: a filter may hide the document."""
        self._errors.append(MessagePart(code=error.code, message=error.message, hint=error.hint))
        write_lines(self._err, error_lines(error))

    def close(self) -> None:
        """Print the document."""
        self._flush()
        warnings, others = tuple(self._warnings), tuple(self._others)
        document: BaseModel
        if self._done and not self._several:
            shape = DiagnosisLine if self._line else Document
            document = shape(**dict(self._done[0]), others=others, warnings=warnings)
        elif self._errors and not self._done and not self._several:
            failed = ErrorLine if self._line else ErrorDocument
            document = failed(error=self._errors[0], warnings=warnings)
        elif self._line:  # a fault, which is said elsewhere
            return
        else:
            document = Documents(
                diagnoses=tuple(self._done), others=others, errors=tuple(self._errors), warnings=warnings
            )
        write(document.model_dump(mode="json"), self._out, indent=None if self._line else 2)

    def _add_outcome(self, event: AttemptFailed | AttemptSkipped) -> None:
        failure, link = event.failure, event.link
        failed = isinstance(event, AttemptFailed)
        if failed and self._attempts:
            self._attempts.pop()  # what was noted when it started
        self._attempts.append(
            AttemptPart(
                link=link.name,
                model=link.model,
                local=link.local,
                outcome="failed" if failed else "skipped",
                failure=failure.kind.value,
                message=failure.message,
                hint=failure.hint or None,
                status=failure.status,
                seconds=round(failure.seconds, 3) if failed else None,
            )
        )

    def _flush(self) -> None:
        if self._context is not None and self._ready is not None:
            left_out = (*self._context.left_out, *self._left_out)
            self._done.append(diagnosis_part(self._context, self._ready, tuple(self._attempts), left_out))
        self._context, self._ready, self._attempts, self._left_out = None, None, [], ()


def diagnosis_part(
    context: CrashContext,
    ready: DiagnosisReady,
    attempts: tuple[AttemptPart, ...] = (),
    left_out: tuple[LeftOut, ...] = (),
) -> DiagnosisPart:
    """One diagnosis as it stands in the document."""
    diagnosis = ready.diagnosis
    return DiagnosisPart(
        error_analysis=diagnosis.error_analysis,
        root_cause=diagnosis.root_cause,
        location=LocationPart(**asdict(diagnosis.location)) if diagnosis.location else None,
        evidence=tuple(EvidencePart(**asdict(e)) for e in diagnosis.evidence),
        fix=_fix_part(diagnosis, ready.plan),
        confidence=diagnosis.confidence,
        prevention=diagnosis.prevention,
        truncated=diagnosis.truncated,
        traceback=_traceback_part(context.traceback, context.crashes),
        answered_by=AnsweredByPart(**asdict(diagnosis.answered_by)) if diagnosis.answered_by else None,
        attempts=attempts,
        left_out=tuple(LeftOutPart(what=item.what, reason=item.reason) for item in left_out),
    )


def group_part(group: Group) -> GroupPart:
    """One kind of tracebacks as it stands in a document."""
    return GroupPart(
        number=group.number,
        count=group.count,
        type=group.type_name,
        message=group.message,
        place=LocationPart(**asdict(group.place)) if group.place else None,
        origin=group.origin,
        first_line=group.last.first_line,
        last_line=group.last.last_line,
        first_seen=SpanPart(**asdict(group.first)),
        fingerprint=group.fingerprint,
    )


def _fix_part(diagnosis: Diagnosis, plan: PatchPlan) -> FixPart | None:
    fix = diagnosis.fix
    if fix is None:
        return None
    reasons = {id(rejected.edit): rejected.reason for rejected in plan.rejected}
    edits = tuple(EditPart(path=e.path, find=e.find, replace=e.replace, rejected=reasons.get(id(e))) for e in fix.edits)
    return FixPart(summary=fix.summary, edits=edits, commands=fix.commands, applicability=fix.applicability)


def _traceback_part(traceback: Traceback, crashes: tuple[Crash, ...]) -> TracebackPart:
    return TracebackPart(
        language=traceback.language,
        format=traceback.format,
        origin=traceback.origin,
        first_line=traceback.first_line,
        last_line=traceback.last_line,
        fingerprint=traceback.fingerprint,
        missing=traceback.missing,
        exceptions=tuple(_exception_part(crash) for crash in crashes),
    )


def _exception_part(crash: Crash) -> ExceptionPart:
    frames = tuple(
        FramePart(
            file=placed.frame.filename,
            line=placed.frame.lineno,
            function=placed.frame.name,
            code=placed.frame.code,
            in_app=placed.in_app,
            source=placed.file.name if placed.file else None,
            changed=placed.changed,
        )
        for placed in crash.frames
    )
    exception = crash.exception
    relation = exception.relation.value if exception.relation else None
    return ExceptionPart(
        type=exception.type_name, message=exception.message, notes=exception.notes, relation=relation, frames=frames
    )


# Legal inside JSON strings, but a terminal obeys them; a lone surrogate cannot be encoded at all.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def write(document: Any, out: TextIO, *, indent: int | None = 2) -> None:
    """Write JSON for people and programs: Unicode as it is where ``out`` can hold it, nothing active.

    Without an ``indent`` it is one line.
    """
    unicode = (out.encoding or "utf-8").lower().startswith("utf")
    text = json.dumps(document, indent=indent, ensure_ascii=not unicode)
    out.write(_UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")
    out.flush()
