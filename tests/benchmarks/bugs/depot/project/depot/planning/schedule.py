"""From a sequence of orders to times, and the rules that judge the result."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from ..errors import DepotError, OptionError
from ..model import Load, Order, TimeWindow, Vehicle
from ..routing import Drive, Travel
from ..units import format_clock, format_duration, parse_duration, to_money


@dataclass(slots=True)
class Visit:
    """One stop: what happens to one order."""

    order: Order
    drive: Drive
    arrival: float
    start: float
    finish: float
    on_board: Load

    @property
    def wait(self) -> float:
        return self.start - self.arrival

    @property
    def late(self) -> float:
        return self.order.window.lateness(self.start)

    @property
    def spare(self) -> float:
        """By how much the service may slip before it is late."""
        return max(0.0, self.order.window.end - self.start)


@dataclass(slots=True)
class Rest:
    start: float
    end: float
    before: int     # index of the visit that it delays


@dataclass(slots=True)
class Schedule:
    vehicle: Vehicle
    begin: float
    depart: float
    visits: list[Visit] = field(default_factory=list)
    rests: list[Rest] = field(default_factory=list)
    home: Drive | None = None

    @property
    def orders(self) -> list[Order]:
        return [visit.order for visit in self.visits]

    @property
    def back(self) -> float:
        return self.home.arrive if self.home else self.depart

    @property
    def duration(self) -> float:
        return self.back - self.begin

    @property
    def metres(self) -> float:
        total = sum(visit.drive.metres for visit in self.visits)
        return total + (self.home.metres if self.home else 0.0)

    @property
    def driving(self) -> float:
        total = sum(visit.drive.minutes for visit in self.visits)
        return total + (self.home.minutes if self.home else 0.0)

    @property
    def waiting(self) -> float:
        return sum(visit.wait for visit in self.visits)

    @property
    def lateness(self) -> float:
        return sum(visit.late for visit in self.visits)

    @property
    def load(self) -> Load:
        return Load.total(order.load for order in self.orders)

    @property
    def cost(self) -> Decimal:
        kind = self.vehicle.kind
        cost = kind.per_km * Decimal(str(self.metres / 1000))
        cost += kind.per_hour * Decimal(str(self.duration / 60))
        return to_money(cost)

    def spare(self) -> float:
        """How much later the tour could start without being late anywhere.

        Waiting on the way takes up a part of the delay.
        """
        left, absorbed = self.vehicle.shift.end - self.back, 0.0
        for visit in self.visits:
            absorbed += visit.wait
            left = min(left, visit.spare + absorbed)
        return max(0.0, left)

    def visit_of(self, order: Order) -> Visit | None:
        for visit in self.visits:
            if visit.order is order:
                return visit
        return None

    def lines(self) -> Iterator[str]:
        yield f"{self.vehicle.id} leaves {format_clock(self.depart)}, back {format_clock(self.back)}"
        rests = {rest.before: rest for rest in self.rests}
        for index, visit in enumerate(self.visits):
            if rest := rests.get(index):
                yield f"  {format_clock(rest.start)} break"
            note = f" (late {format_duration(visit.late)})" if visit.late else ""
            yield f"  {format_clock(visit.start)} {visit.order.id} at {visit.order.node}{note}"


class ScheduleBuilder:
    """Puts times on a tour: loading, driving, breaks, waiting, service."""

    def __init__(self, travel: Travel, load_time: float = 4.0, per_order: float = 0.5) -> None:
        self.travel = travel
        self.load_time = load_time
        self.per_order = per_order
        self.built = 0

    def loading_minutes(self, orders: Sequence[Order]) -> float:
        return self.load_time + self.per_order * len(orders) if orders else 0.0

    def build(self, vehicle: Vehicle, orders: Sequence[Order], begin: float) -> Schedule:
        """The earliest times of the tour in the given sequence, starting to load at `begin`."""
        self.built += 1
        begin = max(begin, vehicle.shift.start)
        depart = begin + self.loading_minutes(orders)
        schedule = Schedule(vehicle, begin, depart)
        if not orders:
            return schedule

        rule = vehicle.kind.break_rule
        wheel = vehicle.since_break
        node, now = vehicle.home, depart
        on_board = Load.total(order.load for order in orders)
        for index, order in enumerate(orders):
            drive = self.travel.drive(node, order.node, now, vehicle)
            if rule is not None and rule.due(wheel, drive.minutes):
                schedule.rests.append(Rest(now, now + rule.length, index))
                now += rule.length
                wheel = 0.0
                drive = self.travel.drive(node, order.node, now, vehicle)
            arrival = drive.arrive
            wheel += drive.minutes
            start = arrival + order.window.wait_at(arrival)
            # A long enough wait counts as a rest.
            if rule is not None and start - arrival >= rule.length:
                wheel = 0.0
            finish = start + order.service
            schedule.visits.append(Visit(order, drive, arrival, start, finish, on_board))
            on_board = on_board - order.load
            node, now = order.node, finish

        drive = self.travel.drive(node, vehicle.home, now, vehicle)
        if rule is not None and rule.due(wheel, drive.minutes):
            schedule.rests.append(Rest(now, now + rule.length, len(orders)))
            drive = self.travel.drive(node, vehicle.home, now + rule.length, vehicle)
        schedule.home = drive
        return schedule

    def latest_begin(self, vehicle: Vehicle, orders: Sequence[Order], earliest: float) -> Schedule:
        """The same tour, put off so far that it still keeps every promise."""
        schedule = self.build(vehicle, orders, earliest)
        spare = schedule.spare()
        if spare <= 0:
            return schedule
        later = self.build(vehicle, orders, schedule.begin + spare)
        return later if later.lateness <= schedule.lateness else schedule


# ---------------------------------------------------------------------- rules


@dataclass(frozen=True, slots=True)
class Violation:
    rule: str
    text: str
    order: Order | None = None
    amount: float = 1.0

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"


class Constraint(ABC):
    """A rule about a schedule. Hard rules forbid, soft ones cost."""

    name: ClassVar[str] = ""
    hard: bool = True
    rate: float = 1.0

    @abstractmethod
    def check(self, schedule: Schedule) -> Iterator[Violation]:
        """What is wrong with the schedule; nothing if it is fine."""

    def admits(self, vehicle: Vehicle, order: Order) -> bool:
        """A quick test that needs no schedule."""
        return True

    def penalty(self, schedule: Schedule) -> float:
        return sum(violation.amount for violation in self.check(schedule)) * self.rate

    def configure(self, **options: str) -> None:
        for key, value in options.items():
            match key:
                case "hard":
                    self.hard = value in ("yes", "true", "1")
                case "rate":
                    self.rate = float(value)
                case _:
                    raise OptionError(f"{self.name} has no option {key!r}")


class CapacityRule(Constraint):
    name = "capacity"

    def check(self, schedule: Schedule) -> Iterator[Violation]:
        load, room = schedule.load, schedule.vehicle.capacity
        if not load.fits(room):
            yield Violation(self.name, f"{load.grams} g in {schedule.vehicle.id}",
                            amount=load.share_of(room) - 1)

    def admits(self, vehicle: Vehicle, order: Order) -> bool:
        return order.load.fits(vehicle.capacity)


class SkillRule(Constraint):
    name = "skills"

    def check(self, schedule: Schedule) -> Iterator[Violation]:
        for order in schedule.orders:
            missing = order.skills - schedule.vehicle.skills
            if missing:
                yield Violation(self.name, f"{order.id} needs {', '.join(sorted(missing))}", order)

    def admits(self, vehicle: Vehicle, order: Order) -> bool:
        return vehicle.has_skills(order.skills)


class WindowRule(Constraint):
    name = "windows"

    def __init__(self, grace: float = 0.0) -> None:
        self.grace = grace

    def check(self, schedule: Schedule) -> Iterator[Violation]:
        for visit in schedule.visits:
            if visit.late > self.grace:
                yield Violation(self.name, f"{visit.order.id} is {format_duration(visit.late)} late",
                                visit.order, visit.late - self.grace)

    def configure(self, **options: str) -> None:
        if "grace" in options:
            self.grace = parse_duration(options.pop("grace"))
        super().configure(**options)


class ShiftRule(Constraint):
    name = "shift"

    def __init__(self, overtime: float = 0.0) -> None:
        self.overtime = overtime

    def check(self, schedule: Schedule) -> Iterator[Violation]:
        shift: TimeWindow = schedule.vehicle.shift
        over = schedule.back - shift.end - self.overtime
        if over > 0:
            yield Violation(self.name, f"back {format_duration(over)} after the end of the shift",
                            amount=over)

    def configure(self, **options: str) -> None:
        if "overtime" in options:
            self.overtime = parse_duration(options.pop("overtime"))
        super().configure(**options)


class WaitingRule(Constraint):
    """Soft: drivers that stand at the kerb cost money."""

    name = "waiting"
    hard = False
    rate = 0.2

    def check(self, schedule: Schedule) -> Iterator[Violation]:
        if schedule.waiting > 0:
            yield Violation(self.name, f"waits {format_duration(schedule.waiting)}",
                            amount=schedule.waiting)


class StopsRule(Constraint):
    name = "stops"

    def __init__(self, limit: int = 40) -> None:
        self.limit = limit

    def check(self, schedule: Schedule) -> Iterator[Violation]:
        over = len(schedule.visits) - self.limit
        if over > 0:
            yield Violation(self.name, f"{over} stops too many", amount=float(over))

    def configure(self, **options: str) -> None:
        if "limit" in options:
            self.limit = int(options.pop("limit"))
        super().configure(**options)


RULES: dict[str, type[Constraint]] = {
    rule.name: rule
    for rule in (CapacityRule, SkillRule, WindowRule, ShiftRule, WaitingRule, StopsRule)
}

DEFAULT_RULES: tuple[str, ...] = ("capacity", "skills", "windows", "shift", "waiting")


class RuleSet:
    """The rules in force, asked together."""

    def __init__(self, rules: Iterable[Constraint]) -> None:
        self.rules = list(rules)

    @classmethod
    def default(cls) -> RuleSet:
        return cls(RULES[name]() for name in DEFAULT_RULES)

    @classmethod
    def from_specs(cls, specs: dict[str, dict[str, str] | None]) -> RuleSet:
        """The default rules with the options of the scenario; `null` takes a rule away."""
        chosen = {name: RULES[name]() for name in DEFAULT_RULES}
        for name, options in specs.items():
            if options is None:
                chosen.pop(name, None)
                continue
            if name not in RULES:
                raise DepotError(f"there is no rule {name!r}")
            rule = chosen.setdefault(name, RULES[name]())
            rule.configure(**options)
        return cls(chosen.values())

    def __iter__(self) -> Iterator[Constraint]:
        return iter(self.rules)

    def admits(self, vehicle: Vehicle, order: Order) -> bool:
        return all(rule.admits(vehicle, order) for rule in self.rules if rule.hard)

    def violations(self, schedule: Schedule) -> Iterator[Violation]:
        for rule in self.rules:
            if rule.hard:
                yield from rule.check(schedule)

    def feasible(self, schedule: Schedule) -> bool:
        return next(self.violations(schedule), None) is None

    def penalty(self, schedule: Schedule) -> float:
        return sum(rule.penalty(schedule) for rule in self.rules if not rule.hard)

    def why_not(self, schedule: Schedule) -> str:
        return "; ".join(str(violation) for violation in self.violations(schedule))
