from __future__ import annotations

import inspect
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from datetime import date
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapfix.failures import Failure, FailureKind, ProviderFailed
from snapfix.link import Link
from snapfix.llm import litellm_transport
from snapfix.llm.base import Finished, Timeouts
from snapfix.llm.litellm_transport import KIND_BY_CLASS, LiteLLMTransport, clean, model_status, translate
from snapfix.prompt import Message
from tests.llm.asking import HASTY, PATIENT, PROMPT, link_to
from tests.servers import Fault, Provider, formats, provider
from tests.servers.formats import TOKENS_IN, TOKENS_OUT
from tests.servers.provider import ANSWER

pytestmark = pytest.mark.usefixtures("litellm_module")

WIRES = ("openai", "deepseek", "anthropic", "gemini", "ollama")
TODAY = date(2026, 11, 20)
Kind = FailureKind


def ask(server: Provider, timeouts: Timeouts = PATIENT, **changes: object) -> list[str | Finished]:
    link = link_to(server.wire.name, server.environ, **changes)
    return list(LiteLLMTransport(TODAY).stream(link, PROMPT, timeouts))


def failing(server: Provider, timeouts: Timeouts = PATIENT, **changes: object) -> Failure:
    with pytest.raises(ProviderFailed) as failed:
        ask(server, timeouts, **changes)
    return failed.value.failure


# --- streaming


@pytest.mark.parametrize("wire", WIRES)
def test_text_arrives_before_the_server_has_sent_it_all(wire: str) -> None:
    with provider(wire, gated=True) as server:
        parts = LiteLLMTransport(TODAY).stream(link_to(wire, server.environ), PROMPT, PATIENT)
        first = next(parts)
        assert server.sent < len(server.pieces)
        server.gate.set()
        rest = list(parts)
        assert "".join([first, *rest[:-1]]) == ANSWER
        assert len(rest) > 2


@pytest.mark.parametrize("wire", WIRES)
def test_the_end_holds_what_the_provider_counted(wire: str) -> None:
    with provider(wire) as server:
        end = ask(server)[-1]
    assert isinstance(end, Finished)
    assert (end.truncated, end.tokens_in, end.tokens_out) == (False, TOKENS_IN, TOKENS_OUT)
    if wire == "ollama":
        assert end.cost is None
    else:
        assert end.cost is not None
        assert 0 < end.cost < 0.05


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("*.corp.example", "*.corp.example,127.0.0.2"),
        ("a.example, 127.0.0.2", "a.example, 127.0.0.2"),
        ("a.example,*", "a.example,*"),
    ],
)
def test_a_local_address_is_never_asked_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    monkeypatch.setenv("no_proxy", before)
    monkeypatch.setenv("NO_PROXY", before)
    litellm_transport._bypass_proxies(["127.0.0.2"])
    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == after


@pytest.mark.parametrize("stated", [10**25, 10**12, -5])
def test_a_count_that_cannot_be_one_is_none(monkeypatch: pytest.MonkeyPatch, stated: int) -> None:
    monkeypatch.setattr(formats, "TOKENS_IN", stated)
    with provider("openai") as server:
        *parts, end = ask(server)
    assert "".join(map(str, parts)) == ANSWER
    assert isinstance(end, Finished)
    assert (end.tokens_in, end.tokens_out, end.cost) == (None, TOKENS_OUT, None)


def test_a_model_without_a_listed_price_has_no_cost() -> None:
    with provider("openai") as server:
        end = ask(server, model="openai/my-own-model")[-1]
    assert isinstance(end, Finished)
    assert end.cost is None


@pytest.mark.parametrize("wire", WIRES)
def test_an_answer_that_hit_its_token_limit_is_truncated(wire: str) -> None:
    with provider(wire, fault=Fault.LENGTH) as server:
        end = ask(server)[-1]
    assert isinstance(end, Finished)
    assert end.truncated


