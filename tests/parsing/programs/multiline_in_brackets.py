#= {}
#- {"type": "ValueError", "message": "not a price: {\n'amount': 3,\n'currency': None}", "function": "<module>", "line": 4, "frames": 1}
message = "not a price: {\n'amount': 3,\n'currency': None}"
raise ValueError(message)
