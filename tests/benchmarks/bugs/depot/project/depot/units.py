"""Reading and writing of quantities.

Inside the program a time is a float of minutes since midnight of the
scenario's day, a distance is in metres, a weight in whole grams and money
is a `Decimal`.  Everything that people type goes through this module.
"""
from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from .errors import UnitError

MINUTES_PER_DAY = 24 * 60
CENT = Decimal("0.01")

_CLOCK = re.compile(r"^(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?$")
_DURATION_PART = re.compile(r"(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>h|min|m|s)")
_QUANTITY = re.compile(r"^(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>[a-z]+)?$")
_OFFSET = re.compile(r"^(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)$")

DURATION_UNITS: dict[str, float] = {"h": 60.0, "min": 1.0, "m": 1.0, "s": 1 / 60}
WEIGHT_UNITS: dict[str, int] = {"g": 1, "kg": 1000, "t": 1_000_000}
DISTANCE_UNITS: dict[str, float] = {"m": 1.0, "km": 1000.0}

Number = int | float | Decimal


def parse_clock(text: str) -> float:
    """'07:30' -> 450.0; hours past 23 belong to the following day."""
    found = _CLOCK.match(text.strip())
    if not found:
        raise UnitError(text, "a time like 07:30")
    hour = int(found["hour"])
    if hour > 47:
        raise UnitError(text, "a time within two days")
    return hour * 60.0 + int(found["minute"]) + int(found["second"] or 0) / 60


def parse_duration(value: str | Number) -> float:
    """'1h30m', '45m', '90s' or a plain number of minutes."""
    match value:
        case bool():
            raise UnitError(value, "a duration")
        case int() | float() | Decimal():
            return float(value)
        case str():
            text = value.strip().lower()
        case _:
            raise UnitError(value, "a duration")
    total, end = 0.0, 0
    for part in _DURATION_PART.finditer(text):
        if text[end:part.start()].strip():
            raise UnitError(value, "a duration like 1h30m")
        total += float(part["amount"]) * DURATION_UNITS[part["unit"]]
        end = part.end()
    if end == 0 or text[end:].strip():
        raise UnitError(value, "a duration like 1h30m")
    return total


def parse_offset(text: str) -> timezone:
    if text in ("Z", "UTC"):
        return timezone.utc
    found = _OFFSET.match(text)
    if not found:
        raise UnitError(text, "an offset like +01:00")
    delta = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    return timezone(-delta if found["sign"] == "-" else delta)


def parse_instant(text: str, day: date, zone: timezone) -> float:
    """A clock time, or an ISO timestamp that is brought to the scenario's day and zone."""
    if "T" not in text:
        return parse_clock(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UnitError(text, "a timestamp") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (moment - midnight).total_seconds() / 60


def _quantity(value: str | Number, units: dict, default: str, expected: str) -> Decimal:
    if isinstance(value, str):
        found = _QUANTITY.match(value.strip().lower())
        unit = (found["unit"] or default) if found else None
        if unit not in units:
            raise UnitError(value, expected)
        return Decimal(found["amount"]) * Decimal(units[unit])
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise UnitError(value, expected)
    return Decimal(str(value)) * Decimal(units[default])


def parse_weight(value: str | Number) -> int:
    """Grams; a bare number counts as kilograms."""
    return int(_quantity(value, WEIGHT_UNITS, "kg", "a weight like 12.5kg"))


def parse_distance(value: str | Number) -> float:
    """Metres; a bare number counts as kilometres."""
    return float(_quantity(value, DISTANCE_UNITS, "km", "a distance like 3.2km"))


def parse_money(value: str | Number) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise UnitError(value, "an amount of money") from None
    return amount.quantize(CENT, ROUND_HALF_UP)


def to_money(value: Decimal | float) -> Decimal:
    """Round a computed amount to cents."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    return value.quantize(CENT, ROUND_HALF_UP)


def format_clock(minutes: float) -> str:
    """450.0 -> '07:30'; a time on the next day gets a '+1'."""
    whole = int(minutes + 0.5)
    days, rest = divmod(whole, MINUTES_PER_DAY)
    text = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{text}+{days}" if days > 0 else text


def format_duration(minutes: float) -> str:
    sign = "-" if minutes < 0 else ""
    whole = int(abs(minutes) + 0.5)
    hours, rest = divmod(whole, 60)
    return f"{sign}{hours}h{rest:02d}" if hours else f"{sign}{rest}m"


def format_km(metres: float) -> str:
    return f"{metres / 1000:.1f} km"


def format_kg(grams: int) -> str:
    return f"{grams / 1000:.1f} kg"


def format_money(amount: Decimal, currency: str = "EUR") -> str:
    return f"{to_money(amount):,.2f} {currency}"


def format_share(part: float, whole: float) -> str:
    """A percentage, or a dash where there is nothing to divide by."""
    if not whole:
        return "-"
    return f"{100 * part / whole:.0f}%"
