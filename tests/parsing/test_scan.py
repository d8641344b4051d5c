"""Texts as people paste, cut, prefix and mix them."""

from __future__ import annotations

import pytest

from snapfix.crash import Relation, Traceback
from snapfix.parsing import scan

TRACEBACK = """\
Traceback (most recent call last):
  File "/srv/shop.py", line 9, in total
    return price(cart[0])
           ^^^^^^^^^^^^^^
  File "/srv/shop.py", line 3, in price
    return item["price"]
           ~~~~^^^^^^^^^
KeyError: 'price'
"""
CAUSE = "The above exception was the direct cause of the following exception:"
CONTEXT = "During handling of the above exception, another exception occurred:"


def read(text: str) -> list[Traceback]:
    return list(scan([text]))


def only(text: str) -> Traceback:
    (traceback,) = read(text)
    return traceback


def traceback_of(summary: str, code: str = "fail()") -> str:
    return f'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    {code}\n{summary}\n'


def test_finds_nothing_in_an_empty_text():
    assert read("") == []


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01 10:00:00 INFO started\nERROR: Traceback was not written\n",
        "shop.py:3: UserWarning: old price\n  warnings.warn('old price')\n",
        "The line `Traceback (most recent call last):` begins one.\n",
        "Traceback (most recent call last):\n",
        "Traceback (most recent call last):\n    ...\nValueError: elided, as in a doctest\n",
        '  File "a.py", line 3, in f\n    only a frame\n',
        'a text that mentions   File "a.py" and more\n',
        f"\n{CAUSE}\n\n",
        "  +-+---------------- 1 ----------------\n",
        "ValueError: an exception's line alone\n",
    ],
)
def test_finds_nothing_where_there_is_no_traceback(text):
    assert read(text) == []


def test_reads_frames_outermost_first_with_the_columns_that_the_carets_mark():
    traceback = only(TRACEBACK)
    outer, inner = traceback.exception.frames
    assert (outer.filename, outer.lineno, outer.name, outer.code) == (
        "/srv/shop.py",
        9,
        "total",
        "return price(cart[0])",
    )
    assert outer.columns == (7, 21)
    assert inner.columns == (7, 20)
    assert (traceback.exception.type_name, traceback.exception.message) == ("KeyError", "'price'")
    assert (traceback.language, traceback.format) == ("python", "cpython")
    assert traceback.missing == traceback.following == ()


def test_numbers_lines_from_the_beginning_of_the_text():
    first, second = scan(["one\n", "two\n" + TRACEBACK + "\nmore\n", "and more\n" + TRACEBACK], "trace.txt")
    assert (first.first_line, first.last_line) == (3, 10)
    assert (second.first_line, second.last_line) == (14, 21)
    assert second.origin == "trace.txt"


def test_yields_a_traceback_before_the_text_ends():
    def blocks():
        yield TRACEBACK
        yield "2024-05-01 10:00:00 INFO next request\n"
        pytest.fail("read further than needed")

    assert next(scan(blocks())).exception.type_name == "KeyError"


def test_reads_windows_line_ends_and_paths():
    text = TRACEBACK.replace("/srv/shop.py", "C:\\Users\\Ada L\\shop.py").replace("\n", "\r\n")
    frame = only(text).exception.frames[-1]
    assert (frame.filename, frame.code) == ("C:\\Users\\Ada L\\shop.py", 'return item["price"]')


def test_reads_what_a_progress_bar_leaves_on_the_line():
    assert only(" 10%|#    \r 50%|##   " + TRACEBACK).exception.type_name == "KeyError"
    assert only(" 10%|#    \r" + TRACEBACK).first_line == 1


def test_removes_colours_and_other_escape_sequences():
    text = TRACEBACK.replace("KeyError", "\x1b[1;35mKeyError\x1b[0m").replace('"/srv', '\x1b[35m"/srv')
    text = text.replace("^^^^", "\x1b[1;31m^^^^\x1b[0m").replace("total", "\x1b]8;;file:///srv\x1b\\total\x1b]8;;\x07")
    assert only(text).exception == only(TRACEBACK).exception


@pytest.mark.parametrize("prefix", ["    ", "\t", "> ", "web_1  | ", "12:03 worker: "])
def test_reads_a_traceback_behind_a_constant_prefix(prefix):
    text = "".join(f"{prefix}{line}\n" for line in TRACEBACK.splitlines())
    traceback = only("before\n" + text + "after\n")
    assert traceback.exception == only(TRACEBACK).exception
    assert (traceback.first_line, traceback.last_line) == (2, 9)


