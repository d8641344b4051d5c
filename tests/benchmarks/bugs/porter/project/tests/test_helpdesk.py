import csv
import io
from datetime import datetime, timedelta, timezone

import pytest

from porter import Forbidden
from porter.helpdesk.cli import main
from porter.helpdesk.models import Comment, Team, Ticket
from porter.helpdesk.permissions import has_permission
from porter.helpdesk.reports import ReportBuilder, as_csv, as_text, quantile
from porter.helpdesk.services import Calendar, QueryError, ServiceError, TransitionError


def at(day, hour, minute=0):
    return datetime(2024, 3, day, hour, minute, tzinfo=timezone.utc)


def refs(tickets):
    return [ticket.ref for ticket in tickets]


class TestCalendar:
    calendar = Calendar(holidays=[at(12, 0).date()])

    @pytest.mark.parametrize("start, hours, expected", [
        (at(4, 9), 2, at(4, 11)),
        (at(4, 16), 2, at(5, 10)),
        (at(8, 10), 9, at(11, 11)),
        (at(9, 12), 8, at(11, 17)),
        (at(11, 16), 2, at(13, 10)),
    ])
    def test_add(self, start, hours, expected):
        end = self.calendar.add(start, timedelta(hours=hours))
        assert end == expected

    def test_between(self):
        assert self.calendar.between(at(8, 16), at(11, 10)) == timedelta(hours=2)
        assert self.calendar.between(at(9, 1), at(10, 23)) == timedelta(0)


class TestTickets:
    def test_open(self, services, ticket):
        assert ticket.team.name == "Network"
        assert ticket.status == "open"
        assert ticket.due_at == at(8, 17)
        assert services.tickets.history(ticket)[0] == ("opened", "normal")
        assert [message.subject for message in services.mailer.sent_to("kim@acme.example")] \
            == ["[HD-0001] received: VPN is down again"]

    def test_waiting_tickets_are_no_load(self, service, people):
        network = Team.objects.get(name="Network")
        for subject in ("Router is dead", "Switch is dead"):
            busy = service.open(people["lou"], subject, priority="high", team=network, assign=False)
            service.assign(busy, people["ada"])
            service.transition(busy, "on_hold")
        minor = service.open(people["kim"], "Slow", priority="low", team=network, assign=False)
        service.assign(minor, people["bob"])
        service.assign(service.open(people["kim"], "Slower", team=network, assign=False),
                       people["cleo"])
        ticket = service.open(people["mia"], "Proxy is gone", team=network)
        assert ticket.assignee.name == "Ada Byron"

    def test_the_clock_stops_while_waiting(self, service, people, ticket):
        service.transition(ticket, "pending", people["ada"])
        service.clock.advance(hours=5)
        service.comment(ticket, people["kim"], "here is the log")
        assert ticket.status == "open"
        assert ticket.paused == timedelta(hours=5)
        assert ticket.due_at == at(11, 14)

    def test_mentions(self, service, people, ticket):
        service.comment(ticket, people["ada"], "@bob and @eve@desk.example: any idea? x@y.example")
        assert ticket.watchers == ["bob@desk.example", "eve@desk.example"]

    def test_internal_comments_stay_inside(self, services, service, people, ticket):
        services.mailer.outbox.clear()
        service.comment(ticket, people["bob"], "the customer is confused", internal=True)
        assert [message.to for message in services.mailer.outbox] == ["ada@desk.example"]

    def test_wrong_transitions(self, service, people, ticket):
        service.transition(ticket, "resolved", people["bob"])
        with pytest.raises(TransitionError):
            service.transition(ticket, "pending", people["bob"])
        with pytest.raises(Forbidden):
            service.transition(ticket, "closed", people["dan"])

    def test_children_are_resolved(self, service, people, ticket):
        child = service.open(people["kim"], "Also the VPN", parent=ticket, tags=["vpn"])
        service.transition(ticket, "resolved", people["ada"])
        assert child.refresh().status == "resolved"

    def test_merge(self, service, people, ticket):
        other = service.open(people["lou"], "Is the VPN broken?", tags="vpn,remote")
        service.comment(other, people["lou"], "hello?")
        service.merge(other, ticket, people["ada"])
        assert ticket.tags == ["vpn", "remote"]
        assert "lou@acme.example" in ticket.watchers
        assert [comment.text for comment in ticket.comments] == ["hello?"]
        with pytest.raises(ServiceError):
            service.merge(ticket, ticket, people["ada"])

    def test_sweep(self, service, people):
        ticket = service.open(people["kim"], "Wifi is gone", priority="high", tags="wifi")
        service.clock.set(at(6, 12))
        assert service.sweep() == []
        service.clock.set(at(6, 14))
        assert service.sweep() == [ticket]
        assert ticket.refresh().priority == "urgent"

    def test_policies_can_change(self, service, people, ticket):
        service.set_policy("normal", resolution=timedelta(hours=4))
        later = service.open(people["kim"], "Another thing")
        assert later.due_at == at(4, 13)
        assert ticket.refresh().due_at == at(8, 17)

    def test_stale_tickets_are_closed(self, service, people, ticket):
        service.transition(ticket, "resolved", people["bob"])
        service.clock.advance(days=6)
        assert service.close_stale() == []
        service.clock.advance(days=1)
        assert service.close_stale() == ["HD-0001"]

    def test_import(self, service, people):
        rows = [{"subject": "Old ticket", "requester": "Kim@acme.example", "priority": "High",
                 "tags": "vpn; dns", "comments": "one|two"},
                {"subject": "old ticket ", "requester": "kim@acme.example"},
                {"subject": "No team", "requester": "new@acme.example", "team": "Kitchen"},
                {"subject": "", "requester": "kim@acme.example"}]
        result = service.import_rows(rows, people["eve"])
        assert result.summary() == "1 created, 1 skipped, 2 errors"
        assert result.created[0].requester == people["kim"]
        assert result.created[0].tags == ["vpn", "dns"]
        assert result.created[0].comments.count() == 2