@pytest.mark.parametrize("wire", WIRES)
def test_reasoning_is_no_part_of_the_answer_but_a_sign_of_life(wire: str) -> None:
    with provider(wire, fault=Fault.THINKING, delay=0.25, pieces=1) as server:
        limits = Timeouts(first_token=0.6, stall=0.6, answer=10)
        assert "".join(str(part) for part in ask(server, limits)[:-1]) == ANSWER


# --- what is sent


def _sent(wire: str, **changes: object) -> tuple[Provider, dict[str, object]]:
    with provider(wire) as server:
        ask(server, **changes)
    (request,) = server.requests
    return server, request.body


def test_what_openai_is_sent() -> None:
    server, body = _sent("openai")
    assert server.requests[0].path == "/v1/chat/completions"
    assert server.requests[0].headers["authorization"] == f"Bearer {server.environ['OPENAI_API_KEY']}"
    assert body["model"] == "gpt-5.4-mini"
    assert body["messages"] == [{"role": m.role, "content": m.content} for m in PROMPT.messages]
    assert body["max_completion_tokens"] == 8192
    assert body["temperature"] == 0.2
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}


def test_what_anthropic_is_sent() -> None:
    server, body = _sent("anthropic")
    assert server.requests[0].path == "/v1/messages"
    assert server.requests[0].headers["x-api-key"] == server.environ["ANTHROPIC_API_KEY"]
    assert body["model"] == "claude-sonnet-5"
    assert body["max_tokens"] == 8192
    assert "You find root causes." in json.dumps(body["system"])
    assert "NameError: totl" in json.dumps(body["messages"])
    assert "temperature" not in body  # this model takes none: it is dropped, not refused


def test_what_gemini_is_sent() -> None:
    server, body = _sent("gemini")
    assert server.requests[0].path == "/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse"
    assert server.requests[0].headers["x-goog-api-key"] == server.environ["GEMINI_API_KEY"]
    assert body["generationConfig"] == {"temperature": 0.2, "max_output_tokens": 8192}
    assert "NameError: totl" in json.dumps(body["contents"])


def test_what_ollama_is_sent() -> None:
    server, body = _sent("ollama")
    assert server.requests[0].path == "/api/chat"
    assert "authorization" not in server.requests[0].headers
    assert body["model"] == "qwen2.5-coder"
    assert body["options"] == {"temperature": 0.2, "num_predict": 2048, "num_ctx": 4096}


def asked_of_ollama(tokens: int, **shown: object) -> dict[str, object]:
    """The options that Ollama is sent with a prompt of that size, when it shows this of its model."""
    with provider("ollama", documents={"/api/show": shown}) as server:
        long = replace(PROMPT, tokens=tokens)
        list(LiteLLMTransport(TODAY).stream(link_to("ollama", server.environ), long, PATIENT))
    return server.requests[0].body["options"]


def test_ollamas_window_holds_the_prompt_and_the_answer() -> None:
    assert asked_of_ollama(4200)["num_ctx"] == 8192
    assert asked_of_ollama(6000)["num_ctx"] == 12_288


def test_ollamas_window_is_no_larger_than_the_models_and_no_smaller_than_the_modelfiles() -> None:
    small = {"general.architecture": "gemma", "gemma.context_length": 8192}
    assert asked_of_ollama(4700, model_info=small)["num_ctx"] == 8192
    assert asked_of_ollama(4700, model_info=small, parameters="num_ctx    16384")["num_ctx"] == 16_384


def test_nothing_is_sent_to_an_ollama_that_would_cut_it() -> None:
    small = {"general.architecture": "gemma", "gemma.context_length": 8192}
    with pytest.raises(ProviderFailed) as failed:
        asked_of_ollama(6000, model_info=small)
    assert failed.value.failure.kind is Kind.CONTEXT_TOO_LONG
    assert "8192" in failed.value.failure.message


