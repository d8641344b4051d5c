import pytest

from classics.huffman import build_codes, decode, encode


@pytest.mark.parametrize("text", ["", "a", "aaaa", "ab", "abracadabra", "to be or not to be"])
def test_there_and_back(text):
    bits, codes = encode(text)
    assert decode(bits, codes) == text


def test_frequent_letters_have_short_codes():
    codes = build_codes("aaaaaaaabbbc")
    assert len(codes["a"]) == 1
    assert len(codes["b"]) == len(codes["c"]) == 2


def test_no_code_begins_another():
    codes = sorted(build_codes("the quick brown fox").values())
    for first, second in zip(codes, codes[1:]):
        assert not second.startswith(first)


def test_left_over_bits():
    with pytest.raises(ValueError):
        decode("1", {"a": "0", "b": "10", "c": "11"})
