"""A fix, checked against the real files, and applied to them: all or nothing, with undo.

What an edit says comes from an analyser or a model and is not trusted: it reaches no file outside the project,
in ``.git`` or in a virtual environment, it must say exactly which text it replaces, and Python code must still
parse afterwards. Of differences between the text to find and the file only those are bridged that say nothing
about which lines are meant: line ends, white space at the ends of lines, an indentation that differs by the same
amount in every line, and line numbers that a model copied from its prompt. Nothing is matched by resemblance.

An edit with an empty ``find`` makes a new file, or fills an empty one.
"""

from __future__ import annotations

import ast
import codecs
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath

from snapfix.diagnosis import Edit, FileChange, Fix, PatchPlan, RejectedEdit
from snapfix.errors import PatchError

MAX_FILE_BYTES = 2 * 1024 * 1024
"""Larger files are not source code that anyone wrote by hand."""

_MAX_EDITS = 100
_JOURNAL_VERSION = 1
_FORBIDDEN_FOLDERS = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".venv",
        "venv",
        "site-packages",
        "dist-packages",
        "node_modules",
        "__pycache__",
        ".tox",
        ".nox",
    }
)
_PYTHON_SUFFIXES = frozenset({".py", ".pyw", ".pyi"})


class _RejectedError(Exception):
    """An edit does not fit; the text says why. It never leaves this module."""


# -- the plan --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _OpenFile:
    """A file while its edits are tried: its text before and so far, and the edits that fitted."""

    source: _Source | None
    before: str
    after: str
    edits: list[Edit] = field(default_factory=list)


def plan(fix: Fix | None, root: Path) -> PatchPlan:
    """Check every edit of a fix against the files under ``root``, without writing anything.

    Edits of one file are tried one after the other, each on the text that the one before left. An edit that does
    not fit is in ``rejected`` with its reason; where a file's edits together break its syntax, all of them are.
    """
    files: dict[str, _OpenFile] = {}
    rejected: list[RejectedEdit] = []
    top = root.resolve()
    for position, edit in enumerate(fix.edits if fix else ()):
        try:
            if position >= _MAX_EDITS:
                raise _RejectedError(f"a fix has at most {_MAX_EDITS} edits")
            name = _name_inside(edit.path, top)
            file = files.get(name) or _open(top, name, edit)
            file.after = _edited(file.after, edit, python=_is_python(name))
            file.edits.append(edit)
            files[name] = file
        except _RejectedError as reason:
            rejected.append(RejectedEdit(edit, str(reason)))
        except OSError as error:
            rejected.append(RejectedEdit(edit, f"`{edit.path}` cannot be read: {error.strerror or error}"))
    changes = []
    for name, file in files.items():
        try:
            _check_result(name, file)
        except _RejectedError as reason:
            rejected += [RejectedEdit(edit, str(reason)) for edit in file.edits]
        else:
            changes.append(FileChange(name, file.before, file.after))
    return PatchPlan(str(root), tuple(changes), tuple(rejected))


