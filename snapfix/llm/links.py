"""Who can be asked, in which order: from the user's choice to the links of the chain. Pure.

Two promises are kept here and nowhere else. Without a choice nothing leaves the machine: a key that happens
to lie in the environment is not a choice. And a local choice never becomes a cloud link further down the
chain. Locality must be proven; whatever is not known to be local is cloud.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar
from urllib.parse import urlsplit

from snapfix.errors import UsageError
from snapfix.link import Link


@dataclass(frozen=True, slots=True)
class Model:
    """Configuration of one alias.

    Attributes:
        model: the model string as LiteLLM takes it, ``provider/model``.
        max_tokens: ceiling of the answer, hidden reasoning included, in tokens.
        api_base: address to ask instead of the provider's own, or None.
        key_variable: the environment variable that holds the key, where it is not the provider's usual one.
        temperature: sampling temperature, or None for what the prompt says.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    model: str
    max_tokens: int = 4096
    api_base: str | None = None
    key_variable: str | None = None
    temperature: float | None = None


# Reasoning is counted against `max_tokens` by the cloud models, so that theirs is larger than any answer.
DEFAULT_MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "anthropic": Model("anthropic/claude-sonnet-5", max_tokens=8192),
        "openai": Model("openai/gpt-5.4-mini", max_tokens=8192),
        "gemini": Model("gemini/gemini-3.5-flash", max_tokens=8192),
        "deepseek": Model("deepseek/deepseek-v4-flash", max_tokens=8192),
        "ollama": Model("ollama_chat/qwen2.5-coder", max_tokens=2048),
    }
)
"""Alias -> model: the one place. A test checks that LiteLLM lists them and calls none of them deprecated."""

DEFAULT_ORDER: tuple[str, ...] = ("anthropic", "openai", "gemini", "deepseek", "ollama")
"""In which order the aliases are tried after the chosen one."""

KEY_VARIABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "anthropic": ("ANTHROPIC_API_KEY",),
        "cerebras": ("CEREBRAS_API_KEY",),
        "codestral": ("CODESTRAL_API_KEY",),
        "cohere": ("COHERE_API_KEY", "CO_API_KEY"),
        "cohere_chat": ("COHERE_API_KEY", "CO_API_KEY"),
        "dashscope": ("DASHSCOPE_API_KEY",),
        "deepinfra": ("DEEPINFRA_API_KEY",),
        "deepseek": ("DEEPSEEK_API_KEY",),
        "fireworks_ai": ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"),
        "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        "github": ("GITHUB_API_KEY",),
        "groq": ("GROQ_API_KEY",),
        "hyperbolic": ("HYPERBOLIC_API_KEY",),
        "minimax": ("MINIMAX_API_KEY",),
        "mistral": ("MISTRAL_API_KEY",),
        "moonshot": ("MOONSHOT_API_KEY",),
        "nebius": ("NEBIUS_API_KEY",),
        "novita": ("NOVITA_API_KEY",),
        "nvidia_nim": ("NVIDIA_NIM_API_KEY",),
        "openai": ("OPENAI_API_KEY",),
        "openrouter": ("OPENROUTER_API_KEY", "OR_API_KEY"),
        "perplexity": ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"),
        "sambanova": ("SAMBANOVA_API_KEY",),
        "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHER_API_KEY"),
        "xai": ("XAI_API_KEY",),
    }
)
"""Provider -> the variables that may hold its key, the usual one first.

Our own table: LiteLLM's ``validate_environment`` is wrong for several. A provider that is missing here finds
its credentials by itself (AWS, Google Cloud, ...).
"""

_ADDRESS_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"),
    "deepseek": ("DEEPSEEK_API_BASE",),
    "gemini": ("GEMINI_API_BASE",),
    "hosted_vllm": ("HOSTED_VLLM_API_BASE",),
    "llamafile": ("LLAMAFILE_API_BASE",),
    "lm_studio": ("LM_STUDIO_API_BASE",),
    "ollama_chat": ("OLLAMA_API_BASE", "OLLAMA_HOST"),
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
}
# Where a server of one's own listens unless it is told otherwise, from each one's documentation. The address
# is always given, so that LiteLLM has no reason to look for another one by itself.
_OWN_SERVERS: Mapping[str, str] = {
    "hosted_vllm": "http://127.0.0.1:8000/v1",
    "llamafile": "http://127.0.0.1:8080/v1",
    "lm_studio": "http://127.0.0.1:1234/v1",
    "ollama_chat": "http://127.0.0.1:11434",
}
# These find their addresses by themselves, or run inside the process.
_OTHER_OWN_SERVERS = frozenset({"docker_model_runner", "lemonade", "litellm_proxy", "vllm", "xinference"})
_BARE_NAMES = (
    (re.compile(r"(?!gpt-oss)gpt-|chatgpt-|o\d"), "openai"),
    (re.compile(r"claude-"), "anthropic"),
    (re.compile(r"gemini-"), "gemini"),
    (re.compile(r"deepseek-(?!r1:|coder)"), "deepseek"),
)
_PROVIDER = re.compile(r"[a-z0-9_.-]+", re.IGNORECASE)


