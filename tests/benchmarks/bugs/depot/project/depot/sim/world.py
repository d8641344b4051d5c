"""The simulated day: orders come in, a dispatcher plans, vehicles drive."""
from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from ..errors import KernelError
from ..metrics import Collector, Totals
from ..model import Order, OrderState, Vehicle, VehicleState
from ..planning import Plan, Planner, ScheduleBuilder, Tour, strategy
from ..routing import TRAVEL_MODELS, Drive
from ..scenario import Incident, Scenario
from ..units import format_clock
from .kernel import Bus, Channel, Kernel, Process, Signal, Slots


@dataclass(slots=True)
class Planned:
    """What was promised for an order when its tour was handed out."""

    vehicle: str
    tour: int
    start: float


@dataclass(slots=True)
class Result:
    scenario: Scenario
    end: float
    totals: Totals
    plans: list[Plan]
    promises: dict[str, Planned]
    failures: dict[str, str]
    journal: list[tuple[float, str]] = field(default_factory=list)
    cache_hit_rate: float = 0.0

    def kpis(self) -> dict[str, Any]:
        return self.totals.kpis()

    def unserved(self) -> list[Order]:
        return [order for order in self.scenario.orders if order.state is not OrderState.DELIVERED]


class World:
    """Wires a scenario to a kernel and runs it."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.settings = scenario.settings
        self.orders = scenario.orders
        self.fleet = scenario.fleet
        self.graph = scenario.graph
        self.travel = TRAVEL_MODELS[self.settings.travel](self.graph)
        self.builder = ScheduleBuilder(self.travel, self.settings.load_time, self.settings.per_order)
        self.strategy = strategy.create(self.settings.strategy)
        self.random = random.Random(self.settings.seed)
        self.start = min((vehicle.shift.start for vehicle in self.fleet), default=0.0)
        self.kernel = Kernel(self.start, self.settings.horizon)
        self.bus = Bus(lambda: self.kernel.now)
        self.collector = Collector(self.bus, self.orders, self.fleet, self.start)
        self.inboxes: dict[str, Channel[Tour]] = {
            vehicle.id: Channel(self.kernel, f"inbox of {vehicle.id}") for vehicle in self.fleet
        }
        self.docks = Slots(self.kernel, self.settings.docks, "docks")
        self.changed = Signal(self.kernel)
        self.plans: list[Plan] = []
        self.promises: dict[str, Planned] = {}
        self.failures: dict[str, str] = {}
        self.journal: list[tuple[float, str]] = []
        self.blocked_until: dict[str, float] = {}
        self.orders.listen(self.order_moved)

    @property
    def now(self) -> float:
        return self.kernel.now

    def write(self, text: str) -> None:
        self.journal.append((self.now, text))

    def order_moved(self, order: Order, before: OrderState) -> None:
        match order.state:
            case OrderState.PENDING if before is OrderState.ANNOUNCED:
                self.bus.publish("order.released", order=order)
            case OrderState.FAILED:
                reason = order.machine.history[-1].info.get("reason", "unknown")
                self.failures[order.id] = reason
                self.bus.publish("order.failed", order=order, reason=reason)
            case OrderState.CANCELLED:
                self.failures[order.id] = "cancelled"

    # -------------------------------------------------------------- workers

    async def order_source(self) -> None:
        """Makes the orders known at their time."""
        for order in self.orders.upcoming():
            await self.kernel.sleep_until(max(order.release, self.start))
            if order.state is OrderState.ANNOUNCED:
                self.orders.release(order.id, self.now)
                self.changed.fire("order")

    async def incident_source(self) -> None:
        for incident in self.scenario.incidents:
            await self.kernel.sleep_until(max(incident.at, self.now))
            await self.handle_incident(incident)

    async def handle_incident(self, incident: Incident) -> None:
        handler = INCIDENTS.get(incident.kind)
        if handler is None:
            raise KernelError(f"nobody handles {incident.kind}")
        await handler(self, incident)
        self.changed.fire(incident.kind)

    async def road_closed(self, incident: Incident) -> None:
        source, target = incident.target
        self.graph.close(source, target)
        self.write(f"road {source}-{target} closed")
        if incident.until is not None:
            self.kernel.call_at(incident.until, self.graph.reopen, source, target)

    async def traffic_jam(self, incident: Incident) -> None:
        source, target = incident.target
        self.graph.slow_down(source, target, incident.factor)
        self.write(f"jam on {source}-{target}")
        if incident.until is not None:
            self.kernel.call_at(incident.until, self.graph.speed_up, source, target, incident.factor)

    async def breakdown(self, incident: Incident) -> None:
        vehicle = self.fleet[incident.target[0]]
        self.blocked_until[vehicle.id] = incident.until or self.now
        self.write(f"{vehicle.id} broke down until {format_clock(self.blocked_until[vehicle.id])}")

    async def cancellation(self, incident: Incident) -> None:
        order_id = incident.target[0]
        if self.orders.cancel(order_id, self.now):
            self.write(f"order {order_id} cancelled")
        else:
            self.write(f"too late to cancel {order_id}")

    # ------------------------------------------------------------ dispatching

    async def dispatcher(self) -> None:
        """Plans whenever something changed, at most once in `replan_every` minutes."""
        while True:
            await self.changed.wait()
            # Things seldom change alone: wait a moment for the rest.
            await self.kernel.sleep(self.settings.collect)
            self.plan_round()
            await self.kernel.sleep(self.settings.replan_every)
            # What happened during the pause did not wake anybody.
            if self.orders.pending() and self.fleet.available(self.now):
                self.kernel.call_at(self.now, self.changed.fire, "pause")

    def plan_round(self) -> Plan | None:
        self.orders.expire(self.now)
        waiting = self.orders.pending()
        vehicles = [vehicle for vehicle in self.fleet.available(self.now)
                    if self.blocked_until.get(vehicle.id, 0.0) <= self.now]
        if not waiting or not vehicles:
            return None
        planner = Planner(self.builder, self.scenario.rules, self.now, self.settings.costs)
        plan = self.strategy.plan(waiting, vehicles, planner)
        self.plans.append(plan)
        for tour in plan.tours:
            self.hand_out(tour)
        self.bus.publish("plan.made", tours=len(plan.tours), left=len(plan.left), cost=plan.cost)
        self.write(f"plan: {len(plan.planned())} orders in {len(plan.tours)} tours, "
                   f"{len(plan.left)} left")
        return plan

    def hand_out(self, tour: Tour) -> None:
        for visit in tour.schedule.visits:
            self.orders.plan(visit.order, tour.vehicle, self.now)
            self.promises[visit.order.id] = Planned(tour.vehicle.id, tour.number, visit.start)
        tour.vehicle.tour = tour.number
        self.inboxes[tour.vehicle.id].send(tour)

    # -------------------------------------------------------------- vehicles

    async def vehicle_worker(self, vehicle: Vehicle) -> None:
        await self.kernel.sleep_until(vehicle.shift.start)
        vehicle.clock_in(self.now)
        self.changed.fire(vehicle.id)
        inbox = self.inboxes[vehicle.id]
        while self.now < vehicle.shift.end:
            tour = await inbox.receive_within(vehicle.shift.end - self.now)
            if tour is None:
                break
            await self.run_tour(vehicle, tour)
            vehicle.tour = None
            self.changed.fire(vehicle.id)
        vehicle.clock_out(self.now)

    async def run_tour(self, vehicle: Vehicle, tour: Tour) -> None:
        """One tour from the dock until the vehicle is in the yard again."""
        schedule = tour.schedule
        if schedule.begin > self.now:
            await self.kernel.sleep_until(schedule.begin)
        vehicle.begin_loading(self.now)

        # Orders that were cancelled while the vehicle waited stay here.
        async with self.docks.place() as waited:
            self.bus.publish("dock.entered", vehicle=vehicle.id, waited=waited)
            wanted = [order for order in tour.orders if order.state is OrderState.PLANNED]
            await self.kernel.sleep(self.builder.loading_minutes(wanted))
            loaded: list[Order] = []
            for order in wanted:
                if order.state is not OrderState.PLANNED:
                    continue
                vehicle.put_in(order, self.now)
                loaded.append(order)

        if not loaded:
            vehicle.come_home(self.now)
            self.write(f"{vehicle.id} has nothing to do")
            return

        vehicle.set_off(self.now)
        self.bus.publish("vehicle.left", vehicle=vehicle.id, tour=tour.number)
        for order in loaded:
            visit = schedule.visit_of(order)
            await self.drive_to(vehicle, order.node)
            wait = order.window.wait_at(self.now)
            if wait > 0:
                await self.kernel.sleep(wait)
                rule = vehicle.kind.break_rule
                if rule is not None and wait >= rule.length:
                    vehicle.since_break = 0.0

            order.attempts += 1
            vehicle.begin_service(self.now)
            if order.answers_door(self.now):
                begin = self.now
                await self.kernel.sleep(order.service)
                vehicle.hand_over(order, begin)
                self.bus.publish("order.delivered", order=order, planned=visit.finish)
            else:
                # Ringing and writing a card takes a moment, too.
                await self.kernel.sleep(min(2.0, order.service))
                self.bus.publish("order.refused", order=order, vehicle=vehicle.id)
                self.write(f"nobody answers {vehicle.id} at {order.node}")
            vehicle.set_off(self.now)

        await self.drive_to(vehicle, vehicle.home)
        returned = vehicle.come_home(self.now)
        self.bus.publish("vehicle.back", vehicle=vehicle.id, tour=tour.number)
        for order in returned:
            await self.kernel.sleep(self.settings.unload_time)
            if order.can_retry(self.now):
                self.kernel.call_at(self.now + self.settings.retry_delay, self.try_again, order)
            else:
                self.orders.give_back(order, self.now)
        if returned:
            self.write(f"{vehicle.id} brought back {', '.join(order.id for order in returned)}")

    def try_again(self, order: Order) -> None:
        self.orders.give_back(order, self.now)
        self.changed.fire("retry")

    async def drive_to(self, vehicle: Vehicle, node: str) -> None:
        """Drive in hops, so that jams that begin on the way are felt."""
        await self.wait_while_blocked(vehicle)
        while vehicle.position != node:
            whole = self.travel.drive(vehicle.position, node, self.now, vehicle)
            leg = await self.next_leg(vehicle, whole)
            if vehicle.break_due(leg.minutes):
                await self.take_break(vehicle)
                continue
            await self.kernel.sleep(leg.minutes)
            vehicle.arrive(leg.path.target, leg, self.now)
            self.bus.publish("vehicle.leg", vehicle=vehicle.id, metres=leg.metres,
                             minutes=leg.minutes)
            await self.wait_while_blocked(vehicle)

    async def next_leg(self, vehicle: Vehicle, whole: Drive) -> Drive:
        """The first hop of a drive, with some noise if the scenario wants it."""
        source, target = next(whole.path.hops())
        leg = self.travel.drive(source, target, self.now, vehicle)
        if self.settings.jitter:
            noise = 1 + self.settings.jitter * self.random.uniform(-1, 1)
            leg = Drive(leg.path, leg.depart, leg.minutes * noise)
        return leg

    async def take_break(self, vehicle: Vehicle) -> None:
        vehicle.begin_break(self.now)
        await self.kernel.sleep(vehicle.kind.break_rule.length)
        vehicle.set_off(self.now)

    async def wait_while_blocked(self, vehicle: Vehicle) -> None:
        until = self.blocked_until.get(vehicle.id)
        if until is None or until <= self.now:
            return
        vehicle.machine.to(VehicleState.BROKEN, self.now)
        await self.kernel.sleep_until(until)
        vehicle.set_off(self.now)

    # --------------------------------------------------------------- running

    def spawn_all(self) -> list[Process]:
        processes = [self.kernel.spawn(self.dispatcher(), "dispatcher", daemon=True)]
        for vehicle in self.fleet:
            processes.append(self.kernel.spawn(self.vehicle_worker(vehicle), vehicle.id))
        processes.append(self.kernel.spawn(self.order_source(), "orders"))
        processes.append(self.kernel.spawn(self.incident_source(), "incidents"))
        return processes

    async def run(self) -> Result:
        self.spawn_all()
        end = await self.kernel.run()
        self.orders.expire(end)
        totals = Totals(self.collector.metrics, self.orders, self.fleet, end, self.settings.currency)
        cache = getattr(self.travel, "cache", None)
        return Result(self.scenario, end, totals, self.plans, self.promises, self.failures,
                      self.journal, cache.hit_rate if cache is not None else 0.0)


INCIDENTS: dict[str, Callable[[World, Incident], Awaitable[None]]] = {
    "close": World.road_closed,
    "jam": World.traffic_jam,
    "breakdown": World.breakdown,
    "cancel": World.cancellation,
}


def simulate(scenario: Scenario) -> Result:
    async def main() -> Result:
        return await World(scenario).run()
    return asyncio.run(main())
