"""What fuzzing once reached or broke, on every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parsing.fuzz import CORPUS, LONGEST, check


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*")), ids=lambda path: path.name[:12])
def test_reads_or_refuses_every_input_of_the_corpus(path: Path):
    check(path.read_bytes())


def test_the_corpus_stays_small():
    assert sum(path.stat().st_size for path in CORPUS.glob("*")) <= 200 * LONGEST
