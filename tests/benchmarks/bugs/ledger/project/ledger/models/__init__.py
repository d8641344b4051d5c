"""The things a book is made of."""
from .accounting import (
    ROLES,
    Account,
    AccountType,
    ChartOfAccounts,
    EntryBuilder,
    Journal,
    JournalEntry,
    Posting,
    Source,
)
from .invoices import (
    DOCUMENT_TYPES,
    Bill,
    CreditNote,
    Invoice,
    InvoiceBook,
    InvoiceLine,
    InvoiceStatus,
    Party,
    PartyKind,
    Settlement,
    find_numbers,
)

__all__ = [
    "ROLES", "Account", "AccountType", "Bill", "ChartOfAccounts", "CreditNote", "DOCUMENT_TYPES",
    "EntryBuilder", "Invoice", "InvoiceBook", "InvoiceLine", "InvoiceStatus", "Journal",
    "JournalEntry", "Party", "PartyKind", "Posting", "Settlement", "Source", "find_numbers",
]
