"""Real output of real interpreters, against what each program's own header says.

A header holds ``#= {...}`` for each traceback (``following``, ``missing``) and below it ``#- {...}`` for each of its
exceptions, in the order in which they are printed. ``function``, ``line``, ``file``, ``code`` and ``pointed`` (the text
that the carets point at) are those of the innermost frame.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snapfix import intake, parsing
from snapfix.crash import ParsedException, Traceback, format_traceback

HERE = Path(__file__).parent
PROGRAMS = {path.stem: path for path in (HERE / "programs").glob("*.py")}
RECORDED = sorted((HERE / "recorded").glob("*.txt"))


def expected(program: Path) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    tracebacks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    for line in program.read_text("utf-8").splitlines():
        if line.startswith("#= "):
            tracebacks.append((json.loads(line[3:]), []))
        elif line.startswith("#- "):
            tracebacks[-1][1].append(json.loads(line[3:]))
    return tracebacks


def program_of(recording: Path) -> Path:
    return PROGRAMS[recording.name.partition("-3.")[0]]


def scan(path: Path) -> list[Traceback]:
    with path.open("rb") as stream:
        return list(parsing.scan(intake.read(stream, path.name).blocks, path.name))


def facts(exception: ParsedException, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the program's header states, as it was read."""
    inner = exception.frames[-1] if exception.frames else None
    found: dict[str, Any] = {
        "type": exception.type_name,
        "relation": exception.relation,
        "notes": list(exception.notes),
        "frames": len(exception.frames),
        "message": exception.message,
        "message_start": exception.message[: len(wanted.get("message_start", ""))],
        "repeats": any(frame.repeats > 900 for frame in exception.frames),
    }
    if inner is not None:
        first = inner.code.split("\n")[0]
        pointed = first[slice(*inner.columns)] if inner.columns else None
        found |= {"function": inner.name, "line": inner.lineno, "file": inner.filename, "code": inner.code}
        found |= {"pointed": pointed, "pointed_any": bool(inner.columns)}
        found["pointed_in"] = pointed if wanted.get("pointed_in") == pointed else f"{pointed} in {first}"
    return found


def test_every_program_is_recorded_with_several_interpreters():
    assert len(PROGRAMS) >= 25
    recorded = {program_of(path) for path in RECORDED}
    assert recorded == set(PROGRAMS.values())
    assert len(RECORDED) >= 3 * len(PROGRAMS)


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_reads_what_the_interpreter_printed(recording: Path):
    wanted = expected(program_of(recording))
    found = scan(recording)
    assert [len(traceback.exceptions()) for traceback in found] == [len(exceptions) for _, exceptions in wanted]
    for traceback, (whole, exceptions) in zip(found, wanted, strict=True):
        assert list(traceback.following) == whole.get("following", [])
        assert list(traceback.missing) == whole.get("missing", [])
        for exception, stated in zip(traceback.exceptions(), exceptions, strict=True):
            stated = {"relation": None, "notes": []} | stated
            read = facts(exception, stated)
            assert {name: read.get(name) for name in stated} == stated


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_names_the_lines_that_the_traceback_stands_in(recording: Path):
    text = recording.read_text("utf-8")
    lines = text.split("\n")
    for traceback in scan(recording):
        span = "\n".join(lines[traceback.first_line - 1 : traceback.last_line]) + "\n"
        (alone,) = parsing.scan([span], traceback.origin)
        assert alone.exception == traceback.exception
        assert (alone.first_line, alone.last_line) == (1, span.count("\n"))


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_printing_what_was_read_can_be_read_again(recording: Path):
    for traceback in scan(recording):
        (again,) = parsing.scan([format_traceback(traceback) + "\n"])
        assert [printed(e) for e in again.exceptions()] == [printed(e) for e in traceback.exceptions()]


def printed(exception: ParsedException) -> tuple[Any, ...]:
    """What printing keeps: no carets, nor, where nothing tells, the line between a message and its notes."""
    frames = [(f.filename, f.lineno, f.name, f.code, f.repeats) for f in exception.frames]
    text = "\n".join([exception.message, *exception.notes])
    return exception.type_name, text, exception.relation, frames
