import io
import json

import pytest

from quill.cli import main, script_chunks
from quill.core import LoadError, QuillError
from quill.engine import guess_delimiter, load_csv


def output(shell, text):
    start = len(shell.out.getvalue())
    shell.run_script(text)
    return shell.out.getvalue()[start:].splitlines()


@pytest.mark.parametrize("text, expected", [
    ("a,b\n1,2\n", ","),
    ("a;b\n1,5;2,5\n3,25;4,125\n", ";"),
    ("a\tb c\n1\t2,3\n", "\t"),
    ("name, first;name, last;born\nAda;Byron;1815\n", ";"),
    ("single\nvalue\n", ","),
])
def test_guess_delimiter(text, expected):
    assert guess_delimiter(text) == expected


class TestLoad:
    def test_types(self, write_csv):
        table = load_csv(write_csv("n,price,when,ok,note\n1,2.50,2024-01-01,true,x\n2,3.25,,false,\n"), "t")
        assert [column.type.name for column in table.schema] == ["int", "decimal", "date", "bool", "text"]
        assert [column.nullable for column in table.schema] == [False, False, True, False, True]

    def test_mixed_column_is_text(self, write_csv):
        table = load_csv(write_csv("a\n007\nx1\n"), "t")
        assert table["a"] == ["007", "x1"]

    def test_declared(self, write_csv):
        table = load_csv(write_csv("zip:text,n:float\n01234,1\n"), "t")
        assert table[0] == ("01234", 1.0)

    def test_names(self, write_csv):
        table = load_csv(write_csv("unit price,unit price,\n1,2,3\n"), "t")
        assert table.schema.names == ["unit_price", "unit_price_2", "column"]

    def test_short_and_long_rows(self, write_csv):
        table = load_csv(write_csv("a,b,c\n1\n2,3,4,,\n"), "t")
        assert [row.values for row in table] == [(1, None, None), (2, 3, 4)]
        with pytest.raises(LoadError) as caught:
            load_csv(write_csv("a,b\n1,2,3\n"), "t")
        assert caught.value.line == 2

    def test_latin(self, write_csv):
        table = load_csv(write_csv("name\nM\xfcller\n", encoding="latin-1"), "t")
        assert table["name"] == ["M\xfcller"]

    def test_bom(self, write_csv):
        assert load_csv(write_csv("\ufeffid\n1\n"), "t").schema.names == ["id"]

    def test_bad_declared_value(self, write_csv):
        with pytest.raises(LoadError, match="cannot convert"):
            load_csv(write_csv("d:date\n2024-13-01\n"), "t")

    def test_row_access(self, engine):
        row = engine.catalog["staff"][1]
        assert row["name"] == row["staff.name"] == "Bo Lindqvist"
        assert row.get("nothing", 5) == 5

    def test_describe(self, engine):
        records = engine.catalog["projects"].describe()
        assert records[-1] == {"column": "closed", "type": "text", "nulls": 4, "distinct": 0, "min": None, "max": None}


class TestShell:
    def test_table(self, shell):
        assert output(shell, "select team, budget from teams where floor = 3") == [
            "team    budget",
            "----  --------",
            "core  20000.00",
            "data  12500.00",
        ]

    def test_commands(self, shell):
        assert output(shell, ".schema teams")[0] == "team text not null"
        assert output(shell, ".set float_digits 1\nselect 2.25 v")[-1] == "2.2"
        assert output(shell, ".param who 3\nselect name from staff where id = :who")[-1] == "Cleo Marsh"

    def test_stats(self, shell):
        shell.run("select s.id from staff s join teams t using (team)")
        lines = output(shell, ".stats")
        assert "     8  inner hash join on s.team = t.team" in lines

    def test_failures(self, shell):
        lines = output(shell, ".nothing\nselect * from x;\nselect 1;")
        assert shell.failures == 2
        assert lines[0].startswith("error: there is no command .nothing")
        assert lines[-1] == "1"

    def test_chunks(self):
        text = ".set header off\nselect 1,\n .5;\nselect 2"
        assert list(script_chunks(text)) == [".set header off", "select 1,\n .5", "select 2"]

    def test_load_twice(self, shell, write_csv):
        path = write_csv("a\n1\n", "one.csv")
        output(shell, ".load %s" % path)
        assert shell.engine.value("select a from one") == 1


@pytest.mark.parametrize("style, first", [
    ("csv", "team,floor"),
    ("markdown", "| team | floor |"),
    ("vertical", "-- row 1"),
])
def test_styles(style, first, engine):
    result = engine.run("select team, floor from teams")
    assert engine.render(result, style=style).splitlines()[0] == first


def test_json(engine):
    result = engine.run("select team, budget, floor from teams where team = 'web'")
    assert json.loads(engine.render(result, style="json")) == [{"team": "web", "budget": 15000.0, "floor": 2}]


def test_main(tmp_path, capsys):
    (tmp_path / "n.csv").write_text("a\n1\n2\n")
    out = io.StringIO()
    assert main(["-d", str(tmp_path), "-s", "csv", "select sum(a) s from n"], out) == 0
    assert out.getvalue() == "s\n3\n"
    assert main(["-d", str(tmp_path), "select b from n"], out) == 1
    assert "there is no column b" in capsys.readouterr().err


def test_unknown_setting(engine):
    with pytest.raises(QuillError):
        engine.settings.set("colour", "red")
