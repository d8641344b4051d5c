"""Failures as pytest reports them (7 to 9): ``--tb=`` long, auto, short, line, native and no.

The layout, from pytest's ``_code/code.py`` and ``terminal.py``::

    =================================== FAILURES ===================================
    __________________________________ test_total __________________________________

    cart = [{'price': 2, 'count': None}]          arguments; in the long style, the default for the
                                                  first and the last frame:
        def total(cart):
    >       return sum(item["price"] * item["count"] for item in cart)
                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    E       TypeError: unsupported operand        the exception, each line of its message with an E

    name       = 'value'                          with -l

    shop.py:7: TypeError                          the place stands below the code

    The above exception was the direct cause of the following exception:
    shop.py:12: in load                           the short style: the place comes first
        return parse(text)
    E   RuntimeError: the cart cannot be read
    ----------------------------- Captured stdout call -----------------------------
    =========================== short test summary info ============================
    FAILED test_shop.py::test_total - TypeError: unsupported operand...

Between frames in the long style stands ``_ _ _ _``. ``--tb=native`` and exception groups are CPython's layout below
the same headings. ``--tb=line`` prints ``/home/ada/test_shop.py:9: TypeError: ...`` for each failure, from pytest 9.2
on below the exception's lines. ``--tb=no`` prints only the summary; it is read only where nothing above says more.
What a test printed or logged is passed over, with the tracebacks in it.
The type of a bare ``assert`` is not printed: it is ``AssertionError``; that of a missing fixture is
``FixtureLookupError``.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.parsing.python.pytest_failure import Failure
from snapfix.parsing.python.pytest_lines import (
    CAPTURED,
    CONFTEST,
    FAILURES,
    SUMMARY,
    begins_natively,
    ends_captured,
    heading,
    is_error,
    is_frame_separator,
    is_progress,
    is_ruler,
    is_section,
    is_totals,
    location,
    names_exception,
    outcome,
    type_and_message,
)
from snapfix.parsing.text.bounds import MAX_MESSAGE_LINES, Bounds, stood_above
from snapfix.parsing.text.lines import Text
from snapfix.parsing.text.prefixes import wrapper_end

_ERRORS = "= ERRORS ="
_FAILED = ("FAILED", "ERROR", "SUBFAIL")
_SHORTEST_ENTRY = 3
"""Lines: a heading, an error, a place."""
_NO_STACK = "the stack, which was not printed"
_LOOK_BACK = 200
"""Lines above the summary among which pytest's progress stands if it printed no failures."""
_MAX_LINES = 5_000
"""Lines of one failure up to the first that shows that it is one."""
_MAX_CAPTURED, _MAX_CAPTURED_ERRORS = 2_000, 10
"""Lines of output between an exception and its place in the style line, and those among them that look like errors."""


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    if found := heading(line):
        return None if found[1].startswith("[doctest] ") else found[0]
    for title in (FAILURES, SUMMARY, CAPTURED):
        if title in line:
            start = line.find(3 * title[0])
            return start if is_section(line[start:]) else None
    if CONFTEST in line:
        return line.find(CONFTEST)
    start = wrapper_end(line)
    return start if names_exception(line[start:]) else None


def read(lines: Text) -> Traceback | None:
    """Read the failure at the cursor, or in a list of them the next one; see ``Layout.read``."""
    line = lines.peek() or ""
    if heading(line) or line.startswith(CONFTEST):
        return _below_heading(lines)
    if is_section(line) and CAPTURED in line:
        _pass_captured(lines, len(line.rstrip()))
        return None
    if is_section(line):
        needed = FAILURES in line or (SUMMARY in line and _is_needed(lines))
        lines.skip()
        return _listed(lines) if needed else None
    if is_error(line):
        return _headless(lines)
    return _listed(lines)


def _below_heading(lines: Text) -> Traceback | None:
    """A failure, where one stands there: what passed has a heading, too, where its output is shown."""
    first_line = lines.number
    for line in islice(lines.ahead(), 1, _MAX_LINES):
        if is_ruler(line):
            break
        if _shows_failure(line):
            lines.skip(heading(lines.peek() or "") is not None)
            return _failure(lines, first_line)
    lines.skip()
    return None


def _pass_captured(lines: Text, width: int) -> None:
    """Skip what a test printed or logged: a traceback there is the business of the entry above.

    Where the text begins with it, somebody pasted this part alone.
    """
    has_entry = lines.number > _SHORTEST_ENTRY
    lines.skip()
    while has_entry and (line := lines.peek()) is not None and not ends_captured(line, width):
        lines.skip()


def _shows_failure(line: str) -> bool:
    place = location(line)
    in_short_style = place is not None and place.rest is not None and place.rest.startswith("in ")
    return in_short_style or is_error(line) or is_frame_separator(line) or begins_natively(line)


