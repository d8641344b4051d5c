"""Which keys a dictionary of the project has, as far as the source tells."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from snapfix.crash import CrashContext, SourceFile
from snapfix.rules.evidence.flow import How, Source, clause_of, path_to
from snapfix.rules.evidence.library import is_constant
from snapfix.rules.evidence.targets import (
    Target,
    attribute_values,
    class_of,
    comprehension_source,
    imported_module,
    lineage,
    local_bindings,
    module_file,
    module_sources,
    name_sources,
    passed_for,
    place_of_source,
    reaches_parameter,
    resolve,
)
from snapfix.rules.evidence.values import Place, body_of, dotted, is_parameter, last_name
from snapfix.syntax import imports, own_nodes, parse

_DEPTH = 6
_MAX_RECORDS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A key that the source puts into a dictionary.

    Attributes:
        value: the key.
        file, node: where it is written.
        holds: the expression of its value, where it is known.
        condition: the ``if``, loop or ``try`` under which alone it is set.
    """

    value: object
    file: SourceFile
    node: ast.AST
    holds: ast.expr | None = None
    condition: ast.AST | None = None

    @property
    def lineno(self) -> int:
        """The line that it is written on."""
        lineno: int = getattr(self.node, "lineno", 1)
        return lineno


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One dictionary that is made in the source.

    Attributes:
        place, node: where.
        keys: what is put into it.
        open: it may have other keys too.
        from_json: it was read from JSON, whose keys are always strings.
    """

    place: Place
    node: ast.AST
    keys: tuple[Key, ...] = ()
    open: bool = False
    from_json: bool = False

    @property
    def lineno(self) -> int:
        """The line that it begins on."""
        lineno: int = getattr(self.node, "lineno", self.place.lineno)
        return lineno

    def names(self) -> set[object]:
        """The keys that it has under any condition."""
        return {key.value for key in self.keys}

    def key(self, value: object) -> Key | None:
        """The key equal to ``value``, which is of the same type."""
        return next((k for k in self.keys if type(k.value) is type(value) and k.value == value), None)


@dataclass(frozen=True, slots=True)
class Records:
    """The dictionaries that an expression can be; ``open`` where it may be another one."""

    records: tuple[Record, ...] = ()
    open: bool = False

    @property
    def complete(self) -> bool:
        """All that it can be, and all keys of each, are known."""
        return bool(self.records) and not self.open and not any(record.open for record in self.records)

    def all_keys(self) -> list[Key]:
        """The keys of all of them, in the order of the source."""
        return [key for record in self.records for key in record.keys]


_OPEN = Records(open=True)


def records_of(context: CrashContext, place: Place, node: ast.expr, depth: int = _DEPTH) -> Records:
    """The dictionaries that ``node`` can be where ``place`` evaluates it."""
    if depth <= 0:
        return _OPEN
    match node:
        case ast.Dict():
            return Records((_literal(context, place, node, depth),))
        case ast.Call():
            return _of_call(context, place, node, depth)
        case ast.Name(id=name):
            return _of_name(context, place, node, name, depth)
        case ast.Attribute():
            return _of_attribute(context, place, node, depth)
        case ast.Subscript():
            return _of_item(context, place, node, depth)
        case ast.IfExp(body=body, orelse=orelse):
            return _union(records_of(context, place, part, depth) for part in (body, orelse))
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _merged(records_of(context, place, left, depth), records_of(context, place, right, depth))
        case ast.Await(value=value) | ast.NamedExpr(value=value):
            return records_of(context, place, value, depth)
    return _OPEN


def elements_of(context: CrashContext, place: Place, node: ast.expr, depth: int = _DEPTH) -> Records:
    """The dictionaries that the elements of ``node`` (a list, a generator, ...) can be."""
    if depth <= 0:
        return _OPEN
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return _union(records_of(context, place, element, depth - 1) for element in elements[:_MAX_RECORDS])
        case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element) | ast.SetComp(elt=element):
            return records_of(context, place, element, depth - 1)
        case ast.Name(id=name):
            return _elements_of_name(context, place, name, depth)
        case ast.Subscript(slice=ast.Slice(), value=value):
            return elements_of(context, place, value, depth - 1)
        case ast.Subscript() | ast.Attribute():
            return _elements_held(context, place, node, depth)
        case ast.Call():
            return _elements_of_call(context, place, node, depth)
    return _OPEN


def _union(parts: Iterable[Records]) -> Records:
    found: list[Record] = []
    is_open = False
    for part in parts:
        found += [record for record in part.records if not any(record.node is known.node for known in found)]
        is_open = is_open or part.open
    return Records(tuple(found[:_MAX_RECORDS]), is_open or len(found) > _MAX_RECORDS)


def _merged(one: Records, other: Records) -> Records:
    if len(one.records) != 1 or len(other.records) != 1:
        return _OPEN
    first, second = one.records[0], other.records[0]
    is_open = first.open or second.open or one.open or other.open
    return Records((replace(first, keys=(*first.keys, *second.keys), open=is_open),))


# --- where dictionaries are made ---


def _literal(context: CrashContext, place: Place, node: ast.Dict, depth: int) -> Record:
    keys: list[Key] = []
    is_open = False
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant):
            keys.append(Key(key.value, place.file, key, value))
        elif key is None:
            inner = records_of(context, place, value, depth - 1)
            keys += inner.all_keys() if len(inner.records) == 1 else []
            is_open = is_open or not inner.complete or len(inner.records) != 1
        else:
            is_open = True
    return Record(place, node, tuple(keys), is_open)


_JSON = frozenset({"json.load", "json.loads", "yaml.safe_load", "yaml.load", "tomllib.load", "tomllib.loads"})


def _of_call(context: CrashContext, place: Place, call: ast.Call, depth: int) -> Records:
    name = last_name(call.func)
    if isinstance(call.func, ast.Name) and name == "dict":
        return _of_dict_call(context, place, call, depth)
    if name == "asdict" and call.args:
        return _of_fields(class_of(context, place, call.args[0]), place, call)
    if name in ("copy", "deepcopy"):
        inner = call.args[0] if call.args else call.func
        value = inner.value if isinstance(inner, ast.Attribute) and not call.args else inner
        return records_of(context, place, value, depth - 1)
    if dotted(call.func) in _JSON or name == "json":
        return Records((Record(place, call, open=True, from_json=True),))
    called = resolve(context, place, call.func)
    if called is None:
        return _OPEN
    if called.definition.is_class:
        return _of_fields(called, place, call) if _is_typed_dict(called) else _OPEN
    return _returned(context, place, called, call, depth, element=False)


def _of_dict_call(context: CrashContext, place: Place, call: ast.Call, depth: int) -> Records:
    keys = [Key(k.arg, place.file, k, k.value) for k in call.keywords if k.arg is not None]
    is_open = any(keyword.arg is None for keyword in call.keywords)
    if call.args:
        inner = records_of(context, place, call.args[0], depth - 1)
        keys += inner.all_keys() if len(inner.records) == 1 else []
        is_open = is_open or not inner.complete or len(inner.records) != 1
    return Records((Record(place, call, tuple(keys), is_open),))


def _of_fields(owner: Target | None, place: Place, node: ast.AST) -> Records:
    """The annotated fields of a dataclass or TypedDict, where it has no base that adds others."""
    if owner is None or not isinstance(owner.definition.node, ast.ClassDef):
        return _OPEN
    body = owner.definition.node
    keys = [
        Key(statement.target.id, owner.file, statement.target)
        for statement in body.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]
    inherited = any(last_name(base) not in ("TypedDict", "object") for base in body.bases)
    return Records((Record(place, node, tuple(keys), inherited or not keys),))


def _is_typed_dict(target: Target) -> bool:
    node = target.definition.node
    return isinstance(node, ast.ClassDef) and any(last_name(base) == "TypedDict" for base in node.bases)


def _returned(
    context: CrashContext, place: Place, called: Target, call: ast.Call, depth: int, *, element: bool
) -> Records:
    if called.function is None:
        return _OPEN
    found = []
    for node in own_nodes(called.function):
        value = node.value if isinstance(node, ast.Return | ast.Yield) else None
        if value is None or is_constant(value, None):
            continue
        statement = node if isinstance(node, ast.stmt) else called.function.body[-1]
        inside = place.inside(called.file, statement, called.definition, call)
        if element and not isinstance(node, ast.Yield):
            found.append(elements_of(context, inside, value, depth - 1))
        else:
            found.append(records_of(context, inside, value, depth - 1))
    return _union(found) if found else _OPEN


# --- names, attributes and items ---


def _of_name(context: CrashContext, place: Place, node: ast.Name, name: str, depth: int) -> Records:
    iterated = comprehension_source(place, node) or _lambda_source(place, node)
    if iterated is not None:
        return elements_of(context, place, iterated, depth - 1)
    sources = [source for source in name_sources(place, name) if not source.imported]
    found = [_of_source(context, place, source, name, depth) for source in sources]
    code = place.code
    if code is not None and is_parameter(code, name) and reaches_parameter(place, name):
        found.append(_of_parameter(context, place, name, depth))
    if not found:
        return _imported(context, place, name, depth)
    return _union(found)


_KEYED = frozenset({"sorted", "max", "min", "map", "filter", "sort"})


def _lambda_source(place: Place, node: ast.Name) -> ast.expr | None:
    """What the parameter of a ``lambda`` runs over: ``sorted(rows, key=lambda row: ...)``."""
    for call in ast.walk(place.statement):
        if not isinstance(call, ast.Call) or last_name(call.func) not in _KEYED:
            continue
        functions = [a for a in [*call.args, *(k.value for k in call.keywords)] if isinstance(a, ast.Lambda)]
        for function in functions:
            named = any(argument.arg == node.id for argument in function.args.args)
            if named and any(inner is node for inner in ast.walk(function)):
                if isinstance(call.func, ast.Attribute):
                    return call.func.value
                rest = [argument for argument in call.args if argument is not function]
                return rest[0] if rest else None
    return None


def _of_parameter(context: CrashContext, place: Place, name: str, depth: int) -> Records:
    passed = passed_for(context, place, name)
    if passed is None:
        return _OPEN
    found = records_of(context, passed[0], passed[1], depth - 1)
    return _with_additions(context, place, name, found, depth)


def _of_source(context: CrashContext, place: Place, source: Source, name: str, depth: int) -> Records:
    here = place_of_source(place, source)
    if here is None or source.value is None:
        return _OPEN
    if source.how is How.VALUE:
        found = records_of(context, here, source.value, depth - 1)
        return _with_additions(context, here, name, found, depth)
    if source.how is How.ELEMENT and source.index is None:
        return elements_of(context, here, source.value, depth - 1)
    if source.how is How.ELEMENT:
        return _of_pair(context, here, source.value, source.index or 0, depth)
    return _OPEN


def _of_pair(context: CrashContext, place: Place, iterated: ast.expr, index: int, depth: int) -> Records:
    """The second loop variable of ``enumerate(rows)`` and ``table.items()``."""
    match iterated:
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]) if index == 1:
            return elements_of(context, place, inner, depth - 1)
        case ast.Call(func=ast.Attribute(attr="items", value=value)) if index == 1:
            return _values_of(context, place, value, depth)
    return _OPEN


def _values_of(context: CrashContext, place: Place, node: ast.expr, depth: int) -> Records:
    outer = records_of(context, place, node, depth - 1)
    held = [
        records_of(context, record.place, key.holds, depth - 1) if key.holds is not None else _OPEN
        for record in outer.records
        for key in record.keys
    ]
    return _union([*held, Records(open=not outer.complete)])


def _with_additions(context: CrashContext, place: Place, name: str, found: Records, depth: int) -> Records:
    """The same dictionaries, with what the function puts into them under ``name``."""
    if len(found.records) != 1:
        added = [key for key in _added(context, place, name, depth) if key is not None]
        return replace(found, records=tuple(replace(r, keys=(*r.keys, *added)) for r in found.records))
    additions = list(_added(context, place, name, depth))
    record = found.records[0]
    keys = (*record.keys, *(key for key in additions if key is not None))
    return replace(found, records=(replace(record, keys=keys, open=record.open or None in additions),))


def _added(context: CrashContext, place: Place, name: str, depth: int) -> Iterator[Key | None]:
    """The keys that ``name[key] = ...``, ``name.update(...)`` and ``name.setdefault(...)`` add; None: unknown."""
    body = body_of(place)
    for statement in (node for part in body for node in ast.walk(part) if isinstance(node, ast.stmt)):
        match statement:
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=changed), slice=key)], value=value):
                if changed == name:
                    yield _added_key(place, body, statement, key, value)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=changed), attr=method)) as call):
                if changed == name:
                    yield from _added_by(context, place, statement, call, method, depth)


def _added_by(
    context: CrashContext, place: Place, statement: ast.stmt, call: ast.Call, method: str, depth: int
) -> Iterator[Key | None]:
    if method == "setdefault" and call.args:
        yield _added_key(place, body_of(place), statement, call.args[0], None)
    elif method == "update":
        yield from (Key(k.arg, place.file, k, k.value) if k.arg else None for k in call.keywords)
        for argument in call.args:
            inner = records_of(context, place.at(statement), argument, depth - 1)
            yield from inner.all_keys()
            if not inner.complete:
                yield None


def _added_key(
    place: Place, body: list[ast.stmt], statement: ast.stmt, key: ast.expr, value: ast.expr | None
) -> Key | None:
    if not isinstance(key, ast.Constant):
        return None
    around = [clause_of(step) for step in path_to(body, statement)]
    condition = next((c for c in around if not isinstance(c, ast.With | ast.AsyncWith)), None)
    return Key(key.value, place.file, key, value, condition)


def _imported(context: CrashContext, place: Place, name: str, depth: int) -> Records:
    for item in imports(place.file.text):
        if item.name == name and item.attribute is not None:
            module = module_file(context, place.file, item.module, item.level)
            if module is not None:
                return _in_module(context, module, item.attribute, depth)
    return _OPEN


def _in_module(context: CrashContext, module: SourceFile, name: str, depth: int) -> Records:
    tree = parse(module.text)
    found = [
        _of_source(context, Place(module, source.lineno, source.node), source, name, depth)
        for source in module_sources(module, name)
        if isinstance(source.node, ast.stmt) and tree is not None
    ]
    return _union(found) if found else _OPEN


def _of_attribute(context: CrashContext, place: Place, node: ast.Attribute, depth: int) -> Records:
    if node.attr == "__dict__":
        return _OPEN
    base = dotted(node.value)
    module = imported_module(context, place.file, base) if base and not any(local_bindings(place, base)) else None
    if module is not None:
        return _in_module(context, module[1], node.attr, depth) if module[1] is not None else _OPEN
    held = _held_by_attribute(context, place, node)
    found = [records_of(context, where, value, depth - 1) for where, value in held]
    additions = list(_added_to_attribute(context, place, node)) if found else []
    united = _union(found) if found else _OPEN
    keys = tuple(key for key in additions if key is not None)
    is_open = None in additions
    return replace(
        united, records=tuple(replace(r, keys=(*r.keys, *keys), open=r.open or is_open) for r in united.records)
    )


def _held_by_attribute(context: CrashContext, place: Place, node: ast.Attribute) -> list[tuple[Place, ast.expr]]:
    owner = class_of(context, place, node.value)
    return attribute_values(context, owner, node.attr) if owner is not None else []


def _added_to_attribute(context: CrashContext, place: Place, node: ast.Attribute) -> Iterator[Key | None]:
    owner = class_of(context, place, node.value)
    for target in lineage(context, owner) if owner is not None else ():
        for statement in ast.walk(target.definition.node):
            match statement:
                case ast.Assign(targets=[ast.Subscript(value=ast.Attribute(attr=changed), slice=key)], value=value):
                    if changed != node.attr:
                        continue
                    constant = isinstance(key, ast.Constant)
                    yield Key(key.value, target.file, key, value, statement) if constant else None  # type: ignore[attr-defined]


def _of_item(context: CrashContext, place: Place, node: ast.Subscript, depth: int) -> Records:
    match node.slice:
        case ast.Constant(value=str(key)):
            outer = records_of(context, place, node.value, depth - 1)
            if any(record.from_json for record in outer.records):
                return Records((Record(place, node, open=True, from_json=True),))
            held = [
                records_of(context, record.place, key_.holds, depth - 1)
                for record in outer.records
                if (key_ := record.key(key)) is not None and key_.holds is not None
            ]
            return _union(held) if held and len(held) == len(outer.records) else _OPEN
        case ast.Constant(value=int()) | ast.UnaryOp():
            return elements_of(context, place, node.value, depth - 1)
    values = _values_of(context, place, node.value, depth)
    return values if values.records else elements_of(context, place, node.value, depth - 1)


def _elements_of_name(context: CrashContext, place: Place, name: str, depth: int) -> Records:
    found = []
    for source in name_sources(place, name):
        if source.imported:
            continue
        here = place_of_source(place, source)
        if source.how is How.VALUE and source.value is not None and here is not None:
            found.append(elements_of(context, here, source.value, depth - 1))
        else:
            found.append(_OPEN)
    code = place.code
    if code is not None and is_parameter(code, name) and reaches_parameter(place, name):
        passed = passed_for(context, place, name)
        found.append(elements_of(context, passed[0], passed[1], depth - 1) if passed is not None else _OPEN)
    if not found:
        return _imported_elements(context, place, name, depth)
    return _union([*found, *_appended(context, place, name, depth)])


def _imported_elements(context: CrashContext, place: Place, name: str, depth: int) -> Records:
    for item in imports(place.file.text):
        module = module_file(context, place.file, item.module, item.level) if item.name == name else None
        if module is None or item.attribute is None:
            continue
        found = [
            elements_of(context, Place(module, source.lineno, source.node), source.value, depth - 1)
            for source in module_sources(module, item.attribute)
            if isinstance(source.node, ast.stmt) and source.value is not None and source.how is How.VALUE
        ]
        return _union(found) if found else _OPEN
    return _OPEN


def _appended(context: CrashContext, place: Place, name: str, depth: int) -> Iterator[Records]:
    for part in body_of(place):
        for node in ast.walk(part):
            match node:
                case ast.Expr(value=ast.Call(func=func, args=[element])) if dotted(func) == f"{name}.append":
                    yield records_of(context, place.at(node), element, depth - 1)
                case ast.Expr(value=ast.Call(func=func)) if dotted(func) in (f"{name}.extend", f"{name}.insert"):
                    yield _OPEN


def _elements_held(context: CrashContext, place: Place, node: ast.expr, depth: int) -> Records:
    """The elements of a list that is an attribute, or the value of a key."""
    if isinstance(node, ast.Attribute):
        held = _held_by_attribute(context, place, node)
        return _union(elements_of(context, where, value, depth - 1) for where, value in held) if held else _OPEN
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Constant):
        return _OPEN
    outer = records_of(context, place, node.value, depth - 1)
    if any(record.from_json for record in outer.records):
        return Records((Record(place, node, open=True, from_json=True),))
    keys = [record.key(node.slice.value) for record in outer.records]
    lists = [
        elements_of(context, record.place, key.holds, depth - 1)
        for record, key in zip(outer.records, keys, strict=True)
        if key is not None and key.holds is not None
    ]
    return _union(lists) if lists and len(lists) == len(outer.records) else _OPEN


def _elements_of_call(context: CrashContext, place: Place, call: ast.Call, depth: int) -> Records:
    match call:
        case ast.Call(func=ast.Name(id="list" | "sorted" | "reversed" | "tuple" | "iter" | "filter"), args=args) if (
            args
        ):
            return elements_of(context, place, args[-1], depth - 1)
        case ast.Call(func=ast.Attribute(attr="values", value=value), args=[]):
            return _values_of(context, place, value, depth)
    if dotted(call.func) in _JSON or last_name(call.func) == "json":
        return Records((Record(place, call, open=True, from_json=True),))
    called = resolve(context, place, call.func)
    return _returned(context, place, called, call, depth, element=True) if called is not None else _OPEN
