"""A source that does not parse, and what a repair of it is."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from itertools import accumulate

OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {closer: opener for opener, closer in OPENERS.items()}
STRING_OR_COMMENT = re.compile(
    r"""
    [rRbBuUfF]{0,2}
    (?: \"{3} (?: [^"\\] | \\. | "(?!"") )* (?: \"{3} | \Z )
      | '{3} (?: [^'\\] | \\. | '(?!'') )* (?: '{3} | \Z )
      | " (?: [^"\\\n] | \\. )* (?: " | (?=\n) | \Z )
      | ' (?: [^'\\\n] | \\. )* (?: ' | (?=\n) | \Z ) )
    | \#[^\n]*
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a text does not parse: the line, 1-based, and the compiler's message."""

    lineno: int
    message: str


@dataclass(frozen=True, slots=True)
class Repair:
    """A change that makes the source parse, or parse further.

    Attributes:
        kind: the cause's name in the catalogue.
        text: the repaired source.
        lineno: the line at fault.
        cause: the root cause, as a sentence.
        summary: the fix, as a sentence.
        cost: the smaller, the less the repair takes for granted.
        complete: the whole file parses.
        ambiguous: a different repair is as small.
        safe: it cannot change what the program was meant to do.
    """

    kind: str
    text: str
    lineno: int
    cause: str
    summary: str
    cost: float
    complete: bool = False
    ambiguous: bool = False
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Broken:
    """A source that does not parse.

    Attributes:
        text: the source.
        flaw: the first error that is found in it.
        code: the text with strings masked by ``S`` and comments by spaces; as long as the text.
        lines: the text's lines.
        code_lines: the masked lines.
        starts: where each line starts, in characters.
    """

    text: str
    flaw: Flaw
    code: str
    lines: tuple[str, ...]
    code_lines: tuple[str, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str, flaw: Flaw) -> Broken:
        """Look at a source that has a flaw."""
        code = masked(text)
        lines = tuple(text.split("\n"))
        starts = tuple(accumulate((len(line) + 1 for line in lines), initial=0))
        return cls(text, flaw, code, lines, tuple(code.split("\n")), starts)

    def offset(self, lineno: int) -> int:
        """Where a line starts."""
        return self.starts[lineno - 1]

    def lineno_at(self, offset: int) -> int:
        """The line that holds a character."""
        return self.text.count("\n", 0, offset) + 1

    def put(self, offset: int, inserted: str, removed: int = 0) -> str:
        """The text with something put in place of ``removed`` characters."""
        return self.text[:offset] + inserted + self.text[offset + removed :]

    def with_line(self, lineno: int, line: str) -> str:
        """The text with one line replaced."""
        return "\n".join([*self.lines[: lineno - 1], line, *self.lines[lineno:]])

    def code_end(self, lineno: int) -> int:
        """The column after the last character of a line that is code."""
        return len(self.code_lines[lineno - 1].rstrip())

    def previous_code(self, lineno: int) -> int | None:
        """The nearest line above that holds code."""
        return next((n for n in range(lineno - 1, 0, -1) if self.code_lines[n - 1].strip()), None)

    def next_code(self, lineno: int) -> int | None:
        """The nearest line below that holds code."""
        return next((n for n in range(lineno + 1, len(self.lines) + 1) if self.code_lines[n - 1].strip()), None)


def flaw_of(text: str) -> Flaw | None:
    """The first syntax error of a source, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return Flaw(error.lineno or 1, error.msg or "")
    except (ValueError, RecursionError, MemoryError):
        return Flaw(1, "")
    return None


def masked(text: str) -> str:
    """The text with the characters of strings turned into ``S`` and those of comments into spaces."""
    return STRING_OR_COMMENT.sub(_mask, text)


def _mask(match: re.Match[str]) -> str:
    filler = " " if match[0].startswith("#") else "S"
    return re.sub(r"[^\n]", filler, match[0])


def open_brackets(code: str, end: int) -> list[int]:
    """The offsets of the brackets that are open at ``end``, outermost first."""
    opened: list[int] = []
    for match in re.finditer(r"[()\[\]{}]", code[:end]):
        character = match[0]
        if character in OPENERS:
            opened.append(match.start())
        elif opened and code[opened[-1]] == CLOSERS[character]:
            opened.pop()
    return opened


def indent_of(line: str) -> int:
    """By how many characters a line is indented."""
    return len(line) - len(line.lstrip())


def is_inside_brackets(broken: Broken, offset: int) -> bool:
    """Some bracket is open at a place."""
    return bool(open_brackets(broken.code, offset))
