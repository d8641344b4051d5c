import datetime
import decimal

import pytest

from quill import Table
from quill.core import AmbiguousName, ExecutionError, TypeMismatch, UnknownName


def names(result, column="name"):
    return [value.split()[0] for value in result.column(column)]


def run_both(engine, plain, text, params=None):
    """The rows of a query, which must not depend on the rewriting."""
    rows = engine.run(text, params).tuples()
    assert rows == plain.run(text, params).tuples()
    return rows


class TestSelect:
    def test_star(self, engine):
        result = engine.run("select * except (hired, manager) from staff limit 2 offset 1")
        assert result.names == ["id", "name", "team", "salary"]
        assert result.column("id") == [2, 3]

    def test_expressions(self, engine):
        row = engine.run("select 1 + 2 * 3, 7 / 2, 7 % 4, 'a' || 1, -2.5, 3 > 2").first()
        assert row == (7, 3.5, 3, "a1", -2.5, True)

    def test_between_parameters(self, engine):
        result = engine.run(
            "select name from staff where salary between ? and ? order by salary, name",
            [3300, 3900],
        )
        assert names(result) == ["Finn", "June", "Dag"]

    def test_order_of_nulls(self, small):
        result = small.run("select label, x from points order by label desc, x")
        assert result.tuples() == [(None, 2), ("b", 3), ("a", 1), ("a", 5)]
        result = small.run("select label, x from points order by label desc nulls last, x desc")
        assert result.tuples() == [("b", 3), ("a", 5), ("a", 1), (None, 2)]

    @pytest.mark.parametrize("condition, expected", [
        ("team = 'core'", 3),
        ("team <> 'core'", 6),
        ("3500 <= salary", 7),
        ("not (salary < 3500 or team = 'web')", 5),
        ("not salary between 3000 and 4500", 3),
        ("team is null", 1),
        ("team in ('web', 'data')", 5),
        ("team not in ('web', null)", 0),
        ("name like '%a%' and name not like 'A%'", 7),
        ("name ilike '%O''HARA'", 1),
        ("hired >= '2021-01-01'", 3),
        ("manager in (select id from staff where team = 'core')", 5),
        ("exists (select 1 from teams where floor = 9)", 0),
        ("salary = (select max(salary) from staff)", 1),
    ])
    def test_where(self, engine, plain, condition, expected):
        rows = run_both(engine, plain, "select id from staff where " + condition)
        assert len(rows) == expected

    def test_case_of_nulls(self, engine):
        result = engine.run(
            "select name, case team when 'core' then 'C' when 'data' then 'D' else '?' end mark "
            "from staff where id > 4 order by id")
        assert "".join(result.column("mark")) == "DD?C??"

    def test_group(self, engine, plain):
        rows = run_both(
            engine, plain,
            "select team, count(*) n, min(hired) since from staff where team is not null "
            "group by team having count(*) > 1 order by n desc, team")
        assert rows == [
            ("core", 3, datetime.date(2015, 3, 1)),
            ("web", 3, datetime.date(2018, 1, 31)),
            ("data", 2, datetime.date(2016, 2, 29)),
        ]

    def test_group_by_expression(self, engine):
        result = engine.run("select month(placed) m, sum(amount) from orders group by m order by 1 limit 2")
        assert result.tuples() == [(1, decimal.Decimal("195.50")), (2, decimal.Decimal("569.99"))]

    def test_aggregate_of_nothing(self, engine):
        assert engine.run("select count(*), sum(salary) from staff where id < 0").tuples() == [(0, None)]

    def test_with(self, engine):
        result = engine.run(
            "with paid as (select customer, sum(amount) total from orders where status = 'shipped' "
            "group by customer) select a.customer from paid a join paid b on a.total < b.total "
            "group by a.customer having count(*) = 1")
        assert result.column("customer") == ["Nord AG"]

    @pytest.mark.parametrize("op, expected", [
        ("union", [1, 2, 3]),
        ("union all", [1, 2, 2, 2, 3]),
        ("except", [1]),
        ("intersect", [2]),
        ("except all", [1, 2]),
    ])
    def test_set_operations(self, engine, op, expected):
        engine.table("l", [{"v": 1}, {"v": 2}, {"v": 2}])
        engine.table("r", [{"v": 2}, {"v": 3}])
        assert engine.run("select v from l %s select v from r order by v" % op).column("v") == expected


