# Cleans the export of the climate loggers and prints a day's figures per room.
# Run it in the folder of the export:  python sensor_clean.py [file [limit]]
import csv
import datetime as dt
import statistics
import sys
from pathlib import Path

FILE = Path(sys.argv[1] if len(sys.argv) > 1 else "data/climate.csv")
JUMP = float(sys.argv[2]) if len(sys.argv) > 2 else 6.0   # degrees between two readings
STEP = dt.timedelta(minutes=30)
ROOMS = {"L1": "archive", "L2": "reading room", "L3": "cellar", "L4": "attic"}
RANGES = {"archive": (14, 20), "reading room": (18, 26), "cellar": (8, 18), "attic": (0, 40)}


def number(text):
    text = text.strip().replace(",", ".")
    if text in ("", "-", "ERR"):
        return None
    return float(text)


export = FILE.open(newline="")
title = export.readline().strip()
if not title.startswith("#"):
    sys.exit(f"{FILE} is not an export of the loggers")
serials = dict(part.split("=") for part in title.lstrip("# ").split())
rows = list(csv.DictReader(export, delimiter=";"))

# how the file looks: the loggers that are there, and what they cover
loggers = []
stamps = []
bad = 0
for row in rows:
    if row["logger"] not in loggers:
        loggers.append(row["logger"])
    stamps.append(dt.datetime.strptime(row["time"], "%Y-%m-%d %H:%M"))
    if number(row["temp"]) is None:
        bad += 1
print(f"{FILE.name}: {len(stamps)} readings of {len(loggers)} loggers, {bad} without a value")
missing = sorted(set(ROOMS) - set(loggers))
if missing:
    print("silent:", ", ".join(ROOMS[name] for name in missing))
strange = [name for name in loggers if name not in ROOMS]
if strange:
    print("not in the list of rooms:", ", ".join(strange))
begin, end = min(stamps), max(stamps)
print(f"from {begin:%d.%m. %H:%M} to {end:%d.%m. %H:%M}")

# readings by room, without the ones that jump
series = {ROOMS[name]: [] for name in loggers if name in ROOMS}
humidity = {room: [] for room in series}
jumps = 0
for row in rows:
    room = ROOMS.get(row["logger"])
    if room is None:
        continue
    value = number(row["temp"])
    if value is None:
        continue
    stamp = dt.datetime.strptime(row["time"], "%Y-%m-%d %H:%M")
    known = series[room]
    if known and abs(value - known[-1][1]) > JUMP and stamp - known[-1][0] <= STEP:
        jumps += 1
        continue
    known.append((stamp, value))
    damp = number(row["humidity"])
    if damp is not None:
        humidity[room].append(damp)
export.close()
print(f"{jumps} jumps left out")

# gaps are filled with a straight line, so that each half hour counts the same
filled = {}
holes = {}
for room, known in series.items():
    known.sort()
    out = [known[0]]
    holes[room] = 0
    for stamp, value in known[1:]:
        last_stamp, last_value = out[-1]
        steps = round((stamp - last_stamp) / STEP)
        for i in range(1, steps):
            share = i / steps
            out.append((last_stamp + i * STEP, last_value + share * (value - last_value)))
            holes[room] += 1
        out.append((stamp, value))
    filled[room] = out

print()
print(f"{'room':<14}{'min':>6}{'mean':>7}{'max':>6}{'hum':>6}  gaps  outside")
alarms = []
for room in sorted(filled):
    values = [value for _, value in filled[room]]
    low, high = RANGES[room]
    outside = [(stamp, value) for stamp, value in filled[room] if not low <= value <= high]
    damp = f"{statistics.median(humidity[room]):.0f}%" if humidity[room] else "-"
    print(
        f"{room:<14}{min(values):6.1f}{statistics.fmean(values):7.2f}{max(values):6.1f}{damp:>6}"
        f"{holes[room]:6}  {len(outside) * STEP}"
    )
    if outside:
        worst = max(outside, key=lambda pair: max(low - pair[1], pair[1] - high))
        alarms.append(f"{worst[0]:%H:%M} {room}: {worst[1]:.1f} (allowed {low}..{high})")

for alarm in sorted(alarms):
    print("!", alarm)
