"""What single lines of a Java stack trace are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from snapfix.crash import Frame
from snapfix.parsing.text import messages
from snapfix.parsing.text.bounds import LONGEST_LINE

_FRAME = re.compile(
    r"\s*at (?:[\w.@+~-]{0,200}/){0,3}"  # the class loader, the module and its version
    r"(?P<name>[^\s()/][^()]{0,1000})"
    r"\((?P<file>Native Method|Unknown Source|[^\s():]{1,500})(?::(?P<line>-?\d{1,9}))?\)"
    r"(?: ~?\[[^\[\]]{0,300}\])?\s*$"  # the archive, which logging frameworks add
)
_BOUNDARY = re.compile(r"\s*at \(Coroutine boundary\)\s*$")
_MORE = re.compile(
    r"\s*\.\.\. (?:(?P<shared>\d{1,9}) (?:more|common frames omitted)"
    r"|(?:suppressed )?(?P<hidden>\d{1,9}) (?:lines|frames (?:excluded|truncated|suppressed)))\s*$"
)
_CAPTION = re.compile(r"(?P<margin>\s*)(?P<caption>Caused by|Suppressed|Wrapped by): (?=\S)")
_IN_THREAD = re.compile(r'Exception in thread "(?P<thread>.{0,300}?)" (?=[\w$.]{1,500}(?:: |:?$))')
_TYPE = re.compile(r"(?P<type>[^\W\d][\w$]{0,200}(?:\.[\w$]{1,200}){0,30})(?P<colon>:(?: |$))?")
_WITHIN = re.compile(
    r"(?<![\w$./-])(?:[^\W\d][\w$]{0,100}\.){1,30}[\w$]{0,200}(?:Exception|Error|Throwable|Failure|Fault)(?=: |\s*$)"
)
_ERROR_NAME = re.compile(r"(?:Exception|Error|Throwable|Failure|Fault|Death)\d?$")
_JUST_A_WORD = frozenset({"Exception", "Error", "Throwable", "Failure", "Fault"})
"""Not certain without a package: a sentence begins so, too."""
_CLASS_NAME = re.compile(r"[^\W\d_a-z][\w$]*[a-z][\w$]*$")
_QUALIFIED = re.compile(r"(?:[a-z_][\w$]*\.)+[A-Z]\w*[a-z][\w$]*$")
_NOT_ERRORS = frozenset({"java.lang.Thread.State"})
_JUL_LINE = re.compile(r"[A-Z][a-z]{2} \d{1,2}, \d{4},? \d{1,2}:\d\d:\d\d\s[AP]M ")
_CIRCULAR = re.compile(r"\s*(?:(?:Caused by|Suppressed): )?\[CIRCULAR REFERENCE: ?.*\]\s*$")


class Caption(Enum):
    """How an exception belongs to the one printed above it."""

    CAUSED_BY = "Caused by"
    SUPPRESSED = "Suppressed"
    WRAPPED_BY = "Wrapped by"


@dataclass(frozen=True, slots=True)
class Header:
    """The line that names an exception.

    Attributes:
        type_name: with its package.
        message: the rest of the line.
        certain: the name ends as exceptions' names do, or is a class's with its package.
    """

    type_name: str
    message: str
    certain: bool


def frame_in(line: str) -> Frame | None:
    """The frame that a line ``\tat com.shop.Cart.total(Cart.java:12)`` names; None where it names none."""
    match = _FRAME.match(line) if len(line) <= LONGEST_LINE else None
    if match is None or "." not in match["name"]:
        return None
    name, file, lineno = match["name"].strip(), match["file"], int(match["line"] or 0)
    # .NET prints parameters in the place of the file: no dot, no line.
    if not lineno and match["line"] is None and not _is_file(file) and not line.lstrip(" ").startswith("\t"):
        return None
    return Frame(file, lineno if lineno > 0 else None, name)


def _is_file(name: str) -> bool:
    return " " in name or "." in name or name in ("SourceFile", "<generated>", "Unknown") or "$" in name


def is_log_line(line: str) -> bool:
    """It begins as a logger's line does: with a time or a level; ``java.util.logging`` has its own form."""
    return messages.is_log_line(line) or _JUL_LINE.match(line) is not None


def is_passed_over(line: str) -> bool:
    """The line belongs to a stack trace, and says nothing that is kept."""
    return bool(_BOUNDARY.match(line[:LONGEST_LINE]) or _CIRCULAR.match(line[:LONGEST_LINE]))


def more_in(line: str) -> tuple[int, int] | None:
    """How many frames a line stands for: shared with the exception above, and left out by whoever printed it."""
    match = _MORE.match(line[:200])
    return None if match is None else (int(match["shared"] or 0), int(match["hidden"] or 0))


def caption_in(line: str) -> tuple[int, Caption, str] | None:
    """Indentation, caption and the text behind it of a line that names another exception of the same trace."""
    match = _CAPTION.match(line[:LONGEST_LINE])
    return (len(match["margin"]), Caption(match["caption"]), line[match.end() :]) if match else None


def header_in(text: str) -> Header | None:
    """The exception that a text names which begins with it: ``com.shop.SoldOut: pears``; None where it names none."""
    match = _TYPE.match(text)
    if match is None or not (match["colon"] or not text[match.end() :].strip()):
        return None
    type_name = match["type"]
    package, _, name = type_name.rpartition(".")
    if type_name in _NOT_ERRORS or not (_CLASS_NAME.match(name) or package):
        return None
    certain = _ERROR_NAME.search(name) is not None and type_name not in _JUST_A_WORD
    certain = certain or _QUALIFIED.match(type_name) is not None
    if not certain and match["colon"] == ":":
        return None
    return Header(type_name, text[match.end() :], certain)


def thread_end(text: str) -> int:
    """The column behind ``Exception in thread "main" ``; 0 where that is not what a text begins with."""
    match = _IN_THREAD.match(text[:LONGEST_LINE])
    return match.end() if match else 0


def header_within(line: str) -> int | None:
    """Where the name of an exception begins behind other text in a line: ``failed: com.shop.ClosedException``."""
    match = _WITHIN.search(line[:LONGEST_LINE])
    return match.start() if match else None
