from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from snapfix.errors import SettingsError
from snapfix.events import (
    AttemptAnswered,
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    ChainEvent,
    ChainExhausted,
    TextDelta,
    Warned,
)
from snapfix.failures import Failure, FailureKind, ProviderFailed
from snapfix.link import Link
from snapfix.llm import chain, ollama
from snapfix.llm.attempts import Forgetful, Memory, open_memory
from snapfix.llm.base import Finished, Timeouts
from snapfix.llm.links import DEFAULT_MODELS, DEFAULT_ORDER, resolve
from snapfix.llm.litellm_transport import LiteLLMTransport
from snapfix.prompt import Message, Prompt, Room
from tests.llm.asking import HASTY, PATIENT, PROMPT, link_to, read
from tests.servers import Fault, Provider, everything, free_port, provider

pytestmark = pytest.mark.usefixtures("litellm_module")

CLOUD = ("anthropic", "openai", "gemini", "deepseek")
GOOD = "The root cause is a typo."


def run(
    links: Sequence[Link],
    *,
    memory: Memory | None = None,
    timeouts: Timeouts = PATIENT,
    deadline: float = 30.0,
    now: Callable[[], float] = time.time,
    transport: object = None,
    probe: chain.Probe = ollama.probe,
    prompt_for: chain.PromptFor = lambda link, room: PROMPT,
) -> Iterator[ChainEvent]:
    return chain.stream(
        links,
        prompt_for=prompt_for,
        transport=transport or LiteLLMTransport(date(2026, 11, 20)),
        read=read,
        memory=memory or Forgetful(),
        timeouts_for=lambda link: timeouts,
        deadline=deadline,
        clock=time.monotonic,
        now=now,
        request_id="r1",
        crash_type="NameError",
        probe=probe,
    )


def links_of(choice: str | None, environ: Mapping[str, str]) -> tuple[Link, ...]:
    return resolve(choice, order=DEFAULT_ORDER, models=DEFAULT_MODELS, environ=environ)


def story(events: Iterator[ChainEvent]) -> list[str]:
    """The events in short, text left out."""
    told = []
    for event in events:
        match event:
            case AttemptStarted(link=link, number=number):
                told.append(f"{number}: ask {link.name}")
            case AttemptSkipped(link=link, failure=failure):
                told.append(f"skip {link.name}: {failure.kind}")
            case AttemptFailed(link=link, failure=failure, streamed=streamed):
                told.append(f"{link.name} failed: {failure.kind}" + (" after some text" if streamed else ""))
            case AttemptAnswered(link=link):
                told.append(f"{link.name} answered")
            case ChainExhausted(outcomes=outcomes):
                told.append(f"exhausted: {len(outcomes)}")
    return told


def no_ollama(environ: Mapping[str, str]) -> dict[str, str]:
    return {**environ, "OLLAMA_HOST": f"127.0.0.1:{free_port()}"}


def test_the_first_that_answers_is_the_last_that_is_asked() -> None:
    with everything({"anthropic": GOOD, "openai": GOOD}) as servers:
        events = list(run(links_of("anthropic", servers.environ)))
        assert servers["openai"].requests == []
    assert isinstance(events[0], AttemptStarted)
    assert events[0].tokens == PROMPT.tokens
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == GOOD
    answered = events[-1]
    assert isinstance(answered, AttemptAnswered)
    by = answered.diagnosis.answered_by
    assert by is not None
    assert (by.provider, by.model, by.local, by.attempts) == ("anthropic", "anthropic/claude-sonnet-5", False, 1)
    assert (by.tokens_in, by.tokens_out) == (812, 45)
    assert by.cost
    assert 0 < by.seconds < 10


@pytest.mark.parametrize("failing", CLOUD)
def test_falls_back_from_each_to_the_next(failing: str) -> None:
    order = [failing, *(name for name in CLOUD if name != failing)]
    with everything({failing: Fault.status(503), order[1]: GOOD}) as servers:
        told = story(run(links_of(failing, servers.environ)))
    assert told[:2] == [f"1: ask {failing}", f"{failing} failed: server-error"]
    assert told[-2:] == [f"2: ask {order[1]}", f"{order[1]} answered"]


