"""The transport over LiteLLM: the only file that knows LiteLLM.

What is done here against its habits, each measured with LiteLLM 1.106.2 and 1.109.1:

- its import takes seconds: ``warm`` starts it in the background, with garbage collection off;
- it prints banners, reads ``.env`` files and fetches price lists unless variables and flags forbid it;
- its timeouts do not hold (Gemini hangs past them): the caller's side has a clock of its own;
- it reports silence, a web page or a cut answer as success: text and a finish reason are demanded;
- its exception classes do not tell what happened: the HTTP client's own exceptions, behind them, do.
"""

from __future__ import annotations

import atexit
import gc
import os
import queue
import re
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import ModuleType
from typing import Any, cast
from urllib.parse import urlsplit

from snapfix.failures import Failure, FailureKind, ProviderFailed
from snapfix.link import Link
from snapfix.llm import ollama, windows
from snapfix.llm.base import Finished, Timeouts, answer_ceiling, failure, window_for
from snapfix.llm.links import is_well_known
from snapfix.prompt import Prompt

# --- the import -----------------------------------------------------------------------------------------------------

_BEFORE_IMPORT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it fetches a price list while it is imported
    "LITELLM_MODE": "PRODUCTION",  # else it loads a `.env` file that it finds
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_OFFLINE_MODE": "true",
    "LITELLM_LOG": "CRITICAL",
}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


# What a first request would import, by the name that LiteLLM's `model` begins with ("" for every provider).
_FIRST_REQUEST = (
    ("", "httpcore"),
    ("", "h11"),
    ("", "litellm.proxy.openai_files_endpoints.common_utils"),
    ("openai/", "openai.resources"),
)


class _Abandoned(BaseException):
    """Ends an import in the middle; LiteLLM's own ``except Exception`` does not stop it."""


class _Gate:
    """A finder that finds nothing, and once it is shut, lets no thread of this module import anything more.

    A daemon thread that dies inside an import keeps the import's lock, and the interpreter's end can then wait
    for it for ever. With the gate shut such a thread unwinds within milliseconds.
    """

    def __init__(self) -> None:
        self.shut = False

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        """Part of the protocol of ``sys.meta_path``."""
        if self.shut and threading.current_thread().name in (_IMPORTER, _ASKER):
            raise _Abandoned(name)


_IMPORTER, _ASKER = "snapfix-import-litellm", "snapfix-ask-model"
_gate = _Gate()


class _Import:
    """LiteLLM, imported once, in a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started = False
        self._over = threading.Event()
        self._module: ModuleType | None = None
        self._error: BaseException | None = None

    def start(self, models: tuple[str, ...] = ()) -> None:
        with self._lock:
            if not self._started:
                self._started = True
                sys.meta_path.insert(0, _gate)
                atexit.register(_stop)
                threading.Thread(target=self._run, args=(models,), name=_IMPORTER, daemon=True).start()

    def module(self) -> ModuleType:
        """Wait for it; short waits, so that an interruption is noticed.

        Raises:
            ImportError: LiteLLM cannot be imported; whatever it raised is the cause.
        """
        self.start()
        while not self._over.wait(0.1):
            pass
        if self._module is None:
            raise ImportError(f"LiteLLM cannot be imported: {self._error}") from self._error
        return self._module

    def _run(self, models: tuple[str, ...]) -> None:
        _prepare_environment()
        collecting = gc.isenabled()
        gc.disable()  # a third of the time: the import makes a million objects, and all of them stay
        try:
            import litellm

            _silence(litellm)
            self._module = litellm
        except BaseException as error:  # a broken installation raises anything; `module` tells the caller
            self._error = error
        finally:
            self._over.set()
        if self._module is not None:
            _import_for_first_request(models)
        gc.freeze()
        if collecting:
            gc.enable()


def _import_for_first_request(models: tuple[str, ...]) -> None:
    """A quarter of a second that need not wait for the request."""
    from importlib import import_module

    for prefix, name in _FIRST_REQUEST:
        if not prefix or any(model.startswith(prefix) for model in models):
            with suppress(Exception, _Abandoned):  # the request itself will import it, or do without
                import_module(name)


def _prepare_environment() -> None:
    # LiteLLM and httpx read the process's own environment: there is no argument for any of this.
    environ = os.environ  # noqa: TID251
    environ.update(_BEFORE_IMPORT)
    _bypass_proxies(_LOOPBACK)


def _bypass_proxies(hosts: Iterable[str]) -> None:
    environ = os.environ  # noqa: TID251
    known = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    entries = re.split(r"[,\s]+", known)
    missing = [host for host in hosts if host not in entries]
    if "*" not in entries:
        environ["NO_PROXY"] = environ["no_proxy"] = ",".join(filter(None, [known, *missing]))


def _silence(litellm: Any) -> None:
    litellm.suppress_debug_info = True  # the banner goes to standard output
    litellm.disable_hf_tokenizer_download = True
    litellm.disable_token_counter = True  # counting can fetch a tokenizer; the provider counts
    litellm.disable_streaming_logging = True  # else a thread pool works on after the last token
    litellm.telemetry = False


_litellm = _Import()


def warm(models: Iterable[str] = ()) -> None:
    """Begin to import LiteLLM in the background, with what requests to ``models`` need; any number of times."""
    _litellm.start(tuple(models))


def _stop() -> None:
    """End what is still being imported; see ``_Gate``. A request that waits for its answer holds nothing up."""
    _gate.shut = True
    for thread in threading.enumerate():
        if thread.name in (_IMPORTER, _ASKER):
            thread.join(2.0 if thread.name == _IMPORTER else 0.02)


# --- asking ---------------------------------------------------------------------------------------------------------

_ANSWER_LIMIT = 400_000
"""Characters; no diagnosis is that long."""
_TICK = 0.1
"""Seconds between two looks at the clock while nothing arrives."""
_MOST_TOKENS = 10**12
"""No request has that many; more would not fit the memory's columns."""
_GRACE = 1.0
"""Seconds that LiteLLM's own limit lies above ours, so that it only ends what was abandoned."""


