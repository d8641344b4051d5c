"""NameError: misspelt names, missing imports, missing ``self.``, names of other languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from snapfix.crash import SourceFile
from snapfix.diagnosis import Applicability, Confidence
from snapfix.rules.base import edit_changes, near
from snapfix.rules.evidence.import_lines import NewImport, add_import
from snapfix.rules.tables.stdlib_names import public_names
from tests.rules.crashing import crash

INVOICE = """
    import csv
    import io

    ORDERS = "item,price\\nlamp,30\\nchair,120\\n"


    def read_orders(text):
        return list(csv.DictReader(io.StringIO(text)))


    def invoice_total(orders, discount=0.1):
        subtotal = 0
        for order in orders:
            subtotal += float(order["price"])
        reduction = subtotal * discount
        return subtotal - {used}


    def main():
        orders = read_orders(ORDERS)
        print(f"total: {{invoice_total(orders):.2f}}")


    main()
"""

STATE_MACHINE = """
    class Machine:
        def __init__(self):
            self.log = []

        def step(self, state):
            self.log.append(state)
            if ste == "idle":
                return "running"
            return "idle"


    def main():
        machine = Machine()
        state = "idle"
        for _ in range(3):
            state = machine.step(state)
        print(machine.log)


    main()
"""


def test_corrects_a_misspelt_local_variable_where_it_is_used(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": INVOICE.format(used="reducton")})
    assert crashed.rule == "name.typo"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.fix.applicability is Applicability.SAFE
    assert crashed.where == ("app.py", 16)
    assert "`reduction`" in crashed.diagnosis.root_cause
    assert "never used otherwise" in crashed.diagnosis.root_cause
    assert crashed.apply_and_rerun().stdout == "total: 135.00\n"


def test_prefers_a_variable_in_scope_to_a_builtin_that_is_spelt_alike(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": STATE_MACHINE})
    assert "Did you mean: 'str'?" in crashed.process.stderr
    assert crashed.rule == "name.typo"
    assert "misspelling of `state`" in crashed.diagnosis.root_cause
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.apply_and_rerun().stdout == "['idle', 'running', 'idle']\n"


def test_corrects_every_use_of_the_misspelling_at_once(tmp_path: Path) -> None:
    source = """
        def summarise(measurements):
            average = sum(measurments) / len(measurments)
            return [m - average for m in measurments]


        print(summarise([1, 2, 3]))
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.typo"
    assert crashed.apply_and_rerun().stdout == "[-1.0, 0.0, 1.0]\n"


def test_corrects_the_definition_where_only_that_is_misspelt(tmp_path: Path) -> None:
    source = """
        def fetch(rows):
            recieved = [row for row in rows if row]
            if not received:
                return 0
            return len(received)


        def main():
            print(fetch(["a", "", "b"]))


        main()
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.typo"
    assert crashed.where == ("app.py", 2)
    assert len(crashed.fix.edits) == 1
    assert crashed.apply_and_rerun().stdout == "2\n"


def test_corrects_a_misspelt_function_that_is_called_across_the_module(tmp_path: Path) -> None:
    source = """
        import statistics


        def calculate_median(values):
            return statistics.median(values)


        def report(values):
            median = calcualte_median(values)
            return f"median {median}"


        print(report([3, 1, 2]))
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.typo"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.apply_and_rerun().stdout == "median 2\n"


def test_corrects_a_misspelt_builtin_that_is_called(tmp_path: Path) -> None:
    source = """
        def count_up(limit):
            for number in rnage(limit):
                print(number)


        count_up(2)
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.typo"
    assert "a builtin" in crashed.diagnosis.root_cause
    assert crashed.apply_and_rerun().stdout == "0\n1\n"


def test_corrects_a_name_after_non_ascii_text_on_the_same_line(tmp_path: Path) -> None:
    source = """
        def greet(person):
            print("größe→", persn, "ü")


        greet("Ada")
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.apply_and_rerun().stdout == "größe→ Ada ü\n"


