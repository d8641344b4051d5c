from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ledger import Book, Money, Period, Workspace
from ledger.bank import detect_format, read_statement
from ledger.bank.matching import similarity
from ledger.errors import StatementFormatError, StorageError, ValidationError
from ledger.models import Account, AccountType, Invoice
from ledger.reports import RENDERERS, Report, build, render
from ledger.storage import write_json

from .conftest import SAMPLE, day


def usd(text: str | int) -> Money:
    return Money.of(text, "USD")


def test_numbers_and_control_account(quarter: Book) -> None:
    assert [item.number for item in quarter.documents.open()] == [
        "INV-2024-0001", "INV-2024-0002", "INV-2024-0003", "INV-2024-0004",
    ]
    assert quarter.problems() == []


def test_exposure_follows_the_rate(quarter: Book) -> None:
    early = quarter.exposure("globex", day("2024-01-31"))
    late = quarter.exposure("globex", day("2024-03-31"))
    assert early == Money.of("4152.44", "EUR")
    assert late == Money.of("4162.43", "EUR")


def test_payment_in_dollars_to_the_euro_account(quarter: Book) -> None:
    entry = quarter.pay("INV-2024-0002", usd(4500), day("2024-03-01"), bank="1010")
    amounts = {posting.account: posting.base for posting in entry.postings}
    assert amounts["1010"] == Decimal("4156.66")
    assert amounts["1200"] == Decimal("-4072.40")
    assert amounts["4900"] == Decimal("-84.26")


def test_reversed_payment_opens_the_document(quarter: Book) -> None:
    entry = quarter.pay("INV-2024-0003", Money.of(660, "EUR"), day("2024-02-15"))
    quarter.reverse(entry.id)
    assert quarter.documents.get("INV-2024-0003").status.value == "issued"


def test_early_payment(quarter: Book) -> None:
    invoice = quarter.documents.get("INV-2024-0001")
    discount = invoice.early_discount(quarter.engine, day("2024-01-20"))
    quarter.pay(invoice.number, Money.of(1176, "EUR"), day("2024-01-20"), discount=discount)
    assert invoice.status.value == "paid"
    assert quarter.balance("4800") == 24


def test_credit_note_is_offset(quarter: Book, issue: Callable[..., Invoice]) -> None:
    note = issue("acme", "2024-03-01", ("Drill", 1, 250), doc_type="credit_note", reference="INV-2024-0001")
    assert note.status.value == "paid"
    assert quarter.exposure("acme").amount == 900
    assert quarter.problems() == []


def test_credit_limit(quarter: Book, issue: Callable[..., Invoice]) -> None:
    with pytest.raises(ValidationError, match="credit limit"):
        issue("initech", "2024-03-01", ("Course", 5, 1000))
    assert quarter.documents.next_number(quarter.documents.get("INV-2024-0004")) == "INV-2024-0005"


def test_yen_invoice(book: Book, issue: Callable[..., Invoice]) -> None:
    invoice = issue("globex", "2024-01-05", ("Licence", "1.5", "12345"), currency="JPY")
    assert invoice.gross(book.engine).amount == 18518
    assert book.exposure("globex").amount == Decimal("118.45")


def test_reverse_charge(book: Book, issue: Callable[..., Invoice]) -> None:
    bill = issue("nordsys", "2024-03-01", ("Hosting", 3, 2400), doc_type="bill", reference="N-301")
    assert bill.gross(book.engine) == Money.of(7200, "SEK")
    assert book.balance("2200") == book.balance("1500") == Decimal("128.47")


def test_reminders(quarter: Book) -> None:
    sent = quarter.send_reminders(day("2024-03-18"))
    assert [(item.number, level) for item, level in sent] == [
        ("INV-2024-0001", 1), ("INV-2024-0002", 1), ("INV-2024-0003", 1),
    ]
    assert quarter.send_reminders(day("2024-03-20")) == []


def test_revaluation(quarter: Book) -> None:
    entry = quarter.revalue(day("2024-01-31"))
    assert entry is not None and entry.total == Decimal("80.04")
    assert quarter.revalue(day("2024-01-31")) is None


def test_closing(quarter: Book) -> None:
    period = quarter.fiscal.year(2024)
    result = quarter.result(period)
    quarter.close_year(2024)
    assert quarter.balance("3200") == result == quarter.result(period)
    assert quarter.balance("4000") == 0


def test_failed_change_leaves_nothing(book: Book) -> None:
    document = book.draft("invoice", "acme", day("2024-01-10"))
    with pytest.raises(ValidationError):
        book.issue(document)
    assert len(book.documents) == 0 and len(book.journal) == 0


def test_save_and_reopen(quarter: Book, folder: Path) -> None:
    assert "journal.json" in quarter.save()
    again = Book.open(folder)
    assert again.journal.balances() == quarter.journal.balances()
    assert again.documents.get("INV-2024-0002").open_amount(again.engine) == usd(4500)
    assert again.save() == []


