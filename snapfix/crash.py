"""The question: a traceback as it was read, and the code around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from snapfix.shapes import Origin as Origin
from snapfix.shapes import is_own, lasting_name


class Relation(StrEnum):
    """How an exception belongs to the one above it in the tree (CPython's terms)."""

    CAUSE = "cause"
    """``raise ... from``: "the above exception was the direct cause of the following exception"."""
    CONTEXT = "context"
    """Raised while the other was being handled."""
    MEMBER = "group member"
    """One of the exceptions that an exception group holds."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One entry of a stack, as printed.

    Attributes:
        filename: as printed: absolute, relative, Windows or POSIX, or a name like ``<string>``.
        lineno: 1-based, or None where none was printed.
        name: the function as printed (3.11+ prints qualified names for some); ``""`` for the place that a
            SyntaxError names.
        code: the source lines shown, dedented as printed, without caret lines; ``""`` where none were shown.
        columns: the caret range in the first line of ``code``: 0-based character offsets, end exclusive.
        column: 1-based, where one was printed beside the line (``app.js:3:17``).
        repeats: how many more times the frame was repeated ("Previous line repeated N more times").
    """

    filename: str
    lineno: int | None
    name: str
    code: str = ""
    columns: tuple[int, int] | None = None
    repeats: int = 0
    column: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedException:
    """One exception of a traceback, with those that it is linked to.

    Attributes:
        type_name: as printed (``KeyError``, ``json.decoder.JSONDecodeError``).
        message: every line of it; ``""`` where there is none.
        notes: added with ``add_note``.
        frames: outermost first; the last one raised.
        relation: to the exception above it in the tree; None for the outermost.
        linked: the exception that caused it or was being handled (at most one), then the members of a group.
    """

    type_name: str
    message: str
    notes: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = ()
    relation: Relation | None = None
    linked: tuple[ParsedException, ...] = ()

    @property
    def short_name(self) -> str:
        """The type's own name, without its module."""
        return self.type_name.rpartition(".")[2]

    @property
    def previous(self) -> ParsedException | None:
        """The exception that this one came from: its cause, or the one it was raised in the handling of."""
        return next((e for e in self.linked if e.relation is not Relation.MEMBER), None)

    @property
    def members(self) -> tuple[ParsedException, ...]:
        """The exceptions of the group, where this is one."""
        return tuple(e for e in self.linked if e.relation is Relation.MEMBER)

    @property
    def is_group(self) -> bool:
        """It stands for its members (``ExceptionGroup``, ``AggregateError``); none does so for suppressed ones."""
        return bool(self.members) and ("Group" in self.type_name or "Aggregate" in self.type_name)

    def walk(self, *, groups_last: bool = False) -> Iterator[ParsedException]:
        """Every exception of the tree, in the order in which they are printed: the earliest first.

        ``groups_last`` has a group come behind its members. Not recursive: a hostile text can nest deeper than
        Python's stack.
        """
        pending: list[tuple[ParsedException, bool]] = [(self, False)]
        while pending:
            exception, ready = pending.pop()
            if ready:
                yield exception
                continue
            members = [(member, False) for member in reversed(exception.members)]
            is_last = groups_last and exception.is_group
            pending += [(exception, True), *members] if is_last else [*members, (exception, True)]
            if exception.previous is not None:
                pending.append((exception.previous, False))


@dataclass(frozen=True, slots=True)
class Traceback:
    """One traceback of a text.

    Attributes:
        language: ``python``, ``javascript``, ``java``, ``go``, ``rust``, ``ruby``, ``php``, ``csharp``, ``perl`` or
            ``c``, each with its relatives (TypeScript, Kotlin, C++).
        format: the layout that was read (``cpython``, ``pytest``, ``node``).
        first_line, last_line: the span of the input, 1-based and inclusive.
        exception: the one printed last, the root of the tree.
        following: up to 20 lines printed directly after it, which may be notes of the exception or
            output that the program had buffered; the text alone does not tell.
        missing: what was cut off ("the frames above line 3"), empty for a whole traceback.
        origin: where it was read from, for display (``trace.txt``, ``standard input``).
    """

    language: str
    format: str
    first_line: int
    last_line: int
    exception: ParsedException
    following: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    origin: str = ""

    def exceptions(self) -> tuple[ParsedException, ...]:
        """Every exception of the tree, in the order in which they are printed: the earliest first."""
        return tuple(self.exception.walk())

    @property
    def innermost_in_app(self) -> Frame | None:
        """The frame of the user's own code nearest to where the trouble began, as far as the text tells.

        It is one of the exception that started it, or else of the first later one that went through such code; of a
        group, a member's, for the group itself only says where they were gathered.
        """
        for exception in self.exception.walk(groups_last=True):
            for frame in reversed(exception.frames):
                if self._is_own(frame):
                    return frame
        return None

    def _is_own(self, frame: Frame) -> bool:
        return is_own(self.language, frame.filename, frame.name)

    @property
    def fingerprint(self) -> str:
        """Equal for crashes of the same kind, 16 hexadecimal digits.

        The types count, and the frames of the user's own code by function and the lasting part of the path; where an
        exception has none, all its frames do, and where no frame names a function (a compiler's error), the words of
        the message. Line numbers, addresses and values do not.
        """
        from hashlib import blake2b  # 2 ms that most runs do not need

        parts: list[str] = [self.language]
        for exception in self.exceptions():
            parts.append(f"\0{exception.type_name}")
            frames = [frame for frame in exception.frames if self._is_own(frame)] or exception.frames
            parts += [f"\1{lasting_name(frame.filename)}\2{frame.name}" for frame in frames]
            if not any(frame.name for frame in frames):
                parts.append(f"\3{_without_values(exception.message)}")
        return blake2b("".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _without_values(message: str) -> str:
    """The words of a message, without numbers, quotations and addresses."""
    first = message.partition("\n")[0][:200]
    return re.sub(r"0x[0-9a-f]+|\d+|'[^']*'|\"[^\"]*\"", "*", first)


@dataclass(frozen=True, slots=True)
class SourceFile:
    r"""A file of the project, as it is now.

    Attributes:
        path: absolute, as the operating system writes it.
        name: relative to the project root, with forward slashes; this is what people and models are shown.
        text: decoded by the encoding that the file declares; line ends are ``\n`` whatever the file has.
        module: its dotted name, seen from the project root or its ``src`` folder; ``""`` if it has none.
    """

    path: str
    name: str
    text: str
    module: str = ""

    @property
    def lines(self) -> list[str]:
        """The text's lines, without their ends; ``lines[n - 1]`` is line ``n``, as Python counts them."""
        return self.text.split("\n")


@dataclass(frozen=True, slots=True)
class PlacedFrame:
    """A frame, and where its code was found.

    Attributes:
        frame: as printed.
        origin: whose code it is.
        file: the project's file, for in-app frames that were found.
        lineno: the line in ``file`` as it is now; it differs from ``frame.lineno`` where the text moved.
        changed: the line shown in the traceback is not the line in the file any more.
    """

    frame: Frame
    origin: Origin
    file: SourceFile | None = None
    lineno: int | None = None
    changed: bool = False

    @property
    def in_app(self) -> bool:
        """The frame runs the user's own code."""
        return self.origin is Origin.IN_APP


@dataclass(frozen=True, slots=True)
class Crash:
    """One exception of the traceback, with its frames placed; frames are outermost first."""

    exception: ParsedException
    frames: tuple[PlacedFrame, ...]

    @property
    def innermost(self) -> PlacedFrame | None:
        """The in-app frame nearest to the crash whose source was found, else the nearest in-app frame."""
        in_app = [frame for frame in self.frames if frame.in_app]
        found = [frame for frame in in_app if frame.file is not None]
        return next(reversed(found or in_app), None)


class PieceKind(StrEnum):
    """Why a piece of code is in the context."""

    FAILING = "the code that failed"
    CALLER = "a caller on the stack"
    DEFINITION = "used by the code that failed"
    ORIGIN = "makes what the code that failed works on"
    ALIKE = "speaks of the same things"
    OUTLINE = "the rest of its class"
    IMPORTS = "imports"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of one file.

    Attributes:
        file: the source file's ``name``.
        kind: why it is here.
        title: the function or class it belongs to (``Cart.total``), ``<module>``, or ``imports``.
        lines: pairs of (1-based line number, text), ascending; a jump in the numbers is a gap.
        marked: the numbers of the failing lines among them.
        rank: 0 is the most important; the budget is spent in this order.
        core: the numbers of the lines that are kept where there is no room for all.
    """

    file: str
    kind: PieceKind
    title: str
    lines: tuple[tuple[int, str], ...]
    marked: tuple[int, ...] = ()
    rank: int = 0
    core: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One hunk of a file's recent history.

    Attributes:
        file: the source file's ``name``.
        when: ``not committed``, or the commit with its date and subject.
        lines: of the unified diff, the ``@@`` line first.
    """

    file: str
    when: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not in the context or the prompt, and why."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class NearNames:
    """Names that exist, like one that is missing.

    Attributes:
        missing: as the message names it.
        where: what was looked through ("attributes of `Cart`").
        names: the most alike first.
    """

    missing: str
    where: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The names in one directory that the crash is about; ``names`` is empty where it does not exist."""

    directory: str
    exists: bool
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """The interpreter that failed, as far as the frames and the project's folder tell.

    Attributes:
        python: its version (major, minor), or None where it cannot be told.
        site_packages: the folders whose contents were read.
        modules: top-level names that can be imported from them; empty where ``site_packages`` is.
        distributions: normalised names of the installed distributions.
        virtual_environments: folders beside the project that hold one, relative to the root.
        active_virtual_environment: the one of them that the failing program ran in, or None.
        readable_packages: those of ``site_packages`` whose files may be read: of the environment that is active in
            the user's shell, of one inside the project, of the shell's interpreter. Never because a frame names it.
        packages: name and version of the distributions on the stack, the nearest to the crash first.
    """

    python: tuple[int, int] | None = None
    site_packages: tuple[str, ...] = ()
    modules: frozenset[str] = frozenset()
    distributions: frozenset[str] = frozenset()
    virtual_environments: tuple[str, ...] = ()
    active_virtual_environment: str | None = None
    readable_packages: tuple[str, ...] = ()
    packages: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CrashContext:
    """Everything that an analyser may look at; nothing in it needs to be read from the disk any more.

    Attributes:
        traceback: as read; notes that the text alone could not tell are filled in.
        crashes: its exceptions with their frames placed, the one that started it first.
        root: the project's folder, absolute.
        working_directory: where the user ran Snapfix (and, most likely, the program), absolute.
        files: the project files on the stack and those that they import, the stack's first.
        names: every file of the project relative to the root (bounded; see ``left_out``).
        listings: directories that the crash names.
        environment: the interpreter that failed.
        pieces: the code that matters, ranked; empty until it is chosen, which only a prompt needs.
        changes: what was changed lately in the shown code, the newest first; chosen with the pieces.
        near_names: for what a message misses; chosen with the pieces.
        library: signature and docstring of the library's function that the user's code called, or ""; chosen with
            the pieces.
        left_out: frames without source, files that were not read, and why.
    """

    traceback: Traceback
    crashes: tuple[Crash, ...]
    root: str
    working_directory: str
    files: tuple[SourceFile, ...] = ()
    names: tuple[str, ...] = ()
    listings: tuple[Listing, ...] = ()
    environment: Environment = Environment()
    pieces: tuple[Piece, ...] = ()
    changes: tuple[Change, ...] = ()
    near_names: tuple[NearNames, ...] = ()
    library: str = ""
    left_out: tuple[LeftOut, ...] = ()

    @property
    def crash(self) -> Crash:
        """The exception that started it."""
        return self.crashes[0]

    def file(self, name: str) -> SourceFile | None:
        """The file called ``name`` (relative to the root), where it was read."""
        return next((file for file in self.files if file.name == name), None)


def format_traceback(traceback: Traceback, *, max_frames: int | None = None) -> str:
    """Print a traceback in CPython's own layout, without the lines that only may belong to it.

    Carets stand below the frames that show a single line.

    ``max_frames`` keeps that many frames of each exception, from both ends, and says how many are not shown.
    """
    return "\n".join(_format_exception(traceback.exception, max_frames))


_GROUP_END = "+" + "-" * 36
_SEPARATORS = {
    Relation.CAUSE: "The above exception was the direct cause of the following exception:",
    Relation.CONTEXT: "During handling of the above exception, another exception occurred:",
}


def _format_exception(exception: ParsedException, max_frames: int | None, depth: int = 0) -> list[str]:
    """The lines of a chain that stands ``depth`` groups deep, in the margin of the innermost."""
    chain = [exception]
    while (previous := chain[-1].previous) is not None:
        chain.append(previous)
    lines: list[str] = []
    for current in reversed(chain):
        lines += _format_one(current, max_frames, depth)
        if current is not exception and current.relation is not None:
            lines += [_margin(depth) + line for line in ("", _SEPARATORS[current.relation], "")]
    return lines


def _format_one(exception: ParsedException, max_frames: int | None, depth: int) -> list[str]:
    members = exception.members
    own = _format_frames(exception.frames, max_frames)
    if any(frame.name for frame in exception.frames):
        own.insert(0, f"{'Exception Group ' if members else ''}Traceback (most recent call last):")
    if exception.type_name:
        summary = f"{exception.type_name}: {exception.message}" if exception.message else exception.type_name
        own += summary.split("\n")
    own += [line for note in exception.notes for line in note.split("\n")]
    inside = max(depth, 1) if members else depth
    lines = [_margin(inside) + line for line in own]
    if members and depth == 0 and exception.frames:
        lines[0] = lines[0].replace("|", "+", 1)
    for number, member in enumerate(members, start=1):
        lines.append(f"{'  ' * inside}{'+-' if number == 1 else '  '}+---------------- {number} ----------------")
        lines += _format_exception(member, max_frames, inside + 1)
    if members and lines[-1].lstrip() != _GROUP_END:
        lines.append("  " * (inside + 1) + _GROUP_END)
    return lines


def _margin(depth: int) -> str:
    return "  " * depth + "| " if depth else ""


def _format_frames(frames: tuple[Frame, ...], max_frames: int | None) -> list[str]:
    gap = max(len(frames) - max_frames, 0) if max_frames is not None else 0
    head = (len(frames) - gap) // 2 if gap else len(frames)
    lines = [line for frame in frames[:head] for line in _format_frame(frame)]
    if gap:
        lines.append(f"  [... {gap} frames not shown ...]")
    return [*lines, *(line for frame in frames[head + gap :] for line in _format_frame(frame))]


def _format_frame(frame: Frame) -> list[str]:
    where = f'  File "{frame.filename}"' + (f", line {frame.lineno}" if frame.lineno is not None else "")
    lines = [where + (f", in {frame.name}" if frame.name else "")]
    first, *rest = frame.code.split("\n") if frame.code else [""]
    if first:
        lines.append(f"    {first}")
        if frame.columns is not None and not rest:
            start, end = frame.columns
            lines.append("    " + " " * start + "^" * (end - start))
    lines += [f"    {line}" for line in rest]
    if frame.repeats:
        lines.append(f"  [Previous line repeated {frame.repeats} more time{'s' if frame.repeats > 1 else ''}]")
    return lines
