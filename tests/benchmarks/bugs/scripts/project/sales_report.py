"""Monthly sales report from the shop's CSV export and the price list.

    python sales_report.py --month 2024-02 --by region
"""
import argparse
import csv
import datetime
import json
import os
import sys
from decimal import Decimal, ROUND_HALF_UP

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
CENT = Decimal("0.01")
VAT = {"A": Decimal("0.19"), "B": Decimal("0.07"), "Z": Decimal("0")}
WARNINGS = []


def warn(message, *values):
    WARNINGS.append(message % values)


def euros(amount):
    return f"{amount.quantize(CENT, ROUND_HALF_UP):,}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sales", default=os.path.join(DATA, "sales.csv"))
    parser.add_argument("--prices", default=os.path.join(DATA, "prices.json"))
    parser.add_argument("--month", default="2024-02")
    parser.add_argument("--by", choices=["region", "sku", "customer"], default="region")
    parser.add_argument("--min", type=Decimal, help="hide groups below this")
    parser.add_argument("--csv", action="store_true", help="print the groups as CSV")
    args = parser.parse_args()

    # ------------------------------------------------------------- prices
    with open(args.prices, encoding="utf-8") as f:
        price_file = json.load(f)
    if price_file.get("currency") != "EUR":
        sys.exit("only price lists in EUR")
    prices = {}
    for entry in price_file["articles"]:
        sku = entry["sku"].upper()
        if sku in prices:
            warn("article %s is listed twice", sku)
        prices[sku] = {
            "name": entry["name"],
            "net": Decimal(str(entry["net"])),
            "vat": entry.get("vat", "A"),
            "tiers": sorted((int(n), Decimal(str(p))) for n, p in entry.get("tiers", {}).items()),
        }
    discounts = {}
    for group in price_file["discounts"]:
        for customer in group["customers"]:
            discounts[customer] = Decimal(str(group["percent"])) / 100

    # -------------------------------------------------------------- sales
    year, month = map(int, args.month.split("-"))
    start = datetime.date(year, month, 1)
    end = datetime.date(year + month // 12, month % 12 + 1, 1)
    previous_start = (start - datetime.timedelta(days=1)).replace(day=1)

    lines = []
    earlier = []
    with open(args.sales, encoding="utf-8", newline="") as f:
        reader = csv.DictReader(f, delimiter=";")
        for number, row in enumerate(reader, 2):
            if row["status"] in ("cancelled", "draft"):
                continue
            day = datetime.datetime.strptime(row["date"], "%d.%m.%Y").date()
            if day >= end or day < previous_start:
                continue
            if not row["quantity"].strip():
                warn("line %d has no quantity", number)
                continue
            quantity = int(row["quantity"])
            if row["status"] == "returned":
                quantity = -quantity
            record = {
                "line": number,
                "day": day,
                "sku": row["sku"].strip().upper(),
                "customer": row["customer"],
                "region": row["region"] or "unknown",
                "quantity": quantity,
                "override": row["price"].replace(",", ".").strip(),
            }
            if day < start:
                earlier.append(record)
            else:
                lines.append(record)

    if not lines:
        sys.exit(f"no sales in {args.month}")

    # ------------------------------------------------------------ amounts
    groups = {}
    tax_total = {}
    net_total = Decimal(0)
    discount_total = Decimal(0)
    by_day = {}
    for record in lines:
        article = prices.get(record["sku"])
        if article is None and not record["override"]:
            warn("line %d: no price for %s", record["line"], record["sku"])
            continue
        if record["override"]:
            unit = Decimal(record["override"])
        else:
            unit = article["net"]
            for threshold, tier_price in article["tiers"]:
                if abs(record["quantity"]) >= threshold:
                    unit = tier_price
        gross_of_discount = unit * record["quantity"]
        discount = gross_of_discount * discounts.get(record["customer"], Decimal(0))
        net = gross_of_discount - discount
        tax_code = article["vat"] if article else "A"
        tax = net * VAT[tax_code]

        net_total += net
        discount_total += discount
        tax_total[tax_code] = tax_total.get(tax_code, Decimal(0)) + tax
        by_day[record["day"]] = by_day.get(record["day"], Decimal(0)) + net

        key = record[args.by]
        if key not in groups:
            groups[key] = {"net": Decimal(0), "pieces": 0, "lines": 0, "best": None}
        group = groups[key]
        group["net"] += net
        group["pieces"] += record["quantity"]
        group["lines"] += 1
        if group["best"] is None or net > group["best"][0]:
            group["best"] = (net, record["sku"])

    earlier_net = Decimal(0)
    for record in earlier:
        if record["override"]:
            earlier_net += Decimal(record["override"]) * record["quantity"]
        elif record["sku"] in prices:
            earlier_net += prices[record["sku"]]["net"] * record["quantity"]

    # ------------------------------------------------------------- output
    shown = sorted(groups.items(), key=lambda pair: (-pair[1]["net"], pair[0]))
    if args.min is not None:
        shown = [(key, group) for key, group in shown if group["net"] >= args.min]
    if args.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow([args.by, "net", "pieces", "lines"])
        for key, group in shown:
            writer.writerow([key, group["net"].quantize(CENT), group["pieces"], group["lines"]])
        return

    print(f"Sales {start:%B %Y} by {args.by}")
    print("-" * 60)
    for key, group in shown:
        best = group["best"][1]
        name = prices[best]["name"] if best in prices else best
        share = group["net"] / net_total * 100
        print(f"{key:<14} {euros(group['net']):>12} {share:5.1f}% {group['pieces']:5}  {name}")
    print("-" * 60)
    print(f"{'net':<14} {euros(net_total):>12}")
    for code, tax in sorted(tax_total.items()):
        print(f"{'VAT ' + code:<14} {euros(tax):>12}")
    print(f"{'discounts':<14} {euros(discount_total):>12}")
    best_day = max(by_day, key=by_day.get)
    returns = sum(record["quantity"] < 0 for record in lines)
    print(f"best day {best_day:%d.%m.}, {returns} returned lines")
    if earlier_net:
        change = (net_total - earlier_net) / earlier_net * 100
        print(f"{change:+.1f}% against {previous_start:%B}")
    for text in WARNINGS:
        print("warning:", text, file=sys.stderr)


if __name__ == "__main__":
    main()
