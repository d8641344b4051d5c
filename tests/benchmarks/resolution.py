"""``python -m tests.benchmarks.resolution``: does jedi know more of the names around a crash than Snapfix does?

Both are asked for every name and attribute that the failing function of each bug, and the outermost function on its
stack (as a rule the test), read: where that is defined, and what it holds. Only answers inside the project count.

jedi is in no dependency list: ``pip install jedi`` into an environment that can also import Snapfix and pytest.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

from snapfix.crash import PlacedFrame
from snapfix.source.disk import Project, Walk
from snapfix.source.python.inference import Inference, Kind, Scope
from snapfix.source.python.module import Module, Symbol
from snapfix.source.python.program import Program
from snapfix.source.python.uses import Uses
from snapfix.source.search.ranking import Root, calls_on_the_stack
from snapfix.syntax import children, own_nodes, statement_at
from tests.benchmarks import bugs, context, measure
from tests.benchmarks.context import Failure

PROJECTS = ("depot", "ledger", "mill", "porter", "quill")
OUTCOMES = ("same", "in part", "different", "only Snapfix", "only jedi", "neither")

Place = tuple[str, int]
"""A file, relative to the project, and the line on which a definition or assignment begins; 0 for the module itself."""
Places = frozenset[Place]
Readable = ast.Name | ast.Attribute


@dataclass(frozen=True, eq=False)
class Asked:
    """A name or attribute that is read.

    Attributes:
        failure: the bug.
        scope: the function that it stands in, and the line.
        node: itself.
        is_failing: it stands in the statement that failed.
    """

    failure: Failure
    scope: Scope
    node: Readable
    is_failing: bool

    @property
    def name(self) -> str:
        """Without what stands in front of the dot."""
        return self.node.id if isinstance(self.node, ast.Name) else self.node.attr

    @property
    def position(self) -> tuple[int, int]:
        """The line, 1-based, and the column of the name, 0-based and in characters, as jedi counts."""
        node = self.node
        if isinstance(node, ast.Name):
            return node.lineno, self._characters(node.lineno, node.col_offset)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return node.end_lineno, self._characters(node.end_lineno, node.end_col_offset - len(node.attr.encode()))

    @property
    def key(self) -> tuple[object, ...]:
        """The same for a name that several bugs have in common."""
        file, (lineno, column) = self.scope.module.file, self.position
        return self.failure.bug.project, file.name, file.lines[lineno - 1], lineno, column, self.is_failing

    def _characters(self, lineno: int, octets: int) -> int:
        return len(self.scope.module.lines[lineno - 1].encode()[:octets].decode())

    def __str__(self) -> str:
        file, lineno = self.scope.module.file, self.position[0]
        line = file.lines[lineno - 1].strip()
        return f"{file.name}:{lineno} `{ast.unparse(self.node)}` in `{line}` ({self.failure.bug.name})"


class OfSnapfix:
    """Snapfix's answers for one crash."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        files = failure.context.files
        self._program = Program(Project(failure.context.root, Walk(failure.context.names), files), files, "")
        self._inference = Inference(self._program)
        self._uses = Uses(self._inference)
        stack = [self._root(frame) for frame in _frames(failure)]
        calls_on_the_stack(stack[::-1], self._inference)
        self.asked = tuple(_asked(failure, stack))

    def _root(self, frame: PlacedFrame) -> Root:
        assert frame.file is not None
        assert frame.lineno is not None
        module = self._program.of(frame.file)
        return Root(module, module.scope_at(frame.lineno), (frame.lineno,), 1.0)

    def defined(self, asked: Asked) -> Places:
        """Where what the name stands for is defined; what Snapfix is not certain of does not count."""
        return frozenset(symbol.key for symbol, weight in self._used(asked) if weight == 1.0)

    def guessed(self, asked: Asked) -> Places:
        """Where it may be defined, by the name alone or in a subclass."""
        return frozenset(symbol.key for symbol, _ in self._used(asked))

    def _used(self, asked: Asked) -> list[tuple[Symbol, float]]:
        module, function = asked.scope.module, asked.scope.function
        uses = list(self._uses.of([asked.node], module, function))
        below = list(self._uses.of(children(asked.node), module, function))
        return [(use.symbol, use.weight) for use in uses[: len(uses) - len(below)]]

    def held(self, asked: Asked) -> Places:
        """The functions, modules and classes (of instances too) that it may hold."""
        found = set()
        for value in self._inference.values(asked.node, asked.scope):
            if value.module is not None:
                found.add((value.module.file.name, 0))
            elif value.symbol is not None and value.kind is not Kind.CONTAINER:
                found.add(value.symbol.key)
        return frozenset(found)


