"""Every error that Snapfix raises on purpose.

::

    SnapfixError                    exit 1   an expected error; the message says what to do
    ├── InputError                  exit 1   the input cannot be read: missing, a directory, binary
    ├── NoTracebackError            exit 1   a named file holds no traceback
    ├── PatchError                  exit 1   a fix cannot be applied to the files as they are
    └── UsageError                  exit 2   the command line is not understood
        └── SettingsError           exit 2   a configuration file, variable or template is wrong

A foreign exception is translated into one of these where it is met; anything else that reaches the
command line is a fault of Snapfix and ends with exit status 3. Failures of a *provider* are not errors
but values (see ``failures.py``): the chain goes on after them.
"""

from __future__ import annotations

from typing import ClassVar

EXIT_OK = 0
EXIT_ERROR = 1
EXIT_USAGE = 2
EXIT_FAULT = 3
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143


class SnapfixError(Exception):
    """An expected error.

    Attributes:
        code: stable, kebab-case, shown as ``error[code]`` and in ``--json``.
        message: one sentence in lower case: what was expected and what was found.
        hint: what to do about it, or None.
        exit_status: what the process ends with.
    """

    exit_status: ClassVar[int] = EXIT_ERROR

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class InputError(SnapfixError):
    """The input cannot be read."""


class NoTracebackError(SnapfixError):
    """A file that the user named holds no traceback."""


class PatchError(SnapfixError):
    """A fix cannot be applied, or undone, because the files are not as it expects them."""


class UsageError(SnapfixError):
    """The command line asks for something that does not exist."""

    exit_status = EXIT_USAGE


class SettingsError(UsageError):
    """A configuration file, an environment variable or a template is wrong; the message names it."""
