#= {}
#- {"type": "ZeroDivisionError", "message": "division by zero", "function": "<module>", "line": 8, "frames": 1}
#= {}
#- {"type": "KeyError", "message": "'x'", "function": "<module>", "line": 12, "frames": 1}
import logging

try:
    1 / 0
except ZeroDivisionError:
    logging.exception("cannot divide")
try:
    {}["x"]
except KeyError:
    logging.error("no x: %s", {}, exc_info=True)
    logging.warning("going on")
logging.error("nothing", exc_info=True)
