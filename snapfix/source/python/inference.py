"""What an expression stands for, in terms of the project's own definitions: nothing is imported or run.

A small inference, in the spirit of an editor's: it follows imports, annotations, constructors, ``self``, inheritance,
return values, containers' elements and the arguments that the stack shows. Where it does not know it says so with
an empty answer; it never guesses by name (``uses`` does, and marks it).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from snapfix.source.python.fixtures import fixture_of
from snapfix.source.python.module import Binding, Module, Symbol, decorator_names, last_name, parameters
from snapfix.source.python.program import Found, Program
from snapfix.syntax import FunctionNode, own_nodes

_MAX_DEPTH = 12
_MAX_VALUES = 12
_MAX_RETURNS = 6
_CONTAINERS = frozenset({
    "list", "List", "tuple", "Tuple", "set", "Set", "frozenset", "FrozenSet", "dict", "Dict", "defaultdict",
    "DefaultDict", "Mapping", "MutableMapping", "Sequence", "MutableSequence", "Iterable", "Iterator", "Generator",
    "Collection", "deque", "OrderedDict", "AsyncIterator", "AsyncIterable", "AsyncGenerator", "ContextManager",
    "AbstractSet",
})  # fmt: skip
_WRAPPERS = frozenset({"Optional", "Union", "Annotated", "Final", "ClassVar", "Awaitable", "Coroutine", "Required"})
_SAME_ELEMENTS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "filter", "deque"})
_ONE_ELEMENT = frozenset({"next", "max", "min"})
_GIVE_ONE = frozenset({"get", "pop", "setdefault", "popleft", "popitem", "__getitem__"})
_GIVE_ALL = frozenset({"values", "items", "copy", "keys"})
_INDEXED, _ITERATED = ("__getitem__",), ("__iter__", "__getitem__")


class Kind(Enum):
    """What a value is."""

    FUNCTION = auto()
    CLASS = auto()
    INSTANCE = auto()
    MODULE = auto()
    CONTAINER = auto()


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression may stand for.

    Attributes:
        kind: what it is.
        symbol: the function, or the class that it is or is an instance of; for a container the assignment it is the
            value of, where it is one.
        module: for a module.
        elements: what a container holds.
        owner: the class through which a function was reached.
    """

    kind: Kind
    symbol: Symbol | None = None
    module: Module | None = None
    elements: tuple[Value, ...] = ()
    owner: Symbol | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: a module, the function in it (None at its top), and the line."""

    module: Module
    function: Symbol | None
    lineno: int


Values = tuple[Value, ...]


class Inference:
    """Answers for one crash, each worked out once.

    Attributes:
        arguments: what the stack tells of calls: the place of a function -> where it was called, and how.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.arguments: dict[tuple[str, int], tuple[Scope, ast.Call]] = {}
        self._known: dict[tuple[int, str], Values] = {}
        self._members: dict[tuple[str, int, str], tuple[Symbol, ...]] = {}
        self._annotations: dict[str, ast.expr | None] = {}  # kept, for answers are known by the node's identity
        self._depth = 0

    def values(self, node: ast.expr | None, scope: Scope) -> Values:
        """What an expression may stand for; () where that is not the project's or cannot be told."""
        if node is None:
            return ()
        key = (id(node), scope.module.file.name)
        if key in self._known:
            return self._known[key]
        if self._depth >= _MAX_DEPTH:
            return ()
        self._known[key] = ()  # what refers to itself adds nothing
        self._depth += 1
        try:
            found = _distinct(self._infer(node, scope))
        finally:
            self._depth -= 1
        self._known[key] = found
        return found

    def _infer(self, node: ast.expr, scope: Scope) -> Iterable[Value]:
        match node:
            case ast.Name():
                return self.named(node.id, scope)
            case ast.Attribute():
                return self._attribute(node, scope)
            case ast.Call():
                return self._call(node, scope)
            case ast.Subscript():
                return self._element(self.values(node.value, scope), _INDEXED)
            case ast.Await() | ast.Starred() | ast.NamedExpr() | ast.YieldFrom():
                return self.values(node.value, scope)
            case ast.BoolOp():
                return self._all(node.values, scope)
            case ast.IfExp():
                return self._all((node.body, node.orelse), scope)
            case ast.BinOp():
                return self.values(node.left, scope)
            case _:
                return self._container(node, scope)

    def _container(self, node: ast.expr, scope: Scope) -> Iterable[Value]:
        """A display or comprehension, with what it holds."""
        match node:
            case ast.List() | ast.Tuple() | ast.Set():
                elements = _distinct(self._held_by(node.elts[:_MAX_VALUES], scope))
            case ast.Dict():
                values = [v if k else ast.Starred(v) for k, v in zip(node.keys, node.values, strict=True)]
                elements = _distinct(self._held_by(values[: 4 * _MAX_VALUES], scope))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                elements = self.values(node.elt, scope)
            case ast.DictComp():
                elements = self.values(node.value, scope)
            case _:
                return ()
        return (Value(Kind.CONTAINER, elements=elements),)

    def _all(self, nodes: Iterable[ast.expr], scope: Scope) -> Iterator[Value]:
        for node in nodes:
            yield from self.values(node, scope)

    def _held_by(self, nodes: Iterable[ast.expr], scope: Scope) -> Iterator[Value]:
        """The elements of a list or of a dictionary's values; of ``*others``, those of the others."""
        for node in nodes:
            if isinstance(node, ast.Starred):
                yield from self._element(self.values(node.value, scope))
            else:
                yield from self.values(node, scope)

    # -- names --------------------------------------------------------------------------------------------------

    def named(self, name: str, scope: Scope) -> Values:
        """What a name may stand for where it is used."""
        function = scope.function
        while function is not None:
            found = self._local(name, function, scope)
            if found is not None:
                return found
            parent = function.definition.parent if function.definition else ""
            outer = scope.module.definitions.get(parent)
            function = outer if outer is not None and outer.is_function else None
        found = self.found(self.program.member(scope.module, name))
        return found or self._nearest(scope.module.own_bindings.get(name, ()), scope.module, None, scope.lineno)

    def _local(self, name: str, function: Symbol, scope: Scope) -> Values | None:
        """What a function's own name stands for; None where it has no such name."""
        inner = scope.module.definitions.get(f"{function.qualname}.{name}")
        if inner is not None:
            return self.found(inner)
        bindings = scope.module.bindings(function).get(name)
        parameter = _parameter(function.node, name)
        if parameter is None:
            return self._nearest(bindings, function.module, function, scope.lineno) if bindings else None
        rebound = [binding for binding in bindings or () if binding.lineno <= scope.lineno]
        return _distinct(
            (
                *self._argument(parameter, function),
                *self._nearest(rebound, function.module, function, scope.lineno),
            )
        )

    def _nearest(self, bindings: Sequence[Binding], module: Module, function: Symbol | None, lineno: int) -> Values:
        """What the last places above a line bind."""
        before = [binding for binding in bindings if binding.lineno <= lineno] or bindings
        return _distinct(value for binding in before[-3:] for value in self._bound(binding, module, function))

    def _bound(self, binding: Binding, module: Module, function: Symbol | None) -> Values:
        scope = Scope(module, function, binding.lineno - 1)
        if binding.annotation is not None:
            declared = self.declared(binding.annotation, scope)
            if declared:
                return declared
        values = self.values(binding.value, scope)
        if binding.is_entered:
            return _distinct(entered for value in values for entered in self._on_entering(value))
        return self._element(values) or values if binding.is_element else values

    def _on_entering(self, value: Value) -> Values:
        """What ``with value as`` binds."""
        if value.kind is not Kind.INSTANCE or value.symbol is None:
            return (value,)
        methods = (m for name in ("__enter__", "__aenter__") for m in self.members(value.symbol, name) if m.is_function)
        return tuple(entered for method in methods for entered in self.returned(method)) or (value,)

    def _argument(self, parameter: ast.arg, function: Symbol) -> Values:
        scope = Scope(function.module, None, function.node.lineno)
        if parameter.annotation is not None:
            declared = self.declared(parameter.annotation, scope)
            if declared:
                return declared
        owner = self.owner(function)
        if owner is not None and parameter is _first_parameter(function.node) and not _is_static(function.node):
            return (Value(Kind.CLASS if _is_classmethod(function.node) else Kind.INSTANCE, owner),)
        fixture = fixture_of(parameter.arg, function, self.program)
        if fixture is not None:
            return self.returned(fixture)
        passed = self.passed(parameter.arg, function)
        if passed is not None:
            return self.values(passed[1], passed[0])
        return self.values(_default(function.node, parameter.arg), scope)

    def passed(self, parameter: str, function: Symbol) -> tuple[Scope, ast.expr] | None:
        """The expression that the stack's next frame passes for a parameter, and where that stands."""
        call = self.arguments.get(function.key)
        if call is None:
            return None
        expression = _passed(call[1], function, parameter, bound=self.owner(function) is not None)
        return (call[0], expression) if expression is not None else None

    def owner(self, function: Symbol) -> Symbol | None:
        """The class whose method a function is."""
        definition = function.definition
        if definition is None or not definition.in_class:
            return None
        return function.module.definitions.get(definition.parent)

    def found(self, found: Found | None) -> Values:
        """A symbol or module as a value: of an assignment, what is assigned."""
        if found is None:
            return ()
        if isinstance(found, Module):
            return (Value(Kind.MODULE, module=found),)
        if found.is_class:
            return (Value(Kind.CLASS, found),)
        if found.is_function:
            return (Value(Kind.FUNCTION, found),)
        return self.assigned(found)

    def assigned(self, symbol: Symbol) -> Values:
        """What an assignment at the top of a module or class assigns."""
        scope = Scope(symbol.module, None, symbol.node.lineno)
        node = symbol.node
        if isinstance(node, ast.AnnAssign):
            declared = self.declared(node.annotation, scope)
            if declared and not all(value.kind is Kind.CONTAINER and not value.elements for value in declared):
                return declared
        value = getattr(node, "value", None)
        values = self.values(value, scope) if isinstance(value, ast.expr) else ()
        return tuple(
            Value(Kind.CONTAINER, symbol, elements=each.elements) if each.kind is Kind.CONTAINER else each
            for each in values
        )

    # -- types --------------------------------------------------------------------------------------------------

    def declared(self, annotation: ast.expr, scope: Scope) -> Values:
        """The instances that an annotation allows."""
        if self._depth >= _MAX_DEPTH:
            return ()
        self._depth += 1
        try:
            return self._declared(annotation, scope)
        finally:
            self._depth -= 1

    def _declared(self, annotation: ast.expr, scope: Scope) -> Values:
        match annotation:
            case ast.Constant(value=str() as text):
                return self._declared_text(text, scope)
            case ast.BinOp(op=ast.BitOr()):
                return tuple(value for each in _alternatives(annotation) for value in self.declared(each, scope))
            case ast.Subscript():
                return self._declared_generic(annotation, scope)
            case ast.Name(id="Self"):
                owner = self.owner(scope.function) if scope.function else None
                return (Value(Kind.INSTANCE, owner),) if owner else ()
            case ast.Name() | ast.Attribute():
                values = self.values(annotation, Scope(scope.module, None, scope.lineno))
                return tuple(Value(Kind.INSTANCE, value.symbol) for value in values if value.kind is Kind.CLASS)
        return ()

    def _declared_text(self, text: str, scope: Scope) -> Values:
        if text not in self._annotations:
            self._annotations[text] = _expression(text[:200])
        annotation = self._annotations[text]
        return self.declared(annotation, scope) if annotation is not None else ()

    def _declared_generic(self, annotation: ast.Subscript, scope: Scope) -> Values:
        name = last_name(annotation.value)
        inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        values = _distinct(value for each in inner for value in self.declared(each, scope))
        if name in _CONTAINERS:
            return (Value(Kind.CONTAINER, elements=values),)
        if name in _WRAPPERS:
            return values
        if name in ("type", "Type"):
            return tuple(Value(Kind.CLASS, value.symbol) for value in values)
        return self.declared(annotation.value, scope)

    # -- attributes and calls -----------------------------------------------------------------------------------

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Iterator[Value]:
        for base in self.values(node.value, scope):
            yield from self.attribute(base, node.attr)

    def attribute(self, base: Value, name: str) -> Iterator[Value]:
        """What an attribute of a value stands for; of a property, what it returns."""
        if base.kind is Kind.MODULE and base.module is not None:
            yield from self.found(self.program.member(base.module, name))
        if base.kind not in (Kind.CLASS, Kind.INSTANCE) or base.symbol is None:
            return
        for symbol in self.members(base.symbol, name):
            if symbol.is_function:
                if _is_property(symbol.node):
                    yield from self.returned(symbol)
                else:
                    yield Value(Kind.FUNCTION, symbol, owner=base.symbol)
            elif symbol.is_class:
                yield Value(Kind.CLASS, symbol)
            elif base.kind is Kind.CLASS and _is_enumeration(base.symbol.node):
                yield Value(Kind.INSTANCE, base.symbol)
            else:
                yield from self._held(symbol)

    def _held(self, symbol: Symbol) -> Values:
        """What an attribute holds, which a class body or a method assigns."""
        method = symbol.module.scope_at(symbol.node.lineno)
        if method is None:
            return self.assigned(symbol)
        scope = Scope(symbol.module, method, symbol.node.lineno)
        if isinstance(symbol.node, ast.AnnAssign):
            declared = self.declared(symbol.node.annotation, scope)
            if declared:
                return declared
        value = getattr(symbol.node, "value", None)
        return self.values(value, scope) if isinstance(value, ast.expr) else ()

    def members(self, owner: Symbol, name: str) -> tuple[Symbol, ...]:
        """What a name is in a class, or in the nearest of its bases that has it: a method, or where it is assigned."""
        key = (*owner.key, name)
        if key not in self._members:
            self._members[key] = self._members_anew(owner, name)
        return self._members[key]

    def _members_anew(self, owner: Symbol, name: str) -> tuple[Symbol, ...]:
        for each in self.lineage(owner):
            found = each.module.definitions.get(f"{each.qualname}.{name}")
            if found is not None:
                return (found,)
            sites = [
                Symbol(each.module, f"{each.qualname}.{name}", node) for node in each.module.attribute_sites(each, name)
            ]
            declared = each.module.assigned_in_class(each).get(name)
            if declared is not None:
                return (declared, *sites[:2])
            if sites:
                return tuple(sites[:3])
        return ()

    def lineage(self, owner: Symbol) -> Iterator[Symbol]:
        """The class and its bases in the project, roughly in the order in which Python looks."""
        seen: set[tuple[str, int]] = set()
        pending = [owner]
        while pending and len(seen) < 20:
            current = pending.pop(0)
            if current.key in seen or not isinstance(current.node, ast.ClassDef):
                continue
            seen.add(current.key)
            yield current
            scope = Scope(current.module, None, current.node.lineno)
            for base in current.node.bases:
                if isinstance(base, ast.Subscript):
                    base = base.value
                pending += [v.symbol for v in self.values(base, scope) if v.kind is Kind.CLASS and v.symbol]

    def _call(self, node: ast.Call, scope: Scope) -> Iterator[Value]:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and scope.function is not None:
            owner = self.owner(scope.function)
            bases = list(self.lineage(owner))[1:2] if owner is not None else []
            yield from (Value(Kind.INSTANCE, base) for base in bases)
            return
        functions = self.values(node.func, scope)
        for value in functions:
            yield from self.result(value)
        if not functions:
            yield from self._built_in(node, scope)

    def result(self, called: Value) -> Values:
        """What a call of the value gives."""
        if called.kind is Kind.CLASS:
            return (Value(Kind.INSTANCE, called.symbol),)
        if called.kind is Kind.FUNCTION and called.symbol is not None:
            return self.returned(called.symbol)
        if called.kind is Kind.INSTANCE and called.symbol is not None:
            return _distinct(
                value
                for member in self.members(called.symbol, "__call__")
                if member.is_function
                for value in self.returned(member)
            )
        return ()

    def _built_in(self, node: ast.Call, scope: Scope) -> Iterable[Value]:
        """The results of the built-in functions and methods that hand on what they were given."""
        first = node.args[0] if node.args else None
        if last_name(node.func) == "replace":  # of dataclasses and copy
            return self.values(first, scope)
        if isinstance(node.func, ast.Name):
            return self._built_in_function(node.func.id, node.args, scope)
        if isinstance(node.func, ast.Attribute):
            base = self.values(node.func.value, scope)
            containers = tuple(value for value in base if value.kind is Kind.CONTAINER)
            if node.func.attr in _GIVE_ONE:
                return self._element(containers)
            if node.func.attr in _GIVE_ALL:
                return containers
        return ()

    def _built_in_function(self, name: str, arguments: Sequence[ast.expr], scope: Scope) -> Iterable[Value]:
        several = name in ("enumerate", "zip") or (name in _ONE_ELEMENT and len(arguments) > 1)
        if several:
            return self._all(arguments, scope)
        first = self.values(arguments[0] if arguments else None, scope)
        if name in _ONE_ELEMENT:
            return self._element(first)
        return first if name in _SAME_ELEMENTS else ()

    def returned(self, function: Symbol) -> Values:
        """What a call of the function gives, by its annotation or else by its ``return`` and ``yield`` statements."""
        node = function.node
        if not isinstance(node, FunctionNode):
            return ()
        scope = Scope(function.module, function, function.last_line)
        if node.returns is not None:
            declared = self.declared(node.returns, scope)
            if declared:
                return self._entered(declared) if _is_context_manager(node) else declared
        found: list[Value] = []
        for number, (expression, is_yield) in enumerate(_given_back(node)):
            if number == _MAX_RETURNS:
                break
            values = self.values(expression, Scope(function.module, function, expression.lineno))
            plain = not is_yield or _is_context_manager(node) or _is_fixture(node)
            found += values if plain else (Value(Kind.CONTAINER, elements=values),)
        return _distinct(found)

    def _entered(self, values: Values) -> Values:
        return _distinct(element for value in values for element in (value.elements or (value,)))

    def _element(self, values: Iterable[Value], names: Sequence[str] = _ITERATED) -> Values:
        """What iterating over, or indexing, the values gives; for an object, by the first of the methods it has."""
        found: list[Value] = []
        for value in values:
            if value.kind is Kind.CONTAINER:
                found += value.elements
            elif value.kind is Kind.INSTANCE and value.symbol is not None:
                methods = (m for name in names for m in self.members(value.symbol, name) if m.is_function)
                given = self.returned(method) if (method := next(methods, None)) is not None else ()
                found += given if names is _INDEXED else self._entered(given)
            elif value.kind is Kind.CLASS:
                found.append(value)
        return _distinct(found)


