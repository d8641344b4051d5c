"""A client that calls an application without a server: for tests and for the command line."""
import io
import json
from urllib.parse import urlencode, urlsplit

from .http import Headers, Response

MULTIPART_BOUNDARY = "porter-form-boundary"


class Client:
    def __init__(self, app, host="testserver", follow=False):
        self.app = app
        self.host = host
        self.follow = follow
        self.cookies = {}
        self.default_headers = {}
        self.history = []

    def get(self, path, query=None, **kwargs):
        return self.request("GET", path, query=query, **kwargs)

    def head(self, path, **kwargs):
        return self.request("HEAD", path, **kwargs)

    def post(self, path, data=None, **kwargs):
        return self.request("POST", path, data=data, **kwargs)

    def put(self, path, data=None, **kwargs):
        return self.request("PUT", path, data=data, **kwargs)

    def delete(self, path, **kwargs):
        return self.request("DELETE", path, **kwargs)

    def login(self, email, password="secret"):
        response = self.post("/login/", {"email": email, "password": password})
        if response.status not in (302, 303):
            raise AssertionError("the login of %s failed: %s" % (email, response.status))
        return response

    def csrf_token(self):
        return self.get("/api/session/").json.get("csrf")

    def encode_body(self, data, files, as_json):
        """(body, content type) for what is to be sent."""
        if as_json is not None:
            return json.dumps(as_json).encode("utf-8"), "application/json"
        if files:
            return self._multipart(data or {}, files)
        if data is None:
            return b"", ""
        if isinstance(data, bytes):
            return data, "application/octet-stream"
        if isinstance(data, str):
            return data.encode("utf-8"), "text/plain; charset=utf-8"
        body = urlencode(data, doseq=True).encode("ascii")
        return body, "application/x-www-form-urlencoded"

    def _multipart(self, data, files):
        out = io.BytesIO()
        for name, value in data.items():
            values = value if isinstance(value, (list, tuple)) else [value]
            for one in values:
                out.write(b"--%s\r\n" % MULTIPART_BOUNDARY.encode())
                out.write(b'Content-Disposition: form-data; name="%s"\r\n\r\n' % name.encode())
                out.write(str(one).encode("utf-8") + b"\r\n")
        for name, (filename, content) in files.items():
            if isinstance(content, str):
                content = content.encode("utf-8")
            out.write(b"--%s\r\n" % MULTIPART_BOUNDARY.encode())
            out.write(('Content-Disposition: form-data; name="%s"; filename="%s"\r\n'
                       'Content-Type: text/csv\r\n\r\n' % (name, filename)).encode("utf-8"))
            out.write(content + b"\r\n")
        out.write(b"--%s--\r\n" % MULTIPART_BOUNDARY.encode())
        return out.getvalue(), "multipart/form-data; boundary=" + MULTIPART_BOUNDARY

    def build_environ(self, method, path, query=None, body=b"", content_type="", headers=None):
        parts = urlsplit(path)
        query_string = parts.query
        if query:
            extra = urlencode(query, doseq=True)
            query_string = query_string + "&" + extra if query_string else extra
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": parts.path or "/",
            "QUERY_STRING": query_string,
            "SERVER_NAME": self.host,
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": self.host,
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
        }
        if self.cookies:
            environ["HTTP_COOKIE"] = "; ".join("%s=%s" % pair for pair in self.cookies.items())
        for name, value in {**self.default_headers, **(headers or {})}.items():
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                key = "HTTP_" + key
            environ[key] = value
        return environ

    def request(self, method, path, query=None, data=None, json=None, files=None, headers=None,
                follow=None):
        body, content_type = self.encode_body(data, files, json)
        environ = self.build_environ(method, path, query, body, content_type, headers)
        response = self._run(environ)
        self.history.append((method, path, response.status))
        for name, (value, attributes) in response.cookies().items():
            if attributes.get("max-age") == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        wanted = self.follow if follow is None else follow
        if wanted and response.is_redirect:
            return self.get(response.location, headers=headers, follow=True)
        return response

    def _run(self, environ) -> Response:
        started = {}

        def start_response(status_line, header_list):
            started["status"] = int(status_line.split(" ", 1)[0])
            started["headers"] = Headers(header_list)

        chunks = self.app(environ, start_response)
        return Response(b"".join(chunks), status=started["status"],
                        headers=started["headers"].to_list())
