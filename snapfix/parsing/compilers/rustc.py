"""Errors of the Rust compiler (1.30 to 1.95), as rustc and cargo print them.

The layouts, from ``rustc_errors``' ``HumanEmitter``; the second is that of ``--error-format short``::

    error[E0308]: mismatched types                        errors without a code begin with ``error:``
      --> src/main.rs:10:21
       |
    10 |     let name: u32 = "five";
       |               ---   ^^^^^^ expected `u32`, found `&str`
       |               |
       |               expected due to this
       = note: expected type `u32`
    help: try this                                        with a place and code of its own, maybe

    src/main.rs:10:21: error[E0308]: mismatched types: expected `u32`, found `&str`

Each error is a crash of its own, up to the empty line below it. Warnings are none, and neither is what names no place
(``aborting due to 2 previous errors``).
"""

from __future__ import annotations

import re

from snapfix.crash import Frame, Traceback
from snapfix.parsing.compilers.compiled import Failure, path_start, place_in, with_code
from snapfix.parsing.text.bounds import LONGEST_LINE
from snapfix.parsing.text.lines import Text
from snapfix.parsing.text.prefixes import wrapper_end

_HEAD = re.compile(r"(?:(?P<place>\S.*\.rs:\d{1,9}:\d{1,9}): )?error(?:\[(?P<code>E\d{4})\])?: ")
_ARROW = re.compile(r"(?P<blanks> *)--> (?P<place>.*\.rs:(?P<line>\d{1,9}):\d{1,9})$")
_MARGIN = re.compile(r" *(?P<line>\d{1,9})? *\|(?: (?P<text>.*))?$")
_POINTING = re.compile(r"[ |-]*(?P<carets>\^+)")
_NOTE = re.compile(r"(?: +=(?: |$)|(?=note: |help: ))(?P<text>.*)$")
_BELONGS = re.compile(r" |\.\.\.$|\d{1,9} *\||(?:note|help): ")
_MAX_MESSAGE = 30
"""Lines of a message above the place."""


def begins(line: str) -> int | None:
    """Where the layout begins: its first line, or the one that names the place; see ``Layout.begins``."""
    head = line[:LONGEST_LINE]
    start = wrapper_end(head)
    if arrow := _ARROW.match(head, start):
        # One blank for each digit of the longest number, which is this one's or not much longer.
        surplus = len(arrow["blanks"]) - len(arrow["line"])
        return start + surplus if surplus > 1 else start
    end = head.find(": error")
    path = path_start(head, end) if end >= 0 else None
    if path is not None and _HEAD.match(head, path):
        return path
    start = len(head) - len(head[start:].lstrip())
    match = _HEAD.match(head, start)
    return start if match and match["code"] and not match["place"] else None


def read(lines: Text) -> Traceback | None:
    """Read the error at the cursor; see ``Layout.read``."""
    line = lines.peek() or ""
    if _ARROW.match(line[:LONGEST_LINE]):
        above = _lines_above(lines)
        if not above:
            return None
        lines.back(above)
        line = lines.peek() or ""
    match = _HEAD.match(line[:LONGEST_LINE])
    if match is None:
        return None
    failure = Failure(lines, match["code"] or "error")
    if match["place"]:
        failure.say(line[match.end() :])
        failure.take(lines)
        failure.frames = [place for place in (place_in(match["place"]),) if place]
        return failure.finish("rust", "rustc")
    after = lines.next_lines(_MAX_MESSAGE + 1)
    arrow = next((n for n, below in enumerate(after) if n and not _is_message(below)), len(after))
    place = _ARROW.match(after[arrow][:LONGEST_LINE]) if arrow < len(after) else None
    if place is None and arrow < len(after):
        return None
    failure.say(line[match.end() :])
    for below in after[1:arrow]:
        failure.say(below.removeprefix(" " * match.end()))
    failure.take(lines, arrow + 1)
    if place is None:
        failure.gap(f"the place: the text breaks off after line {failure.last_line}")
    else:
        frame = place_in(place["place"])
        failure.frames = [_details(lines, frame, failure)] if frame else []
    return failure.finish("rust", "rustc")


def _lines_above(lines: Text) -> int:
    """How many lines before the place the error begins; 0 where what is above is none."""
    for count, line in enumerate(reversed(lines.before(_MAX_MESSAGE)), start=1):
        if not _is_message(line):
            return count if _HEAD.match(line[:LONGEST_LINE]) else 0
    return 0


def _is_message(line: str) -> bool:
    """The line goes on with a message that was begun above it."""
    return line.startswith("      ") and not _ARROW.match(line[:LONGEST_LINE])


def _details(lines: Text, place: Frame, failure: Failure) -> Frame:
    """Read the code and the notes, up to an empty line; the place, with its line of code."""
    in_note = False
    while (line := lines.peek()) is not None and line.strip() and _BELONGS.match(line):
        head = line[:LONGEST_LINE]
        if margin := _MARGIN.match(head):
            in_note = False
            if not place.code and margin["line"] == str(place.lineno):
                below = _MARGIN.match("".join(lines.next_lines(2)[1:])[:LONGEST_LINE])
                place = with_code(place, margin["text"] or "", _underline((below and below["text"]) or ""))
        elif note := _NOTE.match(head):
            in_note = True
            failure.note(note["text"])
        elif in_note and not _ARROW.match(head):
            failure.extend_note(line.strip())
        failure.take(lines)
    return place


def _underline(text: str) -> str:
    """Only the carets of a line that points at several parts and says what they are."""
    pointing = _POINTING.match(text)
    return " " * pointing.start("carets") + pointing["carets"] if pointing else ""
