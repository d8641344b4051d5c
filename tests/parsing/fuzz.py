"""Coverage-guided fuzzing of everything between the bytes and the tracebacks.

    pip install -e '.[fuzz]'
    python -m tests.parsing.fuzz --seconds 300 --into found
    python -m tests.parsing.fuzz --keep found

libFuzzer, through atheris, changes the recordings and the corpus in any way that reaches new code, and looks for an
exception of ours, a result that contradicts itself, an input that takes seconds, or one that takes memory. What it
finds is written to the current folder; put it into ``corpus/``, where the tests read it on every run. ``--keep`` adds
to the corpus, of the inputs that reached new code, the short ones.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from pathlib import Path

from tests.parsing.recorders.base import RECORDED

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 4096
"""Bytes of an input; long texts are what ``test_bounds`` is for."""
LONGEST_KEPT = 250
"""Bytes of an input of the corpus, which is read on every test run."""
MEGABYTES = 400
"""Of memory that a run may take: the fuzzer itself takes 150, and keeps what it knows."""
SECONDS = 5
"""That one input may take, instrumented, on a busy machine."""


def check(data: bytes) -> None:
    """Read any bytes; raises where what comes out cannot be."""
    from snapfix import intake, parsing
    from snapfix.errors import InputError

    lines = data.count(b"\n") + data.count(b"\r") + 1
    try:
        blocks = intake.read(io.BytesIO(data), "fuzz", named_file=True).blocks
        found = list(parsing.scan(blocks, "fuzz", strict=True))
    except InputError:
        return
    for traceback in found:
        assert 1 <= traceback.first_line <= traceback.last_line <= lines, (traceback.first_line, traceback.last_line)
        assert any(exception is traceback.exception for exception in traceback.exceptions())
        assert len(traceback.fingerprint) == 16
        assert all(isinstance(text, str) for text in traceback.missing)
        frame = traceback.innermost_in_app
        assert frame is None or any(frame in exception.frames for exception in traceback.exceptions())
    assert sum(len(e.message) for t in found for e in t.exceptions()) <= 8 * len(data) + 100


def main() -> None:
    """Fuzz for some time; the exit status is libFuzzer's: 0 where nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.parsing.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="how long to look (default: 300)")
    parser.add_argument("--into", type=Path, metavar="DIR", help="where to put the inputs that reached new code")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="only add to the corpus the short inputs from there")
    options = parser.parse_args()
    CORPUS.mkdir(exist_ok=True)
    if options.keep:
        _keep(options.keep)
        return
    import atheris

    with atheris.instrument_imports(include=["snapfix.parsing", "snapfix.intake", "snapfix.crash", "snapfix.shapes"]):
        from snapfix import intake, parsing  # noqa: F401 - imported here to be instrumented

        for form in parsing.FORMATS:
            form.load()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    reached = options.into or folder / "reached"
    reached.mkdir(exist_ok=True)
    words = folder / "words"
    words.write_text("".join(f'"{_quoted(marker)}"\n' for form in parsing.FORMATS for marker in form.markers))
    arguments = [f"-max_total_time={options.seconds}", f"-dict={words}"]
    places = [str(reached), str(CORPUS), str(_seeds(folder / "seeds"))]
    limits = [f"-max_len={LONGEST}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *limits, *arguments, *places], check)
    atheris.Fuzz()


def _keep(folder: Path) -> None:
    for path in folder.iterdir():
        if path.stat().st_size <= LONGEST_KEPT:
            shutil.copy(path, CORPUS)


def _seeds(folder: Path) -> Path:
    """A folder with the recordings, as far as they are short enough."""
    folder.mkdir()
    for path in RECORDED.rglob("*.txt"):
        if path.stat().st_size <= LONGEST:
            shutil.copy(path, folder / f"{path.parent.name}-{path.name}")
    return folder


def _quoted(word: str) -> str:
    return "".join(c if c.isalnum() or c in " .:[]()-" else f"\\x{ord(c):02x}" for c in word)


if __name__ == "__main__":
    main()
