"""One file of the project, read as Python: what it defines, imports and assigns, and where."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from snapfix.crash import SourceFile
from snapfix.syntax import (
    Definition,
    DefinitionNode,
    FunctionNode,
    ImportedName,
    definitions,
    definitions_around,
    imports,
    own_nodes,
    parse,
    statements,
)

Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign

_ACCESSORS = frozenset({"setter", "deleter"})


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """Something that the project defines: a function, a class, or what a name or attribute is assigned.

    Attributes:
        module: where it stands.
        qualname: dotted (``Cart.total``, ``RATES``).
        node: the definition or the assignment.
        definition: the function or class; None for an assignment.
    """

    module: Module
    qualname: str
    node: ast.stmt
    definition: Definition | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Equal for two that stand in the same place."""
        return self.module.file.name, self.node.lineno

    @property
    def name(self) -> str:
        """The last part of the qualified name."""
        return self.qualname.rpartition(".")[2]

    @property
    def is_class(self) -> bool:
        """It is a class."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_function(self) -> bool:
        """It is a function or method."""
        return isinstance(self.node, FunctionNode)

    @property
    def first_line(self) -> int:
        """With the decorators."""
        return self.definition.first_line if self.definition else self.node.lineno

    @property
    def last_line(self) -> int:
        """The last line of its body or value."""
        return self.node.end_lineno or self.node.lineno


@dataclass(frozen=True, slots=True)
class Binding:
    """One place where a function binds a name.

    Attributes:
        lineno: where.
        value: the expression that the name is bound to, or taken out of.
        is_element: it is bound to an element of the value (``for``, unpacking), not to the value itself.
        annotation: the declared type, or None.
        is_entered: it is bound to what entering the value gives (``with``).
    """

    lineno: int
    value: ast.expr | None
    is_element: bool = False
    annotation: ast.expr | None = None
    is_entered: bool = False


class Module:
    """A file of the project; everything is found out when it is first asked for."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self._sites: dict[str, dict[str, list[Assignment]]] = {}
        self._bindings: dict[int, dict[str, list[Binding]]] = {}

    @cached_property
    def lines(self) -> list[str]:
        """Of the text; ``lines[n - 1]`` is line ``n``."""
        return self.file.lines

    @cached_property
    def tree(self) -> ast.Module | None:
        """None where it does not parse."""
        return parse(self.file.text)

    @cached_property
    def definitions(self) -> dict[str, Symbol]:
        """By qualified name; of several the last, which is the one that stands when the program runs.

        A property stands for its getter, not for the setter below it.
        """
        found: dict[str, Symbol] = {}
        for each in definitions(self.file.text):
            if each.qualname not in found or _ACCESSORS.isdisjoint(decorator_names(each.node)):
                found[each.qualname] = Symbol(self, each.qualname, each.node, each)
        return found

    @cached_property
    def imports(self) -> dict[str, ImportedName]:
        """By the bound name, wherever in the file they are imported; ``*`` imports are not here."""
        return {imported.name: imported for imported in imports(self.file.text) if imported.name != "*"}

    @cached_property
    def star_imports(self) -> tuple[ImportedName, ...]:
        """``from module import *``."""
        if "import *" not in self.file.text:
            return ()
        return tuple(imported for imported in imports(self.file.text) if imported.name == "*")

    @cached_property
    def assigned(self) -> dict[str, Symbol]:
        """The names that the module's own code assigns; of several assignments the first."""
        return self._assigned_in(self.tree.body, "") if self.tree is not None else {}

    def assigned_in_class(self, owner: Symbol) -> dict[str, Symbol]:
        """The names that the body of a class assigns or declares."""
        return self._assigned_in(owner.node.body, owner.qualname + ".") if isinstance(owner.node, ast.ClassDef) else {}

    def _assigned_in(self, body: list[ast.stmt], prefix: str) -> dict[str, Symbol]:
        found: dict[str, Symbol] = {}
        for statement in _flattened(body):
            for target in _targets(statement):
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, Symbol(self, prefix + target.id, statement))
        return found

    def methods(self, owner: Symbol) -> Sequence[Symbol]:
        """The functions that stand directly in a class."""
        return self._methods.get(owner.qualname, ())

    @cached_property
    def _methods(self) -> dict[str, list[Symbol]]:
        found: dict[str, list[Symbol]] = {}
        for symbol in self.definitions.values():
            definition = symbol.definition
            if symbol.is_function and definition is not None and definition.in_class:
                found.setdefault(definition.parent, []).append(symbol)
        return found

    def attribute_sites(self, owner: Symbol, attribute: str) -> Sequence[Assignment]:
        """Where the methods of a class assign ``self.attribute``, what ``__init__`` assigns first."""
        if owner.qualname not in self._sites:
            self._sites[owner.qualname] = self._sites_of(owner)
        return self._sites[owner.qualname].get(attribute, ())

    def _sites_of(self, owner: Symbol) -> dict[str, list[Assignment]]:
        found: dict[str, list[Assignment]] = {}
        for method in sorted(self.methods(owner), key=lambda method: method.name not in ("__init__", "__post_init__")):
            for statement in statements(method.node, nested=False):
                if isinstance(statement, Assignment):
                    for name in filter(None, map(_attribute_of_self, _targets(statement))):
                        found.setdefault(name, []).append(statement)
        return found

    def scope_at(self, lineno: int) -> Symbol | None:
        """The innermost function (not class) around a line."""
        for definition in definitions_around(self.file.text, lineno):
            if not definition.is_class:
                return Symbol(self, definition.qualname, definition.node, definition)
        return None

    def bindings(self, scope: Symbol) -> dict[str, list[Binding]]:
        """What a function binds its local names to, in the order of the lines; parameters are not here."""
        known = self._bindings.get(id(scope.node))
        if known is None:
            known = self._bindings[id(scope.node)] = _bindings_in(scope.node)
        return known

    @cached_property
    def own_bindings(self) -> dict[str, list[Binding]]:
        """What the module's own code binds its names to, loops and ``with`` blocks too, in the order of the lines."""
        return _bindings_in(self.tree) if self.tree is not None else {}


