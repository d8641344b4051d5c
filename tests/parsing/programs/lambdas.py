#= {}
#- {"type": "TypeError", "message": "unsupported operand type(s) for /: 'str' and 'int'", "function": "<lambda>", "line": 4, "pointed": "n / 2"}
import functools
half = lambda n: n / 2


def halves(numbers):
    return [half(number) for number in numbers]


print(functools.reduce(lambda a, b: a + b, halves(["1"])))
