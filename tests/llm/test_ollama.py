from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, repeat

import pytest

from snapfix.llm import ollama
from tests.servers import Fault, free_port, provider


def test_lists_the_installed_models() -> None:
    with provider("ollama", models=("codellama:7b", "llama3:latest")) as server:
        assert ollama.probe(server.url) == ("codellama:7b", "llama3:latest")
        assert server.other_requests[0].path == "/api/tags"


def test_a_model_that_is_passed_on_to_another_machine_is_not_listed() -> None:
    with provider("ollama", models=("mine->https://ollama.com:443", "llama3:latest")) as server:
        assert ollama.probe(server.url) == ("llama3:latest",)


def test_nothing_that_answers_is_none() -> None:
    assert ollama.probe(f"http://127.0.0.1:{free_port()}") is None
    assert ollama.probe("http://nonsense:port") is None
    assert ollama.probe("") is None


def test_what_is_no_ollama_is_none() -> None:
    with provider("openai") as server:
        assert ollama.probe(server.url) is None


def test_does_not_wait_for_a_server_that_hangs() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        assert ollama.probe(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2) is None
        assert time.monotonic() - begun < 10


@contextmanager
def answering(pieces: Iterable[bytes], pause: float = 0.0) -> Iterator[str]:
    """A server that sends these pieces to the first request; its address."""

    def serve() -> None:
        with suppress(OSError):
            server.accept()[0].close()  # whether anybody listens
            connection = server.accept()[0]
            with connection:
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(pause)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: ", b""])
def test_a_server_that_drips_does_not_hold_it_up(begin: bytes) -> None:
    begun = time.monotonic()
    with answering(chain([begin], repeat(b" ", 1000)), pause=0.02) as url:
        assert ollama.probe(url, timeout=15) is None
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize("body", [b"[" * 500_000, b'{"models":' * 100_000, b" " * 3_000_000, b"1" * 10_000])
def test_a_hostile_document_is_none(body: bytes) -> None:
    with answering([b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), body]) as url:
        assert ollama.probe(url) is None


def test_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    with provider("ollama") as server:
        assert ollama.probe(server.url) is not None


@pytest.mark.parametrize(
    ("installed", "wanted", "chosen"),
    [
        (["llama3:8b", "qwen2.5-coder:latest"], "qwen2.5-coder", "qwen2.5-coder:latest"),
        (["qwen2.5-coder:7b"], "qwen2.5-coder", "qwen2.5-coder:7b"),
        (["a:1b", "a:7b"], "a:7b", "a:7b"),
        (["a"], "a:latest", "a"),
        (["llama3:8b", "codellama:7b"], "qwen2.5-coder", "codellama:7b"),
        (["nomic-embed-code", "llama3:8b"], "qwen2.5-coder", "llama3:8b"),
        (["qwen3-coder:480b-cloud", "llama3:8b"], "qwen2.5-coder", "llama3:8b"),
        (["nomic-embed-text:latest", "bge-m3"], "qwen2.5-coder", None),
        (["gpt-oss:120b-cloud"], "gpt-oss", None),
        (["gpt-oss:120b-cloud"], "gpt-oss:120b-cloud", "gpt-oss:120b-cloud"),
        ([], "qwen2.5-coder", None),
    ],
)
def test_chooses_the_wanted_model_then_one_for_code_then_any_that_chats(
    installed: list[str], wanted: str, chosen: str | None
) -> None:
    assert ollama.choose(installed, wanted) == chosen


def test_a_refused_connection_costs_almost_nothing() -> None:
    with provider("ollama", fault=Fault.REFUSE) as server:
        begun = time.monotonic()
        assert ollama.probe(server.url, timeout=30) is None
        assert time.monotonic() - begun < 10


# --- windows


def showing(model_info: object = None, parameters: object = None, loaded: object = None) -> dict[str, object]:
    """The documents of an Ollama that shows this of its model `m`."""
    entry = {"name": "m:latest", "model": "m:latest", "context_length": loaded}
    return {
        "/api/show": {"model_info": model_info, "parameters": parameters},
        "/api/ps": {"models": [{"name": "other", "context_length": 99}, entry] if loaded else []},
    }


QWEN = {"general.architecture": "qwen2", "qwen2.context_length": 32768, "qwen2.vision.context_length": 77}


def test_a_model_shows_what_it_was_made_for_what_is_configured_and_what_it_is_loaded_with() -> None:
    parameters = 'stop                           "<|im_start|>"\nnum_ctx                        16384\ntemperature  0.7'
    with provider("ollama", documents=showing(QWEN, parameters, 8192)) as server:
        assert ollama.show(server.url, "m") == ollama.Shown(trained=32768, configured=16384, loaded=8192)
    assert server.other_requests[0].body == {"model": "m"}


@pytest.mark.parametrize(
    ("model_info", "parameters", "loaded"),
    [
        (None, None, None),
        ([], 7, "x"),
        ({"general.architecture": "qwen2"}, "stop num_ctx 5", True),
        ({"general.architecture": "qwen2", "qwen2.context_length": "32768"}, "num_ctx 99999999999999999999", -1),
        ({"general.architecture": {}, "{}.context_length": 0}, "num_ctx 0", 2**70),
        ({"general.architecture": "q", "q.context_length": True}, "num_ctx" + " " * 90_000 + "x", [1]),
    ],
)
def test_what_is_no_window_is_none(model_info: object, parameters: object, loaded: object) -> None:
    with provider("ollama", documents=showing(model_info, parameters, loaded)) as server:
        assert ollama.show(server.url, "m") == ollama.Shown()


def test_an_ollama_that_shows_nothing_costs_little() -> None:
    begun = time.monotonic()
    assert ollama.show(f"http://127.0.0.1:{free_port()}", "m") == ollama.Shown()
    with provider("openai") as server:
        assert ollama.show(server.url, "m") == ollama.Shown()
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b""])
def test_a_server_that_drips_while_it_shows_a_model_does_not_hold_it_up(begin: bytes) -> None:
    begun = time.monotonic()
    with answering(chain([begin], repeat(b" ", 1000)), pause=0.02) as url:
        assert ollama.show(url, "m") == ollama.Shown()
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("needed", "shown", "asked"),
    [
        (100, ollama.Shown(), 4096),
        (4097, ollama.Shown(), 8192),
        (7000, ollama.Shown(trained=32768), 8192),
        (7000, ollama.Shown(trained=7500), 7500),  # not more than the model has
        (900, ollama.Shown(trained=2048), 2048),
        (7000, ollama.Shown(trained=32768, configured=2048), 8192),
        (7000, ollama.Shown(trained=32768, configured=16384), 16384),
        (9000, ollama.Shown(trained=8192, configured=16384), 16384),  # stretched by its Modelfile
        (5000, ollama.Shown(trained=32768, loaded=12288), 12288),  # else it would be loaded anew
        (9000, ollama.Shown(trained=32768, loaded=4096), 12288),
        (9000, ollama.Shown(loaded=65536), 12288),
    ],
)
def test_the_window_to_ask_for_holds_what_is_needed_and_changes_seldom(
    needed: int, shown: ollama.Shown, asked: int
) -> None:
    assert ollama.num_ctx(needed, shown) == asked