def test_falls_back_all_the_way_to_a_local_model() -> None:
    faults = {"anthropic": Fault.status(429), "openai": Fault.REFUSE, "gemini": Fault.CUT, "deepseek": Fault.HTML}
    with everything({**faults, "ollama": GOOD}) as servers:
        events = list(run(links_of("anthropic", servers.environ)))
    assert story(iter(events)) == [
        "1: ask anthropic",
        "anthropic failed: rate-limit",
        "2: ask openai",
        "openai failed: unreachable",
        "3: ask gemini",
        "gemini failed: cut-off after some text",
        "4: ask deepseek",
        "deepseek failed: server-error",
        "5: ask ollama",
        "ollama answered",
    ]
    assert isinstance(events[-1], AttemptAnswered)
    assert events[-1].diagnosis.answered_by is not None
    assert events[-1].diagnosis.answered_by.attempts == 5


def test_when_everything_fails_one_report_names_each_link_and_what_happened() -> None:
    faults = {name: Fault.status(500) for name in CLOUD}
    with everything({**faults, "ollama": Fault.status(500)}) as servers:
        events = list(run(links_of("gemini", servers.environ)))
    exhausted = events[-1]
    assert isinstance(exhausted, ChainExhausted)
    assert [each.link.name for each in exhausted.outcomes] == ["gemini", "anthropic", "openai", "deepseek", "ollama"]
    for each in exhausted.outcomes:
        assert each.failure.status == 500
        assert each.failure.seconds > 0
        assert each.failure.message
        assert each.failure.hint


def test_a_stream_that_breaks_off_is_void_and_the_next_starts_afresh() -> None:
    with everything({"openai": Fault.CUT, "anthropic": GOOD}) as servers:
        events = list(run(links_of("openai", servers.environ)))
    failed = next(index for index, event in enumerate(events) if isinstance(event, AttemptFailed))
    assert isinstance(events[failed - 1], TextDelta)
    assert events[failed].streamed  # type: ignore[union-attr]
    answered = events[-1]
    assert isinstance(answered, AttemptAnswered)
    assert answered.diagnosis.root_cause == GOOD  # nothing of the broken answer is left in it


def test_an_answer_that_cannot_be_read_is_a_failed_attempt() -> None:
    with everything({"openai": "I like trains.", "anthropic": GOOD}) as servers:
        told = story(run(links_of("openai", servers.environ)))
    assert told[:3] == ["1: ask openai", "openai failed: bad-answer after some text", "2: ask anthropic"]
    assert told[-1] == "anthropic answered"


def test_a_failure_without_a_hint_gets_the_one_of_its_kind() -> None:
    with provider("openai", answer="I like trains.") as server:
        events = list(run([link_to("openai", server.environ)]))
    assert isinstance(events[-1], ChainExhausted)
    assert events[-1].outcomes[0].failure.hint == "name a larger model with `--model`"


def test_a_link_without_a_key_is_skipped_and_the_variable_named() -> None:
    with everything({"openai": GOOD}) as servers:
        events = list(run(links_of("anthropic", servers.environ)))
        assert isinstance(events[0], AttemptSkipped)
        assert events[0].failure.kind is FailureKind.NO_KEY
        assert "`ANTHROPIC_API_KEY`" in events[0].failure.message
        assert events[0].failure.hint == "set `ANTHROPIC_API_KEY`"
        assert story(iter(events))[1:] == ["1: ask openai", "openai answered"]


@pytest.mark.parametrize(("status", "kind"), [(401, "bad-key"), (400, "bad-request")])
def test_a_rejected_key_or_request_goes_to_no_other_cloud_provider_but_local_links_go_on(
    status: int, kind: str
) -> None:
    with everything({"openai": Fault.status(status), "anthropic": GOOD, "ollama": GOOD}) as servers:
        told = story(run(links_of("openai", servers.environ)))
        assert servers["anthropic"].requests == []
    assert told == [
        "1: ask openai",
        f"openai failed: {kind}",
        "skip anthropic: not-asked",
        "skip gemini: not-asked",
        "skip deepseek: not-asked",
        "2: ask ollama",
        "ollama answered",
    ]


