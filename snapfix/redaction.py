"""Secrets out, before anything leaves the machine; and back in, when the answer has come.

A secret becomes a typed mask, ``<redacted:api-key-1>``. The same secret has the same mask in every text of one
``Redactor``, so that a model can still tell two of them apart, and ``restore`` puts the user's own text back.

What is masked: keys of the known vendors, JSON Web Tokens, private key blocks, passwords in addresses, literals
that are assigned to names such as ``password`` or ``api_key`` (in Python, JSON, YAML, INI and environment
files), credentials in HTTP headers and connection strings, e-mail addresses, and the user's name in the path of
a home directory. The vendors' formats follow the rules of gitleaks and GitHub's list of secret scanning patterns.

What is not: a name that only refers to a secret (``password = os.environ["PW"]``, ``password: str``), and
placeholders (``${TOKEN}``, ``<your key>``, ``***``).

The number of lines never changes, so line numbers stay true. Every pattern either starts at a literal or runs
over a class of characters once, so the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from keyword import iskeyword

Masks = Sequence[tuple[str, str]]
"""Pairs of (mask, secret)."""

_Span = tuple[int, int, str]
"""Where a secret stands, end exclusive, and its kind."""

_MASK = re.compile(r"<redacted:[a-z-]{1,20}-[0-9]{1,9}>")
# A text that a mask uncovers at its edge is seen by the next pass; four passes are more than any real text needs.
_MAX_PASSES = 8
# Secrets are looked for in other places too, one by one; more than this in one crash is no real text.
_MAX_KNOWN = 200


class Redactor:
    """Masks secrets in several texts that belong together.

    ``texts`` are those that will be redacted: a secret found in one of them is masked in all, and a mask that
    already stands in one of them is never given to a secret.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._masks: dict[str, str] = {}
        self._reserved: set[str] = set()
        self._counts: dict[str, int] = {}
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
        self._reserve(text)
        for _ in range(_MAX_PASSES):
            before = text
            for find in _FINDERS:
                text = self._apply(text, find)
            text = self._mask_known(text)
            if text == before:
                break
        return text

    def _reserve(self, text: str) -> None:
        self._reserved.update(_MASK.findall(text))

    def _apply(self, text: str, find: Callable[[str], Iterator[_Span]]) -> str:
        parts: list[str] = []
        done = 0
        for start, end, kind in find(text):
            secret = text[start:end]
            if start < done or not secret.strip() or "<redacted:" in secret:
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
        known = [secret for secret in self._masks if _is_distinctive(secret)][:_MAX_KNOWN]
        for secret in sorted(known, key=len, reverse=True):
            if secret in text:
                between = _MASK.split(text)
                masks = [*_MASK.findall(text), ""]
                mask = self._masks[secret]
                text = "".join(part.replace(secret, mask) + old for part, old in zip(between, masks, strict=True))
        return text


def restore(text: str, masks: Masks) -> str:
    """Put the secrets back in place of their masks, also where a model wrote the mask with HTML entities."""
    secrets = dict(masks)
    if not secrets or "redacted:" not in text:
        return text
    written = re.compile(r"(?:<|&lt;)(redacted:[a-z-]{1,20}-[0-9]{1,9})(?:>|&gt;)")
    return written.sub(lambda match: secrets.get(f"<{match[1]}>", match[0]), text)


def _is_distinctive(secret: str) -> bool:
    """It would not be a word of ordinary code, so it is masked wherever it stands."""
    if "\n" in secret or len(secret) < 6:
        return False
    has_letter = any(c.isalpha() for c in secret)
    has_digit = any(c.isdigit() for c in secret)
    return (has_letter and has_digit) or (len(secret) >= 16 and not secret.replace(".", "").isidentifier())


def _lower(text: str) -> str:
    """In lower case, with every character in its place (some have a longer lower case)."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


def _lines_with(text: str, words: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Start and end of every line that holds one of ``words`` (in lower case): much faster than a pattern."""
    lowered = _lower(text)
    found: set[int] = set()
    for word in words:
        position = lowered.find(word)
        while position >= 0:
            found.add(text.rfind("\n", 0, position) + 1)
            position = lowered.find(word, _line_end(text, position))
    for start in sorted(found):
        yield start, _line_end(text, start)


