"""Errors of compilers: cut off, prefixed, enormous; and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from snapfix.crash import Traceback
from snapfix.parsing import scan

RECORDED = Path(__file__).parent / "recorded" / "compilers"
NAMES = ("gcc", "clang", "clang-templates", "rustc-borrow", "tsc", "tsc-pretty", "javac", "go-build")


def read(text: str) -> list[Traceback]:
    return list(scan([text]))


def only(text: str) -> Traceback:
    (found,) = read(text)
    return found


def recorded(name: str) -> str:
    return (RECORDED / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("prefix", ["    ", "\t", "> ", "build_1  | ", "#12 3.456 ", "2026-05-01T10:00:00.1Z "])
def test_reads_the_same_behind_a_prefix(name, prefix):
    text = "".join(f"{prefix}{line}\n" for line in recorded(name).splitlines())
    assert [found.exception for found in read(text)] == [found.exception for found in read(recorded(name))]


@pytest.mark.parametrize("name", NAMES)
def test_reads_any_beginning_of_a_text_without_inventing_anything(name):
    lines = recorded(name).splitlines(keepends=True)
    whole = [(found.exception.type_name, found.exception.message.split("\n")[0]) for found in read("".join(lines))]
    for end in range(len(lines)):
        found = read("".join(lines[:end]))
        assert [(f.exception.type_name, f.exception.message.split("\n")[0]) for f in found] == whole[: len(found)]


def test_says_so_when_the_place_of_an_error_is_cut_off():
    found = only("error[E0308]: mismatched types\n")
    assert (found.exception.type_name, found.exception.frames) == ("E0308", ())
    assert found.missing == ("the place: the text breaks off after line 1",)


def test_code_is_the_line_shown_and_columns_the_part_that_carets_mark():
    frame = only("cart.c:9:12: error: no\n    9 |     return summ + 1;\n      |            ^~~~\n").exception.frames[0]
    assert (frame.lineno, frame.column, frame.code) == (9, 12, "return summ + 1;")
    assert frame.columns is not None
    assert frame.code[slice(*frame.columns)] == "summ"


@pytest.mark.parametrize(
    "path",
    ["/home/ada l/my shop/cart.c", "C:\\Users\\Ada L\\cart.cpp", "../src/naïve.hpp", "/usr/include/c++/12/memory"],
)
def test_keeps_blanks_and_letters_of_a_path(path):
    assert only(f"{path}:9:12: error: no\n").exception.frames[0].filename == path


def test_reads_an_error_of_gcc_in_the_middle_of_other_output():
    text = "[ 50%] Building C object\ncart.c:3:1: error: no\nmake: *** [all] Error 1\ncart.c:4:1: error: neither\n"
    assert [found.first_line for found in read(text)] == [2, 4]


@pytest.mark.parametrize(
    "text",
    [
        # linters and type checkers
        "cart.py:12: error: Incompatible types in assignment  [assignment]\n",
        "cart.py:12:5: error: Name 'x' is not defined  [name-defined]\n",
        "cart.py:12:5: E0602: Undefined variable 'x' (undefined-variable)\n",
        "cart.c:12:5: error: Array 'a[2]' out of bounds. [arrayIndexOutOfBounds]\n    a[2];\n    ^\n",
        "cart.cpp:12:5: error: do not use it [cppcoreguidelines-no-malloc,-warnings-as-errors]\n",
        "script.sh:3:1: error: Couldn't parse this test expression. [SC1073]\n",
        "F401 [*] `os` imported but unused\n --> cart.py:1:8\n  |\n1 | import os\n  |        ^^\n  |\n",
        "error[invalid-assignment]: not assignable\n --> main.py:1:1\n  |\n",
        "cart.go:5:2: exported function Total should have comment or be unexported\n",
        'cart.go:5:2: "os" imported and not used (typecheck)\n\t"os"\n\t^\n',
        "cart.go:5:2: this value of total is never used (SA4006)\n",
        "/home/ada/cart.ts\n  12:5  error  'x' is not defined  no-undef\n",
        # logs
        "worker.c:120: error: cannot connect to 10.0.0.1\n",
        "2026/05/01 10:00:00 main.go:23: listening on :8080\n",
        'time=2026-05-01 level=INFO source=main.go:23:5 msg="ok"\n',
        "2026-05-01 10:00:00 [31] job: error: not found\n",
        "git: error: failed to push some refs to 'origin'\n",
        # prose and documents
        "The compiler says cart.c:12:5: error: expected ';' and I wonder why.\n",
        "stderr 'cart.go:1:1: expected declaration'\n",
        "He wrote Cart.java:3: error: cannot find symbol\n",
        "I get `error[E0308]: mismatched types` since yesterday.\n",
        "The code is error TS2322: see the handbook.\n",
        "<!-- shop --> cart.rs:3:5\n",
        "a --> b\n",
        "error: aborting due to 2 previous errors\n",
        "For more information about this error, try `rustc --explain E0308`.\n",
        "warning: unused variable: `x`\n --> src/main.rs:4:9\n  |\n4 |     let x = 1;\n  |         ^\n",
        "cart.c:5:9: warning: unused variable ‘x’ [-Wunused-variable]\n    5 |     int x;\n      |         ^\n",
        "cart.c:5:9: note: declared here\n",
        "Cart.java:3: warning: [rawtypes] found raw type: List\n    List raw;\n    ^\n",
        "at com.example.Cart.total(Cart.java:3): error: none\n",
        # source code
        "// cart.c:3:5: error: no\n",
        "    # cart.go:3:5: undefined: total\n",
        "// src/main.rs:10:21: error[E0308]: mismatched types\n",
        "// @ts-ignore - error TS2441: Duplicate identifier 'require'.\n",
        "'^cart.go:2:8: no required module provides package shop$'\n",
        "^cart\\.go:2:8: undefined: total\n",
        '"cart.c:3:5: error: no"\n',
        "`cart.c:3:5: error: no`\n",
    ],
)
def test_finds_nothing_where_no_compiler_failed(text):
    assert read(text) == []


def test_keeps_some_of_very_many_notes_and_counts_the_others():
    note = "cart.cpp:3:1: note: candidate\n    3 | int f();\n      |     ^\n"
    found = only("cart.cpp:9:1: error: no matching function\n" + 5_000 * note)
    assert len(found.exception.notes) == 20
    assert found.missing == ("4,980 notes",)
    assert found.last_line == 15_001


@pytest.mark.parametrize(
    "line",
    [
        "cart.c:1:1: error: " + "x" * 2_000_000,
        "error[E0308]: " + ": error: " * 200_000,
        "In file included from " + "a:" * 500_000 + "1:",
        " - error TS2322: " * 100_000,
        "a.go:" * 300_000,
        "a.go:1:1: " + "# " * 500_000,
        ": error: " * 200_000,
        " " * 1_000_000 + "--> a.rs:1:1",
    ],
)
def test_reads_enormous_lines_in_linear_time(line):
    for found in read(f"# shop\n{line}\ncart.c:3:1: error: no\n"):
        assert len(found.exception.message) <= 64 * 1024


def test_reads_very_many_errors_one_by_one():
    text = "# shop\n" + "".join(f"cart.go:{n}:2: cannot do that\n" for n in range(1, 3_001))
    assert len(read(text)) == 3_000


def test_an_indented_error_of_gcc_goes_on_with_the_one_above():
    text = """\
