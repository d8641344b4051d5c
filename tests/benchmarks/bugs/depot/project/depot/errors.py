"""Exceptions that the planner and the simulator raise on purpose."""
from __future__ import annotations


class DepotError(Exception):
    """Base of everything the command line turns into an exit status."""

    exit_code = 2


class UnitError(DepotError, ValueError):
    """A quantity (time, weight, distance, money) could not be read."""

    def __init__(self, text: object, expected: str) -> None:
        super().__init__(f"{text!r} is not {expected}")
        self.text = text
        self.expected = expected


class ScenarioError(DepotError):
    """The scenario file is malformed; `where` is a path into the document."""

    exit_code = 3

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class UnknownStrategy(DepotError, LookupError):
    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"unknown strategy {name!r} (known: {', '.join(sorted(known))})")
        self.name = name


class OptionError(DepotError):
    """A strategy was given an option that it does not understand."""


class RoutingError(DepotError):
    pass


class NoPath(RoutingError):
    def __init__(self, source: str, target: str) -> None:
        super().__init__(f"no open road leads from {source} to {target}")
        self.source = source
        self.target = target


class UnknownNode(RoutingError, KeyError):
    def __init__(self, node: str) -> None:
        super().__init__(f"unknown node {node!r}")
        self.node = node

    def __str__(self) -> str:  # KeyError would show the repr
        return self.args[0]


class TransitionError(DepotError):
    """A state machine was asked for a step that its table does not allow."""

    def __init__(self, machine: str, source: object, target: object) -> None:
        super().__init__(f"{machine}: cannot go from {source} to {target}")
        self.source = source
        self.target = target


class CapacityError(DepotError):
    pass


class KernelError(DepotError):
    exit_code = 4


class Deadlock(KernelError):
    """Nothing is left on the agenda although processes still wait."""

    def __init__(self, names: list[str]) -> None:
        super().__init__("waiting for ever: " + ", ".join(names))
        self.names = names
