"""Where Snapfix keeps its files, in one place: the folders that the operating system sets aside for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_NAME = "snapfix"
PROJECT_FILE = ".snapfix.toml"
"""A project's own settings, in its top folder."""


@dataclass(frozen=True, slots=True)
class TemplateFolders:
    """Where prompt templates may replace the shipped ones: the user's folder, and the project's, if there is one.

    The project's comes with whatever was cloned: its templates are used, but cannot choose a cloud model.
    """

    user: Path
    project: Path | None = None

    @property
    def search_path(self) -> tuple[Path, ...]:
        """The folders, strongest first."""
        return (self.project, self.user) if self.project else (self.user,)


def config_folder() -> Path:
    """The user's configuration folder (``~/.config/snapfix`` on Linux); it need not exist."""
    from platformdirs import user_config_path

    return user_config_path(_NAME, appauthor=False)


def state_folder() -> Path:
    """The folder of what Snapfix remembers (``~/.local/state/snapfix`` on Linux); it need not exist."""
    from platformdirs import user_state_path

    return user_state_path(_NAME, appauthor=False)


def memory_file(folder: Path) -> Path:
    """The one SQLite file of the state folder."""
    return folder / "memory.sqlite3"


def prompts_folder(folder: Path) -> Path:
    """The templates inside a configuration folder, the user's or a project's ``.snapfix``."""
    return folder / "prompts"
