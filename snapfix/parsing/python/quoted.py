"""A traceback in another layout's text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from snapfix.parsing.text.lines import Cursor, Text


class Quoted(Text):
    """The lines of another cursor up to where the layout around them goes on; nothing stands before them.

    Args:
        lines: moving the quotation moves them.
        own: of the lines ahead, those that belong to it.
    """

    def __init__(self, lines: Cursor, own: Callable[[Iterator[str]], Iterator[str]]) -> None:
        self._lines = lines
        self._own = own

    @property
    def number(self) -> int:  # noqa: D102 - see Cursor
        return self._lines.number

    def peek(self) -> str | None:  # noqa: D102 - see Cursor
        return next(self.ahead(), None)

    def skip(self, count: int = 1) -> None:  # noqa: D102 - see Cursor
        self._lines.skip(count)

    def ahead(self) -> Iterator[str]:  # noqa: D102 - see Cursor
        return self._own(self._lines.ahead())

    def before(self, count: int) -> list[str]:  # noqa: ARG002, D102 - see Text
        return []

    def back(self, count: int) -> None:  # noqa: D102 - see Text
        if count:
            raise ValueError(f"{count} lines back, where there are none")
