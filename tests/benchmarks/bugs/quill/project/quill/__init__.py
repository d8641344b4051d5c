"""Quill: a small query language over tables in memory and in CSV files."""

from .core import QuillError, Table
from .engine import Catalog, Engine, Result, load_csv
from .formatter import pretty, to_sql
from .parser import parse

__all__ = ["Catalog", "Engine", "QuillError", "Result", "Table", "load_csv", "parse", "pretty", "to_sql"]
