"""Secrets out, before anything leaves the machine; and back in, when the answer has come.

A secret becomes a typed mask, ``<redacted:api-key-1>``. The same secret has the same mask in every text of one
``Redactor``, so that a model can still tell two of them apart, and ``restore`` puts the user's own text back.

::

    vendors       keys with a format of their own, JSON Web Tokens, webhooks
    private_keys  blocks of PEM and PuTTY
    assignments   literals that are given to names such as ``password``
    unquoted      values without quotes: YAML, INI, shell, Docker files
    sentences     passwords that a message quotes
    calls         passwords by their place among the arguments: ``login("ada", "hunter2")``
    commands      passwords in command lines
    addresses     passwords in addresses, connection strings and queries
    headers       credentials and cookies in HTTP headers, as they are printed
    people        e-mail addresses, and users' names in paths
    entropy       random strings that none of these knows

What is not masked: a name that only refers to a secret (``password = os.environ["PW"]``, ``password: str``),
placeholders (``${TOKEN}``, ``<your key>``, ``***``), and digests (commits, checksums, UUIDs).

The number of lines never changes, so line numbers stay true. Every pattern either starts at a literal or runs
over a class of characters once, so the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from snapfix.redaction import (
    addresses,
    assignments,
    calls,
    commands,
    entropy,
    headers,
    people,
    private_keys,
    sentences,
    unquoted,
    vendors,
)
from snapfix.redaction.text import Span

Masks = Sequence[tuple[str, str]]
"""Pairs of (mask, secret)."""

_MASK = re.compile(r"<redacted:[a-z-]{1,20}-[0-9]{1,9}>")
_LONGEST_MASK = len("<redacted:-1>") + 20 + 8
# A text that a mask uncovers at its edge is seen by the next pass. Real text needs two, the second to see that nothing
# is left; these are more than it ever needs.
_MAX_PASSES = 8
# Users' names are looked for in other paths too, one by one; more than this in one crash is no real text.
_MAX_USERS = 200

_FINDERS: tuple[Callable[[str], Iterator[Span]], ...] = (
    private_keys.find,
    headers.find,
    assignments.find_quoted,
    assignments.find_compared,
    assignments.find_returned,
    addresses.find_passwords,
    addresses.find_in_drivers,
    addresses.find_in_connection_strings,
    vendors.find_webhooks,
    vendors.find_keys,
    vendors.find_json_web_tokens,
    headers.find_bearer_tokens,
    headers.find_cookies,
    unquoted.find_environment_lines,
    unquoted.find_yaml_lines,
    unquoted.find_bare,
    assignments.find_fallbacks,
    assignments.find_collections,
    assignments.find_pairs,
    assignments.find_elements,
    sentences.find,
    unquoted.find_weak,
    addresses.find_in_queries,
    calls.find,
    commands.find,
    people.find_email_addresses,
    people.find_users,
    entropy.find,
)
"""In this order: what encloses other secrets comes before what may stand inside it, and guesses come last."""


class Redactor:
    """Masks secrets in several texts that belong together.

    ``texts`` are those that will be redacted: a secret found in one of them is masked in all, and a mask that
    already stands in one of them is never given to a secret.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._masks: dict[str, str] = {}
        self._reserved: set[str] = set()
        self._counts: dict[str, int] = {}
        self._done: dict[str, str] = {}
        self._known = _Known(())
        every = tuple(texts)
        for text in every:
            self._reserve(text)
        for text in every:
            self.redact(text)

    @property
    def masks(self) -> tuple[tuple[str, str], ...]:
        """The masks given so far, each with its secret."""
        return tuple((mask, secret) for secret, mask in self._masks.items())

    def redact(self, text: str) -> str:
        """The text with a mask in place of every secret; redacting it again changes nothing."""
        original = text
        known = self._done.get(text)
        if known is not None:
            # Only what was found since then, in other texts, can be new in it.
            text = self._mask_known(known)
            if text == known:
                return text
        self._reserve(text)
        for _ in range(_MAX_PASSES):
            before = text
            for find in _FINDERS:
                text = self._apply(text, find)
            text = self._mask_known(text)
            if text == before:
                break
        self._done[original] = text
        return text

    def _reserve(self, text: str) -> None:
        self._reserved.update(_MASK.findall(text))

    def _apply(self, text: str, find: Callable[[str], Iterator[Span]]) -> str:
        parts: list[str] = []
        done = 0
        for start, end, kind in find(text):
            secret = text[start:end]
            # A line break in a mask would be one line less in the text: finders yield such a secret line by line.
            if start < done or not secret.strip() or "\n" in secret or _touches_mask(text, start, end):
                continue
            parts += [text[done:start], self._mask(secret, kind)]
            done = end
        return "".join([*parts, text[done:]]) if parts else text

    def _mask(self, secret: str, kind: str) -> str:
        if secret not in self._masks:
            taken = True
            while taken:
                self._counts[kind] = self._counts.get(kind, 0) + 1
                mask = f"<redacted:{kind}-{self._counts[kind]}>"
                taken = mask in self._reserved
            self._masks[secret] = mask
            self._reserved.add(mask)
        return self._masks[secret]

    def _mask_known(self, text: str) -> str:
        """Secrets that were found elsewhere, also where nothing around them says what they are."""
        if self._known.size != len(self._masks):
            self._known = _Known(self.masks)
        return self._known.mask(text)


