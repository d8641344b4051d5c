"""Passwords among the arguments of a call whose name says so: ``login("ada", "hunter2")``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from snapfix.redaction.placeholders import is_ordinary, is_placeholder
from snapfix.redaction.text import Argument, Span, arguments, matches

_PARTS = (
    "login(", "log_in(", "logon(", "signin(", "sign_in(", "auth(", "authenticate(", "credential", "connect", "redis(",
    "_pass", "_pw(", "hashpw(", "checkpw(", "secret", "user(", "pool(", "unlock(", "_token", "api_key(", "apikey(",
    "cookie(",
)  # fmt: skip

# The password is the last argument, after a name.
_LAST = (
    r"log_?in|sign_?in|logon|authenticate|(?:http)?(?:basic|digest|proxy)_?auth|(?:plain)?credentials?"
    r"|(?:add|set)_credentials?|add_password|create_(?:super)?user"
)
# ... the last one, also if it is alone,
_SET = (
    r"(?:set|make|change|update|reset|store|put|create|with)_(?:\w{1,20}_)?"
    r"(?:password|passwd|pw|secret|token|api_?key|cookie)"
)
# ... the first one,
_FIRST = (
    r"(?:check|verify|hash|validate|encrypt|compare)_(?:password|passwd|pw|secret|token|passphrase)|hashpw|checkpw"
    r"|unlock|secret(?:str|bytes)?"
)
# ... or, where the arguments before it are a host and a user, the third one or later.
_CONNECT = r"(?:\w{0,30}_)?connect(?:ion)?|(?:strict)?redis|create_(?:pool|connection)"
_HOST_OR_USER = re.compile(r"host|addr|url|name|port|server|user|login|account|\bdb|^\s*(?:\"\"|\d+\s*$)", re.I)


@cache
def _call() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![A-Za-z0-9])(?:(?P<last>{_LAST})|(?P<set>{_SET})|(?P<first>{_FIRST})|(?P<connect>{_CONNECT}))\(",
        re.IGNORECASE,
    )


def find(text: str) -> Iterator[Span]:
    """Literal arguments that are passwords by their place."""
    for match in matches(text, _PARTS, _call()):
        if text[max(match.start() - 4, 0) : match.start()] == "def ":
            continue
        given = [argument for argument in arguments(text, match.end()) if argument.is_positional]
        found = _password(match.lastgroup or "", given)
        if found is None:
            continue
        value = text[slice(*found)]
        if not (is_placeholder(value) or is_ordinary(value) or "://" in value):
            yield (*found, _kind(match[0].lower()))


def _password(place: str, given: list[Argument]) -> tuple[int, int] | None:
    if not given:
        return None
    if place == "first":
        return given[0].literal
    if place == "last":
        return given[-1].literal if len(given) > 1 else None
    if place == "set":
        return given[-1].literal if len(given) < 4 else None
    named = [bool(_HOST_OR_USER.search(argument.text)) for argument in given[:2]]
    if len(given) < 3 or not all(named):
        return None
    # Where the second is a port, the user is the third.
    third = 3 if re.fullmatch(r"\s*(?:\w{0,20}port|\d+)\s*", given[1].text) else 2
    return next((a.literal for a in given[third:] if a.literal is not None), None)


def _kind(call: str) -> str:
    if "cookie" in call:
        return "credential"
    return next((kind for kind in ("secret", "token") if kind in call), "password")
