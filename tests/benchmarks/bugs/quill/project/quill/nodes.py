"""The syntax tree, and the visitors that walk it."""

import re

from .core import to_text


def _snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Node:
    """A node has named fields; each holds a node, a list of nodes or a plain value."""

    fields = ()
    defaults = {}
    tag = "node"

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.tag = _snake(cls.__name__)

    def __init__(self, *args, position=None, **kwargs):
        if len(args) > len(self.fields):
            raise TypeError("%s takes %d fields" % (type(self).__name__, len(self.fields)))
        values = dict(zip(self.fields, args))
        values.update(kwargs)
        for field in self.fields:
            if field in values:
                setattr(self, field, values.pop(field))
            else:
                default = self.defaults.get(field)
                setattr(self, field, default() if callable(default) else default)
        if values:
            raise TypeError("%s has no field %s" % (type(self).__name__, ", ".join(values)))
        self.position = position
        self.type = None

    def __eq__(self, other):
        if not isinstance(other, Node):
            return NotImplemented
        if type(self) is not type(other):
            return False
        return all(same_field(getattr(self, f), getattr(other, f)) for f in self.fields)

    def __hash__(self):
        return hash((self.tag, tuple(_hashable(getattr(self, f)) for f in self.fields)))

    def __repr__(self):
        inner = ", ".join("%s=%r" % (f, getattr(self, f)) for f in self.fields
                          if getattr(self, f) not in (None, [], False))
        return "%s(%s)" % (type(self).__name__, inner)

    def children(self):
        for field in self.fields:
            value = getattr(self, field)
            if isinstance(value, Node):
                yield value
            elif isinstance(value, (list, tuple)):
                for item in value:
                    if isinstance(item, Node):
                        yield item

    def walk(self):
        """This node and all below it, parents first."""
        yield self
        for child in self.children():
            yield from child.walk()

    def copy(self, **changes):
        values = {f: getattr(self, f) for f in self.fields}
        for field, value in values.items():
            if isinstance(value, list):
                values[field] = list(value)
        values.update(changes)
        made = type(self)(position=self.position, **values)
        made.type = self.type
        return made


def same_field(left, right):
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if type(left) is not type(right):
        return False
    return left == right


def _hashable(value):
    if isinstance(value, list):
        return tuple(_hashable(item) for item in value)
    return value


# ---------------------------------------------------------------- expressions

class Expr(Node):
    """Anything that has a value for a row."""

    precedence = 100

    @property
    def constant(self):
        return all(child.constant for child in self.children())

    def columns(self):
        """The column references in this expression, not those of subqueries."""
        found = []
        for child in self.children():
            if isinstance(child, Expr):
                found.extend(child.columns())
        return found

    def aggregates(self):
        found = []
        for child in self.children():
            if isinstance(child, Expr):
                found.extend(child.aggregates())
        return found

    def __and__(self, other):
        return Binary("and", self, other, position=self.position)

    def __or__(self, other):
        return Binary("or", self, other, position=self.position)

    def __invert__(self):
        return Unary("not", self, position=self.position)


class Literal(Expr):
    fields = ("value",)

    @property
    def constant(self):
        return True

    def __repr__(self):
        return "Literal(%r)" % (self.value,)


class ColumnRef(Expr):
    fields = ("name", "table")

    @property
    def constant(self):
        return False

    @property
    def full_name(self):
        return "%s.%s" % (self.table, self.name) if self.table else self.name

    def columns(self):
        return [self]

    def __eq__(self, other):
        if not isinstance(other, ColumnRef):
            return NotImplemented
        if self.name.lower() != other.name.lower():
            return False
        return (self.table or "").lower() == (other.table or "").lower()

    def __hash__(self):
        return hash((self.tag, self.name.lower()))


class Star(Expr):
    fields = ("table", "excluded")
    defaults = {"excluded": list}

    @property
    def constant(self):
        return False


class Param(Expr):
    fields = ("name",)

    @property
    def constant(self):
        return False


class Unary(Expr):
    fields = ("op", "operand")

    @property
    def precedence(self):
        return 3 if self.op == "not" else 90


BINARY_PRECEDENCE = {
    "or": 1, "and": 2,
    "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "||": 5, "+": 6, "-": 6, "*": 7, "/": 7, "%": 7,
}

COMPARISONS = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
NEGATED = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class Binary(Expr):
    fields = ("op", "left", "right")

    @property
    def precedence(self):
        return BINARY_PRECEDENCE[self.op]

    @property
    def is_comparison(self):
        return self.op in COMPARISONS

    def mirrored(self):
        """The same comparison with its sides exchanged."""
        return self.copy(op=COMPARISONS[self.op], left=self.right, right=self.left)


class Between(Expr):
    fields = ("operand", "low", "high", "negated")
    defaults = {"negated": bool}
    precedence = 4