def test_old_journal(folder: Path) -> None:
    postings = [{"account": "1010", "cents": 1250}, {"account": "3100", "cents": -1250}]
    write_json(folder / "journal.json", [{"id": "JE-2019-0001", "date": "2019-05-01", "description": "x",
                                          "postings": postings}])
    assert Book.open(folder).balance("3100") == Decimal("12.50")


def test_newer_version(folder: Path) -> None:
    write_json(folder / "journal.json", {"version": 9, "records": []})
    with pytest.raises(StorageError):
        list(Workspace(folder).entries)


def test_depreciation(book: Book) -> None:
    parts = book.depreciate("1810", "5300", Decimal("1000"), 12, date(2024, 1, 1))
    assert {str(item.amount) for item in parts} == {"83.33", "83.34"}
    assert sum(item.amount for item in parts) == 1000


HEADER = "date,amount,text,counterparty,iban,reference,balance\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "statement.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_house_profile(book: Book) -> None:
    statement = read_statement(SAMPLE / "statements" / "march.csv", book.settings.statement_profiles, "house")
    assert statement.account == "AT611904300234573201"
    assert [line.amount.amount for line in statement.lines][:2] == [1000, -1188]
    assert statement.lines[-1].text == "Kontoführung März"
    assert statement.closing == Decimal("10459.60")


def test_mt940() -> None:
    path = SAMPLE / "statements" / "usd.sta"
    assert detect_format(path) == "mt940"
    statement = read_statement(path)
    first, second = statement.lines
    assert first.counterparty == "GLOBEX INTERNATIONAL"
    assert second.booked == day("2024-04-02") and second.valued == day("2024-03-29")
    assert statement.total() == Decimal("2484.75")


def test_no_movements(tmp_path: Path) -> None:
    statement = read_statement(write(tmp_path, HEADER))
    assert statement.lines == [] and statement.closing is None


def test_short_rows(tmp_path: Path) -> None:
    statement = read_statement(write(tmp_path, HEADER + "2024-03-01,12.50,gift\n"))
    assert statement.lines[0].iban is None
    assert statement.total() == Decimal("12.50")


def test_wrong_closing(tmp_path: Path) -> None:
    rows = "2024-03-01,10.00,a,,,,110.00\n2024-03-02,5.00,b,,,,120.00\n"
    with pytest.raises(StatementFormatError):
        read_statement(write(tmp_path, HEADER + rows))


def test_pending_rows_and_gaps(tmp_path: Path) -> None:
    head = HEADER.replace("reference", "status")
    rows = "2024-03-01,10.00,a,,,booked,110.00\n2024-03-02,5.00,b,,,Pending,\n"
    assert len(read_statement(write(tmp_path, head + rows)).lines) == 1
    rows += "2024-03-03,7.00,c,,,booked,122.00\n"
    with pytest.raises(StatementFormatError, match="balance goes"):
        read_statement(write(tmp_path, head + rows))


def test_import(quarter: Book) -> None:
    path = SAMPLE / "statements" / "march.csv"
    result = quarter.import_statement(path, "house")
    assert [entry.source.value for entry in result.booked] == ["bank", "payment", "bank"]
    assert quarter.documents.get("INV-2024-0003").status.value == "paid"
    assert quarter.balance("5100") == 990
    again = quarter.import_statement(path, "house")
    assert again.skipped == 3 and len(again.unmatched) == 1


def test_import_dollars(quarter: Book) -> None:
    quarter.import_statement(SAMPLE / "statements" / "usd.sta")
    assert quarter.documents.get("INV-2024-0002").status.value == "partial"
    assert quarter.journal.foreign_balance("1020").get("USD") == Money.of("2484.75", "USD")


def test_several_numbers_in_one_line(quarter: Book, tmp_path: Path) -> None:
    row = "2024-03-10,2640.00,INV-2024-0001 INV-2024-0004,Acme,,,\n"
    result = quarter.import_statement(write(tmp_path, HEADER + row))
    assert [entry.reference for entry in result.booked] == ["INV-2024-0001", "INV-2024-0004"]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("Acme Tools GmbH", "ACME TOOLS", 1.0), ("Globex Inc", "Initech", 0.0), ("Umbra Verlag", "Umbra", 0.5)],
)
def test_similarity(left: str, right: str, expected: float) -> None:
    assert similarity(left, right) == expected


OLD_BILLS = [
    {"type": "bill", "number": f"BIL-2022-{number:04d}", "party": "paperco", "currency": "EUR", "date": on,
     "status": "issued", "reference": f"P-{number}", "lines": [{"description": "Paper", "unit_price": "10"}],
     **more}
    for number, on, more in [(1, "2022-11-02", {"due_date": "2022-12-02"}), (2, "2022-11-20", {})]
]


def amounts(report: Report, key: str = "amount") -> dict[str, Decimal]:
    return {row["name"]: row[key] for row in report.rows if row[key] is not None}


def test_trial_balance(quarter: Book) -> None:
    report = build("trial-balance", quarter, as_of=day("2024-02-29"))
    assert report.totals["debit"] == report.totals["credit"]
    assert report.find("code", "1010")["debit"] == Decimal("9396.64")


