#= {}
#- {"type": "ValueError", "message": "one\ntwo", "function": "<module>", "line": 4, "frames": 1}
problems = ["one", "two"]
raise ValueError("\n".join(problems))
