"""Errors of C and C++ compilers: GCC (4.5 to 15) and Clang, and of the linker about what they compiled.

The layout, from GCC's ``diagnostic.cc`` and ``diagnostic-show-locus.cc`` and Clang's ``TextDiagnostic.cpp``::

    In file included from shop.h:2,              where the place was reached from, innermost first
                     from cart.c:1:              (Clang repeats "In file included from", outermost first)
    cart.c: In function ‘total’:
    cart.c:9:12: error: ‘summ’ undeclared; did you mean ‘sum’?
        9 |     return summ + 1;                 Clang before 17 shows the line without a margin
          |            ^~~~
          |            sum
    cart.c:9:12: note: each undeclared identifier is reported only once
    cart.c:8:5: error:   when initialized here   GCC: indented, it goes on with the error above

    /usr/bin/ld: /tmp/cart.o: in function `main':
    cart.c:(.text+0x5): undefined reference to `total'

Each error is a crash of its own; its frames are the places that led there (includes, instantiations of templates,
uses of macros), then its own. Warnings and notes alone are none. Linters that print the same line put their rule's
name in brackets at its end (Clang-Tidy, Cppcheck): theirs are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from snapfix.crash import Frame, Traceback
from snapfix.parsing.compilers.compiled import Failure, is_underline, path_start, place_in, with_code
from snapfix.parsing.text.bounds import LONGEST_LINE
from snapfix.parsing.text.lines import Cursor, Text

_KINDS = ("error", "fatal error", "internal compiler error")
_UNDEFINED = "undefined reference to "
_SOURCE = re.compile(
    r"\.(?:c|h|cc|hh|cp|cxx|hxx|cpp|hpp|c\+\+|h\+\+|i|ii|ipp|inl|tcc|tpp|m|mm|cu|cuh|ino|s)$|/c\+\+/\d", re.IGNORECASE
)
_LINT = re.compile(r"\[[A-Za-z][\w.,-]*\]$")
_INCLUDED = re.compile(r"(?:In file included| +)\s*from (?P<file>.{1,1000}):(?P<line>\d{1,9})(?::\d{1,9})?[,:]$")
_MARGIN = re.compile(r" *(?P<line>\d{1,9}|\+{1,9})? \|(?P<text>.*)$")
_SECTION = re.compile(r"\(\.[\w.]{1,80}\+0x[0-9a-f]{1,16}\)$")
_MAX_ABOVE = 60
"""Lines before an error's own that say how it was reached."""
_MAX_CODE = 200
"""Lines of code below one diagnostic."""


@dataclass(frozen=True, slots=True)
class _Diagnostic:
    place: Frame
    kind: str
    message: str


def begins(line: str) -> int | None:
    """Where the path begins that an error names; see ``Layout.begins``."""
    head = line[:LONGEST_LINE]
    undefined = head.find(_UNDEFINED)
    ends = [undefined - 2, *(head.find(f": {kind}: ") for kind in _KINDS)]
    end = min((end for end in ends if end >= 0), default=-1)
    if end < 0:
        return None
    start = path_start(head, end)
    if start is None:
        return None
    return start if _diagnostic(line[start:], _KINDS) or _undefined(line[start:]) else None


def read(lines: Text) -> Traceback | None:
    """Read the error at the cursor; see ``Layout.read``."""
    line = lines.peek() or ""
    found = _diagnostic(line, _KINDS)
    if found is None:
        return _read_undefined(lines, line)
    above, places = _reached_from(lines)
    if found.place.column is None and not (above or _shows_code(lines)):
        return None  # a program that logs the place in its own source
    lines.back(above)
    failure = Failure(lines, found.kind)
    failure.take(lines, above)
    failure.say(found.message)
    failure.take(lines)
    own = _code(lines, found.place, failure)
    inner = list(_notes(lines, failure))
    failure.frames = [*places, *reversed(inner), own]
    return failure.finish("c", "gcc")


def _diagnostic(line: str, kinds: tuple[str, ...]) -> _Diagnostic | None:
    """The diagnostic of one of these kinds that the line is."""
    head = line[:LONGEST_LINE]
    at, kind = min(((at, kind) for kind in kinds if (at := head.find(f": {kind}: ")) > 0), default=(-1, ""))
    place = place_in(head[:at]) if at > 0 else None
    if place is None or not _SOURCE.search(place.filename) or _LINT.match(line.rpartition(" ")[2]):
        return None
    return _Diagnostic(place, kind, line[at + len(kind) + 4 :])