@dataclass(slots=True)
class _End:
    """What was learnt of the end of an answer."""

    finish: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None


@dataclass(frozen=True, slots=True)
class _Thought:
    """A part of the model's reasoning: a sign of life, not of the answer."""


@dataclass(frozen=True, slots=True)
class _Request:
    """One request on its way, shared by the thread that makes it and the one that waits for it."""

    arguments: dict[str, Any]
    arrived: queue.SimpleQueue[str | _Thought | _End | BaseException] = field(default_factory=queue.SimpleQueue)
    abandoned: threading.Event = field(default_factory=threading.Event)


class LiteLLMTransport:
    """Reaches any model that LiteLLM knows. See ``base.Transport``."""

    def __init__(self, today: date | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """Today decides which models are retired (None: the system's date); ``clock`` gives seconds."""
        self._today = today
        self._clock = clock
        self._shown: dict[tuple[str, str], ollama.Shown] = {}

    def status(self, link: Link) -> Failure | None:
        """What is known against asking this link; see ``model_status``."""
        return model_status(link, self._today or date.today())

    def window(self, link: Link) -> int | None:
        """As ``base.Transport.window``: asked of a server of one's own, else as LiteLLM's local list states it.

        A cloud model that the list does not have is taken to hold 32,768 tokens, as all that are served today do.
        """
        if link.provider == "ollama_chat":
            return self._ollama(link).window
        if link.local:
            return windows.of_server(link)
        return _listed_window(link) or _UNLISTED_WINDOW

    def stream(self, link: Link, prompt: Prompt, timeouts: Timeouts) -> Generator[str | Finished, None, None]:
        """As ``base.Transport.stream``. The limits are kept by this side's clock, whatever LiteLLM does."""
        litellm = _import_or_fail(link)
        if link.local:
            _bypass_proxies(filter(None, [urlsplit(link.api_base or "").hostname]))
        arguments = _arguments(link, prompt, timeouts)
        if link.provider == "ollama_chat":
            arguments["num_ctx"] = self._num_ctx(link, prompt)
            _enter_in_list(litellm, link)
        request = _Request(arguments)
        threading.Thread(target=_send, args=(litellm, request), name=_ASKER, daemon=True).start()
        size = 0
        try:
            for item in self._wait(link, request, timeouts):
                if isinstance(item, _End):
                    yield _finished(litellm, link, item, size)
                    return
                size += len(item)
                if size > _ANSWER_LIMIT:
                    message = f"the answer is longer than {_ANSWER_LIMIT} characters"
                    raise ProviderFailed(failure(link, FailureKind.BAD_ANSWER, message))
                yield item
        finally:
            request.abandoned.set()

    def _ollama(self, link: Link) -> ollama.Shown:
        """What Ollama tells of the model, asked once."""
        base, model = link.api_base or ollama.DEFAULT_BASE, link.model.partition("/")[2]
        if (base, model) not in self._shown:
            self._shown[base, model] = ollama.show(base, model)
        return self._shown[base, model]

    def _num_ctx(self, link: Link, prompt: Prompt) -> int:
        """The window to ask Ollama for.

        Raises:
            ProviderFailed: the model's own cannot hold the prompt and the answer; Ollama would cut the prompt.
        """
        shown = self._ollama(link)
        needed = window_for(prompt.tokens, answer_ceiling(link, prompt.max_tokens))
        if shown.window is not None and needed > shown.window:
            message = f"the prompt and the answer need {needed} tokens, and the model holds {shown.window}"
            raise ProviderFailed(failure(link, FailureKind.CONTEXT_TOO_LONG, message))
        return ollama.num_ctx(needed, shown)

    def _wait(self, link: Link, request: _Request, timeouts: Timeouts) -> Iterator[str | _End]:
        """What arrives, up to the end. The first of the three limits that passes ends the wait."""
        begun = last = self._clock()
        alive = streamed = False
        while True:
            limit, what = (timeouts.stall, "no further text") if alive else (timeouts.first_token, "no text")
            rest = min(last + limit, begun + timeouts.answer) - self._clock()
            if rest <= 0:
                if begun + timeouts.answer <= last + limit:
                    limit, what = timeouts.answer, "no end of the answer"
                raise ProviderFailed(failure(link, FailureKind.TIMEOUT, f"{what} within {limit:.3g} s"))
            try:
                item = request.arrived.get(timeout=min(rest, _TICK))
            except queue.Empty:
                continue
            if isinstance(item, BaseException):
                raise ProviderFailed(translate(item, link, streamed=streamed)) from None
            alive, last = True, self._clock()
            if isinstance(item, _Thought):
                continue
            streamed = True
            yield item


def _import_or_fail(link: Link) -> ModuleType:
    try:
        return _litellm.module()
    except ImportError as error:
        hint = "reinstall it: `pip install --force-reinstall litellm`"
        message = clean(str(error), link)
        raise ProviderFailed(failure(link, FailureKind.UNKNOWN, message, hint=hint)) from None


def _arguments(link: Link, prompt: Prompt, timeouts: Timeouts) -> dict[str, Any]:
    temperature = link.temperature if link.temperature is not None else prompt.temperature
    arguments: dict[str, Any] = {
        "model": link.model,
        "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
        "max_tokens": answer_ceiling(link, prompt.max_tokens),
        "stream": True,
        "stream_options": {"include_usage": True},
        "timeout": max(timeouts.first_token, timeouts.stall) + _GRACE,
        "max_retries": 0,
        "num_retries": 0,
        "drop_params": True,  # a model that takes no temperature is asked without one
    }
    if temperature is not None:
        arguments["temperature"] = temperature
    if link.api_base is not None:
        arguments["api_base"] = link.api_base
    if link.key is not None:
        arguments["api_key"] = link.key
    elif link.api_base is not None and link.provider != "ollama_chat" and is_well_known(link.provider):
        arguments["api_key"] = "none"  # else LiteLLM would send the cloud provider's key to that address
    return arguments


def _enter_in_list(litellm: Any, link: Link) -> None:
    """Make an Ollama model known to LiteLLM, which otherwise asks for it at ``localhost``, wherever its server is."""
    litellm.model_cost.setdefault(
        link.model,
        {"litellm_provider": "ollama_chat", "mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
    )


def _send(litellm: Any, request: _Request) -> None:
    """Runs in the request's own thread: everything that arrives, then its end or what went wrong."""
    response = client = None
    end = _End()
    try:
        client = _client(litellm, request.arguments)
        response = litellm.completion(**request.arguments, **({"client": client} if client else {}))
        for chunk in _chunks(response, end):
            if request.abandoned.is_set():
                return
            for item in _parts(chunk, end):
                request.arrived.put(item)
        request.arrived.put(end)
    except BaseException as error:
        # Also what is no Exception: some of LiteLLM's dependencies raise such, and nobody else would hear of it.
        request.arrived.put(error)
    finally:
        _close(response)
        _close_quietly(client)


def _client(litellm: Any, arguments: Mapping[str, Any]) -> Any:
    """An HTTP client with a time limit, where LiteLLM would use one without: then a request left behind never ends."""
    if not arguments["model"].startswith("gemini/"):
        return None
    handler = getattr(litellm, "HTTPHandler", None)
    return handler(timeout=arguments["timeout"]) if handler else None


def _chunks(response: Any, end: _End) -> Iterator[Any]:
    """LiteLLM's chunks; ``end.finish`` becomes the provider's own finish reason, or None where it sent none.

    LiteLLM makes up a "stop" at the end of every stream. What the provider said is in two attributes of its
    wrapper, except for Gemini, where every chunk is given a "stop": there the lines on the wire tell.
    """
    finish_seen = _watch_lines(response) if _is_gemini(response) else None
    said = None
    for chunk in response:
        choices = getattr(chunk, "choices", None)
        said = (choices and choices[0].finish_reason) or said
        yield chunk
    if finish_seen is not None:
        end.finish = said if finish_seen.is_set() else None
    elif hasattr(response, "received_finish_reason"):
        received = response.received_finish_reason or getattr(response, "intermittent_finish_reason", None)
        end.finish = said if received else None
    else:
        end.finish = said


def _is_gemini(response: Any) -> bool:
    provider = str(getattr(response, "custom_llm_provider", ""))
    return provider.startswith(("gemini", "vertex_ai")) and getattr(response, "make_call", None) is not None


def _watch_lines(response: Any) -> threading.Event:
    """Look at Gemini's lines as LiteLLM reads them; set once one of them holds a finish reason.

    In a model's text the quotes would be escaped.
    """
    seen = threading.Event()
    ask = response.make_call

    def watched(lines: Any) -> Iterator[Any]:
        for line in lines:
            if '"finishReason"' in str(line):
                seen.set()
            yield line

    def ask_and_watch(**options: Any) -> Any:
        stream = ask(**options)
        if hasattr(stream, "streaming_response"):
            stream.streaming_response = watched(stream.streaming_response)
        else:  # another LiteLLM: believe what it says
            seen.set()
        return stream

    response.make_call = ask_and_watch
    return seen


def _parts(chunk: Any, end: _End) -> Iterator[str | _Thought]:
    usage = getattr(chunk, "usage", None)
    if usage is not None:
        end.tokens_in = _count(getattr(usage, "prompt_tokens", None)) or end.tokens_in
        end.tokens_out = _count(getattr(usage, "completion_tokens", None)) or end.tokens_out
    for choice in getattr(chunk, "choices", None) or ():
        delta = getattr(choice, "delta", None)
        if text := getattr(delta, "content", None):
            yield str(text)
        elif getattr(delta, "reasoning_content", None):
            yield _Thought()


def _count(stated: object) -> int | None:
    """A number of tokens, if what the provider states can be one."""
    return stated if isinstance(stated, int) and 0 <= stated < _MOST_TOKENS else None


def _close(response: Any) -> None:
    """LiteLLM's wrapper has no synchronous ``close``; what it wraps has, under one of these names."""
    stream = getattr(response, "completion_stream", None)
    for part in (stream, getattr(stream, "streaming_response", None), getattr(stream, "response", None)):
        _close_quietly(part)


def _close_quietly(part: Any) -> None:
    close = getattr(part, "close", None)
    if callable(close):
        with suppress(Exception):
            close()


def _finished(litellm: Any, link: Link, end: _End, size: int) -> Finished:
    """The end of an answer, if it is one.

    Raises:
        ProviderFailed: no text, no finish reason, or the provider's filter ended it.
    """
    if end.finish == "content_filter":
        raise ProviderFailed(failure(link, FailureKind.REFUSED, "the provider's content filter ended the answer"))
    if end.finish is None and size:
        message = "the connection ended before the answer did"
        raise ProviderFailed(failure(link, FailureKind.CUT_OFF, message))
    if end.finish is None:
        message = "what answered is no model: no text and no end of one"
        hint = f"check `api_base` ({clean(link.api_base, link)}) and the proxy" if link.api_base else None
        raise ProviderFailed(failure(link, FailureKind.SERVER_ERROR, message, hint=hint))
    if not size:
        used_up = end.finish == "length"
        message = "the answer's token limit was used up by reasoning" if used_up else "the answer is empty"
        advice = "raise `max_tokens` of the model in the configuration" if used_up else None
        raise ProviderFailed(failure(link, FailureKind.BAD_ANSWER, message, hint=advice))
    return Finished(end.finish == "length", end.tokens_in, end.tokens_out, _cost(litellm, link, end))


def _cost(litellm: Any, link: Link, end: _End) -> float | None:
    """US dollars by LiteLLM's local price table; None for a local model and for one that it does not list."""
    if link.local or end.tokens_in is None or end.tokens_out is None:
        return None
    try:
        prices = litellm.cost_per_token(model=link.model, prompt_tokens=end.tokens_in, completion_tokens=end.tokens_out)
        return float(sum(prices)) or None
    except Exception:  # the table is LiteLLM's, and so are its surprises: a price is never worth an answer
        return None


# --- what is known before asking ------------------------------------------------------------------------------------

_UNLISTED_WINDOW = 32_768
"""Tokens. No chat model that a large provider serves holds less; the small ones are in LiteLLM's list."""
_LIST = "model_prices_and_context_window_backup.json"


def _listed_window(link: Link) -> int | None:
    """The window of a cloud model by LiteLLM's local list: read from its file while LiteLLM is not imported yet."""
    for entry in _entries(_listed(), link):
        stated = entry.get("max_input_tokens")
        if isinstance(stated, int) and stated > 0:
            return stated
    return None


def _entries(listed: Mapping[str, Any], link: Link) -> Iterator[Mapping[str, Any]]:
    for key in (link.model, link.model.partition("/")[2]):
        entry = listed.get(key) or {}
        if entry.get("litellm_provider") == link.provider:
            yield entry


def _listed() -> Mapping[str, Any]:
    imported = sys.modules.get("litellm")
    if imported is not None and hasattr(imported, "model_cost"):
        return cast(Mapping[str, Any], imported.model_cost)
    return _read_list()


@cache
def _read_list() -> Mapping[str, Any]:
    """The file that LiteLLM brings along; {} where there is none. Some 20 ms."""
    import json
    from importlib.util import find_spec
    from pathlib import Path

    try:
        spec = find_spec("litellm")
        listed = json.loads((Path((spec and spec.origin) or "").parent / _LIST).read_bytes())
    except (OSError, ValueError, ImportError):
        return {}
    return listed if isinstance(listed, dict) else {}


_RETIRED = {
    # Models that old posts name and that LiteLLM no longer lists: provider -> pattern.
    "anthropic": r"claude-(1|2|3|instant)\b",
    "gemini": r"gemini-(pro$|1\.|2\.0-)",
    "openai": r"gpt-4(-32k|-0314|-0613|$)|(text-)?(davinci|curie|babbage|ada)\b",
}


def model_status(link: Link, today: date) -> Failure | None:
    """What is known against asking this link: its model is retired, or LiteLLM knows no such provider.

    A link with an address of its own is never judged: what is behind it may still serve the model.
    """
    has_own_address = link.local or link.api_base is not None
    if has_own_address and is_well_known(link.provider):
        return None  # without waiting for the import
    litellm = _import_or_none()
    if litellm is not None and not _is_known(litellm, link):
        aliases = "an alias such as `anthropic` or `ollama`, or `provider/model` as LiteLLM spells it"
        message = f"LiteLLM knows no provider `{clean(link.provider, link)}`"
        return failure(link, FailureKind.BAD_REQUEST, message, hint=f"write {aliases}")
    if has_own_address:
        return None
    day = _retired_on(litellm, link)
    if day is None or day >= today.isoformat():
        return None
    when = f"was retired on {day}" if day else "has been retired"
    return failure(link, FailureKind.MODEL_GONE, f"`{link.model}` {when}")


def _import_or_none() -> ModuleType | None:
    """An import that fails is reported by the attempt itself."""
    try:
        return _litellm.module()
    except ImportError:
        return None


def _is_known(litellm: Any, link: Link) -> bool:
    providers = {str(getattr(each, "value", each)) for each in getattr(litellm, "provider_list", ())}
    return not providers or link.provider in providers


def _retired_on(litellm: Any, link: Link) -> str | None:
    """The day (ISO) as LiteLLM states it, "" where only our own list knows the model, None where it is in service."""
    name = link.model.partition("/")[2]
    for entry in _entries(getattr(litellm, "model_cost", {}), link):
        stated = entry.get("deprecation_date")
        return str(stated) if stated else None
    pattern = _RETIRED.get(link.provider)
    return "" if pattern is not None and re.match(pattern, name) else None


# --- what went wrong ------------------------------------------------------------------------------------------------

KIND_BY_CLASS: dict[str, FailureKind] = {
    "APIConnectionError": FailureKind.UNREACHABLE,
    "APIError": FailureKind.SERVER_ERROR,
    "APIResponseValidationError": FailureKind.BAD_ANSWER,
    "AuthenticationError": FailureKind.BAD_KEY,
    "BadGatewayError": FailureKind.SERVER_ERROR,
    "BadRequestError": FailureKind.BAD_REQUEST,
    "BlockedPiiEntityError": FailureKind.REFUSED,
    "BudgetExceededError": FailureKind.NO_CREDIT,
    "ContentPolicyViolationError": FailureKind.REFUSED,
    "ContextWindowExceededError": FailureKind.CONTEXT_TOO_LONG,
    "GuardrailRaisedException": FailureKind.REFUSED,
    "ImageFetchError": FailureKind.BAD_REQUEST,
    "InternalServerError": FailureKind.SERVER_ERROR,
    "InvalidRequestError": FailureKind.BAD_REQUEST,
    "JSONSchemaValidationError": FailureKind.BAD_ANSWER,
    "LiteLLMUnknownProvider": FailureKind.BAD_REQUEST,
    "MidStreamFallbackError": FailureKind.SERVER_ERROR,
    "MockException": FailureKind.UNKNOWN,
    "ModelNotMappedError": FailureKind.UNKNOWN,
    "ModifyResponseException": FailureKind.REFUSED,
    "NotFoundError": FailureKind.MODEL_GONE,
    "OpenAIError": FailureKind.UNKNOWN,
    "PaymentRequiredError": FailureKind.NO_CREDIT,
    "PermissionDeniedError": FailureKind.BAD_KEY,
    "RateLimitError": FailureKind.RATE_LIMIT,
    "RejectedRequestError": FailureKind.REFUSED,
    "SensitiveDataRouteException": FailureKind.REFUSED,
    "ServiceUnavailableError": FailureKind.SERVER_ERROR,
    "Timeout": FailureKind.TIMEOUT,
    "UnprocessableEntityError": FailureKind.BAD_REQUEST,
    "UnsupportedParamsError": FailureKind.BAD_REQUEST,
    "VectorStoreSearchError": FailureKind.BAD_REQUEST,
}
"""LiteLLM's exception class -> kind: the last resort, where neither the HTTP client nor a status tells more."""

_KIND_BY_STATUS = {
    401: FailureKind.BAD_KEY,
    402: FailureKind.NO_CREDIT,
    403: FailureKind.BAD_KEY,
    404: FailureKind.MODEL_GONE,
    408: FailureKind.TIMEOUT,
    410: FailureKind.MODEL_GONE,
    413: FailureKind.CONTEXT_TOO_LONG,
    429: FailureKind.RATE_LIMIT,
    504: FailureKind.TIMEOUT,
}
# The HTTP client's exceptions, the most telling first.
_KIND_BY_TRANSPORT_CLASS = (
    ("ConnectTimeout", FailureKind.UNREACHABLE),
    ("ConnectError", FailureKind.UNREACHABLE),
    ("ProxyError", FailureKind.UNREACHABLE),
    ("TimeoutException", FailureKind.TIMEOUT),
    ("TransportError", FailureKind.UNREACHABLE),
    ("gaierror", FailureKind.UNREACHABLE),
    ("UnicodeEncodeError", FailureKind.BAD_KEY),  # a key with a typographic quote cannot be put in a header
    ("LocalProtocolError", FailureKind.BAD_KEY),
    ("JSONDecodeError", FailureKind.CUT_OFF),
)
# What providers write into a 400, 403 or 429 when they mean something more precise.
_KIND_BY_TEXT = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"context_length_exceeded|maximum context length|prompt is too long", FailureKind.CONTEXT_TOO_LONG),
        (r"exceeds the (model's )?(maximum |available )?context|context window", FailureKind.CONTEXT_TOO_LONG),
        (r"input token count .{0,80}exceeds the maximum", FailureKind.CONTEXT_TOO_LONG),
        # llama.cpp, llama-cpp-python, LM Studio
        (
            r"exceed_context_size_error|exceed(s|ed)? context window|greater than the context length|"
            r"loaded with context length",
            FailureKind.CONTEXT_TOO_LONG,
        ),
        (r"insufficient_quota|credit balance|insufficient (balance|credits?|funds)", FailureKind.NO_CREDIT),
        (r"api key not valid|api_key_invalid|invalid_api_key|incorrect api key", FailureKind.BAD_KEY),
        (r"model_not_found|decommissioned|no longer (available|supported)", FailureKind.MODEL_GONE),
        (r"content_policy_violation|content filter(ing|ed)?\b|safety system", FailureKind.REFUSED),
    )
)
_SPECIFIC_CLASSES = ("ContextWindowExceededError", "ContentPolicyViolationError", "LiteLLMUnknownProvider")
# Once text has arrived, the request was good and the key was right: these then mean that the stream broke.
_BROKEN_STREAM = frozenset(
    {
        FailureKind.UNREACHABLE,
        FailureKind.BAD_REQUEST,
        FailureKind.BAD_KEY,
        FailureKind.MODEL_GONE,
        FailureKind.UNKNOWN,
    }
)


