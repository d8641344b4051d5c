"""Transforms that bring tables together or rows to groups: join, lookup, union, aggregate, pivot, compare."""

import re
from decimal import Decimal

from ..errors import StepError
from ..expr import compile_expr, make_env, truth, walk
from ..table import Table, concat, match_key
from ..values import format_plain, is_null, parse_decimal, quantile, round_to, sort_token
from . import as_list, transform

AGGREGATES = {}

_MEASURE = re.compile(r"^\s*(?P<func>\w+)\s*\(\s*(?P<arg>.*?)\s*\)\s*(?:where\s+(?P<where>.+))?$", re.S)


def aggregate(name, *aliases):
    """Registers (start, add, finish): add(state, value, argument) gives the new state."""
    def register(maker):
        start, add, finish = maker()
        for key in (name,) + aliases:
            AGGREGATES[key] = (start, add, finish)
        return maker
    return register


@aggregate("count")
def agg_count():
    return (lambda: 0), (lambda state, value, extra: state + 1), (lambda state: state)


@aggregate("sum", "total")
def agg_sum():
    def add(state, value, extra):
        return (state or 0) + parse_decimal(value)
    return (lambda: None), add, (lambda state: state)


@aggregate("mean", "avg")
def agg_mean():
    def add(state, value, extra):
        total, count = state
        return total + parse_decimal(value), count + 1

    def finish(state):
        total, count = state
        return round_to(total / count, 4) if count else None
    return (lambda: (Decimal(0), 0)), add, finish


@aggregate("wmean")
def agg_wmean():
    def add(state, value, weight):
        total, weights = state
        if weight is None:
            return state
        return total + parse_decimal(value) * parse_decimal(weight), weights + parse_decimal(weight)

    def finish(state):
        total, weights = state
        return round_to(total / weights, 4) if weights else None
    return (lambda: (Decimal(0), Decimal(0))), add, finish


@aggregate("min")
def agg_min():
    def add(state, value, extra):
        return value if state is None or sort_token(value) < sort_token(state) else state
    return (lambda: None), add, (lambda state: state)


@aggregate("max")
def agg_max():
    def add(state, value, extra):
        return value if state is None or sort_token(value) > sort_token(state) else state
    return (lambda: None), add, (lambda state: state)


@aggregate("first")
def agg_first():
    return (lambda: None), (lambda state, value, extra: value if state is None else state), (lambda state: state)


@aggregate("last")
def agg_last():
    return (lambda: None), (lambda state, value, extra: value), (lambda state: state)


@aggregate("distinct")
def agg_distinct():
    def add(state, value, extra):
        state.add(match_key(value) if isinstance(value, str) else format_plain(value))
        return state
    return set, add, len


@aggregate("list")
def agg_list():
    def add(state, value, extra):
        if value not in state:
            state.append(value)
        return state
    return list, add, (lambda state: sorted(state, key=sort_token))


@aggregate("median")
def agg_median():
    def add(state, value, extra):
        state.append(value)
        return state
    return list, add, (lambda state: quantile(state, 0.5))


@aggregate("spread")
def agg_spread():
    def add(state, value, extra):
        low, high = state
        low = value if low is None else min(low, value)
        high = value if high is None else max(high, value)
        return low, high
    return (lambda: (None, None)), add, (lambda state: None if state[0] is None else state[1] - state[0])


def split_arguments(text):
    """Cuts 'price * qty, weight' at the commas that are outside of brackets and quotes."""
    parts = []
    depth = 0
    quote = None
    current = ""
    for char in text:
        if quote:
            if char == quote:
                quote = None
        elif char in "\"'":
            quote = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(current.strip())
            current = ""
            continue
        current += char
    if current.strip():
        parts.append(current.strip())
    return parts


