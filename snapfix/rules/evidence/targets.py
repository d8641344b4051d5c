"""Which definition of the project a name, an attribute or a call refers to, across its files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from snapfix.crash import CrashContext, SourceFile
from snapfix.rules.evidence.flow import How, Source, bindings, flow_through, reaching
from snapfix.rules.evidence.values import (
    Call,
    Place,
    argument_of,
    body_of,
    declared,
    dotted,
    header_nodes,
    is_parameter,
    last_name,
    parameters,
)
from snapfix.syntax import (
    Definition,
    FunctionNode,
    ImportedName,
    definitions,
    enclosing_function,
    imports,
    own_nodes,
    parse,
    statement_at,
)

_DEPTH = 6
"""Steps that a name is followed: imports, re-exports, base classes, assignments."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A function, method or class of the project.

    Attributes:
        file: where it is defined.
        definition: it.
        bound: its first parameter is filled in by the call: a method of an instance, a class being made.
        owner: the class that was asked for it, for methods and constructors.
    """

    file: SourceFile
    definition: Definition
    bound: bool = False
    owner: Definition | None = None

    @property
    def name(self) -> str:
        """As people write it: ``total``, ``Cart.total``, ``Cart`` for its constructor."""
        if self.owner is not None and self.definition.node.name == "__init__":
            return self.owner.qualname
        return self.definition.qualname

    @property
    def function(self) -> FunctionNode | None:
        """Its tree, where it is a function."""
        node = self.definition.node
        return None if isinstance(node, ast.ClassDef) else node


def resolve(context: CrashContext, place: Place, node: ast.expr, depth: int = _DEPTH) -> Target | None:
    """The function or class of the project that ``node`` (what is called) refers to; None where it is not known."""
    if depth <= 0:
        return None
    if isinstance(node, ast.Name):
        return _resolve_name(context, place, node.id, depth)
    if isinstance(node, ast.Attribute):
        return _resolve_attribute(context, place, node, depth)
    return None


def _resolve_name(context: CrashContext, place: Place, name: str, depth: int) -> Target | None:
    if place.code is not None and is_parameter(place.code, name):
        return None
    local = list(local_bindings(place, name))
    if local:
        only = local[0] if len(local) == 1 else None
        if only is None:
            return None
        if isinstance(only.node, FunctionNode | ast.ClassDef):
            return _definition_of_node(place.file, only.node)
        if isinstance(only.node, ast.Import | ast.ImportFrom):
            return imported(context, place.file, name, depth)
        if only.how is How.VALUE and isinstance(only.value, ast.Name | ast.Attribute):
            return resolve(context, place, only.value, depth - 1)
        return None
    for scope in enclosing_functions(place):
        nested = [d for d in definitions(place.file.text) if d.parent == scope.qualname and d.node.name == name]
        if nested:
            return Target(place.file, nested[-1])
    return in_module(context, place.file, name, depth)


def _definition_of_node(file: SourceFile, node: ast.AST) -> Target | None:
    return next((Target(file, d) for d in definitions(file.text) if d.node is node), None)


def in_module(context: CrashContext, file: SourceFile, name: str, depth: int = _DEPTH) -> Target | None:
    """What ``name`` is at the top level of a module: defined there, or imported from another file."""
    sources = module_sources(file, name)
    if len(sources) != 1:
        # Bound twice, as by an import and its fallback: either may be in force. A star import shows no name.
        return imported(context, file, name, depth) if not sources else None
    if isinstance(sources[0].node, FunctionNode | ast.ClassDef):
        return _definition_of_node(file, sources[0].node)
    return imported(context, file, name, depth) if sources[0].imported else None


def imported(context: CrashContext, file: SourceFile, name: str, depth: int = _DEPTH) -> Target | None:
    """What an import binds ``name`` to, where that is a definition of the project."""
    if depth <= 0:
        return None
    for item in imports(file.text):
        if item.attribute is None or item.name not in (name, "*"):
            continue
        module = module_file(context, file, item.module, item.level)
        if module is not None and module is not file:
            wanted = name if item.name == "*" else item.attribute
            found = in_module(context, module, wanted, depth - 1)
            if found is not None:
                return found
    return None


def module_file(context: CrashContext, importer: SourceFile, module: str, level: int = 0) -> SourceFile | None:
    """The project file that ``import module`` in ``importer`` loads."""
    if level:
        package = importer.module.split(".")
        is_package = importer.name.endswith("__init__.py")
        kept = package[: len(package) - level + (1 if is_package else 0)]
        wanted = ".".join([*kept, *([module] if module else [])])
    else:
        wanted = module
    exact = [file for file in context.files if file.module == wanted and file.module]
    if exact:
        return exact[0]
    # A program started in a subfolder imports by names that do not begin at the project's root.
    tail = wanted.replace(".", "/")
    near = importer.name.rpartition("/")[0]
    beside = f"{near}/{tail}" if near else tail
    for path in (f"{beside}.py", f"{beside}/__init__.py"):
        if (found := context.file(path)) is not None:
            return found
    ending = [file for file in context.files if file.name.endswith((f"/{tail}.py", f"/{tail}/__init__.py"))]
    return ending[0] if len(ending) == 1 else None


def imported_module(context: CrashContext, file: SourceFile, name: str) -> tuple[str, SourceFile | None] | None:
    """The module that a (dotted) name stands for in a file: its full name, and its file if it is the project's."""
    for item in imports(file.text):
        if item.attribute is None:
            if item.name == name or (item.module == name and item.name == name.partition(".")[0]):
                full = item.module if item.name == name and _renamed(item) else name
                return full, module_file(context, file, full)
        elif item.name == name:
            full = ".".join(part for part in (item.module, item.attribute) if part)
            module = module_file(context, file, full, item.level)
            if module is not None:
                return full, module
    return None


