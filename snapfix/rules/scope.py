"""UnboundLocalError, and NameError for a variable of an enclosing function: a local name without a value yet."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable
from dataclasses import dataclass

from snapfix.crash import Crash, CrashContext
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Evidence, Fix, Location
from snapfix.rules.base import edit_lines, indentation, quote, rule
from snapfix.rules.evidence.flow import How, Loop, Source, bindings, clause_of, path_to, reaching
from snapfix.rules.evidence.targets import enclosing_functions, module_sources
from snapfix.rules.evidence.values import (
    Place,
    first_line,
    insert_before,
    is_parameter,
    last_line,
    last_name,
    place_of,
    rewrite,
    settle,
    short,
    source_of,
)
from snapfix.syntax import FunctionNode, own_nodes

_SAFE, _UNSAFE, _DISPLAY = Applicability.SAFE, Applicability.UNSAFE, Applicability.DISPLAY_ONLY

_MESSAGE = (
    r"(cannot access local variable '(?P<name>\w+)' where it is not associated|"
    r"local variable '(?P<old>\w+)' (referenced|defined))"
)
_FREE_MESSAGE = (
    r"(cannot access free variable '(?P<name>\w+)' where it is not associated|"
    r"free variable '(?P<old>\w+)' referenced before assignment)"
)


@dataclass(frozen=True, slots=True, eq=False)
class _Unbound:
    """A local name that was read before it had a value.

    Attributes:
        place: where it was read.
        name: it.
        code: the function that it is local to.
        sources: the statements of the function that bind it, in the order of the source.
        before: those that can run before it is read.
    """

    place: Place
    name: str
    code: FunctionNode
    sources: tuple[Source, ...]
    before: tuple[Source, ...]

    @property
    def shown(self) -> str:
        """The function, for a sentence."""
        return f"`{self.place.function.qualname}()`" if self.place.function is not None else "the function"

    def where(self, line: int) -> str:
        """A line of the function's file, for a sentence."""
        return f"{self.place.file.name}:{line}"


def _diagnosis(
    unbound: _Unbound,
    line: int,
    cause: str,
    summary: str,
    edit: Edit | None = None,
    *,
    certain: bool = False,
    safe: bool = False,
    prevention: str = "",
    evidence: tuple[Evidence, ...] = (),
) -> Diagnosis:
    file, place = unbound.place.file, unbound.place
    shown = (quote(file, place.lineno), quote(file, line), *evidence)
    function = place.function.qualname if place.function is not None else None
    return settle(
        Diagnosis(
            error_analysis=f"`{unbound.name}` is a local variable of {unbound.shown}, because the function assigns it, "
            f"and it has no value yet on {unbound.where(place.lineno)}.",
            root_cause=cause,
            location=Location(file.name, line, function),
            evidence=tuple(dict.fromkeys(shown)),
            fix=Fix(
                summary,
                (edit,) if edit is not None else (),
                applicability=(_SAFE if safe else _UNSAFE) if edit is not None else _DISPLAY,
            ),
            confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
            prevention=prevention,
        ),
        place,
    )


