"""The little expression language of job files.

    price * qty * (1 - coalesce(discount, 0))
    if(status in ("open", "held") and age(due, today) > 30, "late", "ok")
    upper(left(name, 3)) ~ "-" ~ pad(id, 5)

A text is cut into tokens, parsed to nested tuples and walked by evaluate(). A node is (kind, ...):

    ("lit", value) ("name", "a.b") ("neg", n) ("not", n) ("bin", op, l, r) ("and", l, r) ("or", l, r)
    ("cmp", op, l, r) ("in", n, (items)) ("null", n, negated) ("call", name, (args)) ("list", (items))
"""

import datetime
import re
from decimal import Decimal

from .errors import ExprError
from .values import (
    add_months, cast_value, convert_unit, deep_get, format_plain, format_value, is_null, local_day,
    month_key, parse_decimal, quarter_key, round_to, slug, week_key,
)

_TOKEN = re.compile(r"""
    (?P<space>\s+)
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<date>\#\d{4}-\d{2}-\d{2}\#)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*|\[-?\d+\])*)
  | (?P<quoted>`[^`]+`)
  | (?P<op><=|>=|!=|<>|==|=|<|>|\+|-|\*|//|/|%|~|\(|\)|,|\[|\])
""", re.VERBOSE)

_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "'": "'"}
_WORDS = ("and", "or", "not", "in", "is", "null", "true", "false", "between", "like")

PRECEDENCE = {"or": 1, "and": 2, "not": 3, "cmp": 4, "~": 5, "+": 6, "-": 6, "*": 7, "/": 7, "//": 7, "%": 7}
COMPARE = ("=", "==", "!=", "<>", "<", "<=", ">", ">=")

FUNCTIONS = {}
_COMPILED = {}


# ---------------------------------------------------------------- tokens

def tokenize(text):
    tokens = []
    pos = 0
    while pos < len(text):
        match = _TOKEN.match(text, pos)
        if match is None:
            raise ExprError("strange character %r" % text[pos], text, pos)
        kind = match.lastgroup
        piece = match.group()
        if kind == "number":
            value = Decimal(piece) if "." in piece else int(piece)
            tokens.append(("lit", value, pos))
        elif kind == "string":
            tokens.append(("lit", unescape(piece[1:-1]), pos))
        elif kind == "date":
            tokens.append(("lit", datetime.date.fromisoformat(piece[1:-1]), pos))
        elif kind == "name":
            word = piece.lower()
            if word in _WORDS:
                tokens.append(("word", word, pos))
            else:
                tokens.append(("name", piece, pos))
        elif kind == "quoted":
            tokens.append(("name", piece[1:-1], pos))
        elif kind == "op":
            tokens.append(("op", piece, pos))
        pos = match.end()
    tokens.append(("end", None, len(text)))
    return tokens


def unescape(body):
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m.group(1), m.group(1)), body)


# ---------------------------------------------------------------- parser

