"""The reports of a book, each built as a table of rows."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ..dates import Period
from ..errors import NotFound, ValidationError
from ..models import AccountType, CreditNote, Invoice, PartyKind, Source
from ..money import ZERO, Money
from ..tax import TaxBox, TaxDirection, TaxKind

if TYPE_CHECKING:
    from ..book import Book


@dataclass
class Column:
    key: str
    title: str
    right: bool = False


@dataclass
class Row:
    cells: dict[str, Any]
    level: int = 0
    style: str = "plain"

    def __getitem__(self, key: str) -> Any:
        return self.cells.get(key)


@dataclass
class Report:
    title: str
    columns: list[Column]
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    totals: dict[str, Decimal] = field(default_factory=dict)

    def add(self, level: int = 0, style: str = "plain", **cells: Any) -> Row:
        row = Row(cells, level, style)
        self.rows.append(row)
        return row

    def find(self, key: str, value: Any) -> Row:
        for row in self.rows:
            if row[key] == value:
                return row
        raise NotFound("row", value)

    def column(self, key: str, style: str | None = "plain") -> list[Any]:
        return [row[key] for row in self.rows if style is None or row.style == style]


Builder = Callable[..., Report]

REPORTS: dict[str, Builder] = {}


def report(name: str) -> Callable[[Builder], Builder]:
    def register(function: Builder) -> Builder:
        REPORTS[name] = function
        return function

    return register


def build(name: str, book: Book, **options: Any) -> Report:
    try:
        builder = REPORTS[name]
    except KeyError:
        raise NotFound("report", name) from None
    return builder(book, **{key: value for key, value in options.items() if value is not None})


@report("trial-balance")
def trial_balance(book: Book, as_of: date | None = None, zero: bool = False) -> Report:
    out = Report(
        f"Trial balance as of {as_of or book.journal.last_date()}",
        [Column("code", "Code"), Column("name", "Account"), Column("debit", "Debit", True),
         Column("credit", "Credit", True)],
    )
    balances = book.journal.balances(as_of)
    debits = credits = ZERO
    for account in book.chart.leaves():
        amount = balances.get(account.code, ZERO)
        if not amount and not zero:
            continue
        debit = amount if amount > 0 else ZERO
        credit = -amount if amount < 0 else ZERO
        debits += debit
        credits += credit
        out.add(code=account.code, name=account.name, debit=debit or None, credit=credit or None)
    out.add(style="total", name="Total", debit=debits, credit=credits)
    out.totals = {"debit": debits, "credit": credits}
    return out


def _section(
    book: Book,
    out: Report,
    title: str,
    type_: AccountType,
    own: Mapping[str, Decimal],
    compare: Mapping[str, Decimal] | None = None,
) -> tuple[Decimal, Decimal]:
    """One section with its tree of accounts; returns its totals."""
    now = book.chart.rollup(own)
    before = book.chart.rollup(compare) if compare is not None else {}
    out.add(style="heading", name=title)
    total = previous = ZERO
    for depth, account in book.chart.walk():
        if account.type is not type_:
            continue
        amount = account.natural(now[account.code])
        earlier = account.natural(before.get(account.code, ZERO))
        if depth == 0:
            total += amount
            previous += earlier
        if amount or earlier:
            cells: dict[str, Any] = {"code": account.code, "name": account.name, "amount": amount}
            if compare is not None:
                cells["previous"] = earlier
                cells["change"] = _change(amount, earlier)
            out.add(depth + 1, "plain" if book.chart.is_leaf(account.code) else "group", **cells)
    closing: dict[str, Any] = {"name": f"Total {title.lower()}", "amount": total}
    if compare is not None:
        closing["previous"] = previous
        closing["change"] = _change(total, previous)
    out.add(style="total", **closing)
    return total, previous


def _change(amount: Decimal, earlier: Decimal) -> Decimal | None:
    """Change in percent, with one digit."""
    if not earlier:
        return None
    return ((amount - earlier) / abs(earlier) * 100).quantize(Decimal("0.1"))


@report("balance-sheet")
def balance_sheet(book: Book, as_of: date | None = None) -> Report:
    day = as_of or book.journal.last_date()
    if day is None:
        raise ValidationError("balance sheet", ["the book has no entries"])
    out = Report(
        f"Balance sheet as of {day}",
        [Column("code", "Code"), Column("name", "Account"), Column("amount", "Amount", True)],
    )
    balances = book.journal.balances(day)
    assets, _ = _section(book, out, "Assets", AccountType.ASSET, balances)
    liabilities, _ = _section(book, out, "Liabilities", AccountType.LIABILITY, balances)
    equity, _ = _section(book, out, "Equity", AccountType.EQUITY, balances)
    profit = -sum(
        (balances.get(item.code, ZERO) for item in book.chart if item.type.is_profit_and_loss), ZERO
    )
    out.add(1, name="Result not yet closed", amount=profit)
    out.add(style="total", name="Total liabilities and equity", amount=liabilities + equity + profit)
    out.totals = {"assets": assets, "liabilities": liabilities, "equity": equity, "profit": profit}
    if assets != liabilities + equity + profit:
        out.notes.append(f"does not balance: {assets - liabilities - equity - profit}")
    return out


@report("income-statement")
def income_statement(book: Book, period: Period | None = None, compare: bool = False) -> Report:
    if period is None:
        last = book.journal.last_date()
        if last is None:
            raise ValidationError("income statement", ["the book has no entries"])
        period = book.fiscal.containing(last)
    columns = [Column("code", "Code"), Column("name", "Account"), Column("amount", "Amount", True)]
    if compare:
        columns += [Column("previous", "Previous", True), Column("change", "%", True)]
    out = Report(f"Income statement {period.label()}", columns)
    now = book.journal.movements(period, (Source.CLOSING,))
    before = book.journal.movements(period.previous(), (Source.CLOSING,)) if compare else None
    income, income_before = _section(book, out, "Income", AccountType.INCOME, now, before)
    expense, expense_before = _section(book, out, "Expenses", AccountType.EXPENSE, now, before)
    cells: dict[str, Any] = {"name": "Result", "amount": income - expense}
    if compare:
        cells["previous"] = income_before - expense_before
        cells["change"] = _change(income - expense, income_before - expense_before)
    out.add(style="total", **cells)
    out.totals = {"income": income, "expense": expense, "result": income - expense}
    return out


@report("general-ledger")
def general_ledger(book: Book, period: Period | None = None, account: str | None = None) -> Report:
    out = Report(
        "General ledger" + (f" {period.label()}" if period else ""),
        [Column("date", "Date"), Column("id", "Entry"), Column("name", "Text"), Column("debit", "Debit", True),
         Column("credit", "Credit", True), Column("balance", "Balance", True)],
    )
    accounts = [book.chart.find(account)] if account else book.chart.leaves()
    for item in accounts:
        lines = list(book.journal.running(item.code, period))
        opening = ZERO
        if period is not None:
            opening = book.journal.balance(item.code, period.start - timedelta(days=1))
        if not lines and not opening:
            continue
        out.add(style="heading", name=item.label, balance=opening if period is not None else None)
        debits = credits = ZERO
        for line in lines:
            amount = line.posting.base
            text = line.entry.description
            if line.posting.memo:
                text = f"{text} ({line.posting.memo})"
            out.add(
                1,
                date=line.entry.date,
                id=line.entry.id,
                name=text,
                debit=amount if amount > 0 else None,
                credit=-amount if amount < 0 else None,
                balance=line.balance,
            )
            debits += max(amount, ZERO)
            credits += max(-amount, ZERO)
        closing = lines[-1].balance if lines else opening
        out.add(style="total", name=f"Total {item.code}", debit=debits, credit=credits, balance=closing)
        out.totals[item.code] = closing
    return out


def _bucket_labels(limits: tuple[int, ...]) -> list[str]:
    labels = ["current"]
    start = 1
    for limit in limits:
        labels.append(f"{start}-{limit}")
        start = limit + 1
    labels.append(f">{limits[-1]}" if limits else "overdue")
    return labels


def _bucket(days: int, limits: tuple[int, ...], labels: list[str]) -> str:
    if days <= 0:
        return labels[0]
    for index, limit in enumerate(limits, start=1):
        if days <= limit:
            return labels[index]
    return labels[-1]


@report("aging")
def aging(
    book: Book,
    as_of: date | None = None,
    payable: bool = False,
    detail: bool = False,
    party: str | None = None,
) -> Report:
    """Open documents by party and by how long they are overdue, in the book's currency."""
    day = as_of or book.journal.last_date()
    if day is None:
        raise ValidationError("aging", ["the book has no entries"])
    limits = tuple(book.settings.aging_days)
    labels = _bucket_labels(limits)
    direction = TaxDirection.INPUT if payable else TaxDirection.OUTPUT
    out = Report(
        f"{'Payables' if payable else 'Receivables'} by age as of {day}",
        [
            Column("name", "Party"),
            *(Column(label, label, True) for label in labels),
            Column("total", "Total", True),
        ],
    )

    only = book.party(party).id if party is not None else None
    pending: list[tuple[str, Invoice, Money]] = []
    for document in book.documents.select(lambda item: item.direction is direction):
        if document.date > day or (only is not None and document.party != only):
            continue
        rest = document.open_amount(book.engine, day)
        if not rest:
            continue
        if isinstance(document, CreditNote):
            rest = -rest
        who = book.party(document.party)
        pending.append((who.name, document, book.to_base(rest, day)))
    pending.sort(key=lambda item: (item[0].casefold(), item[1].due_date or item[1].date, item[1].number))

    totals: dict[str, Decimal] = {label: ZERO for label in labels}
    worst: tuple[int, str] | None = None
    reminded = 0
    for name, group in groupby(pending, key=lambda item: item[0]):
        items = list(group)
        sums: dict[str, Decimal] = {}
        foreign: dict[str, Decimal] = {}
        for _, document, value in items:
            late = (day - (document.due_date or document.date)).days
            label = labels[0] if isinstance(document, CreditNote) else _bucket(late, limits, labels)
            sums[label] = sums.get(label, ZERO) + value.amount
            totals[label] += value.amount
            if document.currency != book.base:
                rest = document.open_amount(book.engine, day)
                foreign[document.currency] = foreign.get(document.currency, ZERO) + rest.amount
            if late > 0 and (worst is None or late > worst[0]):
                worst = (late, document.number)
            if document.reminders and document.reminders[-1] <= day:
                reminded += 1
        cells: dict[str, Any] = {label: sums.get(label) for label in labels}
        total = sum(sums.values(), ZERO)
        out.add(name=name, total=total, **cells)
        if detail:
            for _, document, value in items:
                late = (day - (document.due_date or document.date)).days
                label = labels[0] if isinstance(document, CreditNote) else _bucket(late, limits, labels)
                text = f"{document.number} due {document.due_date}"
                out.add(1, "detail", name=text, total=value.amount, **{label: value.amount})
        for code, amount in sorted(foreign.items()):
            out.notes.append(f"{name}: {Money(amount, code)}")
        limit = book.party(items[0][1].party).credit_limit
        if limit is not None and total > limit:
            out.notes.append(f"{name}: over the credit limit of {limit}")

    grand_total = sum(totals.values(), ZERO)
    out.add(style="total", name="Total", total=grand_total, **totals)
    if grand_total > 0:
        shares = {label: (totals[label] / grand_total * 100).quantize(Decimal("0.1")) for label in labels}
        out.add(style="detail", name="Share in %", **shares)
    if worst is not None:
        out.notes.append(f"longest overdue: {worst[1]} ({worst[0]} days)")
    if reminded:
        out.notes.append(f"{reminded} reminded")
    out.totals = {**totals, "total": grand_total}
    return out


