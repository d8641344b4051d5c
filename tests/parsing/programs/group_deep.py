#= {"missing": ["1 group nested too deeply to be printed"]}
#- {"type": "ExceptionGroup", "message": "level 12 (1 sub-exception)", "function": "<module>", "line": 17, "frames": 1}
#- {"type": "ExceptionGroup", "message": "level 11 (1 sub-exception)", "relation": "group member", "frames": 0}
#- {"type": "ExceptionGroup", "message": "level 10 (1 sub-exception)", "relation": "group member", "frames": 0}
#- {"type": "ExceptionGroup", "message": "level 9 (1 sub-exception)", "relation": "group member", "frames": 0}
#- {"type": "ExceptionGroup", "message": "level 8 (1 sub-exception)", "relation": "group member", "frames": 0}
#- {"type": "ExceptionGroup", "message": "level 7 (1 sub-exception)", "relation": "group member", "frames": 0}
#- {"type": "ExceptionGroup", "message": "level 6 (1 sub-exception)", "relation": "group member", "frames": 0}
#- {"type": "ExceptionGroup", "message": "level 5 (1 sub-exception)", "relation": "group member", "frames": 0}
#- {"type": "ExceptionGroup", "message": "level 4 (1 sub-exception)", "relation": "group member", "frames": 0}
#- {"type": "ExceptionGroup", "message": "level 3 (1 sub-exception)", "relation": "group member", "frames": 0}
error = ValueError("at the bottom")
for level in range(13):
    error = ExceptionGroup(f"level {level}", [error])


raise error
