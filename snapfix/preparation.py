"""From settings to what it takes to ask models: the chain, the prompts, the limits, the memory.

Everything slow is imported here and only here, and only when a link can really be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from snapfix.crash import CrashContext
from snapfix.diagnosis import Diagnosis
from snapfix.events import Warned
from snapfix.link import Link
from snapfix.paths import TemplateFolders
from snapfix.pipeline import Asking

if TYPE_CHECKING:
    from snapfix.llm.base import Timeouts
    from snapfix.prompt import Prompt, Room
    from snapfix.settings import Loaded, Settings
    from snapfix.templates import Template

TEMPLATE = "diagnose"
FOR_THIS_RUN = ("command line", "environment")
"""The layers of settings that are stronger than a template's pin."""


def prepare(
    loaded: Loaded, *, environ: Mapping[str, str], state_folder: Path, folders: TemplateFolders
) -> tuple[Asking | None, tuple[Warned, ...]]:
    """What it takes to ask models by these settings, or None where nobody is to be asked.

    Where a link is usable, LiteLLM begins to be imported in the background. Without a usable or chosen link nothing
    that is slow is imported.

    Raises:
        UsageError: the chosen model cannot be understood.
        SettingsError: a template of the user's or the project's is wrong.
    """
    links = chain_links(loaded, environ, folders)
    usable = [link.model for link in links if is_usable(link)]
    if usable:
        from snapfix.llm import litellm_transport

        litellm_transport.warm(usable)
    elif not any(link.chosen for link in links):
        return None, ()
    return _asking(loaded.settings, links, state_folder, folders)


def chain_links(loaded: Loaded, environ: Mapping[str, str], folders: TemplateFolders) -> tuple[Link, ...]:
    """The chain in force; empty where the settings say offline.

    Its first link is what was named for this run (flag or variable), else what the prompt template is pinned to, else
    what the configuration names.
    """
    from snapfix.llm.links import resolve

    settings = loaded.settings
    if settings.offline:
        return ()

    def links(choice: str | None) -> tuple[Link, ...]:
        return resolve(choice, order=settings.order, models=settings.models, environ=environ)

    if loaded.sources.get("model") in FOR_THIS_RUN:
        return links(settings.model)
    template = _own_template(folders)
    if template is None or template.model is None:
        return links(settings.model)
    pinned = links(template.model)
    of_project = folders.project is not None and template.path.is_relative_to(folders.project)
    return links(settings.model) if of_project and not all(link.local for link in pinned) else pinned


def _own_template(folders: TemplateFolders) -> Template | None:
    """The template that replaces the shipped one, which is pinned to nothing."""
    if not any((folder / f"{TEMPLATE}.md").is_file() for folder in folders.search_path):
        return None
    from snapfix import templates

    return templates.load(TEMPLATE, folders.search_path)


def is_usable(link: Link) -> bool:
    """The link has its key and, where it is a local Ollama, something answers there."""
    from snapfix.llm import ollama

    if link.key_variable is not None and link.key is None:
        return False
    if link.local and link.provider.startswith("ollama"):
        return ollama.probe(link.api_base or ollama.DEFAULT_BASE) is not None
    return True


def _asking(
    settings: Settings, links: tuple[Link, ...], state_folder: Path, folders: TemplateFolders
) -> tuple[Asking, tuple[Warned, ...]]:
    from uuid import uuid4

    from snapfix import paths
    from snapfix.llm import attempts
    from snapfix.llm.litellm_transport import LiteLLMTransport

    memory, warnings = attempts.open_memory(paths.memory_file(state_folder))
    asking = Asking(
        links=links,
        prompt_for=PromptBuilder(settings, folders),
        timeouts_for=_timeouts(settings),
        deadline=settings.timeouts.deadline,
        transport=LiteLLMTransport(),
        memory=memory,
        request_id=uuid4().hex,
    )
    return asking, warnings


_LEAST_MATERIAL = 400
"""Tokens: a short traceback and its failing lines. With less there is nothing to diagnose from."""
_LEAST_ANSWER = 1024
"""Tokens: a diagnosis with a fix of some twenty lines."""


class PromptBuilder:
    """How prompts are made by these settings; the template is read when the first one is."""

    def __init__(self, settings: Settings, folders: TemplateFolders) -> None:
        self._settings = settings
        self._folders = folders

    def __call__(self, context: CrashContext, hypothesis: Diagnosis, link: Link, room: Room) -> Prompt:
        """The prompt for one link. Where the model's window is known, prompt and answer surely fit into it.

        Raises:
            ProviderFailed: the window holds no useful prompt.
            SettingsError: the template is wrong.
        """
        from dataclasses import replace

        from snapfix import templates
        from snapfix.llm.base import answer_ceiling, answer_within

        template = self._template()
        budget = self._budget(link, room, template)
        redact = self._settings.redact_local or not link.local
        prompt = templates.build(context, template, budget=budget, hypothesis=hypothesis, redact=redact)
        if room.window is None:
            return prompt
        answer = min(answer_ceiling(link, prompt.max_tokens), answer_within(room.window, prompt.tokens))
        return replace(prompt, max_tokens=answer)

    def budget(self, link: Link, room: Room) -> int:
        """The ceiling for what is put into the template, in tokens: by the settings, and by the model's window.

        The window also holds the template's own text and the answer. A small one is shared: the answer is granted a
        quarter of it, or ``_LEAST_ANSWER``, and has the rest only if the prompt leaves it.

        Raises:
            ProviderFailed: the window holds no useful prompt.
            SettingsError: the template is wrong.
        """
        return self._budget(link, room, self._template())

    def _budget(self, link: Link, room: Room, template: Template) -> int:
        from snapfix.failures import FailureKind, ProviderFailed
        from snapfix.llm.base import answer_ceiling, failure, prompt_within

        ceiling = self._settings.local_context_tokens if link.local else self._settings.context_tokens
        budget = int(ceiling * room.share)
        if room.window is None:
            return budget
        granted = min(answer_ceiling(link, template.max_tokens), max(room.window // 4, _LEAST_ANSWER))
        rest = int((prompt_within(room.window, granted) - _own_tokens(template)) * room.share)
        if rest < min(budget, _LEAST_MATERIAL):
            message = f"its window of {room.window} tokens holds no useful prompt beside the template and an answer"
            hint = "load it with a larger window, or name another model with `--model`"
            raise ProviderFailed(failure(link, FailureKind.CONTEXT_TOO_LONG, message, hint=hint))
        return min(budget, rest)

    def _template(self) -> Template:
        from snapfix import templates

        return templates.load(TEMPLATE, self._folders.search_path)


def _own_tokens(template: Template) -> int:
    """The most that a template's own text can come to: with all of its directives and conditional parts."""
    from snapfix.tokens import estimate_tokens

    return sum(estimate_tokens(section.text) + 4 for section in template.sections)


def _timeouts(settings: Settings) -> Callable[[Link], Timeouts]:
    from snapfix.llm.base import Timeouts

    limits = settings.timeouts

    def timeouts_for(link: Link) -> Timeouts:
        first = limits.local_first_token if link.local else limits.first_token
        return Timeouts(first_token=first, stall=limits.stall, answer=max(limits.answer, first))

    return timeouts_for
