"""What ``snapfix watch`` says while a stream passes through, to people and to programs."""

from __future__ import annotations

import io
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from snapfix.cli.passing import Descriptor, Passage
from snapfix.cli.terminals import is_terminal
from snapfix.errors import SnapfixError
from snapfix.events import ContextReady, Event, Group, TextDelta, Warned
from snapfix.render.base import one_line
from snapfix.render.document import exception_line, place_line
from snapfix.render.messages import warning_lines

if TYPE_CHECKING:
    from pydantic import BaseModel

    from snapfix.render.base import Renderer

_REPEATS_LISTED = 5
_KINDS_LISTED = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a stream by its end.

    Attributes:
        total, kinds: how many tracebacks, and of how many kinds.
        groups: the kinds that are remembered, in the order in which they appeared.
        waiting: the fingerprints of those that had not been analysed.
        forgotten: kinds that were given up unanalysed, because too many were waiting.
    """

    total: int
    kinds: int
    groups: tuple[Group, ...]
    waiting: frozenset[str] = frozenset()
    forgotten: int = 0


class Voice:
    """Lets a stream pass, and Snapfix speak in between where both are seen in the same place.

    What is said there begins on a line of its own and is not torn apart by what passes. Nothing is ever added to a
    stream that goes to a file or another program.

    Args:
        onto: where the stream passes to; None to keep it to ourselves.
    """

    def __init__(self, onto: TextIO | None) -> None:
        self._onto = onto
        self._passage = Passage(Descriptor(onto.fileno()), terminal=is_terminal(onto)) if onto is not None else None
        self._lock = threading.Lock()

    @property
    def passes_on(self) -> bool:
        """The stream goes somewhere."""
        return self._passage is not None

    def pass_on(self, chunk: bytes) -> None:
        """Pass the next bytes of the stream on."""
        if self._passage is not None:
            with self._lock:
                self._passage(chunk)

    def say(self, text: str, to: TextIO) -> None:
        """Write whole lines."""
        shared = self._is_seen_with_stream(to)
        # Elsewhere, nothing waits for a stream whose reader has stopped reading.
        with self._lock if shared else nullcontext():
            if shared and self._passage is not None:
                self._passage.end_line()
            to.write(text)
            to.flush()

    def _is_seen_with_stream(self, to: TextIO) -> bool:
        return to is self._onto or (is_terminal(to) and is_terminal(self._onto))


class _Draft(io.StringIO):
    """Text on its way to a stream, by whose encoding renderers choose what to write."""

    def __init__(self, to: TextIO) -> None:
        super().__init__()
        self._to = to

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._to.encoding

    def take(self) -> str:
        """What has been written since the last time."""
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


class Reporter(ABC):
    """Says what is found."""

    def __init__(self, voice: Voice, answers: TextIO, *, verbose: bool) -> None:
        self._voice, self._answers, self._verbose = voice, answers, verbose

    def answer(self, events: Iterator[Event]) -> None:
        """Show what happens while one crash is diagnosed; an interruption leaves the answer that stands."""
        out, err = _Draft(self._answers), _Draft(sys.stderr)
        renderer = self._renderer(out, err)
        try:
            for event in events:
                renderer.handle(event)
                if not isinstance(event, ContextReady | TextDelta):
                    self._show(out, err)
        except SnapfixError as error:
            renderer.error(error)
        finally:
            renderer.close()
            self._show(out, err)

    def warn(self, warning: Warned) -> None:
        """Say that something is not as it should be, or has changed."""
        self._voice.say("\n".join(warning_lines(warning)) + "\n", sys.stderr)

    def _show(self, out: _Draft, err: _Draft) -> None:
        if text := err.take():
            self._voice.say(text, sys.stderr)
        if text := out.take():
            self._voice.say(self._set_apart(text), self._answers)

    @abstractmethod
    def repeated(self, groups: Sequence[Group]) -> None:
        """Say that crashes of known kinds have come again."""

    @abstractmethod
    def summary(self, origin: str, seen: Seen) -> None:
        """Say what was seen in all."""

    @abstractmethod
    def _renderer(self, out: TextIO, err: TextIO) -> Renderer: ...

    @abstractmethod
    def _set_apart(self, answer: str) -> str: ...


class ForPeople(Reporter):
    """Answers on a terminal or as plain text."""

    def __init__(self, voice: Voice, answers: TextIO, *, escapes: bool, verbose: bool) -> None:
        super().__init__(voice, answers, verbose=verbose)
        self._escapes = escapes

    def repeated(self, groups: Sequence[Group]) -> None:  # noqa: D102 - see Reporter
        lines = [f"{_kind(group)}: seen {group.count} times" for group in groups[-_REPEATS_LISTED:]]
        if len(groups) > len(lines):
            lines.append(f"… and {len(groups) - len(lines)} more kinds again")
        self._voice.say("\n".join(lines) + "\n", sys.stderr)

    def summary(self, origin: str, seen: Seen) -> None:  # noqa: D102
        if not seen.total:
            self._voice.say(f"no traceback was seen in {one_line(origin)}\n", sys.stderr)
            return
        kinds = f"{seen.kinds} kind" + ("s" if seen.kinds > 1 else "")
        lines = [f"{seen.total} traceback{'s' if seen.total > 1 else ''} of {kinds} seen in {one_line(origin)}"]
        listed = seen.groups[-_KINDS_LISTED:]
        if len(listed) < seen.kinds:
            lines.append(f"  … {seen.kinds - len(listed)} earlier kinds")
        width = len(str(max(group.count for group in listed)))
        for group in listed:
            state = "; not analysed" if group.fingerprint in seen.waiting else ""
            lines.append(f"  {group.count:>{width}} × {_kind(group)}{state}")
        if seen.forgotten:
            lines.append(f"  {seen.forgotten} kinds came too fast to be analysed")
        self._voice.say("\n".join(lines) + "\n", sys.stderr)

    def _renderer(self, out: TextIO, err: TextIO) -> Renderer:
        if not self._escapes:
            from snapfix.render.plain import PlainRenderer

            return PlainRenderer(out, err, verbose=self._verbose)
        from snapfix.render.terminal import TerminalRenderer

        return TerminalRenderer(out, err, clock=time.monotonic, verbose=self._verbose, live=False)

    def _set_apart(self, answer: str) -> str:
        return "\n" + answer.strip("\n") + "\n\n"


class ForPrograms(Reporter):
    """JSON Lines."""

    def repeated(self, groups: Sequence[Group]) -> None:  # noqa: D102 - see Reporter
        from snapfix.render.json import RepeatedLine, group_part

        for group in groups:
            self._print(RepeatedLine(group=group_part(group)))

    def summary(self, origin: str, seen: Seen) -> None:  # noqa: ARG002, D102
        from snapfix.render.json import SummaryLine, group_part

        waiting = tuple(group.number for group in seen.groups if group.fingerprint in seen.waiting)
        parts = tuple(group_part(group) for group in seen.groups)
        line = SummaryLine(
            total=seen.total, kinds=seen.kinds, groups=parts, not_analysed=waiting, left_out=seen.forgotten
        )
        self._print(line)

    def _print(self, line: BaseModel) -> None:
        from snapfix.render.json import write

        draft = _Draft(self._answers)
        write(line.model_dump(mode="json"), draft, indent=None)
        self._voice.say(draft.getvalue(), self._answers)

    def _renderer(self, out: TextIO, err: TextIO) -> Renderer:
        from snapfix.render.json import JsonRenderer

        return JsonRenderer(out, err, line=True, verbose=self._verbose)

    def _set_apart(self, answer: str) -> str:
        return answer


def _kind(group: Group) -> str:
    place = place_line(group.place)
    return exception_line(group) + (f", at {place}" if place else "")
