#= {}
#- {"type": "RecursionError", "message_start": "maximum recursion depth exceeded", "function": "down", "line": 4, "frames": 4, "repeats": true}
def down(level):
    return down(level + 1)


down(0)
