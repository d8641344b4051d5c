"""The code that is shown: which, in what order, and what is left out of it."""

from __future__ import annotations

from pathlib import Path

from snapfix.crash import CrashContext, Frame, Piece, PieceKind
from snapfix.source import collect
from tests.source.crashing import collected, crashed, exception, of, reasons, with_code, write


def numbers(piece: Piece) -> list[int]:
    return [number for number, _ in piece.lines]


def titles(context: CrashContext) -> list[tuple[PieceKind, str]]:
    return [(piece.kind, piece.title) for piece in context.pieces]


def only(context: CrashContext, kind: PieceKind) -> Piece:
    (piece,) = [piece for piece in context.pieces if piece.kind is kind]
    return piece


SHOP = {
    "app.py": """
        import sys
        from shop.cart import Cart

        LIMIT = 3

        def main(names):
            cart = Cart(names)
            return cart.total()

        main(sys.argv)
        """,
    "shop/__init__.py": "",
    "shop/cart.py": '''
        """Carts."""
        from dataclasses import dataclass

        from .prices import price_of

        @dataclass
        class Cart:
            names: list[str]

            def first(self):
                return self.names[0]

            @property
            def total_cents(self):
                return 100

            def total(self):
                # the sum
                return (
                    price_of(self.first())
                    + self.total_cents
                )
        ''',
    "shop/prices.py": """
        PRICES = {"pen": 2}

        def price_of(name):
            return PRICES[name]
        """,
}


def test_the_stack_comes_first_then_what_it_uses_and_the_imports_of_others_last(tmp_path: Path) -> None:
    context = with_code(crashed(write(tmp_path, SHOP), "app.py"))
    stack = [(kind, title) for kind, title in titles(context) if kind in (PieceKind.FAILING, PieceKind.CALLER)]
    assert stack == [
        (PieceKind.FAILING, "price_of"),
        (PieceKind.CALLER, "Cart.total"),
        (PieceKind.CALLER, "main"),
        (PieceKind.CALLER, "<module>"),
    ]
    assert titles(context)[:2] == stack[:2]
    assert [piece.rank for piece in context.pieces] == list(range(len(context.pieces)))
    used = {(piece.file, piece.title) for piece in context.pieces if piece.kind is PieceKind.DEFINITION}
    assert used >= {("shop/prices.py", "PRICES"), ("shop/cart.py", "Cart.first"), ("shop/cart.py", "Cart.total_cents")}
    assert [(piece.kind, piece.file) for piece in context.pieces[-2:]] == [
        (PieceKind.IMPORTS, "shop/cart.py"),
        (PieceKind.IMPORTS, "app.py"),
    ]


def test_the_imports_that_the_failing_code_uses_come_before_the_others(tmp_path: Path) -> None:
    program = """
        import os
        import sys, json
        from math import *

        def run():
            return sys.missing

        run()
        """
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    imports = [numbers(piece) for piece in context.pieces if piece.kind is PieceKind.IMPORTS]
    assert imports == [[2, 3], [1, 2, 3]]


def test_the_rest_of_the_class_is_shown_without_the_bodies_of_its_methods(tmp_path: Path) -> None:
    program = """
        class Cart:
            \"\"\"A cart.\"\"\"

            limit: int = 3

            def __init__(self):
                self.items = [None]

            @property
            def first(
                self,
            ):
                return self.items[0]

            def total(self):
                return self.items[0].price

            async def never(self):
                await self.far()

        Cart().total()
        """
    context = with_code(crashed(write(tmp_path, {"app.py": program.replace("\\", "")}), "app.py"))
    outline = only(context, PieceKind.OUTLINE)
    assert (outline.title, numbers(outline)) == ("Cart", [1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 15, 18])


def test_what_makes_the_object_is_an_origin(tmp_path: Path) -> None:
    program = """
        class Cart:
            def __init__(self, customer):
                self.customer = customer

            def rename(self):
                self.customer = None

            def total(self):
                return self.customer.price

        cart = Cart(1)
        cart.rename()
        cart.total()
        """
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    origins = {piece.title for piece in context.pieces if piece.kind is PieceKind.ORIGIN}
    assert {"Cart.__init__", "Cart.rename"} <= origins


