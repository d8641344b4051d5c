"""Flood fill and counting of areas on a board of characters."""

from collections import deque

STRAIGHT = [(0, 1), (1, 0), (0, -1), (-1, 0)]
DIAGONAL = [(1, 1), (1, -1), (-1, -1), (-1, 1)]


def fill(board, row, column, paint, diagonal=False):
    """Paint the area around a place, in place. Returns how many cells it has."""
    old = board[row][column]
    if old == paint:
        return 0
    neighbours = STRAIGHT + DIAGONAL if diagonal else STRAIGHT
    queue = deque([(row, column)])
    board[row][column] = paint
    painted = 1
    while queue:
        y, x = queue.popleft()
        for dy, dx in neighbours:
            ny, nx = y + dy, x + dx
            if not (0 <= ny < len(board) and 0 <= nx < len(board[ny])):
                continue
            if board[ny][nx] == old:
                board[ny][nx] = paint
                painted += 1
                queue.append((ny, nx))
    return painted


def areas(text, land="#", diagonal=False):
    """Sizes of the areas of ``land``, the largest first."""
    board = [list(line) for line in text.splitlines()]
    sizes = []
    for y, line in enumerate(board):
        for x, cell in enumerate(line):
            if cell == land:
                sizes.append(fill(board, y, x, None, diagonal))
    return sorted(sizes, reverse=True)