def test_a_local_choice_never_reaches_a_cloud_provider() -> None:
    answers = dict.fromkeys(CLOUD, GOOD)
    with everything({**answers, "ollama": Fault.status(500)}) as servers:
        for choice in ("ollama", "ollama/codellama", None):
            assert story(run(links_of(choice, servers.environ)))[-1].startswith("exhausted")
        assert all(servers[name].requests == [] for name in CLOUD)


def test_a_retired_model_is_skipped_with_its_successor() -> None:
    with everything({"anthropic": GOOD}) as servers:
        environ = {**servers.environ, "OPENAI_API_KEY": "sk-1"}
        events = list(run(links_of("gpt-4", environ)))
    assert isinstance(events[0], AttemptSkipped)
    assert events[0].failure.kind is FailureKind.MODEL_GONE
    assert "openai/gpt-5.4-mini" in events[0].failure.hint


# --- Ollama


def test_an_ollama_that_does_not_answer_is_skipped() -> None:
    links = links_of(None, no_ollama({}))
    events = list(run(links))
    assert story(iter(events)) == ["skip ollama: unreachable", "exhausted: 1"]
    assert isinstance(events[0], AttemptSkipped)
    assert events[0].failure.message == f"nothing answers at {links[0].api_base}"


def test_the_default_local_model_gives_way_to_one_that_is_installed() -> None:
    with provider("ollama", answer=GOOD, models=("llama3:8b", "codellama:7b")) as server:
        for choice in (None, "ollama"):
            events = list(run(links_of(choice, server.environ)))
            assert isinstance(events[-1], AttemptAnswered)
            assert events[-1].link.model == "ollama_chat/codellama:7b"
    assert {request.body["model"] for request in server.requests} == {"codellama:7b"}


def test_a_local_model_that_the_user_named_is_not_replaced() -> None:
    with provider("ollama", answer=GOOD, models=("codellama:7b",)) as server:
        events = list(run(links_of("ollama/llama3", server.environ)[:1]))
        assert server.requests == []
    assert isinstance(events[0], AttemptSkipped)
    assert events[0].failure.kind is FailureKind.MODEL_GONE
    assert events[0].failure.hint == "fetch it with `ollama pull llama3`"


def test_a_local_name_for_a_model_that_runs_elsewhere_is_not_asked() -> None:
    with provider("ollama", answer=GOOD, models=("mine->https://ollama.com:443",)) as server:
        told = story(run(links_of("ollama/mine", server.environ)))
        assert told == ["skip ollama/mine: model-gone", "skip ollama: model-gone", "exhausted: 2"]
        assert server.requests == []


# --- time


def test_no_link_is_asked_when_the_deadline_is_over() -> None:
    with ExitStack() as stack:
        servers = {name: stack.enter_context(provider(name, fault=Fault.HANG)) for name in ("openai", "anthropic")}
        environ = {key: value for server in servers.values() for key, value in server.environ.items()}
        begun = time.monotonic()
        told = story(run(links_of("openai", environ)[:2], deadline=0.6))
        assert time.monotonic() - begun < 1.5
        assert servers["anthropic"].requests == []
    assert told == ["1: ask openai", "openai failed: timeout", "skip anthropic: timeout", "exhausted: 2"]


def test_a_link_that_hangs_costs_its_own_limit_only() -> None:
    with everything({"gemini": Fault.HANG, "anthropic": GOOD}) as servers:
        begun = time.monotonic()
        told = story(run(links_of("gemini", servers.environ), timeouts=HASTY))
        assert time.monotonic() - begun < 2
    assert told == ["1: ask gemini", "gemini failed: timeout", "2: ask anthropic", "anthropic answered"]


# --- size


