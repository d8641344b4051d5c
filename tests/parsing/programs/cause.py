#= {}
#- {"type": "ValueError", "message": "invalid literal for int() with base 10: 'x'", "relation": "cause", "function": "parse", "line": 6, "frames": 1}
#- {"type": "RuntimeError", "message": "bad order", "function": "parse", "line": 8, "frames": 2, "code": "raise RuntimeError(\"bad order\") from error", "pointed": null}
def parse(text):
    try:
        return int(text)
    except ValueError as error:
        raise RuntimeError("bad order") from error


parse("x")
