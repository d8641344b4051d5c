"""From a crash to a prompt: load a template, redact what goes into it, fit the budget, fill it.

A template is a Markdown file with front matter and Jinja2 (sandboxed); ``prompts/README.md`` lists its variables.
Everything that goes into it is redacted here, once. What does not fit the budget is left out by rank and recorded.
"""

from __future__ import annotations

from snapfix import layouts
from snapfix.crash import CrashContext, LeftOut
from snapfix.diagnosis import Diagnosis
from snapfix.prompt import Prompt
from snapfix.templates.filling import Filler, size
from snapfix.templates.fitting import SHARES, fit_pieces, fit_text, fit_traceback
from snapfix.templates.loading import Section, Template, load, shipped_folder
from snapfix.templates.material import affordable, gather, redacted

__all__ = ["Section", "Template", "build", "load", "shipped_folder"]


def build(
    context: CrashContext,
    template: Template,
    *,
    budget: int,
    hypothesis: Diagnosis | None = None,
    redact: bool = True,
) -> Prompt:
    """Fill a template with a crash.

    ``budget`` is the ceiling for what is put into the template, in estimated tokens: the whole prompt is never
    larger than ``budget`` and the template's own text. The traceback comes first and takes at most half of it
    (long ones are shortened in the middle), then the facts and the hypothesis, then the pieces of code by rank. A piece
    that does not fit is cut to the lines around its failing lines, or left out; ``left_out`` says so.

    ``hypothesis`` is the offline analyser's diagnosis; it is passed on where its confidence is not "unsure".
    ``redact`` is False only where the user exempted a model that runs on this machine.

    Raises:
        SettingsError: the template fails; the message names its file and line.
    """
    left_out: list[LeftOut] = []
    material = affordable(gather(context, hypothesis), budget, left_out)
    if redact:
        material = redacted(material)
    filler = Filler(template, budget, layouts.display_name(context.traceback))
    fields = fit_traceback(material, filler, left_out)
    for name, share in SHARES.items():
        fields = fit_text(fields, name, getattr(material, name), filler, left_out, share)
    fields = fit_pieces(fields, material.pieces, filler, left_out)
    messages = filler.fill(fields)
    sent = "".join(message.content for message in messages)
    return Prompt(
        messages=messages,
        template=template.name,
        version=template.version,
        tokens=size(messages),
        max_tokens=template.max_tokens,
        temperature=template.temperature,
        model=template.model,
        left_out=tuple(left_out),
        masks=tuple((mask, secret) for mask, secret in material.masks if mask in sent),
    )
