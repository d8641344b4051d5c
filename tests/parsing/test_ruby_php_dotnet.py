"""Ruby, PHP and .NET: text that was cut off, what only looks like a crash, and bounds."""

from __future__ import annotations

import time

import pytest

from snapfix import parsing
from snapfix.crash import Traceback

RUBY = """\
shop.rb:3:in 'Cart#total': no total (RuntimeError)
\tfrom shop.rb:9:in 'Object#bill'
\tfrom shop.rb:12:in '<main>'
"""
PHP = """\
PHP Fatal error:  Uncaught TypeError: no total in /srv/shop/cart.php:12
Stack trace:
#0 /srv/shop/index.php(5): total()
#1 {main}
  thrown in /srv/shop/cart.php on line 12
"""
DOTNET = """\
Unhandled exception. System.InvalidOperationException: no total
 ---> System.DivideByZeroException: Attempted to divide by zero.
   at Shop.Cart.Divide(Int32 n) in /srv/shop/Cart.cs:line 3
   --- End of inner exception stack trace ---
   at Shop.Cart.Total(Int32 n) in /srv/shop/Cart.cs:line 12
"""


def scan(text: str) -> list[Traceback]:
    return list(parsing.scan([text]))


def types(text: str) -> list[list[str]]:
    return [[exception.type_name for exception in found.exceptions()] for found in scan(text)]


@pytest.mark.parametrize("text", [RUBY, PHP, DOTNET], ids=["ruby", "php", "dotnet"])
@pytest.mark.parametrize("prefix", ["> ", "    ", "web-1  | ", "2026-11-20T10:00:00.123456789Z stderr F "])
def test_is_read_behind_any_prefix(text: str, prefix: str):
    wrapped = "".join(f"{prefix}{line}\n" for line in text.splitlines())
    assert [found.exceptions() for found in scan(wrapped)] == [found.exceptions() for found in scan(text)]


@pytest.mark.parametrize("text", [RUBY, PHP, DOTNET], ids=["ruby", "php", "dotnet"])
def test_several_in_a_row_with_windows_line_ends_are_each_one(text: str):
    assert types(text.replace("\n", "\r\n") * 2 + "done\r\n") in (types(text) * 2, types(text))
    assert types(f"{text}going on\n" * 3) == types(text) * 3


def test_the_top_that_was_cut_off_is_missing():
    for text in (RUBY, DOTNET):
        (found,) = scan(text[text.index("\n", text.index("\n") + 1) + 1 :])
        assert found.exception.type_name == ""
        assert found.missing == ("what stood above line 1",)


def test_the_bottom_that_was_cut_off_is_missing():
    (ruby,) = scan("\n".join(RUBY.splitlines()[:2]))
    assert (ruby.exception.type_name, len(ruby.exception.frames)) == ("RuntimeError", 2)
    (php,) = scan("\n".join(PHP.splitlines()[:3]))
    assert php.missing == ("the end of the stack: it breaks off after line 3",)
    (dotnet,) = scan("\n".join(DOTNET.splitlines()[:3]))
    assert [exception.type_name for exception in dotnet.exceptions()][-1] == "System.InvalidOperationException"
    assert dotnet.missing == ("the end of the exception: it breaks off after line 3",)


def test_ruby_upside_down_is_not_taken_for_python():
    text = (
        "Traceback (most recent call last):\n\t1: from shop.rb:9:in `<main>'\n"
        "shop.rb:3:in `total': undefined method `x' for nil:NilClass (NoMethodError)\n"
    )
    (found,) = scan(text)
    assert (found.format, found.first_line, found.last_line) == ("ruby", 1, 3)
    assert [frame.lineno for frame in found.exception.frames] == [9, 3]


def test_python_below_ruby_is_python():
    python = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    x\nNameError: x\n'
    assert [found.language for found in scan(RUBY + python + RUBY)] == ["ruby", "python", "ruby"]


