#= {}
#- {"type": "ExceptionGroup", "message": "checks (2 sub-exceptions)", "relation": "cause", "frames": 0, "notes": ["noted"]}
#- {"type": "ValueError", "message": "1", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "2", "relation": "group member", "frames": 0}
#- {"type": "SystemError", "message": "stopped", "function": "<module>", "line": 9, "frames": 1}
#
group = ExceptionGroup("checks", [ValueError("1"), ValueError("2")])
group.add_note("noted")
raise SystemError("stopped") from group
