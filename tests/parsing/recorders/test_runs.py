"""Failures as test runners report them: pytest, unittest, doctest, and tox and nox around them."""

from __future__ import annotations

from dataclasses import replace

from tests.parsing.recorders.base import CAUSE, CONTEXT, MEMBER, Case, Crash, Exc

PYTEST = "pytest==9.2.0"
OLD_PYTEST = "pytest==8.3.5"
XDIST = "pytest-xdist==3.8.0"

SHOP = """\
import json


def total(cart):
    return sum(item["price"] * item["count"] for item in cart)


def parse(text):
    return json.loads(text)


def load(text):
    try:
        return parse(text)
    except ValueError as error:
        raise RuntimeError("the cart cannot be read:\\n  café") from error


def find(key):
    try:
        return {"a": 1}[key]
    except KeyError:
        return int(key + "x")
"""

TESTS = """\
import pytest

from shop import find, load, total


@pytest.fixture
def database():
    raise ConnectionError("no database\\nat localhost:5432")


@pytest.fixture
def closing():
    yield 1
    {}["closed"]


def test_fine():
    print("2 failed, 1 error")


def test_total():
    print("to stdout\\nE   KeyError: 'not mine'")
    assert total([{"price": 2, "count": 2}]) == 5


def test_type():
    total([{"price": 2, "count": None}])


def test_chain():
    load("{")


def test_context():
    find("b")


def test_list():
    assert [1, 2, 3] == [1, 3, 3], "the carts differ:"


def test_text():
    assert "spam\\nham" == "spam\\njam"


def test_raises():
    with pytest.raises(ValueError):
        find("a")


@pytest.mark.parametrize("n", [1, 2])
def test_param(n):
    assert n == 3


class TestShop:
    def test_method(self):
        return (
            self.missing
        )


def test_database(database):
    pass


def test_closing(closing):
    pass


def test_fixture(databse):
    pass
"""

FILES = {"shop.py": SHOP, "test_shop.py": TESTS}


def line_of(text: str, part: str) -> int:
    """The line of a program that holds a text."""
    return next(number for number, line in enumerate(text.split("\n"), start=1) if part in line)


def in_shop(part: str, name: str) -> tuple[str, int, str]:
    """A place in ``shop.py``."""
    return "shop.py", line_of(SHOP, part), name


def in_tests(part: str, name: str) -> tuple[str, int, str]:
    """A place in ``test_shop.py``."""
    return "test_shop.py", line_of(TESTS, part), name


def one(type_name: str, message: str | None, own: tuple[str, int | None, str] | None, **others: object) -> Crash:
    """A failure of one exception."""
    frames = others.pop("frames", None)
    start = others.pop("message_start", None)
    return Crash((Exc(type_name, message, frames=frames, message_start=start),), own, **{"format": "pytest", **others})


NOT_JSON = "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
TIMES = "unsupported operand type(s) for *: 'int' and 'NoneType'"
LIST = """\
the carts differ:
assert [1, 2, 3] == [1, 3, 3]
{0}
  At index 1 diff: 2 != 3
  Use -v to get more diff"""
TEXT = """\
assert 'spam\\nham' == 'spam\\njam'
{0}
    spam
  - jam
  + ham"""

ERRORS = (
    one("ConnectionError", "no database\nat localhost:5432", in_tests("raise Conn", "database")),
    one("KeyError", "'closed'", in_tests('["closed"]', "closing")),
    one(
        "FixtureLookupError",
        None,
        in_tests("def test_fixture", "test_fixture"),
        message_start="fixture 'databse' not found\navailable fixtures: ",
    ),
)
FAILED = (
    one(
        "AssertionError",
        "assert 4 == 5\n +  where 4 = total([{'price': 2, 'count': 2}])",
        in_tests("== 5", "test_total"),
    ),
    one("TypeError", TIMES, in_shop("sum(", "<genexpr>")),
    Crash(
        (
            Exc("json.decoder.JSONDecodeError", NOT_JSON, CAUSE),
            Exc("RuntimeError", "the cart cannot be read:\n  café"),
        ),
        in_shop("json.loads", "parse"),
        format="pytest",
    ),
    Crash(
        (
            Exc("KeyError", "'b'", CONTEXT),
            Exc("ValueError", "invalid literal for int() with base 10: 'bx'"),
        ),
        in_shop("[key]", "find"),
        format="pytest",
    ),
    one("AssertionError", LIST.format("  "), in_tests("the carts differ", "test_list")),
    one("AssertionError", TEXT.format("  "), in_tests("njam", "test_text")),
    one("Failed", "DID NOT RAISE ValueError", in_tests("pytest.raises", "test_raises")),
    one("AssertionError", "assert 1 == 3", in_tests("n == 3", "test_param")),
    one("AssertionError", "assert 2 == 3", in_tests("n == 3", "test_param")),
    one("AttributeError", "'TestShop' object has no attribute 'missing'", in_tests("self.missing", "test_method")),
)


