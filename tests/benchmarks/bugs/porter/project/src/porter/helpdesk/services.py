"""What can be done with tickets.  Views, the command line and the tests go through here."""
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Callable, Dict, List, Optional

from ..orm import DoesNotExist, Q, ValidationError
from .models import (ACTIVE, PRIORITIES, STATUSES, TRANSITIONS, WAITING, AuditEntry, Comment,
                     SavedSearch, SlaPolicy, Team, Ticket, User)
from .permissions import require

_MENTION = re.compile(r"(?<![\w.])@([\w.+-]+@[\w-]+\.[a-z]+|[a-z][\w.-]*\w)", re.IGNORECASE)
_TERM = re.compile(r'(-?)(?:(\w+):)?("[^"]*"|\S+)')
IMPORT_COLUMNS = ("subject", "requester")
MAX_ESCALATIONS = 3


class ServiceError(Exception):
    pass


class TransitionError(ServiceError):
    def __init__(self, ticket, status):
        super().__init__("%s cannot go from %s to %s" % (ticket.ref, ticket.status, status))
        self.ticket = ticket
        self.status = status


class QueryError(ServiceError):
    pass


class Calendar:
    """Working hours: the days of the week, a start, an end, and days off."""

    def __init__(self, days=(0, 1, 2, 3, 4), start=time(9, 0), end=time(17, 0), holidays=()):
        self.days = frozenset(days)
        self.start = start
        self.end = end
        self.holidays = frozenset(holidays)

    def is_working_day(self, day):
        return day.weekday() in self.days and day not in self.holidays

    def bounds(self, moment):
        """Start and end of the working hours on the day of ``moment``."""
        day = moment.date()
        return (datetime.combine(day, self.start, moment.tzinfo),
                datetime.combine(day, self.end, moment.tzinfo))

    def next_opening(self, moment):
        opening, closing = self.bounds(moment)
        if self.is_working_day(moment.date()) and moment < closing:
            return max(moment, opening)
        following = moment
        while True:
            following = following + timedelta(days=1)
            if self.is_working_day(following.date()):
                return self.bounds(following)[0]

    def add(self, moment, amount):
        """The moment which is ``amount`` of working time after ``moment``."""
        moment = self.next_opening(moment)
        while True:
            closing = self.bounds(moment)[1]
            left = closing - moment
            if amount <= left:
                return moment + amount
            amount -= left
            moment = self.next_opening(closing)

    def between(self, start, stop):
        """The working time between two moments."""
        total = timedelta(0)
        moment = self.next_opening(start)
        while moment < stop:
            closing = self.bounds(moment)[1]
            total += min(closing, stop) - moment
            moment = self.next_opening(closing)
        return total


@dataclass
class Message:
    to: str
    subject: str
    text: str
    ticket: Optional[str] = None


@dataclass
class ImportResult:
    created: List[Ticket] = field(default_factory=list)
    skipped: List[str] = field(default_factory=list)
    errors: Dict[int, str] = field(default_factory=dict)

    @property
    def ok(self):
        return not self.errors

    def summary(self):
        return "%d created, %d skipped, %d errors" % (len(self.created), len(self.skipped),
                                                      len(self.errors))


class EventBus:
    """Functions that are called when something has happened."""

    def __init__(self):
        self._listeners: Dict[str, List[Callable]] = {}
        self._muted = 0

    def on(self, event, function=None):
        if function is None:
            return lambda function: self.on(event, function)
        self._listeners.setdefault(event, []).append(function)
        return function

    def emit(self, event, **details):
        if self._muted:
            return 0
        called = 0
        for name in (event, "*"):
            for function in self._listeners.get(name, ()):
                function(event, **details)
                called += 1
        return called

    @contextmanager
    def muted(self):
        self._muted += 1
        try:
            yield self
        finally:
            self._muted -= 1