def resolve(
    choice: str | None,
    *,
    order: Sequence[str],
    models: Mapping[str, Model],
    environ: Mapping[str, str],
) -> tuple[Link, ...]:
    """The chain: the chosen link first, then those that may be asked in its place.

    ``choice`` is an alias or a model string that the user named by a flag, a variable or a setting. None:
    nobody was named, and only local links are asked. A link without a key stays in the chain, to be reported.

    Raises:
        UsageError: ``unknown-model``: the choice is neither an alias nor ``provider/model``.
    """
    configured = [_link(alias, models[alias], models, environ) for alias in dict.fromkeys(order) if alias in models]
    local = [link for link in configured if link.local]
    if not choice or not choice.strip():
        return tuple(local)
    chosen = replace(_choose(choice.strip(), models, environ), chosen=True)
    # A server of one's own on another machine is not local, but its user did not ask for a cloud provider.
    stays = chosen.local or _runs_on_own_server(chosen, environ)
    cloud = [] if stays else [each for each in configured if not each.local]
    return tuple(_distinct([chosen, *cloud, *local]))


def is_well_known(provider: str) -> bool:
    """Whether it is one of the providers in the tables of this module."""
    return provider in KEY_VARIABLES or provider in _OWN_SERVERS


def is_loopback(address: str | None) -> bool:
    """Whether the address is this machine's own, by name or number; private networks are not."""
    if not address:
        return False
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def _choose(choice: str, models: Mapping[str, Model], environ: Mapping[str, str]) -> Link:
    for alias in (choice, choice.lower()):
        if alias in models:
            return _link(alias, models[alias], models, environ)
    text = _with_provider(choice, models)
    provider = _provider_of(text)
    # What the user configured for the provider (a gateway's address, a key's variable) holds for its models.
    home = next((model for model in models.values() if _provider_of(model.model) == provider), Model(text))
    return _link(choice, replace(home, model=text), models, environ)


def _with_provider(choice: str, models: Mapping[str, Model]) -> str:
    provider, slash, model = choice.partition("/")
    if slash and model.strip() and _PROVIDER.fullmatch(provider):
        _refuse_misspelt(provider, choice)
        return choice
    if not slash:
        for pattern, owner in _BARE_NAMES:
            if pattern.match(choice.lower()):
                return f"{owner}/{choice}"
    aliases = ", ".join(f"`{alias}`" for alias in models)
    raise UsageError("unknown-model", f"unknown model `{choice}`", _suggestion(choice, slash, models, aliases))


def _refuse_misspelt(provider: str, choice: str) -> None:
    """`olama/x` is a local model misspelt: it must not end with a cloud provider being asked in its place."""
    from difflib import get_close_matches

    known = sorted({*KEY_VARIABLES, *_OWN_SERVERS, "ollama"})
    near = [] if provider.lower() in known else get_close_matches(provider.lower(), known, n=1, cutoff=0.8)
    if near:
        raise UsageError(
            "unknown-model",
            f"unknown provider `{provider}` in `{choice}`",
            f"did you mean `{near[0]}/{choice.partition('/')[2]}`?",
        )


def _suggestion(choice: str, slash: str, models: Mapping[str, Model], aliases: str) -> str:
    from difflib import get_close_matches

    if near := get_close_matches(choice.lower(), list(models), n=1, cutoff=0.85):
        return f"did you mean `{near[0]}`? known: {aliases}"
    example = "ollama/codellama" if slash else f"ollama/{choice}"
    return f"write `provider/model`, such as `{example}`, or one of {aliases}"


