"""The road network, shortest paths in it and the time that a vehicle takes for them."""
from __future__ import annotations

import functools
import heapq
import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, Generic, Protocol, TypeVar

from ..errors import NoPath, RoutingError, UnknownNode
from ..model import Vehicle

Point = tuple[float, float]


@dataclass(slots=True)
class Road:
    source: str
    target: str
    metres: float
    kmh: float
    toll: Decimal = Decimal("0.00")
    tags: frozenset[str] = frozenset()
    closed: bool = False
    slow: float = 1.0

    @property
    def key(self) -> tuple[str, str]:
        return (self.source, self.target)

    @property
    def minutes(self) -> float:
        return self.metres / 1000 / self.kmh * 60 * self.slow

    def passable(self, avoid: frozenset[str]) -> bool:
        return not self.closed and not (self.tags & avoid)


@dataclass(frozen=True, slots=True)
class Path:
    nodes: tuple[str, ...]
    metres: float
    minutes: float
    toll: Decimal = Decimal("0.00")

    @property
    def source(self) -> str:
        return self.nodes[0]

    @property
    def target(self) -> str:
        return self.nodes[-1]

    def hops(self) -> Iterator[tuple[str, str]]:
        return pairwise(self.nodes)

    def __add__(self, other: Path) -> Path:
        if self.target != other.source:
            raise RoutingError(f"{self.target} and {other.source} do not join")
        return Path(self.nodes + other.nodes[1:], self.metres + other.metres,
                    self.minutes + other.minutes, self.toll + other.toll)


Weight = Callable[[Road], float]


def by_time(road: Road) -> float:
    return road.minutes


def by_distance(road: Road) -> float:
    return road.metres


def by_toll(road: Road) -> float:
    """Cheap roads first; time breaks the ties."""
    return float(road.toll) * 1000 + road.minutes


WEIGHTS: dict[str, Weight] = {"time": by_time, "distance": by_distance, "toll": by_toll}


