"""KeyError: real crashes, what the key should have been, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from snapfix.diagnosis import Applicability, Confidence

from .crashing import crash

TYPOS = {
    "a literal in another file": (
        {
            "users.py": """
                def load_users():
                    return [
                        {"name": "ada", "email": "ada@example.org"},
                        {"name": "bob", "email": "bob@example.org"},
                    ]
            """,
            "app.py": """
                from users import load_users


                def addresses(users):
                    return [user["emial"] for user in users]


                def main():
                    users = load_users()
                    print(addresses(users))


                main()
            """,
        },
        ("app.py", 5),
    ),
    "another case, in a module-level constant": (
        {
            "settings.py": """
                SETTINGS = {"Timeout": 30, "Retries": 3}
            """,
            "app.py": """
                import settings


                def timeout():
                    return settings.SETTINGS["timeout"]


                print(timeout())
            """,
        },
        ("app.py", 5),
    ),
    "a hyphen for an underscore": (
        {
            "app.py": """
                def make(number):
                    record = {"kind": "user"}
                    record["user_id"] = number
                    return record


                def show(record):
                    return f"{record['kind']} {record['user-id']}"


                print(show(make(7)))
            """
        },
        ("app.py", 8),
    ),
    "a dataclass as a dictionary": (
        {
            "models.py": """
                from dataclasses import dataclass


                @dataclass
                class Point:
                    latitude: float
                    longitude: float
            """,
            "app.py": """
                from dataclasses import asdict

                from models import Point


                def show(point):
                    values = asdict(point)
                    return values["latitude"], values["longtitude"]


                home = Point(1.0, 2.0)
                print(show(home))
            """,
        },
        ("app.py", 8),
    ),
    "a dictionary in an attribute": (
        {
            "app.py": """
                class Theme:
                    def __init__(self):
                        self.colours = {"background": "white", "foreground": "black"}

                    def text(self):
                        return self.colours["forground"]


                print(Theme().text())
            """
        },
        ("app.py", 6),
    ),
    "a nested dictionary": (
        {
            "app.py": """
                CONFIG = {"database": {"host": "localhost", "port": 5432}}


                def address():
                    database = CONFIG["database"]
                    return database["host"], database["prot"]


                print(address())
            """
        },
        ("app.py", 6),
    ),
    "the key of a sort": (
        {
            "app.py": """
                PLAYERS = [{"name": "ada", "score": 3}, {"name": "bob", "score": 5}]


                def ranking(players):
                    return sorted(players, key=lambda player: player["scroe"])


                print(ranking(PLAYERS))
            """
        },
        ("app.py", 5),
    ),
    "a key in a variable": (
        {
            "app.py": """
                ROW = {"title": "Emma", "author": "Austen"}


                def columns(row):
                    for field in ("title", "auhtor"):
                        yield row[field]


                print(list(columns(ROW)))
            """
        },
        ("app.py", 5),
    ),
    "keyword arguments of dict": (
        {
            "app.py": """
                def options():
                    return dict(width=80, height=25)


                def area(chosen):
                    return chosen["width"] * chosen["heigth"]


                print(area(options()))
            """
        },
        ("app.py", 6),
    ),
    "the definition is the odd one out": (
        {
            "orders.py": """
                def load():
                    return {"quantiy": 3, "price": 5}
            """,
            "app.py": """
                from orders import load


                def total(order):
                    return order["price"] * order["quantity"]


                def label(order):
                    return f"{order['quantity']} pieces"


                order = load()
                print(total(order), label(order))
            """,
        },
        ("orders.py", 2),
    ),
}


@pytest.mark.parametrize(("files", "where"), TYPOS.values(), ids=TYPOS)
def test_corrects_a_misspelt_key(tmp_path: Path, files: dict[str, str], where: tuple[str, int]) -> None:
    crashed = crash(tmp_path, files)
    assert crashed.rule == "key.typo"
    assert crashed.where == where
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.fix.applicability is Applicability.SAFE
    rerun = crashed.apply_and_rerun()
    assert rerun.returncode == 0, rerun.stderr


def test_a_key_of_json_that_is_spelt_otherwise_elsewhere_is_likely(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                import json

                TEXT = '{"user": {"first_name": "Ada", "city": "London"}}'


                def greet(user):
                    return "Hello " + user["first_name"]


                def badge(user):
                    return user["frist_name"].upper()


                user = json.loads(TEXT)["user"]
                print(greet(user))
                print(badge(user))
            """
        },
    )
    assert crashed.rule == "key.typo"
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.applicability is Applicability.UNSAFE
    assert crashed.apply_and_rerun().returncode == 0


