#= {}
#- {"type": "ValueError", "message": "the table has no column\nprice\nor cost", "function": "<module>", "line": 3, "frames": 1}
raise ValueError("the table has no column\nprice\nor cost")
