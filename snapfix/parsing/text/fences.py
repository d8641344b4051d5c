"""Where a text ends that was pasted into a document: at the line that closes its block of code.

Markdown's fences (three or more backticks or tildes), Jira's ``{code}`` and ``{noformat}``, HTML's ``<pre>``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_OPENING = re.compile(r"\s{0,12}(?:`{3,20}|\{(?:code|noformat)\b|<(?:pre|code)\b)|\s{0,3}~{3,20}")
_CLOSING = re.compile(r"\s{0,12}(?:`{3,20}|~{3,20}|\{(?:code|noformat)\}|</(?:pre|code)>)\s*$")
_SIGNS = ("```", "~~~", "{code", "{noformat", "<pre", "<code", "</")
"""Of these, one stands in each of them; to look for them is far cheaper than to match every line."""
_LONGEST = 200
LINES_ABOVE = 10
"""Lines above a traceback in which the block that it stands in is opened; a paste rarely holds more."""


def is_closing(line: str, sign: str = "") -> bool:
    """The line closes a block, unless it opens one; ``sign`` is what the fence that opened the block begins with.

    Between backticks, a row of tildes is what CPython 3.13 marks a part of the code with.
    """
    return len(line) <= _LONGEST and _CLOSING.match(line) is not None and line.lstrip().startswith(sign)


def opened_by(above: Sequence[str], *, before: str) -> str:
    """What the fence begins with whose block is open below these lines, which are in their order; "" for none.

    ``before`` is the same for the text above them.
    """
    together = "\n".join(above)
    if not any(sign in together for sign in _SIGNS):
        return before
    sign = before
    for line in above:
        if sign:
            sign = "" if is_closing(line, sign) else sign
        elif _OPENING.match(line[:_LONGEST]):
            sign = line.lstrip()[0]
    return sign