def diff(change: FileChange) -> str:
    """A change as a unified diff with three lines of context, ending in a line end."""
    from difflib import unified_diff

    old = "/dev/null" if not change.before else f"a/{change.path}"
    lines = unified_diff(_split(change.before), _split(change.after), old, f"b/{change.path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _split(text: str) -> list[str]:
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def _name_inside(path: str, top: Path) -> str:
    """The path relative to the project, checked: nothing outside it, and nothing that is not its own code."""
    written = path.strip().replace("\\", "/")
    if not written or "\0" in written or len(written) > 1000:
        raise _RejectedError("the edit names no file")
    parts = PurePosixPath(written).parts
    if ".." in parts:
        raise _RejectedError(f"`{path}` contains `..`")
    try:
        resolved = (top / written).resolve()
        name = resolved.relative_to(top).as_posix()
    except (ValueError, OSError, RuntimeError):
        raise _RejectedError(f"`{path}` is outside the project `{top}`") from None
    folders = PurePosixPath(name).parts[:-1]
    forbidden = next((part for part in PurePosixPath(name).parts if part.lower() in _FORBIDDEN_FOLDERS), None)
    if forbidden is not None:
        raise _RejectedError(f"`{path}` lies in `{forbidden}`, which is not the project's own code")
    if any((top.joinpath(*folders[:depth]) / "pyvenv.cfg").exists() for depth in range(1, len(folders) + 1)):
        raise _RejectedError(f"`{path}` lies in a virtual environment")
    return name


def _is_python(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in _PYTHON_SUFFIXES


def _open(top: Path, name: str, edit: Edit) -> _OpenFile:
    path = top / name
    if not path.exists():
        if edit.find.strip():
            raise _RejectedError(f"there is no file `{name}` in the project")
        return _new_file(top, name)
    source = _Source.read(path)
    return _OpenFile(source, source.text, source.text)


def _new_file(top: Path, name: str) -> _OpenFile:
    if any(part.startswith(".") for part in PurePosixPath(name).parts):
        raise _RejectedError(f"`{name}` is hidden, and hidden files are not created")
    parent = next(folder for folder in (top / name).parents if folder.exists())
    if not parent.is_dir():
        raise _RejectedError(f"`{name}` lies in `{parent.name}`, which is a file")
    return _OpenFile(None, "", "")


def _check_result(name: str, file: _OpenFile) -> None:
    if file.after == file.before:
        raise _RejectedError("it changes nothing")
    if _is_python(name):
        _check_syntax(name, file.before, file.after)
    source = file.source or _Source(Path(name), b"", "", "utf-8", b"", ())
    try:
        raw = source.encode(file.after)
    except UnicodeEncodeError as error:
        raise _RejectedError(
            f"`{name}` is in {source.encoding}, which has no {error.object[error.start : error.end]!r}"
        ) from None
    if len(raw) > MAX_FILE_BYTES:
        raise _RejectedError(f"`{name}` would be larger than {MAX_FILE_BYTES} bytes")
    if _is_python(name) and _python_encoding(raw) != source.encoding:
        raise _RejectedError(f"it changes the encoding that `{name}` declares")


def _check_syntax(name: str, before: str, after: str) -> None:
    """The result parses, or its first error stands further on than the file's first error did."""
    error = _syntax_error(after)
    if error is None:
        return
    old = _syntax_error(before)
    where = f"line {error.lineno}" if error.lineno else "an unknown line"
    if old is None:
        raise _RejectedError(f"`{name}` would not parse any more: {error.msg} ({where})")
    # Counted from the end, because the edit moves the lines below it.
    left_before = before.count("\n") - (old.lineno or 0)
    left_after = after.count("\n") - (error.lineno or 0)
    if left_after >= left_before:
        raise _RejectedError(f"`{name}` would still not parse: {error.msg} ({where})")


def _syntax_error(text: str) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error) or "nested too deeply")
    return None


# -- where an edit fits ----------------------------------------------------------------------------------------


def _edited(text: str, edit: Edit, *, python: bool) -> str:
    """The text after the edit.

    Raises:
        _RejectedError: the text to find is not there, or there is more than one place for it.
    """
    find, replace = _normal(edit.find), _normal(edit.replace)
    if not find.strip():
        if text.strip():
            raise _RejectedError("the text to find is empty, and the file is not")
        return replace if replace.endswith("\n") or not replace else replace + "\n"
    results = _fits(text, find, replace)
    if python and len(results) > 1:
        results.sort(key=lambda result: _syntax_error(result) is not None)
    return results[0]


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _fits(text: str, find: str, replace: str) -> list[str]:
    """The text after the edit, the likeliest reading of the edit first (see ``_block_results``)."""
    exact = text.count(find)
    start = text.find(find)
    if exact == 1 and not _splits_word(text, start, start + len(find)):
        verbatim = _replaced(text, start, start + len(find), replace)
        if not _is_dedented_line(text, start, find, replace):
            return [verbatim]
        return [*_block_results(text, find, replace), verbatim]
    for wanted, put in ((find, replace), _without_line_numbers(find, replace)):
        if wanted is None:
            continue
        results = _block_results(text, wanted, put)
        if results:
            return results
    if exact > 1:
        raise _RejectedError(f"the text to find occurs {exact} times")
    raise _RejectedError("the text to find is not in the file")


