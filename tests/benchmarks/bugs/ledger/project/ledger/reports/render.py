"""Reports as text, CSV, Markdown or JSON."""
from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from ..errors import NotFound
from ..storage import plain
from .statements import Report, Row


class Renderer:
    """Base of the renderers; subclasses lay out the cells that `cell` has formatted."""

    name: ClassVar[str] = ""

    def __init__(self, digits: int = 2) -> None:
        self.digits = digits

    def cell(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, Decimal):
            return f"{value:,.{self.digits}f}"
        if isinstance(value, date):
            return value.isoformat()
        return str(value)

    def cells(self, report: Report, row: Row) -> list[str]:
        return [self.cell(row[column.key]) for column in report.columns]

    def render(self, report: Report) -> str:
        raise NotImplementedError


class TextRenderer(Renderer):
    name = "text"

    def cells(self, report: Report, row: Row) -> list[str]:
        found = super().cells(report, row)
        for index, column in enumerate(report.columns):
            if column.key == "name":
                found[index] = "  " * row.level + found[index]
        return found

    def render(self, report: Report) -> str:
        table = [self.cells(report, row) for row in report.rows]
        titles = [column.title for column in report.columns]
        widths = [
            max(len(titles[index]), *(len(cells[index]) for cells in table), 0)
            for index in range(len(titles))
        ]
        rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
        out = [report.title, "=" * len(report.title), self._line(report, titles, widths), rule]
        for row, cells in zip(report.rows, table):
            if row.style == "total":
                out.append(rule)
            out.append(self._line(report, cells, widths))
            if row.style == "total":
                out.append("")
        out.extend(f"* {note}" for note in report.notes)
        return "\n".join(out).rstrip() + "\n"

    @staticmethod
    def _line(report: Report, cells: list[str], widths: list[int]) -> str:
        parts = [
            cell.rjust(width) if column.right else cell.ljust(width)
            for column, cell, width in zip(report.columns, cells, widths)
        ]
        return "  ".join(parts).rstrip()


class CsvRenderer(Renderer):
    name = "csv"

    def cell(self, value: Any) -> str:
        return str(value) if isinstance(value, Decimal) else super().cell(value)

    def render(self, report: Report) -> str:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow([column.key for column in report.columns])
        for row in report.rows:
            if row.style != "heading":
                writer.writerow(self.cells(report, row))
        return buffer.getvalue()


class MarkdownRenderer(Renderer):
    name = "markdown"

    def render(self, report: Report) -> str:
        out = [f"## {report.title}", ""]
        out.append("| " + " | ".join(column.title for column in report.columns) + " |")
        out.append("|" + "|".join("---:" if column.right else "---" for column in report.columns) + "|")
        for row in report.rows:
            mark = "**" if row.style in ("total", "heading") else ""
            cells = [f"{mark}{cell}{mark}" if cell else "" for cell in self.cells(report, row)]
            out.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        return "\n".join(out) + "\n"


class JsonRenderer(Renderer):
    name = "json"

    def render(self, report: Report) -> str:
        data = {
            "title": report.title,
            "rows": [{"level": row.level, "style": row.style, **row.cells} for row in report.rows],
            "totals": report.totals,
            "notes": report.notes,
        }
        return json.dumps(plain(data), indent=2, ensure_ascii=False) + "\n"


RENDERERS: dict[str, type[Renderer]] = {
    item.name: item for item in (TextRenderer, CsvRenderer, MarkdownRenderer, JsonRenderer)
}


def render(report: Report, name: str = "text", digits: int = 2) -> str:
    try:
        renderer = RENDERERS[name](digits)
    except KeyError:
        raise NotFound("output format", name) from None
    return renderer.render(report)
