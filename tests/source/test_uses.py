"""Which definitions a line uses."""

from __future__ import annotations

import pytest

from snapfix.source.python.inference import Inference
from snapfix.source.python.uses import Uses
from tests.source.programs import asked


def weights(text: str) -> dict[str, float]:
    """What the line that ends in ``# ?`` uses, each with its greatest weight."""
    question = asked(text)
    found: dict[str, float] = {}
    for use in Uses(Inference(question.program)).of([question.statement], question.module, question.function):
        found[use.symbol.qualname] = max(found.get(use.symbol.qualname, 0.0), use.weight)
    return found


def used(text: str) -> str:
    """``Cart Cart.total ~Bag.total``: those that are not certain have a tilde."""
    return " ".join(f"{'' if weight == 1 else '~'}{name}" for name, weight in sorted(weights(text).items()))


MONEY = """
    class Money:
        def __init__(self, cents): ...
        def __add__(self, other): ...
        def __truediv__(self, other): ...
        def __eq__(self, other): ...
        def __lt__(self, other): ...
        def __contains__(self, x): ...
        def __getitem__(self, key): ...
        def __setitem__(self, key, value): ...
        def __delitem__(self, key): ...
        def __len__(self): ...
        def __str__(self): ...
        def __iter__(self): ...
        def __aiter__(self): ...
        def __bool__(self): ...
        def __hash__(self): ...
        def __call__(self): ...
        def __enter__(self): ...
        def __exit__(self, *args): ...
    class Plain: ...
    async def run(money: Money, plain: Plain, number):
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("money + 1", "__add__"),
        ("money += 1", "__add__"),
        ("money / 2", "__truediv__"),
        ("money == 1", "__eq__"),
        ("money != 1", "__eq__"),
        ("1 < number < money < 3", "__lt__"),
        ("1 in money", "__contains__"),
        ("1 not in money", "__contains__"),
        ("money[1]", "__getitem__"),
        ("money[1] = 2", "__setitem__"),
        ("del money[1]", "__delitem__"),
        ("len(money)", "__len__"),
        ("str(money)", "__str__"),
        ("f'{money:>3}'", "__str__"),
        ("[x for x in money]", "__iter__"),
        ("for x in money: pass", "__iter__"),
        ("async for x in money: pass", "__aiter__"),
        ("list(money)", "__iter__"),
        ("set(money)", "__eq__ __hash__ __iter__"),
        ("bool(money)", "__bool__ __len__"),
        ("money()", "__call__"),
        ("with money: pass", "__enter__ __exit__"),
        ("with money as x, plain: pass", "__enter__ __exit__"),
        ("plain + 1", ""),
        ("number + money", ""),
        ("len(plain)", ""),
    ],
)
def test_an_operator_uses_the_method_that_stands_for_it(line: str, expected: str) -> None:
    assert used(f"{MONEY}        {line}  # ?\n") == " ".join(f"Money.{name}" for name in expected.split())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("total(1)", "total"),
        ("[total]", "total"),
        ("Money(1)", "Money ~Money.__init__"),
        ("Child()", "~Base.__init__ Child"),
        ("Data(1)", "Data ~Data.__post_init__"),
        ("shop.price()", "price"),
        ("shop.RATES['x']", "RATES"),
        ("RATE * 2", "RATE"),
        ("return total(RATE)", "RATE total"),
        ("raise Money(1) from total(2)", "Money ~Money.__init__ total"),
        ("if total(1): never()", "total"),
        ("while total(1): never()", "total"),
        ("for x in total(1): never()", "total"),
        ("def inner(x=total(1)): never()", ""),
        ("lambda: total(1)", "total"),
        ("try: never()", ""),
        ("print(str(1), open('x'))", ""),
        ("local(1)", ""),
        ("parameter(1)", ""),
        ("unknown(1)", ""),
        ("total.missing", "total"),
    ],
)
def test_names_use_what_they_stand_for(line: str, expected: str) -> None:
    text = f"""
        import shop
        RATE = 2
        def total(x): ...
        def never(): ...
        def local(): ...
        def parameter(): ...
        class Money:
            def __init__(self, x): ...
        class Base:
            def __init__(self): ...
        class Child(Base): ...
        class Data:
            def __post_init__(self): ...
        def run(parameter):
            local = 1
            {line}  # ?
            {"finally: pass" if line.startswith("try") else "pass"}
        ### shop.py
        RATES = {{}}
        def price(): ...
        """
    assert used(text) == expected


SHAPES = """
    class Shape:
        side = 1
        def area(self): raise NotImplementedError
        def name(self): ...
        def only_here(self): ...
    class Square(Shape):
        def area(self): ...
    class Tiny(Square):
        def area(self): ...
        def name(self): ...
    class Other:
        def area(self): ...
    def run(shape: Shape, square: Square, unknown):
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("shape.area()", "Shape.area ~Square.area ~Tiny.area"),
        ("square.area()", "Square.area ~Tiny.area"),
        ("square.name()", "Shape.name ~Tiny.name"),
        ("square.only_here()", "Shape.only_here"),
        ("square.side", "Shape.side"),
        ("unknown.area()", "~Other.area ~Shape.area ~Square.area ~Tiny.area"),
        ("unknown.only_here()", "~Shape.only_here"),
        ("unknown.missing()", ""),
    ],
)
def test_overrides_in_subclasses_count_less_and_guesses_by_name_least(line: str, expected: str) -> None:
    assert used(f"{SHAPES}        {line}  # ?\n") == expected


