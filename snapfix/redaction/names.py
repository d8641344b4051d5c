"""Names that say that their value is a secret."""

from __future__ import annotations

# Ends of names, in any case; ``token`` and the others stand for ``refresh_token``, ``refreshToken`` as well.
SECRET_WORD = (
    r"(?:(?:pass?w(?:or[dt]|r?d)|passphrase|mnemonic|(?:seed|recovery)_?phrase|pwd|requirepass|secret(?:_?key|_?access_?key)?|client_?secret|token"
    r"|(?:api|auth|access|private|signing|encryption|account|shared_?access|subscription|master)[_-]?key"
    r"|(?:(?<=[_-])|(?<![A-Za-z0-9_.]))(?:pass|pw|credential|passcode|apikeys?)|(?<=ENCRYPTED_)key)(?:_?[0-9]|_)?)"
)
SECRET_PARTS = ("pas", "pw", "secret", "token", "key", "credential", "mnemonic", "phrase")
"""One of these stands in every secret word."""
_KINDS = (("secret", "secret"), ("pas", "password"), ("pw", "password"), ("token", "token"), ("key", "api-key"))


def kind_of(word: str) -> str:
    """The kind of secret that a name promises."""
    word = word.lower()
    return next((kind for part, kind in _KINDS if part in word), "secret")
