"""Bank statements: the formats that banks deliver, read into one form."""
from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from ..errors import NotFound, StatementFormatError, ValidationError
from ..money import ZERO, Money, to_decimal


@dataclass
class StatementLine:
    booked: date
    amount: Money
    text: str
    counterparty: str = ""
    iban: str | None = None
    reference: str | None = None
    valued: date | None = None
    balance: Decimal | None = None
    number: int = 0

    @property
    def incoming(self) -> bool:
        return self.amount.amount > 0

    @property
    def fingerprint(self) -> str:
        """Tells the same line again in an overlapping statement."""
        parts = [self.booked.isoformat(), str(self.amount.amount), self.reference or "", self.text]
        return "|".join(" ".join(part.split()) for part in parts)


@dataclass
class BankStatement:
    account: str
    currency: str
    lines: list[StatementLine] = field(default_factory=list)
    opening: Decimal | None = None
    closing: Decimal | None = None
    source: str = ""

    def total(self) -> Decimal:
        return sum((line.amount.amount for line in self.lines), ZERO)

    def check(self) -> None:
        """Opening balance plus lines must give the closing balance."""
        if self.opening is None or self.closing is None:
            return
        expected = self.opening + self.total()
        if expected != self.closing:
            raise StatementFormatError(
                self.source, f"lines lead to {expected}, the statement closes with {self.closing}"
            )

    def span(self) -> tuple[date, date] | None:
        days = [line.booked for line in self.lines]
        return (min(days), max(days)) if days else None


class StatementParser:
    """Base of the parsers; a profile holds what differs between banks."""

    format: ClassVar[str] = ""
    defaults: ClassVar[Mapping[str, Any]] = {"encoding": "utf-8", "currency": "EUR"}

    def __init__(self, profile: Mapping[str, Any] | None = None) -> None:
        self.profile: dict[str, Any] = {**self.defaults, **(profile or {})}

    @classmethod
    def sniff(cls, head: str) -> bool:
        raise NotImplementedError

    def parse(self, text: str, source: str) -> BankStatement:
        raise NotImplementedError

    def read(self, path: Path) -> BankStatement:
        text = path.read_bytes().decode(self.profile["encoding"])
        statement = self.parse(text.lstrip("\ufeff"), path.name)
        statement.check()
        return statement


PARSERS: dict[str, type[StatementParser]] = {}


def register(cls: type[StatementParser]) -> type[StatementParser]:
    PARSERS[cls.format] = cls
    return cls


def _number_lines(lines: Iterator[StatementLine]) -> Iterator[StatementLine]:
    for number, line in enumerate(lines, start=1):
        line.number = number
        yield line


