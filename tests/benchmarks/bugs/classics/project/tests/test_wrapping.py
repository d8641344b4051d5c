import pytest

from classics.wrapping import fill, wrap


def test_empty():
    assert wrap("", 10) == []
    assert wrap("  \n ", 10) == []


def test_words_are_not_cut():
    assert wrap("the quick brown fox", 10) == ["the quick", "brown fox"]


def test_a_line_may_be_full():
    assert wrap("aaaa bbbbb cc", 10) == ["aaaa bbbbb", "cc"]


def test_long_word():
    assert wrap("a incomprehensible b", 6) == ["a", "incomp", "rehens", "ible b"]


def test_indent():
    assert wrap("one two three four", 10, indent="* ", hanging="  ") == [
        "* one two",
        "  three",
        "  four",
    ]


def test_no_line_is_too_long():
    text = "It was the best of times, it was the worst of times, it was the age of wisdom"
    for width in range(5, 40):
        assert all(len(line) <= width for line in wrap(text, width))


def test_nothing_is_lost():
    text = "It was the best of times, it was the worst of times"
    assert " ".join(wrap(text, 12)) == text


def test_no_room():
    with pytest.raises(ValueError):
        wrap("text", 4, indent="    ")


def test_paragraphs():
    text = "first paragraph\nin two lines\n\n\nsecond\n"
    assert fill(text, 20) == "first paragraph in\ntwo lines\n\nsecond"
