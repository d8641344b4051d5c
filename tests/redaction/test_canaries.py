"""Every canary is hidden in every form, and ordinary lines stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapfix.redaction import Redactor, restore
from tests.redaction import canaries


def redacted(text: str) -> str:
    """Redact, and check what must always hold."""
    redactor = Redactor([text])
    result = redactor.redact(text)
    assert restore(result, redactor.masks) == text
    assert redactor.redact(result) == result
    assert Redactor().redact(result) == result
    assert result.count("\n") == text.count("\n")
    return result


def shown(secret: str, text: str) -> bool:
    """The secret, or where it is a long one any dozen characters of it, are in the text."""
    if len(secret) < 16:
        return secret in text
    return any(secret[i : i + 12] in text for i in range(len(secret) - 11))


@pytest.mark.parametrize("form", canaries.KEY_FORMS)
def test_keys_of_vendors_are_hidden(form: str) -> None:
    leaks = [name for name, key in canaries.KEYS.items() if shown(key, redacted(form.replace("{}", key)))]
    assert leaks == []


@pytest.mark.parametrize("form", canaries.PASSWORD_FORMS)
@pytest.mark.parametrize("password", canaries.PASSWORDS)
def test_passwords_are_hidden(form: str, password: str) -> None:
    assert not shown(password, redacted(form.replace("{}", password)))


@pytest.mark.parametrize("form", canaries.HEADER_FORMS)
@pytest.mark.parametrize("value", canaries.HEADER_VALUES)
def test_values_of_headers_and_cookies_are_hidden(form: str, value: str) -> None:
    assert not shown(value, redacted(form.replace("{}", value)))


@pytest.mark.parametrize(("person", "text"), canaries.PEOPLE)
def test_people_are_hidden(person: str, text: str) -> None:
    assert person not in redacted(text)


@pytest.mark.parametrize("form", canaries.RANDOM_FORMS)
@pytest.mark.parametrize("secret", canaries.RANDOM)
def test_random_strings_that_no_pattern_knows_are_hidden(form: str, secret: str) -> None:
    assert not shown(secret, redacted(form.replace("{}", secret)))


@pytest.mark.parametrize("line", canaries.ORDINARY)
def test_ordinary_lines_stay(line: str) -> None:
    assert redacted(line) == line


@pytest.mark.parametrize("margin", ["+", "-", "    ", "│ ", "> ", "  12 | ", '    "'])
def test_a_private_key_is_hidden_behind_whatever_stands_in_front_of_its_lines(margin: str) -> None:
    body = [canaries.RANDOM[0] * 2, canaries.RANDOM[1] + canaries.RANDOM[2]]
    lines = ["-----BEGIN PRIVATE KEY-----", *body, "-----END PRIVATE KEY-----"]
    for part in (lines, lines[:-1], lines[1:]):
        result = redacted("\n".join(margin + line for line in part))
        assert not any(shown(line, result) for line in body)


def test_a_user_whose_home_was_seen_is_hidden_in_other_paths_of_the_run() -> None:
    redactor = Redactor(["open('/home/carlotta/x.py')", "/data/carlotta/y and /srv/-home-carlotta-x"])
    assert "carlotta" not in redactor.redact("/data/carlotta/y and /srv/-home-carlotta-x")


_PLANTED = st.one_of(
    st.tuples(st.sampled_from(canaries.KEY_FORMS), st.sampled_from(sorted(canaries.KEYS.values()))),
    st.tuples(st.sampled_from(canaries.PASSWORD_FORMS), st.sampled_from(canaries.PASSWORDS)),
    st.tuples(st.sampled_from(canaries.HEADER_FORMS), st.sampled_from(canaries.HEADER_VALUES)),
)


@given(st.lists(st.one_of(_PLANTED, st.sampled_from(canaries.ORDINARY).map(lambda line: (line, ""))), max_size=8))
def test_whatever_stands_in_the_lines_around_every_canary_is_hidden(parts: list[tuple[str, str]]) -> None:
    result = redacted("\n".join(form.replace("{}", secret) if secret else form for form, secret in parts))
    assert [secret for _, secret in parts if secret and secret in result] == []
