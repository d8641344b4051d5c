"""Brackets that are missing, too many, or of the wrong kind."""

from __future__ import annotations

import builtins
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from snapfix.rules.repairs.broken import CLOSERS, OPENERS, Broken, Repair, indent_of, open_brackets

_BUILTINS = frozenset(dir(builtins))


def definitions(broken: Broken) -> Iterator[Repair]:
    """``def main:`` lacks its parentheses."""
    lineno = broken.flaw.lineno
    line = broken.lines[lineno - 1]
    parameter = _first_parameter(broken, lineno)
    fixed = re.sub(r"^(\s*(?:async\s+)?def\s+\w+)\s*:", rf"\1({parameter}):", line)
    yield Repair(
        "syntax.brackets",
        broken.with_line(lineno, fixed),
        lineno,
        f"The parentheses after the function's name in line {lineno} are missing.",
        f"Add `({parameter})` after the function's name.",
        2,
    )


def _first_parameter(broken: Broken, lineno: int) -> str:
    """``self`` or ``cls`` for a method that is defined on a line; "" for a function."""
    indent, above = indent_of(broken.lines[lineno - 1]), broken.previous_code(lineno)
    decorators = ""
    while above is not None and indent_of(broken.lines[above - 1]) >= indent:
        if re.match(r"\s*@", broken.lines[above - 1]) and above == lineno - 1:
            decorators = broken.lines[above - 1].strip()
        above = broken.previous_code(above)
    if above is None or not re.match(r"\s*class\b", broken.lines[above - 1]) or decorators == "@staticmethod":
        return ""
    return "cls" if decorators == "@classmethod" else "self"


def unclosed(broken: Broken) -> Iterator[Repair]:
    """A closing bracket, at the ends of the lines where it may be missing."""
    at = broken.flaw.lineno
    opened = open_brackets(broken.code, len(broken.code)) or open_brackets(broken.code, broken.offset(at))
    if not opened:
        return
    yield from _left_by_indentation(broken)
    for depth in range(1, min(len(opened), 4) + 1):
        group = opened[-depth:]
        first = broken.lineno_at(group[0])
        closers = "".join(OPENERS[broken.code[offset]] for offset in reversed(group))
        for number, lineno in enumerate(_ends(broken, first)):
            yield from _closed_at(broken, group[0], lineno, closers, 2 + depth / 4 + min(number, 8) / 16)


def _left_by_indentation(broken: Broken) -> Iterator[Repair]:
    """A nested bracket that a line indented no further than its opener leaves open: it ends above that line."""
    opened: list[int] = []
    for match in re.finditer(r"[()\[\]{}]|\n[ \t]*(?=[^\s])", broken.code):
        character, offset = match[0], match.start()
        if character in OPENERS:
            opened.append(offset)
        elif character in CLOSERS:
            if opened and broken.code[opened[-1]] == CLOSERS[character]:
                opened.pop()
        elif len(opened) > 1 and _is_left(broken, opened[-1], match.end()):
            yield _closed_above(broken, opened[-1], broken.lineno_at(match.end()))
            return


def _is_left(broken: Broken, opener: int, offset: int) -> bool:
    """The line at a place does not belong to the entries below an opening bracket that ends its line."""
    first, lineno = broken.lineno_at(opener), broken.lineno_at(offset)
    if not broken.code_lines[first - 1].rstrip().endswith(broken.code[opener]) or lineno <= first + 1:
        return False
    here, there = indent_of(broken.lines[lineno - 1]), indent_of(broken.lines[first - 1])
    return here < there or (here == there and broken.code[offset] != OPENERS[broken.code[opener]])