def _failure(lines: Text, first_line: int, *missing: str) -> Traceback | None:
    failure = Failure(lines)
    exception = failure.read()
    if exception is None:
        return None
    missing = (*missing, *failure.bounds.missing)
    return Traceback("python", "pytest", first_line, failure.last_line, exception, missing=missing)


def _headless(lines: Text) -> Traceback | None:
    """A failure whose heading was cut off, as when somebody pasted the part that matters."""
    own = 0
    directly_above = lines.before(1)
    above = lines.before(_LOOK_BACK) if directly_above and _may_stand_above(directly_above[0]) else []
    for distance, line in enumerate(reversed(above), start=1):
        if not _may_stand_above(line):
            break
        own = distance if line.strip() else own
    if not own:
        return _in_line_style(lines)
    lines.back(own)
    return _failure(lines, lines.number, stood_above(lines.number))


def _may_stand_above(line: str) -> bool:
    place = location(line)
    shown = not line.strip() or line.startswith(("    ", "> ")) or is_frame_separator(line)
    return shown or (place is not None and place.rest is not None)


# lists: --tb=line, and the summary


def _listed(lines: Text) -> Traceback | None:
    """One of several failures that stand directly below each other."""
    while (line := lines.peek()) is not None and (rest := outcome(line)) is not None:
        if line.startswith(_FAILED):
            return _summarised(lines, rest)
        lines.skip()
    if line is None:
        return None
    if is_error(line) or begins_natively(line):
        return _in_line_style(lines)
    place = location(line)
    if place is None or not place.rest or not names_exception(f"E   {place.rest}"):
        return None
    first_line = lines.number
    lines.skip()
    return _single(first_line, first_line, Frame(place.file, place.line, ""), [place.rest], _NO_STACK)


def _in_line_style(lines: Text) -> Traceback | None:
    """An exception, the output captured before it, its place (pytest 9.2); without a place it may be mere output."""
    traceback = _failure(lines, lines.number)
    if traceback is None:
        return None
    exception = traceback.exception
    first = f"{exception.type_name}: {exception.message}".partition("\n")[0]
    errors = 0
    for distance, line in enumerate(islice(lines.ahead(), _MAX_CAPTURED)):
        errors += is_error(line)
        if errors > _MAX_CAPTURED_ERRORS or SUMMARY in line or heading(line):
            break
        place = location(line)
        if place and place.rest and (place.rest == first or first == f"AssertionError: {place.rest}"):
            last_line = lines.number + distance
            lines.skip(distance + 1)
            frames = exception.frames or (Frame(place.file, place.line, ""),)
            return replace(traceback, last_line=last_line, exception=replace(exception, frames=frames))
    return traceback if exception.frames else None


def _is_needed(lines: Text) -> bool:
    """The run printed no failures above its summary: there stands only its progress."""
    above = lines.before(_LOOK_BACK)
    for line in reversed(above):
        if is_progress(line):
            return True
        if FAILURES in line or _ERRORS in line or SUMMARY in line:
            return False
    return lines.number == len(above) + 1


def _summarised(lines: Text, rest: str) -> Traceback | None:
    """``FAILED test_shop.py::test_total - KeyError: 'a'``; the message may go on below (``-vv``, or in CI)."""
    first_line = lines.number
    lines.skip()
    node, message = _split(rest)
    file, _, name = node.partition("::")
    frame = Frame(file, None, name.partition("[")[0].rpartition("::")[2] or "<module>")
    text = [message] if message else []
    while message and (line := lines.peek()) is not None and not is_totals(line) and outcome(line) is None:
        lines.skip()
        text.append(line)
        if len(text) == MAX_MESSAGE_LINES:
            break
    missing = [_NO_STACK]
    if not message:
        missing.append("the exception itself: the summary does not name it")
    elif len(text) == 1 and message.endswith("..."):
        missing.append(f"the end of the message in line {first_line}")
    return _single(first_line, lines.number - 1, frame, text, *missing)


def _split(rest: str) -> tuple[str, str]:
    """The test and the message; a parameter in brackets may hold what separates them."""
    node, _, message = rest.partition(" - ")
    if "[" in node and not node.endswith("]") and "] - " in rest:
        node, _, message = rest.partition("] - ")
    return node, message


def _single(first_line: int, last_line: int, frame: Frame, text: list[str], *missing: str) -> Traceback:
    bounds = Bounds()
    type_name, message = type_and_message(text) if text else ("", "")
    exception = ParsedException(type_name, bounds.cut(message), frames=(frame,))
    missing = (*missing, *bounds.missing)
    return Traceback("python", "pytest", first_line, last_line, exception, missing=missing)
