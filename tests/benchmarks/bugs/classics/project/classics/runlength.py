"""Run-length coding of text.

``aaab`` becomes ``3ab``: a count, if it is more than one, before the letter.
A backslash escapes digits and backslashes of the text itself.
"""


def compress(text):
    if not text:
        return ""
    pieces = []

    def flush(letter, length):
        if letter.isdigit() or letter == "\\":
            letter = "\\" + letter
        pieces.append(f"{length if length > 1 else ''}{letter}")

    current = text[0]
    run = 1
    for letter in text[1:]:
        if letter == current:
            run += 1
            continue
        flush(current, run)
        current = letter
        run = 1
    flush(current, run)
    return "".join(pieces)


def expand(packed):
    out = ""
    digits = ""
    letters = iter(packed)
    for letter in letters:
        if letter.isdigit():
            digits += letter
            continue
        if letter == "\\":
            letter = next(letters, "")
            if not letter:
                raise ValueError("backslash at the end")
        out += letter * int(digits or 1)
        digits = ""
    if digits:
        raise ValueError(f"count without a letter: {digits}")
    return out