class TestSearch:
    @pytest.mark.parametrize("text, expected", [
        ("tag:vpn", ["HD-0008", "HD-0001"]),
        ("status:resolved,closed", ["HD-0004", "HD-0002"]),
        ("priority:high+ -status:resolved sort:created", ["HD-0001", "HD-0008", "HD-0011",
                                                          "HD-0012"]),
        ("assignee:none", ["HD-0012", "HD-0006"]),
        ("team:network -tag:vpn", ["HD-0010", "HD-0007", "HD-0004"]),
        ('"third floor"', ["HD-0002"]),
        ("is:overdue sort:due", ["HD-0001", "HD-0008"]),
        ("requester:mia status:waiting", ["HD-0005"]),
    ])
    def test_terms(self, sample, text, expected):
        eve = sample.tickets.find_user("eve")
        assert refs(sample.tickets.search(text, eve)) == expected

    def test_customers_see_their_own(self, sample):
        lou = sample.tickets.find_user("lou")
        assert refs(sample.tickets.search("sort:created", lou)) == ["HD-0002", "HD-0006", "HD-0009",
                                                                    "HD-0012"]

    @pytest.mark.parametrize("text", ["status:lost", "colour:red", "due:soon", "sort:smell"])
    def test_errors(self, sample, text):
        with pytest.raises(QueryError):
            sample.tickets.search(text, sample.tickets.find_user("bob"))


class TestReports:
    def test_quantile(self):
        values = [timedelta(hours=n) for n in (9, 1, 4, 3)]
        assert quantile(values, 0.5) == timedelta(hours=3)
        assert quantile(values, 1.0) == timedelta(hours=9)
        assert quantile([], 0.5) is None

    def test_aging(self, sample):
        sample.clock.advance(days=2)
        table = ReportBuilder(sample.tickets).build("aging")
        assert table.column("count") == [0, 2, 8, 0]
        assert table.row_for("age", "3-7 days")["oldest"] == "HD-0001"

    def test_tags_and_output(self, sample):
        table = ReportBuilder(sample.tickets, since=at(7, 0)).build("tags")
        assert table.column("tag") == ["dock", "laptop", "mail", "phone"]
        rows = list(csv.DictReader(io.StringIO(as_csv(table))))
        assert rows[0]["count"] == "1"
        assert as_text(table, 60).splitlines()[0] == "Tickets by tag"

    def test_sla_of_one_day(self, sample):
        table = ReportBuilder(sample.tickets, since=at(8, 0)).build("sla")
        assert table.column("priority") == ["urgent"]
        assert table.totals["kept"] == 1.0


