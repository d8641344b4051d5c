"""Errors, types, schemas, rows and tables: what everything else stands on."""

import datetime
import decimal
import re


# ---------------------------------------------------------------- errors

class QuillError(Exception):
    """Base class of everything that a query can do wrong."""

    kind = "error"

    def __init__(self, message, position=None):
        super().__init__(message)
        self.message = message
        self.position = position

    def render(self, source=None):
        text = "%s: %s" % (self.kind, self.message)
        if source is None or self.position is None:
            return text
        line_no, column = locate(source, self.position)
        line = source.splitlines()[line_no - 1] if source.splitlines() else ""
        pointer = " " * (column - 1) + "^"
        return "%s (line %d, column %d)\n  %s\n  %s" % (text, line_no, column, line, pointer)


class LexError(QuillError):
    kind = "lexical error"


class ParseError(QuillError):
    kind = "syntax error"

    def __init__(self, message, position=None, expected=()):
        super().__init__(message, position)
        self.expected = tuple(expected)


class UnknownName(QuillError):
    kind = "unknown name"

    def __init__(self, message, position=None, candidates=()):
        super().__init__(message, position)
        self.candidates = list(candidates)

    def render(self, source=None):
        text = super().render(source)
        if self.candidates:
            text += "\n  did you mean: " + ", ".join(self.candidates)
        return text


class AmbiguousName(UnknownName):
    kind = "ambiguous name"


class TypeMismatch(QuillError):
    kind = "type error"


class PlanError(QuillError):
    kind = "planning error"


class ExecutionError(QuillError):
    kind = "execution error"


class LoadError(QuillError):
    kind = "load error"

    def __init__(self, message, path=None, line=None):
        super().__init__(message)
        self.path = path
        self.line = line

    def render(self, source=None):
        where = ""
        if self.path is not None:
            where = " [%s%s]" % (self.path, ":%d" % self.line if self.line else "")
        return "%s: %s%s" % (self.kind, self.message, where)


def locate(source, position):
    """Line and column, both counted from 1, of an offset in source."""
    before = source[:position]
    line_no = before.count("\n") + 1
    column = position - (before.rfind("\n") + 1) + 1
    return line_no, column


# ---------------------------------------------------------------- types

class Type:
    """A column type.  Types are singletons, looked up by name in TYPES."""

    def __init__(self, name, python_types, rank=0, aliases=()):
        self.name = name
        self.python_types = python_types
        self.rank = rank
        self.aliases = aliases

    @property
    def numeric(self):
        return self.rank > 0

    def accepts(self, value):
        if value is None:
            return True
        if isinstance(value, bool) and self.name not in ("bool", "any"):
            return False
        return isinstance(value, self.python_types)

    def __eq__(self, other):
        if isinstance(other, str):
            return self.name == other or other in self.aliases
        if not isinstance(other, Type):
            return NotImplemented
        return self.name == other.name

    def __hash__(self):
        return hash(self.name)

    def __repr__(self):
        return "<type %s>" % self.name

    def __str__(self):
        return self.name


INT = Type("int", (int,), 1, ("integer", "bigint"))
DECIMAL = Type("decimal", (decimal.Decimal, int), 2, ("numeric", "money"))
FLOAT = Type("float", (float, int), 3, ("double", "real"))
TEXT = Type("text", (str,), 0, ("string", "varchar"))
BOOL = Type("bool", (bool,), 0, ("boolean",))
DATE = Type("date", (datetime.date,))
LIST = Type("list", (list, tuple))
NULL = Type("null", ())
ANY = Type("any", (object,))

TYPES = {}
for _type in (INT, DECIMAL, FLOAT, TEXT, BOOL, DATE, LIST, NULL, ANY):
    TYPES[_type.name] = _type
    for _alias in _type.aliases:
        TYPES[_alias] = _type

TRUE_WORDS = {"true", "t", "yes", "y", "on"}
FALSE_WORDS = {"false", "f", "no", "n", "off"}

