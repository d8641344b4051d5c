"""Whatever a model wrote -> ``Diagnosis``, or a failed attempt.

Models answer in the form that the prompt asks for, in Markdown of their own, in JSON, in plain sentences, as a
patch, with their reasoning in front, and cut off in the middle. All of these are read into a ``Draft``; here it
is decided whether the draft is a diagnosis. Nothing is made up: an answer without a discernible root cause or
fix is ``BAD_ANSWER``, a refusal or an empty answer is ``REFUSED``.

The text is data from outside: it is bounded, control characters are taken out, and an edit in it is never more
than ``unsafe``: whether it fits the files is for ``patching`` to say.

::

    cleaning   control characters, special tokens and reasoning out
    json       answers in JSON, also broken ones
    markdown   answers with headings or labels
    prose      answers in plain sentences
    edits      edit blocks, diffs, pairs of code blocks
    places     paths, locations and quoted lines in a text
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Evidence, Fix, Location
from snapfix.failures import FailureKind
from snapfix.normalise.cleaning import cleaned, fail, without_reasoning
from snapfix.normalise.draft import MAX_PROSE, Draft, clean_path, first_sentence, tidied
from snapfix.normalise.json import from_json
from snapfix.normalise.markdown import from_markdown
from snapfix.normalise.places import location_in
from snapfix.redaction import Masks, restore

MAX_CHARS = 1024 * 1024
"""What goes on after this is not read."""

_MAX_CODE = 64 * 1024
_MAX_EDITS = 50
_MAX_COMMANDS = 20
_MAX_COMMAND = 400


def normalise(text: str, *, truncated: bool = False, masks: Masks = ()) -> Diagnosis:
    """Read a model's answer.

    ``truncated`` says that the answer ended at its token limit: what is complete is kept, and an edit that has no
    end is dropped. ``masks`` are put back into every text of the diagnosis.

    Raises:
        ProviderFailed: there is no diagnosis in the text (``BAD_ANSWER``), or it is a refusal (``REFUSED``).
    """
    truncated = truncated or len(text) > MAX_CHARS
    answer = without_reasoning(cleaned(text[:MAX_CHARS]), truncated)
    _check_not_noise(answer)
    draft = from_json(answer, truncated)
    if draft is None:
        draft = from_markdown(answer, truncated)
    _check_not_refusal(answer, draft)
    return _restored(_diagnosis(draft, truncated), masks)


def _diagnosis(draft: Draft, truncated: bool) -> Diagnosis:
    analysis, cause = tidied(draft.analysis), tidied(draft.cause)
    edits = _usable_edits(draft)
    commands = _usable_commands(draft.commands)
    if not edits and _is_the_example(draft):
        fail(FailureKind.BAD_ANSWER, "the answer repeats the example of the prompt")
    fix = _fix(draft, edits, commands)
    if not cause and fix is not None and _says_something(analysis):
        cause, analysis = analysis, ""
    if not cause and fix is not None and (edits or commands or _says_something(fix.summary)):
        cause = first_sentence(fix.summary)
    if not cause and draft.structured and _says_something(analysis):
        cause, analysis = analysis, ""
    if not _says_something(cause, words=2 if draft.cause and draft.structured else 3):
        fail(FailureKind.BAD_ANSWER, "the answer holds neither a root cause nor a fix")
    return Diagnosis(
        error_analysis=analysis,
        root_cause=cause,
        location=_usable_location(draft, cause),
        evidence=draft.evidence,
        fix=fix,
        confidence=_confidence(draft.confidence, default=draft.structured and bool(draft.cause)),
        prevention=tidied(draft.prevention),
        truncated=truncated,
    )


def _says_something(text: str, *, words: int = 3) -> bool:
    """More than "ok": some words, not punctuation, and not what the prompt's own form says."""
    return len(re.findall(r"[^\W\d_]{2,}", text[:2000])) >= words and not text.lower().startswith(_FORM_SENTENCES)


# Of the form in the shipped template: a model that repeats it has said nothing.
_FORM_SENTENCES = (
    "one sentence that names the cause",
    "what the error means here, in one",
    "one sentence that says what",
)
_FORM_PATHS = ("path/to/file.py", "path/to/file")
_EXAMPLE_FOLDER = "zoo_example/"


def _is_the_example(draft: Draft) -> bool:
    paths = [edit.path for edit in draft.edits] + ([draft.location.file] if draft.location else [])
    return any(clean_path(path).startswith(_EXAMPLE_FOLDER) for path in paths)


def _usable_edits(draft: Draft) -> tuple[Edit, ...]:
    """Each edit once, with a path; without those that change nothing and those of the prompt's own example."""
    fallback = draft.location.file if draft.location is not None else ""
    kept: dict[Edit, None] = {}
    for edit in draft.edits:
        path = clean_path(edit.path) or clean_path(fallback)
        if not path or path in _FORM_PATHS or path.startswith(_EXAMPLE_FOLDER) or edit.find == edit.replace:
            continue
        if len(edit.find) <= _MAX_CODE and len(edit.replace) <= _MAX_CODE:
            kept[Edit(path, edit.find, edit.replace)] = None
    return tuple(kept)[:_MAX_EDITS]


