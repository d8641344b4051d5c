"""What an expression stands for."""

from __future__ import annotations

import ast
import time

import pytest

from snapfix.source.python.inference import Inference, Kind, Scope, Value
from snapfix.source.python.module import Symbol
from snapfix.source.search.ranking import Root, calls_on_the_stack
from snapfix.syntax import statement_at
from tests.source.programs import asked, program_of


def told(value: Value) -> str:
    """``Cart`` for an instance, ``type[Cart]`` for the class, ``Cart.total()`` for a function, ``[Cart]`` for many."""
    name = value.symbol.qualname if value.symbol is not None else "?"
    if value.kind is Kind.MODULE:
        return f"module {value.module.file.name if value.module else '?'}"
    if value.kind is Kind.CONTAINER:
        return f"[{' | '.join(map(told, value.elements))}]"
    return {Kind.CLASS: f"type[{name}]", Kind.INSTANCE: name, Kind.FUNCTION: f"{name}()"}[value.kind]


def inferred(text: str) -> str:
    question = asked(text)
    return " | ".join(map(told, Inference(question.program).values(question.expression, question.scope)))


SHOP = """
### shop/__init__.py
from .cart import Cart
from shop.prices import price_of as price
### shop/cart.py
class Item: ...
class Cart:
    def items(self) -> "list[Item]": ...
### shop/prices.py
RATES = {"pen": Rate()}
def price_of(name): ...
class Rate: ...
### shop/deep/__init__.py
### shop/deep/er.py
class Deeper: ...
"""

IMPORTS = [
    ("import shop.cart\nshop.cart.Cart  # ?", "type[Cart]"),
    ("import shop.cart\nshop  # ?", "module shop/__init__.py"),
    ("import shop.cart as c\nc  # ?", "module shop/cart.py"),
    ("import shop.deep.er as d\nd.Deeper()  # ?", "Deeper"),
    ("import shop.deep.er\nshop.deep.er.Deeper  # ?", "type[Deeper]"),
    ("from shop import cart\ncart.Item  # ?", "type[Item]"),
    ("from shop.deep import er\ner  # ?", "module shop/deep/er.py"),
    ("from shop.cart import Cart as Basket\nBasket()  # ?", "Cart"),
    ("from shop import Cart\nCart  # ?", "type[Cart]"),
    ("from shop import price\nprice  # ?", "price_of()"),
    ("import shop\nshop.price  # ?", "price_of()"),
    ("from shop.cart import *\nCart  # ?", "type[Cart]"),
    ("def f():\n    from shop.cart import Cart\n    return Cart  # ?", "type[Cart]"),
    ("try:\n    from shop.cart import Cart\nexcept ImportError:\n    pass\nCart  # ?", "type[Cart]"),
    ("from shop.prices import RATES\nRATES['pen']  # ?", "Rate"),
    ("import missing\nmissing.x  # ?", ""),
    ("from shop import missing\nmissing  # ?", ""),
    ("import os\nos.path.join  # ?", ""),
    ("### shop/use.py\nfrom .cart import Cart\nCart  # ?", "type[Cart]"),
    ("### shop/use.py\nfrom . import cart\ncart.Cart  # ?", "type[Cart]"),
    ("### shop/use.py\nfrom . import Cart\nCart  # ?", "type[Cart]"),
    ("### shop/deep/use.py\nfrom ..cart import Cart\nCart  # ?", "type[Cart]"),
    ("### shop/deep/use.py\nfrom .. import price\nprice  # ?", "price_of()"),
    ("### shop/deep/use.py\nfrom ... import shop\nshop.Cart  # ?", ""),  # beyond the outermost package
    ("### shop/deep/use.py\nfrom ....cart import Cart\nCart  # ?", ""),
]


