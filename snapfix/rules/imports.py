"""ModuleNotFoundError: a package is not installed, is called otherwise, or its name is misspelt."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass

from snapfix.crash import Crash, CrashContext
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Fix
from snapfix.rules.base import Place, edit_changes, innermost_place, near, quote, raising_place, rule
from snapfix.rules.evidence.import_lines import ImportNode
from snapfix.rules.evidence.import_statements import import_at, imports_module, renamed_module
from snapfix.rules.evidence.installing import (
    install_command,
    install_requirements_command,
    interpreter_in,
)
from snapfix.rules.evidence.project_modules import folders_holding, is_project_module, start_of, top_level_modules
from snapfix.rules.tables.distributions import DISTRIBUTIONS, SAME_NAME, distribution_of, known_prefix
from snapfix.rules.tables.removed_names import REMOVED_MODULES
from snapfix.rules.tables.stdlib_names import SUBMODULES

_MESSAGE = re.compile(r"No module named '?(?P<module>[\w.\-]{1,200})'?(?:; '(?P<file>[\w.]{1,200})' is not a package)?")
_REQUIREMENTS = ("requirements.txt", "pyproject.toml", "setup.cfg", "setup.py", "Pipfile", "environment.yml")


@dataclass(frozen=True, slots=True)
class MissingModule:
    """A module that could not be found.

    Attributes:
        module: its dotted name, as in the message.
        top: the part before the first dot.
        not_a_package: the module that was found in place of the package, or None.
        place: the project's line that imports it, or that calls the library which does.
        direct: the project imports it itself.
        requested: what the import statement asks for, which may lie below ``module``.
    """

    module: str
    not_a_package: str | None
    place: Place
    direct: bool
    requested: str

    @property
    def top(self) -> str:
        """The name before the first dot."""
        return self.module.partition(".")[0]


def missing_module(crash: Crash) -> MissingModule | None:
    """The module that a ModuleNotFoundError is about."""
    matched = _MESSAGE.match(crash.exception.message)
    place = innermost_place(crash)
    if matched is None or place is None:
        return None
    direct = raising_place(crash) is not None
    requested = _requested(import_at(place), matched["module"]) if direct else matched["module"]
    return MissingModule(matched["module"], matched["file"], place, direct, requested)


def _requested(node: ImportNode | None, module: str) -> str:
    """``google.cloud.storage`` where ``google`` is missing and the statement asks for that."""
    if isinstance(node, ast.ImportFrom) and imports_module(node, module):
        return f"{node.module}.{node.names[0].name}"
    if isinstance(node, ast.Import):
        return next((alias.name for alias in node.names if f"{alias.name}.".startswith(f"{module}.")), module)
    return module


def is_known_elsewhere(context: CrashContext, missing: MissingModule) -> bool:
    """The name is the project's own or the standard library's: nothing that could be installed."""
    if missing.not_a_package is not None or missing.top in sys.stdlib_module_names:
        return True
    if missing.module in REMOVED_MODULES or missing.top in REMOVED_MODULES:
        return True
    return is_project_module(context, missing.module) and not is_well_known(missing.module)


def is_well_known(module: str) -> bool:
    """A widely used package of that name exists."""
    return distribution_of(module) is not None


def _differs(module: str) -> bool:
    """The distribution of a known module has another name than the module."""

    def plain(name: str) -> str:
        return re.sub(r"[-_]", "", name).lower()

    prefix = known_prefix(module) or module
    return plain(prefix) != plain(DISTRIBUTIONS.get(prefix, prefix))


@rule("import.module-typo", "ModuleNotFoundError")
def module_typo(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``import reqeusts``."""
    missing = missing_module(crash)
    if missing is None or not missing.direct or is_known_module(missing):
        return None
    if is_project_module(context, missing.module):
        return None
    node = import_at(missing.place)
    meant = _meant(context, missing)
    if meant is None or node is None or not imports_module(node, missing.module):
        return None
    name, apart, what, present = meant
    certain = (
        present
        and apart <= 1
        and len(missing.module.rpartition(".")[2]) >= 3
        and not _only_digits_differ(missing.module, name)
    )
    file = missing.place.file
    edits = edit_changes(file, renamed_module(file, node, missing.module, name))
    commands = () if present else (install_command(context, name),)
    return Diagnosis(
        error_analysis=f"Python looked for a module called `{missing.module}` and there is none.",
        root_cause=f"`{missing.module}` is a misspelling of `{name}`, {what}.",
        location=missing.place.location,
        evidence=(quote(file, missing.place.lineno),),
        fix=Fix(
            f"Import `{name}`." + ("" if present else " It is not installed yet."),
            edits,
            commands,
            Applicability.SAFE if certain and edits else Applicability.UNSAFE,
        ),
        confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
        prevention=(
            "Do not install a package under a misspelt name: such names are used to spread malware."
            if "package" in what
            else "An editor with Python support marks imports that it cannot find."
        ),
    )


