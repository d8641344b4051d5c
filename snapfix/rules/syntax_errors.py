"""SyntaxError, IndentationError, TabError: the smallest change that makes the file parse."""

from __future__ import annotations

import re
import sys
from functools import partial

from snapfix.crash import Crash, CrashContext
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Fix, Location
from snapfix.rules.base import Change, Place, Rule, edit_changes, quote, raising_place, rule
from snapfix.rules.evidence.installing import interpreter
from snapfix.rules.repairs import Repair, best_repair
from snapfix.syntax import enclosing_function, parse

_EXCEPTIONS = frozenset({"SyntaxError", "IndentationError", "TabError"})
_MEANINGS = {
    "SyntaxError": "Python could not read",
    "IndentationError": "The indentation does not fit in",
    "TabError": "Tabs and spaces are mixed in",
}


def _diagnose(kind: str, _context: CrashContext, crash: Crash) -> Diagnosis | None:
    place = raising_place(crash)
    if place is None or _is_conflict(place):
        return None
    repair = best_repair(place.file.text)
    if repair is None or repair.kind != kind:
        return None
    edits = edit_changes(place.file, _changes(place.file.text, repair.text))
    sure = repair.complete and not repair.ambiguous
    reported = "" if repair.lineno == place.lineno else f" The fault lies in line {repair.lineno}."
    more = "" if repair.complete else " There is at least one more error further down."
    lines = sorted({repair.lineno, place.lineno})
    return Diagnosis(
        error_analysis=(
            f"{_MEANINGS[crash.exception.short_name]} {place.file.name}: it stopped at line {place.lineno} "
            f"({crash.exception.message.rstrip('.')}), and nothing in the file was run.{reported}{more}"
        ),
        root_cause=repair.cause,
        location=Location(place.file.name, repair.lineno),
        evidence=tuple(quote(place.file, n) for n in lines if place.file.lines[n - 1].strip()),
        fix=Fix(repair.summary, edits, (), _safety(repair, sure, edits)),
        confidence=Confidence.CERTAIN if sure and repair.safe else Confidence.LIKELY,
        prevention="An editor with Python support marks such places while you type.",
    )


def _safety(repair: Repair, sure: bool, edits: tuple[Edit, ...]) -> Applicability:
    return Applicability.SAFE if sure and repair.safe and edits else Applicability.UNSAFE


def _changes(before: str, after: str) -> list[Change]:
    """The lines that differ, as changes."""
    old, new = before.split("\n"), after.split("\n")
    if len(old) == len(new):
        pairs = zip(old, new, strict=True)
        return [Change(n, n, (two,)) for n, (one, two) in enumerate(pairs, start=1) if one != two]
    start = next((n for n, (one, two) in enumerate(zip(old, new, strict=False)) if one != two), min(len(old), len(new)))
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return [Change(start + 1, len(old) - end, tuple(new[start : len(new) - end]))]


def _repaired(kind: str) -> Rule:
    return Rule(kind, _EXCEPTIONS, partial(_diagnose, kind))


missing_colon = _repaired("syntax.missing-colon")
brackets = _repaired("syntax.brackets")
unterminated_string = _repaired("syntax.unterminated-string")
missing_comma = _repaired("syntax.missing-comma")
assignment_in_condition = _repaired("syntax.assignment-in-condition")
python_2 = _repaired("syntax.python2")
foreign_operator = _repaired("syntax.foreign-operator")
invalid_character = _repaired("syntax.invalid-character")
fstring = _repaired("syntax.fstring")
other = _repaired("syntax.other")
expected_block = _repaired("indentation.expected-block")
unexpected_indentation = _repaired("indentation.unexpected")


def _is_conflict(place: Place) -> bool:
    return any(re.match(r"(?:<{7}|>{7}) ", line) for line in place.file.lines)


@rule("syntax.merge-conflict", "SyntaxError", "IndentationError")
def merge_conflict(_context: CrashContext, crash: Crash) -> Diagnosis | None:
    """The markers of a version control conflict are still in the file."""
    place = raising_place(crash)
    if place is None or not _is_conflict(place):
        return None
    lines = place.file.lines
    marked = [n for n, line in enumerate(lines, start=1) if re.match(r"(?:<{7}|>{7}) ", line)]
    return Diagnosis(
        error_analysis=f"{place.file.name} is not Python: it holds both versions of a merge, with the markers.",
        root_cause=f"A merge conflict was not resolved, from line {marked[0]} on.",
        location=Location(place.file.name, marked[0]),
        evidence=tuple(quote(place.file, n) for n in marked[:4]),
        fix=Fix(
            "Keep one of the two versions (or both, joined) and remove the lines with `<<<<<<<`, `=======`, `>>>>>>>`."
        ),
        confidence=Confidence.CERTAIN,
        prevention="`git diff --check` finds markers before they are committed.",
    )


@rule("syntax.outside-function", "SyntaxError")
def outside_function(_context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``await`` in a function that is not ``async``; ``return`` outside a function."""
    place = raising_place(crash)
    found = re.match(
        r"'(await|return|yield|async with|async for)' outside (?:async )?function", crash.exception.message
    )
    if found is None and crash.exception.message.startswith("asynchronous comprehension outside"):
        found = re.match(r"(asynchronous comprehension)", crash.exception.message)
    if place is None or found is None or place.file.text.isspace():
        return None
    function = enclosing_function(place.file.text, place.lineno)
    word = found[1]
    if function is not None and word not in ("return", "yield"):
        line = place.file.lines[function.node.lineno - 1]
        change = Change(function.node.lineno, function.node.lineno, (re.sub(r"\bdef\b", "async def", line, count=1),))
        cause = f"`{function.qualname}` uses `{word}`, but it is not an `async` function."
        summary = f"Make `{function.qualname}` an `async def`; whoever calls it has to `await` it."
        edits = edit_changes(place.file, [change])
        location = Location(place.file.name, function.node.lineno, function.qualname)
    else:
        cause = f"`{word}` stands outside every function."
        summary = f"Indent line {place.lineno} into its function" + (
            ", or end the program with `sys.exit()`." if word == "return" else "."
        )
        edits, location = (), place.location
    return Diagnosis(
        error_analysis=f"Python refused {place.file.name} at line {place.lineno}; nothing in the file was run.",
        root_cause=cause,
        location=location,
        evidence=(quote(place.file, place.lineno),),
        fix=Fix(summary, edits, (), Applicability.UNSAFE if edits else Applicability.DISPLAY_ONLY),
        confidence=Confidence.CERTAIN,
    )


@rule("syntax.newer-python", "SyntaxError")
def newer_python(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """The file is valid for a newer Python than the one that ran it."""
    place, running = raising_place(crash), context.environment.python
    if place is None or place.placed.changed or parse(place.file.text) is None or running is None:
        return None
    ours = sys.version_info[:2]
    if running >= ours:
        return None
    return Diagnosis(
        error_analysis=(
            f"Python {running[0]}.{running[1]} could not read {place.file.name}, line {place.lineno}; "
            f"Python {ours[0]}.{ours[1]} can."
        ),
        root_cause=f"Line {place.lineno} uses syntax that Python {running[0]}.{running[1]} does not know yet.",
        location=Location(place.file.name, place.lineno),
        evidence=(quote(place.file, place.lineno),),
        fix=Fix(f"Run it with a newer Python than {interpreter(context)}, or write the line in the older way."),
        confidence=Confidence.LIKELY,
        prevention="State `requires-python` in pyproject.toml.",
    )
