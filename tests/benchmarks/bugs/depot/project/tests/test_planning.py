import unittest
from datetime import date
from decimal import Decimal

import pytest

from depot import units
from depot.errors import (
    CapacityError,
    DepotError,
    NoPath,
    OptionError,
    RoutingError,
    TransitionError,
    UnitError,
    UnknownNode,
    UnknownStrategy,
)
from depot.model import BreakRule, Fleet, Load, OrderBook, OrderState, TimeWindow, VehicleState
from depot.planning import Draft, Planner, RuleSet, improve, strategy
from depot.planning.tours import best_insertion, regret_insertion, relocate, two_opt
from depot.routing import CrowTravel, Drive, LruCache, Path, RoadTravel
from depot.routing.roads import by_distance, by_toll

from .conftest import line_graph, make_order, make_vehicle


@pytest.mark.parametrize("text, minutes", [
    ("00:00", 0), ("07:30", 450), ("7:30:30", 450.5), ("26:15", 1575),
])
def test_clock(text, minutes):
    assert units.parse_clock(text) == minutes


@pytest.mark.parametrize("value, minutes", [
    (15, 15), ("15", None), ("1h30m", 90), ("45m", 45), ("90s", 1.5), ("2h", 120), ("1.5h", 90),
    ("1h 5min", 65), (Decimal("2.5"), 2.5), ("1x", None), ("m", None), (True, None),
])
def test_duration(value, minutes):
    if minutes is None:
        with pytest.raises(UnitError):
            units.parse_duration(value)
    else:
        assert units.parse_duration(value) == pytest.approx(minutes)


@pytest.mark.parametrize("text, offset, minutes", [
    ("2024-03-04T08:00:00+00:00", "+01:00", 540),
    ("2024-03-04T08:00:00", "+01:00", 480),
    ("2024-03-05T01:00:00+01:00", "+01:00", 1500),
    ("2024-03-04T08:00:00-05:00", "Z", 780),
    ("08:00", "-05:00", 480),
])
def test_instant(text, offset, minutes):
    zone = units.parse_offset(offset)
    assert units.parse_instant(text, date(2024, 3, 4), zone) == minutes


@pytest.mark.parametrize("value, grams", [("800g", 800), ("12.5kg", 12500), (3, 3000), ("1t", 10**6),
                                          (Decimal("0.25"), 250)])
def test_weight(value, grams):
    assert units.parse_weight(value) == grams


def test_money_is_rounded_half_up():
    assert units.parse_money("1.005") == Decimal("1.01")
    assert units.to_money(2.675) == Decimal("2.68")
    assert units.format_money(Decimal("1234.5")) == "1,234.50 EUR"


@pytest.mark.parametrize("minutes, text", [(450, "07:30"), (450.6, "07:31"), (1439.7, "00:00+1"),
                                           (1575, "02:15+1")])
def test_format_clock(minutes, text):
    assert units.format_clock(minutes) == text


def test_format_duration():
    assert [units.format_duration(m) for m in (5, 59.6, 61, -90)] == ["5m", "1h00", "1h01", "-1h30"]


def drive(km, minutes, *nodes):
    return Drive(Path(nodes or ("D", "A"), km * 1000, minutes), 480, minutes)


def deliver(book, vehicle, order, at):
    """Take an order through its whole life."""
    book.release(order.id, at - 60)
    book.plan(order, vehicle, at - 50)
    vehicle.put_in(order, at - 40)
    vehicle.hand_over(order, at)