def failing(name: str, options: str, crashes: tuple[Crash, ...] = (*ERRORS, *FAILED), *packages: str) -> Case:
    """All of the tests, with these options."""
    return Case(name, f"pytest {options}".rstrip(), f"pytest {options}", crashes, FILES, packages=(PYTEST, *packages))


NO_STACK = ("the stack, which was not printed",)


def placed(crash: Crash, own: tuple[str, int | None, str] | None, *missing: str, first_line: bool = False) -> Crash:
    """What is left of a failure where its stack is not printed."""
    last = crash.exceptions[-1]
    if first_line:
        last = replace(last, message=(last.message or "").partition("\n")[0])
    exceptions = (last,) if first_line else (*crash.exceptions[:-1], last)
    return replace(crash, exceptions=exceptions, own=own, missing=missing)


LINES = tuple(
    in_shop(part, "") if file == "shop" else in_tests(part, "")
    for file, part in (
        ("test", "== 5"),
        ("shop", "sum("),
        ("shop", "raise RuntimeError"),
        ("shop", "int(key"),
        ("test", "the carts differ"),
        ("test", "njam"),
        ("test", "pytest.raises"),
        ("test", "n == 3"),
        ("test", "n == 3"),
        ("test", "self.missing"),
    )
)
IN_LINE_STYLE = (
    replace(ERRORS[0], own=None),
    replace(ERRORS[1], own=None),
    ERRORS[2],
)
LINE = (*IN_LINE_STYLE, *(placed(crash, own) for crash, own in zip(FAILED, LINES, strict=True)))
CRASH_LINES = (
    *IN_LINE_STYLE,
    *(placed(crash, own, *NO_STACK, first_line=True) for crash, own in zip(FAILED, LINES, strict=True)),
)


def summarised(type_name: str, message: str, name: str, *missing: str) -> Crash:
    """What the short summary tells of a failure."""
    return one(type_name, message, ("test_shop.py", None, name), missing=(*NO_STACK, *missing))


CUT = "the end of the message"
SUMMARY = (
    summarised("AssertionError", "assert 4 == 5", "test_total"),
    summarised("TypeError", "unsupported operand type(s) for *...", "test_type", CUT),
    summarised("RuntimeError", "the cart cannot be read:", "test_chain"),
    summarised("ValueError", "invalid literal for int() wit...", "test_context", CUT),
    summarised("AssertionError", "the carts differ:", "test_list"),
    summarised("AssertionError", r"assert 'spam\nham' == 'spam\...", "test_text", CUT),
    summarised("Failed", "DID NOT RAISE ValueError", "test_raises"),
    summarised("AssertionError", "assert 1 == 3", "test_param"),
    summarised("AssertionError", "assert 2 == 3", "test_param"),
    summarised("AttributeError", "'TestShop' objec...", "test_method", CUT),
    summarised("ConnectionError", "no database", "test_database"),
    summarised("KeyError", "'closed'", "test_closing"),
    summarised("", "", "test_fixture", "the exception itself"),
)

CRASH_LINES = tuple(
    replace(crash, exceptions=(Exc("Failed", "DID NOT RAISE <class 'ValueError'>"),))
    if crash.exceptions[0].type == "Failed"
    else crash
    for crash in CRASH_LINES
)

