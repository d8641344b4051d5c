"""Reading a scenario file into graph, fleet, orders and settings."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timezone
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

from .errors import DepotError, ScenarioError
from .model import BreakRule, Fleet, Load, Order, OrderBook, TimeWindow, Vehicle, VehicleType
from .planning import CostModel, RuleSet
from .routing import TRAVEL_MODELS, RoadGraph
from .units import (
    parse_clock,
    parse_distance,
    parse_duration,
    parse_instant,
    parse_money,
    parse_offset,
    parse_weight,
)

Json = Any


@dataclass(slots=True)
class Settings:
    strategy: str = "cheapest"
    travel: str = "road"
    replan_every: float = 15.0
    collect: float = 1.0
    docks: int = 2
    load_time: float = 4.0
    per_order: float = 0.5
    unload_time: float = 3.0
    retry_delay: float = 20.0
    horizon: float = 22 * 60.0
    currency: str = "EUR"
    seed: int = 1
    jitter: float = 0.0
    costs: CostModel = field(default_factory=CostModel)


@dataclass(slots=True)
class Incident:
    """Something that happens to a road, a vehicle or an order at a fixed time."""

    at: float
    kind: str
    target: tuple[str, ...]
    factor: float = 1.0
    until: float | None = None


@dataclass(slots=True)
class Scenario:
    name: str
    day: date
    zone: timezone
    home: str
    graph: RoadGraph
    fleet: Fleet
    orders: OrderBook
    rules: RuleSet
    settings: Settings
    incidents: list[Incident] = field(default_factory=list)
    source: str = "<memory>"

    def check(self) -> Iterator[str]:
        """Warnings: things that are legal and probably not meant."""
        yield from self.graph.problems(self.home)
        known = self.fleet.skills()
        for order in self.orders:
            if missing := order.skills - known:
                yield f"order {order.id} needs {', '.join(sorted(missing))}, which nobody has"
            if not any(vehicle.can_take(order) for vehicle in self.fleet):
                yield f"order {order.id} fits into no vehicle"
            if order.release > order.window.end:
                yield f"order {order.id} is announced after its window"
        span = self.fleet.span()
        for order in self.orders:
            if not order.window.overlaps(span):
                yield f"order {order.id} is due when nobody works"


# How a setting is read; the names are those of `Settings`.
SETTING_READERS: dict[str, Callable[[Json], Any]] = {
    "strategy": str,
    "travel": str,
    "replan_every": parse_duration,
    "collect": parse_duration,
    "docks": int,
    "load_time": parse_duration,
    "per_order": parse_duration,
    "unload_time": parse_duration,
    "retry_delay": parse_duration,
    "horizon": parse_clock,
    "currency": str,
    "seed": int,
    "jitter": float,
}


@contextmanager
def inside(where: str) -> Iterator[None]:
    """Turns what goes wrong in the block into a ScenarioError at this place."""
    try:
        yield
    except ScenarioError as error:
        raise ScenarioError(f"{where}.{error.where}", error.problem) from error.__cause__
    except DepotError as error:
        raise ScenarioError(where, str(error)) from error
    except KeyError as error:
        raise ScenarioError(where, f"{error.args[0]!r} is missing") from error
    except (ValueError, TypeError) as error:
        raise ScenarioError(where, str(error)) from error


class ScenarioReader:
    """Reads one document, part by part."""

    def __init__(self, document: dict[str, Json], source: str = "<memory>") -> None:
        self.document = document
        self.source = source
        self.day = date(2024, 1, 1)
        self.zone: timezone = timezone.utc
        self.home = ""
        self.graph = RoadGraph()
        self.types: dict[str, VehicleType] = {}
        self.defaults: dict[str, Json] = document.get("order_defaults", {})

    def read(self) -> Scenario:
        doc = self.document
        with inside("day"):
            self.day = date.fromisoformat(doc.get("day", "2024-01-01"))
        with inside("timezone"):
            self.zone = parse_offset(doc.get("timezone", "Z"))
        settings = self.read_settings(doc.get("settings", {}))
        self.read_nodes(doc.get("nodes", {}))
        self.read_roads(doc.get("roads", []))
        with inside("home"):
            self.home = doc["home"]
            self.graph.require(self.home)
        self.read_types(doc.get("vehicle_types", {}))
        fleet = self.read_fleet(doc.get("vehicles", []))
        orders = self.read_orders(doc.get("orders", []))
        incidents = self.read_incidents(doc.get("incidents", []))
        with inside("rules"):
            rules = RuleSet.from_specs(doc.get("rules", {}))
        return Scenario(doc.get("name", self.source), self.day, self.zone, self.home, self.graph,
                        fleet, orders, rules, settings, incidents, self.source)

    def instant(self, text: str) -> float:
        return parse_instant(text, self.day, self.zone)

    def window(self, value: Json) -> TimeWindow:
        match value:
            case str() if "/" in value:
                start, end = value.split("/")
            case str():
                start, end = value.split("-")
            case [start, end]:
                pass
            case {"from": start, "to": end}:
                pass
            case {"by": end}:
                start = "00:00"
            case {"around": middle, **rest}:
                slack = parse_duration(rest.get("slack", 30))
                moment = self.instant(middle)
                return TimeWindow(moment - slack, moment + slack)
            case _:
                raise ValueError(f"{value!r} is not a time window")
        return TimeWindow(self.instant(start), self.instant(end))

    def load(self, value: Json) -> Load:
        match value:
            case {"weight": weight, **rest}:
                return Load(parse_weight(weight), int(rest.get("litres", 0)))
            case [weight, litres]:
                return Load(parse_weight(weight), int(litres))
            case _:
                return Load(parse_weight(value))

    def read_settings(self, given: dict[str, Json]) -> Settings:
        settings = Settings()
        for key, value in given.items():
            with inside(f"settings.{key}"):
                if key == "costs":
                    settings.costs = CostModel(**{k: float(v) for k, v in value.items()})
                elif key in SETTING_READERS:
                    setattr(settings, key, SETTING_READERS[key](value))
                else:
                    raise ValueError("unknown setting")
        with inside("settings.travel"):
            if settings.travel not in TRAVEL_MODELS:
                raise ValueError(f"unknown travel model {settings.travel!r}")
        return settings

    def read_nodes(self, given: dict[str, Json] | list[Json]) -> None:
        entries: Iterable[tuple[str, Json]]
        if isinstance(given, dict):
            entries = given.items()
        else:
            entries = ((entry["name"], entry["at"]) for entry in given)
        for name, point in entries:
            with inside(f"nodes.{name}"):
                x, y = point
                self.graph.add_node(name, (float(x), float(y)))

    def read_roads(self, given: list[Json]) -> None:
        """Roads are written as text, as a list or as an object.

        'A-B 3.2km 50' is a two-way road, 'A>B 3.2km 50' a one-way street;
        length and speed may be left out, words with a # are tags.
        """
        for number, entry in enumerate(given):
            with inside(f"roads[{number}]"):
                toll = Decimal("0.00")
                tags: tuple[str, ...] = ()
                metres: float | None = None
                kmh = 50.0
                two_way = True
                match entry:
                    case str():
                        words = entry.split()
                        ends = words[0]
                        tags = tuple(word[1:] for word in words if word.startswith("#"))
                        numbers = [word for word in words[1:] if not word.startswith("#")]
                        if ">" in ends:
                            source, target = ends.split(">")
                            two_way = False
                        else:
                            source, target = ends.split("-")
                        if numbers:
                            metres = parse_distance(numbers[0])
                        if len(numbers) > 1:
                            kmh = float(numbers[1])
                    case [source, target, *rest]:
                        if rest:
                            metres = parse_distance(rest[0])
                        if len(rest) > 1:
                            kmh = float(rest[1])
                    case {"from": source, "to": target, **rest}:
                        if "length" in rest:
                            metres = parse_distance(rest["length"])
                        kmh = float(rest.get("kmh", kmh))
                        toll = parse_money(rest.get("toll", "0"))
                        tags = tuple(rest.get("tags", ()))
                        two_way = not rest.get("oneway", False)
                    case _:
                        raise ValueError(f"{entry!r} is not a road")
                self.graph.add_road(source, target, metres, kmh, two_way=two_way, toll=toll,
                                    tags=tags)

    def read_types(self, given: dict[str, Json]) -> None:
        for name, entry in given.items():
            with inside(f"vehicle_types.{name}"):
                rule = None
                if "break" in entry:
                    rest = entry["break"]
                    rule = BreakRule(parse_duration(rest.get("after", 270)),
                                     parse_duration(rest.get("length", 45)))
                self.types[name] = VehicleType(
                    name,
                    self.load(entry["capacity"]),
                    speed=float(entry.get("speed", 1.0)),
                    per_km=Decimal(str(entry.get("per_km", "0.45"))),
                    per_hour=parse_money(entry.get("per_hour", "24")),
                    fixed=parse_money(entry.get("fixed", "0")),
                    skills=frozenset(entry.get("skills", ())),
                    avoids=frozenset(entry.get("avoids", ())),
                    break_rule=rule,
                )

    def read_fleet(self, given: list[Json]) -> Fleet:
        fleet = Fleet()
        for number, entry in enumerate(given):
            with inside(f"vehicles[{number}]"):
                kind = self.types[entry["type"]]
                shift = self.window(entry.get("shift", "06:00-18:00"))
                count = int(entry.get("count", 1))
                for index in range(1, count + 1):
                    id = entry["id"] if count == 1 else f"{entry['id']}{index}"
                    fleet.add(Vehicle(id, kind, entry.get("home", self.home), shift,
                                      entry.get("skills", ()), bool(entry.get("reserve", False))))
        if not len(fleet):
            raise ScenarioError("vehicles", "there are none")
        return fleet

    def read_orders(self, given: list[Json]) -> OrderBook:
        book = OrderBook()
        for number, entry in enumerate(given):
            with inside(f"orders[{number}]"):
                merged = {**self.defaults, **entry}
                self.graph.require(merged["node"])
                absent = merged.get("absent_until")
                release = merged.get("release")
                book.add(Order(
                    str(merged["id"]),
                    merged["node"],
                    self.load(merged.get("load", 1)),
                    self.window(merged.get("window", "08:00-18:00")),
                    service=parse_duration(merged.get("service", 5)),
                    priority=int(merged.get("priority", 3)),
                    skills=frozenset(merged.get("skills", ())),
                    release=self.instant(release) if release else 0.0,
                    value=parse_money(merged.get("value", "0")),
                    absent_until=self.instant(absent) if absent else None,
                    max_attempts=int(merged.get("max_attempts", 2)),
                    tags=tuple(merged.get("tags", ())),
                ))
        return book

    def read_incidents(self, given: list[Json]) -> list[Incident]:
        incidents = []
        for number, entry in enumerate(given):
            with inside(f"incidents[{number}]"):
                at = self.instant(entry["at"])
                until = self.instant(entry["until"]) if "until" in entry else None
                match entry:
                    case {"close": road}:
                        incident = Incident(at, "close", tuple(road.split("-")), until=until)
                    case {"jam": road, **rest}:
                        factor = float(rest.get("factor", 2))
                        incident = Incident(at, "jam", tuple(road.split("-")), factor, until)
                    case {"breakdown": vehicle, **rest}:
                        length = parse_duration(rest.get("length", 30))
                        incident = Incident(at, "breakdown", (vehicle,), until=at + length)
                    case {"cancel": order}:
                        incident = Incident(at, "cancel", (order,))
                    case _:
                        raise ValueError("unknown kind of incident")
                incidents.append(incident)
        return sorted(incidents, key=lambda incident: incident.at)


def load_document(path: str | FilePath) -> dict[str, Json]:
    try:
        text = FilePath(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioError(str(path), error.strerror or "cannot be read") from error
    try:
        # Money must stay exact, so numbers with a point come as Decimal.
        document = json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise ScenarioError(str(path), f"line {error.lineno}: {error.msg}") from error
    if not isinstance(document, dict):
        raise ScenarioError(str(path), "the document is not an object")
    return document


def merge(base: dict[str, Json], over: dict[str, Json]) -> dict[str, Json]:
    """`over` wins; objects are merged key by key."""
    result = dict(base)
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merge(result[key], value)
        else:
            result[key] = value
    return result


def load_scenario(path: str | FilePath, overrides: dict[str, Json] | None = None) -> Scenario:
    """A file may extend another one: `"extends": "city.json"`."""
    path = FilePath(path)
    document = load_document(path)
    seen = {path.resolve()}
    while "extends" in document:
        parent = path.parent / document.pop("extends")
        if parent.resolve() in seen:
            raise ScenarioError(str(path), "extends itself")
        seen.add(parent.resolve())
        document = merge(load_document(parent), document)
        path = parent
    if overrides:
        document = merge(document, overrides)
    return ScenarioReader(document, source=str(path)).read()


def read_scenario(document: dict[str, Json]) -> Scenario:
    return ScenarioReader(document).read()
