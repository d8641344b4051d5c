#= {}
#- {"type": "ExceptionGroup", "message": "two (2 sub-exceptions)", "relation": "context", "function": "<module>", "line": 11, "frames": 1}
#- {"type": "ValueError", "message": "1", "relation": "group member", "frames": 0}
#- {"type": "ExceptionGroup", "message": "inner (1 sub-exception)", "relation": "group member", "frames": 0}
#- {"type": "TypeError", "message": "2", "relation": "group member", "frames": 0}
#- {"type": "ExceptionGroup", "message": "again (1 sub-exception)", "relation": "cause", "function": "<module>", "line": 13, "frames": 1}
#- {"type": "OSError", "message": "3", "relation": "group member", "frames": 0}
#- {"type": "RuntimeError", "message": "after all", "function": "<module>", "line": 15, "frames": 1}
try:
    try:
        raise ExceptionGroup("two", [ValueError("1"), ExceptionGroup("inner", [TypeError("2")])])
    except ExceptionGroup:
        raise ExceptionGroup("again", [OSError("3")])
except ExceptionGroup as group:
    raise RuntimeError("after all") from group
