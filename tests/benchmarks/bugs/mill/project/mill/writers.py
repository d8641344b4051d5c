"""Writers: a Table to text. Registered under the format; write_table() picks one and puts the text in a file."""

import datetime
import io
import json
import os
import re
from decimal import Decimal

from .errors import JobError
from .readers import EXTENSIONS
from .values import format_plain, format_value, parse_decimal, round_to

WRITERS = {}

LINE_ENDS = {"unix": "\n", "dos": "\r\n"}


def writer(name, *aliases):
    def register(func):
        for key in (name,) + aliases:
            WRITERS[key] = func
        return func
    return register


def chosen_columns(table, spec):
    columns = spec.get("columns")
    if not columns:
        return [(name, name) for name in table.columns]
    if isinstance(columns, dict):
        pairs = list(columns.items())
    else:
        pairs = [tuple(part.strip() for part in item.split(" as ")) if " as " in item else (item, item)
                 for item in columns]
    table.require(*[source for source, _ in pairs])
    return pairs


@writer("csv")
def write_csv(table, spec):
    separator = spec.get("separator", ",")
    if separator == "tab":
        separator = "\t"
    quote = spec.get("quote", '"')
    formats = spec.get("formats", {})
    pairs = chosen_columns(table, spec)
    out = io.StringIO()
    lines = []
    if spec.get("header", True):
        lines.append([title for _, title in pairs])
    for row in table.rows:
        lines.append([format_value(row.get(name), formats.get(name)) for name, _ in pairs])
    for cells in lines:
        out.write(separator.join(quote_cell(cell, separator, quote, spec.get("always_quote")) for cell in cells))
        out.write("\n")
    if spec.get("footer"):
        out.write(spec["footer"].replace("{rows}", str(len(table))) + "\n")
    return out.getvalue()


def quote_cell(text, separator, quote, always=False):
    if always or separator in text or quote in text or "\n" in text or text != text.strip():
        return quote + text.replace(quote, quote * 2) + quote
    return text


def json_default(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return format_plain(value)
    if isinstance(value, set):
        return sorted(value)
    raise TypeError("cannot write %r as JSON" % (value,))


@writer("jsonl")
def write_jsonl(table, spec):
    pairs = chosen_columns(table, spec)
    lines = []
    for row in table.rows:
        item = {}
        for name, title in pairs:
            value = row.get(name)
            if value is None and spec.get("nulls") == "omit":
                continue
            item[title] = value
        lines.append(json.dumps(item, default=json_default, ensure_ascii=False))
    return "".join(line + "\n" for line in lines)


@writer("json")
def write_json(table, spec):
    pairs = chosen_columns(table, spec)
    items = [{title: row.get(name) for name, title in pairs} for row in table.rows]
    if spec.get("key"):
        keyed = {}
        for item in items:
            keyed[format_plain(item.pop(spec["key"]))] = item
        items = keyed
    return json.dumps(items, default=json_default, ensure_ascii=False, indent=spec.get("indent", 2)) + "\n"


@writer("fixed")
def write_fixed(table, spec):
    """layout: list of {name, width, align, fill, implied}; header and trailer are texts with {rows} and {sum:column}."""
    lines = []
    if spec.get("header"):
        lines.append(fill_marks(spec["header"], table))
    for number, row in enumerate(table.rows, 1):
        parts = []
        for field in spec["layout"]:
            width = field["width"]
            fill = field.get("fill", " ")
            value = field.get("const") if "const" in field else row.get(field["name"])
            if field.get("implied") is not None and value is not None:
                number_text = format(round_to(value, field["implied"]).copy_abs(), "f").replace(".", "")
                text = ("-" if parse_decimal(value) < 0 else "") + number_text
            else:
                text = format_value(value, field.get("format"))
            if len(text) > width:
                if field.get("align") == "right":
                    raise JobError("row %d: %s does not fit in %d places of %s" % (number, text, width, field["name"]))
                text = text[:width]
            parts.append(text.rjust(width, fill) if field.get("align") == "right" else text.ljust(width, fill))
        lines.append("".join(parts).rstrip() if spec.get("trim") else "".join(parts))
    if spec.get("trailer"):
        lines.append(fill_marks(spec["trailer"], table))
    return "".join(line + "\n" for line in lines)


def fill_marks(text, table):


    def put(match):
        kind, _, arg = match.group(1).partition(":")
        if kind == "rows":
            return str(len(table)).rjust(int(arg or 0), "0")
        name, _, width = arg.partition(":")
        return format_plain(table.total(name)).rjust(int(width or 0), "0")
    return re.sub(r"\{((?:rows|sum)(?::[\w:]+)?)\}", put, text)


@writer("text", "table")
def write_text(table, spec):
    shown = table
    if spec.get("columns"):
        shown = table.select([name for name, _ in chosen_columns(table, spec)])
    return shown.to_text(spec.get("limit", 50), spec.get("formats")) + "\n"


@writer("markdown")
def write_markdown(table, spec):
    pairs = chosen_columns(table, spec)
    formats = spec.get("formats", {})
    lines = ["| " + " | ".join(title for _, title in pairs) + " |", "|" + " --- |" * len(pairs)]
    for row in table.rows:
        cells = [format_value(row.get(name), formats.get(name)).replace("|", "\\|") for name, _ in pairs]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


@writer("sql")
def write_sql(table, spec):
    pairs = chosen_columns(table, spec)
    size = spec.get("batch", 100)
    head = "INSERT INTO %s (%s) VALUES" % (spec.get("into", table.name), ", ".join(title for _, title in pairs))
    chunks = []
    for start in range(0, len(table), size):
        tuples = []
        for row in table.rows[start:start + size]:
            tuples.append("(" + ", ".join(sql_literal(row.get(name)) for name, _ in pairs) + ")")
        chunks.append(head + "\n  " + ",\n  ".join(tuples) + ";\n")
    return "".join(chunks)


def sql_literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, Decimal, float)):
        return format_plain(value)
    return "'" + format_plain(value).replace("'", "''") + "'"


def render_table(table, spec):
    kind = spec.get("format")
    if kind is None:
        kind = EXTENSIONS.get(os.path.splitext(spec.get("path", ""))[1].lower(), "text")
    if kind not in WRITERS:
        raise JobError("no writer for format %r" % kind)
    return WRITERS[kind](table, spec)


def write_table(table, spec, base="."):
    """Writes the file; gives (path, rows, bytes)."""
    text = render_table(table, spec)
    path = os.path.join(base, spec["path"])
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, exist_ok=True)
    data = text.replace("\n", LINE_ENDS[spec.get("line_end", "unix")]).encode(spec.get("encoding", "utf-8"))
    mode = "ab" if spec.get("append") else "wb"
    with open(path, mode) as stream:
        stream.write(data)
    return path, len(table), len(data)
