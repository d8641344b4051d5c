"""Guards, and the command as a user runs it.

Every test runs with no traffic beyond loopback, a home and state folder of its own, and no API keys; the guards
themselves are tested in ``test_guards.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUARD = Path(__file__).parent / "guard"

_spec = spec_from_file_location("loopback_guard", GUARD / "sitecustomize.py")
assert _spec is not None
assert _spec.loader is not None
loopback_guard = module_from_spec(_spec)
_spec.loader.exec_module(loopback_guard)  # puts up the same guard in this process

_KEY_WORDS = (
    "API_KEY",
    "API_BASE",
    "BASE_URL",
    "TOKEN",
    "SECRET",
    "OLLAMA",
    "LITELLM",
    "SNAPFIX",
    "OPENAI",
    "ANTHROPIC",
)
_DISPLAY = ("NO_COLOR", "FORCE_COLOR", "PYTHON_COLORS", "COLUMNS", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


def pytest_configure(config: pytest.Config) -> None:
    """Take away keys before anything is imported or collected."""
    for name in clean_environment_removals(os.environ):
        del os.environ[name]


def clean_environment_removals(environ: Mapping[str, str]) -> list[str]:
    """The variables that must not reach a test: keys, addresses and whatever changes the display."""
    return [name for name in environ if name in _DISPLAY or any(word in name.upper() for word in _KEY_WORDS)]


@pytest.fixture(scope="session")
def escapes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file in which every attempt to leave the machine is written; the run fails if there is one."""
    log = tmp_path_factory.mktemp("guard") / "escapes.txt"
    log.touch()
    yield log
    assert log.read_text() == "", "a process tried to leave the machine"


@pytest.fixture
def home(tmp_path: Path, escapes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own, with the environment that points there."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name, value in home_environment(folder, escapes).items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """Every test has a home of its own, whether it asks for it or not."""


def home_environment(folder: Path, escapes: Path) -> dict[str, str]:
    """The variables that make ``folder`` the home, with nothing of the real one."""
    return {
        "HOME": str(folder),
        "USERPROFILE": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "LOCALAPPDATA": str(folder / "local"),
        "PYTHONPATH": os.pathsep.join([str(GUARD), str(ROOT)]),
        "PYTHONIOENCODING": "utf-8",
        "LOOPBACK_GUARD_LOG": str(escapes),
        # Nothing answers here: a real Ollama on the developer's machine must not be asked.
        "OLLAMA_HOST": "http://127.0.0.1:9",
        "TERM": "xterm-256color",
    }


@dataclass
class Snapfix:
    """The ``snapfix`` command, run as a user runs it: a process of its own."""

    cwd: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def argv(self) -> list[str]:
        """The words that start the command."""
        return [sys.executable, "-m", "snapfix"]

    def __call__(
        self,
        *arguments: str | Path,
        stdin: str | bytes | None = "",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end; output is decoded as UTF-8, undecodable bytes replaced."""
        done = subprocess.run(
            [*self.argv, *map(str, arguments)],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            cwd=cwd or self.cwd,
            env={**os.environ, **self.environ, **(env or {})},
            timeout=timeout,
        )
        out, err = (stream.decode("utf-8", "replace").replace("\r\n", "\n") for stream in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty folder to crash in."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def snapfix(project: Path) -> Snapfix:
    """The command, started in ``project``."""
    return Snapfix(project)


def crash(folder: Path, files: Mapping[str, str], command: Sequence[str] = ("app.py",)) -> str:
    """Write the files, run the program for real, and return what it printed (both streams, as ``2>&1`` gives)."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": "", "PYTHONUNBUFFERED": ""},  # as in a user's shell
        timeout=60,
    )
    assert done.returncode != 0, "the program was meant to crash"
    return done.stdout.decode("utf-8", "replace")
