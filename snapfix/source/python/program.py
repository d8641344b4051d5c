"""The project's modules together: what a name that one of them imports stands for in another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from snapfix.crash import SourceFile
from snapfix.source.disk import Project
from snapfix.source.modules import resolve
from snapfix.source.python.module import Module, Symbol, decorator_names
from snapfix.syntax import ImportedName

_MAX_STEPS = 4
"""``from shop import Cart`` may lead to ``shop/__init__.py``, which has it from ``shop/cart.py``, and so on."""
_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_SUBCLASSES = re.compile(r"^[ \t]*class[ \t]+(\w+)[ \t]*(?:\[[^\]\n]*\])?\(([^)]{1,500})\)", re.MULTILINE)
_DECORATED = re.compile(r"^[ \t]*@[ \t]*([\w.]+)", re.MULTILINE)

_COMMENT = re.compile(r"#[^\n]*+")

Found = Symbol | Module


class Program:
    """The project as Python sees it; files are read and parsed when they are first asked for.

    Args:
        project: where files are read.
        near: the files on the stack and those that they import; by-name searches look in these only.
        script_folder: the folder, relative to the root, of the file that was run.
    """

    def __init__(self, project: Project, near: Iterable[SourceFile], script_folder: str) -> None:
        self._project = project
        self._script_folder = script_folder
        self.near = tuple(near)
        self._modules: dict[str, Module] = {file.name: Module(file) for file in self.near}
        self._by_name: dict[str, dict[str, list[Symbol]]] = {}
        self._by_decorator: dict[str, dict[str, list[Symbol]]] = {}

    def module(self, name: str) -> Module | None:
        """The module in the file called ``name``, or None where that cannot be read."""
        if name not in self._modules:
            file = self._project.read(name) if name in self._project.name_set else None
            if not isinstance(file, SourceFile):
                return None
            self._modules[name] = Module(file)
        return self._modules[name]

    def module_called(self, dotted: str) -> Module | None:
        """The module that ``import`` finds by this dotted name in the project, or None where there is none."""
        parts = dotted.split(".")
        if not all(parts):
            return None
        path = "/".join(parts)
        known = self._project.name_set
        for folder in dict.fromkeys((f"{self._script_folder}/" if self._script_folder else "", "", "src/")):
            for name in (f"{folder}{path}/__init__.py", f"{folder}{path}.py"):
                if name in known:
                    return self.module(name)
        return None

    def of(self, file: SourceFile) -> Module:
        """The module of a file that was read."""
        return self._modules.setdefault(file.name, Module(file))

    def member(self, module: Module, name: str, steps: int = _MAX_STEPS) -> Found | None:
        """What ``name`` stands for at the top of a module: defined, assigned or imported there."""
        found = module.definitions.get(name) or module.assigned.get(name)
        if found is not None:
            return found
        imported = module.imports.get(name)
        if imported is not None:
            return self.imported(module, imported, steps)
        if steps:
            for star in module.star_imports:
                for source in self._loaded(module, star):
                    found_there = self.member(source, name, steps - 1)
                    if found_there is not None:
                        return found_there
        return self._submodule(module, name)

    def imported(self, module: Module, imported: ImportedName, steps: int = _MAX_STEPS) -> Found | None:
        """What an import statement of ``module`` binds its name to."""
        loaded = self._loaded(module, imported)
        if imported.attribute is None:
            if imported.name != imported.module.partition(".")[0]:  # `import a.b as c` binds the submodule
                return loaded[-1] if loaded else None
            return loaded[0] if loaded else None
        if not loaded or steps == 0:
            return None
        last = loaded[-1]
        if last.file.module.rpartition(".")[2] == imported.attribute and len(loaded) > 1:
            found = self._own_member(loaded[-2], imported.attribute, module)
            return found or last
        if last is module:
            return None
        return self.member(last, imported.attribute, steps - 1)

    def _own_member(self, package: Module, name: str, asking: Module) -> Symbol | None:
        """A name that a package's ``__init__`` defines itself, in front of a submodule of the same name."""
        return None if package is asking else package.definitions.get(name) or package.assigned.get(name)

    def _loaded(self, module: Module, imported: ImportedName) -> list[Module]:
        dotted = "." * imported.level + imported.module
        names = () if imported.attribute in (None, "*") else (imported.attribute or "",)
        files = resolve(module.file.name, dotted, names, self._project, self._script_folder)
        found = [self.module(name) for name in dict.fromkeys(files)]
        return [each for each in found if each is not None]

    def _submodule(self, package: Module, name: str) -> Module | None:
        folder, _, last = package.file.name.rpartition("/")
        if last != "__init__.py":
            return None
        known = self._project.name_set
        names = (f"{folder}/{name}.py", f"{folder}/{name}/__init__.py")
        return next((self.module(each) for each in names if each in known), None)

    # -- by name alone ------------------------------------------------------------------------------------------

    def called(self, name: str) -> Iterator[Symbol]:
        """The functions, methods and classes of this name in the near files."""
        for file in self._defining.get(name, ()):
            yield from self._named(file).get(name, ())

    def subclasses(self, owner: Symbol) -> Iterator[Symbol]:
        """The classes in the near files that name ``owner`` as a base."""
        for file, names in self._subclassing.get(owner.name, ()):
            for name in names:
                yield from (symbol for symbol in self._named(file).get(name, ()) if symbol.is_class)

    def decorated_with(self, decorator: Symbol) -> Iterator[Symbol]:
        """The functions and classes in the near files that carry the decorator, by its name."""
        for file in self._decorating.get(decorator.name, ()):
            yield from self._decorated(file).get(decorator.name, ())

    def _named(self, file: SourceFile) -> dict[str, list[Symbol]]:
        """What a file defines, by the last part of its name."""
        index = self._by_name.get(file.name)
        if index is None:
            index = self._by_name[file.name] = {}
            for symbol in self.of(file).definitions.values():
                index.setdefault(symbol.name, []).append(symbol)
        return index

    def _decorated(self, file: SourceFile) -> dict[str, list[Symbol]]:
        """What a file defines, by the names of its decorators."""
        index = self._by_decorator.get(file.name)
        if index is None:
            index = self._by_decorator[file.name] = {}
            for symbol in self.of(file).definitions.values():
                for name in dict.fromkeys(decorator_names(symbol.node)):
                    index.setdefault(name, []).append(symbol)
        return index

    @cached_property
    def _defining(self) -> dict[str, list[SourceFile]]:
        index: dict[str, list[SourceFile]] = {}
        for file in self.near:
            for name in set(_DEFINED.findall(file.text)):
                index.setdefault(name, []).append(file)
        return index

    @cached_property
    def _subclassing(self) -> dict[str, list[tuple[SourceFile, list[str]]]]:
        index: dict[str, list[tuple[SourceFile, list[str]]]] = {}
        for file in self.near:
            bases: dict[str, dict[str, None]] = {}
            for name, listed in _SUBCLASSES.findall(file.text):
                for base in _bases(listed):
                    bases.setdefault(base, {})[name] = None
            for base, names in bases.items():
                index.setdefault(base, []).append((file, list(names)))
        return index

    @cached_property
    def _decorating(self) -> dict[str, list[SourceFile]]:
        index: dict[str, list[SourceFile]] = {}
        for file in self.near:
            for name in {dotted.rpartition(".")[2] for dotted in _DECORATED.findall(file.text)}:
                index.setdefault(name, []).append(file)
        return index


def _bases(listed: str) -> Iterator[str]:
    """The last parts of the names of the bases, as they stand in brackets behind a class's name."""
    for base in _COMMENT.sub("", listed).split(","):
        name = base.partition("[")[0].strip().rpartition(".")[2]
        if name.isidentifier():
            yield name
