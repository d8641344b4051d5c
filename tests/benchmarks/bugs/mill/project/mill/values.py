"""Values: from text, to text, and the small arithmetic that everything else leans on.

A cell is one of: None, str, bool, int, Decimal, float (only from JSON), date, datetime, list, dict.
"""

import datetime
import re
from decimal import Decimal, InvalidOperation, ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP

NULLS = ("", "-", "n/a", "na", "null", "none", "#n/a")
TRUE_WORDS = ("y", "yes", "true", "t", "1", "on", "x")
FALSE_WORDS = ("n", "no", "false", "f", "0", "off")

CURRENCIES = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "Fr.", "JPY": "¥"}
CURRENCY_DIGITS = {"EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "JPY": 0}

# minutes east of Greenwich; the sources only ever use these
ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180,
    "BST": 60, "EST": -300, "EDT": -240, "CST": -360, "PST": -480, "PDT": -420, "IST": 330, "JST": 540,
}

ROUNDING = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "down": ROUND_DOWN, "up": ROUND_UP}

UNITS = {
    "mass": {"g": Decimal("0.001"), "kg": Decimal(1), "t": Decimal(1000), "lb": Decimal("0.45359237"),
             "oz": Decimal("0.028349523125")},
    "length": {"mm": Decimal("0.001"), "cm": Decimal("0.01"), "m": Decimal(1), "km": Decimal(1000),
               "in": Decimal("0.0254"), "ft": Decimal("0.3048")},
    "time": {"s": Decimal(1), "min": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)},
    "volume": {"ml": Decimal("0.001"), "cl": Decimal("0.01"), "l": Decimal(1), "hl": Decimal(100)},
}

_NUMBER = re.compile(r"^(?P<sign>[-+])?(?P<whole>\d[\d.,' ]*)?(?P<pct>\s*%)?$")
_STAMP = re.compile(
    r"^(?P<date>\d{4}-\d{2}-\d{2})[T ](?P<time>\d{2}:\d{2}(?::\d{2})?)(?:\.(?P<frac>\d+))?"
    r"\s*(?P<zone>[A-Z]{1,4}|[-+]\d{2}:?\d{2})?$")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(d|h|min|m|s)\b", re.I)
_PATH_PART = re.compile(r"([^.\[\]]+)|\[(-?\d+)\]")

CASTS = {}


def cast(*names):
    """Registers a function(text_or_value, options) under type names."""
    def register(func):
        for name in names:
            CASTS[name] = func
        return func
    return register


def is_null(value, extra=()):
    if value is None:
        return True
    if isinstance(value, str):
        word = value.strip().lower()
        return word in NULLS or word in extra
    return False


def squeeze(text):
    return " ".join(text.split())


def slug(text, sep="_"):
    """A column name from a heading: 'Unit Price (EUR)' -> 'unit_price_eur'."""
    out = re.sub(r"[^0-9a-zA-Z]+", sep, text.strip()).strip(sep).lower()
    return out or "column"


# ---------------------------------------------------------------- numbers

def parse_decimal(value, options=None):
    """Decimal from what people write in a cell.

    options: decimal_mark ('.' or ','), currency (code that may stand before or after), percent
    ('fraction' gives 0.12 for 12%, 'number' gives 12), digits (round to).
    """
    options = options or {}
    if value is None:
        return None
    if isinstance(value, bool):
        raise ValueError("truth value where a number was expected")
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, int):
        number = Decimal(value)
    elif isinstance(value, float):
        number = Decimal(repr(value))
    else:
        text = value.strip()
        negative = False
        if text.startswith("(") and text.endswith(")"):
            negative = True
            text = text[1:-1].strip()
        elif text.endswith("-") and len(text) > 1:
            # mainframe exports put the sign behind
            negative = True
            text = text[:-1].strip()
        currency = options.get("currency")
        if currency:
            for mark in (currency, CURRENCIES[currency]):
                if text.startswith(mark):
                    text = text[len(mark):].strip()
                if text.endswith(mark):
                    text = text[:-len(mark)].strip()
        match = _NUMBER.match(text)
        if match is None or match.group("whole") is None:
            raise ValueError("not a number: %r" % value)
        digits = match.group("whole").replace(" ", "").replace("'", "")
        if options.get("decimal_mark", ".") == ",":
            digits = digits.replace(".", "").replace(",", ".")
        else:
            digits = digits.replace(",", "")
        try:
            number = Decimal(digits)
        except InvalidOperation:
            raise ValueError("not a number: %r" % value)
        if match.group("sign") == "-":
            number = -number
        if negative:
            number = -number
        if match.group("pct") and options.get("percent", "fraction") == "fraction":
            number = number / 100
    if options.get("digits") is not None:
        number = round_to(number, options["digits"], options.get("rounding", "half-up"))
    elif options.get("currency") and options.get("round_currency"):
        number = round_to(number, CURRENCY_DIGITS[options["currency"]])
    return number


