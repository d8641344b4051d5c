"""The project's modules that a file imports, found by their names alone.

Import statements are read with a pattern, not as a tree: the text of most of these files is all that anyone asks
for, and parsing them would cost more than everything else.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from snapfix.crash import LeftOut, SourceFile
from snapfix.source.disk import Project

MAX_FILES = 40
MAX_CHARACTERS = 1024 * 1024
_MAX_MODULE = 200

_FROM = re.compile(r"^[ \t]*from[ \t]+([\w.]{1,200})[ \t]+import[ \t]*(\([^)]{0,4000}|[^\n#;]{0,1000})", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n#;]{1,1000})", re.MULTILINE)
_COMMENT = re.compile(r"#[^\n]*")


def stack_and_imports(
    stack: Sequence[SourceFile], project: Project, script_folder: str
) -> tuple[tuple[SourceFile, ...], tuple[LeftOut, ...]]:
    """The files on the stack, then the project's modules that they import, and those import, nearest first.

    ``script_folder`` is the folder, relative to the root, of the file that was run: Python looks there first.
    """
    found = {file.name: file for file in stack}
    pending = deque(found.values())
    size = sum(len(file.text) for file in stack)
    while pending:
        importer = pending.popleft()
        for name in imported_files(importer, project, script_folder):
            if name in found:
                continue
            if len(found) >= MAX_FILES or size >= MAX_CHARACTERS:
                reason = f"only the nearest {len(found)} files were read"
                return tuple(found.values()), (LeftOut("further modules that they import", reason),)
            file = project.read(name)
            if isinstance(file, SourceFile):
                found[name] = file
                size += len(file.text)
                pending.append(file)
    return tuple(found.values()), ()


def imported_files(importer: SourceFile, project: Project, script_folder: str) -> Iterator[str]:
    """The names of the project's files that a file's import statements load; some twice."""
    text = importer.text
    for statement in _FROM.finditer(text):
        names = re.findall(r"(?:^|,)\s*(\w+)", _COMMENT.sub("", statement[2].lstrip("(")))
        yield from resolve(importer.name, statement[1], names, project, script_folder)
    for statement in _IMPORT.finditer(text):
        for part in statement[1].split(","):
            module = part.split()[0] if part.split() else ""
            yield from resolve(importer.name, module, (), project, script_folder)


def resolve(importer: str, module: str, names: Iterable[str], project: Project, script_folder: str) -> Iterator[str]:
    """The files that ``from module import names`` (or ``import module``) loads: packages first, then submodules.

    ``module`` begins with dots where it is relative. Looked for where Python does: in the script's folder, the
    root, ``src``, and then around the importing file, for a program that is started from another folder.
    """
    if len(module) > _MAX_MODULE:
        return
    dotted = module.lstrip(".")
    level = len(module) - len(dotted)
    parts = [part for part in dotted.split(".") if part]
    for base in _bases(importer, level, script_folder):
        loaded = list(_load(base, parts, names, project))
        if loaded:
            yield from loaded
            return


def _bases(importer: str, level: int, script_folder: str) -> Iterator[str]:
    folders = importer.split("/")[:-1]
    if level:
        if level - 1 <= len(folders):
            yield "/".join(folders[: len(folders) - level + 1])
        return
    yield from (script_folder, "", "src")
    for depth in range(len(folders), 0, -1):
        yield "/".join(folders[:depth])


def _load(base: str, parts: Sequence[str], names: Iterable[str], project: Project) -> Iterator[str]:
    path = base
    if not parts and (package := _module_file(base, project)):
        yield package
    for part in parts:
        path = f"{path}/{part}" if path else part
        found = _module_file(path, project)
        if found:
            yield found
    for name in names:
        found = _module_file(f"{path}/{name}" if path else name, project)
        if found:
            yield found


def _module_file(path: str, project: Project) -> str | None:
    known = project.name_set
    return next((name for name in (f"{path}.py", f"{path}/__init__.py") if name in known), None)