def _splits_word(text: str, start: int, end: int) -> bool:
    """A word of the file goes on before ``start`` or behind ``end``: something else is meant."""
    before, after = text[max(start - 1, 0) : start + 1], text[end - 1 : end + 1]
    return any(len(pair) == 2 and all(c.isalnum() or c == "_" for c in pair) for pair in (before, after))


def _replaced(text: str, start: int, end: int, replace: str) -> str:
    """Whole lines that are replaced by nothing leave no empty line."""
    if not replace and text[end : end + 1] == "\n" and (start == 0 or text[start - 1] == "\n"):
        end += 1
    return text[:start] + replace + text[end:]


def _is_dedented_line(text: str, start: int, find: str, replace: str) -> bool:
    """The text to find begins behind the indentation of its line, and more lines come in: they need it too."""
    indentation = text[text.rfind("\n", 0, start) + 1 : start]
    return bool(indentation) and indentation.isspace() and "\n" in replace.strip("\n") and "\n" not in find.strip("\n")


_NUMBERED = re.compile(r"[> \t]{0,12}[0-9]{1,7}[ \t]{0,4}(?:\||:)[ ]?")


def _without_line_numbers(find: str, replace: str) -> tuple[str | None, str]:
    """Both texts without the line numbers that they were shown with; None where ``find`` has none."""
    lines = [line for line in find.split("\n") if line.strip()]
    if not all(_NUMBERED.match(line) for line in lines):
        return None, replace

    def bare(text: str) -> str:
        return "\n".join(_NUMBERED.sub("", line, count=1) for line in text.split("\n"))

    numbered = all(_NUMBERED.match(line) for line in replace.split("\n") if line.strip())
    return bare(find), bare(replace) if numbered else replace


def _block_results(text: str, find: str, replace: str) -> list[str]:
    """Replace the one block of whole lines that ``find`` is, up to white space at its edges.

    Empty where no block fits. The result with ``replace`` re-indented like the block comes first, then the one
    with ``replace`` as it was written.

    Raises:
        _RejectedError: several blocks fit.
    """
    lines = text.split("\n")
    wanted = _trimmed(find.split("\n"))
    places = list(islice(_block_places(lines, wanted), 4))
    if not places:
        return []
    if len(places) > 1:
        numbers = ", ".join(str(start + 1) for start, _ in places)
        raise _RejectedError(f"the text to find occurs more than once (lines {numbers})")
    start, indentation = places[0]
    new = _trimmed(replace.split("\n")) if replace.strip() else []
    shifted = _reindented(new, _common_indentation(wanted), indentation)
    as_written = [_indent_first(new, indentation)] if new else []
    return [
        "\n".join([*lines[:start], *candidate, *lines[start + len(wanted) :]])
        for candidate in ([shifted] if shifted is not None else []) + as_written
    ]


def _trimmed(lines: list[str]) -> list[str]:
    """Without blank lines at both ends, and without white space at the ends of lines."""
    lines = [line.rstrip() for line in lines]
    first = next((i for i, line in enumerate(lines) if line), len(lines))
    last = next((i for i in range(len(lines), 0, -1) if lines[i - 1]), 0)
    return lines[first:last]


