"""``python -m tests.benchmarks.context``: are the lines that a fix changes in the prompt, and what does that cost?

Every bug is run for real, its output is read as a pipe would be, and what each way of choosing context would send is
compared with the lines that the fix changes. Tokens are counted with OpenAI's ``cl100k_base``.

``check`` looks at the set itself: the healthy programs run, the broken ones fail where they are said to.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from snapfix import rules, source, templates
from snapfix.crash import CrashContext, PlacedFrame
from snapfix.parsing import scan
from snapfix.settings import Settings
from snapfix.syntax import enclosing_function, parse, statement_at
from tests.benchmarks import bugs, measure
from tests.benchmarks.bugs import Bug, Line

ROOT = Path(__file__).parent.parent.parent
LIMIT = 8000
"""Tokens within which each way must hold the fix."""
AROUND = 10


@dataclass(frozen=True)
class Failure:
    """A bug that was run.

    Attributes:
        bug: which.
        root: the broken project.
        output: what the run printed.
        context: what Snapfix collected.
        fix: the lines that the fix changes.
        cpu: seconds from the parsed traceback to the finished prompt.
        prompt: the text of all its messages.
    """

    bug: Bug
    root: Path
    output: str
    context: CrashContext
    fix: frozenset[Line]
    cpu: float
    prompt: str


@dataclass(frozen=True)
class Sent:
    """What one way of choosing context sends for one bug: the lines, and the tokens of the whole text."""

    lines: frozenset[Line]
    tokens: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Check the set, or measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.context", description=__doc__)
    parser.add_argument("what", choices=["check", "measure", "show", "speed"])
    parser.add_argument("project", nargs="*", help="projects, or project/bug; all by default")
    parser.add_argument("--misses", action="store_true", help="list the bugs whose fix is not in the prompt")
    options = parser.parse_args(arguments)
    chosen = list(_chosen(options.project))
    with tempfile.TemporaryDirectory() as folder:
        if options.what == "check":
            sys.exit(not check(chosen, Path(folder)))
        if options.what == "speed":
            speed(Path(folder))
        elif options.what == "show":
            for failure in run_all(chosen, Path(folder)):
                print(f"### {failure.bug.name}: {failure.bug.story}\n### fix: {sorted(failure.fix)}\n{failure.prompt}")
        else:
            report(run_all(chosen, Path(folder)), misses=options.misses)


def _chosen(names: Sequence[str]) -> Iterator[Bug]:
    for project in dict.fromkeys(name.partition("/")[0] for name in names or bugs.NAMES):
        for bug in bugs.load(project):
            if not names or project in names or bug.name in names:
                yield bug


# -- running ---------------------------------------------------------------------------------------------------


def run_all(chosen: Sequence[Bug], folder: Path, seconds: float = source.SECONDS) -> list[Failure]:
    """Run every bug, each in a copy of its own; ``seconds`` are for each choice of code."""

    def prepared(number: int, bug: Bug) -> tuple[Bug, Path, frozenset[Line], str]:
        root = bugs.copy_healthy(bug.project, folder / str(number))
        fix = bugs.put_in(bug, root)
        return bug, root, fix, bugs.run(bug, root).stdout

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ready = list(pool.map(prepared, range(len(chosen)), chosen))
    return [_collected(*each, seconds) for each in ready]


def _collected(bug: Bug, root: Path, fix: frozenset[Line], output: str, seconds: float = source.SECONDS) -> Failure:
    tracebacks = list(scan([output.encode()]))
    assert tracebacks, f"{bug.name}: no traceback in\n{output}"
    traceback = tracebacks[-1]
    began = time.process_time()
    context = source.collect(traceback, working_directory=str(root))
    hypothesis = rules.analyse(context)
    context = source.with_pieces(context, clock=time.thread_time, seconds=seconds)
    template = templates.load("diagnose", ())
    prompt = templates.build(context, template, budget=Settings().context_tokens, hypothesis=hypothesis)
    cpu = time.process_time() - began
    return Failure(bug, root, output, context, fix, cpu, "\n".join(message.content for message in prompt.messages))


# -- the ways --------------------------------------------------------------------------------------------------


def raw_text(failure: Failure) -> Sent:
    """what was piped, and nothing else"""
    shown = {line.strip(" >E|") for line in failure.output.split("\n")}
    lines = frozenset(line for line in failure.fix if _text(failure, line).strip() in shown)
    return Sent(lines, tokens_of(failure.output))


def ten_lines(failure: Failure) -> Sent:
    """the traceback, and ten lines around each in-app frame"""
    return _within_limit(failure, (_around(frame, AROUND) for frame in _frames(failure.context)))


def functions(failure: Failure) -> Sent:
    """the traceback, and the function around each in-app frame"""
    return _within_limit(failure, map(_function, _frames(failure.context)))


def files(failure: Failure) -> Sent:
    """the traceback, and the whole files of the in-app frames, however large"""
    return _within_limit(failure, map(_file, _frames(failure.context)), limit=None)


def snapfix(failure: Failure) -> Sent:
    """Snapfix's prompt, by its default settings"""
    return Sent(frozenset(_lines_of_prompt(failure.prompt)), tokens_of(failure.prompt))


