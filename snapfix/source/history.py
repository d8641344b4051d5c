"""What changed lately in the files of a crash, as git tells it.

Git runs commands that a repository's own configuration names (filters, text converters, signature checks, file
system monitors), and a repository may have come in an archive. So the working files are compared here, with blobs that
are read unfiltered, and git is told not to run, ask or fetch anything: an object that is missing in a partial clone
would be fetched by a command of the repository's choice.

Nor may a repository lend from another: a ``.git`` file, a symbolic link or a list of alternates in a project that came
in an archive could name any repository of the user, whose lines would then be sent. So it is asked where git looks.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from snapfix.crash import Change, SourceFile
from snapfix.source.disk import decode, inside, is_folder, join, real

if TYPE_CHECKING:
    from subprocess import CompletedProcess

SECONDS = 1.5
"""For all calls of git and the comparisons; what is not known by then is done without."""
_MAX_FILES = 12
_MAX_COMMITS = 3
_MAX_HUNKS = 12
_MAX_LINES = 40
"""Lines of one hunk."""
_MAX_COMPARED = 2000
"""Lines of a text between those that it has in common with the other at its head and its tail."""
_MAX_OBJECTS = 200_000
"""Loose objects of a repository; git itself packs some 7,000."""
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

    () where the root is in no repository of its own, where there is no git, or where it takes too long.
    """
    chosen = files[:_MAX_FILES]
    git = _Git(root)
    if not chosen or not _is_own(git):
        return ()
    found = [*_uncommitted(git, chosen), *_committed(git, chosen)]
    return tuple(found[: 2 * _MAX_HUNKS])


# -- whose repository it is --------------------------------------------------------------------------------------


def _is_own(git: _Git) -> bool:
    """The repository that git finds is that of the root or of a folder above it, and it lends from no other."""
    answer = git.raw(
        "rev-parse", "--is-inside-work-tree", "--show-toplevel", "--absolute-git-dir", "--git-common-dir"
    ).split(b"\n")  # fmt: skip
    if len(answer) != 5 or answer[0] != b"true":
        return False
    root = real(git.root)
    top, folder, common = (real(join(root or "", os.fsdecode(path))) for path in answer[1:4])
    if root is None or top is None or folder is None or common is None:
        return False
    above = _with_those_above(root)
    is_held = any(
        _same(folder, common, join(each, ".git"))
        or _is_worktree(folder, common, each)
        or (_is_submodule(folder, common, each) and top in above and _is_plain_file(join(top, ".git")))
        for each in above
    )
    return is_held and _lends_nothing(common)


def _with_those_above(folder: str) -> list[str]:
    found = [folder]
    while (parent := os.path.dirname(found[-1])) != found[-1]:  # noqa: PTH120 - of a path that git or the user named
        found.append(parent)
    return found


def _same(*paths: str) -> bool:
    return len({os.path.normcase(path) for path in paths}) == 1


def _is_worktree(folder: str, common: str, holder: str) -> bool:
    """``folder`` is a linked worktree's part of the repository, and says itself that it is that of ``holder``."""
    if not _same(os.path.dirname(folder), join(common, "worktrees")) or not _is_plain_file(join(holder, ".git")):  # noqa: PTH120
        return False
    back = join(folder, "gitdir")
    if not _is_plain_file(back):
        return False
    with open(back, "rb") as stream:  # noqa: PTH123 - hostile paths
        named = os.fsdecode(stream.read(10_000)).strip("\r\n")
    if "\0" in named:
        return False
    head, tail = os.path.split(join(folder, named))
    target = real(head)
    return tail == ".git" and target is not None and _same(target, holder)


def _is_submodule(folder: str, common: str, holder: str) -> bool:
    """``folder`` is a repository in that of ``holder``."""
    modules = join(join(holder, ".git"), "modules")
    return _same(folder, common) and inside(folder, modules) and not _same(folder, modules)


def _is_plain_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _lends_nothing(common: str) -> bool:
    """The objects of the repository are its own: it names no others, and there are no symbolic links among them."""
    objects = join(common, "objects")
    if real(objects) != objects or not is_folder(objects):
        return False
    if any(os.path.lexists(join(objects, f"info/{name}")) for name in ("alternates", "http-alternates")):
        return False
    pending, seen = [objects], 0
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    seen += 1
                    if entry.is_symlink() or seen > _MAX_OBJECTS:
                        return False
                    if entry.is_dir():
                        pending.append(entry.path)
        except OSError:
            return False
    return True


