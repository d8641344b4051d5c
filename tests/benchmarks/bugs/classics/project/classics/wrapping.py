"""Filling of paragraphs: ``python -m classics.wrapping 60 < text``."""

import sys


def wrap(text, width, indent="", hanging=None):
    """Lines of at most ``width`` characters.

    ``indent`` stands before the first line, ``hanging`` before the others (by
    default the same). Words that are longer than a line are cut.
    """
    if hanging is None:
        hanging = indent
    if width <= max(len(indent), len(hanging)):
        raise ValueError("no room between the indent and the width")

    lines = []
    line = indent
    empty = True
    for word in text.split():
        needed = len(word) if empty else len(word) + 1
        if len(line) + needed > width and not empty:
            lines.append(line)
            line = hanging
            empty = True
        # a giant begins on its own line and goes on as long as it must
        while len(line) + len(word) > width and empty:
            room = width - len(line)
            lines.append(line + word[:room])
            word = word[room:]
            line = hanging
        line += word if empty else " " + word
        empty = False
    if not empty:
        lines.append(line)
    return lines


def fill(text, width=72):
    """Wraps each paragraph; paragraphs are parted by blank lines."""
    paragraphs = []
    block = []
    for line in text.splitlines() + [""]:
        if line.strip():
            block.append(line)
        elif block:
            paragraphs.append("\n".join(wrap(" ".join(block), width)))
            block = []
    return "\n\n".join(paragraphs)


if __name__ == "__main__":
    print(fill(sys.stdin.read(), *map(int, sys.argv[1:2])))
