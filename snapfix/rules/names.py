"""NameError: a name is misspelt, belongs to another language, or lacks its ``self.``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from snapfix.crash import Crash, CrashContext
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Evidence, Fix, Location
from snapfix.rules.base import Change, edit_changes, near, quote, replace_nodes, rule
from snapfix.rules.evidence.bindings import (
    Binding,
    Comprehension,
    Kind,
    ancestors,
    bindings_in,
    reads,
    scopes_around,
)
from snapfix.rules.evidence.missing_names import BUILTINS, MissingName, missing_name
from snapfix.rules.evidence.spelling import Wrong, misspelt_side
from snapfix.rules.missing_imports import is_importable
from snapfix.rules.tables.known_names import FOREIGN_NAMES, STDLIB_NAMES
from snapfix.syntax import FunctionNode, own_nodes

_PREVENTION = "`ruff check --select F821` finds undefined names before the program runs."
_BUILTIN_LEVEL = 99
_TYPES = frozenset(
    {"bool", "bytes", "dict", "float", "frozenset", "int", "list", "object", "set", "str", "tuple", "type"}
)
_OWN_NAMES = ("self", "cls")
_VALUES = frozenset({Kind.PARAMETER, Kind.ASSIGNMENT, Kind.LOOP, Kind.FUNCTION})


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A name that may have been meant.

    Attributes:
        name: the name.
        apart: how far it is from the one that was written, in letters.
        level: 0 for the innermost scope, then outwards.
        binding: where it gets its value; None for a builtin.
        unread: the module binds it and never reads it, though it reads the missing name.
    """

    name: str
    apart: float
    level: int
    binding: Binding | None
    unread: bool

    @property
    def order(self) -> tuple[float, bool, int]:
        """Nearest first; then what is never read otherwise; then the inner scope."""
        return self.apart + (0.5 if self.binding is None else 0), not self.unread, self.level