def _only_digits_differ(one: str, two: str) -> bool:
    return re.sub(r"\d", "", one) == re.sub(r"\d", "", two)


def is_known_module(missing: MissingModule) -> bool:
    """The name as it is written is right, whatever the reason that it was not found."""
    if missing.module in REMOVED_MODULES or missing.top in REMOVED_MODULES:
        return True
    return is_well_known(missing.module)


def _meant(context: CrashContext, missing: MissingModule) -> tuple[str, float, str, bool] | None:
    """The name that was meant, its distance, what it is, and whether it can be imported as it is."""
    if missing.top in sys.stdlib_module_names or (missing.top != missing.module and _holds_top(context, missing)):
        return _meant_submodule(context, missing)
    if missing.top != missing.module:
        return None
    stdlib = [name for name in sys.stdlib_module_names if name[0] != "_" and name not in REMOVED_MODULES]
    own = top_level_modules(context)
    installed = context.environment.modules
    found = near(missing.module, [*stdlib, *own, *installed, *SAME_NAME, *(d for d in DISTRIBUTIONS if "." not in d)])
    if not found or (len(found) > 1 and found[0][0] == found[1][0] and found[1][1] not in SAME_NAME):
        return None
    apart, name = found[0]
    if name in own:
        folder = next(iter(folders_holding(context, name)), "")
        start = start_of(context)
        return name, apart, "a module of the project", start is not None and start.folder == folder
    if name in stdlib:
        return name, apart, "a module of the standard library", True
    return name, apart, "an installed package" if name in installed else "a well-known package", name in installed


def _holds_top(context: CrashContext, missing: MissingModule) -> bool:
    return missing.top in top_level_modules(context)


def _meant_submodule(context: CrashContext, missing: MissingModule) -> tuple[str, float, str, bool] | None:
    package, _, last = missing.module.rpartition(".")
    own = {
        rest.partition("/")[0].removesuffix(".py")
        for folder in folders_holding(context, package)
        for name in context.names
        if name.endswith(".py")
        and (rest := name.removeprefix(f"{folder}/".lstrip("/")).removeprefix(package.replace(".", "/") + "/")) != name
    }
    known = {name.rpartition(".")[2] for name in SUBMODULES if name.rpartition(".")[0] == package}
    found = near(last, own or known) if last not in (own or known) else []
    if not package or not found or (len(found) > 1 and found[0][0] == found[1][0]):
        return None
    what = "a module of the project" if own else "a module of the standard library"
    return f"{package}.{found[0][1]}", found[0][0], what, True


