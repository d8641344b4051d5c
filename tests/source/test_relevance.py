"""How much code speaks of the same things as the crash."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapfix.crash import SourceFile
from snapfix.source.search.relevance import Relevance, words


def files(**texts: str) -> list[SourceFile]:
    return [SourceFile(f"/project/{name}.py", f"{name}.py", text, name) for name, text in texts.items()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("invoice_total", ("invoice_total", "invoice", "total")),
        ("InvoiceTotal", ("invoicetotal", "invoice", "total")),
        ("parseHTMLPage", ("parsehtmlpage", "parse", "html", "page")),
        ("invoices", ("invoice",)),
        ("address", ("address",)),
        ("self.items[0] = None", ()),
        ("a bc def", ()),
        ("no such customer: 'ada'", ("such", "customer", "ada")),
        ("", ()),
        ("123 456", ()),
    ],
)
def test_a_text_is_taken_apart_into_its_telling_words(text: str, expected: tuple[str, ...]) -> None:
    assert words(text) == expected


SHOP = files(
    shop="def price_of(customer):\n    return customer.rate\n\ndef refund(invoice):\n    return invoice.voucher\n",
    other="".join(f"def step_{n}(customer):\n    return customer.step\n" for n in range(50)),
)


def test_a_rare_word_tells_more_than_one_that_is_everywhere() -> None:
    relevance = Relevance([("the voucher of the customer", 1.0)], SHOP)
    assert relevance.of("x.voucher") > relevance.of("x.customer")
    assert relevance.of("x.other") == 0


def test_a_word_counts_by_the_place_it_was_said_in() -> None:
    relevance = Relevance([("voucher", 0.5), ("refund", 1.0), ("voucher", 0.2)], SHOP)
    assert relevance.of("refund") > relevance.of("voucher") > 0


def test_what_is_nowhere_in_the_files_tells_nothing() -> None:
    assert Relevance([("zebra", 1.0)], SHOP).of("zebra") == 0
    assert Relevance([], SHOP).of("voucher") == 0
    assert Relevance([("voucher", 1.0)], []).of("voucher") == 0


def test_the_places_that_speak_most_of_the_crash_come_first() -> None:
    relevance = Relevance([("refund of a voucher failed", 1.0), ("rate", 0.5)], SHOP)
    places = [(file.name, lineno, score) for file, lineno, score in relevance.most_alike(3)]
    assert places[0] == ("shop.py", 4, 1.0)
    assert [(name, lineno) for name, lineno, _ in places] == [("shop.py", 4), ("shop.py", 1)]
    assert 0 < places[1][2] < 1


def test_a_word_in_the_name_counts_more_than_one_in_the_body() -> None:
    made = files(app="def one():\n    return voucher\n\ndef voucher_of():\n    return 1\n")
    places = Relevance([("voucher", 1.0)], made).most_alike(5)
    assert [lineno for _, lineno, _ in places] == [4, 1]


@given(
    st.lists(st.tuples(st.text(max_size=60), st.floats(0, 3)), max_size=4), st.text(max_size=200), st.text(max_size=80)
)
def test_it_is_between_nothing_and_all(spoken: list[tuple[str, float]], text: str, code: str) -> None:
    relevance = Relevance(spoken, files(app=text))
    assert 0 <= relevance.of(code) <= 1
    assert all(0 < score <= 1 and 1 <= lineno <= text.count("\n") + 1 for _, lineno, score in relevance.most_alike(5))


def test_large_texts_are_compared_in_time() -> None:
    made = files(**{f"m{n}": "def order_of(customer): return customer.order\n" * 4000 for n in range(5)})
    started = time.process_time()
    relevance = Relevance([("order customer " * 5000, 1.0), (" ".join(f"word{n}" for n in range(5000)), 1.0)], made)
    relevance.most_alike(30)
    assert time.process_time() - started < 3


def test_letters_whose_lower_case_is_longer_move_nothing() -> None:
    text = (
        "x = '" + "İ" * 200 + "'\ndef first():\n    return 1\n\ndef second():\n    return Voucher\n\ndef third(): ...\n"
    )
    places = Relevance([("voucher", 1.0)], files(app=text)).most_alike(5)
    assert [(lineno, score) for _, lineno, score in places] == [(5, 1.0)]


def test_many_words_are_counted_in_time() -> None:
    """3,000 words in 1 MB took 1.6 s."""
    made = files(**{f"m{n}": "def order_of(customer): return customer.order\n" * 22_000 for n in range(2)})
    spoken = [(" ".join(f"w{n:05}x" for n in range(1000 * k, 1000 * k + 1000)), 1.0) for k in range(5)]
    started = time.process_time()
    relevance = Relevance([*spoken, ("order", 2.0)], made)
    assert time.process_time() - started < 0.8
    assert relevance.of("order") >= 0
