"""Transforms that work on one table, row by row or over neighbouring rows."""

import re
from decimal import Decimal

from ..errors import StepError
from ..expr import arithmetic, compile_expr, make_env, names_in, truth, walk
from ..table import Table, match_key
from ..values import (
    cast_value, format_plain, is_null, local_day, month_key, parse_decimal, quarter_key, round_to, slug, sort_token,
    week_key,
)
from . import as_list, transform


def row_env(row, context):
    return make_env(row, context.get("vars"), context.get("settings"))


@transform("select", needs=["columns"], allows=["rest"], lists=["columns"])
def do_select(table, step, context):
    """Only these columns, in this order; 'old as new' renames, rest=true puts all others behind."""
    names = []
    renames = {}
    for item in step["columns"]:
        source, found, target = item.partition(" as ")
        names.append(source.strip())
        if found:
            renames[source.strip()] = target.strip()
    if step.get("rest"):
        names.extend(name for name in table.columns if name not in names)
    result = table.select(names)
    return result.renamed(renames) if renames else result


@transform("drop", needs=["columns"], lists=["columns"])
def do_drop(table, step, context):
    """All columns but these; 'tmp_*' drops all that begin so."""
    names = []
    for pattern in step["columns"]:
        if pattern.endswith("*"):
            names.extend(name for name in table.columns if name.startswith(pattern[:-1]))
        else:
            names.append(pattern)
    return table.without(names)


@transform("rename", allows=["columns", "style", "prefix"])
def do_rename(table, step, context):
    """New names for columns: a table of old = new, a style, or a prefix."""
    mapping = dict(step.get("columns", {}))
    for name in table.columns:
        if name in mapping:
            continue
        changed = name
        if step.get("style") == "slug":
            changed = slug(name)
        elif step.get("style") == "upper":
            changed = name.upper()
        if step.get("prefix"):
            changed = step["prefix"] + changed
        if changed != name:
            mapping[name] = changed
    return table.renamed(mapping)


@transform("derive", needs=["columns"], allows=["on_error"])
def do_derive(table, step, context):
    """New columns from expressions; later ones may use earlier ones."""
    compiled = [(name, compile_expr(text)) for name, text in step["columns"].items()]
    tolerant = step.get("on_error") == "null"
    failures = {}
    rows = table.fresh_rows()
    for row in rows:
        env = row_env(row, context)
        for name, node in compiled:
            try:
                row[name] = walk(node, env)
            except (ValueError, TypeError) as error:
                if not tolerant:
                    raise StepError("column %s: %s" % (name, error), step.get("name"))
                failures[name] = failures.get(name, 0) + 1
                row[name] = None
    columns = list(table.columns) + [name for name, _ in compiled if name not in table.columns]
    result = table.like(rows, columns)
    for name in sorted(failures):
        result.note("%s: %d cells could not be computed" % (name, failures[name]))
    return result


@transform("filter", needs=["where"], allows=["rest_into"])
def do_filter(table, step, context):
    """Rows for which an expression is true; the others can go into a table of their own."""
    node = compile_expr(step["where"])
    yes, no = [], []
    for row in table.rows:
        (yes if truth(walk(node, row_env(row, context))) else no).append(row)
    if step.get("rest_into"):
        context["tables"][step["rest_into"]] = Table(no, table.columns, step["rest_into"])
    return table.like(yes)


@transform("sort", needs=["by"], lists=["by"])
def do_sort(table, step, context):
    """Sorts by columns, '-column' from high to low."""
    return table.sorted(step["by"])


@transform("limit", allows=["first", "last", "per"], lists=["per"])
def do_limit(table, step, context):
    """The first or last rows, of the table or of each group."""
    groups = [rows for _, rows in table.groups(step["per"])] if step.get("per") else [table.rows]
    kept = []
    for rows in groups:
        if "first" in step:
            kept.extend(rows[:step["first"]])
        elif step.get("last"):
            kept.extend(rows[-step["last"]:])
    return table.like(kept)


