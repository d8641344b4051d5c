"""Calls that do not fit: real crashes, the signature they did not fit, and the edit that makes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from snapfix.diagnosis import Applicability, Confidence

from .crashing import crash

CERTAIN = {
    "self missing in a method": (
        {
            "cart.py": """
                class Cart:
                    def __init__(self):
                        self.items = []

                    def add(item, quantity):
                        self.items.append((item, quantity))

                    def total(self):
                        return len(self.items)
            """,
            "app.py": """
                from cart import Cart


                def main():
                    cart = Cart()
                    cart.add("tea", 2)
                    print(cart.total())


                main()
            """,
        },
        ("cart.py", 5),
    ),
    "self missing in a method without parameters": (
        {
            "app.py": """
                class Timer:
                    def start():
                        print("started")

                    def stop(self):
                        print("stopped")


                def run(timer):
                    timer.start()
                    timer.stop()


                run(Timer())
            """
        },
        ("app.py", 2),
    ),
    "self missing and a keyword argument": (
        {
            "app.py": """
                class Account:
                    def __init__(self):
                        self.balance = 0

                    def deposit(
                        amount, note=""
                    ):
                        print(amount, note)


                account = Account()
                account.deposit(amount=5)
            """
        },
        ("app.py", 5),
    ),
    "self passed twice": (
        {
            "app.py": """
                class Report:
                    def __init__(self, rows):
                        self.rows = rows

                    def line(self, row):
                        return f"- {row}"

                    def text(self):
                        return [self.line(self, row) for row in self.rows]


                print(Report([1, 2]).text())
            """
        },
        ("app.py", 9),
    ),
    "self passed to super": (
        {
            "base.py": """
                class Shape:
                    def __init__(self, name):
                        self.name = name
            """,
            "app.py": """
                from base import Shape


                class Circle(Shape):
                    def __init__(self, radius):
                        super().__init__(self, "circle")
                        self.radius = radius


                print(Circle(2).name)
            """,
        },
        ("app.py", 6),
    ),
    "a constructor with one underscore": (
        {
            "app.py": """
                class Dog:
                    def _init_(self, name):
                        self.name = name


                def greet(name):
                    dog = Dog(name)
                    return dog.name


                print(greet("Rex"))
            """
        },
        ("app.py", 2),
    ),
    "a constructor called __int__": (
        {
            "pets.py": """
                class Cat:
                    def __int__(self, name, age):
                        self.name = name
                        self.age = age
            """,
            "app.py": """
                import pets

                cats = [pets.Cat(name, 3) for name in ("Tom", "Kit")]
                print(cats[0].name)
            """,
        },
        ("pets.py", 2),
    ),
    "a class that was not instantiated": (
        {
            "app.py": """
                class Counter:
                    value = 0

                    def increment(self):
                        self.value += 1
                        return self.value


                def main():
                    counter = Counter
                    print(counter.increment())


                main()
            """
        },
        ("app.py", 10),
    ),
    "a method called on the class beside an object": (
        {
            "app.py": """
                class Cart:
                    def __init__(self, items):
                        self.items = items

                    def total(self):
                        return sum(self.items)


                def main():
                    cart = Cart([1, 2])
                    print(Cart.total())


                main()
            """
        },
        ("app.py", 11),
    ),
    "a keyword in British spelling": (
        {
            "paint.py": """
                def draw(shape, *, color="black", width=1):
                    return f"{shape} in {color}, {width}"
            """,
            "app.py": """
                from paint import draw


                def main():
                    print(draw("circle", colour="red"))


                main()
            """,
        },
        ("app.py", 5),
    ),
    "a misspelt field of a dataclass": (
        {
            "models.py": """
                from dataclasses import dataclass, field


                @dataclass
                class User:
                    name: str
                    email: str = ""
                    tags: list = field(default_factory=list)
            """,
            "app.py": """
                import models


                def load():
                    return [models.User(name="ada", emial="ada@example.org")]


                print(load())
            """,
        },
        ("app.py", 5),
    ),
    "a keyword handed on by a decorator": (
        {
            "app.py": """
                import functools


                def logged(function):
                    @functools.wraps(function)
                    def wrapper(*args, **kwargs):
                        return function(*args, **kwargs)

                    return wrapper


                @logged
                def connect(host, timeout=10):
                    return host, timeout


                print(connect("localhost", tiemout=5))
            """
        },
        ("app.py", 17),
    ),
    "a keyword in a dictionary": (
        {
            "app.py": """
                OPTIONS = {"height": 3, "widht": 4}


                def area(height, width):
                    return height * width


                print(area(**OPTIONS))
            """
        },
        ("app.py", 1),
    ),
    "a misspelt parameter": (
        {
            "app.py": """
                def greet(name, greting="Hello"):
                    return f"{greeting} {name}"


                def main():
                    print(greet("ada", greeting="Hi"))


                main()
            """
        },
        ("app.py", 1),
    ),
}


@pytest.mark.parametrize(("files", "where"), CERTAIN.values(), ids=CERTAIN)
def test_makes_the_call_fit(tmp_path: Path, files: dict[str, str], where: tuple[str, int]) -> None:
    crashed = crash(tmp_path, files)
    assert crashed.rule in ("type.call-signature", "type.unexpected-keyword")
    assert crashed.where == where
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.fix.applicability is Applicability.SAFE
    rerun = crashed.apply_and_rerun()
    assert rerun.returncode == 0, rerun.stderr


TO_LOOK_AT = {
    "an argument that is at hand": {
        "tax.py": """
            def gross(amount, rate):
                return amount * (1 + rate)
        """,
        "app.py": """
            from tax import gross


            def invoice(amounts, rate):
                return [gross(amount) for amount in amounts]


            print(invoice([100, 200], 0.2))
        """,
    },
    "an argument of super().__init__": {
        "app.py": """
            class Animal:
                def __init__(self, name, legs):
                    self.name = name
                    self.legs = legs


            class Bird(Animal):
                def __init__(self, name, legs=2):
                    super().__init__(name)


            print(Bird("robin").legs)
        """,
    },
    "a tuple for two parameters": {
        "app.py": """
            def distance(x, y):
                return (x * x + y * y) ** 0.5


            def main():
                point = (3, 4)
                print(distance(point))


            main()
        """,
    },
    "elements for one list": {
        "app.py": """
            def average(numbers):
                return sum(numbers) / len(numbers)


            def main():
                print(average(1, 2, 3))


            main()
        """,
    },
    "an argument given twice": {
        "app.py": """
            def power(base, exponent):
                return base**exponent


            def cube(number):
                return power(number, base=3)


            print(cube(2))
        """,
    },
}


@pytest.mark.parametrize("files", TO_LOOK_AT.values(), ids=TO_LOOK_AT)
def test_proposes_a_call_that_a_person_must_look_at(tmp_path: Path, files: dict[str, str]) -> None:
    crashed = crash(tmp_path, files)
    assert crashed.rule == "type.call-signature"
    assert crashed.fix.applicability is Applicability.UNSAFE
    rerun = crashed.apply_and_rerun()
    assert rerun.returncode == 0, rerun.stderr


def test_shows_the_signature_and_a_call_that_fits(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "mail.py": """
                def send(address, subject, body):
                    return len(address + subject + body)
            """,
            "app.py": """
                import mail


                def first():
                    return mail.send("a@example.org", "Hi", "text")


                def second():
                    return mail.send("b@example.org")


                first()
                second()
            """,
        },
    )
    assert crashed.rule == "type.call-signature"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert "`subject`, `body`" in crashed.diagnosis.root_cause
    shown = {(evidence.file, evidence.line) for evidence in crashed.diagnosis.evidence}
    assert {("app.py", 9), ("mail.py", 1), ("app.py", 5)} <= shown
    assert crashed.fix.edits == ()


def test_too_many_arguments_for_a_function(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def rectangle(width, height=1):
                    return width * height


                def main():
                    print(rectangle(1, 2, 3))


                main()
            """
        },
    )
    assert crashed.rule == "type.call-signature"
    assert "it takes `width`, `height` (app.py:1)" in crashed.diagnosis.root_cause
    assert crashed.fix.edits == ()