def read_measure(target, text, step_name):
    """(target, (start, add, finish), value node, extra node, where node) from 'sum(price * qty) where paid'."""
    match = _MEASURE.match(text)
    if not match:
        raise StepError("cannot read measure %r" % text, step_name)
    func = match.group("func").lower()
    if func not in AGGREGATES:
        raise StepError("there is no aggregate %s" % func, step_name)
    arguments = split_arguments(match.group("arg"))
    value = compile_expr(arguments[0]) if arguments and arguments[0] != "*" else None
    extra = compile_expr(arguments[1]) if len(arguments) > 1 else None
    where = compile_expr(match.group("where")) if match.group("where") else None
    return target, AGGREGATES[func], value, extra, where


@transform("aggregate", needs=["measures"], allows=["by", "having", "totals", "label", "sort"], lists=["by", "sort"])
def do_aggregate(table, step, context):
    """One row for each group with measures: new = 'sum(expression) where condition'.

    totals = true adds a row over everything, totals = 'levels' adds a row for each prefix of the group columns too.
    """
    by = step.get("by") or []
    table.require(*by)
    variables, settings = context.get("vars"), context.get("settings")
    measures = [read_measure(target, text, step.get("name")) for target, text in step["measures"].items()]
    totals = step.get("totals")
    if totals == "levels":
        levels = [by[:count] for count in range(len(by), -1, -1)]
    elif totals:
        levels = [by, []]
    else:
        levels = [by]
    label = step.get("label", "total")
    states = {}
    shown = {}
    for row in table.rows:
        env = make_env(row, variables, settings)
        inputs = []
        for target, functions, value_node, extra_node, where in measures:
            if where is not None and not truth(walk(where, env)):
                inputs.append(None)
                continue
            value = True if value_node is None else walk(value_node, env)
            if is_null(value):
                inputs.append(None)
                continue
            extra = walk(extra_node, env) if extra_node is not None else None
            inputs.append((value, extra))
        for depth, names in enumerate(levels):
            key = (depth,) + tuple(match_key(row.get(name)) for name in names)
            if key not in states:
                states[key] = [functions[0]() for _, functions, _, _, _ in measures]
                shown[key] = {name: row.get(name) for name in names}
            state = states[key]
            for position, given in enumerate(inputs):
                if given is None:
                    continue
                add = measures[position][1][1]
                try:
                    state[position] = add(state[position], given[0], given[1])
                except (ValueError, TypeError) as error:
                    raise StepError("measure %s: %s" % (measures[position][0], error), step.get("name"))
    rows = []
    ends = []
    if not table.rows and not by:
        states[(0,)] = [functions[0]() for _, functions, _, _, _ in measures]
        shown[(0,)] = {}
    for key, state in states.items():
        depth = key[0]
        result = {}
        for position, name in enumerate(by):
            if name in shown[key]:
                result[name] = shown[key][name]
            elif position == len(levels[depth]):
                result[name] = label
            else:
                result[name] = None
        for position, (target, functions, _, _, _) in enumerate(measures):
            result[target] = functions[2](state[position])
        (ends if depth else rows).append((depth, result))
    having = step.get("having")
    if having:
        node = compile_expr(having)
        rows = [item for item in rows if truth(walk(node, make_env(item[1], variables, settings)))]
    columns = list(by) + [measure[0] for measure in measures]
    grouped = Table([result for _, result in rows], columns, table.name, table.origin)
    if step.get("sort"):
        grouped = grouped.sorted(step["sort"])
    ends.sort(key=lambda item: item[0])
    grouped.extend(result for _, result in ends)
    grouped.notes = list(table.notes)
    return grouped