@rule("import.wrong-environment", "ModuleNotFoundError")
def wrong_environment(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """The program ran outside the project's virtual environment."""
    missing = missing_module(crash)
    if missing is None or is_known_elsewhere(context, missing) or not _outside_environment(context):
        return None
    folder = context.environment.virtual_environments[0]
    python = interpreter_in(context, folder)
    script = start_of(context)
    rerun = f"{python} {script.script}" if script is not None and script.folder is not None else python
    return Diagnosis(
        error_analysis=f"The interpreter that ran the program has no module called `{missing.module}`.",
        root_cause=(
            f"The program did not run in the project's virtual environment `{folder}`, "
            f"but with the packages of {context.environment.site_packages[0]}, where `{missing.top}` is not installed."
        ),
        location=missing.place.location,
        evidence=(quote(missing.place.file, missing.place.lineno),),
        fix=Fix(
            f"Run the program with the interpreter of `{folder}`; if `{missing.top}` is missing there too, install it.",
            (),
            (rerun, f"{python} -m pip install {distribution_of(missing.requested) or missing.top}"),
        ),
        confidence=Confidence.LIKELY,
        prevention=f"Activate `{folder}` in every new terminal.",
    )


def _outside_environment(context: CrashContext) -> bool:
    environment = context.environment
    return bool(
        environment.virtual_environments
        and environment.active_virtual_environment is None
        and environment.site_packages
    )


@rule("import.dist-name-differs", "ModuleNotFoundError")
def dist_name_differs(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``import yaml``: the distribution is called PyYAML."""
    missing = missing_module(crash)
    if missing is None or not _can_be_installed(context, missing):
        return None
    distribution = distribution_of(missing.requested)
    if distribution is None or not _differs(missing.requested):
        return None
    return _install(context, missing, distribution)


@rule("import.not-installed", "ModuleNotFoundError")
def not_installed(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A third-party package is not installed in the interpreter that ran the program."""
    missing = missing_module(crash)
    if missing is None or not _can_be_installed(context, missing):
        return None
    distribution = distribution_of(missing.requested)
    if distribution is None:
        return _install(context, missing, None)
    return None if _differs(missing.requested) else _install(context, missing, distribution)


def _can_be_installed(context: CrashContext, missing: MissingModule) -> bool:
    if is_known_elsewhere(context, missing) or _outside_environment(context):
        return False
    known = known_prefix(missing.requested)
    if missing.top in context.environment.modules and (known is None or "." not in known):
        return False
    return known is not None or _meant(context, missing) is None


def _install(context: CrashContext, missing: MissingModule, distribution: str | None) -> Diagnosis:
    environment = context.environment
    place = missing.place
    looked = f" ({environment.site_packages[0]})" if environment.site_packages else ""
    by = "" if missing.direct else f", which a library imports that {place.file.name}:{place.lineno} uses"
    commands = [install_command(context, missing.requested)]
    everything = install_requirements_command(context)
    if everything is not None:
        commands.append(everything)
    known = bool(environment.site_packages) and distribution is not None
    return Diagnosis(
        error_analysis=(
            f"The interpreter that ran the program{looked} has no module called `{missing.module}`{by}, "
            "and the project has no file of that name."
        ),
        root_cause=_root_cause(missing, distribution),
        location=place.location,
        evidence=(quote(place.file, place.lineno),),
        fix=Fix(_summary(context, missing, distribution), (), tuple(commands)),
        confidence=Confidence.CERTAIN if known else Confidence.LIKELY,
        prevention=_prevention(context, distribution or missing.top),
    )


def _root_cause(missing: MissingModule, distribution: str | None) -> str:
    if distribution is None:
        return f"Nothing called `{missing.top}` is installed."
    if _differs(missing.requested):
        return (
            f"The package that provides `{known_prefix(missing.requested)}` is not installed. "
            f"Its name differs from the module's: `{distribution}`."
        )
    return f"The package `{distribution}` is not installed."


def _summary(context: CrashContext, missing: MissingModule, distribution: str | None) -> str:
    listed = next((name for name in _REQUIREMENTS if name in context.names), None)
    also = f" If {listed} lists it, install everything that the project needs instead." if listed else ""
    folders = context.environment.virtual_environments
    if folders and context.environment.active_virtual_environment is None:
        python = interpreter_in(context, folders[0])
        also += f" If it is installed in `{folders[0]}`, run the program with `{python}`."
    if distribution is None:
        return (
            f"Install the package that provides `{missing.top}`. Look it up on PyPI first: "
            f"it may have another name, and a package of a stranger's may have this one.{also}"
        )
    return f"Install `{distribution}` into the interpreter that runs the program.{also}"


def _prevention(context: CrashContext, distribution: str) -> str:
    listed = next((name for name in _REQUIREMENTS if name in context.names), None)
    return f"List `{distribution}` in {listed or 'a requirements.txt or pyproject.toml'}."


@rule("import.submodule-missing", "ModuleNotFoundError")
def submodule_missing(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """The package is installed, but has no such module: another version, or another package of the same name."""
    missing = missing_module(crash)
    if missing is None or missing.top == missing.module or missing.top not in context.environment.modules:
        return None
    known = known_prefix(missing.requested)
    if known is not None and "." in known:
        return None
    python = install_command(context, missing.top).partition(" -m pip")[0]
    return Diagnosis(
        error_analysis=f"The package `{missing.top}` is installed, but it has no module `{missing.module}`.",
        root_cause=(
            f"The installed version of `{missing.top}` does not have `{missing.module}`: "
            "it was added, moved or removed in another version."
        ),
        location=missing.place.location,
        evidence=(quote(missing.place.file, missing.place.lineno),),
        fix=Fix(
            f"See which version is installed, and in its documentation where `{missing.module}` went.",
            (),
            (f"{python} -m pip show {distribution_of(missing.top) or missing.top}",),
        ),
        confidence=Confidence.LIKELY,
        prevention=f"Pin the version of `{missing.top}` that the program was written for.",
    )
