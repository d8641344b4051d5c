"""Run the user's own command again on the patched files, and say what came of it.

The command is one that the user gave; nothing that a model wrote is ever run.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from snapfix.errors import UsageError

if TYPE_CHECKING:
    import subprocess

MAX_OUTPUT_BYTES = 1024 * 1024
"""The end of the output is kept, up to this size: a traceback is printed last."""

_CHUNK = 65536
# How long, in seconds, a group of processes has to end by itself, and a pipe to run dry after its process.
_GRACE = 1.0


@dataclass(frozen=True, slots=True)
class Verification:
    """What a run of the user's command came to.

    Attributes:
        command: as it was run.
        status: its exit status; negative for the signal that ended it (POSIX), None where it ran out of time.
        output: standard output and standard error together, as far as kept; undecodable bytes are replaced.
        timed_out: it was ended because it took too long.
        truncated: the beginning of the output was not kept.
        seconds: how long it took.
    """

    command: tuple[str, ...]
    status: int | None
    output: str
    timed_out: bool = False
    truncated: bool = False
    seconds: float = 0.0

    @property
    def succeeded(self) -> bool:
        """It ended by itself with exit status 0."""
        return self.status == 0


def verify(command: Sequence[str], *, directory: Path, timeout: float) -> Verification:
    """Run ``command`` in ``directory`` without a shell and without input, for at most ``timeout`` seconds.

    Whatever it started ends with it: at the timeout, at an interruption, and when it leaves children behind.

    Raises:
        UsageError: the command is empty or cannot be started.
    """
    process = _start(tuple(command), directory)
    started = time.monotonic()
    output = _Output(process.stdout)
    timed_out = False
    try:
        timed_out = not _ended(process, timeout)
    finally:
        _end_group(process, at_once=not timed_out)
        output.finish()
    return Verification(
        command=tuple(command),
        status=None if timed_out else process.returncode,
        output=output.text(),
        timed_out=timed_out,
        truncated=output.truncated,
        seconds=round(time.monotonic() - started, 3),
    )


def _start(command: tuple[str, ...], directory: Path) -> subprocess.Popen[bytes]:
    import subprocess

    if not command:
        raise UsageError("no-command", "there is no command to verify the fix with", "give it after `--`")
    windows_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    try:
        return subprocess.Popen(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            creationflags=windows_group,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        raise UsageError(
            "command-not-run",
            f"cannot run `{' '.join(command)}` in `{directory}`: {reason}",
            "give the command as you type it yourself",
        ) from None


def _ended(process: subprocess.Popen[bytes], timeout: float) -> bool:
    """Whether it ends in time. Until it is reaped, later, no other process or group can be given its number."""
    import subprocess

    if hasattr(os, "waitid"):
        return _ended_unreaped(process.pid, timeout)
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        return False
    return True


def _ended_unreaped(pid: int, timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    pause = 0.0005
    try:
        while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            rest = deadline - time.monotonic()
            if rest <= 0:
                return False
            pause = min(pause * 2, rest, 0.05)
            time.sleep(pause)
    except ChildProcessError:  # somebody else reaps: SIGCHLD is ignored
        pass
    return True


def _end_group(process: subprocess.Popen[bytes], *, at_once: bool) -> None:
    """End the process and everything that it started; politely first, unless ``at_once``."""
    if not at_once:
        _signal_group(process, "SIGTERM")
        _ended(process, _GRACE)
    _signal_group(process, "SIGKILL")
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], name: str) -> None:
    import signal
    from contextlib import suppress

    if hasattr(os, "killpg"):
        # The group is gone where all its processes have ended; on macOS that is a PermissionError.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, getattr(signal, name))
    elif process.poll() is None:
        process.kill()


class _Output:
    """Reads a pipe to its end in a thread, and keeps the last part."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        from threading import Thread

        self._pipe = pipe
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self.truncated = False
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        if self._pipe is None:
            return
        while chunk := os.read(self._pipe.fileno(), _CHUNK):
            self._chunks.append(chunk)
            self._size += len(chunk)
            while self._size - len(self._chunks[0]) >= MAX_OUTPUT_BYTES:
                self._size -= len(self._chunks.popleft())
                self.truncated = True

    def finish(self) -> None:
        """Wait until the pipe is dry; a process that left the group may hold it open, so not for ever."""
        self._thread.join(_GRACE)
        if self._pipe is not None and not self._thread.is_alive():
            self._pipe.close()

    def text(self) -> str:
        r"""What was kept, with ``\n`` line ends."""
        kept = b"".join(tuple(self._chunks))
        if len(kept) > MAX_OUTPUT_BYTES:
            kept, self.truncated = kept[-MAX_OUTPUT_BYTES:], True
        return kept.decode("utf-8", "replace").replace("\r\n", "\n")