def test_a_guess_weighs_less_the_more_there_are_to_choose_from() -> None:
    one, three = (
        weights(
            "".join(f"class A{n}:\n    def area(self): ...\n" for n in range(count)) + "def f(x):\n    x.area()  # ?\n"
        )
        for count in (1, 3)
    )
    override = weights(f"{SHAPES}        shape.area()  # ?\n")["Square.area"]
    assert 1 > override > one["A0.area"] > three["A0.area"] > 0


def test_nothing_is_guessed_where_there_are_too_many_of_the_name() -> None:
    text = "".join(f"class A{n}:\n    def area(self): ...\n" for n in range(50)) + "def f(x):\n    x.area()  # ?\n"
    assert used(text) == ""


@pytest.mark.parametrize("method", ["append", "get", "split", "items", "read", "join", "__len__", "strftime"])
def test_methods_of_built_in_types_are_not_guessed(method: str) -> None:
    text = f"class Own:\n    def {method}(self): ...\ndef f(x):\n    x.{method}()  # ?\n"
    assert used(text) == ""
    assert used(text.replace("def f(x)", "def f(x: Own)")) == f"Own.{method}"


def test_an_object_of_the_project_is_never_guessed_to_be_another() -> None:
    text = "class A: ...\nclass B:\n    def area(self): ...\ndef f(x: A):\n    x.area()  # ?\n"
    assert used(text) == ""


@pytest.mark.parametrize(
    "looked_up",
    [
        "getattr(self, 'visit_' + node.kind)",
        "getattr(self, f'visit_{node.kind}', None)",
        "getattr(self, 'visit_' + 'x' + node.kind)",
    ],
)
def test_handlers_that_are_looked_up_by_a_prefix_are_found(looked_up: str) -> None:
    base = f"""
        class Visitor:
            def visit(self, node):
                return {looked_up}(node){{mark}}
            def visit_base(self, node): ...
            def other(self): ...
        class Printer(Visitor):
            def visit_add(self, node): ...
            def visit_mul(self, node): ...
        """
    assert used(base.replace("{mark}", "  # ?")) == "~Visitor.visit_base"
    called = base.replace("{mark}", "") + "Printer().visit(1)  # ?\n"
    assert used(called) == "Printer ~Printer.visit_add ~Printer.visit_mul Visitor.visit ~Visitor.visit_base"


def test_the_name_of_a_handler_may_be_made_on_a_line_of_its_own() -> None:
    text = """
        class Visitor:
            def visit(self, node):
                name = "on_" + node.kind
                return getattr(self, name)(node)  # ?
            def on_add(self, node): ...
        """
    assert used(text) == "~Visitor.on_add"


def test_a_lookup_of_any_name_says_nothing() -> None:
    text = "class A:\n    def f(self, name):\n        return getattr(self, name)()  # ?\n    def g(self): ...\n"
    assert used(text) == ""


def test_a_table_of_functions_is_used_where_it_is_indexed() -> None:
    text = """
        def one(): ...
        def two(): ...
        TABLE = {"one": one, "two": two}
        def run(name):
            return TABLE[name](1)  # ?
        """
    assert used(text) == "TABLE one two"


def test_attributes_lead_to_where_methods_assign_them() -> None:
    text = """
        class Cart:
            def __init__(self):
                self.items = []
            def fill(self):
                self.items = None
            def total(self):
                return sum(self.items)  # ?
        """
    question = asked(text)
    uses = Uses(Inference(question.program)).of([question.statement], question.module, question.function)
    sites = {use.symbol.node.lineno: use.weight for use in uses}
    assert sorted(sites) == [3, 5]
    assert sites[3] == 1 > sites[5]
