"""Job files: TOML or JSON, checked and completed before anything runs.

load_job() gives a dictionary with name, base, settings, vars, sources, schemas, pipelines, outputs and report; the
pipelines are in an order in which each one finds the tables that it needs.
"""

import datetime
import json
import os
import re
import tomllib

from .errors import JobError
from .expr import compile_expr, names_in
from .transforms import as_list, check_step
from .values import cast_value, merge, parse_date

SECTIONS = ("job", "vars", "sources", "schemas", "pipelines", "outputs", "report", "include", "profiles")

SETTING_TYPES = {
    "today": "date",
    "zone": "str",
    "strict": "bool",
    "currency": "str",
    "max_notes": "int",
    "out": "str",
    "base": "str",
    "tolerance": "decimal",
    "stop_after": "int",
}

DEFAULT_SETTINGS = {
    "zone": "UTC",
    "strict": True,
    "currency": "EUR",
    "max_notes": 20,
    "out": "out",
    "tolerance": 0,
    "today": "2024-01-01",
}

_REF = re.compile(r"\$\{(\w+)(?:\|([^}]*))?\}")


def parse_file(path):
    if not os.path.exists(path):
        raise JobError("there is no job file %s" % path)
    with open(path, "rb") as stream:
        data = stream.read()
    try:
        if path.endswith(".json"):
            return json.loads(data.decode("utf-8"))
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, tomllib.TOMLDecodeError) as error:
        raise JobError("%s: %s" % (path, error))


def read_with_includes(path, seen=()):
    """The sections of a file over those of the files that it includes."""
    full = os.path.abspath(path)
    if full in seen:
        raise JobError("%s includes itself" % path)
    raw = parse_file(path)
    merged = {}
    for name in as_list(raw.pop("include", None)):
        part = read_with_includes(os.path.join(os.path.dirname(path), name), seen + (full,))
        merged = merge(merged, part)
    return merge(merged, raw)


def substitute(data, variables, missing=None):
    """${name} and ${name|default} in every text of a structure. A text that is only one reference keeps the type."""
    if isinstance(data, dict):
        return {key: substitute(value, variables, missing) for key, value in data.items()}
    if isinstance(data, list):
        return [substitute(item, variables, missing) for item in data]
    if not isinstance(data, str):
        return data
    whole = _REF.fullmatch(data)
    if whole:
        name, default = whole.groups()
        if name in variables:
            return variables[name]
        if default is not None:
            return default

    def put(match):
        name, default = match.groups()
        if name in variables:
            return str(variables[name])
        if default is not None:
            return default
        if missing is not None:
            missing.append(name)
        return match.group(0)
    return _REF.sub(put, data)


def parse_assignment(text):
    """('name', value) from 'name=value' of the command line; numbers, truth values and dates get their type."""
    name, found, value = text.partition("=")
    if not found or not name.strip():
        raise JobError("expected name=value, not %r" % text)
    value = value.strip()
    if re.fullmatch(r"-?\d+", value):
        return name.strip(), int(value)
    if re.fullmatch(r"-?\d+\.\d+", value):
        return name.strip(), cast_value(value, "decimal")
    if value in ("true", "false"):
        return name.strip(), value == "true"
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return name.strip(), parse_date(value)
    return name.strip(), value


def load_settings(section, overrides):
    settings = dict(DEFAULT_SETTINGS)
    settings.update({key: value for key, value in section.items() if key in SETTING_TYPES})
    settings.update({key: value for key, value in overrides.items() if key in SETTING_TYPES})
    for key, value in settings.items():
        try:
            settings[key] = cast_value(value, SETTING_TYPES[key])
        except ValueError as error:
            raise JobError("setting %s: %s" % (key, error))
    return settings


def needed_tables(pipeline):
    """Names of the tables that a pipeline reads."""
    names = as_list(pipeline["from"])
    for step in pipeline["steps"]:
        for name in as_list(step.get("with")) if step["do"] in ("join", "lookup", "union", "compare") else ():
            if name not in names:
                names.append(name)
    return names


def made_tables(pipeline):
    names = [pipeline["name"]]
    for step in pipeline["steps"]:
        for key in ("into", "rest_into"):
            if step.get(key):
                names.append(step[key])
    return names


def order_pipelines(pipelines, sources, references):
    """Pipelines sorted so that tables are made before they are read."""
    makers = {}
    for pipeline in pipelines:
        for name in made_tables(pipeline):
            if name in makers and makers[name] is not pipeline:
                raise JobError("table %s is made by %s and by %s" % (name, makers[name]["name"], pipeline["name"]))
            makers[name] = pipeline
    done = []
    state = {}

    def visit(pipeline, trail):
        name = pipeline["name"]
        if state.get(name) == "done":
            return
        if state.get(name) == "open":
            raise JobError("pipelines wait for each other: %s" % " -> ".join(trail + [name]))
        state[name] = "open"
        wanted = needed_tables(pipeline) + references.get(pipeline.get("schema"), [])
        for table_name in wanted:
            maker = makers.get(table_name)
            if maker is pipeline:
                continue
            if maker is not None:
                visit(maker, trail + [name])
            elif table_name not in sources:
                raise JobError("pipeline %s needs table %s, which nobody makes" % (name, table_name))
        state[name] = "done"
        done.append(pipeline)

    for pipeline in pipelines:
        visit(pipeline, [])
    return done


