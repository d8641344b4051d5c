"""Merging of half-open integer intervals, as used for the room calendar."""

from typing import Iterable, List, Tuple

Span = Tuple[int, int]


def merge(spans: Iterable[Span], gap: int = 0) -> List[Span]:
    """Join spans that overlap, touch, or are at most ``gap`` apart.

    The input may come in any order; empty spans (start == end) are dropped.
    A span that ends before it starts is an error of the caller.
    """
    cleaned = []
    for start, end in spans:
        if end < start:
            raise ValueError(f"span ends before it starts: {start}..{end}")
        if start != end:
            cleaned.append((start, end))
    cleaned.sort()

    merged: List[Span] = []
    for start, end in cleaned:
        if merged and start - merged[-1][1] <= gap:
            last_start, last_end = merged.pop()
            merged.append((last_start, max(last_end, end)))
        else:
            merged.append((start, end))
    return merged


def free_between(spans: Iterable[Span], opening: int, closing: int) -> List[Span]:
    """The parts of opening..closing that no span covers."""
    busy = merge(spans)
    free = []
    cursor = opening
    for start, end in busy:
        if end <= opening:
            continue
        if start >= closing:
            break
        if start > cursor:
            free.append((cursor, start))
        cursor = max(cursor, end)
    if cursor < closing:
        free.append((cursor, closing))
    return free
