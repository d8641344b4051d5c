"""Schemas: types of columns, rules for cells, rows and whole tables.

A schema in a job file:

    [schemas.orders]
    on_error = "drop"                 # fail, drop, keep, null
    extra = "drop"                    # keep, drop, fail
    key = ["order_id"]
    [[schemas.orders.fields]]
    name = "amount"
    type = "decimal"
    required = true
    min = 0
    [[schemas.orders.rows]]
    check = "shipped is null or shipped >= ordered"
    message = "shipped before it was ordered"

compile_schema() turns it into a dictionary with tuples inside; check_table() gives back a new table and a list of
findings. A finding is (severity, row number, column, code, message).
"""

import re
from decimal import Decimal

from .errors import SchemaError
from .expr import compile_expr, explain, make_env, names_in, truth, walk
from .table import Table, match_key
from .values import CASTS, cast_value, format_plain, is_null, parse_date, parse_decimal, sort_token

RULES = {}
PRESETS = {}

FIELD_DEFAULTS = {"type": "str", "required": False, "default": None, "severity": "error", "source": None}
TYPE_OPTIONS = {
    "str": ("squeeze", "case", "nulls"),
    "int": ("base", "truncate", "decimal_mark", "nulls"),
    "decimal": ("decimal_mark", "currency", "percent", "digits", "rounding", "round_currency", "nulls"),
    "float": ("decimal_mark", "nulls"),
    "bool": ("true", "false", "nulls"),
    "date": ("formats", "nulls"),
    "stamp": ("zone", "nulls"),
    "duration": ("nulls",),
    "list": ("sep", "of", "item", "nulls"),
    "any": ("nulls",),
}
TYPE_ALIASES = {"text": "str", "string": "str", "integer": "int", "number": "decimal", "money": "decimal", "flag": "bool",
                "datetime": "stamp"}
SEVERITIES = ("info", "warning", "error")
POLICIES = ("fail", "drop", "keep", "null")


def rule(name):
    """Registers a check: func(value, argument, field) gives None or the message."""
    def register(func):
        RULES[name] = func
        return func
    return register


def preset(name, **settings):
    PRESETS[name] = settings