STYLES = (
    failing("pytest-auto", ""),
    failing("pytest-long", "--tb=long"),
    failing("pytest-short", "--tb=short"),
    failing("pytest-native", "--tb=native"),
    failing("pytest-line", "--tb=line", LINE),
    replace(failing("pytest-line-8", "--tb=line", CRASH_LINES), packages=(OLD_PYTEST,), source="pytest 8 --tb=line"),
    failing("pytest-no", "--tb=no", SUMMARY),
    failing("pytest-no-quiet", "--tb=no -q", SUMMARY),
    failing("pytest-locals", "-l"),
    failing("pytest-locals-short", "-l --tb=short"),
    failing("pytest-quiet-without-summary", "-q -rN --tb=short"),
    failing("pytest-report-all", "-rA"),
    failing("pytest-colour", "--color=yes"),
    failing("pytest-colour-short", "--color=yes --tb=short -q"),
)


def pytest_case(
    name: str, command: str, text: str, crashes: tuple[Crash, ...], source: str = "", *packages: str, **files: str
) -> Case:
    """A test module ``test_it.py`` of its own; further files by their stem."""
    others = {f"{stem}.py": content for stem, content in files.items()}
    return Case(name, source or command, command, crashes, {"test_it.py": text, **others}, packages=(PYTEST, *packages))


def in_it(text: str, part: str, name: str) -> tuple[str, int, str]:
    """A place in ``test_it.py``."""
    return "test_it.py", line_of(text, part), name


# collection

BROKEN = "def total(cart:\n    return sum(cart)\n"
AT_IMPORT = """\
import os


def settings():
    return os.environ["SHOP_SETTINGS"]


if os.sep:
    SETTINGS = settings()


def test_settings():
    pass
"""
COLLECTED = {
    "test_absent.py": "import json\nfrom shopping import total\n",
    "test_broken.py": "import broken\n",
    "broken.py": BROKEN,
    "test_settings.py": AT_IMPORT,
    "test_syntax.py": BROKEN,
}
NEVER_CLOSED = "'(' was never closed"
COLLECTION = (
    one("ModuleNotFoundError", "No module named 'shopping'", ("test_absent.py", 2, "<module>"), frames=2),
    one("SyntaxError", NEVER_CLOSED, ("broken.py", 1, "")),
    one("KeyError", "'SHOP_SETTINGS'", ("test_settings.py", line_of(AT_IMPORT, "environ["), "settings")),
    one("SyntaxError", NEVER_CLOSED, ("test_syntax.py", 1, "")),
)
CONFTEST = "import pytest\nimport shopping\n"


def collecting(name: str, options: str) -> Case:
    """Modules that cannot be imported."""
    return Case(name, f"pytest {options}", f"pytest {options}", COLLECTION, COLLECTED, packages=(PYTEST,))


COLLECTIONS = (
    collecting("pytest-collection", ""),
    collecting("pytest-collection-long", "--tb=long"),
    Case(
        "pytest-conftest",
        "pytest (conftest.py)",
        "pytest",
        (one("ModuleNotFoundError", "No module named 'shopping'", ("conftest.py", 2, "<module>")),),
        {"conftest.py": CONFTEST, "test_it.py": "def test_it(): pass\n"},
        packages=(PYTEST,),
    ),
    pytest_case(
        "pytest-internal-error",
        "pytest",
        "def test_it(): pass\n",
        (Crash((Exc("ZeroDivisionError", "division by zero"),), ("conftest.py", 2, "pytest_collection_modifyitems")),),
        "pytest (INTERNALERROR)",
        conftest="def pytest_collection_modifyitems(items):\n    1 / 0\n",
    ),
)

# chains, groups, recursion

CHAINS = """\
import pytest


class OrderError(Exception):
    pass


def order(number):
    try:
        try:
            {}[number]
        except KeyError as error:
            raise ValueError(f"no order {number}") from error
    except ValueError:
        raise OrderError("first line\\n\\n  third line: ünïcode")


def test_three():
    order(7)


def test_never_raised():
    raise OrderError("outer") from TypeError("never raised,\\nbut a cause")


def test_group():
    members = []
    for number in (1, 2):
        try:
            order(number)
        except OrderError as error:
            members.append(error)
    raise ExceptionGroup("orders", members)


def test_group_as_cause():
    try:
        raise ExceptionGroup("orders", [ValueError("one"), TypeError("two")])
    except ExceptionGroup as group:
        raise OrderError("because of a group") from group


def test_note():
    error = OrderError("with a note")
    error.add_note("the note")
    raise error


def test_empty():
    raise OrderError  # without a message


def test_failed_call():
    pytest.fail("a reason\\nin two lines")


def test_lambda():
    (lambda: {}["in a lambda"])()
"""


