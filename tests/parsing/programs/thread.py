#= {}
#- {"type": "ValueError", "message": "in a thread", "function": "work", "line": 7, "frames": 3}
import threading


def work():
    raise ValueError("in a thread")


thread = threading.Thread(target=work)
thread.start()
thread.join()
