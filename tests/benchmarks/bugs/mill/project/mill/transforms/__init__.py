"""Transforms: the steps of a job.

A transform is a function(table, step, context) that gives a new table. It is registered with the settings that it
needs and those that it allows; apply_step() looks it up by step["do"], checks the settings and calls it.
The context is the dictionary that engine.Runner makes: tables, vars, settings, notes and the cache.
"""

from ..errors import StepError

TRANSFORMS = {}

COMMON = ("do", "name", "when", "comment", "into", "from", "expect")


def transform(name, needs=(), allows=(), lists=()):
    """lists: settings that may be given as one text 'a, b' and that the function sees as a list."""
    def register(func):
        TRANSFORMS[name] = {
            "func": func,
            "needs": tuple(needs),
            "allows": tuple(allows),
            "lists": tuple(lists),
            "doc": (func.__doc__ or "").strip().split("\n")[0],
        }
        return func
    return register


def as_list(value):
    if value is None:
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value)


def check_step(step):
    """Raises StepError for a step that cannot work whatever the data is."""
    kind = step.get("do")
    if kind not in TRANSFORMS:
        raise StepError("there is no transform %r" % kind, step.get("name"))
    entry = TRANSFORMS[kind]
    missing = [key for key in entry["needs"] if key not in step]
    if missing:
        raise StepError("needs %s" % ", ".join(missing), step.get("name") or kind)
    known = set(COMMON) | set(entry["needs"]) | set(entry["allows"])
    unknown = sorted(set(step) - known)
    if unknown:
        raise StepError("does not know %s" % ", ".join(unknown), step.get("name") or kind)
    return entry


def apply_step(table, step, context):
    entry = check_step(step)
    if entry["lists"]:
        step = dict(step)
        for key in entry["lists"]:
            if key in step:
                step[key] = as_list(step[key])
    return entry["func"](table, step, context)


from . import basic, combine  # noqa: E402,F401  (they fill the registry)
