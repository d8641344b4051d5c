"""Passes that make a checked tree simpler without changing what it means."""

from .. import nodes
from ..core import BOOL, NULL, QuillError, type_of
from ..nodes import Binary, Literal, Transformer, conjoin, conjuncts
from ..runtime.evaluator import Evaluator

MAX_ROUNDS = 8
PASSES = []


def rewrite_pass(cls):
    PASSES.append(cls)
    return cls


def is_literal(node, *values):
    if not isinstance(node, Literal):
        return False
    return not values or any(node.value is value for value in values)


def truth(value, position=None):
    made = Literal(value, position=position)
    made.type = BOOL
    return made


class Pass(Transformer):
    """A transformer that counts the changes it made."""

    def __init__(self):
        self.changes = 0

    @property
    def name(self):
        return type(self).__name__

    def changed(self, old, new):
        self.changes += 1
        if new.position is None:
            new.position = old.position
        if new.type is None:
            new.type = old.type
        return new

    def visit(self, node, *args):
        if isinstance(node, nodes.Expr):
            return self.rewrite(self.generic_visit(node, *args))
        return super().visit(node, *args)

    def rewrite(self, node):
        method = getattr(self, "rewrite_" + node.tag, None)
        return node if method is None else method(node)


@rewrite_pass
class FoldConstants(Pass):
    """Replaces expressions without columns by their value."""

    def __init__(self):
        super().__init__()
        self.evaluator = Evaluator()

    def rewrite(self, node):
        if isinstance(node, (Literal, nodes.When)) or not node.constant:
            return node
        try:
            value = self.evaluator.evaluate(node, None)
        except (QuillError, ZeroDivisionError):
            return node     # let it fail when it is run
        made = Literal(value, position=node.position)
        made.type = node.type if value is not None or node.type is None else NULL
        if made.type is None:
            made.type = type_of(value)
        return self.changed(node, made)


@rewrite_pass
class Normalise(Pass):
    """Brings comparisons to one form: column to the left, no BETWEEN, no IN of one item."""

    def rewrite_binary(self, node):
        if not node.is_comparison:
            return node
        left, right = node.left, node.right
        if is_literal(left) and not is_literal(right):
            return self.changed(node, node.mirrored())
        return node

    def rewrite_between(self, node):
        if node.negated:
            below = Binary("<", node.operand, node.low, position=node.position)
            above = Binary(">", node.operand, node.high, position=node.position)
            below.type = above.type = BOOL
            return self.changed(node, below | above)
        low = Binary(">=", node.operand, node.low, position=node.position)
        high = Binary("<=", node.operand, node.high, position=node.position)
        low.type = high.type = BOOL
        return self.changed(node, low & high)

    def rewrite_in_list(self, node):
        if len(node.items) == 1 and not is_literal(node.items[0], None):
            op = "<>" if node.negated else "="
            return self.changed(node, Binary(op, node.operand, node.items[0]))
        unique = []
        for item in node.items:
            if item not in unique:
                unique.append(item)
        if len(unique) < len(node.items):
            return self.changed(node, node.copy(items=unique))
        return node


@rewrite_pass
class SimplifyBooleans(Pass):
    """Pushes NOT inward and drops the parts of AND and OR that decide nothing."""

    def rewrite_unary(self, node):
        if node.op != "not":
            return node
        inner = node.operand
        if isinstance(inner, nodes.Unary) and inner.op == "not":
            return self.changed(node, inner.operand)
        if isinstance(inner, (nodes.InList, nodes.Like, nodes.IsNull, nodes.InQuery, nodes.Between)):
            return self.changed(node, inner.copy(negated=not inner.negated))
        if isinstance(inner, Binary):
            if inner.op in nodes.NEGATED:
                return self.changed(node, inner.copy(op=nodes.NEGATED[inner.op]))
            if inner.op in ("and", "or"):
                left = self.rewrite(self.typed_not(inner.left))
                right = self.rewrite(self.typed_not(inner.right))
                return self.changed(node, left | right if inner.op == "and" else left & right)
        return node

    def typed_not(self, expr):
        made = ~expr
        made.type = BOOL
        return made

    def rewrite_binary(self, node):
        left, right = node.left, node.right
        if node.op == "and":
            if is_literal(left, True):
                return self.changed(node, right)
            if is_literal(right, True):
                return self.changed(node, left)
            if is_literal(left, False) or is_literal(right, False):
                return self.changed(node, truth(False, node.position))
            return self.drop_repeated(node)
        if node.op == "or":
            if is_literal(left, False):
                return self.changed(node, right)
            if is_literal(right, False):
                return self.changed(node, left)
            if is_literal(left, True) or is_literal(right, True):
                return self.changed(node, truth(True, node.position))
            if left == right:
                return self.changed(node, left)
            return self.common_terms(node)
        return node

    def drop_repeated(self, node):
        terms = conjuncts(node)
        unique = []
        for term in terms:
            if term not in unique:
                unique.append(term)
        if len(unique) == len(terms):
            return node
        return self.changed(node, conjoin(unique))

    def common_terms(self, node):
        """(a and b) or (a and c) is a and (b or c)."""
        left, right = conjuncts(node.left), conjuncts(node.right)
        shared = [term for term in left if term in right]
        if not shared:
            return node
        left = [term for term in left if term not in shared]
        right = [term for term in right if term not in shared]
        if not left or not right:
            return self.changed(node, conjoin(shared))
        either = conjoin(left) | conjoin(right)
        either.type = BOOL
        return self.changed(node, conjoin(shared + [either]))

    def rewrite_case(self, node):
        if node.operand is not None:
            return node
        whens = []
        default = node.default
        for when in node.whens:
            if is_literal(when.condition, False, None):
                continue
            if is_literal(when.condition, True):
                default = when.result
                break
            whens.append(when)
        if len(whens) == len(node.whens):
            return node
        if not whens:
            return self.changed(node, default if default is not None else Literal(None))
        return self.changed(node, node.copy(whens=whens, default=default))


@rewrite_pass
class LikeToComparison(Pass):
    """LIKE without wildcards is equality, LIKE 'abc%' a test of the prefix."""

    def rewrite_like(self, node):
        if node.ignore_case or node.negated or not is_literal(node.pattern):
            return node
        pattern = node.pattern.value
        if not isinstance(pattern, str) or "\\" in pattern:
            return node
        if "%" not in pattern and "_" not in pattern:
            return self.changed(node, Binary("=", node.operand, node.pattern))
        if pattern.endswith("%") and "%" not in pattern[:-1] and "_" not in pattern:
            prefix = Literal(pattern[:-1], position=node.pattern.position)
            prefix.type = node.pattern.type
            return self.changed(node, nodes.Call("starts_with", [node.operand, prefix]))
        return node


def optimise(statement, passes=None, log=None):
    """Run the passes again and again until none of them changes anything."""
    for round_no in range(MAX_ROUNDS):
        total = 0
        for cls in PASSES if passes is None else passes:
            each = cls()
            statement = each.visit(statement)
            total += each.changes
            if log is not None and each.changes:
                log.append((round_no + 1, each.name, each.changes))
        if not total:
            break
    return statement
