"""Running a plan: the evaluator of expressions and the operators."""

from .evaluator import Evaluator
from .operators import Context, build, execute

__all__ = ["Evaluator", "Context", "build", "execute"]