@register
class CsvParser(StatementParser):
    """Comma separated statements, with the columns named in the profile."""

    format = "csv"
    defaults = {
        **StatementParser.defaults,
        "delimiter": ",",
        "date_format": "%Y-%m-%d",
        "decimal_mark": ".",
        "skip_rows": 0,
        "columns": {
            "booked": "date",
            "amount": "amount",
            "text": "text",
            "counterparty": "counterparty",
            "iban": "iban",
            "reference": "reference",
            "balance": "balance",
            "currency": "currency",
            "debit": "debit",
            "credit": "credit",
            "status": "status",
        },
        "pending": ("pending", "vorgemerkt"),
    }

    def __init__(self, profile: Mapping[str, Any] | None = None) -> None:
        super().__init__(profile)
        own = (profile or {}).get("columns", {})
        self.profile["columns"] = {**self.defaults["columns"], **own}

    @classmethod
    def sniff(cls, head: str) -> bool:
        first = head.splitlines()[0] if head else ""
        return any(mark in first for mark in (",", ";", "\t"))

    def _amount(self, row: Mapping[str, str], columns: Mapping[str, str]) -> Decimal | None:
        mark = self.profile["decimal_mark"]
        text = (row.get(columns["amount"]) or "").strip()
        if text:
            return to_decimal(text, mark)
        debit = (row.get(columns["debit"]) or "").strip()
        credit = (row.get(columns["credit"]) or "").strip()
        if credit:
            return to_decimal(credit, mark)
        if debit:
            return -abs(to_decimal(debit, mark))
        return None

    def parse(self, text: str, source: str) -> BankStatement:
        profile = self.profile
        columns = profile["columns"]
        rows = text.splitlines(keepends=True)
        skip = profile["skip_rows"]
        preamble, body = rows[:skip], rows[skip:]
        account = profile.get("account", "")
        opening: Decimal | None = None
        for row in preamble:
            name, _, value = row.partition(":")
            name, value = name.strip().casefold(), value.strip()
            if name in ("account", "iban", "konto"):
                account = value.replace(" ", "")
            elif name in ("opening balance", "anfangssaldo"):
                opening = to_decimal(value, profile["decimal_mark"])

        reader = csv.DictReader(io.StringIO("".join(body)), delimiter=profile["delimiter"])
        header = [name.strip() for name in reader.fieldnames or []]
        if columns["booked"] not in header:
            raise StatementFormatError(source, f"no column {columns['booked']!r}", skip + 1)
        reader.fieldnames = header

        lines: list[StatementLine] = []
        code: str | None = None
        newest_first = False
        last_balance: Decimal | None = None
        for offset, row in enumerate(reader, start=skip + 2):
            booked_text = (row.get(columns["booked"]) or "").strip()
            status = (row.get(columns["status"]) or "").strip().casefold()
            if not booked_text or status in profile["pending"]:
                continue
            try:
                booked = datetime.strptime(booked_text, profile["date_format"]).date()
                amount = self._amount(row, columns)
            except (ValueError, ValidationError) as exc:
                raise StatementFormatError(source, str(exc), offset) from exc
            if amount is None:
                raise StatementFormatError(source, "has no amount", offset)
            row_code = (row.get(columns["currency"]) or profile["currency"]).strip()
            if code is None:
                code = row_code
            elif row_code != code:
                raise StatementFormatError(source, f"{row_code} in a statement in {code}", offset)
            balance_text = (row.get(columns["balance"]) or "").strip()
            balance = to_decimal(balance_text, profile["decimal_mark"]) if balance_text else None
            if lines and booked < lines[-1].booked:
                newest_first = True
            lines.append(
                StatementLine(
                    booked=booked,
                    amount=Money.of(amount, row_code),
                    text=" ".join((row.get(columns["text"]) or "").split()),
                    counterparty=(row.get(columns["counterparty"]) or "").strip(),
                    iban=(row.get(columns["iban"]) or "").replace(" ", "") or None,
                    reference=(row.get(columns["reference"]) or "").strip() or None,
                    balance=balance,
                )
            )

        if newest_first:
            lines.reverse()
        for before, after in zip(lines, lines[1:]):
            # a running balance that jumps betrays an incomplete export
            if before.balance is None or after.balance is None:
                continue
            if before.balance + after.amount.amount != after.balance:
                raise StatementFormatError(
                    source, f"balance goes from {before.balance} to {after.balance} with {after.amount}"
                )
        if lines:
            last_balance = lines[-1].balance
            first = lines[0]
            if opening is None and first.balance is not None:
                opening = first.balance - first.amount.amount
        return BankStatement(
            account=account,
            currency=code or profile["currency"],
            lines=list(_number_lines(iter(lines))),
            opening=opening,
            closing=last_balance,
            source=source,
        )


_TAG = re.compile(r"^:(\d{2}[A-Z]?):(.*)$")
_BALANCE = re.compile(r"^([CD])(\d{6})([A-Z]{3})([\d,]+)$")
_MOVEMENT = re.compile(r"^(\d{6})(\d{4})?(R?[CD])[A-Z]?([\d,]+)([A-Z][A-Z0-9]{3})([^/]*)(?://(.*))?$")
_SUBFIELD = re.compile(r"\?(\d{2})([^?]*)")