class TestJoin:
    def test_left(self, engine):
        result = engine.run(
            "select s.name, t.title from staff s left join teams t using (team) where s.id in (2, 7, 10) order by s.id")
        assert [row[1] for row in result] == ["Core Systems", None, None]

    def test_self_join(self, engine, plain):
        rows = run_both(
            engine, plain,
            "select m.name, count(*) from staff s join staff m on s.manager = m.id group by m.name order by 2 desc, 1")
        assert rows[0] == ("Ada Byron", 4)

    def test_residual(self, engine, plain):
        rows = run_both(
            engine, plain,
            "select a.id, b.id from staff a join staff b on a.team = b.team and a.salary < b.salary order by 1, 2")
        assert rows == [(2, 1), (4, 3), (6, 5), (8, 1), (9, 3), (9, 4)]

    def test_cross(self, engine):
        assert engine.value("select count(*) from teams a, teams b where a.floor < b.floor") == 5

    def test_explain(self, engine):
        lines = engine.explain("select s.name from staff s, teams t where s.team = t.team and t.floor = 3")
        assert lines == [
            "project s.name",
            "  inner hash join on s.team = t.team",
            "    scan staff as s",
            "    scan teams as t where t.floor = 3",
        ]


class TestErrors:
    @pytest.mark.parametrize("text, error", [
        ("select nme from staff", UnknownName),
        ("select 1 from nowhere", UnknownName),
        ("select id from staff a join staff b on a.id = b.id", AmbiguousName),
        ("select name + 1 from staff", TypeMismatch),
        ("select name, count(*) from staff", TypeMismatch),
        ("select id from staff where sum(salary) > 1", TypeMismatch),
        ("select upper(id) from staff", TypeMismatch),
        ("select id from staff limit 'a'", TypeMismatch),
        ("select cast('x1' as decimal)", ExecutionError),
        ("select (select id from staff)", ExecutionError),
        ("select :missing", ExecutionError),
    ])
    def test_error(self, engine, text, error):
        with pytest.raises(error):
            engine.run(text)

    def test_candidates(self, engine):
        message = engine.check("select salry from staff")
        assert "did you mean: salary" in message


class TestEngine:
    def test_same_query_after_a_change(self, engine):
        engine.table("rates", [{"code": "a", "rate": 2}])
        assert engine.value("select sum(rate) from rates") == 2
        engine.table("rates", [{"code": "a", "rate": 3}, {"code": "b", "rate": 4}])
        assert engine.value("select sum(rate) from rates") == 7

    def test_plans_are_kept(self, engine):
        for number in (1, 2, 3):
            engine.run("select name from staff where id = :id", {"id": number})
        assert (engine.plans.misses, engine.plans.hits) == (1, 2)

    def test_positional_parameters(self, engine):
        result = engine.run("select name from staff where team = ? and salary > ?", ["web", 3500])
        assert names(result) == ["Cleo", "Dag"]

    def test_missing_parameter(self, engine):
        with pytest.raises(ExecutionError, match="no value for parameter 1"):
            engine.run("select ? + 1")

    def test_store(self, engine):
        engine.store("leads", "select id, name from staff where manager = 1")
        assert engine.value("select count(*) from leads l join staff s on s.manager = l.id") == 5

    def test_settings_after_render(self, engine):
        result = engine.run("select team from teams where floor = 2")
        assert engine.render(result, style="csv") == "team\nweb"
        assert engine.settings.style == "table"

    def test_table_from_generator(self, engine):
        words = ["plan", "do", "check", "act"]
        table = Table.from_records("steps", ({"word": word, "size": len(word)} for word in words))
        assert len(table) == 4
        assert [column.type for column in table.schema] == ["text", "int"]

    def test_max_rows(self, engine):
        with pytest.raises(ExecutionError):
            engine.run("select id from staff", max_rows=3)

    def test_tables_used(self, engine):
        assert engine.tables_used("select 1 from a join (select 2 from b) c on true") == ["a", "b"]
