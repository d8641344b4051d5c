"""What the failing statement calls, followed to its definition in the project: one step, by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from snapfix.crash import SourceFile
from snapfix.source.disk import Project
from snapfix.source.modules import resolve
from snapfix.syntax import Definition, definitions, imports, parse, statement_at

Found = tuple[SourceFile, Definition]

_MAX_NAMES = 50
_MAX_REEXPORTS = 2
"""``from shop import Cart`` may lead to ``shop/__init__.py``, which has it from ``shop/cart.py``."""


def called_definitions(
    file: SourceFile, scope: Definition | None, lineno: int, project: Project, script_folder: str
) -> Iterator[Found]:
    """The project's definitions of the names that the statement at ``lineno`` calls, in the order of the text.

    ``self.attribute`` counts without a call too: it may be a property.
    """
    tree = parse(file.text)
    statement = statement_at(tree, lineno) if tree else None
    if statement is None:
        return
    for dotted in list(dict.fromkeys(_called_names(statement)))[:_MAX_NAMES]:
        found = _define(dotted, file, scope, project, script_folder)
        if found is not None:
            yield found


def _called_names(statement: ast.stmt) -> Iterator[str]:
    """Dotted names in the statement itself, not in the block that it may head."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        called = node.func if isinstance(node, ast.Call) else node if isinstance(node, ast.Attribute) else None
        dotted = _dotted(called) if called is not None else ""
        if dotted and (isinstance(node, ast.Call) or dotted.startswith(("self.", "cls."))):
            yield dotted
        children = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
        pending.extend(reversed(children))


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _define(
    dotted: str, file: SourceFile, scope: Definition | None, project: Project, script_folder: str
) -> Found | None:
    head, _, rest = dotted.partition(".")
    own_class = _class_around(file, scope)
    if head in ("self", "cls") and own_class:
        return _in_file(file, f"{own_class}.{rest}")
    outer = scope.qualname.split(".") if scope else []
    for depth in range(len(outer), -1, -1):
        found = _in_file(file, ".".join([*outer[:depth], dotted]))
        if found is not None:
            return found
    return _imported(dotted, file, project, script_folder, _MAX_REEXPORTS)


def _class_around(file: SourceFile, scope: Definition | None) -> str:
    """The qualified name of the class whose method ``scope`` is, or is nested in."""
    known = _by_qualname(file.text)
    while scope is not None and not scope.in_class:
        scope = known.get(scope.parent)
    return scope.parent if scope is not None else ""


def _in_file(file: SourceFile, qualname: str) -> Found | None:
    definition = _by_qualname(file.text).get(qualname)
    return (file, definition) if definition is not None else None


@lru_cache(maxsize=64)
def _by_qualname(text: str) -> dict[str, Definition]:
    """The last definition of each name: it is the one that stands when the program runs."""
    return {definition.qualname: definition for definition in definitions(text)}


def _imported(dotted: str, file: SourceFile, project: Project, script_folder: str, steps: int) -> Found | None:
    head = dotted.partition(".")[0]
    for imported in imports(file.text):
        if imported.name != head:
            continue
        module = "." * imported.level + imported.module
        if imported.attribute is not None:
            wanted = imported.attribute + dotted[len(head) :]
            names: tuple[str, ...] = (imported.attribute,)
        else:
            whole = imported.module if imported.module.partition(".")[0] == head else head
            if not dotted.startswith(whole + "."):
                continue
            wanted, names = dotted[len(whole) + 1 :], ()
        files = list(resolve(file.name, module, names, project, script_folder))
        found = _in_modules(files, wanted, names, project, script_folder, steps)
        if found is not None:
            return found
    return None


def _in_modules(
    files: list[str], wanted: str, names: tuple[str, ...], project: Project, script_folder: str, steps: int
) -> Found | None:
    """``wanted`` in the module that was loaded last, or where that module has it from."""
    if not files:
        return None
    file = project.read(files[-1])
    if not isinstance(file, SourceFile):
        return None
    if names and file.module.rpartition(".")[2] == names[0]:  # the name that was imported is a module
        submodule = _in_file(file, wanted.partition(".")[2])
        if submodule is not None:
            return submodule
    found = _in_file(file, wanted)
    if found is not None or steps == 0:
        return found
    return _imported(wanted, file, project, script_folder, steps - 1)
