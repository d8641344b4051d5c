"""ModuleNotFoundError and ImportError: packages, the project's own modules, names, cycles, the standard library."""

from __future__ import annotations

import site
import sys
import venv
from pathlib import Path

import pytest

from snapfix.diagnosis import Applicability, Confidence
from snapfix.rules.tables.distributions import DISTRIBUTIONS, SAME_NAME, distribution_of
from snapfix.rules.tables.removed_names import REMOVED_MODULES
from tests.rules.crashing import Crashed, crash, find_python

PYTHON_3_13 = sys.executable if sys.version_info >= (3, 13) else find_python("3.13")
SITE_PACKAGES = Path(site.getsitepackages()[0])
APP = """
    {statement}


    def main():
        print("ready")


    main()
"""


def crash_importing(tmp_path: Path, statement: str, **files: str) -> Crashed:
    """Crash a program on an import; keyword arguments are further (empty or given) files, ``_`` for ``.``."""
    others = {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    return crash(tmp_path, {"app.py": APP.format(statement=statement), **others})


# -- not installed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "distribution"),
    [
        ("import cv2", "opencv-python"),
        ("from sklearn.cluster import KMeans", "scikit-learn"),
        ("import fitz", "PyMuPDF"),
        ("from bs4 import BeautifulSoup", "beautifulsoup4"),
        ("import serial.tools.list_ports", "pyserial"),
        ("from Crypto.Cipher import AES", "pycryptodome"),
        ("import psycopg2", "psycopg2-binary"),
        ("import google.protobuf.message", "protobuf"),
        ("from google.cloud import storage", "google-cloud-storage"),
    ],
)
def test_knows_what_a_module_is_installed_from(tmp_path: Path, statement: str, distribution: str) -> None:
    crashed = crash_importing(tmp_path, statement)
    assert crashed.rule == "import.dist-name-differs"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.fix.commands == (f"{sys.prefix}/bin/python -m pip install {distribution}",)
    assert crashed.fix.applicability is Applicability.DISPLAY_ONLY


def test_installs_a_well_known_package_under_its_own_name(tmp_path: Path) -> None:
    crashed = crash_importing(tmp_path, "import pandas as pd")
    assert crashed.rule == "import.not-installed"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.fix.commands[0].endswith("-m pip install pandas")
    assert crashed.where == ("app.py", 1)


def test_warns_before_an_unknown_name_is_installed(tmp_path: Path) -> None:
    crashed = crash_importing(tmp_path, "import zz_internal_metrics")
    assert crashed.rule == "import.not-installed"
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert "Look it up on PyPI first" in crashed.fix.summary


@pytest.mark.parametrize(
    ("lock", "command"),
    [("uv_lock", "uv add pandas"), ("poetry_lock", "poetry add pandas"), ("Pipfile", "pipenv install pandas")],
)
def test_installs_with_the_tool_that_the_project_uses(tmp_path: Path, lock: str, command: str) -> None:
    crashed = crash_importing(tmp_path, "import pandas", **{lock: ""})
    assert crashed.fix.commands[0] == command


def test_offers_to_install_the_requirements_of_the_project(tmp_path: Path) -> None:
    crashed = crash_importing(tmp_path, "import yaml2json", requirements_txt="yaml2json\n")
    assert crashed.fix.commands[1].endswith("-m pip install -r requirements.txt")
    assert "requirements.txt" in crashed.fix.summary


def test_a_package_that_a_library_lacks_is_named_too(tmp_path: Path) -> None:
    library = SITE_PACKAGES / "report" / "excel.py"
    text = f"""Traceback (most recent call last):
  File "{tmp_path}/project/app.py", line 5, in <module>
    main()
  File "{tmp_path}/project/app.py", line 2, in main
    report.to_excel()
  File "{library}", line 10, in to_excel
    import openpyxl
ModuleNotFoundError: No module named 'openpyxl'
"""
    source = 'def main():\n    raise SystemExit("report.to_excel()")\n\n\nmain()\n'
    text = text.replace("    report.to_excel()", '    raise SystemExit("report.to_excel()")')
    crashed = crash(tmp_path, {"app.py": source}, text=text)
    assert crashed.rule == "import.not-installed"
    assert "which a library imports" in crashed.diagnosis.error_analysis
    assert crashed.fix.commands[0].endswith("pip install openpyxl")


