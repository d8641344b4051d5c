"""Enormous and hostile texts: time stays linear, memory bounded, and what is left out is said.

The guard on time is the test run's own limit: anything quadratic in these sizes takes minutes.
"""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Iterator

import pytest

from snapfix.crash import Traceback
from snapfix.parsing import scan

HEADER = "Traceback (most recent call last):\n"
CONTEXT = "During handling of the above exception, another exception occurred:"


def in_blocks(text: str, lines: int = 1000) -> Iterator[str]:
    all_lines = text.splitlines(keepends=True)
    for start in range(0, len(all_lines), lines):
        yield "".join(all_lines[start : start + lines])


def frame(number: int) -> str:
    return f'  File "/srv/shop.py", line {number}, in level_{number}\n    level_{number + 1}()\n'


def test_keeps_both_ends_of_an_enormous_stack():
    text = HEADER + "".join(map(frame, range(1, 100_001))) + "RecursionError: too deep\n"
    (traceback,) = scan(in_blocks(text))
    numbers = [frame.lineno for frame in traceback.exception.frames]
    assert numbers == [*range(1, 1001), *range(99_001, 100_001)]
    assert traceback.missing == ("98,000 frames in the middle of a stack",)
    assert traceback.last_line == 200_002


def test_a_hundred_thousand_frames_without_an_exception_are_no_traceback():
    assert list(scan(in_blocks("".join(map(frame, range(100_000)))))) == []


def test_keeps_both_ends_of_an_enormous_chain():
    links = [f"{HEADER}{frame(number)}ValueError: {number}\n" for number in range(5_000)]
    (traceback,) = scan(in_blocks(f"\n{CONTEXT}\n\n".join(links)))
    kept = [int(exception.message) for exception in traceback.exceptions()]
    assert kept == [*range(20), *range(4_980, 5_000)]
    assert traceback.missing == ("4,960 exceptions in the middle of a chain",)


def nested_groups(levels: int) -> str:
    lines = ["  + Exception Group Traceback (most recent call last):", '  |   File "a.py", line 1, in f']
    for level in range(1, levels + 1):
        lines.append("  " * level + f"| ExceptionGroup: level {level} (1 sub-exception)")
        lines.append("  " * level + "+-+---------------- 1 ----------------")
    lines += ["  " * (levels + 1) + "| ValueError: x", "  " * (levels + 1) + "+" + "-" * 36, ""]
    return "\n".join(lines)


def test_reads_two_thousand_nested_groups():
    (traceback,) = scan(in_blocks(nested_groups(2_000)))
    assert [e.message for e in traceback.exceptions()][-1] == "level 12 (1 sub-exception)"
    assert traceback.missing == ("1 exception nested too deeply in groups",)
    assert traceback.last_line == 4_004


def test_the_deepest_tree_that_is_read_can_be_compared_and_shown():
    chain = f"\n{CONTEXT}\n\n".join([f"{HEADER}{frame(1)}ValueError: x\n"] * 100)
    (traceback,) = scan([chain + f"\n{CONTEXT}\n\n" + nested_groups(50)])
    (again,) = scan([chain + f"\n{CONTEXT}\n\n" + nested_groups(50)])
    assert traceback == again
    assert "level 12" in repr(traceback)
    assert hash(traceback) == hash(again)


def test_bounds_the_members_of_a_group():
    members = "".join(f"    +---------------- {n} ----------------\n    | ValueError: {n}\n" for n in range(2, 3001))
    text = (
        '  + Exception Group Traceback (most recent call last):\n  |   File "a.py", line 1, in f\n'
        "  | ExceptionGroup: many (3000 sub-exceptions)\n  +-+---------------- 1 ----------------\n"
        f"    | ValueError: 1\n{members}    +------------------------------------\n"
    )
    (traceback,) = scan([text])
    assert len(traceback.exception.members) == 1_000
    assert traceback.missing == ("2,000 exceptions of a group",)


def test_bounds_a_message_whose_extent_is_known():
    text = f"{HEADER}{frame(1)}ValueError: x\n" + "  more\n" * 900 + f"\n{CONTEXT}\n\n{HEADER}{frame(2)}KeyError: 2\n"
    (traceback,) = scan([text])
    assert traceback.exceptions()[0].message.count("\n") == 900


def test_counts_the_lines_of_a_message_that_are_not_kept():
    text = (
        '  + Exception Group Traceback (most recent call last):\n  |   File "a.py", line 1, in f\n'
        "  | ExceptionGroup: g (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n"
        "    | ValueError: 1\n" + "    |   more\n" * 5_000 + "    | \n"
        f"    | {CONTEXT}\n    | \n    | ValueError: 2\n"
        "    +---------------- 2 ----------------\n    | ValueError: 3\n    +------------------------------------\n"
    )
    (traceback,) = scan([text])
    assert [e.message.split("\n")[0] for e in traceback.exceptions()] == ["g (2 sub-exceptions)", "1", "2", "3"]
    assert traceback.missing == ("4,000 lines of a message",)


