"""Frames to files: where the code of a frame is now."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from os import sep
from os.path import isabs, normpath

from snapfix import shapes
from snapfix.crash import Frame, LeftOut, Origin, PlacedFrame, SourceFile
from snapfix.source.disk import MAX_PATH, NOT_HERE, Project, Refusal, inside, is_environment, is_python, join, relative
from snapfix.source.root import is_foreign
from snapfix.syntax import definitions

MAX_FILENAMES = 200
"""Files on the stack that are looked for; the others are left out."""
_MAX_CANDIDATES = 20
_SECRETIVE = re.compile(
    r"(^|/)(\.env[^/]*|\.netrc|\.pypirc|\.npmrc|id_[^/]*|credentials[^/]*|\.git/.*)$"
    r"|\.(pem|key|json|ya?ml|toml|ini|cfg|sqlite3?|db)$",
    re.IGNORECASE,
)
"""No program runs these, and a line of them is easily guessed: a traceback that names one is not believed."""
_MEANS_LITTLE = frozenset({"__init__.py", "__main__.py"})


class Placer:
    """Places frames; what it could not find, and why, is in ``left_out``."""

    def __init__(
        self, project: Project, working_directory: str, frames: Iterable[Frame], language: str = "python"
    ) -> None:
        self._language = language
        self.left_out: dict[str, LeftOut] = {}
        self._project = project
        self._working_directory = working_directory
        self._lines: dict[str, _Lines] = {}
        self._environments: dict[str, bool] = {}
        by_file: dict[str, list[Frame]] = {}
        for frame in frames:
            by_file.setdefault(frame.filename, []).append(frame)
        self._found = {
            filename: self._look_for(filename, same, searched=number < MAX_FILENAMES)
            for number, (filename, same) in enumerate(by_file.items())
        }

    def place(self, frame: Frame) -> PlacedFrame:
        """The frame with its origin and, for the project's own code, its file and line."""
        found = self._found[frame.filename]
        if isinstance(found, Origin):
            return PlacedFrame(frame, found)
        if isinstance(found, Refusal):
            shown = (
                frame.filename if len(frame.filename) <= 200 else frame.filename[:90] + " ... " + frame.filename[-90:]
            )
            self.left_out.setdefault(frame.filename, LeftOut(shown, found.reason))
            return PlacedFrame(frame, Origin.IN_APP)
        lineno, changed = self._lines_of(found).now(frame)
        return PlacedFrame(frame, Origin.IN_APP, found, lineno, changed)

    def _look_for(self, filename: str, frames: Sequence[Frame], *, searched: bool) -> SourceFile | Refusal | Origin:
        if len(filename) > MAX_PATH:
            return Refusal("its path is too long")
        origin = self._origin(filename, frames)
        if origin is not Origin.IN_APP:
            return origin
        if not searched:
            return Refusal("too many files on the stack")
        found = self._find(filename, frames)
        if isinstance(found, SourceFile):
            return Origin.LIBRARY if self._in_environment(found.name) else found
        is_library = self._language == "python" and shapes.is_library_if_unknown(filename)
        return Origin.LIBRARY if is_library else found

    def _origin(self, filename: str, frames: Sequence[Frame]) -> Origin:
        if self._language == "python":
            return shapes.whose(filename, self._own_part(filename))
        is_own = any(shapes.is_own(self._language, filename, frame.name) for frame in frames)
        return Origin.IN_APP if is_own else Origin.LIBRARY

    def _own_part(self, filename: str) -> str | None:
        """The path seen from the root, where it lies under it, or the relative path that was printed."""
        if is_foreign(filename):
            return None
        path = normpath(filename)
        if not isabs(path):  # noqa: PTH117 - hostile paths: pathlib is slow with long ones
            return path.replace("\\", "/") if sep == "\\" else path
        roots = (self._project.root, self._project.real_root)
        return next((relative(path, root) for root in roots if inside(path, root)), None)

    def _in_environment(self, name: str) -> bool:
        """One of the folders between the file and the root holds a Python environment."""
        folder, _, _ = name.rpartition("/")
        if not folder:
            return False
        if folder not in self._environments:
            path = join(self._project.root, folder)
            self._environments[folder] = is_environment(path) or self._in_environment(folder)
        return self._environments[folder]

    def _find(self, filename: str, frames: Sequence[Frame]) -> SourceFile | Refusal:
        refusal = None
        if not is_foreign(filename):
            for folder in (self._working_directory, self._project.root):
                name = self._project.name_of(join(folder, filename))
                if isinstance(name, str):
                    return self._read(name, frames)
                refusal = refusal or name
        return refusal or self._find_by_tail(filename, frames)

    def _read(self, name: str, frames: Sequence[Frame]) -> SourceFile | Refusal:
        file = self._project.read(name)
        is_foreign_source = self._language != "python" and shapes.is_foreign_source(name)
        if isinstance(file, Refusal) or is_python(name) or is_foreign_source:
            return file
        # A script may have no suffix and a template any; but a text must not make us show a file of secrets
        # by naming it. Who knows a line of the file has seen it.
        if _SECRETIVE.search(name):
            return Refusal("a file that may hold secrets")
        known = file.text.startswith("#!") and "python" in file.text[:100]
        return (
            file if known or self._agreement(file, frames) > 0 else Refusal("not a Python file, as far as can be told")
        )

    def _find_by_tail(self, filename: str, frames: Sequence[Frame]) -> SourceFile | Refusal:
        wanted = shapes.parts(filename)
        if not wanted:
            return Refusal(NOT_HERE)
        fold = shapes.is_windows(filename)
        lengths = {
            name: _shared_tail(wanted, name.split("/"), fold)
            for name in self._project.by_last_part.get(wanted[-1].lower(), ())
        }
        longest = max(lengths.values(), default=0)
        best = [name for name, length in lengths.items() if length == longest > 0]
        if not best:
            return Refusal(NOT_HERE)
        if len(best) > 1:
            return self._tell_apart(best, frames)
        file = self._read(best[0], frames)
        return file if self._is_likely(file, wanted, longest, frames) else Refusal(NOT_HERE)

    def _is_likely(self, file: SourceFile | Refusal, wanted: list[str], shared: int, frames: Sequence[Frame]) -> bool:
        """A file that shares only its last name with the printed path must hold a line that was shown."""
        if isinstance(file, Refusal) or shared > 1 or shared == len(wanted):
            return True
        if not any(frame.code for frame in frames):
            return wanted[-1] not in _MEANS_LITTLE
        whole = "/" not in file.name and wanted[-1] not in _MEANS_LITTLE
        lines = self._lines_of(file)
        return whole or any(lines.holds(frame) for frame in frames)

    def _tell_apart(self, names: Sequence[str], frames: Sequence[Frame]) -> SourceFile | Refusal:
        """The one file whose lines are those that were shown, of several with an equally fitting name."""
        scores: list[tuple[int, SourceFile]] = []
        for name in names[:_MAX_CANDIDATES]:
            file = self._project.read(name)
            if isinstance(file, SourceFile):
                scores.append((self._agreement(file, frames), file))
        best = max((score for score, _ in scores), default=0)
        agreeing = [file for score, file in scores if score == best > 0]
        if len(agreeing) == 1:
            return agreeing[0]
        shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        return Refusal(f"several files fit its name: {shown}")

    def _agreement(self, file: SourceFile, frames: Sequence[Frame]) -> int:
        lines = self._lines_of(file)
        return sum(lines.agrees(frame) for frame in frames[:100])

    def _lines_of(self, file: SourceFile) -> _Lines:
        if file.name not in self._lines:
            self._lines[file.name] = _Lines(file)
        return self._lines[file.name]


