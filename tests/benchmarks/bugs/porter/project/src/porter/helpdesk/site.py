"""The web site of the helpdesk: forms, views and how it is put together."""
import math
from dataclasses import dataclass

from ..clock import Clock
from ..forms import (CheckBox, CsvUpload, DateInput, EmailField, Form, NumberField, SelectField,
                     TagsField, TextArea, TextField)
from ..orm import DoesNotExist, ValidationError
from ..templating import Environment
from ..web import (Application, BadRequest, Conflict, NotFound, Response, Router, Unauthorized,
                   redirect)
from ..web.app import Settings
from ..web.middleware import (CsrfMiddleware, RateLimitMiddleware, SessionMiddleware,
                              TrustedHostMiddleware, conditional_get, security_headers)
from ..web.sessions import SessionStore
from .models import PRIORITIES, STATUSES, Team, Ticket, User
from .pages import PAGES
from .permissions import has_permission, login_required, require, requires
from .reports import RENDERERS, ReportBuilder, ReportError
from .services import Mailer, QueryError, ServiceError, TicketService, TransitionError

router = Router()
api = Router()


@dataclass
class Services:
    clock: Clock
    tickets: TicketService
    mailer: Mailer


# forms

class LoginForm(Form):
    email = EmailField()
    password = TextField()
    next = TextField(required=False)


class TicketForm(Form):
    subject = TextField(max_length=120, min_length=5)
    body = TextArea(required=False, max_length=5000)
    priority = SelectField(PRIORITIES, initial="normal")
    tags = TagsField(required=False)

    def clean_subject(self, value):
        if value.isupper():
            value = value.capitalize()
        return value


class StaffTicketForm(TicketForm):
    requester = EmailField()
    team = SelectField(lambda: [(team.pk, team.name) for team in Team.objects.all()], coerce=int,
                       required=False)

    def clean_requester(self, value):
        user = User.objects.get_or_none(email=value)
        if user is None:
            raise ValidationError("nobody has this address")
        return user

    def clean_team(self, value):
        return Team.objects.get(pk=value) if value else None


class CommentForm(Form):
    text = TextArea(max_length=5000)
    internal = CheckBox()
    minutes = NumberField(required=False, minimum=0, maximum=480)
    status = SelectField(STATUSES, required=False)

    def clean(self):
        if self.cleaned.get("internal") and self.cleaned.get("status") == "resolved":
            raise ValidationError("tell the customer that it is solved", "text")


class ImportForm(Form):
    rows = CsvUpload(columns=("subject", "requester"))
    priority = SelectField(PRIORITIES, initial="normal", required=False)


class ReportForm(Form):
    since = DateInput(required=False)
    until = DateInput(required=False)
    team = TextField(required=False)
    format = SelectField(["text", "csv", "json"], required=False)

    def clean_team(self, value):
        if not value:
            return None
        team = Team.objects.get_or_none(name__iexact=value)
        if team is None:
            raise ValidationError("unknown team %s" % value)
        return team


# class-based views

class View:
    """One method for each verb."""
    verbs = ("get", "post", "put", "delete")

    def __init__(self, request, **kwargs):
        self.request = request
        self.kwargs = kwargs

    @classmethod
    def allowed_methods(cls):
        return [verb.upper() for verb in cls.verbs if hasattr(cls, verb)]

    @classmethod
    def as_view(cls):
        def view(request, **kwargs):
            instance = cls(request, **kwargs)
            return instance.dispatch()
        view.__name__ = cls.__name__
        return view

    @property
    def service(self) -> TicketService:
        return self.request.app.state["services"].tickets

    @property
    def user(self):
        return self.request.user

    def dispatch(self):
        handler = getattr(self, self.request.method.lower().replace("head", "get"))
        return handler(**self.kwargs)


class LoginRequiredMixin:
    permission = None

    def dispatch(self):
        def proceed(request):
            if self.permission is not None:
                require(request.user, self.permission)
            return super(LoginRequiredMixin, self).dispatch()
        return login_required(proceed)(self.request)


class TemplateMixin:
    template = None

    def context(self, **values):
        return values

    def render(self, status=200, **values):
        app = self.request.app
        context = {**app.template_context(self.request), **self.context(**values)}
        response = Response(app.state["templates"].render(self.template, context), status=status)
        response.context = context
        return response


@dataclass
class Page:
    items: list
    number: int
    pages: int
    total: int

    @property
    def next(self):
        return self.number + 1 if self.number < self.pages else None

    @property
    def previous(self):
        return self.number - 1 if self.number > 1 else None

    def as_dict(self):
        return {"page": self.number, "pages": self.pages, "total": self.total,
                "items": [item.as_dict() for item in self.items]}


