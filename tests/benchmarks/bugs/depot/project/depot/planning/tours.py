"""Building tours: drafts, insertion, local search, and the strategies on top.

A strategy is registered under a name with `@strategy("name")` and made from a
text such as ``regret:k=3,improve=yes``.
"""
from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from ..errors import NoPath, OptionError, UnknownStrategy
from ..model import Load, Order, Vehicle
from ..units import parse_duration
from .schedule import RuleSet, Schedule, ScheduleBuilder

EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class CostModel:
    """What a minute and a kilometre are worth while tours are compared."""

    per_minute: float = 1.0
    per_km: float = 0.5
    per_late_minute: float = 20.0
    opening: float = 10.0

    def of(self, schedule: Schedule, penalty: float) -> float:
        if not schedule.visits:
            return 0.0
        cost = self.opening + penalty
        cost += self.per_minute * (schedule.back - schedule.depart)
        cost += self.per_km * schedule.metres / 1000
        return cost + self.per_late_minute * schedule.lateness


@dataclass(slots=True)
class Planner:
    """Everything that judging a tour takes, passed around as one thing."""

    builder: ScheduleBuilder
    rules: RuleSet
    now: float
    costs: CostModel = field(default_factory=CostModel)

    def schedule(self, vehicle: Vehicle, orders: Sequence[Order]) -> Schedule:
        return self.builder.build(vehicle, orders, self.now)

    def judge(self, schedule: Schedule) -> float | None:
        """The cost, None if a hard rule is broken."""
        if not self.rules.feasible(schedule):
            return None
        return self.costs.of(schedule, self.rules.penalty(schedule))


class Draft:
    """A tour under construction. The schedule is built when it is asked for."""

    def __init__(self, vehicle: Vehicle, planner: Planner, orders: Iterable[Order] = ()) -> None:
        self.vehicle = vehicle
        self.planner = planner
        self.orders: list[Order] = list(orders)
        self._schedule: Schedule | None = None
        self._cost: float | None = None

    def __repr__(self) -> str:
        return f"<Draft {self.vehicle.id}: {' '.join(order.id for order in self.orders)}>"

    def __len__(self) -> int:
        return len(self.orders)

    @property
    def schedule(self) -> Schedule:
        if self._schedule is None:
            self._schedule = self.planner.schedule(self.vehicle, self.orders)
        return self._schedule

    @property
    def cost(self) -> float:
        if self._cost is None:
            cost = self.planner.judge(self.schedule)
            self._cost = math.inf if cost is None else cost
        return self._cost

    def touch(self) -> None:
        self._schedule = None
        self._cost = None

    def insert(self, position: int, order: Order) -> None:
        self.orders.insert(position, order)
        self.touch()

    def remove(self, order: Order) -> int:
        position = self.orders.index(order)
        del self.orders[position]
        self.touch()
        return position

    def replace(self, orders: Sequence[Order]) -> None:
        self.orders = list(orders)
        self.touch()

    def cost_of(self, orders: Sequence[Order]) -> float | None:
        return self.planner.judge(self.planner.schedule(self.vehicle, orders))

    @contextmanager
    def attempt(self) -> Iterator[Callable[[], None]]:
        """Changes inside of the block are undone unless the yielded function is called."""
        before = list(self.orders)
        kept = False

        def keep() -> None:
            nonlocal kept
            kept = True

        try:
            yield keep
        finally:
            if not kept:
                self.orders = before
                self.touch()


@dataclass(frozen=True, slots=True)
class Insertion:
    delta: float
    draft: Draft
    position: int
    order: Order

    @property
    def rank(self) -> tuple[float, str, int]:
        return (round(self.delta, 6), self.draft.vehicle.id, self.position)

    def apply(self) -> None:
        self.draft.insert(self.position, self.order)


def insertions(draft: Draft, order: Order) -> Iterator[Insertion]:
    """Every place in a tour where the order may go, with what it costs."""
    planner = draft.planner
    if not planner.rules.admits(draft.vehicle, order):
        return
    before = draft.cost
    for position in range(len(draft) + 1):
        trial = [*draft.orders[:position], order, *draft.orders[position:]]
        try:
            cost = draft.cost_of(trial)
        except NoPath:
            return
        if cost is not None:
            yield Insertion(cost - before, draft, position, order)


def best_insertion(drafts: Iterable[Draft], order: Order) -> Insertion | None:
    best: Insertion | None = None
    for draft in drafts:
        for insertion in insertions(draft, order):
            if best is None or insertion.rank < best.rank:
                best = insertion
    return best


