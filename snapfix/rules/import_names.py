"""ImportError: the module was found, the name in it was not. Also modules that are half loaded or not the right one."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from posixpath import dirname

from snapfix.crash import Crash, CrashContext, PlacedFrame, SourceFile
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Evidence, Fix, Location
from snapfix.rules.base import (
    Change,
    Place,
    edit_changes,
    indentation,
    innermost_place,
    near,
    place_of,
    quote,
    raising_place,
    rule,
)
from snapfix.rules.evidence.bindings import Kind, ancestors, module_bindings, reads
from snapfix.rules.evidence.import_lines import ImportNode
from snapfix.rules.evidence.import_statements import import_at, moved_import, renamed_import
from snapfix.rules.evidence.installing import is_windows
from snapfix.rules.evidence.project_modules import module_prefix, start_of
from snapfix.rules.imports import is_well_known, missing_module
from snapfix.rules.tables.known_names import STDLIB_NAMES
from snapfix.rules.tables.removed_names import ADDED_NAMES, REMOVED_NAMES
from snapfix.rules.tables.stdlib_names import is_known, public_names
from snapfix.syntax import FunctionNode, definitions

_CANNOT_IMPORT = re.compile(
    r"cannot import name '(?P<name>[^'\n]{1,200})' from (?P<partial>partially initialized module )?"
    r"'(?P<module>[^'\n]{1,200})'(?P<rest>[^\n]{0,2000})"
)
_NO_ATTRIBUTE = re.compile(
    r"(?P<partial>partially initialized )?module '(?P<module>[^'\n]{1,200})'(?: from '[^'\n]{1,1000}')? "
    r"has no attribute '(?P<name>[^'\n]{1,200})'(?P<rest>[^\n]{0,2000})"
)
_PATH = re.compile(r"\(([^()\n]{1,1000}\.py)\)|renaming '([^'\n]{1,1000}\.py)'")
_MAX_MOVED = 3


@dataclass(frozen=True, slots=True)
class MissingMember:
    """A name that a module does not have.

    Attributes:
        name: the name that was asked for.
        module: the module, by its dotted name.
        partial: the module had not finished loading.
        path: the module's file as the message prints it, or "".
        place: the project's line that asks for it.
        direct: that line raised.
    """

    name: str
    module: str
    partial: bool
    path: str
    place: Place
    direct: bool


def missing_member(crash: Crash) -> MissingMember | None:
    """What an ImportError or an AttributeError of a module is about."""
    message = crash.exception.message
    matched = _CANNOT_IMPORT.match(message) or _NO_ATTRIBUTE.match(message)
    place = innermost_place(crash)
    if matched is None or place is None:
        return None
    found = _PATH.search(matched["rest"])
    path = (found[1] or found[2]) if found is not None else ""
    partial = bool(matched["partial"]) or "most likely due to a circular import" in matched["rest"]
    return MissingMember(matched["name"], matched["module"], partial, path, place, raising_place(crash) is not None)


def _file_of(context: CrashContext, missing: MissingMember) -> SourceFile | None:
    """The project's file of the module."""
    for file in context.files:
        if missing.path and _same_path(file.path, missing.path):
            return file
    if missing.path:
        return None
    return next((file for file in context.files if file.module == missing.module), None)


def _same_path(one: str, two: str) -> bool:
    one, two = one.replace("\\", "/"), two.replace("\\", "/")
    return one == two or one.endswith("/" + two.lstrip("./"))


