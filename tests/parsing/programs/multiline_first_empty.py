#= {}
#- {"type": "ValueError", "message": "\nno price\nno name", "function": "<module>", "line": 4, "frames": 1}
message = "\nno price\nno name"
raise ValueError(message)
