"""From a checked tree to a plan: which operators, in which order."""

from dataclasses import dataclass, field

from .. import nodes
from ..core import ANY, Column, PlanError, Schema
from ..formatter import to_sql
from ..nodes import conjoin, conjuncts

SMALL_TABLE = 8


@dataclass
class Plan:
    schema: Schema = field(default_factory=Schema, compare=False)

    def children(self):
        for name in ("child", "left", "right"):
            value = getattr(self, name, None)
            if isinstance(value, Plan):
                yield value

    def describe(self):
        return type(self).__name__.lower()

    def estimate(self):
        return max((child.estimate() for child in self.children()), default=1)


@dataclass
class SingleRow(Plan):
    pass


@dataclass
class Scan(Plan):
    table: object = None
    alias: str = ""
    condition: object = None
    lookup: tuple = None

    def describe(self):
        text = "scan %s" % self.table.name
        if self.alias.lower() != self.table.name.lower():
            text += " as %s" % self.alias
        if self.lookup:
            text += " by %s = %s" % (self.lookup[0], to_sql(self.lookup[1]))
        if self.condition is not None:
            text += " where %s" % to_sql(self.condition)
        return text

    def estimate(self):
        count = len(self.table)
        if self.lookup:
            return max(count // max(self.table.distinct_count(self.lookup[0]), 1), 1)
        return max(count // 3, 1) if self.condition is not None else count


@dataclass
class Shared(Plan):
    """A common table expression: run once, read by all who name it."""
    name: str = ""
    child: Plan = None

    def describe(self):
        return "shared %s" % self.name


@dataclass
class Rename(Plan):
    child: Plan = None
    alias: str = ""

    def describe(self):
        return "as %s" % self.alias


@dataclass
class Filter(Plan):
    child: Plan = None
    condition: object = None

    def describe(self):
        return "filter %s" % to_sql(self.condition)

    def estimate(self):
        return max(self.child.estimate() // 3, 1)


@dataclass
class HashJoin(Plan):
    kind: str = "inner"
    left: Plan = None
    right: Plan = None
    left_keys: list = field(default_factory=list)
    right_keys: list = field(default_factory=list)
    residual: object = None
    build_left: bool = False

    def describe(self):
        pairs = ["%s = %s" % (to_sql(a), to_sql(b)) for a, b in zip(self.left_keys, self.right_keys)]
        text = "%s hash join on %s" % (self.kind, ", ".join(pairs))
        if self.build_left:
            text += " (hashing left)"
        if self.residual is not None:
            text += " if %s" % to_sql(self.residual)
        return text


@dataclass
class LoopJoin(Plan):
    kind: str = "cross"
    left: Plan = None
    right: Plan = None
    condition: object = None

    def describe(self):
        text = "%s loop join" % self.kind
        return text if self.condition is None else "%s on %s" % (text, to_sql(self.condition))

    def estimate(self):
        return self.left.estimate() * self.right.estimate()


@dataclass
class Group(Plan):
    child: Plan = None
    keys: list = field(default_factory=list)
    calls: list = field(default_factory=list)

    def describe(self):
        text = "group"
        if self.keys:
            text += " by " + ", ".join(to_sql(key) for key in self.keys)
        if self.calls:
            text += " with " + ", ".join(to_sql(call) for call in self.calls)
        return text


@dataclass
class Sort(Plan):
    child: Plan = None
    keys: list = field(default_factory=list)
    top: object = None

    def describe(self):
        return "sort by " + ", ".join(to_sql(key) for key in self.keys)


@dataclass
class Project(Plan):
    child: Plan = None
    exprs: list = field(default_factory=list)

    def describe(self):
        return "project " + ", ".join(to_sql(expr) for expr in self.exprs)


@dataclass
class Distinct(Plan):
    child: Plan = None


@dataclass
class Limit(Plan):
    child: Plan = None
    count: object = None
    offset: object = None

    def describe(self):
        parts = []
        if self.count is not None:
            parts.append("limit %s" % to_sql(self.count))
        if self.offset is not None:
            parts.append("offset %s" % to_sql(self.offset))
        return " ".join(parts)


@dataclass
class Combine(Plan):
    op: str = "union"
    left: Plan = None
    right: Plan = None
    keep_all: bool = False

    def describe(self):
        return self.op + (" all" if self.keep_all else "")

    def estimate(self):
        return self.left.estimate() + self.right.estimate()


class Planner(nodes.Visitor):
    """visit() of a query or source gives its plan; subplans holds those of subqueries."""

    def __init__(self, catalog):
        self.catalog = catalog
        self.common = {}
        self.subplans = {}

    def plan(self, statement):
        return self.visit(statement)

    def generic_visit(self, node, *args):
        raise PlanError("cannot plan %s" % node.tag, node.position)

    # -- queries

    def visit_with(self, node, *args):
        saved = dict(self.common)
        for table in node.tables:
            child = self.visit(table.query)
            self.common[table.name.lower()] = Shared(child.schema, table.name, child)
        plan = self.visit(node.query)
        self.common = saved
        return plan

    def visit_set_operation(self, node, *args):
        left = self.visit(node.left)
        right = self.visit(node.right)
        plan = Combine(left.schema, node.op, left, right, node.keep_all)
        if node.order_by:
            plan = Sort(plan.schema, plan, node.order_by)
        return self.limited(plan, node)

    def visit_select(self, node, *args):
        if node.source is None:
            plan = SingleRow(Schema())
            terms = conjuncts(node.where)
        else:
            self.find_subqueries(node.where)
            plan, terms = self.plan_source(node.source, conjuncts(node.where))
        if terms:
            self.find_subqueries(node.where)
            plan = self.filtered(plan, terms)

        items = [item.expr for item in node.items]
        order = list(node.order_by)
        having = node.having
        for expr in items + [having] + [item.expr for item in order]:
            self.find_subqueries(expr)
        if node.grouped:
            # a Group, and what stands for its keys and aggregates above it
            calls = []
            for expr in items + [item.expr for item in order] + ([having] if having is not None else []):
                for call in expr.aggregates():
                    if call not in calls:
                        calls.append(call)
            grouped = []
            mapping = []
            for i, key in enumerate(node.group_by):
                if isinstance(key, nodes.ColumnRef):
                    column = Column(key.name, key.type or ANY, key.table)
                    ref = nodes.ColumnRef(key.name, key.table)
                else:
                    column = Column("#key%d" % i, key.type or ANY)
                    ref = nodes.ColumnRef(column.name)
                grouped.append(column)
                mapping.append((key, ref))
            for i, call in enumerate(calls):
                column = Column("#agg%d" % i, call.type or ANY)
                grouped.append(column)
                mapping.append((call, nodes.ColumnRef(column.name)))
            plan = Group(Schema(grouped), plan, list(node.group_by), calls)
            replacer = nodes.Replacer(mapping)
            items = [replacer.visit(expr) for expr in items]
            order = [replacer.visit(item) for item in order]
            if having is not None:
                having = replacer.visit(having)
        if having is not None:
            plan = Filter(plan.schema, plan, having)
        if order:
            top = None
            if node.limit is not None and not node.distinct:
                top = node.limit if node.offset is None else nodes.Binary("+", node.limit, node.offset)
            plan = Sort(plan.schema, plan, order, top)

        columns = []
        for i, (item, expr) in enumerate(zip(node.items, items)):
            columns.append(Column(nodes.item_name(item, i), item.expr.type or ANY))
        schema = Schema(columns)
        plan = Project(schema, plan, items)
        if node.distinct:
            plan = Distinct(schema, plan)
        return self.limited(plan, node)

    def limited(self, plan, node):
        if node.limit is None and node.offset is None:
            return plan
        return Limit(plan.schema, plan, node.limit, node.offset)

    def filtered(self, plan, terms):
        return Filter(plan.schema, plan, conjoin(terms)) if terms else plan

    def find_subqueries(self, expr):
        """Plan the subqueries of an expression; the evaluator finds them by their tree."""
        if expr is None:
            return
        for node in expr.walk():
            if isinstance(node, (nodes.InQuery, nodes.ScalarQuery, nodes.Exists)):
                if node.query not in self.subplans:
                    self.subplans[node.query] = self.visit(node.query)

    # -- sources: each takes the terms of WHERE and gives back those it could not use

    def plan_source(self, source, terms):
        return self.visit(source, terms)

    def visit_table_ref(self, node, terms):
        shared = self.common.get(node.name.lower())
        if shared is not None:
            plan = Rename(shared.schema.qualify(node.visible_name), shared, node.visible_name)
            mine, rest = self.split_terms(terms, plan.schema)
            return self.filtered(plan, mine), rest
        table = self.catalog.get(node.name, node.position)
        schema = table.schema.qualify(node.visible_name)
        mine, rest = self.split_terms(terms, schema)
        lookup = None
        if len(table) > SMALL_TABLE:
            for term in mine:
                lookup = self.lookup_of(term, schema)
                if lookup is not None:
                    mine = [other for other in mine if other is not term]
                    break
        return Scan(schema, table, node.visible_name, conjoin(mine), lookup), rest

    def lookup_of(self, term, schema):
        """(column, value) if the term is an equality that an index of the table can answer."""
        if not isinstance(term, nodes.Binary) or term.op != "=":
            return None
        column, value = term.left, term.right
        if not isinstance(column, nodes.ColumnRef) or not isinstance(value, nodes.Literal):
            return None
        if schema[column.name].type != value.type:
            return None
        return column.name, value

    def visit_subquery_ref(self, node, terms):
        child = self.visit(node.query)
        plan = Rename(child.schema.qualify(node.alias), child, node.alias)
        mine, rest = self.split_terms(terms, plan.schema)
        return self.filtered(plan, mine), rest

    def visit_join(self, node, terms):
        if node.kind != "left":
            terms = terms + conjuncts(node.condition)
            left, terms = self.visit(node.left, terms)
            right, terms = self.visit(node.right, terms)
            on = None
        else:
            left, terms = self.visit(node.left, terms)
            on = conjuncts(node.condition)
            right, on = self.visit(node.right, on)
        schema = left.schema + right.schema
        if on is None:
            on, terms = self.split_terms(terms, schema)
        left_keys, right_keys, residual = self.equalities(on, left.schema, right.schema)
        for term in on:
            self.find_subqueries(term)
        if not left_keys:
            kind = "cross" if node.kind == "inner" and not on else node.kind
            return LoopJoin(schema, kind, left, right, conjoin(on)), terms
        build_left = node.kind == "inner" and left.estimate() * 2 < right.estimate()
        plan = HashJoin(schema, "inner" if node.kind == "cross" else node.kind, left, right,
                        left_keys, right_keys, conjoin(residual), build_left)
        return plan, terms

    def split_terms(self, terms, schema):
        mine, rest = [], []
        for term in terms:
            refs = [(ref.name, ref.table) for ref in term.columns()]
            usable = refs and schema.covers(refs)
            (mine if usable else rest).append(term)
        return mine, rest

    def equalities(self, terms, left, right):
        """The terms `a = b` with one side from each input, and all the others."""
        left_keys, right_keys, residual = [], [], []
        for term in terms:
            if isinstance(term, nodes.Binary) and term.op == "=":
                one = [(ref.name, ref.table) for ref in term.left.columns()]
                other = [(ref.name, ref.table) for ref in term.right.columns()]
                if one and other:
                    if left.covers(one) and right.covers(other):
                        left_keys.append(term.left)
                        right_keys.append(term.right)
                        continue
                    if left.covers(other) and right.covers(one):
                        left_keys.append(term.right)
                        right_keys.append(term.left)
                        continue
            residual.append(term)
        return left_keys, right_keys, residual


def explain(plan, level=0, estimates=False):
    """One line for each step of the plan, indented by depth."""
    line = "  " * level + plan.describe()
    if estimates:
        line += "  ~%d" % plan.estimate()
    lines = [line]
    for child in plan.children():
        lines.extend(explain(child, level + 1, estimates))
    return lines
