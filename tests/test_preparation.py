from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from snapfix import parsing, pipeline
from snapfix.crash import CrashContext, Piece, PieceKind
from snapfix.diagnosis import Diagnosis
from snapfix.events import AttemptAnswered, AttemptSkipped, AttemptStarted, ChainEvent
from snapfix.failures import FailureKind, ProviderFailed
from snapfix.link import Link
from snapfix.llm import chain, litellm_transport
from snapfix.llm.attempts import Forgetful
from snapfix.llm.base import answer_within, window_for
from snapfix.llm.litellm_transport import LiteLLMTransport
from snapfix.paths import TemplateFolders
from snapfix.preparation import PromptBuilder
from snapfix.prompt import Prompt, Room
from snapfix.settings import Settings
from snapfix.surroundings import Surroundings
from tests.conftest import crash
from tests.llm.asking import PATIENT, link_to, read
from tests.servers import Provider, provider

SHIPPED = TemplateFolders(project=None, user=Path("nowhere"))
UNSURE = Diagnosis(error_analysis="", root_cause="")
LOCAL = Link("ollama", "ollama_chat/m", "ollama_chat", local=True, max_tokens=2048)
CLOUD = Link("openai", "openai/m", "openai", local=False, max_tokens=8192)


@pytest.fixture(scope="module")
def large_crash(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A real traceback through functions of some hundred lines, and the project that it is from."""
    folder = tmp_path_factory.mktemp("large")
    filler = "".join(f"    subtotal_{n} = sum(item.price for item in items if item.code != {n})\n" for n in range(90))
    chain = "".join(f"def step_{n}(items):\n{filler}    return step_{n + 1}(items)\n\n\n" for n in range(8))
    program = f"{chain}def step_8(items):\n    return items[0].price\n\n\nstep_0([])\n"
    return crash(folder, {"app.py": program}), folder


@pytest.fixture
def context(large_crash: tuple[str, Path]) -> CrashContext:
    text, folder = large_crash
    (traceback,) = parsing.scan([text], "")
    collected = pipeline.context_of(traceback, Surroundings(str(folder), str(folder)))
    lines = list(enumerate((folder / "app.py").read_text().splitlines(), start=1))
    return replace(
        collected,
        pieces=tuple(
            Piece("app.py", PieceKind.CALLER, f"step_{n}", tuple(lines[94 * n : 94 * n + 92]), (94 * n + 92,), n)
            for n in range(8)
        ),
    )


def build(context: CrashContext, link: Link, room: Room, **changes: object) -> Prompt:
    return PromptBuilder(replace(Settings(), **changes), SHIPPED)(context, UNSURE, link, room)


# --- the budget


@pytest.mark.parametrize(("link", "ceiling"), [(LOCAL, 3000), (CLOUD, 6000)])
def test_without_a_known_window_the_settings_decide(context: CrashContext, link: Link, ceiling: int) -> None:
    prompt = build(context, link, Room())
    assert ceiling * 0.8 < prompt.tokens < ceiling + 1200
    assert prompt.messages == build(context, link, Room(window=1_000_000)).messages


@pytest.mark.parametrize("window", [4200, 4096, 6000, 8192, 16_384, 1_000_000])
@pytest.mark.parametrize("share", [1.0, 0.5])
@pytest.mark.parametrize("link", [LOCAL, CLOUD])
def test_prompt_and_answer_fit_into_the_window(context: CrashContext, link: Link, window: int, share: float) -> None:
    prompt = build(context, link, Room(window, share), context_tokens=50_000, local_context_tokens=50_000)
    assert prompt.max_tokens is not None
    assert 1024 <= prompt.max_tokens <= link.max_tokens
    assert window_for(prompt.tokens, prompt.max_tokens) <= window
    assert prompt.left_out or window > 100_000
    assert "app.py" in prompt.messages[-1].content


def test_a_smaller_share_makes_a_smaller_prompt(context: CrashContext) -> None:
    for room in (Room(), Room(8192), Room(1_000_000)):
        whole, half = build(context, CLOUD, room), build(context, CLOUD, replace(room, share=0.5))
        assert half.tokens < 0.75 * whole.tokens


def test_the_answer_has_what_the_prompt_leaves(context: CrashContext) -> None:
    prompt = build(context, CLOUD, Room(8192))
    assert prompt.max_tokens is not None
    assert 2048 <= prompt.max_tokens == answer_within(8192, prompt.tokens)
    assert build(context, CLOUD, Room(1_000_000)).max_tokens == 8192


@pytest.mark.parametrize("window", [1, 512, 2048])
def test_a_window_that_holds_no_useful_prompt_is_a_failure_that_says_so(context: CrashContext, window: int) -> None:
    with pytest.raises(ProviderFailed) as failed:
        build(context, LOCAL, Room(window))
    assert failed.value.failure.kind is FailureKind.CONTEXT_TOO_LONG
    assert str(window) in failed.value.failure.message


def test_a_small_budget_of_the_users_own_is_not_a_small_window(context: CrashContext) -> None:
    assert build(context, LOCAL, Room(8192), local_context_tokens=50).tokens < 1200


# --- on the wire


@pytest.fixture(scope="module")
def count(litellm_module: ModuleType) -> Callable[[str], int]:
    """OpenAI's cl100k_base, which comes with LiteLLM."""
    spec = find_spec("litellm")
    assert spec is not None
    assert spec.origin is not None
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TIKTOKEN_CACHE_DIR", str(Path(spec.origin).parent / "litellm_core_utils" / "tokenizers"))
        import tiktoken

        encoding = tiktoken.get_encoding("cl100k_base")
    return lambda text: len(encoding.encode(text, disallowed_special=()))


@pytest.fixture(scope="module")
def litellm_module() -> ModuleType:
    litellm_transport.warm()
    return litellm_transport._litellm.module()


def shown(window: int) -> Mapping[str, object]:
    return {"/api/show": {"model_info": {"general.architecture": "q", "q.context_length": window}}}


def ask(server: Provider, context: CrashContext, **changes: object) -> list[ChainEvent]:
    builder = PromptBuilder(replace(Settings(), **changes), SHIPPED)
    events = chain.stream(
        [link_to("ollama", server.environ)],
        prompt_for=lambda link, room: builder(context, UNSURE, link, room),
        transport=LiteLLMTransport(),
        read=read,
        memory=Forgetful(),
        timeouts_for=lambda link: PATIENT,
        deadline=30,
        clock=time.monotonic,
        now=time.time,
        request_id="r1",
        crash_type="IndexError",
    )
    return list(events)


@pytest.mark.parametrize("window", [4096, 8192, 131_072])
def test_an_ollama_never_has_a_reason_to_cut_the_prompt(
    context: CrashContext, count: Callable[[str], int], window: int
) -> None:
    with provider("ollama", answer="The root cause.", documents=shown(window)) as server:
        events = ask(server, context, local_context_tokens=20_000)
    body = server.requests[0].body
    real = sum(count(message["content"]) + 4 for message in body["messages"])
    assert real + body["options"]["num_predict"] <= body["options"]["num_ctx"] <= window
    system, user = body["messages"]
    assert system["role"] == "system"
    assert system["content"].startswith("You are an experienced")
    assert "IndexError" in user["content"]
    started = next(event for event in events if isinstance(event, AttemptStarted))
    assert any("app.py" in item.what for item in started.left_out) or window > 100_000
    assert isinstance(events[-1], AttemptAnswered)


def test_an_ollama_with_too_small_a_window_is_skipped_and_nothing_is_sent(context: CrashContext) -> None:
    with provider("ollama", documents=shown(2048)) as server:
        events = ask(server, context)
    assert server.requests == []
    skipped = next(event for event in events if isinstance(event, AttemptSkipped))
    assert skipped.failure.kind is FailureKind.CONTEXT_TOO_LONG
