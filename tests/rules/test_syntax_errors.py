"""SyntaxError, IndentationError, TabError: each program is broken in one way, repaired, and run."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

from snapfix.diagnosis import Applicability, Confidence
from snapfix.rules.repairs import best_repair
from snapfix.rules.repairs.broken import flaw_of, masked
from tests.rules.crashing import Crashed, crash

PROGRAM = '''
    """Sums up what was sold."""

    SALES = [
        {"item": "lamp", "price": 30},
        {"item": "chair", "price": 120},
    ]


    def total(sales, tax=0.2):
        """The sum with tax."""
        result = 0
        for sale in sales:
            if sale["price"] == 0:
                continue
            result += sale["price"] * (1 + tax)
        return round(result)


    def main():
        name = "it's done"
        print(name, total(SALES))


    main()
'''
OUTPUT = "it's done 180\n"


def crash_with(tmp_path: Path, *changes: tuple[str, str]) -> Crashed:
    """Crash the program with some texts in it replaced."""
    source = dedent(PROGRAM).lstrip("\n")
    for right, wrong in changes:
        assert source.count(right) == 1, right
        source = source.replace(right, wrong)
    return crash(tmp_path, {"app.py": source})


@pytest.mark.parametrize(
    ("right", "wrong", "rule", "line"),
    [
        ("tax=0.2):", "tax=0.2)", "syntax.missing-colon", 9),
        ("for sale in sales:", "for sale in sales  # all", "syntax.missing-colon", 12),
        ('if sale["price"] == 0:', 'if sale["price"] == 0;', "syntax.missing-colon", 13),
        ("return round(result)", "return round(result", "syntax.brackets", 16),
        ("total(SALES))", "total(SALES)", "syntax.brackets", 21),
        ('"price": 120},\n]', '"price": 120},\n', "syntax.brackets", 3),
        ('{"item": "lamp", "price": 30}', '{"item": "lamp", "price": 30', "syntax.brackets", 4),
        ("(1 + tax)", "(1 + tax))", "syntax.brackets", 15),
        ("(1 + tax)", "(1 + tax]", "syntax.brackets", 15),
        ('"lamp"', '"lamp', "syntax.unterminated-string", 4),
        ('"lamp"', "\"lamp'", "syntax.unterminated-string", 4),
        ('"it\'s done"', "'it's done'", "syntax.unterminated-string", 20),
        ('"""The sum with tax."""', '"""The sum with tax.""', "syntax.unterminated-string", 10),
        ('"lamp", "price"', '"lamp" "price"', "syntax.missing-comma", 4),
        ('"price": 30},', '"price": 30}', "syntax.missing-comma", 4),
        ("total(sales, tax", "total(sales tax", "syntax.missing-comma", 9),
        ('["price"] == 0', '["price"] = 0', "syntax.assignment-in-condition", 13),
        ("print(name, total(SALES))", "print name, total(SALES)", "syntax.python2", 21),
        ("SALES = [", "SALES ＝ [", "syntax.invalid-character", 3),
        ('"lamp"', "“lamp”", "syntax.invalid-character", 4),
        ('== 0:', '== 0 && tax:', "syntax.foreign-operator", 13),
        ('result += sale["price"] * (1 + tax)', 'result++; result += sale["price"] * (1 + tax) - 1',
         "syntax.foreign-operator", 15),
        ("    result = 0", "      result = 0", "indentation.unexpected", 11),
        ("            continue", "          continue\n            pass", "indentation.unexpected", 15),
        ("            continue", "        continue", "indentation.expected-block", 14),
        ("            continue", "            # nothing sold", "indentation.expected-block", 13),
        ("    result = 0", "\tresult = 0", "indentation.unexpected", 11),
        ("def main():", "def main:", "syntax.brackets", 19),
    ],
)  # fmt: skip
def test_repairs_the_program(tmp_path: Path, right: str, wrong: str, rule: str, line: int) -> None:
    crashed = crash_with(tmp_path, (right, wrong))
    assert crashed.rule == rule
    assert crashed.where[1] in (line, line + 1)
    rerun = crashed.apply_and_rerun()
    assert (rerun.stdout, rerun.returncode) == (OUTPUT, 0), crashed.fix