WAYS: tuple[Callable[[Failure], Sent], ...] = (raw_text, ten_lines, functions, files, snapfix)


def _frames(context: CrashContext) -> Iterator[PlacedFrame]:
    """The in-app frames that were found, the innermost of the crash first."""
    for crash in context.crashes:
        for frame in reversed(crash.frames):
            if frame.in_app and frame.file is not None and frame.lineno is not None:
                yield frame


def _around(frame: PlacedFrame, margin: int) -> list[Line]:
    assert frame.file is not None
    assert frame.lineno is not None
    first, last = max(1, frame.lineno - margin), min(len(frame.file.lines), frame.lineno + margin)
    return [(frame.file.name, number) for number in range(first, last + 1)]


def _function(frame: PlacedFrame) -> list[Line]:
    assert frame.file is not None
    assert frame.lineno is not None
    scope = enclosing_function(frame.file.text, frame.lineno)
    if scope is None:
        return _around(frame, AROUND)
    return [(frame.file.name, number) for number in range(scope.first_line, scope.last_line + 1)]


def _file(frame: PlacedFrame) -> list[Line]:
    assert frame.file is not None
    return [(frame.file.name, number) for number in range(1, len(frame.file.lines) + 1)]


def _within_limit(failure: Failure, parts: Iterable[list[Line]], limit: int | None = LIMIT) -> Sent:
    """The parts in their order, as long as they fit; a part that does not is left out as a whole."""
    tokens = tokens_of(failure.output)
    lines: dict[Line, None] = {}
    for part in parts:
        new = [line for line in part if line not in lines]
        cost = sum(tokens_of(f"{number} | {_text(failure, (name, number))}\n") for name, number in new)
        if limit is None or tokens + cost <= limit:
            tokens += cost
            lines.update(dict.fromkeys(new))
    return Sent(frozenset(lines), tokens)


_PIECE = re.compile(r"^`([^`\n]+)`: .*:$")
_NUMBERED = re.compile(r"^[> ] +(\d*) +\|")


def _lines_of_prompt(prompt: str) -> Iterator[Line]:
    """Every line behind a gutter, below a file's name; those without a number of their own go on from the last."""
    name, number = None, 0
    for line in prompt.split("\n"):
        if match := _PIECE.match(line):
            name = match[1]
        elif name is not None and (match := _NUMBERED.match(line)):
            number = int(match[1]) if match[1] else number + 1
            yield name, number


@lru_cache(maxsize=1)
def _encoding() -> object:
    spec = find_spec("litellm")  # it brings the encoding's file along, so that none is fetched
    assert spec is not None
    assert spec.submodule_search_locations is not None
    os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(spec.submodule_search_locations[0], "litellm_core_utils", "tokenizers"))
    import tiktoken

    return tiktoken.get_encoding("cl100k_base")


@lru_cache(maxsize=100_000)
def tokens_of(text: str) -> int:
    """Tokens by ``cl100k_base``."""
    return len(_encoding().encode(text, disallowed_special=()))  # type: ignore[attr-defined]


