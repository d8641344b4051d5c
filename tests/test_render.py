"""Rendering: the same answer on a terminal, as plain text, Markdown and JSON; foreign text is harmless in all."""

from __future__ import annotations

import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapfix.crash import (
    Crash,
    CrashContext,
    Frame,
    Origin,
    ParsedException,
    PlacedFrame,
    SourceFile,
    Traceback,
)
from snapfix.diagnosis import (
    AnsweredBy,
    Applicability,
    Confidence,
    Diagnosis,
    Edit,
    Evidence,
    FileChange,
    Fix,
    Location,
    PatchPlan,
    RejectedEdit,
)
from snapfix.events import (
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    ChainExhausted,
    ContextReady,
    DiagnosisReady,
    Event,
    TextDelta,
)
from snapfix.failures import Failure, FailureKind
from snapfix.link import Link
from snapfix.render.base import clean
from snapfix.render.json import Document, JsonRenderer
from snapfix.render.markdown import MarkdownRenderer
from snapfix.render.plain import PlainRenderer
from snapfix.render.terminal import TerminalRenderer

SOURCE = "prices = {}\n\n\ndef total():\n    return prices['emial']\n"
CLOUD = Link("anthropic", "anthropic/claude", "anthropic", local=False, chosen=True)


def context(message: str = "'emial'", type_name: str = "KeyError") -> CrashContext:
    file = SourceFile("/work/shop/cart.py", "shop/cart.py", SOURCE, "shop.cart")
    frame = Frame("/work/shop/cart.py", 5, "total", "return prices['emial']")
    exception = ParsedException(type_name, message, frames=(frame,))
    traceback = Traceback("python", "cpython", 1, 4, exception, origin="trace.txt")
    crash = Crash(exception, (PlacedFrame(frame, Origin.IN_APP, file, 5),))
    return CrashContext(traceback, (crash,), "/work", "/work", files=(file,))


def ready(text: str = "the key is misspelt", *, offline: bool = True) -> DiagnosisReady:
    edit = Edit("shop/cart.py", "prices['emial']", "prices['email']")
    bad = Edit("shop/other.py", "x", "y")
    diagnosis = Diagnosis(
        error_analysis=f"{text}: analysis",
        root_cause=f"{text}: cause",
        location=Location("shop/cart.py", 5, "total"),
        evidence=(Evidence("shop/cart.py", 1, "prices = {}"),),
        fix=Fix(f"{text}: fix", (edit, bad), ("pip install x",), Applicability.UNSAFE),
        confidence=Confidence.LIKELY,
        prevention=f"{text}: prevention",
        answered_by=AnsweredBy("offline" if offline else "anthropic", "key.typo", offline, 1, 10, 20, 0.01, 0.5),
    )
    after = SOURCE.replace("emial", "email")
    plan = PatchPlan("/work", (FileChange("shop/cart.py", SOURCE, after),), (RejectedEdit(bad, "no such file"),))
    return DiagnosisReady(diagnosis, plan, offline)


def rendered(make: str, *events: Event, several: bool = False) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    renderer = {
        "plain": lambda: PlainRenderer(out, err),
        "markdown": lambda: MarkdownRenderer(out, err),
        "json": lambda: JsonRenderer(out, err, several=several),
        "terminal": lambda: TerminalRenderer(out, err, clock=lambda: 0.0),
    }[make]()
    for event in events:
        renderer.handle(event)
    renderer.close()
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize("make", ["plain", "markdown", "terminal"])
def test_people_are_shown_where_why_what_to_do_and_who_says_so(make: str) -> None:
    out, _ = rendered(make, ContextReady(context()), ready())
    out = re.sub(r"\x1b\[[0-9;]*m", "", out)
    for part in (
        "KeyError: 'emial'",
        "shop/cart.py:5 in total",
        "> 5 │     return prices['emial']",
        "the key is misspelt: analysis",
        "the key is misspelt: cause",
        "likely",
        "the key is misspelt: fix",
        "+    return prices['email']",
        "-    return prices['emial']",
        "pip install x",
        "as advice only, in shop/other.py: no such file",
        "`KeyError` should be gone" if make != "terminal" else "KeyError should be gone",
        "the key is misspelt: prevention",
        "offline analyser · key.typo · local",
    ):
        assert part in out


@pytest.mark.parametrize("make", ["plain", "markdown", "json"])
def test_only_a_terminal_gets_escape_codes(make: str) -> None:
    out, err = rendered(make, ContextReady(context()), ready())
    assert "\x1b" not in out + err


def test_the_last_diagnosis_stands_where_output_cannot_be_taken_back() -> None:
    out, _ = rendered("plain", ContextReady(context()), ready("first"), ready("second", offline=False))
    assert "second: cause" in out
    assert "first" not in out


