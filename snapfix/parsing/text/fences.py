"""Where a text ends that was pasted into a document: at the line that closes its block of code.

Markdown's fences (three or more backticks or tildes), Jira's ``{code}`` and ``{noformat}``, HTML's ``<pre>``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_OPENING = re.compile(r"\s{0,12}(?:`{3,20}|~{3,20}|\{(?:code|noformat)\b|<(?:pre|code)\b)")
_CLOSING = re.compile(r"\s{0,12}(?:`{3,20}|~{3,20}|\{(?:code|noformat)\}|</(?:pre|code)>)\s*$")
_SIGNS = ("```", "~~~", "{code", "{noformat", "<pre", "<code", "</")
"""Of these, one stands in each of them; to look for them is far cheaper than to match every line."""
_LONGEST = 200
LINES_ABOVE = 10
"""Lines above a traceback in which the block that it stands in is opened; a paste rarely holds more."""


def is_closing(line: str) -> bool:
    """The line closes a block, unless it opens one."""
    return len(line) <= _LONGEST and _CLOSING.match(line) is not None


def is_open(above: Sequence[str], *, before: bool) -> bool:
    """A block is open below these lines, which are in their order; ``before`` says whether one was above them."""
    together = "\n".join(above)
    if not any(sign in together for sign in _SIGNS):
        return before
    fences = [line for line in above if _OPENING.match(line[:_LONGEST]) or is_closing(line)]
    if not fences:
        return before
    # Most opening lines could be closing ones, too.
    return not is_closing(fences[-1]) or (fences[-1].strip()[0] in "`~{" and (len(fences) + before) % 2 == 1)
