"""Compilers: every error is a crash of its own; warnings and notes alone are none.

Needs GCC, Clang, Rust, a JDK, Go and Node.js (for ``npx``) on the path.
"""

from __future__ import annotations

from tests.parsing.recorders.base import Case, Crash, Exc


def error(
    file: str,
    line: int | None,
    message: str,
    *notes: str,
    language: str,
    layout: str,
    type_name: str = "error",
    function: str = "",
    frames: int = 1,
) -> Crash:
    """One error, at one place."""
    return Crash(
        (Exc(type_name, message, notes=notes, frames=frames),), (file, line, function), language=language, format=layout
    )


def needing(tool: str, command: str) -> str:
    """The command, or the shell's status for one that does not exist."""
    return f"command -v {tool} >/dev/null || {{ echo {tool}; exit 127; }}; {command}"


PRICE_H = """\
struct item { int price; };
struct cart { int count; struct item items[10]; };
static inline int cheap(struct item *i) { return i.price; }
#define TAX(x) ((x).rate * 2)
"""
CART_C = """\
#include <stdio.h>
#include "price.h"

int total(struct cart *cart) {
    int sum = 0;
    for (int i = 0; i < cart->count; i++) {
        sum += cart->items[i].prize;
    }
    return summ + TAX(cart);
}
int unused(void) { int x; }
"""
CPP = {
    "price.hpp": """\
template <class T>
T largest(T a, T b) {
    return a.cents() > b.cents() ? a : b;
}
""",
    "cart.cpp": """\
#include <memory>

#include "price.hpp"

struct Price;

int main() {
    std::unique_ptr<Price> none(nullptr);
    int most = largest(1, 2);
    return unknown("naïve, 日本");
}
""",
}
WARNING_C = """\
int total(int *prices) {
    int sum;
    unsigned count = -1;
    if (sum = prices[0])
        return count;
}
"""
C = {"cart.c": CART_C, "price.h": PRICE_H}
MISSING_C = {"save.c": '#include <stdio.h>\n  #include "no such.h"\nint main(void) { return 0; }\n'}
LINK_C = {
    "cart.c": "int price(int item);\nint total(int item) {\n    return price(item) + price(item + 1);\n}\n",
    "main.c": "int total(int);\nint rate(void);\nint main(void) {\n    return total(1) * rate();\n}\n",
}


def c(file: str, line: int | None, message: str, *notes: str, **more: object) -> Crash:
    """An error of GCC or Clang."""
    return error(file, line, message, *notes, language="c", layout="gcc", **more)  # type: ignore[arg-type]