@transform("dedupe", allows=["by", "keep", "order"], lists=["by", "order"])
def do_dedupe(table, step, context):
    """One row for each key; keep is 'first', 'last' or 'merge' (first non-null cell of each column)."""
    names = step.get("by") or table.columns
    if step.get("order"):
        table = table.sorted(step["order"])
    keep = step.get("keep", "first")
    if keep != "merge":
        result = table.unique(names, keep)
    else:
        merged = []
        for _, rows in table.groups(names):
            target = dict(rows[0])
            for row in rows[1:]:
                for name in table.columns:
                    if is_null(target.get(name)) and not is_null(row.get(name)):
                        target[name] = row[name]
            merged.append(target)
        result = table.like(merged)
    lost = len(table) - len(result)
    if lost:
        result.note("dedupe: %d rows were doubles" % lost)
    return result


@transform("fill", needs=["columns"], allows=["with", "per"], lists=["columns", "per"])
def do_fill(table, step, context):
    """Fills nulls: with 'down', 'up', 'mean', or '=expression', or a constant."""
    table.require(*step["columns"])
    method = step.get("with", "down")
    rows = table.fresh_rows()
    result = table.like(rows)
    groups = [group for _, group in result.groups(step["per"])] if step.get("per") else [rows]
    for group in groups:
        for name in step["columns"]:
            if method in ("down", "up"):
                last = None
                for row in group if method == "down" else reversed(group):
                    if is_null(row.get(name)):
                        row[name] = last
                    else:
                        last = row[name]
            elif method == "mean":
                present = [parse_decimal(row[name]) for row in group if not is_null(row.get(name))]
                mean = sum(present) / len(present) if present else None
                for row in group:
                    if is_null(row.get(name)):
                        row[name] = mean
            else:
                node = None
                if isinstance(method, str) and method.startswith("="):
                    node = compile_expr(method[1:])
                for row in group:
                    if is_null(row.get(name)):
                        row[name] = walk(node, row_env(row, context)) if node else method
    return result


@transform("cast", needs=["columns"], allows=["options"])
def do_cast(table, step, context):
    """Types for columns: a table of column = type."""
    rows = table.fresh_rows()
    table.require(*step["columns"])
    options = dict(step.get("options", {}))
    options.setdefault("zone", context["settings"].get("zone", "UTC"))
    for position, row in enumerate(rows, 1):
        for name, type_name in step["columns"].items():
            try:
                row[name] = cast_value(row.get(name), type_name, options)
            except ValueError as error:
                raise StepError("row %d, %s: %s" % (position, name, error), step.get("name"))
    return table.like(rows)


@transform("clean", allows=["columns", "case", "replace", "nulls", "strip"], lists=["columns"])
def do_clean(table, step, context):
    """Text cells made tidy: blanks, case, replacements (pattern = text), words that mean null."""
    names = step.get("columns") or table.columns
    table.require(*names)
    replacements = [(re.compile(pattern), text) for pattern, text in step.get("replace", {}).items()]
    nulls = tuple(word.lower() for word in step.get("nulls", ()))
    strip = step.get("strip")
    rows = table.fresh_rows()
    for row in rows:
        for name in names:
            value = row.get(name)
            if not isinstance(value, str):
                continue
            value = " ".join(value.split())
            if strip:
                value = value.strip(strip)
            for pattern, text in replacements:
                value = pattern.sub(text, value)
            if step.get("case"):
                value = getattr(value, step["case"])()
            row[name] = None if is_null(value, nulls) else value
    return table.like(rows)


@transform("extract", needs=["column", "pattern"], allows=["defaults", "keep"])
def do_extract(table, step, context):
    """Columns from the named groups of a pattern."""
    table.require(step["column"])
    pattern = re.compile(step["pattern"])
    defaults = step.get("defaults", {})
    names = sorted(pattern.groupindex, key=pattern.groupindex.get)
    rows = table.fresh_rows()
    misses = 0
    for row in rows:
        match = pattern.search(format_plain(row.get(step["column"])))
        if match is None:
            misses += 1
        for name in names:
            value = match.group(name) if match else None
            row[name] = defaults.get(name) if value is None else value.strip()
        if step.get("keep") is False:
            row.pop(step["column"], None)
    columns = [name for name in table.columns if step.get("keep") is not False or name != step["column"]]
    result = table.like(rows, columns + [name for name in names if name not in columns])
    if misses:
        result.note("extract: %d rows of %s did not match" % (misses, step["column"]))
    return result


