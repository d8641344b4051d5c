"""Recursive descent parser: tokens to tree."""

from contextlib import contextmanager

from . import nodes
from .core import ParseError
from .lexer import KEYWORDS, SOFT_KEYWORDS, tokenize

CLAUSE_WORDS = ("from", "where", "group", "having", "order", "limit", "offset", "union", "except", "intersect")
JOIN_WORDS = ("join", "inner", "left", "cross")
SET_PRECEDENCE = {"union": 1, "except": 1, "intersect": 2}
MAX_DEPTH = 60


class Parser:
    """Parses one statement.

    Expressions, loosest first: or, and, not, comparison, additive,
    multiplicative, unary, postfix (::), primary.
    """

    def __init__(self, text):
        self.text = text
        self.tokens = tokenize(text)
        self.index = 0
        self.params = []
        self.depth = 0
        self.scopes = []

    # -- tokens

    @property
    def current(self):
        return self.tokens[self.index]

    def ahead(self, count=1):
        index = min(self.index + count, len(self.tokens) - 1)
        return self.tokens[index]

    def advance(self):
        token = self.tokens[self.index]
        if token.kind != "end":
            self.index += 1
        return token

    def at_keyword(self, *words):
        return self.current.is_("keyword", *words)

    def at_punct(self, *values):
        return self.current.is_("punct", *values)

    def at_op(self, *values):
        return self.current.is_("op", *values)

    def accept_keyword(self, *words):
        if self.at_keyword(*words):
            return self.advance()
        return None

    def accept_punct(self, value):
        if self.at_punct(value):
            return self.advance()
        return None

    def accept_op(self, *values):
        if self.at_op(*values):
            return self.advance()
        return None

    def accept_words(self, *words):
        """Accept several keywords in a row, or none of them."""
        for i, word in enumerate(words):
            if not self.ahead(i).is_("keyword", word):
                return False
        self.index += len(words)
        return True

    def expect_keyword(self, *words):
        token = self.accept_keyword(*words)
        if token is None:
            self.fail([word.upper() for word in words])
        return token

    def expect_punct(self, value):
        token = self.accept_punct(value)
        if token is None:
            self.fail([repr(value)])
        return token

    def expect_name(self, what="a name"):
        token = self.current
        if token.kind == "name":
            return self.advance()
        if token.kind == "keyword" and token.value in SOFT_KEYWORDS:
            return self.advance()
        self.fail([what])

    def fail(self, expected):
        token = self.current
        message = "expected %s, found %s" % (" or ".join(expected), token.shown)
        if token.kind == "keyword" and token.value in KEYWORDS and expected == ["a name"]:
            message += " (write \"%s\" in quotes to use it as a name)" % token.value
        raise ParseError(message, token.start, expected)

    @contextmanager
    def nested(self, what):
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ParseError("%s nested too deeply" % what, self.current.start)
        try:
            yield
        finally:
            self.depth -= 1

    def comma_list(self, parse):
        items = [parse()]
        while self.accept_punct(","):
            items.append(parse())
        return items

    # -- statements

    def parse(self):
        statement = self.parse_statement()
        self.accept_punct(";")
        if self.current.kind != "end":
            self.fail(["the end of the query"])
        return statement

    def parse_statement(self):
        start = self.current.start
        if self.accept_keyword("with"):
            tables = self.comma_list(self.parse_common_table)
            query = self.parse_query()
            return nodes.With(tables, query, position=start)
        return self.parse_query()

    def parse_common_table(self):
        name = self.expect_name()
        self.expect_keyword("as")
        self.expect_punct("(")
        self.scopes.append(name.value)
        query = self.parse_statement()
        self.scopes.pop()
        self.expect_punct(")")
        return nodes.CommonTable(name.value, query, position=name.start)

    def parse_query(self):
        with self.nested("queries"):
            query = self.parse_set_operation(1)
            if self.at_keyword("order", "limit", "offset"):
                self.parse_tail(query)
            return query

    def parse_set_operation(self, level):
        if level > 2:
            return self.parse_query_term()
        left = self.parse_set_operation(level + 1)
        while self.current.kind == "keyword" and SET_PRECEDENCE.get(self.current.value) == level:
            token = self.advance()
            keep_all = bool(self.accept_keyword("all"))
            if not keep_all:
                self.accept_keyword("distinct")
            right = self.parse_set_operation(level + 1)
            left = nodes.SetOperation(token.value, left, right, keep_all, position=token.start)
        return left

    def parse_query_term(self):
        if self.at_punct("("):
            self.advance()
            query = self.parse_query()
            self.expect_punct(")")
            return query
        return self.parse_select()

    def parse_select(self):
        start = self.expect_keyword("select").start
        select = nodes.Select(position=start)
        if self.accept_keyword("distinct"):
            select.distinct = True
        else:
            self.accept_keyword("all")
        select.items = self.comma_list(self.parse_select_item)
        if self.accept_keyword("from"):
            select.source = self.parse_source()
        if self.accept_keyword("where"):
            select.where = self.parse_expression()
        if self.accept_words("group", "by"):
            select.group_by = self.comma_list(self.parse_expression)
        if self.accept_keyword("having"):
            select.having = self.parse_expression()
        return select

    def parse_tail(self, query):
        """ORDER BY, LIMIT and OFFSET belong to the whole of a union."""
        if self.accept_words("order", "by"):
            query.order_by = self.comma_list(self.parse_order_item)
        seen = set()
        while self.at_keyword("limit", "offset"):
            token = self.advance()
            if token.value in seen:
                raise ParseError("%s is given twice" % token.value.upper(), token.start)
            seen.add(token.value)
            value = self.parse_additive()
            if token.value == "limit":
                query.limit = value
            else:
                query.offset = value

    def parse_select_item(self):
        start = self.current.start
        if self.accept_op("*"):
            return nodes.SelectItem(nodes.Star(None, self.parse_excluded(), position=start), position=start)
        if self.current.kind == "name" and self.ahead().is_("punct", ".") and self.ahead(2).is_("op", "*"):
            table = self.advance().value
            self.advance()
            self.advance()
            star = nodes.Star(table, self.parse_excluded(), position=start)
            return nodes.SelectItem(star, position=start)
        expr = self.parse_expression()
        return nodes.SelectItem(expr, self.parse_alias(), position=start)

    def parse_excluded(self):
        """The names in `* except (a, b)`."""
        if not (self.at_keyword("except") and self.ahead().is_("punct", "(")
                and self.ahead(2).kind == "name"):
            return []
        self.advance()
        self.expect_punct("(")
        names = [token.value for token in self.comma_list(self.expect_name)]
        self.expect_punct(")")
        return names

    def parse_alias(self):
        if self.accept_keyword("as"):
            if self.current.kind == "string":
                return self.advance().value
            return self.expect_name().value
        if self.current.kind == "name":
            return self.advance().value
        return None

    def parse_order_item(self):
        start = self.current.start
        expr = self.parse_expression()
        descending = False
        if self.accept_keyword("desc"):
            descending = True
        else:
            self.accept_keyword("asc")
        where = None
        if self.accept_keyword("nulls"):
            where = self.expect_keyword("first", "last").value
        return nodes.OrderItem(expr, descending, where, position=start)

    # -- sources

    def parse_source(self):
        source = self.parse_joined()
        while self.accept_punct(","):
            right = self.parse_joined()
            source = nodes.Join("cross", source, right, position=right.position)
        return source

    def parse_joined(self):
        left = self.parse_source_item()
        while self.at_keyword(*JOIN_WORDS):
            start = self.current.start
            kind = "inner"
            if self.accept_keyword("left"):
                kind = "left"
            elif self.accept_keyword("cross"):
                kind = "cross"
            else:
                self.accept_keyword("inner")
            self.expect_keyword("join")
            right = self.parse_source_item()
            join = nodes.Join(kind, left, right, position=start)
            if kind != "cross":
                if self.accept_keyword("using"):
                    self.expect_punct("(")
                    join.using = [token.value for token in self.comma_list(self.expect_name)]
                    self.expect_punct(")")
                else:
                    self.expect_keyword("on")
                    join.condition = self.parse_expression()
            left = join
        return left

    def parse_source_item(self):
        start = self.current.start
        if self.accept_punct("("):
            if self.at_keyword("select", "with") or self.at_punct("("):
                query = self.parse_statement()
                self.expect_punct(")")
                alias = self.parse_alias()
                if alias is None:
                    raise ParseError("a subquery needs a name", start)
                return nodes.SubqueryRef(query, alias, position=start)
            source = self.parse_source()
            self.expect_punct(")")
            return source
        name = self.expect_name().value
        if name in self.scopes:
            raise ParseError("%s cannot refer to itself" % name, start)
        return nodes.TableRef(name, self.parse_alias(), position=start)

    # -- expressions

    def parse_expression(self):
        with self.nested("expressions"):
            return self.parse_or()

    def parse_or(self):
        left = self.parse_and()
        while True:
            token = self.accept_keyword("or")
            if token is None:
                return left
            left = nodes.Binary("or", left, self.parse_and(), position=token.start)

    def parse_and(self):
        left = self.parse_not()
        while True:
            token = self.accept_keyword("and")
            if token is None:
                return left
            left = nodes.Binary("and", left, self.parse_not(), position=token.start)

    def parse_not(self):
        token = self.accept_keyword("not")
        if token is not None:
            return nodes.Unary("not", self.parse_not(), position=token.start)
        return self.parse_comparison()

    def parse_comparison(self):
        left = self.parse_additive()
        while True:
            token = self.current
            if token.is_("op", "=", "<>", "<", "<=", ">", ">="):
                self.advance()
                left = nodes.Binary(token.value, left, self.parse_additive(), position=token.start)
                continue
            if token.is_("keyword", "is"):
                self.advance()
                negated = bool(self.accept_keyword("not"))
                if self.accept_keyword("null"):
                    left = nodes.IsNull(left, negated, position=token.start)
                elif self.at_keyword("true", "false"):
                    wanted = self.advance().value == "true"
                    test = nodes.Binary("=", left, nodes.Literal(wanted), position=token.start)
                    left = nodes.Call("coalesce", [test, nodes.Literal(False)], position=token.start)
                    if negated:
                        left = nodes.Unary("not", left, position=token.start)
                else:
                    self.fail(["NULL", "TRUE", "FALSE"])
                continue
            negated = False
            if token.is_("keyword", "not"):
                if not self.ahead().is_("keyword", "in", "between", "like", "ilike"):
                    return left
                self.advance()
                negated = True
            if self.accept_keyword("between"):
                low = self.parse_additive()
                self.expect_keyword("and")
                high = self.parse_additive()
                left = nodes.Between(left, low, high, negated, position=token.start)
            elif self.accept_keyword("in"):
                left = self.parse_in(left, negated, token.start)
            elif self.at_keyword("like", "ilike"):
                ignore_case = self.advance().value == "ilike"
                pattern = self.parse_additive()
                left = nodes.Like(left, pattern, negated, ignore_case, position=token.start)
            else:
                return left

    def parse_in(self, operand, negated, start):
        self.expect_punct("(")
        if self.at_keyword("select", "with"):
            query = self.parse_statement()
            self.expect_punct(")")
            return nodes.InQuery(operand, query, negated, position=start)
        items = []
        if not self.at_punct(")"):
            items = self.comma_list(self.parse_expression)
        self.expect_punct(")")
        return nodes.InList(operand, items, negated, position=start)

    def parse_additive(self):
        left = self.parse_multiplicative()
        while self.at_op("+", "-", "||"):
            token = self.advance()
            left = nodes.Binary(token.value, left, self.parse_multiplicative(), position=token.start)
        return left

    def parse_multiplicative(self):
        left = self.parse_unary()
        while self.at_op("*", "/", "%"):
            token = self.advance()
            left = nodes.Binary(token.value, left, self.parse_unary(), position=token.start)
        return left

    def parse_unary(self):
        token = self.accept_op("-", "+")
        if token is None:
            return self.parse_postfix()
        operand = self.parse_unary()
        if token.value == "+":
            return operand
        if isinstance(operand, nodes.Literal) and isinstance(operand.value, (int, float)):
            return nodes.Literal(-operand.value, position=token.start)
        return nodes.Unary("-", operand, position=token.start)

    def parse_postfix(self):
        expr = self.parse_primary()
        while True:
            if self.accept_op("::"):
                expr = nodes.Cast(expr, self.parse_type_name(), position=expr.position)
            elif self.at_punct("["):
                start = self.advance().start
                index = self.parse_expression()
                self.expect_punct("]")
                expr = nodes.Call("element", [expr, index], position=start)
            else:
                return expr

    def parse_type_name(self):
        if self.at_keyword("date"):
            return self.advance().value
        return self.expect_name("a type").value.lower()

    def parse_primary(self):
        token = self.current
        if token.kind in ("number", "string"):
            self.advance()
            return nodes.Literal(token.value, position=token.start)
        if token.kind == "param":
            self.advance()
            name = token.value
            if name is None:
                name = str(len(self.params) + 1)
            if name not in self.params:
                self.params.append(name)
            return nodes.Param(name, position=token.start)
        if token.kind == "keyword":
            if token.value == "null":
                self.advance()
                return nodes.Literal(None, position=token.start)
            if token.value in ("true", "false"):
                self.advance()
                return nodes.Literal(token.value == "true", position=token.start)
            if token.value == "case":
                self.advance()
                case = nodes.Case(position=token.start)
                if not self.at_keyword("when"):
                    case.operand = self.parse_expression()
                while self.at_keyword("when"):
                    position = self.advance().start
                    condition = self.parse_expression()
                    self.expect_keyword("then")
                    result = self.parse_expression()
                    case.whens.append(nodes.When(condition, result, position=position))
                if not case.whens:
                    self.fail(["WHEN"])
                if self.accept_keyword("else"):
                    case.default = self.parse_expression()
                self.expect_keyword("end")
                return case
            if token.value == "cast":
                self.advance()
                self.expect_punct("(")
                operand = self.parse_expression()
                self.expect_keyword("as")
                type_name = self.parse_type_name()
                self.expect_punct(")")
                return nodes.Cast(operand, type_name, position=token.start)
            if token.value == "exists":
                self.advance()
                self.expect_punct("(")
                query = self.parse_statement()
                self.expect_punct(")")
                return nodes.Exists(query, position=token.start)
            if token.value == "date" and self.ahead().kind == "string":
                self.advance()
                text = self.advance()
                return nodes.Cast(nodes.Literal(text.value, position=text.start), "date", position=token.start)
            if token.value not in SOFT_KEYWORDS:
                self.fail(["an expression"])
        if self.at_punct("("):
            self.advance()
            if self.at_keyword("select", "with"):
                query = self.parse_statement()
                self.expect_punct(")")
                return nodes.ScalarQuery(query, position=token.start)
            expr = self.parse_expression()
            self.expect_punct(")")
            return expr
        if token.kind not in ("name", "keyword"):
            self.fail(["an expression"])
        self.advance()
        if self.at_punct("(") and not token.quoted:
            self.advance()
            call = nodes.Call(token.value.lower(), position=token.start)
            if self.at_op("*") and self.ahead().is_("punct", ")"):
                call.args = [nodes.Star(position=self.advance().start)]
            elif not self.at_punct(")"):
                call.distinct = bool(self.accept_keyword("distinct"))
                call.args = self.comma_list(self.parse_expression)
            self.expect_punct(")")
            return call
        if self.accept_punct("."):
            column = self.expect_name("a column")
            return nodes.ColumnRef(column.value, token.value, position=token.start)
        return nodes.ColumnRef(token.value, position=token.start)


def parse(text):
    return Parser(text).parse()


def parse_expression(text):
    """Parse an expression that stands alone, as in a filter of the command line."""
    parser = Parser(text)
    expr = parser.parse_expression()
    if parser.current.kind != "end":
        parser.fail(["the end of the expression"])
    return expr


def param_names(text):
    parser = Parser(text)
    parser.parse()
    return parser.params
