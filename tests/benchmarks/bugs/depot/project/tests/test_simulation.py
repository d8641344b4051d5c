import json
from decimal import Decimal

import pytest

from depot import report
from depot.cli import main
from depot.errors import Deadlock, KernelError, ScenarioError
from depot.metrics import Counter, Gauge, Histogram, MetricSet
from depot.model import OrderState, TimeWindow, VehicleState
from depot.scenario import ScenarioReader, load_scenario, merge, read_scenario
from depot.sim import Bus, Channel, Kernel, Signal, Slots, simulate

from .conftest import SCENARIOS, run


@pytest.mark.parametrize("value, start, end", [
    ("08:00-10:30", 480, 630),
    ("2024-05-06T08:00:00+00:00/2024-05-06T09:00:00+00:00", 600, 660),
    (["08:00", "09:00"], 480, 540),
    ({"from": "08:00", "to": "09:15"}, 480, 555),
    ({"by": "12:00"}, 0, 720),
    ({"around": "12:00", "slack": "1h"}, 660, 780),
    ({"around": "12:00"}, 690, 750),
])
def test_windows(document, value, start, end):
    document["orders"][0]["window"] = value
    assert read_scenario(document).orders["a"].window == TimeWindow(start, end)


@pytest.mark.parametrize("road, metres, kmh, back", [
    ("B-C 3.2km 70", 3200, 70, True),
    ("B>C 900m", 900, 50, False),
    ("B-C #motorway", 10_000, 50, True),
    (["B", "C", 4, 30], 4000, 30, True),
    ({"from": "B", "to": "C", "length": "5km", "oneway": True, "toll": "1.2"}, 5000, 50, False),
])
def test_roads(document, road, metres, kmh, back):
    document["roads"].append(road)
    graph = read_scenario(document).graph
    assert graph.road("B", "C").metres == metres
    assert graph.road("B", "C").kmh == kmh
    assert graph.has_road("C", "B") is back


@pytest.mark.parametrize("path, value, message", [
    (("home",), "Q", "home: unknown node 'Q'"),
    (("settings", "dock"), 3, "settings.dock: unknown setting"),
    (("orders", 1, "node"), "Q", "orders[1]: unknown node 'Q'"),
    (("orders", 0, "load"), "4 stones", "orders[0]: '4 stones' is not a weight like 12.5kg"),
    (("vehicles", 0, "type"), "tank", "vehicles[0]: 'tank' is missing"),
    (("vehicles",), [], "vehicles: there are none"),
])
def test_errors(document, path, value, message):
    target = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(ScenarioError) as caught:
        read_scenario(document)
    assert str(caught.value) == message


def test_defaults_and_count(document):
    document["order_defaults"] = {"service": "12m", "tags": ["x"]}
    document["vehicles"][0].update(id="W", count=3)
    scenario = read_scenario(document)
    assert [vehicle.id for vehicle in scenario.fleet] == ["W1", "W2", "W3"]
    assert scenario.orders["b"].service == 12 and scenario.orders.tagged("x") == list(scenario.orders)


def test_check(document):
    document["orders"][0].update(skills=["lift"], load="200kg")
    document["orders"][1].update(window="17:00-18:00", release="19:00")
    assert list(read_scenario(document).check()) == [
        "order a needs lift, which nobody has",
        "order a fits into no vehicle",
        "order b is announced after its window",
        "order b is due when nobody works",
    ]


def test_extends(tmp_path):
    base = json.loads((SCENARIOS / "city.json").read_text())
    (tmp_path / "base.json").write_text(json.dumps(base))
    (tmp_path / "sub.json").write_text(json.dumps({
        "extends": "base.json", "settings": {"docks": 5}, "name": "sub"}))
    scenario = load_scenario(tmp_path / "sub.json", {"settings": {"seed": 3}})
    assert (scenario.name, scenario.settings.docks, scenario.settings.seed) == ("sub", 5, 3)
    assert scenario.settings.strategy == "regret:k=2"
    (tmp_path / "base.json").write_text('{"extends": "sub.json"}')
    with pytest.raises(ScenarioError, match="extends itself"):
        load_scenario(tmp_path / "sub.json")


def test_merge_leaves_the_base_alone():
    base = {"a": {"b": 1}, "c": 2}
    assert merge(base, {"a": {"d": 3}}) == {"a": {"b": 1, "d": 3}, "c": 2}
    assert base == {"a": {"b": 1}, "c": 2}


