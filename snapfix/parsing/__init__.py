"""Text in, tracebacks out. To read another layout: write one module, add one line to ``FORMATS``."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from snapfix.crash import ParsedException, Traceback
from snapfix.parsing import embedded, records
from snapfix.parsing.base import Format, Layout
from snapfix.parsing.lines import Lines, Text
from snapfix.parsing.prefixes import View, view
from snapfix.parsing.search import Finder

FORMATS: tuple[Format, ...] = (
    Format(
        "faulthandler",
        "faulthandler",
        ("Fatal Python error: ", "Windows fatal exception: ", " (most recent call first):"),
    ),
    Format("structlog", "structured", ("exc_type",)),
    Format("sentry", "structured", ('stacktrace": {', 'stacktrace":{')),
    Format("ecs", "structured", ("stack_trace",)),
    Format("rustc", "rustc", ("error[E", " --> ", ": error: ")),
    Format("tsc", "tsc", ("error TS",)),
    Format("javac", "javac", (": error: ",)),
    Format("gcc", "gcc", (": error: ", ": fatal error: ", ": internal compiler error: ", ": undefined reference to ")),
    Format("go-build", "go_build", (".go:",)),
    Format("go", "golang", ("panic: ", "fatal error: ", "goroutine ", " +0x")),
    Format(
        "ipython",
        "ipython",
        (
            " Traceback (most recent call last)",
            "Cell In[",
            "Input In [",
            "<ipython-input-",
            "---> ",
            "  File /",
            "  File ~",
            "  File C:",
            "  File c:",
        ),
    ),
    Format("doctest", "doctest_report", ("Failed example:", "_ [doctest] "), listed=True),
    Format(
        "pytest",
        "pytest_report",
        (
            *("___ ", "_ test", "_ Test", "_ ERROR ", "E   "),
            *("= FAILURES =", "= short test summary info =", "loading conftest '"),
        ),
        listed=True,
    ),
    Format("go-test", "golang_tests", ("--- FAIL: ", "_test.go:")),
    Format("rich", "rich_panel", ("─ Traceback (most rec", "- Traceback (most recent call last) -", "│ ❱ ")),
    Format("stackprinter", "stackprinter", ('File "',)),
    Format("pretty_errors", "pretty_errors", ("-" * 40, "=" * 40, "*" * 40)),
    Format("loguru", "loguru", ("Traceback (most recent call last):", '> File "')),
    Format("better_exceptions", "better_exceptions", ("Traceback (most recent call last):",)),
    Format(
        "ruby",
        "ruby",
        (":in `", ":in '", "Failure/Error:", "#test_", ": syntax error", "ruby: No such file or directory -- "),
    ),
    Format("java", "java", ('Exception in thread "', "\tat ", "    at ", "\\n\\tat ")),
    Format("rust", "rust", (" panicked at ", " has overflowed its stack", "stack backtrace:", "             at ")),
    Format("jest", "jest", ("● ",)),
    Format("vitest", "vitest", (" FAIL  ", "⎯ Unhandled ")),
    Format("node-test", "node_tap", ("stack: |-",)),
    Format("node", "node", ("\\n    at ", "    at ", "Node.js v", "[Error: ", "[AggregateError: ")),
    Format(
        "php",
        "php",
        ("Fatal error: ", "fatal error:  ", "Parse error: ", "rror</b>: ", "Stack trace:", "[object] (", "::test"),
    ),
    Format("rust-error", "rust_errors", ("Caused by:", "Location:", "Stack backtrace:", " stdout ----")),
    Format(
        "dotnet",
        "dotnet",
        ("  at ", "Unhandled exception. ", "Unhandled Exception: ", "Process terminated. ", "Stack overflow."),
    ),
    Format(
        "perl",
        "perl",
        (
            *(".pl line ", ".pm line ", ".t line ", ".cgi line ", ".psgi line ", " at -e line ", " at (eval "),
            *(" called at ", "Died at ", "Can't locate ", "BEGIN failed--", "Can't call method ", "syntax error at "),
            *("Undefined subroutine &", "Illegal division by zero at "),
        ),
    ),
    Format("perl-test", "perl_tests", ("#   Failed test",)),
    Format("cpython", "cpython", ("Traceback (most recent call last):", '  File "', "+-+---------------- 1 ---")),
)
"""The layouts that are read, the more particular first."""

# fmt: off
_NEEDLES = (
    "(most rec", 'File "', "File /", "File ~", "File C:", "File c:", "rror: ", "rror[E", "rror TS", "rror</b>",
    "Windows fat", "exc_type", 'ktrace":', "k_trace", "k backtrace:", "k trace:", "--> ", ".go:", "panic",
    "goroutine ", " +0x", "Cell In[", "put In [", "<ipython-in", "Failed example", "Failure/Err",
    "  Failed test", "GIN failed--", "_ [doct", "___ ", "_ test", "_ Test", "_ ERROR ", "E   ", "= FAILURES =",
    "summary info =", "nftest '", "FAIL: ", " FAIL  ", "│ ❱ ", "------------------------",
    "========================", "************************", ":in `", ":in '", "#test_", "::test", "yntax error",
    "uby: No such", 'n thread "', "\tat ", "\\tat ", "  at ", "rflowed its", "● ", "Unhandled ", "Node.js v",
    "[Aggr", "[object] (", "Caused by:", "Location:", "stdout ----", "rminated. ", "k overflow.", ".pl line ",
    ".pm line ", ".t line ", ".cgi line ", ".psgi line ", "-e line ", "(eval ", "called at ", "Died at ",
    "n't locate ", "n't call method", "Undefined sub", "Illegal div", "+-+---", "undefined ref",
)
# fmt: on
"""What is looked for in place of the markers that hold one of these; see ``Finder``."""
_FINDER = Finder((marker for form in FORMATS for marker in form.markers), _NEEDLES)
_DEEPEST = 3
"""How often a text may have been escaped: a log record inside another's message."""
_LONGEST_KNOWN = 200
"""Characters of a line that is remembered."""


