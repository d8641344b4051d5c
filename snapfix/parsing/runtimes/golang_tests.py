r"""Tests that ``go test`` saw failing.

The layout, from the standard library's ``testing`` (1.14 to 1.26)::

    --- FAIL: TestTotal (0.00s)
        cart_test.go:12: got 3, want 4                   what the test logged; the last line is the one that ended it
            in the second basket
        --- FAIL: TestTotal/empty_cart (0.00s)           a part of the test, with its own lines
            cart_test.go:20: no items
    --- FAIL: ExampleTotal (0.00s)
    got:
    3
    want:
    4
    FAIL

With ``-v``, what is logged comes first, below the test's name, and the verdict may stand far below it::

    === RUN   TestTotal/empty_cart
        cart_test.go:20: no items
    --- FAIL: TestTotal (0.00s)
        --- FAIL: TestTotal/empty_cart (0.00s)

Each failed test is a traceback: its ``type_name`` is ``FAIL``, its message what it logged, its frame the last place
named there, in a function called as the test. A test that panicked is not: the panic is (see ``golang``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_MESSAGE_LINES, Bounds
from snapfix.parsing.text.lines import Text

_VERDICT = re.compile(
    r"(?P<margin>(?: {4}){0,20})--- (?P<verdict>FAIL|PASS|SKIP): (?P<test>\S{1,500}) \([\d.]{1,20}s\)$"
)
_LOGGED = re.compile(r"(?P<margin>(?: {4}){1,20})(?P<file>[^\s:]{1,300}\.go):(?P<line>\d{1,9}): ?(?P<text>.*)$")
_LOGGED_ABOVE = re.compile(r" {4}[^\s:]{1,300}_test\.go:\d{1,9}: ?")
_RUNNING = re.compile(r"=== (?:RUN|CONT|NAME) {2,3}(\S{1,500})$")
_MAX_EXAMPLE = 100
_MAX_LINES_TO_VERDICT = 300


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    if len(line) > LONGEST_LINE:
        return None
    position = line.find("--- FAIL: ")
    if position >= 0:
        return position if _VERDICT.match(line.rstrip(), position) else None
    logged = _LOGGED_ABOVE.search(line)
    return logged.start() if logged else None


def read(lines: Text) -> Traceback | None:
    """Read the failed test at the cursor; see ``Layout.read``."""
    line = (lines.peek() or "")[:LONGEST_LINE].rstrip()
    verdict = _VERDICT.match(line)
    first_line = lines.number
    if verdict:
        lines.skip()
        return _below(lines, verdict["test"], verdict["margin"], first_line)
    return _above(lines, first_line)


@dataclass(slots=True)
class _Log:
    """What a test logged: the last place that is named there, and the text."""

    place: tuple[str, int] | None = None
    lines: list[str] = field(default_factory=list)
    bounds: Bounds = field(default_factory=Bounds)

    def add(self, text: str) -> None:
        """Keep a line, as far as a message goes."""
        if len(self.lines) < MAX_MESSAGE_LINES:
            self.lines.append(text[:LONGEST_LINE].rstrip())
        else:
            self.bounds.leave_out("line{s} of a message")

    def traceback(self, test: str, first_line: int, last_line: int) -> Traceback:
        """The failure that it tells of."""
        frames = (Frame(*self.place, test),) if self.place else ()
        message = self.bounds.cut("\n".join(self.lines).strip("\n"))
        exception = ParsedException("FAIL", message, frames=frames)
        return Traceback("go", "go-test", first_line, last_line, exception, missing=self.bounds.missing)


def _below(lines: Text, test: str, margin: str, first_line: int) -> Traceback | None:
    """What a test logged, below the verdict."""
    log = _example(lines) if lines.peek() == "got:" else _logged(lines, margin)
    if not log.lines or _is_panic(lines.peek()):
        return None
    return log.traceback(test, first_line, lines.number - 1)


def _above(lines: Text, first_line: int) -> Traceback | None:
    """What a test logged, above the verdict."""
    running = _RUNNING.match((lines.before(1) or [""])[0][:LONGEST_LINE].rstrip())
    log = _logged(lines, "")
    if running is None or not log.lines or not _fails(lines, running[1]):
        return None
    return log.traceback(running[1], first_line, lines.number - 1)


def _fails(lines: Text, test: str) -> bool:
    """The verdict on the test is that it failed, and it is not a panic's."""
    following = islice(lines.ahead(), _MAX_LINES_TO_VERDICT)
    for line in following:
        verdict = _VERDICT.match(line[:LONGEST_LINE].rstrip())
        if verdict and verdict["test"] == test:
            return verdict["verdict"] == "FAIL" and not _is_panic(next(following, None))
    return False


def _is_panic(line: str | None) -> bool:
    return line is not None and line.startswith(("panic: ", "fatal error: "))


def _logged(lines: Text, margin: str) -> _Log:
    """What a test logged; the cursor moves behind it."""
    log = _Log()
    inner = margin + " " * 4
    while (line := lines.peek()) is not None and line.startswith(inner):
        logged = _LOGGED.match(line[:LONGEST_LINE])
        if logged and logged["margin"] == inner:
            log.place = (logged["file"], int(logged["line"]))
            log.add(logged["text"])
        elif log.place and line.startswith(inner + " " * 4):
            log.add(line[len(inner) + 4 :])
        else:
            break
        lines.skip()
    return log


def _example(lines: Text) -> _Log:
    """The difference between what an example printed and what it should have; the cursor moves behind it."""
    log = _Log()
    for _ in range(_MAX_EXAMPLE):
        line = lines.peek()
        if line is None or line == "FAIL" or line.startswith(("--- ", "=== ", "FAIL\t", "exit status ")):
            break
        lines.skip()
        log.add(line)
    return log
