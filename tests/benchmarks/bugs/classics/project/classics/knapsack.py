"""Choose what to pack."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    name: str
    weight: int
    value: int


@dataclass
class Packing:
    items: list[Item]
    value: int
    weight: int


def pack(items: list[Item], limit: int) -> Packing:
    """The most valuable choice of items that weighs ``limit`` at most.

    Each item can be taken once. ``best[i][w]`` is the highest value with the
    first ``i`` items and weight ``w``; the choice is read back from the table.
    """
    if limit < 0:
        raise ValueError("limit must not be negative")
    for item in items:
        if item.weight < 0:
            raise ValueError(f"negative weight: {item.name}")

    best = [[0] * (limit + 1) for _ in range(len(items) + 1)]
    for i, item in enumerate(items, start=1):
        above = best[i - 1]
        row = best[i]
        for weight in range(limit + 1):
            row[weight] = above[weight]
            if item.weight <= weight:
                candidate = above[weight - item.weight] + item.value
                if candidate > row[weight]:
                    row[weight] = candidate

    chosen: list[Item] = []
    left = limit
    for i in range(len(items), 0, -1):
        if best[i][left] != best[i - 1][left]:
            item = items[i - 1]
            chosen.append(item)
            left -= item.weight
    chosen.reverse()
    return Packing(chosen, best[-1][limit], sum(item.weight for item in chosen))
