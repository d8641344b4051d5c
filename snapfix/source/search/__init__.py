"""From the failing lines outwards: which code most likely holds the fix, in the order to spend a budget in."""
