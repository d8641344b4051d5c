"""What ``--list`` shows: the kinds of tracebacks in each input, with the numbers that ``--pick`` takes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from snapfix.cli.survey import Survey
from snapfix.cli.terminals import is_terminal
from snapfix.errors import SnapfixError
from snapfix.events import Group, Span, Warned
from snapfix.render.base import one_line
from snapfix.render.document import exception_line, place_line

if TYPE_CHECKING:
    from rich.table import Table


def show(surveys: Sequence[Survey]) -> None:
    """Print a table for each input that holds tracebacks."""
    terminal = is_terminal(sys.stdout)
    sys.stdout.write("\n".join(_text(found, terminal=terminal) for found in surveys))


def _text(found: Survey, *, terminal: bool) -> str:
    from rich.console import Console

    lines = StringIO()
    console = Console(file=lines, force_terminal=terminal, highlight=False, width=None if terminal else 2000)
    console.print(_table(found, terminal=terminal))
    body = "\n".join(line.rstrip() for line in lines.getvalue().rstrip().split("\n"))
    last = f"\nthe last traceback is of number {found.latest}, which is analysed where none is picked"
    return f"{_title(found)}\n{body}{last if found.kinds.appeared > 1 else ''}\n"


def _title(found: Survey) -> str:
    tracebacks = f"{found.total} traceback" + ("s" if found.total > 1 else "")
    kinds = f"{found.kinds.appeared} kind" + ("s" if found.kinds.appeared > 1 else "")
    listed = len(found.kinds.groups())
    only = f", of which the latest {listed} are listed" if listed < found.kinds.appeared else ""
    return f"{tracebacks} of {kinds} in {one_line(found.origin)}{only}"


def _table(found: Survey, *, terminal: bool) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD if terminal else None, pad_edge=False)
    for title, right in (("#", True), ("count", True), ("first lines", False), ("last lines", False)):
        table.add_column(title, no_wrap=True, justify="right" if right else "left")
    table.add_column("what", overflow="fold", no_wrap=not terminal)
    table.add_column("where", overflow="fold", no_wrap=not terminal)
    for group in found.kinds.groups():
        style = "bold" if group.number == found.latest else ""
        table.add_row(*(Text(cell, style=style) for cell in _cells(group)))
    return table


def _cells(group: Group) -> tuple[str, ...]:
    return (
        str(group.number),
        str(group.count),
        _lines(group.first),
        _lines(group.last),
        exception_line(group),
        place_line(group.place),
    )


def _lines(span: Span) -> str:
    return str(span.first_line) if span.first_line == span.last_line else f"{span.first_line}-{span.last_line}"


def write_document(surveys: Sequence[Survey], warnings: Sequence[Warned], errors: Sequence[SnapfixError]) -> None:
    """Print the list as one JSON document."""
    from snapfix.render.json import ListDocument, ListedPart, MessagePart, group_part, write

    groups = tuple(
        ListedPart(**dict(group_part(group)), latest=group.number == found.latest)
        for found in surveys
        for group in found.kinds.groups()
    )
    document = ListDocument(
        groups=groups,
        errors=tuple(MessagePart(code=e.code, message=e.message, hint=e.hint) for e in errors),
        warnings=tuple(MessagePart(code=w.code, message=w.message, hint=w.hint or None) for w in warnings),
    )
    write(document.model_dump(mode="json"), sys.stdout)
