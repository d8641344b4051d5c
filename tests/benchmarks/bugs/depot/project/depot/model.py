"""The things that are planned: orders, vehicles and what may happen to them."""
from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar

from .errors import CapacityError, DepotError, TransitionError
from .units import format_clock, format_kg, to_money

S = TypeVar("S", bound=enum.Enum)


class OrderState(enum.Enum):
    ANNOUNCED = "announced"    # in the file, not yet known to the dispatcher
    PENDING = "pending"
    PLANNED = "planned"
    LOADED = "loaded"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class VehicleState(enum.Enum):
    OFF = "off"
    IDLE = "idle"
    LOADING = "loading"
    DRIVING = "driving"
    SERVING = "serving"
    BREAK = "break"
    BROKEN = "broken"


ORDER_STEPS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.ANNOUNCED: frozenset({OrderState.PENDING, OrderState.CANCELLED}),
    OrderState.PENDING: frozenset({OrderState.PLANNED, OrderState.CANCELLED, OrderState.FAILED}),
    OrderState.PLANNED: frozenset({OrderState.LOADED, OrderState.PENDING, OrderState.CANCELLED}),
    OrderState.LOADED: frozenset({OrderState.DELIVERED, OrderState.PENDING, OrderState.FAILED}),
    OrderState.DELIVERED: frozenset(),
    OrderState.FAILED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}

VEHICLE_STEPS: dict[VehicleState, frozenset[VehicleState]] = {
    VehicleState.OFF: frozenset({VehicleState.IDLE}),
    VehicleState.IDLE: frozenset({VehicleState.LOADING, VehicleState.OFF, VehicleState.BROKEN}),
    VehicleState.LOADING: frozenset({VehicleState.DRIVING, VehicleState.IDLE}),
    VehicleState.DRIVING: frozenset({
        VehicleState.SERVING, VehicleState.BREAK, VehicleState.IDLE, VehicleState.BROKEN,
    }),
    VehicleState.SERVING: frozenset({VehicleState.DRIVING, VehicleState.SERVING}),
    VehicleState.BREAK: frozenset({VehicleState.DRIVING}),
    VehicleState.BROKEN: frozenset({VehicleState.IDLE, VehicleState.DRIVING}),
}


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """One entry in the history of a state machine."""

    state: S
    at: float
    info: dict[str, Any] = field(default_factory=dict)


class StateMachine(Generic[S]):
    """A table of allowed steps, a history and hooks."""

    def __init__(self, name: str, table: dict[S, frozenset[S]], initial: S, at: float = 0.0) -> None:
        self.name = name
        self._table = table
        self._hooks: dict[S, list[Callable[[Step[S]], None]]] = defaultdict(list)
        self.history: list[Step[S]] = [Step(initial, at)]

    @property
    def state(self) -> S:
        return self.history[-1].state

    @property
    def since(self) -> float:
        return self.history[-1].at

    @property
    def final(self) -> bool:
        return not self._table[self.state]

    def can(self, target: S) -> bool:
        return target in self._table[self.state]

    def to(self, target: S, at: float, **info: Any) -> Step[S]:
        if not self.can(target):
            raise TransitionError(self.name, self.state.value, target.value)
        step = Step(target, at, info)
        self.history.append(step)
        for hook in self._hooks[target]:
            hook(step)
        return step

    def on_enter(self, state: S, hook: Callable[[Step[S]], None]) -> None:
        self._hooks[state].append(hook)

    def spans(self, until: float) -> Iterator[tuple[S, float, float]]:
        """(state, from, to) for all of the history; the last one ends at `until`."""
        for step, following in zip(self.history, self.history[1:]):
            yield step.state, step.at, following.at
        last = self.history[-1]
        yield last.state, last.at, max(until, last.at)

    def time_in(self, state: S, until: float) -> float:
        return sum(end - begin for seen, begin, end in self.spans(until) if seen is state)

    def entered(self, state: S) -> float | None:
        """When the state was entered for the last time."""
        for step in reversed(self.history):
            if step.state is state:
                return step.at
        return None


@dataclass(frozen=True, slots=True)
class TimeWindow:
    start: float
    end: float

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise DepotError(f"window ends before it starts: {self}")

    def __str__(self) -> str:
        return f"{format_clock(self.start)}-{format_clock(self.end)}"

    def __contains__(self, moment: float) -> bool:
        return self.start <= moment <= self.end

    @property
    def width(self) -> float:
        return self.end - self.start

    def wait_at(self, moment: float) -> float:
        return max(0.0, self.start - moment)

    def lateness(self, moment: float) -> float:
        return max(0.0, moment - self.end)

    def overlaps(self, other: TimeWindow) -> bool:
        return self.start < other.end and other.start < self.end

    def intersect(self, other: TimeWindow) -> TimeWindow | None:
        start, end = max(self.start, other.start), min(self.end, other.end)
        return TimeWindow(start, end) if start < end else None

    def widened(self, by: float) -> TimeWindow:
        return TimeWindow(self.start - by, self.end + by)