def best_per_draft(drafts: Iterable[Draft], order: Order) -> list[Insertion]:
    """The best place in each of the tours, cheapest tour first."""
    found = []
    for draft in drafts:
        best = min(insertions(draft, order), key=lambda insertion: insertion.rank, default=None)
        if best is not None:
            found.append(best)
    return sorted(found, key=lambda insertion: insertion.rank)


def cheapest_insertion(drafts: Sequence[Draft], orders: Iterable[Order]) -> list[Order]:
    """Order after order, each at its cheapest place. Returns those that found none."""
    left = []
    for order in orders:
        best = best_insertion(drafts, order)
        if best is None:
            left.append(order)
        else:
            best.apply()
    return left


def regret_insertion(drafts: Sequence[Draft], orders: Iterable[Order], k: int = 2) -> list[Order]:
    """Always the order next that would lose most if it had to wait.

    The regret is what the 2nd to k-th best tour would cost more than the best
    one. An order with fewer than k possible tours is urgent in any case: each
    missing tour counts as `missing`.
    """
    missing = 1000.0
    waiting = list(orders)
    left: list[Order] = []
    options: dict[str, list[Insertion]] = {
        order.id: best_per_draft(drafts, order) for order in waiting
    }
    while waiting:
        chosen: Insertion | None = None
        chosen_regret = -math.inf
        for order in list(waiting):
            found = options[order.id]
            if not found:
                waiting.remove(order)
                left.append(order)
                continue
            best = found[0]
            regret = sum(other.delta - best.delta for other in found[1:k])
            regret += missing * max(0, k - len(found))
            better = chosen is None or regret > chosen_regret + EPSILON
            if not better and abs(regret - chosen_regret) <= EPSILON:
                better = order.urgency < chosen.order.urgency
            if better:
                chosen, chosen_regret = best, regret
        if chosen is None:
            break
        chosen.apply()
        waiting.remove(chosen.order)
        # Only the tour that changed has to be looked at again.
        for order in waiting:
            kept = [option for option in options[order.id] if option.draft is not chosen.draft]
            again = best_per_draft([chosen.draft], order)
            options[order.id] = sorted(kept + again, key=lambda option: option.rank)
    return left


def two_opt(draft: Draft) -> bool:
    """Turn round a part of the tour as long as that helps."""
    improved = False
    search = True
    while search:
        search = False
        size = len(draft)
        for first in range(size - 1):
            for last in range(first + 1, size):
                orders = draft.orders
                turned = [*orders[:first], *reversed(orders[first:last + 1]), *orders[last + 1:]]
                cost = draft.cost_of(turned)
                if cost is not None and cost < draft.cost - EPSILON:
                    draft.replace(turned)
                    improved = search = True
    return improved


def relocate(drafts: Sequence[Draft]) -> bool:
    """Move single orders to a better place, in any tour."""
    improved = False
    for source in drafts:
        for order in list(source.orders):
            before = source.cost
            with source.attempt() as keep:
                position = source.remove(order)
                gain = before - source.cost
                best = best_insertion(drafts, order)
                if best is None or best.delta >= gain - EPSILON:
                    continue
                if best.draft is source and best.position == position:
                    continue
                keep()
                best.apply()
                improved = True
    return improved


def exchange(drafts: Sequence[Draft]) -> bool:
    """Swap two orders of different tours where both sides together gain."""
    improved = False
    for index, left in enumerate(drafts):
        for right in drafts[index + 1:]:
            for i, mine in enumerate(left.orders):
                for j, theirs in enumerate(right.orders):
                    rules = left.planner.rules
                    if not (rules.admits(left.vehicle, theirs) and rules.admits(right.vehicle, mine)):
                        continue
                    new_left = [*left.orders[:i], theirs, *left.orders[i + 1:]]
                    new_right = [*right.orders[:j], mine, *right.orders[j + 1:]]
                    cost_left, cost_right = left.cost_of(new_left), right.cost_of(new_right)
                    if cost_left is None or cost_right is None:
                        continue
                    if cost_left + cost_right < left.cost + right.cost - EPSILON:
                        left.replace(new_left)
                        right.replace(new_right)
                        improved = True
                        break
    return improved


MOVES: dict[str, Callable[[Sequence[Draft]], bool]] = {
    "relocate": relocate,
    "exchange": exchange,
    "2opt": lambda drafts: any([two_opt(draft) for draft in drafts]),
}


