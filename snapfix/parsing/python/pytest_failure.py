"""One failure of a pytest report: its chain of exceptions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from snapfix.crash import Frame, ParsedException, Relation
from snapfix.parsing.python import cpython
from snapfix.parsing.python.cpython_lines import SEPARATORS, Likeness, likeness
from snapfix.parsing.python.pytest_entries import Entries
from snapfix.parsing.python.pytest_lines import (
    FIXTURE,
    begins_natively,
    is_error,
    is_ruler,
    is_totals,
    location,
    type_and_message,
)
from snapfix.parsing.python.quoted import Quoted
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_CODE_LINES, MAX_MESSAGE_LINES, Bounds, Frames
from snapfix.parsing.text.chains import Ends
from snapfix.parsing.text.lines import Section, Text

_MAX_NEVER_RAISED = 50
"""Lines of the message of an exception that was never raised."""
_DEFINITION = re.compile(r"(?:async )?(?:def|class) (\w+)")


class Failure:
    """Reads one failure; the cursor stands below its heading.

    Attributes:
        bounds: what is still affordable of it.
        last_line: the last line that was read of it.
    """

    def __init__(self, lines: Text) -> None:
        self.bounds = Bounds()
        self.last_line = lines.number
        self._lines = Section(lines, lambda line: None if is_ruler(line) else line)
        self._text = lines

    def read(self) -> ParsedException | None:
        """The exception that was reported, with those that it came from; None where there is none."""
        chain: Ends[tuple[ParsedException, Relation | None]] = Ends(self.bounds)
        relation: Relation | None = None
        while (exception := self._part()) is not None:
            self.last_line = self._lines.number - 1
            relation = self._separator()
            chain.add((exception, relation))
            if relation is None:
                break
        if relation is not None:
            self.bounds.gap(f"the exception after line {self.last_line}")
        return _link(chain.kept())

    def _part(self) -> ParsedException | None:
        line = self._pass_blank()
        if begins_natively(line):
            return self._native()
        if never_raised := self._never_raised():
            return never_raised
        if FIXTURE.match(line):
            return self._fixture()
        return Entries(self._lines, self.bounds).read()

    def _pass_blank(self) -> str:
        while (line := self._lines.peek()) is not None and not line.strip():
            self._lines.skip()
        return line or ""

    def _separator(self) -> Relation | None:
        near = self._lines.next_lines(3)
        for distance, line in enumerate(near):
            if relation := SEPARATORS.get(line.rstrip()):
                self._lines.skip(distance + 1)
                return relation
            if line.strip():
                return None
        return None

    def _native(self) -> ParsedException | None:
        """An exception in CPython's own layout: ``--tb=native``, and every group."""
        traceback = cpython.read(Quoted(self._text, _native))
        if traceback is None:
            return None
        for gap in traceback.missing:
            self.bounds.gap(gap)
        exception = traceback.exception
        rest = [] if exception.members else self._rest_of_message()
        message = "\n".join([exception.message, *rest])
        return replace(exception, message=self.bounds.cut(message)) if rest else exception

    def _rest_of_message(self) -> list[str]:
        """The lines up to a ruler or a separator: nothing but the message stands there."""
        rest: list[str] = []
        for line in islice(self._text.ahead(), MAX_MESSAGE_LINES):
            if is_totals(line) or is_ruler(line) or line.rstrip() in SEPARATORS:
                self._lines.skip(len(rest))
                return rest[:-1] if rest and not rest[-1].strip() else rest
            rest.append(line)
        return []

    def _never_raised(self) -> ParsedException | None:
        """A cause that was never raised: it has no stack, so that only its text stands above the separator."""
        lines: list[str] = []
        for line in islice(self._lines.ahead(), _MAX_NEVER_RAISED):
            if line.rstrip() in SEPARATORS:
                break
            if is_error(line) or line.startswith(">") or location(line):
                return None
            lines.append(line)
        else:
            return None
        if not lines or likeness(lines[0]) < Likeness.LIKELY:
            return None
        type_name, message = type_and_message(lines[:-1] if len(lines) > 1 and not lines[-1].strip() else lines)
        self._lines.skip(len(lines))
        return ParsedException(type_name, self.bounds.cut(message))

    def _fixture(self) -> ParsedException | None:
        """A fixture that does not exist: ``file test_shop.py, line 9``, then the function that asks for it."""
        frames = Frames(self.bounds)
        while match := FIXTURE.match(self._lines.peek() or ""):
            self._lines.skip()
            code = self._code_of_fixture()
            definition = next(filter(None, map(_DEFINITION.match, map(str.strip, code))), None)
            name = definition[1] if definition else ""
            frames.add(Frame(match["file"], int(match["line"]), name, "\n".join(line[2:] for line in code)))
        text = [line[1:].strip() for line in self._take(is_error)]
        text += [line[1:].strip() for line in self._take(lambda line: line.startswith(">"))]
        if not text:
            return None
        place = location(next((line for line in self._lines.next_lines(2) if line.strip()), ""))
        if place and place.rest is None:
            self._pass_blank()
            self._lines.skip()
        return ParsedException("FixtureLookupError", self.bounds.cut("\n".join(text)), frames=frames.kept())

    def _code_of_fixture(self) -> list[str]:
        lines: list[str] = []
        while (line := self._lines.peek()) is not None and line.startswith("  "):
            self._lines.skip()
            lines = [*lines, line[:LONGEST_LINE]][-MAX_CODE_LINES:]
        return lines

    def _take(self, wanted: Callable[[str], bool]) -> list[str]:
        taken: list[str] = []
        while (line := self._lines.peek()) is not None and wanted(line):
            self._lines.skip()
            if len(taken) < MAX_MESSAGE_LINES:
                taken.append(line)
            else:
                self.bounds.leave_out("line{s} of a message")
        return taken


def _native(lines: Iterator[str]) -> Iterator[str]:
    """The lines of an exception in CPython's layout, in a chain that may go on in pytest's own."""
    for line in lines:
        if is_ruler(line):
            return
        if line.rstrip() not in SEPARATORS:
            yield line
            continue
        after = list(islice(lines, 2))
        if not any(map(begins_natively, after)):
            return
        yield line
        yield from after


def _link(chain: Sequence[tuple[ParsedException, Relation | None]]) -> ParsedException | None:
    """Hang each exception of a chain, earliest first, under the one that it led to."""
    result: ParsedException | None = None
    for exception, relation in chain:
        if result is not None and _is_repeated(result, exception):
            result = result.previous
        linked = exception.linked if result is None else (result, *exception.linked)
        result = replace(exception, linked=linked, relation=relation)
    return result and replace(result, relation=None)


def _is_repeated(previous: ParsedException, exception: ParsedException) -> bool:
    """Where a group is the cause, pytest prints the whole chain natively in its place, and then the rest again."""
    same = (previous.type_name, previous.message) == (exception.type_name, exception.message)
    return same and previous.previous is not None and bool(previous.previous.members)
