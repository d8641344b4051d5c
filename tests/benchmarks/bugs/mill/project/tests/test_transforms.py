import datetime
from decimal import Decimal

import pytest

from mill.engine import run_rows
from mill.errors import StepError
from mill.transforms import TRANSFORMS, apply_step, check_step
from mill.transforms.combine import join_pairs, split_arguments
from mill.writers import render_table


def column(table, name):
    return [row.get(name) for row in table]


def test_registry_has_docs():
    assert all(entry["doc"] for entry in TRANSFORMS.values())


@pytest.mark.parametrize("step", [{"do": "fly"}, {"do": "sort"}, {"do": "sort", "by": "a", "up": True}])
def test_bad_steps(step):
    with pytest.raises(StepError):
        check_step(step)


def test_select_renames(sales, context):
    table = apply_step(sales, {"do": "select", "columns": "item as what, id"}, context)
    assert table.columns == ["what", "id"]


def test_derive_sees_vars(sales, context):
    step = {"do": "derive", "columns": {"net": "qty * price", "gross": "round(net * (1 + vat), 2)"}}
    table = apply_step(sales, step, context)
    assert column(table, "gross")[:2] == [Decimal("47.36"), Decimal("296.31")]
    assert "net" not in sales.columns


def test_filter_rest(sales, context):
    table = apply_step(sales, {"do": "filter", "where": "qty > 1", "rest_into": "few"}, context)
    assert column(table, "id") == [1, 3]
    assert column(context["tables"]["few"], "id") == [2, 4, 5]


@pytest.mark.parametrize("method, expected", [
    ("down", [2, 1, 30, 30, 1]), ("up", [2, 1, 30, 1, 1]), ("mean", [2, 1, 30, Decimal("8.5"), 1]), (0, [2, 1, 30, 0, 1]),
    ("=id * 10", [2, 1, 30, 40, 1]),
])
def test_fill(sales, context, method, expected):
    table = apply_step(sales, {"do": "fill", "columns": "qty", "with": method}, context)
    assert column(table, "qty") == expected


@pytest.mark.parametrize("text, expected", [
    ("running(v)", [3, 3, 5, 9]),
    ("lag(v)", [None, 3, None, 2]),
    ("lead(v, 1)", [None, 2, 4, None]),
    ("rank(v)", [2, None, 3, 1]),
    ("row()", [1, 2, 3, 4]),
    ("change(v)", [None, None, -1, 2]),
    ("moving(v, 2)", [3, 3, 2, 3]),
])
def test_window(text, expected):
    rows = [{"n": 1, "v": 3}, {"n": 2, "v": None}, {"n": 3, "v": 2}, {"n": 4, "v": 4}]
    table = run_rows(rows, [{"do": "window", "by": "n", "columns": {"w": text}}])
    assert column(table, "w") == expected


def test_bucket_edges_from_text():
    rows = [{"v": Decimal(value)} for value in ("1", "10", "99.5", "100")]
    table = run_rows(rows, [{"do": "bucket", "column": "v", "into_column": "b", "edges": [10, "100"]}])
    assert column(table, "b") == ["< 10", "10 - 100", "10 - 100", ">= 100"]


def test_explode_and_melt():
    rows = [{"id": 1, "t": "a; b"}, {"id": 2, "t": None}]
    assert column(run_rows(rows, [{"do": "explode", "column": "t", "position": "p"}]), "t") == ["a", "b", None]
    wide = [{"id": 1, "x": 5, "y": None}, {"id": 2, "x": 6, "y": 7}]
    long = run_rows(wide, [{"do": "melt", "keep": "id", "key": "k", "value": "v"}])
    pairs = [(row["id"], row["k"]) for row in long]
    assert pairs == [(1, "x"), (2, "x"), (2, "y")]


def test_dedupe_merge():
    rows = [{"id": 1, "a": None, "b": 2}, {"id": 2, "a": 1, "b": 1}, {"id": 1, "a": 5, "b": 6}]
    table = run_rows(rows, [{"do": "dedupe", "by": "id", "keep": "merge"}])
    assert list(table) == [{"id": 1, "a": 5, "b": 2}, {"id": 2, "a": 1, "b": 1}]


def test_days_are_those_of_the_job():
    rows = [{"at": datetime.datetime(2024, 3, 1, 23, 30)}, {"at": datetime.datetime(2024, 3, 2, 12, 0)}]
    steps = [{"do": "derive", "columns": {"day": "day(at)"}}, {"do": "aggregate", "by": "day", "measures": {"n": "count(*)"}}]
    table = run_rows(rows, steps, settings={"zone": "CET"})
    assert [(row["day"].day, row["n"]) for row in table] == [(2, 2)]


