"""Where a None came from: back through names, parameters, attributes and calls to what produced it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from snapfix.crash import CrashContext, SourceFile
from snapfix.rules.evidence.flow import How, Source, bindings, checked_at, flow_through
from snapfix.rules.evidence.library import (
    attribute_reason,
    in_place_reason,
    is_constant,
    lookup_reason,
    made_by,
    never_none,
    tuple_lookup_reason,
)
from snapfix.rules.evidence.targets import (
    Target,
    attribute_values,
    class_of,
    comprehension_source,
    constructions,
    imported_module,
    library_name,
    local_bindings,
    method_of,
    methods_named,
    module_file,
    module_sources,
    name_sources,
    overrides,
    passed_for,
    place_of_source,
    reaches_parameter,
    resolve,
)
from snapfix.rules.evidence.values import Call, Place, body_of, dotted, is_parameter, last_name
from snapfix.syntax import FunctionNode, definitions, imports, own_nodes, parse

_DEPTH = 6
"""Steps that a value is followed: each assignment, parameter, attribute or return is one."""

_MAX_ORIGINS = 8


class Kind(StrEnum):
    """What produced a None."""

    EXIT = "a function of the project ends without a value"
    IN_PLACE = "a call that works in place and always returns None"
    LOOKUP = "a look-up that found nothing"
    CONSTANT = "None is written in the source"


@dataclass(frozen=True, slots=True, eq=False)
class Passed:
    """A function of the project that handed the None on by ``return``, and the call of it (if it is known)."""

    target: Target
    call: Call | None


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """One thing that may have produced the None.

    Attributes:
        kind: what it is.
        place: the statement in which it happened.
        node: the call, the ``None``, the ``return``, or the statement or clause that the function runs out of.
        reason: when this call finds nothing, in words; the call's own name for calls in place.
        passed: the functions that handed it on, the one nearest to the crash first.
        lines: the lines it passed through, the one nearest to the crash first.
    """

    kind: Kind
    place: Place
    node: ast.AST
    reason: str = ""
    passed: tuple[Passed, ...] = ()
    lines: tuple[tuple[SourceFile, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """The possible origins of a value that was None; ``open`` where there may be others."""

    origins: tuple[Origin, ...] = ()
    open: bool = False


_OPEN = Trace(open=True)
_NEVER = Trace()


def trace(context: CrashContext, place: Place, node: ast.expr, depth: int = _DEPTH) -> Trace:
    """What may have made the value of ``node`` None where ``place`` computes it."""
    if depth <= 0:
        return _OPEN
    if not isinstance(node, ast.Call) and never_none(node):
        return _NEVER
    match node:
        case ast.Constant(value=None):
            return Trace((Origin(Kind.CONSTANT, place, node),))
        case ast.IfExp(body=body, orelse=orelse):
            return _union(trace(context, place, part, depth) for part in (body, orelse))
        case ast.BoolOp(op=ast.Or(), values=values):
            return trace(context, place, values[-1], depth)
        case ast.BoolOp(values=values):
            return _union(trace(context, place, part, depth) for part in values)
        case ast.NamedExpr(value=value) | ast.Starred(value=value):
            return trace(context, place, value, depth)
    return _trace_read(context, place, node, depth)


def _trace_read(context: CrashContext, place: Place, node: ast.expr, depth: int) -> Trace:
    match node:
        case ast.Await(value=ast.Call() as call):
            return _trace_call(context, place, call, depth, awaited=True)
        case ast.Call():
            return _trace_call(context, place, node, depth, awaited=False)
        case ast.Name(id=name):
            return _trace_name(context, place, node, name, depth)
        case ast.Attribute():
            return _trace_attribute(context, place, node, depth)
        case ast.Subscript():
            return _trace_subscript(context, place, node, depth)
    return _OPEN


def trace_element(context: CrashContext, place: Place, node: ast.expr, depth: int = _DEPTH) -> Trace:
    """What may have made an element of ``node``, which is iterated over, None."""
    if depth <= 0:
        return _OPEN
    match node:
        case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element):
            return trace(context, place, element, depth - 1)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return _union(trace(context, place, element, depth - 1) for element in elements)
        case ast.Call(func=ast.Name(id="map"), args=[function, *_]):
            called = resolve(context, place, function)
            return _trace_function(context, place, called, None, depth, awaited=False) if called else _OPEN
        case ast.Call(func=ast.Name(id="list" | "sorted" | "reversed" | "tuple" | "set" | "iter"), args=[inner, *_]):
            return trace_element(context, place, inner, depth - 1)
        case ast.Name(id=name):
            return _elements_of_name(context, place, name, depth)
        case ast.Call():
            called = resolve(context, place, node.func)
            return _elements_returned(context, place, called, node, depth) if called else _OPEN
    return _OPEN


def _union(traces: Iterable[Trace]) -> Trace:
    origins: list[Origin] = []
    is_open = False
    for found in traces:
        origins += [o for o in found.origins if not any(o.node is known.node for known in origins)]
        is_open = is_open or found.open
    return Trace(tuple(origins[:_MAX_ORIGINS]), is_open or len(origins) > _MAX_ORIGINS)


def _through(found: Trace, file: SourceFile, lineno: int) -> Trace:
    """The same, having passed through a line."""
    return replace(found, origins=tuple(replace(o, lines=((file, lineno), *o.lines)) for o in found.origins))


# --- names ---


def _trace_name(context: CrashContext, place: Place, node: ast.Name, name: str, depth: int) -> Trace:
    iterated = comprehension_source(place, node)
    if iterated is not None:
        return trace_element(context, place, iterated, depth)
    code = place.code
    checked = checked_at(body_of(place), place.statement, name)
    sources = [source for source in name_sources(place, name) if source.lineno > checked and not source.imported]
    found = _union(_trace_source(context, place, source, depth) for source in sources)
    if code is not None and is_parameter(code, name):
        reached = not checked and reaches_parameter(place, name)
        return _union([found, _trace_parameter(context, place, name, depth)]) if reached else found
    if sources:
        return found
    return _OPEN if checked else _trace_imported(context, place, name, depth)


def _trace_source(context: CrashContext, place: Place, source: Source, depth: int) -> Trace:
    here = place_of_source(place, source)
    if source.value is None or here is None:
        return _NEVER if source.how in (How.DEFINED, How.AUGMENTED, How.DELETED) else _OPEN
    match source.how:
        case How.VALUE:
            found = trace(context, here, source.value, depth - 1)
        case How.PART:
            found = _trace_part(context, here, source.value, source.index or 0, depth - 1)
        case How.ELEMENT if source.index is None:
            found = trace_element(context, here, source.value, depth - 1)
        case How.AUGMENTED | How.ENTERED:
            return _NEVER
        case _:
            return _OPEN
    return _through(found, here.file, source.lineno)


def _trace_part(context: CrashContext, place: Place, value: ast.expr, index: int, depth: int) -> Trace:
    if isinstance(value, ast.Tuple | ast.List) and index < len(value.elts):
        return trace(context, place, value.elts[index], depth)
    if not isinstance(value, ast.Call):
        return _OPEN
    reason = tuple_lookup_reason(place, value)
    if reason:
        return Trace((Origin(Kind.LOOKUP, place, value, reason),))
    called = resolve(context, place, value.func)
    if called is None or called.function is None:
        return _OPEN
    found = []
    for returned in _returns(called.function):
        if isinstance(returned.value, ast.Tuple) and index < len(returned.value.elts):
            inside = place.inside(called.file, returned, called.definition, value)
            part = trace(context, inside, returned.value.elts[index], depth - 1)
            found.append(_handed_on(part, called, Call(place, value), returned))
        else:
            found.append(_OPEN)
    return _union(found)


def _trace_parameter(context: CrashContext, place: Place, name: str, depth: int) -> Trace:
    passed = passed_for(context, place, name)
    if passed is None:
        return _OPEN
    where, value, lineno = passed
    return _through(trace(context, where, value, depth - 1), where.file, lineno)


def _trace_imported(context: CrashContext, place: Place, name: str, depth: int) -> Trace:
    for item in imports(place.file.text):
        if item.name != name or item.attribute is None:
            continue
        module = module_file(context, place.file, item.module, item.level)
        if module is not None:
            return _module_value(context, place, module, item.attribute, depth)
    return _OPEN


def _module_value(context: CrashContext, place: Place, module: SourceFile, name: str, depth: int) -> Trace:
    found = []
    for source in module_sources(module, name):
        if isinstance(source.node, ast.stmt) and not source.imported:
            there = Place(module, source.lineno, source.node, changed=place.changed)
            found.append(_trace_source(context, there, source, depth))
    return _union(found) if found else _OPEN


# --- attributes and items ---


def _trace_attribute(context: CrashContext, place: Place, node: ast.Attribute, depth: int) -> Trace:
    base = dotted(node.value)
    module = imported_module(context, place.file, base) if base and not any(local_bindings(place, base)) else None
    if module is not None:
        return _module_value(context, place, module[1], node.attr, depth) if module[1] else _OPEN
    owner = class_of(context, place, node.value)
    if owner is not None:
        return _trace_member(context, place, owner, node, depth)
    reason = attribute_reason(place, node)
    return Trace((Origin(Kind.LOOKUP, place, node, reason),)) if reason else _OPEN


def _trace_member(context: CrashContext, place: Place, owner: Target, node: ast.Attribute, depth: int) -> Trace:
    method = method_of(context, owner, node.attr)
    if method is not None:
        decorators = {last_name(decorator) for decorator in method.definition.node.decorator_list}
        if not decorators & {"property", "cached_property"}:
            return _NEVER
        return _trace_function(context, place, method, None, depth - 1, awaited=False)
    values = attribute_values(context, owner, node.attr)
    found = [Trace(open=stored_from_outside(context, node.attr))]
    for where, value in values:
        part = trace(context, _constructed(context, owner, where), value, depth - 1)
        found.append(_through(part, where.file, where.lineno))
    return _union(found) if values else _OPEN


def stored_from_outside(context: CrashContext, attribute: str) -> bool:
    """Something else than the methods of its class assigns an attribute (or a module's variable) of that name."""
    for file in context.files:
        tree = parse(file.text) if f".{attribute}" in file.text else None
        for node in ast.walk(tree) if tree is not None else ():
            stored = isinstance(node, ast.Attribute) and node.attr == attribute and isinstance(node.ctx, ast.Store)
            if stored and dotted(node.value) != "self":  # type: ignore[attr-defined]
                return True
    return False


def _constructed(context: CrashContext, owner: Target, where: Place) -> Place:
    """The place of an assignment in ``__init__``, linked to the one call that makes the object."""
    if where.function is None or where.function.node.name != "__init__":
        return where
    made = list(constructions(context, owner))
    return replace(where, caller=made[0]) if len(made) == 1 else where


def _trace_subscript(context: CrashContext, place: Place, node: ast.Subscript, depth: int) -> Trace:
    match node.slice:
        case ast.Constant(value=int(index)) if isinstance(node.value, ast.Call):
            return _trace_part(context, place, node.value, index, depth)
        case ast.Constant(value=key):
            literal = _dict_literal(place, node.value)
            if literal is not None:
                values = [v for k, v in zip(literal.keys, literal.values, strict=True) if is_constant(k, key)]
                return _union(trace(context, place, value, depth - 1) for value in values) if values else _OPEN
    return _OPEN


def _dict_literal(place: Place, node: ast.expr) -> ast.Dict | None:
    if not isinstance(node, ast.Name):
        return None
    sources = name_sources(place, node.id)
    return sources[0].value if len(sources) == 1 and isinstance(sources[0].value, ast.Dict) else None


def _elements_of_name(context: CrashContext, place: Place, name: str, depth: int) -> Trace:
    sources = name_sources(place, name)
    found = []
    for source in sources:
        here = place_of_source(place, source)
        if source.how is How.VALUE and source.value is not None and here is not None:
            found.append(_through(trace_element(context, here, source.value, depth - 1), here.file, source.lineno))
        else:
            found.append(_OPEN)
    code = place.code
    if code is not None and is_parameter(code, name):
        found.append(_elements_of_parameter(context, place, name, depth))
    found += _appended(context, place, name, depth)
    return _union(found) if found else _OPEN


def _elements_of_parameter(context: CrashContext, place: Place, name: str, depth: int) -> Trace:
    passed = passed_for(context, place, name)
    if passed is None:
        return _OPEN
    where, value, lineno = passed
    return _through(trace_element(context, where, value, depth - 1), where.file, lineno)


def _appended(context: CrashContext, place: Place, name: str, depth: int) -> list[Trace]:
    """What ``name.append(...)`` puts into a list, in the function or module of a place."""
    scope: Iterable[ast.AST] = own_nodes(place.code) if place.code is not None else ()
    adding = (f"{name}.append", f"{name}.add")
    found = []
    for node in scope:
        if isinstance(node, ast.Call) and dotted(node.func) in adding and len(node.args) == 1:
            part = trace(context, place, node.args[0], depth - 1)
            found.append(_through(part, place.file, node.lineno))
    return found


def _elements_returned(context: CrashContext, place: Place, called: Target, call: ast.Call, depth: int) -> Trace:
    if called.function is None:
        return _OPEN
    found = []
    for returned in _returns(called.function):
        inside = place.inside(called.file, returned, called.definition, call)
        if returned.value is not None:
            found.append(trace_element(context, inside, returned.value, depth - 1))
    return _union(found) if found else _OPEN


# --- calls ---


def _trace_call(context: CrashContext, place: Place, call: ast.Call, depth: int, *, awaited: bool) -> Trace:
    called = resolve(context, place, call.func)
    if called is not None:
        return _trace_callable(context, place, called, call, depth, awaited=awaited)
    namesakes = _namesakes(context, place, call)
    if namesakes:
        parts = [_trace_callable(context, place, t, call, depth, awaited=awaited) for t in namesakes[:3]]
        return _union([*parts, _trace_library(context, place, call), _OPEN])
    return _trace_library(context, place, call)


def _trace_callable(
    context: CrashContext, place: Place, called: Target, call: ast.Call, depth: int, *, awaited: bool
) -> Trace:
    """What a function or method of the project returns, or one of the methods that override it."""
    if called.definition.is_class:
        return _NEVER
    on_instance = isinstance(call.func, ast.Attribute) and called.definition.in_class
    others = overrides(context, called) if on_instance and not is_made_here(context, place, call) else []
    own = _trace_function(context, place, called, call, depth, awaited=awaited)
    if not others:
        return own
    parts = [_trace_function(context, place, other, call, depth, awaited=awaited) for other in others[:5]]
    stub = called.function is not None and is_stub(called.function)
    return _union([*([] if stub else [own]), *parts, Trace(open=len(others) > 1 or not stub)])


def is_made_here(context: CrashContext, place: Place, call: ast.Call) -> bool:
    """The object whose method is called was made by naming its class: no subclass can be meant."""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    made = made_by(place, receiver) if receiver is not None else None
    target = resolve(context, place, made.func) if made is not None else None
    return target is not None and target.definition.is_class


def is_stub(function: FunctionNode) -> bool:
    """Its body is only a docstring, ``pass``, ``...`` or ``raise NotImplementedError``."""
    return all(
        isinstance(s, ast.Pass | ast.Raise) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        for s in function.body
    )


def _namesakes(context: CrashContext, place: Place, call: ast.Call) -> list[Target]:
    """The project's methods that ``x.name()`` may be, where ``x`` is neither imported nor known."""
    func = call.func
    if not isinstance(func, ast.Attribute) or library_name(place.file, func):
        return []
    if isinstance(func.value, ast.Name):
        values = [source.value for source in name_sources(place, func.value.id)]
        if values and all(isinstance(value, _Literal) for value in values):
            return []
    return methods_named(context, func.attr)


_Literal = ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp


def _trace_library(context: CrashContext, place: Place, call: ast.Call) -> Trace:
    if never_none(call):
        return _NEVER
    in_place = in_place_reason(place, call)
    if in_place:
        return Trace((Origin(Kind.IN_PLACE, place, call, in_place),))
    reason = lookup_reason(context, place, call)
    return Trace((Origin(Kind.LOOKUP, place, call, reason),)) if reason else _OPEN


def _trace_function(
    context: CrashContext, place: Place, called: Target, call: ast.Call | None, depth: int, *, awaited: bool
) -> Trace:
    function = called.function
    if function is None or depth <= 0:
        return _OPEN
    wrapper, is_open = _wrapper(context, called)
    if wrapper is not None:
        return _trace_wrapper(context, place, wrapper, called, call, depth)
    yields = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(function))
    if yields or (isinstance(function, ast.AsyncFunctionDef) and not awaited):
        return _NEVER
    return _union([_exits(context, place, called, call, depth), Trace(open=is_open)])


