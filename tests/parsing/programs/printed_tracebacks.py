#= {}
#- {"type": "ValueError", "message": "0", "function": "<module>", "line": 13, "frames": 1}
#= {}
#- {"type": "ValueError", "message": "1", "function": "<module>", "line": 13, "frames": 1}
#= {"following": ["after"]}
#- {"type": "ValueError", "message": "2", "function": "<module>", "line": 13, "frames": 1}
import sys
import traceback

print("before", flush=True)
for number in range(3):
    try:
        raise ValueError(number)
    except ValueError:
        traceback.print_exc(file=sys.stdout)
print("after")
