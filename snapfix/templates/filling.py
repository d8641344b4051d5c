"""Filling a template: Jinja2 in a sandbox, bounded in time and memory."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snapfix.errors import SettingsError
from snapfix.prompt import Message
from snapfix.templates.fields import Fields
from snapfix.templates.loading import Section, Template, bad
from snapfix.tokens import estimate_tokens

if TYPE_CHECKING:
    import jinja2


_MAX_OUTPUT_CHARS = 4 * 1024 * 1024
_MAX_ITERATIONS = 10_000
_MAX_REPEAT = 10_000
_MESSAGE_TOKENS = 4


class Filler:
    """Fills one template again and again, to find out what fits."""

    def __init__(self, template: Template, budget: int, language: str) -> None:
        self._template = template
        self._language = language
        self._sections = [(section.role, *_compile(section, template.path)) for section in template.sections]
        self.budget = max(budget, 0)
        self._own = size(self.fill(Fields()))

    def cost(self, fields: Fields) -> int:
        """What the fields add to the template's own text, in tokens."""
        return size(self.fill(fields)) - self._own

    def fill(self, fields: Fields) -> tuple[Message, ...]:
        """The messages.

        Raises:
            SettingsError: the template fails.
        """
        variables = {
            "language": self._language,
            "traceback": fields.traceback,
            "facts": fields.facts,
            "hypothesis": fields.hypothesis,
            "following": fields.following,
            "changes": fields.changes,
            "library": fields.library,
            "pieces": fields.pieces,
            "masked": any("<redacted:" in text for text in fields.texts()),
        }
        messages = []
        for role, compiled, counter in self._sections:
            counter.clear()
            messages.append(Message(role, _render(compiled, variables, self._template.path)))
        return tuple(messages)


def size(messages: Iterable[Message]) -> int:
    """The estimated size of messages on the wire, in tokens."""
    return sum(estimate_tokens(message.content) + _MESSAGE_TOKENS for message in messages)


def _fenced(text: str, language: str = "") -> str:
    """A filter: the text in a code fence that nothing inside it can close."""
    longest = max((len(run) for run in re.findall(r"`{3,}", str(text))), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


_FILTERS = frozenset({
    "abs", "capitalize", "count", "d", "default", "fenced", "first", "float", "int", "last", "length", "list", "lower",
    "reverse", "round", "sort", "string", "title", "trim", "truncate", "unique", "upper", "wordcount",
})  # fmt: skip
"""None of these makes much out of little."""


def _check(tree: jinja2.nodes.Template, path: Path) -> None:
    """Refuse what a prompt needs not, and what could take for ever or fill the memory."""
    from jinja2 import nodes

    for node in tree.find_all((nodes.Call, nodes.Filter, nodes.Macro, nodes.CallBlock, nodes.Concat)):
        if isinstance(node, nodes.Filter):
            if node.name not in _FILTERS:
                known = ", ".join(f"`{name}`" for name in sorted(_FILTERS))
                raise bad(path, node.lineno, f"the filter `{node.name}` is not available", f"known: {known}")
        elif not (isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "range"):
            what = "calls (but of `range`), macros and `~` are not available"
            raise bad(path, node.lineno, what)


def _compile(section: Section, path: Path) -> tuple[jinja2.Template, Counter[str]]:
    """The section as a Jinja2 template, and the counter of its iterations."""
    from jinja2 import TemplateSyntaxError, nodes

    counter: Counter[str] = Counter()
    environment = _environment(counter)
    try:
        # The empty lines above make Jinja2's line numbers those of the file.
        tree = environment.parse("\n" * (section.first_line - 1) + section.text)
        _check(tree, path)
        for loop in tree.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
        return environment.from_string(tree), counter
    except TemplateSyntaxError as error:
        raise bad(path, error.lineno, f"the template is not valid: {error.message}") from None
    except (RecursionError, MemoryError):
        raise bad(path, None, "the template is nested too deep") from None


def _environment(counter: Counter[str]) -> jinja2.Environment:
    from jinja2 import StrictUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        """Jinja2's sandbox, without texts and numbers that are too large to be meant."""

        intercepted_binops = frozenset({"*", "**", "%", "+"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if _makes_much(operator, left, right):
                raise SecurityError(f"`{operator}` would make something too large")
            return super().call_binop(context, operator, left, right)

    def bounded_range(*arguments: int) -> Iterator[int]:
        for number in range(*arguments):
            counter["range"] += 1
            if counter["range"] > _MAX_ITERATIONS:
                raise SecurityError(f"`range` goes on for more than {_MAX_ITERATIONS} steps")
            yield number

    def counted(items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            counter["loops"] += 1
            if counter["loops"] > 2 * _MAX_ITERATIONS:
                raise SecurityError(f"the loops go on for more than {2 * _MAX_ITERATIONS} steps")
            yield item

    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    environment.globals.clear()
    environment.globals.update(range=bounded_range)
    environment.filters.update(fenced=_fenced, counted=counted)
    return environment


def _makes_much(operator: str, left: Any, right: Any) -> bool:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return operator == "**"
    if operator == "*":
        return max(_as_int(left), _as_int(right)) > _MAX_REPEAT or _length(left) + _length(right) > _MAX_REPEAT
    if operator == "+":
        return _length(left) + _length(right) > _MAX_OUTPUT_CHARS
    return True  # `%` writes a text of any width


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 0


def _as_int(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _render(compiled: jinja2.Template, variables: Mapping[str, Any], path: Path) -> str:
    parts: list[str] = []
    size = 0
    try:
        for part in compiled.generate(variables):
            size += len(part)
            if size > _MAX_OUTPUT_CHARS:
                raise bad(path, None, f"the template makes a prompt of more than {_MAX_OUTPUT_CHARS} characters")
            parts.append(part)
    except SettingsError:
        raise
    except Exception as error:  # whatever an expression of the template's author raises
        message = str(error) or type(error).__name__
        raise bad(path, _template_line(error), f"the template fails: {message[:200]}") from None
    return "".join(parts).strip() + "\n"


def _template_line(error: BaseException) -> int | None:
    """The template's line that an error came from: Jinja2 puts it into the traceback."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