@transform("explode", needs=["column"], allows=["sep", "position", "empty"])
def do_explode(table, step, context):
    """One row for each item of a list (or of a text cut at sep)."""
    name = step["column"]
    table.require(name)
    rows = []
    for row in table.rows:
        value = row.get(name)
        if isinstance(value, (list, tuple)):
            items = list(value)
        elif is_null(value):
            items = []
        else:
            items = [part.strip() for part in format_plain(value).split(step.get("sep", ";"))]
        if not items and step.get("empty") != "drop":
            items = [None]
        for position, item in enumerate(items, 1):
            single = dict(row)
            if isinstance(item, dict):
                single.pop(name)
                for key, inner in item.items():
                    single[name + "." + key] = inner
            else:
                single[name] = item
            if step.get("position"):
                single[step["position"]] = position
            rows.append(single)
    return Table(rows, None, table.name, table.origin)


@transform("melt", needs=["keep"], allows=["columns", "key", "value", "nulls"], lists=["keep", "columns"])
def do_melt(table, step, context):
    """Wide to long: one row for each of the columns that are not kept."""
    table.require(*step["keep"])
    names = step.get("columns") or [name for name in table.columns if name not in step["keep"]]
    key, value = step.get("key", "key"), step.get("value", "value")
    rows = []
    for row in table.rows:
        for name in names:
            if is_null(row.get(name)) and not step.get("nulls"):
                continue
            single = {kept: row.get(kept) for kept in step["keep"]}
            single[key] = name
            single[value] = row.get(name)
            rows.append(single)
    return Table(rows, list(step["keep"]) + [key, value], table.name, table.origin)


@transform("bucket", needs=["column", "into_column"], allows=["edges", "labels", "period", "zone"])
def do_bucket(table, step, context):
    """A class for each value: between edges, or the period of a date (day, week, month, quarter, year)."""
    name = step["column"]
    table.require(name)
    period = step.get("period")
    if period:
        zone = step.get("zone") or context["settings"].get("zone", "UTC")
        namer = PERIODS[period]

        def classify(row):
            value = row.get(name)
            if value is None:
                return None
            if hasattr(value, "hour"):
                value = local_day(value, zone)
            return namer(value)
    else:
        edges = [parse_decimal(edge) for edge in step["edges"]]
        labels = step.get("labels") or edge_labels(edges)
        if len(labels) != len(edges) + 1:
            raise StepError("%d edges need %d labels" % (len(edges), len(edges) + 1), step.get("name"))

        def classify(row):
            value = row.get(name)
            if value is None:
                return None
            position = 0
            while position < len(edges) and value >= edges[position]:
                position += 1
            return labels[position]
    return table.with_column(step["into_column"], classify)


PERIODS = {
    "day": lambda day: day.isoformat(),
    "week": week_key,
    "month": month_key,
    "quarter": quarter_key,
    "year": lambda day: str(day.year),
}


def edge_labels(edges):
    labels = ["< %s" % format_plain(edges[0])]
    for low, high in zip(edges, edges[1:]):
        labels.append("%s - %s" % (format_plain(low), format_plain(high)))
    labels.append(">= %s" % format_plain(edges[-1]))
    return labels


