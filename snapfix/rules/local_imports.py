"""The project's own module exists, but cannot be imported from where the program was started."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from posixpath import dirname

from snapfix.crash import Crash, CrashContext
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Fix
from snapfix.rules.base import Change, Place, edit_changes, quote, raising_place, rule
from snapfix.rules.evidence.import_statements import import_at, renamed_module
from snapfix.rules.evidence.installing import interpreter, is_windows
from snapfix.rules.evidence.project_modules import (
    Start,
    folders_holding,
    is_project_module,
    module_file,
    start_of,
    working_folder,
)
from snapfix.rules.imports import MissingModule, is_well_known, missing_module
from snapfix.syntax import imports

_NO_PARENT = "attempted relative import with no known parent package"
_BEYOND = "attempted relative import beyond top-level package"
_TEMPLATE_WORDS = ("example", "sample", "template", "dist", "default", "tmpl")


@rule("import.local-not-on-path", "ModuleNotFoundError")
def not_on_path(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``from shop.models import Order`` in a script that is run as ``python shop/app.py``."""
    missing, start = missing_module(crash), start_of(context)
    if missing is None or not missing.direct or start is None:
        return None
    folders = [f for f in folders_holding(context, missing.module) if f != start.folder]
    if not folders or is_well_known(missing.top) or not is_project_module(context, missing.module):
        return None
    if missing.not_a_package is None and start.folder in folders_holding(context, missing.module):
        return None
    importer = missing.place.file.name
    if dirname(importer) in folders and importer != start.script and start.folder is not None:
        return _sibling(missing, start, dirname(importer))
    return _started_elsewhere(context, missing, start, folders)


def _sibling(missing: MissingModule, start: Start, folder: str) -> Diagnosis | None:
    """A module names its neighbour as if it were the script."""
    package = _below(folder, start.folder or "")
    node, file = import_at(missing.place), missing.place.file
    if not package or node is None:
        return None
    full = f"{package.replace('/', '.')}.{missing.module}"
    edits = _sibling_edits(missing, node, package.replace("/", "."), full)
    return Diagnosis(
        error_analysis=f"Python looked for a top-level module called `{missing.module}` and found none.",
        root_cause=(
            f"`{missing.module}` lies beside {file.name} in the package `{package.replace('/', '.')}`: from where the "
            f"program was started ({start.script}), its name is `{full}`."
        ),
        location=missing.place.location,
        evidence=(quote(file, missing.place.lineno),),
        fix=Fix(f"Import `{full}`.", edits, (), Applicability.SAFE if edits else Applicability.DISPLAY_ONLY),
        confidence=Confidence.CERTAIN,
        prevention="Inside a package, import by the full name, or relatively (`from .module import name`).",
    )


def _sibling_edits(
    missing: MissingModule, node: ast.Import | ast.ImportFrom, package: str, full: str
) -> tuple[Edit, ...]:
    file, module = missing.place.file, missing.module
    line = file.lines[node.lineno - 1]
    plain = re.fullmatch(rf"(\s*)import {re.escape(module)}(?:\s+as\s+(\w+))?\s*(#.*)?", line)
    if isinstance(node, ast.Import):
        if plain is None or "." in module:
            return ()
        alias = f" as {plain[2]}" if plain[2] else ""
        comment = f"  {plain[3]}" if plain[3] else ""
        change = Change(node.lineno, node.lineno, (f"{plain[1]}from {package} import {module}{alias}{comment}",))
        return edit_changes(file, [change])
    return edit_changes(file, renamed_module(file, node, module, full))


def _started_elsewhere(context: CrashContext, missing: MissingModule, start: Start, folders: list[str]) -> Diagnosis:
    folder = folders[0]
    file = module_file(context, folder, missing.module)
    found = file or "/".join([*filter(None, [folder]), missing.module.replace(".", "/")]) + "/"
    looked = "" if start.folder is None else f" Python looked in {_shown(start.folder)}, not in {_shown(folder)}."
    how, command = _restart(context, start, folder)
    return Diagnosis(
        error_analysis=(
            f"{missing.place.file.name}:{missing.place.lineno} imports `{missing.module}`. "
            f"The project has it ({found}), but Python did not find it."
        ),
        root_cause=(
            f"The program was started in a way that leaves the folder of `{missing.top}` out of the module search path."
            f"{looked}{_shadow(missing, start)}"
        ),
        location=missing.place.location,
        evidence=(quote(missing.place.file, missing.place.lineno),),
        fix=Fix(how, (), (command,)),
        confidence=Confidence.CERTAIN if len(folders) == 1 and start.folder is not None else Confidence.LIKELY,
        prevention="Start programs of a package with `python -m package.module` from the project's root.",
    )