class OfJedi:
    """jedi's answers for one crash.

    Args:
        failure: the bug.
        anew: begin each answer anew. jedi's answers depend on what the same ``Script`` was asked before, and it then
            finds fewer; parsed files are kept in either case.

    Attributes:
        failed: how often it raised what, in all crashes.
    """

    failed: ClassVar[Counter[str]] = Counter()

    def __init__(self, failure: Failure, *, anew: bool) -> None:
        jedi: Any = import_module("jedi")
        jedi.cache.clear_time_caches(delete_all=True)  # with the files of many projects in it, jedi fails
        self._jedi = jedi
        self._root = failure.root.resolve()
        self._project = jedi.Project(self._root, added_sys_path=[str(self._root / "src")])
        self._environment = jedi.api.environment.InterpreterEnvironment()  # it starts no other interpreter
        self._scripts: dict[str, Any] = {}
        self._anew = anew

    def _script(self, module: Module) -> Any:
        name = module.file.name
        if self._anew or name not in self._scripts:
            path = self._root / name
            self._scripts[name] = self._jedi.Script(path=path, project=self._project, environment=self._environment)
        return self._scripts[name]

    def defined(self, asked: Asked) -> Places:
        """As ``OfSnapfix.defined``: neither modules nor a function's own variables."""
        return self._answer(
            asked, "goto", lambda name: name.type != "module" and not _is_local(name, asked), follow_imports=True
        )

    def held(self, asked: Asked) -> Places:
        """As ``OfSnapfix.held``."""
        return self._answer(asked, "infer", lambda _: True)

    def _answer(self, asked: Asked, method: str, counts: Callable[[Any], bool], **options: bool) -> Places:
        try:
            names = getattr(self._script(asked.scope.module), method)(*asked.position, **options)
            return frozenset(self._places(name for name in names if counts(name)))
        except Exception as error:  # whatever it is, it is no answer
            self.failed[type(error).__name__] += 1
            return frozenset()

    def _places(self, names: Iterator[Any]) -> Iterator[Place]:
        for name in names:
            if name.module_path is None or not name.module_path.is_relative_to(self._root):
                continue
            file = name.module_path.relative_to(self._root).as_posix()
            if name.type == "module":
                yield file, 0
            elif name.line is not None:
                yield file, self._beginning(name.module_path, name.line)

    def _beginning(self, path: Path, lineno: int) -> int:
        statement = statement_at(ast.parse(path.read_bytes()), lineno)
        return statement.lineno if statement is not None else lineno


def _is_local(name: Any, asked: Asked) -> bool:
    """It is a variable or parameter of a function."""
    if isinstance(asked.node, ast.Attribute) or name.type not in ("statement", "param"):
        return False
    return name.type == "param" or bool(name.parent().type == "function")


def _frames(failure: Failure) -> list[PlacedFrame]:
    """The in-app frames of the crash that started it, innermost first."""
    frames = reversed(failure.context.crashes[0].frames)
    return [frame for frame in frames if frame.in_app and frame.file is not None and frame.lineno is not None]


def _asked(failure: Failure, stack: Sequence[Root]) -> Iterator[Asked]:
    for place in dict.fromkeys((stack[0], stack[-1])):
        body = place.function.node if place.function is not None else place.module.tree
        assert body is not None
        failing = statement_at(body, place.linenos[0]) if place is stack[0] else None
        for node in own_nodes(body):
            if isinstance(node, Readable) and isinstance(node.ctx, ast.Load):
                scope = Scope(place.module, place.function, node.lineno)
                on_line = failing is not None and failing.lineno <= node.lineno <= (failing.end_lineno or node.lineno)
                yield Asked(failure, scope, node, on_line)


# -- comparing -------------------------------------------------------------------------------------------------


@dataclass
class Comparison:
    """The answers to one question.

    Attributes:
        question: in words.
        rows: how often the answers agree, for all names and for those in failing statements.
        cases: what was asked and both answers, by the outcome.
        cpu: seconds that all of Snapfix's, and all of jedi's answers took.
        guessed: names of which jedi alone knows the definition, and which Snapfix guesses right.
    """

    question: str
    rows: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    cases: dict[str, list[tuple[Asked, Places, Places]]] = field(default_factory=dict)
    cpu: list[float] = field(default_factory=lambda: [0.0, 0.0])
    guessed: int = 0

    def add(
        self, asked: Asked, ours: Callable[[Asked], Places], theirs: Callable[[Asked], Places]
    ) -> tuple[str, Places]:
        """Ask both; returns the outcome and jedi's answer."""
        began = time.process_time()
        first = ours(asked)
        between = time.process_time()
        second = theirs(asked)
        self.cpu[0] += between - began
        self.cpu[1] += time.process_time() - between
        outcome = _outcome(first, second)
        self.rows[0][outcome] += 1
        self.rows[1][outcome] += asked.is_failing
        self.cases.setdefault(outcome, []).append((asked, first, second))
        return outcome, second


