#= {}
#- {"type": "ValueError", "message": "cannot read the order:\n- no price\n- no name", "function": "<module>", "line": 4, "frames": 1}
message = "cannot read the order:\n- no price\n- no name"
raise ValueError(message)