class Mailer:
    """Writes the messages about tickets; they are kept in ``outbox``."""
    SUBJECTS = {
        "opened": "[{ref}] received: {subject}",
        "commented": "[{ref}] new answer: {subject}",
        "assigned": "[{ref}] assigned to you: {subject}",
        "transition": "[{ref}] is now {status}: {subject}",
        "escalated": "[{ref}] ESCALATED: {subject}",
        "mentioned": "[{ref}] you were mentioned: {subject}",
    }

    def __init__(self, bus):
        self.outbox: List[Message] = []
        bus.on("opened", self.on_opened)
        bus.on("commented", self.on_commented)
        bus.on("assigned", self.on_assigned)
        bus.on("transition", self.on_transition)
        bus.on("escalated", self.on_escalated)

    def send(self, kind, ticket, recipients, text="", skip=None):
        subject = self.SUBJECTS[kind].format(ref=ticket.ref, subject=ticket.subject,
                                             status=ticket.status.replace("_", " "))
        for address in recipients:
            if skip is not None and address == skip.email:
                continue
            self.outbox.append(Message(address, subject, text, ticket.ref))

    def sent_to(self, address):
        return [message for message in self.outbox if message.to == address]

    def on_opened(self, event, ticket, actor):
        self.send("opened", ticket, [ticket.requester.email], ticket.body or "")

    def on_commented(self, event, ticket, actor, comment, mentioned=()):
        recipients = ticket.audience()
        if comment.internal:
            staff = set(User.objects.exclude(role="customer").values_list("email", flat=True))
            recipients = [address for address in recipients if address in staff]
        self.send("commented", ticket, recipients, comment.text, skip=actor)
        self.send("mentioned", ticket, [user.email for user in mentioned], comment.text, skip=actor)

    def on_assigned(self, event, ticket, actor, previous=None):
        if ticket.assignee is not None:
            self.send("assigned", ticket, [ticket.assignee.email], skip=actor)

    def on_transition(self, event, ticket, actor, previous):
        self.send("transition", ticket, ticket.audience(), skip=actor)

    def on_escalated(self, event, ticket, actor, level):
        leads = User.objects.filter(role="lead", active=True)
        if ticket.team is not None:
            leads = leads.filter(team=ticket.team) or leads
        self.send("escalated", ticket, [lead.email for lead in leads],
                  "level %d" % level)


