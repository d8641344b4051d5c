"""A cache that forgets what was used least recently.

A dictionary finds the entries, a doubly linked list keeps them in the order of
use: the head was used last, the tail is the next to go.
"""


class _Entry:
    __slots__ = ("key", "value", "newer", "older")

    def __init__(self, key, value):
        self.key = key
        self.value = value
        self.newer = None
        self.older = None


class LRUCache:
    def __init__(self, capacity, on_evict=None):
        if capacity < 1:
            raise ValueError("capacity must be positive")
        self.capacity = capacity
        self.on_evict = on_evict
        self._entries = {}
        self._head = None
        self._tail = None

    def __len__(self):
        return len(self._entries)

    def __contains__(self, key):
        return key in self._entries

    def keys(self):
        """Keys from the most to the least recently used."""
        entry = self._head
        while entry is not None:
            yield entry.key
            entry = entry.older

    def get(self, key, default=None):
        entry = self._entries.get(key)
        if entry is None:
            return default
        if entry is not self._head:
            self._unlink(entry)
            self._push(entry)
        return entry.value

    def put(self, key, value):
        entry = self._entries.get(key)
        if entry is not None:
            entry.value = value
            self._unlink(entry)
        else:
            if len(self._entries) >= self.capacity:
                self._evict()
            entry = _Entry(key, value)
            self._entries[key] = entry
        self._push(entry)

    def discard(self, key):
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._unlink(entry)

    def _evict(self):
        victim = self._tail
        del self._entries[victim.key]
        self._unlink(victim)
        if self.on_evict:
            self.on_evict(victim.key, victim.value)

    def _push(self, entry):
        entry.older = self._head
        if self._head is not None:
            self._head.newer = entry
        self._head = entry
        if self._tail is None:
            self._tail = entry

    def _unlink(self, entry):
        if entry.newer is not None:
            entry.newer.older = entry.older
        else:
            self._head = entry.older
        if entry.older is not None:
            entry.older.newer = entry.newer
        else:
            self._tail = entry.newer
        entry.newer = entry.older = None