def _block_places(lines: Sequence[str], wanted: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Where ``wanted`` stands in ``lines``, and the indentation that it has there."""
    core = _dedented(wanted)
    haystack = "\n".join(["", *(line.strip() for line in lines), ""])
    needle = "\n".join(["", *(line.strip() for line in wanted), ""])
    position = haystack.find(needle)
    while position >= 0:
        start = haystack.count("\n", 0, position)
        block = [line.rstrip() for line in lines[start : start + len(wanted)]]
        if _dedented(block) == core:
            yield start, _common_indentation(block)
        position = haystack.find(needle, position + 1)


def _common_indentation(lines: Sequence[str]) -> str:
    indentations = [line[: len(line) - len(line.lstrip())] for line in lines if line.strip()]
    first, last = min(indentations, default=""), max(indentations, default="")
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]


def _dedented(lines: Sequence[str]) -> list[str]:
    width = len(_common_indentation(lines))
    return [line[width:] for line in lines]


def _reindented(lines: Sequence[str], old: str, new: str) -> list[str] | None:
    """Lines that stood at indentation ``old``, moved to ``new``; None where one of them is left of ``old``."""
    if any(line and not line.startswith(old) for line in lines):
        return None
    return [new + line[len(old) :] if line else "" for line in lines]


def _indent_first(lines: Sequence[str], indentation: str) -> list[str]:
    """Lines as written, the first one at the block's indentation: models often lose that of the first line."""
    return [indentation + lines[0].lstrip(), *lines[1:]]


# -- bytes and text --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    """A text file with what it takes to write it back as it was: its encoding, its mark, its line ends."""

    path: Path
    raw: bytes
    text: str
    encoding: str
    mark: bytes
    ends: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> _Source:
        """Read a file, decoded as Python would decode it.

        Raises:
            _RejectedError: it is not a regular text file, or too large.
            OSError: it cannot be read.
        """
        if not path.is_file():
            raise _RejectedError(f"`{path.name}` is not a regular file")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _RejectedError(f"`{path.name}` is larger than {MAX_FILE_BYTES} bytes")
        raw = path.read_bytes()
        encoding = _python_encoding(raw) if _is_python(path.name) else "utf-8"
        mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
        try:
            decoded = raw[len(mark) :].decode(encoding or "utf-8")
        except (UnicodeDecodeError, LookupError):
            raise _RejectedError(f"`{path.name}` is not text in {encoding}") from None
        if "\0" in decoded or encoding is None:
            raise _RejectedError(f"`{path.name}` is not a text file")
        text, ends = _normal(decoded), tuple(re.findall(r"\r\n|\r|\n", decoded))
        source = cls(path, raw, text, encoding, mark, ends)
        if source.encode(text) != raw:
            raise _RejectedError(f"`{path.name}` cannot be written back as it is (encoding {encoding})")
        return source

    def encode(self, text: str) -> bytes:
        r"""The bytes of a changed text, which has ``\n`` line ends, in this file's encoding and line ends."""
        if len(set(self.ends)) <= 1:
            body = text if not self.ends or self.ends[0] == "\n" else text.replace("\n", self.ends[0])
        else:
            body = self._with_mixed_ends(text)
        return self.mark + body.encode(self.encoding)

    def _with_mixed_ends(self, text: str) -> str:
        """Lines that did not change keep their own line end; new ones take that of the line before them."""
        old, new = self.text.split("\n"), text.split("\n")
        ends = list(_transferred(old, new, self.ends))
        return "".join(line + end for line, end in zip(new, [*ends[: len(new) - 1], ""], strict=True))


def _transferred(old: list[str], new: list[str], ends: tuple[str, ...]) -> Iterator[str]:
    from difflib import SequenceMatcher

    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    yield from (_end(ends, i) for i in range(head))
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    for _, old_from, old_to, new_from, new_to in SequenceMatcher(None, inner_old, inner_new).get_opcodes():
        for offset in range(new_to - new_from):
            yield _end(ends, head + min(old_from + offset, max(old_to - 1, old_from - 1)))
    yield from (_end(ends, i) for i in range(len(old) - tail, len(old)))


def _end(ends: tuple[str, ...], line: int) -> str:
    return ends[min(max(line, 0), len(ends) - 1)]


def _python_encoding(raw: bytes) -> str | None:
    """The encoding that a Python file declares (PEP 263), None where it is unknown; a mark means UTF-8."""
    if not raw.startswith(codecs.BOM_UTF8) and b"coding" not in raw[:4096]:
        return "utf-8"
    import io
    import tokenize

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    except SyntaxError:
        return None
    return "utf-8" if encoding == "utf-8-sig" else encoding


# -- applying and undoing --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AppliedPatch:
    """A patch that was written, or taken back: the project's folder, the files' names in it, and its journal."""

    root: str
    files: tuple[str, ...]
    journal: str


@dataclass(frozen=True, slots=True)
class _Write:
    """One file to be written: its bytes before (None: there was none) and after."""

    path: Path
    name: str
    before: bytes | None
    after: bytes | None


def apply(plan: PatchPlan, *, journal: Path) -> AppliedPatch:
    """Write every change of a plan, or none.

    The journal, which must not exist yet, is written first and readable by the user only; it holds what the
    files were. Each file keeps its mode, encoding and line ends, and is replaced in one step.

    Raises:
        PatchError: the plan does not apply, a file is not as it was when the plan was made, or cannot be written;
            then no file has changed (``half-written``: some have, and the journal stays to undo them with).
    """
    if not plan.applies:
        raise PatchError(
            "patch-rejected",
            "the fix does not fit the files: " + (plan.rejected[0].reason if plan.rejected else "it changes nothing"),
            "make the change by hand; the diff shows what was meant",
        )
    top = Path(plan.root).resolve()
    writes = tuple(_prepare(change, top) for change in plan.changes)
    _write_journal(journal, top, writes)
    try:
        _replace_all(writes)
    except BaseException:
        if all(_bytes_of(write.path, write.name) == write.before for write in writes):
            journal.unlink(missing_ok=True)
        raise
    return AppliedPatch(plan.root, tuple(write.name for write in writes), str(journal))


def undo(journal: Path) -> AppliedPatch:
    """Put back, byte for byte, what ``apply`` replaced, and remove the journal.

    Files that already are as they were (after an interrupted run) stay.

    Raises:
        PatchError: the journal cannot be read, or a file was changed since; then no file has changed.
    """
    top, writes, folders = _read_journal(journal)
    pending = []
    for write in writes:
        now = _bytes_of(write.path, write.name)
        if now == write.after:
            continue
        if now != write.before:
            raise PatchError(
                "file-changed",
                f"`{write.name}` was changed after the patch: undoing it would lose that change",
                f"compare it with the original, which is kept in `{journal}`",
            )
        pending.append(write)
    _replace_all(pending)
    _remove_empty(folders)
    journal.unlink(missing_ok=True)
    return AppliedPatch(str(top), tuple(write.name for write in writes), str(journal))


def _prepare(change: FileChange, top: Path) -> _Write:
    """The bytes of a change, once more checked against the file as it is now."""
    changed = PatchError(
        "file-changed", f"`{change.path}` is not as it was when the fix was checked", "run the analysis again"
    )
    try:
        name = _name_inside(change.path, top)
        path = top / name
        if not path.exists():
            if change.before:
                raise changed
            return _Write(path, name, None, change.after.encode("utf-8"))
        source = _Source.read(path)
        if source.text != change.before:
            raise changed
        return _Write(path, name, source.raw, source.encode(change.after))
    except (_RejectedError, UnicodeEncodeError) as reason:
        raise PatchError("patch-rejected", f"`{change.path}` cannot be changed: {reason}") from None
    except OSError as error:
        raise _cannot_write(change.path, error) from None


def _cannot_write(name: str, error: OSError) -> PatchError:
    return PatchError("cannot-write", f"cannot write `{name}`: {error.strerror or error}", "no file was changed")


def _half_written(name: str, error: BaseException, stuck: Sequence[str]) -> PatchError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
    names = ", ".join(f"`{each}`" for each in stuck)
    return PatchError(
        "half-written",
        f"writing stopped at `{name}` ({reason}), and {names} could not be put back",
        "the journal keeps what the files were: make room or give permission, then undo the patch",
    )


def _bytes_of(path: Path, name: str) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise PatchError("cannot-read", f"cannot read `{name}`: {error.strerror or error}") from None


def _replace_all(writes: Sequence[_Write]) -> None:
    """Write every file or none: the new contents are on the disk before the first file is replaced."""
    staged: list[tuple[_Write, Path | None]] = []
    done: list[_Write] = []
    made: list[Path] = []
    current = ""
    try:
        for write in writes:
            current = write.name
            made += _make_folders(write)
            staged.append((write, _stage(write.path, write.after) if write.after is not None else None))
        for write, temporary in staged:
            current = write.name
            if _bytes_of(write.path, write.name) != write.before:
                raise PatchError("file-changed", f"`{write.name}` was changed while the patch was being written")
            _put(write.path, temporary)
            done.append(write)
    except BaseException as error:
        stuck = _take_back(done, staged, made)
        if stuck:
            raise _half_written(current, error, stuck) from None
        if isinstance(error, OSError):
            raise _cannot_write(current, error) from None
        raise


def _make_folders(write: _Write) -> list[Path]:
    missing = _missing_folders(write.path)
    write.path.parent.mkdir(parents=True, exist_ok=True)
    return missing


def _missing_folders(path: Path) -> list[Path]:
    """The folders that ``path`` needs and that are not there yet, innermost first."""
    return [folder for folder in path.parents if not folder.exists()]


def _stage(path: Path, content: bytes) -> Path:
    """The content in a file beside ``path``, safely on the disk, with the mode of the file it will replace."""
    import tempfile

    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".snapfix", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # A file that is not there yet gets what ``open`` would give it under the usual umask.
        temporary.chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o644)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _put(path: Path, temporary: Path | None) -> None:
    if temporary is None:
        path.unlink()
    else:
        temporary.replace(path)


