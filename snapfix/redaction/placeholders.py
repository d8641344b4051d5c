"""What stands where a secret could stand, and is none: names, types, placeholders, ordinary words."""

from __future__ import annotations

import re
from functools import cache
from keyword import iskeyword

from snapfix.redaction.text import words

# Types and values that stand after ``password:`` or ``token=`` in ordinary code and prose.
ORDINARY = words(
    "str bytes int float bool any object none null true false string text optional list dict tuple self cls token",
    "password secret passwd required default type value key hidden yes no on off number integer boolean array input",
    "missing invalid expired unknown incorrect wrong empty set unset changed provided given needed must should",
    "basic bearer user username name email file path env environment prompt ignored deprecated disabled enabled",
)
# Names that count: ``token2``, ``int64``, ``sha256``.
_NUMBERED = words("int uint float complex utf sha md base arg val value x v s a b c i j k n p q t")
_SECRET_PART = re.compile(r"pass|pwd|secret|token|key|credential|auth", re.IGNORECASE)


@cache
def _placeholder() -> re.Pattern[str]:
    return re.compile(
        r"\{\{?[^{}]{0,80}\}\}?|%s|%\(\w{1,80}\)s|%[A-Za-z_]\w{0,60}%|\$\{?[A-Za-z_]\w{0,80}(?::?-)?\}?|\$[0-9@*]"
        r"|\$\([^()]{1,80}\)|<[^<>]{0,80}>|[*.xX_#?•-]{3,}|\*+|your[_ -].{0,60}|change_?me|none|null|true|false"
        r"|undefined|\[[a-z_ -]{1,20}\]|redacted|filtered",
        re.IGNORECASE,
    )


@cache
def _holes() -> re.Pattern[str]:
    return re.compile(r"%[srd]|%\(\w{1,80}\)s|\{[\w.]{0,80}(?:![rsa])?\}|[:@/,;|-]")


def is_placeholder(literal: str, word: str = "", *, formatted: bool = False) -> bool:
    """Whether a literal only says that a secret belongs here; ``word`` is the end of the name that it has."""
    if not _holes().sub("", literal).strip() or _placeholder().fullmatch(literal.strip()):
        return True
    if formatted and "{" in literal:
        return True
    # A tokenizer's tokens are punctuation, keywords and texts; a secret token is longer and without blanks.
    if word.lower().rstrip("_0123456789") not in ("token", "pass"):
        return False
    blank = any(c.isspace() for c in literal)
    return len(literal) < 5 or blank or iskeyword(literal) or not any(c.isalnum() for c in literal)


def is_ordinary(value: str) -> bool:
    """A word of code or prose, or the name of a secret instead of the secret."""
    return value.lower() in ORDINARY or (value.isidentifier() and _SECRET_PART.search(value) is not None)


def is_word(value: str) -> bool:
    """Nothing in it says that it is a password: it has no digit and no sign that names and words have not."""
    return re.fullmatch(r"[\w .,'/:-]*", value) is not None and not any(c.isdigit() for c in value)


def is_numbered_name(value: str) -> bool:
    """A name that ends in a number, such as ``address2``, or a name of several words."""
    stem = value.rstrip("0123456789_")
    return stem == value or not stem or "_" in stem or stem.lower() in _NUMBERED | ORDINARY


def has_secret_signs(value: str) -> bool:
    """Digits, or signs that passwords have and names have not."""
    return any(c.isdigit() for c in value) or any(c in "!@#$%^&*+~?" for c in value)