class Parser:
    """Recursive descent, one method for each level of binding."""

    def __init__(self, text, functions=None):
        self.text = text
        self.tokens = tokenize(text)
        self.index = 0
        self.functions = FUNCTIONS if functions is None else functions

    @property
    def current(self):
        return self.tokens[self.index]

    def advance(self):
        token = self.tokens[self.index]
        self.index += 1
        return token

    def at(self, kind, *values):
        token = self.current
        return token[0] == kind and (not values or token[1] in values)

    def accept(self, kind, *values):
        if self.at(kind, *values):
            return self.advance()
        return None

    def expect(self, kind, value):
        token = self.accept(kind, value)
        if token is None:
            self.fail("expected %r" % value)
        return token

    def fail(self, message):
        raise ExprError(message, self.text, self.current[2])

    def parse(self):
        node = self.parse_or()
        if not self.at("end"):
            self.fail("unexpected %r" % (self.current[1],))
        return node

    def parse_or(self):
        node = self.parse_and()
        while self.accept("word", "or"):
            node = ("or", node, self.parse_and())
        return node

    def parse_and(self):
        node = self.parse_not()
        while self.accept("word", "and"):
            node = ("and", node, self.parse_not())
        return node

    def parse_not(self):
        if self.accept("word", "not"):
            return ("not", self.parse_not())
        return self.parse_comparison()

    def parse_comparison(self):
        node = self.parse_concat()
        token = self.accept("op", *COMPARE)
        if token:
            op = {"==": "=", "<>": "!="}.get(token[1], token[1])
            return ("cmp", op, node, self.parse_concat())
        if self.accept("word", "is"):
            negated = bool(self.accept("word", "not"))
            self.expect("word", "null")
            return ("null", node, negated)
        negated = bool(self.accept("word", "not"))
        if self.accept("word", "in"):
            node = ("in", node, self.parse_items())
        elif self.accept("word", "between"):
            low = self.parse_concat()
            self.expect("word", "and")
            high = self.parse_concat()
            node = ("and", ("cmp", ">=", node, low), ("cmp", "<=", node, high))
        elif self.accept("word", "like"):
            node = ("call", "like", (node, self.parse_concat()))
        elif negated:
            self.fail("expected 'in', 'between' or 'like'")
        return ("not", node) if negated else node

    def parse_items(self):
        closing = ")"
        if self.accept("op", "["):
            closing = "]"
        else:
            self.expect("op", "(")
        items = [self.parse_or()]
        while self.accept("op", ","):
            items.append(self.parse_or())
        self.expect("op", closing)
        return tuple(items)

    def parse_concat(self):
        node = self.parse_sum()
        while self.accept("op", "~"):
            node = ("bin", "~", node, self.parse_sum())
        return node

    def parse_sum(self):
        node = self.parse_product()
        while self.at("op", "+", "-"):
            op = self.advance()[1]
            node = ("bin", op, node, self.parse_product())
        return node

    def parse_product(self):
        node = self.parse_unary()
        while self.at("op", "*", "/", "//", "%"):
            op = self.advance()[1]
            node = ("bin", op, node, self.parse_unary())
        return node

    def parse_unary(self):
        if self.accept("op", "-"):
            return ("neg", self.parse_unary())
        if self.accept("op", "+"):
            return self.parse_unary()
        return self.parse_primary()

    def parse_primary(self):
        token = self.current
        if token[0] == "lit":
            self.advance()
            return ("lit", token[1])
        if token[0] == "word" and token[1] in ("true", "false", "null"):
            self.advance()
            return ("lit", {"true": True, "false": False, "null": None}[token[1]])
        if token[0] == "name":
            self.advance()
            if self.accept("op", "("):
                return self.parse_call(token[1])
            return ("name", token[1])
        if self.at("op", "["):
            return ("list", self.parse_items())
        if self.accept("op", "("):
            node = self.parse_or()
            self.expect("op", ")")
            return node
        self.fail("expected a value")

    def parse_call(self, name):
        lowered = name.lower()
        if lowered not in self.functions:
            self.fail("unknown function %s()" % name)
        args = []
        if not self.accept("op", ")"):
            args.append(self.parse_or())
            while self.accept("op", ","):
                args.append(self.parse_or())
            self.expect("op", ")")
        low, high = self.functions[lowered]["arity"]
        if len(args) < low or (high is not None and len(args) > high):
            self.fail("%s() takes %s arguments, not %d" % (name, low if low == high else "%d to %s" % (low, high), len(args)))
        return ("call", lowered, tuple(args))


# ---------------------------------------------------------------- functions

def function(name, low=1, high=-1, lazy=False, nulls=False):
    """Registers an expression function. Unless nulls is set, a null first argument gives null."""
    def register(func):
        FUNCTIONS[name] = {
            "func": func,
            "arity": (low, low if high == -1 else high),
            "lazy": lazy,
            "nulls": nulls,
        }
        return func
    return register


@function("if", 2, 3, lazy=True, nulls=True)
def fn_if(env, node, args):
    if truth(walk(args[0], env)):
        return walk(args[1], env)
    return walk(args[2], env) if len(args) > 2 else None


@function("case", 3, None, lazy=True, nulls=True)
def fn_case(env, node, args):
    """case(x, 'a', 1, 'b', 2, otherwise)"""
    subject = walk(args[0], env)
    rest = args[1:]
    for i in range(0, len(rest) - 1, 2):
        if same(subject, walk(rest[i], env)):
            return walk(rest[i + 1], env)
    if len(rest) % 2:
        return walk(rest[-1], env)
    return None


