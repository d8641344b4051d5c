from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snapfix.llm.breaker import (
    PAUSE,
    PROBE,
    THRESHOLD,
    BreakerState,
    admits,
    after_failure,
    after_neutral,
    after_success,
)


def opened(at: float = 1000.0) -> BreakerState:
    state = BreakerState()
    for _ in range(THRESHOLD):
        state = after_failure(state, at)
    return state


def test_three_failures_in_a_row_open_it_for_a_minute() -> None:
    state = after_failure(after_failure(BreakerState(), 1000.0), 1000.0)
    assert admits(state, 1000.0).admitted
    refused = admits(opened(), 1030.0)
    assert not refused.admitted
    assert refused.seconds == 30.0


def test_half_open_it_lets_one_attempt_through() -> None:
    first = admits(opened(), 1000.0 + PAUSE)
    assert first.admitted
    second = admits(first.state, 1001.0 + PAUSE)
    assert not second.admitted
    assert second.seconds == PROBE - 1


def test_the_next_one_is_let_through_when_that_attempt_never_reports_back() -> None:
    first = admits(opened(), 1000.0 + PAUSE)
    assert admits(first.state, 1000.0 + PAUSE + PROBE).admitted


def test_one_success_closes_it_and_one_more_failure_opens_it_again() -> None:
    probing = admits(opened(), 1000.0 + PAUSE).state
    assert after_success(probing) == BreakerState()
    assert not admits(after_failure(probing, 1100.0), 1100.0 + PAUSE - 1).admitted


def test_an_attempt_that_says_nothing_about_the_link_lets_the_next_one_through() -> None:
    probing = admits(opened(), 1000.0 + PAUSE).state
    assert admits(after_neutral(probing), 1001.0 + PAUSE).admitted


def test_a_clock_that_was_set_back_does_not_shut_a_link_off_for_longer() -> None:
    refused = admits(opened(at=10_000.0), 0.0)
    assert refused.seconds <= PAUSE
    probing = BreakerState(THRESHOLD, opened_at=0.0, probing_until=10_000.0)
    assert admits(probing, 5000.0).admitted


steps = st.lists(st.tuples(st.sampled_from(["failure", "success", "neutral"]), st.floats(0.0, 90.0)), max_size=40)


@given(steps)
def test_it_agrees_with_a_model_that_counts(history: list[tuple[str, float]]) -> None:
    state, now = BreakerState(), 1000.0
    in_a_row, last_failure = 0, 0.0
    for outcome, pause in history:
        now += pause
        admission = admits(state, now)
        assert admission.admitted == (in_a_row < THRESHOLD or now - last_failure >= PAUSE)
        state = admission.state
        if not admission.admitted:
            assert 0 < admission.seconds <= PAUSE
            continue
        if outcome == "failure":
            in_a_row, last_failure = in_a_row + 1, now
            state = after_failure(state, now)
        elif outcome == "success":
            in_a_row, state = 0, after_success(state)
        else:
            state = after_neutral(state)