class RoadGraph:
    """Directed roads between named nodes.

    Every change raises `revision`, so that those who keep results can tell
    that they are stale; `on_change` callbacks get the pair of nodes.
    """

    def __init__(self) -> None:
        self._points: dict[str, Point] = {}
        self._out: dict[str, dict[str, Road]] = {}
        self._watchers: list[Callable[[str, str], None]] = []
        self.revision = 0

    def __contains__(self, node: str) -> bool:
        return node in self._points

    def __len__(self) -> int:
        return len(self._points)

    def add_node(self, name: str, point: Point = (0.0, 0.0)) -> None:
        self._points[name] = point
        self._out.setdefault(name, {})

    def add_road(self, source: str, target: str, metres: float | None = None, kmh: float = 50.0, *,
                 two_way: bool = True, toll: Decimal = Decimal("0.00"),
                 tags: Iterable[str] = ()) -> Road:
        self.require(source, target)
        if metres is None:
            metres = self.straight_line(source, target)
        if kmh <= 0:
            raise RoutingError(f"nobody drives {kmh} km/h from {source} to {target}")
        road = Road(source, target, metres, kmh, toll, frozenset(tags))
        self._out[source][target] = road
        if two_way:
            self._out[target][source] = replace(road, source=target, target=source)
        self._changed(source, target)
        return road

    def remove_road(self, source: str, target: str) -> None:
        if self._out[source].pop(target, None) is not None:
            self._changed(source, target)

    def require(self, *nodes: str) -> None:
        for node in nodes:
            if node not in self._points:
                raise UnknownNode(node)

    def on_change(self, watcher: Callable[[str, str], None]) -> None:
        self._watchers.append(watcher)

    def _changed(self, source: str, target: str) -> None:
        self.revision += 1
        for watcher in self._watchers:
            watcher(source, target)

    @property
    def nodes(self) -> list[str]:
        return list(self._points)

    def point(self, node: str) -> Point:
        self.require(node)
        return self._points[node]

    def road(self, source: str, target: str) -> Road:
        self.require(source, target)
        try:
            return self._out[source][target]
        except KeyError:
            raise RoutingError(f"there is no road from {source} to {target}") from None

    def has_road(self, source: str, target: str) -> bool:
        return target in self._out.get(source, ())

    def roads(self) -> Iterator[Road]:
        for roads in self._out.values():
            yield from roads.values()

    def leaving(self, node: str, avoid: frozenset[str] = frozenset()) -> Iterator[Road]:
        for road in self._out[node].values():
            if road.passable(avoid):
                yield road

    def straight_line(self, source: str, target: str) -> float:
        """Metres as the crow flies; points are in kilometres."""
        (x0, y0), (x1, y1) = self._points[source], self._points[target]
        return math.hypot(x1 - x0, y1 - y0) * 1000

    def nearest(self, node: str, among: Iterable[str]) -> str | None:
        others = [other for other in among if other != node]
        return min(others, key=lambda other: (self.straight_line(node, other), other), default=None)

    # ------------------------------------------------------------- traffic

    def _both_ways(self, source: str, target: str) -> Iterator[Road]:
        yield self.road(source, target)
        if self.has_road(target, source):
            yield self.road(target, source)

    def close(self, source: str, target: str) -> None:
        for road in self._both_ways(source, target):
            road.closed = True
        self._changed(source, target)

    def reopen(self, source: str, target: str) -> None:
        for road in self._both_ways(source, target):
            road.closed = False
        self._changed(source, target)

    def slow_down(self, source: str, target: str, factor: float) -> None:
        if factor <= 0:
            raise RoutingError(f"a slow-down by {factor} makes no sense")
        for road in self._both_ways(source, target):
            road.slow *= factor
        self._changed(source, target)

    def speed_up(self, source: str, target: str, factor: float) -> None:
        """Takes a slow-down back."""
        self.slow_down(source, target, 1 / factor)

    @contextmanager
    def without(self, *pairs: tuple[str, str]) -> Iterator[RoadGraph]:
        """Some roads closed for the length of the block."""
        closed: list[Road] = []
        for source, target in pairs:
            closed.extend(road for road in self._both_ways(source, target) if not road.closed)
        for road in closed:
            road.closed = True
        self.revision += 1
        try:
            yield self
        finally:
            for road in closed:
                road.closed = False
            self.revision += 1

    # ------------------------------------------------------------- searching

    def shortest_tree(self, source: str, weight: Weight = by_time,
                      avoid: frozenset[str] = frozenset(), until: str | None = None,
                      ) -> tuple[dict[str, float], dict[str, Road]]:
        """Dijkstra: the cost of every node that can be reached, and the road that leads to it."""
        self.require(source)
        cost: dict[str, float] = {source: 0.0}
        via: dict[str, Road] = {}
        done: set[str] = set()
        queue: list[tuple[float, str]] = [(0.0, source)]
        while queue:
            reached, node = heapq.heappop(queue)
            if node in done:
                continue
            done.add(node)
            if node == until:
                break
            for road in self.leaving(node, avoid):
                total = reached + weight(road)
                if road.target not in cost or total < cost[road.target]:
                    cost[road.target] = total
                    via[road.target] = road
                    heapq.heappush(queue, (total, road.target))
        return cost, via

    def shortest_path(self, source: str, target: str, weight: Weight = by_time,
                      avoid: frozenset[str] = frozenset()) -> Path:
        self.require(target)
        if source == target:
            return Path((source,), 0.0, 0.0)
        _, via = self.shortest_tree(source, weight, avoid, until=target)
        if target not in via:
            raise NoPath(source, target)
        return self._walk_back(source, target, via)

    def _walk_back(self, source: str, target: str, via: dict[str, Road]) -> Path:
        roads: list[Road] = []
        node = target
        while node != source:
            road = via[node]
            roads.append(road)
            node = road.source
        roads.reverse()
        nodes = (source, *(road.target for road in roads))
        toll = sum((road.toll for road in roads), Decimal("0.00"))
        return Path(nodes, sum(road.metres for road in roads),
                    sum(road.minutes for road in roads), toll)

    def reachable(self, source: str, avoid: frozenset[str] = frozenset()) -> set[str]:
        seen = {source}
        stack = [source]
        while stack:
            for road in self.leaving(stack.pop(), avoid):
                if road.target not in seen:
                    seen.add(road.target)
                    stack.append(road.target)
        return seen

    def components(self) -> list[set[str]]:
        """Groups of nodes that are joined when directions do not count."""
        joined: dict[str, set[str]] = {node: set() for node in self._points}
        for road in self.roads():
            joined[road.source].add(road.target)
            joined[road.target].add(road.source)
        groups: list[set[str]] = []
        left = set(self._points)
        while left:
            start = min(left)
            group, stack = {start}, [start]
            while stack:
                for other in joined[stack.pop()] - group:
                    group.add(other)
                    stack.append(other)
            groups.append(group)
            left -= group
        return sorted(groups, key=lambda group: (-len(group), min(group)))

    def problems(self, home: str) -> Iterator[str]:
        """What a planner would like to know before it starts."""
        reachable = self.reachable(home)
        for node in self._points:
            if node not in reachable:
                yield f"{node} cannot be reached from {home}"
        for road in self.roads():
            if road.metres < self.straight_line(road.source, road.target) - 1:
                yield f"road {road.source}-{road.target} is shorter than a straight line"


V = TypeVar("V")

# (from, to, factor): minutes since midnight, multiplies the driving time
RUSH_HOURS: tuple[tuple[float, float, float], ...] = (
    (7 * 60, 9 * 60, 1.4),
    (12 * 60, 13 * 60, 1.1),
    (16 * 60, 18.5 * 60, 1.5),
)