preset("email", type="str", case="lower", pattern=r"[^@\s]+@[^@\s]+\.[a-z]{2,}")
preset("country", type="str", case="upper", pattern=r"[A-Z]{2}")
preset("ean", type="str", pattern=r"\d{8}|\d{13}", checksum="ean")
preset("iban", type="str", case="upper", pattern=r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", checksum="iban")
preset("percent", type="decimal", percent="fraction", min=0, max=1)


# ---------------------------------------------------------------- rules

@rule("min")
def rule_min(value, argument, field):
    if value < bound(argument, value):
        return "%s is below %s" % (format_plain(value), format_plain(argument))


@rule("max")
def rule_max(value, argument, field):
    if value > bound(argument, value):
        return "%s is above %s" % (format_plain(value), format_plain(argument))


def bound(argument, value):
    """The bound of a rule in the type of the value; job files have only numbers and text."""
    if isinstance(argument, float):
        return parse_decimal(argument)
    if isinstance(argument, str) and not isinstance(value, str):
        if isinstance(value, (int, Decimal)):
            return parse_decimal(argument)
        return parse_date(argument)
    return argument


@rule("one_of")
def rule_one_of(value, argument, field):
    allowed = {match_key(item) for item in argument}
    if match_key(value) not in allowed:
        return "%r is none of %s" % (format_plain(value), ", ".join(format_plain(item) for item in argument))


@rule("pattern")
def rule_pattern(value, argument, field):
    if not re.fullmatch(argument, format_plain(value)):
        return "%r does not look like %s" % (format_plain(value), argument)


@rule("length")
def rule_length(value, argument, field):
    """argument: a number (exactly) or [least, most]"""
    size = len(value) if isinstance(value, list) else len(format_plain(value))
    low, high = (argument, argument) if isinstance(argument, int) else argument
    if size < low:
        return "%d long, at least %d wanted" % (size, low)
    if high is not None and size > high:
        return "%d long, at most %d wanted" % (size, high)


@rule("digits_after")
def rule_digits_after(value, argument, field):
    exponent = parse_decimal(value).normalize().as_tuple().exponent
    if -exponent > argument:
        return "%s has more than %d digits behind the point" % (format_plain(value), argument)


@rule("checksum")
def rule_checksum(value, argument, field):
    if not CHECKSUMS[argument](value):
        return "%s: wrong check digit" % value


def ean_ok(code):
    digits = [int(char) for char in code]
    total = 0
    for position, digit in enumerate(reversed(digits[:-1])):
        total += digit * (3 if position % 2 == 0 else 1)
    return (10 - total % 10) % 10 == digits[-1]


def iban_ok(code):
    moved = code[4:] + code[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def luhn_ok(code):
    total = 0
    for position, char in enumerate(reversed(code)):
        digit = int(char)
        if position % 2:
            digit *= 2
            if digit > 9:
                digit -= 9
        total += digit
    return total % 10 == 0


CHECKSUMS = {"ean": ean_ok, "iban": iban_ok, "luhn": luhn_ok}


# ---------------------------------------------------------------- compiling

def compile_schema(section, name="schema", library=None):
    """The working form of a schema section.

    library: all schema sections of the job, for 'extends'. The result has fields (a tuple of dictionaries with
    name, source, type, cast options, rules, required, default, severity), row checks (node, columns, message,
    severity), key, references and the two policies.
    """
    library = library or {}
    section = inherit(section, name, library)
    policy = section.get("on_error", "fail")
    if policy not in POLICIES:
        raise SchemaError("%s: on_error is %r, not one of %s" % (name, policy, ", ".join(POLICIES)))
    fields = []
    taken = {}
    for raw in section.get("fields", ()):
        if isinstance(raw, str):
            field_name, _, field_type = raw.partition(":")
            raw = {"name": field_name.strip(), "type": field_type.strip() or "str"}
        if "preset" in raw:
            if raw["preset"] not in PRESETS:
                raise SchemaError("%s: no preset %r" % (name, raw["preset"]))
            raw = dict(PRESETS[raw["preset"]], **raw)
        field = dict(FIELD_DEFAULTS, **raw)
        field["type"] = TYPE_ALIASES.get(field["type"], field["type"])
        if field["type"] not in CASTS:
            raise SchemaError("%s: field %s has unknown type %r" % (name, field["name"], field["type"]))
        if field["name"] in taken:
            raise SchemaError("%s: field %s is there twice" % (name, field["name"]))
        taken[field["name"]] = field
        options = {}
        for key in TYPE_OPTIONS[field["type"]]:
            if key in raw:
                options[key] = raw[key]
        if field["type"] == "stamp" and "zone" not in options and section.get("zone"):
            options["zone"] = section["zone"]
        if field["type"] == "decimal" and "decimal_mark" not in options and section.get("decimal_mark"):
            options["decimal_mark"] = section["decimal_mark"]
        rules = []
        for rule_name in RULES:
            if rule_name in raw:
                rules.append((rule_name, RULES[rule_name], raw[rule_name]))
        default = field["default"]
        if isinstance(default, str) and default.startswith("="):
            default = compile_expr(default[1:])
        elif default is not None:
            default = cast_value(default, field["type"], options)
        unknown = set(raw) - set(FIELD_DEFAULTS) - set(options) - set(RULES) - {"name", "preset", "title", "format"}
        if unknown:
            raise SchemaError("%s: field %s has unknown settings %s" % (name, field["name"], ", ".join(sorted(unknown))))
        fields.append({
            "name": field["name"],
            "source": field["source"] or field["name"],
            "type": field["type"],
            "options": options,
            "rules": tuple(rules),
            "required": field["required"],
            "default": default,
            "severity": field["severity"],
            "format": field.get("format"),
        })
    rows = []
    for raw in section.get("rows", ()):
        node = compile_expr(raw["check"])
        columns = names_in(node)
        message = raw.get("message") or "not so: %s" % explain(node)
        rows.append((node, tuple(columns), message, raw.get("severity", "error")))
    key = section.get("key", [])
    if isinstance(key, str):
        key = [key]
    for part in key:
        if taken and part not in taken:
            raise SchemaError("%s: key column %s is no field" % (name, part))
    references = []
    for column, target in section.get("references", {}).items():
        table_name, _, target_column = target.partition(".")
        references.append((column, table_name, target_column or column))
    return {
        "name": name,
        "fields": tuple(fields),
        "rows": tuple(rows),
        "key": tuple(key),
        "references": tuple(references),
        "policy": policy,
        "extra": section.get("extra", "keep"),
        "max_errors": section.get("max_errors"),
    }


def inherit(section, name, library, trail=()):
    """The section with everything it extends; its own fields replace those of the same name."""
    parent_name = section.get("extends")
    if not parent_name:
        return section
    if parent_name in trail or parent_name == name:
        raise SchemaError("%s extends itself: %s" % (name, " -> ".join(trail + (parent_name,))))
    if parent_name not in library:
        raise SchemaError("%s extends %s, which is not there" % (name, parent_name))
    parent = inherit(library[parent_name], parent_name, library, trail + (name,))
    result = dict(parent)
    result.update(section)
    fields = {}
    for raw in list(parent.get("fields", ())) + list(section.get("fields", ())):
        field_name = raw.partition(":")[0].strip() if isinstance(raw, str) else raw["name"]
        fields[field_name] = raw
    result["fields"] = [field for field in fields.values() if isinstance(field, str) or not field.get("remove")]
    result["rows"] = list(parent.get("rows", ())) + list(section.get("rows", ()))
    return result


# ---------------------------------------------------------------- checking

def coerce_row(row, schema, number, env=None):
    """(new row, findings): every field cast, defaults put in, the rules of the fields tried."""
    result = {}
    findings = []
    env = env or {}
    late = []
    for field in schema["fields"]:
        name = field["name"]
        raw = row.get(field["source"])
        try:
            value = cast_value(raw, field["type"], field["options"])
        except ValueError as error:
            findings.append((field["severity"], number, name, "type", str(error)))
            result[name] = raw if schema["policy"] == "keep" else None
            continue
        if value is None and field["default"] is not None:
            if isinstance(field["default"], tuple):
                late.append(field)
            else:
                value = copy_default(field["default"])
        if value is None and field["required"] and field not in late:
            findings.append((field["severity"], number, name, "required", "is missing"))
        result[name] = value
        if value is not None:
            findings.extend(check_value(value, field, number))
    for field in late:
        name = field["name"]
        value = walk(field["default"], make_env(result, env.get("vars"), env.get("settings"), strict=False))
        if value is None and field["required"]:
            findings.append((field["severity"], number, name, "required", "is missing"))
        result[name] = value
        if value is not None:
            findings.extend(check_value(value, field, number))
    known = {field["source"] for field in schema["fields"]}
    for key in row:
        if key not in known and key not in result:
            if schema["extra"] == "keep":
                result[key] = row[key]
            elif schema["extra"] == "fail":
                findings.append(("error", number, key, "extra", "is not in the schema"))
    return result, findings


def copy_default(default):
    return list(default) if isinstance(default, list) else default


def check_value(value, field, number):
    found = []
    for rule_name, func, argument in field["rules"]:
        message = func(value, argument, field)
        if message:
            found.append((field["severity"], number, field["name"], rule_name, message))
    return found


def check_rows(row, schema, number, env):
    found = []
    for node, columns, message, severity in schema["rows"]:
        if not truth(walk(node, make_env(row, env.get("vars"), env.get("settings"), strict=False))):
            found.append((severity, number, ",".join(columns), "row", message))
    return found


def check_table(table, schema, env=None, tables=None):
    """(new table, findings). Raises SchemaError if the policy is 'fail' and there are errors, or if there are more
    errors than max_errors."""
    env = env or {}
    tables = tables or {}
    kept = []
    findings = []
    seen = {}
    dropped = 0
    errors = 0
    indexes = {}
    for column, table_name, target_column in schema["references"]:
        if table_name not in tables:
            raise SchemaError("%s refers to table %s, which is not there" % (schema["name"], table_name))
        indexes[column] = {match_key(value) for value in tables[table_name].column(target_column)}
    for number, raw in enumerate(table.rows, 1):
        row, found = coerce_row(raw, schema, number, env)
        broken = any(severity == "error" for severity, _, _, code, _ in found if code == "type")
        if not broken:
            found.extend(check_rows(row, schema, number, env))
        if schema["key"]:
            key = tuple(match_key(row.get(name)) for name in schema["key"])
            if None in key:
                found.append(("error", number, ",".join(schema["key"]), "key", "key is empty"))
            elif key in seen:
                found.append(("error", number, ",".join(schema["key"]), "duplicate",
                              "same key as row %d: %s" % (seen[key], "/".join(format_plain(part) for part in key))))
            else:
                seen[key] = number
        for column, table_name, target_column in schema["references"]:
            value = row.get(column)
            if value is not None and match_key(value) not in indexes[column]:
                found.append(("error", number, column, "reference",
                              "%s is not in %s.%s" % (format_plain(value), table_name, target_column)))
        bad = [item for item in found if item[0] == "error"]
        errors += len(bad)
        findings.extend(found)
        if bad and schema["policy"] == "drop":
            dropped += 1
            continue
        if bad and schema["policy"] == "null":
            for item in bad:
                for name in item[2].split(","):
                    if name in row and name not in schema["key"]:
                        row[name] = None
        kept.append(row)
    if errors and schema["policy"] == "fail":
        first = next(item for item in findings if item[0] == "error")
        raise SchemaError("%s: %d errors, the first in row %d, %s: %s" % (
            schema["name"], errors, first[1], first[2], first[4]))
    if schema["max_errors"] is not None and errors > schema["max_errors"]:
        raise SchemaError("%s: %d errors, %d are allowed" % (schema["name"], errors, schema["max_errors"]))
    columns = [field["name"] for field in schema["fields"]]
    for name in table.columns:
        if schema["extra"] == "keep" and name not in columns:
            if name not in {field["source"] for field in schema["fields"]}:
                columns.append(name)
    checked = Table(kept, columns, table.name, table.origin)
    checked.notes = list(table.notes)
    if dropped:
        checked.note("%s: %d of %d rows dropped" % (schema["name"], dropped, len(table)))
    return checked, findings


# ---------------------------------------------------------------- about findings and schemas

def count_findings(findings):
    """{column: {code: count}}"""
    counts = {}
    for _, _, column, code, _ in findings:
        per_column = counts.setdefault(column, {})
        per_column[code] = per_column.get(code, 0) + 1
    return counts


def worst(findings):
    level = -1
    for finding in findings:
        level = max(level, SEVERITIES.index(finding[0]))
    return SEVERITIES[level] if level >= 0 else None


def infer_type(values, date_formats=("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")):
    """(type, options) that all values can be cast to; the narrowest first."""
    candidates = [("bool", {"true": ("true", "yes", "y"), "false": ("false", "no", "n")}), ("int", {}), ("decimal", {})]
    for fmt in date_formats:
        candidates.append(("date", {"formats": [fmt]}))
    candidates.append(("stamp", {}))
    candidates.append(("decimal", {"decimal_mark": ","}))
    for type_name, options in candidates:
        try:
            for value in values:
                cast_value(value, type_name, options)
        except (ValueError, AttributeError, TypeError):
            continue
        if type_name == "int" and any(isinstance(v, str) and len(v) > 1 and v.startswith("0") for v in values):
            break
        return type_name, options
    return "str", {}


def infer_schema(table, sample=200):
    """A schema section that fits a table, to start from."""
    fields = []
    for name in table.columns:
        values = [row.get(name) for row in table.rows[:sample]]
        present = [value for value in values if not is_null(value)]
        type_name, options = infer_type(present) if present else ("str", {})
        field = {"name": name, "type": type_name}
        if type_name != "bool":
            field.update(options)
        if present and len(present) == len(values):
            field["required"] = True
        distinct = {format_plain(value) for value in present}
        if type_name == "str" and 1 < len(distinct) <= 6 and len(present) >= 3 * len(distinct):
            field["one_of"] = sorted(distinct)
        fields.append(field)
    section = {"fields": fields}
    for field in fields:
        if field.get("required") and field["type"] in ("int", "str"):
            column = [format_plain(value) for value in table.column(field["name"])]
            if len(set(column)) == len(column):
                section["key"] = [field["name"]]
                break
    return section


def describe_schema(schema):
    """Lines for the documentation of a job."""
    lines = []
    for field in schema["fields"]:
        words = [field["type"]]
        if field["required"]:
            words.append("required")
        if field["name"] in schema["key"]:
            words.append("key")
        for rule_name, _, argument in field["rules"]:
            if isinstance(argument, (list, tuple)):
                argument = "|".join(format_plain(item) for item in argument)
            words.append("%s=%s" % (rule_name, argument))
        if isinstance(field["default"], tuple):
            words.append("default: %s" % explain(field["default"]))
        elif field["default"] is not None:
            words.append("default %s" % format_plain(field["default"]))
        lines.append("%-16s %s" % (field["name"], ", ".join(words)))
    for node, _, message, severity in schema["rows"]:
        lines.append("%-16s %s (%s)" % ("(row)", explain(node), severity))
    return lines


def compare_schemas(old, new):
    """What changed between two compiled schemas: list of (kind, column, text)."""
    before = {field["name"]: field for field in old["fields"]}
    after = {field["name"]: field for field in new["fields"]}
    changes = []
    for name in before:
        if name not in after:
            changes.append(("removed", name, before[name]["type"]))
    for name, field in after.items():
        if name not in before:
            changes.append(("added", name, field["type"]))
            continue
        for key in ("type", "required", "default"):
            if before[name][key] != field[key]:
                changes.append(("changed", name, "%s: %s -> %s" % (key, before[name][key], field[key])))
    return sorted(changes, key=lambda change: (change[1], sort_token(change[0])))
