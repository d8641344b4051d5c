"""Where a traceback in CPython's layout begins: at its header, or at what a text that was cut leaves of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from snapfix.parsing.python.cpython_lines import (
    FIRST_MEMBER,
    FRAME_MARKER,
    GROUP_HEADER,
    HEADER,
    INTERRUPTION,
    MARGIN,
    OTHER_STACKS,
    QUOTES,
    SEPARATORS,
    Likeness,
    frame_in,
    is_remote,
    likeness,
)
from snapfix.parsing.text.lines import Text
from snapfix.parsing.text.prefixes import wrapper_end

_LOOK_BACK = 100
"""Lines before a separator among which the exception above it begins."""
_LONGEST_PREFIX = 500
"""Characters that may stand before every line of a traceback."""


@dataclass(frozen=True, slots=True)
class Start:
    """How a traceback begins.

    Attributes:
        prefix: what every line of it begins with.
        lines_back: it begins that many lines before the marker.
        lines_passed: lines, from its beginning on, that are understood already.
        headed: its header is among them.
        grouped: the header was a group's.
        depth: how many levels deep in groups it begins, where the lines above were cut off.
        cut: the text begins in the middle of it.
        headless: it begins with a frame: without an exception's line it is no traceback, and with a function's
            name in the frame, its header was cut off.
    """

    prefix: str
    lines_back: int = 0
    lines_passed: int = 0
    headed: bool = False
    grouped: bool = False
    depth: int = 0
    cut: bool = False
    headless: bool = False


_OUTSIDE = re.compile(r"(?:  )*(?:  [|+] )?$")


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``.

    White space, and the margin of a group, are left to the layout's own reading.
    """
    position = _marker_at(line.rstrip())
    if position is None:
        return None
    wrapper = min(wrapper_end(line), position)
    margin = _OUTSIDE.search(line, wrapper, position)
    end = margin.start() if margin else position
    if not line[wrapper:end].strip():
        return wrapper
    # Behind a name, what looks like a margin is rather the end of the prefix: `shop   | Traceback`.
    return position if "|" in line[end:position] else end


def _marker_at(line: str) -> int | None:
    for marker in (GROUP_HEADER, HEADER, FIRST_MEMBER):
        if line.endswith(marker):
            return len(line) - len(marker)
    position = line.find(FRAME_MARKER)
    return position if position >= 0 else None


def find_start(lines: Text) -> Start | None:
    """How the traceback begins whose marker the current line holds; None where it is none."""
    line = (lines.peek() or "").rstrip()
    if line.endswith(HEADER):
        return _start_at_header(lines, line)
    if FRAME_MARKER in line:
        return _start_at_frame(lines, line)
    if line.endswith(FIRST_MEMBER):
        return _start_at_member(lines, line)
    return None


def _start_at_header(lines: Text, line: str) -> Start | None:
    grouped = line.endswith(GROUP_HEADER)
    before = line[: -len(GROUP_HEADER if grouped else HEADER)]
    prefixes = (_frame_prefix(after, before) for after in islice(lines.ahead(), 1, INTERRUPTION + 1))
    prefix = next((prefix for prefix in prefixes if prefix is not None), None)
    if prefix is None:
        return None
    base, depth = _split_margin(prefix)
    if grouped and before.endswith("  + ") and depth:
        base, depth = prefix[:-4], 0
    above = lines.before(2)
    if not base and not depth and (quoted := _lines_of_remote(above)):
        return Start("", lines_back=quoted)
    never_raised, cut = _never_raised(lines, base) if _has_separator(above) else (0, False)
    if never_raised and not depth:
        return Start(base, lines_back=never_raised)
    return Start(base, lines_passed=1, headed=True, grouped=grouped, depth=depth, cut=cut or depth > 0)


def _frame_prefix(line: str, before: str) -> str | None:
    """What a frame's line begins with, where that is plausible: the header's own prefix, or a margin."""
    position = line.find(FRAME_MARKER)
    if position < 0:
        return None
    # White space before `File` belongs to the prefix, but for the two blanks of the layout.
    prefix = line[: line.find('File "', position) - 2]
    if len(prefix) > _LONGEST_PREFIX or not frame_in(line[len(prefix) :]):
        return None
    return prefix if prefix == before or not prefix.strip() or prefix.endswith("| ") else None


def _split_margin(prefix: str) -> tuple[str, int]:
    """A prefix that ends in a group's margin, as what stands before the margin and the number of levels."""
    margin = MARGIN.match(prefix)
    return (margin["base"], len(margin["levels"]) // 2) if margin else (prefix, 0)


def _lines_of_remote(before: list[str]) -> int:
    """2 where the two lines before are a remote traceback's own: its type, and the quotes that open it."""
    if len(before) < 2 or before[1] != QUOTES or not before[0].endswith((": ", ":")):
        return 0
    return 2 if is_remote(before[0].rstrip(": ")) else 0


def _start_at_frame(lines: Text, line: str) -> Start | None:
    prefix = _frame_prefix(line, "")
    if prefix is None:
        return None
    if any(above.rstrip().endswith(OTHER_STACKS) for above in lines.before(1)):
        _pass_other_stack(lines, prefix + "  ")
        return None
    base, depth = _split_margin(prefix)
    never_raised, cut = _never_raised(lines, base) if _has_separator(lines.before(2)) else (0, False)
    if never_raised and not depth:
        return Start(base, lines_back=never_raised)
    return Start(base, headed=True, depth=depth, cut=cut, headless=True)


def _pass_other_stack(lines: Text, indent: str) -> None:
    while (line := lines.peek()) is not None and line.startswith(indent):
        lines.skip()


def _start_at_member(lines: Text, line: str) -> Start | None:
    """A group without a stack has no header: it begins with its type, in the margin."""
    margin = line[: -len(FIRST_MEMBER)] + "| "
    if not margin.endswith("  | "):
        return None
    before = lines.before(_LOOK_BACK)
    own = next((n for n, text in enumerate(reversed(before)) if not text.startswith(margin)), len(before))
    never_raised, cut = _never_raised(lines, margin[:-4], own)
    return Start(margin[:-4], lines_back=own + never_raised, cut=cut) if own else None


def _has_separator(lines: list[str]) -> bool:
    return any(line.strip() in SEPARATORS for line in lines)


def _never_raised(lines: Text, base: str, own: int = 0) -> tuple[int, bool]:
    """How many lines before belong to exceptions that a traceback was chained to, but that were never raised.

    Such an exception has no header: it begins with its type, in the paragraph above a separator. The ``own`` lines
    directly before are known to be the traceback's. True as well where a separator has no exception above it.
    """
    before = [line.removeprefix(base) for line in lines.before(_LOOK_BACK)]
    end = start = len(before) - own
    while True:
        above = start - 1 if start and not before[start - 1].strip() else start
        if not above or before[above - 1].strip() not in SEPARATORS:
            return end - start, False
        last = above - 2 if above > 1 and not before[above - 2].strip() else above - 1
        first = next((n for n in range(last, 0, -1) if not before[n - 1].strip()), 0)
        strengths = [likeness(line) for line in before[first:last]]
        best = max(strengths, default=Likeness.NONE)
        if best < Likeness.LIKELY:
            return end - start, True
        start = first + strengths.index(best)
