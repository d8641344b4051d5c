#!/usr/bin/env python3
"""Decide which backups to keep.

Reads the manifest that the backup job writes (one JSON object per line) and
prints what the rotation would remove: the newest --last are kept, then one per
day, week and month as far back as asked for. Nothing is deleted here; pipe the
output of --paths into xargs.
"""
import argparse
import json
import sys
from datetime import datetime, timedelta, timezone

GiB = 1 << 30


def parse_stamp(text):
    """The agents on the old hosts write local stamps without an offset, in UTC."""
    stamp = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=timezone.utc)
    return stamp


def read_manifest(path):
    sets = {}
    problems = []
    with open(path, encoding="utf-8") as manifest:
        for number, line in enumerate(manifest, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                problems.append(f"line {number}: {error.msg}")
                continue
            if record.get("state", "ok") != "ok":
                problems.append(f"line {number}: {record['path']} is {record['state']}")
                continue
            record["stamp"] = parse_stamp(record["finished"])
            record["kind"] = record.get("kind", "full")
            sets.setdefault(record["host"], []).append(record)
    return sets, problems


def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("manifest")
    ap.add_argument("--now", default="2024-03-10T06:00:00+00:00", help="pretend that it is this time")
    ap.add_argument("--last", type=int, default=2)
    ap.add_argument("--daily", type=int, default=3)
    ap.add_argument("--weekly", type=int, default=2)
    ap.add_argument("--monthly", type=int, default=2)
    ap.add_argument("--min-age", type=int, default=1, metavar="DAYS", help="never touch younger ones")
    ap.add_argument("--host", action="append")
    ap.add_argument("--paths", action="store_true", help="print the paths only")
    args = ap.parse_args(argv)

    now = parse_stamp(args.now)
    youngest = now - timedelta(days=args.min_age)
    sets, problems = read_manifest(args.manifest)
    unknown = set(args.host or ()) - set(sets)
    if unknown:
        ap.error("no backups of " + ", ".join(sorted(unknown)))

    remove = []
    freed = 0
    total = 0
    for host in sorted(args.host or sets):
        backups = sets[host]
        backups.sort(key=lambda record: record["stamp"], reverse=True)
        reasons = {}
        for record in backups[: args.last]:
            reasons.setdefault(record["path"], []).append("last")

        rules = [
            ("day", args.daily, lambda stamp: stamp.date()),
            ("week", args.weekly, lambda stamp: tuple(stamp.isocalendar())[:2]),
            ("month", args.monthly, lambda stamp: (stamp.year, stamp.month)),
        ]
        for name, count, bucket_of in rules:
            seen = set()
            for record in backups:
                bucket = bucket_of(record["stamp"])
                if bucket in seen:
                    continue
                if len(seen) == count:
                    break
                seen.add(bucket)
                reasons.setdefault(record["path"], []).append(name)

        # an increment is worth nothing without the full backup below it
        base = None
        bases = {}
        for record in reversed(backups):
            if record["kind"] == "full":
                base = record["path"]
            bases[record["path"]] = base
        for path in list(reasons):
            base = bases[path]
            if base is None:
                problems.append(f"{path} has no full backup below it")
            elif base != path:
                reasons.setdefault(base, []).append("base")

        for record in backups:
            total += record["bytes"]
            kept = reasons.get(record["path"])
            if kept is None and record["stamp"] > youngest:
                kept = ["young"]
            if kept is None:
                remove.append(record)
                freed += record["bytes"]
            if not args.paths:
                mark = "-" if kept is None else "+"
                print(f"{mark} {record['stamp']:%Y-%m-%d %H:%M} {record['kind']:<5} {record['path']:<24} "
                      f"{'' if kept is None else ','.join(kept)}")

        newest = backups[0]["stamp"]
        if now - newest > timedelta(days=2):
            problems.append(f"{host}: the newest backup is {(now - newest).days} days old")

    if args.paths:
        for record in remove:
            print(record["path"])
    else:
        print(f"{len(remove)} to remove, {freed / GiB:.1f} of {total / GiB:.1f} GiB")
    for problem in problems:
        print("!", problem, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
