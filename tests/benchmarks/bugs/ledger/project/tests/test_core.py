from __future__ import annotations

import unittest
from decimal import Decimal

import pytest

from ledger import Book, Money
from ledger.dates import FiscalCalendar, PaymentTerms, Period, add_months
from ledger.errors import (
    CurrencyMismatch,
    IllegalTransition,
    NotFound,
    PeriodClosed,
    RateMissing,
    UnbalancedEntry,
    ValidationError,
)
from ledger.models import Account, AccountType, ChartOfAccounts, Invoice, find_numbers
from ledger.models.invoices import Settlement
from ledger.money import Money, RateTable, to_decimal
from ledger.tax import TaxEngine, TaxKind, TaxRate, TaxRule

from .conftest import day


def eur(text: str | int) -> Money:
    return Money.of(text, "EUR")


@pytest.fixture
def rates() -> RateTable:
    table = RateTable()
    table.add("EUR", "USD", day("2024-01-01"), "1.10")
    table.add("EUR", "USD", day("2024-02-01"), "1.08")
    table.add("EUR", "JPY", day("2024-01-01"), "160")
    return table


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [("1,234.50", ".", "1234.50"), ("1.234,50-", ",", "-1234.50"), ("(12)", ".", "-12"), ("0,", ",", "0")],
)
def test_to_decimal(text: str, mark: str, expected: str) -> None:
    assert to_decimal(text, mark) == Decimal(expected)


@pytest.mark.parametrize("text", ["", "abc", "1.2.3x", "--4"])
def test_to_decimal_rejects(text: str) -> None:
    with pytest.raises(ValidationError):
        to_decimal(text)


def test_allocate_gives_the_rest_to_the_largest_loss() -> None:
    parts = eur("10.00").allocate([Decimal("1"), Decimal("1"), Decimal("4")])
    assert parts == [eur("1.67"), eur("1.67"), eur("6.66")]
    assert eur("0.05").allocate([3, 7]) == [eur("0.02"), eur("0.03")]
    assert eur("1.00").allocate([1, 6, 2]) == [eur("0.11"), eur("0.67"), eur("0.22")]


def test_split_negative() -> None:
    assert eur("-0.05").split(3) == [eur("-0.02"), eur("-0.02"), eur("-0.01")]


def test_convert(rates: RateTable) -> None:
    assert rates.convert(Money.of(110, "USD"), "EUR", day("2024-01-15")) == eur("100.00")
    assert rates.convert(eur(3), "JPY", day("2024-01-15")) == Money.of(480, "JPY")
    assert rates.convert(Money.of(11, "USD"), "JPY", day("2024-01-15")).amount == 1600


def test_rate_missing(rates: RateTable) -> None:
    with pytest.raises(RateMissing):
        rates.rate("EUR", "USD", day("2023-12-31"))
    with pytest.raises(CurrencyMismatch):
        eur(1) + Money.of(1, "USD")


def test_yen_have_no_decimals() -> None:
    price = Money.parse("1234.5 JPY")
    assert str(price.rounded()) == "1,235 JPY"
    assert price.minor_units() == 1235


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", "2023"),
        ("2024-Q1", "2023-10-01..2023-12-31"),
        ("2024-03", "2024-02"),
        ("2024-01-11..2024-01-20", "2024-01-01..2024-01-10"),
    ],
)
def test_previous_period(text: str, expected: str) -> None:
    assert Period.parse(text).previous() == Period.parse(expected)


def test_months_of_a_period() -> None:
    parts = list(Period.parse("2024-01-15..2024-03-02").months())
    assert [item.days for item in parts] == [17, 29, 2]


def test_fiscal_year() -> None:
    calendar = FiscalCalendar(7)
    assert calendar.containing(day("2024-03-01")) == Period.parse("2023-07-01..2024-06-30")
    assert calendar.quarter(day("2024-02-10")) == Period.parse("2024-01-01..2024-03-31")


@pytest.mark.parametrize(
    ("terms", "due"),
    [("net 30", "2024-03-01"), ("eom", "2024-01-31"), ("eom+15", "2024-02-15"), ("2/10 net 14", "2024-02-14")],
)
def test_terms(terms: str, due: str) -> None:
    parsed = PaymentTerms.parse(terms)
    assert parsed.due_date(day("2024-01-31")) == day(due)
    assert str(parsed) == terms


def test_add_months() -> None:
    assert add_months(day("2024-01-31"), 1) == day("2024-02-29")
    assert add_months(day("2024-01-31"), -2) == day("2023-11-30")


