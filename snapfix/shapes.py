"""Whose code a frame runs, by the shape of its path and function as printed.

The crash may come from another machine, container or operating system, so nothing is looked up on the disk.
Shapes are those of ``sysconfig``'s installation schemes (posix_prefix, nt, osx_framework, deb_system, pypy), of
virtual and conda environments, pyenv, uv, pipx, PDM and pex.
"""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from functools import lru_cache


class Origin(StrEnum):
    """Whose code a frame runs."""

    IN_APP = "in-app"
    LIBRARY = "library"
    STDLIB = "stdlib"
    GENERATED = "generated"
    """No file: ``<string>``, ``<stdin>``, ``<frozen importlib._bootstrap>``, a notebook cell."""


_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_CELL = re.compile(r"(?:.*/)?ipykernel_\d+/\d+\.py$|Cell In ?\[|/?ipython-input-")
_LIBRARY_FOLDERS = frozenset({"site-packages", "dist-packages", "__pypackages__", ".eggs", ".pex"})
_LIBRARY_ARCHIVES = (".egg", ".whl", ".pex")
_STDLIB_POSIX = re.compile(r"(?:^|/)(?:lib(?:32|64)?/(?:python|pypy)\d\.\d+t?|lib-python/\d[\d.]*)/([^/]+)")
_STDLIB_ZIP = re.compile(r"(?:^|/)python\d{2,3}\.zip/")
_STDLIB_WINDOWS = re.compile(r"/([^/]+)/lib/([^/]+)", re.IGNORECASE)
_WINDOWS_HOME = re.compile(r"python|conda|forge|mamba|pypy|^\d+\.\d+|^x64$|^x86$", re.IGNORECASE)
_SYSTEM = ("/usr/lib/", "/usr/lib64/", "/usr/share/", "/var/runtime/", "/snap/", "/nix/store/")
_CONSOLE_SCRIPT = re.compile(r"(?:^|/)(?:bin|scripts)/[^/]+(?:\.exe/__main__\.py)?$", re.IGNORECASE)
_EXTENSION = (".pyx", ".pxi", ".pxd", ".c", ".cpp", ".rs")


def is_windows(filename: str) -> bool:
    """The path was written by Windows."""
    return _WINDOWS.match(filename) is not None or ("\\" in filename and "/" not in filename)


def posix(filename: str) -> str:
    """The path with forward slashes, whichever system wrote it."""
    return filename.replace("\\", "/") if is_windows(filename) else filename


def parts(filename: str) -> list[str]:
    """The path's folders and file name, without a drive, ``.`` and ``..``."""
    found = [part for part in posix(filename).split("/") if part not in ("", ".", "..")]
    return found[1:] if found and re.fullmatch("[A-Za-z]:", found[0]) else found


def is_generated(filename: str) -> bool:
    """The name stands for no file: ``<string>``, ``<frozen importlib._bootstrap>``, a notebook's cell."""
    return not filename.strip() or filename.startswith("<") or _CELL.match(posix(filename)[:500]) is not None


def whose(filename: str, own: str | None = None) -> Origin:
    """Whose code runs in a frame of this file.

    ``own`` is the path seen from the project's root, where it lies under it: only what is below the root tells
    then, so that a project may live in a folder called ``lib`` or ``site-packages``.
    """
    if is_generated(filename):
        return Origin.GENERATED
    path = posix(filename) if own is None else own
    folders = path.split("/")[:-1]
    if any(folder in _LIBRARY_FOLDERS or folder.endswith(_LIBRARY_ARCHIVES) for folder in folders):
        return Origin.LIBRARY
    return Origin.STDLIB if _is_stdlib(path, own is not None, is_windows(filename)) else Origin.IN_APP


