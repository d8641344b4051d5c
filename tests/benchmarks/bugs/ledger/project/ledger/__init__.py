"""Invoicing and bookkeeping for a small company."""
from .book import Book
from .dates import Period
from .errors import LedgerError
from .money import Money, RateTable
from .storage import Settings, Workspace

__version__ = "2.7.1"

__all__ = ["Book", "LedgerError", "Money", "Period", "RateTable", "Settings", "Workspace", "__version__"]
