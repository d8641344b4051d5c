"""How errors, warnings and progress read, on standard error: the same in every format."""

from __future__ import annotations

from typing import TextIO

from snapfix.errors import SnapfixError
from snapfix.events import AttemptFailed, AttemptSkipped, AttemptStarted, ChainExhausted, Event, OthersFound, Warned
from snapfix.failures import FailureKind
from snapfix.render.base import clean, one_line
from snapfix.render.document import outcome, report, worth_reporting


def error_lines(error: SnapfixError) -> list[str]:
    """``error[code]: sentence`` and its hint."""
    lines = [f"error[{error.code}]: {clean(error.message)}"]
    return [*lines, f"hint: {clean(error.hint)}"] if error.hint else lines


def warning_lines(warning: Warned) -> list[str]:
    """``note[code]: sentence`` and its hint."""
    lines = [f"note[{warning.code}]: {clean(warning.message)}"]
    return [*lines, f"hint: {clean(warning.hint)}"] if warning.hint else lines


_GROUPS_LISTED = 10


def others_lines(found: OthersFound) -> list[str]:
    """The tracebacks that are not analysed: how many, of which kinds, where."""
    listed = found.groups[-_GROUPS_LISTED:]
    lines = [
        f"{found.total} tracebacks in {one_line(found.origin)}; the last one is analysed, `--all` analyses each kind"
    ]
    if len(listed) < len(found.groups):
        lines.append(f"  … and {len(found.groups) - len(listed)} earlier kinds")
    for group in listed:
        times = f" (the latest of {group.count})" if group.count > 1 else ""
        summary = f"{group.type_name}: {group.message}" if group.message else group.type_name
        lines.append(f"  lines {group.first_line}-{group.last_line}{times}: {one_line(summary, 100)}")
    return lines


def progress_lines(event: Event, *, verbose: bool) -> list[str]:
    """What an event of the chain is worth on standard error; [] for most."""
    match event:
        case Warned():
            return warning_lines(event)
        case OthersFound():
            return others_lines(event)
        case AttemptStarted(link=link, tokens=tokens):
            return [f"asking {one_line(link.model)} ({link.place}), about {tokens} tokens"]
        case AttemptFailed(streamed=streamed, failure=failure):
            lines = [outcome(event) + ("; its partial answer is dropped" if streamed else "")]
            # What the user must mend is said even where another link answers.
            return [*lines, f"  hint: {clean(failure.hint)}"] if failure.policy.stops_cloud and failure.hint else lines
        case AttemptSkipped(link=link, failure=failure):
            if verbose or link.chosen or failure.kind is FailureKind.NO_KEY:
                return [outcome(event)]
        case ChainExhausted(outcomes=outcomes) if worth_reporting(outcomes):
            return report(outcomes)
    return []


def write_lines(stream: TextIO, lines: list[str]) -> None:
    """Write lines and flush: progress is of no use later."""
    if lines:
        stream.write("\n".join(lines) + "\n")
        stream.flush()