def parse_int(value, options=None):
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    options = options or {}
    if isinstance(value, str) and options.get("base"):
        return int(value.strip(), options["base"])
    number = parse_decimal(value, options)
    if number is None:
        return None
    if number != number.to_integral_value():
        if not options.get("truncate"):
            raise ValueError("not a whole number: %r" % (value,))
    return int(number)


def round_to(value, digits=0, mode="half-up"):
    """Rounds to digits behind the point; negative digits round to tens, hundreds."""
    if value is None:
        return None
    quantum = Decimal(1).scaleb(-digits)
    number = parse_decimal(value)
    if digits < 0:
        return (number / quantum).quantize(Decimal(1), rounding=ROUNDING[mode]) * int(quantum)
    return number.quantize(quantum, rounding=ROUNDING[mode])


def convert_unit(value, source, target):
    for kind in UNITS:
        table = UNITS[kind]
        if source in table:
            if target not in table:
                raise ValueError("cannot turn %s into %s" % (source, target))
            return parse_decimal(value) * table[source] / table[target]
    raise ValueError("unknown unit %r" % source)


def quantile(values, q):
    """Linear interpolation between closest ranks; values need not be sorted."""
    ordered = sorted(v for v in values if v is not None)
    if not ordered:
        return None
    position = (len(ordered) - 1) * Decimal(str(q))
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    share = position - low
    return parse_decimal(ordered[low]) * (1 - share) + parse_decimal(ordered[high]) * share


# ---------------------------------------------------------------- dates and times

def parse_date(value, options=None):
    options = options or {}
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    formats = options.get("formats") or ["%Y-%m-%d"]
    if isinstance(formats, str):
        formats = [formats]
    text = str(value).strip()
    for fmt in formats:
        try:
            return datetime.datetime.strptime(text, fmt).date()
        except ValueError:
            continue
    raise ValueError("no date: %r (tried %s)" % (value, ", ".join(formats)))


def zone_minutes(zone):
    if zone in ZONES:
        return ZONES[zone]
    match = re.match(r"^([-+])(\d{2}):?(\d{2})$", zone)
    if not match:
        raise ValueError("unknown zone %r" % zone)
    minutes = int(match.group(2)) * 60 + int(match.group(3))
    return -minutes if match.group(1) == "-" else minutes


def parse_stamp(value, options=None):
    """A naive datetime in UTC. A stamp without a zone is in options['zone']."""
    options = options or {}
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            return value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return value
    if isinstance(value, (int, float)):
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=value)
    match = _STAMP.match(value.strip())
    if not match:
        raise ValueError("no time stamp: %r" % value)
    clock = match.group("time")
    if len(clock) == 5:
        clock += ":00"
    stamp = datetime.datetime.strptime(match.group("date") + " " + clock, "%Y-%m-%d %H:%M:%S")
    if match.group("frac"):
        stamp = stamp.replace(microsecond=int(match.group("frac")[:6].ljust(6, "0")))
    minutes = zone_minutes(match.group("zone") or options.get("zone", "UTC"))
    return stamp - datetime.timedelta(minutes=minutes)


def local_day(stamp, zone):
    """The calendar day of a UTC stamp as seen in a zone."""
    return (stamp + datetime.timedelta(minutes=zone_minutes(zone))).date()


def parse_duration(text):
    """Seconds: '1h 30m', '90 min', '2d'. A bare number means seconds."""
    text = text.strip()
    if re.match(r"^\d+$", text):
        return int(text)
    total = Decimal(0)
    found = _DURATION.findall(text)
    if not found:
        raise ValueError("no duration: %r" % text)
    for amount, unit in found:
        unit = unit.lower()
        if unit == "m":
            unit = "min"
        total += Decimal(amount) * UNITS["time"][unit]
    return int(total)


def month_key(day):
    return "%04d-%02d" % (day.year, day.month)