def _take_back(done: Sequence[_Write], staged: Sequence[tuple[_Write, Path | None]], made: Sequence[Path]) -> list[str]:
    """Put everything back as it was; the names of the files for which that failed."""
    from contextlib import suppress

    stuck: list[str] = []
    for write in reversed(done):
        try:
            _put(write.path, _stage(write.path, write.before) if write.before is not None else None)
        except OSError:
            stuck.append(write.name)
    for _, temporary in staged:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    _remove_empty(made)
    return stuck


def _remove_empty(folders: Sequence[Path]) -> None:
    from contextlib import suppress

    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _write_journal(journal: Path, top: Path, writes: Sequence[_Write]) -> None:
    import json

    document = {
        "version": _JOURNAL_VERSION,
        "root": str(top),
        "files": [{"path": w.name, "before": _text_of(w.before), "after": _text_of(w.after)} for w in writes],
        "folders": list(dict.fromkeys(str(f.relative_to(top)) for w in writes for f in _missing_folders(w.path))),
    }
    if journal.exists():
        raise PatchError(
            "journal-exists", f"the journal `{journal}` exists already", "undo that patch first, or remove the file"
        )
    try:
        journal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_private(journal, json.dumps(document).encode("ascii"))
    except OSError as error:
        raise PatchError(
            "cannot-write",
            f"cannot write the journal `{journal}`: {error.strerror or error}",
            "nothing was changed, because it could not have been undone",
        ) from None


