from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snapfix.crash import CrashContext, Frame, ParsedException, PieceKind, SourceFile, Traceback
from snapfix.source import collect, foreign, with_pieces
from snapfix.source.foreign import grammars, indented
from tests.source.sources import FILES, MARK

FILLER = "\n".join(f"  const v{number} = {number};" for number in range(130))
pytest.importorskip("tree_sitter", reason="the extra `languages` is not installed")


def text_of(name: str) -> str:
    return dedent(FILES[name][1]).replace("{{filler}}", FILLER)


def source(name: str, text: str | None = None) -> SourceFile:
    return SourceFile(f"/shop/{name}", name, dedent(text) if text is not None else text_of(name))


def failing_line(file: SourceFile) -> int:
    return next(number for number, line in enumerate(file.lines, start=1) if MARK in line)


def shown(name: str, text: str | None = None) -> list[str]:
    """The lines of the function around the mark."""
    file = source(name, text)
    span = foreign.enclosing(file, failing_line(file))
    assert span is not None
    return file.lines[span.first_line - 1 : span.last_line]


# -- the function around a line --------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def all_the_time() -> None:
    grammars.ALLOWANCE.renew()


@pytest.mark.parametrize("name", FILES)
def test_finds_the_function_around_a_line(name: str) -> None:
    file = source(name)
    lineno = failing_line(file)
    span = foreign.enclosing(file, lineno)
    assert span is not None
    assert span.qualname == FILES[name][0]
    assert span.first_line <= span.header_line < span.body_line <= lineno <= span.last_line
    assert file.lines[span.last_line - 1].strip() in ("}", "};", "});", "end")


@pytest.mark.parametrize("name", FILES)
def test_every_language_but_perl_has_its_grammar(name: str) -> None:
    file = source(name)
    found = grammars.units_around(file.text, name.rpartition(".")[2], failing_line(file))
    assert (found is None) is name.endswith(".pl")


@pytest.mark.parametrize("name", FILES)
def test_indentation_tells_the_same_as_the_grammar(name: str) -> None:
    """But for annotations and comments above, and Go's receivers."""
    file = source(name)
    lineno = failing_line(file)
    exact = foreign.enclosing(file, lineno)
    assert exact is not None
    function = next(unit for unit in indented.units_around(file.lines, lineno) if unit.name in exact.qualname)
    assert (function.last_line, function.name.rpartition(":")[2]) == (
        exact.last_line,
        exact.qualname.replace(".", ":").rpartition(":")[2],
    )
    assert exact.first_line <= function.first_line <= exact.body_line


