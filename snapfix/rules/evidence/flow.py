"""Which bindings of a name can be in force at a statement: reaching definitions, by the tree alone.

The answer is on the safe side: a binding that may be in force is in it, and ``definite`` is said only where
the name is bound on every way to the statement.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from snapfix.rules.evidence.values import dotted, first_line, header_nodes
from snapfix.syntax import DefinitionNode

Loop = ast.For | ast.AsyncFor | ast.While
With = ast.With | ast.AsyncWith

_NEVER_RETURN = frozenset({"sys.exit", "exit", "quit", "os._exit", "os.abort", "parser.error", "pytest.fail"})


class How(StrEnum):
    """How a statement gives a name its value."""

    VALUE = "assigned"
    PART = "unpacked"
    ELEMENT = "loop variable"
    AUGMENTED = "augmented"
    DEFINED = "defined"
    ENTERED = "bound by with, except or match"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A place where a name gets its value.

    Attributes:
        node: the statement (or the clause or walrus) that binds it.
        lineno: its line.
        how: by what.
        value: the expression assigned, unpacked or iterated over.
        index: the position that is unpacked.
    """

    node: ast.AST
    lineno: int
    how: How
    value: ast.expr | None = None
    index: int | None = None

    @property
    def imported(self) -> bool:
        """It is an import."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)


@dataclass(frozen=True, slots=True)
class Flow:
    """What a piece of code does to a name.

    Attributes:
        sources: the bindings that can be in force after it.
        definite: it is bound on every way through.
        ends: the end is never reached (return, raise, continue, break).
    """

    sources: tuple[Source, ...] = ()
    definite: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """One level of the way from a function's body down to a statement."""

    owner: ast.AST
    block: list[ast.stmt]
    index: int


def reaching(body: list[ast.stmt], statement: ast.stmt, name: str) -> Flow:
    """The bindings of ``name`` that can be in force when ``statement``, somewhere in ``body``, begins."""
    inner = [s for s in _walrus(statement, name) if not isinstance(statement, Loop)]
    if inner:
        return Flow(tuple(inner), True)
    found: list[Source] = []
    for step in reversed(_path(body, statement)):
        flow = flow_through(step.block[: step.index], name)
        found += [source for source in flow.sources if source not in found]
        if flow.definite:
            return Flow(tuple(found), True)
        entered = _entering(step.owner, step.block, name)
        found += [source for source in entered.sources if source not in found]
        if entered.definite:
            return Flow(tuple(found), True)
    return Flow(tuple(found), False)


def checked_at(body: list[ast.stmt], statement: ast.stmt, name: str) -> int:
    """The line of the last ``if`` that rules out None for ``name`` at ``statement``; 0 where there is none.

    ``if name is None: return`` before it, or ``if name:`` around it.
    """
    for step in reversed(_path(body, statement)):
        for earlier in reversed(step.block[: step.index]):
            if isinstance(earlier, ast.If) and _says_none(earlier.test, name):
                inside = flow_through(earlier.body, name)
                if inside.ends or inside.definite:
                    return earlier.lineno
        inside_it = isinstance(step.owner, ast.If | ast.While) and step.block is step.owner.body
        if inside_it and _says_some(step.owner.test, name):  # type: ignore[attr-defined]
            return first_line(step.owner)
    return 0


def _says_none(test: ast.expr, name: str) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id=left), ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None)]):
            return left == name
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=operand)):
            return operand == name
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_says_none(value, name) for value in values)
    return False


def _says_some(test: ast.expr, name: str) -> bool:
    match test:
        case ast.Compare(
            left=ast.Name(id=left), ops=[ast.IsNot() | ast.NotEq()], comparators=[ast.Constant(value=None)]
        ):
            return left == name
        case ast.Name(id=plain):
            return plain == name
        case ast.BoolOp(op=ast.And(), values=values):
            return any(_says_some(value, name) for value in values)
    return False


def path_to(body: list[ast.stmt], statement: ast.stmt) -> list[ast.AST]:
    """The compound statements and clauses of ``body`` that ``statement`` stands in, outermost first."""
    return [step.owner for step in _path(body, statement)][1:]


def _path(body: list[ast.stmt], statement: ast.stmt) -> list[_Step]:
    path: list[_Step] = []
    owner: ast.AST = ast.Module([], [])
    blocks = [body]
    while True:
        found = next((step for block in blocks for step in _steps(owner, block, statement)), None)
        if found is None:
            return path
        path.append(found)
        current = found.block[found.index]
        if current is statement:
            return path
        owner, blocks = _inner_blocks(current, statement)