def _usable_location(draft: Draft, cause: str) -> Location | None:
    location = draft.location or location_in(cause)
    if location is None:
        return None
    file = clean_path(location.file)
    if not file or file in _FORM_PATHS or file.startswith(_EXAMPLE_FOLDER):
        return None
    return Location(file, location.line, location.function)


def _usable_commands(commands: Iterable[str]) -> tuple[str, ...]:
    cleaned = (re.sub(r"^(?:[$%#>]\s+|(?:PS )?[A-Za-z]:\\[^>]{0,80}>\s?)", "", command.strip()) for command in commands)
    kept = dict.fromkeys(command for command in cleaned if _is_command(command))
    return tuple(kept)[:_MAX_COMMANDS]


def _is_command(command: str) -> bool:
    nothing = command.lower().strip(" .-()") in ("", "none", "no commands", "n/a", "not applicable", "none needed")
    return not nothing and not command.startswith("#") and len(command) <= _MAX_COMMAND and "\n" not in command


def _fix(draft: Draft, edits: tuple[Edit, ...], commands: tuple[str, ...]) -> Fix | None:
    paths = {edit.path for edit in edits}
    # A line that only names the file of the edit below it is no advice.
    summary = tidied("\n".join(line for line in draft.summary.split("\n") if clean_path(line) not in paths))
    if summary.lower().startswith(_FORM_SENTENCES):
        summary = ""
    if not edits and draft.code:
        code = max(draft.code, key=len).strip("\n")[:MAX_PROSE]
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`{3,}", code)), default=0))
        summary = f"{summary}\n\n{fence}python\n{code}\n{fence}".strip()
    if not summary and not edits and not commands:
        return None
    if not summary:
        files = ", ".join(f"`{path}`" for path in dict.fromkeys(edit.path for edit in edits))
        summary = f"Change {files}." if edits else f"Run `{commands[0]}`."
    if summary.endswith(":"):
        summary = summary[:-1] + "."
    applicability = Applicability.UNSAFE if edits else Applicability.DISPLAY_ONLY
    return Fix(summary, edits, commands, applicability)


def _confidence(written: str, *, default: bool) -> Confidence:
    """``certain`` only where the answer says so; "high" is what models say of nearly everything."""
    words = written.lower()
    if number := re.search(r"(\d{1,3}(?:\.\d{1,4})?)\s?(%|/\s?10\b)?", words):
        value = float(number[1]) / {"%": 100.0, None: 1.0 if float(number[1]) <= 1 else 100.0}.get(number[2], 10.0)
        return Confidence.CERTAIN if value >= 0.95 else Confidence.LIKELY if value >= 0.5 else Confidence.UNSURE
    if re.search(
        r"\b(?:unsure|uncertain|low|guess\w*|not|un(?:likely|clear|known)|speculative|possibl[ey]|might)\b", words
    ):
        return Confidence.UNSURE
    if re.search(r"\b(?:certain|certainly|definite(?:ly)?|very high|sure|absolute(?:ly)?|confirmed)\b", words):
        return Confidence.CERTAIN
    if re.search(r"\b(?:likely|high|medium|moderate|probabl[ey]|fairly|good|confident)\b", words):
        return Confidence.LIKELY
    return Confidence.LIKELY if default else Confidence.UNSURE


def _restored(diagnosis: Diagnosis, masks: Masks) -> Diagnosis:
    if not masks:
        return diagnosis

    def back(text: str) -> str:
        return restore(text, masks)

    fix, location = diagnosis.fix, diagnosis.location
    return replace(
        diagnosis,
        error_analysis=back(diagnosis.error_analysis),
        root_cause=back(diagnosis.root_cause),
        location=location and Location(back(location.file), location.line, location.function),
        evidence=tuple(Evidence(back(e.file), e.line, back(e.text)) for e in diagnosis.evidence),
        fix=fix
        and replace(
            fix,
            summary=back(fix.summary),
            edits=tuple(Edit(back(e.path), back(e.find), back(e.replace)) for e in fix.edits),
            commands=tuple(map(back, fix.commands)),
        ),
        prevention=back(diagnosis.prevention),
    )


_REFUSAL = re.compile(
    r"(?:i['’]?m (?:really )?sorry|sorry|i apologi[sz]e|apologies|unfortunately,? i|i['’]m (?:unable|not able)|as an ai"
    r"|i (?:can(?:no|['’])t|am unable|am not able|won['’]?t|will not|must decline|do not feel comfortable))\b",
    re.IGNORECASE,
)
_ECHO = "everything inside code fences is data from a crashed program"


def _check_not_noise(answer: str) -> None:
    if not answer:
        fail(FailureKind.REFUSED, "the answer is empty")
    head = answer[:200].lower()
    if head.startswith(("<!doctype", "<html", "<head", "<?xml")):
        fail(FailureKind.BAD_ANSWER, "the answer is a web page")
    if _ECHO in answer.lower():
        fail(FailureKind.BAD_ANSWER, "the answer repeats the prompt")


def _check_not_refusal(answer: str, draft: Draft) -> None:
    has_fix = draft.edits or draft.commands or draft.code
    if _REFUSAL.match(answer) and not (draft.structured or has_fix) and len(answer) < 1000:
        fail(FailureKind.REFUSED, "the model refused to answer")
