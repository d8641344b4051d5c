"""None where a value was expected: which expression it was, what produced it, and where that is put right."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from snapfix.crash import Crash, CrashContext
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Evidence, Fix, Location
from snapfix.rules.base import indentation, quote, rule
from snapfix.rules.evidence.endings import missing_return_edit, never_returns_value, why
from snapfix.rules.evidence.flow import How
from snapfix.rules.evidence.in_place import in_place_fix
from snapfix.rules.evidence.library import is_constant, made_by
from snapfix.rules.evidence.origins import Kind, Origin, Trace, stored_from_outside, trace, trace_element
from snapfix.rules.evidence.suspects import Suspect, describe, suspects
from snapfix.rules.evidence.targets import (
    Target,
    attribute_values,
    calls_of,
    class_of,
    constructions,
    library_name,
    module_sources,
    name_sources,
)
from snapfix.rules.evidence.values import (
    Place,
    default_of,
    first_line,
    insert_after,
    insert_before,
    is_parameter,
    last_line,
    last_name,
    parameters,
    place_of,
    rewrite,
    settle,
    short,
    source_of,
)
from snapfix.rules.keys import misspelt_get
from snapfix.syntax import enclosing_function

_MAX_EVIDENCE = 5


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """The expression that was None, and what may have made it so."""

    place: Place
    suspect: Suspect
    trace: Trace
    sole: bool
    """No other expression of the line can be the one that was None."""

    def of(self, *kinds: Kind, passed: bool | None = None) -> list[Origin]:
        """The origins of some kinds; with ``passed`` only those that a function handed on (or none did)."""
        return [
            origin
            for origin in self.trace.origins
            if origin.kind in kinds and (passed is None or bool(origin.passed) == passed)
        ]

    def confidence(self, origins: list[Origin]) -> Confidence:
        """CERTAIN where these are all the origins that there can be."""
        complete = len(origins) == len(self.trace.origins) and not self.trace.open
        return Confidence.CERTAIN if complete and self.sole and self.place.direct else Confidence.LIKELY

    def evidence(self, *further: Evidence | None) -> tuple[Evidence, ...]:
        """The failing line, then what else is to be shown, without repetitions."""
        found = [quote(self.place.file, self.place.lineno), *(e for e in further if e is not None)]
        return tuple(dict.fromkeys(found))[:_MAX_EVIDENCE]


def _find(context: CrashContext, crash: Crash) -> _Found | None:
    place = place_of(crash)
    if place is None:
        return None
    candidates = suspects(crash.exception.message.split("\n", 1)[0], place)
    traced = [(suspect, _trace(context, place, suspect)) for suspect in candidates[:8]]
    explained = [(suspect, found) for suspect, found in traced if found.origins]
    if not explained:
        return None
    suspect, found = explained[0]
    possible = [found for _, found in traced if found.origins or found.open]
    return _Found(place, suspect, found, len(possible) == 1)


def _trace(context: CrashContext, place: Place, suspect: Suspect) -> Trace:
    return (trace_element if suspect.element else trace)(context, place, suspect.node)


def _way(origin: Origin) -> Iterable[Evidence]:
    return (quote(file, lineno) for file, lineno in origin.lines)


# --- a function of the project that ends without a value ---


@rule("none.missing-return", "AttributeError", "TypeError")
def missing_return(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A function of the project returned None: a ``return`` is missing, or a way out of it has no value."""
    found = _find(context, crash)
    if found is None:
        return None
    origins = [*found.of(Kind.EXIT), *found.of(Kind.CONSTANT, passed=True)]
    if not origins:
        return None
    culprit = origins[0].passed[-1]
    origins = [origin for origin in origins if origin.passed[-1].target.definition is culprit.target.definition]
    target = culprit.target
    edit, summary, applicability = _return_fix(context, found, origins)
    line = _origin_line(origins[0])
    return settle(
        Diagnosis(
            error_analysis=_analysis(found, f"It is what `{target.name}()` returned."),
            root_cause=_missing_return_cause(origins, target),
            location=Location(target.file.name, line, target.name),
            evidence=found.evidence(*_ways(origins), quote(target.file, line), quote(target.file, _def_line(target))),
            fix=Fix(summary, (edit,) if edit else (), applicability=applicability),
            confidence=found.confidence(origins),
            prevention=f"Annotate the return type of `{target.name}()`: a type checker then reports the missing one.",
        ),
        found.place,
    )


