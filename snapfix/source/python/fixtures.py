"""pytest's fixtures: where the parameter of a test comes from."""

from __future__ import annotations

import ast

from snapfix.source.python.module import Module, Symbol, decorator_names
from snapfix.source.python.program import Program


def fixture_of(name: str, function: Symbol, program: Program) -> Symbol | None:
    """The fixture that fills a parameter of a test or of another fixture.

    Looked for where pytest does: in the class, the module, then the ``conftest.py`` of its folder and those above.
    """
    if not (function.name.startswith("test") or is_fixture(function)):
        return None
    definition = function.definition
    if definition is not None and definition.in_class:
        found = function.module.definitions.get(f"{definition.parent}.{name}")
        if found is not None and is_fixture(found):
            return found
    for module in (function.module, *_conftests(function.module, program)):
        found = module.definitions.get(name) or _renamed(module, name)
        if found is not None and is_fixture(found):
            return found
    return None


def automatic_fixtures(function: Symbol, program: Program) -> list[Symbol]:
    """The fixtures that run for a test without being asked for (``autouse``), and ``setUp`` of its class."""
    found = [
        symbol
        for module in (function.module, *_conftests(function.module, program))
        for symbol in module.definitions.values()
        if is_fixture(symbol) and _is_automatic(symbol)
    ]
    definition = function.definition
    if definition is not None and definition.in_class:
        for name in ("setUp", "setup_method", "asyncSetUp", "setUpClass"):
            symbol = function.module.definitions.get(f"{definition.parent}.{name}")
            if symbol is not None:
                found.append(symbol)
    return found


def is_test(symbol: Symbol) -> bool:
    """By its name and its file's, as pytest and unittest collect it: a program's own ``test_connection`` is none."""
    return symbol.is_function and symbol.name.startswith("test") and is_test_file(symbol.module.file.name)


def is_test_file(name: str) -> bool:
    """``test_x.py``, ``x_test.py``, or a file in a folder of tests; not their ``conftest.py``."""
    *folders, last = name.split("/")
    if last in ("conftest.py", "__init__.py"):
        return False
    return last.startswith("test") or last.endswith("_test.py") or not {"test", "tests"}.isdisjoint(folders)


def is_fixture(symbol: Symbol) -> bool:
    """It carries ``@pytest.fixture``, or a library's own sort of it (``@pytest_asyncio.fixture``)."""
    return any("fixture" in name for name in decorator_names(symbol.node))


def _is_automatic(symbol: Symbol) -> bool:
    return _says(symbol, "autouse", True)


def _renamed(module: Module, name: str) -> Symbol | None:
    """``@pytest.fixture(name="...")``."""
    return next((symbol for symbol in module.definitions.values() if _says(symbol, "name", name)), None)


def _says(symbol: Symbol, option: str, value: object) -> bool:
    """One of its decorators is called with this keyword argument."""
    return any(
        keyword.arg == option and isinstance(keyword.value, ast.Constant) and keyword.value.value == value
        for decorator in getattr(symbol.node, "decorator_list", [])
        if isinstance(decorator, ast.Call)
        for keyword in decorator.keywords
    )


def _conftests(module: Module, program: Program) -> list[Module]:
    folders = module.file.name.split("/")[:-1]
    names = ["/".join([*folders[:depth], "conftest.py"]) for depth in range(len(folders), -1, -1)]
    return [found for name in names if (found := program.module(name)) is not None]