class ChartTest(unittest.TestCase):
    def setUp(self) -> None:
        self.chart = ChartOfAccounts(
            [
                Account("10000", "Plant", AccountType.ASSET),
                Account("900", "Cash", AccountType.ASSET),
                Account("1010", "Bank", AccountType.ASSET, parent="900"),
                Account("1020", "Savings", AccountType.ASSET, parent="900"),
            ],
            {"bank": "1010"},
        )

    def test_tree(self) -> None:
        self.assertEqual(self.chart.path("1020"), "Cash:Savings")
        self.assertEqual([item.code for item in self.chart.descendants("900")], ["1010", "1020"])

    def test_order(self) -> None:
        self.assertEqual([item.code for item in self.chart.leaves()], ["1010", "1020", "10000"])
        self.assertEqual([depth for depth, _ in self.chart.walk()], [0, 1, 1, 0])

    def test_rollup(self) -> None:
        totals = self.chart.rollup({"1010": Decimal(5), "1020": Decimal(7)})
        self.assertEqual(totals["900"], 12)

    def test_role(self) -> None:
        self.assertEqual(self.chart.role("bank").name, "Bank")
        with self.assertRaises(ValidationError):
            self.chart.role("sales")

    def test_loop(self) -> None:
        with self.assertRaises(ValidationError):
            self.chart.reparent("900", "1010")


class InvoiceTest(unittest.TestCase):
    def setUp(self) -> None:
        start = day("2020-01-01")
        self.engine = TaxEngine(
            [
                TaxRule("S20", "Standard", TaxKind.STANDARD, [TaxRate(Decimal(20), start)], "2200", "1500"),
                TaxRule("ECO", "Levy", TaxKind.STANDARD, [TaxRate(Decimal(5), start)], "2200", "1500"),
                TaxRule("CMP", "Both", TaxKind.COMPOUND, [], "2200", "1500", ("ECO", "S20")),
            ],
            default_code="S20",
        )

    def make(self, *lines: tuple, **details) -> Invoice:
        invoice = Invoice("acme", "EUR", day("2024-01-10"), **details)
        for line in lines:
            invoice.add_line(*line)
        return invoice

    def test_totals(self) -> None:
        invoice = self.make(("A", 3, "33.33"), ("B", "0.5", "10"))
        self.assertEqual(str(invoice.gross(self.engine)), "125.99 EUR")

    def test_compound_tax(self) -> None:
        invoice = self.make(("Battery", 1, "200", "CMP"), ("Cable", 1, "10"))
        self.assertEqual(invoice.gross(self.engine), Money.of("264.00", "EUR"))

    def test_inclusive(self) -> None:
        totals = self.make(("A", 1, "120"), inclusive=True).totals(self.engine)
        self.assertEqual((totals.net.amount, totals.tax.amount), (100, 20))

    def test_line_taxes_add_up(self) -> None:
        totals = self.make(("A", 1, "0.12"), ("B", 1, "0.12"), ("C", 1, "0.12")).totals(self.engine)
        self.assertEqual([str(item.amount) for item in totals.line_taxes], ["0.02", "0.02", "0.03"])

    def test_document_discount(self) -> None:
        invoice = self.make(("A", 1, "75"), ("B", 1, "25", "CMP"))
        invoice.set_discount(Money.of(10, "EUR"))
        self.assertEqual(invoice.totals(self.engine).net, Money.of(90, "EUR"))

    def test_edit_after_issue(self) -> None:
        invoice = self.make(("A", 1, "10"), terms=PaymentTerms.parse("2/10 net 30"))
        invoice.issue("INV-2024-0001", PaymentTerms())
        with self.assertRaises(IllegalTransition):
            invoice.add_line("B", 1, 1)
        self.assertEqual(invoice.early_discount(self.engine, day("2024-01-20")), Money.of("0.24", "EUR"))
        self.assertIsNone(invoice.early_discount(self.engine, day("2024-01-21")))

    def test_settle(self) -> None:
        invoice = self.make(("A", 1, "10"))
        invoice.issue("INV-2024-0001", PaymentTerms())
        invoice.settle(self.engine, Settlement(day("2024-01-12"), Money.of(5, "EUR"), "PY-1"))
        self.assertEqual(invoice.status.value, "partial")
        invoice.unsettle(self.engine, "PY-1")
        self.assertEqual(invoice.status.value, "issued")
        with self.assertRaises(NotFound):
            invoice.unsettle(self.engine, "PY-1")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("RE INV-2024-0003 danke", ["INV-2024-0003"]),
        ("inv 2024", []),
        ("INV20240012 bil-2023-0007", ["INV-2024-0012", "BIL-2023-0007"]),
    ],
)
def test_find_numbers(text: str, numbers: list[str]) -> None:
    assert find_numbers(text) == numbers


def test_unbalanced(book: Book) -> None:
    legs = [("1010", Money.of(5, "EUR")), ("3100", Money.of(-4, "EUR"))]
    with pytest.raises(UnbalancedEntry):
        book.post(day("2024-01-01"), "wrong", legs)


def test_reverse(quarter: Book) -> None:
    before = quarter.balance("Sales")
    entry = quarter.journal.with_reference("INV-2024-0004")[0]
    quarter.reverse(entry.id, day("2024-02-21"))
    assert quarter.balance("Sales") == before - 1200


def test_locked(book: Book) -> None:
    book.lock(day("2023-12-31"))
    with pytest.raises(PeriodClosed):
        book.post(day("2023-12-31"), "late", [("1010", Money.of(5, "EUR")), ("3100", Money.of(-5, "EUR"))])