@dataclass(frozen=True, slots=True)
class Load:
    grams: int = 0
    litres: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(self.grams + other.grams, self.litres + other.litres)

    def __sub__(self, other: Load) -> Load:
        return Load(self.grams - other.grams, self.litres - other.litres)

    def fits(self, room: Load) -> bool:
        return self.grams <= room.grams and self.litres <= room.litres

    def share_of(self, room: Load) -> float:
        """How full `room` gets, by the tighter of the two measures."""
        shares = [part / whole for part, whole in
                  ((self.grams, room.grams), (self.litres, room.litres)) if whole]
        return max(shares, default=0.0)

    @classmethod
    def total(cls, loads: Iterable[Load]) -> Load:
        return sum(loads, start=cls())


@dataclass(frozen=True, slots=True)
class BreakRule:
    """After so many minutes at the wheel a driver rests for so long."""

    after: float = 270.0
    length: float = 45.0

    def due(self, driven: float, ahead: float = 0.0) -> bool:
        return driven > 0 and driven + ahead > self.after


@dataclass(eq=False)
class Order:
    id: str
    node: str
    load: Load
    window: TimeWindow
    service: float = 5.0
    priority: int = 3
    skills: frozenset[str] = frozenset()
    release: float = 0.0
    value: Decimal = Decimal("0.00")
    absent_until: float | None = None
    max_attempts: int = 2
    tags: tuple[str, ...] = ()
    attempts: int = 0
    vehicle: str | None = None
    delivered_at: float | None = None
    machine: StateMachine[OrderState] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.machine = StateMachine(f"order {self.id}", ORDER_STEPS, OrderState.ANNOUNCED)

    @property
    def state(self) -> OrderState:
        return self.machine.state

    @property
    def is_open(self) -> bool:
        return not self.machine.final

    @property
    def urgency(self) -> tuple[int, float, str]:
        """Sort key: most urgent first (1 is the highest priority)."""
        return (self.priority, self.window.end, self.id)

    @property
    def lateness(self) -> float:
        if self.delivered_at is None:
            return 0.0
        return self.window.lateness(self.delivered_at)

    @property
    def lead_time(self) -> float | None:
        """From the moment it was known until it was handed over."""
        if self.delivered_at is None:
            return None
        return self.delivered_at - self.release

    def slack(self, now: float) -> float:
        return self.window.end - now

    def answers_door(self, at: float) -> bool:
        return self.absent_until is None or at >= self.absent_until

    def can_retry(self, at: float) -> bool:
        return self.attempts < self.max_attempts and at < self.window.end

    def describe(self) -> str:
        text = f"{self.id} to {self.node} {self.window} {format_kg(self.load.grams)}"
        if self.skills:
            text += " [" + ",".join(sorted(self.skills)) + "]"
        return text


class Leg(Protocol):
    """What a vehicle needs to know of a drive."""

    metres: float
    minutes: float


@dataclass(frozen=True, slots=True)
class VehicleType:
    name: str
    capacity: Load
    speed: float = 1.0
    per_km: Decimal = Decimal("0.45")
    per_hour: Decimal = Decimal("24.00")
    fixed: Decimal = Decimal("0.00")
    skills: frozenset[str] = frozenset()
    avoids: frozenset[str] = frozenset()
    break_rule: BreakRule | None = None