def _shadow(missing: MissingModule, start: Start) -> str:
    if missing.not_a_package is None:
        return ""
    where = f"{start.folder}/" if start.folder else ""
    return f" What it found there under the name `{missing.not_a_package}` is {where}{missing.not_a_package}.py."


def _shown(folder: str) -> str:
    return f"`{folder}`" if folder else "the project's root"


def _contains(folder: str, inner: str) -> bool:
    return not folder or inner == folder or inner.startswith(folder + "/")


def _restart(context: CrashContext, start: Start, folder: str) -> tuple[str, str]:
    """How to start the program so that ``folder`` is on the module search path: in words, and the command."""
    python = interpreter(context)
    add = f"Put {_shown(folder)} on the module search path."
    if start.by == "pytest":
        return add, f"{python} -m pytest" if not folder else f"{python} -m pytest -o pythonpath={folder}"
    inside = start.folder is not None and _contains(folder, start.folder)
    if inside and not _imports_siblings(context, start):
        module = _below(start.script, folder).removesuffix(".py").removesuffix("/__main__").replace("/", ".")
        if all(part.isidentifier() for part in module.split(".")):
            how = f"Run the program as a module from {_shown(folder)}."
            return how, _change_folder(context, folder) + f"{python} -m {module}"
    if folder == "src" and any(name in context.names for name in ("pyproject.toml", "setup.py")):
        return "Install the project itself, in editable mode.", f"{python} -m pip install -e ."
    return add, _with_path(context, start, folder, python)


def _with_path(context: CrashContext, start: Start, folder: str, python: str) -> str:
    path = _from_here(context, folder)
    script = _from_here(context, start.script)
    if is_windows(context):
        return f"set PYTHONPATH={path}&& {python} {script}"
    return f"PYTHONPATH={path} {python} {script}"


def _imports_siblings(context: CrashContext, start: Start) -> bool:
    """The script also imports modules of its own folder by their bare names: as a module it would not find them."""
    file = context.file(start.script)
    tops = {one.module.partition(".")[0] for one in imports(file.text) if not one.level} if file else set()
    return any(module_file(context, start.folder or "", top) for top in tops if top)


def _change_folder(context: CrashContext, folder: str) -> str:
    path = _from_here(context, folder)
    return "" if path == "." else f"cd {path} && "


def _from_here(context: CrashContext, path: str) -> str:
    """A path of the project as it is written in the working directory."""
    here = working_folder(context)
    if here is None:
        return f"{context.root}/{path}".rstrip("/")
    if not here:
        return path or "."
    if path == here or path.startswith(here + "/"):
        return path[len(here) + 1 :] or "."
    up = "/".join([".."] * (here.count("/") + 1))
    return f"{up}/{path}" if path else up


def _below(path: str, folder: str) -> str:
    return path[len(folder) + 1 :] if folder and path.startswith(folder + "/") else ("" if path == folder else path)


