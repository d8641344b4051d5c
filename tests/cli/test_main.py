"""Which words lead to which command, and that the short way is the same as the long one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snapfix.cli.main import route
from tests.cli.test_offline import TYPO
from tests.conftest import Snapfix, crash


@pytest.mark.parametrize(
    ("words", "routed"),
    [
        ([], ["analyze"]),
        (["trace.txt"], ["analyze", "trace.txt"]),
        (["--json"], ["analyze", "--json"]),
        (["--model", "models"], ["analyze", "--model", "models"]),
        (["-"], ["analyze", "-"]),
        (["models"], ["models"]),
        (["config", "path"], ["config", "path"]),
        (["--version"], ["--version"]),
        (["analyze", "config"], ["analyze", "config"]),
    ],
)
def test_what_is_not_a_command_is_an_input_of_analyze(words: list[str], routed: list[str]) -> None:
    assert route(words, stdin_is_terminal=False) == routed


def test_nothing_on_a_terminal_is_help() -> None:
    assert route([], stdin_is_terminal=True) == ["--help"]


def test_the_short_way_past_the_parser_gives_the_same_answer(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, TYPO)
    (project / "trace.txt").write_text(text)
    direct = snapfix("trace.txt")
    parsed = snapfix("analyze", "trace.txt", "--format", "plain")
    assert direct.stdout.splitlines()[:-1] == parsed.stdout.splitlines()[:-1]  # the last line holds the time
    assert direct.stderr == parsed.stderr


def test_a_project_says_offline_and_that_is_obeyed(snapfix: Snapfix, project: Path) -> None:
    (project / ".snapfix.toml").write_text("offline = true\n")
    done = snapfix("--json", "--model", "openai", stdin=crash(project, TYPO), env={"OPENAI_API_KEY": "k"})
    assert json.loads(done.stdout)["answered_by"]["provider"] == "offline"