@transform("window", needs=["columns"], allows=["by", "per"], lists=["by", "per"])
def do_window(table, step, context):
    """Columns from neighbouring rows of the group: running, lag, lead, rank, row, share, change, moving.

    columns is a table of new = 'function(column[, argument])', for example
    total = 'running(amount)', before = 'lag(amount, 1)', avg3 = 'moving(amount, 3)'.
    """
    wanted = []
    for target, text in step["columns"].items():
        match = re.fullmatch(r"\s*(\w+)\s*\(\s*(\w*)\s*(?:,\s*([\w.]+)\s*)?\)\s*", text)
        if not match:
            raise StepError("cannot read window %r" % text, step.get("name"))
        func, source, argument = match.groups()
        if func not in ("running", "lag", "lead", "rank", "row", "share", "change", "moving"):
            raise StepError("there is no window function %s" % func, step.get("name"))
        if source:
            table.require(source)
        wanted.append((target, func, source, argument))
    ordered = table.sorted(step["by"]) if step.get("by") else table
    rows = ordered.fresh_rows()
    working = table.like(rows)
    groups = working.groups(step["per"]) if step.get("per") else [((), rows)]
    for _, group in groups:
        for target, func, source, argument in wanted:
            values = [row.get(source) for row in group]
            count = int(argument) if argument else 1
            if func == "running":
                total = Decimal(0)
                for row, value in zip(group, values):
                    if value is not None:
                        total += parse_decimal(value)
                    row[target] = total
            elif func == "row":
                for position, row in enumerate(group, 1):
                    row[target] = position
            elif func == "lag":
                for position, row in enumerate(group):
                    row[target] = values[position - count] if position >= count else None
            elif func == "lead":
                for position, row in enumerate(group):
                    row[target] = values[position + count] if position + count < len(values) else None
            elif func == "rank":
                ranks = {}
                present = [value for value in values if value is not None]
                for position, value in enumerate(sorted(present, key=sort_token, reverse=True), 1):
                    ranks.setdefault(sort_token(value), position)
                for row, value in zip(group, values):
                    row[target] = None if value is None else ranks[sort_token(value)]
            elif func == "share":
                total = sum(parse_decimal(value) for value in values if value is not None)
                for row, value in zip(group, values):
                    if value is None or not total:
                        row[target] = None
                    else:
                        row[target] = round_to(parse_decimal(value) / total, 4)
            elif func == "change":
                previous = None
                for row, value in zip(group, values):
                    row[target] = None if previous is None else arithmetic("-", value, previous)
                    if value is not None:
                        previous = value
            elif func == "moving":
                for position, row in enumerate(group):
                    near = [v for v in values[max(0, position - count + 1):position + 1] if v is not None]
                    row[target] = sum(parse_decimal(v) for v in near) / len(near) if near else None
    columns = list(table.columns) + [item[0] for item in wanted if item[0] not in table.columns]
    return ordered.like(rows, columns)


@transform("map", needs=["column", "values"], allows=["otherwise", "into_column"])
def do_map(table, step, context):
    """Values of a column by a small table; unknown ones become 'otherwise' or stay."""
    table.require(step["column"])
    mapping = {match_key(key): value for key, value in step["values"].items()}
    unknown = set()

    def translate(row):
        value = row.get(step["column"])
        key = match_key(value) if isinstance(value, str) else format_plain(value)
        if key in mapping:
            return mapping[key]
        unknown.add(format_plain(value))
        return step["otherwise"] if "otherwise" in step else value
    result = table.with_column(step.get("into_column", step["column"]), translate)
    if unknown:
        result.note("map: no entry for %s" % ", ".join(sorted(unknown)))
    return result


@transform("assert", needs=["that"], allows=["message", "at_most"])
def do_assert(table, step, context):
    """Stops the job if an expression is not true for (almost) all rows."""
    node = compile_expr(step["that"])
    table.require(*[name for name in names_in(node) if name not in context.get("vars", {})])
    failed = [row for row in table.rows if not truth(walk(node, row_env(row, context)))]
    if len(failed) > step.get("at_most", 0):
        example = ", ".join("%s=%s" % (name, format_plain(failed[0].get(name))) for name in names_in(node))
        raise StepError("%s (%d rows, first: %s)" % (step.get("message", step["that"]), len(failed), example),
                        step.get("name"))
    return table


@transform("anonymize", needs=["columns"], allows=["keep_last", "mark"], lists=["columns"])
def do_anonymize(table, step, context):
    """Hides all but the last characters of text."""
    table.require(*as_list(step["columns"]))
    keep = step.get("keep_last", 2)
    mark = step.get("mark", "*")
    rows = table.fresh_rows()
    for row in rows:
        for name in step["columns"]:
            text = format_plain(row.get(name))
            hidden = max(0, len(text) - keep)
            row[name] = mark * hidden + text[hidden:] if text else None
    return table.like(rows)
