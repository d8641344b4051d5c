"""For a name that is missing: the names like it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from snapfix.crash import Frame
from snapfix.source import collect
from snapfix.source.disk import Project, Walk
from snapfix.source.python.program import Program
from snapfix.source.search.near import MAX_NEAR, near_names
from tests.source.crashing import crashed, exception, of, with_code, write
from tests.source.programs import files_in

CASES = {
    "a name of the module": ("total = 1\nprint(totl)\n", "totl", "names that are known there", "total"),
    "a parameter": (
        "def f(customer):\n    return custmer\nf(1)\n",
        "custmer",
        "names that are known there",
        "customer",
    ),
    "a local name": ("def f():\n    rows = 1\n    return rowz\nf()\n", "rowz", "names that are known there", "rows"),
    "an imported name": ("import math\nmaths.pi\n", "maths", "names that are known there", "math"),
    "a built-in": ("print(lenght([]))\nlength = 1\n", "lenght", "names that are known there", "length"),
    "another case": ("class Order: ...\norder()\n", "order", "names that are known there", "Order"),
    "an attribute": ("class Cart:\n    def total(self): ...\nCart().totl()\n", "totl", "attributes of `Cart`", "total"),
    "an attribute that a method sets": (
        "class Cart:\n    def __init__(self):\n        self.items = []\nCart().itmes\n",
        "itmes",
        "attributes of `Cart`",
        "items",
    ),
    "an attribute of a parent": (
        """
        from base import Base
        class Cart(Base): ...
        Cart().pricee
        ### base.py
        class Base:
            price = 1
        """,
        "pricee",
        "attributes of `Cart`",
        "price",
    ),
    "an attribute of a class": ("class Cart:\n    limit = 1\nCart.limits\n", "limits", "attributes of `Cart`", "limit"),
    "an attribute of a module": (
        "import shop.cart\nshop.cart.totals\n### shop/cart.py\ndef total(): ...\n",
        "totals",
        "attributes of `shop.cart`",
        "total",
    ),
    "a name to import": (
        "from shop.cart import totals\n### shop/cart.py\ndef total(): ...\n",
        "totals",
        "names in `shop.cart`",
        "total",
    ),
    "a module": ("import shop.carts\n### shop/cart.py\nx = 1\n", "shop.carts", "modules", "shop.cart"),
    "a keyword argument": ("def pay(amount): ...\npay(amout=1)\n", "amout", "parameters of `pay`", "amount"),
    "a keyword argument of a class": (
        "import dataclasses\n@dataclasses.dataclass\nclass Cart:\n    customer: str\nCart(custmer=1)\n",
        "custmer",
        "parameters of `Cart`",
        "customer",
    ),
    "a keyword argument of a constructor": (
        """
        class Cart:
            def __init__(self, customer): ...
        class Bag:
            def __init__(self, custmr): ...
        Cart(custmer=1)
        """,
        "custmer",
        "parameters of `Cart`",
        "customer",
    ),
    "a key": ('order = {"due_date": 1}\nprint(order["duedate"])\n', "duedate", "texts in the code around", "due_date"),
}


@pytest.mark.parametrize("case", CASES)
def test_names_like_the_missing_one_are_found(tmp_path: Path, case: str) -> None:
    text, missing, where, name = CASES[case]
    context = with_code(crashed(write(tmp_path, files_in(text)), "app.py"))
    found = {near.missing: near for near in context.near_names}
    assert found[missing].where == where
    assert found[missing].names[0] == name
    assert missing not in found[missing].names


@pytest.mark.parametrize(
    "program",
    [
        "print(qqqqqq)\n",
        "1 / 0\n",
        "{}['zzzzzz']\n",
        "''.zzzzzz\n",
        "import zzzzzz\n",
        "raise KeyError\n",
        "raise KeyError(7)\n",
        'raise ValueError("name \'x")\n',
    ],
)
def test_where_nothing_is_like_it_nothing_is_said(tmp_path: Path, program: str) -> None:
    assert with_code(crashed(write(tmp_path, {"app.py": program}), "app.py")).near_names == ()


def test_there_are_only_a_few_and_the_nearest_come_first(tmp_path: Path) -> None:
    names = "".join(f"total_{n} = {n}\n" for n in range(100))
    context = with_code(crashed(write(tmp_path, {"app.py": f"{names}totals = 1\nprint(totals_)\n"}), "app.py"))
    (near,) = context.near_names
    assert len(near.names) == MAX_NEAR
    assert near.names[0] == "totals"


def test_each_exception_of_a_chain_is_looked_at(tmp_path: Path) -> None:
    program = """
        total = {"price": 1}
        try:
            total["prise"]
        except KeyError:
            print(totl)
        """
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    assert {near.missing: near.names[0] for near in context.near_names} == {"totl": "total", "prise": "price"}


@pytest.mark.parametrize(
    ("type_name", "message"),
    [
        ("NameError", "name '" + "x" * 100_000 + "' is not defined"),
        ("NameError", "name 'x' is not defined " * 50_000),
        ("KeyError", "'" * 100_000),
        ("KeyError", "a" * 100_000),
        ("AttributeError", "'" + "a." * 900 + "' object has no attribute 'x'"),
        ("AttributeError", "module '" + "../" * 300 + "' has no attribute 'x'"),
        ("ImportError", "cannot import name 'x' from '" + "." * 1900 + "'"),
        ("TypeError", "x" * 900 + "() got an unexpected keyword argument '" + "y" * 900 + "'"),
        ("ModuleNotFoundError", "No module named '" + "a." * 900 + "'"),
    ],
)
def test_a_message_may_hold_anything(tmp_path: Path, type_name: str, message: str) -> None:
    text = "".join(f"name_{n} = 'text {n}'\n" for n in range(20_000))
    write(tmp_path, {"app.py": text + "def x(y): ...\nboom()\n"})
    read = of(exception(Frame("app.py", 20_002, "<module>", "boom()"), type_name=type_name, message=message))
    context = collect(read, working_directory=str(tmp_path))
    started = time.process_time()
    with_code(context)
    assert time.process_time() - started < 4


def test_a_module_is_known_by_its_whole_name(tmp_path: Path) -> None:
    """The library ``cart`` has not the names of ``shopcart.py``."""
    files = {"app.py": "boom()\n", "shopcart.py": "def total(): ...\n", "my/cart/other.py": "def total(): ...\n"}
    write(tmp_path, files)
    frame = Frame("app.py", 1, "<module>", "boom()")
    for module, expected in {"cart": (), "shopcart": ("total",), "my.cart.other": ("total",), "other": ()}.items():
        for type_name, message in (
            ("ImportError", f"cannot import name 'totals' from '{module}' (/lib/{module}.py)"),
            ("AttributeError", f"module '{module}' has no attribute 'totals'"),
        ):
            read = of(exception(frame, type_name=type_name, message=message))
            context = with_code(collect(read, working_directory=str(tmp_path), project_root=str(tmp_path)))
            assert tuple(name for near in context.near_names for name in near.names) == expected


def test_a_module_beside_the_script_is_known(tmp_path: Path) -> None:
    text = "from cart import totals\n"
    write(tmp_path, {"tools/run.py": text, "tools/cart.py": "def total(): ...\n", "cart.py": "def totality(): ...\n"})
    (near,) = with_code(crashed(tmp_path, "tools/run.py", project_root=str(tmp_path))).near_names
    assert near.names == ("total",)


def test_a_value_is_never_told_for_it_may_be_a_secret(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "config = {'password': 'horsey'}\nconfig['horsy']\n"})
    assert with_code(crashed(tmp_path, "app.py")).near_names == ()


def test_texts_near_the_line_are_looked_at_first(tmp_path: Path) -> None:
    far = "".join(f"d['price_{n:05}']\n" for n in range(5000))
    write(tmp_path, {"app.py": far + "x = d['price_of_it']\nboom()\n"})
    frame = Frame("app.py", 5002, "<module>", "boom()")
    read = of(exception(frame, message="'price_of_id'"))
    (near,) = with_code(collect(read, working_directory=str(tmp_path))).near_names
    assert near.names[0] == "price_of_it"


def test_many_keys_that_miss_among_many_texts_take_no_long(tmp_path: Path) -> None:
    """960 KB with 8 of them took 6.9 s."""
    write(tmp_path, {"app.py": "".join(f"d['price_of_{n:06}']\n" for n in range(56_000)) + "boom()\n"})
    frame = Frame("app.py", 56_001, "<module>", "boom()")
    error = None
    for number in range(8):
        error = exception(frame, message=f"'price_on_{number:06}'", linked=(error,) if error else ())
    assert error is not None
    context = collect(of(error), working_directory=str(tmp_path))
    program = Program(Project(context.root, Walk(context.names), context.files), context.files, "")
    started = time.process_time()
    assert len(near_names(context, program)) == len(context.crashes)
    assert time.process_time() - started < 2.5
