r"""Deaths of Perl programs, as the interpreter and ``Carp`` print them.

The layout, from ``perldoc -f die``, ``perldoc perldiag`` and ``Carp`` (5.8 to 5.40)::

    no price for 'Käse' at lib/Cart.pm line 5, <STDIN> line 3.     what was read last is named as well
    \tCart::total("Cart", 3) called at shop.pl line 12              confess, cluck: callers, innermost first
    \teval {...} called at shop.pl line 11
    \t...propagated at shop.pl line 14.                             an empty ``die``

    Can't locate Nope.pm in @INC (you may need to install the Nope module) (...) at lib/Cart.pm line 2.
    BEGIN failed--compilation aborted at lib/Cart.pm line 2.
    Compilation failed in require at shop.pl line 2.
    BEGIN failed--compilation aborted at shop.pl line 2.

    syntax error at shop.pl line 3, near "my "
    Global symbol "$total" requires explicit package name (did you forget to declare "my $total"?) at shop.pl line 4.
    Execution of shop.pl aborted due to compilation errors.

    Trace begun at shop.pl line 3                                   Devel::StackTrace, below the message
    main::total(3) called at shop.pl line 12

A line of a stack names the function that was called and the place of the call, so that a frame's name stands one
line below its place; a block that is evaluated is no frame of its own. The ``type_name`` is ``die``, ``syntax error``
or ``compilation error``; further errors of the compilation are notes.

``warn`` prints the same line as ``die``. What the interpreter itself only warns of (``perldoc perldiag``, class W)
is no crash, nor is a line of a log whose level says so; a program's own warnings cannot be told apart. A message of
several lines is read from the one on that names the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.parsing.text.bounds import LONGEST_LINE, Bounds, Frames, stood_above
from snapfix.parsing.text.indentation import indentation
from snapfix.parsing.text.lines import Text
from snapfix.parsing.text.prefixes import wrapper_end

_LINE = re.compile(
    r" line (?P<line>\d{1,9})(?P<read>, <[^<>]{0,80}> (?:line|chunk) \d{1,15})?(?: thread \d{1,9})?"
    r"(?: during global destruction)?\.(?:: /\S{1,300})?$"  # Apache's log adds the script's path
)
_WHERE_IN_CODE = re.compile(
    r" line (?P<line>\d{1,9}), (?P<where>near \".*|at EOF|at end of line|within (?:string|pattern))$"
)
_CALL = re.compile(
    r"\s{0,16}(?P<name>[\w:']{1,500}|require [^\s()]{1,500}|eval '.{0,2000})(?:\(.*\))? called at "
    r"(?P<file>\S.{0,1000}?) line (?P<line>\d{1,9})\.?$"
)
_EVAL = re.compile(r"\s{0,16}eval \{\.\.\.\}(?: called)? at \S.{0,1000}? line \d{1,9}\.?$")
_TRACE = re.compile(r"Trace begun at (?P<file>\S.{0,1000}?) line (?P<line>\d{1,9})$")
_PROPAGATED = re.compile(r"\t\.\.\.(?P<how>propagated|caught) at (?P<file>\S.{0,1000}?) line (?P<line>\d{1,9})")
_ABORTED = re.compile(
    r"(?:(?P<block>BEGIN|UNITCHECK|CHECK|INIT|END) failed--(?:compilation|call queue) aborted"
    r"|Compilation failed in require)"
    r"(?: at (?P<file>\S.{0,1000}?) line (?P<line>\d{1,9})(?:, <[^<>]{0,80}> (?:line|chunk) \d{1,15})?)?\.$"
)
_END_OF_COMPILATION = re.compile(
    r"(?:Execution of .{1,1000} aborted due to compilation errors"
    r"|.{1,1000} had (?:compilation errors|too many errors)"
    r"|BEGIN not safe after errors - compilation aborted at .{1,1000})\.$"
)
_FILE = re.compile(
    r"(?:.{0,1000}\.(?:p[lm]|t|cgi|psgi|al|PL|fcgi)|-e|-|\(eval \d{1,9}\)(?:\[.{1,1000}\])?|/\S{1,1000})$"
)
_PATH_WITH_SPACES = re.compile(r"(?:[A-Za-z]:)?\.{0,2}[\\/]")
_APACHE = re.compile(r"(?:\[[^\]]{1,100}\] ){1,8}(?:AH\d{5}: )?")
_LEVEL = re.compile(r"\[?(?:ERROR|FATAL|CRITICAL|error|fatal)\]?:? {1,4}")
_LOGGED = re.compile(
    r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING)\b|\[(?:\w{1,20}:)?(?:trace|debug|info|notice|warn|warning)\d?\]"
)
_SAID = re.compile(
    r"(?:^| )(?:look|looks|looking|looked|see|is|was|are|were|lives|sits|starts|begins|happens|located|declared)$"
)
_WARNINGS = re.compile(
    r"Use of uninitialized value|Argument \".{0,500}\" isn't numeric|Deep recursion on|Odd number of elements in"
    r"|Useless use of|Name \".{1,300}\" used only once|Scalar value [@%].{1,300} better written as|Wide character in"
    r"|(?:Constant )?[Ss]ubroutine \S{1,300} redefined|\"(?:my|our|state)\" variable \S{1,300} masks earlier"
    r"|(?:print|printf|say|read|readline|close|sysread|syswrite|seek|tell|eof|-\w)(?:line)?\(\) on (?:closed|unopened) "
    r"|Possible |Unquoted string|Parentheses missing around|Statement unlikely to be reached|Found = in conditional"
    r"|Exiting \w{1,20} via|Reference found where even-sized list|Prototype mismatch|Negative repeat count"
    r"|substr outside of string|splice\(\) offset past end|Filehandle \S{1,100} (?:opened only|reopened as)"
    r"|Applying pattern match|Misplaced _ in number|Illegal (?:hexa|octal|binary)|Integer overflow|Invalid conversion"
    r"|Redundant argument in|Missing argument in|Smartmatch is|\S{1,100} is (?:experimental|deprecated)"
    r"|Unescaped |Unrecognized escape|Use of bare << |Variable \".{1,300}\" (?:is not available|will not stay)"
)
_COMPILATION = re.compile(
    r"syntax error$|Global symbol |Bareword |Missing right |Can't find string terminator |Type of arg |Can't modify "
    r"|(?:Not enough|Too many) arguments for |Can't redeclare |Unmatched right |Unrecognized character |No such class "
    r"|(?:Number|String|Array|Scalar|Operator) found where |Experimental "
)
_MAX_ERRORS = 40
"""Lines of one compilation's errors; Perl stops after 10 errors."""
_LONGEST_QUOTE = 12
"""Lines of code that an error is near to."""


