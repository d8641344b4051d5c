"""What a template is filled with, and what that is chosen from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from snapfix import layouts
from snapfix.crash import Change, Piece

BUDGET = "it does not fit the token budget"
_MAX_LINE = 600


@dataclass(frozen=True, slots=True)
class PieceText:
    """Code of one file as a template sees it: the file, what is shown of it and why, and its numbered lines."""

    file: str
    about: str
    code: str

    @property
    def language(self) -> str:
        """The info string of a fence around the code."""
        return layouts.fence(self.file)


@dataclass(frozen=True, slots=True)
class Fields:
    """What a template is filled with."""

    traceback: str = ""
    facts: str = ""
    hypothesis: str = ""
    following: str = ""
    changes: str = ""
    library: str = ""
    pieces: tuple[PieceText, ...] = ()

    def having(self, name: str, text: str) -> Fields:
        """The same with another text in one field."""
        change: dict[str, Any] = {name: text}
        return replace(self, **change)

    def texts(self) -> Iterable[str]:
        """All of the texts."""
        single = (self.traceback, self.facts, self.hypothesis, self.following, self.changes, self.library)
        return chain(single, (piece.code for piece in self.pieces))


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that may go into a prompt.

    ``tracebacks`` hold ever fewer frames, the whole one first; ``changes`` is the text of ``hunks``.
    """

    tracebacks: tuple[str, ...]
    facts: str
    hypothesis: str
    following: str
    changes: str
    library: str
    pieces: tuple[Piece, ...]
    files: Mapping[str, str]
    hunks: tuple[Change, ...] = ()
    masks: tuple[tuple[str, str], ...] = ()


def short(line: str) -> str:
    """The line; a very long one without its middle."""
    if len(line) <= _MAX_LINE:
        return line
    half = _MAX_LINE // 2
    return f"{line[:half]} [... {len(line) - 2 * half} characters not shown ...] {line[-half:]}"


def describe(piece: Piece) -> str:
    """The piece in a list of what was left out."""
    return f"{piece.file}: {piece.title} ({piece.kind})"
