import datetime
from decimal import Decimal

import pytest

from mill.errors import ExprError
from mill.expr import compile_expr, evaluate, explain, names_in

ROW = {"a": 7, "b": Decimal("2.5"), "name": "Brandt, Ilse", "none": None, "text": "12", "tags": ["x", "y"],
       "day": datetime.date(2024, 2, 29), "at": datetime.datetime(2024, 2, 29, 23, 30)}


@pytest.mark.parametrize("text, expected", [
    ("a * b + 1", Decimal("18.5")),
    ("a + text", 19),
    ("(a - 1) / 4", Decimal("1.5")),
    ("a // 2 ~ '/' ~ a % 2", "3/1"),
    ("none + 1", None),
    ("-a", -7),
    ("a between 5 and 7 and not b > 3", True),
    ("name like 'brandt%'", True),
    ("'q' in (tags, 'z')", False),
    ("'x' in (tags, 'z')", True),
    ("a not in (1, 2, 3)", True),
    ("none is null and a is not null", True),
    ("if(a > 5, 'big', 'small')", "big"),
    ("case(a, 1, 'one', 7, 'seven', 'other')", "seven"),
    ("coalesce(none, '', 'z')", "z"),
    ("upper(left(name, 3)) ~ pad(a, 3)", "BRA007"),
    ("mid('abcdef', 2, 3)", "bcd"),
    ("split(name, ',', 2)", "Ilse"),
    ("match(name, '(\\\\w+),', 1)", "Brandt"),
    ("round(b)", 3),
    ("day + 1", datetime.date(2024, 3, 1)),
    ("month(day) ~ quarter(day)", "2024-022024-Q1"),
    ("day(at, 'CET')", datetime.date(2024, 3, 1)),
    ("max(a, none, 9)", 9),
    ("convert(b, 'kg', 'g')", 2500),
    ("day >= #2024-02-01#", True),
])
def test_evaluate(text, expected):
    assert evaluate(text, ROW) == expected


@pytest.mark.parametrize("text", ["a +", "(a", "nope(1)", "a in ()", "upper()", "a b", "'open"])
def test_bad_expressions(text):
    with pytest.raises(ExprError):
        compile_expr(text)


@pytest.mark.parametrize("text, expected", [
    ("a*(b+c)", "a * (b + c)"),
    ("(a*b)+c", "a * b + c"),
    ("a - (b - c)", "a - (b - c)"),
    ("not (a = 1 or b = 2)", "not (a = 1 or b = 2)"),
    ("1 + 2 * 3 + a", "7 + a"),
])
def test_explain(text, expected):
    assert explain(compile_expr(text)) == expected


def test_optimize_is_part_of_the_cache():
    assert compile_expr("60 * 24") == ("lit", 1440)
    assert compile_expr("60 * 24", optimize=False)[0] == "bin"


def test_names():
    assert names_in(compile_expr("if(a.b > c[0], upper(`my col`), a.x)")) == ["a", "c", "my col"]


def test_unknown_name():
    with pytest.raises(ExprError) as caught:
        evaluate("missing + 1", {"there": 1})
    assert "there" in str(caught.value)
    assert evaluate("missing", {}, strict=False) is None


def test_stamp_in_the_zone_of_the_job():
    settings = {"zone": "EST"}
    assert evaluate("stamp('2024-01-01 20:00')", {}, settings=settings) == datetime.datetime(2024, 1, 2, 1)
    assert evaluate("stamp('2024-01-01 20:00')", {}) == datetime.datetime(2024, 1, 1, 20)
