"""Standard input or a named file as blocks of whole lines in UTF-8, in bounded memory.

UTF-8 itself is handed on as it is, neither decoded nor copied: of a large log, few lines are ever looked at.

What arrives is handed on at once: a read never waits for more than what is there, so a pipe can be shown on
the terminal while the program that feeds it still runs.
"""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from snapfix.errors import InputError

READ_SIZE = 64 * 1024
"""Bytes asked for at a time; measured: more does not fit the processor's cache, and is a fifth slower."""
LONGEST_LINE = 1024 * 1024
"""Bytes of a line that are kept; the rest of a longer one is skipped (and counted)."""

_PROBE_SIZE = 8 * 1024
_BINARY_SHARE = 0.05
_TRACEBACK = b"Traceback (most recent call last):"
_CONTROL_BYTES = bytes(b for b in range(32) if b not in b"\t\n\r\x08\x0c\x1b")
_BOMS = (
    # UTF-32's mark begins with UTF-16's: the longer ones come first.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(slots=True)
class Progress:
    """How far the reading has come; it changes while the blocks are consumed.

    Attributes:
        bytes_read: raw bytes taken from the stream so far; 0 at the end means that the input was empty.
        lines_cut: lines longer than ``LONGEST_LINE`` whose rest was skipped.
    """

    bytes_read: int = 0
    lines_cut: int = 0


@dataclass(frozen=True, slots=True)
class Intake:
    """A text being read.

    Attributes:
        origin: where it comes from, for display (``trace.txt``, ``standard input``).
        blocks: text in UTF-8, each block one or more whole lines (ending in a newline, except possibly the
            last). It can be consumed once; consuming it is what reads the stream.
        progress: counters that grow while ``blocks`` is consumed.
    """

    origin: str
    blocks: Iterator[bytes]
    progress: Progress = field(default_factory=Progress)


def read(
    stream: BinaryIO, origin: str, *, tee: Callable[[bytes], None] | None = None, named_file: bool = False
) -> Intake:
    """Read a stream as text in UTF-8.

    UTF-8, with or without a byte order mark, UTF-16 (PowerShell's ``>``), with or without, and UTF-32 with one.
    Bytes that are not UTF-8 stay as they are; whoever decodes them replaces them by U+FFFD (CPython itself never
    prints such a byte, it escapes them, so that nothing of a traceback is lost).

    Args:
        stream: opened for reading bytes; it is not closed.
        origin: for display.
        tee: gets every chunk of bytes, unchanged, as soon as it was read and before it is looked at.
        named_file: the user named it, so that binary contents are a mistake to report.

    Returns:
        An ``Intake``; nothing is read before its blocks are consumed.

    Raises:
        InputError: while the blocks are consumed: ``binary-input`` for a named file that is no text,
            ``unreadable-file`` where the operating system fails to read.
    """
    progress = Progress()
    chunks = _chunks(stream, origin, tee, progress)
    return Intake(origin, _blocks(chunks, origin, named_file, progress), progress)


def open_file(path: str, *, working_directory: str = "") -> BinaryIO:
    """Open a file, a named pipe or ``/dev/fd/N`` for ``read``; the caller closes it.

    ``path`` is taken relative to ``working_directory``.

    Raises:
        InputError: ``file-not-found``, ``is-a-directory``, ``permission-denied`` or ``unreadable-file``.
    """
    full_path = os.path.join(working_directory, path)  # noqa: PTH118 - a Path would swallow a trailing slash
    try:
        return open(full_path, "rb", buffering=0)  # noqa: PTH123 - handed to the caller
    except IsADirectoryError:
        raise _is_a_directory(path, full_path) from None
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise _not_found(path, full_path) from None
    except PermissionError:
        # Windows says "permission denied" of a directory.
        if Path(full_path).is_dir():
            raise _is_a_directory(path, full_path) from None
        hint = f"allow it (`chmod u+r {path}`), or pipe the text: `sudo cat {path} | snapfix`"
        raise InputError("permission-denied", f"no permission to read `{path}`", hint) from None
    except OSError as error:
        raise _unreadable(path, error) from None


def _not_found(path: str, full_path: str) -> InputError:
    directory, name = os.path.split(full_path)
    near = _near_names(directory or ".", name)
    if near:
        hint = "did you mean " + " or ".join(f"`{os.path.join(os.path.dirname(path), n)}`" for n in near) + "?"  # noqa: PTH118, PTH120
    else:
        hint = "name an existing file, or pipe the program's output: `python app.py 2>&1 | snapfix`"
    return InputError("file-not-found", f"there is no file `{path}`", hint)


def _near_names(directory: str, name: str) -> list[str]:
    from difflib import get_close_matches

    try:
        return get_close_matches(name, os.listdir(directory), n=2)  # noqa: PTH208 - names are wanted, not paths
    except (OSError, ValueError):
        return []


def _is_a_directory(path: str, full_path: str) -> InputError:
    try:
        inside = sorted(entry.name for entry in os.scandir(full_path) if entry.is_file())
    except OSError:
        inside = []
    texts = [name for name in inside if name.endswith((".txt", ".log", ".out", ".err"))]
    example = f" such as `{os.path.join(path, texts[0])}`" if texts else ""  # noqa: PTH118
    hint = f"name a file in it{example}, or pipe the program's output: `python app.py 2>&1 | snapfix`"
    return InputError("is-a-directory", f"expected a file, found the directory `{path}`", hint)


def _unreadable(name: str, error: OSError) -> InputError:
    reason = (error.strerror or type(error).__name__).lower()
    return InputError("unreadable-file", f"cannot read `{name}`: {reason}", "check the file, or pipe its text")


def _chunks(stream: BinaryIO, origin: str, tee: Callable[[bytes], None] | None, progress: Progress) -> Iterator[bytes]:
    # A buffered reader's `read` waits until it has all that was asked for; `read1` returns what is there.
    read_some: Callable[[int], bytes | None] = getattr(stream, "read1", stream.read)
    while True:
        try:
            chunk = read_some(READ_SIZE)
        except OSError as error:
            raise _unreadable(origin, error) from None
        if not chunk:
            chunk = _awaited(stream, origin)
        if not chunk:
            return
        progress.bytes_read += len(chunk)
        if tee is not None:
            tee(chunk)
        yield chunk


def _awaited(stream: BinaryIO, origin: str) -> bytes:
    """What a stream that does not block brings next; b"" at the end of any stream.

    "Nothing there yet" looks like the end to a buffered reader. The stream is left as it is: whoever made it
    non-blocking shares it with us.
    """
    import select

    if os.name == "nt":  # there, only sockets can be waited for
        return b""
    try:
        descriptor = stream.fileno()
        while not os.get_blocking(descriptor):
            select.select([descriptor], [], [])
            with suppress(BlockingIOError):
                return os.read(descriptor, READ_SIZE)
    except io.UnsupportedOperation:  # no file behind it
        pass
    except OSError as error:
        raise _unreadable(origin, error) from None
    return b""


def _blocks(chunks: Iterator[bytes], origin: str, named_file: bool, progress: Progress) -> Iterator[bytes]:
    probe = b""
    # A slow pipe may bring a byte order mark in two pieces.
    for chunk in chunks:
        probe += chunk
        if len(probe) >= len(codecs.BOM_UTF32_LE):
            break
    encoding, mark = encoding_of(probe)
    if named_file and encoding == "utf-8" and _is_binary(probe[:_PROBE_SIZE]):
        message = f"expected text, found binary data in `{origin}`"
        raise InputError("binary-input", message, "name a file that holds a program's output or a log")
    pieces = chain((probe[len(mark) :],), chunks)
    yield from _whole_lines(pieces if encoding == "utf-8" else _recoded(encoding, pieces), progress)


def _recoded(encoding: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    # The strict counterpart would stop at the first stray byte of a log.
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")


def _whole_lines(pieces: Iterator[bytes], progress: Progress) -> Iterator[bytes]:
    """Cut each piece at its last newline and carry the rest, of which ``LONGEST_LINE`` bytes are kept."""
    carried: list[bytes | memoryview] = []
    length = 0  # of the unfinished line, kept or not
    cut = False
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if end:
            start = 0
            if length > LONGEST_LINE:
                start = piece.find(b"\n")
                progress.lines_cut += 1
            yield b"".join([*carried, memoryview(piece)[start:end]])
            carried, length, cut = [], 0, True
        if length < LONGEST_LINE and end < len(piece):
            carried.append(piece[end : end + LONGEST_LINE - length])
        length += len(piece) - end
    if length > LONGEST_LINE:
        progress.lines_cut += 1
    if carried:
        rest = b"".join(carried)
        # A text without a single newline may have another line end: the carriage return alone.
        yield rest if cut else rest.replace(b"\r", b"\n")


def encoding_of(probe: bytes) -> tuple[str, bytes]:
    """The encoding that the text begins in, and its byte order mark."""
    for mark, encoding in _BOMS:
        if probe.startswith(mark):
            return encoding, mark
    sample = probe[: min(len(probe), _PROBE_SIZE) // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    pairs = len(sample) // 2
    # Western text in UTF-16 has a zero in nearly every second byte, and hardly any in the others.
    if odd > 0.7 * pairs and even < 0.1 * pairs:
        return "utf-16-le", b""
    if even > 0.7 * pairs and odd < 0.1 * pairs:
        return "utf-16-be", b""
    return "utf-8", b""


def _is_binary(probe: bytes) -> bool:
    if _TRACEBACK in probe:
        return False
    controls = len(probe) - len(probe.translate(None, _CONTROL_BYTES))
    return controls > _BINARY_SHARE * len(probe)
