"""Commas, operators, and the spellings of other languages, of Python 2 and of word processors."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from snapfix.rules.base import distance
from snapfix.rules.repairs.broken import Broken, Repair, flaw_of, open_brackets
from snapfix.rules.tables.common_words import COMMON_WORDS

_MAX_LINE = 300
"""Longer lines are left alone: the patterns below look at every part of a line."""

_FOREIGN = (
    (r"\belse\s+if\b", "elif", "`else if` is `elif` in Python"),
    (r"\bels(?:e|)if\b", "elif", "it is `elif` in Python"),
    (r"\s*&&\s*", " and ", "`&&` is `and` in Python"),
    (r"\s*\|\|\s*", " or ", "`||` is `or` in Python"),
    (r"!(?=[\w(])", "not ", "`!` is `not` in Python"),
    (r"===", "==", "`===` is `==` in Python"),
    (r"!==", "!=", "`!==` is `!=` in Python"),
    (r"\s*<>\s*", " != ", "`<>` is `!=` in Python 3"),
    (r"(\b[\w.]+)\+\+", r"\1 += 1", "Python has no `++`"),
    (r"(\b[\w.]+)--", r"\1 -= 1", "Python has no `--`"),
    (r"^(\s*)(?:function|func|fn|sub)\s+(?=\w+\s*\()", r"\1def ", "a function begins with `def` in Python"),
    (r"^(\s*)(?:const|let|var)\s+(?=\w+\s*=)", r"\1", "variables need no declaration in Python"),
    (r"^(\s*)catch\b", r"\1except", "`catch` is `except` in Python"),
    (
        r"^(\s*)import\s+(\w+)\s+from\s+([\w.]+)\s*$",
        r"\1from \3 import \2",
        "it is `from module import name` in Python",
    ),
)
_PYTHON_2: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"^(\s*)print\s*>>\s*([\w.]+)\s*,\s*(.+?)\s*$", lambda m: f"{m[1]}print({m[3]}, file={m[2]})"),
    (r"^(\s*)print\s+(.+?),\s*$", lambda m: f'{m[1]}print({m[2]}, end=" ")'),
    (r"^(\s*(?:[^#\n]*:\s*)?)print\s+([^=\s(].*?|\(.*\)\s*%.*?|\(.*\).*?)\s*$", lambda m: f"{m[1]}print({m[2]})"),
    (r"^(\s*)print\s*$", lambda m: f"{m[1]}print()"),
    (r"^(\s*)exec\s+([^(\s].*?)\s*$", lambda m: f"{m[1]}exec({m[2]})"),
    (r"^(\s*except\s+[\w.]+)\s*,\s*(\w+)\s*:", lambda m: f"{m[1]} as {m[2]}:"),
    (r"^(\s*except\s+\([^)\n]*\))\s*,\s*(\w+)\s*:", lambda m: f"{m[1]} as {m[2]}:"),
    (r"^(\s*raise\s+[\w.]+)\s*,\s*([^,\n]+?)\s*$", lambda m: f"{m[1]}({m[2]})"),
    (r"\s*<>\s*", lambda _: " != "),
    (r"(?<![\w.])0(?=[0-7]+\b(?!\.))", lambda _: "0o"),
    (r"(?<![\w.])(\d+)[lL]\b", lambda m: m[1]),
    (r"\b[uU][rR](?=[\"'])", lambda _: "r"),
)
_PLAIN = (
    ('"', "“”„«»＂"),
    ("'", "‘’‚`´＇"),
    ("-", "–—−"),
    (" ", "\u00a0\u2007\u202f\u3000"),
    ("", "\u200b\u200c\u200d\u2060\ufeff"),
    *zip("*/,;:()[]{}=+", "×÷，；：（）［］｛｝＝＋", strict=True),
    *zip(("<=", ">=", "!=", "..."), "≤≥≠…", strict=True),
)
_LOOKALIKES: dict[int, str] = {ord(character): plain for plain, characters in _PLAIN for character in characters}
"""Characters that word processors and web pages put in place of the ones that Python knows."""


def commas(broken: Broken) -> Iterator[Repair]:
    """A comma between the entries of a list, call or dictionary; never outside brackets."""
    at = broken.flaw.lineno
    opened = open_brackets(broken.code, broken.offset(at) + len(broken.lines[at - 1]))
    first = broken.lineno_at(opened[-1]) if opened else at
    around = range(max(first, at - 12), min(at + 12, len(broken.lines)) + 1)
    for lineno in sorted(around, key=lambda n: abs(n - at)):
        start, end = broken.offset(lineno), broken.code_end(lineno)
        line = broken.code_lines[lineno - 1][:end]
        repair = Repair(
            "syntax.missing-comma", "", lineno, f"A comma is missing in line {lineno}.", "Add the comma.", 2.5
        )
        distance = abs(lineno - at) / 16
        if line.strip() and line[-1] not in ",([{:=+-*/\\" and lineno < len(broken.lines):
            where = f"A comma is missing at the end of line {lineno}."
            yield from _comma(broken, replace(repair, cause=where, cost=2.25 + distance), start + end)
        if abs(lineno - at) <= 1:
            for gap in _GAP.finditer(line):
                yield from _comma(broken, replace(repair, cost=2.5 + distance), start + gap.start())


_GAP = re.compile(
    r"(?<=[\w)\]}])(?=\s*[\w([{])(?<!\bnot)\s+|(?<=[\w)\]}])\s*(?=S)(?<!S)|(?<=S)(?=[^\WS])|(?<=S)\s+(?=[\w([{])"
)
"""Where two values stand side by side; strings are masked by ``S``."""


def _comma(broken: Broken, repair: Repair, offset: int) -> Iterator[Repair]:
    """A comma at a place inside brackets; an operator may be missing there as well."""
    opened = open_brackets(broken.code, offset)
    if not opened:
        return
    opener = opened[-1]
    before = broken.code[opener + 1 : offset].rpartition(",")[2]
    after = re.match(r"[^,\n)\]}]*", broken.code[offset:].lstrip())
    beside = after[0] if after is not None else ""
    header = re.search(r"\b(?:def|class)\s+\w+\s*$", broken.code[:opener]) is not None
    named = re.match(r"\w+\s*=(?!=)", beside) is not None
    operator = re.search(r"[+*/%-]", before) is not None
    text = before.rstrip().endswith("S") or beside.startswith("S")
    called = re.match(r"\w+\s*\(", beside) is not None
    names = _is_name(re.search(r"\w*\s*$", before)) and _is_name(re.match(r"[ \t]*\w+", broken.code[offset:]))
    unclear = operator or names or (broken.code[opener] == "(" and (text or called))
    yield replace(repair, text=broken.put(offset, ","), ambiguous=unclear and not header and not named)


def _is_name(found: re.Match[str] | None) -> bool:
    """The text is a name: no number, and no masked string."""
    return found is not None and re.fullmatch(r"\s*(?!S+\s*$)[^\W\d]\w*\s*", found[0]) is not None


def comparisons(broken: Broken) -> Iterator[Repair]:
    """``=`` where a comparison, an assignment expression, or a dictionary's colon is meant."""
    lineno = broken.flaw.lineno
    start, line = broken.offset(lineno), broken.code_lines[lineno - 1]
    single = [m.start() for m in re.finditer(r"(?<![=<>!:+\-*/%&|^@])=(?!=)", line)]
    first = re.match(r"\s*(\w*)", line)
    word = first[1] if first is not None else ""
    repair = Repair(
        "syntax.assignment-in-condition",
        "",
        lineno,
        f"Line {lineno} assigns with `=` where it has to compare with `==`.",
        "Write `==`.",
        2,
    )
    sure = word in ("if", "elif", "assert", "while")
    compared = []
    for column in single:
        opened = open_brackets(broken.code, start + column)
        opener = opened[-1] if opened else -1
        if opener >= 0 and broken.code[opener] == "{":
            yield from _colon(broken, start + column, opener)
        elif _takes_keywords(broken.code, opener):
            continue
        elif _is_walrus(line, column, word):
            yield _walrus(broken, repair, start + column)
        elif sure or re.search(r"\b(?:if|return|not|and|or)\b", line[:column]):
            unclear = not sure or opener >= start or re.search(r"\(", line[column:]) is not None
            compared.append(column)
            yield replace(repair, text=broken.put(start + column, "==", 1), ambiguous=unclear)
    if len(compared) > 1:
        fixed = broken.lines[lineno - 1]
        for column in reversed(compared):
            fixed = fixed[:column] + "==" + fixed[column + 1 :]
        yield replace(repair, text=broken.with_line(lineno, fixed), cost=2.25)


