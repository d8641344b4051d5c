"""The command line: one query, a script, or a few dot commands."""

import argparse
import sys

from .core import QuillError, parse_text
from .engine import Engine
from .lexer import split_statements
from .misc import STYLES, Settings, plural

COMMANDS = {}


def command(name, usage=""):
    def register(handler):
        COMMANDS[name] = (handler, usage)
        return handler
    return register


class Shell:
    """A session: an engine, and where its output goes."""

    def __init__(self, engine, out=None):
        self.engine = engine
        self.out = out if out is not None else sys.stdout
        self.params = {}
        self.last = None
        self.failures = 0
        self.timing = False

    def write(self, text=""):
        self.out.write(text + "\n")

    def run(self, text):
        """One statement or dot command."""
        text = text.strip()
        if text.startswith("."):
            return self.run_command(text)
        self.last = self.engine.run(text, self.params)
        self.write(self.engine.render(self.last))
        return self.last

    def run_command(self, text):
        name, _, rest = text[1:].partition(" ")
        if name not in COMMANDS:
            raise QuillError("there is no command .%s; try .help" % name)
        handler, usage = COMMANDS[name]
        if usage.startswith("<") and not rest.strip():
            raise QuillError("usage: .%s %s" % (name, usage))
        return handler(self, rest.strip())

    def run_script(self, text, stop=False):
        """All statements of a script; dot commands stand on lines of their own."""
        for chunk in script_chunks(text):
            try:
                self.run(chunk)
            except QuillError as error:
                self.failures += 1
                self.write(error.render(chunk))
                if stop:
                    break
        return self.failures

    def show_records(self, records):
        table = Engine(settings=self.engine.settings).table("records", records)
        self.write(self.engine.render(table))


def script_chunks(text):
    pending = []
    for line in text.splitlines():
        if line.startswith(".") and not "".join(pending).strip():
            yield line
            continue
        pending.append(line)
        if line.rstrip().endswith(";"):
            yield from split_statements("\n".join(pending))
            pending = []
    yield from split_statements("\n".join(pending))


@command("help")
def help_command(shell, rest):
    for name in sorted(COMMANDS):
        shell.write((".%s %s" % (name, COMMANDS[name][1])).rstrip())


@command("tables")
def tables_command(shell, rest):
    for name in shell.engine.catalog:
        table = shell.engine.catalog[name]
        shell.write("%s: %s, %s" % (
            table.name, plural(len(table.schema), "column"), plural(len(table), "row")))


@command("schema", "<table>")
def schema_command(shell, rest):
    for column in shell.engine.catalog[rest].schema:
        shell.write("%s %s%s" % (column.name, column.type, "" if column.nullable else " not null"))


@command("describe", "<table>")
def describe_command(shell, rest):
    shell.show_records(shell.engine.catalog[rest].describe())


@command("explain", "<query>")
def explain_command(shell, rest):
    for line in shell.engine.explain(rest, shell.params, estimates=True):
        shell.write(line)


@command("format", "<query>")
def format_command(shell, rest):
    shell.write(shell.engine.format(rest))


@command("set", "[name value]")
def set_command(shell, rest):
    if not rest:
        for name, value in shell.engine.settings:
            shell.write("%s = %s" % (name, value))
        return
    name, _, value = rest.partition(" ")
    shell.engine.settings.set(name, value.strip())


@command("param", "<name value>")
def param_command(shell, rest):
    name, _, value = rest.partition(" ")
    shell.params[name] = parse_text(value)


@command("store", "<table> [query]")
def store_command(shell, rest):
    name, _, query = rest.partition(" ")
    if query.strip():
        table = shell.engine.store(name, query, shell.params)
    elif shell.last is not None:
        table = shell.engine.catalog.add(shell.last.to_table(name))
    else:
        raise QuillError("there is no result to store")
    shell.write("%s: %s" % (name, plural(len(table), "row")))


@command("stats")
def stats_command(shell, rest):
    if shell.last is None:
        raise QuillError("there is no result yet")
    for step, rows in shell.last.produced():
        shell.write("%6d  %s" % (rows, step))


@command("load", "<path> [name]")
def load_command(shell, rest):
    path, _, name = rest.partition(" ")
    shell.engine.load(path, name.strip() or None)


def make_parser():
    parser = argparse.ArgumentParser(prog="quill", description="Queries over CSV files.")
    parser.add_argument("query", nargs="?", help="a query or a dot command")
    parser.add_argument("-d", "--directory", action="append", default=[], help="a directory of CSV files")
    parser.add_argument("-t", "--table", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("-p", "--param", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("-s", "--style", choices=sorted(STYLES))
    parser.add_argument("-f", "--file", help="a script")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--stop", action="store_true", help="stop a script at the first error")
    parser.add_argument("--plain", action="store_true", help="do not rewrite queries")
    return parser


def pairs(options, what):
    for option in options:
        name, sign, value = option.partition("=")
        if not sign:
            raise QuillError("%s %r is not NAME=VALUE" % (what, option))
        yield name.strip(), value


def make_shell(options, out=None):
    settings = Settings()
    for name, value in pairs(options.set, "setting"):
        settings.set(name, value)
    if options.style:
        settings.set("style", options.style)
    engine = Engine(settings=settings, optimising=not options.plain)
    for directory in options.directory or ["data"]:
        engine.catalog.add_directory(directory)
    for name, path in pairs(options.table, "table"):
        engine.load(path, name)
    shell = Shell(engine, out)
    for name, value in pairs(options.param, "parameter"):
        shell.params[name] = parse_text(value)
    return shell


def main(argv=None, out=None):
    options = make_parser().parse_args(argv)
    try:
        shell = make_shell(options, out)
        if options.file:
            with open(options.file, encoding="utf-8") as stream:
                return 1 if shell.run_script(stream.read(), options.stop) else 0
        if options.query is None:
            return 1 if shell.run_script(sys.stdin.read()) else 0
        shell.run(options.query)
    except QuillError as error:
        print(error.render(options.query), file=sys.stderr)
        return 1
    return 0
