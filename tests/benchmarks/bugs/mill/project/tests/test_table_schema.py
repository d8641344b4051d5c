import unittest
from decimal import Decimal

import pytest

from mill.errors import SchemaError, StepError
from mill.schema import check_table, compare_schemas, compile_schema, count_findings, infer_schema, iban_ok
from mill.table import Table, concat


def make(text):
    """A table from 'a=1 b=x | a=2': numbers become int."""
    rows = []
    for part in text.split("|"):
        row = {}
        for pair in part.split():
            key, _, value = pair.partition("=")
            row[key] = int(value) if value.lstrip("-").isdigit() else value
        rows.append(row)
    return Table(rows)


class TableTest(unittest.TestCase):
    def setUp(self):
        self.table = make("id=1 k=b v=5 | id=2 k=a v=7 | id=3 k=b v=1")

    def test_sorted(self):
        self.assertEqual(self.table.sorted(["k", "-v"]).column("id"), [2, 1, 3])

    def test_select_unknown(self):
        with self.assertRaises(StepError):
            self.table.select(["nope"])

    def test_unique_last(self):
        self.assertEqual(self.table.unique(["k"], keep="last").column("id"), [2, 3])

    def test_renamed(self):
        self.assertEqual(self.table.renamed({"v": "value"}).columns, ["id", "k", "value"])
        with self.assertRaises(StepError):
            self.table.renamed({"v": "k"})

    def test_where(self):
        self.assertEqual(self.table.where("v > limit", {"limit": 4}).column("id"), [1, 2])

    def test_concat(self):
        both = concat([self.table.head(1), make("id=9 z=1")])
        self.assertEqual(both.columns, ["id", "k", "v", "z"])
        self.assertIsNone(both[1]["k"])

    def test_text(self):
        self.assertEqual(self.table.head(1).to_text(), "id  k  v\n--  -  -\n 1  b  5")

    def test_profile(self):
        entry = self.table.profile()[2]
        self.assertEqual((entry["low"], entry["high"], entry["median"]), (1, 7, 5))


class GrowingTest(unittest.TestCase):
    def setUp(self):
        self.table = make("id=1 k=b | id=2 k=a")
        self.before = self.table.find(k="c")
        self.table.extend(make("id=3 k=C | id=4 k=d w=1"))

    def test_columns(self):
        self.assertIn("w", self.table.columns)

    def test_find_new_row(self):
        found = self.table.find(k="c")
        assert self.before is None
        assert found == {"id": 3, "k": "C"}


BASE = {
    "on_error": "drop",
    "key": "id",
    "fields": [
        {"name": "id", "type": "int", "required": True},
        {"name": "amount", "type": "money", "currency": "EUR", "min": 0, "max": "999.5"},
        {"name": "kind", "type": "str", "one_of": ["A", "b"], "default": "A"},
        {"name": "tags", "type": "list", "default": ["new"]},
    ],
    "rows": [{"check": "kind != 'b' or amount > 10", "message": "b is too small"}],
}


def findings_for(rows, **changes):
    table, findings = check_table(Table(rows, name="t"), compile_schema(dict(BASE, **changes)))
    return table, findings


@pytest.mark.parametrize("row, column, code", [
    ({"id": "x"}, "id", "type"),
    ({"id": None}, "id", "required"),
    ({"id": 1, "amount": "-1"}, "amount", "min"),
    ({"id": 1, "amount": "€ 1,000"}, "amount", "max"),
    ({"id": 1, "kind": "c"}, "kind", "one_of"),
    ({"id": 1, "kind": "b", "amount": 3}, "kind,amount", "row"),
])
def test_findings(row, column, code):
    _, findings = findings_for([row])
    assert (findings[0][2], findings[0][3]) == (column, code)


def test_defaults_are_not_shared():
    table, _ = findings_for([{"id": 1}, {"id": 2, "tags": "x;y"}, {"id": 3}])
    table[0]["tags"].append("seen")
    assert table.column("tags") == [["new", "seen"], ["x", "y"], ["new"]]


def test_duplicates_name_the_first_row():
    table, findings = findings_for([{"id": 4}, {"id": 5}, {"id": "4"}])
    assert len(table) == 2
    assert findings[0][1] == 3
    assert findings[0][4] == "same key as row 1: 4"


def test_policies():
    rows = [{"id": 1, "amount": 5}, {"id": 2, "amount": -5}]
    assert findings_for(rows)[0].column("id") == [1]
    assert findings_for(rows, on_error="keep")[0].column("amount") == [5, -5]
    assert findings_for(rows, on_error="null")[0].column("amount") == [5, None]
    with pytest.raises(SchemaError):
        findings_for(rows, on_error="fail")


def test_extends_and_compare():
    library = {"base": BASE, "more": {"extends": "base", "fields": ["note", {"name": "kind", "remove": True}]}}
    library["more"]["rows"] = []
    old = compile_schema(BASE, "base", library)
    new = compile_schema(library["more"], "more", library)
    assert compare_schemas(old, new) == [("removed", "kind", "str"), ("added", "note", "str")]


def test_counting():
    _, findings = findings_for([{"id": 1, "amount": -1}, {"id": 2, "amount": -1}, {"id": 2}])
    assert count_findings(findings) == {"amount": {"min": 2}, "id": {"duplicate": 1}}


def test_infer():
    table = Table([{"n": "1", "z": "007", "p": "1.5", "d": "31.12.2023"}, {"n": "2", "z": "010", "p": "2", "d": "01.01.2024"}])
    fields = {field["name"]: field for field in infer_schema(table)["fields"]}
    assert [fields[name]["type"] for name in "nzpd"] == ["int", "str", "decimal", "date"]
    assert fields["d"]["formats"] == ["%d.%m.%Y"]


def test_iban():
    assert iban_ok("DE89370400440532013000")
    assert not iban_ok("DE89370400440532013001")


def test_total_skips_nulls(sales):
    assert sales.total("qty") == 34
    assert sales.total("price") == Decimal("311.80")
