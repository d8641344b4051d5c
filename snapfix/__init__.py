"""Snapfix turns a traceback into its root cause and a fix.

The public API is small and loads nothing until it is used::

    import snapfix

    diagnosis = snapfix.diagnose(text_of_the_traceback, offline=True)
    print(diagnosis.root_cause)
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is not imported: under `python -m` the working directory still comes first here
if TYPE_CHECKING:
    from snapfix.api import diagnose
    from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Fix
    from snapfix.errors import SnapfixError


__version__ = "0.1.0"
__all__ = ["Applicability", "Confidence", "Diagnosis", "Edit", "Fix", "SnapfixError", "__version__", "diagnose"]

_HOMES = {
    "Applicability": "snapfix.diagnosis",
    "Confidence": "snapfix.diagnosis",
    "Diagnosis": "snapfix.diagnosis",
    "Edit": "snapfix.diagnosis",
    "Fix": "snapfix.diagnosis",
    "SnapfixError": "snapfix.errors",
    "diagnose": "snapfix.api",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for, so that ``import snapfix`` stays instant."""
    if name not in _HOMES:
        raise AttributeError(f"module 'snapfix' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