def test_a_cause_shares_its_stack_with_what_was_raised_later():
    main = "\tfrom shop.rb:12:in '<main>'\n"
    cause = f"shop.rb:2:in 'Cart#price': inner (KeyError)\n\tfrom shop.rb:8:in 'Object#bill'\n{main}"
    raised = f"shop.rb:9:in 'Object#bill': outer (IOError)\n{main}"
    assert types(raised + cause) == [["KeyError", "IOError"]]
    assert types(cause + raised) == [["KeyError"], ["IOError"]]


def test_two_failures_of_aspnet_with_a_lambda_are_named_by_their_function():
    text = (
        "fail: Shop[1]\n      It failed\n      Shop.SoldOutException: none\n         at Shop.Cart.<>c.<Main>b__0_0()\n"
    )
    (found,) = scan(text)
    assert found.innermost_in_app is not None
    assert found.innermost_in_app.name == "Shop.Cart.<>c.<Main>b__0_0"


def test_the_stacks_of_other_runtimes_are_not_taken_for_dotnet():
    node = "Error: x\n    at fn (/srv/a.js:3:17)\n    at new Cart (/srv/b.js:1:2)\n    at <anonymous>\n"
    java = "java.lang.Error: x\n    at shop.Cart.total(Cart.java:3)\n    at a.B.c(Native Method)\n    at a.B.d()\n"
    assert [found.language for found in scan(node + java + DOTNET)] == ["javascript", "java", "csharp"]


def test_windows_paths_with_blanks_are_read():
    (found,) = scan("Unhandled exception. System.Exception: x\r\n   at A.B() in C:\\Users\\Ada B\\Cart.cs:line 12\r\n")
    assert found.exception.frames[0].filename == "C:\\Users\\Ada B\\Cart.cs"


def test_a_closure_of_php_8_4_keeps_its_name():
    call = "#0 /srv/index.php(9): {closure:Shop\\Cart::total():7}(Array)"
    (found,) = scan(PHP.replace("#0 /srv/shop/index.php(5): total()", call))
    assert found.exception.frames[-1].name == "{closure:Shop\\Cart::total():7}"


def test_php_5_quotes_the_type_and_the_message():
    (found,) = scan(PHP.replace("TypeError: no total", "exception 'Shop\\SoldOut' with message 'no 'total' is'"))
    assert (found.exception.type_name, found.exception.message) == ("Shop\\SoldOut", "no 'total' is")


@pytest.mark.parametrize(
    "text",
    [
        "PHP Warning:  Undefined variable $x in /srv/a.php on line 3\nPHP Notice:  x in /srv/a.php on line 3\n",
        "PHP Deprecated:  strlen(): Passing null in /srv/a.php on line 9\nStack trace:\n#0 {main}\n",
        "[2026-11-20 10:00:00] production.INFO: saw [object] (and more) {}\n",
        "the log says Fatal error: and then Stack trace: of it\nFatal error: out of luck\n",
        "Tests: 3, CartTest::testTotal passed\n1) CartTest::testTotal\n\n2) CartTest::testSum\n",
        "meet me  at noon (12:00)\n   at home\n   at work (maybe)\n",
        "Stack:\n   at System.Environment.get_StackTrace()\n   at A.B() in /srv/A.cs:line 3\n",
        "Unhandled exception. Really?\nStack overflow. A site.\nStack overflow.\n",
        "see shop.rb:3:in 'total' for more\nshop.rb:3:in 'total': prices are fine (really)\n",
        "called from:\nshop.rb:3:in `total'\nshop.rb:9:in `<main>'\ndone\n",
        "shop.rb:3: warning: assigned but unused variable - x\nscript.sh: line 3: syntax error near `fi'\n",
        "perl: syntax error at shop.pl line 3, near x\n1: syntax error, 2: none\n",
        "I, [2026-11-20T10:00:00.1 #1]  INFO -- : Failure/Error: is what rspec prints\n",
    ],
)
def test_what_only_looks_like_a_crash_is_none(text: str):
    assert scan(text) == []


