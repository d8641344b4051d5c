"""What is no traceback: logs, reports, listings, source code and prose, some of which quote a word of one.

Needs the programs that ``needing`` names; the recorder says which one is missing.
"""

from __future__ import annotations

from tests.parsing.recorders.base import Case

SHOP = '''\
"""A shop.

A traceback begins with ``Traceback (most recent call last):``; this text is none.
"""

import os, sys
from typing import Any


class SoldOutError(Exception):
    """Raised: ``ValueError: nothing left``, as `  File "shop.py", line 3, in total` shows."""


def total(cart: list[int], rate=None):
    try:
        result: str = sum(cart)
    except KeyError as error:
        raise ValueError("cannot add up: %s" % error) from error
    except:
        pass
    if rate == None:
        unused = 1
    return result + undefined_name


assert total, "AssertionError: never"
print(eval("1 / 1"))
password = "hunter2"
'''
WARNING = """\
import logging
import sys
import traceback
import warnings

logging.basicConfig(format="%(levelname)s:%(name)s:%(message)s", level="DEBUG")


def total(cart):
    warnings.warn("total() is old: use sum()", DeprecationWarning, stacklevel=2)
    return sum(cart)


def main():
    open(__file__)
    total([1, 2])
    logging.info("where it is called", stack_info=True)
    traceback.print_stack()
    print("Done: 3 items", file=sys.stderr)
    logging.error("KeyError: 'price' in row 3 was put right")
    logging.warning("Error: the file shop.py, line 3, is old")


main()
"""
TESTS = """\
import unittest
import warnings

import pytest


def test_total():
    with pytest.raises(ValueError, match="price"):
        raise ValueError("price")


@pytest.mark.skip(reason="Error: never")
def test_skipped():
    raise KeyError("Traceback (most recent call last):")


@pytest.mark.parametrize("row", [1, 2, 3])
def test_rows(row):
    warnings.warn(f"row {row} is old")
    assert row


class Errors(unittest.TestCase):
    def test_error(self):
        with self.assertRaises(KeyError):
            raise KeyError("price")
"""
README = """\
# Reading tracebacks

Python prints `Traceback (most recent call last):`, then the frames (`  File "shop.py", line 3, in total`), and at
last the exception, say `KeyError: 'price'`. With `raise ... from`, you see:

The above exception was the direct cause of the following exception:

Node.js prints `TypeError: x is not a function` with lines that begin with `at`, Java `Exception in thread "main"` and
`Caused by: java.io.IOException`, Go `panic: runtime error` and `goroutine 1 [running]:`, Rust `thread 'main' panicked
at src/main.rs:3:5`. A compiler says `error: expected ';'` or error TS2322, rustc error[E0308].

> On Tuesday, Ada wrote:
> The traceback says line 12, in total, but there is no such line!
>> Traceback (most recent call last): and then nothing?

1. Look at the last line: ValueError: cannot add up
2. Look at the line above:
   File "shop.py", line 12
3. at the end (shop.py:12:5) there is the place.

## Changes

- Fix `KeyError` in `total` (#12): File "shop.py" was not closed.
- at last, `Error: no such file` says which file.
- Exception ignored in threads are counted.
"""
SHOP_JS = """\
"use strict";
// TypeError: Cannot read properties of undefined (reading 'price') is thrown
// at total (shop.js), where the price is missing.
class SoldOutError extends Error {}

function total(cart) {
  try {
    return cart.map((item) => item.price);
  } catch (error) {
    console.error("Uncaught Error: " + error.stack);
    throw new SoldOutError("nothing at all", { cause: error });
  }
}
module.exports = { total, unused: undefinedName };
"""
SHOP_JAVA = """\
import java.util.List;

/** {@code Exception in thread "main" java.lang.NullPointerException}, then {@code at Shop.total(Shop.java:3)} */
public class Shop {
    static int total(List<Integer> cart) {
        try {
            return cart.get(0);
        } catch (RuntimeException error) {
            // Caused by: java.lang.IllegalStateException: nothing at all
            throw new IllegalStateException("cannot add up: " + error.getMessage(), error);
        }
    }
}
"""
SHOP_C = """\
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    int prices[2];
    char *name = malloc(5);
    if (prices[2] = 1)
        printf("error: %d\\n", prices[3]);
    return 0;
}
"""
DOCUMENT = """\
{
  "openapi": "3.1.0",
  "paths": {
    "/cart": {
      "get": {
        "responses": {
          "500": {
            "description": "Error: see `traceback`; Exception in thread",
            "content": {
              "application/json": {
                "example": {
                  "error": "ValueError: cannot add up",
                  "traceback": null,
                  "exception": {"type": "KeyError", "message": "price", "line": 3, "file": "shop.py"}
                }
              }
            }
          }
        }
      }
    }
  }
}
"""
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  annotations:
    error: "Traceback (most recent call last): is what it prints"
