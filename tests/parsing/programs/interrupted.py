#= {}
#- {"type": "KeyboardInterrupt", "message": "", "function": "<module>", "line": 5, "frames": 1}
import os
import signal
os.kill(os.getpid(), signal.SIGINT); [None for _ in range(10**6)]
