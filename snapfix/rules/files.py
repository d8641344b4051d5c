"""FileNotFoundError: the path is read from another folder, misspelt, not expanded, or its folder does not exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename, dirname, join, normpath, relpath

from snapfix.crash import Crash, CrashContext, Listing, SourceFile
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Evidence, Fix, Location
from snapfix.rules.base import (
    Change,
    Place,
    distance,
    edit_changes,
    indentation,
    innermost_place,
    near,
    place_of,
    quote,
    replace_nodes,
    rule,
)
from snapfix.rules.evidence.bindings import module_bindings, parents
from snapfix.rules.evidence.import_lines import NewImport, add_import
from snapfix.rules.evidence.installing import interpreter
from snapfix.rules.evidence.project_modules import start_of, top_level_modules, working_folder
from snapfix.syntax import enclosing_function, parse

_MESSAGE = re.compile(
    r"\[(?:Errno 2|WinError [23])\] [^:\n]{1,100}: (?P<path>'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")"
)
_MAX_SHOWN = 8
_WRITERS = frozenset(
    {
        "write_text",
        "write_bytes",
        "to_csv",
        "to_excel",
        "to_html",
        "to_json",
        "to_parquet",
        "to_pickle",
        "savefig",
        "save",
        "imwrite",
        "copy",
        "copy2",
        "copyfile",
        "move",
        "touch",
    }
)


@dataclass(frozen=True, slots=True)
class _Literal:
    """A string in the program that holds the path."""

    file: SourceFile
    node: ast.Constant

    @property
    def location(self) -> Location:
        """Where it stands."""
        function = enclosing_function(self.file.text, self.node.lineno)
        return Location(self.file.name, self.node.lineno, function.qualname if function else None)


@dataclass(frozen=True, slots=True)
class _Lost:
    """A path that leads nowhere.

    Attributes:
        path: as the program gave it, with forward slashes.
        place: the project's line that opened it.
        literal: where the program spells it out, or None.
        call: the call on that line that takes the path, or None.
    """

    path: str
    place: Place
    literal: _Literal | None
    call: ast.Call | None

    @property
    def location(self) -> Location:
        """The fault's place: where the path is written, else where it is opened."""
        return self.literal.location if self.literal is not None else self.place.location

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The line that opens the path, and the one that spells it."""
        found = [quote(self.place.file, self.place.lineno)]
        if self.literal is not None and self.literal.location != self.place.location:
            found.append(quote(self.literal.file, self.literal.node.lineno))
        return tuple(found)

    @property
    def is_absolute(self) -> bool:
        """It does not depend on the working directory."""
        return self.path.startswith("/") or re.match(r"[A-Za-z]:", self.path) is not None


def _lost(context: CrashContext, crash: Crash) -> _Lost | None:
    matched, place = _MESSAGE.match(crash.exception.message), innermost_place(crash)
    runs_a_program = any(f.frame.filename.replace("\\", "/").endswith("/subprocess.py") for f in crash.frames)
    if matched is None or place is None or runs_a_program:
        return None
    try:
        path = ast.literal_eval(matched["path"])
    except (ValueError, SyntaxError):
        return None
    literal = _literal(context, crash, path)
    return _Lost(path.replace("\\", "/"), place, literal, _call_at(place)) if path else None


def _literal(context: CrashContext, crash: Crash, path: str) -> _Literal | None:
    """Where the program spells the path out: on a line of the stack, else in the one place that does."""
    for frame in reversed(crash.frames):
        place = place_of(frame) if frame.in_app else None
        if place is not None and place.statement is not None:
            for node in _constants(place.statement, path):
                return _Literal(place.file, node)
    found = [
        _Literal(file, node)
        for file in context.files
        if (tree := parse(file.text)) is not None
        for node in _constants(tree, path)
    ]
    return found[0] if len(found) == 1 else None


def _constants(tree: ast.AST, path: str) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value == path and node.lineno == node.end_lineno:
            yield node


def _call_at(place: Place) -> ast.Call | None:
    """The call on the line that opens the file: ``open``, else the outermost one."""
    if place.statement is None:
        return None
    calls = [n for n in ast.walk(place.statement) if isinstance(n, ast.Call) and n.lineno == place.lineno]
    openers = [call for call in calls if _function_name(call) == "open" or _function_name(call) in _WRITERS]
    return next(iter(openers or calls), None)


def _function_name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _listing(context: CrashContext, folder: str) -> Listing | None:
    wanted = normpath(folder)
    return next((one for one in context.listings if normpath(one.directory.replace("\\", "/")) == wanted), None)


def _absolute(context: CrashContext, path: str) -> str:
    return normpath(join(context.working_directory.replace("\\", "/"), path))


@rule("file.not-found", "FileNotFoundError")
def not_expanded(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``open("~/notes.txt")``: Python does not expand ``~`` and ``$HOME`` by itself."""
    lost = _lost(context, crash)
    if lost is None:
        return None
    home = lost.path == "~" or lost.path.startswith("~/")
    if not home and not re.search(r"\$\w+|\$\{\w+\}", lost.path):
        return None
    what, function = ("`~`", "expanduser") if home else ("environment variables", "expandvars")
    edits = _wrapped(context, lost, function)
    return Diagnosis(
        error_analysis=f"{_opened(lost)} Python looked for exactly that name.",
        root_cause=f"{what[0].upper()}{what[1:]} in a path is only expanded by the shell; Python takes it literally.",
        location=lost.location,
        evidence=lost.evidence,
        fix=Fix(
            f"Expand it with `{'Path(...).expanduser()' if home else 'os.path.expandvars'}`.",
            edits,
            (),
            Applicability.SAFE if edits else Applicability.DISPLAY_ONLY,
        ),
        confidence=Confidence.CERTAIN,
        prevention=f"Expand {what} where a path comes in: from settings, arguments and constants alike.",
    )


