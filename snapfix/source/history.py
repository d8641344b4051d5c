"""What changed lately in the files of a crash, as git tells it.

Git runs commands that a repository's own configuration names (filters, text converters, signature checks, file
system monitors), and a repository may have come in an archive. So the working files are compared here, with blobs that
are read unfiltered, and git is told not to run, ask or fetch anything.
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
_MAX_OUTPUT = 512 * 1024
_LATELY = "30.days"
_MARK = "\x01commit "
_HARMLESS = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.sshCommand=false", "-c", "diff.external=",
    "-c", "gpg.program=false", "-c", "log.showSignature=false", "-c", "protocol.allow=never", "-c", "core.quotePath=false",
    "-c", "safe.bareRepository=explicit", "--no-optional-locks", "--no-pager", "--literal-pathspecs",
)  # fmt: skip


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

    for file, committed in zip(files, _blobs(root, [file.name for file in files]), strict=False):
        if committed is None or committed == file.text:
            continue
        lines = unified_diff(committed.split("\n"), file.lines, lineterm="", n=1)
        for number, hunk in enumerate(_hunks(lines)):
            if number == _MAX_HUNKS:
                break
            yield Change(file.name, "not committed", hunk)


def _blobs(root: str, names: Iterable[str]) -> Iterator[str | None]:
    """The committed texts of files; None for one that is not in the last commit."""
    asked = "".join(f"HEAD:./{name}\n" for name in names if "\n" not in name)
    output = _git_bytes(root, "cat-file", "--batch", stdin=asked.encode())
    position = 0
    while position < len(output):
        end = output.find(b"\n", position)
        header = output[position : end if end >= 0 else len(output)].split()
        position = end + 1 if end >= 0 else len(output)
        if len(header) != 3 or header[1] != b"blob" or not header[2].isdigit():
            yield None
            continue
        size = int(header[2])
        text = output[position : position + size].decode("utf-8", "replace")
        yield text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        position += size + 1


def _committed(root: str, files: Sequence[SourceFile]) -> Iterator[Change]:
    names = [file.name for file in files]
    output = _git(
        root, "log", f"--max-count={_MAX_COMMITS}", f"--since={_LATELY}", f"--format={_MARK}%h%x09%ad%x09%s",
        "--date=short", "--patch", "--unified=1", "--relative", "--no-ext-diff", "--no-textconv", "--no-renames",
        "--no-color", "--no-prefix", "--", *names,
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
    import shutil
    import subprocess

    git = shutil.which("git")
    if git is None:
        return b""
    try:
        done: CompletedProcess[bytes] = subprocess.run(
            [git, "-C", root, *_HARMLESS, *arguments],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return b""
    return done.stdout[:_MAX_OUTPUT] if done.returncode == 0 else b""
