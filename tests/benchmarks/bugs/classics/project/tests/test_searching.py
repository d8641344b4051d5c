import pytest

from classics.searching import first_at_least, nearest, span_of

NUMBERS = [1, 3, 3, 3, 7, 10, 10, 15]


@pytest.mark.parametrize("wanted, index", [(0, 0), (1, 0), (2, 1), (3, 1), (4, 4), (15, 7), (16, 8)])
def test_first_at_least(wanted, index):
    assert first_at_least(NUMBERS, wanted) == index


def test_empty():
    assert first_at_least([], 5) == 0


def test_key():
    people = [("Ann", 12), ("Bob", 31), ("Cid", 31), ("Dee", 70)]
    assert first_at_least(people, 31, key=lambda person: person[1]) == 1
    assert span_of(people, 31, key=lambda person: person[1]) == (1, 3)


@pytest.mark.parametrize("wanted, span", [(1, (0, 1)), (3, (1, 4)), (10, (5, 7)), (15, (7, 8)), (8, (5, 5)), (99, (8, 8))])
def test_span(wanted, span):
    assert span_of(NUMBERS, wanted) == span


def test_long_span():
    items = [0] * 3 + [5] * 11 + [9]
    assert span_of(items, 5) == (3, 14)


@pytest.mark.parametrize("wanted, item", [(-4, 1), (2, 1), (6, 7), (5, 3), (13, 15), (99, 15)])
def test_nearest(wanted, item):
    assert nearest(NUMBERS, wanted) == item
