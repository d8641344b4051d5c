from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapfix import crash, layouts
from snapfix.crash import Frame, ParsedException, Relation, Traceback
from snapfix.parsing import scan

RECORDED = Path(__file__).parent / "parsing" / "recorded"


def read(name: str, number: int = 0) -> Traceback:
    return list(scan([(RECORDED / name).read_text(encoding="utf-8")]))[number]


def printed(name: str, **options: int) -> str:
    return layouts.format_traceback(read(name), **options)


def test_javascript_prints_the_exception_then_where_it_was_thrown() -> None:
    assert printed("node/vitest.txt").startswith(
        "TypeError: Cannot read properties of undefined (reading 'reduce')\n"
        "    at total (cart.js:2:21)\n"
        "        return cart.items.reduce((sum, item) => sum + item.price, 0);\n"
        "                          ^\n"
        "    at <anonymous> (cart.test.mjs:6:5)"
    )


def test_java_prints_causes_and_suppressed_exceptions_below() -> None:
    lines = printed("java/logback.txt").split("\n")
    assert lines[0].startswith("com.shop.SoldOut: cannot sell:")
    assert "    at com.shop.Shop.sell(Shop.java:39)" in lines
    cause, suppressed = (
        next(number for number, line in enumerate(lines) if line.startswith(label))
        for label in ("Caused by: java.lang.NullPointerException: ", "Suppressed: java.lang.IllegalStateException: ")
    )
    assert cause < suppressed
    assert lines[cause + 1] == "    at com.shop.Shop.price(Shop.java:22)"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "go_rust_perl/go-same-panic-again.txt",
            "panic: no such cart: ada's\nmain.load(...)\n    /home/ada/shop/main.go:6",
        ),
        ("go_rust_perl/rust-messages.txt", "src/main.rs:16:26: panic: assertion failed: prices.len() > 1"),
        ("go_rust_perl/perl-kinds.txt", "shop.pl:23: die: malformed UTF-8"),
        (
            "ruby_php_dotnet/ruby34_cause_with_lines.txt",
            "shop.rb:14:in 'Basket#first': no first item\nin an empty cart – 空 (ArgumentError)\n"
            "    from shop.rb:17:in '<main>'\n"
            "Caused by: shop.rb:12:in 'Array#fetch': index 9 outside of array bounds: 0...0 (IndexError)\n",
        ),
        (
            "ruby_php_dotnet/php_apache.txt",
            "RuntimeException: no total\nof 3 items – 空\n#0 /home/ada/shop/cart.php:15: in Shop\\Cart::make\n#1 ",
        ),
        (
            "ruby_php_dotnet/dotnet_loggers.txt",
            "System.InvalidOperationException: no total\nof 3 items – 空\n"
            "   at Shop.Cart`1.Total in /home/ada/shop/Shop.cs:line 20\n",
        ),
        (
            "compilers/rustc-borrow.txt",
            "borrow.rs:7:22: E0382: borrow of moved value: `cart`\nnote: if `Cart` implemented `Clone`",
        ),
        ("compilers/go-build.txt", 'cart/cart.go:4:2: error: imported and not used: "fmt"'),
    ],
)
def test_every_language_has_its_own_manner(name: str, expected: str) -> None:
    texts = [layouts.format_traceback(traceback) for traceback in scan([(RECORDED / name).read_text("utf-8")])]
    assert any(text.startswith(expected) for text in texts), texts


def test_python_is_printed_as_by_cpython() -> None:
    traceback = read("recursion-3.13.txt")
    assert layouts.format_traceback(traceback, max_frames=3) == crash.format_traceback(traceback, max_frames=3)


def test_members_of_a_group_are_numbered() -> None:
    text = printed("node/aggregate.txt")
    assert "\nError 1: RangeError: no price for pear\n" in text
    assert "\nError 2: RangeError: no price for plum\n" in text