def test_names_the_line_at_fault_and_the_line_that_was_reported(tmp_path: Path) -> None:
    source = """
        def settings():
            return {
                "sizes": [1, 2, 3,
                "name": "lamp",
            }


        print(settings()["name"])
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "syntax.brackets"
    assert crashed.where == ("app.py", 3)
    assert "line 5" in crashed.diagnosis.error_analysis
    assert crashed.apply_and_rerun().stdout == "lamp\n"


def test_closes_a_list_below_its_last_line(tmp_path: Path) -> None:
    source = """
        NAMES = [
            "lamp",
            "chair",

        def main():
            print(len(NAMES))


        main()
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.fixed_text("app.py").startswith('NAMES = [\n    "lamp",\n    "chair",\n]\n\ndef main')
    assert crashed.apply_and_rerun().stdout == "2\n"


def test_repairs_several_errors_where_one_hides_the_next(tmp_path: Path) -> None:
    crashed = crash_with(tmp_path, ("tax=0.2):", "tax=0.2)"), ("def main():", "def main()"))
    assert crashed.rule == "syntax.missing-colon"
    assert "line 9" in crashed.diagnosis.root_cause
    assert "line 19" in crashed.diagnosis.root_cause
    assert crashed.apply_and_rerun().stdout == OUTPUT


def test_an_error_that_hides_one_it_cannot_repair_is_only_likely(tmp_path: Path) -> None:
    source = "def one()\n    return 1\n\n\ndef two():\n    return 2\n\n\nx = = 3\n"
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "syntax.missing-colon"
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.applicability is Applicability.UNSAFE
    assert "one more error" in crashed.diagnosis.error_analysis


def test_translates_a_whole_file_from_python_2(tmp_path: Path) -> None:
    source = """
        import sys


        def convert(text):
            try:
                return int(text)
            except ValueError, error:
                print >>sys.stderr, "bad:", text
                raise TypeError, "not a number"


        def main():
            print "start",
            for text in ["1", "2"]:
                if convert(text) <> 0:
                    print convert(text)
            print


        main()
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "syntax.python2"
    assert crashed.fix.applicability is Applicability.UNSAFE
    assert crashed.apply_and_rerun().stdout == "start 1\n2\n\n"


def test_makes_a_raw_string_of_a_windows_path(tmp_path: Path) -> None:
    source = 'def home():\n    return "C:\\Users\\ada"\n\n\nprint(home())\n'
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "syntax.other"
    assert crashed.apply_and_rerun().stdout == "C:\\Users\\ada\n"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python 3.12 and newer allow it")
def test_changes_the_quotes_inside_an_f_string(tmp_path: Path) -> None:
    source = "def show(order):\n    return f\"{order[\"name\"]}!\"\n\n\nprint(show({'name': 'lamp'}))\n"
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "syntax.fstring"
    assert crashed.apply_and_rerun().stdout == "lamp!\n"


def test_makes_a_function_that_awaits_asynchronous(tmp_path: Path) -> None:
    source = """
        import asyncio


        def wait():
            await asyncio.sleep(0)
            return "waited"


        print(asyncio.run(wait()))
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "syntax.outside-function"
    assert crashed.where == ("app.py", 4)
    assert crashed.apply_and_rerun().stdout == "waited\n"


def test_a_return_outside_a_function_gets_advice_only(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": "total = 3\nreturn total\n"})
    assert crashed.rule == "syntax.outside-function"
    assert crashed.fix.edits == ()


def test_does_not_choose_a_side_of_a_merge_conflict(tmp_path: Path) -> None:
    source = "x = 1\n<<<<<<< HEAD\ny = 2\n=======\ny = 3\n>>>>>>> topic\nprint(x, y)\n"
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "syntax.merge-conflict"
    assert crashed.where == ("app.py", 2)
    assert crashed.fix.edits == ()


@pytest.mark.parametrize("source", ["x = = 3\n", "for in range(3):\n    pass\n", "a b c d e\n", "def f(:\n    pass\n"])
def test_does_not_invent_a_repair(tmp_path: Path, source: str) -> None:
    crashed = crash(tmp_path, {"app.py": source})
    if crashed.rule != "unknown":
        assert crashed.apply_and_rerun().returncode == 0 or crashed.diagnosis.confidence is not Confidence.CERTAIN


def test_a_syntax_error_in_an_imported_module_is_repaired_there(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/prices.py": "def taxed(price)\n    return price * 1.2\n",
        "app.py": "from shop.prices import taxed\n\n\ndef main():\n    print(taxed(10))\n\n\nmain()\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "syntax.missing-colon"
    assert crashed.where == ("shop/prices.py", 1)
    assert crashed.apply_and_rerun().stdout == "12.0\n"


def test_a_syntax_error_in_a_text_that_the_program_evaluates_changes_no_file(tmp_path: Path) -> None:
    source = "def compute(text):\n    return eval(text)\n\n\nprint(compute('(1 + 2'))\n"
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.diagnosis.fix is None or crashed.fix.edits == ()


def test_works_with_windows_line_ends_and_non_ascii_text(tmp_path: Path) -> None:
    source = "def grüße(name)\r\n    return f'Grüß Gott, {name}'\r\n\r\n\r\nprint(len(grüße('Ada')))\r\n"
    crashed = crash(tmp_path, {"app.py": source.encode()})
    assert crashed.rule == "syntax.missing-colon"
    assert crashed.apply_and_rerun().stdout == "14\n"


def test_masks_strings_and_comments_but_keeps_every_position() -> None:
    text = 'x = \'a#b\' + """(\n"""  # (\ny = f\'{x}\'\n'
    code = masked(text)
    assert len(code) == len(text)
    assert code.count("\n") == text.count("\n")
    assert "(" not in code
    assert "#" not in code


def test_a_text_that_parses_needs_no_repair() -> None:
    assert flaw_of("x = 1\n") is None
    assert best_repair("x = 1\n") is None


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000,
        '"' * 3001,
        "'''" + "\\" * 5000,
        "x = [\n" * 2000,
        "\t \n" * 2000 + "if",
        "print " + ")%" * 2000,
        ("print " + "),%" * 90 + "\n") * 200,
        "a." * 2000 + "++",
        "x = = " + "1, " * 100_000,
    ],
)
def test_a_hostile_text_costs_little(text: str) -> None:
    started = time.process_time()
    best_repair(text)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "rest",
    ['    print("big"\n', '    print("big")\n\n\nprint("done"\n', '    print("big"\nelse:\n    print("small")\n'],
)
def test_a_missing_colon_is_found_beside_another_error(tmp_path: Path, rest: str) -> None:
    crashed = crash(tmp_path, {"app.py": "x = 6\nif x > 5\n" + rest})
    assert crashed.rule == "syntax.missing-colon"
    assert crashed.where == ("app.py", 2)
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.applicability is Applicability.UNSAFE
    assert crashed.apply_and_rerun().stdout.startswith("big\n")


