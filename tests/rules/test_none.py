"""A None where a value was expected: real crashes, and where each None came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from snapfix.diagnosis import Applicability, Confidence

from .crashing import crash

# --- none.missing-return ---

MISSING_RETURN = {
    "the result is built and not returned, in another file": {
        "report.py": """
            def totals_by_region(orders):
                totals = {}
                for order in orders:
                    region = order["region"]
                    totals[region] = totals.get(region, 0) + order["amount"]


            def largest(totals):
                return max(totals, key=totals.get)
        """,
        "app.py": """
            from report import largest, totals_by_region

            ORDERS = [{"region": "north", "amount": 10}, {"region": "south", "amount": 25}]


            def main():
                totals = totals_by_region(ORDERS)
                for region, amount in totals.items():
                    print(region, amount)
                print(largest(totals))


            if __name__ == "__main__":
                main()
        """,
    },
    "the result is computed into a local": {
        "app.py": """
            import math


            class Circle:
                def __init__(self, radius):
                    self.radius = radius

                def area(self):
                    squared = self.radius**2
                    area = math.pi * squared


            def describe(circle):
                return "area: " + f"{circle.area() + 0:.2f}"


            print(describe(Circle(2)))
        """,
    },
    "the last expression is not returned": {
        "app.py": """
            def celsius(fahrenheit):
                '''Convert.'''
                (fahrenheit - 32) * 5 / 9


            readings = [50, 68, 86]
            print([round(celsius(reading)) for reading in readings])
        """,
    },
    "a decorator drops the result": {
        "timing.py": """
            import functools
            import time


            def timed(function):
                @functools.wraps(function)
                def wrapper(*args, **kwargs):
                    started = time.perf_counter()
                    result = function(*args, **kwargs)
                    print(f"{function.__name__} took {time.perf_counter() - started:.0f} s")

                return wrapper
        """,
        "app.py": """
            from timing import timed


            @timed
            def load(count):
                return list(range(count))


            numbers = load(3)
            print(len(numbers))
        """,
    },
    "a decorator calls without returning": {
        "app.py": """
            def logged(function):
                def wrapper(*args):
                    print("calling", function.__name__)
                    function(*args)

                return wrapper


            @logged
            def double(values):
                return [value * 2 for value in values]


            for value in double([1, 2]):
                print(value)
        """,
    },
    "a builder without return self": {
        "query.py": """
            class Query:
                def __init__(self, table):
                    self.table = table
                    self.conditions = []
                    self.count = None

                def where(self, condition):
                    self.conditions.append(condition)
                    return self

                def limit(self, count):
                    self.count = count

                def sql(self):
                    return f"SELECT * FROM {self.table} WHERE {' AND '.join(self.conditions)} LIMIT {self.count}"
        """,
        "app.py": """
            from query import Query

            print(Query("users").where("age > 3").limit(5).sql())
        """,
    },
    "a recursion that is not returned": {
        "app.py": """
            def find(node, name):
                if node["name"] == name:
                    return node
                if node["children"]:
                    find(node["children"][0], name)
                else:
                    raise KeyError(name)


            TREE = {"name": "root", "children": [{"name": "leaf", "children": []}]}
            print(find(TREE, "leaf")["name"])
        """,
    },
    "one branch forgets the return": {
        "app.py": """
            def rate(kind):
                if kind == "gold":
                    discount = 0.2
                    return discount
                else:
                    discount = 0.1


            def price(amount, kind):
                return amount * (1 - rate(kind))


            print(price(100, "gold"))
            print(price(100, "silver"))
        """,
    },
    "a method's result passed as an argument": {
        "app.py": """
            class Basket:
                def __init__(self):
                    self.items = {}

                def add(self, name, price):
                    self.items[name] = price

                def prices(self):
                    found = []
                    for name in self.items:
                        found.append(self.items[name])


            def total(prices):
                return sum(price for price in prices)


            basket = Basket()
            basket.add("tea", 3)
            print(total(basket.prices()))
        """,
    },
    "an asynchronous function": {
        "app.py": """
            import asyncio


            async def fetch(number):
                await asyncio.sleep(0)
                reply = {"number": number}


            async def main():
                reply = await fetch(1)
                print(reply["number"])


            asyncio.run(main())
        """,
    },
}


@pytest.mark.parametrize("files", MISSING_RETURN.values(), ids=MISSING_RETURN)
def test_puts_the_missing_return_where_it_belongs(tmp_path: Path, files: dict[str, str]) -> None:
    crashed = crash(tmp_path, files)
    assert crashed.rule == "none.missing-return"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.fix.applicability is Applicability.SAFE
    rerun = crashed.apply_and_rerun()
    assert rerun.returncode == 0, rerun.stderr


DECISIONS = {
    "a search that finds nothing": (
        {
            "users.py": """
                USERS = [{"name": "ada", "mail": "ada@example.org"}]


                def find_user(name):
                    for user in USERS:
                        if user["name"] == name:
                            return user
            """,
            "app.py": """
                from users import find_user


                def greet(name):
                    user = find_user(name)
                    return "Hello " + user["mail"]


                print(greet("bob"))
            """,
        },
        ("users.py", 5),
        "ends without reaching its `return`",
    ),
    "an explicit None for a missing file": (
        {
            "config.py": """
                import json
                import os


                def load_config(path):
                    if not os.path.exists(path):
                        return None
                    with open(path) as file:
                        return dict(json.load(file))
            """,
            "app.py": """
                from config import load_config


                def main():
                    config = load_config("missing.json")
                    print(config["name"])


                main()
            """,
        },
        ("config.py", 7),
        "when `not os.path.exists(path)` is true",
    ),
    "an if chain without else": (
        {
            "app.py": """
                def shipping(country):
                    if country == "DE":
                        return 5
                    elif country == "FR":
                        return 8


                def total(amount, country):
                    return amount + shipping(country)


                print(total(20, "DE"))
                print(total(20, "IT"))
            """
        },
        ("app.py", 4),
        'when none of `country == "DE"`, `country == "FR"` holds',
    ),
    "an except branch that swallows": (
        {
            "app.py": """
                def parse(text):
                    try:
                        return [int(part) for part in text.split(",")]
                    except ValueError:
                        print("bad input")


                def largest(text):
                    numbers = parse(text)
                    return len(numbers)


                print(largest("1,x"))
            """
        },
        ("app.py", 4),
        "after catching `ValueError`",
    ),
}


@pytest.mark.parametrize(("files", "where", "reason"), DECISIONS.values(), ids=DECISIONS)
def test_names_the_way_out_that_has_no_value(
    tmp_path: Path, files: dict[str, str], where: tuple[str, int], reason: str
) -> None:
    crashed = crash(tmp_path, files)
    assert crashed.rule == "none.missing-return"
    assert reason in crashed.diagnosis.root_cause
    assert crashed.where[0] == where[0]
    assert crashed.fix.applicability is not Applicability.SAFE


def test_a_guard_says_what_was_not_found(tmp_path: Path) -> None:
    files, _, _ = DECISIONS["a search that finds nothing"]
    crashed = crash(tmp_path, files)
    assert crashed.diagnosis.location is not None
    rerun = crashed.apply_and_rerun()
    assert "NoneType" not in rerun.stderr
    assert "ValueError: find_user() returned nothing for 'bob'" in rerun.stderr


def test_follows_a_none_through_two_functions_and_a_parameter(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "store.py": """
                def lookup(stock, name):
                    for item in stock:
                        if item["name"] == name:
                            return item
                    return None


                def pick(stock, name):
                    return lookup(stock, name)
            """,
            "app.py": """
                from store import pick


                def show(item):
                    return item["name"].upper()


                def main():
                    stock = [{"name": "tea"}]
                    chosen = pick(stock, "milk")
                    print(show(chosen))


                main()
            """,
        },
    )
    assert crashed.rule == "none.missing-return"
    assert crashed.where == ("store.py", 5)
    assert "`lookup()` returns None" in crashed.diagnosis.root_cause
    assert "`pick()` hands that on" in crashed.diagnosis.root_cause
    assert ("app.py", 10) in [(evidence.file, evidence.line) for evidence in crashed.diagnosis.evidence]


def test_a_result_that_starts_as_none(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def cheapest(offers, limit):
                    best = None
                    for offer in offers:
                        if offer["price"] < limit:
                            best = offer
                    return best


                print(cheapest([{"price": 12}], 10)["price"])
            """
        },
    )
    assert crashed.rule == "none.missing-return"
    assert crashed.where == ("app.py", 2)