def _ways(origins: list[Origin]) -> Iterable[Evidence]:
    return (evidence for origin in origins[:1] for evidence in _way(origin))


def _def_line(target: Target) -> int:
    return target.definition.node.lineno


def _origin_line(origin: Origin) -> int:
    """The line to show: where the None is written, or where the ``return`` is missing."""
    function = origin.passed[-1].target.function if origin.passed else None
    if origin.kind is Kind.EXIT and function is not None and never_returns_value(function):
        return last_line(function)
    return first_line(origin.node)


def _analysis(found: _Found, source: str) -> str:
    sentence = describe(found.place, found.suspect)
    return f"{sentence[0].upper()}{sentence[1:]} {source}"


def _missing_return_cause(origins: list[Origin], target: Target) -> str:
    reasons = [_exit_reason(origin, target) for origin in origins]
    first = f"`{target.name}()` returns None {reasons[0]} ({target.file.name}:{_origin_line(origins[0])})."
    others = "".join(
        f" It also does so {reason} (line {_origin_line(origin)})."
        for origin, reason in zip(origins[1:4], reasons[1:4], strict=False)
    )
    via = origins[0].passed[:-1]
    handed = f" `{via[0].target.name}()` hands that on." if via else ""
    return first + others + handed


def _exit_reason(origin: Origin, target: Target) -> str:
    assert target.function is not None
    if origin.kind is Kind.CONSTANT:
        return _constant_reason(origin)
    return why(target.file, target.function, origin.node)


def _constant_reason(origin: Origin) -> str:
    """Why a None that is written in the function is what it returns."""
    for node in ast.walk(origin.place.statement):
        if isinstance(node, ast.IfExp) and origin.node in (node.body, node.orelse):
            state = "false" if origin.node is node.orelse else "true"
            return f"when `{short(origin.place.file, node.test, 40)}` is {state}"
    if isinstance(origin.place.statement, ast.Return):
        return "because that is what it says"
    return f"where nothing has replaced the None of line {first_line(origin.node)}"


def _return_fix(context: CrashContext, found: _Found, origins: list[Origin]) -> tuple[Edit | None, str, Applicability]:
    target = origins[0].passed[-1].target
    if len(origins) == 1 and origins[0].kind is Kind.EXIT:
        repair = missing_return_edit(context, target, origins[0].node)
        if repair is not None:
            edit, summary, certain = repair
            safe = certain and found.confidence(origins) is Confidence.CERTAIN
            return edit, summary, Applicability.SAFE if safe else Applicability.UNSAFE
    guard = _guard(found, f"{target.name}() returned nothing")
    when = _exit_reason(origins[0], target).partition(":")[0]
    advice = (
        f"Decide what `{target.name}()` gives {when}: return a value or raise an exception there, "
        "or check for None where it is called."
    )
    if guard is not None and not isinstance(origins[0].node, ast.ExceptHandler):
        return guard, f"Stop with a clear error where it is called. Or: {advice}", Applicability.UNSAFE
    return None, advice, Applicability.DISPLAY_ONLY


def _guard(found: _Found, message: str) -> Edit | None:
    """An ``if x is None: raise`` after the one assignment of the name that was None, in the function that failed."""
    node = found.suspect.node
    if not isinstance(node, ast.Name) or found.suspect.element:
        return None
    sources = name_sources(found.place, node.id)
    if len(sources) != 1 or sources[0].how is not How.VALUE:
        return None
    statement, value = sources[0].node, sources[0].value
    code = found.place.code
    local = code is None or code.lineno <= sources[0].lineno <= (code.end_lineno or 0)
    if (
        not isinstance(statement, ast.Assign | ast.AnnAssign)
        or not isinstance(value, ast.Call | ast.Await)
        or not local
    ):
        return None
    call = value.value if isinstance(value, ast.Await) else value
    named = [one for argument in getattr(call, "args", []) if (one := _shown(found.place, argument))]
    text = f'f"{message} for {{{named[0]}!r}}"' if named else f'"{message}"'
    return insert_after(found.place.file, statement, [f"if {node.id} is None:", f"    raise ValueError({text})"])


