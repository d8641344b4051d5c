"""JavaScript stacks that are cut off, mixed with other text or hostile, and text that only looks like one."""

from __future__ import annotations

import pytest

from snapfix.crash import Frame, Relation, Traceback
from snapfix.parsing import scan
from snapfix.parsing.javascript.node_lines import frame_in, header_in, path_of

STACK = """\
    at price (/home/ada/shop/cart.js:3:5)
    at /home/ada/shop/app.js:9:1
"""
UNCAUGHT = f"""\
/home/ada/shop/cart.js:3
    throw new RangeError('no pear');
    ^

RangeError: no pear
{STACK}
Node.js v20.20.2
"""


def read(text: str) -> list[Traceback]:
    return list(scan([text]))


def only(text: str) -> Traceback:
    (traceback,) = read(text)
    return traceback


@pytest.mark.parametrize(
    ("line", "frame"),
    [
        ("    at total (/a/b.js:3:5)", Frame("/a/b.js", 3, "total", column=5)),
        ("    at async Cart.total [as sum] (/a/b.js:3:5)", Frame("/a/b.js", 3, "Cart.total [as sum]", column=5)),
        ("    at new Cart (file:///a/my%20b.mjs:3:5)", Frame("/a/my b.mjs", 3, "new Cart", column=5)),
        ("    at /a/my (new) b.js:3:5", Frame("/a/my (new) b.js", 3, "<anonymous>", column=5)),
        ("    at f (/a/my (new) b.js:3:5)", Frame("/a/my (new) b.js", 3, "f", column=5)),
        ("    at f (C:\\shop\\b.js:3:5)", Frame("C:\\shop\\b.js", 3, "f", column=5)),
        ("    at eval (eval at f (/a/b.js:3:5), <anonymous>:1:7)", Frame("<anonymous>", 1, "eval", column=7)),
        ("    at Array.map (<anonymous>)", Frame("<anonymous>", None, "Array.map")),
        ("    at async Promise.all (index 0)", Frame("index 0", None, "Promise.all")),
        (
            "    at f (webpack-internal:///(rsc)/./b.ts:3:5)",
            Frame("webpack-internal:///(rsc)/./b.ts", 3, "f", column=5),
        ),
        ("    at f (address at index.android.bundle:1:99)", Frame("index.android.bundle", 1, "f", column=99)),
    ],
)
def test_reads_a_frame(line, frame):
    assert frame_in(line) == frame


@pytest.mark.parametrize(
    "line",
    [
        "    at com.shop.Cart.total(Cart.java:12)",
        "   at Shop.Cart.Total(Item item) in /src/Cart.cs:line 12",
        "    at 10:30:15 the shop opened",
        "    at 10:30:15",
        "    at lunch (12:30:15)",
        "    at the end (see above)",
        "    at " + "f" * 100_000 + " (/a/b.js:3:5)",
    ],
)
def test_takes_no_other_line_for_a_frame(line):
    assert frame_in(line) is None


def test_names_no_error_in_warnings_levels_and_sentences():
    for text in (
        "Warning: old",
        "DeprecationWarning: old",
        "Trace: here",
        "ERROR: x",
        "error: x",
        "See: above",
        "at 3",
    ):
        assert header_in(text) is None


def test_turns_file_urls_into_paths():
    assert path_of("file:///C:/my%20shop/a.mjs") == "C:/my shop/a.mjs"
    assert path_of("http://localhost/a.js") == "http://localhost/a.js"


@pytest.mark.parametrize(
    "text",
    [
        "TypeError: a line alone\n",
        f"the stack is below\n{STACK}",
        f"Trace: here\n{STACK}",
        f"(node:12) DeprecationWarning: old\n{STACK}",
        f"The above error occurred in the <App> component:\n\n{STACK}",
        "    at price (/home/ada/shop/cart.js:3:5)\n",
        "// throws TypeError: no\nfunction f() {\n    at (3)\n}\n",
        "// TypeError: no price\n//     at price (/home/ada/shop/cart.js:3:5)\n",
        "[Error: no] { is what Node prints\n  here: too\n",
        "Node.js v20.20.2\n",
        "npm error Node.js v20.20.2\n",
        '  ● Validation Warning:\n\n    Unknown option "pears".\n\n    Configuration Documentation: ...\n',
        " FAIL  to see\n FAIL  the error\n",
        "/home/ada/shop/cart.js:3\nlooks fine\n",
    ],
)
def test_finds_nothing_where_there_is_no_error(text):
    assert read(text) == []


def test_shows_the_code_of_the_frame_that_threw():
    traceback = only(UNCAUGHT)
    assert (traceback.first_line, traceback.last_line) == (1, 9)
    assert traceback.exception.frames == (
        Frame("/home/ada/shop/app.js", 9, "<anonymous>", column=1),
        Frame("/home/ada/shop/cart.js", 3, "price", "throw new RangeError('no pear');", (0, 1), column=5),
    )


