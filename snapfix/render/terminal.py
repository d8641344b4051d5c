"""The terminal: Rich, with a window on the answer while it streams.

While a model writes, the last lines of its text are shown in a live region no taller than the screen, which is
erased when the answer is whole or broken off. Only then is anything printed for good, so an answer longer
than the screen leaves no repeated lines, and one that breaks off leaves no rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from snapfix.errors import SnapfixError
from snapfix.events import (
    AttemptFailed,
    AttemptStarted,
    ChainExhausted,
    ContextReady,
    DiagnosisReady,
    Event,
    TextDelta,
)
from snapfix.render.base import clean, one_line
from snapfix.render.document import Block, BlockKind, Section, answered_by, headline, sections
from snapfix.render.messages import error_lines, progress_lines

if TYPE_CHECKING:
    from rich.live import Live

_REFRESHES_WAITING = 2  # a second; only the clock moves, and the machine is busy importing
_SECONDS_BETWEEN_REFRESHES = 0.1  # while text arrives
_MAX_WIDTH = 110
_REMARKS = {
    "certain": "green",
    "likely": "yellow",
    "unsure": "magenta",
    "safe to apply": "green",
    "look before you apply it": "yellow",
}


class TerminalRenderer:
    """Shows the offline answer at once, then the model's as it arrives.

    Args:
        out: standard output, a terminal.
        err: standard error.
        clock: seconds, monotonic.
        verbose: name the links that were passed over as well.
        live: show the answer while it streams. Without, each answer is whole, with its headline: other text may come
            between them.
    """

    def __init__(
        self, out: TextIO, err: TextIO, *, clock: Callable[[], float], verbose: bool = False, live: bool = True
    ) -> None:
        self._console = Console(file=out, force_terminal=True, markup=False, highlight=False, emoji=False)
        self._errors = Console(file=err, markup=False, highlight=False, emoji=False, soft_wrap=not err.isatty())
        self._clock, self._verbose, self._streams = clock, verbose, live
        self._live: Live | None = None
        self._window: _Window | None = None
        self._refreshed = float("-inf")
        self._context: ContextReady | None = None

    def handle(self, event: Event) -> None:
        """Show one event."""
        match event:
            case ContextReady():
                self._stop()
                self._context = event
                if self._streams:
                    self._headline(event)
            case DiagnosisReady():
                self._stop()
                self._answer(event)
            case AttemptStarted():
                self._say(event)
                if self._streams:
                    self._start(event)
            case TextDelta(text=text):
                self._grow(text)
            case AttemptFailed() | ChainExhausted():
                self._stop()
                self._say(event)
            case _:
                self._say(event)

    def error(self, error: SnapfixError) -> None:
        """Show an error."""
        self._stop()
        first, *rest = error_lines(error)
        self._errors.print(Text(first, style="bold red"))
        for line in rest:
            self._errors.print(Text(line))

    def close(self) -> None:
        """Erase what is live and show the cursor again."""
        self._stop()

    def _say(self, event: Event) -> None:
        for line in progress_lines(event, verbose=self._verbose):
            style = "yellow" if isinstance(event, AttemptFailed | ChainExhausted) else "dim"
            self._errors.print(Text(line, style=style))

    def _headline(self, ready: ContextReady) -> None:
        name, colon, message = headline(ready.context).partition(": ")
        self._console.print()
        self._console.print(Text.assemble((name, "bold red"), colon, message))

    def _answer(self, ready: DiagnosisReady) -> None:
        assert self._context is not None, "a diagnosis comes after its context"
        if not self._streams:
            self._headline(self._context)
        prose = _markdown if not ready.offline else _inline
        if not ready.offline:
            self._console.rule(Text(one_line(ready.diagnosis.answered_by.model if ready.diagnosis.answered_by else "")))
        for section in sections(self._context.context, ready.diagnosis, ready.plan):
            self._console.print()
            self._section(section, prose)
        self._console.print()
        self._console.print(Text(answered_by(ready.diagnosis), style="dim"))

    def _section(self, section: Section, prose: Callable[[str], Iterable[object]]) -> None:
        title = Text(section.title, style="bold cyan")
        if section.remark:
            title.append(f"  {section.remark}", style=_REMARKS.get(section.remark, "dim"))
        self._console.print(title)
        width = min(self._console.width, _MAX_WIDTH)
        for block in section.blocks:
            rendered = prose(block.text) if block.kind is BlockKind.PROSE else [_set(block)]
            for part in rendered:
                self._console.print(Padding(part, (0, 0, 0, 2), expand=False), width=width)  # type: ignore[arg-type]

    def _start(self, event: AttemptStarted) -> None:
        from rich.live import Live

        self._stop()
        label = f"{one_line(event.link.model)} ({event.link.place})"
        self._window = _Window(label, self._clock)
        self._live = Live(
            self._window,
            console=self._console,
            transient=True,
            refresh_per_second=_REFRESHES_WAITING,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        self._live.start()

    def _grow(self, text: str) -> None:
        if self._window is None or self._live is None:
            return
        self._window.text += text
        now = self._clock()
        if now - self._refreshed >= _SECONDS_BETWEEN_REFRESHES:
            self._refreshed = now
            self._live.refresh()

    def _stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = self._window = None


class _Window:
    """The last lines of a text that is still growing, in at most the screen's height."""

    def __init__(self, label: str, clock: Callable[[], float]) -> None:
        self.text = ""
        self._label, self._clock, self._started = label, clock, clock()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        elapsed = self._clock() - self._started
        state = "is writing" if self.text.strip() else "is thinking"
        yield Text(f"{self._label} {state} … {elapsed:.0f} s   (Ctrl-C to stop)", style="dim", no_wrap=True)
        height = max(console.size.height - 3, 1)
        width = min(options.max_width, _MAX_WIDTH)
        draft = _draft(clean(self.text[-20_000:]))
        lines = console.render_lines(draft, options.update(width=width, height=None), pad=False)
        for line in lines[-height:]:
            yield from line
            yield Segment.line()


def _markdown(text: str) -> list[object]:
    from rich.markdown import Markdown

    return [Markdown(text, hyperlinks=False)]


def _draft(text: str) -> Text:
    """An answer that is still being written: only its headings are set apart. Half a Markdown text is not Markdown."""
    draft = Text()
    for line in text.strip("\n").split("\n"):
        heading = line.startswith("#")
        draft.append((line.lstrip("# ") if heading else line) + "\n", style="bold cyan" if heading else "")
    return draft


def _inline(text: str) -> list[object]:
    """Prose of our own: only what stands between backticks is set apart."""
    result = Text()
    for position, part in enumerate(text.split("`")):
        result.append(part, style="bold" if position % 2 else "")
    return [result]


_DIFF_STYLES = (("+++", "bold"), ("---", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"))


def _set(block: Block) -> Text:
    if block.kind is BlockKind.DIFF:
        return Text("\n").join(Text(line, style=_diff_style(line)) for line in block.text.split("\n"))
    if block.kind is BlockKind.CODE:
        return Text("\n").join(
            Text(line, style=Style(bold=True) if line.startswith(">") else Style(dim=True))
            for line in block.text.split("\n")
        )
    if block.kind is BlockKind.COMMAND:
        return Text(f"$ {block.text}", style="green")
    return Text(block.text, style="dim")


def _diff_style(line: str) -> str:
    return next((style for start, style in _DIFF_STYLES if line.startswith(start)), "dim")