def _opened(lost: _Lost) -> str:
    return f"{lost.place.file.name}:{lost.place.lineno} opens `{lost.path}`, which does not exist."


def _wrapped(context: CrashContext, lost: _Lost, function: str) -> tuple[Edit, ...]:
    """The edits that put the literal into ``Path(...).expanduser()`` or ``os.path.expandvars(...)``."""
    literal = lost.literal
    if literal is None:
        return ()
    around = parents(literal.file.text).get(literal.node)
    written = _written(literal)
    if isinstance(around, ast.Call) and _function_name(around) == "Path" and function == "expanduser":
        changes = replace_nodes(literal.file, [(around, f"Path({written}).expanduser()")])
        return edit_changes(literal.file, changes)
    changes = replace_nodes(literal.file, [(literal.node, f"os.path.{function}({written})")])
    return _with_import(context, literal.file, changes, NewImport("os"))


def _written(literal: _Literal) -> str:
    return ast.get_source_segment(literal.file.text, literal.node) or repr(literal.node.value)


def _with_import(
    context: CrashContext, file: SourceFile, changes: tuple[Change, ...], new: NewImport
) -> tuple[Edit, ...]:
    """The edits, with an import unless the module has it."""
    if not changes:
        return ()
    if (new.attribute or new.module) in module_bindings(file.text):
        return edit_changes(file, changes)
    added = add_import(file, new, top_level_modules(context))
    return edit_changes(file, [*changes, added]) if added is not None else ()


@rule("file.not-found", "FileNotFoundError")
def escape_sequence(context: CrashContext, crash: Crash) -> Diagnosis | None:
    r"""``open("C:\temp\new.txt")``: the backslashes made a tab and a line end; or a line read kept its end."""
    lost = _lost(context, crash)
    if lost is None or not re.search(r"[\a\b\f\n\r\t\v]", lost.path):
        return None
    if lost.literal is not None:
        written = _written(lost.literal)
        if "\\" not in written or written[:1] in "rRbBfFuU":
            return None
        edits = edit_changes(lost.literal.file, replace_nodes(lost.literal.file, [(lost.literal.node, "r" + written)]))
        cause = f"The backslashes in {written} begin escape sequences: `\\t` is a tab, `\\n` a line end."
        return _escaped(lost, cause, "Make it a raw string.", edits, Applicability.SAFE)
    if lost.path != lost.path.rstrip() and lost.path.strip():
        return _line_end(lost)
    return None


