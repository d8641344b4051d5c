"""The report at the end of a run: sections in the order that the job asks for, each made by a registered function.

A section function takes (runner, options) and gives lines, or None to leave the section out.
"""

from .errors import JobError
from .schema import SEVERITIES, describe_schema
from .values import convert_unit, format_plain, format_value, month_key, parse_decimal, quantile, round_to, sort_token

SECTIONS = {}
DEFAULT_SECTIONS = ["summary", "tables", "findings", "steps", "outputs"]

WIDTH = 78


def section(name, title):
    def register(func):
        SECTIONS[name] = (title, func)
        return func
    return register


def rule_line(char="-"):
    return char * WIDTH


def two_columns(pairs, indent=2):
    if not pairs:
        return []
    width = max(len(label) for label, _ in pairs)
    return ["%s%s  %s" % (" " * indent, label.ljust(width, "."), text) for label, text in pairs]


def bar(value, top, width=30):
    """A bar of '#' for a value on a scale up to top; something is always seen of a value above zero."""
    if not top or value <= 0:
        return ""
    length = int(round_to(parse_decimal(value) * width / parse_decimal(top)))
    return "#" * max(1, length)


def plural(count, word, many=None):
    return "%d %s" % (count, word if count == 1 else many or word + "s")


@section("summary", "Summary")
def section_summary(runner, options):
    summary = runner.summary()
    pairs = [
        ("job", summary["job"]),
        ("as of", format_plain(runner.settings["today"])),
        ("tables", plural(len(summary["tables"]), "table")),
        ("steps", "%s, %d skipped" % (plural(summary["steps"], "step"), summary["skipped"])),
        ("findings", plural(summary["findings"], "finding") + (" (%s)" % summary["worst"] if summary["worst"] else "")),
        ("outputs", plural(summary["outputs"], "output")),
    ]
    for name, text in options.get("vars", {}).items():
        value = runner.variables.get(name)
        pairs.append((name, format_value(value, text or None)))
    return two_columns(pairs)


@section("tables", "Tables")
def section_tables(runner, options):
    wanted = options.get("tables") or sorted(runner.tables)
    lines = []
    for name in wanted:
        table = runner.table(name)
        lines.append("  %-20s %6d rows  %2d columns%s" % (
            name, len(table), len(table.columns), "  from " + table.origin if table.origin else ""))
    for name, text in runner.notes[:runner.settings.get("max_notes", 20)]:
        lines.append("    note %s: %s" % (name, text))
    return lines


@section("findings", "Findings")
def section_findings(runner, options):
    lines = []
    least = SEVERITIES.index(options.get("least", "info"))
    examples = options.get("examples", 2)
    for owner in sorted(runner.findings):
        found = [item for item in runner.findings[owner] if SEVERITIES.index(item[0]) >= least]
        if not found:
            continue
        lines.append("  %s: %s" % (owner, plural(len(found), "finding")))
        groups = {}
        for item in found:
            groups.setdefault((item[2], item[3]), []).append(item)
        ordered = sorted(groups, key=lambda key: (-len(groups[key]), key))
        for column, code in ordered:
            items = groups[column, code]
            lines.append("    %-16s %-10s %3d" % (column, code, len(items)))
            for item in items[:examples]:
                lines.append("      row %d: %s" % (item[1], item[4]))
    return lines or ["  none"]


@section("steps", "Steps")
def section_steps(runner, options):
    lines = []
    current = None
    for entry in runner.ledger:
        if entry["pipeline"] != current:
            current = entry["pipeline"]
            lines.append("  " + current)
        if entry["skipped"]:
            lines.append("    %-24s %-10s skipped" % (entry["step"], entry["do"]))
            continue
        difference = entry["after"] - entry["before"]
        lines.append("    %-24s %-10s %6d %+6d" % (entry["step"], entry["do"], entry["after"], difference))
    shrunk = runner.shrinkage()
    for name in sorted(shrunk, key=lambda item: (-shrunk[item], item)):
        lines.append("  %s lost %s of its rows" % (name, format_value(shrunk[name], "percent:1")))
    return lines


@section("outputs", "Outputs")
def section_outputs(runner, options):
    lines = []
    for entry in runner.written:
        if entry["path"] is None:
            lines.extend("  " + line for line in entry["text"].rstrip("\n").split("\n"))
        else:
            lines.append("  %-20s %5d rows  %7d bytes  %s" % (entry["table"], entry["rows"], entry["size"], entry["path"]))
    return lines or None


