"""The import statement that failed, and how to rewrite it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from snapfix.crash import SourceFile
from snapfix.rules.base import Change, Place, indentation, replace_nodes
from snapfix.rules.evidence.bindings import parents, reads
from snapfix.rules.evidence.import_lines import ImportNode

_MAX_LINE = 100


def import_at(place: Place) -> ImportNode | None:
    """The import statement at a place."""
    statement = place.statement
    return statement if isinstance(statement, ImportNode) else None


def imports_module(node: ImportNode, module: str) -> bool:
    """The statement names ``module``, or something below it."""
    if isinstance(node, ast.ImportFrom):
        return not node.level and f"{node.module}.".startswith(f"{module}.")
    return any(f"{alias.name}.".startswith(f"{module}.") for alias in node.names)


def renamed_module(file: SourceFile, node: ImportNode, old: str, new: str) -> tuple[Change, ...]:
    """The changes that import ``new`` where the statement imports ``old``, and rename its uses.

    Uses that are already spelt like ``new`` stay as they are. () where the statement cannot be rewritten.
    """
    word = re.compile(rf"(?<![\w.]){re.escape(old)}(?!\w)")
    first, last = node.lineno, node.end_lineno or node.lineno
    lines = [word.sub(new, line, count=1) for line in file.lines[first - 1 : last]]
    if isinstance(node, ast.ImportFrom):
        lines = file.lines[first - 1 : last]
        lines[0] = word.sub(new, lines[0], count=1)
    if lines == file.lines[first - 1 : last]:
        return ()
    renamed = Change(first, last, tuple(lines))
    if isinstance(node, ast.ImportFrom) or all(alias.asname for alias in node.names if alias.name == old):
        return (renamed,)
    uses = [use for use in _dotted_uses(file.text, old) if not first <= use.lineno <= last]
    return renamed, *replace_nodes(file, [(use, new) for use in uses])


def _dotted_uses(text: str, dotted: str) -> Iterator[ast.expr]:
    """The expressions that read a dotted name."""
    parts = dotted.split(".")
    around = parents(text)
    for name in reads(text).get(parts[0], []):
        node: ast.expr = name
        for part in parts[1:]:
            above = around.get(node)
            if not isinstance(above, ast.Attribute) or above.attr != part:
                break
            node = above
        else:
            yield node


def attributes_used(text: str, dotted: str) -> set[str | None]:
    """What is taken of a module that is used as ``dotted``; None among them where it is used as a whole."""
    found: set[str | None] = set()
    for use in _dotted_uses(text, dotted):
        above = parents(text).get(use)
        found.add(above.attr if isinstance(above, ast.Attribute) else None)
    return found


def renamed_import(file: SourceFile, node: ast.ImportFrom, old: str, new: str) -> tuple[Change, ...]:
    """The changes that import the name ``new`` where the statement imports ``old``, and rename its uses."""
    alias = next((alias for alias in node.names if alias.name == old), None)
    if alias is None:
        return ()
    replacements: list[tuple[ast.expr | ast.alias, str]] = [
        (alias, f"{new} as {alias.asname}" if alias.asname else new)
    ]
    if not alias.asname:
        replacements += [(use, new) for use in reads(file.text).get(old, [])]
    return replace_nodes(file, replacements)


def moved_import(file: SourceFile, node: ast.ImportFrom, name: str, module: str) -> tuple[Change, ...]:
    """The changes that import ``name`` from ``module`` instead."""
    alias = next((alias for alias in node.names if alias.name == name), None)
    if alias is None:
        return ()
    indent = indentation(file.lines[node.lineno - 1])
    rest = [other for other in node.names if other is not alias]
    lines = [_from_import(indent, module, [alias])]
    if rest:
        lines.insert(0, _from_import(indent, "." * node.level + (node.module or ""), rest))
    return (Change(node.lineno, node.end_lineno or node.lineno, tuple("\n".join(lines).split("\n"))),)


def _from_import(indent: str, module: str, aliases: list[ast.alias]) -> str:
    names = [f"{a.name} as {a.asname}" if a.asname else a.name for a in aliases]
    line = f"{indent}from {module} import {', '.join(names)}"
    if len(line) <= _MAX_LINE:
        return line
    return "\n".join([f"{indent}from {module} import (", *(f"{indent}    {name}," for name in names), f"{indent})"])