def improve(drafts: Sequence[Draft], rounds: int = 3,
            moves: Sequence[str] = ("2opt", "relocate", "exchange")) -> int:
    """Apply the moves until none helps; the number of rounds that did."""
    helpful = 0
    for _ in range(rounds):
        if not any([MOVES[name](drafts) for name in moves]):
            break
        helpful += 1
    return helpful


def total_cost(drafts: Iterable[Draft]) -> float:
    return sum(draft.cost for draft in drafts)


@dataclass(slots=True)
class Tour:
    """A schedule that was handed out."""

    number: int
    vehicle: Vehicle
    schedule: Schedule

    @property
    def orders(self) -> list[Order]:
        return self.schedule.orders

    @property
    def load(self) -> Load:
        return self.schedule.load


@dataclass(slots=True)
class Plan:
    tours: list[Tour] = field(default_factory=list)
    left: list[tuple[Order, str]] = field(default_factory=list)
    cost: float = 0.0
    strategy: str = ""

    def __bool__(self) -> bool:
        return bool(self.tours)

    @property
    def metres(self) -> float:
        return sum(tour.schedule.metres for tour in self.tours)

    @property
    def price(self) -> Decimal:
        return sum((tour.schedule.cost for tour in self.tours), Decimal("0.00"))

    def tour_of(self, vehicle_id: str) -> Tour | None:
        return next((tour for tour in self.tours if tour.vehicle.id == vehicle_id), None)

    def planned(self) -> list[Order]:
        return [order for tour in self.tours for order in tour.orders]

    def reasons(self) -> dict[str, str]:
        return {order.id: reason for order, reason in self.left}


Converter = Callable[[str], Any]


def yes_or_no(text: str) -> bool:
    match text.lower():
        case "yes" | "true" | "1" | "on":
            return True
        case "no" | "false" | "0" | "off":
            return False
    raise ValueError(text)


class Strategy(ABC):
    """The steps of planning; subclasses fill in `distribute`."""

    name: ClassVar[str] = ""
    options: ClassVar[dict[str, Converter]] = {"improve": yes_or_no, "rounds": int}

    def __init__(self, **options: Any) -> None:
        self.improve = options.pop("improve", False)
        self.rounds = options.pop("rounds", 3)
        if options:
            raise OptionError(f"{self.name} has no option {', '.join(sorted(options))}")
        self._numbers = 0

    def __str__(self) -> str:
        return self.name

    def plan(self, orders: Sequence[Order], vehicles: Sequence[Vehicle], planner: Planner) -> Plan:
        """Tours for as many of the orders as possible."""
        drafts = [Draft(vehicle, planner) for vehicle in vehicles]
        wanted, held = self.select(orders, vehicles, planner)
        left = self.distribute(sorted(wanted, key=self.order_key), drafts, planner)
        if self.improve:
            improve(drafts, self.rounds)
            left = cheapest_insertion(drafts, left)
        plan = Plan(strategy=str(self))
        for draft in drafts:
            if draft.orders:
                plan.tours.append(self.finish(draft, planner))
        plan.left = held + [(order, self.explain(order, vehicles, planner)) for order in left]
        plan.cost = total_cost(drafts)
        return plan

    def select(self, orders: Sequence[Order], vehicles: Sequence[Vehicle], planner: Planner,
               ) -> tuple[list[Order], list[tuple[Order, str]]]:
        """Those to plan now, and those to hold back with the reason."""
        return list(orders), []

    def order_key(self, order: Order) -> Any:
        return order.urgency

    @abstractmethod
    def distribute(self, orders: list[Order], drafts: list[Draft], planner: Planner) -> list[Order]:
        """Fill the drafts; return what could not be placed."""

    def finish(self, draft: Draft, planner: Planner) -> Tour:
        self._numbers += 1
        return Tour(self._numbers, draft.vehicle, draft.schedule)

    def explain(self, order: Order, vehicles: Sequence[Vehicle], planner: Planner) -> str:
        if not vehicles:
            return "no vehicle"
        able = [vehicle for vehicle in vehicles if planner.rules.admits(vehicle, order)]
        if not able:
            return "no vehicle can take it"
        reasons = []
        for vehicle in able:
            try:
                schedule = planner.schedule(vehicle, [order])
            except NoPath as error:
                reasons.append(str(error))
                continue
            reasons.append(planner.rules.why_not(schedule) or "full")
        return reasons[0]


