import io

import pytest

from classics import trie


@pytest.fixture
def root():
    root = {}
    for word, weight in [("car", 2), ("cart", 1), ("carbon", 5), ("dog", 1), ("do", 3)]:
        trie.insert(root, word, weight)
    return root


def test_words_in_order(root):
    assert [word for word, _ in trie.words(root)] == ["car", "carbon", "cart", "do", "dog"]


def test_weights_add_up(root):
    trie.insert(root, "dog", 4)
    assert dict(trie.words(root))["dog"] == 5


def test_completion(root):
    assert trie.complete(root, "car") == ["carbon", "car", "cart"]
    assert trie.complete(root, "car", limit=1) == ["carbon"]


def test_completion_of_unknown_prefix(root):
    assert trie.complete(root, "cat") == []
    assert trie.complete(root, "x") == []


def test_remove_keeps_longer_words(root):
    assert trie.remove(root, "car")
    assert trie.complete(root, "car") == ["carbon", "cart"]


def test_remove_prunes(root):
    assert trie.remove(root, "carbon")
    assert trie.find(root, "carb") is None
    assert trie.find(root, "car") is not None


def test_remove_unknown(root):
    assert not trie.remove(root, "ca")
    assert not trie.remove(root, "zebra")


def test_remove_all(root):
    for word, _ in list(trie.words(root)):
        assert trie.remove(root, word)
    assert root == {}


def test_main(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("To be, or not to be.\n"))
    trie.main(["b", "q"])
    assert capsys.readouterr().out == "b: be\nq: -\n"