@pytest.mark.parametrize(
    "body",
    [
        "x1 = 3\nx2 = 4\nprint(x1 + x3)\n",
        "def area(width, height):\n    return width * depth\n\n\nprint(area(2, 3))\n",
        "first = 1\nsecond = 2\nprint(third)\n",
    ],
    ids=["another number", "another word", "another ordinal"],
)
def test_does_not_take_another_name_for_a_misspelling(tmp_path: Path, body: str) -> None:
    crashed = crash(tmp_path, {"app.py": body})
    assert crashed.rule != "name.typo"


def test_does_not_offer_a_function_where_a_number_is_needed(tmp_path: Path) -> None:
    source = """
        def count(items):
            return len(items)


        def share(items):
            return 100 / cuont


        print(share([1]))
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule != "name.typo"


def test_does_not_offer_a_variable_that_is_only_assigned_later(tmp_path: Path) -> None:
    source = """
        print(totl)
        total = 3
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule != "name.typo"


def test_renames_the_loop_variable_that_the_body_speaks_of(tmp_path: Path) -> None:
    source = """
        def shout(words):
            loud = []
            for w in words:
                loud.append(word.upper())
            return loud


        print(shout(["a", "b"]))
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.loop-variable"
    assert crashed.where == ("app.py", 3)
    assert crashed.apply_and_rerun().stdout == "['A', 'B']\n"


def test_does_not_rename_a_loop_variable_that_is_used(tmp_path: Path) -> None:
    source = """
        def show(words):
            for w in words:
                print(w, word)


        show(["a"])
    """
    assert crash(tmp_path, {"app.py": source}).rule != "name.loop-variable"


# -- missing imports -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "statement"),
    [
        ('json.loads("[1]")', "import json"),
        ('os.path.join("a", "b")', "import os"),
        ('Path("a").name', "from pathlib import Path"),
        ("defaultdict(list)", "from collections import defaultdict"),
        ("datetime.now()", "from datetime import datetime"),
        ("datetime.datetime.now()", "import datetime"),
        ("timedelta(days=1)", "from datetime import timedelta"),
        ("time.sleep(0)", "import time"),
        ("sleep(0)", "from time import sleep"),
        ("Optional[int]", "from typing import Optional"),
        ("partial(print, 1)", "from functools import partial"),
        ("sqrt(4)", "from math import sqrt"),
        ("pi * 2", "from math import pi"),
        ('urllib.parse.quote("a b")', "import urllib.parse"),
        ('ET.fromstring("<a/>")', "from xml.etree import ElementTree as ET"),
        ("dt.date(2024, 1, 1)", "import datetime as dt"),
        ("deepcopy([])", "from copy import deepcopy"),
        ("sorted([1], key=itemgetter)", "from operator import itemgetter"),
    ],
)
def test_imports_what_the_standard_library_has(tmp_path: Path, use: str, statement: str) -> None:
    crashed = crash(tmp_path, {"app.py": f"def main():\n    return {use}\n\n\nmain()\n"})
    assert crashed.rule == "name.missing-import-stdlib"
    assert f"Add `{statement}`" in crashed.fix.summary
    if "itemgetter" not in use:
        assert crashed.apply_and_rerun().returncode == 0


@pytest.mark.parametrize(
    "use",
    [
        "code.strip()",
        "token.split()",
        "queue.append(1)",
        "email.lower()",
        "test.run_it()",
        "string.upper()",
        "date + 1",
    ],
)
def test_does_not_take_a_variable_for_a_module_of_that_name(tmp_path: Path, use: str) -> None:
    crashed = crash(tmp_path, {"app.py": f"def main():\n    return {use}\n\n\nmain()\n"})
    assert not crashed.rule.startswith("name.missing-import")


def test_imports_a_package_under_its_usual_alias_and_says_how_to_install_it(tmp_path: Path) -> None:
    source = """
        def column_means(rows):
            table = pd.DataFrame(rows)
            return table.mean()


        print(column_means([[1, 2], [3, 4]]))
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.missing-import-thirdparty"
    assert crashed.fixed_text("app.py").startswith("import pandas as pd\n\n\ndef column_means")
    assert crashed.fix.commands[0].endswith("-m pip install pandas")