@pytest.mark.parametrize(
    "text",
    [
        RUBY.replace("\tfrom shop.rb:9:in 'Object#bill'\n", "\tfrom shop.rb:9:in 'Object#bill'\n" * 30_000),
        PHP.replace(
            "#1 {main}", "\n".join(f"#{n} /srv/shop/index.php(5): total()" for n in range(1, 30_000)) + "\n#1 {main}"
        ),
        DOTNET + "   at Shop.Cart.Total(Int32 n) in /srv/shop/Cart.cs:line 12\n" * 30_000,
    ],
    ids=["ruby", "php", "dotnet"],
)
def test_of_an_enormous_stack_both_ends_are_kept_and_the_rest_is_counted(text: str):
    (found,) = scan(text)
    assert len(found.exception.frames) == 2_000
    assert any("frames in the middle of a stack" in missing for missing in found.missing)


@pytest.mark.parametrize(
    "line",
    [
        "shop.rb:1:in `" * 4_000,
        "a:1:in 'x" * 4_000 + "'",
        "PHP Fatal error:  Uncaught " + " in a" * 8_000,
        '{"exception":"[object] (' + " at x:1)" * 8_000,
        "PHP   1. " + "f() " * 8_000 + "x:",
        "  at " + " " * 30_000 + "x",
        "   at " + "a.b" * 8_000 + "(" * 8_000,
        "   at a(" + " in x:1" * 8_000,
        "Unhandled exception. " + "A.Exception ---> " * 4_000,
        " ---> A.BException: " * 4_000,
        "x" * 100_000 + ":1:in 'f'",
        "1) " + "A\\" * 8_000 + "::test",
    ],
)
def test_no_line_takes_long(line: str):
    text = "\n".join([line] * 20) + "\nStack trace:\n   at A.B() in /x.cs:line 3\n"
    start = time.perf_counter()
    scan(text)
    assert time.perf_counter() - start < 5


def test_many_exceptions_inside_each_other_are_bounded():
    nested = (
        "Unhandled exception. A.XException: 0\n" + " ---> A.XException: n\n" * 5_000 + "   at A.B() in /x.cs:line 1\n"
    )
    assert all(len(found.exceptions()) <= 100 for found in scan(nested))
    chained = PHP.replace(
        "  thrown", "\nNext Error: again in /srv/a.php:3\nStack trace:\n#0 {main}\n" * 500 + "  thrown"
    )
    (found,) = scan(chained)
    assert len(found.exceptions()) == 40
    assert any("in the middle of a chain" in missing for missing in found.missing)


@pytest.mark.parametrize(
    "text",
    [
        "#   prog.rb:3:in 'x': bad (IOError)\n",
        "#   prog.rb:3:in 'x': bad (IOError)\n#   \tfrom prog.rb:5:in '<main>'\n",
        "# shop.rb:3:in `x': bad (IOError)\n#         from shop.rb:5:in `<main>'\n",
        "  # shop.rb:3: syntax errors found (SyntaxError)\n",
        "".join(f"// {line}\n" for line in PHP.splitlines()),
        "".join(f" * {line}\n" for line in PHP.splitlines()),
        "".join(f"// {line}\n" for line in DOTNET.splitlines()[2:]),
    ],
)
def test_what_a_comment_in_source_code_quotes_is_no_crash(text: str):
    assert scan(text) == []


def test_failures_of_minitest_may_be_indented():
    failure = "  1) Failure:\nCartTest#test_total [test/cart_test.rb:5]:\nExpected: 1\n  Actual: 2\n\n"
    lines = [*(failure * 4).splitlines(), "4 runs, 4 assertions, 4 failures, 0 errors, 0 skips"]
    found = scan("".join(f"        {line}".rstrip() + "\n" for line in lines))
    assert [crash.exception.message for crash in found] == ["Expected: 1\n  Actual: 2"] * 4
