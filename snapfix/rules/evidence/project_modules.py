"""The project's own modules: which file is which module, and from where it can be imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname, join, normpath

from snapfix.crash import CrashContext, PlacedFrame, SourceFile
from snapfix.syntax import ImportedName, imports

_MAX_NAMES = 20_000


@dataclass(frozen=True, slots=True)
class Start:
    """How the failing program was started, as the outermost frames tell.

    Attributes:
        script: the first file of the project that ran, relative to the root.
        folder: where Python looks for modules first, relative to the root ("" is the root); None where it is
            not known to lie in the project.
        as_module: it was started with ``python -m``.
        by: another program that started it (``pytest``), or "".
    """

    script: str
    folder: str | None
    as_module: bool = False
    by: str = ""


def start_of(context: CrashContext) -> Start | None:
    """How the program was started; None where no frame of the project's own is at the bottom of the stack."""
    frames = context.crash.frames
    first = next((n for n, placed in enumerate(frames) if placed.in_app and placed.file is not None), None)
    if first is None:
        return None
    file = frames[first].file
    assert file is not None
    before = [placed.frame.filename for placed in frames[:first]]
    if any("runpy" in name for name in before):
        return Start(file.name, working_folder(context), as_module=True)
    if not before and frames[first].frame.name in ("<module>", ""):
        return Start(file.name, dirname(file.name))
    return Start(file.name, None, by=_program(frames[:first]))


def _program(frames: tuple[PlacedFrame, ...]) -> str:
    names = [placed.frame.filename.replace("\\", "/") for placed in frames]
    return next((name for name in ("pytest", "uvicorn", "gunicorn", "celery") if any(name in n for n in names)), "")


def working_folder(context: CrashContext) -> str | None:
    """The working directory relative to the root; None where it lies outside the project."""
    root = context.root.replace("\\", "/").rstrip("/")
    here = context.working_directory.replace("\\", "/").rstrip("/")
    if here == root:
        return ""
    return here[len(root) + 1 :] if here.startswith(root + "/") else None


def top_level_modules(context: CrashContext) -> set[str]:
    """Names under which the project's own code may be imported."""
    tops = set()
    for name in context.names[:_MAX_NAMES]:
        if name.endswith(".py"):
            inside = name.removeprefix("src/")
            tops.add(inside.partition("/")[0].removesuffix(".py"))
    return tops


def folders_holding(context: CrashContext, module: str) -> list[str]:
    """The folders from which a dotted module of the project could be imported, nearest to the root first."""
    path = module.replace(".", "/")
    found: dict[str, None] = {}
    for name in context.names[:_MAX_NAMES]:
        for tail in (f"{path}.py", f"{path}/__init__.py"):
            if name == tail or name.endswith(f"/{tail}"):
                found[name[: -len(tail)].rstrip("/")] = None
    if not found:
        found = dict.fromkeys(_namespace_folders(context, path))
    return sorted(found, key=lambda folder: (folder.count("/") + bool(folder), folder))


def _namespace_folders(context: CrashContext, path: str) -> Iterator[str]:
    """Folders that hold ``path`` as a package without ``__init__.py``."""
    for name in context.names[:_MAX_NAMES]:
        if name.endswith(".py"):
            start, found, _ = f"/{name}".partition(f"/{path}/")
            if found:
                yield start.lstrip("/")


def is_project_module(context: CrashContext, module: str) -> bool:
    """The project has a file or folder for a dotted module."""
    return bool(folders_holding(context, module))


def module_file(context: CrashContext, folder: str, module: str) -> str | None:
    """The file of a dotted module that is imported from ``folder``, relative to the root."""
    path = join(folder, module.replace(".", "/")) if folder else module.replace(".", "/")
    return next((name for name in (f"{path}.py", f"{path}/__init__.py") if name in context.names), None)


def module_prefix(context: CrashContext, importer: SourceFile, target: SourceFile) -> str | None:
    """How ``importer`` has to name ``target`` in an import: as the project's imports already do, where they do."""
    if target.name.endswith("__main__.py"):
        return None
    relative = any(imported.level for imported in imports(importer.text))
    if relative and dirname(importer.name) == dirname(target.name):
        return "." + _stem(target.name)
    for file in (importer, *context.files):
        for imported in imports(file.text):
            named = _names_file(file, imported, target)
            if named is not None and (imported.level == 0 or file is importer):
                return named
    start = start_of(context)
    if start is not None and start.folder is not None:
        inside = _relative(target.name, start.folder)
        if inside is not None:
            return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return target.module or None


def _names_file(file: SourceFile, imported: ImportedName, target: SourceFile) -> str | None:
    """The module as an import statement of ``file`` spells it, if it is ``target``."""
    path = imported.module.replace(".", "/")
    folder = dirname(file.name)
    if imported.level:
        for _ in range(imported.level - 1):
            folder = dirname(folder)
        paths = [normpath(join(folder, path)) if path else folder]
    else:
        paths = [path, join(folder, path)]
    if not path and not imported.level:
        return None
    known = {f"{one}.py" for one in paths} | {f"{one}/__init__.py" for one in paths}
    if target.name in known or (not imported.level and target.module == imported.module):
        return "." * imported.level + imported.module
    return None


def _stem(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".py")


def _relative(name: str, folder: str) -> str | None:
    if not folder:
        return name
    return name[len(folder) + 1 :] if name.startswith(folder + "/") else None
