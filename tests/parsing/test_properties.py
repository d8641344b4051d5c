"""What holds for every traceback and for every text."""

from __future__ import annotations

import io
import sys
import traceback as printing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapfix import intake
from snapfix.crash import Frame, ParsedException, Relation, Traceback, format_traceback
from snapfix.parsing import scan

PROFILE = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

# Characters at which `str.splitlines`, but no terminal, begins a new line: `traceback` puts a group's margin there.
LINE_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
PRINTABLE = st.characters(blacklist_categories=("Cs",), blacklist_characters=LINE_BREAKS + "\x1b")
WORDS = st.text(PRINTABLE, max_size=30)
IDENTIFIERS = st.from_regex(r"[A-Za-zäöü_][A-Za-z0-9_]{0,12}", fullmatch=True)


def closed(text: str) -> bool:
    """Nothing in a message's line announces another line."""
    return not any(character in "([{)]}\"'`" for character in text) and not text.rstrip().endswith((":", ",", '"""'))


MESSAGES = WORDS.filter(lambda text: closed(text) and text.strip() and "Traceback" not in text)
NOTES = MESSAGES.filter(lambda text: not text[0].isspace()).map(lambda text: "note " + text)
TYPE_NAMES = st.builds(
    lambda modules, name: ".".join([*modules, name.title() + "Error"]), st.lists(IDENTIFIERS, max_size=2), IDENTIFIERS
)
FILE_NAMES = st.text(PRINTABLE, min_size=1, max_size=40).filter(lambda name: name.strip())
FUNCTIONS = IDENTIFIERS | st.sampled_from(["<module>", "<lambda>", "<listcomp>", "Cart.total", "f.<locals>.g"])
CODE = st.lists(st.from_regex(r"[a-z(][a-z0-9 =+.()äß]{0,30}", fullmatch=True), max_size=3).map("\n".join)
FRAMES = st.builds(
    Frame, FILE_NAMES, st.integers(1, 10**6), FUNCTIONS, CODE, st.none(), st.sampled_from([0, 0, 0, 1, 997])
)


def exceptions(depth: int) -> st.SearchStrategy[ParsedException]:
    frames = st.lists(FRAMES, max_size=3).map(tuple)
    notes = st.lists(NOTES, max_size=2).map(tuple)
    alone = st.builds(ParsedException, TYPE_NAMES, MESSAGES, notes, frames)
    if depth == 0:
        return alone
    return st.builds(linked, alone, st.none() | exceptions(depth - 1), st.lists(exceptions(depth - 1), max_size=3))


def linked(
    exception: ParsedException, previous: ParsedException | None, members: list[ParsedException]
) -> ParsedException:
    relation = Relation.CAUSE if len(members) % 2 else Relation.CONTEXT
    before = (replace(previous, relation=relation),) if previous else ()
    return replace(exception, linked=(*before, *(replace(member, relation=Relation.MEMBER) for member in members)))


def with_frames(exception: ParsedException) -> ParsedException:
    """The root has a stack, without which a text holds no traceback; its notes cannot be told from output."""
    frames = exception.frames or (Frame("a.py", 1, "f"),)
    return replace(exception, frames=frames, notes=exception.notes if exception.members else ())


ROOTS = exceptions(3).map(with_frames)


@PROFILE
@given(ROOTS, st.integers(0, 3), st.sampled_from(["", "2024-05-01 10:00:00 INFO done\n", "\n\nbye\n"]))
def test_reading_undoes_printing(root, lines_before, after):
    first = lines_before + 1
    text = "before\n" * lines_before + format_traceback(Traceback("python", "cpython", 1, 1, root)) + "\n"
    last = text.count("\n")
    (found,) = scan([text + after], "origin")
    assert found == Traceback("python", "cpython", first, last, root, origin="origin")


class Printed(Exception):
    __module__ = "shop.errors"


def raised(error: BaseException, code: str, name: str) -> BaseException:
    """The exception after it was raised in a function of a file called ``name``."""
    scope: dict[str, Any] = {"error": error}
    exec(compile(f"def run():\n    {code}\n", name, "exec"), scope)
    try:
        scope["run"]()
    except BaseException as caught:
        return caught
    raise AssertionError("nothing was raised")


def trees(depth: int) -> st.SearchStrategy[BaseException]:
    leaf = st.builds(
        lambda kind, message, name, ever: raised(kind(message), "raise error", name) if ever else kind(message),
        st.sampled_from([ValueError, OSError, Printed]),
        MESSAGES,
        FILE_NAMES.filter(lambda name: "\0" not in name),
        st.booleans(),
    )
    if depth == 0:
        return leaf
    group = st.builds(
        lambda members, message: raised(ExceptionGroup(message, members), "raise error", "group.py"),
        st.lists(trees(depth - 1), min_size=1, max_size=3),
        MESSAGES,
    )
    return st.builds(chained, leaf | group, trees(depth - 1) | st.none(), st.booleans(), st.lists(NOTES, max_size=2))


def chained(error: BaseException, previous: BaseException | None, as_cause: bool, notes: list[str]) -> BaseException:
    if previous is not None and as_cause:
        error.__cause__ = previous
    elif previous is not None:
        error.__context__ = previous
    for note in notes:
        error.add_note(note)
    return error


