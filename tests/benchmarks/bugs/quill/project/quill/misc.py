"""Odds and ends: settings, output styles, patterns, a small cache."""

import csv
import decimal
import io
import json
import re
from collections import OrderedDict

from .core import QuillError, to_text

SETTING_TYPES = {
    "null_text": str,
    "float_digits": int,
    "max_width": int,
    "max_rows": int,
    "style": str,
    "header": bool,
    "group_digits": bool,
}

DEFAULT_SETTINGS = {
    "null_text": "-",
    "float_digits": 2,
    "max_width": 40,
    "max_rows": 200,
    "style": "table",
    "header": True,
    "group_digits": False,
}


class Settings:
    """Settings of a session, with attribute access and a stack of temporary changes."""

    def __init__(self, **values):
        self._values = dict(DEFAULT_SETTINGS)
        self._saved = []
        for name, value in values.items():
            self.set(name, value)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError("there is no setting %r" % name) from None

    def __iter__(self):
        return iter(sorted(self._values.items()))

    def set(self, name, value):
        kind = SETTING_TYPES.get(name)
        if kind is None:
            raise QuillError("there is no setting %r" % name)
        if isinstance(value, str) and kind is not str:
            try:
                value = value.lower() in ("1", "on", "true", "yes") if kind is bool else kind(value)
            except ValueError:
                raise QuillError("setting %s: %r is not a valid %s" % (name, value, kind.__name__)) from None
        if name == "style" and value not in STYLES:
            raise QuillError("there is no style %r; there are %s" % (value, ", ".join(sorted(STYLES))))
        self._values[name] = value

    def push(self, **changes):
        self._saved.append(dict(self._values))
        for name, value in changes.items():
            self.set(name, value)
        return self

    def pop(self):
        self._values = self._saved.pop()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.pop()


class Cache:
    """The most recently used entries, up to a limit."""

    def __init__(self, limit=32):
        self.limit = limit
        self.entries = OrderedDict()
        self.hits = 0
        self.misses = 0

    def get(self, key, make):
        if key in self.entries:
            self.hits += 1
            self.entries.move_to_end(key)
            return self.entries[key]
        self.misses += 1
        value = self.entries[key] = make()
        while len(self.entries) > self.limit:
            self.entries.popitem(last=False)
        return value

    def clear(self):
        self.entries.clear()

    def __len__(self):
        return len(self.entries)


def like_regex(pattern, ignore_case=False, escape="\\"):
    """Compile a LIKE pattern: % is any text, _ any character."""
    parts = []
    i = 0
    while i < len(pattern):
        char = pattern[i]
        if char == escape and i + 1 < len(pattern):
            i += 1
            parts.append(re.escape(pattern[i]))
        elif char == "%":
            parts.append(".*")
        elif char == "_":
            parts.append(".")
        else:
            parts.append(re.escape(char))
        i += 1
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return re.compile("".join(parts) + r"\Z", flags)


def show(value, settings):
    """A value as it stands in a cell."""
    if value is None:
        return settings.null_text
    if isinstance(value, bool):
        return to_text(value)
    if isinstance(value, float):
        comma = "," if settings.group_digits else ""
        return format(value, "%s.%df" % (comma, settings.float_digits))
    if isinstance(value, (int, decimal.Decimal)):
        return format(value, ",") if settings.group_digits else str(value)
    return to_text(value)


def shorten(text, width):
    text = text.replace("\n", " ")
    if width and len(text) > width:
        return text[:width - 1] + "…"
    return text


def render_grid(result, settings):
    """Columns side by side; numbers to the right; the rest cut at max_rows."""
    names = result.schema.names
    shown_rows = result.rows[:settings.max_rows]
    cells = [[shorten(show(value, settings), settings.max_width) for value in row] for row in shown_rows]
    widths = [len(name) for name in names]
    for row in cells:
        for i, cell in enumerate(row):
            widths[i] = max(widths[i], len(cell))
    right = [column.type.numeric for column in result.schema]

    def line(row):
        padded = []
        for cell, width, to_right in zip(row, widths, right):
            padded.append(cell.rjust(width) if to_right else cell.ljust(width))
        return "  ".join(padded).rstrip()

    lines = []
    if settings.header:
        lines.append(line(names))
        lines.append("  ".join("-" * width for width in widths))
    lines.extend(line(row) for row in cells)
    hidden = len(result.rows) - len(shown_rows)
    if hidden > 0:
        lines.append("... %d more rows" % hidden)
    return "\n".join(lines)


def render_markdown(result, settings):
    def line(cells):
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    lines = [line(result.schema.names)]
    lines.append("|" + "|".join("---:" if column.type.numeric else "---" for column in result.schema) + "|")
    for row in result.rows:
        lines.append(line([show(value, settings) for value in row]))
    return "\n".join(lines)


def render_csv(result, settings):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if settings.header:
        writer.writerow(result.schema.names)
    for row in result.rows:
        writer.writerow([to_text(value) for value in row])
    return out.getvalue().rstrip("\n")


def render_json(result, settings):
    def plain(value):
        if isinstance(value, decimal.Decimal):
            return float(value)
        return to_text(value)

    return json.dumps([row.as_dict() for row in result.rows], default=plain, indent=1)


def render_vertical(result, settings):
    width = max((len(name) for name in result.schema.names), default=0)
    blocks = []
    for number, row in enumerate(result.rows, 1):
        lines = ["-- row %d" % number]
        for name, value in zip(result.schema.names, row):
            lines.append("%s  %s" % (name.ljust(width), show(value, settings)))
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


STYLES = {
    "table": render_grid,
    "markdown": render_markdown,
    "csv": render_csv,
    "json": render_json,
    "vertical": render_vertical,
}


def render(result, settings):
    return STYLES[settings.style](result, settings)


def plural(count, word):
    return "%d %s%s" % (count, word, "" if count == 1 else "s")