def chained(*exceptions: Exc, own: tuple[str, str]) -> Crash:
    """A chain of ``CHAINS``."""
    return Crash(exceptions, in_it(CHAINS, own[0], own[1]), format="pytest")


ORDER = "first line\n\n  third line: ünïcode"


def order(number: int, relation: object = None) -> tuple[Exc, ...]:
    """What ``order`` raises."""
    return (
        Exc("KeyError", str(number), CAUSE),
        Exc("ValueError", f"no order {number}", CONTEXT),
        Exc("test_it.OrderError", ORDER, relation),  # type: ignore[arg-type]
    )


CHAINED = (
    chained(*order(7), own=("{}[number]", "order")),
    chained(
        Exc("TypeError", "never raised,\nbut a cause", CAUSE, frames=0),
        Exc("test_it.OrderError", "outer"),
        own=("never raised", "test_never_raised"),
    ),
    chained(
        Exc("ExceptionGroup", "orders (2 sub-exceptions)"),
        *order(1, MEMBER),
        *order(2, MEMBER),
        own=("{}[number]", "order"),
    ),
    chained(
        Exc("ExceptionGroup", "orders (2 sub-exceptions)", CAUSE),
        Exc("ValueError", "one", MEMBER),
        Exc("TypeError", "two", MEMBER),
        Exc("test_it.OrderError", "because of a group"),
        own=("[ValueError", "test_group_as_cause"),
    ),
    chained(Exc("test_it.OrderError", "with a note\nthe note"), own=("raise error", "test_note")),
    chained(Exc("test_it.OrderError", ""), own=("without a message", "test_empty")),
    chained(Exc("Failed", "a reason\nin two lines"), own=("pytest.fail", "test_failed_call")),
    chained(Exc("KeyError", "'in a lambda'"), own=("lambda:", "<lambda>")),
)
RECURSION = """\
def descend(depth):
    return descend(depth)


def deeper(depth):
    return deeper(depth + 1)


def test_same():
    descend(1)


def test_other():
    deeper(1)
"""
DEPTH = "maximum recursion depth exceeded"
RECURSIVE = (
    one(
        "RecursionError",
        DEPTH,
        in_it(RECURSION, "return descend", "descend"),
        missing=("the frames after the first round of the recursion",),
    ),
    one("RecursionError", DEPTH, in_it(RECURSION, "return deeper", "deeper"), missing=("in the middle of a stack",)),
)

LIBRARY = """\
import asyncio
import configparser
import logging
import threading

import pytest

from shop import total


def test_library():
    configparser.ConfigParser().read_string("no section")


def test_logged():
    try:
        total([{}])
    except KeyError:
        logging.exception("cannot add")
    assert not "after the log"


@pytest.mark.filterwarnings("default")
def test_thread():
    thread = threading.Thread(target=total, args=([{}],))
    thread.start()
    thread.join()


async def prices(orders):
    return {order["name"]: order["price"] for order in orders}


def test_async():
    asyncio.run(prices([{"name": "tea"}]))
"""
MISSING_SECTION = "File contains no section headers.\nfile: '<string>', line: 1\n'no section'"
KEY_IN_SHOP = Crash((Exc("KeyError", "'price'"),), in_shop("sum(", "<genexpr>"))
OUTPUT = (
    one("configparser.MissingSectionHeaderError", MISSING_SECTION, in_it(LIBRARY, "read_string", "test_library")),
    one("AssertionError", "assert not 'after the log'", in_it(LIBRARY, "assert not", "test_logged")),
    one("KeyError", "'price'", in_it(LIBRARY, "for order in orders", "<genexpr>")),
    KEY_IN_SHOP,
)

