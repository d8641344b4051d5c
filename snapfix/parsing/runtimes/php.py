r"""What PHP prints of exceptions and fatal errors.

The layout, from ``Zend/zend_exceptions.c`` and ``main/main.c`` (5 to 8.5); an earlier exception comes first::

    PHP Fatal error:  Uncaught TypeError: the message      to the log; displayed without ``PHP``, or with HTML's <b>
    and its other lines in /srv/shop/cart.php:12
    Stack trace:
    #0 [internal function]: Shop\Cart->Shop\{closure}(NULL)
    #1 /srv/shop/cart.php(6): array_map(Object(Closure), Array)
    #2 /srv/shop/index.php(5): Shop\Cart->total()
    #3 {main}

    Next RuntimeException: no total in /srv/shop/cart.php:20
    Stack trace:
    #0 {main}
      thrown in /srv/shop/cart.php on line 20

    PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted ... in /srv/shop/cart.php on line 3
    PHP Parse error:  syntax error, unexpected token ";" in /srv/shop/cart.php on line 3

A program that prints an exception itself leaves ``Fatal error`` and ``thrown in`` out. Where both the log and the
display go to the terminal, all of it is printed twice, and read once. Monolog's ``LineFormatter`` (Laravel) prints the
reported exception first, its text escaped as in a JSON string, but for the ends of lines::

    [2026-11-20 10:00:00] production.ERROR: no total {"exception":"[object] (RuntimeException(code: 3): no total
    at all at /srv/shop/cart.php:20)
    [stacktrace]
    #0 {main}

    [previous exception] [object] (TypeError(code: 0): the message at /srv/shop/cart.php:12)
    [stacktrace]
    #0 {main}
    "}

PHPUnit (9 to 12) prints the places only::

    1) CartTest::testTotal
    RuntimeException: no total

    /srv/shop/cart.php:20
    /srv/shop/tests/CartTest.php:5

    Caused by
    TypeError: the message

    /srv/shop/cart.php:12

A line of a stack names a call and where it was made; a frame, as elsewhere, is a function and the line it had reached.
Warnings, notices and deprecations are not read: the program goes on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_MESSAGE, MAX_MESSAGE_LINES, Bounds, Frames, stood_above
from snapfix.parsing.text.chains import Causes
from snapfix.parsing.text.comments import is_comment
from snapfix.parsing.text.lines import Text
from snapfix.parsing.text.messages import is_log_line
from snapfix.parsing.text.prefixes import wrapper_end

_FATAL = re.compile(
    r"(?:PHP )?(?:<b>)?(?P<kind>(?:Recoverable fatal|Catchable fatal|Fatal|Parse|Compile|Core) error)(?:</b>)?:"
    r" {1,2}(?P<text>.*)"
)
_UNCAUGHT = "Uncaught "
_NEXT = "Next "
_STACK = "Stack trace:"
_ON_LINE = re.compile(r" on line (?:<b>)?(?P<line>\d{1,9})(?:</b>)?(?:<br />)?$")
_LINE = re.compile(r":(?P<line>\d{1,9})$")
_TYPE = re.compile(r"(?P<type>[^\W\d][\w\\]*(?:@anonymous)?)(?:\0.{0,500}?)?(?:: (?P<message>.*))?$", re.DOTALL)
_PHP5 = re.compile(r"exception '(?P<type>[\w\\]+)'(?: with message '(?P<message>.*)')?$", re.DOTALL)
_CALL = re.compile(r"#\d{1,9} (?:(?P<file>.*?)\((?P<line>\d{1,9})\)|\[internal function\]): (?P<call>.*)$")
_MAIN = re.compile(r"#\d{1,9} \{main\}")
_CUT_STACK = re.compile(r"#\d{1,9} ")
_XDEBUG_STACK = re.compile(r"(?:PHP )?Stack trace:$")
_XDEBUG_CALL = re.compile(r"PHP {1,5}\d{1,9}\. ")
_NAME = re.compile(r"(?:^|(?<=[\s:>\]\"']))(?P<type>[^\W\d][\w\\]*)(?:: |(?= in ))")
_THROWN = re.compile(r"  thrown in .* on line (?:<b>)?\d{1,9}")
_CALLED, _DEFINED = ", called in ", " and defined"
"""The second is no part of such a message: it introduces the place."""
_INTERNAL = "[internal function]"
_MONOLOG = "[object] ("
_MONOLOG_TYPE = re.compile(
    r"(?P<type>[^\W\d][\w\\]*(?:@anonymous)?)[^()]{0,1000}\(code: [^()]{0,40}\)(?:: (?P<message>.*))?$"
)
_MONOLOG_END = re.compile(r":(?P<line>\d{1,9})\)(?:$|\"|(?=, ))")
_PREVIOUS = "[previous exception] [object] ("
_TEST = re.compile(r"\d{1,6}\) (?P<name>[\w\\]+::\w+)(?: with data set .*| \(.*\))?$")
_TEST_PLACE = re.compile(r"(?P<file>(?:/|[A-Za-z]:[\\/]|phar://)\S.*?|\S{1,500}\.php):(?P<line>\d{1,9})$")
_TEST_END = re.compile(r"\d{1,6}\) |--$|(?:FAILURES|ERRORS|WARNINGS|OK|Tests)\b")
_TEST_SECTION = re.compile(r"There (?:was|were) \d{1,9} (?P<what>[\w ]+?)s?:$")
_LOOK_BACK = 60
_LONGEST_REPEATED = 1_000
"""Lines of an error that are compared with what follows."""


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    line = line[:LONGEST_LINE]
    wrapper = wrapper_end(line)
    if match := _FATAL.search(line):
        return None if is_comment(line[: match.start()]) else match.start()
    if _MONOLOG in line:
        return wrapper
    for pattern in (_TEST, _XDEBUG_STACK):
        position = len(line) - len(line[wrapper:].lstrip())
        if pattern.match(line, position):
            return position
    return None


def read(lines: Text) -> Traceback | None:
    """Read the exception at the cursor; see ``Layout.read``."""
    line = lines.peek() or ""
    if len(line) > 16 * LONGEST_LINE:
        return None
    reader = _Reader(lines)
    if _MONOLOG in line:
        return reader.logged()
    if match := _TEST.match(line):
        return reader.test(match["name"])
    if match := _FATAL.match(line):
        uncaught = match["text"].startswith(_UNCAUGHT)
        found = reader.uncaught(match["text"].removeprefix(_UNCAUGHT)) if uncaught else reader.fatal(match)
        return found and reader.without_repetition(found)
    return reader.printed() if line == _STACK else None


class _Reader:
    """Reads one exception with those that came before it, or one fatal error."""

    def __init__(self, lines: Text) -> None:
        self._lines = lines
        self._bounds = Bounds()
        self._first_line = lines.number
        self._last_line = lines.number
        self._passed: list[str] = []

    # exceptions

    def uncaught(self, first: str) -> Traceback | None:
        """Exceptions from the one that started it on; ``first`` is what the current line says of it."""
        chain: list[ParsedException] = []
        text: str | None = first
        while text is not None:
            exception = self._exception(text)
            if exception is None:
                break
            chain.append(exception)
            text = self._next()
        if not chain:
            return None
        if _THROWN.match(self._lines.peek() or ""):
            self._skip()
        causes = Causes(self._bounds)
        for exception in reversed(chain):
            causes.add(exception)
        return self._traceback(causes.linked())

    def printed(self) -> Traceback | None:
        """What a program printed of an exception itself; the cursor stands at its stack."""
        before = self._lines.before(_LOOK_BACK)
        distance = _heading(before)
        if distance is None:
            self._lines.skip()
            return None
        self._lines.back(distance)
        self._first_line = self._lines.number
        text = before[-distance]
        if text.startswith(_NEXT):
            self._bounds.gap(stood_above(self._first_line))
        return self.uncaught(text[_heading_start(text) :])

    def _exception(self, first: str) -> ParsedException | None:
        """The exception whose first line the cursor stands at, with its stack."""
        rows, place, traced = self._heading(first)
        if place is None:
            return None
        self._skip(len(rows))
        if traced:
            self._skip()
        text = "\n".join([first, *rows[1:]])[: MAX_MESSAGE + LONGEST_LINE]
        type_name, message = _type_and_message(text[: _place_start("\n".join([first, *rows[1:]]))])
        frames = self._stack(place) if traced else (place,)
        return ParsedException(type_name, self._bounds.cut(message), frames=frames)

    def _heading(self, first: str) -> tuple[list[str], Frame | None, bool]:
        """The lines up to the stack, the place that they end with, and whether there is a stack."""
        rows: list[str] = []
        characters = 0
        for line in self._lines.ahead():
            if rows and line.rstrip() == _STACK:
                return rows, _place(rows[-1] if len(rows) > 1 else first), True
            if len(rows) > MAX_MESSAGE_LINES or characters > MAX_MESSAGE or (rows and _is_other(line)):
                return rows, None, False
            characters += len(line)
            rows.append(line)
            # The extension Xdebug leaves the last stack out; one that was not printed yet follows at once.
            if _ON_LINE.search(line[-200:]):
                return rows, _place(line), False
        # What was cut off behind a place is a stack.
        place = _place(rows[-1] if len(rows) > 1 else first) if rows else None
        if place is not None:
            self._bounds.gap(f"the stack: the text breaks off after line {self._first_line + len(rows) - 1}")
        return rows, place, False

    def _next(self) -> str | None:
        """What the line says of the exception that the one before led to; the cursor is moved to it."""
        ahead = self._lines.next_lines(2)
        if len(ahead) == 2 and not ahead[0].strip() and ahead[1].startswith(_NEXT):
            self._skip()
            return ahead[1].removeprefix(_NEXT)
        return None

    def _stack(self, place: Frame, *, escaped: bool = False) -> tuple[Frame, ...]:
        """The frames, outermost first; ``place`` is where the innermost one was."""
        frames = Frames(self._bounds)
        reached = place
        while (line := self._lines.peek()) is not None:
            match = _CALL.match(line) if len(line) <= 4 * LONGEST_LINE else None
            if match is None:
                if _MAIN.match(line):
                    self._skip()
                    frames.add(_within(reached, "{main}"))
                    return frames.kept(innermost_first=True)
                if not _CUT_STACK.match(line):
                    break
                self._skip()
                continue
            self._skip()
            call, file = match["call"], match["file"] or _INTERNAL
            if escaped:
                call, file = _unescaped(call), _unescaped(file)
            frames.add(_within(reached, _function(call)))
            reached = Frame(file, int(match["line"]) if match["line"] else None, "")
        frames.add(reached)
        self._bounds.gap(f"the end of the stack: it breaks off after line {self._last_line}")
        return frames.kept(innermost_first=True)

    # errors that are no exceptions

    def fatal(self, match: re.Match[str]) -> Traceback | None:
        """An error that ends the program at once."""
        rows: list[str] = []
        for line in islice(self._lines.ahead(), _LOOK_BACK):
            if rows and _is_other(line):
                return None
            rows.append(line[:LONGEST_LINE])
            if _ON_LINE.search(line[-200:]):
                break
        text = "\n".join([match["text"][:LONGEST_LINE], *rows[1:]])
        place = _place(rows[-1])
        if place is None or not _ON_LINE.search(rows[-1]):
            return None
        self._skip(len(rows))
        message = text[: _place_start(text)]
        stack = self._xdebug_stack(place) or self._native_stack(place) or (place,)
        return self._traceback(ParsedException(match["kind"], self._bounds.cut(message), frames=stack))

    def _native_stack(self, place: Frame) -> tuple[Frame, ...]:
        """PHP 8.5 adds a stack to fatal errors."""
        if (self._lines.peek() or "") != _STACK:
            return ()
        self._skip()
        return self._stack(place)

    def _xdebug_stack(self, place: Frame) -> tuple[Frame, ...]:
        """The extension Xdebug lists the calls, the outermost first, each with the place that it was made from."""
        ahead = self._lines.next_lines(2)
        if len(ahead) < 2 or not _XDEBUG_STACK.match(ahead[0]) or _xdebug_call(ahead[1]) is None:
            return ()
        self._skip()
        frames = Frames(self._bounds)
        function = ""
        while (line := self._lines.peek()) is not None and (call := _xdebug_call(line)) is not None:
            self._skip()
            if function:
                frames.add(_within(call, function))
            function = call.name
        kept = frames.kept()
        if kept and (kept[-1].filename, kept[-1].lineno) == (place.filename, place.lineno):
            return kept  # the last call is one of a function of PHP's own, which has no line
        return (*kept, _within(place, function))

    # a logger's record

    def logged(self) -> Traceback | None:
        """An exception in a record of Monolog, with those before it."""
        causes = Causes(self._bounds)
        line = self._lines.peek() or ""
        start = line.index(_MONOLOG) + len(_MONOLOG)
        escaped = line[: start - len(_MONOLOG)].endswith('"')
        while (exception := self._object(start, escaped=escaped)) is not None:
            causes.add(exception)
            ahead = self._lines.next_lines(2)
            blank = len(ahead) == 2 and not ahead[0].strip()
            if not ahead or not ahead[blank].startswith(_PREVIOUS):
                break
            self._skip(int(blank))
            start = len(_PREVIOUS)
        exception = causes.linked()
        if exception is None:
            return None
        if re.match(r'"[}\],]', self._lines.peek() or ""):
            self._skip()
        return self._traceback(exception)

    def _object(self, start: int, *, escaped: bool) -> ParsedException | None:
        rows: list[str] = []
        end, at = None, -1
        if "(code: " not in (self._lines.peek() or ""):
            return None
        for line in islice(self._lines.ahead(), _LOOK_BACK):
            text = line[start if not rows else 0 :][: 8 * LONGEST_LINE]
            if rows and is_log_line(line):
                break
            rows.append(text)
            end = _MONOLOG_END.search(text)
            at = text.rfind(" at ", 0, end.start()) if end else -1
            if at >= 0:
                break
        if end is None or at < 0:
            return None
        file = rows[-1][at + len(" at ") : end.start()]
        rows[-1] = rows[-1][:at]
        match = _MONOLOG_TYPE.match(rows[0])
        if match is None:
            return None
        self._skip(len(rows))
        message = "\n".join([match["message"] or "", *rows[1:]])
        if escaped:
            message, file = _unescaped(message), _unescaped(file)
        place = Frame(file, int(end["line"]), "")
        frames: tuple[Frame, ...] = (place,)
        if (self._lines.peek() or "") == "[stacktrace]":
            self._skip()
            frames = self._stack(place, escaped=escaped)
        return ParsedException(
            _unescaped(match["type"]) if escaped else match["type"], self._bounds.cut(message), frames=frames
        )

    # PHPUnit

    def test(self, name: str) -> Traceback | None:
        """A test that failed, and what it came from."""
        failed = self._is_failure()
        self._skip()
        causes = Causes(self._bounds)
        exception = self._tested(name, failed=failed)
        while exception is not None:
            causes.add(exception)
            ahead = self._lines.next_lines(2)
            if len(ahead) < 2 or ahead != ["", "Caused by"]:
                break
            self._skip(2)
            exception = self._tested("", failed=False)
        return self._traceback(causes.linked())

    def _is_failure(self) -> bool:
        """The section holds failures; where its heading is not at hand, another of them has been read above."""
        for line in reversed(self._lines.before(_LOOK_BACK)):
            if match := _TEST_SECTION.match(line):
                return match["what"] in ("failure", "error")
        return True

    def _tested(self, name: str, *, failed: bool) -> ParsedException | None:
        rows: list[str] = []
        frames = Frames(self._bounds)
        for line in self._lines.next_lines(MAX_MESSAGE_LINES):
            if match := _TEST_PLACE.match(line[:LONGEST_LINE]):
                if rows and not rows[-1].strip():
                    frames.add(Frame(match["file"], int(match["line"]), ""))
                    continue
            elif frames.count or _TEST_END.match(line):
                break
            rows.append(line[:LONGEST_LINE])
        if not frames.count:
            return None
        match = _TYPE.match("\n".join(rows).rstrip())
        if match and match["message"] is not None and not match["type"].startswith("Failed"):
            type_name, message = match["type"], match["message"]
        elif failed or any("Failed asserting" in row for row in rows):
            type_name, message = "PHPUnit\\Framework\\ExpectationFailedException", "\n".join(rows).rstrip()
        else:
            return None
        self._skip(len(rows) + frames.count)
        stack = frames.kept(innermost_first=True)
        stack = (_within(stack[0], name), *stack[1:])
        return ParsedException(type_name, self._bounds.cut(message), frames=stack)

    # the whole

    def without_repetition(self, found: Traceback) -> Traceback:
        """The same again, where the log and the display are one: it is passed over."""
        if len(self._passed) >= _LONGEST_REPEATED:
            return found
        ahead = self._lines.next_lines(len(self._passed) + 1)
        blank = int(bool(ahead) and not ahead[0].strip())
        again = ahead[blank : blank + len(self._passed)]
        if not again or _comparable(again) != _comparable(self._passed):
            return found
        self._skip(blank + len(self._passed))
        return self._traceback(found.exception) or found

    def _skip(self, count: int = 1) -> None:
        if count:
            if len(self._passed) < _LONGEST_REPEATED:
                self._passed += self._lines.next_lines(count)
            self._lines.skip(count)
            self._last_line = self._lines.number - 1

    def _traceback(self, exception: ParsedException | None) -> Traceback | None:
        if exception is None:
            return None
        missing = self._bounds.missing
        return Traceback("php", "php", self._first_line, self._last_line, exception, missing=missing)


def _xdebug_call(line: str) -> Frame | None:
    """The function that is called, and the place that it is called from."""
    match = _XDEBUG_CALL.match(line)
    text, _, lineno = line[match.end() : LONGEST_LINE].rpartition(":") if match else ("", "", "")
    call, _, file = text.rpartition(") ")
    return Frame(file, int(lineno), _function(call)) if file and lineno.isdecimal() and len(lineno) < 10 else None


def _comparable(rows: Sequence[str]) -> list[str]:
    """The lines of an error without what tells the log and the display apart."""
    match = _FATAL.match(rows[0])
    return [match["kind"] + match["text"] if match else rows[0], *(row.removesuffix("<br />") for row in rows[1:])]


def _is_other(line: str) -> bool:
    return _FATAL.match(line[:LONGEST_LINE]) is not None or _CALL.match(line[:LONGEST_LINE]) is not None


def _place_start(text: str) -> int:
    """Where the place at the end of a message begins."""
    return max(text.rfind(" in "), 0)


def _place(line: str) -> Frame | None:
    """The place that a line ends with: ``in FILE:LINE`` or ``in FILE on line LINE``."""
    line = line[-LONGEST_LINE:].rstrip()
    match = _ON_LINE.search(line, max(len(line) - 100, 0)) or _LINE.search(line, max(len(line) - 20, 0))
    start = line.rfind(" in ")
    if match is None or not 0 <= start < match.start():
        return None
    file = line[start + 4 : match.start()].removeprefix("<b>").removesuffix("</b>")
    return Frame(file, int(match["line"]), "")


def _type_and_message(text: str) -> tuple[str, str]:
    match = _PHP5.match(text) or _TYPE.match(text)
    if match is None:
        return "", text
    message = match["message"] or ""
    return match["type"], message.removesuffix(_DEFINED) if _CALLED in message else message


def _heading_start(text: str) -> int:
    """Where an exception begins in the line that names it: a logger may have put something before it."""
    names = (match for match in _NAME.finditer(text[:LONGEST_LINE]) if _is_type(match["type"]))
    return next((match.start("type") for match in names), 0)


def _is_type(name: str) -> bool:
    return name.endswith(("Error", "Exception", "Throwable", "Failure", "NotFound", "Timeout")) or "\\" in name


def _heading(before: Sequence[str]) -> int | None:
    """How many lines above the stack the exception begins; None where there is none."""
    if not before or _place(before[-1]) is None:
        return None
    for distance, line in enumerate(reversed(before), start=1):
        match = _NAME.match(line[:LONGEST_LINE], _heading_start(line))
        if match and _is_type(match["type"]):
            return distance
        if _is_other(line) or is_log_line(line):
            return None
    return None


def _within(place: Frame, function: str) -> Frame:
    return Frame(place.filename, place.lineno, function)


def _function(call: str) -> str:
    """A call without its arguments; the name of a closure holds brackets of its own."""
    closure = call.find("{closure")
    after = call.find("}", closure) if closure >= 0 else 0
    end = call.find("(", max(after, 0))
    return call[:end] if end >= 0 else call


def _unescaped(text: str) -> str:
    return text.replace("\\/", "/").replace('\\"', '"').replace("\\\\", "\\")
