"""Crash a program for real, analyse it, and run it again with the fix applied.

crashed = crash(tmp_path, {"app.py": "print(totl)"})
assert crashed.rule == "name.typo"
assert crashed.apply_and_rerun().returncode == 0
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from snapfix import patching
from snapfix.crash import CrashContext
from snapfix.diagnosis import Diagnosis, Fix
from snapfix.parsing import scan
from snapfix.rules import analyse
from snapfix.source import collect


@dataclass(frozen=True)
class Crashed:
    """A program that crashed, and what the offline analyser said of it.

    ``working_directory`` is relative to ``root``; ``run`` is what follows the interpreter on the command line.
    """

    root: Path
    run: tuple[str, ...]
    working_directory: str
    python: str
    stdin: str
    environment: Mapping[str, str] = field(repr=False)
    process: subprocess.CompletedProcess[str]
    context: CrashContext
    diagnosis: Diagnosis

    @property
    def rule(self) -> str:
        """The id of the rule that answered."""
        assert self.diagnosis.answered_by is not None
        return self.diagnosis.answered_by.model

    @property
    def fix(self) -> Fix:
        """The fix; the test fails where there is none."""
        assert self.diagnosis.fix is not None, self.diagnosis
        return self.diagnosis.fix

    @property
    def where(self) -> tuple[str, int | None]:
        """The file and line in which the fault was found."""
        assert self.diagnosis.location is not None, self.diagnosis
        return self.diagnosis.location.file, self.diagnosis.location.line

    def apply_and_rerun(self) -> subprocess.CompletedProcess[str]:
        """Run the program again on a copy of the project with the fix's edits applied."""
        copy = self._copy()
        plan = patching.plan(self.fix, copy)
        assert plan.applies, (self.fix, plan.rejected)
        patching.apply(plan, journal=copy.with_name("journal.json"))
        return _run(copy, self.run, self.working_directory, self.python, self.stdin, self.environment)

    def rerun_by_command(self, number: int = 0) -> subprocess.CompletedProcess[str]:
        """Run one of the fix's commands, as a user would, in the working directory of a copy of the project."""
        copy = self._copy()
        return subprocess.run(
            self.fix.commands[number],
            shell=True,
            cwd=copy / self.working_directory,
            env=_variables(self.environment),
            capture_output=True,
            encoding="utf-8",
            timeout=30,
        )

    def _copy(self) -> Path:
        copy = self.root.with_name(self.root.name + "-fixed")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.root, copy, symlinks=True)
        return copy

    def fixed_text(self, name: str) -> str:
        """The text of a file with the fix's edits applied."""
        text = (self.root / name).read_bytes().decode()
        for edit in self.fix.edits:
            if edit.path == name:
                assert text.count(edit.find) == 1
                text = text.replace(edit.find, edit.replace)
        return text


def crash(
    tmp_path: Path,
    files: Mapping[str, str | bytes],
    run: Sequence[str] = ("app.py",),
    *,
    working_directory: str = ".",
    python: str = sys.executable,
    stdin: str = "",
    environment: Mapping[str, str] | None = None,
    exit_status: int = 1,
    text: str | None = None,
) -> Crashed:
    """Write the files under ``tmp_path/project`` (texts are dedented), run the program, and analyse its crash.

    ``text`` replaces what the program printed, for variations of a real traceback.
    """
    root = tmp_path / "project"
    root.mkdir(exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).lstrip("\n").encode())
    variables = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8", **(environment or {})}
    process = _run(root, run, working_directory, python, stdin, variables)
    assert process.returncode == exit_status, (
        f"expected a crash: {process.returncode}\n{process.stdout}{process.stderr}"
    )
    context = read(process.stderr if text is None else text, root, working_directory, python)
    diagnosis = analyse(context, strict=True)
    return Crashed(root, tuple(run), working_directory, python, stdin, variables, process, context, diagnosis)


def find_python(version: str) -> str | None:
    """An interpreter of that version (``3.13``) that can be run here, pyenv's included; None where there is none."""
    found = shutil.which(f"python{version}")
    if found is None:
        return None
    candidates = [Path(found), *sorted(Path(found).parents[1].glob(f"versions/{version}*/bin/python"))]
    for candidate in candidates:
        if subprocess.run([candidate, "-c", "pass"], capture_output=True).returncode == 0:
            return str(candidate)
    return None


def read(text: str, root: Path, working_directory: str = ".", python: str = sys.executable) -> CrashContext:
    """The context of the last traceback in ``text``."""
    tracebacks = list(scan([text]))
    assert tracebacks, f"no traceback in the output:\n{text}"
    return collect(
        tracebacks[-1],
        project_root=str(root),
        working_directory=str((root / working_directory).resolve()),
        interpreter_site_packages=tuple(site.getsitepackages()) if python == sys.executable else (),
    )


def _run(
    root: Path,
    run: Sequence[str],
    working_directory: str,
    python: str,
    stdin: str,
    environment: Mapping[str, str],
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, *run],
        cwd=root / working_directory,
        env=_variables(environment),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=30,
    )


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**inherited, **environment}