def _expression(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _alternatives(annotation: ast.expr) -> list[ast.expr]:
    """``A``, ``B`` and ``C`` of ``A | B | C``."""
    found: list[ast.expr] = []
    while isinstance(annotation, ast.BinOp) and len(found) < _MAX_VALUES:
        found.append(annotation.right)
        annotation = annotation.left
    return [*([] if isinstance(annotation, ast.BinOp) else [annotation]), *reversed(found)]


def _distinct(values: Iterable[Value]) -> Values:
    found: dict[tuple[object, ...], Value] = {}
    for value in values:
        key = (
            value.kind,
            id(value.symbol and value.symbol.node),
            id(value.module),
            value.elements and id(value.elements[0]),
        )
        found.setdefault(key, value)
        if len(found) >= 4 * _MAX_VALUES:
            break
    return tuple(found.values())


def _is_enumeration(node: ast.AST) -> bool:
    return any(last_name(base).endswith(("Enum", "Flag")) for base in getattr(node, "bases", []))


def _given_back(node: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    """The expressions that a function returns, and those that it yields."""
    for inner in own_nodes(node):
        if isinstance(inner, ast.Return) and inner.value is not None:
            yield inner.value, False
        elif isinstance(inner, ast.Yield) and inner.value is not None:
            yield inner.value, True


def _is_property(node: ast.AST) -> bool:
    return any(name in ("property", "cached_property", "setter") for name in decorator_names(node))


def _is_classmethod(node: ast.AST) -> bool:
    return "classmethod" in decorator_names(node)


def _is_static(node: ast.AST) -> bool:
    return "staticmethod" in decorator_names(node)


def _is_context_manager(node: ast.AST) -> bool:
    return any(name in ("contextmanager", "asynccontextmanager") for name in decorator_names(node))


def _is_fixture(node: ast.AST) -> bool:
    return "fixture" in decorator_names(node)


def _parameter(node: ast.AST, name: str) -> ast.arg | None:
    return next((parameter for parameter in parameters(node) if parameter.arg == name), None)


def _first_parameter(node: ast.AST) -> ast.arg | None:
    return next(iter(parameters(node)), None)


def _default(node: ast.AST, name: str) -> ast.expr | None:
    if not isinstance(node, FunctionNode):
        return None
    positional = [*node.args.posonlyargs, *node.args.args]
    pairs = list(zip(reversed(positional), reversed(node.args.defaults), strict=False))
    pairs += [(a, d) for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d is not None]
    return next((default for parameter, default in pairs if parameter.arg == name), None)


def _passed(call: ast.Call, function: Symbol, name: str, *, bound: bool) -> ast.expr | None:
    """The argument of a call for one parameter; None where it cannot be told."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if not isinstance(function.node, FunctionNode) or any(isinstance(each, ast.Starred) for each in call.args):
        return None
    positional = [parameter.arg for parameter in (*function.node.args.posonlyargs, *function.node.args.args)]
    if bound and not _is_static(function.node):
        positional = positional[1:]
    number = positional.index(name) if name in positional else len(call.args)
    return call.args[number] if number < len(call.args) else None