def test_a_similar_key_is_not_blamed_where_the_key_is_set_under_a_condition(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                import sys


                def load(debug):
                    user = {"name": "ada", "email": "ada@example.org"}
                    if debug:
                        user["emails"] = [user["email"]]
                    return user


                def report(user):
                    return len(user["emails"])


                print(report(load("--debug" in sys.argv)))
            """
        },
    )
    assert crashed.rule == "key.optional-missing"
    assert "only under a condition (app.py:7)" in crashed.diagnosis.root_cause
    assert crashed.fix.applicability is not Applicability.SAFE
    assert crashed.apply_and_rerun().returncode == 0


def test_numbered_keys_are_not_taken_for_misspellings(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def total(row):
                    return row["price1"] + row["price2"]


                print(total({"price1": 3}))
            """
        },
    )
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN


def test_a_similar_key_that_is_read_beside_it_is_not_certain(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def area(shape):
                    return shape["width"] * shape["widths"]


                print(area({"width": 3}))
            """
        },
    )
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN
    assert crashed.diagnosis.fix is None or crashed.fix.applicability is not Applicability.SAFE


def test_a_key_that_was_removed_is_not_a_misspelling(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def take(stock):
                    stock.pop("item")
                    return stock["item"]


                print(take({"item": 1, "items": 2}))
            """
        },
    )
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN


# --- key.optional-missing ---

UNINITIALISED = {
    "a counter": """
        def count(words):
            counts = {}
            for word in words:
                counts[word] += 1
            return counts


        print(count(["a", "b", "a"]))
    """,
    "a counter spelt out": """
        def count(words):
            counts = dict()
            for word in words:
                counts[word] = counts[word] + 1
            return counts


        print(count(["a", "b", "a"]))
    """,
    "groups": """
        def group(words):
            groups = {}
            for word in words:
                groups[word[0]].append(word)
            return groups


        print(group(["apple", "avocado", "banana"]))
    """,
    "an attribute": """
        class Index:
            def __init__(self):
                self.pages = {}

            def add(self, word, page):
                self.pages[word].add(page)


        index = Index()
        index.add("python", 3)
        print(index.pages)
    """,
    "a dictionary of dictionaries": """
        def table(rows):
            found = {}
            for row, column, value in rows:
                found[row][column] = value
            return found


        print(table([("a", "x", 1), ("a", "y", 2)]))
    """,
    "a counter in a dictionary of dictionaries": """
        def table(rows):
            found = {}
            for row, column in rows:
                found[row][column] += 1
            return found


        print(table([("a", "x"), ("a", "x")]))
    """,
}


@pytest.mark.parametrize("program", UNINITIALISED.values(), ids=UNINITIALISED)
def test_creates_entries_that_are_changed_without_being_there(tmp_path: Path, program: str) -> None:
    crashed = crash(tmp_path, {"app.py": program})
    assert crashed.rule == "key.optional-missing"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.fix.applicability is Applicability.SAFE
    rerun = crashed.apply_and_rerun()
    assert rerun.returncode == 0, rerun.stderr


