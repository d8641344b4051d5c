"""Plain text without escape codes: for files, pipes and dumb terminals. Only the answer that stands is shown."""

from __future__ import annotations

from typing import TextIO

from snapfix.errors import SnapfixError
from snapfix.events import ContextReady, DiagnosisReady, Event
from snapfix.render.document import BlockKind, Section, answered_by, headline, sections
from snapfix.render.messages import error_lines, progress_lines, write_lines

_PREFIX = {BlockKind.COMMAND: "    $ ", BlockKind.CODE: "    ", BlockKind.DIFF: "    "}


class PlainRenderer:
    """Holds the diagnosis of one traceback until the next one begins or all is over."""

    def __init__(self, out: TextIO, err: TextIO, *, verbose: bool = False) -> None:
        self._out, self._err, self._verbose = out, err, verbose
        self._context: ContextReady | None = None
        self._ready: DiagnosisReady | None = None
        self._shown = 0

    def handle(self, event: Event) -> None:
        """Keep the answer that stands; say on standard error what else happens."""
        if isinstance(event, ContextReady):
            self._flush()
            self._context = event
        elif isinstance(event, DiagnosisReady):
            self._ready = event
        else:
            write_lines(self._err, progress_lines(event, verbose=self._verbose))

    def error(self, error: SnapfixError) -> None:
        """Show an error on standard error."""
        write_lines(self._err, error_lines(error))

    def close(self) -> None:
        """Print the last answer."""
        self._flush()
        self._out.flush()

    def _flush(self) -> None:
        if self._context is None or self._ready is None:
            return
        lines = [""] if self._shown else []
        lines += self._lines(self._context, self._ready)
        self._out.write("\n".join(lines) + "\n")
        self._context = self._ready = None
        self._shown += 1

    def _lines(self, ready: ContextReady, answer: DiagnosisReady) -> list[str]:
        lines = [headline(ready.context)]
        for section in sections(ready.context, answer.diagnosis, answer.plan):
            lines += ["", *_section_lines(section)]
        return [*lines, "", answered_by(answer.diagnosis)]


def _section_lines(section: Section) -> list[str]:
    lines = [section.title + (f" ({section.remark})" if section.remark else "")]
    for block in section.blocks:
        prefix = _PREFIX.get(block.kind, "  ")
        lines += [(prefix + line).rstrip() for line in block.text.split("\n")]
    return lines
