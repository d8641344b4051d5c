#= {}
#- {"type": "ValueError", "message": "bad price", "relation": "cause", "function": "price", "line": 8, "frames": 2, "notes": ["in row 3", "of prices.csv:\n  line 4"]}
#- {"type": "RuntimeError", "message": "import failed", "function": "<module>", "line": 14, "frames": 1}
def price():
    error = ValueError("bad price")
    error.add_note("in row 3")
    error.add_note("of prices.csv:\n  line 4")
    raise error


try:
    price()
except ValueError as error:
    raise RuntimeError("import failed") from error
