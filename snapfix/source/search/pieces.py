"""The code that matters, in the order in which a budget should be spent on it."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from snapfix.crash import Crash, LeftOut, Piece, PieceKind, PlacedFrame, SourceFile
from snapfix.shapes import is_foreign_source
from snapfix.source.python import slices
from snapfix.source.python.inference import Inference
from snapfix.source.python.module import Module, Symbol
from snapfix.source.python.program import Program
from snapfix.source.search.ranking import WEIGHTS, Candidate, Root, Search, calls_on_the_stack
from snapfix.source.search.relevance import Relevance
from snapfix.syntax import Definition, DefinitionNode, definitions_around, every_node, parse

if TYPE_CHECKING:
    from snapfix.source.foreign import Span

AROUND = 10
"""Lines shown on each side of a line that stands in no function, and kept around one in a long function: the fix of
a crash is "nearly always within ten lines of the frame's line"."""
LONGEST = 400
"""Lines of one piece."""
LONG = 30
"""A definition of more lines than this can be cut to those that matter."""
MAX_PLACES = 12
"""Places of one exception that are shown."""
_MAX_CRASHES = 8
_MAX_FRAMES = 300
_MAX_LINENOS = 40
_MAX_IMPORT_LINES = 80
_LONG_STATEMENT = 8

_MODULE, _IMPORTS = "<module>", "imports"
_IMPORT_LINE = re.compile(r"(?:import|from)\s+[\w.]")
_COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)

# How urgent a piece is; what the search finds lies between these, by its score.
_FAILING, _CALLER, _FRAME, _OTHER_CRASH = 3.0, 0.9, 0.8, 0.7
_IMPORTS_USED, _IMPORTS_OF_FAILING, _OUTLINE, _IMPORTS_OF_OTHERS = 0.5, 0.04, 0.05, 0.02

_Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class _Place:
    """The function, class body or module (``scope`` is None) that some frames of the stack run in."""

    file: SourceFile
    scope: Definition | Span | None
    linenos: tuple[int, ...]
    kind: PieceKind

    @property
    def title(self) -> str:
        return self.scope.qualname if self.scope else _MODULE

    @property
    def key(self) -> _Key:
        return self.file.name, self.title, self.scope.first_line if self.scope else 0


@dataclass(frozen=True, slots=True)
class _Scored:
    score: float
    piece: Piece


def rank(
    crashes: Sequence[Crash], program: Program, *, expired: Callable[[], bool]
) -> tuple[tuple[Piece, ...], tuple[LeftOut, ...]]:
    """The code around the frames of the crashes and what it uses, and what was left out.

    First the place that failed, then its callers and the definitions that both use, by how likely the fix is there,
    then imports and the rest of the class.

    Args:
        crashes: the one that started it first.
        program: the project's modules.
        expired: says when the time for looking further is over.
    """
    places: dict[_Key, _Place] = {}
    left_out: list[LeftOut] = []
    _add_places(crashes[0], places, left_out)
    own = max(len(places), 1)
    for crash in crashes[1:_MAX_CRASHES]:
        _add_places(crash, places, left_out)
    if not places:
        return (), ()
    scored = list(_of_places(list(places.values()), own))
    candidates, stopped = _candidates(crashes, list(places.values()), own, program, expired)
    if stopped:
        left_out.append(LeftOut("further definitions that the code uses", "the time for looking was over"))
    scored += [_Scored(candidate.score, _definition(candidate)) for candidate in candidates]
    scored.sort(key=lambda each: -each.score)
    shown = (each.piece for each in scored if each.piece.lines)
    ranked = tuple(replace(piece, rank=number) for number, piece in enumerate(shown))
    return ranked, tuple(dict.fromkeys(left_out))


def _of_places(places: list[_Place], own: int) -> Iterator[_Scored]:
    failing = places[0]
    yield _Scored(_FAILING, _piece(failing))
    for number, place in enumerate(places[1:]):
        score = _CALLER * _FRAME**number if number + 1 < own else _OTHER_CRASH * _FRAME ** (number + 1 - own)
        yield _Scored(score, _piece(place))
    for number, file in enumerate(dict.fromkeys(place.file for place in places)):
        yield _Scored(_IMPORTS_OF_OTHERS if number else _IMPORTS_OF_FAILING, _imports_of(file))
    yield _Scored(_IMPORTS_USED, _imports_of(failing.file, _names_in(failing)))
    outline = _outline_around(failing)
    if outline is not None:
        yield _Scored(_OUTLINE, outline)


def _candidates(
    crashes: Sequence[Crash], places: list[_Place], own: int, program: Program, expired: Callable[[], bool]
) -> tuple[list[Candidate], bool]:
    inference = Inference(program)
    roots = [
        Root(program.of(place.file), _symbol(program.of(place.file), place), place.linenos, WEIGHTS.caller**number)
        for number, place in enumerate(places)
    ]
    calls_on_the_stack(list(reversed(roots[:own])), inference)
    relevance = Relevance(_spoken(crashes, places), program.near)
    search = Search(program, inference, relevance, expired)
    return search.run(roots), search.stopped


def _symbol(module: Module, place: _Place) -> Symbol | None:
    if not isinstance(place.scope, Definition):
        return None
    return Symbol(module, place.scope.qualname, place.scope.node, place.scope)


def _spoken(crashes: Sequence[Crash], places: list[_Place]) -> Iterator[tuple[str, float]]:
    """What the crash speaks of, with weights."""
    for crash in crashes[:_MAX_CRASHES]:
        yield crash.exception.message[:2000], WEIGHTS.said
    for number, place in enumerate(places[:4]):
        lines = place.file.lines
        for lineno in place.linenos[:3]:
            yield lines[lineno - 1], WEIGHTS.line / (number + 1)
        yield place.title, WEIGHTS.named / (number + 1)
    failing = places[0]
    if failing.scope is not None:
        first, last = failing.scope.first_line, min(failing.scope.last_line, failing.scope.first_line + LONGEST)
        yield "\n".join(failing.file.lines[first - 1 : last]), WEIGHTS.around


# -- places on the stack ---------------------------------------------------------------------------------------


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


def _scope(file: SourceFile, placed: PlacedFrame) -> Definition | Span | None:
    """The function or class that the frame runs in, by its line and its name."""
    lineno, name = placed.lineno or 0, placed.frame.name.rpartition(".")[2]
    if is_foreign_source(file.name):
        from snapfix.source import foreign  # which most crashes do not need

        return foreign.enclosing(file, lineno)
    if name == "<module>" or not name:
        return None
    around = definitions_around(file.text, lineno)
    named = [d for d in around if d.node.name == name]
    functions = [d for d in around if not d.is_class]
    return next(iter([*named, *functions, *around]), None)


def _piece(place: _Place) -> Piece:
    scope, linenos = place.scope, place.linenos[:_MAX_LINENOS]
    numbers, core = _numbers(place, linenos)
    if isinstance(scope, Definition):
        headers = _headers_around(place.file, scope)
        numbers |= headers
        core |= headers
    return _cut_out(place.file, place.kind, place.title, numbers, core, tuple(sorted(place.linenos)))


def _numbers(place: _Place, linenos: Sequence[int]) -> tuple[set[int], set[int]]:
    """The lines to show for the failing lines, and those of them that are kept when there is little room."""
    scope = place.scope
    if scope is not None and not isinstance(scope, Definition):
        from snapfix.source import foreign

        both = [foreign.lines_of(scope, place.file, lineno) for lineno in linenos]
        return set().union(*(shown for shown, _ in both)), set().union(*(kept for _, kept in both))
    if scope is None:
        shown = _of_module(place, linenos)
        return shown, shown
    if scope.is_class:
        shown = _header(scope).union(*(_statements_around(scope.node.body, lineno) for lineno in linenos))
        return shown, shown
    return _function(scope, linenos)


def _of_module(place: _Place, linenos: Sequence[int]) -> set[int]:
    """The statements of a module's own code near the lines, and those that reach them."""
    tree = parse(place.file.text) if not is_foreign_source(place.file.name) else None
    if tree is None:
        return _near(linenos, 1, len(place.file.lines))
    shown = _lines_of(slices.reaching(tree, linenos), linenos)
    for lineno in linenos:
        shown |= _statements_around(tree.body, lineno)
    imported = _import_lines(place.file)
    return shown if any(lineno in imported for lineno in linenos) else shown - imported


