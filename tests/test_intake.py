"""Bytes in, text out."""

from __future__ import annotations

import codecs
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snapfix import intake
from snapfix.errors import InputError
from snapfix.intake import LONGEST_LINE, open_file, read

TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError: größe 日本\n'


def text_of(content: bytes, **options: bool) -> str:
    return b"".join(read(io.BytesIO(content), "x", **options).blocks).decode("utf-8", "replace")


def error_of(path: str, directory: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        open_file(path, working_directory=str(directory)).close()
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        TRACEBACK.encode(),
        codecs.BOM_UTF8 + TRACEBACK.encode(),
        codecs.BOM_UTF16_LE + TRACEBACK.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TRACEBACK.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TRACEBACK.encode("utf-32-le"),
        codecs.BOM_UTF32_BE + TRACEBACK.encode("utf-32-be"),
        TRACEBACK.encode("utf-16-le"),
        TRACEBACK.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 bom", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16-le bare", "utf-16-be bare"],
)
@pytest.mark.parametrize("named_file", [False, True])
def test_reads_every_encoding_that_a_shell_writes(content, named_file):
    assert text_of(content, named_file=named_file) == TRACEBACK


def test_shows_bytes_that_cannot_be_decoded_as_replacement_characters():
    text = text_of(b'  File "/srv/caf\xe9.py", line 1, in f\n')
    assert text == '  File "/srv/caf\ufffd.py", line 1, in f\n'
    assert text.encode()  # can be printed, stored and sent


def test_an_empty_input_has_no_blocks_and_no_bytes():
    taken = read(io.BytesIO(b""), "standard input")
    assert list(taken.blocks) == []
    assert (taken.origin, taken.progress.bytes_read) == ("standard input", 0)


def test_counts_the_bytes_as_they_are_read():
    taken = read(io.BytesIO(TRACEBACK.encode()), "x")
    assert taken.progress.bytes_read == 0
    list(taken.blocks)
    assert taken.progress.bytes_read == len(TRACEBACK.encode())


def test_blocks_are_whole_lines():
    content = b"".join(b"line %d\n" % n for n in range(100_000)) + b"the last"
    blocks = list(read(io.BytesIO(content), "x").blocks)
    assert len(blocks) > 3
    assert all(block.endswith(b"\n") for block in blocks[:-1])
    assert b"".join(blocks) == content


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    assert text_of(content) is not None
    try:
        text_of(content, named_file=True)
    except InputError as error:
        assert error.code == "binary-input"  # noqa: PT017 - only some inputs are refused


