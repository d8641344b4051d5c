"""Where the project is: the folder that names are shown from, and the only one that is read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from snapfix import shapes
from snapfix.crash import Origin
from snapfix.source.disk import inside, is_python, join, real, relative, status

_MARKS = (".git", ".hg", ".svn", "pyproject.toml", "setup.py", "setup.cfg", "manage.py")
_WEAK_MARKS = ("requirements.txt", "Pipfile", "tox.ini", "environment.yml", "noxfile.py")
_BROAD = re.compile(
    r"/(?:home|Users|root|tmp|var(?:/tmp|/folders(?:/.*/T)?)?|opt|usr(?:/local|/src)?|mnt|media|srv)?"
    r"|/(?:private/)?(?:tmp|var)|/(?:home|Users)/[^/]+|[A-Za-z]:/?(?:Users(?:/[^/]+)?)?",
)
_PRIVATE = re.compile(r"/(?:etc|proc|sys|dev|boot|run|bin|sbin|lib|lib64|usr/(?:lib|lib64|bin|sbin|share))(?:/|$)")
_MAX_FRAMES = 100
_MAX_DEPTH = 64


def is_broad(folder: str) -> bool:
    """The folder holds many projects and other things: a home directory, ``/``, ``/tmp``."""
    return _BROAD.fullmatch(folder.replace(os.sep, "/")) is not None


def find(filenames: Sequence[str], working_directory: str) -> str:
    """The root of the project that crashed.

    It is the nearest folder with a mark (version control, ``pyproject.toml``, ...) that holds the working directory
    and every file on the stack, where there is one: in a repository of many projects that is the one that the
    user is in, as long as the stack stays within it. Else a marked folder around the working directory that holds
    some of the files, else one around the files. Without any mark: the working directory where it holds some of
    them, else the files' common folder.

    Args:
        filenames: as printed, innermost frame first.
        working_directory: absolute.
    """
    here = real(working_directory) or working_directory
    files = _existing(filenames, here)
    if not files:
        return next(_projects(here), here)
    around_files = list(_projects(_parent(files[0])))
    with_all = [folder for folder in around_files if all(inside(file, folder) for file in files)]
    marked = [
        *(folder for folder in with_all if inside(here, folder)),
        *(folder for folder in _projects(here) if any(inside(file, folder) for file in files)),
        *with_all,
    ]
    if marked:
        return marked[0]
    if not is_broad(here) and any(inside(file, here) for file in files):
        return here
    return around_files[0] if around_files else _common(files)


def _existing(filenames: Sequence[str], here: str) -> list[str]:
    """The files among them that are here and may be the project's, absolute, links resolved."""
    found: dict[str, None] = {}
    for filename in list(dict.fromkeys(filenames))[:_MAX_FRAMES]:
        path = None if is_foreign(filename) or shapes.is_generated(filename) else real(join(here, filename))
        if path is None or status(path) is None:
            continue
        own = relative(path, here) if inside(path, here) and not is_broad(here) else None
        named = own is not None or (is_python(path) and not _PRIVATE.match(path))
        if named and shapes.whose(filename, own) is Origin.IN_APP and not shapes.is_library_if_unknown(path):
            found[path] = None
    return list(found)


def is_foreign(filename: str) -> bool:
    """The path was written by another family of operating systems: it says nothing about this disk."""
    return os.sep == "/" and shapes.is_windows(filename)


def _projects(folder: str) -> Iterator[str]:
    """The marked folders around, nearest first; weak marks count only where there is no other."""
    weak: list[str] = []
    strong = False
    for _ in range(_MAX_DEPTH):
        if is_broad(folder) or folder.endswith(("site-packages", "dist-packages")):
            break
        if _has(folder, _MARKS):
            strong = True
            yield folder
        elif _has(folder, _WEAK_MARKS):
            weak.append(folder)
        folder = _parent(folder)
    if not strong:
        yield from weak


def _has(folder: str, marks: Sequence[str]) -> bool:
    return any(status(join(folder, mark)) is not None for mark in marks)


def _parent(path: str) -> str:
    return str(PurePath(path).parent)


def _common(files: Sequence[str]) -> str:
    folders = [_parent(file) for file in files]
    try:
        common = os.path.commonpath(folders)
    except ValueError:
        return folders[0]
    return folders[0] if is_broad(common) or _PRIVATE.match(common) else common
