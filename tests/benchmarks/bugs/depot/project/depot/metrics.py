"""Counting and measuring while the simulation runs."""
from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from .model import Fleet, Order, OrderBook, OrderState, VehicleState
from .units import format_clock, format_duration, format_km, format_money, format_share, to_money

if TYPE_CHECKING:
    from .sim.kernel import Bus

LATE_BUCKETS: tuple[float, ...] = (0, 5, 15, 30, 60)


class Metric(ABC):
    kind: ClassVar[str] = ""

    def __init__(self, name: str, unit: str = "") -> None:
        self.name = name
        self.unit = unit

    @abstractmethod
    def value(self) -> float:
        """The one number that stands for the metric."""

    @abstractmethod
    def reset(self) -> None: ...

    def snapshot(self) -> dict[str, Any]:
        return {"name": self.name, "kind": self.kind, "unit": self.unit, "value": self.value()}

    def show(self) -> str:
        match self.unit:
            case "min":
                return format_duration(self.value())
            case "m":
                return format_km(self.value())
            case "":
                return f"{self.value():g}"
            case unit:
                return f"{self.value():g} {unit}"


class Counter(Metric):
    kind = "counter"

    def __init__(self, name: str, unit: str = "") -> None:
        super().__init__(name, unit)
        self._total = 0.0

    def add(self, amount: float = 1.0) -> None:
        if amount < 0:
            raise ValueError(f"counter {self.name} cannot go down")
        self._total += amount

    def value(self) -> float:
        return self._total

    def reset(self) -> None:
        self._total = 0.0


class Gauge(Metric):
    """A level that changes over time; its value is the average weighted by time."""

    kind = "gauge"

    def __init__(self, name: str, unit: str = "", start: float = 0.0) -> None:
        super().__init__(name, unit)
        self._start = start
        self._points: list[tuple[float, float]] = [(start, 0.0)]

    def set(self, level: float, at: float) -> None:
        if at < self._points[-1][0]:
            raise ValueError(f"gauge {self.name} cannot go back in time")
        if at == self._points[-1][0]:
            self._points[-1] = (at, level)
        else:
            self._points.append((at, level))

    @property
    def level(self) -> float:
        return self._points[-1][1]

    @property
    def peak(self) -> float:
        return max(level for _, level in self._points)

    def at(self, moment: float) -> float:
        index = bisect_right(self._points, (moment, math.inf)) - 1
        return self._points[max(index, 0)][1]

    def mean(self, until: float) -> float:
        area = 0.0
        following = [*self._points[1:], (max(until, self._points[-1][0]), 0.0)]
        for (begin, level), (end, _) in zip(self._points, following):
            area += level * (end - begin)
        length = following[-1][0] - self._start
        return area / length if length > 0 else self.level

    def value(self) -> float:
        return self.mean(self._points[-1][0])

    def reset(self) -> None:
        self._points = [(self._start, 0.0)]

    def snapshot(self) -> dict[str, Any]:
        return {**super().snapshot(), "peak": self.peak}


class Histogram(Metric):
    kind = "histogram"

    def __init__(self, name: str, unit: str = "", bounds: Iterable[float] = LATE_BUCKETS) -> None:
        super().__init__(name, unit)
        self.bounds = sorted(bounds)
        self._values: list[float] = []
        self._sorted = True

    def observe(self, value: float) -> None:
        self._values.append(value)
        self._sorted = False

    def __len__(self) -> int:
        return len(self._values)

    def _ordered(self) -> list[float]:
        if not self._sorted:
            self._values.sort()
            self._sorted = True
        return self._values

    def mean(self) -> float:
        return sum(self._values) / len(self._values) if self._values else 0.0

    def value(self) -> float:
        return self.mean()

    def quantile(self, q: float) -> float:
        """Interpolated between the neighbours."""
        values = self._ordered()
        if not values:
            return 0.0
        place = q * (len(values) - 1)
        low = math.floor(place)
        high = min(low + 1, len(values) - 1)
        return values[low] + (values[high] - values[low]) * (place - low)

    @property
    def worst(self) -> float:
        return max(self._values, default=0.0)

    def buckets(self) -> list[tuple[str, int]]:
        """(label, count); each bucket includes its upper bound."""
        counts = [0] * (len(self.bounds) + 1)
        for value in self._values:
            place = next((i for i, bound in enumerate(self.bounds) if value <= bound),
                         len(self.bounds))
            counts[place] += 1
        labels = [f"<={bound:g}" for bound in self.bounds] + [f">{self.bounds[-1]:g}"]
        return list(zip(labels, counts))

    def reset(self) -> None:
        self._values.clear()
        self._sorted = True

    def snapshot(self) -> dict[str, Any]:
        return {**super().snapshot(), "count": len(self), "median": self.quantile(0.5),
                "p90": self.quantile(0.9), "worst": self.worst}


