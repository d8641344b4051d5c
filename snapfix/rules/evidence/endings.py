"""How a function ends without a value: the reason in words, and the ``return`` that is missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from snapfix.crash import CrashContext, SourceFile
from snapfix.diagnosis import Edit
from snapfix.rules.base import edit_lines, indentation
from snapfix.rules.evidence.flow import bindings, clause_of, path_to
from snapfix.rules.evidence.targets import Target, chained, enclosing_functions, resolve
from snapfix.rules.evidence.values import Place, insert_after, is_parameter, last_name, rewrite, short, source_of
from snapfix.syntax import FunctionNode, own_nodes

Repair = tuple[Edit, str, bool]
"""An edit, what it does, and whether it can only be meant so."""


def why(file: SourceFile, function: FunctionNode, node: ast.AST) -> str:
    """When a function returns None at ``node``: completes "it returns None ...".

    ``node`` is a ``return`` without value, or what :func:`snapfix.rules.evidence.origins.open_ends` names.
    """
    match node:
        case ast.Return():
            return _around(file, function, node) or "at its end"
        case ast.ExceptHandler():
            return f"after catching {_caught(file, node)}: that branch does not return"
        case ast.If():
            tests = _chain(function, node)
            conditions = ", ".join(f"`{short(file, test, 40)}`" for test in tests)
            return f"when {conditions} is false" if len(tests) == 1 else f"when none of {conditions} holds"
        case ast.For() | ast.AsyncFor():
            if _returns_value(function):
                return f"when the loop over `{short(file, node.iter, 40)}` ends without reaching its `return`"
        case ast.Match():
            return f"when no `case` fits `{short(file, node.subject, 40)}`"
    if not _returns_value(function):
        return "in every case: it has no `return` with a value"
    around = _around(file, function, node) if isinstance(node, ast.stmt) else ""
    return f"{around}: that branch has no `return`" if around else "at its end, after its last statement"


def never_returns_value(function: FunctionNode) -> bool:
    """No ``return`` of the function has a value."""
    return not _returns_value(function)


def _returns_value(function: FunctionNode) -> bool:
    return any(isinstance(node, ast.Return) and node.value is not None for node in own_nodes(function))


def _around(file: SourceFile, function: FunctionNode, node: ast.stmt) -> str:
    """The condition under which a statement runs, by the clause nearest around it."""
    for step in reversed(path_to(function.body, node)):
        clause = clause_of(step)
        if isinstance(clause, ast.If):
            inside = any(node is inner for part in clause.body for inner in ast.walk(part))
            return f"when `{short(file, clause.test, 50)}` is {'true' if inside else 'false'}"
        if isinstance(clause, ast.ExceptHandler):
            return f"after catching {_caught(file, clause)}"
    return ""


def _caught(file: SourceFile, handler: ast.ExceptHandler) -> str:
    return f"`{short(file, handler.type, 40)}`" if handler.type is not None else "any exception"


def _chain(function: FunctionNode, last: ast.If) -> list[ast.expr]:
    """The tests of the if/elif chain that ``last`` ends."""
    tests = [last.test]
    current = last
    while True:
        outer = next((n for n in own_nodes(function) if isinstance(n, ast.If) and n.orelse == [current]), None)
        if outer is None:
            return tests[::-1]
        tests.append(outer.test)
        current = outer


def missing_return_edit(context: CrashContext, target: Target, ending: ast.AST) -> Repair | None:
    """The edit that gives a function its missing ``return``, where the source tells what is meant."""
    function = target.function
    if function is None or not isinstance(ending, ast.stmt) or isinstance(ending, ast.Return):
        return None
    file = target.file
    wrapped = _wrapped_result(target, function) if ending is function.body[-1] else None
    if wrapped is not None:
        return wrapped
    if isinstance(ending, ast.Expr):
        repair = _returned_expression(context, target, function, ending)
        if repair is not None:
            return repair
    if target.definition.in_class and not _returns_value(function) and chained(target):
        edit = insert_after(file, function.body[-1], ["return self"])
        return (edit, f"Return `self` from `{target.name}()`, as its sibling methods do.", True) if edit else None
    return _returned_local(file, target, function, ending)


def _returned_expression(
    context: CrashContext, target: Target, function: FunctionNode, ending: ast.Expr
) -> Repair | None:
    """The last statement computes the result and drops it."""
    value = ending.value.value if isinstance(ending.value, ast.Await) else ending.value
    text = source_of(target.file, ending.value)
    edit = rewrite(target.file, [(ending.value, f"return {text}")])
    summary = f"Return the result of `{short(target.file, ending.value, 50)}`."
    if edit is None or isinstance(value, ast.Constant | ast.Yield | ast.YieldFrom):
        return None
    if not isinstance(value, ast.Call):
        return edit, summary, True
    name = last_name(value.func)
    place = Place(target.file, ending.lineno, ending, target.definition)
    wraps = any(
        not isinstance(outer.node, ast.ClassDef) and is_parameter(outer.node, name)
        for outer in enclosing_functions(place)
    )
    if name == function.name or wraps:
        return edit, summary, True
    if name == "print":
        return _returned_print(target.file, target, function, ending, value)
    return (edit, summary, False) if _gives_value(context, place, value) else None


def _wrapped_result(target: Target, function: FunctionNode) -> Repair | None:
    """A decorator's wrapper calls the function that it wraps, drops what that returns, and goes on."""
    file = target.file
    for statement in function.body[:-1]:
        value = statement.value if isinstance(statement, ast.Expr) else None
        call = value.value if isinstance(value, ast.Await) else value
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or "result" in _locals(function):
            continue
        place = Place(file, statement.lineno, statement, target.definition)
        outer = [one for one in enclosing_functions(place) if not isinstance(one.node, ast.ClassDef)]
        name = call.func.id
        calls = [n for n in ast.walk(function) if isinstance(n, ast.Call) and last_name(n.func) == name]
        wraps = any(is_parameter(one.node, name) for one in outer if one.node is not function)  # type: ignore[arg-type]
        if wraps and len(calls) == 1 and not _returns_value(function):
            return _kept_result(file, function, statement, name)
    return None


