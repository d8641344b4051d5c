"""Where something is: paths, locations and quoted lines in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from snapfix.diagnosis import Evidence, Location
from snapfix.normalise.draft import clean_path

SUFFIXES = (
    "py|pyi|pyw|ipynb|toml|cfg|ini|txt|md|rst|json|ya?ml|html?|jinja2?|css|js|mjs|cjs|jsx|tsx?|vue|env|sh|sql|xml|csv|lock"
    "|java|kt|go|rs|rb|php|c|h|cc|cpp|hpp|cs|swift|scala|ex|exs|pyx"
)


@cache
def _path_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"`([^`\n]{{1,300}}\.(?:{SUFFIXES}))`|((?<![\w@])[\w@~./\\:+-]{{1,300}}\.(?:{SUFFIXES}))(?![\w(])"
    )


def path_in(line: str) -> str:
    """The last path that a line names, or ""."""
    if "." not in line or len(line) > 500:
        return ""
    found = [match[1] or match[2] for match in _path_pattern().finditer(line)]
    return clean_path(found[-1]) if found else ""


def path_above(lines: Sequence[str], start: int) -> str:
    """The path that the nearest of the lines above names: a heading, a sentence, a fence, a comment."""
    seen = 0
    for number in range(start - 1, max(start - 13, -1), -1):
        if path := path_in(lines[number]):
            return path
        seen += bool(lines[number].strip())
        if seen >= 5:
            break
    return ""


_PLACE = re.compile(
    r"(?:(?<![\w)])`(?P<quoted>[^`\s:][^`\n:]{0,300}\.[A-Za-z]\w{0,7})(?=[`:])|(?P<path>(?<![\w@])(?:[A-Za-z]:[\\/])?[\w@~./\\+<>-]{1,300}\.[A-Za-z]\w{0,7}))"
    r"[`\"'*]{0,4}(?:[\s,:(]{1,4}(?:(?:at|on)\s)?(?:lines?[\s:#]{1,3}|L)?(?P<line>\d{1,7}))?"
)
_LINE_FIRST = re.compile(
    r"\blines?\s{1,3}(?P<line>\d{1,7})\b[^.\n]{0,40}?\b(?:of|in)\s{1,3}[`\"']?(?P<path>[\w@~./\\+-]{1,300}\.[A-Za-z]\w{0,7})",
    re.IGNORECASE,
)
_FUNCTION = re.compile(
    r"\b(?:in|function|method)\b[\s`\"':*]{1,4}(?:the\s)?(?:function|method)?[\s`\"'*]{0,4}(?P<name>[A-Za-z_<][\w.<>]{0,200})"
)
_NOT_FUNCTIONS = frozenset(
    {"the", "a", "an", "file", "line", "this", "your", "function", "method", "module", "which", "FUNCTION"}
)


def location_in(text: str) -> Location | None:
    """The first place in a text that names a file: ``app.py:12 in main``, ``line 12 of `app.py` ``, ..."""
    text = text[:2000]
    found = next((match for match in _LINE_FIRST.finditer(text) if _is_file(match["path"], None)), None)
    file, line = (found["path"], int(found["line"])) if found else ("", None)
    end = found.end() if found else 0
    if not found:
        places = [match for match in _PLACE.finditer(text) if _is_file(match["quoted"] or match["path"], match["line"])]
        if not places:
            return None
        place = next((match for match in places if match["line"]), places[0])
        file = place["quoted"] or place["path"]
        line = int(place["line"]) if place["line"] else None
        end = place.end()
    name = _FUNCTION.search(text, end)
    function = name["name"].rstrip(".") if name and name["name"] not in _NOT_FUNCTIONS else None
    return Location(clean_path(file), line or None, function) if clean_path(file) else None


def _is_file(path: str, line: str | None) -> bool:
    """``os.path`` is no file; ``config.local:3`` may be."""
    return line is not None or re.search(rf"\.(?:{SUFFIXES})$", path) is not None


def evidence_in(text: str) -> Iterator[Evidence]:
    """Lines such as ``app.py:12: x = None``, or ``- `app.py` line 12: `x = None` ``."""
    for line in text.split("\n")[:100]:
        match = _PLACE.search(line[:1000])
        if match is None or match["line"] is None:
            continue
        quoted = line[match.end() :].strip(" :-–—`*|)")
        if quoted:
            yield Evidence(clean_path(match["quoted"] or match["path"]), int(match["line"]) or None, quoted)
