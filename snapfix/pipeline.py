"""The composition of the stages. Read this file first.

A traceback goes in, events come out: the context, the offline diagnosis before any byte leaves the machine,
and, where models are to be asked, what happens along the chain and the diagnosis that came of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from snapfix import patching, rules, source
from snapfix.crash import CrashContext, Traceback
from snapfix.diagnosis import Applicability, Diagnosis, Evidence
from snapfix.events import AttemptAnswered, AttemptStarted, ContextReady, DiagnosisReady, Event, Warned
from snapfix.link import Link
from snapfix.surroundings import Surroundings

if TYPE_CHECKING:
    from snapfix.llm.attempts import Memory
    from snapfix.llm.base import Finished, Timeouts, Transport
    from snapfix.prompt import Prompt, Room

CLOUD_NOTICE = "cloud-notice"


@dataclass(frozen=True, slots=True)
class Asking:
    """Everything it takes to ask models.

    Attributes:
        links: the chain, in order.
        prompt_for: the prompt as a link would get it, in the room that its model has.
        timeouts_for: how long to wait for a link.
        deadline: seconds for the whole chain.
        transport: reaches a model.
        memory: attempts, breakers and notices, across processes.
        request_id: names this run in the memory.
        notices: say once for each cloud provider what goes there; off where nobody would see it.
    """

    links: tuple[Link, ...]
    prompt_for: Callable[[CrashContext, Diagnosis, Link, Room], Prompt]
    timeouts_for: Callable[[Link], Timeouts]
    deadline: float
    transport: Transport
    memory: Memory
    request_id: str
    notices: bool = True


def run(
    traceback: Traceback,
    surroundings: Surroundings,
    asking: Asking | None,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Event]:
    """Diagnose one traceback; ``asking`` is None to stay offline."""
    started = clock()
    context = context_of(traceback, surroundings)
    yield ContextReady(context)
    offline = _timed(rules.analyse(context), clock() - started)
    yield _ready(offline, context, offline=True)
    if asking is not None and asking.links:
        yield from _ask(context, offline, asking, clock, started)


def context_of(traceback: Traceback, surroundings: Surroundings) -> CrashContext:
    """The code around the traceback, as the surroundings let it be found."""
    return source.collect(
        traceback,
        working_directory=surroundings.working_directory,
        project_root=surroundings.project_root,
        active_environment=surroundings.active_environment,
        interpreter_site_packages=surroundings.site_packages,
    )


def with_code(context: CrashContext) -> CrashContext:
    """The context with the code that matters, which only a prompt needs."""
    return source.with_pieces(context, clock=time.thread_time)  # LiteLLM is imported in another thread meanwhile


def _ask(
    context: CrashContext, offline: Diagnosis, asking: Asking, clock: Callable[[], float], started: float
) -> Iterator[Event]:
    from snapfix.llm import chain

    whole = cache(lambda: with_code(context))
    for event in chain.stream(
        asking.links,
        prompt_for=lambda link, room: asking.prompt_for(whole(), offline, link, room),
        transport=asking.transport,
        read=_read,
        memory=asking.memory,
        timeouts_for=asking.timeouts_for,
        deadline=asking.deadline,
        clock=clock,
        now=time.time,  # noqa: TID251 - the composition hands the clocks to the stages
        request_id=asking.request_id,
        crash_type=context.crash.exception.type_name,
    ):
        if isinstance(event, AttemptAnswered):
            yield _ready(_timed(event.diagnosis, clock() - started), context, offline=False)
            continue
        if isinstance(event, AttemptStarted) and asking.notices and _is_first_of_cloud(event.link, asking.memory):
            yield _cloud_notice(event.link)
        yield event


def _is_first_of_cloud(link: Link, memory: Memory) -> bool:
    return not link.local and memory.first_time(f"{CLOUD_NOTICE}:{link.provider}")


def _read(text: str, finished: Finished, prompt: Prompt) -> Diagnosis:
    from snapfix.normalise import normalise

    return normalise(text, truncated=finished.truncated, masks=prompt.masks)


def _timed(diagnosis: Diagnosis, seconds: float) -> Diagnosis:
    by = diagnosis.answered_by
    return replace(diagnosis, answered_by=replace(by, seconds=round(seconds, 3))) if by else diagnosis


def _ready(diagnosis: Diagnosis, context: CrashContext, *, offline: bool) -> DiagnosisReady:
    """Check what the answer claims against the files before anyone sees it."""
    plan = patching.plan(diagnosis.fix, Path(context.root))
    evidence = tuple(filter(None, (_checked(e, context) for e in diagnosis.evidence)))
    diagnosis = replace(diagnosis, evidence=evidence)
    fix = diagnosis.fix
    if fix is not None and not plan.applies and fix.applicability is not Applicability.DISPLAY_ONLY:
        diagnosis = replace(diagnosis, fix=replace(fix, applicability=Applicability.DISPLAY_ONLY))
    return DiagnosisReady(diagnosis, plan, offline)


def _checked(evidence: Evidence, context: CrashContext) -> Evidence | None:
    """The evidence at the line where its text really stands, or None where the file does not hold it."""
    file = context.file(evidence.file)
    if file is None:
        return None
    wanted, lines = evidence.text.strip(), file.lines
    if evidence.line is not None and evidence.line <= len(lines) and lines[evidence.line - 1].strip() == wanted:
        return evidence
    found = [number for number, line in enumerate(lines, start=1) if line.strip() == wanted]
    return replace(evidence, line=found[0]) if wanted and len(found) == 1 else None


def _cloud_notice(link: Link) -> Warned:
    return Warned(
        CLOUD_NOTICE,
        f"the traceback and the code around it go to {link.provider} ({link.model}); known kinds of secrets are masked",
        "`--show-prompt` shows exactly what is sent; `--offline`, or `offline = true` in the configuration, keeps it "
        "here. This is said once for each provider.",
    )
