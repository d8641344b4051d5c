import unittest

import pytest

from quill import nodes, parse, pretty, to_sql
from quill.core import LexError, ParseError, locate
from quill.lexer import Lexer, quote_name, quote_string, split_statements, tokenize
from quill.parser import param_names, parse_expression


def kinds(text):
    return [token.kind for token in tokenize(text)]


def values(text):
    return [token.value for token in tokenize(text) if token.kind != "end"]


def again(text):
    """The text of an expression after a round trip."""
    return to_sql(parse_expression(text))


class TestLexer:
    def test_kinds(self):
        assert kinds("select a, 'b' from \"c d\"") == [
            "keyword", "name", "punct", "string", "keyword", "name", "end"]

    @pytest.mark.parametrize("text, expected", [
        ("12", 12),
        ("1_000", 1000),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("2.", 2.0),
    ])
    def test_numbers(self, text, expected):
        assert values(text) == [expected]

    def test_strings(self):
        assert values("'it''s' 'a\\nb'") == ["it's", "a\nb"]

    def test_operators(self):
        assert values("a<=b!=c::d") == ["a", "<=", "b", "<>", "c", "::", "d"]

    def test_comments_are_kept_aside(self):
        lexer = Lexer("select 1 -- one\n/* two */ + 2")
        assert len(lexer.tokens()) == 5
        assert [text for _, text in lexer.comments] == ["one", "two"]

    @pytest.mark.parametrize("text", ["'abc", "select (1", "a)", "/* x", "a # b"])
    def test_errors(self, text):
        with pytest.raises(LexError):
            tokenize(text)

    def test_statements(self):
        assert list(split_statements("select ';' ; select 2;; -- end\n")) == ["select ';'", "select 2"]

    @pytest.mark.parametrize("position, expected", [(0, (1, 1)), (3, (2, 1)), (5, (2, 3))])
    def test_locate(self, position, expected):
        assert locate("ab\ncdef", position) == expected


@pytest.mark.parametrize("name, expected", [
    ("salary", "salary"),
    ("team_2", "team_2"),
    ("order", '"order"'),
    ("first", "first"),
    ("unit price", '"unit price"'),
    ("2nd_place", '"2nd_place"'),
    ('a"b', '"a""b"'),
])
def test_quote_name(name, expected):
    assert quote_name(name) == expected
    assert values(expected) in ([name], [name.lower()])


def test_quote_string():
    text = "tab\tand 'quote' and \\"
    assert values(quote_string(text)) == [text]


class TestExpressions:
    @pytest.mark.parametrize("text", [
        "a + b * c",
        "(a + b) * c",
        "a - (b - c)",
        "a - b - c",
        "a / (b * c)",
        "not (a and b)",
        "(a or b) and c",
        "a between 1 and 2 + 3",
        "x not in (1, 2)",
        "cast(a as int) + 1",
        "case when a > 1 then 'x' else 'y' end",
        "case a when 1 then 2 end",
        "count(distinct team)",
        "name not ilike 'a%'",
        "t.\"unit price\" is not null",
        "a || 'it''s'",
    ])
    def test_round_trip(self, text):
        assert again(text) == text

    @pytest.mark.parametrize("text, expected", [
        ("a::int", "cast(a as int)"),
        ("a != b", "a <> b"),
        ("- 3", "-3"),
        ("a is true", "coalesce(a = true, false)"),
        ("date '2024-01-01'", "cast('2024-01-01' as date)"),
        ("tags[1]", "element(tags, 1)"),
    ])
    def test_other_forms(self, text, expected):
        assert again(text) == expected

    def test_equality_of_trees(self):
        assert parse_expression("A.x + 1") == parse_expression("a.X+1")
        assert parse_expression("x + 1") != parse_expression("x + 1.0")

    def test_conjuncts(self):
        terms = nodes.conjuncts(parse_expression("a and (b and c) and (d or e)"))
        assert [to_sql(term) for term in terms] == ["a", "b", "c", "d or e"]

    def test_columns(self):
        expr = parse_expression("upper(s.name) || case when x > 1 then y end")
        assert [ref.full_name for ref in expr.columns()] == ["s.name", "x", "y"]


class TestStatements(unittest.TestCase):
    def test_clauses(self):
        query = parse("select distinct a x, b from t where c group by a having d order by e desc limit 3 offset 1")
        self.assertTrue(query.distinct)
        self.assertEqual(query.items[0].alias, "x")
        self.assertTrue(query.order_by[0].descending)
        self.assertEqual(query.limit.value, 3)

    def test_set_operations_bind(self):
        query = parse("select 1 union select 2 intersect select 3")
        self.assertEqual(query.op, "union")
        self.assertEqual(query.right.op, "intersect")

    def test_params(self):
        self.assertEqual(param_names("select :a, ?, :b, :a, ?"), ["a", "2", "b", "4"])

    def test_errors_say_what_was_expected(self):
        with self.assertRaises(ParseError) as caught:
            parse("select a frm t where")
        self.assertIn("the end of the query", caught.exception.message)
        with self.assertRaises(ParseError):
            parse("select a from select")

    def test_deep_nesting(self):
        with self.assertRaises(ParseError):
            parse("select " + "(" * 100 + "1" + ")" * 100)

    def test_error_position(self):
        with self.assertRaises(ParseError) as caught:
            parse("select a,\n  from t")
        self.assertIn("line 2, column 3", caught.exception.render("select a,\n  from t"))


def test_pretty():
    text = pretty(parse(
        "select s.name, t.title from staff s left join teams t on s.team = t.team "
        "where s.salary > 10 and (t.floor = 1 or t.floor is null) order by 1"))
    assert text == "\n".join([
        "select s.name, t.title",
        "from staff s",
        "  left join teams t on s.team = t.team",
        "where s.salary > 10",
        "  and (t.floor = 1 or t.floor is null)",
        "order by 1",
    ])


def test_pretty_with():
    text = pretty(parse("with a as (select 1 x) select x from a union all (select 2 limit 1)"), upper=True)
    assert text.splitlines() == [
        "WITH", "  a AS (", "    SELECT 1 AS x", "  )",
        "SELECT x", "FROM a", "UNION ALL", "(", "  SELECT 2", "  LIMIT 1", ")",
    ]
    assert parse(text) == parse(pretty(parse(text)))
