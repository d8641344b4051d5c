import datetime
import unittest
from decimal import Decimal

import pytest

from mill.values import (
    add_months, cast_value, convert_unit, deep_get, flatten, format_value, group_digits, local_day, merge, parse_decimal,
    parse_duration, parse_int, parse_stamp, quantile, round_to, slug, sort_token,
)


@pytest.mark.parametrize("text, options, expected", [
    ("12", {}, "12"),
    ("1,234.50", {}, "1234.50"),
    ("1.234,50", {"decimal_mark": ","}, "1234.50"),
    ("(7.25)", {}, "-7.25"),
    ("15-", {}, "-15"),
    ("-3", {}, "-3"),
    ("€ 9.99", {"currency": "EUR"}, "9.99"),
    ("9.99 EUR", {"currency": "EUR"}, "9.99"),
    ("12 %", {}, "0.12"),
    ("12%", {"percent": "number"}, "12"),
    ("2.675", {"digits": 2}, "2.68"),
    ("2.665", {"digits": 2, "rounding": "half-even"}, "2.66"),
])
def test_parse_decimal(text, options, expected):
    assert parse_decimal(text, options) == Decimal(expected)


@pytest.mark.parametrize("text", ["abc", "1.2.3", "--4", "%", "EUR"])
def test_parse_decimal_refuses(text):
    with pytest.raises(ValueError):
        parse_decimal(text)


def test_parse_int():
    assert parse_int("1,000") == 1000
    assert parse_int("ff", {"base": 16}) == 255
    assert parse_int("3.9", {"truncate": True}) == 3
    with pytest.raises(ValueError):
        parse_int("3.9")


@pytest.mark.parametrize("value, digits, mode, expected", [
    ("2.5", 0, "half-up", "3"), ("2.5", 0, "half-even", "2"), ("2.59", 1, "down", "2.5"), ("1250", -2, "half-up", "1300"),
])
def test_round_to(value, digits, mode, expected):
    assert round_to(Decimal(value), digits, mode) == Decimal(expected)


@pytest.mark.parametrize("start, count, expected", [
    ("2024-01-31", 1, "2024-02-29"),
    ("2023-12-15", 1, "2024-01-15"),
    ("2024-03-31", -1, "2024-02-29"),
    ("2024-01-29", 2, "2024-03-29"),
    ("2024-05-30", 12, "2025-05-30"),
])
def test_add_months(start, count, expected):
    moved = add_months(datetime.date.fromisoformat(start), count)
    assert moved.isoformat() == expected


class StampTest(unittest.TestCase):
    def test_zones(self):
        utc = datetime.datetime(2024, 3, 1, 22, 30)
        for text in ("2024-03-01T22:30:00Z", "2024-03-01 23:30 CET", "2024-03-01T17:30:00-05:00", "2024-03-02T04:00:00+0530"):
            self.assertEqual(parse_stamp(text), utc, text)

    def test_default_zone(self):
        self.assertEqual(parse_stamp("2024-03-01 23:30", {"zone": "CET"}).hour, 22)

    def test_fraction(self):
        self.assertEqual(parse_stamp("2024-03-01T00:00:00.25Z").microsecond, 250000)

    def test_local_day(self):
        self.assertEqual(local_day(datetime.datetime(2024, 2, 29, 23, 10), "CET"), datetime.date(2024, 3, 1))

    def test_duration(self):
        self.assertEqual(parse_duration("1h 30m"), 5400)
        self.assertEqual(parse_duration("2d"), 172800)
        with self.assertRaises(ValueError):
            parse_duration("soon")


def test_quantile():
    values = [Decimal(9), None, Decimal(1), Decimal(3)]
    assert quantile(values, 0.5) == 3
    assert quantile(values, 0.25) == 2
    assert quantile([], 0.5) is None


def test_convert_unit():
    assert convert_unit(Decimal("1.5"), "kg", "g") == 1500
    assert convert_unit(90, "min", "h") == Decimal("1.5")
    with pytest.raises(ValueError):
        convert_unit(1, "kg", "m")


def test_merge_leaves_base_alone():
    base = {"job": {"zone": "UTC", "out": "out"}, "vars": {"limit": 5}}
    night = merge(base, {"job": {"zone": "CET"}, "outputs": []})
    assert night["job"] == {"zone": "CET", "out": "out"}
    assert base == {"job": {"zone": "UTC", "out": "out"}, "vars": {"limit": 5}}


@pytest.mark.parametrize("path, expected", [
    ("a.b", 1), ("a.c[1].d", "x"), ("a.c[-1].d", "x"), ("a.c[7]", None), ("z", None),
])
def test_deep_get(path, expected):
    assert deep_get({"a": {"b": 1, "c": [{}, {"d": "x"}]}}, path) == expected


def test_small_things():
    assert slug(" Unit Price (EUR) ") == "unit_price_eur"
    assert flatten({"a": {"b": {"c": 1}}, "d": 2}) == {"a.b.c": 1, "d": 2}
    assert group_digits("1234567", " ") == "1 234 567"
    assert sorted([None, "b", 3, "A", Decimal("2.5")], key=sort_token) == [Decimal("2.5"), 3, "A", "b", None]
    assert cast_value("a; b ;", "list") == ["a", "b"]
    assert cast_value("1;2", "list", {"of": "int"}) == [1, 2]


@pytest.mark.parametrize("value, pattern, expected", [
    (Decimal("1234.5"), "money:EUR", "1,234.50 EUR"),
    (Decimal("1234.5"), "money:JPY", "1,235 JPY"),
    (Decimal("0.1234"), "percent:1", "12.3%"),
    (datetime.date(2024, 3, 1), "date:%d.%m.%y", "01.03.24"),
    (None, "number:1", ""),
    ("abc", "width:5", "abc  "),
])
def test_format_value(value, pattern, expected):
    assert format_value(value, pattern) == expected
