#= {}
#- {"type": "SyntaxError", "message": "'(' was never closed", "function": "", "line": 5, "frames": 1, "code": "print((total)", "pointed": "("}
def total():
    return 3
print((total)
