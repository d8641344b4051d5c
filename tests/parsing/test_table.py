"""The README's table of layouts, against what is read now."""

from __future__ import annotations

from tests.parsing.table import IN_README, README, table


def test_the_table_of_the_readme_is_what_is_read_now():
    found = IN_README.search(README.read_text("utf-8"))
    assert found, "the README has no table of layouts"
    assert found[2] == table(), "write it anew: python -m tests.parsing.table --write"


def test_every_recorded_case_is_read_right():
    shares = [cell for line in table().splitlines()[2:-1] for cell in line.split(" | ")[4:]]
    assert {share.strip(" |") for share in shares} == {"100%"}
