"""What a renderer is, and how foreign text is made harmless before anyone looks at it."""

from __future__ import annotations

import re
from typing import Protocol

from snapfix.errors import SnapfixError
from snapfix.events import Event


class Renderer(Protocol):
    """Shows what happens. The answer goes to standard output, everything else to standard error."""

    def handle(self, event: Event) -> None:
        """Show one event."""
        ...  # pragma: no cover

    def error(self, error: SnapfixError) -> None:
        """Show an expected error of one input; the others are still analysed."""
        ...  # pragma: no cover

    def close(self) -> None:
        """Show what was held back and leave the terminal clean. Called once, also after an interruption."""
        ...  # pragma: no cover


# Controls (C0 without tab and newline, DEL, C1), line and paragraph separators, and the marks that change the
# direction of text (CVE-2021-42574): on a terminal they act instead of being read.
_ACTIVE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Text from a traceback, a file or a model as it may be shown: what would act is made visible instead.

    ``\\r\\n`` becomes ``\\n``; an escape character is shown as ``␛``; other active characters as ``\\x9b``.
    """
    return _SURROGATE.sub("\ufffd", _ACTIVE.sub(_visible, text.replace("\r\n", "\n")))


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"


def one_line(text: str, limit: int = 160) -> str:
    """Clean text on one line, shortened with ``…``."""
    joined = " ".join(clean(text).split())
    return joined if len(joined) <= limit else joined[: limit - 1] + "…"