def test_prices_are_exact():
    city = load_scenario(SCENARIOS / "city.json")
    assert city.fleet["V1"].kind.per_km == Decimal("0.45")
    assert city.orders["o1"].value == Decimal("18.50")
    assert city.fleet["V1"].kind is city.fleet["V2"].kind
    assert ScenarioReader({}).types == {}


async def run_kernel(*workers, **options):
    """Run workers, functions of the kernel and a log, and return the log."""
    kernel, log = Kernel(**options), []
    for number, worker in enumerate(workers):
        kernel.spawn(worker(kernel, log), f"w{number}")
    await kernel.run()
    return log


def sleeper(name, *pauses):
    async def work(kernel, log):
        for pause in pauses:
            await kernel.sleep(pause)
            log.append((kernel.now, name))
    return work


class TestKernel:
    def test_sequence(self):
        log = run(run_kernel(sleeper("a", 5, 5), sleeper("b", 3, 7), start=100))
        assert log == [(103, "b"), (105, "a"), (110, "b"), (110, "a")]

    def test_horizon(self):
        log = run(run_kernel(sleeper("a", 5, 5, 5), horizon=11))
        assert log == [(5, "a"), (10, "a")]

    def test_errors_come_out(self):
        async def fails(kernel, log):
            await kernel.sleep(1)
            raise ZeroDivisionError
        with pytest.raises(ZeroDivisionError):
            run(run_kernel(sleeper("a", 5), fails))

    def test_deadlock(self):
        async def waits(kernel, log):
            await Signal(kernel).wait()
        with pytest.raises(Deadlock, match="w0"):
            run(run_kernel(waits))

    def test_join(self):
        async def answer(kernel):
            await kernel.sleep(4)
            return 42

        async def asks(kernel, log):
            log.append(await kernel.join(kernel.spawn(answer(kernel), "answer")))
            log.append(kernel.now)
        assert run(run_kernel(asks)) == [42, 4]

    def test_past(self):
        async def late(kernel, log):
            await kernel.sleep(5)
            kernel.call_at(3, print)
        with pytest.raises(KernelError):
            run(run_kernel(late))

    def test_cancelled_timer(self):
        async def work(kernel, log):
            kernel.call_at(3, log.append, "no").cancel()
            kernel.call_at(2, log.append, "yes")
            await kernel.sleep(4)
        assert run(run_kernel(work)) == ["yes"]


class TestChannel:
    def test_messages_arrive_in_sequence(self):
        async def work(kernel, log):
            channel = Channel(kernel, "c")

            async def producer():
                for item in "xyz":
                    await kernel.sleep(2)
                    channel.send(item)
                channel.close()
            kernel.spawn(producer(), "producer")
            async for item in channel:
                log.append((kernel.now, item))
        assert run(run_kernel(work)) == [(2, "x"), (4, "y"), (6, "z")]

    def test_timeout(self):
        async def work(kernel, log):
            channel = Channel(kernel, "c")
            log.append(await channel.receive_within(3))
            kernel.call_at(5, channel.send, "late")
            log.append(await channel.receive_within(30))
            log.append(kernel.now)
            channel.send("kept")
            log.append(await channel.receive())
        assert run(run_kernel(work)) == [None, "late", 5, "kept"]

    def test_message_after_a_timeout_is_not_lost(self):
        async def work(kernel, log):
            channel = Channel(kernel, "c")
            await channel.receive_within(3)
            channel.send("m")
            log.append(len(channel))
        assert run(run_kernel(work)) == [1]


def test_slots_serve_in_sequence():
    slots = []

    async def customer(kernel, log):
        if not slots:
            slots.append(Slots(kernel, 2))
        async with slots[0].place() as waited:
            log.append((kernel.now, waited))
            await kernel.sleep(10)
    log = run(run_kernel(customer, customer, customer, customer, customer))
    assert log == [(0, 0), (0, 0), (10, 10), (10, 10), (20, 20)]
    assert slots[0].longest_queue == 3 and slots[0].waited == 40
    assert slots[0].free == 2


def test_bus():
    heard = []
    bus = Bus(lambda: 7)
    stop = bus.subscribe("order.*", lambda topic, at, **details: heard.append((topic, at, details)))
    bus.publish("order.new", id=1)
    bus.publish("vehicle.new", id=2)
    stop()
    bus.publish("order.new", id=3)
    assert heard == [("order.new", 7, {"id": 1})]


