"""Dumps of dying interpreters, records of loggers, and lines in records: cut off, mixed, hostile, and what is none."""

from __future__ import annotations

import json
import pprint
from collections.abc import Callable, Iterable, Iterator

import pytest

from snapfix.crash import ParsedException, Relation, Traceback
from snapfix.parsing import scan

TRACEBACK = """\
Traceback (most recent call last):
  File "/srv/shop.py", line 9, in total
    return price(cart[0])
  File "/srv/shop.py", line 3, in price
    return item["price"]
KeyError: 'price'
"""
FATAL = """\
Fatal Python error: Segmentation fault

Thread 0x00007f3eeb4786c0 [worker] (most recent call first):
  File "/usr/lib/python3.14/threading.py", line 982 in run

Current thread 0x00007f3eec209b80 [python] (most recent call first):
  Garbage-collecting
  File "/srv/shop.py", line 3 in price
  File "/srv/shop.py", line 9 in total

Current thread's C stack trace (most recent call first):
  Binary file "/usr/bin/python3", at _Py_DumpStack+0x31 [0x5a3f]
  <truncated rest of calls>

Extension modules: numpy._core._multiarray_umath, yaml._yaml (total: 2)
"""


def read(text: str) -> list[Traceback]:
    return list(scan([text]))


def only(text: str) -> Traceback:
    (traceback,) = read(text)
    return traceback


def names(exception: ParsedException) -> list[str]:
    return [frame.name for frame in exception.frames]


def fails(record: object) -> list[Traceback]:
    return read(json.dumps(record) + "\n")


# faulthandler


def test_reads_the_threads_and_the_c_stack_that_newer_interpreters_print():
    traceback = only("before\n" + FATAL + "after\n")
    assert names(traceback.exception) == ["total", "price"]
    assert (traceback.first_line, traceback.last_line) == (2, 2 + FATAL.count("\n") - 1)
    assert traceback.missing == ("1 other thread",)


def test_a_fatal_error_may_begin_in_the_middle_of_a_line_and_behind_a_prefix():
    assert only("....s.." + FATAL).exception == only(FATAL).exception
    prefixed = "".join(f"web-1  | {line}\n" for line in FATAL.splitlines())
    assert only(prefixed).exception == only(FATAL).exception


def test_a_dump_that_is_cut_off_at_its_top_says_so():
    cut = FATAL[FATAL.index("Current thread 0x") :]
    traceback = only(cut)
    assert (traceback.exception.type_name, names(traceback.exception)) == ("", ["total", "price"])
    assert traceback.missing == ("what stood above line 1: why the stack was printed",)


def test_a_dump_that_is_cut_off_at_its_bottom_is_read_as_far_as_it_goes():
    traceback = only(FATAL[: FATAL.index('  File "/srv/shop.py", line 9')])
    assert (traceback.exception.message, names(traceback.exception)) == ("Segmentation fault", ["price"])


def test_the_exception_that_kept_an_interpreter_from_starting_is_the_cause():
    above = "Fatal Python error: init_sys_streams: can't initialize sys standard streams\n"
    traceback = only(above + "Python runtime state: core initialized\n" + TRACEBACK)
    assert [e.type_name for e in traceback.exceptions()] == ["KeyError", "Fatal Python error"]
    assert traceback.exceptions()[0].relation is Relation.CAUSE


def test_every_dump_of_a_repeated_timeout_is_one():
    dump = 'Timeout (0:00:05)!\nThread 0x00007f (most recent call first):\n  File "/srv/shop.py", line 3 in wait\n'
    found = read(dump * 3)
    assert [(t.exception.type_name, t.exception.message, t.first_line) for t in found] == [
        ("Timeout", "0:00:05", line) for line in (1, 4, 7)
    ]


def test_an_access_violation_that_windows_reports_is_read():
    text = FATAL.replace("Fatal Python error: Segmentation fault", "Windows fatal exception: access violation")
    assert only(text.replace("/srv/", "C:\\srv\\x")).exception.type_name == "Windows fatal exception"