def _closed_above(broken: Broken, opener: int, lineno: int) -> Repair:
    first, above = broken.lineno_at(opener), broken.previous_code(lineno)
    assert above is not None
    opening = broken.lines[first - 1]
    closer = OPENERS[broken.code[opener]]
    comma = "" if broken.code_lines[lineno - 1].strip()[:1] in CLOSERS else ","
    added = f"\n{opening[: indent_of(opening)]}{closer}{comma}"
    return Repair(
        "syntax.brackets",
        broken.put(broken.offset(above) + len(broken.lines[above - 1]), added),
        first,
        f"The bracket opened on line {first} is never closed.",
        f"Add `{closer}` below line {above}, where the indentation ends.",
        1,
        ambiguous=True,
    )


def _ends(broken: Broken, first: int) -> Iterator[int]:
    """The lines at whose end an expression begun on ``first`` may end, the likeliest first."""
    indent = indent_of(broken.lines[first - 1])
    others = []
    lineno: int | None = first
    while lineno is not None and lineno < first + 60:
        following = broken.next_code(lineno)
        if following is None or indent_of(broken.lines[following - 1]) <= indent:
            yield lineno
            if following is not None and _starts_statement(broken.code_lines[following - 1]):
                break
        else:
            others.append(lineno)
        lineno = following
    yield from others


def _starts_statement(line: str) -> bool:
    words = r"\s*(?:def|class|return|if|for|while|import|from|with|try|print\b|raise|async|@)\b"
    return re.match(words, line) is not None or re.match(r"\s*[\w.]+\s*[+\-*/]?=[^=]", line) is not None


def _closed_at(broken: Broken, opener: int, lineno: int, closers: str, cost: float) -> Iterator[Repair]:
    first, start, end = broken.lineno_at(opener), broken.offset(lineno), broken.code_end(lineno)
    line = broken.code_lines[lineno - 1][:end]
    opened = broken.code_lines[first - 1].rstrip()
    word = "bracket" if len(closers) == 1 else "brackets"
    inside = broken.code[opener + 1 : start + end] if first == lineno else ""
    repair = Repair(
        "syntax.brackets",
        "",
        first,
        f"The {word} opened on line {first} {'is' if len(closers) == 1 else 'are'} never closed.",
        f"Add `{closers}` at the end of line {lineno}.",
        cost,
        ambiguous=_joins(inside if re.search(r"[(\[{]", inside) else inside.replace(",", "")),
    )
    if lineno > first and opened.endswith(closers.translate(str.maketrans(")]}", "([{"))[::-1]) and len(closers) == 1:
        below = broken.lines[first - 1][: indent_of(broken.lines[first - 1])] + closers
        yield replace(
            repair,
            text=broken.put(start + len(broken.lines[lineno - 1]), "\n" + below),
            cost=cost - 1 / 32,
            summary=f"Add `{closers}` below line {lineno}.",
        )
    if line.endswith(":"):
        yield replace(repair, text=broken.put(start + end - 1, closers), cost=cost - 1 / 32)
    yield replace(repair, text=broken.put(start + end, closers))


def mismatched(broken: Broken) -> Iterator[Repair]:
    """Brackets of two kinds that do not belong together, and closing ones that were never opened."""
    opened: list[int] = []
    for match in re.finditer(r"[()\[\]{}]", broken.code):
        character, offset = match[0], match.start()
        if character in OPENERS:
            opened.append(offset)
        elif opened and broken.code[opened[-1]] == CLOSERS[character]:
            opened.pop()
        else:
            yield from _closer_repairs(broken, offset, opened)
            return


