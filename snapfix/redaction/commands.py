"""Passwords in command lines, as a shell or a list of arguments has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from snapfix.redaction.names import SECRET_WORD, kind_of
from snapfix.redaction.placeholders import has_secret_signs, is_ordinary, is_placeholder
from snapfix.redaction.text import Span, matches

_GAP = r"(?:[ \t]{1,4}|[\"'],[ \t]{0,4})"
"""Between two arguments: blanks, or the end of one literal and the comma before the next."""


@cache
def _option() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w-])--?[A-Za-z0-9_-]{{0,40}}?(?P<word>{SECRET_WORD})"
        r"(?:(?P<equals>=)|(?P<item>[\"'],[ \t]{0,4}(?=[\"']))|[ \t]{1,4})"
        r"(?P<quote>[\"'])?(?P<value>(?(quote)[^\"'\n]|[^\s\"',\]]){3,300})",
        re.IGNORECASE,
    )


@cache
def _user_and_password() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w-])(?:-u|-U|-a|--user|--proxy-user|--auth)(?:=|{_GAP}|(?<=-u))[\"']?"
        r"(?P<user>[^\s\"':]{1,80}):(?P<value>[^\s\"']{1,200})"
    )


_VALUE = r"[\"']?(?P<value>[^\s\"']{2,200})"
_COMMANDS = (
    # (what stands in the line, the pattern of the password)
    ("sshpass", rf"sshpass{_GAP}-p(?:{_GAP})?{_VALUE}"),
    (" login", rf"(?:docker|podman|helm|skopeo|oc)\b.{{0,200}}?\blogin\b.{{0,200}}?{_GAP}-p{_GAP}{_VALUE}"),
    ("twine", rf"twine\b.{{0,200}}?{_GAP}-p{_GAP}{_VALUE}"),
    ("mysql", r"mysql(?:dump|admin|import|show)?\b.{0,200}?[\s\"']-p(?P<value>[^\s\"'-][^\s\"']{1,200})"),
    ("mariadb", r"mariadb(?:-dump)?\b.{0,200}?[\s\"']-p(?P<value>[^\s\"'-][^\s\"']{1,200})"),
    ("redis-cli", rf"redis-cli\b.{{0,200}}?[\s\"']-a{_GAP}{_VALUE}"),
    ("pass:", r"[\s\"']pass:(?P<value>[^\s\"']{2,200})"),
    ("vault", rf"\bvault{_GAP}login{_GAP}(?P<value>[^\s\"'-][^\s\"']{{5,200}})"),
    ("net use", r"net use\b.{0,200}?/user:\S{1,80}[ \t]{1,4}(?P<value>[^\s/]\S{1,200})"),
)  # fmt: skip


@cache
def _command(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def find(text: str) -> Iterator[Span]:
    """``--password hunter2``, ``curl -u ada:hunter2``, ``mysql -phunter2`` and their like."""
    yield from _options(text)
    for match in matches(text, ("curl", "wget", "http ", "--user", "--auth", "--proxy-user"), _user_and_password()):
        if not (is_placeholder(match["value"]) or (match["user"].isdigit() and match["value"].isdigit())):
            yield (*match.span("value"), "password")
    for word, pattern in _COMMANDS:
        for match in matches(text, (word,), _command(pattern)):
            if not is_placeholder(match["value"]):
                yield (*match.span("value"), "password")


def _options(text: str) -> Iterator[Span]:
    for match in matches(text, ("--", "-pass", "-pw", "-token", "-secret"), _option()):
        value = match["value"]
        if value.startswith(("-", "$", "<", "[", "(", "{")) or is_placeholder(value, match["word"]):
            continue
        # `--password PASSWORD` is a usage, and `--password is required` a sentence.
        usage = value.isupper() and value.replace("_", "").isalpha()
        sentence = match["quote"] and not match["item"] and " " in value
        certain = match["equals"] or match["item"] or match["quote"] or has_secret_signs(value)
        if certain and not (usage or sentence or is_ordinary(value)):
            yield (*match.span("value"), kind_of(match["word"]))