def test_imports_an_installed_package_that_is_used_by_its_own_name(tmp_path: Path) -> None:
    source = """
        import sys


        def render(text):
            return jinja2.Template(text).render(name="Ada")


        sys.stdout.write(render("hello {{ name }}"))
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.missing-import-thirdparty"
    assert crashed.fix.commands == ()
    assert crashed.apply_and_rerun().stdout == "hello Ada"


def test_imports_a_function_of_another_module_of_the_project(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/prices.py": """
            def discounted(price):
                return price * 0.9


            def taxed(price):
                return price * 1.2
        """,
        "app.py": """
            from shop.prices import taxed


            def main():
                print(round(discounted(taxed(100))))


            main()
        """,
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "name.missing-import-project"
    assert "from shop.prices import discounted, taxed" in crashed.fixed_text("app.py")
    assert crashed.apply_and_rerun().stdout == "108\n"


def test_imports_relatively_where_the_package_does(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/rates.py": "def rate():\n    return 0.2\n",
        "shop/names.py": "TITLE = 'shop'\n",
        "shop/prices.py": """
            from .names import TITLE


            def taxed(price):
                return f"{TITLE} {price * (1 + rate()):.0f}"
        """,
        "app.py": "import shop.rates\nfrom shop.prices import taxed\n\nprint(taxed(100))\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "name.missing-import-project"
    assert "from .rates import rate" in crashed.fixed_text("shop/prices.py")
    assert crashed.apply_and_rerun().stdout == "shop 120\n"


def test_an_obvious_import_beats_a_variable_that_is_spelt_alike(tmp_path: Path) -> None:
    source = """
        def first_number(text):
            r = text.strip()
            return re.search(r"[0-9]+", r).group()


        print(first_number(" a12 "))
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.missing-import-stdlib"
    assert crashed.apply_and_rerun().stdout == "12\n"


def test_a_variable_one_letter_off_beats_an_import_that_is_not_obvious(tmp_path: Path) -> None:
    source = """
        def plan(counts):
            total = sum(counts)
            return count + total


        print(plan([1, 2]))
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule != "name.missing-import-stdlib"


def test_leaves_alone_an_import_that_a_try_statement_failed_to_make(tmp_path: Path) -> None:
    source = """
        try:
            import snapfix_fast_json as json
        except ImportError:
            pass


        def main():
            return json.dumps([1])


        main()
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule != "name.missing-import-stdlib"


@pytest.mark.parametrize("others", ["", "    from collections.abc import Iterator\n"])
def test_an_import_for_type_checkers_only_is_made_for_the_program_too(tmp_path: Path, others: str) -> None:
    source = (
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n" + others + "    from decimal import Decimal\n\n\n"
        "def price(text):\n    return Decimal(text)\n\n\nprint(price('1.50'))\n"
    )
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.type-checking-import"
    assert crashed.fix.applicability is Applicability.UNSAFE
    assert crashed.apply_and_rerun().stdout == "1.50\n"


# -- where an import goes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("x = 1\n", NewImport("json"), "import json\n\nx = 1\n"),
        ("def f():\n    pass\n", NewImport("json"), "import json\n\n\ndef f():\n    pass\n"),
        ('"""Doc."""\n\nx = 1\n', NewImport("json"), '"""Doc."""\n\nimport json\n\nx = 1\n'),
        ('"""Doc."""\nx = 1\n', NewImport("json"), '"""Doc."""\n\nimport json\n\nx = 1\n'),
        ("#!/usr/bin/env python\n# coding: utf-8\nx = 1\n", NewImport("json"),
         "#!/usr/bin/env python\n# coding: utf-8\nimport json\n\nx = 1\n"),
        ("from __future__ import annotations\n\nx = 1\n", NewImport("json"),
         "from __future__ import annotations\n\nimport json\n\nx = 1\n"),
        ("import abc\nimport os\n", NewImport("json"), "import abc\nimport json\nimport os\n"),
        ("import abc\nfrom os import path\n", NewImport("json"), "import abc\nimport json\nfrom os import path\n"),
        ("import requests\n", NewImport("json"), "import json\n\nimport requests\n"),
        ("import os\n\nimport shop\n", NewImport("numpy", None, "np"),
         "import os\n\nimport numpy as np\n\nimport shop\n"),
        ("from typing import Any\n", NewImport("typing", "Optional"), "from typing import Any, Optional\n"),
        ("from typing import Union, Any\n", NewImport("typing", "Optional"),
         "from typing import Union, Any, Optional\n"),
        ("from typing import (\n    Any,\n)\n", NewImport("typing", "Union"),
         "from typing import (\n    Any,\n)\nfrom typing import Union\n"),
        ("import os\nif True:\n    import abc\ntry:\n    import fcntl\nexcept ImportError:\n    fcntl = None\nx = 1\n",
         NewImport("json"),
         "import json\nimport os\nif True:\n    import abc\n"
         "try:\n    import fcntl\nexcept ImportError:\n    fcntl = None\nx = 1\n"),
        ("import os; import sys\nx = 1\n", NewImport("time"), "import os; import sys\nimport time\nx = 1\n"),
    ],
)  # fmt: skip
def test_an_import_goes_beside_its_like(before: str, new: NewImport, after: str) -> None:
    file = SourceFile("/p/app.py", "app.py", before)
    change = add_import(file, new, ["shop"])
    assert change is not None
    (edit,) = edit_changes(file, [change])
    assert before.count(edit.find) == 1
    assert before.replace(edit.find, edit.replace) == after