def test_names_only_the_first_of_many_gaps():
    member = '    +---------------- 2 ----------------\n    |   File "a.py", line 1, in f\n'
    text = (
        '  + Exception Group Traceback (most recent call last):\n  |   File "a.py", line 1, in f\n'
        "  | ExceptionGroup: g (9 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | KeyError: 1\n"
    )
    (traceback,) = scan([text + member * 500])
    assert len(traceback.missing) == 20


def test_bounds_the_lines_and_the_length_of_the_last_message():
    (traceback,) = scan([f"{HEADER}{frame(1)}ValueError: x\n" + "  more\n" * 50_000])
    assert traceback.exception.message.count("\n") == 1_000
    (traceback,) = scan([f"{HEADER}{frame(1)}ValueError: {'x' * 500_000}\n"])
    assert len(traceback.exception.message) == 64 * 1024
    assert traceback.missing == ("434,464 characters of a message",)


def test_bounds_everything_that_is_kept_of_one_traceback():
    wide = "".join(f'  File "/srv/{"x" * 4000}{n}.py", line 1, in f\n    {"y" * 4000}\n' for n in range(3_000))
    (traceback,) = scan(in_blocks(f"{HEADER}{wide}ValueError: x\n", 50))
    assert sum(len(f.filename) + len(f.code) for f in traceback.exception.frames) < 5 * 1024 * 1024
    assert "characters in frames and messages" in traceback.missing[-1]


@pytest.mark.parametrize(
    "piece",
    [
        f"{HEADER}{frame(1)}ValueError: x\nplain\n",
        f"{HEADER}{frame(1)}ValueError: (\n",
        '  File "a.py", line 1\n    x\nSyntaxError: bad\n',
        f"{HEADER}{frame(1)}Failed:\n{HEADER}{frame(1)}",
        f"{CONTEXT}\n\n",
        f"ValueError: x\n\n{CONTEXT}\n\n",
        "  | ExceptionGroup: x\n  +-+---------------- 1 ----------------\n",
        'multiprocessing.pool.RemoteTraceback: \n"""\n' + HEADER + frame(1),
        HEADER,
        '  File "',
        "\x1b[31m\x1b]8;;x\r",
        " " * 150_000 + '  File "a.py", line 1, in f\n',
        " " * 150_000 + HEADER,
        "    |" * 30_000 + '  File "a.py", line 1, in f\n',
        "a." * 70_000 + "b\n" + HEADER + frame(1),
        HEADER + frame(1) + "'" * 70_000 + "\n",
        HEADER + frame(1) + "ValueError: " + "'[\"" * 40_000 + "\n",
        HEADER + frame(1) + "    " + "^" * 70_000 + "x\n",
        "((((((((([[[[[{{{{\"'",
    ],
)
def test_any_piece_repeated_is_read_in_linear_time(piece):
    blocks, lines = 10, 0
    for traceback in scan([piece * (200_000 // len(piece)) + "\n"] * blocks):
        assert traceback.first_line > lines
        lines = traceback.last_line


def test_headers_that_are_indented_further_and_further_are_read_in_linear_time():
    text = "".join(
        f"{' ' * (n % 500)}{line}\n"
        for n in range(3_000)
        for line in (HEADER.rstrip(), '  File "a.py", line 1, in f', "ValueError: x")
    )
    # An indented traceback below an exception is part of its message, so that not each of them is found.
    assert list(scan(in_blocks(text)))


def log(blocks: int, block: str) -> Iterator[str]:
    for number in range(blocks):
        yield f"{HEADER}{frame(1)}ValueError: x\n" if number % 100 == 50 else block


def test_memory_does_not_grow_with_the_text():
    block = "2024-05-01 10:00:00 INFO request served in 3 ms\n" * 2_000
    peaks = []
    for blocks in (200, 2_000):
        tracemalloc.start()
        assert sum(isinstance(found, Traceback) for found in scan(log(blocks, block))) == blocks // 100
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 100_000
    assert peaks[1] < 10 * len(block)


PEAK = """
import io, resource, sys
from snapfix import intake, parsing

class Endless(io.RawIOBase):
    left = int(sys.argv[1])
    def read(self, size=-1):
        piece = min(size, self.left)
        self.left -= piece
        return sys.argv[2].encode().decode("unicode_escape").encode() * (piece // 64 + 1) if piece > 0 else b""

import snapfix.parsing.python.cpython
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = list(parsing.scan(intake.read(Endless(), "x").blocks))
print(len(found), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no `resource` module")
@pytest.mark.parametrize("unit", ["x" * 64, "\\x1b" + "y" * 63, "(\\r" + "z" * 62])
def test_a_line_of_fifty_megabytes_is_read_in_a_few(unit):
    command = [sys.executable, "-c", PEAK, str(50 * 1024 * 1024), unit]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    found, grown = map(int, done.stdout.split())
    assert found == 0
    assert grown < 20 * 1024  # kilobytes on Linux, bytes on macOS