def _exits(context: CrashContext, place: Place, called: Target, call: ast.Call | None, depth: int) -> Trace:
    function = called.function
    assert function is not None
    entered = Call(place, call) if call is not None else None
    found = []
    for returned in _returns(function):
        inside = place.inside(called.file, returned, called.definition, call)
        if returned.value is None or is_constant(returned.value, None):
            part = Trace((Origin(Kind.EXIT, inside, returned),))
        elif _used_before(function, returned) or _is_call_of(returned.value, function):
            continue
        else:
            part = trace(context, inside, returned.value, depth - 1)
        found.append(_handed_on(part, called, entered, returned))
    for ending in open_ends(function.body):
        inside = place.inside(called.file, function, called.definition, call)
        part = Trace((Origin(Kind.EXIT, inside, ending),))
        found.append(_handed_on(part, called, entered, None))
    return _union(found)


def _handed_on(found: Trace, called: Target, call: Call | None, returned: ast.Return | None) -> Trace:
    passed = Passed(called, call)
    origins = tuple(replace(o, passed=(passed, *o.passed)) for o in found.origins)
    found = replace(found, origins=origins)
    return _through(found, called.file, returned.lineno) if returned is not None else found


def _returns(function: FunctionNode) -> list[ast.Return]:
    return [node for node in own_nodes(function) if isinstance(node, ast.Return)]


