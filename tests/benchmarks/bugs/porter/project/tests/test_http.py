import io
from datetime import datetime, timezone

import pytest

from porter.web import Headers, HTTPError, NotFound, QueryDict, Request, Response, Router
from porter.web.http import parse_accept, parse_cookies, parse_header_params
from porter.web.routing import MethodNotAllowed


def make_request(path="/", method="GET", query="", body=b"", **headers):
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query,
               "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body)),
               "REMOTE_ADDR": "10.0.0.7", "SERVER_NAME": "localhost", "SERVER_PORT": "8000"}
    for name, value in headers.items():
        key = name.upper()
        environ[key if key == "CONTENT_TYPE" else "HTTP_" + key] = value
    return Request(environ)


class TestHeaders:
    def test_case_does_not_matter(self):
        headers = Headers({"content-type": "text/plain"})
        assert headers["Content-Type"] == "text/plain"
        headers["CONTENT-TYPE"] = "text/html"
        assert headers.to_list() == [("CONTENT-TYPE", "text/html")]

    def test_repeated(self):
        headers = Headers([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        assert headers.get_all("set-cookie") == ["a=1", "b=2"]
        assert len(headers) == 1

    def test_no_line_breaks(self):
        with pytest.raises(ValueError):
            Headers().add("X-Note", "a\r\nb")


@pytest.mark.parametrize("value, expected", [
    ("text/html", ("text/html", {})),
    ("Text/HTML; charset=UTF-8", ("text/html", {"charset": "UTF-8"})),
    ('form-data; name="a b"; filename="x\\"y.csv"', ("form-data", {"name": "a b",
                                                                   "filename": 'x"y.csv'})),
])
def test_header_params(value, expected):
    assert parse_header_params(value) == expected


def test_accept_is_sorted_by_quality():
    found = parse_accept("text/html;q=0.8, application/json, */*;q=0.1, text/csv;q=high")
    assert [item for item, _ in found] == ["application/json", "text/html", "*/*", "text/csv"]


def test_cookies():
    assert parse_cookies('a=1; b="x%20y"; broken; c=') == {"a": "1", "b": "x y", "c": ""}


class TestQueryDict:
    query = QueryDict.parse("tag=vpn&tag=wifi&page=3&empty=")

    def test_values(self):
        assert self.query["tag"] == "wifi"
        assert self.query.get_list("tag") == ["vpn", "wifi"]
        assert self.query.get("empty", "x") == ""

    @pytest.mark.parametrize("text, expected", [("page=3", 3), ("page=x", 1), ("", 1),
                                                ("page=99", 10), ("page=-4", 1)])
    def test_numbers(self, text, expected):
        assert QueryDict.parse(text).get_int("page", 1, minimum=1, maximum=10) == expected

    def test_replace_keeps_the_rest(self):
        changed = self.query.replace(page=4, empty=None)
        assert changed.encode() == "tag=vpn&tag=wifi&page=4"
        assert self.query["page"] == "3"


class TestRequest:
    def test_urls(self):
        request = make_request("/tickets/", query="page=2", host="desk.example")
        assert request.url == "http://desk.example/tickets/?page=2"
        assert request.absolute("7/") == "http://desk.example/tickets/7/"
        assert request.with_query(page=None) == "/tickets/"

    def test_proxy(self):
        request = make_request(x_forwarded_for="203.0.113.9, 10.0.0.1", x_forwarded_proto="https")
        assert request.remote_addr == "203.0.113.9"
        assert request.url == "https://localhost:8000/"

    @pytest.mark.parametrize("accept, expected", [
        ("application/json", True), ("text/html,application/json", False), ("*/*", False),
        ("application/json;q=0.5, text/*;q=0.2", True)])
    def test_wants_json(self, accept, expected):
        assert make_request(accept=accept).wants_json() is expected

    def test_form(self):
        request = make_request(method="POST", body=b"name=J%C3%BCrgen&tag=a&tag=b",
                               content_type="application/x-www-form-urlencoded")
        assert request.form["name"] == "Jürgen"
        assert request.form.get_list("tag") == ["a", "b"]

    def test_form_in_another_encoding(self):
        request = make_request(method="POST", body="name=Jürgen".encode("latin-1"),
                               content_type="application/x-www-form-urlencoded")
        assert request.form["name"] == "J\ufffdrgen"

    def test_ranges(self):
        assert make_request(range="bytes=2-5").byte_range(10) == (2, 6)
        assert make_request(range="bytes=-3").byte_range(10) == (7, 10)
        with pytest.raises(HTTPError) as caught:
            make_request(range="bytes=20-").byte_range(10)
        assert caught.value.status == 416


class TestResponse:
    def test_cookies(self):
        response = Response("x").set_cookie("theme", "dark blue", max_age=60)
        assert response.cookies()["theme"][0] == "dark blue"
        assert response.cookies()["theme"][1]["max-age"] == "60"

    def test_not_modified(self):
        moment = datetime(2024, 3, 4, 12, 0, tzinfo=timezone.utc)
        response = Response("x").set_last_modified(moment)
        request = make_request(if_modified_since="Mon, 04 Mar 2024 12:00:00 GMT")
        assert response.make_conditional(request).status == 304
        assert response.body == b""

    def test_vary(self):
        response = Response("").vary_on("Cookie").vary_on("cookie", "Accept")
        assert response.headers["Vary"] == "Cookie, Accept"


class TestRouter:
    router = Router()
    router.add("/tickets/<int:pk>/", "show", name="show")
    router.add("/tickets/<int:pk>/", "change", name="change", methods=["POST"])
    router.add("/t/<ref:ref>", "by_ref", name="ref")
    router.add("/files/<path:name>", "file", name="file")

    @pytest.mark.parametrize("path, handler, params", [
        ("/tickets/12/", "show", {"pk": 12}),
        ("/tickets/12", "show", {"pk": 12}),
        ("/t/HD-0042", "by_ref", {"ref": ("HD", 42)}),
        ("/files/a/b.txt", "file", {"name": "a/b.txt"}),
    ])
    def test_resolve(self, path, handler, params):
        route, found = self.router.resolve(path)
        assert (route.handler, found) == (handler, params)

    def test_errors(self):
        with pytest.raises(MethodNotAllowed) as caught:
            self.router.resolve("/tickets/1/", "DELETE")
        assert caught.value.headers == {"Allow": "GET, POST"}
        with pytest.raises(NotFound):
            self.router.resolve("/tickets/x/")

    def test_reverse(self):
        assert self.router.reverse("ref", ref=("HD", 7)) == "/t/HD-0007"
        assert self.router.reverse("show", pk=3, tab="log") == "/tickets/3/?tab=log"
