"""The chart of accounts, journal entries and the journal that indexes them.

Balances are debit-positive: a debit has a positive amount, a credit a negative
one. Every posting carries its amount in the currency of the transaction and
its value in the currency of the book (`base`).
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from ..dates import Period
from ..errors import Duplicate, NotFound, PeriodClosed, UnbalancedEntry, ValidationError
from ..money import ZERO, Money, MoneyBag


class AccountType(Enum):
    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"

    @property
    def debit_normal(self) -> bool:
        return self in (AccountType.ASSET, AccountType.EXPENSE)

    @property
    def sign(self) -> int:
        """Factor that makes a debit-positive balance read naturally."""
        return 1 if self.debit_normal else -1

    @property
    def is_profit_and_loss(self) -> bool:
        return self in (AccountType.INCOME, AccountType.EXPENSE)


@dataclass
class Account:
    code: str
    name: str
    type: AccountType
    parent: str | None = None
    currency: str | None = None
    active: bool = True
    tax_code: str | None = None
    tags: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def sort_key(self) -> tuple[int, str]:
        digits = "".join(ch for ch in self.code if ch.isdigit())
        return (int(digits) if digits else 0, self.code)

    def natural(self, balance: Decimal) -> Decimal:
        return balance * self.type.sign

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"code": self.code, "name": self.name, "type": self.type.value}
        for key in ("parent", "currency", "tax_code"):
            if getattr(self, key) is not None:
                data[key] = getattr(self, key)
        if self.tags:
            data["tags"] = list(self.tags)
        if not self.active:
            data["active"] = False
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Account:
        return cls(
            code=data["code"],
            name=data["name"],
            type=AccountType(data["type"]),
            parent=data.get("parent"),
            currency=data.get("currency"),
            active=data.get("active", True),
            tax_code=data.get("tax_code"),
            tags=list(data.get("tags", [])),
        )


# What the program itself posts to; the codes come from the settings.
ROLES: dict[str, AccountType] = {
    "receivable": AccountType.ASSET,
    "payable": AccountType.LIABILITY,
    "bank": AccountType.ASSET,
    "sales": AccountType.INCOME,
    "purchases": AccountType.EXPENSE,
    "retained_earnings": AccountType.EQUITY,
    "fx_gain": AccountType.INCOME,
    "fx_loss": AccountType.EXPENSE,
    "discount_given": AccountType.EXPENSE,
    "discount_taken": AccountType.INCOME,
    "rounding": AccountType.EXPENSE,
    "suspense": AccountType.ASSET,
}


class ChartOfAccounts:
    """Accounts by code, with their tree and the roles of some of them."""

    def __init__(self, accounts: Iterable[Account] = (), roles: Mapping[str, str] | None = None) -> None:
        self._accounts: dict[str, Account] = {}
        self._children: dict[str | None, list[str]] | None = None
        self.roles: dict[str, str] = dict(roles or {})
        for account in accounts:
            self.add(account)

    def __contains__(self, code: str) -> bool:
        return code in self._accounts

    def __len__(self) -> int:
        return len(self._accounts)

    def __iter__(self) -> Iterator[Account]:
        return iter(sorted(self._accounts.values(), key=lambda item: item.sort_key))

    def add(self, account: Account) -> Account:
        if account.code in self._accounts:
            raise Duplicate("account", account.code)
        self._accounts[account.code] = account
        self._children = None
        return account

    def get(self, code: str) -> Account:
        try:
            return self._accounts[code]
        except KeyError:
            raise NotFound("account", code) from None

    def maybe(self, code: str | None) -> Account | None:
        return self._accounts.get(code) if code is not None else None

    def find(self, text: str) -> Account:
        """The account with this code, or the only one whose name begins so."""
        if text in self._accounts:
            return self._accounts[text]
        wanted = text.casefold()
        hits = [item for item in self if item.name.casefold().startswith(wanted)]
        if len(hits) != 1:
            raise NotFound("account", text)
        return hits[0]

    def search(self, text: str) -> list[Account]:
        wanted = text.casefold()
        return [item for item in self if wanted in item.label.casefold()]

    def _tree(self) -> dict[str | None, list[str]]:
        if self._children is None:
            tree: dict[str | None, list[str]] = {}
            for account in self:
                tree.setdefault(account.parent, []).append(account.code)
            self._children = tree
        return self._children

    def roots(self) -> list[Account]:
        return [self._accounts[code] for code in self._tree().get(None, [])]

    def children(self, code: str) -> list[Account]:
        return [self._accounts[child] for child in self._tree().get(code, [])]

    def is_leaf(self, code: str) -> bool:
        return not self._tree().get(code)

    def leaves(self) -> list[Account]:
        return [account for account in self if self.is_leaf(account.code)]

    def descendants(self, code: str, include_self: bool = False) -> Iterator[Account]:
        if include_self:
            yield self.get(code)
        for child in self.children(code):
            yield child
            yield from self.descendants(child.code)

    def ancestors(self, code: str) -> Iterator[Account]:
        parent = self.get(code).parent
        while parent is not None:
            account = self.get(parent)
            yield account
            parent = account.parent

    def depth(self, code: str) -> int:
        return sum(1 for _ in self.ancestors(code))

    def path(self, code: str) -> str:
        names = [account.name for account in self.ancestors(code)]
        return ":".join([*reversed(names), self.get(code).name])

    def walk(self) -> Iterator[tuple[int, Account]]:
        """Every account with its depth, parents before children."""
        for root in self.roots():
            yield 0, root
            for account in self.descendants(root.code):
                yield self.depth(account.code), account

    def by_type(self, *types: AccountType) -> list[Account]:
        return [account for account in self if account.type in types]

    def by_tag(self, tag: str) -> list[Account]:
        return [account for account in self if tag in account.tags]

    def role(self, name: str) -> Account:
        if name not in ROLES:
            raise NotFound("account role", name)
        code = self.roles.get(name)
        if code is None:
            raise ValidationError("settings", [f"no account has the role {name!r}"])
        return self.get(code)

    def reparent(self, code: str, parent: str | None) -> None:
        account = self.get(code)
        if parent is not None:
            above = self.get(parent)
            if above.code == code or any(item.code == code for item in self.ancestors(parent)):
                raise ValidationError(f"account {code}", [f"cannot lie below {parent}"])
            if above.type is not account.type:
                raise ValidationError(f"account {code}", [f"{parent} is of type {above.type.value}"])
        account.parent = parent
        self._children = None

    def deactivate(self, code: str) -> None:
        if any(child.active for child in self.children(code)):
            raise ValidationError(f"account {code}", ["has active accounts below it"])
        self.get(code).active = False

    def rollup(self, balances: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Balances including those of the accounts below."""
        totals: dict[str, Decimal] = {}
        for account in self:
            own = balances.get(account.code, ZERO)
            totals[account.code] = totals.get(account.code, ZERO) + own
            for above in self.ancestors(account.code):
                totals[above.code] = totals.get(above.code, ZERO) + own
        return totals

    def next_code(self, parent: str) -> str:
        """The next free code below a parent, in steps of ten where there is room."""
        base = int(self.get(parent).code)
        taken = [int(item.code) for item in self.children(parent) if item.code.isdigit()]
        step = 10 if base % 100 == 0 else 1
        candidate = max(taken, default=base) + step
        while str(candidate) in self._accounts:
            candidate += 1
        return str(candidate)

    def problems(self) -> list[str]:
        found: list[str] = []
        for account in self:
            above = self.maybe(account.parent)
            if account.parent is not None and above is None:
                found.append(f"{account.code}: parent {account.parent} does not exist")
            elif above is not None and above.type is not account.type:
                found.append(f"{account.code}: is {account.type.value} below {above.type.value}")
        for name, code in self.roles.items():
            expected = ROLES.get(name)
            if expected is None:
                found.append(f"unknown role {name}")
            elif code not in self._accounts:
                found.append(f"role {name}: no account {code}")
            elif self._accounts[code].type is not expected:
                found.append(f"role {name}: {code} should be {expected.value}")
        return found

    def to_json(self) -> list[dict[str, Any]]:
        return [account.to_json() for account in self]