def test_a_method_is_shown_whole_with_the_header_of_its_class(tmp_path: Path) -> None:
    context = with_code(crashed(write(tmp_path, SHOP), "app.py"))
    method = context.pieces[1]
    assert [text for _, text in method.lines] == [
        "@dataclass",
        "class Cart:",
        "    def total(self):",
        "        # the sum",
        "        return (",
        "            price_of(self.first())",
        "            + self.total_cents",
        "        )",
    ]
    assert [text for number, text in method.lines if number in method.marked] == ["            price_of(self.first())"]


def test_lines_carry_their_numbers_in_the_file(tmp_path: Path) -> None:
    context = with_code(crashed(write(tmp_path, SHOP), "app.py"))
    for piece in context.pieces:
        file = context.file(piece.file)
        assert file is not None
        assert all(file.lines[number - 1] == text for number, text in piece.lines)
        assert numbers(piece) == sorted(set(numbers(piece)))
        assert set(piece.marked) <= set(numbers(piece))


def test_the_imports_of_a_module_are_no_part_of_its_own_code(tmp_path: Path) -> None:
    context = with_code(crashed(write(tmp_path, SHOP), "app.py"))
    module = next(piece for piece in context.pieces if piece.title == "<module>")
    assert (module.lines[0][1], module.lines[-1][1]) == ("LIMIT = 3", "main(sys.argv)")
    failing = with_code(crashed(write(tmp_path, {"app.py": "import os\nimport missing_module\nprint(1)\n"}), "app.py"))
    assert numbers(failing.pieces[0]) == [1, 2, 3], "unless it is one of them that fails"


def test_what_the_failing_statement_calls_is_shown(tmp_path: Path) -> None:
    files = SHOP | {"shop/prices.py": "def price_of(name):\n    return 'free'\n"}
    context = with_code(crashed(write(tmp_path, files), "app.py"))
    assert titles(context)[0] == (PieceKind.FAILING, "Cart.total")
    called = {(piece.file, piece.title) for piece in context.pieces if piece.kind is PieceKind.DEFINITION}
    assert called >= {
        ("shop/prices.py", "price_of"),
        ("shop/cart.py", "Cart.first"),
        ("shop/cart.py", "Cart.total_cents"),
    }
    prop = next(piece for piece in context.pieces if piece.title == "Cart.total_cents")
    assert "    @property" in [text for _, text in prop.lines]


def test_calls_are_followed_through_every_form_of_import(tmp_path: Path) -> None:
    files = {
        "app.py": """
            import shop.cart
            import shop.prices as p
            from shop import cart as c, Cart, make
            from shop.prices import price_of as price

            def local(x):
                return x

            class Far:
                one = 1
                two = 2
                three = 3

            def run():
                def inner(x):
                    return x
                return c.one(shop.cart.two(p.three(price(Cart(make(local(inner(None.x))))))))

            run()
            """,
        "shop/__init__.py": "from .cart import Cart\nfrom shop.prices import make_it as make\n",
        "shop/cart.py": "def one(x): ...\n\ndef two(x): ...\n\nclass Cart:\n    def __init__(self, y): ...\n",
        "shop/prices.py": "def three(x): ...\n\ndef price_of(x): ...\n\ndef make_it(x): ...\n",
    }
    context = with_code(crashed(write(tmp_path, files), "app.py"))
    called = {(piece.file, piece.title) for piece in context.pieces if piece.kind is PieceKind.DEFINITION}
    assert called >= {
        ("shop/cart.py", "one"),
        ("shop/cart.py", "two"),
        ("shop/prices.py", "three"),
        ("shop/prices.py", "price_of"),
        ("shop/cart.py", "Cart"),
        ("shop/cart.py", "Cart.__init__"),
        ("shop/prices.py", "make_it"),
        ("app.py", "local"),
        ("app.py", "run.inner"),
    }


def test_only_the_header_of_a_compound_statement_counts_as_the_failing_statement(tmp_path: Path) -> None:
    program = """
        def items():
            return None

        def use(item):
            print(item)

        for item in items():
            use(item)
        """
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    assert [text for _, text in context.pieces[0].lines][-2:] == ["for item in items():", "    use(item)"]
    assert "use" not in [piece.title for piece in context.pieces if piece.kind is PieceKind.DEFINITION]


