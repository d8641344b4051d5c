"""The function of a library that the user's own code called: its signature and what its docstring promises.

Its insides are of no use for a fix. Only files of packages are opened whose folder is trusted for a reason of its own
(``Environment.readable_packages``); that a traceback names a file is none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from snapfix import shapes
from snapfix.crash import Crash, CrashContext, Frame, Origin, SourceFile
from snapfix.source.disk import Project, Walk
from snapfix.syntax import Definition, definitions, definitions_around

_MAX_FRAMES = 4
_MAX_SIGNATURE = 1000
_MAX_LINES = 15
_MAX_SUMMARY = 5
_MAX_WIDTH = 160


def called(context: CrashContext) -> str:
    """The header and the docstring, cut, of the library's function that the user's innermost frame called.

    "" where the crash ends elsewhere, or the function cannot be told or read. The standard library's are well known.
    """
    if context.traceback.language != "python" or not context.environment.readable_packages:
        return ""
    projects = [Project(folder, Walk(())) for folder in context.environment.readable_packages]
    for frame in _frames_below(context.crashes):
        found = _read(frame, projects)
        if found is None:
            return ""
        file, definition = found
        if not _is_wrapper(definition):
            return f"# {file.name}\n{_shown(file, definition)}"
    return ""


def _frames_below(crashes: Iterable[Crash]) -> list[Frame]:
    """The library's frames right below the user's innermost one, of the first crash that the user's code is part of."""
    for crash in crashes:
        own = [number for number, placed in enumerate(crash.frames) if placed.in_app]
        if own:
            below = crash.frames[own[-1] + 1 :][:_MAX_FRAMES]
            other = next((n for n, placed in enumerate(below) if placed.origin is not Origin.LIBRARY), len(below))
            return [placed.frame for placed in below[:other]]
    return []


def _read(frame: Frame, projects: Iterable[Project]) -> tuple[SourceFile, Definition] | None:
    folder = shapes.packages_folder(frame.filename)
    if folder is None or frame.lineno is None or not frame.filename.endswith(".py"):
        return None
    name = shapes.posix(frame.filename[len(folder) + 1 :])
    for project in projects:
        file = project.read(name)
        if isinstance(file, SourceFile):
            definition = _definition(file, frame.name.rpartition(".")[2], frame.lineno)
            return (file, definition) if definition is not None else None
    return None


def _definition(file: SourceFile, name: str, lineno: int) -> Definition | None:
    """The function at the line, or, where another release is installed, the only one of the name."""
    around = [d for d in definitions_around(file.text, lineno) if d.node.name == name and not d.is_class]
    if around:
        return around[0]
    named = [d for d in definitions(file.text) if d.node.name == name and not d.is_class]
    return named[0] if len(named) == 1 else None


def _is_wrapper(definition: Definition) -> bool:
    """A decorator's inner function, which takes whatever comes: what it wraps is called next."""
    arguments = definition.node.args if not isinstance(definition.node, ast.ClassDef) else None
    takes_anything = arguments is not None and arguments.vararg is not None and arguments.kwarg is not None
    return takes_anything and definition.parent != "" and not definition.in_class


def _shown(file: SourceFile, definition: Definition) -> str:
    owner = _owner(file, definition)
    indent = "    " if owner is not None else ""
    lines = [indent + _header(definition.node)]
    text = ast.get_docstring(definition.node) or ""
    if owner is not None:
        lines.insert(0, _header(owner.node))
        if not text and definition.node.name in ("__init__", "__new__", "__call__"):
            text = ast.get_docstring(owner.node) or ""
    described = _described(text)
    if described:
        quoted = [f'"""{described[0]}', *described[1:], '"""'] if len(described) > 1 else [f'"""{described[0]}"""']
        lines += [f"{indent}    {line}".rstrip() for line in quoted]
    return "\n".join([*lines, f"{indent}    ..."])


def _owner(file: SourceFile, definition: Definition) -> Definition | None:
    if not definition.in_class:
        return None
    around = definitions_around(file.text, definition.first_line)
    return next((outer for outer in around if outer.is_class and outer.qualname == definition.parent), None)


def _header(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """``def f(a, b=None, *, c) -> X:``, in one line."""
    bare = _with_empty_body(node)
    try:
        header = ast.unparse(bare).partition("\n")[0]
    except (RecursionError, ValueError):
        header = f"{'class' if isinstance(node, ast.ClassDef) else 'def'} {node.name}(...):"
    return header if len(header) <= _MAX_SIGNATURE else f"{header[:_MAX_SIGNATURE]} ..."


def _with_empty_body(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> ast.stmt:
    """The same header over an empty body."""
    fields = {name: getattr(node, name) for name in node._fields if hasattr(node, name)}
    return ast.copy_location(type(node)(**{**fields, "body": [ast.Pass()], "decorator_list": []}), node)


_HEADING = re.compile(r"(?:Args|Arguments|Parameters|Other Parameters|Raises):?$")
_FIELD = re.compile(r":(?:param|raises?|except(?:ion)?|arg|argument)\b")
_RAISES = re.compile(r"Raises\b|:raises?\b|:except")
_RULE = re.compile(r"[-=~]{3,}$")


def _described(docstring: str) -> list[str]:
    """The first paragraph, then what is said of parameters and exceptions; some 15 lines at most."""
    lines = [line[:_MAX_WIDTH] for line in docstring.split("\n")]
    end = next((number for number, line in enumerate(lines) if not line.strip() or _FIELD.match(line)), len(lines))
    summary = lines[: min(end, _MAX_SUMMARY)]
    promised = list(_about_parameters(lines[end:]))
    room = _MAX_LINES - len(summary)
    if len(promised) > room:
        # What it raises matters most in a crash, and stands last.
        raising = next((number for number, line in enumerate(promised) if _RAISES.match(line)), len(promised))
        last = promised[raising:][: room // 2]
        promised = [*promised[: room - len(last) - 1], "...", *last]
    return [*summary, *([""] if summary and promised else []), *promised]


def _about_parameters(lines: Sequence[str]) -> Iterator[str]:
    """The sections and fields on parameters and exceptions: as Sphinx, Google and NumPy write them."""
    style = ""
    for line, following in pairwise([*lines, ""]):
        if _RULE.match(line) or not line.strip():
            style = "" if style == "sphinx" else style
            continue
        if not line[0].isspace():
            style = _style(line, following, style)
        if style:
            yield line


def _style(line: str, following: str, before: str) -> str:
    """Which style a line at the margin belongs to, or "" where it is about something else."""
    if _RULE.match(following):
        return "numpy" if _HEADING.match(line) else ""
    if _FIELD.match(line):
        return "sphinx"
    if line.endswith(":") and _HEADING.match(line):
        return "google"
    return before if before == "numpy" else ""
