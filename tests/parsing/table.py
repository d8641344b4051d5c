"""The table of what is read, and how well: ``python -m tests.parsing.table``, one row for each family and layout."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from snapfix import intake, parsing
from snapfix.crash import Traceback
from tests.parsing.recorders import FAMILIES, cases
from tests.parsing.recorders.base import RECORDED, Case, Score, score

HEAD = (
    "| Layout | Recorded from | Cases | Tracebacks | Type | Message | Own frame | Chain |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|"
)


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
    rows: dict[tuple[str, str], Row] = defaultdict(Row)
    for family in FAMILIES:
        for case in cases(family):
            layout = case.crashes[0].format if case.crashes else "none"
            rows[family, layout].add(case, _read(family, case))
    lines = [HEAD]
    for (_, layout), row in rows.items():
        name = f"`{layout}`" if layout != "none" else "no traceback"
        lines.append("| " + " | ".join([name, ", ".join(row.sources), *row.cells()]) + " |")
    return "\n".join(lines) + "\n"


def _read(family: str, case: Case) -> list[Traceback]:
    with (RECORDED / family / f"{case.name}.txt").open("rb") as stream:
        return list(parsing.scan(intake.read(stream, case.name).blocks))


if __name__ == "__main__":
    print(table(), end="")