@pytest.mark.parametrize(("text", "expected"), IMPORTS)
def test_imports_of_every_form_are_followed(text: str, expected: str) -> None:
    assert inferred(text + SHOP) == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("Cart", "Cart"),
        ("'Cart'", "Cart"),
        ("shop.Cart", "Cart"),
        ("Optional[Cart]", "Cart"),
        ("typing.Optional['Cart']", "Cart"),
        ("Cart | None", "Cart"),
        ("'Cart | None'", "Cart"),
        ("Union[Cart, Item, None]", "Cart | Item"),
        ("Annotated[Cart, 'x']", "Cart"),
        ("list[Cart]", "[Cart]"),
        ("List['Cart']", "[Cart]"),
        ("Sequence[Cart | Item]", "[Cart | Item]"),
        ("dict[str, Cart]", "[Cart]"),
        ("dict[str, list[Cart]]", "[[Cart]]"),
        ("tuple[Cart, ...]", "[Cart]"),
        ("tuple[Cart, Item]", "[Cart | Item]"),
        ("type[Cart]", "type[Cart]"),
        ("Iterator[Cart]", "[Cart]"),
        ("Box[Cart]", "Box"),
        ("str", ""),
        ("list[int]", "[]"),
        ("'not valid ['", ""),
        ("missing.Thing", ""),
    ],
)
def test_annotations_are_believed(annotation: str, expected: str) -> None:
    head = "import shop\nimport typing\nfrom typing import *\nfrom shop import Cart\nfrom shop.cart import Item\n"
    code = f"class Box: ...\ndef f(x: {annotation}):\n    return x  # ?\n"
    assert inferred(head + code + SHOP) == expected


def test_every_annotation_in_quotes_is_read_for_itself() -> None:
    text = "".join(f"class C{n}: ...\ndef f{n}() -> 'C{n}': ...\n" for n in range(200))
    program = program_of(text)
    module, inference = program.of(program.near[0]), Inference(program)
    returned = [inference.returned(module.definitions[f"f{n}"]) for n in range(200)]
    assert [" | ".join(map(told, values)) for values in returned] == [f"C{n}" for n in range(200)]


