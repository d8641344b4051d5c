"""Colons, indentation, and lines that go on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from snapfix.rules.repairs.broken import STRING_OR_COMMENT, Broken, Repair, indent_of

_HEADER = re.compile(r"\s*(?:async\s+)?(?:if|elif|else|for|while|def|class|with|try|except|finally|match|case)\b")


def colons(broken: Broken) -> Iterator[Repair]:
    """A colon at the end of a block's first line."""
    at = broken.flaw.lineno
    for lineno in (at, broken.previous_code(at)):
        if lineno is None:
            continue
        start = broken.offset(lineno)
        line, end = broken.code_lines[lineno - 1], broken.code_end(lineno)
        header = _HEADER.match(line) is not None
        if not header and (broken.flaw.message != "expected ':'" or lineno != at):
            continue
        repair = Repair(
            "syntax.missing-colon",
            "",
            lineno,
            f"The colon at the end of line {lineno} is missing.",
            f"Add `:` at the end of line {lineno}.",
            2,
        )
        if line[:end].endswith((";", ",")):
            yield replace(repair, text=broken.put(start + end - 1, ":", 1))
        elif not line[:end].endswith(":"):
            yield replace(repair, text=broken.put(start + end, ":"))
            yield from _colons_inside(broken, repair, start, line[:end])


def _colons_inside(broken: Broken, repair: Repair, start: int, line: str) -> Iterator[Repair]:
    """``if done return 1``: the colon belongs before the statement."""
    cause, summary = f"The colon in line {repair.lineno} is missing.", f"Add `:` in line {repair.lineno}."
    for gap in re.finditer(r"(?<=[\w)\]}])\s+(?=(?:return|print|pass|break|continue|raise|yield)\b)", line):
        yield replace(repair, text=broken.put(start + gap.start(), ":"), cause=cause, summary=summary, cost=3)


def continuations(broken: Broken) -> Iterator[Repair]:
    """White space after the backslash that continues a line."""
    lineno = broken.flaw.lineno
    line = broken.lines[lineno - 1]
    if re.search(r"\\[ \t]+$", line):
        yield Repair(
            "syntax.other",
            broken.with_line(lineno, line.rstrip()),
            lineno,
            f"White space follows the backslash at the end of line {lineno}: the line is not continued.",
            "Remove it.",
            1,
        )


def indents(broken: Broken) -> Iterator[Repair]:
    """Lines that stand too far to the right, or between two levels."""
    at = broken.flaw.lineno
    lines = broken.lines
    above = broken.previous_code(at)
    here = indent_of(lines[at - 1])
    levels = _levels(broken, at)
    unexpected = "unexpected indent" in broken.flaw.message
    if not unexpected and "unindent" not in broken.flaw.message:
        return
    wanted = [indent_of(lines[above - 1])] if unexpected and above else sorted(levels, key=lambda n: abs(n - here))[:3]
    if unexpected and above is None:
        wanted = [0]
    for number, level in enumerate(wanted):
        repair = Repair(
            "indentation.unexpected",
            "",
            at,
            f"Line {at} is indented by {here} columns; the lines around it by {level}.",
            _by(f"line {at}", level),
            1.5 + abs(level - here) / 32 + number / 64,
            safe=unexpected,
        )
        yield replace(repair, text=_shifted(broken, at, at, level - here), cost=repair.cost + 0.001)
        last = _same_block(broken, at)
        if last > at:
            summary = _by(f"lines {at} to {last}", level)
            yield replace(repair, text=_shifted(broken, at, last, level - here), summary=summary)


def _by(lines: str, level: int) -> str:
    """The fix, as a sentence."""
    return f"Indent {lines} by {level} columns." if level else f"Remove the indentation of {lines}."


def _levels(broken: Broken, lineno: int) -> set[int]:
    """The indentations of the blocks that are open above a line."""
    found: set[int] = set()
    lowest = float("inf")
    for line in reversed(broken.code_lines[: lineno - 1]):
        if line.strip() and indent_of(line) < lowest:
            lowest = indent_of(line)
            found.add(indent_of(line))
    return found


def _same_block(broken: Broken, lineno: int) -> int:
    """The last line below that is indented at least as far."""
    here, last = indent_of(broken.lines[lineno - 1]), lineno
    following = broken.next_code(lineno)
    while following is not None and indent_of(broken.lines[following - 1]) >= here:
        last, following = following, broken.next_code(following)
    return last