class InList(Expr):
    fields = ("operand", "items", "negated")
    defaults = {"items": list, "negated": bool}
    precedence = 4


class InQuery(Expr):
    fields = ("operand", "query", "negated")
    defaults = {"negated": bool}
    precedence = 4

    @property
    def constant(self):
        return False


class ScalarQuery(Expr):
    fields = ("query",)

    @property
    def constant(self):
        return False


class Exists(Expr):
    fields = ("query",)

    @property
    def constant(self):
        return False


class Like(Expr):
    fields = ("operand", "pattern", "negated", "ignore_case")
    defaults = {"negated": bool, "ignore_case": bool}
    precedence = 4


class IsNull(Expr):
    fields = ("operand", "negated")
    defaults = {"negated": bool}
    precedence = 4


class When(Expr):
    fields = ("condition", "result")


class Case(Expr):
    fields = ("operand", "whens", "default")
    defaults = {"whens": list}


class Call(Expr):
    fields = ("name", "args", "distinct")
    defaults = {"args": list, "distinct": bool}

    @property
    def constant(self):
        from .functions import lookup
        found = lookup(self.name)
        if found is None or not found.pure:
            return False
        return all(arg.constant for arg in self.args)

    def aggregates(self):
        from .functions import is_aggregate
        if is_aggregate(self.name):
            return [self]
        return super().aggregates()


class Cast(Expr):
    fields = ("operand", "type_name")


# ---------------------------------------------------------------- statements

class SelectItem(Node):
    fields = ("expr", "alias")


class OrderItem(Node):
    fields = ("expr", "descending", "nulls")
    defaults = {"descending": bool}


class TableRef(Node):
    fields = ("name", "alias")

    @property
    def visible_name(self):
        return self.alias or self.name


class SubqueryRef(Node):
    fields = ("query", "alias")

    @property
    def visible_name(self):
        return self.alias


class Join(Node):
    fields = ("kind", "left", "right", "condition", "using")
    defaults = {"using": list}


class Select(Node):
    fields = ("items", "distinct", "source", "where", "group_by", "having", "order_by", "limit", "offset")
    defaults = {"items": list, "distinct": bool, "group_by": list, "order_by": list}

    @property
    def grouped(self):
        if self.group_by:
            return True
        exprs = [item.expr for item in self.items]
        if self.having is not None:
            exprs.append(self.having)
        return any(expr.aggregates() for expr in exprs)


class SetOperation(Node):
    fields = ("op", "left", "right", "keep_all", "order_by", "limit", "offset")
    defaults = {"keep_all": bool, "order_by": list}


class CommonTable(Node):
    fields = ("name", "query")


class With(Node):
    fields = ("tables", "query")
    defaults = {"tables": list}


# ---------------------------------------------------------------- visitors

class Visitor:
    """Calls visit_<tag> for a node, generic_visit if there is no such method."""

    def visit(self, node, *args):
        method = getattr(self, "visit_" + node.tag, None)
        if method is None:
            return self.generic_visit(node, *args)
        return method(node, *args)

    def generic_visit(self, node, *args):
        for child in node.children():
            self.visit(child, *args)


class Transformer(Visitor):
    """Makes a new tree; a method returns the node that stands in for its argument."""

    def generic_visit(self, node, *args):
        changes = {}
        for field in node.fields:
            value = getattr(node, field)
            if isinstance(value, Node):
                changed = self.visit(value, *args)
                if changed is not value:
                    changes[field] = changed
            elif isinstance(value, list):
                items = [self.visit(item, *args) if isinstance(item, Node) else item for item in value]
                if any(a is not b for a, b in zip(items, value)):
                    changes[field] = items
        return node.copy(**changes) if changes else node


class Replacer(Transformer):
    """Replaces every subtree that is equal to a key of the mapping."""

    def __init__(self, mapping):
        self.mapping = mapping

    def visit(self, node, *args):
        for old, new in self.mapping:
            if node == old:
                made = new.copy()
                made.type = node.type
                made.position = node.position
                return made
        return super().visit(node, *args)


def conjuncts(expr):
    """The terms of a chain of ANDs."""
    if expr is None:
        return []
    if isinstance(expr, Binary) and expr.op == "and":
        return conjuncts(expr.left) + conjuncts(expr.right)
    return [expr]


def conjoin(terms):
    result = None
    for term in terms:
        result = term if result is None else result & term
    return result


def item_name(item, index):
    """The name of an output column."""
    if item.alias:
        return item.alias
    expr = item.expr
    while isinstance(expr, Cast):
        expr = expr.operand
    if isinstance(expr, ColumnRef):
        return expr.name
    if isinstance(expr, Call):
        return expr.name.lower()
    if isinstance(expr, Literal):
        return to_text(expr.value) or "null"
    return "col%d" % (index + 1)