def _function(scope: Definition, linenos: Sequence[int]) -> tuple[set[int], set[int]]:
    whole = set(range(scope.first_line, scope.last_line + 1))
    core = _header(scope) | _near(linenos, scope.first_line, scope.last_line) | _compound_headers(scope.node, linenos)
    core |= _lines_of(slices.reaching(scope.node, linenos), linenos)
    if len(whole) > LONGEST:
        first, last = min(linenos) - LONGEST // 2, max(linenos) + LONGEST // 4
        whole = core | set(range(max(scope.first_line, first), min(scope.last_line, last, first + LONGEST)))
    return whole, core & whole


def _near(linenos: Iterable[int], first: int, last: int) -> set[int]:
    """The lines around each, within bounds."""
    return {
        number for lineno in linenos for number in range(max(first, lineno - AROUND), min(last, lineno + AROUND) + 1)
    }


def _lines_of(steps: Iterable[slices.Step], linenos: Iterable[int]) -> set[int]:
    """The lines of statements and of the headers that they stand in; long ones but for their ends."""
    wanted, numbers = sorted(linenos), set[int]()
    for step in steps:
        is_wanted = bisect_left(wanted, step.first) < bisect_right(wanted, step.last)
        numbers |= set(
            range(step.first, (step.last if is_wanted else min(step.last, step.first + _LONG_STATEMENT)) + 1)
        )
        for outer, inner in pairwise((*step.outer, step.node)):
            numbers |= set(range(slices.first_line(outer), slices.last_of_header(outer) + 1))
            numbers |= slices.keyword_lines(outer, inner)
    return numbers


