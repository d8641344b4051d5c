"""Where a new import belongs among the imports that a module has."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from snapfix.crash import SourceFile
from snapfix.rules.base import Change
from snapfix.syntax import parse

ImportNode = ast.Import | ast.ImportFrom

_FUTURE, _STDLIB, _THIRD_PARTY, _PROJECT = range(4)


@dataclass(frozen=True, slots=True)
class NewImport:
    """An import statement to write: ``import module [as alias]`` or ``from module import attribute``."""

    module: str
    attribute: str | None = None
    alias: str | None = None

    @property
    def statement(self) -> str:
        """As it is written."""
        start = f"from {self.module} import {self.attribute}" if self.attribute else f"import {self.module}"
        return f"{start} as {self.alias}" if self.alias else start


def add_import(file: SourceFile, new: NewImport, project_modules: Iterable[str] = ()) -> Change | None:
    """The change that puts an import where it belongs, or None where the module does not parse.

    It extends a one-line ``from module import ...``, else it stands beside its like: after ``__future__``
    imports and the docstring, in the group of its kind (standard library, third party, project), sorted.
    """
    tree = parse(file.text)
    if tree is None:
        return None
    block = _import_block(tree)
    extended = _extended(file, block, new)
    if extended is not None:
        return extended
    ours = {name.partition(".")[0] for name in project_modules}
    if any(_group(node, ours) != _FUTURE for node in block):
        return _beside(block, new, ours)
    return _first_import(file, tree, block, new)


def _import_block(tree: ast.Module) -> list[ImportNode]:
    """The imports at the top of the module; what stands in ``if`` and ``try`` blocks is not among them."""
    block: list[ImportNode] = []
    for node in tree.body:
        if isinstance(node, ImportNode):
            block.append(node)
        elif not _passes(node):
            break
    return block


def _passes(node: ast.stmt) -> bool:
    """A statement that imports may follow: a docstring, a guarded import, ``__version__ = ...``."""
    if isinstance(node, ast.If | ast.Try):
        return any(isinstance(child, ImportNode) for child in ast.walk(node))
    if isinstance(node, ast.Assign):
        return all(isinstance(t, ast.Name) and t.id.startswith("__") for t in node.targets)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _extended(file: SourceFile, block: list[ImportNode], new: NewImport) -> Change | None:
    if new.attribute is None or new.alias is not None:
        return None
    for node in block:
        if not isinstance(node, ast.ImportFrom) or _module(node) != new.module:
            continue
        line = file.lines[node.lineno - 1]
        simple = node.end_lineno == node.lineno and not set(line) & set("();#\\*")
        if not simple or len(line) + len(new.attribute) > 100:
            continue
        names = [f"{a.name} as {a.asname}" if a.asname else a.name for a in node.names]
        is_sorted = names == sorted(names, key=_name_order)
        names.append(new.attribute)
        listed = ", ".join(sorted(names, key=_name_order) if is_sorted else names)
        return Change(node.lineno, node.lineno, (f"from {new.module} import {listed}",))
    return None


def _name_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest: what isort and ruff do."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def _module(node: ImportNode) -> str:
    if isinstance(node, ast.Import):
        return node.names[0].name
    return "." * node.level + (node.module or "")


def _group(node: ImportNode, ours: set[str]) -> int:
    return _group_of(_module(node), ours)


def _group_of(module: str, ours: set[str]) -> int:
    top = module.partition(".")[0]
    if module == "__future__":
        return _FUTURE
    if not top or top in ours:
        return _PROJECT
    return _STDLIB if top in sys.stdlib_module_names else _THIRD_PARTY


def _beside(block: list[ImportNode], new: NewImport, ours: set[str]) -> Change:
    group = _group_of(new.module, ours)
    alike = [node for node in block if _group(node, ours) == group]
    if alike:
        return _among(alike, new)
    before = [node for node in block if _group(node, ours) < group]
    if before:
        after = max(_last_line(node) for node in before)
        return Change(after + 1, after, ("", new.statement))
    first = block[0].lineno
    return Change(first, first - 1, (new.statement, ""))


def _among(alike: list[ImportNode], new: NewImport) -> Change:
    same_form = [node for node in alike if isinstance(node, ast.ImportFrom) == bool(new.attribute)]
    if not same_form:
        if new.attribute is None:
            return Change(alike[0].lineno, alike[0].lineno - 1, (new.statement,))
        after = _last_line(alike[-1])
        return Change(after + 1, after, (new.statement,))
    for node in same_form:
        if _module(node).lower() > new.module.lower():
            return Change(node.lineno, node.lineno - 1, (new.statement,))
    after = _last_line(same_form[-1])
    return Change(after + 1, after, (new.statement,))


def _last_line(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _first_import(file: SourceFile, tree: ast.Module, block: list[ImportNode], new: NewImport) -> Change:
    """Where a module's first import goes: after docstring and ``__future__``, else after its first comments."""
    lines = file.lines
    above = _last_line(block[-1]) if block else _docstring_end(tree)
    if above:
        blank_follows = above >= len(lines) or not lines[above].strip()
        return Change(above + 1, above, ("", new.statement) if blank_follows else ("", new.statement, ""))
    above = 0
    while above < len(lines) and lines[above].startswith("#"):
        above += 1
    if above and above < len(lines) and not lines[above].strip():
        return Change(above + 1, above, ("", new.statement))
    return Change(above + 1, above, (new.statement, *_gap(tree)))


def _docstring_end(tree: ast.Module) -> int:
    first = tree.body[0] if tree.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return _last_line(first)
    return 0


def _gap(tree: ast.Module) -> tuple[str, ...]:
    first = tree.body[0] if tree.body else None
    definition = isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return ("", "") if definition else ("",)
