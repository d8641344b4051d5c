"""The one place where the world is looked at: environment and folders, for the command line and for the API."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snapfix import paths
from snapfix.errors import InputError, SettingsError, UsageError
from snapfix.surroundings import Surroundings

if TYPE_CHECKING:
    from snapfix.settings import Loaded

_PROJECT_MARKERS = (paths.PROJECT_FILE, ".git", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class World:
    """What a run may know of its surroundings.

    Attributes:
        environ: the environment.
        working_directory: absolute.
        config_file: the user's configuration file; it need not exist.
        state_folder: where Snapfix remembers; it need not exist.
    """

    environ: Mapping[str, str]
    working_directory: Path
    config_file: Path
    state_folder: Path

    @property
    def project_root(self) -> Path | None:
        """The folder, here or above, whose project settings apply; never the home directory."""
        here = self.working_directory
        home = Path(self.environ.get("HOME") or self.environ.get("USERPROFILE") or "/")
        for folder in (here, *here.parents):
            if folder != home and any((folder / marker).exists() for marker in _PROJECT_MARKERS):
                return folder
        return None

    @property
    def template_folders(self) -> paths.TemplateFolders:
        """Where prompt templates are looked for before the shipped ones."""
        root = self.project_root
        project = paths.prompts_folder(root / ".snapfix") if root else None
        return paths.TemplateFolders(paths.prompts_folder(self.config_file.parent), project)


def look() -> World:
    """The world as it is.

    Raises:
        InputError: the working directory has been deleted.
    """
    environ = dict(os.environ)
    config, state = environ.get("SNAPFIX_CONFIG"), environ.get("SNAPFIX_STATE")
    try:
        here = Path.cwd()
    except OSError:
        raise InputError(
            "no-working-directory", "the working directory does not exist any more", "change into another folder"
        ) from None
    return World(
        environ=environ,
        working_directory=here,
        config_file=Path(config) if config else paths.config_folder() / "config.toml",
        state_folder=Path(state) if state else paths.state_folder(),
    )


def site_packages(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The package folders of the shell's ``python``, known only where that is the interpreter that runs Snapfix."""
    for folder in environ.get("PATH", "").split(os.pathsep):
        for name in ("python", "python3", "python.exe"):
            candidate = Path(folder, name)
            if candidate.is_file():
                own = candidate.resolve() == Path(sys.executable).resolve() and candidate.parent == Path(
                    sys.prefix, "bin"
                )
                return tuple(path for path in sys.path if path.endswith("site-packages")) if own else ()
    return ()


def load_settings(here: World, flags: Mapping[str, object] | None = None) -> Loaded:
    """The settings in force.

    Raises:
        SettingsError: they are wrong, or the file that ``SNAPFIX_CONFIG`` names does not exist: a setting that is
            believed to be in force, such as ``offline``, must not be passed over in silence.
    """
    from snapfix.settings import load

    if here.environ.get("SNAPFIX_CONFIG") and not here.config_file.exists():
        raise SettingsError(
            "settings-not-found",
            f"`SNAPFIX_CONFIG` names `{here.config_file}`, which does not exist",
            "correct the variable, or write the file with `snapfix config init`",
        )
    return load(user_file=here.config_file, project_root=here.project_root, environ=here.environ, flags=flags)


def surroundings(here: World, project: str | None) -> Surroundings:
    """Where the analysis happens; ``project`` is the folder that the user named, or None.

    Raises:
        UsageError: it is no folder.
    """
    root = None
    if project is not None:
        folder = here.working_directory / project
        if not folder.is_dir():
            raise UsageError(
                "no-such-project", f"the project `{project}` is not a folder", "name the project's top folder"
            )
        root = str(folder.resolve())
    return Surroundings(
        working_directory=str(here.working_directory),
        project_root=root,
        active_environment=here.environ.get("VIRTUAL_ENV") or here.environ.get("CONDA_PREFIX"),
        site_packages=site_packages(here.environ),
    )
