"""Turning and reading of matrices given as lists of rows."""


def rotate(matrix, turns=1):
    """A copy turned clockwise by so many quarters."""
    turns %= 4
    if turns == 0:
        return [list(row) for row in matrix]
    if turns == 2:
        return [row[::-1] for row in reversed(matrix)]
    columns = list(zip(*matrix))
    if turns == 1:
        return [list(column[::-1]) for column in columns]
    return [list(column) for column in columns[::-1]]


def spiral(matrix):
    """The elements from the outside in, clockwise from the upper left corner."""
    result = []
    if not matrix or not matrix[0]:
        return result
    top, bottom = 0, len(matrix) - 1
    left, right = 0, len(matrix[0]) - 1
    while top <= bottom and left <= right:
        for x in range(left, right + 1):
            result.append(matrix[top][x])
        for y in range(top + 1, bottom + 1):
            result.append(matrix[y][right])
        if top < bottom:
            for x in range(right - 1, left - 1, -1):
                result.append(matrix[bottom][x])
        if left < right:
            for y in range(bottom - 1, top, -1):
                result.append(matrix[y][left])
        top += 1
        bottom -= 1
        left += 1
        right -= 1
    return result
