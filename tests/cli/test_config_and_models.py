"""``snapfix config`` and ``snapfix models``."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Snapfix


def test_the_places_of_settings_are_printed(snapfix: Snapfix, home: Path) -> None:
    done = snapfix("config", "path")
    assert done.returncode == 0
    assert done.stdout.startswith("user file")
    assert str(home) in done.stdout


def test_a_commented_file_is_written_once(snapfix: Snapfix, tmp_path: Path) -> None:
    env = {"SNAPFIX_CONFIG": str(tmp_path / "new" / "config.toml")}
    assert snapfix("config", "init", env=env).returncode == 0
    assert (tmp_path / "new" / "config.toml").read_text().startswith("# Snapfix")
    again = snapfix("config", "init", env=env)
    assert again.returncode == 2
    assert "error[settings-exist]" in again.stderr
    assert snapfix("config", "init", "--force", env=env).returncode == 0


def test_what_is_in_force_is_shown_with_its_source_and_keys_masked(snapfix: Snapfix) -> None:
    key = "sk-ant-" + "a1B2" * 10
    done = snapfix("config", "show", env={"ANTHROPIC_API_KEY": key, "SNAPFIX_CONTEXT_TOKENS": "77"})
    assert "context_tokens = 77  # environment" in done.stdout
    assert "ANTHROPIC_API_KEY = set, 47 characters, ends in …1B2" in done.stdout
    assert key not in done.stdout
    document = json.loads(snapfix("config", "show", "--json", env={"ANTHROPIC_API_KEY": key}).stdout)
    assert document["settings"]["offline"] is False
    assert key not in json.dumps(document)


def test_without_a_choice_no_cloud_link_is_in_the_chain_even_with_a_key(snapfix: Snapfix) -> None:
    done = snapfix("models", "--json", env={"ANTHROPIC_API_KEY": "k"})
    links = json.loads(done.stdout)["links"]
    chain = [link for link in links if link["position"] is not None]
    assert [link["place"] for link in chain] == ["local", "local"]
    assert chain[-1]["name"] == "offline"
    other = next(link for link in links if link["name"] == "anthropic")
    assert not other["usable"]
    assert "not chosen" in other["state"]


def test_the_chain_of_a_choice_says_what_is_usable_and_why_not(snapfix: Snapfix) -> None:
    done = snapfix("models", "--model", "anthropic", env={"ANTHROPIC_API_KEY": "k"})
    lines = done.stdout.splitlines()
    assert any(
        "anthropic" in line and "cloud" in line and "usable: key in `ANTHROPIC_API_KEY`" in line for line in lines
    )
    assert any("openai" in line and "no key: set `OPENAI_API_KEY`" in line for line in lines)
    assert any("ollama" in line and "nothing answers at" in line for line in lines)
    assert "offline" in done.stdout


def test_a_local_choice_has_no_cloud_link_in_its_chain(snapfix: Snapfix) -> None:
    done = snapfix("models", "-m", "ollama/codellama", "--json", env={"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"})
    chain = [link for link in json.loads(done.stdout)["links"] if link["position"] is not None]
    assert {link["place"] for link in chain} == {"local"}
