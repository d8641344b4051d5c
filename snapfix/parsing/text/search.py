"""Finding many short texts in much text at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ahocorasick_rs import BytesAhoCorasick, MatchKind

_AT_ONCE = 40
"""Needles for one automaton: its vector instructions (Teddy) slow down from some 45 on, and cannot do more than 64."""


class Finder:
    """Finds where markers may stand, as fast as ``bytes.find`` finds one.

    Args:
        markers: non-empty, without line breaks.
        needles: what is looked for: texts of which every marker holds one. An automaton looks at the first three bytes
            of all its needles at once, and compares only where they fit; few needles that begin unlike ordinary text,
            and alike among themselves, are found fastest.

    Raises:
        ValueError: a marker holds no needle.
    """

    def __init__(self, markers: Iterable[str], needles: Sequence[str]) -> None:
        self.markers = tuple(dict.fromkeys(markers))
        alone = [marker for marker in self.markers if not any(needle in marker for needle in needles)]
        self.needles = (*needles, *alone)
        patterns = [needle.encode() for needle in self.needles]
        # The kinds of match that also report needles within needles are ten times as slow: no vector instructions.
        self._automata = [
            (start, BytesAhoCorasick(patterns[start : start + _AT_ONCE], matchkind=MatchKind.LeftmostFirst))
            for start in range(0, len(patterns), _AT_ONCE)
        ]

    def find(self, text: bytes) -> list[tuple[int, int]]:
        """Where needles begin, ascending, and which: its index in ``needles``.

        Of needles that overlap, some may be left out; ``markers_at`` thinks of those.
        """
        found = [
            (at, first + needle)
            for first, automaton in self._automata
            for needle, at, _ in automaton.find_matches_as_indexes(text)
        ]
        found.sort()
        return found

    def markers_at(self, needle: int) -> list[str]:
        """The markers that may stand where this needle was found."""
        found = self.needles[needle]
        near = [other for other in self.needles if _can_overlap(found, other)]
        return [marker for marker in self.markers if any(other in marker for other in near)]


def _can_overlap(found: str, other: str) -> bool:
    """``other`` is ``found``, or begins with an end of it, or ends with a beginning of it."""
    return any(
        one.startswith(another[start:])
        for one, another in ((found, other), (other, found))
        for start in range(len(another))
    )