def _renamed(item: ImportedName) -> bool:
    return item.name != item.module.partition(".")[0]


def library_name(file: SourceFile, node: ast.expr) -> str:
    """The full dotted name of an imported function (``re.match``, for ``from re import match`` too), or ""."""
    written = dotted(node)
    if not written:
        return ""
    head, _, rest = written.partition(".")
    for item in imports(file.text):
        if item.name != head or item.level:
            continue
        if item.attribute is None:
            base = item.module if _renamed(item) else head
        else:
            base = f"{item.module}.{item.attribute}"
        return f"{base}.{rest}" if rest else base
    return ""


def _resolve_attribute(context: CrashContext, place: Place, node: ast.Attribute, depth: int) -> Target | None:
    base = dotted(node.value)
    if base and not (place.function is not None and any(local_bindings(place, base))):
        module = imported_module(context, place.file, base)
        if module is not None:
            return in_module(context, module[1], node.attr, depth - 1) if module[1] is not None else None
    if isinstance(node.value, ast.Name | ast.Attribute):
        named = resolve(context, place, node.value, depth - 1)
        if named is not None and named.definition.is_class:
            return method_of(context, named, node.attr, on_instance=False)
    instance = class_of(context, place, node.value, depth - 1)
    return method_of(context, instance, node.attr) if instance is not None else None


def method_of(context: CrashContext, owner: Target, name: str, *, on_instance: bool = True) -> Target | None:
    """A method of a class of the project or of one of its bases."""
    for target in lineage(context, owner):
        named = [d for d in methods(target) if d.node.name == name and not _is_secondary(d)]
        if named:
            return Target(target.file, named[-1], _binds_first(named[-1], on_instance), owner.definition)
    return None


def methods(owner: Target) -> list[Definition]:
    """The functions that stand directly in a class."""
    inside = (d for d in definitions(owner.file.text) if d.in_class and d.parent == owner.definition.qualname)
    return [definition for definition in inside if not definition.is_class]


def _is_secondary(definition: Definition) -> bool:
    """The setter of a property, or one of several typed signatures."""
    return bool({last_name(d) for d in definition.node.decorator_list} & {"setter", "deleter", "overload"})


