"""Edits in an answer: blocks with markers, diffs, and pairs of code blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from snapfix.diagnosis import Edit
from snapfix.normalise.draft import Draft, Fence, clean_path
from snapfix.normalise.places import path_above, path_in
from snapfix.normalise.prose import SHELLS

# Edit blocks are taken out line by line before the rest is read as Markdown, where `=======` means a heading.
_OLD_WORDS = r"(?:FIND|SEARCH|ORIGINAL|OLD|BEFORE|HEAD|CURRENT)"
_NEW_WORDS = r"(?:REPLACE(?:MENT| WITH)?|UPDATED?|NEW|AFTER|END)"


@cache
def _markers() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    start = re.compile(
        rf"([ \t]{{0,16}})<{{3,12}}[ \t]{{0,4}}(?:{_OLD_WORDS}\b[ :>`]{{0,8}}(.{{0,300}})|)$", re.IGNORECASE
    )
    divider = re.compile(
        rf"[ \t]{{0,16}}(?:={{5,12}}|={{3,12}}[ \t]{{0,4}}{_NEW_WORDS}\b.{{0,40}})[ \t]{{0,16}}$", re.IGNORECASE
    )
    end = re.compile(rf"[ \t]{{0,16}}>{{3,12}}[ \t]{{0,4}}(?:{_NEW_WORDS}\b.{{0,300}}|)$", re.IGNORECASE)
    return start, divider, end


def take_edit_blocks(lines: list[str], draft: Draft, truncated: bool) -> list[str]:
    """Move every ``<<<<<<< FIND`` block into the draft; its lines become empty."""
    start_marker, divider, end_marker = _markers()
    rest = list(lines)
    path = ""
    start = None
    for number, line in enumerate(lines):
        if (match := start_marker.match(line)) and (match[2] is not None or line.count("<") >= 5):
            start = number
        elif start is not None and _closes_block(lines, start, number, end_marker, truncated):
            path = path_in(start_marker.sub(r"\2", lines[start])) or path_above(rest, start) or path
            edit = _block_edit(lines[start : number + 1], path, divider)
            if edit is not None:
                draft.edits.append(edit)
            fenced = not end_marker.match(line)
            rest[start : number + (0 if fenced else 1)] = [""] * (number - start + (0 if fenced else 1))
            start = None
    if start is not None:
        rest[start:] = _after_unclosed(rest[start:])
    return rest


def _after_unclosed(lines: list[str]) -> list[str]:
    """An edit without an end is dropped, up to the next heading."""
    end = next((i for i, line in enumerate(lines) if i and re.match(r"#{1,4} \S", line)), len(lines))
    return [""] * end + lines[end:]


def _closes_block(lines: list[str], start: int, number: int, end: re.Pattern[str], truncated: bool) -> bool:
    """At its end marker; or, forgotten by small models, at the end of the code fence that it stands in."""
    line = lines[number]
    if (match := end.match(line)) and (line.count(">") >= 5 or match[0].strip(" >\t")):
        return True
    if truncated or not re.match(r"[ \t]{0,16}(?:`{3,}|~{3,})[ \t]{0,8}$", line):
        return False
    within = any(re.match(r"[ \t]{0,16}(?:`{3,}|~{3,})", above) for above in lines[max(start - 2, 0) : start])
    return within and any(_markers()[1].match(inner) for inner in lines[start + 1 : number])


def _block_edit(block: list[str], path: str, divider: re.Pattern[str]) -> Edit | None:
    """The edit of a block, its markers at both ends; None without a divider."""
    indentation = block[0][: len(block[0]) - len(block[0].lstrip())]
    inner = block[1:-1]
    if indentation and all(line.startswith(indentation) for line in inner if line.strip()):
        inner = [line[len(indentation) :] for line in inner]
    dividers = [i for i, line in enumerate(inner) if divider.match(line)]
    # Seven signs are the form; other lines of `=` may be headings inside a docstring.
    exact = [i for i in dividers if inner[i].strip() == "======="]
    if not dividers:
        return None
    middle = (exact or dividers)[0]
    find = "\n".join(inner[:middle])
    if find.startswith("lines copied from the file, exactly"):
        return None
    return Edit(path, find, "\n".join(inner[middle + 1 :]))


# -- diffs ---------------------------


def take_bare_diffs(lines: list[str], draft: Draft) -> list[str]:
    """Move diffs that stand in the text without a fence into the draft."""
    rest = list(lines)
    number = 0
    while number < len(lines) - 2:
        is_diff = lines[number].startswith("--- ") and lines[number + 1].startswith("+++ ")
        fenced = number > 0 and lines[number - 1].lstrip().startswith(("```", "~~~"))
        if not is_diff or fenced or not lines[number + 2].startswith("@@"):
            number += 1
            continue
        end = number + 2
        while end < len(lines) and _goes_on(lines, end):
            end += 1
        if not _is_inside_fence(lines, number):
            draft.edits += diff_edits("\n".join(lines[number:end]), "")
            rest[number:end] = [""] * (end - number)
        number = end
    return rest


def _goes_on(lines: Sequence[str], number: int) -> bool:
    """The line belongs to the diff; an empty one does where the diff goes on behind it (and not a list)."""
    line = lines[number]
    if line:
        return line.startswith((" ", "+", "-", "@", "\\"))
    following = lines[number + 1] if number + 1 < len(lines) else ""
    return following.startswith((" ", "+", "-", "@")) and not following.startswith("- ")


def _is_inside_fence(lines: Sequence[str], number: int) -> bool:
    return sum(line.lstrip().startswith(("```", "~~~")) for line in lines[max(number - 400, 0) : number]) % 2 == 1


def diff_edits(text: str, path: str) -> list[Edit]:
    """One edit for each hunk of a unified diff, also of one without line numbers or file names."""
    edits: list[Edit] = []
    hunk: list[str] = []
    new_file = False
    for line in [*text.split("\n"), "@@"]:
        is_header = line.startswith(("@@", "--- ", "+++ ", "diff --git", "index ", "new file", "deleted file"))
        if not is_header:
            hunk.append(line)
            continue
        if edit := _hunk_edit(hunk, path, new_file):
            edits.append(edit)
        hunk = []
        if line.startswith(("--- ", "+++ ")):
            named = line[4:].split("\t")[0].strip()
            new_file = named == "/dev/null" if line.startswith("---") else new_file
            path = clean_path(named) if named != "/dev/null" else path
    return edits


def _hunk_edit(hunk: Sequence[str], path: str, new_file: bool) -> Edit | None:
    lines = [line for line in hunk if not line.startswith("\\")]
    while lines and not lines[-1].strip():
        lines.pop()
    lines = _nearest_context(lines)
    old = [_without_sign(line) for line in lines if not line.startswith("+")]
    new = [_without_sign(line) for line in lines if not line.startswith("-")]
    if old == new or (not any(line.strip() for line in old) and not new_file):
        return None
    return Edit(path, "" if new_file else "\n".join(old), "\n".join(new))


def _nearest_context(lines: list[str]) -> list[str]:
    """The hunk without the context that follows an empty line: models seldom get the number of those right."""
    changed = max((i for i, line in enumerate(lines) if line.startswith(("+", "-"))), default=len(lines))
    last = next((i for i in range(changed + 1, len(lines)) if not lines[i].strip()), len(lines))
    kept = lines[:last]
    return kept if any(line.strip() and not line.startswith("+") for line in kept) else lines


def _without_sign(line: str) -> str:
    return line[1:] if line.startswith((" ", "+", "-")) else line


# -- pairs of code blocks ------------

_OLD_LABEL = re.compile(
    r"\b(?:find|search|original|old|before|existing|current|replace this|change|buggy|incorrect)\b", re.IGNORECASE
)
_NEW_LABEL = re.compile(
    r"\b(?:replace(?:d|ment)?(?: it| this)? (?:with|by)|replace|with|new|after|updated|to|fixed|corrected|should be)\b",
    re.IGNORECASE,
)


def take_fenced_edits(lines: list[str], fences: Sequence[Fence], draft: Draft) -> list[Fence]:
    """Move diffs, and pairs of blocks labelled "find" and "replace", into the draft; the other blocks are returned.

    Lines that do nothing but announce such a block become empty.
    """
    kept: list[Fence] = []
    waiting: tuple[Fence, str, int | None] | None = None
    path = ""
    previous_end = 0
    for fence in fences:
        number = _label_line(lines, previous_end, fence.start)
        label = lines[number] if number is not None else ""
        path = path_above(lines, fence.start + 1) or path_in(fence.text.split("\n", 1)[0]) or path
        previous_end = fence.end
        if fence.language in ("diff", "patch") or _looks_like_diff(fence.text):
            draft.edits += diff_edits(fence.text, path)
            _blank(lines, number)
        elif waiting is not None and _NEW_LABEL.search(label):
            draft.edits.append(Edit(waiting[1], waiting[0].text, fence.text))
            _blank(lines, number, waiting[2])
            waiting = None
        elif _OLD_LABEL.search(label) and fence.language not in SHELLS:
            kept += [waiting[0]] if waiting is not None else []
            waiting = (fence, path, number)
        else:
            kept += [waiting[0], fence] if waiting is not None else [fence]
            waiting = None
    return kept + ([waiting[0]] if waiting is not None else [])


def _blank(lines: list[str], *numbers: int | None) -> None:
    for number in numbers:
        if number is not None and lines[number].rstrip(" *_").endswith(":"):
            lines[number] = ""


def _looks_like_diff(text: str) -> bool:
    return text.startswith(("--- a/", "diff --git ", "@@ -")) or "\n@@ -" in text[:2000]


def _label_line(lines: Sequence[str], first: int, start: int) -> int | None:
    """The last line of text above a code block, where it is short enough to be its label."""
    above = next((i for i in range(start - 1, max(first, start - 4) - 1, -1) if lines[i].strip()), None)
    return above if above is not None and len(lines[above]) <= 100 else None
