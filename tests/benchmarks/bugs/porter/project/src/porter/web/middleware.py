"""The middleware that comes with the framework."""
import hmac

from .app import middleware
from .http import BadRequest, Forbidden, HTTPError, redirect
from .sessions import COOKIE_NAME


class BaseMiddleware:
    """Middleware as a class: override the parts that are needed."""

    def __init__(self, call_next, app, **options):
        self.call_next = call_next
        self.app = app
        self.options = options
        self.configure()

    def configure(self):
        pass

    def before(self, request):
        return None

    def after(self, request, response):
        return response

    def __call__(self, request):
        early = self.before(request)
        if early is not None:
            return self.after(request, early)
        response = self.call_next(request)
        return self.after(request, response)


class TrustedHostMiddleware(BaseMiddleware):
    def before(self, request):
        name = request.host.partition(":")[0]
        if name not in self.app.settings.trusted_hosts:
            raise BadRequest("unknown host %s" % name)


class SessionMiddleware(BaseMiddleware):
    """Loads ``request.session`` and saves it when it was modified."""

    def configure(self):
        self.store = self.app.state["sessions"]

    def before(self, request):
        request.session = self.store.load(request.cookies.get(COOKIE_NAME))

    def after(self, request, response):
        session = request.session
        if session.modified:
            self.store.save(session)
            response.set_cookie(COOKIE_NAME, self.store.sign(session.key),
                                max_age=self.store.lifetime)
            response.vary_on("Cookie")
        return response


class CsrfMiddleware(BaseMiddleware):
    """Forms of logged-in users must bring the token of their session."""

    def before(self, request):
        if request.is_safe() or request.is_json():
            return None
        expected = request.session.get("csrf")
        if expected is None:
            return None
        given = request.form.get("csrf_token") or request.headers.get("X-CSRF-Token", "")
        if not hmac.compare_digest(expected, given):
            raise Forbidden("the form has expired, please try again")


class RateLimitMiddleware(BaseMiddleware):
    """At most ``rate_limit`` unsafe requests for each client in a window."""

    def configure(self):
        self.clock = self.app.state["clock"]
        self.hits = {}

    def key(self, request):
        return (request.remote_addr, request.path)

    def before(self, request):
        limit = self.app.settings.rate_limit
        if not limit or request.is_safe():
            return None
        window = self.app.settings.rate_window
        now = self.clock.now().timestamp()
        recent = [moment for moment in self.hits.get(self.key(request), ())
                  if now - moment < window]
        if len(recent) >= limit:
            wait = int(window - (now - recent[0]))
            raise HTTPError("too many requests", status=429, headers={"Retry-After": str(wait)})
        recent.append(now)
        self.hits[self.key(request)] = recent
        return None


class SlashMiddleware(BaseMiddleware):
    """Redirects /tickets to /tickets/ for pages."""

    def before(self, request):
        last = request.path.rsplit("/", 1)[-1]
        if request.is_safe() and last and "." not in last and not request.path.startswith("/api"):
            query = request.environ.get("QUERY_STRING")
            return redirect(request.path + "/" + ("?" + query if query else ""), status=301)


@middleware
def security_headers(request, call_next, app, frame="DENY"):
    response = call_next(request)
    response.headers.setdefault("X-Frame-Options", frame)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response


@middleware
def conditional_get(request, call_next, app):
    response = call_next(request)
    if request.is_safe() and response.status == 200 and "Cache-Control" not in response.headers:
        response.set_etag()
    return response.make_conditional(request)