def scan(blocks: Iterable[str | bytes], origin: str = "") -> Iterator[Traceback]:
    """Find every traceback of a text, in one pass, in time linear in its length and in bounded memory.

    Args:
        blocks: the text, each block one or more whole lines, as text or in UTF-8 (see ``intake.read``). It is read
            only as far as the next traceback needs: the end of a message is certain only when something else was
            printed, so the last traceback of a text is yielded when the text ends. An empty block says that nothing
            arrived for a while: a traceback that seems complete is yielded then.
        origin: where it comes from, for display.

    Yields:
        Each traceback as soon as it is complete. What a text cut off, or what was left out of an enormous one,
        is named in ``missing``. A traceback that ends before its exception has a ``type_name`` of ``""``.
    """
    for traceback in _scan(Lines(blocks, _FINDER), 0):
        yield replace(traceback, origin=origin) if origin else traceback


@lru_cache(maxsize=256)
def _candidates(found: frozenset[int]) -> tuple[Format, ...]:
    """The layouts of which a line may hold a marker in which these needles were found."""
    possible = {marker for needle in found for marker in _FINDER.markers_at(needle)}
    return tuple(form for form in FORMATS if not possible.isdisjoint(form.markers))


def _find_layouts(line: str, needles: frozenset[int]) -> Iterator[tuple[Format, int]]:
    """The layouts of which a traceback may begin in the line or near it, and at which column their text begins."""
    for form in _candidates(needles):
        if any(marker in line for marker in form.markers):
            column = form.load().begins(line)
            if column is not None:
                yield form, column


@lru_cache(maxsize=512)
def _layouts(line: str, needles: frozenset[int]) -> tuple[tuple[Format, int], ...]:
    """The same, remembered: a log repeats the lines in which its tracebacks begin."""
    return tuple(_find_layouts(line, needles))


def _scan(lines: Lines, depth: int) -> Iterator[Traceback]:
    while True:
        while lines.seek():
            yield from _read(lines, depth)
        if lines.ended:
            return
        lines.resume()


def _read(lines: Lines, depth: int) -> Iterator[Traceback]:
    start = lines.number
    lines.pin()
    unwrapped = records.view(lines, _markers_in) or lines
    line = unwrapped.peek() or ""
    if depth < _DEEPEST and (strings := embedded.list_around(lines)):
        yield from _inside_list(lines, strings, depth)
        return
    found = list(_inside(line, start, depth)) if depth < _DEEPEST else []
    if found:
        lines.skip()
        lines.forget()
        yield from found
        return
    views: dict[int, Text] = {}
    needles = frozenset(lines.needles() if unwrapped is lines else range(len(_FINDER.needles)))
    for form, column in _layouts(line, needles) if len(line) <= _LONGEST_KNOWN else _find_layouts(line, needles):
        if column not in views:
            views[column] = view(unwrapped, column, in_block=lines.in_block)
        found_any = yield from _read_listed(lines, views[column], form.load(), listed=form.listed)
        if found_any or lines.number > start:
            return
    lines.skip(start - lines.number + 1)


def _read_listed(lines: Lines, text: Text, layout: Layout, *, listed: bool) -> Generator[Traceback, None, bool]:
    """The traceback at the cursor, and in a list those directly below it; returns whether there is any."""
    found_any = False
    start = lines.number
    while (traceback := layout.read(text)) is not None:
        if lines.number == start:
            lines.skip()  # whatever was read, it is not read twice
        if lines.paused and _is_unfinished(traceback) and lines.reread():
            lines.resume()
            return True
        foreign = text.foreign if isinstance(text, View) else []
        lines.in_block = isinstance(text, View) and text.fenced
        if foreign:
            lines.put_back(foreign)
        lines.forget()
        yield traceback
        found_any = True
        if foreign or not listed:
            break
        start = lines.number
        lines.pin()
    return found_any


def _inside(line: str, number: int, depth: int) -> Iterator[Traceback]:
    """The tracebacks in the strings of the line, which all stand in this one line."""
    if not embedded.may_be_escaped(line):
        return
    columns = sorted(line.find(marker) for marker in _FINDER.markers if marker in line)
    if not columns or not embedded.is_escaped(line, columns[0]):
        return
    seen: set[ParsedException] = set()  # a record may quote the same traceback in several fields
    for text in embedded.texts(line, columns):
        begins_here = line.startswith(text.partition("\n")[0])
        for traceback in _scan(Lines([text], _FINDER), depth + 1) if _markers_in(text) else ():
            if begins_here and traceback.last_line == 1:
                continue  # it is the line itself, which quotes something: `cart.c:3:5: error: no such text: "a\nb"`
            if traceback.exception not in seen:
                seen.add(traceback.exception)
                yield replace(traceback, first_line=number, last_line=number)


def _inside_list(lines: Lines, strings: embedded.StringList, depth: int) -> Iterator[Traceback]:
    """The tracebacks in the list of strings around the current line, which all stand in its lines."""
    first = lines.number - strings.above
    lines.skip(strings.rest)
    lines.forget()
    for traceback in _scan(Lines([strings.text], _FINDER), depth + 1):
        yield replace(traceback, first_line=first, last_line=lines.number - 1)


def _markers_in(text: str) -> int:
    return len(_FINDER.find(text.encode("utf-8", "replace")))


def _is_unfinished(traceback: Traceback) -> bool:
    """Its exception is still to come."""
    return not traceback.exception.type_name