class TestOrderBook(unittest.TestCase):
    def setUp(self):
        self.vehicle = make_vehicle()
        self.book = OrderBook([
            make_order("x", "A", "08:00-10:00", priority=2, value=Decimal("10.00")),
            make_order("y", "B", "08:00-09:00", priority=2, value=Decimal("7.50")),
            make_order("z", "B", "12:00-14:00", priority=1, release=600),
        ])

    def test_urgent_orders_come_first(self):
        for id in ("x", "y", "z"):
            self.book.release(id, 480)
        self.assertEqual([order.id for order in self.book.pending()], ["z", "y", "x"])

    def test_listeners_hear_the_state_before(self):
        heard = []
        self.book.listen(lambda order, before: heard.append((order.id, before, order.state)))
        self.book.release("x", 480)
        with self.book.muted():
            self.book.release("y", 480)
        self.book.cancel("x", 490)
        self.assertEqual(heard, [
            ("x", OrderState.ANNOUNCED, OrderState.PENDING),
            ("x", OrderState.PENDING, OrderState.CANCELLED),
        ])

    def test_expired_orders_fail(self):
        self.book.release("y", 480)
        self.assertEqual(self.book.expire(540), [])
        self.assertEqual([order.id for order in self.book.expire(540.5)], ["y"])
        self.assertIs(self.book["y"].state, OrderState.FAILED)

    def test_lateness_and_hours(self):
        deliver(self.book, self.vehicle, self.book["x"], 545)
        deliver(self.book, self.vehicle, self.book["y"], 552)
        self.assertEqual([order.id for order in self.book.late()], ["y"])
        self.assertEqual({hour: len(group) for hour, group in self.book.by_hour().items()}, {9: 2})
        self.assertEqual(self.book.value(OrderState.DELIVERED), Decimal("17.50"))

    def test_too_late_to_cancel(self):
        deliver(self.book, self.vehicle, self.book["x"], 545)
        self.assertFalse(self.book.cancel("x", 550))
        self.assertFalse(self.book.cancel("nobody", 550))

    def test_give_back(self):
        order = self.book["x"]
        self.book.release("x", 480)
        for attempt, state in ((1, OrderState.PENDING), (2, OrderState.FAILED)):
            self.book.plan(order, self.vehicle, 480)
            self.vehicle.put_in(order, 481)
            order.attempts = attempt
            self.vehicle.take_out(order)
            self.book.give_back(order, 500)
            self.assertIs(order.state, state)

    def test_same_id_twice(self):
        with self.assertRaises(DepotError):
            self.book.add(make_order("x", "C"))


def test_machine_refuses_steps_that_are_not_in_the_table(vehicle):
    with pytest.raises(TransitionError, match="vehicle V: cannot go from off to driving"):
        vehicle.set_off(480)


def test_time_in_states(vehicle):
    vehicle.clock_in(400)
    vehicle.begin_loading(420)
    vehicle.set_off(430)
    vehicle.begin_service(450)
    vehicle.set_off(455)
    assert vehicle.machine.time_in(VehicleState.DRIVING, 470) == 35
    assert vehicle.busy_minutes(470) == 50
    assert vehicle.machine.entered(VehicleState.DRIVING) == 455
    assert vehicle.machine.entered(VehicleState.BREAK) is None


def test_running_cost():
    vehicle = make_vehicle(fixed=Decimal("5.00"), per_km=Decimal("0.35"), per_hour=Decimal("24.00"))
    vehicle.clock_in(400)
    assert vehicle.running_cost(500) == 0
    vehicle.begin_loading(400)
    vehicle.set_off(410)
    vehicle.arrive("A", drive(12.3, 20), 430)
    assert vehicle.running_cost(430) == Decimal("21.31")    # 5.00 + 4.305 + 12.00


def test_vehicle_is_full(vehicle):
    vehicle.put_in(planned("x", 300), 480)
    with pytest.raises(CapacityError):
        vehicle.put_in(planned("y", 201), 480)
    assert vehicle.room == Load(200_000, 3500)


def planned(id, kg):
    order = make_order(id, "A", kg=kg)
    order.machine.to(OrderState.PENDING, 0)
    order.machine.to(OrderState.PLANNED, 0)
    return order


@pytest.mark.parametrize("driven, ahead, due", [(0, 400, False), (100, 200, True), (100, 170, False),
                                                (271, 0, True)])
