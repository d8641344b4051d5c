"""The names of the project's modules together."""

from __future__ import annotations

import time

import pytest

from snapfix.crash import SourceFile
from snapfix.source.disk import Project, Walk
from snapfix.source.python.program import Program


def program_of(text: str) -> Program:
    file = SourceFile("/project/app.py", "app.py", text, "app")
    return Program(Project("/project", Walk(("app.py",)), [file]), [file], "")


@pytest.mark.parametrize(
    "bases",
    [
        "Base",
        "Other, Base",
        "Base, Other",
        "shop.Base",
        "Base[int]",
        "Generic[K, V], Base[K, V]",
        "Base, metaclass=Meta",
        "\n    Other,  # one, and\n    Base,  # another\n",
    ],
)
def test_subclasses_are_found_however_the_base_is_written(bases: str) -> None:
    program = program_of(f"class Base: ...\nclass Derived({bases}): ...\nclass No(NoBase, Base2, x=Base): ...\n")
    (owner,) = program.called("Base")
    assert [symbol.name for symbol in program.subclasses(owner)] == ["Derived"]


def test_what_has_the_name_is_found_wherever_it_stands() -> None:
    program = program_of("class A:\n    def f(self): ...\n@d.once\ndef f(): ...\ndef once(): ...\n")
    assert [symbol.qualname for symbol in program.called("f")] == ["A.f", "f"]
    (decorator,) = program.called("once")
    assert [symbol.qualname for symbol in program.decorated_with(decorator)] == ["f"]
    assert list(program.called("g")) == []


def test_long_lists_of_bases_are_read_in_time() -> None:
    """2,000 of these took 10 s."""
    inner = "[" * 245 + "a" * 245
    (owner,) = program_of("class B: ...\n").called("B")
    started = time.process_time()
    for bases in (inner, "a" + "[]" * 245, "a " * 245, "[" + " " * 489):
        program = program_of("".join(f"class C{n}({bases}): ...\n" for n in range(2000)))
        assert list(program.subclasses(owner)) == []
    assert time.process_time() - started < 3


def test_the_names_of_many_classes_are_looked_up_in_time() -> None:
    """4,000 took 2.4 s."""
    program = program_of("class B: ...\n" + "".join(f"class C{n}(B): ...\n" for n in range(4000)))
    (owner,) = program.called("B")
    started = time.process_time()
    assert len(list(program.subclasses(owner))) == 4000
    assert all(len(list(program.called(f"C{n}"))) == 1 for n in range(4000))
    assert time.process_time() - started < 0.5