class MetricSet:
    """Metrics by name, made on first use."""

    def __init__(self, start: float = 0.0) -> None:
        self.start = start
        self._metrics: dict[str, Metric] = {}

    def _get(self, name: str, make: Callable[[], Metric], cls: type[Metric]) -> Any:
        metric = self._metrics.get(name)
        if metric is None:
            metric = self._metrics[name] = make()
        elif not isinstance(metric, cls):
            raise TypeError(f"{name} is a {metric.kind}")
        return metric

    def counter(self, name: str, unit: str = "") -> Counter:
        return self._get(name, lambda: Counter(name, unit), Counter)

    def gauge(self, name: str, unit: str = "") -> Gauge:
        return self._get(name, lambda: Gauge(name, unit, self.start), Gauge)

    def histogram(self, name: str, unit: str = "", bounds: Iterable[float] = LATE_BUCKETS) -> Histogram:
        return self._get(name, lambda: Histogram(name, unit, bounds), Histogram)

    def __getitem__(self, name: str) -> Metric:
        return self._metrics[name]

    def __contains__(self, name: str) -> bool:
        return name in self._metrics

    def __iter__(self) -> Iterator[Metric]:
        return iter(sorted(self._metrics.values(), key=lambda metric: metric.name))

    def family(self, prefix: str) -> dict[str, Metric]:
        """Metrics below a prefix, by what comes after it."""
        prefix += "."
        return {metric.name.removeprefix(prefix): metric for metric in self
                if metric.name.startswith(prefix)}

    def snapshot(self) -> list[dict[str, Any]]:
        return [metric.snapshot() for metric in self]

    def reset(self) -> None:
        for metric in self:
            metric.reset()


class Collector:
    """Listens to the bus and keeps the metrics up to date."""

    def __init__(self, bus: Bus, orders: OrderBook, fleet: Fleet, start: float) -> None:
        self.metrics = MetricSet(start)
        self.orders = orders
        self.fleet = fleet
        self._open: dict[str, float] = {}
        for topic, handler in self.handlers().items():
            bus.subscribe(topic, handler)
        bus.subscribe("*", self.count_event)

    def handlers(self) -> dict[str, Callable[..., None]]:
        return {
            "order.released": self.on_released,
            "order.delivered": self.on_delivered,
            "order.refused": self.on_refused,
            "order.failed": self.on_failed,
            "vehicle.left": self.on_left,
            "vehicle.leg": self.on_leg,
            "vehicle.back": self.on_back,
            "dock.entered": self.on_dock,
            "plan.made": self.on_plan,
        }

    def count_event(self, topic: str, at: float, **details: Any) -> None:
        self.metrics.counter(f"events.{topic}").add()

    def on_released(self, topic: str, at: float, order: Order) -> None:
        self.metrics.gauge("orders.waiting").set(len(self.orders.pending()), at)

    def on_delivered(self, topic: str, at: float, order: Order, planned: float) -> None:
        m = self.metrics
        m.counter("orders.delivered").add()
        m.counter(f"delivered.priority.{order.priority}").add()
        m.histogram("orders.lateness", "min").observe(order.lateness)
        m.histogram("orders.lead", "min", (60, 120, 240, 480)).observe(order.lead_time)
        m.histogram("plan.drift", "min", (-15, -5, 5, 15)).observe(at - planned)
        if order.lateness == 0:
            m.counter("orders.punctual").add()

    def on_refused(self, topic: str, at: float, order: Order, vehicle: str) -> None:
        self.metrics.counter("orders.refused").add()

    def on_failed(self, topic: str, at: float, order: Order, reason: str) -> None:
        self.metrics.counter("orders.failed").add()
        self.metrics.counter(f"failed.{reason}").add()

    def on_left(self, topic: str, at: float, vehicle: str, tour: int) -> None:
        self._open[vehicle] = at
        self.metrics.gauge("vehicles.out").set(len(self._open), at)

    def on_leg(self, topic: str, at: float, vehicle: str, metres: float, minutes: float) -> None:
        self.metrics.counter("driven", "m").add(metres)
        self.metrics.counter("driving", "min").add(minutes)
        self.metrics.counter(f"driven.{vehicle}", "m").add(metres)

    def on_back(self, topic: str, at: float, vehicle: str, tour: int) -> None:
        left = self._open.pop(vehicle)
        self.metrics.histogram("tours.length", "min", (60, 120, 240)).observe(at - left)
        self.metrics.gauge("vehicles.out").set(len(self._open), at)

    def on_dock(self, topic: str, at: float, vehicle: str, waited: float) -> None:
        self.metrics.histogram("dock.wait", "min", (0, 2, 5, 10)).observe(waited)

    def on_plan(self, topic: str, at: float, tours: int, left: int, cost: float) -> None:
        self.metrics.counter("plans").add()
        self.metrics.gauge("orders.waiting").set(left, at)