class Vehicle:
    """A van with its driver: where it is, what it carries, what it did."""

    def __init__(self, id: str, kind: VehicleType, home: str, shift: TimeWindow,
                 skills: Iterable[str] = (), reserve: bool = False) -> None:
        self.id = id
        self.kind = kind
        self.home = home
        self.shift = shift
        self.reserve = reserve
        self.skills = frozenset(skills) | kind.skills
        self.position = home
        self.cargo: list[Order] = []
        self.delivered: list[Order] = []
        self.odometer = 0.0
        self.driven_minutes = 0.0
        self.since_break = 0.0
        self.tours = 0
        self.tour: int | None = None    # the one that was handed out and is not over
        self.machine: StateMachine[VehicleState] = StateMachine(
            f"vehicle {id}", VEHICLE_STEPS, VehicleState.OFF)
        self.log: list[tuple[float, str]] = []

    def __repr__(self) -> str:
        return f"<Vehicle {self.id} {self.state.value} at {self.position}>"

    @property
    def state(self) -> VehicleState:
        return self.machine.state

    @property
    def capacity(self) -> Load:
        return self.kind.capacity

    @property
    def is_idle(self) -> bool:
        return self.state is VehicleState.IDLE

    @property
    def at_home(self) -> bool:
        return self.position == self.home

    @property
    def carried(self) -> Load:
        return Load.total(order.load for order in self.cargo)

    @property
    def room(self) -> Load:
        return self.capacity - self.carried

    def available(self, now: float) -> bool:
        """Could it leave the yard right now?"""
        return self.is_idle and self.tour is None and self.at_home and now in self.shift

    def has_skills(self, needed: Iterable[str]) -> bool:
        return self.skills.issuperset(needed)

    def can_take(self, order: Order) -> bool:
        return order.load.fits(self.capacity) and self.has_skills(order.skills)

    def shift_left(self, now: float) -> float:
        return max(0.0, self.shift.end - max(now, self.shift.start))

    def clock_in(self, at: float) -> None:
        self.machine.to(VehicleState.IDLE, at)
        self.note(at, "clocked in")

    def clock_out(self, at: float) -> None:
        self.machine.to(VehicleState.OFF, at)
        self.note(at, "clocked out")

    def begin_loading(self, at: float) -> None:
        self.machine.to(VehicleState.LOADING, at)
        self.tours += 1

    def put_in(self, order: Order, at: float) -> None:
        if not order.load.fits(self.room):
            raise CapacityError(f"{order.id} does not fit into {self.id}")
        self.cargo.append(order)
        order.vehicle = self.id
        order.machine.to(OrderState.LOADED, at, vehicle=self.id)

    def take_out(self, order: Order) -> None:
        self.cargo.remove(order)
        order.vehicle = None

    def hand_over(self, order: Order, at: float) -> None:
        self.cargo.remove(order)
        self.delivered.append(order)
        order.delivered_at = at
        order.machine.to(OrderState.DELIVERED, at, vehicle=self.id)

    def set_off(self, at: float) -> None:
        if self.state is not VehicleState.DRIVING:
            self.machine.to(VehicleState.DRIVING, at)

    def arrive(self, node: str, leg: Leg, at: float) -> None:
        self.position = node
        self.odometer += leg.metres
        self.driven_minutes += leg.minutes
        self.since_break += leg.minutes
        self.note(at, f"reached {node}")

    def begin_service(self, at: float) -> None:
        self.machine.to(VehicleState.SERVING, at)

    def begin_break(self, at: float) -> None:
        self.machine.to(VehicleState.BREAK, at)
        self.since_break = 0.0
        self.note(at, "break")

    def come_home(self, at: float) -> list[Order]:
        """Back in the yard; what is still on board goes back to the dispatcher."""
        self.machine.to(VehicleState.IDLE, at)
        left = list(self.cargo)
        for order in left:
            self.take_out(order)
        return left

    def break_due(self, ahead: float) -> bool:
        rule = self.kind.break_rule
        return rule is not None and rule.due(self.since_break, ahead)

    def note(self, at: float, text: str) -> None:
        self.log.append((at, text))

    def busy_minutes(self, until: float) -> float:
        return sum(self.machine.time_in(state, until) for state in (
            VehicleState.LOADING, VehicleState.DRIVING, VehicleState.SERVING))

    def utilisation(self, until: float) -> float:
        on_duty = min(until, self.shift.end) - self.shift.start
        return self.busy_minutes(until) / on_duty if on_duty > 0 else 0.0

    def running_cost(self, until: float) -> Decimal:
        """Distance, paid hours and, if it went out at all, the fixed price."""
        if not self.tours:
            return Decimal("0.00")
        paid = self.busy_minutes(until) + self.machine.time_in(VehicleState.BREAK, until)
        cost = self.kind.fixed
        cost += self.kind.per_km * Decimal(str(self.odometer / 1000))
        cost += self.kind.per_hour * Decimal(str(paid / 60))
        return to_money(cost)


class Fleet:
    def __init__(self, vehicles: Iterable[Vehicle] = ()) -> None:
        self._by_id: dict[str, Vehicle] = {}
        for vehicle in vehicles:
            self.add(vehicle)

    def add(self, vehicle: Vehicle) -> None:
        if vehicle.id in self._by_id:
            raise DepotError(f"two vehicles are called {vehicle.id}")
        self._by_id[vehicle.id] = vehicle

    def __iter__(self) -> Iterator[Vehicle]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __getitem__(self, id: str) -> Vehicle:
        return self._by_id[id]

    def available(self, now: float) -> list[Vehicle]:
        """Those that can leave now, reserve vehicles last, big ones before small ones."""
        ready = [vehicle for vehicle in self if vehicle.available(now)]
        return sorted(ready, key=lambda v: (v.reserve, -v.capacity.grams, v.id))

    def out(self) -> list[Vehicle]:
        return [vehicle for vehicle in self
                if vehicle.state not in (VehicleState.OFF, VehicleState.IDLE)]

    def by_kind(self) -> dict[str, list[Vehicle]]:
        groups: dict[str, list[Vehicle]] = {}
        for vehicle in self:
            groups.setdefault(vehicle.kind.name, []).append(vehicle)
        return groups

    def skills(self) -> frozenset[str]:
        return frozenset().union(*(vehicle.skills for vehicle in self))

    def capacity(self) -> Load:
        return Load.total(vehicle.capacity for vehicle in self)

    def span(self) -> TimeWindow:
        """From the first clock-in to the last clock-out."""
        return TimeWindow(min(v.shift.start for v in self), max(v.shift.end for v in self))


