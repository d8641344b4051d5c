"""The public API: one function, an edge of the program like the command line."""

from __future__ import annotations

import warnings
from collections import deque
from dataclasses import replace

from snapfix import parsing, world
from snapfix.diagnosis import Diagnosis
from snapfix.errors import NoTracebackError
from snapfix.events import DiagnosisReady
from snapfix.pipeline import run
from snapfix.preparation import prepare


def diagnose(
    text: str, *, model: str | None = None, offline: bool = False, project_root: str | None = None
) -> Diagnosis:
    """Diagnose the last traceback of a text, by the same settings as the command line.

    Where a model is asked, LiteLLM is imported into this process, which changes its environment (``LITELLM_...`` and
    ``NO_PROXY``). What the command line would say on standard error comes as Python warnings.

    Args:
        text: anything with a traceback in it.
        model: an alias or model to ask; None asks only what the user's configuration names.
        offline: ask nobody, whatever the configuration says.
        project_root: the project's folder; None to find it from the working directory.

    Raises:
        NoTracebackError: there is no traceback in the text.
        SettingsError: the configuration is wrong.
        UsageError: the model cannot be understood, or the project's folder does not exist.
    """
    last = deque(parsing.scan([text], "text"), maxlen=1)
    if not last:
        raise NoTracebackError("no-traceback-found", "no traceback in the text")
    here = world.look()
    loaded = world.load_settings(here, {"model": model, "offline": True if offline else None})
    asking, more = prepare(loaded, environ=here.environ, state_folder=here.state_folder, folders=here.template_folders)
    for warning in (*loaded.warnings, *more):
        warnings.warn(warning.message, stacklevel=2)
    if asking is not None:
        asking = replace(asking, notices=False)
    try:
        events = run(last[0], world.surroundings(here, project_root), asking)
        return [event for event in events if isinstance(event, DiagnosisReady)][-1].diagnosis
    finally:
        if asking is not None:
            asking.memory.close()
