"""What stands before every line of a wrapped text: a container's name, a time, a quotation mark.

A prefix is recognised by its shape. Times differ from line to line, everything else is the same; a line with another
name in the same place belongs to another process whose output was mixed in, and is passed over.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Protocol

from snapfix.parsing.text.fences import LINES_ABOVE, is_closing, opened_by
from snapfix.parsing.text.lines import Text

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?"
_TIME = (
    rf"(?:\d{{4}}[-/]\d\d[-/]\d\d(?:[T ]{_CLOCK})?(?: ?Z| ?[+-]\d\d:?\d\d)?"
    rf"|\d\d/{_MONTH}/\d{{4}}:\d\d:\d\d:\d\d(?: [+-]\d{{4}})?"
    rf"|{_MONTH} [ \d]\d (?:\d{{4}} )?{_CLOCK}"
    rf"|{_CLOCK}"
    rf"|\d{{1,2}}/\d{{1,2}}/\d{{4}},? {_CLOCK}(?: [AP]M)?"
    r"|\d{1,12}\.\d{1,9})"  # seconds since the start, or since 1970
)
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|STDOUT|STDERR)"
_TIMES = re.compile(rf"(?<![\d.:]){_TIME}(?!\d|:\d)")
_LEVELS = re.compile(_LEVEL, re.IGNORECASE)
_WORDS = re.compile(r"([\w./@-]+)")
_ANY_WORD = r"[\w./@-]{1,100}"

_WRAPPER = re.compile(
    "(?:"
    + "|".join(
        (
            rf"\[? *{_TIME}\]?:? (?:std(?:out|err) [FP] |[\da-f]{{2}}[EO][+ ])?",  # a time; CRI; GitLab
            r"(?:\d{1,4}\|)?[\w.-]{1,100} {1,40}\| ?",  # docker compose, foreman, pm2
            r"[^\t|]{1,100}\t[^\t]{1,100}\t(?=\d{4}-)",  # `gh run view --log`
            r"\[(?:pod|gw)[\w/.-]{0,200}\] ",  # kubectl logs --prefix, pytest-xdist
            r"<\d{1,3}>1? ?(?=[\dA-Z])",  # a syslog priority
            r"(?<=\d )[\w.-]{1,100} [\w./()@-]{1,100}(?:\[[\w.]{1,20}\])?: ?",  # syslog, journald: host program[pid]:
            r"(?<=Z )[\w.-]{1,100} [\w./-]{1,100} (?:[\w.-]{1,40} ){2}(?:- |\[[^\]]{0,200}\] )",  # RFC 5424
            r"(?<=[\dZ] )[\w-]{1,60}\[[\w.-]{1,60}\]: ?",  # Heroku: app[web.1]:
            r"#\d{1,4} ",  # docker buildx
            r"nox > ",
            r"##\[\w{1,20}\]",  # GitHub Actions
            r"> ?",  # a quotation in an e-mail
        )
    )
    + "){1,8}",
)
_LOOKED_AT = 60
"""Lines among which another one with the same prefix stands."""
_MAX_FOREIGN = 200
"""Lines of other processes between two lines of a traceback."""
_MOST_FOREIGN = 4 * 1024 * 1024
"""Characters of them within one traceback: they are kept to be read afterwards."""
_LONGEST_PREFIX = 500
_TAG = re.compile(r"(?<= std(?:out|err) )[FP](?= )")
_PIECE = re.compile(r" std(?:out|err) P ")
"""What CRI puts before each piece of a long line but the last, which has an ``F`` there."""
_LONGEST_JOINED = 1024 * 1024
"""Characters of a line that was split."""
_FOUND_BY_GREP = re.compile(r"(?P<file>(?!\d+:)[^\s:|]{1,200}:)?(?P<line> *\d{1,9}[:\t])?")
"""What ``grep -A 20`` and ``cat -n`` put before a line; grep has ``-`` instead of ``:`` in the lines below."""
_HTML = re.compile(r"&(?:quot|lt|gt|amp|#34|#39|#x27);")
_TYPESET = re.compile("\xa0|File “")
_INDENTATION = re.compile("[ \t>|]*\xa0[ \t>|\xa0]*")
"""As chat and ticket systems keep it: with blanks that do not break."""
_QUOTED_FILE = re.compile(r"(File )“([^”]{1,1000})”(?=, line \d)")
"""A frame of CPython's with a word processor's quotation marks."""
_FRAME = re.compile(r'\s{0,100}File "[^"\n]{1,1000}", line \d{1,9}, in \S')
_NAME_S_END = re.compile(r"[\w.<>]{1,100}$")
_HTML_END = re.compile(r"(?:</(?:pre|code|textarea|div|p|failure|error|system-out|system-err)>|\]\]>).*$")
_XML_END = re.compile(r"(?:\]\]>|</(?:failure|error|system-out|system-err)>)")
_XML_BEGINNINGS = ("<failure", "<error", "<system-out>", "<system-err>", "<![CDATA[")
"""Of JUnit's report of a test run."""


