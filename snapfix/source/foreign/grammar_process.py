"""Run as a process of its own: finds the functions and classes of one file by tree-sitter.

The parsers are C, and of what is no code they can make gigabytes, or crash: 60 KB of ``a<a<a<`` in Java take 10 GB. So
this process has limits, may die, and imports nothing of Snapfix.

It reads one JSON object (``path``: where to import from; ``module``, ``function``: the grammar; ``text``; ``more``:
types of nodes that are functions in this language only) and writes a JSON list of units, as ``grammars.Unit`` has them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Protocol

MEMORY = 512 * 1024**2
"""Bytes of address space; well-formed files of the largest size need 150 MB."""
CPU_SECONDS = 2
_MAX_NODES = 300_000
_MAX_NAME = 60

Unit = tuple[str, int, int, int, int, bool, bool]


class Node(Protocol):
    """What is used of ``tree_sitter.Node``; points are (row, column in bytes), both from 0."""

    type: str
    start_point: tuple[int, int]
    end_point: tuple[int, int]
    text: bytes | None
    parent: Node | None
    prev_named_sibling: Node | None
    named_children: list[Node]

    def child_by_field_name(self, name: str) -> Node | None:
        """The child in this role."""


_FUNCTIONS = frozenset({
    "function_declaration", "generator_function_declaration", "function_definition", "function_item", "method",
    "method_declaration", "method_definition", "singleton_method", "constructor_declaration", "secondary_constructor",
    "compact_constructor_declaration", "destructor_declaration", "static_initializer", "anonymous_initializer",
    "class_static_block", "local_function_statement", "operator_declaration", "conversion_operator_declaration",
    "indexer_declaration", "accessor_declaration", "getter", "setter",
})  # fmt: skip
_EXPRESSIONS = frozenset({
    "arrow_function", "function_expression", "generator_function", "anonymous_function", "lambda_expression",
    "lambda_literal", "func_literal", "closure_expression", "anonymous_method_expression", "do_block",
})  # fmt: skip
_CLASSES = frozenset({
    "class", "class_declaration", "abstract_class_declaration", "class_specifier", "interface_declaration",
    "enum_declaration", "record_declaration", "struct_declaration", "struct_specifier", "union_specifier",
    "trait_declaration", "trait_item", "impl_item", "mod_item", "module", "singleton_class", "object_declaration",
    "companion_object", "internal_module", "namespace_definition", "namespace_declaration",
})  # fmt: skip
_WRAPPERS = frozenset({
    "export_statement", "template_declaration", "variable_declarator", "lexical_declaration", "variable_declaration",
    "assignment_expression", "expression_statement", "pair", "field_definition", "public_field_definition",
    "parenthesized_expression", "var_spec", "var_declaration",
})  # fmt: skip
_ABOVE = frozenset({"comment", "line_comment", "block_comment", "multiline_comment", "attribute_item", "decorator"})
_NAMING_FIELDS = ("name", "key", "property", "left")


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    _limit()
    sys.path[:] = request["path"]
    tree_sitter: Any = import_module("tree_sitter")
    grammar = getattr(import_module(request["module"]), request["function"])
    parser = tree_sitter.Parser(tree_sitter.Language(grammar()))
    root = parser.parse(request["text"].encode("utf-8", "replace")).root_node
    json.dump(list(_units(root, _FUNCTIONS | set(request["more"]))), sys.stdout)


def _limit() -> None:
    """Where the system knows limits."""
    try:
        import resource
    except ImportError:
        return
    for name, most in (("RLIMIT_AS", MEMORY), ("RLIMIT_CPU", CPU_SECONDS), ("RLIMIT_CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (AttributeError, OSError, ValueError):
            continue


def _units(root: Node, functions: frozenset[str]) -> Iterator[Unit]:
    pending = list(root.named_children)
    for _ in range(_MAX_NODES):
        if not pending:
            return
        node = pending.pop()
        if node.type in functions:
            yield _unit(node)
        elif node.type in _EXPRESSIONS:
            yield _unit(node, is_expression=True)
        elif node.type in _CLASSES:
            yield _unit(node, is_class=True)
        pending += node.named_children


def _unit(node: Node, *, is_class: bool = False, is_expression: bool = False) -> Unit:
    whole = node
    while whole.parent is not None and whole.parent.type in _WRAPPERS:
        whole = whole.parent
    body = node.child_by_field_name("body") or next(reversed(node.named_children), None)
    header = whole.start_point[0] + 1
    body_line = _body_line(body, header)
    return _name(node), _first_line(whole, header), header, body_line, _last_row(whole) + 1, is_class, is_expression


def _body_line(body: Node | None, header: int) -> int:
    """The line below the brace, where the body is in braces, else the body's own."""
    if body is None:
        return header + 1
    first = next(iter(body.named_children), body)
    return max(first.start_point[0] + 1, header + 1)


def _first_line(whole: Node, header: int) -> int:
    """The line of the first annotation or comment right above."""
    above, first = whole.prev_named_sibling, header
    while above is not None and above.type in _ABOVE and _last_row(above) + 2 == first and header - first < 12:
        first = above.start_point[0] + 1
        above = above.prev_named_sibling
    return first


def _last_row(node: Node) -> int:
    row, column = node.end_point
    return row - 1 if column == 0 and row > node.start_point[0] else row


def _name(node: Node) -> str:
    if node.type in _EXPRESSIONS:
        return _name_of_expression(node)
    own = node.child_by_field_name("type" if node.type == "impl_item" else "name") or _declared(node)
    if own is None:
        own = next((child for child in node.named_children if child.type.endswith("identifier")), None)
    receiver = node.child_by_field_name("receiver")
    return _receiver(receiver) + (_text(own) if own is not None else node.type.partition("_")[0])


def _declared(node: Node) -> Node | None:
    """The name within the declarators of C, which wrap each other."""
    declarator = node.child_by_field_name("declarator")
    for _ in range(20):
        inner = declarator.child_by_field_name("declarator") if declarator is not None else None
        if inner is None:
            break
        declarator = inner
    return declarator


def _receiver(receiver: Node | None) -> str:
    """``Cart.`` of Go's ``(c *Cart)``."""
    if receiver is None or receiver.type != "parameter_list":
        return ""
    words = _text(receiver).strip("()").replace("*", " ").split()
    return words[-1].partition("[")[0] + "." if words else ""


def _name_of_expression(node: Node) -> str:
    """By what it is assigned to, or what it is passed to."""
    parent = node.parent
    named = next((own for field in _NAMING_FIELDS if (own := _child(parent, field)) is not None), None)
    if named is not None and named.start_point != node.start_point:
        return _text(named)
    call = parent if parent is not None and parent.type == "call" else parent and parent.parent
    callee = _child(call, "function") or _child(call, "method")
    return f"function passed to {_text(callee)}" if callee is not None else "function without a name"


def _child(node: Node | None, field: str) -> Node | None:
    return node.child_by_field_name(field) if node is not None else None


def _text(node: Node) -> str:
    text = " ".join((node.text or b"").decode("utf-8", "replace").split())
    return text if len(text) <= _MAX_NAME else text[: _MAX_NAME - 3] + "..."


if __name__ == "__main__":
    main()