def test_says_that_the_program_ran_outside_the_virtual_environment(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    venv.create(root / ".venv", with_pip=False)
    first = crash(tmp_path, {"app.py": "import pandas\n"})
    assert first.rule in ("import.not-installed", "import.wrong-environment")
    assert ".venv/bin/python" in (first.fix.summary + " ".join(first.fix.commands))
    library = SITE_PACKAGES / "pluggy" / "_hooks.py"
    first_line = "Traceback (most recent call last):\n"
    text = first.process.stderr.replace(first_line, f'{first_line}  File "{library}", line 1, in run\n')
    outside = crash(tmp_path, {"app.py": "import pandas\n"}, text=text)
    assert outside.rule == "import.wrong-environment"
    assert outside.diagnosis.confidence is Confidence.LIKELY


def test_a_module_that_the_installed_package_does_not_have_is_not_installed_again(tmp_path: Path) -> None:
    crashed = crash_importing(tmp_path, "import rich.colours")
    assert crashed.rule == "import.submodule-missing"
    assert "install" not in " ".join(crashed.fix.commands)


def test_the_tables_of_distributions_do_not_contradict_each_other() -> None:
    assert not SAME_NAME & DISTRIBUTIONS.keys()
    assert len(DISTRIBUTIONS) >= 150
    assert distribution_of("google.protobuf.message") == "protobuf"
    assert distribution_of("yaml.nodes") == "PyYAML"
    assert distribution_of("zz_internal") is None


# -- misspelt modules ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "import colections\n\n\ndef main():\n    print(colections.Counter('aab')['a'])\n\n\nmain()\n",
        "from itertool import chain\n\n\ndef main():\n    print(len(list(chain('a', 'b'))))\n\n\nmain()\n",
        "import os.pth\n\n\ndef main():\n    print(len(os.path.join('a', '')))\n\n\nmain()\n",
        "import xml.etree.ElementTre as ET\n\n\ndef main():\n    print(len(ET.XML('<a><b/><c/></a>')))\n\n\nmain()\n",
    ],
)
def test_corrects_a_misspelt_module_of_the_standard_library(tmp_path: Path, source: str) -> None:
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "import.module-typo"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.apply_and_rerun().stdout == "2\n"


def test_corrects_a_misspelt_installed_package_and_its_uses(tmp_path: Path) -> None:
    source = "import ritch\n\n\ndef main():\n    print(ritch.__name__)\n\n\nmain()\n"
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "import.module-typo"
    assert crashed.apply_and_rerun().stdout == "rich\n"


def test_corrects_only_the_import_where_the_uses_are_right(tmp_path: Path) -> None:
    source = "import jsn\n\n\ndef main():\n    print(json.dumps([1]))\n\n\nmain()\n"
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "import.module-typo"
    assert crashed.apply_and_rerun().stdout == "[1]\n"


