#= {}
#- {"type": "ValueError", "message": "first part\n\nsecond part", "relation": "context", "function": "<module>", "line": 5, "frames": 1}
#- {"type": "KeyError", "message": "2", "function": "<module>", "line": 7, "frames": 1}
try:
    message = "first part\n\nsecond part"; raise ValueError(message)
except ValueError:
    {}[2]
