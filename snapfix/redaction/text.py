"""Where things stand in a text: lines, literals, arguments. Every search here is linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

Span = tuple[int, int, str]
"""Where a secret stands, end exclusive, and its kind."""

NO_WORD_BEFORE = r"(?:(?<![A-Za-z0-9_])|(?<=\\[nrt]))"
"""Where no word goes on; ``\\n``, ``\\t`` and ``\\r`` as they stand in a printed literal end a word too."""

_MAX_ARGUMENTS = 600


def words(*lines: str) -> frozenset[str]:
    """The words of the lines."""
    return frozenset(" ".join(lines).split())


def line_end(text: str, start: int) -> int:
    """Where the line that ``start`` is in ends."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def line_around(text: str, position: int) -> str:
    """The line that ``position`` is in, at most some 500 characters of it."""
    start = max(text.rfind("\n", 0, position) + 1, position - 250)
    return text[start : min(line_end(text, position), position + 250)]


def lower(text: str) -> str:
    """In lower case, with every character in its place (some have a longer lower case)."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


@lru_cache(maxsize=4)
def _lowered(text: str) -> str:
    """Several searches of one text follow each other."""
    return lower(text)


@lru_cache(maxsize=16)
def lines_with(text: str, parts: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Start and end of every line that holds one of ``parts`` (in lower case): much faster than a pattern."""
    lowered = _lowered(text)
    found: set[int] = set()
    for part in parts:
        position = lowered.find(part)
        while position >= 0:
            found.add(text.rfind("\n", 0, position) + 1)
            position = lowered.find(part, line_end(text, position))
    return tuple((start, line_end(text, start)) for start in sorted(found))


def matches(text: str, parts: tuple[str, ...], pattern: re.Pattern[str], *, beyond: int = 0) -> Iterator[re.Match[str]]:
    """Every match of ``pattern`` in the lines that hold one of ``parts``.

    A match begins in such a line and ends there too; with ``beyond``, it may go on behind the line, to its own end.
    So many characters behind the line are searched for enough of it to know that it is one.
    """
    done = 0
    for start, end in lines_with(text, parts):
        position = max(start, done)
        while position < end:
            match = pattern.search(text, position, min(end + beyond, len(text)))
            if match is None or match.start() >= end:
                break
            # Where the search ended it may have cut a value short, and the rest of a secret would stay.
            whole = pattern.match(text, match.start()) if beyond else match
            position = max(match.start() + 1, whole.end() if whole else 0)
            if whole:
                done = position
                yield whole


@cache
def _rest_of_literal(quote: str) -> re.Pattern[str]:
    return re.compile(rf"(?:[^\\\n{quote}]|\\.)*")


def literal_end(text: str, start: int, quote: str) -> int:
    """Where the literal that is open at ``start`` ends: at its quote, else at the end of the line."""
    if len(quote) == 3:
        end = text.find(quote, start, start + 8192)
        return end if end >= 0 else line_end(text, start)
    if quote.startswith("\\"):
        end = text.find(quote, start, line_end(text, start))
        return end if end >= 0 else line_end(text, start)
    rest = _rest_of_literal(quote).match(text, start)
    return rest.end() if rest else start


def closes_literal(match: re.Match[str]) -> bool:
    """The match's ``quote`` ends a literal that began before it: ``getpass("Password: ", stream)``."""
    if match["quote"] is None or match["close"] or match["prefix"] or match["quote"] in ('"""', "'''"):
        return False
    line = match.string[max(match.start() - 200, 0) : match.start()].rpartition("\n")[2]
    return line.count(match["quote"]) % 2 == 1


def by_line(text: str, start: int, end: int, kind: str) -> Iterator[Span]:
    """One span for each line between ``start`` and ``end``, without the white space around it."""
    while start < end:
        stop = min(line_end(text, start), end)
        line = text[start:stop]
        inner = line.strip() if "\n" in text[start:end] or kind == "credential" else line
        if inner:
            first = start + line.index(inner)
            yield first, first + len(inner), kind
        start = stop + 1


@cache
def _argument_part() -> re.Pattern[str]:
    return re.compile(
        r"(?P<literal>[rRbBuUfF]{0,2}(?:\"(?P<double>(?:[^\"\\\n]|\\.)*)\"|'(?P<single>(?:[^'\\\n]|\\.)*)'))"
        r"|(?P<open>[\[({])|(?P<close>[\])}])|(?P<comma>,)|[^\"'\[\](){},]+|[\"']"
    )


class Argument:
    """One argument of a call, or one item of a display, as it stands in the text."""

    __slots__ = ("literals", "text")

    def __init__(self) -> None:
        self.text = ""
        self.literals: list[tuple[int, int]] = []

    @property
    def literal(self) -> tuple[int, int] | None:
        """Where its text stands, if the argument is one literal and nothing else."""
        bare = self.text.strip()
        return self.literals[0] if len(self.literals) == 1 and bare in ('""', "") else None

    @property
    def is_positional(self) -> bool:
        """It has no keyword in front."""
        return re.match(r"\s*\w{1,80}\s*=(?!=)", self.text) is None


def arguments(text: str, start: int) -> list[Argument]:
    """What stands between the bracket before ``start`` and its end: at most a few lines of it.

    A literal in an argument's ``text`` is an empty one, so that its content is never taken for code.
    """
    found = [Argument()]
    depth = 0
    for part in _argument_part().finditer(text, start, min(start + _MAX_ARGUMENTS, len(text))):
        if part["literal"] is not None:
            group = "double" if part["double"] is not None else "single"
            found[-1].literals.append(part.span(group))
            found[-1].text += '""'
        elif part["close"] and depth == 0:
            return found
        elif part["comma"] and depth == 0:
            found.append(Argument())
        else:
            depth += bool(part["open"]) - bool(part["close"])
            found[-1].text += part[0]
    return found
