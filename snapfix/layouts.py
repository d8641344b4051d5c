"""How a crash is printed in the manner of its own language, and what the language is called.

Python's own layout is `crash.format_traceback`. The others print the exception first and the innermost frame on top;
a compiler's error begins with its place. Texts from the crash are arguments here, never formats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from snapfix import crash
from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.shapes import is_own


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines of one language.

    Attributes:
        frame: one with a function.
        bare: one without.
        line: what stands between a file's name and a line's number.
        first: the exception; it can name its innermost frame, which is not printed again then.
    """

    frame: str = "    at {name} ({place})"
    bare: str = "    at {place}"
    line: str = ":"
    first: str = "{error}"


_LAYOUTS: Mapping[str, Layout] = {
    "java": Layout(frame="    at {name}({place})"),
    "csharp": Layout(frame="   at {name} in {place}", bare="   at {place}", line=":line "),
    "go": Layout(frame="{name}(...)\n    {place}", bare="    {place}"),
    "rust": Layout(frame="  {number}: {name}\n      at {place}", bare="  {number}: {place}"),
    "ruby": Layout(
        frame="    from {place}:in '{name}'", bare="    from {place}", first="{place}:in '{name}': {message} ({type})"
    ),
    "php": Layout(frame="#{number} {place}: in {name}", bare="#{number} {place}"),
    "perl": Layout(frame="    {name} at {place}", line=" line "),
}

_DISPLAY_NAMES = {
    "python": "Python", "javascript": "JavaScript", "java": "Java", "go": "Go", "rust": "Rust", "ruby": "Ruby",
    "php": "PHP", "csharp": "C#", "perl": "Perl", "c": "C",
}  # fmt: skip
_RELATIVES = {
    # What a file's name tells more exactly than the layout of the crash: how the language is called, and its fence.
    "ts": ("TypeScript", "typescript"), "tsx": ("TypeScript", "tsx"), "mts": ("TypeScript", "typescript"),
    "cts": ("TypeScript", "typescript"), "jsx": ("JavaScript", "jsx"), "js": ("JavaScript", "javascript"),
    "mjs": ("JavaScript", "javascript"), "cjs": ("JavaScript", "javascript"), "vue": ("Vue", "vue"),
    "svelte": ("Svelte", "svelte"), "kt": ("Kotlin", "kotlin"), "kts": ("Kotlin", "kotlin"),
    "scala": ("Scala", "scala"), "groovy": ("Groovy", "groovy"), "java": ("Java", "java"), "fs": ("F#", "fsharp"),
    "vb": ("Visual Basic", "vbnet"), "cs": ("C#", "csharp"), "cc": ("C++", "cpp"), "cpp": ("C++", "cpp"),
    "cxx": ("C++", "cpp"), "hpp": ("C++", "cpp"), "hh": ("C++", "cpp"), "c": ("C", "c"), "h": ("C", "c"),
    "py": ("Python", "python"), "pyw": ("Python", "python"), "pyi": ("Python", "python"), "pyx": ("Cython", "cython"),
    "go": ("Go", "go"), "rs": ("Rust", "rust"), "rb": ("Ruby", "ruby"), "php": ("PHP", "php"), "pl": ("Perl", "perl"),
    "pm": ("Perl", "perl"), "t": ("Perl", "perl"),
}  # fmt: skip
_INSTALLED = re.compile(r".*/(?=(?:node_modules|site-packages|gems|vendor|pkg/mod|registry/src)/)")
_MAX_NAME = 1000


def display_name(traceback: Traceback) -> str:
    """The name of the language as its developers write it (``TypeScript``): by the user's own innermost file."""
    if traceback.language != "python":
        frame = traceback.innermost_in_app
        relative = _RELATIVES.get(_suffix(frame.filename)) if frame is not None else None
        if relative is not None:
            return relative[0]
    return _DISPLAY_NAMES.get(traceback.language, traceback.language)


def fence(filename: str) -> str:
    """The info string of a Markdown fence around code of this file; "" where its name tells no language."""
    relative = _RELATIVES.get(_suffix(filename))
    return relative[1] if relative is not None else ""


def _suffix(filename: str) -> str:
    return filename[-20:].rpartition(".")[2].lower()


def short_name(filename: str) -> str:
    """The file's name without where libraries are installed."""
    return _INSTALLED.sub("", filename.replace("\\", "/"), count=1) if len(filename) <= _MAX_NAME else filename


