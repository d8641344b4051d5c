#= {}
#- {"type": "ExceptionGroup", "message": "checkout failed (3 sub-exceptions)", "function": "<module>", "line": 37, "frames": 1, "notes": ["while closing", "the shop"]}
#- {"type": "KeyError", "message": "'card'", "relation": "cause", "function": "pay", "line": 11, "frames": 1}
#- {"type": "RuntimeError", "message": "cannot pay", "relation": "group member", "function": "pay", "line": 13, "frames": 2}
#- {"type": "ExceptionGroup", "message": "delivery (2 sub-exceptions)", "relation": "group member", "function": "deliver", "line": 17, "frames": 2}
#- {"type": "OSError", "message": "no van", "relation": "group member", "frames": 0}
#- {"type": "shop.Late", "message": "", "relation": "group member", "frames": 0}
#- {"type": "ValueError", "message": "last (\nof all)", "relation": "group member", "function": "last", "line": 23, "frames": 2, "notes": ["a note"]}
def pay():
    try:
        {}["card"]
    except KeyError as error:
        raise RuntimeError("cannot pay") from error


def deliver():
    raise ExceptionGroup("delivery", [OSError("no van"), type("Late", (Exception,), {"__module__": "shop"})()])


def last():
    error = ValueError("last (\nof all)")
    error.add_note("a note")
    raise error


errors = []
for step in (pay, deliver, last):
    try:
        step()
    except Exception as error:
        errors.append(error)
failure = ExceptionGroup("checkout failed", errors)
failure.add_note("while closing")
failure.add_note("the shop")

if errors:
    raise failure
