"""The offline analyser: what went wrong, found without a model and without a network.

To add a rule: write a function in one of these modules (or a new one), make it a rule with ``@rule``, and name
it in ``RULES``. Where two rules are equally sure, the one that stands earlier is believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module

from snapfix.crash import Crash, CrashContext
from snapfix.diagnosis import AnsweredBy, Applicability, Confidence, Diagnosis, Fix
from snapfix.rules.base import Rule
from snapfix.syntax import parse

RULES: dict[str, tuple[str, ...]] = {
    "NameError": (
        "names.missing_self",
        "names.foreign",
        "missing_imports.type_checking_import",
        "missing_imports.missing_stdlib",
        "missing_imports.missing_third_party",
        "missing_imports.missing_project",
        "names.loop_variable",
        "names.typo",
        "scope.unbound_free",
    ),
    "UnboundLocalError": ("scope.unbound_local",),
    "ModuleNotFoundError": (
        "import_names.shadowed",
        "removed_stdlib.removed_module",
        "removed_stdlib.newer_python",
        "local_imports.not_on_path",
        "local_imports.template_not_copied",
        "imports.module_typo",
        "imports.wrong_environment",
        "imports.dist_name_differs",
        "imports.not_installed",
        "imports.submodule_missing",
    ),
    "ImportError": (
        "import_names.shadowed",
        "import_names.circular",
        "removed_stdlib.removed_name",
        "removed_stdlib.newer_python",
        "local_imports.relative_import",
        "import_names.import_name",
    ),
    "AttributeError": (
        "import_names.shadowed",
        "import_names.circular",
        "removed_stdlib.removed_name",
        "removed_stdlib.newer_python",
        "none.in_place",
        "none.missing_return",
        "none.lookup_miss",
        "none.never_set",
    ),
    "TypeError": (
        "none.in_place",
        "none.missing_return",
        "none.lookup_miss",
        "none.never_set",
        "calls.unexpected_keyword",
        "calls.call_signature",
    ),
    "KeyError": (
        "keys.environment",
        "keys.typo",
        "keys.optional_missing",
        "keys.wrong_type",
    ),
    "FileNotFoundError": (
        "files.not_expanded",
        "files.escape_sequence",
        "files.missing_directory",
        "files.misspelt",
        "files.other_folder",
        "files.not_there",
    ),
    "SyntaxError": (
        "syntax_errors.merge_conflict",
        "syntax_errors.outside_function",
        "syntax_errors.python_2",
        "syntax_errors.missing_colon",
        "syntax_errors.brackets",
        "syntax_errors.unterminated_string",
        "syntax_errors.missing_comma",
        "syntax_errors.assignment_in_condition",
        "syntax_errors.foreign_operator",
        "syntax_errors.invalid_character",
        "syntax_errors.fstring",
        "syntax_errors.other",
        "syntax_errors.expected_block",
        "syntax_errors.unexpected_indentation",
        "syntax_errors.newer_python",
    ),
    "IndentationError": (
        "syntax_errors.merge_conflict",
        "syntax_errors.python_2",
        "syntax_errors.missing_colon",
        "syntax_errors.brackets",
        "syntax_errors.unterminated_string",
        "syntax_errors.missing_comma",
        "syntax_errors.assignment_in_condition",
        "syntax_errors.foreign_operator",
        "syntax_errors.invalid_character",
        "syntax_errors.fstring",
        "syntax_errors.other",
        "syntax_errors.expected_block",
        "syntax_errors.unexpected_indentation",
    ),
    "TabError": (
        "syntax_errors.python_2",
        "syntax_errors.missing_colon",
        "syntax_errors.brackets",
        "syntax_errors.unterminated_string",
        "syntax_errors.missing_comma",
        "syntax_errors.assignment_in_condition",
        "syntax_errors.foreign_operator",
        "syntax_errors.invalid_character",
        "syntax_errors.fstring",
        "syntax_errors.other",
        "syntax_errors.expected_block",
        "syntax_errors.unexpected_indentation",
    ),
}
"""Exception -> the rules that look at it, as ``module.rule``; a module is loaded for the exceptions it is named for."""

_MAX_CRASHES = 20
"""Exceptions of one traceback that are looked at: a hostile text can hold thousands."""

_CONFIDENCE_ORDER = {Confidence.CERTAIN: 0, Confidence.LIKELY: 1, Confidence.UNSURE: 2}


@cache
def rules_for(exception: str) -> tuple[Rule, ...]:
    """The rules that look at an exception (its type's own name), in order."""
    found = []
    for entry in RULES.get(exception, ()):
        module, _, name = entry.partition(".")
        rule: Rule = getattr(import_module(f"snapfix.rules.{module}"), name)
        found.append(rule)
    return tuple(found)


def analyse(context: CrashContext, *, rules: Sequence[Rule] | None = None, strict: bool = False) -> Diagnosis:
    """Diagnose a crash by what is known of it, always: UNSURE, and without a fix, where no rule applies.

    ``rules`` are those of ``RULES`` unless others are given.

    The surest diagnosis wins, then that of the exception that came first, then that of the earlier rule. A
    rule that fails is passed over, unless ``strict``.
    """
    # Another language's `TypeError` is another matter.
    found = [*_diagnoses(context, rules, strict)] if context.traceback.language == "python" else []
    if not found:
        from snapfix.rules import unknown

        described = replace(unknown.describe(context), confidence=Confidence.UNSURE)
        return replace(described, answered_by=_by("unknown"))
    _, rule, diagnosis = min(found, key=lambda one: (_CONFIDENCE_ORDER[one[2].confidence], one[0]))
    fix = _checked(context, diagnosis.fix) if diagnosis.fix is not None else None
    return replace(diagnosis, fix=fix, answered_by=_by(rule.id))


def _diagnoses(
    context: CrashContext, rules: Sequence[Rule] | None, strict: bool
) -> Iterator[tuple[tuple[int, int], Rule, Diagnosis]]:
    """Every rule's answer, with its place: (the number of the exception, the number of the rule)."""
    for crash_number, crash in enumerate(context.crashes[:_MAX_CRASHES]):
        name = crash.exception.short_name
        candidates = rules_for(name) if rules is None else [rule for rule in rules if name in rule.exceptions]
        for rule_number, rule in enumerate(candidates):
            diagnosis = _try(rule, context, crash, strict)
            if diagnosis is not None:
                yield (crash_number, rule_number), rule, diagnosis


def _try(rule: Rule, context: CrashContext, crash: Crash, strict: bool) -> Diagnosis | None:
    try:
        return rule.analyse(context, crash)
    except Exception:  # source that a rule was not written for must not cost the user the other rules' answers
        if strict:
            raise
        return None


def _by(rule_id: str) -> AnsweredBy:
    return AnsweredBy(provider="offline", model=rule_id, local=True)


def _checked(context: CrashContext, fix: Fix) -> Fix:
    """The fix as far as it holds: edits that do not fit go, and it is safe only where no file has changed."""
    if not fix.edits:
        return replace(fix, applicability=Applicability.DISPLAY_ONLY)
    if not _edits_fit(context, fix):
        return replace(fix, edits=(), applicability=Applicability.DISPLAY_ONLY)
    changed = any(frame.changed for crash in context.crashes for frame in crash.frames)
    if changed and fix.applicability is Applicability.SAFE:
        return replace(fix, applicability=Applicability.UNSAFE)
    return fix


def _edits_fit(context: CrashContext, fix: Fix) -> bool:
    texts = {edit.path: context.file(edit.path) for edit in fix.edits}
    after = {path: file.text for path, file in texts.items() if file is not None}
    for edit in fix.edits:
        if edit.path not in after or after[edit.path].count(edit.find) != 1:
            return False
        after[edit.path] = after[edit.path].replace(edit.find, edit.replace)
    return all(_still_parses(file.text, after[path]) for path, file in texts.items() if file is not None)


def _still_parses(before: str, after: str) -> bool:
    return parse(after) is not None or parse(before) is None
