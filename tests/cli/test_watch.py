"""``snapfix watch``: real pipes that stay open, real files that grow and rotate, a real terminal."""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

if sys.platform == "win32":
    pytest.skip("signals, `select` on pipes and pseudo-terminals are POSIX", allow_module_level=True)

from snapfix.cli.following import Followed, with_pauses
from snapfix.events import Warned
from snapfix.render.json import DiagnosisLine, RepeatedLine, SummaryLine
from tests.cli.test_asking import ANSWER
from tests.cli.test_offline import SHOP, TYPO
from tests.cli.test_terminal import finished, shown, start
from tests.conftest import Snapfix, crash
from tests.servers import Fault, provider

SECONDS = 15.0
"""How long anything that is waited for may take on a busy machine; it takes a fraction of one."""


class Watching:
    """A running ``snapfix watch``, with everything that it has written so far."""

    def __init__(self, snapfix: Snapfix, *words: str | Path, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [*snapfix.argv, "watch", *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=snapfix.cwd,
            env={**os.environ, **(env or {})},
            bufsize=0,
        )
        assert self.process.stdin is not None
        self.stdin: IO[bytes] = self.process.stdin
        self.out = self.err = b""

    def type(self, text: str | bytes) -> None:
        """Have the program that is piped write."""
        self.stdin.write(text.encode() if isinstance(text, str) else text)

    def until(self, *, out: str | bytes = b"", err: str | bytes = b"") -> None:
        """Wait until both have been written."""
        wanted_out, wanted_err = (text.encode() if isinstance(text, str) else text for text in (out, err))
        deadline = time.monotonic() + SECONDS
        while wanted_out not in self.out or wanted_err not in self.err:
            assert time.monotonic() < deadline, f"out: {self.out[-2000:]!r}, err: {self.err[-2000:]!r}"
            self.read(0.1)

    def read(self, seconds: float) -> None:
        """Take in what is written, waiting no longer for it."""
        streams = {self.process.stdout.fileno(): "out", self.process.stderr.fileno(): "err"}  # type: ignore[union-attr]
        for ready in select.select(list(streams), [], [], seconds)[0]:
            setattr(self, streams[ready], getattr(self, streams[ready]) + os.read(ready, 65536))

    def end(self, by: int | None = None) -> int:
        """Close the pipe, or send a signal; everything that was written, and the status."""
        if by is None:
            self.stdin.close()
        else:
            self.process.send_signal(by)
        self.process.stdin = None
        out, err = self.process.communicate(timeout=SECONDS)
        self.out, self.err = self.out + out, self.err + err
        return self.process.returncode

    def events(self) -> list[dict[str, Any]]:
        """The documents on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def watching(snapfix: Snapfix) -> Iterator[Any]:
    """Starts ``snapfix watch``; what a failed test leaves running is ended."""
    running: list[Watching] = []

    def begin(*words: str | Path, env: dict[str, str] | None = None) -> Watching:
        running.append(Watching(snapfix, *words, env=env))
        return running[-1]

    yield begin
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


# what passes


def test_the_stream_passes_byte_for_byte(watching: Any, project: Path) -> None:
    stream = b"\x00\xff\xfe \x1b[31mred\x1b]0;title\x07 \r50%\r\n\xe2\x82" + crash(project, TYPO).encode() + b"no end"
    watch = watching("--offline")
    watch.type(stream)
    assert watch.end() == 0
    assert watch.out == stream
    assert b"name.typo" in watch.err


def test_a_line_without_an_end_passes_at_once(watching: Any) -> None:
    watch = watching("--offline")
    watch.type("password: ")
    watch.until(out="password: ")
    assert watch.end() == 0


def test_a_program_that_reads_no_more_ends_it_quietly(snapfix: Snapfix, project: Path) -> None:
    command = shlex.join([*snapfix.argv, "watch"])
    script = f"(while echo line 2> /dev/null; do sleep 0.01; done) | {command} | head -n 2; echo ${{PIPESTATUS[1]}}"
    done = subprocess.run(["bash", "-c", script], cwd=project, capture_output=True, text=True, timeout=30)
    assert done.stdout == "line\nline\n0\n"
    assert done.stderr == ""


# what is said


def test_a_crash_is_explained_while_the_stream_goes_on_and_a_repeated_one_is_counted(
    watching: Any, project: Path
) -> None:
    text = crash(project, TYPO)
    watch = watching("--offline")
    watch.type("serving\n" + text)
    watch.until(out="NameError", err="name.typo")
    for count in (2, 3):
        watch.type("INFO request\n" + text)
        watch.until(err=f"app.py:2 in area: seen {count} times\n")
    watch.type(crash(project, SHOP))
    watch.until(err="shop/cart.py:2 in total\n")
    assert watch.end() == 0
    assert watch.err.count(b"Root cause") == 2
    summary = watch.err.decode().splitlines()[-3:]
    assert summary[0] == "4 tracebacks of 2 kinds seen in standard input"
    assert re.fullmatch(r"  3 × NameError: .*, at .*/app.py:2 in area", summary[1])
    assert re.fullmatch(r"  1 × KeyError: 'emial', at .*/cart.py:2 in total", summary[2])


def test_a_stream_without_a_crash_is_said_to_have_none(watching: Any) -> None:
    watch = watching("--offline")
    watch.type("all is well\n")
    assert watch.end() == 0
    assert watch.err == b"no traceback was seen in standard input\n"


def test_a_traceback_that_arrives_in_pieces_is_one(watching: Any, project: Path) -> None:
    watch = watching("--offline", "--json")
    for line in crash(project, TYPO).splitlines(keepends=True):
        watch.type(line[:5])
        watch.type(line[5:])
        time.sleep(0.4)  # longer than the silence after which a traceback may be taken for complete
    assert watch.end() == 0
    diagnosis, summary = watch.events()
    assert diagnosis["traceback"]["missing"] == []
    assert diagnosis["traceback"]["exceptions"][0]["type"] == "NameError"
    assert summary["total"] == 1


def test_a_storm_of_equal_crashes_is_reported_once_a_second_at_most(watching: Any, project: Path) -> None:
    watch = watching("--offline")
    text = crash(project, TYPO)
    began = time.monotonic()
    for number in range(300):
        watch.type(f"{text}INFO number {number}\n")
        watch.until(out=f"INFO number {number}\n")
    assert watch.end() == 0
    assert watch.err.count(b" times\n") <= time.monotonic() - began + 2
    assert b"seen 300 times" in watch.err
    assert watch.err.count(b"Root cause") == 1


def test_without_the_stream_the_answers_have_standard_output(watching: Any, project: Path) -> None:
    watch = watching("--offline", "--quiet")
    watch.type(crash(project, TYPO))
    watch.until(out="name.typo")
    assert watch.end() == 0
    assert b"Traceback (most" not in watch.out
    assert watch.err.startswith(b"1 traceback of 1 kind seen")


def test_programs_get_json_lines_and_the_stream_beside_them(watching: Any, project: Path) -> None:
    text = crash(project, TYPO)
    watch = watching("--offline", "--json")
    watch.type(text)
    watch.until(out='"event": "diagnosis"')
    watch.type("INFO\n" + text)
    watch.until(out='"event": "repeated"')
    assert watch.end() == 0
    assert watch.err.decode() == text + "INFO\n" + text
    diagnosis, repeated, summary = watch.events()
    for event, model in ((diagnosis, DiagnosisLine), (repeated, RepeatedLine), (summary, SummaryLine)):
        assert model.model_validate(event).model_dump(mode="json") == event
    assert diagnosis["location"]["file"] == "app.py"
    assert (repeated["group"]["count"], repeated["group"]["number"]) == (2, 1)
    assert (summary["total"], summary["kinds"], summary["not_analysed"]) == (2, 1, [])
    assert repeated["group"]["fingerprint"] == diagnosis["traceback"]["fingerprint"]


# models


def test_a_model_that_is_slow_does_not_hold_the_stream_up(watching: Any, project: Path) -> None:
    (project / "app.py").write_text(TYPO["app.py"])
    with provider("openai", answer=ANSWER, pieces=4, gated=True) as server:
        watch = watching("--model", "openai", env=server.environ)
        watch.type(crash(project, SHOP))
        watch.until(err="asking openai/")
        deadline = time.monotonic() + SECONDS
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        line = "INFO request served while the model is being asked\n"
        for number in range(40):
            watch.type(f"{number} {line * 1000}")
            watch.until(out=f"{number} {line}")
        assert b"`user` holds `email`" not in watch.err
        server.gate.set()
        watch.until(err="`user` holds `email`")
    assert watch.end() == 0
    assert watch.out.count(line.encode()) == 40_000


def test_ctrl_c_does_not_wait_for_a_model_and_leaves_the_offline_answer(watching: Any, project: Path) -> None:
    with provider("openai", fault=Fault.HANG) as server:
        watch = watching("--model", "openai", env=server.environ)
        watch.type(crash(project, SHOP))
        watch.until(err="asking openai/")
        began = time.monotonic()
        assert watch.end(signal.SIGINT) == 130
    assert time.monotonic() - began < 5
    assert b"offline analyser" in watch.err
    assert b"1 traceback of 1 kind seen" in watch.err


# the end


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_with_a_summary(watching: Any, project: Path, number: int, status: int) -> None:
    watch = watching("--offline")
    watch.type(crash(project, TYPO))
    watch.until(err="name.typo")
    assert watch.end(number) == status
    assert re.search(rb"\n1 traceback of 1 kind seen in standard input\n  1 .+ NameError: .+\n\Z", watch.err)


def test_the_last_words_of_a_program_that_ctrl_c_ends_pass(project: Path) -> None:
    program = (
        "import time\n\nprint('serving', flush=True)\ntry:\n    time.sleep(30)\n"
        "except KeyboardInterrupt:\n    time.sleep(0.3)\n    print('shut down')\n"
    )
    (project / "app.py").write_text(program)
    child = start(project, f"trap : INT; {sys.executable} app.py 2>&1 | snapfix watch; echo status ${{PIPESTATUS[1]}}")
    child.expect("serving")
    time.sleep(0.5)
    os.killpg(os.getpgid(child.pid), signal.SIGINT)
    raw = finished(child)
    assert raw.index("shut down") < raw.index("no traceback was seen")
    assert "status 130" in raw


# files


def following(watch: Watching, log: Path) -> None:
    """Wait until the file is being followed."""
    deadline = time.monotonic() + SECONDS
    while b"tick" not in watch.out and time.monotonic() < deadline:
        with log.open("a") as file:
            file.write("tick\n")
        watch.read(0.2)
    watch.read(0.5)
    watch.out = b""


def test_a_file_is_followed_from_its_end(watching: Any, project: Path) -> None:
    log = project / "app.log"
    log.write_text("old\n" + crash(project, SHOP))
    watch = watching("app.log", "--offline")
    following(watch, log)
    with log.open("a") as file:
        file.write("new\n" + crash(project, TYPO))
    watch.until(out="new\n", err="name.typo")
    assert watch.end(signal.SIGINT) == 130
    assert b"old" not in watch.out
    assert b"KeyError" not in watch.err
    assert b"1 traceback of 1 kind seen in app.log" in watch.err


def test_a_file_is_read_from_its_start_on_request(watching: Any, project: Path) -> None:
    (project / "app.log").write_text("old\n" + crash(project, TYPO))
    watch = watching("app.log", "--from-start", "--offline")
    watch.until(out="old\n", err="name.typo")
    assert watch.end(signal.SIGINT) == 130


def test_a_file_that_does_not_exist_is_waited_for(watching: Any, project: Path) -> None:
    watch = watching("app.log", "--offline")
    watch.until(err="note[waiting]: there is no file `app.log` yet; waiting for it\n")
    (project / "app.log").write_text(crash(project, TYPO))
    watch.until(out="NameError", err="name.typo")
    assert watch.end(signal.SIGINT) == 130


def test_truncation_and_rotation_are_survived_and_said(watching: Any, project: Path) -> None:
    log = project / "app.log"
    log.write_text("a line that is longer than what comes after it is cut\n")
    watch = watching("app.log", "--offline")
    following(watch, log)
    log.write_text("cut\n")
    watch.until(out="cut\n", err="note[file-truncated]")
    log.rename(project / "app.log.1")
    watch.until(err="note[file-gone]")
    with (project / "app.log.1").open("a") as old:
        old.write("last of the old\n")
    watch.until(out="last of the old\n")
    log.write_text("first of the new\n" + crash(project, TYPO))
    watch.until(out="first of the new\n", err="name.typo")
    assert b"note[file-appeared]" in watch.err or b"note[file-replaced]" in watch.err
    assert watch.end(signal.SIGINT) == 130
    assert watch.out.startswith(b"cut\nlast of the old\nfirst of the new\nTraceback")


def test_a_folder_is_an_error_and_so_is_no_input_at_all(snapfix: Snapfix, project: Path) -> None:
    done = snapfix("watch", ".")
    assert done.returncode == 1
    assert done.stderr.startswith("error[is-a-directory]")
    assert snapfix("watch", "--from-start").stderr.startswith("error[no-file]: `--from-start` expects a file")
    raw = finished(start(project, "snapfix watch; echo status $?"))
    assert "error[no-input]: nothing is piped, and no file is named" in raw
    assert "status 2" in raw


def test_a_named_pipe_is_watched_to_its_end(watching: Any, project: Path) -> None:
    os.mkfifo(project / "pipe")
    watch = watching("pipe", "--offline")
    (project / "pipe").write_text(crash(project, TYPO))
    assert watch.process.wait(SECONDS) == 0
    watch.end()
    assert b"name.typo" in watch.err


# the terminal


def test_on_a_terminal_the_answer_stands_in_one_piece_on_lines_of_its_own(project: Path) -> None:
    text = crash(project, TYPO)
    (project / "trace.txt").write_text(text)
    program = (
        "import os, sys, time\n"
        "print('serving', flush=True)\n"
        "sys.stdout.write(open('trace.txt').read() + 'prompt> ')\n"
        "sys.stdout.flush()\n"
        "while not os.path.exists('typed'):\n    time.sleep(0.05)\n"
        "print('typed')\n"
    )
    (project / "server.py").write_text(program)
    child = start(project, f"{sys.executable} server.py 2>&1 | snapfix watch")
    child.expect("name.typo")
    (project / "typed").touch()
    raw = finished(child)
    lines = shown(raw)
    prompt, first, typed = (lines.index(line) for line in ("prompt>", "Where", "typed"))
    assert lines.count("Traceback (most recent call last):") == 1
    assert prompt < first < typed
    assert "name.typo" in " ".join(lines[first:typed])
    assert "\x1b[32m+    return width * height" in raw, "in colour"
    assert "1 traceback of 1 kind seen in standard input" in lines


def test_on_a_terminal_the_answer_is_not_torn_by_a_stream_that_hurries(project: Path) -> None:
    (project / "trace.txt").write_text(crash(project, TYPO))
    program = (
        "import time\n"
        "print(open('trace.txt').read(), flush=True)\n"
        "end = time.monotonic() + 2\n"
        "while time.monotonic() < end:\n    print('~' * 60, flush=True)\n    time.sleep(0.0005)\n"
    )
    (project / "server.py").write_text(program)
    lines = shown(finished(start(project, f"{sys.executable} server.py 2>&1 | snapfix watch")), rows=50_000)
    first = lines.index("Where")
    last = next(number for number, line in enumerate(lines) if "offline analyser" in line)
    assert not any("~" in line for line in lines[first : last + 1])


def test_on_a_terminal_the_stream_cannot_retitle_the_window_and_its_colours_are_kept(project: Path) -> None:
    (project / "log.txt").write_text("\x1b[32mgreen\x1b[0m \x1b[2J\x1b[1;1H\x1b]0;owned\x07 \x1b[6n\n")
    raw = finished(start(project, "cat log.txt | snapfix watch"))
    assert "\x1b[32mgreen\x1b[0m \x1b[2J\x1b[1;1H" in raw
    assert "\x1b]" not in raw
    assert "\x1b[6n" not in raw


def test_on_a_terminal_both_answers_are_whole_and_no_window_is_drawn(project: Path) -> None:
    (project / "trace.txt").write_text(crash(project, SHOP))
    with provider("openai", answer=ANSWER, pieces=5, delay=0.05) as server:
        raw = finished(start(project, "cat trace.txt | snapfix watch --model openai", server.environ))
    lines = [line.strip() for line in shown(raw)]
    assert "is writing" not in raw
    assert lines.count("KeyError: 'emial'") == 3, "in the stream, and above each answer"
    assert any("asking openai/" in line and "(cloud)" in line for line in lines)


# memory and faults


PEAK = """
import resource, sys
from snapfix.cli.main import run
status = run(["watch", "--offline"])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(status, peak // (1 if sys.platform == "linux" else 1024), file=sys.stderr)
"""


def peak(project: Path, blocks: int, kinds: int) -> int:
    """Kilobytes that watching so many blocks of 100 kB took."""
    process = subprocess.Popen(
        [sys.executable, "-c", PEAK],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=project,
    )

    def feed() -> None:
        assert process.stdin is not None
        block = b"2024-05-01 10:00:00 INFO request served in 3 ms\n" * 2_000
        for number in range(blocks):
            name = "f" + "x" * (number % kinds)
            trace = f'Traceback (most recent call last):\n  File "/srv/a.py", line 1, in {name}\nValueError: {number}\n'
            process.stdin.write(block + trace.encode())
        process.stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    assert process.stderr is not None
    last = process.stderr.read().splitlines()[-1]
    feeder.join()
    process.wait()
    return int(last.split()[1])


def test_memory_does_not_grow_with_the_stream(project: Path) -> None:
    assert peak(project, 600, 3) < peak(project, 60, 3) + 4 * 1024


def test_a_fault_of_ours_does_not_end_the_users_stream(project: Path) -> None:
    code = (
        "import sys\nfrom snapfix import pipeline, parsing\nfrom snapfix.cli.main import run\n"
        "def broken(*args, **kwargs):\n    raise ZeroDivisionError('ours')\n    yield\n"
        "setattr(*((pipeline, 'run') if sys.argv[1] == 'pipeline' else (parsing, 'scan')), broken)\n"
        "sys.exit(run(['watch', '--offline', *sys.argv[2:]]))\n"
    )
    text = crash(project, TYPO) + "going on\n"
    for stage in ("pipeline", "parsing"):
        done = subprocess.run(
            [sys.executable, "-c", code, stage], input=text * 500, cwd=project, capture_output=True, text=True
        )
        assert done.stdout == text * 500
        assert done.returncode == 3
        assert done.stderr.startswith("error[internal-fault]: snapfix itself failed: ZeroDivisionError: ours")
    command = [sys.executable, "-c", code, "pipeline", "--json", "--quiet"]
    done = subprocess.run(command, input=text, cwd=project, capture_output=True, text=True)
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["summary"]


# the parts


def test_a_pause_is_told_once_and_what_the_reading_raises_comes_after_what_it_read() -> None:
    go_on = threading.Event()

    def blocks() -> Iterator[bytes]:
        yield b"one\n"
        go_on.wait(SECONDS)
        yield b"two\n"
        raise ValueError("broken")

    found = with_pauses(blocks(), silence=0.05)
    assert [next(found), next(found)] == [b"one\n", b""]
    go_on.set()
    assert next(found) == b"two\n"
    with pytest.raises(ValueError, match="broken"):
        next(found)


def test_a_replaced_file_is_read_to_its_end_before_the_new_one(tmp_path: Path) -> None:
    said: list[Warned] = []
    log, other = tmp_path / "app.log", tmp_path / "new"
    log.write_text("old ")
    with Followed(str(log), from_start=True, say=said.append) as stream, log.open("a") as writer:
        assert stream.read(100) == b"old "
        writer.write("rest ")
        writer.flush()
        other.write_text("new")
        other.replace(log)
        assert [stream.read(100), stream.read(100)] == [b"rest ", b"new"]
        stream.finish()
        assert stream.read(100) == b""
    assert [warning.code for warning in said] == ["file-replaced"]