class Source(Enum):
    MANUAL = "manual"
    INVOICE = "invoice"
    PAYMENT = "payment"
    BANK = "bank"
    REVALUATION = "revaluation"
    CLOSING = "closing"
    REVERSAL = "reversal"


SOURCE_PREFIX: dict[Source, str] = {
    Source.MANUAL: "JE",
    Source.INVOICE: "IV",
    Source.PAYMENT: "PY",
    Source.BANK: "BK",
    Source.REVALUATION: "RV",
    Source.CLOSING: "CL",
    Source.REVERSAL: "RE",
}


@dataclass
class Posting:
    account: str
    amount: Money
    base: Decimal
    memo: str = ""
    party: str | None = None
    tax_code: str | None = None
    document: str | None = None

    @property
    def is_debit(self) -> bool:
        return self.amount.amount > 0

    def negated(self) -> Posting:
        return replace(self, amount=-self.amount, base=-self.base)

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"account": self.account, "amount": str(self.amount.amount)}
        data["currency"] = self.amount.currency
        data["base"] = str(self.base)
        for key in ("memo", "party", "tax_code", "document"):
            if getattr(self, key):
                data[key] = getattr(self, key)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Posting:
        amount = Money.of(data["amount"], data["currency"])
        return cls(
            account=data["account"],
            amount=amount,
            base=Decimal(data["base"]) if "base" in data else amount.amount,
            memo=data.get("memo", ""),
            party=data.get("party"),
            tax_code=data.get("tax_code"),
            document=data.get("document"),
        )


