"""Passwords in sentences, as messages quote them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from snapfix.redaction.placeholders import has_secret_signs, is_ordinary, is_placeholder
from snapfix.redaction.text import Span, matches


@cache
def _prose() -> re.Pattern[str]:
    return re.compile(
        r"(?<![A-Za-z_])pass(?:word|phrase|code)`?[ \t]{1,4}(?:(?:is|was|of \w{1,40}|for \w{1,40})[ \t]{1,4}){0,2}"
        r"(?:(?P<quote>[\"'`])(?P<quoted>[^\"'`\n]{3,200})(?P=quote)|(?<=(?:is|as) )(?P<bare>[^\s\"'`,()]{5,200}))",
        re.IGNORECASE,
    )


@cache
def _statement() -> re.Pattern[str]:
    return re.compile(
        r"\blogin[ \t]{1,4}\S{1,80}[ \t]{1,4}password[ \t]{1,4}(?P<netrc>\S{1,200})"
        r"|\bIDENTIFIED[ \t]{1,4}BY[ \t]{1,4}'(?P<mysql>[^'\n]{1,200})'"
        r"|\bPASSWORD[ \t]{1,4}'(?P<postgres>[^'\n]{1,200})'"
        r"|\brequirepass[ \t]{1,4}(?P<redis>[^\s\"']{3,200})",
        re.IGNORECASE,
    )


def find(text: str) -> Iterator[Span]:
    """``invalid password 'hunter2' for ada``, and statements of netrc, SQL and Redis."""
    for match in matches(text, ("passw", "passp", "passc"), _prose()):
        group = "quoted" if match["quoted"] is not None else "bare"
        value = match[group]
        if is_placeholder(value) or is_ordinary(value) or (group == "bare" and not any(c.isdigit() for c in value)):
            continue
        if group == "quoted" and (re.fullmatch(r"[\w.]+\s*[=({\[].*", value) or " " in value.strip() or ", " in value):
            continue
        end = match.end(group) - (value[-1] in ".:;!" if group == "bare" else 0)
        yield match.start(group), end, "password"
    for match in matches(text, ("password ", "identified by", "requirepass "), _statement()):
        group = match.lastgroup or ""
        if has_secret_signs(match[group]) and not is_placeholder(match[group]):
            yield (*match.span(group), "password")
