"""Money, currencies and exchange rates.

Amounts are Decimals throughout. A Money never rounds by itself; whoever
produces a figure that leaves the program calls `rounded()`.
"""
from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from enum import Enum
from typing import Any

from .errors import CurrencyMismatch, NotFound, RateMissing, ValidationError

ZERO = Decimal("0")
ONE = Decimal("1")
HUNDRED = Decimal("100")


class Rounding(Enum):
    HALF_UP = ROUND_HALF_UP
    HALF_EVEN = ROUND_HALF_EVEN
    DOWN = ROUND_DOWN


@dataclass(frozen=True)
class Currency:
    code: str
    name: str
    digits: int = 2
    symbol: str = ""
    symbol_first: bool = False

    @property
    def quantum(self) -> Decimal:
        """Smallest amount that can be paid in this currency."""
        return ONE.scaleb(-self.digits)


_BUILTIN: tuple[Currency, ...] = (
    Currency("EUR", "Euro", 2, "€"),
    Currency("USD", "US dollar", 2, "$", symbol_first=True),
    Currency("GBP", "Pound sterling", 2, "£", symbol_first=True),
    Currency("CHF", "Swiss franc", 2, "Fr."),
    Currency("SEK", "Swedish krona", 2, "kr"),
    Currency("JPY", "Yen", 0, "¥", symbol_first=True),
    Currency("KWD", "Kuwaiti dinar", 3, "KD"),
)

CURRENCIES: dict[str, Currency] = {item.code: item for item in _BUILTIN}


def currency(code: str) -> Currency:
    try:
        return CURRENCIES[code.upper()]
    except KeyError:
        raise NotFound("currency", code) from None


_NUMBER = re.compile(r"^[+-]?\d+(?:\.\d+)?$")


def to_decimal(value: str | int | Decimal, decimal_mark: str = ".") -> Decimal:
    """Read a number as people and banks write it: "1.234,50-", "1 234.5", "(12.00)"."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or isinstance(value, float):
        raise TypeError(f"amounts are given as str, int or Decimal, not {type(value).__name__}")
    if isinstance(value, int):
        return Decimal(value)
    text = value.strip().replace("\u00a0", "").replace(" ", "").replace("'", "")
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1]
    elif text.endswith("-"):
        negative, text = True, text[:-1]
    group_mark = "," if decimal_mark == "." else "."
    text = text.replace(group_mark, "")
    if decimal_mark != ".":
        text = text.replace(decimal_mark, ".")
    if text.endswith("."):
        text = text[:-1]
    if not _NUMBER.match(text):
        raise ValidationError("number", [f"cannot read {value!r} as a number"])
    try:
        number = Decimal(text)
    except InvalidOperation as exc:
        raise ValidationError("number", [f"cannot read {value!r}"]) from exc
    return -number if negative else number


@dataclass(frozen=True)
class Money:
    """An amount in one currency."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: str | int | Decimal, code: str) -> Money:
        return cls(to_decimal(amount), currency(code).code)

    @classmethod
    def zero(cls, code: str) -> Money:
        return cls(ZERO, code)

    @classmethod
    def parse(cls, text: str, default: str | None = None) -> Money:
        """Read "120.00 EUR", "EUR 120" or, with a default currency, "120"."""
        parts = text.split()
        codes = [part for part in parts if part.isalpha()]
        numbers = [part for part in parts if not part.isalpha()]
        if len(codes) > 1 or not numbers:
            raise ValidationError("amount", [f"cannot read {text!r}"])
        code = codes[0] if codes else default
        if code is None:
            raise ValidationError("amount", [f"{text!r} has no currency"])
        return cls.of("".join(numbers), code)

    @classmethod
    def from_minor(cls, units: int, code: str) -> Money:
        return cls(Decimal(units) * currency(code).quantum, code)

    @classmethod
    def sum(cls, items: Iterable[Money], code: str) -> Money:
        total = cls.zero(code)
        for item in items:
            total = total + item
        return total

    def _same(self, other: Money, action: str) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency, action)

    def __add__(self, other: Money) -> Money:
        self._same(other, "add")
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other, "subtract")
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.amount), self.currency)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __lt__(self, other: Money) -> bool:
        self._same(other, "compare")
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other, "compare")
        return self.amount <= other.amount

    @property
    def is_negative(self) -> bool:
        return self.amount < 0

    def rounded(self, mode: Rounding = Rounding.HALF_UP) -> Money:
        quantum = currency(self.currency).quantum
        return Money(self.amount.quantize(quantum, rounding=mode.value), self.currency)

    def minor_units(self) -> int:
        return int(self.rounded().amount.scaleb(currency(self.currency).digits))

    def percent(self, rate: Decimal) -> Money:
        return Money(self.amount * rate / HUNDRED, self.currency)

    def allocate(self, weights: Sequence[Decimal | int]) -> list[Money]:
        """Split by weights so that the parts add up to the rounded whole.

        The remaining minor units go to the parts with the largest fraction lost,
        earlier parts first.
        """
        total_weight = sum((Decimal(weight) for weight in weights), ZERO)
        if not weights or total_weight <= 0:
            raise ValidationError("allocation", ["weights must add up to more than zero"])
        units = self.minor_units()
        sign = -1 if units < 0 else 1
        units = abs(units)
        exact = [Decimal(units) * Decimal(weight) / total_weight for weight in weights]
        shares = [int(value) for value in exact]
        left = units - sum(shares)
        by_loss = sorted(range(len(shares)), key=lambda i: (shares[i] - exact[i], i))
        for index in by_loss[:left]:
            shares[index] += 1
        return [Money.from_minor(sign * share, self.currency) for share in shares]

    def split(self, count: int) -> list[Money]:
        return self.allocate([1] * count)

    def format(self, symbol: bool = False) -> str:
        unit = currency(self.currency)
        text = f"{self.rounded().amount:,.{unit.digits}f}"
        if not symbol or not unit.symbol:
            return f"{text} {unit.code}"
        return f"{unit.symbol}{text}" if unit.symbol_first else f"{text} {unit.symbol}"

    def to_json(self) -> dict[str, str]:
        return {"amount": str(self.amount), "currency": self.currency}

    @classmethod
    def from_json(cls, data: dict[str, str] | str) -> Money:
        if isinstance(data, str):
            return cls.parse(data)
        return cls.of(data["amount"], data["currency"])

    def __str__(self) -> str:
        return self.format()


