import pytest

from classics.knapsack import Item, pack

CAMPING = [
    Item("tent", 9, 150),
    Item("map", 1, 90),
    Item("water", 5, 120),
    Item("stove", 4, 70),
    Item("camera", 3, 80),
    Item("book", 3, 20),
]


def names(packing):
    return [item.name for item in packing.items]


def test_nothing_to_pack():
    packing = pack([], 10)
    assert packing.items == []
    assert packing.value == 0


def test_room_for_all():
    assert names(pack(CAMPING, 25)) == [item.name for item in CAMPING]


def test_best_choice():
    packing = pack(CAMPING, 10)
    assert names(packing) == ["map", "water", "camera"]
    assert (packing.value, packing.weight) == (290, 9)


def test_no_room():
    assert pack(CAMPING, 0).items == []


def test_exact_fit():
    assert names(pack([Item("a", 3, 1), Item("b", 4, 2)], 4)) == ["b"]


def test_negative_limit():
    with pytest.raises(ValueError):
        pack(CAMPING, -1)
