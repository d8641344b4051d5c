"""What is printed after a run."""
from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from .errors import DepotError
from .metrics import Histogram
from .model import Order, OrderState, Vehicle, VehicleState
from .planning import Plan
from .sim import Result
from .units import (
    CENT,
    format_clock,
    format_duration,
    format_kg,
    format_km,
    format_money,
    format_share,
    to_money,
)

Section = Callable[[Result], Iterable[str]]
SECTIONS: dict[str, tuple[str, Section]] = {}

GANTT_MARKS: dict[VehicleState, str] = {
    VehicleState.OFF: " ",
    VehicleState.IDLE: ".",
    VehicleState.LOADING: "L",
    VehicleState.DRIVING: "=",
    VehicleState.SERVING: "#",
    VehicleState.BREAK: "b",
    VehicleState.BROKEN: "!",
}

# What a tag adds to the price of an order: an amount, or a share of its value.
SURCHARGES: dict[str, Decimal | float] = {
    "frozen": Decimal("3.50"),
    "return": Decimal("1.90"),
    "fragile": 0.05,
    "express": 0.2,
}

# (minutes late, share of the price that is given back)
LATE_REFUNDS: tuple[tuple[float, float], ...] = ((60, 0.5), (30, 0.25), (5, 0.1))

VAT_RATES: dict[str, Decimal] = {"standard": Decimal("0.19"), "food": Decimal("0.07")}


