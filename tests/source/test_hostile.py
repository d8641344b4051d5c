"""Anyone may have written a traceback: it cannot make us fail, wait, or read what is not the project's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snapfix.crash import CrashContext, Frame, ParsedException, Relation, Traceback
from snapfix.source import collect
from tests.source.crashing import collected, exception, of, reasons, traceback, write

HOSTILE = [
    "/etc/shadow",
    "/etc/passwd",
    "../../../../../../../../etc/passwd",
    "shop/../../../../../../../../etc/passwd",
    "/proc/self/environ",
    "/dev/zero",
    "/dev/stdin",
    "a\0b.py",
    "\0",
    "\ud800.py",
    "\udcff.py",
    "x" * 10_000,
    "a/" * 5_000 + "x.py",
    "../" * 5_000 + "etc/passwd",
    "/" * 10_000,
    "//etc//passwd",
    "\\\\server\\share\\x.py",
    "\\\\?\\C:\\x.py",
    "C:",
    "C:\\",
    "C:..\\..\\x.py",
    "~/.ssh/id_rsa",
    "$HOME/.netrc",
    ".",
    "..",
    "/",
    " ",
    "file:///etc/passwd",
    "shop/cart.py/x.py",
    "*.py",
    "[a-z].py",
    "(" * 3000,
    "lib/" * 1000 + "x.py",
    "/lib/python3.12/" * 200 + "x.py",
    "\n",
    "\u202excod.py",
]


def project(tmp_path: Path) -> Path:
    return write(
        tmp_path / "project",
        {
            ".git/HEAD": "",
            "app.py": "import shop.cart\nboom()\n",
            "shop/cart.py": "from outside import x\ndef f():\n    boom()\n",
        },
    )


def check(context: CrashContext, root: Path) -> None:
    """What must hold for every context."""
    real = os.path.realpath(root)
    for file in context.files:
        assert os.path.realpath(file.path).startswith(real + os.sep)
        assert file.text.encode() is not None
    for crash in context.crashes:
        for frame in crash.frames:
            if frame.file is not None:
                assert frame.file in context.files
                assert frame.lineno is None or 1 <= frame.lineno <= len(frame.file.lines)
    assert len({id(crash.exception) for crash in context.crashes}) == len(context.crashes)
    assert len(context.crashes) == len(context.traceback.exceptions())


@pytest.mark.parametrize("filename", HOSTILE)
def test_a_hostile_path_is_left_out(tmp_path: Path, filename: str) -> None:
    root = project(tmp_path)
    for given_root in (str(root), None):
        read = traceback(Frame(filename, 1, "f", "root:x:0:0:root:/root:/bin/bash"))
        context = collect(read, working_directory=str(root), project_root=given_root)
        check(context, root)
        assert context.root == str(root)
        assert context.files == ()


_part = st.one_of(
    st.sampled_from(
        ["..", ".", "", "shop", "cart.py", "app.py", "etc", "passwd", "C:", "lib", "python3.12", "~", "\0"]
    ),
    st.text(max_size=8),
)
_path = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=40),
    st.lists(_part, max_size=12).map("/".join),
    st.lists(_part).map("\\".join),
)
_frame = st.builds(
    Frame,
    _path,
    st.one_of(st.none(), st.integers(-5, 10), st.just(10**30)),
    st.sampled_from(["<module>", "f", "", "Cart.<locals>.f", "\0"]),
    st.one_of(st.sampled_from(["", "boom()", "raise ValueError", "raise x(\n  y)"]), st.text(max_size=20)),
    st.one_of(st.none(), st.tuples(st.integers(-1, 9), st.integers(-1, 9))),
)
_exception = st.recursive(
    st.builds(ParsedException, st.sampled_from(["KeyError", "FileNotFoundError", "a.B", ""]), st.text(max_size=30)),
    lambda inner: st.builds(
        lambda name, message, frames, linked, relations: ParsedException(
            name,
            message,
            frames=tuple(frames),
            linked=tuple(
                ParsedException(e.type_name, e.message, e.notes, e.frames, relation, e.linked)
                for e, relation in zip(linked, relations, strict=False)
            ),
        ),
        st.sampled_from(["NameError", "ExceptionGroup", "FileNotFoundError"]),
        st.one_of(_path.map(repr), st.text(max_size=30)),
        st.lists(_frame, max_size=5),
        st.lists(inner, max_size=3),
        st.sampled_from(
            [
                (Relation.CAUSE, Relation.MEMBER, Relation.MEMBER),
                (Relation.CONTEXT, Relation.MEMBER, Relation.MEMBER),
                (Relation.MEMBER, Relation.MEMBER, Relation.MEMBER),
            ]
        ),
    ),
    max_leaves=6,
)


@given(_exception, st.lists(st.text(max_size=10), max_size=2), st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_traceback_is_collected(
    tmp_path_factory: pytest.TempPathFactory, root: ParsedException, following: list[str], given_root: bool
) -> None:
    folder = project(tmp_path_factory.getbasetemp() / "hostile")
    context = collect(
        of(root, tuple(following)),
        working_directory=str(folder),
        project_root=str(folder) if given_root else None,
    )
    check(context, folder)


@given(st.binary(max_size=400), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_any_file_is_read(tmp_path_factory: pytest.TempPathFactory, raw: bytes, lineno: int) -> None:
    folder = write(tmp_path_factory.getbasetemp() / "bytes", {"app.py": raw})
    check(collected(folder, Frame("app.py", lineno, "f")), folder)


def test_a_stack_of_thousands_of_frames_is_collected_in_time(tmp_path: Path) -> None:
    root = project(tmp_path)
    write(root, {f"many/m{n}/utils.py": "boom()\n" for n in range(300)})
    frames = [Frame(f"/app/{n}/{'x' * 3000}/utils.py", n, f"f{n}", "boom()") for n in range(5000)]
    started = time.process_time()
    context = collected(root, *frames, Frame("app.py", 2, "<module>", "boom()"))
    assert time.process_time() - started < 3
    assert len(context.crash.frames) == 5001
    assert context.pieces[0].file == "app.py"
    assert len(reasons(context)) == 5000


def test_thousands_of_frames_in_one_large_file_are_collected_in_time(tmp_path: Path) -> None:
    text = "".join(f"def f{n}():\n    boom()\n" for n in range(20_000))
    root = write(tmp_path, {"app.py": text})
    frames = [Frame("app.py", 2 * n + 3, f"f{n}", "boom()") for n in range(5000)]
    started = time.process_time()
    context = collected(root, *frames)
    assert time.process_time() - started < 4
    assert all(frame.changed for frame in context.crash.frames)


def test_a_file_written_to_be_slow_is_read_in_time(tmp_path: Path) -> None:
    slow = {
        "a.py": "from x import (\n" * 100_000,
        "b.py": "import " + "a," * 500_000 + "\n",
        "c.py": "from " + "." * 1_000_000 + "\n",
        "d.py": "# coding: punycode\n" + "a" * 1_000_000,
        "e.py": "(" * 500_000,
        "f.py": "from " + "a." * 500_000 + " import b\n",
        "g.py": "\n" * 1_900_000,
    }
    root = write(tmp_path, slow)
    started = time.process_time()
    for name in slow:
        check(collected(root, Frame(name, 1, "f", "boom()")), root)
    assert time.process_time() - started < 10


RECORD = """
import json, sys
from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.source import collect