@pytest.mark.parametrize(
    "text",
    [
        "Fatal Python error: Segmentation fault\n",
        "the log says `Fatal Python error: Aborted`, and then\n\nnothing\n",
        "Thread 0x7f (most recent call first) is printed by faulthandler\n",
        '    fputs("Fatal Python error: ", stream);\n    fputs(" (most recent call first):\\n", stream);\n',
        "Timeout (0:00:05)!\n",
        'Traceback (most recent call first):\n  File "a.py", line 3, in f\n    gdb prints this\n',
    ],
)
def test_finds_no_dump_where_one_is_only_spoken_of(text):
    assert read(text) == []


def test_an_endless_dump_is_bounded():
    def blocks() -> Iterator[str]:
        yield "Fatal Python error: Aborted\n\nCurrent thread 0x7f (most recent call first):\n"
        for _ in range(300):
            yield '  File "/srv/shop.py", line 3 in price\n' * 100

    (traceback,) = scan(blocks())
    assert len(traceback.exception.frames) == 2_000
    assert traceback.missing == ("28,000 frames in the middle of a stack",)


# exceptions that were taken apart

STACK = {"exc_type": "KeyError", "exc_value": "'price'", "is_cause": False, "frames": []}
FRAME = {"filename": "/srv/shop.py", "lineno": 3, "name": "price", "locals": {"item": "{}"}}


def test_reads_structlogs_records_behind_a_prefix_and_within_others():
    record = {"event": "failed", "exception": [STACK | {"frames": [FRAME]}]}
    traceback = only(json.dumps(record))
    assert (traceback.format, names(traceback.exception)) == ("structlog", ["price"])
    assert only("web_1  | " + json.dumps(record)).exception == traceback.exception
    assert only(json.dumps({"log": json.dumps(record) + "\n", "stream": "stdout"})).exception == traceback.exception


@pytest.mark.parametrize(
    "stack",
    [
        {"exc_type": None, "frames": []},
        {"exc_type": "KeyError", "frames": None},
        {"exc_type": "KeyError"},
        "exc_type",
        ["exc_type"],
    ],
)
def test_a_record_of_another_form_is_none_of_structlogs(stack):
    assert fails({"event": "exc_type", "exception": [stack]}) == []


def test_fields_of_unexpected_types_count_as_absent():
    frames = [None, 3, {"filename": 3, "lineno": "x", "name": ["y"]}, FRAME]
    stack = STACK | {"frames": frames, "exc_value": 3, "exc_notes": [3, "n"], "exceptions": [3, [None], {}]}
    exception = fails({"exception": [stack, None, 3]})[0].exception
    assert (exception.message, exception.notes, exception.linked) == ("", ("n",), ())
    assert names(exception) == ["", "", "", "price"]


def test_groups_nested_too_deeply_and_chains_too_long_are_cut_and_counted():
    nested: dict[str, object] = STACK
    for _ in range(30):
        nested = STACK | {"is_group": True, "exceptions": [[nested]]}
    assert fails({"exception": [nested]})[0].missing == ("1 exception nested too deeply in groups",)
    assert fails({"exception": [STACK] * 100})[0].missing == ("60 exceptions in the middle of a chain",)


def test_reads_an_event_as_sentrys_web_interface_hands_it_out():
    frame = {"filename": "shop.py", "absPath": "/srv/shop.py", "lineNo": 3, "function": "price"}
    frame |= {"context": [[2, "def price(item):"], [3, '    return item["price"]']]}
    value = {"type": "KeyError", "value": "'price'", "module": "shop.errors", "stacktrace": {"frames": [frame]}}
    (found,) = fails({"entries": [{"type": "exception", "data": {"values": [value]}}], "platform": "python"})
    assert (found.exception.type_name, found.format) == ("shop.errors.KeyError", "sentry")
    (read_frame,) = found.exception.frames
    assert (read_frame.filename, read_frame.lineno, read_frame.code) == ("/srv/shop.py", 3, 'return item["price"]')