def test_without_the_extra_indentation_is_used(tmp_path: Path) -> None:
    (tmp_path / "cart.js").write_text(text_of("cart.js"))
    program = """
        import sys
        sys.modules["tree_sitter"] = None
        from snapfix.crash import SourceFile
        from snapfix.source import foreign
        from snapfix.source.foreign import grammars
        text = open(sys.argv[1]).read()
        assert grammars.units_around(text, "js", 18) is None
        print(foreign.enclosing(SourceFile(sys.argv[1], "cart.js", text), 18))
    """
    command = [sys.executable, "-c", dedent(program), str(tmp_path / "cart.js")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert run.stdout.startswith("Span(qualname='Cart.total', first_line=13,"), run.stderr


def test_python_does_not_pay_for_other_languages(tmp_path: Path) -> None:
    program = """
        import sys
        from snapfix.crash import Frame, ParsedException, Traceback
        from snapfix.source import collect, with_pieces
        error = ParsedException("KeyError", "x", frames=(Frame("app.py", 1, "<module>"),))
        context = collect(Traceback("python", "cpython", 1, 9, error), working_directory=sys.argv[1])
        assert with_pieces(context, clock=lambda: 0.0).pieces
        print([name for name in sys.modules if "tree_sitter" in name or name.endswith((".foreign", ".grammars"))])
    """
    (tmp_path / "app.py").write_text("{}['x']\n")
    command = [sys.executable, "-c", dedent(program), str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert run.stdout.strip() == "[]", run.stderr


def test_annotations_and_the_comment_above_belong_to_a_function() -> None:
    assert shown("shop.ts")[:2] == ["  /** Opens the door. */", "  @log"]
    assert shown("cart.rs")[:2] == ["    /// Adds up.", "    #[inline]"]
    assert shown("Shop.java")[:2] == ["    /** The sum. */", "    @Override"]
    assert shown("main.go")[0] == "// Total adds up."


def test_a_callback_is_shown_with_the_function_around_it_while_that_is_not_long() -> None:
    text = """
        function report(orders) {
          return orders.map((order) => {
            return order.items.length; // !fails
          });
        }
        """
    assert shown("report.js", text)[0] == "function report(orders) {"
    long = text.replace("return orders", "\n" + FILLER + "\nreturn orders")
    assert shown("report.js", long)[0] == "return orders.map((order) => {"


def test_a_field_is_shown_in_its_class() -> None:
    text = """
        package shop;

        class Shop {
            static final int PRICE = Integer.parseInt("x"); // !fails

            int price() { return PRICE; }
        }
        """
    assert shown("Shop.java", text)[0] == "class Shop {"
    long = text.replace("int price", "\n".join(f"int f{n}() {{ return {n}; }}" for n in range(90)) + "\nint price")
    file = source("Shop.java", long)
    span = foreign.enclosing(file, failing_line(file))
    assert span is not None
    assert (span.qualname, span.headers, span.last_line) == ("Shop", (4,), failing_line(file) + foreign.AROUND)


@pytest.mark.parametrize("name", ["app.js", "app.pl", "Main.java", "page.vue", "unknown"])
def test_code_outside_of_functions_has_none(name: str) -> None:
    text = "use strict;\n\nif (total > 3) {\n    print(total.price); // !fails\n}\n"
    file = source(name, text)
    assert foreign.enclosing(file, failing_line(file)) is None


def test_a_function_that_ended_above_does_not_hold_the_line() -> None:
    text = """
        sub total {
            return 3;
        }

        foreach my $item (@items) {
            print $item->{price}; # !fails
        }
        """
    file = source("shop.pl", text)
    assert foreign.enclosing(file, failing_line(file)) is None


def test_control_statements_are_no_functions() -> None:
    for line in ("if (a) {", "} else if (b(c)) {", "for (int i = 0; i < n; i++) {", "switch (x) {", "return f(x, {"):
        text = f"{line}\n    boom(); // !fails\n}}\n"
        assert list(indented.units_around(text.split("\n"), 2)) == []


def test_what_a_large_file_holds_is_told_by_indentation() -> None:
    big = "// " + "x" * grammars.MAX_CHARACTERS + "\nfunction f() {\n  boom(); // !fails\n}\n"
    assert grammars.units_around(big, "js", 3) is None
    assert shown("big.js", big) == ["function f() {", "  boom(); // !fails", "}"]


@pytest.mark.parametrize(("suffix", "unit"), [("java", "a<"), ("c", "=>async "), ("kt", "%"), ("rs", "[=var ")])
def test_a_parser_that_takes_too_much_is_given_up(suffix: str, unit: str) -> None:
    """In the same process these took up to 10 GB, or crashed it."""
    before = time.monotonic()
    assert grammars.units_around(unit * (60_000 // len(unit)), suffix, 1) in (None, ())
    assert time.monotonic() - before < grammars.SECONDS + 2
    grammars.ALLOWANCE.renew()
    assert grammars.units_around(text_of("cart.js"), "js", 18), "others are still parsed"


def test_many_files_that_take_long_have_one_time_together() -> None:
    """80 of these took 22 s."""
    text = text_of("Shop.java")
    before = time.monotonic()
    for number in range(60):
        file = source("Bad.java", f"// {number}\n" + "a<" * 30_000)
        assert foreign.enclosing(file, 2) is None
    assert time.monotonic() - before < grammars.SECONDS_IN_ALL + 2
    grammars.ALLOWANCE.spend(grammars.SECONDS_IN_ALL)
    fresh = source("Shop.java", "// now\n" + text)
    assert grammars.units_around(fresh.text, "java", failing_line(fresh)) is None
    assert foreign.enclosing(fresh, failing_line(fresh)) is not None, "indentation is used"
    grammars.ALLOWANCE.renew()
    assert grammars.units_around(fresh.text, "java", failing_line(fresh)), "and that there was no time is forgotten"


@given(
    st.lists(
        st.sampled_from([line for name in FILES for line in text_of(name).split("\n")[:40]])
        | st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=40),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([name.rpartition(".")[2] for name in FILES]),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_whatever_the_text_a_span_holds_its_line(lines: list[str], suffix: str, data: st.DataObject) -> None:
    grammars.ALLOWANCE.renew()
    file = SourceFile("/x", f"x.{suffix}", "\n".join(lines))
    lineno = data.draw(st.integers(1, len(lines)))
    found = [foreign.enclosing(file, lineno), *indented.units_around(lines, lineno)]
    for span in filter(None, found):
        assert 1 <= span.first_line <= lineno <= span.last_line <= len(lines)
    span = found[0]
    if isinstance(span, foreign.Span):
        whole, core = foreign.lines_of(span, file, lineno)
        assert lineno in core <= whole
    assert foreign.import_lines(file) <= set(range(1, len(lines) + 1))


# -- what matters of a function --------------------------------------------------------------------------------


def test_of_a_long_function_header_blocks_and_assignments_are_kept() -> None:
    filler = "\n".join(f"  step{number}();" for number in range(60))
    text = "\n".join([
        "function pay(cart) {",
        "  const rate = cart.rate;",
        filler,
        "  for (const item of cart.items) {",
        "    if (item.paid) {",
        filler.replace("  ", "      "),
        "      charge(item.price * rate); // !fails",
        "    }",
        "  }",
        "}",
        "",
    ])  # fmt: skip
    file = source("pay.js", text)
    lineno = failing_line(file)
    span = foreign.enclosing(file, lineno)
    assert span is not None
    whole, core = foreign.lines_of(span, file, lineno)
    assert whole == set(range(1, len(file.lines)))
    kept = [file.lines[number - 1].strip() for number in sorted(core - set(range(lineno - 10, lineno + 11)))]
    assert kept == [
        "function pay(cart) {",
        "const rate = cart.rate;",
        "for (const item of cart.items) {",
        "if (item.paid) {",
    ]


def test_imports_are_found_with_all_of_their_lines() -> None:
    def imported(name: str) -> list[int]:
        return sorted(foreign.import_lines(source(name)))

    assert imported("cart.js") == [1, 2, 3, 4, 5, 6]
    assert imported("main.go") == [1, 3, 4, 5, 6]
    assert imported("cart.php") == [2, 4, 5]
    assert imported("cart.c") == imported("cart.rb") == imported("cart.rs") == imported("shop.pl") == [1, 2]
    assert imported("Shop.cs") == [1, 2, 4]


def test_imports_can_be_those_that_are_used() -> None:
    assert foreign.import_lines(source("cart.js"), {"tax", "const"}) == {2, 3, 4, 5}
    assert foreign.import_lines(source("Shop.java"), {"List"}) == {3}


# -- in the context --------------------------------------------------------------------------------------------


def crashed(root: Path, language: str, *frames: Frame) -> CrashContext:
    error = ParsedException("TypeError", "no price", frames=frames)
    context = collect(Traceback(language, "x", 1, 9, error), working_directory=str(root), project_root=str(root))
    return with_pieces(context, clock=lambda: 0.0)


@pytest.mark.parametrize(
    ("name", "language"), [("cart.js", "javascript"), ("Shop.kt", "java"), ("main.go", "go"), ("cart.rb", "ruby")]
)
def test_the_pieces_are_functions_with_their_classes_and_imports(tmp_path: Path, name: str, language: str) -> None:
    (tmp_path / name).write_text(text_of(name))
    lineno = failing_line(source(name))
    context = crashed(tmp_path, language, Frame(str(tmp_path / name), lineno, "com.shop.Shop.total"))
    failing = context.pieces[0]
    assert (failing.kind, failing.title, failing.marked) == (PieceKind.FAILING, FILES[name][0], (lineno,))
    assert any(piece.kind is PieceKind.IMPORTS for piece in context.pieces)
    numbers = {number for number, _ in failing.lines}
    span = foreign.enclosing(source(name), lineno)
    assert span is not None
    assert {*span.headers, *range(span.first_line, span.last_line + 1)} == numbers


def test_callers_are_shown_by_their_functions_too(tmp_path: Path) -> None:
    text = text_of("cart.js") + "\nfunction main() {\n  new Cart([1]).total();\n}\n"
    (tmp_path / "cart.js").write_text(text)
    lines = text.split("\n")
    context = crashed(
        tmp_path,
        "javascript",
        Frame(str(tmp_path / "cart.js"), lines.index("function main() {") + 2, "main"),
        Frame(str(tmp_path / "cart.js"), failing_line(source("cart.js")), "Array.map"),
        Frame(str(tmp_path / "cart.js"), failing_line(source("cart.js")) + 2, "Cart.total"),
    )
    assert [(piece.kind, piece.title) for piece in context.pieces[:2]] == [
        (PieceKind.FAILING, "Cart.total"),
        (PieceKind.CALLER, "main"),
    ]
    assert len(context.pieces[0].marked) == 2, "frames of one function share its piece"


def test_a_line_outside_of_functions_is_shown_with_ten_lines_around(tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text("".join(f"step{number}();\n" for number in range(1, 60)))
    context = crashed(tmp_path, "javascript", Frame(str(tmp_path / "app.js"), 30, "Object.<anonymous>"))
    assert [number for number, _ in context.pieces[0].lines] == list(range(20, 41))
