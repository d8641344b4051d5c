"""The command line."""
from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path as FilePath
from typing import Any

from . import report
from .errors import DepotError, ScenarioError
from .model import OrderState
from .planning import Planner, ScheduleBuilder, strategy
from .routing import TRAVEL_MODELS
from .scenario import Scenario, load_scenario
from .sim import simulate
from .units import format_clock, format_duration, format_km, format_money, parse_clock

Command = Callable[[argparse.Namespace], int]
COMMANDS: dict[str, tuple[Command, str]] = {}

WRITERS: dict[str, Callable[..., str]] = {
    "json": report.to_json,
    "csv": report.to_csv,
}


def command(name: str, help: str) -> Callable[[Command], Command]:
    def register(function: Command) -> Command:
        COMMANDS[name] = (function, help)
        return function
    return register


def overrides(args: argparse.Namespace) -> dict[str, Any]:
    """What the options change in the scenario."""
    settings: dict[str, Any] = {}
    if getattr(args, "strategy", None):
        settings["strategy"] = args.strategy
    for text in getattr(args, "set", None) or ():
        key, sign, value = text.partition("=")
        if not sign:
            raise ScenarioError("--set", f"{text!r} is not key=value")
        settings[key] = value
    return {"settings": settings} if settings else {}


def open_scenario(args: argparse.Namespace) -> Scenario:
    return load_scenario(args.scenario, overrides(args))


@command("simulate", "run the day and print a report")
def cmd_simulate(args: argparse.Namespace) -> int:
    result = simulate(open_scenario(args))
    if args.format == "text":
        names = args.section or report.DEFAULT_SECTIONS
        print(report.render(result, names), end="")
    else:
        print(WRITERS[args.format](result))
    return 0 if not result.failures or not args.strict else 1


@command("plan", "plan once, at a given time, without driving")
def cmd_plan(args: argparse.Namespace) -> int:
    scenario = open_scenario(args)
    at = parse_clock(args.at) if args.at else scenario.fleet.span().start
    settings = scenario.settings
    travel = TRAVEL_MODELS[settings.travel](scenario.graph)
    builder = ScheduleBuilder(travel, settings.load_time, settings.per_order)
    planner = Planner(builder, scenario.rules, at, settings.costs)
    known = [order for order in scenario.orders if order.release <= at]
    with scenario.orders.muted() as book:
        for order in known:
            book.release(order.id, at)
    vehicles = [vehicle for vehicle in scenario.fleet if at in vehicle.shift]
    plan = strategy.create(settings.strategy).plan(scenario.orders.pending(), vehicles, planner)
    print(report.render_plan(plan), end="")
    return 0


@command("compare", "run the day with several strategies")
def cmd_compare(args: argparse.Namespace) -> int:
    names = args.with_ or ["first-fit", "nearest", "cheapest", "regret", "savings"]
    results = {}
    for name in names:
        args.strategy = name
        results[name] = simulate(open_scenario(args))
    print(report.comparison(results), end="")
    return 0


@command("route", "the shortest way between two nodes")
def cmd_route(args: argparse.Namespace) -> int:
    scenario = open_scenario(args)
    travel = TRAVEL_MODELS[args.travel or scenario.settings.travel](scenario.graph)
    vehicle = scenario.fleet[args.vehicle] if args.vehicle else next(iter(scenario.fleet))
    depart = parse_clock(args.at) if args.at else vehicle.shift.start
    drive = travel.drive(args.source, args.target, depart, vehicle)
    print(" > ".join(drive.path.nodes))
    print(f"{format_km(drive.metres)}, {format_duration(drive.minutes)}, "
          f"arrival {format_clock(drive.arrive)}")
    if drive.path.toll:
        print(f"toll {format_money(drive.path.toll, scenario.settings.currency)}")
    return 0


@command("check", "look for mistakes in a scenario")
def cmd_check(args: argparse.Namespace) -> int:
    scenario = open_scenario(args)
    warnings = list(scenario.check())
    for text in warnings:
        print(f"warning: {text}")
    demand = sum(order.load.grams for order in scenario.orders.in_state(OrderState.ANNOUNCED))
    capacity = scenario.fleet.capacity()
    print(f"{len(scenario.orders)} orders, {len(scenario.fleet)} vehicles, "
          f"{100 * demand / capacity.grams:.0f}% of the capacity of one round")
    return 1 if warnings and args.strict else 0


@command("export", "run the day and write the result to a file")
def cmd_export(args: argparse.Namespace) -> int:
    target = FilePath(args.target)
    writer = WRITERS.get(target.suffix.lstrip("."))
    if writer is None:
        raise DepotError(f"cannot write {target.suffix or 'a file without suffix'}")
    target.write_text(writer(simulate(open_scenario(args))), encoding="utf-8")
    print(f"wrote {target.name}")
    return 0


@command("strategies", "list the strategies")
def cmd_strategies(args: argparse.Namespace) -> int:
    for name in strategy:
        options = ", ".join(sorted(strategy.all_options(strategy.lookup(name))))
        print(f"{name:<12} {options}")
    return 0


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="depot", description=__doc__)
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (function, text) in COMMANDS.items():
        sub = commands.add_parser(name, help=text)
        sub.set_defaults(run=function)
        if name == "strategies":
            continue
        sub.add_argument("scenario")
        sub.add_argument("--strategy")
        sub.add_argument("--set", action="append", metavar="KEY=VALUE")
        sub.add_argument("--strict", action="store_true")
        match name:
            case "simulate":
                sub.add_argument("--format", choices=("text", *WRITERS), default="text")
                sub.add_argument("--section", action="append", choices=tuple(report.SECTIONS))
            case "plan":
                sub.add_argument("--at")
            case "compare":
                sub.add_argument("--with", dest="with_", action="append")
            case "route":
                sub.add_argument("source")
                sub.add_argument("target")
                sub.add_argument("--at")
                sub.add_argument("--vehicle")
                sub.add_argument("--travel", choices=tuple(TRAVEL_MODELS))
            case "export":
                sub.add_argument("target")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    try:
        return args.run(args)
    except DepotError as error:
        if args.debug:
            raise
        print(f"depot: {error}", file=sys.stderr)
        return error.exit_code
