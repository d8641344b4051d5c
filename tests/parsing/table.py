"""The table of what is read, and how well: ``python -m tests.parsing.table``, one row for each layout.

Whatever it is that was wrapped by another program has a row of its own, and so has what holds no traceback. ``--write``
puts the table into the README.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from snapfix import intake, parsing
from snapfix.crash import Traceback
from tests.parsing.recorders import FAMILIES, cases
from tests.parsing.recorders.base import RECORDED, Case, Score, score

HEAD = (
    "| Layout | Recorded from | Cases | Tracebacks | Type | Message | Own frame | Chain |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|"
)

NOTHING = "no traceback"
WRAPPED = "wrapped: Python, Node.js, Java"
SOURCES_NAMED = 8
README = Path(__file__).parent.parent.parent / "README.md"
IN_README = re.compile(r"(<!-- layouts -->\n\n)(.*?)(\n<!-- end of layouts -->)", re.DOTALL)


@dataclass
class Row:
    """The cases of one layout in one family."""

    sources: dict[str, None] = field(default_factory=dict)
    cases: int = 0
    tracebacks: int = 0
    exceptions: int = 0
    scores: list[Score] = field(default_factory=list)

    def add(self, case: Case, found: list[Traceback]) -> None:
        """Count a case; tracebacks are compared in their order."""
        self.sources[case.source] = None
        self.cases += 1
        self.tracebacks += len(case.crashes)
        self.exceptions += sum(len(crash.exceptions) for crash in case.crashes)
        padded = [*found, *[None] * len(case.crashes)]
        self.scores += [score(crash, got) for crash, got in zip(case.crashes, padded, strict=False)]

    def cells(self) -> list[str]:
        """The figures: recall of each fact."""
        if not self.tracebacks:
            return [str(self.cases), "0 found", "", "", "", ""]
        return [
            str(self.cases),
            str(self.tracebacks),
            _share(sum(s.types for s in self.scores), self.exceptions),
            _share(sum(s.messages for s in self.scores), self.exceptions),
            _share(sum(s.own for s in self.scores), self.tracebacks),
            _share(sum(s.chains for s in self.scores), self.tracebacks),
        ]


def _share(found: int, wanted: int) -> str:
    return f"{found / wanted:.0%}"


def table() -> str:
    """The table in Markdown."""
    rows: dict[str, Row] = defaultdict(Row)
    for family in FAMILIES:
        for case in cases(family):
            rows[_row_of(family, case)].add(case, _read(family, case))
    nothing = rows.pop(NOTHING)
    lines = [f"| {name} | {_sources(row)} | {' | '.join(row.cells())} |" for name, row in sorted(rows.items())]
    return "\n".join([HEAD, *lines, f"| {NOTHING} | {_sources(nothing)} | {' | '.join(nothing.cells())} |"]) + "\n"


def _row_of(family: str, case: Case) -> str:
    if not case.crashes:
        return NOTHING
    return WRAPPED if family == "wrapped" else f"`{case.crashes[0].format}`"


def _sources(row: Row) -> str:
    names = [source.replace("|", "&#124;") for source in row.sources]
    more = f", {len(names) - SOURCES_NAMED} more" if len(names) > SOURCES_NAMED else ""
    return ", ".join(names[:SOURCES_NAMED]) + more


def _read(family: str, case: Case) -> list[Traceback]:
    with (RECORDED / family / f"{case.name}.txt").open("rb") as stream:
        return list(parsing.scan(intake.read(stream, case.name).blocks))


if __name__ == "__main__":
    if "--write" in sys.argv:
        README.write_text(IN_README.sub(lambda m: m[1] + table() + m[3], README.read_text("utf-8")), "utf-8")
    else:
        print(table(), end="")
