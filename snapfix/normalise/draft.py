"""What was found in an answer, before it is decided whether it is a diagnosis."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from snapfix.diagnosis import Edit, Evidence, Location

MAX_PROSE = 8_000
"""Characters of one text of a diagnosis; more is cut off."""


@dataclass(slots=True)
class Draft:
    """What was found in the answer, before it is decided whether it is one."""

    analysis: str = ""
    cause: str = ""
    location: Location | None = None
    evidence: tuple[Evidence, ...] = ()
    summary: str = ""
    code: list[str] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    confidence: str = ""
    prevention: str = ""
    structured: bool = False
    """The answer has parts that were labelled: less is guessed."""


def clean_path(path: str) -> str:
    """A path without quotes, ``a/`` and ``./``, with forward slashes; "" where it is none."""
    path = path.strip().strip("`*\"'<>()[],:;").replace("\\", "/")
    path = re.sub(r"^(?:[ab]/(?=.)|(?:\./)+)+", "", path)
    return path if 0 < len(path) <= 400 and "\n" not in path else ""


def tidied(text: str) -> str:
    """Text as it is shown: no bold, no empty lines in a row, no blanks at the ends, not without end."""
    text = re.sub(r"\*\*(?=\S)([^*\n]{1,400}?)\*\*", r"\1", text[: 4 * MAX_PROSE])
    lines = [line.rstrip() for line in text.strip().split("\n")]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept)[:MAX_PROSE].strip()


def first_sentence(text: str) -> str:
    """The first sentence of a text, or its first line."""
    match = re.match(r"[^\n]{1,500}?[.!?](?=\s|$)", text)
    return match[0] if match else text.split("\n", 1)[0][:500]


@dataclass(frozen=True, slots=True)
class Fence:
    """A code block: its language, its text, the lines it takes up (end exclusive)."""

    language: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class Part:
    """A labelled part of the answer. ``level`` is that of its heading; labels within a text have level 7."""

    kind: str
    level: int
    lines: list[str] = field(default_factory=list)
    code: list[Fence] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its lines, without the code blocks."""
        return "\n".join(self.lines)


def listed(names: str) -> tuple[str, ...]:
    """Names, written with commas between them."""
    return tuple(name.strip() for name in names.split(","))
