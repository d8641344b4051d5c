"""What a function of the project takes, and the call that did not fit it (messages of CPython 3.11 to 3.14)."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from snapfix.crash import Crash, CrashContext, SourceFile
from snapfix.rules.evidence.library import is_constant
from snapfix.rules.evidence.targets import Target, lineage, method_of, resolve, unwrapped
from snapfix.rules.evidence.values import Call, Place, columns_of, failing, last_name, parameters, place_of
from snapfix.syntax import definitions

_MAX_MESSAGE = 1_000
_NAME = r"(?P<name>[\w.<>]+)\(\) "
_MESSAGES = {
    "missing": ("missing", r"missing \d+ required (positional|keyword-only) arguments?: (?P<detail>.+)"),
    "too many": (
        "takes",
        r"takes (exactly )?(?P<detail>.+ positional arguments?|no arguments|exactly one argument)",
    ),
    "multiple": ("multiple values", r"got multiple values for (keyword )?argument '(?P<detail>\w+)'"),
    "keyword": ("unexpected keyword", r"got an unexpected keyword argument '(?P<detail>\w+)'"),
    "positional-only": (
        "positional-only",
        r"got some positional-only arguments passed as keyword arguments: '(?P<detail>[\w, ]+)'",
    ),
}
"""Of each kind of message: a text that it holds, which is looked for first, and the pattern after the name."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a call may pass; a first parameter that the call itself fills in (``self``) is not among the names.

    Attributes:
        file, lineno: where it is written.
        positional: the parameters that can be passed by position, in order.
        keyword_only: those that cannot.
        required: those without a default.
        takes_any_keyword: it has ``**kwargs``.
    """

    file: SourceFile
    lineno: int
    positional: tuple[str, ...]
    keyword_only: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    takes_any_keyword: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every parameter that can be named in a call."""
        return (*self.positional, *self.keyword_only)


@dataclass(frozen=True, slots=True, eq=False)
class Misfit:
    """A call that did not fit.

    Attributes:
        kind: ``missing``, ``too many``, ``multiple``, ``keyword`` or ``positional-only``.
        name: the function as the message names it.
        detail: the rest of the message: the parameter's name, or the counts.
        place: the line that failed.
        call: the call that passes the arguments; None where it is not in the project's text.
        target: the function or class, where it is the project's.
        signature: what it takes, where that is known.
    """

    kind: str
    name: str
    detail: str
    place: Place
    call: Call | None
    target: Target | None
    signature: Signature | None

    @property
    def shown(self) -> str:
        """The function's name for a sentence."""
        plain = self.name.replace("<locals>.", "")
        return plain.removesuffix(".__init__").removesuffix(".__new__")


def misfit(context: CrashContext, crash: Crash) -> Misfit | None:
    """The call that the exception is about; None where its message is about something else."""
    message = crash.exception.message.split("\n", 1)[0]
    place = place_of(crash)
    if place is None or len(message) > _MAX_MESSAGE:
        return None
    for kind, (part, pattern) in _MESSAGES.items():
        match = re.match(_NAME + pattern, message) if part in message else None
        if match is not None:
            call = _failing_call(place, match["name"]) if place.direct else None
            target = _target(context, call, match["name"])
            signature = signature_of(context, target, call)
            return Misfit(kind, match["name"], match["detail"], place, call, target, signature)
    return None


def _failing_call(place: Place, name: str) -> Call | None:
    parts = name.split(".")
    wanted = {parts[-1], parts[-2]} if parts[-1] in ("__init__", "__new__") and len(parts) > 1 else {parts[-1]}
    calls = [node for node in failing(place, lambda n: isinstance(n, ast.Call)) if isinstance(node, ast.Call)]
    named = [call for call in calls if last_name(call.func) in wanted]
    exact = [call for call in calls if place.columns is not None and columns_of(place, call) == place.columns]
    for group in (named, exact, calls):
        if len(group) == 1:
            return unwrapped(Call(place, group[0]))
    return None


def _target(context: CrashContext, call: Call | None, name: str) -> Target | None:
    qualname = name.replace("<locals>.", "")
    if call is not None:
        found = resolve(context, call.place, call.node.func)
        if found is not None and _fits(found, qualname):
            return found
    owner = qualname.removesuffix(".__init__").removesuffix(".__new__")
    matching = [
        Target(file, definition)
        for file in context.files
        if owner.rpartition(".")[2] in file.text
        for definition in definitions(file.text)
        if definition.qualname == owner
    ]
    return matching[0] if len(matching) == 1 else None


def _fits(target: Target, qualname: str) -> bool:
    owner = qualname.removesuffix(".__init__").removesuffix(".__new__")
    return owner in (target.definition.qualname, target.name) or target.definition.qualname == qualname


def signature_of(context: CrashContext, target: Target | None, call: Call | None) -> Signature | None:
    """What a call of a function or class of the project may pass."""
    if target is None:
        return None
    if not target.definition.is_class:
        bound = target.bound or (call is None and target.definition.in_class)
        return function_signature(target, bound=bound)
    constructor = method_of(context, target, "__init__")
    if constructor is not None:
        return function_signature(constructor, bound=True)
    return _fields(context, target)


def function_signature(target: Target, *, bound: bool) -> Signature | None:
    """What a function takes; ``bound`` leaves its first parameter out."""
    function = target.function
    if function is None:
        return None
    arguments = function.args
    positional = [arg.arg for arg in [*arguments.posonlyargs, *arguments.args]]
    required = positional[: len(positional) - len(arguments.defaults)]
    keyword_only = [arg.arg for arg in arguments.kwonlyargs]
    needed = [arg.arg for arg, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is None]
    skipped = 1 if bound and positional else 0
    return Signature(
        target.file,
        function.lineno,
        tuple(positional[skipped:]),
        tuple(keyword_only),
        frozenset([*required[skipped:], *needed]),
        arguments.kwarg is not None,
    )


def _fields(context: CrashContext, target: Target) -> Signature | None:
    """The constructor that ``@dataclass`` or ``NamedTuple`` writes."""
    names: list[str] = []
    required: set[str] = set()
    generated = False
    for owner in reversed(list(lineage(context, target))):
        node = owner.definition.node
        if not isinstance(node, ast.ClassDef):
            continue
        marks = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
        generated = generated or any(last_name(mark) == "dataclass" for mark in marks)
        generated = generated or any(last_name(base) == "NamedTuple" for base in node.bases)
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                if _is_no_argument(statement):
                    continue
                names.append(statement.target.id)
                required |= set() if statement.value is not None else {statement.target.id}
    if not generated:
        return None
    return Signature(target.file, target.definition.node.lineno, tuple(names), (), frozenset(required))


def _is_no_argument(field: ast.AnnAssign) -> bool:
    """A class variable, or a field with ``init=False``."""
    outer = field.annotation.value if isinstance(field.annotation, ast.Subscript) else field.annotation
    left_out = isinstance(field.value, ast.Call) and any(
        keyword.arg == "init" and is_constant(keyword.value, False) for keyword in field.value.keywords
    )
    return last_name(outer) == "ClassVar" or left_out


def is_method_without_self(target: Target) -> bool:
    """A method whose first parameter is not ``self``, and that is neither static nor a class method."""
    function = target.function
    if function is None or not target.definition.in_class:
        return False
    # A decorator may pass what it likes.
    if function.decorator_list or function.name in ("__new__", "__init_subclass__", "__class_getitem__"):
        return False
    names = [arg.arg for arg in parameters(function)]
    return not names or names[0] not in ("self", "cls", "mcs", "_", "this")