class PaginationMixin:
    max_page_size = 50

    def page_size(self):
        return self.request.query.get_int("per_page", self.request.app.settings.page_size,
                                          minimum=1, maximum=self.max_page_size)

    def paginate(self, queryset):
        size = self.page_size()
        total = queryset.count()
        pages = max(1, math.ceil(total / size))
        number = self.request.query.get_int("page", 1, minimum=1, maximum=pages)
        items = queryset.limit(size, offset=(number - 1) * size)
        return Page(list(items), number, pages, total)


class TicketMixin:
    """Finds the ticket of the URL, once, and checks that the user may see it."""
    _ticket = None

    @property
    def ticket(self):
        if self._ticket is None:
            if "ref" in self.kwargs:
                prefix, number = self.kwargs["ref"]
                self._ticket = self.service.by_ref("%s-%d" % (prefix, number), self.user)
            else:
                self._ticket = self.service.get(self.kwargs["pk"], self.user)
        return self._ticket


class FormMixin(TemplateMixin):
    form_class = None
    template = "form"
    heading = ""

    def initial(self):
        return {}

    def get_form_class(self):
        return self.form_class

    def get_form(self, bound=False):
        cls = self.get_form_class()
        if bound:
            return cls(self.request.data(), self.request.files, initial=self.initial())
        return cls(initial=self.initial())

    def context(self, **values):
        values.setdefault("heading", self.heading)
        values.setdefault("csrf", self.request.session.get("csrf"))
        return super().context(**values)

    def get(self, **kwargs):
        return self.render(form=self.get_form())

    def post(self, **kwargs):
        form = self.get_form(bound=True)
        if form.is_valid():
            return self.form_valid(form)
        return self.form_invalid(form)

    def form_invalid(self, form):
        if self.request.wants_json():
            return Response.from_json({"errors": form.errors}, status=422)
        return self.render(status=422, form=form)


# pages

@router.route("/login/", name="login")
class LoginView(FormMixin, View):
    form_class = LoginForm
    heading = "Log in"

    def initial(self):
        return {"next": self.request.query.get("next", "/tickets/")}

    def form_valid(self, form):
        user = User.objects.get_or_none(email=form.cleaned["email"], active=True)
        if user is None or user.password != form.cleaned["password"]:
            form.add_error("password", "wrong address or password")
            return self.form_invalid(form)
        sessions = self.request.app.state["sessions"]
        sessions.rotate(self.request.session)
        self.request.session["user"] = user.pk
        self.request.session["csrf"] = sessions.sign(user.email.partition("@")[0])
        self.request.session.flash("Welcome, %s" % user.name)
        return redirect(form.cleaned["next"] or "/tickets/", status=303)


@router.route("/logout/", name="logout", methods=["POST"])
def logout(request):
    request.app.state["sessions"].drop(request.session)
    return redirect("/login/", status=303)


@router.route("/tickets/", name="tickets")
class TicketListView(LoginRequiredMixin, PaginationMixin, TemplateMixin, View):
    template = "ticket_list"
    permission = "ticket.view"

    def queryset(self):
        try:
            return self.service.search(self.request.query.get("q", ""), self.user)
        except QueryError as error:
            raise BadRequest(str(error)) from error

    def get(self):
        page = self.paginate(self.queryset().select_related("assignee"))
        if self.request.wants_json():
            return Response.from_json(page)
        return self.render(page=page)


@router.route("/tickets/new/", name="new_ticket")
class NewTicketView(LoginRequiredMixin, FormMixin, View):
    permission = "ticket.create"
    heading = "New ticket"

    def get_form_class(self):
        return StaffTicketForm if self.user.is_staff else TicketForm

    def form_valid(self, form):
        values = dict(form.cleaned)
        requester = values.pop("requester", self.user)
        ticket = self.service.open(requester, **values)
        self.request.session.flash("%s was opened" % ticket.ref)
        if self.request.wants_json():
            return ticket.as_dict(), 201
        return redirect(self.request.app.url_for("ticket", pk=ticket.pk), status=303)


@router.route("/tickets/<int:pk>/", name="ticket")
class TicketView(LoginRequiredMixin, TicketMixin, FormMixin, View):
    form_class = CommentForm
    template = "ticket"
    staff_fields = ("internal", "minutes", "status")

    def get_form(self, bound=False):
        form = super().get_form(bound)
        if not self.user.is_staff:
            for name in self.staff_fields:
                form.fields.pop(name, None)
        return form

    def context(self, **values):
        comments = self.ticket.comments if self.user.is_staff else self.ticket.public_comments()
        return super().context(ticket=self.ticket, comments=comments.select_related("author"),
                               left=self.service.time_left(self.ticket), **values)

    def form_valid(self, form):
        values = form.cleaned
        with Ticket.database.atomic():
            self.service.comment(self.ticket, self.user, values["text"],
                                 values.get("internal", False), values.get("minutes") or 0)
            if values.get("status"):
                self.service.transition(self.ticket, values["status"], self.user)
        return redirect(self.request.path, status=303)


@router.route("/t/<ref:ref>", name="ticket_by_ref")
class TicketByRefView(LoginRequiredMixin, TicketMixin, View):
    def get(self, ref):
        return redirect(self.request.app.url_for("ticket", pk=self.ticket.pk), status=301)