@cache
def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").split("\n")


def _text(failure: Failure, line: Line) -> str:
    name, number = line
    return _lines(failure.root / name)[number - 1]


# -- the report ------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """Bugs whose whole fix was sent, of how many, and the tokens of each."""

    whole: int = 0
    total: int = 0
    share: float = 0.0
    tokens: list[int] = field(default_factory=list)

    def add(self, failure: Failure, sent: Sent) -> bool:
        """Count one bug; returns whether its whole fix was sent."""
        found = failure.fix <= sent.lines
        self.whole += found
        self.total += 1
        self.share += len(failure.fix & sent.lines) / len(failure.fix)
        self.tokens.append(sent.tokens)
        return found


def report(failures: Sequence[Failure], *, misses: bool) -> None:
    """Print the recall of the fixes' lines, and the tokens spent."""
    print(f"{len(failures)} bugs in {len({f.bug.project for f in failures})} projects")
    for way in WAYS:
        print(f"{way.__name__:10} {way.__doc__}; tokens: median {median(way(f).tokens for f in failures):,.0f}")
    for outcome in bugs.OUTCOMES:
        group = [failure for failure in failures if failure.bug.outcome == outcome]
        if group:
            print(f"\n{outcome}: {len(group)}")
            _table(group, misses=misses)
    cpu = [failure.cpu for failure in failures]
    print(f"\nfrom the parsed traceback to the prompt: median {median(cpu):.3f} s of CPU, at most {max(cpu):.3f} s")


def _table(failures: Sequence[Failure], *, misses: bool) -> None:
    columns = [distance for distance in bugs.DISTANCES if any(f.bug.distance == distance for f in failures)]
    print(f"{'':10} {'whole fix':>16} {'lines':>6} {'tokens median':>14} {'max':>7}  " + "  ".join(columns))
    missed: list[tuple[Failure, Sent]] = []
    for way in WAYS:
        tally, by_distance = Tally(), {distance: Tally() for distance in columns}
        for failure in failures:
            sent = way(failure)
            if not tally.add(failure, sent) and way is snapfix:
                missed.append((failure, sent))
            by_distance[failure.bug.distance].add(failure, sent)
        parts = "  ".join(f"{f'{part.whole}/{part.total}':>{len(name)}}" for name, part in by_distance.items())
        print(
            f"{way.__name__:10} {tally.whole:>4}/{tally.total:<4} {tally.whole / tally.total:>6.0%} "
            f"{tally.share / tally.total:>6.0%} {median(tally.tokens):>14,.0f} {max(tally.tokens):>7,}  {parts}"
        )
    if misses:
        for failure, sent in missed:
            lines = sorted(failure.fix - sent.lines)
            print(f"  missed {failure.bug.name} ({failure.bug.distance}, {sent.tokens} tokens): {lines}")


# -- speed -----------------------------------------------------------------------------------------------------

LARGE = 100_000
"""Lines of the project that the speed is measured on."""
_ONCE = """\
import sys, time
from snapfix import pipeline, rules, source, templates
from snapfix.parsing import scan
from snapfix.settings import Settings
root, here, trace = sys.argv[1:]
traceback = list(scan([open(trace, "rb").read()]))[-1]
began = time.process_time()
context = source.collect(traceback, working_directory=here, project_root=root)
collected = time.process_time()
context = pipeline.with_code(context)
chosen = time.process_time()
template = templates.load("diagnose", ())
prompt = templates.build(context, template, budget=Settings().context_tokens, hypothesis=rules.analyse(context))
print(time.process_time() - began, collected - began, chosen - collected, len(context.names))
"""


