#= {"missing": ["5 exceptions of a group not printed"]}
#- {"type": "ExceptionGroup", "message": "many (20 sub-exceptions)", "function": "<module>", "line": 20, "frames": 1}
#- {"type": "ValueError", "message": "0", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "1", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "2", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "3", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "4", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "5", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "6", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "7", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "8", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "9", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "10", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "11", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "12", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "13", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "14", "relation": "group member", "frames": 0}
#
#
raise ExceptionGroup("many", [ValueError(number) for number in range(20)])
