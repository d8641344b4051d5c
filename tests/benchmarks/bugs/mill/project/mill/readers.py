"""Readers: a source section of a job file becomes a Table of text cells (JSON keeps its own types).

Each reader is a generator of (line_number, row) registered under its format. read_source() opens the
file, picks the reader, applies what all formats have in common (skip, limit, names, constants) and keeps
count of the lines that could not be read.
"""

import contextlib
import io
import json
import os
import re

from .errors import ReadError
from .table import Table
from .values import flatten, format_plain, is_null, slug, squeeze

READERS = {}

EXTENSIONS = {".csv": "csv", ".tsv": "csv", ".txt": "fixed", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
              ".rec": "records"}

DEFAULTS = {
    "csv": {"separator": None, "quote": '"', "header": True, "comment": None, "encoding": "utf-8", "ragged": "error"},
    "fixed": {"encoding": "utf-8", "pad": " ", "record": None},
    "jsonl": {"encoding": "utf-8", "flatten": True},
    "json": {"encoding": "utf-8", "path": None, "flatten": True},
    "records": {"encoding": "utf-8", "mark": ":"},
    "inline": {},
}

BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def reader(name, *aliases):
    def register(func):
        for key in (name,) + aliases:
            READERS[key] = func
        return func
    return register


# ---------------------------------------------------------------- opening

def guess_encoding(path, wanted):
    """The encoding wanted, unless the file says otherwise with a byte order mark or is plainly not UTF-8."""
    with open(path, "rb") as stream:
        start = stream.read(4096)
    for mark, encoding in BOMS:
        if start.startswith(mark):
            return encoding
    if wanted in ("utf-8", "auto"):
        try:
            start.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.end < len(start) - 3:
                return "cp1252"
        return "utf-8"
    return wanted


@contextlib.contextmanager
def open_source(spec, base):
    """The text stream of a source and the name to show for it."""
    if "text" in spec:
        yield io.StringIO(spec["text"]), spec.get("label", "<text>")
        return
    path = os.path.join(base, spec["path"])
    if not os.path.exists(path):
        raise ReadError("there is no file %s" % path)
    stream = open(path, encoding=guess_encoding(path, spec["encoding"]), newline="")
    try:
        yield stream, os.path.relpath(path)
    finally:
        stream.close()


def complete_spec(spec):
    """The source section with its format and all defaults of the format."""
    kind = spec.get("format")
    if kind is None:
        if "rows" in spec:
            kind = "inline"
        else:
            extension = os.path.splitext(spec.get("path", ""))[1].lower()
            kind = EXTENSIONS.get(extension)
    if kind not in READERS:
        raise ReadError("no reader for format %r" % kind, spec.get("path"))
    full = dict(DEFAULTS[kind])
    full.update(spec)
    full["format"] = kind
    return full


# ---------------------------------------------------------------- csv

def sniff_separator(lines, quote='"'):
    """The separator that cuts the first lines into the same number of pieces."""
    best = (0, 0, ",")
    for order, candidate in enumerate((",", ";", "\t", "|")):
        counts = []
        for line in lines:
            inside = False
            count = 0
            for char in line:
                if char == quote:
                    inside = not inside
                elif char == candidate and not inside:
                    count += 1
            counts.append(count)
        if not counts or min(counts) == 0:
            continue
        steady = 1 if len(set(counts)) == 1 else 0
        score = (steady, min(counts), candidate)
        if score[:2] > best[:2]:
            best = score
    return best[2]


def split_records(stream, separator, quote, comment=None):
    """Yields (number of the first line, cells). Quoted cells may hold separators, line ends and doubled quotes."""
    cells = []
    buffer = []
    quoted = False
    was_quoted = False
    started = 1
    number = 0
    for line in stream:
        number += 1
        line = line.rstrip("\r\n") if not quoted else line
        if not quoted:
            started = number
            if comment and line.startswith(comment):
                continue
            if not line.strip():
                continue
        index = 0
        length = len(line)
        while index < length:
            char = line[index]
            if quoted:
                if char == quote:
                    if index + 1 < length and line[index + 1] == quote:
                        buffer.append(quote)
                        index += 1
                    else:
                        quoted = False
                        was_quoted = True
                else:
                    buffer.append(char)
            elif char == quote and not "".join(buffer).strip():
                quoted = True
                buffer = []
            elif char == separator:
                cells.append(finish_cell(buffer, was_quoted))
                buffer = []
                was_quoted = False
            elif char not in "\r\n" or not was_quoted:
                buffer.append(char)
            index += 1
        if quoted:
            if not line.endswith("\n"):
                buffer.append("\n")
            continue
        cells.append(finish_cell(buffer, was_quoted))
        yield started, cells
        cells = []
        buffer = []
        was_quoted = False
    if quoted:
        raise ReadError("quoted cell is never closed", line=started)