@router.route("/tickets/<int:pk>/edit/", name="edit_ticket")
class EditTicketView(LoginRequiredMixin, TicketMixin, FormMixin, View):
    form_class = TicketForm
    permission = "ticket.edit"
    heading = "Edit"

    def initial(self):
        return {name: getattr(self.ticket, name) for name in self.form_class.declared}

    def form_valid(self, form):
        changes = {name: form.cleaned[name] for name in form.changed()}
        changed = self.service.edit(self.ticket, self.user, **changes)
        if self.request.wants_json():
            return {"changed": changed}
        return redirect(self.request.app.url_for("ticket", pk=self.ticket.pk), status=303)


@router.route("/import/", name="import")
class ImportView(LoginRequiredMixin, FormMixin, View):
    form_class = ImportForm
    permission = "ticket.import"
    heading = "Import"

    def form_valid(self, form):
        result = self.service.import_rows(form.cleaned["rows"], self.user,
                                          form.cleaned["priority"] or "normal")
        return {"summary": result.summary(), "errors": result.errors,
                "created": [ticket.ref for ticket in result.created]}


@router.route("/reports/<slug:name>", name="report")
@requires("report.view")
def report_view(request, name):
    form = ReportForm(request.query, initial={"format": "text"})
    if not form.is_valid():
        raise BadRequest("; ".join(form.error_list()))
    values = form.cleaned
    builder = ReportBuilder(request.app.state["services"].tickets, values["since"],
                            values["until"], values["team"])
    table = builder.build(name)
    kind = values["format"] or "text"
    content = RENDERERS[kind](table)
    if kind == "csv":
        require(request.user, "report.export")
        return Response.attachment(content, "%s.csv" % name)
    if kind == "text":
        return Response(content, content_type="text/plain")
    return content


# the programming interface

@api.route("/session/", name="session")
def session_info(request):
    user = request.user
    return {"user": user.email if user else None, "csrf": request.session.get("csrf")}


@api.route("/tickets/<int:pk>/transition", name="transition", methods=["POST"])
@requires("ticket.transition")
def transition(request, pk):
    service = request.app.state["services"].tickets
    ticket = service.get(pk, request.user)
    service.transition(ticket, request.data().get("status", ""), request.user)
    return ticket.as_dict()


@api.route("/tickets/<int:pk>/history", name="history")
@login_required
def history(request, pk):
    service = request.app.state["services"].tickets
    return {"history": service.history(service.get(pk, request.user))}


@api.route("/bulk", name="bulk", methods=["POST"])
@requires("ticket.bulk")
def bulk(request):
    service = request.app.state["services"].tickets
    data = request.data()
    tickets = service.search(data.get("q", ""), request.user)
    values = {}
    action = data.get("action", "")
    if action == "assign":
        values["assignee"] = service.find_user(data.get("assignee", ""))
    elif action == "transition":
        values["status"] = data.get("status")
    elif action == "tag":
        values["tag"] = data.get("tag")
    else:
        raise BadRequest("unknown action %r" % action)
    done, errors = service.bulk(tickets, request.user, action, **values)
    return {"done": done, "errors": errors}


# putting it together

def load_user(request):
    pk = request.session.get("user")
    request.user = User.objects.get_or_none(pk=pk, active=True) if pk else None


def page_context(request):
    return {"user": request.user, "messages": request.session.take_messages(),
            "may": lambda permission: has_permission(request.user, permission)}


def build_services(clock=None):
    clock = clock or Clock()
    tickets = TicketService(clock)
    return Services(clock, tickets, Mailer(tickets.bus))


def build_app(services=None, **settings):
    services = services or build_services()
    app = Application(Settings(**settings), Router())
    app.state["services"] = services
    app.state["clock"] = services.clock
    app.state["sessions"] = SessionStore(app.settings.secret, services.clock,
                                         app.settings.session_lifetime)
    app.state["templates"] = Environment(PAGES)
    app.mount("", router)
    app.mount("/api", api, namespace="api")
    app.add_middleware(security_headers)
    app.add_middleware(TrustedHostMiddleware)
    app.add_middleware(conditional_get)
    app.add_middleware(RateLimitMiddleware)
    app.add_middleware(SessionMiddleware)
    app.add_middleware(CsrfMiddleware)
    app.before_request(load_user)
    app.context_processor(page_context)
    app.error_handler(DoesNotExist)(lambda request, error: Response.from_error(
        NotFound(str(error)), request.wants_json()))
    app.error_handler(TransitionError)(lambda request, error: Response.from_error(
        Conflict(str(error)), request.wants_json()))
    app.error_handler(ServiceError)(lambda request, error: Response.from_error(
        BadRequest(str(error)), request.wants_json()))
    app.error_handler(ReportError)(lambda request, error: Response.from_error(
        NotFound(str(error)), request.wants_json()))
    return app
