"""Not recorded yet."""

from __future__ import annotations

from tests.parsing.recorders.base import Case

CASES: tuple[Case, ...] = ()
