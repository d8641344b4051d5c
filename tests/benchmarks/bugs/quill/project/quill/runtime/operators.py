"""Operators: every plan node becomes an iterator of rows."""

import heapq
from functools import total_ordering

from ..core import ExecutionError, Row, SortKey
from ..functions import make_aggregate
from ..plan import planner as plans
from .evaluator import Evaluator

OPERATORS = {}


def operator(plan_class):
    def register(cls):
        OPERATORS[plan_class] = cls
        return cls
    return register


class Context:
    """What the operators of one run have in common."""

    def __init__(self, params=None, subplans=None, max_rows=None):
        self.params = params or {}
        self.subplans = subplans or {}
        self.max_rows = max_rows
        self.evaluator = Evaluator(self.params, self.subquery)
        self.results = {}
        self.shared = {}
        self.stats = []

    def subquery(self, query):
        """The rows of a subquery; run at first use."""
        if query not in self.results:
            plan = self.subplans.get(query)
            if plan is None:
                raise ExecutionError("subquery without a plan", query.position)
            self.results[query] = list(build(plan, self))
        return self.results[query]

    def constant(self, expr, what):
        value = self.evaluator.evaluate(expr, None)
        if value is None:
            return None
        if not isinstance(value, int) or value < 0:
            raise ExecutionError("%s has to be a number from 0, not %r" % (what, value), expr.position)
        return value


class Operator:
    """Iterate to run it; close() is called at the end whatever happens."""

    def __init__(self, plan, context):
        self.plan = plan
        self.context = context
        self.schema = plan.schema
        self.produced = 0
        self.inputs = [build(child, context) for child in plan.children()]
        context.stats.append(self)

    @property
    def child(self):
        return self.inputs[0]

    def evaluate(self, expr, row):
        return self.context.evaluator.evaluate(expr, row)

    def test(self, expr, row):
        return expr is None or self.context.evaluator.test(expr, row)

    def __iter__(self):
        self.produced = 0
        self.open()
        try:
            for row in self.rows():
                self.produced += 1
                yield row
        finally:
            self.close()

    def open(self):
        pass

    def close(self):
        pass

    def rows(self):
        raise NotImplementedError

    def retag(self, row):
        """The same values under the schema of this operator."""
        return Row(self.schema, row.values)


@operator(plans.SingleRow)
class SingleRowOperator(Operator):
    def rows(self):
        yield Row(self.schema, ())


@operator(plans.Scan)
class ScanOperator(Operator):
    def source(self):
        if self.plan.lookup is None:
            return self.plan.table.rows
        name, literal = self.plan.lookup
        return self.plan.table.index_on(name).get(literal.value, [])

    def rows(self):
        condition = self.plan.condition
        for row in self.source():
            row = self.retag(row)
            if condition is None or self.test(condition, row):
                yield row


@operator(plans.Shared)
class SharedOperator(Operator):
    def rows(self):
        key = id(self.plan)
        if key not in self.context.shared:
            self.context.shared[key] = list(self.child)
        return iter(self.context.shared[key])


@operator(plans.Rename)
class RenameOperator(Operator):
    def rows(self):
        return map(self.retag, self.child)


@operator(plans.Filter)
class FilterOperator(Operator):
    def rows(self):
        for row in self.child:
            if self.test(self.plan.condition, row):
                yield row


