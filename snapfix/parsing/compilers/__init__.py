"""Compilers' errors: each is one traceback with one place."""
