"""Binary search in sorted sequences."""

from typing import Callable, Optional, Sequence, TypeVar

T = TypeVar("T")


def first_at_least(items: Sequence[T], wanted, key: Optional[Callable[[T], object]] = None) -> int:
    """Index of the first item whose key is not less than ``wanted``; len(items) if there is none."""
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        here = items[middle] if key is None else key(items[middle])
        if here < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def span_of(items, wanted, key=None):
    """(first, past the last) index of the items that equal ``wanted``."""
    start = first_at_least(items, wanted, key)
    step = 1
    # gallop, as equal items are mostly few
    while start + step < len(items):
        here = items[start + step]
        if (here if key is None else key(here)) != wanted:
            break
        step *= 2
    low, high = start, min(start + step, len(items))
    while low < high:
        middle = (low + high) // 2
        here = items[middle]
        if (here if key is None else key(here)) == wanted:
            low = middle + 1
        else:
            high = middle
    return start, low


def nearest(items, wanted):
    """The item closest to ``wanted``; the lower one of two at the same distance."""
    if not items:
        raise ValueError("nearest() of no items")
    right = first_at_least(items, wanted)
    if right == 0:
        return items[0]
    if right == len(items):
        return items[-1]
    lower, upper = items[right - 1], items[right]
    return lower if wanted - lower <= upper - wanted else upper
