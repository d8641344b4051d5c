from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapfix.errors import UsageError
from snapfix.link import Link
from snapfix.llm.links import DEFAULT_MODELS, DEFAULT_ORDER, KEY_VARIABLES, Model, is_loopback, resolve

KEYS = {names[0]: f"key-of-{provider}" for provider, names in KEY_VARIABLES.items()}


def chain(choice: str | None, environ: dict[str, str] | None = None, **models: Model) -> tuple[Link, ...]:
    every = {**DEFAULT_MODELS, **models}
    return resolve(choice, order=(*DEFAULT_ORDER, *models), models=every, environ=environ or {})


def names(links: tuple[Link, ...]) -> list[str]:
    return [link.name for link in links]


def test_without_a_choice_only_local_links_are_asked_whatever_keys_there_are() -> None:
    assert names(chain(None, KEYS)) == ["ollama"]
    assert names(chain("", KEYS)) == ["ollama"]


def test_a_cloud_choice_is_followed_by_the_other_cloud_links_and_then_the_local_ones() -> None:
    links = chain("gemini", KEYS)
    assert names(links) == ["gemini", "anthropic", "openai", "deepseek", "ollama"]
    assert [link.local for link in links] == [False, False, False, False, True]
    assert [link.chosen for link in links] == [True, False, False, False, False]


@pytest.mark.parametrize("choice", ["ollama", "ollama/codellama", "lm_studio/qwen", "llamafile/x", "hosted_vllm/x"])
def test_a_local_choice_never_falls_back_to_a_cloud_link(choice: str) -> None:
    links = chain(choice, KEYS)
    assert links[0].local
    assert all(link.local for link in links)


def test_links_without_a_key_stay_in_the_chain_and_name_the_variable() -> None:
    links = chain("anthropic", {"OPENAI_API_KEY": "sk-1"})
    assert [(link.key_variable, link.key) for link in links] == [
        ("ANTHROPIC_API_KEY", None),
        ("OPENAI_API_KEY", "sk-1"),
        ("GEMINI_API_KEY", None),
        ("DEEPSEEK_API_KEY", None),
        (None, None),
    ]


def test_a_second_usual_variable_is_honoured_and_white_space_around_a_key_is_not_part_of_it() -> None:
    link = chain("gemini", {"GOOGLE_API_KEY": " AIza-1\n"})[0]
    assert (link.key_variable, link.key) == ("GOOGLE_API_KEY", "AIza-1")


def test_a_key_is_never_shown() -> None:
    assert "sk-secret" not in repr(chain("openai", {"OPENAI_API_KEY": "sk-secret"}))


@pytest.mark.parametrize(
    ("typed", "model"),
    [
        ("ollama/codellama", "ollama_chat/codellama"),
        ("gpt-4o", "openai/gpt-4o"),
        ("o3-mini", "openai/o3-mini"),
        ("chatgpt-4o-latest", "openai/chatgpt-4o-latest"),
        ("claude-3-opus-20240229", "anthropic/claude-3-opus-20240229"),
        ("gemini-2.5-pro", "gemini/gemini-2.5-pro"),
        ("deepseek-chat", "deepseek/deepseek-chat"),
        ("openrouter/anthropic/claude-sonnet-5", "openrouter/anthropic/claude-sonnet-5"),
        ("Anthropic", DEFAULT_MODELS["anthropic"].model),
    ],
)
def test_a_model_may_be_typed_in_several_ways(typed: str, model: str) -> None:
    assert chain(typed)[0].model == model


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("antropic", "did you mean `anthropic`?"),
        ("codellama", "`ollama/codellama`"),
        ("gpt-oss:20b", "`ollama/gpt-oss:20b`"),
        ("/x", "`anthropic`"),
        ("openai/", "did you mean `openai`?"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_what_to_write(typed: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        chain(typed)
    assert refused.value.code == "unknown-model"
    assert typed in refused.value.message
    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "qwen3-coder:480b-cloud", "kimi-k2:cloud", "x-CLOUD"])
def test_ollama_models_that_run_on_its_makers_machines_are_cloud(name: str) -> None:
    link, *others = chain(f"ollama/{name}", KEYS)
    assert not link.local
    assert others


@pytest.mark.parametrize(
    "host", ["http://192.168.1.20:11434", "gpu.example.com", "https://127.0.0.1.evil.com", "10.0.0.5"]
)
def test_an_ollama_on_another_machine_is_not_local_and_is_not_asked_unless_chosen(host: str) -> None:
    environ = {**KEYS, "OLLAMA_HOST": host}
    assert chain(None, environ) == ()
    link, *others = chain("ollama", environ)
    assert not link.local
    assert others == []  # its user did not choose a cloud provider


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
        (":8000", "http://127.0.0.1:8000"),
        ("localhost", "http://localhost:11434"),
        ("127.0.0.1:1", "http://127.0.0.1:1"),
        ("http://127.0.0.1:11435/", "http://127.0.0.1:11435"),
        ("http://localhost", "http://localhost"),
        ("[::1]:11434", "http://[::1]:11434"),
        ("[::1]", "http://[::1]:11434"),
        ("::1", "http://[::1]:11434"),
    ],
)
def test_every_spelling_of_a_local_ollama_address_is_understood(host: str, address: str) -> None:
    link = chain("ollama", {"OLLAMA_HOST": host})[0]
    assert link.api_base == address
    assert link.local


