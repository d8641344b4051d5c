"""The command without any model: the main job, end to end, on programs that crash for real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Snapfix, crash

SHOP = {
    "app.py": "from shop.cart import total\n\nprint('starting')\nprint(total({'email': 'a@b.c'}))\n",
    "shop/__init__.py": "",
    "shop/cart.py": "def total(user):\n    name = user['emial']\n    return len(name)\n",
}
TYPO = {"app.py": "def area(width, height):\n    return widht * height\n\n\nprint(area(2, 3))\n"}


def test_a_piped_crash_becomes_a_diagnosis(snapfix: Snapfix, project: Path) -> None:
    done = snapfix(stdin=crash(project, TYPO))
    assert done.returncode == 0
    assert "NameError: name 'widht' is not defined" in done.stdout
    assert "app.py:2 in area" in done.stdout
    assert "+    return width * height" in done.stdout
    assert "offline analyser · name.typo · local" in done.stdout


@pytest.mark.parametrize("words", [["analyze"], []])
def test_a_file_is_analysed_with_and_without_the_commands_name(
    snapfix: Snapfix, project: Path, words: list[str]
) -> None:
    (project / "trace.txt").write_text(crash(project, TYPO))
    done = snapfix(*words, "trace.txt", "--offline")
    assert done.returncode == 0
    assert "widht" in done.stdout


def test_several_files_and_standard_input_are_each_analysed(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, TYPO)
    (project / "one.txt").write_text(text)
    (project / "two.txt").write_text(text)
    done = snapfix("one.txt", "-", "two.txt", "--json", stdin=text)
    diagnoses = json.loads(done.stdout)["diagnoses"]
    assert [d["traceback"]["origin"] for d in diagnoses] == ["one.txt", "standard input", "two.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such paths")
def test_a_path_under_dev_fd_can_be_read(snapfix: Snapfix, project: Path) -> None:
    (project / "trace.txt").write_text(crash(project, TYPO))
    with open(project / "trace.txt") as file:
        done = subprocess.run(
            [*snapfix.argv, f"/dev/fd/{file.fileno()}"],
            pass_fds=[file.fileno()],
            cwd=project,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0
    assert "widht" in done.stdout


def test_the_document_says_what_was_read_and_found(snapfix: Snapfix, project: Path) -> None:
    done = snapfix("--json", stdin=crash(project, SHOP))
    document = json.loads(done.stdout)
    assert document["schema_version"] == 1
    assert document["location"] == {"file": "shop/cart.py", "line": 2, "function": "total"}
    assert document["answered_by"]["provider"] == "offline"
    (exception,) = document["traceback"]["exceptions"]
    assert exception["type"] == "KeyError"
    assert exception["notes"] == []
    assert [frame["source"] for frame in exception["frames"]] == ["app.py", "shop/cart.py"]


def test_buffered_output_after_the_traceback_is_not_taken_for_its_message(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, SHOP, ("-m", "app"))
    assert text.rstrip().endswith("starting"), "a module's own output comes after its traceback in a pipe"
    (exception,) = json.loads(snapfix("--json", stdin=text).stdout)["traceback"]["exceptions"]
    assert exception["message"] == "'emial'"


def test_notes_of_the_exception_are_notes(snapfix: Snapfix, project: Path) -> None:
    program = (
        "try:\n    int('x')\nexcept ValueError as error:\n    error.add_note('in line 3 of the file')\n    raise\n"
    )
    text = crash(project, {"app.py": program})
    (exception,) = json.loads(snapfix("--json", stdin=text).stdout)["traceback"]["exceptions"]
    assert exception["notes"] == ["in line 3 of the file"]
    assert "Notes of the exception\n  in line 3 of the file" in snapfix(stdin=text).stdout


def test_every_member_of_a_group_is_named(snapfix: Snapfix, project: Path) -> None:
    program = "raise ExceptionGroup('two at once', [KeyError('a'), AttributeError('b')])\n"
    done = snapfix(stdin=crash(project, {"app.py": program}))
    for part in ("KeyError: 'a'", "AttributeError: b", "ExceptionGroup: two at once"):
        assert part in done.stdout


def test_what_the_traceback_shows_is_shown_where_the_file_is_not_there(snapfix: Snapfix, project: Path) -> None:
    trace = 'Traceback (most recent call last):\n  File "/srv/app/run.py", line 7, in go\n    jump(x)\nKeyError: 1\n'
    done = snapfix(stdin=trace)
    assert "> 7 │ jump(x)" in done.stdout
    assert "`--project`" in done.stdout


def test_a_line_that_has_changed_since_the_crash_is_noticed_and_said(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, TYPO)
    (project / "app.py").write_text(TYPO["app.py"].replace("widht * height", "width + height"))
    done = snapfix(stdin=text)
    assert "`app.py` has changed since the crash: line 2 was then `return widht * height`" in done.stdout
    assert "safe to apply" not in done.stdout


def test_markdown_is_written_on_request(snapfix: Snapfix, project: Path) -> None:
    done = snapfix("--format", "markdown", stdin=crash(project, TYPO))
    assert done.stdout.startswith("# `NameError:")
    assert "```diff" in done.stdout


def test_the_last_traceback_is_analysed_and_the_others_are_listed(snapfix: Snapfix, project: Path) -> None:
    log = crash(project, SHOP) + "INFO retry\n" + crash(project, SHOP) + "INFO again\n" + crash(project, TYPO)
    done = snapfix(stdin=log)
    assert done.stdout.startswith("NameError")
    assert "3 tracebacks in standard input" in done.stderr
    assert "(the latest of 2): KeyError: 'emial'" in done.stderr
    document = json.loads(snapfix("--json", stdin=log).stdout)
    assert [(o["type"], o["count"]) for o in document["others"]] == [("KeyError", 2)]


def test_all_kinds_are_analysed_on_request(snapfix: Snapfix, project: Path) -> None:
    log = crash(project, SHOP) + "\n" + crash(project, SHOP) + "\n" + crash(project, TYPO)
    document = json.loads(snapfix("--all", "--json", stdin=log).stdout)
    found = [d["traceback"]["exceptions"][0]["type"] for d in document["diagnoses"]]
    assert found == ["KeyError", "NameError"]


def test_the_prompt_is_shown_and_nothing_is_sent(snapfix: Snapfix, project: Path) -> None:
    done = snapfix("--show-prompt", "--model", "anthropic", stdin=crash(project, SHOP), env={"ANTHROPIC_API_KEY": "k"})
    assert done.returncode == 0
    assert "=== to: anthropic/" in done.stdout
    assert "(cloud)" in done.stdout
    assert "tokens" in done.stdout
    assert "name = user['emial']" in done.stdout
    as_json = snapfix("--show-prompt", "--json", stdin=crash(project, SHOP))
    assert json.loads(as_json.stdout)["prompts"][0]["messages"][0]["role"] == "system"


def test_offline_loads_no_model_library_and_asks_nobody(project: Path) -> None:
    """The start-up promise: neither LiteLLM nor pydantic stands between the user and an offline answer."""
    code = (
        "import sys; from snapfix.cli.main import run; status = run([])\n"
        "slow = {'litellm', 'pydantic', 'typer', 'jinja2', 'httpx', 'sqlite3', 'asyncio', 'json_repair'}\n"
        "print('loaded:', sorted(slow & set(sys.modules)), 'status', status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=crash(project, TYPO), cwd=project, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "loaded: [] status 0", done.stderr


def test_the_version_loads_no_model_library() -> None:
    code = (
        "import sys; from snapfix.cli.main import run; run(['--version'])\n"
        "print(sorted({'litellm', 'rich', 'snapfix.pipeline'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_public_api_diagnoses_a_text(project: Path) -> None:
    code = (
        "import snapfix, sys; d = snapfix.diagnose(sys.stdin.read(), offline=True); "
        "print(d.root_cause); print(d.fix.edits[0].replace)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=crash(project, TYPO), cwd=project, capture_output=True, text=True
    )
    assert "widht" in done.stdout, done.stderr
    assert "width" in done.stdout


def test_nothing_is_written_into_the_project(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, SHOP)
    before = sorted(p for p in project.rglob("*") if "__pycache__" not in p.parts)
    snapfix(stdin=text)
    snapfix("--json", stdin=text)
    assert sorted(p for p in project.rglob("*") if "__pycache__" not in p.parts) == before


def test_another_project_folder_can_be_named(snapfix: Snapfix, project: Path, tmp_path: Path) -> None:
    text = crash(project, TYPO).replace(str(project), "/srv/elsewhere")
    elsewhere = tmp_path / "empty"
    elsewhere.mkdir()
    found = json.loads(snapfix("--json", "--project", str(project), stdin=text, cwd=elsewhere).stdout)
    assert found["location"]["file"] == "app.py"
    wrong = snapfix("--project", "nowhere", stdin=text, cwd=elsewhere)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("error[no-such-project]")


def test_a_name_clash_with_the_unrelated_project_is_noticed(snapfix: Snapfix, tmp_path: Path) -> None:
    clash = tmp_path / "site" / "snapfix-9.9.dist-info"
    clash.mkdir(parents=True)
    (clash / "METADATA").write_text("Metadata-Version: 2.1\nName: snapfix\nVersion: 9.9\n")
    path = os.pathsep.join([str(tmp_path / "site"), os.environ["PYTHONPATH"]])
    done = snapfix("--version", env={"PYTHONPATH": path})
    assert done.returncode == 0
    assert done.stdout.startswith("snapfix 0.")
    assert "note[name-clash]" in done.stderr
    assert snapfix("--version").stderr == ""
