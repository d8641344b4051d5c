"""Renderers: one module per format. To add one, write the module and add a line to ``RENDERERS``."""

from __future__ import annotations

# format name -> (module, class): imported only when it is asked for, since Rich alone costs 30 ms.
RENDERERS: dict[str, tuple[str, str]] = {
    "terminal": ("snapfix.render.terminal", "TerminalRenderer"),
    "plain": ("snapfix.render.plain", "PlainRenderer"),
    "json": ("snapfix.render.json", "JsonRenderer"),
    "markdown": ("snapfix.render.markdown", "MarkdownRenderer"),
}
