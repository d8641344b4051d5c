"""``snapfix parse``: what was read, for people and for programs, as it arrives."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.render.parsed import ParsedDocument, document
from tests.cli.test_offline import SHOP, TYPO
from tests.conftest import ROOT, Snapfix, crash

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and a shell")
CHAIN = "try:\n    {}['a']\nexcept KeyError as error:\n    raise RuntimeError('no a') from error\n"
RECORDED = sorted((ROOT / "tests" / "parsing" / "recorded").rglob("*.txt"))


def documents(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def cut_off(project: Path) -> str:
    """A traceback without the line that names its exception."""
    return "".join(crash(project, TYPO).splitlines(keepends=True)[:-1])


def test_a_document_has_exactly_the_documented_fields(snapfix: Snapfix, project: Path) -> None:
    (found,) = documents(snapfix("parse", "--json", stdin=crash(project, {"app.py": CHAIN})).stdout)
    assert list(found) == [
        "version",
        "language",
        "format",
        "origin",
        "span",
        "exceptions",
        "in_app",
        "fingerprint",
        "missing",
    ]
    assert (found["version"], found["language"], found["format"]) == (1, "python", "cpython")
    assert found["origin"] == "standard input"
    assert found["span"]["first_line"] == 1
    assert re.fullmatch("[0-9a-f]{16}", found["fingerprint"])
    assert found["missing"] == []
    cause, reported = found["exceptions"]
    assert cause == {
        "type": "KeyError",
        "message": "'a'",
        "notes": [],
        "frames": [{"file": str(project / "app.py"), "line": 2, "function": "<module>", "code": "{}['a']"}],
        "relation": "cause",
    }
    assert (reported["type"], reported["relation"]) == ("RuntimeError", None)
    assert found["in_app"] == cause["frames"][0]


def test_the_column_and_repetitions_are_there_where_they_are_known() -> None:
    frames = (Frame("app.js", 3, "go", column=17), Frame("app.js", 4, "on", repeats=996), Frame("app.js", None, ""))
    read = Traceback("javascript", "node", 1, 9, ParsedException("Error", "x", frames=frames))
    assert [
        sorted(set(frame) - {"file", "line", "function", "code"}) for frame in document(read)["exceptions"][0]["frames"]
    ] == [
        ["column"],
        ["repeats"],
        [],
    ]


def test_documents_are_as_the_schema_says(snapfix: Snapfix, project: Path) -> None:
    group = "raise ExceptionGroup('two', [KeyError('a'), ExceptionGroup('more', [ValueError('b')])])\n"
    deep = "def f(n):\n    return f(n + 1)\n\nf(0)\n"
    text = "\n".join(crash(project, {"app.py": program}) for program in (CHAIN, group, deep))
    lines = snapfix("parse", "--json", stdin=text + cut_off(project)).stdout.splitlines()
    assert len(lines) == 4
    for line in lines:
        parsed = ParsedDocument.model_validate_json(line)
        assert parsed.model_dump(mode="json", exclude_defaults=True) == json.loads(line)
    schema = ParsedDocument.model_json_schema()
    assert set(schema["required"]) == set(ParsedDocument.model_fields)
    assert set(schema["$defs"]["ParsedFrame"]["required"]) == {"file", "line", "function", "code"}
    repeated = [frame["repeats"] for frame in json.loads(lines[2])["exceptions"][0]["frames"] if "repeats" in frame]
    assert repeated
    assert json.loads(lines[3])["missing"], "it was cut off"
    assert [e["relation"] for e in json.loads(lines[1])["exceptions"]] == [None] + ["group member"] * 3


@pytest.mark.skipif(not RECORDED, reason="nothing is recorded here")
def test_every_recorded_traceback_is_a_document(snapfix: Snapfix) -> None:
    done = snapfix("parse", "--json", *RECORDED)
    assert done.returncode in (0, 1), "1: some recordings hold none"
    assert "internal-fault" not in done.stderr
    assert all(ParsedDocument.model_validate(found) for found in documents(done.stdout))


def test_people_get_a_table(snapfix: Snapfix, project: Path) -> None:
    (project / "app.log").write_text("INFO\n" + crash(project, {"app.py": CHAIN}) + "\n" + cut_off(project))
    header, *rows = snapfix("parse", "app.log").stdout.splitlines()
    assert header.split() == ["lines", "format", "what"]
    assert rows[0].split()[1:] == ["python", "cpython", "KeyError:", "'a'"]
    assert rows[0].startswith("2-")
    assert rows[1].strip() == f"at {project}/app.py:2 in <module>"
    assert rows[2].strip() == "the cause of RuntimeError: no a"
    assert rows[-1].strip().startswith("missing: ")


def test_the_sources_are_not_needed_and_nothing_of_the_project_is_read(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, SHOP)
    with_sources = snapfix("parse", "--json", stdin=text).stdout
    shutil.rmtree(project / "shop")
    (project / ".snapfix.toml").write_text("this is no TOML")
    assert snapfix("parse", "--json", stdin=text).stdout == with_sources
    code = (
        "import sys; from snapfix.cli.main import run; run(['parse', '--json'])\n"
        "print(sorted({'litellm', 'snapfix.source', 'snapfix.rules', 'snapfix.pipeline'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, text=True, cwd=project)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_several_inputs_are_read_and_a_bad_one_does_not_stop_the_others(snapfix: Snapfix, project: Path) -> None:
    (project / "one.log").write_text(crash(project, TYPO))
    (project / "ok.log").write_text("all is well\n")
    done = snapfix("parse", "--json", "one.log", "missing.log", "ok.log", "-", stdin=crash(project, TYPO))
    assert [found["origin"] for found in documents(done.stdout)] == ["one.log", "standard input"]
    assert done.returncode == 1
    assert "error[file-not-found]" in done.stderr
    assert "error[no-traceback-found]: no traceback in `ok.log`" in done.stderr
    table = snapfix("parse", "one.log", "-", stdin=crash(project, TYPO)).stdout.splitlines()
    assert (table[1], table[4]) == ("one.log:", "standard input:")


def test_a_pipe_without_a_traceback_is_no_error(snapfix: Snapfix) -> None:
    done = snapfix("parse", "--json", stdin="all is well\n")
    assert (done.returncode, done.stdout) == (0, "")
    assert "note[no-traceback-found]" in done.stderr


def test_active_characters_are_escaped_in_both_forms(snapfix: Snapfix) -> None:
    trace = (
        'Traceback (most recent call last):\n  File "a\u202e.py", line 1, in f\n    f()\nValueError: bell\x07 \x9b31m\n'
    )
    for words in (["--json"], []):
        shown = snapfix("parse", *words, stdin=trace).stdout
        assert not re.search("[\x07\x9b\u202e]", shown)
        assert "ValueError" in shown


def read_line(process: subprocess.Popen[bytes], seconds: float = 10) -> bytes:
    """The next line of standard output, or b"" if none comes in time."""
    import select

    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    return process.stdout.readline() if ready else b""


@POSIX
@pytest.mark.parametrize("words", [["--json"], []])
def test_each_is_printed_while_the_pipe_is_still_open(snapfix: Snapfix, project: Path, words: list[str]) -> None:
    text = crash(project, TYPO).encode()
    process = subprocess.Popen(
        [*snapfix.argv, "parse", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=project, bufsize=0
    )
    assert process.stdin is not None
    process.stdin.write(text)
    for number in (1, 2):
        while line := read_line(process):
            if b"NameError" in line:
                break
        assert line, f"number {number} is not printed before more has come"
        process.stdin.write(b"INFO\n" + text)
    process.stdin.close()
    assert process.wait(10) == 0


@POSIX
def test_a_reader_that_has_seen_enough_ends_it_quietly(snapfix: Snapfix, project: Path) -> None:
    (project / "one.log").write_text(crash(project, TYPO) + "\n")
    command = shlex.join([*snapfix.argv, "parse", "--json"])
    endless = "while cat one.log 2> /dev/null; do sleep 0.01; done"
    script = f"({endless}) | {command} | head -n 2 | wc -l; echo ${{PIPESTATUS[1]}}"
    done = subprocess.run(["bash", "-c", script], cwd=project, capture_output=True, text=True, timeout=30)
    assert done.stdout.split() == ["2", "0"]
    assert done.stderr == ""


@POSIX
def test_ctrl_c_prints_what_had_been_read_and_says_so_in_the_status(snapfix: Snapfix, project: Path) -> None:
    process = subprocess.Popen(
        [*snapfix.argv, "parse", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=project,
        env={**os.environ},
        bufsize=0,
    )
    assert process.stdin is not None
    process.stdin.write(crash(project, TYPO).encode())
    assert b"NameError" in read_line(process)
    process.stdin.write(b'Traceback (most recent call last):\n  File "a.py", line 1, in f\n')
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert json.loads(out)["missing"], "the one that was being read"
    assert err == b""
