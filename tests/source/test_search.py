"""Where the fix is: the function that holds it is found, though the traceback may not name it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from snapfix.crash import CrashContext, PieceKind
from snapfix.source import with_pieces
from tests.source.crashing import crashed, reasons, with_code, write
from tests.source.programs import files_in

FAR = """
    def far_{0}(x):
        y = x + 1
        if y > 2:
            return y
        return x
"""
"""A function that has nothing to do with a crash; every program holds some of it."""

BUGS: dict[str, tuple[str, str]] = {
    "a callee": (
        """
        from shop import price
        def main():
            total = price("pen")
            return total + 1
        main()
        ### shop.py
        def price(name):
            if name == "book":
                return 2
        """,
        "price",
    ),
    "a callee of a callee": (
        """
        from shop import price
        def main():
            total = price("pen")
            return total + 1
        main()
        ### shop.py
        from rates import rate
        def price(name):
            found = rate(name)
            return found
        ### rates.py
        def rate(name):
            table = {"book": 2}
            return table.get(name)
        """,
        "rate",
    ),
    "five calls away": (
        """
        import m1
        def main():
            return m1.f1() + 1
        main()
        ### m1.py
        from m2 import f2
        def f1():
            return f2()
        ### m2.py
        from m3 import Third
        def f2():
            return Third().f3()
        ### m3.py
        from m4 import f4
        class Third:
            def __init__(self):
                self.loader = f4
            def f3(self):
                return self.loader()
        ### m4.py
        def f4():
            return f5()
        def f5():
            found = [None]
            return found[0]
        """,
        "f5",
    ),
    "returned earlier": (
        """
        from config import load
        def run(settings):
            return settings["port"] + 1
        def main():
            settings = load()
            check(settings)
            run(settings)
        def check(settings):
            assert settings is not None
        main()
        ### config.py
        def load():
            values = {}
            values["prt"] = 80
            return values
        """,
        "load",
    ),
    "a table of the module": (
        """
        from rates import rate
        def main():
            return rate("pen")
        main()
        ### rates.py
        TABLE = {"book": 2}
        OTHER = {"cup": 1}
        def rate(name):
            return TABLE[name]
        """,
        "TABLE",
    ),
    "the writer of an attribute": (
        """
        from cart import Cart
        def show(cart):
            return cart.customer.upper()
        def main():
            cart = Cart()
            cart.reset()
            show(cart)
        main()
        ### cart.py
        class Cart:
            def __init__(self):
                self.customer = "ada"
            def reset(self):
                self.customer = None
        """,
        "Cart.reset",
    ),
    "the writer of a key": (
        """
        import json
        from store import save, load
        def show(order):
            return order["due_date"].upper()
        def main():
            save()
            show(load())
        main()
        ### store.py
        import json
        HELD = []
        def load():
            return json.loads(HELD[0])
        def save():
            order = {"id": 1, "due_date": None}
            HELD.append(json.dumps(order))
        """,
        "save",
    ),
    "what makes the caller's argument": (
        """
        from parts import pick
        def area(width):
            return width * width
        def main():
            width = pick()
            return area(width)
        main()
        ### parts.py
        def pick():
            sizes = ["3"]
            return sizes[0]
        """,
        "pick",
    ),
    "a method of a parent class": (
        """
        from shapes import Square
        def main():
            print(Square(2).area() + 1)
        main()
        ### shapes.py
        from base import Shape
        class Square(Shape):
            def __init__(self, side):
                self.side = side
        ### base.py
        class Shape:
            def area(self):
                side = self.side
                side * side
        """,
        "Shape.area",
    ),
    "an override in a subclass": (
        """
        from shapes import make
        def main():
            shape = make()
            return shape.area() + 1
        main()
        ### shapes.py
        import abc
        class Shape(abc.ABC):
            @abc.abstractmethod
            def area(self): ...
        class Round(Shape):
            def area(self):
                radius = 2
                radius * 3
        def make() -> Shape:
            return globals()["Rou" + "nd"]()
        """,
        "Round.area",
    ),
    "a property": (
        """
        from cart import Cart
        def main():
            print(Cart().total + 1)
        main()
        ### cart.py
        class Cart:
            @property
            def total(self):
                prices = []
                return prices.sort()
        """,
        "Cart.total",
    ),
    "an operator": (
        """
        from money import Money
        def main():
            cost = Money(1) + Money(2)
            return cost.cents
        main()
        ### money.py
        class Money:
            def __init__(self, cents):
                self.cents = cents
            def __add__(self, other):
                total = Money(self.cents + other.cents)
                total.cents += 0
        """,
        "Money.__add__",
    ),
    "an iteration": (
        """
        from cart import Cart
        def main():
            for item in Cart():
                print(item.upper())
        main()
        ### cart.py
        class Cart:
            def __iter__(self):
                for number in (1, 2):
                    yield number
        """,
        "Cart.__iter__",
    ),
    "a decorator": (
        """
        from wraps import logged
        @logged
        def price():
            return 2
        def main():
            return price() + 1
        main()
        ### wraps.py
        def logged(function):
            def wrapper(*args):
                function(*args)
            return wrapper
        """,
        "logged",
    ),
    "a registry that decorators fill": (
        """
        from readers import read
        def main():
            return read("csv") + []
        main()
        ### readers.py
        READERS = {}
        def reader(name):
            def register(function):
                READERS[name] = function
                return function
            return register
        def read(name):
            return READERS[name]()
        @reader("csv")
        def read_csv():
            rows = []
            rows.append(1)
        @reader("json")
        def read_json():
            return [2]
        """,
        "read_csv",
    ),
    "a handler that is looked up by name": (
        """
        from printing import Printer
        def main():
            return Printer().show(("add", 1, 2)) + ""
        main()
        ### visiting.py
        class Visitor:
            def show(self, node):
                handler = getattr(self, "show_" + node[0])
                return handler(node)
        ### printing.py
        from visiting import Visitor
        class Printer(Visitor):
            def show_add(self, node):
                text = f"{node[1]} + {node[2]}"
                print(text)
        """,
        "Printer.show_add",
    ),
    "a fixture": (
        """
        ### test_cart.py
        import pytest
        def test_total(cart):
            assert cart.total == 3
        ### conftest.py
        import pytest
        class Cart:
            total = 2
        @pytest.fixture
        def cart():
            made = Cart()
            made.total = 4
            return made
        """,
        "cart",
    ),
    "what an asserted expression calls": (
        """
        ### test_slug.py
        from text import slug
        def test_slug():
            name = "A  b"
            assert slug(name) == "a-b"
        ### text.py
        from words import split
        def slug(name):
            return "-".join(split(name)).lower()
        ### words.py
        def split(name):
            parts = name.split(" ")
            return parts
        """,
        "split",
    ),
    "what an automatic fixture sets": (
        """
        ### test_mode.py
        import pytest
        from mode import current
        @pytest.fixture(autouse=True)
        def _mode():
            current["mode"] = "fast"
        def test_mode():
            assert current["mode"] == "slow"
        ### mode.py
        current = {}
        """,
        "_mode",
    ),
    "what setUp makes": (
        """
        ### test_cart.py
        import unittest
        from cart import Cart
        class CartTest(unittest.TestCase):
            def setUp(self):
                self.cart = Cart()
                self.cart.add(1)
            def test_total(self):
                self.assertEqual(self.cart.total(), 2)
        ### cart.py
        class Cart:
            def __init__(self):
                self.prices = []
            def add(self, price):
                self.prices = [price]
            def total(self):
                return sum(self.prices)
        """,
        "CartTest.setUp",
    ),
}


def failed(root: Path, text: str, *, with_far: bool = True) -> CrashContext:
    """The program, run for real; every file of it ends in functions that are never called."""
    files = files_in(text)
    if with_far:
        far = {
            name: "".join(FAR.replace("\n    ", "\n").format(f"{name[:-3]}_{n}") for n in range(3)) for name in files
        }
        files = {name: code.replace("\nmain()\n", "\n") + far[name] for name, code in files.items()}
        files |= {name: code + "main()\n" for name, code in files.items() if "def main()" in code}
    write(root, files)
    test = next((name for name in files if name.startswith("test_")), None)
    command = ("app.py",) if test is None else ("-m", "pytest", "-p", "no:cacheprovider", test)
    return crashed(root, *command)


@pytest.mark.parametrize("bug", BUGS)
def test_the_function_with_the_bug_is_found_before_what_has_nothing_to_do_with_it(tmp_path: Path, bug: str) -> None:
    text, title = BUGS[bug]
    context = with_code(failed(tmp_path, text))
    titles = [piece.title for piece in context.pieces if piece.kind is not PieceKind.IMPORTS]
    # The module's own code is shown by the statements around its line: those are no finds.
    found = [t for t in titles if t != "<module>"]
    assert title in found
    assert all(found.index(title) < number for number, other in enumerate(found) if other.startswith("far_"))


@pytest.mark.parametrize("bug", ["returned earlier", "a fixture"])
def test_without_time_there_are_at_least_the_places_of_the_stack(tmp_path: Path, bug: str) -> None:
    context = failed(tmp_path, BUGS[bug][0])
    hurried = with_pieces(context, clock=iter(range(1_000_000)).__next__, seconds=0)
    on_stack = {PieceKind.FAILING, PieceKind.CALLER}
    expected = [piece.title for piece in with_code(context).pieces if piece.kind in on_stack]
    assert [piece.title for piece in hurried.pieces if piece.kind in on_stack] == expected
    assert hurried.pieces[0].kind is PieceKind.FAILING
    assert reasons(hurried)["further definitions that the code uses"] == "the time for looking was over"
    assert "further definitions that the code uses" not in reasons(with_code(context))


def test_without_time_what_the_stack_uses_itself_is_still_shown(tmp_path: Path) -> None:
    text, _ = BUGS["a callee of a callee"]
    context = with_pieces(failed(tmp_path, text), clock=iter(range(1_000_000)).__next__, seconds=0)
    titles = [piece.title for piece in context.pieces]
    assert "price" in titles


def test_another_test_is_never_shown(tmp_path: Path) -> None:
    text = """
        ### test_cart.py
        from cart import total
        def test_total():
            assert total([1]) == 2
        def test_total_of_nothing():
            assert total([]) == 0
        ### cart.py
        def total(prices):
            return sum(prices)
        """
    titles = [piece.title for piece in with_code(failed(tmp_path, text)).pieces]
    assert "total" in titles
    assert "test_total_of_nothing" not in titles


def test_the_search_goes_on_behind_a_file_that_does_not_parse(tmp_path: Path) -> None:
    text = """
        from shop import price
        def main():
            try:
                import broken
            except SyntaxError:
                pass
            return price() + 1
        main()
        ### shop.py
        def price():
            return None
        ### broken.py
        def price(:
        """
    context = with_code(failed(tmp_path, text, with_far=False))
    assert ("shop.py", "price") in [(piece.file, piece.title) for piece in context.pieces]


RANKED = """
import sys
from tests.source.crashing import collected, with_code
from snapfix.crash import Frame
from pathlib import Path
frames = [Frame("app.py", int(line), name) for line, name in (part.split(":") for part in sys.argv[2:])]
for _ in range(2):
    for piece in with_code(collected(Path(sys.argv[1]), *frames)).pieces:
        print(piece.rank, piece.kind, piece.file, piece.title, piece.lines[0][0], piece.core)
"""


def test_the_order_is_the_same_in_every_run(tmp_path: Path) -> None:
    names = ["alpha", "beta", "gamma", "delta", "omega"]
    code = "".join(
        f"def {name}(x):\n    order = {other}(x)\n    return order\n" for name in names for other in names[:2]
    )
    methods = "".join(
        f"class C{n}:\n    def area(self):\n        order = {n}\n        return order\n" for n in range(5)
    )
    main = "def main(shape):\n    return shape.area() + " + " + ".join(f"{name}(1)" for name in names) + "\nmain(1)\n"
    write(tmp_path, {"app.py": f"from more import *\n{code}{main}", "more.py": methods})
    line = len(code.splitlines()) + 3
    outputs = {
        subprocess.run(
            [sys.executable, "-c", RANKED, str(tmp_path), f"{line + 1}:<module>", f"{line}:main"],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
            timeout=60,
        ).stdout
        for seed in (0, 1, 2)
    }
    (output,) = outputs
    lines = output.splitlines()
    assert len(lines) > 20
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