@pytest.mark.parametrize("how, expected", [
    ("inner", [1, 2, 3, 4]), ("left", [1, 2, 3, 4, 5]), ("right", [1, 2, 3, 4, None]), ("full", [1, 2, 3, 4, 5, None]),
    ("semi", [1, 2, 3, 4]), ("anti", [5]),
])
def test_join(sales, context, how, expected):
    table = apply_step(sales, {"do": "join", "with": "shops", "on": "shop", "how": how}, context)
    assert column(table, "id") == expected


def test_join_prefix(sales, context):
    context["tables"]["shops"].rows[0]["price"] = 1
    context["tables"]["shops"].put({"shop": "west", "price": 2})
    table = apply_step(sales, {"do": "join", "with": "shops", "on": "shop", "columns": "price, city"}, context)
    assert table.columns[-2:] == ["shops_price", "city"]
    assert column(table, "shops_price") == [1, None, 1, None, 2]


def test_lookup_as_of(sales, context):
    step = {"do": "lookup", "with": "prices", "on": "item", "columns": "cost", "as_of": "day", "default": 0}
    table = apply_step(sales, step, context)
    assert column(table, "cost") == [10, 150, 0, 11, 0]
    assert table.notes == ["lookup in prices: nothing for bulb, lamp"]


def test_aggregate(sales, context):
    step = {"do": "aggregate", "by": "shop", "totals": True, "sort": "-pieces",
            "measures": {"n": "count(*)", "pieces": "sum(qty)", "lamps": "count(*) where item = 'lamp'", "top": "max(price)"}}
    table = apply_step(sales, step, context)
    assert column(table, "shop") == ["Nord", "Sued", "West", "total"]
    assert column(table, "pieces") == [32, 1, 1, 34]
    assert column(table, "lamps") == [1, 1, 1, 3]


def test_aggregate_of_nothing():
    rows = [{"a": 1}]
    table = run_rows(rows, [{"do": "filter", "where": "a > 5"},
                            {"do": "aggregate", "measures": {"n": "count(*)", "s": "sum(a)"}}])
    assert list(table) == [{"n": 0, "s": None}]


def test_pivot(sales, context):
    step = {"do": "pivot", "rows": "item", "column": "shop", "value": "qty", "order": "Nord, Sued, West", "total": "all"}
    table = apply_step(sales, step, context)
    assert table[0] == {"item": "lamp", "Nord": 2, "Sued": None, "West": 1, "all": 3}


def test_compare(sales, context):
    context["tables"]["before"] = sales.where("id < 5")
    changed = sales.with_column("qty", lambda row: 9 if row["id"] == 2 else row["qty"]).where("id != 1")
    table = apply_step(changed, {"do": "compare", "with": "before", "key": "id"}, context)
    assert [(row["id"], row["change"]) for row in table] == [(2, "changed"), (5, "new"), (1, "gone")]


def test_small_parsers():
    assert split_arguments("f(a, b), 'x,y', c") == ["f(a, b)", "'x,y'", "c"]
    assert join_pairs("a, b = c") == [("a", "a"), ("b", "c")]


@pytest.mark.parametrize("spec, expected", [
    ({"format": "csv", "columns": ["id", "shop as where"]}, "id,where\n1,Nord\n"),
    ({"format": "jsonl", "columns": ["id", "price"]}, '{"id": 1, "price": 19.9}\n'),
    ({"format": "markdown", "columns": ["item", "qty"]}, "| item | qty |\n| --- | --- |\n| lamp | 2 |\n"),
    ({"format": "fixed", "layout": [{"name": "item", "width": 6}, {"name": "price", "width": 6, "align": "right",
                                                                  "implied": 2, "fill": "0"}]}, "lamp  001990\n"),
    ({"format": "sql", "columns": ["id", "shop", "day"]}, "INSERT INTO sales (id, shop, day) VALUES\n"
                                                          "  (1, 'Nord', '2024-01-05');\n"),
])
def test_writers(sales, spec, expected):
    assert render_table(sales.head(1), spec) == expected


def test_text_output_has_grouped_digits(sales):
    table = sales.head(2).with_column("sum", lambda row: row["price"] * 50)
    text = render_table(table, {"format": "text", "columns": ["item", "sum"], "formats": {"sum": "money:EUR"}})
    assert [line.split()[1] for line in text.splitlines()[2:]] == ["995.00", "12,450.00"]