def _matches(text: str, words: Iterable[str], pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Every match of ``pattern`` in the lines that hold one of ``words``."""
    for start, end in _lines_with(text, words):
        yield from pattern.finditer(text, start, end)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# -- keys that show what they are ------------------------------------------------------------------------------

_VENDOR_KEYS = (
    r"sk-ant-[A-Za-z0-9_-]{16,}",  # Anthropic
    r"github_pat_[A-Za-z0-9_]{20,}",
    r"gh[pousr]_[A-Za-z0-9]{20,}",
    r"gl(?:pat|dt|rt|cbt|ptt|oas|soat|ft)-[A-Za-z0-9_-]{20,}",  # GitLab
    r"xox[abeoprs]-[A-Za-z0-9-]{10,}",  # Slack
    r"xapp-[0-9]-[A-Za-z0-9-]{10,}",
    r"[rs]k_(?:live|test)_[A-Za-z0-9]{10,}",  # Stripe
    r"whsec_[A-Za-z0-9+/=]{20,}",
    r"AIza[A-Za-z0-9_-]{35}",  # Google
    r"GOCSPX-[A-Za-z0-9_-]{20,}",
    r"ya29\.[A-Za-z0-9_-]{20,}",
    r"hf_[A-Za-z0-9]{30,}",  # Hugging Face
    r"pypi-[A-Za-z0-9_-]{50,}",
    r"npm_[A-Za-z0-9]{36}",
    r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}",  # SendGrid
    r"SK[0-9a-f]{32}",  # Twilio
    r"key-[0-9a-f]{32}",  # Mailgun
    r"gsk_[A-Za-z0-9]{32,}",  # Groq
    r"xai-[A-Za-z0-9]{32,}",
    r"pplx-[A-Za-z0-9]{32,}",  # Perplexity
    r"r8_[A-Za-z0-9]{32,}",  # Replicate
    r"do[opr]_v1_[a-f0-9]{64}",  # DigitalOcean
    r"dapi[a-f0-9]{32}",  # Databricks
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",  # Shopify
    r"sq0(?:atp|csp)-[A-Za-z0-9_-]{22,}",  # Square
    r"lin_api_[A-Za-z0-9]{32,}",  # Linear
    r"hv[sb]\.[A-Za-z0-9_-]{24,}",  # HashiCorp Vault
    r"AGE-SECRET-KEY-1[0-9A-Z]{50,}",
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",  # Amazon Web Services
    r"sk-(?:proj-|svcacct-|admin-|or-v1-)[A-Za-z0-9_-]{20,}",  # OpenAI, OpenRouter
    r"sk-[A-Za-z0-9]{20,}(?![A-Za-z0-9_-])",  # OpenAI, DeepSeek
    r"(?:bot)?[0-9]{8,10}:AA[A-Za-z0-9_-]{32,34}(?![A-Za-z0-9_-])",  # Telegram
)
# One of these stands in every key above.
_VENDOR_PREFIXES = (
    "sk-", "github_pat_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "gl", "xox", "xapp-", "k_live_", "k_test_", "whsec_",
    "AIza", "GOCSPX-", "ya29.", "hf_", "pypi-", "npm_", "SG.", "SK", "key-", "gsk_", "xai-", "pplx-", "r8_", "_v1_",
    "dapi", "shp", "sq0", "lin_api_", "hv", "AGE-", "AKIA", "ASIA", "ABIA", "ACCA", ":AA",
)  # fmt: skip
# A key starts where no word goes on; \n, \t and \r as they stand in a printed literal end a word too.
_NO_WORD_BEFORE = r"(?:(?<![A-Za-z0-9_])|(?<=\\[nrt]))"


@cache
def _vendor_pattern() -> re.Pattern[str]:
    return re.compile(f"{_NO_WORD_BEFORE}(?:{'|'.join(_VENDOR_KEYS)})")


@cache
def _jwt_pattern() -> re.Pattern[str]:
    return re.compile(_NO_WORD_BEFORE + r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")


@cache
def _webhook_pattern() -> re.Pattern[str]:
    return re.compile(
        r"hooks\.slack\.com/services/([A-Za-z0-9/_-]{20,80})|discord(?:app)?\.com/api/webhooks/([0-9]{10,20}/[\w-]{40,100})"
    )


def _find_vendor_keys(text: str) -> Iterator[_Span]:
    if not any(prefix in text for prefix in _VENDOR_PREFIXES):
        return
    for match in _vendor_pattern().finditer(text):
        yield (*match.span(), "api-key")


def _find_json_web_tokens(text: str) -> Iterator[_Span]:
    if "eyJ" in text:
        for match in _jwt_pattern().finditer(text):
            yield (*match.span(), "jwt")


def _find_webhooks(text: str) -> Iterator[_Span]:
    for match in _matches(text, ("hooks",), _webhook_pattern()):
        yield (*match.span(match.lastindex or 0), "webhook")


# -- private keys ----------------------------------------------------------------------------------------------


@cache
def _key_block_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    begin = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
    body_line = re.compile(r"[ \t>|#*]{0,40}[rbf]{0,2}[\"']?([A-Za-z0-9+/=]{4,})(?:\\r)?(?:\\n)?[\"',;)\\ \t]{0,20}$")
    header = re.compile(r"[ \t\"']{0,40}(?:[A-Za-z][A-Za-z-]{2,20}: .{0,200}|(?:\\n)?[\"']?[ \t]*)$")
    return begin, body_line, header


def _find_private_keys(text: str) -> Iterator[_Span]:
    if "PRIVATE KEY" not in text:
        return
    begin, _, _ = _key_block_patterns()
    for match in begin.finditer(text):
        dashes = text.find("-----", match.end())
        dashes = len(text) if dashes < 0 else dashes
        line_end = text.find("\n", match.end(), dashes)
        if line_end < 0:
            if re.search(r"[A-Za-z0-9+/=]{16}", text[match.end() : dashes]):
                yield match.end(), dashes, "private-key"
        else:
            yield from _find_key_lines(text, line_end + 1)


def _find_key_lines(text: str, start: int) -> Iterator[_Span]:
    """The lines of a key's body, from ``start`` to the first line that cannot be one."""
    _, body_line, header = _key_block_patterns()
    while start < len(text):
        end = _line_end(text, start)
        line = text[start:end]
        if match := body_line.match(line):
            yield start + match.start(1), start + match.end(1), "private-key"
        elif not header.match(line):
            return
        start = end + 1


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


# -- what is assigned to a name that says what it is -----------------------------------------------------------

# Ends of names, in any case; ``token`` and the others stand for ``refresh_token``, ``refreshToken`` as well.
_SECRET_WORD = (
    r"(?:pass?w(?:or[dt]|r?d)|passphrase|pwd|secret(?:_?key|_?access_?key)?|client_?secret|token"
    r"|(?:api|auth|access|private|signing|encryption|account|shared_?access|subscription|master)[_-]?key"
    r"|(?:(?<=[_-])|(?<![A-Za-z0-9_.]))(?:pass|pw|credential|passcode|apikeys?)|(?<=ENCRYPTED_)key)"
)
_SECRET_PARTS = ("pas", "pw", "secret", "token", "key", "credential")
"""One of these stands in every secret word."""
_KINDS = (("secret", "secret"), ("pas", "password"), ("pw", "password"), ("token", "token"), ("key", "api-key"))


@cache
def _quoted_assignment() -> re.Pattern[str]:
    name_end = r"(?P<close>\\?[\"'])?\]?"
    annotation = r"(?:[ \t]{0,4}:[ \t]{0,4}[A-Za-z_][\w.|\[\], ]{0,40})?"
    separator = rf"(?:{annotation}[ \t]{{0,40}}(?::?=(?!=)|[=!]=|:|=>)[ \t]{{0,40}}(?:\(\s{{0,80}})?)"
    literal = r"(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>\"\"\"|'''|\\\"|\\'|\"|')"
    return re.compile(f"(?P<word>{_SECRET_WORD})(?:{name_end}{separator}){literal}", re.IGNORECASE)


@cache
def _environment_default() -> re.Pattern[str]:
    return re.compile(
        r"(?:getenv|environ\.get|environ\.setdefault)\([ \t]{0,4}[\"'][A-Za-z0-9_]{0,80}?"
        rf"(?P<word>{_SECRET_WORD})[\"'][ \t]{{0,4}},[ \t]{{0,4}}(?P<prefix>[rRbBuUfF]{{0,2}})(?P<quote>\"|')",
        re.IGNORECASE,
    )


def _find_quoted_assignments(text: str) -> Iterator[_Span]:
    for pattern in (_quoted_assignment(), _environment_default()):
        for match in _assignments_in(text, pattern):
            end = _literal_end(text, match.end(), match["quote"])
            literal = text[match.end() : end]
            formatted = "f" in match["prefix"].lower()
            if not (_closes(match) or _is_placeholder(literal, match["word"], formatted=formatted)):
                yield from _lines_of(text, match.end(), end, _kind_of(match["word"]))


def _assignments_in(text: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    done = 0
    for start, end in _lines_with(text, _SECRET_PARTS):
        # The literal may stand in the next line, after a bracket.
        for match in pattern.finditer(text, max(start, done), min(end + 100, len(text))):
            done = match.end()
            yield match


def _closes(match: re.Match[str]) -> bool:
    """The quote ends a literal that began before the name: ``getpass("Password: ", stream)``."""
    if not match.re.groupindex.get("close") or match["close"] or match["prefix"] or match["quote"] in ('"""', "'''"):
        return False
    if match["quote"] is None:
        return False
    line = match.string[max(match.start() - 200, 0) : match.start()].rpartition("\n")[2]
    return line.count(match["quote"]) % 2 == 1


def _literal_end(text: str, start: int, quote: str) -> int:
    """Where the literal that is open at ``start`` ends: at its quote, else at the end of the line."""
    if len(quote) == 3:
        end = text.find(quote, start, start + 8192)
        return end if end >= 0 else _line_end(text, start)
    if quote.startswith("\\"):
        end = text.find(quote, start, _line_end(text, start))
        return end if end >= 0 else _line_end(text, start)
    rest = re.compile(r"(?:[^\\\n" + quote + r"]|\\.)*").match(text, start)
    return rest.end() if rest else start


def _lines_of(text: str, start: int, end: int, kind: str) -> Iterator[_Span]:
    """One span for each line between ``start`` and ``end``, without the white space around it."""
    while start < end:
        stop = min(_line_end(text, start), end)
        line = text[start:stop]
        inner = line.strip() if "\n" in text[start:end] or kind == "credential" else line
        if inner:
            first = start + line.index(inner)
            yield first, first + len(inner), kind
        start = stop + 1


def _kind_of(word: str) -> str:
    word = word.lower()
    return next((kind for part, kind in _KINDS if part in word), "secret")


@cache
def _placeholder_pattern() -> re.Pattern[str]:
    return re.compile(
        r"\{\{?[^{}]{0,80}\}\}?|%s|%\(\w{1,80}\)s|\$\{?[A-Za-z_]\w{0,80}(?::?-)?\}?|\$\([^()]{1,80}\)|<[^<>]{0,80}>"
        r"|[*.xX_#?-]{3,}|\*+|your[_ -].{0,60}|change_?me|none|null|true|false|undefined",
        re.IGNORECASE,
    )


@cache
def _holes_pattern() -> re.Pattern[str]:
    return re.compile(r"%[srd]|%\(\w{1,80}\)s|\{\w{0,80}\}|[:@/,;|-]")


def _is_placeholder(literal: str, word: str, *, formatted: bool = False) -> bool:
    if not _holes_pattern().sub("", literal).strip() or _placeholder_pattern().fullmatch(literal.strip()):
        return True
    if formatted and "{" in literal:
        return True
    # A tokenizer's tokens are punctuation, keywords and texts; a secret token is longer and without blanks.
    if word.lower() not in ("token", "pass"):
        return False
    blank = any(c.isspace() for c in literal)
    return len(literal) < 5 or blank or iskeyword(literal) or not any(c.isalnum() for c in literal)


# Names of types and values that stand after ``password:`` or ``token=`` in ordinary code.
_ORDINARY = _words(
    "str bytes int float bool any object none null true false string text optional list dict tuple self cls token",
    "password secret passwd required default type value key hidden yes no",
)


@cache
def _bare_assignment() -> re.Pattern[str]:
    start = r"(?:(?<=\n)|(?<=[?&;\s|])|\A)"
    return re.compile(
        rf"(?:(?:\A|(?<=\n))[ \t>|#0-9-]{{0,40}}(?:(?:export|set|ENV|ARG)[ \t]{{1,4}})?[\"']?|{start})"
        rf"(?P<name>[A-Za-z0-9_.-]{{0,60}}{_SECRET_WORD})[\"']?"
        r"(?P<separator>[ \t]{0,20}[:=][ \t]{0,20})"
        r"(?P<value>[^\s\"'`,;&()\[\]{}<>\\]{3,400})(?P<after>[(\[{])?",
        re.IGNORECASE,
    )


def _find_bare_assignments(text: str) -> Iterator[_Span]:
    """``PASSWORD=hunter2``, ``password: hunter2``, ``?token=abc123``: values without quotes."""
    for match in _matches(text, _SECRET_PARTS, _bare_assignment()):
        if _is_bare_secret(match):
            yield (*match.span("value"), _kind_of(match["name"][-10:]))


def _is_bare_secret(match: re.Match[str]) -> bool:
    name, separator, value = match["name"], match["separator"], match["value"]
    if value.startswith(("=", "$", "{", "*", "%")) or match["after"] in ("(", "[", "{"):
        return False
    if _is_placeholder(value, name) or value.lower() in _ORDINARY or not any(c.isalnum() for c in value):
        return False
    has_digit = any(c.isdigit() for c in value)
    if value.replace(".", "").isidentifier():
        # It may be a name: a variable, an attribute, a type. Only an environment line or a digit says otherwise.
        is_environment = name.isupper() and separator == "=" and not value.isupper()
        return (is_environment or _looks_random(value)) and "." not in value
    return has_digit or (len(value) >= 8 and any(c in "!@#$%^&*+~" for c in value))


def _looks_random(value: str) -> bool:
    """It has digits, and is not a name that was numbered (``token2``, ``int64``, ``sha256``)."""
    stem = value.rstrip("0123456789_")
    if stem.isalpha():
        numbered = {"int", "uint", "float", "complex", "utf", "sha", "md", "base", "arg", "val", "value", "x", "v", "s"}
        return stem != value and len(value) - len(stem) < len(value) and stem.lower() not in numbered | _ORDINARY
    return any(c.isdigit() for c in value) and "_" not in value


# -- addresses, headers, connection strings --------------------------------------------------------------------


@cache
def _address_pattern() -> re.Pattern[str]:
    return re.compile(r"(?<=[A-Za-z0-9])://[^\s:/@\"'<>`]{0,128}:([^\s/\"'<>`]{1,256})@")


def _find_address_passwords(text: str) -> Iterator[_Span]:
    if "://" in text:
        for match in _address_pattern().finditer(text):
            if not _is_placeholder(match[1], ""):
                yield (*match.span(1), "password")


_HEADER_WORDS = ("authorization", "cookie", "x-api-", "x-auth-", "x-access-", "api-key", "private-token")


@cache
def _header_pattern() -> re.Pattern[str]:
    names = r"(?:proxy-)?authorization|(?:set-)?cookie|x-(?:api|auth|access)-(?:key|token)|api-key|private-token"
    return re.compile(
        rf"(?<![\w-])(?:{names})(?P<close>\\?[\"'])?\]?[ \t]{{0,8}}[:=,][ \t]{{0,8}}"
        r"(?:(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>\\?[\"']))?"
        r"(?P<scheme>(?:bearer|basic|token|digest|apikey|negotiate)[ \t]{1,4})?",
        re.IGNORECASE,
    )


def _find_header_values(text: str) -> Iterator[_Span]:
    for match in _matches(text, _HEADER_WORDS, _header_pattern()):
        quote = match["quote"]
        if _closes(match) or (quote is None and (match["close"] or match["prefix"] or not _is_header_line(match))):
            continue
        end = _literal_end(text, match.end(), quote) if quote else _bare_header_end(text, match.end())
        value = text[match.end() : end]
        is_cookie = "cookie" in match[0].lower()
        if "{" in value or len(value) < 4 or (is_cookie and not re.search(r"=[^\s=;,]", value)):
            continue
        if not _is_placeholder(value, ""):
            yield from _lines_of(text, match.end(), end, "credential")


def _is_header_line(match: re.Match[str]) -> bool:
    """Without quotes, it is a header only with a colon, and a scheme or a value like one."""
    rest = match.string[match.end() : match.end() + 200].split("\n", 1)[0]
    return ":" in match[0] and (
        match["scheme"] is not None
        or re.match(r"[^\s=;,]{1,80}=[^\s=]", rest) is not None
        or (re.fullmatch(r"\S{12,}\s*", rest) is not None and any(c.isdigit() for c in rest))
    )


def _bare_header_end(text: str, start: int) -> int:
    end = _line_end(text, start)
    for quote in "\"'":
        closing = text.find(quote, start, end)
        end = closing if closing >= 0 else end
    return end


@cache
def _scheme_pattern() -> re.Pattern[str]:
    return re.compile(r"(?<![A-Za-z0-9_])(?:Bearer|Basic)[ ]([A-Za-z0-9._~+/=-]{16,})")


def _find_bearer_tokens(text: str) -> Iterator[_Span]:
    for match in _matches(text, ("bearer ", "basic "), _scheme_pattern()):
        if any(c.isdigit() for c in match[1]):
            yield (*match.span(1), "credential")


# -- people ----------------------------------------------------------------------------------------------------

# What follows the last dot of an address; ``a@b.mean`` is a matrix product.
_TOP_LEVEL = (
    "com|org|net|edu|gov|mil|int|info|biz|name|app|dev|xyz|tech|cloud|online"
    "|example|test|invalid|local|localdomain|[a-z]{2}"
)


@cache
def _email_pattern() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w.+/:@-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,6}(?:"
        + _TOP_LEVEL
        + r")(?![\w(\[:-]|\.\w)"
    )


def _find_email_addresses(text: str) -> Iterator[_Span]:
    for match in _matches(text, ("@",), _email_pattern()):
        if not match[0].startswith("git@"):
            yield (*match.span(), "email")


# Home directories that are named by a system or an image, not after a person.
_NOT_PEOPLE = _words(
    "user users runner ubuntu debian vscode app node docker root public shared default vagrant jovyan coder gitpod",
    "codespace circleci jenkins admin guest ec2-user appuser python web www work",
)


@cache
def _home_pattern() -> re.Pattern[str]:
    return re.compile(
        r"(?:(?<![\w.])/(?:home|Users)/|[A-Za-z]:(?:\\{1,2}|/)Users(?:\\{1,2}|/))([^\s/\\:\"'<>|*?,;()]{1,64})(?=[/\\])"
    )


def _find_home_directories(text: str) -> Iterator[_Span]:
    for match in _matches(text, ("/home/", "/users/", "users\\"), _home_pattern()):
        if match[1].lower() not in _NOT_PEOPLE and not match[1].startswith(("{", "$", ".")):
            yield (*match.span(1), "user")


_FINDERS: tuple[Callable[[str], Iterator[_Span]], ...] = (
    _find_private_keys,
    _find_header_values,
    _find_quoted_assignments,
    _find_address_passwords,
    _find_vendor_keys,
    _find_json_web_tokens,
    _find_webhooks,
    _find_bearer_tokens,
    _find_bare_assignments,
    _find_email_addresses,
    _find_home_directories,
)
"""In this order: what encloses other secrets comes before what may stand inside it."""