@function("coalesce", 1, None, lazy=True, nulls=True)
def fn_coalesce(env, node, args):
    for arg in args:
        value = walk(arg, env)
        if not is_null(value):
            return value
    return None


@function("var", 1, 2, nulls=True)
def fn_var(env, name, default=None):
    return env["vars"].get(name, default)


@function("get", 2, 3)
def fn_get(env, data, path, default=None):
    return deep_get(data, path, default)


@function("cast", 2)
def fn_cast(env, value, type_name):
    return cast_value(value, type_name)


@function("upper")
def fn_upper(env, text):
    return format_plain(text).upper()


@function("lower")
def fn_lower(env, text):
    return format_plain(text).lower()


@function("title")
def fn_title(env, text):
    return format_plain(text).title()


@function("trim")
def fn_trim(env, text):
    return format_plain(text).strip()


@function("slug")
def fn_slug(env, text):
    return slug(format_plain(text))


@function("len")
def fn_len(env, value):
    return len(value) if isinstance(value, (list, tuple, dict)) else len(format_plain(value))


@function("left", 2)
def fn_left(env, text, count):
    return format_plain(text)[:count]


@function("right", 2)
def fn_right(env, text, count):
    return format_plain(text)[-count:] if count else ""


@function("mid", 2, 3)
def fn_mid(env, text, start, count=None):
    """mid('abcdef', 2, 3) -> 'bcd'; the first character is number 1"""
    text = format_plain(text)
    begin = start - 1
    return text[begin:] if count is None else text[begin:begin + count]


@function("pad", 2, 3)
def fn_pad(env, text, width, fill="0"):
    return format_plain(text).rjust(width, fill)


@function("replace", 3)
def fn_replace(env, text, old, new):
    return format_plain(text).replace(old, new)


@function("match", 2, 3)
def fn_match(env, text, pattern, group=0):
    found = re.search(pattern, format_plain(text))
    return found.group(group) if found else None


@function("like", 2)
def fn_like(env, text, pattern):
    """SQL style: % is any run of characters, _ is one."""
    parts = []
    for char in pattern:
        if char == "%":
            parts.append(".*")
        elif char == "_":
            parts.append(".")
        else:
            parts.append(re.escape(char))
    return re.fullmatch("".join(parts), format_plain(text), re.I | re.S) is not None


@function("split", 2, 3)
def fn_split(env, text, sep, index=None):
    parts = [part.strip() for part in format_plain(text).split(sep)]
    if index is None:
        return parts
    return parts[index - 1] if 0 < index <= len(parts) else None


@function("join", 2)
def fn_join(env, items, sep):
    return sep.join(format_plain(item) for item in items)


@function("format", 2)
def fn_format(env, value, pattern):
    return format_value(value, pattern)


@function("round", 1, 3)
def fn_round(env, value, digits=0, mode="half-up"):
    return round_to(value, digits, mode)


@function("abs")
def fn_abs(env, value):
    return abs(value)


@function("min", 1, None, nulls=True)
def fn_min(env, *values):
    present = [v for v in values if v is not None]
    return min(present) if present else None


@function("max", 1, None, nulls=True)
def fn_max(env, *values):
    present = [v for v in values if v is not None]
    return max(present) if present else None


@function("convert", 3)
def fn_convert(env, value, source, target):
    return convert_unit(value, source, target)


@function("date", 1, 2)
def fn_date(env, value, fmt="%Y-%m-%d"):
    return cast_value(value, "date", {"formats": [fmt]})


@function("stamp", 1, 2)
def fn_stamp(env, value, zone=None):
    return cast_value(value, "stamp", {"zone": zone or env["settings"].get("zone", "UTC")})


@function("day", 1, 2)
def fn_day(env, stamp, zone=None):
    """The calendar day of a stamp, in the zone of the job unless one is given."""
    if not isinstance(stamp, datetime.datetime):
        return cast_value(stamp, "date")
    return local_day(stamp, zone or env["settings"].get("zone", "UTC"))


@function("month")
def fn_month(env, day):
    return month_key(day)


@function("quarter")
def fn_quarter(env, day):
    return quarter_key(day)