def test_tiny_day(tiny):
    result = simulate(tiny)
    van = tiny.fleet["V1"]
    assert [order.delivered_at for order in tiny.orders.delivered()] == [559, 570]
    assert van.odometer == 24_000
    assert van.machine.time_in(VehicleState.SERVING, result.end) == 10
    assert result.kpis()["delivered"] == "2 of 2"
    assert result.totals.metrics["orders.punctual"].value() == 2
    assert {id: (p.vehicle, p.start) for id, p in result.promises.items()} == {
        "b": ("V1", 559), "a": ("V1", 570)}


def with_incident(document, **incident):
    document["incidents"] = [incident]
    return read_scenario(document)


def test_jam(document):
    scenario = with_incident(document, at="09:05", jam="D-A", factor=2)
    simulate(scenario)
    assert scenario.orders["b"].delivered_at == 565


def test_jam_ends(document):
    scenario = with_incident(document, at="09:05", jam="D-A", factor=2, until="10:00")
    simulate(scenario)
    assert scenario.graph.road("D", "A").slow == 1.0


def test_breakdown(document):
    scenario = with_incident(document, at="09:08", breakdown="V1", length="1h")
    result = simulate(scenario)
    assert scenario.fleet["V1"].machine.time_in(VehicleState.BROKEN, result.end) == 55
    assert scenario.orders["b"].delivered_at == 614


def test_cancelled_at_the_dock(document):
    scenario = with_incident(document, at="09:03", cancel="b")
    result = simulate(scenario)
    assert scenario.orders["b"].state is OrderState.CANCELLED
    assert result.failures == {"b": "cancelled"}
    assert [order.id for order in scenario.fleet["V1"].delivered] == ["a"]


def test_absent_customer_gets_a_second_visit(document):
    document["orders"][1]["absent_until"] = "10:00"
    scenario = read_scenario(document)
    result = simulate(scenario)
    order = scenario.orders["b"]
    assert order.state is OrderState.DELIVERED and order.attempts == 2
    assert scenario.fleet["V1"].tours == 2
    assert result.totals.metrics["orders.refused"].value() == 1


def test_too_heavy(document):
    document["orders"][0]["load"] = "101kg"
    result = simulate(read_scenario(document))
    assert result.failures == {"a": "expired"}
    assert [order.id for order in result.unserved()] == ["a"]


def test_docks_are_shared(document):
    document["vehicles"][0]["count"] = 2
    document["vehicles"][0]["id"] = "V"
    for order in document["orders"]:
        order["load"] = "80kg"
    result = simulate(read_scenario(document))
    wait = result.totals.metrics["dock.wait"]
    assert [label for label, count in wait.buckets() if count] == ["<=0", "<=5"]
    assert wait.worst == 5


@pytest.mark.parametrize("name, delivered", [("city", 13), ("night", 5)])
def test_scenarios(name, delivered):
    result = simulate(load_scenario(SCENARIOS / f"{name}.json"))
    assert result.totals.delivered == delivered
    again = simulate(load_scenario(SCENARIOS / f"{name}.json"))
    assert again.kpis() == result.kpis()
    assert again.journal == result.journal


@pytest.fixture
def result(document):
    document["orders"][1]["window"] = "09:00-09:20"
    document["incidents"] = [{"at": "09:07", "jam": "A-B", "factor": 2.5}]
    return simulate(read_scenario(document))


def lines_of(result, name):
    return report.render(result, [name]).splitlines()[4:]


def test_orders_section(result):
    assert lines_of(result, "orders")[2:] == [
        "a   A     09:00-12:00  09:30   09:48  delivered  V1",
        "b   B     09:00-09:20  09:19   09:28  delivered  V1       late 8m",
    ]


def test_vehicles_section(result):
    line = lines_of(result, "vehicles")[2].split()
    assert line[:4] == ["V1", "van", "1", "2"]
    assert line[4:6] == ["24.0", "km"]


def test_lateness_section(document):
    document["orders"][0]["window"] = "09:00-09:14"
    document["incidents"] = [{"at": "09:05", "jam": "D-A", "factor": 3}]
    document["rules"] = {"windows": {"grace": "5m"}}
    lines = lines_of(simulate(read_scenario(document)), "lateness")
    assert lines[0] == "  <=0 min  ##########..........  1"
    assert lines[2] == " <=15 min  ##########..........  1"
    assert lines[-1] == "median 6m, worst 11m"


def test_gantt(result):
    assert lines_of(result, "gantt") == ["    09:00", "V1  ====........................"]


def test_hours(result):
    assert lines_of(result, "hours") == ["09:00  ####################  2"]


def test_json(result):
    document = json.loads(report.to_json(result))
    assert document["orders"][0] == {
        "id": "a", "state": "delivered", "vehicle": "V1", "delivered": "09:48", "skills": []}
    assert document["revenue"] == "22.50"
    assert document["kpis"]["punctual"] == "50%"


