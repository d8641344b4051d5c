"""Strings whose quotes or escapes are wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from snapfix.rules.repairs.broken import STRING_OR_COMMENT, Broken, Repair

_BEFORE_STRING = r"(?:[(\[{=,:+%<>]|\b(?:return|in|is|and|or|not)\b)\s*(?:[rbfRBF]{1,2}(?=[^\s\w\"'=]))?(?=\S)"


def quotes(broken: Broken) -> Iterator[Repair]:
    """A string whose end, or beginning, is missing."""
    lineno = broken.flaw.lineno
    line, start = broken.lines[lineno - 1], broken.offset(lineno)
    opened = _unterminated(line)
    if opened is None:
        return
    column, quote = opened
    repair = Repair(
        "syntax.unterminated-string",
        "",
        lineno,
        f"The string in line {lineno} is not closed: a `{quote}` is missing.",
        f"Add the missing `{quote}`.",
        2,
    )
    yield from _apostrophe(broken, repair, line, quote)
    if line.rstrip().endswith("'" if quote == '"' else '"') or re.search(r"[\"'][)\]}:,\s]*$", line[column + 1 :]):
        other = "'" if quote == '"' else '"'
        place = line.rfind(other)
        if place > column:
            text = broken.put(start + place, quote, 1)
            yield replace(
                repair, text=text, cause=_mixed(lineno, quote, other), cost=1.75, summary=f"End it with `{quote}`."
            )
    if re.search(rf"\\{quote}[)\]}}:,\s]*$", line):
        place = line.rfind("\\" + quote)
        cause = f"The backslash before the last `{quote}` in line {lineno} makes it part of the string."
        yield replace(
            repair, text=broken.put(start + place, "\\"), cause=cause, summary="Double the backslash.", cost=1.5
        )
    yield from _ended(broken, repair, line, opened)
    yield from _quotes_inside(broken, repair, line[:column], quote)
    yield from _begun(broken, repair, line, opened)


def _ended(broken: Broken, repair: Repair, line: str, opened: tuple[int, str]) -> Iterator[Repair]:
    """The string ends before the brackets at the end of the line, or before what looks like more arguments."""
    start, (column, quote) = broken.offset(repair.lineno), opened
    tail = re.search(r"[)\]}:,\s]*$", line)
    ends = range(tail.start() if tail else len(line), len(line) + 1)
    words = set(re.findall(r"\w+", broken.code))
    for more in islice(re.finditer(r"\s*[,+%]\s*(?=\w)", line[column + 1 :]), 1):
        after = line[column + 1 + more.end() :]
        keyword = re.match(r"\w+\s*=", after) is not None
        code = keyword or all(word in words for word in re.findall(r"\w+", after))
        yield replace(repair, text=broken.put(start + column + 1 + more.start(), quote), cost=1.75 if code else 2)
    if re.match(r"\.(?:join|format)\(", line[column + 1 :]):
        yield replace(repair, text=broken.put(start + column + 1, quote), cost=1.5)
    for number, end in enumerate(e for e in ends if e > column):
        content = line[column + 1 : end]
        cost = 2 + number / 8 if content.strip() else 2.5 - len(content) / 64
        yield replace(repair, text=broken.put(start + end, quote), cost=cost, safe=bool(content.strip()))
    comment = re.search(r"\s+#\s", line[column:])
    if comment is not None:
        yield replace(repair, text=broken.put(start + column + comment.start(), quote), cost=1.75)


def _begun(broken: Broken, repair: Repair, line: str, opened: tuple[int, str]) -> Iterator[Repair]:
    """The quote ends a string that nothing begins: ``print(hello")``."""
    start, (column, quote) = broken.offset(repair.lineno), opened
    ends_here = re.fullmatch(r"[)\]}:,\s]*", line[column + 1 :]) is not None
    cause = f"The string in line {repair.lineno} has no beginning: a `{quote}` is missing."
    repair = replace(repair, cause=cause, cost=1.5 if ends_here else 2.75, safe=False)
    for before in re.finditer(_BEFORE_STRING, line[:column]):
        beside = line[before.end() - 1 : before.end() + 1]
        if before.end() < column and not set(beside) & {"'", '"'}:
            yield replace(repair, text=broken.put(start + before.end(), quote))


def _quotes_inside(broken: Broken, repair: Repair, line: str, quote: str) -> Iterator[Repair]:
    """``{"a": "b, "c": 1}``: the string that lacks its end is an earlier one on the line."""
    start = broken.offset(repair.lineno)
    other = "'" if quote == '"' else '"'
    for string in STRING_OR_COMMENT.finditer(line):
        if not string[0].startswith(quote) or not string[0].endswith(quote):
            continue
        for end in re.finditer(rf"{other}?(?=[,:)\]}}])", string[0]):
            offset = start + string.start() + end.start()
            cause = _mixed(repair.lineno, quote, other) if end[0] else repair.cause
            yield replace(repair, text=broken.put(offset, quote, len(end[0])), cause=cause, cost=2.25 - len(end[0]) / 4)


def _unterminated(line: str) -> tuple[int, str] | None:
    """The column and the quote of the string that a line does not close."""
    for match in STRING_OR_COMMENT.finditer(line):
        body = match[0].lstrip("rRbBuUfF")
        if body.startswith("#") or body[:3] in ('"""', "'''"):
            continue
        if len(body) < 2 or body[-1] != body[0] or re.search(r"(?<!\\)(?:\\\\)*\\.$", body):
            return match.end() - len(body), body[0]
    return None


def _mixed(lineno: int, quote: str, other: str) -> str:
    return f"The string in line {lineno} begins with `{quote}` and ends with `{other}`."


def _apostrophe(broken: Broken, repair: Repair, line: str, quote: str) -> Iterator[Repair]:
    """``'it's here'``: the string needs the other quotes."""
    other = '"' if quote == "'" else "'"
    inner = re.search(rf"(?<=\w){quote}(?=\w)", line)
    first, last = line.find(quote), line.rfind(quote)
    if inner is None or other in line[first:last] or first == last or not first < inner.start() < last:
        return
    fixed = line[:first] + other + line[first + 1 : last] + other + line[last + 1 :]
    yield replace(
        repair,
        text=broken.with_line(repair.lineno, fixed),
        cause=f"The `{quote}` inside the string in line {repair.lineno} ends it too early.",
        summary=f"Write the string between `{other}`.",
        cost=1,
    )


def triple_quotes(broken: Broken) -> Iterator[Repair]:
    """A triple-quoted string that runs to the end of the file."""
    last = None
    for match in STRING_OR_COMMENT.finditer(broken.text):
        last = match
    if last is None or last.end() != len(broken.text):
        return
    opened = re.match(r"[rRbBuUfF]{0,2}(\"{3}|'{3})", last[0])
    if opened is None:
        return
    quotes, first = opened[1], broken.lineno_at(last.start())
    repair = Repair(
        "syntax.unterminated-string",
        "",
        first,
        f"The string that line {first} opens with `{quotes}` is never closed.",
        f"Close it with `{quotes}`.",
        2,
        safe=False,
    )
    lines = broken.lines
    for number, lineno in enumerate(range(first, min(first + 40, len(lines) + 1))):
        line = lines[lineno - 1].rstrip()
        given = len(line) - len(line.rstrip(quotes[0])) if lineno > first or len(line.strip()) > 3 else 0
        ends_here = lineno == len(lines) or not lines[lineno].strip()
        bonus = 0.5 if ends_here or 0 < given < 3 or lineno == first else 0.0
        text = broken.with_line(lineno, line + quotes[: 3 - given] if 0 < given < 3 else line + quotes)
        yield replace(repair, text=text, cost=2.5 + number / 16 - bonus, safe=0 < given < 3)


def raw_strings(broken: Broken) -> Iterator[Repair]:
    r"""``"C:\Users"`` holds the escape ``\U``."""
    if "unicode error" not in broken.flaw.message:
        return
    lineno = broken.flaw.lineno
    for at in range(max(1, lineno - 3), lineno + 1):
        line = broken.lines[at - 1]
        for match in re.finditer(r"(?<![\w\\])(?=[\"'][^\"'\n]*\\[UuxN])", line):
            yield Repair(
                "syntax.other",
                broken.with_line(at, f"{line[: match.start()]}r{line[match.start() :]}"),
                at,
                f"In the string of line {at}, a backslash begins an escape (`\\U`, `\\x`, ...) that is not one.",
                'Make it a raw string: `r"..."`.',
                1.5,
            )


def fstrings(broken: Broken) -> Iterator[Repair]:
    """The same quotes inside an f-string's braces as around it (before Python 3.12)."""
    lineno = broken.flaw.lineno
    line = broken.lines[lineno - 1]
    for quote, other in (('"', "'"), ("'", '"')):
        for opened in re.finditer(rf"\b[rR]?[fF][rR]?{quote}", line):
            head, tail = line[: opened.end()], line[opened.end() :]
            fixed = re.sub(r"\{[^{}]*\}", lambda m, q=quote, o=other: m[0].replace(q, o), tail)  # type: ignore[misc]
            yield Repair(
                "syntax.fstring",
                broken.with_line(lineno, head + fixed),
                lineno,
                f"Inside the braces of the f-string in line {lineno} stand the same quotes as around it.",
                f"Write `{other}` inside the braces.",
                1.5,
            )
