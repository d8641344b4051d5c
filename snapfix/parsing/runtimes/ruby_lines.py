"""What single lines of Ruby's layouts are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from snapfix.crash import Frame
from snapfix.parsing.text.bounds import LONGEST_LINE
from snapfix.parsing.text.messages import is_log_line

_TYPE = r"(?:[A-Z]\w*::){0,20}[A-Z]\w*"
_PLACE = re.compile(r"(?P<file>[^\s:].*?)(?::(?P<line>\d{1,9}))?:in [`'](?P<name>[^'`]*)'")
_LISTED = re.compile(r"\s*(?:# {1,3})?")
_FROM = re.compile(r"\s+(?:(?P<number>\d{1,9}): )?from (?=\S)")
_BARE_PLACE = re.compile(r"(?P<file>\S.{0,500}?):(?P<line>\d{1,9})$")
LEVELS = re.compile(r"\s+\.\.\. (\d{1,9}) levels\.\.\.$")
THREAD = re.compile(r"#<Thread:.{1,1000}> terminated with exception \(report_on_exception is true\):$")
_TYPE_AT_END = re.compile(rf" \((?P<type>{_TYPE}|#<Class:0x\w{{1,16}}>)\)$")
_TYPE_ALONE = re.compile(rf"(?P<type>{_TYPE}|#<Class:0x\w{{1,16}}>)$")
_ENDINGS = (
    *("Error", "Exception", "Interrupt", "Exit", "Failure", "Fault", "Timeout", "Invalid", "NotFound", "Missing"),
    *("StopIteration", "Expired", "Denied", "Refused", "Unavailable", "Conflict", "Forbidden"),
)
_CARETS = re.compile(r"\s*\^[\^~]*$")
_SUGGESTION = "Did you mean?"
SYNTAX_ERROR = re.compile(
    r"(?P<file>[^\s:].*?):(?P<line>\d{1,9}): (?P<message>syntax errors? found(?= \(SyntaxError\)$)|syntax error, .*$)"
)
_SCRIPT = re.compile(r"(?:^|[/\\])(?:-e|-|\(irb\)|\(eval.*|[^/\\]+\.(?:rb|ru|rake|gemspec|thor|erb)|[A-Z][a-z]+file)$")


@dataclass(frozen=True, slots=True)
class Top:
    """The line that names an exception and where it was raised.

    Attributes:
        frame: the innermost one.
        type_name: ``""`` where the line does not tell it.
        message: its first line.
    """

    frame: Frame
    type_name: str
    message: str

    @property
    def is_certain(self) -> bool:
        """No log line looks like it."""
        return is_exception_name(self.type_name) or (bool(self.type_name) and "<main>" in self.frame.name)


def is_exception_name(name: str) -> bool:
    """The name is written as exceptions' classes are: ``KeyError``, ``Faraday::Timeout``."""
    return name.endswith(_ENDINGS) or (("::" in name or name.startswith("#<Class:")) and not name.isupper())


def _match_place(line: str, column: int) -> re.Match[str] | None:
    return _PLACE.match(line, column) if len(line) <= LONGEST_LINE else None


def _frame(match: re.Match[str]) -> Frame:
    return Frame(match["file"], int(match["line"]) if match["line"] else None, match["name"])


def top_in(line: str) -> Top | None:
    """The exception that a line names behind the place where it was raised."""
    line = line[:LONGEST_LINE]
    match = _match_place(line, 0)
    if match is None or not line.startswith(":", match.end()):
        return None
    text = line[match.end() + 1 :].removeprefix(" ")
    if text == "unhandled exception":
        return Top(_frame(match), "RuntimeError", "")
    if alone := _TYPE_ALONE.match(text):
        return Top(_frame(match), alone["type"], "")
    text = line[match.end() + 1 :]
    typed = _TYPE_AT_END.search(text, max(len(text) - 500, 0))
    message = text[: typed.start()] if typed else text
    return Top(_frame(match), typed["type"] if typed else "", message.removeprefix(" "))


