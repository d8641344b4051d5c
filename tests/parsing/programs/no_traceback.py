#
import logging
import warnings

warnings.warn("Error: this is no traceback")
logging.error("ValueError: neither is this")
print("Traceback (most recent call last) is how one begins.")
print('the header is "Traceback (most recent call last):"')
raise SystemExit("ValueError: only an exit")
