"""Bad input: a clear message that says what to do, nothing lost, never a traceback of ours."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_offline import TYPO
from tests.conftest import Snapfix, crash

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")


def test_an_empty_pipe_is_told_what_is_missing(snapfix: Snapfix) -> None:
    done = snapfix(stdin="")
    assert done.returncode == 0
    assert done.stdout == ""
    assert "note[no-traceback-found]: the input is empty" in done.stderr
    assert "2>&1" in done.stderr


def test_output_without_a_traceback_is_no_error_in_a_pipe(snapfix: Snapfix) -> None:
    done = snapfix(stdin="all is well\n")
    assert done.returncode == 0
    assert "no traceback in the input" in done.stderr


def test_a_named_file_without_a_traceback_is_an_error(snapfix: Snapfix, project: Path) -> None:
    (project / "ok.txt").write_text("all is well\n")
    done = snapfix("ok.txt")
    assert done.returncode == 1
    assert done.stderr.startswith("error[no-traceback-found]: no traceback in `ok.txt`\nhint: ")


@pytest.mark.parametrize(
    ("name", "code"), [("missing.txt", "file-not-found"), ("folder", "is-a-directory"), ("binary.bin", "binary-input")]
)
def test_what_cannot_be_read_is_named(snapfix: Snapfix, project: Path, name: str, code: str) -> None:
    (project / "folder").mkdir()
    (project / "binary.bin").write_bytes(bytes(range(256)) * 64)
    done = snapfix(name)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error[{code}]: ")
    assert f"`{name}`" in done.stderr
    assert "\nhint: " in done.stderr


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="permissions do not bind this user")
def test_a_file_without_permission_is_named(snapfix: Snapfix, project: Path) -> None:
    (project / "secret.txt").write_text("x")
    (project / "secret.txt").chmod(0)
    done = snapfix("secret.txt")
    assert done.returncode == 1
    assert done.stderr.startswith("error[permission-denied]: ")


def test_one_bad_file_does_not_keep_the_others_from_being_analysed(snapfix: Snapfix, project: Path) -> None:
    (project / "good.txt").write_text(crash(project, TYPO))
    done = snapfix("missing.txt", "good.txt")
    assert done.returncode == 1
    assert "error[file-not-found]" in done.stderr
    assert "widht" in done.stdout


def test_errors_stand_in_the_document_too(snapfix: Snapfix) -> None:
    done = snapfix("missing.txt", "--json")
    assert json.loads(done.stdout)["error"]["code"] == "file-not-found"
    assert "error[file-not-found]" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-le"])
def test_other_encodings_are_read(snapfix: Snapfix, project: Path, encoding: str) -> None:
    (project / "trace.txt").write_bytes(crash(project, TYPO).encode(encoding))
    done = snapfix("trace.txt")
    assert done.returncode == 0
    assert "widht" in done.stdout


def test_a_configuration_that_a_variable_names_must_exist(snapfix: Snapfix, project: Path) -> None:
    done = snapfix(stdin=crash(project, TYPO), env={"SNAPFIX_CONFIG": str(project / "nope.toml")})
    assert done.returncode == 2
    assert done.stderr.startswith("error[settings-not-found]")


@POSIX
def test_a_closed_standard_output_is_an_error(snapfix: Snapfix, project: Path) -> None:
    (project / "trace.txt").write_text(crash(project, TYPO))
    command = f"{shlex.quote(sys.executable)} -m snapfix trace.txt >&-"
    done = subprocess.run(["bash", "-c", command], cwd=project, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error[no-output]")


def test_a_misspelt_local_provider_is_an_error_and_no_cloud_is_asked(snapfix: Snapfix, project: Path) -> None:
    done = snapfix("--model", "olama/codellama", stdin=crash(project, TYPO), env={"ANTHROPIC_API_KEY": "k"})
    assert done.returncode == 2
    assert "did you mean `ollama/codellama`?" in done.stderr


def test_a_misspelt_option_is_a_usage_error(snapfix: Snapfix) -> None:
    done = snapfix("--jsno")
    assert done.returncode == 2
    assert done.stderr.startswith("error[usage]: no such option: --jsno")
    assert "hint: see `snapfix analyze --help`" in done.stderr


def test_an_unknown_model_is_a_usage_error(snapfix: Snapfix, project: Path) -> None:
    done = snapfix("--model", "antropic", stdin=crash(project, TYPO))
    assert done.returncode == 2
    assert done.stderr.startswith("error[unknown-model]")
    assert "anthropic" in done.stderr


def test_a_malformed_configuration_names_file_line_and_key(snapfix: Snapfix, home: Path, project: Path) -> None:
    config = home / "config" / "snapfix" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("offline = true\ncontext_tokens = 'x'\n")
    done = snapfix(stdin=crash(project, TYPO), env={"SNAPFIX_CONFIG": str(config)})
    assert done.returncode == 2
    assert done.stderr.startswith(f"error[malformed-settings]: `context_tokens` in `{config}` line 2")


def test_a_broken_template_of_the_users_is_named(snapfix: Snapfix, project: Path) -> None:
    folder = project / ".snapfix" / "prompts"
    folder.mkdir(parents=True)
    (project / "pyproject.toml").write_text("")
    (folder / "diagnose.md").write_text("---\nversion: 1\n---\n<!-- user -->\n{{ nonsense }}\n")
    done = snapfix("--show-prompt", stdin=crash(project, TYPO))
    assert done.returncode == 2
    assert "error[bad-template]" in done.stderr
    assert "diagnose.md" in done.stderr


@POSIX
def test_a_closed_pipe_is_silent(snapfix: Snapfix, project: Path) -> None:
    (project / "trace.txt").write_text(crash(project, TYPO))
    command = f"{shlex.quote(sys.executable)} -m snapfix trace.txt | true"
    done = subprocess.run(["bash", "-c", command], cwd=project, capture_output=True, text=True)
    assert done.stderr == ""


@POSIX
def test_a_closed_standard_input_is_an_error(snapfix: Snapfix, project: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{shlex.quote(sys.executable)} -m snapfix <&-"], cwd=project, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "error[no-input]" in done.stderr


@POSIX
def test_a_deleted_working_directory_is_an_error(snapfix: Snapfix, project: Path) -> None:
    run = f"{shlex.quote(sys.executable)} -m snapfix --offline < /dev/null"
    script = f'mkdir gone; cd gone; rmdir "$PWD"; {run}'
    done = subprocess.run(["bash", "-c", script], cwd=project, capture_output=True, text=True)
    assert done.returncode == 1
    assert "error[no-working-directory]" in done.stderr


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("KeyError: '[/red]'", "KeyError: '[/red]'"),
        ("TypeError: list[int] :smile:", "TypeError: list[int] :smile:"),
        # An escape sequence in the input is taken for what it is, and goes; a lone control is shown.
        ("ValueError: a\x1b]0;owned\x07b", "ValueError: ab"),
        ("ValueError: bell\x07", "ValueError: bell␇"),
    ],
)
def test_hostile_messages_are_shown_and_never_obeyed(snapfix: Snapfix, text: str, shown: str) -> None:
    trace = f'Traceback (most recent call last):\n  File "/x/[bold]app.py", line 1, in f[0]\n    f()\n{text}\n'
    done = snapfix(stdin=trace)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout
    assert done.stdout.splitlines()[0] == shown


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_an_encoding_that_lacks_our_characters_does_not_cost_the_answer(
    snapfix: Snapfix, project: Path, encoding: str
) -> None:
    text = crash(project, TYPO)
    for words in ([], ["--format", "markdown"], ["--json"]):
        done = snapfix(*words, stdin=text, env={"PYTHONIOENCODING": encoding})
        assert done.returncode == 0
        assert "name.typo" in done.stdout
    assert json.loads(done.stdout)["confidence"] == "certain"


def test_a_module_of_the_users_is_never_run_in_place_of_ours(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, TYPO)
    for name in ("random", "json", "typing", "dataclasses"):
        (project / f"{name}.py").write_text("open('executed', 'w')\n")
    assert snapfix("--json", stdin=text).returncode == 0
    assert not (project / "executed").exists()


def test_a_full_disk_is_said_and_is_no_fault_of_ours(snapfix: Snapfix, project: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*snapfix.argv, "--offline"],
            input=crash(project, TYPO),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=project,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("error[system]: no space left on device")