@rule("import.local-not-on-path", "ImportError")
def relative_import(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``from .models import Order`` in a file that is run as a script."""
    place = raising_place(crash)
    message = crash.exception.message
    if place is None or not message.startswith((_NO_PARENT, _BEYOND)):
        return None
    node, start = import_at(place), start_of(context)
    if not isinstance(node, ast.ImportFrom) or not node.level or start is None:
        return None
    fewer = _too_many_dots(context, place.file.name, node) if message.startswith(_BEYOND) else 0
    if fewer:
        return _one_dot_too_many(place, node, fewer)
    folder = _package_parent(context, place.file.name, node.level)
    edits: tuple[Edit, ...] = ()
    commands: tuple[str, ...] = ()
    if folder is None:
        edits = edit_changes(place.file, _absolute(context, place.file.name, node, place.file.lines))
        summary = (
            "Import by the plain name: the file does not lie in a package."
            if edits
            else ("Move the files into a package, or import without the leading dots.")
        )
    else:
        summary, command = _restart(context, Start(start.script, dirname(start.script)), folder)
        commands = (command,)
    return Diagnosis(
        error_analysis=(
            f"{place.file.name}:{place.lineno} imports relatively (`{'.' * node.level}{node.module or ''}`): "
            "that needs a package around the file, and Python knows of none that reaches that far."
        ),
        root_cause=(
            f"{start.script} was started as a script, so that it belongs to no package."
            if message.startswith(_NO_PARENT)
            else f"The program was started inside the package: from there, `{'.' * node.level}` leads out of it."
        ),
        location=place.location,
        evidence=(quote(place.file, place.lineno),),
        fix=Fix(summary, edits, commands, Applicability.SAFE if edits else Applicability.DISPLAY_ONLY),
        confidence=Confidence.CERTAIN,
        prevention="Start programs of a package with `python -m package.module` from the project's root.",
    )


def _too_many_dots(context: CrashContext, name: str, node: ast.ImportFrom) -> int:
    """How many dots the import has to have, where its own leave the outermost package; 0 where they do not."""
    top, depth = dirname(name), 0
    while top and f"{top}/__init__.py" in context.names:
        top, depth = dirname(top), depth + 1
    if node.level <= depth or not node.module:
        return 0
    above = dirname(name)
    for level in range(1, depth + 1):
        if module_file(context, above, node.module) is not None:
            return level
        above = dirname(above)
    return 0


def _one_dot_too_many(place: Place, node: ast.ImportFrom, level: int) -> Diagnosis:
    file, dots = place.file, "." * level
    line = file.lines[node.lineno - 1]
    fixed = re.sub(r"(\bfrom\s+)\.+", rf"\g<1>{dots}", line, count=1)
    edits = edit_changes(file, [Change(node.lineno, node.lineno, (fixed,))]) if fixed != line else ()
    return Diagnosis(
        error_analysis=f"{file.name}:{place.lineno} imports from above the outermost package that the file lies in.",
        root_cause=(
            f"The import has too many dots: `{'.' * node.level}{node.module}` leads out of the package, "
            f"and `{node.module}` lies at `{dots}{node.module}`."
        ),
        location=place.location,
        evidence=(quote(file, place.lineno),),
        fix=Fix(
            f"Write `{dots}{node.module}`.",
            edits,
            applicability=Applicability.UNSAFE if edits else Applicability.DISPLAY_ONLY,
        ),
        confidence=Confidence.CERTAIN if level == node.level - 1 else Confidence.LIKELY,
        prevention="One dot is the file's own package, each further one the package around that.",
    )


def _package_parent(context: CrashContext, name: str, level: int) -> str | None:
    """The folder from which a relative import of ``level`` dots works; None where that is outside the project."""
    folder = dirname(name)
    for _ in range(level):
        if not folder:
            return None
        folder = dirname(folder)
    while folder and f"{folder}/__init__.py" in context.names:
        folder = dirname(folder)
    return folder


def _absolute(context: CrashContext, name: str, node: ast.ImportFrom, lines: list[str]) -> Iterator[Change]:
    """The import without its dot, where the module lies beside the script."""
    module, folder = node.module, dirname(name)
    if node.level != 1 or module is None or module_file(context, folder, module) is None:
        return
    line = lines[node.lineno - 1]
    yield Change(
        node.lineno, node.lineno, (re.sub(rf"from\s+\.\s*{re.escape(module)}", f"from {module}", line, count=1),)
    )


@rule("import.local-not-on-path", "ModuleNotFoundError")
def template_not_copied(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``import config`` where the project only has ``config.example.py``."""
    missing = missing_module(crash)
    if missing is None or not missing.direct or is_project_module(context, missing.module):
        return None
    template = next(_templates(context, missing), None)
    if template is None:
        return None
    target = "/".join([*filter(None, [dirname(template)]), f"{missing.module.rpartition('.')[2]}.py"])
    copy = "copy" if is_windows(context) else "cp"
    return Diagnosis(
        error_analysis=(
            f"{missing.place.file.name}:{missing.place.lineno} imports `{missing.module}`, which does not exist."
        ),
        root_cause=f"{target} has not been made yet: the project only has the template {template} for it.",
        location=missing.place.location,
        evidence=(quote(missing.place.file, missing.place.lineno),),
        fix=Fix(
            f"Copy {template} to {target} and fill in your own values.",
            (),
            (f"{copy} {_from_here(context, template)} {_from_here(context, target)}",),
        ),
        confidence=Confidence.LIKELY if is_well_known(missing.module) else Confidence.CERTAIN,
        prevention="Say in the README that the template must be copied.",
    )


def _templates(context: CrashContext, missing: MissingModule) -> Iterator[str]:
    last = missing.module.rpartition(".")[2]
    wanted = set()
    for word in _TEMPLATE_WORDS:
        for join in (".", "_", "-"):
            wanted |= {f"{last}{join}{word}.py", f"{word}{join}{last}.py"}
        wanted |= {f"{last}.py.{word}", f"{last}.{word}"}
    for name in context.names:
        if name.rpartition("/")[2] in wanted:
            yield name
