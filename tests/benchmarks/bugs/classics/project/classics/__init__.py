"""Small self-contained routines: one algorithm per module."""