@pytest.mark.parametrize("before", ["^C", "Processing 3 of 4...", "ERROR:root:", "2024-05-01 10:00:00 ERROR "])
def test_reads_a_traceback_that_begins_in_the_middle_of_a_line(before):
    assert only(before + TRACEBACK).exception == only(TRACEBACK).exception


def test_keeps_file_names_with_quotes_blanks_and_letters_of_any_alphabet():
    for name in ('a "b", line 3.py', "naïve café/日本.py", "with  two blanks.py", "'single'.py", "<string>", "<stdin>"):
        text = traceback_of("ValueError").replace("a.py", name)
        assert only(text).exception.frames[0].filename == name


def test_reads_a_frame_without_a_line_number():
    text = traceback_of("ValueError: x").replace("line 1,", "line None,")
    assert only(text).exception.frames[0].lineno is None


def test_reads_frames_without_source():
    text = 'Traceback (most recent call last):\n  File "a", line 1, in f\n  File "b", line 2, in g\nValueError: x\n'
    assert [(f.filename, f.code) for f in only(text).exception.frames] == [("a", ""), ("b", "")]


def test_keeps_the_shown_lines_of_a_statement_and_drops_their_carets():
    text = traceback_of(
        "ValueError: x",
        "share(\n    ~~~~~^\n        3,\n        ^^\n    ...<2 lines>...\n        people=0,\n    )\n    ^",
    )
    frame = only(text).exception.frames[0]
    assert frame.code == "share(\n    3,\n...<2 lines>...\n    people=0,\n)"
    assert frame.columns == (0, 6)


def test_counts_repeated_lines():
    text = traceback_of("RecursionError: too deep").replace(
        "    fail()\n", "    fail()\n  [Previous line repeated 996 more times]\n"
    )
    assert only(text).exception.frames[0].repeats == 996


def test_passes_over_other_output_between_the_frames():
    lines = TRACEBACK.splitlines(keepends=True)
    text = "".join([*lines[:4], "worker 2: starting\n", "INFO: ready\n", "\n", *lines[4:7], "ready\n", *lines[7:]])
    assert only(text).exception == only(TRACEBACK).exception


def test_ends_at_the_next_header_when_two_tracebacks_run_into_each_other():
    cut = "".join(TRACEBACK.splitlines(keepends=True)[:4])
    first, second = read(cut + TRACEBACK)
    assert first.exception.type_name == ""
    assert first.missing == ("the exception itself: the traceback breaks off after line 4",)
    assert second.missing == ()


def test_says_so_when_the_text_ends_before_the_exception():
    traceback = only("x\n" + "".join(TRACEBACK.splitlines(keepends=True)[:-1]))
    assert traceback.exception.type_name == ""
    assert len(traceback.exception.frames) == 2
    assert traceback.missing == ("the exception itself: the traceback breaks off after line 8",)


def test_says_so_when_the_text_begins_below_the_header():
    traceback = only("".join(TRACEBACK.splitlines(keepends=True)[2:]))
    assert [frame.name for frame in traceback.exception.frames] == ["price"]
    assert traceback.missing == ("what stood above line 3",)


def test_says_so_when_the_exception_above_a_separator_is_cut_off():
    traceback = only(f"\n{CAUSE}\n\n{TRACEBACK}")
    assert traceback.exception.previous is None
    assert traceback.missing == ("what stood above line 4",)


def test_says_so_when_nothing_follows_a_separator():
    traceback = only(f"{TRACEBACK}\n{CAUSE}\n\n")
    assert traceback.missing == ("the exception after line 8",)


def test_reads_a_chain_whose_blank_lines_were_lost():
    traceback = only(f"{TRACEBACK}{CONTEXT}\n{traceback_of('ValueError: x')}")
    assert [e.relation for e in traceback.exceptions()] == [Relation.CONTEXT, None]


def test_reads_a_chain_that_begins_with_an_exception_that_was_never_raised_below_other_output():
    text = f"loading\nready: yes\nValueError: no\nprice\n\n{CAUSE}\n\n{traceback_of('KeyError: 3')}"
    traceback = only(text)
    assert [(e.type_name, e.message) for e in traceback.exceptions()] == [("ValueError", "no"), ("KeyError", "3")]
    assert traceback.exceptions()[0].notes == ("price",)
    assert traceback.first_line == 3


def test_does_not_take_a_separated_warning_for_the_next_exception():
    traceback = only(f"{TRACEBACK}\n{CAUSE}\n\n2024-05-01 10:00:00 INFO next\n")
    assert len(traceback.exceptions()) == 1