@rule("name.typo", "NameError")
def typo(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A variable, function or import is misspelt, where it is used or where it is defined."""
    missing = missing_name(crash)
    if missing is None or missing.name in FOREIGN_NAMES or _in_class(missing):
        return None
    candidates = _candidates(missing, crash)
    best = _best(candidates)
    if missing.name in _OWN_NAMES and _method_around(missing.text, missing.node) is not None:
        return _misspelt_first_parameter(missing)
    if best is not None and _is_class_of(missing, best):
        return _no_instance(missing, best)
    if (
        best is None
        or {missing.name, best.name} <= STDLIB_NAMES.keys()
        or (missing.bound_in_another_scope and not best.unread)
    ):
        return None
    if is_importable(context, missing) and (best.apart > 1 or _import_is_obvious(missing)):
        return None
    side = _side(context, missing, best)
    if side is Wrong.DEFINITION or _defined_misspelt(context, missing, best):
        return _misspelt_definition(missing, best)
    rivals = [other for other in candidates[1:] if other.apart <= best.apart and best.binding is not None]
    certain = side is Wrong.USE and not rivals and _is_certain(missing, best)
    return _misspelt_use(missing, best, side, certain=certain)


def _misspelt_first_parameter(missing: MissingName) -> Diagnosis | None:
    """``def __init__(slef, x)``: the parameter is misspelt, not the body that says ``self``."""
    around = _method_around(missing.text, missing.node)
    assert around is not None
    function = around[0]
    arguments = [*function.args.posonlyargs, *function.args.args]
    written = arguments[0].arg if arguments and _first_parameter(function) is not None else None
    if written is None or not near(written, [missing.name]):
        return None
    file, argument = missing.place.file, arguments[0]
    end = argument.col_offset + len(written.encode())
    name = ast.Name(written, lineno=argument.lineno, end_lineno=argument.lineno)
    name.col_offset, name.end_col_offset = argument.col_offset, end
    reads_of_it = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == written]
    return Diagnosis(
        error_analysis=f"{_at(missing)} reads `{missing.name}`, and nothing defines that name.",
        root_cause=(
            f"The first parameter of `{function.name}()` is misspelt on line {argument.lineno}: "
            f"`{written}` should be `{missing.name}`."
        ),
        location=Location(file.name, argument.lineno, missing.place.location.function),
        evidence=(quote(file, argument.lineno), quote(file, missing.place.lineno)),
        fix=_fix(
            f"Call the parameter `{missing.name}`.",
            edit_changes(file, replace_nodes(file, [(node, missing.name) for node in (name, *reads_of_it)])),
            True,
        ),
        confidence=Confidence.CERTAIN,
        prevention=_PREVENTION,
    )


def _is_class_of(missing: MissingName, best: _Candidate) -> bool:
    """``model.fit()`` where there is only ``class Model``: an object of the class is missing, not a letter."""
    if best.binding is None or best.binding.kind is not Kind.CLASS:
        return False
    one, two = missing.name.replace("_", "").lower(), best.name.replace("_", "").lower()
    return one == two and missing.name[0].islower() and best.name[0].isupper()


def _no_instance(missing: MissingName, best: _Candidate) -> Diagnosis:
    file = missing.place.file
    assert best.binding is not None
    either = f"call `{best.name}()`" if missing.called else f"make it with `{missing.name} = {best.name}(...)`"
    return Diagnosis(
        error_analysis=f"{_at(missing)} reads `{missing.name}`, and nothing defines that name.",
        root_cause=(
            f"`{missing.name}` was never created: line {best.binding.lineno} only defines the class `{best.name}`."
        ),
        location=missing.place.location,
        evidence=(quote(file, missing.place.lineno), quote(file, best.binding.lineno)),
        fix=Fix(f"{either[0].upper()}{either[1:]}, or pass `{missing.name}` in as a parameter."),
        confidence=Confidence.LIKELY,
        prevention=_PREVENTION,
    )


def _side(context: CrashContext, missing: MissingName, best: _Candidate) -> Wrong:
    """Whether the use or the definition is misspelt: a definition that is read under its name is not."""
    binding = best.binding
    if binding is None or not best.unread or binding.kind in (Kind.IMPORT, Kind.LOOP):
        return Wrong.USE
    if _words(context, best.name) > 1:
        return Wrong.USE
    return misspelt_side(context, missing.name, best.name, uses=len(missing.unbound_reads()))


def _words(context: CrashContext, name: str) -> int:
    """How often the project's files hold a name."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    return sum(len(word.findall(file.text)) for file in context.files)


def _import_is_obvious(missing: MissingName) -> bool:
    return missing.attribute is not None or missing.name[0].isupper()


def _candidates(missing: MissingName, crash: Crash) -> list[_Candidate]:
    """The names visible at the place that are spelt nearly alike and fit the way the name is used, best first."""
    known: dict[str, tuple[int, Binding | None]] = {}
    for level, (scope, bindings) in enumerate(zip(_scopes(missing), missing.scopes, strict=True)):
        ran_until = _ran_until(missing, crash, scope, level)
        for name, bound in bindings.items():
            if _is_bound_by(bound, ran_until):
                known.setdefault(name, (level, bound[0]))
    for name in BUILTINS:
        known.setdefault(name, (_BUILTIN_LEVEL, None))
    found = []
    all_reads = reads(missing.text).keys() | _augmented(missing.place.tree)
    for apart, name in near(missing.name, known):
        level, binding = known[name]
        if _differs_by_number(missing.name, name) or not _fits(missing, name, binding, apart):
            continue
        found.append(_Candidate(name, apart, level, binding, binding is not None and name not in all_reads))
    return sorted(found, key=lambda candidate: candidate.order)


def _augmented(tree: ast.Module | None) -> set[str]:
    """The names that ``name += ...`` reads as well as binds."""
    found = [node.target for node in ast.walk(tree or ast.Module([], [])) if isinstance(node, ast.AugAssign)]
    return {target.id for target in found if isinstance(target, ast.Name)}


def _scopes(missing: MissingName) -> list[ast.AST]:
    return list(scopes_around(missing.text, missing.node))


def _ran_until(missing: MissingName, crash: Crash, scope: ast.AST, level: int) -> float:
    """The line up to which the scope's statements had run; infinite where all of them may have."""
    if isinstance(scope, Comprehension):
        return float("inf")
    running = all(isinstance(inner, Comprehension) for inner in _scopes(missing)[:level])
    if running:
        in_loop = any(isinstance(a, ast.For | ast.While) for a in ancestors(missing.text, missing.node))
        return float("inf") if in_loop else missing.node.lineno
    if isinstance(scope, ast.Module):
        name = missing.place.file.name
        at_top = [f for f in crash.frames if f.file and f.file.name == name and f.frame.name == "<module>"]
        return (at_top[-1].lineno or float("inf")) if at_top else float("inf")
    return float("inf")


def _is_bound_by(bound: list[Binding], line: float) -> bool:
    first = bound[0]
    return first.lineno < line or (first.lineno == line and first.kind in (Kind.PARAMETER, Kind.LOOP))


def _differs_by_number(one: str, two: str) -> bool:
    """``x1`` is no misspelling of ``x2``, nor ``data`` of ``data2``."""
    return re.sub(r"\d+", "", one) == re.sub(r"\d+", "", two)


def _fits(missing: MissingName, name: str, binding: Binding | None, apart: float) -> bool:
    """What the candidate is bound to can be used in the way the missing name is."""
    if binding is None:
        return _builtin_fits(missing, name, apart)
    if missing.name[0].isupper() and name[0].islower() and binding.kind in _VALUES:
        return False  # a class is not called like a variable that holds one of its objects
    if missing.called:
        return binding.kind is not Kind.ASSIGNMENT or not _is_plain_value(binding.value)
    parent = missing.parent
    if missing.attribute is not None or (isinstance(parent, ast.For | ast.comprehension)):
        return binding.kind is not Kind.FUNCTION
    if isinstance(parent, ast.BinOp | ast.AugAssign | ast.UnaryOp):
        return binding.kind not in (Kind.FUNCTION, Kind.CLASS)
    return True


def _builtin_fits(missing: MissingName, name: str, apart: float) -> bool:
    if apart > 1 or len(name) < 3 or len(missing.name) < 3 or missing.attribute is not None:
        return False
    if name in ("True", "False", "None", "NotImplemented", "Ellipsis") or name.startswith("__"):
        return not missing.called
    if name[0].isupper():
        return isinstance(missing.parent, ast.Raise | ast.ExceptHandler | ast.Call | ast.ClassDef | ast.Tuple)
    return missing.called or (name in _TYPES and _is_annotation(missing))


def _is_annotation(missing: MissingName) -> bool:
    """The name stands where a type is written: ``x: tpye[int]``."""
    node: ast.AST = missing.node
    for parent in ancestors(missing.text, missing.node):
        if isinstance(parent, ast.arg | ast.AnnAssign):
            return node is parent.annotation
        if isinstance(parent, FunctionNode):
            return node is parent.returns
        node = parent
    return False


def _is_plain_value(value: ast.expr | None) -> bool:
    return isinstance(
        value, ast.Constant | ast.JoinedStr | ast.List | ast.Dict | ast.Set | ast.Tuple | ast.BinOp | ast.Compare
    )


def _best(candidates: list[_Candidate]) -> _Candidate | None:
    """The one best candidate; None for a tie."""
    if not candidates or (len(candidates) > 1 and candidates[0].order == candidates[1].order):
        return None
    return candidates[0]


def _in_class(missing: MissingName) -> bool:
    return _owner(missing) is not None


def _defined_misspelt(context: CrashContext, missing: MissingName, best: _Candidate) -> bool:
    """The other spelling stands only at its definition, while this one is used again and again."""
    binding = best.binding
    if binding is None or not best.unread or binding.kind in (Kind.IMPORT, Kind.LOOP):
        return False
    side = misspelt_side(context, missing.name, best.name, uses=len(missing.unbound_reads()))
    return side is not Wrong.USE and _words(context, best.name) == 1 and len(missing.unbound_reads()) >= 2


def _misspelt_definition(missing: MissingName, best: _Candidate) -> Diagnosis | None:
    file, binding = missing.place.file, best.binding
    assert binding is not None
    line = file.lines[binding.lineno - 1]
    corrected = re.sub(rf"\b{re.escape(best.name)}\b", missing.name, line, count=1)
    if corrected == line:
        return None
    uses = missing.unbound_reads()
    return Diagnosis(
        error_analysis=(
            f"{_at(missing)} reads `{missing.name}`, which is not defined: "
            f"line {binding.lineno} defines `{best.name}` instead."
        ),
        root_cause=(
            f"The {binding.kind} on line {binding.lineno} is misspelt: `{best.name}` should be `{missing.name}`. "
            f"The file uses `{missing.name}` {'once' if len(uses) == 1 else f'{len(uses)} times'} and "
            f"`{best.name}` never."
        ),
        location=Location(file.name, binding.lineno, _function_at(missing, binding)),
        evidence=(quote(file, binding.lineno), quote(file, missing.place.lineno)),
        fix=_fix(
            f"Rename `{best.name}` on line {binding.lineno} to `{missing.name}`.",
            edit_changes(file, [Change(binding.lineno, binding.lineno, (corrected,))]),
            best.apart <= 1,
        ),
        confidence=Confidence.CERTAIN if best.apart <= 1 else Confidence.LIKELY,
        prevention=_PREVENTION,
    )


def _function_at(missing: MissingName, binding: Binding) -> str | None:
    function = missing.place.function
    if function is None or not function.first_line <= binding.lineno <= function.last_line:
        return None
    return function.qualname


def _misspelt_use(missing: MissingName, best: _Candidate, side: Wrong, *, certain: bool) -> Diagnosis:
    file = missing.place.file
    uses = [node for node in missing.unbound_reads() if _sees(missing, node, best)]
    lines = sorted({node.lineno for node in uses})
    where = f"on line {lines[0]}" if len(lines) == 1 else "on lines " + _listed(lines)
    evidence: tuple[Evidence, ...] = (quote(file, missing.place.lineno),)
    if best.binding is not None:
        evidence += (quote(file, best.binding.lineno),)
    return Diagnosis(
        error_analysis=f"{_at(missing)} reads `{missing.name}`, and nothing defines that name.",
        root_cause=f"`{missing.name}` is a misspelling of `{best.name}`{_introduced(best)}."
        if side is Wrong.USE
        else f"One of the two is misspelt: `{missing.name}` here, or `{best.name}`{_introduced(best)}.",
        location=missing.place.location,
        evidence=evidence,
        fix=_fix(
            f"Write `{best.name}` instead of `{missing.name}` {where}.",
            edit_changes(file, replace_nodes(file, [(node, best.name) for node in uses])),
            certain,
        ),
        confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
        prevention=_PREVENTION,
    )


def _sees(missing: MissingName, node: ast.Name, best: _Candidate) -> bool:
    """A further use of the misspelling would find the candidate too."""
    if node is missing.node or best.binding is None:
        return True
    return any(
        one is best.binding or one == best.binding
        for scope in MissingName(missing.name, missing.place, node).scopes
        for one in scope.get(best.name, [])
    )


def _is_certain(missing: MissingName, best: _Candidate) -> bool:
    """Near enough to leave no other reading: a plural, a private name or a short word is not."""
    one, two = missing.name.lower(), best.name.lower()
    if one + "s" == two or two + "s" == one or missing.bound_in_another_scope:
        return False
    if one.startswith("_") != two.startswith("_") or missing.name in STDLIB_NAMES:
        return False
    if len(missing.name) <= 3:
        return best.apart < 1 and best.binding is not None
    return best.apart <= 1 or (best.unread and best.apart <= 2)


def _introduced(best: _Candidate) -> str:
    if best.binding is None:
        return ", a builtin"
    kind, line = best.binding.kind, best.binding.lineno
    verb = {
        Kind.PARAMETER: "a parameter on",
        Kind.IMPORT: "imported on",
        Kind.FUNCTION: "the function defined on",
        Kind.CLASS: "the class defined on",
        Kind.LOOP: "the loop variable of",
    }.get(kind, "assigned on")
    return f", {verb} line {line}" + (" and never used otherwise" if best.unread else "")


def _at(missing: MissingName) -> str:
    return f"{missing.place.file.name}:{missing.place.lineno}"


def _listed(lines: list[int]) -> str:
    return ", ".join(map(str, lines[:-1])) + f" and {lines[-1]}"


def _fix(summary: str, edits: tuple[Edit, ...], safe: bool) -> Fix:
    return Fix(summary, edits, (), Applicability.SAFE if safe else Applicability.UNSAFE)


@rule("name.loop-variable", "NameError")
def loop_variable(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """The body of ``for i in items`` speaks of ``item``."""
    missing = missing_name(crash)
    if missing is None or is_importable(context, missing):
        return None
    loop = next((a for a in ancestors(missing.text, missing.node) if isinstance(a, ast.For)), None)
    if loop is None or not isinstance(loop.target, ast.Name) or not _names_one_of(missing.name, loop.iter):
        return None
    if any(isinstance(n, ast.Name) and n.id == loop.target.id for s in loop.body for n in ast.walk(s)):
        return None
    file, written = missing.place.file, loop.target.id
    return Diagnosis(
        error_analysis=f"{_at(missing)} reads `{missing.name}`, and nothing defines that name.",
        root_cause=(
            f"The loop on line {loop.lineno} calls its variable `{written}`, but its body speaks of "
            f"`{missing.name}`; `{written}` is never used."
        ),
        location=Location(file.name, loop.lineno, missing.place.location.function),
        evidence=(quote(file, loop.lineno), quote(file, missing.place.lineno)),
        fix=_fix(
            f"Call the loop variable `{missing.name}`.",
            edit_changes(file, replace_nodes(file, [(loop.target, missing.name)])),
            False,
        ),
        confidence=Confidence.CERTAIN,
        prevention=_PREVENTION,
    )


def _names_one_of(name: str, iterated: ast.expr) -> bool:
    """``row`` is one of ``rows``, ``self.rows`` or ``read_rows(path)``."""
    if isinstance(iterated, ast.Call):
        iterated = iterated.func
    many = iterated.attr if isinstance(iterated, ast.Attribute) else getattr(iterated, "id", "")
    last = many.lower().rpartition("_")[2]
    return bool(last) and last in _plurals(name.lower().rpartition("_")[2])


def _plurals(word: str) -> set[str]:
    return {word + "s", word + "es", re.sub("y$", "ies", word), f"{word}list"} - {word}


@rule("name.missing-self", "NameError")
def missing_self(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A method or attribute of the class is used without ``self.``."""
    missing = missing_name(crash)
    owner = _owner(missing) if missing is not None else None
    if missing is None or owner is None:
        return None
    file, name = missing.place.file, missing.name
    replacements = [*_owned_reads(missing, owner)]
    prefix = owner.prefix
    member = "a method" if owner.is_method else "an attribute"
    other = is_importable(context, missing)
    return Diagnosis(
        error_analysis=(
            f"{_at(missing)} reads `{name}` as a variable, but there is none of that name: "
            f"`{name}` is {member} of the class `{owner.cls.name}`."
        ),
        root_cause=f"`{prefix}.` is missing before `{name}`: Python looks up a class's own members only through it.",
        location=missing.place.location,
        evidence=(quote(file, missing.place.lineno), quote(file, owner.lineno)),
        fix=_fix(
            f"Write `{prefix}.{name}`.",
            edit_changes(file, replace_nodes(file, [(node, f"{p}.{name}") for node, p in replacements])),
            not other,
        ),
        confidence=Confidence.LIKELY if other else Confidence.CERTAIN,
        prevention=_PREVENTION,
    )


@dataclass(frozen=True, slots=True)
class _Owner:
    """The class around a method that has the missing name as a member, and how the method calls itself."""

    cls: ast.ClassDef
    prefix: str
    lineno: int
    is_method: bool


def _owner(missing: MissingName | None) -> _Owner | None:
    if missing is None:
        return None
    method = _method_around(missing.text, missing.node)
    if method is None:
        return None
    function, cls = method
    prefix = _first_parameter(function)
    member = _members(cls).get(missing.name)
    if prefix is None or member is None:
        return None
    lineno, is_method = member
    if missing.called and not is_method and _is_builtin_class_value(cls, missing.name):
        return None
    return _Owner(cls, prefix, lineno, is_method)


def _is_builtin_class_value(cls: ast.ClassDef, name: str) -> bool:
    bound = bindings_in(cls).get(name)
    return bool(bound) and bound is not None and _is_plain_value(bound[0].value)


def _method_around(text: str, node: ast.AST) -> tuple[FunctionNode, ast.ClassDef] | None:
    """The method that ``node`` stands in, also in a function nested in it, and its class."""
    function: FunctionNode | None = None
    for ancestor in ancestors(text, node):
        if isinstance(ancestor, FunctionNode):
            function = ancestor
        elif isinstance(ancestor, ast.ClassDef):
            return (function, ancestor) if function is not None else None
    return None


def _first_parameter(function: FunctionNode) -> str | None:
    """``self`` or ``cls``, however it is called; None for a static method."""
    if any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list):
        return None
    arguments = [*function.args.posonlyargs, *function.args.args]
    return arguments[0].arg if arguments else None


def _members(cls: ast.ClassDef) -> dict[str, tuple[int, bool]]:
    """The class's methods and attributes: the line of each, and whether it is a method."""
    found: dict[str, tuple[int, bool]] = {}
    for name, bound in bindings_in(cls).items():
        found[name] = bound[0].lineno, bound[0].kind is Kind.FUNCTION
    for function in cls.body:
        if isinstance(function, FunctionNode):
            for name, lineno in _set_on_self(function):
                found.setdefault(name, (lineno, False))
    return found


def _set_on_self(function: FunctionNode) -> Iterator[tuple[str, int]]:
    first = _first_parameter(function)
    for node in own_nodes(function):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), ctx=ast.Store()) if owner == first:
                yield node.attr, node.lineno


def _owned_reads(missing: MissingName, owner: _Owner) -> Iterator[tuple[ast.Name, str]]:
    """The places in methods of the class that lack the same ``self.``, with the name that each method gives it."""
    for node in missing.unbound_reads():
        method = _method_around(missing.text, node)
        prefix = _first_parameter(method[0]) if method is not None and method[1] is owner.cls else None
        if prefix is not None:
            yield node, prefix


@rule("name.foreign", "NameError")
def foreign(_context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A name of Python 2 or of another language: ``null``, ``xrange``."""
    missing = missing_name(crash)
    if missing is None or missing.name not in FOREIGN_NAMES or _in_class(missing):
        return None
    file = missing.place.file
    name, (ours, language) = missing.name, FOREIGN_NAMES[missing.name]
    alike = [other for other, (_, origin) in FOREIGN_NAMES.items() if origin == language]
    nodes = [(node, FOREIGN_NAMES[other][0]) for other in alike for node in missing.unbound_reads(other)]
    others = sorted({node.id for node, _ in nodes} - {name})
    also = f" The same goes for {_ticked(others)} in this file." if others else ""
    return Diagnosis(
        error_analysis=f"{_at(missing)} reads `{name}`, and Python 3 has no such name.",
        root_cause=f"`{name}` is a name of {language}; Python 3 calls it `{ours}`.{also}",
        location=missing.place.location,
        evidence=(quote(file, missing.place.lineno),),
        fix=_fix(
            f"Write {_ticked([ours, *(FOREIGN_NAMES[o][0] for o in others)])} instead.",
            edit_changes(file, replace_nodes(file, nodes)),
            language != "Python 2" or name in ("raw_input", "xrange"),
        ),
        confidence=Confidence.CERTAIN,
        prevention=_advice(language),
    )


def _advice(language: str) -> str:
    if language.startswith("JSON"):
        return "Read JSON with `json.loads` instead of pasting it into the program."
    if language == "Python 2":
        return "The program was written for Python 2: expect more such places (`ruff check --select UP,F821`)."
    return _PREVENTION


def _ticked(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))