def overrides(context: CrashContext, method: Target) -> list[Target]:
    """The methods of subclasses that may run instead of ``method``."""
    names = {method.definition.parent.rpartition(".")[2]}
    found: list[Target] = []
    if not method.definition.in_class:
        return found
    candidates = [
        Target(file, definition)
        for file in context.files
        if f"def {method.definition.node.name}" in file.text
        for definition in definitions(file.text)
        if definition.is_class
    ]
    for owner in candidates:
        node = owner.definition.node
        if isinstance(node, ast.ClassDef) and names & {last_name(base) for base in node.bases}:
            names.add(node.name)
            found += [
                Target(owner.file, d, method.bound, owner.definition)
                for d in methods(owner)
                if d.node.name == method.definition.node.name and d.node is not method.definition.node
            ]
    return found


def methods_named(context: CrashContext, name: str) -> list[Target]:
    """The methods of the project's classes that have a name: what ``x.name()`` may be where ``x`` is not known."""
    return [
        Target(file, definition, bound=True)
        for file in context.files
        if f"def {name}" in file.text
        for definition in definitions(file.text)
        if definition.in_class and not definition.is_class and definition.node.name == name
    ]


def _binds_first(definition: Definition, on_instance: bool) -> bool:
    decorators = {last_name(decorator) for decorator in definition.node.decorator_list}
    if "staticmethod" in decorators:
        return False
    return on_instance or "classmethod" in decorators


def lineage(context: CrashContext, owner: Target, depth: int = _DEPTH) -> Iterator[Target]:
    """A class and its bases in the project, nearest first."""
    node = owner.definition.node
    if depth <= 0 or not isinstance(node, ast.ClassDef):
        return
    yield owner
    place = Place(owner.file, node.lineno, node)
    for base in node.bases:
        found = resolve(context, place, base, depth - 1)
        if found is not None:
            yield from lineage(context, found, depth - 1)


def class_of(context: CrashContext, place: Place, node: ast.expr, depth: int = _DEPTH) -> Target | None:
    """The class of the project that the value of ``node`` is an instance of, as far as the source tells."""
    if depth <= 0:
        return None
    match node:
        case ast.Name(id="self" | "cls") if place.function is not None:
            return class_around(place)
        case ast.Name(id=name):
            return _class_of_name(context, place, name, depth)
        case ast.Attribute():
            return _class_of_attribute(context, place, node, depth)
        case ast.Call(func=ast.Name(id="super")) if place.function is not None:
            around = class_around(place)
            bases = list(lineage(context, around))[1:] if around is not None else []
            return bases[0] if bases else None
        case ast.Call(func=func):
            called = resolve(context, place, func, depth - 1)
            return _class_of_result(context, called, depth) if called is not None else None
        case ast.Await(value=value):
            return class_of(context, place, value, depth)
    return None


def class_around(place: Place) -> Target | None:
    """The class whose method a place is in (a function nested in the method counts)."""
    names = [place.function, *enclosing_functions(place)] if place.function is not None else []
    for definition in names:
        if definition is not None and definition.in_class:
            found = next((d for d in definitions(place.file.text) if d.qualname == definition.parent), None)
            return Target(place.file, found) if found is not None else None
    return None


def _class_of_name(context: CrashContext, place: Place, name: str, depth: int) -> Target | None:
    for arg in parameters(place.code) if place.code is not None else []:
        if arg.arg == name:
            return _class_of_parameter(context, place, arg, depth)
    sources = name_sources(place, name)
    values = [source.value for source in sources if source.how is How.VALUE]
    if len(values) == len(sources) and len({ast.dump(value) for value in values if value is not None}) == 1:
        return class_of(context, place, values[0], depth - 1) if values[0] is not None else None
    return None


