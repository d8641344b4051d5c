"""The functions that a query can call: scalar ones and aggregates."""

import calendar
import datetime
import decimal
import math
import re

from . import core
from .core import ANY, BOOL, DATE, DECIMAL, FLOAT, INT, LIST, NULL, TEXT, ExecutionError

SCALARS = {}
AGGREGATES = {}


class Function:
    """What the checker and the evaluator have to know of a scalar function."""

    def __init__(self, name, call, args, returns, optional=0, variadic=False, pure=True, null_safe=False):
        self.name = name
        self.call = call
        self.args = args
        self.returns = returns
        self.optional = optional
        self.variadic = variadic
        self.pure = pure
        self.null_safe = null_safe

    def accepts_count(self, count):
        if self.variadic:
            return count >= len(self.args) - self.optional
        return len(self.args) - self.optional <= count <= len(self.args)

    def arg_type(self, index):
        if index < len(self.args):
            return self.args[index]
        return self.args[-1]

    def return_type(self, types):
        if callable(self.returns):
            return self.returns(types)
        return self.returns

    def __call__(self, *values):
        if not self.null_safe and any(value is None for value in values):
            return None
        return self.call(*values)

    @property
    def signature(self):
        parts = [type.name for type in self.args]
        for i in range(len(parts) - self.optional, len(parts)):
            parts[i] = "[%s]" % parts[i]
        if self.variadic:
            parts.append("...")
        return "%s(%s)" % (self.name, ", ".join(parts))

    def __repr__(self):
        return "<function %s>" % self.signature


def function(name, *args, returns=ANY, **options):
    aliases = options.pop("aliases", ())

    def register(call):
        for each in (name, *aliases):
            SCALARS[each] = Function(each, call, args, returns, **options)
        return call
    return register


def lookup(name):
    return SCALARS.get(name.lower())


def is_aggregate(name):
    return name.lower() in AGGREGATES


def same_as_first(types):
    return types[0] if types else ANY


def widest(types):
    result = NULL
    for type in types:
        result = core.common_type(result, type) or ANY
    return result


# ---------------------------------------------------------------- text

@function("upper", TEXT, returns=TEXT)
def upper(text):
    return text.upper()


@function("lower", TEXT, returns=TEXT)
def lower(text):
    return text.lower()


@function("length", TEXT, returns=INT, aliases=("len",))
def length(text):
    return len(text)


@function("trim", TEXT, TEXT, returns=TEXT, optional=1)
def trim(text, chars=None):
    return text.strip(chars)


@function("substr", TEXT, INT, INT, returns=TEXT, optional=1, aliases=("substring",))
def substr(text, start, count=None):
    """Positions count from 1; a negative one counts from the end."""
    begin = start - 1 if start > 0 else max(len(text) + start, 0)
    if count is None:
        return text[begin:]
    if count < 0:
        raise ExecutionError("substr: negative length %d" % count)
    return text[begin:begin + count]


@function("replace", TEXT, TEXT, TEXT, returns=TEXT)
def replace(text, old, new):
    return text.replace(old, new) if old else text


@function("concat", ANY, returns=TEXT, variadic=True, null_safe=True)
def concat(*values):
    return "".join(core.to_text(value) for value in values)


@function("concat_ws", TEXT, ANY, returns=TEXT, variadic=True, null_safe=True)
def concat_ws(separator, *values):
    return separator.join(core.to_text(value) for value in values if value is not None)


