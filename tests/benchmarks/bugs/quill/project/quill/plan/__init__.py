"""Everything between the tree and the operators: checking, rewriting, planning."""

from .checker import Checker
from .planner import Planner, explain
from .rewrite import PASSES, optimise

__all__ = ["Checker", "Planner", "explain", "PASSES", "optimise"]
