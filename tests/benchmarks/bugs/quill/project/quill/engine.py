"""The catalog of tables, loading of CSV files, and the engine that runs queries."""

import csv
import os

from . import nodes
from .core import (
    TEXT, Column, ExecutionError, LoadError, QuillError, Row, Schema, Table, UnknownName,
    close_names, coerce, column_type, parse_text, type_named,
)
from .formatter import pretty, to_sql
from .misc import Cache, Settings, render
from .parser import Parser, parse
from .plan import Checker, Planner, explain, optimise
from .runtime import Context, execute

ENCODINGS = ("utf-8-sig", "latin-1")
DELIMITERS = ",;\t|"


class Catalog:
    """Tables by name; the files of a directory are loaded when they are first asked for."""

    def __init__(self):
        self.tables = {}
        self.pending = {}
        self.version = 0

    def __contains__(self, name):
        return name.lower() in self.tables or name.lower() in self.pending

    def __iter__(self):
        return iter(sorted(set(self.tables) | set(self.pending)))

    def __len__(self):
        return len(set(self.tables) | set(self.pending))

    def __getitem__(self, name):
        return self.get(name)

    def add(self, table):
        self.tables[table.name.lower()] = table
        self.pending.pop(table.name.lower(), None)
        self.version += 1
        return table

    def add_file(self, path, name=None, **options):
        if name is None:
            name = os.path.splitext(os.path.basename(path))[0]
        self.pending[name.lower()] = (name, path, options)
        self.tables.pop(name.lower(), None)
        self.version += 1

    def add_directory(self, directory):
        if not os.path.isdir(directory):
            raise LoadError("there is no directory", directory)
        for entry in sorted(os.listdir(directory)):
            if entry.endswith((".csv", ".tsv")):
                self.add_file(os.path.join(directory, entry))

    def get(self, name, position=None):
        key = name.lower()
        if key not in self.tables and key in self.pending:
            own_name, path, options = self.pending[key]
            self.tables[key] = load_csv(path, own_name, **options)
            del self.pending[key]
        try:
            return self.tables[key]
        except KeyError:
            raise UnknownName("there is no table %s" % name, position, close_names(name, list(self))) from None

    def schema_of(self, name, position=None):
        return self.get(name, position).schema

    def drop(self, name):
        self.get(name)
        del self.tables[name.lower()]
        self.version += 1


