from datetime import date

import pytest

from classics import monthmath
from classics.monthmath import add_months, age, billing_periods


@pytest.mark.parametrize("year, leap", [(2000, True), (1900, False), (2023, False), (2024, True)])
def test_leap_years(year, leap):
    assert monthmath.is_leap(year) is leap


class TestAddMonths:
    def test_same_day(self):
        assert add_months(date(2023, 1, 15), 1) == date(2023, 2, 15)

    def test_over_the_year(self):
        assert add_months(date(2023, 11, 2), 3) == date(2024, 2, 2)

    def test_to_december(self):
        assert add_months(date(2023, 6, 10), 6) == date(2023, 12, 10)

    def test_backwards(self):
        assert add_months(date(2024, 1, 31), -11) == date(2023, 2, 28)

    def test_end_of_month(self):
        assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
        assert add_months(date(2024, 2, 29), 1, stick_to_end=True) == date(2024, 3, 31)


def test_periods_keep_their_anchor():
    periods = billing_periods(date(2023, 8, 31), date(2023, 12, 31), every=2)
    assert periods == [
        (date(2023, 8, 31), date(2023, 10, 30)),
        (date(2023, 10, 31), date(2023, 12, 30)),
        (date(2023, 12, 31), date(2024, 2, 28)),
    ]


def test_age():
    assert age(date(1980, 5, 20), date(2020, 5, 19)) == 39
    assert age(date(1980, 5, 20), date(2020, 5, 20)) == 40