a.cc:5:7: error: 'A::b' will be initialized after [-Werror=reorder]
    5 |   int b;
      |       ^
a.cc:4:7: error:   'int A::a' [-Werror=reorder]
    4 |   int a;
      |       ^
a.cc:6:3: error:   when initialized here [-Werror=reorder]
a.cc:8:1: error: expected ';'
"""
    found = read(text)
    assert [(crash.first_line, crash.last_line) for crash in found] == [(1, 7), (8, 8)]
    assert found[0].exception.notes == (
        "a.cc:4: 'int A::a' [-Werror=reorder]",
        "a.cc:6: when initialized here [-Werror=reorder]",
    )


def test_tags_of_html_are_no_part_of_a_path():
    found = only("<pre>Cart.java:8: error: cannot find symbol\n    return summ;\n           ^\n</pre>\n")
    assert found.exception.frames[0].filename == "Cart.java"
    assert only("/home/<user>/cart.c:3:5: error: no\n").exception.frames[0].filename == "/home/<user>/cart.c"


def test_reads_an_error_that_is_about_no_file_behind_a_prefix():
    found = only("#12 1.02 error TS5023: Unknown compiler option '--bogus'.\n")
    assert (found.exception.type_name, found.exception.frames) == ("TS5023", ())


def test_a_pretty_error_ends_behind_its_code():
    text = (
        'src/app.ts:12:5 - error TS2322: Type mismatch.\n\n12     const x: number = "a";\n       ~\nbuilding...\n'
        'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    x\nValueError: no\n'
    )
    assert [found.exception.type_name for found in scan([text])] == ["TS2322", "ValueError"]
