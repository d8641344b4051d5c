#= {}
#- {"type": "SyntaxError", "message": "unterminated string literal (detected at line 1)", "relation": "context", "function": "", "line": 1, "frames": 2, "code": "x = 'abc", "pointed": "'"}
#- {"type": "ValueError", "message": "no expression", "function": "<module>", "line": 8, "frames": 1}
#
try:
    compile("x = 'abc", "formula.txt", "eval")
except SyntaxError:
    raise ValueError("no expression")