class StrategyRegistry:
    def __init__(self) -> None:
        self._classes: dict[str, type[Strategy]] = {}
        self._aliases: dict[str, str] = {}

    def __call__(self, name: str, *aliases: str) -> Callable[[type[Strategy]], type[Strategy]]:
        def register(cls: type[Strategy]) -> type[Strategy]:
            cls.name = name
            self._classes[name] = cls
            for alias in aliases:
                self._aliases[alias] = name
            return cls
        return register

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._classes))

    def __contains__(self, name: str) -> bool:
        return self._aliases.get(name, name) in self._classes

    def lookup(self, name: str) -> type[Strategy]:
        name = self._aliases.get(name, name)
        try:
            return self._classes[name]
        except KeyError:
            raise UnknownStrategy(name, list(self._classes)) from None

    def all_options(self, cls: type[Strategy]) -> dict[str, Converter]:
        """A strategy understands the options of its bases, too."""
        merged: dict[str, Converter] = {}
        for base in reversed(cls.__mro__):
            merged.update(vars(base).get("options", {}))
        return merged

    def create(self, text: str) -> Strategy:
        name, _, tail = text.partition(":")
        cls = self.lookup(name.strip())
        converters = self.all_options(cls)
        options: dict[str, Any] = {}
        for part in filter(None, (part.strip() for part in tail.split(","))):
            key, sign, value = part.partition("=")
            if not sign:
                value = "yes"
            if key not in converters:
                raise OptionError(f"{name} has no option {key}")
            try:
                options[key] = converters[key](value)
            except ValueError:
                raise OptionError(f"{name}: {key} cannot be {value!r}") from None
        return cls(**options)


strategy = StrategyRegistry()


@strategy("first-fit", "simple")
class FirstFit(Strategy):
    """The most urgent order goes to the end of the first tour that takes it."""

    def distribute(self, orders: list[Order], drafts: list[Draft], planner: Planner) -> list[Order]:
        left = []
        for order in orders:
            for draft in drafts:
                if not planner.rules.admits(draft.vehicle, order):
                    continue
                with draft.attempt() as keep:
                    draft.insert(len(draft), order)
                    try:
                        if planner.rules.feasible(draft.schedule):
                            keep()
                            break
                    except NoPath:
                        continue
            else:
                left.append(order)
        return left


@strategy("nearest")
class NearestNeighbour(Strategy):
    """Each vehicle in turn drives to the nearest order that it can still do."""

    options = {"reach": parse_duration}

    def __init__(self, reach: float = 120.0, **options: Any) -> None:
        super().__init__(**options)
        self.reach = reach

    def distribute(self, orders: list[Order], drafts: list[Draft], planner: Planner) -> list[Order]:
        waiting = list(orders)
        for draft in drafts:
            while waiting:
                following = self.next_order(draft, waiting, planner)
                if following is None:
                    break
                draft.insert(len(draft), following)
                waiting.remove(following)
        return waiting

    def next_order(self, draft: Draft, waiting: Sequence[Order], planner: Planner) -> Order | None:
        schedule = draft.schedule
        if schedule.visits:
            node, now = schedule.visits[-1].order.node, schedule.visits[-1].finish
        else:
            node, now = draft.vehicle.home, schedule.depart
        reachable: list[tuple[float, tuple, Order]] = []
        for order in waiting:
            if not planner.rules.admits(draft.vehicle, order):
                continue
            try:
                minutes = planner.builder.travel.minutes(node, order.node, now, draft.vehicle)
            except NoPath:
                continue
            if minutes > self.reach:
                continue
            idle = order.window.wait_at(now + minutes)
            reachable.append((minutes + idle / 2, order.urgency, order))
        for _, _, order in sorted(reachable, key=lambda entry: entry[:2]):
            if draft.cost_of([*draft.orders, order]) is not None:
                return order
        return None


@strategy("cheapest", "insertion")
class CheapestInsertion(Strategy):
    def distribute(self, orders: list[Order], drafts: list[Draft], planner: Planner) -> list[Order]:
        return cheapest_insertion(drafts, orders)


@strategy("regret")
class RegretInsertion(CheapestInsertion):
    options = {"k": int}

    def __init__(self, k: int = 2, **options: Any) -> None:
        super().__init__(**options)
        if k < 2:
            raise OptionError("regret needs k of at least 2")
        self.k = k

    def __str__(self) -> str:
        return f"{self.name}-{self.k}"

    def distribute(self, orders: list[Order], drafts: list[Draft], planner: Planner) -> list[Order]:
        return regret_insertion(drafts, orders, self.k)


