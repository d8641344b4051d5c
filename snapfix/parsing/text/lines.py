"""A text as lines: read once, skipped at the speed of a search, looked ahead into without copying."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from snapfix.parsing.text.search import Finder

_HISTORY = 8 * 1024
"""Bytes before the current line that stay available to ``before``."""
_DECODED_AT_ONCE = 2 * 1024
"""Bytes: a traceback's worth."""
_MOST_DECODED = 4096
"""Lines behind the current one that stay decoded."""
_LONGEST_REREAD = 8 * 1024 * 1024
"""Bytes that are kept so that a traceback can be read again when more of it arrives."""

_ESCAPES = re.compile(
    rb"\x1b(?:"
    rb"\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    rb"|[\]_P^][^\x07\x1b\n]*(?:\x07|\x1b\\)"  # OSC: window titles, hyperlinks; APC: Buildkite's times
    rb"|[()*+][0-9A-Za-z]"  # character sets
    rb"|[0-9=>A-Z\\^_a-z])"
)
_PADDING = re.compile(rb"^\0+", re.MULTILINE)
"""What a log begins with that was emptied while a program went on writing to it."""


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

        Whoever iterates bounds how far: what was looked at is kept in memory until it is skipped. Moving on meanwhile
        is allowed, moving back is not.
        """

    def next_lines(self, count: int) -> list[str]:
        """Up to ``count`` lines from the current one, without moving."""
        return list(islice(self.ahead(), count))


class Text(Cursor):
    """A cursor that can also look and move back a little."""

    @abstractmethod
    def before(self, count: int) -> list[str]:
        """Up to ``count`` lines before the current one, in their order, as far as they are still at hand.

        What was read as part of a traceback is not.
        """

    @abstractmethod
    def back(self, count: int) -> None:
        """Move back by ``count`` lines that ``before`` returned."""


class Lines(Text):
    r"""The lines of a text that arrives in blocks.

    Colour codes and NUL padding are removed, and a line that was overprinted after a carriage return (a progress
    bar) is what a terminal shows in the end. What is not UTF-8 becomes U+FFFD.

    Args:
        blocks: each of one or more whole lines, as text or in UTF-8; only the last may lack its newline. An empty
            one says that nothing arrived for a while: the text ends there until ``resume``.
        finder: finds what ``seek`` looks for.
        numbers: of the first lines, where they are not 1, 2, 3 ...
        strict: kept for whoever reads them; see ``scan``.
    """

    def __init__(
        self,
        blocks: Iterable[str | bytes],
        finder: Finder | None = None,
        *,
        numbers: Sequence[int] = (),
        strict: bool = False,
    ) -> None:
        self.strict = strict
        self._blocks = iter(blocks)
        self._finder = finder
        self._text = b""
        self._at = 0  # the current line's offset in the text, in bytes, like all offsets here
        self._line = 0  # the current line, counted from where the explicit numbers begin
        self._numbers = tuple(numbers)
        self._next_number = self._numbers[-1] + 1 if self._numbers else 1
        self._floor = 0
        self._pinned: int | None = None
        self._hits: deque[tuple[int, int]] = deque()
        # Lines are decoded some at a time: those up to the offset `_decoded`, of which `_current` is the current one.
        self._shown: list[str] = []
        self._sizes: list[int] = []
        self._current = 0
        self._deleted = 0  # lines that were decoded and are gone
        self._decoded = 0
        self.paused = False
        self.ended = False
        # Kept for `prefixes.view`: the fence of the block of code that the last traceback stood in, and where it ended.
        self.in_block = ""
        self.block_at = 0

    @property
    def number(self) -> int:  # noqa: D102 - see Cursor
        return self._number_of(self._line)

    def _number_of(self, line: int) -> int:
        explicit = len(self._numbers)
        return self._numbers[line] if line < explicit else self._next_number + line - explicit

    def peek(self) -> str | None:  # noqa: D102 - see Cursor
        if self._current < len(self._shown) or self._decode():
            return self._shown[self._current]
        return None

    def skip(self, count: int = 1) -> None:  # noqa: D102 - see Cursor
        for _ in range(count):
            if self._current == len(self._shown) and not self._decode():
                return
            self._at += self._sizes[self._current]
            self._current += 1
            self._line += 1
        if self._current > _MOST_DECODED:
            del self._shown[: self._current], self._sizes[: self._current]
            self._deleted += self._current
            self._current = 0

    def ahead(self) -> Iterator[str]:  # noqa: D102 - see Cursor
        place = self._deleted + self._current
        while place - self._deleted < len(self._shown) or self._decode():
            yield self._shown[place - self._deleted]
            place += 1

    def before(self, count: int) -> list[str]:  # noqa: D102 - see Text
        start = max(self._at - _HISTORY, self._floor)
        lines = self._text[start : self._at].rsplit(b"\n", count + 1)[:-1]
        if len(lines) > count or start not in (0, self._floor):
            del lines[0]  # what is left of the text, or of a line whose beginning is too far away
        return [line.decode("utf-8", "replace") for line in lines]

    def back(self, count: int) -> None:  # noqa: D102 - see Text
        for _ in range(count):
            self._at = max(self._text.rfind(b"\n", self._floor, self._at - 1) + 1, self._floor)
            self._line -= 1
        self._decode_anew()

    def forget(self) -> None:
        """Never go back before the current line."""
        self._floor = self._at
        self._pinned = None

    def pin(self) -> None:
        """Keep the text from the current line on, so that ``reread`` can return to it."""
        self._pinned = self._at

    def reread(self) -> bool:
        """Return to the line that was pinned; False where it is gone."""
        if self._pinned is None:
            return False
        self._line -= self._text.count(b"\n", self._pinned, self._at)
        self._at = self._pinned
        self._decode_anew()
        self._find_again()
        return True

    def resume(self) -> None:
        """Wait for what comes after a pause."""
        self.paused = False

    def put_back(self, lines: Sequence[tuple[int, str]]) -> None:
        """Have these lines (number, text), which come from further up, next: they were passed over, not read."""
        front = "".join(f"{text}\n" for _, text in lines).encode("utf-8", "replace")
        following = self._number_of(self._line)
        explicit = self._numbers[self._line :]
        moved = len(front) - self._at
        later = [(start + moved, needle) for start, needle in self._hits if start >= self._at]
        self._hits = deque([*(self._finder.find(front) if self._finder else ()), *later])
        self._text = front + self._text[self._at :]
        self._numbers = (*(number for number, _ in lines), *explicit)
        if not explicit:
            self._next_number = following
        self._at = self._line = self._floor = 0
        self._pinned = None
        self._decode_anew()

    def seek(self) -> bool:
        """Move to the next line, from the current one on, that holds one of the finder's markers.

        Blocks without any are skipped whole. Returns False at the end of the text, or at a pause.
        """
        while True:
            while self._hits and self._hits[0][0] < self._at:
                self._hits.popleft()
            if self._hits:
                self._move_to(max(self._text.rfind(b"\n", self._at, self._hits[0][0]) + 1, self._at))
                return True
            self._move_to(len(self._text))
            if not self._extend():
                return False

    def needles(self) -> set[int]:
        """Which of the finder's needles were found in the current line."""
        end = self._text.find(b"\n", self._at)
        found = set()
        for start, needle in self._hits:
            if start >= end >= 0:
                break
            if start >= self._at:
                found.add(needle)
        return found

    def _move_to(self, target: int) -> None:
        if target != self._at:
            passed = self._text[self._at : target]
            self._line += line_ends(passed)
            self._at = target
            self._decode_anew()

    def _find_again(self) -> None:
        self._hits = deque(self._finder.find(self._text)) if self._finder else deque()

    def _decode_anew(self) -> None:
        self._shown, self._sizes, self._current, self._decoded = [], [], 0, self._at

    def _decode(self) -> bool:
        """Decode some more lines; False where there are none. More text is read where needed."""
        end = self._text.rfind(b"\n", self._decoded, self._decoded + _DECODED_AT_ONCE) + 1
        while not end and not (end := self._text.find(b"\n", self._decoded + _DECODED_AT_ONCE) + 1):
            if not self._extend():
                end = len(self._text)
                break
            end = self._text.rfind(b"\n", self._decoded, self._decoded + _DECODED_AT_ONCE) + 1
        piece = self._text[self._decoded : end]
        if not piece:
            return False
        self._decoded = end
        sizes = [len(line) + 1 for line in piece.split(b"\n")]
        shown = piece.decode("utf-8", "replace").split("\n")
        if piece.endswith(b"\n"):
            del sizes[-1], shown[-1]
        else:
            sizes[-1] -= 1
        self._sizes += sizes
        self._shown += shown
        return True

    def _extend(self) -> bool:
        """Take one more block in, and drop what lies far before the current line."""
        if self.paused or self.ended:
            return False
        block = next(self._blocks, None)
        if not block:
            self.paused, self.ended = block is not None, block is None
            return False
        shown = _as_shown(block if isinstance(block, bytes) else block.encode("utf-8", "replace"))
        self._drop(self._unneeded())
        if self._finder:
            end = len(self._text)
            self._hits.extend([(end + start, marker) for start, marker in self._finder.find(shown)])
        self._text += shown
        return True

    def _unneeded(self) -> int:
        """How many bytes at the beginning of the text nobody will ask for."""
        if self._pinned is not None and self._at - self._pinned > _LONGEST_REREAD:
            self._pinned = None
        needed = self._at if self._pinned is None else min(self._pinned, self._at)
        return self._text.rfind(b"\n", 0, max(needed - _HISTORY, 0)) + 1

    def _drop(self, count: int) -> None:
        if not count:
            return
        self._text = self._text[count:]
        self._at -= count
        self._decoded -= count
        self._floor = max(self._floor - count, 0)
        if self._pinned is not None:
            self._pinned -= count
        self._hits = deque((start - count, marker) for start, marker in self._hits if start >= count)


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


def line_ends(text: bytes) -> int:
    """How many newlines there are: ``bytes.count`` looks at each byte, ``replace`` jumps, four times as fast."""
    return len(text) - len(text.replace(b"\n", b""))


def _as_shown(block: bytes) -> bytes:
    if b"\0" in block:
        block = _PADDING.sub(b"", block)
    if b"\x1b" in block:
        block = _ESCAPES.sub(b"", block)
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
        if b"\r" in block:
            block = b"\n".join([line.rstrip(b"\r").rpartition(b"\r")[2] for line in block.split(b"\n")])
    return block
