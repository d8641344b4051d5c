"""What stands around a traceback: where its text ends, what was cut off, and enormous lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from snapfix.crash import Relation, Traceback
from snapfix.parsing import scan

RECORDED = Path(__file__).parent / "recorded" / "wrapped"
TRACEBACK = """\
Traceback (most recent call last):
  File "/srv/shop.py", line 9, in total
    return price(cart[0])
           ^^^^^^^^^^^^^^
  File "/srv/shop.py", line 3, in price
    return item["price"]
           ~~~~^^^^^^^^^
KeyError: 'price'
"""


def read(text: str) -> list[Traceback]:
    return list(scan([text]))


def only(text: str) -> Traceback:
    (found,) = read(text)
    return found


def recorded(name: str) -> list[str]:
    return (RECORDED / f"{name}.txt").read_text(encoding="utf-8").splitlines(keepends=True)


def behind(prefix: str, text: str = TRACEBACK) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("```", "```"), ("```python", "```"), ("~~~~", "~~~~"), ("{code:python}", "{code}"), ("{noformat}", "{noformat}")],
)
def test_a_block_of_code_ends_the_text(opening, closing):
    found = only(f"It fails:\n\n{opening}\n{TRACEBACK}{closing}\nand nothing more\n")
    assert (found.exception.message, found.following, found.last_line) == ("'price'", (), 11)


def test_a_block_of_code_ends_the_second_traceback_in_it():
    text = TRACEBACK.replace("KeyError: 'price'", "KeyError: one of:")
    first, second = read(f"```\n{text}```\nand\n```\n{text}between\n{text}```\nafter\n{TRACEBACK}")[1:3]
    assert (first.exception.message, first.following) == ("one of:\nbetween", ())
    assert (second.exception.message, second.following) == ("one of:", ())


def test_a_message_that_quotes_a_block_of_code_is_kept_whole():
    text = TRACEBACK.replace("KeyError: 'price'", "ValueError: no JSON:\n```json\n{}\n```")
    assert only(text).exception.message == "no JSON:\n```json\n{}\n```"
    assert only(f"starting\n\n\n{text}done\n").exception.message == "no JSON:\n```json\n{}\n```\ndone"


@pytest.mark.parametrize("prefix", ["web-1  | ", "2026-05-01T10:00:00.1Z ", "> ", "[pod/shop-1/web] ", "0|shop  | "])
def test_the_end_of_a_prefix_ends_the_text(prefix):
    assert only(f"{behind(prefix)}other output\n").following == ()


@pytest.mark.parametrize(
    "prefix", ["web-1  | ", "[gw1] ", "10:00:00.5 ", "12 ", "$ ", "[2026-05-01 10:00:00,001: ERROR/Main-1] "]
)
def test_reads_any_beginning_of_a_prefixed_chain(prefix):
    lines = behind(prefix, "".join(recorded("cut-top-second")).replace("ValueError", "Boom")).splitlines(keepends=True)
    for end in range(2, len(lines) + 1):
        found = only("".join(lines[:end]))
        assert found.exception.type_name == ("Boom" if end > 5 else "")
        assert bool(found.missing) == (end <= 5)


@pytest.mark.parametrize("name", ["compose-2", "cri", "github-actions", "mail", "indented", "crlf"])
def test_reads_any_end_of_a_chain_and_says_what_is_missing(name):
    lines = recorded(name)
    whole = {exception.type_name for found in read("".join(lines)) for exception in found.exceptions()}
    for start in range(len(lines)):
        for found in read("".join(lines[start:])):
            assert {exception.type_name for exception in found.exceptions()} <= whole
            if found.exception.frames and found.first_line == 1 and "Traceback" not in lines[start]:
                assert found.missing or found.exceptions()[0].frames == ()


def test_reads_a_traceback_that_begins_with_the_name_of_its_log():
    text = "".join(f"shop.log-{n}-{line}\n" for n, line in enumerate(TRACEBACK.splitlines(), start=98))
    found = only(text.replace("-98-", ":98:"))
    assert found.exception == only(TRACEBACK).exception


def test_each_of_two_processes_with_equal_names_but_for_a_number_is_read_whole():
    lines = [behind(f"{name} | ").splitlines(keepends=True) for name in ("shop-1", "shop-12", "db-1")]
    found = read("".join(line for group in zip(*lines, strict=True) for line in group))
    assert [f.exception for f in found] == [only(TRACEBACK).exception] * 3
    assert [f.missing for f in found] == [()] * 3


def test_says_so_when_two_threads_print_at_the_same_time():
    header, *rest = TRACEBACK.splitlines(keepends=True)
    assert only(header + header + "".join(rest)).missing == (
        "whose frames these are: another traceback's lines stand between them",
    )


def test_blanks_that_do_not_break_are_kept_in_a_message():
    text = TRACEBACK.replace("    ", "\xa0   ").replace("  File", "\xa0 File").replace("'price'\n", "5\xa0€\n")
    assert only(text).exception.message == "5\xa0€"
    assert len(only(text).exception.frames) == 2


def test_reads_a_traceback_in_a_page_up_to_the_tag_that_closes_its_block():
    text = TRACEBACK.rstrip().replace('"', "&quot;").replace("'", "&#39;")
    found = only(f"<p>It fails:</p><pre>{text}</pre><p>Why?</p>\n<p>And now?</p>\n")
    assert found.exception == only(TRACEBACK).exception


def test_puts_the_pieces_of_a_long_line_together():
    stamp = "2026-05-01T10:00:00.123456789Z stderr"
    long = "x" * 40_000
    text = behind(f"{stamp} F ", TRACEBACK.replace("KeyError: 'price'\n", ""))
    text += f"{stamp} P KeyError: {long}\n{stamp} P {long}\n{stamp} F end\n{stamp} F after\n"
    found = only(text)
    assert found.exception.message == f"{long}{long}end"[: 64 * 1024]
    assert found.last_line == 10


@pytest.mark.parametrize(
    "line",
    [
        "[" * 1_000_000,
        "1.5 " * 250_000,
        "12:00:00 " * 100_000,
        "> " * 500_000,
        "web-1 | " * 100_000,
        "a\tb\t" * 200_000,
        "&lt;" * 200_000,
        "\xa0" * 500_000,
        "File “" * 100_000,
        "`" * 1_000_000,
        "<pre>" * 200_000,
    ],
)
def test_enormous_lines_around_a_traceback_take_linear_time(line):
    text = f"{line}\n{line}{TRACEBACK}{line}\n"
    assert any(relation is None for found in read(text) for relation in [found.exception.relation])
    assert Relation.CAUSE not in [exception.relation for found in read(text) for exception in found.exceptions()]


def test_a_row_of_tildes_below_the_code_does_not_close_a_block_of_backticks():
    text = TRACEBACK.replace("           ~~~~^^^^^^^^^", "    ~~~~")
    found = only(f"```\n{text}```\nand nothing more\n")
    assert (found.exception.type_name, found.following) == ("KeyError", ())


@pytest.mark.parametrize("end", ["</error></testcase>", "]]></failure></testcase>", "\n]]></failure>"])
def test_the_end_of_a_report_in_xml_is_no_part_of_the_message(end):
    found = only(f'<testcase><error message="x">{TRACEBACK.rstrip()}{end}\n</testsuite>\n')
    assert (found.exception.message, found.following) == ("'price'", ())


def test_reads_each_failure_of_a_report_in_xml():
    failure = (
        "def test_b():\n&gt;       fail()\nE       KeyError: 'price'\n\ntest_b.py:5: KeyError</failure></testcase>"
    )
    found = read(f'<testcase><failure message="x">{failure}<testcase><failure message="x">{failure}\n')
    assert [each.exception.frames[0].filename for each in found] == ["test_b.py", "test_b.py"]
    natively = TRACEBACK.rstrip() + "</failure></testcase>"
    found = read(f'<testcase><failure message="x">{natively}<testcase><failure message="x">{natively}\n')
    assert [each.exception.message for each in found] == ["'price'", "'price'"]


def test_separates_twenty_processes_line_by_line():
    lines = [f"web-{n:02}  | {line}" for line in TRACEBACK.splitlines() for n in range(20)]
    found = read("\n".join(lines) + "\n")
    assert [traceback.exception.message for traceback in found] == ["'price'"] * 20
    assert all(len(traceback.exception.frames) == 2 and not traceback.missing for traceback in found)