def test_the_terminal_shows_the_offline_answer_before_the_model_is_asked() -> None:
    out, _ = rendered("terminal", ContextReady(context()), ready("first"), AttemptStarted(CLOUD, 1, 100))
    assert out.index("first: cause") < out.index("is thinking")


def test_a_partial_answer_is_erased_and_the_failure_told_in_one_line() -> None:
    failure = Failure(FailureKind.CUT_OFF, "the connection broke", seconds=1.2)
    events = (AttemptStarted(CLOUD, 1, 100), TextDelta("## Error ana"), AttemptFailed(CLOUD, failure, streamed=True))
    out, err = rendered("terminal", ContextReady(context()), ready(), *events)
    assert out.endswith("\x1b[?25h") or "\x1b[2K" in out
    assert err.splitlines()[-1] == (
        "anthropic (cloud) failed after 1.2 s: the connection broke; its partial answer is dropped"
    )


def test_if_no_link_answers_each_is_named_with_what_happened_and_what_to_do() -> None:
    gone = AttemptFailed(CLOUD, Failure(FailureKind.TIMEOUT, "no first token in 20 s", "raise the limits", seconds=20))
    keyless = AttemptSkipped(CLOUD, Failure(FailureKind.NO_KEY, "no key", "set `OPENAI_API_KEY`"))
    _, err = rendered("plain", ContextReady(context()), ready(), ChainExhausted((gone, keyless)))
    assert err.splitlines() == [
        "no model gave a diagnosis; the offline one stands",
        "  anthropic (cloud) failed after 20.0 s: no first token in 20 s",
        "    hint: raise the limits",
        "  anthropic (cloud) skipped: no key",
        "    hint: set `OPENAI_API_KEY`",
    ]


def test_the_document_has_the_documented_fields() -> None:
    out, _ = rendered("json", ContextReady(context()), ready())
    document = json.loads(out)
    assert document["schema_version"] == 1
    assert document["location"] == {"file": "shop/cart.py", "line": 5, "function": "total"}
    assert document["fix"]["edits"][0] == {
        "path": "shop/cart.py",
        "find": "prices['emial']",
        "replace": "prices['email']",
        "rejected": None,
    }
    assert document["fix"]["edits"][1]["rejected"] == "no such file"
    assert document["traceback"]["exceptions"][0]["frames"][0]["source"] == "shop/cart.py"
    assert Document.model_validate(document).model_dump(mode="json") == document


def test_several_diagnoses_are_one_document() -> None:
    out, _ = rendered("json", ContextReady(context()), ready("a"), ContextReady(context()), ready("b"), several=True)
    assert [d["root_cause"] for d in json.loads(out)["diagnoses"]] == ["a: cause", "b: cause"]


def test_attempts_are_listed_in_their_order() -> None:
    failed = AttemptFailed(CLOUD, Failure(FailureKind.RATE_LIMIT, "slow down", status=429, seconds=0.1))
    local = Link("ollama", "ollama_chat/x", "ollama_chat", local=True)
    started = (AttemptStarted(CLOUD, 1, 9), failed, AttemptStarted(local, 2, 9))
    out, _ = rendered("json", ContextReady(context()), ready(), *started, ready(offline=False))
    attempts = json.loads(out)["attempts"]
    assert [(a["link"], a["outcome"], a["failure"]) for a in attempts] == [
        ("anthropic", "failed", "rate-limit"),
        ("ollama", "answered", None),
    ]


HOSTILE = [
    "[/red] [bold]",
    "list[int]",
    "\x1b]0;owned\x07",
    "\x1b[2J",
    "\x9b31m",
    "\u202eevil",
    "\udc80",
    "\r\x08\x00",
    ":smile:",
    "```\n</code>",
]


@pytest.mark.parametrize("make", ["plain", "markdown", "terminal", "json"])
@pytest.mark.parametrize("text", HOSTILE)
def test_markup_and_control_characters_are_shown_and_never_obeyed(make: str, text: str) -> None:
    out, err = rendered(make, ContextReady(context(text, f"E{text}")), ready(text), ready(text, offline=False))
    (out + err).encode("utf-8")
    for active in ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\u202e", "\x08", "\x00"):
        assert active not in out.replace("\x1b[2K", "") + err
    if text in ("[/red] [bold]", "list[int]", ":smile:"):
        assert text in out


@given(st.text())
def test_clean_text_holds_nothing_active_and_is_stable(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert clean(cleaned) == cleaned
    assert not any(ord(c) < 32 and c not in "\n\t" for c in cleaned)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_a_renderer(message: str, answer: str) -> None:
    for make in ("plain", "markdown", "terminal"):
        rendered(make, ContextReady(context(message)), ready(answer), ready(answer, offline=False))
    out, _ = rendered("json", ContextReady(context(message)), ready(answer))
    assert json.loads(out)["schema_version"] == 1