class SearchParser:
    """``status:open tag:vpn -assignee:none "printer on fire" sort:-due`` -> a query set"""
    SORTS = {"age": "created_at", "created": "created_at", "due": "due_at", "priority": "rank",
             "status": "status", "subject": "subject", "updated": "pk"}

    def __init__(self, user, now):
        self.user = user
        self.now = now

    def parse(self, text, tickets=None):
        tickets = Ticket.objects.all() if tickets is None else tickets
        ordering = []
        words = []
        statuses = []
        for minus, key, value in _TERM.findall(text):
            value = value.strip('"')
            negated = bool(minus)
            condition = None
            if not key:
                words.append(value.lower())
                condition = Q(subject__icontains=value) | Q(body__icontains=value)
            elif key == "status":
                if value == "active":
                    names = list(ACTIVE)
                elif value == "waiting":
                    names = list(WAITING)
                else:
                    names = [name for name in value.split(",") if name]
                unknown = [name for name in names if name not in STATUSES]
                if unknown:
                    raise QueryError("unknown status %s" % ", ".join(unknown))
                if not negated:
                    statuses.extend(names)
                    continue
                condition = Q(status__in=names)
            elif key == "priority":
                if value.endswith("+"):
                    if value[:-1] not in PRIORITIES:
                        raise QueryError("unknown priority %s" % value[:-1])
                    lowest = PRIORITIES.index(value[:-1])
                    condition = Q(priority__in=PRIORITIES[lowest:])
                else:
                    condition = Q(priority__in=value.split(","))
            elif key == "tag":
                condition = Q(tags__contains=value.lower())
            elif key in ("assignee", "requester"):
                if value == "none":
                    condition = Q(**{key + "__isnull": True})
                elif value == "me":
                    condition = Q(**{key: self.user})
                else:
                    condition = Q(**{key + "__email__startswith": value.lower()})
            elif key == "team":
                if value == "none":
                    condition = Q(team__isnull=True)
                else:
                    condition = Q(team__name__iexact=value)
            elif key == "due":
                limit = self.parse_due(value)
                condition = Q(due_at__lte=limit)
            elif key == "is":
                condition = self.parse_flag(value)
            elif key == "sort":
                name = value.lstrip("-")
                if name not in self.SORTS:
                    raise QueryError("cannot sort by %s" % name)
                prefix = "-" if value.startswith("-") or negated else ""
                ordering.append(prefix + self.SORTS[name])
                continue
            else:
                raise QueryError("unknown key %s" % key)
            tickets = tickets.filter(~condition if negated else condition)
        if statuses:
            tickets = tickets.filter(status__in=statuses)
        if ordering:
            tickets = tickets.order_by(*ordering, "pk")
        tickets.words = words
        return tickets

    def parse_due(self, value):
        if value == "today":
            return self.now.replace(hour=23, minute=59)
        match = re.match(r"^(\d+)([dh])$", value)
        if match is None:
            raise QueryError("due needs today, or a time like 3d or 8h")
        unit = "days" if match.group(2) == "d" else "hours"
        return self.now + timedelta(**{unit: int(match.group(1))})

    def parse_flag(self, value):
        if value == "overdue":
            return Q(due_at__lt=self.now, status__in=ACTIVE)
        if value == "answered":
            return Q(responded_at__isnull=False)
        if value == "escalated":
            return Q(escalations__gt=0)
        raise QueryError("unknown flag %s" % value)