@dataclass
class JournalEntry:
    date: date
    description: str
    postings: list[Posting] = field(default_factory=list)
    id: str = ""
    source: Source = Source.MANUAL
    reference: str | None = None
    reversal_of: str | None = None
    meta: dict[str, str] = field(default_factory=dict)

    @property
    def imbalance(self) -> Decimal:
        return sum((posting.base for posting in self.postings), ZERO)

    @property
    def total(self) -> Decimal:
        """Value of the entry: the sum of its debits."""
        return sum((posting.base for posting in self.postings if posting.base > 0), ZERO)

    def accounts(self) -> set[str]:
        return {posting.account for posting in self.postings}

    def touching(self, account: str) -> Iterator[Posting]:
        return (posting for posting in self.postings if posting.account == account)

    def reversed(self, on: date) -> JournalEntry:
        return JournalEntry(
            date=on,
            description=f"Reversal of {self.id}: {self.description}",
            postings=[posting.negated() for posting in self.postings],
            source=Source.REVERSAL,
            reference=self.reference,
            reversal_of=self.id,
            meta=dict(self.meta),
        )

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "id": self.id,
            "date": self.date.isoformat(),
            "description": self.description,
            "source": self.source.value,
            "postings": [posting.to_json() for posting in self.postings],
        }
        if self.reference:
            data["reference"] = self.reference
        if self.reversal_of:
            data["reversal_of"] = self.reversal_of
        if self.meta:
            data["meta"] = dict(self.meta)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> JournalEntry:
        return cls(
            date=date.fromisoformat(data["date"]),
            description=data["description"],
            postings=[Posting.from_json(item) for item in data["postings"]],
            id=data.get("id", ""),
            source=Source(data.get("source", "manual")),
            reference=data.get("reference"),
            reversal_of=data.get("reversal_of"),
            meta=dict(data.get("meta", {})),
        )


Convert = Callable[[Money, date], Money]


