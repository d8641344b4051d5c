"""Several kinds of tracebacks in one input: listed, picked, told apart; each from programs that crash for real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snapfix.cli.survey import Survey, survey
from snapfix.errors import UsageError
from snapfix.render.json import ListDocument
from tests.cli.test_offline import SHOP, TYPO
from tests.conftest import Snapfix, crash


@pytest.fixture
def log(project: Path) -> str:
    """Two kinds, the first of which occurs again at the end."""
    shop, typo = crash(project, SHOP), crash(project, TYPO)
    text = f"INFO start\n{shop}INFO retry\n{typo}INFO again\n{shop}"
    (project / "big.log").write_text(text)
    return text


def lines_of(log: str, exception: str) -> list[tuple[int, int]]:
    """Where the tracebacks of an exception stand, from the text itself."""
    spans, begin = [], 0
    for number, line in enumerate(log.splitlines(), start=1):
        if line.startswith("Traceback"):
            begin = number
        elif line.startswith(exception):
            spans.append((begin, number))
    return spans


def test_the_list_says_how_many_of_each_kind_where_and_what(snapfix: Snapfix, project: Path, log: str) -> None:
    done = snapfix("--list", "big.log")
    (first, last), (typo,) = lines_of(log, "KeyError"), lines_of(log, "NameError")
    title, header, *rows, note = done.stdout.splitlines()
    assert done.returncode == 0
    assert title == "3 tracebacks of 2 kinds in big.log"
    assert header.split() == ["#", "count", "first", "lines", "last", "lines", "what", "where"]
    number, count, first_lines, last_lines, *what = rows[0].split()
    assert (number, count) == ("1", "2")
    assert (first_lines, last_lines) == (f"{first[0]}-{first[1]}", f"{last[0]}-{last[1]}")
    assert " ".join(what) == f"KeyError: 'emial' {project}/shop/cart.py:2 in total"
    assert rows[1].split()[:4] == ["2", "1", f"{typo[0]}-{typo[1]}", f"{typo[0]}-{typo[1]}"]
    assert note == "the last traceback is of number 1, which is analysed where none is picked"


def test_the_list_as_a_document_is_as_its_model_says(snapfix: Snapfix, project: Path, log: str) -> None:
    done = snapfix("-l", "--json", stdin=log)
    document = json.loads(done.stdout)
    assert ListDocument.model_validate(document).model_dump(mode="json") == document
    first, second = document["groups"]
    (begin, last) = lines_of(log, "KeyError")
    assert (first["number"], first["count"], first["latest"]) == (1, 2, True)
    assert first["first_seen"] == {"first_line": begin[0], "last_line": begin[1]}
    assert (first["first_line"], first["last_line"]) == last
    assert first["place"] == {"file": f"{project}/shop/cart.py", "line": 2, "function": "total"}
    assert (second["number"], second["type"], second["latest"]) == (2, "NameError", False)


def test_the_number_in_the_list_is_what_pick_takes(snapfix: Snapfix, log: str) -> None:
    groups = json.loads(snapfix("-l", "--json", stdin=log).stdout)["groups"]
    for group in groups:
        document = json.loads(snapfix("--pick", str(group["number"]), "--json", stdin=log).stdout)
        traceback = document["traceback"]
        assert traceback["fingerprint"] == group["fingerprint"]
        assert traceback["first_line"] == group["first_line"], "the latest of its kind is analysed"


def test_a_negative_number_counts_from_the_end_of_the_list(snapfix: Snapfix, log: str) -> None:
    assert snapfix("--pick", "-1", stdin=log).stdout.startswith("NameError")
    assert snapfix("--pick", "-2", stdin=log).stdout.startswith("KeyError")


@pytest.mark.parametrize("number", ["3", "-3"])
def test_a_number_that_is_not_in_the_list_is_an_error_that_says_what_is(
    snapfix: Snapfix, log: str, number: str
) -> None:
    done = snapfix("big.log", "--pick", number)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(
        f"error[no-such-kind]: there are 2 kinds of tracebacks in big.log, and no number {number}"
    )
    assert "1 to 2" in done.stderr


def test_without_a_choice_the_last_traceback_is_analysed_and_named_by_its_number(snapfix: Snapfix, log: str) -> None:
    done = snapfix("big.log")
    assert done.stdout.startswith("KeyError")
    said = done.stderr.splitlines()
    assert said[0].startswith("3 tracebacks in big.log, of 2 kinds; the last one (number 1) is analysed")
    assert said[1].startswith("  1. lines ")
    assert "(the latest of 2): KeyError: 'emial', at " in said[1]
    assert "; first in lines 3-" in said[1]
    assert said[2].startswith("  2. lines ")
    picked = snapfix("big.log", "--pick", "2")
    assert "number 2 is analysed" in picked.stderr


def test_a_crash_that_only_occurs_again_is_of_one_kind(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, TYPO)
    done = snapfix(stdin=text + "\n" + text)
    assert "2 tracebacks in standard input, all of one kind; the last one is analysed" in done.stderr


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--list", "--pick", "1"], "`--list` and `--pick`"),
        (["--pick", "1", "--all"], "`--pick` and `--all`"),
        (["--list", "--all"], "`--list` and `--all`"),
        (["--list", "--show-prompt"], "`--list` and `--show-prompt`"),
        (["--pick", "1", "other.log"], "`--pick` expects one input"),
    ],
)
def test_options_that_exclude_each_other_are_refused(snapfix: Snapfix, log: str, words: list[str], named: str) -> None:
    done = snapfix("big.log", *words)
    assert done.returncode == 2
    assert done.stderr.startswith("error[conflicting-options]: ")
    assert named in done.stderr


def test_number_zero_is_refused_before_anything_is_read(snapfix: Snapfix) -> None:
    done = snapfix("missing.log", "--pick", "0")
    assert done.returncode == 2
    assert "expects a number from 1 on" in done.stderr


def test_nothing_to_list_is_said_as_by_analyze(snapfix: Snapfix, project: Path) -> None:
    (project / "ok.log").write_text("all is well\n")
    named = snapfix("--list", "ok.log", "--json")
    assert named.returncode == 1
    assert "error[no-traceback-found]: no traceback in `ok.log`" in named.stderr
    assert json.loads(named.stdout)["errors"][0]["code"] == "no-traceback-found"
    piped = snapfix("--list", stdin="all is well\n")
    assert (piped.returncode, piped.stdout) == (0, "")
    assert "note[no-traceback-found]" in piped.stderr


def test_several_inputs_are_listed_one_by_one(snapfix: Snapfix, project: Path, log: str) -> None:
    (project / "small.log").write_text(crash(project, TYPO))
    done = snapfix("-l", "big.log", "missing.log", "small.log")
    assert done.returncode == 1
    assert "error[file-not-found]" in done.stderr
    assert "3 tracebacks of 2 kinds in big.log" in done.stdout
    assert "1 traceback of 1 kind in small.log" in done.stdout


def test_the_prompt_for_a_picked_kind_can_be_shown(snapfix: Snapfix, log: str) -> None:
    done = snapfix("--show-prompt", "--pick", "2", stdin=log)
    assert "widht" in done.stdout
    assert "emial" not in done.stdout.split("=== user")[1].split("```")[1]


def kind(number: int, size: int = 1) -> str:
    name = "f" + "".join(chr(97 + int(digit)) for digit in str(number))
    return f'Traceback (most recent call last):\n  File "a.py", line 1, in {name}\nValueError: {"x" * size}\n\n'


def survey_of(count: int, **choice: int | bool) -> Survey:
    return survey((kind(number).encode() for number in range(count)), "x", **choice)  # type: ignore[arg-type]


def test_any_number_can_be_picked_from_a_pipe_though_few_tracebacks_are_kept() -> None:
    (picked,) = survey_of(3_000, pick=7).chosen()
    assert picked.exception.frames[0].name == "fg"
    with pytest.raises(UsageError, match="there are 300 kinds of tracebacks in x, and no number 301"):
        survey_of(300, pick=301).chosen()
    with pytest.raises(UsageError, match="only the latest 200 kinds are kept"):
        survey_of(300, pick=-250).chosen()


def test_what_is_kept_of_many_kinds_is_bounded_and_what_is_not_is_counted() -> None:
    found = survey_of(3_000, every=True)
    assert found.total == found.kinds.appeared == 3_000
    assert len(found.kinds.groups()) == 1_000
    assert [group.number for group in found.kinds.groups()] == list(range(2_001, 3_001)), "numbers last"
    assert len(found.chosen()) == 200
    assert found.forgotten == 2_800


def test_what_is_kept_of_enormous_tracebacks_is_bounded() -> None:
    found = survey((kind(number, 60_000).encode() for number in range(400)), "x", every=True)
    assert sum(len(traceback.exception.message) for traceback in found.chosen()) < 16_000_000
