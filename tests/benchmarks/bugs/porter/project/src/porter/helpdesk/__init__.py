"""The helpdesk: tickets, teams, service levels."""
from .site import build_app, build_services

__all__ = ["build_app", "build_services"]
