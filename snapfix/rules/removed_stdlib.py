"""Something that left the standard library, or that only a newer Python has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from snapfix.crash import Crash, CrashContext, SourceFile
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Fix, Location
from snapfix.rules.base import Change, Place, edit_changes, innermost_place, quote, raising_place, replace_nodes, rule
from snapfix.rules.evidence.bindings import module_bindings, parents, reads
from snapfix.rules.evidence.import_lines import NewImport, add_import
from snapfix.rules.evidence.import_statements import (
    attributes_used,
    import_at,
    moved_import,
    renamed_import,
    renamed_module,
)
from snapfix.rules.evidence.installing import install_command, interpreter
from snapfix.rules.evidence.project_modules import is_project_module, top_level_modules
from snapfix.rules.imports import MissingModule, missing_module
from snapfix.rules.tables.removed_names import ADDED_MODULES, ADDED_NAMES, REMOVED_MODULES, REMOVED_NAMES, Removed

_CANNOT_IMPORT = re.compile(r"cannot import name '([^'\n]{1,200})' from '([\w.]{1,200})'")
_NO_ATTRIBUTE = re.compile(r"module '([\w.]{1,200})' has no attribute '([^'\n]{1,200})'")
_SITE_PACKAGE = re.compile(r"[/\\](?:site|dist)-packages[/\\]([\w.\-]+)")


@rule("import.removed-stdlib", "ModuleNotFoundError")
def removed_module(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``import urllib2``."""
    missing = missing_module(crash)
    if missing is None or is_project_module(context, missing.module):
        return None
    name = missing.module if missing.module in REMOVED_MODULES else missing.top
    gone = REMOVED_MODULES.get(name)
    if gone is None:
        return None
    if not missing.direct:
        return _in_library(context, crash, missing.place, f"the module `{name}`", gone)
    edits = _module_edits(missing, name, gone)
    return Diagnosis(
        error_analysis=f"`{missing.module}` was a module of the standard library; this Python does not have it.",
        root_cause=f"`{name}` was removed in Python {gone.version}{_successor(gone)}.",
        location=missing.place.location,
        evidence=(quote(missing.place.file, missing.place.lineno),),
        fix=Fix(_summary(gone, bool(edits)), edits, _commands(context, gone), _safety(edits)),
        confidence=Confidence.CERTAIN if _is_gone(context, gone) else Confidence.LIKELY,
        prevention=_prevention(gone),
    )


def _is_gone(context: CrashContext, gone: Removed) -> bool:
    return context.environment.python is None or context.environment.python >= gone.since


def _module_edits(missing: MissingModule, name: str, gone: Removed) -> tuple[Edit, ...]:
    file, node = missing.place.file, import_at(missing.place)
    if node is None or not gone.instead or missing.module != name:
        return ()
    if isinstance(node, ast.ImportFrom):
        used: set[str | None] = {alias.name for alias in node.names}
    else:
        used = attributes_used(file.text, name)
    if gone.only and not used <= gone.only:
        return ()
    return edit_changes(file, renamed_module(file, node, name, gone.instead))


def _successor(gone: Removed) -> str:
    if not gone.instead:
        return ""
    if gone.only:
        names = " and ".join(f"`{name}`" for name in sorted(gone.only))
        return f"; `{gone.instead}` has its {names}"
    return f"; it is called `{gone.instead}` now" if gone.since == (3, 0) else f"; `{gone.instead}` took its place"


def _summary(gone: Removed, edited: bool) -> str:
    if edited:
        return f"Use `{gone.instead}`."
    parts = [gone.advice] if gone.advice else []
    if gone.distribution:
        parts.append(f"The package `{gone.distribution}` brings the old module back.")
    return " ".join(parts) or f"Use `{gone.instead}`."


def _commands(context: CrashContext, gone: Removed) -> tuple[str, ...]:
    return (f"{interpreter(context)} -m pip install {gone.distribution}",) if gone.distribution else ()


def _safety(edits: tuple[Edit, ...]) -> Applicability:
    return Applicability.UNSAFE if edits else Applicability.DISPLAY_ONLY


def _prevention(gone: Removed) -> str:
    if gone.since == (3, 0):
        return "The program was written for Python 2: expect more such places (`ruff check --select UP`)."
    return f"Run the tests with `-W error::DeprecationWarning` before moving to a new Python ({gone.version} here)."


def _in_library(context: CrashContext, crash: Crash, place: Place, what: str, gone: Removed) -> Diagnosis | None:
    """A library uses what is gone: it is too old for this Python."""
    found = _SITE_PACKAGE.search(crash.frames[-1].frame.filename) if crash.frames else None
    if found is None:
        return None
    library = found[1].removesuffix(".py")
    return Diagnosis(
        error_analysis=f"The library `{library}` uses {what}, which Python {gone.version} removed.",
        root_cause=f"The installed version of `{library}` is too old for this Python.",
        location=place.location,
        evidence=(quote(place.file, place.lineno),),
        fix=Fix(
            f"Upgrade `{library}`.",
            (),
            (install_command(context, library).replace(" install ", " install --upgrade "),),
        ),
        confidence=Confidence.LIKELY,
        prevention=f"Before moving to a new Python, check that `{library}` supports it.",
    )