GCC_ERRORS = (
    c("price.h", 3, "‘i’ is a pointer; did you mean to use ‘->’?", frames=2),
    c("cart.c", 7, "‘struct item’ has no member named ‘prize’; did you mean ‘price’?"),
    c(
        "cart.c",
        9,
        "‘summ’ undeclared (first use in this function); did you mean ‘sum’?",
        "cart.c:9: each undeclared identifier is reported only once for each function it appears in",
    ),
    c("price.h", 4, "‘cart’ is a pointer; did you mean to use ‘->’?", frames=2),
)
CLANG_ERRORS = (
    c("price.h", 3, "member reference type 'struct item *' is a pointer; did you mean to use '->'?", frames=2),
    c(
        "cart.c",
        7,
        "no member named 'prize' in 'struct item'; did you mean 'price'?",
        "./price.h:1: 'price' declared here",
    ),
    c(
        "cart.c",
        9,
        "member reference type 'struct cart *' is a pointer; did you mean to use '->'?",
        "./price.h:4: expanded from macro 'TAX'",
    ),
    c("cart.c", 9, "no member named 'rate' in 'struct cart'", "./price.h:4: expanded from macro 'TAX'"),
    c("cart.c", 9, "use of undeclared identifier 'summ'; did you mean 'sum'?", "cart.c:5: 'sum' declared here"),
)
GCC = (
    Case("gcc", "gcc", needing("gcc", "gcc -Wall -c cart.c"), GCC_ERRORS, C),
    Case("gcc-colour", "gcc", needing("gcc", "gcc -fdiagnostics-color=always -Wall -c cart.c"), GCC_ERRORS, C),
    Case("gcc-no-caret", "gcc", needing("gcc", "gcc -fno-diagnostics-show-caret -c cart.c"), GCC_ERRORS, C),
    Case(
        "gcc-include",
        "gcc",
        needing("gcc", "make save.o"),
        (c("save.c", 2, "no such.h: No such file or directory", type_name="fatal error"),),
        MISSING_C,
    ),
    Case(
        "gcc-werror",
        "gcc -Werror",
        needing("gcc", "gcc -Wall -Werror=parentheses -c total.c"),
        (c("total.c", 4, "suggest parentheses around assignment used as truth value [-Werror=parentheses]"),),
        {"total.c": WARNING_C},
    ),
    Case("gcc-warnings", "gcc", needing("gcc", "gcc -Wall -Wextra -c total.c"), (), {"total.c": WARNING_C}),
    Case(
        "gcc-templates",
        "g++",
        needing("g++", "g++ -c cart.cpp"),
        (
            c("cart.cpp", 10, "‘unknown’ was not declared in this scope; did you mean ‘union’?"),
            c("price.hpp", 3, "request for member ‘cents’ in ‘a’, which is of non-class type ‘int’", frames=3),
            c("price.hpp", 3, "request for member ‘cents’ in ‘b’, which is of non-class type ‘int’"),
            c("cart.cpp", 8, "invalid application of ‘sizeof’ to incomplete type ‘Price’", frames=5),
        ),
        CPP,
    ),
    Case(
        "gcc-linker",
        "ld",
        needing("gcc", "gcc -c cart.c main.c && gcc cart.o main.o"),
        (
            c("cart.c", None, "undefined reference to `price'", function="total"),
            c("cart.c", None, "undefined reference to `price'"),
            c("main.c", None, "undefined reference to `rate'", function="main"),
        ),
        LINK_C,
    ),
    Case(
        "clang-linker",
        "ld",
        needing("clang", "clang -g -c cart.c main.c && clang cart.o main.o"),
        (
            c("cart.c", 3, "undefined reference to `price'", function="total"),
            c("cart.c", 3, "undefined reference to `price'"),
            c("main.c", 4, "undefined reference to `rate'", function="main"),
        ),
        LINK_C,
    ),
    Case("clang", "clang", needing("clang", "clang -Wall -c cart.c"), CLANG_ERRORS, C),
    Case("clang-colour", "clang", needing("clang", "clang -fcolor-diagnostics -c cart.c"), CLANG_ERRORS, C),
    Case("clang-warnings", "clang", needing("clang", "clang -Wall -Wextra -c total.c"), (), {"total.c": WARNING_C}),
    Case(
        "clang-templates",
        "clang++",
        needing("clang++", "clang++ -c cart.cpp"),
        (
            c("cart.cpp", 10, "use of undeclared identifier 'unknown'"),
            c(
                "cart.cpp",
                8,
                "invalid application of 'sizeof' to an incomplete type 'Price'",
                "cart.cpp:5: forward declaration of 'Price'",
                frames=5,
            ),
            c("price.hpp", 3, "member reference base type 'int' is not a structure or union", frames=3),
        ),
        CPP,
    ),
)

MAIN_RS = """\
struct Cart { items: Vec<u32> }

fn total(cart: Cart) -> u32 {
    cart.items.iter().sum()
}

fn main() {
    let cart = Cart { items: vec![1, 2] };
    let unused = 1;
    let name: u32 = "five";
    println!("{}", total(cart));
    println!("{}", cart.items.len());
    let x = undefined_name;
}
"""
CARGO = {
    "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n',
    "src/main.rs": MAIN_RS,
}
MATCH_RS = """\
fn longest(a: &str, b: &str) -> &str {
    if a.len() > b.len() { a } else { b }
}

fn main() {
    let found: Vec<i32> = match longest("a", "b") {
        "a" => vec![1],
        _ => {
            "nothing"
        }
    };
    compile_error!("not\\nyet: 日本");
}
"""
BORROW_RS = """\
#[derive(Debug)]
struct Cart { items: Vec<u32> }

fn main() {
    let cart = Cart { items: vec![1] };
    let moved = cart;
    println!("{:?}", cart);
    let unused = 1;
}
"""


def rust(file: str, line: int, type_name: str, message: str, *notes: str) -> Crash:
    """An error of rustc."""
    return error(file, line, message, *notes, language="rust", layout="rustc", type_name=type_name)


