"""The set of bugs is what it says, and the prompt holds their fixes."""

from __future__ import annotations

import re

import pytest

from tests.benchmarks import bugs, context
from tests.benchmarks.context import Failure
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")

# Of crashes and of failed assertions; what is measured is in the README.
AT_LEAST = {"crash": 0.9, "assertion": 0.65}


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> list[Failure]:
    chosen = [bug for name in bugs.NAMES for bug in bugs.load(name)]
    return context.run_all(chosen, tmp_path_factory.mktemp("bugs"), seconds=30)


@pytest.mark.parametrize("outcome", bugs.OUTCOMES)
def test_the_whole_fix_is_in_the_prompt(failures: list[Failure], outcome: str) -> None:
    group = [failure for failure in failures if failure.bug.outcome == outcome]
    held = [failure for failure in group if failure.fix <= context.snapfix(failure).lines]
    assert len(group) >= 50
    assert len(held) / len(group) >= AT_LEAST[outcome]


def test_the_readme_says_what_is_measured(failures: list[Failure]) -> None:
    row = re.search(r"^\| \*\*Snapfix\*\* \| \*\*(\d+) %\*\* \|.*\| \*\*(\d+) %\*\* \|", README, re.MULTILINE)
    assert row is not None
    for outcome, written in zip(bugs.OUTCOMES, map(int, row.groups()), strict=True):
        group = [failure for failure in failures if failure.bug.outcome == outcome]
        held = sum(failure.fix <= context.snapfix(failure).lines for failure in group)
        # The search ends by the clock, so that a slow machine may find a little less.
        assert abs(100 * held / len(group) - written) <= 5


def test_no_prompt_has_more_tokens_than_its_limit(failures: list[Failure]) -> None:
    assert max(context.snapfix(failure).tokens for failure in failures) <= context.LIMIT


def test_the_fixes_are_where_the_set_says(failures: list[Failure]) -> None:
    seen = {failure.bug.name: context.seen(failure) or failure.bug.distance for failure in failures}
    assert seen == {failure.bug.name: failure.bug.distance for failure in failures}


@pytest.mark.parametrize("project", bugs.NAMES)
def test_the_healthy_programs_are_healthy(project: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = bugs.copy_healthy(project, tmp_path_factory.mktemp("healthy"))
    runs = {bug.run: bug for bug in bugs.load(project) if "pytest" not in bug.run}
    for bug in runs.values():
        assert bugs.run(bug, root).returncode == 0, bug
    tests = bugs.Bug(project, "all", "", ("-m", "pytest", "-q"), "crash", "callee", ())
    done = bugs.run(tests, root)
    assert done.returncode == 0, done.stdout
