"""Names and types: what every column means and whether the operators fit."""

from .. import nodes
from ..core import (
    ANY, BOOL, DATE, FLOAT, INT, LIST, NULL, TEXT,
    Column, ParseError, Schema, TypeMismatch, UnknownName, close_names, common_type, type_named, type_of,
)
from ..formatter import to_sql
from ..functions import AGGREGATES, function_names, is_aggregate, lookup

ARITHMETIC = {"+", "-", "*", "/", "%"}


class Checker(nodes.Visitor):
    """Annotates a statement in place: node.type, the table of every column, stars expanded.

    visit() of an expression gives its type, of a query its output schema.
    """

    def __init__(self, catalog, params=None):
        self.catalog = catalog
        self.params = params or {}
        self.scopes = []
        self.common = {}
        self.aggregates_allowed = False

    def check(self, statement):
        return self.visit(statement)

    def visit(self, node, *args):
        found = super().visit(node, *args)
        if isinstance(node, nodes.Expr):
            node.type = found
        return found

    def generic_visit(self, node, *args):
        raise TypeError("cannot check %s" % node.tag)

    # -- queries

    def visit_with(self, node):
        saved = dict(self.common)
        for table in node.tables:
            self.common[table.name.lower()] = self.visit(table.query)
        schema = self.visit(node.query)
        self.common = saved
        return schema

    def visit_set_operation(self, node):
        left = self.visit(node.left)
        right = self.visit(node.right)
        if len(left) != len(right):
            raise TypeMismatch("the sides of %s have %d and %d columns" % (
                node.op.upper(), len(left), len(right)), node.position)
        columns = []
        for one, other in zip(left, right):
            merged = common_type(one.type, other.type)
            if merged is None:
                raise TypeMismatch("column %s is %s on one side and %s on the other" % (
                    one.name, one.type, other.type), node.position)
            columns.append(Column(one.name, merged))
        schema = Schema(columns)
        self.scopes.append(schema)
        for item in node.order_by:
            self.resolve_ordinal(item, [nodes.SelectItem(nodes.ColumnRef(c.name)) for c in columns])
            self.visit(item.expr)
        self.scopes.pop()
        self.check_limits(node)
        return schema

    def visit_select(self, node):
        scope = self.visit(node.source) if node.source is not None else Schema()
        self.scopes.append(scope)
        try:
            self.expand_items(node, scope)
            self.resolve_aliases(node)
            if node.where is not None:
                self.expect_bool(node.where, "WHERE")
            for key in node.group_by:
                self.visit(key)
            self.aggregates_allowed = True
            for item in node.items:
                self.visit(item.expr)
            if node.having is not None:
                self.expect_bool(node.having, "HAVING")
            for item in node.order_by:
                self.visit(item.expr)
            self.aggregates_allowed = False
            if node.grouped:
                self.check_grouping(node)
            self.check_limits(node)
        finally:
            self.scopes.pop()
        return Schema(
            Column(nodes.item_name(item, i), item.expr.type) for i, item in enumerate(node.items))

    def expand_items(self, node, scope):
        items = []
        for item in node.items:
            if not isinstance(item.expr, nodes.Star):
                items.append(item)
                continue
            star = item.expr
            chosen = [column for column in scope
                      if star.table is None or (column.table or "").lower() == star.table.lower()]
            if not chosen:
                raise UnknownName("nothing to expand %s to" % to_sql(star), star.position, scope.tables)
            excluded = {name.lower() for name in star.excluded}
            for column in chosen:
                if column.name.lower() in excluded:
                    continue
                ref = nodes.ColumnRef(column.name, column.table, position=star.position)
                items.append(nodes.SelectItem(ref, position=item.position))
        node.items = items

    def resolve_aliases(self, node):
        """Let GROUP BY, HAVING and ORDER BY use aliases and positions of the items."""
        named = {}
        for item in node.items:
            if item.alias:
                named[item.alias.lower()] = item.expr
        for i, key in enumerate(node.group_by):
            node.group_by[i] = self.item_for(key, node.items, named)
        for item in node.order_by:
            self.resolve_ordinal(item, node.items, named)
        if node.having is not None:
            node.having = AliasReplacer(named, self.scopes[-1]).visit(node.having)

    def resolve_ordinal(self, item, items, named=None):
        item.expr = self.item_for(item.expr, items, named or {})

    def item_for(self, expr, items, named):
        if isinstance(expr, nodes.Literal) and type(expr.value) is int:
            if not 1 <= expr.value <= len(items):
                raise UnknownName("there is no item %d" % expr.value, expr.position)
            return items[expr.value - 1].expr
        if isinstance(expr, nodes.ColumnRef) and expr.table is None:
            return named.get(expr.name.lower(), expr)
        return AliasReplacer(named, self.scopes[-1]).visit(expr)

    def check_grouping(self, node):
        exprs = [item.expr for item in node.items] + [item.expr for item in node.order_by]
        if node.having is not None:
            exprs.append(node.having)
        for expr in exprs:
            self.check_grouped(expr, node.group_by)

    def check_grouped(self, expr, keys):
        if any(expr == key for key in keys):
            return
        if isinstance(expr, nodes.Call) and is_aggregate(expr.name):
            return
        if isinstance(expr, nodes.ColumnRef):
            raise TypeMismatch("%s is neither grouped nor aggregated" % expr.full_name, expr.position)
        for child in expr.children():
            if isinstance(child, nodes.Expr):
                self.check_grouped(child, keys)

    def check_limits(self, node):
        for what, expr in (("LIMIT", node.limit), ("OFFSET", node.offset)):
            if expr is None:
                continue
            self.scopes.append(Schema())
            found = self.visit(expr)
            self.scopes.pop()
            if found not in (INT, ANY, NULL):
                raise TypeMismatch("%s has to be an int, not %s" % (what, found), expr.position)

    # -- sources

    def visit_table_ref(self, node):
        name = node.name.lower()
        if name in self.common:
            return self.common[name].qualify(node.visible_name)
        return self.catalog.schema_of(node.name, node.position).qualify(node.visible_name)

    def visit_subquery_ref(self, node):
        outer, self.aggregates_allowed = self.aggregates_allowed, False
        schema = self.visit(node.query).qualify(node.alias)
        self.aggregates_allowed = outer
        return schema

    def visit_join(self, node):
        left = self.visit(node.left)
        right = self.visit(node.right)
        for table in right.tables:
            if table in left.tables:
                raise UnknownName("%s is joined twice; give it an alias" % table, node.position)
        if node.using:
            terms = []
            for name in node.using:
                terms.append(nodes.Binary(
                    "=",
                    nodes.ColumnRef(name, left[left.index_of(name)].table, position=node.position),
                    nodes.ColumnRef(name, right[right.index_of(name)].table, position=node.position),
                    position=node.position))
            node.condition = nodes.conjoin(terms)
        if node.kind == "left":
            right = right.nullable()
        scope = left + right
        if node.condition is not None:
            self.scopes.append(scope)
            self.expect_bool(node.condition, "ON")
            self.scopes.pop()
        if node.using:
            shared = {name.lower() for name in node.using}
            right = Schema(column for column in right if column.name.lower() not in shared)
            scope = left + right
        return scope

    # -- expressions

    def expect_bool(self, expr, where):
        found = self.visit(expr)
        if found not in (BOOL, ANY, NULL):
            raise TypeMismatch("%s needs a condition, not %s" % (where, found), expr.position)

    def visit_literal(self, node):
        return type_of(node.value)

    def visit_column_ref(self, node):
        scope = self.scopes[-1]
        column = scope[scope.index_of(node.name, node.table, node.position)]
        node.table = column.table
        node.name = column.name
        return column.type

    def visit_star(self, node):
        raise TypeMismatch("* cannot stand here", node.position)

    def visit_param(self, node):
        if node.name not in self.params:
            return ANY
        return type_of(self.params[node.name])

    def visit_unary(self, node):
        found = self.visit(node.operand)
        if node.op == "not":
            if found not in (BOOL, ANY, NULL):
                raise TypeMismatch("NOT needs a condition, not %s" % found, node.position)
            return BOOL
        if not found.numeric and found not in (ANY, NULL):
            raise TypeMismatch("cannot negate %s" % found, node.position)
        return found

    def visit_binary(self, node):
        left = self.visit(node.left)
        right = self.visit(node.right)
        op = node.op
        if op in ("and", "or"):
            for side, found in ((node.left, left), (node.right, right)):
                if found not in (BOOL, ANY, NULL):
                    raise TypeMismatch("%s needs conditions, not %s" % (op.upper(), found), side.position)
            return BOOL
        if node.is_comparison:
            self.expect_comparable(left, right, node)
            return BOOL
        if op == "||":
            if LIST in (left, right):
                return LIST
            return TEXT
        if left == DATE or right == DATE:
            if op == "-" and left == DATE and right == DATE:
                return INT
            if op in ("+", "-") and left == DATE and (right.numeric or right in (ANY, NULL)):
                return DATE
            if op == "+" and (left.numeric or left in (ANY, NULL)):
                return DATE
            raise TypeMismatch("there is no %s for %s and %s" % (op, left, right), node.position)
        for found in (left, right):
            if not found.numeric and found not in (ANY, NULL):
                raise TypeMismatch("there is no %s for %s and %s" % (op, left, right), node.position)
        if op == "/" and left == INT and right == INT:
            return FLOAT
        return common_type(left, right)

    def expect_comparable(self, left, right, node):
        if common_type(left, right) is not None:
            return
        if {left, right} == {DATE, TEXT}:
            for side in (node.left, node.right) if isinstance(node, nodes.Binary) else node.children():
                if side.type == TEXT and isinstance(side, nodes.Literal):
                    return
        raise TypeMismatch("cannot compare %s with %s" % (left, right), node.position)

    def visit_between(self, node):
        operand = self.visit(node.operand)
        for bound in (node.low, node.high):
            self.expect_comparable(operand, self.visit(bound), node)
        return BOOL

    def visit_in_list(self, node):
        operand = self.visit(node.operand)
        for item in node.items:
            self.expect_comparable(operand, self.visit(item), node)
        return BOOL

    def sub_schema(self, node):
        outer, self.aggregates_allowed = self.aggregates_allowed, False
        schema = self.visit(node.query)
        self.aggregates_allowed = outer
        return schema

    def visit_in_query(self, node):
        operand = self.visit(node.operand)
        schema = self.sub_schema(node)
        if len(schema) != 1:
            raise TypeMismatch("the query after IN has to have one column, not %d" % len(schema), node.position)
        self.expect_comparable(operand, schema[0].type, node)
        return BOOL

    def visit_scalar_query(self, node):
        schema = self.sub_schema(node)
        if len(schema) != 1:
            raise TypeMismatch("a query used as a value has to have one column", node.position)
        return schema[0].type

    def visit_exists(self, node):
        self.sub_schema(node)
        return BOOL

    def visit_like(self, node):
        for side in (node.operand, node.pattern):
            found = self.visit(side)
            if found not in (TEXT, ANY, NULL):
                raise TypeMismatch("LIKE needs text, not %s" % found, side.position)
        return BOOL

    def visit_is_null(self, node):
        self.visit(node.operand)
        return BOOL

    def visit_case(self, node):
        operand = self.visit(node.operand) if node.operand is not None else None
        result = NULL
        for when in node.whens:
            found = self.visit(when.condition)
            if operand is not None:
                self.expect_comparable(operand, found, when)
            elif found not in (BOOL, ANY, NULL):
                raise TypeMismatch("WHEN needs a condition, not %s" % found, when.position)
            result = common_type(result, self.visit(when.result)) or ANY
        if node.default is not None:
            result = common_type(result, self.visit(node.default)) or ANY
        return result

    def visit_cast(self, node):
        self.visit(node.operand)
        return type_named(node.type_name, node.position)

    def visit_call(self, node):
        if is_aggregate(node.name):
            return self.check_aggregate(node)
        found = lookup(node.name)
        if found is None:
            raise UnknownName("there is no function %s" % node.name, node.position,
                              close_names(node.name, function_names()))
        if node.distinct:
            raise ParseError("DISTINCT has no meaning in %s" % node.name, node.position)
        if not found.accepts_count(len(node.args)):
            raise TypeMismatch("%s does not take %d arguments" % (found.signature, len(node.args)), node.position)
        types = [self.visit(arg) for arg in node.args]
        for i, given in enumerate(types):
            wanted = found.arg_type(i)
            if not fits(given, wanted):
                if wanted == DATE and given == TEXT and isinstance(node.args[i], nodes.Literal):
                    node.args[i] = nodes.Cast(node.args[i], "date", position=node.args[i].position)
                    self.visit(node.args[i])
                    continue
                raise TypeMismatch("argument %d of %s has to be %s, not %s" % (
                    i + 1, node.name, wanted, given), node.args[i].position)
        return found.return_type(types)

    def check_aggregate(self, node):
        if not self.aggregates_allowed:
            raise TypeMismatch("aggregate %s cannot stand here" % node.name, node.position)
        if node.name == "count" and len(node.args) == 1 and isinstance(node.args[0], nodes.Star):
            node.name = "count_rows"
            node.args = []
        kind = AGGREGATES[node.name]
        if not kind.min_args <= len(node.args) <= kind.max_args:
            raise TypeMismatch("%s does not take %d arguments" % (node.name, len(node.args)), node.position)
        self.aggregates_allowed = False
        types = [self.visit(arg) for arg in node.args]
        self.aggregates_allowed = True
        if types and not fits(types[0], kind.accepts):
            raise TypeMismatch("%s needs %s, not %s" % (node.name, kind.accepts, types[0]), node.position)
        return kind.return_type(types)


class AliasReplacer(nodes.Transformer):
    """Puts the expression of an item where its alias stands, unless a column has that name."""

    def __init__(self, named, scope):
        self.named = named
        self.scope = scope

    def visit_column_ref(self, node):
        if node.table is None and node.name.lower() in self.named and node.name not in self.scope:
            return self.named[node.name.lower()]
        return node

    def visit_scalar_query(self, node):
        return node

    visit_in_query = visit_exists = visit_scalar_query


def fits(given, wanted):
    if wanted == ANY or given in (ANY, NULL) or given == wanted:
        return True
    return given.numeric and wanted.numeric and (wanted == FLOAT or given.rank <= wanted.rank)
