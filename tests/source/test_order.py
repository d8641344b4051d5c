"""Which exception of a chain or group started it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from snapfix.crash import CrashContext, Frame, ParsedException, Relation
from snapfix.source import collect
from tests.source.crashing import crash, crashed, exception, of, with_code, write


def order_of(tmp_path: Path, program: str) -> list[str]:
    write(tmp_path, {"app.py": program})
    context = crashed(tmp_path, "app.py")
    assert len(context.crashes) == len(context.traceback.exceptions())
    return [crash.exception.type_name for crash in context.crashes]


def test_a_cause_comes_before_what_it_caused(tmp_path: Path) -> None:
    program = """
        try:
            try:
                {}["x"]
            except KeyError as error:
                raise ValueError("no x") from error
        except ValueError as error:
            raise RuntimeError("failed") from error
        """
    assert order_of(tmp_path, program) == ["KeyError", "ValueError", "RuntimeError"]


def test_an_exception_raised_on_purpose_in_a_handler_wraps_the_earlier_one(tmp_path: Path) -> None:
    program = """
        try:
            {}["x"]
        except KeyError:
            raise ValueError("no x")
        """
    assert order_of(tmp_path, program) == ["KeyError", "ValueError"]


def test_an_exception_raised_by_a_function_that_the_handler_calls_wraps_the_earlier_one(tmp_path: Path) -> None:
    program = """
        def fail(text):
            raise SystemError(text)
        try:
            {}["x"]
        except KeyError:
            fail("no x")
        """
    assert order_of(tmp_path, program) == ["KeyError", "SystemError"]


def test_a_fault_in_the_handler_is_what_started_this_crash(tmp_path: Path) -> None:
    program = """
        try:
            {}["x"]
        except KeyError as error:
            print(eror)
        """
    assert order_of(tmp_path, program) == ["NameError", "KeyError"]


def test_a_fault_in_the_arguments_of_a_raise_is_a_fault_in_the_handler(tmp_path: Path) -> None:
    program = """
        try:
            {}["x"]
        except KeyError as error:
            raise ValueError(f"no {eror}")
        """
    assert order_of(tmp_path, program) == ["NameError", "KeyError"]


def test_a_fault_in_the_arguments_is_told_without_carets_too(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "x\n"})
    earlier = exception(Frame("app.py", 1, "f", "x[1]"), relation=Relation.CONTEXT)
    later = exception(
        Frame("app.py", 1, "f", 'raise ValueError(f"no {eror}")'), type_name="NameError", linked=(earlier,)
    )
    context = collect(of(later), working_directory=str(tmp_path))
    assert [crash.exception.type_name for crash in context.crashes] == ["NameError", "KeyError"]


def test_a_library_call_that_fails_in_the_handler_is_a_fault_in_the_handler(tmp_path: Path) -> None:
    program = """
        import json
        try:
            {}["x"]
        except KeyError:
            json.loads("{")
        """
    assert order_of(tmp_path, program) == ["json.decoder.JSONDecodeError", "KeyError"]


def test_a_library_that_wraps_its_own_exception_has_it_as_the_origin(tmp_path: Path) -> None:
    """The inner exception's frames begin at the library's ``try``; the program's own are on the outer stack."""
    context = crashed(write(tmp_path, {"app.py": "import json\njson.loads('[')\n"}), "app.py")
    first = context.crashes[0]
    assert [crash.exception.type_name for crash in context.crashes] == ["json.decoder.JSONDecodeError"]
    assert first.innermost is not None
    context = crashed(write(tmp_path, {"app.py": "import uuid, zoneinfo\nzoneinfo.ZoneInfo('No/Such')\n"}), "app.py")
    names = [crash.exception.short_name for crash in context.crashes]
    assert names[-1] == "ZoneInfoNotFoundError"
    assert context.crashes[0].innermost is None
    assert context.crashes[-1].innermost is not None
    assert with_code(context).pieces[0].title == "<module>"


def test_the_wrappers_of_a_faulty_handler_come_last(tmp_path: Path) -> None:
    program = """
        try:
            try:
                {}["x"]
            except KeyError as error:
                print(eror)
        except NameError as error:
            raise RuntimeError("failed") from error
        """
    assert order_of(tmp_path, program) == ["NameError", "KeyError", "RuntimeError"]


