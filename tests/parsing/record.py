"""Records what real interpreters print for the programs in ``programs/``.

    python tests/parsing/record.py python3.11 python3.12 python3.13

Each program runs as ``/home/ada/shop/<name>.py`` as far as its output tells; ``recorded/<name>-<version>.txt`` is its
standard output and standard error through one pipe. From 3.13 on, which colours tracebacks, a second recording has
the colours.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
COLOURED_SINCE = (3, 13)


def main(interpreters: list[str]) -> None:
    recorded = HERE / "recorded"
    recorded.mkdir(exist_ok=True)
    for interpreter in interpreters or [sys.executable]:
        version, library = _facts(interpreter)
        for program in sorted((HERE / "programs").glob("*.py")):
            for colour in (False, True) if version >= COLOURED_SINCE else (False,):
                output = _run(interpreter, program, colour=colour)
                output = output.replace(library, b"/usr/lib/python%d.%d" % version)
                name = f"{program.stem}-{version[0]}.{version[1]}{'-colour' if colour else ''}.txt"
                (recorded / name).write_bytes(output)


def _facts(interpreter: str) -> tuple[tuple[int, int], bytes]:
    code = "import sys, os; print(*sys.version_info[:2], os.path.dirname(os.__file__))"
    answer = subprocess.run([interpreter, "-c", code], capture_output=True, check=True, text=True).stdout
    major, minor, library = answer.strip().split(" ", 2)
    return (int(major), int(minor)), os.fsencode(library)


def _run(interpreter: str, program: Path, *, colour: bool) -> bytes:
    environment = {"PYTHON_COLORS": "1" if colour else "0", "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.defpath}
    environment["PYTHONUTF8"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(program, folder)
        from_stdin = program.read_bytes().startswith(b"#! stdin")
        with open(copy, "rb") as source:
            done = subprocess.run(
                [interpreter, *([] if from_stdin else [copy])],
                stdin=source if from_stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                timeout=60,
                check=False,
            )
        output = done.stdout.replace(os.fsencode(folder), b"/home/ada/shop")
    # Addresses and process numbers would differ from one recording to the next.
    return re.sub(rb"0x[0-9a-f]{8,}", b"0x7f0000000000", output)


if __name__ == "__main__":
    main(sys.argv[1:])