def test_a_counter_that_is_guarded_by_the_wrong_name_needs_a_look(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def count(words):
                    counts = {}
                    for word in words:
                        if word not in counts:
                            counts[word.lower()] = 0
                        counts[word] += 1
                    return counts


                print(count(["A"]))
            """
        },
    )
    assert crashed.rule == "key.optional-missing"
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.applicability is Applicability.UNSAFE


def test_names_the_record_that_lacks_a_key(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "people.py": """
                PEOPLE = [
                    {"name": "ada", "phone": "123"},
                    {"name": "bob"},
                ]
            """,
            "app.py": """
                from people import PEOPLE


                def book(people):
                    for person in people:
                        print(person["name"], person["phone"])


                book(PEOPLE)
            """,
        },
    )
    assert crashed.rule == "key.optional-missing"
    assert crashed.where == ("people.py", 3)
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.fix.applicability is Applicability.UNSAFE
    rerun = crashed.apply_and_rerun()
    assert rerun.returncode == 0, rerun.stderr
    assert 'person.get("phone", "")' in crashed.fixed_text("app.py")


# --- key.environment ---


@pytest.mark.parametrize(
    "program",
    [
        """
        import os


        def connect():
            return os.environ["SNAPFIX_TEST_URL"]


        print(connect())
        """,
        """
        from os import environ


        class Settings:
            def __init__(self):
                self.url = environ["SNAPFIX_TEST_URL"]


        print(Settings().url)
        """,
    ],
)
def test_says_how_to_set_a_variable(tmp_path: Path, program: str) -> None:
    crashed = crash(tmp_path, {"app.py": program})
    assert crashed.rule == "key.environment"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.fix.commands == ("export SNAPFIX_TEST_URL=...",)
    assert crashed.fix.edits == ()


def test_a_plain_dictionary_called_environ_is_not_the_environment(tmp_path: Path) -> None:
    program = """
        def read(environ):
            return environ["PORT"]


        print(read({"HOST": "localhost"}))
    """
    crashed = crash(tmp_path, {"app.py": program})
    assert crashed.rule != "key.environment"
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN


# --- key.other ---

WRONG_TYPES = {
    "a number for a string": """
        PRICES = {"1": 10, "2": 20}


        def price(number):
            return PRICES[number]


        print(price(1))
    """,
    "a literal number for a string": """
        def rooms():
            return {"101": "ada", "102": "bob"}


        def guest():
            taken = rooms()
            return taken[101]


        print(guest())
    """,
    "a string for a number": """
        NAMES = {1: "one", 2: "two"}


        def spell(text):
            for part in text.split():
                yield NAMES[part]


        print(list(spell("1 2")))
    """,
}


@pytest.mark.parametrize("program", WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_converts_a_key_of_the_wrong_type(tmp_path: Path, program: str) -> None:
    crashed = crash(tmp_path, {"app.py": program})
    assert crashed.rule == "key.other"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    rerun = crashed.apply_and_rerun()
    assert rerun.returncode == 0, rerun.stderr


def test_keys_of_json_are_strings(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                import json


                def load():
                    return json.loads('{"1": "one"}')


                def spell(number):
                    names = load()
                    return names[number]


                print(spell(1))
            """
        },
    )
    assert crashed.rule == "key.other"
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.apply_and_rerun().returncode == 0


def test_a_key_that_is_named_in_a_list_too_is_not_certain(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                FIELDS = ["nam", "age"]


                def fill(record, values):
                    for field, value in values.items():
                        if field in FIELDS:
                            record[field] = value


                def show(record):
                    return record["nam"]


                record = {"name": "ada"}
                fill(record, {"age": 3})
                print(show(record))
            """
        },
    )
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN
    assert crashed.diagnosis.fix is None or crashed.fix.applicability is not Applicability.SAFE


def test_a_message_that_is_no_key_is_left_alone(tmp_path: Path) -> None:
    program = """
        def read(row):
            if "x" not in row:
                raise KeyError("no column x in this file")
            return row["x"]


        print(read({"y": 1}))
    """
    crashed = crash(tmp_path, {"app.py": program})
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN
    assert crashed.diagnosis.fix is None or crashed.fix.edits == ()


def test_an_entry_of_a_defaultdict_is_not_initialised_by_hand(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                from collections import defaultdict


                def table(rows):
                    found = defaultdict(dict)
                    for row, column in rows:
                        found[row][column] += 1
                    return found


                print(table([("a", "x")]))
            """
        },
    )
    assert crashed.diagnosis.fix is None or crashed.fix.applicability is not Applicability.SAFE


