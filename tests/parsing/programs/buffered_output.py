#= {"following": ["goodbye", "- 3 items"]}
#- {"type": "RuntimeError", "message": "no stock", "function": "<module>", "line": 5, "frames": 1}
import atexit
atexit.register(lambda: print("goodbye\n- 3 items\n\nDONE: all"))
raise RuntimeError("no stock")
