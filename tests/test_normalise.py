from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Location
from snapfix.failures import FailureKind, ProviderFailed
from snapfix.normalise import MAX_CHARS, normalise

ANSWERS = Path(__file__).parent / "answers"
UNREADABLE = ANSWERS / "unreadable"
# The file that all the answers are about.
PRICES = """PRICES = {"apple": 3, "pear": 4}


def price_of(name):
    if name in PRICES:
        return PRICES[name]


def total(names):
    return sum(price_of(name) for name in names)
"""
AT = Location("shop/prices.py", 5, "price_of")


def read(name: str) -> Diagnosis:
    return normalise((ANSWERS / name).read_bytes().decode(), truncated=name.startswith("cut_off"))


def failure(text: str, *, truncated: bool = False) -> FailureKind:
    with pytest.raises(ProviderFailed) as raised:
        normalise(text, truncated=truncated)
    assert raised.value.failure.message
    assert raised.value.failure.hint
    return raised.value.failure.kind


def test_every_recorded_answer_is_listed_in_a_test() -> None:
    recorded = {path.name for path in ANSWERS.iterdir() if path.is_file()}
    assert recorded == set(WITH_ONE_EDIT) | set(WITHOUT_EDITS)
    assert {path.name for path in UNREADABLE.iterdir()} == set(REASONS)


# name -> location, confidence, a part of the summary
WITH_ONE_EDIT = {
    "own_form.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "own_form_without_fence.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "own_form_crlf.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "own_form_python_fence.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "own_form_dashes.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "wrapped_in_fence.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "reasoning_first.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "reasoning_end_only.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "reasoning_unclosed.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "gpt_oss_channels.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "escape_sequences.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "marker_forgotten.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "no_path_anywhere.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "repeated.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "cut_off_in_second_edit.md": (AT, Confidence.CERTAIN, "Raise an error for unknown names."),
    "aider_style.md": (None, Confidence.LIKELY, "raise instead."),
    "bold_headings.md": (None, Confidence.LIKELY, "Change `shop/prices.py`."),
    "numbered_headings.md": (Location("shop/prices.py", 5), Confidence.LIKELY, "Use the dictionary directly."),
    "numbered_bold_list.md": (None, Confidence.LIKELY, "return zero for those."),
    "emoji_headings.md": (None, Confidence.LIKELY, "Give a default of zero."),
    "setext_headings.md": (None, Confidence.LIKELY, "Return zero for unknown names in `shop/prices.py`."),
    "json_bare.json": (AT, Confidence.LIKELY, "Index the dictionary."),
    "json_fenced.md": (AT, Confidence.LIKELY, "Index the dictionary."),
    "json_broken.json": (AT, Confidence.LIKELY, "Index the dictionary."),
    "json_wrapped.json": (None, Confidence.LIKELY, "Change `shop/prices.py`."),
    "diff_bare.md": (None, Confidence.LIKELY, "That is all."),
    "diff_without_header.md": (None, Confidence.LIKELY, "Change `shop/prices.py`."),
}


@pytest.mark.parametrize("name", WITH_ONE_EDIT)
def test_reads_an_answer_with_one_edit(name: str) -> None:
    location, confidence, summary = WITH_ONE_EDIT[name]
    diagnosis = read(name)
    assert "price_of" in diagnosis.root_cause
    assert diagnosis.location == location
    assert diagnosis.confidence is confidence
    assert diagnosis.fix is not None
    assert diagnosis.fix.summary == summary
    assert diagnosis.fix.applicability is Applicability.UNSAFE
    (edit,) = diagnosis.fix.edits
    assert edit.path == "shop/prices.py"
    assert PRICES.count(edit.find) == 1, "the text to find is in the file, character by character"
    compile(PRICES.replace(edit.find, edit.replace), "prices.py", "exec")


# name -> a part of the root cause, of the summary, commands
WITHOUT_EDITS = {
    "command_only.md": ("not installed", "Install the package.", ("pip install pyyaml",)),
    "prose_one_block.md": ("returns `None`", "return PRICES.get(name, 0)", ()),
    "prose_only.md": ("no return statement", "You should add a return for that case.", ()),
    "cut_off_in_edit.md": ("price_of", "Raise an error for unknown names.", ()),
    "cut_off_in_root_cause.md": ("is not in `PRICES`.", None, ()),
    "cut_off_json.json": ("price_of", "Index the dictionary.", ()),
    "line_numbers_copied.md": ("price_of", "Raise an error for unknown names.", ()),
}


