"""What is recorded: one module per family of layouts, each with its ``CASES``."""

from __future__ import annotations

from importlib import import_module

from tests.parsing.recorders.base import Case

FAMILIES = (
    "test_runs",
    "pretty_printers",
    "services",
    "node",
    "java",
    "go_rust_perl",
    "ruby_php_dotnet",
    "compilers",
    "wrapped",
    "no_traceback",
)


def cases(family: str) -> tuple[Case, ...]:
    """The cases of a family."""
    found: tuple[Case, ...] = import_module(f"tests.parsing.recorders.{family}").CASES
    return found