Kpi = Callable[["Totals"], Any]
KPIS: dict[str, tuple[str, Kpi]] = {}


def kpi(name: str, title: str) -> Callable[[Kpi], Kpi]:
    def register(function: Kpi) -> Kpi:
        KPIS[name] = (title, function)
        return function
    return register


class Totals:
    """Figures of a finished run; the KPIs are computed from these."""

    def __init__(self, metrics: MetricSet, orders: OrderBook, fleet: Fleet, end: float,
                 currency: str = "EUR") -> None:
        self.metrics = metrics
        self.orders = orders
        self.fleet = fleet
        self.end = end
        self.currency = currency

    @property
    def cost(self) -> Decimal:
        return sum((vehicle.running_cost(self.end) for vehicle in self.fleet), Decimal("0.00"))

    @property
    def revenue(self) -> Decimal:
        return self.orders.value(OrderState.DELIVERED)

    @property
    def delivered(self) -> int:
        return len(self.orders.delivered())

    @property
    def metres(self) -> float:
        return sum(vehicle.odometer for vehicle in self.fleet)

    def used(self) -> list[str]:
        return [vehicle.id for vehicle in self.fleet if vehicle.tours]

    def time_in(self, *states: VehicleState) -> float:
        return sum(vehicle.machine.time_in(state, self.end)
                   for vehicle in self.fleet for state in states)

    def kpis(self) -> dict[str, Any]:
        return {name: function(self) for name, (_, function) in KPIS.items()}

    def titles(self) -> dict[str, str]:
        return {name: title for name, (title, _) in KPIS.items()}


@kpi("delivered", "delivered")
def kpi_delivered(totals: Totals) -> str:
    return f"{totals.delivered} of {len(totals.orders)}"


@kpi("punctual", "on time")
def kpi_punctual(totals: Totals) -> str:
    late = len(totals.orders.late())
    return format_share(totals.delivered - late, totals.delivered)


@kpi("distance", "distance")
def kpi_distance(totals: Totals) -> str:
    return format_km(totals.metres)


@kpi("cost", "cost")
def kpi_cost(totals: Totals) -> str:
    return format_money(totals.cost, totals.currency)


@kpi("per_order", "cost per order")
def kpi_per_order(totals: Totals) -> str:
    if not totals.delivered:
        return "-"
    return format_money(to_money(totals.cost / totals.delivered), totals.currency)


@kpi("margin", "margin")
def kpi_margin(totals: Totals) -> str:
    return format_money(totals.revenue - totals.cost, totals.currency)


@kpi("last", "last delivery")
def kpi_last(totals: Totals) -> str:
    delivered = totals.orders.delivered()
    return format_clock(delivered[-1].delivered_at) if delivered else "-"


@kpi("wheel", "share of time at the wheel")
def kpi_wheel(totals: Totals) -> str:
    busy = totals.time_in(VehicleState.LOADING, VehicleState.DRIVING, VehicleState.SERVING,
                          VehicleState.BREAK)
    return format_share(totals.time_in(VehicleState.DRIVING), busy)