@pytest.mark.parametrize("name", [name for name in WITHOUT_EDITS if name != "line_numbers_copied.md"])
def test_reads_an_answer_without_a_usable_edit(name: str) -> None:
    cause, summary, commands = WITHOUT_EDITS[name]
    diagnosis = read(name)
    assert cause in diagnosis.root_cause
    assert diagnosis.truncated is name.startswith("cut_off")
    if summary is None:
        assert diagnosis.fix is None
        return
    assert diagnosis.fix is not None
    assert summary in diagnosis.fix.summary
    assert diagnosis.fix.edits == ()
    assert diagnosis.fix.commands == commands
    assert diagnosis.fix.applicability is Applicability.DISPLAY_ONLY


def test_leaves_copied_line_numbers_for_the_check_against_the_file() -> None:
    fix = read("line_numbers_copied.md").fix
    assert fix is not None
    assert fix.edits[0].find == "> 5 |     if name in PRICES:\n  6 |         return PRICES[name]"


def test_keeps_the_other_parts_of_our_own_form() -> None:
    diagnosis = read("own_form.md")
    assert diagnosis.error_analysis == "`sum()` added `None` to a number, which is not possible."
    assert diagnosis.root_cause.startswith("`price_of()` returns nothing for a name that is not in `PRICES`.")
    assert diagnosis.prevention == "Annotate `price_of()` with `-> int`."
    assert not diagnosis.truncated


def test_drops_a_sentence_that_was_cut_off() -> None:
    assert (
        read("cut_off_in_root_cause.md").root_cause
        == "`price_of()` returns nothing for a name that is not in `PRICES`."
    )


def test_takes_the_evidence_of_a_json_answer() -> None:
    (evidence,) = read("json_bare.json").evidence
    assert (evidence.file, evidence.line, evidence.text) == ("shop/prices.py", 5, "if name in PRICES:")


def test_strips_what_would_act_on_a_terminal() -> None:
    shown = repr(read("escape_sequences.md"))
    assert not any(active in shown for active in ("\\x1b", "\\x9b", "\\x00", "\\u202e", "owned"))


REASONS = {
    "refusal.md": FailureKind.REFUSED,
    "refusal_as_a_model.md": FailureKind.REFUSED,
    "ok.md": FailureKind.BAD_ANSWER,
    "random_tokens.md": FailureKind.BAD_ANSWER,
    "web_page.html": FailureKind.BAD_ANSWER,
    "error_object.json": FailureKind.BAD_ANSWER,
    "echoed_prompt.md": FailureKind.BAD_ANSWER,
    "form_repeated.md": FailureKind.BAD_ANSWER,
    "example_repeated.md": FailureKind.BAD_ANSWER,
    "reasoning_without_answer.md": FailureKind.BAD_ANSWER,
    "question_back.md": FailureKind.BAD_ANSWER,
    "one_token_repeated.md": FailureKind.BAD_ANSWER,
}


@pytest.mark.parametrize("name", REASONS)
def test_an_answer_without_a_diagnosis_is_a_failed_attempt(name: str) -> None:
    text = (UNREADABLE / name).read_text(encoding="utf-8")
    assert failure(text, truncated=name.startswith("reasoning")) is REASONS[name]


@pytest.mark.parametrize("text", ["", " \n\t ", "\x1b[0m", "<|im_end|>"])
def test_an_empty_answer_is_refused(text: str) -> None:
    assert failure(text) is FailureKind.REFUSED


