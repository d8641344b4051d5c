"""Finding many short texts in much text at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ahocorasick_rs import BytesAhoCorasick, MatchKind


class Finder:
    """Finds every place where one of ``markers`` stands.

    The Aho-Corasick automaton with vector instructions looks for forty texts at once as fast as ``bytes.find``
    looks for one (some 8 GB/s); that is what makes it affordable to know many layouts.

    Args:
        markers: non-empty, without line breaks.
    """

    def __init__(self, markers: Iterable[str]) -> None:
        self.markers: Sequence[str] = tuple(dict.fromkeys(markers))
        patterns = [marker.encode() for marker in self.markers]
        # The kinds of match that also report markers within markers are ten times as slow: no vector instructions.
        self._automaton = BytesAhoCorasick(patterns, matchkind=MatchKind.LeftmostFirst)

    def find(self, text: bytes) -> list[int]:
        """Where markers begin, ascending; of markers that overlap only the first."""
        return [start for _, start, _ in self._automaton.find_matches_as_indexes(text)]
