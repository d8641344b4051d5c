from classics.grids import rotate, spiral

WIDE = [[1, 2, 3], [4, 5, 6]]


def square(size):
    return [[row * size + column for column in range(size)] for row in range(size)]


def test_quarter_turn():
    assert rotate(WIDE) == [[4, 1], [5, 2], [6, 3]]


def test_half_turn():
    assert rotate(WIDE, 2) == [[6, 5, 4], [3, 2, 1]]


def test_turn_left():
    assert rotate(WIDE, -1) == [[3, 6], [2, 5], [1, 4]]


def test_four_turns_are_a_copy():
    turned = rotate(WIDE, 4)
    assert turned == WIDE
    turned[0][0] = 99
    assert WIDE[0][0] == 1


def test_spiral_of_a_square():
    assert spiral(square(3)) == [0, 1, 2, 5, 8, 7, 6, 3, 4]


def test_spiral_of_a_row_and_a_column():
    assert spiral([[1, 2, 3]]) == [1, 2, 3]
    assert spiral([[1], [2], [3]]) == [1, 2, 3]


def test_spiral_of_an_oblong():
    assert spiral(WIDE) == [1, 2, 3, 6, 5, 4]


def test_spiral_holds_each_element_once():
    for size in range(6):
        assert sorted(spiral(square(size))) == list(range(size * size))