class EntryBuilder:
    """Collects the postings of one entry and works out their book values."""

    def __init__(self, on: date, description: str, convert: Convert, source: Source = Source.MANUAL) -> None:
        self._convert = convert
        self.entry = JournalEntry(date=on, description=description, source=source)

    def reference(self, text: str | None) -> EntryBuilder:
        self.entry.reference = text
        return self

    def note(self, **meta: str) -> EntryBuilder:
        self.entry.meta.update(meta)
        return self

    def post(self, account: str, amount: Money, base: Decimal | None = None, **details: Any) -> EntryBuilder:
        if not amount and not base:
            return self
        if base is None:
            base = self._convert(amount, self.entry.date).amount
        self.entry.postings.append(Posting(account, amount, base, **details))
        return self

    def debit(self, account: str, amount: Money, base: Decimal | None = None, **details: Any) -> EntryBuilder:
        return self.post(account, amount, base, **details)

    def credit(self, account: str, amount: Money, base: Decimal | None = None, **details: Any) -> EntryBuilder:
        return self.post(account, -amount, -base if base is not None else None, **details)

    def absorb_rounding(self, account: str, code: str, limit: Decimal = Decimal("0.05")) -> EntryBuilder:
        """Book a difference of a few cents from conversion to its own account."""
        rest = self.entry.imbalance
        if rest and abs(rest) <= limit:
            self.entry.postings.append(Posting(account, Money(-rest, code), -rest, memo="rounding"))
        return self

    def build(self) -> JournalEntry:
        if self.entry.imbalance:
            currencies = {posting.amount.currency for posting in self.entry.postings}
            raise UnbalancedEntry(self.entry.id, self.entry.imbalance, "/".join(sorted(currencies)))
        return self.entry


@dataclass
class RunningLine:
    entry: JournalEntry
    posting: Posting
    balance: Decimal


