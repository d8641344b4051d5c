from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from snapfix.llm.attempts import (
    ANSWERED,
    FAILED,
    INTERRUPTED,
    SKIPPED,
    AttemptRecord,
    Forgetful,
    Memory,
    SqliteMemory,
    open_memory,
)
from snapfix.llm.breaker import PAUSE

RECORD = AttemptRecord(
    request_id="r1",
    at=1000.0,
    link="anthropic",
    model="anthropic/claude-sonnet-5",
    circuit="anthropic/claude-sonnet-5",
    number=1,
    prompt_version="3",
    crash_type="NameError",
    outcome=FAILED,
    failure="timeout",
    seconds=20.0,
)
ANSWER = replace(RECORD, outcome=ANSWERED, failure=None, tokens_in=812, tokens_out=45, cost=0.002)


def usable(path: Path) -> Memory:
    memory, warnings = open_memory(path)
    assert warnings == ()
    assert isinstance(memory, SqliteMemory)
    return memory


def rows(path: Path) -> list[sqlite3.Row]:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    try:
        return connection.execute("SELECT * FROM attempts ORDER BY id").fetchall()
    finally:
        connection.close()


@pytest.fixture(params=["file", "process"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Memory:
    return usable(tmp_path / "memory.sqlite3") if request.param == "file" else Forgetful()


def test_makes_a_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "state" / "memory.sqlite3"
    usable(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert os.listdir(path.parent) == [path.name]


def test_records_every_field_and_no_text(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    memory = usable(path)
    memory.record(ANSWER)
    memory.mark_applied("r1", True)
    memory.close()
    (row,) = rows(path)
    assert {name: row[name] for name in row.keys() if name != "id"} == {  # noqa: SIM118 - a Row iterates over values
        field.name: getattr(replace(ANSWER, applied=True), field.name) for field in fields(AttemptRecord)
    }


def test_three_failures_open_the_breaker_and_an_answer_closes_it(memory: Memory) -> None:
    for _ in range(3):
        assert memory.breaker(RECORD.circuit, 1000.0).admitted
        memory.record(RECORD)
    refused = memory.breaker(RECORD.circuit, 1010.0)
    assert (refused.admitted, refused.seconds) == (False, 50.0)
    assert memory.breaker("another", 1010.0).admitted
    assert memory.breaker(RECORD.circuit, 1000.0 + PAUSE).admitted
    assert not memory.breaker(RECORD.circuit, 1001.0 + PAUSE).admitted  # one attempt is out
    memory.record(replace(ANSWER, at=1002.0 + PAUSE))
    assert memory.breaker(RECORD.circuit, 1003.0 + PAUSE).admitted


@pytest.mark.parametrize("harmless", ["bad-key", "no-credit", "context-too-long", "bad-answer", "model-gone"])
def test_failures_that_are_not_the_links_fault_do_not_count(memory: Memory, harmless: str) -> None:
    for _ in range(5):
        memory.record(replace(RECORD, failure=harmless))
    assert memory.breaker(RECORD.circuit, 1000.0).admitted


def test_a_skipped_link_does_not_count_and_an_interrupted_attempt_frees_the_way(memory: Memory) -> None:
    for _ in range(3):
        memory.record(RECORD)
    memory.record(replace(RECORD, outcome=SKIPPED, failure="unreachable"))
    assert memory.breaker(RECORD.circuit, 1000.0 + PAUSE).admitted
    memory.record(replace(RECORD, outcome=INTERRUPTED, failure=None))
    assert memory.breaker(RECORD.circuit, 1001.0 + PAUSE).admitted


def test_a_notice_is_due_once_across_runs(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    assert usable(path).first_time("cloud-notice")
    again = usable(path)
    assert not again.first_time("cloud-notice")
    assert again.first_time("another")


def test_old_attempts_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snapfix.llm.attempts._KEPT", 5)
    path = tmp_path / "memory.sqlite3"
    memory = usable(path)
    for number in range(12):
        memory.record(replace(ANSWER, number=number))
    assert [row["number"] for row in rows(path)] == [7, 8, 9, 10, 11]


def test_a_corrupt_file_is_set_aside_and_a_new_one_is_begun(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    path.write_bytes(b"this is not a database, whatever its name says" * 100)
    memory, warnings = open_memory(path)
    assert [warning.code for warning in warnings] == ["memory-corrupt"]
    assert "memory.sqlite3.corrupt-1" in warnings[0].message
    assert (tmp_path / "memory.sqlite3.corrupt-1").read_bytes().startswith(b"this is not")
    memory.record(ANSWER)
    assert len(rows(path)) == 1


def test_a_file_that_turns_out_corrupt_later_does_not_end_the_run(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    memory = usable(path)
    for _ in range(200):
        memory.record(ANSWER)
    memory.close()
    memory = usable(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    for _ in range(3):
        memory.breaker(RECORD.circuit, 1000.0)
        memory.record(RECORD)
    assert not memory.breaker(RECORD.circuit, 1000.0).admitted  # remembered by the process at least
    warning = memory.take_warning()
    assert warning is not None
    assert "memory.sqlite3.corrupt-1" in warning.hint
    assert isinstance(open_memory(path)[0], SqliteMemory)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    memory, warnings = open_memory(path)
    assert isinstance(memory, Forgetful)
    assert [warning.code for warning in warnings] == ["memory-newer"]
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_costs_the_memory_and_one_warning(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    memory, warnings = open_memory(tmp_path / "state" / "memory.sqlite3")
    assert isinstance(memory, Forgetful)
    assert [warning.code for warning in warnings] == ["memory-unavailable"]
    memory.record(ANSWER)
    memory.mark_applied("r1", True)
    memory.close()


def test_a_folder_in_the_files_place_costs_the_memory(tmp_path: Path) -> None:
    (tmp_path / "memory.sqlite3").mkdir()
    memory, warnings = open_memory(tmp_path / "memory.sqlite3")
    assert isinstance(memory, Forgetful)
    assert "cannot be used" in warnings[0].message


def test_a_file_that_another_process_keeps_locked_does_not_end_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("snapfix.llm.attempts._BUSY_SECONDS", 0.1)
    path = tmp_path / "memory.sqlite3"
    memory = usable(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    memory.record(ANSWER)
    assert memory.first_time("cloud-notice")
    other.close()
    assert rows(path) == []
    warning = memory.take_warning()
    assert warning is not None
    assert (warning.code, warning.hint) == ("memory-lost", "")
    assert "database is locked" in warning.message
    assert memory.take_warning() is None


def test_a_breaker_of_the_wrong_type_does_not_end_the_run(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    memory = usable(path)
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO breakers VALUES (?, 'many', 'then', 'x')", (RECORD.circuit,))
    connection.commit()
    connection.close()
    assert memory.breaker(RECORD.circuit, 1000.0).admitted
    assert memory.take_warning() is not None


@pytest.mark.parametrize("change", [{"tokens_in": 10**25}, {"model": "openai/\udcff", "circuit": "openai/\udcff"}])
def test_a_value_that_sqlite_cannot_hold_does_not_end_the_run(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "memory.sqlite3"
    memory = usable(path)
    memory.record(replace(ANSWER, **change))
    memory.record(ANSWER)
    memory.mark_applied("r1", True)
    warning = memory.take_warning()
    assert warning is not None
    assert warning.code == "memory-lost"
    assert rows(path) == []


_CLAIM = """
import sys
from pathlib import Path
from snapfix.llm.attempts import open_memory
memory, _ = open_memory(Path(sys.argv[1]))
sys.stdin.readline()
print(memory.breaker("anthropic/claude-sonnet-5", float(sys.argv[2])).admitted)
"""


def test_a_half_open_breaker_lets_one_of_several_processes_through(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    memory = usable(path)
    for _ in range(3):
        memory.record(RECORD)
    command = [sys.executable, "-c", _CLAIM, str(path), str(1000.0 + PAUSE)]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(5)]
    answers = [process.communicate("go\n", timeout=30)[0].strip() for process in processes]
    assert sorted(answers) == ["False"] * 4 + ["True"]


def test_several_processes_can_make_the_file_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CLAIM, str(tmp_path / "state" / "memory.sqlite3"), "1000"]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(5)
    ]
    results = [process.communicate("go\n", timeout=30) for process in processes]
    assert results == [("True\n", "")] * 5