def test_says_that_the_error_itself_was_cut_off():
    traceback = only(STACK + "\nNode.js v20.20.2\n")
    assert traceback.exception.type_name == ""
    assert traceback.missing == ("what stood above line 1",)


def test_says_that_the_stack_breaks_off():
    traceback = only(UNCAUGHT.partition("cart.js:3:5)\n")[0] + "cart.js:3:5)\n    at /home/ad")
    assert traceback.missing == ("what stood below line 7",)
    assert len(traceback.exception.frames) == 1


def test_says_that_the_properties_break_off():
    text = f"Error: a\n{STACK[:-1]} {{\n  code: 'E',\n  [cause]: Error: b\n  {STACK}"
    traceback = only(text)
    assert traceback.missing == ("the rest of the error: it breaks off after line 7",)
    assert [exception.message for exception in traceback.exceptions()] == ["b", "a"]


def test_keeps_what_is_printed_around_an_error_out_of_it():
    traceback = only(f"open\nfirst failed: Error: a\n{STACK}closed\n")
    assert (traceback.first_line, traceback.last_line) == (2, 4)
    assert traceback.exception.message == "a"


def test_tells_errors_apart_that_directly_follow_each_other():
    found = read(f"Error: a\n{STACK}TypeError: b\nsecond line\n{STACK}{UNCAUGHT}")
    assert [traceback.exception.message for traceback in found] == ["a", "b\nsecond line", "no pear"]


def test_reads_frames_that_the_cause_has_too_from_the_cause():
    text = (
        "Error: a\n    at f (/a.js:1:1)\n    at main (/a.js:2:1)\n    ... 2 lines matching cause stack trace ...\n"
        "    at last (/a.js:5:1) {\n  [cause]: Error: b\n      at g (/a.js:9:1)\n      at main (/a.js:2:1)\n"
        "      at h (/a.js:3:1)\n      at i (/a.js:4:1)\n      at last (/a.js:5:1)\n}\n"
    )
    traceback = only(text)
    assert [frame.name for frame in traceback.exception.frames] == ["last", "i", "h", "main", "f"]
    assert traceback.missing == ()


def test_says_how_many_frames_are_not_shown_where_the_cause_does_not_tell():
    traceback = only("Error: a\n    at f (/a.js:1:1)\n    ... 7 lines matching cause stack trace ...\n")
    assert traceback.missing == ("7 frames that the cause has, too",)


def test_reads_a_cause_under_another_name():
    traceback = only(
        f"Error: a\n{STACK[:-1]} {{\n  original: TypeError: b\n  {STACK.replace('    at', '      at')}}}\n"
    )
    assert traceback.exception.previous is not None
    assert traceback.exception.previous.type_name == "TypeError"
    assert traceback.exception.previous.relation is Relation.CAUSE


def test_cuts_an_endless_nesting_short():
    text = "Error: a\n    at f (/a.js:1:1) {\n"
    for depth in range(1, 500):
        margin = "  " * depth
        text += f"{margin}[cause]: Error: {depth}\n{margin}    at f (/a.js:1:1) {{\n"
    assert 5 < len(only(text).exceptions()) < 20


@pytest.mark.parametrize(
    "line",
    [
        "    at f (/a.js:1:1)\n",
        "    at f (/a.js:1:1)\njunk\n",
        "[Error: a] {\n  code: 1,\n",
        "  a: Error: x\n",
        " FAIL  a\n",
        "  ● a\n\n",
        "/a.js:1\ncode\n^\n\n",
        "Node.js v20\n",
    ],
)
def test_reads_ten_thousand_such_lines_in_bounded_time(line):
    list(scan([f"Error: a\n    at f (/a.js:1:1) {{\n{line * 1000}"] + [line * 1000] * 9))


def test_reads_enormous_lines_in_bounded_time():
    for part in ("Error: ", "a.", "(", "    at ", "[a] ", " at f (", ":1"):
        list(scan(["TypeError: a\n", part * 200_000 + "\n", "    at f (/a.js:1:1)\n", f"    at {part * 200_000}\n"]))


def test_reads_a_failure_in_the_test_anything_protocol_from_what_is_left_of_it():
    text = "      name: 'TypeError'\n      stack: |-\n        total (/a.js:3:5)\n        /a.js:9:1\n      ...\n"
    traceback = only(text)
    assert (traceback.exception.type_name, len(traceback.exception.frames)) == ("TypeError", 2)
    assert traceback.missing == ("what stood above line 1",)
    assert read("      stack: |-\n        the stack of hay\n") == []


def test_takes_no_sentence_for_a_frame():
    text = "  ValueError: bad\n    at the beginning of the month (log.py:28)\n    at the end of the month (log.py:30)\n"
    assert read(text) == []
    for name in ("async Promise.all", "new Cart", "Object.<anonymous>", "Module.load [as x]", "get total [as y]"):
        assert frame_in(f"    at {name} (/a/b.js:3:5)") is not None