def run(names, root):
    for given_root in (root, None):
        frames = tuple(Frame(name, 1, "f", "boom()") for name in names)
        messages = "'/etc/shadow' '../../etc/passwd'"
        read = Traceback("python", "cpython", 1, 9, ParsedException("FileNotFoundError", messages, frames=frames))
        collect(read, working_directory=root, project_root=given_root, active_environment=sys.prefix)

request = json.load(sys.stdin)
run(["nothing.py"], request["root"])  # what is imported late is imported now
opened = []
sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" else None)
run(request["names"], request["root"])
print(json.dumps([path for path in opened if isinstance(path, str)]))  # an opened descriptor is a number
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_nothing_outside_the_root_is_opened(tmp_path: Path) -> None:
    root = project(tmp_path)
    write(tmp_path, {"secret.py": "boom()\n", "secret/x.py": "boom()\n", "venv/lib/python3.12/site-packages/x.py": ""})
    (root / "out.py").symlink_to(tmp_path / "secret.py")
    (root / "out").symlink_to(tmp_path / "secret")
    os.mkfifo(root / "pipe.py")
    names = [
        *HOSTILE,
        *(str(tmp_path / name) for name in ("secret.py", "secret/x.py", "venv/lib/python3.12/site-packages/x.py")),
        *(str(root / name) for name in ("out.py", "out/x.py", "pipe.py", "../secret.py", "shop/cart.py", ".git/HEAD")),
        "../secret.py",
        "out.py",
        "/app/out/x.py",
        os.__file__,
        pytest.__file__,
        "app.py",
    ]
    process = subprocess.run(
        [sys.executable, "-c", RECORD],
        input=json.dumps({"names": names, "root": str(root)}),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent.parent,
        timeout=60,
    )
    opened = json.loads(process.stdout)
    assert {os.path.relpath(path, root) for path in opened} == {"app.py", "shop/cart.py", ".git/HEAD"}


def test_a_working_directory_that_is_gone_is_no_error(tmp_path: Path) -> None:
    read = Traceback("python", "cpython", 1, 9, exception(Frame("app.py", 1, "f", "boom()")))
    context = collect(read, working_directory=str(tmp_path / "gone"))
    assert (context.root, context.names, context.files) == (str(tmp_path / "gone"), (), ())
