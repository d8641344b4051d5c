from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from snapfix.errors import UsageError
from snapfix.verification import MAX_OUTPUT_BYTES, Verification, verify


def python(code: str, directory: Path, timeout: float = 20.0) -> Verification:
    return verify([sys.executable, "-c", code], directory=directory, timeout=timeout)


def test_a_command_that_works_succeeds(tmp_path: Path) -> None:
    run = python("print('fine')", tmp_path)
    assert run.succeeded
    assert run.status == 0
    assert run.output == "fine\n"
    assert not run.timed_out
    assert not run.truncated
    assert 0 < run.seconds < 20


def test_a_crash_keeps_its_traceback_and_status(tmp_path: Path) -> None:
    run = python("import sys; print('before', flush=True); {}['x']", tmp_path)
    assert not run.succeeded
    assert run.status == 1
    assert run.output.startswith("before\nTraceback (most recent call last):\n")
    assert run.output.endswith("KeyError: 'x'\n")


def test_runs_in_the_directory_and_without_input(tmp_path: Path) -> None:
    run = python("import os, sys; print(os.getcwd()); print(repr(sys.stdin.read()))", tmp_path)
    assert run.output == f"{tmp_path.resolve()}\n''\n"


def test_arguments_reach_the_command_as_they_are(tmp_path: Path) -> None:
    arguments = ["a b", "$HOME", "; rm -rf x", "*", "'"]
    run = verify([sys.executable, "-c", "import sys; print(sys.argv[1:])", *arguments], directory=tmp_path, timeout=20)
    assert run.output == f"{arguments}\n"


def test_undecodable_output_is_replaced(tmp_path: Path) -> None:
    run = python(r"import os; os.write(1, b'a\xffb\r\n')", tmp_path)
    assert run.output == "a\ufffdb\n"


def test_keeps_the_end_of_a_long_output(tmp_path: Path) -> None:
    run = python(f"print('x' * {3 * MAX_OUTPUT_BYTES}); raise SystemExit('the end')", tmp_path)
    assert run.truncated
    assert run.output.endswith("the end\n")
    assert len(run.output) <= MAX_OUTPUT_BYTES
    assert run.status == 1


def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    started = time.monotonic()
    run = python("import time; print('started', flush=True); time.sleep(60)", tmp_path, timeout=1.0)
    assert run.timed_out
    assert run.status is None
    assert not run.succeeded
    assert run.output.startswith("started\n")
    assert time.monotonic() - started < 10


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX")
def test_a_command_that_ignores_the_polite_signal_is_ended_with_its_children(tmp_path: Path) -> None:
    child = (
        "import signal, time, pathlib, os; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(60)"
    )
    code = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    )
    run = python(code, tmp_path, timeout=1.5)
    assert run.timed_out
    assert not _alive(int((tmp_path / "pid").read_text()))


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX")
def test_a_child_that_is_left_behind_does_not_hold_up_the_result(tmp_path: Path) -> None:
    child = "import time, pathlib, os; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(60)"
    code = (
        f"import subprocess, sys, time, pathlib; subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        "while not pathlib.Path('pid').exists(): time.sleep(0.02)\nprint('done')"
    )
    started = time.monotonic()
    run = python(code, tmp_path)
    assert run.status == 0
    assert run.output == "done\n"
    assert time.monotonic() - started < 15
    assert not _alive(int((tmp_path / "pid").read_text()))


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="needs to look at a process without reaping it")
@pytest.mark.parametrize(("code", "timeout"), [("pass", 20.0), ("import time; time.sleep(60)", 0.5)])
def test_signals_the_group_while_nobody_else_can_have_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, timeout: float
) -> None:
    signalled = []
    kill = os.killpg

    def watched(group: int, number: int) -> None:
        os.waitid(os.P_PID, group, os.WEXITED | os.WNOWAIT | os.WNOHANG)  # raises where it has been reaped
        signalled.append(number)
        kill(group, number)

    monkeypatch.setattr(os, "killpg", watched)
    python(code, tmp_path, timeout=timeout)
    assert signalled


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_signal_that_ended_the_command_is_its_status(tmp_path: Path) -> None:
    run = python("import os, signal; os.kill(os.getpid(), signal.SIGABRT)", tmp_path)
    assert run.status == -6
    assert not run.succeeded


@pytest.mark.parametrize("command", [[], ["no-such-program-anywhere"], ["a\0b"]])
def test_a_command_that_cannot_be_run_is_a_usage_error(tmp_path: Path, command: list[str]) -> None:
    with pytest.raises(UsageError) as raised:
        verify(command, directory=tmp_path, timeout=5)
    assert raised.value.hint


def test_a_directory_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot run"):
        python("1", tmp_path / "missing")


def _alive(pid: int) -> bool:
    """A process runs; what has ended and was not yet fetched by its parent does not."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        status = Path(f"/proc/{pid}/stat")
        if status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z":
            return False
        time.sleep(0.05)
    return True
