import pytest

from classics.intervals import free_between, merge


@pytest.mark.parametrize(
    "spans, expected",
    [
        ([], []),
        ([(1, 3)], [(1, 3)]),
        ([(1, 3), (2, 6), (8, 10)], [(1, 6), (8, 10)]),
        ([(8, 10), (1, 3), (3, 4)], [(1, 4), (8, 10)]),
        ([(1, 9), (2, 3)], [(1, 9)]),
        ([(4, 4), (5, 6)], [(5, 6)]),
    ],
)
def test_merge(spans, expected):
    assert merge(spans) == expected


def test_merge_with_gap():
    assert merge([(0, 2), (3, 5), (9, 11)], gap=1) == [(0, 5), (9, 11)]


def test_backwards_span_is_refused():
    with pytest.raises(ValueError):
        merge([(5, 2)])


def test_free_time_of_a_day():
    meetings = [(9, 10), (13, 15), (14, 16), (6, 8)]
    assert free_between(meetings, 8, 18) == [(8, 9), (10, 13), (16, 18)]


def test_free_when_all_is_booked():
    assert free_between([(0, 24)], 8, 18) == []
