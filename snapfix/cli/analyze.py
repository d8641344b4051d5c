"""``snapfix analyze``: read, choose, diagnose, show."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module

from snapfix import intake, pipeline, preparation, rules, world
from snapfix.cli import halves, listing, passing, prompt_view
from snapfix.cli.survey import STANDARD_INPUT, Survey, survey
from snapfix.cli.terminals import is_terminal, wants_escapes
from snapfix.errors import EXIT_INTERRUPTED, EXIT_OK, NoTracebackError, SnapfixError, UsageError
from snapfix.events import AttemptStarted, ContextReady, Event, Warned
from snapfix.link import Link
from snapfix.render import RENDERERS
from snapfix.render.base import Renderer
from snapfix.render.messages import error_lines, warning_lines, write_lines
from snapfix.settings import Loaded
from snapfix.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for, as given on the command line."""

    inputs: tuple[str, ...] = ("-",)
    model: str | None = None
    offline: bool = False
    format: str = "auto"
    every: bool = False
    pick: int | None = None
    project: str | None = None
    quiet: bool = False
    verbose: bool = False


class NothingPiped(Exception):  # noqa: N818 - a piped program without a traceback is no error
    """Standard input holds no traceback; ``warning`` says so."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.warning = Warned("no-traceback-found", message, hint)


def run(request: Request) -> int:
    """Analyse every input; the status is that of the worst."""
    _check_pick(request)
    here = world.look()
    renderer = _renderer(request, here)
    with ExitStack() as stack:
        stack.callback(renderer.close)
        try:
            loaded = _settings(request, here)
            surroundings = world.surroundings(here, request.project)
            asking, warnings = preparation.prepare(
                loaded, environ=here.environ, state_folder=here.state_folder, folders=here.template_folders
            )
        except SnapfixError as error:
            renderer.error(error)
            return error.exit_status
        if asking is not None:
            stack.callback(asking.memory.close)
        for warning in (*loaded.warnings, *warnings):
            renderer.handle(warning)
        return max(_analyse(name, request, surroundings, asking, renderer) for name in request.inputs)


def _analyse(
    name: str,
    request: Request,
    surroundings: Surroundings,
    asking: pipeline.Asking | None,
    renderer: Renderer,
) -> int:
    try:
        found = _read(name, request)
        # Who ends a server with Ctrl-C wants the answer now, and nobody asked.
        for event in _events(found, request, surroundings, None if found.interrupted else asking):
            renderer.handle(event)
    except NothingPiped as nothing:
        renderer.handle(nothing.warning)
    except SnapfixError as error:
        renderer.error(error)
        return error.exit_status
    else:
        return EXIT_INTERRUPTED if found.interrupted else EXIT_OK
    return EXIT_OK


def _settings(request: Request, here: world.World) -> Loaded:
    return world.load_settings(here, {"model": request.model, "offline": True if request.offline else None})


def _read(name: str, request: Request) -> Survey:
    """Read one input to its end.

    Raises:
        InputError: it cannot be read.
        NoTracebackError: there is no traceback in a named file.
        NothingPiped: there is none in standard input.
    """
    if name == "-":
        return _read_stdin(request)
    progress = passing.Progress(name, time.monotonic)
    with intake.open_file(name) as stream, ExitStack() as stack:
        stack.callback(progress.close)
        wants_last = not request.every and request.pick is None
        found = halves.survey(stream, name, progress) if wants_last else None
        if found is None:
            text = intake.read(stream, name, tee=progress, named_file=True)
            found = survey(text.blocks, name, every=request.every, pick=request.pick)
    if found.total:
        return found
    if found.interrupted:
        raise KeyboardInterrupt
    raise NoTracebackError(
        "no-traceback-found",
        f"no traceback in `{name}`",
        "if the program failed, its standard error is missing: `python app.py > trace.txt 2>&1`",
    )


def _read_stdin(request: Request) -> Survey:
    if sys.stdin is None:
        raise UsageError("no-input", "standard input is closed", "name a file: `snapfix trace.txt`")
    if is_terminal(sys.stdin):
        sys.stderr.write("paste the traceback, then press Ctrl-D (Ctrl-Z and Enter on Windows)\n")
        tee = None
    else:
        tee = passing.passage(quiet=request.quiet, for_machines=request.format == "json")
    text = intake.read(sys.stdin.buffer, STANDARD_INPUT, tee=tee)
    with ExitStack() as stack:
        if tee is not None:
            stack.callback(tee.close)
        found = survey(text.blocks, STANDARD_INPUT, every=request.every, pick=request.pick)
    if found.total:
        return found
    if found.interrupted:
        raise KeyboardInterrupt
    if text.progress.bytes_read == 0:
        raise NothingPiped(
            "the input is empty: there is no traceback in it",
            "a traceback goes to standard error, so include it: `python app.py 2>&1 | snapfix`",
        )
    raise NothingPiped(
        "no traceback in the input",
        "if the program failed, include standard error: `python app.py 2>&1 | snapfix`",
    )


def _events(
    found: Survey, request: Request, surroundings: Surroundings, asking: pipeline.Asking | None
) -> Iterator[Event]:
    if found.total > 1 and not request.every:
        yield found.others()
    elif found.forgotten:
        yield Warned("kinds-left-out", f"{found.forgotten} earlier kinds of tracebacks in {found.origin} are left out")
    for traceback in found.chosen():
        for event in pipeline.run(traceback, surroundings, asking):
            yield event
            if request.verbose:
                yield from left_out(event)


def left_out(event: Event) -> Iterator[Warned]:
    """What an event says was left out, one by one."""
    match event:
        case ContextReady(context=context):
            items = context.left_out
        case AttemptStarted(left_out=left_out):
            items = left_out
        case _:
            return
    for item in items:
        yield Warned("left-out", f"{item.what}: {item.reason}")


def _renderer(request: Request, here: world.World) -> Renderer:
    name = request.format
    if name == "auto":
        name = "terminal" if wants_escapes(here.environ) else "plain"
    module, attribute = RENDERERS[name]
    make = getattr(import_module(module), attribute)
    options: dict[str, object] = {"verbose": request.verbose}
    if name == "terminal":
        options["clock"] = time.monotonic
    if name == "json":
        options["several"] = request.every or len(request.inputs) > 1
    renderer: Renderer = make(sys.stdout, sys.stderr, **options)
    return renderer


def _check_pick(request: Request) -> None:
    """Numbers belong to the list of one input.

    Raises:
        UsageError: there is no such list, or no such number in any.
    """
    if request.pick is None:
        return
    if len(request.inputs) > 1:
        raise UsageError(
            "conflicting-options",
            f"`--pick` expects one input and found {len(request.inputs)}: each has numbers of its own",
            "name one file; `--list` shows the numbers of each",
        )
    if request.pick == 0:
        raise UsageError("no-such-kind", "`--pick` expects a number from 1 on, found 0", "`--list` shows the numbers")


def show_list(request: Request) -> int:
    """Print the kinds of tracebacks in each input; analyse none."""
    found: list[Survey] = []
    warnings: list[Warned] = []
    errors: list[SnapfixError] = []
    for name in request.inputs:
        try:
            found.append(_read(name, request))
        except NothingPiped as nothing:
            warnings.append(nothing.warning)
            write_lines(sys.stderr, warning_lines(nothing.warning))
        except SnapfixError as error:
            errors.append(error)
            write_lines(sys.stderr, error_lines(error))
    if request.format == "json":
        listing.write_document(found, warnings, errors)
    else:
        listing.show(found)
    interrupted = any(survey.interrupted for survey in found)
    return EXIT_INTERRUPTED if interrupted else max((error.exit_status for error in errors), default=EXIT_OK)


def show_prompt(request: Request) -> int:
    """Print exactly what would be sent, to whom, how large it is and what was left out; send nothing."""
    _check_pick(request)
    here = world.look()
    loaded = _settings(request, here)
    for warning in loaded.warnings:
        write_lines(sys.stderr, warning_lines(warning))
    links = preparation.chain_links(loaded, here.environ, here.template_folders)
    build = preparation.PromptBuilder(loaded.settings, here.template_folders)
    surroundings = world.surroundings(here, request.project)
    views: list[tuple[prompt_view.PromptView, ...]] = []
    status = EXIT_OK
    for name in request.inputs:
        try:
            views += _views(_read(name, request), links, build, surroundings)
        except NothingPiped as nothing:
            write_lines(sys.stderr, warning_lines(nothing.warning))
        except SnapfixError as error:
            write_lines(sys.stderr, error_lines(error))
            status = max(status, error.exit_status)
    prompt_view.show(views, as_json=request.format == "json", out=sys.stdout)
    return status


def _views(
    found: Survey, links: tuple[Link, ...], build: preparation.PromptBuilder, surroundings: Surroundings
) -> Iterator[tuple[prompt_view.PromptView, ...]]:
    from snapfix.llm.litellm_transport import LiteLLMTransport

    transport = LiteLLMTransport()
    for traceback in found.chosen():
        context = pipeline.context_of(traceback, surroundings)
        yield prompt_view.view(pipeline.with_code(context), rules.analyse(context), links, build, transport.window)
