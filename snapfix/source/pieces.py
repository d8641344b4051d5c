"""The code that matters, in the order in which a budget should be spent on it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from snapfix.crash import Crash, LeftOut, Piece, PieceKind, PlacedFrame, SourceFile
from snapfix.source.called import called_definitions
from snapfix.source.disk import Project
from snapfix.syntax import Definition, DefinitionNode, definitions, definitions_around, parse

AROUND = 10
"""Lines shown on each side of a line that stands in no function."""
LONG_FUNCTION = 120
BEFORE, AFTER = 40, 20
"""Lines kept around a failing line of a longer function."""
LONG_DEFINITION = 60
MAX_PLACES = 12
"""Places of one exception that are shown."""
_MAX_CRASHES = 8
_MAX_FRAMES = 300
_MAX_DEFINITIONS = 8
_MAX_IMPORT_LINES = 80

_MODULE, _IMPORTS = "<module>", "imports"
_IMPORT_LINE = re.compile(r"(?:import|from)\s+[\w.]")
_COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)

_Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class _Place:
    """The function, class body or module (``scope`` is None) that some frames of the stack run in."""

    file: SourceFile
    scope: Definition | None
    linenos: tuple[int, ...]
    kind: PieceKind

    @property
    def title(self) -> str:
        return self.scope.qualname if self.scope else _MODULE

    @property
    def key(self) -> _Key:
        return self.file.name, self.title, self.scope.first_line if self.scope else 0


def rank(
    crashes: Sequence[Crash], project: Project, script_folder: str
) -> tuple[tuple[Piece, ...], tuple[LeftOut, ...]]:
    """The code around the frames of the crashes, and what was left out of it.

    First the place that failed and its file's imports, then its callers, the nearest first, what the failing
    statement calls, the places of the other crashes, and the other files' imports.
    """
    places: dict[_Key, _Place] = {}
    left_out: list[LeftOut] = []
    _add_places(crashes[0], places, left_out)
    own = max(len(places), 1) - 1
    for crash in crashes[1:_MAX_CRASHES]:
        _add_places(crash, places, left_out)
    if not places:
        return (), ()
    failing, *others = places.values()
    pieces = [_piece(failing, left_out), *_imports_of([failing.file])]
    pieces += [_piece(place, left_out) for place in others[:own]]
    pieces += _called_by(failing, places, project, script_folder, left_out)
    pieces += [_piece(place, left_out) for place in others[own:]]
    pieces += _imports_of([place.file for place in others if place.file is not failing.file])
    ranked = tuple(replace(piece, rank=number) for number, piece in enumerate(_without_repeats(pieces)))
    return ranked, tuple(dict.fromkeys(left_out))


def _without_repeats(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces without what an earlier one shows: no budget is spent on a line twice."""
    shown: set[tuple[str, int]] = set()
    for piece in pieces:
        new = [line for line in piece.lines if (piece.file, line[0]) not in shown or line[0] in piece.marked]
        shown.update((piece.file, number) for number, _ in piece.lines)
        if new and piece.title == _MODULE:
            piece = replace(piece, lines=_without_loose_blanks(new, piece.marked))
        if new:
            yield piece


def _add_places(crash: Crash, places: dict[_Key, _Place], left_out: list[LeftOut]) -> None:
    """Add the places of one crash, innermost first; frames of one function share a place."""
    added = 0
    failing = crash.innermost
    for placed in _distinct_frames(crash):
        if placed.file is None or placed.lineno is None:
            continue
        kind = PieceKind.FAILING if placed is failing else PieceKind.CALLER
        place = _Place(placed.file, _scope(placed.file, placed), (placed.lineno,), kind)
        known = places.get(place.key)
        if known is not None:
            linenos = dict.fromkeys((*known.linenos, placed.lineno))
            places[place.key] = replace(known, linenos=tuple(linenos))
        elif added < MAX_PLACES:
            places[place.key] = place
            added += 1
        else:
            reason = f"only the {MAX_PLACES} places nearest to the crash are shown"
            left_out.append(LeftOut(f"{placed.file.name}: {place.title}", reason))


