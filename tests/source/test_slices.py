"""The statements of a function that matter for one of its lines."""

from __future__ import annotations

import ast
import time
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snapfix.source.python.slices import Step, at, giving_back, own_parts, reaching, steps

CASES = {
    "what binds the names it reads": """
        def f(a):
            x = a + 1  # +
            y = 2
            z = x  # +
            return z.b  # !
        """,
    "not what is bound to names that it does not read": """
        def f(a):
            log = open(a)
            log.mode = a
            return a.b  # !
        """,
    "every binding, above and below": """
        def f(a):
            x = 1  # +
            x = 2  # +
            a(x)  # !
            x = 3  # +
        """,
    "what changes an object": """
        def f(rows):
            found = []  # +
            found.append(1)  # +
            fill(found)  # +
            found[0] = 2  # +
            found.name = 3  # +
            other.append(4)
            return found[9]  # !
        """,
    "conditions around it, and what they read": """
        def f(a):
            limit = a  # +
            deep = 1
            if limit > 1:  # +
                deep.x
                return a.b  # !
        """,
    "an early exit that depends on what it reads": """
        def f(a, b):
            if a is None:  # +
                return 0
            if b is None:
                return 1
            return a.b  # !
        """,
    "no early exit below it": """
        def f(a):
            x = a.b  # !
            if a is None:
                return 0
            return 1
        """,
    "what a loop takes out": """
        def f(rows):
            total = 0
            for row in rows:  # +
                total += 1
                if row.skip:  # +
                    continue
                row.price  # !
        """,
    "what ends the round before": """
        def f(rows):
            while rows:
                row = rows.pop()  # +
                if row is None:  # +
                    break
                row.price  # !
        """,
    "what a with block opens": """
        def f(path):
            name = path + 1  # +
            with open(name) as stream:  # +
                other = 1
                stream.rad  # !
        """,
    "what is imported and defined inside": """
        def f(a):
            import json  # +
            from os import path
            def inner(b):  # +
                return b
            json.x(inner(a))  # !
        """,
    "the exception that a handler names": """
        def f(a):
            x = 1
            try:
                a()
            except KeyError as error:  # +
                print(error.x)  # !
        """,
    "attributes of self, one by one": """
        def f(self):
            self.a = 1  # +
            self.b = 2
            self.c.d = 3
            self.a.go()  # +
            return self.a.x  # !
        """,
    "attributes of others, together": """
        def f(self, cart):
            cart.a = 1  # +
            cart.b.c = 2  # +
            return cart.x  # !
        """,
    "both sides of an unpacking": """
        def f(pairs):
            (a, *b), c = pairs  # +
            return b.x  # !
        """,
    "an augmented assignment": """
        def f(rows):
            total = None  # +
            total += rows  # +
            return total.x  # !
        """,
    "an assignment in an expression": """
        def f(rows):
            if (n := len(rows)) > 1:  # +
                pass
            return n.x  # !
        """,
    "what a case binds": """
        def f(command):
            x = 1
            match command:
                case [name, x]:  # +
                    return name.y  # !
                case other:
                    return x
        """,
    "what is deleted": """
        def f(a):
            x = a  # +
            del x  # +
            return x  # !
        """,
    "names that are reached in three steps": """
        def f(a):
            d = 0
            c = d  # +
            b = c  # +
            x = b  # +
            return x.y  # !
        """,
    "an assignment over several lines": """
        def f(a):
            x = call(  # +
                a,
                b,
            )
            return x.y  # !
        """,
    "the whole of a statement of several lines": """
        def f(a):
            y = 1
            return call(  # !
                a.b,
                a.c,
            )
        """,
}


def asked(text: str) -> tuple[ast.stmt, int, set[int]]:
    """A function, its failing line, and the lines that are to be found."""
    lines = dedent(text).strip("\n").split("\n")
    failing = next(number for number, line in enumerate(lines, start=1) if line.endswith("# !"))
    wanted = {number for number, line in enumerate(lines, start=1) if line.endswith("# +")}
    return ast.parse("\n".join(lines)).body[0], failing, wanted