def test_an_apology_with_a_diagnosis_is_no_refusal() -> None:
    text = (
        "I'm sorry to hear that!\n\n## Root cause\nThe list `names` is empty here.\n\n## Fix\nCheck its length first."
    )
    assert normalise(text).root_cause == "The list `names` is empty here."


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("certain", Confidence.CERTAIN),
        ("Certain.", Confidence.CERTAIN),
        ("very high", Confidence.CERTAIN),
        ("likely", Confidence.LIKELY),
        ("High", Confidence.LIKELY),
        ("medium", Confidence.LIKELY),
        ("unsure", Confidence.UNSURE),
        ("uncertain", Confidence.UNSURE),
        ("low", Confidence.UNSURE),
        ("not certain", Confidence.UNSURE),
        ("99%", Confidence.CERTAIN),
        ("0.7", Confidence.LIKELY),
        ("70 %", Confidence.LIKELY),
        ("3/10", Confidence.UNSURE),
        ("9/10", Confidence.LIKELY),
        ("20", Confidence.UNSURE),
    ],
)
def test_maps_the_words_for_confidence(label: str, expected: Confidence) -> None:
    text = f"## Root cause\nThe list `names` is empty.\n\nConfidence: {label}\n\n## Fix\nCheck its length first."
    assert normalise(text).confidence is expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("app.py:12 in main", Location("app.py", 12, "main")),
        ("`src/app.py`, line 12, in `Cart.total`", Location("src/app.py", 12, "Cart.total")),
        ('File "src/app.py", line 12, in <module>', Location("src/app.py", 12, "<module>")),
        ("line 12 of `./src/app.py`", Location("src/app.py", 12)),
        ("C:\\shop\\app.py:3", Location("C:/shop/app.py", 3)),
        ("a/shop/app.py", Location("shop/app.py")),
        ("`app.py:7`", Location("app.py", 7)),
        ("`my app.py` line 7", Location("my app.py", 7)),
        ("app.py (line 7)", Location("app.py", 7)),
        ("app.py:0", Location("app.py")),
        ("in the function, I think", None),
        ("path/to/file.py:LINE in FUNCTION", None),
    ],
)
def test_reads_a_location(written: str, expected: Location | None) -> None:
    text = f"## Root cause\nThe list `names` is empty.\n\nLocation: {written}\n\n## Fix\nCheck its length first."
    assert normalise(text).location == expected


@pytest.mark.parametrize(
    "heading",
    [
        "## Root cause",
        "#### ROOT CAUSE:",
        "**Root Cause**",
        "**Root cause:**",
        "__Root cause__",
        "2. Root cause",
        "2) **Root cause**",
        "- **The root cause:**",
        "# 🔍 Root Cause Analysis",
        "### 2. The Root Cause",
        "Root cause:",
        "## Why this happens",
        "## Cause",
        "Cause:",
        "**Problem:**",
        "## Reason",
        "## Root cause: in short",
        "> **Root cause**",
    ],
)
def test_knows_the_root_cause_under_its_many_headings(heading: str) -> None:
    text = f"## Error analysis\nIt fails.\n\n{heading}\nThe list of names is empty.\n\n## Fix\nCheck its length first."
    diagnosis = normalise(text)
    assert "The list of names is empty." in diagnosis.root_cause
    assert "Fix" not in diagnosis.root_cause
    assert diagnosis.error_analysis == "It fails."
    assert diagnosis.fix is not None
    assert diagnosis.fix.summary == "Check its length first."


@pytest.mark.parametrize(
    "heading",
    [
        "## Solution",
        "**Suggested fix**",
        "### How to fix it",
        "## Corrected code",
        "**Fix:**",
        "4. Fix",
        "## Proposed solution",
        "## 🛠 Recommended Fix",
        "Solution:",
    ],
)
def test_knows_the_fix_under_its_many_headings(heading: str) -> None:
    diagnosis = normalise(f"**Cause:** The list of names is empty.\n\n{heading}\n\nCheck its length first.\n")
    assert diagnosis.root_cause == "The list of names is empty."
    assert diagnosis.fix is not None
    assert diagnosis.fix.summary == "Check its length first."


def test_a_comment_in_a_code_block_is_no_heading() -> None:
    code = "```python\n# Root cause: none\nx = names[0]\n```\n"
    text = f"## Root cause\nThe list is empty here.\n\n## Fix\nCheck it.\n\n{code}"
    diagnosis = normalise(text)
    assert diagnosis.root_cause == "The list is empty here."
    assert diagnosis.fix is not None
    assert "# Root cause: none" in diagnosis.fix.summary


