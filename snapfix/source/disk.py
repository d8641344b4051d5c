"""Reading the project, and nothing else: inside its root only, plain files only, bounded in size.

Paths come from a text that anyone may have written. A path is opened only after its symbolic links were resolved
and it was found to lie under the root; devices, pipes and folders are never opened.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from snapfix.crash import LeftOut, SourceFile

MAX_FILE = 2 * 1024 * 1024
"""Bytes; a larger file is generated or data."""
MAX_TEXT = 8 * 1024 * 1024
"""Characters of all files that are read for one crash."""
MAX_FILES = 100
MAX_PATH = 4096
"""Characters; Linux's PATH_MAX."""
MAX_ENTRIES = 20_000
MAX_FOLDERS = 4_000

_PYTHON_SUFFIXES = (".py", ".pyw", ".pyi", ".pyx", ".pxd", ".pxi", ".ipy", ".xsh")
_SKIPPED = frozenset({
    ".git", ".hg", ".svn", ".bzr", "node_modules", "bower_components", "__pycache__", "__pypackages__", ".tox", ".nox",
    ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".ipynb_checkpoints", ".cache", ".eggs", ".idea",
    ".vscode", ".terraform", "site-packages", "dist-packages", "htmlcov",
})  # fmt: skip
_SKIPPED_UNLESS_PACKAGE = frozenset({"dist", "build", "_build", "target", "out", "wheels"})
_ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_DECLARED = re.compile(rb"^[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]{1,40})")
_UNFIT_CODECS = frozenset({"punycode", "idna", "utf-7", "unicode-escape", "raw-unicode-escape", "undefined"})
"""They are slow on long texts, or no text encodings that Python source is written in."""

