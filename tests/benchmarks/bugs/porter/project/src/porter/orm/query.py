"""Query sets: lazy, chainable selections from a table."""
import operator
import re
from collections import Counter, OrderedDict


class DoesNotExist(LookupError):
    pass


class MultipleObjects(LookupError):
    pass


class FieldError(Exception):
    pass


def _text(value):
    return "" if value is None else str(value)


def _ordered(compare):
    """A comparison which is false when there is no value."""
    def check(value, wanted):
        if value is None or wanted is None:
            return False
        return compare(value, wanted)
    return check


LOOKUPS = {
    "exact": operator.eq,
    "iexact": lambda value, wanted: _text(value).lower() == _text(wanted).lower(),
    "contains": lambda value, wanted: value is not None and wanted in value,
    "icontains": lambda value, wanted: _text(wanted).lower() in _text(value).lower(),
    "startswith": lambda value, wanted: _text(value).startswith(wanted),
    "endswith": lambda value, wanted: _text(value).endswith(wanted),
    "in": lambda value, wanted: value in wanted,
    "gt": _ordered(operator.gt),
    "gte": _ordered(operator.ge),
    "lt": _ordered(operator.lt),
    "lte": _ordered(operator.le),
    "isnull": lambda value, wanted: (value is None) == bool(wanted),
    "range": lambda value, wanted: value is not None and wanted[0] <= value <= wanted[1],
    "regex": lambda value, wanted: re.search(wanted, _text(value)) is not None,
}


def resolve_path(instance, path):
    """Follow ``team__name`` from an instance; None as soon as a link is empty."""
    value = instance
    for part in path:
        if value is None:
            return None
        if part == "pk":
            value = value.pk
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            try:
                value = getattr(value, part)
            except AttributeError:
                raise FieldError("%s has no field %r" % (type(value).__name__, part)) from None
            if callable(value):
                value = value()
    return value


def split_lookup(key):
    """``team__name__icontains`` -> (["team", "name"], "icontains")"""
    parts = key.split("__")
    if len(parts) > 1 and parts[-1] in LOOKUPS:
        return parts[:-1], parts[-1]
    return parts, "exact"


def normalise(wanted):
    """Models are compared by their primary key."""
    if hasattr(wanted, "_values"):
        return wanted.pk
    if isinstance(wanted, QuerySet):
        return set(wanted.keys())
    if isinstance(wanted, (list, tuple, set, frozenset)):
        return [normalise(one) for one in wanted]
    return wanted


class Q:
    """A condition; combined with ``&``, ``|`` and ``~``."""

    def __init__(self, *children, **lookups):
        self.children = list(children)
        self.children.extend(sorted(lookups.items()))
        self.connector = "and"
        self.negated = False

    @classmethod
    def _combine(cls, left, right, connector):
        combined = cls(left, right)
        combined.connector = connector
        return combined

    def __and__(self, other):
        return self._combine(self, other, "and")

    def __or__(self, other):
        return self._combine(self, other, "or")

    def __invert__(self):
        inverted = Q(self)
        inverted.negated = True
        return inverted

    def matches(self, instance):
        test = all if self.connector == "and" else any
        result = test(self._check(child, instance) for child in self.children)
        return not result if self.negated else result

    def _check(self, child, instance):
        if isinstance(child, Q):
            return child.matches(instance)
        key, wanted = child
        path, lookup = split_lookup(key)
        value = normalise(resolve_path(instance, path))
        return bool(LOOKUPS[lookup](value, normalise(wanted)))

    def __repr__(self):
        joiner = " %s " % self.connector
        text = joiner.join(repr(child) for child in self.children)
        return "%s(%s)" % ("not " if self.negated else "", text)


class SortKey:
    """A value for sorting: empty ones come last, descending or not."""
    __slots__ = ("value", "descending")

    def __init__(self, value, descending):
        self.value = value
        self.descending = descending

    def __lt__(self, other):
        if self.value is None or other.value is None:
            return self.value is not None and other.value is None
        if self.descending:
            return other.value < self.value
        return self.value < other.value

    def __eq__(self, other):
        return self.value == other.value


