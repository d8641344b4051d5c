"""The edges: one module per command, behind one error handler."""
