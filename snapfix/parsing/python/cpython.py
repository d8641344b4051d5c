"""Tracebacks as CPython's interpreter and its ``traceback`` module print them.

The layout, from the standard library's ``traceback.py`` (3.11 to 3.14)::

    Traceback (most recent call last):            a chain is printed earliest first; an exception that was
      File "/app/shop.py", line 9, in total       never raised has no such header
        return sum(item.price for item in cart)
               ~~~^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      [Previous line repeated 3 more times]
    TypeError: unsupported operand                then the rest of the message, then the notes

    The above exception was the direct cause of the following exception:

      + Exception Group Traceback (most recent call last):
      |   File "/app/shop.py", line 3, in <module>
      | ExceptionGroup: two failed (2 sub-exceptions)
      +-+---------------- 1 ----------------
        | ValueError: a member; its own chain and members are indented further
        +---------------- 2 ----------------
        |   File "/app/broken.py", line 3         a SyntaxError names a place, without a function
        |     def f(
        |          ^
        | SyntaxError: '(' was never closed
        +------------------------------------

Everything may stand behind a constant prefix (white space, mostly). Three readings go beyond the text:

- The traceback that ``multiprocessing`` quotes in a ``RemoteTraceback``'s message, and one that directly follows a
  message ending with a colon, is read as the exception that this one came from.
- Where no exception follows the frames, one that a log line names above the header is taken (AWS Lambda's
  ``[ERROR] KeyError: 'price'``).
- Behind the last exception of a text, lines that only may belong to it are handed on as ``following``
  (see ``messages``). Within a chain or a group the extent is exact: there, lines that nothing makes part of
  the message are notes, unless an empty line comes first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, takewhile

from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing.python.cpython_lines import (
    CARETS,
    FRAME_MARKER,
    GROUP_END,
    GROUP_HEADER,
    HEADER,
    IN_GROUP,
    INTERRUPTION,
    MEMBER,
    MORE_MEMBERS,
    NOT_SHOWN,
    QUOTES,
    REPEATED,
    SEPARATORS,
    TOO_DEEP,
    TYPE,
    Likeness,
    columns_marked,
    frame_in,
    is_around,
    is_drawn_header,
    is_header,
    is_remote,
    likeness,
    named_above,
    without_margin,
)
from snapfix.parsing.python.cpython_start import begins as begins
from snapfix.parsing.python.cpython_start import find_start
from snapfix.parsing.python.frameworks import (
    IN_USER_CODE,
    explained,
    quoted,
    quoted_message,
    read_reported,
    unmarked,
)
from snapfix.parsing.text.bounds import (
    LONGEST_LINE,
    MAX_CHAIN,
    MAX_CODE_LINES,
    MAX_MESSAGE,
    MAX_MESSAGE_LINES,
    Bounds,
    Frames,
    stood_above,
)
from snapfix.parsing.text.chains import Chain
from snapfix.parsing.text.lines import Cursor, Section, Text, without_prefix
from snapfix.parsing.text.messages import continuation, following, is_log_line, split_notes

_MAX_INNER_CHAIN = 8  # of a group's member
_MAX_GROUP_DEPTH = 12  # CPython prints 10 levels
_MAX_EXCEPTIONS = 1_000
_HEADING = re.compile(r"([=_])\1{2,} \S.*\1{3}$")
"""What test runners begin a section with: ``===== FAILURES =====``."""
_LONGEST_HEADING = 300
_OF_NOTEBOOKS = ("CellExecutionError", "PapermillExecutionError")
_LINES_KNOWN = 120  # of a stack that is remembered
_CHARACTERS_KNOWN = 8 * 1024


def read(lines: Text) -> Traceback | None:
    """Read the traceback at the cursor; see ``Layout.read``."""
    start = find_start(lines)
    if start is None:
        return None
    if start.lines_back:
        lines.back(start.lines_back)
    first_line = lines.number
    above = "".join(lines.before(1))
    lines.skip(start.lines_passed)
    own = Section(lines, without_prefix(start.prefix)) if start.prefix else lines
    reader = _Reader(own, headless=start.headless, named_above=named_above(above) if start.headed else None)
    exception = reader.chain(start.depth, headed=start.headed, grouped=start.grouped)
    if exception is None or (start.headless and not exception.type_name):
        return None
    missing = [*reader.missing]
    if start.cut or (start.headless and not _is_place_only(exception)):
        missing.insert(0, stood_above(first_line))
    if above and is_header(above):
        missing.append("whose frames these are: another traceback's lines stand between them")
    return Traceback(
        "python",
        "cpython",
        first_line,
        reader.last_line,
        exception,
        following=reader.following,
        missing=tuple(missing),
    )


def _is_place_only(exception: ParsedException) -> bool:
    """A SyntaxError of the file that was to be run: it has no stack, so that no header was printed."""
    first = next(exception.walk())
    return not any(frame.name for frame in first.frames)


@dataclass(frozen=True, slots=True)
class _Tail:
    """The lines printed after the one that names the exception.

    Attributes:
        lines: at most as many as a message may have.
        exact: they end where the exception's text ends: a separator or a margin says so.
    """

    lines: list[str]
    exact: bool


class _Reader:
    """Reads one traceback; the lines come without the prefix that all of them share.

    Args:
        exact: they end where the traceback does.
        headless: they begin with a frame.
        named_above: the exception that the line above the header names.
    """

    def __init__(
        self,
        lines: Cursor,
        *,
        exact: bool = False,
        headless: bool = False,
        named_above: ParsedException | None = None,
    ) -> None:
        self._lines = lines
        self._exact = exact
        self._headless = headless
        self._named_above = named_above
        self._exceptions = 0
        self._group_closed = True
        self._bounds = Bounds()
        self.last_line = lines.number
        self.following: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not in the result, in words."""
        return self._bounds.missing

    def chain(self, depth: int, *, headed: bool = False, grouped: bool = False) -> ParsedException | None:
        """An exception and those that it came from, which are printed before it."""
        chain = Chain(self._bounds, MAX_CHAIN if depth == 0 else _MAX_INNER_CHAIN)
        relation: Relation | None = None
        while (exception := self._exception(depth, headed, grouped, first=relation is None)) is not None:
            headed = grouped = False
            relation = self._separator(depth)
            chain.add(exception, relation)
            if relation is None:
                break
        if relation is not None:
            self._bounds.gap(f"the exception after line {self.last_line}")
        return chain.root()

    def _separator(self, depth: int) -> Relation | None:
        lines = self._section(depth)
        blanks, line = next(((n, line) for n, line in enumerate(islice(lines.ahead(), 3)) if line.strip()), (0, ""))
        by_django = explained(line)
        relation = by_django.relation if by_django else SEPARATORS.get(line.rstrip())
        if relation is not None:
            lines.skip(blanks + 1)
            if lines.peek() == "":
                lines.skip()
        return relation

    def _section(self, depth: int) -> Cursor:
        """The lines of an exception that is ``depth`` levels deep in groups."""
        if depth == 0:
            return self._lines
        return Section(self._lines, without_prefix("  " * depth + "| "))

    def _exception(self, depth: int, headed: bool, grouped: bool, *, first: bool) -> ParsedException | None:
        if depth == 0 and not headed:
            line = self._lines.peek() or ""
            if line.startswith("  + " + GROUP_HEADER):
                self._lines.skip()
                headed = grouped = True
            grouped = grouped or line.startswith("  | ")
        inside = max(depth, 1) if grouped else depth
        section = self._section(inside)
        if not headed and (section.peek() or "").rstrip() in (HEADER, GROUP_HEADER):
            section.skip()
        exception = self._body(section, exact=inside > 0 or self._exact, first=first)
        if exception is None or inside == 0:
            return exception
        members = self._members(inside)
        if depth == 0 and not self._group_closed:
            self._bounds.gap(f"the end of the group: it breaks off after line {self.last_line}")
        return replace(exception, linked=(*exception.linked, *members))

    # the frames

    def _body(self, lines: Cursor, *, exact: bool, first: bool) -> ParsedException | None:
        frames = self._frames(lines)
        line = lines.peek()
        # A stack without a header may be `traceback.print_stack`'s, and what stands below it anything.
        needed = Likeness.CERTAIN if self._headless and first else Likeness.POSSIBLE
        if line is None or likeness(line) < needed:
            if not frames.count:
                return None
            if self._named_above and first:
                return replace(self._named_above, frames=frames.kept())
            if by_django := self._by_django(lines):
                return replace(by_django, frames=frames.kept())
            self._bounds.gap(f"the exception itself: the traceback breaks off after line {self.last_line}")
            return ParsedException("", "", frames=frames.kept())
        return self._summary(lines, frames.kept(), exact=exact, first=first)

    def _by_django(self, lines: Cursor) -> ParsedException | None:
        """The exception that Django names below the frames, or in the line before the next exception's."""
        if above := next(filter(None, map(explained, lines.next_lines(2))), None):
            self._bounds.gap(f"the type of the exception that ends in line {self.last_line}: it is not printed")
            return ParsedException("", self._bounds.cut(above.message))
        if (reported := read_reported(lines)) is None:
            return None
        exception, length = reported
        self._skip(lines, length)
        return replace(exception, message=self._bounds.cut(exception.message))

    def _frames(self, lines: Cursor) -> Frames:
        frames = Frames(self._bounds)
        for known in self._known_frames(lines):
            frames.add(known)
        while (line := lines.peek()) is not None:
            if frame := frame_in(line):
                self._skip(lines)
                code, columns = self._code(lines, in_stack=bool(frame.name))
                if not code and not frame.name:
                    # The interpreters of 3.11 and 3.12 print the code of a group's SyntaxError without the margin.
                    code, columns = self._code(Section(self._lines, without_margin), in_stack=False)
                frames.add(Frame(frame.filename, frame.lineno, frame.name, code, columns))
            elif match := REPEATED.match(line):
                self._skip(lines)
                frames.change_last(repeats=int(match[1]))
            elif match := NOT_SHOWN.match(line):
                self._skip(lines)
                self._bounds.leave_out("frame{s} in the middle of a stack", int(match[1]))
            elif not self._headless and (passed := _interruption(lines)):
                lines.skip(passed)
            else:
                break
        return frames

    def _known_frames(self, lines: Cursor) -> tuple[Frame, ...]:
        """The frames of an ordinary stack: a log repeats the same ones over and over."""
        stack = tuple(takewhile(_is_indented, islice(lines.ahead(), _LINES_KNOWN)))
        if len(stack) == _LINES_KNOWN or sum(map(len, stack)) > _CHARACTERS_KNOWN:
            return ()
        frames = _frames_of(stack)
        if frames:
            self._skip(lines, len(stack))
        return frames

    def _code(self, lines: Cursor, *, in_stack: bool) -> tuple[str, tuple[int, int] | None]:
        shown: list[str] = []
        columns: tuple[int, int] | None = None
        previous_is_code = False
        while (line := lines.peek()) is not None and line.startswith("    "):
            self._skip(lines)
            text = line[4 : 4 + LONGEST_LINE]
            if previous_is_code and CARETS.match(text):
                if len(shown) == 1:
                    columns = columns_marked(shown[0], text, wide=in_stack)
                previous_is_code = False
            elif len(shown) < MAX_CODE_LINES:
                shown.append(text)
                previous_is_code = True
            else:
                self._bounds.leave_out("line{s} of code")
        return "\n".join(shown), columns

    # the exception itself

    def _summary(self, lines: Cursor, frames: tuple[Frame, ...], *, exact: bool, first: bool) -> ParsedException:
        line = lines.peek() or ""
        match = TYPE.match(line)
        type_name = match["type"] if match else ""
        opening = line[match.end() :] if match and match["colon"] else None
        self._skip(lines)
        if type_name.endswith(_OF_NOTEBOOKS) and (in_cell := self._in_cell(lines, type_name, opening or "", frames)):
            return in_cell
        if opening == IN_USER_CODE:
            return self._in_user_code(lines, type_name, frames)
        if first and (source := self._remote(lines, type_name, opening)):
            exception = ParsedException(type_name, "", frames=frames, linked=(source,))
            tail, taken = self._tail(lines, exact), 0
        else:
            in_margin = lines is not self._lines
            spilt = self._spilt() if in_margin and opening is not None else []
            tail = self._tail(lines, exact)
            code = frames[-1].code if frames else ""
            taken = 0 if opening is None or spilt else _message_lines(type_name, opening, tail, code)
            message = "\n".join([opening or "", *spilt, *tail.lines[:taken]])
            exception = ParsedException(type_name, self._bounds.cut(message), frames=frames)
        if tail.exact:
            self._skip(lines, len(tail.lines))
            self._pass_rest(lines)
            return replace(exception, notes=self._notes(tail.lines[taken:]))
        self._skip(lines, taken)
        if first and opening is not None and (source := self._quoted_below(lines, opening, tail.lines[:taken])):
            return replace(exception, linked=(source,))
        self.following = following(tail.lines[taken:])
        return exception

    def _tail(self, lines: Cursor, exact: bool) -> _Tail:
        """Look at what follows, as far as messages go."""
        kept: list[str] = []
        characters = 0
        for line in lines.ahead():
            if line.rstrip() in SEPARATORS:
                blank = bool(kept) and not kept[-1].strip()
                return _Tail(kept[:-1] if blank else kept, True)
            full = len(kept) >= MAX_MESSAGE_LINES or characters > MAX_MESSAGE
            if full or (not exact and _starts_something_else(line)):
                break
            characters += len(line)
            kept.append(line)
        return _Tail(kept, exact)

    def _pass_rest(self, lines: Cursor) -> None:
        """Skip what is left of a text whose end is known, up to the blank line before a separator."""
        while (line := lines.peek()) is not None and line.rstrip() not in SEPARATORS:
            if not line.strip() and any(after.rstrip() in SEPARATORS for after in lines.next_lines(2)):
                return
            self._skip(lines)
            self._bounds.leave_out("line{s} of a message")

    def _spilt(self) -> list[str]:
        """The rest of a message in a group, which the interpreters of 3.11 and 3.12 print without the margin."""
        spilt: list[str] = []
        for line in self._lines.ahead():
            if IN_GROUP.match(line):
                self._skip(self._lines, len(spilt))
                return spilt
            if len(spilt) == MAX_MESSAGE_LINES:
                break
            spilt.append(line)
        return []

    def _remote(self, lines: Cursor, type_name: str, opening: str | None) -> ParsedException | None:
        """The traceback of another process that ``multiprocessing`` quotes as a message."""
        if opening is None or opening.strip() or not is_remote(type_name) or lines.peek() != QUOTES:
            return None
        self._skip(lines)
        inner = _Reader(Section(lines, lambda line: None if line == QUOTES else line), exact=True)
        exception = inner.chain(0)
        self._adopt(inner)
        while (line := lines.peek()) is not None and line != QUOTES and line.strip():
            self._skip(lines)
        if lines.peek() == QUOTES:
            self._skip(lines)
        return exception and replace(exception, relation=Relation.CAUSE)

    def _in_cell(
        self, lines: Cursor, type_name: str, opening: str, frames: tuple[Frame, ...]
    ) -> ParsedException | None:
        """The failure of a notebook's cell, whose message quotes the cell and what IPython printed for it."""
        from snapfix.parsing.python import ipython  # only a notebook needs it

        quoted = ipython.read_quoted(lines)
        if quoted is None:
            return None
        self.last_line = quoted.last_line
        self.following = quoted.following
        for gap in quoted.missing:
            self._bounds.gap(gap)
        message = self._bounds.cut("\n".join([opening, *quoted.above]))
        cause = replace(quoted.exception, relation=Relation.CAUSE)
        return ParsedException(type_name, message.strip("\n"), frames=frames, linked=(cause,))

    def _in_user_code(self, lines: Cursor, type_name: str, frames: tuple[Frame, ...]) -> ParsedException:
        """An exception whose message quotes the inner part of the stack: AutoGraph's."""
        message = Section(lines, quoted)
        while (line := message.peek()) is not None and not line.strip():
            message.skip()
        inner = unmarked(self._frames(message).kept())
        text = quoted_message(message)
        self._skip(message, len(text))
        shown = self._bounds.cut("\n".join(text).lstrip("\n") if text else IN_USER_CODE)
        return ParsedException(type_name, shown, frames=(*frames, *inner))

    def _quoted_below(self, lines: Cursor, opening: str, rest: list[str]) -> ParsedException | None:
        """The traceback that a message ends with: ``RuntimeError: the child failed:`` and the child's own."""
        line = lines.peek()
        if not (rest[-1] if rest else opening).rstrip().endswith(":") or line != HEADER:
            return None
        if not any(map(frame_in, lines.next_lines(4))):
            return None
        self._skip(lines)
        inner = _Reader(lines)
        exception = inner._body(lines, exact=False, first=False)
        self._adopt(inner)
        self.following = inner.following
        return exception and replace(exception, relation=Relation.CAUSE)

    def _adopt(self, inner: _Reader) -> None:
        self.last_line = inner.last_line
        for gap in inner.missing:
            self._bounds.gap(gap)

    def _notes(self, lines: list[str]) -> tuple[str, ...]:
        size = sum(map(len, lines))
        if not self._bounds.affords(size):
            return ()
        self._bounds.spend(size)
        return split_notes(lines)

    # groups

    def _members(self, depth: int) -> tuple[ParsedException, ...]:
        members: list[ParsedException] = []
        self._group_closed = False
        while (line := self._lines.peek()) is not None:
            match = MEMBER.match(line)
            if match is None or len(match[1]) != 2 * depth:
                break
            self._skip(self._lines)
            if depth >= _MAX_GROUP_DEPTH:
                self._pass_over(depth)
                continue
            member = self._member(depth + 1)
            if member is not None and self._exceptions < _MAX_EXCEPTIONS:
                self._exceptions += 1
                members.append(replace(member, relation=Relation.MEMBER))
            elif member is not None:
                self._bounds.leave_out("exception{s} of a group")
        end = GROUP_END.match(line or "")
        if end and len(end[1]) >= 2 * depth:
            self._skip(self._lines)
            self._group_closed = True
        return tuple(members)

    def _member(self, depth: int) -> ParsedException | None:
        section = self._section(depth)
        line = (section.peek() or "").rstrip()
        if match := MORE_MEMBERS.match(line):
            self._bounds.leave_out("exception{s} of a group not printed", int(match[1]))
        elif TOO_DEEP.match(line):
            self._bounds.leave_out("group{s} nested too deeply to be printed")
        else:
            return self.chain(depth)
        self._skip(section)
        return None

    def _pass_over(self, depth: int) -> None:
        """Skip a member that is nested too deeply to be kept."""
        self._bounds.leave_out("exception{s} nested too deeply in groups")
        deeper = "  " * (depth + 1)
        while (line := self._lines.peek()) is not None and line.startswith(deeper):
            if GROUP_END.match(line) or ((match := MEMBER.match(line)) and len(match[1]) == 2 * depth):
                break
            self._skip(self._lines)

    # bounds

    def _skip(self, lines: Cursor, count: int = 1) -> None:
        if count:
            lines.skip(count)
            self.last_line = lines.number - 1


