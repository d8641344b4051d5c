"""Programs whose tracebacks are drawn by something else than the interpreter: IPython, Jupyter, Rich, loguru ..."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha1

from tests.parsing.recorders.base import CAUSE, CONTEXT, MEMBER, Case, Crash, Exc

CART = """\
def price(item):
    return item["price"] * item["count"]


def total(cart):
    try:
        return sum(price(item) for item in cart)
    except KeyError as error:
        raise ValueError("the cart is broken:\\n  an item has no price") from error
"""
SHOP = """\
from cart import total


def checkout(count):
    total([{"name": "tea", "count": count}])


checkout(3)
"""
BROKEN = "def load(:\n    pass\n"
TABLE = '''\
class Table:
    """Its repr has several lines, as a data frame's has."""

    def __repr__(self):
        return "   a  b\\n0  1  2\\n1  3  4"

    def __getitem__(self, key):
        raise IndexError(f"no column {key!r}: größer ☃")


def cell(table, column):
    return table[column]


def show(column):
    table = Table()
    return cell(
        table,
        column,
    )
'''
FILES = {"cart.py": CART, "shop.py": SHOP, "broken.py": BROKEN, "table.py": TABLE}

MESSAGE = "the cart is broken:\n  an item has no price"
NO_COLUMN = "no column 'c': größer ☃"


def broken_cart(form: str, frames: int, *, line: int = 2) -> Crash:
    """``total`` fails because an item has no price; the second exception has so many frames."""
    exceptions = (Exc("KeyError", "'price'", CAUSE, 3), Exc("ValueError", MESSAGE, None, frames))
    return Crash(exceptions, ("shop/cart.py", line, "price"), format=form)


def one(form: str, exception: Exc, own: tuple[str, int | None, str] | None) -> Crash:
    """A crash with a single exception."""
    return Crash((exception,), own, format=form)


# IPython. A session is run by the shell itself, cell by cell, so that each cell has its number.

SESSION = """\
import sys
from pathlib import Path

from IPython.terminal.interactiveshell import TerminalInteractiveShell
from traitlets.config import Config

config = Config()
config.HistoryManager.enabled = False
config.TerminalInteractiveShell.term_title = False
config.TerminalInteractiveShell.xmode = sys.argv[1]
config.TerminalInteractiveShell.colors = sys.argv[2]
shell = TerminalInteractiveShell.instance(config=config)
for cell in Path("cells.txt").read_text().split("# next\\n"):
    shell.run_cell(cell, store_history=True)
    sys.stdout.flush()
"""
CELLS = (
    "from cart import total\n",
    'cart = [{"name": "tea", "count": 2}]\ntotal(cart)\n',
    "x = 1\ndef load(:\n    pass\n",
    'from table import show\nprint("before")\nshow("c")\n',
    "import broken\n",
    'import json\njson.loads("{")\n',
    'try:\n    {}["tea"]\nexcept KeyError:\n    int("größer")\n',
)
RECURSION = "def again(n):\n    return again(n + 1)\nagain(1)\n"
OTHER_CELLS = (
    'error = ValueError("no tea")\nerror.add_note("in aisle 3\\n  on the left")\nraise error\n',
    'raise ExceptionGroup("two failed", [ValueError("a"), KeyError("b")])\n',
    "%run shop.py\n",
    "1 / 0\n",
)
NO_VALUE = "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
NO_VALUE_SHORT = "Expecting property name enclosed in double quotes"
TOO_DEEP = "maximum recursion depth exceeded"
INVALID = "invalid literal for int() with base 10: 'größer'"


def session(
    name: str, source: str, version: str, crashes: tuple[Crash, ...], *cells: str, options: str = "Context NoColor"
) -> Case:
    """A session in a version of IPython; the options are the mode and the colours."""
    files = {**FILES, "session.py": SESSION, "cells.txt": "# next\n".join(cells)}
    return Case(name, source, f"python session.py {options}", crashes, files, (f"ipython=={version}",))


def in_cells(cell: Callable[[int], str], *, line: int | None = 2, method: str = "Table.__getitem__") -> list[Crash]:
    """What goes wrong in ``CELLS``.

    ``cell`` tells what a cell is called by its number. The place of a SyntaxError has a ``line`` from 8.6 on; from 8
    on, the names of methods are qualified.
    """
    return [
        broken_cart("ipython", 2),
        one("ipython", Exc("SyntaxError", "invalid syntax", frames=1), (cell(3), line, "")),
        one("ipython", Exc("IndexError", NO_COLUMN, frames=4), ("shop/table.py", 8, method)),
        one("ipython", Exc("SyntaxError", "invalid syntax", frames=3), ("shop/broken.py", 1, "")),
        one("ipython", Exc("JSONDecodeError", NO_VALUE, frames=4), (cell(6), 2, "<module>")),
        Crash(
            (Exc("KeyError", "'tea'", CONTEXT, 1), Exc("ValueError", INVALID, None, 1)),
            (cell(7), 2, "<module>"),
            format="ipython",
        ),
    ]


def recursion(cell: Callable[[int], str], frames: int, *missing: str) -> Crash:
    """``RECURSION`` as the eighth cell; frames that are alike are shown once."""
    return Crash(
        (Exc("RecursionError", TOO_DEEP, frames=frames),), (cell(8), 2, "again"), format="ipython", missing=missing
    )


def cell(number: int) -> str:
    return f"Cell In[{number}]"


def input_cell(number: int) -> str:
    return f"Input In [{number}]"


def hashed_cell(number: int) -> str:
    """As IPython 7 names it, after the digest of its code."""
    return f"<ipython-input-{number}-{sha1((*CELLS, RECURSION)[number - 1].encode()).hexdigest()[:12]}>"


def old_cells(*, plain: bool = False) -> list[Crash]:
    """What goes wrong in ``CELLS`` as IPython 7 prints it.

    The mode Plain and a SyntaxError's place in any mode are in CPython's layout.
    """
    crashes = in_cells(hashed_cell, method="__getitem__")
    crashes[1] = replace(crashes[1], format="cpython")
    if plain:
        last = replace(crashes[5], own=(hashed_cell(7), 2, "<cell line: 0>"))
        short = replace(
            crashes[4], own=(hashed_cell(6), 2, "<cell line: 0>"), exceptions=(Exc("JSONDecodeError", NO_VALUE_SHORT),)
        )
        crashes = [replace(crash, format="cpython") for crash in (*crashes[:4], short, last)]
    return crashes


NOTEBOOK = """\
import json

sources = [["from cart import total"], ['cart = [{"name": "tea", "count": 2}]\\\\n', "\\\\n", "total(cart)"]]
cells = [
    {"cell_type": "code", "execution_count": None, "id": f"c{n}", "metadata": {}, "outputs": [], "source": source}
    for n, source in enumerate(sources)
]
kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
document = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
with open("shop.ipynb", "w") as file:
    json.dump(document, file, indent=1)
""".replace("\\\\", "\\")
JUPYTER = ("ipython==9.8.0", "ipykernel==7.1.0", "nbconvert==7.16.6", "nbclient==0.10.2")
EXECUTE = "python notebook.py && jupyter nbconvert --log-level ERROR --to notebook --execute shop.ipynb"
IN_NOTEBOOK = (Exc("KeyError", "'price'", CAUSE, 3), Exc("ValueError", MESSAGE, None, 2))
CELL_SOURCE = 'cart = [{"name": "tea", "count": 2}]\n\ntotal(cart)'
CELL_MESSAGE = f"An error occurred while executing the following cell:\n{'-' * 18}\n{CELL_SOURCE}\n{'-' * 18}"
CAUGHT = r'"import traceback\\n", "try: total(cart)\\n", "except ValueError: traceback.print_exc()"'
STREAM = f"python notebook.py && sed -i 's/\"total(cart)\"/{CAUGHT}/' shop.ipynb"

IPYTHON = (
    session("ipython", "IPython 9", "9.8.0", (*in_cells(cell), recursion(cell, 4)), *CELLS, RECURSION),
    session(
        "ipython_verbose",
        "IPython 9, xmode Verbose, colours",
        "9.8.0",
        (*in_cells(cell), recursion(cell, 4)),
        *CELLS,
        RECURSION,
        options="Verbose linux",
    ),
    session(
        "ipython_plain",
        "IPython 9, xmode Plain",
        "9.8.0",
        tuple(
            replace(crash, own=("shop/table.py", 8, "__getitem__")) if number == 2 else crash
            for number, crash in enumerate(in_cells(cell))
        ),
        *CELLS,
        options="Plain NoColor",
    ),
    session(
        "ipython_minimal",  # only a SyntaxError has a place
        "IPython 9, xmode Minimal",
        "9.8.0",
        (in_cells(cell)[1], in_cells(cell)[3]),
        *CELLS,
        options="Minimal NoColor",
    ),
    session(
        "ipython_others",
        "IPython 9: notes, a group, %run",
        "9.8.0",
        (
            one("ipython", Exc("ValueError", "no tea", frames=1), ("Cell In[1]", 3, "<module>")),
            Crash(
                (
                    Exc("ExceptionGroup", "two failed (2 sub-exceptions)", None, 2),
                    Exc("ValueError", "a", MEMBER, 0),
                    Exc("KeyError", "'b'", MEMBER, 0),
                ),
                (f"<ipython-input-2-{sha1(OTHER_CELLS[1].encode()).hexdigest()[:12]}>", 1, "<module>"),
            ),
            broken_cart("ipython", 3),
            one("ipython", Exc("ZeroDivisionError", "division by zero", frames=1), ("Cell In[4]", 1, "<module>")),
        ),
        *OTHER_CELLS,
        options="Context lightbg",
    ),
    session("ipython_8.12", "IPython 8.12", "8.12.3", (*in_cells(cell), recursion(cell, 4)), *CELLS, RECURSION),
    session(
        "ipython_8.4",
        "IPython 8.4: Input In",
        "8.4.0",
        (*in_cells(input_cell, line=None), recursion(input_cell, 4)),
        *CELLS,
        RECURSION,
        options="Context Linux",
    ),
    session(
        "ipython_8.0",
        "IPython 8.0, xmode Verbose",
        "8.0.1",
        (*in_cells(input_cell, line=None), recursion(input_cell, 4)),
        *CELLS,
        RECURSION,
        options="Verbose NoColor",
    ),
    session(
        "ipython_7",
        "IPython 7: ipython-input",
        "7.34.0",
        (*old_cells(), recursion(hashed_cell, 3, "repeated")),
        *CELLS,
        RECURSION,
    ),
    session(
        "ipython_7_verbose",
        "IPython 7, xmode Verbose, colours",
        "7.34.0",
        (*old_cells(), recursion(hashed_cell, 3, "repeated")),
        *CELLS,
        RECURSION,
        options="Verbose Linux",
    ),
    session(
        "ipython_7_plain",
        "IPython 7, xmode Plain",
        "7.34.0",
        tuple(old_cells(plain=True)),
        *CELLS,
        options="Plain NoColor",
    ),
    Case(
        "ipython_script",
        "ipython shop.py",
        "ipython --no-banner shop.py",
        (broken_cart("ipython", 3),),
        FILES,
        ("ipython==9.8.0",),
    ),
    Case(
        "ipython_piped",  # the prompt stands before the first line
        "ipython < cells",
        "printf 'from cart import total\\ntotal([{\"count\": 2}])\\n1/0\\n'"
        " | ipython --no-banner --no-term-title --colors=NoColor",
        (
            broken_cart("ipython", 2),
            one("ipython", Exc("ZeroDivisionError", "division by zero", frames=1), ("Cell In[3]", 1, "<module>")),
        ),
        FILES,
        ("ipython==9.8.0",),
    ),
    Case(
        "ipython_container",
        "IPython 9 in docker compose",
        r"ipython --no-banner --colors=NoColor shop.py 2>&1 | sed 's/^/web-1  | /'",
        (broken_cart("ipython", 3),),
        FILES,
        ("ipython==9.8.0",),
    ),
    Case(
        "nbconvert",
        "jupyter nbconvert --execute",
        EXECUTE,
        (
            Crash(
                (
                    Exc("KeyError", "'price'", CAUSE, 3),
                    Exc("ValueError", MESSAGE, CAUSE, 2),
                    Exc("nbclient.exceptions.CellExecutionError", CELL_MESSAGE),
                ),
                ("shop/cart.py", 2, "price"),
            ),
        ),
        {**FILES, "notebook.py": NOTEBOOK},
        JUPYTER,
    ),
    Case(
        "notebook_file",
        "a notebook's file (.ipynb)",
        f"{EXECUTE} --allow-errors --stdout",
        (Crash(IN_NOTEBOOK, ("shop/cart.py", 2, "price"), format="ipython"),),
        {**FILES, "notebook.py": NOTEBOOK},
        JUPYTER,
    ),
    Case(
        "notebook_stream",
        "a notebook's file: what was printed to standard error",
        f"{STREAM} && {EXECUTE.partition('&& ')[2]} --stdout",
        (
            Crash(
                (Exc("KeyError", "'price'", CAUSE, 3), Exc("ValueError", MESSAGE, None, 2)),
                ("shop/cart.py", 2, "price"),
            ),
        ),
        {**FILES, "notebook.py": NOTEBOOK},
        JUPYTER,
    ),
)

# Rich. Its boxes are as wide as the terminal, so that paths are to be as long as they are in the recording.

RICH_SHOP = """\
import sys

from rich.traceback import install

install(**eval(sys.argv[1]))

from cart import total


def again(n):
    if n:
        return again(n - 1)
    total([{"name": "tea", "count": 2}])


def run(cart, width=3):
    again(int(sys.argv[2]))


if __name__ == "__main__":
    run([1, 2])
"""
RICH_MAIN = """\
import sys

from rich.traceback import install

install(extra_lines=1)


def fail(error):
    raise error


def noted():
    text = "several\\n\\n  [red]lines[/red], one of which is too long for the terminal, so that Rich breaks it"
    error = ValueError(text)
    error.add_note("note one\\nits second line")
    error.add_note("note two")
    raise error


def grouped():
    errors = [ValueError("never raised")]
    try:
        fail(KeyError("a"))
    except KeyError as error:
        errors.append(error)
    try:
        try:
            fail(OSError("no disk"))
        except OSError as error:
            raise RuntimeError("no stock") from error
    except RuntimeError as error:
        errors.append(error)
    errors.append(ExceptionGroup("inner", [TypeError("größer ☃")]))
    raise ExceptionGroup("three failed", errors)


def generated():
    exec(compile("def inside():\\n    1/0\\ninside()", "<string>", "exec"))


def syntax():
    import broken


def empty():
    assert []


def wide():
    text = "価格" * 8; raise ValueError(text)


for name in sys.argv[1:]:
    try:
        globals()[name]()
    except Exception:
        sys.excepthook(*sys.exc_info())
"""
RICH_LOG = """\
import logging

from rich.logging import RichHandler

from cart import total

logging.basicConfig(level="INFO", format="%(message)s", handlers=[RichHandler(rich_tracebacks=True)])
logging.info("hello")
try:
    total([{}])
except ValueError:
    logging.exception("it failed")
logging.warning("bye")
"""
DEEP = """\
from warehouse.inventory_of_everything.catalogue_of_teas.prices import look_up_the_price_of_the_tea

look_up_the_price_of_the_tea({})
"""
PRICES = "def look_up_the_price_of_the_tea(prices):\n    return prices['Darjeeling First Flush']\n"
DEEP_FILES = {"warehouse/inventory_of_everything/catalogue_of_teas/prices.py": PRICES, "deep.py": DEEP}
TYPER_SHOP = """\
import typer

app = typer.Typer()


@app.command()
def checkout(count: int = 3):
    from cart import total

    total([{"name": "tea", "count": count}])


app()
"""
RICH_FILES = {**FILES, "shop.py": RICH_SHOP, "main.py": RICH_MAIN, "log.py": RICH_LOG}
RICH = ("rich==14.2.0",)


def in_place(command: str) -> str:
    """Run it in a folder whose path is as long in the recording as it was."""
    return f"mkdir /tmp/shop && cp -r . /tmp/shop && (cd /tmp/shop; {command}); rm -r /tmp/shop"


def boxes(name: str, source: str, command: str, *crashes: Crash, columns: int = 80, **others: object) -> Case:
    """Something that Rich prints on a terminal of so many columns."""
    environment = {"COLUMNS": str(columns), **others}
    return Case(name, source, in_place(command), crashes, RICH_FILES, RICH, environment)  # type: ignore[arg-type]


WRAPPED = "several\n\n  [red]lines[/red], one of which is too long for the terminal, so that Rich breaks it"

RICH_CASES = (
    boxes("rich", "rich.traceback.install", "python shop.py '{}' 0", broken_cart("rich", 4)),
    boxes(
        "rich_locals",
        "rich.traceback.install(show_locals=True)",
        "python shop.py 'dict(show_locals=True, width=60, extra_lines=1)' 1",
        broken_cart("rich", 5),
    ),
    boxes(
        "rich_locals_beside",
        "rich.traceback.install(show_locals=True), a wide terminal",
        "python shop.py 'dict(show_locals=True, width=150)' 0",
        broken_cart("rich", 4),
        columns=150,
    ),
    boxes(
        "rich_hidden",
        "rich.traceback.install(max_frames=6)",
        "python shop.py 'dict(max_frames=6, extra_lines=0)' 30",
        replace(broken_cart("rich", 6), missing=("28 frames in the middle",)),
    ),
    boxes(
        "rich_ascii",
        "Rich where the terminal is ASCII",
        "PYTHONUTF8=0 PYTHONIOENCODING=ascii python shop.py 'dict(show_locals=True, extra_lines=1)' 0",
        broken_cart("rich", 4),
    ),
    boxes(
        "rich_colour",
        "rich.traceback.install, colours",
        "python shop.py '{}' 0",
        broken_cart("rich", 4),
        FORCE_COLOR="1",
        TERM="xterm-256color",
    ),
    boxes(
        "rich_several",
        "Rich: notes, a message of several lines, generated code, no message",
        "python main.py noted generated empty wide",
        one(
            "rich",
            Exc("ValueError", WRAPPED, notes=("note one\nits second line", "note two")),
            ("main.py", 17, "noted"),
        ),
        one("rich", Exc("ZeroDivisionError", "division by zero", frames=4), ("main.py", 38, "generated")),
        one("rich", Exc("AssertionError", "", frames=2), ("main.py", 46, "empty")),
        one("rich", Exc("ValueError", "価格" * 8, frames=2), ("main.py", 50, "wide")),
    ),
    boxes(
        "rich_syntax",
        "Rich: a SyntaxError",
        "python main.py syntax empty",
        one("rich", Exc("SyntaxError", "invalid syntax", frames=3), ("shop/broken.py", 1, "")),
        one("rich", Exc("AssertionError", "", frames=2), ("main.py", 46, "empty")),
    ),
    boxes(
        "rich_group",
        "Rich: exception groups",  # it leaves out what a member came from
        "python main.py grouped empty",
        Crash(
            (
                Exc("ExceptionGroup", "three failed (4 sub-exceptions)", None, 2),
                Exc("ValueError", "never raised", MEMBER, 0),
                Exc("KeyError", "'a'", MEMBER, 2),
                Exc("RuntimeError", "no stock", MEMBER, 1),
                Exc("ExceptionGroup", "inner (1 sub-exception)", MEMBER, 0),
                Exc("TypeError", "größer ☃", MEMBER, 0),
            ),
            ("main.py", 9, "fail"),
            format="rich",
        ),
        one("rich", Exc("AssertionError", "", frames=2), ("main.py", 46, "empty")),
    ),
    boxes("rich_handler", "RichHandler(rich_tracebacks=True)", "python log.py", broken_cart("rich", 2)),
    boxes("rich_handler_wide", "RichHandler, a wide terminal", "python log.py", broken_cart("rich", 2), columns=170),
    Case(
        "rich_narrow",
        "Rich on a narrow terminal",
        in_place("python -c 'from rich.traceback import install; install(extra_lines=1); import deep'"),
        (
            one(
                "rich",
                Exc("KeyError", "'Darjeeling First Flush'", frames=3),
                ("catalogue_of_teas/prices.py", 2, "look_up_the_price_of_the_tea"),
            ),
        ),
        DEEP_FILES,
        RICH,
        {"COLUMNS": "44"},
    ),
    boxes(
        "rich_container",
        "Rich in Kubernetes (kubectl logs --prefix --timestamps)",
        "python shop.py '{}' 0 2>&1 | sed 's/^/[pod\\/shop-7d9\\/web] 2024-05-01T10:00:00.123456789Z /'",
        broken_cart("rich", 4),
    ),
    Case(
        "rich_10",
        "Rich 10",
        in_place("python shop.py '{}' 0"),
        (broken_cart("rich", 4),),
        RICH_FILES,
        ("rich==10.0.0",),
        {"COLUMNS": "80"},
    ),
    Case(
        "typer",
        "Typer",
        in_place("python shop.py"),
        (broken_cart("rich", 2),),
        {**FILES, "shop.py": TYPER_SHOP},
        ("typer==0.20.0", "rich==14.2.0"),
        {"COLUMNS": "80"},
    ),
)


# stackprinter, better_exceptions, pretty_errors: each is set up by a module that is imported before the program.

MAIN = """\
import sys


def noted():
    error = ValueError("several\\n  lines")
    error.add_note("look here")
    raise error


def group():
    raise ExceptionGroup("two failed", [ValueError("a"), KeyError("b")])


def chained():
    try:
        open("missing.txt")
    except OSError:
        int("größer")


def syntax():
    import broken


def asserted():
    count = 3
    assert count == 4


def several_lines():
    from table import show

    show("c")


def again(n=0):
    return again(n + 1)


def parsed():
    import json

    json.loads("{")


def cart():
    from shop import checkout


if __name__ == "__main__":
    globals()[sys.argv[1]]()
"""
PRINTER_FILES = {**FILES, "main.py": MAIN}
NO_FILE = "[Errno 2] No such file or directory: 'missing.txt'"
CHAINED = (Exc("FileNotFoundError", NO_FILE, CONTEXT, 1), Exc("ValueError", INVALID, None, 2))


def printed(
    name: str, source: str, package: str, setup: str, function: str, crash: Crash | None, **environment: str
) -> Case:
    """A function of ``MAIN`` that is run with a printer set up."""
    start = f"import sys, runpy; sys.argv = ['main.py', '{function}']; {setup}; import main; main.{function}()"
    crashes = () if crash is None else (crash,)
    return Case(name, source, f'python -c "{start}"', crashes, PRINTER_FILES, (package,), environment)


def in_main(form: str, exception: Exc, line: int, function: str) -> Crash:
    return one(form, exception, ("main.py", line, function))


def stackprinter(name: str, source: str, function: str, crash: Crash, options: str = "style='plaintext'") -> Case:
    setup = f"import stackprinter; stackprinter.set_excepthook({options})"
    return printed(name, source, "stackprinter==0.2.12", setup, function, crash)


STACKPRINTER = (
    stackprinter("stackprinter", "stackprinter", "cart", broken_cart("stackprinter", 5)),
    stackprinter(
        "stackprinter_reverse",
        "stackprinter, reverse=True",
        "cart",
        broken_cart("stackprinter", 5),
        "style='plaintext', reverse=True",
    ),
    stackprinter(
        "stackprinter_all",
        "stackprinter, source_lines='all', show_vals='all', colours",
        "cart",
        broken_cart("stackprinter", 5),
        "style='darkbg', source_lines='all', show_vals='all'",
    ),
    stackprinter(
        "stackprinter_bare",
        "stackprinter, show_vals=None",
        "cart",
        broken_cart("stackprinter", 5),
        "style='plaintext', show_vals=None, source_lines=2",
    ),
    stackprinter(
        "stackprinter_context",
        "stackprinter: While handling the above exception",
        "chained",
        Crash(CHAINED, ("main.py", 16, "chained"), format="stackprinter"),
    ),
    stackprinter(
        "stackprinter_values",
        "stackprinter: values of several lines",
        "several_lines",
        one("stackprinter", Exc("IndexError", NO_COLUMN, frames=5), ("shop/table.py", 8, "__getitem__")),
    ),
    stackprinter(
        "stackprinter_syntax",
        "stackprinter: a SyntaxError",
        "syntax",
        one("stackprinter", Exc("SyntaxError", "invalid syntax", frames=3), ("broken.py", 1, "")),
    ),
    stackprinter(
        "stackprinter_group",
        "stackprinter: a group",
        "group",
        Crash(
            (
                Exc("ExceptionGroup", "two failed (2 sub-exceptions)", None, 2),
                Exc("ValueError", "a", MEMBER),
                Exc("KeyError", "'b'", MEMBER),
            ),
            ("main.py", 11, "group"),
        ),
    ),
    stackprinter(
        "stackprinter_multiline",
        "stackprinter: a message of several lines",
        "noted",
        in_main("stackprinter", Exc("ValueError", "several\n  lines", frames=2), 7, "noted"),
    ),
    Case(
        "stackprinter_logging",
        "logging with stackprinter's formatter",
        "python log.py",
        (
            broken_cart("stackprinter", 2),
            one("stackprinter", Exc("KeyError", "'b'", frames=1), ("log.py", 21, "<module>")),
        ),
        {
            **FILES,
            "log.py": """\
import logging

import stackprinter

from cart import total


class Formatter(logging.Formatter):
    def formatException(self, exc_info):
        return stackprinter.format(exc_info)


handler = logging.StreamHandler()
handler.setFormatter(Formatter("%(asctime)s %(levelname)s: %(message)s"))
logging.basicConfig(level="INFO", handlers=[handler])
try:
    total([{}])
except ValueError:
    logging.exception("it failed")
try:
    {}["b"]
except KeyError:
    logging.exception("again")
logging.info("bye")
""",
        },
        ("stackprinter==0.2.12",),
    ),
)


def better(name: str, source: str, function: str, crash: Crash, **environment: str) -> Case:
    setup = "import better_exceptions; better_exceptions.hook()"
    return printed(name, source, "better_exceptions==0.3.3", setup, function, crash, **environment)


BETTER_EXCEPTIONS = (
    better("better_exceptions", "better_exceptions", "cart", broken_cart("better_exceptions", 5)),
    better(
        "better_exceptions_ascii",
        "better_exceptions where the terminal is ASCII",
        "cart",
        broken_cart("better_exceptions", 5),
        PYTHONUTF8="0",
        PYTHONIOENCODING="ascii",
        LC_ALL="C",
        PYTHONCOERCECLOCALE="0",
    ),
    better(
        "better_exceptions_colour",
        "better_exceptions, colours",
        "cart",
        broken_cart("better_exceptions", 5),
        FORCE_COLOR="1",
    ),
    better(
        "better_exceptions_values",
        "better_exceptions: values of several lines",
        "several_lines",
        one("better_exceptions", Exc("IndexError", NO_COLUMN, frames=5), ("shop/table.py", 8, "__getitem__")),
    ),
    better(
        "better_exceptions_syntax",
        "better_exceptions: a SyntaxError",
        "syntax",
        one("better_exceptions", Exc("SyntaxError", "invalid syntax", frames=3), ("shop/broken.py", 1, "")),
    ),
    better(
        "better_exceptions_assertion",
        "better_exceptions: an assertion",
        "asserted",
        in_main("better_exceptions", Exc("AssertionError", "assert count == 4", frames=2), 27, "asserted"),
    ),
    better(
        "better_exceptions_recursion",
        "better_exceptions: a recursion",
        "again",
        in_main("better_exceptions", Exc("RecursionError", TOO_DEEP, frames=4), 37, "again"),
    ),
)


def pretty(name: str, source: str, function: str, crash: Crash, setup: str = "") -> Case:
    return printed(name, source, "pretty_errors==1.2.25", f"import pretty_errors{setup}", function, crash)


def configured(options: str) -> str:
    return f"; pretty_errors.configure({options})"


# Only the name of a file is printed by default, and what an exception was raised from never.
SHORT_CART = one("pretty_errors", Exc("ValueError", MESSAGE, frames=5), ("cart.py", 9, "total"))

PRETTY_ERRORS = (
    pretty("pretty_errors", "pretty_errors", "cart", SHORT_CART),
    pretty(
        "pretty_errors_context",
        "pretty_errors: one exception in the handling of another",
        "chained",
        Crash(CHAINED, ("main.py", 16, "chained"), format="pretty_errors"),
    ),
    pretty(
        "pretty_errors_extended",
        "pretty_errors: long names, links, more code, values, a time",
        "cart",
        one("pretty_errors", Exc("ValueError", MESSAGE, frames=5), ("shop/cart.py", 9, "total")),
        configured(
            "separator_character='*', filename_display=pretty_errors.FILENAME_EXTENDED, line_number_first=True, "
            "display_link=True, lines_before=3, lines_after=2, display_locals=True, display_timestamp=True"
        ),
    ),
    pretty(
        "pretty_errors_above",
        "pretty_errors: the whole path, the exception above the frames",
        "cart",
        one("pretty_errors", Exc("ValueError", MESSAGE, frames=5), ("shop/cart.py", 9, "total")),
        configured("filename_display=pretty_errors.FILENAME_FULL, exception_above=True, exception_below=False"),
    ),
    pretty("pretty_errors_mono", "pretty_errors: mono", "cart", SHORT_CART, "; pretty_errors.mono()"),
    pretty(
        "pretty_errors_syntax",
        "pretty_errors: a SyntaxError",
        "syntax",
        one("pretty_errors", Exc("SyntaxError", "invalid syntax", frames=1), ("shop/broken.py", 1, "")),
    ),
    pretty(
        "pretty_errors_library",
        "pretty_errors: in a library",
        "parsed",
        Crash(
            (Exc("json.decoder.JSONDecodeError", NO_VALUE, frames=5),),
            ("decoder.py", 353, "raw_decode"),  # nothing tells that this is the standard library's
            format="pretty_errors",
        ),
    ),
)

# loguru

LOGURU_MAIN = """\
import sys

from loguru import logger

from cart import total

logger.remove()
logger.add(sys.stderr, **eval(sys.argv[1]))


def caught(count):
    try:
        total([{"name": "tea", "count": count}])
    except ValueError:
        logger.exception("it failed")


@logger.catch
def decorated(column):
    from table import show

    return show(column)


def grouped():
    errors = [ValueError("never raised"), ExceptionGroup("inner", [TypeError("größer ☃")])]
    try:
        {}["a"]
    except KeyError as error:
        error.add_note("a note\\n  of mine")
        errors.append(error)
    try:
        raise ExceptionGroup("three failed", errors)
    except ExceptionGroup as group:
        logger.opt(exception=group).error("a group")


def syntax():
    try:
        import broken
    except SyntaxError:
        logger.exception("it cannot be read")


def again(n):
    return again(n + 1)


def recursion():
    try:
        again(0)
    except RecursionError:
        logger.exception("too deep")


caught(3)
decorated("c")
grouped()
syntax()
recursion()
logger.info("bye")
"""


def loguru(name: str, source: str, options: str, forms: str, *, own: int = 0) -> Case:
    """What ``LOGURU_MAIN`` logs; ``forms`` is the layout of each: ``l`` for loguru's own.

    With ``backtrace``, there are ``own`` more frames: those above the one in which the exception was caught.
    """
    form = ["loguru" if letter == "l" else "cpython" for letter in forms]
    crashes = (
        broken_cart(form[0], 2 + own),
        one(form[1], Exc("IndexError", NO_COLUMN, frames=5), ("shop/table.py", 8, "__getitem__")),
        Crash(
            (
                Exc("ExceptionGroup", "three failed (3 sub-exceptions)", None, 1 + own),
                Exc("ValueError", "never raised", MEMBER, 0),
                Exc("ExceptionGroup", "inner (1 sub-exception)", MEMBER, 0),
                Exc("TypeError", "größer ☃", MEMBER, 0),
                Exc("KeyError", "'a'", MEMBER, 1, ("a note\n  of mine",)),
            ),
            ("main.py", 28, "grouped"),
            format=form[2],
        ),
        one(form[3], Exc("SyntaxError", "invalid syntax", frames=2 + own), ("shop/broken.py", 1, "")),
        one(form[4], Exc("RecursionError", TOO_DEEP, frames=4 + own), ("main.py", 46, "again")),
    )
    files = {**FILES, "main.py": LOGURU_MAIN}
    return Case(name, source, f'python main.py "{options}"', crashes, files, ("loguru==0.7.3",))


LOGURU = (
    loguru("loguru", "loguru, backtrace and diagnose", "dict()", "lllll", own=1),
    loguru("loguru_diagnose", "loguru, diagnose", "dict(backtrace=False)", "lllll"),
    # Where the first frames of a chain or a stack bear no mark, nothing tells it from CPython's layout.
    loguru("loguru_backtrace", "loguru, backtrace", "dict(diagnose=False)", "clccc", own=1),
    loguru("loguru_plain", "loguru, neither", "dict(backtrace=False, diagnose=False)", "ccccc"),
    loguru("loguru_colour", "loguru, colours", "dict(colorize=True)", "lllll", own=1),
    loguru("loguru_json", "loguru, serialize=True", "dict(serialize=True)", "lllll", own=1),
    Case(
        "loguru_ascii",
        "loguru where the terminal is ASCII",
        "PYTHONUTF8=0 LC_ALL=C PYTHONCOERCECLOCALE=0 PYTHONIOENCODING=ascii python main.py 'dict()' 2>&1 | head -42",
        (broken_cart("loguru", 3),),
        {**FILES, "main.py": LOGURU_MAIN},
        ("loguru==0.7.3",),
    ),
)

CASES: tuple[Case, ...] = (*IPYTHON, *RICH_CASES, *STACKPRINTER, *BETTER_EXCEPTIONS, *PRETTY_ERRORS, *LOGURU)
