"""People: e-mail addresses, and the user's name in the path of a home directory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from snapfix.redaction.text import Span, matches, words

# What follows the last dot of an address; ``a@b.mean`` is a matrix product.
_TOP_LEVEL = (
    "com|org|net|edu|gov|mil|int|info|biz|name|app|dev|xyz|tech|cloud|online|museum|photography|academy|agency|berlin"
    "|blog|company|consulting|design|digital|email|engineering|expert|finance|global|guru|health|hosting|institute"
    "|international|life|live|london|ltd|media|news|paris|photos|press|science|security|services|shop|site|social"
    "|software|solutions|space|store|studio|support|systems|team|technology|today|tools|training|university|ventures"
    "|video|website|wiki|works|world|zone|corp|lan|intranet|internal|home|arpa|coop|jobs|mobi|aero"
    "|example|test|invalid|local|localdomain|[a-z]{2}"
)


@cache
def _email() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w.+@%-])[A-Za-z0-9][\w.+-]{0,63}(?:@|%40)(?!self\.)(?:[^\W_][\w-]{0,62}\.){1,6}(?:"
        + _TOP_LEVEL
        + r")(?![\w(\[-]|\.\w)"
    )


def find_email_addresses(text: str) -> Iterator[Span]:
    """``ada@example.org``, also as ``ada%40example.org`` in an address."""
    for match in matches(text, ("@", "%40"), _email()):
        if not match[0].startswith(("git@", "hg@", "svn@")):
            yield (*match.span(), "email")


# Home directories that are named by a system or an image, not after a person.
_NOT_PEOPLE = words(
    "user users runner ubuntu debian vscode app node docker root public shared default vagrant jovyan coder gitpod",
    "codespace circleci jenkins admin administrator guest ec2-user appuser python web www work postgres mysql redis",
    "mongodb nobody daemon nginx apache site-packages linuxbrewer linuxbrew all",
    # A folder in half of all paths, and nobody's name.
    "test tests tmp temp demo example build ci dev",
)
_NAME = r"[^\s/\\:\"'<>|*?,;(){}$%]{1,64}"


@cache
def _home() -> re.Pattern[str]:
    above = r"(?:/(?:var|export|usr|data|nfs|net|private|System/Volumes/Data|mnt/[a-z]|[a-z]))?"
    unix = rf"(?<![\w.]){above}(?:\\?/)(?:home|Users)(?:\\?/)(?:users/)?"
    windows = (
        r"(?:\b[A-Za-z]:|(?<!\w)\\\\[\w.$-]{1,60}(?:\\{1,2}[A-Za-z]\$)?)(?:\\{1,2}|/)"
        r"(?:Users|Documents and Settings)(?:\\{1,2}|/)"
    )
    return re.compile(
        rf"{unix}(?P<unix>{_NAME})(?=\\?/)|{windows}(?P<windows>{_NAME}(?: {_NAME}){{0,3}})(?=[/\\])"
        rf"|/run/media/(?P<media>{_NAME})(?=/)"
    )


@cache
def _home_itself() -> re.Pattern[str]:
    """The directory without anything in it: where a web page's address is not meant."""
    return re.compile(
        r"(?:file|directory|folder|cwd|home|pwd|path|denied|errno|cd|ls|workdir|profile)\b[^\n]{0,200}?(?<![\w.])"
        rf"(?:/home|/Users|[A-Za-z]:\\{{1,2}}Users|[A-Za-z]:/Users)(?:/|\\{{1,2}})(?P<after>{_NAME})(?![\w/\\.-])"
        rf"|(?:^|[\s\"'])/home/(?P<before>{_NAME}): (?:Permission|No such|Is a|Not a|Cannot)"
        rf"|file:///(?:home|Users|[A-Za-z]:/Users)/(?P<uri>{_NAME})(?![\w/.-])",
        re.IGNORECASE | re.MULTILINE,
    )


@cache
def _named() -> re.Pattern[str]:
    return re.compile(
        r"(?<![A-Za-z0-9_])(?:USER|LOGNAME|USERNAME|SUDO_USER)[\"']?[ \t]{0,4}[=:][ \t]{0,4}[\"']?"
        r"(?P<variable>[A-Za-z][\w.-]{1,40})(?![\w(.\[])"
        r"|(?:^|(?<=[\s\"'=(]))~(?P<tilde>[a-z_][a-z0-9_.-]{1,31})(?=/[A-Za-z.])"
        r"|^(?P<prompt>[a-z_][a-z0-9_.-]{0,31})@[\w.-]{1,63}:[~/][^\s$#]{0,200}[$#] ",
        re.MULTILINE,
    )


def find_users(text: str) -> Iterator[Span]:
    """The user's name: ``/home/ada/x.py``, ``C:\\Users\\Ada\\x``, ``~ada/x.py``, ``LOGNAME=ada``, ``ada@host:~$``."""
    parts = ("/home/", "/users/", "users\\", "\\/", "documents and settings", "/run/media/")
    yield from _people(matches(text, parts, _home()))
    yield from _people(matches(text, ("/home/", "/users/", "users\\"), _home_itself()))
    yield from _people(matches(text, ("user=", 'user"', "user'", "username", "logname", "~"), _named()))


def _people(found: Iterator[re.Match[str]]) -> Iterator[Span]:
    for match in found:
        group = match.lastgroup or ""
        name = match[group]
        if name.lower() not in _NOT_PEOPLE and not name.startswith((".", "{", "$")):
            yield (*match.span(group), "user")


@cache
def name_in_path(name: str) -> re.Pattern[str]:
    """A user's name that is known already, where it stands in a path, an address or after ``~``."""
    return re.compile(rf"(?:(?<=[/\\~-])|(?<=%2F)){re.escape(name)}(?![A-Za-z0-9_])")
