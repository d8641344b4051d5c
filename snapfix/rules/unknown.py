"""What can be said where no rule applies: what the exception means, where it surfaced, what to look at next.

Nothing is guessed here: the answer is UNSURE, and its fix, if any, is advice.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TypeGuard

from snapfix.crash import Crash, CrashContext, ParsedException, PlacedFrame, Relation
from snapfix.diagnosis import Confidence, Diagnosis, Evidence, Fix, Location
from snapfix.rules.base import Place, innermost_place, place_of, quote, raising_place
from snapfix.rules.evidence.bindings import Kind, ancestors, module_bindings
from snapfix.rules.tables.stdlib_names import is_known, public_names
from snapfix.syntax import FunctionNode

_MAX_MESSAGE = 300
_MAX_NAMES = 4
_MAX_HINTED = 1_000
_MAX_CHAIN = 6
_TYPED = {
    "<stdin>": "the program that was typed in or piped to Python",
    "<string>": "code that was given as a string, with `-c`, `exec` or `eval`",
    "<console>": "the program that was typed in",
    "<python-input>": "the program that was typed in",
}
"""File names that stand for code of the user's own, and what it is."""

_ASKED = re.compile(r"[Dd]id you (?:mean|forget)[^\n?]{1,200}\?|[Pp]erhaps you [^\n?]{1,200}\?")
_LANGUAGES = {
    "javascript": "JavaScript",
    "java": "Java",
    "go": "Go",
    "rust": "Rust",
    "ruby": "Ruby",
    "php": "PHP",
    "csharp": ".NET",
    "perl": "Perl",
    "c": "C",
}
_MEANINGS: dict[str, tuple[str, str]] = {
    "ArithmeticError": ("A calculation cannot give a result.", "Look at the operands' values."),
    "AssertionError": (
        "A condition that an `assert` states does not hold.",
        "Look at the values in the condition: which of them is not what the assertion expects?",
    ),
    "AttributeError": (
        "An object does not have the attribute or method that was asked for.",
        "Check what the object really is at this point: print its `type()`.",
    ),
    "BlockingIOError": ("An operation would have to wait on something set not to wait.", "Wait until it is ready."),
    "BrokenPipeError": ("The other end stopped reading.", "Look at the program or connection that was written to."),
    "BufferError": ("A buffer is in use, so that it cannot be changed.", "Release the views of it first."),
    "ChildProcessError": ("A child process cannot be waited for.", "Check which process was started, and by whom."),
    "ConnectionError": ("A connection failed.", "Check the address and whether the other side runs."),
    "ConnectionAbortedError": ("The connection was given up.", "Look at the log of the other side."),
    "ConnectionRefusedError": (
        "Nothing accepts connections at that address and port.",
        "Check that the server runs, and that host and port are the ones it listens on.",
    ),
    "ConnectionResetError": ("The other side closed the connection.", "Look at the log of the other side."),
    "EOFError": ("There is no more input to read.", "Check what standard input, or the file, holds."),
    "Exception": ("The code raised a general exception.", "Look at the `raise` and the condition that leads to it."),
    "ExceptionGroup": (
        "Several operations that ran together failed.",
        "Look at the exceptions in the group one by one; the first is often the cause of the others.",
    ),
    "FileExistsError": ("Something of that name is there already.", "Choose another name, or allow it to exist."),
    "FileNotFoundError": (
        "No file or folder is found under that path.",
        "Check the path, and from which folder the program was started.",
    ),
    "FloatingPointError": ("A floating point operation failed.", "Look at the operands' values."),
    "GeneratorExit": ("A generator was closed.", "It should not be caught: look for a bare `except`."),
    "ImportError": (
        "A module was found, but what was asked of it could not be imported.",
        "Check the spelling of the name, the module's version, and whether modules import each other.",
    ),
    "IndentationError": ("The indentation does not fit.", "Compare the white space with the lines above."),
    "IndexError": (
        "A sequence has no element at that position.",
        "Check how long the sequence is at this point, and whether it may be empty.",
    ),
    "InterruptedError": ("A signal interrupted a system call.", "Look at the program's signal handlers."),
    "IsADirectoryError": ("The path is a folder where a file is needed.", "Check how the path was put together."),
    "JSONDecodeError": (
        "The text is not JSON.",
        "Print the beginning of the text: it may be empty, an HTML page, or cut off.",
    ),
    "KeyError": (
        "A dictionary has no such key.",
        "Print the dictionary's keys at this point, and check how the key was made.",
    ),
    "KeyboardInterrupt": ("The program was interrupted from the keyboard (Ctrl-C).", "Nothing is wrong by itself."),
    "LookupError": ("A key, position or codec was not found.", "Check the name or position that was looked up."),
    "MemoryError": ("There is not enough memory.", "Look at the size of what the line creates."),
    "ModuleNotFoundError": (
        "A module is not found in the places where Python looks.",
        "Check its spelling, whether it is installed for this interpreter, and how the program was started.",
    ),
    "NameError": (
        "A name is not defined at this point.",
        "Check its spelling, and whether it is imported or assigned.",
    ),
    "NotADirectoryError": ("Part of the path is a file, not a folder.", "Check how the path was put together."),
    "NotImplementedError": (
        "The code says that this case is not implemented.",
        "Look for the subclass or the method that should implement it.",
    ),
    "OSError": ("The operating system refused an operation.", "The number and text in the message name the reason."),
    "OverflowError": ("A result is too large.", "Look at the operands' values."),
    "PermissionError": ("The operating system does not permit the operation.", "Check the rights and the owner."),
    "ProcessLookupError": ("There is no such process.", "Check whether it has ended already."),
    "RecursionError": (
        "Functions call each other too deeply.",
        "Look for the condition that should end the recursion: does the argument change with each call?",
    ),
    "ReferenceError": ("An object that a weak reference pointed to is gone.", "Keep a reference to it."),
    "RuntimeError": ("An operation is not possible in this state.", "The message names the state."),
    "StopAsyncIteration": ("An asynchronous iterator is exhausted.", "Check whether it had any element."),
    "StopIteration": ("An iterator is exhausted.", "Give `next()` a default, or check that there is an element."),
    "SyntaxError": ("The file is not valid Python.", "Look at the marked place and at the lines above it."),
    "SystemError": ("The interpreter met an internal fault.", "Look at extension modules, and report it."),
    "SystemExit": ("The program ended itself.", "Look at the call of `exit`."),
    "TabError": ("Tabs and spaces are mixed in the indentation.", "Use one of them throughout."),
    "TimeoutError": ("An operation took too long.", "Check what it waited for."),
    "TypeError": (
        "An operation or call was given a value of a type that it cannot take.",
        "Print the `type()` of each value on the line.",
    ),
    "UnboundLocalError": (
        "A local variable is read before it has a value.",
        "Look for the branches of the function that do not assign it.",
    ),
    "UnicodeDecodeError": ("Bytes are not text in the expected encoding.", "Check which encoding the source has."),
    "UnicodeEncodeError": ("A character cannot be written in that encoding.", "Use UTF-8 for the output."),
    "UnicodeError": ("Text cannot be converted.", "Check which encoding it has."),
    "UnicodeTranslateError": ("Text cannot be translated.", "Check which characters it holds."),
    "PythonFinalizationError": ("The interpreter is shutting down.", "End threads and tasks before the program ends."),
    "ValueError": (
        "A value has the right type, but its content is not acceptable.",
        "Print the value that is passed on this line.",
    ),
    "ZeroDivisionError": ("A number is divided by zero.", "Check where the divisor comes from, and when it is 0."),
}
"""Exception -> what it means in general, and what to look at first."""