def _takes_keywords(code: str, opener: int) -> bool:
    """The bracket is that of a call, where ``=`` passes an argument."""
    before = re.search(r"(\w+|[)\]])\s*$", code[:opener]) if opener >= 0 and code[opener] == "(" else None
    return before is not None and before[1] not in ("if", "elif", "while", "assert", "return", "and", "or", "not", "in")


def _is_walrus(line: str, column: int, word: str) -> bool:
    """``while line = read()``: the value is kept, not compared."""
    target = re.search(r"(?:^|\(|\b(?:if|elif|while|and|or|not)\s)\s*[^\W\d]\w*\s*$", line[:column])
    called = re.match(r"=\s*(?:await\s+)?[\w.]+\s*\(", line[column:])
    return word in ("if", "elif", "while") and target is not None and called is not None


def _walrus(broken: Broken, repair: Repair, offset: int) -> Repair:
    """``:=``; or ``==``: only the author knows."""
    cause = f"Line {repair.lineno} assigns with `=` in a condition: Python writes that `:=` (or `==`, to compare)."
    text = broken.put(offset, ":=", 1)
    return replace(repair, text=text, cause=cause, summary="Write `:=`.", ambiguous=True, cost=1.75)


def _colon(broken: Broken, offset: int, opener: int) -> Iterator[Repair]:
    """``{"a" = 1}``: a dictionary's entries are written with colons."""
    lineno = broken.lineno_at(offset)
    head = len(broken.code[:offset].rstrip())
    colon = ":" if broken.code[offset + 1 : offset + 2].isspace() else ": "
    repair = Repair(
        "syntax.other",
        broken.put(head, colon, offset + 1 - head),
        lineno,
        f"A dictionary's entry is written with `:`, not with `=` as in line {lineno}.",
        "Write `:` instead of `=`.",
        1,
        ambiguous=re.search(r"S\s*:", broken.code[opener:]) is None,
    )
    yield repair
    line, masked_line = broken.lines[lineno - 1], broken.code_lines[lineno - 1]
    every = list(re.finditer(r"(?<=S)\s*=(?!=)[ ]?", masked_line))
    for match in reversed(every):
        line = f"{line[: match.start()]}: {line[match.end() :]}"
    if len(every) > 1:
        yield replace(repair, text=broken.with_line(lineno, line), cost=1.25)


