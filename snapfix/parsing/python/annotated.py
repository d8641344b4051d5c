"""CPython's layout with the values of names below the lines of code, as the lines that CPython would have printed.

loguru (``diagnose=True``) and better_exceptions print them so, on a terminal without these characters as ``|`` and
``->``::

        return sum(price(item) for item in cart)
                   │                       └ [{'name': 'tea'}]
                   └ <function price at 0x7f9384782980>
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from enum import Enum, auto

from snapfix.parsing.python.cpython_lines import CARETS, FRAME_MARKER, HEADER, SEPARATORS, Likeness, likeness
from snapfix.parsing.text.bounds import LONGEST_LINE
from snapfix.parsing.text.lines import Text

VALUE = re.compile(r" {4}[ │|]*(?:└|->) ")
_MARGIN = re.compile(r"(?:  )+\|(?: |$)")
_CAUGHT = '> File "'
"""loguru's mark on the frame in which the exception was caught."""
_BARE = 'File "'
"""better_exceptions takes the blanks before the place of a SyntaxError away."""


class _Below(Enum):
    """Where in a traceback a line stands: below what."""

    TEXT = auto()
    SEPARATOR = auto()
    HEADER = auto()
    FRAME = auto()
    CODE = auto()
    VALUE = auto()


class Bare(Text):
    """The lines of a traceback without values, and without the empty lines that loguru puts between frames."""

    def __init__(self, lines: Text) -> None:
        self._lines = lines
        self._below = _Below.TEXT

    @property
    def number(self) -> int:  # noqa: D102 - see Cursor
        return self._lines.number

    def peek(self) -> str | None:  # noqa: D102 - see Cursor
        return next(self.ahead(), None)

    def ahead(self) -> Iterator[str]:  # noqa: D102 - see Cursor
        return (line for _, line, _ in self._shown())

    def skip(self, count: int = 1) -> None:  # noqa: D102 - see Cursor
        for _ in range(count):
            shown = self._shown()
            current = next(shown, None)
            if current is None:
                return
            # To the next line that is shown, or else behind this one.
            distance, _, below = next(shown, (current[0] + 1, "", _Below.TEXT))
            self._lines.skip(distance)
            self._below = below

    def before(self, count: int) -> list[str]:  # noqa: D102 - see Text
        return [line for _, line in reversed(self._before(count))]

    def back(self, count: int) -> None:  # noqa: D102 - see Text
        found = self._before(count)
        if count and found:
            self._lines.back(found[min(count, len(found)) - 1][0])
            self._below = _Below.TEXT

    def _before(self, count: int) -> list[tuple[int, str]]:
        """Distances and texts of the lines before the cursor, of empty ones in a row only the first; nearest first."""
        found: list[tuple[int, str]] = []
        for distance, line in enumerate(reversed(self._lines.before(3 * count)), start=1):
            if found and not line.strip() and not found[-1][1].strip():
                found[-1] = (distance, line)
            elif len(found) == count:
                break
            else:
                found.append((distance, line))
        return found

    def _shown(self) -> Iterator[tuple[int, str, _Below]]:
        """The lines that are shown: their distance from the cursor, their text, and what they stand below."""
        below = self._below
        window: deque[str] = deque()
        distance = 0
        for line in self._lines.ahead():
            window.append(line)
            if len(window) == 3:
                text, after = _bare(window[0], below, window[1], window[2])
                if text is not None:
                    yield distance, text, below
                below = after
                window.popleft()
                distance += 1
        while window:
            following = [*window, "", ""]
            text, after = _bare(following[0], below, following[1], following[2])
            if text is not None:
                yield distance, text, below
            below = after
            window.popleft()
            distance += 1


def _bare(line: str, below: _Below, following: str, second: str) -> tuple[str | None, _Below]:
    """What CPython would have printed for a line, and what the next one stands below."""
    margin = _MARGIN.match(line[:LONGEST_LINE])
    start = margin.end() if margin else 0
    prefix, text = line[:start], line[start:]
    if text.endswith(HEADER):
        return line, _Below.HEADER
    if below in (_Below.TEXT, _Below.SEPARATOR) and not text.startswith((FRAME_MARKER, _CAUGHT)):
        return _outside_stack(line, text, below, following, second)
    if text.startswith((FRAME_MARKER, _CAUGHT, _BARE)):
        return f"{prefix}{FRAME_MARKER}{text.partition(_BARE)[2]}", _Below.FRAME
    return _in_stack(line, text, below)


def _outside_stack(line: str, text: str, below: _Below, following: str, second: str) -> tuple[str | None, _Below]:
    if text.strip() in SEPARATORS:
        return line, _Below.SEPARATOR
    if text.strip():
        return line, _Below.TEXT
    if below is _Below.SEPARATOR:
        return None, below
    doubled = not _content(following) and _content(second) in SEPARATORS
    return (None if doubled else line), below


def _content(line: str) -> str:
    """What a short line says, without the margin of a group."""
    return line[:200].strip(" |")


def _in_stack(line: str, text: str, below: _Below) -> tuple[str | None, _Below]:
    if not text.strip():
        return None, below
    if text.startswith("    "):
        if below is _Below.FRAME:
            return line, _Below.CODE
        kept = below is _Below.CODE and CARETS.match(text[:LONGEST_LINE])
        return (line, below) if kept else (None, _Below.VALUE)
    if text.startswith("  "):
        return line, _Below.CODE
    if below is _Below.VALUE and likeness(text) is Likeness.NONE:
        return None, below
    return line, _Below.TEXT
