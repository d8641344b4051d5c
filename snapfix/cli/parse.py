"""``snapfix parse``: what was read, and nothing else; no file of the project is looked at."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from snapfix import intake, parsing
from snapfix.cli import following, passing
from snapfix.cli.survey import STANDARD_INPUT, place_of
from snapfix.cli.terminals import is_terminal
from snapfix.crash import Relation, Traceback
from snapfix.errors import EXIT_INTERRUPTED, EXIT_OK, NoTracebackError, SnapfixError
from snapfix.events import Span, Warned
from snapfix.render.base import one_line
from snapfix.render.document import exception_line, place_line
from snapfix.render.messages import error_lines, span_words, warning_lines, write_lines

_MOST_LISTED = 10
_RELATIONS = {
    Relation.CAUSE: "the cause of",
    Relation.CONTEXT: "while it was handled:",
    Relation.MEMBER: "member of the group:",
}


@dataclass(slots=True)
class Source:
    """One input.

    Attributes:
        name: as it was named, or "standard input".
        blocks: its text; see ``parsing.scan``.
        interrupted: the reading ended with Ctrl-C.
    """

    name: str
    blocks: Iterator[bytes]
    interrupted: bool = False

    def until_interrupted(self) -> Iterator[bytes]:
        """The text up to Ctrl-C: what is being read then is complete with what has arrived."""
        try:
            yield from self.blocks
        except KeyboardInterrupt:
            self.interrupted = True


def run(inputs: tuple[str, ...], *, as_json: bool) -> int:
    """Print every traceback of every input as soon as it was read; the status is that of the worst input."""
    show = _json if as_json else _Table(several=len(inputs) > 1)
    status = EXIT_OK
    for name in inputs:
        try:
            interrupted = _parse(name, show)
        except SnapfixError as error:
            write_lines(sys.stderr, error_lines(error))
            status = max(status, error.exit_status)
        else:
            if interrupted:
                return EXIT_INTERRUPTED
    return status


def _parse(name: str, show: Callable[[Traceback], None]) -> bool:
    """Print the tracebacks of one input; whether it was interrupted.

    Raises:
        InputError: it cannot be read.
        NoTracebackError: there is no traceback in a named file.
    """
    with ExitStack() as stack:
        source = _open(name, stack)
        found = False
        for traceback in parsing.scan(source.until_interrupted(), source.name):
            show(traceback)
            sys.stdout.flush()
            found = True
    if not found and not source.interrupted:
        _nothing_found(name)
    return source.interrupted


def _open(name: str, stack: ExitStack) -> Source:
    if name == "-":
        stream = following.standard_input()
        if is_terminal(sys.stdin):
            sys.stderr.write("paste the traceback, then press Ctrl-D (Ctrl-Z and Enter on Windows)\n")
        blocks = intake.read(stream, STANDARD_INPUT).blocks
        return Source(STANDARD_INPUT, blocks if following.is_regular(stream) else following.with_pauses(blocks))
    stream = stack.enter_context(intake.open_file(name))
    if not following.is_regular(stream):
        return Source(name, following.with_pauses(intake.read(stream, name, named_file=True).blocks))
    # Rows that appear on the terminal say well enough how far the reading has come.
    progress = None if is_terminal(sys.stdout) else passing.Progress(name, time.monotonic)
    if progress is not None:
        stack.callback(progress.close)
    return Source(name, intake.read(stream, name, tee=progress, named_file=True).blocks)


def _nothing_found(name: str) -> None:
    if name != "-":
        raise NoTracebackError("no-traceback-found", f"no traceback in `{name}`", "name a program's output or a log")
    hint = "a traceback goes to standard error, so include it: `python app.py 2>&1 | snapfix parse`"
    write_lines(sys.stderr, warning_lines(Warned("no-traceback-found", "no traceback in the input", hint)))


def _json(traceback: Traceback) -> None:
    from snapfix.render.json import write
    from snapfix.render.parsed import document

    write(document(traceback), sys.stdout, indent=None)


class _Table:
    """Prints the rows of a table as they come; its columns are as wide as they are expected to be."""

    _ROW = "{:<15} {:<24} {}"

    def __init__(self, *, several: bool) -> None:
        self._several = several
        self._origin: str | None = None

    def __call__(self, traceback: Traceback) -> None:
        if self._origin is None:
            sys.stdout.write(self._ROW.format("lines", "format", "what") + "\n")
        if self._several and traceback.origin != self._origin:
            sys.stdout.write(f"{one_line(traceback.origin)}:\n")
        self._origin = traceback.origin
        first, *rest = _cells(traceback)
        lines = span_words(Span(traceback.first_line, traceback.last_line)).partition(" ")[2]
        layout = f"{traceback.language} {traceback.format}"
        if traceback.language == traceback.format:
            layout = traceback.format
        rows = [self._ROW.format(lines, layout, first), *(self._ROW.format("", "", cell) for cell in rest)]
        sys.stdout.write("\n".join(rows) + "\n")


def _cells(traceback: Traceback) -> list[str]:
    """What is said of a traceback: the exception that started it, where, what came of it, what is missing."""
    first, *chain = traceback.exceptions()
    cells = [exception_line(first)]
    place = place_line(place_of(traceback))
    cells += [f"at {place}"] if place else []
    before = first
    for exception in chain[:_MOST_LISTED]:
        relation = exception.relation if exception.relation is Relation.MEMBER else before.relation
        cells.append((f"{_RELATIONS[relation]} " if relation else "") + exception_line(exception))
        before = exception
    if len(chain) > _MOST_LISTED:
        cells.append(f"… and {len(chain) - _MOST_LISTED} more exceptions")
    cells += [f"missing: {one_line('; '.join(traceback.missing), 300)}"] if traceback.missing else []
    return cells