spec:
  template:
    spec:
      containers:
        - name: web
          image: shop:1.2
          command: ["python", "-c", "raise SystemExit('Error: no')"]
          env:
            - name: ON_ERROR
              value: "exception: retry"
status:
  conditions:
    - type: Progressing
      reason: "Error: ImagePullBackOff"
      message: 'at shop.py:3'
"""
TABLES = """\
create table failures (id integer primary key, type text, message text, at text);
insert into failures values (1, 'KeyError', '''price''', '2026-05-01 10:00:00');
insert into failures values (2, 'ValueError', 'ValueError: cannot add up', 'File "shop.py", line 3, in total');
insert into failures values (3, 'Traceback', 'Traceback (most recent call last):', 'Exception in thread');
"""
PYTHON = {"shop.py": SHOP, "pyproject.toml": '[tool.pylint.main]\ndisable = "fixme"\n'}


def nothing(
    name: str, source: str, command: str, needs: str = "", packages: tuple[str, ...] = (), **files: str
) -> Case:
    """A text in which no traceback may be found; ``__`` in the name of a file stands for its dot."""
    missing = "".join(f"command -v {tool} >/dev/null || {{ echo {tool}; exit 127; }}; " for tool in needs.split())
    return Case(name, source, f"{missing}{{ {command}; }} 2>&1 | head -n 300", (), {**PYTHON, **named(files)}, packages)


def named(files: dict[str, str]) -> dict[str, str]:
    """Files by their names."""
    return {name.replace("__", "."): text for name, text in files.items()}


LINTERS = (
    *("mypy==1.18.2", "ruff==0.14.5", "flake8==7.3.0", "pylint==4.0.3"),
    *("bandit==1.8.6", "vulture==2.14", "black==25.11.0", "yamllint==1.37.1"),
)
CHECKERS = (
    nothing("mypy", "mypy", "mypy --strict --pretty --show-error-context shop.py; mypy shop.py", packages=LINTERS),
    nothing("ruff", "ruff", "ruff check --isolated --select ALL shop.py", packages=LINTERS),
    nothing("ruff-concise", "ruff", "ruff check --isolated --output-format concise shop.py", packages=LINTERS),
    nothing("ruff-json", "ruff", "ruff check --isolated --output-format json shop.py", packages=LINTERS),
    nothing(
        "ruff-syntax",
        "ruff",
        "echo 'def f(:' > bad.py; ruff check --isolated bad.py; ruff format bad.py",
        packages=LINTERS,
    ),
    nothing("flake8", "flake8", "flake8 --show-source shop.py", packages=LINTERS),
    nothing("pylint", "pylint", "pylint shop.py", packages=LINTERS),
    nothing("bandit", "bandit", "bandit -r shop.py", packages=LINTERS),
    nothing("vulture", "vulture", "vulture shop.py", packages=LINTERS),
    nothing("black", "black", "black --diff shop.py; black --check shop.py", packages=LINTERS),
    nothing(
        "yamllint", "yamllint", "yamllint --format parsable shop.yml", packages=LINTERS, shop__yml=MANIFEST + "a: [1\n"
    ),
    nothing(
        "shellcheck",
        "shellcheck",
        "shellcheck run.sh; shellcheck -f gcc run.sh",
        "shellcheck",
        run__sh="#!/bin/sh\nif [ $1 = x ]; then echo `ls`\n",
    ),
    nothing("cppcheck", "cppcheck", "cppcheck --enable=all shop.c", "cppcheck", shop__c=SHOP_C),
    nothing(
        "clang-tidy",
        "Clang-Tidy",
        "clang-tidy --checks='*' --warnings-as-errors='*' shop.c --",
        "clang-tidy",
        shop__c=SHOP_C,
    ),
    nothing(
        "eslint",
        "ESLint",
        'printf \'export default [{rules: {"no-undef": 2, "no-unused-vars": 1}}];\' > eslint.config.mjs; '
        ""
        "npx --yes eslint@9 shop.js",
        "npx",
        shop__js=SHOP_JS,
    ),
    nothing("compileall", "compileall", "python -m compileall shop.py; python -m pyclbr shop.py"),
)

RUNS = (
    nothing("warnings", "Python's warnings", "python -X tracemalloc=5 -W always warning.py", warning__py=WARNING),
    nothing("pytest-passed", "pytest -v", "pytest -v test_shop.py", packages=("pytest==8.4.2",), test_shop__py=TESTS),
    nothing("pytest-quiet", "pytest", "pytest -rA -q test_shop.py", packages=("pytest==8.4.2",), test_shop__py=TESTS),
    nothing(
        "pytest-collected",
        "pytest",
        "pytest --collect-only test_shop.py; pytest --fixtures",
        packages=("pytest==8.4.2",),
        test_shop__py=TESTS,
    ),
    nothing(
        "unittest-passed",
        "unittest -v",
        "python -m unittest -v test_shop.Errors",
        packages=("pytest==8.4.2",),
        test_shop__py=TESTS,
    ),
    nothing(
        "go-passed",
        "go test",
        "printf 'module shop\\n\\ngo 1.19\\n' > go.mod; go test -v ./...; go vet ./...",
        "go",
        shop_test__go=(
            'package shop\n\nimport "testing"\n\nfunc TestError(t *testing.T) {\n\tt.Log("panic: none at all")\n'
            '\tt.Skip("error: never")\n}\n'
        ),
    ),
    nothing(
        "cargo-passed",
        "cargo test",
        "cargo init --name shop --vcs none; cargo test --offline; cargo build --offline",
        "cargo",
    ),
    nothing(
        "node-passed",
        "node --test",
        "node --test test.mjs",
        "node",
        test__mjs=(
            'import test from "node:test";\nimport assert from "node:assert";\n\n'
            'test("throws TypeError: at once", () => assert.throws(() => null.x, TypeError));\n'
        ),
    ),
)

BUILDS = (
    nothing(
        "pip-install",
        "pip",
        "pip install --progress-bar on six==1.17.0; pip install six==99.0",
        packages=("wheel",),
    ),
    nothing(
        "pip-check", "pip", "pip list; pip show pip; pip check; pip uninstall none; pip --none", packages=("wheel",)
    ),
    nothing("npm-install", "npm", "npm init --yes; npm install left-pad@1.3.0; npm run nothing; npm ls", "npm"),
    nothing(
        "cargo-build",
        "cargo",
        "cargo init --name shop --vcs none; cargo build; cargo clippy; cargo run; cargo build --bin none",
        "cargo",
    ),
    nothing(
        "make",
        "make",
        "printf 'all: shop\\nshop: shop.c\\n\\tfalse\\n' > Makefile; make; touch shop.c; make -k",
        "make",
    ),
    nothing("docker-build", "docker build", "docker build . ; docker run --help | head -40", "docker"),
    nothing("maven", "Maven", "mvn --offline compile", "mvn"),
)

GIT = (
    "git init --quiet --initial-branch main; git config user.name Ada; git config user.email ada@example.com; "
    "git add shop.py; git commit --quiet --message 'Fix KeyError: no price in Traceback (most recent call last):'; "
    "sed -i 's/KeyError/ValueError/; 3d' shop.py;"
)
TOOLS = (
    nothing("git-diff", "git diff", f"{GIT} git diff; git diff --word-diff; git diff --stat", "git"),
    nothing(
        "git-log", "git log -p", f"{GIT} git log -p; git log --stat; git show HEAD | head -20; git blame shop.py", "git"
    ),
    nothing(
        "git-grep",
        "git grep",
        f"{GIT} git grep -n Traceback; grep -rn File . --include=*.py; git status; git push",
        "git",
    ),
    nothing(
        "git-conflict",
        "git merge",
        f"{GIT} git switch --quiet --create new; git commit --quiet --all --message new; git switch main; "
        f"sed -i 's/KeyError/TypeError/' shop.py; git commit --all --message main; git merge new; git diff; "
        f"cat shop.py",
        "git",
    ),
    nothing("strace", "strace", "strace cat shop.py none", "strace"),
    nothing(
        "sqlite",
        "sqlite3 .dump",
        "sqlite3 shop.db < tables.sql; sqlite3 shop.db .dump; "
        "sqlite3 -header -box shop.db 'select * from failures'; sqlite3 shop.db 'select * from none'",
        "sqlite3",
        tables__sql=TABLES,
    ),
    nothing("help", "--help", "python --help; git -h; gcc --help; cargo --help; pip --help", "git gcc cargo"),
    nothing("help-kubectl", "--help", "kubectl --help; kubectl logs --help; kubectl get pods", "kubectl"),
    nothing("man", "man", "man git-bisect | head -200", "man"),
    nothing("pydoc", "pydoc", "python -m pydoc traceback | tail -n 250"),
    nothing("pydoc-exceptions", "pydoc", "python -m pydoc builtins | head -n 300"),
    nothing("curl", "curl -v", "curl -v http://127.0.0.1:9/none; curl --help all | head -80", "curl"),
    nothing(
        "system",
        "system tools",
        "ls -la; ls none; env -i sh -c set; diff -u shop.py pyproject.toml; cat none; wc shop.py; file none",
    ),
)
SOURCES = (
    nothing("source-python", "Python", "cat shop.py warning.py test_shop.py", warning__py=WARNING, test_shop__py=TESTS),
    nothing("source-library", "Python", "cat \"$(python -c 'import traceback; print(traceback.__file__)')\""),
    nothing("source-logging", "Python", "cat \"$(python -c 'import logging; print(logging.__file__)')\""),
    nothing("source-javascript", "JavaScript", "cat shop.js", shop__js=SHOP_JS),
    nothing("source-java", "Java", "cat Shop.java", Shop__java=SHOP_JAVA),
    nothing("source-c", "C", "cat shop.c", shop__c=SHOP_C),
    nothing("prose", "prose", "cat README.md", README__md=README),
    nothing(
        "prose-quoted",
        "prose",
        "sed 's/^/> /' README.md; sed 's/^/    /' README.md; sed 's/^/[web] /' README.md",
        README__md=README,
    ),
    nothing(
        "json",
        "JSON",
        "cat api.json; python -c 'import json; print(json.dumps(json.load(open(\"api.json\"))))'",
        api__json=DOCUMENT,
    ),
    nothing("yaml", "YAML", "cat shop.yml", shop__yml=MANIFEST),
)

SERVERS = (
    nothing(
        "http-server",
        "http.server",
        "python -m http.server 8911 --bind 127.0.0.1 & sleep 1; "
        "curl -s -o none 'http://127.0.0.1:8911/shop.py'; curl -s -o none http://127.0.0.1:8911/Traceback; "
        "curl -s -X POST -o none http://127.0.0.1:8911/; kill $!",
        "curl",
    ),
    nothing(
        "uvicorn",
        "uvicorn",
        "uvicorn app:app --port 8912 & sleep 3; "
        "curl -s -o none 'http://127.0.0.1:8912/?error=ValueError:%20no'; kill $!; wait",
        "curl",
        packages=("uvicorn==0.38.0",),
        app__py=(
            'async def app(scope, receive, send):\n    if scope["type"] == "lifespan":\n'
            "        raise NotImplementedError\n"
            '    await send({"type": "http.response.start", "status": 500, "headers": []})\n'
            '    await send({"type": "http.response.body", "body": b"Error: no"})\n'
        ),
    ),
    nothing(
        "gunicorn",
        "gunicorn",
        "gunicorn --bind 127.0.0.1:8913 --log-level debug --access-logfile - app:app & sleep 3; "
        "curl -s -o none http://127.0.0.1:8913/error; kill $!; wait",
        "curl",
        packages=("gunicorn==23.0.0",),
        app__py=(
            'def app(environ, start_response):\n    start_response("500 Error: no", [])\n    return [b"KeyError"]\n'
        ),
    ),
    nothing(
        "nginx",
        "nginx",
        'printf "daemon off; master_process off; pid $PWD/pid; error_log /dev/stdout info; '
        "events {} http { access_log /dev/stdout; "
        'server { listen 127.0.0.1:8914; location /up { proxy_pass http://127.0.0.1:9; } } }" > nginx.conf; '
        'nginx -p "$PWD" -c "$PWD/nginx.conf" > log 2>&1 & sleep 1; curl -s -o none http://127.0.0.1:8914/up; '
        "curl -s -o none http://127.0.0.1:8914/Traceback; kill $!; wait; grep -v OS: log; nginx -t -c none",
        "nginx curl",
    ),
    nothing(
        "redis",
        "Redis",
        "redis-server --port 8915 --save '' & sleep 1; kill $!; wait; redis-server --port x",
        "redis-server",
    ),
    nothing(
        "postgres",
        "PostgreSQL",
        'PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin | tail -1)"; D=$(mktemp -d); chown postgres "$D"; '
        '{ runuser -u postgres -- initdb --no-sync -D "$D" | tail -n 3; '
        'runuser -u postgres -- postgres -D "$D" -p 8916 -k "$D" -c log_statement=all & sleep 3; '
        "psql -h \"$D\" -p 8916 -U postgres -c 'create table t (at text);' -c 'select error from t' -c 'select 1 / 0' "
        "-c 'do $$ begin raise exception $e$ValueError: no$e$; end $$' postgres; "
        'kill $!; wait; rm -r "$D"; } 2>&1 | sed "s#$D#/var/lib/postgresql#"',
        "psql runuser",
    ),
    nothing(
        "logging",
        "logging",
        "python log.py",
        log__py="""\
