"""The commands and their options, as Typer reads them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Optional

import typer

from snapfix.errors import UsageError


class Format(StrEnum):
    """How the answer is written; ``auto`` is ``terminal`` on a terminal and ``plain`` elsewhere."""

    AUTO = "auto"
    TERMINAL = "terminal"
    PLAIN = "plain"
    MARKDOWN = "markdown"
    JSON = "json"


app = typer.Typer(
    name="snapfix",
    help=(
        "Turn a traceback into its root cause and a fix.\n\n"
        "    python app.py 2>&1 | snapfix        pipe a program's output\n\n"
        "    snapfix trace.txt                   read a file\n\n"
        "    snapfix trace.txt --offline         ask nobody\n\n"
        "    flask run 2>&1 | snapfix watch      follow a program that runs on\n\n"
        "What is not a command is an input of `analyze`: `snapfix --json < trace.txt` works too. "
        "Without a chosen model only a local Ollama is asked, if one runs; nothing leaves this machine "
        "unless you name a provider."
    ),
    epilog="Options of the bare command: `snapfix analyze --help`.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
config_app = typer.Typer(
    help="Where settings come from and what is in force.", rich_markup_mode=None, no_args_is_help=True
)
app.add_typer(config_app, name="config")


def _version(wanted: bool) -> None:
    if wanted:
        from snapfix.cli import version

        version.show()
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The callback holds the options that stand before any command."""


@app.command()
def analyze(
    inputs: Annotated[
        Optional[list[str]],  # noqa: UP045 - Typer before 0.16 reads only this spelling
        typer.Argument(metavar="FILE", help="Files to read; `-` is standard input.", show_default=False),
    ] = None,
    model: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--model",
            "-m",
            metavar="NAME",
            help="Ask this model first: an alias (`snapfix models`) or any LiteLLM name, such as "
            "`ollama/codellama` or `anthropic`.",
        ),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no model: the built-in analyser answers.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document; short for `--format json`.")] = False,
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option("--format", "-f", help="How the answer is written.", show_default=True)
    ] = Format.AUTO,
    show_prompt: Annotated[
        bool, typer.Option("--show-prompt", help="Print what would be sent, and to whom; send nothing.")
    ] = False,
    listing: Annotated[
        bool, typer.Option("--list", "-l", help="List the kinds of tracebacks in the input; analyse none.")
    ] = False,
    pick: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            "--pick",
            metavar="N",
            help="Analyse the latest traceback of kind number N of the list; -1 is the last kind of it.",
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", "-a", help="Analyse each kind of traceback in the input, not only the last.")
    ] = False,
    project: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--project", "-p", metavar="DIR", help="The project's folder, if it is not found by itself."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Do not pass piped input on to the terminal.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say more: skipped links, what was left out.")
    ] = False,
) -> int:
    """Explain the traceback in the input, and fix it.

    Standard input is read where no file is named, and passed on to the terminal as it arrives. Of several tracebacks
    the last one is explained, unless you choose; the others are listed.
    """
    from snapfix.cli import analyze as command

    _refuse_several({"--list": listing, "--pick": pick is not None, "--all": every})
    _refuse_several({"--list": listing, "--show-prompt": show_prompt})
    request = command.Request(
        inputs=tuple(inputs or ["-"]),
        model=model,
        offline=offline,
        format=Format.JSON.value if json else format.value,
        every=every,
        pick=pick,
        project=project,
        quiet=quiet,
        verbose=verbose,
    )
    if listing:
        return command.show_list(request)
    return command.show_prompt(request) if show_prompt else command.run(request)


def _refuse_several(options: dict[str, bool]) -> None:
    """Only one of these options may be given."""
    given = [f"`{name}`" for name, is_given in options.items() if is_given]
    if len(given) > 1:
        raise UsageError("conflicting-options", f"{' and '.join(given)} exclude each other", "give one of them")


@app.command()
def parse(
    inputs: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(metavar="FILE", help="Files to read; `-` is standard input.", show_default=False),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print a JSON document for each traceback, one on a line (JSON Lines).")
    ] = False,
) -> int:
    """Print the tracebacks of the input as they were read, and analyse none.

    Each is printed as soon as it is complete, also from a pipe that does not end. No source is needed, none is looked
    at, nobody is asked.
    """
    from snapfix.cli import parse as command

    return command.run(tuple(inputs or ["-"]), as_json=json)


@app.command()
def watch(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A file to follow; without one, standard input.", show_default=False),
    ] = "-",
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Begin with what the file holds already, not at its end.")
    ] = False,
    model: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--model", "-m", metavar="NAME", help="Ask this model first; see `snapfix analyze --help`."),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no model: the built-in analyser answers.")] = False,
    json: Annotated[
        bool,
        typer.Option("--json", help="Print a JSON document on a line for what happens; the stream goes to stderr."),
    ] = False,
    project: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--project", "-p", metavar="DIR", help="The project's folder, if it is not found by itself."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Do not pass the stream on; the answers go to standard output.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say more: skipped links, what was left out.")
    ] = False,
) -> int:
    """Follow a stream that does not end, and explain each new crash in it.

    The stream passes through to standard output as it is and at once; the answers go to standard error. A crash that
    comes again is only counted. A file is followed as `tail -F` does, from its end, across truncation and rotation.
    Ctrl-C ends it with a summary.
    """
    from snapfix.cli import watch as command

    return command.run(
        command.Request(
            file=file,
            from_start=from_start,
            model=model,
            offline=offline,
            as_json=json,
            project=project,
            quiet=quiet,
            verbose=verbose,
        )
    )


@app.command()
def models(
    model: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--model", "-m", metavar="NAME", help="Show the chain as it would be with this choice."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False,
) -> int:
    """Show who is asked, in which order, and who can be.

    Each link of the chain in force, whether it is usable now, and why not; then the aliases not chosen.
    """
    from snapfix.cli import models as command

    return command.run(model, as_json=json)


@config_app.command("path")
def config_path() -> int:
    """Print where settings are read from."""
    from snapfix.cli import config as command

    return command.path()


@config_app.command("show")
def config_show(json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False) -> int:
    """Print the settings in force and where each was set; keys are masked."""
    from snapfix.cli import config as command

    return command.show(as_json=json)


@config_app.command("init")
def config_init(
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if there is one.")] = False,
) -> int:
    """Write a commented configuration file."""
    from snapfix.cli import config as command

    return command.init(force=force)
