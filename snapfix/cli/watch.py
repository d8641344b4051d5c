"""``snapfix watch``: a stream passes through, and each new crash in it is explained.

Three threads, so that nothing but the stream itself holds the stream up: the *reader* takes bytes in and passes them
on at once, the *scanner* finds tracebacks and counts them, and the main thread analyses and speaks. What waits between
them is bounded: a few blocks of text, and up to 200 crashes.
"""

from __future__ import annotations

import signal
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import BinaryIO, cast

from snapfix import intake, parsing, pipeline, preparation, world
from snapfix.cli.analyze import left_out
from snapfix.cli.error_handler import report_fault
from snapfix.cli.following import Followed, standard_input, with_pauses
from snapfix.cli.reporting import ForPeople, ForPrograms, Reporter, Seen, Voice
from snapfix.cli.survey import STANDARD_INPUT, Kept, Kinds
from snapfix.cli.terminals import is_terminal
from snapfix.crash import Traceback
from snapfix.errors import EXIT_FAULT, EXIT_INTERRUPTED, EXIT_OK, EXIT_TERMINATED, SnapfixError, UsageError
from snapfix.events import Event, Group, Warned
from snapfix.surroundings import Surroundings

_GRACE = 1.0
"""Seconds that a program has after Ctrl-C, which it got as well, to say its last words."""
_SECONDS_BETWEEN_REPEATS = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for, as given on the command line."""

    file: str = "-"
    from_start: bool = False
    model: str | None = None
    offline: bool = False
    as_json: bool = False
    project: str | None = None
    quiet: bool = False
    verbose: bool = False


@dataclass(frozen=True, slots=True)
class Repeats:
    """Kinds that have come again since the last time."""

    groups: tuple[Group, ...]


class Terminated(KeyboardInterrupt):
    """SIGTERM: everything ends as it does on Ctrl-C."""


class Sightings:
    """What the scanner has found and nobody has said yet. Bounded: see ``Kinds`` and ``Kept``."""

    def __init__(self) -> None:
        self._kinds = Kinds()
        self._changed = threading.Condition()
        self._new = Kept()
        self._again: dict[str, Group] = {}
        self._problem: Exception | None = None
        self._ended = False
        self._repeats_said = float("-inf")

    def add(self, traceback: Traceback) -> None:
        """A traceback was found."""
        with self._changed:
            group = self._kinds.add(traceback)
            if group.count == 1:
                self._new.add(group.fingerprint, traceback)
            else:
                self._again[group.fingerprint] = group
            self._changed.notify()

    def fail(self, problem: Exception) -> None:
        """The scanning is over, for this reason."""
        with self._changed:
            self._problem = problem
            self._changed.notify()

    def end(self) -> None:
        """The stream is over."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def next(self) -> Traceback | Repeats | Exception | None:
        """Wait for what is to be said next, new crashes first; None when all is said and the stream is over."""
        with self._changed:
            while True:
                if (traceback := self._new.take_first()) is not None:
                    return traceback
                wait = self._repeats_said + _SECONDS_BETWEEN_REPEATS - time.monotonic()
                if self._again and (wait <= 0 or self._ended):
                    return self._repeats()
                if (problem := self._problem) is not None:
                    self._problem = None
                    return problem
                if self._ended:
                    return None
                # Without an end, a wait cannot be interrupted on Windows.
                self._changed.wait(min(wait, 1.0) if self._again else 1.0)

    def seen(self) -> Seen:
        """What there was so far."""
        with self._changed:
            kinds, new = self._kinds, self._new
            return Seen(kinds.total, kinds.appeared, kinds.groups(), new.fingerprints(), new.forgotten)

    def _repeats(self) -> Repeats:
        groups = tuple(self._again.values())
        self._again.clear()
        self._repeats_said = time.monotonic()
        return Repeats(groups)


def run(request: Request) -> int:
    """Watch to the end of the stream, or to Ctrl-C."""
    here = world.look()
    reporter, voice = _outputs(request, here)
    with ExitStack() as stack:
        flags = {"model": request.model, "offline": True if request.offline else None}
        loaded = world.load_settings(here, flags)
        surroundings = world.surroundings(here, request.project)
        asking, warnings = preparation.prepare(
            loaded, environ=here.environ, state_folder=here.state_folder, folders=here.template_folders
        )
        if asking is not None:
            stack.callback(asking.memory.close)
        for warning in (*loaded.warnings, *warnings):
            reporter.warn(warning)
        stream = stack.enter_context(_open(request, reporter))
        stack.enter_context(_terminable())
        watch = _Watch(request, stream, voice, reporter, surroundings, asking)
        return watch.run()


