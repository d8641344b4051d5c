"""Errors of the Go toolchain (1.12 to 1.25): ``go build``, ``go vet``, ``go test``.

The layout, from ``cmd/compile`` and ``go/types``::

    # example.com/shop/cart                        the package, from the go command
    cart/cart.go:18:11: cannot use T{} (value of type T) as type I in variable declaration:
            T does not implement I (missing Foo method)          with a tab
    vet: cart/cart.go:2:8: expected ')', found 'EOF'

Each error is a crash of its own. Programs log, and linters print, ``cart.go:18:11: ...`` too: without the package's
name above it, such a line is read only where its words are the compiler's.
"""

from __future__ import annotations

import re

from snapfix.crash import Traceback
from snapfix.parsing.compilers.compiled import Failure, path_start, place_in
from snapfix.parsing.text.bounds import LONGEST_LINE
from snapfix.parsing.text.lines import Text

_ERROR = re.compile(
    r"(?P<vet>vet: )?(?P<place>(?:[A-Za-z]:)?[^:]{0,1000}[^:\\]\.go:\d{1,9}:\d{1,9}): (?P<message>\S.*)$"
)
_LINTER = re.compile(r" \((?:[a-z]{2,30}|[A-Z]{1,3}\d{4})\)$")
_PACKAGE = re.compile(r"# [^\s]{1,500}(?: \[[^\]]{1,500}\])?$")
_COMPILER = re.compile(
    r"undefined: |syntax error: |expected |missing return|no required module provides |missing go\.sum entry"
    r"|cannot (?:use|convert|assign|find package|range|infer|call|refer to) |import cycle|invalid |mismatched types "
    r"|assignment mismatch: |non-boolean |(?:not enough|too many) (?:arguments|return values) "
    r'|package \S{1,200} is not in |(?:"[^"]{1,500}" )?imported and not used|declared (?:and|but) not used'
    r"|\S{1,200} (?:declared (?:and|but) not used|redeclared in this block|undefined \(|is not a type)"
)


def begins(line: str) -> int | None:
    """Where the path begins that an error names; see ``Layout.begins``."""
    end = line.find(".go:", 0, LONGEST_LINE)
    if end < 0:
        return None
    start = path_start(line, end)
    if start is None:
        return None
    if line[:start].endswith("vet: "):
        start -= len("vet: ")
    return start if _ERROR.match(line[start:LONGEST_LINE]) else None


def read(lines: Text) -> Traceback | None:
    """Read the error at the cursor; see ``Layout.read``."""
    match = _ERROR.match((lines.peek() or "")[:LONGEST_LINE])
    place = place_in(match["place"]) if match else None
    if match is None or place is None or _LINTER.search(match["message"]):
        return None
    above = lines.before(1)
    headed = bool(above) and _PACKAGE.match(above[0]) is not None
    if not (headed or match["vet"] or _COMPILER.match(match["message"]) or _follows_another(lines)):
        return None
    lines.back(1 if headed else 0)
    failure = Failure(lines, "error")
    failure.say(match["message"])
    failure.take(lines, 2 if headed else 1)
    while (below := lines.peek()) is not None and below.startswith("\t"):
        failure.say(below.expandtabs(4))
        failure.take(lines)
    failure.frames = [place]
    return failure.finish("go", "go-build")


def _follows_another(lines: Text) -> bool:
    """The line before was read already: it is another error's, and the package's name stood above that."""
    return lines.number > 1 and not lines.before(1)
