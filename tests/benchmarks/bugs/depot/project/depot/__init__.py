"""Delivery planning and simulation."""
from .errors import DepotError
from .scenario import Scenario, load_scenario, read_scenario
from .sim import Result, simulate

__all__ = ["DepotError", "Result", "Scenario", "load_scenario", "read_scenario", "simulate"]
__version__ = "2.7.1"
