"""The templates of the helpdesk."""

PAGES = {
    "base": """<!doctype html>
<title>{% block title %}Helpdesk{% endblock %}</title>
<nav>{% if user %}{{ user.name }} ({{ user.initials }}){% else %}<a href="{{ url_for("login") }}">Log in</a>{% endif %}</nav>
{% for message in messages %}
<div class="{{ message.level }}">{{ message.text }}</div>
{% endfor %}
{% block body %}{% endblock %}
""",
    "ticket_list": """{% extends "base" %}
{% block title %}Tickets{% endblock %}
{% block body %}
<h1>{{ page.total }} ticket{{ page.total|pluralize }}</h1>
<table>
{% for ticket in page.items %}
{% include "ticket_row" %}
{% empty %}
<tr><td>nothing here</td></tr>
{% endfor %}
</table>
{% if page.previous %}<a rel="prev" href="{{ request.with_query(page: page.previous) }}">previous</a>{% endif %}
page {{ page.number }} of {{ page.pages }}
{% if page.next %}<a rel="next" href="{{ request.with_query(page: page.next) }}">next</a>{% endif %}
{% endblock %}
""",
    "ticket_row": """<tr class="{{ ticket.priority }}"><td><a href="{{ url_for("ticket", pk: ticket.pk) }}">{{ ticket.ref }}</a></td>\
<td>{{ ticket.subject|truncate:40 }}</td><td>{{ ticket.status|title }}</td>\
<td>{{ ticket.assignee.initials|default:"-" }}</td><td>{{ ticket.due_at|date }}</td></tr>
""",
    "ticket": """{% extends "base" %}
{% block title %}{{ ticket.ref }}: {{ ticket.subject }}{% endblock %}
{% block body %}
<h1>{{ ticket.subject }}</h1>
<p>{{ ticket.status|title }}, {{ ticket.priority }}, {{ ticket.assignee.name|default:"unassigned" }}</p>
{% if left %}<p class="sla">{{ left|duration }} left</p>{% endif %}
{{ ticket.body|default:""|linebreaks }}
{% for comment in comments %}
<article><b>{{ comment.author.name }}</b> {{ comment.created_at|date }}{{ comment.text|linebreaks }}</article>
{% endfor %}
{% if form %}<form method="post">{{ form.render|safe }}<button>Save</button></form>{% endif %}
{% endblock %}
""",
    "form": """{% extends "base" %}
{% block body %}
<h1>{{ heading }}</h1>
<form method="post">{{ form.render|safe }}<input type="hidden" name="csrf_token" value="{{ csrf|default:"" }}"><button>Send</button></form>
{% endblock %}
""",
    "digest": """{% macro line(ticket) %}{{ ticket.ref|pad:8 }} {{ ticket.subject|truncate:30|pad:30 }} {{ ticket.due_at|date }}{% endmacro %}
Good morning, {{ user.name }}!
{% for status, tickets in groups %}

{{ status|title }} ({{ tickets|length }})
{% for ticket in tickets %}
  {{ line(ticket) }}
{% endfor %}
{% empty %}
Nothing to do.
{% endfor %}
""",
}