@function("lpad", TEXT, INT, TEXT, returns=TEXT, optional=1)
def lpad(text, width, fill=" "):
    missing = width - len(text)
    if missing <= 0 or not fill:
        return text[:width]
    return (fill * (missing // len(fill) + 1))[:missing] + text


@function("starts_with", TEXT, TEXT, returns=BOOL)
def starts_with(text, prefix):
    return text.startswith(prefix)


@function("instr", TEXT, TEXT, returns=INT)
def instr(text, part):
    return text.find(part) + 1


@function("split", TEXT, TEXT, returns=LIST, optional=1)
def split(text, separator=","):
    return [part.strip() for part in text.split(separator)] if text else []


@function("element", LIST, INT)
def element(items, index):
    if index == 0:
        raise ExecutionError("elements are counted from 1")
    index = index - 1 if index > 0 else len(items) + index
    return items[index] if 0 <= index < len(items) else None


@function("regexp", TEXT, TEXT, returns=TEXT)
def regexp(text, pattern):
    """The first group (or all) of the first match, or null."""
    try:
        found = re.search(pattern, text)
    except re.error as error:
        raise ExecutionError("regexp: %s" % error) from None
    if found is None:
        return None
    return found.group(1) if found.re.groups else found.group()


@function("initcap", TEXT, returns=TEXT)
def initcap(text):
    return re.sub(r"[^\W\d_]+('[a-z]+)?", lambda found: found.group().capitalize(), text)


# ---------------------------------------------------------------- numbers

@function("abs", FLOAT, returns=same_as_first)
def abs_(value):
    return abs(value)


@function("round", FLOAT, INT, returns=same_as_first, optional=1)
def round_(value, digits=0):
    """Half away from zero, as in a spreadsheet."""
    if isinstance(value, int):
        return value
    step = decimal.Decimal(1).scaleb(-digits)
    exact = value if isinstance(value, decimal.Decimal) else decimal.Decimal(repr(value))
    rounded = exact.quantize(step, rounding=decimal.ROUND_HALF_UP)
    return rounded if isinstance(value, decimal.Decimal) else float(rounded)


@function("floor", FLOAT, returns=INT)
def floor(value):
    return math.floor(value)


@function("ceil", FLOAT, returns=INT, aliases=("ceiling",))
def ceil(value):
    return math.ceil(value)


@function("sqrt", FLOAT, returns=FLOAT)
def sqrt(value):
    if value < 0:
        raise ExecutionError("sqrt of a negative number")
    return math.sqrt(value)


@function("power", FLOAT, FLOAT, returns=FLOAT)
def power(base, exponent):
    return float(base) ** float(exponent)


@function("sign", FLOAT, returns=INT)
def sign(value):
    return (value > 0) - (value < 0)


@function("bucket", FLOAT, FLOAT, returns=FLOAT)
def bucket(value, width):
    """The lower border of the bucket of this width that value falls in."""
    if width <= 0:
        raise ExecutionError("bucket: the width must be positive")
    return math.floor(float(value) / float(width)) * float(width)


@function("greatest", ANY, returns=widest, variadic=True, null_safe=True)
def greatest(*values):
    present = [value for value in values if value is not None]
    return max(present, key=core.SortKey) if present else None


@function("least", ANY, returns=widest, variadic=True, null_safe=True)
def least(*values):
    present = [value for value in values if value is not None]
    return min(present, key=core.SortKey) if present else None


# ---------------------------------------------------------------- nulls

@function("coalesce", ANY, returns=widest, variadic=True, null_safe=True)
def coalesce(*values):
    for value in values:
        if value is not None:
            return value
    return None


@function("nullif", ANY, ANY, returns=same_as_first, null_safe=True)
def nullif(value, other):
    if value is None or other is None:
        return value
    return None if core.compare(value, other) == 0 else value


@function("iif", BOOL, ANY, ANY, returns=lambda types: widest(types[1:]), null_safe=True)
def iif(condition, yes, no):
    return yes if condition else no


@function("typeof", ANY, returns=TEXT, null_safe=True)
def typeof(value):
    return core.type_of(value).name


# ---------------------------------------------------------------- dates

DATE_PARTS = {
    "year": lambda day: day.year,
    "quarter": lambda day: (day.month - 1) // 3 + 1,
    "month": lambda day: day.month,
    "week": lambda day: day.isocalendar()[1],
    "day": lambda day: day.day,
    "weekday": lambda day: day.isoweekday(),
    "yearday": lambda day: day.timetuple().tm_yday,
}


@function("date_part", TEXT, DATE, returns=INT)
def date_part(part, day):
    getter = DATE_PARTS.get(part.lower())
    if getter is None:
        raise ExecutionError("date_part: there is no part %r" % part)
    return getter(day)


@function("year", DATE, returns=INT)
def year(day):
    return date_part("year", day)


@function("month", DATE, returns=INT)
def month(day):
    return date_part("month", day)


@function("date_trunc", TEXT, DATE, returns=DATE)
def date_trunc(unit, day):
    unit = unit.lower()
    if unit == "year":
        return day.replace(month=1, day=1)
    elif unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    elif unit == "month":
        return day.replace(day=1)
    elif unit == "week":
        return day - datetime.timedelta(days=day.weekday())
    elif unit == "day":
        return day
    raise ExecutionError("date_trunc: there is no unit %r" % unit)


@function("date_add", DATE, INT, TEXT, returns=DATE, optional=1)
def date_add(day, count, unit="day"):
    unit = unit.lower().rstrip("s")
    if unit == "day":
        return day + datetime.timedelta(days=count)
    if unit == "week":
        return day + datetime.timedelta(weeks=count)
    if unit == "year":
        count *= 12
    elif unit == "quarter":
        count *= 3
    elif unit != "month":
        raise ExecutionError("date_add: there is no unit %r" % unit)
    months = day.year * 12 + day.month - 1 + count
    year, month = months // 12, months % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return datetime.date(year, month, min(day.day, last))


@function("date_diff", DATE, DATE, returns=INT)
def date_diff(later, earlier):
    return (later - earlier).days


@function("to_date", TEXT, TEXT, returns=DATE, optional=1)
def to_date(text, layout="%Y-%m-%d"):
    try:
        return datetime.datetime.strptime(text.strip(), layout).date()
    except ValueError:
        raise ExecutionError("to_date: %r is not a date like %r" % (text, layout)) from None


# ---------------------------------------------------------------- aggregates

class Aggregate:
    """Collects the values of one group.  Nulls are left out before step()."""

    name = None
    min_args = 1
    max_args = 1
    counts_rows = False
    accepts = ANY

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.name:
            AGGREGATES[cls.name] = cls

    def __init__(self, *options):
        self.options = options
        self.reset()

    def reset(self):
        raise NotImplementedError

    def step(self, value):
        raise NotImplementedError

    def finish(self):
        raise NotImplementedError

    @classmethod
    def return_type(cls, types):
        return types[0] if types else ANY

    def add(self, value):
        if value is None and not self.counts_rows:
            return
        self.step(value)

    @property
    def result(self):
        return self.finish()


class Count(Aggregate):
    name = "count"

    def reset(self):
        self.count = 0

    def step(self, value):
        self.count += 1

    def finish(self):
        return self.count

    @classmethod
    def return_type(cls, types):
        return INT


class CountRows(Count):
    """count(*)"""

    name = "count_rows"
    min_args = 0
    counts_rows = True


class Sum(Aggregate):
    name = "sum"
    accepts = FLOAT

    def reset(self):
        self.total = None

    def step(self, value):
        if self.total is None:
            self.total = value
        elif isinstance(self.total, float) or isinstance(value, float):
            self.total = float(self.total) + float(value)
        else:
            self.total = self.total + value

    def finish(self):
        return self.total


class Avg(Sum):
    name = "avg"

    def reset(self):
        super().reset()
        self.count = 0

    def step(self, value):
        super().step(value)
        self.count += 1

    def finish(self):
        if not self.count:
            return None
        if isinstance(self.total, decimal.Decimal):
            return (self.total / self.count).quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP)
        return self.total / self.count

    @classmethod
    def return_type(cls, types):
        return DECIMAL if types and types[0] == DECIMAL else FLOAT


class Extreme(Aggregate):
    wanted = 0

    def reset(self):
        self.best = None

    def step(self, value):
        if self.best is None or core.compare(value, self.best) == self.wanted:
            self.best = value

    def finish(self):
        return self.best


class Min(Extreme):
    name = "min"
    wanted = -1


class Max(Extreme):
    name = "max"
    wanted = 1


class First(Aggregate):
    name = "first"

    def reset(self):
        self.value = None

    def step(self, value):
        if self.value is None:
            self.value = value

    def finish(self):
        return self.value


class Last(First):
    name = "last"

    def step(self, value):
        self.value = value


class Listing(Aggregate):
    name = "list"

    def reset(self):
        self.values = []

    def step(self, value):
        self.values.append(value)

    def finish(self):
        return self.values

    @classmethod
    def return_type(cls, types):
        return LIST


class StringAgg(Listing):
    name = "string_agg"
    max_args = 2

    def finish(self):
        separator = self.options[0] if self.options else ", "
        return separator.join(core.to_text(value) for value in self.values) if self.values else None

    @classmethod
    def return_type(cls, types):
        return TEXT


class Median(Listing):
    name = "median"
    accepts = FLOAT

    def finish(self):
        ordered = sorted(self.values, key=core.SortKey)
        if not ordered:
            return None
        middle = len(ordered) // 2
        if len(ordered) % 2:
            return ordered[middle]
        return (ordered[middle - 1] + ordered[middle]) / 2

    @classmethod
    def return_type(cls, types):
        return types[0] if types and types[0] == DECIMAL else FLOAT


class Percentile(Median):
    """percentile(x, 0.9), linear between the two nearest values."""

    name = "percentile"
    min_args = max_args = 2

    def finish(self):
        fraction = float(self.options[0])
        if not 0 <= fraction <= 1:
            raise ExecutionError("percentile: %r is not between 0 and 1" % fraction)
        ordered = sorted(float(value) for value in self.values)
        if not ordered:
            return None
        place = fraction * (len(ordered) - 1)
        below = math.floor(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

    @classmethod
    def return_type(cls, types):
        return FLOAT


class Spread(Aggregate):
    """Standard deviation of a sample, by the method of Welford."""

    name = "stddev"
    accepts = FLOAT

    def reset(self):
        self.count = 0
        self.mean = 0.0
        self.squares = 0.0

    def step(self, value):
        self.count += 1
        delta = float(value) - self.mean
        self.mean += delta / self.count
        self.squares += delta * (float(value) - self.mean)

    def finish(self):
        if self.count < 2:
            return None
        return math.sqrt(self.squares / (self.count - 1))

    @classmethod
    def return_type(cls, types):
        return FLOAT


class Distinct:
    """Wraps an aggregate so that it sees each value once."""

    def __init__(self, inner):
        self.inner = inner
        self.seen = set()

    def add(self, value):
        key = tuple(value) if isinstance(value, list) else value
        if key in self.seen:
            return
        self.seen.add(key)
        self.inner.add(value)

    @property
    def result(self):
        return self.inner.result


def make_aggregate(name, distinct=False, options=()):
    made = AGGREGATES[name](*options)
    return Distinct(made) if distinct else made


def function_names():
    return sorted(SCALARS) + sorted(name for name in AGGREGATES if name != "count_rows")