def _distinct_frames(crash: Crash) -> list[PlacedFrame]:
    """The frames with a source, innermost first; of a recursion each line once."""
    found: dict[tuple[str, int | None, str], PlacedFrame] = {}
    for placed in reversed(crash.frames):
        if placed.file is not None:
            found.setdefault((placed.file.name, placed.lineno, placed.frame.name), placed)
    return list(found.values())[:_MAX_FRAMES]


def _scope(file: SourceFile, placed: PlacedFrame) -> Definition | None:
    """The function or class that the frame runs in, by its line and its name."""
    lineno, name = placed.lineno or 0, placed.frame.name.rpartition(".")[2]
    if name == "<module>" or not name:
        return None
    around = definitions_around(file.text, lineno)
    named = [d for d in around if d.node.name == name]
    functions = [d for d in around if not d.is_class]
    return next(iter([*named, *functions, *around]), None)


def _piece(place: _Place, left_out: list[LeftOut]) -> Piece:
    numbers: set[int] = set()
    for lineno in place.linenos:
        numbers |= _numbers(place, lineno)
    scope = place.scope
    if scope is not None:
        shown = sum(scope.first_line <= number <= scope.last_line for number in numbers)
        total = scope.last_line - scope.first_line + 1
        if not scope.is_class and shown < total:
            left_out.append(LeftOut(f"{place.file.name}: {place.title}", f"{total - shown} of its {total} lines"))
        numbers |= _headers_around(place.file, scope)
    return _cut_out(place.file, place.kind, place.title, numbers, tuple(sorted(place.linenos)))


def _cut_out(
    file: SourceFile, kind: PieceKind, title: str, numbers: Iterable[int], marked: tuple[int, ...] = ()
) -> Piece:
    """A piece of the lines with these numbers, without blank lines next to a gap."""
    lines = file.lines
    chosen = [(number, lines[number - 1]) for number in sorted(numbers) if 1 <= number <= len(lines)]
    return Piece(file.name, kind, title, _without_loose_blanks(chosen, marked), marked)


def _without_loose_blanks(lines: Iterable[tuple[int, str]], marked: tuple[int, ...]) -> tuple[tuple[int, str], ...]:
    """The lines without blank ones at the ends and next to gaps."""
    kept: list[tuple[int, str]] = []
    for run in _runs(lines):
        while run and not run[-1][1].strip() and run[-1][0] not in marked:
            run.pop()
        start = next((n for n, line in enumerate(run) if line[1].strip() or line[0] in marked), len(run))
        kept += run[start:]
    return tuple(kept)


def _runs(lines: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    run: list[tuple[int, str]] = []
    for line in lines:
        if run and line[0] != run[-1][0] + 1:
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _numbers(place: _Place, lineno: int) -> set[int]:
    """The lines to show for one failing line."""
    scope = place.scope
    if scope is None:
        tree = parse(place.file.text)
        if tree is None:
            return set(range(lineno - AROUND, lineno + AROUND + 1))
        imported = _import_lines(place.file)
        return _statements_around(tree.body, lineno) - (imported if lineno not in imported else set())
    if scope.is_class:
        return _header(scope) | _statements_around(scope.node.body, lineno)
    return _function(scope, lineno)


def _function(scope: Definition, lineno: int) -> set[int]:
    if scope.last_line - scope.first_line < LONG_FUNCTION:
        return set(range(scope.first_line, scope.last_line + 1))
    near = range(max(scope.first_line, lineno - BEFORE), min(scope.last_line, lineno + AFTER) + 1)
    return _header(scope) | set(near) | _compound_headers(scope.node, lineno)


def _header(scope: Definition) -> set[int]:
    """The lines from the first decorator to the colon after the signature, or thereabouts."""
    first_of_body = min(_first_line(scope.node.body[0]), scope.node.lineno + LONG_DEFINITION)
    return set(range(scope.first_line, max(first_of_body, scope.node.lineno + 1)))


def _headers_around(file: SourceFile, scope: Definition) -> set[int]:
    """The headers of the classes and functions that ``scope`` stands in."""
    numbers: set[int] = set()
    for outer in definitions_around(file.text, scope.first_line):
        if outer.node is not scope.node:
            numbers |= _header(outer)
    return {number for number in numbers if number < scope.first_line}


def _compound_headers(tree: ast.AST, lineno: int) -> set[int]:
    """The first lines of the ``if``, ``for``, ``with``, ``try`` and ``except`` blocks that a line stands in."""
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (*_COMPOUND, ast.ExceptHandler)) and node.lineno <= lineno <= (node.end_lineno or 0)
    ]
    return {node.lineno for node in around}


