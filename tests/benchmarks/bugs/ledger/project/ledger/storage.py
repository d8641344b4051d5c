"""Books on disk: one JSON file per kind of record under a data folder."""
from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Generic, TypeVar

from .dates import PaymentTerms
from .errors import Duplicate, NotFound, StorageError, ValidationError
from .models import Account, ChartOfAccounts, Invoice, InvoiceBook, Journal, JournalEntry, Party
from .money import RateTable, Rounding
from .tax import TaxEngine, TaxRule

FORMAT_VERSION = 3

T = TypeVar("T")


@dataclass
class Settings:
    """What differs from book to book."""

    company: str = "My company"
    base_currency: str = "EUR"
    fiscal_start_month: int = 1
    default_terms: PaymentTerms = field(default_factory=PaymentTerms)
    default_tax: str | None = None
    tax_per_line: bool = False
    rounding: Rounding = Rounding.HALF_UP
    locked_until: date | None = None
    roles: dict[str, str] = field(default_factory=dict)
    bank_accounts: dict[str, str] = field(default_factory=dict)
    statement_profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    aging_days: tuple[int, ...] = (30, 60, 90)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Settings:
        known = {item.name for item in fields(cls)}
        unknown = sorted(set(data) - known - {"version"})
        if unknown:
            raise ValidationError("settings.json", [f"unknown setting {name}" for name in unknown])
        values: dict[str, Any] = {name: data[name] for name in known if name in data}
        if "default_terms" in values:
            values["default_terms"] = PaymentTerms.parse(values["default_terms"])
        if "rounding" in values:
            values["rounding"] = Rounding[values["rounding"].upper()]
        if values.get("locked_until"):
            values["locked_until"] = date.fromisoformat(values["locked_until"])
        if "aging_days" in values:
            values["aging_days"] = tuple(values["aging_days"])
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"version": FORMAT_VERSION}
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not None:
                data[item.name] = plain(value)
        return data


def plain(value: Any) -> Any:
    """A value as json can write it."""
    if isinstance(value, Rounding):
        return value.name.lower()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (Decimal, PaymentTerms)):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "to_json"):
        return value.to_json()
    return value


Migration = Callable[[str, list[dict[str, Any]]], list[dict[str, Any]]]

MIGRATIONS: dict[int, Migration] = {}


def migration(version: int) -> Callable[[Migration], Migration]:
    def register(function: Migration) -> Migration:
        MIGRATIONS[version] = function
        return function

    return register