def stated(error: BaseException, relation: Relation | None = None) -> ParsedException:
    """What the interpreter knows of an exception, in the words of ``ParsedException``."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    stack = printing.extract_tb(error.__traceback__)
    links = []
    if error.__cause__ is not None:
        links.append(stated(error.__cause__, Relation.CAUSE))
    elif error.__context__ is not None:
        links.append(stated(error.__context__, Relation.CONTEXT))
    links += [stated(member, Relation.MEMBER) for member in getattr(error, "exceptions", ())]
    frames = tuple(Frame(entry.filename, entry.lineno, entry.name, entry.line or "") for entry in stack)
    return ParsedException(name, str(error), tuple(getattr(error, "__notes__", ())), frames, relation, tuple(links))


def without_columns(exception: ParsedException) -> ParsedException:
    frames = tuple(replace(frame, columns=None) for frame in exception.frames)
    return replace(exception, frames=frames, linked=tuple(map(without_columns, exception.linked)))


@PROFILE
@given(trees(2))
def test_reads_what_the_traceback_module_prints(tree):
    root = raised(tree, "raise error", "main.py") if not tree.__traceback__ else tree
    text = "".join(printing.TracebackException.from_exception(root).format())
    (found,) = scan([text])
    expected = stated(root)
    if not expected.members:
        assert found.following == expected.notes
        expected = replace(expected, notes=())
    assert without_columns(found.exception) == expected
    assert found.missing == ()


FRAGMENTS = st.sampled_from(
    [
        "Traceback (most recent call last):",
        "  + Exception Group Traceback (most recent call last):",
        "  | Exception Group Traceback (most recent call last):",
        '  File "a.py", line 1, in f',
        '  |   File "a.py", line 1, in f',
        '  File "a.py", line 1',
        "    code()",
        "    ~~~^^^",
        "  [Previous line repeated 3 more times]",
        "ValueError: x",
        "ValueError: x:",
        "ValueError: (",
        "multiprocessing.pool.RemoteTraceback: ",
        '"""',
        "  | ExceptionGroup: g (1 sub-exception)",
        "  +-+---------------- 1 ----------------",
        "    | ValueError: x",
        "    +---------------- 2 ----------------",
        "    +-+---------------- 1 ----------------",
        "    | and 3 more exceptions",
        "    | ... (max_group_depth is 10)",
        "    +------------------------------------",
        "The above exception was the direct cause of the following exception:",
        "During handling of the above exception, another exception occurred:",
        "    | During handling of the above exception, another exception occurred:",
        "",
        "    | ",
        "\x1b[31mred\x1b[0m",
        "10%\r50%",
        "output",
        "    Traceback (most recent call last):",
        '      File "a.py", line 1, in f',
    ]
)
BROKEN_TEXTS = st.lists(FRAGMENTS | WORDS, max_size=40).map("\n".join)


def problems(found: list[Traceback], lines: int) -> list[Traceback]:
    end = 0
    wrong = []
    for traceback in found:
        if not end < traceback.first_line <= traceback.last_line <= lines or not traceback.exceptions():
            wrong.append(traceback)
        end = traceback.last_line
    return wrong


@settings(PROFILE, max_examples=400)
@given(BROKEN_TEXTS)
def test_any_arrangement_of_a_tracebacks_lines_is_read_within_bounds(text):
    found = list(scan([text]))
    assert problems(found, text.count("\n") + 1) == []
    assert all(len(traceback.following) <= 20 for traceback in found)


@PROFILE
@given(st.binary(max_size=2000))
def test_any_bytes_are_read(data):
    taken = intake.read(io.BytesIO(data), "x")
    blocks = list(taken.blocks)
    assert problems(list(scan(blocks)), b"".join(blocks).count(b"\n") + 1) == []
    assert taken.progress.bytes_read == len(data)


class Dribble(io.RawIOBase):
    """Gives out its bytes in pieces of given sizes, as a pipe does."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self.data, self.sizes, self.at = data, sizes, 0

    def read(self, size: int = -1) -> bytes:
        step = self.sizes[self.at % len(self.sizes)]
        self.at += 1
        piece, self.data = self.data[:step], self.data[step:]
        return piece


@PROFILE
@given(BROKEN_TEXTS, st.lists(st.integers(1, 50), min_size=1, max_size=5), st.sampled_from(["utf-8", "utf-16"]))
def test_how_the_text_arrives_makes_no_difference(text, sizes, encoding):
    whole = list(scan([text]))
    in_lines = list(scan(text.splitlines(keepends=True) if set(text).isdisjoint(LINE_BREAKS[1:]) else [text]))
    assert in_lines == whole
    dribbled = intake.read(Dribble(text.encode(encoding, "replace"), sizes), "x")
    decoded = intake.read(io.BytesIO(text.encode(encoding, "replace")), "x")
    assert list(scan(dribbled.blocks)) == list(scan(decoded.blocks))


@pytest.mark.skipif(sys.version_info < (3, 13), reason="3.13 is the first to colour tracebacks")
@PROFILE
@given(trees(2))
def test_colours_make_no_difference(tree):
    root = raised(tree, "raise error", "main.py") if not tree.__traceback__ else tree
    known = printing.TracebackException.from_exception(root)
    coloured = "".join(known.format(colorize=True))  # type: ignore[call-arg]
    (plain,), (found,) = scan(["".join(known.format())]), scan([coloured])
    assert found == plain
