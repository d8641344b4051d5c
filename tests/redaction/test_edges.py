"""Secrets are masked whole, masks stay whole, lines stay lines, and much text takes no longer than its length."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from snapfix import redaction
from snapfix.redaction import Redactor, restore
from snapfix.redaction.text import Span


def redacted(text: str, *others: str) -> str:
    """Redact, and check what must always hold."""
    redactor = Redactor([text, *others])
    result = redactor.redact(text)
    assert restore(result, redactor.masks) == text
    assert redactor.redact(result) == result
    assert Redactor().redact(result) == result
    assert result.count("\n") == text.count("\n")
    return result


@pytest.mark.parametrize("blanks", range(60, 110))
def test_a_value_in_the_next_line_is_masked_to_its_end_however_far_behind_another_line_it_stands(blanks: int) -> None:
    text = "key\n" + "x " * blanks + "\n- name: DB_PASSWORD\n  value: hunter2!x\n"
    assert redacted(text).endswith("- name: DB_PASSWORD\n  value: <redacted:password-1>\n")


@pytest.mark.parametrize("value", ["hunter2!" * 60, '"' + "hunter2!" * 60 + '"', '"pa\'ss-hunter2!"'])
def test_a_long_value_in_the_next_line_is_masked_whole(value: str) -> None:
    result = redacted(f"- name: DB_PASSWORD\n  value: {value}\n")
    assert "hunter2" not in result
    assert "ss-" not in result


def test_a_part_of_a_mask_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a <redacted:password-1>hunter2 b"
    spans = [(start, end, "secret") for start in range(len(text)) for end in (start + 3, start + 25)]
    for span in spans:
        with monkeypatch.context() as patch:
            patch.setattr(redaction, "_FINDERS", (_finder(span),))
            redactor = Redactor([text])
            result = redactor.redact(text)
        assert "<redacted:password-1>" in result
        assert restore(result, redactor.masks) == text


def _finder(span: Span) -> Callable[[str], Iterator[Span]]:
    def find(text: str) -> Iterator[Span]:
        if span[1] <= len(text):
            yield span

    return find


@pytest.mark.parametrize("quote", ['"""', "'''"])
def test_a_fallback_of_several_lines_is_masked_line_by_line(quote: str) -> None:
    result = redacted(f'password = os.environ.get("X") or {quote}alpha1\nbeta2\ngamma3{quote}\nprint(1)\n')
    assert not any(part in result for part in ("alpha1", "beta2", "gamma3"))
    assert result.endswith(f"{quote}\nprint(1)\n")


def test_no_finder_can_change_the_number_of_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_FINDERS", (_finder((2, 8, "secret")),))
    assert redacted("a\nbcd\nefg\n") == "a\nbcd\nefg\n"


def test_a_key_in_a_line_behind_the_beginning_of_another_is_hidden() -> None:
    body = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF"
    begin, end = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
    text = f"Key: {begin}\nKey: {begin}{body}{end}\nKey: {begin}\n{body[::-1]}\n"
    result = redacted(text)
    assert body not in result
    assert body[::-1] not in result


def test_lines_of_two_putty_keys_that_overlap_are_all_hidden() -> None:
    bodies = [f"aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC{n:03}" for n in range(9)]
    text = "\n".join(["Private-Lines: 5", *bodies[:2], "Private-Lines: 7", *bodies[2:]])
    assert not any(body in redacted(text) for body in bodies)


def seconds(text: str, redactor: Redactor | None = None) -> float:
    started = time.process_time()
    (redactor or Redactor()).redact(text)
    return time.process_time() - started


@pytest.mark.parametrize(
    "unit",
    [
        "Key: -----BEGIN PRIVATE KEY-----\n",
        "Private-Lines: 999\n",
        "-----END PRIVATE KEY-----",
        "AAAABBBB\n-----END PRIVATE KEY-----\n",
        "name: password\n",
    ],
)
def test_many_beginnings_and_ends_of_keys_take_no_longer_than_their_length(unit: str) -> None:
    assert seconds(unit * 4000) < 10 * seconds(unit * 1000) + 0.5


def test_thousands_of_known_secrets_take_as_long_as_one() -> None:
    redactor = Redactor()
    redactor.redact("\n".join(f'password = "hunter{n}x!"' for n in range(8000)))
    text = "nothing of them stands in this line\n" * 6000
    assert seconds(text, redactor) < 2 * seconds(text) + 0.3


def test_every_known_secret_is_masked_elsewhere_however_many_there_are() -> None:
    source = "\n".join(f'password = "hunter{n}x!"' for n in range(1000))
    redactor = Redactor([source])
    text = "\n".join(f"refused: hunter{n}x!" for n in range(1000))
    result = redactor.redact(text)
    assert "hunter" not in result
    assert restore(result, redactor.masks) == text


def test_of_known_secrets_that_begin_alike_the_longer_one_is_masked() -> None:
    redactor = Redactor(['password = "hunter2"', 'password = "hunter2-long"'])
    assert redactor.redact("got hunter2-long \ud800é hunter2") == (
        "got <redacted:password-2> \ud800é <redacted:password-1>"
    )


@pytest.mark.parametrize("name", ["test", "tests", "tmp", "temp", "demo", "example", "build", "ci", "dev", "app"])
def test_a_folder_in_half_of_all_paths_is_no_person(name: str) -> None:
    text = f'  File "/Users/{name}/shop/a.py", line 1\n  File "/srv/{name}/b.py"\n{name}@host:~$ ls\n{name}/c.py\n'
    assert redacted(text) == text