def _steps(owner: ast.AST, block: list[ast.stmt], statement: ast.stmt) -> Iterator[_Step]:
    for index, candidate in enumerate(block):
        if first_line(candidate) <= statement.lineno <= (candidate.end_lineno or candidate.lineno):
            if candidate is not statement and not any(node is statement for node in ast.walk(candidate)):
                continue
            yield _Step(owner, block, index)


def _inner_blocks(node: ast.stmt, statement: ast.stmt) -> tuple[ast.AST, list[list[ast.stmt]]]:
    """The clause of a compound statement that holds ``statement``, and the blocks in it."""
    clauses: list[ast.AST] = [*getattr(node, "handlers", []), *getattr(node, "cases", [])]
    for clause in clauses:
        if any(inner is statement for inner in ast.walk(clause)):
            return _Clause(node, clause), [clause.body]  # type: ignore[attr-defined]
    fields = ("body", "orelse", "finalbody")
    return node, [block for field in fields if isinstance(block := getattr(node, field, None), list)]


class _Clause(ast.AST):
    """An ``except`` or ``case`` clause, and the statement that it is part of."""

    def __init__(self, statement: ast.stmt, clause: ast.AST) -> None:
        super().__init__()
        self.statement = statement
        self.clause = clause


def clause_of(node: ast.AST) -> ast.AST:
    """The ``except`` or ``case`` clause that a step of :func:`path_to` stands for, else the step itself."""
    return node.clause if isinstance(node, _Clause) else node


def _entering(owner: ast.AST, block: list[ast.stmt], name: str) -> Flow:
    """What is bound on the way into a block of ``owner``, between the statements before it and its first."""
    if isinstance(owner, _Clause):
        return _entering_clause(owner, name)
    header = tuple(_header_sources(owner, name))
    if isinstance(owner, Loop):
        inside = block is owner.body
        again = tuple(bindings(owner.body, name)) if inside or owner.orelse is block else ()
        return Flow((*header, *again), bool(header) and inside)
    if isinstance(owner, ast.Try):
        if block is owner.orelse:
            return flow_through(owner.body, name)
        if block is owner.finalbody:
            handled = [s for h in owner.handlers for s in bindings(h.body, name)]
            return Flow((*bindings(owner.body, name), *handled))
        return Flow()
    return Flow(header, bool(header))


def _entering_clause(owner: _Clause, name: str) -> Flow:
    clause = owner.clause
    if isinstance(clause, ast.ExceptHandler):
        if clause.name == name:
            return Flow((Source(clause, clause.lineno, How.ENTERED),), True)
        return Flow(tuple(bindings(owner.statement.body, name)))  # type: ignore[attr-defined]
    captured = tuple(_captures(clause, name))
    return Flow(captured, bool(captured))


def _header_sources(owner: ast.AST, name: str) -> Iterator[Source]:
    if isinstance(owner, ast.For | ast.AsyncFor):
        yield from _targets(owner, owner.target, owner.iter, name, How.ELEMENT)
    elif isinstance(owner, With):
        for item in owner.items:
            if item.optional_vars is not None:
                yield from _targets(owner, item.optional_vars, item.context_expr, name, How.ENTERED)
    elif isinstance(owner, ast.If | ast.While):
        yield from _walrus(owner, name)


def flow_through(block: Sequence[ast.stmt], name: str) -> Flow:
    """What running the statements of ``block`` one after the other does to ``name``."""
    found: list[Source] = []
    definite = False
    for statement in block:
        flow = _flow(statement, name)
        if flow.definite:
            found, definite = list(flow.sources), True
        else:
            found += flow.sources
        if flow.ends:
            return Flow(tuple(found), definite, True)
    return Flow(tuple(found), definite)


def _flow(statement: ast.stmt, name: str) -> Flow:
    match statement:
        case ast.If():
            return _joined(
                [flow_through(statement.body, name), flow_through(statement.orelse, name)],
                tuple(_walrus(statement, name)),
            )
        case ast.For() | ast.AsyncFor() | ast.While():
            return _flow_loop(statement, name)
        case ast.Try() | ast.TryStar():
            return _flow_try(statement, name)
        case ast.With() | ast.AsyncWith():
            entered = tuple(_header_sources(statement, name))
            inner = flow_through(statement.body, name)
            before = () if inner.definite else entered
            return Flow((*before, *inner.sources), inner.definite or bool(entered), inner.ends)
        case ast.Match():
            flows = [flow_through(case.body, name) for case in statement.cases]
            whole = any(isinstance(c.pattern, ast.MatchAs) and c.pattern.pattern is None for c in statement.cases)
            return _joined(flows if whole else [*flows, Flow()], ())
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return Flow(ends=True)
        case ast.Expr(value=ast.Call(func=func)) if dotted(func) in _NEVER_RETURN:
            return Flow(ends=True)
    direct = tuple(_direct(statement, name))
    return Flow(direct, bool(direct))


