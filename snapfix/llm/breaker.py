"""The circuit breaker of one link: pure arithmetic, no clock and no storage.

Closed: the link is asked. After ``THRESHOLD`` counted failures in a row it is open: for ``PAUSE`` seconds the
link is passed over. Then it is half-open: one attempt is let through, and while that one is out (at most
``PROBE`` seconds) no other. Its success closes the breaker, its failure opens it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

THRESHOLD = 3
PAUSE = 60.0
PROBE = 120.0


@dataclass(frozen=True, slots=True)
class BreakerState:
    """What is known of a link.

    Attributes:
        failures: counted failures in a row.
        opened_at: seconds since the epoch when it was last opened; None while closed.
        probing_until: until when an attempt that was let through may take; None where there is none.
    """

    failures: int = 0
    opened_at: float | None = None
    probing_until: float | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether the link may be asked now.

    Attributes:
        admitted: it may.
        state: the state from now on: a half-open breaker remembers that it let one attempt through.
        seconds: how long it will be passed over, where it may not be asked.
    """

    admitted: bool
    state: BreakerState
    seconds: float = 0.0


def admits(state: BreakerState, now: float) -> Admission:
    """Ask for one attempt at ``now``, in seconds since the epoch."""
    if state.opened_at is None:
        return Admission(True, state)
    # A clock that was set back must not close a link off for longer than the pause.
    waited = max(now - state.opened_at, 0.0)
    if waited < PAUSE:
        return Admission(False, state, PAUSE - waited)
    if state.probing_until is not None and now < state.probing_until <= now + PROBE:
        return Admission(False, state, state.probing_until - now)
    return Admission(True, replace(state, probing_until=now + PROBE))


def after_failure(state: BreakerState, now: float) -> BreakerState:
    """The state after a counted failure at ``now``."""
    failures = state.failures + 1
    if failures < THRESHOLD:
        return BreakerState(failures)
    return BreakerState(failures, opened_at=now)


def after_success(state: BreakerState) -> BreakerState:  # noqa: ARG001 - whatever it was, it is closed now
    """The state after an answer."""
    return BreakerState()


def after_neutral(state: BreakerState) -> BreakerState:
    """The state after an attempt that says nothing about the link: another one may be let through."""
    return replace(state, probing_until=None)
