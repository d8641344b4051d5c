"""What fits into the budget: the most important first, cut where it is long, and what is left out recorded."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from snapfix.crash import LeftOut, Piece
from snapfix.templates.fields import BUDGET, Fields, Material, PieceText, describe, short
from snapfix.templates.filling import Filler
from snapfix.tokens import estimate_tokens


def fit_traceback(material: Material, filler: Filler, left_out: list[LeftOut]) -> Fields:
    """The traceback alone: whole, or with ever fewer frames; at most half of the budget where there is code."""
    share = filler.budget // 2 if material.pieces else filler.budget
    for number, text in enumerate(material.tracebacks):
        fields = Fields(traceback=text)
        if filler.cost(fields) <= share:
            if number:
                left_out.append(LeftOut("frames in the middle of the traceback", BUDGET))
            return fields
    fields = _shortened(Fields(), "traceback", material.tracebacks[-1], filler, share)
    left_out.append(LeftOut("the middle of the traceback" if fields.traceback else "the traceback", BUDGET))
    return fields


SHARES = {"facts": 1 / 6, "hypothesis": 1 / 6, "following": 1 / 16, "changes": 1 / 6, "library": 1 / 8}
"""Of the budget, at most."""


def fit_text(fields: Fields, name: str, text: str, filler: Filler, left_out: list[LeftOut], share: float) -> Fields:
    """Put in a text of secondary weight, shortened in the middle where it would take more than its share."""
    if not text:
        return fields
    filled = fields.having(name, text)
    limit = filler.cost(fields) + int(filler.budget * share)
    if filler.cost(filled) <= min(limit, filler.budget):
        return filled
    shortened = _shortened(fields, name, text, filler, min(limit, filler.budget))
    left_out.append(LeftOut(f"the {name}" if shortened == fields else f"part of the {name}", BUDGET))
    return shortened


def _shortened(fields: Fields, name: str, text: str, filler: Filler, limit: int) -> Fields:
    keep = min(len(text), limit * 4)
    while keep >= 40:
        filled = fields.having(name, _without_middle(text, keep))
        if filler.cost(filled) <= limit:
            return filled
        keep = keep * 3 // 4
    return fields


def _without_middle(text: str, keep: int) -> str:
    head = keep * 2 // 5
    tail = keep - head
    return f"{text[:head]}\n[... {len(text) - keep} characters not shown ...]\n{text[len(text) - tail :]}"


def fit_pieces(fields: Fields, pieces: Sequence[Piece], filler: Filler, left_out: list[LeftOut]) -> Fields:
    """Put in as many pieces as fit, by their rank."""
    room = filler.budget - filler.cost(fields)
    while True:
        fitting = _Fitting(room)
        for piece in pieces:
            fitting.add(piece)
        fitting.fill_up()
        filled = replace(fields, pieces=fitting.texts())
        excess = filler.cost(filled) - filler.budget
        if excess <= 0 or not fitting.shown:  # the sum of the parts may be a little off
            left_out += fitting.left_out()
            return filled
        room -= max(excess, 8)


_WHOLE = 0.25
"""Share of the room for code up to which a piece is shown whole at once; what is longer is cut to the lines that
matter, and filled up at the end where room is left."""
_FILE_TOKENS = 16
_GAP_TOKENS = 5


class _Fitting:
    """Chooses lines of pieces, the most important first, until the room is used up."""

    def __init__(self, room: int) -> None:
        self.shown: dict[str, dict[int, str]] = {}
        self._room = room
        self._left = room
        self._pieces: list[tuple[Piece, frozenset[int]]] = []
        self._marked: dict[str, set[int]] = {}

    def add(self, piece: Piece) -> None:
        """Take the piece whole, or cut to what matters, or to what is around its failing lines, or not at all."""
        for number, chosen in enumerate(_cuts(piece)):
            cost = self._cost(piece, chosen)
            if cost <= (self._left if number else min(self._left, int(self._room * _WHOLE))):
                self._take(piece, chosen, cost)
                return
        self._pieces.append((piece, frozenset()))

    def fill_up(self) -> None:
        """Give what is left to the pieces that were cut, in their order."""
        for piece, chosen in list(self._pieces):
            whole = frozenset(number for number, _ in piece.lines)
            cost = self._cost(piece, whole)
            if chosen != whole and cost <= self._left:
                self._pieces.remove((piece, chosen))
                self._take(piece, whole, cost)

    def _cost(self, piece: Piece, chosen: frozenset[int]) -> int:
        known = self.shown.get(piece.file, {})
        new = [(number, line) for number, line in piece.lines if number in chosen and number not in known]
        gaps = sum(1 for (one, _), (two, _) in pairwise(new) if two > one + 1)
        lines = sum(estimate_tokens(_numbered(number, line)) for number, line in new)
        file = 0 if known or not new else _FILE_TOKENS + estimate_tokens(piece.file)
        return lines + _GAP_TOKENS * (gaps + 1) + file + estimate_tokens(piece.title) if new else 0

    def _take(self, piece: Piece, chosen: frozenset[int], cost: int) -> None:
        lines = {number: line for number, line in piece.lines if number in chosen}
        if lines:
            self.shown.setdefault(piece.file, {}).update(lines)
            self._marked.setdefault(piece.file, set()).update(piece.marked)
        self._left -= cost
        self._pieces.append((piece, chosen))

    def left_out(self) -> Iterator[LeftOut]:
        """What is not shown."""
        for piece, _ in self._pieces:
            shown = self.shown.get(piece.file, {})
            missing = sum(1 for number, line in piece.lines if number not in shown and line.strip())
            if missing == sum(1 for _, line in piece.lines if line.strip()):
                yield LeftOut(describe(piece), BUDGET)
            elif missing:
                yield LeftOut(f"{missing} lines of {describe(piece)}", BUDGET)

    def texts(self) -> tuple[PieceText, ...]:
        """The chosen lines by file, the file of the most important piece first."""
        titles: dict[str, dict[str, list[str]]] = {name: {} for name in self.shown}
        for piece, chosen in self._pieces:
            if chosen:
                listed = titles[piece.file].setdefault(str(piece.kind), [])
                if piece.title not in listed:
                    listed.append(piece.title)
        return tuple(
            PieceText(name, _about(titles[name]), _code(lines, self._marked.get(name, set())))
            for name, lines in self.shown.items()
        )


def _cuts(piece: Piece) -> Iterator[frozenset[int]]:
    """The line numbers of a piece, ever fewer: all, those that matter, those around the failing ones."""
    yield frozenset(number for number, _ in piece.lines)
    if piece.core:
        yield frozenset(piece.core)
    if piece.marked:
        first = piece.lines[0][0]
        for margin in (10, 5, 2, 0):
            yield frozenset(
                number
                for number, _ in piece.lines
                if number == first or any(abs(number - m) <= margin for m in piece.marked)
            )


_MAX_TITLES = 5


def _about(titles: Mapping[str, Sequence[str]]) -> str:
    """``Cart.total (the code that failed); Cart.first, Cart.last (used by the code that failed); imports``."""
    return "; ".join(
        _listed(names) if list(names) == [kind] else f"{_listed(names)} ({kind})" for kind, names in titles.items()
    )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MAX_TITLES
    return ", ".join(names[:_MAX_TITLES]) + (f" and {more} more" if more > 0 else "")


def _code(lines: Mapping[int, str], marked: Container[int]) -> str:
    width = len(str(max(lines, default=1)))
    shown: list[str] = []
    previous: int | None = None
    for number, line in sorted(lines.items()):
        goes_on = previous == number - 1
        if previous is not None and not goes_on:
            shown.append("." * (width + 2))
        is_marked = number in marked
        told = str(number) if is_marked or not goes_on or _is_numbered(number) else ""
        shown.append(f"{'>' if is_marked else ' '} {told:>{width}} | {short(line)}".rstrip())
        previous = number
    return "\n".join(shown)


def _is_numbered(number: int) -> bool:
    """Every fifth line shows its number: one on every line would take a quarter of the room for code."""
    return number % 5 == 0


def _numbered(number: int, line: str) -> str:
    return f"  {number if _is_numbered(number) else '   '} | {short(line)}\n"
