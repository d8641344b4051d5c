"""Cheapest network that joins all places: Kruskal's algorithm with union-find."""


def spanning_tree(edges):
    """``edges``: (a, b, cost) triples. Returns the kept edges and the groups.

    If the graph is not connected there is one group of places per component.
    """
    parent = {}
    size = {}

    def root(place):
        if place not in parent:
            parent[place] = place
            size[place] = 1
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    kept = []
    for a, b, cost in sorted(edges, key=lambda edge: (edge[2], edge[0], edge[1])):
        ra, rb = root(a), root(b)
        if ra == rb:
            continue
        if size[ra] < size[rb]:
            ra, rb = rb, ra
        parent[rb] = ra
        size[ra] += size[rb]
        kept.append((a, b, cost))

    groups = {}
    for place in parent:
        groups.setdefault(root(place), set()).add(place)
    return kept, sorted(groups.values(), key=lambda group: (-len(group), min(group)))


def total_cost(edges):
    kept, _ = spanning_tree(edges)
    return sum(cost for _, _, cost in kept)
