import pytest

from classics.lru import LRUCache


@pytest.fixture
def cache():
    cache = LRUCache(3)
    for number, word in enumerate(["one", "two", "three"], 1):
        cache.put(word, number)
    return cache


def test_order_of_use(cache):
    assert list(cache.keys()) == ["three", "two", "one"]
    cache.get("one")
    assert list(cache.keys()) == ["one", "three", "two"]


def test_oldest_is_forgotten(cache):
    cache.put("four", 4)
    assert "one" not in cache
    assert len(cache) == 3


def test_update_keeps_size(cache):
    cache.put("one", 11)
    assert len(cache) == 3
    assert list(cache.keys()) == ["one", "three", "two"]


def test_discard_then_fill_again(cache):
    cache.discard("one")
    cache.put("four", 4)
    cache.put("five", 5)
    assert list(cache.keys()) == ["five", "four", "three"]


def test_eviction_callback():
    gone = []
    cache = LRUCache(1, on_evict=lambda key, value: gone.append((key, value)))
    cache.put("a", 1)
    cache.put("b", 2)
    cache.put("c", 3)
    assert gone == [("a", 1), ("b", 2)]


def test_reuse_keeps_the_chain_whole(cache):
    cache.get("two")
    cache.get("two")
    cache.get("three")
    cache.put("four", 4)
    cache.put("five", 5)
    assert list(cache.keys()) == ["five", "four", "three"]


def test_capacity_is_checked():
    with pytest.raises(ValueError):
        LRUCache(0)
