"""A provider: one loopback HTTP server that speaks one wire format."""

from __future__ import annotations

import json
import re
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any

from tests.servers.faults import Fault
from tests.servers.formats import FORMATS, Format

ANSWER = "## Error analysis\nThe name is misspelt.\n\n## Root cause\n`totl` was meant to be `total`.\n"


@dataclass(frozen=True)
class Recorded:
    """One request as it arrived; header names are in lower case, ``body`` is the parsed JSON or None."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    arrived: float


class Provider(ThreadingHTTPServer):
    """Made by ``provider(...)``; see the package's docstring."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(
        self,
        wire: Format,
        *,
        answer: str,
        fault: Fault | None,
        pieces: int,
        delay: float,
        gated: bool,
        models: Sequence[str],
        port: int,
        documents: Mapping[str, Any],
        largest: int | None,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.wire = wire
        self.answer = answer
        self.fault = fault
        self.pieces = _split(answer, pieces)
        self.delay = delay
        self.models = tuple(models)
        self.documents = {"/api/show": _SHOW, "/api/ps": {"models": []}} if wire.name == "ollama" else {}
        self.documents |= documents
        self.largest = largest
        self.requests: list[Recorded] = []
        self.other_requests: list[Recorded] = []
        self.sent = 0
        self.gate = threading.Event()
        if not gated:
            self.gate.set()
        self.stopping = threading.Event()
        self.abandoned = threading.Event()

    @property
    def url(self) -> str:
        """Scheme, host and port, without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def api_base(self) -> str:
        """What LiteLLM takes as ``api_base``."""
        return self.wire.api_base(self.url)

    @property
    def environ(self) -> dict[str, str]:
        """The variables that lead to this server."""
        return self.wire.environ(self.url)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of the game."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Provider

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        pass

    def do_GET(self) -> None:
        self._record(self.server.other_requests, None)
        if self.path == "/api/tags" and self.server.wire.name == "ollama":
            self._reply(200, {"models": [_tag(name) for name in self.server.models]})
        elif self.path in self.server.documents:
            self._reply(200, self.server.documents[self.path])
        else:
            self._reply(200 if self.path == "/" else 404, {"error": "not found"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"null")
        if self.path in self.server.documents:
            self._record(self.server.other_requests, body)
            self._reply(200, self.server.documents[self.path])
            return
        self._record(self.server.requests, body)
        self._model = _model_of(self.path, body)
        too_large = self.server.largest is not None and len(json.dumps(body)) > self.server.largest
        with suppress(ConnectionError):
            self._answer(Fault.status(400, "context") if too_large else self.server.fault)

    def _record(self, into: list[Recorded], body: Any) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        into.append(Recorded(self.command, self.path, headers, body, time.monotonic()))

    def _reply(self, status: int, document: Any, retry_after: int | None = None) -> None:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if retry_after is not None:
            self.send_header("retry-after", str(retry_after))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, fault: Fault | None) -> None:
        name = fault.name if fault else ""
        if fault and name == "STATUS":
            body = fault.body or self.server.wire.error_body(fault.code, fault.reason, self._model)
            self._reply(fault.code, body, fault.retry_after)
        elif name == "RESET":
            self._reset()
        elif name == "HANG":
            self._hang()
        elif name == "HTML":
            self._start("text/html; charset=utf-8")
            self._send(b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Wi-Fi login</body></html>\n")
            self._end()
        else:
            self._stream(name)

    def _stream(self, name: str) -> None:
        wire, model = self.server.wire, self._model
        self._start(wire.content_type)
        if name == "NOTHING":
            return self._end()
        self._send(wire.opening(model))
        if name == "SILENT":
            return self._hang()
        if name == "DRIP":
            return self._drip()
        if name == "THINKING":
            for word in ("Let", " me", " think."):
                self._send(wire.thought(word, model))
                time.sleep(self.server.delay)
        if name in ("EMPTY", "FILTERED"):
            self._send(wire.closing("stop" if name == "EMPTY" else "filtered", model))
            return self._end()
        return self._pieces(name)

    def _pieces(self, name: str) -> None:
        wire, model = self.server.wire, self._model
        pieces = self.server.pieces
        broken = name in ("STALL", "CUT", "RESET_MIDWAY", "ERROR_EVENT", "MALFORMED", "NO_FINISH")
        for piece in pieces[: max(len(pieces) // 2, 1)] if broken else pieces[:-1]:
            self._send(wire.piece(piece, model))
            self.server.sent += 1
            if self.server.delay:
                time.sleep(self.server.delay)
        if broken:
            return self._break(name)
        self._wait(self.server.gate)
        self._send(wire.piece(pieces[-1], model))
        self.server.sent += 1
        self._send(wire.closing("length" if name == "LENGTH" else "stop", model))
        return self._end()

    def _break(self, name: str) -> None:
        wire = self.server.wire
        if name == "STALL":
            self._hang()
        elif name == "CUT":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif name == "RESET_MIDWAY":
            time.sleep(0.05)  # what was sent must arrive: a reset discards what is still on its way
            self._reset()
        elif name == "ERROR_EVENT":
            self._send(wire.error_event())
            self._end()
        elif name == "MALFORMED":
            self._send(wire.malformed())
            self._end()
        else:
            self._end()

    def _drip(self) -> None:
        while not self.server.stopping.is_set():
            self._send(self.server.wire.piece("x", self._model))
            self.server.sent += 1
            time.sleep(0.05)
        self.close_connection = True

    def _start(self, content_type: str) -> None:
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _send(self, part: bytes) -> None:
        """One chunk of the transfer, flushed."""
        if not part:
            return
        try:
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            self.wfile.flush()
        except ConnectionError:
            self.server.abandoned.set()
            raise

    def _end(self) -> None:
        with suppress(ConnectionError):
            self.wfile.write(b"0\r\n\r\n")
            self.wfile.flush()

    def _reset(self) -> None:
        """Close with RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _hang(self) -> None:
        self._wait(threading.Event())
        self.close_connection = True

    def _wait(self, event: threading.Event) -> None:
        """Until the event, the server's end, or the client's hanging up."""
        while not event.is_set() and not self.server.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.02)
            if readable and not _peek(self.connection):
                self.server.abandoned.set()
                return


