"""The engine: runs the pipelines of a loaded job and keeps the books about it."""

import contextlib
import os

from .errors import JobError, MillError, SchemaError, StepError
from .expr import compile_expr, make_env, truth, walk
from .readers import read_source
from .schema import check_table, compile_schema, count_findings, worst
from .table import Table, concat
from .transforms import apply_step, as_list
from .values import format_plain, parse_decimal
from .writers import render_table, write_table

EVENTS = ("start", "source", "schema", "step", "table", "output", "finish", "error")


class Runner:
    """One run of one job.

    tables: everything read or made so far. ledger: a dictionary for each step that ran (pipeline, step, do, before,
    after). findings: {pipeline: [finding]}. Listeners are called with (event, dictionary).
    """

    def __init__(self, job, dry=False, listeners=None):
        self.job = job
        self.settings = job["settings"]
        self.variables = dict(job["vars"])
        self.dry = dry
        self.tables = {}
        self.ledger = []
        self.findings = {}
        self.notes = []
        self.written = []
        self.failed = None
        self._schemas = {}
        self._listeners = {event: [] for event in EVENTS}
        self._stack = []
        for event, func in (listeners or {}).items():
            self.on(event, func)

    # -- listeners

    def on(self, event, func):
        if event not in self._listeners:
            raise JobError("there is no event %s" % event)
        self._listeners[event].append(func)
        return func

    def emit(self, event, **details):
        details["job"] = self.job["name"]
        for func in self._listeners[event]:
            func(event, details)

    # -- state

    @property
    def context(self):
        """What transforms may see; changes of vars and tables by a transform last."""
        return {
            "tables": self.tables,
            "vars": self.variables,
            "settings": self.settings,
            "findings": self.findings,
            "pipeline": self._stack[-1] if self._stack else None,
        }

    @property
    def where(self):
        return "/".join(self._stack)

    @contextlib.contextmanager
    def inside(self, name):
        self._stack.append(name)
        try:
            yield
        finally:
            self._stack.pop()

    def remember(self, table, name):
        table.name = name
        self.tables[name] = table
        self.collect_notes(table, name)
        self.emit("table", table=name, rows=len(table))
        return table

    def collect_notes(self, table, name):
        for text in table.notes:
            entry = (name, text)
            if entry not in self.notes:
                self.notes.append(entry)

    def table(self, name):
        if name not in self.tables:
            if name not in self.job["sources"]:
                raise JobError("there is no table %s" % name)
            self.read(name)
        return self.tables[name]

    def schema(self, name):
        if name not in self._schemas:
            library = self.job["schemas"]
            self._schemas[name] = compile_schema(library[name], name, library)
        return self._schemas[name]

    # -- the phases

    def read(self, name):
        spec = self.job["sources"][name]
        with self.inside(name):
            table = read_source(spec, self.job["base"], name)
            self.emit("source", source=name, rows=len(table), origin=table.origin)
            if spec.get("schema"):
                table = self.check(table, spec["schema"], name)
            return self.remember(table, name)

    def check(self, table, schema_name, owner):
        """Checks a table and keeps the findings under the name of its owner."""
        schema = self.schema(schema_name)
        tables = {}
        for _, target, _ in schema["references"]:
            tables[target] = self.table(target)
        checked, findings = check_table(table, schema, self.context, tables)
        self.findings.setdefault(owner, []).extend(findings)
        self.emit("schema", schema=schema_name, findings=len(findings), worst=worst(findings))
        return checked

    def gather(self, pipeline):
        names = as_list(pipeline["from"])
        tables = [self.table(name) for name in names]
        if len(tables) == 1:
            table = tables[0].like(list(tables[0].rows))
        else:
            table = concat(tables, pipeline["name"])
        table.name = pipeline["name"]
        table.notes = []
        return table

    def applies(self, step, table):
        """Whether the 'when' of a step is true; it sees vars, settings and the number of rows."""
        when = step.get("when")
        if when is None:
            return True
        if isinstance(when, bool):
            return when
        row = {"rows": len(table), "empty": table.empty, "has": list(table.columns)}
        return truth(walk(compile_expr(when), make_env(row, self.variables, self.settings, strict=False)))

    def run_step(self, table, step, pipeline):
        if not self.applies(step, table):
            self.book(pipeline, step, len(table), None)
            return table
        for name in as_list(step.get("with")) if step["do"] in ("join", "lookup", "union", "compare") else ():
            self.table(name)
        before = len(table)
        source = self.table(step["from"]) if step.get("from") else table
        result = apply_step(source, step, self.context)
        self.expect(result, step)
        self.book(pipeline, step, before, len(result))
        if step.get("into"):
            self.remember(result, step["into"])
            return table
        return result

    def expect(self, table, step):
        """'expect' of a step: {rows = 3}, {min_rows = 1}, {columns = [...]}."""
        wanted = step.get("expect")
        if not wanted:
            return
        if "rows" in wanted and len(table) != wanted["rows"]:
            raise StepError("%d rows, expected %d" % (len(table), wanted["rows"]), step["name"])
        if len(table) < wanted.get("min_rows", 0):
            raise StepError("%d rows, expected at least %d" % (len(table), wanted["min_rows"]), step["name"])
        for column in wanted.get("columns", ()):
            if column not in table.columns:
                raise StepError("expected a column %s" % column, step["name"])

    def book(self, pipeline, step, before, after):
        entry = {"pipeline": pipeline["name"], "step": step["name"], "do": step["do"], "before": before, "after": after}
        entry["skipped"] = after is None
        self.ledger.append(entry)
        self.emit("step", **entry)

    def run_pipeline(self, pipeline):
        with self.inside(pipeline["name"]):
            table = self.gather(pipeline)
            for step in pipeline["steps"]:
                table = self.run_step(table, step, pipeline)
                stop = self.settings.get("stop_after")
                if stop and len(self.ledger) >= stop:
                    break
            if pipeline.get("schema"):
                table = self.check(table, pipeline["schema"], pipeline["name"])
            for name, text in (pipeline.get("set") or {}).items():
                self.set_variable(name, text, table)
            return self.remember(table, pipeline["name"])

    def set_variable(self, name, text, table):
        """'set' of a pipeline: a variable for later pipelines from the first row: name = 'expression'."""
        if table.empty:
            self.variables[name] = None
            return
        self.variables[name] = walk(compile_expr(text), make_env(table.rows[0], self.variables, self.settings))

    def write_outputs(self):
        for output in self.job["outputs"]:
            table = self.table(output["table"])
            if output.get("where"):
                table = table.where(output["where"], self.variables, self.settings)
            if output.get("sort"):
                table = table.sorted(as_list(output["sort"]))
            self.write(table, output)

    def write(self, table, output):
        if "path" not in output:
            self.written.append({"table": output["table"], "path": None, "rows": len(table),
                                 "text": render_table(table, output)})
        elif self.dry:
            self.written.append({"table": output["table"], "path": output["path"], "rows": len(table),
                                 "size": len(render_table(table, output).encode("utf-8"))})
        else:
            target = os.path.join(self.job["base"], self.settings["out"])
            path, rows, size = write_table(table, output, target)
            self.written.append({"table": output["table"], "path": os.path.relpath(path), "rows": rows, "size": size})
        self.emit("output", **self.written[-1])

    def run(self):
        self.emit("start", pipelines=len(self.job["pipelines"]))
        try:
            for pipeline in self.job["pipelines"]:
                self.run_pipeline(pipeline)
            self.write_outputs()
        except MillError as error:
            self.failed = (self.where, str(error))
            self.emit("error", message=str(error))
            raise
        self.emit("finish", tables=len(self.tables))
        return self

    # -- results

    def rows_of(self, name):
        return [dict(row) for row in self.tables[name].rows]

    def finding_counts(self):
        return {owner: count_findings(found) for owner, found in self.findings.items() if found}

    def worst_finding(self):
        return worst([finding for found in self.findings.values() for finding in found])

    def shrinkage(self):
        """{pipeline: share of rows lost}, only pipelines that lost some."""
        lost = {}
        for name in {entry["pipeline"] for entry in self.ledger}:
            entries = [entry for entry in self.ledger if entry["pipeline"] == name and not entry["skipped"]]
            if not entries or not entries[0]["before"]:
                continue
            share = 1 - parse_decimal(entries[-1]["after"]) / entries[0]["before"]
            if share > 0:
                lost[name] = share
        return lost

    def summary(self):
        return {
            "job": self.job["name"],
            "tables": {name: len(table) for name, table in self.tables.items()},
            "steps": len([entry for entry in self.ledger if not entry["skipped"]]),
            "skipped": len([entry for entry in self.ledger if entry["skipped"]]),
            "findings": sum(len(found) for found in self.findings.values()),
            "worst": self.worst_finding(),
            "outputs": len(self.written),
        }

    def trace(self):
        lines = []
        for entry in self.ledger:
            after = "skipped" if entry["skipped"] else format_plain(entry["after"])
            lines.append("%s %s: %d -> %s" % (entry["step"], entry["do"], entry["before"], after))
        return lines


def run_job(job, dry=False, listeners=None):
    runner = Runner(job, dry, listeners)
    runner.run()
    return runner


def run_rows(rows, steps, variables=None, settings=None):
    """Steps over rows without a job file, for tests and for the shell."""
    job = {
        "name": "rows",
        "base": ".",
        "settings": dict({"zone": "UTC", "today": None}, **(settings or {})),
        "vars": variables or {},
        "sources": {"rows": {"rows": rows, "format": "inline"}},
        "schemas": {},
        "pipelines": [{"name": "result", "from": "rows",
                       "steps": [dict({"name": "step%d" % (i + 1)}, **step) for i, step in enumerate(steps)]}],
        "outputs": [],
        "report": {},
    }
    return run_job(job, dry=True).tables["result"]


__all__ = ["EVENTS", "Runner", "SchemaError", "Table", "run_job", "run_rows"]
