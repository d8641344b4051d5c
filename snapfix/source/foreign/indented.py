"""The functions and classes around a line, by how code in braces or between ``def`` and ``end`` is commonly indented.

For where there is no grammar. A line above that is indented less, looks like a header and whose end comes behind the
line is taken for one; what looks otherwise is taken for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from snapfix.source.foreign.grammars import WIDEST, Unit

_MAX_LINE = 300
_LONGEST = 400


def indentation(line: str) -> int:
    """The columns in front of a line's text, a tab being four."""
    expanded = line[:_MAX_LINE].expandtabs(4)
    return len(expanded) - len(expanded.lstrip())


_MODIFIERS = (
    r"(?:(?:export|default|async|static|public|private|protected|internal|override|final|abstract|virtual|inline|open"
    r"|suspend|unsafe|extern|const|synchronized|readonly|sealed|partial|get|set|pub(?:\([\w ]*+\))?) ++)*+"
)
_KEYWORD_FUNCTION = re.compile(
    _MODIFIERS + r"(?:function\b ?\*? ?|func (?:\([^)]*+\) ?)?|fn |fun (?:<[^>]*+> ?)?(?:\w++\.)?|def (?:self\.)?|sub )"
    r"(\w++[?!]?)"
)
_ASSIGNED_FUNCTION = re.compile(
    _MODIFIERS
    + r"(?:(?:let|var) )?((?:[\w$]++\.)*+[\w$]++) ?[=:] ?(?:async )?(?:function\b|\([^()]*+\) ?=>|[\w$]++ ?=>)"
)
_METHOD = re.compile(
    _MODIFIERS + r"(?:[\w$<>\[\],.?:*&~]++ ++){0,4}+[*&~]?((?:[\w$]++::)*+~?#?[\w$]++) ?"
    r"\([^;=]*(?:[{,(]|\)[^;={}]*+\{?)$"
)
_CONTROL = re.compile(
    r"(?:\} ?)?(?:if|else|elsif|elif|for|foreach|while|until|unless|switch|case|catch|try|do|with|using|lock|return|new"
    r"|throw|await|yield|match|loop|select|when|synchronized|finally|rescue|begin|assert|go|defer|super|this)\b"
)
_CALLBACK = re.compile(r".*(?:=> ?\{|function ?\([^)]*+\) ?\{|\bdo(?: ?\|[^|]*+\|)?|\bfunc\([^)]*+\)[^{]{0,40}\{)$")
_CLASS = re.compile(
    _MODIFIERS + r"(?:data |enum )?(?:class|interface|struct|enum|trait|impl|module|namespace|object|record|mod)"
    r"(?:<[^>]*+>)? (?:[\w$:<>]++ for )?([A-Za-z_$][\w$:]*+)"
)
_CLOSING = re.compile(r"[\s})\];,]*+$|end\b")


def units_around(lines: Sequence[str], lineno: int) -> Iterator[Unit]:
    """The plausible headers above a line, each indented less than the one before, with the end of what they open.

    A header whose end does not come behind the line opens something else.
    """
    line = lines[lineno - 1]
    margin = indentation(line) + (1 if line.strip() else 10_000)
    for number in range(lineno, max(0, lineno - WIDEST), -1):
        text = lines[number - 1]
        if _says_nothing(text) or indentation(text) >= margin:
            continue
        margin = indentation(text)
        found = _header(text.strip()[:_MAX_LINE])
        last = _end(lines, number, lineno) if found is not None else None
        if found is not None and last is not None:
            name, is_class, is_expression = found
            yield Unit(name, number, number, number + 1, last, is_class, is_expression)
    yield from _classes_far_above(lines, lineno, margin)


def _says_nothing(text: str) -> bool:
    """It is blank, or closes something, or opens what the line above announces."""
    return not text.strip() or text.strip() == "{" or _CLOSING.match(text.strip()) is not None


def _classes_far_above(lines: Sequence[str], lineno: int, margin: int) -> Iterator[Unit]:
    """The class of a method that stands far down in it; its own end is not looked for."""
    for number in range(max(0, lineno - WIDEST), 0, -1):
        text = lines[number - 1]
        if margin and indentation(text) < margin and not _says_nothing(text):
            margin = indentation(text)
            found = _CLASS.match(text.strip()[:_MAX_LINE])
            if found is not None:
                yield Unit(found[1], number, number, number + 1, len(lines), is_class=True)


def _header(text: str) -> tuple[str, bool, bool] | None:
    """What a line opens: its name, whether it is a class, whether it is a function that is an expression."""
    if _CONTROL.match(text):
        return None
    text = re.sub(r"\s*+(?://|#(?!\w)).*+$", "", text)
    if (found := _CLASS.match(text)) is not None:
        return found[1], True, False
    if (found := _KEYWORD_FUNCTION.match(text)) is not None:
        return found[1], False, False
    if (found := _ASSIGNED_FUNCTION.match(text)) is not None:
        return found[1], False, True
    if _CALLBACK.match(text) is not None:
        called = re.match(r"[\w$.:]++", text)
        return f"function passed to {called[0][:60]}" if called else "function without a name", False, True
    found = _METHOD.match(text)
    return (found[1], False, False) if found is not None else None


def _end(lines: Sequence[str], header: int, lineno: int) -> int | None:
    """The line that closes what ``header`` opens; None where that comes above ``lineno``, or does not come."""
    margin = indentation(lines[header - 1])
    for number in range(header + 1, min(len(lines), header + _LONGEST) + 1):
        text = lines[number - 1]
        if not text.strip() or indentation(text) > margin or text.strip() in ("{", ") {", "):"):
            continue
        if _CLOSING.match(text.strip()) and not text.strip().endswith(("{", "(")):
            return number if number >= lineno else None
        if text.strip()[0] not in ")}{" and not _goes_on(text):
            return None
    return None


def _goes_on(text: str) -> bool:
    """A line at the margin that belongs to what is open: ``rescue``, a label of C, a directive."""
    return re.match(r"\s*(?:rescue|ensure|else|where|\w+:|#)", text) is not None
