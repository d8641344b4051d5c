"""The parts that are neither HTTP nor helpdesk: templates, forms, the ORM, sessions."""
import unittest
from datetime import timedelta

import pytest

from porter.clock import Clock
from porter.forms import CheckBox, DurationInput, Form, NumberField, TagsField, TextField
from porter.orm import (CharField, ForeignKey, IntegerField, IntegrityError, Model, Q,
                        ValidationError)
from porter.templating import Environment, TemplateError, TemplateSyntaxError
from porter.web.sessions import SessionStore


class Shelf(Model):
    name = CharField(unique=True)


class Book(Model):
    title = CharField(max_length=30)
    year = IntegerField(null=True)
    shelf = ForeignKey("Shelf", related_name="books", null=True)

    class Meta:
        ordering = ("title",)


@pytest.fixture
def library():
    Model.database.clear()
    upper = Shelf.objects.create(name="upper")
    Book.objects.create(title="Emma", year=1815, shelf=upper)
    Book.objects.create(title="Walden", year=1854)
    Book.objects.create(title="Beowulf", shelf=upper)
    yield upper
    Model.database.clear()


def titles(books):
    return [book.title for book in books]


class TestOrm:
    def test_lookups(self, library):
        assert titles(Book.objects.filter(year__lt=1850)) == ["Emma"]
        assert titles(Book.objects.filter(shelf__name="upper")) == ["Beowulf", "Emma"]
        assert titles(Book.objects.exclude(Q(year__isnull=True) | Q(title__icontains="MM"))) \
            == ["Walden"]

    def test_empty_values_come_last(self, library):
        assert titles(Book.objects.order_by("year")) == ["Emma", "Walden", "Beowulf"]
        assert titles(Book.objects.order_by("-year")) == ["Walden", "Emma", "Beowulf"]

    def test_slices(self, library):
        books = Book.objects.all()
        assert titles(books[1:]) == ["Emma", "Walden"]
        assert titles(books[1:][:1]) == ["Emma"]
        assert books[0].title == "Beowulf"

    def test_related(self, library):
        assert library.books.count() == 2
        library.books.create(title="Candide")
        assert titles(library.books) == ["Beowulf", "Candide", "Emma"]
        with pytest.raises(IntegrityError):
            library.delete()

    def test_unique_and_validation(self, library):
        with pytest.raises(IntegrityError):
            Shelf.objects.create(name="upper")
        with pytest.raises(ValidationError):
            Book(title="x" * 31).save()

    def test_transaction(self, library):
        with pytest.raises(RuntimeError):
            with Model.database.atomic():
                Book.objects.all().update(year=2000)
                raise RuntimeError
        assert Book.objects.filter(year=2000).count() == 0


class TemplateTests(unittest.TestCase):
    def setUp(self):
        self.env = Environment({
            "base": "<{% block title %}none{% endblock %}>{% block body %}{% endblock %}",
            "child": '{% extends "base" %}{% block body %}{{ text }}{% endblock %}',
            "bill": "{% set total = 0 %}{% for line in lines %}{{ loop.index }}. {{ line.name }}\n"
                    "{% set total = total + line.price %}{% endfor %}sum {{ total }}",
        })

    def render(self, source, **values):
        self.env.add("test", source)
        return self.env.render("test", values)

    def test_output(self):
        self.assertEqual(self.render("{{ a }} {{ b.c|upper }}", a="<", b={"c": "x"}), "&lt; X")

    def test_inheritance(self):
        self.assertEqual(self.env.render("child", text="hi"), "<none>hi")

    def test_running_total(self):
        lines = [{"name": "nuts", "price": 3}, {"name": "bolts", "price": 4}]
        text = self.env.render("bill", lines=lines)
        self.assertEqual(text.split("\n")[-1], "sum 7")

    def test_loop_over_a_generator(self):
        text = self.render("{% for n in numbers %}{{ n }}{% if not loop.last %},{% endif %}"
                           "{% endfor %}", numbers=(n * n for n in range(4)))
        self.assertEqual(text, "0,1,4,9")

    def test_conditions(self):
        source = "{% if a and not b == 2 %}x{% elif a in c %}y{% else %}z{% endif %}"
        self.assertEqual(self.render(source, a=1, b=3, c=[]), "x")
        self.assertEqual(self.render(source, a=1, b=2, c=[1]), "y")
        self.assertEqual(self.render(source), "z")

    def test_macro(self):
        source = '{% macro tag(name, text) %}<{{ name }}>{{ text }}{% endmacro %}{{ tag("b", x) }}'
        self.assertEqual(self.render(source, x="&"), "<b>&amp;")

    def test_errors(self):
        with self.assertRaises(TemplateSyntaxError) as caught:
            self.render("a\n{% if x %}\nb")
        self.assertEqual(caught.exception.line, 2)
        with self.assertRaises(TemplateError):
            self.render("{{ x|nonsense }}")


class OrderForm(Form):
    name = TextField(min_length=2)
    amount = NumberField(minimum=1, maximum=9)
    gift = CheckBox()
    tags = TagsField(required=False)
    within = DurationInput(required=False)

    def clean_name(self, value):
        if value == "nobody":
            raise ValidationError("somebody, please")
        return value


class TestForms:
    def test_valid(self):
        form = OrderForm({"name": " Kim ", "amount": "3", "tags": "A, b,a", "within": "1d 2h"})
        assert form.is_valid()
        assert form.cleaned == {"name": "Kim", "amount": 3, "gift": False, "tags": ["a", "b"],
                                "within": timedelta(hours=26)}

    @pytest.mark.parametrize("name, value, part", [
        ("name", "", "required"), ("name", "x", "at least 2"), ("name", "nobody", "somebody"),
        ("amount", "ten", "not a number"), ("amount", "10", "at most 9"), ("within", "soon", "1d"),
    ])
    def test_errors(self, name, value, part):
        form = OrderForm({"name": "Kim", "amount": "3", name: value})
        assert not form.is_valid()
        assert part in form.errors[name][0]

    def test_changed(self):
        form = OrderForm({"name": "Kim", "amount": "4"}, initial={"name": "Kim", "amount": 3})
        form.run()
        assert form.changed() == ["amount"]


class TestSessions:
    @pytest.fixture
    def store(self):
        return SessionStore("secret", Clock(), lifetime=600)

    def remember(self, store, **values):
        session = store.create()
        for name, value in values.items():
            session[name] = value
        store.save(session)
        return store.sign(session.key)

    def test_unsaved_changes_are_lost(self, store):
        cookie = self.remember(store, cart=["nuts"])
        store.load(cookie)["cart"].append("bolts")
        assert store.load(cookie)["cart"] == ["nuts"]

    def test_forged(self, store):
        cookie = self.remember(store, user=1)
        assert store.load(cookie[:-1] + "!").is_new

    def test_lifetime(self, store):
        cookie = self.remember(store, user=1)
        store.clock.advance(minutes=10)
        assert store.load(cookie).get("user") == 1
        store.clock.advance(seconds=1)
        assert store.load(cookie).get("user") is None
