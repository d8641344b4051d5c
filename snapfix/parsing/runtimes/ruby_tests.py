r"""Failed expectations as rspec, minitest and test-unit print them; they are read as part of Ruby's layouts.

rspec 3 (``rspec/core/formatters/exception_presenter.rb``); without a type it is an expectation that was not met::

      1) Cart has a total
         Failure/Error: expect(cart.total).to eq(3)

         KeyError:                                     only where it is no expectation
           key not found: :price
         # ./cart.rb:4:in `block in total'
         # ./cart_spec.rb:6:in `block (2 levels) in <top (required)>'
         # ------------------
         # --- Caused by: ---
         # IndexError:
         #   index 9 outside of array bounds: -1...1
         #   ./cart.rb:11:in `fetch'

minitest 5 (``Minitest::UnexpectedError`` is a list of frames that needs no reader of its own)::

      3) Failure:
    CartTest#test_sum [test/cart_test.rb:9]:
    Expected: 3
      Actual: 2

test-unit 3::

    Failure: test_sum(CartTest)
    cart_test.rb:8:in `test_sum'
      =>  8:     assert_equal(3, 1 + 1)
    <3> expected but was
    <2>
    ===============================================================================
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.parsing.runtimes.ruby_lines import divided, listed_frame
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_CODE_LINES, MAX_MESSAGE, MAX_MESSAGE_LINES, Bounds, Frames
from snapfix.parsing.text.chains import Causes
from snapfix.parsing.text.indentation import indentation
from snapfix.parsing.text.lines import Text

RSPEC = "Failure/Error:"
_TEST = "#test_"
_RSPEC_TYPE = re.compile(r"(?P<type>(?:[A-Z]\w*::){0,20}[A-Z]\w*|#<Class:0x\w{1,16}>):$")
_RSPEC_TITLE = re.compile(r"\s*\d{1,6}(?:\.\d{1,6})?\) ")
_MINITEST = re.compile(r"(?P<name>\S{1,500}#test_\S{0,500}) \[(?P<file>.{1,500}):(?P<line>\d{1,9})\]:$")
_MINITEST_END = re.compile(r"\s+\d{1,6}\) (?:Failure|Error|Skipped):$|\d{1,9} runs, |(?:bin/)?rails test |Finished in ")
_UNIT = re.compile(r"Failure: (?P<test>test.{0,500}\(.{1,500}\))$")
_UNIT_CODE = re.compile(r"  (?P<mark>=>|  ) *\d{1,9}:(?: (?P<code>.*))?$")
_UNIT_END = re.compile(r"={20}|-{20}|Finished in ")


def begins(line: str, wrapper: int) -> int | None:
    """Where the layout begins in a line without a frame, at the end of its prefix or behind its indentation."""
    if _TEST not in line or RSPEC in line:
        return wrapper
    return wrapper + indentation(line[wrapper:]) if "]:" in line else None


def read(lines: Text) -> Traceback | None:
    """Read the failure at the cursor; None, with the cursor where it was, where there is none."""
    line = lines.peek() or ""
    if len(line) > LONGEST_LINE:
        return None
    if RSPEC in line:
        return _Rspec(lines).read(line.index(RSPEC))
    if match := _MINITEST.match(line):
        return _read_minitest(lines, match)
    before = lines.before(1)
    if listed_frame(line) and before and _UNIT.match(before[0]):
        return _read_unit(lines)
    return None


class _Rspec:
    """Reads one failed example."""

    def __init__(self, lines: Text) -> None:
        self._lines = lines
        self._bounds = Bounds()

    def read(self, indent: int) -> Traceback | None:
        """``indent`` is the column at which everything of it begins."""
        first_line = self._first_line(indent)
        code = self._code(indent)
        type_name, message = self._message(indent)
        if not message and not type_name and listed_frame(self._lines.peek() or "") is None:
            return None
        causes = Causes(self._bounds)
        frames = _with_code(self._frames().kept(innermost_first=True), code)
        causes.add(self._exception(type_name or "RSpec::Expectations::ExpectationNotMetError", message, frames))
        while (cause := self._cause(indent)) is not None:
            causes.add(cause)
        exception = causes.linked()
        missing = self._bounds.missing
        if exception is None:
            return None
        return Traceback("ruby", "ruby", first_line, self._lines.number - 1, exception, missing=missing)

    def _first_line(self, indent: int) -> int:
        before = self._lines.before(1)
        if before and _RSPEC_TITLE.match(before[0]) and indent:
            self._lines.back(1)
            number = self._lines.number
            self._lines.skip()
            return number
        return self._lines.number

    def _code(self, indent: int) -> str:
        first = (self._lines.peek() or "")[indent + len(RSPEC) :].strip()
        self._lines.skip()
        code = [first] if first else []
        while (line := self._lines.peek()) is not None and line.strip() and listed_frame(line) is None:
            if not line.startswith(" " * (indent + 1)):
                break
            self._lines.skip()
            if len(code) < MAX_CODE_LINES:
                code.append(line[indent + 2 : LONGEST_LINE])
        return "\n".join(code)

    def _message(self, indent: int) -> tuple[str, list[str]]:
        """The type, ``""`` where none is told, and the message's lines."""
        rows: list[str] = []
        characters = 0
        while (line := self._lines.peek()) is not None and not line.startswith(" " * indent + "# "):
            full = len(rows) >= MAX_MESSAGE_LINES or characters > MAX_MESSAGE
            if full or (line.strip() and not line.startswith(" " * indent)) or _RSPEC_TITLE.match(line):
                break
            self._lines.skip()
            characters += len(line)
            rows.append(line[indent:].rstrip())
        rows = _stripped(rows)
        match = _RSPEC_TYPE.match(rows[0]) if rows else None
        if match:
            rows = rows[1:]
        return match["type"] if match else "", [row.removeprefix("  ") for row in rows]

    def _frames(self, lead: str = "") -> Frames:
        frames = Frames(self._bounds)
        while (line := self._lines.peek()) is not None and line.startswith(lead) and (frame := listed_frame(line)):
            self._lines.skip()
            frames.add(frame)
        return frames

    def _cause(self, indent: int) -> ParsedException | None:
        lead = " " * indent + "# "
        ahead = self._lines.next_lines(3)
        if len(ahead) < 3 or ahead[1] != f"{lead}--- Caused by: ---":
            return None
        type_name = ahead[2].removeprefix(lead).removesuffix(":")
        self._lines.skip(3)
        message: list[str] = []
        while (line := self._lines.peek()) is not None and line.startswith(lead.rstrip()):
            if listed_frame(line) or line.startswith(f"{lead}-----") or len(message) >= MAX_MESSAGE_LINES:
                break
            self._lines.skip()
            message.append(line.removeprefix(lead.rstrip()).removeprefix(" ").removeprefix("  "))
        frames = self._frames(lead).kept(innermost_first=True)
        return self._exception(type_name, message, frames)

    def _exception(self, type_name: str, message: Sequence[str], frames: tuple[Frame, ...]) -> ParsedException:
        parts = divided(message)
        if parts.code and frames:
            frames = (*frames[:-1], replace(frames[-1], code=parts.code, columns=parts.columns))
        return ParsedException(type_name, self._bounds.cut(parts.text), parts.notes, frames)