@report("tax-return")
def tax_return(book: Book, period: Period | None = None) -> Report:
    """Turnover and tax by code and box, and what is to be paid for the period."""
    if period is None:
        raise ValidationError("tax return", ["needs a period"])
    boxes: dict[str, TaxBox] = {}
    output = deductible = ZERO
    for entry, posting in book.journal.tax_postings(period):
        rule = book.engine.rule(posting.tax_code or "")
        account = book.chart.get(posting.account)
        base = account.natural(posting.base)
        value = Money(base, book.base)
        tax = book.engine.tax_on(rule.code, value, entry.date).rounded(book.engine.rounding).amount
        incoming = account.type.debit_normal
        box = rule.box or rule.code
        if incoming and rule.kind is not TaxKind.REVERSE_CHARGE:
            box = f"{box}-in"
        boxes.setdefault(box, TaxBox(box)).add(base, tax)
        if rule.kind is TaxKind.REVERSE_CHARGE:
            if incoming:
                output += tax
                deductible += tax
        elif incoming:
            deductible += tax
        else:
            output += tax
    out = Report(
        f"Tax return {period.label()}",
        [Column("box", "Box"), Column("base", "Base", True), Column("tax", "Tax", True)],
    )
    for name in sorted(boxes):
        box_ = boxes[name]
        out.add(box=name, base=box_.base, tax=box_.tax)
    out.add(style="total", box="payable", base=None, tax=output - deductible)
    out.totals = {"output": output, "input": deductible, "payable": output - deductible}
    return out


