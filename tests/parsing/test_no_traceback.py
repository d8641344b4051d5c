"""What holds no traceback holds none either where something was put around it, or where it is cut off."""

from __future__ import annotations

import json
from html import escape

import pytest

from snapfix.parsing import scan
from tests.parsing.recorders.base import RECORDED
from tests.parsing.recorders.no_traceback import CASES

NAMES = tuple(case.name for case in CASES)


def recorded(name: str) -> str:
    return (RECORDED / "no_traceback" / f"{name}.txt").read_text(encoding="utf-8", errors="replace")


def behind(prefix: str, text: str) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


WRAPPINGS = {
    "container": lambda text: behind("web-1  | ", text),
    "times": lambda text: behind("2026-05-01T10:00:00.123456789Z stderr F ", text),
    "quotation": lambda text: behind("> ", text),
    "indentation": lambda text: behind("    ", text),
    "fence": lambda text: f"```\n{text}```\n",
    "page": lambda text: f"<pre>{escape(text)}</pre>\n",
    "record": lambda text: json.dumps({"level": "error", "message": text}) + "\n",
    "records": lambda text: "".join(json.dumps({"log": f"{line}\n"}) + "\n" for line in text.splitlines()),
    "crlf": lambda text: text.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("name", NAMES)
def test_finds_nothing_whatever_stands_around_it(name, wrapping):
    assert list(scan([WRAPPINGS[wrapping](recorded(name))])) == []


# A stack that was only printed cannot be told from a traceback's, where the line above it is cut off.
@pytest.mark.parametrize("name", [name for name in NAMES if name != "warnings"])
def test_finds_nothing_where_the_text_is_cut_off(name):
    lines = recorded(name).splitlines(keepends=True)
    for at in range(0, len(lines), max(len(lines) // 12, 1)):
        assert list(scan(["".join(lines[at:])])) == []
        assert list(scan(["".join(lines[:at])])) == []


def test_finds_nothing_in_all_of_them_together():
    assert list(scan(["".join(f"{recorded(name).rstrip()}\n" for name in NAMES)])) == []
