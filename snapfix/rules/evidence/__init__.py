"""What rules find out: where a value came from, what a call leads to, which keys a dict has, which names are visible.

Nothing here diagnoses. Everything is read from the context's files as trees; nothing is imported or run.
"""
