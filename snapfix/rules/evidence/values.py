"""Where a frame stands in its file, which expression failed there, and how its text is changed.

Everything here reads trees; nothing is executed. Line numbers are 1-based; columns are 0-based and count
characters, as in a traceback (``ast`` counts bytes).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from snapfix.crash import Crash, Frame, PlacedFrame, SourceFile
from snapfix.diagnosis import Confidence, Diagnosis, Edit
from snapfix.rules.base import edit_lines, indentation
from snapfix.syntax import Definition, FunctionNode, definitions, parse, statement_at

COMPREHENSION_FRAMES = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>"})
_MAX_FRAMES = 40
"""Frames nearest to the crash that are placed; a value is not followed further."""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call, and where it stands."""

    place: Place
    node: ast.Call


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A statement of the project at which the program was.

    Attributes:
        file: its file.
        lineno: the line that was running.
        statement: the smallest statement that holds it.
        function: the function it belongs to; None at module level.
        columns: the failing part of the line, where the traceback shows it.
        caller: the call that this function was entered by, where it is known.
        direct: the exception was raised here, not in a function called from here.
        changed: the line is not the one that the traceback shows.
    """

    file: SourceFile
    lineno: int
    statement: ast.stmt
    function: Definition | None = None
    columns: tuple[int, int] | None = None
    caller: Call | None = None
    direct: bool = True
    changed: bool = False

    @property
    def code(self) -> FunctionNode | None:
        """The tree of the function; None at module level."""
        node = self.function.node if self.function is not None else None
        return None if isinstance(node, ast.ClassDef) else node

    def inside(self, file: SourceFile, statement: ast.stmt, function: Definition, call: ast.Call | None) -> Place:
        """The place of a statement in a function that is called from here."""
        caller = Call(self, call) if call is not None else None
        return Place(file, statement.lineno, statement, function, None, caller, True, self.changed)

    def at(self, statement: ast.stmt) -> Place:
        """The place of another statement of the same function."""
        return replace(self, statement=statement, lineno=statement.lineno, columns=None)


def place_of(crash: Crash) -> Place | None:
    """Where the in-app frame nearest to the crash stands, linked to its callers; None without its source."""
    shows_carets = any(placed.frame.columns for placed in crash.frames)
    place: Place | None = None
    found: Place | None = None
    frames = crash.frames[-_MAX_FRAMES:]
    for number, placed in enumerate(frames):
        here = _place(placed, shows_carets)
        if here is not None:
            here = replace(here, direct=number == len(frames) - 1, caller=_caller(place, here, placed.frame))
            found = here
        place = here
    return found


def _place(placed: PlacedFrame, shows_carets: bool) -> Place | None:
    file, lineno = placed.file, placed.lineno
    if not placed.in_app or file is None or lineno is None or not 1 <= lineno <= len(file.lines):
        return None
    tree = parse(file.text)
    statement = statement_at(tree, lineno) if tree is not None else None
    if statement is None:
        return None
    function = _function_of(placed.frame, file, lineno)
    columns = None if placed.changed else _columns(placed.frame, file.lines[lineno - 1], shows_carets)
    return Place(file, lineno, statement, function, columns, changed=placed.changed)


def _function_of(frame: Frame, file: SourceFile, lineno: int) -> Definition | None:
    name = frame.name.rpartition(".")[2]
    if name == "<module>":
        return None
    around = [d for d in definitions(file.text) if not d.is_class and d.first_line <= lineno <= d.last_line]
    named = [d for d in around if d.node.name == name or name in COMPREHENSION_FRAMES or name.startswith("<")]
    return max(named, key=lambda d: d.first_line, default=None)


def _columns(frame: Frame, line: str, shows_carets: bool) -> tuple[int, int] | None:
    """The failing columns in the file's line; no carets in a traceback that has some mean the whole line."""
    if frame.columns is None:
        return (len(indentation(line)), len(line.rstrip())) if shows_carets and frame.code else None
    shift = len(indentation(line)) - len(indentation(frame.code.split("\n", 1)[0]))
    return frame.columns[0] + shift, frame.columns[1] + shift


