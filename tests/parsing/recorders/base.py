"""A case: a program, how it is run, and what a reader has to find in its output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from snapfix.crash import Relation, Traceback

RECORDED = Path(__file__).parent.parent / "recorded"

CAUSE, CONTEXT, MEMBER = Relation.CAUSE, Relation.CONTEXT, Relation.MEMBER


@dataclass(frozen=True)
class Exc:
    """One exception that has to be found.

    ``relation`` is the one to the exception above it in the tree: None for the one that was reported. ``frames`` is
    their number, where it is stated; ``message_start`` states only the beginning of a message.
    """

    type: str
    message: str | None = None
    relation: Relation | None = None
    frames: int | None = None
    notes: tuple[str, ...] = ()
    message_start: str | None = None


@dataclass(frozen=True)
class Crash:
    """One traceback that has to be found.

    Attributes:
        exceptions: the one that started it first, as ``Traceback.exceptions`` orders them.
        own: file, line and function of the innermost frame of the user's own code; None where there is none.
            What is compared is the file's end.
        missing: what has to be said to be missing: each is a part of one of ``Traceback.missing``.
    """

    exceptions: tuple[Exc, ...]
    own: tuple[str, int | None, str] | None
    language: str = "python"
    format: str = "cpython"
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """One recording.

    Attributes:
        name: of the recorded file, without ``.txt``; unique in its family.
        source: what printed it, for the table: ``pytest --tb=short``, ``docker compose``.
        command: for ``sh -c``, run in the project's folder with the virtual environment's programs on the path;
            standard output and standard error are recorded through one pipe. It may exit with any status.
        crashes: what has to be found, in the order of the text; empty where nothing may be found.
        files: of the project, by path.
        packages: what pip installs into the virtual environment.
        environment: variables to set.
    """

    name: str
    source: str
    command: str
    crashes: tuple[Crash, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Score:
    """How much of what had to be found was found: the number of exceptions, or of tracebacks for the last three."""

    found: int
    types: int
    messages: int
    own: int
    chains: int


def score(crash: Crash, found: Traceback | None) -> Score:
    """Compare what was read with what had to be found."""
    if found is None:
        return Score(0, 0, 0, 0, 0)
    read = found.exceptions()
    pairs = list(zip(crash.exceptions, read, strict=False))
    types = sum(wanted.type == got.type_name for wanted, got in pairs)
    messages = sum(_says(wanted, got.message) for wanted, got in pairs)
    chain = [exc.relation for exc in crash.exceptions] == [exception.relation for exception in read]
    return Score(1, types, messages, int(crash.own == own_frame(found, crash)), int(chain))


def _says(wanted: Exc, message: str) -> bool:
    if wanted.message_start is not None:
        return message.startswith(wanted.message_start)
    return wanted.message is None or wanted.message == message


def own_frame(found: Traceback, crash: Crash) -> tuple[str, int | None, str] | None:
    """The innermost frame of the user's own code as the case states it: of the file only the stated end."""
    frame = found.innermost_in_app
    if frame is None:
        return None
    name = frame.filename.replace("\\", "/")
    if crash.own is not None and name.endswith(crash.own[0]):
        name = crash.own[0]
    return name, frame.lineno, frame.name