class TestSite:
    def test_login_is_needed(self, app, login):
        client = login("bob")
        assert client.get("/tickets/").status == 200
        client.post("/logout/", {"csrf_token": client.csrf_token()})
        response = client.get("/tickets/")
        assert (response.status, response.location) == (302, "/login/?next=/tickets/")

    def test_pages(self, login):
        client = login("ada")
        page = client.get("/tickets/", {"per_page": 5, "page": 3},
                          headers={"Accept": "application/json"}).json
        assert (page["page"], page["pages"], page["total"]) == (3, 3, 12)
        assert [item["ref"] for item in page["items"]] == ["HD-0002", "HD-0001"]
        assert 'href="/tickets/?per_page=5&amp;page=2"' in client.get("/tickets/?per_page=5").text

    def test_new_ticket(self, login):
        client = login("kim")
        data = {"subject": "MOUSE IS DEAD", "priority": "low", "tags": "mouse"}
        assert client.post("/tickets/new/", data).status == 403
        data["csrf_token"] = client.csrf_token()
        response = client.post("/tickets/new/", data)
        assert (response.status, response.location) == (303, "/tickets/13/")
        text = client.get(response.location).text
        assert "Mouse is dead" in text and "HD-0013 was opened" in text

    def test_internal_comment(self, login):
        kim, bob = login("kim"), login("bob")
        assert "Internal" not in kim.get("/tickets/1/").text
        bob.post("/tickets/1/", {"text": "what a mess", "internal": "on", "minutes": "5",
                                 "csrf_token": bob.csrf_token()})
        comment = Comment.objects.all().last()
        assert (comment.text, comment.minutes) == ("what a mess", 5)
        assert "what a mess" not in kim.get("/tickets/1/").text

    def test_edit(self, login):
        client = login("cleo")
        response = client.post("/tickets/8/edit/", headers={"Accept": "application/json"}, data={
            "subject": "VPN certificate is not trusted", "priority": "urgent", "tags": "vpn,tls",
            "body": "Please help: vpn certificate is not trusted.",
            "csrf_token": client.csrf_token()})
        assert response.json == {"changed": ["priority", "tags"]}
        assert Ticket.objects.get(pk=8).due_at == at(6, 14)

    def test_api(self, login):
        client = login("bob")
        assert client.post("/api/tickets/1/transition", json={"status": "pending"}).json["status"] \
            == "pending"
        response = client.post("/api/tickets/4/transition", json={"status": "open"},
                               headers={"Accept": "application/json"})
        assert response.status == 409
        assert "HD-0004 cannot go" in response.json["error"]["detail"]

    def test_bulk(self, login):
        client = login("ada")
        answer = client.post("/api/bulk", json={"q": "tag:wifi", "action": "transition",
                                                "status": "resolved"}).json
        assert answer["done"] == ["HD-0007"]
        assert list(answer["errors"]) == ["HD-0004"]

    def test_upload(self, login):
        client = login("eve")
        content = "subject,requester,priority\nCaf\xe9 printer,kim@acme.example,high\n"
        response = client.post("/import/", {"csrf_token": client.csrf_token()},
                               files={"rows": ("old.csv", content.encode("latin-1"))})
        assert response.json["created"] == ["HD-0013"]
        assert Ticket.objects.get(pk=13).subject == "Café printer"

    def test_rate_limit(self, sample, app, login):
        app.settings["rate_limit"] = 2
        client = login("kim")
        statuses = [client.post("/login/", {"email": "kim@acme.example", "password": "no"}).status
                    for _ in range(3)]
        assert statuses == [403, 429, 429]

    def test_conditional_get(self, login):
        client = login("bob")
        client.get("/tickets/")
        first = client.get("/tickets/")
        second = client.get("/tickets/", headers={"If-None-Match": first.headers["ETag"]})
        assert (second.status, second.body) == (304, b"")

    def test_reports(self, login):
        assert login("bob").get("/reports/sla", {"format": "csv"}).status == 403
        response = login("ada").get("/reports/teams", {"format": "csv", "team": "network"})
        assert response.headers["Content-Disposition"] == 'attachment; filename="teams.csv"'
        assert response.text.splitlines()[-1] == "2024-03-07,0,1,0,1"


@pytest.mark.parametrize("name, permission, expected", [
    ("kim", "ticket.create", True), ("kim", "ticket.edit", False), ("bob", "ticket.edit", True),
    ("bob", "ticket.merge", False), ("ada", "ticket.merge", True), ("root", "sla.manage", True),
])
def test_permissions(people, name, permission, expected):
    assert has_permission(people[name], permission) is expected


@pytest.mark.parametrize("arguments, part", [
    (["report", "workload"], "Eve Lindqvist"),
    (["search", "tag:vpn", "--user", "bob"], "HD-0008"),
    (["digest", "--user", "cleo"], "HD-0007  Wifi is slow in the canteen"),
    (["request", "/t/HD-0003", "--user", "mia", "--headers"], "Location: /tickets/3/"),
    (["import", "data/backlog.csv"], "4 created, 1 skipped, 0 errors"),
])
def test_commands(arguments, part):
    out = io.StringIO()
    assert main(arguments, out) == 0
    assert part in out.getvalue()