def test_a_none_from_an_unknown_library_is_not_explained(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                import sys


                def current():
                    return sys.gettrace()


                def main():
                    tracer = current()
                    print(tracer.name)


                main()
            """
        },
    )
    assert crashed.diagnosis.confidence is Confidence.UNSURE


def test_a_function_with_another_possible_none_is_not_certain(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                import sys


                def handler(kind):
                    if kind == "trace":
                        return sys.gettrace()
                    if kind == "none":
                        return None
                    return print


                print(handler("trace").name)
            """
        },
    )
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN
    assert crashed.fix.applicability is not Applicability.SAFE


def test_a_function_that_checked_for_none_is_not_blamed(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                import sys


                def find(name):
                    if name == "x":
                        return "y"


                def main():
                    found = find("z")
                    if found is None:
                        found = sys.gettrace()
                    print(found.upper())


                main()
            """
        },
    )
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN
    assert "find()" not in crashed.diagnosis.root_cause


# --- none.lookup-miss ---

LOOKUPS = {
    "a pattern that does not match": (
        """
        import re

        PATTERN = re.compile(r"(\\d+)-(\\d+)")


        def parse(line):
            match = PATTERN.match(line)
            return match.group(1), match.group(2)


        for line in ["1-2", "no range"]:
            print(parse(line))
        """,
        7,
        "the text does not begin with the pattern",
    ),
    "a key that is not there": (
        """
        def city(user):
            address = user.get("address")
            return address["city"]


        print(city({"name": "ada", "address": {"city": "London"}}))
        print(city({"name": "bob"}))
        """,
        2,
        "there is no such key",
    ),
    "an environment variable": (
        """
        import os


        def folder():
            home = os.environ.get("SNAPFIX_TEST_UNSET")
            return home + "/cache"


        print(folder())
        """,
        5,
        "the environment variable is not set",
    ),
    "an element that is not there": (
        """
        import xml.etree.ElementTree as ET

        TEXT = "<order><item>tea</item></order>"


        def price(text):
            root = ET.fromstring(text)
            node = root.find("price")
            return float(node.text)


        print(price(TEXT))
        """,
        8,
        "there is no such element",
    ),
    "a row that is not there": (
        """
        import sqlite3


        def name_of(connection, number):
            row = connection.execute("SELECT name FROM users WHERE id = ?", (number,)).fetchone()
            return row[0]


        connection = sqlite3.connect(":memory:")
        connection.execute("CREATE TABLE users (id INTEGER, name TEXT)")
        print(name_of(connection, 1))
        """,
        5,
        "the query has no (more) rows",
    ),
    "next with a default": (
        """
        def first_even(numbers):
            found = next((n for n in numbers if n % 2 == 0), None)
            return found * 10


        print(first_even([1, 3]))
        """,
        2,
        "there is no (more) element",
    ),
    "a program that is not installed": (
        """
        import os
        import shutil


        def folder_of(program):
            path = shutil.which(program)
            return os.path.dirname(path)


        print(folder_of("no-such-program-at-all"))
        """,
        6,
        "the program is not on the PATH",
    ),
}


@pytest.mark.parametrize(("program", "line", "reason"), LOOKUPS.values(), ids=LOOKUPS)
def test_names_the_look_up_that_found_nothing(tmp_path: Path, program: str, line: int, reason: str) -> None:
    crashed = crash(tmp_path, {"app.py": program})
    assert crashed.rule == "none.lookup-miss"
    assert crashed.where == ("app.py", line)
    assert reason in crashed.diagnosis.root_cause
    assert crashed.fix.applicability is Applicability.UNSAFE
    rerun = crashed.apply_and_rerun()
    assert "NoneType" not in rerun.stderr
    assert "ValueError" in rerun.stderr


def test_a_child_whose_output_is_not_captured(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                import subprocess
                import sys


                def version():
                    result = subprocess.run([sys.executable, "--version"], check=True)
                    return result.stdout.decode().strip()


                print(version())
            """
        },
    )
    assert crashed.rule == "none.lookup-miss"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    rerun = crashed.apply_and_rerun()
    assert rerun.returncode == 0
    assert "Python" in rerun.stdout