def test_a_keyword_that_another_call_on_the_line_takes_is_not_certain(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def parse(text, strict=False):
                    return text.split() if strict else [text]


                def count(items, string=""):
                    return len(items)


                print(count(parse("a b"), strict=True))
            """
        },
    )
    assert crashed.rule == "type.unexpected-keyword"
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN
    assert "`parse()`" in crashed.diagnosis.root_cause + crashed.fix.summary


def test_a_similar_parameter_that_is_given_already_is_not_proposed(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def fetch(url, timeout=1):
                    return url, timeout


                print(fetch("x", timeout=3, timeouts=4))
            """
        },
    )
    assert crashed.rule == "type.unexpected-keyword"
    assert crashed.fix.edits == ()


def test_a_library_function_is_left_alone(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                import json


                def dump(value):
                    return json.dumps(value, ident=2)


                print(dump({}))
            """
        },
    )
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN


def test_a_static_method_is_not_given_self(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                class Tools:
                    @staticmethod
                    def double(number):
                        return number * 2


                tools = Tools()
                print(tools.double(1, 2))
            """
        },
    )
    assert crashed.rule == "type.call-signature"
    assert crashed.fix.edits == ()


def test_the_call_of_a_callback_by_a_library_is_not_blamed_on_the_line(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def order(left, right):
                    return left - right


                print(sorted([3, 1, 2], key=order))
            """
        },
    )
    assert crashed.diagnosis.fix is None or crashed.fix.applicability is not Applicability.SAFE


def test_the_suggestion_of_newer_interpreters_is_used_for_libraries(tmp_path: Path) -> None:
    program = """
        import textwrap


        def shorten(text):
            return textwrap.TextWrapper(widht=20).fill(text)


        print(shorten("some text"))
    """
    text = (
        "Traceback (most recent call last):\n"
        '  File "app.py", line 8, in <module>\n'
        '    print(shorten("some text"))\n'
        "          ~~~~~~~^^^^^^^^^^^^^\n"
        '  File "app.py", line 5, in shorten\n'
        "    return textwrap.TextWrapper(widht=20).fill(text)\n"
        "           ~~~~~~~~~~~~~~~~~~~~^^^^^^^^^^\n"
        "TypeError: TextWrapper.__init__() got an unexpected keyword argument 'widht'. Did you mean 'width'?\n"
    )
    crashed = crash(tmp_path, {"app.py": program}, text=text)
    assert crashed.rule == "type.unexpected-keyword"
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.apply_and_rerun().returncode == 0


def test_a_decorated_method_is_not_given_self(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def unbound(function):
                    return staticmethod(function)


                class Shop:
                    @unbound
                    def price(item):
                        return len(item)


                print(Shop().price("tea", 2))
            """
        },
    )
    assert crashed.rule == "type.call-signature"
    assert crashed.fix.edits == ()