SUBTESTS = """\
import unittest


class TestShop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.prices = {"tea": 3}

    def test_price(self):
        self.assertEqual(self.prices["tea"], 4, "the price of tea")

    def test_each(self):
        for number in (1, 2, 3):
            with self.subTest(number=number):
                self.assertEqual(number % 2, 0)


class TestBroken(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ConnectionError("no database")

    def test_never(self):
        pass
"""
UNEVEN = one("AssertionError", "1 != 0", in_it(SUBTESTS, "% 2", "test_each"))
WITH_SUBTESTS = (
    one("ConnectionError", "no database", in_it(SUBTESTS, "no database", "setUpClass")),
    UNEVEN,
    UNEVEN,
    one("AssertionError", "3 != 4 : the price of tea", in_it(SUBTESTS, "price of tea", "test_price")),
)
FINE = """\
import logging


def test_fine():
    print("____ test_fine ____\\n=== 2 failed in 0.1s ===\\nFAILED test_it.py::test_fine - KeyError: 'a'")
    logging.warning("ValueError: only a word")
"""
LONG = "test_a_function_whose_own_name_is_long_as_well"
LONG_NAMES = f"""\
import pytest


@pytest.mark.parametrize("name", ["a name so long that the heading has no room for more than one rule"])
def {LONG}(name):
    assert name == "short"
"""

OTHERS = (
    *(
        pytest_case(f"pytest-chains-{style}", f"pytest --tb={style}", CHAINS, CHAINED)
        for style in ("auto", "long", "short", "native")
    ),
    pytest_case("pytest-recursion", "pytest", RECURSION, RECURSIVE),
    pytest_case("pytest-recursion-short", "pytest --tb=short -q", RECURSION, RECURSIVE),
    pytest_case("pytest-output", "pytest", LIBRARY, OUTPUT, "pytest (captured logs, warnings)", shop=SHOP),
    pytest_case("pytest-unittest", "pytest", SUBTESTS, WITH_SUBTESTS, "pytest (unittest.TestCase, subTest)"),
    pytest_case("pytest-passed", "pytest -rA -v", FINE, ()),
    pytest_case(
        "pytest-long-names",
        "pytest",
        LONG_NAMES,
        (one("AssertionError", None, in_it(LONG_NAMES, "assert name", LONG), message_start="assert 'a name so l"),),
    ),
    pytest_case(
        "pytest-verbose",
        "pytest -vv --tb=no",
        "def test_it():\n    assert {'a': [1, 2]} == {'a': [1, 3]}\n",
        (
            one(
                "AssertionError",
                None,
                ("test_it.py", None, "test_it"),
                message_start="assert {'a': [1, 2]} == {'a': [1, 3]}\n",
                missing=NO_STACK,
            ),
        ),
    ),
    Case(
        "pytest-xdist",
        "pytest -n2",
        "pytest -n2 test_shop.py::test_type test_shop.py::test_database",
        (ERRORS[0], FAILED[1]),
        FILES,
        packages=(PYTEST, XDIST),
    ),
    Case(
        "pytest-xdist-verbose",
        "pytest -n2 -v --tb=short",
        "pytest -n2 -v --tb=short --dist=loadfile -k 'type or chain'",
        (FAILED[1], FAILED[2]),
        FILES,
        packages=(PYTEST, XDIST),
    ),
    Case(
        "pytest-tail",
        "pytest | tail",
        # As `tail` may cut it: in the middle of the first of three failures.
        "pytest test_shop.py -k 'param or method' --tb=short | sed '1,/in test_param/d'",
        (
            one("AssertionError", "assert 1 == 3", None, missing=("what stood above line 1",)),
            FAILED[8],
            FAILED[9],
        ),
        FILES,
        packages=(PYTEST,),
    ),
    Case(
        "pytest-pasted",
        "a part of pytest's output, quoted in an e-mail",
        "pytest test_shop.py -k test_text | sed -n '/^>/,/AssertionError$/p' | sed 's/^/> /'",
        (replace(FAILED[5], own=in_tests("njam", ""), missing=("what stood above line 1",)),),
        FILES,
        packages=(PYTEST,),
    ),
)

# unittest

