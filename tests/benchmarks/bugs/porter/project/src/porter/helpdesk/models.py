"""What the helpdesk stores."""
from datetime import timedelta

from ..forms import EMAIL
from ..orm import (BooleanField, CharField, ChoiceField, DateTimeField, DurationField, ForeignKey,
                   IntegerField, ListField, Manager, Model, Q, QuerySet, ValidationError)

STATUSES = ["new", "open", "pending", "on_hold", "resolved", "closed"]
ACTIVE = ("new", "open", "pending", "on_hold")
WAITING = ("pending", "on_hold")
PRIORITIES = ["low", "normal", "high", "urgent"]
PRIORITY_WEIGHT = {"low": 1, "normal": 2, "high": 4, "urgent": 8}
ROLES = ["customer", "agent", "lead", "admin"]
TRANSITIONS = {
    "new": ("open", "resolved", "closed"),
    "open": ("pending", "on_hold", "resolved"),
    "pending": ("open", "resolved", "closed"),
    "on_hold": ("open", "resolved"),
    "resolved": ("open", "closed"),
    "closed": (),
}


def validate_email(value):
    if not EMAIL.match(value):
        raise ValidationError("%s is not an e-mail address" % value, "email")


class Stamped(Model, abstract=True):
    created_at = DateTimeField(null=True)


class Team(Model):
    name = CharField(max_length=40, unique=True)
    skills = ListField()
    email = CharField(null=True, validators=[validate_email])

    class Meta:
        ordering = ("name",)

    def agents(self):
        return self.members.filter(role__in=["agent", "lead"], active=True)

    def __str__(self):
        return self.name


class User(Stamped):
    email = CharField(unique=True, validators=[validate_email])
    name = CharField()
    role = ChoiceField(ROLES, default="customer")
    team = ForeignKey("Team", related_name="members", null=True, on_delete="null")
    active = BooleanField(default=True)
    password = CharField(default="secret")
    capacity = IntegerField(default=5)
    grants = ListField()

    class Meta:
        ordering = ("name",)

    @property
    def is_staff(self):
        return self.role != "customer"

    @property
    def initials(self):
        return "".join(part[0] for part in self.name.split()[:2]).upper()

    def open_tickets(self):
        return self.assigned.filter(status__in=ACTIVE)

    def load(self):
        """How much work the user has: the weights of the tickets that can be worked on."""
        tickets = self.open_tickets().exclude(status__in=WAITING)
        return sum(ticket.weight for ticket in tickets)

    def __str__(self):
        return self.name


class SlaPolicy(Model):
    """How soon an answer and a solution are promised, in working hours."""
    priority = ChoiceField(PRIORITIES, unique=True)
    first_response = DurationField()
    resolution = DurationField()
    escalate_after = DurationField(null=True)

    class Meta:
        table = "sla_policies"


class TicketQuerySet(QuerySet):
    def active(self):
        return self.filter(status__in=ACTIVE)

    def unassigned(self):
        return self.active().filter(assignee__isnull=True)

    def visible_to(self, user):
        """Customers see their own tickets, agents those of their team, leads everything."""
        if user.role in ("lead", "admin"):
            return self.all()
        if user.role == "agent":
            return self.filter(Q(team=user.team) | Q(assignee=user) | Q(team__isnull=True))
        return self.filter(Q(requester=user) | Q(watchers__contains=user.email))

    def overdue(self, moment):
        return self.active().filter(due_at__lt=moment)

    def with_tag(self, tag):
        return self.filter(tags__contains=tag)

    def opened_between(self, start, stop):
        return self.filter(created_at__gte=start, created_at__lt=stop)


class TicketManager(Manager):
    def get_queryset(self):
        return TicketQuerySet(self.model)


class Ticket(Stamped):
    subject = CharField(max_length=120)
    body = CharField(max_length=5000, null=True)
    status = ChoiceField(STATUSES, default="new")
    priority = ChoiceField(PRIORITIES, default="normal")
    requester = ForeignKey("User", related_name="requested")
    assignee = ForeignKey("User", related_name="assigned", null=True, on_delete="null")
    team = ForeignKey("Team", related_name="tickets", null=True, on_delete="null")
    parent = ForeignKey("Ticket", related_name="children", null=True, on_delete="null")
    tags = ListField()
    watchers = ListField()
    due_at = DateTimeField(null=True)
    respond_by = DateTimeField(null=True)
    responded_at = DateTimeField(null=True)
    resolved_at = DateTimeField(null=True)
    waiting_since = DateTimeField(null=True)
    paused = DurationField(default=timedelta(0))
    escalations = IntegerField(default=0)

    objects = TicketManager()

    class Meta:
        ordering = ("-created_at", "pk")

    @property
    def ref(self):
        return "HD-%04d" % self.pk

    @property
    def weight(self):
        return PRIORITY_WEIGHT[self.priority]

    @property
    def rank(self):
        return PRIORITIES.index(self.priority)

    @property
    def is_active(self):
        return self.status in ACTIVE

    def root(self):
        ticket = self
        while ticket.parent is not None:
            ticket = ticket.parent
        return ticket

    def audience(self):
        """E-mail addresses of everybody who follows the ticket, each once."""
        found = [self.requester.email]
        if self.assignee is not None:
            found.append(self.assignee.email)
        found.extend(self.watchers)
        return list(dict.fromkeys(found))

    def public_comments(self):
        return self.comments.filter(internal=False)

    def age(self, moment):
        return (self.resolved_at or moment) - self.created_at

    def clean(self):
        if self.status in ("resolved", "closed") and self.resolved_at is None:
            raise ValidationError("a resolved ticket needs the time of its resolution", "status")

    def as_dict(self):
        content = super().as_dict()
        content["ref"] = self.ref
        content["requester"] = self.requester.email
        content["assignee"] = self.assignee.email if self.assignee else None
        content["team"] = self.team.name if self.team else None
        return content

    def __str__(self):
        return "%s %s" % (self.ref, self.subject)


class Comment(Stamped):
    ticket = ForeignKey("Ticket", related_name="comments", on_delete="cascade")
    author = ForeignKey("User", related_name="comments")
    text = CharField(max_length=5000)
    internal = BooleanField()
    minutes = IntegerField(default=0)

    class Meta:
        ordering = ("created_at", "pk")


class AuditEntry(Stamped):
    ticket = ForeignKey("Ticket", related_name="history", on_delete="cascade")
    actor = ForeignKey("User", null=True, on_delete="null")
    action = CharField()
    detail = CharField(default="-")

    class Meta:
        table = "audit"
        ordering = ("pk",)


class SavedSearch(Model):
    owner = ForeignKey("User", related_name="searches", on_delete="cascade")
    name = CharField(max_length=40)
    query = CharField()
    shared = BooleanField()
