"""An answer in Markdown: its parts, whatever they are called and however they are set off."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from snapfix.normalise.draft import Draft, Fence, Part, listed
from snapfix.normalise.edits import take_bare_diffs, take_edit_blocks, take_fenced_edits
from snapfix.normalise.places import evidence_in, location_in
from snapfix.normalise.prose import commands_in, fill_code, fill_from_prose, without_bullet, without_greeting

if TYPE_CHECKING:
    from markdown_it.token import Token


def from_markdown(answer: str, truncated: bool) -> Draft:
    """What an answer in Markdown, or in plain sentences, says."""
    draft = Draft()
    lines = answer.split("\n")
    lines = take_edit_blocks(lines, draft, truncated)
    lines = take_bare_diffs(lines, draft)
    headings, fences = _structure(lines)
    kept = take_fenced_edits(lines, fences, draft)
    parts = _split_parts(lines, headings, fences, kept)
    if truncated and parts:
        _drop_unfinished(parts[-1])
    draft.structured = any(part.kind in ("analysis", "cause", "fix") for part in parts)
    if draft.structured:
        _fill(draft, parts)
    else:
        fill_from_prose(draft, parts)
    return draft


def _drop_unfinished(part: Part) -> None:
    """The last sentence has no end: it was cut off."""
    text = part.text.rstrip()
    if text and text[-1] not in ".!?:`)\"'*":
        end = max(text.rfind(mark) for mark in (". ", ".\n", "! ", "? ", "!\n", "?\n"))
        part.lines = text[: end + 1].split("\n") if end > 0 else part.lines


def _structure(lines: Sequence[str]) -> tuple[dict[int, tuple[int, str]], list[Fence]]:
    """Headings (line -> level, title) and code blocks, as a Markdown parser sees them."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").disable(["inline", "html_block", "reference", "code"])
    tokens: list[Token] = parser.parse("\n".join(lines))
    headings: dict[int, tuple[int, str]] = {}
    fences: list[Fence] = []
    for position, token in enumerate(tokens):
        if token.map is None:
            continue
        start, end = token.map
        if token.type == "fence":
            language = (token.info.split() or [""])[0].lower()
            fences.append(Fence(language, token.content.rstrip("\n"), start, end))
        elif token.type == "heading_open":
            headings[start] = (int(token.tag[1:]), tokens[position + 1].content)
    return headings, fences


def _split_parts(
    lines: Sequence[str], headings: Mapping[int, tuple[int, str]], fences: Sequence[Fence], kept: Sequence[Fence]
) -> list[Part]:
    """The parts of an answer; code blocks that are not ``kept`` have been read already."""
    parts = [Part("preamble", 0)]
    by_start = {fence.start: fence for fence in fences}
    unread = {fence.start for fence in kept}
    number = 0
    while number < len(lines):
        if fence := by_start.get(number):
            parts[-1].code += [fence] if fence.start in unread else []
            number = max(fence.end, number + 1)
            continue
        if number in headings:
            _begin(parts, *headings[number])
            # The line below the title of a setext heading is its underline.
            number += 1 + (not lines[number].lstrip(" >*-").startswith("#"))
            continue
        _add_line(parts, lines[number])
        number += 1
    return parts


def _begin(parts: list[Part], level: int, title: str) -> None:
    kind, rest = _kind_of_heading(title)
    current = parts[-1]
    if kind is None:
        if level > current.level > 0 and current.kind not in ("where", "confidence"):
            return
        kind = "preamble" if current.kind == "preamble" else "other"
    parts.append(Part(kind, level, [rest] if rest else []))


def _add_line(parts: list[Part], line: str) -> None:
    if re.match(r"\s{0,12}(?:`{3,}|~{3,})", line) or re.fullmatch(r"\s{0,3}(?:[-*_]\s?){3,80}", line):
        return
    kind, rest = _label(line)
    if kind in ("where", "confidence") and rest:
        parts.insert(len(parts) - 1, Part(kind, 7, [rest]))
    elif kind is not None:
        parts.append(Part(kind, 7, [rest] if rest else []))
    else:
        parts[-1].lines.append(line)


