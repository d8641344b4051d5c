"""A small template language.

    {{ ticket.subject|truncate:20 }}
    {% if user and not ticket.closed %} ... {% elif a == "b" %} ... {% else %} ... {% endif %}
    {% for ticket in tickets %} {{ loop.index }} ... {% empty %} ... {% endfor %}
    {% set total = tickets|length %}  {% include "row" %}  {% extends "base" %}
    {% block body %} ... {% endblock %}  {% macro badge(status, text) %} ... {% endmacro %}
"""
import html
import re
from datetime import date, datetime, timedelta

_TOKENS = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
_LEXER = re.compile(r"""
    \s*(?:
        (?P<number>\d+(?:\.\d+)?)
      | (?P<string>"[^"]*"|'[^']*')
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<op>==|!=|<=|>=|<|>|\||:|,|\.|\(|\)|\+|-|~)
    )""", re.VERBOSE)
KEYWORDS = {"and", "or", "not", "in", "is"}
CONSTANTS = {"true": True, "false": False, "none": None}
MAX_DEPTH = 20


class TemplateError(Exception):
    pass


class TemplateSyntaxError(TemplateError):
    def __init__(self, message, template=None, line=None):
        super().__init__("%s (%s, line %s)" % (message, template, line))
        self.line = line


class Safe(str):
    """Text which is not escaped again."""


class Undefined:
    """A name that the context does not have: empty, false, and quiet."""

    def __init__(self, name):
        self.name = name

    def __bool__(self):
        return False

    def __str__(self):
        return ""

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0


# filters

FILTERS = {}


def template_filter(name=None, safe=False):
    def register(function):
        function.is_safe = safe
        FILTERS[name or function.__name__] = function
        return function
    return register


@template_filter()
def upper(value):
    return str(value).upper()


@template_filter()
def lower(value):
    return str(value).lower()


@template_filter()
def title(value):
    return str(value).replace("_", " ").title()


@template_filter()
def length(value):
    return len(value)


@template_filter()
def default(value, fallback=""):
    return value if value or value == 0 else fallback


@template_filter()
def join(value, separator=", "):
    return separator.join(str(one) for one in value)


@template_filter()
def first(value):
    for one in value:
        return one
    return None


@template_filter()
def truncate(value, size=40):
    text = str(value)
    if len(text) <= size:
        return text
    return text[:size - 1].rstrip() + "…"


@template_filter()
def pad(value, width, align="<"):
    return format(str(value), "%s%d" % (align, width))


@template_filter("date")
def format_date(value, pattern="%Y-%m-%d %H:%M"):
    if not value:
        return ""
    if isinstance(value, date) and not isinstance(value, datetime):
        pattern = pattern.replace(" %H:%M", "")
    return value.strftime(pattern)


