"""The value of an expression for a row."""

import datetime
import decimal

from .. import nodes
from ..core import DATE, LIST, ExecutionError, coerce, compare, to_text, type_named, type_of
from ..functions import is_aggregate, lookup
from ..misc import like_regex


class Evaluator(nodes.Visitor):
    """evaluate() computes an expression; nulls follow the three-valued logic of SQL."""

    def __init__(self, params=None, subquery=None):
        self.params = params or {}
        self.subquery = subquery
        self.patterns = {}
        self.row = None

    def evaluate(self, expr, row):
        outer, self.row = self.row, row
        try:
            return self.visit(expr)
        finally:
            self.row = outer

    def test(self, expr, row):
        """True only if the condition is true, not if it is null."""
        return self.evaluate(expr, row) is True

    def generic_visit(self, node, *args):
        raise ExecutionError("cannot evaluate %s" % node.tag, node.position)

    def visit_literal(self, node):
        return node.value

    def visit_column_ref(self, node):
        row = self.row
        return row.values[row.schema.index_of(node.name, node.table, node.position)]

    def visit_param(self, node):
        try:
            return self.params[node.name]
        except KeyError:
            raise ExecutionError("no value for parameter %s" % node.name, node.position) from None

    def visit_unary(self, node):
        value = self.visit(node.operand)
        if value is None:
            return None
        if node.op == "not":
            return not value
        return -value

    def visit_binary(self, node):
        op = node.op
        if op == "and":
            left = self.visit(node.left)
            if left is False:
                return False
            right = self.visit(node.right)
            if right is False:
                return False
            return None if left is None or right is None else True
        if op == "or":
            left = self.visit(node.left)
            if left is True:
                return True
            right = self.visit(node.right)
            if right is True:
                return True
            return None if left is None or right is None else False
        left = self.visit(node.left)
        right = self.visit(node.right)
        if left is None or right is None:
            return None
        if node.is_comparison:
            order = compare(left, right)
            if op == "=":
                return order == 0
            elif op == "<>":
                return order != 0
            elif op == "<":
                return order < 0
            elif op == "<=":
                return order <= 0
            elif op == ">":
                return order > 0
            return order >= 0
        if op == "||":
            if isinstance(left, list) or isinstance(right, list):
                return list(coerce(left, LIST)) + list(coerce(right, LIST))
            return to_text(left) + to_text(right)
        if isinstance(left, datetime.date) or isinstance(right, datetime.date):
            if isinstance(left, datetime.date) and isinstance(right, datetime.date):
                if op == "-":
                    return (left - right).days
            elif op == "+":
                if isinstance(right, datetime.date):
                    left, right = right, left
                return left + datetime.timedelta(days=int(right))
            elif op == "-" and isinstance(left, datetime.date):
                return left - datetime.timedelta(days=int(right))
            raise ExecutionError("there is no %s for %s and %s" % (op, type_of(left), type_of(right)),
                                 node.position)
        if isinstance(left, str) or isinstance(right, str):
            raise ExecutionError("there is no %s for %s and %s" % (op, type_of(left), type_of(right)),
                                 node.position)
        if isinstance(left, decimal.Decimal) and isinstance(right, float):
            left = float(left)
        elif isinstance(left, float) and isinstance(right, decimal.Decimal):
            right = float(right)
        if op == "+":
            return left + right
        elif op == "-":
            return left - right
        elif op == "*":
            return left * right
        if right == 0:
            return None
        if op == "/":
            return left / right
        elif op == "%":
            rest = left - right * int(left / right)
            return rest
        raise ExecutionError("there is no operator %s" % op, node.position)

    def visit_between(self, node):
        value = self.visit(node.operand)
        low = self.visit(node.low)
        high = self.visit(node.high)
        if value is None or low is None or high is None:
            return None
        inside = compare(low, value) <= 0 and compare(value, high) <= 0
        return inside != node.negated

    def visit_in_list(self, node):
        value = self.visit(node.operand)
        return self.contained(value, [self.visit(item) for item in node.items], node.negated)

    def visit_in_query(self, node):
        value = self.visit(node.operand)
        rows = self.subquery(node.query)
        return self.contained(value, [row[0] for row in rows], node.negated)

    def contained(self, value, items, negated):
        if value is None:
            return None if items else negated
        unknown = False
        for item in items:
            if item is None:
                unknown = True
            elif compare(value, item) == 0:
                return not negated
        return None if unknown else negated

    def visit_scalar_query(self, node):
        rows = self.subquery(node.query)
        if not rows:
            return None
        if len(rows) > 1:
            raise ExecutionError("a query used as a value gave %d rows" % len(rows), node.position)
        return rows[0][0]

    def visit_exists(self, node):
        return bool(self.subquery(node.query))

    def visit_like(self, node):
        value = self.visit(node.operand)
        pattern = self.visit(node.pattern)
        if value is None or pattern is None:
            return None
        key = (pattern, node.ignore_case)
        regex = self.patterns.get(key)
        if regex is None:
            regex = self.patterns[key] = like_regex(pattern, node.ignore_case)
        return bool(regex.match(value)) != node.negated

    def visit_is_null(self, node):
        return (self.visit(node.operand) is None) != node.negated

    def visit_case(self, node):
        if node.operand is not None:
            value = self.visit(node.operand)
            for when in node.whens:
                other = self.visit(when.condition)
                if value is not None and other is not None and compare(value, other) == 0:
                    return self.visit(when.result)
        else:
            for when in node.whens:
                if self.visit(when.condition) is True:
                    return self.visit(when.result)
        return self.visit(node.default) if node.default is not None else None

    def visit_cast(self, node):
        return coerce(self.visit(node.operand), type_named(node.type_name, node.position))

    def visit_call(self, node):
        found = lookup(node.name)
        if found is None:
            if is_aggregate(node.name):
                raise ExecutionError("aggregate %s outside of a group" % node.name, node.position)
            raise ExecutionError("there is no function %s" % node.name, node.position)
        values = [self.visit(arg) for arg in node.args]
        for i, value in enumerate(values):
            if isinstance(value, str) and found.arg_type(i) == DATE:
                values[i] = coerce(value, DATE)
        return found(*values)