UNITTESTS = '''\
import threading
import unittest

from shop import load, total


class TestShop(unittest.TestCase):
    def test_error(self):
        """A cart without prices."""
        print("some output\\n======\\nRan 9 tests")
        total([{}])

    def test_list(self):
        self.assertEqual([1, 2, {"a": 1}], [1, 3, {"a": 2}], "the carts differ:")

    def test_text(self):
        self.assertEqual("spam\\nham\\n", "spam\\njam\\n")

    def test_dict(self):
        self.assertDictEqual({"a": 1}, {"a": 2})

    def test_each(self):
        for number in (1, 2, 3):
            with self.subTest("uneven", number=number):
                self.assertEqual(number % 2, 0)

    def test_announced(self):
        self.fail("these are wrong:")

    def test_bracket(self):
        raise ValueError("an open bracket (")

    def test_chain(self):
        load("{")

    def test_thread(self):
        thread = threading.Thread(target=total, args=([{}],))
        thread.start()
        thread.join()

    def test_raises(self):
        with self.assertRaisesRegex(ArithmeticError, "cost"):
            pass

    @unittest.expectedFailure
    def test_unexpected(self):
        pass


class TestBroken(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ConnectionError("no database\\nat localhost")

    def test_never(self):
        pass
'''
UNITTEST_LIST = """\
Lists differ: [1, 2, {'a': 1}] != [1, 3, {'a': 2}]

First differing element 1:
2
3

- [1, 2, {'a': 1}]
?     ^        ^

+ [1, 3, {'a': 2}]
?     ^        ^
 : the carts differ:"""
UNITTEST_TEXT = """\
'spam\\nham\\n' != 'spam\\njam\\n'
  spam
- ham
? ^
+ jam
? ^"""
UNITTEST_DICT = """\
{'a': 1} != {'a': 2}
- {'a': 1}
?       ^

+ {'a': 2}
?       ^"""


def unit(type_name: str, message: str, part: str, name: str) -> Crash:
    """A failure of ``UNITTESTS``, which unittest prints as CPython does."""
    return Crash((Exc(type_name, message),), in_it(UNITTESTS, part, name))


UNIT = (
    unit("ConnectionError", "no database\nat localhost", "raise Conn", "setUpClass"),
    unit("ValueError", "an open bracket (", "raise ValueError", "test_bracket"),
    replace(FAILED[2], format="cpython"),
    KEY_IN_SHOP,
    unit("AssertionError", "these are wrong:", "self.fail", "test_announced"),
    unit("AssertionError", UNITTEST_DICT, "assertDictEqual", "test_dict"),
    unit("AssertionError", "1 != 0", "% 2", "test_each"),
    unit("AssertionError", "1 != 0", "% 2", "test_each"),
    unit("AssertionError", UNITTEST_LIST, "the carts differ", "test_list"),
    unit("AssertionError", "ArithmeticError not raised", "assertRaisesRegex", "test_raises"),
    unit("AssertionError", UNITTEST_TEXT, "njam", "test_text"),
)
ABSENT = Crash((Exc("ModuleNotFoundError", "No module named 'absent'"),), None)
UNITTEST_FILES = {"test_it.py": UNITTESTS, "shop.py": SHOP}
UNITTEST = (
    Case("unittest", "python -m unittest", "python -m unittest", (KEY_IN_SHOP, *UNIT), UNITTEST_FILES),
    Case(
        "unittest-buffered",
        "python -m unittest --buffer --verbose",
        "python -m unittest --buffer --verbose absent test_it",
        (ABSENT, *UNIT),
        UNITTEST_FILES,
    ),
)

# doctest

DOCUMENTED = '''\
"""Prices.

>>> total([1, 2])
4
"""


def total(prices):
    """Add prices.

    >>> total([])
    >>> for price in (1, 2):
    ...     print(total([price]))
    one
    <BLANKLINE>
    two
    """
    return sum(prices)


def share(price, people):
    """Divide a price.

    >>> share(3, 0)
    1
    >>> share(3, peeple)
    1
    """
    return price / people
'''
RAISING = '''\
def check(price):
    """Check a price.

    >>> check(3)
    Traceback (most recent call last):
        ...
    ValueError: too high
    """
    raise ValueError("too low")
'''