@report("statement")
def party_statement(book: Book, party: str | None = None, as_of: date | None = None) -> Report:
    """The account of one customer or supplier in the currency of each document."""
    if party is None:
        raise ValidationError("statement", ["needs a party"])
    who = book.party(party)
    day = as_of or book.journal.last_date() or date.min
    out = Report(
        f"Statement of {who.name} as of {day}",
        [Column("date", "Date"), Column("text", "Document"), Column("amount", "Amount", True),
         Column("open", "Open", True), Column("currency", "")],
    )
    sign = -1 if who.kind is PartyKind.SUPPLIER else 1
    for document in book.documents.of_party(who.id):
        if document.date > day or document.status.value == "void":
            continue
        gross = document.gross(book.engine) * document.sign * sign
        rest = document.open_amount(book.engine, day) * document.sign * sign
        out.add(date=document.date, text=document.number, amount=gross.amount, open=rest.amount,
                currency=document.currency)
        for item in document.settlements:
            if item.on <= day:
                paid = item.total * -document.sign * sign
                out.add(1, "detail", date=item.on, text=item.entry or "payment", amount=paid.amount,
                        currency=document.currency)
        code = document.currency
        out.totals[code] = out.totals.get(code, ZERO) + rest.amount
    for code, amount in sorted(out.totals.items()):
        out.add(style="total", text="Balance", open=amount, currency=code)
    return out