class QuerySet:
    """Selects from all the objects of a model; nothing is read before it is iterated."""

    def __init__(self, model, conditions=(), ordering=None, window=None):
        self.model = model
        self._conditions = list(conditions)
        self._ordering = ordering
        self._window = window
        self._reversed = False
        self._distinct = None
        self._annotations = OrderedDict()
        self._prefetch = ()
        self._result = None

    # chaining

    def _clone(self):
        clone = type(self)(self.model, self._conditions, self._ordering, self._window)
        clone._reversed = self._reversed
        clone._distinct = self._distinct
        clone._annotations = OrderedDict(self._annotations)
        clone._prefetch = self._prefetch
        return clone

    def all(self):
        return self._clone()

    def none(self):
        return self.filter(pk__in=[])

    def filter(self, *conditions, **lookups):
        clone = self._clone()
        clone._conditions.extend(conditions)
        if lookups:
            clone._conditions.append(Q(**lookups))
        return clone

    def exclude(self, *conditions, **lookups):
        clone = self._clone()
        clone._conditions.append(~Q(*conditions, **lookups))
        return clone

    def order_by(self, *names):
        clone = self._clone()
        clone._ordering = names
        clone._reversed = False
        return clone

    def reverse(self):
        clone = self._clone()
        clone._reversed = not self._reversed
        return clone

    def distinct(self, *names):
        clone = self._clone()
        clone._distinct = names
        return clone

    def annotate(self, **functions):
        """Add computed attributes: ``annotate(age=lambda ticket: ...)``"""
        clone = self._clone()
        clone._annotations.update(functions)
        return clone

    def select_related(self, *names):
        clone = self._clone()
        clone._prefetch = self._prefetch + names
        return clone

    def limit(self, count, offset=0):
        clone = self._clone()
        clone._window = (offset, None if count is None else offset + count)
        return clone

    def __or__(self, other):
        keys = set(self.keys()) | set(other.keys())
        return type(self)(self.model, [Q(pk__in=keys)], self._ordering)

    # evaluation

    def _sorted(self, found):
        names = self._ordering if self._ordering is not None else self.model._meta.ordering
        for name in reversed(tuple(names)):
            descending = name.startswith("-")
            path = name.lstrip("-").split("__")
            found.sort(key=lambda one: SortKey(normalise(resolve_path(one, path)), descending))
        if self._reversed:
            found.reverse()
        return found

    def _unique(self, found):
        seen = set()
        for instance in found:
            key = tuple(normalise(resolve_path(instance, name.split("__")))
                        for name in self._distinct)
            if key not in seen:
                seen.add(key)
                yield instance

    def _load_related(self, found):
        for name in self._prefetch:
            field = self.model._meta.fields[name]
            wanted = {one._values.get(field.column) for one in found} - {None}
            related = field.target.objects.in_bulk(wanted)
            for one in found:
                key = one._values.get(field.column)
                if key is not None:
                    one._related[name] = related[key]

    def _fetch(self):
        if self._result is not None:
            return self._result
        found = []
        for instance in self.model._load_all():
            for name, function in self._annotations.items():
                setattr(instance, name, function(instance))
            if all(condition.matches(instance) for condition in self._conditions):
                found.append(instance)
        found = self._sorted(found)
        if self._distinct:
            found = list(self._unique(found))
        if self._window is not None:
            start, stop = self._window
            found = found[start:stop]
        self._load_related(found)
        self._result = found
        return found

    def __iter__(self):
        return iter(self._fetch())

    def __len__(self):
        return len(self._fetch())

    def __bool__(self):
        return bool(self._fetch())

    def __contains__(self, instance):
        return instance.pk in set(self.keys())

    def __getitem__(self, index):
        if isinstance(index, slice):
            if index.step is not None or (index.start or 0) < 0 or (index.stop or 0) < 0:
                return self._fetch()[index]
            base = self._window[0] if self._window else 0
            end = self._window[1] if self._window else None
            start = base + (index.start or 0)
            stop = end if index.stop is None else base + index.stop
            if end is not None and stop is not None:
                stop = min(stop, end)
            clone = self._clone()
            clone._window = (start, stop)
            return clone
        return self._fetch()[index]

    def __repr__(self):
        return "<QuerySet of %s: %r>" % (self.model.__name__, self._conditions)

    def keys(self):
        return [instance.pk for instance in self._fetch()]

    def count(self):
        return len(self._fetch())

    def exists(self):
        return bool(self._fetch())

    def first(self):
        found = self._fetch()
        return found[0] if found else None

    def last(self):
        found = self._fetch()
        return found[-1] if found else None

    def get(self, *conditions, **lookups):
        found = list(self.filter(*conditions, **lookups)[:2])
        if not found:
            raise DoesNotExist("no %s with %s" % (self.model.__name__, lookups or conditions))
        if len(found) > 1:
            raise MultipleObjects("several %s with %s" % (self.model.__name__, lookups))
        return found[0]

    def get_or_none(self, **lookups):
        return self.filter(**lookups).first()

    def values(self, *names):
        names = names or tuple(self.model._meta.fields)
        return [{name: normalise(resolve_path(one, name.split("__"))) for name in names}
                for one in self._fetch()]

    def values_list(self, *names, flat=False):
        rows = [tuple(row.values()) for row in self.values(*names)]
        if flat:
            if len(names) != 1:
                raise TypeError("flat needs exactly one name")
            return [row[0] for row in rows]
        return rows

    def in_bulk(self, keys=None):
        selected = self if keys is None else self.filter(pk__in=list(keys))
        return {one.pk: one for one in selected}

    def group_by(self, path):
        """The objects by the value of ``path``, in the order of their first appearance."""
        groups = OrderedDict()
        for one in self._fetch():
            key = normalise(resolve_path(one, path.split("__")))
            groups.setdefault(key, []).append(one)
        return groups

    def count_by(self, path):
        return Counter({key: len(group) for key, group in self.group_by(path).items()})

    def aggregate(self, path, function):
        values = [resolve_path(one, path.split("__")) for one in self._fetch()]
        values = [value for value in values if value is not None]
        return function(values) if values else None

    # writing

    def create(self, **values):
        instance = self.model(**values)
        instance.save()
        return instance

    def get_or_create(self, defaults=None, **lookups):
        found = self.filter(**lookups).first()
        if found is not None:
            return found, False
        return self.create(**{**lookups, **(defaults or {})}), True

    def update(self, **values):
        changed = 0
        for instance in self._fetch():
            for name, value in values.items():
                setattr(instance, name, value)
            instance.save()
            changed += 1
        self._result = None
        return changed

    def delete(self):
        found = list(self._fetch())
        for instance in found:
            instance.delete()
        self._result = None
        return len(found)
