"""What a traceback format is."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from snapfix.crash import Traceback
from snapfix.parsing.text.lines import Text


class Layout(Protocol):
    """What the module of a format holds."""

    def begins(self, line: str) -> int | None:
        """The column at which the layout's own text begins in a line that holds a marker.

        What stands before it (a container's name, a time, an indentation) is taken for a prefix that the other lines
        have, too. None where the line is, at second sight, none of the layout's. Cheap: it is called for every
        marker found.
        """

    def read(self, lines: Text) -> Traceback | None:
        """Read the traceback at the cursor, which stands at a line that holds a marker.

        The lines come without prefix, and without those of other prefixes between them. It may move back over lines
        that ``Text.before`` shows. Where it finds a traceback, it returns it (``origin`` is filled in later) and leaves
        the cursor behind it. Where there is none, it returns None, with the cursor at the first line that it did not
        rule out: lines are not offered twice. Memory and time are its own to bound (see ``bounds``): the text may be
        endless and hostile.
        """


@dataclass(frozen=True, slots=True)
class Format:
    """One layout in which tracebacks are printed.

    Attributes:
        name: of the layout (``cpython``, ``pytest``, ``node``), kept in ``Traceback.format``.
        module: in this folder (``python.cpython``); a ``Layout``. It is loaded when one of the markers was found.
        markers: texts of which one stands in the line, or near the line, where such a traceback begins. What
            holds no marker of any format is skipped unread, so a marker should be rare in ordinary output.
        listed: several may stand directly below each other, of which only the first has a marker: after each,
            ``read`` is called again with the cursor where it left it.
    """

    name: str
    module: str
    markers: tuple[str, ...]
    listed: bool = False

    def load(self) -> Layout:
        """The module."""
        name = f"snapfix.parsing.{self.module}"
        return cast(Layout, sys.modules.get(name) or import_module(name))