def test_without_code_an_exception_of_the_projects_own_type_was_raised_on_purpose(tmp_path: Path) -> None:
    def order(later_type: str) -> list[str]:
        earlier = exception(Frame("/app/a.py", 1, "f"), relation=Relation.CONTEXT)
        later = exception(Frame("/app/a.py", 3, "f"), type_name=later_type, linked=(earlier,))
        context = collect(of(later), working_directory=str(tmp_path))
        return [crash.exception.type_name for crash in context.crashes]

    assert order("shop.errors.CartError") == ["KeyError", "shop.errors.CartError"]
    assert order("NameError") == ["NameError", "KeyError"]


def test_the_line_in_the_file_stands_for_one_that_was_not_shown(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "try:\n    x[1]\nexcept KeyError:\n    raise ValueError\n"})
    earlier = exception(Frame("app.py", 2, "f"), relation=Relation.CONTEXT)
    later = exception(Frame("app.py", 4, "f"), type_name="ValueError", linked=(earlier,))
    context = collect(of(later), working_directory=str(tmp_path))
    assert [crash.exception.type_name for crash in context.crashes] == ["KeyError", "ValueError"]


GROUP = """
    def check(value):
        return 1 / value
    errors = []
    for value in (0, "a"):
        try:
            try:
                check(value)
            except TypeError as error:
                raise ValueError("bad") from error
        except Exception as error:
            errors.append(error)
    raise ExceptionGroup("several", [ExceptionGroup("inner", errors), OSError("last")])
    """


def test_a_group_comes_after_its_members_and_each_exactly_once(tmp_path: Path) -> None:
    assert order_of(tmp_path, GROUP) == [
        "ZeroDivisionError",
        "TypeError",
        "ValueError",
        "ExceptionGroup",
        "OSError",
        "ExceptionGroup",
    ]


def test_the_members_of_a_group_come_before_what_it_was_raised_from(tmp_path: Path) -> None:
    program = """
        try:
            {}["x"]
        except KeyError as error:
            raise ExceptionGroup("several", [OSError("first"), EOFError("second")]) from error
        """
    assert order_of(tmp_path, program) == ["OSError", "EOFError", "ExceptionGroup", "KeyError"]


def test_a_chain_longer_than_pythons_stack_is_ordered(tmp_path: Path) -> None:
    chain = ParsedException("KeyError", "")
    for number in range(sys.getrecursionlimit() * 3):
        link = ParsedException(chain.type_name, chain.message, relation=Relation.CAUSE, linked=chain.linked)
        chain = ParsedException(f"E{number}", "", linked=(link,))
    context = collect(of(chain), working_directory=str(tmp_path))
    assert context.crashes[0].exception.type_name == "KeyError"
    assert context.crashes[-1].exception is chain


# --- notes


def noted(tmp_path: Path, program: str) -> CrashContext:
    return crashed(write(tmp_path, {"app.py": program}), "app.py")


def test_lines_after_the_exception_are_notes_where_the_program_adds_notes(tmp_path: Path) -> None:
    program = """
        try:
            {}["x"]
        except KeyError as error:
            error.add_note("while reading the cart")
            error.add_note("of customer 7")
            raise
        """
    context = noted(tmp_path, program)
    assert context.traceback.exception.notes == ("while reading the cart", "of customer 7")
    assert context.traceback.following == ()
    assert context.crash.exception is context.traceback.exception


def test_lines_after_the_exception_are_left_alone_where_the_program_adds_no_notes(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "boom()\n"})
    read = of(exception(Frame("app.py", 1, "f", "boom()")), following=("bye",))
    context = collect(read, working_directory=str(tmp_path))
    assert context.traceback is read


@pytest.mark.parametrize("program", ["boom()", GROUP])
def test_every_crash_has_all_its_frames(tmp_path: Path, program: str) -> None:
    write(tmp_path, {"app.py": program})
    read = crash(tmp_path, "app.py")
    context = collect(read, working_directory=str(tmp_path))
    for one in context.crashes:
        assert tuple(placed.frame for placed in one.frames) == one.exception.frames