def test_class_variables_are_no_fields(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                from dataclasses import dataclass
                from typing import ClassVar


                @dataclass
                class Job:
                    retries: ClassVar[int] = 3
                    name: str = ""


                print(Job(retrys=4))
            """
        },
    )
    assert crashed.rule == "type.unexpected-keyword"
    assert crashed.fix.edits == ()


def test_a_method_without_self_that_is_also_called_on_its_class_becomes_static(tmp_path: Path) -> None:
    app = """
        class Util:
            def double(x):
                return 2 * x


        print(Util.double(4))
        print(Util().double(3))
    """
    crashed = crash(tmp_path, {"app.py": app})
    assert "`@staticmethod`" in crashed.fix.summary
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.applicability is Applicability.UNSAFE
    assert crashed.apply_and_rerun().stdout == "8\n6\n"


def test_a_method_that_calls_self_by_another_name_gets_no_second_one(tmp_path: Path) -> None:
    app = """
        class Box:
            def fill(box):
                box.content = 1


        Box().fill(3)
    """
    crashed = crash(tmp_path, {"app.py": app})
    assert crashed.fix.edits == ()
    assert crashed.diagnosis.confidence is not Confidence.UNSURE


AREA = """
    def area(width, height, unit="m"):
        return f"{{width * height}} {{unit}}"


    print(area({arguments}))
"""


def test_all_close_keywords_of_a_call_are_corrected_together(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": AREA.format(arguments='2, units="cm", hight=3')})
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.applicability is Applicability.UNSAFE
    assert crashed.apply_and_rerun().stdout == "6 cm\n"


def test_a_keyword_that_resembles_nothing_is_not_renamed(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": AREA.format(arguments='2, hight=3, colour="red"')})
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert "no `colour` either" in crashed.diagnosis.root_cause
    assert 'height=3, colour="red"' in crashed.fixed_text("app.py")
    crashed = crash(tmp_path, {"app.py": AREA.format(arguments='2, colour="red", hight=3')})
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert "no `hight` either" in crashed.diagnosis.root_cause
    assert crashed.fix.edits == ()


def test_a_corrected_keyword_is_not_safe_while_another_argument_is_missing(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": AREA.format(arguments="hight=3")})
    assert "`width` is still not passed" in crashed.diagnosis.root_cause
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.applicability is Applicability.UNSAFE


def test_a_keyword_for_the_only_free_parameter_is_not_renamed_where_it_is_far(tmp_path: Path) -> None:
    app = 'def area(width, height):\n    return width * height\n\n\nprint(area(1, units="cm", hight=3))\n'
    crashed = crash(tmp_path, {"app.py": app})
    assert "Write" not in crashed.fix.summary
    assert crashed.diagnosis.confidence is Confidence.LIKELY


def test_a_parameter_that_misspells_a_common_word_is_corrected_itself(tmp_path: Path) -> None:
    app = """
        def resize(widht):
            return widht * 2


        print(resize(width=3))
        print(resize(width=4))
    """
    crashed = crash(tmp_path, {"app.py": app})
    assert crashed.where == ("app.py", 1)
    assert "widht" not in crashed.fixed_text("app.py")
    assert crashed.apply_and_rerun().stdout == "6\n8\n"


@pytest.mark.parametrize(("defined", "used"), [("post", "port"), ("date", "data")])
def test_one_common_word_is_not_surely_a_misspelt_keyword(tmp_path: Path, defined: str, used: str) -> None:
    app = f"def send({defined}):\n    return {defined}\n\n\nprint(send({used}=3))\n"
    crashed = crash(tmp_path, {"app.py": app})
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN
    assert crashed.fix.applicability is not Applicability.SAFE


def test_an_argument_that_is_passed_already_is_not_passed_again(tmp_path: Path) -> None:
    app = """
        def transfer(source, target, amount):
            return source, target, amount


        def main():
            amount = 3
            return transfer("b", amount)


        main()
    """
    crashed = crash(tmp_path, {"app.py": app})
    assert crashed.fix.edits == ()
    assert crashed.diagnosis.confidence is Confidence.LIKELY


def test_a_class_that_is_taken_for_its_object_is_made_one_though_the_call_passes_arguments(tmp_path: Path) -> None:
    app = """
        class Parser:
            def parse(self, line):
                return line.split()


        def main(line):
            parser = Parser
            return parser.parse(line)


        print(main("a b"))
    """
    crashed = crash(tmp_path, {"app.py": app})
    assert crashed.where == ("app.py", 7)
    assert crashed.apply_and_rerun().stdout == "['a', 'b']\n"


def test_a_static_method_that_takes_self_is_made_a_plain_one(tmp_path: Path) -> None:
    app = """
        class Box:
            side = 2

            @staticmethod
            def volume(self, height):
                return self.side**2 * height


        print(Box().volume(3))
    """
    crashed = crash(tmp_path, {"app.py": app})
    assert "`@staticmethod`" in crashed.fix.summary
    assert crashed.fix.applicability is Applicability.UNSAFE
    assert crashed.apply_and_rerun().stdout == "12\n"


def test_a_keyword_that_another_function_handed_on_is_corrected_where_it_was_written(tmp_path: Path) -> None:
    app = """
        class Exporter:
            def __init__(self, path, *, encoding="utf-8"):
                self.path = path


        class CsvExporter(Exporter):
            def __init__(self, path, delimiter=",", **kwargs):
                super().__init__(path, **kwargs)
                self.delimiter = delimiter


        print(CsvExporter("x.csv", delimeter=";").delimiter)
    """
    crashed = crash(tmp_path, {"app.py": app})
    assert crashed.where == ("app.py", 12)
    assert crashed.apply_and_rerun().stdout == ";\n"
