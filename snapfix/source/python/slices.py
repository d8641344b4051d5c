"""The statements of a function that matter for one of its lines: a backward slice, by names.

Weiser's idea (Program Slicing, ICSE 1981), made cheap: a statement matters where it binds, changes or takes out a
name that a statement which matters reads, and so does what decides whether it runs.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from snapfix.source.python.module import is_definition
from snapfix.syntax import every_node

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_EXITS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_MAX_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a function, with the blocks it stands in.

    Attributes:
        node: the statement, an ``except`` clause or a ``case``.
        outer: the headers around it, outermost first.
    """

    node: ast.AST
    outer: tuple[ast.AST, ...]

    @property
    def first(self) -> int:
        """Its first line."""
        return first_line(self.node)

    @property
    def last(self) -> int:
        """The last line of it or, where it heads a block, of its header."""
        return last_of_header(self.node)


def steps(function: ast.AST) -> tuple[Step, ...]:
    """The statements of a function in the order of the text; of nested definitions only the header."""
    found: list[Step] = []
    pending: list[Step] = [Step(node, ()) for node in reversed(getattr(function, "body", []))]
    while pending:
        step = pending.pop()
        found.append(step)
        if is_definition(step.node):
            continue
        inner = [
            child for name in _BLOCKS for child in getattr(step.node, name, None) or [] if isinstance(child, ast.AST)
        ]
        pending.extend(Step(child, (*step.outer, step.node)) for child in reversed(inner))
    return tuple(found)


def at(function: ast.AST, lineno: int) -> Step | None:
    """The innermost statement whose own lines hold ``lineno``."""
    return next((step for step in reversed(steps(function)) if step.first <= lineno <= step.last), None)


def reaching(function: ast.AST, linenos: Iterable[int]) -> tuple[Step, ...]:
    """The statements that the values read on these lines come from, the lines' own first, then the nearest."""
    every = steps(function)
    wanted = sorted(linenos)
    targets = [step for step in every if _holds_any(step, wanted)]
    if not targets:
        return ()
    kept: dict[int, Step] = {id(step.node): step for step in targets}
    last = max(target.first for target in targets)
    further = [(step, frozenset(_written(step.node))) for step in reversed(every) if id(step.node) not in kept]
    frontier = targets
    names: set[str] = set()
    for _ in range(_MAX_ROUNDS):
        new_names = _read(frontier) - names
        if not new_names:
            break
        names |= new_names
        frontier = [
            step
            for step, written in further
            if id(step.node) not in kept and (written & new_names or _decides(step, new_names, last))
        ]
        kept.update((id(step.node), step) for step in frontier)
    return tuple(kept.values())


def giving_back(function: ast.AST) -> tuple[Step, ...]:
    """The statements that give something back to the caller, and those that reach them."""
    lines = [s.first for s in steps(function) if isinstance(s.node, ast.Return | ast.Raise) or _yields(s.node)]
    return reaching(function, lines)


def _holds_any(step: Step, linenos: Sequence[int]) -> bool:
    """One of the lines, which are in their order, is the step's."""
    number = bisect_left(linenos, step.first)
    return number < len(linenos) and linenos[number] <= step.last


def _decides(step: Step, names: set[str], last: int) -> bool:
    """It decides by these names whether the last target is reached: it ends the function or the round before."""
    return (
        isinstance(step.node, ast.If)
        and step.first < last
        and any(isinstance(inner, _EXITS) for inner in step.node.body)
        and not names.isdisjoint(_read_in(step.node))
    )


def _read(steps: Iterable[Step]) -> set[str]:
    """The names that statements read, and those that decide whether they run."""
    nodes = {id(node): node for step in steps for node in (step.node, *step.outer)}
    return {name for node in nodes.values() for name in _read_in(node)}


def _read_in(node: ast.AST) -> Iterator[str]:
    """The names in a statement's own expressions: ``x``, and ``self.x`` for attributes of ``self``."""
    for part in own_parts(node):
        for inner in every_node(part):
            if (
                isinstance(inner, ast.Attribute)
                and isinstance(inner.value, ast.Name)
                and inner.value.id in ("self", "cls")
            ):
                yield f"{inner.value.id}.{inner.attr}"
            elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and inner.id not in ("self", "cls"):
                yield inner.id


def _written(node: ast.AST) -> Iterator[str]:
    """The names that a statement binds, or whose object it may change."""
    for part in own_parts(node):
        yield from filter(None, map(_target, every_node(part)))
    if isinstance(node, ast.Expr):
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(call, ast.Call):  # `rows.append(...)`, `fill(rows)`
            if isinstance(call.func, ast.Attribute):
                yield _base(call.func.value)
            yield from (argument.id for argument in call.args if isinstance(argument, ast.Name))
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    elif is_definition(node):
        yield node.name  # type: ignore[attr-defined]


def _target(node: ast.AST) -> str | None:
    """The name that a target or a pattern binds or changes."""
    if isinstance(node, ast.MatchAs | ast.MatchStar):
        return node.name
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
        return _base(node)
    return None


def _base(node: ast.expr) -> str:
    """The name that a target or a call belongs to."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            return f"{node.value.id}.{node.attr}"
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def own_parts(node: ast.AST) -> Iterator[ast.AST]:
    """What belongs to a statement itself: not the blocks that it heads."""
    if is_definition(node):
        return
    for name, value in ast.iter_fields(node):
        if name in _BLOCKS and not isinstance(node, ast.Lambda | ast.IfExp):
            continue
        values = value if isinstance(value, list) else [value]
        yield from (part for part in values if isinstance(part, ast.AST))


def _yields(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Yield | ast.YieldFrom) for part in own_parts(node) for inner in every_node(part))


def first_line(node: ast.AST) -> int:
    """The first line of a statement, an ``except`` clause or a ``case``, with its decorators."""
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    lines: list[int] = [getattr(node, "lineno", 0), *(each.lineno for each in getattr(node, "decorator_list", []))]
    return min(lines)


def keyword_lines(outer: ast.AST, inner: ast.AST) -> set[int]:
    """The line of the ``else`` or ``finally`` of ``outer`` that ``inner`` stands below, as far as the tree tells."""
    for name in ("orelse", "finalbody"):
        block = getattr(outer, name, None)
        if isinstance(block, list) and any(inner is child for child in block):
            is_elif = isinstance(outer, ast.If) and isinstance(inner, ast.If) and inner.col_offset == outer.col_offset
            return set() if is_elif else {first_line(block[0]) - 1}
    return set()


def last_of_header(node: ast.AST) -> int:
    """The last line of a statement; of one that heads a block, the line of its colon or thereabouts."""
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if isinstance(body, list) and body:
        return max(first_line(node), min(first_line(body[0]) - 1, _end_of_own_parts(node)))
    return getattr(node, "end_lineno", None) or first_line(node)


def _end_of_own_parts(node: ast.AST) -> int:
    ends = [getattr(part, "end_lineno", None) or 0 for part in own_parts(node)]
    if is_definition(node):
        return first_line(node.body[0]) - 1  # type: ignore[attr-defined]
    return max([first_line(node), *ends])
