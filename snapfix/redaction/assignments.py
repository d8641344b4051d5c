"""Literals that are given to a name such as ``password``: in Python, JSON, TOML, XML and most languages.

A name that ends in such a word makes a secret of any literal that it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from snapfix.redaction.names import SECRET_PARTS, SECRET_WORD, kind_of
from snapfix.redaction.placeholders import is_ordinary, is_placeholder, is_word
from snapfix.redaction.text import Span, arguments, by_line, closes_literal, literal_end, matches

_LITERAL = r"(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>\"\"\"|'''|\\\"|\\'|\"|')"


@cache
def _quoted() -> re.Pattern[str]:
    name_end = r"(?P<close>\\?[\"'])?\]?"
    annotation = r"(?:[ \t]{0,4}:[ \t]{0,4}[A-Za-z_][\w.|\[\], ]{0,40})?"
    separator = rf"(?:{annotation}[ \t]{{0,40}}(?::?=(?!=)|[=!]=|:|=>)[ \t]{{0,40}}(?:\(\s{{0,80}})?)"
    return re.compile(f"(?P<word>{SECRET_WORD})(?:{name_end}{separator}){_LITERAL}", re.IGNORECASE)


@cache
def _environment_default() -> re.Pattern[str]:
    return re.compile(
        r"(?:getenv|\.get|setdefault|\.pop)\([ \t]{0,4}[\"'][A-Za-z0-9_.-]{0,80}?"
        rf"(?P<word>{SECRET_WORD})(?P<close>[\"'])[ \t]{{0,4}},[ \t]{{0,4}}{_LITERAL}",
        re.IGNORECASE,
    )


def find_quoted(text: str) -> Iterator[Span]:
    """``password = "hunter2"``, ``"password": "hunter2"``, ``os.getenv("PASSWORD", "hunter2")``."""
    for pattern in (_quoted(), _environment_default()):
        # The literal may stand in the next line, after a bracket.
        for match in matches(text, SECRET_PARTS, pattern, beyond=100):
            end = literal_end(text, match.end(), match["quote"])
            literal = text[match.end() : end]
            formatted = "f" in match["prefix"].lower()
            if not (closes_literal(match) or is_placeholder(literal, match["word"], formatted=formatted)):
                yield from by_line(text, match.end(), end, kind_of(match["word"]))


@cache
def _returned() -> re.Pattern[str]:
    return re.compile(
        rf"\bdef[ \t]{{1,4}}\w{{0,60}}?(?P<word>{SECRET_WORD})\([^()\n]{{0,200}}\)[^:\n]{{0,40}}:"
        rf"\s{{1,40}}return[ \t]{{1,4}}{_LITERAL}"
    )


def find_returned(text: str) -> Iterator[Span]:
    """``def password(): return "hunter2"``, as fixtures and properties do."""
    for match in matches(text, SECRET_PARTS, _returned(), beyond=100):
        end = literal_end(text, match.end(), match["quote"])
        value = text[match.end() : end]
        if not is_placeholder(value, match["word"], formatted="f" in match["prefix"].lower()):
            yield from by_line(text, match.end(), end, kind_of(match["word"]))


@cache
def _compared() -> re.Pattern[str]:
    return re.compile(
        r"(?P<quote>[\"'])(?P<value>[^\"'\n\\]{1,200})(?P=quote)[ \t]{0,4}[=!]=[ \t]{0,4}"
        rf"[\w.\[\]\"']{{0,80}}?(?P<word>{SECRET_WORD})(?!\w)",
        re.IGNORECASE,
    )


def find_compared(text: str) -> Iterator[Span]:
    """``"hunter2" == password``."""
    if "==" in text or "!=" in text:
        for match in matches(text, SECRET_PARTS, _compared()):
            if not (is_placeholder(match["value"], match["word"]) or is_ordinary(match["value"])):
                yield (*match.span("value"), kind_of(match["word"]))


@cache
def _expression() -> re.Pattern[str]:
    """The name, and what is assigned to it up to the end of the line; or the name of an option."""
    return re.compile(
        rf"(?P<word>{SECRET_WORD})(?:(?P<option>[\"'][ \t]{{0,4}},)"
        r"|\]?(?:[ \t]{0,4}:[ \t]{0,4}\w[\w.|\[\], ]{0,60})?[ \t]{0,20}=(?!=)[ \t]{0,4}(?![\"']))"
        r"(?P<rest>[^\n]{1,400})",
        re.IGNORECASE,
    )


@cache
def _fallback() -> re.Pattern[str]:
    return re.compile(
        r"(?:\b(?P<or>or|else)[ \t]{1,4}|\bdefault[ \t]{0,4}=[ \t]{0,4}"
        r"|(?P<get>\bget(?:env)?\([^()\n]{1,80},[ \t]{0,4})"
        r"|(?P<wrap>(?<![A-Za-z0-9])(?:Secret(?:Str|Bytes)?|quote(?:_plus)?|Field|Password|Token)\())" + _LITERAL,
    )


def find_fallbacks(text: str) -> Iterator[Span]:
    """``password = os.getenv("PW") or "hunter2"``, ``password = SecretStr("hunter2")``, ``default="hunter2"``."""
    for match in matches(text, SECRET_PARTS, _expression()):
        start = match.start("rest")
        for literal in _fallback().finditer(text, start, match.end()):
            before = text[start : literal.start()]
            if match["option"] and (literal["or"] or literal["get"] or literal["wrap"]):
                continue
            if literal["or"] and before.count("(") != before.count(")"):
                continue
            end = literal_end(text, literal.end(), literal["quote"])
            value = text[literal.end() : end]
            formatted = "f" in literal["prefix"].lower()
            if not (is_placeholder(value, match["word"], formatted=formatted) or is_ordinary(value)):
                yield from by_line(text, literal.end(), end, kind_of(match["word"]))


@cache
def _collection() -> re.Pattern[str]:
    return re.compile(
        r"(?<![A-Za-z])(?P<name>(?:[a-z0-9]{1,30}_){0,4}(?P<word>passwords?|passphrases|secrets?|api_?keys|credentials?"
        r"|creds|auth|cookies|proxy_auth|basic_auth|login))[\"']?\]?[ \t]{0,10}[=:][ \t]{0,10}(?P<open>[\[({])",
        re.IGNORECASE,
    )


def find_collections(text: str) -> Iterator[Span]:
    """``PASSWORDS = ["hunter2"]``, ``auth=("ada", "hunter2")``, ``cookies={"sid": "..."}``."""
    parts = ("pass", "secret", "key", "cred", "auth", "cookies", "login")
    for match in matches(text, parts, _collection()):
        word = match["word"].lower()
        literals = list(_items(text, match.end(), match["open"]))
        if word.endswith(("auth", "login", "credential", "credentials", "creds")) and match["open"] != "{":
            # A pair: who, and the password.
            literals = literals[-1:] if len(literals) > 1 or word.startswith("cred") else []
        for start, end in literals:
            value = text[start:end]
            if not (is_placeholder(value) or is_ordinary(value)) and (match["open"] != "[" or not is_word(value)):
                yield start, end, "credential" if word == "cookies" else kind_of("password" if "auth" in word else word)


def _items(text: str, start: int, bracket: str) -> Iterator[tuple[int, int]]:
    """The literals in a display; of a dictionary, those that stand for values."""
    for item in arguments(text, start):
        if bracket == "{":
            if len(item.literals) == 2 and re.fullmatch(r'\s*""\s*:\s*""\s*', item.text):
                yield item.literals[1]
        elif item.literal is not None:
            yield item.literal


@cache
def _pair() -> re.Pattern[str]:
    return re.compile(
        rf"(?:\(|\.set\w{{0,20}}\([^()\n]{{1,60}},)[ \t]{{0,4}}(?:[\"'][\w. -]{{0,60}}?)?(?P<word>{SECRET_WORD})[\"']?"
        r"[ \t]{0,4},[ \t]{0,4}[rRbBuU]{0,2}(?P<quote>[\"'])(?P<value>[^\"'\n\\]{1,200})(?P=quote)[ \t]{0,4}\)",
        re.IGNORECASE,
    )


@cache
def _named_value() -> re.Pattern[str]:
    name = r"[\"']?(?:name|key|variable|field|param(?:eter)?)[\"']?[ \t]{0,4}[:=][ \t]{0,4}"
    value = r"[\"']?(?:value|default|content|val)[\"']?[ \t]{0,4}[:=][ \t]{0,4}"
    return re.compile(
        rf"{name}[\"']?[\w.-]{{0,60}}?(?P<word>{SECRET_WORD})(?:[\"']|(?![\w-]))[ \t]{{0,4}},?\s{{1,40}}{value}"
        r"(?:(?P<quote>[\"'])(?P<quoted>(?:(?!(?P=quote))[^\n\\]|\\.)+)|(?P<bare>[^\s\"'{},\[\]]{3,}))",
        re.IGNORECASE,
    )


def find_pairs(text: str) -> Iterator[Span]:
    """``("password", "hunter2")``, and ``{"name": "DB_PASSWORD", "value": "hunter2"}`` as in lists of variables."""
    for match in matches(text, SECRET_PARTS, _pair()):
        value = match["value"]
        if not (is_placeholder(value, match["word"]) or is_ordinary(value) or is_word(value)):
            yield (*match.span("value"), kind_of(match["word"]))
    for match in matches(text, SECRET_PARTS, _named_value(), beyond=200):
        group = "quoted" if match["quoted"] is not None else "bare"
        if not (is_placeholder(match[group], match["word"]) or is_ordinary(match[group])):
            yield (*match.span(group), kind_of(match["word"]))


@cache
def _element() -> re.Pattern[str]:
    return re.compile(rf"<[\w:.-]{{0,60}}?(?P<word>{SECRET_WORD})>(?P<value>[^<>\n]{{1,300}})</", re.IGNORECASE)


def find_elements(text: str) -> Iterator[Span]:
    """``<password>hunter2</password>``."""
    if "</" in text:
        for match in matches(text, SECRET_PARTS, _element()):
            if not is_placeholder(match["value"], match["word"]):
                yield (*match.span("value"), kind_of(match["word"]))
