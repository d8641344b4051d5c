"""What single lines of pytest's report are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from snapfix.parsing.python.cpython_lines import GROUP_HEADER, HEADER, TYPE, Likeness, likeness
from snapfix.parsing.text.bounds import LONGEST_LINE

FAILURES = "= FAILURES ="
SUMMARY = "= short test summary info ="
CONFTEST = "ImportError while loading conftest '"
RECURSION = "!!! Recursion "
CAPTURED = "- Captured "

FIXTURE = re.compile(r"file (?P<file>.{1,1000}), line (?P<line>\d{1,9})$")
SHOWN_OF = re.compile(r"  Displaying first and last (\d{1,9}) stack frames out of (\d{1,9})\.$")
_LOCATION = re.compile(r"(?P<file>[^\s>].{0,1000}?):(?P<line>\d{1,9})(?P<colon>:(?: (?P<rest>.*))?)?$")
_HEADING = re.compile(r"(?<!_)(_+) ")
_FRAME_SEPARATOR = re.compile(r"(?:_ ){3,}_?")
_OUTCOME = re.compile(
    r"(?:FAILED|ERROR|PASSED|SKIPPED|XFAIL|XPASS|RERUN|SUB[A-Z]{4,8}(?:\[[^\]]*\]|\([^)]*\))?)"
    r"(?: \[\d+\])? (?P<rest>\S.*)$"
)
_TOTALS = re.compile(
    r"(?:\d+ (?:failed|passed|errors?|skipped|deselected|xfailed|xpassed|warnings?|rerun)\b|no tests ran)"
)
_ELAPSED = re.compile(r" in \d+\.\d\ds\b")
_COLLECTED = re.compile(r"collected \d+ items?|=+ test session starts =+$")
_MARKS = ".FEsxXR"
"""One for each test that ran."""
_RULES = "=-!+"


@dataclass(frozen=True, slots=True)
class Location:
    """``shop.py:7: in total``, ``shop.py:7: TypeError``; ``rest`` is None without the second colon."""

    file: str
    line: int
    rest: str | None


def location(line: str) -> Location | None:
    """The place that a line names, with whatever stands behind it."""
    match = _LOCATION.match(line) if len(line) <= LONGEST_LINE else None
    if match is None:
        return None
    return Location(match["file"], int(match["line"]), (match["rest"] or "").rstrip() if match["colon"] else None)


def heading(line: str) -> tuple[int, str] | None:
    """The column and the title of a ruler ``_____ test_total _____``, which stands above a failure.

    pytest centres the title; a long one leaves one underscore on each side.
    """
    line = line.rstrip()
    right = len(line) - len(line.rstrip("_"))
    if not right or len(line) > LONGEST_LINE or line[-right - 1 : -right] != " ":
        return None
    for match in _HEADING.finditer(line):
        if len(match[1]) <= right <= len(match[1]) + 1:
            title = line[match.end() : -right - 1]
            return (match.start(), title) if title.strip("_ ") else None
    return None


def is_frame_separator(line: str) -> bool:
    """``_ _ _ _``: between two frames of the long style."""
    return _FRAME_SEPARATOR.fullmatch(line.rstrip()) is not None


def is_ruler(line: str) -> bool:
    """It stands between two parts of the report: a heading, ``=== FAILURES ===``, ``--- Captured stdout call ---``."""
    if line.startswith("_"):
        found = heading(line)
        return found is not None and not found[0]
    return is_section(line)


def is_section(line: str) -> bool:
    """``=== FAILURES ===``, ``--- Captured stdout call ---``, ``!!! Interrupted: 1 error during collection !!!``."""
    rule, line = line[:1], line.rstrip()
    if not rule or rule not in _RULES or len(line) > LONGEST_LINE:
        return False
    left, right = len(line) - len(line.lstrip(rule)), len(line) - len(line.rstrip(rule))
    return left >= 3 and left <= right <= left + 1 and line[left : left + 1] == " "


def ends_captured(line: str, width: int) -> bool:
    """The line ends what a test printed: the next ruler, which is as wide as the one above, or the run's last line.

    A program prints rulers of its own, but hardly as wide: ``--- Logging error ---``. In XML, it ends with a tag.
    """
    if "</system-" in line[:LONGEST_LINE]:
        return True
    if len(line.rstrip()) >= width - 1 and is_ruler(line):
        return True
    return _TOTALS.match(line) is not None and _ELAPSED.search(line[:LONGEST_LINE]) is not None


def is_error(line: str) -> bool:
    """A line of the exception: ``E   KeyError: 'a'``."""
    return line.startswith("E  ") or line.rstrip() == "E"


def begins_natively(line: str) -> bool:
    """The first line of an exception in CPython's own layout."""
    return line.rstrip() == HEADER or line.startswith("  + " + GROUP_HEADER)


def names_exception(line: str) -> bool:
    """An error line from which a failure can be told without what stands above it."""
    text = line[1:].strip()
    return line.startswith("E   ") and (text.startswith("assert ") or likeness(text) >= Likeness.LIKELY)


def outcome(line: str) -> str | None:
    """What stands behind the first word of a line of the short test summary; None where it is none."""
    match = _OUTCOME.match(line)
    return match["rest"] if match else None


def is_totals(line: str) -> bool:
    """The last line of a run: ``== 2 failed, 1 passed in 0.12s ==``; ``-q`` prints it without the ruler."""
    return is_section(line) or _TOTALS.match(line) is not None


def is_progress(line: str) -> bool:
    """A line that is printed while the tests run: ``test_shop.py .F [100%]``, ``test_shop.py::test_total FAILED``."""
    line = line[:LONGEST_LINE].rstrip()
    if "::" in line:
        return any(f" {word}" in line for word in ("PASSED", "FAILED", "ERROR"))
    if _COLLECTED.match(line):
        return True
    marks, _, percentage = line.rpartition("[")
    if percentage.endswith("%]"):
        return not marks.rstrip().rpartition(" ")[2].strip(_MARKS)
    return bool(line) and not line.strip(_MARKS) and ("F" in line or "E" in line)


def type_and_message(lines: list[str]) -> tuple[str, str]:
    """The exception that the text of error lines names; a bare ``assert`` is printed without its type."""
    match = TYPE.match(lines[0])
    if match and (match["colon"] or match.end() == len(lines[0].rstrip())):
        return match["type"], "\n".join([lines[0][match.end() :], *lines[1:]])
    return "AssertionError", "\n".join(lines)
