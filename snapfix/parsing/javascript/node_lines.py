"""What single lines of a V8 stack are: frames, and the line that names the error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from snapfix.crash import Frame
from snapfix.parsing.text.bounds import LONGEST_LINE

ANONYMOUS = "<anonymous>"
"""What V8 calls a function without a name, and a place without a file."""

_AT = re.compile(r"\s*at (?=\S)")
_POSITION = re.compile(r"(?P<file>.*[^\d:].*|\d+[^\d:]+):(?P<line>\d{1,9}):(?P<column>\d{1,9})$")
_LINE_ONLY = re.compile(r"(?P<file>.*[./\\].*):(?P<line>\d{1,9})$")
_SENTENCE = re.compile(r"(?:[A-Za-z',-]{1,100} ){2,40}[A-Za-z',-]{1,100}$")
"""Three plain words or more are no function's name."""
_DRIVE = re.compile(r"/[A-Za-z]:/")
_NOT_SHOWN = re.compile(
    r"\s*(?:\.\.\. (?P<count>\d{1,9}) lines matching cause stack trace \.\.\.|\[\.\.\. lines matching ).*"
)
_ORIGINAL = re.compile(r"\s*-> (?P<place>\S.*)$")
_HEADER = re.compile(
    r"(?:Uncaught (?:\(in promise\) )?|<ref \*\d{1,9}> ){0,2}"
    r"(?P<type>[A-Za-z_$][\w$.]{0,200})(?P<tags>(?: \[[^\[\]]{1,100}\]){0,3})(?P<colon>:(?: |$))?"
)
_WITHIN = re.compile(
    r"(?<![\w$.'\"`/-])(?:(?:[A-Za-z_$][\w$.]{0,200}(?:Error|Exception|Rejection)|Error)(?: \[[^\[\]]{1,100}\]){0,3}"
    r"|[A-Z][\w$.]{0,200} \[\w{0,100}Error\]): "
)
_ERROR_NAME = re.compile(r"(?:Error|Exception|Rejection|Failure|Timeout|Abort)$")
_CLASS_NAME = re.compile(r"[A-Z$_][\w$]*[a-z][\w$]*$")
_TWO_WORDS = re.compile(r"[A-Z][a-z\d]+[A-Z]")
_NOT_ERRORS = re.compile(r"Warning$|^(?:Trace|Stack|Stacktrace|StackTrace|Note|Debug|Info|Warn|Fatal|Log|See|Promise)$")


class Likeness(IntEnum):
    """How much a line looks like the one that names an error."""

    NONE = 0
    POSSIBLE = 1
    """It begins with a class's name."""
    CERTAIN = 2
    """The name ends as errors' names do, or Node added to it what class or code the error has."""


@dataclass(frozen=True, slots=True)
class Header:
    """The line that names an error: ``TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument ...``.

    Attributes:
        type_name: without the brackets.
        tags: what stands in brackets behind it: the error's code, or the class it extends.
        message: the rest of the line.
        likeness: how sure it is that it names an error.
    """

    type_name: str
    tags: tuple[str, ...]
    message: str
    likeness: Likeness

    @property
    def notes(self) -> tuple[str, ...]:
        """The brackets, in the form in which Node prints properties; the class ``Error`` tells nothing."""
        return tuple(f"code: '{tag}'" if tag.isupper() else f"name: '{tag}'" for tag in self.tags if tag != "Error")


def header_in(text: str) -> Header | None:
    """The error that a line names which begins with it; None where it names none."""
    match = _HEADER.match(text)
    if match is None or not (match["colon"] or not text[match.end() :].strip()):
        return None
    name = match["type"].rpartition(".")[2]
    if _NOT_ERRORS.search(name):
        return None
    tags = tuple(re.findall(r"\[(.*?)\]", match["tags"]))
    if tags or (_ERROR_NAME.search(name) and not match["type"].startswith(".")):
        likeness = Likeness.CERTAIN
    elif _CLASS_NAME.match(name) and (match["colon"] != ":" or name != text):
        likeness = Likeness.POSSIBLE
    else:
        return None
    return Header(match["type"], tags, text[match.end() :], likeness)


def is_compound(name: str) -> bool:
    """The name is made of several words, as class names are and the first words of sentences are not."""
    return _TWO_WORDS.match(name) is not None


def header_within(line: str) -> int | None:
    """Where in a line the name of an error begins that other text precedes: ``request failed Error: x``."""
    match = _WITHIN.search(line[:LONGEST_LINE])
    return match.start() if match else None


def frame_in(line: str) -> Frame | None:
    """The frame that a line ``    at total (/home/ada/app.js:3:5)`` names; None where it names none."""
    if len(line) > LONGEST_LINE:
        return None
    match = _AT.match(line)
    return call_in(line[match.end() :].rstrip()) if match else None


def call_in(text: str) -> Frame | None:
    """A call as V8 describes it: ``async Cart.total (/home/ada/app.js:3:5)``, ``file:///home/ada/app.mjs:3:5``."""
    text = text.removeprefix("async ")
    opening = _opening(text)
    if opening is None:
        return place_in(text, ANONYMOUS) if _POSITION.match(text) else None
    name = text[:opening].rstrip()
    return None if _SENTENCE.match(name) else place_in(text[opening + 1 : -1], name)


def _opening(text: str) -> int | None:
    """Where the bracket opens that the text ends with; paths and names may hold brackets, too."""
    if not text.endswith(")"):
        return None
    depth = 0
    for at in range(len(text) - 1, 0, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if not depth:
            return at if text[at - 1] == " " else None
    return None


def place_in(place: str, name: str) -> Frame | None:
    """The frame of a function at a place: ``/home/ada/app.js:3:5``, ``<anonymous>``, ``native``, ``index 0``."""
    if place.startswith("eval at "):
        place = place.rpartition(", ")[2]
    place = place.removeprefix("address at ")
    if place in (ANONYMOUS, "native") or place.startswith(("wasm://", "index ")):
        return Frame(place, None, name)
    match = _POSITION.match(place)
    if match:
        return Frame(path_of(match["file"]), int(match["line"]), name, column=int(match["column"]))
    match = _LINE_ONLY.match(place)
    return Frame(path_of(match["file"]), int(match["line"]), name) if match else None


def path_of(name: str) -> str:
    """The path that a ``file:`` URL stands for; other names as they are."""
    if not name.startswith("file://"):
        return name
    from urllib.parse import unquote  # 10 ms that most runs do not need

    path = unquote(name.removeprefix("file://"))
    return path[1:] if _DRIVE.match(path) else path


def not_shown(line: str) -> int | None:
    """How many frames a line stands for: ``... 4 lines matching cause stack trace ...``; None where it is none."""
    match = _NOT_SHOWN.match(line)
    return None if match is None else int(match["count"] or 0)


def original_in(line: str, frame: Frame) -> Frame | None:
    """The frame's place in the source that was compiled: ``        -> /home/ada/src/app.ts:3:4`` below it."""
    match = _ORIGINAL.match(line) if len(line) <= LONGEST_LINE else None
    return place_in(match["place"], frame.name) if match else None
