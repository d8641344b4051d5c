"""``snapfix analyze``: read, choose, diagnose, show."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module

from snapfix import intake, parsing, pipeline, preparation, rules, settings
from snapfix.cli import passing, world
from snapfix.crash import Traceback
from snapfix.errors import EXIT_INTERRUPTED, EXIT_OK, NoTracebackError, SnapfixError, UsageError
from snapfix.events import ContextReady, Event, Group, OthersFound, Warned
from snapfix.render import RENDERERS
from snapfix.render.base import Renderer
from snapfix.render.messages import warning_lines, write_lines

STANDARD_INPUT = "standard input"
_GROUPS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for, as given on the command line."""

    inputs: tuple[str, ...] = ("-",)
    model: str | None = None
    offline: bool = False
    format: str = "auto"
    every: bool = False
    project: str | None = None
    quiet: bool = False
    verbose: bool = False


@dataclass(slots=True)
class Survey:
    """The tracebacks of one input: the latest of each kind, and how often the kind occurs.

    The memory that it takes does not grow with the input: beyond a thousand kinds the oldest are forgotten, and
    counted. ``interrupted``: the reading ended with Ctrl-C; what had been read still counts.
    """

    origin: str
    total: int = 0
    groups: dict[str, Group] = field(default_factory=dict)
    forgotten: int = 0
    interrupted: bool = False

    def add(self, traceback: Traceback) -> None:
        """Count a traceback."""
        self.total += 1
        known = self.groups.pop(traceback.fingerprint, None)
        self.groups[traceback.fingerprint] = Group(traceback, (known.count if known else 0) + 1)
        if len(self.groups) > _GROUPS_KEPT:
            del self.groups[next(iter(self.groups))]
            self.forgotten += 1

    def chosen(self, *, every: bool) -> tuple[Traceback, ...]:
        """What is to be analysed, in the order of the text."""
        latest = tuple(group.latest for group in self.groups.values())
        return latest if every else latest[-1:]

    def others(self) -> OthersFound:
        """What is not analysed when only the last one is."""
        *earlier, last = self.groups.values()
        repeated = [Group(last.latest, last.count)] if last.count > 1 else []
        return OthersFound(self.origin, self.total, (*earlier, *repeated))


def run(request: Request) -> int:
    """Analyse every input; the status is that of the worst."""
    here = world.look()
    loaded = _settings(request, here)
    asking, warnings = preparation.prepare(
        loaded,
        environ=here.environ,
        state_folder=here.state_folder,
        folders=here.template_folders,
    )
    renderer = _renderer(request, here)
    status = EXIT_OK
    with ExitStack() as stack:
        stack.callback(renderer.close)
        for warning in (*loaded.warnings, *warnings):
            renderer.handle(warning)
        for name in request.inputs:
            try:
                survey = _read(name, request)
                # Who ends a server with Ctrl-C wants the answer now, and nobody asked.
                for event in _events(survey, request, here, None if survey.interrupted else asking):
                    renderer.handle(event)
                if survey.interrupted:
                    return EXIT_INTERRUPTED
            except NothingPiped as nothing:
                renderer.handle(nothing.warning)
            except SnapfixError as error:
                renderer.error(error)
                status = max(status, error.exit_status)
    return status


