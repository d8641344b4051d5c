"""Java stack traces that are cut off, mixed with other text or hostile, and text that only looks like one."""

from __future__ import annotations

import pytest

from snapfix.crash import Frame, Relation, Traceback
from snapfix.parsing import scan
from snapfix.parsing.runtimes.java_lines import frame_in, header_in
from snapfix.parsing.text.bounds import MAX_CHAIN
from snapfix.shapes import is_own

FRAMES = "\tat com.shop.Cart.total(Cart.java:12)\n\tat com.shop.Main.main(Main.java:4)\n"
CAUSED = f"java.lang.IllegalStateException: closed\n{FRAMES}Caused by: java.lang.NullPointerException\n\t... 1 more\n"


def read(text: str) -> list[Traceback]:
    return list(scan([text]))


def only(text: str) -> Traceback:
    (traceback,) = read(text)
    return traceback


@pytest.mark.parametrize(
    ("line", "frame"),
    [
        ("\tat com.shop.Cart.total(Cart.java:12)", Frame("Cart.java", 12, "com.shop.Cart.total")),
        ("    at app//com.shop.Cart.<init>(Cart.java:12)", Frame("Cart.java", 12, "com.shop.Cart.<init>")),
        ("\tat java.base@17.0.1/java.lang.Thread.run(Thread.java:8)", Frame("Thread.java", 8, "java.lang.Thread.run")),
        (
            "\tat a.B$$Lambda$14/0x0000000800c03000.apply(Unknown Source)",
            Frame("Unknown Source", None, "a.B$$Lambda$14/0x0000000800c03000.apply"),
        ),
        ("\tat a.B.open(Native Method)", Frame("Native Method", None, "a.B.open")),
        ("\tat MainKt.main(Main.kt)", Frame("Main.kt", None, "MainKt.main")),
        ("\tat a.b.c(SourceFile:3)", Frame("SourceFile", 3, "a.b.c")),
        ("\tat a.B.c(B.java:3) ~[shop-1.0.jar!/:1.0]", Frame("B.java", 3, "a.B.c")),
        ("\tat a.BTest.total is right(BTest.kt:3)", Frame("BTest.kt", 3, "a.BTest.total is right")),
        ("\tat deployment.shop.war//a.B.c(B.java:3)", Frame("B.java", 3, "a.B.c")),
    ],
)
def test_reads_a_frame(line, frame):
    assert frame_in(line) == frame


@pytest.mark.parametrize(
    "line",
    [
        "    at total (/home/ada/cart.js:12:3)",
        "   at Shop.Cart.Total(Item item) in /src/Cart.cs:line 12",
        "   at Shop.Cart.Total(String)",
        "   at Shop.Cart.Total()",
        "\tat the end (see below)",
        "\tat " + "a." * 100_000 + "b(C.java:1)",
    ],
)
def test_takes_no_other_line_for_a_frame(line):
    assert frame_in(line) is None


def test_names_no_exception_in_levels_states_and_sentences():
    for text in ("ERROR: x", "error: x", "Stacktrace:", "java.lang.Thread.State: RUNNABLE", "a b"):
        assert header_in(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "java.lang.IllegalStateException: a line alone\n",
        "ERROR c.s.Cart - java.lang.IllegalStateException: closed\n",
        "see below\n\tat com.shop.Cart.total(Cart.java:12)\n",
        f'"main" #1 prio=5 tid=0x1 runnable\n   java.lang.Thread.State: RUNNABLE\n{FRAMES}\n"other" #2\n{FRAMES}',
        "\tat com.shop.Cart.total(Cart.java:12)\n",
        " * java.lang.IllegalStateException: closed\n *     at com.shop.Cart.total(Cart.java:12)\n",
        "Caused by: rain\n\tat noon\n",
        'the line `Exception in thread "main"` begins one\n',
        "Exception in thread Thread-1:\nno traceback\n",
    ],
)
def test_finds_nothing_where_there_is_no_stack_trace(text):
    assert read(text) == []


def test_fills_in_the_frames_that_an_exception_shares_with_the_one_above():
    traceback = only(CAUSED)
    assert traceback.exception.previous is not None
    assert [frame.name for frame in traceback.exception.previous.frames] == ["com.shop.Main.main"]
    assert traceback.missing == ()


def test_says_that_the_exception_itself_was_cut_off():
    traceback = only(CAUSED.partition("\n")[2])
    assert [exception.type_name for exception in traceback.exceptions()] == ["java.lang.NullPointerException", ""]
    assert traceback.missing == ("what stood above line 1",)


def test_begins_with_a_cause_where_all_above_was_cut_off():
    traceback = only(f"\t... 3 more\nCaused by: java.io.IOException: full\n{FRAMES}\t... 9 more\n")
    assert traceback.exception.type_name == "java.io.IOException"
    assert traceback.missing == ("what stood above line 2",)


def test_says_that_the_stack_breaks_off():
    assert only(f"java.io.IOException: full\n{FRAMES}\tat com.sho").missing == ("what stood below line 4",)
    assert only('Exception in thread "main" java.io.IOException: full\n').missing == ("the stack after line 1",)
    assert only(CAUSED.removesuffix("\t... 1 more\n")).missing == ("the stack after line 4",)


def test_keeps_the_message_of_a_thread_whole_whatever_it_quotes():
    traceback = only(f'Exception in thread "main" a.B: one\njava.io.IOException: two\n\nthree\n{FRAMES}')
    assert (traceback.exception.type_name, traceback.exception.message) == (
        "a.B",
        "one\njava.io.IOException: two\n\nthree",
    )


