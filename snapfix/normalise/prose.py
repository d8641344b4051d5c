"""Plain sentences: what they say about a crash, and the commands in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from snapfix.normalise.draft import MAX_PROSE, Draft, Part
from snapfix.normalise.places import location_in

SHELLS = frozenset({"bash", "sh", "shell", "console", "shell-session", "zsh", "powershell", "cmd", "bat", "terminal"})
_BULLET = re.compile(r"\s{0,12}(?:>\s?)?(?:[-*+•]\s{1,4}|\(?\d{1,2}[.)]\s{1,4})?")


def without_bullet(line: str) -> str:
    """A line of a list without its sign or number."""
    match = _BULLET.match(line)
    return line[match.end() :] if match else line


def fill_code(draft: Draft, part: Part) -> None:
    """Move a part's code blocks into the draft: commands, or code to show."""
    for fence in part.code:
        is_shell = fence.language in SHELLS or (part.kind == "commands" and fence.language in ("", "text"))
        if is_shell and part.kind in ("commands", "fix", "preamble", "explanation", "cause"):
            draft.commands += fence.text.split("\n")
        elif part.kind in ("fix", "preamble", "other", "explanation") and fence.text.strip():
            draft.code.append(fence.text)


def fill_from_prose(draft: Draft, parts: Sequence[Part]) -> None:
    """No part is labelled: the sentences themselves must say what is the cause and what the fix."""
    draft.location = next((found for part in parts if part.kind == "where" and (found := location_in(part.text))), None)
    draft.confidence = "\n".join(part.text for part in parts if part.kind == "confidence")
    for part in parts:
        if part.kind not in ("where", "confidence"):
            fill_code(draft, part)
    draft.commands += [line for part in parts if part.kind == "commands" for line in commands_in(part.text)]
    text = without_greeting("\n".join(part.text for part in parts if part.kind in ("preamble", "explanation", "other")))
    if not _is_about_a_crash(text, has_code=bool(draft.code or draft.edits or draft.commands)):
        return
    paragraphs = [paragraph.strip() for paragraph in re.split(r"\n[ \t]*\n", text) if paragraph.strip()]
    causes = [i for i, paragraph in enumerate(paragraphs) if _CAUSE_WORDS.search(paragraph)]
    cause = causes[0] if causes else 0
    fixes = [paragraph for paragraph in paragraphs[cause + 1 :] if _FIX_WORDS.search(paragraph)]
    draft.cause = paragraphs[cause]
    draft.analysis = "\n\n".join(paragraphs[:cause])
    draft.summary = "\n\n".join(fixes)
    advice = _ADVICE.search(draft.cause)
    if not fixes and advice is not None:
        draft.cause, draft.summary = draft.cause[: advice.start()], draft.cause[advice.start() :].strip()


_CAUSE_WORDS = re.compile(
    r"\b(?:because|caused?|due to|since|reason|problem is|issue is|happens when|occurs when|comes from|means that)\b",
    re.IGNORECASE,
)
# A sentence in the middle of a paragraph that says what to do.
_ADVICE = re.compile(
    r"(?<=[.!?])\s(?:you (?:should|can|need to|must|could)|to (?:fix|solve|resolve)|the fix is"
    r"|(?:please )?(?:add|change|replace|use|try|install))\b.*",
    re.IGNORECASE | re.DOTALL,
)
_FIX_WORDS = re.compile(
    r"\b(?:fix|change|replace|should|add|instead|install|rename|remove|use|try|correct|solution|resolve|ensure"
    r"|make sure)\b",
    re.IGNORECASE,
)
_CRASH_WORDS = re.compile(
    r"\b(?:error|exception|traceback|line \d+|none|undefined|not defined|missing|returns?|variable|function|method"
    r"|attribute|module|import(?:ed)?|argument|key|index|list|dict(?:ionary)?|string|class|object|file|syntax|call(?:ed|s)?|value|type"
    r"|code)\b",
    re.IGNORECASE,
)


def _is_about_a_crash(text: str, *, has_code: bool) -> bool:
    """Sentences about a program, not noise: different words of its trade, and of cause or remedy."""
    words = {word.lower() for word in _CRASH_WORDS.findall(text[:MAX_PROSE])}
    says_why = bool(_CAUSE_WORDS.search(text[:MAX_PROSE]) or _FIX_WORDS.search(text[:MAX_PROSE]))
    enough = len(re.findall(r"[^\W\d_]{2,}", text[:MAX_PROSE])) >= 5
    return enough and ((len(words) >= 2 and says_why) or (has_code and (bool(words) or says_why)))


def without_greeting(text: str) -> str:
    """Without "Sure! Here is what went wrong:" in front."""
    greeting = (
        r"\s*(?:sure|certainly|of course|absolutely|great question|okay|ok|let's|here(?:'s| is| are)|i'll|hello|hi)\b"
    )
    first, _, rest = text.partition("\n")
    if re.match(greeting, first, re.IGNORECASE) and len(first) < 200 and (first.rstrip().endswith((":", "!")) or rest):
        return rest.strip() or first
    return text.strip()


# Programs that commands begin with; anything else in a text is a sentence.
_PROGRAMS = frozenset(
    {
        *(
            "pip",
            "pip3",
            "python",
            "python3",
            "py",
            "uv",
            "poetry",
            "pipenv",
            "conda",
            "mamba",
            "pdm",
            "hatch",
            "tox",
            "pytest",
        ),
        *(
            "npm",
            "yarn",
            "git",
            "export",
            "set",
            "source",
            "apt",
            "apt-get",
            "sudo",
            "brew",
            "cd",
            "mkdir",
            "touch",
            "chmod",
            "cp",
        ),
        *(
            "mv",
            "rm",
            "docker",
            "django-admin",
            "flask",
            "alembic",
            "make",
            "curl",
            "wget",
            "unset",
            "ls",
            "which",
            "pipx",
            "rye",
        ),
    }
)


def commands_in(text: str) -> list[str]:
    """The commands that a text names, in backticks or as lines of their own."""
    commands: list[str] = []
    for line in text.split("\n"):
        quoted = re.findall(r"`([^`\n]{2,400})`", line)
        bare = without_bullet(line).strip()
        named = quoted or [re.sub(r"^\$\s", "", bare)]
        commands += [one for one in named if one.split(" ", 1)[0] in _PROGRAMS and not one.endswith(".")]
    return commands
