"""Huffman codes for short texts."""
import heapq
from collections import Counter
from itertools import count


def build_codes(text):
    """Maps each letter of the text to its code, a string of 0 and 1."""
    serial = count()
    heap = [(n, next(serial), letter) for letter, n in sorted(Counter(text).items())]
    heapq.heapify(heap)
    if not heap:
        return {}
    if len(heap) == 1:
        return {heap[0][2]: "0"}
    while len(heap) > 1:
        n1, _, left = heapq.heappop(heap)
        n2, _, right = heapq.heappop(heap)
        heapq.heappush(heap, (n1 + n2, next(serial), (left, right)))

    codes = {}
    stack = [(heap[0][2], "")]
    while stack:
        tree, code = stack.pop()
        if isinstance(tree, str):
            codes[tree] = code
        else:
            stack.append((tree[0], code + "0"))
            stack.append((tree[1], code + "1"))
    return codes


def encode(text, codes=None):
    if codes is None:
        codes = build_codes(text)
    return "".join(codes[letter] for letter in text), codes


def decode(bits, codes):
    letters = {code: letter for letter, code in codes.items()}
    out, code = [], ""
    for bit in bits:
        code += bit
        if code in letters:
            out.append(letters[code])
            code = ""
    if code:
        raise ValueError(f"{len(code)} bits left over")
    return "".join(out)