class _Known:
    """Finds the secrets that are known already, all of them at once: as long for thousands as for one."""

    def __init__(self, masks: Masks) -> None:
        self.size = len(masks)
        distinctive = {secret: mask for mask, secret in masks if _is_distinctive(secret)}
        self._distinctive = [mask.encode() for mask in distinctive.values()]
        self._finder = None
        if distinctive:
            patterns = [_encoded(secret) for secret in distinctive]
            self._finder = BytesAhoCorasick(patterns, matchkind=MatchKind.LeftmostLongest)
        users = (
            (secret, mask)
            for mask, secret in masks
            if mask.startswith("<redacted:user-") and len(secret) >= 3 and secret not in distinctive
        )
        # Of two names that begin alike, the longer one first.
        self._users = sorted(islice(users, _MAX_USERS), key=lambda user: len(user[0]), reverse=True)

    def mask(self, text: str) -> str:
        """The text with masks for them, but nothing inside its masks."""
        if self._finder is not None:
            text = _outside_masks(text, self._in_part)
        for name, mask in self._users:
            if name in text:
                text = _outside_masks(text, partial(people.name_in_path(name).sub, mask))
        return text

    def _in_part(self, part: str) -> str:
        encoded = _encoded(part)
        found = self._finder.find_matches_as_indexes(encoded) if self._finder is not None else ()
        pieces: list[bytes] = []
        done = 0
        for which, start, end in found:
            pieces += [encoded[done:start], self._distinctive[which]]
            done = end
        return _decoded(b"".join([*pieces, encoded[done:]])) if pieces else part


def restore(text: str, masks: Masks) -> str:
    """Put the secrets back in place of their masks, also where a model wrote the mask with HTML entities."""
    secrets = dict(masks)
    if not secrets or "redacted:" not in text:
        return text
    written = re.compile(r"(?:<|&lt;)(redacted:[a-z-]{1,20}-[0-9]{1,9})(?:>|&gt;)")
    return written.sub(lambda match: secrets.get(f"<{match[1]}>", match[0]), text)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogatepass")


def _touches_mask(text: str, start: int, end: int) -> bool:
    """Whether a part of a mask stands there: it would be masked, and the rest of the mask mean nothing."""
    if "<redacted:" in text[start:end]:
        return True
    around = _MASK.finditer(text, max(start - _LONGEST_MASK, 0), min(end + _LONGEST_MASK, len(text)))
    return any(mask.start() < end and start < mask.end() for mask in around)


def _outside_masks(text: str, replace: Callable[[str], str]) -> str:
    """The text with what stands between its masks replaced."""
    between = (replace(part) for part in _MASK.split(text))
    return "".join(part + old for part, old in zip(between, [*_MASK.findall(text), ""], strict=True))


def _is_distinctive(secret: str) -> bool:
    """It would not be a word of ordinary code, so it is masked wherever it stands."""
    if "\n" in secret or len(secret) < 6:
        return False
    has_letter = any(c.isalpha() for c in secret)
    has_digit = any(c.isdigit() for c in secret)
    return (has_letter and has_digit) or (len(secret) >= 16 and not secret.replace(".", "").isidentifier())
