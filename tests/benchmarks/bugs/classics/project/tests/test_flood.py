import textwrap

from classics.flood import areas, fill

ISLANDS = textwrap.dedent(
    """\
    ##..#
    #..#.
    ....#
    ##.##
    """
)


def board(text):
    return [list(line) for line in text.split()]


def show(rows):
    return " ".join("".join(row) for row in rows)


def test_fill():
    rows = board("..# .#. #..")
    assert fill(rows, 0, 0, "o") == 3
    assert show(rows) == "oo# o#. #.."


def test_fill_with_the_same_paint():
    rows = board("... ...")
    assert fill(rows, 1, 1, ".") == 0


def test_diagonal_fill():
    rows = board("#.. .#. ..#")
    assert fill(rows, 1, 1, "*", diagonal=True) == 3
    assert show(rows) == "*.. .*. ..*"


def test_areas():
    assert areas(ISLANDS) == [3, 3, 2, 1, 1]


def test_areas_with_corners():
    assert areas(ISLANDS, diagonal=True) == [5, 3, 2]


def test_ragged_board():
    assert areas("###\n#\n###") == [7]


def test_no_land():
    assert areas("...\n...") == []


def test_corners_upwards():
    assert areas("#.#\n.#.", diagonal=True) == [3]