def listed_frame(line: str) -> Frame | None:
    """The frame that a line of ``Exception#backtrace`` names, indented or behind rspec's ``#``."""
    match = _match_place(line, _LISTED.match(line).end())  # type: ignore[union-attr]
    return _frame(match) if match and not line[match.end() :].strip() else None


def from_frame(line: str) -> Frame | None:
    """The frame that a line with ``from`` names."""
    start = _FROM.match(line)
    if start is None or len(line) > LONGEST_LINE:
        return None
    match = _match_place(line, start.end()) or _BARE_PLACE.match(line, start.end())
    if match is None or line[match.end() :].strip():
        return None
    return Frame(match["file"], int(match["line"]) if match["line"] else None, match.groupdict().get("name") or "")


def is_numbered(line: str) -> bool:
    """The line is a frame of a backtrace whose innermost frame comes last."""
    start = _FROM.match(line)
    return start is not None and start["number"] is not None and from_frame(line) is not None


def syntax_error(line: str) -> re.Match[str] | None:
    """The place and message of a syntax error, where the line is one of Ruby's own: others have such errors, too."""
    if len(line) > LONGEST_LINE:
        return None
    match = SYNTAX_ERROR.match(line)
    if match is None:
        return None
    return match if line.endswith(" (SyntaxError)") or _SCRIPT.search(match["file"]) else None


def starts_something_else(line: str) -> bool:
    """The line cannot be a message's: another backtrace begins, or a logger wrote it."""
    if top_in(line) is not None or THREAD.match(line) or from_frame(line) or LEVELS.match(line):
        return True
    return is_log_line(line) or line.startswith("Traceback (most recent call last):")


@dataclass(frozen=True, slots=True)
class Message:
    """A message without what Ruby's standard gems add to it.

    Attributes:
        text: the message itself.
        code: the line that ``error_highlight`` shows, without its indentation; ``""`` where there is none.
        columns: what it marks in it.
        notes: what ``did_you_mean`` suggests.
    """

    text: str
    code: str = ""
    columns: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()


def divided(lines: Sequence[str]) -> Message:
    """The parts of a message; its lines may be indented, all by the same."""
    end = next((n for n, line in enumerate(lines) if n and line.lstrip().startswith(_SUGGESTION)), len(lines))
    notes = ("\n".join(lines[end:]).strip(),) if end < len(lines) else ()
    shown = [*lines[:end]]
    code, columns = "", None
    for n in range(2, len(shown)):
        if _CARETS.match(shown[n][:LONGEST_LINE]) and shown[n - 1].strip() and not shown[n - 2].strip():
            indent = len(shown[n - 1]) - len(shown[n - 1].lstrip())
            code = shown[n - 1].strip()
            columns = (max(shown[n].find("^") - indent, 0), len(shown[n].rstrip()) - indent)
            del shown[n - 2 : n + 1]
            break
    while len(shown) > 1 and not shown[-1].strip() and (code or notes):
        shown.pop()
    return Message("\n".join(shown), code, columns, notes)


def additions(rest: Sequence[str]) -> int:
    """How many of the lines below the first one of a message those gems added."""
    count = 0
    if len(rest) > 2 and not rest[0].strip() and rest[1].strip() and _CARETS.match(rest[2][:LONGEST_LINE]):
        count = 3
    if len(rest) > count and rest[count].startswith(_SUGGESTION):
        count += 1
        while len(rest) > count and rest[count].startswith(" " * len(_SUGGESTION)):
            count += 1
    return count


