import pytest

from mill.errors import ReadError
from mill.readers import header_names, imply_point, layout_fields, sniff_separator, unpunch


def rows_of(table):
    return [tuple(row.values()) for row in table]


@pytest.mark.parametrize("text, spec, expected", [
    ("a,b\n1,2\n", {}, [("1", "2")]),
    ("a;b\n1,5;2\n", {}, [("1,5", "2")]),
    ('a,b\n"x, y","say ""hi"""\n', {}, [("x, y", 'say "hi"')]),
    ('a,b\n"two\nlines",2\n', {}, [("two\nlines", "2")]),
    ("a\tb\n1\t\n", {"separator": "tab"}, [("1", "")]),
    ("# x\na,b\n# y\n1,2\n", {"comment": "#"}, [("1", "2")]),
    ("1,2\n3,4\n", {"header": ["p", "q"], "skip": 1}, [("3", "4")]),
    ("a,b\n1\n", {"ragged": "pad", "separator": ","}, [("1", "")]),
    ("a,b\n1,2,,\n", {}, [("1", "2")]),
])
def test_csv(read_text, text, spec, expected):
    assert rows_of(read_text(text, **spec)) == expected


def test_csv_units(read_text):
    table = read_text("name,length,mass\n,(cm),[kg]\nrod,120,2.5\npin,,0.1\n", units=["length", "mass"])
    assert table.columns == ["name", "length", "mass", "length_unit", "mass_unit"]
    assert table[0]["length_unit"] == "cm"
    assert "length_unit" not in table[1]


def test_csv_footer(read_text):
    table = read_text("a,b\n1,2\n3,4\nTotal 3 rows,\n", footer="total")
    assert len(table) == 2
    assert table.notes == ["<text> line 0: footer counts 3 rows, read 2"]


def test_ragged_is_an_error(read_text):
    with pytest.raises(ReadError) as caught:
        read_text("a,b\n1,2\n1\n", separator=",")
    assert caught.value.line == 3


def test_common_options(read_text):
    table = read_text("a,b\n1,-\n2,x\n3,y\n", rename={"b": "c"}, blank="null", limit=2, constants={"k": 9}, line_number="n")
    assert rows_of(table) == [("1", None, 9, 2), ("2", "x", 9, 3)]


def test_fixed(read_text):
    table = read_text("ab 0012345\ncd      90\n", format="fixed",
                      columns=[["code", 3], {"name": "amount", "width": 7, "implied": 2}])
    assert rows_of(table) == [("ab", "123.45"), ("cd", "0.90")]


def test_records(read_text):
    table = read_text("Name: A\nTag: x\nTag: y\n\nName: B\n  and more\n", format="records")
    assert list(table) == [{"name": "A", "tag": ["x", "y"]}, {"name": "B and more"}]


def test_jsonl(read_text):
    text = '{"a": {"b": 1}, "k": "x"}\n\nbroken\n{"a": {"b": 2}, "k": "y"}\n'
    table = read_text(text, format="jsonl", bad_lines="skip", only={"k": "y"}, aliases={"a.b": "n"})
    assert list(table) == [{"k": "y", "n": 2}]
    assert len(table.notes) == 1


def test_layout():
    fields = layout_fields([["a", 2], ["", 3], {"name": "b", "start": 8, "end": 9}, ["c", 1]])
    assert [(f["name"], f["start"], f["end"]) for f in fields] == [("a", 0, 2), ("b", 7, 9), ("c", 9, 10)]


@pytest.mark.parametrize("text, places, expected", [
    ("0012345", 2, "123.45"), ("5", 2, "0.05"), ("-150", 1, "-15.0"), ("", 2, ""), ("77", 0, "77"),
])
def test_imply_point(text, places, expected):
    assert imply_point(text, places) == expected


def test_helpers():
    assert unpunch("0012}") == "-00120"
    assert unpunch("0012C") == "00123"
    assert sniff_separator(["a;b;c", "1,5;2;3"]) == ";"
    assert header_names(["A", "a", "", "B c"]) == ["a", "a_2", "column_3", "b_c"]