class LruCache(Generic[V]):
    """The most recently used `size` values."""

    def __init__(self, size: int = 512) -> None:
        self.size = size
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def get(self, key: Hashable) -> V | None:
        try:
            value = self._values[key]
        except KeyError:
            self.misses += 1
            return None
        self._values.move_to_end(key)
        self.hits += 1
        return value

    def put(self, key: Hashable, value: V) -> V:
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self.size:
            self._values.popitem(last=False)
        return value

    def clear(self) -> None:
        self._values.clear()

    @property
    def hit_rate(self) -> float:
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0


def cached(key: Callable[..., Hashable]) -> Callable[[Callable[..., V]], Callable[..., V]]:
    """Keep a method's results in the object's `cache`, under what `key` makes of the arguments."""

    def decorate(method: Callable[..., V]) -> Callable[..., V]:
        @functools.wraps(method)
        def wrapper(self: Any, *args: Any, **kwargs: Any) -> V:
            name = (method.__name__, key(self, *args, **kwargs))
            value = self.cache.get(name)
            if value is None:
                value = self.cache.put(name, method(self, *args, **kwargs))
            return value
        return wrapper
    return decorate


@dataclass(frozen=True, slots=True)
class Drive:
    """One planned or driven leg."""

    path: Path
    depart: float
    minutes: float

    @property
    def metres(self) -> float:
        return self.path.metres

    @property
    def arrive(self) -> float:
        return self.depart + self.minutes


class Travel(Protocol):
    def drive(self, source: str, target: str, depart: float, vehicle: Vehicle) -> Drive: ...

    def minutes(self, source: str, target: str, depart: float, vehicle: Vehicle) -> float: ...

    def metres(self, source: str, target: str, vehicle: Vehicle) -> float: ...


class RoadTravel:
    """Shortest paths on the roads as they are now, slower at rush hour."""

    def __init__(self, graph: RoadGraph, *, weight: str = "time",
                 rush_hours: Iterable[tuple[float, float, float]] = RUSH_HOURS,
                 cache_size: int = 512) -> None:
        self.graph = graph
        self.weight = WEIGHTS[weight]
        self.rush_hours = tuple(rush_hours)
        self.cache: LruCache[Any] = LruCache(cache_size)

    @cached(key=lambda self, source, target, avoid: (source, target, avoid, self.graph.revision))
    def path(self, source: str, target: str, avoid: frozenset[str]) -> Path:
        return self.graph.shortest_path(source, target, self.weight, avoid)

    def rush_factor(self, moment: float) -> float:
        moment %= 24 * 60
        for start, end, factor in self.rush_hours:
            if start <= moment < end:
                return factor
        return 1.0

    def next_change(self, moment: float) -> float:
        """When the factor changes for the next time."""
        day, within = divmod(moment, 24 * 60)
        edges = sorted(edge for start, end, _ in self.rush_hours for edge in (start, end))
        for edge in edges:
            if edge > within:
                return day * 24 * 60 + edge
        return (day + 1) * 24 * 60

    def drive(self, source: str, target: str, depart: float, vehicle: Vehicle) -> Drive:
        path = self.path(source, target, vehicle.kind.avoids)
        # Drive at the free-flow pace until the factor changes, then go on with the rest.
        left = path.minutes / vehicle.kind.speed
        now = depart
        while left > 1e-9:
            factor = self.rush_factor(now)
            until = self.next_change(now)
            possible = (until - now) / factor
            if possible >= left:
                now += left * factor
                break
            left -= possible
            now = until
        return Drive(path, depart, now - depart)

    def minutes(self, source: str, target: str, depart: float, vehicle: Vehicle) -> float:
        return self.drive(source, target, depart, vehicle).minutes

    def metres(self, source: str, target: str, vehicle: Vehicle) -> float:
        return self.path(source, target, vehicle.kind.avoids).metres


class CrowTravel:
    """As the crow flies with a detour factor: good enough for a first estimate."""

    def __init__(self, graph: RoadGraph, kmh: float = 45.0, detour: float = 1.3) -> None:
        self.graph = graph
        self.kmh = kmh
        self.detour = detour

    def metres(self, source: str, target: str, vehicle: Vehicle) -> float:
        return self.graph.straight_line(source, target) * self.detour

    def minutes(self, source: str, target: str, depart: float, vehicle: Vehicle) -> float:
        return self.metres(source, target, vehicle) / 1000 / (self.kmh * vehicle.kind.speed) * 60

    def drive(self, source: str, target: str, depart: float, vehicle: Vehicle) -> Drive:
        minutes = self.minutes(source, target, depart, vehicle)
        path = Path((source, target), self.metres(source, target, vehicle), minutes)
        return Drive(path, depart, minutes)


TRAVEL_MODELS: dict[str, Callable[[RoadGraph], Travel]] = {
    "road": RoadTravel,
    "distance": functools.partial(RoadTravel, weight="distance"),
    "toll": functools.partial(RoadTravel, weight="toll"),
    "crow": CrowTravel,
}
