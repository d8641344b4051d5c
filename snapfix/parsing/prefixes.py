"""What stands before every line of a wrapped text: a container's name, a time, a quotation mark.

A prefix is recognised by its shape. Times differ from line to line, everything else is the same; a line with another
name in the same place belongs to another process whose output was mixed in, and is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from itertools import islice

from snapfix.parsing.lines import Lines, Text

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?"
_TIME = (
    rf"(?:\d{{4}}[-/]\d\d[-/]\d\d(?:[T ]{_CLOCK})?(?: ?Z| ?[+-]\d\d:?\d\d)?"
    rf"|\d\d/{_MONTH}/\d{{4}}:\d\d:\d\d:\d\d(?: [+-]\d{{4}})?"
    rf"|{_MONTH} [ \d]\d (?:\d{{4}} )?{_CLOCK}"
    rf"|{_CLOCK}"
    r"|\d{1,12}\.\d{1,9})"  # seconds since the start, or since 1970
)
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|STDOUT|STDERR)"
_TIMES = re.compile(rf"(?<![\d.:]){_TIME}(?![\d:])")
_LEVELS = re.compile(_LEVEL, re.IGNORECASE)
_WORDS = re.compile(r"([\w./@-]+)")
_ANY_WORD = r"[\w./@-]{1,100}"

_WRAPPER = re.compile(
    "(?:"
    + "|".join(
        (
            rf"\[? *{_TIME}\]?:? (?:std(?:out|err) [FP] |\d\d[EO][+ ] ?)?",  # a time; CRI; GitLab
            r"[\w.-]{1,100} {1,40}\| ?",  # docker compose, foreman
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
_LOOKED_AT = 12
"""Lines among which another one with the same prefix stands."""
_MAX_FOREIGN = 200
"""Lines of other processes between two lines of a traceback."""
_LONGEST_PREFIX = 500
_HTML = re.compile(r"&(?:quot|lt|gt|amp|#34|#39|#x27);")
_HTML_END = re.compile(r"</(?:pre|code|textarea|div|p)>.*$")


def wrapper_end(line: str) -> int:
    """The column behind the prefix that a known tool (a container runtime, a CI service, syslog ...) puts there."""
    match = _WRAPPER.match(line[: 2 * _LONGEST_PREFIX])
    return match.end() if match else 0


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a prefix.

    Attributes:
        own: matches it.
        bare: matches what is left of it on a line that is empty otherwise, where trailing white space is often lost.
        general: matches it with any names in the place of its own; None where it has none.
    """

    own: re.Pattern[str]
    bare: re.Pattern[str]
    general: re.Pattern[str] | None

    def content(self, line: str) -> str | None:
        """What stands behind the prefix; None where the line does not have it."""
        match = self.own.match(line)
        if match:
            return line[match.end() :]
        return "" if len(line) <= _LONGEST_PREFIX and self.bare.fullmatch(line.rstrip()) else None

    def is_foreign(self, line: str) -> bool:
        """The line has a prefix of this kind, but with another name."""
        return self.general is not None and self.general.match(line) is not None


@lru_cache(maxsize=256)
def _shape_of(template: str) -> Shape:
    """The shape of a prefix in which each time is a NUL."""
    own = re.compile(_pattern(template, re.escape))
    bare = re.compile(_pattern(template.rstrip(), re.escape))
    general = _pattern(template, _general)
    return Shape(own, bare, re.compile(general) if _is_strong(template) and _ANY_WORD in general else None)


def _pattern(template: str, pattern_of: Callable[[str], str]) -> str:
    return _TIME.join(map(pattern_of, template.split("\0")))


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
    return _shape_of(_TIMES.sub("\0", prefix))


