"""What changed lately in the files of a crash, as git tells it.

Git runs commands that a repository's own configuration names (filters, text converters, signature checks, file
system monitors), and a repository may have come in an archive. So the working files are compared here, with blobs that
are read unfiltered, and git is told not to run, ask or fetch anything: an object that is missing in a partial clone
would be fetched by a command of the repository's choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from snapfix.crash import Change, SourceFile

if TYPE_CHECKING:
    from subprocess import CompletedProcess

SECONDS = 1.0
"""For one call of git; a slower answer is done without."""
_MAX_FILES = 12
_MAX_COMMITS = 3
_MAX_HUNKS = 12
_MAX_LINES = 40
"""Lines of one hunk."""
_MAX_OUTPUT = 4 * 1024 * 1024
_LATELY = "30.days"
_MARK = "\x01commit "
_HARMLESS = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.sshCommand=false",
    "-c", "diff.external=", "-c", "gpg.program=false", "-c", "log.showSignature=false", "-c", "log.follow=false",
    "-c", "protocol.allow=never", "-c", "core.quotePath=false", "-c", "safe.bareRepository=explicit",
    "-c", "core.attributesFile=/dev/null", "-c", "core.bigFileThreshold=2m",
    "--no-optional-locks", "--no-pager", "--literal-pathspecs",
)  # fmt: skip
_HARMLESS_VARIABLES = ("GIT_CONFIG", "GIT_CEILING_DIRECTORIES", "GIT_EXEC_PATH")
"""The others (``GIT_DIR``, ``GIT_INDEX_FILE``) are there where a hook runs Snapfix, and name another repository."""


def changes(root: str, files: Sequence[SourceFile]) -> tuple[Change, ...]:
    """The uncommitted changes of the files and those of their last commits, hunk by hunk, the newest first.

    () where the root is in no repository, where there is no git, or where it takes too long.
    """
    chosen = files[:_MAX_FILES]
    if not chosen or not _git(root, "rev-parse", "--is-inside-work-tree").startswith("true"):
        return ()
    found = [*_uncommitted(root, chosen), *_committed(root, chosen)]
    return tuple(found[: 2 * _MAX_HUNKS])


def _uncommitted(root: str, files: Sequence[SourceFile]) -> Iterator[Change]:
    from difflib import unified_diff

    named = [file for file in files if "\n" not in file.name]
    for file, committed in zip(named, _blobs(root, [file.name for file in named]), strict=False):
        if committed is None or committed == file.text:
            continue
        lines = unified_diff(committed.split("\n"), file.lines, lineterm="", n=1)
        for number, hunk in enumerate(_hunks(lines)):
            if number == _MAX_HUNKS:
                break
            yield Change(file.name, "not committed", hunk)


def _blobs(root: str, names: Iterable[str]) -> Iterator[str | None]:
    """The committed texts of files; None for one that is not in the last commit, or too large."""
    asked = "".join(f"HEAD:./{name}\n" for name in names)
    found = _git_bytes(root, "cat-file", "--batch-check", stdin=asked.encode()).split(b"\n")
    sizes = [_size(line) for line in found]
    chosen = [line.split()[0] for line, size in zip(found, sizes, strict=True) if size is not None]
    output = _git_bytes(root, "cat-file", "--batch", stdin=b"".join(blob + b"\n" for blob in chosen)) if chosen else b""
    position = 0
    for size in sizes[:-1]:  # the last line is empty
        if size is None:
            yield None
            continue
        start = output.find(b"\n", position) + 1
        raw = output[start : start + size]
        if not start or len(raw) < size:
            return
        yield raw.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        position = start + size + 1


def _size(line: bytes) -> int | None:
    """Of the blob that a line of ``--batch-check`` names (object, type, size); None where it is none, or too large."""
    parts = line.split()
    if len(parts) != 3 or parts[1] != b"blob" or not parts[2].isdigit():
        return None
    size = int(parts[2])
    return size if size <= _MAX_OUTPUT // _MAX_FILES else None


def _committed(root: str, files: Sequence[SourceFile]) -> Iterator[Change]:
    names = [file.name for file in files]
    output = _git(
        root, "log", f"--max-count={_MAX_COMMITS}", f"--since={_LATELY}", f"--format={_MARK}%h%x09%ad%x09%s",
        "--date=short", "--patch", "--unified=1", "--relative", "--no-ext-diff", "--no-textconv", "--no-renames",
        "--no-color", "--no-prefix", "--no-mailmap", "--submodule=short", "--ignore-submodules=all", "-O/dev/null",
        "--", *names,
    )  # fmt: skip
    for commit in output.split(_MARK)[1:]:
        heading, _, patch = commit.partition("\n")
        short, date, subject = (*heading.split("\t", 2), "", "")[:3]
        when = f"commit {short} of {date}: {subject[:100]}"
        for name, hunk in _hunks_by_file(patch):
            if name in names and not hunk[0].startswith("@@ -0,0"):  # a new file is no change
                yield Change(name, when, hunk)


def _hunks_by_file(patch: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for part in patch.split("\ndiff --git ")[:_MAX_FILES]:
        lines = part.split("\n")
        name = next((line[4:].strip() for line in lines if line.startswith("+++ ")), "")
        for hunk in _hunks(lines):
            yield name, hunk


def _hunks(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The hunks of one file's diff, with their ``@@`` lines."""
    hunk: list[str] = []
    for line in lines:
        if line.startswith("@@"):
            if hunk:
                yield tuple(hunk)
            hunk = [line]
        elif hunk and line[:1] in ("+", "-", " ") and len(hunk) <= _MAX_LINES:
            hunk.append(line)
    if hunk:
        yield tuple(hunk)


def _git(root: str, *arguments: str) -> str:
    return _git_bytes(root, *arguments).decode("utf-8", "replace")


def _git_bytes(root: str, *arguments: str, stdin: bytes = b"") -> bytes:
    """What git prints, or b"" where it fails."""
    import os
    import shutil
    import subprocess

    git = shutil.which("git")
    if git is None:
        return b""
    inherited = os.environ  # noqa: TID251 - handed on to git as it is, as every child process has it
    kept = {k: v for k, v in inherited.items() if not k.startswith("GIT_") or k.startswith(_HARMLESS_VARIABLES)}
    try:
        done: CompletedProcess[bytes] = subprocess.run(
            [git, "-C", root, *_HARMLESS, *arguments],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            env={**kept, "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"},
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return b""
    return done.stdout[:_MAX_OUTPUT] if done.returncode == 0 else b""