def test_break_rule(driven, ahead, due):
    assert BreakRule().due(driven, ahead) is due


def test_break_resets_the_count():
    vehicle = make_vehicle(break_rule=BreakRule(60, 15))
    vehicle.clock_in(400)
    vehicle.begin_loading(400)
    vehicle.set_off(400)
    vehicle.arrive("A", drive(30, 50), 450)
    assert vehicle.break_due(11) and not vehicle.break_due(10)
    vehicle.begin_break(450)
    vehicle.set_off(465)
    assert not vehicle.break_due(11)
    assert vehicle.driven_minutes == 50


@pytest.mark.parametrize("other, common", [
    (TimeWindow(5, 15), TimeWindow(10, 15)), (TimeWindow(20, 30), None), (TimeWindow(0, 90), TimeWindow(10, 20)),
])
def test_intersection(other, common):
    assert TimeWindow(10, 20).intersect(other) == common


def test_fleet_sends_big_vehicles_first_and_reserve_last():
    fleet = Fleet([make_vehicle("a", 100), make_vehicle("b", 900), make_vehicle("c", 300)])
    fleet["b"].reserve = True
    for vehicle in fleet:
        vehicle.clock_in(360)
    assert [vehicle.id for vehicle in fleet.available(400)] == ["c", "a", "b"]
    assert fleet.available(100) == []
    assert fleet.capacity().grams == 1_300_000


def way(graph, source, target, **options):
    return "".join(graph.shortest_path(source, target, **options).nodes)


def test_shortest_by_time_and_distance(ring):
    assert way(ring, "D", "E") == "DABCE"
    ring.road("D", "E").kmh = 100
    assert way(ring, "D", "E") == "DE"
    ring.road("D", "E").metres = 23_000
    assert way(ring, "D", "E", weight=by_distance) == "DE"


def test_tolls_and_tags(graph):
    graph.add_road("D", "E", 24_500, 90, toll=Decimal("3.50"), tags=["motorway"])
    assert way(graph, "D", "E") == "DE"
    assert way(graph, "D", "E", weight=by_toll) == "DABCE"
    assert way(graph, "D", "E", avoid=frozenset({"motorway"})) == "DABCE"
    assert graph.shortest_path("D", "E").toll == Decimal("3.50")


def test_one_way(graph):
    graph.add_node("X", (0, 5))
    graph.add_road("D", "X", two_way=False)
    assert graph.shortest_path("D", "X").metres == 5000
    with pytest.raises(NoPath):
        graph.shortest_path("X", "D")
    assert graph.reachable("X") == {"X"}
    assert len(graph.components()) == 1


def test_closed_roads(ring):
    with ring.without(("A", "B")):
        assert way(ring, "A", "B") == "ADECB"
        with pytest.raises(NoPath), ring.without(("D", "E")):
            ring.shortest_path("A", "B")
    assert way(ring, "A", "B") == "AB"


def test_jam_is_taken_back(graph):
    before = graph.shortest_path("D", "B").minutes
    graph.slow_down("D", "A", 3)
    assert graph.shortest_path("B", "D").minutes == pytest.approx(before + 12)
    graph.speed_up("D", "A", 3)
    assert graph.shortest_path("D", "B").minutes == pytest.approx(before)


def test_errors(graph):
    with pytest.raises(UnknownNode, match="unknown node 'Q'"):
        graph.shortest_path("D", "Q")
    with pytest.raises(RoutingError):
        graph.road("D", "C")
    with pytest.raises(RoutingError):
        Path(("A", "B"), 1, 1) + Path(("C", "D"), 1, 1)


def test_problems(graph):
    graph.add_node("island", (99, 99))
    graph.add_road("A", "C", 5000, 50)
    assert list(graph.problems("D")) == [
        "island cannot be reached from D",
        "road A-C is shorter than a straight line",
        "road C-A is shorter than a straight line",
    ]


