r"""Text of which every line was put into a JSON record of its own, by what carries a program's output.

What people pipe, and who writes it::

    {"log":"  File \"shop.py\", line 3, in price\n","stream":"stderr","time":"2024-05-01T10:00:00.123456789Z"}
                                                                                       Docker's json-file driver
    {"MESSAGE":"  File \"shop.py\", line 3, in price","_PID":"812","PRIORITY":"3"}     journalctl -o json
    {"textPayload":"  File \"shop.py\", line 3, in price","timestamp":"2024-..."}      Google Cloud Logging
    {"message":"  File \"shop.py\", line 3, in price","kubernetes":{"pod_name":"shop-1"}}    Fluent Bit, Vector
    1,error,"Traceback (most recent call last):
      File ""shop.py"", line 3, in price                                               a log exported as CSV

Such a record is a wrapping like a prefix: the line is in one of its fields, and other fields tell whose it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from snapfix.parsing.text import prefixes
from snapfix.parsing.text.lines import Text

_LONGEST = 64 * 1024
"""Characters of a record's line: Docker and containerd split a program's line after 16 KiB."""
_LONGEST_PREFIX = 500
_DEEPEST = 4
_FRAME_IN_CSV = re.compile(r'File ""[^"]{1,1000}"", line \d')
_WHOSE = re.compile(
    r"_?(?:stream|pid|_?stream_id|(?:container|pod|host|unit|namespace|task|instance|process|thread|service)"
    r"(?:_?(?:name|id))?|_systemd_unit|syslog_identifier|log_?stream(?:_?name)?|source|tag|replica)$",
    re.IGNORECASE,
)
"""Fields that differ between processes whose output is mixed, and are the same for all lines of one."""

_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Records:
    """The kind of record that the lines of one process stand in.

    Attributes:
        path: the names of the fields that lead to the line.
        whose: the fields that tell the process, and their values.
        ended: a line's text has its newline, but for the pieces of a long one.
    """

    path: _Path
    whose: frozenset[tuple[_Path, str]]
    ended: bool = False

    def content(self, line: str) -> str | None:
        """The line in the record; None where it is no such record, or another process's."""
        content, whose = _line_in(line, self.path)
        return content.rstrip("\r\n") if content is not None and whose == self.whose else None

    def is_foreign(self, line: str) -> bool:
        """The line is in a record of this kind, but of another process."""
        content, whose = _line_in(line, self.path)
        return content is not None and whose != self.whose

    def is_piece(self, line: str) -> bool:
        """The line goes on in the next record."""
        content, _ = _line_in(line, self.path)
        return self.ended and content is not None and not content.endswith("\n")


class RecordView(prefixes.View):
    """The lines in the records of one process."""

    def __init__(self, lines: Text, records: Records) -> None:
        super().__init__(lines, records, 0, html=False)
        self._records = records

    def _content(self, line: str, *, first: bool) -> str | None:  # noqa: ARG002 - the first one is a record, too
        return self._records.content(line)


class CsvView(prefixes.View):
    """The lines of a field of a CSV table, in which quotation marks are doubled, and one alone begins or ends it."""

    def __init__(self, lines: Text) -> None:
        super().__init__(lines, None, 0, html=False)

    def _content(self, line: str, *, first: bool) -> str | None:
        begins = _alone(line).rfind('"') + 1 if first else 0
        ends = _alone(line).find('"', begins)
        return line[begins : ends if ends >= 0 else None].replace('""', '"')


def _is_in_csv(lines: Text) -> bool:
    line = lines.peek() or ""
    if not line.endswith("(most recent call last):") and '""' not in line:
        return False
    return any(_FRAME_IN_CSV.search(near, 0, _LONGEST) for near in lines.next_lines(2))


def _alone(line: str) -> str:
    """The line without its doubled quotation marks, and as long."""
    return line.replace('""', "\0\0")


def view(lines: Text, markers_in: Callable[[str], int]) -> RecordView | CsvView | None:
    """The lines of which the current one is in a record and holds all markers that the record holds.

    None where it is no record, or one that was not made of a line: that of a logger which knows of exceptions.
    """
    if _is_in_csv(lines):
        return CsvView(lines)
    lines = _without_prefix(lines)
    line = lines.peek() or ""
    record = _record(line)
    if record is None:
        return None
    texts = [(path, value) for path, value in _fields(record) if isinstance(value, str)]
    for path, value in texts:
        if _is_line(value) and (marked := markers_in(value)):
            copies = sum(other == value for _, other in texts)
            if markers_in(line) > copies * marked:
                return None
            return RecordView(lines, Records(path, _whose(record), value.endswith("\n")))
    return None


def _without_prefix(lines: Text) -> Text:
    """The lines behind what docker compose, kubectl or a CI service put before each record."""
    line = lines.peek() or ""
    column = line.find('{"', 0, _LONGEST_PREFIX) if line.endswith("}") else 0
    return prefixes.view(lines, column, in_block="") if column > 0 else lines


@lru_cache(maxsize=96)
def _line_in(line: str, path: _Path) -> tuple[str | None, frozenset[tuple[_Path, str]]]:
    record = _record(line)
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if record is None or not isinstance(value, str) or not _is_line(value):
        return None, frozenset()
    return value, _whose(record)


def _is_line(value: str) -> bool:
    return "\n" not in value[:-1]


def _whose(record: dict[str, object]) -> frozenset[tuple[_Path, str]]:
    return frozenset(
        (path, str(value)) for path, value in _fields(record) if value is not None and _WHOSE.match(path[-1])
    )


def _fields(record: dict[str, object], above: _Path = ()) -> Iterator[tuple[_Path, object]]:
    """The fields of a record and of those in it, but for lists."""
    for name, value in record.items():
        if isinstance(value, dict):
            if len(above) + 1 < _DEEPEST:
                yield from _fields(value, (*above, name))
        elif not isinstance(value, list):
            yield (*above, name), value


def _record(line: str) -> dict[str, object] | None:
    if not line.startswith("{") or len(line) > _LONGEST:
        return None
    with suppress(ValueError, RecursionError):
        found = json.loads(line, strict=False)
        return found if isinstance(found, dict) else None
    return None
