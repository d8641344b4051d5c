"""Edit distance and spelling suggestions."""


def distance(a, b, swap=True):
    """
    Number of insertions, deletions, replacements and (if swap) transpositions
    of neighbours that make b of a. Keeps three rows of the table only.
    """
    if len(a) < len(b):
        a, b = b, a
    before = None
    prev = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        row = [i] + [0] * len(b)
        for j, cb in enumerate(b, 1):
            cost = 0 if ca == cb else 1
            best = min(prev[j] + 1, row[j - 1] + 1, prev[j - 1] + cost)
            if swap and i > 1 and j > 1 and ca == b[j - 2] and a[i - 2] == cb:
                best = min(best, before[j - 2] + 1)
            row[j] = best
        before, prev = prev, row
    return prev[-1]


def suggest(word, known, at_most=2, limit=3):
    """The known words nearest to a mistyped one, best first."""
    found = []
    for other in known:
        if abs(len(other) - len(word)) > at_most:
            continue
        d = distance(word.lower(), other.lower())
        if d <= at_most:
            found.append((d, other))
    found.sort()
    return [other for _, other in found[:limit]]
