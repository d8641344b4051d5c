r"""Exceptions as .NET prints them (``Exception.ToString``).

The layout, from ``System.Exception`` and ``System.AggregateException`` (.NET Core 3 to .NET 9)::

    Unhandled exception. System.AggregateException: One or more errors occurred. (no total) (no stock)
     ---> System.InvalidOperationException: no total              the first inner exception, and what caused it
    and the message's other lines
     ---> System.DivideByZeroException: Attempted to divide by zero.
       at Shop.Cart.Total(Int32 n) in /srv/shop/Cart.cs:line 12   innermost first
       --- End of inner exception stack trace ---
       at Shop.Cart.<>c.<Main>b__0_0()                            without symbols, the file is not known
    --- End of stack trace from previous location ---             of an asynchronous call
       --- End of inner exception stack trace ---
       at Shop.Program.Main(String[] args)
     ---> (Inner Exception #1) System.Exception: no stock
       at Shop.Stock.Count()<---

.NET Framework and Mono print ``Unhandled Exception:``, arrows behind the message (``: no total ---> System.X: inner``)
and, Mono, ``  at Shop.Cart.Total (System.Int32 n) [0x00003] in /srv/shop/Cart.cs:12``. Loggers (ASP.NET, Serilog, NLog)
print the same behind text of their own, or indented. When the stack is exhausted::

    Stack overflow.
    Repeat 24105 times:
    --------------------------------
       at Shop.Program.F(Int32)
    --------------------------------

``dotnet test`` prints the exception and its stack in two parts::

      Error Message:
       System.InvalidOperationException : no total
      Stack Trace:
         at Shop.Cart.Total(Int32 n) in /srv/shop/Cart.cs:line 12

An inner exception is what caused the one around it; further ones of an ``AggregateException`` are its members.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_MESSAGE, MAX_MESSAGE_LINES, Bounds, Frames, stood_above
from snapfix.parsing.text.comments import is_comment
from snapfix.parsing.text.indentation import indentation
from snapfix.parsing.text.lines import Text
from snapfix.parsing.text.messages import is_log_line
from snapfix.parsing.text.prefixes import wrapper_end

_FRAME = re.compile(
    r"\s*at (?:\(wrapper [\w-]{1,40}\) ?)?(?P<name>[^\s():/]+(?::[^\s():/]+)?) ?\((?P<arguments>[^():/\\]*)\)"
    r"(?: \[0x[0-9a-f]{1,8}\])?(?: <0x[^>]{1,60}>)?"
    r"(?: in (?P<file>\S.*?):(?:line )?(?P<line>\d{1,9}))?\s*(?:<---)?$"
)
_OTHER_RUNTIMES = re.compile(r"Native Method$|Unknown Source$|native$|<anonymous>$|<|[\w$-]{1,200}\.(?:java|kt|scala)$")
_TYPE = r"(?:[A-Za-z_]\w*[.+]){0,20}[A-Z]\w*(?:`\d{1,2}(?:\[[^\]]{0,200}\])?)?"
_EXCEPTION = re.compile(rf"(?P<type>{_TYPE})(?:(?: \(0x[0-9A-Fa-f]{{8}}\))?(?P<colon> ?: ?)(?P<message>.*))?$")
_UNHANDLED = re.compile(
    r"\s*(?:\[ERROR\] FATAL UNHANDLED EXCEPTION: |Unhandled [eE]xception(?:\.|:) |Fatal error\. |"
    r"(?P<failed>Process terminated)\. )"
)
_IN_LOG = re.compile(r"(?:^|(?<=[\s|:\]>(\"]))(?:[A-Za-z_]\w*\.)+[A-Z]\w*(?:Exception|Error)(?= ?: | ---> |$)")
_ARROW = re.compile(r"\s*---> (?P<member>\(Inner Exception #\d{1,9}\) )?")
_INLINE_ARROW = re.compile(rf" ---> (?={_TYPE}(?::|$))")
_INNER_END = re.compile(r"\s*--- End of inner exception stack trace ---\s*(?:<---)?$")
_PREVIOUS_PLACE = re.compile(r"\s*--- End of stack trace from previous location[^-]{0,60} ---$")
_OVERFLOW = re.compile(r"\s*(?:Process is terminating due to StackOverflowException|Stack overflow)\.$")
_REPEATED = re.compile(r"Repeat (\d{1,9}) times:$")
_RULE = re.compile(r"-{32}$")
_REPORT = ("Stack Trace:", "Error Message:")
_ENVIRONMENT = "System.Environment.get_StackTrace"
_AGAIN = "[ERROR] FATAL UNHANDLED EXCEPTION: "
_LOOK_BACK = 60
_LONGEST_REPEATED = 1_000
"""Lines of a traceback that are compared with what follows."""
_MAX_DEPTH = 40
_MAX_MEMBERS = 1_000


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``."""
    line = line[:LONGEST_LINE]
    wrapper = wrapper_end(line)
    at = len(line[: max(line.find("  at "), 0)].rstrip())
    if is_comment(line[:at]):
        return None
    if frame := _FRAME.match(line, at):
        return None if _OTHER_RUNTIMES.match(frame["arguments"]) else min(wrapper, frame.start())
    position = wrapper + len(line[wrapper:]) - len(line[wrapper:].lstrip())
    if _UNHANDLED.match(line, position) or _OVERFLOW.match(line, position):
        return position
    return wrapper if _INNER_END.match(line, wrapper) else None


