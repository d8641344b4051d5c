"""KeyError: a misspelt key, a key that only some records have, a number for a string, a variable that is not set."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from snapfix.crash import Crash, CrashContext, SourceFile
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Evidence, Fix, Location
from snapfix.rules.base import closest, indentation, quote, rule
from snapfix.rules.evidence.flow import How
from snapfix.rules.evidence.library import is_constant
from snapfix.rules.evidence.records import Key, Records, records_of
from snapfix.rules.evidence.spelling import Wrong, misspelt_side
from snapfix.rules.evidence.targets import library_name, name_sources, passed_for, place_of_source
from snapfix.rules.evidence.values import Place, failing, last_name, place_of, rewrite, settle, short, source_of
from snapfix.syntax import enclosing_function, parse

_MAX_KEY = 500
_SAFE, _UNSAFE, _DISPLAY = Applicability.SAFE, Applicability.UNSAFE, Applicability.DISPLAY_ONLY


@dataclass(frozen=True, slots=True, eq=False)
class _Missing:
    """A key that was looked up and not found.

    Attributes:
        place: where.
        key: its value, as the message shows it.
        use: the expression that was the key.
        node: the whole look-up.
        container: the expression that was looked into.
    """

    place: Place
    key: object
    use: ast.expr
    node: ast.expr
    container: ast.expr

    @property
    def what(self) -> str:
        """The container, as it is written."""
        return short(self.place.file, self.container, 40)

    def location(self) -> Location:
        """The line of the look-up."""
        function = self.place.function
        return Location(self.place.file.name, self.place.lineno, function.qualname if function else None)


def _missing(crash: Crash) -> _Missing | None:
    message = crash.exception.message
    place = place_of(crash)
    if place is None or len(message) > _MAX_KEY:
        return None
    try:
        key = ast.literal_eval(message)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    nodes = [node for node in failing(place, _looks_up) if not _is_only_set(place, node)]
    # Of a[x][y], the inner look-up comes first.
    nodes.sort(key=lambda node: sum(1 for _ in ast.walk(node)))
    found = [one for node in nodes if (one := _look_up(place, key, node)) is not None]
    exact = [one for one in found if is_constant(one.use, key)]
    constant = [one for one in found if not isinstance(one.use, ast.Constant)]
    return next(iter(exact or constant), None)


def _looks_up(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) or (
        isinstance(node, ast.Call) and last_name(node.func) == "pop" and len(node.args) == 1
    )


def _is_only_set(place: Place, node: ast.AST) -> bool:
    """``a[x] = ...``, which cannot fail for a dictionary; ``a[x] += ...`` can."""
    augmented = isinstance(place.statement, ast.AugAssign) and place.statement.target is node
    return isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and not augmented


def _look_up(place: Place, key: object, node: ast.AST) -> _Missing | None:
    match node:
        case ast.Subscript(value=container, slice=use):
            return _Missing(place, key, use, node, container)
        case ast.Call(func=ast.Attribute(value=container), args=[use]):
            return _Missing(place, key, use, node, container)
    return None


def _is_environment(missing: _Missing) -> bool:
    return library_name(missing.place.file, missing.container) == "os.environ"


# --- the environment ---

_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]{0,200}"


@rule("key.environment", "KeyError")
def environment(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """An environment variable that the program needs is not set."""
    missing = _missing(crash)
    if missing is None or not _is_environment(missing) or not isinstance(missing.key, str):
        return None
    name = missing.key
    if not re.fullmatch(_VARIABLE, name):
        return None
    near = closest(name, _environment_names(context))
    if near is not None:
        return _misspelt_variable(missing, name, near)
    windows = "\\" in crash.frames[-1].frame.filename
    command = f"set {name}=..." if windows else f"export {name}=..."
    dotenv = [path for path in context.names if path.rpartition("/")[2].startswith(".env")]
    hint = f" The project has `{dotenv[0]}`, which is not read unless the program loads it." if dotenv else ""
    return settle(
        Diagnosis(
            error_analysis=f"The program reads the environment variable `{name}`, and it is not set.",
            root_cause=f"`{name}` is not in the environment that the program was started with.{hint}",
            location=missing.location(),
            evidence=(quote(missing.place.file, missing.place.lineno),),
            fix=Fix(
                f"Set `{name}` before starting the program, or give it a default with `os.environ.get()`.",
                commands=(command,),
            ),
            confidence=Confidence.CERTAIN,
            prevention="Check the variables that the program needs when it starts, and name them in the README.",
        ),
        missing.place,
    )


def _environment_names(context: CrashContext) -> set[str]:
    """The variables that the project sets itself: ``os.environ["NAME"] = ...``, ``os.environ.setdefault(...)``."""
    found = set()
    for file in context.files:
        tree = parse(file.text) if "environ" in file.text else None
        for node in ast.walk(tree) if tree is not None else ():
            match node:
                case ast.Subscript(value=owner, slice=ast.Constant(value=str(name)), ctx=ast.Store()):
                    found |= {name} if last_name(owner) == "environ" else set()
                case ast.Call(func=ast.Attribute(value=owner, attr="setdefault"), args=[ast.Constant(value=name), *_]):
                    found |= {str(name)} if last_name(owner) == "environ" else set()
    return found


def _misspelt_variable(missing: _Missing, name: str, near: str) -> Diagnosis:
    """The project sets a variable of nearly that name."""
    file = missing.place.file
    edit = _respelt(file, missing.use, near) if is_constant(missing.use, name) else None
    return settle(
        Diagnosis(
            error_analysis=f"The program reads the environment variable `{name}`, and it is not set.",
            root_cause=f"The program itself sets `{near}`: one of the two names is misspelt.",
            location=missing.location(),
            evidence=(quote(file, missing.place.lineno),),
            fix=Fix(
                f"Write `{near}` instead of `{name}`.",
                (edit,) if edit else (),
                applicability=_UNSAFE if edit else _DISPLAY,
            ),
            confidence=Confidence.LIKELY,
            prevention="Name each variable once, as a constant.",
        ),
        missing.place,
    )


# --- a misspelt key ---


@dataclass(frozen=True, slots=True)
class _Uses:
    """How often string keys are read (``x["key"]``, ``x.get("key")``) and written in the project.

    ``literals`` counts every string literal, whatever it is used for.
    """

    read: Counter[str]
    written: Counter[str]
    literals: Counter[str]


def _uses(context: CrashContext) -> _Uses:
    read: Counter[str] = Counter()
    written: Counter[str] = Counter()
    literals: Counter[str] = Counter()
    for file in context.files:
        one = _uses_in(file.text)
        read += one.read
        written += one.written
        literals += one.literals
    return _Uses(read, written, literals)


@lru_cache(maxsize=64)
def _uses_in(text: str) -> _Uses:
    read: Counter[str] = Counter()
    written: Counter[str] = Counter()
    literals: Counter[str] = Counter()
    tree = parse(text)
    for node in ast.walk(tree) if tree is not None else ():
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(key)), ctx=context):
                (read if isinstance(context, ast.Load) else written)[key] += 1
            case ast.Call(func=ast.Attribute(attr="get" | "pop"), args=[ast.Constant(value=str(key)), *_]):
                read[key] += 1
            case ast.Dict(keys=keys):
                written.update(k.value for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str))
            case ast.Call(func=ast.Name(id="dict"), keywords=keywords):
                written.update(k.arg for k in keywords if k.arg is not None)
            case ast.Constant(value=str(text_)) if len(text_) <= _MAX_KEY:
                literals[text_] += 1
    return _Uses(read, written, literals)


@rule("key.typo", "KeyError")
def typo(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """The key is misspelt: where it is used, or where it is defined."""
    missing = _missing(crash)
    if missing is None or not isinstance(missing.key, str) or not crash.frames[-1].in_app:
        return None
    records = records_of(context, missing.place, missing.container)
    keys = [key for key in records.all_keys() if isinstance(key.value, str)]
    if any(key.value == missing.key for key in keys):
        return None
    uses = _uses(context)
    near = closest(missing.key, (str(key.value) for key in keys))
    if near is None:
        return _by_usage(context, missing, uses) if not records.complete else None
    if _differ_in_digits(missing.key, near):
        return None
    definition = next(key for key in keys if key.value == near)
    certain = _typo_is_certain(missing, records, uses, near, definition)
    definitions = [key for key in keys if key.value == near]
    side = _side(context, missing, uses, near)
    return _typo_diagnosis(context, missing, definitions, near, side=side, certain=certain)


def _side(context: CrashContext, missing: _Missing, uses: _Uses, near: str) -> Wrong:
    """Whether the look-up or the definition is misspelt."""
    return misspelt_side(context, str(missing.key), near, definitions=max(uses.written[near], 1))


def _differ_in_digits(one: str, two: str) -> bool:
    """``price1`` and ``price2`` are two keys, not one misspelt."""
    return re.sub(r"\d+", "0", one) == re.sub(r"\d+", "0", two)


def _typo_is_certain(missing: _Missing, records: Records, uses: _Uses, near: str, definition: Key) -> bool:
    """Every key is known, the near one is always there, and nothing else sets or reads the one that is missing."""
    key = str(missing.key)
    everywhere = all(record.key(near) is not None for record in records.records)
    beside = any(
        isinstance(node, ast.Subscript) and is_constant(node.slice, near) for node in ast.walk(missing.place.statement)
    )
    only_read = uses.literals[key] <= max(uses.read[key], 1)
    unconditional = everywhere and definition.condition is None
    return records.complete and unconditional and not beside and not uses.written[key] and only_read


def _typo_diagnosis(
    context: CrashContext, missing: _Missing, definitions: list[Key], near: str, *, side: Wrong, certain: bool
) -> Diagnosis | None:
    key, place, definition = str(missing.key), missing.place, definitions[0]
    read_as_defined = _uses(context).read[near] > 0
    if side is Wrong.DEFINITION and not read_as_defined:
        file, line, wrong, right = definition.file, definition.lineno, near, key
        edits = _respelt_all(definitions, key)
        certain = certain and _uses(context).literals[near] <= len(definitions)
    else:
        literal = _literal(context, place, missing.use, key)
        if literal is None:
            return None
        file, line, wrong, right = literal[0], getattr(literal[1], "lineno", place.lineno), key, near
        edit = _respelt(*literal, near)
        edits = (edit,) if edit else ()
        certain = certain and side is Wrong.USE
    return settle(
        Diagnosis(
            error_analysis=f"`{missing.what}` has no key `{key!r}`.",
            root_cause=_typo_cause(missing, definition, near, side, read_as_defined=read_as_defined),
            location=Location(file.name, line, _function_at(file, line)),
            evidence=_evidence(missing, (file, line), (definition.file, definition.lineno)),
            fix=Fix(
                f"Write `{right!r}` instead of `{wrong!r}`."
                + (f" Or, if `{right!r}` is the misspelt one, the other way round." if side is Wrong.EITHER else ""),
                edits,
                applicability=(_SAFE if certain else _UNSAFE) if edits else _DISPLAY,
            ),
            confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
            prevention="A dataclass or a TypedDict lets a type checker find misspelt keys.",
        ),
        place,
    )


def _typo_cause(missing: _Missing, definition: Key, near: str, side: Wrong, *, read_as_defined: bool) -> str:
    key, where = str(missing.key), f"{definition.file.name}:{definition.lineno}"
    if side is Wrong.USE:
        return f"`{key!r}` is a misspelling of `{near!r}`, which `{missing.what}` has ({where})."
    if side is Wrong.NEITHER:
        return f"`{missing.what}` is asked for `{key!r}`; the nearest key that it has is `{near!r}` ({where})."
    if side is Wrong.EITHER:
        return f"`{missing.what}` has `{near!r}` ({where}), but is asked for `{key!r}`: one of the two is misspelt."
    spread = " The misspelling is also read elsewhere, so that both places have to be changed." * read_as_defined
    return f"`{near!r}` on {where} is a misspelling of `{key!r}`, which the key is read as.{spread}"


def _respelt_all(keys: list[Key], right: str) -> tuple[Edit, ...]:
    """The edits that spell a key rightly wherever it is defined; () where one of them cannot be made."""
    by_file: dict[str, list[Key]] = {}
    for key in keys:
        by_file.setdefault(key.file.name, []).append(key)
    edits = []
    for found in by_file.values():
        texts = [(key.node, _respelling(key.file, key.node, right)) for key in found]
        fitting = [(node, text) for node, text in texts if text is not None]
        edit = rewrite(found[0].file, fitting) if len(fitting) == len(found) else None
        if edit is None:
            return ()
        edits.append(edit)
    return tuple(edits)


def _function_at(file: SourceFile, line: int) -> str | None:
    function = enclosing_function(file.text, line)
    return function.qualname if function is not None else None


def _evidence(missing: _Missing, *places: tuple[SourceFile, int]) -> tuple[Evidence, ...]:
    found = [quote(missing.place.file, missing.place.lineno), *(quote(file, line) for file, line in places)]
    return tuple(dict.fromkeys(found))


def _respelt(file: SourceFile, node: ast.AST, right: str) -> Edit | None:
    """The edit that writes ``right`` for the key at ``node``, in the quotes that stand there."""
    text = _respelling(file, node, right)
    return rewrite(file, [(node, text)]) if text is not None else None


def _respelling(file: SourceFile, node: ast.AST, right: str) -> str | None:
    if isinstance(node, ast.keyword):
        return f"{right}={source_of(file, node.value)}" if right.isidentifier() else None
    if isinstance(node, ast.Name):
        return right if right.isidentifier() else None
    text = source_of(file, node)
    if not right.isprintable() or not text or text[-1] not in "'\"":
        return None
    if "\\" in right or text[-1] in right:
        return repr(right)
    return f"{text[-1]}{right}{text[-1]}"


def _literal(
    context: CrashContext, place: Place, use: ast.expr, key: object, depth: int = 4
) -> tuple[SourceFile, ast.expr] | None:
    """Where the key is written: at the look-up, or where the variable used there got it."""
    if is_constant(use, key):
        return place.file, use
    if not isinstance(use, ast.Name) or depth <= 0:
        return None
    for source in name_sources(place, use.id):
        here = place_of_source(place, source)
        if source.value is None or here is None:
            continue
        if source.how is How.VALUE and (found := _literal(context, here, source.value, key, depth - 1)):
            return found
        elements = getattr(source.value, "elts", []) if source.how is How.ELEMENT else []
        for element in elements:
            if is_constant(element, key):
                return here.file, element
    passed = passed_for(context, place, use.id)
    return _literal(context, passed[0], passed[1], key, depth - 1) if passed is not None else None


def _by_usage(context: CrashContext, missing: _Missing, uses: _Uses) -> Diagnosis | None:
    """The dictionary's keys are not known, but the project reads a near key from things of the same name."""
    key = str(missing.key)
    if uses.read[key] + uses.written[key] > 1 or not is_constant(missing.use, key):
        return None
    wanted = last_name(missing.container)
    known: Counter[str] = Counter()
    first: dict[str, tuple[SourceFile, ast.expr]] = {}
    for file, used, node in _keys_of(context, wanted) if wanted else ():
        known[used] += 1
        first.setdefault(used, (file, node))
    near = closest(key, (used for used in known if used != key))
    if near is None or _differ_in_digits(key, near):
        return None
    file, node = first[near]
    side = _side(context, missing, uses, near)
    side = Wrong.EITHER if side is Wrong.DEFINITION else side
    return _typo_diagnosis(context, missing, [Key(near, file, node)], near, side=side, certain=False)


