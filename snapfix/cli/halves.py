"""A large file, read by two processes: Python does one thing at a time, and most machines have two processors.

The second part begins where no traceback is near, so that what is found is what one process finds. Whatever stands in
the way (no such place, one processor, a second process that fails), this process reads the file alone.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from snapfix import intake, parsing
from snapfix.cli.passing import Progress
from snapfix.cli.survey import Survey
from snapfix.parsing.text.lines import line_ends

WORTH_IT = 200_000_000
"""Bytes of a file from which on more is gained than the second process's start costs."""
QUIET = 16 * 1024
"""Bytes before and after the cut without a sign of a traceback; twice as far as ``parsing`` looks back."""

_CUT_AT = 0.6
"""Of the file; measured. The second process starts later, and counts the first part's lines before it begins."""
_SEARCHED = 4 * 1024 * 1024
_STEP = 4 * 1024
_SIGN_OF_LIFE = 16 * 1024 * 1024
_PROGRAM = "import sys; sys.path[:] = {path}; from snapfix.cli import halves; halves.send_rest({name!r}, {cut})"


def survey(
    stream: BinaryIO, name: str, progress: Progress, *, worth_it: int = WORTH_IT, cut_at: float = _CUT_AT
) -> Survey | None:
    """Survey a file, if it is worth two processes; otherwise None, and the stream is at its beginning.

    Raises:
        InputError: as from ``intake.read`` of a named file.
    """
    cut = _cut(stream, worth_it, cut_at)
    if cut is None:
        return None
    found = Survey(name)
    at_cut = None

    def is_joined() -> bool:
        nonlocal at_cut
        rest = receive()
        progress.share = 1.0
        if rest is None or not found.join(rest):
            return False
        at_cut = found.total
        return True

    with _second_process(stream, name, cut) as receive:
        progress.share = cut / max(os.fstat(stream.fileno()).st_size, cut)
        part = cast(BinaryIO, _Part(stream, cut, is_joined))
        found.read(intake.read(part, name, tee=progress, named_file=True).blocks)
    if at_cut in (None, found.total):
        return found
    stream.seek(0)  # a traceback went on over the cut, with nothing that looks like one for so long
    return None


class _Part(io.RawIOBase):
    """A file up to the cut, or to its end where the rest is not read by someone else."""

    def __init__(self, stream: BinaryIO, cut: int, rest_is_read: Callable[[], bool]) -> None:
        self._stream, self._left, self._rest_is_read = stream, cut, rest_is_read

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes; asked at the cut, it waits for the other process."""
        if not self._left:
            if self._rest_is_read():
                return b""
            self._left = sys.maxsize
        chunk = self._stream.read(min(size, self._left))
        self._left -= len(chunk)
        return chunk


def _cut(stream: BinaryIO, worth_it: int, cut_at: float) -> int | None:
    """Where the second part of the file is to begin, if it is to have one."""
    try:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size < worth_it or _processors() < 2:
            return None
        encoding, _ = intake.encoding_of(stream.read(intake.READ_SIZE))
        cut = find_cut(stream, int(status.st_size * cut_at)) if encoding == "utf-8" else None
        stream.seek(0)
    except OSError:  # reported when it is read
        return None
    return cut


def find_cut(stream: BinaryIO, start: int) -> int | None:
    """A line's beginning behind ``start`` with no sign of a traceback near; None where there is none for 4 MB."""
    stream.seek(start)
    text = stream.read(_SEARCHED)
    for near in range(QUIET, len(text), _STEP):
        cut = text.find(b"\n", near) + 1
        if cut and _is_quiet(text[cut - QUIET : cut], text[cut : cut + QUIET]):
            return start + cut
    return None


def _is_quiet(before: bytes, after: bytes) -> bool:
    # Without a line end, or with zeros or a byte order mark, the second part alone would be taken for something else.
    return (
        len(after) == QUIET
        and b"\n" in after
        and b"\0" not in after
        and intake.encoding_of(after) == ("utf-8", b"")
        and not parsing.may_hold_tracebacks(before + after)
    )


def _processors() -> int:
    if getattr(sys, "frozen", False) or not sys.executable:
        return 1  # for us: there is no interpreter that could be started
    affinity = getattr(os, "sched_getaffinity", None)  # not everywhere
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextmanager
def _second_process(stream: BinaryIO, name: str, cut: int) -> Iterator[Callable[[], Survey | None]]:
    """Have another process survey the file from the cut on; yields what waits for its result.

    A process of its own, not a fork of this one, of which another thread may be in the middle of an import.
    """
    import subprocess  # needed for large files only

    # Isolated: it imports what this process would, nothing from the working directory.
    program = _PROGRAM.format(path=[*sys.path], name=name, cut=cut)
    command = [sys.executable, "-I", "-B", "-c", program]
    null = subprocess.DEVNULL
    try:
        process = subprocess.Popen(command, stdin=null, stdout=subprocess.PIPE, stderr=null)
    except OSError:
        yield lambda: None
        return
    with process:
        try:
            yield lambda: _received(cast(BinaryIO, process.stdout), os.fstat(stream.fileno()))
        finally:
            process.kill()


def _received(pipe: BinaryIO, file: os.stat_result) -> Survey | None:
    """What the other process has found in the same file."""
    import pickle

    try:  # of half a message, or of another text, pickle raises anything
        while (message := pickle.load(pipe)) is None:
            pass
        found, its_file = message
    except Exception:
        return None
    # A log may be rotated between the two openings.
    return found if isinstance(found, Survey) and its_file == (file.st_dev, file.st_ino) else None


def send_rest(name: str, cut: int) -> None:
    """The second process: survey the file from the cut on, and send the result through standard output.

    A sign of life now and then ends this process if the one that waits for it is gone.
    """
    import pickle

    out = sys.stdout.buffer
    unsigned = 0

    def sign(chunk: bytes) -> None:
        nonlocal unsigned
        unsigned += len(chunk)
        if unsigned > _SIGN_OF_LIFE:
            unsigned = 0
            pickle.dump(None, out)
            out.flush()

    with intake.open_file(name) as stream:
        status = os.fstat(stream.fileno())
        found = read_rest(stream, name, cut, sign)
    pickle.dump((found, (status.st_dev, status.st_ino)), out)
    out.flush()


def read_rest(stream: BinaryIO, name: str, cut: int, tee: Callable[[bytes], None]) -> Survey:
    """Survey a file from the cut on.

    Raises:
        EOFError: the file has become shorter than that.
    """
    lines = 0
    while left := cut - stream.tell():
        chunk = stream.read(min(left, intake.READ_SIZE))
        if not chunk:
            raise EOFError
        tee(chunk)
        lines += line_ends(chunk)
    found = Survey(name)
    found.read(intake.read(stream, name, tee=tee).blocks, first_line=lines + 1)
    return found
