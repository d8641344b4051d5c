"""Private keys, as blocks of lines or in one literal: whole, cut off, indented, numbered, framed, as a diff."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from functools import cache

from snapfix.redaction.text import Span, line_end

# What printers, diffs and quotes put in front of a line.
_MARGIN = r"(?:[ \t>|#*+│┃-]|[0-9]{1,6}(?=[ \t]{0,8}[|│:])){0,60}"
# The longest private keys in use, of 16,384 bits, have some 200 lines; those of PGP, with signatures, some more.
_MAX_KEY_LINES = 2000


@cache
def _begin() -> re.Pattern[str]:
    return re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----")


@cache
def _end() -> re.Pattern[str]:
    return re.compile(r"-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----")


@cache
def _body_line() -> re.Pattern[str]:
    return re.compile(
        _MARGIN + r"[rbf]{0,2}[\"']?([A-Za-z0-9+/=]{4,})(?:\\r)?(?:\\n)?[\"',;)\\ \t│┃|]{0,80}$",
    )


@cache
def _header() -> re.Pattern[str]:
    return re.compile(_MARGIN + r"[\"']?(?:[A-Za-z][A-Za-z-]{2,20}: .{0,200}|(?:\\n)?[\"']?[ \t│┃|]{0,200})$")


@cache
def _putty() -> re.Pattern[str]:
    return re.compile(r"Private-(?:Lines: ([0-9]{1,3})[^\n]{0,20}\n|MAC: ([0-9a-f]{40,64}))")


def find(text: str) -> Iterator[Span]:
    """The bodies of private keys, line by line."""
    if "PRIVATE KEY" in text:
        yield from sorted({*_after_beginnings(text), *_before_ends(text)})
    if "Private-" in text:
        yield from _putty_lines(text)


def _after_beginnings(text: str) -> Iterator[Span]:
    done = 0
    for match in _begin().finditer(text):
        dashes = text.find("-----", match.end())
        dashes = len(text) if dashes < 0 else dashes
        end = text.find("\n", match.end(), dashes)
        if end < 0:
            if re.search(r"[A-Za-z0-9+/=]{16}", text[match.end() : dashes]):
                yield match.end(), dashes, "private-key"
        elif end >= done:
            done = yield from _body(text, end + 1)


def _body(text: str, start: int) -> Generator[Span, None, int]:
    """The lines of a key's body, from ``start`` to the first line that cannot be one: where that begins."""
    for _ in range(_MAX_KEY_LINES):
        end = line_end(text, start)
        line = text[start:end]
        if match := _body_line().match(line):
            yield start + match.start(1), start + match.end(1), "private-key"
        elif not _header().match(line):
            break
        if end == len(text):
            return end
        start = end + 1
    return start


def _before_ends(text: str) -> Iterator[Span]:
    """The rest of a key whose beginning was cut off."""
    done = 0
    for match in _end().finditer(text):
        end = text.rfind("\n", done, match.start())
        # Only the first one in its line has lines of its own before it.
        done = match.end()
        for _ in range(_MAX_KEY_LINES):
            start = text.rfind("\n", 0, max(end, 0)) + 1
            line = _body_line().match(text[start : max(end, 0)])
            if end <= 0 or line is None:
                break
            yield start + line.start(1), start + line.end(1), "private-key"
            end = start - 1


def _putty_lines(text: str) -> Iterator[Span]:
    done = 0
    for match in _putty().finditer(text):
        if match[2] is not None:
            yield (*match.span(2), "private-key")
            continue
        # Lines that were read already, behind another number of lines, are not read again.
        start = max(match.end(), done)
        for _ in range(int(match[1]) - text.count("\n", match.end(), start)):
            if start >= len(text):
                break
            end = line_end(text, start)
            if line := _body_line().match(text[start:end]):
                yield start + line.start(1), start + line.end(1), "private-key"
            start = min(end + 1, len(text))
        done = start
