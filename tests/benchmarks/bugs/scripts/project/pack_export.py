#!/usr/bin/env python3
"""Packs the yearly export for the auditors: one CSV per cost centre, a manifest
with counts and checksums, and a check of the pack by a process of its own."""

import argparse
import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

COLUMNS = ["id", "day", "account", "text", "debit", "credit"]
CHECK = """
import hashlib, json, os, sys
folder = sys.argv[1]
bad = []
for entry in json.load(open(os.path.join(folder, "manifest.json")))["files"]:
    data = open(os.path.join(folder, entry["file"]), "rb").read()
    if hashlib.sha256(data).hexdigest() != entry["sha256"] or data.count(b"\\n") != entry["rows"] + 1:
        bad.append(entry["file"])
print(json.dumps({"bad": bad}))
"""

arguments = argparse.ArgumentParser(description="export for the auditors")
arguments.add_argument("journal")
arguments.add_argument("--centres", default="data/centres.json")
arguments.add_argument("--out", help="an existing folder; by default a temporary one")
arguments.add_argument("--year", type=int, default=2023)
arguments.add_argument("--no-check", action="store_true")


def amount(text):
    """Cents; empty is zero."""
    return round(float(text or 0) * 100)


def main():
    args = arguments.parse_args()
    scratch = None
    if args.out:
        folder = args.out
    else:
        scratch = tempfile.TemporaryDirectory(prefix="pack-")
        folder = scratch.name

    with open(args.centres) as f:
        centres = json.load(f)
    by_prefix = []
    for name, spec in centres.items():
        for prefix in spec["accounts"]:
            by_prefix.append((prefix, name))
    by_prefix.sort(key=lambda pair: -len(pair[0]))

    # sort the journal into the centres; the longest prefix of the account decides
    bookings = {name: [] for name in centres}
    nowhere = []
    other_years = 0
    with open(args.journal, newline="") as f:
        for row in csv.DictReader(f):
            if not row["day"].startswith(str(args.year)):
                other_years += 1
                continue
            for prefix, name in by_prefix:
                if row["account"].startswith(prefix):
                    bookings[name].append(row)
                    break
            else:
                nowhere.append(row["id"])

    manifest = {"year": args.year, "files": []}
    for name, rows in bookings.items():
        if not rows:
            print(f"{name}: nothing to export")
            continue
        rows.sort(key=lambda row: (row["day"], int(row["id"])))
        file_name = re.sub(r"[^a-z0-9]+", "_", name.lower()) + f"_{args.year}.csv"
        path = os.path.join(folder, file_name)
        out = open(path, "w", newline="", encoding="utf-8")
        writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        debit = credit = 0
        masked = 0
        for row in rows:
            row = dict(row)
            if centres[name].get("mask"):
                hidden = re.sub(r"\b[A-Z]\w+ [A-Z]\w+\b", "***", row["text"])
                masked += hidden != row["text"]
                row["text"] = hidden
            writer.writerow(row)
            debit += amount(row["debit"])
            credit += amount(row["credit"])
        out.close()

        entry = {
            "file": file_name,
            "centre": name,
            "owner": centres[name]["owner"],
            "rows": len(rows),
            "first": rows[0]["day"],
            "last": rows[-1]["day"],
            "debit": debit / 100,
            "credit": credit / 100,
        }
        if masked:
            entry["masked"] = masked
        # the auditors' tool wants the positions of these two columns
        with open(path, "rb") as f:
            data = f.read()
        entry["sha256"] = hashlib.sha256(data).hexdigest()
        header = data.decode("utf-8").split("\n")[0].split(",")
        entry["key"] = header.index("id")
        entry["date"] = header.index("day")
        manifest["files"].append(entry)

    with open(os.path.join(folder, "manifest.json"), "w") as f:
        json.dump(manifest, f, indent=1)

    for entry in manifest["files"]:
        difference = entry["debit"] - entry["credit"]
        print(f"{entry['file']:<26}{entry['rows']:4} rows {entry['first']}..{entry['last']} {difference:+10.2f}")
    if nowhere:
        print("in no cost centre:", ", ".join(nowhere))
    if other_years:
        print(f"{other_years} of other years left out")

    if not args.no_check:
        done = subprocess.run([sys.executable, "-c", CHECK, folder], capture_output=True, text=True)
        if done.returncode:
            sys.exit("the check failed: " + done.stderr.strip().splitlines()[-1])
        bad = json.loads(done.stdout)["bad"]
        print("checked:", "damaged " + ", ".join(bad) if bad else "all files are whole")
    if scratch:
        scratch.cleanup()


if __name__ == "__main__":
    main()
