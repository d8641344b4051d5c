from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ledger import Book, Money
from ledger.cli import main
from ledger.models import Invoice

SAMPLE = Path(__file__).parent.parent / "sample"


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "book"
    shutil.copytree(SAMPLE, target)
    return target


@pytest.fixture
def book(folder: Path) -> Book:
    return Book.open(folder)


@pytest.fixture
def issue(book: Book) -> Callable[..., Invoice]:
    """Issues a document with lines given as (text, quantity, price[, tax code])."""

    def make(party: str, on: str, *lines: tuple, doc_type: str = "invoice", **details) -> Invoice:
        document = book.draft(doc_type, party, day(on), **details)
        for line in lines:
            document.add_line(*line)
        book.issue(document)
        return document

    return make


@pytest.fixture
def quarter(book: Book, issue: Callable[..., Invoice]) -> Book:
    """The sample book after a few weeks of business."""
    book.post(day("2024-01-01"), "Capital", [("1010", Money.of(10000, "EUR")), ("3100", Money.of(-10000, "EUR"))])
    issue("acme", "2024-01-10", ("Drills", 4, "250.00"))
    issue("globex", "2024-01-20", ("Consulting", 30, "150.00"))
    issue("umbra", "2024-02-05", ("Catalogue", 200, "3.00"))
    issue("paperco", "2024-02-12", ("Paper", 12, "41.90"), doc_type="bill", reference="P-7781")
    issue("initech", "2024-02-20", ("Workshop", 1, 1200))
    book.pay("BIL-2024-0001", Money.of("603.36", "EUR"), day("2024-02-26"))
    return book


@pytest.fixture
def run(folder: Path) -> Callable[..., tuple[int, str]]:
    def call(*words: str) -> tuple[int, str]:
        out = io.StringIO()
        status = main(["--data", str(folder), *words], out)
        return status, out.getvalue()

    return call
