"""Commas, operators, and the spellings of other languages, of Python 2 and of word processors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from snapfix.rules.repairs.broken import Broken, Repair, flaw_of, is_inside_brackets, open_brackets

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
    """A comma between the entries of a list, call or dictionary."""
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
        if (
            line.strip()
            and line[-1] not in ",([{:=+-*/\\"
            and lineno < len(broken.lines)
            and is_inside_brackets(broken, start + end)
        ):
            where = f"A comma is missing at the end of line {lineno}."
            yield replace(repair, text=broken.put(start + end, ","), cause=where, cost=2.25 + distance)
        if abs(lineno - at) <= 1:
            for gap in re.finditer(r"(?<=[\w)\]}])(?=\s*[\w([{])(?<!\bnot)\s+", line):
                yield replace(repair, text=broken.put(start + gap.start(), ","), cost=2.5 + distance)
            for gap in re.finditer(r"(?<=[\w)\]}])\s*(?=S)(?<!S)|(?<=S)(?=[^\WS])", line):
                yield replace(repair, text=broken.put(start + gap.start(), ","), cost=2.5 + distance)


def comparisons(broken: Broken) -> Iterator[Repair]:
    """``=`` where a comparison is meant."""
    lineno = broken.flaw.lineno
    start, line = broken.offset(lineno), broken.code_lines[lineno - 1]
    if not re.match(r"\s*(?:if|elif|while|assert|return|not)\b", line) and "==" not in broken.flaw.message:
        return
    single = [m.start() for m in re.finditer(r"(?<![=<>!:+\-*/%&|^@])=(?!=)", line)]
    repair = Repair(
        "syntax.assignment-in-condition",
        "",
        lineno,
        f"Line {lineno} assigns with `=` where it has to compare with `==`.",
        "Write `==`.",
        2,
    )
    for column in single:
        yield replace(repair, text=broken.put(start + column, "==", 1))
    if len(single) > 1:
        fixed = broken.lines[lineno - 1]
        for column in reversed(single):
            fixed = fixed[:column] + "==" + fixed[column + 1 :]
        yield replace(repair, text=broken.with_line(lineno, fixed), cost=2.25)


def foreign(broken: Broken) -> Iterator[Repair]:
    """Operators and keywords of other languages, in the line and then in the whole file."""
    lineno = broken.flaw.lineno
    for pattern, ours, why in _FOREIGN:
        if not re.search(pattern, broken.code_lines[lineno - 1][:_MAX_LINE]):
            continue
        repair = Repair(
            "syntax.foreign-operator", "", lineno, f"{why[0].upper()}{why[1:]}.", "Write it the way Python does.", 1.5
        )
        numbers = range(1, len(broken.lines) + 1)
        yield replace(repair, text=_substituted(broken, [lineno], pattern, ours))
        yield replace(repair, text=_substituted(broken, numbers, pattern, ours), cost=1.75)


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