def test_addresses_from_the_environment_are_honoured_and_the_configuration_wins() -> None:
    environ = {
        "OPENAI_BASE_URL": "https://one.example/v1",
        "OPENAI_API_BASE": "https://two.example/v1",
        "ANTHROPIC_BASE_URL": "https://three.example",
        "GEMINI_API_BASE": "https://four.example/v1beta",
        "DEEPSEEK_API_BASE": "https://five.example",
        "OLLAMA_API_BASE": "http://localhost:1",
        "OLLAMA_HOST": "localhost:2",
    }
    found = {link.name: link.api_base for link in chain("openai", environ)}
    assert found == {
        "openai": "https://one.example/v1",
        "anthropic": "https://three.example",
        "gemini": "https://four.example/v1beta",
        "deepseek": "https://five.example",
        "ollama": "http://localhost:1",
    }
    configured = Model("openai/gpt-5.4-mini", api_base="https://mine.example/v1")
    assert chain("openai", environ, openai=configured)[0].api_base == "https://mine.example/v1"


def test_a_local_server_that_speaks_openai_is_local_only_where_the_configuration_names_it() -> None:
    configured = Model("openai/qwen-coder", api_base="http://127.0.0.1:1234/v1")
    mine = chain("mine", KEYS, mine=configured)
    assert mine[0].local
    assert all(link.local for link in mine)
    gateway = chain("openai/qwen-coder", {**KEYS, "OPENAI_BASE_URL": "http://127.0.0.1:4000/v1"})
    assert not gateway[0].local
    theirs = Model("openai/gpt-5.4", api_base="http://127.0.0.1:4000/v1")
    assert not chain("theirs", KEYS, theirs=theirs)[0].local


def test_a_local_server_is_not_given_a_cloud_providers_key() -> None:
    link = chain("lm_studio/qwen", KEYS)[0]
    assert (link.key_variable, link.key) == (None, None)


def test_what_is_configured_for_a_provider_holds_for_any_of_its_models() -> None:
    gateway = Model("anthropic/claude-sonnet-5", api_base="https://gateway.example", key_variable="GATEWAY_KEY")
    link = chain("anthropic/claude-opus-5", {"GATEWAY_KEY": "k"}, anthropic=gateway)[0]
    assert (link.api_base, link.key_variable, link.key) == ("https://gateway.example", "GATEWAY_KEY", "k")


@pytest.mark.parametrize("choice", ["lemonade/x", "docker_model_runner/x", "vllm/x", "xinference/x", "litellm_proxy/x"])
def test_who_runs_a_server_did_not_ask_for_a_cloud_provider(choice: str) -> None:
    assert all(link.local for link in chain(choice, KEYS)[1:])


def test_another_address_gets_neither_the_providers_key_nor_its_clouds_as_fallback() -> None:
    mine = Model("openai/qwen", api_base="https://gpu.example/v1")
    link, *others = chain("mine", KEYS, mine=mine)
    assert (link.key_variable, link.key) == (None, None)
    assert all(other.local for other in others)


def test_the_providers_name_may_be_in_capitals() -> None:
    assert chain("Ollama/codellama")[0].model == "ollama_chat/codellama"
    assert chain("OpenAI/gpt-4o")[0].model == "openai/gpt-4o"


def test_a_model_of_the_same_provider_is_named_as_the_successor() -> None:
    assert chain("openai/gpt-4")[0].successor == DEFAULT_MODELS["openai"].model
    assert chain("openai")[0].successor is None
    assert chain("groq/llama3-8b-8192")[0].successor is None


def test_a_model_is_asked_only_once() -> None:
    model = DEFAULT_MODELS["anthropic"].model
    assert [link.model for link in chain(model, KEYS)].count(model) == 1


def test_the_default_models_are_listed_and_not_deprecated(litellm_module: object) -> None:
    listed = litellm_module.model_cost  # type: ignore[attr-defined]
    for alias, model in DEFAULT_MODELS.items():
        if model.model.startswith("ollama"):
            continue  # whatever is installed
        entry = listed.get(model.model) or listed[model.model.partition("/")[2]]
        assert entry["mode"] == "chat", alias
        assert entry.get("deprecation_date", "9999") > "2026-11-20", alias
        assert model.max_tokens <= entry["max_output_tokens"], alias


def test_litellm_knows_every_provider_of_the_key_table(litellm_module: object) -> None:
    known = {str(each.value) for each in litellm_module.provider_list}  # type: ignore[attr-defined]
    assert set(KEY_VARIABLES) <= known


@given(st.text(max_size=40))
def test_any_text_is_a_model_or_a_usage_error(text: str) -> None:
    try:
        links = resolve(text, order=DEFAULT_ORDER, models=DEFAULT_MODELS, environ={})
    except UsageError as refused:
        hint = refused.hint
    else:
        hint = "none needed"
        assert not links[0].local or all(link.local for link in links)
    assert hint


@given(st.text(alphabet="127.0:/@#?\\localhost[]evil", max_size=40))
def test_no_spelling_makes_another_host_a_loopback_address(host: str) -> None:
    import httpx

    address = f"http://{host}"
    if is_loopback(address):
        assert httpx.URL(address).host in ("localhost", "::1") or httpx.URL(address).host.startswith("127.")
