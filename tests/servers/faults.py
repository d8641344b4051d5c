"""What a provider can do wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Fault:
    """One way of failing; the class attributes name those that need no argument."""

    name: str
    code: int = 0
    reason: str = ""
    retry_after: int | None = None
    body: bytes | None = None

    REFUSE: ClassVar[Fault]
    """Nothing listens on the port."""
    RESET: ClassVar[Fault]
    """The connection is reset when the request has arrived."""
    HANG: ClassVar[Fault]
    """The request is accepted and never answered."""
    SILENT: ClassVar[Fault]
    """Headers and the format's opening, then nothing more."""
    STALL: ClassVar[Fault]
    """Half of the answer, then silence on an open connection."""
    CUT: ClassVar[Fault]
    """Half of the answer, then the connection is closed in the middle of the transfer."""
    RESET_MIDWAY: ClassVar[Fault]
    """Half of the answer, then the connection is reset."""
    ERROR_EVENT: ClassVar[Fault]
    """Half of the answer, then the format's own error event."""
    MALFORMED: ClassVar[Fault]
    """Half of the answer, a chunk that is no JSON, then the connection is closed."""
    NO_FINISH: ClassVar[Fault]
    """Half of the answer, then a clean end of the transfer without a finish reason."""
    HTML: ClassVar[Fault]
    """A web page with status 200, as a captive portal sends."""
    NOTHING: ClassVar[Fault]
    """Status 200 and not a byte."""
    EMPTY: ClassVar[Fault]
    """A well-formed answer without any text."""
    LENGTH: ClassVar[Fault]
    """The whole answer, ended by the token limit."""
    FILTERED: ClassVar[Fault]
    """No text: the provider's filter ended the answer."""
    DRIP: ClassVar[Fault]
    """One letter at a time, for ever."""
    THINKING: ClassVar[Fault]
    """No fault: reasoning goes before the answer."""

    @staticmethod
    def status(code: int, reason: str = "", *, retry_after: int | None = None, body: bytes | None = None) -> Fault:
        """An HTTP error with the provider's own error body.

        ``reason`` picks a special one: ``context``, ``quota``, ``policy``, ``model``, ``credit``, ``key``.
        """
        return Fault("STATUS", code, reason, retry_after, body)


for _name in (
    *("REFUSE", "RESET", "HANG", "SILENT", "STALL", "CUT", "RESET_MIDWAY", "ERROR_EVENT", "MALFORMED"),
    *("NO_FINISH", "HTML", "NOTHING", "EMPTY", "LENGTH", "FILTERED", "DRIP", "THINKING"),
):
    setattr(Fault, _name, Fault(_name))