def test_reads_what_powershell_makes_of_standard_error():
    first, rest = TRACEBACK.split("\n", 1)
    record = (
        "At line:1 char:1\n+ python shop.py 2>&1 | snapfix\n+ ~~~~~~~~~~~~~~~~~~~~\n"
        "    + CategoryInfo          : NotSpecified: (Traceback (most recent call last)::String) [], RemoteException\n"
        "    + FullyQualifiedErrorId : NativeCommandError\n \n"
    )
    assert only(f"python.exe : {first}\n{record}{rest}").exception == only(TRACEBACK).exception


def test_reads_notes_in_the_traceback_of_another_process():
    inner = "ValueError: one\ntwo\n"
    text = (
        f'multiprocessing.pool.RemoteTraceback: \n"""\n{traceback_of(inner.rstrip(), "raise error")}"""\n'
        f"\n{CAUSE}\n\n{TRACEBACK}"
    )
    cause, remote, last = only(text).exceptions()
    assert (cause.message, cause.notes, cause.relation) == ("one", ("two",), Relation.CAUSE)
    assert (remote.type_name, remote.message) == ("multiprocessing.pool.RemoteTraceback", "")
    assert last.type_name == "KeyError"


def test_reads_a_group_cut_off_in_the_middle():
    text = (
        "  + Exception Group Traceback (most recent call last):\n"
        '  |   File "a.py", line 1, in <module>\n'
        "  | ExceptionGroup: two (2 sub-exceptions)\n"
        "  +-+---------------- 1 ----------------\n"
        "    | ValueError: 1\n"
    )
    traceback = only(text)
    assert [e.type_name for e in traceback.exception.members] == ["ValueError"]
    assert traceback.missing == ("the end of the group: it breaks off after line 5",)


def test_reads_a_member_whose_group_is_cut_off_above():
    text = (
        "    | Traceback (most recent call last):\n"
        '    |   File "a.py", line 1, in f\n'
        "    | ValueError: 1\n"
        "    +---------------- 2 ----------------\n"
        "    | TypeError: 2\n"
        "    +------------------------------------\n"
    )
    traceback = only(text)
    assert (traceback.exception.type_name, traceback.exception.message) == ("ValueError", "1")
    assert traceback.missing == ("what stood above line 1",)


def test_reads_a_syntax_error_without_a_header_as_whole():
    text = "  File \"bad.py\", line 3\n    def f(\n         ^\nSyntaxError: '(' was never closed\n"
    traceback = only(text)
    assert traceback.missing == ()
    (place,) = traceback.exception.frames
    assert (place.name, place.lineno, place.code, place.columns) == ("", 3, "def f(", (5, 6))


@pytest.mark.parametrize(
    ("type_name", "message"),
    [
        ("socket.timeout", "timed out"),
        ("KeyboardInterrupt", ""),
        ("Boom", "x"),
        ("myerror", "lower case"),
        ("app.core.Cart.Empty", "a: b: c"),
        ("ray.exceptions.RayTaskError(ValueError)", "ray::f()"),
        ("größe.FehlerBeimLesen", "ä"),
        ("test.<locals>.Local", "x"),
        ("builtins.str-like.Odd", "x"),
        ("ValueError", "[/red] \x1b]0;title list[int]".replace("\x1b]0;title", "")),
    ],
)
def test_reads_the_type_and_the_message(type_name, message):
    traceback = only(traceback_of(f"{type_name}: {message}" if message else type_name))
    assert (traceback.exception.type_name, traceback.exception.message) == (type_name, message)


