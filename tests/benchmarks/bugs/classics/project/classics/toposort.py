# Kahn's algorithm, with the ready nodes kept in order so that the result does
# not depend on the order of the dictionary.

from bisect import insort


class CycleError(ValueError):
    def __init__(self, nodes):
        self.nodes = nodes
        super().__init__("cycle among: " + ", ".join(map(str, nodes)))


def topological_order(requires):
    """
    requires: mapping from a node to the nodes that must come before it.

    Returns a list in which each node stands after all that it requires. Of the
    nodes that could come next, the smallest comes first.
    """
    waiting = {}
    unlocks = {}
    for node, needed in requires.items():
        needed = set(needed)
        needed.discard(node)
        waiting[node] = len(needed)
        unlocks.setdefault(node, [])
        for other in needed:
            unlocks.setdefault(other, []).append(node)

    # a node that is required but requires nothing itself has no entry yet
    for node in unlocks:
        waiting.setdefault(node, 0)

    ready = sorted(node for node, count in waiting.items() if count == 0)
    order = []
    while ready:
        node = ready.pop(0)
        order.append(node)
        for follower in unlocks[node]:
            waiting[follower] -= 1
            if waiting[follower] == 0:
                insort(ready, follower)

    if len(order) < len(waiting):
        raise CycleError(sorted(n for n, count in waiting.items() if count))
    return order


def levels(requires):
    """Groups of nodes that can be handled at the same time."""
    depth = {}
    for node in topological_order(requires):
        depth[node] = 1 + max(
            (depth[other] for other in requires.get(node, ()) if other != node),
            default=-1,
        )
    groups = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node, level in depth.items():
        groups[level].append(node)
    return groups
