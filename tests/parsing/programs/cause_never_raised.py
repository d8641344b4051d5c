#= {}
#- {"type": "ValueError", "message": "the reason", "relation": "cause", "frames": 0}
#- {"type": "RuntimeError", "message": "the consequence", "function": "<module>", "line": 5, "frames": 1}
print("starting", flush=True)
raise RuntimeError("the consequence") from ValueError("the reason")
