"""What test runners print, cut off, and what only looks like it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from snapfix.crash import Traceback
from snapfix.parsing import scan
from tests.parsing.recorders.base import RECORDED

RECORDINGS = sorted((RECORDED / "test_runs").glob("*.txt"))

LONG = """\
__________________________________ test_total __________________________________

cart = [{'price': None}]

    def total(cart):
>       return add(cart,
                   3)

shop.py:7:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def add(cart, count):
>       return cart * count["x"]
                      ^^^^^^^^^^
E       TypeError: 'int' object is not subscriptable
E        note

shop.py:12: TypeError
"""
SUMMARY = """\
=========================== short test summary info ============================
FAILED tests/test_shop.py::TestShop::test_total[a - b] - TypeError: no
FAILED tests/test_shop.py::test_other - assert 1 == 2
============================== 2 failed in 0.02s ===============================
"""


def read(text: str) -> list[Traceback]:
    return list(scan([text]))


def types(text: str) -> list[str]:
    return [found.exception.type_name for found in read(text)]


def test_keeps_the_code_of_each_frame_and_what_the_carets_mark():
    (found,) = read(LONG)
    outer, inner = found.exception.frames
    assert (outer.name, outer.code) == ("total", "return add(cart,\n           3)")
    assert inner.columns is not None
    assert inner.code[slice(*inner.columns)] == 'count["x"]'
    assert found.exception.message == "'int' object is not subscriptable\n note"
    assert (found.first_line, found.last_line) == (1, 18)


def test_reads_a_failure_without_its_heading_and_says_so():
    (found,) = read("\n".join(LONG.split("\n")[10:]))
    assert [frame.name for frame in found.exception.frames] == ["add"]
    assert found.missing == ("what stood above line 2",)


def test_says_where_a_failure_breaks_off_before_its_exception():
    (found,) = read("\n".join(LONG.split("\n")[:13]))
    assert found.exception.type_name == ""
    assert found.missing == ("the exception itself: the failure breaks off after line 13",)


def test_says_where_a_failure_breaks_off_before_its_place():
    (found,) = read("".join(LONG.splitlines(keepends=True)[:17]))
    assert found.exception.type_name == "TypeError"
    assert found.missing == ("the place of the failure: it breaks off after line 16",)


def test_reads_the_summary_only_where_nothing_above_it_tells_more():
    assert types(LONG + SUMMARY) == ["TypeError"]
    assert types("=== FAILURES ===\nsomething of a plug-in's\n" + SUMMARY) == []
    assert types("..F.F    [100%]\n" + SUMMARY) == ["TypeError", "AssertionError"]
    assert types(SUMMARY) == ["TypeError", "AssertionError"]


def test_reads_what_a_fixture_that_does_not_exist_is_asked_for_by():
    (found,) = read(
        "___ ERROR at setup of test_it ___\n"
        "file /app/test_it.py, line 9\n  def test_it(database):\n"
        "file /app/conftest.py, line 3\n  @pytest.fixture\n  def database(server):\n"
        "E       fixture 'server' not found\n>       available fixtures: database\n\n/app/conftest.py:3\n"
    )
    assert [(frame.lineno, frame.name) for frame in found.exception.frames] == [(9, "test_it"), (3, "database")]
    assert found.exception.message == "fixture 'server' not found\navailable fixtures: database"
    assert found.last_line == 10


def test_reads_failures_of_two_runs_whose_lines_are_mixed():
    first = [f"py311 | {line}" for line in LONG.splitlines()]
    second = [f"py312 | {line}" for line in LONG.splitlines()]
    mixed = [line for pair in zip(first, second, strict=True) for line in pair]
    assert types("\n".join(mixed)) == ["TypeError", "TypeError"]


@pytest.mark.parametrize(
    "text",
    [
        "_____ Section _____\n" + "a line of a report\n" * 3,
        "=== FAILURES ===\nnone today\n",
        "NAME   READY   STATUS\nE   \nE   x\n",
        "E   KeyError: 'only output'\n",
        "2024-01-02 10:00:00 TRACE   ValueError: a word\n",
        "____ test_it ____\n---- Captured stdout call ----\nTypeError: printed\n",
        "src/shop.py:3: error: Incompatible types in assignment  [assignment]\nsrc/shop.py:4:1: F401 unused\n",
        "FAILED to start: KeyError\nERROR    root:shop.py:3 KeyError: 'a'\n",
        "the section `= short test summary info =` and the word FAILED\n",
        "Failed example: a sentence about doctest\n",
        'File "shop.py", line 3, in shop\nFailed example:\n    total()\nand nothing more\n',
        "_____ [doctest] shop _____\n001 not an example\nnot an outcome\n",
    ],
)
def test_takes_nothing_for_a_failure_that_only_looks_like_one(text: str):
    assert read(text) == []


def test_a_banner_hides_nothing_below_it():
    crash = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nKeyError: 1\n'
    assert types("_____ nightly run _____\nstarting\n" + crash) == ["KeyError"]


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_a_recording_cut_anywhere_is_read_without_an_error(path: Path):
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for cut in range(0, len(lines), max(len(lines) // 25, 1)):
        for part in (lines[:cut], lines[cut:]):
            for found in read("".join(part)):
                assert 1 <= found.first_line <= found.last_line <= len(part)


@pytest.mark.parametrize(
    "block",
    [
        "_____ test_it _____\n",
        "E   KeyError: x\n",
        "E   KeyError: x\nfoo\n",
        "    code\nE   KeyError: x\n---- Captured ----\n",
        "> code\nE   KeyError: x\n",
        "=== short test summary info ===\n",
        "_ test" * 1_000 + "\n",
        "_ " * 4_000 + "\n",
        "a:1: b" * 1_500 + "E   KeyError: x\n",
        "_ [doctest] x _\n001 >>> f()\n",
        "Failed example:\n    f()\n",
        "=== FAILURES ===\nx.py:1: KeyError: a\n",
    ],
)
def test_takes_time_in_proportion_to_the_text(block: str):
    def seconds(size: int) -> float:
        start = time.perf_counter()
        read(block * (size // len(block)))
        return time.perf_counter() - start

    small, large = min(seconds(25_000) for _ in range(2)), seconds(200_000)
    assert large < 8 * 4 * small + 0.2


def test_memory_is_bounded_by_what_is_kept_of_one_failure():
    endless = LONG.replace("E        note\n", "E        note\n" * 50_000)
    (found,) = read(endless)
    assert found.exception.message.count("\n") < 1_000
    assert any("of a message" in missing for missing in found.missing)


CAPTURED = """\
------------------------------ Captured log call -------------------------------
ERROR    root:shop.py:6 recovered
Traceback (most recent call last):
  File "/srv/shop.py", line 4, in recover
    int("x")
