"""What a prompt is made of, put together: ranked code, recent changes, near names, the library that was called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from snapfix.crash import Change, CrashContext, Piece, SourceFile
from snapfix.source import history, libraries
from snapfix.source.disk import Project, Walk
from snapfix.source.python.program import Program
from snapfix.source.search import pieces
from snapfix.source.search.near import near_names

_MAX_CHANGED = 12
"""Files whose recent changes are asked for."""


def with_pieces(context: CrashContext, script_folder: str, clock: Callable[[], float], seconds: float) -> CrashContext:
    """As ``source.with_pieces``; ``script_folder`` is the folder, relative to the root, of the file that was run."""
    ends = clock() + seconds
    program = Program(Project(context.root, Walk(context.names), context.files), context.files, script_folder)
    ranked, left_out = pieces.rank(context.crashes, program, expired=lambda: clock() > ends)
    return replace(
        context,
        files=_with_files_of(ranked, context.files, program),
        pieces=ranked,
        changes=_changes_of(ranked, context.root, program),
        near_names=near_names(context, program),
        library=libraries.called(context),
        left_out=(*context.left_out, *left_out),
    )


def _with_files_of(ranked: Sequence[Piece], files: tuple[SourceFile, ...], program: Program) -> tuple[SourceFile, ...]:
    known = {file.name for file in files}
    names = dict.fromkeys(piece.file for piece in ranked if piece.file not in known)
    return (*files, *(module.file for name in names if (module := program.module(name)) is not None))


def _changes_of(ranked: Sequence[Piece], root: str, program: Program) -> tuple[Change, ...]:
    """The recent changes that touch the pieces."""
    names = list(dict.fromkeys(piece.file for piece in ranked))[:_MAX_CHANGED]
    files = [module.file for name in names if (module := program.module(name)) is not None]
    shown = {(piece.file, line.strip()) for piece in ranked for _, line in piece.lines if len(line.strip()) > 3}
    return tuple(
        change
        for change in history.changes(root, files)
        if any((change.file, line[1:].strip()) in shown for line in change.lines[1:])
    )
