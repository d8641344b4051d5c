from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapfix.redaction import entropy

_MIXED = string.ascii_letters + string.digits


def test_the_entropy_of_even_characters_is_the_logarithm_of_their_number() -> None:
    assert entropy.shannon("") == 0
    assert entropy.shannon("aaaa") == 0
    assert entropy.shannon("abab") == 1
    assert entropy.shannon("0123456789abcdef" * 3) == pytest.approx(4)


@pytest.mark.parametrize(
    ("alphabet", "size", "share"),
    [
        (_MIXED, 24, 0.93),
        (_MIXED, 32, 0.97),
        (_MIXED, 40, 0.98),
        (_MIXED + "-_", 43, 0.97),
        (_MIXED + "+/", 64, 0.99),
        (string.ascii_lowercase + string.digits, 32, 0.92),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32, 0.85),
    ],
)
def test_random_strings_are_told_by_their_entropy(alphabet: str, size: int, share: float) -> None:
    source = random.Random(7)
    texts = ["".join(source.choice(alphabet) for _ in range(size)) for _ in range(400)]
    assert sum(map(entropy.looks_random, texts)) >= share * len(texts)


@pytest.mark.parametrize(
    "name",
    [
        "AbstractBaseConnectionFactoryImplementation",
        "getUserProfileSettingsByIdV2",
        "test_returns_404_if_item_2_is_missing",
        "PyUnicode_AsUTF8AndSize_WithErrors",
        "application/vnd.openxmlformats-officedocument",
        "snapshot-20241120-143055-prod-eu-west-1",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "260212929840496308383385347911357725310593e0",
        "x" * 64,
    ],
)
def test_names_and_numbers_are_not_random(name: str) -> None:
    assert not entropy.looks_random(name)


_NAMES = st.lists(
    st.sampled_from(["get", "set", "user", "profile", "http", "request", "handler", "json", "utf8", "order", "total"]),
    min_size=3,
    max_size=8,
    unique=True,
)


@given(_NAMES, st.sampled_from(["_", "-", "camel"]))
def test_no_name_that_is_made_of_words_is_random(words: list[str], style: str) -> None:
    name = words[0] + "".join(map(str.capitalize, words[1:])) if style == "camel" else style.join(words)
    assert list(entropy.find(f"x = {name!r}")) == []