Listener = Callable[[Order, OrderState], None]


class OrderBook:
    """All orders of a day, by id, with the questions the dispatcher asks."""

    def __init__(self, orders: Iterable[Order] = ()) -> None:
        self._orders: dict[str, Order] = {}
        self._listeners: list[Listener] = []
        self._muted = 0
        for order in orders:
            self.add(order)

    def add(self, order: Order) -> Order:
        if order.id in self._orders:
            raise DepotError(f"two orders are called {order.id}")
        self._orders[order.id] = order
        return order

    def __iter__(self) -> Iterator[Order]:
        return iter(self._orders.values())

    def __len__(self) -> int:
        return len(self._orders)

    def __contains__(self, id: str) -> bool:
        return id in self._orders

    def get(self, id: str) -> Order | None:
        return self._orders.get(id)

    def __getitem__(self, id: str) -> Order:
        return self._orders[id]

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    @contextmanager
    def muted(self) -> Iterator[OrderBook]:
        """No listener hears of changes made inside of the block."""
        self._muted += 1
        try:
            yield self
        finally:
            self._muted -= 1

    def _tell(self, order: Order, before: OrderState) -> None:
        if self._muted:
            return
        for listener in self._listeners:
            listener(order, before)

    def _move(self, order: Order, target: OrderState, at: float, **info: Any) -> None:
        before = order.state
        order.machine.to(target, at, **info)
        self._tell(order, before)

    def release(self, id: str, at: float) -> Order:
        order = self[id]
        self._move(order, OrderState.PENDING, at)
        return order

    def plan(self, order: Order, vehicle: Vehicle, at: float) -> None:
        self._move(order, OrderState.PLANNED, at, vehicle=vehicle.id)

    def unplan(self, order: Order, at: float) -> None:
        self._move(order, OrderState.PENDING, at)

    def cancel(self, id: str, at: float) -> bool:
        """False if it is too late, the goods have left already."""
        order = self._orders.get(id)
        if order is None or not order.machine.can(OrderState.CANCELLED):
            return False
        self._move(order, OrderState.CANCELLED, at)
        return True

    def give_back(self, order: Order, at: float) -> None:
        """An undelivered order came back: try again or give up."""
        if order.can_retry(at):
            self._move(order, OrderState.PENDING, at, attempt=order.attempts)
        else:
            self._move(order, OrderState.FAILED, at, reason="attempts")

    def expire(self, at: float) -> list[Order]:
        """Give up on pending orders whose window has closed."""
        gone = [order for order in self.pending() if order.slack(at) < 0]
        for order in gone:
            self._move(order, OrderState.FAILED, at, reason="expired")
        return gone

    def in_state(self, *states: OrderState) -> list[Order]:
        return [order for order in self if order.state in states]

    def pending(self) -> list[Order]:
        return sorted(self.in_state(OrderState.PENDING), key=lambda order: order.urgency)

    def open(self) -> list[Order]:
        return [order for order in self if order.is_open]

    def delivered(self) -> list[Order]:
        done = self.in_state(OrderState.DELIVERED)
        return sorted(done, key=lambda order: (order.delivered_at, order.id))

    def late(self) -> list[Order]:
        return [order for order in self.delivered() if order.lateness > 0]

    def upcoming(self) -> list[Order]:
        announced = self.in_state(OrderState.ANNOUNCED)
        return sorted(announced, key=lambda order: (order.release, order.id))

    def counts(self) -> dict[OrderState, int]:
        result = dict.fromkeys(OrderState, 0)
        for order in self:
            result[order.state] += 1
        return result

    def by_node(self) -> dict[str, list[Order]]:
        groups: dict[str, list[Order]] = defaultdict(list)
        for order in self:
            groups[order.node].append(order)
        return dict(groups)

    def by_hour(self) -> dict[int, list[Order]]:
        """Delivered orders by the hour of the day."""
        groups: dict[int, list[Order]] = defaultdict(list)
        for order in self.delivered():
            groups[int(order.delivered_at // 60)].append(order)
        return dict(sorted(groups.items()))

    def tagged(self, tag: str) -> list[Order]:
        return [order for order in self if tag in order.tags]

    def value(self, *states: OrderState) -> Decimal:
        return sum((order.value for order in self.in_state(*states)), Decimal("0.00"))
