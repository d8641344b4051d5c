"""Requests, responses and what they are made of.

A ``Request`` wraps a WSGI environ and parses lazily; a ``Response`` collects a status, headers and
a body and knows how to answer a WSGI server.  Neither of them knows about routing or sessions:
these are attached by the application (``request.session``, ``request.route``, ``request.user``).
"""
import hashlib
import io
import json
import re
from collections.abc import MutableMapping
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin

REASONS = {
    200: "OK", 201: "Created", 204: "No Content", 206: "Partial Content",
    301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 409: "Conflict", 413: "Payload Too Large",
    415: "Unsupported Media Type", 416: "Range Not Satisfiable", 422: "Unprocessable Entity",
    429: "Too Many Requests", 500: "Internal Server Error",
}
DEFAULT_CHARSET = "utf-8"
MAX_BODY = 2 * 1024 * 1024
SAFE_METHODS = frozenset(["GET", "HEAD", "OPTIONS"])
_TOKEN = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
_PARAM = re.compile(r';\s*([\w*-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


class HTTPError(Exception):
    """An error that is turned into a response with its status."""
    status = 500

    def __init__(self, detail="", status=None, headers=None):
        super().__init__(detail)
        self.detail = detail
        if status is not None:
            self.status = status
        self.headers = dict(headers or {})

    @property
    def title(self):
        return REASONS.get(self.status, "Error")

    def as_dict(self):
        return {"status": self.status, "title": self.title, "detail": self.detail}


class BadRequest(HTTPError):
    status = 400


class Unauthorized(HTTPError):
    status = 401


class Forbidden(HTTPError):
    status = 403


class NotFound(HTTPError):
    status = 404


class MethodNotAllowed(HTTPError):
    status = 405

    def __init__(self, allowed, detail=""):
        super().__init__(detail, headers={"Allow": ", ".join(sorted(allowed))})
        self.allowed = sorted(allowed)


class Conflict(HTTPError):
    status = 409


class PayloadTooLarge(HTTPError):
    status = 413


class Headers(MutableMapping):
    """Case-insensitive headers which keep their order and may repeat."""

    def __init__(self, items=()):
        self._items = []
        if hasattr(items, "items"):
            items = items.items()
        for name, value in items:
            self.add(name, value)

    @classmethod
    def from_environ(cls, environ):
        headers = cls()
        for key, value in environ.items():
            if key.startswith("HTTP_"):
                headers.add(cls.canonical(key[5:]), value)
            elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
                headers.add(cls.canonical(key), value)
        return headers

    @staticmethod
    def canonical(name):
        return "-".join(part.capitalize() for part in name.replace("_", "-").split("-"))

    def __getitem__(self, name):
        wanted = name.lower()
        for key, value in self._items:
            if key.lower() == wanted:
                return value
        raise KeyError(name)

    def __setitem__(self, name, value):
        self.discard(name)
        self.add(name, value)

    def __delitem__(self, name):
        if name not in self:
            raise KeyError(name)
        self.discard(name)

    def __iter__(self):
        seen = set()
        for key, _ in self._items:
            if key.lower() not in seen:
                seen.add(key.lower())
                yield key

    def __len__(self):
        return len(set(key.lower() for key, _ in self._items))

    def __contains__(self, name):
        return any(key.lower() == name.lower() for key, _ in self._items)

    def add(self, name, value):
        value = str(value)
        if "\r" in value or "\n" in value:
            raise ValueError("a header value may not contain line breaks")
        self._items.append((name, value))

    def discard(self, name):
        self._items = [pair for pair in self._items if pair[0].lower() != name.lower()]

    def get_all(self, name):
        return [value for key, value in self._items if key.lower() == name.lower()]

    def to_list(self):
        return list(self._items)


class QueryDict:
    """The values of a query string or a form: every key has a list of values."""

    def __init__(self, pairs=()):
        self._data = {}
        for key, value in pairs:
            self._data.setdefault(key, []).append(value)

    @classmethod
    def parse(cls, text, charset=DEFAULT_CHARSET):
        return cls(parse_qsl(text, keep_blank_values=True, encoding=charset, errors="replace"))

    def __getitem__(self, key):
        values = self._data[key]
        return values[-1] if values else ""

    def __contains__(self, key):
        return key in self._data

    def __iter__(self):
        return iter(self._data)

    def __len__(self):
        return len(self._data)

    def __bool__(self):
        return bool(self._data)

    def get(self, key, default=None):
        if key not in self._data:
            return default
        return self[key]

    def get_list(self, key):
        return list(self._data.get(key, ()))

    def get_int(self, key, default=None, minimum=None, maximum=None):
        """The value as a number; what is no number counts as not given."""
        try:
            number = int(self.get(key, ""))
        except ValueError:
            return default
        if minimum is not None:
            number = max(minimum, number)
        if maximum is not None:
            number = min(maximum, number)
        return number

    def get_flag(self, key, default=False):
        if key not in self:
            return default
        return self[key].lower() in ("1", "true", "yes", "on")

    def keys(self):
        return self._data.keys()

    def items(self):
        return [(key, self[key]) for key in self._data]

    def pairs(self):
        return [(key, value) for key, values in self._data.items() for value in values]

    def replace(self, **changes):
        """A copy with some keys set; a value of None takes the key out."""
        pairs = [pair for pair in self.pairs() if pair[0] not in changes]
        pairs.extend((key, str(value)) for key, value in changes.items() if value is not None)
        return QueryDict(pairs)

    def encode(self):
        return urlencode(self.pairs())

    def __repr__(self):
        return "QueryDict(%r)" % (self.pairs(),)


class UploadedFile:
    def __init__(self, name, filename, content_type, data: bytes):
        self.name = name
        self.filename = filename
        self.content_type = content_type
        self.data = data

    @property
    def size(self):
        return len(self.data)

    def open(self):
        return io.BytesIO(self.data)

    def text(self, encoding=DEFAULT_CHARSET):
        return self.data.decode(encoding)


def parse_header_params(value):
    """``text/html; charset=utf-8`` -> ("text/html", {"charset": "utf-8"})"""
    main, _, _ = value.partition(";")
    params = {}
    for match in _PARAM.finditer(value):
        text = match.group(2).strip()
        if text.startswith('"') and text.endswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        params[match.group(1).lower()] = text
    return main.strip().lower(), params


def parse_accept(value):
    """An Accept-like header as (item, quality), best first, ties in the order given."""
    found = []
    for position, part in enumerate(value.split(",")):
        if not part.strip():
            continue
        item, params = parse_header_params(part)
        try:
            quality = float(params.get("q", 1))
        except ValueError:
            quality = 0.0
        found.append((-quality, position, item))
    return [(item, -negative) for negative, _, item in sorted(found)]


def parse_cookies(value):
    cookies = {}
    for chunk in value.split(";"):
        name, sep, text = chunk.strip().partition("=")
        if not sep:
            continue
        cookies[name] = unquote(text.strip('"'))
    return cookies


def parse_multipart(body: bytes, boundary: str, charset=DEFAULT_CHARSET):
    """Split a multipart body; returns the plain fields as pairs, and the uploaded files."""
    delimiter = b"--" + boundary.encode("ascii")
    fields, files = [], []
    for chunk in body.split(delimiter)[1:]:
        if chunk.startswith(b"--"):
            break
        head, sep, data = chunk.strip(b"\r\n").partition(b"\r\n\r\n")
        if not sep:
            head, data = chunk.strip(b"\r\n"), b""
        headers = Headers()
        for line in head.decode("latin-1").split("\r\n"):
            name, colon, value = line.partition(":")
            if colon:
                headers.add(name.strip(), value.strip())
        kind, params = parse_header_params(headers.get("Content-Disposition", ""))
        if kind != "form-data" or "name" not in params:
            raise BadRequest("a part of the multipart body has no name")
        if "filename" in params:
            files.append(UploadedFile(params["name"], params["filename"],
                                      headers.get("Content-Type", "application/octet-stream"),
                                      data))
        else:
            fields.append((params["name"], data.decode(charset, "replace")))
    return fields, files


class NegotiationMixin:
    """What the client would like to have: types, languages, conditions."""

    def accepts(self, content_type):
        header = self.headers.get("Accept", "*/*")
        family = content_type.split("/")[0] + "/*"
        for item, quality in parse_accept(header):
            if item in (content_type, family, "*/*"):
                return quality > 0
        return False

    def best_match(self, offered, default=None):
        """The type of ``offered`` that the Accept header likes most."""
        wanted = parse_accept(self.headers.get("Accept", "*/*"))
        for item, quality in wanted:
            if quality <= 0:
                continue
            for candidate in offered:
                if item in (candidate, "*/*", candidate.split("/")[0] + "/*"):
                    return candidate
        return default

    def wants_json(self):
        if self.path.endswith(".json"):
            return True
        return self.best_match(["text/html", "application/json"]) == "application/json"

    def languages(self):
        header = self.headers.get("Accept-Language", "")
        return [item for item, quality in parse_accept(header) if quality > 0]

    @property
    def if_modified_since(self):
        value = self.headers.get("If-Modified-Since")
        if not value:
            return None
        try:
            return parsedate_to_datetime(value)
        except ValueError:
            return None

    def etag_matches(self, etag):
        value = self.headers.get("If-None-Match", "")
        known = [item.strip() for item in value.split(",")]
        return "*" in known or etag in known

    def byte_range(self, size):
        """The requested part of ``size`` bytes as (start, stop), or None for everything."""
        match = _RANGE.match(self.headers.get("Range", ""))
        if not match:
            return None
        first, last = match.groups()
        if not first and not last:
            return None
        if not first:
            start, stop = max(0, size - int(last)), size
        else:
            start = int(first)
            stop = min(size, int(last) + 1) if last else size
        if start >= stop:
            raise HTTPError("the range is outside of the content", status=416,
                            headers={"Content-Range": "bytes */%d" % size})
        return start, stop


class Request(NegotiationMixin):
    """One HTTP request, parsed on demand."""

    def __init__(self, environ):
        self.environ = environ
        self.method = environ.get("REQUEST_METHOD", "GET").upper()
        self.path = environ.get("PATH_INFO") or "/"
        self.headers = Headers.from_environ(environ)
        self.session = None
        self.user = None
        self.route = None
        self.params = {}
        self._query = None
        self._cookies = None
        self._body = None
        self._form = None
        self._files = None

    def __repr__(self):
        return "<Request %s %s>" % (self.method, self.path)

    @property
    def query(self) -> QueryDict:
        if self._query is None:
            self._query = QueryDict.parse(self.environ.get("QUERY_STRING", ""))
        return self._query

    @property
    def cookies(self):
        if self._cookies is None:
            self._cookies = parse_cookies(self.headers.get("Cookie", ""))
        return self._cookies

    @property
    def content_type(self):
        return parse_header_params(self.headers.get("Content-Type", ""))[0]

    @property
    def content_params(self):
        return parse_header_params(self.headers.get("Content-Type", ""))[1]

    @property
    def charset(self):
        return self.content_params.get("charset", DEFAULT_CHARSET)

    @property
    def content_length(self):
        try:
            return int(self.headers.get("Content-Length", 0))
        except ValueError:
            raise BadRequest("Content-Length is not a number") from None

    @property
    def body(self) -> bytes:
        if self._body is None:
            length = self.content_length
            if length > MAX_BODY:
                raise PayloadTooLarge("at most %d bytes are accepted" % MAX_BODY)
            stream = self.environ.get("wsgi.input")
            self._body = stream.read(length) if stream is not None and length else b""
        return self._body

    @property
    def text(self):
        return self.body.decode(self.charset, "replace")

    def json(self):
        if not self.body:
            raise BadRequest("a JSON body is expected")
        try:
            return json.loads(self.text)
        except ValueError as error:
            raise BadRequest("invalid JSON: %s" % error) from error

    def _load_form(self):
        if self._form is not None:
            return
        kind = self.content_type
        pairs, files = [], []
        if kind == "application/x-www-form-urlencoded":
            pairs = QueryDict.parse(self.text, self.charset).pairs()
        elif kind == "multipart/form-data":
            boundary = self.content_params.get("boundary")
            if not boundary:
                raise BadRequest("the multipart body has no boundary")
            pairs, files = parse_multipart(self.body, boundary, self.charset)
        self._form = QueryDict(pairs)
        self._files = {upload.name: upload for upload in files}

    @property
    def form(self) -> QueryDict:
        self._load_form()
        return self._form

    @property
    def files(self):
        self._load_form()
        return self._files

    @property
    def host(self):
        forwarded = self.headers.get("X-Forwarded-Host")
        if forwarded:
            return forwarded.split(",")[0].strip()
        host = self.headers.get("Host")
        if host:
            return host
        name = self.environ.get("SERVER_NAME", "localhost")
        port = str(self.environ.get("SERVER_PORT", "80"))
        return name if port in ("80", "443") else "%s:%s" % (name, port)

    @property
    def scheme(self):
        return self.headers.get("X-Forwarded-Proto") or self.environ.get("wsgi.url_scheme", "http")

    @property
    def full_path(self):
        query = self.environ.get("QUERY_STRING")
        return quote(self.path) + ("?" + query if query else "")

    @property
    def url(self):
        return "%s://%s%s" % (self.scheme, self.host, self.full_path)

    @property
    def remote_addr(self):
        chain = self.headers.get("X-Forwarded-For")
        if chain:
            return chain.split(",")[0].strip()
        return self.environ.get("REMOTE_ADDR", "")

    def absolute(self, location):
        return urljoin(self.url, location)

    def with_query(self, **changes):
        encoded = self.query.replace(**changes).encode()
        return self.path + ("?" + encoded if encoded else "")

    def is_safe(self):
        return self.method in SAFE_METHODS

    def is_ajax(self):
        return self.headers.get("X-Requested-With", "").lower() == "xmlhttprequest"

    def is_json(self):
        return self.content_type == "application/json" or self.content_type.endswith("+json")

    def data(self):
        """The submitted values, however they were sent."""
        if self.is_json():
            content = self.json()
            if not isinstance(content, dict):
                raise BadRequest("a JSON object is expected")
            pairs = []
            for key, value in content.items():
                values = value if isinstance(value, list) else [value]
                pairs.extend((key, "" if one is None else str(one)) for one in values)
            return QueryDict(pairs)
        return self.form


class CacheControlMixin:
    def set_etag(self, etag=None, weak=False):
        if etag is None:
            etag = hashlib.sha1(self.body).hexdigest()[:20]
        self.headers["ETag"] = ('W/"%s"' if weak else '"%s"') % etag
        return self

    def set_last_modified(self, moment):
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        self.headers["Last-Modified"] = format_datetime(moment.astimezone(timezone.utc), usegmt=True)
        return self

    def cache_for(self, seconds, public=False):
        scope = "public" if public else "private"
        self.headers["Cache-Control"] = "%s, max-age=%d" % (scope, seconds)
        return self

    def never_cache(self):
        self.headers["Cache-Control"] = "no-store"
        self.headers.discard("ETag")
        return self

    def vary_on(self, *names):
        known = [item.strip() for item in self.headers.get("Vary", "").split(",") if item.strip()]
        lowered = [item.lower() for item in known]
        for name in names:
            if name.lower() not in lowered:
                known.append(name)
                lowered.append(name.lower())
        self.headers["Vary"] = ", ".join(known)
        return self

    def make_conditional(self, request):
        """Turn into a 304 when the client has this content already."""
        if self.status != 200 or not request.is_safe():
            return self
        etag = self.headers.get("ETag")
        unchanged = False
        if etag and "If-None-Match" in request.headers:
            unchanged = request.etag_matches(etag)
        elif "Last-Modified" in self.headers and request.if_modified_since:
            stamp = parsedate_to_datetime(self.headers["Last-Modified"])
            unchanged = stamp <= request.if_modified_since
        if unchanged:
            self.status = 304
            self.body = b""
            self.headers.discard("Content-Type")
        return self


class Response(CacheControlMixin):
    """What is sent back."""
    default_type = "text/html"

    def __init__(self, body=b"", status=200, headers=None, content_type=None,
                 charset=DEFAULT_CHARSET):
        self.status = status
        self.charset = charset
        self.headers = Headers(headers or ())
        self.context = None
        self.template = None
        if "Content-Type" not in self.headers:
            self.content_type = content_type or self.default_type
        self.body = self._encode(body)

    def __repr__(self):
        return "<Response %d %s, %d bytes>" % (self.status, self.content_type, len(self.body))

    @classmethod
    def from_json(cls, content, status=200, **kwargs):
        text = json.dumps(content, sort_keys=True, default=cls._json_default)
        return cls(text, status=status, content_type="application/json", **kwargs)

    @classmethod
    def from_error(cls, error, as_json=False):
        if as_json:
            response = cls.from_json({"error": error.as_dict()}, status=error.status)
        else:
            text = "<h1>%d %s</h1><p>%s</p>" % (error.status, error.title, error.detail)
            response = cls(text, status=error.status)
        for name, value in error.headers.items():
            response.headers[name] = value
        return response

    @classmethod
    def attachment(cls, content, filename, content_type="text/csv"):
        response = cls(content, content_type=content_type)
        ascii_name = filename.encode("ascii", "ignore").decode("ascii")
        disposition = 'attachment; filename="%s"' % ascii_name
        if ascii_name != filename:
            disposition += "; filename*=UTF-8''" + quote(filename)
        response.headers["Content-Disposition"] = disposition
        return response

    @staticmethod
    def _json_default(value):
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, timedelta):
            return value.total_seconds()
        if hasattr(value, "as_dict"):
            return value.as_dict()
        return str(value)

    def _encode(self, body):
        if isinstance(body, bytes):
            return body
        if isinstance(body, str):
            return body.encode(self.charset)
        return b"".join(self._encode(part) for part in body)

    @property
    def text(self):
        return self.body.decode(self.charset)

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def content_type(self):
        return parse_header_params(self.headers.get("Content-Type", ""))[0]

    @content_type.setter
    def content_type(self, value):
        if value.startswith("text/") and "charset" not in value:
            value = "%s; charset=%s" % (value, self.charset)
        self.headers["Content-Type"] = value

    @property
    def reason(self):
        return REASONS.get(self.status, "Unknown")

    @property
    def status_line(self):
        return "%d %s" % (self.status, self.reason)

    @property
    def location(self):
        return self.headers.get("Location")

    @property
    def ok(self):
        return 200 <= self.status < 300

    @property
    def is_redirect(self):
        return self.status in (301, 302, 303, 307, 308) and "Location" in self.headers

    def set_cookie(self, name, value, max_age=None, path="/", http_only=True, secure=False,
                   same_site="Lax"):
        if not _TOKEN.match(name):
            raise ValueError("invalid cookie name: %r" % name)
        parts = ["%s=%s" % (name, quote(value, safe=""))]
        if max_age is not None:
            parts.append("Max-Age=%d" % max_age)
        if path:
            parts.append("Path=" + path)
        if http_only:
            parts.append("HttpOnly")
        if secure:
            parts.append("Secure")
        if same_site:
            parts.append("SameSite=" + same_site)
        self.headers.add("Set-Cookie", "; ".join(parts))
        return self

    def delete_cookie(self, name, path="/"):
        return self.set_cookie(name, "", max_age=0, path=path)

    def cookies(self):
        """The cookies set here: name -> (value, attributes)"""
        found = {}
        for line in self.headers.get_all("Set-Cookie"):
            first, *rest = [part.strip() for part in line.split(";")]
            name, _, value = first.partition("=")
            attributes = dict(part.lower().partition("=")[::2] for part in rest)
            found[name] = (unquote(value), attributes)
        return found

    def write(self, text):
        self.body += self._encode(text)

    def finalize(self, request):
        if request.method == "HEAD" or self.status in (204, 304):
            length, self.body = len(self.body), b""
            if self.status not in (204, 304):
                self.headers["Content-Length"] = length
        else:
            self.headers["Content-Length"] = len(self.body)
        return self

    def __call__(self, environ, start_response):
        start_response(self.status_line, self.headers.to_list())
        return [self.body]


def redirect(location, status=302):
    return Response(b"", status=status, headers={"Location": location})