def join_key(value):
    """Values that compare as equal have the same key."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, list):
        return tuple(value)
    return value


class JoinOperator(Operator):
    @property
    def left(self):
        return self.inputs[0]

    @property
    def right(self):
        return self.inputs[1]

    def joined(self, left, right):
        return Row(self.schema, left.values + right.values)

    def padded(self, left):
        return Row(self.schema, left.values + (None,) * len(self.right.schema))


@operator(plans.HashJoin)
class HashJoinOperator(JoinOperator):
    """Hashes one input and looks up the rows of the other."""

    def open(self):
        self.buckets = {}

    def close(self):
        self.buckets = {}

    def key_of(self, exprs, row):
        key = []
        for expr in exprs:
            value = self.evaluate(expr, row)
            if value is None:
                return None
            key.append(join_key(value))
        return tuple(key)

    def fill(self, rows, keys):
        for row in rows:
            key = self.key_of(keys, row)
            if key is not None:
                self.buckets.setdefault(key, []).append(row)

    def rows(self):
        plan = self.plan
        if plan.build_left:
            self.fill(self.left, plan.left_keys)
            for right in self.right:
                for left in self.matches(plan.right_keys, right):
                    row = self.joined(left, right)
                    if self.test(plan.residual, row):
                        yield row
            return
        self.fill(self.right, plan.right_keys)
        for left in self.left:
            found = False
            for right in self.matches(plan.left_keys, left):
                row = self.joined(left, right)
                if self.test(plan.residual, row):
                    found = True
                    yield row
            if not found and plan.kind == "left":
                yield self.padded(left)

    def matches(self, keys, row):
        key = self.key_of(keys, row)
        if key is None:
            return []
        return self.buckets.get(key, [])


@operator(plans.LoopJoin)
class LoopJoinOperator(JoinOperator):
    def rows(self):
        rights = list(self.right)
        for left in self.left:
            found = False
            for right in rights:
                row = self.joined(left, right)
                if self.test(self.plan.condition, row):
                    found = True
                    yield row
            if not found and self.plan.kind == "left":
                yield self.padded(left)


class Bucket:
    """The aggregates of one group."""

    def __init__(self, calls, evaluator):
        self.evaluator = evaluator
        self.calls = calls
        self.aggregates = []
        for call in calls:
            options = [evaluator.evaluate(arg, None) for arg in call.args[1:]]
            self.aggregates.append(make_aggregate(call.name, call.distinct, options))

    def add(self, row):
        for call, aggregate in zip(self.calls, self.aggregates):
            value = self.evaluator.evaluate(call.args[0], row) if call.args else None
            aggregate.add(value)

    def results(self):
        return [aggregate.result for aggregate in self.aggregates]


@operator(plans.Group)
class GroupOperator(Operator):
    """Groups come out in the order in which they were first seen."""

    def rows(self):
        plan = self.plan
        groups = {}
        for row in self.child:
            values = tuple(self.evaluate(key, row) for key in plan.keys)
            key = tuple(join_key(value) for value in values)
            if key not in groups:
                groups[key] = (values, Bucket(plan.calls, self.context.evaluator))
            groups[key][1].add(row)
        if not groups and not plan.keys:
            groups[()] = ((), Bucket(plan.calls, self.context.evaluator))
        for values, bucket in groups.values():
            yield Row(self.schema, list(values) + bucket.results())


@total_ordering
class SortEntry:
    """A row with its keys; rows that are equal stay in the order they came in."""

    __slots__ = ("keys", "number", "row")

    def __init__(self, keys, number, row):
        self.keys = keys
        self.number = number
        self.row = row

    def __eq__(self, other):
        return self.keys == other.keys and self.number == other.number

    def __lt__(self, other):
        for mine, theirs in zip(self.keys, other.keys):
            if mine < theirs:
                return True
            if theirs < mine:
                return False
        return self.number < other.number


@operator(plans.Sort)
class SortOperator(Operator):
    def entries(self):
        items = self.plan.keys
        for number, row in enumerate(self.child):
            keys = []
            for item in items:
                nulls_first = None if item.nulls is None else item.nulls == "first"
                keys.append(SortKey(self.evaluate(item.expr, row), item.descending, nulls_first))
            yield SortEntry(keys, number, row)

    def rows(self):
        top = None
        if self.plan.top is not None:
            top = self.context.constant(self.plan.top, "LIMIT")
        if top is not None:
            ordered = heapq.nsmallest(top, self.entries())
        else:
            ordered = sorted(self.entries())
        for entry in ordered:
            yield entry.row


@operator(plans.Project)
class ProjectOperator(Operator):
    def rows(self):
        exprs = self.plan.exprs
        for row in self.child:
            yield Row(self.schema, [self.evaluate(expr, row) for expr in exprs])


def row_key(row):
    return tuple(join_key(value) for value in row)


@operator(plans.Distinct)
class DistinctOperator(Operator):
    def open(self):
        self.seen = set()

    def rows(self):
        for row in self.child:
            key = row_key(row)
            if key not in self.seen:
                self.seen.add(key)
                yield row


@operator(plans.Limit)
class LimitOperator(Operator):
    def rows(self):
        count = None
        if self.plan.count is not None:
            count = self.context.constant(self.plan.count, "LIMIT")
        offset = 0
        if self.plan.offset is not None:
            offset = self.context.constant(self.plan.offset, "OFFSET") or 0
        if count == 0:
            return
        for number, row in enumerate(self.child):
            if number < offset:
                continue
            yield row
            if count is not None and number + 1 >= offset + count:
                return


@operator(plans.Combine)
class CombineOperator(Operator):
    """UNION, EXCEPT and INTERSECT; with ALL, rows are counted."""

    def rows(self):
        left, right = self.inputs
        op, keep_all = self.plan.op, self.plan.keep_all
        if op == "union":
            seen = set()
            for side in (left, right):
                for row in side:
                    key = row_key(row)
                    if keep_all or key not in seen:
                        seen.add(key)
                        yield self.retag(row)
            return
        counts = {}
        for row in right:
            key = row_key(row)
            counts[key] = counts.get(key, 0) + 1
        seen = set()
        for row in left:
            key = row_key(row)
            present = counts.get(key, 0) > 0
            if keep_all:
                if present:
                    counts[key] -= 1
            elif key in seen:
                continue
            seen.add(key)
            if present == (op == "intersect"):
                yield self.retag(row)


def build(plan, context):
    """The operator of a plan node, with those of its children below it."""
    cls = OPERATORS.get(type(plan))
    if cls is None:
        raise ExecutionError("there is no operator for %s" % plan.describe())
    return cls(plan, context)


def execute(plan, context):
    rows = []
    for row in build(plan, context):
        rows.append(row)
        if context.max_rows is not None and len(rows) > context.max_rows:
            raise ExecutionError("the query gives more than %d rows" % context.max_rows)
    return rows
