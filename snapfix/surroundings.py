"""Where an analysis happens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the analysis happens.

    Attributes:
        working_directory: absolute; where the program was most likely started.
        project_root: given by the user, or None to find it.
        active_environment: the virtual environment that is active in the user's shell, or None.
        site_packages: the packages of the interpreter that the user's shell runs as ``python``, where known.
    """

    working_directory: str
    project_root: str | None = None
    active_environment: str | None = None
    site_packages: tuple[str, ...] = ()
