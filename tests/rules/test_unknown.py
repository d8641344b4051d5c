"""What is said where no rule applies."""

from __future__ import annotations

import builtins
from pathlib import Path

import pytest

from snapfix.diagnosis import Applicability, Confidence
from snapfix.rules.unknown import _MEANINGS, describe
from tests.rules.crashing import crash, read


def test_names_the_condition_under_which_the_program_raised(tmp_path: Path) -> None:
    source = """
        class LimitExceeded(Exception):
            pass


        def check(order, limit):
            if order["number"] > limit:
                raise LimitExceeded(f"too many: {order['number']}")


        def main():
            check({"number": 4}, 3)


        main()
    """
    diagnosis = crash(tmp_path, {"app.py": source}).diagnosis
    assert diagnosis.confidence is Confidence.UNSURE
    assert "`LimitExceeded: too many: 4`" in diagnosis.error_analysis
    assert "defined in app.py" in diagnosis.error_analysis
    assert "app.py:7, in `check`" in diagnosis.root_cause
    assert "`order['number'] > limit` holds (line 6)" in diagnosis.root_cause
    assert diagnosis.fix is not None
    assert diagnosis.fix.edits == ()
    assert diagnosis.fix.applicability is Applicability.DISPLAY_ONLY
    assert "app.py:11" in diagnosis.fix.summary


def test_names_the_project_line_that_called_a_library(tmp_path: Path) -> None:
    source = "import decimal\n\n\ndef main(text):\n    return decimal.Decimal(1).quantize(text)\n\n\nmain([1])\n"
    context = crash(tmp_path, {"app.py": source}).context
    diagnosis = describe(context)
    assert diagnosis.location is not None
    assert (diagnosis.location.file, diagnosis.location.line) == ("app.py", 5)


def test_names_the_chain_and_begins_with_the_exception_that_started_it(tmp_path: Path) -> None:
    source = """
        def average(values):
            return sum(values) / len(values)


        def report(values):
            try:
                return average(values)
            except ZeroDivisionError as error:
                raise RuntimeError("no report") from error


        report([])
    """
    diagnosis = describe(crash(tmp_path, {"app.py": source}).context)
    assert diagnosis.error_analysis.startswith("`ZeroDivisionError: division by zero`.")
    assert "ZeroDivisionError, which caused RuntimeError" in diagnosis.error_analysis
    assert diagnosis.location is not None
    assert diagnosis.location.line == 2


def test_names_what_a_group_holds(tmp_path: Path) -> None:
    source = 'raise ExceptionGroup("two tasks", [ValueError("a"), KeyError("b")])\n'
    diagnosis = describe(crash(tmp_path, {"app.py": source}).context)
    assert "`ValueError: a`, `KeyError: 'b'`" in diagnosis.error_analysis


def test_is_useful_without_any_source(tmp_path: Path) -> None:
    text = """Traceback (most recent call last):
  File "/srv/elsewhere/app.py", line 3, in main
    total = rate / count
            ~~~~~^~~~~~~
ZeroDivisionError: division by zero
"""
    diagnosis = describe(read(text, tmp_path))
    assert "divided by zero" in diagnosis.error_analysis
    assert "total = rate / count" in diagnosis.root_cause
    assert diagnosis.confidence is Confidence.UNSURE


def test_is_useful_without_frames_of_the_project(tmp_path: Path) -> None:
    text = """Traceback (most recent call last):
  File "<string>", line 1, in <module>
ValueError: math domain error
"""
    diagnosis = describe(read(text, tmp_path))
    assert "line 1 of code that was given as a string" in diagnosis.root_cause
    assert "not the project's own code" not in diagnosis.root_cause
    assert diagnosis.location is None


def test_code_that_is_typed_in_is_the_users_own(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {}, run=("-",), stdin="limit = 3\nraise ValueError(limit)\n")
    assert "line 2 of the program that was typed in or piped to Python (`<stdin>`)" in crashed.diagnosis.root_cause
    crashed = crash(tmp_path, {}, run=("-c", "raise ValueError(3)"))
    assert "line 1 of code that was given as a string" in crashed.diagnosis.root_cause


def test_a_string_that_the_project_runs_is_no_library(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": 'def main(text):\n    exec(text)\n\n\nmain("1 / int()")\n'})
    cause = describe(crashed.context).root_cause
    assert "library" not in cause
    assert "given as a string" in cause
    assert "app.py:2" in cause


def test_a_line_that_is_empty_by_now_is_shown_as_it_was(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": "rate = 1\n\nprint(rate / 0)\n"})
    (crashed.root / "app.py").write_text("rate = 1\n\n")
    diagnosis = describe(read(crashed.process.stderr, crashed.root))
    assert "``" not in diagnosis.root_cause
    assert "`print(rate / 0)`" in diagnosis.root_cause


def test_a_caller_is_only_named_where_it_passed_something(tmp_path: Path) -> None:
    app = """
        import sys


        def main():
            print(int(sys.argv[1:] == [] and "x"))


        def down(n):
            if n == 0:
                return main()
            return down(n - 1)


        down(3)
    """
    diagnosis = describe(crash(tmp_path, {"app.py": app}).context)
    assert diagnosis.fix is not None
    assert "call that passed" not in diagnosis.fix.summary
    assert "came from" not in diagnosis.fix.summary
    app = "def down(n):\n    if n == 0:\n        return int('x' * n)\n    return down(n - 1)\n\n\ndown(2)\n"
    diagnosis = describe(crash(tmp_path, {"app.py": app}).context)
    assert diagnosis.fix is not None
    assert "call that passed" not in diagnosis.fix.summary


def test_passes_on_what_python_itself_suggests(tmp_path: Path) -> None:
    app = "from types import SimpleNamespace\n\norder = SimpleNamespace(customer=1)\nprint(order.custmer)\n"
    crashed = crash(tmp_path, {"app.py": app})
    assert "Did you mean: 'customer'?" in crashed.process.stderr
    diagnosis = describe(crashed.context)
    assert diagnosis.fix is not None
    assert "Did you mean: 'customer'?" in diagnosis.fix.summary


def test_tells_a_module_from_the_class_of_its_name(tmp_path: Path) -> None:
    diagnosis = describe(crash(tmp_path, {"app.py": "import datetime\n\nprint(datetime.now())\n"}).context)
    assert diagnosis.fix is not None
    assert "`datetime.datetime`" in diagnosis.fix.summary


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, value in vars(builtins).items()
        if isinstance(value, type)
        and issubclass(value, Exception)
        and not issubclass(value, Warning)
        and not name.startswith("_")
    ],
)
def test_every_exception_of_the_builtins_has_a_meaning(name: str) -> None:
    aliases = {"EnvironmentError": "OSError", "IOError": "OSError", "WindowsError": "OSError"}
    meaning, advice = _MEANINGS[aliases.get(name, name)]
    assert meaning.endswith(".")
    assert advice.endswith((".", "?"))
