r"""Backtraces as Ruby prints them.

An exception that nobody rescued, from ``error.c`` and ``eval_error.c`` of CRuby (1.9 to 3.4; until 3.3 the quotation
begins with a backtick and names no class), each followed by its cause::

    #<Thread:0x00007f0000000000 shop.rb:9 run> terminated with exception (report_on_exception is true):
    shop.rb:3:in 'Cart#total': undefined method 'price' for nil (NoMethodError)
                                                       then the rest of the message
        @items.sum { |item| item.price }               what the gem error_highlight adds
                                ^^^^^^
    Did you mean?  prices                              what the gem did_you_mean adds
        from shop.rb:9:in 'Object#bill'
             ... 10060 levels...
        from shop.rb:12:in '<main>'
    shop.rb:2:in 'Hash#fetch': key not found: :id (KeyError)
        from shop.rb:2:in 'Cart#total'

Ruby 2.5 to 2.7, and ``full_message(order: :bottom)``, print it upside down, the earliest cause first::

    Traceback (most recent call last):
        1: from shop.rb:12:in `<main>'
    shop.rb:3:in `total': undefined method `price' for nil:NilClass (NoMethodError)

What loggers, Rails, rake, minitest and test-unit make of ``Exception#backtrace``: the exception in one of the forms
below, then a list of frames, indented or not, then the cause behind ``Caused by:`` or ``Information for cause:``::

    NoMethodError: undefined method 'price' for nil
    NoMethodError (undefined method 'price' for nil):
    undefined method 'price' for nil (NoMethodError)
    #<NoMethodError: undefined method 'price' for nil>
        app/models/cart.rb:3:in 'Cart#total'

A syntax error stands for itself, or is the message of a ``require``; it is read as a frame without a function::

    shop.rb:3: syntax error, unexpected `end', expecting ')'
    shop.rb:3: syntax errors found (SyntaxError)

What rspec and minitest print of a failed expectation is described in ``ruby_tests``. Nothing separates a cause from
another program's crash directly below; it is one where the two stacks part as they do at a ``rescue``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.parsing.runtimes import ruby_tests
from snapfix.parsing.runtimes.ruby_lines import (
    LEVELS,
    THREAD,
    Header,
    Top,
    additions,
    divided,
    from_frame,
    header_above,
    header_in,
    is_numbered,
    listed_frame,
    starts_something_else,
    syntax_error,
    top_in,
)
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_MESSAGE, MAX_MESSAGE_LINES, Bounds, Frames, stood_above
from snapfix.parsing.text.chains import Causes
from snapfix.parsing.text.comments import is_comment
from snapfix.parsing.text.lines import Text
from snapfix.parsing.text.messages import continuation
from snapfix.parsing.text.prefixes import wrapper_end

_HEADER = "Traceback (most recent call last):"
_NOT_FOUND = re.compile(r"ruby(?:\.exe)?: (?P<message>No such file or directory -- .*) \((?P<type>LoadError)\)$")
_PLACE = re.compile(r":\d{1,9}:in [`']|:in [`']")
_QUOTED = re.compile(r":in [`'][^'`]*'")
_FIRST_WORD = re.compile(r"\s*\S{0,10}")
_LAYOUT_LEAD = re.compile(r"\s*(?:(?:\d{1,9}: )?from |# {1,3})\S*$")
_LOG_LEAD = re.compile(r"(.*(?: -- [^:]{0,100}|[\]|:]) )\s*\S*$")
_RESCUING = ("rescue in ", "ensure in ")
_CAUSED_BY = ("Caused by:", "Information for cause:")
_LOOK_BACK = 60
_LONGEST_REPEATED = 1_000
"""Lines that are compared with what follows, or read again."""


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    wrapper = wrapper_end(line[:LONGEST_LINE])
    if is_comment(_FIRST_WORD.match(line, wrapper)[0]):  # type: ignore[index]
        return None
    place = _PLACE.search(line[:LONGEST_LINE])
    if place is None or ruby_tests.RSPEC in line:
        return ruby_tests.begins(line, wrapper)
    if _QUOTED.search(line[:LONGEST_LINE], place.start()) is None:
        return None
    lead = line[wrapper : place.start()]
    text = lead.lstrip()
    if _LAYOUT_LEAD.match(lead) or text.startswith(("/", "./", "<", "(")) or text[1:3] in (":/", ":\\"):
        indented = top_in(line[len(line) - len(line[wrapper:].lstrip()) :]) is not None
        return wrapper + (len(lead) - len(text) if indented else 0)
    log = _LOG_LEAD.match(lead)
    if log:
        return wrapper + log.end(1)
    return wrapper + (len(lead) - len(text) if top_in(line[wrapper + len(lead) - len(text) :]) else 0)


def read(lines: Text) -> Traceback | None:
    """Read the backtrace at the cursor; see ``Layout.read``."""
    line = lines.peek() or ""
    found = ruby_tests.read(lines)
    if found is not None:
        return found
    reader = _Reader(lines)
    if top_in(line):
        return reader.uncaught()
    if is_numbered(line):
        return reader.upside_down()
    if from_frame(line):
        return reader.headless()
    if syntax_error(line) or _NOT_FOUND.match(line):
        return reader.not_begun()
    return reader.listing() if listed_frame(line) else None


class _Reader:
    """Reads one backtrace."""

    def __init__(self, lines: Text) -> None:
        self._lines = lines
        self._bounds = Bounds()
        self._first_line = lines.number
        self._last_line = lines.number
        self._passed: list[str] = []
        self._count = 0

    # an exception that nobody rescued

    def uncaught(self) -> Traceback | None:
        """A backtrace that begins with its innermost frame."""
        in_thread = any(THREAD.match(line) for line in self._lines.before(1))
        exception = self._topped()
        if exception is None:
            return None
        causes = Causes(self._bounds)
        causes.add(exception)
        self._causes_below(exception, causes)
        if in_thread and self._count < _LONGEST_REPEATED and self._passed == self._lines.next_lines(self._count):
            self._skip(self._count)  # the main thread raised it again when it joined the other
        return self._traceback(causes.linked())

    def headless(self) -> Traceback | None:
        """A backtrace whose first lines were cut off."""
        self._bounds.gap(stood_above(self._first_line))
        exception = ParsedException("", "", frames=self._frames().kept(innermost_first=True))
        causes = Causes(self._bounds)
        causes.add(exception)
        self._causes_below(exception, causes)
        return self._traceback(causes.linked())

    def _causes_below(self, exception: ParsedException, causes: Causes) -> None:
        while top_in(self._lines.peek() or ""):
            passed, last_line = self._count, self._last_line
            hides_rescues = ":in '" in (self._lines.peek() or "")
            cause = self._topped()
            if cause is None:
                return
            read = self._count - passed
            if read < _LONGEST_REPEATED and not _is_cause(cause, exception, hides_rescues=hides_rescues):
                self._lines.back(read)
                self._count, self._last_line = passed, last_line
                del self._passed[passed:]
                return
            causes.add(cause)
            exception = cause

    def _topped(self) -> ParsedException | None:
        """One exception with the frames below it."""
        top = top_in(self._lines.peek() or "")
        if top is None:
            return None
        rest, framed = self._rest()
        if not framed and not top.is_certain:
            return None
        self._skip()
        taken = len(rest) if framed else _evident(top, rest)
        self._skip(taken)
        return self._exception(top, rest[:taken], self._frames(top))

    def _rest(self) -> tuple[list[str], bool]:
        """The lines between the current one and the frames below it; False where there are none."""
        rest: list[str] = []
        characters = 0
        for line in self._lines.ahead():
            if rest and (from_frame(line) or LEVELS.match(line)):
                return rest[1:], not is_numbered(line)
            full = len(rest) > MAX_MESSAGE_LINES or characters > MAX_MESSAGE
            if full or (rest and starts_something_else(line)):
                break
            characters += len(line)
            rest.append(line)
        return rest[1:], False

    def _frames(self, top: Top | None = None) -> Frames:
        frames = Frames(self._bounds)
        if top is not None:
            frames.add(top.frame)
        while (line := self._lines.peek()) is not None:
            frame, levels = from_frame(line), LEVELS.match(line)
            if frame is None and levels is None:
                break
            self._skip()
            if frame is not None:
                frames.add(frame)
            elif levels is not None:
                self._bounds.leave_out("frame{s} in the middle of a stack", int(levels[1]))
        return frames

    def _exception(self, top: Top, rest: Sequence[str], frames: Frames) -> ParsedException:
        return self._told(top.type_name, [top.message, *rest], frames.kept(innermost_first=True))

    def _told(self, type_name: str, message: Sequence[str], frames: tuple[Frame, ...]) -> ParsedException:
        """An exception of these frames, outermost first, with what its message tells about the innermost."""
        if type_name == "SyntaxError" and (match := syntax_error(f"{message[0]} (SyntaxError)")):
            place = Frame(match["file"], int(match["line"]), "")
            text = "\n".join([match["message"].removesuffix(" (SyntaxError)"), *message[1:]])
            return ParsedException(type_name, self._bounds.cut(text), frames=(*frames, place))
        parts = divided(message)
        if parts.code and frames and self._bounds.affords(len(parts.code)):
            self._bounds.spend(len(parts.code))
            shown = replace(frames[-1], code=parts.code[:LONGEST_LINE], columns=parts.columns)
            frames = (*frames[:-1], shown)
        return ParsedException(type_name, self._bounds.cut(parts.text), parts.notes, frames)

    # upside down

    def upside_down(self) -> Traceback | None:
        """A backtrace that ends with its innermost frame."""
        if self._lines.before(1) == [_HEADER]:
            self._lines.back(1)
            self._first_line = self._lines.number
            self._lines.skip()
        else:
            self._bounds.gap(stood_above(self._first_line))
        chain: list[ParsedException] = []
        while is_numbered(self._lines.peek() or ""):
            frames = self._frames()
            top = top_in(self._lines.peek() or "")
            if top is None:
                self._bounds.gap(f"the exception itself: the traceback breaks off after line {self._last_line}")
                chain.append(ParsedException("", "", frames=frames.kept()))
                break
            chain.append(self._closed(top, frames))
        causes = Causes(self._bounds)
        for exception in reversed(chain):
            causes.add(exception)
        return self._traceback(causes.linked())

    def _closed(self, top: Top, frames: Frames) -> ParsedException:
        """One exception whose frames stand above it."""
        frames.add(top.frame)
        rest, _ = self._rest()
        self._skip()
        if not is_numbered(next(iter(self._lines.next_lines(len(rest) + 1)[len(rest) :]), "")):
            rest = rest[: _evident(top, rest)]
        self._skip(len(rest))
        return self._told(top.type_name, [top.message, *rest], frames.kept())

    # an exception before which nothing ran

    def not_begun(self) -> Traceback | None:
        """A file that cannot be parsed, or is not there."""
        line = self._lines.peek() or ""
        self._skip()
        if match := _NOT_FOUND.match(line):
            return self._traceback(ParsedException(match["type"], match["message"]))
        rest = self._lines.next_lines(_LOOK_BACK)
        taken = 0
        while taken < len(rest) and rest[taken][:1] in (" ", ">") and rest[taken].strip():
            taken += 1
        self._skip(taken)
        return self._traceback(self._told("SyntaxError", [line.removesuffix(" (SyntaxError)"), *rest[:taken]], ()))

    # a list of frames

    def listing(self) -> Traceback | None:
        """A list of frames below the exception that they belong to."""
        before = self._lines.before(_LOOK_BACK)
        found = header_above(before)
        if found is None:
            self._listed()
            return None
        distance, header = found
        self._lines.back(distance)
        self._first_line = self._lines.number
        self._skip(distance)
        message = before[len(before) - distance + 1 :]
        causes = Causes(self._bounds)
        causes.add(self._headed(header, message))
        while (cause := self._cause_below()) is not None:
            causes.add(cause)
        return self._traceback(causes.linked())

    def _headed(self, header: Header, rest: Sequence[str]) -> ParsedException:
        return self._told(header.type_name, header.whole_message(rest), self._listed().kept(innermost_first=True))

    def _cause_below(self) -> ParsedException | None:
        """An exception behind ``Caused by:``, up to its frames."""
        ahead = self._lines.next_lines(_LOOK_BACK)
        start = next((n for n, line in enumerate(ahead[:2]) if line.strip()), len(ahead))
        if start == len(ahead) or not ahead[start].startswith(_CAUSED_BY):
            return None
        text = ahead[start].partition(":")[2].strip()
        if not text:
            start += 1
            text = ahead[start] if start < len(ahead) else ""
        header = header_in(text)
        end = next((n for n, line in enumerate(ahead) if n > start and listed_frame(line)), None)
        if header is None or end is None:
            return None
        self._skip(end)
        return self._headed(header, ahead[start + 1 : end])

    def _listed(self) -> Frames:
        frames = Frames(self._bounds)
        while (line := self._lines.peek()) is not None and (frame := listed_frame(line)):
            self._skip()
            frames.add(frame)
        return frames

    def _skip(self, count: int = 1) -> None:
        if count:
            if len(self._passed) < _LONGEST_REPEATED:
                self._passed += self._lines.next_lines(count)
            self._count += count
            self._lines.skip(count)
            self._last_line = self._lines.number - 1

    def _traceback(self, exception: ParsedException | None) -> Traceback | None:
        if exception is None:
            return None
        missing = self._bounds.missing
        return Traceback("ruby", "ruby", self._first_line, self._last_line, exception, missing=missing)


def _evident(top: Top, rest: Sequence[str]) -> int:
    """How many of the lines below a message's first one belong to it, where no frame follows that tells."""
    added = additions(rest)
    return added or continuation(top.type_name, top.message, rest, "")


def _is_cause(cause: ParsedException, exception: ParsedException, *, hides_rescues: bool) -> bool:
    """The two stacks part in a function that rescued the first and raised the second further down.

    Until Ruby 3.3 such a function has a frame that says so; later ones hide it.
    """
    rescuing = any(frame.name.startswith(_RESCUING) for frame in exception.frames)
    if not exception.frames or not (rescuing or hides_rescues):
        return False
    for raised, earlier in zip_longest(exception.frames, cause.frames):
        if raised is None or earlier is None:
            return raised is None and earlier is not None
        if (raised.filename, raised.name) != (earlier.filename, earlier.name):
            return False
        if rescuing:
            return True
        if raised.lineno != earlier.lineno:
            return (raised.lineno or 0) > (earlier.lineno or 0)
    return False
