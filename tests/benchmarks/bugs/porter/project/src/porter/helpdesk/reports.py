"""Reports: rows computed from the tickets, shown as text, CSV or JSON."""
import csv
import io
import math
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from ..templating import FILTERS
from .models import ACTIVE, PRIORITIES, Comment, Team, Ticket, User

REPORTS = {}


class ReportError(Exception):
    pass


@dataclass
class Column:
    key: str
    title: str
    kind: str = "text"
    width: int = 0


@dataclass
class Table:
    title: str
    columns: list
    rows: list = field(default_factory=list)
    totals: dict = field(default_factory=dict)

    def column(self, key):
        return [row.get(key) for row in self.rows]

    def row_for(self, key, value):
        for row in self.rows:
            if row.get(key) == value:
                return row
        raise ReportError("%s has no row with %s = %s" % (self.title, key, value))


FORMATS = {
    "text": lambda value: "" if value is None else str(value),
    "number": lambda value: "" if value is None else "%d" % value,
    "hours": lambda value: "-" if value is None else "%.1f" % (value.total_seconds() / 3600),
    "duration": FILTERS["duration"],
    "percent": lambda value: FILTERS["percent"](value, 1),
    "date": lambda value: FILTERS["date"](value, "%Y-%m-%d"),
}
RIGHT = ("number", "hours", "percent", "duration")


def report(name, title):
    def register(function):
        REPORTS[name] = (title, function)
        return function
    return register


def mean(values):
    values = list(values)
    if not values:
        return None
    return sum(values, timedelta(0)) / len(values)


def quantile(values, share):
    """The value that ``share`` of the sorted values do not exceed."""
    ordered = sorted(values)
    if not ordered:
        return None
    position = max(0, math.ceil(share * len(ordered)) - 1)
    return ordered[position]


class ReportBuilder:
    def __init__(self, service, since=None, until=None, team=None):
        self.service = service
        self.now = service.clock.now()
        self.since = since
        self.until = until
        self.team = team

    def tickets(self):
        found = Ticket.objects.select_related("requester", "assignee", "team")
        if self.since is not None:
            found = found.filter(created_at__gte=self.since)
        if self.until is not None:
            found = found.filter(created_at__lt=self.until)
        if self.team is not None:
            found = found.filter(team=self.team)
        return found

    def build(self, name):
        if name not in REPORTS:
            raise ReportError("there is no report %r; try %s" % (name, ", ".join(sorted(REPORTS))))
        title, function = REPORTS[name]
        table = function(self)
        table.title = title
        return table


@report("workload", "Workload of the agents")
def workload(builder):
    columns = [Column("agent", "Agent"), Column("team", "Team"), Column("open", "Open", "number"),
               Column("load", "Load", "number"), Column("free", "Free", "percent")]
    table = Table("", columns)
    agents = User.objects.filter(role__in=["agent", "lead"], active=True)
    if builder.team is not None:
        agents = agents.filter(team=builder.team)
    for agent in agents.order_by("team__name", "name"):
        load = agent.load()
        free = max(0, agent.capacity - load) / agent.capacity if agent.capacity else 0.0
        table.rows.append({"agent": agent.name, "team": agent.team.name if agent.team else "",
                           "open": agent.open_tickets().count(), "load": load, "free": free})
    table.totals = {"open": sum(table.column("open")), "load": sum(table.column("load"))}
    return table


@report("sla", "Service levels by priority")
def sla(builder):
    """Promises kept, for every priority: first answers and solutions."""
    columns = [Column("priority", "Priority"), Column("count", "Tickets", "number"),
               Column("late", "Late", "number"), Column("kept", "Kept", "percent"),
               Column("answer", "Answer", "hours"), Column("median", "Median", "hours"),
               Column("worst", "Worst", "duration"), Column("next_due", "Next due", "date")]
    table = Table("", columns)
    calendar = builder.service.calendar
    groups = builder.tickets().group_by("priority")
    everything, all_late = 0, 0
    for priority in reversed(PRIORITIES):
        tickets = groups.get(priority, [])
        if not tickets:
            continue
        answers, solutions, late = [], [], []
        open_due = []
        for ticket in tickets:
            answered = ticket.responded_at or ticket.resolved_at
            if answered is not None:
                answers.append(calendar.between(ticket.created_at, answered))
            ended = ticket.resolved_at or builder.now
            if ticket.due_at is not None and ended > ticket.due_at:
                late.append(calendar.between(ticket.due_at, ended))
            if ticket.resolved_at is not None:
                worked = calendar.between(ticket.created_at, ticket.resolved_at) - ticket.paused
                solutions.append(worked)
            elif ticket.due_at is not None:
                open_due.append(ticket.due_at)
        count = len(tickets)
        row = {"priority": priority, "count": count, "late": len(late),
               "kept": (count - len(late)) / count,
               "answer": mean(answers), "median": quantile(solutions, 0.5),
               "worst": max(late, default=None), "next_due": min(open_due, default=None)}
        table.rows.append(row)
        everything += count
        all_late += len(late)
    table.totals = {"count": everything, "late": all_late}
    if everything:
        table.totals["kept"] = (everything - all_late) / everything
    return table


