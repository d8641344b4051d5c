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