def load_job(path, overrides=None, profile=None):
    overrides = overrides or {}
    raw = read_with_includes(path)
    unknown = sorted(set(raw) - set(SECTIONS))
    if unknown:
        raise JobError("%s: unknown sections %s" % (path, ", ".join(unknown)))
    if profile:
        if profile not in raw.get("profiles", {}):
            raise JobError("%s has no profile %s" % (path, profile))
        raw = merge(raw, raw["profiles"][profile])
    head = raw.get("job", {})
    settings = load_settings(head, overrides)
    variables = dict(raw.get("vars", {}))
    for key, value in overrides.items():
        if key not in SETTING_TYPES:
            variables[key] = value
    variables.setdefault("today", settings["today"])
    missing = []
    variables = substitute(variables, variables, missing)
    body = {}
    for key in ("sources", "schemas", "pipelines", "outputs", "report"):
        body[key] = substitute(raw.get(key, {} if key in ("sources", "schemas", "report") else []), variables, missing)
    if missing:
        raise JobError("%s: no value for %s" % (path, ", ".join(sorted(set(missing)))))
    references = {}
    for name, schema in body["schemas"].items():
        references[name] = [target.partition(".")[0] for target in schema.get("references", {}).values()]
    pipelines = []
    for number, pipeline in enumerate(body["pipelines"], 1):
        pipeline = dict(pipeline)
        pipeline.setdefault("name", "pipeline%d" % number)
        if "from" not in pipeline:
            raise JobError("pipeline %s has no 'from'" % pipeline["name"])
        steps = []
        for position, step in enumerate(pipeline.get("steps", ()), 1):
            step = dict(step)
            if "do" not in step:
                raise JobError("pipeline %s: step %d has no 'do'" % (pipeline["name"], position))
            step.setdefault("name", "%s.%d" % (pipeline["name"], position))
            check_step(step)
            if isinstance(step.get("when"), str):
                compile_expr(step["when"])
            steps.append(step)
        pipeline["steps"] = steps
        if pipeline.get("schema") and pipeline["schema"] not in body["schemas"]:
            raise JobError("pipeline %s: no schema %s" % (pipeline["name"], pipeline["schema"]))
        pipelines.append(pipeline)
    for output in body["outputs"]:
        if "table" not in output:
            raise JobError("an output has no 'table'")
    base = settings.get("base") or os.path.dirname(os.path.dirname(os.path.abspath(path)))
    return {
        "name": head.get("name") or os.path.splitext(os.path.basename(path))[0],
        "title": head.get("title", ""),
        "path": path,
        "base": base,
        "settings": settings,
        "vars": variables,
        "sources": body["sources"],
        "schemas": body["schemas"],
        "pipelines": order_pipelines(pipelines, body["sources"], references),
        "outputs": body["outputs"],
        "report": body["report"],
    }


def describe_job(job):
    """Lines about what a job would do."""
    lines = ["job %s%s" % (job["name"], " - " + job["title"] if job["title"] else "")]
    for name in sorted(job["sources"]):
        source = job["sources"][name]
        lines.append("  source %s: %s" % (name, source.get("path", "inline")))
    for pipeline in job["pipelines"]:
        lines.append("  pipeline %s from %s" % (pipeline["name"], ", ".join(as_list(pipeline["from"]))))
        for step in pipeline["steps"]:
            words = [step["do"]]
            if step["do"] == "filter":
                words.append("reads " + ", ".join(names_in(compile_expr(step["where"]))))
            elif step["do"] == "derive":
                words.append("makes " + ", ".join(step["columns"]))
            elif step.get("with"):
                words.append("with " + ", ".join(as_list(step["with"])))
            lines.append("    %s: %s" % (step["name"], " ".join(words)))
    for output in job["outputs"]:
        lines.append("  output %s -> %s" % (output["table"], output.get("path", "screen")))
    return lines


def is_due(job, day):
    """Whether a job with 'every' in its vars (day, monday..sunday, month-end) is to run on a day."""
    every = job["vars"].get("every", "day")
    if every == "day":
        return True
    if every == "month-end":
        return (day + datetime.timedelta(days=1)).month != day.month
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    if every not in names:
        raise JobError("vars.every is %r" % every)
    return names[day.weekday()] == every
