#= {}
#- {"type": "IndentationError", "message": "expected an indented block after function definition on line 3", "function": "", "line": 4, "frames": 1, "code": "return 3"}
def total():
return 3
