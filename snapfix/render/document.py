"""What is said of a diagnosis, in which order: the one place that every format for people is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from snapfix.crash import CrashContext, ParsedException, SourceFile
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Fix, Location, PatchPlan
from snapfix.events import AttemptFailed, AttemptSkipped, Group
from snapfix.failures import Failure, FailureKind
from snapfix.patching import diff
from snapfix.render.base import clean, one_line


class BlockKind(StrEnum):
    """How a block is to be set."""

    PROSE = "prose"
    CODE = "code"
    DIFF = "diff"
    COMMAND = "command"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of clean text, set in one way."""

    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the answer; ``remark`` stands beside the title."""

    title: str
    blocks: tuple[Block, ...]
    remark: str = ""


_APPLICABILITY = {
    Applicability.SAFE: "safe to apply",
    Applicability.UNSAFE: "look before you apply it",
    Applicability.DISPLAY_ONLY: "advice",
}
_LINES_AROUND = 2
_MOST_LISTED = 10


def headline(context: CrashContext) -> str:
    """The exception that the answer is about, on one line."""
    return exception_line(context.crash.exception)


def exception_line(exception: ParsedException | Group) -> str:
    """An exception, or one of a kind, on one line."""
    name = one_line(exception.type_name, 80) or "cut-off traceback"
    return f"{name}: {one_line(exception.message)}" if exception.message else name


def place_line(place: Location | None) -> str:
    """``file:line in function``, as far as it is known."""
    if place is None:
        return ""
    where = one_line(place.file, 400) + (f":{place.line}" if place.line is not None else "")
    return f"{where} in {one_line(place.function)}" if place.function else where


def sections(context: CrashContext, diagnosis: Diagnosis, plan: PatchPlan) -> tuple[Section, ...]:
    """The answer's parts; empty ones are left away."""
    candidates = [
        Section("Notes of the exception", _exception_notes(context)),
        Section("Beware", _warnings(context, diagnosis)),
        Section("Where", _where(context, diagnosis)),
        Section("Error analysis", _prose(diagnosis.error_analysis)),
        Section("Root cause", _prose(diagnosis.root_cause) + _evidence(diagnosis), diagnosis.confidence.value),
        _fix(diagnosis, plan),
        Section("Check", _check(context, diagnosis.fix)),
        Section("Prevention", _prose(diagnosis.prevention)),
        Section("Also in this traceback", _others(context)),
    ]
    return tuple(section for section in candidates if section.blocks)


def _prose(text: str) -> tuple[Block, ...]:
    return (Block(BlockKind.PROSE, clean(text).strip()),) if text.strip() else ()


def _exception_notes(context: CrashContext) -> tuple[Block, ...]:
    notes = [note for crash in context.crashes for note in crash.exception.notes]
    return _prose("\n".join(notes[:_MOST_LISTED]))


def _others(context: CrashContext) -> tuple[Block, ...]:
    """The exceptions that the answer is not about: those of the chain, and the other members of a group."""
    lines = []
    for crash in context.crashes[1 : _MOST_LISTED + 1]:
        at = crash.innermost
        name = at.file.name if at and at.file else at.frame.filename if at else ""
        place = f"  ({one_line(name)}:{at.lineno or at.frame.lineno})" if at else ""
        lines.append(exception_line(crash.exception) + place)
    if len(context.crashes) > _MOST_LISTED + 1:
        lines.append(f"… and {len(context.crashes) - _MOST_LISTED - 1} more")
    return (Block(BlockKind.NOTE, "\n".join(lines)),) if lines else ()


def _where(context: CrashContext, diagnosis: Diagnosis) -> tuple[Block, ...]:
    blocks: list[Block] = []
    if context.root != context.working_directory:
        blocks.append(Block(BlockKind.NOTE, f"paths are relative to {one_line(context.root)}"))
    location = diagnosis.location
    if location is not None:
        blocks += _place(context, location.file, location.line, location.function, "")
    raised = context.crash.innermost
    if raised is not None:
        name = raised.file.name if raised.file else raised.frame.filename
        line = raised.lineno or raised.frame.lineno
        if location is None or (location.file, location.line) != (name, line):
            blocks += _place(context, name, line, raised.frame.name, "raised at " if location else "")
        if raised.file is None and raised.frame.code:
            blocks.append(Block(BlockKind.CODE, f"> {line} │ {clean(raised.frame.code)}"))
    return tuple(blocks)


def _place(context: CrashContext, name: str, line: int | None, function: str | None, prefix: str) -> tuple[Block, ...]:
    text = prefix + one_line(name) + (f":{line}" if line else "")
    text += f" in {one_line(function)}" if function else ""
    file = context.file(name)
    if file is None or line is None:
        return (Block(BlockKind.PROSE, text),)
    return Block(BlockKind.PROSE, text), Block(BlockKind.CODE, numbered(file, line))


def numbered(file: SourceFile, line: int) -> str:
    """The line with its neighbours, numbered, the line itself marked with ``>``."""
    lines = file.lines
    first, last = max(line - _LINES_AROUND, 1), min(line + _LINES_AROUND, len(lines))
    width = len(str(last))
    shown = range(first, last + 1)
    while shown and not lines[shown[-1] - 1].strip() and shown[-1] > line:
        shown = shown[:-1]
    return "\n".join(
        f"{'>' if number == line else ' '} {number:>{width}} │ {clean(lines[number - 1])}".rstrip() for number in shown
    )


