"""What lies around the crash: the interpreter's packages, and the folders that the message names. Names only."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from snapfix import shapes
from snapfix.crash import Environment, Frame, Listing, ParsedException
from snapfix.source.disk import (
    MAX_ENTRIES,
    Project,
    inside,
    is_environment,
    is_folder,
    join,
    list_folder,
    real,
    relative,
)
from snapfix.source.root import is_foreign

MAX_NAMES = 200
_MAX_LISTINGS = 8
_MAX_MESSAGE = 4000
_MAX_QUOTED = 1024
_MAX_FRAMES = 200
_MAX_FOLDERS = 500
_FILE_ERRORS = frozenset(
    {"FileNotFoundError", "PermissionError", "IsADirectoryError", "NotADirectoryError", "FileExistsError"}
)
_QUOTED = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"")
_MODULE_SUFFIXES = (".py", ".so", ".pyd")
_METADATA = re.compile(r"([^-]+)(?:-([^-/]+)[^/]*)?\.(?:dist|egg)-info")
_MAX_PACKAGES = 6
_LIB_PYTHON = re.compile(r"python(\d)\.(\d{1,2})t?")


def listings(exceptions: Iterable[ParsedException], working_directory: str, script_folder: str) -> tuple[Listing, ...]:
    """The folders that the messages of file errors are about.

    A relative path is looked for in the working directory and in the script's folder. Where its folder does not
    exist, the nearest one above it that does is listed too.
    """
    found: dict[str, Listing] = {}
    paths = (
        os.path.normpath(join(base, path))
        for exception in exceptions
        if exception.short_name in _FILE_ERRORS
        for path in _quoted_paths(exception.message)
        for base in (working_directory, script_folder)
    )
    for path in paths:
        if len(found) >= _MAX_LISTINGS:
            break
        _add_listings(path, found)
    return tuple(found.values())[:_MAX_LISTINGS]


def _quoted_paths(message: str) -> Iterator[str]:
    """The paths in a message, which are printed as Python writes strings."""
    for literal in _QUOTED.findall(message[:_MAX_MESSAGE])[:4]:
        try:
            path = ast.literal_eval(literal)
        except (ValueError, SyntaxError):
            continue
        if 0 < len(path) <= _MAX_QUOTED and "\0" not in path and not is_foreign(path):
            yield path


def _add_listings(path: str, found: dict[str, Listing]) -> None:
    if is_folder(path):
        found.setdefault(path, _listing(path, ""))
    folder = PurePath(path).parent
    if not is_folder(str(folder)):
        found.setdefault(str(folder), Listing(str(folder), exists=False))
        folder = next((above for above in folder.parents if is_folder(str(above))), folder)
        path = str(folder)
    if is_folder(str(folder)):
        found.setdefault(str(folder), _listing(str(folder), PurePath(path).name))


def _listing(folder: str, wanted: str) -> Listing:
    """The names in a folder; of more than are shown, those most like ``wanted``."""
    names = list_folder(folder, MAX_ENTRIES)
    if len(names) > MAX_NAMES:
        begins, ends = wanted[:2].lower(), PurePath(wanted).suffix.lower() or wanted
        names.sort(key=lambda name: (not name.lower().startswith(begins), not name.lower().endswith(ends), name))
        names = sorted(names[:MAX_NAMES])
    return Listing(folder, exists=True, names=tuple(names))


def environment(
    frames: Sequence[Frame],
    *,
    root: str,
    environments: Sequence[str],
    active_environment: str | None,
    interpreter_site_packages: Sequence[str],
) -> Environment:
    """The interpreter that failed.

    Its packages are read where it is known which they are: from the frames that ran through them, else from the
    environment that is active in the user's shell as long as no frame contradicts it, else, where the project has
    no environment of its own, from ``interpreter_site_packages``.

    Args:
        frames: of all exceptions, the ones nearest to the crash first.
        root: the project's folder.
        environments: the folders beside the project that hold an environment.
        active_environment: the folder of the active environment, or None.
        interpreter_site_packages: the packages of the interpreter that the user's shell would run.
    """
    filenames = list(dict.fromkeys(frame.filename for frame in frames))[:_MAX_FRAMES]
    version = next(filter(None, map(shapes.python_version, filenames)), None)
    site, prefix = _from_frames(filenames)
    if not site and active_environment is not None:
        site, prefix = _packages_of(active_environment, version), active_environment
    if not site and not environments and _agree(interpreter_site_packages, version):
        site, prefix = tuple(filter(is_folder, interpreter_site_packages)), None
    modules, distributions = _installed(site)
    readable = _real_folders([*_inside(environments, root), *_if_environment(active_environment)])
    shown = {_seen_from(path, root): path for path in environments}
    real_prefix = real(prefix) if site and prefix else None
    return Environment(
        python=version or _version_of(site),
        site_packages=site,
        modules=modules,
        distributions=frozenset(distributions),
        virtual_environments=tuple(shown),
        active_virtual_environment=next((name for name, path in shown.items() if real(path) == real_prefix), None),
        readable_packages=_within(site, [*readable, *_real_folders(interpreter_site_packages)]),
        packages=_on_stack(filenames, distributions),
    )


def _inside(environments: Iterable[str], root: str) -> list[str]:
    real_root = real(root) or root
    return [path for path in environments if inside(real(path) or path, real_root)]


def _if_environment(folder: str | None) -> list[str]:
    return [folder] if folder is not None and is_environment(folder) else []


def _real_folders(folders: Iterable[str]) -> list[str]:
    return [path for folder in folders if (path := real(folder)) is not None]


def _within(site_packages: Iterable[str], folders: Sequence[str]) -> tuple[str, ...]:
    """Those of the packages' folders that lie in one of ``folders``, whose links are resolved."""
    return tuple(
        site
        for site in site_packages
        if (path := real(site)) is not None and any(inside(path, folder) for folder in folders)
    )


