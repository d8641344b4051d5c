"""Text in, tracebacks out. To read another layout: write one module, add one line to ``FORMATS``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from snapfix.crash import Traceback
from snapfix.parsing import embedded
from snapfix.parsing.base import Format
from snapfix.parsing.lines import Lines
from snapfix.parsing.prefixes import View, view
from snapfix.parsing.search import Finder

FORMATS: tuple[Format, ...] = (
    Format("cpython", "cpython", ("Traceback (most recent call last):", '  File "', "+-+---------------- 1 ---")),
)
"""The layouts that are read, the more particular first."""

_FINDER = Finder(marker for form in FORMATS for marker in form.markers)
_DEEPEST = 3
"""How often a text may have been escaped: a log record inside another's message."""


def scan(blocks: Iterable[str | bytes], origin: str = "") -> Iterator[Traceback]:
    """Find every traceback of a text, in one pass, in time linear in its length and in bounded memory.

    Args:
        blocks: the text, each block one or more whole lines, as text or in UTF-8 (see ``intake.read``). It is read
            only as far as the next traceback needs: the end of a message is certain only when something else was
            printed, so the last traceback of a text is yielded when the text ends. An empty block says that nothing
            arrived for a while: a traceback that seems complete is yielded then.
        origin: where it comes from, for display.

    Yields:
        Each traceback as soon as it is complete. What a text cut off, or what was left out of an enormous one,
        is named in ``missing``. A traceback that ends before its exception has a ``type_name`` of ``""``.
    """
    for traceback in _scan(Lines(blocks, _FINDER), 0):
        yield replace(traceback, origin=origin) if origin else traceback


def _scan(lines: Lines, depth: int) -> Iterator[Traceback]:
    while True:
        while lines.seek():
            yield from _read(lines, depth)
        if lines.ended:
            return
        lines.resume()


def _read(lines: Lines, depth: int) -> Iterator[Traceback]:
    line, start = lines.peek() or "", lines.number
    lines.pin()
    for form in FORMATS:
        marker = next((marker for marker in form.markers if marker in line), None)
        if marker is None:
            continue
        if depth < _DEEPEST and embedded.is_escaped(line, line.find(marker)):
            found = list(_inside(line, line.find(marker), start, depth))
            if found:
                lines.skip()
                lines.forget()
                yield from found
                return
        layout = form.load()
        column = layout.begins(line)
        if column is None:
            continue
        text = view(lines, column)
        traceback = layout.read(text)
        if traceback is not None:
            if lines.paused and _is_unfinished(traceback) and lines.reread():
                lines.resume()
                return
            if isinstance(text, View) and text.foreign:
                lines.put_back(text.foreign)
            lines.forget()
            yield traceback
            return
        if lines.number > start:
            return
    lines.skip(start - lines.number + 1)


def _inside(line: str, column: int, number: int, depth: int) -> Iterator[Traceback]:
    """The tracebacks in the string around ``column``, which all stand in this one line."""
    text = embedded.text_at(line, column)
    if text is None:
        return
    for traceback in _scan(Lines([text], _FINDER), depth + 1):
        yield replace(traceback, first_line=number, last_line=number)


def _is_unfinished(traceback: Traceback) -> bool:
    """Its exception is still to come."""
    return not traceback.exception.type_name