def finish_cell(buffer, was_quoted):
    text = "".join(buffer)
    return text if was_quoted else text.strip()


def header_names(cells, style="slug"):
    """Column names that are different from each other and not empty."""
    names = []
    for position, cell in enumerate(cells):
        name = squeeze(cell)
        if style == "slug":
            name = slug(name) if name else "column_%d" % (position + 1)
        base = name
        count = 2
        while name in names:
            name = "%s_%d" % (base, count)
            count += 1
        names.append(name)
    return names


@reader("csv", "tsv", "delimited")
def read_csv(stream, spec, problems):
    """options: separator (guessed if missing), quote, header (true, false or a list of names), comment, ragged
    ('error', 'pad', 'skip'), names ('slug' or 'plain'), footer (a word with which the last line starts)."""
    separator = spec.get("separator")
    quote = spec["quote"]
    if separator == "tab":
        separator = "\t"
    if separator is None:
        text = stream.read()
        sample = []
        for line in text.splitlines():
            if line.strip() and not (spec["comment"] and line.startswith(spec["comment"])):
                sample.append(line)
            if len(sample) == 5:
                break
        separator = sniff_separator(sample, quote)
        stream = io.StringIO(text, newline="")
    records = split_records(stream, separator, quote, spec["comment"])
    header = spec["header"]
    names = None
    unit_row = None
    if isinstance(header, list):
        names = list(header)
    elif header:
        first = next(records, None)
        if first is None:
            problems.append((0, "file is empty"))
            return
        names = header_names(first[1], spec.get("names", "slug"))
        if spec.get("units"):
            second = next(records, None)
            if second is not None:
                unit_row = dict(zip(names, second[1]))
    footer = spec.get("footer")
    expected = None
    seen = 0
    for number, cells in records:
        if names is None:
            names = ["column_%d" % (i + 1) for i in range(len(cells))]
        if footer and cells[0].lower().startswith(footer.lower()):
            digits = re.search(r"\d+", " ".join(cells))
            if digits:
                expected = int(digits.group())
            break
        if len(cells) != len(names):
            policy = spec["ragged"]
            blank = len(cells) > len(names) and not any(cells[len(names):])
            if blank:
                cells = cells[:len(names)]
            elif policy == "pad":
                cells = (cells + [""] * len(names))[:len(names)]
            elif policy == "skip":
                problems.append((number, "%d cells instead of %d" % (len(cells), len(names))))
                continue
            else:
                raise ReadError("%d cells instead of %d" % (len(cells), len(names)), line=number)
        row = dict(zip(names, cells))
        if unit_row:
            for name in spec["units"]:
                if row[name]:
                    row[name + "_unit"] = unit_row[name].strip("()[] ")
        seen += 1
        yield number, row
    if expected is not None and expected != seen:
        problems.append((0, "footer counts %d rows, read %d" % (expected, seen)))


# ---------------------------------------------------------------- fixed width

def layout_fields(columns):
    """Start and end of each field from 'columns': (name, width), {'name', 'width'}, {'name', 'start', 'width'} with
    a start that counts from 1, or {'name', 'start', 'end'} with both inclusive as in most layout documents."""
    fields = []
    position = 0
    for column in columns:
        if isinstance(column, (list, tuple)):
            column = {"name": column[0], "width": column[1]}
        if "start" in column:
            position = column["start"] - 1
        if "end" in column:
            end = column["end"]
        else:
            end = position + column["width"]
        if column.get("name"):
            fields.append({
                "name": column["name"],
                "start": position,
                "end": end,
                "align": column.get("align", "left"),
                "implied": column.get("implied", 0),
                "when": column.get("when"),
            })
        position = end
    return fields


