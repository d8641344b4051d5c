"""A priority queue whose entries can change their priority."""


class PriorityQueue:
    """Binary heap: the lowest priority comes first, ties in order of arrival.

    push() of an item that is waiting already changes its priority.
    """

    def __init__(self, pairs=()):
        self._heap = []      # [priority, serial, item]
        self._place = {}     # item -> index in the heap
        self._serial = 0
        for item, priority in pairs:
            self.push(item, priority)

    def __len__(self):
        return len(self._heap)

    def __bool__(self):
        return bool(self._heap)

    def push(self, item, priority):
        if item in self._place:
            index = self._place[item]
            old = self._heap[index][0]
            self._heap[index][0] = priority
            if priority < old:
                self._up(index)
            else:
                self._down(index)
            return
        self._serial += 1
        self._heap.append([priority, self._serial, item])
        self._place[item] = len(self._heap) - 1
        self._up(len(self._heap) - 1)

    def pop(self):
        if not self._heap:
            raise IndexError("pop from an empty queue")
        top = self._heap[0]
        last = self._heap.pop()
        del self._place[top[2]]
        if last is not top:
            self._heap[0] = last
            self._place[last[2]] = 0
            self._down(0)
        return top[2]

    def drain(self):
        while self._heap:
            yield self.pop()

    def _swap(self, i, j):
        heap = self._heap
        heap[i], heap[j] = heap[j], heap[i]
        self._place[heap[i][2]] = i
        self._place[heap[j][2]] = j

    def _up(self, i):
        while i > 0:
            parent = (i - 1) // 2
            if self._heap[parent][:2] <= self._heap[i][:2]:
                break
            self._swap(i, parent)
            i = parent

    def _down(self, i):
        size = len(self._heap)
        while True:
            child = 2 * i + 1
            if child >= size:
                break
            if child + 1 < size and self._heap[child + 1][:2] < self._heap[child][:2]:
                child += 1
            if self._heap[i][:2] <= self._heap[child][:2]:
                break
            self._swap(i, child)
            i = child