@report("aging", "Open tickets by age")
def aging(builder):
    steps = [(timedelta(days=1), "< 1 day"), (timedelta(days=3), "1-3 days"),
             (timedelta(days=7), "3-7 days"), (None, "> 7 days")]
    columns = [Column("age", "Age"), Column("count", "Tickets", "number"),
               Column("oldest", "Oldest")]
    buckets = OrderedDict((label, []) for _, label in steps)
    for ticket in builder.tickets().filter(status__in=ACTIVE).order_by("created_at"):
        age = ticket.age(builder.now)
        for limit, label in steps:
            if limit is None or age < limit:
                buckets[label].append(ticket)
                break
    table = Table("", columns)
    for label, tickets in buckets.items():
        table.rows.append({"age": label, "count": len(tickets),
                           "oldest": tickets[0].ref if tickets else None})
    table.totals = {"count": sum(table.column("count"))}
    return table


@report("tags", "Tickets by tag")
def tags(builder):
    counts = defaultdict(lambda: {"count": 0, "open": 0, "minutes": 0})
    minutes = defaultdict(int)
    for comment in Comment.objects.filter(minutes__gt=0):
        minutes[comment.ticket_id] += comment.minutes
    for ticket in builder.tickets():
        for tag in ticket.tags or ["(none)"]:
            entry = counts[tag]
            entry["count"] += 1
            entry["open"] += ticket.is_active
            entry["minutes"] += minutes[ticket.pk]
    columns = [Column("tag", "Tag"), Column("count", "Tickets", "number"),
               Column("open", "Open", "number"), Column("spent", "Hours", "hours")]
    rows = [{"tag": tag, "count": entry["count"], "open": entry["open"],
             "spent": timedelta(minutes=entry["minutes"])} for tag, entry in counts.items()]
    rows.sort(key=lambda row: (-row["count"], row["tag"]))
    return Table("", columns, rows, {"count": sum(row["count"] for row in rows)})


@report("teams", "Tickets of the teams by day")
def teams(builder):
    """One line for each day on which tickets were opened, one column for each team."""
    names = [team.name for team in Team.objects.all()]
    columns = [Column("day", "Day")] + [Column(name, name, "number") for name in names]
    columns += [Column("other", "Other", "number"), Column("sum", "Sum", "number")]
    days = {}
    for ticket in builder.tickets().order_by("created_at"):
        day = ticket.created_at.date().isoformat()
        row = days.setdefault(day, dict.fromkeys(names + ["other"], 0))
        row[ticket.team.name if ticket.team else "other"] += 1
    table = Table("", columns)
    for day, row in days.items():
        table.rows.append({"day": day, **row, "sum": sum(row.values())})
    for column in columns[1:]:
        table.totals[column.key] = sum(table.column(column.key))
    return table


# output

def formatted(table):
    for row in table.rows:
        yield [FORMATS[column.kind](row.get(column.key)) for column in table.columns]


def as_text(table, width=100):
    """A table with aligned columns, and a line of totals."""
    lines = list(formatted(table))
    footer = None
    if table.totals:
        footer = []
        for position, column in enumerate(table.columns):
            if column.key in table.totals:
                footer.append(FORMATS[column.kind](table.totals[column.key]))
            else:
                footer.append("total" if position == 0 else "")
    titles = [column.title for column in table.columns]
    widths = []
    for position, column in enumerate(table.columns):
        cells = [line[position] for line in lines + ([footer] if footer else [])]
        widths.append(max([len(titles[position]), column.width] + [len(cell) for cell in cells]))
    spare = width - sum(widths) - 2 * (len(widths) - 1)
    if spare < 0:
        longest = widths.index(max(widths))
        widths[longest] = max(8, widths[longest] + spare)

    def draw(cells):
        parts = []
        for cell, size, column in zip(cells, widths, table.columns):
            if len(cell) > size:
                cell = cell[:size - 1] + "…"
            parts.append(cell.rjust(size) if column.kind in RIGHT else cell.ljust(size))
        return "  ".join(parts).rstrip()

    rule = "-" * min(width, sum(widths) + 2 * (len(widths) - 1))
    out = [table.title, "=" * len(table.title), draw(titles), rule]
    out.extend(draw(line) for line in lines)
    if footer:
        out.extend([rule, draw(footer)])
    return "\n".join(out) + "\n"


def as_csv(table):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.key for column in table.columns])
    writer.writerows(formatted(table))
    return out.getvalue()


def as_data(table):
    return {"title": table.title, "rows": table.rows, "totals": table.totals}


RENDERERS = {"text": as_text, "csv": as_csv, "json": as_data}
