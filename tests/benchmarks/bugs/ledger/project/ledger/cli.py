"""Command line of the ledger: python -m ledger [--data FOLDER] COMMAND ..."""
from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from .book import Book
from .dates import Period, parse_date
from .errors import LedgerError, NotFound, ValidationError
from .models import PartyKind
from .money import Money, currency
from .reports import RENDERERS, REPORTS, build, render

Handler = Callable[["Session", argparse.Namespace], int]
Setup = Callable[[argparse.ArgumentParser], None]

COMMANDS: dict[str, tuple[Handler, Setup, str]] = {}


class Session:
    """One run of the program: the open book and where output goes."""

    def __init__(self, folder: Path, out: TextIO, dry_run: bool = False) -> None:
        self.folder = folder
        self.out = out
        self.dry_run = dry_run
        self._book: Book | None = None

    @property
    def book(self) -> Book:
        if self._book is None:
            self._book = Book.open(self.folder)
        return self._book

    def say(self, text: str) -> None:
        print(text, file=self.out)

    def finish(self) -> None:
        if self._book is None or self.dry_run:
            return
        for name in self._book.save():
            self.say(f"saved {name}")


def command(name: str, setup: Setup, help_text: str) -> Callable[[Handler], Handler]:
    def register(function: Handler) -> Handler:
        COMMANDS[name] = (function, setup, help_text)
        return function

    return register


def _report_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=sorted(REPORTS))
    parser.add_argument("--as-of", type=parse_date)
    parser.add_argument("--period", type=Period.parse)
    parser.add_argument("--format", choices=sorted(RENDERERS), default="text")
    parser.add_argument("--account")
    parser.add_argument("--party")
    for flag in ("--compare", "--payable", "--detail", "--zero"):
        parser.add_argument(flag, action="store_true", default=None)


@command("report", _report_options, "print a report")
def report_command(session: Session, args: argparse.Namespace) -> int:
    names = ("as_of", "period", "account", "party", "compare", "payable", "detail", "zero")
    options = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    try:
        table = build(args.name, session.book, **options)
    except TypeError as exc:
        if "unexpected keyword" in str(exc):
            raise ValidationError(args.name, [str(exc)]) from exc
        raise
    session.out.write(render(table, args.format, currency(session.book.base).digits))
    return 0


def _post_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("date", type=parse_date)
    parser.add_argument("description")
    parser.add_argument("legs", nargs="+", metavar="ACCOUNT=AMOUNT")
    parser.add_argument("--reference")


@command("post", _post_options, "post a journal entry")
def post_command(session: Session, args: argparse.Namespace) -> int:
    legs: list[tuple[str, Money]] = []
    for leg in args.legs:
        account, mark, amount = leg.partition("=")
        if not mark:
            raise ValidationError("posting", [f"{leg!r} is not ACCOUNT=AMOUNT"])
        legs.append((account, Money.parse(amount, session.book.base)))
    entry = session.book.post(args.date, args.description, legs, args.reference)
    session.say(f"{entry.id}  {entry.date}  {entry.total}")
    return 0


def _invoice_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("party")
    parser.add_argument("date", type=parse_date)
    parser.add_argument("lines", nargs="+", metavar="TEXT:QUANTITY:PRICE[:TAX]")
    parser.add_argument("--type", default="invoice")
    parser.add_argument("--reference")
    parser.add_argument("--currency")
    parser.add_argument("--inclusive", action="store_true")


@command("invoice", _invoice_options, "issue an invoice, bill or credit note")
def invoice_command(session: Session, args: argparse.Namespace) -> int:
    book = session.book
    details = {"reference": args.reference, "inclusive": args.inclusive}
    if args.currency:
        details["currency"] = currency(args.currency).code
    document = book.draft(args.type, args.party, args.date, **details)
    for text in args.lines:
        parts = text.split(":")
        if len(parts) not in (3, 4):
            raise ValidationError("line", [f"cannot read {text!r}"])
        document.add_line(parts[0], parts[1], parts[2], parts[3] if len(parts) == 4 else None)
    book.issue(document)
    session.say(f"{document.number}  {document.gross(book.engine)}  due {document.due_date}")
    return 0


def _pay_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number")
    parser.add_argument("date", type=parse_date)
    parser.add_argument("amount", nargs="?")
    parser.add_argument("--bank")
    parser.add_argument("--discount", action="store_true", help="take the discount for early payment")