def test_trial_balance_in_the_order_of_codes(quarter: Book) -> None:
    quarter.add_account(Account("990", "Petty cash", AccountType.ASSET))
    report = build("trial-balance", quarter, zero=True)
    assert report.column("code")[:3] == ["990", "1010", "1020"]


def test_balance_sheet(quarter: Book) -> None:
    report = build("balance-sheet", quarter)
    assert report.notes == []
    assert report.totals["assets"] == report.totals["liabilities"] + 10000 + report.totals["profit"]


def test_income_statement(quarter: Book) -> None:
    report = build("income-statement", quarter, period=Period.parse("2024-02"), compare=True)
    assert report.totals["income"] == 1800
    assert report.find("name", "Total income")["previous"] == Decimal("5072.40")
    assert report.find("name", "Purchases")["change"] is None


def test_general_ledger(quarter: Book) -> None:
    report = build("general-ledger", quarter, period=Period.parse("2024-02"), account="1200")
    assert report.rows[0]["balance"] == Decimal("5272.40")
    assert report.column("balance") == [Decimal("5932.40"), Decimal("7372.40")]
    assert report.rows[-1]["debit"] == 2100


def test_aging(quarter: Book) -> None:
    report = build("aging", quarter, as_of=day("2024-03-31"))
    assert report.find("name", "Acme Tools GmbH")["31-60"] == 1200
    assert report.totals["1-30"] == Decimal("6262.43")
    assert report.notes == ["Globex Inc: 4,500.00 USD", "longest overdue: INV-2024-0001 (51 days)"]


def test_aging_adds_up(quarter: Book) -> None:
    report = build("aging", quarter, as_of=day("2024-03-31"), detail=True)
    parties = report.column("total")
    lines = report.column("total", "detail")
    expected = sum(parties)
    assert report.totals["total"] == expected
    assert sum(value for value in lines if value is not None) == expected


def test_aging_of_old_bills(folder: Path) -> None:
    write_json(folder / "invoices.json", {"version": 3, "records": OLD_BILLS})
    report = build("aging", Book.open(folder), as_of=day("2022-12-12"), payable=True)
    assert report.find("name", "Paper & Co KG")["1-30"] == Decimal("23.80")


def test_aging_of_one_party(quarter: Book) -> None:
    report = build("aging", quarter, as_of=day("2024-03-31"), party="Umbra Verlag")
    assert report.column("name") == ["Umbra Verlag"]
    assert report.totals["total"] == 660


def test_tax_return(quarter: Book) -> None:
    report = build("tax-return", quarter, period=Period.parse("2024-Q1"))
    assert report.find("box", "022")["base"] == 2200
    assert report.totals["payable"] == 440 + 60 - Decimal("100.56")


def test_statement(quarter: Book, issue: Callable) -> None:
    issue("acme", "2024-03-01", ("Drill", 1, 250), doc_type="credit_note")
    report = build("statement", quarter, party="Acme Tools GmbH")
    assert report.totals == {"EUR": 900}


@pytest.mark.parametrize("name", sorted(RENDERERS))
def test_renderers(quarter: Book, name: str) -> None:
    text = render(build("trial-balance", quarter), name)
    assert "Receivables" in text and text.endswith("\n")
    if name == "json":
        assert json.loads(text)["totals"]["debit"]


class TestCli:
    def test_batch(self, run: Callable[..., tuple[int, str]], folder: Path) -> None:
        status, text = run("batch", str(SAMPLE / "quarter.batch"))
        assert status == 0
        assert "PY-2024-0001  1,305.90 EUR  paid" in text
        assert "saved journal.json" in text
        status, text = run("check")
        assert text == "all is well\n"

    def test_post(self, run: Callable[..., tuple[int, str]]) -> None:
        status, text = run("post", "2024-01-01", "Capital", "1010=250", "Capital=-250")
        assert (status, text.splitlines()[0]) == (0, "JE-2024-0001  2024-01-01  250")

    def test_import_and_reports(self, run: Callable[..., tuple[int, str]]) -> None:
        run("batch", str(SAMPLE / "quarter.batch"))
        status, text = run("import", str(SAMPLE / "statements" / "march.csv"), "--profile", "house")
        assert status == 1 and "open: 2024-03-01 1,000.00 EUR" in text
        status, text = run("report", "aging", "--as-of", "2024-03-31", "--format", "csv")
        assert "Globex Inc" in text and status == 0

    def test_empty_aging(self, run: Callable[..., tuple[int, str]]) -> None:
        status, text = run("report", "aging", "--as-of", "2024-01-31")
        assert status == 0 and "Share" not in text

    def test_error(self, run: Callable[..., tuple[int, str]], capsys: pytest.CaptureFixture[str]) -> None:
        assert run("pay", "INV-1999-0001", "2024-01-01")[0] == 2
        assert "no document 'INV-1999-0001'" in capsys.readouterr().err
