"""Credentials in HTTP headers: in dumps, dictionaries, lists of pairs, bytes, commands and cookies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from snapfix.redaction.placeholders import is_placeholder
from snapfix.redaction.text import NO_WORD_BEFORE, Span, by_line, closes_literal, line_end, literal_end, matches

_PARTS = ("authorization", "cookie", "x-", "x_", "api-key", "api_key", "private-token", "subscription-key")


@cache
def _header() -> re.Pattern[str]:
    names = (
        r"(?:proxy-|http_|http_proxy_)?authorization|(?:set-|http_)?cookie2?|(?:http_)?x[-_](?:[\w]{1,20}[-_]){0,3}(?:key|token|auth"
        r"|secret|signature|password)|api-key|private-token|ocp-apim-subscription-key|(?:job|deploy)-token"
    )
    return re.compile(
        rf"(?:(?<![\w-])|(?<=\\[nrt]))(?:{names})(?P<close>\\?[\"'])?\]?[ \t]{{0,8}}[:=,][ \t]{{0,8}}"
        r"(?:(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>\\?[\"']))?"
        r"(?P<scheme>(?:bearer|basic|token(?:[ \t]token=)?|digest|apikey|negotiate|key|aws4-hmac-sha256)[ \t=]{1,4})?",
        re.IGNORECASE,
    )


def find(text: str) -> Iterator[Span]:
    """The values of headers that carry credentials, without the scheme in front."""
    for match in matches(text, _PARTS, _header()):
        quote = match["quote"]
        inside = quote is not None and closes_literal(match)
        if inside or (quote is None and (match["close"] or match["prefix"] or not _is_header_line(match))):
            continue
        end = literal_end(text, match.end(), quote) if quote else _bare_end(text, match.end())
        value = text[match.end() : end]
        is_cookie = "cookie" in match[0].lower()
        if "{" in value or len(value) < 4 or (is_cookie and not re.search(r"=[^\s=;,]", value)):
            continue
        if not is_placeholder(value):
            yield from by_line(text, match.end(), end, "credential")


def _is_header_line(match: re.Match[str]) -> bool:
    """Without quotes, it is a header only with a colon, and a scheme or a value like one."""
    rest = match.string[match.end() : _bare_end(match.string, match.end(), at_most=200)]
    return ":" in match[0] and (
        match["scheme"] is not None
        or re.match(r"[^\s=;,]{1,80}=[^\s=]", rest) is not None
        or (re.fullmatch(r"\S{12,}\s*", rest) is not None and any(c.isdigit() for c in rest))
    )


@cache
def _bare_stop() -> re.Pattern[str]:
    """A quote, the end of the line, or one that is printed as such."""
    return re.compile(r"[\"'\n]|\\[rn]")


def _bare_end(text: str, start: int, *, at_most: int = 8192) -> int:
    limit = min(line_end(text, start), start + at_most)
    stop = _bare_stop().search(text, start, limit)
    return stop.start() if stop else limit


@cache
def _scheme() -> re.Pattern[str]:
    return re.compile(r"(?<![A-Za-z0-9_])(?:Bearer|Basic)[ ]([A-Za-z0-9._~+/=-]{16,})")


def find_bearer_tokens(text: str) -> Iterator[Span]:
    """``Bearer ...`` and ``Basic ...`` outside a header."""
    for match in matches(text, ("bearer ", "basic "), _scheme()):
        if any(c.isdigit() for c in match[1]):
            yield (*match.span(1), "credential")


@cache
def _cookie() -> re.Pattern[str]:
    names = (
        r"sessionid|phpsessid|jsessionid|aspsessionid\w{0,20}|asp\.net_sessionid|connect\.sid|laravel_session"
        r"|_gitlab_session|csrftoken|xsrf-token"
    )
    return re.compile(
        r"<Cookie [^\s=<>]{1,80}=(?P<printed>[^\s<>]{1,4000}) for "
        rf"|{NO_WORD_BEFORE}(?:{names})=(?P<bare>[^\s;\"',<>]{{6,4000}})"
        r"|AWS4-HMAC-SHA256[^\n]{1,400}Signature=(?P<aws>[A-Za-z0-9+/=]{10,200})"
        r"|\bDigest [^\n]{0,400}\bresponse=\"(?P<digest>[^\"\n]{8,200})",
        re.IGNORECASE,
    )


def find_cookies(text: str) -> Iterator[Span]:
    """Cookies by the names that frameworks give them, jars as they are printed, and signatures of requests."""
    for match in matches(text, ("<cookie ", "sess", "connect.sid", "srf", "aws4-", "digest "), _cookie()):
        group = match.lastgroup or ""
        if not is_placeholder(match[group]):
            yield (*match.span(group), "credential")
