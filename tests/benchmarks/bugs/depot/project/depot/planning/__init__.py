"""Tours: schedules, rules, insertion and strategies."""
from .schedule import RULES, Constraint, RuleSet, Schedule, ScheduleBuilder, Violation, Visit
from .tours import CostModel, Draft, Plan, Planner, Strategy, Tour, improve, strategy

__all__ = ["RULES", "Constraint", "CostModel", "Draft", "Plan", "Planner", "RuleSet", "Schedule",
           "ScheduleBuilder", "Strategy", "Tour", "Violation", "Visit", "improve", "strategy"]
