"""Anyone may have written a traceback: it cannot make us fail, wait, or read what is not the project's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snapfix.crash import CrashContext, Frame, ParsedException, Relation, Traceback
from snapfix.source import collect, with_pieces
from tests.source.crashing import collected, exception, of, reasons, traceback, with_code, write

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
    assert [piece.rank for piece in context.pieces] == list(range(len(context.pieces)))
    for piece in context.pieces:
        shown = context.file(piece.file)
        assert shown is not None
        assert piece.lines
        assert all(shown.lines[number - 1] == text for number, text in piece.lines)
        numbers = [number for number, _ in piece.lines]
        assert numbers == sorted(set(numbers))
        assert {*piece.core, *piece.marked} <= set(numbers)
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
    check(with_code(context), folder)


@given(st.binary(max_size=400), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_any_file_is_read(tmp_path_factory: pytest.TempPathFactory, raw: bytes, lineno: int) -> None:
    folder = write(tmp_path_factory.getbasetemp() / "bytes", {"app.py": raw})
    check(with_code(collected(folder, Frame("app.py", lineno, "f"))), folder)


def test_a_stack_of_thousands_of_frames_is_collected_in_time(tmp_path: Path) -> None:
    root = project(tmp_path)
    write(root, {f"many/m{n}/utils.py": "boom()\n" for n in range(300)})
    frames = [Frame(f"/app/{n}/{'x' * 3000}/utils.py", n, f"f{n}", "boom()") for n in range(5000)]
    started = time.process_time()
    context = with_code(collected(root, *frames, Frame("app.py", 2, "<module>", "boom()")))
    assert time.process_time() - started < 3
    assert len(context.crash.frames) == 5001
    assert context.pieces[0].file == "app.py"
    assert len(reasons(context)) == 41
    assert "4960 more files of the stack" in reasons(context)


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
        check(with_code(collected(root, Frame(name, 1, "f", "boom()"))), root)
    assert time.process_time() - started < 15


DEEP = {
    "alternatives": "|".join(["A"] * 2500),
    "attributes": "a" + ".b" * 900,
    "calls": "f" + "()" * 2500,
    "methods": "a" + ".b()" * 900,
    "indices": "f" + "[0]" * 2500,
    "brackets": "[" * 190 + "x" + "]" * 190,
    "not": "not " * 2500 + "x",
    "lambdas": "lambda: " * 2500 + "x",
    "choices": "a if b else " * 2500 + "x",
    "texts": "'a' + " * 2500 + "'b'",
    "text within text": '"\\"A|' + "A|" * 60 + 'A\\""',
    "f-string": "f'{" + "A+" * 2500 + "A}'",
}
PLACES = [
    "{0}\n",
    "def f(a: {0} = {0}) -> {0}:\n    b: {0} = {0}\n    return b.c\nf(1).d\n",
    "@{0}\ndef test_f(a):\n    return a.b\ntest_f(1)\n",
    "class A({0}):\n    x: {0} = 1\n    def f(self):\n        return self.x.b\nA().f()\n",
    "for a in {0}:\n    a.b\nwith {0} as c:\n    c.d\n",
    "class V:\n    def f(self, n):\n        return getattr(self, {0})(n)\nV().f(1)\n",
    "def f(a):\n    if {0}:\n        return {0}\n    elif {0}:\n        raise {0}\n    return a.b\nf({0})\n",
    "class A:\n    def f(self):\n        self.x = {0}\n        return self.x.y + {0}\nA().f()\n",
    "match {0}:\n    case x if {0}:\n        x.b\n",
]


@pytest.mark.parametrize("place", PLACES)
def test_an_expression_may_be_nested_as_deep_as_python_reads_it(tmp_path: Path, place: str) -> None:
    for number, deep in enumerate(DEEP.values()):
        text = place.format(deep)
        root = write(tmp_path / str(number), {"app.py": text})
        started = time.process_time()
        check(with_code(collected(root, *(Frame("app.py", n, "f") for n in range(1, text.count("\n") + 1)))), root)
        assert time.process_time() - started < 2


LARGE = {
    "a chain of elif": "if x: y\n" + "elif x: y\n" * 2000 + "a.b\n",
    "nested blocks": "".join(" " * n + "if x:\n" for n in range(95)) + " " * 95 + "a.b\n",
    "nested functions": "".join(" " * n + "def f():\n" for n in range(95)) + " " * 95 + "a.b\n",
    "nested classes": "".join(" " * n + "class A:\n" for n in range(95)) + " " * 95 + "a.b\n",
    "decorators": "@f\n" * 5000 + "def g(a):\n    return a.b\n",
    "a chain of decorators": "".join(f"@d{n}\ndef d{n + 1}(f): return f\n" for n in range(2000)) + "d1.x\n",
    "a chain of classes": "".join(f"class A{n + 1}(A{n}): ...\n" for n in range(2000)) + "A2000().x\n",
    "classes of themselves": "class A(A, B): ...\nclass B(A, B): ...\nA().x\n",
    "many bases": f"class A({','.join(f'B{n}' for n in range(2000))}): ...\nA().x\n",
    "a large list": f"X = [{'1,' * 100_000}]\nX.y\n",
    "a large dictionary": "X = {" + "".join(f"'k{n}': f{n}, " for n in range(20_000)) + "}\nX['a'].y\n",
    "a large text": f"X = '{'a b ' * 400_000}'\nX.y\n",
    "one line": f"{'x=1;' * 30_000}\na.b\n",
    "parameters": f"def f({','.join(f'a{n}' for n in range(5000))}):\n    return a1.b\nf()\n",
    "assignments": "def f(a0):\n"
    + "".join(f"    a{n + 1} = g(a{n})\n" for n in range(5000))
    + "    return a5000.b\nf(1)\n",
    "attributes": "class A:\n    def f(self):\n"
    + "        self.a = self.a\n" * 5000
    + "        return self.a.b\nA().f()\n",
    "methods": "class A:\n"
    + "".join(f"    def f{n}(self): return self.f{n + 1}()\n" for n in range(5000))
    + "A().f0()\n",
    "one method": "class A:\n" + "    def f(self): return self.f()\n" * 5000 + "A().f()\n",
    "returns": "def f(a):\n" + "    if a: return g(a)\n" * 5000 + "def g(a):\n    return f(a)\nf(1).b\n",
    "imports of itself": "from app import *\nfrom app import x\nimport app.app as app\n" * 2000 + "x.b\n",
}


@pytest.mark.parametrize("name", LARGE)
def test_a_program_that_is_written_to_be_slow_is_searched_in_time(tmp_path: Path, name: str) -> None:
    root = write(tmp_path, {"app.py": LARGE[name]})
    last = LARGE[name].count("\n")
    for lineno in (last, max(last - 1, 1), last // 2 + 1):
        started = time.process_time()
        context = collected(root, Frame("app.py", lineno, "f"), Frame("app.py", max(last - 1, 1), "f"))
        check(with_pieces(context, clock=time.process_time), root)
        assert time.process_time() - started < 3


def test_modules_that_import_each_other_in_a_ring_are_searched(tmp_path: Path) -> None:
    ring = {f"m{n}.py": f"from m{(n + 1) % 50} import *\nfrom m{(n + 7) % 50} import x\nx.y\n" for n in range(50)}
    root = write(tmp_path, ring)
    started = time.process_time()
    check(with_code(collected(root, *(Frame(name, 3, "<module>", "x.y") for name in ring))), root)
    assert time.process_time() - started < 3


LIBRARY = sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py"))


def test_any_file_of_the_standard_library_may_fail_anywhere(tmp_path: Path) -> None:
    """Some of them are written not to parse, or in strange encodings."""
    chosen = [path for path in LIBRARY if "site-packages" not in path.parts][::12][:150]
    assert len(chosen) > 100
    root = write(tmp_path, {f"{path.parent.name}_{path.name}": path.read_bytes() for path in chosen})
    slowest = 0.0
    for path in chosen:
        name = f"{path.parent.name}_{path.name}"
        last = max(path.read_bytes().count(b"\n"), 1)
        started = time.process_time()
        context = collected(root, *(Frame(name, max(last * part // 4, 1), "f") for part in range(1, 4)))
        check(with_pieces(context, clock=time.process_time, seconds=0.02), root)
        slowest = max(slowest, time.process_time() - started)
    assert slowest < 3


RECORD = """
import json, sys
from snapfix.crash import Frame, ParsedException, Traceback
from snapfix.source import collect, with_pieces

def run(names, root):
    for given_root in (root, None):
        frames = tuple(Frame(name, 1, "f", "boom()") for name in names)
        messages = "'/etc/shadow' '../../etc/passwd'"
        read = Traceback("python", "cpython", 1, 9, ParsedException("FileNotFoundError", messages, frames=frames))
        context = collect(read, working_directory=root, project_root=given_root, active_environment=sys.prefix)
        with_pieces(context, clock=lambda: 0.0)

request = json.load(sys.stdin)
run(request["names"], request["root"])  # what is imported late is imported now
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
    opened = {path for path in json.loads(process.stdout) if path != os.devnull}  # that is git's standard error
    assert {os.path.relpath(path, root) for path in opened} == {"app.py", "shop/cart.py", ".git/HEAD"}


def test_a_working_directory_that_is_gone_is_no_error(tmp_path: Path) -> None:
    read = Traceback("python", "cpython", 1, 9, exception(Frame("app.py", 1, "f", "boom()")))
    context = collect(read, working_directory=str(tmp_path / "gone"))
    assert (context.root, context.names, context.files) == (str(tmp_path / "gone"), (), ())
