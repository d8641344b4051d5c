"""What a rule of the offline analyser is, and the few things that every rule needs.

A rule is one function: it looks at one exception of a crash and returns a diagnosis, or None where its cause
is not at work. It never imports, runs or reads anything: the context holds all there is to know.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from snapfix.crash import Crash, CrashContext, PlacedFrame, SourceFile
from snapfix.diagnosis import Diagnosis, Edit, Evidence, Location
from snapfix.syntax import Definition, enclosing_function, parse

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


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a project file that was running: the file, and its line as it is now (1-based)."""

    placed: PlacedFrame
    file: SourceFile
    lineno: int

    @property
    def line(self) -> str:
        """The line's text, with its indentation."""
        return self.file.lines[self.lineno - 1]

    @property
    def tree(self) -> ast.Module | None:
        """The file's tree, or None where it does not parse."""
        return parse(self.file.text)

    @property
    def function(self) -> Definition | None:
        """The innermost function that the line stands in."""
        return enclosing_function(self.file.text, self.lineno)

    @property
    def statement(self) -> ast.stmt | None:
        """The smallest statement that the line belongs to."""
        return _statement_at(self.tree, self.lineno) if self.tree is not None else None

    @property
    def location(self) -> Location:
        """The line as the place of a fault."""
        function = self.function
        return Location(self.file.name, self.lineno, function.qualname if function else None)

    @property
    def columns(self) -> tuple[int, int] | None:
        """The characters of ``line`` that the carets mark, end exclusive; None without carets."""
        marked = self.placed.frame.columns
        if marked is None or self.placed.changed:
            return None
        shift = len(indentation(self.line))
        return marked[0] + shift, marked[1] + shift


def _statement_at(tree: ast.AST, lineno: int) -> ast.stmt | None:
    """The smallest statement at a line, found by going down only where the line is."""
    found: ast.stmt | None = None
    pending = [tree]
    while pending:
        for node in ast.iter_child_nodes(pending.pop()):
            if isinstance(node, ast.stmt):
                first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
                if not first <= lineno <= (node.end_lineno or node.lineno):
                    continue
                if node.lineno <= lineno:
                    found = node
                pending.append(node)
            elif isinstance(node, ast.excepthandler | ast.match_case):
                pending.append(node)
    return found


def place_of(placed: PlacedFrame | None) -> Place | None:
    """Where a frame was running, if that is a line of a project file that was found."""
    if placed is None or placed.file is None or placed.lineno is None:
        return None
    if not 1 <= placed.lineno <= len(placed.file.lines):
        return None
    return Place(placed, placed.file, placed.lineno)


def raising_place(crash: Crash) -> Place | None:
    """The line that raised; None where that is not the project's own code, or its source was not found."""
    if not crash.frames or not crash.frames[-1].in_app:
        return None
    return place_of(crash.frames[-1])


def innermost_place(crash: Crash) -> Place | None:
    """The line of the project nearest to the crash: it raised, or it called the library that did."""
    return place_of(crash.innermost)


@dataclass(frozen=True, slots=True)
class Change:
    """Lines ``first`` to ``last`` (1-based, inclusive) become ``lines``; ``last = first - 1`` inserts."""

    first: int
    last: int
    lines: tuple[str, ...]


def edit_changes(file: SourceFile, changes: Iterable[Change]) -> tuple[Edit, ...]:
    """The edits that make all ``changes`` (which do not overlap), or () where one cannot be made.

    Each edit's text occurs once, also after the edits before it; changes too close for that share one edit.
    """
    ordered = sorted(changes, key=lambda change: (change.first, change.last))
    while ordered:
        edits = [edit_lines(file, change.first, change.last, change.lines) for change in ordered]
        clash = next((n for n, edit in enumerate(edits) if edit is None), None)
        if clash is None:
            clash = _first_clash(file.text, [edit for edit in edits if edit is not None])
            if clash is None:
                return tuple(edit for edit in edits if edit is not None)
        if len(ordered) == 1:
            return ()
        clash = max(clash, 1)
        ordered[clash - 1 : clash + 1] = [_merged(file, ordered[clash - 1], ordered[clash])]
    return ()


