"""Where a run begins: find the command, run it behind the error handler, leave promptly."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from snapfix.cli.error_handler import guarded
from snapfix.cli.terminals import is_terminal, make_writable
from snapfix.errors import UsageError

COMMANDS = ("analyze", "config", "models", "parse", "watch")
_ALIASES = {"analyse": "analyze", "help": "--help"}
_GLOBAL_OPTIONS = ("-h", "--help", "-V", "--version")


def run(arguments: Sequence[str]) -> int:
    """Run the command line with these arguments and return the exit status."""
    if sys.stderr is None:  # closed by the shell (`2>&-`)
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the whole life of the process
    make_writable()
    status = guarded(lambda: _dispatch(list(arguments)))
    if "snapfix.llm.litellm_transport" in sys.modules:
        _leave_at_once(status)
    return status


def _leave_at_once(status: int) -> None:
    """End the process here; everything of ours is written and closed by now.

    An interpreter that shuts down waits for LiteLLM's own threads, one of which may read from a dead connection for
    ever, and collects for half a second what LiteLLM made.
    """
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def _dispatch(arguments: list[str]) -> int | None:
    if sys.stdout is None:
        raise UsageError("no-output", "standard output is closed", "let it lead to a file or a terminal")
    command, *rest = route(arguments, stdin_is_terminal=is_terminal(sys.stdin))
    if command == "analyze" and all(map(_is_input, rest)):
        # A pipe, or nothing but files: there is nothing to parse, and Typer with what it loads costs 80 ms.
        from snapfix.cli import analyze

        return analyze.run(analyze.Request(inputs=tuple(rest) or ("-",)))
    from snapfix.cli.app import app

    try:
        status: int | None = app([command, *rest], prog_name="snapfix", standalone_mode=False)
    except SystemExit as end:
        # Click turns a closed pipe into status 1, in this mode too; for us it is no error (see `guarded`).
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        raise
    return status


def _is_input(word: str) -> bool:
    return word == "-" or not word.startswith("-")


def route(arguments: list[str], *, stdin_is_terminal: bool) -> list[str]:
    """Put ``analyze`` before what is not a command of its own.

    Nothing at all is ``analyze`` of standard input, or help where that is a terminal: never a silent wait.
    """
    if not arguments:
        return ["--help"] if stdin_is_terminal else ["analyze"]
    first = _ALIASES.get(arguments[0], arguments[0])
    arguments = [first, *arguments[1:]]
    if first in COMMANDS or first in _GLOBAL_OPTIONS:
        return arguments
    return ["analyze", *arguments]