def _write_private(path: Path, content: bytes) -> None:
    """Make a file that only the user may read, safely on the disk; what could not be written whole is removed."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _text_of(content: bytes | None) -> str | None:
    from base64 import b64encode

    return None if content is None else b64encode(content).decode("ascii")


def _read_journal(journal: Path) -> tuple[Path, tuple[_Write, ...], tuple[Path, ...]]:
    """The project's folder, the writes that lead back (``before`` is what the patch left), the folders it made."""
    import json
    from base64 import b64decode

    try:
        document = json.loads(journal.read_bytes())
        if document["version"] != _JOURNAL_VERSION:
            raise ValueError("written by another version")
        top = Path(document["root"])
        writes = tuple(
            _Write(
                top / _name_inside(entry["path"], top),
                entry["path"],
                None if entry["after"] is None else b64decode(entry["after"], validate=True),
                None if entry["before"] is None else b64decode(entry["before"], validate=True),
            )
            for entry in document["files"]
        )
        folders = tuple(top / _name_inside(name, top) for name in document["folders"])
    except FileNotFoundError:
        raise PatchError("no-journal", f"there is no journal `{journal}`: nothing to undo") from None
    except OSError as error:
        raise PatchError("bad-journal", f"cannot read the journal `{journal}`: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, _RejectedError) as reason:
        raise PatchError("bad-journal", f"the journal `{journal}` is damaged: {reason}") from None
    return top, writes, folders
