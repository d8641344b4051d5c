"""Where the near files write what a failing line reads: by the words of it, for state that no call leads to.

``order.due`` may be set by ``self.due = ...``, ``Order(due=...)``, ``{"due": ...}`` or ``add_argument("--due")``, in a
function that returned long before the crash.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from snapfix.source.python import slices
from snapfix.source.python.fixtures import is_test_file
from snapfix.source.python.module import Module, Symbol, bound_name
from snapfix.source.python.program import Program
from snapfix.source.python.uses import COMMON
from snapfix.syntax import Definition, definitions_around, every_node

_MAX_WORDS = 40
_MAX_SITES = 8
"""A word that is written in more places tells too little."""
_WRITES = re.compile(r"[ \t]*(?::[^=\n]{1,60})?(?:[-+*/|&]|//)?=(?!=)")
_KEY = re.compile(r"(?=.*[A-Za-z])[\w-]{3,40}")
_IN_QUOTES = re.compile(r"[\"'][ \t]*(?:[:,)\]}]|$)", re.MULTILINE)


def words_read(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The attributes and the texts in some code, which values may be kept under."""
    for node in nodes:
        for inner in every_node(node):
            if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Load) and inner.attr not in COMMON:
                yield inner.attr
            elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                yield inner.value


def is_key(text: str) -> bool:
    """The text may be the name of an attribute, a key or an option."""
    return _KEY.fullmatch(text) is not None


def writers(wanted: Iterable[str], program: Program) -> Iterator[tuple[Symbol, float]]:
    """The statements of the near files that write one of the words, and how much each tells, up to 1."""
    words = list(dict.fromkeys(wanted))[:_MAX_WORDS]
    if not words:
        return
    spelt = {spelling: word for word in words for spelling in (word, word.replace("_", "-"))}
    pattern = re.compile(rf"(?<![\w-])(?:--)?({'|'.join(map(re.escape, spelt))})(?![\w-])")
    sites: dict[tuple[str, bool], list[tuple[Module, int]]] = {}
    for file in program.near:
        if is_test_file(file.name):
            continue
        for match in pattern.finditer(file.text):
            is_text = file.text[match.start() - 1 : match.start()] in ("'", '"')
            if (_IN_QUOTES if is_text else _WRITES).match(file.text, match.end()):
                sites.setdefault((spelt[match[1]], is_text), []).append((program.of(file), match.start()))
    for found in sites.values():
        yield from _statements(found, _MAX_SITES)


def calls_of(called: Symbol, program: Program, *, limit: int) -> Iterator[tuple[Symbol, float]]:
    """The statements of the near files that call a function or make an instance of a class, by its name.

    Nothing where there are more than ``limit``: each of them would tell too little.
    """
    sites: list[tuple[Module, int]] = []
    for file in program.near:
        if not is_test_file(file.name):
            sites += [(program.of(file), position) for position in _calls(called.name, file.text)]
    yield from _statements(sites, limit)


def _calls(name: str, text: str) -> Iterator[int]:
    """Where the name stands in front of a bracket, but not as the name of a definition."""
    needle = f"{name}("
    position = text.find(needle)
    while position >= 0:
        before = text[max(position - 6, 0) : position]
        if not (before[-1:].isidentifier() or before[-1:].isdigit() or before.endswith(("def ", "class "))):
            yield position
        position = text.find(needle, position + len(needle))


def _statements(sites: Sequence[tuple[Module, int]], limit: int) -> Iterator[tuple[Symbol, float]]:
    """The statements at these positions, and how much each tells: the less, the more there are."""
    for module, position in sites if len(sites) <= limit else ():
        symbol = _statement(module, module.file.text.count("\n", 0, position) + 1)
        if symbol is not None:
            yield symbol, 1 / len(sites) ** 0.5


def _statement(module: Module, lineno: int) -> Symbol | None:
    innermost = next(iter(definitions_around(module.file.text, lineno)), None)
    if innermost is not None and innermost.is_class:
        return _field(module, innermost, lineno)
    function = module.scope_at(lineno)
    body = function.node if function is not None else module.tree
    step = slices.at(body, lineno) if body is not None else None
    if step is None or not isinstance(step.node, ast.stmt):
        return function
    if isinstance(step.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):  # a default, a field
        return function or module.definitions.get(step.node.name)
    return Symbol(module, function.qualname if function else bound_name(step.node), step.node)


def _field(module: Module, owner: Definition, lineno: int) -> Symbol | None:
    """What the body of a class assigns on a line, or else the class."""
    step = slices.at(owner.node, lineno)
    if step is None or not isinstance(step.node, ast.stmt):
        return module.definitions.get(owner.qualname)
    return Symbol(module, f"{owner.qualname}.{bound_name(step.node)}", step.node)
