"""What of a crash may go into a prompt: gathered, and without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import PurePath

from snapfix import layouts
from snapfix.crash import Change, CrashContext, Environment, LeftOut, Listing, Piece, PlacedFrame, Traceback
from snapfix.diagnosis import Confidence, Diagnosis
from snapfix.redaction import Redactor
from snapfix.templates.fields import BUDGET, Material, describe, short
from snapfix.tokens import estimate_tokens


def gather(context: CrashContext, hypothesis: Diagnosis | None) -> Material:
    """Everything that a crash has to say, with secrets in it."""
    names = {p.frame.filename: p.file.name for crash in context.crashes for p in crash.frames if p.file is not None}
    texts = [_traceback(context.traceback, frames, names) for frames in (None, 40, 20, 10, 6, 4, 2)]
    pieces = tuple(sorted(context.pieces, key=lambda piece: piece.rank))
    wanted = {piece.file for piece in pieces}
    return Material(
        tracebacks=tuple(text for text, _ in groupby(texts)),
        facts="\n".join(f"- {fact}" for fact in _facts(context)),
        hypothesis=_hypothesis(hypothesis),
        following="\n".join(short(line) for line in context.traceback.following),
        changes=_changes(context.changes),
        hunks=context.changes,
        library=context.library,
        pieces=pieces,
        files={file.name: file.text for file in context.files if file.name in wanted},
    )


SHARE_OF_CHANGES = 1 / 8
"""Of the budget, for whole hunks of recent changes."""
_LEAST_LINE = 7
"""Tokens of the shortest numbered line."""


def affordable(material: Material, budget: int, left_out: list[LeftOut]) -> Material:
    """Without the pieces that surely have no room: looking for secrets in everything would take long."""
    lines, kept = 0, 0
    for piece in material.pieces:
        if lines > budget // _LEAST_LINE:
            break
        lines += len(piece.lines)
        kept += 1
    left_out += [LeftOut(describe(piece), BUDGET) for piece in material.pieces[kept:]]
    pieces = material.pieces[:kept]
    wanted = {piece.file for piece in pieces} | {hunk.file for hunk in material.hunks}
    files = {name: text for name, text in material.files.items() if name in wanted}
    hunks = list(material.hunks)
    while hunks and estimate_tokens(_changes(hunks)) > budget * SHARE_OF_CHANGES:
        dropped = hunks.pop()
        left_out.append(LeftOut(f"{dropped.file}: a change ({dropped.when})", BUDGET))
    return replace(material, pieces=pieces, files=files, hunks=tuple(hunks), changes=_changes(hunks))


def redacted(material: Material) -> Material:
    """The material without secrets: the same secret has the same mask everywhere."""
    single = (material.facts, material.hypothesis, material.following, material.changes, material.library)
    labels = tuple(dict.fromkeys(label for piece in material.pieces for label in (piece.file, piece.title)))
    # A whole file shows more than a piece of it: that a line belongs to a private key, for example.
    loose = {piece: _text_of(piece) for piece in material.pieces if not _is_of(piece, material.files)}
    redactor = Redactor([*material.files.values(), material.tracebacks[0], *single, *labels, *loose.values()])
    files = {name: redactor.redact(text).split("\n") for name, text in material.files.items()}
    named = {label: redactor.redact(label) for label in labels}

    def redacted_piece(piece: Piece) -> Piece:
        if piece in loose:
            alone = redactor.redact(loose[piece]).split("\n")
            lines = tuple((number, line) for (number, _), line in zip(piece.lines, alone, strict=True))
        else:
            lines = tuple((number, files[piece.file][number - 1]) for number, _ in piece.lines)
        return replace(piece, lines=lines, title=named[piece.title], file=named[piece.file])

    return replace(
        material,
        tracebacks=tuple(map(redactor.redact, material.tracebacks)),
        facts=redactor.redact(material.facts),
        hypothesis=redactor.redact(material.hypothesis),
        following=redactor.redact(material.following),
        changes=_changes([_masked(hunk, material.files, files, redactor) for hunk in material.hunks]),
        library=redactor.redact(material.library),
        pieces=tuple(map(redacted_piece, material.pieces)),
        masks=redactor.masks,
    )


_LITERAL = re.compile(r"\"[^\"\n]+\"|'[^'\n]+'")


def _masked(hunk: Change, files: Mapping[str, str], masked: Mapping[str, Sequence[str]], redactor: Redactor) -> Change:
    """A hunk without secrets: what stands in the file as it is masked there.

    Of the lines that are no more, the file's masks say nothing: where anything in the hunk is a secret, their texts
    are taken for secrets as well.
    """
    known = dict(zip(files.get(hunk.file, "").split("\n"), masked.get(hunk.file, ()), strict=False))
    lines = [line[:1] + known.get(line[1:], redactor.redact(line[1:])) for line in hunk.lines]
    together = redactor.redact("\n".join(line[1:] for line in hunk.lines)).split("\n")
    is_secret = any("<redacted:" in line for line in (*lines, *together))
    safe = [
        line if "<redacted:" in line or old[:1] not in "+-" or old[1:] in known or not is_secret else line[:1] + whole
        for line, old, whole in zip(lines, hunk.lines, together, strict=True)
    ]
    if is_secret:
        safe = [line if line[:1] != "-" else _LITERAL.sub(_without_text, line) for line in safe]
    return replace(hunk, lines=tuple(safe))


def _without_text(literal: re.Match[str]) -> str:
    return literal[0] if "<redacted:" in literal[0] else "<redacted:text>"


def _is_of(piece: Piece, files: Mapping[str, str]) -> bool:
    """The piece shows lines of the file as it was read."""
    text = files.get(piece.file)
    return text is not None and (not piece.lines or piece.lines[-1][0] <= text.count("\n") + 1)


def _text_of(piece: Piece) -> str:
    return "\n".join(line for _, line in piece.lines)


def _traceback(traceback: Traceback, max_frames: int | None, names: Mapping[str, str]) -> str:
    """The traceback as its language prints it, with short names."""
    if traceback.language == "python":
        return _with_short_names(layouts.format_traceback(traceback, max_frames=max_frames), names)

    def name_of(filename: str) -> str:
        return names.get(filename) or layouts.short_name(filename)

    text = layouts.format_traceback(traceback, max_frames=max_frames, name_of=name_of)
    return "\n".join(map(short, text.split("\n")))


def _with_short_names(text: str, names: Mapping[str, str]) -> str:
    """Name the project's files as everywhere else in the prompt, and leave out where libraries are installed."""

    def named(match: re.Match[str]) -> str:
        name = names.get(match[1], match[1])
        folder, found, rest = name.replace("\\", "/").rpartition("/site-packages/")
        return f'File "site-packages/{rest}"' if found and folder else f'File "{name}"'

    lines = re.sub(r'(?<=\s)File "([^"\n]{1,1000})"', named, text).split("\n")
    return "\n".join(map(short, lines))