@command("pay", _pay_options, "record a payment")
def pay_command(session: Session, args: argparse.Namespace) -> int:
    book = session.book
    document = book.documents.get(args.number)
    rest = document.open_amount(book.engine)
    discount = None
    if args.discount:
        discount = document.early_discount(book.engine, args.date)
        if discount is None:
            raise ValidationError(args.number, [f"no discount on {args.date}"])
    amount = Money.parse(args.amount, document.currency) if args.amount else rest
    if discount is not None and not args.amount:
        amount = rest - discount
    entry = book.pay(args.number, amount, args.date, args.bank, discount)
    session.say(f"{entry.id}  {amount}  {document.status.value}")
    return 0


def _import_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--profile")
    parser.add_argument("--suspense", action="store_true")


@command("import", _import_options, "import bank statements")
def import_command(session: Session, args: argparse.Namespace) -> int:
    status = 0
    for path in args.files:
        result = session.book.import_statement(path, args.profile, args.suspense, session.say)
        for proposal in result.unmatched:
            line = proposal.line
            hint = f"  maybe {', '.join(proposal.numbers)}" if proposal.numbers else ""
            session.say(f"  open: {line.booked} {line.amount} {line.text}{hint}")
            status = 1
    return status


def _day_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("date", type=parse_date)


@command("revalue", _day_option, "revalue foreign currency accounts")
def revalue_command(session: Session, args: argparse.Namespace) -> int:
    for item in session.book.revaluations(args.date):
        session.say(f"{item.account.label}: {item.book_value} -> {item.new_value} ({item.difference:+})")
    entry = session.book.revalue(args.date)
    session.say(entry.id if entry is not None else "nothing to revalue")
    return 0


@command("remind", _day_option, "send reminders")
def remind_command(session: Session, args: argparse.Namespace) -> int:
    for document, level in session.book.send_reminders(args.date):
        party = session.book.party(document.party)
        session.say(f"{document.number}: level {level} to {party.email or party.name}")
    return 0


def _close_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("year", type=int)


@command("close", _close_options, "close a fiscal year")
def close_command(session: Session, args: argparse.Namespace) -> int:
    entry = session.book.close_year(args.year)
    session.say(f"closed {args.year}" + (f" with {entry.id}" if entry is not None else ""))
    return 0


def _party_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", choices=[item.value for item in PartyKind])
    parser.add_argument("--as-of", type=parse_date)


@command("parties", _party_options, "list the parties")
def parties_command(session: Session, args: argparse.Namespace) -> int:
    kind = PartyKind(args.kind) if args.kind else None
    for party in session.book.parties(kind):
        session.say(f"{party.id:<10} {party.name:<28} {session.book.exposure(party.id, args.as_of)}")
    return 0


@command("check", lambda parser: None, "check the books")
def check_command(session: Session, args: argparse.Namespace) -> int:
    problems = session.book.problems()
    for text in problems:
        session.say(text)
    session.say(f"{len(problems)} problems" if problems else "all is well")
    return 1 if problems else 0


def _batch_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("script", type=Path)


@command("batch", _batch_options, "run the commands of a file")
def batch_command(session: Session, args: argparse.Namespace) -> int:
    if not args.script.exists():
        raise NotFound("script", str(args.script))
    parser = make_parser()
    status = 0
    for number, row in enumerate(args.script.read_text(encoding="utf-8").splitlines(), start=1):
        words = shlex.split(row, comments=True)
        if not words:
            continue
        step = parser.parse_args(words)
        try:
            status = max(status, COMMANDS[step.command][0](session, step))
        except LedgerError as exc:
            session.say(f"{args.script.name}:{number}: {exc}")
            return exc.exit_status
    return status


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ledger", description="Invoicing and bookkeeping.")
    parser.add_argument("--data", type=Path, default=Path("sample"), help="folder of the book")
    parser.add_argument("--dry-run", action="store_true", help="do everything but save")
    parser.add_argument("--debug", action="store_true", help="show tracebacks of errors")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, setup, help_text) in COMMANDS.items():
        setup(commands.add_parser(name, help=help_text))
    return parser


def main(argv: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    args = make_parser().parse_args(argv)
    session = Session(args.data, out or sys.stdout, args.dry_run)
    try:
        status = COMMANDS[args.command][0](session, args)
        session.finish()
    except LedgerError as exc:
        if args.debug:
            raise
        print(f"ledger: {exc}", file=sys.stderr)
        return exc.exit_status
    return status
