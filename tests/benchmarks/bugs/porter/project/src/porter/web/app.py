"""The application: middleware around a router."""
import functools

from .http import HTTPError, Request, Response
from .routing import Router


class Settings(dict):
    """Configuration; attributes and items are the same thing."""
    defaults = {
        "debug": False,
        "secret": "not-so-secret",
        "propagate_errors": True,
        "session_lifetime": 1800,
        "page_size": 10,
        "rate_limit": 0,
        "rate_window": 60,
        "login_url": "/login/",
        "trusted_hosts": ["localhost", "testserver"],
    }

    def __init__(self, **values):
        super().__init__(self.defaults)
        unknown = set(values) - set(self.defaults)
        if unknown:
            raise KeyError("unknown settings: %s" % ", ".join(sorted(unknown)))
        self.update(values)

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Application:
    """A WSGI application.

    Middleware are factories: each is called with the next handler and the application and returns a
    callable from request to response.  The first one added is the outermost.
    """

    def __init__(self, settings=None, router=None):
        self.settings = settings or Settings()
        self.router = router or Router()
        self.state = {}
        self._middleware = []
        self._error_handlers = {}
        self._context_processors = []
        self._before = []
        self._stack = None

    # set-up

    def add_middleware(self, factory, **options):
        self._middleware.append((factory, options))
        self._stack = None

    def route(self, pattern, **kwargs):
        return self.router.route(pattern, **kwargs)

    def mount(self, prefix, router, namespace=None):
        self.router.mount(prefix, router, namespace)

    def error_handler(self, key):
        """Register a handler for a status or for an exception class."""
        def register(function):
            self._error_handlers[key] = function
            return function
        return register

    def context_processor(self, function):
        self._context_processors.append(function)
        return function

    def before_request(self, function):
        self._before.append(function)
        return function

    def url_for(self, name, **values):
        return self.router.reverse(name, **values)

    # handling

    def build_stack(self):
        handler = self.dispatch
        for factory, options in reversed(self._middleware):
            handler = factory(handler, self, **options)
        return handler

    @property
    def stack(self):
        if self._stack is None:
            self._stack = self.build_stack()
        return self._stack

    def dispatch(self, request):
        route, params = self.router.resolve(request.path, request.method)
        request.route = route
        request.params = params
        for hook in self._before:
            early = hook(request)
            if early is not None:
                return self.make_response(early)
        result = route.handler(request, **params)
        return self.make_response(result)

    def make_response(self, result):
        """Views may return a response, text, (text, status) or something for JSON."""
        if isinstance(result, Response):
            return result
        if isinstance(result, tuple):
            body, status = result
            response = self.make_response(body)
            response.status = status
            return response
        if isinstance(result, (str, bytes)):
            return Response(result)
        if result is None:
            return Response(status=204)
        return Response.from_json(result)

    def find_error_handler(self, error):
        if isinstance(error, HTTPError) and error.status in self._error_handlers:
            return self._error_handlers[error.status]
        for cls in type(error).__mro__:
            if cls in self._error_handlers:
                return self._error_handlers[cls]
        return None

    def handle_error(self, request, error):
        handler = self.find_error_handler(error)
        if handler is not None:
            return self.make_response(handler(request, error))
        if isinstance(error, HTTPError):
            return Response.from_error(error, as_json=request.wants_json())
        if self.settings.propagate_errors:
            raise error
        return Response.from_error(HTTPError("something went wrong"), request.wants_json())

    def handle(self, request):
        try:
            response = self.stack(request)
        except Exception as error:
            response = self.handle_error(request, error)
        return response.finalize(request)

    def template_context(self, request):
        context = {"request": request, "url_for": self.url_for, "settings": self.settings}
        for function in self._context_processors:
            context.update(function(request))
        return context

    def __call__(self, environ, start_response):
        request = Request(environ)
        request.app = self
        response = self.handle(request)
        return response(environ, start_response)


def middleware(function):
    """Write a middleware as one function of (request, call_next, app, **options)."""
    @functools.wraps(function)
    def factory(call_next, app, **options):
        def handle(request):
            return function(request, call_next, app, **options)
        return handle
    return factory