def _class_of_parameter(context: CrashContext, place: Place, arg: ast.arg, depth: int) -> Target | None:
    if arg.annotation is not None:
        return _annotated(context, place, arg.annotation, depth)
    if place.caller is None or place.code is None or place.function is None:
        return None

    bound = place.function.in_class
    value = argument_of(place.caller.node, place.code, arg.arg, bound=bound)
    return class_of(context, place.caller.place, value, depth - 1) if value is not None else None


def _annotated(context: CrashContext, place: Place, annotation: ast.expr, depth: int) -> Target | None:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.Name(annotation.value, ast.Load())
    if isinstance(annotation, ast.BinOp):
        annotation = annotation.left
    found = resolve(context, place, annotation, depth - 1)
    return found if found is not None and found.definition.is_class else None


def _class_of_attribute(context: CrashContext, place: Place, node: ast.Attribute, depth: int) -> Target | None:
    owner = class_of(context, place, node.value, depth - 1)
    if owner is None:
        return None
    found = [
        class_of(context, assigned, value, depth - 1)
        for assigned, value in attribute_values(context, owner, node.attr)
        if not (isinstance(value, ast.Constant) and value.value is None)
    ]
    return found[0] if len(found) == 1 else None


def _class_of_result(context: CrashContext, called: Target, depth: int) -> Target | None:
    if called.definition.is_class:
        return called
    function = called.function
    if function is None:
        return None
    place = Place(called.file, function.lineno, function, called.definition)
    if function.returns is not None and (found := _annotated(context, place, function.returns, depth)):
        return found
    returned = [node for node in own_nodes(function) if isinstance(node, ast.Return) and node.value is not None]
    for node in returned:
        if node.value is not None and (found := class_of(context, place.at(node), node.value, depth - 1)):
            return found
    # A method that was meant to be chained: its siblings return self.
    return class_around(place) if not returned and chained(called) else None


def attribute_values(context: CrashContext, owner: Target, attribute: str) -> list[tuple[Place, ast.expr]]:
    """What the methods of a class assign to ``self.attribute``, and what its body gives it."""
    found: list[tuple[Place, ast.expr]] = []
    for target in lineage(context, owner):
        node = target.definition.node
        for statement in node.body:
            found += [
                (Place(target.file, source.lineno, statement), source.value)
                for source in bindings([statement], attribute)
                if source.value is not None
            ]
        for method in methods(target):
            found += _assigned_in(target.file, method, attribute)
    return found


def _assigned_in(file: SourceFile, method: Definition, attribute: str) -> Iterator[tuple[Place, ast.expr]]:
    for node in own_nodes(method.node):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        else:
            continue
        written = any(isinstance(t, ast.Attribute) and dotted(t) == f"self.{attribute}" for t in targets)
        if written and node.value is not None:
            yield Place(file, node.lineno, node, method), node.value


def chained(target: Target) -> bool:
    """Other methods of the same class end by ``return self``: it is made to be chained."""
    siblings = [
        d
        for d in definitions(target.file.text)
        if d.in_class and d.parent == target.definition.parent and not d.is_class and d is not target.definition
    ]
    return any(
        isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == "self"
        for sibling in siblings
        for node in own_nodes(sibling.node)
    )


# --- names ---


def local_bindings(place: Place, name: str) -> Iterator[Source]:
    """The bindings of ``name`` in the function of a place; none where it declares the name global or nonlocal."""
    function = place.code
    if function is None:
        return
    if name not in declared(function, ast.Global) | declared(function, ast.Nonlocal):
        yield from bindings(function.body, name)


def enclosing_functions(place: Place) -> list[Definition]:
    """The functions around a place's own, innermost first."""
    found = []
    parent = place.function.parent if place.function is not None else ""
    while parent:
        definition = next((d for d in definitions(place.file.text) if d.qualname == parent), None)
        if definition is None:
            break
        if not definition.is_class:
            found.append(definition)
        parent = definition.parent
    return found


