"""How much a piece of code speaks of the same things as the crash, by its words.

The classic of information retrieval (inverse document frequency, Sparck Jones 1972): a word that the crash and a
function share tells the more, the fewer places there are that have it. Names are taken apart into their words.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

from snapfix.crash import SourceFile

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_COMMON = """
    self cls none true false assert test tests def return import from class lambda not and the for with raise except
    finally try else elif pass str int float bool list dict tuple set object type any len print get item items key keys
    value values name names data result results args kwargs expected actual error exception file line traceback most
    recent call last must have has that this was were are its init main where
"""
_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_MIN_LENGTH = 3
_MAX_WORDS = 60
_MAX_COUNTED = 400
"""Words whose places are counted, those of the greatest weight first."""
_MAX_READ = 200_000_000
"""Characters that are read for the counts, over all words: some 0.1 s."""
_ENOUGH = 8
_SEARCHED = 16
"""Words that are looked for everywhere, the most telling first."""


class Relevance:
    """Compares code with what the crash speaks of.

    Args:
        spoken: texts of the crash with their weights (the failing line, the message, the name of the test).
        files: those that are searched; a word that is everywhere in them tells nothing.
    """

    def __init__(self, spoken: Iterable[tuple[str, float]], files: Iterable[SourceFile]) -> None:
        self._lowered = {file: _lower(file.text) for file in files}
        weights: dict[str, float] = {}
        for text, weight in spoken:
            for word in words(text):
                weights[word] = max(weights.get(word, 0.0), weight)
        characters = sum(map(len, self._lowered.values()))
        size = max(characters / 1000, 1.0)  # about as many functions
        most = max(_MAX_WORDS, min(_MAX_COUNTED, _MAX_READ // max(characters, 1)))
        counted = sorted(weights, key=lambda word: -weights[word])[:most]
        counts = {word: sum(text.count(word) for text in self._lowered.values()) for word in counted}
        telling = {word: weights[word] * _rarity(counts[word], size) for word in counted}
        best = sorted(telling.items(), key=lambda item: -item[1])[:_MAX_WORDS]
        self.weights: Mapping[str, float] = {word: weight for word, weight in best if weight > 0}
        self._whole = sum(sorted(self.weights.values(), reverse=True)[:_ENOUGH]) or 1.0

    def of(self, code: str) -> float:
        """From 0, where the code shares no telling word with the crash, to 1, where it shares many."""
        lowered = code.lower()
        shared = sum(weight for word, weight in self.weights.items() if word in lowered)
        return min(shared / self._whole, 1.0)

    def most_alike(self, limit: int) -> list[tuple[SourceFile, int, float]]:
        """The places whose code shares most with the crash: file, line of the definition, and how much, 1 at most.

        A definition is what stands between two ``def`` or ``class`` lines: nothing is parsed.
        """
        found: list[tuple[float, SourceFile, int]] = []
        for file, lowered in self._lowered.items():
            starts = [match.start(1) for match in _DEFINITION.finditer(file.text)]
            ends = [lowered.find("\n", start) for start in starts]
            scores = [0.0] * len(starts)
            for word, weight in list(self.weights.items())[:_SEARCHED]:
                for number in _chunks_with(word, lowered, starts):
                    scores[number] += weight
                    if lowered.find(word, starts[number], ends[number]) >= 0:
                        scores[number] += weight  # in the definition's own name or parameters
            found += [(score, file, starts[number]) for number, score in enumerate(scores) if score]
        best = sorted(found, key=lambda each: -each[0])[:limit]
        most = best[0][0] if best else 1.0
        return [(file, file.text.count("\n", 0, start) + 1, score / most) for score, file, start in best]


def _chunks_with(word: str, text: str, starts: Sequence[int]) -> set[int]:
    found: set[int] = set()
    position = text.find(word)
    while position >= 0:
        number = bisect_right(starts, position) - 1
        if number >= 0:
            found.add(number)
        after = starts[number + 1] if number + 1 < len(starts) else len(text)
        position = text.find(word, after)
    return found


def _lower(text: str) -> str:
    """In lower case, with every character in its place (some have a longer lower case)."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


def _rarity(count: int, size: float) -> float:
    """0 for a word that is nowhere, or in every function."""
    return max(math.log(size / count + 1) - 0.3, 0.0) if count else 0.0


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.split())


@lru_cache(maxsize=64)
def words(text: str) -> tuple[str, ...]:
    """The telling words of a text: its names whole and in parts, in lower case and the singular."""
    found: dict[str, None] = {}
    for name in _NAME.findall(text[:20_000]):
        lowered = name.lower()
        for word in (lowered, *(part.lower() for part in _PART.findall(name))):
            stem = word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 4 else word
            if len(stem) >= _MIN_LENGTH and not {word, stem} & _common():
                found[stem] = None
    return tuple(found)
