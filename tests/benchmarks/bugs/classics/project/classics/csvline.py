"""Splits lines of comma separated values without the csv module."""


def split(line, comma=",", quote='"'):
    """
    The fields of one line. A field in quotes may hold commas, and quotes that
    are doubled. Spaces around a field that is not quoted are stripped.
    """
    line = line.rstrip("\r\n")
    fields = []
    field = ""
    state = "start"  # start, plain, quoted, closed
    i = 0
    while i < len(line):
        c = line[i]
        if state == "quoted":
            if c != quote:
                field += c
            elif line[i + 1 : i + 2] == quote:
                field += quote
                i += 1
            else:
                state = "closed"
        elif c == comma:
            fields.append(field if state == "closed" else field.strip())
            field = ""
            state = "start"
        elif state == "start" and c == quote:
            field = ""
            state = "quoted"
        elif state == "closed":
            if not c.isspace():
                raise ValueError(f"column {i}: text after a closing quote")
        else:
            field += c
            if not c.isspace():
                state = "plain"
        i += 1
    if state == "quoted":
        raise ValueError("quote is not closed")
    fields.append(field if state == "closed" else field.strip())
    return fields


def join(fields, comma=",", quote='"'):
    """The inverse of split."""
    cells = []
    for field in fields:
        text = "" if field is None else str(field)
        if comma in text or quote in text or text != text.strip():
            text = quote + text.replace(quote, quote + quote) + quote
        cells.append(text)
    return comma.join(cells)