@rule("import.name", "ImportError")
def import_name(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``from shop.models import Ordr``."""
    missing = missing_member(crash)
    if missing is None or missing.partial or not missing.direct:
        return None
    node = import_at(missing.place)
    if not isinstance(node, ast.ImportFrom):
        return None
    file = _file_of(context, missing)
    if file is not None:
        return _in_project(context, missing, node, file)
    key = (missing.module, missing.name)
    if missing.module.partition(".")[0] not in sys.stdlib_module_names or key in REMOVED_NAMES or key in ADDED_NAMES:
        return None
    return _in_stdlib(missing, node)


def _in_project(
    context: CrashContext, missing: MissingMember, node: ast.ImportFrom, file: SourceFile
) -> Diagnosis | None:
    own = module_bindings(file.text)
    if not own or missing.name in own:
        return None
    homes = [other for other in context.files if _defines(other, missing.name) and other.name != file.name]
    candidates = near(missing.name, [name for name in own if not name.startswith("__")])
    if len(homes) == 1 and not (candidates and candidates[0][0] < 1):
        return _elsewhere_in_project(context, missing, node, file, homes[0])
    if candidates and (len(candidates) == 1 or candidates[0][0] < candidates[1][0]):
        apart, name = candidates[0]
        binding = own[name][0]
        what = f"the {binding.kind} that {file.name}:{binding.lineno} defines"
        return _misspelt(missing, node, name, what, apart <= 1, [quote(file, binding.lineno)])
    return _not_there(missing, file)


def _defines(file: SourceFile, name: str) -> bool:
    bound = module_bindings(file.text).get(name)
    return bool(bound) and any(b.kind is not Kind.IMPORT for b in bound or ())


def _misspelt(
    missing: MissingMember, node: ast.ImportFrom, name: str, what: str, sure: bool, evidence: Iterable[Evidence] = ()
) -> Diagnosis:
    file = missing.place.file
    edits = edit_changes(file, renamed_import(file, node, missing.name, name))
    return Diagnosis(
        error_analysis=f"`{missing.module}` was found, but it has nothing called `{missing.name}`.",
        root_cause=f"`{missing.name}` is a misspelling of `{name}`, {what}.",
        location=missing.place.location,
        evidence=(quote(file, missing.place.lineno), *evidence),
        fix=Fix(
            f"Import `{name}` instead of `{missing.name}`.",
            edits,
            (),
            Applicability.SAFE if sure and edits else Applicability.UNSAFE,
        ),
        confidence=Confidence.CERTAIN if sure else Confidence.LIKELY,
        prevention="A type checker (mypy, pyright) finds imports of names that do not exist.",
    )


def _elsewhere_in_project(
    context: CrashContext, missing: MissingMember, node: ast.ImportFrom, file: SourceFile, home: SourceFile
) -> Diagnosis | None:
    module = module_prefix(context, missing.place.file, home)
    binding = module_bindings(home.text)[missing.name][0]
    edits = (
        edit_changes(missing.place.file, moved_import(missing.place.file, node, missing.name, module))
        if module is not None and home.name != missing.place.file.name
        else ()
    )
    return Diagnosis(
        error_analysis=f"`{missing.module}` ({file.name}) was found, but it does not define `{missing.name}`.",
        root_cause=f"`{missing.name}` is defined in another module: {home.name}:{binding.lineno}.",
        location=missing.place.location,
        evidence=(quote(missing.place.file, missing.place.lineno), quote(home, binding.lineno)),
        fix=Fix(
            f"Import `{missing.name}` from `{module}`." if module else f"Import `{missing.name}` from {home.name}.",
            edits,
            (),
            Applicability.SAFE if edits else Applicability.DISPLAY_ONLY,
        ),
        confidence=Confidence.CERTAIN,
        prevention="A type checker (mypy, pyright) finds imports of names that do not exist.",
    )


def _not_there(missing: MissingMember, file: SourceFile) -> Diagnosis | None:
    """The module has nothing of that name or like it; it may be inside a class."""
    inside = next((d for d in definitions(file.text) if d.node.name == missing.name and d.parent), None)
    if inside is not None:
        return Diagnosis(
            error_analysis=f"`{missing.module}` was found, but it has no top-level name `{missing.name}`.",
            root_cause=f"`{missing.name}` is defined inside `{inside.parent}` ({file.name}:{inside.node.lineno}).",
            location=missing.place.location,
            evidence=(quote(missing.place.file, missing.place.lineno), quote(file, inside.node.lineno)),
            fix=Fix(f"Import `{inside.parent.partition('.')[0]}` and use `{inside.qualname}`."),
            confidence=Confidence.CERTAIN,
        )
    names = [name for name in module_bindings(file.text) if not name.startswith("_")]
    has = ", ".join(f"`{name}`" for name in names[:12]) or "nothing"
    return Diagnosis(
        error_analysis=f"`{missing.module}` was found, but it has nothing called `{missing.name}`.",
        root_cause=f"{file.name} does not define `{missing.name}`, and neither does any module that was read.",
        location=missing.place.location,
        evidence=(quote(missing.place.file, missing.place.lineno),),
        fix=Fix(f"Define `{missing.name}` in {file.name}, or import one of the names that it has: {has}."),
        confidence=Confidence.LIKELY,
    )


def _in_stdlib(missing: MissingMember, node: ast.ImportFrom) -> Diagnosis | None:
    home = STDLIB_NAMES.get(missing.name)
    file = missing.place.file
    if home is not None and home != missing.module:
        edits = edit_changes(file, moved_import(file, node, missing.name, home))
        return Diagnosis(
            error_analysis=f"The standard library's module `{missing.module}` has nothing called `{missing.name}`.",
            root_cause=f"`{missing.name}` is in the module `{home}`.",
            location=missing.place.location,
            evidence=(quote(file, missing.place.lineno),),
            fix=Fix(f"Import `{missing.name}` from `{home}`.", edits, (), Applicability.SAFE),
            confidence=Confidence.CERTAIN,
        )
    if not is_known(missing.module):
        return None
    found = near(missing.name, public_names(missing.module))
    if not found or (len(found) > 1 and found[0][0] == found[1][0]):
        return None
    apart, name = found[0]
    return _misspelt(missing, node, name, f"a name of the standard library's `{missing.module}`", apart <= 1)


@rule("import.shadowed-module", "ImportError", "AttributeError", "ModuleNotFoundError")
def shadowed(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """The project has a file that is named like the module that was meant."""
    found = _shadowing(context, crash)
    if found is None:
        return None
    place, module, name = found
    kind = "of the standard library" if module in sys.stdlib_module_names else "package"
    folder, stem = dirname(name), module
    renamed = "/".join([*filter(None, [folder]), f"my_{stem}.py"])
    move = "ren" if is_windows(context) else "mv"
    return Diagnosis(
        error_analysis=f"{place.file.name}:{place.lineno} got the project's own file {name} for the module `{module}`.",
        root_cause=(
            f"{name} hides the module `{module}` {kind}, because Python looks in the script's folder first."
            if kind != "package"
            else f"{name} hides the package `{module}`, because Python looks in the script's folder first."
        ),
        location=Location(name, 1),
        evidence=(quote(place.file, place.lineno),),
        fix=Fix(
            f"Rename {name}, and whatever imports it under that name.",
            (),
            (f"{move} {name} {renamed}",),
        ),
        confidence=Confidence.CERTAIN,
        prevention="Do not name files after modules of the standard library (`ruff check --select A005`).",
    )


def _shadowing(context: CrashContext, crash: Crash) -> tuple[Place, str, str] | None:
    """Where the wrong module was met, the module that was meant, and the file that hides it."""
    missing_one = missing_module(crash)
    if missing_one is not None and missing_one.not_a_package is not None:
        name = _hiding_file(context, missing_one.not_a_package)
        return (missing_one.place, missing_one.not_a_package, name) if name is not None else None
    missing = missing_member(crash)
    if missing is None or "." in missing.module:
        return None
    name = _hiding_file(context, missing.module)
    if name is None or (missing.path and not _same_path(missing.path, name)):
        return None
    if _defines_it(context, name, missing.name):
        return None
    return missing.place, missing.module, name


def _hiding_file(context: CrashContext, module: str) -> str | None:
    """The project's file that Python finds under the name of a well-known module."""
    start = start_of(context)
    known = module in sys.stdlib_module_names or module in context.environment.modules or is_well_known(module)
    if not known or start is None or start.folder is None:
        return None
    folder = f"{start.folder}/" if start.folder else ""
    return next((n for n in (f"{folder}{module}.py", f"{folder}{module}/__init__.py") if n in context.names), None)


def _defines_it(context: CrashContext, name: str, member: str) -> bool:
    file = context.file(name)
    return file is not None and member in module_bindings(file.text)


@rule("import.circular", "ImportError", "AttributeError")
def circular(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """Two modules import each other while they are being loaded."""
    missing = missing_member(crash)
    if missing is None or not missing.partial:
        return None
    file = _file_of(context, missing)
    if file is None:
        return None
    steps = _cycle(crash, file, missing.place)
    if len(steps) < 2:
        return _imports_itself(missing, file) if missing.place.file.name == file.name else None
    edits, where = _lazy(steps)
    chain = " → ".join([*dict.fromkeys(step.file.name for step in steps), file.name])
    return Diagnosis(
        error_analysis=(
            f"When {missing.place.file.name}:{missing.place.lineno} asked `{missing.module}` for `{missing.name}`, "
            f"{file.name} had only run up to line {steps[0].lineno}: `{missing.name}` did not exist yet."
        ),
        root_cause=f"The modules import each other while they are being loaded: {chain}.",
        location=missing.place.location,
        evidence=tuple(quote(step.file, step.lineno) for step in steps),
        fix=_circular_fix(edits, where, missing),
        confidence=Confidence.CERTAIN,
        prevention="Let imports point one way: what both modules need belongs in a third one.",
    )


def _circular_fix(edits: tuple[Edit, ...], where: Place | None, missing: MissingMember) -> Fix:
    if edits and where is not None:
        return Fix(
            f"Import it where it is used: move the import of {where.file.name}:{where.lineno} into the "
            "functions that need it.",
            edits,
            (),
            Applicability.UNSAFE,
        )
    return Fix(
        f"Move what both modules need (`{missing.name}` first of all) into a third module that imports neither, "
        "or import it inside the functions that use it."
    )


def _cycle(crash: Crash, file: SourceFile, last: Place) -> list[Place]:
    """The import statements that lead from ``file`` back to it, as the stack shows them."""
    places = [place for placed in crash.frames if (place := _loading(placed)) is not None]
    first = next((n for n, place in enumerate(places) if place.file.name == file.name), None)
    if first is None or places[-1].file.name != last.file.name:
        return []
    return places[first:]


def _loading(placed: PlacedFrame) -> Place | None:
    return place_of(placed) if placed.in_app and placed.frame.name == "<module>" else None


def _imports_itself(missing: MissingMember, file: SourceFile) -> Diagnosis:
    return Diagnosis(
        error_analysis=f"{file.name} asks for `{missing.name}` of a module that is itself.",
        root_cause=f"{file.name} imports itself: `{missing.module}` is this very file.",
        location=missing.place.location,
        evidence=(quote(file, missing.place.lineno),),
        fix=Fix(f"Remove the import, or rename {file.name} where another module of that name is meant."),
        confidence=Confidence.CERTAIN,
    )


def _lazy(steps: list[Place]) -> tuple[tuple[Edit, ...], Place | None]:
    """Edits that move one import of the cycle into the functions that use it; the raising one first."""
    for step in reversed(steps):
        node = import_at(step)
        if node is None or (step is steps[-1] and isinstance(node, ast.Import)):
            continue
        changes = [*_moved_into_functions(step.file, node)]
        if changes:
            return edit_changes(step.file, changes), step
    return (), None


def _moved_into_functions(file: SourceFile, node: ImportNode) -> Iterator[Change]:
    """The changes that take an import out of the module and put it into the functions that read its names."""
    names = {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    uses = [use for name in names for use in reads(file.text).get(name, []) if use.lineno != node.lineno]
    functions: dict[FunctionNode, set[str]] = {}
    for use in uses:
        function = _function_of(file.text, use)
        if function is None:
            return
        functions.setdefault(function, set()).add(use.id)
    simple = node.lineno == node.end_lineno and node.col_offset == 0
    if not functions or len(functions) > _MAX_MOVED or not simple:
        return
    lines = file.lines
    statement = lines[node.lineno - 1].strip()
    yield Change(node.lineno, node.lineno, ())
    for function in functions:
        first = _first_statement(function)
        if first.lineno == function.lineno:
            return
        yield Change(first.lineno, first.lineno - 1, (indentation(lines[first.lineno - 1]) + statement, ""))


def _first_statement(function: FunctionNode) -> ast.stmt:
    first = function.body[0]
    docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return function.body[1] if docstring and len(function.body) > 1 else first


def _function_of(text: str, node: ast.AST) -> FunctionNode | None:
    """The outermost function whose body (not its defaults, decorators or annotations) holds ``node``."""
    found: FunctionNode | None = None
    inner: ast.AST = node
    for ancestor in ancestors(text, node):
        if isinstance(ancestor, FunctionNode) and inner in ancestor.body:
            found = ancestor
        inner = ancestor
    return found