class Journal:
    """All entries of a book, in the order of their dates."""

    def __init__(self, chart: ChartOfAccounts, entries: Iterable[JournalEntry] = ()) -> None:
        self.chart = chart
        self.locked_until: date | None = None
        self._entries: dict[str, JournalEntry] = {}
        self._by_account: dict[str, list[str]] = {}
        self._by_reference: dict[str, list[str]] = {}
        self._counters: dict[tuple[str, int], int] = {}
        self._listeners: list[Callable[[JournalEntry], None]] = []
        for entry in entries:
            self._index(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(sorted(self._entries.values(), key=lambda item: (item.date, item.id)))

    def __contains__(self, entry_id: str) -> bool:
        return entry_id in self._entries

    def subscribe(self, listener: Callable[[JournalEntry], None]) -> None:
        self._listeners.append(listener)

    def _index(self, entry: JournalEntry) -> None:
        if entry.id in self._entries:
            raise Duplicate("entry", entry.id)
        self._entries[entry.id] = entry
        for code in entry.accounts():
            self._by_account.setdefault(code, []).append(entry.id)
        if entry.reference:
            self._by_reference.setdefault(entry.reference, []).append(entry.id)
        prefix, _, rest = entry.id.partition("-")
        year, _, number = rest.partition("-")
        if year.isdigit() and number.isdigit():
            key = (prefix, int(year))
            self._counters[key] = max(self._counters.get(key, 0), int(number))

    def next_id(self, source: Source, on: date) -> str:
        key = (SOURCE_PREFIX[source], on.year)
        return f"{key[0]}-{key[1]}-{self._counters.get(key, 0) + 1:04d}"

    def check(self, entry: JournalEntry) -> list[str]:
        """Everything that keeps an entry from being added, in words."""
        problems: list[str] = []
        if len(entry.postings) < 2:
            problems.append("needs at least two postings")
        for number, posting in enumerate(entry.postings, start=1):
            account = self.chart.maybe(posting.account)
            if account is None:
                problems.append(f"posting {number}: no account {posting.account}")
                continue
            if not account.active:
                problems.append(f"posting {number}: {account.code} is not active")
            if not self.chart.is_leaf(account.code):
                problems.append(f"posting {number}: {account.code} has accounts below it")
            if account.currency and entry.source is not Source.REVALUATION:
                if posting.amount.currency != account.currency:
                    problems.append(f"posting {number}: {account.code} is kept in {account.currency}")
        return problems

    def add(self, entry: JournalEntry) -> JournalEntry:
        if self.locked_until is not None and entry.date <= self.locked_until:
            raise PeriodClosed(entry.date, self.locked_until)
        problems = self.check(entry)
        if problems:
            raise ValidationError(f"entry of {entry.date}", problems)
        if entry.imbalance:
            raise UnbalancedEntry(entry.id, entry.imbalance, "")
        if not entry.id:
            entry.id = self.next_id(entry.source, entry.date)
        self._index(entry)
        for listener in self._listeners:
            listener(entry)
        return entry

    def get(self, entry_id: str) -> JournalEntry:
        try:
            return self._entries[entry_id]
        except KeyError:
            raise NotFound("entry", entry_id) from None

    def with_reference(self, reference: str) -> list[JournalEntry]:
        return [self._entries[item] for item in self._by_reference.get(reference, [])]

    def between(self, period: Period) -> Iterator[JournalEntry]:
        return (entry for entry in self if entry.date in period)

    def of_account(self, code: str) -> list[JournalEntry]:
        found = [self._entries[item] for item in self._by_account.get(code, [])]
        return sorted(found, key=lambda item: (item.date, item.id))

    def is_reversed(self, entry_id: str) -> bool:
        return any(entry.reversal_of == entry_id for entry in self._entries.values())

    def reverse(self, entry_id: str, on: date) -> JournalEntry:
        if self.is_reversed(entry_id):
            raise ValidationError(f"entry {entry_id}", ["is reversed already"])
        return self.add(self.get(entry_id).reversed(on))

    def balance(self, code: str, as_of: date | None = None) -> Decimal:
        """Debit-positive book value of one account at the end of a day."""
        total = ZERO
        for entry in self.of_account(code):
            if as_of is not None and entry.date > as_of:
                break
            for posting in entry.touching(code):
                total += posting.base
        return total

    def foreign_balance(self, code: str, as_of: date | None = None) -> MoneyBag:
        bag = MoneyBag()
        for entry in self.of_account(code):
            if as_of is not None and entry.date > as_of:
                break
            if entry.source is Source.REVALUATION:
                continue
            for posting in entry.touching(code):
                bag.add(posting.amount)
        return bag

    def balances(self, as_of: date | None = None) -> dict[str, Decimal]:
        return {code: self.balance(code, as_of) for code in self._by_account}

    def movement(self, code: str, period: Period, skip: Iterable[Source] = ()) -> Decimal:
        left_out = set(skip)
        total = ZERO
        for entry in self.of_account(code):
            if entry.date in period and entry.source not in left_out:
                total += sum((posting.base for posting in entry.touching(code)), ZERO)
        return total

    def movements(self, period: Period, skip: Iterable[Source] = ()) -> dict[str, Decimal]:
        left_out = tuple(skip)
        return {code: self.movement(code, period, left_out) for code in self._by_account}

    def running(self, code: str, period: Period | None = None) -> Iterator[RunningLine]:
        """Postings of one account with the balance after each of them."""
        balance = ZERO
        for entry in self.of_account(code):
            if period is not None and entry.date > period.end:
                return
            for posting in entry.touching(code):
                balance += posting.base
                if period is None or entry.date >= period.start:
                    yield RunningLine(entry, posting, balance)

    def tax_postings(self, period: Period) -> Iterator[tuple[JournalEntry, Posting]]:
        for entry in self.between(period):
            for posting in entry.postings:
                if posting.tax_code:
                    yield entry, posting

    def last_date(self) -> date | None:
        return max((entry.date for entry in self._entries.values()), default=None)

    def lock(self, until: date) -> None:
        if self.locked_until is not None and until < self.locked_until:
            raise ValidationError("closing", [f"already closed through {self.locked_until}"])
        self.locked_until = until

    def to_json(self) -> list[dict[str, Any]]:
        return [entry.to_json() for entry in self]