def _caller(outer: Place | None, inner: Place, frame: Frame) -> Call | None:
    if outer is None:
        return None
    if frame.name in COMPREHENSION_FRAMES and outer.function is inner.function and outer.file is inner.file:
        return outer.caller
    name = inner.function.node.name if inner.function is not None else ""
    owner = inner.function.parent.rpartition(".")[2] if inner.function is not None else ""
    calls = [node for node in header_nodes(outer.statement) if isinstance(node, ast.Call)]
    named = [call for call in calls if last_name(call.func) in {name, owner if name == "__init__" else name}]
    exact = [call for call in calls if outer.columns is not None and columns_of(outer, call) == outer.columns]
    both = [call for call in exact if call in named]
    # A generator is called on the line, but entered by whatever iterates over it.
    for group in (both, named, exact, calls):
        if len(group) == 1:
            return Call(outer, group[0])
    return None


def settle(diagnosis: Diagnosis, place: Place) -> Diagnosis:
    """The diagnosis, less sure where the line that failed is not in the file any more."""
    if place.changed and diagnosis.confidence is Confidence.CERTAIN:
        return replace(diagnosis, confidence=Confidence.LIKELY)
    return diagnosis


def header_nodes(statement: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement that belong to itself, not to the statements of its body; itself first."""
    pending = [statement]
    while pending:
        node = pending.pop()
        yield node
        children = [
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.stmt | ast.excepthandler | ast.match_case)
        ]
        pending.extend(reversed(children))


def last_name(node: ast.expr) -> str:
    """``c`` of ``a.b.c`` and of ``c``; "" for other expressions."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def dotted(node: ast.expr) -> str:
    """``a.b.c`` as it is written, or "" where it is not a plain dotted name."""
    parts: list[str] = []
    current = node
    while isinstance(current, ast.Attribute):
        parts.append(current.attr)
        current = current.value
    return ".".join([current.id, *reversed(parts)]) if isinstance(current, ast.Name) else ""


def columns_of(place: Place, node: ast.AST) -> tuple[int, int] | None:
    """The columns that a traceback marks in the place's line when ``node`` fails; None off that line."""
    first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
    if first is None or last is None:
        return None
    lines = place.file.lines
    line = lines[place.lineno - 1]
    end = _character(line, node.end_col_offset) if last == place.lineno else len(line.rstrip())  # type: ignore[attr-defined]
    if first == place.lineno:
        return _character(line, node.col_offset), end  # type: ignore[attr-defined]
    attribute = node.func if isinstance(node, ast.Call) else node
    if isinstance(attribute, ast.Attribute) and attribute.end_lineno == place.lineno:
        # In a chain over several lines CPython marks the attribute alone.
        return _character(line, attribute.end_col_offset or 0) - len(attribute.attr), end
    return None


def _character(line: str, offset: int) -> int:
    return offset if line.isascii() else len(line.encode()[:offset].decode("utf-8", "replace"))


def failing(place: Place, wanted: Callable[[ast.AST], bool]) -> list[ast.AST]:
    """The nodes of the statement that ``wanted`` accepts, as far as the carets leave them open.

    Those that the carets mark exactly; without one, those between the carets; without carets, all.
    """
    nodes = [node for node in header_nodes(place.statement) if wanted(node)]
    if place.columns is None:
        return nodes
    placed = [(node, columns_of(place, node)) for node in nodes]
    exact = [node for node, columns in placed if columns == place.columns]
    if exact:
        return exact
    start, end = place.columns
    between = [node for node, columns in placed if columns and start <= columns[0] and columns[1] <= end]
    return between or nodes


def source_of(file: SourceFile, node: ast.AST) -> str:
    """The text of an expression or statement, as it is written."""
    return ast.get_source_segment(file.text, node) or ""


def short(file: SourceFile, node: ast.AST, limit: int = 60) -> str:
    """The text of an expression on one line, for a sentence."""
    text = " ".join(source_of(file, node).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def rewrite(file: SourceFile, replacements: Iterable[tuple[ast.AST, str]]) -> Edit | None:
    """One edit that replaces the text of each node; the nodes must not overlap."""
    lines = file.lines
    ordered = sorted(replacements, key=lambda pair: (pair[0].lineno, pair[0].col_offset), reverse=True)  # type: ignore[attr-defined]
    if not ordered:
        return None
    first = min(first_line(node) for node, _ in ordered)
    last = max(last_line(node) for node, _ in ordered)
    text = list(lines)
    for node, new in ordered:
        top, bottom = node.lineno - 1, node.end_lineno - 1  # type: ignore[attr-defined]
        head = text[top].encode()[: node.col_offset].decode("utf-8", "replace")  # type: ignore[attr-defined]
        tail = text[bottom].encode()[node.end_col_offset :].decode("utf-8", "replace")  # type: ignore[attr-defined]
        text[top : bottom + 1] = [head + new + tail]
    removed = len(lines) - len(text)
    return edit_lines(file, first, last, "\n".join(text[first - 1 : last - removed]).split("\n"))


def insert_before(file: SourceFile, statement: ast.stmt, added: Sequence[str]) -> Edit | None:
    """The edit that puts lines, indented like it, before a statement."""
    first = first_line(statement)
    indent = indentation(file.lines[first - 1])
    return edit_lines(file, first, first - 1, [indent + line for line in added])


def insert_after(file: SourceFile, statement: ast.stmt, added: Sequence[str]) -> Edit | None:
    """The edit that puts lines, indented like it, after a statement; None where it shares its line."""
    last = statement.end_lineno or statement.lineno
    line = file.lines[first_line(statement) - 1]
    indent = line.encode()[: statement.col_offset].decode("utf-8", "replace")
    if indent.strip():
        return None
    return edit_lines(file, last + 1, last, [indent + text for text in added])


def first_line(node: ast.AST) -> int:
    """The line that a node begins on, its decorators included."""
    lineno: int = getattr(node, "lineno", 0)
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([lineno, *(decorator.lineno for decorator in decorators)])


def last_line(node: ast.AST) -> int:
    """The line that a node ends on."""
    lineno: int = getattr(node, "end_lineno", 0)
    return lineno


def parameters(function: FunctionNode) -> list[ast.arg]:
    """The parameters that take one argument each: positional ones, then keyword-only ones."""
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def is_parameter(function: FunctionNode, name: str) -> bool:
    """``name`` is a parameter, ``*args`` and ``**kwargs`` included."""
    starred = [function.args.vararg, function.args.kwarg]
    return any(arg is not None and arg.arg == name for arg in [*parameters(function), *starred])


def default_of(function: FunctionNode, name: str) -> ast.expr | None:
    """The default of a parameter, or None where it is required."""
    positional = [*function.args.posonlyargs, *function.args.args]
    defaults = function.args.defaults
    given = dict(zip([arg.arg for arg in positional[len(positional) - len(defaults) :]], defaults, strict=True))
    for arg, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if default is not None:
            given[arg.arg] = default
    return given.get(name)


def argument_of(call: ast.Call, function: FunctionNode, name: str, *, bound: bool) -> ast.expr | None:
    """What a call passes for a parameter, or its default; None where it cannot be told."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    positional = [arg.arg for arg in [*function.args.posonlyargs, *function.args.args]][1 if bound else 0 :]
    if name in positional:
        index = positional.index(name)
        if any(isinstance(argument, ast.Starred) for argument in call.args[: index + 1]):
            return None
        if index < len(call.args):
            return call.args[index]
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    return default_of(function, name)


def body_of(place: Place) -> list[ast.stmt]:
    """The statements of the function (or module) that a place belongs to."""
    if place.code is not None:
        return place.code.body
    tree = parse(place.file.text)
    return tree.body if tree is not None else []


def declared(function: FunctionNode, kind: type[ast.Global] | type[ast.Nonlocal]) -> set[str]:
    """The names that a function declares ``global`` or ``nonlocal``."""
    return {name for node in ast.walk(function) if isinstance(node, kind) for name in node.names}
