#! stdin
#= {}
#- {"type": "TypeError", "message": "can only concatenate str (not \"int\") to str", "function": "<module>", "line": 4, "frames": 1, "file": "<stdin>"}
"3" + 4