@lru_cache(maxsize=512)
def _frames_of(stack: tuple[str, ...]) -> tuple[Frame, ...]:
    """The frames of which each shows one line of code, perhaps with carets; none where there is anything else."""
    frames: list[Frame] = []
    code = ""
    for line in stack:
        if frame := frame_in(line):
            code = ""
            if not frame.name:
                return ()
            frames.append(frame)
        elif not line.startswith("    ") or not frames:
            return ()
        elif not code:
            code = line[4:]
            frames[-1] = replace(frames[-1], code=code)
        elif CARETS.match(line[4:]) and frames[-1].columns is None:
            frames[-1] = replace(frames[-1], columns=columns_marked(code, line[4:], wide=True))
        else:
            return ()
    return tuple(frames)


def _is_indented(line: str) -> bool:
    return line.startswith("  ")


def _message_lines(type_name: str, opening: str, tail: _Tail, code: str) -> int:
    """How many lines of ``tail`` are the message's; see the module's docstring."""
    count = continuation(type_name, opening, tail.lines, code)
    if tail.exact and count < len(tail.lines) and not tail.lines[count].strip():
        return len(tail.lines)
    return count


def _interruption(lines: Cursor) -> int:
    """How many lines of other output stand here between two frames, or before the exception's line."""
    strength = likeness(lines.peek() or "")
    # Nothing but a frame that follows at once makes an exception's line other output.
    near = lines.next_lines(2 if strength == Likeness.CERTAIN else INTERRUPTION + 1)
    if strength == Likeness.CERTAIN and not near[-1].startswith(FRAME_MARKER):
        return 0
    for distance, line in enumerate(near):
        if line.rstrip() in SEPARATORS or (line and is_header(line)) or explained(line):
            break
        frame = frame_in(line)
        if distance and frame and frame.name:
            return distance
        if distance and strength < Likeness.LIKELY and likeness(line) == Likeness.CERTAIN:
            return distance
    return 0


def _starts_something_else(line: str) -> bool:
    if not line:
        return False
    if is_header(line) or line.startswith(FRAME_MARKER) or _HEADING.match(line[:_LONGEST_HEADING]):
        return True
    return is_log_line(line) or _is_member_line(line) or is_around(line) or is_drawn_header(line)


def _is_member_line(line: str) -> bool:
    return line.startswith("  +-+---")
