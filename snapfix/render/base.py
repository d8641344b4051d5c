"""What a renderer is: it is handed the events of one or more diagnoses and shows them."""

from __future__ import annotations

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
        """Show what was held back. Called exactly once, also after an interruption."""
        ...  # pragma: no cover
