"""What Snapfix remembers between its runs: attempts, breakers, and which notices were given. SQLite.

The rollback journal, not WAL: many short processes share the file, a home folder may lie on a network drive,
and WAL needs shared memory and leaves two more files behind. No prompt and no answer is ever stored.

Nothing here ends a run. A file that cannot be used is replaced by ``Forgetful``, with one warning; an error
later on costs the memory, not the diagnosis, and leaves a warning to be taken.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Protocol, TypeVar

from snapfix.events import Warned
from snapfix.failures import POLICIES, FailureKind
from snapfix.llm import breaker
from snapfix.llm.breaker import Admission, BreakerState

SCHEMA_VERSION = 1
_BUSY_SECONDS = 2.0
_KEPT = 10_000
_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

ANSWERED = "answered"
FAILED = "failed"
SKIPPED = "skipped"
INTERRUPTED = "interrupted"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt, or one link passed over. The column names are the fields' names.

    Attributes:
        request_id: the run that it belongs to.
        at: when it ended, in seconds since the epoch.
        link: what the user calls it.
        model: the model string.
        circuit: the breaker that it counts for.
        number: counts the attempts of the run from 1; 0 for a skipped link.
        prompt_version: the template's version, or "".
        crash_type: type name of the exception that was diagnosed.
        outcome: ``answered``, ``failed``, ``skipped`` or ``interrupted``.
        failure: the kind of failure, or None.
        status: the HTTP status, or None.
        seconds_to_first_token, seconds: how long it took; None without a first token.
        tokens_in, tokens_out: as the provider counted them, or None.
        cost: US dollars, or None.
        applied: whether the fix was applied; None while nobody has been asked.
    """

    request_id: str
    at: float
    link: str
    model: str
    circuit: str
    number: int
    prompt_version: str
    crash_type: str
    outcome: str
    failure: str | None = None
    status: int | None = None
    seconds_to_first_token: float | None = None
    seconds: float = 0.0
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    applied: bool | None = None


class Memory(Protocol):
    """What the chain asks of its memory."""

    def breaker(self, circuit: str, now: float) -> Admission:
        """Whether one attempt may be made now. A half-open breaker lets one caller through, across processes."""
        ...  # pragma: no cover

    def record(self, attempt: AttemptRecord) -> None:
        """Remember an attempt and count it for its breaker."""
        ...  # pragma: no cover

    def first_time(self, name: str) -> bool:
        """True the first time that ``name`` is asked for."""
        ...  # pragma: no cover

    def mark_applied(self, request_id: str, applied: bool) -> None:
        """Remember whether the fix of this run's answer was applied."""
        ...  # pragma: no cover

    def take_warning(self) -> Warned | None:
        """What went wrong with the memory since it was opened: said once, None after that."""
        ...  # pragma: no cover

    def close(self) -> None:
        """Let go of the file."""
        ...  # pragma: no cover


class Forgetful:
    """A memory that lasts as long as the process."""

    def __init__(self) -> None:
        self._breakers: dict[str, BreakerState] = {}
        self._given: set[str] = set()

    def breaker(self, circuit: str, now: float) -> Admission:
        """As ``Memory.breaker``, within this process."""
        admission = breaker.admits(self._breakers.get(circuit, BreakerState()), now)
        self._breakers[circuit] = admission.state
        return admission

    def record(self, attempt: AttemptRecord) -> None:
        """Count the attempt for its breaker."""
        before = self._breakers.get(attempt.circuit, BreakerState())
        self._breakers[attempt.circuit] = _after(before, attempt)

    def first_time(self, name: str) -> bool:
        """True once per process."""
        first = name not in self._given
        self._given.add(name)
        return first

    def mark_applied(self, request_id: str, applied: bool) -> None:
        """Nothing is kept to mark."""

    def take_warning(self) -> Warned | None:
        """None: nothing can go wrong."""
        return None

    def close(self) -> None:
        """Nothing is open."""


def open_memory(path: Path) -> tuple[Memory, tuple[Warned, ...]]:
    """The memory in the file ``path``, which is made where it is missing (0600, its folder 0700).

    Where that is impossible: a ``Forgetful`` one, and a warning that says why. A corrupt file is set aside as
    ``*.corrupt-N``; a file of a newer Snapfix is left alone.
    """
    try:
        return _open(path)
    except sqlite3.DatabaseError as error:
        if not _is_corrupt(error):
            return Forgetful(), (_unavailable(path, str(error)),)
    except OSError as error:
        return Forgetful(), (_unavailable(path, error.strerror or str(error)),)
    try:
        aside = _set_aside(path)
        memory, warnings = _open(path)
    except (OSError, sqlite3.Error) as error:
        return Forgetful(), (_unavailable(path, str(error)),)
    warning = Warned(
        "memory-corrupt", f"the memory `{path}` was corrupt: it is now `{aside.name}`, and a new one was begun"
    )
    return memory, (warning, *warnings)