def read(lines: Text) -> Traceback | None:
    """Read the exception at the cursor; see ``Layout.read``."""
    line = lines.peek() or ""
    if len(line) > LONGEST_LINE:
        return None
    reader = _Reader(lines)
    if _OVERFLOW.match(line):
        return reader.overflow()
    if _UNHANDLED.match(line):
        return reader.unhandled()
    return reader.logged() if _frame_in(line) or _INNER_END.match(line) else None


@dataclass(slots=True)
class _Open:
    """An exception that is being read."""

    type_name: str
    frames: Frames
    message: str = ""
    member: bool = False
    cause: ParsedException | None = None
    members: list[ParsedException] = field(default_factory=list)

    def closed(self) -> ParsedException:
        cause = (replace(self.cause, relation=Relation.CAUSE),) if self.cause else ()
        frames = self.frames.kept(innermost_first=True)
        return ParsedException(self.type_name, self.message, frames=frames, linked=(*cause, *self.members))


class _Reader:
    """Reads one exception with those inside it."""

    def __init__(self, lines: Text) -> None:
        self._lines = lines
        self._bounds = Bounds()
        self._first_line = lines.number
        self._last_line = lines.number
        self._passed: list[str] = []
        self._open: list[_Open] = []

    # where it begins

    def unhandled(self) -> Traceback | None:
        """One that the runtime printed when it ended the program."""
        line = self._lines.peek() or ""
        match = _UNHANDLED.match(line)
        end = match.end() if match else 0
        if match and match["failed"]:
            self._push("Process terminated", line[end:], indent=0)
        elif not self._begin(line[end:], indent=0):
            return None
        self._structure()
        return self._traceback()

    def logged(self) -> Traceback | None:
        """One whose first frame the cursor stands at."""
        before = self._lines.before(_LOOK_BACK)
        found = _heading(before)
        if found is None:
            return self._headless()
        distance, column = found
        self._lines.back(distance)
        self._first_line = self._lines.number
        line = before[-distance]
        indent = indentation(line)
        reported = any(row.strip() == _REPORT[0] for row in before[-distance:])
        if not self._begin(line[column:], indent=indent, reported=reported):
            self._lines.skip(distance)
            return None
        self._structure()
        self._pass_repetition(before[-distance:])
        return self._traceback()

    def _pass_repetition(self, heading: list[str]) -> None:
        """Mono prints an exception twice."""
        count = len(self._passed)
        if count >= _LONGEST_REPEATED:
            return
        ahead = self._lines.next_lines(count + 1)
        blank = int(bool(ahead) and not ahead[0].strip())
        if ahead[blank : count + blank] == [_AGAIN + heading[0], *self._passed[1:]]:
            self._skip(blank + count)

    def _headless(self) -> Traceback | None:
        """A stack whose exception was cut off, and no program's look at its own stack."""
        ahead = self._lines.next_lines(2)
        frame = _frame_in(ahead[0])
        sure = any(_INNER_END.match(line) or ((at := _frame_in(line)) and at.filename) for line in ahead)
        if (frame and frame.name == _ENVIRONMENT) or not sure:
            self._pass_stack()
            return None
        self._bounds.gap(stood_above(self._first_line))
        self._open.append(_Open("", Frames(self._bounds)))
        self._structure()
        return self._traceback()

    def _pass_stack(self) -> None:
        while (line := self._lines.peek()) is not None and _frame_in(line):
            self._lines.skip()

    def overflow(self) -> Traceback | None:
        """The stack was exhausted; frames that are repeated stand between two rules."""
        if not any(_frame_in(line) for line in self._lines.next_lines(4)):
            return None
        self._skip()
        frames = Frames(self._bounds)
        repeats = 0
        while (line := self._lines.peek()) is not None:
            if match := _REPEATED.match(line):
                repeats = int(match[1]) - 1
            elif (frame := _frame_in(line)) is not None:
                frames.add(replace(frame, repeats=repeats))
            elif not _RULE.match(line):
                break
            elif frames.count:
                repeats = 0
            self._skip()
        self._open.append(_Open("System.StackOverflowException", frames))
        return self._traceback()

    # exceptions inside each other

    def _begin(self, text: str, *, indent: int, reported: bool = False) -> bool:
        """Read the line that names an exception, and its message; False where it names none."""
        match = _EXCEPTION.match(text[:LONGEST_LINE])
        if match is None:
            return False
        self._push(match["type"], match["message"] or "", indent=indent, reported=reported)
        return True

    def _push(self, type_name: str, first: str, *, indent: int, reported: bool = False, member: bool = False) -> None:
        close = first.endswith("<---")
        first, arrow, inner = self._split(first.removesuffix("<---"))
        self._skip()
        opened = _Open(type_name, Frames(self._bounds), member=member)
        self._open.append(opened)
        if arrow:
            opened.message = self._bounds.cut(first)
            self._inline(inner, indent)
            return
        rest = [] if close else self._rest()
        rows = [first]
        for row in rest:
            row, arrow, inner = self._split(row[min(indent, indentation(row)) :])
            rows.append(row)
            if arrow:
                break
            self._skip()
        while reported and rows and (not rows[-1].strip() or rows[-1].strip() in _REPORT):
            rows.pop()
        opened.message = self._bounds.cut("\n".join(rows))
        if arrow:
            self._inline(inner, indent)
        elif close:
            self._close_member()

    def _split(self, text: str) -> tuple[str, bool, str]:
        """A line of a message, whether an arrow follows in it, and the exception behind that."""
        match = _INLINE_ARROW.search(text)
        return (text[: match.start()], True, text[match.end() :]) if match else (text, False, "")

    def _inline(self, inner: str, indent: int) -> None:
        match = _EXCEPTION.match(inner)
        if match is None or len(self._open) >= _MAX_DEPTH:
            return
        if self._passed and not self._passed[-1].rstrip().endswith(inner.rstrip()):
            self._push(match["type"], match["message"] or "", indent=indent)
            return
        # The line has been passed already: it holds both exceptions.
        self._lines.back(1)
        self._passed.pop()
        self._push(match["type"], match["message"] or "", indent=indent)

    def _rest(self) -> list[str]:
        """The lines between the one that names an exception and its stack, or what is inside it."""
        rest: list[str] = []
        characters = 0
        for line in self._lines.ahead():
            if _is_structure(line):
                return rest
            full = len(rest) >= MAX_MESSAGE_LINES or characters > MAX_MESSAGE
            if full or is_log_line(line) or _UNHANDLED.match(line[:LONGEST_LINE]):
                break
            characters += len(line)
            rest.append(line)
            if _INLINE_ARROW.search(line[:LONGEST_LINE]):
                return rest
            if line.endswith("<---"):
                break
        return []

    def _structure(self) -> None:
        """Read stacks and inner exceptions to their end."""
        while (line := self._lines.peek()) is not None and len(line) <= LONGEST_LINE:
            if (frame := _frame_in(line)) is not None:
                self._skip()
                self._open[-1].frames.add(frame)
                self._close_where_told(line)
            elif _INNER_END.match(line):
                self._skip()
                self._close_inner()
                self._close_where_told(line)
            elif _PREVIOUS_PLACE.match(line):
                self._skip()
            elif match := _ARROW.match(line):
                if not self._inner(line, match):
                    return
            elif not self._pass_gap(line):
                return

    def _inner(self, line: str, match: re.Match[str]) -> bool:
        found = _EXCEPTION.match(line[match.end() :])
        if found is None or len(self._open) >= _MAX_DEPTH:
            return False
        if match["member"] is None and self._open[-1].frames.count:
            return False
        indent = indentation(line) - 1
        self._push(found["type"], found["message"] or "", indent=max(indent, 0), member=match["member"] is not None)
        return True

    def _pass_gap(self, line: str) -> bool:
        """Empty lines between the members of an aggregate, and the arrow that closes one."""
        if line.strip() == "<---" and len(self._open) > 1:
            self._skip()
            self._close_member()
            return True
        ahead = self._lines.next_lines(3)
        following = next((n for n, text in enumerate(ahead) if text.strip()), 0)
        goes_on = following and (_ARROW.match(ahead[following]) or _INNER_END.match(ahead[following]))
        if line.strip() or not goes_on:
            return False
        self._skip(following)
        return True

    def _close_where_told(self, line: str) -> None:
        if line.rstrip().endswith("<---"):
            self._close_member()

    def _close_inner(self) -> None:
        """The innermost one that is open is complete: it is the cause of the one around it."""
        if len(self._open) == 1:
            # Where the text was cut off at its top, the one around it has not been seen.
            self._open.insert(0, _Open("", Frames(self._bounds)))
        inner = self._open.pop()
        self._attach(inner)

    def _close_member(self) -> None:
        """Everything up to the member that is open is complete."""
        while len(self._open) > 1:
            inner = self._open.pop()
            self._attach(inner)
            if inner.member:
                return

    def _attach(self, inner: _Open) -> None:
        around = self._open[-1]
        if not inner.member:
            around.cause = inner.closed()
        elif around.cause is not None and around.cause == inner.closed():
            return  # .NET Framework prints the first one twice
        elif len(around.members) < _MAX_MEMBERS:
            around.members.append(replace(inner.closed(), relation=Relation.MEMBER))
        else:
            self._bounds.leave_out("exception{s} of a group")

    # the whole

    def _skip(self, count: int = 1) -> None:
        if count:
            if len(self._passed) < _LONGEST_REPEATED:
                self._passed += self._lines.next_lines(count)
            self._lines.skip(count)
            self._last_line = self._lines.number - 1

    def _traceback(self) -> Traceback:
        if len(self._open) > 1:
            self._bounds.gap(f"the end of the exception: it breaks off after line {self._last_line}")
        while len(self._open) > 1:
            self._attach(self._open.pop())
        exception = self._open[0].closed()
        missing = self._bounds.missing
        return Traceback("csharp", "dotnet", self._first_line, self._last_line, exception, missing=missing)