@pytest.mark.parametrize("content", [b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\3\0>\0", bytes(range(256)) * 40])
def test_refuses_a_named_file_that_is_no_text(content):
    with pytest.raises(InputError, match="expected text, found binary data in `x`") as caught:
        text_of(content, named_file=True)
    assert caught.value.code == "binary-input"
    assert caught.value.hint


def test_never_refuses_standard_input_nor_a_file_with_a_traceback_in_it():
    content = b"\0\1\2\3" * 50 + b"\n" + TRACEBACK.encode() + b"\0\1\2\3" * 50
    assert TRACEBACK in text_of(content)
    assert TRACEBACK in text_of(content, named_file=True)


def test_hands_every_chunk_to_the_tee_unchanged_before_it_is_decoded():
    content = codecs.BOM_UTF8 + b"caf\xe9\r\n\x1b[31mred\r50%\n" + b"x" * 300_000
    seen: list[bytes] = []
    blocks = read(io.BytesIO(content), "x", tee=seen.append).blocks
    next(blocks)
    assert seen == [content[: intake.READ_SIZE]]
    list(blocks)
    assert b"".join(seen) == content


def test_shows_what_arrives_while_the_program_still_runs():
    out, into = os.pipe()
    arrived = threading.Event()
    seen: list[bytes] = []

    def tee(chunk: bytes) -> None:
        seen.append(chunk)
        arrived.set()

    with open(out, "rb") as stream, open(into, "wb", buffering=0) as writer:
        reader = threading.Thread(target=lambda: list(read(stream, "x", tee=tee).blocks))
        reader.start()
        for piece in (b"no newline yet", b", and the rest\n"):
            arrived.clear()
            writer.write(piece)
            assert arrived.wait(10)
            assert seen[-1] == piece
        writer.close()
        reader.join(10)
        assert not reader.is_alive()


def test_cuts_a_line_that_is_too_long_and_says_so():
    content = b"first\n" + b"x" * (3 * LONGEST_LINE) + b"\nlast\n" + b"y" * (2 * LONGEST_LINE)
    taken = read(io.BytesIO(content), "x")
    lines = b"".join(taken.blocks).decode().split("\n")
    assert (lines[0], lines[2]) == ("first", "last")
    assert lines[1] == "x" * LONGEST_LINE
    assert lines[3] == "y" * LONGEST_LINE
    assert taken.progress.lines_cut == 2


def test_reports_a_stream_that_fails():
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(InputError, match="cannot read `x`: input/output error") as caught:
        list(read(Broken(), "x").blocks)
    assert caught.value.code == "unreadable-file"


def test_opens_a_file_relative_to_the_working_directory(tmp_path):
    (tmp_path / "trace.txt").write_text(TRACEBACK, encoding="utf-8")
    with open_file("trace.txt", working_directory=str(tmp_path)) as stream:
        assert b"".join(read(stream, "trace.txt").blocks).decode() == TRACEBACK


def test_names_the_file_that_was_probably_meant(tmp_path):
    (tmp_path / "trace.txt").touch()
    error = error_of("trcae.txt", tmp_path)
    assert (error.code, error.message) == ("file-not-found", "there is no file `trcae.txt`")
    assert error.hint == "did you mean `trace.txt`?"
    assert "2>&1" in (error_of("elsewhere/app.log", tmp_path).hint or "")


@pytest.mark.parametrize("path", ["", "a\0b", "trace.txt/inside"])
def test_a_path_that_cannot_exist_is_not_found(path, tmp_path):
    (tmp_path / "trace.txt").touch()
    assert error_of(path, tmp_path / "missing" if not path else tmp_path).code == "file-not-found"


def test_a_directory_is_refused_with_a_file_in_it_as_an_example(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "app.log").touch()
    error = error_of("logs", tmp_path)
    assert (error.code, error.message) == ("is-a-directory", "expected a file, found the directory `logs`")
    assert f"such as `{os.path.join('logs', 'app.log')}`" in (error.hint or "")


@pytest.mark.skipif(
    sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0), reason="root reads everything"
)
def test_a_file_without_permission_is_refused(tmp_path):
    (tmp_path / "trace.txt").touch(mode=0)
    assert error_of("trace.txt", tmp_path).code == "permission-denied"


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege")
def test_other_failures_of_the_operating_system_are_told(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    error = error_of("loop", tmp_path)
    assert error.code == "unreadable-file"
    assert "too many levels of symbolic links" in error.message


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/fd")
def test_reads_a_file_descriptor_by_its_path_as_in_process_substitution(tmp_path):
    out, into = os.pipe()
    os.write(into, TRACEBACK.encode())
    os.close(into)
    with open_file(f"/dev/fd/{out}", working_directory=str(tmp_path)) as stream:
        assert b"".join(read(stream, "x").blocks).decode() == TRACEBACK
    os.close(out)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in the file system")
def test_reads_a_named_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = subprocess.Popen(
        [sys.executable, "-c", f"open({str(tmp_path / 'pipe')!r}, 'wb').write({TRACEBACK.encode()!r})"]
    )
    with open_file("pipe", working_directory=str(tmp_path)) as stream:
        assert b"".join(read(stream, "pipe").blocks).decode() == TRACEBACK
    assert writer.wait() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows waits for sockets only")
@pytest.mark.parametrize("buffering", [-1, 0])
def test_waits_for_a_pipe_that_does_not_block(buffering):
    out, into = os.pipe()
    os.set_blocking(out, False)
    arrived = threading.Event()
    texts: list[bytes] = []
    with open(out, "rb", buffering=buffering) as stream, open(into, "wb", buffering=0) as writer:
        taken = read(stream, "x", tee=lambda chunk: arrived.set())
        reader = threading.Thread(target=lambda: texts.extend(taken.blocks))
        reader.start()
        for piece in TRACEBACK.encode().splitlines(keepends=True):
            arrived.clear()
            writer.write(piece)
            assert arrived.wait(10)
        writer.close()
        reader.join(10)
        assert not reader.is_alive()
        assert not os.get_blocking(out)
    assert b"".join(texts).decode() == TRACEBACK


@pytest.mark.parametrize("end", ["", "\r"])
def test_a_text_without_newlines_may_end_its_lines_with_carriage_returns(end):
    text = TRACEBACK.rstrip("\n")
    assert text_of((text.replace("\n", "\r") + end).encode()) == text + end.replace("\r", "\n")
    assert text_of(b"10%\r20%\rdone\nnext\rlast") == "10%\r20%\rdone\nnext\rlast"
