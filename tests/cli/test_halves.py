"""A file read by two processes: what is found is what one process finds, whatever happens to the other one."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapfix import intake
from snapfix.cli import halves
from snapfix.cli.passing import Progress
from snapfix.cli.survey import Survey, survey
from tests.conftest import ROOT

RECORDED = sorted((ROOT / "tests" / "parsing" / "recorded").rglob("*.txt"))
FENCED = ("fence", "fence-list", "fence-quoted", "jira-noformat")
"""A block of code is never forgotten by the parser: one process takes the next opening fence for the closing one."""
LOG = b"".join(b"2026-11-20 10:00:%02d INFO shop.orders: order %d was shipped\n" % (n % 60, n) for n in range(700))
"""More than a cut needs around it."""
CRASH = b"""\
Traceback (most recent call last):
  File "shop.py", line 3, in %s
    raise ValueError(%d)
ValueError: %d
"""


def crash(kind: str, value: int = 1) -> bytes:
    return CRASH % (kind.encode(), value, value)


def alone(text: bytes, name: str = "app.log") -> Survey:
    return survey(intake.read(io.BytesIO(text), name, named_file=True).blocks, name)


def together(path: Path, **options: float) -> Survey | None:
    """The survey by two processes, of however small a file."""
    with intake.open_file(str(path)) as stream:
        progress = Progress(str(path), time.monotonic)
        return halves.survey(stream, str(path), progress, worth_it=1, **options)


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halves, "_processors", lambda: 2)


@pytest.fixture
def one_process(two_processors: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is read in this process, which is sooner done."""

    @contextmanager
    def second(stream: BinaryIO, name: str, cut: int) -> Iterator[Callable[[], Survey]]:
        with intake.open_file(name) as again:
            yield lambda: halves.read_rest(again, name, cut, lambda _: None)

    monkeypatch.setattr(halves, "_second_process", second)


@pytest.fixture
def log(tmp_path: Path, two_processors: None) -> Path:
    """Kinds before and after the cut, one of them in both parts."""
    path = tmp_path / "app.log"
    path.write_bytes(crash("a") + LOG + crash("b") + LOG * 3 + crash("c") + crash("a", 2) + LOG + crash("b", 3))
    return path


def no_child_is_left() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return True


@pytest.mark.parametrize(("end", "every"), [(b"\n", 1), (b"\r\n", 8)], ids=["lf", "crlf"])
def test_both_parts_together_hold_what_the_text_holds(
    tmp_path: Path, one_process: None, end: bytes, every: int
) -> None:
    path = tmp_path / "app.log"
    cuts = 0
    for recorded in RECORDED[::every]:
        text = recorded.read_bytes().replace(b"\r\n", b"\n")
        if intake.encoding_of(text)[0] != "utf-8" or recorded.stem in FENCED:
            continue
        path.write_bytes((text + LOG + text + b"\n" + LOG + text).replace(b"\n", end))
        expected = alone(path.read_bytes(), str(path))
        for share in (0.0, 0.5):
            found = together(path, cut_at=share)
            assert found in (expected, None), recorded
            cuts += found is not None
    assert cuts > len(RECORDED[::every])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([LOG, LOG[:3000], *map(crash, "abcd")]), max_size=20), st.floats(0, 1))
def test_the_kinds_are_those_of_the_whole_text(
    tmp_path: Path, one_process: None, pieces: list[bytes], share: float
) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(b"".join(pieces))
    assert together(path, cut_at=share) in (alone(path.read_bytes(), str(path)), None)


def test_a_cut_is_at_a_line_s_beginning_and_far_from_tracebacks() -> None:
    text = LOG + crash("a") + LOG + crash("b")
    cut = halves.find_cut(io.BytesIO(text), len(LOG) // 2)
    assert cut is not None
    assert text[cut - 1 : cut] == b"\n"
    assert b"Traceback" not in text[cut - halves.QUIET : cut + halves.QUIET]
    assert len(LOG) + halves.QUIET < cut < 2 * len(LOG)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"one long line" * 10_000,
        LOG.replace(b"\n", b"\r"),
        b"".join(LOG[at : at + 9000].rpartition(b"\n")[0] + b"\n" + crash("a") for at in range(0, len(LOG), 9000)),
        LOG.replace(b"order", b"\0\0\0\0\0"),
        LOG[: halves.QUIET + 20] + b"x" * 40_000,
    ],
    ids=["empty", "no line ends", "old line ends", "a crash everywhere", "zeros", "an unfinished line"],
)
def test_a_text_without_a_quiet_place_is_read_by_one_process(text: bytes) -> None:
    assert halves.find_cut(io.BytesIO(text), 0) is None


def test_a_file_in_another_encoding_is_read_by_one_process(log: Path) -> None:
    log.write_bytes(log.read_bytes().decode().encode("utf-16"))
    assert together(log) is None