def _keys_of(context: CrashContext, name: str) -> Iterator[tuple[SourceFile, str, ast.expr]]:
    """The string keys that the project's files use on variables (or attributes) called ``name``."""
    for file in context.files:
        tree = parse(file.text) if name in file.text else None
        for node in ast.walk(tree) if tree is not None else ():
            match node:
                case ast.Subscript(value=container, slice=ast.Constant(value=str(key)) as literal):
                    if last_name(container) == name:
                        yield file, key, literal
                case ast.Call(
                    func=ast.Attribute(attr="get", value=container), args=[ast.Constant(value=str(key)) as literal, *_]
                ):
                    if last_name(container) == name:
                        yield file, key, literal


def misspelt_get(context: CrashContext, place: Place, call: ast.Call) -> tuple[Key, Edit, bool] | None:
    """The key that the key of ``x.get("key")`` is a misspelling of, the edit, and whether that is certain."""
    match call:
        case ast.Call(func=ast.Attribute(attr="get" | "pop", value=container), args=[ast.Constant(value=str(key)), *_]):
            pass
        case _:
            return None
    missing = _Missing(place, key, call.args[0], call, container)
    records = records_of(context, place, container)
    keys = [known for known in records.all_keys() if isinstance(known.value, str)]
    near = closest(key, (str(known.value) for known in keys))
    if near is None or any(known.value == key for known in keys) or _differ_in_digits(key, near):
        return None
    definition = next(known for known in keys if known.value == near)
    edit = _respelt(place.file, call.args[0], near)
    uses = _uses(context)
    certain = _typo_is_certain(missing, records, uses, near, definition)
    certain = certain and _side(context, missing, uses, near) is Wrong.USE
    return (definition, edit, certain) if edit is not None else None


