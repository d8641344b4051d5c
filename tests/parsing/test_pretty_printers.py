"""Tracebacks that IPython, Rich, loguru and others draw: cut off, side by side with other text, and enormous."""

from __future__ import annotations

from itertools import chain

import pytest

from snapfix.crash import Traceback
from snapfix.parsing import scan
from snapfix.parsing.base import Layout
from tests.parsing.recorders.base import RECORDED

FORMATS = {
    "ipython": "ipython",
    "ipython_7": "ipython",
    "ipython_plain": "ipython",
    "rich": "rich",
    "stackprinter": "stackprinter",
    "better_exceptions": "better_exceptions",
    "pretty_errors": "pretty_errors",
    "loguru": "loguru",
}


def recorded(name: str) -> list[str]:
    path = RECORDED / "pretty_printers" / f"{name}.txt"
    return path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)


def read(lines: list[str]) -> list[Traceback]:
    return list(scan(["".join(lines)]))


def types(tracebacks: list[Traceback]) -> list[list[str]]:
    return [[exception.type_name for exception in traceback.exceptions()] for traceback in tracebacks]


# cut off


@pytest.mark.parametrize("name", sorted(path.stem for path in (RECORDED / "pretty_printers").glob("*.txt")))
def test_reads_whatever_is_left_of_a_text(name: str):
    lines = recorded(name)
    step = max(len(lines) // 25, 1)
    for cut in range(0, len(lines), step):
        for part in (lines[cut:], lines[: cut + 1], lines[cut : cut + 30]):
            for traceback in read(part):
                assert 1 <= traceback.first_line <= traceback.last_line <= len(part)
                assert traceback.exception.type_name or traceback.missing


@pytest.mark.parametrize(
    ("name", "lines"),
    [("ipython", 11), ("ipython_7", 11), ("rich", 20), ("stackprinter", 15)],
)
def test_says_what_stood_above_a_text_that_was_cut_off_at_its_top(name: str, lines: int):
    (traceback, *_) = read(recorded(name)[lines:])
    assert types([traceback]) == [["KeyError", "ValueError"]]
    assert traceback.innermost_in_app is not None
    assert (traceback.innermost_in_app.name, traceback.innermost_in_app.lineno) == ("price", 2)
    assert any(missing.startswith("what stood above line") for missing in traceback.missing)


def test_reads_what_is_left_of_loguru_from_the_frame_in_which_it_was_caught():
    lines = recorded("loguru")
    start = next(number for number, line in enumerate(lines) if line.startswith("> File"))
    (traceback, *_) = read(lines[start:])
    assert (traceback.format, traceback.exception.type_name) == ("loguru", "ValueError")
    assert [frame.name for frame in traceback.exception.frames] == ["caught", "total"]
    assert traceback.missing == ("what stood above line 1",)


@pytest.mark.parametrize("name", ["ipython", "ipython_7", "rich", "stackprinter", "better_exceptions", "loguru"])
def test_says_that_the_next_exception_is_missing_from_a_text_that_was_cut_off_at_its_bottom(name: str):
    lines = recorded(name)
    end = next(number for number, line in enumerate(lines) if line.startswith("The above exception was"))
    (traceback,) = read(lines[: end + 1])
    assert types([traceback]) == [["KeyError"]]
    assert any("the exception after line" in missing for missing in traceback.missing)


@pytest.mark.parametrize("name", ["ipython", "rich", "stackprinter", "loguru", "pretty_errors"])
def test_says_that_the_exception_is_missing_where_only_frames_are_left(name: str):
    lines = recorded(name)
    end = next(number for number, line in enumerate(lines) if "sum(price" in line or "from shop import" in line)
    tracebacks = read(lines[: end + 6])
    assert [traceback.missing != () for traceback in tracebacks] == [True]
    assert tracebacks[0].exception.frames


# side by side


@pytest.mark.parametrize(("name", "form"), FORMATS.items())
def test_finds_several_crashes_in_a_row(name: str, form: str):
    lines = recorded(name)
    once = read(lines)
    assert once[0].format == form
    assert types(read(lines + lines)) == types(once) * 2


@pytest.mark.parametrize(("name", "form"), FORMATS.items())
def test_reads_through_a_prefix_and_windows_line_ends(name: str, form: str):
    lines = recorded(name)
    prefixed = [f"2024-05-01T10:00:00.{number:06}Z stderr F {line}" for number, line in enumerate(lines)]
    assert types(read(prefixed)) == types(read(lines))
    assert types(read([line.replace("\n", "\r\n") for line in lines])) == types(read(lines))


@pytest.mark.parametrize("name", FORMATS)
def test_leaves_the_lines_around_a_traceback_alone(name: str):
    lines = recorded(name)
    around = ["INFO starting\n", *lines, "2024-05-01 10:00:00 INFO bye\n", "INFO really\n"]
    before, after = read(lines), read(around)
    assert types(after) == types(before)
    assert [traceback.exception.message for traceback in after] == [traceback.exception.message for traceback in before]


def test_does_not_take_two_crashes_of_pretty_errors_for_one():
    lines = recorded("pretty_errors")
    assert types(read(lines + lines)) == [["ValueError"], ["ValueError"]]


def test_numbers_the_lines_of_a_list_of_strings():
    text = ['"traceback": [\n', ' "Traceback (most recent call last):",\n', ' "  File \\"a.py\\", line 3, in f",\n']
    text += [' "    total()",\n', ' "ValueError: ☃"\n', "]\n"]
    (traceback,) = read(text)
    assert (traceback.first_line, traceback.last_line) == (2, 5)
    assert traceback.exception.message == "☃"


# no traceback


NO_TRACEBACKS = {
    "a rule and a table": "-" * 79 + "\nname.txt 12 rows\nother.txt 3 rows\n\nTotal:\n15\n",
    "a log of files": "=" * 79 + "\nshop.py 18 total\ncart.py 9 price\n",
    "a heading": "*" * 60 + "\nErrors\n" + "*" * 60 + "\nNone.\n",
    "arrows": "----> 3 items\n--> 12 items\n<!---> 5 -->\n",
    "prose about notebooks": "The error in Cell In[3], line 2 was a KeyError.\n\nKeyError: 'price'\n",
    "prose about frames": 'See File "shop.py", line 3, in total, and then\nKeyError: it is described there.\n',
    "prose about the header": "It prints KeyError   Traceback (most recent call last)\nand nothing else.\n",
    "a tree": "shop\n├── cart.py\n│   └── price\n└── shop.py\n",
    "a box": "╭─ Error ──────────────────╮\n│ No such option: --count  │\n╰──────────────────────────╯\n",
    "a box with code": "╭──────────╮\n│ ❱ 12 x=1 │\n╰──────────╯\nKeyError: x\n",
    "a quotation": '> File "shop.py" was changed\n> by Ada\n',
    "a list of strings": '[\n "Cell In[3], line 2",\n "Traceback (most recent call last):",\n "nothing"\n]\n',
    "an input": "Input In [3] is empty.\n  File /etc/passwd: permission denied\n  File ~/shop is a folder\n",
    "dots": "    " + "." * 50 + "\n    nothing\n    " + "." * 50 + "\n",
}


@pytest.mark.parametrize("text", NO_TRACEBACKS.values(), ids=NO_TRACEBACKS)
def test_finds_no_traceback_in(text: str):
    assert read([text]) == []


# bounds: the guard on time is the test run's own limit


IN_IPYTHON = "KeyError    Traceback (most recent call last)\n"
IN_BOX = "╭──── Traceback (most recent call last) ────╮\n"
HEADER = "Traceback (most recent call last):\n"
DOTS = "    " + "." * 50 + "\n"
RULE = "-" * 79 + "\n"
ENORMOUS = {
    "frames of IPython": (
        IN_IPYTHON,
        "File ~/shop/cart.py:7, in total(cart)\n----> 7     return sum(cart)\n\n",
        60_000,
    ),
    "values of IPython": (IN_IPYTHON + "Cell In[2], line 2\n", "        x = 1\n", 100_000),
    "arrows": ("", "----> 7     return sum(cart)\n", 60_000),
    "boxes of Rich": ("", IN_BOX, 30_000),
    "frames of Rich": (IN_BOX, "│ /shop/cart.py:7 in total                  │\n│ ❱ 7 total()  │\n", 60_000),
    "sides of a box": ("", "│ ❱ 7 total()  │\n", 30_000),
    "frames of stackprinter": ("", 'File "cart.py", line 7, in total\n--> 7    return sum(cart)\n\n', 60_000),
    "values of stackprinter": ('File "cart.py", line 7, in total\n--> 7    x\n', DOTS + "     x = 1\n", 60_000),
    "frames of pretty_errors": (RULE, "cart.py 7 total\nreturn sum(cart)\n\n", 60_000),
    "rules": ("", RULE, 60_000),
    "frames of loguru": (HEADER, '\n  File "cart.py", line 7, in total\n    sum(cart)\n        └ [1]\n', 60_000),
    "values of loguru": (HEADER + '\n> File "cart.py", line 7, in total\n    x\n', "    │ └ 1\n", 100_000),
    "strings": ("", '"Cell In[3], line 2",\n', 30_000),
}


@pytest.mark.parametrize(("first", "repeated", "count"), ENORMOUS.values(), ids=ENORMOUS)
def test_reads_an_enormous_number_of(first: str, repeated: str, count: int):
    blocks = (repeated * 1000 for _ in range(count // 1000))
    for traceback in scan(chain([first], blocks) if first else blocks):
        assert len(traceback.exception.frames) <= 2_000


LONG = 2_000_000
LONG_LINES = {
    "ipython": "x" * LONG + " Traceback (most recent call last)\n",
    "ipython, blanks": " " * LONG + " Traceback (most recent call last)\n",
    "cell": "Cell In[3], line 2, in " + "a.b" * (LONG // 3) + "\n",
    "arrow": "-" * LONG + "---> 3 x\n",
    "rich": "╭" + "─" * LONG + " Traceback (most recent call last) ─╮\n",
    "stackprinter": 'File "' + ", line 3" * (LONG // 8) + '", line 3, in f\n',
    "pretty_errors": "-" * LONG + "\ncart.py 7 total\n",
    "list": '"' + "Cell In[3], line 2 " * (LONG // 19) + '"\n' * 2,
}


@pytest.mark.parametrize("line", LONG_LINES.values(), ids=LONG_LINES)
def test_refuses_a_line_that_is_too_long(line: str):
    assert read([line, "ValueError: x\n"]) == []


def test_keeps_the_frames_below_lines_that_are_too_long():
    text = [
        "KeyError    Traceback (most recent call last)\n",
        "Cell In[2], line 2\n",
        "----> 2 " + "x" * LONG + "\n",
        "\n",
    ]
    (traceback,) = read([*text, "KeyError: 'price'\n"])
    assert traceback.exception.message == "'price'"
    assert len(traceback.exception.frames[0].code) <= 10_000


def test_every_layout_of_the_family_has_both_functions():
    from snapfix.parsing import FORMATS as registered

    loaded: list[Layout] = [form.load() for form in registered if form.name in set(FORMATS.values())]
    assert len(loaded) == 6
    assert all(callable(layout.begins) and callable(layout.read) for layout in loaded)