CLASSES = """
    class Item:
        price = Price()
        def cost(self): return self.price
    class Price: ...
    class Engine: ...
    class Base:
        shared = Price()
        def __init__(self, engine: Engine):
            self.engine = engine
            self.items = [Item()]
            self.by_name = {}
            self.late = None
        def start(self): return Item()
        @property
        def first(self): return self.items[0]
        @functools.cached_property
        def best(self) -> Price: ...
        @classmethod
        def make(cls): return cls()
        @staticmethod
        def plain(item: Item): return item
        def fluent(self): return self
        def typed(self) -> Self: ...
        def __getitem__(self, name): return Item()
        def __iter__(self):
            yield Price()
        def __call__(self): return Engine()
    class Car(Base):
        limit: Price
        def start(self): return super().start()
        def again(self):
            self.late = Engine()
            self.by_name["x"] = Item()
            return self.EXPRESSION  # ?
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("engine", "Engine"),
        ("items", "[Item]"),
        ("items[0]", "Item"),
        ("items[0].cost()", "Price"),
        ("items[0].price", "Price"),
        ("late", "Engine"),
        ("limit", "Price"),
        ("shared", "Price"),
        ("start", "Car.start()"),
        ("start()", "Item"),
        ("first", "Item"),
        ("first.price", "Price"),
        ("best", "Price"),
        ("make()", "Base"),
        ("plain(1)", "Item"),
        ("fluent()", "Base"),
        ("fluent().start", "Base.start()"),
        ("typed()", "Base"),
        ("missing", ""),
    ],
)
def test_members_are_found_through_self_and_bases(expression: str, expected: str) -> None:
    assert inferred(CLASSES.replace("EXPRESSION", expression)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Car", "type[Car]"),
        ("Car(Engine())", "Car"),
        ("Car(Engine()).engine", "Engine"),
        ("Car.make", "Base.make()"),
        ("Car.shared", "Price"),
        ("Car(1)['x']", "Item"),
        ("Car(1)()", "Engine"),
        ("next(iter(Car(1).items))", "Item"),
        ("max(Car(1).items, key=len)", "Item"),
        ("sorted(Car(1).items)[0]", "Item"),
        ("[item.price for item in Car(1).items]", "[Price]"),
        ("{name: item for name, item in {'a': Item()}.items()}", "[Item]"),
        ("Car(1) if x else Item()", "Car | Item"),
        ("None or Item()", "Item"),
        ("(Item(), Price())[0]", "Item | Price"),
        ("{'a': Item()}['a']", "Item"),
        ("{'a': Item()}.get('a')", "Item"),
        ("{'a': Item()}.values()", "[Item]"),
        ("[*Car(1).items]", "[Item]"),
        ("(found := Item())", "Item"),
        ("Price() + 1", "Price"),
        ("dataclasses.replace(Item(), price=1)", "Item"),
        ("Item", "type[Item]"),
        ("lambda: Item()", ""),
        ("1 + 2", ""),
        ("len('x')", ""),
    ],
)
def test_expressions_of_every_kind_are_worked_out(expression: str, expected: str) -> None:
    assert inferred(f"{CLASSES.replace('# ?', '')}    {expression}  # ?\n") == expected


FUNCTIONS = """
    import contextlib
    class Row: ...
    class Error(Exception): ...
    def plain():
        if x:
            return None
        return Row()
    def typed() -> Row: return load()
    def either(flag):
        if flag:
            return Row()
        return Error()
    def through(): return plain()
    def local():
        rows = [Row()]
        rows.append(1)
        return rows
    def rows():
        yield Row()
    async def fetch(): return Row()
    async def stream():
        yield Row()
    @contextlib.contextmanager
    def opened():
        yield Row()
    @contextmanager
    def declared() -> Iterator[Row]:
        yield load()
    def many() -> list[Row]: ...
    def nothing(): ...
    def identity(x): return x
    def default(x=Row()): return x
    def outer():
        def inner(): return Row()
        return inner()
    class Opened:
        def __enter__(self): return Row()
    class Plain:
        def __enter__(self): return self
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("plain()", "Row"),
        ("typed()", "Row"),
        ("either(1)", "Row | Error"),
        ("through()", "Row"),
        ("local()", "[Row]"),
        ("rows()", "[Row]"),
        ("list(rows())[0]", "Row"),
        ("await fetch()", "Row"),
        ("opened()", "Row"),
        ("declared()", "Row"),
        ("many()", "[Row]"),
        ("many().pop()", "Row"),
        ("nothing()", ""),
        ("default()", "Row"),
        ("outer()", "Row"),
    ],
)
def test_a_call_gives_what_its_function_gives_back(expression: str, expected: str) -> None:
    assert inferred(f"{FUNCTIONS}    {expression}  # ?\n") == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["for row in many(): row", "row"], "Row"),
        (["for number, row in enumerate(many()): pass", "row"], "Row"),
        (["for name, row in {'a': Row()}.items(): pass", "row"], "Row"),
        (["for row in rows(): pass", "row"], "Row"),
        (["async for row in stream(): pass", "row"], "Row"),
        (["first, *rest = many()", "first"], "Row"),
        (["first, *rest = many()", "rest"], "Row"),
        (["(a, (b, c)) = many()", "b"], "Row"),
        (["a = b = Row()", "a"], "Row"),
        (["with opened() as row: pass", "row"], "Row"),
        (["with declared() as row: pass", "row"], "Row"),
        (["with Opened() as row: pass", "row"], "Row"),
        (["with Plain() as one: pass", "one"], "Plain"),
        (["x: Row = load()", "x"], "Row"),
        (["x: list[Row] = []", "x[0]"], "Row"),
        (["if (x := plain()): pass", "x"], "Row"),
        (["x = [row for row in many()]", "x[0]"], "Row"),
        (["x = Error()", "x = Row()", "x"], "Error | Row"),
        (["y = Row()", "x = y", "x"], "Row"),
        (["x = None", "x = x or Row()", "x"], "Row"),
        (["given = many()", "given"], "Error | [Row]"),
        (["given", "given = many()"], "Error"),
        (["given += 1", "given"], "Error"),
        (["x = Row()", "x", "x = Error()"], "Row"),
        (["x = load()", "x"], ""),
        (["row = missing", "row"], ""),
    ],
)
def test_names_are_followed_to_what_they_were_bound_to(lines: list[str], expected: str) -> None:
    body = "".join(f"        {line}{'  # ?' if line.isidentifier() or line.endswith(']') else ''}\n" for line in lines)
    text = f"{FUNCTIONS}    async def run(given: Error):\n{body}"
    # Only the last marked line is asked about.
    head, _, tail = text.rpartition("# ?")
    assert inferred(head.replace("# ?", "") + "# ?" + tail) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            """
            class Shop: ...
            @pytest.fixture
            def shop(): return Shop()
            def test_shop(shop):
                shop  # ?
            """,
            "Shop",
        ),
        (
            """
            def test_shop(shop):
                shop  # ?
            ### conftest.py
            class Shop: ...
            @pytest.fixture(name="shop")
            def _shop():
                yield Shop()
            """,
            "Shop",
        ),
        (
            """
            ### tests/deep/test_shop.py
            def test_shop(cart):
                cart  # ?
            ### tests/conftest.py
            class Shop:
                def cart(self): return Cart()
            class Cart: ...
            @pytest.fixture
            def shop(): return Shop()
            @pytest.fixture()
            def cart(shop):
                return shop.cart()
            """,
            "Cart",
        ),
        (
            """
            ### tests/deep/test_shop.py
            def test_shop(shop):
                shop  # ?
            ### tests/deep/conftest.py
            class Near: ...
            @pytest.fixture
            def shop(): return Near()
            ### tests/conftest.py
            class Far: ...
            @pytest.fixture
            def shop(): return Far()
            """,
            "Near",
        ),
        (
            """
            class Shop: ...
            class TestShop:
                @pytest.fixture
                def shop(self): return Shop()
                def test_shop(self, shop):
                    shop  # ?
            """,
            "Shop",
        ),
        (
            """
            class Shop: ...
            @pytest.fixture
            def make_shop():
                def make(): return Shop()
                return make
            def test_shop(make_shop):
                make_shop()  # ?
            """,
            "Shop",
        ),
        (
            """
            class Shop: ...
            @pytest.fixture
            def shop(): return Shop()
            def not_collected(shop):
                shop  # ?
            """,
            "",
        ),
    ],
    ids=["module", "conftest-renamed", "fixture-of-fixture", "nearest-conftest", "class", "factory", "no-test"],
)
def test_the_parameter_of_a_test_is_what_its_fixture_gives(text: str, expected: str) -> None:
    assert inferred(text) == expected


