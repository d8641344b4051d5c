"""Which of two spellings of one name is the misspelt one: judged by common words, then by the rest of the project."""

from __future__ import annotations

import re
from enum import StrEnum

from snapfix.crash import CrashContext
from snapfix.rules.tables.common_words import COMMON_WORDS

_ENDING = re.compile(r"(?:tion|sion|ment|ness|able|ible|ing|ance|ence|ical|ture|ally)s?$", re.IGNORECASE)
"""How English words end; a spelling that ends so is not the one that lost a letter there."""
_SHORT = 5
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_a-zA-Z]+")


class Wrong(StrEnum):
    """The side that is misspelt, as far as it can be told."""

    USE = "use"
    DEFINITION = "definition"
    EITHER = "either"
    NEITHER = "neither"


def misspelt_side(context: CrashContext, used: str, defined: str, *, uses: int = 1, definitions: int = 1) -> Wrong:
    """Whether ``used`` is a misspelling of ``defined``, or the other way round.

    ``uses`` and ``definitions`` are the places that are in question: only what the project writes beyond
    them speaks for a spelling.
    """
    if _plain(used) == _plain(defined):
        return Wrong.USE
    unknown = _unknown(used), _unknown(defined)
    if unknown == (0, 0):
        return Wrong.NEITHER
    if _is_another_word(used, defined):
        return Wrong.EITHER
    if unknown[0] != unknown[1]:
        return Wrong.USE if unknown[0] > unknown[1] else Wrong.DEFINITION
    ending = _ENDING.search(used) is None, _ENDING.search(defined) is None
    if ending[0] != ending[1]:
        return Wrong.USE if ending[0] else Wrong.DEFINITION
    for_used = _occurrences(context, used) > uses
    for_defined = _occurrences(context, defined) > definitions
    if for_used == for_defined:
        return Wrong.EITHER
    return Wrong.USE if for_defined else Wrong.DEFINITION


def _is_another_word(one: str, two: str) -> bool:
    """A letter replaced in a short word makes another word (``long``, ``lang``) as easily as a misspelling."""
    return len(one) == len(two) <= _SHORT and sorted(one.lower()) != sorted(two.lower())


def _plain(name: str) -> str:
    """The name without what is no misspelling: case, underscores, hyphens, British or American."""
    plain = re.sub(r"[\W_]+", "", name).lower()
    for british, american in (("our", "or"), ("ise", "ize"), ("yse", "yze"), ("tre", "ter"), ("grey", "gray")):
        plain = plain.replace(british, american)
    return plain


def _unknown(name: str) -> int:
    """How many words of a name are not common ones."""
    return sum(not _is_common(word.lower()) for word in _WORD.findall(name))


def _is_common(word: str) -> bool:
    singular = re.sub(r"(?<=[^s])s$", "", word)
    return word in COMMON_WORDS or singular in COMMON_WORDS or re.sub(r"ies$", "y", word) in COMMON_WORDS


def _occurrences(context: CrashContext, name: str) -> int:
    """How often the project writes a name, alone or as a word of a longer one; comments and docstrings count."""
    word = re.compile(rf"(?<![^\W\d_]){re.escape(name)}(?![^\W\d_])")
    return sum(len(word.findall(file.text)) for file in context.files if name in file.text)
