"""From the failing lines outwards: which of the project's definitions most likely hold the fix.

A best-first search over "uses". Each step away costs, uncertain steps cost more, and what speaks of the same things
as the crash costs less. The weights were chosen on the bugs of ``tests/benchmarks/bugs``, by their recall.
"""

from __future__ import annotations

import ast
import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from snapfix.crash import PieceKind
from snapfix.source.python import slices
from snapfix.source.python.fixtures import automatic_fixtures, fixture_of, is_test
from snapfix.source.python.inference import Inference, Kind, Scope
from snapfix.source.python.module import Module, Symbol
from snapfix.source.python.program import Program
from snapfix.source.python.uses import Use, Uses
from snapfix.source.search.mentions import calls_of, is_key, words_read, writers
from snapfix.source.search.relevance import Relevance
from snapfix.syntax import FunctionNode, definitions_around, every_node, statement_at, statements

_MAX_FOUND = 250
_MAX_LINES = 1200
"""Of all that is found: more than any ordinary budget has room for."""
_MAX_MAKERS = 10
_MAX_CALLS = 3
_MAKERS_OF = 2
_LEAST = 0.01
_STATEMENTS = 100
"""Of one function, after which the clock is looked at."""
_STEPS = 10
"""Between two looks at the clock, which is a system call."""
_MAX_ALIKE = 30
_USUAL = 15
"""Lines of an ordinary function."""
_MADE_BY = 4
_MAX_LINES_READ = 300
_WRITERS_OF = 4
"""Places on the stack, from the failing one on, whose state is looked for."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What a step from one definition to the next is worth, as a factor of 1.

    Attributes:
        on_the_line: used by the failing statement itself.
        reaching: used by a statement that the failing one takes a value from.
        before, after: used by another statement above or below it.
        caller: for each frame away from the failing one.
        further: for each further call away from the stack.
        beside: used in a called function, but not for what it gives back.
        origin: makes or writes what the code works on.
        registered: put into a used registry by a decorator.
        least_of_origin: how much it counts at least, whatever words it shares.
        least_on_the_line: the same for a function that the failing statement calls.
        writer: writes an attribute or key of the name that is read.
        maker: makes an object whose attribute is read on a running line.
        caller_of_writer: calls what writes an attribute or key that is read.
        alike: shares the most telling words with the crash, and nothing else is known.
        a_class: a class as such: its fields and bases, for its methods are found one by one.
        base_class: a base of a reached class.
        method: a method of a reached class, whether anything is seen to call it or not.
        attribute: an attribute that a method assigns, as such.
        special: a method that an operator calls.
        trivial: of a body of one or two lines.
        raised: used where an exception is raised.
        length: how much less a word counts in a long definition: 1 for in proportion to the lines, 0 for not.
        said, line, named, around: of a word of the message, of a running line, of the name of a function on the stack
            (the test's, as a rule), and of the failing function.
        base, body, name: how much counts at all, with words shared by the body, and by the name.
    """

    on_the_line: float = 1.05
    reaching: float = 1.0
    before: float = 0.25
    after: float = 0.15
    caller: float = 0.8
    further: float = 1.0
    beside: float = 0.7
    origin: float = 0.7
    registered: float = 0.8
    least_of_origin: float = 0.8
    least_on_the_line: float = 1.0
    writer: float = 1.0
    maker: float = 1.0
    caller_of_writer: float = 0.5
    alike: float = 0.6
    a_class: float = 0.25
    base_class: float = 0.5
    method: float = 0.25
    attribute: float = 0.7
    special: float = 0.3
    trivial: float = 0.55
    raised: float = 0.25
    length: float = 0.3
    said: float = 0.6
    line: float = 2.0
    named: float = 1.4
    around: float = 0.5
    base: float = 0.34
    body: float = 1.1
    name: float = 0.8


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Root:
    """A place on the stack.

    Attributes:
        module: the file.
        function: None for the module's own code.
        linenos: the lines that were running.
        weight: 1 for the failing place, less for its callers.
    """

    module: Module
    function: Symbol | None
    linenos: tuple[int, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition that may hold the fix.

    Attributes:
        symbol: the function, class or assignment.
        score: how likely, against the others: 0 to 1.
        kind: why it was found.
    """

    symbol: Symbol
    score: float
    kind: PieceKind


@dataclass(order=True)
class _Pending:
    priority: float
    number: int
    symbol: Symbol = field(compare=False)
    score: float = field(compare=False)
    kind: PieceKind = field(compare=False)


class Search:
    """One search; ``expired`` is asked between steps, and ends it early."""

    def __init__(
        self,
        program: Program,
        inference: Inference,
        relevance: Relevance,
        expired: Callable[[], bool],
        weights: Weights = WEIGHTS,
    ) -> None:
        self._weights = weights
        self._program = program
        self._inference = inference
        self._relevance = relevance
        self._expired = expired
        self._uses = Uses(inference)
        self._heap: list[_Pending] = []
        self._best: dict[tuple[str, int], float] = {}
        self._literals: set[str] = set()
        self._calls: dict[tuple[str, int], tuple[tuple[Symbol, float], ...]] = {}
        self._likelihoods: dict[tuple[str, int], float] = {}
        self.stopped = False

    def run(self, roots: Sequence[Root]) -> list[Candidate]:
        """The definitions that the roots lead to, the likeliest first; the roots themselves are not among them."""
        own = {root.function.key for root in roots if root.function is not None}
        self._literals = {literal for root in roots if root.function for literal in _literals([root.function.node])}
        for root in roots[:_MADE_BY]:
            self._note_classes(root)
        for root in roots:
            self._start(root)
        self._start_with_writers(roots)
        for symbol, alike in self._most_alike():
            self._push(symbol, self._weights.alike * alike, PieceKind.ALIKE)
        found: list[Candidate] = []
        done = set(own)
        lines = 0
        while self._heap and len(found) < _MAX_FOUND and lines < _MAX_LINES:
            if len(found) % _STEPS == 0 and self._expired():
                self.stopped = True  # what is known by now is taken, but nothing that it leads to
            pending = heapq.heappop(self._heap)
            if pending.symbol.key in done:
                continue
            done.add(pending.symbol.key)
            found.append(Candidate(pending.symbol, -pending.priority, pending.kind))
            lines += pending.symbol.last_line - pending.symbol.first_line + 1
            if not self.stopped:
                self._expand(pending)
        return sorted(found, key=lambda candidate: -candidate.score)

    def _push(
        self, symbol: Symbol, score: float, kind: PieceKind = PieceKind.DEFINITION, *, least: float = 0.0
    ) -> None:
        if is_test(symbol):  # another one: no test calls it
            return
        if score < _LEAST or self._best.get(symbol.key, 0.0) >= score:
            return
        self._best[symbol.key] = score
        floor = self._weights.least_of_origin if kind is PieceKind.ORIGIN else least
        shown = score * max(self._likelihood(symbol), floor)
        heapq.heappush(self._heap, _Pending(-shown, len(self._best) + len(self._heap), symbol, score, kind))

    def _likelihood(self, symbol: Symbol) -> float:
        """How likely a definition holds a fault, whatever leads to it."""
        weights = self._weights
        if symbol.key not in self._likelihoods:
            lines = symbol.last_line - symbol.first_line + 1
            shared = self._relevance.of(_code(symbol)) * (_USUAL / max(lines, _USUAL)) ** weights.length
            found = weights.base + weights.body * shared + weights.name * self._relevance.of(symbol.name)
            if symbol.is_class:
                found *= weights.a_class
            elif symbol.definition is None and "." in symbol.qualname:
                found *= weights.attribute
            elif symbol.is_function and _is_trivial(symbol.node):
                found *= weights.trivial
            if symbol.name.startswith("__") and symbol.name not in ("__init__", "__post_init__", "__call__"):
                found *= weights.special
            self._likelihoods[symbol.key] = found
        return self._likelihoods[symbol.key]

    # -- where it starts ----------------------------------------------------------------------------------------

    def _note_classes(self, root: Root) -> None:
        """Let the classes that a place uses be known before the methods of unknown objects are guessed."""
        if root.function is not None and root.function.last_line - root.function.first_line < _MAX_LINES_READ:
            for statement in statements(root.function.node):
                for _ in self._uses.of([statement], root.module, root.function):
                    pass

    def _start(self, root: Root) -> None:
        body = root.function.node if root.function is not None else root.module.tree
        if body is None:
            return
        weights = self._weights
        reaching = {id(step.node) for step in slices.reaching(body, root.linenos)}
        for number, step in enumerate(slices.steps(body)):
            if number % _STATEMENTS == _STATEMENTS - 1 and self._expired():
                self.stopped = True
                return
            direct = any(step.first <= lineno <= step.last for lineno in root.linenos)
            before = step.first < max(root.linenos, default=0)
            near = weights.on_the_line if direct else weights.reaching if id(step.node) in reaching else None
            factor = near or (weights.before if before else weights.after)
            if root.function is None and not direct and id(step.node) not in reaching:
                continue
            for use in self._uses.of([step.node], root.module, root.function):
                self._push_use(use, root.weight * factor, least=weights.least_on_the_line if direct else 0.0)
        if root.function is not None:
            self._start_around(root, root.function)

    def _start_with_writers(self, roots: Sequence[Root]) -> None:
        """What writes the attributes and keys that the failing lines read, and makes the objects that have them."""
        read: list[str] = []
        for number, root in enumerate(roots[:_WRITERS_OF]):
            for step in _running(root):
                parts = list(slices.own_parts(step.node))
                read += words_read(parts)
                if number < _MAKERS_OF:
                    self._start_with_makers(parts, root, roots)
            if root.function is not None and is_test(root.function):
                read += _literals([root.function.node])  # what it is about: the keys of a table, the names of options
        for symbol, weight in writers(filter(is_key, read), self._program):
            self._push_origin(symbol, weight * self._weights.writer, roots)

    def _start_with_makers(self, parts: Sequence[ast.AST], root: Root, roots: Sequence[Root]) -> None:
        scope = Scope(root.module, root.function, root.linenos[0])
        for node in (node for part in parts for node in every_node(part) if isinstance(node, ast.Attribute)):
            for value in self._inference.values(node.value, scope):
                if value.kind is Kind.INSTANCE and value.symbol is not None and node.attr not in ("self", "cls"):
                    if isinstance(node.value, ast.Name) and node.value.id == "self":
                        continue
                    for symbol, weight in self._calls_of(value.symbol, _MAX_MAKERS):
                        self._push_origin(symbol, root.weight * weight * self._weights.maker, roots)

    def _push_origin(self, symbol: Symbol, score: float, roots: Sequence[Root]) -> None:
        """A statement that writes something, and its function; and what calls that, where it is clear."""
        if any(_holds(root, symbol) for root in roots):
            return
        self._push_use(Use(symbol, symbol.node.lineno), score)
        method = symbol.module.scope_at(symbol.node.lineno)
        if method is not None and not method.name.startswith("__"):
            for caller, weight in self._calls_of(method, _MAX_CALLS):
                if not any(_holds(root, caller) for root in roots):
                    self._push_use(Use(caller, caller.node.lineno), score * weight * self._weights.caller_of_writer)

    def _calls_of(self, called: Symbol, limit: int) -> tuple[tuple[Symbol, float], ...]:
        if called.key not in self._calls:
            self._calls[called.key] = tuple(calls_of(called, self._program, limit=limit))
        return self._calls[called.key]

    def _most_alike(self) -> Iterator[tuple[Symbol, float]]:
        """The definitions that speak most of the same things, whether anything leads to them or not."""
        for file, lineno, alike in self._relevance.most_alike(_MAX_ALIKE):
            module = self._program.of(file)
            found = next(iter(definitions_around(file.text, lineno)), None)
            if found is not None and found.qualname in module.definitions:
                yield module.definitions[found.qualname], alike

    def _start_around(self, root: Root, function: Symbol) -> None:
        """What fills the parameters of a test, decorates the function, or is the state of its object."""
        if is_test(function):
            for parameter in _parameters(function):
                fixture = fixture_of(parameter, function, self._program)
                if fixture is not None:
                    self._push(fixture, root.weight * self._weights.reaching, PieceKind.ORIGIN)
            for fixture in automatic_fixtures(function, self._program):
                self._push(fixture, root.weight * self._weights.before, PieceKind.ORIGIN)
        if isinstance(function.node, FunctionNode):
            for use in self._uses.of(function.node.decorator_list, root.module, None):
                self._push_use(use, root.weight * self._weights.before)
        owner = self._inference.owner(function)
        if owner is not None:
            for member in self._inference.members(owner, "__init__"):
                self._push(member, root.weight * self._weights.before, PieceKind.ORIGIN)

    def _push_use(self, use: Use, factor: float, *, least: float = 0.0) -> None:
        """The definition; where a method assigns it, the method, and of a long one the statement as well."""
        symbol, score = use.symbol, factor * use.weight
        method = symbol.module.scope_at(symbol.node.lineno) if symbol.definition is None else None
        if method is not None:
            self._push(method, score * self._weights.origin, PieceKind.ORIGIN)
        if method is None or method.last_line - method.first_line >= _USUAL:
            self._push(symbol, score, least=least if symbol.is_function else 0.0)

    # -- how it goes on -----------------------------------------------------------------------------------------

    def _expand(self, pending: _Pending) -> None:
        symbol, factor = pending.symbol, pending.score * self._weights.further
        if symbol.is_class:
            self._expand_class(symbol, factor)
        elif symbol.is_function:
            self._expand_function(symbol, factor)
        else:
            self._expand_assignment(symbol, factor, pending.score)

    def _expand_class(self, symbol: Symbol, factor: float) -> None:
        for base in list(self._inference.lineage(symbol))[1:]:
            self._push(base, factor * self._weights.base_class)
        for method in symbol.module.methods(symbol):
            self._push(method, factor * self._weights.method)

    def _expand_function(self, symbol: Symbol, factor: float) -> None:
        weights = self._weights
        needed = {number for step in slices.giving_back(symbol.node) for number in range(step.first, step.last + 1)}
        for node, is_raised in _inside(symbol.node):
            for use in self._uses.of([node], symbol.module, symbol):
                part = weights.raised if is_raised else 1.0 if use.lineno in needed else weights.beside
                self._push_use(use, factor * part)

    def _expand_assignment(self, symbol: Symbol, factor: float, score: float) -> None:
        method = symbol.module.scope_at(symbol.node.lineno)
        value = getattr(symbol.node, "value", None)
        if isinstance(value, ast.expr):
            for use in self._uses.of([value], symbol.module, method):
                self._push_use(use, factor)
        for registered in self._registered(symbol) if method is None else ():
            decorators = getattr(registered.node, "decorator_list", [])
            named = any(literal in self._literals for literal in _literals(decorators))
            for each in (registered, *registered.module.methods(registered)):
                self._push(each, score if named else factor * self._weights.registered)

    def _registered(self, registry: Symbol) -> Iterator[Symbol]:
        """What decorators put into a registry: ``@register("csv")`` where ``register`` stores into it."""
        name, module = re.escape(registry.name), registry.module
        stores = re.compile(rf"\b{name}(?:\[[^\]\n]*\]\s*=(?!=)|\.(?:append|add|setdefault|insert|update)\()")
        makers: dict[str, Symbol] = {}
        for match in stores.finditer(module.file.text):
            function = module.scope_at(module.file.text.count("\n", 0, match.start()) + 1)
            if function is not None:
                outermost = module.definitions.get(function.qualname.partition(".")[0], function)
                makers[function.qualname] = outermost if outermost.is_function else function
        for maker in makers.values():
            yield from self._program.decorated_with(maker)


def _running(root: Root) -> Iterator[slices.Step]:
    """The statements that were running."""
    body = root.function.node if root.function is not None else root.module.tree
    for lineno in root.linenos[:3] if body is not None else ():
        step = slices.at(body, lineno)  # type: ignore[arg-type]
        if step is not None:
            yield step


def _holds(root: Root, symbol: Symbol) -> bool:
    """The symbol stands in the function of the root."""
    function = root.function
    return (
        function is not None
        and function.module is symbol.module
        and function.first_line <= symbol.first_line <= function.last_line
    )


def _literals(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The texts in some code."""
    for node in nodes:
        for inner in every_node(node):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value:
                yield inner.value


def _is_trivial(function: ast.AST) -> bool:
    """It has one statement, and that on one line, a docstring aside."""
    body = getattr(function, "body", [])
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return len(body) <= 1 and all(statement.lineno == statement.end_lineno for statement in body)


def _inside(function: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """The code of a function, nested functions taken apart too, and whether it only makes an exception.

    Annotations are left out: they name types, they do nothing.
    """
    if isinstance(function, FunctionNode):
        arguments = function.args
        for node in (*function.decorator_list, *arguments.defaults, *arguments.kw_defaults):
            if node is not None:
                yield node, False
    for statement in statements(function):
        if isinstance(statement, ast.AnnAssign):
            yield from ((part, False) for part in (statement.target, statement.value) if part is not None)
        else:
            yield statement, isinstance(statement, ast.Raise)


def _parameters(function: Symbol) -> list[str]:
    if not isinstance(function.node, FunctionNode):
        return []
    arguments = function.node.args
    return [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def _code(symbol: Symbol) -> str:
    return "\n".join(symbol.module.lines[symbol.first_line - 1 : symbol.last_line])


def calls_on_the_stack(frames: Sequence[Root], inference: Inference) -> None:
    """Tell the inference what the stack shows: which expressions each function was called with.

    Args:
        frames: outermost first, one line each.
        inference: is told.
    """
    for outer, inner in pairwise(frames):
        body = outer.function.node if outer.function is not None else outer.module.tree
        statement = statement_at(body, outer.linenos[0]) if body is not None else None
        if statement is None or inner.function is None:
            continue
        wanted = inner.function.name
        owner = inference.owner(inner.function)
        names = {wanted, owner.name} if owner is not None and wanted in ("__init__", "__post_init__") else {wanted}
        calls = [node for node in every_node(statement) if isinstance(node, ast.Call) and _called_name(node) in names]
        if len(calls) == 1:
            scope = Scope(outer.module, outer.function, outer.linenos[0])
            inference.arguments.setdefault(inner.function.key, (scope, calls[0]))


def _called_name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
