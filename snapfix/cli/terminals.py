"""Whether a person sees what is written, and how."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TextIO


def is_terminal(stream: TextIO | None) -> bool:
    """A person reads, or types, at the other end."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def wants_escapes(environ: Mapping[str, str]) -> bool:
    """The terminal on standard output understands escape sequences."""
    return is_terminal(sys.stdout) and environ.get("TERM") != "dumb"


def make_writable() -> None:
    """Let every character be written, whatever the streams' encoding: the box-drawing line is not in cp1252."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
