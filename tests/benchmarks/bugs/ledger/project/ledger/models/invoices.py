"""Parties, invoices, bills and credit notes."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar

from ..dates import PaymentTerms
from ..errors import Duplicate, IllegalTransition, NotFound, ValidationError
from ..money import HUNDRED, ZERO, Money, to_decimal
from ..tax import TaxBreakdown, TaxDirection, TaxEngine


class PartyKind(Enum):
    CUSTOMER = "customer"
    SUPPLIER = "supplier"


@dataclass
class Party:
    id: str
    name: str
    kind: PartyKind = PartyKind.CUSTOMER
    currency: str | None = None
    terms: PaymentTerms | None = None
    tax_code: str | None = None
    iban: str | None = None
    aliases: list[str] = field(default_factory=list)
    credit_limit: Decimal | None = None
    email: str | None = None

    def names(self) -> Iterator[str]:
        yield self.name
        yield from self.aliases

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"id": self.id, "name": self.name, "kind": self.kind.value}
        for key in ("currency", "tax_code", "iban", "email"):
            if getattr(self, key):
                data[key] = getattr(self, key)
        if self.terms is not None:
            data["terms"] = str(self.terms)
        if self.aliases:
            data["aliases"] = list(self.aliases)
        if self.credit_limit is not None:
            data["credit_limit"] = str(self.credit_limit)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Party:
        limit = data.get("credit_limit")
        return cls(
            id=data["id"],
            name=data["name"],
            kind=PartyKind(data.get("kind", "customer")),
            currency=data.get("currency"),
            terms=PaymentTerms.parse(data["terms"]) if data.get("terms") else None,
            tax_code=data.get("tax_code"),
            iban=data.get("iban"),
            aliases=list(data.get("aliases", [])),
            credit_limit=to_decimal(limit) if limit is not None else None,
            email=data.get("email"),
        )


class InvoiceStatus(Enum):
    DRAFT = "draft"
    ISSUED = "issued"
    PARTIAL = "partial"
    PAID = "paid"
    VOID = "void"

    @property
    def is_open(self) -> bool:
        return self in (InvoiceStatus.ISSUED, InvoiceStatus.PARTIAL)


# Which actions a status allows.
TRANSITIONS: dict[InvoiceStatus, frozenset[str]] = {
    InvoiceStatus.DRAFT: frozenset({"edit", "issue", "delete"}),
    InvoiceStatus.ISSUED: frozenset({"settle", "void", "remind"}),
    InvoiceStatus.PARTIAL: frozenset({"settle", "remind"}),
    InvoiceStatus.PAID: frozenset({"unsettle"}),
    InvoiceStatus.VOID: frozenset(),
}


@dataclass
class InvoiceLine:
    description: str
    quantity: Decimal
    unit_price: Money
    tax_code: str | None = None
    discount_percent: Decimal = ZERO
    account: str | None = None

    @property
    def extended(self) -> Money:
        """Quantity times price, less the discount of the line."""
        gross = self.unit_price * self.quantity
        if self.discount_percent:
            gross = gross - gross.percent(self.discount_percent)
        return gross.rounded()

    def problems(self) -> Iterator[str]:
        if not self.description.strip():
            yield "has no description"
        if self.quantity == 0:
            yield "has quantity zero"
        if not 0 <= self.discount_percent <= HUNDRED:
            yield f"discount {self.discount_percent}% is out of range"

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "description": self.description,
            "quantity": str(self.quantity),
            "unit_price": str(self.unit_price.amount),
        }
        if self.tax_code:
            data["tax_code"] = self.tax_code
        if self.discount_percent:
            data["discount_percent"] = str(self.discount_percent)
        if self.account:
            data["account"] = self.account
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any], code: str) -> InvoiceLine:
        return cls(
            description=data["description"],
            quantity=to_decimal(data.get("quantity", "1")),
            unit_price=Money.of(data["unit_price"], code),
            tax_code=data.get("tax_code"),
            discount_percent=to_decimal(data.get("discount_percent", "0")),
            account=data.get("account"),
        )


@dataclass
class Settlement:
    """A part of a document that a payment or a credit note has settled."""

    on: date
    amount: Money
    entry: str | None = None
    discount: Money | None = None

    @property
    def total(self) -> Money:
        return self.amount + self.discount if self.discount is not None else self.amount

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"on": self.on.isoformat(), "amount": str(self.amount.amount)}
        if self.entry:
            data["entry"] = self.entry
        if self.discount is not None:
            data["discount"] = str(self.discount.amount)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any], code: str) -> Settlement:
        discount = data.get("discount")
        return cls(
            on=date.fromisoformat(data["on"]),
            amount=Money.of(data["amount"], code),
            entry=data.get("entry"),
            discount=Money.of(discount, code) if discount is not None else None,
        )


@dataclass
class Invoice:
    """A sales invoice; bills and credit notes override what differs."""

    party: str
    currency: str
    date: date
    lines: list[InvoiceLine] = field(default_factory=list)
    number: str = ""
    status: InvoiceStatus = InvoiceStatus.DRAFT
    terms: PaymentTerms | None = None
    due_date: date | None = None
    reference: str | None = None
    inclusive: bool = False
    discount: Money | None = None
    settlements: list[Settlement] = field(default_factory=list)
    reminders: list[date] = field(default_factory=list)
    _breakdown: TaxBreakdown | None = field(default=None, repr=False, compare=False)

    doc_type: ClassVar[str] = "invoice"
    prefix: ClassVar[str] = "INV"
    direction: ClassVar[TaxDirection] = TaxDirection.OUTPUT
    control_role: ClassVar[str] = "receivable"
    income_role: ClassVar[str] = "sales"
    # +1 where the control account is debited when the document is issued
    sign: ClassVar[int] = 1

    def allows(self, action: str) -> bool:
        return action in TRANSITIONS[self.status]

    def require(self, action: str) -> None:
        if not self.allows(action):
            raise IllegalTransition(self.number, self.status.value, action)

    def add_line(
        self,
        description: str,
        quantity: str | int | Decimal,
        price: str | int | Decimal,
        tax_code: str | None = None,
        discount: str | int | Decimal = "0",
        account: str | None = None,
    ) -> InvoiceLine:
        self.require("edit")
        line = InvoiceLine(
            description,
            to_decimal(quantity),
            Money.of(price, self.currency),
            tax_code,
            to_decimal(discount),
            account,
        )
        self.lines.append(line)
        self._breakdown = None
        return line

    def remove_line(self, index: int) -> None:
        self.require("edit")
        del self.lines[index]
        self._breakdown = None

    def set_discount(self, amount: Money | None) -> None:
        self.require("edit")
        self.discount = amount
        self._breakdown = None

    def totals(self, engine: TaxEngine) -> TaxBreakdown:
        if self._breakdown is None:
            self._breakdown = engine.compute(
                self.lines, self.date, self.currency, self.inclusive, self.discount
            )
        return self._breakdown

    def gross(self, engine: TaxEngine) -> Money:
        return self.totals(engine).gross

    def problems(self) -> list[str]:
        found: list[str] = []
        if not self.lines:
            found.append("has no lines")
        for number, line in enumerate(self.lines, start=1):
            found.extend(f"line {number} {text}" for text in line.problems())
            if line.unit_price.currency != self.currency:
                found.append(f"line {number} is priced in {line.unit_price.currency}")
        if self.due_date is not None and self.due_date < self.date:
            found.append("falls due before its date")
        return found

    def issue(self, number: str, default_terms: PaymentTerms) -> None:
        self.require("issue")
        problems = self.problems()
        if problems:
            raise ValidationError(f"{self.doc_type} for {self.party}", problems)
        self.number = number
        if self.due_date is None:
            self.due_date = (self.terms or default_terms).due_date(self.date)
        self.status = InvoiceStatus.ISSUED

    def settled(self, as_of: date | None = None) -> Money:
        return Money.sum(
            (item.total for item in self.settlements if as_of is None or item.on <= as_of),
            self.currency,
        )

    def open_amount(self, engine: TaxEngine, as_of: date | None = None) -> Money:
        if self.status in (InvoiceStatus.DRAFT, InvoiceStatus.VOID):
            return Money.zero(self.currency)
        return self.gross(engine) - self.settled(as_of)

    def settle(self, engine: TaxEngine, settlement: Settlement) -> None:
        self.require("settle")
        rest = self.open_amount(engine)
        if rest < settlement.total:
            raise ValidationError(self.number, [f"{settlement.total} is more than the open {rest}"])
        self.settlements.append(settlement)
        self._refresh_status(engine)

    def unsettle(self, engine: TaxEngine, entry: str) -> Settlement:
        for index, item in enumerate(self.settlements):
            if item.entry == entry:
                del self.settlements[index]
                self._refresh_status(engine)
                return item
        raise NotFound("settlement", entry)

    def _refresh_status(self, engine: TaxEngine) -> None:
        rest = self.gross(engine) - self.settled()
        if not rest:
            self.status = InvoiceStatus.PAID
        elif self.settlements:
            self.status = InvoiceStatus.PARTIAL
        else:
            self.status = InvoiceStatus.ISSUED

    def void(self) -> None:
        self.require("void")
        self.status = InvoiceStatus.VOID

    def early_discount(self, engine: TaxEngine, on: date) -> Money | None:
        """The discount that a payment of the whole rest on this day would earn."""
        if self.terms is None:
            return None
        until = self.terms.discount_until(self.date)
        if until is None or on > until or self.settlements:
            return None
        return self.gross(engine).percent(self.terms.discount_percent).rounded()

    def days_overdue(self, on: date) -> int:
        if self.due_date is None or not self.status.is_open:
            return 0
        return max((on - self.due_date).days, 0)

    def remind(self, on: date) -> int:
        """Note that a reminder was sent; returns its level."""
        self.require("remind")
        if self.reminders and self.reminders[-1] >= on:
            raise ValidationError(self.number, [f"a reminder was sent on {self.reminders[-1]}"])
        self.reminders.append(on)
        return len(self.reminders)

    def postings(self, engine: TaxEngine) -> Iterator[tuple[str | None, Money, str | None]]:
        """Net amounts by income account and tax code: (account, amount, tax code).

        Amounts are signed for the control side; what the tax computation rounds
        differently from the lines goes with the largest of them.
        """
        totals = self.totals(engine)
        by_share: dict[str, dict[str | None, Decimal]] = {}
        for line in self.lines:
            code = line.tax_code or engine.default_code or ""
            accounts = by_share.setdefault(code, {})
            accounts[line.account] = accounts.get(line.account, ZERO) + line.extended.amount
        for share in totals.shares:
            accounts = by_share[share.code]
            weights = [abs(value) for value in accounts.values()]
            if not any(weights):
                continue
            for account, part in zip(accounts, share.net.allocate(weights)):
                if part:
                    yield account, part * self.sign, share.code

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "type": self.doc_type,
            "number": self.number,
            "party": self.party,
            "currency": self.currency,
            "date": self.date.isoformat(),
            "status": self.status.value,
            "lines": [line.to_json() for line in self.lines],
        }
        if self.terms is not None:
            data["terms"] = str(self.terms)
        if self.due_date is not None:
            data["due_date"] = self.due_date.isoformat()
        if self.reference:
            data["reference"] = self.reference
        if self.inclusive:
            data["inclusive"] = True
        if self.discount is not None:
            data["discount"] = str(self.discount.amount)
        if self.settlements:
            data["settlements"] = [item.to_json() for item in self.settlements]
        if self.reminders:
            data["reminders"] = [item.isoformat() for item in self.reminders]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Invoice:
        kind = DOCUMENT_TYPES.get(data.get("type", "invoice"))
        if kind is None:
            raise NotFound("document type", data.get("type"))
        code = data["currency"]
        discount = data.get("discount")
        return kind(
            party=data["party"],
            currency=code,
            date=date.fromisoformat(data["date"]),
            lines=[InvoiceLine.from_json(item, code) for item in data["lines"]],
            number=data.get("number", ""),
            status=InvoiceStatus(data.get("status", "draft")),
            terms=PaymentTerms.parse(data["terms"]) if data.get("terms") else None,
            due_date=date.fromisoformat(data["due_date"]) if data.get("due_date") else None,
            reference=data.get("reference"),
            inclusive=data.get("inclusive", False),
            discount=Money.of(discount, code) if discount is not None else None,
            settlements=[Settlement.from_json(item, code) for item in data.get("settlements", [])],
            reminders=[date.fromisoformat(item) for item in data.get("reminders", [])],
        )


@dataclass
class Bill(Invoice):
    """An invoice from a supplier, under the supplier's own number in `reference`."""

    doc_type: ClassVar[str] = "bill"
    prefix: ClassVar[str] = "BIL"
    direction: ClassVar[TaxDirection] = TaxDirection.INPUT
    control_role: ClassVar[str] = "payable"
    income_role: ClassVar[str] = "purchases"
    sign: ClassVar[int] = -1

    def problems(self) -> list[str]:
        found = super().problems()
        if not self.reference:
            found.append("needs the supplier's number")
        return found

    def remind(self, on: date) -> int:
        raise IllegalTransition(self.number, "a bill", "remind")


