"""An answer in JSON: in a fence, bare, broken, with keys of the model's own choosing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from snapfix.diagnosis import Edit, Evidence, Location
from snapfix.failures import FailureKind
from snapfix.normalise.cleaning import fail
from snapfix.normalise.draft import Draft, clean_path, listed
from snapfix.normalise.edits import diff_edits
from snapfix.normalise.markdown import from_markdown
from snapfix.normalise.places import evidence_in, location_in

_MAX_JSON = 256 * 1024

_KEYS: Mapping[str, tuple[str, ...]] = {
    "analysis": listed("error_analysis, analysis, error_explanation, what_happened, what_went_wrong, error_summary"),
    "cause": listed("root_cause, cause, rootcause, root_cause_analysis, reason, problem, issue, why, diagnosis"),
    "explanation": listed("explanation, details, root_cause_explanation"),
    "location": listed("location, where, fault_location, error_location"),
    "evidence": listed("evidence"),
    "fix": listed("fix, solution, suggested_fix, proposed_fix, recommended_fix, resolution, patch, correction"),
    "edits": listed("edits, changes, code_changes, patches, file_edits, diffs, diff"),
    "commands": listed("commands, command, shell_commands, commands_to_run, run"),
    "confidence": listed("confidence, certainty, confidence_level"),
    "prevention": listed("prevention, prevent, how_to_prevent, preventive_measures, recommendation, recommendations"),
    "summary": listed("summary, description, text, what_to_do, instructions"),
    "code": listed("code, fixed_code, corrected_code, code_snippet, example"),
    "path": listed("path, file, filename, file_path, filepath, file_name"),
    "find": listed("find, search, original, old, before, old_code, original_code, old_text, old_string, from"),
    "replace": listed("replace, replacement, new, after, new_code, updated, replace_with, new_text, new_string, to"),
    "line": listed("line, lineno, line_number, start_line"),
    "function": listed("function, func, method, scope, name"),
    "applicability": listed("applicability"),
}
_WRAPPERS = ("diagnosis", "answer", "result", "response", "output", "json")


def from_json(answer: str, truncated: bool) -> Draft | None:
    """The draft of an answer in JSON; None where it is not JSON, or JSON about something else."""
    for candidate in _json_candidates(answer):
        document, complete = _parse_json(candidate)
        document = _unwrapped(document)
        if isinstance(document, dict) and _is_answer(document):
            return _json_draft(document, complete or not truncated)
    if answer.startswith(("{", "[")) and answer.endswith(("}", "]")) and _parse_json(answer)[1]:
        fail(FailureKind.BAD_ANSWER, "the answer is JSON without a root cause or a fix")
    return None


def _json_candidates(answer: str) -> Iterator[str]:
    if answer.startswith(("{", "[")):
        yield answer[:_MAX_JSON]
    if match := re.search(r"```[ \t]{0,4}(?:json[5c]?)?[ \t]{0,20}\n\s{0,40}(?=[{\[])", answer, re.IGNORECASE):
        end = answer.find("\n```", match.end())
        yield answer[match.end() : end if end >= 0 else None][:_MAX_JSON]
    names = "|".join(("error_?analysis", "root_?cause", "diagnosis", "cause", "analysis", "fix"))
    if match := re.search(rf"\{{\s{{0,40}}[\"'](?:{names})[\"']\s{{0,8}}:", answer, re.IGNORECASE):
        end = answer.rfind("}")
        yield answer[match.start() : end + 1 if end > match.start() else None][:_MAX_JSON]


def _parse_json(text: str) -> tuple[Any, bool]:
    """What the text says, mended where it is broken, and whether it was whole."""
    import json

    try:
        return json.loads(text, strict=False), True
    except (ValueError, RecursionError):
        pass
    if '"' not in text and "'" not in text:
        return None, False
    import json_repair

    try:
        return json_repair.loads(text, skip_json_loads=True), text.rstrip().endswith(("}", "]"))
    except (ValueError, RecursionError, TypeError, IndexError, AttributeError):  # it is given any text at all
        return None, False


def _unwrapped(document: Any) -> Any:
    for _ in range(3):
        if isinstance(document, list):
            document = next((item for item in document if isinstance(item, dict) and _is_answer(_unwrap(item))), None)
        document = _unwrap(document)
    return document


def _unwrap(document: Any) -> Any:
    if isinstance(document, dict) and len(document) <= 3:
        inner = next((v for k, v in document.items() if _key(k) in _WRAPPERS and isinstance(v, dict)), None)
        return inner if inner is not None else document
    return document


def _key(name: object) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(name)[:60])
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def _parts(document: Mapping[Any, Any]) -> dict[str, Any]:
    """The values of a JSON object by our own names for them; the earlier synonym wins."""
    named = {_key(name): value for name, value in document.items()}
    found = {}
    for part, synonyms in _KEYS.items():
        name = next((synonym for synonym in synonyms if named.get(synonym) not in (None, "", [], {})), None)
        if name is not None:
            found[part] = named[name]
    return found


def _is_answer(document: Any) -> bool:
    return isinstance(document, dict) and bool(_parts(document).keys() & {"cause", "fix", "edits", "analysis"})


def _json_draft(document: Mapping[Any, Any], whole: bool) -> Draft:
    parts = _parts(document)
    fix = parts.get("fix")
    draft = Draft(
        analysis=_text(parts.get("analysis")),
        cause="\n\n".join(filter(None, (_text(parts.get("cause")), _text(parts.get("explanation"))))),
        location=_json_location(parts.get("location"), parts),
        evidence=tuple(_json_evidence(parts.get("evidence"))),
        summary=_text(parts.get("summary")) if not isinstance(fix, str) else "",
        commands=_texts(parts.get("commands")),
        confidence=_text(parts.get("confidence")),
        prevention=_text(parts.get("prevention")),
        structured=True,
    )
    _add_json_fix(draft, fix)
    draft.edits += _json_edits(parts.get("edits"))
    if "code" in parts:
        draft.code.append(_text(parts["code"]))
    if not whole and draft.edits and _ends_in_edits(document):
        draft.edits.pop()
    return _validated(draft)


def _add_json_fix(draft: Draft, fix: Any) -> None:
    if isinstance(fix, str):
        inner = from_markdown(fix, truncated=False)
        draft.edits += inner.edits
        draft.commands += inner.commands
        draft.code += inner.code
        draft.summary = draft.summary or inner.summary or inner.cause or ("" if inner.edits or inner.code else fix)
    elif isinstance(fix, list):
        draft.edits += _json_edits(fix)
        draft.summary = draft.summary or "\n".join(item for item in fix if isinstance(item, str))
    elif isinstance(fix, dict):
        parts = _parts(fix)
        draft.summary = _text(parts.get("summary")) or _text(parts.get("explanation")) or draft.summary
        draft.commands += _texts(parts.get("commands"))
        draft.edits += _json_edits(parts.get("edits"))
        draft.edits += _json_edits([fix]) if "find" in parts else []
        if "code" in parts:
            draft.code.append(_text(parts["code"]))


def _json_edits(value: Any) -> list[Edit]:
    if isinstance(value, dict):
        value = [value]
    if isinstance(value, str):
        return diff_edits(value, "")
    edits: list[Edit] = []
    for item in value if isinstance(value, list) else []:
        parts = _parts(item) if isinstance(item, dict) else {}
        path = _text(parts.get("path"))
        if isinstance(parts.get("edits"), str):
            edits += diff_edits(parts["edits"], path)
        elif "replace" in parts or "find" in parts:
            edits.append(Edit(path, _code(parts.get("find")), _code(parts.get("replace"))))
    return edits


def _ends_in_edits(document: Mapping[Any, Any]) -> bool:
    """The document was cut off within its edits: they are the last thing in it."""
    last: Any = document
    for _ in range(3):
        if not isinstance(last, dict) or not last:
            return False
        name, last = list(last.items())[-1]
        if _key(name) in (*_KEYS["edits"], *_KEYS["find"], *_KEYS["replace"]) or isinstance(last, list):
            return True
    return False


def _code(value: Any) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else value if isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    """A text of a value that should have been one."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(filter(None, map(_plain, value)))
    if isinstance(value, dict):
        return "\n".join(filter(None, (_plain(item) for item in value.values())))
    return _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.split("\n")
    return [_text(item) for item in value] if isinstance(value, list) else []