@transform("pivot", needs=["rows", "column", "value"], allows=["func", "fill", "order", "total"], lists=["rows", "order"])
def do_pivot(table, step, context):
    """Long to wide: a column for each value of 'column'."""
    table.require(*(step["rows"] + [step["column"], step["value"]]))
    start, add, finish = AGGREGATES[step.get("func", "sum")]
    heads = step.get("order") or [format_plain(value) for value in table.distinct(step["column"])]
    cells = {}
    keys = {}
    for row in table.rows:
        head = format_plain(row.get(step["column"]))
        if head not in heads:
            continue
        key = tuple(match_key(row.get(name)) for name in step["rows"])
        keys.setdefault(key, {name: row.get(name) for name in step["rows"]})
        if is_null(row.get(step["value"])):
            continue
        state = cells.get((key, head))
        if state is None:
            state = start()
        cells[key, head] = add(state, row[step["value"]], None)
    rows = []
    for key, shown in keys.items():
        result = dict(shown)
        for head in heads:
            if (key, head) in cells:
                result[head] = finish(cells[key, head])
            else:
                result[head] = step.get("fill")
        if step.get("total"):
            result[step["total"]] = sum(result[head] for head in heads if result[head] is not None)
        rows.append(result)
    columns = list(step["rows"]) + heads + ([step["total"]] if step.get("total") else [])
    return Table(rows, columns, table.name, table.origin)


# ---------------------------------------------------------------- joins

def join_pairs(on):
    """[(left column, right column)] from 'a, b = c' or a list of such."""
    pairs = []
    for item in as_list(on):
        left, found, right = item.partition("=")
        pairs.append((left.strip(), right.strip() if found else left.strip()))
    return pairs


def other_table(name, context, step):
    if name not in context["tables"]:
        raise StepError("there is no table %s (there are: %s)" % (name, ", ".join(sorted(context["tables"]))),
                        step.get("name"))
    return context["tables"][name]


@transform("join", needs=["with", "on"], allows=["how", "columns", "prefix", "many", "mark", "where"], lists=["columns"])
def do_join(table, step, context):
    """Joins another table: how is inner, left, right, full, semi or anti; many is 'all', 'first' or 'error'.

    columns: those to take from the other table (all but the keys if missing). prefix: for columns with a name that
    is there already. mark: name of a column that tells 'both', 'left' or 'right'.
    """
    other = other_table(step["with"], context, step)
    how = step.get("how", "inner")
    many = step.get("many", "all")
    if how not in ("inner", "left", "right", "full", "semi", "anti"):
        raise StepError("unknown kind of join %r" % how, step.get("name"))
    pairs = join_pairs(step["on"])
    left_names = [left for left, _ in pairs]
    right_names = [right for _, right in pairs]
    table.require(*left_names)
    condition = compile_expr(step["where"]) if step.get("where") else None
    index = other.index_by(right_names)
    taken = step.get("columns") or [name for name in other.columns if name not in right_names]
    other.require(*taken)
    prefix = step.get("prefix", other.name + "_")
    targets = {}
    for name in taken:
        targets[name] = prefix + name if name in table.columns else name
    mark = step.get("mark")
    result = []
    used = set()
    unmatched = 0
    for row in table.rows:
        key = tuple(match_key(row.get(name)) for name in left_names)
        matches = [] if None in key else index.get(key, [])
        if condition is not None:
            matches = [other_row for other_row in matches
                       if truth(walk(condition, make_env(dict(other_row, **row), context.get("vars"),
                                                         context.get("settings"))))]
        if how == "semi":
            if matches:
                result.append(row)
            continue
        if how == "anti":
            if not matches:
                result.append(row)
            continue
        if len(matches) > 1 and many == "error":
            raise StepError("%d rows of %s for %s" % (
                len(matches), other.name, "/".join(format_plain(part) for part in key)), step.get("name"))
        if many == "first":
            matches = matches[:1]
        for other_row in matches:
            used.add(id(other_row))
            joined = dict(row)
            for name in taken:
                joined[targets[name]] = other_row.get(name)
            if mark:
                joined[mark] = "both"
            result.append(joined)
        if not matches:
            unmatched += 1
            if how in ("left", "full"):
                joined = dict(row)
                for name in taken:
                    joined[targets[name]] = None
                if mark:
                    joined[mark] = "left"
                result.append(joined)
    if how in ("semi", "anti"):
        return table.like(result)
    if how in ("right", "full"):
        for other_row in other.rows:
            if id(other_row) in used:
                continue
            joined = {name: None for name in table.columns}
            for left, right in pairs:
                joined[left] = other_row.get(right)
            for name in taken:
                joined[targets[name]] = other_row.get(name)
            if mark:
                joined[mark] = "right"
            result.append(joined)
    columns = list(table.columns) + [targets[name] for name in taken] + ([mark] if mark else [])
    joined_table = table.like(result, columns)
    if unmatched:
        joined_table.note("join with %s: %d rows without a match" % (other.name, unmatched))
    return joined_table


