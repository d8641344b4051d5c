import datetime
import json
from decimal import Decimal

import pytest

from mill.engine import Runner, run_job
from mill.errors import JobError
from mill.job import is_due, load_job, order_pipelines, parse_assignment, substitute
from mill.report import bar, render_report

SMALL = """
[job]
name = "small"
today = 2024-05-01
[vars]
least = 2
[sources.raw]
rows = [{ id = 1, d = "2024-04-01", v = "5" }, { id = 2, d = "2024-04-30", v = "-5" }, { id = 3, d = "2024-05-01", v = "8" }]
schema = "raw"
[schemas.raw]
fields = ["id:int", "d:date", "v:decimal"]
[[pipelines]]
name = "second"
from = "first"
[[pipelines.steps]]
do = "filter"
where = "id >= least"
[[pipelines]]
name = "first"
from = "raw"
set = { biggest = "v" }
[[pipelines.steps]]
do = "sort"
by = "-v"
"""


@pytest.fixture
def small(job_file):
    def load(extra="", **overrides):
        return load_job(job_file(SMALL + extra), overrides)
    return load


def test_order_and_variables(small):
    runner = run_job(small(), dry=True)
    assert [entry["pipeline"] for entry in runner.ledger] == ["first", "second"]
    assert runner.variables["biggest"] == 8
    assert [row["id"] for row in runner.rows_of("second")] == [3, 2]


def test_overrides(small):
    job = small(least=3, zone="CET")
    assert job["vars"]["least"] == 3
    assert job["settings"]["zone"] == "CET"
    assert len(run_job(job, dry=True).tables["second"]) == 1


def test_events(small):
    seen = []
    run_job(small(), True, {"step": lambda event, details: seen.append((details["step"], details["after"]))})
    assert seen == [("first.1", 3), ("second.1", 2)]


def test_circle():
    pipelines = [{"name": "a", "from": "b", "steps": []}, {"name": "b", "from": "a", "steps": []}]
    with pytest.raises(JobError):
        order_pipelines(pipelines, {}, {})


def test_trend_over_an_even_month(small):
    extra = '[report]\nsections = [{ show = "trend", table = "first", date = "d", value = "v" }]\n'
    text = render_report(run_job(small(extra), dry=True))
    assert text.splitlines()[-2:] == ["  2024-04           0.00", "  2024-05           8.00"]


def test_written_files(small, tmp_path):
    extra = '[[outputs]]\ntable = "second"\npath = "sub/x.jsonl"\ncolumns = ["id", "v"]\nsort = "id"\n'
    runner = run_job(small(extra))
    lines = (tmp_path / "out" / "sub" / "x.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"id": 2, "v": -5}, {"id": 3, "v": 8}]
    assert runner.written[0]["rows"] == 2


@pytest.mark.parametrize("text, expected", [
    ("n=5", ("n", 5)), ("r=0.5", ("r", Decimal("0.5"))), ("f=true", ("f", True)), ("s=a=b", ("s", "a=b")),
    ("d=2024-01-02", ("d", datetime.date(2024, 1, 2))),
])
def test_assignments(text, expected):
    assert parse_assignment(text) == expected


def test_substitute():
    missing = []
    data = {"a": "${n}", "b": ["x-${n}", "${m|7}"], "c": "${gone}"}
    assert substitute(data, {"n": 3}, missing) == {"a": 3, "b": ["x-3", "7"], "c": "${gone}"}
    assert missing == ["gone"]


def test_due():
    assert is_due({"vars": {"every": "month-end"}}, datetime.date(2024, 2, 29))
    assert not is_due({"vars": {"every": "friday"}}, datetime.date(2024, 2, 29))


def test_orders_numbers(orders_run):
    total = orders_run.rows_of("by_month")[-1]
    assert (total["orders"], total["revenue"]) == (12, Decimal("3988.04"))
    assert orders_run.finding_counts()["lines"]["customer"] == {"reference": 1}
    assert orders_run.worst_finding() == "error"


def test_lost_rows(orders_run):
    lost = orders_run.shrinkage()
    assert sorted(lost) == ["by_month", "grid", "late"]
    assert lost["grid"] == Decimal("0.75")


def test_schema_of_source_is_applied(orders_run):
    customers = orders_run.table("customers")
    assert customers.find(id="c07")["segment"] == "retail"
    assert customers.find(id="c03")["email"] == "info@okafor.example"


def test_bar():
    assert bar(Decimal(5), Decimal(10), 10) == "#####"
    assert bar(Decimal("0.01"), Decimal(10), 10) == "#"
    assert bar(Decimal(0), Decimal(10)) == ""


def test_skipped_steps(small):
    job = small()
    job["pipelines"][0]["steps"][0]["when"] = "rows > 100"
    runner = Runner(job, dry=True).run()
    assert runner.summary()["skipped"] == 1
    assert runner.trace()[0] == "first.1 sort: 3 -> skipped"


@pytest.mark.parametrize("name", ["orders.toml", "sensors.toml", "payroll.json"])
def test_all_jobs_run(mill, name):
    code, text = mill("run", "jobs/" + name, "--trace")
    assert code == 0
    assert "Summary" in text


def test_findings_most_frequent_first(mill, job_file):
    schema = SMALL.replace('fields = ["id:int", "d:date", "v:decimal"]', 'on_error = "keep"\nfields = ['
                           '{ name = "id", type = "int", max = 2 }, "d:date", { name = "v", type = "decimal", min = 100 }]')
    code, text = mill("run", job_file(schema + '[report]\nsections = [{ show = "findings", examples = 0 }]\n'))
    assert code == 0
    assert [line.split() for line in text.splitlines()[-2:]] == [["v", "min", "3"], ["id", "max", "1"]]


def test_cli_small_commands(mill):
    assert mill("expr", "1 + a", "--row", '{"a": 2}') == (0, "1 + a\nreads: a\n3\n")
    assert mill("show", "jobs/sensors.toml")[1].startswith("job sensors")
    assert "key = [\"id\"]" in mill("infer", "data/customers.csv")[1]
    assert mill("run", "jobs/payroll.json", "--due", "2024-03-30") == (0, "payroll is not due on 2024-03-30\n")
    code, text = mill("table", "jobs/orders.toml", "late", "--sort", "days")
    assert text.splitlines()[2].split()[0] == "1005"