def _open(path: Path) -> tuple[Memory, tuple[Warned, ...]]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        version = _version(connection)
        if version < SCHEMA_VERSION:
            _create(connection)
    except BaseException:
        connection.close()
        raise
    if version > SCHEMA_VERSION:
        connection.close()
        return Forgetful(), (
            Warned(
                "memory-newer",
                f"the memory `{path}` was written by a newer Snapfix (version {version}, expected {SCHEMA_VERSION}):"
                " it is left alone, and nothing is remembered",
                "upgrade Snapfix, or name another folder in `SNAPFIX_STATE`",
            ),
        )
    return SqliteMemory(connection, path), ()


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables. Another process may be at it too: the first to get the lock does it."""
    connection.execute("BEGIN IMMEDIATE")
    if _version(connection) == 0:
        columns = ", ".join(_COLUMNS)
        connection.execute(f"CREATE TABLE attempts (id INTEGER PRIMARY KEY, {columns})")
        connection.execute("CREATE TABLE breakers (circuit TEXT PRIMARY KEY, failures, opened_at, probing_until)")
        connection.execute("CREATE TABLE notices (name TEXT PRIMARY KEY)")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


_COLUMNS = tuple(field.name for field in fields(AttemptRecord))


class SqliteMemory:
    """A memory in a file. Made by ``open_memory``."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._spare = Forgetful()
        self._lost = False
        self._warning: Warned | None = None

    def breaker(self, circuit: str, now: float) -> Admission:
        """As ``Memory.breaker``. A closed breaker costs one read; only a half-open one is written."""
        return self._try(lambda: self._admit(circuit, now), lambda: self._spare.breaker(circuit, now))

    def record(self, attempt: AttemptRecord) -> None:
        """As ``Memory.record``."""
        self._try(lambda: self._insert(attempt), lambda: self._spare.record(attempt))

    def first_time(self, name: str) -> bool:
        """As ``Memory.first_time``, once per file."""
        return self._try(
            lambda: self._connection.execute("INSERT OR IGNORE INTO notices VALUES (?)", (name,)).rowcount == 1,
            lambda: self._spare.first_time(name),
        )

    def mark_applied(self, request_id: str, applied: bool) -> None:
        """As ``Memory.mark_applied``."""
        self._try(
            lambda: self._connection.execute(
                "UPDATE attempts SET applied = ? WHERE request_id = ? AND outcome = ?", (applied, request_id, ANSWERED)
            ),
            lambda: None,
        )

    def take_warning(self) -> Warned | None:
        """As ``Memory.take_warning``."""
        warning, self._warning = self._warning, None
        return warning

    def close(self) -> None:
        """Close the file."""
        with suppress(sqlite3.Error):
            self._connection.close()

    def _try(self, remember: Callable[[], T], otherwise: Callable[[], T]) -> T:
        if self._lost:
            return otherwise()
        try:
            return remember()
        # The others: a value that SQLite cannot hold, or one that no Snapfix has written.
        except (sqlite3.Error, OverflowError, ValueError, TypeError) as error:
            self._lost = True
            with suppress(sqlite3.Error):
                self._connection.close()
            self._warning = _lost(self._path, error)
            return otherwise()

    def _admit(self, circuit: str, now: float) -> Admission:
        admission = breaker.admits(self._state(circuit), now)
        if not admission.admitted or admission.state == BreakerState() or admission.state.opened_at is None:
            return admission
        self._connection.execute("BEGIN IMMEDIATE")
        admission = breaker.admits(self._state(circuit), now)  # another process may have been let through by now
        self._store(circuit, admission.state)
        self._connection.execute("COMMIT")
        return admission

    def _insert(self, attempt: AttemptRecord) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        places = ", ".join("?" * len(_COLUMNS))
        row = self._connection.execute(
            f"INSERT INTO attempts ({', '.join(_COLUMNS)}) VALUES ({places})", astuple(attempt)
        ).lastrowid
        self._connection.execute("DELETE FROM attempts WHERE id <= ?", ((row or 0) - _KEPT,))
        before = self._state(attempt.circuit)
        after = _after(before, attempt)
        if after != before:
            self._store(attempt.circuit, after)
        self._connection.execute("COMMIT")

    def _state(self, circuit: str) -> BreakerState:
        query = "SELECT failures, opened_at, probing_until FROM breakers WHERE circuit = ?"
        row = self._connection.execute(query, (circuit,)).fetchone()
        return BreakerState(*row) if row else BreakerState()

    def _store(self, circuit: str, state: BreakerState) -> None:
        self._connection.execute("INSERT OR REPLACE INTO breakers VALUES (?, ?, ?, ?)", (circuit, *astuple(state)))


def _after(state: BreakerState, attempt: AttemptRecord) -> BreakerState:
    if attempt.outcome == ANSWERED:
        return breaker.after_success(state)
    if attempt.outcome == FAILED and attempt.failure and POLICIES[FailureKind(attempt.failure)].counts:
        return breaker.after_failure(state, attempt.at)
    return state if attempt.outcome == SKIPPED else breaker.after_neutral(state)


def _lost(path: Path, error: Exception) -> Warned:
    """Say that the memory failed in the middle of a run; a corrupt file is set aside for the next run."""
    hint = ""
    if _is_corrupt(error):
        with suppress(OSError):
            hint = f"it is now `{_set_aside(path).name}`, and the next run begins a new one"
    message = f"the memory `{path}` failed ({error}): the rest of this run is not remembered"
    return Warned("memory-lost", message, hint)


def _is_corrupt(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _CORRUPT


def _set_aside(path: Path) -> Path:
    """Rename the file, and a journal that would be played into its successor."""
    number = 1
    while (aside := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    path.rename(aside)
    journal = path.with_name(f"{path.name}-journal")
    if journal.exists():
        journal.rename(aside.with_name(f"{aside.name}-journal"))
    return aside


def _unavailable(path: Path, reason: str) -> Warned:
    return Warned(
        "memory-unavailable",
        f"the memory `{path}` cannot be used ({reason[:1].lower()}{reason[1:]}): nothing is remembered",
        "name a folder that can be written in `SNAPFIX_STATE`",
    )
