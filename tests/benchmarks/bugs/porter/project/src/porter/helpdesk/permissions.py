"""Who may do what: permissions of roles, rules for single tickets, and decorators for views."""
import functools

from ..web import Forbidden, Unauthorized, redirect

ROLE_PERMISSIONS = {
    "customer": {"ticket.view", "ticket.create", "ticket.comment"},
    "agent": {"ticket.assign", "ticket.edit", "ticket.transition", "comment.internal",
              "report.view"},
    "lead": {"ticket.merge", "ticket.bulk", "report.export", "ticket.import", "ticket.escalate"},
    "admin": {"user.manage", "sla.manage"},
}
ROLE_PARENT = {"admin": "lead", "lead": "agent", "agent": "customer", "customer": None}

RULES = {}


def rule(permission):
    """Register a further condition for a permission on one ticket."""
    def register(function):
        RULES.setdefault(permission, []).append(function)
        return function
    return register


def permissions_of(role):
    found = set()
    while role is not None:
        found |= ROLE_PERMISSIONS[role]
        role = ROLE_PARENT[role]
    return found


def has_permission(user, permission, ticket=None):
    if user is None or not user.active:
        return False
    if permission not in permissions_of(user.role) and permission not in user.grants:
        return False
    if ticket is not None:
        return all(check(user, ticket) for check in RULES.get(permission, ()))
    return True


def require(user, permission, ticket=None):
    if not has_permission(user, permission, ticket):
        raise Forbidden("%s may not %s" % (user.name if user else "nobody", permission))


def _is_near(user, ticket):
    if user.role in ("lead", "admin"):
        return True
    return ticket.team_id is None or ticket.team_id == user.team_id or ticket.assignee_id == user.pk


@rule("ticket.view")
def sees_ticket(user, ticket):
    if user.is_staff:
        return _is_near(user, ticket)
    return ticket.requester_id == user.pk or user.email in ticket.watchers


@rule("ticket.comment")
def may_comment(user, ticket):
    return ticket.status != "closed" and sees_ticket(user, ticket)


@rule("ticket.edit")
@rule("ticket.transition")
@rule("ticket.assign")
def works_on_ticket(user, ticket):
    return _is_near(user, ticket)


def login_required(view):
    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        if request.user is None:
            if request.wants_json() or request.path.startswith("/api"):
                raise Unauthorized("please log in")
            return redirect(request.app.settings.login_url + "?next=" + request.path)
        return view(request, *args, **kwargs)
    return wrapped


def requires(permission):
    def decorate(view):
        @login_required
        @functools.wraps(view)
        def wrapped(request, *args, **kwargs):
            require(request.user, permission)
            return view(request, *args, **kwargs)
        wrapped.permission = permission
        return wrapped
    return decorate
