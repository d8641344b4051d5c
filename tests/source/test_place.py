"""Frames to files: whose code they run, and where it is now."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from snapfix.crash import Frame, Origin
from snapfix.shapes import packages_folder, python_version, whose
from tests.source.crashing import collected, crash, crashed, placed, reasons, write


def runs(python: str | None) -> bool:
    """The command is there, and is no stand-in of a version manager for a Python that is not installed."""
    return python is not None and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0


PYTHONS = [sys.executable, *filter(runs, (shutil.which(f"python3.{minor}") for minor in (12, 13, 14)))]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links and pipes")


@pytest.mark.parametrize(
    "filename",
    [
        "/usr/lib/python3.12/json/decoder.py",
        "/home/me/.pyenv/versions/3.11.7/lib/python3.11/asyncio/runners.py",
        "/opt/conda/lib/python3.10/subprocess.py",
        "/home/me/.local/share/uv/python/cpython-3.13.0-linux-x86_64-gnu/lib/python3.13/runpy.py",
        "/Library/Frameworks/Python.framework/Versions/3.11/lib/python3.11/ast.py",
        "/opt/homebrew/Cellar/python@3.12/3.12.1/Frameworks/Python.framework/Versions/3.12/lib/python3.12/ast.py",
        "/usr/local/lib/python3.13t/threading.py",
        "/usr/lib64/python3.9/socket.py",
        "/var/lang/lib/python3.12/importlib/__init__.py",
        "/opt/pypy/lib/pypy3.10/json/decoder.py",
        "/opt/pypy/lib-python/3/json/decoder.py",
        r"C:\Python311\Lib\json\decoder.py",
        r"C:\Users\me\AppData\Local\Programs\Python\Python312\Lib\asyncio\runners.py",
        r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.11_3.11.9_x64\Lib\json\decoder.py",
        r"C:\ProgramData\Anaconda3\lib\subprocess.py",
        r"C:\Users\me\.pyenv\pyenv-win\versions\3.11.4\Lib\threading.py",
        r"D:\tools\cpython-3.12.3-windows-x86_64-none\Lib\socket.py",
        r"C:\app\python311.zip\json\decoder.py",
        "/lib/python312.zip/json/decoder.py",
    ],
)
def test_the_standard_library_is_told_by_its_path_as_printed(filename: str) -> None:
    assert whose(filename) is Origin.STDLIB


@pytest.mark.parametrize(
    "filename",
    [
        "/usr/lib/python3/dist-packages/yaml/loader.py",
        "/app/.venv/lib/python3.12/site-packages/flask/app.py",
        r"C:\work\venv\Lib\site-packages\flask\app.py",
        r"venv\Lib\site-packages\flask\app.py",
        "/home/me/.local/lib/python3.11/site-packages/rich/console.py",
        "/opt/conda/envs/x/lib/python3.11/site-packages/numpy/core.py",
        "/work/__pypackages__/3.11/lib/requests/api.py",
        "/root/.pex/installed_wheels/0a/requests-2.0-py3-none-any.whl/requests/api.py",
        "/work/.eggs/six-1.0.egg/six.py",
    ],
)
def test_installed_packages_are_told_by_their_path_as_printed(filename: str) -> None:
    assert whose(filename) is Origin.LIBRARY


@pytest.mark.parametrize(
    "filename",
    [
        "<string>",
        "<stdin>",
        "<frozen importlib._bootstrap>",
        "<doctest shop.cart[0]>",
        "<attrs generated init shop.Cart>",
        "<ipython-input-3-0a1b2c>",
        "/tmp/ipykernel_1234/987654.py",
        "Cell In[3]",
        "",
    ],
)
def test_code_without_a_file_is_generated(filename: str) -> None:
    assert whose(filename) is Origin.GENERATED


@pytest.mark.parametrize(
    "filename",
    [
        "/home/me/lib/shop/app.py",
        "/home/me/lib/python/tools.py",
        "lib/python/tools.py",
        "/app/shop/cart.py",
        "/usr/src/app/main.py",
        r"C:\work\lib\shop\app.py",
        r"C:\work\shop\cart.py",
        "/home/me/pythonlib/json/x.py",
        "/var/task/app.py",
        "shop/cart.py",
        "./cart.py",
    ],
)
def test_the_users_own_code_is_told_from_libraries(filename: str) -> None:
    assert whose(filename) is Origin.IN_APP


@pytest.mark.parametrize(
    "folder", ["lib/shop", "lib/python3.11", "site-packages/shop", "lib/python3.11/site-packages/x"]
)
def test_a_project_that_itself_lies_in_a_library_like_folder_is_in_app(tmp_path: Path, folder: str) -> None:
    root = write(tmp_path / folder, {".git/HEAD": "", "shop/cart.py": "boom()\n", "lib/python/tools.py": "boom()\n"})
    for name in ("shop/cart.py", "lib/python/tools.py"):
        frame = placed(root, str(root / name), 1, "boom()")
        assert frame.in_app
        assert frame.file is not None
        assert frame.file.name == name


def test_a_folder_named_like_an_interpreters_is_the_projects_unless_it_holds_the_standard_library(
    tmp_path: Path,
) -> None:
    write(tmp_path, {"lib/python3.11/tools.py": "boom()\n", "lib/python3.11/json/decoder.py": "boom()\n"})
    assert placed(tmp_path, str(tmp_path / "lib/python3.11/tools.py")).origin is Origin.IN_APP
    assert placed(tmp_path, str(tmp_path / "lib/python3.11/json/decoder.py")).origin is Origin.STDLIB


def test_a_virtual_environment_inside_the_project_is_a_library(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".venv/pyvenv.cfg": "",
            ".venv/lib/python3.11/site-packages/x.py": "boom()\n",
            ".venv/bin/tool": "#!/usr/bin/env python\nboom()\n",
            "odd/pyvenv.cfg": "",
            "odd/plugins/x.py": "boom()\n",
        },
    )
    for name in (".venv/lib/python3.11/site-packages/x.py", ".venv/bin/tool", "odd/plugins/x.py"):
        assert placed(tmp_path, str(tmp_path / name), 1, "boom()").origin is Origin.LIBRARY, name


def test_an_environment_in_the_project_root_itself_leaves_the_project_in_app(tmp_path: Path) -> None:
    write(tmp_path, {"pyvenv.cfg": "", "lib/python3.11/site-packages/x.py": "", "app.py": "boom()\n"})
    assert placed(tmp_path, str(tmp_path / "app.py")).in_app
    assert placed(tmp_path, str(tmp_path / "lib/python3.11/site-packages/x.py")).origin is Origin.LIBRARY


def test_a_project_that_is_installed_editable_is_in_app(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"shop/pyproject.toml": "", "shop/src/shop/__init__.py": "", "shop/src/shop/cart.py": "def f():\n    boom()\n"},
    )
    packages = write(tmp_path / "packages", {"__editable__.shop.pth": str(tmp_path / "shop/src") + "\n"})
    run = f"import site; site.addsitedir({str(packages)!r}); import shop.cart; shop.cart.f()"
    context = crashed(tmp_path / "shop", "-c", run)
    assert [frame.origin for frame in context.crash.frames] == [Origin.GENERATED, Origin.IN_APP]
    file = context.crash.frames[-1].file
    assert file is not None
    assert (file.name, file.module) == ("src/shop/cart.py", "shop.cart")


def test_a_real_library_frame_is_told_from_the_program(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "import json\njson.loads('{')\n"})
    context = crashed(tmp_path, "app.py")
    assert [frame.origin for frame in context.crash.frames] == [Origin.IN_APP, *[Origin.STDLIB] * 3]
    assert context.left_out == ()


@pytest.mark.parametrize(
    "filename",
    ["/usr/local/bin/uvicorn", "/home/me/.venv/bin/pytest", r"C:\work\venv\Scripts\flask.exe\__main__.py"],
)
def test_an_installed_command_is_a_library(tmp_path: Path, filename: str) -> None:
    assert placed(tmp_path, filename).origin is Origin.LIBRARY


def test_a_compiled_extension_is_a_library_unless_the_project_holds_it(tmp_path: Path) -> None:
    write(tmp_path, {"src/fast/tree.pyx": "cdef int x\nboom()\n"})
    assert placed(tmp_path, "pandas/_libs/index.pyx", 138).origin is Origin.LIBRARY
    own = placed(tmp_path, "fast/tree.pyx", 2, "boom()")
    assert own.file is not None
    assert own.in_app


# --- finding the file


@pytest.mark.parametrize(
    "filename",
    [
        "/app/shop/cart.py",
        "/usr/src/app/backend/shop/cart.py",
        r"C:\work\shop\cart.py",
        r"shop\cart.py",
        "./shop/cart.py",
    ],
)
def test_finds_a_file_by_its_tail_under_the_root(tmp_path: Path, filename: str) -> None:
    write(tmp_path, {"shop/cart.py": "a = 1\nboom()\n", "shop/other.py": ""})
    frame = placed(tmp_path, filename, 2, "boom()")
    assert frame.file is not None
    assert (frame.file.name, frame.lineno, frame.changed) == ("shop/cart.py", 2, False)


def test_the_longest_tail_wins(tmp_path: Path) -> None:
    write(tmp_path, {"shop/cart.py": "boom()\n", "old/shop/cart.py": "boom()\n", "cart.py": "boom()\n"})
    frame = placed(tmp_path, "/app/old/shop/cart.py", 1, "boom()")
    assert frame.file is not None
    assert frame.file.name == "old/shop/cart.py"


def test_the_line_that_was_shown_tells_files_of_one_name_apart(tmp_path: Path) -> None:
    write(tmp_path, {"a/cart.py": "x = 1\nboom()\n", "b/cart.py": "x = 1\ny = 2\n"})
    frame = placed(tmp_path, "/app/cart.py", 2, "boom()")
    assert frame.file is not None
    assert frame.file.name == "a/cart.py"


def test_a_name_that_fits_several_files_is_not_found_and_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"a/cart.py": "boom()\n", "b/cart.py": "boom()\n"})
    context = collected(tmp_path, Frame("/app/cart.py", 1, "f", "boom()"))
    assert context.crash.frames[0].file is None
    assert context.crash.frames[0].in_app
    assert reasons(context) == {"/app/cart.py": "several files fit its name: a/cart.py, b/cart.py"}


def test_a_file_that_only_shares_its_name_with_the_printed_one_is_not_taken_for_it(tmp_path: Path) -> None:
    write(tmp_path, {"shop/utils.py": "x = 1\n", "shop/__init__.py": ""})
    assert placed(tmp_path, "/opt/other/utils.py", 1, "y = 2").file is None
    assert placed(tmp_path, "/opt/other/__init__.py").file is None
    assert placed(tmp_path, "/opt/other/utils.py", 1, "x = 1").file is not None


def test_a_file_that_is_here_but_outside_the_project_is_not_looked_for_by_its_tail(tmp_path: Path) -> None:
    write(tmp_path, {"project/cart.py": "boom()\n", "elsewhere/cart.py": "boom()\n"})
    outside = str(tmp_path / "elsewhere/cart.py")
    context = collected(tmp_path / "project", Frame(outside, 1, "f", "boom()"))
    assert context.crash.frames[0].in_app
    assert context.crash.frames[0].file is None
    assert reasons(context) == {outside: "outside the project"}


def test_a_missing_file_is_said_once(tmp_path: Path) -> None:
    context = collected(tmp_path, *[Frame("/app/gone.py", n, "f") for n in range(1, 5)])
    assert [(left.what, left.reason) for left in context.left_out] == [("/app/gone.py", "no such file here")]


@posix_only
def test_a_large_a_binary_and_a_special_file_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"large.py": b"x = 1\n" * 400_000, "binary.py": b"\0\1\2", "folder.py/x.txt": ""})
    os.mkfifo(tmp_path / "pipe.py")
    names = ["large.py", "binary.py", "folder.py", "pipe.py"]
    context = collected(tmp_path, *[Frame(str(tmp_path / name), 1, "f") for name in names])
    found = reasons(context)
    assert [found[str(tmp_path / name)] for name in names] == [
        "larger than 2 MiB",
        "binary",
        "not a plain file",
        "not a plain file",
    ]


@posix_only
def test_a_symbolic_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"secret.py": "boom()\n", "project/real.py": "boom()\n"})
    (tmp_path / "project/out.py").symlink_to(tmp_path / "secret.py")
    (tmp_path / "project/in.py").symlink_to("real.py")
    (tmp_path / "project/folder").symlink_to(tmp_path)
    (tmp_path / "project/loop.py").symlink_to("loop.py")
    root = tmp_path / "project"
    names = ("out.py", "in.py", "folder/secret.py", "loop.py")
    context = collected(root, *[Frame(str(root / name), 1, "f", "boom()") for name in names])
    files = [frame.file and frame.file.name for frame in context.crash.frames]
    assert files == [None, "real.py", None, None]
    leads_out = "a symbolic link that leads out of the project"
    found = reasons(context)
    assert [found[str(root / name)] for name in ("out.py", "folder/secret.py")] == [leads_out, leads_out]
    assert "loop.py" in " ".join(found)


@posix_only
def test_the_project_is_found_through_a_symbolic_link_to_its_root(tmp_path: Path) -> None:
    write(tmp_path, {"project/lib/python/app.py": "boom()\n"})
    (tmp_path / "link").symlink_to(tmp_path / "project")
    for printed in ("project", "link"):
        frame = placed(tmp_path / "link", str(tmp_path / printed / "lib/python/app.py"), 1, "boom()")
        assert frame.file is not None
        assert frame.file.name == "lib/python/app.py"
        assert Path(frame.file.path).read_text() == "boom()\n"


def test_a_file_that_is_no_python_is_read_only_for_a_line_that_the_traceback_shows(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".env": "KEY=secret\n",
            "id_rsa": "-----BEGIN\n",
            "page.html": "<p>\nboom()\n",
            "tool": "#!/usr/bin/env python3\nboom()\n",
            "script": "x = 1\nboom()\n",
        },
    )
    assert placed(tmp_path, ".env", 1, "KEY=guess").file is None
    assert placed(tmp_path, ".env", 1).file is None
    assert placed(tmp_path, "id_rsa", 1).file is None
    for name in ("page.html", "tool", "script"):
        assert placed(tmp_path, str(tmp_path / name), 2, "boom()").file is not None, name
    assert placed(tmp_path, str(tmp_path / "tool"), 2).file is not None


# --- a file that has changed since


BEFORE = "def total(items):\n    return sum(items)\n\n\nprint(total(None))\n"


@pytest.mark.parametrize("python", PYTHONS)
def test_lines_that_stand_where_they_stood_are_unchanged(tmp_path: Path, python: str) -> None:
    text = "def f(items):\n    return sum(\n        items\n    )\n\nprint(\n    1,\n    f(\n        None,\n    ),\n)"
    root = write(tmp_path, {"app.py": text})
    read = crash(root, "app.py", python=python)
    context = collected(root, *read.exception.frames)
    assert [(frame.changed, frame.lineno == frame.frame.lineno) for frame in context.crash.frames] == [
        (False, True)
    ] * 2


def test_a_line_that_moved_is_found_and_the_change_is_said(tmp_path: Path) -> None:
    root = write(tmp_path, {"app.py": BEFORE})
    read = crash(root, "app.py")
    write(root, {"app.py": "import os\n\n" + BEFORE})
    context = collected(root, *read.exception.frames)
    assert [(f.frame.lineno, f.lineno, f.changed) for f in context.crash.frames] == [(5, 7, True), (2, 4, True)]


def test_a_line_that_stands_in_several_functions_is_found_in_the_one_that_was_named(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "def f():\n    boom()\n\n\ndef g():\n    x = 1\n    boom()\n"})
    frame = placed(tmp_path, "app.py", 2, "boom()", "g")
    assert (frame.lineno, frame.changed) == (2, False)
    frame = placed(tmp_path, "app.py", 6, "boom()", "Cart.<locals>.g")
    assert (frame.lineno, frame.changed) == (7, True)


def test_a_line_that_is_gone_leaves_its_number_within_the_file(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "x = 1\ny = 2"})
    assert (placed(tmp_path, "app.py", 1, "gone()").lineno, placed(tmp_path, "app.py", 99, "gone()").lineno) == (1, 2)
    assert placed(tmp_path, "app.py", 99, "gone()").changed
    assert not placed(tmp_path, "app.py", 99).changed


def test_the_first_of_several_lines_shown_is_compared(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "if 1:\n    f(\n        a,\n    )\n"})
    assert not placed(tmp_path, "app.py", 2, "f(\n    a,\n)").changed


def test_what_a_terminal_could_not_print_is_no_change(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": 'x = "é"; boom()\n'})
    for shown in ('x = "\\xe9"; boom()', 'x = "�"; boom()', 'x = "?"; boom()', 'x  =\t"é"; boom()'):
        assert not placed(tmp_path, "app.py", 1, shown).changed, shown
    assert placed(tmp_path, "app.py", 1, 'x = "e"; bang()').changed


# --- reading


def test_files_are_decoded_by_the_encoding_that_they_declare(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "latin.py": '# -*- coding: latin-1 -*-\nx = "é"\nboom()\n'.encode("latin-1"),
            "second.py": '#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = "€"\nboom()\n'.encode("cp1252"),
            "bom.py": b"\xef\xbb\xbfx = 1\nboom()\n",
            "crlf.py": b"x = 1\r\nboom()\r\n",
            "wrong.py": b'x = "\xe9"\nboom()\n',
            "odd.py": b"# coding: rot13\nboom()\n",
            "slow.py": b"# coding: punycode\nboom()\n",
            "undefined.py": b"# coding: undefined\nboom()\n",
            "unknown.py": b"# coding: no-such\nboom()\n",
        },
    )
    texts = {}
    for name in sorted(path.name for path in tmp_path.glob("*.py")):
        file = placed(tmp_path, name).file
        assert file is not None, name
        texts[name] = file.text
    assert 'x = "é"' in texts["latin.py"]
    assert 'x = "€"' in texts["second.py"]
    assert texts["bom.py"] == texts["crlf.py"] == "x = 1\nboom()\n"
    assert texts["wrong.py"] == 'x = "�"\nboom()\n'
    for name in ("odd.py", "slow.py", "undefined.py", "unknown.py"):
        assert texts[name].endswith("\nboom()\n")


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("shop/cart.py", "shop.cart"),
        ("src/shop/cart.py", "shop.cart"),
        ("shop/__init__.py", "shop"),
        ("src/shop/__init__.py", "shop"),
        ("my-script.py", ""),
        ("2024/report.py", ""),
        ("src.py", "src"),
    ],
)
def test_a_file_has_the_module_name_that_the_program_imports_it_by(tmp_path: Path, name: str, module: str) -> None:
    write(tmp_path, {name: "boom()\n"})
    file = placed(tmp_path, str(tmp_path / name)).file
    assert file is not None
    assert file.module == module


@pytest.mark.parametrize(
    ("filename", "version"),
    [
        ("/usr/lib/python3.12/json/decoder.py", (3, 12)),
        (r"C:\Python311\Lib\json\decoder.py", (3, 11)),
        ("/lib/python312.zip/json/x.py", (3, 12)),
        (r"C:\pyenv-win\versions\3.10.4\Lib\threading.py", (3, 10)),
        (r"D:\cpython-3.13.1-windows-x86_64-none\Lib\socket.py", (3, 13)),
        ("/Library/Frameworks/Python.framework/Versions/3.11/lib/python3.11/ast.py", (3, 11)),
        ("/usr/lib/python3/dist-packages/yaml/x.py", None),
        ("/app/shop/cart.py", None),
    ],
)
def test_the_version_of_the_interpreter_is_told_by_a_librarys_path(
    filename: str, version: tuple[int, int] | None
) -> None:
    assert python_version(filename) == version


def test_the_packages_folder_is_told_by_a_librarys_path() -> None:
    assert packages_folder("/x/.venv/lib/python3.12/site-packages/a/b.py") == "/x/.venv/lib/python3.12/site-packages"
    assert packages_folder(r"C:\v\Lib\site-packages\a\b.py") == r"C:\v\Lib\site-packages"
    assert packages_folder("/usr/lib/python3.12/json/decoder.py") is None


def test_this_interpreters_own_libraries_are_told_apart() -> None:
    modules = "import json.decoder, os, pytest; print(json.decoder.__file__, os.__file__, pytest.__file__, sep='\\n')"
    printed = subprocess.run([sys.executable, "-c", modules], capture_output=True, text=True, check=True).stdout
    assert [whose(line) for line in printed.splitlines()] == [Origin.STDLIB, Origin.STDLIB, Origin.LIBRARY]
