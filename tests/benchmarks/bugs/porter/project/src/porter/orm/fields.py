"""Fields of models: descriptors that convert what is assigned."""
from datetime import datetime, timedelta, timezone


class ValidationError(ValueError):
    def __init__(self, message, field=None):
        super().__init__(message)
        self.message = message
        self.field = field


class Field:
    """One column.  The value lives in the ``_values`` of the instance."""
    empty_values = (None, "")

    def __init__(self, default=None, null=False, unique=False, label=None, validators=()):
        self.default = default
        self.null = null
        self.unique = unique
        self.label = label
        self.validators = list(validators)
        self.name = None
        self.model = None

    def __set_name__(self, owner, name):
        self.name = name
        self.label = self.label or name.replace("_", " ")

    def contribute(self, model):
        self.model = model

    @property
    def column(self):
        return self.name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return instance._values.get(self.column)

    def __set__(self, instance, value):
        instance._values[self.column] = self.to_python(value)
        instance._changed.add(self.column)

    def get_default(self):
        if callable(self.default):
            return self.default()
        return self.default

    def to_python(self, value):
        return value

    def to_row(self, value):
        """What is stored for ``value``."""
        return value

    def from_row(self, value):
        return value

    def validate(self, value):
        if value in self.empty_values:
            if not self.null:
                raise ValidationError("%s may not be empty" % self.label, self.name)
            return
        for check in self.validators:
            check(value)


class CharField(Field):
    def __init__(self, max_length=200, **kwargs):
        super().__init__(**kwargs)
        self.max_length = max_length

    def to_python(self, value):
        return None if value is None else str(value)

    def validate(self, value):
        super().validate(value)
        if value is not None and len(value) > self.max_length:
            raise ValidationError("%s has more than %d characters" % (self.label, self.max_length),
                                  self.name)


class IntegerField(Field):
    def to_python(self, value):
        if value is None or value == "":
            return None
        try:
            return int(value)
        except (TypeError, ValueError):
            raise ValidationError("%s must be a number" % self.label, self.name) from None


class BooleanField(Field):
    def __init__(self, default=False, **kwargs):
        super().__init__(default=default, **kwargs)

    def to_python(self, value):
        if isinstance(value, str):
            return value.lower() in ("1", "true", "yes", "on")
        return bool(value)


class ChoiceField(CharField):
    def __init__(self, choices, **kwargs):
        super().__init__(**kwargs)
        self.choices = list(choices)

    def validate(self, value):
        super().validate(value)
        if value not in self.empty_values and value not in self.choices:
            raise ValidationError("%s: %r is not one of %s"
                                  % (self.label, value, ", ".join(self.choices)), self.name)


class DateTimeField(Field):
    def to_python(self, value):
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                raise ValidationError("%s is not a date" % self.label, self.name) from None
        if isinstance(value, datetime) and value.tzinfo is None:
            value = value.replace(tzinfo=timezone.utc)
        return value


class DurationField(Field):
    """A timedelta, stored as minutes."""

    def to_python(self, value):
        if isinstance(value, (int, float)):
            return timedelta(minutes=value)
        return value

    def to_row(self, value):
        return None if value is None else int(value.total_seconds() // 60)

    def from_row(self, value):
        return None if value is None else timedelta(minutes=value)


class ListField(Field):
    """A list of strings; stored as a tuple."""
    empty_values = (None,)

    def __init__(self, **kwargs):
        kwargs.setdefault("default", list)
        super().__init__(**kwargs)

    def to_python(self, value):
        if value is None:
            return []
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return list(value)

    def to_row(self, value):
        return tuple(value or ())

    def from_row(self, value):
        return list(value)


class ForeignKey(Field):
    """A reference to another model; the column holds its primary key."""

    def __init__(self, to, related_name=None, on_delete="protect", **kwargs):
        super().__init__(**kwargs)
        self.to = to
        self.related_name = related_name
        self.on_delete = on_delete

    @property
    def column(self):
        return self.name + "_id"

    @property
    def target(self):
        if isinstance(self.to, str):
            self.to = self.model._registry[self.to]
        return self.to

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        key = instance._values.get(self.column)
        if key is None:
            return None
        cached = instance._related.get(self.name)
        if cached is None or cached.pk != key:
            cached = self.target.objects.get(pk=key)
            instance._related[self.name] = cached
        return cached

    def __set__(self, instance, value):
        instance._changed.add(self.column)
        if value is None or isinstance(value, int):
            instance._values[self.column] = value
            instance._related.pop(self.name, None)
            return
        if not isinstance(value, self.target):
            raise TypeError("%s must be a %s" % (self.name, self.target.__name__))
        instance._values[self.column] = value.pk
        instance._related[self.name] = value


class ColumnAlias:
    """``ticket.assignee_id`` next to ``ticket.assignee``."""

    def __init__(self, column):
        self.column = column

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return instance._values.get(self.column)
