"""TypeError: a call that does not fit the signature of what it calls."""

from __future__ import annotations

import ast
import re

from snapfix.crash import Crash, CrashContext, SourceFile
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Evidence, Fix, Location
from snapfix.rules.base import closest, edit_lines, indentation, quote, rule
from snapfix.rules.evidence.flow import How
from snapfix.rules.evidence.records import records_of
from snapfix.rules.evidence.signatures import (
    Misfit,
    Signature,
    function_signature,
    is_method_without_self,
    misfit,
    signature_of,
)
from snapfix.rules.evidence.spelling import Wrong, misspelt_side
from snapfix.rules.evidence.targets import Target, calls_of, class_of, local_bindings, method_of, name_sources, resolve
from snapfix.rules.evidence.values import (
    Call,
    Place,
    body_of,
    first_line,
    is_parameter,
    last_name,
    parameters,
    rewrite,
    settle,
    short,
    source_of,
)
from snapfix.syntax import definitions, enclosing_function, own_nodes, parse

_SAFE, _UNSAFE, _DISPLAY = Applicability.SAFE, Applicability.UNSAFE, Applicability.DISPLAY_ONLY
_PREVENTION = "A type checker compares calls with signatures before the program runs."


def _diagnosis(
    found: Misfit,
    cause: str,
    summary: str,
    edit: Edit | None = None,
    *,
    at: tuple[SourceFile, int] | None = None,
    certain: bool = False,
    safe: bool = False,
    evidence: tuple[Evidence, ...] = (),
) -> Diagnosis:
    file, line = at or _call_line(found)
    function = enclosing_function(file.text, line)
    shown = [quote(found.place.file, found.place.lineno), quote(*_call_line(found))]
    if found.signature is not None:
        shown.append(quote(found.signature.file, found.signature.lineno))
    applicability = (_SAFE if safe else _UNSAFE) if edit is not None else _DISPLAY
    return settle(
        Diagnosis(
            error_analysis=_analysis(found),
            root_cause=cause,
            location=Location(file.name, line, function.qualname if function is not None else None),
            evidence=tuple(dict.fromkeys([*shown, *evidence]))[:5],
            fix=Fix(summary, (edit,) if edit is not None else (), applicability=applicability),
            confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
            prevention=_PREVENTION,
        ),
        found.place,
    )


def _call_line(found: Misfit) -> tuple[SourceFile, int]:
    if found.call is None:
        return found.place.file, found.place.lineno
    return found.call.place.file, found.call.node.lineno


def _analysis(found: Misfit) -> str:
    file, line = _call_line(found)
    where = f"{file.name}:{line}"
    named = found.detail.replace("'", "`")
    sentences = {
        "missing": f"The call of `{found.shown}()` on {where} leaves out {named}.",
        "too many": f"The call of `{found.shown}()` on {where} passes more arguments than it takes.",
        "multiple": f"The call of `{found.shown}()` on {where} passes `{found.detail}` twice.",
        "keyword": f"The call of `{found.shown}()` on {where} passes `{found.detail}`, which is not a parameter of it.",
        "positional-only": f"The call on {where} names `{found.detail}`, which can only be passed by position.",
    }
    return sentences[found.kind]


def _takes(signature: Signature) -> str:
    names = ", ".join(f"`{name}`" for name in signature.names) or "nothing"
    return f"it takes {names} ({signature.file.name}:{signature.lineno})"


# --- type.call-signature ---