def section(name: str, title: str) -> Callable[[Section], Section]:
    def register(function: Section) -> Section:
        SECTIONS[name] = (title, function)
        return function
    return register


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    align: str = "<"
    width: int | None = None    # longer texts are cut

    def fit(self, text: str, width: int) -> str:
        if self.width is not None and len(text) > self.width:
            text = text[:self.width - 1] + "~"
        return f"{text:{self.align}{width}}"


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Lines of a text table; columns are as wide as their content."""
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = []
    for index, column in enumerate(columns):
        longest = max([len(column.title), *(len(row[index]) for row in texts)])
        widths.append(min(longest, column.width or longest))
    yield "  ".join(c.fit(c.title, w) for c, w in zip(columns, widths)).rstrip()
    yield "  ".join("-" * width for width in widths)
    for row in texts:
        yield "  ".join(c.fit(text, w) for c, text, w in zip(columns, row, widths)).rstrip()


def bar(part: float, whole: float, width: int = 20) -> str:
    filled = round(width * part / whole) if whole else 0
    return "#" * filled + "." * (width - filled)


@section("summary", "Summary")
def summary(result: Result) -> Iterator[str]:
    titles = result.totals.titles()
    width = max(len(title) for title in titles.values())
    for name, value in result.kpis().items():
        yield f"{titles[name]:<{width}}  {value}"


@section("vehicles", "Vehicles")
def vehicles(result: Result) -> Iterator[str]:
    currency = result.totals.currency
    rows = []
    for vehicle in result.scenario.fleet:
        delivered = len(vehicle.delivered)
        rows.append((
            vehicle.id,
            vehicle.kind.name,
            vehicle.tours,
            delivered,
            format_km(vehicle.odometer),
            f"{100 * vehicle.utilisation(result.end):.0f}%",
            format_money(vehicle.running_cost(result.end), currency),
        ))
    columns = (Column("id"), Column("type", width=10), Column("tours", ">"), Column("orders", ">"),
               Column("distance", ">"), Column("busy", ">"), Column("cost", ">"))
    yield from table(columns, rows)


def order_row(order: Order, result: Result) -> tuple[object, ...]:
    promise = result.promises.get(order.id)
    planned = format_clock(promise.start) if promise else "-"
    match order.state:
        case OrderState.DELIVERED:
            note = f"late {format_duration(order.lateness)}" if order.lateness else ""
            actual = format_clock(order.delivered_at)
        case OrderState.FAILED | OrderState.CANCELLED:
            note, actual = result.failures.get(order.id, ""), "-"
        case _:
            note, actual = "still open", "-"
    vehicle = promise.vehicle if promise else None
    return (order.id, order.node, str(order.window), planned, actual, order.state.value, vehicle, note)


@section("orders", "Orders")
def orders(result: Result) -> Iterator[str]:
    columns = (Column("id"), Column("node", width=8), Column("window"), Column("plan", ">"),
               Column("actual", ">"), Column("state"), Column("vehicle"), Column("note", width=24))
    yield from table(columns, [order_row(order, result) for order in result.scenario.orders])


@section("hours", "Deliveries by hour")
def hours(result: Result) -> Iterator[str]:
    by_hour = result.scenario.orders.by_hour()
    if not by_hour:
        yield "none"
        return
    most = max(len(group) for group in by_hour.values())
    for hour in range(min(by_hour), max(by_hour) + 1):
        count = len(by_hour.get(hour, ()))
        yield f"{format_clock(hour * 60)}  {bar(count, most)}  {count}"


@section("gantt", "Vehicles over the day")
def gantt(result: Result, step: float = 15.0) -> Iterator[str]:
    span = result.scenario.fleet.span()
    end = max(span.end, result.end)
    width = max(len(vehicle.id) for vehicle in result.scenario.fleet)
    yield " " * width + "  " + format_clock(span.start)
    for vehicle in result.scenario.fleet:
        yield f"{vehicle.id:<{width}}  {gantt_line(vehicle, span.start, end, step)}".rstrip()


def gantt_line(vehicle: Vehicle, start: float, end: float, step: float) -> str:
    """One mark per step: the state in which the vehicle was for the longest time of it."""
    spans = list(vehicle.machine.spans(end))
    marks = []
    moment = start
    while moment < end:
        shares: dict[VehicleState, float] = {}
        for state, begin, finish in spans:
            overlap = min(finish, moment + step) - max(begin, moment)
            if overlap > 0:
                shares[state] = shares.get(state, 0.0) + overlap
        state = max(shares, key=lambda s: shares[s], default=VehicleState.OFF)
        marks.append(GANTT_MARKS[state])
        moment += step
    return "".join(marks)


@section("lateness", "Lateness")
def lateness(result: Result) -> Iterator[str]:
    metrics = result.totals.metrics
    if "orders.lateness" not in metrics:
        yield "nothing was delivered"
        return
    histogram = metrics["orders.lateness"]
    assert isinstance(histogram, Histogram)
    for label, count in histogram.buckets():
        yield f"{label:>5} min  {bar(count, len(histogram))}  {count}"
    yield f"median {format_duration(histogram.quantile(0.5))}, " \
          f"worst {format_duration(histogram.worst)}"


@section("failures", "Not delivered")
def failures(result: Result) -> Iterator[str]:
    rows = [(order.id, order.state.value, result.failures.get(order.id, "-"),
             format_kg(order.load.grams)) for order in result.unserved()]
    if not rows:
        yield "everything was delivered"
        return
    yield from table((Column("id"), Column("state"), Column("reason"), Column("weight", ">")), rows)


@section("billing", "Billing")
def billing(result: Result) -> Iterator[str]:
    """What the receivers pay: prices, surcharges, refunds and tax, one invoice per node."""
    currency = result.totals.currency
    zero = Decimal("0.00")
    orders = result.scenario.orders
    nodes = sorted(orders.by_node())
    invoices: dict[str, list[tuple[str, str, Decimal]]] = {node: [] for node in nodes}
    nets: dict[tuple[str, str], Decimal] = {(node, rate): zero for node in nodes for rate in VAT_RATES}
    tours = {visit.order.id: visit for plan in result.plans for tour in plan.tours
             for visit in tour.schedule.visits}
    unpaid: list[str] = []

    for order in orders:
        rate = "food" if "frozen" in order.tags else "standard"
        lines = invoices[order.node]
        match order.state:
            case OrderState.DELIVERED:
                lines.append((order.id, "delivery", order.value))
            case OrderState.FAILED if order.attempts > 0:
                # The receiver was not there: half of the price is due all the same.
                visit = tours.get(order.id)
                half = (order.value / 2).quantize(CENT)
                when = format_clock(visit.arrival) if visit else "?"
                lines.append((order.id, f"nobody there at {when}", half))
                nets[order.node, rate] += half
                continue
            case OrderState.CANCELLED:
                fee = min(order.value, Decimal("5.00"))
                lines.append((order.id, "cancelled", fee))
                nets[order.node, rate] += fee
                continue
            case _:
                unpaid.append(order.id)
                continue

        net = order.value
        for tag in order.tags:
            surcharge = SURCHARGES.get(tag)
            match surcharge:
                case None:
                    continue
                case Decimal():
                    extra = surcharge
                case share:
                    extra = to_money(order.value * Decimal(str(share)))
            lines.append((order.id, tag, extra))
            net += extra
        if order.priority == 1:
            extra = to_money(net * Decimal("0.15"))
            lines.append((order.id, "priority", extra))
            net += extra
        for minutes, share in LATE_REFUNDS:
            if order.lateness > minutes:
                refund = -to_money(net * Decimal(str(share)))
                lines.append((order.id, f"{format_duration(order.lateness)} late", refund))
                net += refund
                break
        nets[order.node, rate] += net

    total, tax_total = zero, zero
    for node in nodes:
        lines = invoices[node]
        if not lines:
            continue
        net = sum((amount for _, _, amount in lines), zero)
        taxes = {rate: to_money(nets[node, rate] * percent) for rate, percent in VAT_RATES.items()}
        gross = net + sum(taxes.values(), zero)
        yield f"{node}: {format_money(gross, currency)}"
        for id, text, amount in lines:
            yield f"  {id:<5} {text:<24} {amount:>8}"
        for rate, tax in taxes.items():
            if tax:
                yield f"  tax   {100 * VAT_RATES[rate]:.0f}% of {nets[node, rate]:<17} {tax:>8}"
        total += net
        tax_total += sum(taxes.values(), zero)
    if unpaid:
        yield "not billed: " + ", ".join(unpaid)
    yield f"total {format_money(total, currency)}, tax {format_money(tax_total, currency)}"


@section("journal", "Journal")
def journal(result: Result) -> Iterator[str]:
    for at, text in result.journal:
        yield f"{format_clock(at)} {text}"


@section("metrics", "Metrics")
def metrics(result: Result) -> Iterator[str]:
    rows = [(metric.name, metric.kind, metric.show()) for metric in result.totals.metrics]
    yield from table((Column("metric"), Column("kind"), Column("value", ">")), rows)


DEFAULT_SECTIONS: tuple[str, ...] = ("summary", "vehicles", "orders", "failures")


def render(result: Result, names: Sequence[str] = DEFAULT_SECTIONS) -> str:
    parts = [f"{result.scenario.name} ({result.scenario.day:%d %b %Y})"]
    for name in names:
        if name not in SECTIONS:
            raise DepotError(f"there is no section {name!r}")
        title, function = SECTIONS[name]
        parts.append("\n".join([title, "=" * len(title), *function(result)]))
    return "\n\n".join(parts) + "\n"


def render_plan(plan: Plan) -> str:
    lines = [f"strategy {plan.strategy}: {len(plan.tours)} tours, {format_km(plan.metres)}, "
             f"{format_money(plan.price)}"]
    for tour in plan.tours:
        lines.extend(tour.schedule.lines())
        share = tour.load.share_of(tour.vehicle.capacity)
        lines.append(f"  load {format_kg(tour.load.grams)} ({format_share(share, 1)})")
    for order, reason in plan.left:
        lines.append(f"left: {order.describe()}: {reason}")
    return "\n".join(lines) + "\n"


def comparison(results: dict[str, Result]) -> str:
    names = list(results)
    titles = next(iter(results.values())).totals.titles()
    kpis = {name: result.kpis() for name, result in results.items()}
    columns = [Column(""), *(Column(name, ">") for name in names)]
    rows = [(title, *(kpis[name][key] for name in names)) for key, title in titles.items()]
    return "\n".join(table(columns, rows)) + "\n"


def plain(value: Any) -> Any:
    """For json.dump: what JSON does not know becomes something that it knows."""
    match value:
        case Decimal():
            return str(value)
        case Enum():
            return value.value
        case frozenset() | set():
            return sorted(value)
        case Order():
            return value.id
    raise TypeError(f"cannot write {type(value).__name__}")


def to_json(result: Result) -> str:
    document = {
        "scenario": result.scenario.name,
        "day": result.scenario.day.isoformat(),
        "end": format_clock(result.end),
        "kpis": result.kpis(),
        "revenue": result.totals.revenue,
        "cost": result.totals.cost,
        "orders": [{
            "id": order.id,
            "state": order.state,
            "vehicle": order.vehicle,
            "delivered": None if order.delivered_at is None else format_clock(order.delivered_at),
            "skills": order.skills,
        } for order in result.scenario.orders],
        "metrics": result.totals.metrics.snapshot(),
    }
    return json.dumps(document, indent=1, default=plain)


def to_csv(result: Result) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("id", "node", "window", "planned", "actual", "state", "vehicle", "note"))
    for order in result.scenario.orders:
        writer.writerow(order_row(order, result))
    return buffer.getvalue()
