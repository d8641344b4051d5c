"""Text in, tracebacks out. To read another layout: write one module, add one line to ``FORMATS``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from snapfix.crash import Traceback
from snapfix.parsing.base import Format
from snapfix.parsing.cpython import CPYTHON
from snapfix.parsing.lines import Lines

FORMATS: tuple[Format, ...] = (CPYTHON,)
"""The layouts that are read, the more particular first."""

_MARKERS = tuple(marker for form in FORMATS for marker in form.markers)


def scan(blocks: Iterable[str], origin: str = "") -> Iterator[Traceback]:
    """Find every traceback of a text, in one pass, in time linear in its length and in bounded memory.

    Args:
        blocks: the text, each block one or more whole lines (see ``intake.read``). It is read only as far as
            the next traceback needs: the end of a message is certain only when something else was printed,
            so the last traceback of a text is yielded when the text ends.
        origin: where it comes from, for display.

    Yields:
        Each traceback as soon as it is complete. What a text cut off, or what was left out of an enormous one,
        is named in ``missing``. A traceback that ends before its exception has a ``type_name`` of ``""``.
    """
    lines = Lines(blocks)
    while lines.seek(_MARKERS):
        traceback = _read(lines)
        if traceback is not None:
            yield replace(traceback, origin=origin)


def _read(lines: Lines) -> Traceback | None:
    line, start = lines.peek() or "", lines.number
    for form in FORMATS:
        if any(marker in line for marker in form.markers):
            traceback = form.read(lines)
            if traceback is not None:
                lines.forget()
                return traceback
            if lines.number > start:
                return None
    lines.skip(start - lines.number + 1)
    return None
