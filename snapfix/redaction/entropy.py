"""Strings that are too random to have been written by a person, and that no pattern knows.

The measure is Shannon's entropy in bits per character, as in detect-secrets and truffleHog, which take 4.5 for
base64 and 3.0 for hexadecimal digits (detect_secrets/plugins/high_entropy_strings.py). A string of ``n`` characters
cannot have more than ``log2(n)``, so that a fixed 4.5 passes over every key of 22 characters and most of 32: here the
limit is 1.1 below that maximum, and 4.5 at the most. Entropy alone also takes long identifiers for keys; so letters of
both cases and digits must follow each other as they do in random text, and not as in words.

Digests stay: commits, checksums and UUIDs look like random hexadecimal digits, and are no secrets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from math import log2

from snapfix.redaction.text import Span, line_around

MIN_LENGTH = 20
"""Shorter random strings cannot be told from names: the shortest that truffleHog looks at, too."""

_MOST_BITS = 4.5
_BELOW_MAXIMUM = 1.1
# Neighbours in random base64 are of two kinds (small letter, capital, digit) in 62 % of the places, in lower case with
# digits in 40 %, in base32 in 30 %; in identifiers (`getUserById2`, `utf8_decoder`) in less than 35 %, 15 % and 10 %.
# With these limits 95 % of random strings of 24 characters are found, 99 % of those of 32, and of the 40,575 words of
# 20 characters or more in the standard library, LiteLLM and Hypothesis 0.5 %, nearly all of which are base64.
_CHANGES_MIXED, _CHANGES_LOWER, _CHANGES_UPPER = 0.38, 0.2, 0.15
# Four small letters in a row are 10 % of random base64, and more than half of an identifier.
_MOST_IN_WORDS = 0.3
# Two small letters follow 18 % of the capitals in random base64, and most of those in `CamelCase`.
_MOST_INITIALS = 0.6
_MAX_LENGTH = 4096
# More than one hyphen or underscore in ten characters joins words: `llama3-1-70b-instruct`. Base64 has one in 32.
_NAME_SEPARATORS = 10

# Beginnings of files in base64: PNG, GIF, JPEG, WebP, SVG, PDF, ZIP, gzip, icons, fonts, XML, HTML, WebAssembly.
_FILE_HEADS = (
    "iVBORw0KGgo", "R0lGOD", "/9j/", "UklGR", "PHN2Zy", "JVBERi", "UEsDB", "H4sI", "AAABAA", "d09GR", "PD94bWw",
    "PCFET0", "PCFkb2", "PGh0bW", "AGFzbQ",
)  # fmt: skip
_DIGEST_LENGTHS = frozenset({32, 40, 56, 64, 96, 128})


@cache
def _run() -> re.Pattern[str]:
    return re.compile(rf"[A-Za-z0-9+/_-]{{{MIN_LENGTH},}}={{0,2}}")


@cache
def _uuid() -> re.Pattern[str]:
    return re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


@cache
def _hash_before() -> re.Pattern[str]:
    """How a checksum is announced: ``sha256:``, ``sha512-`` (subresource integrity), ``h1:`` (go.sum), ``base64,``."""
    return re.compile(r"(?:\b(?:sha\d{1,3}|md5|blake2[bs]?|h1)[-:=]|base64,|integrity=?[\"':\s]{0,4})$", re.IGNORECASE)


def shannon(text: str) -> float:
    """Shannon's entropy of the characters of ``text``, in bits per character; 0 for an empty one."""
    size = len(text)
    return -sum(count / size * log2(count / size) for count in Counter(text).values())


def is_hexadecimal(text: str) -> bool:
    """Hexadecimal digits in one case, with letters and digits among them (``1234e10`` is a number)."""
    letters = sum(c.isalpha() for c in text)
    return re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", text) is not None and len(text) // 8 <= letters < len(text)


def is_digest(text: str) -> bool:
    """As long as a checksum or a commit, and made of the same digits; or a UUID."""
    return (is_hexadecimal(text) and len(text) in _DIGEST_LENGTHS) or _uuid().fullmatch(text) is not None