def _evidence(diagnosis: Diagnosis) -> tuple[Block, ...]:
    location = diagnosis.location
    quoted = [
        f"{one_line(e.file)}" + (f":{e.line}" if e.line else "") + f"  {one_line(e.text)}"
        for e in diagnosis.evidence
        if location is None or (e.file, e.line) != (location.file, location.line)
    ]
    return (Block(BlockKind.CODE, "\n".join(quoted)),) if quoted else ()


def _fix(diagnosis: Diagnosis, plan: PatchPlan) -> Section:
    fix = diagnosis.fix
    if fix is None:
        return Section("Fix", ())
    blocks = list(_prose(fix.summary))
    blocks += [Block(BlockKind.DIFF, clean(diff(change)).rstrip("\n")) for change in plan.changes]
    by = diagnosis.answered_by
    if fix.commands and by is not None and by.provider != "offline":
        blocks.append(Block(BlockKind.NOTE, "commands that the model suggests; nobody has checked them:"))
    blocks += [Block(BlockKind.COMMAND, one_line(command, 400)) for command in fix.commands]
    for rejected in plan.rejected:
        note = f"as advice only, in {one_line(rejected.edit.path)}: {one_line(rejected.reason, 300)}"
        blocks.append(Block(BlockKind.NOTE, note))
        blocks.append(Block(BlockKind.CODE, clean(rejected.edit.replace)))
    return Section("Fix", tuple(blocks), _APPLICABILITY[fix.applicability])


def _check(context: CrashContext, fix: Fix | None) -> tuple[Block, ...]:
    if fix is None or not (fix.edits or fix.commands):
        return ()
    name = context.crash.exception.short_name
    script = _script(context)
    again = f"run `{script}` again" if script else "run the program again"
    first = "apply the change" if fix.edits else "run the command"
    return (Block(BlockKind.PROSE, f"{first}, then {again}: `{one_line(name, 60)}` should be gone"),)


def _script(context: CrashContext) -> str | None:
    """The command that most likely ran: only a plain script tells."""
    frames = context.crash.frames
    if frames and frames[0].frame.name == "<module>" and frames[0].file is not None:
        return f"python {one_line(frames[0].file.name)}"
    return None


def _warnings(context: CrashContext, diagnosis: Diagnosis) -> tuple[Block, ...]:
    """What makes the answer less sure than it reads."""
    missing = context.traceback.missing
    notes = [f"the traceback is incomplete; missing: {one_line('; '.join(missing), 300)}"] if missing else []
    notes += [
        f"`{one_line(frame.file.name)}` has changed since the crash: line {frame.frame.lineno} was then "
        f"`{one_line(frame.frame.code, 100)}`"
        for frame in dict.fromkeys(f for crash in context.crashes for f in crash.frames)
        if frame.changed and frame.file is not None
    ]
    in_app = [frame for crash in context.crashes for frame in crash.frames if frame.in_app]
    if in_app and not any(frame.file for frame in in_app):
        notes.append("none of the program's files was found here: run in its folder, or name it with `--project`")
    if diagnosis.truncated:
        notes.append("the model's answer was cut off at its token limit")
    return tuple(Block(BlockKind.NOTE, note) for note in notes[:_MOST_LISTED])


def answered_by(diagnosis: Diagnosis) -> str:
    """Who answered and what it took, on one line."""
    by = diagnosis.answered_by
    if by is None:
        return ""
    if by.provider == "offline":
        known = "" if diagnosis.confidence is Confidence.UNSURE else f" · {by.model}"
        return f"offline analyser{known} · local · {by.seconds:.2f} s"
    parts = [one_line(by.model), "local" if by.local else "cloud"]
    parts.append(f"{by.attempts} attempt" + ("s" if by.attempts != 1 else ""))
    if by.tokens_in is not None and by.tokens_out is not None:
        parts.append(f"{by.tokens_in} + {by.tokens_out} tokens")
    if by.cost is not None and not by.local:
        parts.append(f"${by.cost:.4f}")
    return " · ".join([*parts, f"{by.seconds:.1f} s"])


def outcome(event: AttemptFailed | AttemptSkipped) -> str:
    """One line on a link that gave no diagnosis: who, what happened, after how long."""
    failure = event.failure
    verb = "skipped" if isinstance(event, AttemptSkipped) else f"failed after {failure.seconds:.1f} s"
    return f"{_name(event)} {verb}: {_kind(failure)}{one_line(failure.message, 300)}"


def _name(event: AttemptFailed | AttemptSkipped) -> str:
    return f"{one_line(event.link.name)} ({event.link.place})"


def _kind(failure: Failure) -> str:
    """The kind in front of a provider's own words, which seldom say it."""
    return "" if failure.status is None else f"{failure.kind.value.replace('-', ' ')}: "


def report(outcomes: Sequence[AttemptFailed | AttemptSkipped]) -> list[str]:
    """The structured report when no link answered: each link, what happened, after how long, what to do."""
    lines = ["no model gave a diagnosis; the offline one stands"]
    keyless = [event for event in outcomes if event.failure.kind is FailureKind.NO_KEY and not event.link.chosen]
    for event in outcomes:
        if event in keyless:
            continue
        lines.append(f"  {outcome(event)}")
        if event.failure.hint:
            lines.append(f"    hint: {one_line(event.failure.hint, 300)}")
    if keyless:
        names = ", ".join(_name(event) for event in keyless)
        variables = ", ".join(f"`{event.link.key_variable}`" for event in keyless)
        lines += [f"  {names} skipped: no key", f"    hint: set {variables}"]
    return lines


def worth_reporting(outcomes: Sequence[AttemptFailed | AttemptSkipped]) -> bool:
    """A link was really asked, or one that the user named was skipped; a silent default needs no report."""
    return any(isinstance(event, AttemptFailed) or event.link.chosen for event in outcomes)
