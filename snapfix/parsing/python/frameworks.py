"""What TensorFlow and Django print in place of an exception's own line, or below it.

TensorFlow's AutoGraph, which Keras uses (``autograph/pyct/error_utils.py``, 2.x), quotes the stack in the message::

    ValueError: in user code:

        File "/app/model.py", line 12, in call  *      `*`: it was converted, `**`: it was called from converted code
            return self.dense(x)

        ValueError: bad shape

Django's page for an error 500, as text (``views/templates/technical_500.txt``, 3.2 to 5.2)::

    Traceback (most recent call last):
      File "/app/views.py", line 5, in load
        return cart["price"]

    The above exception ('price') was the direct cause of the following exception:
      File "/app/views.py", line 8, in buy             without a header; the type above is printed nowhere
        raise ValueError("bad cart") from error

    Exception Type: ValueError at /buy/
    Exception Value: bad cart
    Raised during: shop.views.buy
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from snapfix.crash import Frame, ParsedException, Relation
from snapfix.parsing.python.cpython_lines import TYPE, Likeness, likeness
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_MESSAGE_LINES
from snapfix.parsing.text.lines import Cursor

IN_USER_CODE = "in user code:"
_MARKS = ("  **", "  *")
_EXPLAINED = re.compile(
    r"(?:The|During handling of the) above exception \((?P<message>.*)\)"
    r"(?:(?P<cause> was the direct cause of the following exception:)|, another exception occurred:)$"
)
_TYPE = re.compile(r"Exception Type: (?P<type>[\w.]{1,200})(?: at .*)?$")
_VALUE = "Exception Value: "
_BELOW = ("Raised during: ", "Request information:")


@dataclass(frozen=True, slots=True)
class Explained:
    """Django's line between two exceptions; ``message`` is the earlier one's."""

    message: str
    relation: Relation


def explained(line: str) -> Explained | None:
    """What Django says about the exception above; None where the line is another."""
    if "above exception (" not in line[:100]:
        return None
    match = _EXPLAINED.match(line[:LONGEST_LINE].rstrip())
    return Explained(match["message"], Relation.CAUSE if match["cause"] else Relation.CONTEXT) if match else None


def read_reported(lines: Cursor) -> tuple[ParsedException, int] | None:
    """The exception that Django names below an empty line, without frames, and how many lines that takes."""
    near = lines.next_lines(3)
    match = _TYPE.match(near[1][:LONGEST_LINE].rstrip()) if len(near) > 1 and not near[0].strip() else None
    if match is None:
        return None
    if len(near) < 3 or not near[2].startswith(_VALUE):
        return ParsedException(match["type"], ""), 2
    rest = takewhile(_is_of_value, islice(lines.ahead(), 3, 3 + MAX_MESSAGE_LINES))
    message = [near[2].removeprefix(_VALUE), *rest]
    return ParsedException(match["type"], "\n".join(message)), 2 + len(message)


def _is_of_value(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(_BELOW)


def quoted(line: str) -> str | None:
    """A line of AutoGraph's message with the indentation of a stack; None where the message has ended."""
    return line[2:] if line.startswith("    ") or not line.strip() else None


def unmarked(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """The frames without AutoGraph's marks, and their code without its deeper indentation."""
    return tuple(replace(frame, name=_unmarked(frame.name), code=frame.code.strip()) for frame in frames)


def _unmarked(name: str) -> str:
    return next((name.removesuffix(mark) for mark in _MARKS if name.endswith(mark)), name)


def quoted_message(lines: Cursor) -> list[str]:
    """The message of the exception at the end of AutoGraph's, with the lines above it that are empty."""
    text = [line[2:] for line in islice(lines.ahead(), MAX_MESSAGE_LINES)]
    while text and not text[-1].strip():
        text.pop()
    first = next((n for n, line in enumerate(text) if line.strip()), 0)
    if text and (match := TYPE.match(text[first])) and likeness(text[first]) >= Likeness.LIKELY:
        text[first] = text[first][match.end() :]
    return text