CALLED = """
    class Row: ...
    class Table:
        def __init__(self, rows):
            self.rows = rows
        def add(self, row, /, *, note=None, **more):
            row, note  # ?
        @staticmethod
        def load(row): return row
    def use(first, row=None, *rest):
        return row
    def run():
        rows = Row()
        CALL
"""


@pytest.mark.parametrize(
    ("call", "function", "parameter", "expected"),
    [
        ("use(1, rows)", "use", "row", "Row"),
        ("use(row=rows, first=1)", "use", "row", "Row"),
        ("use(1, Row())", "use", "row", "Row"),
        ("use(1)", "use", "row", ""),
        ("use(*rows)", "use", "row", ""),
        ("use(1, use(2, 3))", "use", "row", ""),
        ("Table().add(rows)", "Table.add", "row", "Row"),
        ("Table().add(1, note=rows)", "Table.add", "note", "Row"),
        ("Table.load(rows)", "Table.load", "row", "Row"),
        ("Table(rows)", "Table.__init__", "rows", "Row"),
        ("return use(1, rows) if rows else None", "use", "row", "Row"),
    ],
)
def test_an_argument_is_what_the_stack_shows_to_be_passed(
    call: str, function: str, parameter: str, expected: str
) -> None:
    program = program_of(CALLED.replace("CALL", call))
    module = program.of(program.near[0])
    outer, inner = module.definitions["run"], module.definitions[function]
    inference = Inference(program)
    calls_on_the_stack(
        [Root(module, outer, (outer.last_line,), 0.8), Root(module, inner, (inner.last_line,), 1.0)], inference
    )
    scope = Scope(module, inner, inner.last_line)
    assert " | ".join(map(told, inference.named(parameter, scope))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(): return f()\nf()  # ?", ""),
        ("def f(): return g()\ndef g(): return f() or Row()\nclass Row: ...\nf()  # ?", "Row"),
        ("x = x\nx  # ?", ""),
        ("a = b\nb = a\na  # ?", ""),
        ("def f():\n    x = x\n    return x  # ?", ""),
        ("class A(A):\n    def m(self): return self\nA().m()  # ?", "A"),
        ("class A(B): ...\nclass B(A):\n    def m(self): return self\nA().m()  # ?", "B"),
        ("class A:\n    def f(self):\n        self.x = self.x\n        return self.x  # ?", ""),
        ("class A:\n    @property\n    def x(self): return self.x\nA().x  # ?", ""),
        ("x: 'x' = 1\nx  # ?", ""),
        ("class A:\n    def __getitem__(self, i): return self[i]\nA()[0]  # ?", ""),
        ("class A:\n    def __call__(self): return self()\nA()()  # ?", ""),
        ("from app import x\nx  # ?", ""),
        ("from one import x\nx  # ?\n### one.py\nfrom two import x\n### two.py\nfrom one import x\n", ""),
        ("from one import *\nx  # ?\n### one.py\nfrom two import *\n### two.py\nfrom one import *\n", ""),
        ("import one\none.two.one.two  # ?\n### one.py\nimport two\n### two.py\nimport one\n", "module two.py"),
    ],
)
def test_what_refers_to_itself_comes_to_an_end(text: str, expected: str) -> None:
    assert inferred(text) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "a" + ".b" * 400,
        "f" + "(1)" * 90,
        "x" + "[0]" * 90,
        "[" * 90 + "x" + "]" * 90,
        " + ".join(["x"] * 2000),
        "[" + ", ".join(["Row()"] * 20_000) + "]",
        " or ".join(f"x{n}" for n in range(5000)),
    ],
    ids=lambda expression: expression[:6],
)
def test_a_monstrous_expression_costs_little(expression: str) -> None:
    started = time.process_time()
    inferred(f"class Row: ...\nx = Row()\n{expression}  # ?\n")
    assert time.process_time() - started < 1