def _closer_repairs(broken: Broken, offset: int, opened: list[int]) -> Iterator[Repair]:
    lineno, character = broken.lineno_at(offset), broken.code[offset]
    if not opened:
        yield from _removed(broken, offset)
        yield from _openers(broken, offset)
        return
    wanted = OPENERS[broken.code[opened[-1]]]
    line = broken.lineno_at(opened[-1])
    cause = f"The `{broken.code[opened[-1]]}` opened on line {line} is closed by `{character}` on line {lineno}."
    unclear = _joins(broken.code[opened[-1] + 1 : offset])
    repair = Repair("syntax.brackets", "", lineno, cause, f"Close it with `{wanted}`.", 2)
    yield replace(repair, text=broken.put(offset, wanted, 1))
    summary = f"Add `{wanted}` before `{character}`."
    yield replace(repair, text=broken.put(offset, wanted), summary=summary, ambiguous=unclear)
    summary = f"Remove the `{character}`."
    yield replace(repair, text=broken.put(offset, "", 1), summary=summary, cost=3, safe=False)
    yield from _openers(broken, offset)
    end = broken.offset(line) + broken.code_end(line)
    if opened[-1] < end <= offset:
        end -= broken.code[end - 1] == ","
        cause = f"The `{broken.code[opened[-1]]}` opened on line {line} is never closed."
        summary = f"Add `{wanted}` at the end of line {line}."
        yield replace(repair, text=broken.put(end, wanted), lineno=line, cause=cause, summary=summary, cost=2.25)


def _joins(code: str) -> bool:
    """There is more than one value in the code, so that a bracket may close before the last."""
    return re.search(r"[,+\-*/%<>=|&]|\b(?:and|or|if|in|is|not)\b", code) is not None


def _removed(broken: Broken, offset: int) -> Iterator[Repair]:
    """A closing bracket too many; it is never certain that no opening one is missing instead."""
    lineno, character = broken.lineno_at(offset), broken.code[offset]
    cause = f"The `{character}` in line {lineno} closes a bracket that was never opened."
    repair = Repair("syntax.brackets", "", lineno, cause, f"Remove the `{character}`.", 2, safe=False)
    yield replace(repair, text=broken.put(offset, "", 1))
    start = broken.offset(lineno)
    for same in re.finditer(re.escape(character), broken.code[start:offset]):
        yield replace(repair, text=broken.put(start + same.start(), "", 1), cost=2.5)


def _openers(broken: Broken, offset: int) -> Iterator[Repair]:
    """``strtext)`` for ``str(text)``: two words run together where an opening bracket is missing."""
    lineno, opener = broken.lineno_at(offset), CLOSERS[broken.code[offset]]
    start = broken.offset(lineno)
    cause = f"The `{opener}` that the `{broken.code[offset]}` in line {lineno} closes is missing."
    repair = Repair("syntax.brackets", "", lineno, cause, f"Add the missing `{opener}`.", 1.5)
    words = Counter(re.findall(r"\w+", broken.code))
    for word in re.finditer(r"\w+", broken.code[start:offset]):
        if words[word[0]] > 1 or word[0] in _BUILTINS:
            continue
        for cut in range(2, len(word[0])):
            head, tail = word[0][:cut], word[0][cut:]
            known = words[head] or head in _BUILTINS
            if known and (words[tail] or tail.isdigit() or set(tail) == {"S"}):
                yield replace(repair, text=broken.put(start + word.start() + cut, opener))
    called = re.search(r"(\w+)\s*$", broken.code[start:offset])
    if called is not None and f"{called[1]}()" in broken.code:
        yield replace(repair, text=broken.put(offset, opener), cost=1.75)
    yield from _openers_above(broken, repair, lineno, opener)


def _openers_above(broken: Broken, repair: Repair, lineno: int, opener: str) -> Iterator[Repair]:
    """A line that ends with a name, above lines indented further, lacks its opening bracket."""
    below: int | None = lineno
    for _ in range(8):
        above = broken.previous_code(below) if below is not None else None
        if below is None or above is None:
            return
        further = indent_of(broken.lines[below - 1]) > indent_of(broken.lines[above - 1])
        if further and re.search(r"[\w\])=]\s*$", broken.code_lines[above - 1]):
            place = broken.offset(above) + broken.code_end(above)
            cause = f"The `{opener}` at the end of line {above} is missing."
            yield replace(repair, text=broken.put(place, opener), lineno=above, cause=cause, cost=1.75)
        below = above
