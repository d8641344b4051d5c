"""Models: a metaclass that collects fields, and the tables behind it."""
from itertools import count

from .fields import ColumnAlias, Field, ForeignKey, ValidationError
from .query import QuerySet


class IntegrityError(Exception):
    pass


class Table:
    """Rows by primary key, with an index for every unique column."""

    def __init__(self, name, unique=()):
        self.name = name
        self.rows = {}
        self.unique = {column: {} for column in unique}
        self._keys = count(1)

    def next_key(self):
        return next(self._keys)

    def check_unique(self, row, key):
        for column, index in self.unique.items():
            value = row.get(column)
            if value is not None and index.get(value, key) != key:
                raise IntegrityError("%s: there is already a row with %s = %r"
                                     % (self.name, column, value))

    def store(self, key, row):
        self.check_unique(row, key)
        self._forget(key)
        self.rows[key] = row
        for column, index in self.unique.items():
            if row.get(column) is not None:
                index[row[column]] = key

    def _forget(self, key):
        old = self.rows.get(key)
        if old is None:
            return
        for column, index in self.unique.items():
            if index.get(old.get(column)) == key:
                del index[old[column]]

    def remove(self, key):
        self._forget(key)
        self.rows.pop(key, None)


class Database:
    """All the tables.  ``snapshot`` and ``restore`` make cheap transactions."""

    def __init__(self):
        self.tables = {}

    def table(self, model):
        name = model._meta.table
        if name not in self.tables:
            unique = [field.column for field in model._meta.fields.values() if field.unique]
            self.tables[name] = Table(name, unique)
        return self.tables[name]

    def clear(self):
        self.tables.clear()

    def snapshot(self):
        return {name: (dict(table.rows), {column: dict(index)
                                          for column, index in table.unique.items()})
                for name, table in self.tables.items()}

    def restore(self, saved):
        for name, table in self.tables.items():
            rows, unique = saved.get(name, ({}, {column: {} for column in table.unique}))
            table.rows = dict(rows)
            table.unique = {column: dict(index) for column, index in unique.items()}

    def atomic(self):
        return Transaction(self)


class Transaction:
    def __init__(self, database):
        self.database = database
        self.saved = None

    def __enter__(self):
        self.saved = self.database.snapshot()
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            self.database.restore(self.saved)
        return False


default_database = Database()


class Options:
    def __init__(self, name, fields, meta):
        self.fields = fields
        self.table = getattr(meta, "table", name.lower() + "s")
        self.ordering = tuple(getattr(meta, "ordering", ("pk",)))
        self.label = getattr(meta, "label", name.lower())

    def foreign_keys(self):
        return [field for field in self.fields.values() if isinstance(field, ForeignKey)]


class Manager:
    """``Model.objects``: starts query sets.  Subclasses add selections."""

    def __init__(self):
        self.model = None

    def contribute(self, model):
        self.model = model

    def get_queryset(self):
        return QuerySet(self.model)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.get_queryset(), name)

    def __iter__(self):
        return iter(self.get_queryset())

    def __len__(self):
        return len(self.get_queryset())


class RelatedManager(Manager):
    """The other side of a foreign key: ``ticket.comments``."""

    def __init__(self, model, field, instance):
        super().__init__()
        self.model = model
        self.field = field
        self.instance = instance

    def get_queryset(self):
        return self.model.objects.get_queryset().filter(**{self.field.name: self.instance.pk})

    def create(self, **values):
        values[self.field.name] = self.instance
        return self.get_queryset().create(**values)


class ReverseRelation:
    def __init__(self, model, field):
        self.model = model
        self.field = field

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return RelatedManager(self.model, self.field, instance)


class ModelMeta(type):
    _registry = {}

    def __new__(mcls, name, bases, namespace, abstract=False):
        cls = super().__new__(mcls, name, bases, namespace)
        fields = {}
        for base in reversed(cls.__mro__[1:]):
            fields.update(getattr(getattr(base, "_meta", None), "fields", {}))
        for base in reversed(cls.__mro__):
            for key, value in vars(base).items():
                if isinstance(value, Field):
                    fields[key] = value
        cls._meta = Options(name, fields, namespace.get("Meta"))
        cls._registry = mcls._registry
        if abstract:
            return cls
        mcls._registry[name] = cls
        for field in fields.values():
            field.contribute(cls)
            if field.column != field.name:
                setattr(cls, field.column, ColumnAlias(field.column))
        manager = type(getattr(cls, "objects", Manager()))()
        manager.contribute(cls)
        cls.objects = manager
        mcls._connect(cls)
        return cls

    def __init__(cls, name, bases, namespace, abstract=False):
        super().__init__(name, bases, namespace)

    @classmethod
    def _connect(mcls, cls):
        for field in cls._meta.foreign_keys():
            if field.related_name:
                target = mcls._registry.get(field.to, None) if isinstance(field.to, str) else field.to
                if field.to == cls.__name__:
                    target = cls
                if target is not None:
                    setattr(target, field.related_name, ReverseRelation(cls, field))


class Model(metaclass=ModelMeta, abstract=True):
    database = default_database

    def __init__(self, **values):
        self._values = {}
        self._related = {}
        self._changed = set()
        self.pk = None
        for name, field in self._meta.fields.items():
            if name in values:
                setattr(self, name, values.pop(name))
            else:
                self._values[field.column] = field.to_python(field.get_default())
        if values:
            raise TypeError("%s has no field %s" % (type(self).__name__, ", ".join(sorted(values))))

    def __repr__(self):
        return "<%s %s>" % (type(self).__name__, self.pk)

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        return self.pk is not None and self.pk == other.pk

    def __hash__(self):
        return hash((type(self).__name__, self.pk))

    @classmethod
    def _from_row(cls, key, row):
        instance = cls.__new__(cls)
        instance._values = {field.column: field.from_row(row[field.column])
                            for field in cls._meta.fields.values()}
        instance._related = {}
        instance._changed = set()
        instance.pk = key
        return instance

    @classmethod
    def _load_all(cls):
        for key, row in list(cls.database.table(cls).rows.items()):
            yield cls._from_row(key, row)

    def full_clean(self):
        for field in self._meta.fields.values():
            field.validate(self._values.get(field.column))
        self.clean()

    def clean(self):
        pass

    def changed_fields(self):
        return sorted(self._changed)

    def save(self):
        self.full_clean()
        table = self.database.table(type(self))
        if self.pk is None:
            self.pk = table.next_key()
        row = {field.column: field.to_row(self._values.get(field.column))
               for field in self._meta.fields.values()}
        table.store(self.pk, row)
        self._changed.clear()
        return self

    def refresh(self):
        row = self.database.table(type(self)).rows[self.pk]
        fresh = self._from_row(self.pk, row)
        self._values = fresh._values
        self._related = {}
        self._changed.clear()
        return self

    def _referring(self):
        for model in self._registry.values():
            for field in model._meta.foreign_keys():
                if field.target is type(self):
                    yield field, model.objects.filter(**{field.name: self.pk})

    def delete(self):
        for field, referring in self._referring():
            if not referring.exists():
                continue
            if field.on_delete == "cascade":
                referring.delete()
            elif field.on_delete == "null":
                referring.update(**{field.name: None})
            else:
                raise IntegrityError("%r is still used by %s" % (self, referring.model.__name__))
        self.database.table(type(self)).remove(self.pk)

    def as_dict(self):
        content = {"id": self.pk}
        content.update(self._values)
        return content


def validate_positive(value):
    if value <= 0:
        raise ValidationError("must be positive")
