"""Source code that quotes an error in a comment is no crash."""

from __future__ import annotations

_COMMENTS = ("//", "///", "*", "/*", "#", "--", ";")


def is_comment(before: str) -> bool:
    """What stands before a frame makes the line a comment in source code, which quotes an error."""
    return before.strip() in _COMMENTS
