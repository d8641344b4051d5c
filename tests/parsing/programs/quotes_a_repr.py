#= {}
#- {"type": "RuntimeError", "message": "worker: 'Traceback (most recent call last):\\n  File \"w.py\", line 3, in run\\nValueError: 3'", "function": "<module>", "line": 4, "frames": 1}
text = 'Traceback (most recent call last):\n  File "w.py", line 3, in run\nValueError: 3'
raise RuntimeError(f"worker: {text!r}")