@dataclass(slots=True)
class Saving:
    amount: float
    first: Order
    second: Order


@strategy("savings", "clarke-wright")
class Savings(Strategy):
    """Clarke and Wright: join the pairs of stops that save most on the way home."""

    options = {"shape": float}

    def __init__(self, shape: float = 1.0, **options: Any) -> None:
        super().__init__(**options)
        self.shape = shape

    def distribute(self, orders: list[Order], drafts: list[Draft], planner: Planner) -> list[Order]:
        if not drafts or not orders:
            return orders
        chains: dict[str, list[Order]] = {order.id: [order] for order in orders}
        for saving in self.savings(orders, drafts[0].vehicle, planner):
            first, second = chains[saving.first.id], chains[saving.second.id]
            if first is second:
                continue
            # Only the end of one chain and the start of another one may be joined.
            if first[-1] is not saving.first or second[0] is not saving.second:
                continue
            joined = first + second
            if not any(draft.cost_of(joined) is not None for draft in drafts):
                continue
            for order in joined:
                chains[order.id] = joined
        return self.hand_out(self.unique(chains), drafts)

    def savings(self, orders: Sequence[Order], vehicle: Vehicle, planner: Planner) -> list[Saving]:
        travel, home = planner.builder.travel, vehicle.home
        found: list[Saving] = []
        for first in orders:
            for second in orders:
                if first is second:
                    continue
                try:
                    there = travel.metres(first.node, home, vehicle)
                    back = travel.metres(home, second.node, vehicle)
                    across = travel.metres(first.node, second.node, vehicle)
                except NoPath:
                    continue
                amount = there + back - self.shape * across
                if amount > 0:
                    found.append(Saving(amount, first, second))
        found.sort(key=lambda saving: (-saving.amount, saving.first.id, saving.second.id))
        return found

    @staticmethod
    def unique(chains: dict[str, list[Order]]) -> list[list[Order]]:
        seen: set[int] = set()
        result = []
        for chain in chains.values():
            if id(chain) not in seen:
                seen.add(id(chain))
                result.append(chain)
        return sorted(result, key=lambda chain: (-len(chain), chain[0].id))

    def hand_out(self, chains: list[list[Order]], drafts: list[Draft]) -> list[Order]:
        left: list[Order] = []
        free = list(drafts)
        for chain in chains:
            costs = []
            for draft in free:
                try:
                    cost = draft.cost_of(chain)
                except NoPath:
                    continue
                if cost is not None:
                    costs.append((cost, draft.vehicle.id, draft))
            if costs:
                draft = min(costs, key=lambda entry: entry[:2])[2]
                draft.replace(chain)
                free.remove(draft)
            else:
                left.extend(cheapest_insertion(drafts, chain))
        return left


@strategy("patient")
class Patient(CheapestInsertion):
    """Holds orders back that have plenty of time, and leaves as late as possible."""

    options = {"hold": parse_duration}

    def __init__(self, hold: float = 120.0, **options: Any) -> None:
        super().__init__(**options)
        self.hold = hold

    def select(self, orders: Sequence[Order], vehicles: Sequence[Vehicle], planner: Planner,
               ) -> tuple[list[Order], list[tuple[Order, str]]]:
        wanted, held = [], []
        for order in orders:
            if order.window.start - planner.now > self.hold:
                held.append((order, "held back"))
            else:
                wanted.append(order)
        return wanted, held

    def finish(self, draft: Draft, planner: Planner) -> Tour:
        tour = super().finish(draft, planner)
        tour.schedule = planner.builder.latest_begin(draft.vehicle, draft.orders, planner.now)
        return tour


@strategy("value")
class ValueFirst(CheapestInsertion):
    """The best paid orders first; reserve vehicles only for what the others leave."""

    def order_key(self, order: Order) -> Any:
        return (-order.value, order.urgency)

    def distribute(self, orders: list[Order], drafts: list[Draft], planner: Planner) -> list[Order]:
        regular = [draft for draft in drafts if not draft.vehicle.reserve]
        reserve = [draft for draft in drafts if draft.vehicle.reserve]
        left = []
        for order in orders:
            best = best_insertion(regular, order) or best_insertion(reserve, order)
            if best is None:
                left.append(order)
            else:
                best.apply()
        return left