def quarter_key(day):
    return "%04d-Q%d" % (day.year, (day.month - 1) // 3 + 1)


def week_key(day):
    year, week, _ = day.isocalendar()
    return "%04d-W%02d" % (year, week)


def add_months(day, count):
    """Same day some months on; the 31st becomes the last day of a short month."""
    index = day.year * 12 + day.month - 1 + count
    year, month = index // 12, index % 12 + 1
    following = datetime.date(year + month // 12, month % 12 + 1, 1)
    last = (following - datetime.timedelta(days=1)).day
    return day.replace(year=year, month=month, day=min(day.day, last))


# ---------------------------------------------------------------- casts

@cast("str", "text", "string")
def cast_text(value, options):
    if value is None:
        return None
    if isinstance(value, bool):
        value = "true" if value else "false"
    text = value if isinstance(value, str) else format_plain(value)
    if options.get("squeeze", True):
        text = squeeze(text)
    if options.get("case"):
        text = getattr(text, options["case"])()
    return text


@cast("int", "integer")
def cast_int(value, options):
    return parse_int(value, options)


@cast("decimal", "number", "money")
def cast_decimal(value, options):
    return parse_decimal(value, options)


@cast("float")
def cast_float(value, options):
    number = parse_decimal(value, options)
    return None if number is None else float(number)


@cast("bool", "flag")
def cast_bool(value, options):
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in options.get("true", TRUE_WORDS):
        return True
    if word in options.get("false", FALSE_WORDS):
        return False
    raise ValueError("neither yes nor no: %r" % value)


@cast("date")
def cast_date(value, options):
    return parse_date(value, options)


@cast("stamp", "datetime")
def cast_stamp(value, options):
    return parse_stamp(value, options)


@cast("duration")
def cast_duration(value, options):
    if isinstance(value, (int, Decimal)):
        return int(value)
    return parse_duration(value)


@cast("list")
def cast_list(value, options):
    if isinstance(value, (list, tuple)):
        items = list(value)
    else:
        items = [item.strip() for item in str(value).split(options.get("sep", ";"))]
        items = [item for item in items if item]
    inner = options.get("of")
    if inner:
        items = [cast_value(item, inner, options.get("item", {})) for item in items]
    return items


@cast("any")
def cast_any(value, options):
    return value


def cast_value(value, type_name, options=None):
    """The one door to CASTS; null words become None before the cast sees them."""
    options = options or {}
    if is_null(value, options.get("nulls", ())):
        return None
    return CASTS[type_name](value, options)


# ---------------------------------------------------------------- to text

def format_plain(value):
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, Decimal):
        text = format(value, "f")
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return text if text not in ("-0", "") else "0"
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return ";".join(format_plain(item) for item in value)
    return str(value)


def group_digits(whole, mark):
    parts = []
    while len(whole) > 3:
        parts.insert(0, whole[-3:])
        whole = whole[:-3]
    parts.insert(0, whole)
    return mark.join(parts)


def format_number(value, digits=2, thousands="", decimal_mark="."):
    number = round_to(value, digits)
    sign = "-" if number < 0 else ""
    text = format(abs(number), "f")
    whole, _, fraction = text.partition(".")
    if thousands:
        whole = group_digits(whole, thousands)
    return sign + whole + (decimal_mark + fraction if fraction else "")


def format_value(value, pattern=None):
    """pattern: None, 'money:EUR', 'number:1', 'percent:1', 'date:%d.%m.%Y', 'upper', 'width:10'."""
    if pattern is None:
        return format_plain(value)
    if value is None:
        return ""
    kind, _, arg = pattern.partition(":")
    if kind == "money":
        return "%s %s" % (format_number(value, CURRENCY_DIGITS[arg], ","), arg)
    if kind == "number":
        return format_number(value, int(arg or 0), ",")
    if kind == "percent":
        return format_number(parse_decimal(value) * 100, int(arg or 0)) + "%"
    if kind == "date":
        return value.strftime(arg or "%Y-%m-%d")
    if kind == "upper":
        return format_plain(value).upper()
    if kind == "width":
        return format_plain(value).ljust(int(arg))[:int(arg)]
    raise ValueError("unknown pattern %r" % pattern)


# ---------------------------------------------------------------- order and paths

_RANKS = ((bool, 1), (int, 2), (Decimal, 2), (float, 2), (datetime.datetime, 4), (datetime.date, 3), (str, 5))


def sort_token(value):
    """A key under which cells of any type can be compared; None comes last."""
    if value is None:
        return (9, 0)
    for kind, rank in _RANKS:
        if isinstance(value, kind):
            if rank == 5:
                return (rank, value.casefold(), value)
            return (rank, value)
    return (8, format_plain(value))


def split_path(path):
    parts = []
    for name, index in _PATH_PART.findall(path):
        parts.append(int(index) if index else name)
    return parts


def deep_get(data, path, default=None):
    """deep_get({'a': [{'b': 1}]}, 'a[0].b') -> 1"""
    current = data
    for part in split_path(path):
        if isinstance(part, int):
            if not isinstance(current, (list, tuple)) or not -len(current) <= part < len(current):
                return default
            current = current[part]
        else:
            if not isinstance(current, dict) or part not in current:
                return default
            current = current[part]
    return current


def flatten(data, prefix="", sep="."):
    """Nested dictionaries to one level; lists stay as they are."""
    flat = {}
    for key in data:
        name = prefix + sep + key if prefix else key
        if isinstance(data[key], dict):
            flat.update(flatten(data[key], name, sep))
        else:
            flat[name] = data[key]
    return flat


def merge(base, over):
    """A new dictionary: over wins, dictionaries inside are merged as well."""
    result = dict(base)
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merge(result[key], value)
        else:
            result[key] = value
    return result
