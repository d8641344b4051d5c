"""The project's files: those that are read, and the names of all."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from snapfix import syntax
from snapfix.crash import CrashContext, Frame
from snapfix.source.disk import walk
from tests.source.crashing import collected, crashed, reasons, write


def names(context: CrashContext) -> list[str]:
    return [file.name for file in context.files]


def test_the_stacks_files_come_first_then_the_modules_that_they_import(tmp_path: Path) -> None:
    files = {
        "app.py": "import os, shop.cart\nfrom tools import (\n    one,  # one, but\n    two,\n)\nshop.cart.f()\n",
        "shop/__init__.py": "",
        "shop/cart.py": "from . import prices\nfrom .deep.more import thing\ndef f():\n    boom()\n",
        "shop/prices.py": "from .. import nothing\n",
        "shop/deep/more.py": "thing = 1\nfrom ..rules import a\n",
        "shop/rules.py": "a = 1\n",
        "tools/one.py": "",
        "tools/two/__init__.py": "",
        "unused.py": "",
    }
    context = crashed(write(tmp_path / "project", files), "-c", "import app", project_root=str(tmp_path / "project"))
    assert "ImportError" in context.traceback.exception.type_name
    write(tmp_path / "project", {"shop/prices.py": ""})
    context = crashed(tmp_path / "project", "app.py")
    assert names(context) == [
        "shop/cart.py",
        "app.py",
        "shop/__init__.py",
        "shop/prices.py",
        "shop/deep/more.py",
        "tools/one.py",
        "tools/two/__init__.py",
        "shop/rules.py",
    ]


@pytest.mark.parametrize(
    ("script", "module"),
    [
        ("app.py", "src/shop/cart.py"),
        ("scripts/run.py", "scripts/shop/cart.py"),
        ("backend/x/run.py", "backend/shop/cart.py"),
    ],
)
def test_absolute_imports_are_looked_for_where_python_would(tmp_path: Path, script: str, module: str) -> None:
    write(tmp_path, {".git/HEAD": "", script: "from shop.cart import Cart\nboom()\n", module: "class Cart: ...\n"})
    context = collected(tmp_path, Frame(str(tmp_path / script), 2, "<module>", "boom()"))
    assert names(context) == [script, module]


def test_a_module_of_the_scripts_folder_goes_before_one_of_the_root(tmp_path: Path) -> None:
    write(tmp_path, {"scripts/run.py": "import helpers\nboom()\n", "scripts/helpers.py": "", "helpers.py": ""})
    context = collected(tmp_path, Frame("scripts/run.py", 2, "<module>", "boom()"))
    assert names(context) == ["scripts/run.py", "scripts/helpers.py"]


def test_modules_that_import_each_other_are_read_once(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import b\nboom()\n", "b.py": "import a, b\n"})
    assert names(collected(tmp_path, Frame("a.py", 2, "<module>", "boom()"))) == ["a.py", "b.py"]


def test_the_number_of_files_is_bounded_and_said(tmp_path: Path) -> None:
    write(tmp_path, {f"m{n}.py": f"import m{n + 1}\nboom()\n" for n in range(60)})
    context = collected(tmp_path, Frame("m0.py", 2, "<module>", "boom()"))
    assert names(context) == [f"m{n}.py" for n in range(40)]
    assert reasons(context)["further modules that they import"] == "only the nearest 40 files were read"


def test_the_size_of_the_files_is_bounded_and_said(tmp_path: Path) -> None:
    write(tmp_path, {f"m{n}.py": f"import m{n + 1}\n" + "#" * 400_000 for n in range(8)})
    context = collected(tmp_path, Frame("m0.py", 1, "<module>"))
    assert len(context.files) == 3
    assert "further modules that they import" in reasons(context)


def test_names_are_all_files_of_the_project_without_what_tools_put_there(tmp_path: Path) -> None:
    kept = ["app.py", "data/x.csv", "deep/er/est.txt", ".github/workflows/ci.yml", "dist/__init__.py", "dist/x.py"]
    dropped = [
        ".git/HEAD",
        ".venv/pyvenv.cfg",
        ".venv/lib/x.py",
        "odd/pyvenv.cfg",
        "odd/x.py",
        "conda/conda-meta/history",
        "node_modules/x/y.js",
        "__pycache__/x.pyc",
        ".tox/x",
        ".mypy_cache/x",
        "build/lib/x.py",
        "lib/site-packages/x.py",
    ]
    root = write(tmp_path / "project", dict.fromkeys([*kept, *dropped], ""))
    context = collected(root, Frame("app.py", 1, "<module>"))
    assert sorted(context.names) == sorted(kept)
    assert context.names[0] == "app.py"
    assert not context.left_out


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links and names that are not text")
def test_names_follow_no_link_to_a_folder_and_pass_over_what_is_not_text(tmp_path: Path) -> None:
    root = write(tmp_path / "project", {"app.py": "", "a/x.py": ""})
    (root / "loop").symlink_to(root)
    (root / "link.py").symlink_to("app.py")
    (root / "gone.py").symlink_to("nowhere")
    (root / os.fsdecode(b"\xff.py")).touch()
    context = collected(root, Frame("app.py", 1, "<module>"))
    assert sorted(context.names) == ["a/x.py", "app.py", "gone.py", "link.py"]
    assert reasons(context) == {"1 files and folders": "their names are not text"}


@pytest.mark.parametrize("shape", ["{n}.py", "d{n}/x.py", "d0/{n}.py"])
def test_the_number_of_names_is_bounded_and_said(tmp_path: Path, shape: str) -> None:
    root = write(tmp_path / "project", {shape.format(n=n): "" for n in range(100)})
    whole, cut = walk(str(root)), walk(str(root), max_entries=60)
    assert len(whole.names) == 100
    assert whole.left_out == ()
    assert len(cut.names) <= 60
    (left,) = cut.left_out
    assert left.reason == f"only the first {len(cut.names)} were listed"


def test_the_time_for_names_grows_with_their_number_only(tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        root = write(tmp_path / str(count), {f"d{n % 50}/e{n % 7}/f{n}.py": "" for n in range(count)})
        took = []
        for _ in range(3):
            started = time.process_time()
            assert len(collected(root, Frame("app.py", 1, "<module>")).names) == count
            took.append(time.process_time() - started)
        return min(took)

    assert seconds(2000) < 10 * seconds(500) + 0.2


def test_a_home_directory_as_root_is_not_walked_whole(tmp_path: Path) -> None:
    root = write(tmp_path / "me", {"app.py": "", "a/x.py": "", "a/b/y.py": ""})
    assert walk(str(root), shallow=True).names == ("app.py", "a/x.py")


def test_the_time_for_a_large_project_grows_with_its_files_only(tmp_path: Path) -> None:
    body = "".join(
        f"\ndef f{n}(a):\n    x = a\n    for i in range(a):\n        x += i\n    return x\n" for n in range(33)
    )
    imports = "from pkg{p}.m{n} import f0 as g\nfrom pkg{p}.m{n} import f1 as h\n"
    frames = [Frame(f"/app/pkg{n}/m{n}.py", 200, "f32", "return x") for n in range(10)]

    def seconds(count: int) -> float:
        files = {f"pkg{n % 25}/m{n}.py": imports.format(p=(n + 7) % 25, n=(n + 7) % count) + body for n in range(count)}
        root = write(tmp_path / str(count), files)
        took = []
        for _ in range(3):
            syntax.parse.cache_clear()
            syntax.definitions.cache_clear()
            started = time.process_time()
            context = collected(root, *frames)
            took.append(time.process_time() - started)
            assert all(frame.file and not frame.changed for frame in context.crash.frames)
        return min(took)

    assert seconds(500) < 10 * seconds(125) + 0.2