def _line_end(lost: _Lost) -> Diagnosis | None:
    """The path ends with the line end of the line that it was read from."""
    edits: tuple[Edit, ...] = ()
    argument = lost.call.args[0] if lost.call is not None and lost.call.args else None
    name = argument.id if isinstance(argument, ast.Name) else "the path"
    if isinstance(argument, ast.Name):
        edits = edit_changes(lost.place.file, replace_nodes(lost.place.file, [(argument, f"{name}.strip()")]))
    cause = "The path ends with a line end: it was read from a file or a stream, and its line was not stripped."
    return _escaped(lost, cause, f"Strip `{name}`.", edits, Applicability.UNSAFE)


def _escaped(lost: _Lost, cause: str, summary: str, edits: tuple[Edit, ...], safety: Applicability) -> Diagnosis:
    return Diagnosis(
        error_analysis=f"{lost.place.file.name}:{lost.place.lineno} opens {lost.path!r}: control characters are in it.",
        root_cause=cause,
        location=lost.location,
        evidence=lost.evidence,
        fix=Fix(summary, edits, (), safety if edits else Applicability.DISPLAY_ONLY),
        confidence=Confidence.CERTAIN,
        prevention="Write Windows paths as raw strings or with forward slashes." if lost.literal else "",
    )


@rule("file.missing-directory", "FileNotFoundError")
def missing_directory(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """``open("out/report.txt", "w")`` without a folder ``out``."""
    lost = _lost(context, crash)
    if lost is None or not _writes(lost.call) or _near_folder(context, lost) is not None:
        return None
    folder = dirname(lost.path)
    listing = _listing(context, _absolute(context, folder))
    if not folder or listing is None or listing.exists:
        return None
    edits = _made_first(context, lost)
    return Diagnosis(
        error_analysis=(
            f"{lost.place.file.name}:{lost.place.lineno} writes `{lost.path}`. "
            "Opening a file for writing creates the file, but not the folders above it."
        ),
        root_cause=f"The folder `{folder}` does not exist (looked for in {_where(context, lost)}).",
        location=lost.place.location,
        evidence=lost.evidence,
        fix=Fix(
            f"Create `{folder}` before writing.",
            edits,
            () if edits else (f"mkdir -p {folder}",),
            Applicability.SAFE if edits else Applicability.DISPLAY_ONLY,
        ),
        confidence=Confidence.CERTAIN,
        prevention="Create output folders with `mkdir(parents=True, exist_ok=True)` where the program starts to write.",
    )


def _writes(call: ast.Call | None) -> bool:
    if call is None:
        return False
    if _function_name(call) != "open":
        return _function_name(call) in _WRITERS
    position = 1 if isinstance(call.func, ast.Name) else 0
    modes = [*call.args[position : position + 1], *(k.value for k in call.keywords if k.arg == "mode")]
    return any(isinstance(m, ast.Constant) and isinstance(m.value, str) and set(m.value) & set("wax") for m in modes)


def _made_first(context: CrashContext, lost: _Lost) -> tuple[Edit, ...]:
    """The edits that create the folder on the line before."""
    call, statement, file = lost.call, lost.place.statement, lost.place.file
    if call is None or statement is None:
        return ()
    target, on_path = _target(call)
    written = ast.get_source_segment(file.text, target) if target is not None and _is_plain(target) else None
    if written is None or "\n" in written:
        return ()
    is_path = on_path or (isinstance(target, ast.BinOp) and isinstance(target.op, ast.Div))
    shown = f"({written})" if isinstance(target, ast.BinOp) else written
    start = shown if is_path else f"Path({written})"
    line = file.lines[statement.lineno - 1]
    made = f"{indentation(line)}{start}.parent.mkdir(parents=True, exist_ok=True)"
    changes = (Change(statement.lineno, statement.lineno - 1, (made,)),)
    return (
        edit_changes(file, changes) if is_path else _with_import(context, file, changes, NewImport("pathlib", "Path"))
    )


def _target(call: ast.Call) -> tuple[ast.expr | None, bool]:
    """The expression for the path that a call writes, and whether it is a ``Path``."""
    name = _function_name(call)
    if isinstance(call.func, ast.Attribute) and name in ("open", "write_text", "write_bytes", "touch"):
        return call.func.value, True
    position = 1 if name in ("copy", "copy2", "copyfile", "move") else 0
    return (call.args[position] if len(call.args) > position else None), False


def _is_plain(node: ast.expr) -> bool:
    """Evaluating it twice does no harm."""
    if isinstance(node, ast.Call):
        return _function_name(node) in ("Path", "join") and all(_is_plain(a) for a in node.args)
    return isinstance(node, ast.Name | ast.Attribute | ast.Constant | ast.JoinedStr | ast.BinOp | ast.Subscript)


@rule("file.not-found", "FileNotFoundError")
def misspelt(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """A file or folder with nearly that name lies there."""
    lost = _lost(context, crash)
    found = _near_folder(context, lost) or _near_file(context, lost) if lost is not None else None
    if lost is None or found is None:
        return None
    wrong, right, folder, sure = found
    sure = sure and not _writes(lost.call)
    edits = _respelt(lost, wrong, right)
    kind = "case" if wrong.lower() == right.lower() else "spelling"
    return Diagnosis(
        error_analysis=f"{_opened(lost)} In {folder} lies `{right}`.",
        root_cause=f"`{wrong}` is not the name of what lies there; `{right}` is (the {kind} differs).",
        location=lost.location,
        evidence=lost.evidence,
        fix=Fix(
            f"Write `{right}` instead of `{wrong}`.",
            edits,
            (),
            Applicability.SAFE if edits and sure else Applicability.UNSAFE,
        ),
        confidence=Confidence.CERTAIN if sure else Confidence.LIKELY,
        prevention="Linux tells upper from lower case in file names." if kind == "case" else "",
    )


def _near_file(context: CrashContext, lost: _Lost) -> tuple[str, str, str, bool] | None:
    folder = _absolute(context, dirname(lost.path) or ".")
    listing = _listing(context, folder)
    if listing is None or not listing.exists or _writes(lost.call):
        return None
    return _nearest(basename(lost.path), listing, _shown(context, folder))


def _near_folder(context: CrashContext, lost: _Lost) -> tuple[str, str, str, bool] | None:
    """The part of the path that does not exist, and what lies there instead."""
    parts = dirname(lost.path).split("/") if dirname(lost.path) else []
    at = context.working_directory.replace("\\", "/") if not lost.is_absolute else "/"
    for part in filter(None, parts):
        listing = _listing(context, at)
        if listing is not None and listing.exists and part not in listing.names and part not in (".", ".."):
            found = _nearest(part, listing, _shown(context, at))
            return (*found[:3], found[3] and _leads_there(context, lost, *found[:2])) if found is not None else None
        at = normpath(join(at, part))
    return None


def _leads_there(context: CrashContext, lost: _Lost, wrong: str, right: str) -> bool:
    """With the folder's name corrected, the path is that of a file of the project, or of one to be written."""
    corrected = "/".join(right if part == wrong else part for part in lost.path.split("/"))
    return _writes(lost.call) or any(name == corrected or name.endswith(f"/{corrected}") for name in context.names)


def _nearest(name: str, listing: Listing, folder: str) -> tuple[str, str, str, bool] | None:
    names = [other for other in listing.names if not other.startswith(".")]
    stem, _, ending = name.rpartition(".")
    same_stem = [n for n in names if stem and n.rpartition(".")[0] in (stem, name) and n != name]
    found = near(name, names)
    if found and found[0][0] <= 1.0 and re.sub(r"\d", "", found[0][1]) != re.sub(r"\d", "", name):
        tied = len(found) > 1 and found[1][0] == found[0][0]
        return None if tied else (name, found[0][1], folder, distance(name, found[0][1]) <= 1)
    if len(same_stem) == 1 and ending:
        return name, same_stem[0], folder, False
    if found and (len(found) == 1 or found[0][0] < found[1][0]) and found[0][0] <= max(2.0, len(name) / 4):
        return (name, found[0][1], folder, False) if re.sub(r"\d", "", found[0][1]) != re.sub(r"\d", "", name) else None
    return None


def _respelt(lost: _Lost, wrong: str, right: str) -> tuple[Edit, ...]:
    if lost.literal is None:
        place = lost.place
        nodes = [
            n
            for n in ast.walk(place.statement or ast.Pass())
            if isinstance(n, ast.Constant) and n.value == wrong and n.lineno == n.end_lineno
        ]
        literal = _Literal(place.file, nodes[0]) if len(nodes) == 1 else None
    else:
        literal = lost.literal
    if literal is None:
        return ()
    written = _written(literal)
    if written.count(wrong) != 1:
        return ()
    changes = replace_nodes(literal.file, [(literal.node, written.replace(wrong, right))])
    return edit_changes(literal.file, changes)


@rule("file.not-found", "FileNotFoundError")
def other_folder(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """The file exists, but not seen from the working directory."""
    lost = _lost(context, crash)
    if lost is None or _writes(lost.call):
        return None
    found = _same_tail(context, lost)
    if not found:
        return None
    start = start_of(context)
    beside = start is not None and start.folder is not None and normpath(join(start.folder, lost.path)) in found
    target = normpath(join(start.folder or "", lost.path)) if beside and start is not None else found[0]
    if not beside and len(found) > 1:
        return None
    edits = _without_slash(lost) if lost.is_absolute else _relative_to_file(context, lost, target)
    root_cause = f"The relative path `{lost.path}` is looked for in the working directory ({_where(context, lost)}), "
    if lost.is_absolute:
        root_cause = f"`{lost.path}` begins with `/`, which is the root of the disk, not of the project; "
    return Diagnosis(
        error_analysis=f"{_opened(lost)} The project has it elsewhere: {target}.",
        root_cause=f"{root_cause}but the file is {target}.",
        location=lost.location,
        evidence=lost.evidence,
        fix=Fix(
            _elsewhere_summary(lost, edits, target),
            edits,
            () if edits or _is_listed(lost) else _run_in_folder(context, lost, target),
            Applicability.SAFE if edits and beside and not lost.is_absolute else Applicability.UNSAFE,
        ),
        confidence=Confidence.CERTAIN if beside else Confidence.LIKELY,
        prevention="Build paths to a program's own files from `Path(__file__).parent`.",
    )


def _elsewhere_summary(lost: _Lost, edits: tuple[Edit, ...], target: str) -> str:
    if edits and not lost.is_absolute and not target.endswith(normpath(lost.path).lstrip("./")):
        return f"Write the path of {target}, relative to the source file."
    if edits and not lost.is_absolute:
        return "Make the path relative to the source file, so that it works from every working directory."
    if _is_listed(lost):
        return "`os.listdir` gives names without their folder: open `os.path.join(folder, name)`."
    return (
        "Write the path without the leading `/`."
        if lost.is_absolute
        else "Run the program from the folder that the path is relative to."
    )


def _is_listed(lost: _Lost) -> bool:
    """A bare name that is no literal, in a file that lists a folder: the folder's name was left out."""
    return lost.literal is None and "/" not in lost.path and "listdir(" in lost.place.file.text


def _same_tail(context: CrashContext, lost: _Lost) -> list[str]:
    """The project's files that end with the path, or else the only one with its name."""
    tail = normpath(lost.path).lstrip("./") if lost.path.startswith((".", "/")) else normpath(lost.path)
    found = [name for name in context.names if name == tail or name.endswith("/" + tail)]
    here = working_folder(context)
    at_hand = normpath(join(here, lost.path)) if here is not None and not lost.is_absolute else None
    found = [name for name in found if name != at_hand]
    if found or lost.is_absolute or "." not in basename(tail):
        return found
    return [name for name in context.names if basename(name) == basename(tail) and name != at_hand]


def _relative_to_file(context: CrashContext, lost: _Lost, target: str) -> tuple[Edit, ...]:
    """The edits that write the literal as ``Path(__file__).parent / "..."``."""
    literal = lost.literal
    if literal is None:
        return ()
    way = relpath("/" + target, "/" + dirname(literal.file.name))
    ups = way.count("../")
    quoted = _written(literal)[-1]
    path = f"Path(__file__).parent{'.parent' * ups} / {quoted}{way[3 * ups :]}{quoted}"
    around = parents(literal.file.text).get(literal.node)
    node: ast.expr = literal.node
    if isinstance(around, ast.Call) and _function_name(around) == "Path" and len(around.args) == 1:
        node, around = around, parents(literal.file.text).get(around)
    elif isinstance(around, ast.Call) and _function_name(around) == "join":
        return ()
    if isinstance(around, ast.Attribute | ast.BinOp | ast.Subscript | ast.Compare):
        path = f"({path})"
    changes = replace_nodes(literal.file, [(node, path)])
    return _with_import(context, literal.file, changes, NewImport("pathlib", "Path"))


def _without_slash(lost: _Lost) -> tuple[Edit, ...]:
    literal = lost.literal
    if not lost.is_absolute or literal is None or not lost.path.startswith("/"):
        return ()
    written = _written(literal).replace("/", "", 1)
    return edit_changes(literal.file, replace_nodes(literal.file, [(literal.node, written)]))


def _run_in_folder(context: CrashContext, lost: _Lost, target: str) -> tuple[str, ...]:
    """The command that runs the same program in the folder that the path is relative to."""
    start, here = start_of(context), working_folder(context)
    if lost.is_absolute or start is None or start.folder is None or here is None or not target.endswith(lost.path):
        return ()
    folder = target[: -len(lost.path)].rstrip("/")
    if start.as_module:
        return ()
    to_folder = relpath("/" + folder, "/" + here)
    script = relpath("/" + start.script, "/" + folder)
    return (f"cd {to_folder} && {interpreter(context)} {script}",)


def _where(context: CrashContext, lost: _Lost) -> str:
    return _shown(context, context.working_directory) if not lost.is_absolute else "/"


def _shown(context: CrashContext, folder: str) -> str:
    folder, root = folder.replace("\\", "/"), context.root.replace("\\", "/")
    if folder == root:
        return "the project's root"
    return f"`{folder[len(root) + 1 :]}`" if folder.startswith(root + "/") else f"`{folder}`"


@rule("file.not-found", "FileNotFoundError")
def not_there(context: CrashContext, crash: Crash) -> Diagnosis | None:
    """Nothing like it was found: where Python looked, and what is there."""
    lost = _lost(context, crash)
    if lost is None:
        return None
    folder = _absolute(context, dirname(lost.path) or ".")
    listing = _listing(context, folder)
    if listing is None:
        return None
    if listing.exists and basename(lost.path) in listing.names:
        return _exists_now(context, lost, folder)
    shown = ", ".join(f"`{name}`" for name in listing.names[:_MAX_SHOWN]) or "nothing"
    more = f" and {len(listing.names) - _MAX_SHOWN} more" if len(listing.names) > _MAX_SHOWN else ""
    there = f"That folder holds {shown}{more}." if listing.exists else "That folder does not exist."
    return Diagnosis(
        error_analysis=f"{_opened(lost)} Python looked in {_shown(context, folder)}. {there}",
        root_cause=(f"There is no `{basename(lost.path)}` in {_shown(context, folder)}, nor elsewhere in the project."),
        location=lost.location,
        evidence=lost.evidence,
        fix=Fix("Create or copy the file there, or correct the path."),
        confidence=Confidence.LIKELY,
        prevention="Say in the error message which file is expected, and where.",
    )


def _exists_now(context: CrashContext, lost: _Lost, folder: str) -> Diagnosis:
    return Diagnosis(
        error_analysis=f"When the program ran, {lost.place.file.name}:{lost.place.lineno} did not find `{lost.path}`.",
        root_cause=(
            f"The file exists now in {_shown(context, folder)}: either it was made after the crash, "
            "or the program ran in another working directory than this one."
        ),
        location=lost.location,
        evidence=lost.evidence,
        fix=Fix("Print `os.getcwd()` in the program to see where it looks, or build the path from `__file__`."),
        confidence=Confidence.UNSURE,
    )
