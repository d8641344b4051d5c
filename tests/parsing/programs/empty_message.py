#= {}
#- {"type": "AssertionError", "message": "", "function": "check", "line": 5, "frames": 2, "code": "assert prices"}
def check(prices):
    "Fails for an empty list"
    assert prices


check([])