OUTSIDE = "outside the project"
NOT_HERE = "no such file here"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file was not read."""

    reason: str


@dataclass(frozen=True, slots=True)
class Walk:
    """The project's files, found without opening any.

    Attributes:
        names: relative to the root, with forward slashes, nearest to the root first.
        environments: folders that hold a Python environment, relative to the root.
        left_out: what was not walked.
        shallow: the root is no project: only the files near it were walked, and only they may be read.
    """

    names: tuple[str, ...]
    environments: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    shallow: bool = False


def join(folder: str, name: str) -> str:
    """A path in ``folder``; an absolute ``name`` stands for itself."""
    return os.path.join(folder, name)  # noqa: PTH118 - hostile paths: pathlib raises where this does not


def real(path: str) -> str | None:
    """The path with its symbolic links resolved, whether it exists or not; None where it cannot be one."""
    if len(path) > MAX_PATH:
        return None
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return None


def status(path: str) -> os.stat_result | None:
    """What the file system says of a path, its symbolic links followed; None where there is nothing."""
    try:
        return os.stat(path)  # noqa: PTH116 - hostile paths: pathlib raises where this is caught
    except (OSError, ValueError):
        return None


def is_folder(path: str) -> bool:
    """There is a folder of this name."""
    found = status(path)
    return found is not None and stat.S_ISDIR(found.st_mode)


def is_environment(folder: str) -> bool:
    """A virtual or conda environment lives in this folder."""
    return any(status(join(folder, mark)) is not None for mark in _ENVIRONMENT_MARKS)


def list_folder(folder: str, limit: int) -> list[str]:
    """Up to ``limit`` names in a folder, sorted; names that are not text are passed over."""
    names: list[str] = []
    for entry in _entries(folder):
        if len(names) == limit:
            break
        if is_text(entry.name):
            names.append(entry.name)
    return sorted(names)


def is_text(name: str) -> bool:
    """The name can be shown and sent: it holds no undecodable bytes."""
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def inside(path: str, folder: str) -> bool:
    """``path`` is ``folder`` or lies under it, by its text; both are absolute."""
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


def relative(path: str, folder: str) -> str:
    """``path``, which lies under ``folder``, seen from there, with forward slashes."""
    return path[len(folder) :].lstrip(os.sep).replace(os.sep, "/")


def walk(root: str, *, shallow: bool = False, max_entries: int = MAX_ENTRIES) -> Walk:
    """The names of the project's files, level by level, without what tools put there.

    ``shallow`` goes no deeper than the folders in the root: for a root that is no project (a home directory).
    """
    names: list[str] = []
    environments: list[str] = []
    pending: deque[tuple[str, int]] = deque([("", 0)])
    folders = seen = undecodable = 0
    while pending and seen < max_entries and folders < MAX_FOLDERS:
        prefix, depth = pending.popleft()
        entries = sorted(_entries(join(root, prefix)), key=_entry_name)
        folders += 1
        if depth and _is_environment_of(entries):
            environments.append(prefix.rstrip("/"))
        elif not depth or _is_walked(prefix, entries):
            seen += len(entries)
            own = [entry for entry in entries if is_text(entry.name)]
            undecodable += len(entries) - len(own)
            names += [prefix + entry.name for entry in own if not _is_folder(entry)]
            if not (shallow and depth):
                pending += [(f"{prefix}{entry.name}/", depth + 1) for entry in own if _is_entered(entry)]
    left_out = []
    if pending or seen > max_entries:
        names = names[:max_entries]
        reason = f"only the first {len(names):,} were listed"
        left_out.append(LeftOut("names of the project's files", reason))
    if undecodable:
        left_out.append(LeftOut(f"{undecodable} files and folders", "their names are not text"))
    return Walk(tuple(names), tuple(environments), tuple(left_out), shallow)


def _is_environment_of(entries: Iterable[os.DirEntry[str]]) -> bool:
    return any(entry.name in _ENVIRONMENT_MARKS for entry in entries)


def _is_walked(prefix: str, entries: Iterable[os.DirEntry[str]]) -> bool:
    """``dist`` and ``build`` are products, unless they are packages of the project."""
    name = prefix.rstrip("/").rpartition("/")[2]
    return name not in _SKIPPED_UNLESS_PACKAGE or any(entry.name == "__init__.py" for entry in entries)


def _is_entered(entry: os.DirEntry[str]) -> bool:
    return entry.name not in _SKIPPED and _is_folder(entry) and not entry.is_symlink()


def _entries(folder: str) -> Iterable[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(_first(entries))
    except (OSError, ValueError):
        return []


def _first(entries: Iterable[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
    for _, entry in zip(range(MAX_ENTRIES), entries, strict=False):
        yield entry


def _entry_name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


class Project:
    """The files under one root, each read at most once.

    Attributes:
        root: the project's folder, absolute, as it was given or found.
        real_root: the same with its symbolic links resolved.
        walk: the names in it.

    ``known`` files are not read again.
    """

    def __init__(self, root: str, walked: Walk, known: Iterable[SourceFile] = ()) -> None:
        self.root = root
        self.walk = walked
        self.real_root = real(root) or root
        self._read: dict[str, SourceFile | Refusal] = {file.name: file for file in known}
        self._characters_left = MAX_TEXT

    @cached_property
    def name_set(self) -> frozenset[str]:
        """The walked names, to ask whether there is a file."""
        return frozenset(self.walk.names)

    @cached_property
    def by_last_part(self) -> Mapping[str, list[str]]:
        """The walked names by their last part in lower case."""
        index: dict[str, list[str]] = {}
        for name in self.walk.names:
            index.setdefault(name.rpartition("/")[2].lower(), []).append(name)
        return index

    def name_of(self, path: str) -> str | Refusal | None:
        """The name, relative to the root, of the file at an absolute path.

        None where there is nothing at ``path``; a refusal where it is outside, or leads outside.
        """
        target = real(path)
        if target is None or status(target) is None:
            return None
        if not inside(target, self.real_root):
            led_out = inside(os.path.normpath(path), self.root) or inside(os.path.normpath(path), self.real_root)
            return Refusal("a symbolic link that leads out of the project" if led_out else OUTSIDE)
        name = relative(target, self.real_root)
        return Refusal(OUTSIDE) if self.walk.shallow and name not in self.name_set else name

    def read(self, name: str) -> SourceFile | Refusal:
        """The file of this name under the root."""
        if name not in self._read:
            self._read[name] = self._read_anew(name)
        return self._read[name]

    def _read_anew(self, name: str) -> SourceFile | Refusal:
        if len(self._read) >= MAX_FILES or self._characters_left <= 0:
            return Refusal("enough other files were read")
        path = join(self.real_root, name)
        target = real(path)
        if target is None or not inside(target, self.real_root):
            return Refusal("a symbolic link that leads out of the project")
        raw = _read_bytes(target)
        if isinstance(raw, Refusal):
            return raw
        if b"\0" in raw:
            return Refusal("binary")
        text = decode(raw)
        self._characters_left -= len(text)
        shown = relative(target, self.real_root)
        return SourceFile(join(self.root, shown.replace("/", os.sep)), shown, text, module_name(shown))


def _read_bytes(path: str) -> bytes | Refusal:
    found = status(path)
    if found is None:
        return Refusal(NOT_HERE)
    if not stat.S_ISREG(found.st_mode):
        return Refusal("not a plain file")
    try:
        descriptor = os.open(path, _FLAGS)
        with open(descriptor, "rb") as stream:  # noqa: PTH123 - a descriptor, not a path
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return Refusal("not a plain file")
            raw = stream.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:
        return Refusal(f"cannot be read: {getattr(error, 'strerror', None) or 'unfit path'}".lower())
    if len(raw) > MAX_FILE:
        return Refusal(f"larger than {MAX_FILE // 1024 // 1024} MiB")
    return raw


def decode(raw: bytes) -> str:
    """The text by its declared encoding (PEP 263) or byte order mark; UTF-8 where it declares none that is known."""
    encoding = _declared_encoding(raw)
    try:
        text = raw.decode(encoding, "replace")
    except (UnicodeError, LookupError, ValueError):
        text = raw.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _declared_encoding(raw: bytes) -> str:
    if raw.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    for line in raw[:1000].splitlines()[:2]:
        declared = _DECLARED.match(line)
        if declared:
            return _codec(declared[1].decode("ascii", "replace"))
        if line.strip() and not line.lstrip().startswith(b"#"):
            break
    return "utf-8"


def _codec(name: str) -> str:
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return "utf-8"
    fit = getattr(codec, "_is_text_encoding", True) and codec.name not in _UNFIT_CODECS
    return codec.name if fit else "utf-8"


def is_python(name: str) -> bool:
    """The name's ending says that it is Python."""
    return name.lower().endswith(_PYTHON_SUFFIXES)


@lru_cache(maxsize=4096)
def module_name(name: str) -> str:
    """The dotted name of a file, seen from the project root or its ``src`` folder; ``""`` if it has none."""
    if not name.endswith((".py", ".pyw")):
        return ""
    parts = name.rpartition(".")[0].split("/")
    if parts[0] == "src" and len(parts) > 1:
        parts = parts[1:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else ""
