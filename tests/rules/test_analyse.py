"""The analyser as a whole: which diagnosis wins, and what it promises of every answer."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

import snapfix.rules
from snapfix.crash import Crash, CrashContext, SourceFile
from snapfix.diagnosis import Applicability, Confidence, Diagnosis, Edit, Fix
from snapfix.rules import RULES, analyse, rules_for
from snapfix.rules.base import Change, Rule, edit_changes, edit_lines
from tests.rules.crashing import Crashed, crash, read


@pytest.fixture
def crashed(tmp_path: Path) -> Crashed:
    source = """
        def total(prices):
            amount = 0
            for price in prices:
                amount += price
            return amuont


        def main():
            try:
                print(total([1, 2]))
            except NameError as error:
                raise RuntimeError("no total") from error


        main()
    """
    return crash(tmp_path, {"app.py": source})


def answer(confidence: Confidence, cause: str, fix: Fix | None = None) -> Diagnosis:
    return Diagnosis("what happened", cause, confidence=confidence, fix=fix)


def test_looks_at_every_exception_of_the_chain(crashed: Crashed) -> None:
    assert crashed.process.stderr.rstrip().endswith("RuntimeError: no total")
    assert crashed.rule == "name.typo"
    assert crashed.apply_and_rerun().stdout == "3\n"


def test_says_who_answered_and_that_nothing_left_the_machine(crashed: Crashed) -> None:
    by = crashed.diagnosis.answered_by
    assert by is not None
    assert (by.provider, by.model, by.local, by.cost) == ("offline", "name.typo", True, None)


def test_the_surest_diagnosis_wins(crashed: Crashed) -> None:
    likely = Rule("likely", frozenset({"NameError"}), lambda *_: answer(Confidence.LIKELY, "a guess"))
    certain = Rule("certain", frozenset({"RuntimeError"}), lambda *_: answer(Confidence.CERTAIN, "the cause"))
    rules = (likely, certain)
    assert analyse(crashed.context, rules=rules).root_cause == "the cause"


def test_among_equals_the_first_exception_and_then_the_earlier_rule_wins(crashed: Crashed) -> None:
    later = Rule("later", frozenset({"RuntimeError"}), lambda *_: answer(Confidence.LIKELY, "of the last"))
    one = Rule("one", frozenset({"NameError"}), lambda *_: answer(Confidence.LIKELY, "of the first"))
    two = Rule("two", frozenset({"NameError"}), lambda *_: answer(Confidence.LIKELY, "of the second rule"))
    rules = (later, one, two)
    assert analyse(crashed.context, rules=rules).root_cause == "of the first"


def test_a_rule_that_fails_is_passed_over_unless_strict(crashed: Crashed) -> None:
    def broken(_context: CrashContext, _crash: Crash) -> Diagnosis | None:
        raise AttributeError("a fault of the rule")

    good = Rule("good", frozenset({"NameError"}), lambda *_: answer(Confidence.LIKELY, "still found"))
    rules = (Rule("broken", frozenset({"NameError"}), broken), good)
    assert analyse(crashed.context, rules=rules).root_cause == "still found"
    with pytest.raises(AttributeError, match="a fault of the rule"):
        analyse(crashed.context, rules=rules, strict=True)


@pytest.mark.parametrize(
    "edit",
    [
        Edit("app.py", "amount", "total"),
        Edit("app.py", "no such text", "x"),
        Edit("app.py", "    return amuont", "    return ("),
        Edit("elsewhere.py", "a", "b"),
    ],
    ids=["not unique", "not there", "does not parse", "not a file of the project"],
)
def test_an_edit_that_does_not_fit_becomes_advice(crashed: Crashed, edit: Edit) -> None:
    fix = Fix("do it", (edit,), (), Applicability.SAFE)
    rules = (Rule("r", frozenset({"NameError"}), lambda *_: answer(Confidence.LIKELY, "c", fix)),)
    checked = analyse(crashed.context, rules=rules).fix
    assert checked == Fix("do it", (), (), Applicability.DISPLAY_ONLY)


def test_nothing_is_safe_once_a_file_on_the_stack_has_changed(crashed: Crashed) -> None:
    path = crashed.root / "app.py"
    path.write_text(path.read_text().replace("    return amuont", "    return amuont + 0"))
    context = read(crashed.process.stderr, crashed.root)
    assert any(frame.changed for one in context.crashes for frame in one.frames)
    fix = analyse(context, strict=True).fix
    assert fix is not None
    assert fix.applicability is not Applicability.SAFE


def test_the_registry_names_every_rule_for_each_of_its_exceptions_and_no_other() -> None:
    written = {
        (exception, f"{module.name}.{name}")
        for module in pkgutil.iter_modules(snapfix.rules.__path__)
        for name, found in vars(import_module(f"snapfix.rules.{module.name}")).items()
        if isinstance(found, Rule)
        for exception in found.exceptions
    }
    registered = [(exception, entry) for exception, entries in RULES.items() for entry in entries]
    assert len(registered) == len(set(registered))
    assert set(registered) == written
    assert all(rule.id.partition(".")[2] for exception in RULES for rule in rules_for(exception))


def test_only_the_modules_for_the_exception_at_hand_are_loaded(tmp_path: Path) -> None:
    code = (
        "import sys; from snapfix.rules import rules_for; rules_for('KeyError'); "
        "print(*sorted(m for m in sys.modules if m in ('snapfix.rules.keys', 'snapfix.rules.syntax_errors')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["snapfix.rules.keys"]


def test_rules_survive_messages_of_their_exception_that_say_nothing(crashed: Crashed) -> None:
    first = crashed.context.crashes[0]
    for name in RULES:
        for rule in rules_for(name):
            for message in ("", "'", "name '' is not defined", "x" * 5000, "[Errno 2] No such file or directory: '"):
                exception = replace(first.exception, type_name=name, message=message)
                for frames in (first.frames, ()):
                    one = Crash(exception, frames)
                    rule.analyse(replace(crashed.context, crashes=(one,)), one)


def test_an_insertion_and_a_replacement_close_together_become_one_edit(crashed: Crashed) -> None:
    file = crashed.context.files[0]
    edits = edit_changes(file, [Change(1, 0, ("import math",)), Change(2, 2, ("    amount = 0.0",))])
    text = file.text
    for edit in edits:
        assert text.count(edit.find) == 1
        text = text.replace(edit.find, edit.replace)
    assert text.startswith("import math\ndef total(prices):\n    amount = 0.0\n")


def test_an_edit_grows_until_its_text_is_unique() -> None:
    file = SourceFile("/p/a.py", "a.py", "x = 1\ny = 2\nx = 1\n")
    edit = edit_lines(file, 3, 3, ["x = 3"])
    assert edit is not None
    assert file.text.count(edit.find) == 1
    assert file.text.replace(edit.find, edit.replace) == "x = 1\ny = 2\nx = 3\n"
    assert edit_lines(file, 1, 1, ["x = 1"]) is None


def test_analysing_takes_a_few_milliseconds(crashed: Crashed) -> None:
    started = time.process_time()
    analyse(crashed.context)
    assert time.process_time() - started < 0.1


def test_importing_the_rules_loads_nothing_heavy() -> None:
    heavy = ["pydantic", "jinja2", "litellm", "httpx", "asyncio", "sqlite3", "difflib", "subprocess"]
    code = f"import sys, snapfix.rules; print([m for m in {heavy!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
