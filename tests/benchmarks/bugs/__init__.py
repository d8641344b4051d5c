"""Real-life bugs in projects written for it: healthy programs, and the edits that break them.

Each folder here holds ``project/``, a program whose tests pass, and ``bugs.toml``. A bug is a set of edits of the
healthy text, the run that then fails, and where the fix is, seen from the traceback.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

HERE = Path(__file__).parent
NAMES = tuple(sorted(path.parent.name for path in HERE.glob("*/bugs.toml")))
DISTANCES = ("raising line", "same function", "caller", "callee", "deeper", "elsewhere")
"""Where a fix can be: in the traceback, called directly on the failing line, two to eight calls deeper, or neither."""
OUTCOMES = ("crash", "assertion")

Line = tuple[str, int]
"""A file, relative to the project, and the number of a line in it, 1-based."""


@dataclass(frozen=True)
class Edit:
    """A text of the healthy file, and what stands in its place while the bug is in."""

    file: str
    fixed: str
    broken: str


@dataclass(frozen=True)
class Bug:
    """One bug.

    Attributes:
        project: the folder it belongs to.
        id: unique in its project.
        story: what is wrong, in a sentence.
        run: arguments to Python that fail while the bug is in.
        outcome: ``crash``, or ``assertion`` where a test's own assertion fails.
        distance: one of ``DISTANCES``.
        edits: what breaks the healthy project.
    """

    project: str
    id: str
    story: str
    run: tuple[str, ...]
    outcome: str
    distance: str
    edits: tuple[Edit, ...]

    @property
    def name(self) -> str:
        """Its project and its id."""
        return f"{self.project}/{self.id}"


def load(project: str) -> tuple[Bug, ...]:
    """The bugs of one project."""
    written = tomllib.loads((HERE / project / "bugs.toml").read_text("utf-8"))["bug"]
    return tuple(_bug(project, values) for values in written)


def _bug(project: str, values: Mapping[str, object]) -> Bug:
    edits = tuple(Edit(**edit) for edit in values["edit"])  # type: ignore[attr-defined]
    rest = {name: values[name] for name in ("id", "story", "outcome", "distance")}
    bug = Bug(project, run=tuple(values["run"]), edits=edits, **rest)  # type: ignore[arg-type]
    assert bug.outcome in OUTCOMES, bug
    assert bug.distance in DISTANCES, bug
    assert bug.edits, bug
    return bug


def copy_healthy(project: str, folder: Path) -> Path:
    """Copy the healthy project to ``folder``; returns its root."""
    root = folder / project
    shutil.copytree(HERE / project / "project", root, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    return root


def put_in(bug: Bug, root: Path) -> frozenset[Line]:
    """Put a bug into the healthy project at ``root``; returns the lines that its fix changes.

    Where the fix only adds lines, the line that they follow counts: it is what a patch holds on to.
    """
    healthy = {edit.file: (root / edit.file).read_text("utf-8") for edit in bug.edits}
    broken = dict(healthy)
    for edit in bug.edits:
        assert broken[edit.file].count(edit.fixed) == 1, f"{bug.name}: `fixed` is not once in {edit.file}"
        broken[edit.file] = broken[edit.file].replace(edit.fixed, edit.broken)
    for name, text in broken.items():
        (root / name).write_text(text, "utf-8")
    return frozenset((name, line) for name in healthy for line in _changed(broken[name], healthy[name]))


def take_out(bug: Bug, root: Path) -> None:
    """Put the healthy text back."""
    for edit in bug.edits:
        shutil.copyfile(HERE / bug.project / "project" / edit.file, root / edit.file)


def _changed(broken: str, fixed: str) -> Iterator[int]:
    """The numbers of the lines of ``broken`` that the fix changes."""
    before, after = broken.split("\n"), fixed.split("\n")
    for kind, first, end, _, _ in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "insert":
            yield next((number for number in range(first, 0, -1) if before[number - 1].strip()), 1)
        elif kind != "equal":
            lines = [number for number in range(first + 1, end + 1) if before[number - 1].strip()]
            yield from lines or [max(first, 1)]


def run(bug: Bug, root: Path) -> subprocess.CompletedProcess[str]:
    """Run the project the way the bug says."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "SNAPFIX"))}
    extra = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    return subprocess.run(
        [sys.executable, *bug.run],
        cwd=root,
        env={**usual, **extra},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=60,
        check=False,
    )
