"""Which names a module binds, in which scope, and where it reads them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from snapfix.syntax import DefinitionNode, FunctionNode, definitions, own_nodes, parse

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Kind(StrEnum):
    """What binds a name."""

    PARAMETER = "parameter"
    IMPORT = "import"
    FUNCTION = "function"
    CLASS = "class"
    ASSIGNMENT = "variable"
    LOOP = "loop variable"


@dataclass(frozen=True, slots=True)
class Binding:
    """One place where a name is bound; ``value`` is the expression assigned, where it is the name's alone."""

    name: str
    lineno: int
    kind: Kind
    value: ast.expr | None = None


Bindings = dict[str, list[Binding]]


@lru_cache(maxsize=1024)
def bindings_in(scope: ast.AST) -> Bindings:
    """The names that a module, function or class body binds itself, in the order of the source."""
    found: Bindings = {}
    for binding in sorted(_bound(scope), key=lambda binding: binding.lineno):
        found.setdefault(binding.name, []).append(binding)
    return found


def _bound(scope: ast.AST) -> Iterator[Binding]:
    elsewhere: set[int] = set()
    values: dict[int, tuple[Kind, ast.expr | None]] = {}
    for node in own_nodes(scope):
        if isinstance(node, Comprehension):
            elsewhere.update(id(name) for generator in node.generators for name in ast.walk(generator.target))
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.For | ast.AsyncFor):
            values.update(_values(node))
        yield from _bound_by(node, elsewhere, values)


def _values(
    node: ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.For | ast.AsyncFor,
) -> Iterator[tuple[int, tuple[Kind, ast.expr | None]]]:
    if isinstance(node, ast.For | ast.AsyncFor):
        yield from ((id(name), (Kind.LOOP, None)) for name in ast.walk(node.target))
        return
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    yield from ((id(target), (Kind.ASSIGNMENT, node.value)) for target in targets)


def _bound_by(node: ast.AST, elsewhere: set[int], values: dict[int, tuple[Kind, ast.expr | None]]) -> Iterator[Binding]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) if id(node) not in elsewhere:
            kind, value = values.get(id(node), (Kind.ASSIGNMENT, None))
            yield Binding(name, node.lineno, kind, value)
        case ast.arg(arg=name):
            yield Binding(name, node.lineno, Kind.PARAMETER)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield Binding(name, node.lineno, Kind.FUNCTION)
        case ast.ClassDef(name=name):
            yield Binding(name, node.lineno, Kind.CLASS)
        case ast.Import(names=aliases):
            yield from (Binding(_bound_name(a), node.lineno, Kind.IMPORT) for a in aliases)
        case ast.ImportFrom(names=aliases):
            yield from (Binding(a.asname or a.name, node.lineno, Kind.IMPORT) for a in aliases)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield Binding(name, node.lineno, Kind.ASSIGNMENT)
        case ast.MatchMapping(rest=str(name)):
            yield Binding(name, node.lineno, Kind.ASSIGNMENT)


def _bound_name(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


@lru_cache(maxsize=64)
def module_bindings(text: str) -> Bindings:
    """What a module's source binds at its top level, ``global`` statements of its functions included."""
    tree = parse(text)
    if tree is None:
        return {}
    found = bindings_in(tree)
    for definition in definitions(text):
        statements = [node for node in own_nodes(definition.node) if isinstance(node, ast.Global)]
        for name in {name for statement in statements for name in statement.names}:
            found.setdefault(name, []).extend(bindings_in(definition.node).get(name, []))
    return {name: bindings for name, bindings in found.items() if bindings}


@lru_cache(maxsize=64)
def reads(text: str) -> dict[str, list[ast.Name]]:
    """Every place where a module's source reads a plain name, in the order of the source."""
    tree = parse(text)
    found: dict[str, list[ast.Name]] = {}
    if tree is not None:
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        loaded = [node for node in names if isinstance(node.ctx, ast.Load)]
        for node in sorted(loaded, key=lambda node: (node.lineno, node.col_offset)):
            found.setdefault(node.id, []).append(node)
    return found


@lru_cache(maxsize=64)
def parents(text: str) -> dict[ast.AST, ast.AST]:
    """The node that each node of a module's tree stands in."""
    tree = parse(text)
    if tree is None:
        return {}
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def ancestors(text: str, node: ast.AST) -> Iterator[ast.AST]:
    """The nodes around ``node``, innermost first, up to the module."""
    around = parents(text)
    while (parent := around.get(node)) is not None:
        yield parent
        node = parent


def scopes_around(text: str, node: ast.AST) -> Iterator[ast.AST]:
    """The scopes whose names ``node`` sees, innermost first: a class body only where it is the innermost."""
    innermost = True
    for ancestor in ancestors(text, node):
        if isinstance(ancestor, ast.ClassDef):
            if innermost:
                yield ancestor
        elif isinstance(ancestor, ast.Module | FunctionNode | ast.Lambda | Comprehension):
            yield ancestor
        innermost = innermost and not isinstance(ancestor, ast.Module | DefinitionNode | ast.Lambda)


def comprehension_bindings(node: Comprehension) -> Bindings:
    """The names that a comprehension's own ``for`` clauses bind."""
    found: Bindings = {}
    for generator in node.generators:
        for name in ast.walk(generator.target):
            if isinstance(name, ast.Name):
                found.setdefault(name.id, []).append(Binding(name.id, name.lineno, Kind.LOOP))
    return found


def visible(text: str, node: ast.AST) -> list[Bindings]:
    """The bindings of every scope that ``node`` can see, innermost first."""
    found = []
    for scope in scopes_around(text, node):
        if isinstance(scope, ast.Module):
            found.append(module_bindings(text))
        elif isinstance(scope, Comprehension):
            found.append(comprehension_bindings(scope))
        else:
            found.append(bindings_in(scope))
    return found


def bound_somewhere(text: str, name: str) -> bool:
    """``name`` is bound in some scope of the module's source."""
    if name in module_bindings(text):
        return True
    return any(name in bindings_in(definition.node) for definition in definitions(text))
