import pytest

from classics.editing import distance, suggest

COMMANDS = ["status", "stash", "start", "commit", "push", "pull"]


@pytest.mark.parametrize(
    "a, b, expected",
    [
        ("", "", 0),
        ("", "abc", 3),
        ("kitten", "sitting", 3),
        ("flaw", "lawn", 2),
        ("ab", "ba", 1),
        ("converse", "conserve", 2),
    ],
)
def test_distance(a, b, expected):
    assert distance(a, b) == expected
    assert distance(b, a) == expected


def test_without_swaps():
    assert distance("ab", "ba", swap=False) == 2


def test_suggestions():
    assert suggest("statsu", COMMANDS) == ["status", "stash"]
    assert suggest("PUSSH", COMMANDS) == ["push"]
    assert suggest("pus", COMMANDS) == ["push", "pull"]


def test_no_suggestion():
    assert suggest("xyzzy", COMMANDS) == []


def test_limit():
    assert suggest("sta", ["start", "stash", "star", "stay"], limit=2) == ["star", "stay"]
