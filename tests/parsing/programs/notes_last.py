#= {"following": ["in row 3", "of prices.csv"]}
#- {"type": "ValueError", "message": "bad price", "function": "<module>", "line": 6, "frames": 1}
error = ValueError("bad price")
error.add_note("in row 3")
error.add_note("of prices.csv")
raise error
