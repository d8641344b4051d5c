"""Dates of bookkeeping: periods, fiscal years and payment terms."""
from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .errors import ValidationError

ONE_DAY = timedelta(days=1)


def parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValidationError("date", [f"cannot read {text!r}, expected YYYY-MM-DD"]) from None


def month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def add_months(day: date, count: int) -> date:
    """Same day `count` months on; the last day of the month where there is none."""
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    last = month_end(year, month + 1)
    return last.replace(day=min(day.day, last.day))


_YEAR = re.compile(r"^(\d{4})$")
_QUARTER = re.compile(r"^(\d{4})-?[Qq]([1-4])$")
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")


@dataclass(frozen=True, order=True)
class Period:
    """A span of days, both ends included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValidationError("period", [f"{self.end} lies before {self.start}"])

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        return cls(date(year, month, 1), month_end(year, month))

    @classmethod
    def parse(cls, text: str) -> Period:
        """"2024", "2024-Q1", "2024-03" or "2024-01-15..2024-02-14"."""
        text = text.strip()
        if ".." in text:
            first, last = text.split("..", 1)
            return cls(parse_date(first), parse_date(last))
        if found := _YEAR.match(text):
            year = int(found[1])
            return cls(date(year, 1, 1), date(year, 12, 31))
        if found := _QUARTER.match(text):
            year, quarter = int(found[1]), int(found[2])
            return cls(date(year, quarter * 3 - 2, 1), month_end(year, quarter * 3))
        if found := _MONTH.match(text):
            return cls.month(int(found[1]), int(found[2]))
        raise ValidationError("period", [f"cannot read {text!r}"])

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def months(self) -> Iterator[Period]:
        """The calendar months the period touches, cut to its ends."""
        day = self.start
        while day <= self.end:
            last = month_end(day.year, day.month)
            yield Period(day, min(last, self.end))
            day = last + ONE_DAY

    def previous(self) -> Period:
        """The period of the same length just before; whole months stay whole months."""
        if self.start.day == 1 and self.end == month_end(self.end.year, self.end.month):
            count = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
            return Period(add_months(self.start, -count), self.start - ONE_DAY)
        return Period(self.start - timedelta(days=self.days), self.start - ONE_DAY)

    def label(self) -> str:
        if self.start.day == 1 and self.end == month_end(self.start.year, self.start.month):
            return f"{self.start:%Y-%m}"
        if (self.start.month, self.start.day, self.end.month, self.end.day) == (1, 1, 12, 31):
            if self.start.year == self.end.year:
                return str(self.start.year)
        return f"{self.start}..{self.end}"


@dataclass(frozen=True)
class FiscalCalendar:
    """A fiscal year is named after the calendar year in which it ends."""

    start_month: int = 1

    def year_of(self, day: date) -> int:
        if self.start_month == 1:
            return day.year
        return day.year + 1 if day.month >= self.start_month else day.year

    def year(self, number: int) -> Period:
        first_year = number if self.start_month == 1 else number - 1
        start = date(first_year, self.start_month, 1)
        return Period(start, add_months(start, 12) - ONE_DAY)

    def containing(self, day: date) -> Period:
        return self.year(self.year_of(day))

    def quarter(self, day: date) -> Period:
        offset = (day.month - self.start_month) % 12
        start = add_months(date(day.year, day.month, 1), -(offset % 3))
        return Period(start, add_months(start, 3) - ONE_DAY)


_NET = re.compile(r"^net\s*(\d+)$", re.IGNORECASE)
_EOM = re.compile(r"^eom(?:\s*\+\s*(\d+))?$", re.IGNORECASE)
_DISCOUNT = re.compile(r"^(\d+(?:\.\d+)?)\s*/\s*(\d+)\s*,?\s*(.+)$")


@dataclass(frozen=True)
class PaymentTerms:
    """When an invoice falls due, and the discount for paying early."""

    days: int = 30
    end_of_month: bool = False
    discount_percent: Decimal = Decimal("0")
    discount_days: int = 0

    @classmethod
    def parse(cls, text: str) -> PaymentTerms:
        """"net 30", "eom", "eom+15", "2/10 net 30", "immediate"."""
        text = text.strip()
        if text.lower() in ("immediate", "due on receipt"):
            return cls(days=0)
        if found := _DISCOUNT.match(text):
            rest = cls.parse(found[3])
            return cls(rest.days, rest.end_of_month, Decimal(found[1]), int(found[2]))
        if found := _NET.match(text):
            return cls(days=int(found[1]))
        if found := _EOM.match(text):
            return cls(days=int(found[1] or 0), end_of_month=True)
        raise ValidationError("payment terms", [f"cannot read {text!r}"])

    def due_date(self, issued: date) -> date:
        if self.end_of_month:
            issued = month_end(issued.year, issued.month)
        return issued + timedelta(days=self.days)

    def discount_until(self, issued: date) -> date | None:
        if not self.discount_percent:
            return None
        return issued + timedelta(days=self.discount_days)

    def __str__(self) -> str:
        if self.end_of_month:
            base = f"eom+{self.days}" if self.days else "eom"
        else:
            base = f"net {self.days}" if self.days else "immediate"
        if self.discount_percent:
            return f"{self.discount_percent}/{self.discount_days} {base}"
        return base
