import pytest

from porter.helpdesk import build_app, build_services
from porter.helpdesk.models import Ticket, User
from porter.helpdesk.seed import load_sample, seed_people
from porter.orm import Model
from porter.web import Client


@pytest.fixture
def services():
    """An empty helpdesk with its people, on a Monday at nine."""
    Model.database.clear()
    built = build_services()
    seed_people(built.tickets)
    yield built
    Model.database.clear()


@pytest.fixture
def service(services):
    return services.tickets


@pytest.fixture
def sample():
    built = build_services()
    load_sample(built.tickets)
    yield built
    Model.database.clear()


@pytest.fixture
def app(sample):
    return build_app(sample)


@pytest.fixture
def login(app):
    """login("bob") -> a client with a session"""
    def enter(name):
        client = Client(app)
        client.login("%s@%s" % (name, "acme.example" if name in ("kim", "lou") else "desk.example"))
        return client
    return enter


@pytest.fixture
def people(services):
    return {user.email.partition("@")[0]: user for user in User.objects.all()}


@pytest.fixture
def ticket(service, people):
    found = service.open(people["kim"], "VPN is down again", tags="vpn")
    return Ticket.objects.get(pk=found.pk)