@pytest.mark.parametrize("case", CASES)
def test_a_line_is_reached_by(case: str) -> None:
    function, failing, wanted = asked(CASES[case])
    found = reaching(function, (failing,))
    assert found[0].first == failing
    assert {step.first for step in found} == wanted | {failing}


def test_the_headers_around_a_statement_come_with_it() -> None:
    function, failing, _ = asked(
        """
        def f(a):
            for x in a:
                try:
                    pass
                except ValueError:
                    with x:
                        x.y  # !
        """
    )
    step = at(function, failing)
    assert step is not None
    assert [type(outer).__name__ for outer in step.outer] == ["For", "Try", "ExceptHandler", "With"]


def test_a_line_of_a_header_belongs_to_the_header() -> None:
    function = ast.parse("def f(a):\n    if (\n        a.b\n    ):\n        a.c\n\n    else:\n        a.d\n").body[0]
    found = [at(function, number) for number in range(1, 10)]
    assert [step.first if step is not None else None for step in found] == [None, 2, 2, None, 5, None, None, 8, None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(a):\n    x = a\n    y = 1\n    return x", {2, 4}),
        ("def f(a):\n    x = a\n    y = 1\n    yield x", {2, 4}),
        ("def f(a):\n    x = a\n    y = 1\n    z = yield from x", {2, 4}),
        ("def f(a):\n    x = a\n    y = 1\n    raise x", {2, 4}),
        ("def f(a):\n    if a:\n        return 1\n    b = 2\n    return a", {2, 3, 5}),
        ("def f(a):\n    x = a\n    print(x)", set()),
        ("def f(a):\n    def g():\n        return a\n    print(a)", set()),
    ],
)
def test_what_a_function_gives_back_comes_from(text: str, expected: set[int]) -> None:
    assert {step.first for step in giving_back(ast.parse(text).body[0])} == expected


def test_the_statements_of_nested_definitions_are_their_own() -> None:
    text = "def f(a):\n    @a\n    def g(x):\n        return x\n    class C:\n        y = 1\n    return g"
    assert [(step.first, step.last) for step in steps(ast.parse(text).body[0])] == [(2, 3), (5, 5), (7, 7)]


def test_lines_outside_reach_nothing() -> None:
    function = ast.parse("x = 1\n\n\ndef f(a):\n    return a").body[1]
    assert reaching(function, (1,)) == ()
    assert reaching(function, ()) == ()
    assert at(function, 99) is None


# -- properties ------------------------------------------------------------------------------------------------

_NAMES = st.sampled_from(["a", "b", "c", "rows", "self.x", "a.b", "rows[0]"])
_SIMPLE = st.one_of(
    st.builds("{} = {}".format, _NAMES, _NAMES),
    st.builds("{} = call(\n    {},\n    {},\n)".format, _NAMES, _NAMES, _NAMES),
    st.builds("{} += {}".format, _NAMES, _NAMES),
    st.builds("{}.append({})".format, _NAMES, _NAMES),
    st.builds("return {}".format, _NAMES),
    st.builds("raise {}".format, _NAMES),
    st.builds("assert {}, {}".format, _NAMES, _NAMES),
    st.builds("del {}".format, _NAMES),
    st.builds("text = '''{}\n\n{}'''".format, _NAMES, _NAMES),
    st.builds("import {}; b = {}".format, st.sampled_from(["os", "a.b"]), _NAMES),
    st.just("def inner(a):\n    return a"),
    st.just("pass"),
)


def _indented(block: list[str]) -> str:
    return "\n".join(f"    {line}" if line else line for statement in block for line in statement.split("\n"))