def test_an_ollama_is_asked_once_for_each_of_its_models() -> None:
    with provider("ollama") as server:
        link, transport = link_to("ollama", server.environ), LiteLLMTransport(TODAY)
        assert transport.window(link) == 32_768
        list(transport.stream(link, PROMPT, PATIENT))
    assert [request.path for request in server.other_requests] == ["/api/show", "/api/ps"]


@pytest.mark.parametrize("model", ["qwen2.5-coder", "a-model-of-ones-own:7b"])
def test_litellm_does_not_ask_another_ollama_for_the_model(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    with provider("ollama") as other, provider("ollama") as server:
        monkeypatch.setenv("OLLAMA_API_BASE", other.url)  # in the place of the default address
        ask(server, model=f"ollama_chat/{model}")
        assert other.requests == []
        assert other.other_requests == []


def test_the_smaller_ceiling_and_the_links_own_temperature_count() -> None:
    with provider("deepseek") as server:
        link = link_to("deepseek", server.environ, temperature=0.7)
        list(LiteLLMTransport(TODAY).stream(link, replace(PROMPT, max_tokens=900), PATIENT))
    assert (server.requests[0].body["max_tokens"], server.requests[0].body["temperature"]) == (900, 0.7)


def test_a_local_server_is_not_sent_a_cloud_providers_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-cloud-0123456789")
    with provider("openai") as server:
        ask(server, local=True, key=None, key_variable=None)
    assert "sk-of-the-cloud" not in json.dumps(server.requests[0].headers)


def test_one_attempt_is_one_request() -> None:
    for wire in WIRES:
        with provider(wire, fault=Fault.status(429, retry_after=30)) as server:
            begun = time.monotonic()
            failing(server)
            assert time.monotonic() - begun < 5
            assert len(server.requests) == 1, wire


# --- faults

EVERYWHERE = [
    (Fault.status(400), Kind.BAD_REQUEST, 400),
    (Fault.status(400, "context"), Kind.CONTEXT_TOO_LONG, 400),
    (Fault.status(401), Kind.BAD_KEY, 401),
    (Fault.status(402), Kind.NO_CREDIT, 402),
    (Fault.status(403), Kind.BAD_KEY, 403),
    (Fault.status(404), Kind.MODEL_GONE, 404),
    (Fault.status(408), Kind.TIMEOUT, 408),
    (Fault.status(413), Kind.CONTEXT_TOO_LONG, 413),
    (Fault.status(422), Kind.BAD_REQUEST, 422),
    (Fault.status(429), Kind.RATE_LIMIT, 429),
    (Fault.status(500), Kind.SERVER_ERROR, 500),
    (Fault.status(502, body=b"<html><h1>Bad Gateway</h1></html>"), Kind.SERVER_ERROR, 502),
    (Fault.status(503), Kind.SERVER_ERROR, 503),
    (Fault.status(504), Kind.TIMEOUT, 504),
    (Fault.status(529), Kind.SERVER_ERROR, 529),
    (Fault.REFUSE, Kind.UNREACHABLE, None),
    (Fault.RESET, Kind.UNREACHABLE, None),
    (Fault.CUT, Kind.CUT_OFF, None),
    (Fault.RESET_MIDWAY, Kind.CUT_OFF, None),
    (Fault.MALFORMED, Kind.CUT_OFF, None),
    (Fault.NO_FINISH, Kind.CUT_OFF, None),
    (Fault.HTML, Kind.SERVER_ERROR, None),
    (Fault.NOTHING, Kind.SERVER_ERROR, None),
    (Fault.EMPTY, Kind.BAD_ANSWER, None),
]


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(("fault", "kind", "status"), EVERYWHERE, ids=lambda value: getattr(value, "name", None))
def test_every_fault_is_what_it_is_with_every_provider(
    wire: str, fault: Fault, kind: FailureKind, status: int | None
) -> None:
    with provider(wire, fault=fault) as server:
        begun = time.monotonic()
        failure = failing(server)
    assert (failure.kind, failure.status) == (kind, status), failure
    assert time.monotonic() - begun < 3
    assert failure.message
    assert failure.hint


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", [Fault.HANG, Fault.SILENT, Fault.STALL, Fault.DRIP], ids=lambda fault: fault.name)
def test_silence_ends_at_the_limit_whatever_litellm_does(wire: str, fault: Fault) -> None:
    with provider(wire, fault=fault) as server:
        begun = time.monotonic()
        failure = failing(server, HASTY)
        took = time.monotonic() - begun
    assert failure.kind is Kind.TIMEOUT
    assert 0.4 < took < 1.3
    assert f"{HASTY.answer if fault == Fault.DRIP else HASTY.stall:g} s" in failure.message


@pytest.mark.parametrize(
    ("wire", "fault", "kind"),
    [
        ("openai", Fault.status(429, "quota"), Kind.NO_CREDIT),
        ("gemini", Fault.status(429, "quota"), Kind.RATE_LIMIT),  # it says the same of its limit per minute
        ("anthropic", Fault.status(400, "credit"), Kind.NO_CREDIT),
        ("gemini", Fault.status(400, "key"), Kind.BAD_KEY),
        ("openai", Fault.status(400, "policy"), Kind.REFUSED),
        ("anthropic", Fault.status(400, "policy"), Kind.REFUSED),
        ("openai", Fault.FILTERED, Kind.REFUSED),
        ("anthropic", Fault.FILTERED, Kind.REFUSED),
        ("gemini", Fault.FILTERED, Kind.REFUSED),
        ("openai", Fault.status(404, "model"), Kind.MODEL_GONE),
        ("openai", Fault.ERROR_EVENT, Kind.SERVER_ERROR),
        ("anthropic", Fault.ERROR_EVENT, Kind.SERVER_ERROR),
        ("gemini", Fault.ERROR_EVENT, Kind.SERVER_ERROR),
        ("ollama", Fault.ERROR_EVENT, Kind.CUT_OFF),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_what_a_provider_says_in_its_own_way_is_understood(wire: str, fault: Fault, kind: FailureKind) -> None:
    with provider(wire, fault=fault) as server:
        assert failing(server).kind is kind


@pytest.mark.parametrize("wire", WIRES)
def test_messages_are_the_providers_own_and_hold_no_key(wire: str) -> None:
    with provider(wire, fault=Fault.status(401)) as server:
        failure = failing(server, key="sk-openai-loopback-0123456789")
    assert not re.search(r"litellm|exception|loopback-0|[{}]", failure.message, re.IGNORECASE)
    assert len(failure.message) <= 300


def test_the_wait_that_a_provider_asks_for_is_passed_on() -> None:
    for wire in WIRES:
        with provider(wire, fault=Fault.status(429, retry_after=17)) as server:
            assert "17 s" in failing(server).hint, wire


def test_a_key_that_no_header_can_hold_is_a_bad_key() -> None:
    for wire in ("openai", "anthropic", "gemini"):
        with provider(wire) as server:
            failure = failing(server, key="sk-“quoted”-0123456789")
        assert failure.kind is Kind.BAD_KEY, (wire, failure)
        assert "quoted" not in failure.message


def test_an_answer_without_end_is_given_up() -> None:
    with provider("openai", answer="x" * 900_000, pieces=50) as server:
        failure = failing(server)
    assert failure.kind is Kind.BAD_ANSWER
    assert "longer than" in failure.message


# --- closing


@pytest.mark.parametrize("wire", WIRES)
def test_closing_the_iterator_ends_the_request(wire: str) -> None:
    with provider(wire, answer="word " * 2000, pieces=200, delay=0.02) as server:
        parts = LiteLLMTransport(TODAY).stream(link_to(wire, server.environ), PROMPT, PATIENT)
        next(parts)
        parts.close()
        assert server.abandoned.wait(2)
        assert server.sent < 150


@pytest.mark.parametrize("fault", [None, Fault.HANG, Fault.STALL], ids=["answer", "hang", "stall"])
def test_no_request_thread_is_left_for_long(fault: Fault | None) -> None:
    for wire in ("openai", "gemini"):
        before = set(threading.enumerate())
        with provider(wire, fault=fault) as server:
            before |= set(threading.enumerate())
            if fault is None:
                ask(server)
            else:
                failing(server, Timeouts(0.2, 0.2, 0.3))
                assert server.abandoned.wait(2.5), wire
        asking = [each for each in threading.enumerate() if "ask-model" in each.name and each not in before]
        for thread in asking:
            thread.join(2)
            assert not thread.is_alive(), wire


_INTERRUPTED = """
import os, sys, time
from snapfix.llm import litellm_transport
from tests.llm.asking import PROMPT, link_to
from snapfix.llm.base import Timeouts
link = link_to("gemini", os.environ)
litellm_transport._litellm.module()
print("asking", flush=True)
try:
    list(litellm_transport.LiteLLMTransport().stream(link, PROMPT, Timeouts(30, 30, 60)))
except KeyboardInterrupt:
    print("interrupted", flush=True)
    os._exit(0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process there")
def test_an_interruption_ends_the_wait_at_once() -> None:
    with provider("gemini", fault=Fault.HANG) as server:
        process = subprocess.Popen(
            [sys.executable, "-c", _INTERRUPTED],
            env={**os.environ, **server.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "asking\n"
        while not server.requests:
            time.sleep(0.02)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (out, err, process.returncode) == ("interrupted\n", "", 0)
        assert time.monotonic() - begun < 1.5


# --- a whole process

_ONE_ANSWER = """
import os, sys, time
from snapfix.llm import litellm_transport
from snapfix.failures import ProviderFailed
from snapfix.llm.base import Timeouts
from tests.llm.asking import PROMPT, link_to
litellm_transport.warm()
try:
    list(litellm_transport.LiteLLMTransport().stream(link_to(sys.argv[1], os.environ), PROMPT, Timeouts(5, 0.5, 9)))
except ProviderFailed:
    pass
os.write(3, repr(time.time()).encode())
os._exit(0)  # as the command line leaves: LiteLLM's own threads may read from a dead connection for ever
"""


@pytest.mark.parametrize(
    ("wire", "fault"),
    [("openai", None), ("anthropic", Fault.CUT), ("gemini", Fault.status(503)), ("ollama", Fault.STALL)],
    ids=["openai-answers", "anthropic-cut", "gemini-503", "ollama-stalls"],
)
def test_a_process_is_silent_and_gone_soon_after_the_last_token(wire: str, fault: Fault | None) -> None:
    read_end, write_end = os.pipe()
    program = _ONE_ANSWER.replace("os.write(3,", f"os.write({write_end},")
    with provider(wire, fault=fault) as server:
        environ = {**os.environ, **server.environ, "PYTHONWARNINGS": "default"}
        finished = subprocess.run(
            [sys.executable, "-c", program, wire], env=environ, capture_output=True, pass_fds=[write_end], check=False
        )
        gone = time.time()
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        last_token = float(pipe.read())
    assert (finished.stdout, finished.stderr, finished.returncode) == (b"", b"", 0)
    assert gone - last_token < 1.0  # 0.05 s on a machine that does nothing else


@pytest.mark.parametrize("pause", [0.0, 0.3, 0.8])
def test_a_process_may_end_while_the_import_is_under_way(pause: float) -> None:
    program = f"""
        import time
        from snapfix.llm import litellm_transport
        litellm_transport.warm(["openai/gpt-5.4-mini"])
        time.sleep({pause})
    """
    finished = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, timeout=20, check=False
    )
    assert (finished.stdout, finished.stderr, finished.returncode) == (b"", b"", 0)


def test_importing_this_transport_does_not_import_litellm() -> None:
    program = "import sys, snapfix.llm.litellm_transport, snapfix.llm.chain; print('litellm' in sys.modules)"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout == "False\n"


def test_an_installation_that_cannot_be_imported_is_a_failure_that_says_so(tmp_path: object) -> None:
    package = tmp_path / "litellm"  # type: ignore[operator]
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('half of it is missing')")
    program = """
        import os
        from snapfix.failures import ProviderFailed
        from snapfix.llm.litellm_transport import LiteLLMTransport
        from tests.llm.asking import PATIENT, PROMPT, link_to
        transport, link = LiteLLMTransport(), link_to("openai", {})
        assert transport.status(link) is None
        try:
            list(transport.stream(link, PROMPT, PATIENT))
        except ProviderFailed as failed:
            print(failed.failure.message, "|", failed.failure.hint)
    """
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    finished = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], env=environ, capture_output=True, text=True, check=True
    )
    assert finished.stdout.startswith("LiteLLM cannot be imported: half of it is missing | reinstall it")


# --- translating


def test_every_exception_class_of_litellm_has_a_kind(litellm_module: ModuleType) -> None:
    exceptions = litellm_module.exceptions
    classes = {
        name
        for name, each in inspect.getmembers(exceptions, inspect.isclass)
        if issubclass(each, BaseException) and each.__module__ == exceptions.__name__
    }
    assert classes == set(KIND_BY_CLASS)


def test_an_exception_that_nobody_knows_is_unknown_and_does_not_stop_the_cloud() -> None:
    failure = translate(ZeroDivisionError("division by zero"), link_to("openai", {}))
    assert (failure.kind, failure.message) == (Kind.UNKNOWN, "division by zero")
    assert not failure.policy.stops_cloud


def test_an_exception_without_a_message_is_named() -> None:
    assert translate(ValueError(), link_to("openai", {})).message == "ValueError without a message"


def test_exceptions_that_cause_each_other_do_not_go_round_in_circles() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert translate(one, link_to("openai", {})).message == "one"


def test_a_message_is_one_printable_line_without_the_key_and_the_addresss_password() -> None:
    link = link_to("openai", {"OPENAI_API_KEY": "hunter2"})
    dirty = (
        "at https://me:pw@host/v1 with hunter2\n\x1b]0;title\x07 \u202ex Bearer abc sk-ant-0123456789abcdef "
        + "y" * 400
    )
    cleaned = clean(dirty, link)
    assert cleaned.startswith("at https://***@host/v1 with *** ]0;title x Bearer *** *** yyy")
    assert len(cleaned) == 300


@given(st.text(max_size=2000))
def test_no_message_breaks_the_translation(text: str) -> None:
    failure = translate(RuntimeError(text), link_to("openai", {"OPENAI_API_KEY": "sk-1"}))
    assert failure.message
    assert "\n" not in failure.message


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, '{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it"}}'),
        (500, '{"error":{"code":500,"message":"the request exceeds the available context size."}}'),
        (
            400,
            '{"error":"Trying to keep the first 6547 tokens when context the overflows. However, the model is loaded'
            ' with context length of only 4096 tokens, which is not enough."}',
        ),
        (
            400,
            '{"error":"The number of tokens to keep from the initial prompt is greater than the context length (n_keep:'
            ' 13055>= n_ctx: 4096)."}',
        ),
        (400, '{"error":{"message":"Requested tokens (2285) exceed context window of 2048"}}'),
    ],
)
def test_a_local_server_says_in_its_own_way_that_a_prompt_is_too_long(status: int, body: str) -> None:
    with provider("openai", fault=Fault.status(status, body=body.encode())) as server:
        assert failing(server).kind is Kind.CONTEXT_TOO_LONG


# --- before asking


def status_of(model: str, **changes: object) -> Failure | None:
    link = replace(link_to("openai", {}), model=model, provider=model.partition("/")[0], **changes)
    return model_status(link, TODAY)


@pytest.mark.parametrize(
    "model",
    [
        "openai/gpt-4",
        "anthropic/claude-3-5-sonnet-20240620",
        "anthropic/claude-2.1",
        "gemini/gemini-2.0-flash",
        "gemini/gemini-1.5-pro",
        "gemini/gemini-pro",
        "openai/text-davinci-003",
    ],
)
def test_a_retired_model_is_reported_with_its_successor(model: str) -> None:
    provider_name = model.partition("/")[0]
    failure = status_of(model, successor=f"{provider_name}/new")
    assert failure is not None
    assert failure.kind is Kind.MODEL_GONE
    assert re.search(rf"`{model}` (was retired on \d{{4}}-\d\d-\d\d|has been retired)", failure.message)
    assert failure.hint == f"use `--model {provider_name}/new` instead"


@pytest.mark.parametrize(
    "model",
    [
        "openai/gpt-4o",
        "openai/gpt-4.1",
        "gemini/gemini-2.5-pro",
        "openai/never-heard-of",
        "anthropic/claude-sonnet-4-5",
    ],
)
def test_a_model_that_is_served_or_not_known_is_asked(model: str) -> None:
    assert status_of(model) is None


def test_what_is_behind_an_address_of_ones_own_is_not_judged() -> None:
    assert status_of("openai/gpt-4", api_base="https://gateway.example/v1") is None
    assert status_of("ollama_chat/gpt-4", local=True) is None


def test_a_model_is_still_asked_on_the_day_before_it_is_retired() -> None:
    link: Link = replace(link_to("openai", {}), model="openai/gpt-4")
    assert model_status(link, date(2026, 10, 22)) is None


def test_a_provider_that_litellm_does_not_know_is_reported_before_asking() -> None:
    failure = status_of("antropic/claude-sonnet-5")
    assert failure is not None
    assert failure.kind is Kind.BAD_REQUEST
    assert "antropic" in failure.message


def test_a_prompt_with_odd_characters_arrives_as_it_is() -> None:
    odd = "é 漢字 \U0001f40d \\n \" ' </s> {{x}} \x00 \u2028"
    prompt = replace(PROMPT, messages=(Message("user", odd),))
    with provider("ollama") as server:
        list(LiteLLMTransport(TODAY).stream(link_to("ollama", server.environ), prompt, PATIENT))
    assert server.requests[0].body["messages"][0]["content"] == odd


# --- windows


def window_of(model: str, **changes: object) -> int | None:
    link = replace(link_to("openai", {}), model=model, provider=model.partition("/")[0], **changes)
    return LiteLLMTransport(TODAY).window(link)


def test_the_window_of_a_cloud_model_is_the_listed_one(litellm_module: ModuleType) -> None:
    for model in ("anthropic/claude-sonnet-5", "openai/gpt-5.4-mini", "gemini/gemini-3.5-flash"):
        listed = litellm_module.get_model_info(model)["max_input_tokens"]
        assert window_of(model) == listed > 100_000
    assert window_of("openai/gpt-3.5-turbo") == 16_385


def test_a_cloud_model_that_is_not_listed_is_taken_to_hold_32768_tokens() -> None:
    assert window_of("openai/of-tomorrow") == 32_768
    assert window_of("groq/gpt-3.5-turbo") == 32_768  # another provider's model of that name is another model


def test_the_window_is_known_before_litellm_is_imported() -> None:
    program = """
        import sys
        from snapfix.link import Link
        from snapfix.llm.litellm_transport import LiteLLMTransport
        link = Link("x", "openai/gpt-3.5-turbo", "openai", local=False)
        print(LiteLLMTransport().window(link), "litellm" in sys.modules)
    """
    finished = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert finished.stdout == "16385 False\n"


def test_the_window_of_a_local_server_is_the_one_that_it_tells() -> None:
    models = {"data": [{"id": "m", "max_model_len": 4096}]}
    with provider("openai", documents={"/v1/models": models}) as server:
        assert window_of("openai/m", local=True, api_base=server.api_base) == 4096
    assert window_of("openai/m", local=True, api_base=server.api_base) is None
