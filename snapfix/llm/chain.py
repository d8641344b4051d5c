"""The fallback chain: ask one link after the other until an answer can be read.

The answer is read inside: one that cannot be normalised is a failed attempt, and the next link is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from snapfix.diagnosis import AnsweredBy, Diagnosis
from snapfix.events import (
    AttemptAnswered,
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    ChainEvent,
    ChainExhausted,
    TextDelta,
)
from snapfix.failures import Failure, FailureKind, ProviderFailed
from snapfix.link import Link
from snapfix.llm import ollama
from snapfix.llm.attempts import ANSWERED, FAILED, INTERRUPTED, SKIPPED, AttemptRecord, Memory
from snapfix.llm.base import Finished, Timeouts, Transport, failure, hint_for
from snapfix.llm.links import DEFAULT_MODELS
from snapfix.prompt import Prompt, Room

Probe = Callable[[str], tuple[str, ...] | None]
PromptFor = Callable[[Link, Room], Prompt]
Outcome = AttemptFailed | AttemptSkipped
_SMALLER = 0.5
"""The part of the budget for a second prompt, after the model has called the first too long."""


def stream(
    links: Sequence[Link],
    *,
    prompt_for: PromptFor,
    transport: Transport,
    read: Callable[[str, Finished, Prompt], Diagnosis],
    memory: Memory,
    timeouts_for: Callable[[Link], Timeouts],
    deadline: float,
    clock: Callable[[], float],
    now: Callable[[], float],
    request_id: str,
    crash_type: str,
    probe: Probe = ollama.probe,
) -> Iterator[ChainEvent]:
    """Ask ``links`` in order, until ``AttemptAnswered`` or ``ChainExhausted``.

    Only a warning of the memory, where it failed, comes after these two.

    Args:
        links: as ``links.resolve`` made them.
        prompt_for: the prompt as a link gets it, or ``ProviderFailed`` where its window holds no useful one.
        transport: reaches a model.
        read: makes a diagnosis of the answer's text, or raises ``ProviderFailed``.
        memory: breakers and attempts.
        timeouts_for: how long to wait for a link.
        deadline: seconds for all links together.
        clock: seconds, monotonic.
        now: seconds since the epoch.
        request_id: names this run in the memory.
        crash_type: type name of the exception, recorded with the attempts.
        probe: lists the models of an Ollama, or None where nothing answers.

    Closing the iterator ends the request that is under way.
    """
    asking = _Asking(
        prompt_for, transport, read, memory, timeouts_for, deadline, clock, now, request_id, crash_type, probe
    )
    return asking.run(links)


def circuit(link: Link) -> str:
    """The breaker of a link: one per model and address. The address is hashed, for it may hold a password."""
    if link.api_base is None:
        return link.model
    address = blake2b(link.api_base.encode(errors="backslashreplace"), digest_size=6)
    return f"{link.model}@{address.hexdigest()}"


@dataclass(slots=True)
class _Attempt:
    """What is known of an attempt while it runs."""

    link: Link
    number: int
    prompt: Prompt
    begun: float
    parts: list[str] = field(default_factory=list)
    first_token: float | None = None
    finished: Finished = field(default_factory=Finished)


@dataclass(slots=True)
class _Asking:
    prompt_for: PromptFor
    transport: Transport
    read: Callable[[str, Finished, Prompt], Diagnosis]
    memory: Memory
    timeouts_for: Callable[[Link], Timeouts]
    deadline: float
    clock: Callable[[], float]
    now: Callable[[], float]
    request_id: str
    crash_type: str
    probe: Probe
    started: float = 0.0
    asked: int = 0
    tried: set[tuple[str, str | None]] = field(default_factory=set)
    stopped_by: Outcome | None = None

    def run(self, links: Sequence[Link]) -> Iterator[ChainEvent]:
        yield from self._ask_all(links)
        warning = self.memory.take_warning()
        if warning is not None:
            yield warning

    def _ask_all(self, links: Sequence[Link]) -> Iterator[ChainEvent]:
        self.started = self.clock()
        outcomes: list[Outcome] = []
        for each in links:
            link, against = self._look(each)
            asked = self._skipped(link, against) if against is not None else self._ask_link(link)
            failed = yield from asked
            if not failed:
                return
            outcomes += failed
            if failed[-1].failure.policy.stops_cloud and not link.local:
                self.stopped_by = failed[-1]
        yield ChainExhausted(tuple(outcomes))

    def _skipped(self, link: Link, against: Failure) -> Generator[ChainEvent, None, list[Outcome]]:
        self._record(link, SKIPPED, failure=against)
        outcome = AttemptSkipped(link, against)
        yield outcome
        return [outcome]

    def _ask_link(self, link: Link) -> Generator[ChainEvent, None, list[Outcome]]:
        """Ask, and once more with less where the model calls the prompt too long; []: it gave the diagnosis."""
        self.tried.add((link.model, link.api_base))
        window = self.transport.window(link)
        try:
            prompt = self._prompt(link, Room(window))
        except ProviderFailed as error:
            self._record(link, FAILED, failure=error.failure)
            outcome = AttemptSkipped(link, error.failure)
            yield outcome
            return [outcome]
        first = yield from self._ask(link, prompt)
        smaller = self._smaller(link, window, prompt, first) if first is not None else None
        if first is None or smaller is None:
            return [first] if first is not None else []
        second = yield from self._ask(link, smaller)
        return [first, second] if second is not None else []

    def _smaller(self, link: Link, window: int | None, prompt: Prompt, why: AttemptFailed) -> Prompt | None:
        """What to ask instead, where the prompt was too long and there is time left."""
        if why.failure.kind is not FailureKind.CONTEXT_TOO_LONG or self._remaining() <= 0:
            return None
        try:
            smaller = self._prompt(link, Room(window, _SMALLER))
        except ProviderFailed:
            return None
        return smaller if smaller.tokens < prompt.tokens else None

    def _look(self, link: Link) -> tuple[Link, Failure | None]:
        """The link as it will be asked, and what is known against asking it. The breaker comes last: it counts."""
        against = self._cheap_reason(link)
        if against is None and link.local and link.provider == "ollama_chat":
            link, against = self._installed(link)
        if against is None and (link.model, link.api_base) in self.tried:
            against = failure(link, FailureKind.NOT_ASKED, f"not asked: `{link.model}` was asked already")
        return link, against or self.transport.status(link) or self._breaker(link)

    def _cheap_reason(self, link: Link) -> Failure | None:
        if self.stopped_by is not None and not link.local:
            other, kind = self.stopped_by.link, self.stopped_by.failure.kind
            return failure(
                link, FailureKind.NOT_ASKED, f"not asked, because of what happened to `{other.name}` ({kind})"
            )
        if link.key_variable is not None and link.key is None:
            return failure(link, FailureKind.NO_KEY, f"no key: `{link.key_variable}` is not set")
        if link.key is not None and not (link.key.isascii() and link.key.isprintable()):
            message = f"`{link.key_variable}` holds characters that no key has, such as a line end"
            return failure(link, FailureKind.BAD_KEY, message)
        if self._remaining() <= 0:
            return failure(
                link, FailureKind.TIMEOUT, f"no time left: the whole limit of {self.deadline:g} s is used up"
            )
        return None

    def _installed(self, link: Link) -> tuple[Link, Failure | None]:
        """A local Ollama runs what it has installed; only a model that the user did not name is replaced."""
        base = link.api_base or ollama.DEFAULT_BASE
        installed = self.probe(base)
        if installed is None:
            return link, failure(link, FailureKind.UNREACHABLE, f"nothing answers at {base}")
        provider, _, wanted = link.model.partition("/")
        named = link.chosen and link.model != DEFAULT_MODELS["ollama"].model
        found = ollama.installed_as(installed, wanted) if named else ollama.choose(installed, wanted)
        if found is None:
            return link, failure(link, FailureKind.MODEL_GONE, f"Ollama has no local model `{wanted}`")
        if found in (wanted, f"{wanted}:latest"):  # only these two does Ollama itself find by the bare name
            return link, None
        return replace(link, model=f"{provider}/{found}"), None

    def _breaker(self, link: Link) -> Failure | None:
        admission = self.memory.breaker(circuit(link), self.now())
        if admission.admitted:
            return None
        message = f"it failed several times in a row: passed over for {max(admission.seconds, 1):.0f} s more"
        return failure(link, FailureKind.BREAKER_OPEN, message)

    def _ask(self, link: Link, prompt: Prompt) -> Generator[ChainEvent, None, AttemptFailed | None]:
        """One attempt; None: it gave the diagnosis."""
        self.asked += 1
        attempt = _Attempt(link, self.asked, prompt, self.clock())
        try:
            yield AttemptStarted(link, self.asked, prompt.tokens, prompt.left_out)
            yield from self._receive(attempt)
            diagnosis = self.read("".join(attempt.parts), attempt.finished, prompt)
        except ProviderFailed as error:
            failed = self._failed(attempt, error.failure)
            yield failed
            return failed
        except BaseException:  # also an interruption: a half-open breaker must not wait for this attempt
            self._record(link, INTERRUPTED, attempt)
            raise
        self._record(link, ANSWERED, attempt)
        yield AttemptAnswered(link, replace(diagnosis, answered_by=self._answered_by(attempt)))
        return None

    def _prompt(self, link: Link, room: Room) -> Prompt:
        try:
            return self.prompt_for(link, room)
        except ProviderFailed:
            raise
        except BaseException:  # a template that cannot be filled: the breaker has let this attempt through already
            self._record(link, INTERRUPTED)
            raise

    def _receive(self, attempt: _Attempt) -> Iterator[ChainEvent]:
        with closing(self.transport.stream(attempt.link, attempt.prompt, self._timeouts(attempt.link))) as items:
            for item in items:
                if isinstance(item, Finished):
                    attempt.finished = item
                    continue
                if attempt.first_token is None:
                    attempt.first_token = self.clock() - attempt.begun
                attempt.parts.append(item)
                yield TextDelta(item)

    def _timeouts(self, link: Link) -> Timeouts:
        limits, remaining = self.timeouts_for(link), max(self._remaining(), 0.0)
        return Timeouts(min(limits.first_token, remaining), min(limits.stall, remaining), min(limits.answer, remaining))

    def _remaining(self) -> float:
        return self.deadline - (self.clock() - self.started)

    def _failed(self, attempt: _Attempt, why: Failure) -> AttemptFailed:
        link = attempt.link
        why = replace(why, seconds=self.clock() - attempt.begun, hint=why.hint or hint_for(link, why.kind))
        self._record(link, FAILED, attempt, why)
        return AttemptFailed(link, why, streamed=bool(attempt.parts))

    def _answered_by(self, attempt: _Attempt) -> AnsweredBy:
        end = attempt.finished
        return AnsweredBy(
            provider=attempt.link.provider,
            model=attempt.link.model,
            local=attempt.link.local,
            attempts=attempt.number,
            tokens_in=end.tokens_in,
            tokens_out=end.tokens_out,
            cost=end.cost,
            seconds=self.clock() - self.started,
        )

    def _record(
        self, link: Link, outcome: str, attempt: _Attempt | None = None, failure: Failure | None = None
    ) -> None:
        end = attempt.finished if attempt else Finished()
        self.memory.record(
            AttemptRecord(
                request_id=self.request_id,
                at=self.now(),
                link=link.name,
                model=link.model,
                circuit=circuit(link),
                number=attempt.number if attempt else 0,
                prompt_version=attempt.prompt.version if attempt else "",
                crash_type=self.crash_type[:200],
                outcome=outcome,
                failure=failure.kind.value if failure else None,
                status=failure.status if failure else None,
                seconds_to_first_token=attempt.first_token if attempt else None,
                seconds=self.clock() - attempt.begun if attempt else 0.0,
                tokens_in=end.tokens_in,
                tokens_out=end.tokens_out,
                cost=end.cost,
            )
        )
