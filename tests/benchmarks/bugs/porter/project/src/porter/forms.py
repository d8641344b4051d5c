"""Forms: declared fields, cleaning, errors, and HTML."""
import csv
import html
import io
import re
from datetime import datetime, timedelta, timezone

from .orm.fields import ValidationError

EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", re.IGNORECASE)
_DURATION = re.compile(r"(\d+)\s*([dhm])")
UNIT_MINUTES = {"d": 1440, "h": 60, "m": 1}


class FormField:
    input_type = "text"
    _created = 0

    def __init__(self, required=True, label=None, initial=None, help_text="", validators=()):
        FormField._created += 1
        self.order = FormField._created
        self.required = required
        self.label = label
        self.initial = initial
        self.help_text = help_text
        self.validators = list(validators)
        self.name = None

    def bind(self, name):
        self.name = name
        if self.label is None:
            self.label = name.replace("_", " ").capitalize()

    def get_initial(self):
        return self.initial() if callable(self.initial) else self.initial

    def extract(self, data, files):
        return data.get(self.name, "")

    def is_empty(self, raw):
        return raw in (None, "", [])

    def clean(self, raw):
        if isinstance(raw, str):
            raw = raw.strip()
        if self.is_empty(raw):
            if self.required:
                raise ValidationError("this field is required", self.name)
            return self.empty_value()
        value = self.convert(raw)
        for check in self.validators:
            check(value)
        return value

    def empty_value(self):
        return None

    def convert(self, raw):
        return raw

    def has_changed(self, initial, value):
        return (initial or None) != (value or None)

    def display(self, value):
        return "" if value is None else str(value)

    def attributes(self):
        found = {"type": self.input_type, "name": self.name, "id": "id_" + self.name}
        if self.required:
            found["required"] = "required"
        return found

    def widget(self, value):
        attributes = dict(self.attributes(), value=self.display(value))
        return "<input %s>" % " ".join('%s="%s"' % (key, html.escape(str(text)))
                                       for key, text in attributes.items())


class TextField(FormField):
    def __init__(self, max_length=None, min_length=0, **kwargs):
        super().__init__(**kwargs)
        self.max_length = max_length
        self.min_length = min_length

    def empty_value(self):
        return ""

    def convert(self, raw):
        if self.max_length is not None and len(raw) > self.max_length:
            raise ValidationError("at most %d characters are allowed" % self.max_length, self.name)
        if len(raw) < self.min_length:
            raise ValidationError("at least %d characters are needed" % self.min_length, self.name)
        return raw

    def attributes(self):
        found = super().attributes()
        if self.max_length:
            found["maxlength"] = self.max_length
        return found


class TextArea(TextField):
    def widget(self, value):
        return '<textarea name="%s" id="id_%s">%s</textarea>' % (
            self.name, self.name, html.escape(self.display(value)))

    def convert(self, raw):
        return super().convert(raw.replace("\r\n", "\n"))


class EmailField(TextField):
    input_type = "email"

    def convert(self, raw):
        value = super().convert(raw)
        if not EMAIL.match(value):
            raise ValidationError("this is not an e-mail address", self.name)
        return value.lower()


class NumberField(FormField):
    input_type = "number"

    def __init__(self, minimum=None, maximum=None, **kwargs):
        super().__init__(**kwargs)
        self.minimum = minimum
        self.maximum = maximum

    def convert(self, raw):
        try:
            value = int(raw)
        except ValueError:
            raise ValidationError("this is not a number", self.name) from None
        if self.minimum is not None and value < self.minimum:
            raise ValidationError("at least %d, please" % self.minimum, self.name)
        if self.maximum is not None and value > self.maximum:
            raise ValidationError("at most %d, please" % self.maximum, self.name)
        return value


class CheckBox(FormField):
    input_type = "checkbox"

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def extract(self, data, files):
        return data.get(self.name, "")

    def empty_value(self):
        return False

    def convert(self, raw):
        return str(raw).lower() in ("1", "true", "on", "yes")


class SelectField(FormField):
    """One of some choices: values, or (value, label) pairs, or a function that returns these."""

    def __init__(self, choices=(), coerce=str, **kwargs):
        super().__init__(**kwargs)
        self._choices = choices
        self.coerce = coerce

    @property
    def choices(self):
        found = self._choices() if callable(self._choices) else self._choices
        return [one if isinstance(one, tuple) else (one, str(one).replace("_", " "))
                for one in found]

    def convert(self, raw):
        try:
            value = self.coerce(raw)
        except (TypeError, ValueError):
            raise ValidationError("invalid choice", self.name) from None
        if value not in [one for one, _ in self.choices]:
            raise ValidationError("%s is not one of the choices" % raw, self.name)
        return value

    def widget(self, value):
        options = []
        for one, label in self.choices:
            mark = " selected" if one == value else ""
            options.append('<option value="%s"%s>%s</option>' % (html.escape(str(one)), mark,
                                                                 html.escape(label)))
        return '<select name="%s" id="id_%s">%s</select>' % (self.name, self.name,
                                                             "".join(options))


