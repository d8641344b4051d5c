#!/usr/bin/env python3
"""Warns of file systems that fill up.

Reads the output of `df -h` that the hosts send (one block per host, each after
a line "== host time"), compares it with the thresholds of the configuration and
tells from the earlier blocks when a file system will be full.
"""
import argparse
import json
import re
import subprocess
import sys
from datetime import datetime, timedelta

UNITS = {"K": 1, "M": 1024, "G": 1024**2, "T": 1024**3, "P": 1024**4}
SEVERITY = ["ok", "warning", "critical"]

config = {}
history = {}
messages = []


def kilobytes(text):
    m = re.fullmatch(r"([\d.]+)([KMGTP]?)i?", text)
    if not m:
        raise ValueError("not a size: " + text)
    return float(m[1]) * UNITS[m[2] or "K"]


def thresholds(host, mount):
    """The most special rule wins: host and mount, mount, host, default."""
    rules = config["rules"]
    for key in (f"{host}:{mount}", f"*:{mount}", f"{host}:*"):
        if key in rules:
            return {**config["default"], **rules[key]}
    return config["default"]


def human(kb):
    for unit in "KMGT":
        if kb < 1024 or unit == "T":
            return f"{kb:.1f}{unit}"
        kb /= 1024


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("reports")
    ap.add_argument("-c", "--config", default="data/disks.json")
    ap.add_argument("-v", "--verbose", action="store_true")
    ap.add_argument("--notify", action="store_true", help="call the configured command with the messages")
    args = ap.parse_args()

    with open(args.config) as f:
        config.update(json.load(f))
    ignored = re.compile("|".join(config["ignore"]))

    host = when = None
    blocks = 0
    with open(args.reports) as f:
        for line in f:
            line = line.rstrip()
            if line.startswith("== "):
                _, host, stamp = line.split(maxsplit=2)
                when = datetime.strptime(stamp, "%Y-%m-%d %H:%M")
                blocks += 1
                continue
            if not line or host is None or line.startswith("Filesystem"):
                continue
            columns = line.split(None, 5)
            if len(columns) < 6:
                messages.append((1, f"{host}: cannot read {line!r}"))
                continue
            device, size, used, free, percent, mount = columns
            if ignored.search(device) or ignored.search(mount):
                continue
            if percent == "-":
                continue
            history.setdefault((host, mount), []).append(
                {
                    "when": when,
                    "size": kilobytes(size),
                    "used": kilobytes(used),
                    "free": kilobytes(free),
                    "percent": int(percent.rstrip("%")),
                }
            )

    worst = 0
    for (host, mount), entries in sorted(history.items()):
        entries.sort(key=lambda entry: entry["when"])
        now = entries[-1]
        rule = thresholds(host, mount)
        level = 0
        reasons = []
        if now["percent"] >= rule["critical"]:
            level = 2
            reasons.append(f"{now['percent']}% used")
        elif now["percent"] >= rule["warning"]:
            level = 1
            reasons.append(f"{now['percent']}% used")
        floor = rule.get("min_free")
        if floor is not None and now["free"] < kilobytes(floor):
            level = max(level, 1)
            reasons.append(f"only {human(now['free'])} free")

        # growth per day over what we know of this file system
        full_at = None
        if len(entries) > 1:
            days = (now["when"] - entries[0]["when"]) / timedelta(days=1)
            growth = (now["used"] - entries[0]["used"]) / days if days else 0
            if growth > 0:
                left = (now["size"] - now["used"]) / growth
                if left <= rule["horizon"]:
                    full_at = now["when"] + timedelta(days=left)
                    level = max(level, 1)
                    reasons.append(f"full on {full_at:%Y-%m-%d} (+{human(growth)} a day)")
        if args.verbose or level:
            print(f"{SEVERITY[level]:<9}{host:<8}{mount:<12}{human(now['used']):>9} of {human(now['size']):>9}"
                  f"  {'; '.join(reasons)}")
        if level:
            messages.append((level, f"{host} {mount}: {'; '.join(reasons)}"))
        worst = max(worst, level)

    if args.notify and messages:
        text = "\n".join(f"{SEVERITY[level].upper()} {message}" for level, message in sorted(messages, reverse=True))
        command = [sys.executable if part == "{python}" else part for part in config["notify"]]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        print(done.stdout.strip())
        if done.returncode:
            print("the messages could not be sent:", done.stderr.strip(), file=sys.stderr)
    hosts = len({host for host, _ in history})
    print(f"{blocks} reports of {hosts} hosts, worst state: {SEVERITY[worst]}")


if __name__ == "__main__":
    main()
