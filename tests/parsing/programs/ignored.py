#= {}
#- {"type": "ValueError", "message": "too late", "function": "__del__", "line": 8, "frames": 1}
#= {}
#- {"type": "KeyError", "message": "1", "function": "<module>", "line": 12, "frames": 1}
#
class Late:
    def __del__(self):
        raise ValueError("too late")


Late()
{}[1]