def test_an_option_without_a_default(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                import argparse


                def main():
                    parser = argparse.ArgumentParser()
                    parser.add_argument("--output-format")
                    args = parser.parse_args()
                    print(args.output_format.upper())


                main()
            """
        },
    )
    assert crashed.rule == "none.lookup-miss"
    rerun = crashed.apply_and_rerun()
    assert "the following arguments are required: --output-format" in rerun.stderr


# --- none.inplace-method ---

IN_PLACE = {
    "sort assigned to itself": """
        def top(scores):
            scores = scores.sort(reverse=True)
            return scores[:2]


        print(top([3, 1, 2]))
    """,
    "sort assigned to another name": """
        def median(values):
            ordered = values.sort()
            return ordered[len(ordered) // 2]


        print(median([3, 1, 2]))
    """,
    "sort returned": """
        class Board:
            def __init__(self):
                self.scores = [3, 1, 2]

            def ranking(self):
                return self.scores.sort()


        for score in Board().ranking():
            print(score)
    """,
    "append assigned to itself": """
        def collect(numbers):
            even = []
            for number in numbers:
                if number % 2 == 0:
                    even = even.append(number)
            return len(even)


        print(collect([1, 2, 4]))
    """,
    "append returned": """
        def add(items, item):
            return items.append(item)


        basket = add([], "tea")
        basket = add(basket, "milk")
        print(basket[0])
    """,
    "a loop over shuffled cards": """
        import random

        cards = ["a", "b", "c"]
        for card in random.shuffle(cards):
            print(card)
    """,
    "shuffle assigned to itself": """
        from random import shuffle


        def deal(deck):
            deck = shuffle(deck)
            return deck[0]


        print(deal([1, 2, 3]))
    """,
    "a chain on sort": """
        names = ["b", "a"]
        print(names.sort(key=str.lower).index("a"))
    """,
    "update of a dictionary": """
        def settings(overrides):
            merged = {"debug": False}
            merged = merged.update(overrides)
            return merged["debug"]


        print(settings({"debug": True}))
    """,
}


@pytest.mark.parametrize("program", IN_PLACE.values(), ids=IN_PLACE)
def test_calls_that_work_in_place_become_statements(tmp_path: Path, program: str) -> None:
    crashed = crash(tmp_path, {"app.py": program})
    assert crashed.rule == "none.inplace-method"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.fix.applicability is Applicability.SAFE
    rerun = crashed.apply_and_rerun()
    assert rerun.returncode == 0, rerun.stderr


def test_a_copy_by_append_needs_a_look(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def extended(items):
                    longer = items.append("end")
                    return longer[-1]


                print(extended(["start"]))
            """
        },
    )
    assert crashed.rule == "none.inplace-method"
    assert crashed.fix.applicability is Applicability.UNSAFE
    assert crashed.apply_and_rerun().returncode == 0