@pytest.mark.parametrize(("defined", "used"), [("usernme", "username"), ("pasword", "password")])
def test_a_definition_that_misspells_a_common_word_is_corrected_itself(tmp_path: Path, defined: str, used: str) -> None:
    settings = f'def load():\n    return {{"{defined}": "x", "level": "y"}}\n'
    app = f'from settings import load\n\nconf = load()\nprint(conf["{used}"])\n'
    crashed = crash(tmp_path, {"settings.py": settings, "app.py": app})
    assert crashed.rule == "key.typo"
    assert crashed.where == ("settings.py", 2)
    assert f"`'{defined}'` on settings.py:2 is a misspelling of `'{used}'`" in crashed.diagnosis.root_cause
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.apply_and_rerun().stdout == "x\n"


def test_a_misspelling_in_several_records_is_corrected_in_all(tmp_path: Path) -> None:
    app = """
        people = [
            {"nmae": "ada"},
            {"nmae": "bob"},
        ]
        for person in people:
            print(person["name"])
    """
    crashed = crash(tmp_path, {"app.py": app})
    assert crashed.where == ("app.py", 2)
    assert crashed.apply_and_rerun().stdout == "ada\nbob\n"


def test_where_nothing_tells_which_spelling_is_right_neither_is_called_wrong(tmp_path: Path) -> None:
    app = 'readings = {"kelvn": 3}\nprint(readings["kelvin"])\n'
    crashed = crash(tmp_path, {"app.py": app})
    assert "one of the two is misspelt" in crashed.diagnosis.root_cause
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.applicability is Applicability.UNSAFE


def test_other_names_of_the_project_tell_which_spelling_is_right(tmp_path: Path) -> None:
    app = """
        def to_celsius(kelvin):
            return kelvin - 273


        readings = {"kelvn": 300}
        print(to_celsius(readings["kelvin"]))
    """
    crashed = crash(tmp_path, {"app.py": app})
    assert crashed.where == ("app.py", 5)
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.apply_and_rerun().stdout == "27\n"


def test_a_misspelt_definition_that_is_read_elsewhere_is_not_changed_alone(tmp_path: Path) -> None:
    app = """
        conf = {"usernme": "x"}
        print(conf["usernme"])
        print(conf["username"])
    """
    crashed = crash(tmp_path, {"app.py": app})
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.applicability is not Applicability.SAFE
    assert crashed.apply_and_rerun().returncode == 0


@pytest.mark.parametrize(("defined", "used"), [("stop", "step"), ("lang", "long"), ("weight", "height")])
def test_one_real_word_is_not_surely_a_misspelling_of_another(tmp_path: Path, defined: str, used: str) -> None:
    crashed = crash(tmp_path, {"app.py": f'record = {{"{defined}": 3}}\nprint(record["{used}"])\n'})
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN
    assert crashed.fix.applicability is not Applicability.SAFE


def test_swapped_letters_of_a_short_common_word_are_corrected_where_they_stand(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": 'conf = {"prot": 80}\nprint(conf["port"])\n'})
    assert crashed.where == ("app.py", 1)
    assert crashed.apply_and_rerun().stdout == "80\n"


def test_a_variable_that_the_program_sets_under_a_near_name_is_misspelt(tmp_path: Path) -> None:
    app = """
        import os

        os.environ["DATABASE_URL"] = "sqlite://"
        print(os.environ["DATABSE_URL"])
    """
    crashed = crash(tmp_path, {"app.py": app})
    assert crashed.rule == "key.environment"
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.apply_and_rerun().stdout == "sqlite://\n"