def test_frames_of_one_function_share_a_piece(tmp_path: Path) -> None:
    program = """
        def down(n):
            if n == 0:
                return {}["x"]
            return down(n - 1)

        down(50)
        """
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    assert titles(context) == [(PieceKind.FAILING, "down"), (PieceKind.CALLER, "<module>")]
    assert context.pieces[0].marked == (3, 4)


def test_a_comprehension_belongs_to_its_function(tmp_path: Path) -> None:
    program = """
        def total(items):
            key = lambda i: i.price
            return sum(key(i) for i in items)

        total([1])
        """
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    assert titles(context) == [(PieceKind.FAILING, "total"), (PieceKind.CALLER, "<module>")]
    assert context.pieces[0].marked == (2, 3)


def test_a_nested_function_is_shown_with_the_header_of_the_outer_one(tmp_path: Path) -> None:
    program = """
        def outer(a,
                  b):
            x = 1

            def inner():
                return x.y

            return inner()

        outer(1, 2)
        """
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    assert (context.pieces[0].title, numbers(context.pieces[0])) == ("outer.inner", [1, 2, 5, 6])


def test_a_class_body_is_shown_around_the_line(tmp_path: Path) -> None:
    methods = "".join(f"    def m{n}(self):\n        return {n}\n\n" for n in range(20))
    program = f"class Shop(dict):\n{methods}    limit = missing\n\n    def last(self):\n        return 1\n"
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    piece = context.pieces[0]
    assert piece.title == "Shop"
    assert numbers(piece)[0] == 1
    assert len(numbers(piece)) < 20
    assert [text for number, text in piece.lines if number in piece.marked] == ["    limit = missing"]
    assert "    def last(self):" in [text for _, text in piece.lines]


def test_a_decorator_that_fails_in_a_class_body_belongs_to_the_class(tmp_path: Path) -> None:
    program = "class Shop:\n    @missing\n    def total(self):\n        return 1\n"
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    assert context.pieces[0].title == "Shop"


def test_a_module_is_shown_by_whole_statements_around_the_line(tmp_path: Path) -> None:
    program = (
        "import os\n"
        + "".join(f"def f{n}():\n    a = 1\n    return a\n\n" for n in range(10))
        + "# the answer\nx = (\n    1 +\n    missing\n)\n"
        + "".join(f"def g{n}():\n    a = 1\n    return a\n\n" for n in range(10))
    )
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    piece = context.pieces[0]
    texts = [text for _, text in piece.lines]
    assert texts[0] == "def f9():"
    assert texts[-1] == "    return a"
    assert "# the answer" in texts
    assert all(f"def f{n}():" not in texts for n in range(9))
    assert len([text for text in texts if text.startswith("def ")]) == len(
        [text for text in texts if text == "    return a"]
    )
    assert only(context, PieceKind.IMPORTS).lines == ((1, "import os"),)


def test_a_file_that_does_not_parse_is_shown_around_the_line(tmp_path: Path) -> None:
    program = "import os\n" + "x = 1\n" * 30 + "def f(:\n" + "y = 2\n" * 30
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    piece = context.pieces[0]
    assert (piece.kind, numbers(piece), piece.marked) == (PieceKind.FAILING, list(range(22, 43)), (32,))
    assert {piece.lines for piece in context.pieces if piece.kind is PieceKind.IMPORTS} == {((1, "import os"),)}


def long_function(before: int, after: int) -> str:
    body = [f"    a{n} = {n}" for n in range(before)]
    inner = ["    for item in [1]:", *["        b = 1"] * 50, "        item.price"]
    return "\n".join(
        ["@(lambda f: f)", "def long(", "    x,", "):", *body, *inner, *["    c = 1"] * after, "", "long(1)"]
    )


def test_a_function_is_whole_and_its_core_is_what_matters_for_the_failing_line(tmp_path: Path) -> None:
    context = with_code(crashed(write(tmp_path, {"app.py": long_function(100, 60)}), "app.py"))
    piece = context.pieces[0]
    (failing,) = piece.marked
    header, loop = [1, 2, 3, 4], 4 + 100 + 1
    assert numbers(piece) == list(range(1, 4 + 100 + 52 + 60 + 1))
    # Line 5 is the first of the body, which may be a docstring.
    assert [number for number in piece.core if number != 5] == [*header, loop, *range(failing - 10, failing + 11)]
    assert context.left_out == ()


