#!/usr/bin/env python3
"""Imports the suppliers' invoice list into a database and matches the payments.

The list is what the old ledger program prints to a file: fixed order of
columns, no header, Windows characters, credit notes with the minus at the end.
"""
import argparse
import csv
import datetime
import json
import re
import sqlite3
import sys

NUMBER, SUPPLIER, IBAN, DATE, DUE, NET, TAX, GROSS, NOTE = range(9)

SCHEMA = """
CREATE TABLE invoice (
    number TEXT PRIMARY KEY, supplier TEXT NOT NULL, iban TEXT, day TEXT, due TEXT,
    net INTEGER, tax INTEGER, gross INTEGER, note TEXT, paid INTEGER DEFAULT 0);
CREATE TABLE payment (
    id INTEGER PRIMARY KEY, day TEXT, iban TEXT, amount INTEGER, purpose TEXT, invoice TEXT);
"""
WORDS = re.compile(r"[A-Z]{2}-?\d{3,5}")


def cents(text):
    """'1.234,50' and '1.234,50-' as an integer number of cents."""
    text = text.strip()
    sign = 1
    if text.endswith("-"):
        sign, text = -1, text[:-1]
    whole, _, rest = text.replace(".", "").partition(",")
    return sign * (int(whole) * 100 + int(rest.ljust(2, "0")[:2] or 0))


def iso(text):
    day, month, year = text.strip().split(".")
    year = int(year)
    if year < 100:
        year += 2000
    return datetime.date(year, int(month), int(day)).isoformat()


def show(amount):
    return f"{amount / 100:,.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("invoices")
    parser.add_argument("payments", nargs="?")
    parser.add_argument("--db", default=":memory:")
    parser.add_argument("--today", default="2024-04-02", type=datetime.date.fromisoformat)
    parser.add_argument("--grace", default=3, type=int, help="days after which an invoice is overdue")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()

    db = sqlite3.connect(args.db)
    db.row_factory = sqlite3.Row
    db.executescript(SCHEMA)

    # the ledger pads its columns and repeats its page header every sixty lines
    with open(args.invoices, "rb") as f:
        text = f.read().decode("cp1252")
    imported = skipped = wrong = 0
    for row in csv.reader(text.splitlines(), delimiter=";"):
        row = [cell.strip() for cell in row]
        if not row or not row[NUMBER] or row[NUMBER].startswith(("Seite", "---")):
            continue
        if len(row) < NOTE:
            skipped += 1
            continue
        if row[NUMBER].startswith("Summe"):
            break
        net, tax, gross = cents(row[NET]), cents(row[TAX]), cents(row[GROSS])
        if net + tax != gross:
            wrong += 1
            print(f"{row[NUMBER]}: {show(net)} + {show(tax)} is not {show(gross)}", file=sys.stderr)
        due = iso(row[DUE]) if row[DUE] else None
        if due is None:
            day = datetime.date.fromisoformat(iso(row[DATE]))
            due = (day + datetime.timedelta(days=30)).isoformat()
        db.execute(
            "INSERT OR REPLACE INTO invoice (number, supplier, iban, day, due, net, tax, gross, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (row[NUMBER], row[SUPPLIER], row[IBAN].replace(" ", ""), iso(row[DATE]), due,
             net, tax, gross, row[NOTE] if len(row) > NOTE else ""),
        )
        imported += 1
    db.commit()

    # payments: by the number in the purpose, else by account and amount
    unmatched = []
    if args.payments:
        with open(args.payments, encoding="utf-8", newline="") as f:
            for line in csv.DictReader(f):
                amount = round(float(line["amount"]) * 100)
                iban = line["iban"].replace(" ", "")
                purpose = line["purpose"].upper()
                found = None
                for word in WORDS.findall(purpose):
                    number = word if "-" in word else word[:2] + "-" + word[2:]
                    found = db.execute("SELECT * FROM invoice WHERE number = ?", (number,)).fetchone()
                    if found is not None:
                        break
                if found is None:
                    found = db.execute(
                        "SELECT * FROM invoice WHERE iban = ? AND gross - paid = ? ORDER BY due",
                        (iban, amount),
                    ).fetchone()
                db.execute(
                    "INSERT INTO payment (day, iban, amount, purpose, invoice) VALUES (?, ?, ?, ?, ?)",
                    (line["day"], iban, amount, purpose, found["number"] if found else None),
                )
                if found is None:
                    unmatched.append((line["day"], amount, purpose))
                else:
                    db.execute(
                        "UPDATE invoice SET paid = paid + ? WHERE number = ?", (amount, found["number"])
                    )
        db.commit()

    limit = (args.today - datetime.timedelta(days=args.grace)).isoformat()
    open_items = db.execute(
        "SELECT supplier, count(*) AS n, sum(gross - paid) AS rest, min(due) AS due,"
        " sum(CASE WHEN due < ? THEN gross - paid ELSE 0 END) AS late"
        " FROM invoice WHERE gross <> paid GROUP BY supplier ORDER BY rest DESC",
        (limit,),
    ).fetchall()
    if args.json:
        json.dump([dict(item) for item in open_items], sys.stdout, indent=1, ensure_ascii=False)
        print()
    else:
        print(f"{imported} invoices, {skipped} skipped, {wrong} with wrong sums")
        for item in open_items:
            late = f"  late {show(item['late'])}" if item["late"] else ""
            print(f"{item['supplier']:<22}{item['n']:3} {show(item['rest']):>12}  due {item['due']}{late}")
        for day, amount, purpose in unmatched:
            print(f"? {day} {show(amount):>10} {purpose}")
    db.close()


if __name__ == "__main__":
    main()
