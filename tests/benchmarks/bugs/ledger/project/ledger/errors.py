"""Exceptions of the ledger package.

Everything a user can cause derives from LedgerError; the command line turns
those into a one-line message and exit status 2.
"""
from __future__ import annotations

from datetime import date
from decimal import Decimal


class LedgerError(Exception):
    """Base of all errors that are reported to the user without a traceback."""

    exit_status: int = 2


class ValidationError(LedgerError):
    """A document or entry breaks a rule; `problems` lists every finding."""

    def __init__(self, subject: str, problems: list[str]) -> None:
        self.subject = subject
        self.problems = list(problems)
        super().__init__(f"{subject}: " + "; ".join(self.problems))


class NotFound(LedgerError):
    def __init__(self, kind: str, key: object) -> None:
        self.kind = kind
        self.key = key
        super().__init__(f"no {kind} {key!r}")


class Duplicate(LedgerError):
    def __init__(self, kind: str, key: object) -> None:
        self.kind = kind
        self.key = key
        super().__init__(f"{kind} {key!r} exists already")


class UnbalancedEntry(LedgerError):
    def __init__(self, entry_id: str, difference: Decimal, currency: str) -> None:
        self.difference = difference
        self.currency = currency
        super().__init__(f"entry {entry_id or '(new)'} is out of balance by {difference} {currency}")


class PeriodClosed(LedgerError):
    def __init__(self, on: date, locked_until: date) -> None:
        self.on = on
        self.locked_until = locked_until
        super().__init__(f"{on} lies in a closed period (closed through {locked_until})")


class CurrencyMismatch(LedgerError):
    def __init__(self, left: str, right: str, action: str = "combine") -> None:
        super().__init__(f"cannot {action} {left} and {right}")


class RateMissing(LedgerError):
    def __init__(self, base: str, quote: str, on: date) -> None:
        self.pair = (base, quote)
        self.on = on
        super().__init__(f"no exchange rate {base}/{quote} on or before {on}")


class StatementFormatError(LedgerError):
    def __init__(self, source: str, message: str, line_number: int | None = None) -> None:
        self.source = source
        self.line_number = line_number
        where = source if line_number is None else f"{source}:{line_number}"
        super().__init__(f"{where}: {message}")


class StorageError(LedgerError):
    exit_status = 3


class IllegalTransition(LedgerError):
    def __init__(self, number: str, state: str, action: str) -> None:
        super().__init__(f"cannot {action} {number or 'draft'}: it is {state}")