def test_a_record_that_is_cut_off_or_nested_without_end_is_passed_over():
    line = json.dumps({"exception": [STACK]})
    assert read(line[:-3] + "\n") == []
    assert read('{"exc_type":' + "[" * 100_000 + "]" * 100_000 + "}\n" + TRACEBACK)[0].exception.type_name == "KeyError"


LAMBDA = {"errorMessage": "'price'", "errorType": "KeyError", "requestId": "5f2c"}


def test_reads_what_lambdas_runtimes_answer_and_log():
    stack = ['  File "/var/task/shop.py", line 9, in total\n    return price(cart)\n'] * 2
    traceback = fails(LAMBDA | {"stackTrace": stack})[0]
    assert (traceback.format, traceback.exception.message) == ("lambda", "'price'")
    assert [frame.code for frame in traceback.exception.frames] == ["return price(cart)"] * 2
    logged = "2024-05-01T10:00:00.123Z\t5f2c\tERROR\t" + json.dumps(LAMBDA | {"stackTrace": stack}) + "\n"
    assert only(logged).exception == traceback.exception
    assert fails(LAMBDA | {"stackTrace": []})[0].exception == ParsedException("KeyError", "'price'")
    assert fails(LAMBDA | {"stackTrace": ["shop.Cart.total(Cart.java:3)", 3]}) == []
    assert fails({"errorType": "x", "stackTrace": "y"}) == []


@pytest.mark.parametrize("name", ["trace", "stack", "stackTrace"])
def test_reads_a_stack_of_nodes_of_which_each_line_is_a_string(name):
    record = {"errorType": "TypeError", "errorMessage": "x", name: ["TypeError: x", "    at f (/var/task/a.js:1:2)"]}
    exception = fails(record)[0].exception
    assert (exception.type_name, exception.message, names(exception)) == ("TypeError", "x", ["f"])


# strings in a line


@pytest.mark.parametrize(
    "line",
    [
        json.dumps({"message": "it's late: " + TRACEBACK}),
        json.dumps({"a": {"b": [{"c": [TRACEBACK]}]}}),
        "12:03:01 web: " + json.dumps({"message": "it's late", "exc": TRACEBACK}),
        json.dumps(json.dumps(json.dumps({"exc": TRACEBACK}))),
        f'level=error msg="it\'s" exc={json.dumps(TRACEBACK)} x=1',
        f"it's broken: {TRACEBACK!r}, he said",
        f"event='exc_type' cart=\"it's\" exc={TRACEBACK!r} x='y'",
        f"the child said {TRACEBACK.encode()!r}",
        f"u{TRACEBACK!r}",
        "May  1 10:00:00 web shop[812]: " + TRACEBACK.replace("\n", "#012"),
        repr(TRACEBACK.splitlines(keepends=True)),
        repr(TRACEBACK.splitlines()),
        json.dumps({"traceback": TRACEBACK.splitlines()}),
        json.dumps({"exc": TRACEBACK})[:-2],
    ],
)
def test_reads_a_traceback_in_a_string_of_one_line(line):
    traceback = only(line + "\n")
    assert traceback.exception == only(TRACEBACK).exception
    assert (traceback.first_line, traceback.last_line) == (1, 1)


REMOTE = f'''\n"""\n{TRACEBACK}"""'''


@pytest.mark.parametrize(
    "line",
    [
        "err=" + json.dumps("can't do 'x' for \"me\"\n" + TRACEBACK) + " x='y'",
        "msg=" + json.dumps("Task add[1] raised unexpected: KeyError('price')\n" + TRACEBACK),
        repr(('using "prod"\n' + TRACEBACK).encode()),
        'a "quoted" word and exc=' + json.dumps(TRACEBACK),
        "a stray ' and exc=" + json.dumps(TRACEBACK),
        'cart "x" fails: ' + TRACEBACK.replace("\n", "\\n"),
        f"<Future exception=_RemoteTraceback({REMOTE!r})>",
    ],
)
def test_a_quoted_word_before_a_traceback_is_not_taken_for_the_string_that_it_stands_in(line):
    assert only(line + "\n").exception == only(TRACEBACK).exception