class TicketService:
    """The operations on tickets; checks permissions, keeps the history, tells the bus."""

    def __init__(self, clock, bus=None, calendar=None):
        self.clock = clock
        self.bus = bus or EventBus()
        self.calendar = calendar or Calendar()
        self._policies: Dict[str, SlaPolicy] = {}

    # looking up

    def get(self, pk, user=None):
        ticket = Ticket.objects.get(pk=pk)
        if user is not None:
            require(user, "ticket.view", ticket)
        return ticket

    def by_ref(self, ref, user=None):
        prefix, _, number = ref.partition("-")
        if prefix != "HD" or not number.isdigit():
            raise DoesNotExist("no ticket %s" % ref)
        return self.get(int(number), user)

    def find_user(self, name):
        """A user by e-mail address, by the part before the @, or by first name."""
        name = name.lower()
        if "@" in name:
            return User.objects.get_or_none(email=name)
        for user in User.objects.filter(active=True):
            if user.email.partition("@")[0] == name or user.name.split()[0].lower() == name:
                return user
        return None

    def search(self, text, user):
        parser = SearchParser(user, self.clock.now())
        return parser.parse(text, Ticket.objects.visible_to(user))

    def save_search(self, user, name, query, shared=False):
        self.search(query, user)
        found, created = SavedSearch.objects.get_or_create(
            owner=user, name=name, defaults={"query": query, "shared": shared})
        if not created:
            found.query, found.shared = query, shared
            found.save()
        return found

    def searches_for(self, user):
        return SavedSearch.objects.filter(Q(owner=user) | Q(shared=True)).order_by("name")

    # service levels

    def policy(self, priority) -> Optional[SlaPolicy]:
        if priority not in self._policies:
            self._policies[priority] = SlaPolicy.objects.get_or_none(priority=priority)
        return self._policies[priority]

    def set_policy(self, priority, **values):
        policy, _ = SlaPolicy.objects.get_or_create(priority=priority, defaults=values)
        for name, value in values.items():
            setattr(policy, name, value)
        policy.save()
        self._policies.pop(priority, None)
        return policy

    def plan(self, ticket):
        """Set the promised times from the policy of the ticket's priority."""
        policy = self.policy(ticket.priority)
        if policy is None:
            ticket.due_at = ticket.respond_by = None
            return
        start = ticket.created_at
        ticket.respond_by = self.calendar.add(start, policy.first_response)
        ticket.due_at = self.calendar.add(start, policy.resolution + ticket.paused)

    def time_left(self, ticket):
        """Working time until the ticket is due; negative when it is late."""
        if ticket.due_at is None:
            return None
        now = ticket.resolved_at or self.clock.now()
        if now > ticket.due_at:
            return -self.calendar.between(ticket.due_at, now)
        return self.calendar.between(now, ticket.due_at)

    # history

    def record(self, ticket, actor, action, detail="-"):
        return AuditEntry.objects.create(ticket=ticket, actor=actor, action=action,
                                         detail=detail or "-", created_at=self.clock.now())

    def history(self, ticket):
        return [(entry.action, entry.detail) for entry in ticket.history]

    # operations

    def open(self, requester, subject, body="", priority="normal", team=None, tags=(),
             parent=None, assign=True):
        require(requester, "ticket.create")
        ticket = Ticket(subject=subject, body=body, priority=priority, requester=requester,
                        team=team, tags=tags, parent=parent, created_at=self.clock.now())
        if ticket.team is None:
            ticket.team = self.route_team(ticket)
        self.plan(ticket)
        ticket.save()
        self.record(ticket, requester, "opened", ticket.priority)
        self.bus.emit("opened", ticket=ticket, actor=requester)
        if assign:
            self.auto_assign(ticket)
        return ticket

    def route_team(self, ticket):
        """The team with the most skills among the tags and the words of the subject."""
        words = set(ticket.tags) | set(re.findall(r"[a-z]+", ticket.subject.lower()))
        best, score = None, 0
        for team in Team.objects.all():
            hits = len(words & set(team.skills))
            if hits > score:
                best, score = team, hits
        return best

    def candidates(self, team):
        """The agents of a team that have room, the least busy first."""
        agents = [(agent.load(), agent.name, agent) for agent in team.agents()]
        return [agent for load, _, agent in sorted(agents, key=lambda one: one[:2])
                if load < agent.capacity]

    def auto_assign(self, ticket):
        if ticket.team is None or ticket.assignee is not None:
            return None
        found = self.candidates(ticket.team)
        if not found:
            self.record(ticket, None, "queued", ticket.team.name)
            return None
        return self.assign(ticket, found[0])

    def assign(self, ticket, assignee, actor=None):
        if actor is not None:
            require(actor, "ticket.assign", ticket)
        if assignee is not None and not assignee.is_staff:
            raise ServiceError("%s is no agent" % assignee.name)
        previous = ticket.assignee
        if previous == assignee:
            return ticket
        ticket.assignee = assignee
        if assignee is not None and assignee.team_id is not None:
            ticket.team = assignee.team
        if ticket.status == "new" and assignee is not None:
            ticket.status = "open"
        ticket.save()
        self.record(ticket, actor, "assigned", assignee.name if assignee else "nobody")
        self.bus.emit("assigned", ticket=ticket, actor=actor, previous=previous)
        return ticket

    def mentions(self, text):
        found = []
        for name in _MENTION.findall(text):
            user = self.find_user(name)
            if user is not None and user not in found:
                found.append(user)
        return found

    def comment(self, ticket, author, text, internal=False, minutes=0):
        require(author, "ticket.comment", ticket)
        if internal:
            require(author, "comment.internal")
        comment = Comment.objects.create(ticket=ticket, author=author, text=text,
                                         internal=internal, minutes=minutes,
                                         created_at=self.clock.now())
        mentioned = [user for user in self.mentions(text) if user.is_staff or not internal]
        for user in mentioned:
            self.watch(ticket, user)
        if author.is_staff and not internal and ticket.responded_at is None:
            ticket.responded_at = self.clock.now()
            ticket.save()
        if not author.is_staff and ticket.status in ("pending", "resolved"):
            self.transition(ticket, "open", author, check=False)
        self.record(ticket, author, "commented", "internal" if internal else "public")
        self.bus.emit("commented", ticket=ticket, actor=author, comment=comment,
                      mentioned=mentioned)
        return comment

    def watch(self, ticket, user):
        if user.email not in ticket.watchers:
            ticket.watchers = ticket.watchers + [user.email]
            ticket.save()

    def unwatch(self, ticket, user):
        ticket.watchers = [email for email in ticket.watchers if email != user.email]
        ticket.save()

    def transition(self, ticket, status, actor=None, check=True):
        if actor is not None and check:
            require(actor, "ticket.transition", ticket)
        if status not in TRANSITIONS[ticket.status]:
            raise TransitionError(ticket, status)
        previous, now = ticket.status, self.clock.now()
        if status in WAITING and previous not in WAITING:
            ticket.waiting_since = now
        elif previous in WAITING and status not in WAITING:
            self.resume(ticket, now)
        if status in ("resolved", "closed"):
            ticket.resolved_at = ticket.resolved_at or now
        else:
            ticket.resolved_at = None
        ticket.status = status
        ticket.save()
        self.record(ticket, actor, "transition", "%s -> %s" % (previous, status))
        self.bus.emit("transition", ticket=ticket, actor=actor, previous=previous)
        if status == "resolved":
            self.resolve_children(ticket, actor)
        return ticket

    def resume(self, ticket, now):
        """The clock of the service level did not run while the ticket was waiting."""
        if ticket.waiting_since is not None:
            ticket.paused = ticket.paused + self.calendar.between(ticket.waiting_since, now)
            ticket.waiting_since = None
            self.plan(ticket)

    def resolve_children(self, ticket, actor):
        for child in ticket.children.filter(status__in=ACTIVE):
            if "resolved" in TRANSITIONS[child.status]:
                self.transition(child, "resolved", actor, check=False)

    def edit(self, ticket, actor, **changes):
        """Change some fields; returns the names of those that are different now."""
        require(actor, "ticket.edit", ticket)
        changed = []
        for name, value in changes.items():
            if name not in ("subject", "body", "priority", "tags", "team"):
                raise ServiceError("%s cannot be edited" % name)
            before = getattr(ticket, name)
            if before == value:
                continue
            setattr(ticket, name, value)
            changed.append(name)
            self.record(ticket, actor, "edited", "%s: %s -> %s" % (name, before, value))
        if "priority" in changed:
            self.plan(ticket)
        if changed:
            ticket.save()
        return changed

    def merge(self, source, target, actor):
        """Put the comments and watchers of ``source`` into ``target`` and close it."""
        require(actor, "ticket.merge", source)
        if source.pk == target.pk or source.root().pk == target.pk:
            raise ServiceError("%s cannot be merged into %s" % (source.ref, target.ref))
        with Ticket.database.atomic():
            moved = source.comments.update(ticket=target)
            watchers = list(target.watchers)
            for email in source.audience():
                if email not in watchers and email != target.requester.email:
                    watchers.append(email)
            target.watchers = watchers
            target.tags = list(dict.fromkeys(target.tags + source.tags))
            target.save()
            source.parent = target
            source.status = "closed"
            source.resolved_at = self.clock.now()
            source.save()
            self.record(target, actor, "merged", "%s, %d comments" % (source.ref, moved))
            self.record(source, actor, "merged", "into %s" % target.ref)
        return target

    def escalate(self, ticket, actor=None):
        if actor is not None:
            require(actor, "ticket.escalate", ticket)
        if ticket.escalations >= MAX_ESCALATIONS:
            return False
        ticket.escalations += 1
        if ticket.rank < len(PRIORITIES) - 1:
            ticket.priority = PRIORITIES[ticket.rank + 1]
            self.plan(ticket)
        ticket.save()
        self.record(ticket, actor, "escalated", "level %d" % ticket.escalations)
        self.bus.emit("escalated", ticket=ticket, actor=actor, level=ticket.escalations)
        return True

    def sweep(self):
        """Escalate what is late; meant to be run every few minutes.  Returns these tickets."""
        now = self.clock.now()
        found = []
        for ticket in Ticket.objects.overdue(now).exclude(status__in=WAITING).order_by("due_at"):
            policy = self.policy(ticket.priority)
            grace = policy.escalate_after if policy else None
            if grace is None or self.calendar.between(ticket.due_at, now) < grace:
                continue
            if self.escalate(ticket):
                found.append(ticket)
        return found

    def close_stale(self, days=7):
        limit = self.clock.now() - timedelta(days=days)
        stale = Ticket.objects.filter(status="resolved", resolved_at__lte=limit)
        closed = []
        for ticket in stale:
            self.transition(ticket, "closed")
            closed.append(ticket.ref)
        return closed

    def bulk(self, tickets, actor, action, **values):
        """One operation on many tickets; returns those it worked for, and the errors of the rest."""
        require(actor, "ticket.bulk")
        operations = {
            "assign": lambda ticket: self.assign(ticket, values["assignee"], actor),
            "transition": lambda ticket: self.transition(ticket, values["status"], actor),
            "tag": lambda ticket: self.edit(ticket, actor,
                                            tags=ticket.tags + [values["tag"]]),
            "edit": lambda ticket: self.edit(ticket, actor, **values),
        }
        operation = operations[action]
        done, errors = [], {}
        with self.bus.muted():
            for ticket in tickets:
                try:
                    operation(ticket)
                except (ServiceError, ValidationError) as error:
                    errors[ticket.ref] = str(error)
                else:
                    done.append(ticket.ref)
        return done, errors

    def import_rows(self, rows, actor, default_priority="normal"):
        """Tickets from the rows of a table; unknown requesters become customers."""
        require(actor, "ticket.import")
        result = ImportResult()
        seen = set()
        known = {user.email: user for user in User.objects.all()}
        teams = {team.name.lower(): team for team in Team.objects.all()}
        for number, row in enumerate(rows, start=2):
            missing = [name for name in IMPORT_COLUMNS if not row.get(name)]
            if missing:
                result.errors[number] = "no " + ", ".join(missing)
                continue
            subject = row["subject"].strip()
            address = row["requester"].strip().lower()
            mark = (address, subject.lower())
            if mark in seen or Ticket.objects.filter(subject__iexact=subject,
                                                     requester__email=address).active().exists():
                result.skipped.append(subject)
                continue
            seen.add(mark)
            priority = (row.get("priority") or default_priority).strip().lower()
            if priority not in PRIORITIES:
                result.errors[number] = "unknown priority %s" % priority
                continue
            team = None
            if row.get("team"):
                team = teams.get(row["team"].strip().lower())
                if team is None:
                    result.errors[number] = "unknown team %s" % row["team"]
                    continue
            requester = known.get(address)
            if requester is None:
                name = address.partition("@")[0].replace(".", " ").title()
                try:
                    requester = User.objects.create(email=address, name=name,
                                                    created_at=self.clock.now())
                except ValidationError as error:
                    result.errors[number] = error.message
                    continue
                known[address] = requester
            tags = [tag.strip().lower() for tag in (row.get("tags") or "").split(";")]
            body = (row.get("body") or "").strip()
            with self.bus.muted():
                ticket = self.open(requester, subject, body, priority, team=team,
                                   tags=[tag for tag in tags if tag], assign=False)
            comments = [part.strip() for part in (row.get("comments") or "").split("|")]
            for text in filter(None, comments):
                Comment.objects.create(ticket=ticket, author=actor, text=text, internal=True,
                                       created_at=self.clock.now())
            result.created.append(ticket)
        for ticket in sorted(result.created, key=lambda one: (-one.rank, one.pk)):
            self.auto_assign(ticket)
        return result