@rule("name.unbound-local", "UnboundLocalError")
def unbound_local(_context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A local variable is read before the function has given it a value."""
    unbound = _unbound(crash)
    if unbound is None:
        return None
    cases: tuple[Callable[[_Unbound], Diagnosis | None], ...] = (
        _imported_later,
        _deleted,
        _shadows,
        _without_global,
        _without_nonlocal,
        _never_started,
        _only_in_a_branch,
        _too_late,
    )
    return next((found for case in cases if (found := case(unbound)) is not None), None)


def _unbound(crash: Crash) -> _Unbound | None:
    match = re.match(_MESSAGE, crash.exception.message)
    place = place_of(crash)
    if match is None or place is None or place.code is None or not place.direct:
        return None
    name = match["name"] or match["old"]
    sources = tuple(bindings(place.code.body, name))
    if not sources or is_parameter(place.code, name):
        return None
    before = reaching(place.code.body, place.statement, name).sources
    return _Unbound(place, name, place.code, sources, before)


# --- the name means something outside the function ---


def _imported_later(unbound: _Unbound) -> Diagnosis | None:
    """An import further down in the function makes the module's name local."""
    imported = [source for source in unbound.sources if source.imported]
    if len(imported) != len(unbound.sources):
        return None
    statement = imported[0].node
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    file = unbound.place.file
    text = short(file, statement)
    line = statement.lineno
    outside = [source for source in module_sources(file, unbound.name) if source.imported]
    moved = None
    single = len(statement.names) == 1 and len(imported) == 1 and statement in unbound.code.body
    if outside and single and source_of(file, outside[0].node) == text and len(unbound.code.body) > 1:
        moved = edit_lines(file, line, last_line(statement), [])
    summary = f"Remove `{text}` from the function: the module imports it already."
    if moved is None:
        moved = _moved_up(unbound, statement)
        summary = f"Import it before it is used: move `{text}` up."
    return _diagnosis(
        unbound,
        line,
        f"`{text}` ({unbound.where(line)}) makes `{unbound.name}` local to {unbound.shown}, but comes after its use.",
        summary,
        moved,
        certain=True,
        safe=True,
        prevention="Keep imports at the top of the module.",
    )


def _moved_up(unbound: _Unbound, statement: ast.stmt) -> Edit | None:
    """The edit that makes a statement of the function's body its first one."""
    file, body = unbound.place.file, unbound.code.body
    first = body[1] if ast.get_docstring(unbound.code) is not None and len(body) > 1 else body[0]
    if statement not in body or statement is first:
        return None
    start, end = first_line(first), last_line(statement)
    lines = file.lines
    block = lines[statement.lineno - 1 : end]
    return edit_lines(file, start, end, [*block, *lines[start - 1 : statement.lineno - 1]])


def _shadows(unbound: _Unbound) -> Diagnosis | None:
    """The function assigns a name of a builtin, import, function or class, and uses that one before."""
    outside = [s for s in module_sources(unbound.place.file, unbound.name) if s.how is How.DEFINED]
    statement = unbound.place.statement
    changed = isinstance(statement, ast.AugAssign) and last_name(statement.target) == unbound.name
    if changed or not (outside or hasattr(builtins, unbound.name)):
        return None
    assigned = unbound.sources[0]
    line = assigned.lineno
    kind = f"what {unbound.where(outside[0].lineno)} defines" if outside else "the builtin"
    new = f"{unbound.name}_value"
    edit = _renamed(unbound, assigned, new)
    extra = (quote(unbound.place.file, outside[0].lineno),) if outside else ()
    return _diagnosis(
        unbound,
        line,
        f"{unbound.shown} assigns `{unbound.name}` on line {line}, which hides {kind} in the whole function, also "
        f"on line {unbound.place.lineno}, where that one is meant.",
        f"Give the local variable another name, such as `{new}`.",
        edit,
        certain=True,
        safe=edit is not None and len(unbound.sources) == 1,
        prevention="Do not name variables after modules, functions or builtins.",
        evidence=extra,
    )


def _renamed(unbound: _Unbound, assigned: Source, new: str) -> Edit | None:
    """The edit that renames the local variable: its binding, and every use after it."""
    code, name = unbound.code, unbound.name
    nodes = [node for node in ast.walk(code) if isinstance(node, ast.Name) and node.id == name]
    taken = any(isinstance(node, ast.Name) and node.id == new for node in ast.walk(code))
    in_loop = any(isinstance(step, Loop) for step in _around(unbound, assigned))
    nested = any(node not in set(own_nodes(code)) for node in nodes)
    if taken or in_loop or nested or any(not isinstance(s.node, ast.stmt) or s.imported for s in unbound.sources):
        return None
    end = last_line(assigned.node) if not isinstance(assigned.node, Loop) else assigned.lineno
    chosen = [node for node in nodes if isinstance(node.ctx, ast.Store) or node.lineno > end]
    return rewrite(unbound.place.file, [(node, new) for node in chosen])


def _around(unbound: _Unbound, source: Source) -> list[ast.AST]:
    statement = source.node
    return path_to(unbound.code.body, statement) if isinstance(statement, ast.stmt) else []


def _without_global(unbound: _Unbound) -> Diagnosis | None:
    """The function changes a module-level variable without declaring it ``global``."""
    file = unbound.place.file
    outside = [s for s in module_sources(file, unbound.name) if s.how is not How.DEFINED]
    if not outside or any(source.node is not unbound.place.statement for source in unbound.before):
        return None
    return _declare(unbound, "global", outside[0].lineno, "the module-level variable")


def _without_nonlocal(unbound: _Unbound) -> Diagnosis | None:
    """The function changes a variable of the function around it without declaring it ``nonlocal``."""
    if any(source.node is not unbound.place.statement for source in unbound.before):
        return None
    for function in enclosing_functions(unbound.place):
        outside = next(bindings(function.node.body, unbound.name), None)
        if outside is not None:
            return _declare(unbound, "nonlocal", outside.lineno, f"the variable of `{function.qualname}()`")
        node = function.node
        if not isinstance(node, ast.ClassDef) and is_parameter(node, unbound.name):
            return _declare(unbound, "nonlocal", node.lineno, f"the parameter of `{function.qualname}()`")
    return None


def _declare(unbound: _Unbound, keyword: str, outside: int, what: str) -> Diagnosis:
    changed = [source for source in unbound.sources if _reads_itself(source, unbound.name)]
    line = (changed or list(unbound.sources))[0].lineno
    body = unbound.code.body
    has_docstring = ast.get_docstring(unbound.code, clean=False) is not None
    edit = None
    if body[0].lineno != unbound.code.lineno and (not has_docstring or len(body) > 1):
        edit = insert_before(unbound.place.file, body[1 if has_docstring else 0], [f"{keyword} {unbound.name}"])
    return _diagnosis(
        unbound,
        line,
        f"{unbound.shown} assigns `{unbound.name}` on line {line} without `{keyword} {unbound.name}`, so it is a new "
        f"local variable, not {what} on {unbound.where(outside)}.",
        f"Declare `{keyword} {unbound.name}` at the start of {unbound.shown}.",
        edit,
        certain=bool(changed) and not _is_total(unbound),
        safe=bool(changed) and not _is_total(unbound),
        prevention="Pass values in and return them, rather than changing variables of an outer scope.",
        evidence=(quote(unbound.place.file, outside),),
    )


def _is_total(unbound: _Unbound) -> bool:
    """It is built up in a loop and returned: it may be the function's own, and lack its first value."""
    in_loop = any(isinstance(step, Loop) for source in unbound.sources for step in _around(unbound, source))
    returned = any(
        isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == unbound.name
        for node in own_nodes(unbound.code)
    )
    return in_loop and returned


def _reads_itself(source: Source, name: str) -> bool:
    """``x += 1`` or ``x = x + 1``: the outer variable is meant to change."""
    if source.how is How.AUGMENTED:
        return True
    return source.value is not None and any(
        isinstance(node, ast.Name) and node.id == name for node in ast.walk(source.value)
    )


# --- the name is the function's own ---


def _deleted(unbound: _Unbound) -> Diagnosis | None:
    """``except ... as name`` deletes the name at the end of its block, as ``del`` does."""
    deleting = [s for s in unbound.before if s.how is How.DELETED]
    if not deleting:
        return None
    source = deleting[-1]
    if not isinstance(source.node, ast.ExceptHandler):
        return _diagnosis(
            unbound,
            source.lineno,
            f"`{unbound.name}` was deleted by `del` on {unbound.where(source.lineno)}.",
            "Do not delete it before its last use.",
            certain=len(unbound.before) == 1,
        )
    handler = source.node
    edit, complete = _kept(unbound, handler)
    return _diagnosis(
        unbound,
        handler.lineno,
        f"Python deletes the name of `except ... as {unbound.name}` at the end of that block "
        f"({unbound.where(handler.lineno)}), so it is gone on line {unbound.place.lineno}.",
        "Keep the exception in a variable of its own.",
        edit,
        certain=True,
        safe=complete,
        prevention="Use the name of an `except` clause only inside it.",
    )


def _kept(unbound: _Unbound, handler: ast.ExceptHandler) -> tuple[Edit | None, bool]:
    """Catch under another name, and assign it; complete where the variable has a value without an exception too."""
    file, name = unbound.place.file, unbound.name
    caught = "exc" if name != "exc" else "caught"
    line = handler.lineno
    header = file.lines[line - 1]
    changed = re.sub(rf"\bas {re.escape(name)}\b", f"as {caught}", header, count=1)
    body = handler.body[0]
    taken = any(isinstance(node, ast.Name) and node.id == caught for node in ast.walk(unbound.code))
    if changed == header or body.lineno == line or taken:
        return None, False
    started = [s for s in unbound.sources if s.how is How.VALUE and s.lineno < line]
    indent = indentation(file.lines[body.lineno - 1])
    middle = file.lines[line : first_line(body) - 1]
    block = [changed, *middle, f"{indent}{name} = {caught}"]
    if started:
        return edit_lines(file, line, first_line(body) - 1, block), True
    outer = next((s for s in ast.walk(unbound.code) if isinstance(s, ast.Try) and handler in s.handlers), None)
    if outer is None:
        return None, False
    before = file.lines[outer.lineno - 1 : line - 1]
    first = f"{indentation(file.lines[outer.lineno - 1])}{name} = None"
    return edit_lines(file, outer.lineno, first_line(body) - 1, [first, *before, *block]), False


def _never_started(unbound: _Unbound) -> Diagnosis | None:
    """``total += x`` without a first value."""
    place, name = unbound.place, unbound.name
    started = [s for s in unbound.sources if not _reads_itself(s, name)]
    if started or not unbound.sources:
        return None
    source = unbound.sources[0]
    start, plain = _first_value(source, name)
    loops = [step for step in _around(unbound, source) if isinstance(step, Loop | ast.If | ast.With | ast.Try)]
    anchor = loops[0] if loops else source.node
    edit = insert_before(place.file, anchor, [f"{name} = {start}"]) if isinstance(anchor, ast.stmt) else None
    return _diagnosis(
        unbound,
        source.lineno,
        f"`{name}` is changed on {unbound.where(source.lineno)}, but nothing gives it a first value.",
        f"Start with `{name} = {start}`{' before the loop' if loops else ''}.",
        edit,
        certain=True,
        safe=plain and sum(isinstance(step, Loop) for step in loops) == 1,
    )


def _first_value(source: Source, name: str) -> tuple[str, bool]:
    """What a variable that is built up starts from, and whether the source shows its type."""
    statement = source.node
    operator: ast.operator | None = None
    value: ast.expr | None = None
    if isinstance(statement, ast.AugAssign):
        operator, value = statement.op, statement.value
    elif isinstance(source.value, ast.BinOp):
        operator = source.value.op
        own = isinstance(source.value.left, ast.Name) and source.value.left.id == name
        value = source.value.right if own else source.value.left
    match value:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return '""', True
        case ast.List() | ast.ListComp():
            return "[]", True
        case ast.Constant(value=int() | float()):
            return ("1" if isinstance(operator, ast.Mult) else "0"), True
    return ("1" if isinstance(operator, ast.Mult) else "0"), False


def _only_in_a_branch(unbound: _Unbound) -> Diagnosis | None:
    """It is assigned before, but only in a branch, a ``try`` or a loop."""
    earlier = [s for s in unbound.before if s.lineno < unbound.place.lineno]
    if not earlier:
        return None
    source = earlier[-1]
    here = path_to(unbound.code.body, unbound.place.statement)
    around = [step for step in _around(unbound, source) if step not in here]
    around = [step for step in around if clause_of(step) not in [clause_of(one) for one in here]]
    if isinstance(source.node, ast.For | ast.AsyncFor) and source.how is How.ELEMENT:
        around = [source.node]
    if not around:
        return None
    return _branch_diagnosis(unbound, source, around)


def _branch_diagnosis(unbound: _Unbound, source: Source, around: list[ast.AST]) -> Diagnosis | None:
    outer = around[0]
    clause = clause_of(outer)
    file, name = unbound.place.file, unbound.name
    statement = _statement_of(unbound, clause)
    if statement is None:
        return None
    if isinstance(statement, ast.Try) and isinstance(clause, ast.Try):
        return _swallowed(unbound, source, statement)
    reason = _skipped(unbound, clause)
    start = _like(source)
    edit = insert_before(file, statement, [f"{name} = {start}"]) if start else None
    given = f" Start with `{name} = {start}` before line {statement.lineno}." if start else ""
    lines = sorted({one.lineno for one in unbound.before if one.lineno < unbound.place.lineno})
    where = " and ".join([unbound.where(lines[0]), *(f"line {line}" for line in lines[1:])])
    return _diagnosis(
        unbound,
        source.lineno,
        f"`{name}` is assigned only on {where}, and {reason}.",
        f"Give `{name}` a value on every way to line {unbound.place.lineno}.{given}",
        edit if edit is not None and _is_elif_free(unbound, statement) else None,
        certain=True,
        evidence=(quote(file, first_line(clause)),) if hasattr(clause, "lineno") else (),
    )


def _statement_of(unbound: _Unbound, clause: ast.AST) -> ast.stmt | None:
    """The compound statement that a clause belongs to."""
    if isinstance(clause, ast.stmt):
        return clause
    for node in own_nodes(unbound.code):
        if isinstance(node, ast.stmt) and clause in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
            return node
    return None


def _is_elif_free(unbound: _Unbound, statement: ast.stmt) -> bool:
    """A line can be put before the statement: it is not the ``elif`` of another one."""
    return not unbound.place.file.lines[statement.lineno - 1].lstrip().startswith("elif")


def _skipped(unbound: _Unbound, clause: ast.AST) -> str:
    """Why the binding did not run, for a sentence."""
    file = unbound.place.file
    line = first_line(clause) if hasattr(clause, "lineno") else unbound.place.lineno
    match clause:
        case ast.If(orelse=[]):
            return f"that runs only when `{short(file, clause.test, 50)}` is true (line {line})"
        case ast.If():
            return f"not every branch of the `if` on line {line} does so"
        case ast.For() | ast.AsyncFor():
            return f"the loop over `{short(file, clause.iter, 40)}` on line {line} did not reach it (it may be empty)"
        case ast.While():
            return f"the loop on line {line} did not reach it"
        case ast.ExceptHandler():
            return f"that runs only when the `except` on line {line} catches something"
        case ast.match_case():
            return f"no `case` that was taken assigns it (line {unbound.place.lineno})"
    return f"the block on line {line} can be left before that"


def _swallowed(unbound: _Unbound, source: Source, statement: ast.Try) -> Diagnosis:
    """The ``try`` failed before the assignment, and its ``except`` carries on."""
    file, name = unbound.place.file, unbound.name
    going_on = [
        h for h in statement.handlers if not isinstance(h.body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)
    ]
    handler = going_on[0] if len(going_on) == 1 else None
    edit = None
    if handler is not None and handler.body[-1].lineno != handler.lineno:
        last = handler.body[-1]
        only_pass = isinstance(last, ast.Pass)
        indent = indentation(file.lines[last.lineno - 1])
        end = last_line(last)
        edit = (
            edit_lines(file, last.lineno, end, [f"{indent}raise"])
            if only_pass
            else edit_lines(file, end + 1, end, [f"{indent}raise"])
        )
    line = handler.lineno if handler is not None else statement.lineno
    return _diagnosis(
        unbound,
        line,
        f"The `try` on {unbound.where(statement.lineno)} failed before `{name}` was assigned (line {source.lineno}), "
        f"and its `except` on line {line} carries on as if nothing had happened.",
        f"Return or raise in the `except` on line {line}, or give `{name}` a value there.",
        edit,
        certain=handler is not None,
        evidence=(quote(file, source.lineno),),
        prevention="Catch only what the block can handle, and leave the function where it cannot.",
    )


def _like(source: Source) -> str:
    """A first value of the kind that the branch assigns; "" where only None would do."""
    match source.value if source.how is How.VALUE else None:
        case ast.Constant(value=bool()):
            return "False"
        case ast.Constant(value=str()) | ast.JoinedStr():
            return '""'
        case ast.Constant(value=int() | float()) | ast.BinOp():
            return "0"
        case ast.List() | ast.ListComp():
            return "[]"
        case ast.Dict() | ast.DictComp():
            return "{}"
    return "None" if source.how is How.VALUE else ""


def _too_late(unbound: _Unbound) -> Diagnosis | None:
    """It is assigned only after the line that reads it."""
    later = [source for source in unbound.sources if source.lineno >= unbound.place.lineno]
    if not later or unbound.before:
        return None
    line = later[0].lineno
    same = line == unbound.place.lineno
    return _diagnosis(
        unbound,
        line,
        f"`{unbound.name}` is read on {unbound.where(unbound.place.lineno)} "
        + ("to compute its own first value." if same else f"before it is assigned on line {line}."),
        f"Give `{unbound.name}` a value before line {unbound.place.lineno}.",
        certain=not same,
    )


# --- a variable of an enclosing function ---


@rule("name.unbound-local", "NameError")
def unbound_free(_context: CrashContext, crash: Crash) -> Diagnosis | None:
    """An inner function was called before the function around it assigned a variable that it reads."""
    match = re.match(_FREE_MESSAGE, crash.exception.message)
    place = place_of(crash)
    if match is None or place is None or place.code is None or not place.direct:
        return None
    name = match["name"] or match["old"]
    outer = next((f for f in enclosing_functions(place) if any(bindings(f.node.body, name))), None)
    caller = place.caller
    while caller is not None and outer is not None and caller.place.code is not outer.node:
        caller = caller.place.caller
    if outer is None or caller is None or isinstance(outer.node, ast.ClassDef):
        return None
    sources = tuple(bindings(outer.node.body, name))
    before = reaching(outer.node.body, caller.place.statement, name).sources
    unbound = _Unbound(caller.place, name, outer.node, sources, before)
    inner = f"`{place.code.name}()`"
    branch = _deleted(unbound) or _only_in_a_branch(unbound)
    if branch is not None:
        return branch
    line, call_line = sources[0].lineno, caller.place.lineno
    if line <= call_line:
        return None
    return _diagnosis(
        unbound,
        line,
        f"{inner} reads `{name}` of `{outer.qualname}()`, but is called on line {call_line}, before `{name}` is "
        f"assigned on line {line}.",
        f"Assign `{name}` before line {call_line}.",
        _assigned_earlier(unbound, sources, caller.place.statement),
        certain=True,
        evidence=(quote(place.file, place.lineno),),
    )


def _assigned_earlier(unbound: _Unbound, sources: tuple[Source, ...], call: ast.stmt) -> Edit | None:
    """The edit that moves the one assignment before the call, where both stand in the function's body."""
    statement, body = sources[0].node, unbound.code.body
    if len(sources) != 1 or not isinstance(statement, ast.Assign) or statement not in body or call not in body:
        return None
    between = body[body.index(call) : body.index(statement)]
    bound = {n.id for s in between for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    if any(isinstance(node, ast.Name) and node.id in bound for node in ast.walk(statement.value)):
        return None
    lines, start, end = unbound.place.file.lines, first_line(call), last_line(statement)
    moved = lines[statement.lineno - 1 : end]
    return edit_lines(unbound.place.file, start, end, [*moved, *lines[start - 1 : statement.lineno - 1]])
