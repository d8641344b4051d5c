"""A name that Python did not find: which, where, and how the program uses it."""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass

from snapfix.crash import Crash
from snapfix.rules.base import Place, at_carets, raising_place
from snapfix.rules.evidence.bindings import Bindings, ancestors, bound_somewhere, parents, reads, visible

MESSAGE = re.compile(r"name '([^'\n]{1,200})' is not defined")

BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_")) | {"__name__", "__file__", "__doc__"}
"""The names that every module can read without binding them."""


@dataclass(frozen=True, slots=True)
class MissingName:
    """A name that is not defined where it is read.

    Attributes:
        name: the name.
        place: the line that failed.
        node: the place in it where the name is read.
    """

    name: str
    place: Place
    node: ast.Name

    @property
    def text(self) -> str:
        """The source of the module."""
        return self.place.file.text

    @property
    def parent(self) -> ast.AST | None:
        """The expression or statement that the name is directly part of."""
        return parents(self.text).get(self.node)

    @property
    def attribute(self) -> str | None:
        """``loads`` where the name is used as ``name.loads``."""
        return attribute_of(self.text, self.node)

    @property
    def dotted(self) -> str:
        """The longest dotted expression that starts with the name: ``name.path.join``."""
        found = self.name
        for ancestor in ancestors(self.text, self.node):
            if not isinstance(ancestor, ast.Attribute):
                break
            found += f".{ancestor.attr}"
        return found

    @property
    def called(self) -> bool:
        """It is called, or decorates something."""
        return is_called(self.text, self.node)

    @property
    def scopes(self) -> list[Bindings]:
        """What is visible at the place, innermost scope first."""
        return visible(self.text, self.node)

    @property
    def bound_in_another_scope(self) -> bool:
        """The name is known to the module, but not where it is read."""
        return bound_somewhere(self.text, self.name)

    def unbound_reads(self, name: str | None = None) -> list[ast.Name]:
        """Every place in the module that reads the name (or another) and cannot see a definition of it."""
        name = name or self.name
        return [node for node in reads(self.text).get(name, []) if not is_visible(self.text, node)]


def missing_name(crash: Crash) -> MissingName | None:
    """The name that a NameError is about, where the project's own code reads a name that it cannot see."""
    matched = MESSAGE.match(crash.exception.message)
    place = raising_place(crash)
    if matched is None or place is None:
        return None
    nodes = reads(place.file.text).get(matched[1], [])
    node = at_carets(place, nodes)
    if not isinstance(node, ast.Name) or is_visible(place.file.text, node):
        return None
    return MissingName(matched[1], place, node)


def is_visible(text: str, node: ast.Name) -> bool:
    """Some scope that ``node`` can see binds its name, whether or not before it is read."""
    return any(node.id in scope for scope in visible(text, node))


def attribute_of(text: str, node: ast.AST) -> str | None:
    """The attribute that is taken of an expression, if one is."""
    parent = parents(text).get(node)
    return parent.attr if isinstance(parent, ast.Attribute) else None


def is_called(text: str, node: ast.AST) -> bool:
    """An expression is called, or decorates a definition."""
    parent = parents(text).get(node)
    if isinstance(parent, ast.Call):
        return parent.func is node
    return isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and (node in parent.decorator_list)