def _with_block(block: str, before: str = "### Fix in `app.py`") -> tuple[Edit, ...]:
    fix = normalise(f"## Root cause\nThe list is empty here.\n\n## Fix\nCheck it.\n\n{before}\n{block}\n").fix
    return fix.edits if fix else ()


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("<<<<<<< FIND", ">>>>>>> REPLACE"),
        ("<<<<<<< SEARCH", ">>>>>>> REPLACE"),
        ("<<<<<<< ORIGINAL", ">>>>>>> UPDATED"),
        ("<<<<<<<", ">>>>>>>"),
        ("<<<<<<< HEAD", ">>>>>>> new"),
        ("<<<<< find", ">>>>> replace"),
        ("<<<FIND", ">>>REPLACE"),
        ("<<<<<<< SEARCH app.py", ">>>>>>> REPLACE"),
    ],
)
def test_reads_the_variants_of_the_markers(start: str, end: str) -> None:
    assert _with_block(f"{start}\nx = 1\n=======\nx = 2\n{end}") == (Edit("app.py", "x = 1", "x = 2"),)


@pytest.mark.parametrize(
    "before",
    [
        "### Fix in `./app.py`",
        "`app.py`:",
        "app.py",
        "**app.py**",
        "File: app.py",
        "In `app.py`, change:",
        "### `b/app.py`",
        "Fix in app.py\n```python",
        "```python app.py",
        "```app.py",
        "# app.py",
        "```python\n# app.py",
    ],
)
def test_finds_the_path_of_an_edit(before: str) -> None:
    fence = "\n```" if "```" in before else ""
    block = f"<<<<<<< FIND\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE{fence}"
    assert _with_block(block, before) == (Edit("app.py", "x = 1", "x = 2"),)


def test_later_edits_without_a_path_belong_to_the_same_file() -> None:
    block = "<<<<<<< FIND\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n"
    other = block.replace("x", "y")
    filler = "And then,\nin the same file,\nfurther down,\nfar away,\nalso this:\nhere\n"
    assert [edit.path for edit in _with_block(block + filler + other)] == ["app.py", "app.py"]


def test_a_line_of_equals_signs_in_a_docstring_does_not_divide_an_edit() -> None:
    find = '"""Title\n==========\n"""'
    edits = _with_block(f"<<<<<<< FIND\n{find}\n=======\nx = 2\n>>>>>>> REPLACE")
    assert edits == (Edit("app.py", find, "x = 2"),)


def test_an_empty_replacement_deletes() -> None:
    assert _with_block("<<<<<<< FIND\nx = 1\n=======\n>>>>>>> REPLACE") == (Edit("app.py", "x = 1", ""),)


def test_an_edit_that_changes_nothing_is_dropped() -> None:
    assert _with_block("<<<<<<< FIND\nx = 1\n=======\nx = 1\n>>>>>>> REPLACE") == ()


def test_an_edit_without_a_divider_is_dropped() -> None:
    assert _with_block("<<<<<<< FIND\nx = 1\n>>>>>>> REPLACE") == ()


def test_an_unclosed_edit_hides_nothing_that_follows_it() -> None:
    start = "## Root cause\nThe list is empty here.\n\n## Fix\nCheck.\n"
    text = f"{start}<<<<<<< FIND\nx\n\n## Prevention\nWrite a test for it."
    assert normalise(text).prevention == "Write a test for it."


@pytest.mark.parametrize(
    ("diff", "expected"),
    [
        ("--- a/app.py\n+++ b/app.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c", [Edit("app.py", "a\nb", "a\nc")]),
        (
            "diff --git a/app.py b/app.py\nindex 1..2 100644\n--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n-b\n+c",
            [Edit("app.py", "b", "c")],
        ),
        (
            "--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n-b\n+c\n@@ -9 +9 @@\n-y\n+z",
            [Edit("app.py", "b", "c"), Edit("app.py", "y", "z")],
        ),
        (
            "--- a/one.py\n+++ b/one.py\n@@\n-b\n+c\n--- a/two.py\n+++ b/two.py\n@@\n-y\n+z",
            [Edit("one.py", "b", "c"), Edit("two.py", "y", "z")],
        ),
        ("--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+x = 1", [Edit("new.py", "", "x = 1")]),
        (
            "--- a/app.py\n+++ b/app.py\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n\\ No newline at end of file",
            [Edit("app.py", "a\n\nb", "a\n\nc")],
        ),
    ],
)
def test_reads_a_diff(diff: str, expected: list[Edit]) -> None:
    assert list(_with_block(f"```diff\n{diff}\n```", before="Apply this:")) == expected


