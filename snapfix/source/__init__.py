"""Find the code of a traceback: a ``Traceback`` becomes a ``CrashContext``. Reads files, and only the project's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from snapfix.crash import (
    Crash,
    CrashContext,
    Frame,
    LeftOut,
    ParsedException,
    PlacedFrame,
    SourceFile,
    Traceback,
)
from snapfix.source import modules, surroundings
from snapfix.source.disk import Project, inside, join, relative, walk
from snapfix.source.order import origin_first
from snapfix.source.place import Placer
from snapfix.source.root import find, is_broad

__all__ = ["collect", "with_pieces"]

SECONDS = 0.14
"""For looking for the code that matters, in seconds of CPU time; what was found by then is used."""


def collect(
    traceback: Traceback,
    *,
    working_directory: str,
    project_root: str | None = None,
    active_environment: str | None = None,
    interpreter_site_packages: tuple[str, ...] = (),
) -> CrashContext:
    """Everything that an analyser may look at, read from the project's folder.

    Never raises, whatever the traceback holds. No file outside the project's root is opened; of folders outside,
    only names are read, and only of those that a file error's message names or that hold installed packages.

    Args:
        traceback: as read from a text that may come from anywhere.
        working_directory: absolute; where the program was most likely started.
        project_root: the project's folder; None to find it from the frames and the working directory.
        active_environment: the folder of the virtual or conda environment that is active in the user's shell.
        interpreter_site_packages: the packages of the interpreter that the user's shell would run; used where
            neither the frames nor an environment tell which they are.
    """
    exceptions = traceback.exceptions()
    frames = list(_nearest_first(exceptions))
    root = _root(project_root, frames, working_directory)
    project = Project(root, walk(root, shallow=project_root is None and is_broad(root)))
    placer = Placer(project, working_directory, frames, traceback.language)
    placed = {id(e): tuple(placer.place(frame) for frame in e.frames) for e in exceptions}
    traceback, crashes = _crashes(traceback, placed)
    stack = _stack_files(crashes)
    script_folder = _script_folder(list(placed.values()), working_directory)
    own_script_folder = relative(script_folder, root) if inside(script_folder, root) else ""
    files, files_left_out = modules.stack_and_imports(stack, project, own_script_folder)
    return CrashContext(
        traceback=traceback,
        crashes=crashes,
        root=root,
        working_directory=working_directory,
        files=files,
        names=project.walk.names,
        listings=surroundings.listings((c.exception for c in crashes), working_directory, script_folder),
        environment=surroundings.environment(
            frames,
            root=root,
            environments=surroundings.environments(project, (root, script_folder, working_directory)),
            active_environment=active_environment,
            interpreter_site_packages=interpreter_site_packages,
        ),
        left_out=(*_summed_up(list(placer.left_out.values())), *project.walk.left_out, *files_left_out),
    )


_MAX_LISTED = 40


def _summed_up(files: Sequence[LeftOut]) -> tuple[LeftOut, ...]:
    """The files of the stack that were not read; of very many the first, and how many more."""
    more = len(files) - _MAX_LISTED
    rest = (LeftOut(f"{more} more files of the stack", "as those above"),) if more > 0 else ()
    return (*files[:_MAX_LISTED], *rest)


def with_pieces(context: CrashContext, *, clock: Callable[[], float], seconds: float = SECONDS) -> CrashContext:
    """The same context with the code that matters, ranked: what a prompt is made of.

    Not a part of ``collect``, because the offline analyser needs none of it and answers first.
    One file outside the project's root may be opened: that of the library's function which the user's code called, in a
    folder that is trusted (``Environment.readable_packages``).

    Args:
        context: as collected.
        clock: seconds, from any start.
        seconds: after which the search ends with what it has found.
    """
    if context.pieces:
        return context
    from snapfix.source.search import choice  # of which the offline answer needs nothing

    folder = _script_folder([crash.frames for crash in context.crashes], context.working_directory)
    own_folder = relative(folder, context.root) if inside(folder, context.root) else ""
    return choice.with_pieces(context, own_folder, clock, seconds)


def _nearest_first(exceptions: Sequence[ParsedException]) -> Iterator[Frame]:
    """The frames of all exceptions, each one's innermost first, the exception that was printed last first."""
    for exception in reversed(exceptions):
        yield from reversed(exception.frames)


def _root(project_root: str | None, frames: Iterable[Frame], working_directory: str) -> str:
    if project_root is not None:
        return os.path.normpath(join(working_directory, project_root))
    return find([frame.filename for frame in frames], working_directory)


def _crashes(traceback: Traceback, placed: dict[int, tuple[PlacedFrame, ...]]) -> tuple[Traceback, tuple[Crash, ...]]:
    """The crashes, the one that started it first; and the traceback with its notes told from other output."""
    last = traceback.exception
    noted = last
    if traceback.following and _adds_notes(placed.values()):
        noted = replace(last, notes=(*last.notes, *traceback.following))
        traceback = replace(traceback, exception=noted, following=())
    ordered = origin_first(last, lambda exception: placed[id(exception)])
    return traceback, tuple(Crash(noted if e is last else e, placed[id(e)]) for e in ordered)


def _adds_notes(stacks: Iterable[tuple[PlacedFrame, ...]]) -> bool:
    """Code of the project on the stack calls ``add_note``: what is printed after the exception are its notes."""
    files = {frame.file.name: frame.file for stack in stacks for frame in stack if frame.file is not None}
    return any("add_note" in file.text for file in files.values())


def _stack_files(crashes: Iterable[Crash]) -> list[SourceFile]:
    """The files on the stack, the first crash's innermost first."""
    found: dict[str, SourceFile] = {}
    for crash in crashes:
        for frame in reversed(crash.frames):
            if frame.file is not None:
                found.setdefault(frame.file.name, frame.file)
    return list(found.values())


def _script_folder(stacks: Sequence[tuple[PlacedFrame, ...]], working_directory: str) -> str:
    """The folder of the file that was run: that of the outermost in-app frame which was found."""
    for stack in reversed(stacks):
        for frame in stack:
            if frame.file is not None:
                return str(PurePath(frame.file.path).parent)
    return working_directory
