"""Text in, tracebacks out. To read another layout: write one module, add one line to ``formats.FORMATS``."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from snapfix.crash import ParsedException, Traceback
from snapfix.errors import SnapfixError
from snapfix.parsing.base import Format, Layout
from snapfix.parsing.formats import FORMATS, NEEDLES
from snapfix.parsing.text import embedded, records
from snapfix.parsing.text.bounds import breaks_off
from snapfix.parsing.text.fences import LINES_ABOVE
from snapfix.parsing.text.lines import Lines, Text
from snapfix.parsing.text.prefixes import View, view
from snapfix.parsing.text.search import Finder

_FINDER = Finder((marker for form in FORMATS for marker in form.markers), NEEDLES)
_DEEPEST = 3
"""How often a text may have been escaped: a log record inside another's message."""
_LONGEST_KNOWN = 200
"""Characters of a line that is remembered."""


def scan(
    blocks: Iterable[str | bytes], origin: str = "", *, first_line: int = 1, strict: bool = False
) -> Iterator[Traceback]:
    """Find every traceback of a text, in one pass, in time linear in its length and in bounded memory.

    Args:
        blocks: the text, each block one or more whole lines, as text or in UTF-8 (see ``intake.read``). It is read
            only as far as the next traceback needs: the end of a message is certain only when something else was
            printed, so the last traceback of a text is yielded when the text ends. An empty block says that nothing
            arrived for a while: a traceback that seems complete is yielded then.
        origin: where it comes from, for display.
        first_line: the number of the first line, where the blocks are not the beginning of the text.
        strict: a layout that fails raises. Otherwise it is passed over: the text may hold what no author thought of,
            and that must not cost the user the other tracebacks.

    Yields:
        Each traceback as soon as it is complete. What a text cut off, or what was left out of an enormous one,
        is named in ``missing``. A traceback that ends before its exception has a ``type_name`` of ``""``.
    """
    for traceback in _scan(Lines(blocks, _FINDER, numbers=(first_line,), strict=strict), 0):
        yield replace(traceback, origin=origin) if origin else traceback


def may_hold_tracebacks(text: bytes) -> bool:
    """A traceback, or a part of one, may begin in the text; most of an ordinary log has no such place."""
    return Lines([text], _FINDER).seek()


@lru_cache(maxsize=256)
def _candidates(found: frozenset[int]) -> tuple[Format, ...]:
    """The layouts of which a line may hold a marker in which these needles were found."""
    possible = {marker for needle in found for marker in _FINDER.markers_at(needle)}
    return tuple(form for form in FORMATS if not possible.isdisjoint(form.markers))


def _find_layouts(line: str, needles: frozenset[int]) -> Iterator[tuple[Format, int]]:
    """The layouts of which a traceback may begin in the line or near it, and at which column their text begins."""
    for form in _candidates(needles):
        if any(marker in line for marker in form.markers):
            column = form.load().begins(line)
            if column is not None:
                yield form, column


@lru_cache(maxsize=512)
def _layouts(line: str, needles: frozenset[int]) -> tuple[tuple[Format, int], ...]:
    """The same, remembered: a log repeats the lines in which its tracebacks begin."""
    return tuple(_find_layouts(line, needles))


def _scan(lines: Lines, depth: int) -> Iterator[Traceback]:
    while True:
        while lines.seek():
            yield from _read(lines, depth)
        if lines.ended:
            return
        lines.resume()


def _read(lines: Lines, depth: int) -> Iterator[Traceback]:
    start = lines.number
    lines.pin()
    unwrapped = records.view(lines, _markers_in) or lines
    line = unwrapped.peek() or ""
    if depth < _DEEPEST and (strings := embedded.list_around(lines)):
        yield from _inside_list(lines, strings, depth)
        return
    found = list(_inside(lines, line, depth)) if depth < _DEEPEST else []
    if found:
        lines.skip()
        lines.forget()
        yield from found
        return
    views: dict[int, Text] = {}
    needles = frozenset(lines.needles() if unwrapped is lines else range(len(_FINDER.needles)))
    for form, column in _layouts(line, needles) if len(line) <= _LONGEST_KNOWN else _find_layouts(line, needles):
        if column not in views:
            views[column] = view(unwrapped, column, in_block=_fence_before(lines))
        found_any = yield from _read_listed(lines, views[column], form.load(), listed=form.listed)
        if found_any:
            return
        if lines.paused and lines.reread():  # what is here may be the beginning of one
            lines.resume()
            return
        if lines.number > start:
            return
    lines.skip(start - lines.number + 1)


def _read_listed(lines: Lines, text: Text, layout: Layout, *, listed: bool) -> Generator[Traceback, None, bool]:
    """The traceback at the cursor, and in a list those directly below it; returns whether there is any."""
    found_any = False
    start = lines.number
    while (traceback := _read_one(layout, text, strict=lines.strict)) is not None:
        if lines.number == start:
            lines.skip()  # whatever was read, it is not read twice
        if lines.paused and _is_unfinished(traceback) and lines.reread():
            lines.resume()
            return True
        foreign = text.foreign if isinstance(text, View) else []
        lines.in_block, lines.block_at = text.fence if isinstance(text, View) else "", lines.number
        if foreign:
            lines.put_back(foreign)
        lines.forget()
        yield traceback
        found_any = True
        if foreign or not listed:
            break
        start = lines.number
        lines.pin()
    return found_any


def _fence_before(lines: Lines) -> str:
    """The fence of the last traceback's block of code, if what closed it would still be seen."""
    return lines.in_block if lines.number - lines.block_at <= LINES_ABOVE else ""


def _read_one(layout: Layout, text: Text, *, strict: bool) -> Traceback | None:
    try:
        return layout.read(text)
    except SnapfixError:  # of the input, not of the layout
        raise
    except Exception:
        if strict:
            raise
        return None


def _inside(lines: Lines, line: str, depth: int) -> Iterator[Traceback]:
    """The tracebacks in the strings of the line, which all stand in this one line."""
    if not embedded.may_be_escaped(line):
        return
    columns = sorted(line.find(marker) for marker in _FINDER.markers if marker in line)
    if not columns or not embedded.is_escaped(line, columns[0]):
        return
    seen: set[ParsedException] = set()  # a record may quote the same traceback in several fields
    for text in embedded.texts(line, columns):
        begins_here = line.startswith(text.partition("\n")[0])
        for traceback in _scan(Lines([text], _FINDER, strict=lines.strict), depth + 1) if _markers_in(text) else ():
            if begins_here and traceback.last_line == 1:
                continue  # it is the line itself, which quotes something: `cart.c:3:5: error: no such text: "a\nb"`
            if traceback.exception not in seen:
                seen.add(traceback.exception)
                yield replace(traceback, first_line=lines.number, last_line=lines.number)


def _inside_list(lines: Lines, strings: embedded.StringList, depth: int) -> Iterator[Traceback]:
    """The tracebacks in the list of strings around the current line, which all stand in its lines."""
    first = lines.number - strings.above
    lines.skip(strings.rest)
    lines.forget()
    for traceback in _scan(Lines([strings.text], _FINDER, strict=lines.strict), depth + 1):
        yield replace(traceback, first_line=first, last_line=lines.number - 1)


def _markers_in(text: str) -> int:
    return len(_FINDER.find(text.encode("utf-8", "replace")))


def _is_unfinished(traceback: Traceback) -> bool:
    """The rest of it may still come."""
    return not traceback.exception.type_name or breaks_off(traceback.missing)
