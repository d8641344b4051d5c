"""Failures of ``node --test`` in the Test Anything Protocol, which Node.js 18 to 22 print into a pipe.

The layout, from Node's ``lib/internal/test_runner/reporter/tap.js``::

    not ok 1 - total of nothing
      ---
      location: '/home/ada/shop/cart.test.mjs:5:3'
      failureType: 'testCodeFailure'
      error: |-                                   the message, or in quotation marks behind the colon
        Expected values to be strictly equal:
      code: 'ERR_ASSERTION'                       other fields are read as notes
      name: 'AssertionError'
      stack: |-                                   innermost first, without ``at``
        total (/home/ada/shop/cart.js:2:21)
        async TestContext.<anonymous> (file:///home/ada/shop/cart.test.mjs:5:34)
      ...
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from snapfix.crash import ParsedException, Traceback
from snapfix.parsing.javascript.node_lines import call_in
from snapfix.parsing.text.bounds import LONGEST_LINE, Bounds, Frames, stood_above
from snapfix.parsing.text.indentation import indentation
from snapfix.parsing.text.lines import Text
from snapfix.parsing.text.prefixes import wrapper_end

_STACK = "stack: |-"
_LOOK_BACK = 120
"""Lines of fields above the stack."""
_BLOCK = "|-"
_FIELD = re.compile(r"(?P<name>\w{1,50}): (?P<value>.*)$")
_QUOTED = re.compile(r"(?P<mark>['\"])(?P<text>.*)(?P=mark)$")
_NOTED = ("code", "expected", "actual", "operator")
_GENERAL_CODE = "'ERR_TEST_FAILURE'"
"""What every failure has that is no assertion's."""


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds its marker; see ``Layout.begins``."""
    wrapper = wrapper_end(line)
    return wrapper if line[wrapper:].strip() == _STACK else None


def read(lines: Text) -> Traceback | None:
    """Read the failure whose stack the cursor is at; see ``Layout.read``."""
    margin = indentation(lines.peek() or "")
    first = lines.next_lines(2)[1:]
    if not first or call_in(first[0].strip()) is None:
        return None
    before = _fields_above(lines.before(_LOOK_BACK), margin)
    lines.back(len(before))
    first_line = lines.number
    fields = _fields(before, margin)
    lines.skip(len(before) + 1)
    bounds = Bounds()
    frames = Frames(bounds)
    while (line := lines.peek()) is not None and indentation(line) > margin:
        frame = call_in(line.strip()) if len(line) <= LONGEST_LINE else None
        if frame is None:
            break
        frames.add(frame)
        lines.skip()
    last_line = lines.number - 1
    exception = ParsedException(
        fields.get("name", "'Error'").strip("'"),
        bounds.cut(_text(fields.get("error", ""))),
        notes=tuple(f"{name}: {fields[name]}" for name in _NOTED if fields.get(name, _GENERAL_CODE) != _GENERAL_CODE),
        frames=frames.kept(innermost_first=True),
    )
    if "error" not in fields:
        bounds.gap(stood_above(first_line))
    return Traceback("javascript", "node-test", first_line, last_line, exception, missing=bounds.missing)


def _fields_above(before: Sequence[str], margin: int) -> Sequence[str]:
    """The lines above the stack down from ``---``, as far as they are fields of the same failure."""
    for distance, line in enumerate(reversed(before), start=1):
        if line.strip() == "---" and indentation(line) == margin:
            return before[len(before) - distance :]
        if line.strip() and indentation(line) < margin:
            return before[len(before) - distance + 1 :]
    return before


def _fields(lines: Sequence[str], margin: int) -> dict[str, str]:
    """The values of the fields, as written; those of several lines with ``|-`` as their first."""
    fields: dict[str, str] = {}
    name = ""
    for line in lines:
        match = _FIELD.match(line, margin) if indentation(line) == margin and len(line) <= LONGEST_LINE else None
        if match is not None:
            name = match["name"]
            fields[name] = match["value"]
        elif name:
            fields[name] += "\n" + line[margin + 2 :]
    return fields


def _text(value: str) -> str:
    """What a field's value stands for."""
    opening, _, block = value.partition("\n")
    if opening == _BLOCK:
        return block.rstrip()
    match = _QUOTED.match(value)
    if match is None:
        return value
    return match["text"].replace("''", "'") if match["mark"] == "'" else match["text"].replace('\\"', '"')