def _peek(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return b""


def _split(text: str, pieces: int) -> list[str]:
    size = max(1, -(-len(text) // pieces))
    return [text[start : start + size] for start in range(0, len(text), size)] or [""]


def _model_of(path: str, body: Any) -> str:
    """Gemini names the model in the path, everyone else in the body."""
    if match := re.search(r"/models/([^:/]+):", path):
        return match[1]
    return str(body.get("model", "")) if isinstance(body, dict) else ""


def _tag(name: str) -> dict[str, Any]:
    details = {"format": "gguf", "family": "qwen2", "families": ["qwen2"], "parameter_size": "7.6B"}
    name, _, host = name.partition("->")
    remote = {"remote_host": host, "remote_model": name} if host else {}
    return {"name": name, "model": name, "size": 4683087332, "digest": "0" * 64, "details": details, **remote}


_SHOW = {
    "template": "{{ .Prompt }}",
    "details": {"format": "gguf", "family": "qwen2"},
    "model_info": {"general.architecture": "qwen2", "qwen2.context_length": 32768},
    "capabilities": ["completion"],
}


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def provider(
    wire: str,
    *,
    answer: str = ANSWER,
    fault: Fault | None = None,
    pieces: int = 6,
    delay: float = 0.0,
    gated: bool = False,
    models: Sequence[str] = ("qwen2.5-coder:latest",),
    port: int = 0,
    documents: Mapping[str, Any] = MappingProxyType({}),
    largest: int | None = None,
) -> Iterator[Provider]:
    """A running provider of the wire format ``wire`` (a key of ``FORMATS``).

    ``models`` are those that Ollama's ``/api/tags`` lists; ``name->https://ollama.com`` is one that runs there.
    ``documents`` are what other paths answer, such as ``/api/show``; a request of more than ``largest`` characters
    is too long for the model. With ``Fault.REFUSE`` the server has an address, but nothing listens there.
    """
    server = Provider(
        FORMATS[wire],
        answer=answer,
        fault=fault,
        pieces=pieces,
        delay=delay,
        gated=gated,
        models=models,
        port=port,
        documents=documents,
        largest=largest,
    )
    if fault == Fault.REFUSE:
        server.server_close()
        yield server
        return
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Servers:
    """Several providers; index by format."""

    running: Mapping[str, Provider]

    def __getitem__(self, wire: str) -> Provider:
        return self.running[wire]

    @property
    def environ(self) -> dict[str, str]:
        """The variables that lead to all of them."""
        return {name: value for server in self.running.values() for name, value in server.environ.items()}


@contextmanager
def everything(answers: Mapping[str, str | Fault]) -> Iterator[Servers]:
    """One provider per item: format -> its answer, or its fault."""
    with ExitStack() as stack:
        running = {
            wire: stack.enter_context(
                provider(wire, fault=each) if isinstance(each, Fault) else provider(wire, answer=each)
            )
            for wire, each in answers.items()
        }
        yield Servers(running)
