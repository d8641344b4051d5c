"""Commands of ``manage.py``; all of them work on the sample data."""
import argparse
import csv
import sys

from ..forms import DateInput
from ..orm import DoesNotExist, ValidationError
from ..templating import Environment
from ..web import Client
from .models import ACTIVE, Ticket
from .pages import PAGES
from .reports import RENDERERS, ReportBuilder, ReportError, as_text
from .seed import load_sample, person
from .services import ServiceError
from .site import build_app, build_services

COMMANDS = {}


def command(name, /, **arguments):
    def register(function):
        COMMANDS[name] = (function, arguments)
        return function
    return register


def parse_date(text):
    field = DateInput(label="date")
    field.bind("date")
    return field.clean(text)


@command("routes", app={"action": "store_true", "help": "with the handlers"})
def routes(services, options, out):
    app = build_app(services)
    for route in app.router:
        line = "%-28s %-10s %s" % (route.pattern, ",".join(sorted(route.methods)), route.name)
        if options.app:
            line += "  " + getattr(route.handler, "__name__", "?")
        print(line, file=out)


@command("report", name={}, format={"default": "text", "choices": sorted(RENDERERS)},
         since={}, until={}, width={"type": int, "default": 100})
def report(services, options, out):
    since = parse_date(options.since) if options.since else None
    until = parse_date(options.until) if options.until else None
    builder = ReportBuilder(services.tickets, since, until)
    table = builder.build(options.name)
    if options.format == "text":
        out.write(as_text(table, options.width))
    else:
        print(RENDERERS[options.format](table), file=out)


@command("search", query={"nargs": "*"}, user={"default": "ada"})
def search(services, options, out):
    user = person(options.user)
    for ticket in services.tickets.search(" ".join(options.query), user):
        print("%s %-10s %-7s %s" % (ticket.ref, ticket.status, ticket.priority, ticket.subject),
              file=out)


@command("request", path={}, user={}, method={"default": "GET"}, data={"nargs": "*"},
         headers={"action": "store_true"})
def request(services, options, out):
    client = Client(build_app(services))
    data = dict(item.partition("=")[::2] for item in options.data or ())
    if options.user:
        client.login(person(options.user).email)
        if options.method != "GET":
            data["csrf_token"] = client.csrf_token()
    response = client.request(options.method, options.path, data=data or None)
    print(response.status_line, file=out)
    if options.headers:
        for name, value in response.headers.to_list():
            print("%s: %s" % (name, value), file=out)
    print(response.text, file=out)


@command("sweep", hours={"type": int, "default": 24})
def sweep(services, options, out):
    """Escalate what is late after some hours."""
    for _ in range(options.hours):
        services.clock.advance(hours=1)
        for ticket in services.tickets.sweep():
            print("%s level %d, %s" % (ticket, ticket.escalations, ticket.priority), file=out)
    print("%d messages" % len(services.mailer.outbox), file=out)


@command("digest", user={"default": "bob"})
def digest(services, options, out):
    user = person(options.user)
    tickets = Ticket.objects.filter(assignee=user, status__in=ACTIVE).order_by("due_at")
    out.write(Environment(PAGES).render("digest", user=user, groups=tickets.group_by("status"),
                                        autoescape=False))


@command("import", file={}, user={"default": "ada"}, encoding={"default": "utf-8-sig"})
def import_file(services, options, out):
    with open(options.file, newline="", encoding=options.encoding) as stream:
        rows = list(csv.DictReader(stream))
    result = services.tickets.import_rows(rows, person(options.user))
    print(result.summary(), file=out)
    for number, text in sorted(result.errors.items()):
        print("line %d: %s" % (number, text), file=out)
    return 0 if result.ok else 2


def build_parser():
    parser = argparse.ArgumentParser(prog="manage.py")
    commands = parser.add_subparsers(dest="command", required=True)
    positional = {"name", "path", "query", "file"}
    for name, (function, arguments) in COMMANDS.items():
        sub = commands.add_parser(name, help=function.__doc__)
        for argument, settings in arguments.items():
            flag = argument if argument in positional else "--" + argument
            sub.add_argument(flag, **settings)
    return parser


def main(argv=None, out=None):
    options = build_parser().parse_args(argv)
    services = build_services()
    load_sample(services.tickets)
    function, _ = COMMANDS[options.command]
    try:
        return function(services, options, out or sys.stdout) or 0
    except (DoesNotExist, ReportError, ServiceError, ValidationError) as error:
        print("error: %s" % error, file=sys.stderr)
        return 1
