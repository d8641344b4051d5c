"""The wire formats, as their providers document them."""

from __future__ import annotations

import json
from typing import Any, Protocol

TOKENS_IN, TOKENS_OUT = 812, 45


def sse(document: Any, event: str = "") -> bytes:
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(document)}\n\n".encode()


class Format(Protocol):
    name: str
    content_type: str

    def environ(self, url: str) -> dict[str, str]: ...
    def api_base(self, url: str) -> str: ...
    def opening(self, model: str) -> bytes: ...
    def thought(self, text: str, model: str) -> bytes: ...
    def piece(self, text: str, model: str) -> bytes: ...
    def closing(self, reason: str, model: str) -> bytes: ...
    def error_event(self) -> bytes: ...
    def malformed(self) -> bytes: ...
    def error_body(self, status: int, reason: str, model: str) -> Any: ...


class OpenAI:
    """Chat completions; also DeepSeek, OpenRouter, vLLM and most others."""

    name = "openai"
    content_type = "text/event-stream"

    def environ(self, url: str) -> dict[str, str]:
        return {"OPENAI_API_KEY": "sk-openai-loopback-0123456789", "OPENAI_API_BASE": self.api_base(url)}

    def api_base(self, url: str) -> str:
        return f"{url}/v1"

    def _chunk(self, model: str, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return sse({**self._head(model), "choices": [choice], "usage": None})

    def _head(self, model: str) -> dict[str, Any]:
        return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1763640000, "model": model}

    def opening(self, model: str) -> bytes:
        return self._chunk(model, {"role": "assistant", "content": "", "refusal": None})

    def thought(self, text: str, model: str) -> bytes:
        return self._chunk(model, {"reasoning_content": text})

    def piece(self, text: str, model: str) -> bytes:
        return self._chunk(model, {"content": text})

    def closing(self, reason: str, model: str) -> bytes:
        finish = {"filtered": "content_filter"}.get(reason, reason)
        usage = {
            "prompt_tokens": TOKENS_IN,
            "completion_tokens": TOKENS_OUT,
            "total_tokens": TOKENS_IN + TOKENS_OUT,
        }
        last = sse({**self._head(model), "choices": [], "usage": usage})
        return self._chunk(model, {}, finish) + last + b"data: [DONE]\n\n"

    def error_event(self) -> bytes:
        return sse(self._error("The server had an error while processing your request.", "server_error", None))

    def malformed(self) -> bytes:
        return b'data: {"id":"chatcmpl-1","choices":[{"delta":{"conte\n\n'

    def _error(self, message: str, kind: str, code: str | None) -> dict[str, Any]:
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}

    def error_body(self, status: int, reason: str, model: str) -> Any:
        invalid = "invalid_request_error"
        special = {
            "context": (
                "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001"
                " tokens. Please reduce the length of the messages.",
                invalid,
                "context_length_exceeded",
            ),
            "policy": (
                "Your request was rejected as a result of our safety system.",
                invalid,
                "content_policy_violation",
            ),
            "quota": (
                "You exceeded your current quota, please check your plan and billing details.",
                "insufficient_quota",
                "insufficient_quota",
            ),
            "model": (
                f"The model `{model}` does not exist or you do not have access to it.",
                invalid,
                "model_not_found",
            ),
        }
        if reason in special:
            return self._error(*special[reason])
        usual = {
            400: ("Invalid value for 'temperature'.", invalid, None),
            401: (
                "Incorrect API key provided: sk-openai-loopback-0123456789. You can find your API key at"
                " https://platform.openai.com/account/api-keys.",
                invalid,
                "invalid_api_key",
            ),
            402: ("Insufficient Balance", "unknown_error", "invalid_request_error"),
            403: (
                "Country, region, or territory not supported",
                "request_forbidden",
                "unsupported_country_region_territory",
            ),
            404: (f"The model `{model}` has been deprecated.", invalid, "model_not_found"),
            429: (
                "Rate limit reached for requests. Please try again in 20s.",
                "requests",
                "rate_limit_exceeded",
            ),
        }
        return self._error(*usual.get(status, ("The server is overloaded or not ready yet.", "server_error", None)))


