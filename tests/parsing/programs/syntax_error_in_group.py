#= {}
#- {"type": "ExceptionGroup", "message": "formulas (1 sub-exception)", "function": "<module>", "line": 8, "frames": 1}
#- {"type": "SyntaxError", "message": "invalid syntax", "relation": "group member", "function": "", "line": 1, "frames": 2, "code": "1 +* 2", "pointed": "*"}
try:
    compile("1 +* 2", "formula.txt", "eval")
except SyntaxError as error:
    group = ExceptionGroup("formulas", [error.with_traceback(error.__traceback__)])
raise group
