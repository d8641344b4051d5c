"""Small programs as one text: ``### shop/cart.py`` begins a file, and the first one is ``app.py``."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from textwrap import dedent

from snapfix.crash import SourceFile
from snapfix.source.disk import Project, Walk, module_name
from snapfix.source.python.inference import Scope
from snapfix.source.python.module import Module, Symbol
from snapfix.source.python.program import Program
from snapfix.syntax import statements

_HEADING = re.compile(r"^### (\S+)\n", re.MULTILINE)


def files_in(text: str) -> dict[str, str]:
    """The files of a program by their names."""
    parts = _HEADING.split(dedent(text).lstrip("\n"))
    files = {"app.py": parts[0]} if parts[0].strip() else {}
    return files | dict(zip(parts[1::2], parts[2::2], strict=True))


def program_of(text: str) -> Program:
    """The program, of which nothing is on the disk; every file is a near one."""
    known = [SourceFile(f"/project/{name}", name, code, module_name(name)) for name, code in files_in(text).items()]
    project = Project("/project", Walk(tuple(file.name for file in known)), known)
    return Program(project, known, "")


@dataclass(frozen=True)
class Asked:
    """The line of a program that ends in ``# ?``."""

    program: Program
    module: Module
    function: Symbol | None
    statement: ast.stmt

    @property
    def scope(self) -> Scope:
        """Where the line stands."""
        return Scope(self.module, self.function, self.statement.lineno)

    @property
    def expression(self) -> ast.expr:
        """What the line's statement returns, assigns or evaluates."""
        value = getattr(self.statement, "value", None)
        assert isinstance(value, ast.expr)
        return value


def asked(text: str) -> Asked:
    """The statement of a program that a test asks about."""
    program = program_of(text)
    for file in program.near:
        for lineno, line in enumerate(file.lines, start=1):
            if line.endswith("# ?"):
                module = program.of(file)
                assert module.tree is not None
                statement = next(each for each in statements(module.tree) if each.lineno == lineno)
                return Asked(program, module, module.scope_at(lineno), statement)
    raise AssertionError("no line ends in `# ?`")