def describe(context: CrashContext) -> Diagnosis:
    """What is known of a crash, and what to look at; always UNSURE."""
    crash = _surfaced(context)
    if context.traceback.language != "python":
        return _describe_foreign(context, crash)
    exception = crash.exception
    place = innermost_place(crash)
    meaning, advice = _meaning(context, exception)
    next_look = _hint(exception) or _with_names(advice, place)
    steps = [*filter(None, [next_look]), *(_looks(crash, place) if place is not None else ())]
    return Diagnosis(
        error_analysis=" ".join(filter(None, [_shown(exception), meaning, *_chain(context, exception)])),
        root_cause=f"The cause could not be told from the code alone. {_where(crash, place)}{_condition(place)}",
        location=_location(crash, place),
        evidence=_evidence(crash, place),
        fix=Fix(" ".join(steps)) if steps else None,
        confidence=Confidence.UNSURE,
    )


def _describe_foreign(context: CrashContext, crash: Crash) -> Diagnosis:
    """What is known of a crash of another language: what it says itself, and where it was."""
    language = _LANGUAGES.get(context.traceback.language, context.traceback.language)
    place = innermost_place(crash)
    asked = _ASKED.search(crash.exception.message[:_MAX_HINTED])
    hint = f"The message itself asks: {asked[0][0].upper()}{asked[0][1:]} " if asked else ""
    known = f"The built-in analyser reads {language}'s crashes, but knows only Python's causes."
    return Diagnosis(
        error_analysis=" ".join([_shown(crash.exception), *_chain(context, crash.exception)]),
        root_cause=f"{known} {_where(crash, place)}",
        location=_location(crash, place),
        evidence=_evidence(crash, place),
        fix=Fix(
            f"{hint}To have the cause looked for, name a model with `--model`: what it would be sent is shown first "
            "by `--show-prompt`."
        ),
        confidence=Confidence.UNSURE,
    )


