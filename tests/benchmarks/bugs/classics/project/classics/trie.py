"""Word lists as nested dictionaries, for completion.

The end of a word is marked by the key END, whose value is the weight of the
word; all the other keys are single letters.
"""

import sys

END = ""


def insert(root, word, weight=1):
    node = root
    for letter in word:
        node = node.setdefault(letter, {})
    node[END] = node.get(END, 0) + weight


def find(root, prefix):
    """The node that the prefix leads to, None if no word begins with it."""
    node = root
    for letter in prefix:
        node = node.get(letter)
        if node is None:
            return None
    return node


def words(node, prefix=""):
    """(word, weight) of all words below the node, in alphabetical order."""
    for letter in sorted(node):
        if letter == END:
            yield prefix, node[END]
        else:
            yield from words(node[letter], prefix + letter)


def complete(root, prefix, limit=5):
    node = find(root, prefix)
    if node is None:
        return []
    ranked = sorted(words(node, prefix), key=lambda pair: (-pair[1], pair[0]))
    return [word for word, _ in ranked[:limit]]


def remove(root, word):
    """Take a word out and prune the branch that no other word needs."""
    path = [root]
    for letter in word:
        node = path[-1].get(letter)
        if node is None:
            return False
        path.append(node)
    if path[-1].pop(END, None) is None:
        return False
    for letter in reversed(word):
        child = path.pop()
        if child:
            break
        del path[-1][letter]
    return True


def main(arguments):
    """Completes each argument from the words of the standard input."""
    root = {}
    for line in sys.stdin:
        for word in line.lower().split():
            insert(root, word.strip(".,;:!?"))
    for prefix in arguments:
        print(prefix + ":", " ".join(complete(root, prefix.lower())) or "-")


if __name__ == "__main__":
    main(sys.argv[1:])
