"""Reading Python source as a tree: what ``source`` and ``rules`` both need to know of it.

Nothing here imports or runs the code that it reads. Line numbers are 1-based, as in ``ast``.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
DefinitionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, method or class.

    Attributes:
        qualname: dotted, without ``<locals>`` (``Cart.total``, ``outer.inner``).
        node: its tree.
        parent: the qualified name of the class or function it stands in, or "".
        in_class: it stands directly in a class body: a function there is a method.
    """

    qualname: str
    node: DefinitionNode
    parent: str = ""
    in_class: bool = False

    @property
    def is_class(self) -> bool:
        """It is a class, not a function."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def first_line(self) -> int:
        """The line of its first decorator, or of ``def`` / ``class``."""
        return min([self.node.lineno, *(decorator.lineno for decorator in self.node.decorator_list)])

    @property
    def last_line(self) -> int:
        """The last line of its body."""
        return self.node.end_lineno or self.node.lineno


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One name that an import statement binds.

    ``import a.b as c`` gives name ``c``, module ``a.b``, attribute None; ``from .m import x`` gives name ``x``,
    module ``m``, attribute ``x``, level 1.
    """

    name: str
    module: str
    attribute: str | None
    level: int
    lineno: int


_DOTTED = re.compile(r"\w++(?:[ \t\\\n]*+\.[ \t\\\n]*+\w++)*+")
_MAX_DOTS = 1000


@lru_cache(maxsize=256)
def parse(text: str) -> ast.Module | None:
    """The tree of a module's source, or None where this interpreter cannot parse it."""
    # CPython's parser needs memory by the square of a dotted name's parts in an import.
    if text.count(".") > _MAX_DOTS and any(name[0].count(".") > _MAX_DOTS for name in _DOTTED.finditer(text)):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=256)
def definitions(text: str) -> tuple[Definition, ...]:
    """Every function and class of a module's source, in the order of their lines; () where it does not parse."""
    tree = parse(text)
    return tuple(_definitions_in(tree, "", False)) if tree is not None else ()


def _definitions_in(tree: ast.Module, prefix: str, in_class: bool) -> Iterator[Definition]:
    pending: list[tuple[ast.AST, str, bool]] = [(tree, prefix, in_class)]
    while pending:
        node, parent, inside_class = pending.pop()
        if isinstance(node, DefinitionNode):
            qualname = f"{parent}.{node.name}" if parent else node.name
            yield Definition(qualname, node, parent, inside_class)
            parent, inside_class = qualname, isinstance(node, ast.ClassDef)
        blocks = [child for name in _BLOCKS for child in _listed(node, name)]
        pending.extend((child, parent, inside_class) for child in reversed(blocks))


def definitions_around(text: str, lineno: int) -> tuple[Definition, ...]:
    """Every function and class whose lines hold ``lineno``, the innermost first; found without a search of all."""
    every = definitions(text)
    first_lines, parents = _nesting(text)
    found = []
    number = bisect_right(first_lines, lineno) - 1
    while number >= 0:
        if every[number].last_line >= lineno:
            found.append(every[number])
        number = parents[number]
    return tuple(found)


@lru_cache(maxsize=64)
def _nesting(text: str) -> tuple[list[int], list[int]]:
    """For each definition of a module its first line, and the number of the one that it stands in, or -1."""
    first_lines: list[int] = []
    parents: list[int] = []
    open_definitions: list[tuple[int, int]] = []
    for number, definition in enumerate(definitions(text)):
        while open_definitions and open_definitions[-1][1] < definition.first_line:
            open_definitions.pop()
        first_lines.append(definition.first_line)
        parents.append(open_definitions[-1][0] if open_definitions else -1)
        open_definitions.append((number, definition.last_line))
    return first_lines, parents


def enclosing_function(text: str, lineno: int) -> Definition | None:
    """The innermost function (not class) whose lines hold ``lineno``."""
    around = [d for d in definitions(text) if not d.is_class and d.first_line <= lineno <= d.last_line]
    return max(around, key=lambda d: (d.first_line, -d.last_line), default=None)


def statement_at(tree: ast.AST, lineno: int) -> ast.stmt | None:
    """The smallest statement of ``tree`` whose lines hold ``lineno``."""
    best: ast.stmt | None = None
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.stmt) and (best is None or _span(node) <= _span(best)):
            best = node
        for name in _BLOCKS:
            pending += [child for child in _listed(node, name) if _holds(child, lineno)]
    return best


def _holds(node: ast.AST, lineno: int) -> bool:
    """The lines of a node hold ``lineno``; those of a ``case`` are not known."""
    first = getattr(node, "lineno", None)
    return first is None or first <= lineno <= (getattr(node, "end_lineno", None) or first)


def _span(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno


def imports(text: str) -> tuple[ImportedName, ...]:
    """Every name that import statements bind, anywhere in the module; ``*`` imports have the name ``*``."""
    tree = parse(text)
    if tree is None:
        return ()
    found = []
    for node in statements(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                found.append(ImportedName(bound, alias.name, None, 0, node.lineno))
        elif isinstance(node, ast.ImportFrom):
            module, level = node.module or "", node.level
            found += [
                ImportedName(alias.asname or alias.name, module, alias.name, level, node.lineno) for alias in node.names
            ]
    return tuple(found)


_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")


def _listed(node: ast.AST, name: str) -> list[ast.AST]:
    """A block of a statement; a lambda's body is none."""
    block = getattr(node, name, None)
    return block if isinstance(block, list) else []


def statements(node: ast.AST, *, nested: bool = True) -> Iterator[ast.stmt]:
    """The statements in the body of a module, class or function, in any depth of its blocks, in their order.

    ``nested`` takes in those in the bodies of functions and classes within it.
    """
    pending: list[ast.AST] = list(reversed(getattr(node, "body", [])))
    while pending:
        child = pending.pop()
        if isinstance(child, ast.stmt):
            yield child
        if nested or not isinstance(child, DefinitionNode):
            for name in reversed(_BLOCKS):
                pending += reversed(_listed(child, name))


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below a node, without ``Load`` and ``Store``: ``ast.iter_child_nodes``, but quick."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [child for child in value if isinstance(child, ast.AST)]
        elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
            found.append(value)
    return found


def every_node(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, in no certain order: ``ast.walk``, but quick."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending += children(current)


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that belong to a scope itself: not those of functions, classes and lambdas nested in it.

    The nested definition's own node is yielded, because its name is bound in this scope.
    """
    pending = children(node)[::-1]
    while pending:
        child = pending.pop()
        yield child
        if not isinstance(child, (*DefinitionNode.__args__, ast.Lambda)):
            pending += children(child)[::-1]