def test_the_repair_that_python_names_holds_though_the_next_error_has_none(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": "x = 6\nif x > 5\n    y = 1 +\nz = 3\n"})
    assert crashed.where == ("app.py", 2)
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert "one more error further down" in crashed.diagnosis.error_analysis
    assert "if x > 5:" in crashed.fixed_text("app.py")


# -- what is not known for certain -----------------------------------------------------------------------------


def is_claimed(crashed: Crashed) -> bool:
    """The answer is said to be certain, or its edits to be safe."""
    fix = crashed.diagnosis.fix
    safe = fix is not None and bool(fix.edits) and fix.applicability is Applicability.SAFE
    return crashed.rule != "unknown" and (safe or crashed.diagnosis.confidence is Confidence.CERTAIN)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("return round(result)", "retrun round(result)"),
        ("return round(result)", "retunr round(result)"),
        ("if sale[", "fi sale["),
        ("for sale in sales:", "fro sale in sales:"),
        ("for sale in sales:", "for sale ni sales:"),
        ("def main():", "dfe main():"),
        ("def main():", "deff main():"),
        ("    result = 0", "    asert sales\n    result = 0"),
        ("SALES = [", "improt sys\nSALES = ["),
        ("SALES = [", "form sys import argv\nSALES = ["),
        ("SALES = [", "calss Sale:\n    pass\n\n\nSALES = ["),
        ("    result = 0", "    result = 0\n    if tax:\n        pass\n    esle:\n        pass"),
    ],
)  # fmt: skip
def test_corrects_a_misspelt_keyword(tmp_path: Path, right: str, wrong: str) -> None:
    crashed = crash_with(tmp_path, (right, wrong))
    assert crashed.rule == "syntax.other"
    assert "a misspelling of the keyword" in crashed.diagnosis.root_cause
    assert crashed.apply_and_rerun().stdout == OUTPUT, crashed.fix


