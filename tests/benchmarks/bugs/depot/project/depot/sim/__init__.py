from .kernel import Bus, Channel, Kernel, Signal, Slots
from .world import Result, World, simulate

__all__ = ["Bus", "Channel", "Kernel", "Result", "Signal", "Slots", "World", "simulate"]
