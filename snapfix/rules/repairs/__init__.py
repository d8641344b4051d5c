"""Trial repairs of source that does not parse: small changes near the reported place, each one tried out.

A repair counts only when the whole repaired file parses, or at least its first error moves further down. The
compiler's message says which kinds to try first. Nothing is run: the text is only parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from snapfix.rules.repairs.blocks import colons, continuations, empty_blocks, indents, tabs
from snapfix.rules.repairs.brackets import definitions, mismatched, unclosed
from snapfix.rules.repairs.broken import Broken, Flaw, Repair, flaw_of
from snapfix.rules.repairs.spelling import commas, comparisons, foreign, lookalikes, python_2
from snapfix.rules.repairs.strings import fstrings, quotes, raw_strings, triple_quotes

__all__ = ["Repair", "best_repair"]

_MAX_TRIALS = 80
_MAX_LINE = 5_000
"""Longer lines are data, not code that someone typed."""
_MAX_CHARACTERS = 6_000_000
"""Trials times the length of the file: what an analysis may cost on a huge file."""

_MAKERS: tuple[tuple[str, Callable[[Broken], Iterator[Repair]]], ...] = (
    (r"expected ':'", colons),
    (r"expected '\('", definitions),
    (r"never closed|unexpected EOF|[Pp]erhaps you forgot a comma", unclosed),
    (r"unmatched|does not match opening", mismatched),
    (r"unterminated string|EOL while scanning", quotes),
    (r"unterminated triple-quoted|unterminated f-string", triple_quotes),
    (r"forgot a comma", commas),
    (r"instead of '='|cannot assign|perhaps you meant \"==\"", comparisons),
    (r"$^", foreign),
    (r"Missing parentheses|multiple exception types|leading zeros", python_2),
    (r"invalid (?:non-printable )?character", lookalikes),
    (r"unicode error", raw_strings),
    (r"line continuation", continuations),
    (r"f-string", fstrings),
    (r"unexpected indent|unindent", indents),
    (r"expected an indented block", empty_blocks),
    (r"tabs", tabs),
)
"""Which message points to which repairs; those that it points to are tried first, the others too."""

_NAMED_REPAIRS = {"expected ':'": "syntax.missing-colon"}
"""Message -> the kind of repair that it names outright: that is believed even if the very next line has an error."""


@lru_cache(maxsize=16)
def best_repair(text: str, rounds: int = 3) -> Repair | None:
    """The smallest change that repairs a source; None where none is found, or nothing is wrong with it.

    Where one error hides the next, up to ``rounds`` more are repaired along with it.
    """
    flaw = flaw_of(text)
    if flaw is None or not flaw.message or max(map(len, text.split("\n"))) > _MAX_LINE:
        return None
    broken = Broken.of(text, flaw)
    tried = _tried(broken, sorted(_candidates(broken), key=lambda repair: repair.cost))
    complete = [repair for repair, after in tried if after is None]
    if complete:
        best = complete[0]
        ambiguous = best.ambiguous or any(
            other.cost == best.cost and _without_space(other.text) != _without_space(best.text)
            for other in complete[1:]
        )
        return replace(best, complete=True, ambiguous=ambiguous)
    further = [
        (after.lineno, -repair.cost, repair)
        for repair, after in tried
        if after is not None and _is_further(broken, repair, after)
    ]
    return _continued(max(further, key=lambda one: one[:2])[2], rounds) if further else None


def _continued(first: Repair, rounds: int) -> Repair:
    """The repair, together with that of the next error further down."""
    second = best_repair(first.text, rounds - 1) if rounds else None
    if second is None:
        return first
    return replace(
        first,
        text=second.text,
        cause=f"{first.cause} {second.cause}",
        summary=f"{first.summary} {second.summary}",
        complete=second.complete,
        ambiguous=first.ambiguous or second.ambiguous,
        safe=first.safe and second.safe and first.kind == second.kind,
    )


def _without_space(text: str) -> str:
    return "".join(text.split())


def _is_further(broken: Broken, repair: Repair, after: Flaw) -> bool:
    pointed_at = _NAMED_REPAIRS.get(broken.flaw.message) == repair.kind and repair.lineno == broken.flaw.lineno
    return after.lineno > max(broken.flaw.lineno, repair.lineno) + (0 if pointed_at else 1)


def _tried(broken: Broken, candidates: Iterable[Repair]) -> list[tuple[Repair, Flaw | None]]:
    """The candidates with what is wrong after each; dearer ones are left alone once one repairs everything."""
    tried: list[tuple[Repair, Flaw | None]] = []
    limit, enough = min(_MAX_TRIALS, _MAX_CHARACTERS // max(len(broken.text), 1)), float("inf")
    seen = {broken.text}
    for repair in islice(candidates, limit):
        if repair.cost > enough:
            break
        if repair.text in seen:
            continue
        seen.add(repair.text)
        after = flaw_of(repair.text)
        tried.append((repair, after))
        if after is None:
            enough = repair.cost
    return tried


def _candidates(broken: Broken) -> Iterator[Repair]:
    message = broken.flaw.message
    for pattern, make in _MAKERS:
        guided = re.search(pattern, message) is not None
        for repair in make(broken):
            yield replace(repair, cost=repair.cost - 1) if guided else repair