RUSTC = (
    Case(
        "rustc-cargo",
        "cargo build",
        needing("cargo", "cargo build --offline"),
        (
            rust("src/main.rs", 13, "E0425", "cannot find value `undefined_name` in this scope"),
            rust("src/main.rs", 10, "E0308", "mismatched types"),
        ),
        CARGO,
    ),
    Case(
        "rustc-short",
        "cargo check --message-format short",
        needing("cargo", "cargo check --offline --message-format short"),
        (
            rust(
                "src/main.rs",
                13,
                "E0425",
                "cannot find value `undefined_name` in this scope: not found in this scope",
            ),
            rust("src/main.rs", 10, "E0308", "mismatched types: expected `u32`, found `&str`"),
        ),
        CARGO,
    ),
    Case(
        "rustc-colour",
        "rustc",
        needing("rustc", "rustc --color=always match.rs"),
        (
            rust("match.rs", 12, "error", "not\nyet: 日本"),
            rust(
                "match.rs",
                1,
                "E0106",
                "missing lifetime specifier",
                "help: this function's return type contains a borrowed value, but the signature does not say whether "
                "it is borrowed from `a` or `b`",
                "help: consider introducing a named lifetime parameter",
            ),
            rust(
                "match.rs",
                9,
                "E0308",
                "mismatched types",
                "note: expected struct `Vec<i32>`\nfound reference `&'static str`",
            ),
        ),
        {"match.rs": MATCH_RS},
    ),
    Case(
        "rustc-borrow",
        "rustc",
        needing("rustc", "rustc borrow.rs"),
        (
            rust(
                "borrow.rs",
                7,
                "E0382",
                "borrow of moved value: `cart`",
                "note: if `Cart` implemented `Clone`, you could clone the value",
            ),
        ),
        {"borrow.rs": BORROW_RS},
    ),
    Case(
        "rustc-warnings",
        "cargo build",
        needing("cargo", "cargo build --offline"),
        (),
        {**CARGO, "src/main.rs": 'fn old() {}\n\nfn main() {\n    let unused = 1;\n    println!("error: none");\n}\n'},
    ),
    Case(
        "rustc-syntax",
        "rustc",
        needing("rustc", "rustc main.rs; rustc --error-format=short main.rs"),
        (
            rust("main.rs", 2, "error", "expected expression, found `;`"),
            rust("main.rs", 2, "error", "expected expression, found `;`: expected expression"),
        ),
        {"main.rs": "fn main() {\n    let total = ;\n}\n"},
    ),
)

CART_TS = """\
import { price } from "./prices";

interface Item { name: string; price: number; tags: { colour: string } }

export function total(items: Item[]): number {
    const sum: string = items.reduce((s, i) => s + i.price, 0);
    return sum.toFixed(2) + missing;
}
total([{ name: "a", price: "3", tags: { colour: "red" } }]);
const show: (x: Item) => void = (x: { name: number }) => {};
total(
    "naïve, 日本",
    {
        name: "b",
    },
);
"""
TS = {
    "src/cart.ts": CART_TS,
    "tsconfig.json": '{ "compilerOptions": { "strict": true, "noEmit": true }, "include": ["src"] }\n',
}
TSC = "npx --yes -p typescript@5.9.3 tsc"


def ts(line: int, type_name: str, message: str, *notes: str, file: str = "src/cart.ts") -> Crash:
    """An error of the TypeScript compiler."""
    return error(file, line, message, *notes, language="javascript", layout="tsc", type_name=type_name)


TS_ERRORS = (
    ts(1, "TS2307", "Cannot find module './prices' or its corresponding type declarations."),
    ts(6, "TS2322", "Type 'number' is not assignable to type 'string'."),
    ts(7, "TS2339", "Property 'toFixed' does not exist on type 'string'."),
    ts(7, "TS2304", "Cannot find name 'missing'."),
    ts(9, "TS2322", "Type 'string' is not assignable to type 'number'."),
    ts(
        10,
        "TS2322",
        """\
Type '(x: { name: number; }) => void' is not assignable to type '(x: Item) => void'.
  Types of parameters 'x' and 'x' are incompatible.
    Type 'Item' is not assignable to type '{ name: number; }'.
      Types of property 'name' are incompatible.
        Type 'string' is not assignable to type 'number'.""",
    ),
    ts(13, "TS2554", "Expected 1 arguments, but got 2."),
)
PRICE_NOTE = "src/cart.ts:3: The expected type comes from property 'price' which is declared here on type 'Item'"
TS_PRETTY = (*TS_ERRORS[:4], ts(9, "TS2322", TS_ERRORS[4].exceptions[0].message or "", PRICE_NOTE), *TS_ERRORS[5:])
TYPESCRIPT = (
    Case("tsc", "tsc", needing("npx", f"{TSC} --pretty false"), TS_ERRORS, TS),
    Case("tsc-pretty", "tsc --pretty", needing("npx", f"{TSC} --pretty"), TS_PRETTY, TS),
    Case(
        "tsc-options",
        "tsc",
        needing("npx", f"{TSC} --bogus"),
        (
            Crash(
                (Exc("TS5023", "Unknown compiler option '--bogus'.", frames=0),),
                None,
                language="javascript",
                format="tsc",
            ),
        ),
    ),
)

CART_JAVA = """\
import java.util.List;
import com.example.Missing;

class Cart {
    int total(List<Integer> items) {
        int sum = "none";
        for (Integer item : items) { sum += item.price(); }
        return summ;
    }
    List raw = new java.util.ArrayList();
    @Override public String name() { return 1; }
    int twice() { return total(1, 2); }
}
"""


def java(file: str, line: int, message: str) -> Crash:
    """An error of javac."""
    return error(file, line, message, language="java", layout="javac")