def _surfaced(context: CrashContext) -> Crash:
    """The exception to speak of: the first with a frame of the project's own, else the first."""
    return next((crash for crash in context.crashes if crash.innermost is not None), context.crashes[0])


def _shown(exception: ParsedException) -> str:
    if not exception.type_name:
        return "The traceback was cut off before its exception."
    first = exception.message.split("\n", 1)[0]
    first = first[:_MAX_MESSAGE] + ("…" if len(first) > _MAX_MESSAGE else "")
    return f"`{exception.type_name}: {first}`." if first else f"`{exception.type_name}`, without a message."


def _hint(exception: ParsedException) -> str:
    """What Python itself suggests in the message, or what a module's name suggests."""
    message = exception.message[:_MAX_HINTED]
    found = _ASKED.search(message)
    if found is not None:
        return f"Python itself asks: {found[0][0].upper()}{found[0][1:]}"
    missing = re.match(r"module '(\w+)' has no attribute '(\w+)'", message)
    if missing is not None and is_known(missing[1]) and missing[1] in public_names(missing[1]):
        name, attribute = missing[1], missing[2]
        return f"`{name}` is the module here: `{name}.{name}`, which it holds, may have `{attribute}`."
    return ""


def _with_names(advice: str, place: Place | None) -> str:
    """The advice, with what the failing line reads."""
    names = _names_on(place) if place is not None and not place.placed.changed else []
    if not advice or not names or place is None:
        return advice
    listed = ", ".join(f"`{name}`" for name in names[:_MAX_NAMES])
    return f"{advice[:-1]} (line {place.lineno} reads {listed}){advice[-1]}"


def _meaning(context: CrashContext, exception: ParsedException) -> tuple[str, str]:
    name = exception.short_name.removeprefix("Base") if exception.members else exception.short_name
    if name in _MEANINGS:
        return _MEANINGS[name]
    advice = "Look at the `raise` that made it, and at the condition that leads there."
    for file in context.files:
        if any(bound.kind is Kind.CLASS for bound in module_bindings(file.text).get(name, [])):
            return f"That is an exception of the project's own, defined in {file.name}.", advice
    library = exception.type_name.partition(".")[0] if "." in exception.type_name else ""
    if library:
        return f"That is an exception of `{library}`.", f"Look up `{name}` in the documentation of `{library}`."
    return "", advice if name else ""


def _chain(context: CrashContext, exception: ParsedException) -> Iterator[str]:
    """How the exceptions of the traceback follow from each other, and what a group holds."""
    last = context.traceback.exception
    chain = [last]
    while (previous := chain[-1].previous) is not None:
        chain.append(previous)
    if len(chain) > 1:
        links = [
            f"which caused {_named(after)}" if before.relation is Relation.CAUSE else f"then {_named(after)}"
            for before, after in pairwise(reversed(chain))
        ]
        more = f", and {len(links) - _MAX_CHAIN} more" if len(links) > _MAX_CHAIN else ""
        yield f"The chain: {', '.join([_named(chain[-1]), *links[:_MAX_CHAIN]])}{more}."
        if exception is not last:
            yield f"What was printed last, {_named(last)}, only followed from it."
    members = [_shown(member).rstrip(".") for member in exception.members]
    if members:
        more = f", and {len(members) - _MAX_CHAIN} more" if len(members) > _MAX_CHAIN else ""
        yield f"It holds {', '.join(members[:_MAX_CHAIN])}{more}."


def _named(exception: ParsedException) -> str:
    return exception.short_name or "an exception that was cut off"


def _where(crash: Crash, place: Place | None) -> str:
    last = crash.frames[-1] if crash.frames else None
    if last is None:
        return "The traceback has no frames."
    if place is not None:
        inside = f", in `{place.location.function}`" if place.location.function else ""
        line = place.placed.frame.code.split("\n", 1)[0] if place.placed.changed else place.line
        at = f"{place.file.name}:{place.lineno}{inside}"
        shown = f": `{line.strip()}`" if line.strip() else ""
        if raising_place(crash) is not None:
            return f"It was raised at {at}{shown}."
        return f"It was raised {_raiser(last)}, which {at} called{shown}."
    if _typed(last):
        return f"It was raised {_raiser(last)}."
    frame = crash.innermost or last
    shown = f": `{frame.frame.code.strip()}`" if frame.frame.code.strip() else ""
    unread = " (its source was not found)" if frame.in_app else ", which is not the project's own code"
    return f"It was raised in {_name(frame)}{unread}{shown}."