import logging, json

for form in ("%(asctime)s %(levelname)s %(message)s", "[%(levelname)s] (%(filename)s:%(lineno)d) %(message)s"):
    logging.basicConfig(format=form, level="DEBUG", force=True)
    for message in (
        "ValueError: cannot add up",
        "error: expected 3 items",
        "Exception: retrying at 10:00 (shop.py:12)",
        "Caused by: a slow disk",
        "    at the beginning of the month",
        'File "shop.py", line 3 was changed',
        "panic: not yet",
        "Traceback (most recent call last): was not printed",
        "Uncaught (in promise) TypeError: no",
        "stack trace: none",
        "Unhandled exception: none",
        "goroutine 1 is fine",
        "thread 'main' panicked: no",
        "fatal error: none",
        "PHP Fatal error: never",
        "   --> shop.py:3",
        "error[E0308] is documented",
        "cart.c:12: error: in the till",
        "retry=3 at=shop.py:3:5 in=total",
        "___ test_total ___",
        "FAILED test_shop.py::test_total - KeyError",
    ):
        logging.error(message)
        logging.info(json.dumps({"message": message, "exc_info": None, "level": "error", "at": "shop.py:3"}))
""",
    ),
    # https://github.com/kubernetes/klog : the header of a line.
    nothing(
        "kubernetes",
        "klog",
        "cat klog.txt",
        klog__txt="""\
