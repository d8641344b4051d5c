"""The command line: python -m mill COMMAND ..."""

import argparse
import json
import sys

from .engine import Runner, run_job
from .errors import MillError
from .expr import compile_expr, evaluate, explain, names_in
from .job import describe_job, is_due, load_job, parse_assignment
from .readers import read_source
from .report import render_report
from .schema import compare_schemas, compile_schema, describe_schema, infer_schema
from .transforms import TRANSFORMS
from .values import format_plain, parse_date

COMMANDS = {}


def command(name, *arguments):
    def register(func):
        COMMANDS[name] = (func, arguments)
        return func
    return register


def arg(*names, **options):
    return names, options


JOB = arg("job")
SET = arg("--set", action="append", default=[], metavar="NAME=VALUE")
PROFILE = arg("--profile")


def job_from(args):
    overrides = dict(parse_assignment(text) for text in args.set)
    return load_job(args.job, overrides, args.profile)


@command("run", JOB, SET, PROFILE, arg("--write", action="store_true"), arg("--trace", action="store_true"),
         arg("--quiet", action="store_true"), arg("--due"))
def command_run(args, out):
    """Run a job and print its report; files are written only with --write."""
    job = job_from(args)
    if args.due and not is_due(job, parse_date(args.due)):
        out.write("%s is not due on %s\n" % (job["name"], args.due))
        return 0
    listeners = {}
    if args.trace:
        listeners["table"] = lambda event, details: out.write("%(job)s: table %(table)s, %(rows)d rows\n" % details)
    runner = run_job(job, dry=not args.write, listeners=listeners)
    if not args.quiet:
        out.write(render_report(runner))
    return 1 if runner.worst_finding() == "error" and job["settings"]["strict"] and job["report"].get("fail") else 0


@command("show", JOB, SET, PROFILE)
def command_show(args, out):
    """Tell what a job would do."""
    out.write("\n".join(describe_job(job_from(args))) + "\n")
    return 0


@command("table", JOB, arg("name"), SET, PROFILE, arg("--limit", type=int, default=20), arg("--where"), arg("--sort"))
def command_table(args, out):
    """Run a job and print one table."""
    runner = Runner(job_from(args), dry=True).run()
    table = runner.table(args.name)
    if args.where:
        table = table.where(args.where, runner.variables, runner.settings)
    if args.sort:
        table = table.sorted(args.sort.split(","))
    out.write(table.to_text(args.limit) + "\n")
    return 0


@command("infer", arg("path"), arg("--format"), arg("--name", default="schema"), arg("--separator"))
def command_infer(args, out):
    """Propose a schema for a file."""
    spec = {"path": args.path}
    if args.format:
        spec["format"] = args.format
    if args.separator:
        spec["separator"] = args.separator
    section = infer_schema(read_source(spec, ".", args.name))
    out.write("[schemas.%s]\n" % args.name)
    if section.get("key"):
        out.write("key = %s\n" % json.dumps(section["key"]))
    for field in section["fields"]:
        out.write("\n[[schemas.%s.fields]]\n" % args.name)
        for key, value in field.items():
            out.write("%s = %s\n" % (key, json.dumps(value)))
    return 0


@command("schema", JOB, arg("names", nargs="+"), SET, PROFILE)
def command_schema(args, out):
    """Describe a schema, or compare two."""
    job = job_from(args)
    compiled = [compile_schema(job["schemas"][name], name, job["schemas"]) for name in args.names[:2]]
    if len(compiled) == 2:
        for kind, column, text in compare_schemas(*compiled):
            out.write("%-8s %-16s %s\n" % (kind, column, text))
    else:
        out.write("\n".join(describe_schema(compiled[0])) + "\n")
    return 0


@command("expr", arg("text"), arg("--row", default="{}"))
def command_expr(args, out):
    """Try an expression on a row given as JSON."""
    node = compile_expr(args.text)
    out.write("%s\nreads: %s\n" % (explain(node), ", ".join(names_in(node)) or "-"))
    out.write("%s\n" % format_plain(evaluate(node, json.loads(args.row))))
    return 0


@command("transforms")
def command_transforms(args, out):
    """List the transforms."""
    for name in sorted(TRANSFORMS):
        out.write("%-12s %s\n" % (name, TRANSFORMS[name]["doc"]))
    return 0


def build_parser():
    parser = argparse.ArgumentParser(prog="mill", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (func, arguments) in COMMANDS.items():
        sub = commands.add_parser(name, help=func.__doc__)
        for names, options in arguments:
            sub.add_argument(*names, **options)
    return parser


def main(argv=None, out=None):
    out = out or sys.stdout
    args = build_parser().parse_args(argv)
    func = COMMANDS[args.command][0]
    try:
        return func(args, out)
    except MillError as error:
        sys.stderr.write("mill: %s\n" % error)
        return error.exit_code
