r"""Tracebacks inside a string of one line, with ``\n`` for line ends: a JSON log record's field, a string's ``repr``.

What people pipe, and who writes it::

    {"message": "failed", "exc_info": "Traceback (most recent call last):\n  File \"..."}     python-json-logger, GELF
    {"log": "{\"exception\": \"Traceback (most recent call last):\\n  File ..."}             escaped twice: a log driver
    {"traceback": ["Traceback (most recent call last):", "  File \"shop.py\", line 3 ..."]}  a string for each line
    level=error msg="it's late" exc="Traceback (most recent call last):\n  File \"..."       logfmt
    ['Traceback (most recent call last):\n', '  File "shop.py", line 3 ...\n', ...]          str(format_exception(e))
    b'Traceback (most recent call last):\n  File "shop.py", line 3 ...'                      str(process.stderr)
    May  1 10:00:00 web shop[8]: Traceback (most recent call last):#012  File "shop.py" ...  rsyslog

A notebook's file (``.ipynb``) has a list with each string on a line of its own; see ``list_around``.

A string may hold another line of this kind; whoever reads the text that comes out unescapes it again.
"""

from __future__ import annotations

import json
import re
import warnings
from ast import literal_eval
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import itemgetter

from snapfix.parsing.text.bounds import LONGEST_LINE
from snapfix.parsing.text.lines import Text

_LONGEST = 1024 * 1024
"""Characters of a line that are looked into."""
_MAX_STRINGS = 1_000
"""Pieces of a list of strings that are put together."""
_MAX_PLACES = 8
"""Places in a line at which a JSON document may begin."""
_OPENED = re.compile(r"(?<!\w)[bBuU]?$")
"""What stands before a quotation mark that opens a string: no letter, for that makes it an apostrophe."""
_QUOTE = re.compile("[\"']")
_GOES_ON = re.compile(r"[\w\\]")
_NEXT_STRING = re.compile(r"\s{0,100},\s{0,100}(?=[bBuU]?[\"'])[bBuU]?")
_ENDS = ('"', "'", ",", "+", "\\", ")", "]", "}", ";")
_PIECE = re.compile(
    r"""(?P<before>[^"']{0,100}(?:["'][\w.-]{1,40}["'][^"']{0,20})?(?<=[(\[{=:,])\s{0,10})?(?<!\w)"""
    r"""(?P<string>[bBuU]?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))"""
    r"""(?:,?(?:\s{0,10}[+\\])?|(?P<behind>[)\]};].{0,80}))"""
)
"""A string that makes up a line, with what may stand before the first of several, and behind the last."""
_SYSLOG_END = "#012"
"""What rsyslog makes of a line's end: control characters are written as octal numbers."""
_STRING_FOLLOWS = re.compile(r"[^\"']{0,200}[\"'],\s?[\"']")

_STRINGS = re.compile(r"\",\s?\"")
_NEAR = 20
"""Characters before a marker among which its own string begins."""

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def may_be_escaped(line: str) -> bool:
    """At first sight: the line holds a quotation mark or an escaped line end."""
    return '"' in line or "'" in line or "\\n" in line or _SYSLOG_END in line


def is_escaped(line: str, column: int) -> bool:
    r"""Behind ``column``, the line goes on with ``\n`` or with another string: it is in a text that was escaped."""
    if line.find("\\n", column) >= 0 or line.find(_SYSLOG_END, column) >= 0:
        return True
    if line.rstrip().endswith(("}", "]")) and _STRINGS.search(line, max(column - _NEAR, 0)):
        return True
    return _STRING_FOLLOWS.match(line, column) is not None


def texts(line: str, columns: Sequence[int]) -> Iterator[str]:
    """The texts of several lines in the strings of a line, unescaped once.

    They are those of the JSON document that the line holds. Where it holds none, the strings around ``columns``, which
    ascend; strings that only commas separate are put together.
    """
    if len(line) > _LONGEST:
        return
    found = document(line)
    if found is not None:
        yield from _texts_in(found)
        return
    if _SYSLOG_END in line:
        yield line.replace(_SYSLOG_END, "\n").replace("#011", "\t")
        return
    passed = 0
    for column in columns:
        if column >= passed:
            text, passed = _text_at(line, column)
            yield text


@lru_cache(maxsize=1)
def document(line: str) -> Json:
    """The JSON object or array that a line consists of, or ends with; None where there is none.

    What stands before it (a time, a container's name) must not look like the beginning of one.
    """
    if len(line) > _LONGEST or not line.rstrip().endswith(("}", "]")):
        return None
    decoder = json.JSONDecoder(strict=False)
    for place in list(_places(line)):
        with suppress(ValueError, RecursionError):
            found, end = decoder.raw_decode(line, place)
            if found and not line[end:].strip():
                return found  # type: ignore[no-any-return]
    return None


def _places(line: str) -> Iterator[int]:
    for count, match in enumerate(re.finditer(r"\{\s{0,100}\"|\[\s{0,100}[\"{]", line)):
        if count == _MAX_PLACES:
            return
        yield match.start()


def _texts_in(found: Json) -> Iterator[str]:
    """Every string with line ends, and every list of strings put together, in their order."""
    pending: list[Json] = [found]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            if "\n" in value or "\\n" in value:
                yield value
        elif isinstance(value, dict):
            pending.extend(reversed(value.values()))
        elif isinstance(value, list):
            strings = [item for item in value if isinstance(item, str)]
            if len(strings) > 1 and len(strings) == len(value):
                yield _joined(strings)
            else:
                pending.extend(reversed(value))


@dataclass(frozen=True, slots=True)
class StringList:
    """The strings of a list, put together, and the number of its lines above the current one and from that on."""

    text: str
    above: int
    rest: int