class DeepSeek(OpenAI):
    name = "deepseek"

    def environ(self, url: str) -> dict[str, str]:
        return {
            "DEEPSEEK_API_KEY": "sk-deepseek-loopback-0123456789",
            "DEEPSEEK_API_BASE": self.api_base(url),
        }


class Anthropic:
    """Messages API: server-sent events with names."""

    name = "anthropic"
    content_type = "text/event-stream; charset=utf-8"

    def environ(self, url: str) -> dict[str, str]:
        return {"ANTHROPIC_API_KEY": "sk-ant-loopback-0123456789", "ANTHROPIC_BASE_URL": self.api_base(url)}

    def api_base(self, url: str) -> str:
        return url

    def opening(self, model: str) -> bytes:
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "content": [],
            "model": model,
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": TOKENS_IN, "output_tokens": 1},
        }
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        return (
            sse({"type": "message_start", "message": message}, "message_start")
            + sse(block, "content_block_start")
            + sse({"type": "ping"}, "ping")
        )

    def thought(self, text: str, model: str) -> bytes:
        delta = {"type": "thinking_delta", "thinking": text}
        return sse({"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta")

    def piece(self, text: str, model: str) -> bytes:
        delta = {"type": "text_delta", "text": text}
        return sse({"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta")

    def closing(self, reason: str, model: str) -> bytes:
        stop = {"stop": "end_turn", "length": "max_tokens", "filtered": "refusal"}[reason]
        delta = {
            "type": "message_delta",
            "delta": {"stop_reason": stop, "stop_sequence": None},
            "usage": {"output_tokens": TOKENS_OUT},
        }
        return (
            sse({"type": "content_block_stop", "index": 0}, "content_block_stop")
            + sse(delta, "message_delta")
            + sse({"type": "message_stop"}, "message_stop")
        )

    def error_event(self) -> bytes:
        return sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "error")

    def malformed(self) -> bytes:
        return b'event: content_block_delta\ndata: {"type":"content_block_del\n\n'

    def error_body(self, status: int, reason: str, model: str) -> Any:
        special = {
            "context": ("invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
            "policy": ("invalid_request_error", "Output blocked by content filtering policy"),
            "credit": (
                "invalid_request_error",
                "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.",
            ),
        }
        usual = {
            400: ("invalid_request_error", "max_tokens: 99999999 > 64000, which is the maximum allowed"),
            401: ("authentication_error", "invalid x-api-key"),
            403: ("permission_error", "Your API key does not have permission to use the specified resource"),
            404: ("not_found_error", f"model: {model}"),
            413: ("request_too_large", "Request exceeds the maximum size"),
            429: ("rate_limit_error", "This request would exceed your organization's rate limit"),
            529: ("overloaded_error", "Overloaded"),
        }
        kind, message = special.get(reason) or usual.get(status, ("api_error", "Internal server error"))
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


class Gemini:
    """streamGenerateContent with ``alt=sse``."""

    name = "gemini"
    content_type = "text/event-stream"

    def environ(self, url: str) -> dict[str, str]:
        return {"GEMINI_API_KEY": "AIza-loopback-0123456789", "GEMINI_API_BASE": self.api_base(url)}

    def api_base(self, url: str) -> str:
        return f"{url}/v1beta"

    def _chunk(self, model: str, part: dict[str, Any] | None, finish: str | None = None) -> bytes:
        candidate: dict[str, Any] = {
            "content": {"parts": [part] if part else [], "role": "model"},
            "index": 0,
        }
        if finish:
            candidate["finishReason"] = finish
        usage = {
            "promptTokenCount": TOKENS_IN,
            "candidatesTokenCount": TOKENS_OUT,
            "totalTokenCount": TOKENS_IN + TOKENS_OUT,
        }
        return sse({"candidates": [candidate], "usageMetadata": usage, "modelVersion": model, "responseId": "r1"})

    def opening(self, model: str) -> bytes:
        return b""

    def thought(self, text: str, model: str) -> bytes:
        return self._chunk(model, {"text": text, "thought": True})

    def piece(self, text: str, model: str) -> bytes:
        return self._chunk(model, {"text": text})

    def closing(self, reason: str, model: str) -> bytes:
        finish = {"stop": "STOP", "length": "MAX_TOKENS", "filtered": "SAFETY"}[reason]
        return self._chunk(model, {"text": ""} if reason != "filtered" else None, finish)

    def error_event(self) -> bytes:
        return sse({"error": {"code": 500, "message": "An internal error has occurred.", "status": "INTERNAL"}})

    def malformed(self) -> bytes:
        return b'data: {"candidates": [{"content": {"par\n\n'

    def error_body(self, status: int, reason: str, model: str) -> Any:
        special = {
            "key": ("API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT"),
            "context": (
                "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
                "INVALID_ARGUMENT",
            ),
            "quota": (
                "You exceeded your current quota, please check your plan and billing details.",
                "RESOURCE_EXHAUSTED",
            ),
        }
        usual = {
            400: ("Invalid JSON payload received.", "INVALID_ARGUMENT"),
            401: ("Request had invalid authentication credentials.", "UNAUTHENTICATED"),
            403: ("Your API key was reported as leaked.", "PERMISSION_DENIED"),
            404: (f"models/{model} is not found for API version v1beta.", "NOT_FOUND"),
            429: ("Resource has been exhausted (e.g. check quota).", "RESOURCE_EXHAUSTED"),
            503: ("The model is overloaded. Please try again later.", "UNAVAILABLE"),
            504: ("The request timed out.", "DEADLINE_EXCEEDED"),
        }
        message, name = special.get(reason) or usual.get(status, ("Internal error encountered.", "INTERNAL"))
        return {"error": {"code": status, "message": message, "status": name}}


class Ollama:
    """``/api/chat``: one JSON document per line."""

    name = "ollama"
    content_type = "application/x-ndjson"

    def environ(self, url: str) -> dict[str, str]:
        return {"OLLAMA_HOST": url}

    def api_base(self, url: str) -> str:
        return url

    def _line(self, model: str, message: dict[str, Any], **more: Any) -> bytes:
        document = {
            "model": model,
            "created_at": "2026-11-20T10:00:00.000000Z",
            "message": {"role": "assistant", **message},
            "done": False,
            **more,
        }
        return json.dumps(document).encode() + b"\n"

    def opening(self, model: str) -> bytes:
        return b""

    def thought(self, text: str, model: str) -> bytes:
        return self._line(model, {"content": "", "thinking": text})

    def piece(self, text: str, model: str) -> bytes:
        return self._line(model, {"content": text})

    def closing(self, reason: str, model: str) -> bytes:
        counts = {"prompt_eval_count": TOKENS_IN, "eval_count": TOKENS_OUT, "total_duration": 1_000_000_000}
        finish = "stop" if reason == "filtered" else reason
        return self._line(model, {"content": ""}, done=True, done_reason=finish, **counts)

    def error_event(self) -> bytes:
        return b'{"error":"an error was encountered while running the model: CUDA error"}\n'

    def malformed(self) -> bytes:
        return b'{"model":"m","message":{"role":"assist\n'

    def error_body(self, status: int, reason: str, model: str) -> Any:
        if reason == "context":
            return {"error": "input length exceeds the context length"}
        usual = {
            400: "invalid options",
            404: f"model '{model}' not found",
            503: "server busy, please try again. maximum pending requests exceeded",
        }
        return {"error": usual.get(status, "llama runner process has terminated: exit status 2")}


FORMATS: dict[str, Format] = {f.name: f for f in (OpenAI(), DeepSeek(), Anthropic(), Gemini(), Ollama())}