def _shifted(broken: Broken, first: int, last: int, by: int) -> str:
    lines = list(broken.lines)
    for number in range(first - 1, last):
        line = lines[number]
        if line.strip():
            lines[number] = " " * by + line if by > 0 else line[min(-by, indent_of(line)) :]
    return "\n".join(lines)


def empty_blocks(broken: Broken) -> Iterator[Repair]:
    """A block without a body, or with one that is not indented."""
    if "expected an indented block" not in broken.flaw.message:
        return
    at = min(broken.flaw.lineno, len(broken.lines))
    stated = re.search(r"on line (\d+)", broken.flaw.message)
    header = int(stated[1]) if stated else broken.previous_code(at)
    if header is None:
        return
    indent = indent_of(broken.lines[header - 1])
    step = _step(broken)
    body = broken.lines[at - 1]
    not_indented = at > header and indent_of(body) == indent and broken.code_lines[at - 1].strip()
    if not_indented and not re.match(r"\s*(?:(?:def|class|else|elif|except|finally|async)\b|@)", body):
        yield from _indented_bodies(broken, header, at, step)
    after = header
    while after < len(broken.lines) and broken.lines[after].strip().startswith("#"):
        after += 1
    comment = indent_of(broken.lines[after - 1]) if after > header else 0
    lines = list(broken.lines)
    lines.insert(after, " " * (comment if comment > indent else indent + step) + "pass")
    yield Repair(
        "indentation.expected-block",
        "\n".join(lines),
        header,
        f"The block that line {header} begins has no statement in it" + ("; a comment is none." if comment else "."),
        "Write its body, or `pass` until there is one.",
        0.5 if comment > indent else 2,
        safe=False,
    )


def _indented_bodies(broken: Broken, header: int, at: int, step: int) -> Iterator[Repair]:
    """The lines below a header, indented: all that follow without a gap for a definition, one otherwise."""
    indent = indent_of(broken.lines[header - 1])
    last = at
    while last < len(broken.lines) and broken.lines[last].strip() and indent_of(broken.lines[last]) >= indent:
        last += 1
    definition = re.match(r"\s*(?:async\s+)?(?:def|class|with)\b", broken.lines[header - 1]) is not None
    statement_end = _statement_end(broken, at)
    repair = Repair(
        "indentation.expected-block",
        "",
        at,
        f"Line {at} belongs to the block that line {header} begins, but it is not indented.",
        f"Indent line {at}.",
        1,
        safe=False,
    )
    ends = [last, statement_end] if definition else [statement_end, last]
    ends.append(_string_end(broken, at))
    for number, end in enumerate(dict.fromkeys(ends)):
        summary = repair.summary if end == at else f"Indent lines {at} to {end}."
        yield replace(repair, text=_shifted(broken, at, end, step), summary=summary, cost=1 + number / 4)


def _string_end(broken: Broken, lineno: int) -> int:
    """The last line of a docstring that begins on a line; the line itself where none does."""
    start = broken.offset(lineno) + indent_of(broken.lines[lineno - 1])
    string = STRING_OR_COMMENT.match(broken.text, start)
    return broken.lineno_at(string.end()) if string is not None else lineno


def _statement_end(broken: Broken, lineno: int) -> int:
    """The last line of the statement at a line: its brackets, or its block."""
    here, last = indent_of(broken.lines[lineno - 1]), lineno
    following = broken.next_code(lineno)
    while following is not None and indent_of(broken.lines[following - 1]) > here:
        last, following = following, broken.next_code(following)
    return last


def _step(broken: Broken) -> int:
    """By how much the file indents."""
    indents = [indent_of(line) for line in broken.code_lines if line.strip() and line.startswith(" ")]
    return min(indents, default=4) or 4


def tabs(broken: Broken) -> Iterator[Repair]:
    """Tabs and spaces mixed."""
    if "inconsistent use of tabs" not in broken.flaw.message and "unindent" not in broken.flaw.message:
        return
    for number, size in enumerate((4, 8, 2)):
        lines = [
            line[: indent_of(line)].expandtabs(size) + line.lstrip() if "\t" in line[: indent_of(line)] else line
            for line in broken.lines
        ]
        yield Repair(
            "indentation.unexpected",
            "\n".join(lines),
            broken.flaw.lineno,
            f"Line {broken.flaw.lineno} mixes tabs and spaces with the lines around it.",
            f"Indent by spaces only (a tab as {size}).",
            1 + number / 8,
            safe=False,
        )