def _joined(flows: list[Flow], before: tuple[Source, ...]) -> Flow:
    going_on = [flow for flow in flows if not flow.ends]
    sources = tuple(source for flow in going_on for source in flow.sources)
    definite = bool(before) or all(flow.definite for flow in going_on)
    return Flow((*before, *sources), definite and bool(before or going_on), not going_on)


def _flow_loop(loop: ast.For | ast.AsyncFor | ast.While, name: str) -> Flow:
    sources = (*_header_sources(loop, name), *bindings(loop.body, name), *bindings(loop.orelse, name))
    endless = isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant) and bool(loop.test.value)
    if endless:
        left = any(isinstance(node, ast.Break) for node in ast.walk(loop))
        return Flow(sources, any(source.node in loop.body for source in sources), not left)
    walrus = isinstance(loop, ast.While) and any(_walrus(loop, name))
    after = flow_through(loop.orelse, name)
    broken_off = any(isinstance(node, ast.Break) for node in ast.walk(loop))
    return Flow(sources, walrus or (after.definite and not broken_off), after.ends and not broken_off)


def _flow_try(statement: ast.Try | ast.TryStar, name: str) -> Flow:
    last = flow_through(statement.finalbody, name)
    if last.definite or last.ends:
        return last
    whole = flow_through([*statement.body, *statement.orelse], name)
    partial = tuple(bindings(statement.body, name))
    handled = []
    for handler in statement.handlers:
        flow = flow_through(handler.body, name)
        sources = flow.sources if flow.definite else (*partial, *flow.sources)
        if handler.name == name:
            # The name is deleted at the end of the clause.
            sources, flow = (Source(handler, handler.lineno, How.DELETED),), replace(flow, definite=True)
        handled.append(replace(flow, sources=sources))
    return _joined([whole, *handled], ())


def bindings(block: Iterable[ast.AST], name: str) -> Iterator[Source]:
    """Every binding of ``name`` in some statements, in the order of the source, reached or not."""
    for statement in block:
        pending: list[ast.AST] = [statement]
        while pending:
            node = pending.pop()
            if isinstance(node, ast.ExceptHandler) and node.name == name:
                yield Source(node, node.lineno, How.ENTERED)
            elif isinstance(node, ast.match_case):
                yield from _captures(node, name)
            elif isinstance(node, ast.stmt):
                yield from _direct(node, name)
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            children = [
                child
                for child in ast.iter_child_nodes(node)
                if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case)
            ]
            pending.extend(reversed(children))


def _direct(statement: ast.stmt, name: str) -> Iterator[Source]:
    """The bindings that a statement makes itself, without those in its body."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _targets(statement, target, value, name, How.VALUE)
        case ast.AnnAssign(target=ast.Name(id=bound), value=ast.expr() as value) if bound == name:
            yield Source(statement, statement.lineno, How.VALUE, value)
        case ast.AugAssign(target=ast.Name(id=bound)) if bound == name:
            yield Source(statement, statement.lineno, How.AUGMENTED, statement.value)
        case ast.For() | ast.AsyncFor() | ast.With() | ast.AsyncWith():
            yield from _header_sources(statement, name)
    if name in _defined(statement):
        yield Source(statement, statement.lineno, How.DEFINED)
    elif isinstance(statement, ast.Delete) and any(
        isinstance(target, ast.Name) and target.id == name for target in statement.targets
    ):
        yield Source(statement, statement.lineno, How.DELETED)
    yield from _walrus(statement, name)


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
    return [statement.name] if isinstance(statement, DefinitionNode) else []


def _targets(node: ast.AST, target: ast.expr, value: ast.expr, name: str, how: How) -> Iterator[Source]:
    if isinstance(target, ast.Name) and target.id == name:
        yield Source(node, target.lineno, how, value)
    elif isinstance(target, ast.Tuple | ast.List):
        for index, element in enumerate(target.elts):
            if any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(element)):
                whole = isinstance(element, ast.Name) and how is How.VALUE
                kind = How.PART if whole else (how if how is not How.VALUE else How.PART)
                yield Source(node, element.lineno, kind, value, index)


def _walrus(statement: ast.AST, name: str) -> Iterator[Source]:
    for node in header_nodes(statement):
        if isinstance(node, ast.NamedExpr) and node.target.id == name:
            yield Source(node, node.lineno, How.VALUE, node.value)


def _captures(case: ast.AST, name: str) -> Iterator[Source]:
    pattern = getattr(case, "pattern", case)
    for node in ast.walk(pattern):
        if name in (getattr(node, "name", None), getattr(node, "rest", None)):
            yield Source(case, first_line(pattern), How.ENTERED)
            return
