"""Go, Rust and Perl where the recordings do not reach: text that is cut off, long, or only looks like a crash."""

from __future__ import annotations

import pytest

from snapfix.crash import Relation, Traceback
from snapfix.parsing import scan

GO_STACK = """\
goroutine 1 [running]:
main.(*Cart).Total(...)
\t/home/ada/shop/main.go:10
main.main()
\t/home/ada/shop/main.go:18 +0x105
"""
GO_PANIC = f"panic: no price\n\n{GO_STACK}exit status 2\n"
RUST_PANIC = """\
thread 'main' panicked at src/main.rs:4:5:
no price
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""
RUST_BACKTRACE = """\
   3: shop::total
             at ./src/main.rs:4:5
   4: shop::main
             at ./src/main.rs:17:35
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
"""
CONFESSED = """\
no price at lib/Cart.pm line 19.
\tCart::_price(undef) called at lib/Cart.pm line 12
\tCart::total(Cart=HASH(0x55d0), 3) called at shop.pl line 10
"""


def only(text: str) -> Traceback:
    (traceback,) = scan([text])
    return traceback


def place(traceback: Traceback) -> tuple[str, int | None, str] | None:
    frame = traceback.innermost_in_app
    return frame and (frame.filename, frame.lineno, frame.name)


@pytest.mark.parametrize("text", [GO_PANIC, RUST_PANIC, CONFESSED], ids=["go", "rust", "perl"])
@pytest.mark.parametrize(
    "prefix", ["", "    ", "> ", "web-1  | ", "2026-11-20T15:20:03.123456789Z stderr F ", "12:20:03 ERROR "]
)
def test_reads_crashes_with_other_output_around_them(text: str, prefix: str):
    lines = f"starting\n{text}stopping\n{text}".splitlines()
    found = list(scan(["".join(f"{prefix}{line}\r\n" for line in lines)]))
    assert [(crash.first_line, crash.exception.message) for crash in found] == [
        (2, "no price"),
        (len(text.splitlines()) + 3, "no price"),
    ]
    assert found[0].missing == ()


class TestGo:
    def test_a_panic_without_a_stack_says_that_it_is_missing(self):
        traceback = only("panic: runtime error: integer divide by zero")
        assert traceback.missing == ("the stack after line 1",)
        assert only("panic: x\n\nexit status 2\n").exception.message == "x"

    def test_a_stack_without_a_panic_is_one_that_was_cut_off(self):
        traceback = only(GO_STACK)
        assert traceback.exception.type_name == ""
        assert traceback.missing == ("what stood above line 1",)
        assert place(traceback) == ("/home/ada/shop/main.go", 10, "main.(*Cart).Total")

    def test_a_stack_that_begins_within_a_frame_is_read_from_there(self):
        traceback = only(GO_STACK.split("\n", 2)[2])
        assert [frame.name for frame in traceback.exception.frames] == ["main.main", ""]
        assert place(traceback) == ("/home/ada/shop/main.go", 10, "")

    def test_a_recovered_panic_is_read_from_the_words_of_the_program(self):
        text = f"2026/11/20 15:20:03 Recovered in checkout: no price\n{GO_STACK}"
        text = text.replace(
            "main.(*Cart)", "panic({0x4, 0x5})\n\t/usr/local/go/src/runtime/panic.go:783 +0x1\nmain.(*Cart)"
        )
        assert only(text).exception.message == "no price"

    def test_a_message_that_looks_like_a_panic_stays_a_message(self):
        traceback = only(f"panic: outer\n\tinner\n\n\tlast\n\n{GO_STACK}")
        assert traceback.exception.message == "outer\n\tinner\n\n\tlast"

    def test_a_long_message_is_cut_and_a_long_stack_keeps_both_ends(self):
        frames = "".join(f"main.f{n}()\n\t/srv/main.go:{n} +0x1d\n" for n in range(1, 5001))
        traceback = only(f"panic: {'x' * 100_000}\n\ngoroutine 1 [running]:\n{frames}")
        assert len(traceback.exception.frames) == 2000
        assert traceback.exception.frames[-1].name == "main.f1"
        assert set(traceback.missing) == {"34,464 characters of a message", "3,000 frames in the middle of a stack"}

    def test_a_chain_keeps_both_ends(self):
        again = "".join(f"\tpanic: {n} [recovered]\n" for n in range(1, 200))
        exceptions = only(f"panic: 0 [recovered]\n{again}\n{GO_STACK}").exceptions()
        assert [exception.message for exception in exceptions] == [str(n) for n in (*range(20), *range(180, 200))]
        assert {exception.relation for exception in exceptions[:-1]} == {Relation.CONTEXT}

    @pytest.mark.parametrize(
        "text",
        [
            "kernel panic: not syncing\n",
            "panic: no such thing, said the captain\nall is well\n",
            "main.c:1:10: fatal error: cart.h: No such file or directory\ncompilation terminated.\n",
            "fatal error: could not connect\nretrying\n",
            "a goroutine 1 [running]: is what Go prints\n",
            "2026/11/20 15:20:03 main.go:12: listening on :8080\n",
            'log: goroutine 7 started\nfunc total(prices []int) int {\n\tpanic("no price")\n}\n',
            f"goroutine 7 [select]:\n{GO_STACK.split(chr(10), 1)[1]}",
            "dump follows\n" + GO_STACK.replace("main.(*Cart).Total(...)", "runtime/debug.Stack()"),
            "--- FAIL: is what go test prints\n",
            "=== RUN   TestTotal\n    cart_test.go:12: adding up\n--- PASS: TestTotal (0.00s)\nPASS\n",
            "    cart_test.go:12: who said this?\n",
            '\twant := "panic: test\\n\\ngoroutine 1 [running]:\\n"\n',
            "// panic: test\n//\n// goroutine 1 [running]:\n// main.main()\n// \t/tmp/x.go:3 +0x1d\n",
            "no price\nmain.total\n\t/home/ada/shop/main.go:12\n",
            "see also:\n\t/home/ada/shop/main.go:12\n\t/home/ada/shop/main.go:20\n",
            "\nmain.total\n\t/home/ada/shop/main.go:12\nmain.main\n\t/home/ada/shop/main.go:20\n",
            "Oops: 0000 [#1] SMP\n RIP: 0010:do_thing+0x1d/0x30\n\tdo_thing.c:12 +0x1d/0x30\n",
        ],
    )
    def test_is_not_taken_in_by(self, text: str):
        assert [crash for crash in scan([text]) if crash.language == "go"] == []

    def test_an_error_that_knows_where_it_was_made_is_the_cause_of_what_wraps_it(self):
        main = "main.main\n\t/home/ada/shop/main.go:20\nruntime.goexit\n\t/usr/local/go/src/runtime/asm_amd64.s:1700\n"
        text = f"no price\nmain.(*Cart).Total\n\t/home/ada/shop/main.go:12\n{main}total failed\n{main}"
        found = list(scan([f"starting\n{text}stopping\n"]))
        assert [(crash.first_line, crash.last_line) for crash in found] == [(2, 13)]
        inner, outer = found[0].exceptions()
        assert (inner.message, inner.relation, outer.message) == ("no price", Relation.CAUSE, "total failed")
        assert place(found[0]) == ("/home/ada/shop/main.go", 12, "main.(*Cart).Total")

    def test_very_many_wrapped_errors_are_kept_at_both_ends(self):
        wrapped = "".join(f"error {n}\nmain.f\n\t/a/main.go:1\nmain.g\n\t/a/main.go:{n + 2}\n" for n in range(2_000))
        messages = [exception.message for exception in only(wrapped).exceptions()]
        assert messages == [f"error {n}" for n in (*range(20), *range(1_980, 2_000))]


class TestRust:
    def test_a_message_without_an_end_goes_on_as_far_as_there_is_evidence(self):
        text = (
            "thread 'main' panicked at src/main.rs:4:5:\nassertion `left == right` failed\n  left: 1\n right: 2\nbye\n"
        )
        assert only(text).exception.message == "assertion `left == right` failed\n  left: 1\n right: 2"

    def test_a_panic_that_breaks_off_before_its_message_has_none(self):
        traceback = only("thread 'main' panicked at src/main.rs:4:5:\n")
        assert traceback.exception.message == ""
        assert place(traceback) == ("src/main.rs", 4, "")

    def test_a_backtrace_without_a_panic_is_one_that_was_cut_off(self):
        traceback = only(RUST_BACKTRACE)
        assert traceback.missing == ("what stood above line 1",)
        assert place(traceback) == ("./src/main.rs", 4, "shop::total")
        assert place(only(RUST_BACKTRACE.split("\n", 1)[1])) == ("./src/main.rs", 4, "")

    def test_a_long_backtrace_keeps_both_ends(self):
        frames = "".join(f"{n:4}: shop::f{n}\n             at ./src/main.rs:{n}:5\n" for n in range(5000))
        traceback = only(f"thread 'main' panicked at src/main.rs:0:5:\nx\nstack backtrace:\n{frames}")
        assert len(traceback.exception.frames) == 2000
        assert traceback.exception.frames[-1].name == "shop::f0"
        assert traceback.missing == ("3,000 frames in the middle of a stack",)

    def test_a_long_message_in_quotation_marks_is_cut(self):
        traceback = only(f"thread 'main' panicked at '{'x' * 100_000}', src/main.rs:4:5\n")
        assert len(traceback.exception.message) == 64 * 1024
        assert place(traceback) == ("src/main.rs", 4, "")

    @pytest.mark.parametrize(
        "text",
        [
            "the crew panicked at lunch\n",
            "INFO thread 'worker' panicked at some point, restarting\n",
            "when thread 'main' panicked at 'x' is printed, look above\n",
            '    panic!("no price at {}", name);\n',
            "Exception in thread main\nCaused by: java.io.IOException: no file\n",
            "error: failed to parse lock file at: /srv/Cargo.lock\n\nCaused by:\n  version 4 was found\n",
            "HTTP/1.1 302 Found\n\nLocation:\n    /cart:3\n",
            "Error: something happened\nall is well\n",
            "---- the end stdout ----\nok\n",
            "             at noon:12:30\n",
            "".join(f"    /// {line}\n" for line in RUST_PANIC.splitlines()),
        ],
    )
    def test_is_not_taken_in_by(self, text: str):
        assert list(scan([text])) == []


class TestPerl:
    def test_a_stack_without_a_message_is_one_that_was_cut_off(self):
        traceback = only(CONFESSED.split("\n", 1)[1])
        assert traceback.missing == ("what stood above line 1",)
        assert place(traceback) == ("lib/Cart.pm", 12, "Cart::total")

    def test_a_stack_that_breaks_off_is_read_as_far_as_it_goes(self):
        traceback = only("\n".join(CONFESSED.splitlines()[:2]))
        assert [frame.name for frame in traceback.exception.frames] == ["", "Cart::_price"]

    def test_a_long_stack_keeps_both_ends(self):
        calls = "".join(f"\tmain::f{n}() called at shop.pl line {n}\n" for n in range(1, 5001))
        traceback = only("no price at shop.pl line 9.\n" + calls)
        assert len(traceback.exception.frames) == 2000
        assert traceback.exception.frames[-1].lineno == 9
        assert traceback.missing == ("3,001 frames in the middle of a stack",)

    @pytest.mark.parametrize(
        "file", ["shop.pl", "/srv/my shop/Cart.pm", r"C:\Program Files\shop.pl", "/usr/bin/shop", "-e"]
    )
    def test_reads_a_death_in_any_file(self, file: str):
        assert place(only(f"Died at {file} line 3.\n")) == (file, 3, "")

    def test_a_program_whose_name_does_not_tell_is_known_by_what_perl_says(self):
        assert place(only("Can't locate Nope.pm in @INC (@INC contains: /x) at /usr/bin/shop line 3.\n"))

    @pytest.mark.parametrize(
        "text",
        [
            "Use of uninitialized value $x in addition (+) at shop.pl line 5.\n",
            "isn't it odd at noon in shop.pl line 5\n",
            "The bug is at shop.pl line 5.\n",
            "- crash at shop.pl line 5.\n",
            "the cart is empty at shop.pl line 5.\n\t...caught at shop.pl line 6.\n",
            "WARN: slow query at Cart.pm line 5.\n",
            "he called at line 3\n",
            "patch applied to shop.pl line 3.\n",
            "#   Failed test\n",
            "Can't locate the file at all\n",
        ],
    )
    def test_is_not_taken_in_by(self, text: str):
        assert list(scan([text])) == []
