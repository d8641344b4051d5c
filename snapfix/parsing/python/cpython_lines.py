"""What single lines of CPython's layout are."""

from __future__ import annotations

import re
from enum import IntEnum
from unicodedata import east_asian_width

from snapfix.crash import Frame, ParsedException, Relation
from snapfix.parsing.text.bounds import LONGEST_LINE

HEADER = "Traceback (most recent call last):"
GROUP_HEADER = "Exception Group " + HEADER
FRAME_MARKER = '  File "'
FIRST_MEMBER = "+-+---------------- 1 ----------------"
SEPARATORS = {
    "The above exception was the direct cause of the following exception:": Relation.CAUSE,
    "During handling of the above exception, another exception occurred:": Relation.CONTEXT,
}
QUOTES = '"""'
SYNTAX_ERRORS = ("SyntaxError", "IndentationError", "TabError")
"""Types that name a place in a file."""
OTHER_STACKS = (
    "Stack (most recent call last):",  # logging's `stack_info`
    "Object created at (most recent call last):",  # asyncio's debug mode
    "Object allocated at (most recent call last):",  # tracemalloc
    "Call stack:",  # logging, of the call whose record it could not write
    "Warning (from warnings module):",  # IDLE
)
"""What ends the line above frames of a stack on which nothing was raised."""
_DRAWN_HEADER = re.compile(r" Traceback \(most recent call last\)(?: ─+╮)?\s*$")
INTERRUPTION = 8
"""Lines of other output (another thread's, a progress bar's) that are passed over between two frames."""

_CAUGHT_MARKER = '> File "'
"""loguru marks the frame in which the exception was caught, and prints the rest as CPython does where it is told to."""
_FRAME = re.compile(r'(?:  |> )File "(?P<file>.*)"(?:, line (?P<line>\d{1,9}|None))?(?:, in (?P<name>.*))?$')
REPEATED = re.compile(r"  \[Previous line repeated (\d{1,9}) more times?\]$")
NOT_SHOWN = re.compile(r"  \[\.\.\. (\d{1,9}) frames not shown \.\.\.\]$")
CARETS = re.compile(r"\s*[~^][~^ ]*$")
TYPE = re.compile(r"(?P<type>[^\W\d][\w.\-]*(?:<[\w ]+>[\w.]*)*(?:\([\w.]+\))?)(?P<colon>:(?: |$))?")
_ABOVE = re.compile(r"\[ERROR\]\s{1,4}(?=\w)")
_AROUND = re.compile(
    r"Exception ignored (?:in|on|while)\b|Exception in (?:thread|callback) |Process [\w-]+:$"
    r"|(?:Task|Future) exception was never retrieved$"
    r"|Call stack:$"  # logging, below its own error
    r"|\[end of output\]$"  # pip, below what a build printed
)
_LEVELS = frozenset({"TRACE", "DEBUG", "INFO", "NOTE", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL"})
_TYPE_ENDINGS = (
    *("error", "exception", "warning", "exit", "interrupt", "iteration", "timeout", "failure", "fault"),
    *("group", "notfound", "traceback", "expired", "cancelled", "refused", "denied"),
)
MEMBER = re.compile(r"( *)(?:\+-\+| {2}\+)-{16} (\d{1,9}|\.\.\.) -{16}$")
GROUP_END = re.compile(r"( *)\+-{36}$")
MORE_MEMBERS = re.compile(r"and (\d{1,9}) more exceptions?$")
TOO_DEEP = re.compile(r"\.\.\. \(max_group_depth is \d{1,9}\)$")
IN_GROUP = re.compile(r"(?:  )+(?:\|(?: |$)|\+-)")
MARGIN = re.compile(r"(?P<base>.*?)(?P<levels>(?:  )+)\| $")
_REMOTE_TYPES = ("RemoteTraceback", "_RemoteTraceback")


class Likeness(IntEnum):
    """How much a line looks like the one that names an exception."""

    NONE = 0
    POSSIBLE = 1
    """One word, or one word and a colon."""
    LIKELY = 2
    """The word is written as a class is."""
    CERTAIN = 3
    """It ends as exceptions' names do, or it is a class's name with its module."""


def likeness(line: str) -> Likeness:
    """How much a line looks like the one that names an exception."""
    match = TYPE.match(line)
    if match is None or not (match["colon"] or match.end() == len(line.rstrip())):
        return Likeness.NONE
    name = match["type"].rpartition(".")[2]
    if match["type"] in _LEVELS or "-" in name:  # only a module's name may hold a hyphen: `X-Error` is none
        return Likeness.NONE
    if match["type"].lower().endswith(_TYPE_ENDINGS) and (name[:1].isupper() or "." in match["type"]):
        return Likeness.CERTAIN
    if name.lstrip("_")[:1].isupper() and not name.isupper():
        return Likeness.CERTAIN if "." in match["type"] else Likeness.LIKELY
    return Likeness.POSSIBLE


def is_header(line: str) -> bool:
    """A traceback begins in this line, whatever stands before it in the line."""
    return line.rstrip().endswith(HEADER) and (line.startswith("  + ") or not line[0].isspace())


def is_drawn_header(line: str) -> bool:
    """A traceback of IPython or Rich begins here: with the words of CPython's header, but without the colon."""
    return "(most recent call last)" in line and _DRAWN_HEADER.search(line[:LONGEST_LINE]) is not None


def is_around(line: str) -> bool:
    """It stands above the traceback of a thread, a task, a process or a finaliser, or below one that is quoted."""
    if line.endswith((": ", ":")) and is_remote(line.rstrip(": ")):
        return True
    return _AROUND.match(line) is not None


def without_margin(line: str) -> str | None:
    """The line, unless it belongs to an exception group's layout: for use with ``Section``."""
    return None if IN_GROUP.match(line) else line


def is_remote(type_name: str) -> bool:
    """The type by which ``multiprocessing`` and ``concurrent.futures`` carry a traceback between processes."""
    return type_name.rpartition(".")[2] in _REMOTE_TYPES


def named_above(line: str) -> ParsedException | None:
    """The exception that AWS Lambda names in the line above the header: ``[ERROR] KeyError: 'price'``."""
    level = _ABOVE.match(line)
    text = line[level.end() : level.end() + LONGEST_LINE] if level else ""
    if likeness(text) < Likeness.LIKELY:
        return None
    match = TYPE.match(text)
    return match and ParsedException(match["type"], text[match.end() :])


def frame_in(line: str) -> Frame | None:
    """The frame that a line names, still without code; None where it names none."""
    if not line.startswith((FRAME_MARKER, _CAUGHT_MARKER)) or len(line) > LONGEST_LINE:
        return None
    match = _FRAME.match(line)
    if match is None or (match["line"] is None and match["name"] is None):
        return None
    lineno = int(match["line"]) if match["line"] not in (None, "None") else None
    return Frame(match["file"], lineno, match["name"] or "")


def columns_marked(code: str, carets: str, *, wide: bool) -> tuple[int, int] | None:
    """The characters of ``code`` that a row of carets below it points at.

    From 3.12 on, carets below a stack's line count a wide character (CJK, emoji) as two columns.
    """
    start, end = len(carets) - len(carets.lstrip()), len(carets.rstrip())
    if wide and not code.isascii():
        columns = [0]
        for character in code:
            columns.append(columns[-1] + (2 if east_asian_width(character) in "WF" else 1))
        if start in columns and end in columns:
            start, end = columns.index(start), columns.index(end)
    return (start, end) if start < end else None