def _shows_code(lines: Text) -> bool:
    after = lines.next_lines(3)[1:]
    return bool(after) and (_MARGIN.match(after[0][:LONGEST_LINE]) is not None or is_underline(after[-1]))


def _reached_from(lines: Text) -> tuple[int, list[Frame]]:
    """How many lines before say how the place was reached, and the places, outermost first."""
    before = lines.before(_MAX_ABOVE)
    count = 0
    includes: list[tuple[str, Frame]] = []
    required: list[Frame] = []
    for line in reversed(before):
        if match := _INCLUDED.match(line[:LONGEST_LINE]):
            includes.append((line, Frame(match["file"], int(match["line"]), "")))
        elif place := _required(line):
            required.append(place)
        elif not _is_scope(line):
            break
        count += 1
    return count, [*_outermost_first(includes), *required]


def _outermost_first(includes: list[tuple[str, Frame]]) -> list[Frame]:
    """The includes, read upwards: Clang's lines all begin alike and go inwards, GCC's go on with blanks, outwards."""
    frames = [frame for _, frame in includes]
    return frames if any(line.startswith(" ") for line, _ in includes) else frames[::-1]


def _required(line: str) -> Frame | None:
    """``cart.cpp:7:14:   required from here``: a template was instantiated there."""
    at = line.find(":   ", 0, LONGEST_LINE)
    if at < 0 or "required " not in line[at : at + 60]:
        return None
    return place_in(line[:at])


def _is_scope(line: str) -> bool:
    """``cart.c: In function ‘total’:``."""
    return line.endswith(":") and (": In " in line or ": At " in line)


def _code(lines: Cursor, place: Frame, failure: Failure) -> Frame:
    """Pass over the code shown below a diagnostic; the place, with its line of it."""
    own = place
    shown = list(islice(lines.ahead(), _MAX_CODE))
    count = 0
    while count < len(shown) and (match := _MARGIN.match(shown[count][:LONGEST_LINE])):
        if not own.code and match["line"] == str(place.lineno):
            below = _MARGIN.match(shown[count + 1][:LONGEST_LINE]) if count + 1 < len(shown) else None
            own = with_code(own, match["text"], below["text"] if below and not below["line"] else "")
        count += 1
    if not count and len(shown) > 1 and is_underline(shown[1]) and not is_underline(shown[0]):
        own = with_code(own, shown[0], shown[1])
        count = 2
        while count < len(shown) and shown[count][:1] == " " and shown[count].strip():
            count += 1  # what to write instead
    failure.take(lines, count)
    return own


def _notes(lines: Text, failure: Failure) -> Iterator[Frame]:
    """Read the notes below an error; the places among them that it was reached from, innermost first."""
    while True:
        above = 0
        for line in islice(lines.ahead(), _MAX_ABOVE):
            if not (_INCLUDED.match(line[:LONGEST_LINE]) or _is_scope(line)):
                break
            above += 1
        below = islice(lines.ahead(), above, above + 1)
        note = next((_diagnostic(line, ("note", "error")) for line in below), None)
        if note is None or (note.kind == "error" and not note.message.startswith("  ")):
            return
        failure.take(lines, above + 1)
        place = _code(lines, note.place, failure)
        if note.message.endswith("requested here") or note.message.startswith("in expansion of macro "):
            yield place
        else:
            failure.note(f"{place.filename}:{place.lineno}: {note.message.strip()}")


def _undefined(line: str) -> tuple[str, str] | None:
    """The source file and the message of a linker's line about a name that nothing defines."""
    at = line.find(f": {_UNDEFINED}", 0, LONGEST_LINE)
    if at < 0:
        return None
    place = _SECTION.sub("", line[:at])
    if place == line[:at] and place_in(place) is None:
        return None
    return place.rstrip(":"), line[at + 2 :]


def _read_undefined(lines: Text, line: str) -> Traceback | None:
    found = _undefined(line)
    if found is None:
        return None
    before = lines.before(1)
    named = before and "in function `" in before[0] and before[0].endswith("':")
    function = before[0].rpartition("in function `")[2][:-2] if named else ""
    lines.back(1 if named else 0)
    failure = Failure(lines, "error")
    failure.take(lines, 2 if named else 1)
    failure.say(found[1])
    place = place_in(found[0]) or Frame(found[0], None, "")
    file = place.filename.rpartition(": ")[2]
    failure.frames = [Frame(file, place.lineno, function)]
    return failure.finish("c", "gcc")
