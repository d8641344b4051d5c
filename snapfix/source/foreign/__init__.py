"""The function around a line of a file that is not Python, its imports, and the lines of it that matter.

By tree-sitter where its wheels are installed (``grammars``), else by how such code is commonly indented (``indented``).
What does not look as expected has no function: then the lines around are shown.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from snapfix.crash import SourceFile
from snapfix.source.foreign import grammars, indented
from snapfix.source.foreign.grammars import WIDEST, Unit
from snapfix.source.foreign.indented import indentation

AROUND = 10
"""Lines that matter on each side of a failing one."""
LONGEST = 400
"""Lines of one function."""
_SHORT_CLASS = 60
_MAX_LINE = 300
_MAX_HEADER = 12
_MAX_STATEMENT = 40
_MAX_IMPORT_LINES = 80
_IMPORTS_WITHIN = 400


@dataclass(frozen=True, slots=True)
class Span:
    """The function, or the part of a class, that a line stands in; lines are 1-based and inclusive.

    Attributes:
        qualname: with the names around it, joined as the language does (``Cart.total``, ``Cart::total``).
        first_line: of the function, with its annotations and the comment above it.
        header_line: where its own text begins.
        body_line: the first line of its body.
        last_line: the last line of its body.
        headers: the first lines of the classes and functions around it.
    """

    qualname: str
    first_line: int
    header_line: int
    body_line: int
    last_line: int
    headers: tuple[int, ...] = ()


def enclosing(file: SourceFile, lineno: int) -> Span | None:
    """The function that holds a line; of a class body without one its near part; None where neither is found.

    A function that is only an expression (a callback) is shown with the function around it while that is not long.
    """
    lines = file.lines
    if not 1 <= lineno <= len(lines):
        return None
    suffix = file.name.rpartition(".")[2].lower()
    units = grammars.units_around(file.text, suffix, lineno)
    if units is None:
        units = tuple(indented.units_around(lines, lineno))
    functions = [unit for unit in units if not unit.is_class]
    chosen = next(iter(functions), None)
    if chosen is None:
        return _part_of_class(units, lineno, suffix)
    for outer in functions[1:]:
        if not chosen.is_expression or outer.last_line - outer.first_line >= WIDEST:
            break
        chosen = outer
    return _span(chosen, units, suffix)


def _part_of_class(units: Sequence[Unit], lineno: int, suffix: str) -> Span | None:
    """A short class, or the lines around in a long one."""
    owner = next((unit for unit in units if unit.is_class), None)
    if owner is None:
        return None
    span = _span(owner, units, suffix)
    if span.last_line - span.first_line < _SHORT_CLASS:
        return span
    first, last = max(span.first_line, lineno - AROUND), min(span.last_line, lineno + AROUND)
    header = range(owner.header_line, min(owner.body_line, owner.header_line + 3))
    headers = tuple(sorted({*span.headers, *header}))
    return Span(span.qualname, first, first, first, last, headers)


def _span(unit: Unit, units: Sequence[Unit], suffix: str) -> Span:
    around = units[units.index(unit) + 1 :]
    names = [unit.name, *(outer.name for outer in around if not outer.is_expression)]
    headers = {
        number
        for outer in around
        for number in range(outer.header_line, min(outer.body_line, outer.header_line + 3))
        if number < unit.first_line
    }
    return Span(
        qualname=_JOINERS.get(suffix, ".").join(reversed(names)),
        first_line=unit.first_line,
        header_line=unit.header_line,
        body_line=unit.body_line,
        last_line=unit.last_line,
        headers=tuple(sorted(headers)),
    )


_JOINERS = dict.fromkeys(("rs", "cc", "cpp", "cxx", "hpp", "hh", "h", "php", "rb"), "::")


def lines_of(span: Span, file: SourceFile, lineno: int) -> tuple[set[int], set[int]]:
    """The lines to show for a failing one, and those of them that are kept where there is little room.

    Kept are the header, the lines around, the blocks that the line stands in (by their indentation) and the lines
    that assign a name that is on it.
    """
    lines = file.lines
    whole = set(range(span.first_line, span.last_line + 1))
    core = set(range(span.header_line, min(span.body_line, span.header_line + _MAX_HEADER)))
    core |= set(range(lineno - AROUND, lineno + AROUND + 1)) | {span.header_line, lineno}
    core |= set(_blocks_around(lines, lineno, span.header_line)) | set(_assigning(lines, lineno, span))
    core &= whole
    if len(whole) > LONGEST:
        whole = core | (whole & set(range(lineno - LONGEST // 2, lineno + LONGEST // 4)))
    return whole | set(span.headers), core | set(span.headers)


def _blocks_around(lines: Sequence[str], lineno: int, first: int) -> Iterator[int]:
    """The lines above that are indented less and less: the headers of the blocks that a line stands in."""
    margin = indentation(lines[lineno - 1])
    for number in range(lineno - 1, first, -1):
        line = lines[number - 1]
        if line.strip() and indentation(line) < margin:
            margin = indentation(line)
            yield number


_WORD = re.compile(r"[A-Za-z_]\w*+")
_ASSIGNMENT = re.compile(r"(?<![=!<>])=(?![=>~])")
_DECLARING = frozenset(
    {"const", "let", "var", "val", "mut", "final", "int", "auto", "my", "our", "self", "this", "return"}
)


def _assigning(lines: Sequence[str], lineno: int, span: Span) -> Iterator[int]:
    """The lines above that have a name of the failing line in front of a ``=``."""
    names = set(_WORD.findall(lines[lineno - 1][:_MAX_LINE])) - _DECLARING
    for number in range(span.header_line, min(lineno, span.last_line + 1)):
        line = lines[number - 1][:_MAX_LINE]
        assignment = _ASSIGNMENT.search(line)
        if assignment is not None and names.intersection(_WORD.findall(line[: assignment.start()])):
            yield number


# -- imports ---------------------------------------------------------------------------------------------------

_IMPORT = re.compile(
    r"(?:import\b(?!\()|export [^;]{1,200} from |(?:const|let|var) [^;]{1,200}= ?(?:await )?(?:require|import) ?\("
    r"|package |from \S|(?:pub )?(?:use|mod) [\w:\\{]|extern crate |require(?:_relative|_once)?\b|include(?:_once)?\b"
    r"|load |autoload |using [\w:.= ]++;|global using |namespace [\w.\\]++ ?;|# ?include\b|no [\w:])"
)
_OWN_WORDS = frozenset({"import", "from", "const", "let", "var", "require", "use", "using", "static", "type", "as"})
_OPENS = {"{": "}", "(": ")"}


def words_near(file: SourceFile, linenos: Sequence[int]) -> set[str]:
    """The words of the lines that failed and of those around them."""
    numbers = {number for lineno in linenos for number in range(lineno - AROUND, lineno + AROUND + 1)}
    near = (line[:_MAX_LINE] for number, line in enumerate(file.lines, start=1) if number in numbers)
    return {word for line in near for word in _WORD.findall(line)}


def import_lines(file: SourceFile, used: Container[str] | None = None) -> set[int]:
    """The lines at the top level of a file that say what it imports, and its package; at most 80.

    With ``used``, only of the statements with one of these words.
    """
    found: set[int] = set()
    lines = file.lines[:_IMPORTS_WITHIN]
    number = 0
    while number < len(lines) and len(found) < _MAX_IMPORT_LINES:
        last = number
        if _IMPORT.match(lines[number][:_MAX_LINE]):
            last = _end_of_import(lines, number)
            text = "\n".join(lines[number : last + 1])
            if used is None or any(word in used for word in _WORD.findall(text) if word not in _OWN_WORDS):
                found |= set(range(number + 1, last + 2))
        number = last + 1
    return found


def _end_of_import(lines: Sequence[str], start: int) -> int:
    """The line that closes the bracket that an import leaves open."""
    for opening, closing in _OPENS.items():
        if lines[start].count(opening) > lines[start].count(closing):
            window = range(start + 1, min(len(lines), start + _MAX_STATEMENT))
            return next((number for number in window if closing in lines[number]), start)
    return start
