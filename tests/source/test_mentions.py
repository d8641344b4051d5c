"""Where the state is written that a failing line reads."""

from __future__ import annotations

import ast
import time

import pytest

from snapfix.source.search.mentions import is_key, words_read, writers
from tests.source.programs import program_of


def found(text: str, *wanted: str) -> list[tuple[str, int, float]]:
    return [(symbol.qualname, symbol.node.lineno, weight) for symbol, weight in writers(wanted, program_of(text))]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("order.due.day", {"due", "day"}),
        ("order['due_date']", {"due_date"}),
        ("order.get('due')", {"due"}),
        ("rows.append(order.items())", set()),
        ("order.due = 1", set()),
        ("print(order)", set()),
    ],
)
def test_attributes_and_texts_are_what_is_read(code: str, expected: set[str]) -> None:
    assert set(words_read([ast.parse(code)])) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("due", True),
        ("due_date", True),
        ("dry-run", True),
        ("x", False),
        ("a b", False),
        ("123", False),
        ("é" * 5, False),
    ],
)
def test_a_key_is_a_name_of_some_length(text: str, expected: bool) -> None:
    assert is_key(text) is expected


@pytest.mark.parametrize(
    "line",
    [
        "self.due = None",
        "self.due: str = None",
        "self.due += 1",
        "due = 1",
        "due: int = 1",
        "Order(due=None)",
        "Order(1, due = None)",
        "{'due': None}",
        '{"due": None}',
        "order['due'] = None",
        "setattr(order, 'due', None)",
        "parser.add_argument('--due')",
        "parser.add_argument('--due', type=int)",
        "fields = ['id', 'due']",
    ],
)
def test_what_writes_an_attribute_or_a_key_is_found(line: str) -> None:
    ((_, lineno, weight),) = found(f"def make(self, order, parser):\n    first = 1\n    {line}\n", "due")
    assert (lineno, weight) == (3, 1.0)


@pytest.mark.parametrize(
    "line",
    ["self.due == None", "print(order.due)", "due()", "overdue = 1", "due_date = 1", "'due to rain'", "if due: pass"],
)
def test_what_only_reads_it_is_not_found(line: str) -> None:
    assert found(f"def make(self, order, due):\n    {line}\n", "due") == []


def test_an_option_is_named_with_hyphens() -> None:
    assert [lineno for _, lineno, _ in found("def f(p):\n    p.add_argument('--due-date')\n", "due_date")] == [2]


def test_a_field_and_a_default_stand_for_their_class_and_function() -> None:
    text = """
        class Order:
            due: int = 1
        def make(due=None):
            return due
        """
    assert {(name, lineno) for name, lineno, _ in found(text, "due")} == {("Order.due", 2), ("make", 3)}


def test_the_more_places_write_it_the_less_each_tells_and_too_many_tell_nothing() -> None:
    def of(count: int) -> list[float]:
        return [
            weight for *_, weight in found("".join(f"def f{n}(o):\n    o.due = {n}\n" for n in range(count)), "due")
        ]

    assert of(1) == [1.0]
    assert of(4) == [0.5] * 4
    assert of(50) == []


def test_tests_are_no_writers() -> None:
    text = "### tests/test_order.py\ndef f(o):\n    o.due = 1\n### order_test.py\ndef f(o):\n    o.due = 1\n"
    assert found(text, "due") == []


@pytest.mark.parametrize("wanted", [(), ("(", "[", "\\", "a|b")])
def test_words_that_are_no_names_are_harmless(wanted: tuple[str, ...]) -> None:
    assert found("x = 1\n", *wanted) == []


def test_a_file_that_does_not_parse_has_no_writers() -> None:
    assert found("def f(:\n    o.due = 1\n", "due") == []


def test_large_files_are_searched_in_time() -> None:
    program = program_of("def f(order):\n" + "    order.due = {'due': due}  # due\n" * 30_000)
    started = time.process_time()
    assert list(writers(["due", *(f"word{n}" for n in range(100))], program)) == []
    assert time.process_time() - started < 2