OVERPUNCH = {"{": "+0", "A": "+1", "B": "+2", "C": "+3", "D": "+4", "E": "+5", "F": "+6", "G": "+7", "H": "+8", "I": "+9",
             "}": "-0", "J": "-1", "K": "-2", "L": "-3", "M": "-4", "N": "-5", "O": "-6", "P": "-7", "Q": "-8", "R": "-9"}


def unpunch(text):
    """Signed zoned numbers: the last character carries the last digit and the sign."""
    if text and text[-1] in OVERPUNCH:
        sign, digit = OVERPUNCH[text[-1]]
        return ("-" if sign == "-" else "") + text[:-1] + digit
    return text


def imply_point(text, places):
    """'0012345' with two implied places -> '123.45'"""
    text = text.strip()
    if not text or not places:
        return text
    sign = ""
    if text[0] in "+-":
        sign = "-" if text[0] == "-" else ""
        text = text[1:]
    text = text.rjust(places + 1, "0")
    whole = text[:-places].lstrip("0") or "0"
    return sign + whole + "." + text[-places:]


@reader("fixed")
def read_fixed(stream, spec, problems):
    """options: columns (see layout_fields), record (dictionary: 'at', 'length', and 'detail', 'header', 'trailer'
    codes), pad, carry (names that a header record gives to the detail records below it), short ('pad', 'skip')."""
    fields = layout_fields(spec["columns"])
    record = spec.get("record")
    carried = {}
    carry_fields = layout_fields(spec["carry"]) if spec.get("carry") else []
    longest = max(field["end"] for field in fields)
    count = 0
    number = 0
    trailer = None
    for line in stream:
        number += 1
        line = line.rstrip("\r\n")
        if not line.strip():
            continue
        if record:
            at = record.get("at", 1) - 1
            code = line[at:at + record.get("length", 1)]
            if code == record.get("header"):
                carried = {}
                for field in carry_fields:
                    carried[field["name"]] = line[field["start"]:field["end"]].strip(spec["pad"])
                continue
            if code == record.get("trailer"):
                trailer = (number, line)
                continue
            if code != record["detail"]:
                problems.append((number, "record type %r is not known" % code))
                continue
        if len(line) < longest:
            if spec.get("short") == "skip":
                problems.append((number, "line is %d long, not %d" % (len(line), longest)))
                continue
            line = line.ljust(longest, spec["pad"])
        row = dict(carried)
        for field in fields:
            if field["when"] and line[field["when"]["at"] - 1] != field["when"]["is"]:
                continue
            piece = line[field["start"]:field["end"]]
            if field["align"] == "right":
                piece = piece.lstrip(spec["pad"])
            piece = piece.strip()
            if field["implied"] or field["align"] == "zoned":
                piece = imply_point(unpunch(piece), field["implied"])
            row[field["name"]] = piece
        count += 1
        yield number, row
    if trailer and record.get("count_at"):
        start, end = record["count_at"]
        announced = trailer[1][start - 1:end].strip()
        if announced.isdigit() and int(announced) != count:
            problems.append((trailer[0], "trailer counts %d records, read %d" % (int(announced), count)))


# ---------------------------------------------------------------- json and records

def json_row(data, spec, number):
    if not isinstance(data, dict):
        raise ReadError("expected an object, not %s" % type(data).__name__, line=number)
    row = flatten(data) if spec.get("flatten") else dict(data)
    for old, new in spec.get("aliases", {}).items():
        if old in row and row.get(new) is None:
            row[new] = row.pop(old)
    return row


@reader("jsonl", "ndjson")
def read_jsonl(stream, spec, problems):
    wanted = spec.get("only")
    for number, line in enumerate(stream, 1):
        line = line.strip()
        if not line or line.startswith("//"):
            continue
        try:
            data = json.loads(line)
        except ValueError as error:
            if spec.get("bad_lines") == "skip":
                problems.append((number, "bad JSON: %s" % error))
                continue
            raise ReadError("bad JSON: %s" % error, line=number)
        row = json_row(data, spec, number)
        if wanted and any(format_plain(row.get(key)) != format_plain(value) for key, value in wanted.items()):
            continue
        yield number, row