def test_puts_the_masked_texts_back_everywhere() -> None:
    masks = (("<redacted:password-1>", "hunter2"), ("<redacted:user-1>", "ada"))
    text = (
        "## Error analysis\nThe login with <redacted:password-1> fails.\n\n"
        "## Root cause\nThe password `<redacted:password-1>` is old.\n\n"
        "## Fix\nChange it.\n\n### Fix in `/home/<redacted:user-1>/app.py`\n"
        "<<<<<<< FIND\np = '<redacted:password-1>'\n=======\np = 'x'\n>>>>>>> REPLACE\n\n"
        "## Commands\npip install -e /home/<redacted:user-1>/app\n\n"
        "## Prevention\nRotate &lt;redacted:password-1&gt;."
    )
    diagnosis = normalise(text, masks=masks)
    assert "redacted" not in repr(diagnosis)
    assert diagnosis.fix is not None
    assert diagnosis.fix.edits == (Edit("/home/ada/app.py", "p = 'hunter2'", "p = 'x'"),)
    assert diagnosis.fix.commands == ("pip install -e /home/ada/app",)
    assert diagnosis.prevention == "Rotate hunter2."


@pytest.mark.parametrize(
    ("document", "root_cause"),
    [
        ({"root_cause": "The list is empty."}, "The list is empty."),
        (
            {"rootCause": {"summary": "The list is empty.", "explanation": "Nobody filled it."}},
            "The list is empty.\nNobody filled it.",
        ),
        ({"reason": ["The list is empty.", "Nobody filled it."]}, "The list is empty.\nNobody filled it."),
        ({"result": {"cause": "The list is empty."}}, "The list is empty."),
        ([{"cause": "The list is empty."}], "The list is empty."),
        (
            {"cause": "The list is empty.", "line": {"a": 1}, "file": 7, "fix": [1, None], "evidence": [[]]},
            "The list is empty.",
        ),
        (
            {"cause": "The list is empty.", "fix": {"edits": [{"path": ["a"], "find": 1, "replace": None}, 3, "x"]}},
            "The list is empty.",
        ),
    ],
)
def test_reads_json_of_many_shapes(document: object, root_cause: str) -> None:
    assert normalise(json.dumps(document)).root_cause == root_cause


@pytest.mark.parametrize("line", [12, "12", "line 12", "12-14", 12.0, "L12"])
def test_reads_numbers_that_are_texts(line: object) -> None:
    answer = {"root_cause": "The list is empty.", "location": {"file": "a.py", "line": line}}
    assert normalise(json.dumps(answer)).location == Location("a.py", 12)


@pytest.mark.parametrize(
    "fix",
    [
        {"edits": [{"path": "a.py", "find": "x", "replace": "y"}]},
        {"changes": [{"file": "a.py", "search": "x", "replacement": "y"}]},
        {"file": "a.py", "old": "x", "new": "y"},
        [{"filename": "./a.py", "before": "x", "after": "y"}],
        "### Fix in `a.py`\n<<<<<<< FIND\nx\n=======\ny\n>>>>>>> REPLACE",
        "Do this:\n```diff\n--- a/a.py\n+++ b/a.py\n@@\n-x\n+y\n```",
        {"description": "Do it.", "edits": [{"path": "a.py", "diff": "@@\n-x\n+y"}]},
    ],
)
def test_reads_the_edits_of_a_json_answer(fix: object) -> None:
    read = normalise(json.dumps({"root_cause": "The list is empty.", "fix": fix})).fix
    assert read is not None
    assert read.edits == (Edit("a.py", "x", "y"),)


def test_an_example_in_json_inside_a_markdown_answer_is_not_the_answer() -> None:
    text = '## Root cause\nThe file config.json is broken.\n\n## Fix\nIt must read:\n\n```json\n{"name": "x"}\n```\n'
    diagnosis = normalise(text)
    assert diagnosis.root_cause == "The file config.json is broken."
    assert diagnosis.fix is not None
    assert '{"name": "x"}' in diagnosis.fix.summary


def test_a_models_edit_is_never_safe() -> None:
    answer = {
        "root_cause": "It is empty here.",
        "fix": {"edits": [{"path": "a", "find": "x", "replace": "y"}], "applicability": "safe"},
    }
    fix = normalise(json.dumps(answer)).fix
    assert fix is not None
    assert fix.applicability is Applicability.UNSAFE


