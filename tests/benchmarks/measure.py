"""Measuring whole processes from outside: wall time, CPU time, peak memory, and when a token reaches the screen."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

# Set on some build machines: every import would be compiled anew, every write flushed.
_UNUSUAL = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPYCACHEPREFIX")
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Run:
    """One finished process: seconds of wall time and CPU time, peak resident memory in bytes."""

    wall: float
    cpu: float
    peak: int


def run(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, stdin: str = "") -> Run:
    """Run a command to its end; its output is read and thrown away."""
    with TemporaryFile() as output:  # not /dev/null: `grep` stops at the first match where nobody reads
        began = time.perf_counter()
        process = subprocess.Popen(
            argv, cwd=cwd, env=environment(env), stdin=subprocess.PIPE, stdout=output, stderr=subprocess.DEVNULL
        )
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            process.stdin.write(stdin.encode())
            process.stdin.close()
        _, _, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes on macOS, in KiB on Linux
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def printed(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> float:
    """The number that a command prints."""
    done = subprocess.run(argv, cwd=cwd, env=environment(env), capture_output=True, text=True, check=True)
    return float(done.stdout)


def first_token(
    argv: Sequence[str], program_seconds: float, cwd: Path, env: Mapping[str, str], token: str
) -> tuple[float, float]:
    """Pipe a program that takes a while and fails into a command on a pseudo-terminal.

    Returns the seconds from the end of the input to ``token`` on the screen, and from the last byte on the screen
    to the end of the process.
    """
    code = f"import time; time.sleep({program_seconds}); print(undefined_name)"
    program = subprocess.Popen(
        [sys.executable, "-c", code], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(env)
    )
    parent, child = pty.openpty()
    command = subprocess.Popen(argv, cwd=cwd, stdin=program.stdout, stdout=child, stderr=child, env=environment(env))
    os.close(child)
    assert program.stdout is not None
    program.stdout.close()
    program.wait()
    ended = time.perf_counter()
    seen, last = None, ended
    text = b""
    while chunk := _read(parent):
        last = time.perf_counter()
        text += chunk
        if seen is None and token.encode() in text:
            seen = last
    command.wait()
    gone = time.perf_counter()
    os.close(parent)
    if seen is None:
        raise AssertionError(f"{argv} never showed the token:\n{text.decode('utf-8', 'replace')}")
    return seen - ended, gone - last


def _read(terminal: int) -> bytes:
    """The next bytes on the screen; b"" when the process has closed it."""
    select.select([terminal], [], [], 60)
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux reports a closed pseudo-terminal as an error
        return b""


def environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """The environment of a measured process: as in a user's shell, the package on the path, and what is asked for."""
    usual = {name: value for name, value in os.environ.items() if name not in _UNUSUAL}
    return {**usual, "PYTHONPATH": str(ROOT), **(extra or {})}