_KEYWORDS = frozenset(keyword.kwlist) - {"True", "False", "None"}
_NEVER_FIRST = frozenset({"and", "as", "in", "is", "not", "or"})


def keywords(broken: Broken) -> Iterator[Repair]:
    """``retrun x``: a misspelt keyword, first in its statement or, with letters swapped, further on in it."""
    lineno = broken.flaw.lineno
    for at in dict.fromkeys((lineno, broken.previous_code(lineno) or lineno)):
        line = broken.code_lines[at - 1][:_MAX_LINE]
        for number, word in enumerate(re.finditer(r"(?<![\w.])[a-z]{2,9}(?![\w.(])", line)):
            first = number == 0 and not line[: word.start()].strip()
            if word[0] in (*_KEYWORDS, "elsif", "elseif") or (
                not first and len(re.findall(rf"\b{word[0]}\b", broken.code)) > 1
            ):
                continue
            for apart, meant in sorted((distance(word[0], known), known) for known in _KEYWORDS):
                if _may_be(word[0], meant, apart, first):
                    yield Repair(
                        "syntax.other",
                        broken.put(broken.offset(at) + word.start(), meant, len(word[0])),
                        at,
                        f"`{word[0]}` in line {at} is a misspelling of the keyword `{meant}`.",
                        f"Write `{meant}`.",
                        0.5,
                        ambiguous=(word[0] in COMMON_WORDS or apart >= 2) and sorted(word[0]) != sorted(meant),
                    )


