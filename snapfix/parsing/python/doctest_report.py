"""Examples in documentation that failed, as ``doctest`` reports them, by itself and under pytest.

The layout, from the standard library's ``doctest.py`` (``python -m doctest``)::

    **********************************************************************
    File "/home/ada/shop.py", line 4, in shop.total
    Failed example:
        total([1, 2])
    Expected:                     or `Expected nothing`, `Differences (...):`, `Exception raised:`
        4
    Got:                          or `Got nothing`
        3
    **********************************************************************

and from pytest's ``doctest.py`` (``pytest --doctest-modules``)::

    _____________________________ [doctest] shop.total _____________________________
    003 Add the prices.
    004     >>> total([1, 2])
    Expected:
        4
    Got:
        3

    /home/ada/shop.py:4: DocTestFailure

    UNEXPECTED EXCEPTION: ...     instead, with CPython's traceback below it, and
    /home/ada/shop.py:9: UnexpectedException

An example that printed something else is a ``DocTestFailure``, which is what ``doctest`` itself raises where it is
asked to; what it expected and what it got are the message. One that raised is that exception, and the example's place
is the outermost frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.parsing.python import cpython
from snapfix.parsing.python.pytest_lines import Location, heading, is_ruler, location
from snapfix.parsing.python.quoted import Quoted
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_CODE_LINES, MAX_MESSAGE_LINES, Bounds, stood_above
from snapfix.parsing.text.lines import Cursor, Section, Text, without_prefix

_EXAMPLE = "Failed example:"
_TITLE = "[doctest] "
_RAISED = ("Exception raised:", "UNEXPECTED EXCEPTION: ")
_OUTCOMES = ("Expected", "Got", "Differences (", *_RAISED)
_PLACE = re.compile(r'File "(?P<file>.{1,1000})", line (?P<line>\d{1,9}|\?), in (?P<name>.{1,1000})$')
_SOURCE = re.compile(r"(?:\d{3,9}|\?\?\?) (.*)$|EXAMPLE LOCATION UNKNOWN")
_MAX_SOURCE = 2_000
"""Lines of documentation that pytest shows above the failing example."""
_PLACE_TYPES = ("DocTestFailure", "UnexpectedException")


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    found = heading(line)
    if found:
        return found[0] if found[1].startswith(_TITLE) else None
    return line.find(_EXAMPLE) if line.rstrip().endswith(_EXAMPLE) else None


def read(lines: Text) -> Traceback | None:
    """Read the failed example at the cursor, or the next one of the same item; see ``Layout.read``."""
    line = lines.peek() or ""
    if line.rstrip() == _EXAMPLE:
        return _plain(lines)
    found = heading(line)
    if found and found[1].startswith(_TITLE):
        lines.skip()
        return _in_pytest(lines, lines.number - 1, found[1].removeprefix(_TITLE))
    return _in_pytest(lines, lines.number, "") if _SOURCE.match(line[:LONGEST_LINE]) else None


# python -m doctest


def _plain(lines: Text) -> Traceback | None:
    above = lines.before(1)
    place = _PLACE.match(above[0][:LONGEST_LINE]) if above else None
    first_line = lines.number - 1 if place else lines.number
    lines.skip()
    content = Section(lines, without_prefix("    "))
    code = "\n".join(_taken(content, MAX_CODE_LINES))
    outcome = lines.peek() or ""
    if not outcome.startswith(_OUTCOMES):
        return None
    bounds = Bounds()
    if place is None:
        bounds.gap(stood_above(first_line))
    frame = Frame(place["file"], _lineno(place["line"]), place["name"], code) if place else Frame("", None, "", code)
    if outcome.startswith(_RAISED):
        lines.skip()
        return _raised(Quoted(content, iter), frame, first_line, bounds)
    message = _taken(Section(lines, _of_outcome), MAX_MESSAGE_LINES)
    return _failed(message, frame, first_line, lines.number - 1, bounds)


def _of_outcome(line: str) -> str | None:
    return line if not line.strip() or line.startswith(("    ", *_OUTCOMES)) else None


def _lineno(text: str) -> int | None:
    return int(text) if text != "?" else None


# pytest --doctest-modules


def _in_pytest(lines: Text, first_line: int, name: str) -> Traceback | None:
    code = _example(lines)
    outcome = lines.peek() or ""
    if not outcome.startswith(_OUTCOMES):
        return None
    bounds = Bounds()
    if outcome.startswith(_RAISED):
        lines.skip()
        traceback = _raised(Quoted(lines, _above_place), Frame("", None, name, code), first_line, bounds)
        place = _place(lines.peek() or "")
        if traceback is None or place is None:
            return traceback
        lines.skip()
        return _placed(traceback, place, lines.number - 1)
    message = _taken(Quoted(lines, _above_place), MAX_MESSAGE_LINES)
    traceback = _failed(message, Frame("", None, name, code), first_line, lines.number - 1, bounds)
    place = _place(lines.peek() or "")
    if place is None:
        gap = f"the place of the failure: it breaks off after line {lines.number - 1}"
        return replace(traceback, missing=(*traceback.missing, gap))
    lines.skip()
    return _placed(traceback, place, lines.number - 1)


def _example(lines: Text) -> str:
    """The failing example: the last that is shown, behind line numbers. Moves behind it where an outcome follows."""
    code: list[str] = []
    for distance, line in enumerate(islice(lines.ahead(), _MAX_SOURCE)):
        match = _SOURCE.match(line[:LONGEST_LINE])
        if match is None:
            lines.skip(distance if line.startswith(_OUTCOMES) else 0)
            break
        text = (match[1] or "").strip()
        if text.startswith(">>>"):
            code = [text[4:]]
        elif text.startswith("...") and len(code) < MAX_CODE_LINES:
            code.append(text[4:])
    return "\n".join(code)


def _above_place(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if is_ruler(line) or _place(line):
            return
        yield line


def _place(line: str) -> Location | None:
    place = location(line)
    return place if place and place.rest in _PLACE_TYPES else None


def _placed(traceback: Traceback, place: Location, last_line: int) -> Traceback:
    exception = traceback.exception
    first = replace(exception.frames[0], filename=place.file, lineno=place.line)
    exception = replace(exception, frames=(first, *exception.frames[1:]))
    return replace(traceback, exception=exception, last_line=last_line)


# both


def _failed(message: list[str], frame: Frame, first_line: int, last_line: int, bounds: Bounds) -> Traceback:
    while message and not message[-1].strip():
        message.pop()
    exception = ParsedException("DocTestFailure", bounds.cut("\n".join(message)), frames=(frame,))
    return Traceback("python", "doctest", first_line, last_line, exception, missing=bounds.missing)


def _raised(lines: Text, frame: Frame, first_line: int, bounds: Bounds) -> Traceback | None:
    found = cpython.read(lines)
    if found is None:
        return None
    exception = replace(found.exception, frames=(frame, *found.exception.frames))
    missing = (*bounds.missing, *found.missing)
    return replace(found, format="doctest", first_line=first_line, exception=exception, missing=missing)


def _taken(lines: Cursor, count: int) -> list[str]:
    taken = [line[:LONGEST_LINE] for line in islice(lines.ahead(), count)]
    lines.skip(len(taken))
    return taken
