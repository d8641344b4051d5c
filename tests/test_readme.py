"""What the README says is compared with what is: whatever can drift is held together by a test."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from snapfix import settings
from snapfix.cli.app import app
from snapfix.errors import EXIT_ERROR, EXIT_FAULT, EXIT_INTERRUPTED, EXIT_OK, EXIT_TERMINATED, EXIT_USAGE
from snapfix.llm.links import DEFAULT_MODELS
from snapfix.render import RENDERERS, json
from snapfix.render.parsed import PARSED_VERSION, ParsedDocument, ParsedError, ParsedFrame
from tests.conftest import ROOT, Snapfix

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(marker: str) -> str:
    """The fenced block after an HTML comment."""
    found = re.search(rf"<!-- {marker} -->\n```\w*\n(.*?)```", README, re.DOTALL)
    assert found, marker
    return found[1]


def table(marker: str) -> list[str]:
    """The names in the first column of the table after an HTML comment; a cell may hold several."""
    found = re.search(rf"<!-- {marker} -->\n((?:\|.*\n)+)", README)
    assert found, marker
    first = re.findall(r"^\| (`[^|]+`) \|", found[1], re.MULTILINE)
    return [name for names in first for name in re.findall(r"`(\w+)`", names)]


def test_the_help_in_the_readme_names_every_option_of_the_command_and_no_other(snapfix: Snapfix) -> None:
    shown = snapfix("analyze", "--help", env={"COLUMNS": "100"}).stdout
    options = set(re.findall(r"(?<!\w)--[a-z-]+", shown))
    assert set(re.findall(r"(?<!\w)--[a-z-]+", block("help"))) == options
    assert block("help").startswith("Usage: snapfix analyze")


def test_the_fields_of_the_document_are_those_of_the_readme() -> None:
    assert set(table("json")) == set(json.Document.model_fields)


def test_the_fields_of_the_list_are_those_of_the_readme() -> None:
    assert set(table("group")) == set(json.ListedPart.model_fields)
    assert set(json.ListDocument.model_fields) == {"schema_version", "groups", "errors", "warnings"}


def test_the_events_of_a_watch_are_those_of_the_readme() -> None:
    lines = (json.DiagnosisLine, json.RepeatedLine, json.ErrorLine, json.SummaryLine)
    watch = README[README.index("### Watch") : README.index("### Parse")]
    for line in lines:
        assert f"`{line.model_fields['event'].default}`" in watch
    for name in set(json.SummaryLine.model_fields) - {"schema_version", "event"}:
        assert f"`{name}`" in watch


def test_the_fields_of_a_parsed_traceback_are_those_of_the_readme() -> None:
    assert set(table("parse")) == set(ParsedDocument.model_fields)
    parse = README[README.index("### Parse") : README.index("### In Python")]
    assert f"| `version` | {PARSED_VERSION};" in parse
    for name in (*ParsedError.model_fields, *ParsedFrame.model_fields):
        assert f"`{name}`" in parse


def test_the_settings_are_those_of_the_readme_with_their_defaults() -> None:
    assert set(table("settings")) == {field.name for field in fields(settings.Settings)}
    default = settings.Settings()
    assert f"| `context_tokens` | {default.context_tokens} |" in README
    assert f"| `local_context_tokens` | {default.local_context_tokens} |" in README
    assert f"`{', '.join(default.order)}`" in README
    for limit in fields(default.timeouts):
        assert f"`{limit.name}` {getattr(default.timeouts, limit.name):g}" in README
    assert set(DEFAULT_MODELS) == set(default.order)


def test_every_exit_status_is_in_the_readme() -> None:
    for status in (EXIT_OK, EXIT_ERROR, EXIT_USAGE, EXIT_FAULT, EXIT_INTERRUPTED, EXIT_TERMINATED):
        assert f"\n| {status} | " in README


def test_the_commands_shown_exist() -> None:
    usage = README[README.index("## Use") : README.index("### Exit status")]
    named = set(re.findall(r"(?:^|\| )snapfix ([a-z]+)\b(?![./])", usage, re.MULTILINE))
    assert {"watch", "parse", "models", "config"} <= named
    registered = {command.callback.__name__ for command in app.registered_commands if command.callback}
    assert named <= registered | {group.name for group in app.registered_groups}
    assert all(f"--format {name}" in README or name in block("help") for name in RENDERERS)


def test_the_files_that_the_readme_links_to_exist() -> None:
    for target in re.findall(r"\]\((?!http|#)([^)]+)\)", README):
        assert (Path(ROOT) / target).exists(), target


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "<!-- tests -->" in script
    assert "python -m pytest" in block("tests")
    assert len(block("tests").strip().splitlines()) == len(block("run").strip().splitlines()) == 1