def test_an_own_method_called_append_is_not_taken_for_the_lists(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                class Log:
                    def __init__(self):
                        self.lines = []

                    def append(self, line):
                        if line:
                            self.lines.append(line)
                            return len(self.lines)


                log = Log()
                count = log.append("")
                print(count + 1)
            """
        },
    )
    assert crashed.rule == "none.missing-return"
    assert crashed.where == ("app.py", 6)


# --- none.never-set ---


def test_an_attribute_whose_setter_was_not_called(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "store.py": """
                import sqlite3


                class Store:
                    def __init__(self, path):
                        self.path = path
                        self.connection = None

                    def connect(self):
                        self.connection = sqlite3.connect(self.path)

                    def count(self):
                        return self.connection.execute("SELECT 1").fetchone()[0]
            """,
            "app.py": """
                from store import Store


                def main():
                    store = Store(":memory:")
                    print(store.count())


                main()
            """,
        },
    )
    assert crashed.rule == "none.never-set"
    assert crashed.where == ("store.py", 7)
    assert "`Store.connect()`" in crashed.diagnosis.root_cause
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.apply_and_rerun().returncode == 0


def test_a_default_of_none_that_is_used_as_a_list(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def tag(name, tags=None):
                    tags.append(name)
                    return tags


                print(tag("a", []))
                print(tag("b"))
            """
        },
    )
    assert crashed.rule == "none.never-set"
    assert crashed.apply_and_rerun().returncode == 0


