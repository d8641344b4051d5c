"""The book: everything that is done to accounts, documents and the bank goes through here."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from .bank import Matcher, MatchKind, Proposal, load_rules, read_statement
from .dates import FiscalCalendar, Period
from .errors import NotFound, ValidationError
from .models import (
    DOCUMENT_TYPES,
    Account,
    AccountType,
    ChartOfAccounts,
    CreditNote,
    EntryBuilder,
    Invoice,
    InvoiceBook,
    Journal,
    JournalEntry,
    Party,
    PartyKind,
    Settlement,
    Source,
)
from .money import ZERO, Money, RateTable, to_decimal
from .storage import Settings, Workspace
from .tax import TaxDirection, TaxEngine

P = ParamSpec("P")
R = TypeVar("R")


def atomic(function: Callable[Concatenate[Book, P], R]) -> Callable[Concatenate[Book, P], R]:
    """Runs a method of the book in a transaction of its workspace."""

    @wraps(function)
    def wrapper(self: Book, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.changes():
            return function(self, *args, **kwargs)

    return wrapper


@dataclass
class ImportResult:
    source: str
    booked: list[JournalEntry] = field(default_factory=list)
    skipped: int = 0
    unmatched: list[Proposal] = field(default_factory=list)

    def summary(self) -> str:
        return (
            f"{self.source}: {len(self.booked)} booked, {self.skipped} known already, "
            f"{len(self.unmatched)} open"
        )


@dataclass
class Revaluation:
    account: Account
    currency: str
    foreign: Decimal
    book_value: Decimal
    new_value: Decimal

    @property
    def difference(self) -> Decimal:
        return self.new_value - self.book_value


class Book:
    """A company's books, opened from a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._load()

    @classmethod
    def open(cls, folder: Path | str) -> Book:
        workspace = Workspace(folder)
        if not workspace.exists():
            raise NotFound("book", str(folder))
        return cls(workspace)

    def _load(self) -> None:
        workspace = self.workspace
        self.chart: ChartOfAccounts = workspace.chart()
        self.journal: Journal = workspace.journal(self.chart)
        self.documents: InvoiceBook = workspace.documents()
        self.engine: TaxEngine = workspace.tax_engine()
        self._fingerprints: set[str] | None = None

    @property
    def settings(self) -> Settings:
        return self.workspace.settings

    @property
    def rates(self) -> RateTable:
        return self.workspace.rates

    @property
    def base(self) -> str:
        return self.settings.base_currency

    @property
    def fiscal(self) -> FiscalCalendar:
        return FiscalCalendar(self.settings.fiscal_start_month)

    @contextmanager
    def changes(self) -> Iterator[None]:
        """A transaction; what is in memory is loaded anew when it fails."""
        try:
            with self.workspace.transaction():
                yield
        except BaseException:
            self._load()
            raise

    def save(self) -> list[str]:
        return self.workspace.save()

    # -- parties ---------------------------------------------------------

    def party(self, text: str) -> Party:
        """A party by its id, or by one of its names."""
        if text in self.workspace.parties:
            return self.workspace.parties.get(text)
        found = self.workspace.parties.by_name(text)
        if found is None:
            raise NotFound("party", text)
        return found

    def parties(self, kind: PartyKind | None = None) -> list[Party]:
        found = self.workspace.parties.find(lambda item: kind is None or item.kind is kind)
        return sorted(found, key=lambda item: item.name.casefold())

    def add_party(self, party: Party) -> Party:
        return self.workspace.parties.add(party)

    def exposure(self, party_id: str, as_of: date | None = None) -> Money:
        """What a party owes us (or we owe it), in the currency of the book."""
        total = Money.zero(self.base)
        for document in self.documents.of_party(party_id):
            if as_of is not None and document.date > as_of:
                continue
            rest = document.open_amount(self.engine, as_of)
            side = -1 if isinstance(document, CreditNote) else 1
            total = total + self.to_base(rest, as_of or document.date) * side
        return total

    # -- accounts and entries --------------------------------------------

    def to_base(self, value: Money, on: date) -> Money:
        return self.rates.convert(value, self.base, on)

    def entry(self, on: date, description: str, source: Source = Source.MANUAL) -> EntryBuilder:
        return EntryBuilder(on, description, self.to_base, source)

    @atomic
    def add_account(self, account: Account) -> Account:
        self.workspace.accounts.add(account)
        return self.chart.add(account)

    @atomic
    def post(
        self,
        on: date,
        description: str,
        legs: Iterable[tuple[str, Money]],
        reference: str | None = None,
    ) -> JournalEntry:
        """A manual entry; positive legs are debits, negative ones credits."""
        builder = self.entry(on, description).reference(reference)
        for code, amount in legs:
            account = self.chart.find(code)
            builder.post(account.code, amount, tax_code=account.tax_code)
        builder.absorb_rounding(self.chart.role("rounding").code, self.base)
        return self.journal.add(builder.build())

    @atomic
    def reverse(self, entry_id: str, on: date | None = None) -> JournalEntry:
        entry = self.journal.get(entry_id)
        if entry.source is Source.PAYMENT:
            for posting in entry.postings:
                if posting.document is not None:
                    self._unsettle(posting.document, entry_id)
        return self.journal.reverse(entry_id, on or entry.date)

    def _unsettle(self, number: str, entry_id: str) -> None:
        document = self.documents.get(number)
        document.unsettle(self.engine, entry_id)
        self.workspace.invoices.put(document)

    def balance(self, code: str, as_of: date | None = None) -> Decimal:
        """Balance in the natural sign of the account, with the accounts below it."""
        account = self.chart.find(code)
        codes = [item.code for item in self.chart.descendants(account.code, include_self=True)]
        return account.natural(sum((self.journal.balance(item, as_of) for item in codes), ZERO))

    # -- documents -------------------------------------------------------

    def draft(self, doc_type: str, party: str, on: date, **details: Any) -> Invoice:
        who = self.party(party)
        try:
            kind = DOCUMENT_TYPES[doc_type]
        except KeyError:
            raise NotFound("document type", doc_type) from None
        wanted = PartyKind.SUPPLIER if kind.direction is TaxDirection.INPUT else PartyKind.CUSTOMER
        if who.kind is not wanted:
            raise ValidationError(doc_type, [f"{who.name} is a {who.kind.value}"])
        details.setdefault("currency", who.currency or self.base)
        details.setdefault("terms", who.terms)
        document = kind(party=who.id, date=on, **details)
        self.documents.drafts.append(document)
        return document

    def _check_credit(self, document: Invoice) -> None:
        party = self.party(document.party)
        if party.credit_limit is None or document.sign < 0:
            return
        value = self.to_base(document.gross(self.engine), document.date)
        total = self.exposure(party.id) + value
        if total.amount > party.credit_limit:
            raise ValidationError(party.name, [f"credit limit {party.credit_limit} is exceeded: {total}"])

    @atomic
    def issue(self, document: Invoice) -> JournalEntry:
        """Give a draft its number and post it."""
        party = self.party(document.party)
        for line in document.lines:
            if line.tax_code is None:
                line.tax_code = party.tax_code
        self._check_credit(document)
        document.issue(self.documents.next_number(document), self.settings.default_terms)
        entry = self.journal.add(self._document_entry(document))
        self.documents.file(document)
        if document in self.documents.drafts:
            self.documents.drafts.remove(document)
        self.workspace.invoices.put(document)
        if isinstance(document, CreditNote) and document.reference:
            self._offset(document, document.reference)
        return entry

    def _document_entry(self, document: Invoice) -> JournalEntry:
        totals = document.totals(self.engine)
        party = self.party(document.party)
        builder = self.entry(document.date, f"{document.number} {party.name}", Source.INVOICE)
        builder.reference(document.number)
        control = self.chart.role(document.control_role)
        builder.post(control.code, totals.gross * document.sign, party=party.id, document=document.number)
        for account, amount, code in document.postings(self.engine):
            target = account or self.chart.role(document.income_role).code
            builder.credit(target, amount, tax_code=code, document=document.number)
        for share in totals.shares:
            rule = self.engine.rule(share.code)
            if not share.tax:
                continue
            tax = share.tax * document.sign
            if share.due:
                builder.credit(rule.account_for(document.direction), tax, document=document.number)
            elif document.direction is TaxDirection.INPUT:
                # reverse charge: owed and deducted at once
                builder.debit(rule.account_for(TaxDirection.INPUT), -tax, document=document.number)
                builder.credit(rule.account_for(TaxDirection.OUTPUT), -tax, document=document.number)
        builder.absorb_rounding(self.chart.role("rounding").code, self.base)
        return builder.build()

    def _offset(self, note: Invoice, number: str) -> None:
        """Settle a credit note against the invoice that it takes back."""
        invoice = self.documents.maybe(number)
        if invoice is None or not invoice.status.is_open or invoice.currency != note.currency:
            return
        amount = min(note.open_amount(self.engine), invoice.open_amount(self.engine))
        invoice.settle(self.engine, Settlement(note.date, amount, note.number))
        note.settle(self.engine, Settlement(note.date, amount, invoice.number))
        self.workspace.invoices.put(invoice)

    @atomic
    def void(self, number: str, on: date) -> JournalEntry:
        document = self.documents.get(number)
        document.void()
        posted = [item for item in self.journal.with_reference(number) if item.source is Source.INVOICE]
        self.workspace.invoices.put(document)
        return self.journal.reverse(posted[0].id, on)

    @atomic
    def pay(
        self,
        number: str,
        amount: Money,
        on: date,
        bank: str | None = None,
        discount: Money | None = None,
        reference: str | None = None,
    ) -> JournalEntry:
        """Record a payment of a document.

        The control account is relieved at the rate of the document; what the
        bank gives differently is a gain or a loss on exchange.
        """
        document = self.documents.get(number)
        document.require("settle")
        rest = document.open_amount(self.engine)
        if rest < amount:
            raise ValidationError(number, [f"{amount} is more than the open {rest}"])

        party = self.party(document.party)
        source = Source.PAYMENT
        builder = self.entry(on, f"Payment {number} {party.name}", source).reference(reference or number)
        bank_account = self.chart.get(bank) if bank is not None else self.chart.role("bank")
        sign = document.sign
        control = self.chart.role(document.control_role)
        settled = amount + discount if discount is not None else amount

        # value of the settled part when the document was posted
        booked = self.to_base(settled, document.date).amount
        received = self.to_base(amount, on).amount
        allowed = self.to_base(discount, document.date).amount if discount is not None else ZERO

        if bank_account.currency is None or bank_account.currency == amount.currency:
            into_bank = amount
        else:
            into_bank = self.rates.convert(amount, bank_account.currency, on)
        builder.post(bank_account.code, into_bank * sign, received * sign)
        if discount is not None:
            role = "discount_given" if sign > 0 else "discount_taken"
            builder.post(self.chart.role(role).code, discount * sign, allowed * sign)
        builder.post(
            control.code, settled * -sign, booked * -sign, party=party.id, document=document.number
        )

        difference = (received + allowed - booked) * sign
        if difference > 0:
            builder.credit(self.chart.role("fx_gain").code, Money(difference, self.base), difference)
        elif difference < 0:
            builder.debit(self.chart.role("fx_loss").code, Money(-difference, self.base), -difference)

        entry = self.journal.add(builder.build())
        document.settle(self.engine, Settlement(on, amount, entry.id, discount))
        self.workspace.invoices.put(document)
        return entry

    def overdue(self, on: date) -> list[tuple[Invoice, int]]:
        late = [(item, item.days_overdue(on)) for item in self.documents.open(TaxDirection.OUTPUT)]
        return sorted(
            ((item, days) for item, days in late if days > 0),
            key=lambda pair: (-pair[1], pair[0].number),
        )

    @atomic
    def send_reminders(self, on: date, every: int = 14) -> list[tuple[Invoice, int]]:
        """Remind of what is overdue, not more often than every so many days."""
        sent: list[tuple[Invoice, int]] = []
        for document, _ in self.overdue(on):
            last = document.reminders[-1] if document.reminders else None
            if last is not None and on - last < timedelta(days=every):
                continue
            sent.append((document, document.remind(on)))
            self.workspace.invoices.put(document)
        return sent

    # -- bank ------------------------------------------------------------

    def matcher(self) -> Matcher:
        parties = {item.id: item for item in self.workspace.parties}
        rules = load_rules(self.workspace.match_rules())
        return Matcher(self.documents.open(), parties, self.engine, rules)

    def known_fingerprints(self) -> set[str]:
        if self._fingerprints is None:
            marks = (entry.meta.get("bank_line") for entry in self.journal)
            self._fingerprints = {mark for mark in marks if mark}
        return self._fingerprints

    def bank_account_for(self, statement_account: str) -> Account:
        code = self.settings.bank_accounts.get(statement_account.replace(" ", ""))
        return self.chart.get(code) if code is not None else self.chart.role("bank")

    @atomic
    def import_statement(
        self,
        path: Path,
        profile: str | None = None,
        to_suspense: bool = False,
        progress: Callable[[str], None] | None = None,
    ) -> ImportResult:
        """Book the lines of a statement that can be matched with enough certainty.

        Lines that were booked from an earlier statement are skipped. The rest is
        returned, or goes to the suspense account.
        """
        statement = read_statement(path, self.settings.statement_profiles, profile, progress)
        result = ImportResult(statement.source)
        bank = self.bank_account_for(statement.account)
        known = self.known_fingerprints()
        fresh = [line for line in statement.lines if line.fingerprint not in known]
        result.skipped = len(statement.lines) - len(fresh)

        matcher = self.matcher()
        for proposal in matcher.propose_all(fresh):
            line = proposal.line
            mark = {"bank_line": line.fingerprint}
            if proposal.kind is MatchKind.INVOICE and proposal.score >= matcher.threshold:
                for item in proposal.allocations:
                    entry = self.pay(
                        item.document.number,
                        item.amount,
                        line.booked,
                        bank.code,
                        item.discount,
                        line.reference,
                    )
                    entry.meta.update(mark)
                    result.booked.append(entry)
                surplus = abs(line.amount) - proposal.allocated
                if surplus:
                    target = self.chart.role("suspense").code
                    signed = surplus if line.incoming else -surplus
                    result.booked.append(self._bank_entry(bank, target, line.booked, signed, line.text, mark))
            elif proposal.rule is not None:
                rule = proposal.rule
                text = line.text or rule.name
                result.booked.append(
                    self._bank_entry(bank, rule.account, line.booked, line.amount, text, mark, rule.tax_code)
                )
            elif to_suspense:
                target = self.chart.role("suspense").code
                result.booked.append(self._bank_entry(bank, target, line.booked, line.amount, line.text, mark))
            else:
                result.unmatched.append(proposal)
                continue
            known.add(line.fingerprint)
        if progress is not None:
            progress(result.summary())
        return result

    def _bank_entry(
        self,
        bank: Account,
        account: str,
        on: date,
        amount: Money,
        text: str,
        meta: Mapping[str, str],
        tax_code: str | None = None,
    ) -> JournalEntry:
        """A bank movement against an account; tax is taken out of the amount."""
        builder = self.entry(on, text, Source.BANK).note(**meta)
        builder.debit(bank.code, amount)
        net = amount
        if tax_code is not None:
            net = self.engine.net_of(tax_code, amount, on).rounded()
            direction = TaxDirection.OUTPUT if amount.amount > 0 else TaxDirection.INPUT
            builder.credit(self.engine.rule(tax_code).account_for(direction), amount - net)
        builder.credit(account, net, tax_code=tax_code)
        builder.absorb_rounding(self.chart.role("rounding").code, self.base)
        return self.journal.add(builder.build())

    # -- end of period ---------------------------------------------------

    def revaluations(self, as_of: date, rates: RateTable | None = None) -> list[Revaluation]:
        """Monetary accounts in foreign currency, at the rate of a day."""
        table = rates or self.rates
        found: list[Revaluation] = []
        for account in self.chart.by_tag("monetary"):
            if not self.chart.is_leaf(account.code):
                continue
            bag = self.journal.foreign_balance(account.code, as_of)
            foreign = [item for item in bag if item.currency != self.base]
            if not foreign:
                continue
            book_value = self.journal.balance(account.code, as_of) - bag.get(self.base).amount
            new_value = ZERO
            for item in foreign:
                new_value += table.convert(item, self.base, as_of).amount
            label = foreign[0].currency if len(foreign) == 1 else "mixed"
            amount = foreign[0].amount if len(foreign) == 1 else ZERO
            found.append(Revaluation(account, label, amount, book_value, new_value))
        return found

    @atomic
    def revalue(self, as_of: date) -> JournalEntry | None:
        builder = self.entry(as_of, f"Revaluation {as_of}", Source.REVALUATION)
        gain = loss = ZERO
        for item in self.revaluations(as_of):
            change = item.difference
            if not change:
                continue
            builder.post(item.account.code, Money(change, self.base), change, memo=item.currency)
            if change > 0:
                gain += change
            else:
                loss -= change
        if not builder.entry.postings:
            return None
        builder.credit(self.chart.role("fx_gain").code, Money(gain, self.base), gain)
        builder.debit(self.chart.role("fx_loss").code, Money(loss, self.base), loss)
        return self.journal.add(builder.build())

    def result(self, period: Period) -> Decimal:
        """Profit of a period (a loss is negative), closing entries left out."""
        total = ZERO
        for account in self.chart.by_type(AccountType.INCOME, AccountType.EXPENSE):
            total -= self.journal.movement(account.code, period, (Source.CLOSING,))
        return total

    @atomic
    def close_year(self, year: int) -> JournalEntry | None:
        """Carry the result of a fiscal year to retained earnings and lock the year."""
        period = self.fiscal.year(year)
        builder = self.entry(period.end, f"Closing of {year}", Source.CLOSING)
        rest = ZERO
        for account in self.chart.by_type(AccountType.INCOME, AccountType.EXPENSE):
            amount = self.journal.movement(account.code, period)
            if amount:
                builder.post(account.code, Money(-amount, self.base), -amount)
                rest += amount
        entry: JournalEntry | None = None
        if builder.entry.postings:
            builder.post(self.chart.role("retained_earnings").code, Money(rest, self.base), rest)
            entry = self.journal.add(builder.build())
        self.lock(period.end)
        return entry

    def lock(self, until: date) -> None:
        self.journal.lock(until)
        self.settings.locked_until = until

    def depreciate(self, asset: str, expense: str, cost: Decimal, months: int, start: date) -> list[Money]:
        """The monthly amounts of a straight-line depreciation (not yet posted)."""
        self.chart.get(asset), self.chart.get(expense)
        return Money(to_decimal(cost), self.base).split(months)

    # -- checks ----------------------------------------------------------

    def problems(self) -> list[str]:
        """What is wrong with the books, in words; empty when all is well."""
        found = [f"chart: {text}" for text in self.chart.problems()]
        for entry in self.journal:
            if entry.imbalance:
                found.append(f"{entry.id}: out of balance by {entry.imbalance}")
            found.extend(f"{entry.id}: {text}" for text in self.journal.check(entry))
        for document in self.documents:
            if document.party not in self.workspace.parties:
                found.append(f"{document.number}: no party {document.party}")
            if document.open_amount(self.engine).is_negative:
                found.append(f"{document.number}: paid more than its total")
        for role, direction in (("receivable", TaxDirection.OUTPUT), ("payable", TaxDirection.INPUT)):
            control = self.chart.role(role)
            by_document: dict[str, Decimal] = {}
            for entry in self.journal.of_account(control.code):
                for posting in entry.touching(control.code):
                    if posting.document is not None:
                        total = by_document.get(posting.document, ZERO) + posting.amount.amount
                        by_document[posting.document] = total
            for document in self.documents.select(lambda item: item.direction is direction):
                posted = by_document.get(document.number, ZERO)
                offsets = Money.sum(
                    (item.total for item in document.settlements if item.entry not in self.journal),
                    document.currency,
                )
                expected = (document.open_amount(self.engine) + offsets).amount * document.sign
                if posted != expected:
                    found.append(f"{document.number}: {posted} on {control.code}, {expected} open")
        return found
