#= {}
#- {"type": "ValueError", "message": "one\ntwo\n  three", "function": "<module>", "line": 3, "frames": 1}
raise ValueError("""one
two
  three""")
