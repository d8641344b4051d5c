"""porter: a small web framework, and the helpdesk that is built on it."""
from .web import (Application, Client, HTTPError, Forbidden, NotFound, BadRequest, Request,
                  Response, redirect)

__version__ = "2.7.1"

__all__ = ["Application", "Client", "HTTPError", "Forbidden", "NotFound", "BadRequest",
           "Request", "Response", "redirect", "__version__"]