_TITLES: Mapping[str, tuple[str, ...]] = {
    "analysis": listed(
        "error analysis, analysis, error, what happened, what went wrong, what the error means, error "
        "summary, what this error means, what does this error mean, error explanation, understanding the "
        "error, error overview, the error, overview, traceback analysis, analysis of the error"
    ),
    "cause": listed(
        "root cause, cause, root cause analysis, why, why it happens, why this happens, why it happened, why "
        "this happened, why did this happen, reason, problem, issue, diagnosis, underlying cause, cause of "
        "the error, problem identified, actual cause, core issue, what caused it, what caused this"
    ),
    "explanation": listed("explanation, details, detailed explanation, why this works, why the fix works"),
    "where": listed(
        "where, location, where the fault lies, fault location, location of the fault, error location, file"
    ),
    "fix": listed(
        "fix, solution, suggested fix, proposed fix, how to fix, how to fix it, how to fix this, corrected "
        "code, recommended fix, resolution, code fix, fixed code, changes, patch, suggested solution, edits, "
        "updated code, proposed solution, recommended solution, quick fix, correction, fixes, solutions, code "
        "changes, fix the code, suggested change, suggested changes, what to change, recommendation, minimal "
        "fix, recommended change"
    ),
    "commands": listed("commands, command, commands to run, run, run these commands, install"),
    "prevention": listed(
        "prevention, how to prevent it, how to prevent this, preventing this, preventive measures, best "
        "practices, prevention tips, how to avoid this, avoiding this, prevent recurrence, preventing "
        "recurrence, future prevention"
    ),
    "confidence": listed("confidence, confidence level, certainty"),
    "evidence": listed("evidence, supporting evidence"),
    "other": listed("verification, how to verify, testing, notes, note, additional notes, alternatives, next steps"),
}
_BY_TITLE = {title: kind for kind, titles in _TITLES.items() for title in titles}
_TITLE_STARTS: Mapping[str, tuple[str, ...]] = {
    "cause": listed("root cause, why, cause of"),
    "analysis": listed("error analysis, what went wrong, what happened"),
    "fix": listed(
        "fix, how to fix, solution, suggested, proposed, corrected, recommended, apply the fix, changes to, updated, "
        "edit"
    ),
    "prevention": listed("prevent, how to prevent, how to avoid"),
    "explanation": listed("explanation"),
    "commands": listed("commands"),
    "confidence": listed("confidence"),
}


def _plain_title(title: str) -> str:
    """Lower case, without markup, numbers, pictures and articles."""
    words = re.sub(r"[^a-z' ]+", " ", title[:120].lower().replace("’", "'"))
    words = re.sub(r"^\s*(?:step|part|section)\b", "", words)
    return re.sub(r"^(?:the|a|an|my) ", "", " ".join(words.split()))


def _kind_by_start(title: str) -> str | None:
    if not title:
        return None
    for kind, starts in _TITLE_STARTS.items():
        if any(title == start or title.startswith(start + " ") for start in starts):
            return kind
    return None


def _kind_of_heading(title: str) -> tuple[str | None, str]:
    head, colon, rest = title.partition(":")
    for text, remainder in ((title, ""), (head, rest)):
        plain = _plain_title(text)
        kind = _BY_TITLE.get(plain) or _kind_by_start(plain)
        if kind is not None:
            # "Root cause: the list is empty" as a heading says it all; "Fix in `a.py`" only names the file.
            rest_of_title = rest.strip(" *_") if colon and kind not in ("fix", "commands") else ""
            return kind, remainder.strip(" *_") or rest_of_title
    return None, ""


_BOLD = re.compile(
    r"(\*\*\*?|__)(?P<title>[^*_\n]{1,60}?)\s?(?P<colon>[:：]?)\s?\1\s?(?P<after>[:：]|[-–—]\s|$)?(?P<rest>.*)$"
)


def _label(line: str) -> tuple[str | None, str]:
    """What a line such as ``**Root cause:** the list is empty`` begins, and what it already says."""
    if len(line) > 4000:
        return None, ""
    body = without_bullet(line)
    if match := _BOLD.match(body):
        if not (match["colon"] or match["after"] or not match["rest"].strip()):
            return None, ""
        kind = _BY_TITLE.get(_plain_title(match["title"]))
        return kind, match["rest"].strip() if kind else ""
    head, colon, rest = body.partition(":")
    if colon and len(head) <= 40 and head.strip():
        kind = _BY_TITLE.get(_plain_title(head))
        # `error: ...` and `file: ...` begin many a line that is no label.
        lower = head.strip()[:1].islower() or _plain_title(head) in ("error", "file", "run", "install")
        return (kind, rest.strip()) if kind and not lower and not rest.startswith(":") else (None, "")
    if not colon and len(body) <= 40 and body[:1].isupper():
        return _BY_TITLE.get(_plain_title(body.strip())) if " " in body.strip() or body is not line else None, ""
    return None, ""


def _fill(draft: Draft, parts: Sequence[Part]) -> None:
    texts: dict[str, list[str]] = {}
    for part in parts:
        if part.text.strip():
            texts.setdefault(part.kind, []).append(part.text.strip())
    # Models that do not stop repeat themselves.
    joined = {kind: "\n\n".join(dict.fromkeys(many)) for kind, many in texts.items()}
    draft.analysis = joined.get("analysis") or without_greeting(joined.get("preamble", ""))
    draft.cause = joined.get("cause", "")
    explanation = joined.get("explanation", "")
    if explanation and draft.cause:
        draft.cause += f"\n\n{explanation}"
    elif explanation:
        draft.cause = explanation
    draft.summary = joined.get("fix", "")
    draft.prevention = joined.get("prevention", "")
    draft.confidence = joined.get("confidence", "")
    draft.location = next(filter(None, map(location_in, texts.get("where", []))), None)
    draft.evidence = tuple(evidence_in(joined.get("evidence", "")))[:20]
    for part in parts:
        fill_code(draft, part)
    draft.commands += commands_in(joined.get("commands", ""))