def wrapper_end(line: str) -> int:
    """The column behind the prefix that a known tool (a container runtime, a CI service, syslog ...) puts there."""
    match = _WRAPPER.match(line[: 2 * _LONGEST_PREFIX])
    return match.end() if match else 0


class Wrapping(Protocol):
    """What every line of a text stands in: behind a prefix, in a record."""

    def content(self, line: str) -> str | None:
        """The line without it; None where the line does not have it."""

    def is_foreign(self, line: str) -> bool:
        """The line has one of this kind, but another process's."""

    def is_piece(self, line: str) -> bool:
        """The line goes on in the next one."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a prefix.

    Attributes:
        own: matches it.
        bare: matches what is left of it on a line that is empty otherwise, where trailing white space is often lost.
        general: matches it with any names in the place of its own; None where it has none.
        splits: it says which lines are pieces of a long one.
    """

    own: re.Pattern[str]
    bare: re.Pattern[str]
    general: re.Pattern[str] | None = None
    splits: bool = False

    def content(self, line: str) -> str | None:
        """What stands behind the prefix; None where the line does not have it."""
        match = self.own.match(line)
        if match:
            return line[match.end() :]
        return "" if len(line) <= _LONGEST_PREFIX and self.bare.fullmatch(line.rstrip()) else None

    def is_foreign(self, line: str) -> bool:
        """The line has a prefix of this kind, but with another name."""
        return self.general is not None and self.general.match(line) is not None

    def is_piece(self, line: str) -> bool:
        """The line goes on in the next one."""
        return self.splits and _PIECE.search(line, 0, _LONGEST_PREFIX) is not None


@lru_cache(maxsize=256)
def _shape_of(template: str) -> Shape:
    """The shape of a prefix in which each time is a NUL."""
    own = re.compile(_pattern(template, _exactly))
    bare = re.compile(_pattern(template.rstrip(), _exactly))
    general = _pattern(template, _general)
    is_general = _is_strong(template) and _ANY_WORD in general
    return Shape(own, bare, re.compile(general) if is_general else None, _TAG.search(template) is not None)


def _pattern(template: str, pattern_of: Callable[[str], str]) -> str:
    return _TIME.join(map(pattern_of, template.split("\0")))


def _exactly(part: str) -> str:
    texts = map(re.escape, _TAG.split(part))
    return "[FP]".join(texts)


def _general(part: str) -> str:
    """A pattern for other names in the same places; another level is another record, not another process."""
    pieces = _WORDS.split(part)
    texts = [re.sub(r"(?:\\ )+", " +", re.escape(piece)) for piece in pieces[::2]]
    words = [re.escape(word) if _LEVELS.fullmatch(word) else _ANY_WORD for word in pieces[1::2]]
    return "".join(text + word for text, word in zip(texts, [*words, ""], strict=True))


def _is_strong(template: str) -> bool:
    """The prefix can only be one: it has a time, or a separator that ordinary text does not begin with."""
    return "\0" in template or "|" in template or "]" in template


def shape(prefix: str) -> Shape:
    """The shape of a prefix, as it stands before one of the lines."""
    if found := _FOUND_BY_GREP.fullmatch(prefix):
        file = re.escape(found["file"])[:-1] + "[:-]" if found["file"] else ""
        numbered = re.compile(rf"{file} *\d{{1,9}}[:\t-]" if found["line"] else file)
        return Shape(numbered, numbered)
    return _shape_of(_TIMES.sub("\0", prefix))