@section("chart", "Chart")
def section_chart(runner, options):
    """options: table, label, value, top (how many), format, other (label for the sum of the rest)"""
    table = runner.table(options["table"])
    table.require(options["label"], options["value"])
    pairs = []
    for row in table.rows:
        if row.get(options["value"]) is not None:
            pairs.append((format_plain(row.get(options["label"])), parse_decimal(row[options["value"]])))
    if not pairs:
        return None
    pairs.sort(key=lambda pair: (-pair[1], pair[0]))
    count = options.get("top", 10)
    rest = pairs[count:]
    pairs = pairs[:count]
    if rest and options.get("other"):
        pairs.append((options["other"], sum(value for _, value in rest)))
    top = max(value for _, value in pairs)
    width = max(len(label) for label, _ in pairs)
    lines = []
    for label, value in pairs:
        text = format_value(value, options.get("format", "number:2"))
        lines.append("  %s  %s %s" % (label.ljust(width), text.rjust(14), bar(value, top)))
    return lines


@section("profile", "Profile")
def section_profile(runner, options):
    lines = []
    for entry in runner.table(options["table"]).profile():
        text = "  %-16s %-9s %3d filled, %d distinct" % (entry["column"], entry["type"] or "-", entry["filled"], entry["distinct"])
        if entry["low"] is not None:
            text += ", %s to %s" % (format_plain(entry["low"])[:20], format_plain(entry["high"])[:20])
        if entry["median"] is not None:
            text += ", median %s" % format_plain(entry["median"])
        lines.append(text)
    return lines


@section("distribution", "Distribution")
def section_distribution(runner, options):
    """Quantiles of a column, of each group if 'by' is there; unit = [source, target] converts before."""
    table = runner.table(options["table"])
    column = options["column"]
    table.require(column)
    groups = {}
    for row in table.rows:
        label = format_plain(row.get(options["by"])) if options.get("by") else "all"
        groups.setdefault(label, []).append(row.get(column))
    points = options.get("points", [0.25, 0.5, 0.75, 1])
    digits = options.get("digits", 2)
    lines = ["  %-16s %5s" % ("", "n") + "".join("%10s" % ("p%d" % (point * 100)) for point in points)]
    for label in sorted(groups, key=sort_token):
        values = [value for value in groups[label] if value is not None]
        if options.get("unit"):
            source, target = options["unit"]
            values = [convert_unit(value, source, target) for value in values]
        cells = ""
        for point in points:
            value = quantile(values, point)
            cells += "%10s" % (format_value(value, "number:%d" % digits) if value is not None else "-")
        lines.append("  %-16s %5d%s" % (label, len(values), cells))
    return lines


@section("trend", "Trend")
def section_trend(runner, options):
    """Sums of a column by month with the change against the month before."""
    table = runner.table(options["table"])
    table.require(options["date"], options["value"])
    sums = {}
    for row in table.rows:
        day = row.get(options["date"])
        value = row.get(options["value"])
        if day is None or value is None:
            continue
        key = month_key(day)
        sums[key] = sums.get(key, 0) + parse_decimal(value)
    lines = []
    before = None
    for key in sorted(sums):
        text = "  %s %14s" % (key, format_value(sums[key], options.get("format", "number:2")))
        if before:
            text += " %8s" % format_value((sums[key] - before) / before, "percent:1")
        before = sums[key]
        lines.append(text)
    return lines


@section("schemas", "Schemas")
def section_schemas(runner, options):
    lines = []
    for name in options.get("names") or sorted(runner.job["schemas"]):
        lines.append("  " + name)
        lines.extend("    " + line for line in describe_schema(runner.schema(name)))
    return lines


def section_list(job):
    """[(name, options)] from the report section of a job: names, or dictionaries with 'show'."""
    wanted = job["report"].get("sections") or DEFAULT_SECTIONS
    result = []
    for item in wanted:
        if isinstance(item, str):
            result.append((item, {}))
        else:
            options = dict(item)
            result.append((options.pop("show"), options))
    return result


def render_report(runner):
    job = runner.job
    title = job["report"].get("title") or job["title"] or "Run of %s" % job["name"]
    lines = [title, rule_line("=")]
    for name, options in section_list(job):
        if name not in SECTIONS:
            raise JobError("there is no report section %r" % name)
        heading, func = SECTIONS[name]
        body = func(runner, options)
        if body is None:
            continue
        lines.append("")
        lines.append(options.get("title", heading))
        lines.append(rule_line())
        lines.extend(body)
    return "\n".join(lines) + "\n"