def test_corrects_a_misspelt_yield(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": "def numbers():\n    yeild 3\n\n\nprint(list(numbers()))\n"})
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.apply_and_rerun().stdout == "[3]\n"


@pytest.mark.parametrize(
    "source",
    [
        "def area(w, h):\n    return w h\n\n\nprint(area(2, 3))\n",
        'def greet(name):\n    return "hello " name\n\n\nprint(greet("a"))\n',
        'def bare(x):\n    return x strip()\n\n\nprint(bare("a "))\n',
        'print("value: " + str(3) " units")\n',
        'field "x"\n',
        "def take(a, b=0):\n    return a\n\n\na = b = 1\nprint(take(a b))\n",
        "def put(d):\n    \"x\" = d\n    return d\n\n\nput(1)\n",
        "def put(d):\n    len(d) = 3\n    return d\n\n\nput([])\n",
        "def take(**given):\n    return given\n\n\nprint(take(my-name=3))\n",
        "def take(a):\n    return a\n\n\nprint(take(a.b=3))\n",
        "def take(a):\n    return a\n\n\nif take(a.b=3):\n    print(1)\n",
    ],
)  # fmt: skip
def test_claims_nothing_where_an_operator_may_be_missing(tmp_path: Path, source: str) -> None:
    crashed = crash(tmp_path, {"app.py": source})
    assert not is_claimed(crashed), crashed.diagnosis
    for edit in crashed.fix.edits:
        assert "==" not in edit.replace
        assert "return w," not in edit.replace


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ('import io\n\nf = io.StringIO("a\\nb\\n")\nwhile line = f.readline():\n    print(line.strip())\n', "a\nb\n"),
        ("xs = [1, 2]\nwhile (n = len(xs)) > 0:\n    xs.pop()\n    print(n)\n", "2\n1\n"),
    ],
)
def test_a_value_that_a_loop_keeps_is_assigned_in_its_condition(tmp_path: Path, source: str, output: str) -> None:
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "syntax.assignment-in-condition"
    assert not is_claimed(crashed)
    assert crashed.apply_and_rerun().stdout == output


def test_writes_the_entries_of_a_dictionary_with_colons(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": 'SETTINGS = {\n    "a" = 1,\n    "b": 2,\n}\nprint(SETTINGS)\n'})
    assert crashed.rule == "syntax.other"
    assert crashed.apply_and_rerun().stdout == "{'a': 1, 'b': 2}\n"


def test_closes_a_nested_dictionary_where_its_indentation_ends(tmp_path: Path) -> None:
    source = """
        def config():
            settings = {
                "a": 1,
                "nested": {
                    "x": 2,
                    "y": 3,
                "c": 4,
            }
            return settings


        print(config())
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.where == ("app.py", 4)
    assert not is_claimed(crashed)
    assert crashed.apply_and_rerun().stdout == "{'a': 1, 'nested': {'x': 2, 'y': 3}, 'c': 4}\n"


@pytest.mark.parametrize(
    ("decorator", "call"), [("", "A().size()"), ("@classmethod", "A.size()"), ("@staticmethod", "A.size()")]
)
def test_a_method_without_parentheses_gets_its_first_parameter(tmp_path: Path, decorator: str, call: str) -> None:
    head = f"    {decorator}\n" if decorator else ""
    crashed = crash(tmp_path, {"app.py": f"class A:\n{head}    def size:\n        return 3\n\n\nprint({call})\n"})
    assert crashed.rule == "syntax.brackets"
    assert crashed.apply_and_rerun().stdout == "3\n"


@pytest.mark.parametrize("docstring", ['"""Doc."""', '"""Doc.\n\n    More.\n    """'])
def test_indents_a_docstring_that_stands_too_far_to_the_left(tmp_path: Path, docstring: str) -> None:
    source = f"class A:\n    def size(self):\n    {docstring}\n        return 3\n\n\nprint(A().size())\n"
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "indentation.expected-block"
    assert "pass" not in crashed.fixed_text("app.py")
    assert crashed.apply_and_rerun().stdout == "3\n"


def test_a_line_that_belongs_at_the_margin_loses_its_indentation(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": "import os\n  import sys\n\nprint(os.sep, len(sys.argv))\n"})
    assert "Remove the indentation of line 2." in crashed.fix.summary
    assert crashed.apply_and_rerun().stdout == "/ 1\n"


def test_each_operator_of_another_language_is_named_in_the_fix(tmp_path: Path) -> None:
    source = "def both(a, b):\n    if a > 0 && b > 0:\n        return 1\n    return !a\n\n\nprint(both(1, 1))\n"
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.fix.summary == "Write `and`. Write `not`."
    assert crashed.apply_and_rerun().stdout == "1\n"