def _header(scope: Definition) -> set[int]:
    """The lines from the first decorator to the colon after the signature, or thereabouts."""
    first_of_body = min(_first_line(scope.node.body[0]), scope.node.lineno + 60)
    return set(range(scope.first_line, max(first_of_body, scope.node.lineno + 1)))


def _headers_around(file: SourceFile, scope: Definition) -> set[int]:
    """The headers of the classes and functions that ``scope`` stands in."""
    numbers: set[int] = set()
    for outer in definitions_around(file.text, scope.first_line):
        if outer.node is not scope.node:
            numbers |= _header(outer)
    return {number for number in numbers if number < scope.first_line}


def _compound_headers(tree: ast.AST, linenos: Sequence[int]) -> set[int]:
    """The first lines of the ``if``, ``for``, ``with``, ``try`` and ``except`` blocks that the lines stand in."""
    wanted = sorted(linenos)
    return {
        node.lineno
        for node in every_node(tree)
        if isinstance(node, (*_COMPOUND, ast.ExceptHandler))
        and bisect_left(wanted, node.lineno) < bisect_right(wanted, node.end_lineno or node.lineno)
    }


def _statements_around(body: Sequence[ast.stmt], lineno: int) -> set[int]:
    """The whole statements near a line, the comments between them, and the statement at it, cut where it is long."""
    window = set(range(max(1, lineno - AROUND), lineno + AROUND + 1))
    shown, foreign = set(), set()
    for statement in body:
        lines = set(range(_first_line(statement), (statement.end_lineno or statement.lineno) + 1))
        if lineno in lines and len(lines) > LONGEST // 2:
            near = lines.intersection(range(lineno - LONGEST // 4, lineno + AROUND + 1))
            shown |= near | _compound_headers(statement, (lineno,)) | {statement.lineno}
        elif lineno in lines or lines <= window:
            shown |= lines
        foreign |= lines
    return shown | (window - foreign) | {lineno}


def _first_line(statement: ast.stmt) -> int:
    decorators = statement.decorator_list if isinstance(statement, DefinitionNode) else []
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


# -- what they use ---------------------------------------------------------------------------------------------


def _definition(candidate: Candidate) -> Piece:
    symbol = candidate.symbol
    if symbol.is_class and symbol.definition is not None:
        return _outline(symbol.module.file, symbol.definition, candidate.kind, methods=False)
    whole = set(range(symbol.first_line, min(symbol.last_line, symbol.first_line + LONGEST) + 1))
    core = set(whole)
    if len(whole) > LONG:
        core = set(range(symbol.first_line, symbol.first_line + 4))
        if symbol.definition is not None:
            core = _header(symbol.definition) | _lines_of(slices.giving_back(symbol.node), ())
    around = symbol.definition or _enclosing(symbol)
    headers = _headers_around(symbol.module.file, around) if around is not None else set()
    if symbol.definition is None and around is not None:
        headers |= _header(around)
    return _cut_out(symbol.module.file, candidate.kind, symbol.qualname, whole | headers, core | headers)


def _enclosing(symbol: Symbol) -> Definition | None:
    """The function or class that an assignment stands in."""
    return next(iter(definitions_around(symbol.module.file.text, symbol.node.lineno)), None)


def _outline_around(place: _Place) -> Piece | None:
    """The class around the failing method."""
    if not isinstance(place.scope, Definition):
        return None
    around = definitions_around(place.file.text, place.scope.first_line)
    owner = next((outer for outer in around if outer.is_class), None)
    return _outline(place.file, owner, PieceKind.OUTLINE) if owner is not None else None


def _outline(file: SourceFile, owner: Definition, kind: PieceKind, *, methods: bool = True) -> Piece:
    """A class without the bodies of its methods, or without its methods."""
    numbers = _header(owner)
    for statement in owner.node.body:
        first, last = _first_line(statement), statement.end_lineno or statement.lineno
        if isinstance(statement, DefinitionNode) and not methods:
            continue
        if isinstance(statement, DefinitionNode):
            numbers |= set(range(first, max(_first_line(statement.body[0]), statement.lineno + 1)))
        else:
            numbers |= set(range(first, min(last, first + _LONG_STATEMENT) + 1))
    core = _header(owner)
    numbers |= _headers_around(file, owner)
    return _cut_out(file, kind, owner.qualname, numbers, core)


def _imports_of(file: SourceFile, used: Container[str] | None = None) -> Piece:
    """The import statements of a file, or those of them that bind a used name."""
    numbers = sorted(_import_lines(file, used))[:_MAX_IMPORT_LINES]
    return _cut_out(file, PieceKind.IMPORTS, _IMPORTS, numbers, set(numbers[:20]))


def _import_lines(file: SourceFile, used: Container[str] | None = None) -> set[int]:
    """The lines of the module's import statements; ``try`` and ``if`` around imports are shown with them."""
    if is_foreign_source(file.name):
        from snapfix.source import foreign

        return foreign.import_lines(file, used)
    tree = parse(file.text)
    if tree is None:
        return {n for n, line in enumerate(file.lines, start=1) if _IMPORT_LINE.match(line)}
    numbers: set[int] = set()
    for statement in tree.body:
        if _is_import(statement) and (used is None or any(name in used for name in _bound_by_import(statement))):
            numbers |= set(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    return numbers


def _bound_by_import(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.alias):
            yield "*" if node.name == "*" else (node.asname or node.name).partition(".")[0]


def _names_in(place: _Place) -> set[str]:
    """The names that a place speaks of; ``*`` is always among them."""
    if is_foreign_source(place.file.name):
        from snapfix.source import foreign

        return foreign.words_near(place.file, place.linenos)
    tree = place.scope.node if isinstance(place.scope, Definition) else parse(place.file.text)
    return {"*", *(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))} if tree is not None else {"*"}


def _is_import(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.If, ast.Try)):
        return any(isinstance(inner, (ast.Import, ast.ImportFrom)) for inner in statement.body)
    return isinstance(statement, (ast.Import, ast.ImportFrom))


# -- cutting out -----------------------------------------------------------------------------------------------


def _cut_out(
    file: SourceFile,
    kind: PieceKind,
    title: str,
    numbers: Iterable[int],
    core: set[int],
    marked: tuple[int, ...] = (),
) -> Piece:
    """A piece of the lines with these numbers, without blank lines next to a gap."""
    lines = file.lines
    chosen = [(number, lines[number - 1]) for number in sorted(_closed(numbers)) if 1 <= number <= len(lines)]
    shown = _without_loose_blanks(chosen, marked)
    core = _closed(core)
    kept = tuple(number for number, _ in _without_loose_blanks([each for each in shown if each[0] in core], marked))
    return Piece(file.name, kind, title, shown, marked, core=kept)


def _closed(numbers: Iterable[int]) -> set[int]:
    """With the single lines between them: a gap takes as much room as a line, and hides an ``else`` now and then."""
    known = set(numbers)
    return known | {number + 1 for number in known if number + 2 in known}


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