class View(Text):
    """The lines that have a prefix, without it.

    Args:
        lines: the cursor stands at a line with the prefix; moving the view moves it.
        prefix: its shape, or None where only the current line has one.
        column: where the current line's content begins.
        html: the lines are escaped for HTML.
        typeset: they went through a program that sets text.
        fence: what the fence begins with that closes the block of code in which they stand; "" outside of one.
        width: characters after which each longer line was wrapped.
    """

    def __init__(
        self,
        lines: Text,
        prefix: Wrapping | None,
        column: int,
        *,
        html: bool,
        typeset: bool = False,
        fence: str = "",
        width: int | None = None,
    ) -> None:
        self._lines = lines
        self._shape = prefix
        self._html = html
        self._typeset = typeset
        self.fence = fence
        self._width = width
        self._first = lines.number
        self._column = column
        self._foreign: dict[int, str] = {}
        self._foreign_size = 0  # characters
        self._begin_anew()

    @property
    def foreign(self) -> list[tuple[int, str]]:
        """The lines of other processes that were passed over, with their numbers; of XML, what the last leaves."""
        passed = self.number
        further_out = self._lines.foreign if isinstance(self._lines, View) else []
        own = [(number, line) for number, line in self._foreign.items() if number < passed]
        return sorted([*own, *further_out])

    @property
    def number(self) -> int:  # noqa: D102 - see Cursor
        return self._lines.number

    def _begin_anew(self) -> None:
        self._coming = self._own_lines()
        self._seen: deque[tuple[int, int, str]] = deque()
        self._skipped = 0  # of its own lines
        self._passed = 0  # lines since `_coming` began, which its distances are counted from

    def _see(self, count: int) -> bool:
        """Have at least ``count`` own lines in ``_seen``; False where there are fewer."""
        while len(self._seen) < count:
            own = next(self._coming, None)
            if own is None:
                return False
            self._seen.append(own)
        return True

    def peek(self) -> str | None:  # noqa: D102 - see Cursor
        return self._seen[0][2] if self._see(1) else None

    def ahead(self) -> Iterator[str]:  # noqa: D102 - see Cursor
        place = self._skipped
        while self._see(place - self._skipped + 1):
            yield self._seen[place - self._skipped][2]
            place += 1

    def _own_lines(self) -> Iterator[tuple[int, int, str]]:
        """Each line's distance from the cursor, that of what comes behind it, and its content."""
        pieces: list[str] = []
        start = size = 0
        for distance, content, goes_on in self._pieces():
            if pieces and self._width and content.startswith("  "):
                yield start, distance, "".join(pieces)  # a line that just filled the width
                pieces, size = [], 0
            start = start if pieces else distance
            pieces.append(content)
            size += len(content)
            if goes_on and size < _LONGEST_JOINED:
                continue
            if self.fence and is_closing(content, self.fence):
                return
            yield start, distance + 1, "".join(pieces)
            pieces, size = [], 0
        if pieces:
            yield start, start + len(pieces), "".join(pieces)

    def _pieces(self) -> Iterator[tuple[int, str, bool]]:
        """The distance and the content of each line that has the prefix, and whether the line goes on in the next."""
        foreign = 0
        number = self._lines.number
        for distance, line in enumerate(self._lines.ahead()):
            first = number + distance == self._first
            content = self._content(line, first=first)
            if self._html and not first and _XML_END.match(line):
                return
            if content is not None:
                foreign = 0
                yield distance, content, self._is_piece(line)
                if self._end_in_xml(line, first=first):
                    return
            elif self._is_foreign(line) and foreign < _MAX_FOREIGN:
                foreign += 1
            else:
                return

    def _end_in_xml(self, line: str, *, first: bool) -> int:
        """The column behind the tag that ends the text; 0 where the text goes on."""
        end = _XML_END.search(line, self._column if first else 0) if self._html else None
        return end.end() if end else 0

    def _is_piece(self, line: str) -> bool:
        return len(line) == self._width or (self._shape is not None and self._shape.is_piece(line))

    def _is_foreign(self, line: str) -> bool:
        room = self._foreign_size < _MOST_FOREIGN
        return self._shape is not None and room and self._shape.is_foreign(line)

    def _content(self, line: str, *, first: bool) -> str | None:
        line = _as_typed(line) if self._typeset else line
        content: str | None = line
        if first:
            content = line[self._column :]
        elif self._shape is not None:
            content = self._shape.content(line)
        return _unescaped(content) if self._html and content is not None else content

    def skip(self, count: int = 1) -> None:  # noqa: D102 - see Cursor
        for _ in range(count):
            if not self._see(1):
                return
            _, end, _ = self._seen.popleft()
            self._skipped += 1
            # To the next line of its own, or else behind this one: what follows is none of the view's.
            self._pass_over((self._seen[0][0] if self._see(1) else end) - self._passed)

    def _pass_over(self, distance: int) -> None:
        for _ in range(distance):
            line = self._lines.peek() or ""
            if self._shape is not None and self._content(line, first=self.number == self._first) is None:
                self._foreign[self.number] = line
                self._foreign_size += len(line)
            elif (end := self._end_in_xml(line, first=self.number == self._first)) and _begins_in_xml(line[end:]):
                self._foreign[self.number] = line[end:]  # the next test's text
            self._lines.skip()
            self._passed += 1

    def before(self, count: int) -> list[str]:  # noqa: D102 - see Text
        return [content for _, content in reversed(self._before(count))]

    def _before(self, count: int) -> list[tuple[int, str]]:
        """Distances and contents of own lines before the cursor, the nearest first."""
        found, ended = self._own_among(self._lines.before(count), count)
        if not ended and self._shape is not None:  # other processes' lines are among them
            found, _ = self._own_among(self._lines.before(count + _MAX_FOREIGN), count)
        return found

    def _own_among(self, before: list[str], count: int) -> tuple[list[tuple[int, str]], bool]:
        """Up to ``count`` own lines among those before the cursor, and whether there are no more to be found."""
        found: list[tuple[int, str]] = []
        for distance, line in enumerate(reversed(before), start=1):
            content = self._content(line, first=self._lines.number - distance == self._first)
            if content is not None:
                found.append((distance, content))
            elif not self._is_foreign(line):
                return found, True
            if len(found) == count:
                break
        return found, len(found) == count or len(before) < count

    def back(self, count: int) -> None:  # noqa: D102 - see Text
        found = self._before(count)
        if count and found:
            self._lines.back(found[min(count, len(found)) - 1][0])
            self._begin_anew()