_TYPED_IN = re.compile(r"<(?:stdin|string|python-input-\d+|console|ipython-input-[^>]*|input)>|\[?eval\d*\]?")
_OTHERS = {
    # Whose code it is, in other languages: by path, or where that says little (Java, .NET) by function.
    "javascript": re.compile(
        r"(?:^|/)node_modules/|^node:|^internal/|^<anonymous>$|^native$|^webpack/|^(?:bun|deno|ext):"
    ),
    "java": re.compile(
        r"^(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|org\.(?:springframework|apache|hibernate|junit|"
        r"gradle|codehaus|jetbrains|eclipse|slf4j|mockito)|io\.(?:netty|undertow|micronaut|quarkus)|reactor|ch\.qos|"
        r"com\.(?:fasterxml|google\.common|zaxxer|intellij))\."
    ),
    "go": re.compile(
        r"^/usr/(?:local|lib)(?:/go(?:-[\d.]+)?)?/(?:go/)?src/|/go(?:-?[\d.]+)?/src/(?:runtime|net|testing|reflect|encoding|sync"
        r"|os|io|fmt|sort|strings|bytes|errors|context|database|time|internal)/|/pkg/mod/|/vendor/|^_testmain\.go$"
    ),
    "rust": re.compile(r"(?:^|/)rustc/|\.cargo/registry/|/rustlib/src/|/\.rustup/|^library/(?:std|core|alloc)/"),
    "ruby": re.compile(r"/gems/|/lib/ruby/|^<internal:|/rubygems/|/bundler/"),
    "php": re.compile(r"(?:^|[\\/])vendor[\\/]|^\[internal function\]$|^phar://"),
    "csharp": re.compile(r"^(?:System|Microsoft|Newtonsoft|NUnit|Xunit|MS\.Internal|Mono)\."),
    "perl": re.compile(
        r"/(?:usr|local)(?:/local)?/(?:share|lib)(?:/[\w-]+)?/perl5?/|/perl5/lib/|/perlbrew/|^\(eval \d+\)$"
    ),
    "c": re.compile(r"^/usr/(?:local/)?(?:include|lib)/|/c\+\+/\d|/sysroot/"),
}
_NAMED_BY_FUNCTION = frozenset({"java", "csharp"})


@lru_cache(maxsize=4096)
def is_own(language: str, filename: str, function: str) -> bool:
    """The frame runs the user's own code, as far as what is printed tells.

    In Python that is what ``whose`` calls in-app, and what was typed in: a notebook's cell, an interactive line.
    """
    if language == "python":
        origin = whose(filename)
        if origin is Origin.GENERATED:
            return bool(_CELL.match(posix(filename)[:500]) or _TYPED_IN.fullmatch(filename))
        return origin is Origin.IN_APP and not is_library_if_unknown(filename)
    others = _OTHERS.get(language)
    if not filename.strip() and language not in _NAMED_BY_FUNCTION:
        return False
    return others is None or others.search(function if language in _NAMED_BY_FUNCTION else posix(filename)) is None


_CHANGING = re.compile(r"\d+|[0-9a-f]{8,}|tmp\w{6,}|(?<=-)[0-9a-f]{6,}", re.IGNORECASE)


@lru_cache(maxsize=4096)
def lasting_name(filename: str) -> str:
    """The end of a path, without what differs between runs, releases and machines: for telling crashes apart."""
    return "/".join(_CHANGING.sub("*", part) for part in parts(filename)[-3:])


def is_library_if_unknown(filename: str) -> bool:
    """A file of this shape is a library's unless the project holds it: installed scripts, compiled extensions."""
    path = posix(filename)
    if path.startswith(_SYSTEM) or path.lower().endswith(_EXTENSION):
        return True
    name = path.rpartition("/")[2]
    return _CONSOLE_SCRIPT.search(path) is not None and ("." not in name or name == "__main__.py")


def python_version(filename: str) -> tuple[int, int] | None:
    """The version of the interpreter that a library's path belongs to, or None."""
    found = _VERSION.search(posix(filename))
    if found is None:
        return None
    major, minor = next((found[i], found[i + 1]) for i in (1, 3, 5, 7) if found[i])
    return int(major), int(minor)


_VERSION = re.compile(
    r"/lib(?:32|64)?/(?:python|pypy)(\d)\.(\d{1,2})t?/"
    r"|(?:^|/)python(\d)(\d{1,2})(?:\.zip|-32|-arm64)?/"
    r"|/cpython-(\d)\.(\d{1,2})\.[^/]*/"
    r"|/versions/(\d)\.(\d{1,2})(?:\.[^/]*)?/",
    re.IGNORECASE,
)


def packages_folder(filename: str) -> str | None:
    """The folder of installed packages that a library's path goes through, as printed; None where it does not."""
    found = re.match(r"(.*?[\\/](?:site|dist)-packages)[\\/]", filename)
    return found[1] if found else None


def _is_stdlib(path: str, in_project: bool, windows: bool) -> bool:
    if _STDLIB_ZIP.search(path):
        return True
    found = _STDLIB_POSIX.search(path)
    if found:
        return not in_project or _is_stdlib_module(found[1])
    if not windows:
        return False
    found = _STDLIB_WINDOWS.search(path)
    return found is not None and _WINDOWS_HOME.search(found[1]) is not None and _is_stdlib_module(found[2])


def _is_stdlib_module(part: str) -> bool:
    return part.removesuffix(".py") in sys.stdlib_module_names
