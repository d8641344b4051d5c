"""For a name that is missing: the names like it that do exist where it was looked for."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from snapfix.crash import Crash, CrashContext, NearNames, SourceFile
from snapfix.source.python.inference import Inference
from snapfix.source.python.module import Module, Symbol
from snapfix.source.python.program import Program

MAX_NEAR = 6
_MAX_MESSAGE = 2000
_MAX_MISSING = 200
"""Characters of a name that is looked for."""
_MAX_NAMES = 2000
"""Names of about the right length that one is compared with, those that were given first."""
_AROUND = 60
"""Lines on each side of a frame's line whose texts are looked at first."""
_CUTOFF = 0.6
"""Of ``difflib``'s ratio; its own default, which is also that of CPython's suggestions in spirit."""

_NAME = re.compile(r"name '(\w+)' is not defined")
_ATTRIBUTE = re.compile(r"(?:'([\w.]+)' object|type object '([\w.]+)'|module '([\w.]+)') has no attribute '(\w+)'")
_IMPORT = re.compile(r"cannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'")
_MODULE = re.compile(r"No module named '([\w.]+)'")
_KEYWORD = re.compile(r"([\w.]{1,200})\(\) got an unexpected keyword argument '(\w+)'")
# Only texts that stand where a key does: a value may be a secret, which its line masks and a list would not.
_LITERAL = re.compile(r"[\"']([^\"'\n\\]{1,60})[\"'](?=[ \t]*(?:\]|:[^:]))")
_TEXT = re.compile(r"'([^'\n]{1,80})'|\"([^\"\n]{1,80})\"|([\w.-]{1,80})")


def near_names(context: CrashContext, program: Program) -> tuple[NearNames, ...]:
    """What each exception misses, with the names like it, the nearest first; only where there are any."""
    found: dict[str, NearNames] = {}
    tried: set[tuple[str, str, tuple[str, int] | None]] = set()
    literals: _Literals = {}
    for crash in context.crashes[:8]:
        message = crash.exception.message[:_MAX_MESSAGE]
        for missing, where, names in _looked_for(crash, message, context, program, literals):
            task = (missing, where, _innermost(crash))
            if missing in found or task in tried:
                continue
            tried.add(task)
            near = tuple(_like(missing, names))
            if near:
                found[missing] = NearNames(missing, where, near)
    return tuple(found.values())


def _innermost(crash: Crash) -> tuple[str, int] | None:
    placed = crash.innermost
    return (placed.file.name, placed.lineno or 0) if placed is not None and placed.file is not None else None


_Place = tuple[str, str, Iterable[str]]
"""The missing name, where it was looked for, and the names that are there."""
_Literals = dict[str, tuple[str, ...]]
"""The distinct short literals of the files that were read so far."""


def _looked_for(
    crash: Crash, message: str, context: CrashContext, program: Program, literals: _Literals
) -> Iterator[_Place]:
    if match := _NAME.search(message):
        yield match[1], "names that are known there", _visible(crash, program)
    if match := _ATTRIBUTE.search(message):
        owner = match[1] or match[2] or match[3]
        names = _top_names(owner, program) if match[3] else _members(owner, program)
        yield match[4], f"attributes of `{owner}`", names
    if match := _IMPORT.search(message):
        yield match[1], f"names in `{match[2]}`", _top_names(match[2], program)
    if match := _KEYWORD.search(message):
        called = match[1].removesuffix(".__init__").rpartition(".")[2]
        yield match[2], f"parameters of `{called}`", _parameters(called, program)
    if match := _MODULE.search(message):
        yield match[1], "modules", _modules(context)
    if crash.exception.short_name == "KeyError" and (match := _TEXT.search(message)):
        yield match[1] or match[2] or match[3], "texts in the code around", _texts(crash, literals)


