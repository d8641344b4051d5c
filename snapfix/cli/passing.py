"""Passing the program's own output on, as ``tee`` does, while it is being read."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import Protocol

from snapfix.cli.terminals import is_terminal

Tee = Callable[[bytes], None]

# What a program in a pipe may want of the terminal: colours (m), erasing (J, K), moving the cursor (A-H, f) as
# progress bars and reloading servers do, hiding it (?25). Anything else that begins with an escape could retitle the
# window, fill the clipboard or make the terminal type, and is shown instead of obeyed.
_HARMLESS = rb"\x1b\[(?:[0-9;:]{0,64}[mA-HJKf]|\?25[hl])"
_ESCAPE = re.compile(_HARMLESS + rb"|\x1b|\xc2[\x80-\x9f]")
_UNFINISHED = re.compile(rb"(?:\x1b(?:\[(?:[0-9;:]{0,64}|\?2?5?))?|\xc2)\Z")
_SHOWN_ESCAPE = "␛".encode()


class Destination(Protocol):
    """Where bytes go."""

    def write(self, chunk: bytes, /) -> object:
        """Write all of them."""

    def flush(self) -> object:
        """Keep none back."""


class Descriptor:
    """A file descriptor: unbuffered, and waited for where it does not block.

    Without the lock of a buffered writer, which an interpreter that shuts down would wait for while a thread writes.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, chunk: bytes, /) -> None:
        """Write all of a chunk."""
        rest = memoryview(chunk)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:  # whoever started us made it so
                import select

                select.select([], [self._descriptor], [])

    def flush(self) -> None:
        """Nothing is kept back."""


class Passage:
    """Writes chunks as they arrive; to a terminal with active sequences made visible, anywhere else as they are.

    Attributes:
        ends_with_newline: the next chunk begins a line.
    """

    def __init__(self, destination: Destination, *, terminal: bool = True) -> None:
        self._terminal = terminal
        self._destination = destination
        self._held = b""
        self.ends_with_newline = True

    def __call__(self, chunk: bytes) -> None:
        """Pass a chunk on; an escape sequence that it cuts in two waits for its rest."""
        if not self._terminal:
            self._write(chunk)
            return
        chunk = self._held + chunk
        self._held = b""
        if unfinished := _UNFINISHED.search(chunk, max(len(chunk) - 70, 0)):
            self._held, chunk = chunk[unfinished.start() :], chunk[: unfinished.start()]
        self._write(chunk)

    def close(self) -> None:
        """Pass on what was held back, and end the last line so that the answer begins on its own."""
        held, self._held = self._held, b""
        self._write(held)
        self.end_line()

    def end_line(self) -> None:
        """Have what comes next, from whomever, begin a line."""
        if not self.ends_with_newline:
            self._write(b"\n")

    def _write(self, chunk: bytes) -> None:
        if chunk:
            self._destination.write(_ESCAPE.sub(_shown, chunk) if self._terminal else chunk)
            self._destination.flush()
            self.ends_with_newline = chunk.endswith(b"\n")


def _shown(match: re.Match[bytes]) -> bytes:
    sequence = match[0]
    if len(sequence) > 1 and sequence.startswith(b"\x1b"):
        return sequence
    return _SHOWN_ESCAPE if sequence == b"\x1b" else b"?"


def passage(*, quiet: bool, for_machines: bool) -> Passage | None:
    """Where piped input is copied to: the terminal on standard output, else the one on standard error.

    Standard output is left alone where it is not a terminal or holds a document for machines; None where no
    terminal is there to see it, or the user wants quiet.
    """
    if quiet:
        return None
    if is_terminal(sys.stdout) and not for_machines:
        return Passage(sys.stdout.buffer)
    return Passage(sys.stderr.buffer) if is_terminal(sys.stderr) else None


class Progress:
    """Says on a terminal how far a long reading has come; silent for the first second.

    Attributes:
        share: how much of what is read passes here, where another process reads the rest meanwhile.
    """

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        self._name, self._clock = name, clock
        self._bytes, self._next = 0, clock() + 1.0
        self.share = 1.0
        self._shown = False
        self._active = is_terminal(sys.stderr)

    def __call__(self, chunk: bytes) -> None:
        """Count a chunk."""
        self._bytes += len(chunk)
        if self._active and self._clock() >= self._next:
            self._next = self._clock() + 0.2
            self._shown = True
            sys.stderr.write(f"\rreading {self._name}: {self._bytes / self.share / 1e6:,.0f} MB")
            sys.stderr.flush()

    def close(self) -> None:
        """Remove the line."""
        if self._shown:
            sys.stderr.write("\r" + " " * (len(self._name) + 30) + "\r")
            sys.stderr.flush()