def _kept_result(file: SourceFile, function: FunctionNode, statement: ast.stmt, name: str) -> Repair | None:
    last = function.body[-1]
    first, end = statement.lineno, last.end_lineno or last.lineno
    lines = file.lines[first - 1 : end]
    indent = indentation(lines[0])
    kept = [f"{indent}result = {lines[0].lstrip()}", *lines[1:], f"{indent}return result"]
    edit = edit_lines(file, first, end, kept)
    return (edit, f"Keep the result of `{name}()` and return it at the end.", True) if edit else None


def _returned_print(
    file: SourceFile, target: Target, function: FunctionNode, ending: ast.Expr, call: ast.Call
) -> Repair | None:
    """The function prints its result; or it prints something else, and builds up its result in a variable."""
    built = _returned_local(file, target, function, ending)
    if (built is not None and built[2]) or len(call.args) != 1 or call.keywords or _returns_value(function):
        return built
    printed = source_of(file, call.args[0])
    edit = rewrite(file, [(ending.value, f"return {printed}")])
    return (edit, f"Return `{printed}` instead of printing it.", False) if edit else None


def _gives_value(context: CrashContext, place: Place, call: ast.Call) -> bool:
    called = resolve(context, place, call.func)
    return called is not None and called.function is not None and _returns_value(called.function)


_RESULTS = ("result", "results", "total", "output", "out", "ret", "retval", "rv", "res")


def _returned_local(file: SourceFile, target: Target, function: FunctionNode, ending: ast.stmt) -> Repair | None:
    """The function builds up a local variable and does not return it."""
    branch = _branch_value(file, function, ending)
    if branch is not None:
        return branch
    if ending is not function.body[-1]:
        return None
    unused = [name for name in _locals(function) if _only_built(function, name)]
    if len(unused) > 1:
        unused = [name for name in unused if name in _RESULTS] or unused
    certain = len(unused) == 1
    if not unused and isinstance(ending, ast.Assign) and isinstance(ending.targets[0], ast.Name):
        unused = [ending.targets[0].id]
    if len(unused) != 1:
        return None
    edit = insert_after(file, ending, [f"return {unused[0]}"])
    return (edit, f"Return `{unused[0]}` at the end of `{target.name}()`.", certain) if edit else None


def _branch_value(file: SourceFile, function: FunctionNode, ending: ast.stmt) -> Repair | None:
    """A branch assigns what the other branches return."""
    if not isinstance(ending, ast.Assign) or not isinstance(ending.targets[0], ast.Name):
        return None
    name = ending.targets[0].id
    returns = [node for node in own_nodes(function) if isinstance(node, ast.Return) and node.value is not None]
    if not returns or ending is function.body[-1]:
        return None
    same = all(isinstance(node.value, ast.Name) and node.value.id == name for node in returns)
    edit = insert_after(file, ending, [f"return {name}"])
    return (edit, f"Return `{name}` in this branch too.", same) if edit else None


def _locals(function: FunctionNode) -> list[str]:
    names = {
        node.id
        for statement in function.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    outside = {
        name for node in ast.walk(function) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names
    }
    always_run = list(_always_run(function.body))
    top = [
        name
        for name in sorted(names - outside)
        if any(source.node in always_run for source in bindings(function.body, name))
    ]
    return [name for name in top if not is_parameter(function, name)]


def _always_run(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body that run whenever it does: its own, and those of its ``with`` blocks."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.With | ast.AsyncWith):
            yield from _always_run(statement.body)


def _only_built(function: FunctionNode, name: str) -> bool:
    """Nothing reads the variable but the statements that build it up."""
    building: set[int] = set()
    for node in own_nodes(function):
        if isinstance(node, ast.stmt) and _builds(node, name):
            building.update(id(inner) for inner in ast.walk(node))
    reads = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]
    return all(id(node) in building for node in reads)


def _builds(statement: ast.stmt, name: str) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=changed)))):
            return changed == name
        case ast.Assign(targets=[target]):
            return _root(target) == name
        case ast.AugAssign(target=target):
            return _root(target) == name
    return False


def _root(target: ast.expr) -> str:
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""