def list_around(lines: Text) -> StringList | None:
    r"""The JSON list of strings, each on a line of its own, that the current line is one of.

    That is how a notebook's file holds what was printed::

        "traceback": [
         "\u001b[31mKeyError\u001b[39m                    Traceback (most recent call last)",
         "Cell \u001b[32mIn[2]\u001b[39m, line 2\n..."
        ]

    and Python's ``pprint``, and a program in Python or JavaScript, a text::

        {'exc': 'Traceback (most recent call last):\\n'
                '  File "shop.py", line 3, in price\\n'
                "KeyError: 'price'\\n",

    None where the current line is no such line, or the only one.
    """
    piece = _piece_in(lines.peek() or "")
    if piece is None:
        return None
    above = [] if piece.opens else list(_above(reversed(lines.before(_MAX_STRINGS)), piece))
    rest = list(_from(islice(lines.ahead(), _MAX_STRINGS), piece))
    if len(above) + len(rest) < 2:
        return None
    strings = [piece.text for piece in (*reversed(above), *rest)]
    return StringList(_joined(strings) if piece.listed else "".join(strings), len(above), len(rest))


@dataclass(frozen=True, slots=True)
class _Piece:
    """The string in a line; whether it is certainly the first, or the last, of several; whether a comma follows."""

    text: str
    opens: bool
    closes: bool
    listed: bool


def _above(before: Iterable[str], current: _Piece) -> Iterator[_Piece]:
    """The pieces above the current one, the nearest first."""
    for line in before:
        piece = _piece_in(line)
        if piece is None or piece.closes or piece.listed != current.listed:
            return
        yield piece
        if piece.opens:
            return


def _from(lines: Iterable[str], current: _Piece) -> Iterator[_Piece]:
    """The pieces from the current one on; behind the last there is a comma where there is none behind the others."""
    for count, line in enumerate(lines):
        piece = _piece_in(line)
        if piece is None or (count and piece.opens):
            return
        yield piece
        if piece.closes or piece.listed != current.listed:
            return


def _piece_in(line: str) -> _Piece | None:
    """The string that a line consists of, perhaps with what stands before a list of them, or behind it."""
    text = line.strip()
    if len(text) > _LONGEST or not text.endswith(_ENDS):
        return None
    listed = text.endswith(",")
    if text[0] == '"':
        with suppress(ValueError):
            return _Piece(json.loads(text.removesuffix(","), strict=False), opens=False, closes=False, listed=listed)
    match = _PIECE.fullmatch(text) if len(text) <= LONGEST_LINE else None
    found = _literal(match["string"]) if match else None
    if match is None or found is None:
        return None
    decoded = found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)
    closes = bool(match["behind"])
    return _Piece(decoded, opens=bool(match["before"]), closes=closes, listed=listed and not closes)


def _joined(strings: list[str]) -> str:
    """Strings as the text that they were made of: its lines, or what ``traceback.format_exception`` returns."""
    return ("" if strings[0].endswith("\n") else "\n").join(strings)


def _text_at(line: str, column: int) -> tuple[str, int]:
    """The text that begins with the string around ``column``, and the column behind it."""
    quote, start, end = _string_around(line, column)
    strings = [_unescaped(line, quote, start, end)]
    while quote and len(strings) < _MAX_STRINGS and (match := _NEXT_STRING.match(line, end + 1)):
        quote, start = line[match.end()], match.end() + 1
        end = _closing(line, quote, start)
        strings.append(_unescaped(line, quote, start, end))
    return _joined(strings), end


def _unescaped(line: str, quote: str, start: int, end: int) -> str:
    inner = line[start:end]
    found: object = None
    if line[max(start - 2, 0) : start - 1] in ("b", "B"):
        found = _literal(f"b{quote}{inner}{quote}")
    elif quote == '"':
        with suppress(ValueError):
            found = json.loads(f'"{inner}"', strict=False)
    if found is None:
        found = _literal(f"{quote or chr(34)}{inner}{quote or chr(34)}")
    if isinstance(found, bytes):
        return found.decode("utf-8", "replace")
    if isinstance(found, str):
        return found
    return inner.replace("\\n", "\n").replace('\\"', '"').replace("\\t", "\t").replace("\\\\", "\\")


def _literal(text: str) -> object:
    """The value of a Python literal; None where it is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a backslash is no escape
        with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            return literal_eval(text)
    return None


def _string_around(line: str, column: int) -> tuple[str, int, int]:
    """The outermost string around ``column``: its quotation mark, and where what is in it begins and ends.

    What is quoted before the column is passed over, whatever it is quoted with: `done 'a', err="can't do 'b'\\n...`.
    """
    cut_off = {}
    passed = 0
    for match in _QUOTE.finditer(line, 0, column):
        quote, at = match[0], match.start()
        if at < passed or quote in cut_off or not _OPENED.search(line, max(at - 2, 0), at) or _is_escaped(line, at):
            continue
        end = _closing(line, quote, at + 1)
        if end == len(line):
            cut_off[quote] = at + 1
        elif end >= column:
            return quote, at + 1, end
        else:
            passed = end + 1
    quote, start = max(cut_off.items(), key=itemgetter(1), default=("", 0))
    return quote, start, len(line)


def _closing(line: str, quote: str, column: int) -> int:
    """Where the string ends that is open at ``column``: at a mark with no word behind it, for that would be quoted."""
    at = column
    while quote and (at := line.find(quote, at)) >= 0:
        if not _is_escaped(line, at) and not _GOES_ON.match(line, at + 1):
            return at
        at += 1
    return len(line)


def _is_escaped(line: str, at: int) -> bool:
    return _backslashes(line, at) % 2 == 1


def _backslashes(line: str, at: int) -> int:
    count = 0
    while at > count and line[at - count - 1] == "\\":
        count += 1
    return count