@pytest.mark.parametrize("depart, minutes", [
    (300, 24), (420, 33.6), (410, 10 + 14 * 1.4), (530, 10 + (24 - 10 / 1.4)), (1440 + 430, 33.6),
])
def test_rush_hour(graph, depart, minutes):
    travel = RoadTravel(graph)
    assert travel.minutes("D", "E", depart, make_vehicle()) == pytest.approx(minutes)


def test_speed_of_the_vehicle(travel):
    assert travel.minutes("D", "A", 300, make_vehicle(speed=0.5)) == 12


def test_closed_road_is_noticed_by_the_cache(ring):
    travel, vehicle = RoadTravel(ring, rush_hours=()), make_vehicle()
    assert travel.metres("A", "B", vehicle) == 6000
    assert travel.metres("A", "B", vehicle) == 6000
    assert travel.cache.hits == 1
    ring.close("A", "B")
    assert travel.metres("A", "B", vehicle) == 43_000
    ring.reopen("A", "B")
    assert travel.metres("A", "B", vehicle) == 6000


def test_every_vehicle_has_its_own_paths(graph):
    graph.add_road("D", "E", 24_500, 90, tags=["motorway"])
    travel = RoadTravel(graph)
    moped = make_vehicle("moped", avoids=frozenset({"motorway"}))
    assert travel.drive("D", "E", 300, make_vehicle()).path.nodes == ("D", "E")
    assert travel.drive("D", "E", 300, moped).path.nodes == tuple("DABCE")


def test_crow():
    travel = CrowTravel(line_graph(), kmh=60, detour=1.5)
    assert travel.drive("D", "B", 100, make_vehicle()).arrive == 118


def test_cache_forgets_the_least_recently_used():
    cache = LruCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert "b" not in cache and "a" in cache
    assert cache.get("b") is None
    assert cache.hit_rate == 0.5


def stops(plan):
    return {tour.vehicle.id: [order.id for order in tour.orders] for tour in plan.tours}


def starts(schedule):
    return [visit.start for visit in schedule.visits]


@pytest.fixture
def errands():
    return [make_order("e1", "C", "08:00-09:30"), make_order("e2", "A"), make_order("e3", "B", kg=20),
            make_order("e4", "E", "10:00-12:00", priority=1)]