# --- a key that is not always there ---


@rule("key.optional-missing", "KeyError")
def optional_missing(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A counter that was never initialised, or a key that only some records have."""
    missing = _missing(crash)
    if missing is None or not crash.frames[-1].in_app or _is_environment(missing):
        return None
    records = records_of(context, missing.place, missing.container)
    return _uninitialised(missing, records) or _absent(missing, records)


def _uninitialised(missing: _Missing, records: Records) -> Diagnosis | None:
    repair = _initialised(missing)
    if repair is None:
        return None
    edit, summary, sure_of_type = repair
    empty = records.complete or _only_dynamic(records)
    known = empty and not any(type(key.value) is type(missing.key) for key in records.all_keys())
    made = records.records[0] if records.records else None
    if made is None or not known:
        return None
    line = made.lineno
    guarded = _has_guard(missing)
    certain = not guarded and len(records.records) == 1 and sure_of_type
    return settle(
        Diagnosis(
            error_analysis=f"`{missing.what}` has no entry for {missing.key!r} yet when it is changed.",
            root_cause=f"`{missing.what}` starts empty ({made.place.file.name}:{line}), and its entries are changed "
            "without being created first.",
            location=missing.location(),
            evidence=_evidence(missing, (made.place.file, line)),
            fix=Fix(summary, (edit,), applicability=_SAFE if certain else _UNSAFE),
            confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
            prevention="`collections.Counter` and `collections.defaultdict` create entries by themselves.",
        ),
        missing.place,
    )


def _only_dynamic(records: Records) -> bool:
    """It starts as a literal without keys; whatever else it gets has keys that are computed."""
    return (
        bool(records.records)
        and not records.open
        and all(
            isinstance(record.node, ast.Dict | ast.Call) and not record.keys and not record.from_json
            for record in records.records
        )
    )


def _has_guard(missing: _Missing) -> bool:
    """Something in the function asks whether the key is there: the entries are created, but not for this key."""
    code = missing.place.code
    return any(
        isinstance(node, ast.Compare) and any(isinstance(op, ast.In | ast.NotIn) for op in node.ops)
        and last_name(node.comparators[-1]) == last_name(missing.container)
        for node in (ast.walk(code) if code is not None else ())
    )  # fmt: skip


_STARTS = {"append": "[]", "extend": "[]", "insert": "[]", "add": "set()", "update": "{}"}


def _initialised(missing: _Missing) -> tuple[Edit, str, bool] | None:
    """The edit that creates the entry where it is changed, and whether the kind of entry is plain."""
    place, statement = missing.place, missing.place.statement
    if not isinstance(missing.node, ast.Subscript):
        return None
    file = place.file
    entry, key = source_of(file, missing.container), source_of(file, missing.use)
    match statement:
        case ast.AugAssign(target=target, value=value) if target is missing.node:
            start, sure = _start(value)
            operator = source_of(file, statement)[len(source_of(file, target)) :].split("=", 1)[0].strip()
            text = f"{entry}[{key}] = {entry}.get({key}, {start}) {operator} {source_of(file, value)}"
            return _repair(file, statement, text, f"Start from {start} where there is no entry yet.", sure)
        case ast.AugAssign(target=ast.Subscript(value=inner, slice=last), value=value) if inner is missing.node:
            return _nested(missing, statement, last, value)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=changed, attr=method))) if changed is missing.node:
            start = _STARTS.get(method, "")
            text = f"{entry}.setdefault({key}, {start})"
            return _repair(file, missing.node, text, f"Create the entry as `{start}` first.", True) if start else None
        case ast.Assign(targets=[ast.Subscript(value=inner)]) if inner is missing.node:
            text = f"{entry}.setdefault({key}, {{}})"
            return _repair(file, missing.node, text, "Create the inner dictionary first.", True)
        case ast.Assign(targets=[target], value=ast.BinOp(left=left, right=value)) if left is missing.node:
            start, sure = _start(value)
            same = source_of(file, target) == source_of(file, left)
            text = f"{entry}.get({key}, {start})"
            return _repair(file, left, text, f"Start from {start} where there is no entry yet.", sure) if same else None
    return None


def _repair(file: SourceFile, node: ast.AST, text: str, summary: str, sure: bool) -> tuple[Edit, str, bool] | None:
    edit = rewrite(file, [(node, text)])
    return (edit, summary, sure) if edit is not None else None


def _nested(
    missing: _Missing, statement: ast.AugAssign, last: ast.expr, value: ast.expr
) -> tuple[Edit, str, bool] | None:
    file = missing.place.file
    start, sure = _start(value)
    operator = source_of(file, statement)[len(source_of(file, statement.target)) :].split("=", 1)[0].strip()
    entry, key, inner = source_of(file, missing.container), source_of(file, missing.use), source_of(file, last)
    indent = indentation(file.lines[statement.lineno - 1])
    text = (
        f"entry = {entry}.setdefault({key}, {{}})\n"
        f"{indent}entry[{inner}] = entry.get({inner}, {start}) {operator} {source_of(file, value)}"
    )
    return _repair(file, statement, text, "Create the inner dictionary and its entry first.", sure)


def _start(value: ast.expr) -> tuple[str, bool]:
    """What an entry starts from, judging by what is added to it; whether that is plain."""
    match value:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return '""', True
        case ast.List() | ast.ListComp():
            return "[]", True
        case ast.Constant(value=int() | float()) | ast.Call(func=ast.Name(id="len" | "int" | "float")) | ast.BinOp():
            return "0", True
        case ast.Subscript() | ast.Attribute() | ast.Name():
            return "0", False
    return "0", False


def _absent(missing: _Missing, records: Records) -> Diagnosis | None:
    """Some of the records have the key, or it is set only under a condition."""
    having = [key for record in records.records if (key := record.key(missing.key)) is not None]
    if not having:
        return None
    lacking = [record for record in records.records if record.key(missing.key) is None and not record.open]
    conditional = [key for key in having if key.condition is not None]
    if not lacking and not conditional:
        return None
    shown, reason = having[0], ""
    if lacking:
        where = f"{lacking[0].place.file.name}:{lacking[0].lineno}"
        reason = f"The record on {where} has no `{missing.key!r}`; others have one ({_lines(having)})."
        points = (lacking[0].place.file, lacking[0].lineno)
    else:
        shown = conditional[0]
        reason = f"`{missing.key!r}` is set only under a condition ({shown.file.name}:{shown.lineno})."
        points = (shown.file, getattr(shown.condition, "lineno", shown.lineno))
    edit, summary = _with_default(missing, shown)
    certain = records.complete and bool(lacking or len(conditional) == len(having))
    return settle(
        Diagnosis(
            error_analysis=f"`{missing.what}` has no key `{missing.key!r}` this time.",
            root_cause=reason,
            location=Location(points[0].name, points[1], _function_at(*points)),
            evidence=_evidence(missing, points, (shown.file, shown.lineno)),
            fix=Fix(summary, (edit,) if edit else (), applicability=_UNSAFE if edit else _DISPLAY),
            confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
            prevention="Give every record all its keys, or read optional ones with `.get()`.",
        ),
        missing.place,
    )


def _lines(keys: list[Key]) -> str:
    return ", ".join(dict.fromkeys(f"{key.file.name}:{key.lineno}" for key in keys[:3]))


def _with_default(missing: _Missing, like: Key) -> tuple[Edit | None, str]:
    """The edit that reads the key with a default of the kind that other records hold."""
    default = _default_like(like.holds)
    place = missing.place
    loads = isinstance(missing.node, ast.Subscript) and isinstance(missing.node.ctx, ast.Load)
    advice = f"Give every record a `{missing.key!r}`, or read it with `.get()` and a default."
    if not loads:
        return None, advice
    text = f"{source_of(place.file, missing.container)}.get({source_of(place.file, missing.use)}, {default})"
    return rewrite(place.file, [(missing.node, text)]), f"Read it as `{text}` where it may be missing. {advice}"


def _default_like(value: ast.expr | None) -> str:
    match value:
        case ast.Constant(value=bool()):
            return "False"
        case ast.Constant(value=str()) | ast.JoinedStr():
            return '""'
        case ast.Constant(value=int() | float()):
            return "0"
        case ast.List() | ast.ListComp():
            return "[]"
        case ast.Dict() | ast.DictComp():
            return "{}"
    return "None"


# --- a number for a string ---


@rule("key.other", "KeyError")
def wrong_type(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """The key is a number and the dictionary's keys are strings (as always in JSON), or the other way round."""
    missing = _missing(crash)
    if missing is None or not crash.frames[-1].in_app or isinstance(missing.key, bool):
        return None
    records = records_of(context, missing.place, missing.container)
    other: object
    if isinstance(missing.key, int):
        other, convert = str(missing.key), "str"
    elif isinstance(missing.key, str) and re.fullmatch(r"-?\d{1,18}", missing.key):
        other, convert = int(missing.key), "int"
    else:
        return None
    there = next((key for record in records.records if (key := record.key(other)) is not None), None)
    json = next((record for record in records.records if record.from_json), None)
    if there is None and (json is None or convert == "int"):
        return None
    return _wrong_type_diagnosis(missing, other, convert, there, json_line=json.lineno if json else 0, records=records)


def _wrong_type_diagnosis(
    missing: _Missing, other: object, convert: str, there: Key | None, *, json_line: int, records: Records
) -> Diagnosis:
    place = missing.place
    key_is, keys_are = ("a number", "strings") if convert == "str" else ("a string", "numbers")
    constant = isinstance(missing.use, ast.Constant)
    text = repr(other).replace("'", '"') if constant else f"{convert}({source_of(place.file, missing.use)})"
    edit = rewrite(place.file, [(missing.use, text)])
    if there is not None:
        shown = (there.file, there.lineno)
        cause = (
            f"The key is {key_is}, but the keys of `{missing.what}` are {keys_are} ({there.file.name}:{there.lineno})."
        )
    else:
        shown = (records.records[0].place.file, json_line)
        cause = f"The key is a number, but the keys of `{missing.what}` come from JSON, where keys are always strings."
    certain = there is not None and records.complete
    return settle(
        Diagnosis(
            error_analysis=f"`{missing.what}` has no key `{missing.key!r}`.",
            root_cause=cause,
            location=missing.location(),
            evidence=_evidence(missing, shown),
            fix=Fix(
                f"Look up `{text}`.",
                (edit,) if edit else (),
                applicability=(_SAFE if certain else _UNSAFE) if edit else _DISPLAY,
            ),
            confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
            prevention="Convert identifiers to one type where they enter the program.",
        ),
        place,
    )