def test_of_many_frames_the_innermost_and_the_users_own_stay() -> None:
    text = printed("go_rust_perl/rust-backtrace-old.txt", max_frames=4)
    assert [line for line in text.split("\n") if not line.startswith("      at")] == [
        "panic: index out of bounds: the len is 3 but the index is 3",
        "  0: rust_begin_unwind",
        "    [... 2 frames not shown ...]",
        "  3: shop::total::{{closure}}",
        "    [... 5 frames not shown ...]",
        "  9: shop::total",
        "  10: shop::main",
        "    [... 1 frame not shown ...]",
    ]


def test_libraries_are_named_without_where_they_are_installed() -> None:
    names = {
        "/home/ada/shop/node_modules/express/lib/router.js": "node_modules/express/lib/router.js",
        "/a/node_modules/b/node_modules/c/d.js": "node_modules/c/d.js",
        "C:\\shop\\node_modules\\c\\d.js": "node_modules/c/d.js",
        "/usr/lib/ruby/gems/3.1.0/gems/rack-2.2/lib/rack.rb": "gems/rack-2.2/lib/rack.rb",
        "/root/go/pkg/mod/github.com/gin/gin.go": "pkg/mod/github.com/gin/gin.go",
        "src/cart.js": "src/cart.js",
    }
    assert {name: layouts.short_name(name) for name in names} == names


@pytest.mark.parametrize(
    ("language", "filename", "name"),
    [
        ("python", "app.py", "Python"),
        ("javascript", "src/cart.ts", "TypeScript"),
        ("javascript", "src/cart.mjs", "JavaScript"),
        ("java", "Shop.kt", "Kotlin"),
        ("java", "Shop.java", "Java"),
        ("c", "cart.cpp", "C++"),
        ("csharp", "Shop.cs", "C#"),
        ("perl", "shop", "Perl"),
    ],
)
def test_a_language_is_called_by_the_users_innermost_file(language: str, filename: str, name: str) -> None:
    frames = (Frame(filename, 1, "com.example.f"), Frame("/x/node_modules/a.js", 2, "java.util.g"))
    frames = frames if language in ("javascript", "java") else frames[:1]
    error = ParsedException("E", "x", frames=frames)
    assert layouts.display_name(Traceback(language, "x", 1, 1, error)) == name


@pytest.mark.parametrize(
    ("filename", "expected"),
    [("a/app.py", "python"), ("cart.tsx", "tsx"), ("Shop.cs", "csharp"), ("bin/run", ""), ("a.html", "")],
)
def test_a_fence_is_named_after_the_file(filename: str, expected: str) -> None:
    assert layouts.fence(filename) == expected


_TEXT = st.text(max_size=20)
_FRAMES = st.lists(st.builds(Frame, _TEXT, st.none() | st.integers(1, 99), _TEXT, _TEXT), max_size=6).map(tuple)


@given(
    st.sampled_from(["javascript", "java", "csharp", "go", "rust", "ruby", "php", "perl", "c", "other"]),
    st.recursive(
        st.builds(ParsedException, _TEXT, _TEXT, frames=_FRAMES),
        lambda inner: st.builds(
            ParsedException, _TEXT, _TEXT, frames=_FRAMES, linked=st.lists(inner, max_size=3).map(tuple)
        ),
        max_leaves=5,
    ),
    st.none() | st.integers(0, 5),
)
def test_prints_whatever_was_read(language: str, error: ParsedException, max_frames: int | None) -> None:
    text = layouts.format_traceback(Traceback(language, "x", 1, 1, error), max_frames=max_frames)
    assert error.message in text


def test_a_chain_may_be_longer_than_pythons_stack() -> None:
    error = ParsedException("E", "0")
    for number in range(1, 3000):
        error = ParsedException("E", str(number), linked=(error,), relation=Relation.CAUSE)
    assert layouts.format_traceback(Traceback("java", "x", 1, 1, error)).count("Caused by: ") == 2999
