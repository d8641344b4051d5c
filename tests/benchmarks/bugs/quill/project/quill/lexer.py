"""From query text to tokens."""

import decimal

from .core import LexError

KEYWORDS = {
    "select", "distinct", "from", "where", "group", "by", "having", "order", "asc", "desc",
    "limit", "offset", "join", "inner", "left", "cross", "on", "as", "and", "or", "not", "in",
    "between", "like", "ilike", "is", "null", "true", "false", "case", "when", "then", "else",
    "end", "cast", "union", "all", "with", "nulls", "first", "last", "exists", "using", "except",
    "intersect", "date",
}

# keywords that may also be the name of a column or a function
SOFT_KEYWORDS = {"first", "last", "date", "left", "all", "nulls", "offset"}

OPERATORS = ["<>", "<=", ">=", "!=", "||", "::", "=", "<", ">", "+", "-", "*", "/", "%"]
PUNCTUATION = {"(", ")", ",", ".", ";", "[", "]"}
CANONICAL = {"!=": "<>", "==": "="}
ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "'": "'", '"': '"', "0": "\0"}


class Token:
    __slots__ = ("kind", "value", "start", "end", "quoted")

    def __init__(self, kind, value, start, end, quoted=False):
        self.kind = kind
        self.value = value
        self.start = start
        self.end = end
        self.quoted = quoted

    def is_(self, kind, *values):
        if self.kind != kind:
            return False
        return not values or self.value in values

    @property
    def shown(self):
        if self.kind == "end":
            return "the end of the query"
        return repr(str(self.value))

    def __eq__(self, other):
        if isinstance(other, tuple):
            return (self.kind, self.value) == other
        if not isinstance(other, Token):
            return NotImplemented
        return (self.kind, self.value) == (other.kind, other.value)

    def __repr__(self):
        return "Token(%s, %r @%d)" % (self.kind, self.value, self.start)


class Lexer:
    """Splits a query in tokens; iterate over it, or take them all with tokens()."""

    def __init__(self, text):
        self.text = text
        self.pos = 0
        self.depth = 0
        self.comments = []

    def __iter__(self):
        while True:
            token = self.next_token()
            yield token
            if token.kind == "end":
                return

    def tokens(self):
        return list(self)

    def peek(self, offset=0):
        index = self.pos + offset
        return self.text[index] if index < len(self.text) else ""

    def skip_space(self):
        while self.pos < len(self.text):
            char = self.text[self.pos]
            if char.isspace():
                self.pos += 1
            elif self.text.startswith("--", self.pos):
                end = self.text.find("\n", self.pos)
                if end < 0:
                    end = len(self.text)
                self.comments.append((self.pos, self.text[self.pos + 2:end].strip()))
                self.pos = end
            elif self.text.startswith("/*", self.pos):
                end = self.text.find("*/", self.pos + 2)
                if end < 0:
                    raise LexError("comment without an end", self.pos)
                self.comments.append((self.pos, self.text[self.pos + 2:end].strip()))
                self.pos = end + 2
            else:
                return

    def next_token(self):
        self.skip_space()
        start = self.pos
        if start >= len(self.text):
            if self.depth > 0:
                raise LexError("%d parentheses are not closed" % self.depth, start)
            return Token("end", None, start, start)
        char = self.text[start]

        if char.isalpha() or char == "_":
            while self.peek().isalnum() or self.peek() == "_":
                self.pos += 1
            word = self.text[start:self.pos]
            lowered = word.lower()
            if lowered in KEYWORDS:
                return Token("keyword", lowered, start, self.pos)
            return Token("name", word, start, self.pos)

        if char.isdigit() or (char == "." and self.peek(1).isdigit()):
            seen_dot = seen_exponent = False
            while True:
                char = self.peek()
                if char.isdigit() or char == "_":
                    self.pos += 1
                elif char == "." and not seen_dot and not seen_exponent:
                    seen_dot = True
                    self.pos += 1
                elif char in ("e", "E") and not seen_exponent and (
                        self.peek(1).isdigit() or (self.peek(1) in ("+", "-") and self.peek(2).isdigit())):
                    seen_exponent = True
                    self.pos += 2
                else:
                    break
            text = self.text[start:self.pos].replace("_", "")
            if self.peek() in ("d", "D") and not self.peek(1).isalnum():
                self.pos += 1
                return Token("number", decimal.Decimal(text), start, self.pos)
            if seen_dot or seen_exponent:
                return Token("number", float(text), start, self.pos)
            return Token("number", int(text), start, self.pos)

        if char in ("'", '"', "`"):
            # a doubled quote stands for itself
            quote = char
            parts = []
            self.pos += 1
            while True:
                char = self.peek()
                if not char:
                    raise LexError("string without an end", start)
                if char == quote:
                    self.pos += 1
                    if self.peek() != quote:
                        break
                    parts.append(quote)
                    self.pos += 1
                elif char == "\\" and self.peek(1) in ESCAPES:
                    parts.append(ESCAPES[self.peek(1)])
                    self.pos += 2
                else:
                    parts.append(char)
                    self.pos += 1
            value = "".join(parts)
            if quote == "'":
                return Token("string", value, start, self.pos)
            if not value:
                raise LexError("a quoted name cannot be empty", start)
            return Token("name", value, start, self.pos, quoted=True)

        if char == ":" and (self.peek(1).isalpha() or self.peek(1) == "_"):
            self.pos += 1
            while self.peek().isalnum() or self.peek() == "_":
                self.pos += 1
            return Token("param", self.text[start + 1:self.pos], start, self.pos)
        if char == "?":
            self.pos += 1
            return Token("param", None, start, self.pos)

        for op in OPERATORS:
            if self.text.startswith(op, start):
                self.pos += len(op)
                return Token("op", CANONICAL.get(op, op), start, self.pos)
        if char in PUNCTUATION:
            self.pos += 1
            if char == "(":
                self.depth += 1
            elif char == ")":
                self.depth -= 1
                if self.depth < 0:
                    raise LexError("this parenthesis closes nothing", start)
            return Token("punct", char, start, self.pos)
        raise LexError("unexpected character %r" % char, start)


def tokenize(text):
    return Lexer(text).tokens()


def split_statements(text):
    """The statements of a script, without their semicolons."""
    lexer = Lexer(text)
    begin = 0
    for token in lexer:
        if token.is_("punct", ";"):
            statement = text[begin:token.start].strip()
            if statement:
                yield statement
            begin = token.end
        elif token.kind == "end":
            statement = text[begin:].strip()
            if statement and begin < len(text) and any(t.kind != "end" for t in Lexer(statement)):
                yield statement


def quote_name(name):
    """A name as it has to be written in a query."""
    plain = name.replace("_", "a")
    if plain.isalnum() and not plain[0].isdigit() and (
            name.lower() not in KEYWORDS or name.lower() in SOFT_KEYWORDS):
        return name
    return '"%s"' % name.replace('"', '""')


def quote_string(text):
    text = text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n").replace("\t", "\\t")
    return "'%s'" % text