def name_sources(place: Place, name: str) -> tuple[Source, ...]:
    """The bindings that can be in force where a place reads ``name``: its function's, or those of a scope around."""
    if place.code is None or any(local_bindings(place, name)):
        return reaching(body_of(place), place.statement, name).sources
    for function in enclosing_functions(place):
        found = tuple(bindings(function.node.body, name))
        if found or (not isinstance(function.node, ast.ClassDef) and is_parameter(function.node, name)):
            return found
    return module_sources(place.file, name)


def module_sources(file: SourceFile, name: str) -> tuple[Source, ...]:
    """The bindings of a module-level name that can be in force once the module is loaded.

    Those that functions make through ``global`` are among them.
    """
    tree = parse(file.text)
    if tree is None:
        return ()
    found = list(flow_through(tree.body, name).sources)
    for definition in definitions(file.text):
        if not isinstance(definition.node, ast.ClassDef) and name in declared(definition.node, ast.Global):
            found += bindings(definition.node.body, name)
    return tuple(found)


def reaches_parameter(place: Place, name: str) -> bool:
    """The parameter ``name`` can still have the value it was called with."""
    return place.code is not None and not reaching(place.code.body, place.statement, name).definite


def comprehension_source(place: Place, node: ast.Name) -> ast.expr | None:
    """What the comprehension around ``node`` that binds its name iterates over."""
    for outer in header_nodes(place.statement):
        for generator in getattr(outer, "generators", []):
            targets = generator.target
            named = isinstance(targets, ast.Name) and targets.id == node.id
            if named and any(inner is node for inner in ast.walk(outer)):
                iterated: ast.expr = generator.iter
                return iterated
    return None


def place_of_source(place: Place, source: Source) -> Place | None:
    """The place of the statement that a binding stands in: in this function, one around it, or the module."""
    for function in [place.function, *enclosing_functions(place)]:
        if function is not None and function.first_line <= source.lineno <= function.last_line:
            statement = source.node if isinstance(source.node, ast.stmt) else place.statement
            inner = place if function is place.function else replace(place, function=function, caller=None)
            return inner.at(statement)
    if not isinstance(source.node, ast.stmt):
        return place
    return replace(place, function=None, caller=None).at(source.node)


def unwrapped(caller: Call | None) -> Call | None:
    """The call itself, not the ``func(*args, **kwargs)`` of the decorator in between."""
    while caller is not None and caller.place.caller is not None:
        node = caller.node
        only_stars = all(isinstance(a, ast.Starred) for a in node.args) and all(k.arg is None for k in node.keywords)
        if not (only_stars and (node.args or node.keywords)):
            break
        caller = caller.place.caller
    return caller


def passed_for(context: CrashContext, place: Place, name: str) -> tuple[Place, ast.expr, int] | None:
    """What a parameter of a place's function was given: where, the expression (or the default), and the call's line."""
    caller = unwrapped(place.caller)
    if place.code is None or place.function is None or caller is None:
        return None
    called = resolve(context, caller.place, caller.node.func)
    on_class = called is not None and not called.bound and called.definition.in_class
    value = argument_of(caller.node, place.code, name, bound=place.function.in_class and not on_class)
    if value is None:
        return None
    given = any(value is argument for argument in ast.walk(caller.node))
    return (caller.place, value, caller.node.lineno) if given else (place, value, value.lineno)


def constructions(context: CrashContext, owner: Target, limit: int = 3) -> Iterator[Call]:
    """The calls in the project that make an instance of a class; at most ``limit`` of them."""
    name = owner.definition.node.name
    for call in calls_of(context, name):
        target = resolve(context, call.place, call.node.func)
        if target is not None and target.definition is owner.definition:
            yield call
            limit -= 1
        if limit <= 0:
            return


def calls_of(context: CrashContext, name: str) -> Iterator[Call]:
    """The calls of something called ``name`` in the project's files that were read."""
    for file in context.files:
        tree = parse(file.text) if f"{name}(" in file.text else None
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Call) and last_name(node.func) == name and tree is not None:
                statement = statement_at(tree, node.lineno)
                if statement is not None:
                    yield Call(Place(file, node.lineno, statement, enclosing_function(file.text, node.lineno)), node)
