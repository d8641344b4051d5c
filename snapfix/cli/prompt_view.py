"""What ``--show-prompt`` shows: the prompt as each link would get it, byte for byte, and what is not in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TextIO

from snapfix.crash import CrashContext, LeftOut
from snapfix.diagnosis import Diagnosis
from snapfix.failures import ProviderFailed
from snapfix.link import Link
from snapfix.prompt import Prompt, Room
from snapfix.render.base import clean, one_line

if TYPE_CHECKING:
    from snapfix.preparation import PromptBuilder


@dataclass(frozen=True, slots=True)
class PromptView:
    """One prompt and the links that would get it.

    Links with the same budget get the same prompt: cloud links one, local links another.
    """

    links: tuple[Link, ...]
    prompt: Prompt
    left_out: tuple[LeftOut, ...]


_NOBODY = Link(name="nobody", model="nobody", provider="nobody", local=True)


def view(
    context: CrashContext,
    hypothesis: Diagnosis,
    links: Sequence[Link],
    build: PromptBuilder,
    window_of: Callable[[Link], int | None],
) -> tuple[PromptView, ...]:
    """The prompts for one crash, the first link's first; one for nobody where no link can get any."""
    groups: dict[tuple[bool, int], list[Link]] = {}
    nothing: list[LeftOut] = []
    rooms = {link: Room(window_of(link)) for link in links}
    for link in links:
        try:
            groups.setdefault((link.local, build.budget(link, rooms[link])), []).append(link)
        except ProviderFailed as failed:
            nothing.append(LeftOut(f"any prompt for `{link.model}`", failed.failure.message))
    views: list[PromptView] = []
    for group in groups.values() or [[]]:
        first = group[0] if group else _NOBODY
        prompt = build(context, hypothesis, first, rooms.get(first, Room()))
        if views and views[-1].prompt.messages == prompt.messages:
            views[-1] = replace(views[-1], links=(*views[-1].links, *group))
        else:
            views.append(PromptView(tuple(group), prompt, (*nothing, *context.left_out, *prompt.left_out)))
    return tuple(views)


def show(crashes: Sequence[tuple[PromptView, ...]], *, as_json: bool, out: TextIO) -> None:
    """Print the prompts as text or as one JSON document."""
    views = [one for crash in crashes for one in crash]
    if as_json:
        from snapfix.render.json import SCHEMA_VERSION, write

        write({"schema_version": SCHEMA_VERSION, "prompts": [_document(one) for one in views]}, out)
        return
    out.write("\n".join(line for one in views for line in _lines(one)) + "\n")


def _document(one: PromptView) -> dict[str, Any]:
    prompt = one.prompt
    return {
        "to": [{"link": link.name, "model": link.model, "local": link.local} for link in one.links],
        "template": prompt.template,
        "template_version": prompt.version,
        "tokens": prompt.tokens,
        "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
        "masked": len(prompt.masks),
        "left_out": [{"what": item.what, "reason": item.reason} for item in one.left_out],
    }


def _lines(one: PromptView) -> list[str]:
    prompt = one.prompt
    lines = [f"=== to: {_recipients(one.links)}"]
    masked = f", {len(prompt.masks)} secret(s) masked" if prompt.masks else ""
    template = f"template {one_line(prompt.template)} version {one_line(prompt.version)}"
    lines.append(f"=== about {prompt.tokens} tokens, {template}{masked}")
    for message in prompt.messages:
        lines += [f"=== {message.role}", clean(message.content)]
    if one.left_out:
        lines.append("=== left out")
        lines += [f"{one_line(item.what)}: {one_line(item.reason)}" for item in one.left_out]
    return [*lines, ""]


def _recipients(links: tuple[Link, ...]) -> str:
    if not links:
        return "nobody: no model is chosen, none has room for it, or `offline` is set"
    return ", then ".join(f"{one_line(link.model)} ({link.place}{_keyless(link)})" for link in links)


def _keyless(link: Link) -> str:
    missing = link.key_variable is not None and link.key is None
    return f", skipped: `{link.key_variable}` is not set" if missing else ""
