from __future__ import annotations

from types import ModuleType

import pytest

from snapfix.llm import litellm_transport


@pytest.fixture(scope="session")
def litellm_module() -> ModuleType:
    """LiteLLM, imported the way that Snapfix does it, once."""
    litellm_transport.warm()
    return litellm_transport._litellm.module()