_HEADERS = [
    "if {0}:\n{1}",
    "if {0}:\n{1}\nelif {0}:\n{2}\nelse:\n{1}",
    "if (\n    {0}\n    and {0}\n):\n{1}",
    "for a in {0}:\n{1}\nelse:\n{2}",
    "while {0}:\n{1}",
    "with {0} as b:\n{1}",
    "try:\n{1}\nexcept KeyError as error:\n{2}\nfinally:\n{1}",
    "try:\n{1}\nexcept* (\n    KeyError,\n    {0},\n):\n{2}",
    "match {0}:\n    case [a, b]:\n{3}\n    case _:\n{3}",
]


def _compound(block: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def made(header: str, name: str, one: list[str], two: list[str]) -> str:
        return header.format(name, _indented(one), _indented(two), _indented([_indented(one)]))

    blocks = st.lists(block, min_size=1, max_size=3)
    return st.builds(made, st.sampled_from(_HEADERS), _NAMES, blocks, blocks)


_STATEMENT = st.recursive(_SIMPLE, _compound, max_leaves=8)
_FUNCTION = st.lists(_STATEMENT, min_size=1, max_size=6).map(lambda block: f"def f(a, rows):\n{_indented(block)}\n")


def is_exact(text: str) -> bool:
    """It parses: ``return`` and the like cannot stand in an ``except*`` block."""
    try:
        compile(text, "<generated>", "exec")
    except SyntaxError:
        return False
    return True


@given(_FUNCTION.filter(is_exact), st.data())
@settings(max_examples=150, deadline=None)
def test_a_slice_holds_the_failing_statement_and_only_lines_of_the_function(text: str, data: st.DataObject) -> None:
    function = ast.parse("x = 1\n" + text).body[1]
    assert isinstance(function, ast.FunctionDef)
    every = steps(function)
    lineno = data.draw(st.integers(function.lineno, function.end_lineno or 0))
    found = reaching(function, (lineno,))
    holding = [step for step in every if step.first <= lineno <= step.last]
    assert set(holding) <= set(found) <= set(every)
    assert bool(found) == bool(holding)
    assert found[: len(holding)] == tuple(holding)
    for step in every:
        assert function.lineno < step.first <= step.last <= (function.end_lineno or 0)
        assert all(outer.lineno <= step.first for outer in step.outer if isinstance(outer, ast.stmt))
    inner = at(function, lineno)
    assert inner is (holding[-1] if holding else None) or inner in holding


@given(_FUNCTION.filter(is_exact))
@settings(max_examples=50, deadline=None)
def test_every_expression_belongs_to_exactly_one_statement(text: str) -> None:
    function = ast.parse(text).body[0]
    nested = {
        id(node) for step in steps(function) if isinstance(step.node, ast.FunctionDef) for node in ast.walk(step.node)
    }
    parts = [id(node) for step in steps(function) for part in own_parts(step.node) for node in ast.walk(part)]
    names = [id(n) for n in ast.walk(function) if isinstance(n, ast.Name) and id(n) not in nested]
    assert [parts.count(name) for name in names] == [1] * len(names)


@pytest.mark.parametrize(
    "text",
    [
        "def f(a):\n" + "    if a: return g(a)\n" * 10_000,
        "def f(a):\n" + "".join(f"    a{n + 1} = g(a{n})\n" for n in range(10_000)) + "    return a10000",
        "def f(a):\n    if x: y\n" + "    elif x: y\n" * 2000,
        "def f(a):\n    return " + "a.b()" + ".c()" * 800,
        "def f(a):\n    return " + " + ".join(["a"] * 2000),
    ],
    ids=["returns", "chain", "elif", "calls", "sum"],
)
def test_a_monstrous_function_is_sliced_in_time(text: str) -> None:
    function = ast.parse(text).body[0]
    started = time.process_time()
    assert all(isinstance(step, Step) for step in giving_back(function))
    assert reaching(function, range(1, text.count("\n") + 2))
    assert time.process_time() - started < 3
