"""A text as lines: read once, skipped at the speed of ``in``, looked ahead into without copying."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

_HISTORY = 8 * 1024
"""Characters before the current line that stay available to ``before``."""

_ESCAPES = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|\][^\x07\x1b\n]*(?:\x07|\x1b\\)"  # OSC: window titles, hyperlinks
    r"|[()*+][0-9A-Za-z]"  # character sets
    r"|[0-9=>A-Z\\^_a-z])"
)


class Cursor(ABC):
    """A place in a sequence of lines; lines have no line ends."""

    @property
    @abstractmethod
    def number(self) -> int:
        """The 1-based number, in the whole text, of the line that ``peek`` returns."""

    @abstractmethod
    def peek(self) -> str | None:
        """The current line, or None at the end."""

    @abstractmethod
    def skip(self, count: int = 1) -> None:
        """Move on by ``count`` lines."""

    @abstractmethod
    def ahead(self) -> Iterator[str]:
        """The current line and those after it, without moving.

        Whoever iterates bounds how far: what was looked at is kept in memory until it is skipped.
        """

    def next_lines(self, count: int) -> list[str]:
        """Up to ``count`` lines from the current one, without moving."""
        return list(islice(self.ahead(), count))


class Lines(Cursor):
    """The lines of a text that arrives in blocks.

    Colour codes are removed, and a line that was overprinted after a carriage return (a progress bar) is what
    a terminal shows in the end.

    Args:
        blocks: each of one or more whole lines; only the last may lack its newline.
    """

    def __init__(self, blocks: Iterable[str]) -> None:
        self._blocks = iter(blocks)
        self._text = ""
        self._at = 0
        self._number = 1
        self._floor = 0
        self._hits: dict[str, int] = {}

    @property
    def number(self) -> int:  # noqa: D102 - see Cursor
        return self._number

    def peek(self) -> str | None:  # noqa: D102 - see Cursor
        return next(self.ahead(), None)

    def skip(self, count: int = 1) -> None:  # noqa: D102 - see Cursor
        for _ in range(count):
            end = self._line_end(self._at)
            if end is None:
                return
            self._at = min(end + 1, len(self._text))
            self._number += 1

    def ahead(self) -> Iterator[str]:  # noqa: D102 - see Cursor
        offset = 0
        while (end := self._line_end(self._at + offset)) is not None:
            # `_at` moves when the text before it is dropped; the distance to it does not.
            yield self._text[self._at + offset : end]
            offset = end + 1 - self._at

    def before(self, count: int) -> list[str]:
        """Up to ``count`` lines before the current one, in their order, not beyond ``forget``."""
        start = self._at
        for _ in range(count):
            if start <= self._floor:
                break
            start = max(self._text.rfind("\n", self._floor, start - 1) + 1, self._floor)
        return self._text[start : self._at].split("\n")[:-1]

    def back(self, count: int) -> None:
        """Move back by ``count`` lines that ``before`` returned."""
        for _ in range(count):
            self._at = max(self._text.rfind("\n", self._floor, self._at - 1) + 1, self._floor)
            self._number -= 1
        self._hits.clear()

    def forget(self) -> None:
        """Never go back before the current line."""
        self._floor = self._at

    def seek(self, markers: tuple[str, ...]) -> bool:
        """Move to the next line, from the current one on, that holds one of ``markers``.

        Blocks without any are skipped whole. Returns False at the end of the text.
        """
        while True:
            hit = min((at for marker in markers if (at := self._find(marker)) >= 0), default=-1)
            target = self._text.rfind("\n", self._at, hit) + 1 if hit >= 0 else len(self._text)
            target = max(target, self._at)
            self._number += self._text.count("\n", self._at, target)
            self._at = target
            if hit >= 0:
                return True
            if not self._extend():
                return False

    def _find(self, marker: str) -> int:
        """Where ``marker`` occurs next in the text at hand, or -1; searched for once, however often asked."""
        hit = self._hits.get(marker)
        if hit is None or -1 < hit < self._at:
            # One character is looked for ten times as fast as a short text, and is often not there at all.
            first_end = self._text.find(marker[-1], self._at)
            hit = self._hits[marker] = self._text.find(marker, self._at) if first_end >= 0 else -1
        return hit

    def _line_end(self, start: int) -> int | None:
        """Where the line at ``start`` ends; None if there is none. More text is read where needed."""
        distance = start - self._at
        while (end := self._text.find("\n", self._at + distance)) < 0:
            if not self._extend():
                return len(self._text) if self._at + distance < len(self._text) else None
        return end

    def _extend(self) -> bool:
        """Take one more block in, and drop what lies far before the current line."""
        block = next(self._blocks, None)
        if block is None:
            return False
        drop = max(self._at - _HISTORY, 0)
        self._text = self._text[drop:] + _as_shown(block)
        self._at -= drop
        self._floor = max(self._floor - drop, 0)
        self._hits.clear()
        return True


class Section(Cursor):
    """The lines of another cursor for as long as ``content`` accepts them, in the form that it returns.

    Moving it moves the other one. ``content`` returns None for the line before which the section ends.
    """

    def __init__(self, lines: Cursor, content: Callable[[str], str | None]) -> None:
        self._lines = lines
        self._content = content

    @property
    def number(self) -> int:  # noqa: D102 - see Cursor
        return self._lines.number

    def peek(self) -> str | None:  # noqa: D102 - see Cursor
        line = self._lines.peek()
        return None if line is None else self._content(line)

    def skip(self, count: int = 1) -> None:  # noqa: D102 - see Cursor
        self._lines.skip(count)

    def ahead(self) -> Iterator[str]:  # noqa: D102 - see Cursor
        for line in self._lines.ahead():
            content = self._content(line)
            if content is None:
                return
            yield content


def without_prefix(prefix: str) -> Callable[[str], str | None]:
    """Accept the lines that begin with ``prefix`` and remove it.

    An empty line of such a section has often lost the white space at the prefix's end, or the whole prefix
    where that is nothing but white space.
    """
    bare = prefix.rstrip()

    def content(line: str) -> str | None:
        if line.startswith(prefix):
            return line[len(prefix) :]
        return "" if line.rstrip() == bare else None

    return content


def _as_shown(block: str) -> str:
    if "\x1b" in block:
        block = _ESCAPES.sub("", block)
    if "\r" in block:
        block = block.replace("\r\n", "\n")
        if "\r" in block:
            block = "\n".join([line.rstrip("\r").rpartition("\r")[2] for line in block.split("\n")])
    return block
