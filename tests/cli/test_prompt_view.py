from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Snapfix, crash
from tests.servers import provider


def shown(window: int) -> dict[str, object]:
    return {"/api/show": {"model_info": {"general.architecture": "q", "q.context_length": window}}}


def long_crash(project: Path) -> str:
    body = "".join(f"    total_{n} = sum(item.price for item in items)\n" for n in range(300))
    return crash(project, {"app.py": f"def main(items):\n{body}    return items[0]\n\n\nmain([])\n"})


def test_the_prompt_for_a_small_window_is_shown_as_small_as_it_is_sent(snapfix: Snapfix, project: Path) -> None:
    trace = long_crash(project)
    environ = {"SNAPFIX_LOCAL_CONTEXT_TOKENS": "50000"}
    with provider("ollama", documents=shown(4096)) as server:
        environ |= server.environ
        done = snapfix("--show-prompt", "--format", "json", "--model", "ollama", stdin=trace, env=environ)
        (prompt,) = json.loads(done.stdout)["prompts"]
        assert server.requests == []
        snapfix("--model", "ollama", stdin=trace, env=environ)
    assert prompt["tokens"] < 3000
    sent = [message["content"] for message in server.requests[0].body["messages"]]
    assert [message["content"] for message in prompt["messages"]] == sent


def test_a_link_that_can_get_no_prompt_is_named_with_the_reason(snapfix: Snapfix, project: Path) -> None:
    with provider("ollama", documents=shown(1024)) as server:
        done = snapfix("--show-prompt", "--model", "ollama", stdin=long_crash(project), env=server.environ)
    assert done.returncode == 0
    assert "=== to: nobody" in done.stdout
    assert "any prompt for `ollama_chat/qwen2.5-coder`: its window of 1024 tokens holds no useful prompt" in done.stdout