def _is_call_of(value: ast.expr, function: FunctionNode) -> bool:
    """The function returns what it itself returns: nothing new can come from there."""
    return isinstance(value, ast.Call) and last_name(value.func) == function.name


def _used_before(function: FunctionNode, returned: ast.Return) -> bool:
    """The name that is returned had its attributes or items read before: it was not None then."""
    if not isinstance(returned.value, ast.Name):
        return False
    name = returned.value.id
    bound = max((s.lineno for s in _bindings_before(function, name, returned.lineno)), default=0)
    return any(
        isinstance(node, ast.Attribute | ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and bound <= node.lineno <= returned.lineno
        for node in own_nodes(function)
    )


def _bindings_before(function: FunctionNode, name: str, lineno: int) -> Iterator[Source]:
    return (source for source in bindings(function.body, name) if source.lineno <= lineno)


def open_ends(body: list[ast.stmt]) -> list[ast.AST]:
    """Where a function runs out of statements without ``return`` or ``raise``: the last statement or clause there.

    An ``if`` stands for its missing ``else``, a loop for its end, a ``match`` for its missing wildcard.
    """
    if flow_through(body, "").ends or not body:
        return []
    last = body[-1]
    match last:
        case ast.If():
            inner = open_ends(last.body)
            return inner + (open_ends(last.orelse) if last.orelse else [last])
        case ast.With() | ast.AsyncWith():
            return open_ends(last.body)
        case ast.Try() | ast.TryStar():
            if last.finalbody and flow_through(last.finalbody, "").ends:
                return []
            whole = open_ends([*last.body, *last.orelse])
            return whole + [h for h in last.handlers if not flow_through(h.body, "").ends]
        case ast.Match():
            inner = [end for case in last.cases for end in open_ends(case.body)]
            covered = any(isinstance(c.pattern, ast.MatchAs) and c.pattern.pattern is None for c in last.cases)
            return inner if covered else [*inner, last]
    return [last]


_TRANSPARENT = frozenset(
    {"property", "cached_property", "staticmethod", "classmethod", "cache", "lru_cache", "wraps", "override", "final"}
)


def _wrapper(context: CrashContext, called: Target) -> tuple[Target | None, bool]:
    """The function that a decorator of the project puts in the place of ``called``; else whether one may do so."""
    unknown = False
    for decorator in called.definition.node.decorator_list:
        factory = decorator.func if isinstance(decorator, ast.Call) else decorator
        if last_name(factory) in _TRANSPARENT:
            continue
        place = Place(called.file, called.definition.node.lineno, called.definition.node)
        found = resolve(context, place, factory)
        inner = _returned_function(found) if found is not None else None
        if inner is not None and isinstance(decorator, ast.Call):
            inner = _returned_function(inner)
        if inner is not None:
            return inner, False
        unknown = True
    return None, unknown


def _returned_function(target: Target) -> Target | None:
    """The nested function that a function returns."""
    if target.function is None:
        return None
    names = {last_name(node.value) for node in _returns(target.function) if isinstance(node.value, ast.Name)}
    for definition in definitions(target.file.text):
        if definition.parent == target.definition.qualname and definition.node.name in names:
            return Target(target.file, definition)
    return None


def _trace_wrapper(
    context: CrashContext, place: Place, wrapper: Target, called: Target, call: ast.Call | None, depth: int
) -> Trace:
    """The exits of the wrapper; where it returns what its function returned, those of the function."""
    bare = Target(called.file, called.definition, called.bound, called.owner)
    found = _exits(context, place, wrapper, call, depth)
    if not found.open:
        return found
    inner = _exits(context, place, bare, call, depth - 1)
    return Trace(_union([found, inner]).origins, inner.open)