I0501 10:00:00.123456       1 server.go:150] "Starting kubelet" version="v1.33.1"
W0501 10:00:01.123456       1 reflector.go:561] informers/factory.go:160: failed to list *v1.Node: forbidden
E0501 10:00:02.123456       1 kubelet.go:2412] "Skipping pod synchronization" err="[container runtime status check may \
not have completed yet, PLEG is not healthy: pleg has yet to be successful]"
E0501 10:00:03.123456       1 pod_workers.go:1301] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" \
for \\"web\\" with CrashLoopBackOff: \\"back-off 5m0s restarting failed container=web\\"" pod="shop/web-7d9f8b6c5-x2x9z"
F0501 10:00:04.123456       1 main.go:42] error: cannot bind to :8080: address already in use
""",
    ),
    # https://www.freedesktop.org/software/systemd/man/journalctl.html
    nothing(
        "journal",
        "journalctl",
        "cat journal.txt",
        journal__txt="""\
May 01 09:59:58 ada-laptop kernel: BUG: unable to handle page fault for address: ffff8881
May 01 09:59:58 ada-laptop kernel: EXT4-fs error (device sda1): ext4_lookup:1855: inode #2: deleted inode referenced
May 01 09:59:58 ada-laptop systemd[1]: shop.service: Main process exited, code=exited, status=1/FAILURE
May 01 09:59:58 ada-laptop systemd[1]: shop.service: Failed with result 'exit-code'.
May 01 09:59:59 ada-laptop systemd-coredump[900]: Process 812 (python3) of user 1000 dumped core.
May 01 10:00:00 ada-laptop dbus-daemon[700]: [system] Activation via systemd failed for unit 'dbus-org.service'.
May 01 10:00:01 ada-laptop sshd[1404]: error: kex_exchange_identification: Connection closed by remote host
May 01 10:00:02 ada-laptop gnome-shell[1500]: JS ERROR: TypeError: this._window is null
May 01 10:00:03 ada-laptop python3[812]: Error: no price in row 3
""",
    ),
)

CASES: tuple[Case, ...] = (*CHECKERS, *RUNS, *BUILDS, *TOOLS, *SOURCES, *SERVERS)