@migration(1)
def _amounts_in_cents(kind: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Version 1 kept the amounts of postings as integers in cents, without currency."""
    if kind != "journal":
        return records
    for record in records:
        for posting in record["postings"]:
            posting["amount"] = str(Decimal(posting.pop("cents")) / 100)
            posting.setdefault("currency", "EUR")
    return records


@migration(2)
def _bills_in_one_file(kind: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Version 2 told bills from invoices by a flag."""
    if kind != "invoices":
        return records
    for record in records:
        incoming = record.pop("incoming", False)
        record.setdefault("type", "bill" if incoming else "invoice")
    return records


class JsonRepository(Generic[T]):
    """Records of one kind in one file, read when they are first needed."""

    kind: str = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._items: dict[str, T] | None = None
        self.dirty = False

    @property
    def path(self) -> Path:
        return self.folder / f"{self.kind}.json"

    def decode(self, data: Mapping[str, Any]) -> T:
        raise NotImplementedError

    def encode(self, item: T) -> dict[str, Any]:
        return item.to_json()  # type: ignore[attr-defined]

    def key(self, item: T) -> str:
        raise NotImplementedError

    def _read(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as exc:
            raise StorageError(f"{self.path.name}: {exc}") from exc
        if isinstance(data, list):
            version, records = 1, data
        else:
            version, records = data.get("version", 1), data["records"]
        if version > FORMAT_VERSION:
            raise StorageError(f"{self.path.name} was written by a newer version ({version})")
        for step in range(version, FORMAT_VERSION):
            records = MIGRATIONS[step](self.kind, records)
            self.dirty = True
        return records

    @property
    def items(self) -> dict[str, T]:
        if self._items is None:
            items: dict[str, T] = {}
            for number, record in enumerate(self._read(), start=1):
                try:
                    item = self.decode(record)
                except KeyError as exc:
                    raise StorageError(f"{self.path.name}: record {number} lacks {exc}") from exc
                items[self.key(item)] = item
            self._items = items
        return self._items

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(list(self.items.values()))

    def __contains__(self, key: str) -> bool:
        return key in self.items

    def get(self, key: str) -> T:
        try:
            return self.items[key]
        except KeyError:
            raise NotFound(self.kind.rstrip("s"), key) from None

    def add(self, item: T) -> T:
        key = self.key(item)
        if key in self.items:
            raise Duplicate(self.kind.rstrip("s"), key)
        self.items[key] = item
        self.dirty = True
        return item

    def put(self, item: T) -> None:
        self.items[self.key(item)] = item
        self.dirty = True

    def remove(self, key: str) -> T:
        item = self.get(key)
        del self.items[key]
        self.dirty = True
        return item

    def find(self, test: Callable[[T], bool]) -> list[T]:
        return [item for item in self if test(item)]

    def snapshot(self) -> dict[str, T] | None:
        return deepcopy(self._items)

    def restore(self, items: dict[str, T] | None) -> None:
        self._items = items

    def save(self) -> bool:
        """Write the file if anything changed; the old one stays until the new one is whole."""
        if not self.dirty:
            return False
        records = [self.encode(item) for item in self.items.values()]
        write_json(self.path, {"version": FORMAT_VERSION, "records": records})
        self.dirty = False
        return True


def write_json(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    text = json.dumps(data, indent=2, ensure_ascii=False, default=plain)
    temporary.write_text(text + "\n", encoding="utf-8")
    os.replace(temporary, path)


class AccountRepository(JsonRepository[Account]):
    kind = "accounts"

    def decode(self, data: Mapping[str, Any]) -> Account:
        return Account.from_json(data)

    def key(self, item: Account) -> str:
        return item.code


class PartyRepository(JsonRepository[Party]):
    kind = "parties"

    def decode(self, data: Mapping[str, Any]) -> Party:
        return Party.from_json(data)

    def key(self, item: Party) -> str:
        return item.id

    def by_name(self, text: str) -> Party | None:
        wanted = text.casefold()
        for party in self:
            if any(name.casefold() == wanted for name in party.names()):
                return party
        return None

    def by_iban(self, iban: str) -> Party | None:
        wanted = iban.replace(" ", "").upper()
        for party in self:
            if party.iban is not None and party.iban.replace(" ", "").upper() == wanted:
                return party
        return None


class JournalRepository(JsonRepository[JournalEntry]):
    kind = "journal"

    def decode(self, data: Mapping[str, Any]) -> JournalEntry:
        return JournalEntry.from_json(data)

    def key(self, item: JournalEntry) -> str:
        return item.id


class InvoiceRepository(JsonRepository[Invoice]):
    kind = "invoices"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._drafts = 0

    def decode(self, data: Mapping[str, Any]) -> Invoice:
        return Invoice.from_json(data)

    def key(self, item: Invoice) -> str:
        if item.number:
            return item.number
        self._drafts += 1
        return f"draft-{self._drafts}"


class TaxRepository(JsonRepository[TaxRule]):
    kind = "taxes"

    def decode(self, data: Mapping[str, Any]) -> TaxRule:
        return TaxRule.from_json(data)

    def key(self, item: TaxRule) -> str:
        return item.code


class Workspace:
    """The data folder of one book and everything read from it."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.accounts = AccountRepository(self.folder)
        self.parties = PartyRepository(self.folder)
        self.entries = JournalRepository(self.folder)
        self.invoices = InvoiceRepository(self.folder)
        self.taxes = TaxRepository(self.folder)
        self._settings: Settings | None = None
        self._rates: RateTable | None = None
        self._depth = 0

    @property
    def repositories(self) -> list[JsonRepository[Any]]:
        return [self.accounts, self.parties, self.entries, self.invoices, self.taxes]

    def exists(self) -> bool:
        return (self.folder / "settings.json").exists()

    @property
    def settings(self) -> Settings:
        if self._settings is None:
            data = self._load_plain("settings.json", {})
            self._settings = Settings.from_json(data)
        return self._settings

    @property
    def rates(self) -> RateTable:
        if self._rates is None:
            data = self._load_plain("rates.json", [])
            self._rates = RateTable.from_json(data, self.settings.base_currency)
        return self._rates

    def match_rules(self) -> list[dict[str, Any]]:
        return self._load_plain("rules.json", [])

    def _load_plain(self, name: str, default: Any) -> Any:
        path = self.folder / name
        if not path.exists():
            return default
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as exc:
            raise StorageError(f"{name}: {exc}") from exc

    def chart(self) -> ChartOfAccounts:
        return ChartOfAccounts(self.accounts, self.settings.roles)

    def journal(self, chart: ChartOfAccounts) -> Journal:
        journal = Journal(chart, self.entries)
        journal.locked_until = self.settings.locked_until
        journal.subscribe(self._on_entry)
        return journal

    def _on_entry(self, entry: JournalEntry) -> None:
        self.entries.put(entry)

    def documents(self) -> InvoiceBook:
        return InvoiceBook(self.invoices)

    def tax_engine(self) -> TaxEngine:
        settings = self.settings
        return TaxEngine(self.taxes, settings.rounding, settings.tax_per_line, settings.default_tax)

    @contextmanager
    def transaction(self) -> Iterator[Workspace]:
        """Keep all changes or none; an inner transaction is part of the outer one."""
        if self._depth:
            self._depth += 1
            try:
                yield self
            finally:
                self._depth -= 1
            return
        saved = [(item, item.snapshot(), item.dirty) for item in self.repositories]
        settings = deepcopy(self._settings)
        self._depth = 1
        try:
            yield self
        except BaseException:
            for repository, items, dirty in saved:
                repository.restore(items)
                repository.dirty = dirty
            self._settings = settings
            raise
        finally:
            self._depth = 0

    def save(self) -> list[str]:
        """Write what changed; returns the names of the files."""
        written = [item.path.name for item in self.repositories if item.save()]
        settings_path = self.folder / "settings.json"
        data = self.settings.to_json()
        if self._load_plain("settings.json", None) != data:
            write_json(settings_path, data)
            written.append(settings_path.name)
        if self._rates is not None:
            rates = self._rates.to_json()
            if self._load_plain("rates.json", []) != rates:
                write_json(self.folder / "rates.json", rates)
                written.append("rates.json")
        return written