def test_a_second_process_reads_the_rest(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[Survey] = []
    join = Survey.join

    def recorded(self: Survey, rest: Survey) -> bool:
        parts.append(rest)
        return join(self, rest)

    monkeypatch.setattr(Survey, "join", recorded)
    assert together(log) == alone(log.read_bytes(), str(log))
    assert [rest.total for rest in parts] == [3]
    assert no_child_is_left()


def test_a_small_file_is_read_by_one_process(log: Path) -> None:
    with intake.open_file(str(log)) as stream:
        assert halves.survey(stream, str(log), Progress("", time.monotonic)) is None
        assert stream.tell() == 0


@pytest.mark.parametrize(
    "program",
    [
        "import sys; sys.exit(3)",
        "import os; os.kill(os.getpid(), 9)",
        "print('nonsense')",
        "import pickle, sys; pickle.dump('something else', sys.stdout.buffer)",
        "import sys; sys.path[:] = {path}; import pickle; from snapfix.cli.survey import Survey;"
        " pickle.dump((Survey('another file'), (0, 0)), sys.stdout.buffer)",
        "import sys; sys.stdout.buffer.write(b'.' * 10_000_000); sys.stderr.write('said' * 100_000)",
    ],
    ids=["fails", "is killed", "prints", "sends something else", "reads another file", "prints much"],
)
def test_what_a_failing_process_does_not_read_is_read_here(
    log: Path, program: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(halves, "_PROGRAM", program)
    assert together(log) == alone(log.read_bytes(), str(log))
    assert capfd.readouterr() == ("", "")
    assert no_child_is_left()


def test_no_interpreter_that_starts_is_no_obstacle(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/there/is/none")
    assert together(log) == alone(log.read_bytes(), str(log))


def test_the_working_directory_s_modules_are_not_imported(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (log.parent / "pickle.py").write_text(f"open({str(log.parent / 'imported')!r}, 'w')")
    monkeypatch.chdir(log.parent)
    monkeypatch.setenv("PYTHONPATH", str(log.parent))
    assert together(log) == alone(log.read_bytes(), str(log))
    assert not (log.parent / "imported").exists()


def test_a_traceback_that_goes_on_over_the_cut_is_read_by_one_process(log: Path) -> None:
    message = b"".join(b"%0100d\n" % n for n in range(2000))
    log.write_bytes(crash("a") + LOG + crash("b") + message)
    assert together(log, cut_at=0.25) is None


def test_more_kinds_than_are_counted_are_read_by_one_process(log: Path) -> None:
    names = ["f" + str(n).translate(str.maketrans("0123456789", "abcdefghij")) for n in range(1200)]
    log.write_bytes(b"".join(map(crash, names[:600])) + LOG + b"".join(map(crash, names[600:])))
    assert together(log, cut_at=0.35) == alone(log.read_bytes(), str(log))


@pytest.fixture
def changing(log: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Something happens to the file when the second process has been started."""
    start = halves._second_process

    def change(happens: Callable[[], object]) -> None:
        def changed(*arguments: object) -> object:
            happens()
            return start(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(halves, "_second_process", changed)

    yield change
    assert no_child_is_left()


def test_a_file_that_grows_meanwhile_is_read_to_its_end(log: Path, changing: Callable[..., None]) -> None:
    grown = log.read_bytes() + crash("d")
    changing(lambda: log.write_bytes(grown))
    assert together(log) == alone(grown, str(log))


@pytest.mark.parametrize("size", [0, 50_000, 150_000])
def test_a_file_that_shrinks_meanwhile_is_read_to_its_end(log: Path, changing: Callable[..., None], size: int) -> None:
    changing(lambda: os.truncate(log, size))
    assert together(log) == alone(log.read_bytes()[:size], str(log))


def test_a_file_that_is_replaced_meanwhile_is_read_as_it_was(log: Path, changing: Callable[..., None]) -> None:
    before = log.read_bytes()
    (log.parent / "new").write_bytes(LOG * 5 + crash("z"))
    changing(lambda: (log.parent / "new").replace(log))
    assert together(log) == alone(before, str(log))


def test_ctrl_c_ends_both_and_what_was_read_counts(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halves, "_PROGRAM", "import time; time.sleep(60)")
    # As a terminal does it, while the other process is being waited for.
    previous = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        found = together(log)
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert found is not None
    assert found.interrupted
    assert found.total == 2
    assert no_child_is_left()


def test_the_second_process_ends_when_nobody_waits_for_it(log: Path) -> None:
    with log.open("ab") as file:
        file.truncate(4_000_000_000)  # a hole: nothing on the disk, but seconds of reading
    program = halves._PROGRAM.format(path=[str(ROOT), *sys.path], name=str(log), cut=3_999_000_000)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    assert process.stdout.read(1), "a sign of life"
    process.stdout.close()
    began = time.monotonic()
    assert process.wait() != 0
    assert time.monotonic() - began < 1.0