# -- self ------------------------------------------------------------------------------------------------------


def test_adds_self_to_an_attribute_and_to_a_method(tmp_path: Path) -> None:
    source = """
        class Basket:
            def __init__(self):
                self.items = []

            def add(self, item):
                self.items.append(item)

            def size(self):
                return len(items)

            def describe(self):
                return f"{size()} items"


        def main():
            basket = Basket()
            basket.add("lamp")
            print(basket.size())


        main()
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.missing-self"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.apply_and_rerun().stdout == "1\n"


def test_adds_the_name_that_the_method_gives_to_its_object(tmp_path: Path) -> None:
    source = """
        class Registry:
            known = {"a": 1}

            @classmethod
            def find(cls, name):
                return known[name]


        print(Registry.find("a"))
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.missing-self"
    assert "cls.known[name]" in crashed.fixed_text("app.py")
    assert crashed.apply_and_rerun().stdout == "1\n"


def test_does_not_add_self_in_a_static_method(tmp_path: Path) -> None:
    source = """
        class Counter:
            def __init__(self):
                self.limit = 3

            @staticmethod
            def check(number):
                return number < limit


        Counter.check(1)
    """
    assert crash(tmp_path, {"app.py": source}).rule != "name.missing-self"


def test_does_not_add_self_for_an_attribute_of_another_class(tmp_path: Path) -> None:
    source = """
        class Store:
            def __init__(self):
                self.rows = []


        class Report:
            def show(self):
                return rows


        Report().show()
    """
    assert crash(tmp_path, {"app.py": source}).rule != "name.missing-self"


# -- other languages -------------------------------------------------------------------------------------------


