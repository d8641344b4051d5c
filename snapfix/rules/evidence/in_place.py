"""The edits that put right a use of the result of a call that works in place."""

from __future__ import annotations

import ast

from snapfix.diagnosis import Applicability, Edit
from snapfix.rules.base import edit_lines, indentation
from snapfix.rules.evidence.origins import Origin
from snapfix.rules.evidence.values import Place, last_name, rewrite, source_of

_SAFE, _UNSAFE = Applicability.SAFE, Applicability.UNSAFE


def in_place_fix(origin: Origin) -> tuple[Edit | None, str, Applicability]:
    """The edit that stops using the result of the call, what it does, and how safe it is."""
    call, place = origin.node, origin.place
    assert isinstance(call, ast.Call)
    file = place.file
    changed = _changed_object(call, place)
    if any(keyword.arg == "inplace" for keyword in call.keywords):
        return _without_inplace(place, call), "Leave out `inplace=True`: the result is then returned.", _SAFE
    method = last_name(call.func)
    statement = place.statement
    text = source_of(file, call)
    if isinstance(statement, ast.Assign) and statement.value is call and len(statement.targets) == 1:
        target = source_of(file, statement.targets[0])
        if target == changed:
            return rewrite(file, [(statement, text)]), f"Call `{text}` without assigning its result.", _SAFE
        if method != "sort" and changed:
            lines = [text, f"{target} = {changed}"]
            return _two_lines(place, statement, lines), f"Call `{method}()` first, then use `{changed}`.", _UNSAFE
    if isinstance(statement, ast.Return) and statement.value is call and method != "sort" and changed:
        return _two_lines(place, statement, [text, f"return {changed}"]), f"Return `{changed}` itself.", _SAFE
    if method == "sort" and isinstance(call.func, ast.Attribute):
        arguments = ", ".join([changed, *(source_of(file, keyword) for keyword in call.keywords)])
        return rewrite(file, [(call, f"sorted({arguments})")]), "Use `sorted()`, which returns a new list.", _SAFE
    if method == "reverse" and isinstance(call.func, ast.Attribute):
        return rewrite(file, [(call, f"list(reversed({changed}))")]), "Use `reversed()` instead.", _SAFE
    if changed and method != "print" and _runs_once(statement, call):
        edit = _before_and_replaced(place, statement, call, changed)
        return edit, f"Call `{text}` on a line of its own, then use `{changed}`.", _SAFE
    return None, f"Call `{text}` on a line of its own and do not use its result.", Applicability.DISPLAY_ONLY


def _changed_object(call: ast.Call, place: Place) -> str:
    """The object that the call works on, as it is written; "" where there is none to go on with."""
    if isinstance(call.func, ast.Attribute) and last_name(call.func) not in ("shuffle", "heapify", "makedirs"):
        plain = isinstance(call.func.value, ast.Name | ast.Attribute)
        return source_of(place.file, call.func.value) if plain or last_name(call.func) in ("sort", "reverse") else ""
    if call.args and last_name(call.func) in ("shuffle", "heapify"):
        return source_of(place.file, call.args[0])
    return ""


def _without_inplace(place: Place, call: ast.Call) -> Edit | None:
    arguments = [source_of(place.file, a) for a in call.args]
    arguments += [source_of(place.file, k) for k in call.keywords if k.arg != "inplace"]
    return rewrite(place.file, [(call, f"{source_of(place.file, call.func)}({', '.join(arguments)})")])


def _two_lines(place: Place, statement: ast.stmt, lines: list[str]) -> Edit | None:
    indent = indentation(place.file.lines[statement.lineno - 1])
    return rewrite(place.file, [(statement, f"\n{indent}".join(lines))])


def _runs_once(statement: ast.stmt, call: ast.Call) -> bool:
    """The call is evaluated once, as the first thing of its statement: it can be moved to a line before."""
    if isinstance(statement, ast.For | ast.AsyncFor):
        return call in ast.walk(statement.iter)
    inside = any(isinstance(node, ast.Lambda | ast.comprehension) for node in ast.walk(statement))
    return isinstance(statement, ast.Assign | ast.Expr | ast.Return | ast.AugAssign) and not inside


def _before_and_replaced(place: Place, statement: ast.stmt, call: ast.Call, changed: str) -> Edit | None:
    lines = place.file.lines
    line = lines[statement.lineno - 1]
    if call.lineno != statement.lineno or call.end_lineno != call.lineno or not line.isascii():
        return None
    text = line[: call.col_offset] + changed + line[call.end_col_offset :]
    moved = indentation(line) + source_of(place.file, call)
    return edit_lines(place.file, statement.lineno, statement.lineno, [moved, text])