def test_corrects_a_misspelt_module_of_the_project(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/models.py": "class Order:\n    number = 7\n",
        "app.py": "from shop.modles import Order\n\n\ndef main():\n    print(Order.number)\n\n\nmain()\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.module-typo"
    assert crashed.apply_and_rerun().stdout == "7\n"


def test_a_misspelling_of_a_package_that_is_not_installed_is_not_installed_as_it_stands(tmp_path: Path) -> None:
    crashed = crash_importing(tmp_path, "import tensorflw")
    assert crashed.rule == "import.module-typo"
    assert crashed.fix.commands[0].endswith("pip install tensorflow")
    assert "malware" in crashed.diagnosis.prevention


@pytest.mark.parametrize("statement", ["import bs4", "import jwt", "import nltk", "import git"])
def test_a_known_package_is_no_misspelling_of_another(tmp_path: Path, statement: str) -> None:
    assert crash_importing(tmp_path, statement).rule != "import.module-typo"


# -- the project's own modules ---------------------------------------------------------------------------------

SHOP = {
    "shop/__init__.py": "",
    "shop/models.py": "class Order:\n    number = 7\n",
    "shop/app.py": """
        from shop.models import Order


        def main():
            print(Order.number)


        if __name__ == "__main__":
            main()
    """,
}


def test_starts_a_script_inside_a_package_as_a_module(tmp_path: Path) -> None:
    crashed = crash(tmp_path, SHOP, run=("shop/app.py",))
    assert crashed.rule == "import.local-not-on-path"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert not any("pip" in command for command in crashed.fix.commands)
    assert crashed.rerun_by_command().stdout == "7\n"


def test_starts_it_from_the_root_also_when_the_user_stood_in_the_package(tmp_path: Path) -> None:
    crashed = crash(tmp_path, SHOP, run=("app.py",), working_directory="shop")
    assert crashed.rule == "import.local-not-on-path"
    assert crashed.fix.commands[0].startswith("cd .. && ")
    assert crashed.rerun_by_command().stdout == "7\n"


def test_puts_the_root_on_the_path_where_the_script_also_imports_its_neighbours(tmp_path: Path) -> None:
    files = {
        "tools/helpers.py": "NAME = 'helpers'\n",
        "tools/run.py": "import helpers\nfrom shop.models import Order\n\nprint(helpers.NAME, Order.number)\n",
        "shop/models.py": SHOP["shop/models.py"],
    }
    crashed = crash(tmp_path, files, run=("tools/run.py",))
    assert crashed.rule == "import.local-not-on-path"
    assert crashed.fix.commands[0].startswith("PYTHONPATH=. ")
    assert crashed.rerun_by_command().stdout == "helpers 7\n"


def test_a_src_folder_is_installed_or_put_on_the_path(tmp_path: Path) -> None:
    files = {f"src/{name}": text for name, text in SHOP.items()}
    files["run.py"] = "from shop.models import Order\n\nprint(Order.number)\n"
    crashed = crash(tmp_path, files, run=("run.py",))
    assert crashed.rule == "import.local-not-on-path"
    assert crashed.rerun_by_command().stdout == "7\n"
    with_metadata = crash(tmp_path, {"pyproject.toml": "[project]\nname = 'shop'\n"}, run=("run.py",))
    assert with_metadata.fix.commands[0].endswith("-m pip install -e .")


def test_a_neighbour_in_the_package_is_imported_by_its_full_name(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/settings.py": "LIMIT = 3\n",
        "shop/core.py": "from settings import LIMIT\n\n\ndef show():\n    print(LIMIT)\n",
        "app.py": "from shop.core import show\n\nshow()\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.local-not-on-path"
    assert crashed.fix.applicability is Applicability.SAFE
    assert crashed.apply_and_rerun().stdout == "3\n"


def test_a_project_file_is_never_installed_from_the_package_index(tmp_path: Path) -> None:
    files = {
        "lib/config.py": "DEBUG = True\n",
        "app.py": "import config\n\n\ndef main():\n    print(config.DEBUG)\n\n\nmain()\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.local-not-on-path"
    assert not any("pip install" in command for command in crashed.fix.commands)
    assert crashed.rerun_by_command().stdout == "True\n"


def test_a_relative_import_needs_its_package(tmp_path: Path) -> None:
    files = {**SHOP, "shop/app.py": "from .models import Order\n\n\ndef main():\n    print(Order.number)\n\n\nmain()\n"}
    crashed = crash(tmp_path, files, run=("shop/app.py",))
    assert crashed.rule == "import.local-not-on-path"
    assert crashed.rerun_by_command().stdout == "7\n"


def test_a_relative_import_beside_the_script_loses_its_dot(tmp_path: Path) -> None:
    files = {
        "models.py": "class Order:\n    number = 7\n",
        "app.py": "from .models import Order\n\n\ndef main():\n    print(Order.number)\n\n\nmain()\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.apply_and_rerun().stdout == "7\n"


def test_a_relative_import_beyond_the_top_starts_one_folder_higher(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/names.py": "TITLE = 'shop'\n",
        "shop/views/__init__.py": "",
        "shop/views/page.py": "from ..names import TITLE\n\nprint(TITLE)\n",
    }
    crashed = crash(tmp_path, files, run=("-m", "views.page"), working_directory="shop")
    assert crashed.rule == "import.local-not-on-path"
    assert crashed.rerun_by_command().stdout == "shop\n"


def test_a_template_has_to_be_copied(tmp_path: Path) -> None:
    files = {
        "config.example.py": "TOKEN = 'secret'\n",
        "app.py": "from config import TOKEN\n\n\ndef main():\n    print(len(TOKEN))\n\n\nmain()\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.local-not-on-path"
    assert crashed.fix.commands == ("cp config.example.py config.py",)


# -- names in modules ------------------------------------------------------------------------------------------


def test_corrects_a_misspelt_name_of_a_project_module(tmp_path: Path) -> None:
    files = {
        "shop.py": "class Order:\n    number = 7\n\n\ndef total(orders):\n    return len(orders)\n",
        "app.py": "from shop import Ordr, total\n\n\ndef main():\n    print(Ordr.number, total([Ordr]))\n\n\nmain()\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.name"
    assert crashed.diagnosis.evidence[1].file == "shop.py"
    assert crashed.apply_and_rerun().stdout == "7 1\n"


def test_imports_a_name_from_the_project_module_that_defines_it(tmp_path: Path) -> None:
    files = {
        "shop.py": "from people import Customer\n\n\nclass Order:\n    number = 7\n",
        "people.py": "class Customer:\n    name = 'Ada'\n\n\nclass Supplier:\n    name = 'Bob'\n",
        "app.py": """
            from shop import Order, Supplier


            def main():
                print(Order.number, Supplier.name)


            main()
        """,
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.name"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert "from people import Supplier" in crashed.fixed_text("app.py")
    assert crashed.apply_and_rerun().stdout == "7 Bob\n"


def test_a_method_cannot_be_imported(tmp_path: Path) -> None:
    files = {
        "shop.py": "class Order:\n    def ship(self):\n        return 'shipped'\n",
        "app.py": "from shop import ship\n\n\ndef main():\n    print(ship())\n\n\nmain()\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.name"
    assert "inside `Order`" in crashed.diagnosis.root_cause
    assert crashed.fix.edits == ()


def test_a_name_that_is_nowhere_is_not_invented(tmp_path: Path) -> None:
    files = {"shop.py": "class Order:\n    pass\n", "app.py": "from shop import Warehouse\n\nprint(Warehouse)\n"}
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.name"
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.edits == ()


@pytest.mark.parametrize(
    ("statement", "fixed"),
    [
        ("from collections import defaultDict", "from collections import defaultdict"),
        ("from collections import dataclass", "from dataclasses import dataclass"),
        ("from os import Path", "from pathlib import Path"),
        ("from datetime import timdelta as delta", "from datetime import timedelta as delta"),
    ],
)
def test_corrects_a_name_of_the_standard_library(tmp_path: Path, statement: str, fixed: str) -> None:
    crashed = crash_importing(tmp_path, statement)
    assert crashed.rule == "import.name"
    assert crashed.fixed_text("app.py").startswith(fixed)
    assert crashed.apply_and_rerun().stdout == "ready\n"


# -- cycles and hidden modules ---------------------------------------------------------------------------------


def test_breaks_a_cycle_by_importing_inside_the_function(tmp_path: Path) -> None:
    files = {
        "orders.py": """
            from customers import Customer


            class Order:
                def owner(self):
                    return Customer()
        """,
        "customers.py": """
            from orders import Order


            class Customer:
                name = "Ada"

                def order(self):
                    return Order()
        """,
        "app.py": "from orders import Order\n\n\ndef main():\n    print(Order().owner().name)\n\n\nmain()\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.circular"
    assert "orders.py → customers.py → orders.py" in crashed.diagnosis.root_cause
    assert crashed.where == ("customers.py", 1)
    assert crashed.apply_and_rerun().stdout == "Ada\n"


def test_breaks_a_longer_cycle_where_a_base_class_is_needed_at_once(tmp_path: Path) -> None:
    files = {
        "a.py": "from b import helper\n\n\nclass Base:\n    def run(self):\n        return helper()\n",
        "b.py": "from c import Child\n\n\ndef helper():\n    return Child.name\n",
        "c.py": "from a import Base\n\n\nclass Child(Base):\n    name = 'child'\n",
        "app.py": "import a\n\n\ndef main():\n    print(a.Base().run())\n\n\nmain()\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.circular"
    assert crashed.apply_and_rerun().stdout == "child\n"


def test_a_cycle_that_no_function_can_break_gets_advice_only(tmp_path: Path) -> None:
    files = {
        "a.py": "from b import B\n\n\nclass A(B):\n    pass\n",
        "b.py": "from a import A\n\n\nclass B(A):\n    pass\n",
        "app.py": "import a\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.circular"
    assert crashed.fix.edits == ()
    assert crashed.fix.applicability is Applicability.DISPLAY_ONLY


def test_finds_the_file_that_hides_a_standard_module(tmp_path: Path) -> None:
    files = {
        "random.py": "def roll():\n    return 4\n",
        "app.py": "import random\n\n\ndef main():\n    print(random.randint(1, 6))\n\n\nmain()\n",
    }
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.shadowed-module"
    assert crashed.where == ("random.py", 1)
    assert "no attribute 'randint'" in crashed.process.stderr


def test_finds_the_script_that_hides_the_module_it_wants(tmp_path: Path) -> None:
    source = "import queue\n\n\ndef main():\n    print(queue.Queue())\n\n\nmain()\n"
    crashed = crash(tmp_path, {"queue.py": source}, run=("queue.py",))
    assert crashed.rule == "import.shadowed-module"


def test_finds_the_file_that_hides_a_package(tmp_path: Path) -> None:
    files = {"email.py": "import smtplib\n\nprint(smtplib)\n"}
    crashed = crash(tmp_path, files, run=("email.py",))
    assert crashed.rule == "import.shadowed-module"
    assert "email.py hides" in crashed.diagnosis.root_cause


@pytest.mark.skipif(PYTHON_3_13 is None, reason="needs Python 3.13")
def test_reads_the_longer_message_of_newer_pythons(tmp_path: Path) -> None:
    source = "import queue\n\n\ndef main():\n    print(queue.Queue())\n\n\nmain()\n"
    crashed = crash(tmp_path, {"queue.py": source}, run=("queue.py",), python=PYTHON_3_13 or "")
    assert "consider renaming" in crashed.process.stderr
    assert crashed.rule == "import.shadowed-module"


def test_an_own_module_without_that_attribute_hides_nothing(tmp_path: Path) -> None:
    files = {
        "prices.py": "def total():\n    return 4\n",
        "app.py": "import prices\n\n\ndef main():\n    print(prices.average())\n\n\nmain()\n",
    }
    assert crash(tmp_path, files).rule not in ("import.shadowed-module", "import.circular")


# -- the standard library's history ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("import StringIO", "StringIO.StringIO('a').read() == 'a'"),
        ("from urllib2 import Request", "Request('http://a').host == 'a'"),
        ("import ConfigParser as cp", "cp.RawConfigParser() is not None"),
        ("from collections import Mapping", "isinstance({}, Mapping)"),
        ("from collections import OrderedDict, Iterable", "issubclass(OrderedDict, Iterable)"),
        ("import time", "time.clock() >= 0"),
        ("import fractions", "fractions.gcd(4, 6) == 2"),
        ("from itertools import izip_longest", "list(izip_longest('a', ''))"),
    ],
)
def test_moves_to_what_took_the_place_of_a_removed_part(tmp_path: Path, statement: str, check: str) -> None:
    source = f"{statement}\n\n\ndef main():\n    if {check}:\n        print('ok')\n\n\nmain()\n"
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "import.removed-stdlib"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.apply_and_rerun().stdout == "ok\n"


@pytest.mark.skipif(PYTHON_3_13 is None, reason="needs Python 3.13")
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("import telnetlib", "removed in Python 3.13"),
        ("from distutils.core import setup", "setuptools"),
        ("import cgi", "legacy-cgi"),
        ("import imp", "importlib"),
    ],
)
def test_knows_what_newer_pythons_do_not_have(tmp_path: Path, statement: str, words: str) -> None:
    crashed = crash(tmp_path, {"app.py": APP.format(statement=statement)}, python=PYTHON_3_13 or "")
    assert crashed.rule == "import.removed-stdlib"
    assert words in crashed.diagnosis.root_cause + crashed.fix.summary


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="needs a Python without typing.override")
def test_knows_what_only_newer_pythons_have(tmp_path: Path) -> None:
    crashed = crash_importing(tmp_path, "from typing import Any, override")
    assert crashed.rule == "import.newer-python"
    assert "Python 3.12" in crashed.diagnosis.root_cause
    assert crashed.fix.commands[0].endswith("typing-extensions")


def test_a_project_file_with_the_name_of_a_removed_module_is_the_projects_own(tmp_path: Path) -> None:
    files = {"lib/commands.py": "NAME = 'own'\n", "app.py": "import commands\n\nprint(commands.NAME)\n"}
    crashed = crash(tmp_path, files)
    assert crashed.rule == "import.local-not-on-path"
    assert crashed.rerun_by_command().stdout == "own\n"


def test_removed_modules_are_not_suggested_as_what_was_meant(tmp_path: Path) -> None:
    crashed = crash_importing(tmp_path, "import asynchatt")
    assert "asynchat" in REMOVED_MODULES
    assert crashed.rule != "import.module-typo"


def test_takes_away_a_dot_that_leads_out_of_the_outermost_package(tmp_path: Path) -> None:
    files = {
        "proj/__init__.py": "",
        "proj/util.py": "def now():\n    return 1\n",
        "proj/sub/__init__.py": "",
        "proj/sub/tool.py": "from ...util import now\n\nprint(now())\n",
    }
    crashed = crash(tmp_path, files, ("-m", "proj.sub.tool"))
    assert "too many dots" in crashed.diagnosis.root_cause
    assert crashed.apply_and_rerun().stdout == "1\n"