def sized(link: Link, room: Room) -> Prompt:
    """A prompt of 4,000 words, or half of that."""
    words = int(4000 * room.share)
    return replace(PROMPT, messages=(*PROMPT.messages, Message("user", "word " * words)), tokens=words)


@pytest.mark.parametrize("wire", [*CLOUD, "ollama"])
def test_a_prompt_that_is_too_long_for_the_model_is_followed_by_one_of_half_its_size(wire: str) -> None:
    with provider(wire, answer=GOOD, largest=15_000) as server:
        events = list(run([link_to(wire, server.environ)], prompt_for=sized))
    assert story(iter(events)) == [
        f"1: ask {wire}",
        f"{wire} failed: context-too-long",
        f"2: ask {wire}",
        f"{wire} answered",
    ]
    assert [event.tokens for event in events if isinstance(event, AttemptStarted)] == [4000, 2000]
    assert len(server.requests) == 2


def test_a_model_that_calls_the_smaller_prompt_too_long_too_is_left_for_the_next() -> None:
    with (
        provider("openai", largest=1_000) as small,
        provider("anthropic", answer=GOOD) as large,
    ):
        links = [link_to("openai", small.environ), link_to("anthropic", large.environ)]
        told = story(run(links, prompt_for=sized))
    assert told == [
        "1: ask openai",
        "openai failed: context-too-long",
        "2: ask openai",
        "openai failed: context-too-long",
        "3: ask anthropic",
        "anthropic answered",
    ]


def test_a_prompt_that_cannot_be_made_smaller_is_sent_once() -> None:
    with provider("openai", largest=10) as server:
        told = story(run([link_to("openai", server.environ)]))
    assert told == ["1: ask openai", "openai failed: context-too-long", "exhausted: 1"]
    assert len(server.requests) == 1


def test_a_second_prompt_that_no_window_holds_is_not_sent() -> None:
    def fitted(link: Link, room: Room) -> Prompt:
        if room.share < 1:
            raise ProviderFailed(Failure(FailureKind.CONTEXT_TOO_LONG, "no room"))
        return PROMPT

    with provider("openai", largest=10) as server:
        told = story(run([link_to("openai", server.environ)], prompt_for=fitted))
    assert told == ["1: ask openai", "openai failed: context-too-long", "exhausted: 1"]


def test_a_model_whose_window_holds_no_prompt_is_skipped_and_its_breaker_is_as_it_was(tmp_path: Path) -> None:
    def none(link: Link, room: Room) -> Prompt:
        raise ProviderFailed(Failure(FailureKind.CONTEXT_TOO_LONG, "no room"))

    memory, _ = open_memory(tmp_path / "memory.sqlite3")
    link = link_to("openai", {"OPENAI_API_KEY": "k"})
    for _ in range(3):
        list(run([link], memory=memory, now=lambda: 5000.0, transport=_Failing({"openai": FailureKind.SERVER_ERROR})))
    told = story(run([link], memory=memory, now=lambda: 5061.0, prompt_for=none, transport=_Failing({})))
    assert told == ["skip openai: context-too-long", "exhausted: 1"]
    assert memory.breaker(chain.circuit(link), 5061.0).admitted


def test_the_prompt_is_made_for_the_window_that_the_model_has() -> None:
    rooms = []

    def noted(link: Link, room: Room) -> Prompt:
        rooms.append(room)
        return PROMPT

    with provider("ollama", answer=GOOD) as server:
        list(run([link_to("ollama", server.environ)], prompt_for=noted))
    assert rooms == [Room(window=32_768)]


# --- the breaker and the memory