def test_what_goes_on_after_the_limit_is_not_read() -> None:
    text = "## Root cause\nThe list is empty here.\n\n## Fix\nCheck it.\n" + "x " * MAX_CHARS
    assert normalise(text).truncated


def _outcome(text: str, *, truncated: bool) -> Diagnosis | FailureKind:
    try:
        diagnosis = normalise(text, truncated=truncated)
    except ProviderFailed as failed:
        return failed.failure.kind
    assert diagnosis.root_cause
    assert diagnosis.truncated is truncated
    return diagnosis


@given(st.text(max_size=400), st.booleans())
def test_any_text_is_a_diagnosis_or_a_failure(text: str, truncated: bool) -> None:
    outcome = _outcome(text, truncated=truncated)
    assert isinstance(outcome, Diagnosis) or outcome in (FailureKind.BAD_ANSWER, FailureKind.REFUSED)


_LINES = st.sampled_from(
    [
        "## Root cause",
        "## Fix",
        "**Fix:**",
        "The list is empty because of x.",
        "```",
        "```python",
        "```json",
        "```diff",
        "<<<<<<< FIND",
        "=======",
        ">>>>>>> REPLACE",
        "x = 1",
        "    y",
        "--- a/app.py",
        "+++ b/app.py",
        "@@ -1 +1 @@",
        "-x",
        "+y",
        "`app.py`",
        "{",
        "}",
        '{"root_cause": "the list is empty",',
        '"fix": {"edits": [',
        "<think>",
        "</think>",
        "1. Fix",
        "- a",
        "> b",
        "",
        "Confidence: likely",
        "Location: a.py:3 in f",
        "---",
        "Find:",
        "Replace with:",
        "\x1b[0m",
        "Root cause",
        "    ```",
        "~~~",
    ]
)


@given(st.lists(_LINES, max_size=30).map("\n".join), st.booleans())
@settings(max_examples=300)
def test_any_arrangement_of_lines_is_a_diagnosis_or_a_failure(text: str, truncated: bool) -> None:
    outcome = _outcome(text, truncated=truncated)
    assert isinstance(outcome, Diagnosis) or outcome in (FailureKind.BAD_ANSWER, FailureKind.REFUSED)


@given(st.sampled_from(sorted(WITH_ONE_EDIT)), st.integers(0, 4000))
def test_an_answer_cut_off_anywhere_is_a_diagnosis_or_a_failure(name: str, length: int) -> None:
    text = (ANSWERS / name).read_bytes().decode()[:length]
    outcome = _outcome(text, truncated=True)
    if isinstance(outcome, Diagnosis) and outcome.fix is not None:
        for edit in outcome.fix.edits:
            assert edit.find != "wrong", "an edit in the reasoning is not part of the answer"


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        " ",
        "\n",
        "#",
        "# \n",
        "> ",
        "- ",
        "* ",
        "1. ",
        "`",
        "``` ",
        "```\n",
        "<<<<<<< FIND\n",
        "=======\n",
        ">>>>>>> REPLACE\n",
        "<<<<<<< FIND\nx\n=======\n",
        "*",
        "**a",
        "_",
        "[",
        "<think>",
        "</think>\n",
        "{",
        '{"a":',
        '{"root_cause":"',
        "[[",
        "\\",
        "a.py",
        "a/",
        "--- a\n+++ b\n@@\n",
        "\x1b]",
        "\x1b[",
        "- a\n  - b\n",
        "|",
        "<",
        "&",
        "line 1 ",
        "in in ",
        ".",
        "because error ",
        "a. ",
        "Fix:\n",
        "''",
        "```diff\n@@\n-x\n+y\n```\n",
        "Find:\n```\nx\n```\nReplace:\n```\ny\n```\n",
    ],
)
def test_a_hostile_answer_takes_no_longer_than_its_length(unit: str) -> None:
    def seconds(size: int) -> float:
        hostile = unit * (size // len(unit))
        started = time.process_time()
        _outcome(f"## Root cause\nThe list is empty because of an error.\n{hostile}", truncated=False)
        _outcome(hostile, truncated=False)
        return time.process_time() - started

    assert seconds(100_000) < 10 * seconds(25_000) + 1


def test_a_labelled_root_cause_may_be_two_words() -> None:
    assert normalise("## Root cause\nBad key.\n").root_cause == "Bad key."
