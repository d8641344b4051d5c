"""The one place where an exception becomes a message and an exit status."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

from snapfix import __version__
from snapfix.errors import EXIT_ERROR, EXIT_FAULT, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, SnapfixError
from snapfix.render.base import one_line
from snapfix.render.messages import error_lines, write_lines


def guarded(call: Callable[[], int | None]) -> int:
    """Run a command and return the exit status; every exception ends here.

    A closed pipe and an interruption are silent; a fault of Snapfix itself is named in three
    lines, and in full when ``SNAPFIX_DEBUG`` is set.
    """
    try:
        status = call() or EXIT_OK
        sys.stdout.flush()
    except SnapfixError as error:
        write_lines(sys.stderr, error_lines(error))
        return error.exit_status
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _mute_stdout()
        return EXIT_OK
    except Exception as problem:  # whatever it is, the user is not shown a traceback of ours
        known = _from_typer(problem)
        return report_fault(problem) if known is None else known
    return status


def _from_typer(problem: Exception) -> int | None:
    """The status for an exception of Typer's, or None; it is one only where Typer was loaded."""
    typer = sys.modules.get("typer")
    if typer is None:
        return None
    if isinstance(problem, typer.Exit):
        return int(problem.exit_code)
    if isinstance(problem, typer.Abort):
        return EXIT_INTERRUPTED
    # Typer brings its own copy of Click from 0.26 on; what it exports leads to the base class of either.
    return _usage(problem) if isinstance(problem, typer.BadParameter.__bases__[0]) else None


def _usage(problem: Exception) -> int:
    if type(problem).__name__ == "NoArgsIsHelpError":  # its message is the whole help
        write_lines(sys.stderr, [str(problem)])
        return EXIT_USAGE
    message = str(getattr(problem, "format_message", lambda: str(problem))())
    where = getattr(getattr(problem, "ctx", None), "command_path", "snapfix") or "snapfix"
    message = message[:1].lower() + message[1:].rstrip(".")
    write_lines(sys.stderr, [f"error[usage]: {one_line(message, 300)}", f"hint: see `{where} --help`"])
    return EXIT_USAGE


def report_fault(fault: Exception) -> int:
    """Say what went wrong in Snapfix itself, or in the system under it; the exit status."""
    if isinstance(fault, OSError) and fault.errno is not None:
        if sys.platform == "win32" and fault.errno == errno.EINVAL:  # how Windows reports a closed pipe
            _mute_stdout()
            return EXIT_OK
        reason = fault.strerror or str(fault)
        place = f" (`{one_line(str(fault.filename))}`)" if fault.filename else ""
        write_lines(sys.stderr, [f"error[system]: {one_line(reason).lower()}{place}"])
        return EXIT_ERROR
    if os.environ.get("SNAPFIX_DEBUG"):
        import traceback

        traceback.print_exception(fault)
    write_lines(
        sys.stderr,
        [
            f"error[internal-fault]: snapfix itself failed: {one_line(f'{type(fault).__name__}: {fault}', 300)}",
            f"  in {_places(fault)}; snapfix {__version__}, Python {sys.version.split()[0]}, {sys.platform}",
            "hint: please report these lines; `SNAPFIX_DEBUG=1` shows more",
        ],
    )
    return EXIT_FAULT


def _places(fault: Exception) -> str:
    places = []
    step = fault.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename.replace("\\", "/")
        if "/snapfix/" in file:
            places.append(f"{file.rpartition('/snapfix/')[2]}:{step.tb_lineno}")
        step = step.tb_next
    return " > ".join(places[-3:]) or "an unknown place"


def _mute_stdout() -> None:
    """Point standard output at nothing, so that the flush at exit cannot fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