@pytest.mark.parametrize(
    ("line", "crash"),
    [
        (r'''err="Error: no 'x'\n    at f (/a.js:1:2)"''', ("Error", "no 'x'")),
        (r'''err="thread 'main' panicked at src/main.rs:4:5:\nno price\n"''', ("panic", "no price")),
    ],
)
def test_a_quoted_word_in_a_message_does_not_end_the_string(line, crash):
    exception = only(line + "\n").exception
    assert (exception.type_name, exception.message) == crash


SYNTAX_ERROR = '  File "/srv/shop.py", line 5\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n'


def test_reads_a_syntax_error_which_has_no_header_in_escaped_text():
    expected = only(SYNTAX_ERROR).exception
    assert expected.type_name == "SyntaxError"
    assert only("".join(wrapped(SYNTAX_ERROR))).exception == expected
    assert fails({"message": "failed\n" + SYNTAX_ERROR})[0].exception == expected
    assert only(f"level=error err={json.dumps(SYNTAX_ERROR)}\n").exception == expected


def test_reads_every_traceback_of_a_line_but_a_repeated_one_once():
    other = TRACEBACK.replace("'price'", "'name'")
    found = fails({"exc_info": TRACEBACK, "message": f"failed\n{TRACEBACK}", "previous": other})
    assert [traceback.exception.message for traceback in found] == ["'price'", "'name'"]


def test_bytes_are_decoded():
    (traceback,) = read(repr(TRACEBACK.replace("price", "prïx").encode()) + "\n")
    assert traceback.exception.message == "'prïx'"


def test_a_line_of_many_strings_is_read_in_time():
    line = json.dumps({"strings": ["Traceback (most recent call last):\n"] * 20_000})
    assert read(line + "\n") == []
    quotes = "Traceback (most recent call last):\\n" + "'," * 200_000
    assert read(quotes + "\n" + TRACEBACK)[0].first_line == 2


def in_lines(text: str, *, quote: Callable[[str], str], end: str = "") -> str:
    return f"{end}\n    ".join(map(quote, text.splitlines(keepends=True)))


@pytest.mark.parametrize(
    "text",
    [
        pprint.pformat(TRACEBACK),
        pprint.pformat({"cart": 1, "exc": TRACEBACK, "said": "x" * 60}),
        pprint.pformat({"exc": TRACEBACK.splitlines(keepends=True)}),
        pprint.pformat("it was said that all would be well, and that it would stay so for ever\n" + TRACEBACK),
        f"TEXT = (\n    {in_lines(TRACEBACK, quote=repr)}\n)\n",
        f"assert text == ({in_lines(TRACEBACK, quote=repr)}), 'it differs'\n",
        f"const text =\n    {in_lines(TRACEBACK, quote=json.dumps, end=' +')};\n",
    ],
)
def test_a_text_that_is_written_as_a_string_for_each_line_is_read_as_that_text(text):
    assert only(f"before\n{text}\nafter\n").exception == only(TRACEBACK).exception


def test_lines_that_only_look_like_strings_in_several_lines_are_read_in_time():
    lines = ["(" * 8_000, "(" * 100 + "'" + "a" * 8_000, "'" + "\\'" * 4_000, " " * 8_000 + "'"]
    assert read("".join(f"{line} Traceback (most recent call last):\\n'(\n" for line in lines * 50)) == []


# lines in records


def wrapped(text: str, **fields: object) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(keepends=True)):
        yield json.dumps({"log": line, **fields, "time": f"2024-05-01T10:00:00.{number:09d}Z"}) + "\n"


def interleaved(*texts: Iterable[str]) -> str:
    return "".join(line for lines in zip(*texts, strict=True) for line in lines)


