"""Settings: where they come from, which is stronger, and what a mistake is told."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from snapfix import settings
from snapfix.cli.config import starting_file
from snapfix.errors import SettingsError


def load(
    tmp_path: Path,
    user: str | None = None,
    project: str | None = None,
    pyproject: str | None = None,
    environ: dict[str, str] | None = None,
    flags: dict[str, object] | None = None,
) -> settings.Loaded:
    root = tmp_path / "root"
    root.mkdir(exist_ok=True)
    for path, text in (
        (tmp_path / "config.toml", user),
        (root / ".snapfix.toml", project),
        (root / "pyproject.toml", pyproject),
    ):
        if text is not None:
            path.write_text(text, encoding="utf-8")
    return settings.load(
        user_file=tmp_path / "config.toml", project_root=root, environ=environ or {}, flags=flags or {}
    )


def test_without_any_file_the_defaults_hold(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.settings == settings.Settings()
    assert loaded.settings.model is None
    assert loaded.sources == {}


def test_a_stronger_place_wins_and_is_named(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        user='model = "openai"\ncontext_tokens = 1000\nlocal_context_tokens = 500\n',
        project="context_tokens = 2000\n",
        environ={"SNAPFIX_MODEL": "gemini"},
        flags={"model": "anthropic"},
    )
    assert loaded.settings.model == "anthropic"
    assert loaded.settings.context_tokens == 2000
    assert loaded.settings.local_context_tokens == 500
    assert loaded.sources == {
        "model": "command line",
        "context_tokens": "project file",
        "local_context_tokens": "user file",
    }


def test_variables_are_read_as_their_settings_types(tmp_path: Path) -> None:
    environ = {"SNAPFIX_OFFLINE": "1", "SNAPFIX_CONTEXT_TOKENS": "123", "SNAPFIX_ORDER": "openai, ollama"}
    current = load(tmp_path, environ=environ).settings
    assert (current.offline, current.context_tokens, current.order) == (True, 123, ("openai", "ollama"))


def test_only_the_user_can_let_a_local_model_see_secrets(tmp_path: Path) -> None:
    assert load(tmp_path).settings.redact_local is True
    assert load(tmp_path, user="redact_local = false\n").settings.redact_local is False
    assert load(tmp_path, environ={"SNAPFIX_REDACT_LOCAL": "false"}).settings.redact_local is False


def test_a_project_can_only_switch_redaction_on(tmp_path: Path) -> None:
    loaded = load(tmp_path, project="redact_local = false\n")
    assert loaded.settings.redact_local is True
    assert "redact_local" in loaded.warnings[0].message
    loaded = load(tmp_path, user="redact_local = false\n", project="redact_local = true\n")
    assert loaded.settings.redact_local is True
    assert loaded.warnings == ()


def test_an_alias_can_be_changed_in_part(tmp_path: Path) -> None:
    current = load(tmp_path, user='[models.openai]\napi_base = "http://127.0.0.1:1"\n').settings
    assert current.models["openai"].api_base == "http://127.0.0.1:1"
    assert current.models["openai"].model == settings.DEFAULT_MODELS["openai"].model


def test_an_alias_of_ones_own_can_be_added(tmp_path: Path) -> None:
    current = load(tmp_path, user='order = ["fast"]\n[models.fast]\nmodel = "groq/llama"\nmax_tokens = 5\n').settings
    assert current.models["fast"].max_tokens == 5
    assert current.order == ("fast",)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = \n", "line 1", "not valid TOML"),
        ("\nofline = true\n", "line 2", "unknown key `ofline`"),
        ('\n\ncontext_tokens = "many"\n', "line 3", "`context_tokens`"),
        ("[timeouts]\nstal = 3\n", "line 2", "unknown key `timeouts.stal`"),
        ("[timeouts]\nanswer = []\n", "line 2", "`timeouts.answer`"),
        ("[models.mine]\nmax_tokens = 3\n", "line 1", "`models.mine.model` is missing"),
        ('[models.openai]\nkey = "sk"\n', "line 2", "unknown key `models.openai.key`"),
        ('order = ["opnai"]\n', "line 1", "`opnai`"),
        ("context_tokens = 0\n", "line 1", "expected a number above 0"),
        ("[timeouts]\nstall = -1\n", "line 2", "expected a number above 0"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key(tmp_path: Path, text: str, line: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, user=text)
    assert words in caught.value.message
    assert line in caught.value.message
    assert str(tmp_path / "config.toml") in caught.value.message


def test_a_near_key_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, user="ofline = true\n")
    assert caught.value.hint == "did you mean `offline`?"


def test_a_mistake_in_a_variable_names_the_environment(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="the environment"):
        load(tmp_path, environ={"SNAPFIX_CONTEXT_TOKENS": "many"})


def test_an_unknown_variable_is_warned_of(tmp_path: Path) -> None:
    (warning,) = load(tmp_path, environ={"SNAPFIX_MODLE": "x"}).warnings
    assert "SNAPFIX_MODLE" in warning.message


@pytest.mark.parametrize(
    "line",
    ['model = "openai"', "offline = false", 'order = ["openai"]', '[models.openai]\napi_base = "http://evil"'],
)
def test_a_project_cannot_decide_where_the_code_is_sent(tmp_path: Path, line: str) -> None:
    loaded = load(tmp_path, project=line + "\n", flags={"offline": True})
    assert loaded.settings == settings.Settings(offline=True)
    assert [warning.code for warning in loaded.warnings] == ["project-setting-ignored"]


def test_a_project_may_be_more_private_or_name_a_local_model(tmp_path: Path) -> None:
    current = load(tmp_path, pyproject='[tool.snapfix]\noffline = true\nmodel = "ollama/codellama"\n').settings
    assert current.offline
    assert current.model == "ollama/codellama"


def test_a_local_alias_is_judged_by_what_the_user_made_of_it(tmp_path: Path) -> None:
    remote = '[models.ollama]\napi_base = "http://10.9.9.9:11434"\n'
    loaded = load(tmp_path, user=remote, project='model = "ollama"\n')
    assert loaded.settings.model is None
    assert [warning.code for warning in loaded.warnings] == ["project-setting-ignored"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX files")
@pytest.mark.parametrize("name", [".snapfix.toml", "pyproject.toml"])
@pytest.mark.parametrize("kind", ["fifo", "device", "outside", "nested"])
def test_a_cloned_project_cannot_make_reading_its_settings_hang_or_grow(tmp_path: Path, name: str, kind: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    path = root / name
    (tmp_path / "outside.toml").write_text("offline = true\n")
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "nested":
        path.write_text("a = " + "[" * 50_000)
    else:
        path.symlink_to("/dev/zero" if kind == "device" else tmp_path / "outside.toml")
    if name == "pyproject.toml":
        assert load(tmp_path).settings == settings.Settings()
    else:
        with pytest.raises(SettingsError, match=r"\.snapfix\.toml"):
            load(tmp_path)


def test_a_pyproject_that_does_not_parse_is_not_our_affair(tmp_path: Path) -> None:
    assert load(tmp_path, pyproject="[tool.snapfix\n").settings == settings.Settings()


def test_an_unreadable_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(SettingsError, match=r"config\.toml"):
        load(tmp_path)


def test_the_starting_file_says_the_defaults(tmp_path: Path) -> None:
    """Uncommented, the file that ``config init`` writes gives the defaults: it cannot drift."""
    commented = re.findall(r"^# ((?:\w+ = |\[).*)$", starting_file(), re.MULTILINE)
    assert load(tmp_path, user="\n".join(commented)).settings == settings.Settings(model="anthropic")


def test_the_starting_file_changes_nothing_as_it_is(tmp_path: Path) -> None:
    assert load(tmp_path, user=starting_file()).settings == settings.Settings()