def test_a_link_that_failed_three_times_is_passed_over_for_a_while(tmp_path: Path) -> None:
    now = [1_000_000.0]
    path = tmp_path / "memory.sqlite3"
    with everything({"openai": Fault.status(503), "anthropic": GOOD}) as servers:
        links = links_of("openai", servers.environ)

        def told() -> list[str]:
            memory, _ = open_memory(path)  # as a new process would
            return story(run(links, memory=memory, now=lambda: now[0]))

        for _ in range(3):
            assert told()[0] == "1: ask openai"
        assert told() == ["skip openai: breaker-open", "1: ask anthropic", "anthropic answered"]
        assert len(servers["openai"].requests) == 3
        now[0] += 61
        assert told()[0] == "1: ask openai"
        assert told()[0] == "skip openai: breaker-open"
        servers["openai"].fault = None
        now[0] += 61
        assert told()[0] == "1: ask openai"


_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from snapfix.llm.attempts import open_memory
from snapfix.llm.chain import circuit
from tests.llm.asking import link_to
memory, _ = open_memory(Path(sys.argv[1]))
print(memory.breaker(circuit(link_to("openai", {"OPENAI_API_BASE": sys.argv[2]})), float(sys.argv[3])).admitted)
"""


def test_another_process_knows_of_the_open_breaker(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    with provider("openai", fault=Fault.status(500)) as server:
        memory, _ = open_memory(path)
        for _ in range(3):
            list(run([link_to("openai", server.environ)], memory=memory, now=lambda: 5000.0))
        answers = [
            subprocess.run(
                [sys.executable, "-c", _ANOTHER_PROCESS, str(path), server.api_base, moment],
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            for moment in ("5030", "5061", "5062")
        ]
    assert answers == ["False", "True", "False"]


def test_every_attempt_is_recorded_and_no_text(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "memory.sqlite3"
    memory, _ = open_memory(path)
    with everything({"openai": Fault.CUT, "anthropic": GOOD}) as servers:
        list(run(links_of("gemini", servers.environ), memory=memory))
    memory.close()
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT link, number, outcome, failure, prompt_version, crash_type, tokens_in, seconds_to_first_token > 0"
        " FROM attempts ORDER BY id"
    ).fetchall()
    connection.close()
    assert rows == [
        ("gemini", 0, "skipped", "no-key", "", "NameError", None, None),
        ("anthropic", 1, "answered", None, "3", "NameError", 812, 1),
    ]
    content = path.read_bytes()
    for message in PROMPT.messages:
        assert message.content.encode() not in content
    assert GOOD.encode() not in content
    assert b"sk-" not in content


@pytest.mark.parametrize("answered", [True, False])
def test_a_memory_that_fails_in_the_middle_costs_a_warning_at_the_end(tmp_path: Path, answered: bool) -> None:
    path = tmp_path / "memory.sqlite3"
    memory, _ = open_memory(path)
    path.write_bytes(b"no database any more" * 1000)
    with provider("openai", answer=GOOD, fault=None if answered else Fault.status(500)) as server:
        *_, last, warning = run([link_to("openai", server.environ)], memory=memory)
    assert isinstance(last, AttemptAnswered if answered else ChainExhausted)
    assert isinstance(warning, Warned)
    assert warning.code == "memory-lost"


def test_a_model_whose_name_is_no_text_is_a_failed_attempt(tmp_path: Path) -> None:
    memory, _ = open_memory(tmp_path / "memory.sqlite3")
    link = replace(link_to("openai", {"OPENAI_API_KEY": "k"}), model="openai/\udcff", api_base="http://\udcff")
    transport = _Failing({"openai": FailureKind.UNKNOWN})
    assert story(run([link], memory=memory, transport=transport))[-1] == "exhausted: 1"


def test_a_prompt_that_cannot_be_built_leaves_the_breaker_as_it_was(tmp_path: Path) -> None:
    memory, _ = open_memory(tmp_path / "memory.sqlite3")
    link = link_to("openai", {"OPENAI_API_KEY": "k"})
    for _ in range(3):
        list(run([link], memory=memory, now=lambda: 5000.0, transport=_Failing({"openai": FailureKind.SERVER_ERROR})))

    def broken(link: Link, room: Room) -> Prompt:
        raise SettingsError("bad-template", "x")

    with pytest.raises(SettingsError):
        list(run([link], memory=memory, now=lambda: 5061.0, prompt_for=broken))
    assert memory.breaker(chain.circuit(link), 5061.0).admitted


def test_a_key_with_a_line_end_is_a_bad_key_and_nothing_is_sent() -> None:
    link = link_to("openai", {"OPENAI_API_KEY": "sk-one\nsk-two"})
    assert story(run([link], transport=_Failing({})))[0] == "skip openai: bad-key"


def test_the_same_model_is_not_asked_twice() -> None:
    with provider("ollama", fault=Fault.status(500), models=("codellama:7b",)) as server:
        links = resolve("ollama/codellama:7b", order=DEFAULT_ORDER, models=DEFAULT_MODELS, environ=server.environ)
        told = story(run(links))
    assert told[-2:] == ["skip ollama: not-asked", "exhausted: 2"]
    assert len(server.requests) == 1


def test_an_address_is_not_stored_as_it_is() -> None:
    link = replace(link_to("openai", {}), api_base="https://me:password@gateway.example/v1")
    assert "password" not in chain.circuit(link)
    assert chain.circuit(link) != chain.circuit(replace(link, api_base=None))


# --- interruption


def test_closing_the_chain_ends_the_request_and_is_remembered(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "memory.sqlite3"
    memory, _ = open_memory(path)
    with provider("openai", answer=GOOD * 500, pieces=200, delay=0.02) as server:
        events = run([link_to("openai", server.environ)], memory=memory)
        while not isinstance(next(events), TextDelta):
            pass
        events.close()  # type: ignore[attr-defined]
        assert server.abandoned.wait(2)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT outcome FROM attempts").fetchall() == [("interrupted",)]
    connection.close()


class _Interrupting:
    """A transport in whose stream Ctrl-C is pressed."""

    closed = False

    def status(self, link: Link) -> Failure | None:
        return None

    def window(self, link: Link) -> int | None:
        return None

    def stream(self, link: Link, prompt: Prompt, timeouts: Timeouts) -> Generator[str | Finished, None, None]:
        try:
            yield "some text"
            raise KeyboardInterrupt
        finally:
            self.closed = True


def test_an_interruption_passes_through_after_the_stream_is_closed() -> None:
    transport = _Interrupting()
    with pytest.raises(KeyboardInterrupt):
        list(run([link_to("openai", {"OPENAI_API_KEY": "k"})], transport=transport))
    assert transport.closed


class _Failing:
    """A transport that gives each link the failure of its name."""

    def __init__(self, kinds: Mapping[str, FailureKind]) -> None:
        self.kinds = kinds

    def status(self, link: Link) -> Failure | None:
        return None

    def window(self, link: Link) -> int | None:
        return None

    def stream(self, link: Link, prompt: Prompt, timeouts: Timeouts) -> Generator[str | Finished, None, None]:
        raise ProviderFailed(Failure(self.kinds[link.name], "x"))
        yield ""


@pytest.mark.parametrize("kind", list(FailureKind))
def test_every_kind_of_failure_does_what_its_policy_says(kind: FailureKind) -> None:
    environ = {"ANTHROPIC_API_KEY": "k", "OPENAI_API_KEY": "k", "GEMINI_API_KEY": "k", "DEEPSEEK_API_KEY": "k"}
    links = links_of("openai", environ)[:2]
    told = story(run(links, transport=_Failing({"openai": kind, "anthropic": FailureKind.UNKNOWN})))
    went_on = "2: ask anthropic" in told
    assert went_on is not Failure(kind, "x").policy.stops_cloud


def test_nothing_to_ask_is_exhausted_at_once() -> None:
    assert story(run([])) == ["exhausted: 0"]


def test_a_server_of_ones_own_is_one_of_many_events(tmp_path: Path) -> None:
    with provider("openai", answer=GOOD, pieces=4) as server:
        assert isinstance(server, Provider)
        kinds = [type(event).__name__ for event in run([link_to("openai", server.environ)])]
    assert kinds == ["AttemptStarted", *["TextDelta"] * len(server.pieces), "AttemptAnswered"]