def translate(error: BaseException, link: Link, *, streamed: bool = False) -> Failure:
    """What a foreign exception means. ``streamed``: text had arrived before it was raised.

    The exceptions behind it are looked at before the one that was raised, because LiteLLM makes statuses up
    (a refused connection becomes an "internal server error 500").
    """
    causes = tuple(_causes(error))
    status = _http_status(causes)
    text = _text(causes, answered=status is not None)
    kind = _kind(causes, status, text, link)
    if streamed and kind in _BROKEN_STREAM:
        kind, status = FailureKind.CUT_OFF, None
    message = clean(text, link) or f"{type(error).__name__} without a message"
    if kind is FailureKind.UNREACHABLE and link.api_base is not None:
        message = f"{message} ({clean(link.api_base, link)})"
    return failure(link, kind, message, status=status, hint=_wait_hint(causes, kind))


def _wait_hint(causes: tuple[BaseException, ...], kind: FailureKind) -> str | None:
    """How long the provider wants to be left alone, where it says so."""
    if kind is not FailureKind.RATE_LIMIT:
        return None
    for each in causes:
        headers: Any = getattr(each, "litellm_response_headers", None) or {}
        for name in ("retry-after", "llm_provider-retry-after"):
            seconds = str(headers.get(name, "")) if hasattr(headers, "get") else ""
            if re.fullmatch(r"\d{1,6}", seconds):
                return f"wait {seconds} s, or name another model with `--model`"
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception, then those behind it, each once."""
    pending: list[BaseException | None] = [error]
    seen: set[int] = set()
    while pending and len(seen) < 20:
        each = pending.pop(0)
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            pending += [getattr(each, "original_exception", None), each.__cause__, each.__context__]


def _http_status(causes: tuple[BaseException, ...]) -> int | None:
    """The status that a server really sent, or None where no answer arrived."""
    for each in causes:
        if _is_a(each, "HTTPStatusError"):
            status = getattr(getattr(each, "response", None), "status_code", None)
            return status if isinstance(status, int) else None
    for each in causes:
        # Without the HTTP client's exception: believed only where LiteLLM saw response headers.
        if getattr(each, "litellm_response_headers", None) and isinstance(getattr(each, "status_code", None), int):
            return int(each.status_code)  # type: ignore[attr-defined]
    return None


def _kind(causes: tuple[BaseException, ...], status: int | None, text: str, link: Link) -> FailureKind:
    if status is None:
        for name, kind in _KIND_BY_TRANSPORT_CLASS:
            if any(_is_a(each, name) for each in causes):
                return kind
    for each in causes:
        if type(each).__name__ in _SPECIFIC_CLASSES:
            return KIND_BY_CLASS[type(each).__name__]
    said = next((kind for pattern, kind in _KIND_BY_TEXT if pattern.search(text)), None)
    if said is FailureKind.CONTEXT_TOO_LONG:  # llama.cpp has said it with status 500
        return said
    if status is None or status < 500:
        if said is not None:
            return said
        # Gemini says the same of its limit per minute.
        if "exceeded your current quota" in text and link.provider != "gemini":
            return FailureKind.NO_CREDIT
    return _kind_of_status(status) or _kind_of_class(causes)


def _kind_of_status(status: int | None) -> FailureKind | None:
    if status is None:
        return None
    if status in _KIND_BY_STATUS:
        return _KIND_BY_STATUS[status]
    if status >= 500:
        return FailureKind.SERVER_ERROR
    return FailureKind.BAD_REQUEST if status >= 400 else None


def _kind_of_class(causes: tuple[BaseException, ...]) -> FailureKind:
    # The innermost knows best: the outer ones wrap it.
    kinds = (KIND_BY_CLASS.get(cls.__name__) for each in causes for cls in type(each).__mro__)
    found = [kind for kind in kinds if kind not in (None, FailureKind.UNKNOWN)]
    return found[0] or FailureKind.UNKNOWN if found else FailureKind.UNKNOWN


def _is_a(error: BaseException, name: str) -> bool:
    return any(cls.__name__ == name for cls in type(error).__mro__)


# --- messages -------------------------------------------------------------------------------------------------------

_MESSAGE_LIMIT = 300
_JSON_MESSAGE = re.compile(
    r""""message"\s*:\s*"((?:[^"\\]|\\.){1,600})"|"error"\s*:\s*"((?:[^"\\]|\\.){1,600})"|"""
    r"""'error':\s*'((?:[^'\\]|\\.){1,600})'"""
)
_PREFIX = re.compile(
    r"\s*(?:litellm\.)?[A-Za-z_]{0,40}(?:Timeout Error|Error|Exception|Timeout)\b"
    r"(?: [A-Z][A-Za-z]{1,30}Error)?\s*[-:]\s*"
)
_SUFFIX = re.compile(
    r"\s*(?:Original exception:|LiteLLM Retried|Received Model Group|Available Model Group|model=|Handle with `litellm|"
    r"For more information check:).*",
    re.DOTALL,
)
_KEY_LIKE = re.compile(r"\b(?:sk|pk|gsk|xai|or|r8|hf|AIza)[-_]?[A-Za-z0-9_-]{12,}|(?<=Bearer )\S+")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
_NOT_PRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def clean(text: str, link: Link) -> str:
    """One line that is safe to show: no key, no control character, at most 300 characters."""
    if link.key and len(link.key) >= 4:  # a shorter one would be in any text
        text = text.replace(link.key, "***")
    text = _CREDENTIALS.sub("***@", _KEY_LIKE.sub("***", text))
    text = " ".join(_NOT_PRINTABLE.sub(" ", text).split())
    return text if len(text) <= _MESSAGE_LIMIT else text[: _MESSAGE_LIMIT - 1] + "…"


def _text(causes: tuple[BaseException, ...], *, answered: bool) -> str:
    """What the provider, or else the network, itself said, without what LiteLLM put around it."""
    if not answered:
        for each in causes:
            if _is_a(each, "JSONDecodeError"):
                return "a part of the answer is not valid JSON"
            if _is_a(each, "TransportError") and str(each):
                return re.sub(r"^\[Errno -?\d+\] ", "", str(each))
    text = next((str(each) for each in causes if str(each).strip() not in ("", "None")), "")[:20_000]
    if found := _JSON_MESSAGE.search(text):
        return _unescape(found[1] or found[2] or found[3])
    if re.search(r"<!doctype html|<html", text, re.IGNORECASE):
        return "the server sent a web page instead of an answer"
    while prefix := _PREFIX.match(text):
        text = text[prefix.end() :]
    return _SUFFIX.sub("", text).strip()


def _unescape(text: str) -> str:
    """The value of a JSON string; a backslash that a ``repr`` doubled or dropped does no harm."""
    import json

    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text.replace("\\", "")