@function("week")
def fn_week(env, day):
    return week_key(day)


@function("addmonths", 2)
def fn_addmonths(env, day, count):
    return add_months(day, count)


@function("age", 1, 2)
def fn_age(env, day, today=None):
    """Whole days between day and today (the job's day if none is given)."""
    if today is None:
        today = env["settings"]["today"]
    return (today - day).days


# ---------------------------------------------------------------- evaluation

def truth(value):
    if value is None:
        return False
    if isinstance(value, str):
        return value.strip().lower() not in ("", "false", "no", "0")
    return bool(value)


def harmonize(left, right):
    """Brings two operands to one numeric type; text beside a number is read as a number."""
    if isinstance(left, str) and isinstance(right, (int, Decimal, float)):
        left = parse_decimal(left)
    if isinstance(right, str) and isinstance(left, (int, Decimal, float)):
        right = parse_decimal(right)
    if isinstance(left, float) and isinstance(right, Decimal):
        left = Decimal(repr(left))
    elif isinstance(right, float) and isinstance(left, Decimal):
        right = Decimal(repr(right))
    return left, right


def same(left, right):
    if left is None or right is None:
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    try:
        left, right = harmonize(left, right)
    except ValueError:
        return False
    return left == right


def compare(op, left, right):
    if op == "=":
        return same(left, right)
    if op == "!=":
        return not same(left, right)
    if left is None or right is None:
        return False
    left, right = harmonize(left, right)
    if isinstance(left, datetime.datetime) and not isinstance(right, datetime.datetime):
        left = left.date()
    elif isinstance(right, datetime.datetime) and not isinstance(left, datetime.datetime):
        right = right.date()
    if isinstance(left, datetime.date) and isinstance(right, str):
        right = datetime.date.fromisoformat(right)
    if op == "<":
        return left < right
    if op == "<=":
        return left <= right
    if op == ">":
        return left > right
    return left >= right


def arithmetic(op, left, right):
    if op == "~":
        return format_plain(left) + format_plain(right)
    if left is None or right is None:
        return None
    if isinstance(left, datetime.date):
        if isinstance(right, datetime.date):
            if op != "-":
                raise ExprError("dates can only be subtracted")
            return (left - right).days
        step = datetime.timedelta(days=int(right))
        return left + step if op == "+" else left - step
    if isinstance(left, str) and isinstance(right, str):
        left, right = parse_decimal(left), parse_decimal(right)
    left, right = harmonize(left, right)
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    if right == 0:
        return None
    if op == "/":
        if isinstance(left, int) and isinstance(right, int):
            return Decimal(left) / Decimal(right)
        return left / right
    if op == "//":
        return left // right
    return left % right


def lookup(name, env):
    row = env["row"]
    if name in row:
        return row[name]
    if name in env["vars"]:
        return env["vars"][name]
    if "." in name or "[" in name:
        return deep_get(row, name)
    if env.get("strict", True):
        raise ExprError("no column %r (there are: %s)" % (name, ", ".join(sorted(row)) or "none"))
    return None


def walk(node, env):
    kind = node[0]
    if kind == "lit":
        return node[1]
    if kind == "name":
        return lookup(node[1], env)
    if kind == "bin":
        return arithmetic(node[1], walk(node[2], env), walk(node[3], env))
    if kind == "cmp":
        return compare(node[1], walk(node[2], env), walk(node[3], env))
    if kind == "and":
        return truth(walk(node[1], env)) and truth(walk(node[2], env))
    if kind == "or":
        return truth(walk(node[1], env)) or truth(walk(node[2], env))
    if kind == "not":
        return not truth(walk(node[1], env))
    if kind == "neg":
        value = walk(node[1], env)
        return None if value is None else -parse_decimal(value)
    if kind == "in":
        value = walk(node[1], env)
        for item in node[2]:
            other = walk(item, env)
            if isinstance(other, (list, tuple, set)):
                if any(same(value, x) for x in other):
                    return True
            elif same(value, other):
                return True
        return False
    if kind == "null":
        return is_null(walk(node[1], env)) != node[2]
    if kind == "list":
        return [walk(item, env) for item in node[1]]
    if kind == "call":
        entry = FUNCTIONS[node[1]]
        if entry["lazy"]:
            return entry["func"](env, node, node[2])
        args = [walk(arg, env) for arg in node[2]]
        if not entry["nulls"] and args and args[0] is None:
            return None
        return entry["func"](env, *args)
    raise ExprError("unknown node %r" % kind)


