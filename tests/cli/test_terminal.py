"""The command on a real pseudo-terminal: what a person sees, while it streams and after Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

import pexpect
import pyte

from tests.cli.test_asking import ANSWER
from tests.cli.test_offline import SHOP, TYPO
from tests.conftest import crash
from tests.servers import Fault, provider

ROWS, COLUMNS = 24, 100


def start(project: Path, command: str, env: dict[str, str] | None = None) -> pexpect.spawn:
    """Run a shell line on a pseudo-terminal."""
    child = pexpect.spawn(
        "bash",
        ["-c", command.replace("snapfix", f"{sys.executable} -m snapfix")],
        cwd=str(project),
        env={**os.environ, "TERM": "xterm-256color", **(env or {})},
        dimensions=(ROWS, COLUMNS),
        timeout=30,
        encoding="utf-8",
        codec_errors="replace",
    )
    child.raw = []
    child.logfile_read = _Log(child.raw)
    return child


class _Log:
    def __init__(self, into: list[str]) -> None:
        self._into = into

    def write(self, text: str) -> None:
        self._into.append(text)

    def flush(self) -> None:
        pass


def finished(child: pexpect.spawn) -> str:
    """Wait for the end; everything that was written to the terminal."""
    child.expect(pexpect.EOF)
    child.close()
    return "".join(child.raw)


def shown(raw: str, *, rows: int = 2000) -> list[str]:
    """The lines that a person could read in the end, scrolled ones included."""
    screen = pyte.HistoryScreen(COLUMNS, ROWS, history=rows, ratio=1)
    pyte.Stream(screen).feed(raw)
    above = ["".join(line[x].data for x in range(COLUMNS)).rstrip() for line in screen.history.top]
    return [*above, *(line.rstrip() for line in screen.display)]


def test_a_bare_command_on_a_terminal_shows_help_and_does_not_wait(project: Path) -> None:
    child = start(project, "snapfix")
    raw = finished(child)
    assert "Usage: snapfix" in raw
    assert child.exitstatus == 0


def test_the_programs_output_is_passed_on_as_it_arrives(project: Path) -> None:
    program = "import time\nprint('first', flush=True)\ntime.sleep(1.5)\nprint(undefined_name)\n"
    (project / "app.py").write_text(program)
    child = start(project, f"{sys.executable} app.py 2>&1 | snapfix")
    child.expect("first")
    assert "NameError" not in "".join(child.raw), "the first line came before the program had crashed"
    raw = finished(child)
    assert raw.count("Traceback (most recent call last)") == 1
    assert "Root cause" in raw


def test_quiet_does_not_pass_it_on(project: Path) -> None:
    (project / "trace.txt").write_text(crash(project, TYPO))
    raw = finished(start(project, "snapfix -q < trace.txt"))
    assert "Traceback (most recent call last)" not in raw
    assert "widht" in raw


def test_a_document_for_machines_is_not_mixed_with_the_programs_output(project: Path) -> None:
    (project / "trace.txt").write_text(crash(project, TYPO))
    raw = finished(start(project, "cat trace.txt | snapfix --json > answer.json"))
    assert "Traceback (most recent call last)" in raw, "it is passed on to standard error instead"
    assert (project / "answer.json").read_text().startswith("{")


def test_passed_on_text_cannot_retitle_the_window(project: Path) -> None:
    (project / "trace.txt").write_text("\x1b[32mgreen\x1b[0m \x1b]0;owned\x07 \x1b[6n\n" + crash(project, TYPO))
    raw = finished(start(project, "snapfix < trace.txt"))
    assert "\x1b[32mgreen" in raw
    assert "\x1b]" not in raw
    assert "\x1b[6n" not in raw


def test_the_answer_is_in_colour_and_the_fix_is_a_diff(project: Path) -> None:
    (project / "trace.txt").write_text(crash(project, TYPO))
    raw = finished(start(project, "snapfix trace.txt"))
    assert "\x1b[32m+    return width * height" in raw
    assert "\x1b[31m-    return widht * height" in raw


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_none_are_wanted(project: Path, env: dict[str, str]) -> None:
    (project / "trace.txt").write_text(crash(project, TYPO))
    raw = finished(start(project, "snapfix trace.txt", env))
    assert "Root cause" in raw
    assert "\x1b[3" not in raw
    if "TERM" in env:
        assert "\x1b" not in raw


def test_an_answer_longer_than_the_screen_has_no_repeated_lines(project: Path) -> None:
    (project / "trace.txt").write_text(crash(project, SHOP))
    lines = "\n".join(f"Reason number {n} of many.\n" for n in range(60))
    answer = ANSWER.replace("The dictionary has no such key.", lines)
    with provider("openai", answer=answer, pieces=40, delay=0.03) as server:
        raw = finished(start(project, "snapfix trace.txt --model openai", server.environ))
    text = shown(raw)
    for number in range(60):
        assert sum(f"Reason number {number} of many." in line for line in text) == 1, number
    assert any("openai/" in line and "cloud" in line for line in text[-6:])


def test_text_is_shown_while_it_streams(project: Path) -> None:
    (project / "trace.txt").write_text(crash(project, SHOP))
    with provider("openai", answer=ANSWER, pieces=10, gated=True) as server:
        child = start(project, "snapfix trace.txt --model openai", server.environ)
        child.expect("Confidence: certain")  # the last piece has not been sent
        assert not server.gate.is_set()
        server.gate.set()
        raw = finished(child)
    assert "Prevention" in "\n".join(shown(raw))


def test_a_broken_stream_leaves_no_rest_on_the_screen(project: Path) -> None:
    (project / "trace.txt").write_text(crash(project, SHOP))
    answer = ANSWER.replace("The dictionary has no such key.", "HALF AN ANSWER. " * 20)
    with provider("openai", answer=answer, pieces=30, delay=0.02, fault=Fault.CUT) as server:
        raw = finished(start(project, "snapfix trace.txt --model openai", server.environ))
    assert "HALF AN ANSWER" in raw, "it was shown while it arrived"
    text = "\n".join(shown(raw))
    assert "HALF AN ANSWER" not in text
    assert "partial answer is dropped" in " ".join(text.split())


def test_ctrl_c_while_a_crashed_server_runs_on_gives_the_answer(project: Path) -> None:
    program = (
        "import threading, time\n\n\ndef handle():\n    return reqest\n\n\n"
        "threading.Thread(target=handle).start()\nprint('serving', flush=True)\ntime.sleep(30)\n"
    )
    (project / "app.py").write_text(program)
    child = start(project, f"{sys.executable} app.py 2>&1 | snapfix; echo status ${{PIPESTATUS[1]}}")
    child.expect("NameError: name 'reqest'")
    time.sleep(0.5)
    os.killpg(os.getpgid(child.pid), signal.SIGINT)
    raw = finished(child)
    assert "Root cause" in raw or "Error analysis" in raw


@pytest.mark.parametrize("moment", ["waiting", "streaming", "reading"])
def test_ctrl_c_ends_at_once_and_leaves_the_terminal_clean(project: Path, moment: str) -> None:
    (project / "trace.txt").write_text(crash(project, SHOP))
    fault = Fault.HANG if moment == "waiting" else Fault.STALL
    command = "sleep 20 | snapfix" if moment == "reading" else "snapfix trace.txt --model openai"
    with provider("openai", answer=ANSWER, fault=fault) as server:
        child = start(project, f"trap : INT; {command}; echo status $?", server.environ)
        if moment == "reading":
            time.sleep(1.0)
        else:
            child.expect("is writing" if moment == "streaming" else "is thinking")
            deadline = time.monotonic() + 20
            while not server.requests and time.monotonic() < deadline:
                time.sleep(0.05)
        began = time.monotonic()
        os.killpg(os.getpgid(child.pid), signal.SIGINT)
        raw = finished(child)
        took = time.monotonic() - began
    assert took < 3, "it does not wait for the provider"
    assert "Traceback (most" not in raw
    assert raw.count("\x1b[?25l") == raw.count("\x1b[?25h"), "the cursor is visible again"
    assert "status 130" in raw