def _on_stack(filenames: Iterable[str], versions: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The distributions whose files are on the stack, with their versions, as far as their names tell."""
    found: dict[str, str] = {}
    for filename in filenames:
        folder = shapes.packages_folder(filename)
        parts = shapes.posix(filename[len(folder) + 1 :]).removesuffix(".py").split("/")[:4] if folder else []
        name = next((name for name in _possible_distributions(parts) if versions.get(name)), None)
        if name is not None and len(found) < _MAX_PACKAGES:
            found.setdefault(name, versions[name])
    return tuple(found.items())


def _possible_distributions(parts: Sequence[str]) -> Iterator[str]:
    """``google/cloud/storage``: google-cloud-storage, ..., google; ``yaml``: pyyaml; ``dateutil``: python-dateutil."""
    for length in range(len(parts), 0, -1):
        yield _normalised("-".join(parts[:length]))
    if parts:
        yield from (f"py{_normalised(parts[0])}", f"python-{_normalised(parts[0])}")


def _normalised(name: str) -> str:
    """As PEP 503 has it."""
    return re.sub("[-_.]+", "-", name).lower().strip("-")


def environments(project: Project, folders: Iterable[str]) -> tuple[str, ...]:
    """The environments that lie directly in one of ``folders``, absolute."""
    found = [join(project.root, name) for name in project.walk.environments]
    searched = list(dict.fromkeys(folders))
    beside = [path for path in found if str(PurePath(path).parent) in searched]
    for folder in searched:
        if not inside(folder, project.root):
            paths = [join(folder, name) for name in list_folder(folder, _MAX_FOLDERS)]
            beside += [path for path in paths if is_environment(path)]
    return tuple(dict.fromkeys(beside))


def _from_frames(filenames: Iterable[str]) -> tuple[tuple[str, ...], str | None]:
    """The packages' folders that the frames ran through, as far as they are on this machine, and their prefix."""
    found: dict[str, None] = {}
    for filename in filenames:
        folder = None if is_foreign(filename) else shapes.packages_folder(filename)
        if folder is not None and os.path.isabs(folder) and is_folder(folder):  # noqa: PTH117 - hostile paths
            found[os.path.normpath(folder)] = None
    prefix = next((_prefix(folder) for folder in found), None)
    return tuple(found), prefix


def _prefix(site_packages: str) -> str:
    """``/project/.venv`` of ``/project/.venv/lib/python3.12/site-packages``."""
    lib = PurePath(site_packages).parent
    return str(lib.parent.parent if _LIB_PYTHON.fullmatch(lib.name) else lib.parent)


def _packages_of(prefix: str, version: tuple[int, int] | None) -> tuple[str, ...]:
    """The packages' folders of an environment; () where it is of another Python than ``version``."""
    found = []
    for lib in ("lib", "Lib"):
        folder = join(prefix, lib)
        candidates = [folder, *(join(folder, name) for name in list_folder(folder, 50) if _LIB_PYTHON.match(name))]
        found += [join(path, "site-packages") for path in candidates]
    existing = tuple(dict.fromkeys(path for path in map(real, found) if path and is_folder(path)))
    return existing if _agree(existing, version) else ()


def _agree(site_packages: Sequence[str], version: tuple[int, int] | None) -> bool:
    known = _version_of(site_packages)
    return version is None or known is None or known == version


def _version_of(site_packages: Sequence[str]) -> tuple[int, int] | None:
    return next(filter(None, (shapes.python_version(path + "/") for path in site_packages)), None)


def _installed(site_packages: Iterable[str]) -> tuple[frozenset[str], Mapping[str, str]]:
    """The importable top-level names, and the normalised names of the distributions in these folders with versions."""
    modules: set[str] = set()
    distributions: dict[str, str] = {}
    for folder in site_packages:
        for name in list_folder(folder, MAX_ENTRIES):
            metadata = _METADATA.fullmatch(name)
            if metadata:
                distributions.setdefault(_normalised(metadata[1]), metadata[2] or "")
            elif name.endswith(_MODULE_SUFFIXES):
                modules.add(name.partition(".")[0])
            elif name.isidentifier() and name != "__pycache__":
                modules.add(name)
    return frozenset(filter(str.isidentifier, modules)), distributions


def _seen_from(path: str, root: str) -> str:
    if inside(path, root):
        return relative(path, root)
    try:
        return os.path.relpath(path, root).replace(os.sep, "/")
    except ValueError:  # another drive
        return path.replace(os.sep, "/")
