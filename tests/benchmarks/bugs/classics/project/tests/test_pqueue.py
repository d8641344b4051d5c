import random
import unittest

from classics.pqueue import PriorityQueue


class PriorityQueueTest(unittest.TestCase):
    def test_order(self):
        queue = PriorityQueue([("c", 3), ("a", 1), ("b", 2)])
        self.assertEqual(list(queue.drain()), ["a", "b", "c"])

    def test_ties_in_order_of_arrival(self):
        queue = PriorityQueue((name, 5) for name in "zyx")
        self.assertEqual(list(queue.drain()), ["z", "y", "x"])

    def test_raise_priority(self):
        queue = PriorityQueue([("a", 1), ("b", 2), ("c", 3), ("d", 4)])
        queue.push("d", 0)
        self.assertEqual(queue.pop(), "d")
        self.assertEqual(len(queue), 3)

    def test_lower_priority(self):
        queue = PriorityQueue([("a", 1), ("b", 2), ("c", 3), ("d", 4)])
        queue.push("a", 9)
        self.assertEqual("".join(queue.drain()), "bcda")

    def test_change_after_pop(self):
        queue = PriorityQueue(zip("abcdef", [4, 1, 6, 2, 8, 5]))
        self.assertEqual(queue.pop(), "b")
        queue.push("f", 3)
        queue.push("d", 7)
        self.assertEqual("".join(queue.drain()), "facde")

    def test_many(self):
        numbers = random.Random(4).sample(range(1000), 200)
        queue = PriorityQueue((n, n) for n in numbers)
        self.assertEqual(list(queue.drain()), sorted(numbers))

    def test_empty(self):
        self.assertFalse(PriorityQueue())
        self.assertRaises(IndexError, PriorityQueue().pop)
