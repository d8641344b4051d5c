"""The interpreter that failed, and the folders that a message names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from snapfix.crash import Frame, Listing
from snapfix.source import collect
from tests.source.crashing import collected, crashed, exception, of, traceback, write


def listed(root: Path, message: str, type_name: str = "FileNotFoundError") -> dict[str, Listing]:
    found = collect(
        of(exception(Frame("scripts/app.py", 1, "f", "boom()"), type_name=type_name, message=message)),
        working_directory=str(root),
        project_root=str(root),
    )
    return {listing.directory: listing for listing in found.listings}


def test_the_folder_of_a_missing_file_is_listed(tmp_path: Path) -> None:
    write(
        tmp_path, {"project/app.py": "open('data/prices.cvs')\n", "project/data/prices.csv": "", "project/data/b": ""}
    )
    context = crashed(tmp_path / "project", "app.py")
    assert context.listings == (Listing(str(tmp_path / "project/data"), True, ("b", "prices.csv")),)


def test_a_relative_path_is_looked_for_beside_the_script_too(tmp_path: Path) -> None:
    files = {"a/scripts/app.py": "open('prices.csv')\n", "a/scripts/prices.csv": "", "a/x.txt": ""}
    context = crashed(write(tmp_path, files) / "a", "scripts/app.py")
    assert {listing.directory: listing.names for listing in context.listings} == {
        str(tmp_path / "a"): ("scripts", "x.txt"),
        str(tmp_path / "a/scripts"): ("app.py", "prices.csv"),
    }


def test_a_missing_folder_is_said_with_the_nearest_that_exists(tmp_path: Path) -> None:
    root = write(tmp_path / "p", {"data/x.csv": ""})
    path = str(root / "data/2024/may/prices.csv")
    assert listed(root, f"[Errno 2] No such file or directory: {path!r}") == {
        str(root / "data/2024/may"): Listing(str(root / "data/2024/may"), False),
        str(root / "data"): Listing(str(root / "data"), True, ("x.csv",)),
    }


def test_both_paths_of_a_message_count(tmp_path: Path) -> None:
    root = write(tmp_path / "p", {"a/x": "", "b/y": ""})
    found = listed(root, "[Errno 2] No such file or directory: 'a/old' -> \"b/ne'w\"")
    assert list(found) == [str(root / "a"), str(root / "b")]


def test_a_folder_that_was_taken_for_a_file_is_listed_itself(tmp_path: Path) -> None:
    root = write(tmp_path / "p", {"data/x": ""})
    found = listed(root, "[Errno 21] Is a directory: 'data'", "IsADirectoryError")
    assert found[str(root / "data")].names == ("x",)
    assert found[str(root)].names == ("data",)


def test_of_a_large_folder_the_names_like_the_wanted_one_are_kept(tmp_path: Path) -> None:
    root = write(tmp_path / "p", dict.fromkeys([*(f"a{n}.txt" for n in range(500)), "prices.csv"], ""))
    names = listed(root, "[Errno 2] No such file or directory: 'price.csv'")[str(root)].names
    assert len(names) == 200
    assert "prices.csv" in names
    assert list(names) == sorted(names)


@pytest.mark.parametrize(
    "message", ["", "'", "'\\", "[Errno 2]: '\\x00/a'", "[Errno 2]: ''", "x: '" + "a" * 5000 + "'", "'C:\\\\x\\\\y'"]
)
def test_a_message_without_a_usable_path_lists_nothing(tmp_path: Path, message: str) -> None:
    assert listed(tmp_path, message) == {}


def test_the_messages_of_other_exceptions_list_nothing(tmp_path: Path) -> None:
    assert listed(tmp_path, "'data/x.csv'", "KeyError") == {}


# --- the interpreter


def environment_folder(root: Path, name: str, *, python: str = "3.12") -> Path:
    write(
        root,
        {
            f"{name}/pyvenv.cfg": "",
            f"{name}/lib/python{python}/site-packages/yaml/__init__.py": "",
            f"{name}/lib/python{python}/site-packages/PyYAML-6.0.dist-info/METADATA": "",
            f"{name}/lib/python{python}/site-packages/zope.interface-5.0-py3.12.egg-info": "",
            f"{name}/lib/python{python}/site-packages/six.py": "",
            f"{name}/lib/python{python}/site-packages/_fast.cpython-312-x86_64-linux-gnu.so": "",
            f"{name}/lib/python{python}/site-packages/__pycache__/x.pyc": "",
            f"{name}/lib/python{python}/site-packages/some-data/x": "",
        },
    )
    return root / name / "lib" / f"python{python}" / "site-packages"


def test_the_frames_tell_the_interpreter_and_its_packages(tmp_path: Path) -> None:
    packages = environment_folder(tmp_path, ".venv")
    context = collected(tmp_path, Frame(str(packages / "yaml/__init__.py"), 1, "load"))
    environment = context.environment
    assert environment.python == (3, 12)
    assert environment.site_packages == (str(packages),)
    assert environment.modules == {"yaml", "six", "_fast"}
    assert environment.distributions == {"pyyaml", "zope-interface"}
    assert environment.virtual_environments == (".venv",)
    assert environment.active_virtual_environment == ".venv"


def test_an_environment_that_no_frame_tells_of_is_named_but_not_read(tmp_path: Path) -> None:
    environment_folder(tmp_path, ".venv")
    environment = collected(tmp_path, Frame("app.py", 1, "f")).environment
    assert environment.virtual_environments == (".venv",)
    assert (environment.site_packages, environment.modules, environment.python) == ((), frozenset(), None)
    assert environment.active_virtual_environment is None


def test_the_active_environment_is_read_where_no_frame_tells_another(tmp_path: Path) -> None:
    packages = environment_folder(tmp_path, "venv")
    context = collected(tmp_path, Frame("app.py", 1, "f"), active_environment=str(tmp_path / "venv"))
    environment = context.environment
    assert environment.site_packages == (str(packages.resolve()),)
    assert environment.python == (3, 12)
    assert environment.active_virtual_environment == "venv"


def test_an_active_environment_of_another_python_did_not_run_the_program(tmp_path: Path) -> None:
    environment_folder(tmp_path, "venv")
    stdlib = Frame("/usr/lib/python3.9/json/decoder.py", 1, "f")
    environment = collected(tmp_path, stdlib, active_environment=str(tmp_path / "venv")).environment
    assert (environment.python, environment.site_packages) == ((3, 9), ())
    assert environment.active_virtual_environment is None


def test_the_frames_packages_go_before_the_active_environment(tmp_path: Path) -> None:
    used = environment_folder(tmp_path, ".venv", python="3.11")
    environment_folder(tmp_path, "other")
    frame = Frame(str(used / "six.py"), 1, "f")
    environment = collected(tmp_path, frame, active_environment=str(tmp_path / "other")).environment
    assert environment.python == (3, 11)
    assert environment.active_virtual_environment == ".venv"
    assert environment.virtual_environments == (".venv", "other")


def test_the_shells_interpreter_counts_where_the_project_has_no_environment(tmp_path: Path) -> None:
    packages = environment_folder(tmp_path, "elsewhere")
    root = write(tmp_path / "project", {"app.py": "boom()\n"})
    fallback = {"interpreter_site_packages": (str(packages), "/no/such")}
    assert collected(root, Frame("app.py", 1, "f"), **fallback).environment.site_packages == (str(packages),)
    older = Frame("/usr/lib/python3.9/json/decoder.py", 1, "f")
    assert collected(root, older, **fallback).environment.site_packages == ()
    environment_folder(root, "env")
    assert collected(root, Frame("app.py", 1, "f"), **fallback).environment.site_packages == ()


def test_an_environment_beside_the_script_is_named_from_the_root(tmp_path: Path) -> None:
    root = write(tmp_path / "p", {".git/HEAD": "", "backend/app.py": "boom()\n"})
    environment_folder(root, "backend/.venv")
    environment_folder(tmp_path, "outside/venv")
    context = collect(
        traceback(Frame("backend/app.py", 1, "f", "boom()")), working_directory=str(root), project_root=str(root)
    )
    assert context.environment.virtual_environments == ("backend/.venv",)
    context = collect(
        traceback(Frame(str(root / "backend/app.py"), 1, "f", "boom()")),
        working_directory=str(tmp_path / "outside"),
        project_root=str(root),
    )
    assert context.environment.virtual_environments == ("backend/.venv", "../outside/venv")


def test_a_real_environment_is_recognised(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=tmp_path, check=True)
    write(tmp_path, {"app.py": "import json\njson.loads('{')\n"})
    context = crashed(tmp_path, "app.py", active_environment=str(tmp_path / ".venv"))
    environment = context.environment
    assert environment.python == sys.version_info[:2]
    assert environment.active_virtual_environment == ".venv"
    assert [Path(folder).name for folder in environment.site_packages] == ["site-packages"]
    assert context.names == ("app.py",) or "app.py" in context.names
