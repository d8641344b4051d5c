"""Who can be asked: one link of the fallback chain."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Link:
    """One model behind one address.

    Attributes:
        name: what the user calls it: an alias (``anthropic``) or the model string as typed.
        model: the model string as LiteLLM takes it, ``provider/model``.
        provider: LiteLLM's prefix (``anthropic``, ``ollama_chat``).
        local: True only where the text provably stays on this machine.
        max_tokens: ceiling of the answer, in tokens.
        api_base: address to ask instead of the provider's own, or None.
        key_variable: the environment variable that holds the key; None where no key is needed.
        key: the key itself, or None where the variable is not set. Never shown.
        temperature: sampling temperature, or None for what the prompt's front matter says.
        successor: the model to use in place of this one if it has been retired, or None.
        chosen: True where the user named this link (by flag, variable or setting).
    """

    name: str
    model: str
    provider: str
    local: bool
    max_tokens: int = 4096
    api_base: str | None = None
    key_variable: str | None = None
    key: str | None = field(default=None, repr=False)
    temperature: float | None = None
    successor: str | None = None
    chosen: bool = False

    @property
    def place(self) -> str:
        """``local`` or ``cloud``: shown every time the link is named."""
        return "local" if self.local else "cloud"
