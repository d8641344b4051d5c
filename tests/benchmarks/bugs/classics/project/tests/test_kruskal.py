from classics.kruskal import spanning_tree, total_cost

TOWNS = [
    ("Ayr", "Bern", 7),
    ("Ayr", "Cork", 3),
    ("Bern", "Cork", 1),
    ("Bern", "Dover", 2),
    ("Cork", "Dover", 8),
    ("Dover", "Essen", 4),
    ("Cork", "Essen", 5),
]


def test_tree():
    kept, groups = spanning_tree(TOWNS)
    assert kept == [
        ("Bern", "Cork", 1),
        ("Bern", "Dover", 2),
        ("Ayr", "Cork", 3),
        ("Dover", "Essen", 4),
    ]
    assert groups == [{"Ayr", "Bern", "Cork", "Dover", "Essen"}]


def test_cost():
    assert total_cost(TOWNS) == 10
    assert total_cost([]) == 0


def test_two_islands():
    islands = TOWNS[:2] + [("Xi", "Yap", 9), ("Yap", "Zug", 1), ("Zug", "Xi", 2)]
    kept, groups = spanning_tree(islands)
    assert len(kept) == 4
    assert groups == [{"Ayr", "Bern", "Cork"}, {"Xi", "Yap", "Zug"}]


def test_loops_are_never_kept():
    assert spanning_tree([("a", "a", 0), ("a", "b", 1)])[0] == [("a", "b", 1)]


def test_joining_of_large_groups():
    edges = [(n, n + 1, 1) for n in range(0, 8, 2)]
    edges += [(0, 2, 2), (4, 6, 2), (1, 7, 3), (3, 5, 4)]
    kept, groups = spanning_tree(edges)
    assert len(kept) == 7
    assert groups == [set(range(8))]
