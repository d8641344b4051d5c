"""What the layouts of compilers have in common: one error, the place that it names, the line of code shown below it."""

from __future__ import annotations

import re
from dataclasses import replace

from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.parsing.text.bounds import LONGEST_LINE, MAX_MESSAGE_LINES, Bounds
from snapfix.parsing.text.comments import is_comment
from snapfix.parsing.text.lines import Cursor
from snapfix.parsing.text.prefixes import wrapper_end

MAX_NOTES = 20
"""Notes of one error; a template's candidates can be hundreds."""

_PLACE = re.compile(r"(?P<file>.*?[^:\s]):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?$")
_NO_PATH = re.compile(r"'|.*[\"^*`]")
"""A regular expression, or a string in source code."""
_TAGS = re.compile(r"(?:<[^<>]{1,300}>){1,10}")
_ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:[\\/]")
_PREFIX_ENDS = (":", "]", "|", ">", ")", "-")
_UNDERLINE = re.compile(r"\s*(?P<marked>[~^](?:[~^ ]*[~^])?)\s*$")


def place_in(text: str) -> Frame | None:
    """The place that ``cart.c:12:5`` or ``cart.c:12`` names, as a frame without code."""
    match = _PLACE.match(text) if len(text) <= LONGEST_LINE else None
    if match is None or not is_path(match["file"]):
        return None
    column = int(match["column"]) if match["column"] else None
    return Frame(match["file"], int(match["line"]), "", column=column)


def is_path(name: str) -> bool:
    """A file may have this name; few do that hold quotation marks or what stands for other characters."""
    return _NO_PATH.match(name) is None


def path_start(line: str, end: int) -> int | None:
    """Where the path begins that ends before ``end``: a relative one is taken to hold no blanks.

    None where words stand before it that are no prefix: a sentence names a place, or a comment in source code.
    """
    start = min(wrapper_end(line), end)
    start += len(line[start:end]) - len(line[start:end].lstrip())
    if is_comment(line[start:end].split(None, 1)[0] if start < end else ""):
        return None
    if tags := _TAGS.match(line, start, end):
        start = tags.end()
    if _ABSOLUTE.match(line, start):
        return start
    path = max(start, line.rfind(" ", start, end) + 1, line.rfind("\t", start, end) + 1)
    return path if path == start or line[start:path].rstrip().endswith(_PREFIX_ENDS) else None


def with_code(frame: Frame, code: str, underline: str) -> Frame:
    """The frame with the line shown for it, and the part of it that the carets in the line below point at."""
    code = code[:LONGEST_LINE].rstrip()
    shown = code.lstrip()
    marked = _UNDERLINE.match(underline[:LONGEST_LINE])
    indent = len(code) - len(shown)
    columns = (marked.start("marked") - indent, marked.end("marked") - indent) if marked else None
    if columns is not None and not 0 <= columns[0] < columns[1]:
        columns = None
    return replace(frame, code=shown, columns=columns)


def is_underline(line: str) -> bool:
    """The line only points at the code above it."""
    return _UNDERLINE.match(line[:LONGEST_LINE]) is not None


class Failure:
    """One error while it is read: collects its parts, within bounds.

    Args:
        lines: the cursor stands at the first line that belongs to it.
        type_name: the error's code, where it has one (``E0308``), else its kind (``error``).
    """

    def __init__(self, lines: Cursor, type_name: str) -> None:
        self.type_name = type_name
        self.frames: list[Frame] = []
        self.last_line = self.first_line = lines.number
        self._bounds = Bounds()
        self._message: list[str] = []
        self._notes: list[str] = []

    def take(self, lines: Cursor, count: int = 1) -> None:
        """Move on over lines that belong to it."""
        if count:
            lines.skip(count)
            self.last_line = lines.number - 1

    def say(self, line: str) -> None:
        """Add a line of the message."""
        if len(self._message) < MAX_MESSAGE_LINES:
            self._message.append(line.rstrip())
        else:
            self._bounds.leave_out("line{s} of a message")

    def note(self, text: str) -> None:
        """Add a note."""
        if len(self._notes) < MAX_NOTES and self._bounds.affords(len(text)):
            self._notes.append(text.rstrip()[:LONGEST_LINE])
        else:
            self._bounds.leave_out("note{s}")

    def extend_note(self, line: str) -> None:
        """Add a line to the last note."""
        if self._notes and len(self._notes[-1]) + len(line) <= LONGEST_LINE:
            self._notes[-1] += f"\n{line.rstrip()}"

    def gap(self, what: str) -> None:
        """Note something that the text does not hold."""
        self._bounds.gap(what)

    def finish(self, language: str, layout: str) -> Traceback:
        """What was read."""
        message = self._bounds.cut("\n".join(self._message))
        return Traceback(
            language,
            layout,
            self.first_line,
            self.last_line,
            ParsedException(self.type_name, message, tuple(self._notes), tuple(self.frames)),
            missing=self._bounds.missing,
        )
