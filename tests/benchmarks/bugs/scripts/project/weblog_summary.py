#!/usr/bin/env python3
# Summary of an access log: hits per status, slowest pages, traffic per hour,
# clients that look like scanners.
#
#   ./weblog_summary.py data/access.log --top 5 --skip-static
import argparse
import gzip
import re
import sys
from collections import Counter, defaultdict
from datetime import datetime

ap = argparse.ArgumentParser(description="summary of an access log")
ap.add_argument("log", nargs="+")
ap.add_argument("--top", type=int, default=5, help="length of the lists")
ap.add_argument("--skip-static", action="store_true", help="leave out css, js and images")
ap.add_argument("--since", help="only from this day on, as 2024-03-01")
ap.add_argument("--scan-limit", type=int, default=3, help="404s that make a scanner")
args = ap.parse_args()

LINE = re.compile(
    r'(?P<host>\S+) \S+ (?P<user>\S+) \[(?P<when>[^\]]+)\] '
    r'"(?P<request>[^"]*)" (?P<status>\d{3}) (?P<size>\d+|-)'
    r'(?: "(?P<referer>[^"]*)" "(?P<agent>[^"]*)")?(?: (?P<ms>\d+)ms)?'
)
STATIC = re.compile(r"\.(css|js|png|jpe?g|gif|ico|svg|woff2?)$")
IDS = re.compile(r"/\d+(?=/|$)")

since = datetime.strptime(args.since, "%Y-%m-%d").date() if args.since else None

hits = 0
unread = 0
static = 0
first = last = None
by_status = Counter()
by_hour = Counter()
by_agent = Counter()
bytes_by_path = Counter()
times = defaultdict(list)
not_found = Counter()
users = set()

for name in args.log:
    if name == "-":
        log = sys.stdin
    elif name.endswith(".gz"):
        log = gzip.open(name, "rt", errors="replace")
    else:
        log = open(name, errors="replace")
    for line in log:
        if not line.strip():
            continue
        m = LINE.match(line)
        if m is None:
            unread += 1
            continue
        hit = m.groupdict()

        when = datetime.strptime(hit["when"], "%d/%b/%Y:%H:%M:%S %z")
        if since and when.date() < since:
            continue

        # a request that was cut off has no method or no protocol
        parts = hit["request"].split()
        if len(parts) == 3:
            method, path, protocol = parts
        else:
            method, path = "?", parts[0] if parts else "/"
        path = path.partition("?")[0]
        if args.skip_static and STATIC.search(path):
            static += 1
            continue
        path = IDS.sub("/<n>", path)

        hits += 1
        first = first or when
        last = when
        status = int(hit["status"])
        by_status[status] += 1
        by_hour[when.hour] += 1
        if hit["size"] != "-":
            bytes_by_path[path] += int(hit["size"])
        if hit["ms"]:
            times[method, path].append(int(hit["ms"]))
        if hit["user"] != "-":
            users.add(hit["user"])
        if status == 404:
            not_found[hit["host"]] += 1
        agent = hit["agent"] or "unknown"
        by_agent[agent.split("/")[0]] += 1
    if log is not sys.stdin:
        log.close()

if not hits:
    sys.exit("no hits in the log")

print(f"{hits} hits, {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}")
if unread:
    print(f"{unread} lines could not be read")
if static:
    print(f"{static} static files left out")
print("users:", ", ".join(sorted(users)) or "none")

print("\nstatus")
for status, n in sorted(by_status.items()):
    print(f"  {status} {n:6} {100 * n / hits:5.1f} %")

print("\nslowest pages (median, max, hits)")
slow = []
for (method, path), ms in times.items():
    ms.sort()
    slow.append((ms[len(ms) // 2], ms[-1], len(ms), method, path))
slow.sort(reverse=True)
for median, most, n, method, path in slow[: args.top]:
    print(f"  {median:6} {most:6} {n:4}  {method} {path}")

print("\ntraffic")
for path, size in bytes_by_path.most_common(args.top):
    print(f"  {size / 1024:9.1f} K  {path}")

print("\nhours")
busiest = max(by_hour.values())
for hour in range(min(by_hour), max(by_hour) + 1):
    print(f"  {hour:02} {'#' * round(40 * by_hour[hour] / busiest)}")

print("\nagents")
for agent, n in by_agent.most_common(args.top):
    print(f"  {n:6}  {agent}")

scanners = [host for host, n in not_found.items() if n >= args.scan_limit]
if scanners:
    print("\nscanners:", " ".join(sorted(scanners)))
