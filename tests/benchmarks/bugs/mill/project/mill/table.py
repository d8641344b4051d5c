"""A table: a list of dictionaries that know their columns, plus the usual moves on it."""

from decimal import Decimal

from .errors import StepError
from .expr import compile_expr, make_env, truth, walk
from .values import flatten, format_plain, format_value, is_null, quantile, sort_token


class Table:
    """Rows in order. Methods return new tables unless their name says otherwise (extend, put, drop_index).

    Rows are shared between tables until something changes a row; whoever changes a row takes
    it from fresh_rows().
    """

    def __init__(self, rows=None, columns=None, name="table", origin=None):
        self.rows = rows if rows is not None else []
        self.name = name
        self.origin = origin
        self.notes = []
        self._index = {}
        self._columns = list(columns) if columns is not None else None

    # -- looking

    @property
    def columns(self):
        if self._columns is None:
            self._columns = self.find_columns()
        return self._columns

    def find_columns(self):
        seen = {}
        for row in self.rows:
            for key in row:
                seen.setdefault(key, len(seen))
        return sorted(seen, key=seen.get)

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        return iter(self.rows)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self.like(self.rows[index])
        return self.rows[index]

    def __repr__(self):
        return "<Table %s: %d rows, %s>" % (self.name, len(self.rows), ",".join(self.columns))

    @property
    def empty(self):
        return not self.rows

    def like(self, rows, columns=None):
        """A table of other rows that is otherwise as this one."""
        table = Table(rows, self._columns if columns is None else columns, self.name, self.origin)
        table.notes = list(self.notes)
        return table

    def column(self, name, default=None):
        self.require(name)
        return [row.get(name, default) for row in self.rows]

    def require(self, *names):
        missing = [name for name in names if name not in self.columns]
        if missing:
            raise StepError("table %s has no column %s (it has %s)" % (
                self.name, ", ".join(missing), ", ".join(self.columns) or "none"))

    def distinct(self, name):
        seen = {}
        for row in self.rows:
            value = row.get(name)
            token = sort_token(value)
            if token not in seen:
                seen[token] = value
        return [seen[token] for token in sorted(seen)]

    def keys(self, names):
        return [tuple(row.get(name) for name in names) for row in self.rows]

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    # -- changing

    def fresh_rows(self):
        return [dict(row) for row in self.rows]

    def extend(self, rows):
        for row in rows:
            self.put(row)
        return self

    def put(self, row):
        self.rows.append(row)
        if self._columns is not None:
            for key in row:
                if key not in self._columns:
                    self._columns.append(key)
        self._index.clear()

    def drop_index(self):
        self._index.clear()

    # -- moves

    def select(self, names):
        self.require(*names)
        return self.like([{name: row.get(name) for name in names} for row in self.rows], list(names))

    def without(self, names):
        kept = [name for name in self.columns if name not in names]
        return self.like([{k: row.get(k) for k in kept} for row in self.rows], kept)

    def renamed(self, mapping):
        self.require(*mapping)
        columns = [mapping.get(name, name) for name in self.columns]
        if len(set(columns)) != len(columns):
            raise StepError("renaming makes two columns of one name: %s" % ", ".join(columns))
        rows = [{mapping.get(key, key): value for key, value in row.items()} for row in self.rows]
        return self.like(rows, columns)

    def where(self, expression, variables=None, settings=None):
        node = compile_expr(expression)
        kept = []
        for row in self.rows:
            if truth(walk(node, make_env(row, variables, settings))):
                kept.append(row)
        return self.like(kept)

    def with_column(self, name, func):
        rows = []
        for row in self.rows:
            changed = dict(row)
            changed[name] = func(row)
            rows.append(changed)
        columns = list(self.columns)
        if name not in columns:
            columns.append(name)
        return self.like(rows, columns)

    def sorted(self, keys):
        """keys: 'name' or '-name' for the other way round; nulls are always last."""
        rows = list(self.rows)
        for key in reversed(keys):
            descending = key.startswith("-")
            name = key.lstrip("-+")
            self.require(name)
            present = [row for row in rows if row.get(name) is not None]
            absent = [row for row in rows if row.get(name) is None]
            present.sort(key=lambda row: sort_token(row[name]), reverse=descending)
            rows = present + absent
        return self.like(rows)

    def head(self, count):
        return self.like(self.rows[:count])

    def tail(self, count):
        return self.like(self.rows[-count:] if count else [])

    def unique(self, names=None, keep="first"):
        names = names or self.columns
        self.require(*names)
        chosen = {}
        for row in self.rows:
            key = tuple(sort_token(row.get(name)) for name in names)
            if keep == "last":
                chosen.pop(key, None)
                chosen[key] = row
            else:
                chosen.setdefault(key, row)
        return self.like(list(chosen.values()))

    def groups(self, names):
        """(key, rows) for each group in the order in which it is first seen."""
        self.require(*names)
        found = {}
        for row in self.rows:
            key = tuple(row.get(name) for name in names)
            found.setdefault(key, []).append(row)
        return list(found.items())

    def index_by(self, names):
        names = tuple(names)
        if names not in self._index:
            self.require(*names)
            index = {}
            for row in self.rows:
                key = tuple(match_key(row.get(name)) for name in names)
                index.setdefault(key, []).append(row)
            self._index[names] = index
        return self._index[names]

    def find(self, **wanted):
        names = sorted(wanted)
        found = self.index_by(names).get(tuple(match_key(wanted[name]) for name in names))
        return found[0] if found else None

    def flattened(self, sep="."):
        return Table([flatten(row, sep=sep) for row in self.rows], None, self.name, self.origin)

    # -- numbers about it

    def profile(self):
        """One dictionary for each column: how full it is, of what type, its range."""
        result = []
        for name in self.columns:
            values = [row.get(name) for row in self.rows]
            present = [value for value in values if not is_null(value)]
            kinds = {}
            for value in present:
                kind = type(value).__name__
                kinds[kind] = kinds.get(kind, 0) + 1
            entry = {
                "column": name,
                "filled": len(present),
                "nulls": len(values) - len(present),
                "distinct": len({format_plain(value) for value in present}),
                "type": max(sorted(kinds), key=kinds.get) if kinds else None,
                "mixed": len(kinds) > 1,
                "low": None,
                "high": None,
                "median": None,
            }
            if present and not entry["mixed"] and entry["type"] not in ("dict", "list"):
                ordered = sorted(present, key=sort_token)
                entry["low"] = ordered[0]
                entry["high"] = ordered[-1]
                if entry["type"] in ("int", "Decimal"):
                    entry["median"] = quantile(present, 0.5)
            result.append(entry)
        return result

    def total(self, name):
        self.require(name)
        return sum(value for value in self.column(name) if value is not None)

    def to_text(self, limit=20, formats=None, gap=2):
        """Aligned columns for people; numbers to the right."""
        formats = formats or {}
        shown = self.rows[:limit]
        cells = []
        for row in shown:
            cells.append([_cell(row.get(name), formats.get(name)) for name in self.columns])
        widths = []
        right = []
        for position, name in enumerate(self.columns):
            texts = [line[position] for line in cells]
            widths.append(max([len(name)] + [len(text) for text in texts]))
            values = [row.get(name) for row in shown if row.get(name) is not None]
            right.append(bool(values) and all(_is_number(value) for value in values))
        lines = [_aligned(self.columns, widths, right, gap), (" " * gap).join("-" * width for width in widths)]
        for line in cells:
            lines.append(_aligned(line, widths, right, gap))
        if len(self.rows) > limit:
            lines.append("... %d more" % (len(self.rows) - limit))
        return "\n".join(lines)


def _cell(value, pattern):
    return format_value(value, pattern)


def _is_number(value):
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _aligned(texts, widths, right, gap):
    out = []
    for text, width, to_right in zip(texts, widths, right):
        out.append(text.rjust(width) if to_right else text.ljust(width))
    return (" " * gap).join(out).rstrip()


def match_key(value):
    """How a value is compared in joins and lookups: text without case and outer blanks, numbers by value."""
    if isinstance(value, str):
        return value.strip().casefold()
    return value


def concat(tables, name="union", fill=None):
    """All rows of all tables; columns in the order of first appearance."""
    columns = []
    for table in tables:
        for column in table.columns:
            if column not in columns:
                columns.append(column)
    rows = []
    for table in tables:
        for row in table.rows:
            rows.append({column: row.get(column, fill) for column in columns})
    return Table(rows, columns, name)
