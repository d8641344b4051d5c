"""Which of the project's definitions a piece of code uses."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from snapfix.source.python.inference import Inference, Kind, Scope, Value
from snapfix.source.python.module import Module, Symbol, parameters
from snapfix.source.python.slices import own_parts
from snapfix.syntax import children, every_node

_SUBCLASS = 0.7
_GUESS = 0.5
_FURTHER_SITE = 0.5
"""A second place that assigns an attribute."""
_MAX_GUESSES = 40
_MADE = 0.8
_MAX_OVERRIDES = 6
_TYPES = (str, bytes, int, float, list, dict, set, tuple, object)
COMMON = frozenset(name for each in _TYPES for name in dir(each)) | {
    "read", "write", "close", "flush", "seek", "readline", "readlines", "open", "group", "match", "search", "sub",
    "findall", "finditer", "appendleft", "popleft", "exists", "mkdir", "now", "today", "date", "strftime", "isoformat",
}  # fmt: skip
"""Names of methods of Python's own types: a call of one says nothing about the project."""
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "__add__", ast.Sub: "__sub__", ast.Mult: "__mul__", ast.Div: "__truediv__", ast.FloorDiv: "__floordiv__",
    ast.Mod: "__mod__", ast.MatMult: "__matmul__", ast.BitOr: "__or__", ast.BitAnd: "__and__", ast.Pow: "__pow__",
    ast.Eq: "__eq__", ast.NotEq: "__eq__", ast.Lt: "__lt__", ast.LtE: "__le__", ast.Gt: "__gt__", ast.GtE: "__ge__",
    ast.In: "__contains__", ast.NotIn: "__contains__",
}  # fmt: skip
_SUBSCRIPTS = {ast.Load: "__getitem__", ast.Store: "__setitem__", ast.Del: "__delitem__"}
_FUNCTIONS = {
    "len": ("__len__",), "str": ("__str__", "__repr__"), "repr": ("__repr__",), "iter": ("__iter__",),
    "next": ("__next__",), "list": ("__iter__",), "sorted": ("__iter__", "__lt__"), "sum": ("__iter__", "__add__"),
    "bool": ("__bool__", "__len__"), "hash": ("__hash__",), "float": ("__float__",), "int": ("__int__",),
    "tuple": ("__iter__",), "set": ("__iter__", "__hash__", "__eq__"), "dict": ("__iter__",), "format": ("__format__",),
    "abs": ("__abs__",), "max": ("__lt__", "__gt__"), "min": ("__lt__",), "enumerate": ("__iter__",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a definition.

    Attributes:
        symbol: what is used.
        lineno: where.
        weight: 1 where it is certain; less where it may be another of the same name.
    """

    symbol: Symbol
    lineno: int
    weight: float = 1.0


class Uses:
    """Finds the uses in pieces of code, by one inference."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._program = inference.program
        self._made: set[tuple[str, int]] = set()
        self._prefixes: dict[tuple[str, int], tuple[str, ...]] = {}

    def of(self, nodes: Iterable[ast.AST], module: Module, function: Symbol | None) -> Iterator[Use]:
        """The definitions that the nodes use, some more than once.

        The blocks of statements and the bodies of nested definitions are left out.
        """
        for node in _walk(nodes):
            lineno = getattr(node, "lineno", 0)
            scope = Scope(module, function, lineno)
            for symbol, weight in self._used_by(node, scope):
                yield Use(symbol, lineno, weight)

    def _used_by(self, node: ast.AST, scope: Scope) -> Iterator[tuple[Symbol, float]]:
        match node:
            case ast.Name(ctx=ast.Load()):
                yield from self._name(node, scope)
            case ast.Attribute():
                yield from self._attribute(node, scope)
            case ast.Call():
                yield from self._call(node, scope)
            case _:
                for operand, names in _implied(node):
                    yield from self._special(operand, names, scope)

    def _name(self, node: ast.Name, scope: Scope) -> Iterator[tuple[Symbol, float]]:
        function = scope.function
        while function is not None:
            # A name in a method is never looked up in its class.
            nested = scope.module.definitions.get(f"{function.qualname}.{node.id}") if function.is_function else None
            if nested is not None:
                yield nested, 1.0
                return
            own = (*scope.module.bindings(function), *(each.arg for each in parameters(function.node)))
            if function.is_function and node.id in own:
                return
            parent = function.definition.parent if function.definition else ""
            function = scope.module.definitions.get(parent)
        found = self._program.member(scope.module, node.id)
        if isinstance(found, Symbol):
            yield from self._with_makers(found)

    def _with_makers(self, symbol: Symbol) -> Iterator[tuple[Symbol, float]]:
        """A class counts with what makes its instances."""
        yield symbol, 1.0
        if symbol.is_class:
            self._note_made(symbol)
            for name in ("__init__", "__post_init__", "__new__"):
                for member in self._inference.members(symbol, name):
                    yield member, 0.9

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Iterator[tuple[Symbol, float]]:
        bases = self._inference.values(node.value, scope)
        for base in bases:
            if base.kind is Kind.MODULE and base.module is not None:
                found = self._program.member(base.module, node.attr)
                if isinstance(found, Symbol):
                    yield from self._with_makers(found)
            elif base.symbol is not None and base.kind in (Kind.INSTANCE, Kind.CLASS):
                yield from self._member(base.symbol, node.attr)
        if not bases and not (node.attr in COMMON or node.attr.startswith("__")):
            yield from self._guessed(node.attr)

    def _member(self, owner: Symbol, name: str) -> Iterator[tuple[Symbol, float]]:
        """The member of a class, and what stands in its place in subclasses."""
        members = self._inference.members(owner, name)
        for number, member in enumerate(members):
            yield member, 1.0 if number == 0 else _FURTHER_SITE
            for method in self._handlers(member, owner):
                yield method, _GUESS
        if not members or any(member.is_function for member in members):
            for number, override in enumerate(self._overrides(owner, name)):
                if number == _MAX_OVERRIDES:
                    break
                yield override, _SUBCLASS

    def _handlers(self, member: Symbol, owner: Symbol) -> Iterator[Symbol]:
        """The handlers of a class whose inherited method calls ``getattr(self, "visit_" + ...)``."""
        if not member.is_function:
            return
        if member.key not in self._prefixes:
            self._prefixes[member.key] = tuple(_dispatch_prefixes(member))
        for prefix in self._prefixes[member.key]:
            for each in self._inference.lineage(owner):
                yield from (method for method in each.module.methods(each) if method.name.startswith(prefix))

    def _overrides(self, owner: Symbol, name: str) -> Iterator[Symbol]:
        pending, seen = [owner], {owner.key}
        while pending:
            for subclass in self._program.subclasses(pending.pop(0)):
                if subclass.key in seen:
                    continue
                seen.add(subclass.key)
                pending.append(subclass)
                found = subclass.module.definitions.get(f"{subclass.qualname}.{name}")
                if found is not None:
                    yield found

    def _note_made(self, owner: Symbol) -> None:
        if owner.key not in self._made:
            self._made.update(each.key for each in self._inference.lineage(owner))

    def _guessed(self, name: str) -> Iterator[tuple[Symbol, float]]:
        """Methods of that name, where the object's class cannot be told: first of classes that the code made use of.

        Rapid type analysis (Bacon and Sweeney, OOPSLA 1996): only what was instantiated can be called.
        """
        candidates = [s for s in self._program.called(name) if s.definition is not None and s.definition.in_class]
        made = [symbol for symbol in candidates if self._is_of_made(symbol)]
        chosen, worth = (made, _MADE) if made else (candidates, _GUESS)
        if len(chosen) <= _MAX_GUESSES:
            for symbol in chosen:
                yield symbol, worth / len(chosen) ** 0.5

    def _is_of_made(self, method: Symbol) -> bool:
        owner = self._inference.owner(method)
        return owner is not None and owner.key in self._made

    def _call(self, node: ast.Call, scope: Scope) -> Iterator[tuple[Symbol, float]]:
        if isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS and node.args:
            yield from self._special(node.args[0], _FUNCTIONS[node.func.id], scope)
        if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1:
            yield from self._dispatched(node, scope)
            return
        values = self._inference.values(node.func, scope)
        for value in values:
            yield from self._called(value)

    def _called(self, value: Value) -> Iterator[tuple[Symbol, float]]:
        symbol = value.symbol
        if symbol is None:
            return
        if value.kind is Kind.FUNCTION:
            yield symbol, 1.0
        elif value.kind is Kind.CLASS:
            yield from self._with_makers(symbol)
        elif value.kind is Kind.INSTANCE:
            for member in self._inference.members(symbol, "__call__"):
                yield member, 1.0

    def _dispatched(self, node: ast.Call, scope: Scope) -> Iterator[tuple[Symbol, float]]:
        """``getattr(self, "visit_" + name)``: every method that begins so."""
        function = scope.function
        for value in self._inference.values(node.args[0], scope):
            if function is not None and value.symbol is not None and value.symbol.is_class:
                for method in self._handlers(function, value.symbol):
                    yield method, _GUESS

    def _special(self, node: ast.expr, names: Iterable[str], scope: Scope) -> Iterator[tuple[Symbol, float]]:
        """The methods that an operator or a built-in function calls on an object of the project."""
        for value in self._inference.values(node, scope):
            if value.kind is Kind.INSTANCE and value.symbol is not None:
                for name in names:
                    for member in self._inference.members(value.symbol, name):
                        yield member, 1.0
            elif value.kind is Kind.CONTAINER and value.symbol is not None:
                yield value.symbol, 1.0


def _implied(node: ast.AST) -> Iterator[tuple[ast.expr, tuple[str, ...]]]:
    """The methods that Python calls without being told by name, and what on."""
    match node:
        case ast.Subscript():
            yield node.value, (_SUBSCRIPTS[type(node.ctx)],)
        case ast.BinOp():
            yield node.left, (_OPERATORS[type(node.op)],) if type(node.op) in _OPERATORS else ()
        case ast.AugAssign():
            name = _OPERATORS.get(type(node.op), "")
            yield node.target, (name.replace("__", "__i", 1), name) if name else ()
        case ast.Compare():
            sides = (node.left, *node.comparators)
            for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
                name = _OPERATORS.get(type(operator), "")
                yield (right if name == "__contains__" else left), (name,) if name else ()
        case ast.For() | ast.comprehension():
            yield node.iter, ("__iter__", "__next__")
        case ast.AsyncFor():
            yield node.iter, ("__aiter__", "__anext__")
        case ast.withitem():
            yield node.context_expr, ("__enter__", "__exit__", "__aenter__")
        case ast.FormattedValue():
            yield node.value, ("__str__", "__format__", "__repr__")


def _dispatch_prefixes(function: Symbol) -> Iterator[str]:
    """The texts that the names begin with which a function looks up on ``self``."""
    if "getattr" not in "\n".join(function.module.lines[function.first_line - 1 : function.last_line]):
        return
    bindings = function.module.bindings(function)
    for node in every_node(function.node):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "getattr"
            and len(node.args) > 1
        ):
            name = node.args[1]
            bound = bindings.get(name.id, ()) if isinstance(name, ast.Name) else ()
            for expression in (name, *(binding.value for binding in bound if binding.value is not None)):
                prefix = _prefix(expression)
                if len(prefix) > 1:
                    yield prefix


def _prefix(node: ast.expr) -> str:
    """The literal text that an expression begins with."""
    while isinstance(node, ast.BinOp):
        node = node.left
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _walk(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes and all below them, but not the blocks of statements nor nested functions and classes."""
    pending = list(nodes)[::-1]
    while pending:
        node = pending.pop()
        yield node
        is_block = isinstance(node, ast.stmt | ast.excepthandler | ast.match_case)
        pending += list(own_parts(node) if is_block else children(node))[::-1]