@rule("type.call-signature", "TypeError")
def call_signature(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A call with too few or too many arguments, or a method that is defined or called without ``self``."""
    found = misfit(context, crash)
    if found is None or found.kind == "keyword":
        return None
    return (
        _misnamed_constructor(found)
        or _self_missing_in_def(context, found)
        or _static_with_self(found)
        or _called_on_class(context, found)
        or _self_passed(found)
        or _packed(found)
        or _left_out(context, found)
        or _swapped(found)
        or _described(context, found)
    )


_CONSTRUCTOR = r"_{0,3}(init|int|inti|iinit|initt|ini|nit|intit)_{0,3}"


def _misnamed_constructor(found: Misfit) -> Diagnosis | None:
    """``def _init_``, ``def __int__``: the class has no constructor."""
    if found.kind != "too many" or "no arguments" not in found.detail or found.target is None:
        return None
    target = found.target
    for definition in definitions(target.file.text):
        name = definition.node.name
        inside = definition.in_class and definition.parent == target.definition.qualname
        if inside and name != "__init__" and re.fullmatch(_CONSTRUCTOR, name) and not definition.is_class:
            line = definition.node.lineno
            text = target.file.lines[line - 1]
            edit = edit_lines(target.file, line, line, [text.replace(f"def {name}", "def __init__", 1)])
            return _diagnosis(
                found,
                f"`{target.name}` has no constructor: it is called `{name}` instead of `__init__` "
                f"({target.file.name}:{line}).",
                f"Rename `{name}` to `__init__`.",
                edit,
                at=(target.file, line),
                certain=True,
                safe=True,
                evidence=(quote(target.file, line),),
            )
    return None


def _self_missing_in_def(context: CrashContext, found: Misfit) -> Diagnosis | None:
    target = found.target
    if target is None or target.function is None or found.kind not in ("too many", "multiple"):
        return None
    by_attribute = found.call is None or isinstance(found.call.node.func, ast.Attribute)
    if not is_method_without_self(target) or not by_attribute or not _one_too_many(found):
        return None
    on_class = _used_on_class(context, target)
    reads_self = any(isinstance(node, ast.Name) and node.id == "self" for node in ast.walk(target.function))
    if on_class is not None and not reads_self:
        return _not_static(found, target, on_class)
    if not reads_self and _first_is_self(target):
        return None
    line = target.function.lineno
    return _diagnosis(
        found,
        f"`{target.name}()` is a method, but its first parameter is not `self` ({target.file.name}:{line}): "
        "the object is passed as one argument more.",
        "Add `self` as the first parameter.",
        _with_self(target),
        at=(target.file, line),
        certain=on_class is None,
        safe=on_class is None,
    )


def _not_static(found: Misfit, target: Target, on_class: tuple[SourceFile, int]) -> Diagnosis:
    """It needs no object, and is also called without one: ``@staticmethod`` lets both calls work."""
    assert target.function is not None
    line = target.function.lineno
    mark = indentation(target.file.lines[line - 1]) + "@staticmethod"
    return _diagnosis(
        found,
        f"`{target.name}()` takes no `self` ({target.file.name}:{line}), so that an object that it is called on is "
        f"passed as one argument more; {on_class[0].name}:{on_class[1]} uses it on the class, without an object.",
        "Mark it with `@staticmethod`: both ways of calling it work then.",
        edit_lines(target.file, line, line - 1, [mark]),
        at=(target.file, line),
        evidence=(quote(*on_class),),
    )


def _used_on_class(context: CrashContext, target: Target) -> tuple[SourceFile, int] | None:
    """A place in the project that takes the method from the class itself: ``Util.double``."""
    owner, name = target.definition.parent.rpartition(".")[2], target.definition.node.name
    for file in context.files:
        tree = parse(file.text) if f".{name}" in file.text else None
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Attribute) and node.attr == name and last_name(node.value) == owner:
                return file, node.lineno
    return None


def _first_is_self(target: Target) -> bool:
    """The first parameter plays the part of ``self`` under another name: the body sets attributes of it."""
    first = next(iter(parameters(target.function)), None) if target.function is not None else None
    stored = [
        node.value
        for node in (own_nodes(target.function) if target.function is not None else ())
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]
    return first is not None and any(isinstance(node, ast.Name) and node.id == first.arg for node in stored)


def _static_with_self(found: Misfit) -> Diagnosis | None:
    """``@staticmethod def area(self, width)``: nothing is passed for ``self``."""
    function = found.target.function if found.target is not None else None
    if found.kind != "missing" or found.target is None or function is None:
        return None
    marks = [node for node in function.decorator_list if isinstance(node, ast.Name) and node.id == "staticmethod"]
    first = next(iter(parameters(function)), None)
    if len(marks) != 1 or first is None or first.arg != "self" or len(function.decorator_list) != 1:
        return None
    file, line = found.target.file, marks[0].lineno
    reads_self = any(isinstance(node, ast.Name) and node.id == "self" for node in ast.walk(function))
    return _diagnosis(
        found,
        f"`{found.target.name}()` is a static method ({file.name}:{line}), but has a parameter `self`: nothing is "
        "passed for it.",
        "Remove `@staticmethod`." if reads_self else "Remove `@staticmethod`, or the parameter `self`.",
        edit_lines(file, line, line, []),
        at=(file, function.lineno),
    )


def _one_too_many(found: Misfit) -> bool:
    if found.kind == "multiple":
        return True
    assert found.target is not None
    assert found.target.function is not None
    taken = len(found.target.function.args.args) + len(found.target.function.args.posonlyargs)
    if found.call is None or any(isinstance(argument, ast.Starred) for argument in found.call.node.args):
        return True
    return len(found.call.node.args) <= taken


def _with_self(target: Target) -> Edit | None:
    assert target.function is not None
    line = target.function.lineno
    text = target.file.lines[line - 1]
    head, parenthesis, rest = text.partition(f"def {target.function.name}(")
    if not parenthesis:
        return None
    if not rest.strip():
        below = indentation(target.file.lines[line]) if line < len(target.file.lines) else "    "
        return edit_lines(target.file, line, line, [text, f"{below}self,"])
    joined = "self" if rest.lstrip().startswith(")") else "self, "
    return edit_lines(target.file, line, line, [f"{head}{parenthesis}{joined}{rest}"])


def _called_on_class(context: CrashContext, found: Misfit) -> Diagnosis | None:
    """``Cart.total()``, or ``cart = Cart`` and then ``cart.total()``."""
    call, target = found.call, found.target
    if found.kind != "missing" or call is None or target is None:
        return None
    receiver = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    owner = target.owner
    if not isinstance(receiver, ast.Name | ast.Attribute) or owner is None:
        return None
    name, file = owner.node.name, call.place.file
    forgotten = _assigned_class(call.place, receiver, name)
    if "'self'" not in found.detail and (forgotten is None or not _binds_self(context, found, target)):
        return None
    if forgotten is not None:
        where, value = forgotten
        made = rewrite(where.file, [(value, f"{source_of(where.file, value)}()")])
        simple = _needs_nothing(context, where, value)
        return _diagnosis(
            found,
            f"`{short(file, receiver)}` is the class `{name}` itself, not an object of it: the parentheses are "
            f"missing ({where.file.name}:{value.lineno}).",
            f"Make an object: `{name}()`.",
            made if simple else None,
            at=(where.file, value.lineno),
            certain=True,
            safe=True,
            evidence=(quote(where.file, value.lineno),),
        )
    instances = _instances(context, call.place, target)
    simple = _needs_nothing(context, call.place, receiver)
    new = instances[0] if len(instances) == 1 else f"{source_of(file, receiver)}()" if simple and not instances else ""
    edit = rewrite(file, [(receiver, new)]) if new else None
    return _diagnosis(
        found,
        f"`{found.shown}()` is called on the class `{name}` ({file.name}:{call.node.lineno}), not on an object of it.",
        f"Call it on {f'`{new}`' if new else f'an object of `{name}`'}.",
        edit,
        certain=True,
        safe=bool(instances),
    )


def _binds_self(context: CrashContext, found: Misfit, target: Target) -> bool:
    """The call's first argument, which is no object of the class, is taken for ``self``: the last one is missed."""
    first = next(iter(found.call.node.args), None) if found.call is not None else None
    if first is None or target.function is None or target.function.decorator_list or found.call is None:
        return False
    arguments = parameters(target.function)
    made = class_of(context, found.call.place, first)
    is_own = made is not None and target.owner is not None and made.definition is target.owner
    return bool(arguments) and arguments[0].arg == "self" and not is_own and last_name(first) != "self"


def _assigned_class(place: Place, receiver: ast.expr, name: str) -> tuple[Place, ast.expr] | None:
    if not isinstance(receiver, ast.Name) or receiver.id == name:
        return None
    sources = name_sources(place, receiver.id)
    value = sources[0].value if len(sources) == 1 and sources[0].how is How.VALUE else None
    return (place, value) if value is not None and last_name(value) == name else None


def _needs_nothing(context: CrashContext, place: Place, node: ast.expr) -> bool:
    """The class can be made without arguments."""
    owner = resolve(context, place, node)
    constructor = method_of(context, owner, "__init__") if owner is not None else None
    signature = function_signature(constructor, bound=True) if constructor is not None else None
    return owner is not None and (signature is None or not signature.required)


def _instances(context: CrashContext, place: Place, target: Target) -> list[str]:
    """The variables of the function (or module) that hold an object of the method's class."""
    found = []
    for statement in body_of(place):
        if isinstance(statement, ast.Assign) and statement.lineno < place.lineno:
            names = [node.id for node in statement.targets if isinstance(node, ast.Name)]
            made = class_of(context, place.at(statement), statement.value)
            if made is not None and target.owner is not None and made.definition is target.owner:
                found += names
    return list(dict.fromkeys(found))


def _self_passed(found: Misfit) -> Diagnosis | None:
    """``self.method(self, x)``."""
    call = found.call
    if found.kind not in ("too many", "multiple") or call is None or not isinstance(call.node.func, ast.Attribute):
        return None
    receiver, arguments = call.node.func.value, call.node.args
    if not arguments or not isinstance(receiver, ast.Name | ast.Call) or not isinstance(arguments[0], ast.Name):
        return None
    named = isinstance(receiver, ast.Name) and receiver.id == arguments[0].id
    is_super = isinstance(receiver, ast.Call) and last_name(receiver.func) == "super" and arguments[0].id == "self"
    if not named and not is_super:
        return None
    file = call.place.file
    return _diagnosis(
        found,
        f"`{arguments[0].id}` is passed to `{found.shown}()` a second time: a method call passes its object by itself.",
        f"Leave out the first argument, `{arguments[0].id}`.",
        _with_arguments(file, call.node, arguments[1:], call.node.keywords),
        certain=True,
        safe=True,
    )


def _with_arguments(
    file: SourceFile, call: ast.Call, arguments: list[ast.expr], keywords: list[ast.keyword], *more: str
) -> Edit | None:
    parts = [*(source_of(file, a) for a in arguments), *(source_of(file, k) for k in keywords), *more]
    return rewrite(file, [(call, f"{source_of(file, call.func)}({', '.join(parts)})")])


def _packed(found: Misfit) -> Diagnosis | None:
    """One tuple for several parameters, or several arguments for one parameter that is iterated over."""
    call, signature = found.call, found.signature
    if call is None or signature is None or call.node.keywords:
        return None
    file, arguments = call.place.file, call.node.args
    count = len(signature.positional)
    if found.kind == "missing" and len(arguments) == 1 and count > 1:
        elements = _elements(call.place, arguments[0])
        if (
            elements is not None
            and len([n for n in signature.positional if n in signature.required]) <= elements <= count
        ):
            edit = rewrite(file, [(arguments[0], f"*{source_of(file, arguments[0])}")])
            return _diagnosis(
                found,
                f"`{short(file, arguments[0])}` holds {elements} values, but is passed to `{found.shown}()` as one "
                f"argument; {_takes(signature)}.",
                "Unpack it with `*`.",
                edit,
            )
    if found.kind == "too many" and len(arguments) > 1 and count == 1 and _iterates(found, signature.positional[0]):
        text = ", ".join(source_of(file, argument) for argument in arguments)
        edit = rewrite(file, [(call.node, f"{source_of(file, call.node.func)}([{text}])")])
        return _diagnosis(
            found,
            f"`{found.shown}()` takes one collection, `{signature.positional[0]}` ({signature.file.name}:"
            f"{signature.lineno}), but the call passes its {len(arguments)} elements one by one.",
            "Pass them as one list.",
            edit,
        )
    return None


def _elements(place: Place, node: ast.expr) -> int | None:
    """How many elements a tuple or list has that is written down."""
    if isinstance(node, ast.Tuple | ast.List):
        return len(node.elts)
    if isinstance(node, ast.Name):
        sources = name_sources(place, node.id)
        value = sources[0].value if len(sources) == 1 and sources[0].how is How.VALUE else None
        return len(value.elts) if isinstance(value, ast.Tuple | ast.List) else None
    return None


def _iterates(found: Misfit, name: str) -> bool:
    function = found.target.function if found.target is not None else None
    for node in own_nodes(function) if function is not None else ():
        used: list[ast.expr] = []
        if isinstance(node, ast.For | ast.comprehension):
            used = [node.iter]
        elif isinstance(node, ast.Call) and last_name(node.func) in ("sum", "len", "max", "min", "sorted"):
            used = node.args
        if any(isinstance(one, ast.Name) and one.id == name for one in used):
            return True
    return False


def _left_out(context: CrashContext, found: Misfit) -> Diagnosis | None:
    """Arguments are missing; where variables of their names are at hand, they can be passed."""
    signature, call = found.signature, found.call
    if found.kind != "missing" or signature is None or call is None:
        return None
    missing = re.findall(r"'(\w+)'", found.detail)[:20]
    file, node = call.place.file, call.node
    at_hand = [name for name in missing if _at_hand(call.place, name)]
    edit = None
    listed = ", ".join(f"`{name}`" for name in missing)
    summary = f"Pass {listed} as well, or give {'it a default' if len(missing) == 1 else 'them defaults'}."
    passed = {value.id for value in [*node.args, *(k.value for k in node.keywords)] if isinstance(value, ast.Name)}
    if at_hand == missing and call.place.file is found.place.file and not passed & set(missing):
        edit = _with_arguments(file, node, node.args, node.keywords, *(f"{name}={name}" for name in missing))
        summary = f"Pass {listed}, which {'is' if len(missing) == 1 else 'are'} at hand there."
    if passed & set(missing):
        summary = f"{listed} is passed already, but as another parameter: see which argument before it was left out."
    example = _example(context, found, signature)
    hint = f" {example.place.file.name}:{example.node.lineno} shows a call that fits." if example is not None else ""
    return _diagnosis(
        found,
        f"`{found.shown}()` needs {listed}: {_takes(signature)}, and the call on {file.name}:{node.lineno} "
        f"does not pass {'it' if len(missing) == 1 else 'them'}.{hint}",
        summary,
        edit,
        certain=not any(isinstance(argument, ast.Starred) for argument in node.args) and not passed & set(missing),
        evidence=(quote(example.place.file, example.node.lineno),) if example is not None else (),
    )


def _at_hand(place: Place, name: str) -> bool:
    """The calling function has a variable of that name before the call."""
    if place.code is not None and is_parameter(place.code, name):
        return True
    return any(source.lineno < place.lineno and source.how is not How.DELETED for source in local_bindings(place, name))


def _example(context: CrashContext, found: Misfit, signature: Signature) -> Call | None:
    """Another call of the same function that passes all it needs."""
    for call in calls_of(context, found.shown.rpartition(".")[2]):
        if found.call is not None and call.node is found.call.node:
            continue
        given = {*signature.positional[: len(call.node.args)], *(keyword.arg for keyword in call.node.keywords)}
        if signature.required <= given and len(call.node.args) <= len(signature.positional):
            return call
    return None


def _swapped(found: Misfit) -> Diagnosis | None:
    """A positional argument fills the parameter that is also named; another one is left without a value."""
    signature, call = found.signature, found.call
    if found.kind != "multiple" or signature is None or call is None or len(call.node.args) != 1:
        return None
    given = {keyword.arg for keyword in call.node.keywords}
    unfilled = [name for name in signature.positional if name in signature.required and name not in given]
    file = call.place.file
    cause = (
        f"The first argument of the call already fills `{found.detail}`, which is named as well; {_takes(signature)}."
    )
    if len(unfilled) != 1:
        return _diagnosis(found, cause, f"Pass `{found.detail}` only once.", certain=True)
    named = f"{unfilled[0]}={source_of(file, call.node.args[0])}"
    edit = rewrite(file, [(call.node.args[0], named)])
    return _diagnosis(
        found, f"{cause} `{unfilled[0]}` gets no value.", f"Pass the first argument as `{named}`.", edit, certain=True
    )


def _described(context: CrashContext, found: Misfit) -> Diagnosis | None:
    """What is known, where nothing tells how it was meant."""
    if found.signature is None or found.call is None:
        return None
    file, line = _call_line(found)
    count = len(found.call.node.args)
    passed = f" The call on {file.name}:{line} passes {count} by position." if found.kind == "too many" else ""
    example = _example(context, found, found.signature)
    return _diagnosis(
        found,
        f"The call does not fit `{found.shown}()`: {_takes(found.signature)}.{passed}",
        "Make the call fit the signature, or change the signature and its other calls.",
        certain=not any(isinstance(argument, ast.Starred) for argument in found.call.node.args),
        evidence=(quote(example.place.file, example.node.lineno),) if example is not None else (),
    )


# --- type.unexpected-keyword ---


@rule("type.unexpected-keyword", "TypeError")
def unexpected_keyword(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A keyword argument that the function does not have: misspelt, or meant for another call."""
    found = misfit(context, crash)
    if found is None or found.kind != "keyword":
        return None
    name = found.detail
    written = _written(context, found)
    if found.signature is None:
        return _suggested(found, crash, written)
    defined = _misspelt_parameter(found, name)
    if defined is not None:
        return defined
    call = written[0] if written is not None else found.call
    taken = {keyword.arg for keyword in call.node.keywords} if call is not None else set()
    positional = len(call.node.args) if call is not None else 0
    free = [n for n in found.signature.names if n not in taken | set(found.signature.positional[:positional])]
    near = closest(name, free)
    elsewhere = _accepted_by_another(context, found, name)
    others = [arg for arg in _unfit(found.signature, call) if arg != name]
    if near is None and written is not None and (outer := _misspelt_further_up(context, found, written)) is not None:
        return outer
    if near is None or written is None:
        certain = written is not None and elsewhere is None and not others
        return _unknown_keyword(found, name, elsewhere, others, certain=certain)
    side = misspelt_side(
        context, name, near, uses=_times_passed(context, found, name), definitions=_mentions(found.target, near)
    )
    if side is Wrong.DEFINITION and not others:
        defined = _parameter_renamed(context, found, near)
        if defined is not None:
            return defined
    if side is not Wrong.USE and not others:
        return _either_misspelt(found, written, near, elsewhere, side)
    renamed = {name: near} | _other_renames(others, [n for n in free if n != near])
    return _misspelt_keywords(context, found, written, renamed, elsewhere, [n for n in others if n not in renamed])


def _misspelt_further_up(context: CrashContext, found: Misfit, written: Written) -> Diagnosis | None:
    """The keyword was swallowed by the ``**kwargs`` of another function, one of whose own parameters was meant."""
    call, node = written
    if not isinstance(node, ast.keyword) or (found.call is not None and call.node is found.call.node):
        return None
    target = resolve(context, call.place, call.node.func)
    signature = signature_of(context, target, call)
    taken = {keyword.arg for keyword in call.node.keywords}
    near = closest(found.detail, [n for n in signature.names if n not in taken]) if signature is not None else None
    if near is None or target is None or signature is None:
        return None
    return _diagnosis(
        found,
        f"`{found.detail}` is a misspelling of `{near}`, a parameter of `{target.name}()`, which hands what it "
        f"does not know on to `{found.shown}()` ({signature.file.name}:{signature.lineno}).",
        f"Write `{near}` instead of `{found.detail}`.",
        _renamed_keywords(written, {found.detail: near}),
        at=(call.place.file, first_line(node)),
    )


def _times_passed(context: CrashContext, found: Misfit, name: str) -> int:
    """In how many calls of the function the keyword stands; these are the calls in question."""
    calls = calls_of(context, found.shown.rpartition(".")[2])
    return max(sum(any(keyword.arg == name for keyword in call.node.keywords) for call in calls), 1)


def _mentions(target: Target | None, name: str) -> int:
    """How often the function writes its own parameter's name; 1 where it is not known."""
    function = target.function if target is not None else None
    nodes = [n for n in ast.walk(function) if _is_called(n, name)] if function is not None else []
    return max(len(nodes), 1)


def _is_called(node: ast.AST, name: str) -> bool:
    return (isinstance(node, ast.arg) and node.arg == name) or (isinstance(node, ast.Name) and node.id == name)


def _parameter_renamed(context: CrashContext, found: Misfit, near: str) -> Diagnosis | None:
    """The signature misspells the parameter, and its callers do not: it is renamed there and in the body."""
    target, name = found.target, found.detail
    function = target.function if target is not None else None
    if target is None or function is None or _passed_by_keyword(context, found, near) or _mentions(target, name) > 1:
        return None
    nodes = [node for node in ast.walk(function) if _is_called(node, near)]
    texts = [(node, name + source_of(target.file, node)[len(near) :]) for node in nodes]
    return _diagnosis(
        found,
        f"The parameter of `{found.shown}()` is misspelt as `{near}` ({target.file.name}:{nodes[0].lineno}): "  # type: ignore[attr-defined]
        f"its callers call it `{name}`.",
        f"Rename the parameter to `{name}`.",
        rewrite(target.file, texts),
        at=(target.file, function.lineno),
    )


def _passed_by_keyword(context: CrashContext, found: Misfit, name: str) -> bool:
    calls = calls_of(context, found.shown.rpartition(".")[2])
    return any(keyword.arg == name for call in calls for keyword in call.node.keywords)


def _either_misspelt(found: Misfit, written: Written, near: str, elsewhere: str | None, side: Wrong) -> Diagnosis:
    assert found.signature is not None
    name = found.detail
    said = "the nearest one is" if side is Wrong.NEITHER else "one of the two is misspelt:"
    hint = f" (`{elsewhere}()` does take `{name}`.)" if elsewhere is not None else ""
    return _diagnosis(
        found,
        f"`{found.shown}()` has no parameter `{name}`; {said} `{near}`; {_takes(found.signature)}.{hint}",
        f"Write `{near}` instead of `{name}`, or rename the parameter.",
        _renamed_keywords(written, {name: near}),
        at=(written[0].place.file, first_line(written[1])),
    )


def _unfit(signature: Signature, call: Call | None) -> list[str]:
    """The keywords of a call that the signature does not have, in their order."""
    if call is None or signature.takes_any_keyword:
        return []
    return [k.arg for k in call.node.keywords if k.arg is not None and k.arg not in signature.names]


def _other_renames(others: list[str], free: list[str]) -> dict[str, str]:
    """The further keywords that do not fit and are each close to a parameter of their own."""
    found = {other: near for other in others if (near := closest(other, free)) is not None}
    return {other: near for other, near in found.items() if list(found.values()).count(near) == 1}


def _misspelt_keywords(
    context: CrashContext,
    found: Misfit,
    written: Written,
    renamed: dict[str, str],
    elsewhere: str | None,
    left: list[str],
) -> Diagnosis | None:
    """``renamed`` are misspelt; those in ``left`` do not fit either, and resemble nothing."""
    assert found.signature is not None
    name = found.detail
    near = renamed[name]
    wanting = _still_missing(context, found, written, renamed)
    certain = elsewhere is None and len(renamed) == 1 and not left and not wanting
    hint = f" (`{elsewhere}()` does take `{name}`.)" if elsewhere is not None else ""
    hint += f" It has no {_ticked(left)} either." if left else ""
    hint += f" {_ticked(wanting)} {'is' if len(wanting) == 1 else 'are'} still not passed." if wanting else ""
    also = "".join(f" `{one}` is one of `{other}`." for one, other in renamed.items() if one != name)
    then = f" Then see to {_ticked([*left, *wanting])}." if left or wanting else ""
    return _diagnosis(
        found,
        f"`{name}` is a misspelling of `{near}`: `{found.shown}()` has no `{name}`; "
        f"{_takes(found.signature)}.{also}{hint}",
        " ".join(f"Write `{right}` instead of `{wrong}`." for wrong, right in renamed.items()) + then,
        _renamed_keywords(written, renamed),
        at=(written[0].place.file, first_line(written[1])),
        certain=certain,
        safe=certain,
        evidence=(quote(written[0].place.file, first_line(written[1])),),
    )


def _ticked(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _still_missing(context: CrashContext, found: Misfit, written: Written, renamed: dict[str, str]) -> list[str]:
    """The required parameters that the call does not pass, also after its keywords are renamed."""
    call, signature = written[0], found.signature
    if signature is None or found.call is None or call.node is not found.call.node:
        return []
    if any(isinstance(argument, ast.Starred) for argument in call.node.args):
        return []
    given = set(signature.positional[: len(call.node.args)])
    for keyword in call.node.keywords:
        if keyword.arg is not None:
            given.add(renamed.get(keyword.arg, keyword.arg))
            continue
        records = records_of(context, call.place, keyword.value)
        if not records.complete:
            return []
        given |= {renamed.get(str(key.value), str(key.value)) for key in records.all_keys()}
    return [name for name in signature.names if name in signature.required - given]


Written = tuple[Call, ast.AST]


def _written(context: CrashContext, found: Misfit) -> Written | None:
    """Where the keyword stands: in the call, in a call that hands ``**kwargs`` on to it, or in a dictionary."""
    call = found.call
    for _ in range(5):
        if call is None:
            return None
        for keyword in call.node.keywords:
            if keyword.arg == found.detail:
                return call, keyword
        for keyword in call.node.keywords:
            if keyword.arg is None:
                key = records_of(context, call.place, keyword.value).all_keys()
                literal = next((k for k in key if k.value == found.detail), None)
                if literal is not None and literal.file is call.place.file:
                    return call, literal.node
        call = call.place.caller
    return None


def _renamed_keywords(written: Written, renamed: dict[str, str]) -> Edit | None:
    """The edit that renames the keyword where it is written, and the others of the same call."""
    call, node = written
    file = call.place.file
    if isinstance(node, ast.keyword):
        found = [keyword for keyword in call.node.keywords if keyword.arg in renamed]
        return rewrite(file, [(k, f"{renamed[k.arg or '']}={source_of(file, k.value)}") for k in found])
    return rewrite(file, [(node, f'"{next(iter(renamed.values()))}"')])


def _misspelt_parameter(found: Misfit, name: str) -> Diagnosis | None:
    """The function's body uses the keyword's name, which its own parameter misspells."""
    function = found.target.function if found.target is not None else None
    if function is None or found.target is None or found.signature is None:
        return None
    reads = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    unused = [n for n in found.signature.names if n not in reads]
    near = closest(name, unused)
    if name not in reads or near is None or any(_stored(function, name)):
        return None
    argument = next((a for a in ast.walk(function.args) if isinstance(a, ast.arg) and a.arg == near), None)
    if argument is None:
        return None
    file = found.target.file
    text = source_of(file, argument)
    return _diagnosis(
        found,
        f"The parameter of `{found.shown}()` is misspelt as `{near}` ({file.name}:{argument.lineno}): its body and "
        f"its callers call it `{name}`.",
        f"Rename the parameter to `{name}`.",
        rewrite(file, [(argument, name + text[len(near) :])]),
        at=(file, argument.lineno),
        certain=True,
        safe=True,
    )


def _stored(function: ast.AST, name: str) -> list[ast.Name]:
    return [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)]


def _accepted_by_another(context: CrashContext, found: Misfit, name: str) -> str | None:
    """Another function called in the same statement has the keyword: it may have been meant for that one."""
    for node in ast.walk(found.place.statement):
        if not isinstance(node, ast.Call) or (found.call is not None and node is found.call.node):
            continue
        target = resolve(context, found.place, node.func)
        if target is not None and target.function is not None and is_parameter(target.function, name):
            return target.name
    return None


def _unknown_keyword(
    found: Misfit, name: str, elsewhere: str | None, others: list[str], *, certain: bool
) -> Diagnosis | None:
    if found.signature is None:
        return None
    hint = f" `{elsewhere}()`, called on the same line, does take it." if elsewhere is not None else ""
    hint += f" It has no {_ticked(others)} either." if others else ""
    return _diagnosis(
        found,
        f"`{found.shown}()` has no parameter `{name}`; {_takes(found.signature)}.{hint}",
        f"Pass `{name}` to `{elsewhere}()` instead."
        if elsewhere
        else f"Leave out `{name}`, or add it to the signature.",
        certain=certain,
    )


_DID_YOU_MEAN = r".*\. Did you mean '(?P<name>\w+)'\?"


def _suggested(found: Misfit, crash: Crash, written: Written | None) -> Diagnosis | None:
    """The function is not the project's; CPython 3.13 and later say what is near."""
    match = re.match(_DID_YOU_MEAN, crash.exception.message.split("\n", 1)[0])
    if match is None or written is None:
        return None
    near = match["name"]
    return _diagnosis(
        found,
        f"`{found.shown}()` has no parameter `{found.detail}`; it has `{near}`.",
        f"Write `{near}` instead of `{found.detail}`.",
        _renamed_keywords(written, {found.detail: near}),
        at=(written[0].place.file, first_line(written[1])),
    )