def looks_random(text: str, *, shortest: int = MIN_LENGTH) -> bool:
    """Whether the text is one that only a generator of keys writes; digests are left to the caller."""
    size = len(text)
    if not shortest <= size <= _MAX_LENGTH or text.startswith(_FILE_HEADS):
        return False
    if text.count("-") + text.count("_") > size // _NAME_SEPARATORS:
        return False
    if shannon(text) < min(_MOST_BITS, log2(size) - _BELOW_MAXIMUM):
        return is_hexadecimal(text) and shannon(text) >= 3.0
    return _changes_like_random(text)


def _changes_like_random(text: str) -> bool:
    """Upper case, lower case and digits follow each other without the order that words have."""
    classes = ["d" if c.isdigit() else "u" if c.isupper() else "l" if c.islower() else " " for c in text]
    pairs = [(a, b) for a, b in pairwise(classes) if a != " " and b != " "]
    kinds = set(classes) - {" "}
    if len(pairs) < len(text) // 2 or len(kinds) < 2:
        return False
    changes = sum(a != b for a, b in pairs) / len(pairs)
    if "u" not in kinds or "l" not in kinds:
        return changes >= (_CHANGES_LOWER if "l" in kinds else _CHANGES_UPPER)
    # Base64 of 32 characters nearly always has digits.
    long_enough = "d" in kinds or len(text) >= 32
    in_words = _letters_in_words(text) >= _MOST_IN_WORDS * len(text) or _share_of_initials(classes) >= _MOST_INITIALS
    return long_enough and changes >= _CHANGES_MIXED and not in_words


def _letters_in_words(text: str) -> int:
    """How many letters stand in what can be spoken: four small letters or more, with vowels among the consonants."""
    runs = re.findall(r"[a-z]{4,}", text)
    return sum(len(run) for run in runs if re.search(r"[aeiouy]", run) and not re.search(r"[^aeiouy]{4}", run))


def _share_of_initials(classes: list[str]) -> float:
    """The share of capitals that begin a word, as in ``CamelCase``."""
    capitals = [i for i, c in enumerate(classes) if c == "u"]
    starts = sum(classes[i + 1 : i + 3] == ["l", "l"] for i in capitals)
    return starts / len(capitals) if capitals else 0.0


def find(text: str) -> Iterator[Span]:
    """Random strings of at least 20 characters, wherever they stand."""
    for run in _run().finditer(text):
        for start, end in _candidates(run):
            candidate = text[start:end]
            if looks_random(candidate) and not _is_public(text, start, candidate):
                yield start, end, "secret"


def _candidates(run: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The run without the words that it begins with (``django-insecure-``), or where it is a path, its parts."""
    parts = run[0].split("/") if _is_path(run[0]) else [run[0]]
    start = run.start()
    for part in parts:
        name = re.match(r"(?:[a-z]{2,20}[_-]){0,4}", part)
        yield start + (name.end() if name else 0), start + len(part)
        start += len(part) + 1


def _is_path(word: str) -> bool:
    """One of the parts between slashes is a word; those of base64 are random."""
    return "/" in word and any(re.fullmatch(r"[A-Z]?[a-z]{2,}[a-z0-9._-]{0,2}|v\d|", part) for part in word.split("/"))


def _is_public(text: str, start: int, candidate: str) -> bool:
    before = text[max(start - 40, 0) : start]
    if _hash_before().search(before) or before.endswith(("0x", "0X")):
        return True
    if is_hexadecimal(candidate):
        return _is_announced_digest(text, start, candidate)
    return _uuid().search(candidate) is not None


# A digest is rarely alone: its line says what it is.
_DIGEST_WORDS = re.compile(
    r"sha|md5|hash|digest|commit|rev|checksum|crc|blob|tree|etag|fingerprint|uuid|guid|trace|span|integrity|expected"
    r"|assert|==|hex|index|version|merge|parent|hunk|cache|mac\b|blake|check|@|/",
    re.IGNORECASE,
)


def _is_announced_digest(text: str, start: int, candidate: str) -> bool:
    """Nothing but hexadecimal digits is a secret only where a call is given it and nothing speaks of digests."""
    around = text[max(start - 2, 0) : start + len(candidate) + 1]
    quoted = len(around) == len(candidate) + 3 and around[1] in "\"'" and around[-1] == around[1]
    called = quoted and around[0] in "(= "
    before = text[max(start - 300, 0) : start]
    return not called or _DIGEST_WORDS.search(before + line_around(text, start).replace(candidate, "")) is not None