JAVA_ERRORS = (
    java("Cart.java", 2, "package com.example does not exist"),
    java("Cart.java", 6, "incompatible types: String cannot be converted to int"),
    java(
        "Cart.java",
        7,
        "cannot find symbol\n  symbol:   method price()\n  location: variable item of type Integer",
    ),
    java("Cart.java", 8, "cannot find symbol\n  symbol:   variable summ\n  location: class Cart"),
    java("Cart.java", 11, "method does not override or implement a method from a supertype"),
    java("Cart.java", 11, "incompatible types: int cannot be converted to String"),
    java(
        "Cart.java",
        12,
        "method total in class Cart cannot be applied to given types;\n  required: List<Integer>\n"
        "  found:    int,int\n  reason: actual and formal argument lists differ in length",
    ),
)
JAVA = (
    Case("javac", "javac", needing("javac", "javac Cart.java"), JAVA_ERRORS, {"Cart.java": CART_JAVA}),
    Case("javac-lint", "javac", needing("javac", "javac -Xlint:all Cart.java"), JAVA_ERRORS, {"Cart.java": CART_JAVA}),
    Case(
        "javac-syntax",
        "javac",
        needing("javac", 'javac "$PWD/src/Shop.java"'),
        (
            java("src/Shop.java", 2, "illegal start of type"),
            java("src/Shop.java", 2, "reached end of file while parsing"),
        ),
        {"src/Shop.java": "class Shop {\n    void add( { }\n"},
    ),
    Case(
        "javac-warnings",
        "javac",
        needing("javac", "javac -Xlint:all Shop.java"),
        (),
        {"Shop.java": "class Shop {\n    java.util.List raw = new java.util.ArrayList();\n}\n"},
    ),
)

GO = {
    "go.mod": "module example.com/shop\n\ngo 1.19\n",
    "main.go": """\
package main

import "example.com/shop/cart"

func main() {
\tfmt.Println(cart.Total(nil))
}
""",
    "cart/cart.go": """\
package cart

import (
\t"fmt"
\t"os"
)

type Priced interface { Price(int) string }
type Book struct{}

var first Priced = Book{}

func Total(items []int) int {
\tvar sum string = 0
\tfor _, i := range items {
\t\tsum += price(i)
\t}
\treturn sum
}
""",
}
VET = {
    "go.mod": GO["go.mod"],
    "cart/cart.go": """\
package cart

import "fmt"

func Show(total int) {
\tfmt.Printf("%s of %d\\n", total)
\treturn
\tfmt.Println("never")
}
""",
    "cart/cart_test.go": """\
package cart

import "testing"

func TestShow(t *testing.T) {
\tShow(totalOf(1))
}
""",
}


def go(file: str, line: int, message: str) -> Crash:
    """An error of the Go toolchain."""
    return error(file, line, message, language="go", layout="go-build")


CART_GO = (
    go("cart/cart.go", 4, 'imported and not used: "fmt"'),
    go("cart/cart.go", 5, 'imported and not used: "os"'),
    go(
        "cart/cart.go",
        11,
        "cannot use Book{} (value of type Book) as type Priced in variable declaration:\n"
        "    Book does not implement Priced (missing Price method)",
    ),
    go("cart/cart.go", 14, "cannot use 0 (untyped int constant) as string value in variable declaration"),
    go("cart/cart.go", 16, "undefined: price"),
    go("cart/cart.go", 18, "cannot use sum (variable of type string) as type int in return statement"),
)
GOLANG = (
    Case("go-build", "go build", needing("go", "go build ./..."), CART_GO, GO),
    Case(
        "go-run",
        "go run",
        needing("go", "go run main.go"),
        (go("main.go", 4, "undefined: fmt"),),
        {"main.go": "package main\n\nfunc main() {\n\tfmt.Println(1)\n}\n"},
    ),
    Case(
        "go-module",
        "go build",
        needing("go", "go build ./..."),
        (
            go(
                "main.go",
                3,
                "no required module provides package example.com/nope/till; to add it:\n"
                "    go get example.com/nope/till",
            ),
        ),
        {"go.mod": GO["go.mod"], "main.go": 'package main\n\nimport _ "example.com/nope/till"\n\nfunc main() {}\n'},
    ),
    Case(
        "go-vet",
        "go vet",
        needing("go", "rm cart/cart_test.go; go vet ./..."),
        (
            go("cart/cart.go", 6, "fmt.Printf format %s has arg total of wrong type int"),
            go("cart/cart.go", 8, "unreachable code"),
        ),
        VET,
    ),
    Case(
        "go-test", "go test", needing("go", "go test ./..."), (go("cart/cart_test.go", 6, "undefined: totalOf"),), VET
    ),
)

CASES: tuple[Case, ...] = (*GCC, *RUSTC, *TYPESCRIPT, *JAVA, *GOLANG)