@template_filter()
def duration(value):
    """A timedelta in words: ``2d 3h``, ``45m``."""
    if value is None or isinstance(value, Undefined):
        return "-"
    seconds = int(value.total_seconds()) if isinstance(value, timedelta) else int(value)
    sign = "-" if seconds < 0 else ""
    days, rest = divmod(abs(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    minutes = rest // 60
    parts = [(days, "d"), (hours, "h"), (minutes, "m")]
    shown = ["%d%s" % pair for pair in parts if pair[0]][:2]
    return sign + (" ".join(shown) or "0m")


@template_filter()
def percent(value, digits=0):
    if value is None:
        return "-"
    return "%.*f%%" % (digits, value * 100)


@template_filter()
def pluralize(value, forms=",s"):
    singular, plural = forms.split(",")
    number = value if isinstance(value, (int, float)) else len(value)
    return singular if number == 1 else plural


@template_filter(safe=True)
def safe(value):
    return Safe(value)


@template_filter(safe=True)
def linebreaks(value):
    paragraphs = [html.escape(part).replace("\n", "<br>") for part in str(value).split("\n\n")]
    return Safe("".join("<p>%s</p>" % part for part in paragraphs))


# values

class Context:
    """Names on a stack of scopes."""

    def __init__(self, values=None, environment=None, autoescape=True):
        self.scopes = [dict(values or {})]
        self.environment = environment
        self.autoescape = autoescape
        self.blocks = {}
        self.depth = 0

    def push(self, **values):
        self.scopes.append(values)

    def pop(self):
        self.scopes.pop()

    def lookup(self, name):
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return Undefined(name)

    def assign(self, name, value):
        for scope in reversed(self.scopes):
            if name in scope:
                scope[name] = value
                return
        self.scopes[-1][name] = value

    def output(self, value):
        if isinstance(value, Safe) or not self.autoescape:
            return str(value)
        return html.escape("" if value is None else str(value))


class Literal:
    def __init__(self, value):
        self.value = value

    def evaluate(self, context):
        return self.value


class Name:
    def __init__(self, name):
        self.name = name

    def evaluate(self, context):
        return context.lookup(self.name)


class Attribute:
    """``a.b``: an item of a dictionary, a position of a list, or an attribute; methods are called."""

    def __init__(self, target, name):
        self.target = target
        self.name = name

    def find(self, context):
        target = self.target.evaluate(context)
        if target is None or isinstance(target, Undefined):
            return Undefined(self.name)
        if isinstance(target, dict) and self.name in target:
            return target[self.name]
        if self.name.isdigit() and isinstance(target, (list, tuple)):
            index = int(self.name)
            return target[index] if index < len(target) else Undefined(self.name)
        return getattr(target, self.name, Undefined(self.name))

    def evaluate(self, context):
        value = self.find(context)
        if callable(value) and not isinstance(value, type) and not getattr(value, "macro", False):
            value = value()
        return value


class Call:
    def __init__(self, target, args, kwargs):
        self.target = target
        self.args = args
        self.kwargs = kwargs

    def evaluate(self, context):
        if isinstance(self.target, Attribute):
            function = self.target.find(context)
        else:
            function = self.target.evaluate(context)
        if isinstance(function, Undefined):
            raise TemplateError("%s is not defined" % function.name)
        args = [arg.evaluate(context) for arg in self.args]
        kwargs = {name: value.evaluate(context) for name, value in self.kwargs.items()}
        return function(*args, **kwargs)


class Filter:
    def __init__(self, target, name, args):
        if name not in FILTERS:
            raise TemplateError("there is no filter %r" % name)
        self.target = target
        self.function = FILTERS[name]
        self.args = args

    def evaluate(self, context):
        value = self.target.evaluate(context)
        return self.function(value, *[arg.evaluate(context) for arg in self.args])


class Unary:
    def __init__(self, op, operand):
        self.op = op
        self.operand = operand

    def evaluate(self, context):
        value = self.operand.evaluate(context)
        return not value if self.op == "not" else -value


class Binary:
    OPERATORS = {
        "==": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        "<": lambda a, b: a < b,
        ">": lambda a, b: a > b,
        "<=": lambda a, b: a <= b,
        ">=": lambda a, b: a >= b,
        "in": lambda a, b: a in b,
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "~": lambda a, b: str(a) + str(b),
    }

    def __init__(self, op, left, right):
        self.op = op
        self.left = left
        self.right = right

    def evaluate(self, context):
        left = self.left.evaluate(context)
        if self.op == "and":
            return left and self.right.evaluate(context)
        if self.op == "or":
            return left or self.right.evaluate(context)
        return self.OPERATORS[self.op](left, self.right.evaluate(context))


class ExpressionParser:
    """Recursive descent: or > and > not > comparison > sum > filters > primary."""

    def __init__(self, text):
        self.text = text
        self.tokens = list(self._lex(text))
        self.position = 0

    @staticmethod
    def _lex(text):
        position, text = 0, text.strip()
        while position < len(text):
            match = _LEXER.match(text, position)
            if match is None:
                raise TemplateError("cannot read %r" % text[position:])
            yield match.lastgroup, match.group(match.lastgroup)
            position = match.end()

    def peek(self):
        return self.tokens[self.position] if self.position < len(self.tokens) else (None, None)

    def next(self):
        token = self.peek()
        self.position += 1
        return token

    def accept(self, *values):
        kind, value = self.peek()
        if kind in ("op", "name") and value in values:
            self.position += 1
            return value
        return None

    def expect(self, value):
        if not self.accept(value):
            raise TemplateError("%r is expected in %r" % (value, self.text))

    def parse(self):
        expression = self.parse_or()
        if self.peek()[0] is not None:
            raise TemplateError("unexpected %r in %r" % (self.peek()[1], self.text))
        return expression

    def parse_or(self):
        left = self.parse_and()
        while self.accept("or"):
            left = Binary("or", left, self.parse_and())
        return left

    def parse_and(self):
        left = self.parse_not()
        while self.accept("and"):
            left = Binary("and", left, self.parse_not())
        return left

    def parse_not(self):
        if self.accept("not"):
            return Unary("not", self.parse_not())
        return self.parse_comparison()

    def parse_comparison(self):
        left = self.parse_sum()
        op = self.accept("==", "!=", "<=", ">=", "<", ">", "in")
        if op:
            return Binary(op, left, self.parse_sum())
        return left

    def parse_sum(self):
        left = self.parse_filtered()
        while True:
            op = self.accept("+", "-", "~")
            if not op:
                return left
            left = Binary(op, left, self.parse_filtered())

    def parse_filtered(self):
        value = self.parse_primary()
        while self.accept("|"):
            name = self.next()[1]
            args = []
            while self.accept(":"):
                args.append(self.parse_primary())
            value = Filter(value, name, args)
        return value

    def parse_arguments(self):
        args, kwargs = [], {}
        while not self.accept(")"):
            kind, value = self.peek()
            follows = self.tokens[self.position + 1:self.position + 2]
            if kind == "name" and follows == [("op", ":")]:
                self.position += 2
                kwargs[value] = self.parse_or()
            else:
                args.append(self.parse_or())
            if not self.accept(","):
                self.expect(")")
                break
        return args, kwargs

    def parse_primary(self):
        kind, value = self.next()
        if kind == "number":
            return Literal(float(value) if "." in value else int(value))
        if kind == "string":
            return Literal(value[1:-1])
        if kind == "op" and value == "(":
            inner = self.parse_or()
            self.expect(")")
            return inner
        if kind == "op" and value == "-":
            return Unary("-", self.parse_primary())
        if kind != "name" or value in KEYWORDS:
            raise TemplateError("unexpected %r in %r" % (value, self.text))
        node = Literal(CONSTANTS[value]) if value in CONSTANTS else Name(value)
        while True:
            if self.accept("."):
                node = Attribute(node, self.next()[1])
            elif self.accept("("):
                node = Call(node, *self.parse_arguments())
            else:
                return node


# nodes

class Node:
    def render(self, context):
        raise NotImplementedError


class NodeList(Node):
    def __init__(self, nodes=()):
        self.nodes = list(nodes)

    def append(self, node):
        self.nodes.append(node)

    def render(self, context):
        return "".join(node.render(context) for node in self.nodes)

    def walk(self):
        for node in self.nodes:
            yield node
            for child in getattr(node, "children", lambda: ())():
                yield from child.walk()


class Text(Node):
    def __init__(self, text):
        self.text = text

    def render(self, context):
        return self.text


class Output(Node):
    def __init__(self, expression):
        self.expression = expression

    def render(self, context):
        return context.output(self.expression.evaluate(context))


class If(Node):
    def __init__(self, branches):
        self.branches = branches

    def children(self):
        return [body for _, body in self.branches]

    def render(self, context):
        for condition, body in self.branches:
            if condition is None or condition.evaluate(context):
                return body.render(context)
        return ""


class For(Node):
    def __init__(self, names, source, body, empty):
        self.names = names
        self.source = source
        self.body = body
        self.empty = empty

    def children(self):
        return [self.body, self.empty]

    def render(self, context):
        items = self.source.evaluate(context)
        items = list(items.items() if isinstance(items, dict) else items or ())
        if not items:
            return self.empty.render(context)
        out = []
        for index, item in enumerate(items):
            loop = {"index": index + 1, "first": index == 0, "last": index == len(items) - 1,
                    "length": len(items)}
            values = [item] if len(self.names) == 1 else list(item)
            context.push(loop=loop, **dict(zip(self.names, values)))
            try:
                out.append(self.body.render(context))
            finally:
                context.pop()
        return "".join(out)


class Set(Node):
    def __init__(self, name, expression):
        self.name = name
        self.expression = expression

    def render(self, context):
        context.assign(self.name, self.expression.evaluate(context))
        return ""


class Include(Node):
    def __init__(self, name):
        self.name = name

    def render(self, context):
        template = context.environment.get(self.name.evaluate(context))
        context.depth += 1
        if context.depth > MAX_DEPTH:
            raise TemplateError("templates include each other without end")
        context.push()
        try:
            return template.root.render(context)
        finally:
            context.pop()
            context.depth -= 1


class Block(Node):
    def __init__(self, name, body):
        self.name = name
        self.body = body

    def children(self):
        return [self.body]

    def render(self, context):
        return context.blocks.get(self.name, self.body).render(context)


class Macro(Node):
    def __init__(self, name, params, body):
        self.name = name
        self.params = params
        self.body = body

    def render(self, context):
        def call(*args):
            values = dict.fromkeys(self.params)
            values.update(zip(self.params, args))
            context.push(**values)
            try:
                return Safe(self.body.render(context))
            finally:
                context.pop()
        call.macro = True
        context.scopes[0][self.name] = call
        return ""


class TemplateParser:
    """Turns the source of a template into nodes."""
    _FOR = re.compile(r"^([a-z_][\w, ]*?)\s+in\s+(.+)$", re.DOTALL)
    _SET = re.compile(r"^([a-z_]\w*)\s*=\s*(.+)$", re.DOTALL)
    _MACRO = re.compile(r"^([a-z_]\w*)\((.*?)\)$")

    def __init__(self, source, name="template"):
        self.name = name
        self.parent = None
        self.blocks = {}
        self.chunks = _TOKENS.split(source)
        self.index = 0
        self.line = 1

    def error(self, message):
        return TemplateSyntaxError(message, self.name, self.line)

    def expression(self, text):
        try:
            return ExpressionParser(text).parse()
        except TemplateSyntaxError:
            raise
        except TemplateError as error:
            raise self.error(str(error)) from error

    def parse(self, *until):
        """Nodes up to one of the tags in ``until``; returns (nodes, tag, rest of the tag)."""
        nodes = NodeList()
        opened_at = self.line
        trim = False
        while self.index < len(self.chunks):
            chunk = self.chunks[self.index]
            self.index += 1
            self.line += chunk.count("\n")
            if chunk.startswith("{#"):
                continue
            if chunk.startswith("{{"):
                nodes.append(Output(self.expression(chunk[2:-2])))
                trim = False
                continue
            if not chunk.startswith("{%"):
                if trim and chunk.startswith("\n"):
                    chunk = chunk[1:]
                if chunk:
                    nodes.append(Text(chunk))
                    trim = False
                continue
            tag, _, rest = chunk[2:-2].strip().partition(" ")
            rest = rest.strip()
            trim = True
            if tag in until:
                return nodes, tag, rest
            if tag == "if":
                branches = []
                condition = self.expression(rest)
                while True:
                    body, ended, text = self.parse("elif", "else", "endif")
                    branches.append((condition, body))
                    if ended == "endif":
                        break
                    condition = self.expression(text) if ended == "elif" else None
                nodes.append(If(branches))
            elif tag == "for":
                match = self._FOR.match(rest)
                if match is None:
                    raise self.error("a for loop needs 'name in values'")
                names = [name.strip() for name in match.group(1).split(",")]
                body, ended, _ = self.parse("empty", "endfor")
                empty = NodeList()
                if ended == "empty":
                    empty, _, _ = self.parse("endfor")
                nodes.append(For(names, self.expression(match.group(2)), body, empty))
            elif tag == "set":
                match = self._SET.match(rest)
                if match is None:
                    raise self.error("set needs 'name = value'")
                nodes.append(Set(match.group(1), self.expression(match.group(2))))
            elif tag == "include":
                nodes.append(Include(self.expression(rest)))
            elif tag == "extends":
                self.parent = self.expression(rest)
            elif tag == "block":
                body, _, _ = self.parse("endblock")
                block = Block(rest, body)
                if rest in self.blocks:
                    raise self.error("the block %s occurs twice" % rest)
                self.blocks[rest] = body
                nodes.append(block)
            elif tag == "macro":
                match = self._MACRO.match(rest)
                if match is None:
                    raise self.error("a macro needs a name and parameters")
                params = [name.strip() for name in match.group(2).split(",") if name.strip()]
                body, _, _ = self.parse("endmacro")
                nodes.append(Macro(match.group(1), params, body))
            else:
                raise self.error("unknown tag %r" % tag)
        if until:
            self.line = opened_at
            raise self.error("%s is missing" % " or ".join(until))
        return nodes, None, ""


class Template:
    def __init__(self, source, name="template", environment=None):
        self.name = name
        self.environment = environment
        parser = TemplateParser(source, name)
        self.root, _, _ = parser.parse()
        self.parent = parser.parent
        self.blocks = parser.blocks

    def render(self, values=None, autoescape=True, **more):
        context = Context({**(values or {}), **more}, self.environment, autoescape)
        return self.render_in(context)

    def render_in(self, context):
        for name, body in self.blocks.items():
            context.blocks.setdefault(name, body)
        if self.parent is None:
            return self.root.render(context)
        for node in self.root.nodes:
            if isinstance(node, (Set, Macro)):
                node.render(context)
        parent = context.environment.get(self.parent.evaluate(context))
        context.depth += 1
        if context.depth > MAX_DEPTH:
            raise TemplateError("%s extends itself" % self.name)
        return parent.render_in(context)


class Environment:
    """Templates by name, compiled when they are first used."""

    def __init__(self, sources=None):
        self.sources = dict(sources or {})
        self.globals = {}
        self._compiled = {}

    def add(self, name, source):
        self.sources[name] = source
        self._compiled.pop(name, None)

    def get(self, name):
        if name not in self._compiled:
            if name not in self.sources:
                raise TemplateError("there is no template %r" % name)
            self._compiled[name] = Template(self.sources[name], name, self)
        return self._compiled[name]

    def render(self, name, values=None, autoescape=True, **more):
        return self.get(name).render({**self.globals, **(values or {}), **more}, autoescape)
