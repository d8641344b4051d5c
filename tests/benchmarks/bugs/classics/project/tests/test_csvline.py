import pytest

from classics.csvline import join, split


@pytest.mark.parametrize(
    "line, fields",
    [
        ("a,b,c", ["a", "b", "c"]),
        ("", [""]),
        ("a,,c,", ["a", "", "c", ""]),
        ("a , b\r\n", ["a", "b"]),
        ('"a,b",c', ["a,b", "c"]),
        ('"say ""hi""",x', ['say "hi"', "x"]),
        (' " padded " ,y', [" padded ", "y"]),
        ('5" pipe,z', ['5" pipe', "z"]),
        ('"",""', ["", ""]),
    ],
)
def test_split(line, fields):
    assert split(line) == fields


def test_other_separator():
    assert split("1,5;'a;b'", comma=";", quote="'") == ["1,5", "a;b"]


@pytest.mark.parametrize("line", ['"open', '"a"b,c'])
def test_errors(line):
    with pytest.raises(ValueError):
        split(line)


def test_join_and_split():
    row = ["plain", "with, comma", 'with "quotes"', " spaces ", ""]
    assert split(join(row)) == row


def test_join_of_other_types():
    assert join([1, None, 2.5]) == "1,,2.5"