@rule("import.removed-stdlib", "ImportError", "AttributeError")
def removed_name(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``from collections import Mapping``, ``time.clock()``."""
    key, place = _module_and_name(crash), innermost_place(crash)
    gone = REMOVED_NAMES.get(key) if key is not None else None
    if key is None or gone is None or place is None or not _is_gone(context, gone):
        return None
    module, name = key
    if is_project_module(context, module):
        return None
    if raising_place(crash) is None:
        return _in_library(context, crash, place, f"`{module}.{name}`", gone)
    edits = edit_changes(place.file, [*_name_changes(context, place, module, name, gone)])
    return Diagnosis(
        error_analysis=f"`{module}.{name}` was part of the standard library; this Python does not have it.",
        root_cause=f"`{module}.{name}` was removed in Python {gone.version}{_name_successor(gone)}.",
        location=place.location,
        evidence=(quote(place.file, place.lineno),),
        fix=Fix(_summary(gone, bool(edits)), edits, (), _safety(edits)),
        confidence=Confidence.CERTAIN,
        prevention=_prevention(gone),
    )


def _name_successor(gone: Removed) -> str:
    return f"; use `{gone.instead}`" if gone.instead else ""


def _module_and_name(crash: Crash) -> tuple[str, str] | None:
    message = crash.exception.message
    if (imported := _CANNOT_IMPORT.match(message)) is not None:
        return imported[2], imported[1]
    if (attribute := _NO_ATTRIBUTE.match(message)) is not None:
        return attribute[1], attribute[2]
    return None


def _name_changes(context: CrashContext, place: Place, module: str, name: str, gone: Removed) -> Iterator[Change]:
    file, node = place.file, import_at(place)
    home, _, new = gone.instead.rpartition(".")
    if not gone.instead:
        return
    if isinstance(node, ast.ImportFrom):
        yield from _import_changes(file, node, name, home, new, module)
        return
    uses = list(_attribute_uses(file.text, module, name))
    yield from replace_nodes(file, [(use, gone.instead) for use in uses])
    if home and home != "str" and home.partition(".")[0] not in _modules_bound(file.text, home):
        change = add_import(file, NewImport(home), top_level_modules(context))
        if change is not None:
            yield change


def _import_changes(
    file: SourceFile, node: ast.ImportFrom, name: str, home: str, new: str, module: str
) -> tuple[Change, ...]:
    if not home:
        return ()
    if home == module:
        return renamed_import(file, node, name, new)
    moved_too = [alias.name for alias in node.names if (module, alias.name) in REMOVED_NAMES]
    if len(moved_too) == len(node.names):
        return renamed_module(file, node, module, home) if new == name else ()
    return moved_import(file, node, name, home) if new == name and len(moved_too) == 1 else ()


def _attribute_uses(text: str, module: str, name: str) -> Iterator[ast.expr]:
    for node in reads(text).get(module, []):
        above = parents(text).get(node)
        if isinstance(above, ast.Attribute) and above.attr == name:
            yield above


def _modules_bound(text: str, home: str) -> set[str]:
    """The top-level names bound in the module, if importing ``home`` again would change nothing."""
    return set(module_bindings(text)) if "." not in home else set()


@rule("import.newer-python", "ImportError", "AttributeError", "ModuleNotFoundError")
def newer_python(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``from typing import override`` on Python 3.11."""
    place, found = raising_place(crash), _added(crash)
    if place is None or found is None:
        return None
    what, (since, package) = found
    running = context.environment.python
    if running is not None and running >= since:
        return None
    version = ".".join(map(str, since))
    with_package = f", or take it from the package `{package}`" if package else ""
    return Diagnosis(
        error_analysis=f"`{what}` is not in the standard library of the Python that ran the program"
        + (f" ({'.'.join(map(str, running))})." if running else "."),
        root_cause=f"`{what}` was added in Python {version}: the program ran on an older one.",
        location=Location(place.file.name, place.lineno, place.location.function),
        evidence=(quote(place.file, place.lineno),),
        fix=Fix(
            f"Run the program with Python {version} or newer{with_package}.",
            (),
            (f"{interpreter(context)} -m pip install {package.replace('_', '-')}",) if package else (),
        ),
        confidence=Confidence.CERTAIN if running is not None else Confidence.LIKELY,
        prevention=f'State `requires-python = ">={version}"` in pyproject.toml.',
    )


def _added(crash: Crash) -> tuple[str, tuple[tuple[int, int], str]] | None:
    key = _module_and_name(crash)
    if key is not None:
        return (".".join(key), ADDED_NAMES[key]) if key in ADDED_NAMES else None
    missing = missing_module(crash)
    if missing is None or missing.top not in ADDED_MODULES:
        return None
    return missing.top, ADDED_MODULES[missing.top]
