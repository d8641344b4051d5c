from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from depot.model import Load, Order, TimeWindow, Vehicle, VehicleType
from depot.planning import Planner, RuleSet, ScheduleBuilder
from depot.routing import RoadGraph, RoadTravel
from depot.scenario import read_scenario
from depot.units import parse_clock

SCENARIOS = Path(__file__).parent.parent / "scenarios"


def window(text: str) -> TimeWindow:
    start, end = text.split("-")
    return TimeWindow(parse_clock(start), parse_clock(end))


def make_order(id: str, node: str, due: str = "08:00-18:00", kg: int = 10, **more) -> Order:
    return Order(id, node, Load(kg * 1000, kg * 5), window(due), **more)


def make_vehicle(id: str = "V", kg: int = 500, shift: str = "06:00-18:00", home: str = "D",
                 skills: tuple[str, ...] = (), **kind) -> Vehicle:
    return Vehicle(id, VehicleType(f"{kg}kg", Load(kg * 1000, kg * 10), **kind), home,
                   window(shift), skills)


def line_graph(names: str = "DABCE", km: float = 6.0, kmh: float = 60.0) -> RoadGraph:
    """Nodes in a line, one hop takes six minutes."""
    graph = RoadGraph()
    for index, name in enumerate(names):
        graph.add_node(name, (index * km, 0.0))
    for left, right in zip(names, names[1:]):
        graph.add_road(left, right, km * 1000, kmh)
    return graph


def run(coroutine):
    return asyncio.run(coroutine)


@pytest.fixture
def graph() -> RoadGraph:
    return line_graph()


@pytest.fixture
def ring(graph) -> RoadGraph:
    """The line, closed to a ring by a slow but short road."""
    graph.add_road("D", "E", 25_000, 30)
    return graph


@pytest.fixture
def travel(graph) -> RoadTravel:
    return RoadTravel(graph, rush_hours=())


@pytest.fixture
def builder(travel) -> ScheduleBuilder:
    return ScheduleBuilder(travel, load_time=4, per_order=1)


@pytest.fixture
def planner(builder) -> Planner:
    return Planner(builder, RuleSet.default(), now=parse_clock("08:00"))


@pytest.fixture
def vehicle() -> Vehicle:
    return make_vehicle()


@pytest.fixture
def document() -> dict:
    return {
        "name": "tiny", "home": "D", "day": "2024-05-06", "timezone": "+02:00",
        "settings": {"strategy": "cheapest", "docks": 1, "load_time": 4, "per_order": 1,
                     "travel": "road", "horizon": "20:00"},
        "nodes": {"D": [0, 0], "A": [6, 0], "B": [12, 0], "C": [6, 8]},
        "roads": ["D-A 6km 60", "A-B 6km 60", "A-C 8km 60", "D-C 10km 60"],
        "vehicle_types": {"van": {"capacity": ["100kg", 1000]}},
        "vehicles": [{"id": "V1", "type": "van", "shift": "09:00-16:00"}],
        "orders": [
            {"id": "a", "node": "A", "window": "09:00-12:00", "value": "10.00"},
            {"id": "b", "node": "B", "window": "09:00-12:00", "value": "12.50"},
        ],
    }


@pytest.fixture
def tiny(document):
    return read_scenario(document)
