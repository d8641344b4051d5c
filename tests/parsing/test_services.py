"""Dumps of dying interpreters, records of loggers, and lines in records: cut off, mixed, hostile, and what is none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

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


# stacks on which nothing was raised


@pytest.mark.parametrize("header", ["Stack", "source_traceback: Object created at", "Object allocated at"])
def test_a_stack_on_which_nothing_was_raised_is_no_traceback(header):
    frames = TRACEBACK.splitlines(keepends=True)[1:-1]
    text = f"{header} (most recent call last):\n{''.join(frames)}"
    assert read(text + "LookupError: another line\n") == []
    assert only(text + TRACEBACK).exception == only(TRACEBACK).exception