def begins(line: str) -> int | None:
    """Where the layout begins in a line that holds one of its markers; see ``Layout.begins``.

    A message can be anything: it begins behind the prefix of a known tool, and the level in it.
    """
    if len(line) > LONGEST_LINE:
        return None
    wrapper = wrapper_end(line)
    level = _LEVEL.match(line, wrapper) if wrapper else None
    wrapper = level.end() if level else wrapper
    content = line[wrapper:].rstrip()
    if _CALL.match(content):
        return wrapper
    indent = indentation(content)
    return wrapper + indent if _TRACE.match(content, indent) or _death(content[indent:]) else None


def read(lines: Text) -> Traceback | None:
    """Read the death at the cursor; see ``Layout.read``."""
    line = _peek(lines)
    if _CALL.match(line):
        return _without_top(lines)
    if _TRACE.match(line):
        return _devel_stack_trace(lines)
    death = _death(line)
    if death is None:
        return None
    reader = _Reader(lines)
    reader.skip()
    return reader.rest_of(death)


@dataclass(frozen=True, slots=True)
class _Death:
    """A line that names a place: ``message at file line 3.``"""

    message: str
    file: str
    line: int
    where: str = ""

    @property
    def in_compilation(self) -> bool:
        """The compiler said so."""
        return bool(self.where or _COMPILATION.match(self.message))

    def exception(self, notes: tuple[str, ...], frames: tuple[Frame, ...]) -> ParsedException:
        """What it is about."""
        if self.message == "syntax error":
            return ParsedException(self.message, self.where, notes, frames)
        message = f"{self.message}, {self.where}" if self.where else self.message
        return ParsedException("compilation error" if self.in_compilation else "die", message, notes, frames)


