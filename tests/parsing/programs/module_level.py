#= {}
#- {"type": "ZeroDivisionError", "message": "division by zero", "function": "<module>", "line": 5, "frames": 1, "code": "mean = total / count", "pointed": "total / count"}
total, count = 3, 0

mean = total / count