@transform("lookup", needs=["with", "on", "columns"], allows=["default", "as_of", "valid_from"], lists=["columns"])
def do_lookup(table, step, context):
    """Cells from the one row of another table; with as_of the latest row that is valid on that day.

    as_of is a date column of this table, valid_from one of the other.
    """
    other = other_table(step["with"], context, step)
    pairs = join_pairs(step["on"])
    table.require(*[left for left, _ in pairs])
    other.require(*step["columns"])
    index = other.index_by([right for _, right in pairs])
    default = step.get("default")
    as_of = step.get("as_of")
    valid_from = step.get("valid_from", "valid_from")
    rows = table.fresh_rows()
    missing = []
    for row in rows:
        key = tuple(match_key(row.get(left)) for left, _ in pairs)
        found = index.get(key, [])
        if as_of:
            day = row.get(as_of)
            valid = [item for item in found if day is not None and item[valid_from] <= day]
            valid.sort(key=lambda item: item[valid_from])
            chosen = valid[-1] if valid else None
        else:
            chosen = found[0] if found else None
        if chosen is None:
            missing.append("/".join(format_plain(part) for part in key))
        for name in step["columns"]:
            row[name] = chosen[name] if chosen is not None else default
    result = table.like(rows, list(table.columns) + [n for n in step["columns"] if n not in table.columns])
    if missing:
        result.note("lookup in %s: nothing for %s" % (other.name, ", ".join(sorted(set(missing)))))
    return result


@transform("union", needs=["with"], allows=["origin", "fill", "strict"], lists=["with"])
def do_union(table, step, context):
    """Rows of this table and of others, one after the other."""
    tables = [table] + [other_table(name, context, step) for name in step["with"]]
    if step.get("strict"):
        for other in tables[1:]:
            if sorted(other.columns) != sorted(table.columns):
                raise StepError("tables %s and %s have other columns" % (table.name, other.name), step.get("name"))
    if step.get("origin"):
        tables = [_with_origin(item, step["origin"]) for item in tables]
    return concat(tables, table.name, step.get("fill"))


def _with_origin(table, column):
    return table.with_column(column, lambda row: table.name)


@transform("compare", needs=["with", "key"], allows=["columns", "tolerance"], lists=["key", "columns"])
def do_compare(table, step, context):
    """What is new, gone and changed against another table: rows of key, column, before, after, change."""
    old = other_table(step["with"], context, step)
    table.require(*step["key"])
    index = old.index_by(step["key"])
    names = step.get("columns") or [name for name in table.columns if name not in step["key"]]
    tolerance = parse_decimal(step.get("tolerance", 0))
    rows = []
    seen = set()
    for row in table.rows:
        key = tuple(match_key(row.get(name)) for name in step["key"])
        shown = {name: row.get(name) for name in step["key"]}
        seen.add(key)
        before = index.get(key)
        if not before:
            rows.append(dict(shown, column=None, before=None, after=None, change="new"))
            continue
        for name in names:
            one, two = before[0].get(name), row.get(name)
            if one == two:
                continue
            if isinstance(one, (int, Decimal)) and isinstance(two, (int, Decimal)) and abs(one - two) <= tolerance:
                continue
            rows.append(dict(shown, column=name, before=one, after=two, change="changed"))
    for key, matches in index.items():
        if key not in seen:
            shown = {name: matches[0].get(name) for name in step["key"]}
            rows.append(dict(shown, column=None, before=None, after=None, change="gone"))
    return Table(rows, step["key"] + ["column", "before", "after", "change"], table.name)
