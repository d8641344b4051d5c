#= {}
#- {"type": "NameError", "message": "name 'b' is not defined", "function": "<module>", "line": 2, "frames": 2, "code": "", "file": "<string>"}
exec("a = 1\nprint(b)")