MESSAGES = {
    "indented": "ValueError: bad order\n  no price\n    at all",
    "colon": "ValueError: bad order:\nno price\nno name",
    "list": "ValueError: bad order:\n- no price\n- no name",
    "bracket": "ValueError: expected one of (\na,\nb)",
    "quotation": 'ValueError: no such text: "one\n\ntwo"',
    "pydantic": "pydantic_core._pydantic_core.ValidationError: 2 validation errors for User\nname\n"
    "  Field required [type=missing, input_value={}, input_type=dict]\n"
    "    For further information visit https://errors.pydantic.dev/2.5/v/missing\nitems.0.price\n"
    "  Input should be a valid number [type=float_parsing, input_value='x', input_type=str]",
    "sqlalchemy": "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table: users\n"
    "[SQL: SELECT users.id\nFROM users\nWHERE users.id = ?]\n[parameters: (1,)]\n"
    "(Background on this error at: https://sqlalche.me/e/20/e3q8)",
    "postgresql": 'psycopg2.errors.UndefinedTable: relation "users" does not exist\n'
    "LINE 1: SELECT * FROM users\n                      ^\nHINT:  create it",
    "yaml": 'yaml.parser.ParserError: while parsing a block mapping\n  in "x.yml", line 1, column 1\n'
    "expected <block end>, but found '-'\n  in \"x.yml\", line 3, column 1",
    "torch": 'RuntimeError: Error(s) in loading state_dict for Net:\n\tMissing key(s) in state_dict: "a".',
    "cuda": "RuntimeError: CUDA error: device-side assert triggered\n"
    "CUDA kernel errors might be asynchronously reported at some other API call.\n"
    "For debugging consider passing CUDA_LAUNCH_BLOCKING=1.\nCompile with `TORCH_USE_CUDA_DSA` to enable assertions.",
    "playwright": "playwright._impl._errors.TimeoutError: Page.goto: Timeout 30000ms exceeded.\nCall log:\n"
    '  - navigating to "http://localhost/"',
    "jsonschema": "jsonschema.exceptions.ValidationError: 'x' is not of type 'integer'\n\n"
    "Failed validating 'type' in schema['properties']['a']:\n    {'type': 'integer'}\n\nOn instance['a']:\n    'x'",
    "unittest": "AssertionError: 'a\\nb' != 'a\\nc'\n  a\n- b\n+ c",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_keeps_every_line_of_a_message_that_something_speaks_for(name):
    traceback = only(traceback_of(MESSAGES[name]) + "goodbye\n")
    type_name, _, message = MESSAGES[name].partition(": ")
    assert traceback.exception.type_name == type_name
    if name == "colon":  # a paragraph was announced: nothing tells its end
        assert traceback.exception.message == message + "\ngoodbye"
    else:
        assert traceback.exception.message == message
        assert traceback.following == ("goodbye",)


@pytest.mark.parametrize(
    "summary",
    [
        "ValueError: it's 'half' (done",
        "ValueError: 3 < 4 :(",
        "SyntaxError: '(' was never closed",
        "json.decoder.JSONDecodeError: Expecting ',' delimiter: line 1 column 2 (char 1)",
        'ValueError: a 5" pipe',
        "ValueError",
        "ValueError: done",
    ],
)
def test_does_not_take_the_programs_own_output_for_the_message(summary):
    traceback = only(traceback_of(summary) + "starting\n3 items\n\nfinished\n")
    assert traceback.exception.message == summary.partition(": ")[2]
    assert traceback.following == ("starting", "3 items")


def test_hands_on_at_most_twenty_following_lines():
    text = traceback_of("ValueError: x") + "".join(f"line {n}\n" for n in range(50))
    assert only(text).following == tuple(f"line {n}" for n in range(20))


@pytest.mark.parametrize(
    "log_line", ["2024-05-01 10:00:00,123 INFO x", "[2024-05-01T10:00:00] x", "INFO:root:x", "[ERROR] x", "12:00:01 x"]
)
def test_stops_at_a_log_line(log_line):
    assert only(traceback_of("ValueError: x") + f"a note\n{log_line}\nmore\n").following == ("a note",)


def test_takes_all_lines_before_a_separator_for_the_exception_s_own():
    text = f"{traceback_of('ValueError: one', 'raise error')}two\n  three\nfour\n\n{CAUSE}\n\n{TRACEBACK}"
    cause = only(text).exceptions()[0]
    assert cause.message == "one"
    assert cause.notes == ("two\n  three", "four")


def test_counts_the_line_breaks_in_the_string_that_was_raised():
    text = traceback_of("ValueError: one\ntwo\nthree", r'raise ValueError("one\ntwo")')
    traceback = only(text)
    assert (traceback.exception.message, traceback.following) == ("one\ntwo", ("three",))


def test_prefers_the_exception_s_line_to_other_output_before_it():
    text = traceback_of("done\nValueError: x")
    assert only(text).exception.type_name == "ValueError"


PIECES = TRACEBACK.splitlines(keepends=True)


@pytest.mark.parametrize("place", range(1, len(PIECES)))
def test_waits_for_the_rest_of_a_traceback_that_stops_for_a_while(place):
    blocks = ["before\n", "".join(PIECES[:place]), "", "".join(PIECES[place:]), "", "after\n"]
    (traceback,) = scan(blocks)
    assert (traceback.exception.message, len(traceback.exception.frames), traceback.missing) == ("'price'", 2, ())


def test_waits_for_the_exception_after_a_separator():
    first = traceback_of("KeyError: 'price'") + f"\n{CAUSE}\n\n"
    (traceback,) = scan([first, "", traceback_of("ValueError: no price"), ""])
    assert [exception.type_name for exception in traceback.exceptions()] == ["KeyError", "ValueError"]


def test_yields_a_whole_traceback_at_a_pause():
    seen: list[int] = []

    def blocks():
        yield TRACEBACK
        yield ""
        seen.append(1)
        yield "after\n"

    found = scan(blocks())
    next(found)
    assert seen == []


def test_a_call_s_stack_below_a_logging_error_is_no_traceback_of_its_own():
    stack = 'Call stack:\n  File "/app/a.py", line 5, in main\n    log.info("x", 3)\n'
    text = f"--- Logging error ---\n{traceback_of('TypeError: not all')}{stack}Message: 'x'\nArguments: (3,)\n"
    traceback = only(text)
    assert (traceback.exception.type_name, traceback.following) == ("TypeError", ())


@pytest.mark.parametrize("below", ["done: ok", "Message: 'x'", "Total", "x\nValueError: printed later"])
def test_a_stack_without_a_header_needs_the_line_of_an_exception_directly_below(below):
    assert read(f'  File "a.py", line 1, in f\n    print_stack()\n{below}\n') == []


def test_a_warning_that_is_printed_like_a_traceback_is_none():
    assert read('Warning (from warnings module):\n  File "a.py", line 9\n    x()\nUserWarning: Test\n') == []


def test_what_is_no_name_in_python_is_no_exception_s_type():
    assert only(traceback_of("lower_error: HTTP 500\nX-Error: boom")).exception.type_name == "lower_error"


def test_takes_the_exception_that_a_log_line_names_above_where_none_follows():
    stack = 'Traceback (most recent call last):\n  File "/var/task/app.py", line 3, in handler\n    go()\n'
    traceback = only(f"[ERROR] KeyError: 'price'\n{stack}END RequestId: 8f5\n")
    assert (traceback.exception.type_name, traceback.exception.message) == ("KeyError", "'price'")
    assert traceback.missing == ()
    assert only(f"[ERROR] KeyError: 'price'\n{stack}ValueError: x\n").exception.type_name == "ValueError"


def test_reads_a_group_that_another_process_raised_as_the_cause():
    group = (
        "  + Exception Group Traceback (most recent call last):\n"
        '  |   File "a.py", line 5, in main\n'
        "  |     x()\n"
        "  | ExceptionGroup: two (1 sub-exception)\n"
        "  +-+---------------- 1 ----------------\n"
        "    | ValueError: 1\n"
        "    +------------------------------------\n"
    )
    remote = f'concurrent.futures.process._RemoteTraceback: \n"""\n{group}"""\n\n{CAUSE}\n\n'
    for last in (group, TRACEBACK):
        traceback = only(remote + last)
        types = [exception.type_name for exception in traceback.exceptions()]
        assert {"ExceptionGroup", "ValueError"} <= set(types[:3])
        assert traceback.first_line == 1


def test_reads_the_stack_that_autograph_quotes_in_a_message():
    quoted = '\n    File "/app/model.py", line 12, in call  *\n        self.dense(x)\n\n    ValueError: bad shape\n'
    traceback = only(traceback_of("ValueError: in user code:") + quoted + "\n\nmore\n")
    frame = traceback.exception.frames[-1]
    assert (frame.filename, frame.lineno, frame.name, frame.code) == ("/app/model.py", 12, "call", "self.dense(x)")
    assert traceback.exception.message == "bad shape"


@pytest.mark.parametrize(
    ("separator", "relation"),
    [
        ("The above exception ('price') was the direct cause of the following exception:", Relation.CAUSE),
        ("During handling of the above exception ('price'), another exception occurred:", Relation.CONTEXT),
    ],
)
def test_reads_django_s_page_with_a_chain(separator, relation):
    first = 'Traceback (most recent call last):\n  File "/app/views.py", line 5, in load\n    return cart["price"]\n'
    second = '  File "/app/views.py", line 8, in buy\n    raise ValueError("bad cart")\n'
    named = "Exception Type: ValueError at /buy/\nException Value: bad cart\nRaised during: shop.views.buy\n"
    traceback = only(f"{first}\n{separator}\n{second}\n{named}")
    assert (traceback.exception.type_name, traceback.exception.message) == ("ValueError", "bad cart")
    assert [frame.name for frame in traceback.exception.frames] == ["buy"]
    (earlier,) = traceback.exception.linked
    assert (earlier.message, earlier.relation) == ("'price'", relation)
    assert any("type of the exception" in gap for gap in traceback.missing)
