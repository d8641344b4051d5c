"""Crashes of other languages: shown with their own code, and nothing of Python's said about them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from snapfix.crash import CrashContext
from snapfix.diagnosis import Confidence
from snapfix.parsing import scan
from snapfix.rules import analyse
from snapfix.source import collect, with_pieces

NODE = """\
/srv/shop/cart.js:3
  for (const item of cart.items) {
                          ^

TypeError: cart.items is not iterable
    at total (/srv/shop/cart.js:3:27)
    at main (/srv/shop/node_modules/runner/index.js:5:15)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)

Node.js v22.12.0
"""
CART = "function total(cart) {\n  let sum = 0;\n  for (const item of cart.items) {\n    sum += item;\n  }\n}\n"
JAVA = """\
Exception in thread "main" java.lang.RuntimeException: failed
\tat com.shop.Main.main(Main.java:9)
Caused by: java.lang.ArithmeticException: / by zero
\tat com.shop.Cart.mean(Cart.java:2)
\tat com.shop.Main.main(Main.java:7)
"""
C = """\
cart.c:2:5: error: use of undeclared identifier 'summ'; did you mean 'sum'?
    2 |     summ += 1;
      |     ^
"""


def context(text: str, project: Path, files: dict[str, str]) -> CrashContext:
    for name, content in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(content)
    (traceback,) = scan([text])
    found = collect(traceback, project_root=str(project), working_directory=str(project))
    return with_pieces(found, clock=time.thread_time)


def test_an_error_of_the_same_name_is_not_taken_for_pythons(tmp_path):
    diagnosis = analyse(context(NODE, tmp_path, {"cart.js": CART}))
    assert diagnosis.confidence is Confidence.UNSURE
    assert "JavaScript" in diagnosis.root_cause
    assert "type()" not in f"{diagnosis.error_analysis} {diagnosis.fix}"


def test_the_place_is_found_in_the_project_and_its_code_is_shown(tmp_path):
    found = context(NODE, tmp_path, {"cart.js": CART, "node_modules/runner/index.js": "main()\n" * 9})
    diagnosis = analyse(found)
    assert diagnosis.location is not None
    assert (diagnosis.location.file, diagnosis.location.line) == ("cart.js", 3)
    assert any("for (const item of cart.items)" in text for piece in found.pieces for _, text in piece.lines)
    assert [frame.in_app for frame in found.crash.frames] == [False, False, True]


def test_a_java_file_is_found_by_its_name_and_the_first_cause_is_spoken_of(tmp_path):
    source = "class Cart {\n  static int mean() { return 1 / 0; }\n}\n"
    found = context(JAVA, tmp_path, {"src/main/java/com/shop/Cart.java": source})
    diagnosis = analyse(found)
    assert diagnosis.location is not None
    assert diagnosis.location.file == "src/main/java/com/shop/Cart.java"
    assert "`java.lang.ArithmeticException: / by zero`" in diagnosis.error_analysis


def test_what_a_compiler_asks_is_passed_on(tmp_path):
    diagnosis = analyse(context(C, tmp_path, {"cart.c": "int f(void) {\n    summ += 1;\n}\n"}))
    assert diagnosis.fix is not None
    assert "Did you mean 'sum'?" in diagnosis.fix.summary


@pytest.mark.parametrize("name", [".env", "id_rsa", "secrets.json"])
def test_a_file_that_is_no_source_code_is_not_shown(tmp_path, name):
    text = NODE.replace("/srv/shop/cart.js", f"/srv/shop/{name}")
    found = context(text, tmp_path, {name: "TOKEN=1\nTOKEN=2\nTOKEN=3\n"})
    assert not any("TOKEN" in line for piece in found.pieces for _, line in piece.lines)