def test_writes_the_constants_of_pasted_json_as_python(tmp_path: Path) -> None:
    source = """
        CONFIG = {
            "debug": true,
            "proxy": null,
            "cache": false,
        }


        def main():
            print(CONFIG)


        main()
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.foreign"
    assert crashed.fix.applicability is Applicability.SAFE
    assert crashed.apply_and_rerun().stdout == "{'debug': True, 'proxy': None, 'cache': False}\n"


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("list(xrange(2))", "[0, 1]\n"),
        ("isinstance('a', unicode)", "True\n"),
        ("unichr(97)", "a\n"),
        ("long(3)", "3\n"),
    ],
)
def test_writes_names_of_python_2_as_python_3_does(tmp_path: Path, expression: str, printed: str) -> None:
    crashed = crash(tmp_path, {"app.py": f"def main():\n    print({expression})\n\n\nmain()\n"})
    assert crashed.rule == "name.foreign"
    assert crashed.apply_and_rerun().stdout == printed


def test_does_not_replace_a_foreign_word_that_the_module_defines_elsewhere(tmp_path: Path) -> None:
    source = """
        class Flags:
            def __init__(self):
                self.true = 1

            def get(self):
                return true


        print(Flags().get())
    """
    assert crash(tmp_path, {"app.py": source}).rule == "name.missing-self"


# -- the tables ------------------------------------------------------------------------------------------------


def test_the_table_of_public_names_agrees_with_the_running_interpreter() -> None:
    import collections
    import json
    import time

    for module in (collections, json, time):
        listed = public_names(module.__name__)
        assert {"json": "loads", "time": "sleep", "collections": "defaultdict"}[module.__name__] in listed
        assert set(getattr(module, "__all__", ())) <= listed


def test_near_counts_case_underscores_and_swapped_neighbours_as_less_than_a_letter() -> None:
    assert near("getName", ["get_name"]) == [(1.0, "get_name")]
    assert near("tset", ["test", "text"])[0] == (0.75, "test")
    assert near("cat", ["banana"]) == []


def test_a_definition_that_misspells_a_common_word_is_corrected_even_for_one_use(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": 'usernme = "ada"\nprint(username)\n'})
    assert crashed.where == ("app.py", 1)
    assert crashed.apply_and_rerun().stdout == "ada\n"


def test_two_names_of_which_either_may_be_misspelt_are_left_to_a_person(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": "kelvn = 3\nprint(kelvin)\n"})
    assert "One of the two is misspelt" in crashed.diagnosis.root_cause
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.applicability is Applicability.UNSAFE


def test_a_misspelt_first_parameter_is_corrected_not_the_body(tmp_path: Path) -> None:
    source = """
        class Account:
            def __init__(slef, owner):
                slef.balance = 0
                self.owner = owner


        print(Account("ada").owner)
    """
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "name.typo"
    assert crashed.where == ("app.py", 2)
    assert "slef" not in crashed.fixed_text("app.py")
    assert crashed.apply_and_rerun().stdout == "ada\n"


@pytest.mark.parametrize("name", ["Model", "Shape", "Config"])
def test_an_object_that_was_never_made_is_no_misspelling_of_its_class(tmp_path: Path, name: str) -> None:
    used = name.lower()
    source = f"class {name}:\n    pass\n\n\ndef run(data):\n    {used}.fit(data)\n    return {used}\n\n\nrun([1])\n"
    crashed = crash(tmp_path, {"app.py": source})
    assert f"`{used}` was never created" in crashed.diagnosis.root_cause
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.edits == ()


def test_two_words_of_the_standard_library_are_no_misspellings_of_each_other(tmp_path: Path) -> None:
    source = (
        "def summary(values):\n    mean = sum(values)\n    return {'mean': mean, 'median': median}\n\n\nsummary([1])\n"
    )
    crashed = crash(tmp_path, {"app.py": source})
    assert "misspelling" not in crashed.diagnosis.root_cause
    assert crashed.fix.edits == ()


@pytest.mark.parametrize(
    ("imported", "written"),
    [("from shop import models", "models.Product"), ("import shop.models as m", "m.Product"),
     ("import shop.models", "shop.models.Product")],
)  # fmt: skip
def test_reaches_a_class_through_the_module_that_is_imported_already(
    tmp_path: Path, imported: str, written: str
) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/models.py": "class Product:\n    price = 3\n",
        "shop/cli.py": f"{imported}\n\n\ndef main():\n    print(Product().price)\n\n\nmain()\n",
    }
    crashed = crash(tmp_path, files, ("-m", "shop.cli"))
    assert crashed.rule == "name.missing-import-project"
    assert f"{written}()" in crashed.fixed_text("shop/cli.py")
    assert crashed.apply_and_rerun().stdout == "3\n"


def test_reaches_a_module_by_the_name_that_its_import_gives_it(tmp_path: Path) -> None:
    source = 'import json as js\n\n\ndef main():\n    print(json.loads("[1]"), js.dumps(2))\n\n\nmain()\n'
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.fixed_text("app.py").count("import") == 1
    assert crashed.apply_and_rerun().stdout == "[1] 2\n"


def test_a_module_that_a_local_variable_hides_is_imported_again(tmp_path: Path) -> None:
    source = "import json as js\n\n\ndef main(js):\n    print(json.dumps(js))\n\n\nmain(1)\n"
    crashed = crash(tmp_path, {"app.py": source})
    assert "js.dumps" not in crashed.fixed_text("app.py")
    assert crashed.apply_and_rerun().stdout == "1\n"
