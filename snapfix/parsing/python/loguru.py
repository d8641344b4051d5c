"""Tracebacks of loguru with ``backtrace`` or ``diagnose``, which are both on unless they are turned off.

The layout, from loguru's ``_better_exceptions.py`` (0.7)::

    Traceback (most recent call last):
                                              empty lines around the frames with `diagnose` only
      File "/app/shop.py", line 12, in <module>
        checkout(3)
        └ <function checkout at 0x7f9384cbc900>

    > File "/app/shop.py", line 9, in checkout      the frame in which it was caught, with `backtrace`
        total([{"name": "tea", "count": n}])
        │                               └ 3
        └ <function total at 0x7f9384782c00>

    ValueError: the cart is broken

Groups and chains are CPython's. Without both options the whole traceback is, and is read as such.
"""

from __future__ import annotations

from dataclasses import replace

from snapfix.crash import Traceback
from snapfix.parsing.python import cpython
from snapfix.parsing.python.cpython_lines import FRAME_MARKER, HEADER
from snapfix.parsing.text.lines import Text

_CAUGHT = '> File "'
_IPYTHON = "interactiveshell.py"
"""IPython 7 puts empty lines there, too, in a traceback that ends with a SyntaxError."""


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    if line.rstrip().endswith(HEADER):
        return cpython.begins(line)
    position = line.find(_CAUGHT)
    return position if position >= 0 else None


def read(lines: Text) -> Traceback | None:
    """Read the traceback at the cursor; see ``Layout.read``."""
    printed_by = _printed_by(lines.next_lines(3))
    if printed_by is None:
        return None
    from snapfix.parsing.python.annotated import Bare  # most texts with such a header are CPython's own

    traceback = cpython.read(Bare(lines))
    return traceback and replace(traceback, format=printed_by)


def _printed_by(first: list[str]) -> str | None:
    """The format whose mark the frame below the header bears, or above which it leaves an empty line."""
    if first[0].startswith(_CAUGHT):
        return "loguru"
    texts = [line.lstrip("| ") if line.lstrip().startswith("|") else line.lstrip(" ") for line in first[1:]]
    if texts and texts[0].startswith(_CAUGHT):
        return "loguru"
    if len(texts) < 2 or texts[0] or not texts[1].startswith((_CAUGHT, FRAME_MARKER.strip())):
        return None
    return "ipython" if _IPYTHON in texts[1] else "loguru"