def _statements_around(body: Sequence[ast.stmt], lineno: int) -> set[int]:
    """The whole statements near a line, the comments between them, and the statement at it, cut where it is long."""
    window = set(range(max(1, lineno - AROUND), lineno + AROUND + 1))
    shown, foreign = set(), set()
    for statement in body:
        lines = set(range(_first_line(statement), (statement.end_lineno or statement.lineno) + 1))
        if lineno in lines and len(lines) > LONG_FUNCTION:
            near = lines.intersection(range(lineno - BEFORE, lineno + AFTER + 1))
            shown |= near | _compound_headers(statement, lineno) | {statement.lineno}
        elif lineno in lines or lines <= window:
            shown |= lines
        foreign |= lines
    return shown | (window - foreign) | {lineno}


def _first_line(statement: ast.stmt) -> int:
    decorators = statement.decorator_list if isinstance(statement, DefinitionNode) else []
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _called_by(
    failing: _Place,
    places: Iterable[_Key],
    project: Project,
    script_folder: str,
    left_out: list[LeftOut],
) -> list[Piece]:
    """The project's functions and classes that the failing statement calls by name."""
    shown = set(places)
    pieces: list[Piece] = []
    for file, definition in called_definitions(failing.file, failing.scope, failing.linenos[0], project, script_folder):
        place = _Place(file, definition, (definition.node.lineno,), PieceKind.DEFINITION)
        if place.key in shown:
            continue
        shown.add(place.key)
        if len(pieces) == _MAX_DEFINITIONS:
            left_out.append(LeftOut(f"{file.name}: {place.title}", "the failing line calls too many functions"))
            continue
        total = definition.last_line - definition.first_line + 1
        numbers = _definition(file, definition)
        if len(numbers) < total:
            left_out.append(LeftOut(f"{file.name}: {place.title}", f"{total - len(numbers)} of its {total} lines"))
        numbers |= _headers_around(file, definition)
        pieces.append(_cut_out(file, PieceKind.DEFINITION, place.title, numbers))
    return pieces


def _definition(file: SourceFile, definition: Definition) -> set[int]:
    whole = range(definition.first_line, definition.last_line + 1)
    if len(whole) <= LONG_DEFINITION:
        return set(whole)
    if definition.is_class:
        maker = f"{definition.qualname}.__init__"
        for inner in definitions(file.text):
            if inner.qualname == maker and whole.start <= inner.first_line <= whole.stop:
                return _header(definition) | set(range(inner.first_line, inner.last_line + 1)[:LONG_DEFINITION])
    return set(whole[:LONG_DEFINITION])


def _imports_of(files: Sequence[SourceFile]) -> list[Piece]:
    pieces = []
    for file in dict.fromkeys(files):
        numbers = _import_lines(file)
        if numbers:
            pieces.append(_cut_out(file, PieceKind.IMPORTS, _IMPORTS, sorted(numbers)[:_MAX_IMPORT_LINES]))
    return pieces


def _import_lines(file: SourceFile) -> set[int]:
    """The lines of the module's import statements; ``try`` and ``if`` around imports are shown with them."""
    tree = parse(file.text)
    if tree is None:
        return {n for n, line in enumerate(file.lines, start=1) if _IMPORT_LINE.match(line)}
    numbers: set[int] = set()
    for statement in tree.body:
        if _is_import(statement):
            numbers |= set(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    return numbers


def _is_import(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.If, ast.Try)):
        return any(isinstance(inner, (ast.Import, ast.ImportFrom)) for inner in statement.body)
    return isinstance(statement, (ast.Import, ast.ImportFrom))