class _Lines:
    """A file's lines, to compare with those that a traceback shows."""

    def __init__(self, file: SourceFile) -> None:
        self._text = file.text
        self._lines = file.lines
        self._numbers: dict[str, list[int]] | None = None
        self._spans: dict[str, list[tuple[int, int]]] | None = None

    def agrees(self, frame: Frame) -> bool:
        """The line shown is the line in the file."""
        shown = _shown(frame)
        if not shown or frame.lineno is None or not 1 <= frame.lineno <= len(self._lines):
            return False
        return _same(shown, _squeezed(self._lines[frame.lineno - 1]))

    def holds(self, frame: Frame) -> bool:
        """The line shown is somewhere in the file."""
        shown = _shown(frame)
        return bool(shown) and shown in self._index()

    def now(self, frame: Frame) -> tuple[int | None, bool]:
        """The number of the frame's line now, and whether the file has changed.

        A line that was shown and is not in its place any more is looked for: in the whole file, then in the
        function of the frame's name; it counts where it occurs exactly once.
        """
        if frame.lineno is None:
            return None, False
        nearest = min(max(frame.lineno, 1), len(self._lines))
        shown = _shown(frame)
        if not shown or self.agrees(frame):
            return nearest, False
        numbers = self._index().get(shown, [])
        if len(numbers) > 1:
            numbers = self._within(numbers, frame.name.rpartition(".")[2])
        return (numbers[0] if len(numbers) == 1 else nearest), True

    def _within(self, numbers: Sequence[int], function: str) -> list[int]:
        if self._spans is None:
            self._spans = {}
            for definition in definitions(self._text):
                span = definition.first_line, definition.last_line
                self._spans.setdefault(definition.node.name, []).append(span)
        found: set[int] = set()
        for first, last in self._spans.get(function, [])[:_MAX_CANDIDATES]:
            start = bisect_left(numbers, first)
            found.update(number for number in numbers[start : start + 2] if number <= last)
        return sorted(found)

    def _index(self) -> dict[str, list[int]]:
        if self._numbers is None:
            self._numbers = {}
            for number, line in enumerate(self._lines, start=1):
                self._numbers.setdefault(_squeezed(line), []).append(number)
        return self._numbers


def _shown(frame: Frame) -> str:
    """The first line that the traceback shows: it is the one at ``lineno``, also where 3.13 shows several."""
    return _squeezed(frame.code.strip().partition("\n")[0])


def _squeezed(line: str) -> str:
    """The line without indentation; white space within it may have been changed on its way through a log."""
    return " ".join(line.split())


def _same(shown: str, line: str) -> bool:
    if shown == line:
        return True
    # What a terminal could not print, or the file's encoding does not hold, says nothing.
    if shown.isascii() and line.isascii():
        return False
    if line.encode("ascii", "backslashreplace") == shown.encode("ascii", "backslashreplace"):
        return True
    return ("\ufffd" in shown + line or "?" in shown) and _plain(shown) == _plain(line) != ""


def _plain(line: str) -> str:
    return "".join(letter for letter in line if letter.isascii() and letter != "?")


def _shared_tail(wanted: Sequence[str], candidate: Sequence[str], fold: bool) -> int:
    """How many parts two paths share, counted from their ends."""
    shared = 0
    for one, other in zip(reversed(wanted), reversed(candidate), strict=False):
        if one != other and not (fold and one.lower() == other.lower()):
            break
        shared += 1
    return shared