def _outcome(ours: Places, theirs: Places) -> str:
    if ours == theirs:
        return "same" if ours else "neither"
    if not ours or not theirs:
        return "only Snapfix" if ours else "only jedi"
    return "in part" if ours & theirs else "different"


def compare(failures: Sequence[Failure], *, anew: bool) -> tuple[Comparison, Comparison]:
    """Ask both for every name; one that several bugs share is asked for once."""
    definitions, values = Comparison("where it is defined"), Comparison("what it holds")
    seen: set[tuple[object, ...]] = set()
    for failure in failures:
        ours, theirs = OfSnapfix(failure), OfJedi(failure, anew=anew)
        for asked in ours.asked:
            if asked.key in seen:
                continue
            seen.add(asked.key)
            outcome, place = definitions.add(asked, ours.defined, theirs.defined)
            if outcome == "only jedi":
                definitions.guessed += bool(place & ours.guessed(asked))
            values.add(asked, ours.held, theirs.held)
    return definitions, values


def report(comparison: Comparison) -> None:
    """Print how often they agree, and what an answer costs once everything is loaded."""
    print(f"\n{comparison.question:<22}" + "".join(f"{outcome:>14}" for outcome in OUTCOMES))
    for title, row in zip(("all names", "in failing statements"), comparison.rows, strict=True):
        print(f"{title:<22}" + "".join(f"{row[outcome]:>14,}" for outcome in OUTCOMES))
    total = comparison.rows[0].total()
    ours, theirs = (1000 * seconds / total for seconds in comparison.cpu)
    print(f"CPU per name: Snapfix {ours:.2f} ms, jedi {theirs:.2f} ms")
    if comparison.guessed:
        print(f"of those that only jedi knows, Snapfix guesses {comparison.guessed} right, and says that it is a guess")


def show(comparison: Comparison, samples: int) -> None:
    """Print some of the names on which they disagree, always the same ones."""
    for outcome in ("only jedi", "different", "in part", "only Snapfix"):
        cases = comparison.cases.get(outcome, [])
        print(f"\n### {comparison.question}: {outcome}, {len(cases)}")
        for asked, ours, theirs in random.Random(4711).sample(cases, min(samples, len(cases))):
            print(f"{asked}\n    Snapfix {_written(ours)}   jedi {_written(theirs)}")


def _written(places: Places) -> str:
    return ", ".join(f"{file}:{line}" for file, line in sorted(places)) or "-"


# -- costs -----------------------------------------------------------------------------------------------------

_COMMON = """\
import json, sys, time
root, name, lineno, positions, cache, own = json.loads(sys.stdin.read())
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
times = [time.process_time()]
"""
_SNAPFIX = """
import ast
from snapfix.source import modules
from snapfix.source.disk import Project, walk
from snapfix.source.python.inference import Inference, Scope
from snapfix.source.python.program import Program
from snapfix.source.python.uses import Uses
from snapfix.syntax import own_nodes
times.append(time.process_time())
project = Project(root, walk(root))
file = project.read(name)
program = Program(project, modules.stack_and_imports([file], project, "")[0], "")
inference = Inference(program)
uses = Uses(inference)
module = program.of(file)
function = module.scope_at(lineno)
for node in own_nodes(function.node if function else module.tree):
    if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
        list(uses.of([node], module, function))
        inference.values(node, Scope(module, function, node.lineno))
        times.append(time.process_time())
print(json.dumps([times, peak()]))
"""
_JEDI = """
import jedi
from jedi.api.environment import InterpreterEnvironment
jedi.settings.cache_directory = cache
started, written = [], set()
def watch(event, arguments):
    if event == "subprocess.Popen":
        started.append(arguments[1])
    elif event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        written.add(str(arguments[0]))
if not own:
    sys.addaudithook(watch)
times.append(time.process_time())
project = jedi.Project(root, added_sys_path=[root + "/src"])
environment = InterpreterEnvironment() if own else None
script = jedi.Script(path=root + "/" + name, project=project, environment=environment)
for position in positions:
    script.goto(*position, follow_imports=True)
    script.infer(*position)
    times.append(time.process_time())
user = [name for name, module in sys.modules.items() if str(getattr(module, "__file__", "")).startswith(root)]
print(json.dumps([times, peak(), len(started), len(written), user]))
"""


