"""Text that arrives over time: a pipe that pauses, a file that grows."""

from __future__ import annotations

import io
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from queue import Empty, Queue
from typing import BinaryIO, cast

from snapfix import intake
from snapfix.errors import InputError, UsageError
from snapfix.events import Warned

SILENCE = 0.3
"""Seconds after which a text that has stopped may be taken for complete; a traceback is written in one go."""
_POLL = 0.1  # seconds; a look at a file takes some microseconds
_BLOCKS_AHEAD = 16


def standard_input() -> BinaryIO:
    """Standard input as raw bytes.

    Without the lock of a buffered reader, which an interpreter that shuts down would wait for while a thread reads.

    Raises:
        UsageError: it is closed.
    """
    if sys.stdin is None:
        raise UsageError("no-input", "standard input is closed", "name a file, or pipe a program's output")
    return cast(BinaryIO, open(sys.stdin.fileno(), "rb", buffering=0, closefd=False))


def is_regular(stream: BinaryIO) -> bool:
    """The stream is a file on the disk: what is not there yet does not come while it is read."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:  # also io.UnsupportedOperation: no file behind it
        return False


def with_pauses(blocks: Iterator[bytes], silence: float = SILENCE) -> Iterator[bytes]:
    """The blocks, read ahead in a thread, and an empty one where none has arrived for so many seconds.

    What the reading raises is raised here, after the blocks that came before it. Few blocks wait in memory: where they
    are consumed more slowly than they arrive, the thread waits.
    """
    waiting: Queue[bytes | BaseException | None] = Queue(_BLOCKS_AHEAD)
    threading.Thread(target=_read_ahead, args=(blocks, waiting), daemon=True, name="reader").start()
    paused = True
    while True:
        try:
            item = waiting.get(timeout=silence)
        except Empty:
            if not paused:
                paused = True
                yield b""
            continue
        if item is None:
            return
        if isinstance(item, BaseException):
            raise item
        paused = False
        yield item


def _read_ahead(blocks: Iterator[bytes], waiting: Queue[bytes | BaseException | None]) -> None:
    try:
        for block in blocks:
            waiting.put(block)
    except BaseException as problem:  # handed to whoever consumes the blocks
        waiting.put(problem)
    else:
        waiting.put(None)


class Followed(io.RawIOBase):
    """A file that grows, as a stream that ends only on ``finish``; as ``tail -F`` follows it.

    A file that is replaced by another of its name (log rotation) is read to its end, then the new one from its
    beginning; one that was cut shorter is read from its beginning. A file that does not exist is waited for.

    Args:
        path: relative to the working directory, or absolute.
        from_start: begin with what the file holds, not with what is added to it. One that does not exist yet is always
            read from its beginning.
        say: gets told what happens to the file.

    Raises:
        InputError: it exists, and cannot be read.
    """

    def __init__(self, path: str, *, from_start: bool, say: Callable[[Warned], None]) -> None:
        self._path, self._say = path, say
        self._position = 0
        self._finished = threading.Event()
        self._said = ""
        self._file: BinaryIO | None = self._opened()
        if self._file is not None and not from_start:
            self._position = self._file.seek(0, io.SEEK_END)

    def finish(self) -> None:
        """Let the stream end with what is there now."""
        self._finished.set()

    def read(self, size: int = -1) -> bytes:
        """The next bytes, as soon as there are some; b"" after ``finish``."""
        while True:
            last = self._finished.is_set()
            chunk = self._file.read(size) if self._file is not None else b""
            if chunk:
                self._position += len(chunk)
                return chunk
            if self._is_changed():
                continue
            if last:
                return b""
            self._finished.wait(_POLL)

    def _opened(self) -> BinaryIO | None:
        try:
            return intake.open_file(self._path)
        except InputError as error:
            if error.code != "file-not-found":
                raise
            self._tell("waiting", f"there is no file `{self._path}` yet; waiting for it", error.hint or "")
        return None

    def _is_changed(self) -> bool:
        """Look at the file's name again; True where there may be something else to read."""
        try:
            now = os.stat(self._path)  # noqa: PTH116 - as the user spelled it
        except OSError:
            if self._file is not None:
                self._tell("file-gone", f"`{self._path}` is gone; waiting for it to come back")
            return False
        if self._file is None:
            return self._reopen("file-appeared", f"`{self._path}` has appeared")
        known = os.fstat(self._file.fileno())
        if (now.st_ino, now.st_dev) != (known.st_ino, known.st_dev):
            rest = known.st_size > self._position  # written between the last reading and now
            return rest or self._reopen("file-replaced", f"`{self._path}` has been replaced; following the new file")
        if now.st_size < self._position:
            self._tell("file-truncated", f"`{self._path}` was cut shorter; reading from its beginning")
            self._position = self._file.seek(0)
            return True
        return False

    def _reopen(self, code: str, message: str) -> bool:
        before = self._file
        try:
            self._file, self._position = intake.open_file(self._path), 0
        except InputError as error:
            self._tell(error.code, error.message, error.hint or "")
            return False
        self._tell(code, message)
        if before is not None:
            before.close()
        return True

    def _tell(self, code: str, message: str, hint: str = "") -> None:
        """Say it once, however often it is found."""
        if code != self._said or code in ("file-truncated", "file-replaced"):
            self._said = code
            self._say(Warned(code, message, hint))
