"""Roman numerals, from 1 to 3999."""

SYMBOLS = [
    ("M", 1000),
    ("CM", 900),
    ("D", 500),
    ("CD", 400),
    ("C", 100),
    ("XC", 90),
    ("L", 50),
    ("XL", 40),
    ("X", 10),
    ("IX", 9),
    ("V", 5),
    ("IV", 4),
    ("I", 1),
]


def to_roman(number):
    if not 0 < number < 4000:
        raise ValueError(f"out of range: {number}")
    parts = []
    for symbol, value in SYMBOLS:
        times, number = divmod(number, value)
        parts.append(symbol * times)
    return "".join(parts)


def from_roman(numeral):
    """The inverse of to_roman. Spellings like IIII or IC are refused."""
    values = {symbol: value for symbol, value in SYMBOLS if len(symbol) == 1}
    total = 0
    highest = 0
    try:
        for symbol in reversed(numeral.upper()):
            value = values[symbol]
            if value < highest:
                total -= value
            else:
                total += value
                highest = value
    except KeyError:
        raise ValueError(f"not a roman numeral: {numeral!r}") from None
    if not numeral or to_roman(total) != numeral.upper():
        raise ValueError(f"not a roman numeral: {numeral!r}")
    return total
