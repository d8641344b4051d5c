"""The command asking models: real LiteLLM, real sockets, the providers' real wire formats, on loopback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_offline import SHOP
from tests.conftest import Snapfix, crash
from tests.servers import Fault, everything, free_port, provider

ANSWER = """\
## Error analysis
The dictionary has no such key.

## Root cause
`user` holds `email`, and `total` looks up `emial`.

Location: shop/cart.py:2 in total

## Fix
Correct the key.

### Fix in `shop/cart.py`
<<<<<<< FIND
    name = user['emial']
=======
    name = user['email']
>>>>>>> REPLACE

Confidence: certain

## Prevention
Use a dataclass.
"""
FORMATS = ("openai", "anthropic", "gemini", "ollama")
CHOICE = {"openai": "openai", "anthropic": "anthropic", "gemini": "gemini", "ollama": "ollama/codellama:7b"}


@pytest.mark.parametrize("name", FORMATS)
def test_each_wire_format_gives_a_diagnosis_with_a_checked_fix(snapfix: Snapfix, project: Path, name: str) -> None:
    with provider(name, answer=ANSWER, models=("codellama:7b",)) as server:
        done = snapfix("--model", CHOICE[name], "--json", stdin=crash(project, SHOP), env=server.environ)
    document = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert document["root_cause"].startswith("`user` holds `email`")
    assert document["fix"]["edits"] == [
        {
            "path": "shop/cart.py",
            "find": "    name = user['emial']",
            "replace": "    name = user['email']",
            "rejected": None,
        }
    ]
    assert document["fix"]["applicability"] == "unsafe"
    assert document["location"] == {"file": "shop/cart.py", "line": 2, "function": "total"}
    assert document["answered_by"]["local"] is (name == "ollama")
    assert document["attempts"][0]["outcome"] == "answered"
    assert len(server.requests) == 1
    sent = json.dumps(server.requests[0].body)
    assert "name = user['emial']" in sent, "the code that failed must be in what is sent"
    assert "KeyError" in sent


def test_the_first_failure_leads_to_the_next_link_and_is_told(snapfix: Snapfix, project: Path) -> None:
    with (
        provider("anthropic", fault=Fault.status(429)) as first,
        provider("openai", answer=ANSWER) as second,
    ):
        env = {**first.environ, **second.environ}
        done = snapfix("--model", "anthropic", stdin=crash(project, SHOP), env=env)
    assert done.returncode == 0
    assert "`user` holds `email`" in done.stdout
    assert "anthropic (cloud) failed after" in done.stderr
    assert "asking openai/" in done.stderr
    assert (len(first.requests), len(second.requests)) == (1, 1)


def test_the_chain_ends_at_a_local_ollama(snapfix: Snapfix, project: Path) -> None:
    with (
        provider("openai", fault=Fault.status(503)) as cloud,
        provider("ollama", answer=ANSWER, models=("qwen2.5-coder:7b",)) as local,
    ):
        env = {**cloud.environ, **local.environ}
        done = snapfix("--model", "openai", "--json", stdin=crash(project, SHOP), env=env)
    document = json.loads(done.stdout)
    assert document["answered_by"]["model"] == "ollama_chat/qwen2.5-coder:7b"
    assert [(a["link"], a["outcome"]) for a in document["attempts"] if a["outcome"] != "skipped"] == [
        ("openai", "failed"),
        ("ollama", "answered"),
    ]


def test_if_all_fail_the_offline_answer_stands_and_each_link_is_reported(snapfix: Snapfix, project: Path) -> None:
    port = free_port()
    with (
        provider("anthropic", fault=Fault.status(500)) as one,
        provider("openai", fault=Fault.status(429)) as two,
    ):
        env = {
            **one.environ,
            **two.environ,
            "GEMINI_API_KEY": "k",
            "GEMINI_API_BASE": f"http://127.0.0.1:{port}/v1beta",
        }
        done = snapfix("--model", "anthropic", stdin=crash(project, SHOP), env=env)
    assert done.returncode == 0
    assert "offline analyser" in done.stdout
    report = done.stderr[done.stderr.index("no model gave a diagnosis") :]
    for name in (
        "anthropic (cloud) failed",
        "openai (cloud) failed",
        "gemini (cloud) failed",
        "deepseek (cloud) skipped",
    ):
        assert name in report
    assert "hint: set `DEEPSEEK_API_KEY`" in report


def test_a_broken_stream_is_dropped_and_the_next_link_starts_afresh(snapfix: Snapfix, project: Path) -> None:
    with (
        provider("openai", answer=ANSWER.replace("email", "WRONG"), fault=Fault.CUT) as first,
        provider("ollama", answer=ANSWER, models=("qwen2.5-coder:7b",)) as second,
    ):
        env = {**first.environ, **second.environ}
        done = snapfix("--model", "openai", stdin=crash(project, SHOP), env=env)
    assert "its partial answer is dropped" in done.stderr
    assert "WRONG" not in done.stdout
    assert "`user` holds `email`" in done.stdout


@pytest.mark.parametrize(("status", "words"), [(401, "OPENAI_API_KEY"), (400, "openai (cloud) failed")])
def test_a_rejected_key_or_request_does_not_go_to_another_cloud(
    snapfix: Snapfix, project: Path, status: int, words: str
) -> None:
    with (
        provider("openai", fault=Fault.status(status)) as first,
        provider("anthropic", answer=ANSWER) as second,
        provider("ollama", answer=ANSWER, models=("qwen2.5-coder:7b",)) as local,
    ):
        env = {**first.environ, **second.environ, **local.environ}
        done = snapfix("--model", "openai", stdin=crash(project, SHOP), env=env)
    assert second.requests == []
    assert len(local.requests) == 1
    assert words in done.stderr


def test_a_local_choice_never_reaches_a_cloud(snapfix: Snapfix, project: Path) -> None:
    with everything(dict.fromkeys(("openai", "anthropic", "gemini"), ANSWER)) as clouds:
        env = {**clouds.environ, "OLLAMA_HOST": f"http://127.0.0.1:{free_port()}"}
        done = snapfix("--model", "ollama/codellama", stdin=crash(project, SHOP), env=env)
        assert done.returncode == 0
        assert all(not server.requests for server in clouds.running.values())
    assert "offline analyser" in done.stdout
    assert "ollama/codellama (local) skipped: nothing answers at" in done.stderr


def test_a_key_in_the_environment_is_not_a_choice(snapfix: Snapfix, project: Path) -> None:
    with everything(dict.fromkeys(("openai", "anthropic", "gemini"), ANSWER)) as clouds:
        done = snapfix(stdin=crash(project, SHOP), env=clouds.environ)
        assert all(not server.requests for server in clouds.running.values())
    assert done.returncode == 0
    assert "offline analyser" in done.stdout


def test_offline_asks_nobody_even_with_a_chosen_model(snapfix: Snapfix, project: Path) -> None:
    with everything(dict.fromkeys(FORMATS, ANSWER)) as servers:
        done = snapfix("--offline", "--model", "openai", stdin=crash(project, SHOP), env=servers.environ)
        assert all(not s.requests and not s.other_requests for s in servers.running.values())
    assert "offline analyser" in done.stdout


def test_without_a_choice_a_running_ollama_is_asked(snapfix: Snapfix, project: Path) -> None:
    with provider("ollama", answer=ANSWER, models=("qwen2.5-coder:7b",)) as server:
        done = snapfix(stdin=crash(project, SHOP), env=server.environ)
    assert len(server.requests) == 1
    assert "(local)" in done.stderr


def test_the_cloud_notice_is_given_once(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, SHOP)
    with provider("openai", answer=ANSWER) as server:
        first = snapfix("--model", "openai", stdin=text, env=server.environ)
        second = snapfix("--model", "openai", stdin=text, env=server.environ)
    assert "note[cloud-notice]" in first.stderr
    assert "--show-prompt" in first.stderr
    assert "--offline" in first.stderr
    assert "note[cloud-notice]" not in second.stderr
    assert "(cloud)" in second.stderr


def test_what_show_prompt_shows_is_what_is_sent(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, SHOP)
    with provider("openai", answer=ANSWER) as server:
        shown = snapfix("--model", "openai", "--show-prompt", "--json", stdin=text, env=server.environ)
        assert server.requests == []
        snapfix("--model", "openai", stdin=text, env=server.environ)
    sent = [(m["role"], m["content"]) for m in server.requests[0].body["messages"]]
    prompt = json.loads(shown.stdout)["prompts"][0]
    assert [(m["role"], m["content"]) for m in prompt["messages"]] == sent
    assert prompt["to"][0]["link"] == "openai"


def test_secrets_are_masked_on_the_wire_and_restored_in_the_answer(snapfix: Snapfix, project: Path) -> None:
    key = "sk-proj-" + "Ab3dEf6hIj" * 4
    files = {"app.py": f"def call():\n    key = '{key}'\n    return key[999]\n\n\ncall()\n"}
    answer = (
        "## Root cause\nThe key `<redacted:api-key-1>` is shorter than that.\n\n## Fix\nTake the last one.\n\n"
        "### Fix in `app.py`\n<<<<<<< FIND\n    key = '<redacted:api-key-1>'\n    return key[999]\n=======\n"
        "    key = '<redacted:api-key-1>'\n    return key[-1]\n>>>>>>> REPLACE\n"
    )
    with provider("openai", answer=answer) as server:
        done = snapfix("--model", "openai", "--json", stdin=crash(project, files), env=server.environ)
    sent = json.dumps(server.requests[0].body)
    assert key not in sent
    assert "<redacted:api-key-1>" in sent
    document = json.loads(done.stdout)
    assert key in document["root_cause"]
    assert document["fix"]["edits"][0]["rejected"] is None


@pytest.mark.parametrize(
    "answer", ["", "I'm sorry, but I can't help with that.", "ok ok ok", "<html><body>Bad gateway</body></html>"]
)
def test_an_unusable_answer_is_a_failed_attempt(snapfix: Snapfix, project: Path, answer: str) -> None:
    with (
        provider("openai", answer=answer) as first,
        provider("ollama", answer=ANSWER, models=("qwen2.5-coder:7b",)) as second,
    ):
        env = {**first.environ, **second.environ}
        done = snapfix("--model", "openai", stdin=crash(project, SHOP), env=env)
    assert "openai (cloud) failed" in done.stderr
    assert "`user` holds `email`" in done.stdout


def test_an_edit_that_does_not_fit_is_advice(snapfix: Snapfix, project: Path) -> None:
    wrong = ANSWER.replace("    name = user['emial']\n=", "    nothing like this\n=")
    with provider("openai", answer=wrong) as server:
        done = snapfix("--model", "openai", "--json", stdin=crash(project, SHOP), env=server.environ)
    fix = json.loads(done.stdout)["fix"]
    assert fix["applicability"] == "display-only"
    assert fix["edits"][0]["rejected"]


def test_a_retired_model_is_named_with_its_successor(snapfix: Snapfix, project: Path) -> None:
    env = {"ANTHROPIC_API_KEY": "k", "SNAPFIX_ORDER": "ollama"}
    done = snapfix("--model", "anthropic/claude-3-5-sonnet-20240620", stdin=crash(project, SHOP), env=env)
    assert done.returncode == 0
    assert "retired" in done.stderr
    assert "claude-sonnet-5" in done.stderr


def test_a_state_folder_that_cannot_be_written_is_said_once(snapfix: Snapfix, project: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    with provider("openai", answer=ANSWER) as server:
        env = {**server.environ, "SNAPFIX_STATE": str(blocked)}
        done = snapfix("--model", "openai", stdin=crash(project, SHOP), env=env)
    assert done.returncode == 0
    assert "`user` holds `email`" in done.stdout
    assert done.stderr.count("note[") == 2  # this one, and the cloud notice
    assert str(blocked) in done.stderr


def test_three_failures_open_the_breaker_for_the_next_process(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, SHOP)
    with provider("openai", fault=Fault.status(500)) as server:
        for _ in range(3):
            snapfix("--model", "openai", stdin=text, env=server.environ)
        fourth = snapfix("--model", "openai", stdin=text, env=server.environ)
    assert len(server.requests) == 3
    assert "openai (cloud) skipped" in fourth.stderr


def test_nothing_foreign_is_printed(snapfix: Snapfix, project: Path) -> None:
    """No banner, warning or log line of LiteLLM's or its clients' on either stream."""
    with provider("openai", fault=Fault.status(500)) as server:
        done = snapfix("--model", "openai", stdin=crash(project, SHOP), env=server.environ)
    for word in ("LiteLLM", "litellm.", "Give Feedback", "Traceback", "Unclosed", "Warning"):
        assert word not in done.stderr
        assert word not in done.stdout.replace("Traceback (most", "")


def test_names_in_folders_that_are_not_the_projects_stay_here(snapfix: Snapfix, project: Path, tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    (private / "tax-return.txt").write_text("")
    text = crash(project, {"app.py": f"open({str(private / 'diray-2026.txt')!r})\n"})
    shown = snapfix("--show-prompt", "--json", stdin=text).stdout
    assert "diray-2026.txt" in shown
    assert "tax-return.txt" not in shown


@pytest.mark.parametrize("name", [".env", "secrets.json", "server.key"])
def test_a_traceback_that_names_a_file_of_secrets_is_not_believed(snapfix: Snapfix, project: Path, name: str) -> None:
    (project / name).write_text("{\nA=hunter2hunter2\n")
    text = f'Traceback (most recent call last):\n  File "{name}", line 1, in <module>\n    {{\nKeyError: 1\n'
    assert "hunter2hunter2" not in snapfix("--show-prompt", "--json", stdin=text).stdout
