"""How errors, warnings and progress read, on standard error: the same in every format."""

from __future__ import annotations

from typing import TextIO

from snapfix.errors import SnapfixError
from snapfix.events import (
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    ChainExhausted,
    Event,
    Group,
    OthersFound,
    Span,
    Warned,
)
from snapfix.failures import FailureKind
from snapfix.render.base import clean, one_line
from snapfix.render.document import exception_line, outcome, place_line, report, worth_reporting


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
    lines = [f"{found.total} tracebacks in {one_line(found.origin)}{_analysed(found)}"]
    if len(listed) < len(found.groups):
        lines.append(f"  … and {len(found.groups) - len(listed)} earlier kinds; `--list` shows all")
    return lines + [_group_line(group) for group in listed]


def _analysed(found: OthersFound) -> str:
    if found.kinds == 1:
        return ", all of one kind; the last one is analysed"
    which = f"the last one (number {found.analysed})" if found.latest == found.analysed else f"number {found.analysed}"
    return f", of {found.kinds} kinds; {which} is analysed, `--pick N` analyses another, `--all` each kind"


def _group_line(group: Group) -> str:
    times = f" (the latest of {group.count})" if group.count > 1 else ""
    place = f", at {place_line(group.place)}" if group.place else ""
    since = f"; first in {span_words(group.first)}" if group.first != group.last else ""
    return f"  {group.number}. {span_words(group.last)}{times}: {exception_line(group)}{place}{since}"


def span_words(span: Span) -> str:
    """``lines 3-9``, or ``line 3``."""
    if span.first_line == span.last_line:
        return f"line {span.first_line}"
    return f"lines {span.first_line}-{span.last_line}"


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
