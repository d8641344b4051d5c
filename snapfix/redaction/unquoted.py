"""Values without quotes behind a name that says what they are: YAML, INI, shell, Docker files, queries.

Behind a weaker name (``key``, ``auth``, ``session``) only what looks random is a secret, with quotes or without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from snapfix.redaction import entropy
from snapfix.redaction.names import SECRET_PARTS, SECRET_WORD, kind_of
from snapfix.redaction.placeholders import has_secret_signs, is_numbered_name, is_ordinary, is_placeholder
from snapfix.redaction.text import Span, line_end, matches


@cache
def _bare() -> re.Pattern[str]:
    start = r"(?:(?<=[\n?&;\s|\"'=])|\A)"
    return re.compile(
        rf"(?:(?:\A|(?<=\n))[ \t>|#0-9+│-]{{0,40}}(?:(?:export|set|ENV|ARG)[ \t]{{1,4}})?[\"']?|{start})"
        rf"(?P<name>[A-Za-z0-9_.-]{{0,60}}{SECRET_WORD})[\"']?"
        r"(?P<separator>[ \t]{0,20}[:=][ \t]{0,20})"
        r"(?P<value>[^\s\"'`,;&()\[\]{}<>\\]{3,400})(?P<after>[(\[{])?",
        re.IGNORECASE,
    )


def find_bare(text: str) -> Iterator[Span]:
    """``PASSWORD=hunter2``, ``password: hunter2``, ``?token=abc123``: values without quotes."""
    for match in matches(text, SECRET_PARTS, _bare()):
        if _is_bare_secret(match):
            yield (*match.span("value"), kind_of(match["name"][-10:]))


def _is_bare_secret(match: re.Match[str]) -> bool:
    name, separator, value = match["name"], match["separator"], match["value"]
    if value.startswith(("=", "$", "{", "*", "%")) or match["after"] in ("(", "[", "{"):
        return False
    if is_placeholder(value, name) or is_ordinary(value) or not any(c.isalnum() for c in value):
        return False
    if value.replace(".", "").isidentifier():
        # It may be a name: a variable, an attribute, a type. An environment line, a lone word of YAML or digits say no.
        is_environment = name.isupper() and separator == "=" and not value.isupper()
        return "." not in value and (is_environment or _is_lone_word(match) or _looks_made_up(value))
    return any(c.isdigit() for c in value) or (len(value) >= 8 and has_secret_signs(value))


def _is_lone_word(match: re.Match[str]) -> bool:
    """``password: swordfish`` alone in its line, as in YAML: a type would have a capital, or be a builtin one."""
    text = match.string
    start = text.rfind("\n", 0, match.start("name")) + 1
    before = text[start : match.start("name")].strip(" \t+-\"'")
    after = text[match.end("value") : line_end(text, match.end("value"))].strip()
    if before or after or not match["separator"].startswith(":"):
        return False
    return re.fullmatch(r"[a-z]{5,}", match["value"]) is not None


def _looks_made_up(value: str) -> bool:
    """It has digits, and is not a name that was numbered (``token2``, ``int64``, ``sha256``)."""
    if value.rstrip("0123456789_").isalpha():
        return not is_numbered_name(value)
    inner = re.findall(r"(?<=[A-Za-z])[0-9]{1,4}(?=[A-Za-z])", value)
    return any(c.isdigit() for c in value) and ("_" not in value or len(inner) > 1)


@cache
def _environment_line() -> re.Pattern[str]:
    return re.compile(
        r"^[ \t>|+-]{0,40}(?:(?:export|set|ENV|ARG)[ \t]{1,4})?"
        rf"(?P<name>[A-Z0-9_]{{0,60}}(?i:{SECRET_WORD}))(?:=|(?<=[A-Z])[ \t]{{1,4}})"
        r"(?P<value>[^\s\"'][^\s]{2,400})[ \t]{0,20}$",
        re.MULTILINE,
    )


def find_environment_lines(text: str) -> Iterator[Span]:
    """``PASSWORD=pa(ss,wd`` alone in its line: the value goes on to the line's end, whatever signs it has."""
    for match in matches(text, SECRET_PARTS, _environment_line()):
        value = match["value"]
        if _is_code(value) or is_placeholder(value, match["name"]) or is_ordinary(value):
            continue
        if text[match.end("name")] == "=":
            secret = not (value.isidentifier() and value.isupper())
        else:
            secret = has_secret_signs(value) and re.match(r"[ \t+-]*(?:ENV|ARG)\b", match[0]) is not None
        if secret:
            yield (*match.span("value"), kind_of(match["name"][-10:]))


def _is_code(value: str) -> bool:
    """A call, an index, a bracket, a variable of the shell, or an argument with its comma."""
    code = re.match(r"[A-Za-z_][\w.]{0,80}[(\[]|[\[({$=<&*!|]", value)
    return code is not None or value.endswith((",", "(", "\\", ")", "{"))


@cache
def _yaml_line() -> re.Pattern[str]:
    return re.compile(
        rf"^[ \t>|+-]{{0,40}}(?P<name>[\w.-]{{0,60}}?{SECRET_WORD}):[ \t]{{1,8}}"
        r"(?P<value>[^\s\"'][^\s]{7,400})[ \t]{0,20}$",
        re.MULTILINE | re.IGNORECASE,
    )


def find_yaml_lines(text: str) -> Iterator[Span]:
    """``password: pa(ss,wd1`` alone in its line."""
    for match in matches(text, SECRET_PARTS, _yaml_line()):
        value = match["value"]
        name = value.replace(".", "").isidentifier() or not any(c.isdigit() for c in value)
        if not (name or _is_code(value) or is_placeholder(value, match["name"])):
            yield (*match.span("value"), kind_of(match["name"][-10:]))


@cache
def _weak() -> re.Pattern[str]:
    names = (
        r"key|auth|sig|signature|salt|session(?:_?id)?|sid|sess(?:id)?|cookie|credentials?|creds|seed|private|webhook|sas"
        r"|code|nonce|(?:csrf|xsrf)[\w-]{0,20}|challenge|verifier|response|pepper|hmac|fernet|dsn|license|serial|otp"
    )
    return re.compile(
        rf"(?<![A-Za-z0-9])(?:{names})\\?[\"']?\]?"
        r"(?:[ \t]{0,20}(?::=|=>|[:=])[ \t]{0,20}|[\"']?,[ \t]{0,4}(?=[\"']))(?:s%3A)?[rbuf]?\\?[\"']?"
        r"(?P<value>[A-Za-z0-9+/=_.~%-]{16,512})(?![A-Za-z0-9])",
        re.IGNORECASE,
    )


def find_weak(text: str) -> Iterator[Span]:
    """``DD_APP_KEY=cbf172e1...``, ``sessionid: ...``: names that may mean a secret, with a value that only one has."""
    parts = (
        "key", "auth", "sig", "salt", "sess", "sid", "cookie", "cred", "seed", "private", "webhook", "sas", "code",
        "nonce", "srf", "challenge", "verifier", "response", "pepper", "hmac", "fernet", "dsn", "license", "serial",
        "otp",
    )  # fmt: skip
    for match in matches(text, parts, _weak()):
        value = match["value"]
        plain = re.sub(r"%[0-9A-Fa-f]{2}", "", value)
        if entropy.looks_random(plain, shortest=16) or entropy.is_digest(value):
            yield (*match.span("value"), "secret")
