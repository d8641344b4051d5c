"""Every recorded case of every layout, read as its recorder says it has to be."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from snapfix import intake, parsing
from snapfix.crash import Traceback
from tests.parsing.recorders import FAMILIES, cases
from tests.parsing.recorders.base import RECORDED, Case, Crash, Exc, own_frame

ALL = [(family, case) for family in FAMILIES for case in cases(family)]


def scan(path: Path) -> list[Traceback]:
    with path.open("rb") as stream:
        return list(parsing.scan(intake.read(stream, path.name).blocks, path.name, strict=True))


@pytest.mark.parametrize(("family", "case"), ALL, ids=[f"{family}/{case.name}" for family, case in ALL])
def test_reads_what_was_recorded(family: str, case: Case):
    found = scan(RECORDED / family / f"{case.name}.txt")
    assert [stated(traceback, crash) for traceback, crash in zip(found, case.crashes, strict=False)] == [
        asdict(crash) for crash in case.crashes
    ][: len(found)]
    assert len(found) == len(case.crashes)


def stated(found: Traceback, crash: Crash) -> dict[str, object]:
    """What was read, as far as the case states it."""
    read = found.exceptions()
    wanted = [*crash.exceptions, *[Exc("")] * (len(read) - len(crash.exceptions))]
    return asdict(
        Crash(
            exceptions=tuple(
                Exc(
                    type=exception.type_name,
                    message=exception.message if exc.message is not None else None,
                    relation=exception.relation,
                    frames=len(exception.frames) if exc.frames is not None else None,
                    notes=exception.notes,
                    message_start=None if exc.message_start is None else exception.message[: len(exc.message_start)],
                )
                for exception, exc in zip(read, wanted, strict=True)
            ),
            own=own_frame(found, crash),
            language=found.language,
            format=found.format,
            missing=tuple(
                next((part for part in crash.missing if part in missing), missing) for missing in found.missing
            ),
        )
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_every_recording_belongs_to_a_case(family: str):
    assert {path.stem for path in (RECORDED / family).glob("*.txt")} == {case.name for case in cases(family)}