class TagsField(FormField):
    """Comma-separated words; lower case, each of them once."""

    def empty_value(self):
        return []

    def convert(self, raw):
        found = []
        for part in raw.split(","):
            tag = part.strip().lower()
            if tag and tag not in found:
                found.append(tag)
        return found

    def display(self, value):
        return ", ".join(value or ())


class DurationInput(FormField):
    """``1d 4h``, ``90m`` -> timedelta"""

    def convert(self, raw):
        minutes, rest = 0, raw.lower()
        for match in _DURATION.finditer(raw.lower()):
            minutes += int(match.group(1)) * UNIT_MINUTES[match.group(2)]
            rest = rest.replace(match.group(0), "", 1)
        if rest.strip() or not minutes:
            raise ValidationError("write a time like 1d 4h or 90m", self.name)
        return timedelta(minutes=minutes)


class DateInput(FormField):
    input_type = "date"

    def convert(self, raw):
        try:
            moment = datetime.fromisoformat(raw)
        except ValueError:
            raise ValidationError("write a date like 2024-03-31", self.name) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)

    def display(self, value):
        return value.strftime("%Y-%m-%d") if value else ""


class CsvUpload(FormField):
    """An uploaded CSV file with a header line; cleaned into a list of dictionaries."""
    input_type = "file"

    def __init__(self, columns=(), **kwargs):
        super().__init__(**kwargs)
        self.columns = columns

    def extract(self, data, files):
        return files.get(self.name)

    def convert(self, raw):
        try:
            text = raw.text("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.text("latin-1")
        reader = csv.DictReader(io.StringIO(text))
        missing = [column for column in self.columns if column not in (reader.fieldnames or ())]
        if missing:
            raise ValidationError("the file has no column " + ", ".join(missing), self.name)
        return [row for row in reader if any(row.values())]


class FormMeta(type):
    def __new__(mcls, name, bases, namespace):
        own = {key: value for key, value in namespace.items() if isinstance(value, FormField)}
        for key in own:
            del namespace[key]
        cls = super().__new__(mcls, name, bases, namespace)
        fields = {}
        for base in reversed(cls.__mro__[1:]):
            fields.update(getattr(base, "declared", {}))
        fields.update(own)
        cls.declared = dict(sorted(fields.items(), key=lambda item: item[1].order))
        for key, field in own.items():
            field.bind(key)
        return cls


class Form(metaclass=FormMeta):
    """Values from a request, checked against the declared fields."""

    def __init__(self, data=None, files=None, initial=None):
        self.data = data
        self.files = files or {}
        self.initial = dict(initial or {})
        self.fields = dict(self.declared)
        self.cleaned = {}
        self._errors = None

    @property
    def is_bound(self):
        return self.data is not None or bool(self.files)

    @property
    def errors(self):
        if self._errors is None:
            self.run()
        return self._errors

    def run(self):
        self._errors = {}
        self.cleaned = {}
        if not self.is_bound:
            return
        for name, field in self.fields.items():
            try:
                self.cleaned[name] = field.clean(field.extract(self.data or {}, self.files))
                extra = getattr(self, "clean_" + name, None)
                if extra is not None:
                    self.cleaned[name] = extra(self.cleaned[name])
            except ValidationError as error:
                self.cleaned.pop(name, None)
                self.add_error(name, error.message)
        if not self._errors:
            try:
                self.clean()
            except ValidationError as error:
                self.add_error(error.field or "__all__", error.message)

    def clean(self):
        """Checks that need more than one field."""

    def add_error(self, name, message):
        self._errors.setdefault(name, []).append(message)

    def is_valid(self):
        return self.is_bound and not self.errors

    def value_of(self, name):
        if self.is_bound and self.data is not None and name in self.data:
            return self.data.get(name)
        if name in self.initial:
            return self.initial[name]
        return self.fields[name].get_initial()

    def changed(self):
        """The names of the fields whose cleaned value is not the initial one."""
        return [name for name, field in self.fields.items()
                if name in self.cleaned
                and field.has_changed(self.initial.get(name), self.cleaned[name])]

    def error_list(self):
        return ["%s: %s" % (self.fields[name].label if name in self.fields else "form", message)
                for name, messages in self.errors.items() for message in messages]

    def render(self):
        rows = []
        for name, field in self.fields.items():
            value = self.value_of(name)
            problem = "".join("<em>%s</em>" % html.escape(text)
                              for text in (self.errors.get(name, ()) if self.is_bound else ()))
            rows.append('<p><label for="id_%s">%s</label>%s%s</p>'
                        % (name, html.escape(field.label), field.widget(value), problem))
        return "\n".join(rows)