def guess_delimiter(text):
    """The delimiter that the first lines have in common most often."""
    lines = [line for line in text.splitlines()[:10] if line.strip()]
    best, best_score = ",", 0
    for delimiter in DELIMITERS:
        score = min((line.count(delimiter) for line in lines), default=0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def load_csv(path, name, delimiter=None, header=True, types=None):
    """Read a CSV file into a table; types are declared in the header or found from the values."""
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise LoadError(error.strerror, path) from None
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise LoadError("cannot decode the file", path)
    if delimiter is None:
        delimiter = "\t" if path.endswith(".tsv") else guess_delimiter(text)
    reader = csv.reader(text.splitlines(), delimiter=delimiter)
    seen = set()
    names, declared = [], {}
    records = []
    for cells in reader:
        if not cells or all(not cell.strip() for cell in cells):
            continue
        if cells[0].startswith("#"):
            continue
        if not names:
            heading = cells if header else ["c%d" % (i + 1) for i in range(len(cells))]
            for cell in heading:
                # `price`, `price:decimal`, or nothing
                column, _, type_name = cell.strip().partition(":")
                column = "_".join(column.split()) or "column"
                base, count = column, 1
                while column.lower() in seen:
                    count += 1
                    column = "%s_%d" % (base, count)
                seen.add(column.lower())
                names.append(column)
                if type_name.strip():
                    declared[column] = type_named(type_name.strip())
            if header:
                continue
        if len(cells) > len(names):
            extra = [cell for cell in cells[len(names):] if cell.strip()]
            if extra:
                raise LoadError("%d cells too many" % len(extra), path, reader.line_num)
            cells = cells[:len(names)]
        cells = cells + [""] * (len(names) - len(cells))
        records.append((reader.line_num, cells))
    for column, type_name in (types or {}).items():
        declared[column] = type_named(type_name)

    columns = []
    converted = []
    for i, column in enumerate(names):
        raw = [cells[i] for _, cells in records]
        if column in declared:
            wanted = declared[column]
            values = []
            for line, cell in zip((line for line, _ in records), raw):
                value = cell if wanted == TEXT else cell.strip() or None
                try:
                    values.append(coerce(value, wanted))
                except ExecutionError as error:
                    raise LoadError(error.message, path, line) from None
        else:
            values = [parse_text(cell) for cell in raw]
            wanted = column_type(values)
            if wanted == TEXT:
                values = [cell.strip() or None for cell in raw]
        columns.append(Column(column, wanted, nullable=None in values))
        converted.append(values)
    table = Table(name, Schema(columns))
    table.source = path
    table.extend(zip(*converted))
    return table


class Result:
    """The rows of a query with their schema."""

    def __init__(self, schema, rows, plan=None, stats=()):
        self.schema = schema
        self.rows = rows
        self.plan = plan
        self.stats = list(stats)

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        return iter(self.rows)

    def __bool__(self):
        return bool(self.rows)

    def __getitem__(self, key):
        if isinstance(key, str):
            return self.column(key)
        return self.rows[key]

    @property
    def names(self):
        return self.schema.names

    @property
    def types(self):
        return [column.type.name for column in self.schema]

    def column(self, name):
        index = self.schema.index_of(name)
        return [row[index] for row in self.rows]

    def tuples(self):
        return [row.values for row in self.rows]

    def dicts(self):
        return [row.as_dict() for row in self.rows]

    def scalar(self):
        if len(self.rows) != 1 or len(self.schema) != 1:
            raise ExecutionError("not a single value: %d rows, %d columns" % (len(self.rows), len(self.schema)))
        return self.rows[0][0]

    def first(self):
        return self.rows[0] if self.rows else None

    def to_table(self, name):
        return Table(name, Schema(Column(c.name, c.type) for c in self.schema), self.rows)

    def produced(self):
        """(step, rows) for each operator, for `.stats`."""
        return [(operator.plan.describe(), operator.produced) for operator in self.stats]


class Prepared:
    """A query that is checked, rewritten and planned."""

    def __init__(self, text, params, schema, plan, subplans, log):
        self.text = text
        self.params = params
        self.schema = schema
        self.plan = plan
        self.subplans = subplans
        self.log = log


class Engine:
    def __init__(self, catalog=None, settings=None, optimising=True):
        self.catalog = catalog if catalog is not None else Catalog()
        self.settings = settings if settings is not None else Settings()
        self.optimising = optimising
        self.plans = Cache(16)

    # -- tables

    def load(self, path, name=None, **options):
        self.catalog.add_file(path, name, **options)

    def table(self, name, records, columns=None):
        return self.catalog.add(Table.from_records(name, records, columns))

    # -- queries

    def prepare(self, text, params=None):
        params = self.bind(params)
        types = tuple(sorted((name, type(value).__name__) for name, value in params.items()))
        key = (text.strip(), types, self.catalog.version, self.optimising)
        return self.plans.get(key, lambda: self.make_plan(text, params))

    def make_plan(self, text, params):
        parser = Parser(text)
        statement = parser.parse()
        schema = Checker(self.catalog, params).check(statement)
        log = []
        if self.optimising:
            statement = optimise(statement, log=log)
        planner = Planner(self.catalog)
        plan = planner.plan(statement)
        return Prepared(text, parser.params, schema, plan, planner.subplans, log)

    def bind(self, params):
        """Parameters by name; a list or tuple gives them numbers from 1."""
        if params is None:
            return {}
        if isinstance(params, (list, tuple)):
            return {str(i): value for i, value in enumerate(params, 1)}
        return dict(params)

    def run(self, text, params=None, max_rows=None):
        prepared = self.prepare(text, params)
        params = self.bind(params)
        missing = [name for name in prepared.params if name not in params]
        if missing:
            raise ExecutionError("no value for parameter %s" % ", ".join(missing))
        context = Context(params, prepared.subplans, max_rows)
        rows = execute(prepared.plan, context)
        rows = [Row(prepared.schema, row.values) for row in rows]
        return Result(prepared.schema, rows, prepared.plan, context.stats)

    def value(self, text, params=None):
        return self.run(text, params).scalar()

    def store(self, name, text, params=None):
        """Run a query and keep its rows as a new table."""
        return self.catalog.add(self.run(text, params).to_table(name))

    def explain(self, text, params=None, estimates=False):
        prepared = self.prepare(text, params)
        lines = explain(prepared.plan, estimates=estimates)
        for query, plan in prepared.subplans.items():
            lines.append("subquery %s" % to_sql(query))
            lines.extend(explain(plan, 1, estimates))
        return lines

    def format(self, text, **options):
        return pretty(parse(text), **options)

    def render(self, result, **changes):
        with self.settings.push(**changes):
            return render(result, self.settings)

    def check(self, text):
        """The error in a query, or None."""
        try:
            self.prepare(text)
        except QuillError as error:
            return error.render(text)
        return None

    def tables_used(self, text):
        names = []
        for node in parse(text).walk():
            if isinstance(node, nodes.TableRef) and node.name not in names:
                names.append(node.name)
        return names
