"""NameError: something that exists is used without being imported."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import dedent

from snapfix.crash import Crash, CrashContext, SourceFile
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Evidence, Fix, Location
from snapfix.rules.base import Change, edit_changes, quote, raising_place, replace_nodes, rule
from snapfix.rules.evidence.bindings import Kind, module_bindings
from snapfix.rules.evidence.import_lines import NewImport, add_import
from snapfix.rules.evidence.installing import install_command
from snapfix.rules.evidence.missing_names import MESSAGE, MissingName, missing_name
from snapfix.rules.evidence.project_modules import module_prefix, top_level_modules
from snapfix.rules.tables.distributions import DISTRIBUTIONS, SAME_NAME
from snapfix.rules.tables.known_names import (
    ALIASES,
    CONSTANTS,
    STDLIB_ALIASES,
    STDLIB_NAMES,
    THIRD_PARTY_NAMES,
)
from snapfix.rules.tables.stdlib_names import SUBMODULES, is_known, public_names
from snapfix.syntax import imports

_DATETIME_CLASS: frozenset[str] = frozenset(
    {
        "combine",
        "fromisocalendar",
        "fromisoformat",
        "fromordinal",
        "fromtimestamp",
        "max",
        "min",
        "now",
        "strptime",
        "today",
        "utcfromtimestamp",
        "utcnow",
    }
)

_OWN_FUNCTION_WORDS: frozenset[str] = frozenset(
    {
        "accumulate",
        "cast",
        "chain",
        "choice",
        "choices",
        "comb",
        "copy",
        "count",
        "cycle",
        "exp",
        "field",
        "floor",
        "mean",
        "median",
        "mode",
        "patch",
        "product",
        "quote",
        "sample",
        "shuffle",
        "tee",
        "uniform",
        "variance",
        "which",
    }
)
"""Lower-case names of the standard library that programs also give to functions of their own."""

_CONTAINER_METHODS = frozenset(name for kind in (str, list, dict, set) for name in dir(kind))


@dataclass(frozen=True, slots=True)
class Importable:
    """An import that would define a missing name; ``proven``: the way it is used fits nothing else."""

    new: NewImport
    proven: bool
    what: str


def stdlib_import(missing: MissingName) -> Importable | None:
    """The import from the standard library that defines a missing name, where its use fits."""
    name, attribute = missing.name, missing.attribute
    module = _stdlib_module(missing)
    if module is not None:
        return module
    if name in STDLIB_ALIASES:
        return _stdlib_alias(missing, STDLIB_ALIASES[name])
    home = STDLIB_NAMES.get(name)
    if home is None or not _used_like_import(missing):
        return None
    if name == "datetime" and attribute is not None and attribute not in _DATETIME_CLASS:
        return None
    proven = name not in _OWN_FUNCTION_WORDS
    return Importable(NewImport(home, name), proven, f"`{name}` of the standard library's module `{home}`")


def _stdlib_alias(missing: MissingName, module: str) -> Importable | None:
    if missing.attribute is None or (is_known(module) and missing.attribute not in public_names(module)):
        return None
    what = f"the usual alias of the standard library's module `{module}`"
    package, _, last = module.rpartition(".")
    if package:
        return Importable(NewImport(package, last, missing.name), True, what)
    return Importable(NewImport(module, None, missing.name), True, what)


def _stdlib_module(missing: MissingName) -> Importable | None:
    """The module itself, where an attribute of the missing name is taken that the module has."""
    name, attribute = missing.name, missing.attribute
    if attribute is None or name not in sys.stdlib_module_names:
        return None
    what = f"the standard library's module `{name}`"
    dotted = missing.dotted
    submodule = max((m for m in SUBMODULES - {"os.path"} if f"{dotted}.".startswith(f"{m}.")), key=len, default=None)
    if submodule is not None:
        return Importable(NewImport(submodule), True, f"the standard library's module `{submodule}`")
    if is_known(name):
        return Importable(NewImport(name), True, what) if attribute in public_names(name) else None
    return Importable(NewImport(name), False, what) if attribute not in _CONTAINER_METHODS else None


def _used_like_import(missing: MissingName) -> bool:
    """The name is used as something of its kind is: functions are called, classes and constants stand anywhere."""
    name = missing.name
    if name[0].isupper() or name in CONSTANTS or missing.called:
        return True
    if name in ("date", "datetime") and missing.attribute in _DATETIME_CLASS:
        return True
    return (
        isinstance(missing.parent, ast.Call | ast.keyword)
        and name not in _OWN_FUNCTION_WORDS
        and name not in ("date", "glob")
    )


def third_party_import(context: CrashContext, missing: MissingName) -> Importable | None:
    """The import from a well-known or installed package that defines a missing name, where its use fits."""
    name, attribute = missing.name, missing.attribute
    if name in ALIASES and attribute is not None:
        return _alias(missing)
    if name in THIRD_PARTY_NAMES and (missing.called or name[0].isupper() or attribute is not None):
        module = THIRD_PARTY_NAMES[name]
        return Importable(NewImport(module, name), True, f"`{name}` of the package `{module}`")
    known = name in SAME_NAME or name in DISTRIBUTIONS
    if attribute is None or not (known or name in context.environment.modules):
        return None
    if name in sys.stdlib_module_names:
        return None
    proven = known and (attribute not in _CONTAINER_METHODS or (name, attribute) == ("requests", "get"))
    return Importable(NewImport(name), proven, f"the package `{name}`")


def _alias(missing: MissingName) -> Importable | None:
    module, attributes = ALIASES[missing.name]
    if attributes and missing.attribute not in attributes.split():
        return None
    what = f"the usual alias of `{module}`"
    if module == "torch.nn":
        return Importable(NewImport("torch", "nn"), True, what)
    alias = None if module == missing.name else missing.name
    return Importable(NewImport(module, None, alias), True, what)


def project_import(context: CrashContext, missing: MissingName) -> tuple[Importable, SourceFile] | None:
    """The import from another module of the project that defines a missing name; None where two could."""
    found = [*_defining(context, missing)]
    if len(found) != 1:
        return None
    file = found[0]
    module = module_prefix(context, missing.place.file, file)
    if module is None:
        return None
    binding = module_bindings(file.text)[missing.name][0]
    proven = missing.called == (binding.kind in (Kind.FUNCTION, Kind.CLASS))
    what = f"the {binding.kind} that {file.name}:{binding.lineno} defines"
    return Importable(NewImport(module, missing.name), proven, what), file


def _defining(context: CrashContext, missing: MissingName) -> Iterator[SourceFile]:
    for file in context.files:
        if file.name == missing.place.file.name:
            continue
        bound = module_bindings(file.text).get(missing.name, [])
        if bound and bound[0].kind in (Kind.FUNCTION, Kind.CLASS, Kind.ASSIGNMENT):
            yield file


def is_importable(context: CrashContext, missing: MissingName) -> bool:
    """The use of the missing name fits something that only needs to be imported."""
    found = stdlib_import(missing) or third_party_import(context, missing)
    if found is None:
        in_project = project_import(context, missing)
        found = in_project[0] if in_project is not None else None
    return found is not None and found.proven


@rule("name.missing-import-stdlib", "NameError")
def missing_stdlib(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``json.loads(...)`` without ``import json``."""
    missing = missing_name(crash)
    if missing is None:
        return None
    found = stdlib_import(missing)
    if found is None:
        return None
    return _imported_otherwise(missing, found) or _diagnose(context, missing, found, Applicability.SAFE)


