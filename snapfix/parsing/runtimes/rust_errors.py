r"""Errors that a Rust program's ``main``, or a test, returned.

The layout, from the standard library and the crates ``anyhow`` and ``eyre``::

    Error: cannot start                           what ``main`` returned, as ``{:?}`` shows it

    Caused by:
        0: cannot read cart.txt                   a single cause has no number
           in the shop's folder
        1: No such file or directory (os error 2)

    Location:                                     eyre: where the error became a report
        src/main.rs:3:35

    Stack backtrace:                              anyhow, with RUST_BACKTRACE=1; as a panic's (see ``rust``)
       0: shop::load
                 at ./src/main.rs:3:5

    ---- tests::load stdout ----                  a test that failed without a panic
    Error: "no such cart"

    ---- tests::empty stdout ----
    note: test did not panic as expected at src/lib.rs:9:32

Each error is the cause of the one above it; their types are not printed, so that their ``type_name`` is ``Error``. The
place and the backtrace belong to the innermost one. ``Error:`` alone could be anything: it is read only with one
of the paragraphs below it, or as a test's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.parsing.runtimes.rust import Reader
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_CHAIN, MAX_MESSAGE_LINES
from snapfix.parsing.text.chains import linked_by_cause
from snapfix.parsing.text.indentation import indentation
from snapfix.parsing.text.lines import Text

_ERROR = "Error: "
_PARAGRAPHS = ("Caused by:", "Location:", "Stack backtrace:")
_TEST = re.compile(r"---- (\S.{0,300}?) stdout ----$")
_NO_PANIC = re.compile(r"note: (test did not panic as expected)(?: at (\S.{0,1000}?):(\d{1,9}):(\d{1,9}))?$")
_NUMBERED = re.compile(r" {2,5}(\d{1,4}): (.*)$")
_LOCATION = re.compile(r" {2,8}(\S.*?):(\d{1,9})(?::(\d{1,9}))?$")
_LOOK_BACK = 30
"""Lines of an error's message above its causes."""
_MAX_OUTPUT = 500
"""Lines that a test printed before it failed."""


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    line = line[:LONGEST_LINE].rstrip()
    test = _TEST.search(line)
    if test:
        return test.start()
    paragraph = next((name for name in _PARAGRAPHS if line.endswith(name)), None)
    return len(line) - len(paragraph) if paragraph else None


def read(lines: Text) -> Traceback | None:
    """Read the error at the cursor; see ``Layout.read``."""
    line = (lines.peek() or "").rstrip()
    test = _TEST.match(line)
    if test:
        return _test(lines, test[1])
    height = _height(lines.before(_LOOK_BACK)) if line in _PARAGRAPHS else 0
    if not height:
        return None
    lines.back(height)
    reader = Reader(lines)
    return reader.traceback(_error(reader), "rust-error")


def _height(before: list[str]) -> int:
    """How many lines above the first paragraph belong to the error; 0 where there is none."""
    if not before or before[-1].strip():
        return 0
    for height, line in enumerate(reversed(before), start=1):
        if line.startswith(_ERROR):
            return height
        if height > 1 and line.startswith(_PARAGRAPHS):
            return 0
    return 0


def _test(lines: Text, name: str) -> Traceback | None:
    """What a test failed with, unless it panicked."""
    reader = Reader(lines)
    title = reader.peek()
    reader.skip()
    for distance, line in enumerate(islice(lines.ahead(), _MAX_OUTPUT)):
        line = line[:LONGEST_LINE].rstrip()
        expected = _NO_PANIC.match(line)
        if line.startswith(_ERROR):
            reader.skip(distance)
            exception = _error(reader)
            return reader.traceback(replace(exception, notes=(title,)), "rust-error")
        if expected:
            reader.skip(distance + 1)
            _, file, lineno, column = expected.groups()
            frames = (Frame(file, int(lineno), name, column=int(column)),) if file else ()
            return reader.traceback(ParsedException("FAILED", expected[1], (title,), frames), "rust-error")
        if " panicked at " in line or line == "failures:" or _TEST.match(line):
            break
    return None


def _error(reader: Reader) -> ParsedException:
    """An error with its causes; the cursor is at its first line."""
    messages = ["\n".join(_outermost(reader)).removeprefix(_ERROR)]
    frames: tuple[Frame, ...] = ()
    while _paragraph(reader) in _PARAGRAPHS:
        reader.skip()
        title = reader.peek()
        reader.skip()
        if title == "Caused by:":
            messages += _causes(reader)
        elif title == "Location:":
            frames = (*frames, *_location(reader))
        else:
            frames = (*reader.stack(), *frames)
    return _linked(reader, messages, frames)


def _linked(reader: Reader, messages: list[str], frames: tuple[Frame, ...]) -> ParsedException:
    """The errors, each with the one that caused it; the innermost has the frames."""
    *outer, innermost = (ParsedException("Error", reader.bounds.cut(message)) for message in messages)
    innermost = replace(innermost, frames=frames)
    return linked_by_cause([*outer, innermost]) or innermost


def _outermost(reader: Reader) -> Iterator[str]:
    """The lines of the error itself: the paragraph."""
    for _ in range(MAX_MESSAGE_LINES):
        yield reader.peek()
        reader.skip()
        if not reader.peek() and (_paragraph(reader) or reader.lines.peek() is None):
            return
        if not reader.peek() and not _goes_on(reader):
            return


def _paragraph(reader: Reader) -> str:
    """The title of the next part, behind an empty line."""
    near = [line[:LONGEST_LINE].rstrip() for line in reader.lines.next_lines(2)]
    return near[1] if len(near) == 2 and not near[0] and near[1] in _PARAGRAPHS else ""


def _goes_on(reader: Reader) -> bool:
    """Behind an empty line, the message goes on: its causes are still to come."""
    for line in islice(reader.lines.ahead(), _LOOK_BACK):
        if line.rstrip() in _PARAGRAPHS:
            return True
        if line.startswith((_ERROR, "---- ")):
            return False
    return False


def _causes(reader: Reader) -> list[str]:
    causes: list[list[str]] = []
    numbered = _NUMBERED.match(reader.peek()) is not None
    while reader.peek().startswith("  "):
        line = reader.peek()
        number = _NUMBERED.match(line) if numbered else None
        reader.skip()
        if (number and int(number[1]) == len(causes)) or not causes:
            causes.append([number[2] if number else line.lstrip()])
        elif len(causes[-1]) < MAX_MESSAGE_LINES:
            margin = 7 if numbered else 4
            causes[-1].append(line[min(margin, indentation(line)) :])
        if len(causes) > MAX_CHAIN:
            reader.bounds.leave_out("exception{s} in the middle of a chain")
            del causes[MAX_CHAIN // 2]
    return ["\n".join(cause) for cause in causes]


def _location(reader: Reader) -> tuple[Frame, ...]:
    place = _LOCATION.match(reader.peek())
    if place is None:
        return ()
    reader.skip()
    return (Frame(place[1], int(place[2]), "", column=int(place[3]) if place[3] else None),)
