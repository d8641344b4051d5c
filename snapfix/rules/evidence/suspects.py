"""Which expression of the failing line was None, by the error's message (CPython 3.11 to 3.14) and its carets."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from snapfix.rules.evidence.values import Place, failing, last_name, short

_MAX_MESSAGE = 2_000

_OPERATORS: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
    "** or pow()": ast.Pow,
    "@": ast.MatMult,
    "&": ast.BitAnd,
    "|": ast.BitOr,
    "^": ast.BitXor,
    "<<": ast.LShift,
    ">>": ast.RShift,
}


@dataclass(frozen=True, slots=True, eq=False)
class Suspect:
    """An expression that was None, as far as the message tells.

    Attributes:
        node: the expression.
        trouble: what cannot be done with None, for a sentence.
        element: not the expression itself but an element of it was None.
    """

    node: ast.expr
    trouble: str
    element: bool = False


Finder = Callable[[re.Match[str], Place], list[Suspect]]


def suspects(message: str, place: Place) -> list[Suspect]:
    """The expressions on the failing line that the message can be about; [] where it is not about None."""
    if "None" not in message or len(message) > _MAX_MESSAGE:
        return []
    for part, pattern, find in _FINDERS:
        match = re.match(pattern, message) if part in message else None
        if match is not None:
            # Raised inside a library: the None was handed over as an argument.
            found = find(match, place) if place.direct else _arguments("the library cannot work with None", place)
            return list({(ast.dump(suspect.node), suspect.element): suspect for suspect in found}.values())
    return []


def _attribute(match: re.Match[str], place: Place) -> list[Suspect]:
    name = match["name"]
    nodes = failing(place, lambda node: isinstance(node, ast.Attribute) and node.attr == name)
    return [Suspect(node.value, f"None has no attribute `{name}`") for node in nodes if isinstance(node, ast.Attribute)]


def _subscript(_match: re.Match[str], place: Place) -> list[Suspect]:
    nodes = failing(place, lambda node: isinstance(node, ast.Subscript))
    return [Suspect(node.value, "None has no items") for node in nodes if isinstance(node, ast.Subscript)]


def _iterated(match: re.Match[str], place: Place) -> list[Suspect]:
    trouble = "None cannot be iterated over"
    unpacked = _unpacked(match, place)
    if unpacked:
        return unpacked
    nodes = failing(place, lambda node: isinstance(node, _Iterating) or _is_iterable(place, node))
    found = []
    for node in nodes:
        if isinstance(node, ast.For | ast.AsyncFor):
            found.append(Suspect(node.iter, trouble))
        elif isinstance(node, ast.Starred | ast.YieldFrom | ast.AugAssign):
            found.append(Suspect(node.value, trouble))
        elif isinstance(node, ast.expr) and _is_iterable(place, node):
            found.append(Suspect(node, trouble))
        if isinstance(node, ast.Call):
            found += [Suspect(argument, trouble) for argument in node.args]
    return found


_Iterating = ast.Call | ast.Starred | ast.YieldFrom | ast.AugAssign


def _is_iterable(place: Place, node: ast.AST) -> bool:
    """``node`` is what a loop or a comprehension of the failing statement runs over."""
    statement = place.statement
    if isinstance(statement, ast.For | ast.AsyncFor) and node is statement.iter:
        return True
    return any(
        node is generator.iter for outer in ast.walk(statement) for generator in getattr(outer, "generators", [])
    )


def _unpacked(match: re.Match[str], place: Place) -> list[Suspect]:
    if "unpack" not in match.string:
        return []
    trouble = "None cannot be unpacked"
    match place.statement:
        case ast.Assign(targets=[ast.Tuple() | ast.List(), *_], value=value):
            return [Suspect(value, trouble)]
        case ast.For(target=ast.Tuple() | ast.List(), iter=iterable):
            return [Suspect(iterable, trouble, element=True)]
    iterables = [
        generator.iter
        for node in ast.walk(place.statement)
        for generator in getattr(node, "generators", [])
        if isinstance(generator.target, ast.Tuple | ast.List)
    ]
    return [Suspect(iterable, trouble, element=True) for iterable in iterables]


def _called(_match: re.Match[str], place: Place) -> list[Suspect]:
    nodes = failing(place, lambda node: isinstance(node, ast.Call))
    return [Suspect(node.func, "None cannot be called") for node in nodes if isinstance(node, ast.Call)]


def _operand(match: re.Match[str], place: Place) -> list[Suspect]:
    symbol = match["op"].removesuffix("=") if match["op"] not in ("<=", ">=") else match["op"]
    operator = _OPERATORS.get(symbol)
    if operator is None:
        return []
    trouble = f"`{symbol.partition(' ')[0]}` does not work on None"
    nodes = failing(place, lambda n: isinstance(n, ast.BinOp | ast.AugAssign) and isinstance(n.op, operator))
    found = []
    for node in nodes:
        sides = (node.left, node.right) if isinstance(node, ast.BinOp) else _sides(node)
        found += [
            Suspect(side, trouble)
            for side, type_name in zip(sides, (match["left"], match["right"]), strict=True)
            if type_name == "NoneType"
        ]
    return found


def _sides(node: ast.AST) -> tuple[ast.expr, ast.expr]:
    assert isinstance(node, ast.AugAssign)
    return node.target, node.value


def _concatenated(match: re.Match[str], place: Place) -> list[Suspect]:
    trouble = f"None cannot be added to a {match['to']}"
    nodes = failing(place, lambda node: isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Add))
    found = []
    for node in nodes:
        value = node.right if isinstance(node, ast.BinOp) else _sides(node)[1]
        found.append(Suspect(value, trouble))
    return found


def _contained(_match: re.Match[str], place: Place) -> list[Suspect]:
    nodes = failing(
        place, lambda node: isinstance(node, ast.Compare) and any(isinstance(op, ast.In | ast.NotIn) for op in node.ops)
    )
    return [
        Suspect(comparator, "`in` cannot look into None")
        for node in nodes
        if isinstance(node, ast.Compare)
        for op, comparator in zip(node.ops, node.comparators, strict=True)
        if isinstance(op, ast.In | ast.NotIn)
    ]


def _compared(match: re.Match[str], place: Place) -> list[Suspect]:
    trouble = f"None cannot be compared by `{match['op']}`"
    found = []
    for node in failing(place, lambda node: isinstance(node, ast.Compare)):
        assert isinstance(node, ast.Compare)
        sides = [node.left, *node.comparators]
        for left, right in pairwise(sides):
            found += [Suspect(left, trouble)] if match["left"] == "NoneType" else []
            found += [Suspect(right, trouble)] if match["right"] == "NoneType" else []
    return found


def _formatted(_match: re.Match[str], place: Place) -> list[Suspect]:
    nodes = failing(place, lambda node: isinstance(node, ast.FormattedValue) and node.format_spec is not None)
    return [Suspect(n.value, "None takes no format") for n in nodes if isinstance(n, ast.FormattedValue)]


def _entered(_match: re.Match[str], place: Place) -> list[Suspect]:
    if not isinstance(place.statement, ast.With | ast.AsyncWith):
        return []
    return [Suspect(item.context_expr, "`with` cannot enter None") for item in place.statement.items]


def _starred(_match: re.Match[str], place: Place) -> list[Suspect]:
    found = []
    for node in failing(place, lambda node: isinstance(node, ast.Call | ast.List | ast.Dict)):
        found += [inner.value for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.Starred)]
        if isinstance(node, ast.Call):
            found += [keyword.value for keyword in node.keywords if keyword.arg is None]
        if isinstance(node, ast.Dict):
            found += [value for key, value in zip(node.keys, node.values, strict=True) if key is None]
    return [Suspect(value, "None cannot be unpacked") for value in found]


def _unary(_match: re.Match[str], place: Place) -> list[Suspect]:
    nodes = failing(place, lambda node: isinstance(node, ast.UnaryOp))
    found = [Suspect(n.operand, "None is no number") for n in nodes if isinstance(n, ast.UnaryOp)]
    return found or _arguments("None is no number", place)


def _argument(match: re.Match[str], place: Place) -> list[Suspect]:
    named = match.groupdict().get("function")
    trouble = f"`{named}()` does not take None" if named else "None is no valid argument"
    return _arguments(trouble, place, named or "")


def _arguments(trouble: str, place: Place, function: str = "") -> list[Suspect]:
    """The arguments of the failing call, or of those that it can be; ``function`` is its name, where it is known."""
    calls = [node for node in failing(place, lambda node: isinstance(node, ast.Call)) if isinstance(node, ast.Call)]
    calls = [call for call in calls if last_name(call.func) == function] or calls
    if not calls:
        nodes = failing(place, lambda node: isinstance(node, ast.BinOp))
        return [Suspect(side, trouble) for n in nodes if isinstance(n, ast.BinOp) for side in (n.left, n.right)]
    arguments = [value for call in calls for value in [*call.args, *(keyword.value for keyword in call.keywords)]]
    return [Suspect(argument, trouble) for argument in arguments]


def describe(place: Place, suspect: Suspect) -> str:
    """A sentence: what was None where, and what that broke."""
    what = short(place.file, suspect.node)
    subject = f"an element of `{what}`" if suspect.element else f"`{what}`"
    return f"{subject} is None on {place.file.name}:{place.lineno}, and {suspect.trouble}."


# A text that every message of the kind holds, its pattern, and what finds the expressions. The text is looked for
# first: compiling all the patterns costs more than everything else here.
_FINDERS: tuple[tuple[str, str, Finder], ...] = (
    ("has no attribute", r"'NoneType' object has no attribute '(?P<name>\w+)'", _attribute),
    ("is not subscriptable", r"'NoneType' object is not subscriptable", _subscript),
    ("does not support item", r"'NoneType' object does not support item", _subscript),
    ("cannot unpack", r"cannot unpack non-iterable NoneType object", _unpacked),
    (" after *", r"(Value|[\w.]+\(\) argument) after \*\*? must be an? \w+, not NoneType", _starred),
    ("is not a mapping", r"'NoneType' object is not a mapping", _starred),
    ("object is not iterable", r"'NoneType' object is not iterable", _iterated),
    ("is not callable", r"'NoneType' object is not callable", _called),
    ("iterator", r"'NoneType' object is not an (async )?iterator", _argument),
    ("context manager", r"'NoneType' object does not support the (asynchronous )?context manager", _entered),
    (
        "unsupported operand",
        r"unsupported operand type\(s\) for (?P<op>[^:]+): '(?P<left>\w+)' and '(?P<right>\w+)'",
        _operand,
    ),
    (
        "not supported between",
        r"'(?P<op>[<>]=?)' not supported between instances of '(?P<left>\w+)' and '(?P<right>\w+)'",
        _compared,
    ),
    ("argument of type", r"argument of type 'NoneType' is not (iterable|a container)", _contained),
    ("can only concatenate", r"can only concatenate (?P<to>\w+) \(not \"NoneType\"\)", _concatenated),
    ("format string", r"unsupported format string passed to NoneType", _formatted),
    ("bad operand", r"bad operand type for (unary .|abs\(\)): 'NoneType'", _unary),
    ("doesn't define", r"type NoneType doesn't define __(?P<function>round|trunc|ceil|floor)__ method", _argument),
    ("has no len()", r"object of type 'NoneType' has no (?P<function>len)\(\)", _argument),
    ("argument must be", r"(?P<function>int|float|complex|bytes|round)\(\) argument must be .*'NoneType'", _argument),
    ("None", r".*(not|got|but) '?None(Type)?'?\b", _argument),
)
