"""Calendar arithmetic in months."""
from datetime import date, timedelta

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(year, month):
    if month == 2 and is_leap(year):
        return 29
    return _DAYS[month - 1]


def add_months(day, months, stick_to_end=False):
    """The same day so many months later (or earlier).

    A day that the target month does not have becomes its last day. With
    ``stick_to_end`` the last day of a month stays the last day of a month.
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    month += 1
    last = days_in(year, month)
    if stick_to_end and day.day == days_in(day.year, day.month):
        number = last
    else:
        number = min(day.day, last)
    return date(year, month, number)


def billing_periods(start, end, every=1):
    """(first day, last day) of each period that begins in start..end.

    The anchor is the day of ``start``: a contract of the 31st is billed on the
    last day of the short months and on the 31st of the long ones.
    """
    periods = []
    step = 0
    first = start
    while first <= end:
        step += every
        following = add_months(start, step)
        periods.append((first, following - timedelta(days=1)))
        first = following
    return periods


def age(born, today):
    years = today.year - born.year
    if (today.month, today.day) < (born.month, born.day):
        years -= 1
    return years
