"""Exceptions that a logger or an error tracker took apart into JSON.

structlog's ``dict_tracebacks`` (``structlog.tracebacks.ExceptionDictTransformer``, 22.1 to 25.5), the reported
exception first; ``is_cause`` says what an exception was to the one before it::

    {"event": "failed", "exception": [{"exc_type": "ValueError", "exc_value": "bad", "exc_notes": ["a note"],
     "syntax_error": null, "is_cause": false, "is_group": false, "exceptions": [[{...}], [{...}]],
     "frames": [{"filename": "/app/shop.py", "lineno": 9, "name": "total", "locals": {"cart": "[]"}},
                {"filename": "", "lineno": -1, "name": "Skipped frames: 12"}]}, {"exc_type": ...}]}

A Sentry event, as its SDKs send it (``lineno``, ``abs_path``, ``context_line``) and as its web interface hands it out
(``lineNo``, ``absPath``, ``context``), the exception that started it first::

    {"exception": {"values": [{"type": "KeyError", "value": "'price'", "module": null, "mechanism": {"exception_id": 1,
     "parent_id": 0, "source": "__cause__"}, "stacktrace": {"frames": [{"filename": "shop.py", "abs_path":
     "/app/shop.py", "function": "total", "lineno": 9, "context_line": "    return price(cart)"}]}}]}}

A record of the Elastic Common Schema, as ecs-logging 2 writes it: what ``traceback.format_tb`` returns, so that there
is neither a header nor an exception's line, nor what the exception came from::

    {"message": "failed", "error": {"type": "KeyError", "message": "'price'",
     "stack_trace": "  File \\"/app/shop.py\\", line 9, in total\\n    return price(cart)\\n"}}

What AWS Lambda's runtime for Python (awslambdaric 2 to 3) answers and logs, which is all that it keeps of a chain::

    {"errorMessage": "'price'", "errorType": "KeyError", "requestId": "5f2c", "stackTrace":
     ["  File \\"/var/task/shop.py\\", line 9, in handler\\n    return total(event)\\n", ...]}

The record stands in one line. Frames are outermost first in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.python import cpython
from snapfix.parsing.python.cpython_lines import FRAME_MARKER, HEADER
from snapfix.parsing.text.bounds import LONGEST_LINE, Bounds, Frames
from snapfix.parsing.text.chains import both_ends
from snapfix.parsing.text.embedded import Json, document
from snapfix.parsing.text.lines import Lines, Text

_SKIPPED = re.compile(r"Skipped frames: (\d{1,9})$")
_MAX_DEPTH = 12
_MAX_EXCEPTIONS = 1_000
_LANGUAGES = {"python": "python", "javascript": "javascript", "node": "javascript"}

_Object = dict[str, Json]


def begins(line: str) -> int | None:
    """The line is a record; see ``Layout.begins``."""
    opening = line.find("{")
    return opening if opening >= 0 and line.rstrip().endswith(("}", "]")) else None


def read(lines: Text) -> Traceback | None:
    """Read the record in the current line; see ``Layout.read``."""
    number = lines.number
    found = document(lines.peek() or "")
    lines.skip()
    if found is None:
        return None
    bounds = Bounds()
    for record in _objects(found):
        for name, form in _FORMS.items():
            reported = form(record, bounds)
            if reported is not None:
                language = _LANGUAGES.get(_text(found, "platform"), "python")
                return Traceback(language, name, number, number, reported, missing=bounds.missing)
    return None


def _objects(found: Json) -> Iterator[_Object]:
    """Every object in a document, the outermost first."""
    pending = [found]
    for value in pending:
        if isinstance(value, dict):
            yield value
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


# structlog


def _structlog(record: _Object, bounds: Bounds) -> ParsedException | None:
    for value in record.values():
        if isinstance(value, list) and value and _is_stack(value[0]):
            return _stacks(value, bounds, 0)
    return None


def _is_stack(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("exc_type"), str) and isinstance(value.get("frames"), list)


def _stacks(stacks: list[Json], bounds: Bounds, depth: int) -> ParsedException | None:
    """A chain; the one that started it is the last."""
    kept = [stack for stack in stacks if isinstance(stack, dict) and _is_stack(stack)]
    result: ParsedException | None = None
    for stack in reversed(both_ends(kept, bounds)):
        exception = _stack(stack, bounds, depth)
        if result is not None:
            exception = replace(exception, linked=(result, *exception.linked))
        relation = Relation.CAUSE if stack.get("is_cause") else Relation.CONTEXT
        result = replace(exception, relation=relation)
    return result and replace(result, relation=None)


def _stack(stack: _Object, bounds: Bounds, depth: int) -> ParsedException:
    frames = Frames(bounds)
    for frame in _list(stack, "frames"):
        name = _text(frame, "name")
        if match := _SKIPPED.match(name):
            bounds.leave_out("frame{s} in the middle of a stack", int(match[1]))
        else:
            frames.add(Frame(_text(frame, "filename"), _number(frame, "lineno"), name, _code(_text(frame, "line"))))
    message = _text(stack, "exc_value")
    place = stack.get("syntax_error")
    if isinstance(place, dict):
        frames.add(_place(place))
        message = _text(place, "msg") or message
    return ParsedException(
        _text(stack, "exc_type"),
        bounds.cut(message),
        notes=tuple(bounds.cut(note) for note in _list(stack, "exc_notes") if isinstance(note, str)),
        frames=frames.kept(),
        linked=_members(stack, bounds, depth),
    )


def _place(place: _Object) -> Frame:
    """The place that a SyntaxError names; its offset is 1-based and counts the indentation."""
    line = _text(place, "line").rstrip("\n")
    code = _code(line)
    start = (_number(place, "offset") or 0) - 1 - (len(line) - len(line.lstrip()))
    columns = (start, start + 1) if 0 <= start <= len(code) else None
    return Frame(_text(place, "filename"), _number(place, "lineno"), "", code, columns)


def _members(stack: _Object, bounds: Bounds, depth: int) -> tuple[ParsedException, ...]:
    groups = [group for group in _list(stack, "exceptions") if isinstance(group, list)]
    if depth == _MAX_DEPTH:
        bounds.leave_out("exception{s} nested too deeply in groups", len(groups))
        return ()
    bounds.leave_out("exception{s} of a group", max(len(groups) - _MAX_EXCEPTIONS, 0))
    members = [_stacks(group, bounds, depth + 1) for group in groups[:_MAX_EXCEPTIONS]]
    return tuple(replace(member, relation=Relation.MEMBER) for member in members if member is not None)


# Sentry


class _Value(NamedTuple):
    """One exception of an event, and its place in the tree."""

    exception: ParsedException
    parent: int | None
    relation: Relation


def _sentry(record: _Object, bounds: Bounds) -> ParsedException | None:
    values = [value for value in _list(record, "values") if isinstance(value, dict)]
    if not any(isinstance(value.get("stacktrace"), dict) and isinstance(value.get("type"), str) for value in values):
        return None
    tree: dict[int, _Value] = {}
    for position, value in enumerate(reversed(both_ends(values, bounds))):
        mechanism = value.get("mechanism")
        identity = _number(mechanism, "exception_id")
        identity = position if identity is None else identity
        relation = _relation(_text(mechanism, "source"))
        # Of a cause the SDKs number the parent wrongly; it is always numbered directly after what it led to.
        parent = _number(mechanism, "parent_id") if relation is Relation.MEMBER else identity - 1
        tree[identity] = _Value(_value(value, bounds), parent, relation)
    return _grown(tree)


def _relation(source: str) -> Relation:
    if source.startswith("exceptions["):
        return Relation.MEMBER
    return Relation.CAUSE if source in ("__cause__", "cause") else Relation.CONTEXT


def _grown(tree: dict[int, _Value]) -> ParsedException | None:
    """Hang every exception under its parent; parents have the smaller numbers."""
    root: ParsedException | None = None
    linked: dict[int, list[ParsedException]] = {}
    for identity in sorted(tree, reverse=True):
        exception, parent, relation = tree[identity]
        below = sorted(linked.pop(identity, []), key=lambda other: other.relation is Relation.MEMBER)
        exception = replace(exception, linked=tuple(below))
        if parent is not None and parent in tree and parent < identity:
            linked.setdefault(parent, []).insert(0, replace(exception, relation=relation))
        else:
            root = exception
    return root


def _value(value: _Object, bounds: Bounds) -> ParsedException:
    frames = Frames(bounds)
    for frame in _list(value.get("stacktrace"), "frames"):
        filename = _text(frame, "abs_path") or _text(frame, "absPath") or _text(frame, "filename")
        lineno = _number(frame, "lineno") or _number(frame, "lineNo")
        code = _text(frame, "context_line") or _line_among(_list(frame, "context"), lineno)
        frames.add(Frame(filename, lineno, _text(frame, "function"), _code(code)))
    module = _text(value, "module")
    type_name = _text(value, "type")
    qualified = f"{module}.{type_name}" if module and module not in ("builtins", "__main__") else type_name
    return ParsedException(qualified, bounds.cut(_text(value, "value")), frames=frames.kept())


def _line_among(context: list[Json], lineno: int | None) -> str:
    """The failing line of those that the web interface shows: pairs of a number and a text."""
    for pair in context:
        if isinstance(pair, list) and len(pair) == 2 and pair[0] == lineno and isinstance(pair[1], str):
            return pair[1]
    return ""


# Elastic Common Schema


def _ecs(record: _Object, bounds: Bounds) -> ParsedException | None:
    type_name, stack = _text(record, "type"), _text(record, "stack_trace")
    if not type_name:
        return None
    return _raised(type_name, _text(record, "message"), stack, bounds)


def _lambda(record: _Object, bounds: Bounds) -> ParsedException | None:
    type_name, message = record.get("errorType"), record.get("errorMessage")
    stack = record.get("stackTrace")
    if not isinstance(type_name, str) or not isinstance(message, str) or not isinstance(stack, list):
        return None
    if not stack:  # the program could not be imported
        return ParsedException(type_name, bounds.cut(message))
    return _raised(type_name, message, "".join(entry for entry in stack if isinstance(entry, str)), bounds)


def _raised(type_name: str, message: str, stack: str, bounds: Bounds) -> ParsedException | None:
    """The exception whose frames are what ``traceback.format_tb`` returned."""
    if not stack.startswith(FRAME_MARKER):
        return None
    found = cpython.read(Lines([f"{HEADER}\n{stack.rstrip()}\n{type_name}\n"]))
    if found is None:
        return None
    for gap in found.missing:
        bounds.gap(gap)
    return ParsedException(type_name, bounds.cut(message), frames=found.exception.frames)


# fields of any form: what has another type than expected counts as absent


def _text(value: Json, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _number(value: Json, name: str) -> int | None:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _list(value: Json, name: str) -> list[Json]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _code(line: str) -> str:
    return line[:LONGEST_LINE].strip()


_FORMS: dict[str, Callable[[_Object, Bounds], ParsedException | None]] = {
    "structlog": _structlog,
    "sentry": _sentry,
    "ecs": _ecs,
    "lambda": _lambda,
}