def _link(name: str, model: Model, models: Mapping[str, Model], environ: Mapping[str, str]) -> Link:
    text = model.model
    provider, slash, rest = text.partition("/")
    text = provider.lower() + slash + rest
    if text.startswith("ollama/"):  # LiteLLM's `ollama` flattens the conversation into one prompt
        text = "ollama_chat/" + text.removeprefix("ollama/")
    provider = _provider_of(text)
    api_base = model.api_base or _address(provider, environ)
    if provider == "ollama_chat" and api_base:
        api_base = _ollama_address(api_base)
    local = _is_local(provider, text.partition("/")[2], api_base, model.api_base)
    # A provider's own key is for the provider, not for whoever is behind another address.
    keyless = local or (model.api_base is not None and provider in KEY_VARIABLES)
    variable, key = _key(provider, model.key_variable, keyless, environ)
    return Link(
        name=name,
        model=text,
        provider=provider,
        local=local,
        max_tokens=model.max_tokens,
        api_base=api_base,
        key_variable=variable,
        key=key,
        temperature=model.temperature,
        successor=_successor(provider, text, models),
    )


def _provider_of(model: str) -> str:
    provider = model.partition("/")[0].lower()
    return "ollama_chat" if provider == "ollama" else provider


def _address(provider: str, environ: Mapping[str, str]) -> str | None:
    for variable in _ADDRESS_VARIABLES.get(provider, ()):
        if address := environ.get(variable, "").strip():
            return address
    return _OWN_SERVERS.get(provider)


def _ollama_address(host: str) -> str:
    """A client's address from what ``OLLAMA_HOST`` may hold: a URL, ``host``, ``host:port``, ``:port``.

    It is also the setting by which Ollama itself listens on every interface (``0.0.0.0``): for a client that
    means this machine.
    """
    scheme, separator, rest = host.rpartition("://")
    authority, slash, path = rest.partition("/")
    name, port = authority, ""
    if match := re.fullmatch(r"(.*):(\d*)", authority):
        name, port = (authority, "") if authority.count(":") > 1 and "]" not in authority else match.groups()
    name = f"[{name}]" if name.count(":") > 1 and "]" not in name else name
    if name in ("", "0.0.0.0", "[::]"):
        name = "127.0.0.1"
    if not port and not separator:
        port = "11434"
    return f"{scheme or 'http'}://{name}{':' + port if port else ''}{(slash + path).rstrip('/')}"


def _is_local(provider: str, model: str, api_base: str | None, configured_base: str | None) -> bool:
    if provider == "ollama_chat":
        return is_loopback(api_base) and not _is_ollama_cloud(model)
    if provider in _OWN_SERVERS:
        return is_loopback(api_base)
    if provider == "openai":
        # `OPENAI_BASE_URL` on this machine is as likely a gateway to the cloud; only the user's own
        # configuration of this model says that a server here runs it. OpenAI's own models run nowhere else.
        return is_loopback(configured_base) and not _BARE_NAMES[0][0].match(model.lower())
    return False


def _runs_on_own_server(link: Link, environ: Mapping[str, str]) -> bool:
    """Its user named an address, or a program that people run themselves."""
    if link.provider == "ollama_chat":
        return not _is_ollama_cloud(link.model)
    configured = link.api_base not in (None, _address(link.provider, environ))
    return configured or link.provider in _OWN_SERVERS or link.provider in _OTHER_OWN_SERVERS


def _is_ollama_cloud(model: str) -> bool:
    """Ollama passes such a model on to its makers' machines."""
    return model.lower().endswith(("-cloud", ":cloud"))


def _key(
    provider: str, configured: str | None, keyless: bool, environ: Mapping[str, str]
) -> tuple[str | None, str | None]:
    if keyless and not configured:
        return None, None
    variables = (configured,) if configured else KEY_VARIABLES.get(provider, ())
    for variable in variables:
        if key := environ.get(variable, "").strip():
            return variable, key
    return (variables[0] if variables else None), None


def _successor(provider: str, model: str, models: Mapping[str, Model]) -> str | None:
    for candidate in (*models.values(), *DEFAULT_MODELS.values()):
        if _provider_of(candidate.model) == provider and candidate.model != model:
            return candidate.model
    return None


def _distinct(links: Iterable[Link]) -> Iterator[Link]:
    seen = set()
    for link in links:
        if (link.model, link.api_base) not in seen:
            seen.add((link.model, link.api_base))
            yield link