def speed(folder: Path) -> None:
    """Print the CPU time from the parsed traceback to the finished prompt in a large project, each in a new process."""
    chosen = [bug for name in bugs.NAMES for bug in bugs.load(name)][::6]
    lines, copies = 0, 0
    while lines < LARGE:
        for name in bugs.NAMES:
            root = bugs.copy_healthy(name, folder / f"part{copies}")
            lines += sum(path.read_bytes().count(b"\n") for path in root.rglob("*.py"))
        copies += 1
    seconds = []
    for bug in chosen:
        here = folder / "part0" / bug.project
        bugs.put_in(bug, here)
        (folder / "trace.txt").write_text(bugs.run(bug, here).stdout, "utf-8")
        bugs.take_out(bug, here)
        argv = [sys.executable, "-c", _ONCE, str(folder), str(here), str(folder / "trace.txt")]
        done = subprocess.run(argv, cwd=ROOT, env=measure.environment(None), capture_output=True, text=True, check=True)
        seconds.append([float(part) for part in done.stdout.split()])
    whole, collected, pieces, names = (sorted(column) for column in zip(*seconds, strict=True))
    print(f"a project of {lines:,} lines in {names[0]:,.0f} files; {len(chosen)} bugs, each in a process of its own")
    print(f"finding the files: median {median(collected):.3f} s of CPU, at most {collected[-1]:.3f} s")
    print(f"choosing the code: median {median(pieces):.3f} s, at most {pieces[-1]:.3f} s")
    print(f"from the parsed traceback to the prompt: median {median(whole):.3f} s, at most {whole[-1]:.3f} s")


# -- the set itself --------------------------------------------------------------------------------------------


def check(chosen: Sequence[Bug], folder: Path) -> bool:
    """Whether every bug of the set is what it says."""
    problems = 0
    for failure, problem in _checked(chosen, folder):
        if failure is None:
            print(problem)
            problems += 1
            continue
        bug = failure.bug
        near = failure.fix <= ten_lines(failure).lines
        print(
            f"{bug.name:44} {bug.outcome:9} {bug.distance:13} {files(failure).tokens:>7} tokens of files"
            f"{'  within ten lines' if near else ''}{'   PROBLEM: ' + problem if problem else ''}"
        )
        problems += bool(problem)
    print(f"{len(chosen)} bugs, {problems} problems")
    return not problems


def _checked(chosen: Sequence[Bug], folder: Path) -> Iterator[tuple[Failure | None, str]]:
    for number, bug in enumerate(chosen):
        root = bugs.copy_healthy(bug.project, folder / str(number))
        healthy = bugs.run(bug, root)
        if healthy.returncode != 0:
            yield None, f"{bug.name}: the healthy program fails:\n{healthy.stdout[-2000:]}"
            continue
        try:
            fix = bugs.put_in(bug, root)
        except AssertionError as error:
            yield None, str(error)
            continue
        broken = bugs.run(bug, root)
        if broken.returncode == 0 or not list(scan([broken.stdout.encode()])):
            yield None, f"{bug.name}: the broken program does not fail with a traceback:\n{broken.stdout[-2000:]}"
            continue
        failure = _collected(bug, root, fix, broken.stdout)
        yield failure, "" if seen(failure) in (bug.distance, None) else f"it is in the {seen(failure)}"


def seen(failure: Failure) -> str | None:
    """Where the nearest line of the fix is, seen from the traceback; None where it is not in its functions."""
    frames = list(_frames(failure.context))
    if not frames:
        return None
    if failure.fix & _statement(frames[0]):
        return "raising line"
    if failure.fix & set(_function(frames[0])):
        return "same function"
    if any(failure.fix & set(_function(frame)) for frame in frames[1:]):
        return "caller"
    return None if failure.bug.distance in ("callee", "deeper", "elsewhere") else "outside of the traceback"


def _statement(frame: PlacedFrame) -> set[Line]:
    """The lines of the statement at the frame's line; of one that heads a block, its first lines."""
    assert frame.file is not None
    assert frame.lineno is not None
    tree = parse(frame.file.text)
    statement = statement_at(tree, frame.lineno) if tree is not None else None
    if statement is None:
        return {(frame.file.name, frame.lineno)}
    last = statement.end_lineno or statement.lineno
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        last = max(frame.lineno, body[0].lineno - 1)
    return {(frame.file.name, number) for number in range(statement.lineno, last + 1)}


if __name__ == "__main__":
    main()
