"""Reports and their output formats."""
from .render import RENDERERS, render
from .statements import REPORTS, Column, Report, Row, build

__all__ = ["Column", "REPORTS", "RENDERERS", "Report", "Row", "build", "render"]
