"""Projects on the disk, programs that crash in them, and tracebacks that come from elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

from snapfix.crash import CrashContext, Frame, ParsedException, PlacedFrame, Traceback
from snapfix.parsing import scan
from snapfix.source import collect, with_pieces


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files under ``root``; texts are dedented."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).lstrip("\n").encode())
    return root


def crash(root: Path, *command: str, python: str = sys.executable, cwd: Path | None = None) -> Traceback:
    """Run a program that crashes, and read its traceback."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    process = subprocess.run(
        [python, *command],
        cwd=cwd or root,
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=30,
    )
    assert process.returncode == 1, process
    return list(scan([process.stdout + process.stderr]))[-1]


def crashed(root: Path, *command: str, cwd: Path | None = None, **options: Any) -> CrashContext:
    """Run a program that crashes, and collect its context."""
    return collect(crash(root, *command, cwd=cwd), working_directory=str(cwd or root), **options)


def exception(*frames: Frame, type_name: str = "KeyError", message: str = "'x'", **options: Any) -> ParsedException:
    """An exception by hand."""
    return ParsedException(type_name, message, frames=frames, **options)


def traceback(*frames: Frame, **options: Any) -> Traceback:
    """A traceback by hand, of one exception with these frames."""
    return Traceback("python", "cpython", 1, 9, exception(*frames, **options))


def of(root: ParsedException, following: tuple[str, ...] = ()) -> Traceback:
    """A traceback by hand, of a tree of exceptions."""
    return Traceback("python", "cpython", 1, 9, root, following=following)


def placed(root: Path, filename: str, lineno: int = 1, code: str = "", name: str = "<module>") -> PlacedFrame:
    """Where one frame is found in the project ``root``."""
    return collected(root, Frame(filename, lineno, name, code)).crash.frames[0]


def collected(root: Path, *frames: Frame, **options: Any) -> CrashContext:
    """The context of a crash with these frames, in the project ``root``."""
    return collect(traceback(*frames), working_directory=str(root), project_root=str(root), **options)


def with_code(context: CrashContext) -> CrashContext:
    """The same context with its pieces, for which there is time without end."""
    return with_pieces(context, clock=lambda: 0.0)


def reasons(context: CrashContext) -> dict[str, str]:
    """What was left out, and why."""
    return {left.what: left.reason for left in context.left_out}
