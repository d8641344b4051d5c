"""``python -m tests.benchmarks``: what Snapfix costs, each figure beside its yardstick in the same run.

Every command is a process of its own, the way a user runs it; commands that are compared take turns. Times are
medians; everything talks to loopback servers only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from tests.benchmarks import log, measure
from tests.servers import provider

ROOT = Path(__file__).parent.parent.parent
SNAPFIX = [sys.executable, "-m", "snapfix"]
PROGRAM = "def area(width, height):\n    return widht * height\n\n\nprint(area(2, 3))\n"
TOKEN = "FIRSTTOKEN"
ANSWER = f"## Error analysis\n{TOKEN} The name is misspelt.\n\n## Root cause\n`widht` was meant to be `width`.\n"
TIMED_IMPORT = "import time; began = time.perf_counter(); import litellm; print(time.perf_counter() - began)"
BARE_SCRIPT = """\
import sys
{import_first}
text = sys.stdin.read()
{import_last}
prompt = [{{"role": "user", "content": "Explain this traceback and fix it:\\n" + text}}]
for chunk in litellm.completion(model="openai/gpt-4o", messages=prompt, stream=True):
    sys.stdout.write(chunk.choices[0].delta.content or "")
    sys.stdout.flush()
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen measurements."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each command")
    parser.add_argument("--megabytes", type=int, default=1000, help="size of the log that is read")
    parser.add_argument("only", nargs="*", choices=[[], *MEASUREMENTS], help="which measurements; all by default")
    options = parser.parse_args(arguments)
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} CPUs, medians of {options.runs} runs")
    with tempfile.TemporaryDirectory() as folder:
        for name, measurement in MEASUREMENTS.items():
            if not options.only or name in options.only:
                print(f"\n== {measurement.__doc__}")
                measurement(Path(folder), options)


def start_up(folder: Path, options: argparse.Namespace) -> None:
    """start-up: CPU of `snapfix --version` against bare Python"""
    ours, bare = [], []
    for _ in range(options.runs + 1):
        ours.append(measure.run([*SNAPFIX, "--version"], cwd=folder).cpu)
        bare.append(measure.run([sys.executable, "-c", "pass"], cwd=folder).cpu)
    above = median(ours[1:]) - median(bare[1:])
    row("snapfix --version", median(ours[1:]))
    row("python -c pass", median(bare[1:]))
    verdict("above bare Python", f"{above:.3f} s of CPU", above <= 0.15, "at most 0.15 s")


def first_line(folder: Path, options: argparse.Namespace) -> None:
    """first useful line (offline) against `import litellm`"""
    trace = crash(folder)
    at_once, while_waiting, imports, cpu = [], [], [], []
    for _ in range(options.runs + 1):
        at_once.append(_answer_after(trace, folder, wait=0.0))
        while_waiting.append(_answer_after(trace, folder, wait=1.0))
        imports.append(measure.run([sys.executable, "-c", "import litellm"], cwd=folder, env=quiet_litellm()).wall)
        cpu.append(measure.run(SNAPFIX, cwd=folder, env=_own_home(folder), stdin=trace).cpu)
    row("snapfix (no model chosen), started when the input ends", median(at_once[1:]))
    row("snapfix (no model chosen), after a program that took 1 s", median(while_waiting[1:]))
    row("its CPU time, the interpreter's start included", median(cpu[1:]))
    row("python -c 'import litellm'", median(imports[1:]))
    ratio = median(at_once[1:]) / median(imports[1:])
    verdict("ratio", f"{ratio:.2f}", ratio < 0.2, "less than 0.20")