_FULL = re.compile(rf"(?P<type>{_TYPE}): ?(?P<message>.*)$")
_CAMEL_CASE = re.compile(r"(?P<type>(?:[A-Z]\w*::)*[A-Z][a-z0-9]+[A-Z]\w*): (?P<message>.*)$")
_PARENTHESISED = re.compile(rf"(?P<type>{_TYPE}) \((?P<message>.*)$")
_INSPECTED = re.compile(rf"#<(?P<type>{_TYPE}): (?P<message>.*)$")
_LOGGERS_HEAD = re.compile(r"[A-Z], \[[^\]]{0,60}\] {1,4}[A-Z]{1,8} -- [^:]{0,100}: ")
_OTHER_HEAD = re.compile(r"(?:\[?\d{4}-[\dTZ:.,+ -]{1,40}\]? )?\[?(?:WARN|ERROR|FATAL|WARNING|CRITICAL)\]?:? ")
_INFORMATION = re.compile(r"Information for(?: cause)?: ")
_MAX_BLANKS = 3


@dataclass(frozen=True, slots=True)
class Header:
    """The line above a list of frames that names the exception.

    Attributes:
        type_name: of the exception.
        message: its first line.
        bracket: what closes the message, behind its last line where it has several.
    """

    type_name: str
    message: str
    bracket: str = ""

    def whole_message(self, rest: Sequence[str]) -> list[str]:
        """The message's lines: ``rest`` is what stands between the first and the frames."""
        lines = [self.message, *(line.rstrip() for line in rest)]
        while len(lines) > 1 and not lines[-1]:
            lines.pop()
        if self.bracket:
            lines[-1] = lines[-1].removesuffix(":").removesuffix(self.bracket)
        lines[0] = lines[0].removesuffix(f" ({self.type_name})")
        return lines


def header_in(line: str) -> Header | None:
    """The exception that a line names as those do that print a list of frames below: loggers, Rails, rake, Puma."""
    text = _without_head(line)
    match = _PARENTHESISED.match(text)
    if match and is_exception_name(match["type"]):
        return _bracketed(match, ")", closed=match["message"].count(")") > match["message"].count("("))
    match = _FULL.match(text)
    if match and is_exception_name(match["type"]):
        return Header(match["type"], match["message"])
    match = _TYPE_AT_END.search(text, max(len(text) - 500, 0))
    if match and is_exception_name(match["type"]):
        return Header(match["type"], text[: match.start()])
    match = _INSPECTED.match(text, max(text.rfind("#<"), 0))
    if match and is_exception_name(match["type"]):
        return _bracketed(match, ">", closed=match["message"].endswith(">"))
    return Header(text, "") if _TYPE_ALONE.match(text) and is_exception_name(text) else None


def _without_head(line: str) -> str:
    """What a record says, without its time and level."""
    text = line[:LONGEST_LINE].strip()
    for head in (_LOGGERS_HEAD, _OTHER_HEAD, _INFORMATION):
        if match := head.match(text):
            text = text[match.end() :]
    return text


def _bracketed(match: re.Match[str], bracket: str, *, closed: bool) -> Header:
    message = match["message"]
    if closed:
        return Header(match["type"], message.removesuffix(":").removesuffix(bracket))
    return Header(match["type"], message, bracket)


def header_above(before: Sequence[str]) -> tuple[int, Header] | None:
    """The exception that a list of frames belongs to, and how many lines above them it stands."""
    blanks = 0
    for distance, line in enumerate(reversed(before), start=1):
        header = header_in(line)
        if header is not None and line.endswith(f" ({header.type_name})"):
            return _record_above(before, distance, header)
        if header is None and distance == 1 and (match := _CAMEL_CASE.match(line.strip())):
            header = Header(match["type"], match["message"])
        if header is not None:
            return distance, header
        blanks += not line.strip()
        if blanks > _MAX_BLANKS or starts_something_else(line) or listed_frame(line):
            return None
    return None


def _record_above(before: Sequence[str], last: int, header: Header) -> tuple[int, Header]:
    """The type stands behind the message: that begins where a logger's record does, or else in the same line."""
    for distance, line in enumerate(reversed(before), start=1):
        text = _without_head(line)
        if distance >= last and text != line[:LONGEST_LINE].strip():
            return distance, replace(header, message=text, bracket="" if distance == last else f" ({header.type_name})")
        if distance > last and (starts_something_else(line) or listed_frame(line)):
            break
    return last, header