def _shown(place: Place, argument: ast.expr) -> str:
    """An argument as an f-string can show it without computing anything; "" where it cannot."""
    parts = ast.Name | ast.Attribute | ast.Subscript | ast.Constant | ast.expr_context
    if isinstance(argument, ast.Constant) or not all(isinstance(node, parts) for node in ast.walk(argument)):
        return ""
    text = source_of(place.file, argument)
    unfit = set(text) & set("\\{}\n") or ("'" in text and '"' in text) or len(text) > 60
    return "" if unfit else text.replace('"', "'")


# --- a look-up that found nothing ---


@rule("none.lookup-miss", "AttributeError", "TypeError")
def lookup_miss(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A look-up of the standard library or of a well-known package found nothing."""
    found = _find(context, crash)
    origins = found.of(Kind.LOOKUP) if found is not None else []
    if found is None or not origins:
        return None
    origin = origins[0]
    file, node = origin.place.file, origin.node
    what = short(file, node)
    line = _origin_line(origin)
    misspelt = misspelt_get(context, origin.place, node) if isinstance(node, ast.Call) else None
    through = f" `{origin.passed[0].target.name}()` hands it on." if origin.passed else ""
    cause = f"`{what}` is None because {origin.reason} ({file.name}:{line}).{through}"
    near = None
    if misspelt is not None:
        key, near_edit, certain = misspelt
        near = quote(key.file, key.lineno)
        cause = f"`{what}` is None because its key is a misspelling of `{key.value!r}` ({key.file.name}:{key.lineno})."
        safe = certain and found.confidence(origins) is Confidence.CERTAIN
        applicability = Applicability.SAFE if safe else Applicability.UNSAFE
        fix = Fix(f"Write `{key.value!r}`.", (near_edit,), applicability=applicability)
    else:
        fix = _lookup_fix(found, origin)
    return settle(
        Diagnosis(
            error_analysis=_analysis(found, f"It comes from `{what}` on {file.name}:{line}."),
            root_cause=cause,
            location=Location(file.name, line, _function_name(origin.place)),
            evidence=found.evidence(*_way(origin), quote(file, line), near),
            fix=fix,
            confidence=found.confidence(origins),
            prevention="Check the result of a look-up before using it.",
        ),
        found.place,
    )


def _function_name(place: Place) -> str | None:
    return place.function.qualname if place.function is not None else None


def _lookup_fix(found: _Found, origin: Origin) -> Fix:
    special = _capture_output(origin) or _required_option(origin)
    if special is not None:
        return Fix(special[1], (special[0],), applicability=Applicability.UNSAFE)
    what = short(origin.place.file, origin.node, 40)
    guard = _guard(found, _nothing_found(origin))
    advice = f"Handle the case that `{what}` is None: raise an error that says what was not found, or use a default."
    commands = _export(origin)
    if guard is None:
        return Fix(advice, commands=commands)
    return Fix(f"Stop with a clear error. Or: {advice}", (guard,), commands, Applicability.UNSAFE)


def _nothing_found(origin: Origin) -> str:
    """What a guard's message says: the look-up, and its key where that is written there."""
    node = origin.node
    if not isinstance(node, ast.Call):
        return "nothing found"
    constant = node.args[0] if node.args and isinstance(node.args[0], ast.Constant) else None
    key = constant.value if constant is not None and isinstance(constant.value, str) else ""
    plain = bool(key) and len(key) <= 60 and key.isprintable() and not set(key) & set("\"'\\{}")
    return f"{last_name(node.func)}({key!r}) found nothing" if plain else f"{last_name(node.func)}() found nothing"


def _export(origin: Origin) -> tuple[str, ...]:
    match origin.node:
        case ast.Call(args=[ast.Constant(value=str(name)), *_]) if "environment variable" in origin.reason:
            return (f"export {name}=...",) if re.fullmatch(r"[A-Za-z_]\w{0,200}", name) else ()
    return ()


def _capture_output(origin: Origin) -> tuple[Edit, str] | None:
    node = origin.node
    if not isinstance(node, ast.Attribute) or node.attr not in ("stdout", "stderr"):
        return None
    call = made_by(origin.place, node.value)
    edit = _add_argument(origin.place, call, "capture_output=True") if call is not None else None
    return (
        (edit, f"Capture the output: pass `capture_output=True` to `{short(origin.place.file, call.func)}()`.")
        if (edit is not None and call is not None)
        else None
    )


def _required_option(origin: Origin) -> tuple[Edit, str] | None:
    node = origin.node
    if not isinstance(node, ast.Attribute) or "command line" not in origin.reason:
        return None
    flag = "--" + node.attr.replace("_", "-")
    for call in ast.walk(ast.parse(origin.place.file.text)):
        if not isinstance(call, ast.Call) or last_name(call.func) != "add_argument":
            continue
        named = any(is_constant(argument, text) for argument in call.args for text in (flag, "--" + node.attr))
        if named and not {"default", "required", "action"} & {keyword.arg for keyword in call.keywords}:
            edit = _add_argument(origin.place, call, "required=True")
            if edit is not None:
                return edit, f"Make `{flag}` required (or give it a default)."
    return None


def _add_argument(place: Place, call: ast.Call, argument: str) -> Edit | None:
    text = source_of(place.file, call)
    head = text[:-1].rstrip().removesuffix(",")
    return rewrite(place.file, [(call, f"{head}, {argument})")]) if text.endswith(")") else None


# --- the result of a call that works in place ---


@rule("none.inplace-method", "AttributeError", "TypeError")
def in_place(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """The result of a call that changes its object in place, and returns None, was used."""
    found = _find(context, crash)
    origins = found.of(Kind.IN_PLACE) if found is not None else []
    if found is None or not origins:
        return None
    origin = origins[0]
    assert isinstance(origin.node, ast.Call)
    file, line = origin.place.file, origin.node.lineno
    name = short(file, origin.node.func)
    edit, summary, applicability = _bound_first(origin) or in_place_fix(origin)
    return settle(
        Diagnosis(
            error_analysis=_analysis(found, f"It is the result of `{name}()` on {file.name}:{line}."),
            root_cause=f"`{name}()` on {file.name}:{line} returns None: {origin.reason}; its result is of no use.",
            location=Location(file.name, line, _function_name(origin.place)),
            evidence=found.evidence(quote(file, line), *_way(origin)),
            fix=Fix(
                summary, (edit,) if edit else (), applicability=applicability if edit else Applicability.DISPLAY_ONLY
            ),
            confidence=found.confidence(origins),
            prevention="Methods that change an object in place return None: call them as statements.",
        ),
        found.place,
    )


def _bound_first(origin: Origin) -> tuple[Edit | None, str, Applicability] | None:
    """``merged = DEFAULTS.copy().update(x)``: the copy needs a name before it is changed, or it is lost."""
    call, statement, file = origin.node, origin.place.statement, origin.place.file
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr == "sort":
        return None
    made = call.func.value
    assigned = isinstance(statement, ast.Assign) and len(statement.targets) == 1 and statement.value is call
    returned = isinstance(statement, ast.Return) and statement.value is call
    if not isinstance(made, ast.Call) or not (assigned or returned) or call.func.attr in ("reverse", "print"):
        return None
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if target is not None and not isinstance(target, ast.Name):
        return None
    name = target.id if isinstance(target, ast.Name) else "result"
    if any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(call)):
        return None
    arguments = ", ".join(source_of(file, one) for one in [*call.args, *call.keywords])
    text, method = source_of(file, made), call.func.attr
    lines = [f"{name} = {text}", f"{name}.{method}({arguments})", *(["return result"] if returned else [])]
    indent = indentation(file.lines[statement.lineno - 1])
    edit = rewrite(file, [(statement, f"\n{indent}".join(lines))])
    return edit, f"Give `{text}` a name first, then call its `{method}()`.", Applicability.UNSAFE


# --- a value that was never set ---


@rule("none.never-set", "AttributeError", "TypeError")
def never_set(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A variable, attribute or parameter still had the None that it starts with."""
    found = _find(context, crash)
    origins = found.of(Kind.CONSTANT, passed=False) if found is not None else []
    if found is None or not origins:
        return None
    origin = origins[0]
    file, line = origin.place.file, _origin_line(origin)
    setters = _setters(context, found, origin)
    unawaited = next((one for setter in setters for one in _unawaited(context, setter)), None)
    if unawaited is not None:
        return settle(_not_awaited(found, origin, *unawaited), found.place)
    edit, summary, applicability = _never_set_fix(context, found, origin, setters)
    confidence = Confidence.LIKELY if _resets(origins) else found.confidence(origins)
    name = last_name(found.suspect.node)
    if len(origins) == len(found.trace.origins) and setters and not stored_from_outside(context, name):
        uncalled = not any(_is_called(context, setter) for setter in setters)
        confidence = Confidence.CERTAIN if uncalled and not _resets(origins) else confidence
    return settle(
        Diagnosis(
            error_analysis=_analysis(found, f"Its None is written on {file.name}:{line}."),
            root_cause=_never_set_cause(found, origins, setters),
            location=Location(file.name, line, _function_name(origin.place)),
            evidence=found.evidence(*_way(origin), quote(file, line), *(quote(s.file, s.lineno) for s in setters)),
            fix=Fix(summary, (edit,) if edit else (), applicability=applicability),
            confidence=confidence,
        ),
        found.place,
    )


def _unawaited(context: CrashContext, setter: Place) -> Iterable[tuple[Place, ast.Call, str]]:
    """The calls of an asynchronous function that stand alone, without ``await``."""
    if not isinstance(setter.code, ast.AsyncFunctionDef):
        return
    for call in calls_of(context, setter.code.name):
        statement = call.place.statement
        if isinstance(statement, ast.Expr) and statement.value is call.node:
            yield call.place, call.node, setter.code.name


def _not_awaited(found: _Found, origin: Origin, place: Place, call: ast.Call, name: str) -> Diagnosis:
    what, line = short(found.place.file, found.suspect.node), _origin_line(origin)
    text = source_of(place.file, call)
    inside = isinstance(place.code, ast.AsyncFunctionDef)
    edit = rewrite(place.file, [(call, f"await {text}")]) if inside else None
    return Diagnosis(
        error_analysis=_analysis(found, f"Its None is written on {origin.place.file.name}:{line}."),
        root_cause=(
            f"`{text}` on {place.file.name}:{call.lineno} is not awaited: `{name}()` is asynchronous, "
            f"so that it never ran and never set `{what}`."
        ),
        location=Location(place.file.name, call.lineno, _function_name(place)),
        evidence=found.evidence(quote(place.file, call.lineno), quote(origin.place.file, line)),
        fix=Fix(
            f"Write `await {text}`.",
            (edit,) if edit else (),
            applicability=Applicability.UNSAFE if edit else Applicability.DISPLAY_ONLY,
        ),
        confidence=Confidence.LIKELY,
        prevention="Python warns of a coroutine that was never awaited: heed that line of its output.",
    )


def _resets(origins: list[Origin]) -> list[Origin]:
    """The places that set an attribute, which another place has made, back to None."""
    first = origins[0].place.code
    return [
        one
        for one in origins[1:]
        if first is not None and first.name == "__init__" and one.place.code is not None and one.place.code is not first
    ]


def _never_set_cause(found: _Found, origins: list[Origin], setters: list[Place]) -> str:
    origin, resets = origins[0], _resets(origins)
    what = short(found.place.file, found.suspect.node)
    file, line = origin.place.file, _origin_line(origin)
    if _is_default(origin):
        return f"`{what}` was not passed, and its default is None ({file.name}:{line})."
    call = _passed_in_call(origin)
    if call is not None:
        return f"None is passed to `{short(file, call.func)}()` for it ({file.name}:{line})."
    if resets:
        back = _setter_names([replace(one.place, lineno=_origin_line(one)) for one in resets])
        return f"`{what}` starts as None ({file.name}:{line}), and {back} sets it back to None."
    then = f" Only {_setter_names(setters)} gives it another value, and had not done so." if setters else ""
    return f"`{what}` is still the None that it is given on {file.name}:{line}.{then}"


def _setter_names(setters: list[Place]) -> str:
    return " or ".join(
        f"`{_function_name(place) or '<module>'}()` ({place.file.name}:{place.lineno})" for place in setters[:3]
    )


def _is_default(origin: Origin) -> bool:
    code = origin.place.code
    defaults = [*code.args.defaults, *code.args.kw_defaults] if code is not None else []
    return any(default is origin.node for default in defaults)


def _passed_in_call(origin: Origin) -> ast.Call | None:
    for node in ast.walk(origin.place.statement):
        if isinstance(node, ast.Call) and origin.node in [*node.args, *(k.value for k in node.keywords)]:
            return node
    return None


def _setters(context: CrashContext, found: _Found, origin: Origin) -> list[Place]:
    """The other methods that give the attribute a value, or the other functions that give the global one."""
    node = found.suspect.node
    if isinstance(node, ast.Attribute):
        owner = class_of(context, found.place, node.value)
        values = attribute_values(context, owner, node.attr) if owner is not None else []
        return [place for place, value in values if not is_constant(value, None)]
    if not isinstance(node, ast.Name) or origin.place.function is not None:
        return []
    return [
        Place(origin.place.file, source.lineno, source.node, enclosing_function(origin.place.file.text, source.lineno))
        for source in module_sources(origin.place.file, node.id)
        if isinstance(source.node, ast.stmt) and not is_constant(source.value, None)
    ]


def _is_called(context: CrashContext, setter: Place) -> bool:
    """The function is called somewhere in the files that were read; module-level code always is."""
    if setter.code is None:
        return True
    return any(not library_name(call.place.file, call.node.func) for call in calls_of(context, setter.code.name))


_EMPTY = {
    "append": "[]",
    "extend": "[]",
    "insert": "[]",
    "sort": "[]",
    "items": "{}",
    "keys": "{}",
    "values": "{}",
    "update": "{}",
    "setdefault": "{}",
    "get": "{}",
    "add": "set()",
}


def _never_set_fix(
    context: CrashContext, found: _Found, origin: Origin, setters: list[Place]
) -> tuple[Edit | None, str, Applicability]:
    place, node = found.place, found.suspect.node
    what = short(place.file, node)
    if _is_default(origin) and isinstance(node, ast.Name) and place.code is not None:
        empty = _empty_value(place, node) if is_parameter(place.code, node.id) else ""
        body = place.code.body
        first = body[1] if ast.get_docstring(place.code) and len(body) > 1 else body[0]
        if empty:
            edit = insert_before(place.file, first, [f"if {node.id} is None:", f"    {node.id} = {empty}"])
            return edit, f"Replace a missing `{node.id}` by `{empty}` at the start.", Applicability.UNSAFE
    call = None if _resets(found.of(Kind.CONSTANT, passed=False)) else _setter_call(context, found, setters)
    if call is not None:
        return call, f"Call `{_function_name(setters[0])}()` before `{what}` is used.", Applicability.UNSAFE
    return None, f"Give `{what}` its value before it is used, or check for None.", Applicability.DISPLAY_ONLY


def _setter_call(context: CrashContext, found: _Found, setters: list[Place]) -> Edit | None:
    """A call of the one method that sets the attribute, right after the object is made."""
    node = found.suspect.node
    setter = setters[0].code if len(setters) == 1 else None
    if setter is None or not isinstance(node, ast.Attribute) or setter.name == "__init__":
        return None
    if isinstance(setter, ast.AsyncFunctionDef) or _is_called(context, setters[0]):
        return None
    owner = class_of(context, found.place, node.value)
    required = [arg.arg for arg in parameters(setter)[1:] if default_of(setter, arg.arg) is None]
    made = list(constructions(context, owner)) if owner is not None and not required else []
    statement = made[0].place.statement if len(made) == 1 else None
    if isinstance(statement, ast.Assign) and statement.value is made[0].node:
        target = source_of(made[0].place.file, statement.targets[0])
        return insert_after(made[0].place.file, statement, [f"{target}.{setter.name}()"])
    return None


def _empty_value(place: Place, node: ast.Name) -> str:
    for outer in ast.walk(place.statement):
        if isinstance(outer, ast.Attribute) and outer.value is node:
            return _EMPTY.get(outer.attr, "")
    iterated = isinstance(place.statement, ast.For) and place.statement.iter is node
    return "[]" if iterated else ""