class TestSchedule:
    def test_times(self, builder, vehicle):
        schedule = builder.build(vehicle, [make_order("x", "A"), make_order("y", "C")], 480)
        assert schedule.depart == 486
        assert starts(schedule) == [492, 509]
        assert schedule.back == 532
        assert schedule.metres == 36_000
        assert schedule.driving == 36
        assert schedule.cost == Decimal("37.00")    # 16.20 + 20.80

    def test_waits_for_the_window(self, builder, vehicle):
        late = make_order("x", "A", "09:00-10:00")
        schedule = builder.build(vehicle, [late], 480)
        assert schedule.waiting == 49
        assert schedule.visits[0].spare == 60
        assert schedule.visits[0].late == 0

    def test_starts_with_the_shift(self, builder):
        schedule = builder.build(make_vehicle(shift="09:00-17:00"), [make_order("x", "A")], 480)
        assert schedule.begin == 540

    def test_load_on_board(self, builder, vehicle, errands):
        schedule = builder.build(vehicle, errands, 480)
        assert [visit.on_board.grams // 1000 for visit in schedule.visits] == [50, 40, 30, 10]

    def test_breaks(self, builder):
        driver = make_vehicle(break_rule=BreakRule(after=20, length=10))
        orders = [make_order("x", "A"), make_order("y", "C"), make_order("z", "E")]
        schedule = builder.build(driver, orders, 480)
        assert [(rest.start, rest.before) for rest in schedule.rests] == [(515, 2), (536, 3)]
        assert schedule.back == 570
        assert list(schedule.lines())[3] == "  08:35 break"

    def test_waiting_replaces_a_break(self, builder):
        driver = make_vehicle(break_rule=BreakRule(after=20, length=10))
        orders = [make_order("x", "B", "09:00-10:00"), make_order("y", "C")]
        schedule = builder.build(driver, orders, 480)
        assert [rest.before for rest in schedule.rests] == [2]

    def test_latest_begin(self, builder, vehicle):
        orders = [make_order("x", "A", "09:00-10:00"), make_order("y", "B", "09:20-11:00")]
        schedule = builder.latest_begin(vehicle, orders, 480)
        assert schedule.begin == 588
        assert schedule.lateness == 0


class TestRules:
    @pytest.mark.parametrize("orders, text", [
        ([make_order("x", "A", kg=600)], "capacity: 600000 g in V"),
        ([make_order("x", "A", skills=frozenset({"lift", "adr"}))], "skills: x needs adr, lift"),
        ([make_order("x", "E", "07:00-08:20")], "windows: x is 9m late"),
        ([make_order("x", "A", "17:50-18:30")], "shift: back 1m after the end of the shift"),
    ])
    def test_broken(self, planner, vehicle, orders, text):
        schedule = planner.schedule(vehicle, orders)
        assert planner.rules.why_not(schedule) == text
        assert planner.judge(schedule) is None

    def test_options(self, planner, vehicle):
        rules = RuleSet.from_specs({"windows": {"grace": "10m"}, "waiting": None, "stops": {"limit": "3"}})
        assert [rule.name for rule in rules] == ["capacity", "skills", "windows", "shift", "stops"]
        assert rules.feasible(planner.schedule(vehicle, [make_order("x", "E", "07:00-08:20")]))
        many = [make_order(f"m{n}", "A") for n in range(4)]
        assert rules.why_not(planner.schedule(vehicle, many)) == "stops: 1 stops too many"

    def test_unknown_option(self):
        with pytest.raises(OptionError):
            RuleSet.from_specs({"shift": {"grace": "10m"}})

    def test_soft_rules_cost(self, planner, vehicle):
        idle = planner.schedule(vehicle, [make_order("x", "A", "09:00-10:00")])
        assert planner.rules.penalty(idle) == pytest.approx(0.2 * 49)
        assert planner.rules.feasible(idle)


class TestInsertion:
    def test_best_place(self, planner, vehicle):
        draft = Draft(vehicle, planner, [make_order("x", "A"), make_order("y", "C")])
        best = best_insertion([draft], make_order("n", "B"))
        assert best.position == 1
        assert best.delta == pytest.approx(5.0)     # the service, no detour

    def test_attempt_is_undone(self, planner, vehicle):
        draft = Draft(vehicle, planner, [make_order("x", "A")])
        cost = draft.cost
        with draft.attempt():
            draft.insert(0, make_order("y", "E"))
            assert draft.cost > cost
        assert draft.cost == cost and len(draft) == 1

    def test_two_opt(self, planner, vehicle):
        names = "BDEAC".replace("D", "")
        draft = Draft(vehicle, planner, [make_order(name, name) for name in names])
        assert two_opt(draft)
        assert [order.id for order in draft.orders] in (list("ABCE"), list("BCEA"), list("ACEB"), list("ABEC"))

    def test_relocate_joins_tours(self, planner):
        first = Draft(make_vehicle("V1"), planner, [make_order("x", "B")])
        second = Draft(make_vehicle("V2"), planner, [make_order("y", "B")])
        assert relocate([first, second])
        assert sorted([len(first), len(second)]) == [0, 2]

    def test_regret_takes_the_hard_one_first(self, planner):
        small = Draft(make_vehicle("V1", 50), planner)
        large = Draft(make_vehicle("V2", 100), planner)
        heavy = make_order("heavy", "C", kg=90)
        light = make_order("light", "C", kg=45, priority=1)
        assert regret_insertion([small, large], [light, heavy]) == []
        assert [order.id for order in large.orders] == ["heavy"]

    def test_improve_stops(self, planner, vehicle, errands):
        draft = Draft(vehicle, planner, sorted(errands, key=lambda order: order.window.end))
        before = draft.cost
        assert improve([draft], rounds=5) < 5
        assert draft.cost <= before


class TestStrategies:
    @pytest.mark.parametrize("name", list(strategy))
    def test_all_serve_everybody(self, name, planner, errands):
        plan = strategy.create(name).plan(errands, [make_vehicle("V1"), make_vehicle("V2")], planner)
        assert sorted(order.id for order in plan.planned()) == ["e1", "e2", "e3", "e4"]
        assert plan.left == []
        assert all(planner.rules.feasible(tour.schedule) for tour in plan.tours)

    def test_first_fit_sequence(self, planner, errands):
        plan = strategy.create("simple").plan(errands[:3], [make_vehicle("V1")], planner)
        assert stops(plan) == {"V1": ["e1", "e2", "e3"]}

    def test_nearest(self, planner, errands):
        plan = strategy.create("nearest").plan(errands[:3], [make_vehicle("V1")], planner)
        assert stops(plan) == {"V1": ["e2", "e3", "e1"]}

    def test_savings_uses_one_vehicle(self, planner):
        orders = [make_order(name, name) for name in "CEAB"]
        plan = strategy.create("savings").plan(orders, [make_vehicle("V1"), make_vehicle("V2")], planner)
        assert len(plan.tours) == 1
        assert plan.metres == 48_000

    def test_patient_holds_back_and_leaves_late(self, planner):
        orders = [make_order("x", "A", "09:00-09:30"), make_order("y", "B", "15:00-16:00")]
        plan = strategy.create("patient:hold=90m").plan(orders, [make_vehicle("V1")], planner)
        assert plan.reasons() == {"y": "held back"}
        assert plan.tours[0].schedule.begin == 559

    def test_value_spares_the_reserve(self, planner):
        cheap = make_order("cheap", "A", kg=80, value=Decimal("1.00"))
        dear = make_order("dear", "B", kg=80, value=Decimal("50.00"))
        spare = make_vehicle("V0", 100)
        spare.reserve = True
        plan = strategy.create("value").plan([cheap, dear], [make_vehicle("V1", 100), spare], planner)
        assert stops(plan) == {"V1": ["dear"], "V0": ["cheap"]}

    def test_reasons(self, planner):
        orders = [make_order("big", "A", kg=900), make_order("early", "E", "06:00-08:10")]
        plan = strategy.create("cheapest").plan(orders, [make_vehicle("V1")], planner)
        assert plan.reasons() == {"big": "no vehicle can take it", "early": "windows: early is 19m late"}
        assert not plan

    def test_numbers_go_on(self, planner):
        chosen = strategy.create("cheapest")
        for number in (1, 2):
            plan = chosen.plan([make_order("x", "A")], [make_vehicle("V1")], planner)
            assert plan.tour_of("V1").number == number

    @pytest.mark.parametrize("text, shown", [("regret", "regret-2"), ("regret:k=3,improve", "regret-3"),
                                             ("insertion: rounds=1", "cheapest")])
    def test_create(self, text, shown):
        assert str(strategy.create(text)) == shown

    @pytest.mark.parametrize("text, error", [("best", UnknownStrategy), ("regret:k=x", OptionError),
                                             ("cheapest:k=2", OptionError), ("regret:k=1", OptionError)])
    def test_create_fails(self, text, error):
        with pytest.raises(error):
            strategy.create(text)

    def test_options_of_the_bases(self):
        assert set(strategy.all_options(strategy.lookup("regret"))) == {"improve", "rounds", "k"}

    def test_island(self, builder, planner):
        builder.travel.graph.add_node("X", (50, 50))
        plan = strategy.create("nearest").plan([make_order("x", "X")], [make_vehicle()], planner)
        assert plan.reasons() == {"x": "no open road leads from D to X"}