def test_the_core_holds_the_assignments_and_conditions_that_reach_the_line(tmp_path: Path) -> None:
    padding = "".join(f"    a{n} = {n}\n" for n in range(40))
    program = (
        f"def long(x):\n{padding}    found = x.get('a')\n{padding}    if x is None:\n        return 0\n"
        f"{padding}    return found.price\n\nlong({{}})\n"
    )
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    piece = context.pieces[0]
    far = {text.strip() for number, text in piece.lines if number in piece.core and number < piece.marked[0] - 10}
    assert far == {"def long(x):", "found = x.get('a')", "if x is None:"}


def test_a_definition_that_is_long_has_a_core_of_its_header_and_what_it_gives_back(tmp_path: Path) -> None:
    padding = "".join(f"    a{n} = {n}\n" for n in range(40))
    program = f"def make(x):\n{padding}    made = None\n{padding}    return made\n\nmake(1).price\n"
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    piece = next(piece for piece in context.pieces if piece.title == "make")
    assert numbers(piece) == list(range(1, 84))
    assert [text.strip() for number, text in piece.lines if number in piece.core] == [
        "def make(x):",
        "made = None",
        "return made",
    ]


def test_a_monstrous_function_is_cut_around_the_line(tmp_path: Path) -> None:
    context = with_code(crashed(write(tmp_path, {"app.py": long_function(2000, 2000)}), "app.py"))
    piece = context.pieces[0]
    (failing,) = piece.marked
    header, loop = [1, 2, 3, 4], 4 + 2000 + 1
    assert numbers(piece) == sorted({*header, loop, *range(failing - 200, failing + 100)})


def test_a_class_that_is_called_is_shown_by_its_fields_and_by_its_constructor(tmp_path: Path) -> None:
    methods = "".join(f"    def m{n}(self):\n        return {n}\n" for n in range(60))
    program = f"class Shop:\n    x = 1\n{methods}    def __init__(self, a):\n        self.a = a\n\nShop()\n"
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    shown = {piece.title: [text.strip() for _, text in piece.lines] for piece in context.pieces}
    assert shown["Shop.__init__"] == ["class Shop:", "def __init__(self, a):", "self.a = a"]
    assert shown["Shop"] == ["class Shop:", "x = 1"]


def test_the_places_of_other_exceptions_follow(tmp_path: Path) -> None:
    program = """
        def first():
            return {}["x"]

        def second():
            try:
                first()
            except KeyError:
                third()

        def third():
            return missing

        second()
        """
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    assert titles(context) == [
        (PieceKind.FAILING, "third"),
        (PieceKind.CALLER, "second"),
        (PieceKind.CALLER, "<module>"),
        (PieceKind.FAILING, "first"),
    ]
    assert context.pieces[1].marked == (6, 8)


def test_imports_within_try_and_if_are_shown(tmp_path: Path) -> None:
    program = """
        import os
        from json import (
            loads,
        )
        try:
            import yaml
        except ImportError:
            yaml = None

        def f():
            import sys
            return sys.missing

        f()
        """
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    assert numbers(only(context, PieceKind.IMPORTS)) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_stack_of_many_places_is_cut_and_says_so(tmp_path: Path) -> None:
    program = "".join(f"def f{n}():\n    f{n + 1}()\n" for n in range(40)) + "f0()\n"
    context = with_code(crashed(write(tmp_path, {"app.py": program}), "app.py"))
    assert [piece.title for piece in context.pieces] == [f"f{n}" for n in range(39, 27, -1)]
    assert reasons(context)["app.py: f0"] == "only the 12 places nearest to the crash are shown"


def test_a_changed_file_is_shown_around_the_line_as_it_is_now(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "# new\n\n\ndef f():\n    boom()\n"})
    context = with_code(collected(tmp_path, Frame("app.py", 2, "f", "boom()")))
    assert (context.pieces[0].title, context.pieces[0].marked) == ("f", (5,))


def test_without_any_source_there_are_no_pieces(tmp_path: Path) -> None:
    context = collect(of(exception(Frame("/app/x.py", 1, "f"))), working_directory=str(tmp_path))
    assert (context.pieces, context.files) == ((), ())
    assert context.crash.innermost is context.crash.frames[0]
