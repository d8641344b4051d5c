"""An answer's text, without what is not meant to be read."""

from __future__ import annotations

import re
from typing import NoReturn

from snapfix.failures import POLICIES, Failure, FailureKind, ProviderFailed

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b\n]{0,256}(?:\x07|\x1b\\)"
    r"|[PX^_][^\x1b\n]{0,256}\x1b\\|[ -/]?[0-~])|\x9b[0-?]{0,64}[ -/]{0,8}[@-~]"
)
# Controls but tab and line end, and what changes the direction of text or has no width of its own.
_ACTIVE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SEPARATORS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SPECIAL_TOKENS = re.compile(r"<\|[a-z_]{1,40}\|>|</?s>|\[/?INST\]|<(?:start|end)_of_turn>")


def cleaned(text: str) -> str:
    """Text without terminal escapes, control characters, special tokens of models and blanks at its ends."""
    text = _ACTIVE.sub("", _ESCAPES.sub("", _SEPARATORS.sub("\n", text)))
    text = text.encode("utf-8", "replace").decode("utf-8")
    if "<|message|>" in text:  # gpt-oss: the last channel is the answer
        text = text.rpartition("<|message|>")[2]
    text = _SPECIAL_TOKENS.sub("", text).strip()
    wrapped = re.match(r"(`{3,})(?:markdown|md)[ \t]{0,8}\n", text, re.IGNORECASE)
    return text[wrapped.end() :].removesuffix(wrapped[1]).strip() if wrapped else text


_REASONING_TAG = re.compile(r"<(/?)(?:think|thinking|reasoning)>", re.IGNORECASE)


def without_reasoning(text: str, truncated: bool) -> str:
    """The answer without the reasoning in front of it, whether its tags are both there or not."""
    if not _REASONING_TAG.search(text):
        return text
    kept: list[str] = []
    inside: list[str] = []
    depth = done = 0
    for match in _REASONING_TAG.finditer(text):
        opens = not match[1]
        if opens and not _at_line_start(text, match.start()):
            continue
        part = text[done : match.start()]
        (inside if depth or not opens else kept).append(part)
        if not opens and not depth:
            # An end without a beginning: everything above was reasoning.
            inside, kept = [*kept, *inside], []
        depth = depth + 1 if opens else 0
        done = match.end()
    (inside if depth else kept).append(text[done:])
    answer = "".join(kept).strip()
    if answer:
        return answer
    thoughts = "\n".join(inside)
    heading = re.search(r"^#{1,4}[ \t].{0,20}(?:error analysis|root cause)", thoughts, re.IGNORECASE | re.MULTILINE)
    if heading:
        return thoughts[heading.start() :].strip()
    if truncated:
        fail(FailureKind.BAD_ANSWER, "the model's reasoning took the whole answer")
    return thoughts.strip()


def _at_line_start(text: str, position: int) -> bool:
    return not text[text.rfind("\n", 0, position) + 1 : position].strip()


def fail(kind: FailureKind, message: str) -> NoReturn:
    """End the attempt: there is no diagnosis in the answer."""
    raise ProviderFailed(Failure(kind, message, POLICIES[kind].hint))
