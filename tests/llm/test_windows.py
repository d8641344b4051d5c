from __future__ import annotations

import pytest

from snapfix.link import Link
from snapfix.llm import windows
from tests.servers import Provider, free_port, provider


def link(server: Provider, which: str = "openai", model: str = "m", key: str | None = None) -> Link:
    return Link("x", f"{which}/{model}", which, local=True, api_base=f"{server.url}/v1", key=key)


def listing(*entries: object) -> dict[str, object]:
    return {"object": "list", "data": list(entries)}


def test_vllm_tells_it_with_the_model() -> None:
    models = listing({"id": "a", "max_model_len": 1}, {"id": "m", "max_model_len": 8192})
    with provider("openai", documents={"/v1/models": models}) as server:
        assert windows.of_server(link(server, "hosted_vllm")) == 8192
    assert "authorization" not in server.other_requests[0].headers


def test_llama_cpp_tells_what_one_of_its_slots_holds_not_what_the_model_was_made_for() -> None:
    models = listing({"id": "/models/qwen.gguf", "meta": {"n_ctx_train": 131072}})
    props = {"default_generation_settings": {"n_ctx": 4096}, "total_slots": 4}
    with provider("openai", documents={"/v1/models": models, "/props": props}) as server:
        assert windows.of_server(link(server, key="k")) == 4096
    assert [request.headers["authorization"] for request in server.other_requests] == ["Bearer k"] * 2


@pytest.mark.parametrize(
    ("entry", "window"),
    [
        ({"id": "m", "state": "loaded", "max_context_length": 131072, "loaded_context_length": 16384}, 16384),
        ({"id": "m", "state": "not-loaded", "max_context_length": 131072}, 4096),
        ({"id": "m", "state": "not-loaded", "max_context_length": 2048}, 2048),
        ({"id": "m"}, None),
    ],
)
def test_lm_studio_tells_what_it_has_loaded_or_will_load(entry: object, window: int | None) -> None:
    with provider("openai", documents={"/api/v0/models": listing({"id": "other"}, entry)}) as server:
        assert windows.of_server(link(server, "lm_studio")) == window


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"data": 7},
        listing(),
        listing(None, 7),
        listing({"id": "m", "max_model_len": "8192"}),
        listing({"id": "m", "max_model_len": -1}),
        listing({"id": "m", "meta": None}),
        listing({"id": "a", "max_model_len": 1}, {"id": "b", "max_model_len": 2}),  # which of them it is nobody knows
    ],
)
def test_what_tells_nothing_is_none(document: object) -> None:
    with provider("openai", documents={"/v1/models": document, "/props": document}) as server:
        assert windows.of_server(link(server)) is None


def test_no_server_is_none() -> None:
    base = f"http://127.0.0.1:{free_port()}/v1"
    assert windows.of_server(Link("x", "openai/m", "openai", local=True, api_base=base)) is None
    assert windows.of_server(Link("x", "openai/m", "openai", local=True)) is None
