"""From the tree back to query text: one line for expressions, indented for statements."""

import datetime
import decimal

from . import nodes
from .core import to_text
from .lexer import quote_name, quote_string


class Formatter(nodes.Visitor):
    """visit() gives one line of text; statement() a list of indented lines."""

    def __init__(self, indent=2, width=72, upper=False):
        self.indent = indent
        self.width = width
        self.upper = upper

    def word(self, text):
        return text.upper() if self.upper else text

    def wrap(self, node, precedence, strict=False):
        """The text of an operand, in parentheses if it binds less than what is around it."""
        text = self.visit(node)
        own = node.precedence
        if own < precedence or (strict and own == precedence):
            return "(%s)" % text
        return text

    def comma(self, items):
        return ", ".join(self.visit(item) for item in items)

    def generic_visit(self, node, *args):
        raise TypeError("no text for %s" % node.tag)

    # -- expressions

    def visit_literal(self, node):
        value = node.value
        if value is None:
            return self.word("null")
        if isinstance(value, bool):
            return self.word("true" if value else "false")
        if isinstance(value, str):
            return quote_string(value)
        if isinstance(value, decimal.Decimal):
            return "%sd" % value
        if isinstance(value, datetime.date):
            return "%s %s" % (self.word("date"), quote_string(value.isoformat()))
        if isinstance(value, float):
            return repr(value)
        if isinstance(value, (list, tuple)):
            return "split(%s)" % quote_string(",".join(to_text(item) for item in value))
        return str(value)

    def visit_column_ref(self, node):
        if node.table:
            return "%s.%s" % (quote_name(node.table), quote_name(node.name))
        return quote_name(node.name)

    def visit_star(self, node):
        text = "%s.*" % quote_name(node.table) if node.table else "*"
        if node.excluded:
            text += " %s (%s)" % (self.word("except"), ", ".join(quote_name(name) for name in node.excluded))
        return text

    def visit_param(self, node):
        return "?" if node.name.isdigit() else ":" + node.name

    def visit_unary(self, node):
        operand = self.wrap(node.operand, node.precedence)
        if node.op == "not":
            return "%s %s" % (self.word("not"), operand)
        if operand.startswith("-"):
            return "%s(%s)" % (node.op, operand)
        return node.op + operand

    def visit_binary(self, node):
        left = self.wrap(node.left, node.precedence)
        right = self.wrap(node.right, node.precedence, strict=node.op not in ("and", "or"))
        return "%s %s %s" % (left, self.word(node.op), right)

    def visit_between(self, node):
        return "%s %s %s %s %s" % (
            self.wrap(node.operand, 5), self.negatable("between", node.negated),
            self.wrap(node.low, 5), self.word("and"), self.wrap(node.high, 5))

    def negatable(self, word, negated):
        return self.word("not " + word if negated else word)

    def visit_in_list(self, node):
        return "%s %s (%s)" % (
            self.wrap(node.operand, 5), self.negatable("in", node.negated), self.comma(node.items))

    def visit_in_query(self, node):
        return "%s %s (%s)" % (
            self.wrap(node.operand, 5), self.negatable("in", node.negated), self.visit(node.query))

    def visit_scalar_query(self, node):
        return "(%s)" % self.visit(node.query)

    def visit_exists(self, node):
        return "%s (%s)" % (self.word("exists"), self.visit(node.query))

    def visit_like(self, node):
        word = "ilike" if node.ignore_case else "like"
        return "%s %s %s" % (
            self.wrap(node.operand, 5), self.negatable(word, node.negated), self.wrap(node.pattern, 5))

    def visit_is_null(self, node):
        word = "is not null" if node.negated else "is null"
        return "%s %s" % (self.wrap(node.operand, 5), self.word(word))

    def visit_case(self, node):
        parts = [self.word("case")]
        if node.operand is not None:
            parts.append(self.visit(node.operand))
        parts.extend(self.visit(when) for when in node.whens)
        if node.default is not None:
            parts.append("%s %s" % (self.word("else"), self.visit(node.default)))
        parts.append(self.word("end"))
        return " ".join(parts)

    def visit_when(self, node):
        return "%s %s %s %s" % (
            self.word("when"), self.visit(node.condition), self.word("then"), self.visit(node.result))

    def visit_call(self, node):
        inner = self.comma(node.args)
        if node.distinct:
            inner = "%s %s" % (self.word("distinct"), inner)
        return "%s(%s)" % (node.name, inner)

    def visit_cast(self, node):
        return "%s(%s %s %s)" % (self.word("cast"), self.visit(node.operand), self.word("as"), node.type_name)

    # -- statements on one line

    def visit_select_item(self, node):
        text = self.visit(node.expr)
        if node.alias:
            text += " %s %s" % (self.word("as"), quote_name(node.alias))
        return text

    def visit_order_item(self, node):
        text = self.visit(node.expr)
        if node.descending:
            text += " " + self.word("desc")
        if node.nulls:
            text += " " + self.word("nulls " + node.nulls)
        return text

    def visit_table_ref(self, node):
        return quote_name(node.name) + (" " + quote_name(node.alias) if node.alias else "")

    def visit_subquery_ref(self, node):
        return "(%s) %s" % (self.visit(node.query), quote_name(node.alias))

    def visit_join(self, node):
        right = self.visit(node.right)
        if isinstance(node.right, nodes.Join):
            right = "(%s)" % right
        return "%s %s" % (self.visit(node.left), self.join_text(node, right))

    def join_text(self, node, right):
        words = "join" if node.kind == "inner" else node.kind + " join"
        text = "%s %s" % (self.word(words), right)
        if node.using:
            text += " %s (%s)" % (self.word("using"), ", ".join(quote_name(name) for name in node.using))
        elif node.condition is not None:
            text += " %s %s" % (self.word("on"), self.visit(node.condition))
        return text

    def visit_select(self, node):
        return " ".join(text.strip() for text in self.clauses(node, flat=True))

    def visit_set_operation(self, node):
        return " ".join(line.strip() for line in self.set_lines(node, 0))

    def visit_with(self, node):
        tables = ", ".join(self.visit(table) for table in node.tables)
        return "%s %s %s" % (self.word("with"), tables, self.visit(node.query))

    def visit_common_table(self, node):
        return "%s %s (%s)" % (quote_name(node.name), self.word("as"), self.visit(node.query))

    # -- statements on several lines

    def statement(self, node, level=0):
        pad = " " * (self.indent * level)
        if isinstance(node, nodes.With):
            lines = [pad + self.word("with")]
            for i, table in enumerate(node.tables):
                lines.append("%s%s%s %s (" % (pad, " " * self.indent, quote_name(table.name), self.word("as")))
                lines.extend(self.statement(table.query, level + 2))
                lines.append("%s%s)%s" % (pad, " " * self.indent, "," if i < len(node.tables) - 1 else ""))
            return lines + self.statement(node.query, level)
        if isinstance(node, nodes.SetOperation):
            return self.set_lines(node, level)
        text = self.visit(node)
        if len(pad) + len(text) <= self.width and level > 0:
            return [pad + text]
        return [pad + line for line in self.clauses(node)]

    def set_lines(self, node, level):
        pad = " " * (self.indent * level)
        lines = self.side_lines(node.left, level)
        word = node.op + (" all" if node.keep_all else "")
        lines.append(pad + self.word(word))
        lines.extend(self.side_lines(node.right, level, right=True))
        lines.extend(pad + line for line in self.tail(node))
        return lines

    def side_lines(self, node, level, right=False):
        lines = self.statement(node, level)
        bare = isinstance(node, nodes.Select) or not right
        if bare and not (node.order_by or node.limit is not None):
            return lines
        pad = " " * (self.indent * level)
        return [pad + "("] + [" " * self.indent + line for line in lines] + [pad + ")"]

    def clauses(self, node, flat=False):
        """The clauses of a select, one to a line; long lists are broken after commas."""
        head = self.word("select distinct" if node.distinct else "select")
        items = [self.visit(item) for item in node.items]
        lines = self.break_list(head, items, flat)
        if node.source is not None:
            lines.extend(self.source_lines(node.source, flat))
        if node.where is not None:
            terms = nodes.conjuncts(node.where)
            if flat or len(terms) == 1:
                lines.append("%s %s" % (self.word("where"), self.visit(node.where)))
            else:
                lines.append("%s %s" % (self.word("where"), self.wrap(terms[0], 2)))
                for term in terms[1:]:
                    lines.append("%s%s %s" % (" " * self.indent, self.word("and"), self.wrap(term, 2)))
        if node.group_by:
            lines.extend(self.break_list(self.word("group by"), [self.visit(key) for key in node.group_by], flat))
        if node.having is not None:
            lines.append("%s %s" % (self.word("having"), self.visit(node.having)))
        return lines + self.tail(node)

    def tail(self, node):
        lines = []
        if node.order_by:
            lines.append("%s %s" % (self.word("order by"), self.comma(node.order_by)))
        if node.limit is not None:
            lines.append("%s %s" % (self.word("limit"), self.visit(node.limit)))
        if node.offset is not None:
            lines.append("%s %s" % (self.word("offset"), self.visit(node.offset)))
        return lines

    def break_list(self, head, items, flat):
        line = "%s %s" % (head, ", ".join(items))
        if flat or len(line) <= self.width:
            return [line]
        lines = [head]
        for i, item in enumerate(items):
            lines.append("%s%s%s" % (" " * self.indent, item, "," if i < len(items) - 1 else ""))
        return lines

    def source_lines(self, source, flat):
        if flat or not isinstance(source, nodes.Join):
            return ["%s %s" % (self.word("from"), self.visit(source))]
        if source.kind == "cross" and not isinstance(source.left, nodes.Join):
            return ["%s %s" % (self.word("from"), self.visit(source))]
        lines = self.source_lines(source.left, flat)
        right = self.visit(source.right)
        if isinstance(source.right, nodes.Join):
            right = "(%s)" % right
        lines.append(" " * self.indent + self.join_text(source, right))
        return lines


def to_sql(node):
    """The text of any node on one line."""
    return Formatter().visit(node)


def pretty(node, **options):
    return "\n".join(Formatter(**options).statement(node))