def make_env(row, variables=None, settings=None, strict=True):
    return {"row": row, "vars": variables or {}, "settings": settings or {}, "strict": strict}


def is_constant(node):
    if node[0] == "lit":
        return True
    if node[0] in ("neg", "not"):
        return is_constant(node[1])
    if node[0] == "bin":
        return is_constant(node[2]) and is_constant(node[3])
    return False


def fold(node):
    """Computes what does not depend on a row."""
    kind = node[0]
    if kind in ("lit", "name"):
        return node
    if kind in ("bin", "cmp"):
        node = (kind, node[1], fold(node[2]), fold(node[3]))
    elif kind in ("and", "or"):
        node = (kind, fold(node[1]), fold(node[2]))
    elif kind in ("not", "neg"):
        node = (kind, fold(node[1]))
    elif kind == "call":
        node = (kind, node[1], tuple(fold(arg) for arg in node[2]))
    if is_constant(node) and node[0] != "lit":
        return ("lit", walk(node, make_env({})))
    return node


def names_in(node, found=None):
    """The columns (first part of a path) that an expression reads, in order."""
    if found is None:
        found = []
    kind = node[0]
    if kind == "name":
        name = re.split(r"[.\[]", node[1])[0]
        if name not in found:
            found.append(name)
    elif kind in ("bin", "cmp"):
        names_in(node[2], found)
        names_in(node[3], found)
    elif kind in ("and", "or"):
        names_in(node[1], found)
        names_in(node[2], found)
    elif kind in ("not", "neg", "null"):
        names_in(node[1], found)
    elif kind == "in":
        names_in(node[1], found)
        for item in node[2]:
            names_in(item, found)
    elif kind in ("call", "list"):
        for item in node[-1]:
            names_in(item, found)
    return found


def compile_expr(text, optimize=True):
    """A parsed expression from its text; parsed once for each text."""
    if not isinstance(text, str):
        return ("lit", text)
    key = (text, optimize)
    if key not in _COMPILED:
        node = Parser(text).parse()
        _COMPILED[key] = fold(node) if optimize else node
    return _COMPILED[key]


def evaluate(expression, row, variables=None, settings=None, strict=True):
    node = expression if isinstance(expression, tuple) else compile_expr(expression)
    return walk(node, make_env(row, variables, settings, strict))


def binding(node):
    if node[0] == "bin":
        return PRECEDENCE[node[1]]
    if node[0] in ("cmp", "in", "null"):
        return PRECEDENCE["cmp"]
    return PRECEDENCE.get(node[0], 9)


def explain(node, outer=0):
    """The text of a node again, with as few brackets as possible."""
    kind = node[0]
    level = binding(node)
    if kind == "lit":
        value = node[1]
        if isinstance(value, str):
            return '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')
        if isinstance(value, datetime.date):
            return "#%s#" % value.isoformat()
        return "null" if value is None else format_plain(value)
    if kind == "name":
        return node[1] if re.match(r"^[\w.\[\]-]+$", node[1]) else "`%s`" % node[1]
    if kind in ("bin", "cmp"):
        text = "%s %s %s" % (explain(node[2], level), node[1], explain(node[3], level + 1))
    elif kind in ("and", "or"):
        text = "%s %s %s" % (explain(node[1], level), kind, explain(node[2], level + 1))
    elif kind == "not":
        text = "not " + explain(node[1], level)
    elif kind == "neg":
        text = "-" + explain(node[1], 8)
    elif kind == "in":
        text = "%s in (%s)" % (explain(node[1], level + 1), ", ".join(explain(item) for item in node[2]))
    elif kind == "null":
        text = "%s is %snull" % (explain(node[1], level + 1), "not " if node[2] else "")
    elif kind == "list":
        return "[%s]" % ", ".join(explain(item) for item in node[1])
    else:
        return "%s(%s)" % (node[1], ", ".join(explain(arg) for arg in node[2]))
    return "(%s)" % text if level < outer else text