def _like(missing: str, names: Iterable[str]) -> list[str]:
    from difflib import get_close_matches

    if len(missing) > _MAX_MISSING:
        return []
    lengths = _lengths_like(len(missing))
    fitting = (name for name in names if len(name) in lengths and name != missing)
    distinct = list(islice(_distinct(fitting), _MAX_NAMES))
    lowered = {name.lower(): name for name in reversed(distinct)}
    return [lowered[name] for name in get_close_matches(missing.lower(), lowered, MAX_NEAR, _CUTOFF)]


def _lengths_like(length: int) -> range:
    """Those of the names that can be like one of ``length``: the ratio is twice what is shared, by the sum."""
    return range(int(length * _CUTOFF / (2 - _CUTOFF)), int(length * (2 - _CUTOFF) / _CUTOFF) + 2)


def _distinct(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name not in seen:
            seen.add(name)
            yield name


def _failing(crash: Crash, program: Program) -> tuple[Module, Symbol | None] | None:
    placed = crash.innermost
    if placed is None or placed.file is None or placed.lineno is None:
        return None
    module = program.of(placed.file)
    return module, module.scope_at(placed.lineno)


def _visible(crash: Crash, program: Program) -> Iterator[str]:
    failing = _failing(crash, program)
    if failing is not None:
        module, function = failing
        if function is not None:
            yield from module.bindings(function)
            arguments = getattr(function.node, "args", None)
            yield from (node.arg for node in ast.walk(arguments) if isinstance(node, ast.arg)) if arguments else ()
        yield from _names_of(module)
    yield from dir(builtins)


def _names_of(module: Module) -> Iterator[str]:
    yield from (name for name in module.definitions if "." not in name)
    yield from module.assigned
    yield from module.imports


def _members(owner: str, program: Program) -> Iterator[str]:
    inference = Inference(program)
    for symbol in program.called(owner.rpartition(".")[2]):
        if not symbol.is_class:
            continue
        for each in inference.lineage(symbol):
            yield from each.module.assigned_in_class(each)
            for method in each.module.methods(each):
                yield method.name
                yield from _assigned_on_self(method)


def _assigned_on_self(method: Symbol) -> Iterator[str]:
    for node in ast.walk(method.node):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            yield node.attr


def _top_names(dotted: str, program: Program) -> Iterator[str]:
    module = program.module_called(dotted)
    if module is not None:
        yield from _names_of(module)


def _dotted(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _parameters(function: str, program: Program) -> Iterator[str]:
    for symbol in program.called(function):
        makers: Sequence[Symbol] = [symbol]
        if symbol.is_class:
            yield from symbol.module.assigned_in_class(symbol)
            makers = [method for method in symbol.module.methods(symbol) if method.name == "__init__"]
        for maker in makers:
            yield from (node.arg for node in ast.walk(maker.node) if isinstance(node, ast.arg))


def _modules(context: CrashContext) -> Iterator[str]:
    for name in context.names:
        if name.endswith(".py"):
            dotted = _dotted(name)
            yield from (dotted, dotted.removeprefix("src."), dotted.rpartition(".")[2])
    yield from context.environment.modules


def _texts(crash: Crash, literals: _Literals) -> Iterator[str]:
    """The short literals of the files on the stack, in quotes, those near the frames' lines first.

    They are read with a pattern, for trees take long.
    """
    linenos: dict[SourceFile, list[int]] = {}
    for placed in reversed(crash.frames):
        if placed.file is not None:
            linenos.setdefault(placed.file, []).append(placed.lineno or 1)
    for file, numbers in linenos.items():
        lines = file.lines
        near = {n for number in dict.fromkeys(numbers) for n in range(max(number - _AROUND, 1), number + _AROUND + 1)}
        yield from _LITERAL.findall("\n".join(lines[n - 1] for n in sorted(near) if n <= len(lines)))
    for file in linenos:
        if file.name not in literals:
            literals[file.name] = tuple(dict.fromkeys(_LITERAL.findall(file.text)))
        yield from literals[file.name]
