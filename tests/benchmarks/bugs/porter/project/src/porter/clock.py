"""Time for the program: never ask the system directly."""
from datetime import datetime, timedelta, timezone

DEFAULT_START = datetime(2024, 3, 4, 9, 0, tzinfo=timezone.utc)      # a Monday


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, start=DEFAULT_START):
        self._now = start

    def now(self):
        return self._now

    def today(self):
        return self._now.date()

    def advance(self, **amount):
        self._now += timedelta(**amount)
        return self._now

    def set(self, moment):
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        self._now = moment
