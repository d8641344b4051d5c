"""What a traceback format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from snapfix.crash import Traceback
from snapfix.parsing.lines import Lines


@dataclass(frozen=True, slots=True)
class Format:
    """One layout in which tracebacks are printed.

    Attributes:
        name: of the layout (``cpython``, ``pytest``, ``node``), kept in ``Traceback.format``.
        markers: texts of which one stands in the line, or near the line, where such a traceback begins. What
            holds no marker of any format is skipped unread, so a marker should be rare in ordinary output.
        read: called with the cursor at a line that holds a marker. It may move back over lines that
            ``Lines.before`` shows. Where it finds a traceback, it returns it (``origin`` is filled in later)
            and leaves the cursor behind it. Where there is none, it returns None, with the cursor at the
            first line that it did not rule out: lines are not offered twice. Memory and time are its own to
            bound: the text may be endless and hostile.
    """

    name: str
    markers: tuple[str, ...]
    read: Callable[[Lines], Traceback | None]
