"""What a rule of the offline analyser is, and the few things that every rule needs.

A rule is one function: it looks at one exception of a crash and returns a diagnosis, or None where its cause
is not at work. It never imports, runs or reads anything: the context holds all there is to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from snapfix.crash import Crash, CrashContext, SourceFile
from snapfix.diagnosis import Diagnosis, Edit, Evidence

Analyse = Callable[[CrashContext, Crash], Diagnosis | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A cause that the offline analyser knows.

    Attributes:
        id: the cause's name in the catalogue (``name.typo``); shown as the "model" that answered.
        exceptions: the exception types, without module, that the cause shows itself by.
        analyse: finds it.
    """

    id: str
    exceptions: frozenset[str]
    analyse: Analyse


def rule(rule_id: str, *exceptions: str) -> Callable[[Analyse], Rule]:
    """Make a rule of a function: ``@rule("name.typo", "NameError")``."""

    def make(analyse: Analyse) -> Rule:
        return Rule(rule_id, frozenset(exceptions), analyse)

    return make


def edit_lines(file: SourceFile, first: int, last: int, replacement: Iterable[str]) -> Edit | None:
    """The edit that replaces lines ``first`` to ``last`` (1-based, inclusive) by ``replacement``.

    Lines around them are added to ``find`` until it occurs only once in the file. None where nothing makes
    it unique, or where nothing would change. To insert before a line, give ``last = first - 1``.
    """
    lines = file.lines
    new = list(replacement)
    for margin in range(len(lines)):
        start, end = max(first - 1 - margin, 0), min(last + margin, len(lines))
        find = "\n".join(lines[start:end])
        replace = "\n".join([*lines[start : first - 1], *new, *lines[last:end]])
        if find.strip() and file.text.count(find) == 1:
            return Edit(file.name, find, replace) if find != replace else None
        if start == 0 and end == len(lines):
            return None
    return None


def quote(file: SourceFile, lineno: int) -> Evidence:
    """A line of the project as evidence."""
    return Evidence(file.name, lineno, file.lines[lineno - 1].strip())


def indentation(line: str) -> str:
    """The white space that a line begins with."""
    return line[: len(line) - len(line.lstrip())]


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The one candidate that ``name`` is most likely a misspelling of, or None.

    At most a third of the letters may differ (swapped neighbours count three quarters, case and underscores
    half), and no second candidate may be as near: a tie is not evidence.
    """
    ranked = sorted(
        ((_distance(name, candidate), candidate) for candidate in set(candidates) if candidate != name),
    )
    if not ranked:
        return None
    best, candidate = ranked[0]
    if best > max(1.0, max(len(name), len(candidate)) / 3) or best >= min(len(name), len(candidate)):
        return None
    if len(ranked) > 1 and ranked[1][0] == best:
        return None
    return candidate


def _distance(one: str, two: str) -> float:
    """Optimal string alignment distance, in letters; far apart in length is infinitely far."""
    if abs(len(one) - len(two)) > max(len(one), len(two)) / 3 + 1:
        return float("inf")
    previous: list[float] = []
    current = [float(column) for column in range(len(two) + 1)]
    for row, letter in enumerate(one, start=1):
        before, previous, current = previous, current, [float(row)]
        for column, other in enumerate(two, start=1):
            cost = _substitution(letter, other)
            best = min(
                previous[column] + _insertion(letter), current[-1] + _insertion(other), previous[column - 1] + cost
            )
            if row > 1 and column > 1 and letter == two[column - 2] and one[row - 2] == other:
                best = min(best, before[column - 2] + 0.75)
            current.append(best)
    return current[-1]


def _substitution(letter: str, other: str) -> float:
    if letter == other:
        return 0.0
    return 0.5 if letter.lower() == other.lower() else 1.0


def _insertion(letter: str) -> float:
    return 0.5 if letter == "_" else 1.0