def _frame_in(line: str) -> Frame | None:
    """The frame that a line names."""
    match = _FRAME.match(line) if len(line) <= LONGEST_LINE else None
    if match is None or _OTHER_RUNTIMES.match(match["arguments"]):
        return None
    lineno = int(match["line"]) if match["line"] else None
    return Frame(match["file"] or "", lineno or None, match["name"])


def _is_structure(line: str) -> bool:
    """The line ends a message."""
    if len(line) > LONGEST_LINE:
        return False
    return bool(_frame_in(line) or _ARROW.match(line) or _INNER_END.match(line) or _PREVIOUS_PLACE.match(line))


def _heading(before: list[str]) -> tuple[int, int] | None:
    """How many lines above the first frame the outermost exception is named, and in which column."""
    for distance, line in enumerate(reversed(before), start=1):
        line = line[:LONGEST_LINE]
        if _frame_in(line) or _INNER_END.match(line):
            break
        if _ARROW.match(line):
            continue
        column = _exception_column(line, near=distance == 1)
        if column is not None:
            return distance, column
        if is_log_line(line):
            break
    return None


def _exception_column(line: str, *, near: bool) -> int | None:
    """Where an exception is named in a line: at its beginning, or behind what a logger put there."""
    if match := _UNHANDLED.match(line):
        return match.end()
    inside = [match.start() for match in _IN_LOG.finditer(line)]
    if inside:
        return None if line[: inside[0]].endswith("---> ") else inside[0]
    start = indentation(line)
    match = _EXCEPTION.match(line, start)
    if match and (match["colon"] or near) and match["type"].endswith(("Exception", "Error")):
        return start
    return None
