"""Passwords and keys in addresses: between ``://`` and ``@``, in queries, and in drivers' connection strings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from snapfix.redaction import entropy
from snapfix.redaction.placeholders import is_ordinary, is_placeholder
from snapfix.redaction.text import Span, matches


@cache
def _address() -> re.Pattern[str]:
    """The user, and what follows the colon up to the last ``@`` before a host."""
    return re.compile(
        r"(?<=[A-Za-z0-9])://(?P<user>[^\s:/@\"'<>`]{0,128})"
        r":(?P<password>[^\s\"'<>`]{1,256})@(?=[A-Za-z0-9_.\[-]{1,255}(?::[0-9]{1,5})?(?:[/?#\s\"'<>`,;)\]}\\]|$))"
    )


@cache
def _lone_user() -> re.Pattern[str]:
    return re.compile(r"(?<=[A-Za-z0-9])://(?P<user>[^\s:/@\"'<>`]{16,256})(?::(?:x-oauth-basic|x-access-token)?)?@")


def find_passwords(text: str) -> Iterator[Span]:
    """``postgres://ada:hunter2@db/shop``, also where the password has an ``@``, a colon or a slash in it."""
    if "://" not in text:
        return
    for match in _address().finditer(text):
        password = match["password"]
        # `https://host:8080/@scope` has a port there, and no password.
        if not is_placeholder(password) and not re.match(r"[0-9]{1,5}/", password) and password != "x-oauth-basic":
            yield (*match.span("password"), "password")
    for match in _lone_user().finditer(text):
        if any(c.isdigit() for c in match["user"]) and "." not in match["user"]:
            yield (*match.span("user"), "token")


@cache
def _driver() -> re.Pattern[str]:
    return re.compile(
        r"[\w.-]{1,80}:(?P<go>[^\s\"'@]{1,200})@(?:tcp|unix|udp)\(|jdbc:oracle:\w{1,10}:[\w.-]{1,80}/(?P<oracle>[^\s\"']{1,200})@"
        r"|(?:pwd|password|accesskey|accountkey)%3D(?P<encoded>(?:[^%\s\"'&]|%(?!3B|26)[0-9A-F]{2}){1,200})",
        re.IGNORECASE,
    )


def find_in_drivers(text: str) -> Iterator[Span]:
    """Addresses that are none by the standard: Go's MySQL driver, Oracle's, an ODBC string inside an address."""
    for match in matches(text, ("@tcp(", "@unix(", "jdbc:oracle", "%3d"), _driver()):
        group = match.lastgroup or ""
        if not is_placeholder(match[group]):
            yield (*match.span(group), "password")


@cache
def _string() -> re.Pattern[str]:
    """A part of a connection string; its value goes on to the semicolon, whatever signs it has."""
    return re.compile(
        r"(?:^|[;\"'\s])(?:password|pwd|accountkey|sharedaccesskey|accesskey|sharedaccesssignature)[ \t]?=[ \t]?"
        r"(?P<brace>\{)?(?P<value>(?(brace)[^}\n\"]|[^;\n\"'])+)",
        re.IGNORECASE,
    )


def find_in_connection_strings(text: str) -> Iterator[Span]:
    """``Server=db;User Id=sa;Password=pa(ss;`` and ``AccountName=a;AccountKey=...;``."""
    for match in matches(text, ("password", "pwd", "accesskey", "accountkey", "sharedaccess"), _string()):
        if ";" not in text[max(match.start() - 200, 0) : match.end() + 1].rpartition("\n")[2] or "(" in match["value"]:
            continue
        if not is_placeholder(match["value"]) and not is_ordinary(match["value"]):
            end = match.start("value") + len(match["value"].rstrip())
            yield match.start("value"), end, "password" if "key" not in match[0].lower() else "api-key"


@cache
def _query() -> re.Pattern[str]:
    return re.compile(
        r"(?<=[?&;])(?:(?P<certain>sig|x-amz-signature|x-amz-security-token|x-amz-credential|x-goog-signature|signature|sv_sig)"
        r"|(?P<likely>key|code|auth|sid|session(?:_?id)?|ticket|state|sas|hash|hmac|access|nonce|k|t))="
        r"(?P<value>[A-Za-z0-9%+/_.~=-]{6,2000})",
        re.IGNORECASE,
    )


def find_in_queries(text: str) -> Iterator[Span]:
    """``?sig=...`` of a signed address; and ``?key=...`` where the value looks random."""
    for match in matches(text, ("?", "&"), _query()):
        value = match["value"]
        if match["certain"] or entropy.looks_random(value, shortest=12) or entropy.is_digest(value):
            yield (*match.span("value"), "token")
