"""Which exception of a traceback started it.

An exception that was raised on purpose while another was being handled only wraps that other one. Where the
handler itself failed (a misspelt name in an ``except`` block), the handler's exception is what the user must
look at, and the one that it handled comes second.

The frames of an inner exception begin where it was caught: at the ``try``. Where a library caught it, the user's
own frames are on the outer exception's stack only; the order stays, and the analyser finds them there.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Sequence

from snapfix.crash import Origin, ParsedException, PlacedFrame, Relation

Frames = Callable[[ParsedException], Sequence[PlacedFrame]]

_RAISED = re.compile(r"raise\b\s*([\w.]*)(\()?")
_MISTAKES = frozenset(
    {"NameError", "UnboundLocalError", "AttributeError", "TypeError", "KeyError", "IndexError", "ImportError"}
)
"""What an expression raises by itself when it is wrong."""


def origin_first(exception: ParsedException, frames: Frames) -> tuple[ParsedException, ...]:
    """Every exception of the tree exactly once, the one that started it first.

    Then the earlier ones that were being handled, then those that wrap it, from the inside out. A group comes
    after its members. Not recursive: a hostile text can nest deeper than Python's stack.
    """
    found: list[ParsedException] = []
    pending: list[tuple[ParsedException, bool]] = [(exception, False)]
    while pending:
        current, whole = pending.pop()
        if whole:
            found.append(current)
            continue
        steps: list[tuple[ParsedException, bool]] = []
        for link in _ordered_chain(current, frames):
            steps += [(member, False) for member in link.members]
            steps.append((link, True))
        pending.extend(reversed(steps))
    return tuple(found)


def _ordered_chain(exception: ParsedException, frames: Frames) -> list[ParsedException]:
    """The exception and those it came from: the origin, the earlier ones, then the later ones."""
    chain = [exception]
    while chain[-1].previous is not None:
        chain.append(chain[-1].previous)
    origin = 0
    while origin + 1 < len(chain) and _came_from(chain[origin], chain[origin + 1], frames):
        origin += 1
    return [*chain[origin:], *reversed(chain[:origin])]


def _came_from(later: ParsedException, earlier: ParsedException, frames: Frames) -> bool:
    """The later exception only reports the earlier one."""
    if later.members:
        return False
    return earlier.relation is Relation.CAUSE or _is_on_purpose(later, frames(later), frames(earlier))


def _is_on_purpose(
    later: ParsedException, frames: Sequence[PlacedFrame], earlier_frames: Sequence[PlacedFrame]
) -> bool:
    """It was raised by a ``raise`` statement of those who handled the earlier one, not by a fault in the handler."""
    if not frames:
        return not hasattr(builtins, later.short_name)
    last = frames[-1]
    line = _line(last)
    if not line:
        return not hasattr(builtins, later.short_name)
    raised = _RAISED.match(line)
    if raised is None or _argument_failed(later, last, raised):
        return False
    # The handler is the user's, but the `raise` stands in a library that it called: the call failed.
    handled_in_app = bool(earlier_frames) and earlier_frames[0].in_app
    return not (handled_in_app and last.origin in (Origin.LIBRARY, Origin.STDLIB))


def _argument_failed(exception: ParsedException, frame: PlacedFrame, raised: re.Match[str]) -> bool:
    """``raise Missing(f"{nmae}")`` that ends in a NameError: the statement's own expression failed."""
    columns = frame.frame.columns
    if columns is not None and columns[0] >= raised.start(1):
        return True
    named = raised[1].rpartition(".")[2]
    called = raised[2] is not None and named[:1].isupper()
    return called and exception.short_name in _MISTAKES and named != exception.short_name


def _line(frame: PlacedFrame) -> str:
    """The line that was shown, else the line in the file."""
    shown = frame.frame.code.strip().partition("\n")[0]
    if shown or frame.file is None or frame.lineno is None:
        return shown
    return frame.file.lines[frame.lineno - 1].strip()
