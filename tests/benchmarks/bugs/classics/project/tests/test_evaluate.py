import pytest

from classics.evaluate import evaluate, main


@pytest.mark.parametrize(
    "text, value",
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("2 ^ 3 ^ 2", 512),
        ("-2 ^ 2", -4),
        ("-(3 - 5)", 2),
        ("8 / 4 / 2", 1),
        ("1.5*4", 6),
    ],
)
def test_values(text, value):
    assert evaluate(text) == value


def test_names():
    assert evaluate("2 * width + 2 * height", {"width": 3, "height": 4}) == 14


def test_minus_after_an_operator():
    assert evaluate("6 * -2") == -12


@pytest.mark.parametrize("text", ["(1 + 2", "1 + 2)", "1 2", "3 $ 4"])
def test_bad_expressions(text):
    with pytest.raises(SyntaxError):
        evaluate(text)


def test_command_line(capsys):
    assert main(["2 * (3 + x)", "x=4"]) == 0
    assert capsys.readouterr().out == "14\n"
