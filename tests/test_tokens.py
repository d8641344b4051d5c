from __future__ import annotations

import os
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapfix.tokens import estimate_tokens

PACKAGE = Path(__file__).parent.parent / "snapfix"


# The largest of what cl100k_base, o200k_base, Claude 2, Qwen 2, Llama 3 and Tekken count.
@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("def total(self):\n    return sum(item.price for item in self.items)\n", 20),
        (
            'Traceback (most recent call last):\n  File "/home/ada/work/app.py", line 7, in main\nKeyError: "id"\n',
            32,
        ),
        (
            "  142 |     def checkout(self, cart: Cart) -> Receipt:\n"
            "> 143 |         return Receipt(total=self.tax.apply(cart.total()))\n",
            39,
        ),
        ("The root cause is a missing return statement in the function that reads the configuration.", 16),
        ("HTTPResponseError: MAX_RETRIES_EXCEEDED in getUserAccountByExternalId", 19),
        (
            "2026-11-20 10:04:21,337 ERROR [worker-7] app.db.session:142 - connection 10.0.3.17 refused after 130 ms\n",
            56,
        ),
        ('{"id": 17, "price": 23.29, "items": [17, 119, 1547], "name": "user_17"}', 44),
        ("0123456789abcdef" * 10, 120),
        ("错误的原因是变量没有定义。请检查您的代码", 18),
        ("設定ファイルが見つかりませんでした。パスを確認してください。", 28),
        ("설정 파일을 찾을 수 없습니다. 경로를 확인하십시오.", 23),
        ("ошибка в коде: переменная не определена", 18),
        ("Το πρόγραμμα τερματίστηκε επειδή η συνάρτηση επέστρεψε κενή τιμή.", 76),
        ("प्रोग्राम क्रैश हो गया क्योंकि फ़ंक्शन ने कोई मान नहीं लौटाया।", 70),
        ("❌ Tests failed 😱 3 of 12 🐍 deploy 🚀 done ✅", 24),
    ],
)
def test_is_close_to_the_largest_real_count(text: str, counted: int) -> None:
    assert 0.95 * counted <= estimate_tokens(text) <= (1.25 if text.isascii() else 2.2) * counted


@pytest.fixture(scope="module")
def tokenizers() -> list[Callable[[str], int]]:
    """Those that LiteLLM brings along in its package: OpenAI's two encodings, and Claude 2's."""
    spec = find_spec("litellm")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "litellm_core_utils" / "tokenizers"
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    try:
        import tiktoken
        from tokenizers import Tokenizer

        encodings = [tiktoken.get_encoding(name) for name in ("cl100k_base", "o200k_base")]
    finally:
        del os.environ["TIKTOKEN_CACHE_DIR"]
        if before is not None:
            os.environ["TIKTOKEN_CACHE_DIR"] = before
    claude = Tokenizer.from_file(str(folder / "anthropic_tokenizer.json"))
    openai = [lambda text, each=each: len(each.encode(text, disallowed_special=())) for each in encodings]
    return [*openai, lambda text: len(claude.encode(text).ids)]


def excerpts() -> list[str]:
    """Numbered lines of this package, as a prompt shows them."""
    texts = []
    for path in sorted(PACKAGE.rglob("*.py")):
        lines = list(enumerate(path.read_text(encoding="utf-8").splitlines(), start=1))
        texts += ["\n".join(f"  {n:>4} | {line}".rstrip() for n, line in lines[at : at + 60]) for at in (0, 120)]
    return [text for text in texts if len(text) > 1500]


def test_is_close_for_code_as_a_prompt_shows_it(tokenizers: list[Callable[[str], int]]) -> None:
    ratios = sorted(estimate_tokens(text) / max(count(text) for count in tokenizers) for text in excerpts())
    assert len(ratios) > 60
    assert ratios[0] > 0.95
    # These three have one token for three digits, where others have one for each, as the estimate has.
    assert ratios[len(ratios) // 2] < 1.3


@given(st.text(max_size=200), st.text(max_size=200))
def test_parts_can_be_added_up(one: str, other: str) -> None:
    assert estimate_tokens(one + other) <= estimate_tokens(one) + estimate_tokens(other) + 2


@given(st.lists(st.text(st.characters(exclude_characters="\n\r"), max_size=60).map(lambda line: line + "\n")))
def test_the_sum_of_lines_is_not_much_larger_than_the_whole(lines: list[str]) -> None:
    assert sum(map(estimate_tokens, lines)) <= estimate_tokens("".join(lines)) + 2 * len(lines)


@given(st.text(min_size=1), st.text())
def test_more_text_is_never_fewer_tokens(one: str, other: str) -> None:
    assert 0 < estimate_tokens(one) <= estimate_tokens(one + other)


def test_no_text_is_no_token() -> None:
    assert estimate_tokens("") == 0


@pytest.mark.parametrize(
    "text", ["x" * 100_000, " " * 100_000, "=" * 100_000, "\n" * 100_000, "\x00" * 100_000, "\udcff" * 100_000]
)
def test_what_no_one_writes_counts_too(text: str) -> None:
    assert len(text) // 100 < estimate_tokens(text) <= 2 * len(text)


def test_is_fast() -> None:
    text = "\n".join(excerpts()) * 4
    begun = time.process_time()
    estimate_tokens(text)
    assert len(text) / (time.process_time() - begun) > 10e6  # characters a second; 50 million on a machine of its own
