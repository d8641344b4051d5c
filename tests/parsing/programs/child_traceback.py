#= {}
#- {"type": "ValueError", "message": "3", "relation": "cause", "function": "run", "line": 7, "frames": 1}
#- {"type": "RuntimeError", "message": "the child failed:", "function": "<module>", "line": 5, "frames": 1}
#
raise RuntimeError('the child failed:\nTraceback (most recent call last):\n  File "w.py", line 7, in run\nValueError: 3')
