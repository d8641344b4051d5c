"""The public API: one function, an edge of the program like the command line."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path

from snapfix import parsing, paths, settings
from snapfix.diagnosis import Diagnosis
from snapfix.errors import NoTracebackError
from snapfix.events import DiagnosisReady
from snapfix.paths import TemplateFolders
from snapfix.pipeline import Surroundings, run
from snapfix.preparation import prepare


def diagnose(
    text: str, *, model: str | None = None, offline: bool = False, project_root: str | None = None
) -> Diagnosis:
    """Diagnose the last traceback of a text. The public API.

    Args:
        text: anything with a traceback in it.
        model: an alias or model to ask; None asks only what the user's configuration names.
        offline: ask nobody, whatever the configuration says.
        project_root: the project's folder; None to find it from the working directory.

    Raises:
        NoTracebackError: there is no traceback in the text.
        SettingsError: the configuration is wrong.
        UsageError: the model cannot be understood.
    """
    last = deque(parsing.scan([text], "text"), maxlen=1)
    if not last:
        raise NoTracebackError("no-traceback-found", "no traceback in the text")
    environ = dict(os.environ)
    here = Path.cwd()
    loaded = settings.load(
        user_file=paths.config_folder() / "config.toml",
        project_root=Path(project_root) if project_root else here,
        environ=environ,
        flags={"model": model, "offline": True if offline else None},
    )
    asking, _ = prepare(
        loaded,
        environ=environ,
        state_folder=paths.state_folder(),
        folders=TemplateFolders(paths.prompts_folder(paths.config_folder())),
    )
    surroundings = Surroundings(str(here), project_root, environ.get("VIRTUAL_ENV"))
    ready = [event for event in run(last[0], surroundings, asking) if isinstance(event, DiagnosisReady)]
    return ready[-1].diagnosis