def test_none_is_passed_by_the_caller(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "shop.py": """
                def price(item, discount):
                    return item - discount
            """,
            "app.py": """
                from shop import price


                def main():
                    print(price(10, 2))
                    print(price(20, None))


                main()
            """,
        },
    )
    assert crashed.rule == "none.never-set"
    assert crashed.where == ("app.py", 6)
    assert "None is passed to `price()`" in crashed.diagnosis.root_cause


def test_a_global_that_a_function_not_called_sets(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "db.py": """
                session = None


                def start():
                    global session
                    session = {"user": "ada"}


                def user():
                    return session["user"]
            """,
            "app.py": """
                import db

                print(db.user())
            """,
        },
    )
    assert crashed.rule == "none.never-set"
    assert crashed.where == ("db.py", 1)
    assert "`start()`" in crashed.diagnosis.root_cause


def test_a_file_that_changed_since_gets_no_certain_answer(tmp_path: Path) -> None:
    files = MISSING_RETURN["the result is computed into a local"]
    crashed = crash(tmp_path, files)
    text = crashed.process.stderr.replace("circle.area() + 0", "circle.area() + 1")
    changed = crash(tmp_path, files, text=text)
    assert changed.diagnosis.confidence is not Confidence.CERTAIN
    assert changed.diagnosis.fix is None or changed.fix.applicability is not Applicability.SAFE


def test_a_key_that_get_misspells_is_corrected(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "people.py": """
                def load():
                    return {"name": "ada", "address": "London"}
            """,
            "app.py": """
                from people import load


                def label(person):
                    name = person.get("naem")
                    return name.title() + ", " + person["address"]


                print(label(load()))
            """,
        },
    )
    assert crashed.rule == "none.lookup-miss"
    assert "misspelling of `'name'`" in crashed.diagnosis.root_cause
    assert crashed.fix.applicability is Applicability.SAFE
    assert crashed.apply_and_rerun().returncode == 0


def test_an_environment_variable_is_exported(tmp_path: Path) -> None:
    program, _, _ = LOOKUPS["an environment variable"]
    crashed = crash(tmp_path, {"app.py": program})
    assert crashed.fix.commands == ("export SNAPFIX_TEST_UNSET=...",)


# --- what only looks like the cause ---


def test_the_method_of_a_subclass_is_blamed_not_the_stub_that_it_overrides(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "shapes.py": """
                class Shape:
                    def area(self):
                        raise NotImplementedError

                    def describe(self):
                        return "area " + str(round(self.area(), 2))


                class Square(Shape):
                    def __init__(self, side):
                        self.side = side

                    def area(self):
                        size = self.side**2
            """,
            "app.py": """
                from shapes import Square

                print(Square(2).describe())
            """,
        },
    )
    assert crashed.rule == "none.missing-return"
    assert crashed.where == ("shapes.py", 14)
    assert crashed.apply_and_rerun().returncode == 0


def test_a_method_that_may_be_overridden_elsewhere_is_not_certain(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                class Source:
                    def read(self):
                        self.count = 1

                    def size(self):
                        return len(self.read())


                class Silent(Source):
                    def read(self):
                        return None


                print(Silent().size())
            """
        },
    )
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN


def test_a_get_that_a_class_of_the_project_defines_is_not_taken_for_a_dictionarys(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                class Cache:
                    def __init__(self):
                        self.values = {"a": [1]}

                    def get(self, name):
                        if name in self.values:
                            found = self.values[name]


                def size(caches):
                    for cache in caches.values():
                        entry = cache.get("a")
                        print(len(entry))


                size({"first": Cache()})
            """
        },
    )
    assert crashed.rule == "none.missing-return"
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN


def test_a_function_that_is_bound_in_two_ways_is_not_certain(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                import sys

                if len(sys.argv) > 5:

                    def tracer():
                        print("none")

                else:
                    tracer = sys.gettrace


                def main():
                    value = tracer()
                    print(value.name)


                main()
            """
        },
    )
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN


def test_an_attribute_that_is_set_from_outside_is_not_certain(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                class Page:
                    def __init__(self):
                        self.title = None

                    def load(self):
                        self.title = "x"


                def name(page):
                    page.title = {}.get("title")
                    return page.title.upper()


                print(name(Page()))
            """
        },
    )
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN


def test_without_carets_an_answer_is_still_given(tmp_path: Path) -> None:
    files = MISSING_RETURN["a decorator drops the result"]
    crashed = crash(tmp_path, files)
    bare = "\n".join(line for line in crashed.process.stderr.split("\n") if set(line) - set(" ^~") or not line)
    again = crash(tmp_path, files, text=bare)
    assert again.rule == "none.missing-return"
    assert again.diagnosis.location == crashed.diagnosis.location


def test_an_asynchronous_setter_that_was_called_is_to_be_awaited(tmp_path: Path) -> None:
    source = """
        import asyncio


        class Client:
            def __init__(self):
                self.session = None

            async def connect(self):
                await asyncio.sleep(0)
                self.session = {"token": "x"}

            async def get(self, path):
                return self.session["token"] + path


        async def main():
            client = Client()
            client.connect()
            print(await client.get("/users"))


        asyncio.run(main())
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "none.never-set"
    assert "not awaited" in crashed.diagnosis.root_cause
    assert crashed.fixed_text("app.py").count("client.connect()") == 1
    assert crashed.apply_and_rerun().stdout == "x/users\n"


def test_an_attribute_that_was_set_back_to_none_gets_no_second_call(tmp_path: Path) -> None:
    source = """
        class Door:
            def __init__(self):
                self.handle = None

            def open(self):
                self.handle = {"n": 1}

            def close(self):
                self.handle = None

            def use(self):
                return self.handle["n"]


        door = Door()
        door.open()
        door.close()
        print(door.use())
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert "`Door.close()` (app.py:9) sets it back to None" in crashed.diagnosis.root_cause
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.edits == ()


def test_a_decorator_returns_what_its_function_returned_not_what_it_prints(tmp_path: Path) -> None:
    source = """
        def timed(func):
            def wrapper(*args):
                func(*args)
                print(f"{func.__name__} is done")
            return wrapper


        @timed
        def load(n):
            return list(range(n))


        print(len(load(5)))
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "none.missing-return"
    assert crashed.apply_and_rerun().stdout == "load is done\n5\n"


def test_a_wrapper_that_measures_its_function_returns_what_that_returned(tmp_path: Path) -> None:
    source = """
        import time


        def timed(func):
            def wrapper(*args):
                start = time.perf_counter()
                func(*args)
                elapsed = time.perf_counter() - start
            return wrapper


        @timed
        def load(n):
            return list(range(n))


        print(len(load(5)))
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert "elapsed" not in crashed.fix.summary
    assert crashed.apply_and_rerun().stdout == "5\n"


def test_a_copy_that_is_changed_in_place_gets_a_name_first(tmp_path: Path) -> None:
    source = """
        DEFAULTS = {"host": "localhost", "port": 80}


        def settings(overrides):
            merged = DEFAULTS.copy().update(overrides)
            return merged


        print(settings({"port": 8080})["port"])
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "none.inplace-method"
    assert crashed.apply_and_rerun().stdout == "8080\n"


def test_a_conditional_expression_that_gives_none_is_explained_by_its_condition(tmp_path: Path) -> None:
    source = """
        class Series:
            def __init__(self, values):
                self.values = values

            def first(self):
                return self.values[0] if self.values else None


        print(Series([]).first().bit_length())
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert "returns None when `self.values` is false" in crashed.diagnosis.root_cause
    assert "starts with" not in crashed.fix.summary


def test_a_guard_names_the_key_that_was_looked_up(tmp_path: Path) -> None:
    source = """
        HANDLERS = {"ping": print}


        def handle(message):
            func = HANDLERS.get(message["type"])
            return func.upper()


        handle({"type": "echo"})
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert "get() found nothing for 'echo'" in crashed.apply_and_rerun().stderr
