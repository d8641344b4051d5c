"""Tracebacks of better_exceptions.

The layout, from its ``formatter.py`` (0.3)::

    Traceback (most recent call last):
      File "/app/shop.py", line 9, in total
        return df[key] / count
               │  │      └ 3
               │  └ 'price'
               └    a  b                      the further lines of a value are not indented
    0  1  2
    File "/app/broken.py", line 1             the place of a SyntaxError is not, either
        def f(:
              ^
    SyntaxError: invalid syntax

Everything else is CPython's, but for groups: only the group itself is printed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import islice, takewhile

from snapfix.crash import Traceback
from snapfix.parsing.python import cpython
from snapfix.parsing.python.cpython_lines import HEADER
from snapfix.parsing.text.bounds import LONGEST_LINE
from snapfix.parsing.text.lines import Text

_LOOKED_AT = 12
"""Lines from the header on among which a value is shown."""
_PLACE = 'File "'
_CAPS = ("└ ", "-> ")


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    return cpython.begins(line) if line.rstrip().endswith(HEADER) else None


def read(lines: Text) -> Traceback | None:
    """Read the traceback at the cursor; see ``Layout.read``."""
    if not _shows_values(
        tuple(line[:LONGEST_LINE] for line in takewhile(_is_in_stack, islice(lines.ahead(), 1, _LOOKED_AT)))
    ):
        return None
    from snapfix.parsing.python.annotated import Bare  # most texts with such a header are CPython's own

    traceback = cpython.read(Bare(lines))
    return traceback and replace(traceback, format="better_exceptions")


@lru_cache(maxsize=64)
def _shows_values(stack: tuple[str, ...]) -> bool:
    """Values are shown below the code, or a place without its indentation; remembered, since logs repeat stacks."""
    if not any(line.startswith(_PLACE) or any(cap in line for cap in _CAPS) for line in stack):
        return False
    from snapfix.parsing.python.annotated import VALUE

    return any(line.startswith(_PLACE) or VALUE.match(line) for line in stack)


def _is_in_stack(line: str) -> bool:
    """The line is of a frame; no line behind the exception's own is asked for, for it may be long in coming."""
    return line.startswith((" ", _PLACE))