def test_table_cuts_long_cells():
    columns = (report.Column("name", width=5), report.Column("n", ">"))
    assert list(report.table(columns, [("abcdefgh", 5), (None, 12)])) == [
        "name    n", "-----  --", "abcd~   5", "       12"]


def test_histogram():
    histogram = Histogram("h", bounds=(0, 10))
    for value in (3, 0, 25, 10):
        histogram.observe(value)
    assert histogram.buckets() == [("<=0", 1), ("<=10", 2), (">10", 1)]
    assert histogram.quantile(0.5) == 6.5
    assert histogram.snapshot()["p90"] == pytest.approx(20.5)


def test_gauge_is_weighted_by_time():
    gauge = Gauge("g", start=100)
    gauge.set(4, 110)
    gauge.set(1, 120)
    assert gauge.mean(140) == pytest.approx((4 * 10 + 1 * 20) / 40)
    assert (gauge.at(105), gauge.at(110), gauge.at(200)) == (0, 4, 1)
    assert gauge.peak == 4
    with pytest.raises(ValueError):
        gauge.set(2, 119)


def test_metric_set():
    metrics = MetricSet()
    metrics.counter("driven.V1", "m").add(1500)
    metrics.counter("driven.V2", "m").add(200)
    metrics.counter("driven", "m").add(1700)
    assert {name: metric.show() for name, metric in metrics.family("driven").items()} == {
        "V1": "1.5 km", "V2": "0.2 km"}
    with pytest.raises(TypeError):
        metrics.gauge("driven")
    assert isinstance(metrics["driven"], Counter)
    metrics.reset()
    assert metrics["driven"].value() == 0


@pytest.mark.parametrize("command, text", [
    (["simulate", "city.json", "--section", "summary"], "delivered                   13 of 14"),
    (["plan", "city.json", "--at", "08:00"], "strategy regret-2: 2 tours, 40.8 km, 97.05 EUR"),
    (["route", "city.json", "D", "H", "--travel", "distance"], "D > C > H"),
    (["check", "night.json"], "6 orders, 4 vehicles, 114% of the capacity of one round"),
    (["compare", "city.json", "--with", "nearest", "--with", "value"], "distance                       99.8 km    105.2 km"),
    (["strategies"], "patient      hold, improve, rounds"),
    (["simulate", "city.json", "--format", "csv"], "o11,E,08:00-16:00,10:56,-,failed,V2,attempts"),
])
def test_commands(command, text, monkeypatch, capsys):
    monkeypatch.chdir(SCENARIOS)
    assert main(command) == 0
    assert text in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("command, status, text", [
    (["simulate", "nowhere.json"], 3, "depot: nowhere.json: No such file or directory"),
    (["route", "city.json", "D", "Q"], 2, "depot: unknown node 'Q'"),
    (["plan", "city.json", "--strategy", "best"], 2, "depot: unknown strategy 'best'"),
    (["plan", "city.json", "--set", "docks"], 3, "depot: --set: 'docks' is not key=value"),
])
def test_failing_commands(command, status, text, monkeypatch, capsys):
    monkeypatch.chdir(SCENARIOS)
    assert main(command) == status
    assert capsys.readouterr().err.startswith(text)


def test_export(tmp_path, capsys):
    target = tmp_path / "out.json"
    assert main(["export", str(SCENARIOS / "city.json"), str(target)]) == 0
    assert json.loads(target.read_text())["scenario"] == "city"
    assert capsys.readouterr().out == "wrote out.json\n"


def test_billing(document):
    document["orders"][0].update(tags=["frozen", "fragile"], priority=1)
    document["orders"][1].update(load="1t", tags=["express"])
    lines = lines_of(simulate(read_scenario(document)), "billing")
    assert lines == [
        "A: 17.23 EUR",
        "  a     delivery                    10.00",
        "  a     frozen                       3.50",
        "  a     fragile                      0.50",
        "  a     priority                     2.10",
        "  tax   7% of 16.10                 1.13",
        "not billed: b",
        "total 16.10 EUR, tax 1.13 EUR",
    ]


def test_late_deliveries_are_refunded(document):
    document["orders"][0].update(window="09:00-09:14", value="20.00")
    document["incidents"] = [{"at": "09:05", "jam": "D-A", "factor": 3}]
    lines = lines_of(simulate(read_scenario(document)), "billing")
    assert lines[:3] == [
        "A: 21.42 EUR",
        "  a     delivery                    20.00",
        "  a     11m late                    -2.00",
    ]