@dataclass(frozen=True)
class Cost:
    """Of one process: seconds of CPU to import, to the first answer, and per further one; peak memory in MiB."""

    imported: float
    first: float
    further: float
    peak: float


def costs(failures: Sequence[Failure], folder: Path) -> None:
    """Print what the first answers in a new process cost."""
    ours, cold, warm = [], [], []
    cache = folder / "cache"
    for number, failure in enumerate(failures):
        asked = OfSnapfix(failure).asked
        first = [each for each in asked if each.scope.function is asked[0].scope.function]
        ours.append(_cost(_once(_SNAPFIX, first, cache)))
        cold.append(_cost(_once(_JEDI, first, cache / str(number))))
        warm.append(_cost(_once(_JEDI, first, cache / str(number))))
    print(f"\n{len(failures)} failing functions, each in a new process; medians (largest)")
    for title, column in (("Snapfix", ours), ("jedi, empty cache", cold), ("jedi, full cache", warm)):
        _print_cost(title, column)
    size = sum(path.stat().st_size for path in (cache / "0").rglob("*") if path.is_file())
    print(f"jedi's cache of one function's names: {size / 1024**2:.1f} MiB")
    asked = OfSnapfix(failures[0]).asked[:20]
    _, _, processes, files, imported = _once(_JEDI, asked, cache / "watched", own=False)
    print(f"jedi by its defaults, in one process: {processes} interpreters started, {files} files written,")
    print(f"modules of the project imported: {', '.join(imported) or 'none'}")


def _once(code: str, asked: Sequence[Asked], cache: Path, *, own: bool = True) -> list[Any]:
    """What a new process prints that asks for the names; ``own`` keeps jedi from starting another interpreter."""
    module, root = asked[0].scope.module, str(asked[0].failure.root.resolve())
    positions = [each.position for each in asked if each.scope.module is module]
    told = json.dumps([root, module.file.name, asked[0].node.lineno, positions, str(cache), own])
    environment = {**measure.environment(None), "HOME": str(cache), "XDG_CACHE_HOME": str(cache)}
    argv = [sys.executable, "-c", _COMMON + code]
    done = subprocess.run(argv, env=environment, input=told, capture_output=True, text=True, check=True)
    printed: list[Any] = json.loads(done.stdout)
    return printed


def _cost(printed: list[Any]) -> Cost:
    began, imported, first, *further = printed[0]
    rest = further[-1] - first if further else 0.0
    return Cost(imported - began, first - imported, rest / max(len(further), 1), printed[1])


def _print_cost(title: str, column: Sequence[Cost]) -> None:
    def of(values: Iterator[float], factor: float = 1000.0) -> str:
        ordered = sorted(factor * value for value in values)
        return f"{median(ordered):.1f} ({ordered[-1]:.1f})"

    print(
        f"{title:<18} import {of(c.imported for c in column)} ms, first name {of(c.first for c in column)} ms, "
        f"each further {of(c.further for c in column)} ms, {of((c.peak for c in column), 1.0)} MiB"
    )


# -- the command -----------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.resolution", description=__doc__)
    parser.add_argument("project", nargs="*", default=PROJECTS, help="projects; the five large ones by default")
    parser.add_argument("--samples", type=int, default=0, help="show so many of each disagreement")
    parser.add_argument("--one-script", action="store_true", help="ask one jedi.Script per file, not one per name")
    parser.add_argument("--no-costs", action="store_true", help="only compare the answers")
    options = parser.parse_args(arguments)
    if find_spec("jedi") is None:
        sys.exit("jedi is not installed here; `pip install jedi` (into an environment of its own) and run this again")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder  # where jedi keeps its cache
        chosen = [bug for project in options.project for bug in bugs.load(project)]
        failures = context.run_all(chosen, Path(folder))
        comparisons = compare(failures, anew=not options.one_script)
        print(f"{len(failures)} bugs, {comparisons[0].rows[0].total():,} names and attributes")
        for comparison in comparisons:
            report(comparison)
            if options.samples:
                show(comparison, options.samples)
        if OfJedi.failed:
            print(f"\njedi raised {', '.join(f'{name} {count} times' for name, count in OfJedi.failed.items())}")
        if not options.no_costs:
            costs(failures[::6], Path(folder))


if __name__ == "__main__":
    main()
