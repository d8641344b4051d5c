"""The project's root, and that nothing outside it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from snapfix.crash import Frame
from snapfix.source import collect
from snapfix.source.disk import Project, Refusal, walk
from snapfix.source.root import is_broad
from tests.source.crashing import crashed, traceback, write


def root_of(working_directory: Path, *files: Path | str) -> Path:
    frames = [Frame(str(file), 1, "<module>") for file in files]
    return Path(collect(traceback(*frames), working_directory=str(working_directory)).root)


@pytest.mark.parametrize("mark", [".git/HEAD", "pyproject.toml", "setup.py", "setup.cfg", ".hg/store", "manage.py"])
def test_the_root_is_the_nearest_marked_folder_around_the_file(tmp_path: Path, mark: str) -> None:
    write(tmp_path, {f"project/{mark}": "", "project/shop/cart.py": "boom()"})
    assert root_of(tmp_path / "project" / "shop", tmp_path / "project/shop/cart.py") == tmp_path / "project"


def test_a_list_of_requirements_marks_a_root_where_nothing_else_does(tmp_path: Path) -> None:
    write(tmp_path, {"project/requirements.txt": "", "project/shop/cart.py": "boom()"})
    assert root_of(tmp_path / "project/shop", tmp_path / "project/shop/cart.py") == tmp_path / "project"


def test_a_list_of_requirements_in_a_folder_of_a_repository_is_no_root(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", "docs/requirements.txt": "", "docs/conf.py": "boom()"})
    assert root_of(tmp_path, tmp_path / "docs/conf.py") == tmp_path


def monorepo(tmp_path: Path) -> Path:
    return write(
        tmp_path / "repo",
        {
            ".git/HEAD": "",
            "services/shop/pyproject.toml": "",
            "services/shop/app.py": "boom()",
            "libs/common/pyproject.toml": "",
            "libs/common/money.py": "boom()",
            "tools/run.py": "boom()",
        },
    )


def test_in_a_repository_of_many_projects_the_root_is_the_one_the_user_is_in(tmp_path: Path) -> None:
    repo = monorepo(tmp_path)
    assert root_of(repo / "services/shop", repo / "services/shop/app.py") == repo / "services/shop"


def test_the_whole_repository_is_the_root_where_the_user_is_above_the_project(tmp_path: Path) -> None:
    repo = monorepo(tmp_path)
    assert root_of(repo, repo / "services/shop/app.py") == repo


def test_the_whole_repository_is_the_root_where_the_stack_crosses_projects(tmp_path: Path) -> None:
    repo = monorepo(tmp_path)
    assert root_of(repo / "services/shop", repo / "services/shop/app.py", repo / "libs/common/money.py") == repo


def test_the_users_own_project_wins_over_another_repository_that_crashed_deeper(tmp_path: Path) -> None:
    write(tmp_path, {"app/.git/HEAD": "", "app/run.py": "boom()", "lib/.git/HEAD": "", "lib/money.py": "boom()"})
    assert root_of(tmp_path / "app", tmp_path / "app/run.py", tmp_path / "lib/money.py") == tmp_path / "app"


def test_a_project_elsewhere_is_found_by_its_file(tmp_path: Path) -> None:
    write(tmp_path, {"app/.git/HEAD": "", "app/shop/run.py": "boom()", "elsewhere/x.txt": ""})
    assert root_of(tmp_path / "elsewhere", tmp_path / "app/shop/run.py") == tmp_path / "app"


def test_without_a_mark_the_root_is_the_working_directory_that_holds_the_file(tmp_path: Path) -> None:
    write(tmp_path, {"work/scripts/run.py": "boom()"})
    assert root_of(tmp_path / "work", tmp_path / "work/scripts/run.py") == tmp_path / "work"


def test_without_a_mark_the_root_is_the_files_common_folder(tmp_path: Path) -> None:
    write(tmp_path, {"work/a/run.py": "boom()", "work/b/lib.py": "boom()", "elsewhere/x.txt": ""})
    files = tmp_path / "work/a/run.py", tmp_path / "work/b/lib.py"
    assert root_of(tmp_path / "elsewhere", *files) == tmp_path / "work"


def test_without_any_file_here_the_root_is_the_project_around_the_working_directory(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "shop/cart.py": "boom()"})
    assert root_of(tmp_path / "shop", "/app/shop/cart.py") == tmp_path


def test_a_library_on_the_stack_does_not_make_the_root(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "venv/pyvenv.cfg": "",
            "venv/lib/python3.12/site-packages/dep/setup.py": "",
            "venv/lib/python3.12/site-packages/dep/core.py": "boom()",
            "work/run.py": "boom()",
        },
    )
    library = tmp_path / "venv/lib/python3.12/site-packages/dep/core.py"
    assert root_of(tmp_path / "work", tmp_path / "work/run.py", library) == tmp_path / "work"


@pytest.mark.parametrize("name", ["/etc/passwd", "/etc/python/sitecustomize.py", "/proc/self/environ", "/dev/zero"])
def test_a_system_folder_is_never_the_root(tmp_path: Path, name: str) -> None:
    assert root_of(tmp_path, name) == tmp_path


@pytest.mark.parametrize(
    "folder", ["/", "/home", "/home/me", "/Users/me", "/root", "/tmp", "/usr/local", "C:/", "C:/Users/me"]
)
def test_a_folder_of_everything_is_told_from_a_project(folder: str) -> None:
    assert is_broad(folder)


@pytest.mark.parametrize("folder", ["/home/me/shop", "/app", "/root/shop", "/tmp/x", "C:/work", "/workspace", "/srv/x"])
def test_a_project_is_told_from_a_folder_of_everything(folder: str) -> None:
    assert not is_broad(folder)


def test_a_root_that_was_given_is_taken(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", "sub/run.py": "boom()"})
    context = crashed(tmp_path, "sub/run.py", project_root=str(tmp_path / "sub"))
    assert context.root == str(tmp_path / "sub")
    assert [file.name for file in context.files] == ["run.py"]
    assert collect(context.traceback, working_directory=str(tmp_path), project_root="sub").root == context.root


def test_a_program_run_by_its_relative_path_is_found_from_the_working_directory(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", "sub/run.py": "import deep.mod", "sub/deep/mod.py": "boom()"})
    context = crashed(tmp_path, "run.py", cwd=tmp_path / "sub")
    assert [file.name for file in context.files] == ["sub/deep/mod.py", "sub/run.py"]
    assert context.working_directory == str(tmp_path / "sub")


def test_in_a_folder_of_everything_only_the_files_near_it_are_read(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "boom()", "a/x.py": "boom()", "a/b/secret.py": "boom()"})
    project = Project(str(tmp_path), walk(str(tmp_path), shallow=True))
    assert project.name_of(str(tmp_path / "a/x.py")) == "a/x.py"
    assert project.name_of(str(tmp_path / "a/b/secret.py")) == Refusal("outside the project")