INT_PATTERN = re.compile(r"[+-]?\d+\Z")
FLOAT_PATTERN = re.compile(r"[+-]?(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?\Z")
DECIMAL_PATTERN = re.compile(r"[+-]?\d+\.\d{2}\Z")
DATE_PATTERN = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z")


def type_named(name, position=None):
    try:
        return TYPES[name.lower()]
    except KeyError:
        raise UnknownName("there is no type %r" % name, position, close_names(name, TYPES)) from None


def type_of(value):
    """The narrowest type of a python value."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return INT
    if isinstance(value, decimal.Decimal):
        return DECIMAL
    if isinstance(value, float):
        return FLOAT
    if isinstance(value, str):
        return TEXT
    if isinstance(value, datetime.datetime):
        return ANY
    if isinstance(value, datetime.date):
        return DATE
    if isinstance(value, (list, tuple)):
        return LIST
    return ANY


def common_type(left, right):
    """The type that both can be widened to, or None."""
    if left == right:
        return left
    if left == NULL or left == ANY:
        return right if left == NULL else ANY
    if right == NULL or right == ANY:
        return left if right == NULL else ANY
    if left.numeric and right.numeric:
        return left if left.rank >= right.rank else right
    return None


def parse_text(text):
    """Guess the value that stands in a piece of text; empty text is null."""
    text = text.strip()
    if not text:
        return None
    lowered = text.lower()
    if lowered in ("null", "n/a", "na"):
        return None
    if INT_PATTERN.match(text):
        return int(text)
    if DECIMAL_PATTERN.match(text):
        return decimal.Decimal(text)
    if FLOAT_PATTERN.match(text):
        return float(text)
    if lowered == "true" or lowered == "false":
        return lowered == "true"
    found = DATE_PATTERN.match(text)
    if found:
        try:
            return datetime.date(*(int(part) for part in found.groups()))
        except ValueError:
            return text
    return text


def coerce(value, target):
    """Convert value to a type; raises ExecutionError where that has no meaning."""
    if value is None or target == ANY or target == NULL:
        return value
    source = type_of(value)
    if source == target:
        return value
    try:
        if target == TEXT:
            return to_text(value)
        elif target == INT:
            if isinstance(value, str):
                value = value.strip()
                if not INT_PATTERN.match(value):
                    return int(decimal.Decimal(value).to_integral_value(decimal.ROUND_HALF_UP))
                return int(value)
            if isinstance(value, bool):
                return 1 if value else 0
            if isinstance(value, (float, decimal.Decimal)):
                return int(decimal.Decimal(str(value)).to_integral_value(decimal.ROUND_HALF_UP))
        elif target == DECIMAL:
            if isinstance(value, float):
                return decimal.Decimal(str(value))
            if isinstance(value, (int, str)):
                return decimal.Decimal(value)
        elif target == FLOAT:
            return float(value)
        elif target == BOOL:
            if isinstance(value, (int, float, decimal.Decimal)):
                return value != 0
            if isinstance(value, str):
                word = value.strip().lower()
                if word in TRUE_WORDS:
                    return True
                if word in FALSE_WORDS:
                    return False
        elif target == DATE:
            if isinstance(value, str):
                found = DATE_PATTERN.match(value.strip())
                if found:
                    return datetime.date(*(int(part) for part in found.groups()))
        elif target == LIST:
            return [value]
    except (ValueError, decimal.InvalidOperation):
        pass
    raise ExecutionError("cannot convert %s %r to %s" % (source, value, target))


def to_text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return ("%.6f" % value).rstrip("0").rstrip(".")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(to_text(item) for item in value) + "]"
    return str(value)


def close_names(name, names, limit=3):
    """Names that look like name; for error messages."""
    name = name.lower()
    scored = []
    for other in names:
        low = other.lower()
        if low.startswith(name[:2]) or name in low or low in name:
            scored.append((abs(len(low) - len(name)), other))
    return [other for _, other in sorted(scored)[:limit]]


def compare(left, right):
    """-1, 0 or 1; numbers of all kinds compare with one another."""
    if isinstance(left, float) and isinstance(right, decimal.Decimal):
        right = float(right)
    elif isinstance(left, decimal.Decimal) and isinstance(right, float):
        left = float(left)
    if isinstance(left, datetime.date) and isinstance(right, str):
        right = coerce(right, DATE)
    elif isinstance(left, str) and isinstance(right, datetime.date):
        left = coerce(left, DATE)
    if left == right:
        return 0
    try:
        return -1 if left < right else 1
    except TypeError:
        raise ExecutionError("cannot compare %s with %s" % (type_of(left), type_of(right))) from None


class SortKey:
    """One value in an ordering; knows its direction and where nulls go."""

    __slots__ = ("value", "descending", "nulls_first")

    def __init__(self, value, descending=False, nulls_first=None):
        self.value = value
        self.descending = descending
        self.nulls_first = descending if nulls_first is None else nulls_first

    def __eq__(self, other):
        if self.value is None or other.value is None:
            return self.value is None and other.value is None
        return compare(self.value, other.value) == 0

    def __lt__(self, other):
        if self.value is None:
            return other.value is not None and self.nulls_first
        if other.value is None:
            return not self.nulls_first
        order = compare(self.value, other.value)
        return order > 0 if self.descending else order < 0

    def __repr__(self):
        return "SortKey(%r%s)" % (self.value, ", desc" if self.descending else "")


# ---------------------------------------------------------------- schemas and rows

class Column:
    def __init__(self, name, type=ANY, table=None, nullable=True):
        self.name = name
        self.type = type
        self.table = table
        self.nullable = nullable

    @property
    def full_name(self):
        return "%s.%s" % (self.table, self.name) if self.table else self.name

    def matches(self, name, table=None):
        if self.name.lower() != name.lower():
            return False
        return table is None or (self.table or "").lower() == table.lower()

    def with_table(self, table):
        return Column(self.name, self.type, table, self.nullable)

    def renamed(self, name):
        return Column(name, self.type, None, self.nullable)

    def as_nullable(self):
        return Column(self.name, self.type, self.table, True)

    def __eq__(self, other):
        if not isinstance(other, Column):
            return NotImplemented
        return (self.name, self.type, self.table) == (other.name, other.type, other.table)

    def __hash__(self):
        return hash((self.name, self.table))

    def __repr__(self):
        return "Column(%s %s%s)" % (self.full_name, self.type, "" if self.nullable else " not null")


class Schema:
    """An ordered list of columns, found by position or by name."""

    def __init__(self, columns=()):
        self.columns = list(columns)
        self._positions = {}

    def __len__(self):
        return len(self.columns)

    def __iter__(self):
        return iter(self.columns)

    def __getitem__(self, key):
        if isinstance(key, str):
            return self.columns[self.index_of(key)]
        if isinstance(key, slice):
            return Schema(self.columns[key])
        return self.columns[key]

    def __contains__(self, name):
        return bool(self.find(name))

    def __eq__(self, other):
        if not isinstance(other, Schema):
            return NotImplemented
        return self.columns == other.columns

    def __add__(self, other):
        return Schema(self.columns + other.columns)

    def __repr__(self):
        return "Schema(%s)" % ", ".join(column.full_name for column in self.columns)

    @property
    def names(self):
        return [column.name for column in self.columns]

    @property
    def tables(self):
        seen = []
        for column in self.columns:
            if column.table and column.table not in seen:
                seen.append(column.table)
        return seen

    def find(self, name, table=None):
        return [i for i, column in enumerate(self.columns) if column.matches(name, table)]

    def index_of(self, name, table=None, position=None):
        key = (name, table)
        index = self._positions.get(key)
        if index is not None:
            return index
        found = self.find(name, table)
        shown = "%s.%s" % (table, name) if table else name
        if not found:
            raise UnknownName("there is no column %s" % shown, position, close_names(name, self.names))
        if len(found) > 1:
            raise AmbiguousName("column %s is ambiguous" % shown, position,
                                [self.columns[i].full_name for i in found])
        self._positions[key] = found[0]
        return found[0]

    def qualify(self, table):
        return Schema(column.with_table(table) for column in self.columns)

    def project(self, indexes):
        return Schema(self.columns[i] for i in indexes)

    def nullable(self):
        return Schema(column.as_nullable() for column in self.columns)

    def covers(self, refs):
        """True if every (name, table) pair can be found here."""
        return all(self.find(name, table) for name, table in refs)


class Row:
    """Values of one row together with the schema they follow."""

    __slots__ = ("schema", "values")

    def __init__(self, schema, values):
        self.schema = schema
        self.values = tuple(values)

    def __getitem__(self, key):
        if isinstance(key, str):
            if "." in key:
                table, name = key.split(".", 1)
                return self.values[self.schema.index_of(name, table)]
            return self.values[self.schema.index_of(key)]
        return self.values[key]

    def __iter__(self):
        return iter(self.values)

    def __len__(self):
        return len(self.values)

    def __eq__(self, other):
        if isinstance(other, Row):
            return self.values == other.values
        if isinstance(other, (tuple, list)):
            return self.values == tuple(other)
        return NotImplemented

    def __hash__(self):
        return hash(self.values)

    def __add__(self, other):
        return Row(self.schema + other.schema, self.values + other.values)

    def __repr__(self):
        return "Row(%s)" % ", ".join("%s=%r" % pair for pair in zip(self.schema.names, self.values))

    def get(self, name, default=None):
        if name not in self.schema:
            return default
        return self[name]

    def as_dict(self):
        return dict(zip(self.schema.names, self.values))


class Table:
    """A named, fully loaded table."""

    def __init__(self, name, schema, rows=()):
        self.name = name
        self.schema = schema.qualify(name)
        self.rows = []
        self.indexes = {}
        self.source = None
        for row in rows:
            self.append(row)

    @classmethod
    def from_records(cls, name, records, columns=None):
        """Build a table from dictionaries; column types come from the values."""
        records = list(records)
        if columns is None:
            columns = []
            for record in records:
                for key in record:
                    if key not in columns:
                        columns.append(key)
        schema = Schema(
            Column(key, column_type(record.get(key) for record in records),
                   nullable=any(record.get(key) is None for record in records))
            for key in columns
        )
        return cls(name, schema, ([record.get(key) for key in columns] for record in records))

    def append(self, values):
        values = list(values)
        if len(values) != len(self.schema):
            raise LoadError("table %s has %d columns, not %d" % (self.name, len(self.schema), len(values)),
                            self.source)
        values = [coerce(value, column.type) for value, column in zip(values, self.schema)]
        self.rows.append(Row(self.schema, values))
        self.indexes.clear()

    def extend(self, rows):
        for row in rows:
            self.append(row)

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        return iter(self.rows)

    def __getitem__(self, key):
        if isinstance(key, str):
            return self.column_values(key)
        return self.rows[key]

    def __repr__(self):
        return "<table %s: %d columns, %d rows>" % (self.name, len(self.schema), len(self.rows))

    def column_values(self, name):
        index = self.schema.index_of(name)
        return [row[index] for row in self.rows]

    def index_on(self, name):
        """Rows by the values of a column; built at first use."""
        if name not in self.indexes:
            built = {}
            for row in self.rows:
                built.setdefault(row[name], []).append(row)
            self.indexes[name] = built
        return self.indexes[name]

    def distinct_count(self, name):
        return len(self.index_on(name))

    def describe(self):
        result = []
        for column in self.schema:
            values = self.column_values(column.name)
            present = [value for value in values if value is not None]
            result.append({
                "column": column.name,
                "type": column.type.name,
                "nulls": len(values) - len(present),
                "distinct": len(set(to_text(value) for value in present)),
                "min": min(present, key=SortKey) if present else None,
                "max": max(present, key=SortKey) if present else None,
            })
        return result


def column_type(values):
    """The type of a column with these values: text if they have none in common."""
    result = NULL
    for value in values:
        widened = common_type(result, type_of(value))
        if widened is None:
            return TEXT
        result = widened
    return TEXT if result == NULL else result