def test_reads_the_exception_that_a_log_line_ends_with():
    traceback = only(
        f"10:00:00 ERROR c.s.Cart - failed: java.io.IOException: full; see a.B\n{FRAMES}10:00:01 INFO on\n"
    )
    assert (traceback.exception.type_name, traceback.exception.message) == ("java.io.IOException", "full; see a.B")
    assert (traceback.first_line, traceback.last_line) == (1, 3)


def test_tells_stack_traces_apart_that_directly_follow_each_other():
    found = read(f'{CAUSED}java.io.IOException: full\n{FRAMES}Exception in thread "a" b.C\n{FRAMES}')
    assert [traceback.exception.type_name.rpartition(".")[2] for traceback in found] == [
        "IllegalStateException",
        "IOException",
        "C",
    ]


def test_hangs_suppressed_exceptions_and_their_causes_where_they_belong():
    text = (
        f"a.FirstException: 1\n{FRAMES}\tSuppressed: a.SecondException: 2\n\t\tat a.B.c(B.java:1)\n\t\t... 1 more\n"
        "\t\tSuppressed: a.ThirdException: 3\n\t\t\tat a.B.d(B.java:2)\n"
        "\tCaused by: a.FourthException: 4\n\t\tat a.B.e(B.java:3)\n"
        "Caused by: a.FifthException: 5\n\tat a.B.f(B.java:4)\n"
    )
    root = only(text).exception
    (second,) = root.members
    assert root.previous is not None
    assert second.previous is not None
    assert (second.message, second.members[0].message, second.previous.message) == ("2", "3", "4")
    assert root.previous.message == "5"
    assert second.members[0].relation is Relation.MEMBER


def test_keeps_both_ends_of_an_enormous_chain():
    text = "a.FirstException: 0\n" + FRAMES
    text += "".join(f"Caused by: a.NextException: {n}\n\tat a.B.c(B.java:{n})\n\t... 1 more\n" for n in range(1, 5001))
    traceback = only(text)
    messages = [exception.message for exception in traceback.exceptions()]
    assert len(messages) == MAX_CHAIN
    assert (messages[0], messages[-1]) == ("5000", "0")
    assert traceback.missing == (f"{5001 - MAX_CHAIN:,} exceptions in the middle of a chain",)


def test_cuts_an_endless_nesting_short():
    text = "a.FirstException: 0\n" + FRAMES
    text += "".join("\t" * n + f"Suppressed: a.NextException: {n}\n" for n in range(1, 3000))
    traceback = only(text)
    assert 5 < len(traceback.exceptions()) < 20
    assert any("suppressed exceptions" in missing for missing in traceback.missing)


@pytest.mark.parametrize(
    "line",
    [
        "\tat a.B.c(B.java:1)\n",
        "\tat a.B.c(B.java:1)\njunk\n",
        "Caused by: a.BException\n",
        "\tSuppressed: a.BException: x\n",
        'Exception in thread "a" b.C: d\n',
        "\t... 3 more\n",
    ],
)
def test_reads_ten_thousand_such_lines_in_bounded_time(line):
    list(scan([f"a.FirstException: 0\n{FRAMES}{line * 1000}"] + [line * 1000] * 9))


def test_reads_enormous_lines_in_bounded_time():
    for part in ("a.", "a.B: ", "(", "\tat ", "Caused by: ", 'Exception in thread "', "/"):
        list(scan(["a.FirstException: 0\n", part * 200_000 + "\n", FRAMES, f"\tat {part * 200_000}\n"]))


@pytest.mark.parametrize(
    ("function", "own"),
    [
        ("com.shop.Cart.total", True),
        ("MainKt.main", True),
        ("com.shop.Cart.lambda$total$0", True),
        ("com.shop.Cart$$EnhancerBySpringCGLIB$$1a.total", False),
        ("com.shop.Cart$$Lambda$14/0x1.apply", False),
        ("jdk.proxy2.$Proxy12.total", False),
        ("org.springframework.web.Servlet.run", False),
        ("android.app.ActivityThread.main", False),
    ],
)
def test_tells_whose_a_frame_is_by_its_function(function, own):
    assert is_own("java", "Cart.java", function) is own


PYTHON = 'Traceback (most recent call last):\n  File "/app/job.py", line 3, in f\nKeyError: 7\n\n'
SPARK = "\tat org.apache.spark.scheduler.DAGScheduler.abort(DAGScheduler.scala:2780)\n" * 2


def test_of_a_failure_of_pyspark_nothing_but_the_tracebacks_of_python_is_left():
    header = "org.apache.spark.api.python.PythonException: "
    text = f": org.apache.spark.SparkException: Job aborted: {header}{PYTHON}{SPARK}\nDriver stacktrace:\n{SPARK}"
    found = read(f"{text}Caused by: {header}{PYTHON}{SPARK}\t... 1 more\n")
    assert [(crash.language, crash.exception.type_name) for crash in found] == [("python", "KeyError")] * 2


def test_the_stack_of_sparks_driver_belongs_to_the_exception_above():
    thrown = 'Exception in thread "main" org.apache.spark.SparkException: Job aborted\n'
    cause = f"Caused by: java.lang.ArithmeticException: / by zero\n{FRAMES}"
    found = only(f"{thrown}{SPARK}\nDriver stacktrace:\n{SPARK}{cause}")
    assert [exception.type_name for exception in found.exceptions()] == [
        "java.lang.ArithmeticException",
        "org.apache.spark.SparkException",
    ]


@pytest.mark.parametrize("archive", ["/opt/spark/python/lib/pyspark.zip", "py4j-0.10.9.7-src.zip", "/opt/lib/x.zip"])
def test_archives_of_python_libraries_are_not_the_users_own(archive):
    assert not is_own("python", f"{archive}/pyspark/worker.py", "main")
    assert is_own("python", "/home/ada/job.zip/main.py", "main")