# -- what changed ------------------------------------------------------------------------------------------------


def _uncommitted(git: _Git, files: Sequence[SourceFile]) -> Iterator[Change]:
    named = [file for file in files if "\n" not in file.name]
    for file, committed in zip(named, _blobs(git, [file.name for file in named]), strict=False):
        if git.seconds_left() <= 0:
            return
        if committed is None or committed == file.text:
            continue
        for number, hunk in enumerate(_hunks(_compared(committed.split("\n"), file.lines))):
            if number == _MAX_HUNKS:
                break
            yield Change(file.name, "not committed", hunk)


_PLACE = re.compile(r"([-+])(\d+)")


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """A unified diff with a line of context; nothing where too much differs."""
    from difflib import unified_diff

    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    tail = next((n for n in range(shorter - head) if old[-1 - n] != new[-1 - n]), shorter - head)
    if max(len(old), len(new)) - head - tail > _MAX_COMPARED:
        return
    above = max(head - 1, 0)
    below = max(tail - 1, 0)
    parts = (old[above : len(old) - below], new[above : len(new) - below])
    for line in unified_diff(*parts, lineterm="", n=1):
        if line.startswith("@@"):
            yield _PLACE.sub(lambda place: f"{place[1]}{int(place[2]) + above}", line)
        else:
            yield line


def _blobs(git: _Git, names: Iterable[str]) -> Iterator[str | None]:
    """The committed texts of files; None for one that is not in the last commit, or too large."""
    asked = "".join(f"HEAD:./{name}\n" for name in names)
    found = git.raw("cat-file", "--batch-check", stdin=asked.encode()).split(b"\n")
    sizes = [_size(line) for line in found]
    chosen = [line.split()[0] for line, size in zip(found, sizes, strict=True) if size is not None]
    output = git.raw("cat-file", "--batch", stdin=b"".join(blob + b"\n" for blob in chosen)) if chosen else b""
    position = 0
    for size in sizes[:-1]:  # the last line is empty
        if size is None:
            yield None
            continue
        start = output.find(b"\n", position) + 1
        raw = output[start : start + size]
        if not start or len(raw) < size:
            return
        yield decode(raw)
        position = start + size + 1


def _size(line: bytes) -> int | None:
    """Of the blob that a line of ``--batch-check`` names (object, type, size); None where it is none, or too large."""
    parts = line.split()
    if len(parts) != 3 or parts[1] != b"blob" or not parts[2].isdigit():
        return None
    size = int(parts[2])
    return size if size <= _MAX_OUTPUT // _MAX_FILES else None


def _committed(git: _Git, files: Sequence[SourceFile]) -> Iterator[Change]:
    names = [file.name for file in files]
    output = git.text(
        "log", f"--max-count={_MAX_COMMITS}", f"--since={_LATELY}", f"--format={_MARK}%h%x09%ad%x09%s",
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


class _Git:
    """Git in one folder, with one time for all that is asked of it."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._ends = time.monotonic() + SECONDS

    def seconds_left(self) -> float:
        """Until what was found has to do."""
        return self._ends - time.monotonic()

    def text(self, *arguments: str) -> str:
        """What git prints, as text."""
        return self.raw(*arguments).decode("utf-8", "replace")

    def raw(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What git prints, or b"" where it fails."""
        import shutil
        import subprocess

        git = shutil.which("git")
        seconds = self.seconds_left()
        if git is None or seconds <= 0:
            return b""
        inherited = os.environ  # noqa: TID251 - handed on to git as it is, as every child process has it
        kept = {k: v for k, v in inherited.items() if not k.startswith("GIT_") or k.startswith(_HARMLESS_VARIABLES)}
        try:
            done: CompletedProcess[bytes] = subprocess.run(
                [git, "-C", self.root, *_HARMLESS, *arguments],
                input=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                env={**kept, "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"},
                check=False,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return b""
        return done.stdout[:_MAX_OUTPUT] if done.returncode == 0 else b""