def _first_clash(text: str, edits: Sequence[Edit]) -> int | None:
    """The number of the first edit that overlaps the one before it, or no longer fits after it."""
    end, after = 0, text
    for number, edit in enumerate(edits):
        start = text.find(edit.find)
        if start < end or after.count(edit.find) != 1:
            return number
        end = start + len(edit.find)
        after = after.replace(edit.find, edit.replace)
    return None


def _merged(file: SourceFile, one: Change, two: Change) -> Change:
    between = file.lines[one.last : two.first - 1]
    return Change(one.first, max(one.last, two.last), (*one.lines, *between, *two.lines))


def replace_nodes(file: SourceFile, replacements: Iterable[tuple[ast.expr | ast.alias, str]]) -> tuple[Change, ...]:
    """The changes that put texts in place of expressions that each stand on one line."""
    by_line: dict[int, list[tuple[int, int, str]]] = {}
    for node, text in replacements:
        if node.end_lineno != node.lineno or node.end_col_offset is None:
            return ()
        start, end = (character_column(file, node.lineno, n) for n in (node.col_offset, node.end_col_offset))
        by_line.setdefault(node.lineno, []).append((start, end, text))
    changes = []
    for lineno, spans in by_line.items():
        line = file.lines[lineno - 1]
        for start, end, text in sorted(spans, reverse=True):
            line = line[:start] + text + line[end:]
        changes.append(Change(lineno, lineno, (line,)))
    return tuple(changes)


def character_column(file: SourceFile, lineno: int, byte_column: int) -> int:
    """A column of ``ast``, which counts UTF-8 bytes, in characters."""
    line = file.lines[lineno - 1]
    if line.isascii():
        return byte_column
    return len(line.encode("utf-8", "replace")[:byte_column].decode("utf-8", "replace"))


def at_carets(place: Place, nodes: Sequence[ast.expr]) -> ast.expr | None:
    """The one of ``nodes`` that failed: the one under the carets, else the first on the line."""
    on_line = [node for node in nodes if node.lineno == place.lineno]
    columns = place.columns
    if columns is not None and len(on_line) > 1:
        for node in on_line:
            start = character_column(place.file, node.lineno, node.col_offset)
            if columns[0] <= start < columns[1]:
                return node
    return next(iter(on_line), None)


def edit_lines(file: SourceFile, first: int, last: int, replacement: Iterable[str]) -> Edit | None:
    """The edit that replaces lines ``first`` to ``last`` (1-based, inclusive) by ``replacement``.

    Lines around them are added to ``find`` until it occurs only once in the file. None where nothing makes
    it unique, or where nothing would change. To insert before a line, give ``last = first - 1``.
    """
    lines = file.lines
    new = list(replacement)
    removes_lines = not new and first <= last
    for margin in range(1 if removes_lines else 0, len(lines)):
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

    See ``near``; no second candidate may be as near as the first: a tie is not evidence.
    """
    ranked = near(name, candidates)
    if not ranked or (len(ranked) > 1 and ranked[1][0] == ranked[0][0]):
        return None
    return ranked[0][1]


def near(name: str, candidates: Iterable[str]) -> list[tuple[float, str]]:
    """The candidates that ``name`` may be a misspelling of, with their distance in letters, nearest first.

    At most a third of the letters may differ (swapped neighbours count three quarters, case and underscores
    half), or two where they were only left out between the same first and last letters (``ste`` for ``state``).
    """
    letters = set(name.lower())
    ranked = sorted(
        (distance(name, candidate), candidate)
        for candidate in set(candidates) - {name}
        if len(letters ^ set(candidate.lower())) / 2 <= max(2.0, len(candidate) / 3, len(name) / 3)
    )
    return [
        (apart, candidate)
        for apart, candidate in ranked
        if (apart <= max(1.0, max(len(name), len(candidate)) / 3) or (apart <= 2 and _left_out(name, candidate)))
        and apart < min(len(name), len(candidate))
    ]


def _left_out(name: str, candidate: str) -> bool:
    """``name`` is ``candidate`` without some of its inner letters."""
    if len(name) < 3 or (name[0], name[-1]) != (candidate[0], candidate[-1]):
        return False
    letters = iter(candidate)
    return all(letter in letters for letter in name)


def distance(one: str, two: str) -> float:
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
                previous[column] + _insertion(letter),
                current[-1] + _insertion(other),
                previous[column - 1] + cost,
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