def _flattened(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of the ``if``, ``try`` and ``with`` blocks in it."""
    pending = body[::-1]
    while pending:
        statement = pending.pop()
        yield statement
        if isinstance(statement, ast.If | ast.Try | ast.With):
            for name in ("finalbody", "orelse", "body"):
                pending += reversed(getattr(statement, name, []))


def bound_name(statement: ast.AST) -> str:
    """What a statement at the top of a module is called: the name that it assigns, or ``<module>``."""
    return next((target.id for target in _targets(statement) if isinstance(target, ast.Name)), "<module>")


def _targets(statement: ast.AST) -> list[ast.expr]:
    if isinstance(statement, ast.Assign):
        return [part for target in statement.targets for part in _unpacked(target)]
    return [statement.target] if isinstance(statement, ast.AnnAssign | ast.AugAssign) else []


def _unpacked(target: ast.expr) -> list[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        return [part for element in target.elts for part in _unpacked(element)]
    return [target.value] if isinstance(target, ast.Starred) else [target]


def _attribute_of_self(target: ast.expr) -> str | None:
    """``attribute`` of ``self.attribute``, whatever ``self`` is called."""
    return target.attr if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) else None


def _bindings_in(scope: ast.AST) -> dict[str, list[Binding]]:
    found: dict[str, list[Binding]] = {}
    for node in own_nodes(scope):
        for target, value, is_element, annotation in _bound_by(node):
            is_entered = isinstance(node, ast.With | ast.AsyncWith) and isinstance(target, ast.Name)
            for part in _unpacked(target):
                if isinstance(part, ast.Name):
                    binding = Binding(part.lineno, value, is_element or part is not target, annotation, is_entered)
                    found.setdefault(part.id, []).append(binding)
    for bindings in found.values():
        bindings.sort(key=lambda binding: binding.lineno)
    return found


_Bound = tuple[ast.expr, ast.expr | None, bool, ast.expr | None]


def _bound_by(node: ast.AST) -> Iterator[_Bound]:
    """What a node binds: target, value, whether it is an element of the value, annotation."""
    match node:
        case ast.Assign():
            for target in node.targets:
                yield target, node.value, False, None
        case ast.AnnAssign():
            yield node.target, node.value, False, node.annotation
        case ast.AugAssign() | ast.NamedExpr():
            yield node.target, node.value, False, None
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            yield node.target, node.iter, True, None
        case ast.ExceptHandler() if node.name and node.type is not None:
            caught = ast.copy_location(ast.Name(node.name, ast.Store()), node)
            yield caught, None, False, _any_of(node.type)
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                if item.optional_vars is not None:
                    yield item.optional_vars, item.context_expr, False, None


def last_name(node: ast.expr) -> str:
    """``c`` of ``a.b.c``; "" of what is no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def decorator_names(node: ast.AST) -> Iterator[str]:
    """The last parts of the names of a definition's decorators, called ones too."""
    for decorator in getattr(node, "decorator_list", []):
        yield last_name(decorator.func if isinstance(decorator, ast.Call) else decorator)


def parameters(node: ast.AST) -> list[ast.arg]:
    """Every parameter of a function; none of what is none."""
    if not isinstance(node, FunctionNode):
        return []
    arguments = node.args
    extra = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]


def _any_of(types: ast.expr) -> ast.expr:
    """``A | B`` of the ``(A, B)`` that an ``except`` clause names."""
    if not isinstance(types, ast.Tuple) or not types.elts:
        return types
    union = types.elts[0]
    for other in types.elts[1:]:
        union = ast.copy_location(ast.BinOp(union, ast.BitOr(), other), types)
    return union


def is_definition(node: ast.AST) -> bool:
    """It is a function or a class."""
    return isinstance(node, DefinitionNode)