@dataclass
class CreditNote(Invoice):
    """Takes back all or part of a sales invoice (named in `reference`)."""

    doc_type: ClassVar[str] = "credit_note"
    prefix: ClassVar[str] = "CRN"
    sign: ClassVar[int] = -1

    def issue(self, number: str, default_terms: PaymentTerms) -> None:
        super().issue(number, default_terms)
        self.due_date = self.date

    def early_discount(self, engine: TaxEngine, on: date) -> Money | None:
        return None

    def days_overdue(self, on: date) -> int:
        return 0

    def problems(self) -> list[str]:
        found = super().problems()
        if any(line.extended.is_negative for line in self.lines):
            found.append("lines of a credit note are positive")
        return found


DOCUMENT_TYPES: dict[str, type[Invoice]] = {
    "invoice": Invoice,
    "bill": Bill,
    "credit_note": CreditNote,
}

NUMBER_PATTERN = re.compile(r"\b(INV|BIL|CRN)-?(\d{4})-?(\d{4,})\b", re.IGNORECASE)


def find_numbers(text: str) -> list[str]:
    """Document numbers that a text mentions, in their canonical form."""
    return [f"{kind.upper()}-{year}-{int(rest):04d}" for kind, year, rest in NUMBER_PATTERN.findall(text)]


