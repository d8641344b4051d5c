import pytest

from classics.roman import from_roman, to_roman

PAIRS = [
    (1, "I"), (4, "IV"), (9, "IX"), (14, "XIV"), (49, "XLIX"), (90, "XC"), (400, "CD"),
    (1666, "MDCLXVI"), (1994, "MCMXCIV"), (3999, "MMMCMXCIX"),
]


@pytest.mark.parametrize("number, numeral", PAIRS)
def test_to_roman(number, numeral):
    assert to_roman(number) == numeral


@pytest.mark.parametrize("number, numeral", PAIRS)
def test_from_roman(number, numeral):
    assert from_roman(numeral) == number


def test_all_there_and_back():
    assert [from_roman(to_roman(n)) for n in range(1, 4000)] == list(range(1, 4000))


def test_lower_case():
    assert from_roman("mcmlxxxiv") == 1984


@pytest.mark.parametrize("bad", ["", "IIII", "IC", "VX", "ABC"])
def test_bad_numerals(bad):
    with pytest.raises(ValueError):
        from_roman(bad)


@pytest.mark.parametrize("number", [0, -3, 4000])
def test_out_of_range(number):
    with pytest.raises(ValueError):
        to_roman(number)