class _Reader:
    """Reads one death."""

    def __init__(self, lines: Text) -> None:
        self._lines = lines
        self.bounds = Bounds()
        self.first_line = self.last_line = lines.number

    def skip(self, count: int = 1) -> None:
        """Move on by lines that belong to it."""
        if count:
            self._lines.skip(count)
            self.last_line = self._lines.number - 1

    def rest_of(self, death: _Death) -> Traceback | None:
        """What follows the line that says what happened; None where it says that it was a warning."""
        if death.where.startswith("near "):
            death = self._with_quotation(death)
        notes = self._further_errors() if death.in_compilation else ()
        frames = self.stack(death.file, death.line)
        if frames is None:
            return None
        return self.traceback(death.exception(notes, frames))

    def traceback(self, exception: ParsedException) -> Traceback:
        """The traceback, when all is read."""
        return Traceback("perl", "perl", self.first_line, self.last_line, exception, missing=self.bounds.missing)

    def _with_quotation(self, death: _Death) -> _Death:
        """The code that an error is near to may have several lines."""
        shown = [death.where]
        for line in islice(self._lines.ahead(), _LONGEST_QUOTE):
            if shown[-1].endswith('"') and not (len(shown) == 1 and shown[0] == 'near "'):
                break
            shown.append(line[:LONGEST_LINE])
        if len(shown) > 1 and not shown[-1].endswith('"'):
            return death
        self.skip(len(shown) - 1)
        return _Death(death.message, death.file, death.line, "\n".join(shown))

    def _further_errors(self) -> tuple[str, ...]:
        """The compilation's other errors, up to the line that says that it was given up."""
        found: list[str] = []
        for line in islice(self._lines.ahead(), _MAX_ERRORS):
            line = line[:LONGEST_LINE].rstrip()
            if _END_OF_COMPILATION.match(line) or _ABORTED.match(line):
                self.skip(len(found) + (_ABORTED.match(line) is None))
                return tuple(_joined(found))
            found.append(line)
        return ()

    def stack(self, file: str, lineno: int) -> tuple[Frame, ...] | None:
        """The frames, outermost first; the innermost is at that place. None where the stack is a warning's."""
        frames = Frames(self.bounds)
        frames.add(Frame(file, lineno, ""))
        here = (file, lineno)
        while line := _peek(self._lines):
            if _EVAL.match(line):
                self.skip()
                continue
            propagated = _PROPAGATED.match(line)
            aborted = _ABORTED.match(line)
            call = _CALL.match(line)
            if propagated and propagated["how"] == "caught":
                self.skip()
                return None
            found = propagated or aborted or call
            if found is None:
                break
            self.skip()
            if call or (aborted and aborted["block"]):
                frames.change_last(name=call["name"] if call else aborted and aborted["block"])
            if found["file"] and (call or (found["file"], int(found["line"])) != here):
                here = (found["file"], int(found["line"]))
                frames.add(Frame(*here, ""))
        return frames.kept(innermost_first=True)


def _joined(lines: list[str]) -> Iterator[str]:
    """Errors as notes: what does not name a place is the rest of the code that the one above is near to."""
    note: list[str] = []
    for line in lines:
        if note and _death(line, any_message=True):
            yield "\n".join(note)
            note = []
        note.append(line)
    if note:
        yield "\n".join(note)


def _without_top(lines: Text) -> Traceback | None:
    """What a text that was cut off leaves of a stack."""
    if any(line.strip() for line in lines.before(1)):
        return None
    reader = _Reader(lines)
    call = _CALL.match(_peek(lines))
    reader.skip()
    frames = reader.stack(call["file"], int(call["line"])) if call else None
    reader.bounds.gap(stood_above(reader.first_line))
    return reader.traceback(ParsedException("", "", frames=frames)) if frames else None


def _devel_stack_trace(lines: Text) -> Traceback | None:
    """A stack of Devel::StackTrace's; the message stands above it, where there is one."""
    trace = _TRACE.match(_peek(lines))
    if trace is None:
        return None
    before = lines.before(2)
    height = next((n for n, line in enumerate(reversed(before), start=1) if line.strip()), 0)
    message = before[-height].strip()[:LONGEST_LINE] if height else ""
    lines.back(height)
    reader = _Reader(lines)
    reader.skip(height + 1)
    frames = reader.stack(trace["file"], int(trace["line"]))
    if not height:
        reader.bounds.gap(stood_above(reader.first_line))
    return reader.traceback(ParsedException("die", message, frames=frames)) if frames else None


def _peek(lines: Text) -> str:
    return (lines.peek() or "")[:LONGEST_LINE].rstrip()


def _death(line: str, *, any_message: bool = False) -> _Death | None:
    """What a line says that happened; a warning is nothing that did, unless ``any_message`` counts."""
    end = _LINE.search(line, max(len(line) - 500, 0)) or _WHERE_IN_CODE.search(line)
    if end is None:
        return None
    at = line.rfind(" at ", 0, end.start())
    message, file = line[: max(at, 0)], line[at + 4 : end.start()]
    apache = _APACHE.match(message)
    if at < 0 or not _is_file(file):
        return None
    if not any_message and (_SAID.search(message[-20:]) or _is_warning(message)):
        return None
    where = end["where"] if "where" in end.groupdict() else ""
    return _Death(message[apache.end() if apache else 0 :], file, int(end["line"]), where)


def _is_file(name: str) -> bool:
    return _FILE.match(name) is not None and (" " not in name or name[0] == "(" or bool(_PATH_WITH_SPACES.match(name)))


def _is_warning(message: str) -> bool:
    """It is a warning of the interpreter's, a line of a log, a comment or a list."""
    if not message.strip() or message.startswith(("#", "- ", "* ", "//", '"', "`", "\t")):
        return True
    return _LOGGED.search(message[:100]) is not None or _WARNINGS.match(message) is not None
