"""A log such as a shop's servers write in a day: several programs' lines, and crashes among them."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

_WORDS = """\
order customer payment shipped cancelled retry cache miss lookup session token refresh worker queue
task started finished connection pool database query took user request response upload thumbnail
invoice email sent delivery warehouse stock item price total tax
""".split()  # noqa: SIM905 - forty quotation marks less
_PATHS = (
    "/api/v1/orders/{}",
    "/static/app.{}.js",
    "/users/{}/avatar.png",
    "/health",
    "/api/v1/cart/{}/items",
    "/login",
)
_FRAMEWORK = """\
Traceback (most recent call last):
  File "/srv/shop/.venv/lib/python3.11/site-packages/flask/app.py", line 1484, in full_dispatch_request
    rv = self.dispatch_request()
         ^^^^^^^^^^^^^^^^^^^^^^^
  File "/srv/shop/.venv/lib/python3.11/site-packages/flask/app.py", line 1469, in dispatch_request
    return self.ensure_sync(self.view_functions[rule.endpoint])(**view_args)  # type: ignore[no-any-return]
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
_CRASHES = (
    ("orders.py", 31, "total", "return sum(item.price for item in cart)", "TypeError: unsupported operand: {}"),
    ("cart.py", 12, "add", "self.items[sku] += count", "KeyError: 'sku-{}'"),
    ("stock.py", 58, "reserve", "raise ValueError(f'{count} is more than there is')", "ValueError: {} is too many"),
    ("mail.py", 9, "send", "smtp.connect(host, port)", "ConnectionRefusedError: [Errno 111] Connection refused"),
)
_LINES_DRAWN = 20_000
"""Different lines; drawing each of ten million anew would take longer than the measurement."""


def write(path: Path, megabytes: int, crashes: int) -> Path:
    """Write a log of so many megabytes (10**6 bytes) with so many tracebacks, evenly spread; always the same."""
    chance = random.Random(4711)
    lines = [chance.choice(_PROGRAMS)(chance) for _ in range(_LINES_DRAWN)]
    size = 0
    with path.open("w") as file:
        for number in range(1, crashes + 1):
            crash = _crash(chance)
            size += file.write(crash)
            while size < megabytes * 1_000_000 * number // crashes:
                size += file.write("".join(chance.choices(lines, k=20)))
    return path


def _crash(chance: random.Random) -> str:
    file, line, function, code, summary = chance.choice(_CRASHES)
    value = chance.randrange(10_000)
    place = f'  File "/srv/shop/shop/{file}", line {line + value % 3}, in {function}\n'
    return f"{_FRAMEWORK}{place}    {code}\n    {'^' * len(code)}\n{summary.format(value)}\n"


def _time(chance: random.Random) -> str:
    hour, minute, second, thousandth = (chance.randrange(n) for n in (24, 60, 60, 1000))
    return f"2026-11-20T{hour:02}:{minute:02}:{second:02}.{thousandth:03}Z"


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(_WORDS, k=count))


def _access(chance: random.Random) -> str:
    place = chance.choice(_PATHS).format(chance.randrange(100_000))
    status, size = chance.choice((200, 200, 200, 304, 404)), chance.randrange(50_000)
    client = f"10.0.{chance.randrange(256)}.{chance.randrange(256)}"
    return (
        f'{client} - - [20/Nov/2026:10:{chance.randrange(60):02}:00 +0000] "GET {place} HTTP/1.1" {status} {size} "-"'
        ' "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"\n'
    )


def _json(chance: random.Random) -> str:
    return (
        f'{{"timestamp": "{_time(chance)}", "level": "info", "logger": "shop.orders", "event": "{_words(chance, 4)}",'
        f' "order": {chance.randrange(10**6)}, "took_ms": {chance.random() * 100:.2f}}}\n'
    )


def _worker(chance: random.Random) -> str:
    where = f"[worker-{chance.randrange(8)}] shop.{_words(chance, 1)}"
    return f"{_time(chance)} INFO  {where}: {_words(chance, 9)}\n"


def _syslog(chance: random.Random) -> str:
    clock = f"10:{chance.randrange(60):02}:{chance.randrange(60):02}"
    return f"Nov 20 {clock} web-1 gunicorn[{chance.randrange(30_000)}]: {_words(chance, 8)}\n"


_PROGRAMS: tuple[Callable[[random.Random], str], ...] = (_access, _json, _worker, _syslog)
