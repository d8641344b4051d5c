"""Asking models: who is asked (``links``), in which order (``chain``), by which means (the transports)."""
