r"""Tests that ``Test::More`` saw failing.

The layout, from ``Test::Builder`` and ``Test2`` (0.98 to 1.3)::

    #   Failed test 'total of “Käse”'
    #   at t/cart.t line 12.
    #          got: '3'
    #     expected: '4'
    #   Failed test at t/cart.t line 14.            a test without a name
        #   Failed test 'part'                      of a subtest, which fails as well: that is passed over
        #   at t/cart.t line 20.
        # Looks like you failed 1 test of 2.

Each failed test is a traceback: its ``type_name`` is ``Failed test``, its message its name and the lines below. Tests
that are marked as still to be done (``Failed (TODO) test``) do not count.
"""

from __future__ import annotations

import re

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.parsing.text.bounds import LONGEST_LINE, Bounds
from snapfix.parsing.text.indentation import dedented_together
from snapfix.parsing.text.lines import Text

_FAILED = re.compile(
    r"#   Failed test(?: (?P<name>'.{0,2000}'))?(?: at (?P<file>\S.{0,1000}?) line (?P<line>\d{1,9})\.)?$"
)
_PLACE = re.compile(r"#   (?:in .{0,500}? )?at (?P<file>\S.{0,1000}?) line (?P<line>\d{1,9})\.$")
_SUMMARY = "# Looks like you "
_MAX_LINES = 500


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    found = _FAILED.search(line[:LONGEST_LINE].rstrip())
    return found.start() if found else None


def read(lines: Text) -> Traceback | None:
    """Read the failed test at the cursor; see ``Layout.read``."""
    first_line = lines.number
    failed = _FAILED.match(_peek(lines))
    if failed is None:
        return None
    above = [line for line in lines.before(3) if line.strip() and not line.startswith("not ok ")]
    lines.skip()
    place = failed if failed["file"] else _PLACE.match(_peek(lines))
    if place is None:
        return None
    if place is not failed:
        lines.skip()
    details = _details(lines)
    if above and above[-1][:1].isspace() and above[-1].lstrip().startswith(_SUMMARY):
        return None
    bounds = Bounds()
    message = bounds.cut("\n".join(filter(None, [failed["name"], *dedented_together(details)])))
    frames = (Frame(place["file"], int(place["line"]), ""),)
    exception = ParsedException("Failed test", message, frames=frames)
    return Traceback("perl", "perl-test", first_line, lines.number - 1, exception, missing=bounds.missing)


def _peek(lines: Text) -> str:
    return (lines.peek() or "")[:LONGEST_LINE].rstrip()


def _details(lines: Text) -> list[str]:
    """What is said below; the cursor moves behind it."""
    details: list[str] = []
    while len(details) < _MAX_LINES:
        line = _peek(lines)
        if not line.startswith("#  ") or _FAILED.match(line):
            break
        details.append(line[1:])
        lines.skip()
    return details