def _answer_after(trace: str, folder: Path, *, wait: float) -> float:
    process = subprocess.Popen(
        SNAPFIX,
        cwd=folder,
        env=measure.environment(_own_home(folder)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    time.sleep(wait)
    process.stdin.write(trace.encode())
    process.stdin.close()
    began = time.perf_counter()
    for line in process.stdout:
        if b"Root cause" in line:
            took = time.perf_counter() - began
            process.stdout.read()
            process.wait()
            return took
    raise AssertionError("there was no answer")


def first_token(folder: Path, options: argparse.Namespace) -> None:
    """end of input to the model's first token on screen, against a ten-line LiteLLM script on the same server"""
    runs = max(options.runs // 2, 3)
    with provider("openai", answer=ANSWER, pieces=12) as server:
        env = {**quiet_litellm(), **server.environ, **_own_home(folder)}
        imported = median(measure.printed([sys.executable, "-c", TIMED_IMPORT], folder, env) for _ in range(runs))
        row("`import litellm` alone, inside a process", imported)
        for seconds in (0, 2, 5):
            ours, gone, last, first = [], [], [], []
            for _ in range(runs):
                token, end = measure.first_token([*SNAPFIX, "--model", "openai/gpt-4o"], seconds, folder, env, TOKEN)
                ours.append(token)
                gone.append(end)
                last.append(measure.first_token(bare(folder, late=True), seconds, folder, env, TOKEN)[0])
                first.append(measure.first_token(bare(folder, late=False), seconds, folder, env, TOKEN)[0])
            print(f"  the failing program takes {seconds} s:")
            row("  snapfix --model openai/gpt-4o", median(ours))
            row("  bare script, run on the finished output", median(last))
            row("  bare script in the pipe, importing meanwhile", median(first))
            row("  snapfix: from the last token to the end of the process", median(gone))
            if seconds == 0:
                ratio = median(last) / median(ours)
                verdict("  sooner than the bare script", f"{ratio:.2f} times", ratio >= 1.4, "at least 1.40 times")
            elif seconds > imported:
                ahead = median(last) - median(ours)
                verdict("  ahead by", f"{ahead:.2f} s", ahead >= imported, f"the whole import, {imported:.2f} s")
            verdict("  end of the process", f"{median(gone):.2f} s", median(gone) <= 0.2, "at most 0.20 s")


def bare(folder: Path, *, late: bool) -> list[str]:
    """The ten-line script; ``late`` imports LiteLLM after the input has ended."""
    path = folder / f"bare_{late}.py"
    late_import, first_import = ("import litellm", "") if late else ("", "import litellm")
    path.write_text(BARE_SCRIPT.format(import_first=first_import, import_last=late_import))
    return [sys.executable, str(path)]


def reading(folder: Path, options: argparse.Namespace) -> None:
    """reading a log with ten tracebacks in each megabyte, against `grep -c Traceback`; memory must not grow with it"""
    peaks = {}
    for size in (options.megabytes // 10, options.megabytes):
        path = log.write(folder / f"{size}.log", size, crashes=10 * size)
        ours, grep, memory = [], [], []
        for _ in range(options.runs):
            done = measure.run([*SNAPFIX, str(path)], cwd=folder, env={**_own_home(folder), "SNAPFIX_OFFLINE": "1"})
            ours.append(done.wall)
            memory.append(done.peak)
            grep.append(measure.run(["grep", "-c", "Traceback", str(path)], cwd=folder).wall)
        peaks[size] = max(memory)
        tracebacks = f"{10 * size:,} tracebacks"
        row(f"snapfix {size} MB, {tracebacks}", median(ours), f"s, {size / median(ours):.0f} MB/s")
        row(f"grep -c Traceback {size} MB", median(grep), f"s, {size / median(grep):.0f} MB/s")
        path.unlink()
    ratio = median(grep) / median(ours)
    verdict("speed as a share of grep's", f"{ratio:.2f}", ratio > 0.25, "more than 0.25")
    small, large = peaks.values()
    verdict("peak memory", f"{large / 1e6:.0f} MB", large < 100e6, "less than 100 MB")
    verdict("peak memory, large against small", f"{large / small:.2f}", large < small * 1.2, "the same")


def crash(folder: Path) -> str:
    """What a real crash prints."""
    (folder / "app.py").write_text(PROGRAM)
    return subprocess.run([sys.executable, "app.py"], cwd=folder, capture_output=True, text=True).stderr


def quiet_litellm() -> dict[str, str]:
    """LiteLLM without its look-ups on the network, for the yardstick too: nothing may leave this machine."""
    return {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def _own_home(folder: Path) -> dict[str, str]:
    state, config = folder / "state", folder / "config.toml"
    config.touch()
    return {
        "SNAPFIX_STATE": str(state),
        "SNAPFIX_CONFIG": str(config),
        "TERM": "xterm-256color",
        "OLLAMA_HOST": "http://127.0.0.1:9",  # nothing answers there
    }


def row(name: str, value: float, remark: str = "") -> None:
    """Print one figure."""
    print(f"  {name:<58} {value:8.3f} {remark or 's'}")


def verdict(name: str, found: str, reached: bool, wanted: str) -> None:
    """Print a figure that has an aim, and whether it was reached in this run."""
    print(f"  {name:<58} {found} (aim: {wanted}; {'reached' if reached else 'NOT reached'})")


MEASUREMENTS: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "start": start_up,
    "first-line": first_line,
    "first-token": first_token,
    "reading": reading,
}

if __name__ == "__main__":
    main()