def _condition(place: Place | None) -> str:
    """Under which condition the line raises, where it is a ``raise`` in an ``if``."""
    if place is None or not isinstance(place.statement, ast.Raise):
        return ""
    around = ancestors(place.file.text, place.statement)
    branch = next((node for node in around if isinstance(node, ast.If | FunctionNode)), None)
    if not isinstance(branch, ast.If):
        return ""
    negated = any(place.statement is node for child in branch.orelse for node in ast.walk(child))
    holds = "does not hold" if negated else "holds"
    return f" It is raised where `{ast.unparse(branch.test)}` {holds} (line {branch.lineno})."


def _raiser(last: PlacedFrame) -> str:
    frame = last.frame
    if typed := _typed(last):
        return f"on line {frame.lineno} of {typed} (`{frame.filename}`)"
    file = frame.filename.replace("\\", "/").rpartition("/")[2]
    return f"inside a library (`{frame.name}` in {file})" if frame.name else f"inside {file}"


def _typed(placed: PlacedFrame) -> str:
    """What a frame without a file belongs to, where that is the user's own code; ``<python-input-0>`` has a number."""
    return _TYPED.get(re.sub(r"-\d+>$", ">", placed.frame.filename), "")


def _name(frame: PlacedFrame) -> str:
    lineno = f":{frame.frame.lineno}" if frame.frame.lineno is not None else ""
    return f"{frame.frame.filename}{lineno}"


def _location(crash: Crash, place: Place | None) -> Location | None:
    if place is not None:
        return place.location
    frame = crash.innermost
    return Location(frame.frame.filename, frame.frame.lineno, frame.frame.name or None) if frame is not None else None


def _evidence(crash: Crash, place: Place | None) -> tuple[Evidence, ...]:
    """The line, and the project's line that called it."""
    if place is None:
        return ()
    callers = [place_of(frame) for frame in crash.frames if frame.in_app]
    found = [one for one in callers if one is not None and one.file is not None]
    lines = [(one.file, one.lineno) for one in found[-2:]] or [(place.file, place.lineno)]
    return tuple(quote(file, lineno) for file, lineno in reversed(lines) if file.lines[lineno - 1].strip())


def _looks(crash: Crash, place: Place) -> Iterator[str]:
    """What else to look at: whether the file is the one that ran, and who passed what the failing line reads."""
    if place.placed.changed:
        yield f"{place.file.name} has changed since the crash: run the program again for a traceback that fits it."
        return
    callers = [found for frame in crash.frames if frame.in_app and (found := place_of(frame)) is not None]
    function = place.function
    if len(callers) < 2 or function is None or isinstance(function.node, ast.ClassDef):
        return
    caller, taken = callers[-2], {argument.arg for argument in ast.walk(function.node.args) if _is_argument(argument)}
    passed = [name for name in _names_on(place) if name.partition(".")[0] in taken]
    same = caller.file.name == place.file.name and function.first_line <= caller.lineno <= function.last_line
    if passed and not same:
        listed = ", ".join(f"`{name}`" for name in passed[:_MAX_NAMES])
        yield f"{caller.file.name}:{caller.lineno} made the call that passed {listed}."


def _is_argument(node: ast.AST) -> TypeGuard[ast.arg]:
    return isinstance(node, ast.arg) and node.arg not in ("self", "cls")


def _names_on(place: Place) -> list[str]:
    """The variables and attributes that the failing line reads, those under the carets only where there are any."""
    statement = place.statement
    if statement is None:
        return []
    found: dict[str, None] = {}
    called = {id(node.func) for node in ast.walk(statement) if isinstance(node, ast.Call)}
    for node in ast.walk(statement):
        if not isinstance(node, ast.Name | ast.Attribute) or node.lineno != place.lineno or id(node) in called:
            continue
        if isinstance(node.ctx, ast.Load) and _is_marked(place, node):
            found[ast.unparse(node)] = None
    return [name for name in found if not any(other.startswith(f"{name}.") for other in found)]


def _is_marked(place: Place, node: ast.expr) -> bool:
    columns = place.columns
    return columns is None or columns[0] <= node.col_offset < columns[1]