def _facts(context: CrashContext) -> Iterator[str]:
    if context.traceback.language == "python":
        yield from _interpreter(context.environment)
    yield from dict.fromkeys(
        fact for crash in context.crashes for placed in crash.frames if (fact := _change(placed)) is not None
    )
    yield from (_listing(listing, context) for listing in context.listings[:4])
    for near in context.near_names[:4]:
        yield f"there is no `{near.missing}`; like it among the {near.where}: " + ", ".join(
            f"`{n}`" for n in near.names
        )


def _interpreter(environment: Environment) -> Iterator[str]:
    if environment.python is not None:
        yield "Python {}.{}".format(*environment.python)
    if environment.active_virtual_environment is not None:
        yield f"the program ran in the virtual environment `{environment.active_virtual_environment}`"
    elif environment.virtual_environments:
        folders = ", ".join(f"`{folder}`" for folder in environment.virtual_environments[:4])
        yield f"there is a virtual environment in {folders}, which the program did not run in"
    if environment.packages:
        yield "libraries on the stack: " + ", ".join(f"{name} {version}" for name, version in environment.packages)


def _change(placed: PlacedFrame) -> str | None:
    if placed.file is None:
        return None
    if placed.changed:
        return f"`{placed.file.name}` was changed after the crash: its lines are not those of the traceback any more"
    if placed.lineno is not None and placed.frame.lineno not in (None, placed.lineno):
        return f"line {placed.frame.lineno} of `{placed.file.name}` in the traceback is line {placed.lineno} now"
    return None


def _listing(listing: Listing, context: CrashContext) -> str:
    """What a folder holds; the names in a folder that is not the project's stay on this machine."""
    if not listing.exists:
        return f"the folder `{listing.directory}` does not exist"
    own = (PurePath(context.root), PurePath(context.working_directory))
    directory = PurePath(context.working_directory, listing.directory)
    if not any(directory.is_relative_to(folder) for folder in own):
        return f"the folder `{listing.directory}` exists"
    shown = ", ".join(f"`{name}`" for name in listing.names[:30]) or "nothing"
    more = f" and {len(listing.names) - 30} more" if len(listing.names) > 30 else ""
    return f"the folder `{listing.directory}` holds {shown}{more}"


def _changes(changes: Sequence[Change]) -> str:
    """The hunks below the commit that they belong to."""
    lines: list[str] = []
    for heading, hunks in groupby(changes, key=lambda change: (change.when, change.file)):
        when, name = heading
        lines.append(f"{name} ({when})")
        lines += [short(line) for hunk in hunks for line in hunk.lines]
    return "\n".join(lines)


def _hypothesis(diagnosis: Diagnosis | None) -> str:
    if diagnosis is None or diagnosis.confidence is Confidence.UNSURE:
        return ""
    parts = [diagnosis.root_cause]
    if (where := diagnosis.location) is not None:
        parts.append(f"Location: {where.file}" + (f":{where.line}" if where.line is not None else ""))
    if diagnosis.fix is not None:
        parts.append(f"Possible fix: {diagnosis.fix.summary}")
    return "\n".join(part for part in parts if part)