def in_prices(part: str, name: str) -> tuple[str, int, str]:
    """A place in ``prices.py``."""
    return "prices.py", line_of(DOCUMENTED, part), name


def example(outcome: str, part: str, name: str) -> Crash:
    """An example that printed something else."""
    return one("DocTestFailure", outcome, in_prices(part, name), format="doctest", frames=1)


DIVIDED = one("ZeroDivisionError", "division by zero", in_prices("price / people", "share"), format="doctest", frames=4)
UNNAMED = one(
    "NameError", "name 'peeple' is not defined", in_prices("peeple", "prices.share"), format="doctest", frames=3
)
MODULE = example("Expected:\n    4\nGot:\n    3", "[1, 2]", "prices")
NOTHING = example("Expected nothing\nGot:\n    0", "total([])", "prices.total")
BLANK = "Expected:\n    one\n    <BLANKLINE>\n    two\nGot:\n    1\n    2"
LOOP = example(BLANK, "for price", "prices.total")
DOCTEST_FILES = {"prices.py": DOCUMENTED}
RAISED_OTHERWISE = one(
    "DocTestFailure",
    None,
    ("prices.py", line_of(RAISING, ">>> check"), "prices.check"),
    format="doctest",
    message_start="Expected:\n    Traceback (most recent call last):\n        ...\n    ValueError: too high\nGot:\n",
)
DIFFERENT = replace(
    RAISED_OTHERWISE,
    exceptions=(Exc("DocTestFailure", None, message_start="Differences (unified diff with -expected +actual):\n"),),
)
DOCTEST = (
    Case(
        "doctest",
        "python -m doctest",
        "python -m doctest prices.py",
        (MODULE, DIVIDED, UNNAMED, NOTHING, LOOP),
        DOCTEST_FILES,
    ),
    Case(
        "doctest-verbose",
        "python -m doctest -v",
        "python -m doctest -v prices.py",
        (MODULE, DIVIDED, UNNAMED, NOTHING, LOOP),
        DOCTEST_FILES,
    ),
    Case(
        "doctest-traceback",
        "python -m doctest (another exception)",
        "python -m doctest prices.py",
        (RAISED_OTHERWISE,),
        {"prices.py": RAISING},
    ),
    Case(
        "doctest-pytest",
        "pytest --doctest-modules",
        "pytest --doctest-modules",
        (MODULE, DIVIDED, NOTHING),
        DOCTEST_FILES,
        packages=(PYTEST,),
    ),
    Case(
        "doctest-pytest-continued",
        "pytest --doctest-modules --doctest-continue-on-failure",
        "pytest --doctest-modules --doctest-continue-on-failure -q",
        (
            MODULE,
            DIVIDED,
            replace(UNNAMED, own=in_prices("peeple", "")),
            NOTHING,
            replace(LOOP, own=in_prices("for price", "")),
        ),
        DOCTEST_FILES,
        packages=(PYTEST,),
    ),
    Case(
        "doctest-pytest-traceback",
        "pytest --doctest-modules (another exception)",
        "pytest --doctest-modules",
        (DIFFERENT,),
        {"prices.py": RAISING},
        packages=(PYTEST,),
    ),
)

# around them

NOXFILE = """\
import nox


@nox.session(venv_backend="none")
def tests(session):
    session.run("pytest", "-q", "test_shop.py", "-k", "type or chain")
"""
TOX = """\
[tox]
env_list = py
skipsdist = true

[testenv]
allowlist_externals = pytest
commands =
    pytest -q --tb=short test_shop.py -k "type or chain"
"""
AROUND = (
    Case(
        "nox", "nox (pytest)", "nox", (FAILED[1], FAILED[2]), {**FILES, "noxfile.py": NOXFILE}, packages=(PYTEST, "nox")
    ),
    Case("tox", "tox (pytest)", "tox", (FAILED[1], FAILED[2]), {**FILES, "tox.ini": TOX}, packages=(PYTEST, "tox")),
)

CASES = (*STYLES, *COLLECTIONS, *OTHERS, *UNITTEST, *DOCTEST, *AROUND)