def test_reads_lines_of_which_each_is_in_a_record():
    traceback = only("".join(wrapped("before\n" + TRACEBACK + "after\n", stream="stderr")))
    assert traceback.exception == only(TRACEBACK).exception
    assert (traceback.first_line, traceback.last_line) == (2, 7)


PREFIXES = ["web-1  | ", "2024-05-01T10:00:00.123456789Z ", "2024-05-01T10:00:00.123456789Z stderr F ", "[pod/a/b] "]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("text", [TRACEBACK, SYNTAX_ERROR, FATAL, TRACEBACK.replace("\n", "\nTypeError: x\n", 1)])
def test_reads_records_behind_a_prefix(prefix, text):
    records = "".join(prefix + record for record in wrapped("before\n" + text + "after\n", stream="stderr"))
    assert [traceback.exception for traceback in read(records)] == [traceback.exception for traceback in read(text)]


def test_the_records_of_two_processes_are_told_apart_by_their_prefixes():
    texts = {"web-1  | ": TRACEBACK, "web-2  | ": TRACEBACK.replace("'price'", "'name'")}
    found = read(interleaved(*([prefix + line for line in wrapped(text)] for prefix, text in texts.items())))
    assert [traceback.exception.message for traceback in found] == ["'price'", "'name'"]


def test_the_records_of_two_processes_are_told_apart():
    other = TRACEBACK.replace("'price'", "'name'")
    found = read(interleaved(wrapped(TRACEBACK, container_name="a"), wrapped(other, container_name="b")))
    assert [traceback.exception.message for traceback in found] == ["'price'", "'name'"]
    assert [traceback.first_line for traceback in found] == [1, 2]


def test_a_long_line_that_docker_split_is_put_together():
    start, end = TRACEBACK[:-4], TRACEBACK[-4:]
    long = f"{start}{'x' * 500}{end}"
    records = list(wrapped(start, stream="stderr")) + list(wrapped("x" * 500 + end, stream="stderr"))
    traceback = only("".join(records))
    assert traceback.exception == only(long).exception
    assert (traceback.first_line, traceback.last_line) == (1, 7)


def test_a_prefix_within_the_records_is_seen_through():
    lines = "".join(f"[worker-1] 10:00:00 {line}\n" for line in TRACEBACK.splitlines())
    assert only("".join(wrapped(lines, stream="stderr"))).exception == only(TRACEBACK).exception


def test_a_record_whose_message_quotes_a_word_still_shows_its_traceback():
    record = {"message": "Fatal Python error: none", "exc_info": TRACEBACK}
    assert fails(record)[0].exception == only(TRACEBACK).exception


def test_a_record_of_one_line_of_a_traceback_is_none():
    assert read("".join(wrapped("Traceback (most recent call last):\n"))) == []
    assert read("".join(wrapped("Traceback (most recent call last):\nall is well\n"))) == []


@pytest.mark.parametrize("row", ['1,error,"{}"', '1,error,"{}",x', '1,"a, b","it failed\n{}\n",3', '"{}"'])
def test_reads_a_field_of_a_csv_table(row):
    text = row.format(TRACEBACK.rstrip().replace('"', '""'))
    traceback = only(f'id,level,message\n0,info,"all is ""well"""\n{text}\n2,info,"ok"\n')
    assert traceback.exception == only(TRACEBACK).exception


# stacks on which nothing was raised


@pytest.mark.parametrize("header", ["Stack", "source_traceback: Object created at", "Object allocated at"])
def test_a_stack_on_which_nothing_was_raised_is_no_traceback(header):
    frames = TRACEBACK.splitlines(keepends=True)[1:-1]
    text = f"{header} (most recent call last):\n{''.join(frames)}"
    assert read(text + "LookupError: another line\n") == []
    assert only(text + TRACEBACK).exception == only(TRACEBACK).exception


def test_a_warning_of_cmake_is_no_dump():
    assert read("CMake Warning at a:3:\nCall Stack (most recent call first):\n  CMakeLists.txt:9 (foo)\n") == []