def _with_code(frames: tuple[Frame, ...], code: str) -> tuple[Frame, ...]:
    """The code that is shown is the example's: that of the innermost frame in a spec."""
    at = next((n for n in range(len(frames) - 1, -1, -1) if frames[n].filename.endswith("_spec.rb")), len(frames) - 1)
    return tuple(replace(frame, code=code) if n == at else frame for n, frame in enumerate(frames))


def _read_minitest(lines: Text, match: re.Match[str]) -> Traceback | None:
    titled = any(line.endswith("Failure:") for line in lines.before(1))
    if not titled:
        return None
    lines.back(1)
    first_line = lines.number
    lines.skip(2)
    bounds = Bounds()
    message = _up_to(lines, _MINITEST_END, bounds)
    frame = Frame(match["file"], int(match["line"]), match["name"])
    exception = ParsedException("Minitest::Assertion", bounds.cut(message), frames=(frame,))
    return Traceback("ruby", "ruby", first_line, lines.number - 1, exception, missing=bounds.missing)


def _read_unit(lines: Text) -> Traceback | None:
    lines.back(1)
    first_line = lines.number
    lines.skip()
    bounds = Bounds()
    frames = Frames(bounds)
    while (line := lines.peek()) is not None and (frame := listed_frame(line)):
        lines.skip()
        frames.add(frame)
    stack = frames.kept(innermost_first=True)
    while (line := lines.peek()) is not None and (match := _UNIT_CODE.match(line[:LONGEST_LINE])):
        lines.skip()
        if match["mark"] == "=>":
            stack = (*stack[:-1], replace(stack[-1], code=(match["code"] or "").strip()))
    message = _up_to(lines, _UNIT_END, bounds)
    exception = ParsedException("Test::Unit::AssertionFailedError", bounds.cut(message), frames=stack)
    return Traceback("ruby", "ruby", first_line, lines.number - 1, exception, missing=bounds.missing)


def _up_to(lines: Text, end: re.Pattern[str], bounds: Bounds) -> str:
    """The lines before one that matches ``end``, without empty ones around them."""
    rows: list[str] = []
    characters = 0
    while (line := lines.peek()) is not None and not end.match(line):
        if len(rows) >= MAX_MESSAGE_LINES or characters > MAX_MESSAGE:
            bounds.leave_out("line{s} of a message")
            break
        lines.skip()
        characters += len(line)
        rows.append(line.rstrip())
    return "\n".join(_stripped(rows))


def _stripped(rows: list[str]) -> list[str]:
    """Without the empty rows at both ends."""
    start = next((n for n, row in enumerate(rows) if row.strip()), len(rows))
    end = next((n for n in range(len(rows), start, -1) if rows[n - 1].strip()), start)
    return rows[start:end]