@dataclass
class MoneyBag:
    """Totals per currency; a currency that nets to zero stays in the bag."""

    totals: dict[str, Decimal] = field(default_factory=dict)

    def add(self, item: Money) -> None:
        self.totals[item.currency] = self.totals.get(item.currency, ZERO) + item.amount

    def get(self, code: str) -> Money:
        return Money(self.totals.get(code, ZERO), code)

    def __iter__(self) -> Iterator[Money]:
        for code in sorted(self.totals):
            yield Money(self.totals[code], code)

    def is_zero(self) -> bool:
        return all(amount == 0 for amount in self.totals.values())


class RateTable:
    """Exchange rates, each valid from its date until the next one of the pair.

    A pair that is not quoted is worked out from its inverse, or else over the
    pivot currency.
    """

    def __init__(self, pivot: str = "EUR") -> None:
        self.pivot = pivot
        self._dates: dict[tuple[str, str], list[date]] = {}
        self._rates: dict[tuple[str, str], list[Decimal]] = {}
        self._cache: dict[tuple[str, str, date], Decimal] = {}

    def add(self, base: str, quote: str, on: date, rate: Decimal | str) -> None:
        pair = (currency(base).code, currency(quote).code)
        value = to_decimal(rate)
        if value <= 0:
            raise ValidationError(f"rate {base}/{quote}", ["must be positive"])
        dates = self._dates.setdefault(pair, [])
        rates = self._rates.setdefault(pair, [])
        at = bisect_right(dates, on)
        if at and dates[at - 1] == on:
            rates[at - 1] = value
        else:
            dates.insert(at, on)
            rates.insert(at, value)
        self._cache.clear()

    def _quoted(self, base: str, quote: str, on: date) -> Decimal | None:
        pair = (base, quote)
        at = bisect_right(self._dates.get(pair, []), on)
        return self._rates[pair][at - 1] if at else None

    def _direct(self, base: str, quote: str, on: date) -> Decimal | None:
        quoted = self._quoted(base, quote, on)
        if quoted is not None:
            return quoted
        inverse = self._quoted(quote, base, on)
        return ONE / inverse if inverse is not None else None

    def rate(self, base: str, quote: str, on: date) -> Decimal:
        if base == quote:
            return ONE
        key = (base, quote, on)
        if key in self._cache:
            return self._cache[key]
        found = self._direct(base, quote, on)
        if found is None and self.pivot not in (base, quote):
            first = self._direct(base, self.pivot, on)
            second = self._direct(self.pivot, quote, on)
            if first is not None and second is not None:
                found = first * second
        if found is None:
            raise RateMissing(base, quote, on)
        self._cache[key] = found
        return found

    def convert(self, value: Money, code: str, on: date) -> Money:
        """`value` in another currency, rounded to what can be paid in it."""
        if value.currency == code:
            return value
        factor = self.rate(value.currency, code, on)
        return Money(value.amount * factor, code).rounded()

    def pairs(self) -> list[tuple[str, str]]:
        return sorted(self._dates)

    def history(self, base: str, quote: str) -> list[tuple[date, Decimal]]:
        pair = (base, quote)
        return list(zip(self._dates.get(pair, []), self._rates.get(pair, [])))

    def latest(self, base: str, quote: str) -> tuple[date, Decimal] | None:
        known = self.history(base, quote)
        return known[-1] if known else None

    def to_json(self) -> list[dict[str, Any]]:
        return [
            {"base": base, "quote": quote, "on": on.isoformat(), "rate": str(rate)}
            for base, quote in self.pairs()
            for on, rate in self.history(base, quote)
        ]

    @classmethod
    def from_json(cls, data: Iterable[dict[str, Any]], pivot: str = "EUR") -> RateTable:
        table = cls(pivot)
        for item in data:
            table.add(item["base"], item["quote"], date.fromisoformat(item["on"]), item["rate"])
        return table
