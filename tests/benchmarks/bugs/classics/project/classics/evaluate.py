"""Arithmetic expressions: ``python -m classics.evaluate "2 * (3 + x)" x=4``."""

import operator
import re
import sys

TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(.))")

OPERATORS = {
    "+": (1, operator.add),
    "-": (1, operator.sub),
    "*": (2, operator.mul),
    "/": (2, operator.truediv),
    "~": (3, operator.neg),
    "^": (4, operator.pow),
}


def tokens(text):
    previous = None
    for number, name, sign in TOKEN.findall(text.rstrip()):
        if number:
            previous = ("number", float(number))
        elif name:
            previous = ("name", name)
        elif sign == "-" and (previous is None or previous[1] == "(" or previous[0] == "sign"):
            previous = ("sign", "~")
        elif sign in OPERATORS:
            previous = ("sign", sign)
        elif sign in "()":
            previous = ("bracket", sign)
        else:
            raise SyntaxError(f"cannot read {sign!r}")
        yield previous


def evaluate(text, names=None):
    """Work the expression out with one stack of values and one of operators."""
    names = names or {}
    values, pending = [], []

    def reduce():
        sign = pending.pop()
        function = OPERATORS[sign][1]
        if sign == "~":
            values.append(function(values.pop()))
        else:
            right = values.pop()
            left = values.pop()
            values.append(function(left, right))

    for kind, token in tokens(text):
        if kind == "number":
            values.append(token)
        elif kind == "name":
            values.append(names[token])
        elif token == "(":
            pending.append(token)
        elif token == ")":
            while pending and pending[-1] != "(":
                reduce()
            if not pending:
                raise SyntaxError("unbalanced )")
            pending.pop()
        else:
            strength = OPERATORS[token][0]
            # prefix minus and ^ bind to the right
            if token not in "~^":
                strength -= 0.5
            while pending and pending[-1] != "(" and OPERATORS[pending[-1]][0] > strength:
                if token == "~":
                    break
                reduce()
            pending.append(token)

    while pending:
        if pending[-1] == "(":
            raise SyntaxError("unbalanced (")
        reduce()
    if len(values) != 1:
        raise SyntaxError("not one expression")
    return values[0]


def main(arguments):
    text, *settings = arguments
    names = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        names[name.strip()] = float(value)
    print(f"{evaluate(text, names):g}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
