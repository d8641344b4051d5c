"""URL patterns, and finding the handler for a path.

    router = Router()
    router.add("/tickets/<int:pk>/", view, name="ticket", methods=["GET"])
    router.mount("/api", api_router, namespace="api")
"""
import re
from urllib.parse import quote, urlencode

from .http import MethodNotAllowed, NotFound

_PLACEHOLDER = re.compile(r"<(?:(?P<converter>[a-z]+):)?(?P<name>[a-z_][a-z0-9_]*)>")


class Converter:
    regex = r"[^/]+"

    def to_python(self, text):
        return text

    def to_url(self, value):
        return quote(str(value), safe="")


class IntConverter(Converter):
    regex = r"\d+"

    def to_python(self, text):
        return int(text)

    def to_url(self, value):
        return str(int(value))


class SlugConverter(Converter):
    regex = r"[A-Za-z0-9_-]+"


class PathConverter(Converter):
    regex = r".+?"

    def to_url(self, value):
        return quote(str(value), safe="/")


class RefConverter(Converter):
    """A ticket reference such as ``HD-0042``."""
    regex = r"[A-Z]{2,4}-\d+"

    def to_python(self, text):
        prefix, _, number = text.partition("-")
        return (prefix, int(number))

    def to_url(self, value):
        prefix, number = value
        return "%s-%04d" % (prefix, number)


CONVERTERS = {
    "str": Converter(),
    "int": IntConverter(),
    "slug": SlugConverter(),
    "path": PathConverter(),
    "ref": RefConverter(),
}


def register_converter(name, converter):
    CONVERTERS[name] = converter() if isinstance(converter, type) else converter


class Route:
    def __init__(self, pattern, handler, name=None, methods=("GET",), options=None):
        self.pattern = pattern
        self.handler = handler
        self.name = name or getattr(handler, "__name__", None)
        self.methods = frozenset(method.upper() for method in methods)
        self.options = dict(options or {})
        self._converters = {}
        self._regex = self._compile(pattern)

    def __repr__(self):
        return "<Route %s %s>" % (self.pattern, self.name)

    def _compile(self, pattern):
        out, end = [], 0
        for match in _PLACEHOLDER.finditer(pattern):
            out.append(re.escape(pattern[end:match.start()]))
            converter = CONVERTERS[match.group("converter") or "str"]
            name = match.group("name")
            if name in self._converters:
                raise ValueError("%s occurs twice in %s" % (name, pattern))
            self._converters[name] = converter
            out.append("(?P<%s>%s)" % (name, converter.regex))
            end = match.end()
        out.append(re.escape(pattern[end:]))
        return re.compile("".join(out) + r"\Z")

    def match(self, path):
        """The parameters in ``path``, or None."""
        found = self._regex.match(path)
        if found is None:
            return None
        return {name: self._converters[name].to_python(text)
                for name, text in found.groupdict().items()}

    def allows(self, method):
        return method in self.methods or (method == "HEAD" and "GET" in self.methods)

    def build(self, **values):
        """The path for these values; what the pattern does not use goes into the query."""
        used = set()

        def fill(match):
            name = match.group("name")
            used.add(name)
            if name not in values:
                raise LookupError("%s needs a value for %r" % (self.name, name))
            return self._converters[name].to_url(values[name])

        path = _PLACEHOLDER.sub(fill, self.pattern)
        rest = [(key, value) for key, value in values.items()
                if key not in used and value is not None]
        return path + ("?" + urlencode(rest) if rest else "")


class Router:
    """An ordered list of routes, with names."""

    def __init__(self, strict_slashes=False):
        self.routes = []
        self.by_name = {}
        self.strict_slashes = strict_slashes

    def __iter__(self):
        return iter(self.routes)

    def add(self, pattern, handler, name=None, methods=("GET",), **options):
        route = Route(pattern, handler, name, methods, options)
        return self.add_route(route)

    def add_route(self, route):
        if route.name:
            if route.name in self.by_name and self.by_name[route.name].pattern != route.pattern:
                raise ValueError("there is already a route with the name %r" % route.name)
            self.by_name.setdefault(route.name, route)
        self.routes.append(route)
        return route

    def route(self, pattern, name=None, methods=("GET",), **options):
        """Decorator form of :meth:`add`; works for functions and for view classes."""
        def register(target):
            handler = target.as_view() if hasattr(target, "as_view") else target
            verbs = getattr(target, "allowed_methods", lambda: methods)()
            self.add(pattern, handler, name or target.__name__, verbs, **options)
            return target
        return register

    def mount(self, prefix, router, namespace=None):
        prefix = prefix.rstrip("/")
        for route in router:
            name = "%s:%s" % (namespace, route.name) if namespace and route.name else route.name
            self.add_route(Route(prefix + route.pattern, route.handler, name, route.methods,
                                 route.options))

    def candidates(self, path):
        yield path
        if not self.strict_slashes:
            yield path[:-1] if path.endswith("/") and len(path) > 1 else path + "/"

    def resolve(self, path, method="GET"):
        """(route, parameters) for a path; raises NotFound or MethodNotAllowed."""
        allowed = set()
        for candidate in self.candidates(path):
            for route in self.routes:
                params = route.match(candidate)
                if params is None:
                    continue
                if route.allows(method):
                    return route, params
                allowed |= route.methods
        if allowed:
            raise MethodNotAllowed(allowed, "%s is not allowed here" % method)
        raise NotFound("there is nothing at %s" % path)

    def reverse(self, name, **values):
        try:
            route = self.by_name[name]
        except KeyError:
            raise LookupError("no route is called %r" % name) from None
        return route.build(**values)
