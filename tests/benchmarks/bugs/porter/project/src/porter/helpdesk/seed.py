"""Data to play with: two teams, some people, a week of tickets."""
from datetime import timedelta

from ..orm import Model
from .models import Team, Ticket, User

PEOPLE = [
    ("ada@desk.example", "Ada Byron", "lead", "Network", 12),
    ("bob@desk.example", "Bob Kahn", "agent", "Network", 8),
    ("cleo@desk.example", "Cleo Marsh", "agent", "Network", 8),
    ("dan@desk.example", "Dan Ortiz", "agent", "Hardware", 8),
    ("eve@desk.example", "Eve Lindqvist", "lead", "Hardware", 10),
    ("root@desk.example", "Rita Root", "admin", None, 0),
    ("kim@acme.example", "Kim Fuller", "customer", None, 0),
    ("lou@acme.example", "Lou Grant", "customer", None, 0),
    ("mia@initech.example", "Mia Wong", "customer", None, 0),
]
POLICIES = [
    ("low", 16, 80, None),
    ("normal", 8, 40, 16),
    ("high", 4, 16, 4),
    ("urgent", 1, 4, 1),
]
# hours after the start, requester, subject, priority, tags
TICKETS = [
    (0, "kim", "VPN drops every hour", "high", "vpn,remote"),
    (1, "lou", "Printer on the third floor is on fire", "urgent", "printer"),
    (3, "mia", "New laptop for an intern", "low", "laptop"),
    (6, "kim", "Cannot reach the wiki", "normal", "wifi"),
    (25, "mia", "Screen flickers", "normal", "screen,laptop"),
    (27, "lou", "Password expired", "normal", ""),
    (30, "kim", "Wifi is slow in the canteen", "low", "wifi"),
    (49, "mia", "VPN certificate is not trusted", "high", "vpn"),
    (52, "lou", "Keyboard lost a key", "low", "keyboard"),
    (74, "kim", "Mail arrives twice", "normal", "mail"),
    (78, "mia", "Docking station is not recognised", "high", "laptop,dock"),
    (97, "lou", "Phone has no dial tone", "urgent", "phone"),
]


def seed_people(service):
    Team(name="Network", skills="vpn,wifi,mail,dns", email="net@desk.example").save()
    Team(name="Hardware", skills=["printer", "laptop", "screen", "keyboard", "dock"]).save()
    for email, name, role, team, capacity in PEOPLE:
        User.objects.create(email=email, name=name, role=role, capacity=capacity,
                            team=Team.objects.get(name=team) if team else None,
                            created_at=service.clock.now())
    for priority, first, resolution, escalate in POLICIES:
        service.set_policy(priority, first_response=timedelta(hours=first),
                           resolution=timedelta(hours=resolution),
                           escalate_after=escalate and timedelta(hours=escalate))


def person(name):
    return User.objects.get(email__startswith=name + "@")


def seed_week(service):
    """Opens the tickets at their times and lets the agents do some work."""
    start = service.clock.now()
    for hours, requester, subject, priority, tags in TICKETS:
        service.clock.set(start + timedelta(hours=hours))
        service.open(person(requester), subject, "Please help: %s." % subject.lower(),
                     priority, tags=tags)
    tickets = {ticket.pk: ticket for ticket in Ticket.objects.all()}

    def at(hours):
        service.clock.set(start + timedelta(hours=hours))

    at(98)
    service.comment(tickets[1], person("bob"), "Which client version is it? @kim", minutes=15)
    service.transition(tickets[1], "pending", person("bob"))
    service.comment(tickets[2], person("eve"), "Use the stairs.", minutes=40)
    service.transition(tickets[2], "resolved", person("eve"))
    at(99)
    service.comment(tickets[1], person("kim"), "Version 4.2")
    service.comment(tickets[5], person("dan"), "@eve do we have a spare screen?", internal=True,
                    minutes=10)
    service.transition(tickets[5], "on_hold", person("dan"))
    at(100)
    service.comment(tickets[4], person("cleo"), "DNS was down.", minutes=30)
    service.transition(tickets[4], "resolved", person("cleo"))
    service.transition(tickets[4], "closed", person("ada"))


def load_sample(service):
    Model.database.clear()
    seed_people(service)
    seed_week(service)
    return service