ValueError: invalid literal
--- Logging error ---
Traceback (most recent call last):
  File "/srv/shop.py", line 4, in recover
    int("x")
ValueError: invalid literal
"""


def test_a_traceback_that_a_test_logged_is_not_reported():
    passed = f"=== PASSES ===\n{'_' * 35} test_fine {'_' * 34}\n{CAPTURED}"
    assert types(f"=== FAILURES ===\n{LONG}{CAPTURED}{LONG}{CAPTURED}{passed}{SUMMARY}") == ["TypeError", "TypeError"]


def test_a_traceback_below_a_run_without_a_summary_is_read():
    below = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    go()\nKeyError: 1\n'
    assert types(f"{LONG}{CAPTURED}1 failed, 2 passed in 0.12s\n{below}") == ["TypeError", "KeyError"]


def test_a_log_that_was_pasted_alone_is_read():
    assert types(CAPTURED) == ["ValueError", "ValueError"]


def test_a_traceback_before_a_report_does_not_swallow_it():
    before = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x\nKeyError: 1\n'
    report = (RECORDED / "test_runs" / "pytest-chains-auto.txt").read_text("utf-8")
    alone, together = list(scan([report])), list(scan([before + report]))
    assert len(together) == len(alone) + 1
    assert together[0].exception.linked == ()