@reader("json")
def read_json(stream, spec, problems):
    data = json.load(stream)
    for part in (spec.get("path_in") or "").split("."):
        if part:
            data = data[part]
    if isinstance(data, dict):
        key_name = spec.get("key", "key")
        data = [dict(value, **{key_name: key}) for key, value in data.items()]
    for number, item in enumerate(data, 1):
        yield number, json_row(item, spec, number)


@reader("records")
def read_records(stream, spec, problems):
    """Blocks of 'Name: value' lines with empty lines between them; a line that starts with a blank goes on with
    the value before it. A name that comes twice in a block makes a list."""
    mark = spec["mark"]
    row = {}
    started = 0
    last = None
    for number, line in enumerate(stream, 1):
        line = line.rstrip("\r\n")
        if not line.strip():
            if row:
                yield started, row
            row = {}
            last = None
            continue
        if line[0] in " \t" and last is not None:
            value = line.strip()
            if isinstance(row[last], list):
                row[last][-1] += " " + value
            else:
                row[last] += " " + value
            continue
        name, found, value = line.partition(mark)
        if not found:
            problems.append((number, "no %r in line" % mark))
            continue
        if not row:
            started = number
        name = slug(name)
        value = value.strip()
        if name in row:
            if not isinstance(row[name], list):
                row[name] = [row[name]]
            row[name].append(value)
        else:
            row[name] = value
        last = name
    if row:
        yield started, row


@reader("inline")
def read_inline(stream, spec, problems):
    names = spec.get("names")
    for number, item in enumerate(spec["rows"], 1):
        if isinstance(item, dict):
            yield number, dict(item)
        else:
            yield number, dict(zip(names, item))


# ---------------------------------------------------------------- all of it

def read_source(spec, base=".", name="source"):
    """A Table from a source section. table.notes tells what was skipped; table.origin where it is from.

    Common options: skip (first rows), limit, rename, constants, line_number (name of a column), require
    (columns that must be there), blank ('null' turns empty cells to None), many ('path' is a folder).
    """
    spec = complete_spec(spec)
    if spec.get("many"):
        return read_folder(spec, base, name)
    problems = []
    rows = []
    skip = spec.get("skip", 0)
    limit = spec.get("limit")
    label = spec.get("label", name)
    numbered = spec.get("line_number")
    constants = spec.get("constants", {})
    rename = spec.get("rename", {})
    if spec["format"] == "inline":
        context = contextlib.nullcontext((None, label))
    else:
        context = open_source(spec, base)
    with context as (stream, label):
        try:
            for number, row in READERS[spec["format"]](stream, spec, problems):
                if skip:
                    skip -= 1
                    continue
                if limit is not None and len(rows) >= limit:
                    break
                if rename:
                    row = {rename.get(key, key): value for key, value in row.items()}
                if spec.get("blank") == "null":
                    for key in row:
                        if is_null(row[key]):
                            row[key] = None
                for key, value in constants.items():
                    row.setdefault(key, value)
                if numbered:
                    row[numbered] = number
                rows.append(row)
        except ReadError as error:
            if error.source is None:
                raise ReadError(str(error), label, error.line)
            raise
    table = Table(rows, None, name, label)
    if rows:
        missing = [column for column in spec.get("require", ()) if column not in table.columns]
        if missing:
            raise ReadError("no column %s" % ", ".join(missing), label)
    for number, text in problems:
        table.note("%s line %d: %s" % (label, number, text))
    return table


def read_folder(spec, base, name):
    """All files of a folder that have the right ending, in the order of their names, as one table."""
    folder = os.path.join(base, spec["path"])
    pattern = re.compile(spec.get("pattern", r".*"))
    rows = []
    notes = []
    for entry in sorted(os.listdir(folder)):
        match = pattern.fullmatch(entry)
        if not match:
            continue
        single = dict(spec, path=os.path.join(spec["path"], entry))
        single.pop("many")
        table = read_source(single, base, name)
        for row in table.rows:
            for key, value in match.groupdict().items():
                row.setdefault(key, value)
            rows.append(row)
        notes.extend(table.notes)
    result = Table(rows, None, name, os.path.relpath(folder))
    result.notes = notes
    return result