def test_a_long_chain_of_functions_ends_with_no_answer_and_at_once() -> None:
    text = "".join(f"def f{n}(): return f{n + 1}() or f{n + 2}() or f{n + 3}()\n" for n in range(500)) + "f0()  # ?\n"
    started = time.process_time()
    assert inferred(text) == ""
    assert time.process_time() - started < 1


def test_the_answer_does_not_depend_on_what_was_asked_before() -> None:
    text = (
        "class Row: ...\n"
        + "".join(f"def f{n}(): return f{n + 1}()\n" for n in range(10))
        + "def f10(): return Row()\n"
    )
    program = program_of(text)
    module = program.of(program.near[0])

    def results(order: list[int]) -> dict[int, tuple[str, ...]]:
        inference = Inference(program)
        return {n: tuple(map(told, inference.returned(module.definitions[f"f{n}"]))) for n in order}

    assert results(list(range(11))) == dict.fromkeys(range(11), ("Row",))
    assert results(list(range(10, -1, -1))) == dict.fromkeys(range(11), ("Row",))


def test_a_class_keeps_one_place_in_its_lineage() -> None:
    text = """
        class A: ...
        class B(A): ...
        class C(A, Generic[T]): ...
        class D(B, C, missing.E): ...
        """
    program = program_of(text)
    module = program.of(program.near[0])
    names = [each.qualname for each in Inference(program).lineage(module.definitions["D"])]
    assert sorted(names) == ["A", "B", "C", "D"]
    assert names[:2] == ["D", "B"]


def test_members_are_those_of_the_nearest_class_that_has_them() -> None:
    text = """
        class A:
            name = 1
            def m(self):
                self.x = 1
        class B(A):
            def m(self):
                self.y = 2
                self.y = 3
        """
    program = program_of(text)
    module = program.of(program.near[0])
    inference, b = Inference(program), module.definitions["B"]

    def lines(name: str) -> list[tuple[str, int]]:
        return [(member.qualname, member.node.lineno) for member in inference.members(b, name)]

    assert lines("m") == [("B.m", 6)]
    assert lines("x") == [("A.x", 4)]
    assert lines("y") == [("B.y", 7), ("B.y", 8)]
    assert lines("name") == [("A.name", 2)]
    assert lines("z") == []


def test_a_function_that_is_defined_twice_is_the_later_one() -> None:
    text = "def f(): return One()\ndef f(): return Two()\nclass One: ...\nclass Two: ...\nf()  # ?\n"
    assert inferred(text) == "Two"


def test_a_statement_of_a_file_that_does_not_parse_is_not_asked_about() -> None:
    program = program_of("import broken\nbroken.f()\n### broken.py\ndef f(:\n")
    module = program.of(program.near[0])
    assert module.tree is not None
    statement = statement_at(module.tree, 2)
    assert isinstance(statement, ast.Expr)
    inference = Inference(program)
    assert inference.values(statement.value, Scope(module, None, 2)) == ()
    assert isinstance(statement.value, ast.Call)
    assert isinstance(statement.value.func, ast.Attribute)
    base = inference.values(statement.value.func.value, Scope(module, None, 2))
    assert list(map(told, base)) == ["module broken.py"]


def test_an_assignment_is_a_symbol_of_its_own() -> None:
    question = asked("class Row: ...\nROWS = [Row()]\nROWS  # ?\n")
    (value,) = Inference(question.program).values(question.expression, question.scope)
    assert isinstance(value.symbol, Symbol)
    assert (value.symbol.qualname, value.symbol.first_line, told(value)) == ("ROWS", 2, "[Row]")
