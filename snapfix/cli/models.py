"""``snapfix models``: the chain in force, and whether each link can be used now."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from snapfix import preparation, settings, world
from snapfix.cli.terminals import is_terminal
from snapfix.errors import EXIT_OK
from snapfix.link import Link
from snapfix.llm import ollama
from snapfix.render.base import one_line
from snapfix.render.messages import warning_lines, write_lines


@dataclass(frozen=True, slots=True)
class Row:
    """One link or alias: ``state`` is ``usable`` or the reason why not; ``position`` counts the chain from 1."""

    position: int | None
    name: str
    model: str
    place: str
    usable: bool
    state: str


def run(model: str | None, *, as_json: bool) -> int:
    """Print the chain as it is in force, or as it would be with ``model`` chosen, then the other aliases."""
    here = world.look()
    loaded = world.load_settings(here, {"model": model})
    for warning in loaded.warnings:
        write_lines(sys.stderr, warning_lines(warning))
    links = preparation.chain_links(loaded, here.environ, here.template_folders)
    rows = [_row(number, link) for number, link in enumerate(links, start=1)]
    rows.append(Row(len(rows) + 1, "offline", "built-in analyser", "local", True, "usable: always"))
    rows += _others(loaded.settings, here, {link.name for link in links})
    if as_json:
        _print_json(rows)
    else:
        _print_table(rows)
    return EXIT_OK


def _row(position: int | None, link: Link) -> Row:
    usable, state = _state(link)
    return Row(position, link.name, link.model, link.place, usable, state)


def _state(link: Link) -> tuple[bool, str]:
    if link.key_variable is not None and link.key is None:
        return False, f"no key: set `{link.key_variable}`"
    if not link.provider.startswith("ollama"):
        from snapfix.llm.litellm_transport import LiteLLMTransport

        against = LiteLLMTransport().status(link)
        if against is not None:
            return False, against.message + (f": {against.hint}" if against.hint else "")
        return True, f"usable: key in `{link.key_variable}`" if link.key_variable else "usable"
    base = link.api_base or ollama.DEFAULT_BASE
    installed = ollama.probe(base)
    if installed is None:
        return False, f"nothing answers at {base}: start it with `ollama serve`"
    wanted = link.model.partition("/")[2]
    if ollama.installed_as(installed, wanted) is not None:
        return True, "usable: it answers"
    found = None if link.chosen else ollama.choose(installed, wanted)
    if found is None:
        return False, f"`{wanted}` is not installed: `ollama pull {wanted}`"
    return True, f"usable: `{wanted}` is not installed, `{found}` is asked"


def _others(current: settings.Settings, here: world.World, shown: set[str]) -> list[Row]:
    """The configured aliases that are not in the chain, because nobody chose them."""
    from snapfix.llm.links import resolve

    rows = []
    for name in current.models:
        if name in shown:
            continue
        link = resolve(name, order=(), models=current.models, environ=here.environ)[0]
        _, state = _state(link)
        reason = "the configuration says offline" if current.offline else f"not chosen: `--model {name}`"
        rows.append(Row(None, link.name, link.model, link.place, False, f"{reason} ({state})"))
    return rows


def _print_json(rows: list[Row]) -> None:
    from dataclasses import asdict

    from snapfix.render.json import SCHEMA_VERSION, write

    write({"schema_version": SCHEMA_VERSION, "links": [asdict(row) for row in rows]}, sys.stdout)


def _print_table(rows: list[Row]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = is_terminal(sys.stdout)
    table = Table(box=box.SIMPLE_HEAD if terminal else None, pad_edge=False)
    for title in ("", "link", "model", "place", "state"):
        table.add_column(title, overflow="fold", no_wrap=not terminal)
    for row in rows:
        style = "green" if row.usable else "dim"
        position = str(row.position) if row.position is not None else "-"
        cells = (position, row.name, row.model, row.place, row.state)
        table.add_row(*(Text(one_line(cell, 300)) for cell in cells[:-1]), Text(one_line(row.state, 300), style=style))
    console = Console(file=sys.stdout, force_terminal=terminal, highlight=False, width=None if terminal else 400)
    console.print(table)