def _json_location(value: Any, around: Mapping[str, Any]) -> Location | None:
    if isinstance(value, str):
        return location_in(value)
    parts = _parts(value) if isinstance(value, dict) else around
    if isinstance(value, list) and value:
        return _json_location(value[0], {})
    file = _text(parts.get("path"))
    if not file:
        return None
    function = _text(parts.get("function")) or None
    return Location(file, _line_number(parts.get("line")), function[:200] if function else None)


def _line_number(value: Any) -> int | None:
    found = re.search(r"\d{1,7}", _plain(value)[:40])
    return int(found[0]) or None if found else None


def _json_evidence(value: Any) -> Iterator[Evidence]:
    for item in (value if isinstance(value, list) else [value])[:20]:
        if isinstance(item, str):
            yield from evidence_in(item)
        elif isinstance(item, dict):
            named = {_key(name): inner for name, inner in item.items()}
            text = next((_text(named[name]) for name in ("text", "code", "quote", "snippet") if name in named), "")
            file = clean_path(_text(_parts(item).get("path")))
            if file and text.strip():
                yield Evidence(file, _line_number(_parts(item).get("line")), text.strip("\n")[:1000])


def _validated(draft: Draft) -> Draft:
    """Check what came from JSON against the types of the diagnosis; what does not fit is left out."""
    from pydantic import TypeAdapter, ValidationError

    types: dict[str, Any] = {
        "location": Location | None,
        "evidence": tuple[Evidence, ...],
        "edits": list[Edit],
        "commands": list[str],
    }
    for name, wanted in types.items():
        try:
            setattr(draft, name, TypeAdapter(wanted).validate_python(getattr(draft, name)))
        except ValidationError:
            setattr(draft, name, getattr(Draft(), name))
    return draft
