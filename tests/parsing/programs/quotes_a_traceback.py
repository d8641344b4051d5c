#= {}
#- {"type": "ZeroDivisionError", "message": "division by zero", "relation": "context", "function": "<module>", "line": 7, "frames": 1}
#- {"type": "RuntimeError", "message": "the worker wrote\n    Traceback (most recent call last):\n      File \"worker.py\", line 3, in run\n    ValueError: 3", "function": "<module>", "line": 10, "frames": 1}
quoted = '    Traceback (most recent call last):\n      File "worker.py", line 3, in run\n    ValueError: 3'

try:
    1 / 0
except ZeroDivisionError:
    message = "the worker wrote\n" + quoted
    raise RuntimeError(message)