def format_traceback(
    traceback: Traceback, *, max_frames: int | None = None, name_of: Callable[[str], str] = short_name
) -> str:
    """Print a traceback as its language does.

    Args:
        traceback: of any language; Python's are printed by ``crash.format_traceback``, with the names as they are.
        max_frames: how many frames of each exception are printed; None for all.
        name_of: how a file is called.
    """
    if traceback.language == "python":
        return crash.format_traceback(traceback, max_frames=max_frames)
    printer = _Printer(traceback.language, _LAYOUTS.get(traceback.language, Layout()), max_frames, name_of)
    lines: list[str] = []
    pending: list[tuple[str, ParsedException]] = [("", traceback.exception)]
    while pending:  # not recursive: a hostile text can nest deeper than Python's stack
        label, exception = pending.pop()
        head, *rest = printer.exception(exception)
        lines += [label + head, *rest]
        pending += reversed(list(_linked(exception)))
    return "\n".join(lines)


def _linked(exception: ParsedException) -> Iterator[tuple[str, ParsedException]]:
    """What an exception came from and what it holds, with what is printed in front of each."""
    if (previous := exception.previous) is not None:
        yield "While handling: " if previous.relation is Relation.CONTEXT else "Caused by: ", previous
    for number, member in enumerate(exception.members, start=1):
        yield f"Error {number}: " if exception.is_group else "Suppressed: ", member


@dataclass(frozen=True, slots=True)
class _Printer:
    language: str
    layout: Layout
    max_frames: int | None
    name_of: Callable[[str], str]

    def exception(self, exception: ParsedException) -> Iterator[str]:
        """The lines of one exception, without those that it is linked to."""
        frames = exception.frames[::-1]
        error = ": ".join(part for part in (exception.type_name, exception.message) if part)
        on_top = next(iter(frames), None)
        if on_top is not None and not any(frame.name for frame in frames):
            # A compiler's error, or one whose stack was not printed.
            error = f"{self._place(on_top, ':')}: {error}"
        elif on_top is not None and on_top.name and "{place}" in self.layout.first:
            place = self._place(on_top, self.layout.line)
            error = self.layout.first.format(
                place=place, name=on_top.name, message=exception.message, type=exception.type_name
            )
        else:
            on_top = None
        yield from error.split("\n")
        yield from (line for note in exception.notes for line in note.split("\n"))
        if on_top is not None:
            yield from _code(on_top)
        yield from self._frames(frames, 0 if on_top is None else 1)

    def _frames(self, frames: tuple[Frame, ...], start: int) -> Iterator[str]:
        previous = start - 1
        for number in sorted(self._shown(frames, start)):
            if number > previous + 1:
                yield _gap(number - previous - 1)
            yield from self._frame(frames[number], number)
            previous = number
        if previous + 1 < len(frames):
            yield _gap(len(frames) - previous - 1)

    def _shown(self, frames: tuple[Frame, ...], start: int) -> Sequence[int]:
        """Where there are too many: the innermost, the user's own, then the others from both ends.

        A panic ends below the user's code, in what prints it, and begins above, in what starts the program.
        """
        rest = range(start, len(frames))
        if self.max_frames is None or len(rest) <= self.max_frames:
            return rest
        own = [n for n in rest if is_own(self.language, frames[n].filename, frames[n].name)]
        ends = [n for pair in zip(rest, reversed(rest), strict=True) for n in pair]
        return list(dict.fromkeys((start, *own, *ends)))[: max(self.max_frames, 1)]

    def _frame(self, frame: Frame, number: int) -> Iterator[str]:
        place = self._place(frame, self.layout.line)
        pattern = self.layout.frame if frame.name and place else self.layout.bare
        yield from pattern.format(name=frame.name, place=place or frame.name, number=number).split("\n")
        yield from _code(frame)
        if frame.repeats:
            yield f"    [... repeated {frame.repeats} more time{'s' if frame.repeats > 1 else ''} ...]"

    def _place(self, frame: Frame, mark: str) -> str:
        line = f"{mark}{frame.lineno}" if frame.lineno is not None else ""
        column = f":{frame.column}" if line and frame.column is not None else ""
        return f"{self.name_of(frame.filename)}{line}{column}"


def _gap(frames: int) -> str:
    return f"    [... {frames} frame{'s' if frames > 1 else ''} not shown ...]"


def _code(frame: Frame) -> Iterator[str]:
    lines = frame.code.split("\n") if frame.code else []
    yield from (f"        {line}" for line in lines)
    if frame.columns is not None and len(lines) == 1:
        start, end = frame.columns
        yield "        " + " " * start + "^" * (end - start)