class NothingPiped(Exception):  # noqa: N818 - a piped program without a traceback is no error
    """Standard input holds no traceback; ``warning`` says so."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.warning = Warned("no-traceback-found", message, hint)


def _settings(request: Request, here: world.World) -> settings.Loaded:
    return world.load_settings(here, {"model": request.model, "offline": True if request.offline else None})


def _read(name: str, request: Request) -> Survey:
    """Read one input to its end.

    Raises:
        InputError: it cannot be read.
        NoTracebackError: there is no traceback in it.
    """
    if name == "-":
        return _read_stdin(request)
    progress = passing.Progress(name, time.monotonic)
    with intake.open_file(name) as stream, ExitStack() as stack:
        stack.callback(progress.close)
        text = intake.read(stream, name, tee=progress, named_file=True)
        survey = _survey(text.blocks, name)
    if not survey.total:
        raise NoTracebackError(
            "no-traceback-found",
            f"no traceback in `{name}`",
            "if the program failed, its standard error is missing: `python app.py > trace.txt 2>&1`",
        )
    return survey


def _read_stdin(request: Request) -> Survey:
    if sys.stdin is None:
        raise UsageError("no-input", "standard input is closed", "name a file: `snapfix trace.txt`")
    if world.is_terminal(sys.stdin):
        sys.stderr.write("paste the traceback, then press Ctrl-D (Ctrl-Z and Enter on Windows)\n")
        tee = None
    else:
        tee = passing.passage(quiet=request.quiet, for_machines=request.format == "json")
    text = intake.read(sys.stdin.buffer, STANDARD_INPUT, tee=tee)
    try:
        survey = _survey(text.blocks, STANDARD_INPUT)
    finally:
        if tee is not None:
            tee.close()
    if survey.total:
        return survey
    if survey.interrupted:
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


def _survey(blocks: Iterator[str], origin: str) -> Survey:
    survey = Survey(origin)

    def until_interrupted() -> Iterator[str]:
        """Ctrl-C ends the input: a traceback that is being read is complete with what has arrived."""
        try:
            yield from blocks
        except KeyboardInterrupt:
            survey.interrupted = True

    for traceback in parsing.scan(until_interrupted(), origin):
        survey.add(traceback)
    return survey


def _events(survey: Survey, request: Request, here: world.World, asking: pipeline.Asking | None) -> Iterator[Event]:
    if survey.total > 1 and not request.every:
        yield survey.others()
    elif survey.forgotten:
        yield Warned(
            "kinds-left-out", f"{survey.forgotten} earlier kinds of tracebacks in {survey.origin} are not analysed"
        )
    surroundings = _surroundings(request, here)
    for traceback in survey.chosen(every=request.every):
        for event in pipeline.run(traceback, surroundings, asking):
            yield event
            if request.verbose and isinstance(event, ContextReady):
                yield from _left_out(event)


def _left_out(ready: ContextReady) -> Iterator[Warned]:
    for item in ready.context.left_out:
        yield Warned("left-out", f"{item.what}: {item.reason}")


def _surroundings(request: Request, here: world.World) -> pipeline.Surroundings:
    root = None
    if request.project is not None:
        folder = here.working_directory / request.project
        if not folder.is_dir():
            raise UsageError(
                "no-such-project", f"`--project {request.project}` is not a folder", "name the project's top folder"
            )
        root = str(folder.resolve())
    return pipeline.Surroundings(
        working_directory=str(here.working_directory),
        project_root=root,
        active_environment=here.environ.get("VIRTUAL_ENV") or here.environ.get("CONDA_PREFIX"),
        site_packages=world.site_packages(here.environ),
    )


def _renderer(request: Request, here: world.World) -> Renderer:
    name = request.format
    if name == "auto":
        name = "terminal" if world.wants_escapes(here.environ) else "plain"
    module, attribute = RENDERERS[name]
    make = getattr(import_module(module), attribute)
    options: dict[str, object] = {"verbose": request.verbose}
    if name == "terminal":
        options["clock"] = time.monotonic
    if name == "json":
        options["several"] = request.every or len(request.inputs) > 1
    renderer: Renderer = make(sys.stdout, sys.stderr, **options)
    return renderer


def show_prompt(request: Request) -> int:
    """Print exactly what would be sent, to whom, how large it is and what was left out; send nothing."""
    from snapfix.cli import prompt_view

    here = world.look()
    loaded = _settings(request, here)
    links = preparation.chain_links(loaded, here.environ, here.template_folders)
    build = preparation.prompt_builder(loaded.settings, here.template_folders)
    surroundings = _surroundings(request, here)
    views = []
    for name in request.inputs:
        try:
            survey = _read(name, request)
        except NothingPiped as nothing:
            write_lines(sys.stderr, warning_lines(nothing.warning))
            continue
        for traceback in survey.chosen(every=request.every):
            context = pipeline.context_of(traceback, surroundings)
            views.append(prompt_view.view(context, rules.analyse(context), links, build))
    prompt_view.show(views, as_json=request.format == "json", out=sys.stdout)
    return EXIT_OK
