#= {}
#- {"type": "KeyError", "message": "1", "relation": "context", "function": "load", "line": 8, "frames": 1}
#- {"type": "OSError", "message": "no row 1", "relation": "cause", "function": "load", "line": 10, "frames": 2}
#- {"type": "LookupError", "message": "user 1", "relation": "context", "function": "user", "line": 17, "frames": 2}
#- {"type": "TypeError", "message": "'NoneType' object is not callable", "function": "<module>", "line": 23, "frames": 1}
def load(number):
    try:
        return {}[number]
    except KeyError:
        raise OSError(f"no row {number}")


def user(number):
    try:
        return load(number)
    except OSError as error:
        raise LookupError(f"user {number}") from error


try:
    user(1)
except LookupError:
    None()