def view(lines: Text, column: int, *, in_block: str) -> Text:
    """The lines as a format reads them whose text begins at ``column`` of the current line.

    ``in_block`` is the ``fence`` of the traceback before: its block may still be open.
    """
    line = lines.peek() or ""
    first = [after[:_LONGEST_PREFIX] for after in lines.next_lines(4)]
    together = "\n".join(first)
    html = "&" in together and _HTML.search(together) is not None
    typeset = not together.isascii() and _TYPESET.search(together) is not None
    found, column = _shape_before(lines, line, column) if column else (None, 0)
    above = lines.before(LINES_ABOVE)
    fence = _fence(above, found, line[:column], in_block=in_block)
    html = html or _is_in_xml(above, line)
    width = None if column else _wrapped_at(first)
    if column or html or typeset or fence or width:
        return View(lines, found, column, html=html, typeset=typeset, fence=fence, width=width)
    return lines


def _wrapped_at(lines: list[str]) -> int | None:
    """The width at which a terminal broke lines, if the first frame of CPython's among them is broken."""
    for line, below, code in zip(lines, lines[1:], [*lines[2:], ""], strict=False):
        if not line.lstrip().startswith('File "') or below.startswith("   ") or not _FRAME.match(line + below):
            continue
        if not _FRAME.match(line) or (_NAME_S_END.match(below) and code.startswith("    ")):
            return len(line)
    return None


def _is_in_xml(above: list[str], line: str) -> bool:
    """The line stands in a report of a test run, in which a test's text ends with a tag."""
    if any(text.startswith("&gt; ") for text in above):
        return True  # pytest's mark on the failing line
    return any(map(_begins_in_xml, (*above, line)))


def _begins_in_xml(line: str) -> bool:
    return "<" in line and any(beginning in line for beginning in _XML_BEGINNINGS)


def _fence(above: list[str], found: Shape | None, before: str, *, in_block: str) -> str:
    """What the fence begins with in whose block the current line stands; ``before`` it in the same line is more."""
    if found is not None:
        above = [content for content in map(found.content, above) if content is not None]
    return opened_by([*above, before], before=in_block)


def _shape_before(lines: Text, line: str, column: int) -> tuple[Shape | None, int]:
    """The shape of what stands before ``column`` and its length: of all of it, or of what a known tool put there."""
    neighbours = lines.next_lines(_LOOKED_AT + 1)[1:]
    for end in (column, min(wrapper_end(line), column)):
        if not 0 < end <= _LONGEST_PREFIX:
            continue
        found = shape(line[:end])
        if _is_shared(found, neighbours) or _is_shared(found, lines.before(1)):
            return found, end
    return None, column


def _is_shared(found: Shape, neighbours: list[str]) -> bool:
    for line in neighbours:
        if found.content(line) is not None:
            return True
        if not found.is_foreign(line):
            return False
    return False


def _unescaped(line: str) -> str:
    return unescape(_HTML_END.sub("", line))


def _as_typed(line: str) -> str:
    if indentation := _INDENTATION.match(line):
        line = indentation[0].replace("\xa0", " ") + line[indentation.end() :]
    return _QUOTED_FILE.sub(r'\1"\2"', line)