@register
class Mt940Parser(StatementParser):
    """SWIFT MT940, with structured (?20...) or free :86: texts."""

    format = "mt940"

    @classmethod
    def sniff(cls, head: str) -> bool:
        return head.lstrip().startswith((":20:", "{1:"))

    @staticmethod
    def _fields(text: str) -> Iterator[tuple[int, str, str]]:
        """The tagged fields with their line numbers, continuation lines joined."""
        tag, value, start = "", "", 0
        for number, raw in enumerate(text.splitlines(), start=1):
            row = raw.rstrip()
            if row in ("", "-", "-}") or row.startswith("{"):
                continue
            found = _TAG.match(row)
            if found:
                if tag:
                    yield start, tag, value
                tag, value, start = found[1], found[2], number
            else:
                value += "\n" + row
        if tag:
            yield start, tag, value

    @staticmethod
    def _day(text: str) -> date:
        return datetime.strptime(text, "%y%m%d").date()

    def _balance(self, value: str, source: str, number: int) -> tuple[Decimal, str]:
        found = _BALANCE.match(value)
        if found is None:
            raise StatementFormatError(source, f"cannot read the balance {value!r}", number)
        amount = to_decimal(found[4], ",")
        return (amount if found[1] == "C" else -amount), found[3]

    def parse(self, text: str, source: str) -> BankStatement:
        statement = BankStatement(account="", currency=self.profile["currency"], source=source)
        current: StatementLine | None = None
        seen_opening = False
        for number, tag, value in self._fields(text):
            if tag == "25":
                account = value.strip()
                if statement.account and statement.account != account:
                    raise StatementFormatError(source, f"second account {account}", number)
                statement.account = account
            elif tag in ("60F", "60M"):
                amount, code = self._balance(value, source, number)
                if not seen_opening:
                    statement.opening = amount
                    statement.currency = code
                    seen_opening = True
            elif tag in ("62F", "62M"):
                statement.closing, _ = self._balance(value, source, number)
                current = None
            elif tag == "61":
                found = _MOVEMENT.match(value.split("\n")[0])
                if found is None:
                    raise StatementFormatError(source, f"cannot read the movement {value!r}", number)
                valued_text, booked_text, mark, amount_text, _kind, reference, _bank_ref = found.groups()
                valued = self._day(valued_text)
                booked = valued
                if booked_text:
                    booked = date(valued.year, int(booked_text[:2]), int(booked_text[2:]))
                    # an entry booked in January with value in December, or the reverse
                    if (booked - valued).days > 180:
                        booked = booked.replace(year=booked.year - 1)
                    elif (valued - booked).days > 180:
                        booked = booked.replace(year=booked.year + 1)
                amount = to_decimal(amount_text, ",")
                if mark in ("D", "RC"):
                    amount = -amount
                current = StatementLine(
                    booked=booked,
                    amount=Money.of(amount, statement.currency),
                    text="",
                    reference=reference.strip() if reference.strip() not in ("", "NONREF") else None,
                    valued=valued,
                )
                statement.lines.append(current)
            elif tag == "86" and current is not None:
                self._describe(current, value)
        statement.lines = list(_number_lines(iter(statement.lines)))
        return statement

    @staticmethod
    def _describe(line: StatementLine, value: str) -> None:
        joined = value.replace("\n", "")
        parts: dict[str, str] = {}
        for key, text in _SUBFIELD.findall(joined):
            parts[key] = parts.get(key, "") + text
        if not parts:
            line.text = " ".join(value.split())
            return
        purpose = [parts[key] for key in sorted(parts) if "20" <= key <= "29"]
        line.text = " ".join("".join(purpose).split())
        line.iban = parts.get("31") or None
        line.counterparty = " ".join((parts.get("32", "") + parts.get("33", "")).split())


def parser_for(name: str, profile: Mapping[str, Any] | None = None) -> StatementParser:
    try:
        return PARSERS[name](profile)
    except KeyError:
        raise NotFound("statement format", name) from None


def detect_format(path: Path) -> str:
    head = path.read_bytes()[:400].decode("latin-1")
    for name in sorted(PARSERS, reverse=True):
        if PARSERS[name].sniff(head):
            return name
    raise StatementFormatError(path.name, "unknown format")


Progress = Callable[[str], None]


def read_statement(
    path: Path,
    profiles: Mapping[str, Mapping[str, Any]] | None = None,
    profile_name: str | None = None,
    progress: Progress | None = None,
) -> BankStatement:
    """Read a statement; the profile tells the format, else the file itself does."""
    if not path.exists():
        raise StatementFormatError(str(path), "no such file")
    profile: Mapping[str, Any] = {}
    if profile_name is not None:
        if profiles is None or profile_name not in profiles:
            raise NotFound("statement profile", profile_name)
        profile = profiles[profile_name]
    name = profile.get("format") or detect_format(path)
    statement = parser_for(name, profile).read(path)
    if progress is not None:
        progress(f"{path.name}: {len(statement.lines)} lines ({name})")
    return statement
