"""The white space that lines begin with."""

from __future__ import annotations

from collections.abc import Sequence


def indentation(line: str) -> int:
    """How many white-space characters a line begins with."""
    return len(line) - len(line.lstrip())


def dedented(line: str, margin: int) -> str:
    """The line without so many characters at its beginning, if they are white space."""
    return line if line[:margin].strip() else line[margin:]


def dedented_together(lines: Sequence[str]) -> list[str]:
    """The lines without the indentation that all of them share; empty ones may have lost it."""
    shared = min((indentation(line) for line in lines if line.strip()), default=0)
    return [line[shared:] for line in lines]