class InvoiceBook:
    """All documents of the book, and the numbers they get."""

    def __init__(self, documents: Iterable[Invoice] = ()) -> None:
        self._documents: dict[str, Invoice] = {}
        self.drafts: list[Invoice] = []
        for document in documents:
            if document.number:
                self.file(document)
            else:
                self.drafts.append(document)

    def __iter__(self) -> Iterator[Invoice]:
        return iter(sorted(self._documents.values(), key=lambda item: (item.date, item.number)))

    def __len__(self) -> int:
        return len(self._documents)

    def file(self, document: Invoice) -> None:
        if document.number in self._documents:
            raise Duplicate(document.doc_type, document.number)
        self._documents[document.number] = document

    def get(self, number: str) -> Invoice:
        try:
            return self._documents[number]
        except KeyError:
            raise NotFound("document", number) from None

    def maybe(self, number: str) -> Invoice | None:
        return self._documents.get(number)

    def next_number(self, document: Invoice) -> str:
        start = f"{document.prefix}-{document.date.year}-"
        taken = [int(number[len(start):]) for number in self._documents if number.startswith(start)]
        return f"{start}{max(taken, default=0) + 1:04d}"

    def select(self, *tests: Callable[[Invoice], bool]) -> list[Invoice]:
        return [item for item in self if all(test(item) for test in tests)]

    def of_party(self, party: str) -> list[Invoice]:
        return self.select(lambda item: item.party == party)

    def open(self, direction: TaxDirection | None = None) -> list[Invoice]:
        return self.select(
            lambda item: item.status.is_open,
            lambda item: direction is None or item.direction is direction,
        )

    def with_reference(self, reference: str) -> list[Invoice]:
        return self.select(lambda item: item.reference == reference)

    def to_json(self) -> list[dict[str, Any]]:
        return [item.to_json() for item in [*self, *self.drafts]]