@rule("name.missing-import-thirdparty", "NameError")
def missing_third_party(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``np.array(...)`` without ``import numpy as np``."""
    missing = missing_name(crash)
    if missing is None or stdlib_import(missing) is not None:
        return None
    found = third_party_import(context, missing)
    if found is None:
        return None
    otherwise = _imported_otherwise(missing, found)
    if otherwise is not None:
        return otherwise
    environment = context.environment
    top = found.new.module.partition(".")[0]
    absent = bool(environment.site_packages) and top not in environment.modules
    commands = (install_command(context, found.new.module),) if absent else ()
    return _diagnose(context, missing, found, Applicability.SAFE, commands=commands)


@rule("name.missing-import-project", "NameError")
def missing_project(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A function of another module of the project is used without being imported."""
    missing = missing_name(crash)
    if missing is None:
        return None
    in_project = project_import(context, missing)
    if in_project is None:
        return None
    found, file = in_project
    otherwise = _imported_otherwise(missing, found, _dotted_names(file))
    if otherwise is not None:
        return otherwise
    binding = module_bindings(file.text)[missing.name][0]
    imports_back = any(one.module == missing.place.file.module for one in imports(file.text))
    safety = Applicability.UNSAFE if imports_back else Applicability.SAFE
    return _diagnose(context, missing, found, safety, evidence=[quote(file, binding.lineno)])


@rule("name.type-checking-import", "NameError")
def type_checking_import(_context: CrashContext, crash: Crash) -> Diagnosis | None:
    """The import stands under ``if TYPE_CHECKING:``, but the name is needed when the program runs."""
    place, matched = raising_place(crash), MESSAGE.match(crash.exception.message)
    if place is None or matched is None or place.tree is None:
        return None
    name, file = matched[1], place.file
    if any(bound.kind is not Kind.IMPORT for bound in module_bindings(file.text).get(name, ())):
        return None
    found = next(_guarded_imports(place.tree, name), None)
    if found is None:
        return None
    block, node = found
    statement = dedent("\n".join(file.lines[node.lineno - 1 : node.end_lineno])).split("\n")
    if len(block.body) == 1 and not block.orelse:
        changes = [Change(block.lineno, block.end_lineno or block.lineno, tuple(statement))]
    else:
        changes = [
            Change(block.lineno, block.lineno - 1, (*statement, "")),
            Change(node.lineno, node.end_lineno or node.lineno, ()),
        ]
    return Diagnosis(
        error_analysis=f"{file.name}:{place.lineno} needs `{name}` when it runs, and there is none at that time.",
        root_cause=(
            f"Line {node.lineno} imports `{name}` under `if TYPE_CHECKING:`: "
            "type checkers see that import, the running program does not make it."
        ),
        location=Location(file.name, node.lineno),
        evidence=(quote(file, place.lineno), quote(file, node.lineno)),
        fix=Fix(
            "Import it unconditionally (inside the function, should the modules import each other).",
            edit_changes(file, changes),
            (),
            Applicability.UNSAFE,
        ),
        confidence=Confidence.CERTAIN,
        prevention="`ruff check --select TC` tells imports that only annotations need from the others.",
    )


def _guarded_imports(tree: ast.Module, name: str) -> Iterator[tuple[ast.If, ast.Import | ast.ImportFrom]]:
    """The imports of ``name`` alone that only type checkers see, with the ``if`` around each."""
    for block in tree.body:
        if not isinstance(block, ast.If) or not ast.unparse(block.test).endswith("TYPE_CHECKING"):
            continue
        for node in block.body:
            if isinstance(node, ast.Import | ast.ImportFrom) and any(
                (alias.asname or alias.name.partition(".")[0]) == name for alias in node.names
            ):
                yield block, node


def _dotted_names(file: SourceFile) -> frozenset[str]:
    """What a file of the project can be called in an import: ``shop.models`` and ``models``."""
    parts = file.name.removesuffix(".py").removesuffix("/__init__").split("/")
    return frozenset(".".join(parts[start:]) for start in range(len(parts))) - sys.stdlib_module_names


def _imported_otherwise(
    missing: MissingName, found: Importable, modules: frozenset[str] = frozenset()
) -> Diagnosis | None:
    """The module is imported already, under a name that the missing one has to be reached by."""
    new, file, name = found.new, missing.place.file, missing.name
    known = _module_names(missing, modules or frozenset({new.module}))
    if known is None or missing.bound_in_another_scope:
        return None
    alias, lineno = known
    head = alias.partition(".")[0]
    bound = next((scope[head] for scope in missing.scopes if head in scope), [])
    if not bound or any(one.kind is not Kind.IMPORT for one in bound):
        return None
    text = f"{alias}.{new.attribute}" if new.attribute else alias
    changes = replace_nodes(file, [(node, text) for node in missing.unbound_reads()])
    if text == name or not changes:
        return None
    safe = found.proven
    return Diagnosis(
        error_analysis=f"{file.name}:{missing.place.lineno} reads `{name}`, and nothing defines that name.",
        root_cause=f"`{name}` is {found.what}, and line {lineno} imports it in such a way that it is called `{text}`.",
        location=missing.place.location,
        evidence=(quote(file, missing.place.lineno), quote(file, lineno)),
        fix=Fix(
            f"Write `{text}` instead of `{name}`.",
            edit_changes(file, changes),
            applicability=Applicability.SAFE if safe else Applicability.UNSAFE,
        ),
        confidence=Confidence.CERTAIN if safe else Confidence.LIKELY,
        prevention="`ruff check --select F821` finds undefined names before the program runs.",
    )


def _module_names(missing: MissingName, modules: frozenset[str]) -> tuple[str, int] | None:
    """The name that the file's top level gives one of the modules, and the line of that import."""
    tree = missing.place.tree
    for node in tree.body if tree is not None else []:
        if not isinstance(node, ast.Import | ast.ImportFrom) or node.lineno >= missing.node.lineno:
            continue
        package = f"{node.module}." if isinstance(node, ast.ImportFrom) and node.module else ""
        for alias in node.names:
            as_is = alias.name if isinstance(node, ast.Import) and not alias.asname else None
            if f"{package}{alias.name}" in modules and alias.name != "*":
                return as_is or alias.asname or alias.name, node.lineno
    return None


def _diagnose(
    context: CrashContext,
    missing: MissingName,
    found: Importable,
    safety: Applicability,
    *,
    evidence: Iterable[Evidence] = (),
    commands: tuple[str, ...] = (),
) -> Diagnosis | None:
    place, name = missing.place, missing.name
    change = add_import(place.file, found.new, top_level_modules(context))
    if change is None:
        return None
    proven = found.proven and not missing.bound_in_another_scope
    edits = edit_changes(place.file, [change])
    return Diagnosis(
        error_analysis=(
            f"{place.file.name}:{place.lineno} uses `{missing.dotted if missing.attribute else name}`, "
            f"and nothing in {place.file.name} defines or imports `{name}`."
        ),
        root_cause=f"The import of `{name}` is missing: it is {found.what}.",
        location=place.location,
        evidence=(quote(place.file, place.lineno), *evidence),
        fix=Fix(
            f"Add `{found.new.statement}` to {place.file.name}.",
            edits,
            commands,
            safety if edits and proven else Applicability.UNSAFE,
        ),
        confidence=Confidence.CERTAIN if proven else Confidence.LIKELY,
        prevention="`ruff check --select F821` finds undefined names before the program runs.",
    )
