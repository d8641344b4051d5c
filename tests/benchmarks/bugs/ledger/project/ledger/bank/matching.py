"""Finds what a line of a bank statement pays for."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import combinations
from typing import Any

from ..errors import ValidationError
from ..models import Invoice, Party, find_numbers
from ..money import Money, to_decimal
from ..tax import TaxDirection, TaxEngine
from .formats import StatementLine


class MatchKind(Enum):
    INVOICE = "invoice"
    RULE = "rule"
    NONE = "none"


@dataclass
class MatchRule:
    """Books lines that look so to an account, without a document."""

    name: str
    account: str
    pattern: re.Pattern[str] | None = None
    counterparty: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    tax_code: str | None = None
    priority: int = 100

    def applies(self, line: StatementLine) -> bool:
        if self.pattern is not None and not self.pattern.search(line.text):
            return False
        if self.counterparty is not None:
            if self.counterparty.casefold() not in line.counterparty.casefold():
                return False
        size = abs(line.amount.amount)
        if self.minimum is not None and size < self.minimum:
            return False
        if self.maximum is not None and size > self.maximum:
            return False
        return True

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> MatchRule:
        minimum, maximum = data.get("minimum"), data.get("maximum")
        return cls(
            name=data["name"],
            account=data["account"],
            pattern=re.compile(data["pattern"], re.IGNORECASE) if data.get("pattern") else None,
            counterparty=data.get("counterparty"),
            minimum=to_decimal(minimum) if minimum is not None else None,
            maximum=to_decimal(maximum) if maximum is not None else None,
            tax_code=data.get("tax_code"),
            priority=data.get("priority", 100),
        )


@dataclass
class Allocation:
    document: Invoice
    amount: Money
    discount: Money | None = None


@dataclass
class Proposal:
    """What the matcher suggests for one line, and how sure it is (0 to 100)."""

    line: StatementLine
    kind: MatchKind = MatchKind.NONE
    score: int = 0
    allocations: list[Allocation] = field(default_factory=list)
    rule: MatchRule | None = None
    reasons: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[str]:
        return [item.document.number for item in self.allocations]

    @property
    def allocated(self) -> Money:
        return Money.sum((item.amount for item in self.allocations), self.line.amount.currency)


_LEGAL_FORMS = re.compile(r"\b(gmbh|ag|ltd|inc|llc|plc|s\.?a\.?|b\.?v\.?|ab|kg)(?=\W|$)", re.IGNORECASE)


def name_tokens(name: str) -> set[str]:
    plain = _LEGAL_FORMS.sub(" ", name.casefold())
    return {token for token in re.split(r"[^\w]+", plain) if len(token) > 1}


def similarity(left: str, right: str) -> float:
    """Share of the words that two names have in common."""
    first, second = name_tokens(left), name_tokens(right)
    if not first or not second:
        return 0.0
    return len(first & second) / len(first | second)


Scorer = Callable[["Matcher", StatementLine, Invoice], tuple[int, str] | None]

SCORERS: list[Scorer] = []


def scorer(function: Scorer) -> Scorer:
    SCORERS.append(function)
    return function


@scorer
def _by_number(matcher: Matcher, line: StatementLine, document: Invoice) -> tuple[int, str] | None:
    if document.number in find_numbers(f"{line.text} {line.reference or ''}"):
        return 60, "number"
    if document.reference and document.reference in line.text:
        return 55, "reference"
    return None


@scorer
def _by_amount(matcher: Matcher, line: StatementLine, document: Invoice) -> tuple[int, str] | None:
    paid = abs(line.amount)
    rest = matcher.open_amount(document)
    if paid == rest:
        return 30, "amount"
    discount = document.early_discount(matcher.engine, line.booked)
    if discount is not None and paid == rest - discount:
        return 30, "amount less discount"
    return None


@scorer
def _by_party(matcher: Matcher, line: StatementLine, document: Invoice) -> tuple[int, str] | None:
    party = matcher.parties.get(document.party)
    if party is None:
        return None
    if line.iban is not None and party.iban is not None:
        if line.iban.replace(" ", "").upper() == party.iban.replace(" ", "").upper():
            return 25, "iban"
    best = max(similarity(line.counterparty, name) for name in party.names())
    if best >= 0.5:
        return int(20 * best), "name"
    return None


@scorer
def _by_age(matcher: Matcher, line: StatementLine, document: Invoice) -> tuple[int, str] | None:
    if document.due_date is None:
        return None
    late = (line.booked - document.due_date).days
    if -45 <= late <= 30:
        return 5, "time"
    return (-10, "long overdue") if late > 180 else None


class Matcher:
    """Proposes allocations and rules for statement lines."""

    #: proposals below this are not booked by themselves
    threshold = 50

    def __init__(
        self,
        documents: Sequence[Invoice],
        parties: Mapping[str, Party],
        engine: TaxEngine,
        rules: Iterable[MatchRule] = (),
    ) -> None:
        self.documents = list(documents)
        self.parties = parties
        self.engine = engine
        self.rules = sorted(rules, key=lambda rule: rule.priority)
        self._taken: dict[str, Money] = {}

    def open_amount(self, document: Invoice) -> Money:
        """The open amount less what earlier lines of the statement have taken."""
        rest = document.open_amount(self.engine)
        taken = self._taken.get(document.number)
        return rest - taken if taken is not None else rest

    def candidates(self, line: StatementLine) -> list[Invoice]:
        wanted = TaxDirection.OUTPUT if line.incoming else TaxDirection.INPUT
        return [
            item
            for item in self.documents
            if item.direction is wanted
            and item.doc_type != "credit_note"
            and item.currency == line.amount.currency
            and item.date <= line.booked
            and self.open_amount(item)
        ]

    def score(self, line: StatementLine, document: Invoice) -> tuple[int, list[str]]:
        total, reasons = 0, []
        for function in SCORERS:
            found = function(self, line, document)
            if found is not None:
                points, reason = found
                total += points
                reasons.append(reason)
        return min(total, 100), reasons

    def propose(self, line: StatementLine) -> Proposal:
        proposal = Proposal(line)
        candidates = self.candidates(line)
        paid = abs(line.amount)

        # a text that names several documents settles them in their order
        named = [item for item in candidates if _by_number(self, line, item) is not None]
        if len(named) > 1:
            rest = paid
            for document in sorted(named, key=lambda item: (item.due_date or item.date, item.number)):
                share = min(rest, self.open_amount(document))
                if share:
                    proposal.allocations.append(Allocation(document, share))
                    rest = rest - share
            if not rest:
                proposal.kind = MatchKind.INVOICE
                proposal.score = 90
                proposal.reasons = ["numbers"]
                return proposal
            proposal.allocations.clear()

        scored: list[tuple[int, Invoice, list[str]]] = []
        for document in candidates:
            points, reasons = self.score(line, document)
            if points > 0:
                scored.append((points, document, reasons))
        scored.sort(key=lambda item: (-item[0], item[1].due_date or item[1].date, item[1].number))

        rule = next((item for item in self.rules if item.applies(line)), None)
        if scored:
            points, document, reasons = scored[0]
            runner_up = scored[1][0] if len(scored) > 1 else 0
            if points - runner_up < 10 and "number" not in reasons:
                points -= 20
                reasons = [*reasons, "ambiguous"]
            rest = self.open_amount(document)
            discount = document.early_discount(self.engine, line.booked)
            if points >= self.threshold or (rule is None and points >= self.threshold // 2):
                if discount is not None and paid == rest - discount:
                    proposal.allocations.append(Allocation(document, paid, discount))
                else:
                    proposal.allocations.append(Allocation(document, min(paid, rest)))
                proposal.kind = MatchKind.INVOICE
                proposal.score = points
                proposal.reasons = reasons
                return proposal

        if rule is not None:
            proposal.kind = MatchKind.RULE
            proposal.rule = rule
            proposal.score = 80
            proposal.reasons = [rule.name]
            return proposal

        combined = self._combination(paid, candidates, line)
        if combined:
            proposal.kind = MatchKind.INVOICE
            proposal.score = 55
            proposal.reasons = ["sum of several"]
            proposal.allocations = [Allocation(item, self.open_amount(item)) for item in combined]
        return proposal

    def _combination(self, paid: Money, candidates: list[Invoice], line: StatementLine) -> tuple[Invoice, ...]:
        """Up to three open documents of one party that add up to the payment."""
        by_party: dict[str, list[Invoice]] = {}
        for document in candidates:
            party = self.parties.get(document.party)
            if party and max(similarity(line.counterparty, name) for name in party.names()) >= 0.5:
                by_party.setdefault(document.party, []).append(document)
        for documents in by_party.values():
            for count in (2, 3):
                for group in combinations(documents, count):
                    if Money.sum((self.open_amount(item) for item in group), paid.currency) == paid:
                        return group
        return ()

    def take(self, proposal: Proposal) -> None:
        """Remember what a proposal settles, for the lines that follow."""
        for item in proposal.allocations:
            total = item.amount + item.discount if item.discount is not None else item.amount
            before = self._taken.get(item.document.number)
            self._taken[item.document.number] = total if before is None else before + total

    def propose_all(self, lines: Iterable[StatementLine]) -> list[Proposal]:
        proposals: list[Proposal] = []
        for line in lines:
            proposal = self.propose(line)
            if proposal.kind is MatchKind.INVOICE and proposal.score >= self.threshold:
                self.take(proposal)
            proposals.append(proposal)
        return proposals


def load_rules(data: Iterable[Mapping[str, Any]]) -> list[MatchRule]:
    rules: list[MatchRule] = []
    for number, item in enumerate(data, start=1):
        try:
            rules.append(MatchRule.from_json(item))
        except (KeyError, re.error) as exc:
            raise ValidationError(f"match rule {number}", [str(exc)]) from exc
    return rules
