from .http import (BadRequest, Conflict, Forbidden, Headers, HTTPError, MethodNotAllowed, NotFound,
                   QueryDict, Request, Response, Unauthorized, redirect)
from .routing import Router, Route, register_converter
from .app import Application
from .client import Client

__all__ = ["Application", "BadRequest", "Client", "Conflict", "Forbidden", "HTTPError", "Headers",
           "MethodNotAllowed", "NotFound", "QueryDict", "Request", "Response", "Route", "Router",
           "Unauthorized", "redirect", "register_converter"]
