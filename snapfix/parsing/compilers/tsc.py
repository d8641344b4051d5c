"""Errors of the TypeScript compiler (3.0 to 5.9) and of what prints as it does (Angular's, ``vue-tsc``).

The layouts, from ``formatDiagnostic`` and ``formatDiagnosticsWithColorAndContext`` of its ``program.ts``; the second is
the one on a terminal, or with ``--pretty``::

    src/cart.ts(6,11): error TS2322: Type 'Cart' is not assignable to type 'Shop'.
      Property 'name' is missing in type 'Cart'.

    src/cart.ts:6:11 - error TS2322: Type 'Cart' is not assignable to type 'Shop'.
      Property 'name' is missing in type 'Cart'.

    6     const sum: Shop = cart;
                ~~~

      src/cart.ts:3:32                        what the error has to do with
        3 interface Shop { name: string }
                           ~~~~
        'name' is declared here.

Each error is a crash of its own. One that is about no file (``error TS5023: Unknown compiler option``) has no frames.
"""

from __future__ import annotations

import re
from itertools import pairwise

from snapfix.crash import Frame, Traceback
from snapfix.parsing.compilers.compiled import Failure, is_path, is_underline, path_start, place_in, with_code
from snapfix.parsing.text.bounds import LONGEST_LINE
from snapfix.parsing.text.lines import Cursor, Text
from snapfix.parsing.text.prefixes import wrapper_end

_ERROR = re.compile(
    r"(?:^|(?P<plain>\((?P<line>\d{1,9}),(?P<column>\d{1,9})\): )|(?P<pretty> - ))error (?P<code>TS\d{1,6}): "
)
_NUMBERED = re.compile(r"(?P<gutter> *(?P<line>\d{1,9}) )")
_MAX_SHOWN = 100
"""Lines shown below one error: its code, and the places that it has to do with."""


def begins(line: str) -> int | None:
    """Where the path begins that an error names; see ``Layout.begins``."""
    match = _ERROR.search(line, 0, LONGEST_LINE)
    if match is None:
        at = line.find("error TS", 0, LONGEST_LINE)
        return at if _ERROR.match(line[at:LONGEST_LINE]) and wrapper_end(line[:at]) == at else None
    return path_start(line, match.start()) if match.start() else 0


def read(lines: Text) -> Traceback | None:
    """Read the error at the cursor; see ``Layout.read``."""
    line = lines.peek() or ""
    match = _ERROR.search(line, 0, LONGEST_LINE)
    if match is None:
        return None
    place = _place(line, match)
    if place is None and match.start():
        return None
    failure = Failure(lines, match["code"])
    failure.say(line[match.end() :])
    failure.take(lines)
    while (below := lines.peek()) is not None and below.startswith("  ") and below.strip():
        failure.say(below)
        failure.take(lines)
    if place is not None:
        if match["pretty"]:
            place = _code(lines, place, failure)
            _related(lines, failure)
        failure.frames = [place]
    return failure.finish("javascript", "tsc")


def _place(line: str, match: re.Match[str]) -> Frame | None:
    if match["plain"] and is_path(line[: match.start()]):
        return Frame(line[: match.start()], int(match["line"]), "", column=int(match["column"]))
    return place_in(line[: match.start()]) if match["pretty"] else None


def _code(lines: Cursor, place: Frame, failure: Failure) -> Frame:
    """Pass over the code between two empty lines; the place, with its line of it."""
    shown = lines.next_lines(_MAX_SHOWN)
    if len(shown) < 2 or shown[0].strip() or not _NUMBERED.match(shown[1]):
        return place
    end = next((n for n, line in enumerate(shown) if n and not _is_code(line)), len(shown))
    failure.take(lines, end)
    for line, below in pairwise([*shown[1:end], ""]):
        number = _NUMBERED.match(line)
        if number and number["line"] == str(place.lineno):
            width = number.end()
            return with_code(place, line[width:], below[width:] if is_underline(below) else "")
    return place


def _is_code(line: str) -> bool:
    """A numbered line of code, or what is drawn below one."""
    return bool(line.strip()) and (line.startswith((" ", "...")) or _NUMBERED.match(line) is not None)


def _related(lines: Cursor, failure: Failure) -> None:
    """Read the notes: each a place, its code, and what there is to say about it."""
    while True:
        shown = lines.next_lines(_MAX_SHOWN)
        if len(shown) < 2 or shown[0].strip() or not shown[1].startswith("  "):
            return
        place = place_in(shown[1].strip())
        if place is None:
            return
        end = next((n for n, line in enumerate(shown) if n and not line.startswith("  ")), len(shown))
        said = [line.strip() for line in shown[2:end] if not is_underline(line) and not _NUMBERED.match(line)]
        failure.note(f"{place.filename}:{place.lineno}: {' '.join(said)}")
        failure.take(lines, end)