def _may_be(word: str, meant: str, apart: float, first: bool) -> bool:
    """A word may be a misspelling of a keyword."""
    if sorted(word) == sorted(meant):
        return first is False or meant not in _NEVER_FIRST
    limit = 1 if len(meant) <= 3 else 2
    return first and len(meant) > 2 and len(word) > 2 and meant not in _NEVER_FIRST and apart <= limit


def foreign(broken: Broken) -> Iterator[Repair]:
    """Operators and keywords of other languages, in the line and then in the whole file; misspelt keywords."""
    yield from keywords(broken)
    lineno = broken.flaw.lineno
    for pattern, ours, why in _FOREIGN:
        if not re.search(pattern, broken.code_lines[lineno - 1][:_MAX_LINE]):
            continue
        repair = Repair("syntax.foreign-operator", "", lineno, f"{why[0].upper()}{why[1:]}.", _written(ours, why), 1.5)
        numbers = range(1, len(broken.lines) + 1)
        yield replace(repair, text=_substituted(broken, [lineno], pattern, ours))
        yield replace(repair, text=_substituted(broken, numbers, pattern, ours), cost=1.75)


def _written(ours: str, why: str) -> str:
    """The fix, as a sentence."""
    plain = ours.strip() if "\\" not in ours else ""
    return f"Write `{plain}`." if plain else f"Write it as Python does: {why}."


def _substituted(broken: Broken, numbers: Iterable[int], pattern: str, ours: str) -> str:
    """The text with a pattern replaced in the code, not in the strings, of some lines."""
    lines, code = list(broken.lines), broken.code_lines
    for lineno in numbers:
        if len(lines[lineno - 1]) > _MAX_LINE:
            continue
        for match in reversed(list(re.finditer(pattern, code[lineno - 1]))):
            line = lines[lineno - 1]
            lines[lineno - 1] = line[: match.start()] + match.expand(ours) + line[match.end() :]
    return "\n".join(lines)


def python_2(broken: Broken) -> Iterator[Repair]:
    """Everything in the file that is Python 2's syntax."""
    lines, code = list(broken.lines), broken.code_lines
    changed = []
    for number, line in enumerate(lines):
        if not code[number].strip() or len(line) > _MAX_LINE:
            continue
        fixed = line
        for pattern, ours in _PYTHON_2:
            fixed = re.sub(pattern, ours, fixed)
        if fixed != line and flaw_of(fixed.strip() if not fixed.rstrip().endswith(":") else "") is None:
            lines[number] = fixed
            changed.append(number + 1)
    if not changed or broken.flaw.lineno not in changed:
        return
    at = broken.flaw.lineno
    what = "`print` is a function" if "print" in broken.lines[at - 1] else "the syntax has changed"
    many = f" in {len(changed)} lines" if len(changed) > 1 else ""
    yield Repair(
        "syntax.python2",
        "\n".join(lines),
        at,
        f"Line {at} is written for Python 2: in Python 3 {what}.",
        f"Write it as Python 3 does{many}.",
        1,
        safe=False,
    )


def lookalikes(broken: Broken) -> Iterator[Repair]:
    """Typographic quotes and other characters that only look like Python's."""
    found = re.search(r"U\+([0-9A-F]{4,6})", broken.flaw.message)
    if found is None:
        return
    at, character = broken.flaw.lineno, chr(int(found[1], 16))
    shown = character if character.isprintable() and not character.isspace() else f"U+{found[1]}"
    lines = list(broken.lines)
    lines[at - 1] = lines[at - 1].translate(_LOOKALIKES)
    repair = Repair(
        "syntax.invalid-character",
        "",
        at,
        f"Line {at} holds `{shown}`, which only looks like a character of Python's; texts and web pages have such.",
        "Replace it by the plain character.",
        1,
    )
    yield replace(repair, text="\n".join(lines))
    for number, code in enumerate(broken.code_lines):
        lines[number] = _translated(broken.lines[number], code)
    yield replace(repair, text="\n".join(lines), cost=1.25)


def _translated(line: str, code: str) -> str:
    return "".join(c if mask == "S" else c.translate(_LOOKALIKES) for c, mask in zip(line, code, strict=True))