class View(Text):
    """The lines that have a prefix, without it.

    Args:
        lines: the cursor stands at a line with the prefix; moving the view moves it.
        prefix: its shape, or None where only the current line has one.
        column: where the current line's content begins.
        html: the lines are escaped for HTML.
    """

    def __init__(self, lines: Lines, prefix: Shape | None, column: int, *, html: bool) -> None:
        self._lines = lines
        self._shape = prefix
        self._html = html
        self._first = lines.number
        self._column = column
        self._foreign: dict[int, str] = {}

    @property
    def foreign(self) -> list[tuple[int, str]]:
        """The lines of other processes that were passed over, with their numbers."""
        passed = self.number
        return [(number, line) for number, line in sorted(self._foreign.items()) if number < passed]

    @property
    def number(self) -> int:  # noqa: D102 - see Cursor
        return self._lines.number

    def peek(self) -> str | None:  # noqa: D102 - see Cursor
        return next(self.ahead(), None)

    def ahead(self) -> Iterator[str]:  # noqa: D102 - see Cursor
        return (content for _, content in self._own_lines())

    def _own_lines(self) -> Iterator[tuple[int, str]]:
        """Each line's distance from the cursor, and its content."""
        foreign = 0
        number = self._lines.number
        for distance, line in enumerate(self._lines.ahead()):
            content = self._content(line, first=number + distance == self._first)
            if content is not None:
                foreign = 0
                yield distance, content
            elif self._is_foreign(line) and foreign < _MAX_FOREIGN:
                foreign += 1
            else:
                return

    def _is_foreign(self, line: str) -> bool:
        return self._shape is not None and self._shape.is_foreign(line)

    def _content(self, line: str, *, first: bool) -> str | None:
        content: str | None = line
        if first:
            content = line[self._column :]
        elif self._shape is not None:
            content = self._shape.content(line)
        return _unescaped(content) if self._html and content is not None else content

    def skip(self, count: int = 1) -> None:  # noqa: D102 - see Cursor
        if self._shape is None:
            self._lines.skip(count)
            return
        for _ in range(count):
            own = list(islice(self._own_lines(), 2))
            # To the next line of its own, or else behind this one: what follows is none of the view's.
            self._pass_over(own[1][0] if len(own) > 1 else own[0][0] + 1 if own else 0)

    def _pass_over(self, distance: int) -> None:
        for _ in range(distance):
            line = self._lines.peek() or ""
            if self._shape is not None and self._content(line, first=self.number == self._first) is None:
                self._foreign[self.number] = line
            self._lines.skip()

    def before(self, count: int) -> list[str]:  # noqa: D102 - see Text
        return [content for _, content in reversed(self._before(count))]

    def _before(self, count: int) -> list[tuple[int, str]]:
        """Distances and contents of own lines before the cursor, the nearest first."""
        found: list[tuple[int, str]] = []
        lines = self._lines.before(count if self._shape is None else count + _MAX_FOREIGN)
        for distance, line in enumerate(reversed(lines), start=1):
            content = self._content(line, first=self._lines.number - distance == self._first)
            if content is not None:
                found.append((distance, content))
            elif not self._is_foreign(line):
                break
            if len(found) == count:
                break
        return found

    def back(self, count: int) -> None:  # noqa: D102 - see Text
        found = self._before(count)
        if count and found:
            self._lines.back(found[min(count, len(found)) - 1][0])


def view(lines: Lines, column: int) -> Text:
    """The lines as a format reads them whose text begins at ``column`` of the current line."""
    line = lines.peek() or ""
    html = any(_HTML.search(after[:_LONGEST_PREFIX]) for after in lines.next_lines(3))
    if not column and not html:
        return lines
    neighbours = lines.next_lines(_LOOKED_AT + 1)[1:]
    for end in (column, min(wrapper_end(line), column)):
        if not 0 < end <= _LONGEST_PREFIX:
            continue
        found = shape(line[:end])
        if _is_shared(found, neighbours) or _is_shared(found, lines.before(1)):
            return View(lines, found, end, html=html)
    return View(lines, None, column, html=html)


def _is_shared(found: Shape, neighbours: list[str]) -> bool:
    for line in neighbours:
        if found.content(line) is not None:
            return True
        if not found.is_foreign(line):
            return False
    return False


def _unescaped(line: str) -> str:
    return unescape(_HTML_END.sub("", line))