class _Watch:
    def __init__(
        self,
        request: Request,
        stream: BinaryIO,
        voice: Voice,
        reporter: Reporter,
        surroundings: Surroundings,
        asking: pipeline.Asking | None,
    ) -> None:
        self._origin = STANDARD_INPUT if request.file == "-" else request.file
        self._stream, self._reporter, self._verbose = stream, reporter, request.verbose
        self._surroundings, self._asking = surroundings, asking
        self._sightings = Sightings()
        blocks = intake.read(stream, self._origin, tee=voice.pass_on if voice.passes_on else None).blocks
        self._scanner = threading.Thread(
            target=_scan, args=(with_pauses(blocks), self._origin, self._sightings), daemon=True, name="scanner"
        )

    def run(self) -> int:
        self._scanner.start()
        try:
            status = self._speak()
        except KeyboardInterrupt as interruption:
            status = EXIT_TERMINATED if isinstance(interruption, Terminated) else EXIT_INTERRUPTED
            with suppress(KeyboardInterrupt):  # in a hurry
                self._finish()
        self._reporter.summary(self._origin, self._sightings.seen())
        return status

    def _finish(self) -> None:
        """Let the rest of the stream pass."""
        if isinstance(self._stream, Followed):
            self._stream.finish()
        self._scanner.join(_GRACE)

    def _speak(self) -> int:
        status = EXIT_OK
        while (news := self._sightings.next()) is not None:
            match news:
                case Traceback():
                    status = max(status, self._analyse(news))
                case Repeats(groups=groups):
                    self._reporter.repeated(groups)
                case BrokenPipeError() | SnapfixError():
                    raise news
                case Exception():  # the stream goes on passing
                    status = report_fault(news)
        return status

    def _analyse(self, traceback: Traceback) -> int:
        try:
            self._reporter.answer(self._events(traceback))
        except BrokenPipeError:
            raise
        except Exception as fault:  # a fault of ours must not end the user's stream
            report_fault(fault)
            return EXIT_FAULT
        return EXIT_OK

    def _events(self, traceback: Traceback) -> Iterator[Event]:
        asking = self._asking
        if asking is not None:
            from uuid import uuid4

            asking = replace(asking, request_id=uuid4().hex)
        for event in pipeline.run(traceback, self._surroundings, asking):
            yield event
            if self._verbose:
                yield from left_out(event)


def _scan(blocks: Iterator[bytes], origin: str, sightings: Sightings) -> None:
    try:
        for traceback in parsing.scan(blocks, origin):
            sightings.add(traceback)
    except Exception as problem:  # handed to the main thread
        sightings.fail(problem)
        # What the reader passes on must not wait for anybody to look at it.
        with suppress(Exception):
            for _ in blocks:
                pass
    finally:
        sightings.end()


def _outputs(request: Request, here: world.World) -> tuple[Reporter, Voice]:
    """Who says what where.

    Standard output is the stream's, byte for byte, as with ``tee``: what is said goes to standard error. Programs want
    it the other way round. Where no stream is passed on, the answers have standard output to themselves.
    """
    if request.as_json:
        voice = Voice(None if request.quiet else sys.stderr)
        return ForPrograms(voice, sys.stdout, verbose=request.verbose), voice
    voice = Voice(None if request.quiet else sys.stdout)
    answers = sys.stdout if request.quiet else sys.stderr
    escapes = is_terminal(answers) and here.environ.get("TERM") != "dumb"
    return ForPeople(voice, answers, escapes=escapes, verbose=request.verbose), voice


def _open(request: Request, reporter: Reporter) -> BinaryIO:
    """The stream to watch.

    Raises:
        UsageError: nothing is piped and no file is named, or an option needs one.
        InputError: the file cannot be read.
    """
    name = request.file
    if name == "-":
        if request.from_start:
            raise UsageError("no-file", "`--from-start` expects a file, and none is named", "name it, or leave it away")
        if is_terminal(sys.stdin):
            raise UsageError(
                "no-input",
                "nothing is piped, and no file is named",
                "pipe a program: `flask run 2>&1 | snapfix watch`, or name a file: `snapfix watch app.log`",
            )
        return standard_input()
    with suppress(OSError, ValueError):
        if not stat.S_ISREG(Path(name).stat().st_mode):
            return intake.open_file(name)
    followed = Followed(name, from_start=request.from_start, say=reporter.warn)
    if is_terminal(sys.stderr):
        reporter.warn(Warned("watching", f"following `{name}`", "Ctrl-C ends it"))
    return cast(BinaryIO, followed)


@contextmanager
def _terminable() -> Iterator[None]:
    """Have SIGTERM end the watch as Ctrl-C does."""

    def terminate(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
